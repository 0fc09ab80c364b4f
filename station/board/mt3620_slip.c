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
