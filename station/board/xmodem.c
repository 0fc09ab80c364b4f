#include "board/xmodem.h"

#include <string.h>

#include "base/clock.h"

/* source  W. Christensen 1977 (blocks), J. Byrns 1985 (CRC), C. Forsberg 1988 (1K) */
enum {
	SOH = 0x01,
	STX = 0x02,
	EOT = 0x04,
	ACK = 0x06,
	NAK = 0x15,
	CAN = 0x18,
	START = 'C',
	HEAD = 3, /* SOH, number, its complement */
	TAIL = 2, /* CRC */
	CANS = 2, /* one alone may be noise */
	/* An answer is one byte: another byte with so much silence behind it was one, and
	 * got damaged. A message has no such gap. */
	GAP_MS = 200,
	/* A C that was sent before the first block came must not ask for it again. */
	STALE_MS = 500,
	WRITE_MS = 2000, /* beyond the wire time of a block at 115,200 */
};

uint16_t xmodem_crc(uint16_t crc, const void *bytes, size_t n)
{
	static const uint16_t nibble[16] = {
		0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
		0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
	};
	const uint8_t *b = bytes;

	for (size_t i = 0; i < n; i++) {
		crc = (uint16_t)(crc << 4) ^ nibble[(crc >> 12 ^ b[i] >> 4) & 0xf];
		crc = (uint16_t)(crc << 4) ^ nibble[(crc >> 12 ^ b[i]) & 0xf];
	}
	return crc;
}

enum answer { ANSWER_NONE, ANSWER_ACK, ANSWER_NAK, ANSWER_START, ANSWER_CANCEL, ANSWER_MESSAGE };

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The receiver's next word: an enum answer, or a code. A damaged one counts as NAK:
 * whatever it was, sending the block again is right. */
static int hear(struct xmodem *x, int64_t until_ms, struct err *err)
{
	int within = 0, damaged = 0, cans = 0;

	for (;;) {
		int64_t gap = clock_ms() + GAP_MS;
		int waits = within || damaged;
		uint8_t byte;
		int r = link_read(&byte, 1, x->link, waits ? sooner(gap, until_ms) : until_ms, err);

		if (r == ERR_LINE) {
			r = x->noise ? x->noise(x->payload, err, err) : 0;
			damaged = 1;
			if (r < 0)
				return r;
			continue;
		}
		if (r < 0)
			return r;
		if (r == 0 && waits)
			return damaged || within ? ANSWER_NAK : ANSWER_NONE;
		if (r == 0)
			return ANSWER_NONE;
		if (!within && byte != CAN)
			cans = 0;
		if (!within && byte == ACK)
			return ANSWER_ACK;
		if (!within && byte == NAK)
			return ANSWER_NAK;
		if (!within && byte == START)
			return ANSWER_START;
		if (!within && byte == CAN && ++cans < CANS)
			continue;
		if (cans == CANS)
			return ANSWER_CANCEL;
		r = x->other ? x->other(x->payload, byte) : -1;
		if (r > 0)
			return ANSWER_MESSAGE;
		within = r == 0;
		damaged |= r < 0;
	}
}

static int written(struct xmodem *x, const void *bytes, size_t n, int64_t until_ms, struct err *err)
{
	int r = link_write(x->link, bytes, n, sooner(until_ms, clock_ms() + WRITE_MS), err);

	if (!r)
		x->bytes += n;
	return r;
}

/* Answers of earlier blocks that came late must not count for later ones. */
static int settle(struct xmodem *x, struct err *err)
{
	uint8_t byte;
	int r;

	while ((r = link_read(&byte, 1, x->link, clock_ms() + GAP_MS / 4, err)))
		if (r < 0 && r != ERR_LINE)
			return r;
	return 0;
}

/* What is sent: block after block, and the EOT. The next piece is made while the one
 * before is on the wire, so that nothing but the ACK is waited for. */
struct pieces {
	const uint8_t *data;
	size_t size, at; /* at: of the next piece's data */
	uint8_t number;  /* of the next block */
	struct piece {
		uint8_t bytes[HEAD + XMODEM_BLOCK_1K + TAIL];
		size_t n, part; /* part: bytes of the data that are in it */
		int first, last;
	} piece[2], *now, *next;
};

static size_t fill_block(uint8_t *out, const uint8_t *data, size_t n, size_t size, uint8_t number)
{
	uint16_t crc;

	out[0] = size == XMODEM_BLOCK ? SOH : STX;
	out[1] = number;
	out[2] = (uint8_t)~number;
	memcpy(out + HEAD, data, n);
	memset(out + HEAD + n, XMODEM_PAD, size - n);
	crc = xmodem_crc(0, out + HEAD, size);
	out[HEAD + size] = (uint8_t)(crc >> 8);
	out[HEAD + size + 1] = (uint8_t)crc;
	return HEAD + size + TAIL;
}

static void make_next(struct pieces *p, size_t block)
{
	size_t left = p->size - p->at;
	/* The rest of a 1K transfer goes in small blocks: less padding. */
	size_t size = left >= block ? block : XMODEM_BLOCK;
	struct piece *q = p->next;

	q->part = left < size ? left : size;
	q->last = !q->part;
	q->first = p->at == 0 && !q->last;
	q->bytes[0] = EOT;
	q->n = q->last ? 1 : fill_block(q->bytes, p->data + p->at, q->part, size, p->number++);
	p->at += q->part;
}

static void turn_over(struct pieces *p)
{
	struct piece *q = p->now;

	p->now = p->next;
	p->next = q;
}

/* Send the piece until it is acknowledged. Returns an enum xmodem_end or a code. */
static int deliver(struct xmodem *x, struct pieces *p, int64_t until_ms, struct err *err)
{
	int nak = 0, start = 0, silent = 0;

	for (int tries = 0; tries < x->tries; tries++) {
		int64_t sent_ms, answer_by;
		int r = p->now->last ? link_event(x->link, x->ends, err) : 0;

		if (r < 0)
			return r;
		r = written(x, p->now->bytes, p->now->n, until_ms, err);

		if (r == ERR_TIMEOUT)
			return XMODEM_SILENT; /* flow control holds the rest up */
		if (r < 0)
			return r;
		x->again += tries > 0;
		sent_ms = clock_ms();
		if (!tries && !p->now->last)
			make_next(p, x->block);
		r = p->now->first ? link_event(x->link, ACK, err) : 0;
		if (r < 0)
			return r;
		answer_by = sooner(until_ms, sent_ms + x->answer_ms);
		do
			r = hear(x, answer_by, err);
		while (r == ANSWER_START && (!p->now->first || clock_ms() < sent_ms + STALE_MS) &&
		       clock_ms() < answer_by);
		if (r < 0)
			return r;
		if (r == ANSWER_ACK)
			return silent ? settle(x, err) : XMODEM_SENT;
		if (r == ANSWER_MESSAGE)
			return XMODEM_MESSAGE;
		if (r == ANSWER_CANCEL)
			return XMODEM_CANCELLED;
		x->refused += r == ANSWER_NAK;
		nak |= r == ANSWER_NAK;
		start |= r == ANSWER_START;
		silent |= r == ANSWER_NONE;
		if (clock_left_ms(until_ms) == 0)
			break;
	}
	return nak ? XMODEM_REFUSED : start ? XMODEM_UNHEARD : XMODEM_SILENT;
}

static int invited(struct xmodem *x, int64_t until_ms, struct err *err)
{
	int64_t start_by = sooner(until_ms, clock_ms() + x->start_ms);

	int r = x->ready ? 0 : link_event(x->link, START, err);

	if (r < 0)
		return r;
	while (!x->ready) {
		r = hear(x, start_by, err);
		if (r < 0)
			return r;
		if (r == ANSWER_MESSAGE)
			return XMODEM_MESSAGE;
		if (r == ANSWER_CANCEL)
			return XMODEM_CANCELLED;
		if (r == ANSWER_NONE || clock_ms() >= start_by)
			return XMODEM_NO_START;
		x->ready = r == ANSWER_START;
	}
	x->ready = 0;
	return XMODEM_SENT;
}

int xmodem_send(struct xmodem *x, const void *data, size_t n, int64_t until_ms, struct err *err)
{
	struct pieces p = { .data = data, .size = n, .number = 1 };
	int r;

	p.now = &p.piece[0];
	p.next = &p.piece[1];
	make_next(&p, x->block);
	r = invited(x, until_ms, err);
	for (int last = 0; !r && !last;) {
		turn_over(&p);
		last = p.now->last;
		r = deliver(x, &p, until_ms, err);
		if (!r && x->sent && p.now->part)
			x->sent(x->payload, p.now->part);
		/* What comes next is heard: so the EOT was, and only its ACK got lost. */
		if (r == XMODEM_MESSAGE && last)
			r = XMODEM_SENT;
	}
	if (r > 0 && r != XMODEM_MESSAGE && clock_left_ms(until_ms) == 0)
		return err_set(err, ERR_DEADLINE, "no time left for a file of %zu bytes", n);
	return r;
}
