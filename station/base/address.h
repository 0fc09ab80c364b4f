#ifndef STATION_BASE_ADDRESS_H
#define STATION_BASE_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

/*
 * address -- a numeric address with a port as our files have it: "127.0.0.1:5201",
 * "[::1]:5201". No names, which a resolver would have to know, and no zones.
 */
struct address {
	uint8_t host[16]; /* IPv4 as IPv6 has it, ::ffff:127.0.0.1 */
	int port;
};

enum { ADDRESS_TEXT = 64 };

/* 0, or -1: it is none. Two spellings of one address give the same. */
int address_scan(struct address *out, const char *text);
/* The host as it is written, without brackets, and the port. 0, or -1: there are none. */
int address_split(char *host, size_t size, int *port, const char *text);

int address_is_any(const struct address *a); /* every address of this computer */
int address_same_host(const struct address *a, const struct address *b);

/* The same text for the same address: a key for comparisons, no spelling for a file. */
void address_print(char out[ADDRESS_TEXT], const struct address *a);

#endif /* STATION_BASE_ADDRESS_H */
