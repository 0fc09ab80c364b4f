#ifndef STATION_BOARD_MT3620_SLIP_H
#define STATION_BOARD_MT3620_SLIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/mt3620_choice.h"
#include "base/sbuf.h"

/*
 * mt3620_slip -- packets on a serial line, and a look at each one before the
 * TCP/IP stack sees it, so that a damaged packet is counted and not only lost.
 *
 * END stands before and after every packet; ESC followed by anything but the two
 * known bytes drops the packet.
 *
 * source  RFC 1055; mt3620.md 5.1. Checksums: RFC 791, 793, 1071
 */
enum { SLIP_END = 0xC0, SLIP_ESC = 0xDB, SLIP_ESC_END = 0xDC, SLIP_ESC_ESC = 0xDD };

/* Append a packet with its ENDs. */
void slip_encode(struct sbuf *out, const void *packet, size_t n);

struct slip_decoder { /* ready when zeroed */
	uint8_t packet[MT_SLIP_PACKET_MAX];
	size_t n;
	int escaped, broken;
	unsigned long dropped; /* packets with a bad escape, or longer than packet[] */
};

/* Take one byte. Returns the length of the packet that it ends, which stands in
 * d->packet until the next call, or 0. */
size_t slip_decode(struct slip_decoder *d, uint8_t byte);

/* An IPv4 packet that is whole: length, header checksum, and the checksum of the
 * TCP or UDP in it (not of fragments, nor of UDP without one). Returns its length,
 * which bytes behind it do not count in, or 0. */
size_t slip_ipv4_whole(const uint8_t *packet, size_t n);

#endif /* STATION_BOARD_MT3620_SLIP_H */
