#include "board/mt3620_frame.h"

#include <string.h>

#include "board/xmodem.h"

enum {
	HEAD = 2,    /* payload_len */
	MESSAGE = 4, /* type and data_len */
	CRC = 2,
	GROUP = 0xff, /* code of 254 bytes without a zero behind them */
	STRAY = 'C',  /* no frame begins with it: a type below 256 has its zero early */
};

const char *mt3620_message_name(unsigned type)
{
	static const struct {
		unsigned number;
		const char *text;
	} rows[] = {
#define MESSAGE_ROW(number, name, text) { number, text },
		MT3620_MESSAGE_LIST(MESSAGE_ROW)
#undef MESSAGE_ROW
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].number == type)
			return rows[i].text;
	return "unknown message";
}

static void put16(uint8_t *b, size_t v)
{
	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}

/* Consistent overhead byte stuffing (Cheshire and Baker 1999), with the delimiter. */
static size_t stuff(uint8_t *out, const uint8_t *in, size_t n)
{
	size_t code = 0, at = 1;

	for (size_t i = 0; i < n; i++) {
		if (in[i])
			out[at++] = in[i];
		if (!in[i] || at - code == GROUP) {
			out[code] = (uint8_t)(at - code);
			/* A full group at the very end needs no empty one behind it. */
			if (in[i] == 0 || i + 1 < n)
				code = at++;
			else
				goto end;
		}
	}
	out[code] = (uint8_t)(at - code);
end:
	out[at++] = 0;
	return at;
}

/* Returns bytes, or -1. Both endings after a full group are taken: with and without
 * an empty one. */
static int unstuff(uint8_t *out, size_t size, const uint8_t *in, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n;) {
		size_t code = in[i++];

		if (!code || i + code - 1 > n || at + code > size)
			return -1;
		memcpy(out + at, in + i, code - 1);
		at += code - 1;
		i += code - 1;
		if (code < GROUP && i < n)
			out[at++] = 0;
	}
	return (int)at;
}

size_t mt3620_frame_write(uint8_t out[MT3620_FRAME_WIRE], uint16_t type, const void *data, size_t n)
{
	uint8_t plain[MT_FRAME_MAX];

	put16(plain, n + MESSAGE);
	put16(plain + HEAD, type);
	put16(plain + HEAD + 2, n);
	if (n)
		memcpy(plain + HEAD + MESSAGE, data, n);
	put16(plain + HEAD + MESSAGE + n, xmodem_crc(0, plain, HEAD + MESSAGE + n));
	return stuff(out, plain, HEAD + MESSAGE + n + CRC);
}

static int decode(struct mt3620_frame *out, struct mt3620_frames *r)
{
	const uint8_t *d = r->decoded;
	int n = unstuff(r->decoded, sizeof(r->decoded), r->wire, r->n);
	size_t len = (size_t)n;

	if (n < HEAD + MESSAGE + CRC || mt3620_u16(d) != len - HEAD - CRC ||
	    mt3620_u16(d + HEAD + 2) != len - HEAD - MESSAGE - CRC ||
	    mt3620_u16(d + len - CRC) != xmodem_crc(0, d, len - CRC))
		return -1;
	out->type = (uint16_t)mt3620_u16(d + HEAD);
	out->len = (uint16_t)(len - HEAD - MESSAGE - CRC);
	out->data = d + HEAD + MESSAGE;
	return 1;
}

int mt3620_frames_take(struct mt3620_frame *out, struct mt3620_frames *r, uint8_t byte)
{
	int good = -1;

	if (byte) {
		if (!r->n && !r->skipping && byte == STRAY)
			return 0;
		if (r->n == sizeof(r->wire) - 1)
			r->skipping = 1;
		else
			r->wire[r->n++] = byte;
		return 0;
	}
	if (!r->n)
		return 0;
	if (!r->skipping)
		good = decode(out, r);
	r->bad += good < 0;
	mt3620_frames_clear(r);
	return good;
}

void mt3620_frames_clear(struct mt3620_frames *r)
{
	r->n = 0;
	r->skipping = 0;
}
