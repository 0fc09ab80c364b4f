#include "board/mt3620_slip.h"

void slip_encode(struct sbuf *out, const void *packet, size_t n)
{
	const uint8_t *p = packet;

	sbuf_putc(out, (char)SLIP_END);
	for (size_t i = 0; i < n; i++)
		if (p[i] == SLIP_END || p[i] == SLIP_ESC) {
			sbuf_putc(out, (char)SLIP_ESC);
			sbuf_putc(out, (char)(p[i] == SLIP_END ? SLIP_ESC_END : SLIP_ESC_ESC));
		} else {
			sbuf_putc(out, (char)p[i]);
		}
	sbuf_putc(out, (char)SLIP_END);
}

static size_t packet_end(struct slip_decoder *d)
{
	size_t n = d->broken || d->escaped ? 0 : d->n;

	d->dropped += (unsigned long)(d->broken || d->escaped);
	d->n = 0;
	d->broken = d->escaped = 0;
	return n;
}

size_t slip_decode(struct slip_decoder *d, uint8_t byte)
{
	if (byte == SLIP_END)
		return packet_end(d);
	if (d->escaped && byte != SLIP_ESC_END && byte != SLIP_ESC_ESC)
		d->broken = 1;
	if (!d->escaped && byte == SLIP_ESC) {
		d->escaped = 1;
		return 0;
	}
	if (d->escaped)
		byte = byte == SLIP_ESC_END ? SLIP_END : SLIP_ESC;
	d->escaped = 0;
	if (d->n == sizeof(d->packet))
		d->broken = 1;
	if (!d->broken)
		d->packet[d->n++] = byte;
	return 0;
}

/* --- checksums --- */

static uint32_t sum(uint32_t acc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		acc += (uint32_t)p[i] << 8 | p[i + 1];
	if (n % 2)
		acc += (uint32_t)p[n - 1] << 8;
	return acc;
}

static int is_right(uint32_t acc)
{
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return acc == 0xffff;
}

size_t slip_ipv4_whole(const uint8_t *p, size_t n)
{
	enum { TCP = 6, UDP = 17, HEADER = 20, TCP_LEAST = 20, UDP_LEAST = 8 };
	size_t header = n ? (size_t)(p[0] & 15) * 4 : 0;
	size_t total = n >= 4 ? (size_t)p[2] << 8 | p[3] : 0, inner;
	int least;

	if (n < HEADER || p[0] >> 4 != 4 || header < HEADER || total < header || total > n ||
	    !is_right(sum(0, p, header)))
		return 0;
	if ((p[6] & 0x3f) | p[7]) /* more fragments, or an offset */
		return total;
	inner = total - header;
	least = p[9] == TCP ? TCP_LEAST : p[9] == UDP ? UDP_LEAST : 0;
	if (!least)
		return total;
	if (inner < (size_t)least)
		return 0;
	if (p[9] == UDP && !p[header + 6] && !p[header + 7])
		return total;
	return is_right(sum(sum((uint32_t)p[9] + (uint32_t)inner, p + 12, 8), p + header, inner))
		       ? total
		       : 0;
}

int tcp_is_resent(struct tcp_watch *w, const uint8_t *ip, size_t n)
{
	enum { TCP = 6, LEAST = 20, FIN = 1, SYN = 2 };
	size_t header = (size_t)(ip[0] & 15) * 4, data;
	const uint8_t *tcp = ip + header;
	uint32_t seq, end;
	uint16_t port;

	if (n < header + LEAST || ip[9] != TCP)
		return 0;
	data = header + (size_t)(tcp[12] >> 4) * 4;
	port = (uint16_t)(tcp[0] << 8 | tcp[1]);
	seq = (uint32_t)tcp[4] << 24 | (uint32_t)tcp[5] << 16 | (uint32_t)tcp[6] << 8 | tcp[7];
	end = seq + (n > data ? (uint32_t)(n - data) : 0) + ((tcp[13] & (SYN | FIN)) != 0);
	if (end == seq)
		return 0;
	if (port != w->port || ((tcp[13] & SYN) && seq != w->first)) {
		*w = (struct tcp_watch){ port, seq, end };
		return 0;
	}
	if ((int32_t)(end - w->sent_to) <= 0)
		return 1;
	w->sent_to = end;
	return 0;
}
