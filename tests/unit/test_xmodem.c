#include "board/xmodem.h"

#include <string.h>

#include "base/clock.h"
#include "link/link_memory.h"
#include "tests/unit/rows.h"

TestSuite(xmodem, .timeout = 20);

enum { ANSWER_MS = 10000, START_MS = 10000 };

/* Blocks as they must go over the wire; the first is the vector of the description. */
static uint8_t counted[133], padded[133], big[1029];
static const char eot[] = "\x04";

static void make_blocks(void)
{
	uint16_t crc;

	memcpy(counted, "\x01\x01\xfe", 3);
	for (int i = 0; i < 128; i++)
		counted[3 + i] = (uint8_t)i;
	memcpy(counted + 131, "\xe8\x0a", 2);
	memcpy(padded,
	       "\x01\x02\xfd"
	       "end",
	       6);
	memset(padded + 6, 0x1a, 125);
	crc = xmodem_crc(0, padded + 3, 128);
	padded[131] = (uint8_t)(crc >> 8);
	padded[132] = (uint8_t)crc;
	memcpy(big, "\x02\x01\xfe", 3);
	memset(big + 3, 'x', 1024);
	crc = xmodem_crc(0, big + 3, 1024);
	big[1027] = (uint8_t)(crc >> 8);
	big[1028] = (uint8_t)crc;
}

Test(xmodem, crc)
{
	uint8_t pads[128];

	cr_expect_eq(xmodem_crc(0, "123456789", 9), 0x31c3);
	cr_expect_eq(xmodem_crc(xmodem_crc(0, "1234", 4), "56789", 5), 0x31c3);
	cr_expect_eq(xmodem_crc(0, "", 0), 0);
	memset(pads, XMODEM_PAD, sizeof(pads));
	cr_expect_eq(xmodem_crc(0, pads, sizeof(pads)), 0xf8b0);
}

struct rig {
	struct link_memory memory;
	struct xmodem x;
	struct err err;
	size_t told;
	unsigned noises, noise_max;
	char other[40];
	size_t others, message_at; /* other() says 1 at this byte */
};

static int on_other(void *payload, uint8_t byte)
{
	struct rig *r = payload;

	if (!r->others && byte > 4)
		return -1;
	r->other[r->others++] = (char)byte;
	return r->others == r->message_at;
}

static void on_sent(void *payload, size_t bytes)
{
	((struct rig *)payload)->told += bytes;
}

static int on_noise(void *payload, const struct err *what, struct err *err)
{
	struct rig *r = payload;

	(void)what;
	return ++r->noises > r->noise_max ? err_set(err, ERR_LINE, "too noisy") : 0;
}

static int send_it(struct rig *r, const struct memory_turn *turns, const char *first,
		   const void *data, size_t n, size_t block)
{
	make_blocks();
	clock_freeze_ms(1000000);
	link_memory_init(&r->memory, turns);
	r->memory.waits = 1;
	r->noise_max = r->noise_max ? r->noise_max : 100;
	r->x = (struct xmodem){ .link = &r->memory.link,
				.block = block,
				.tries = 10,
				.start_ms = START_MS,
				.answer_ms = ANSWER_MS,
				.other = on_other,
				.sent = on_sent,
				.noise = on_noise,
				.payload = r };
	if (first)
		link_memory_say(&r->memory, first, strlen(first));
	return xmodem_send(&r->x, data, n, clock_ms() + 3600000, &r->err);
}

static uint8_t data131[131], data1024[1024];

static void make_data(void)
{
	for (int i = 0; i < 128; i++)
		data131[i] = (uint8_t)i;
	memcpy(data131 + 128, "end", 3);
	memset(data1024, 'x', sizeof(data1024));
}

#define BLOCK(b, ...)                                                                              \
	{                                                                                          \
		.hear = (const char *)(b), .hear_len = sizeof(b), __VA_ARGS__                      \
	}
#define END                                                                                        \
	{                                                                                          \
		.hear = NULL                                                                       \
	}

Test(xmodem, good)
{
	static const struct memory_turn turns[] = { BLOCK(counted, .say = "\x06"),
						    BLOCK(padded, .say = "\x06", .delay_ms = 9999),
						    { .hear = eot, .say = "\x06" },
						    END };
	struct rig r = { 0 };

	make_data();
	cr_expect_eq(send_it(&r, turns, "C", data131, 131, 128), XMODEM_SENT, "%s", r.err.text);
	cr_expect(link_memory_done(&r.memory));
	cr_expect_eq(r.told, 131);
	cr_expect_eq(r.x.again, 0);
	cr_expect_eq(r.x.bytes, 133ul + 133 + 1);
	/* The byte that each answer ends with: C, the ACK of blocks, the end of a frame. */
	cr_expect_str_eq(r.memory.events, "43 06 00 ");
}

Test(xmodem, blocks_of_1k)
{
	static const struct memory_turn turns[] = { BLOCK(big, .say = "\x06"),
						    { .hear = eot, .say = "\x06" },
						    END };
	struct rig r = { 0 };

	make_data();
	cr_expect_eq(send_it(&r, turns, "C", data1024, 1024, 1024), XMODEM_SENT, "%s", r.err.text);
	cr_expect(link_memory_done(&r.memory));
}

/* The tail of a 1K transfer goes in small blocks. */
Test(xmodem, tail_of_1k)
{
	static const struct memory_turn turns[] = { BLOCK(counted, .say = "\x06"),
						    { .hear = eot, .say = "\x06" },
						    END };
	struct rig r = { 0 };

	make_data();
	cr_expect_eq(send_it(&r, turns, "C", data131, 128, 1024), XMODEM_SENT, "%s", r.err.text);
}

/* What the receiver says instead of an ACK, once, and the block goes out again. */
static const struct again_row {
	const char *say;
	enum err_code then;
	int64_t least_ms, most_ms;
} agains[] = {
	{ "\x15", 0, 0, 0 },                      /* NAK */
	{ NULL, 0, ANSWER_MS, ANSWER_MS + 60 },   /* silence; late answers are waited for */
	{ "\x7f", 0, 200, 200 },                  /* an answer that was damaged */
	{ "\x02", 0, 200, 200 },                  /* damaged so that it looks like a message */
	{ "\x18", 0, ANSWER_MS, ANSWER_MS + 60 }, /* one CAN is noise */
	{ NULL, ERR_LINE, 200, 200 },
	{ "C", 0, ANSWER_MS, ANSWER_MS + 60 }, /* sent before the block came */
};

TEST_ROWS(xmodem, again, agains)
{
	static struct memory_turn turns[] = {
		BLOCK(counted), BLOCK(counted, .say = "\x06"), { .hear = eot, .say = "\x06" }, END
	};
	const struct again_row *row = &agains[*i];
	struct rig r = { 0 };

	turns[0].say = row->say;
	turns[0].then = row->then;
	make_data();
	cr_expect_eq(send_it(&r, turns, "C", data131, 128, 128), XMODEM_SENT, "row %zu: %s", *i,
		     r.err.text);
	cr_expect_eq(r.x.again, 1, "row %zu", *i);
	cr_expect_eq(r.told, 128);
	cr_expect(link_memory_done(&r.memory));
	cr_expect_geq(clock_ms() - 1000000, row->least_ms, "row %zu", *i);
	cr_expect_leq(clock_ms() - 1000000, row->most_ms, "row %zu: %lld", *i,
		      (long long)clock_ms() - 1000000);
}

/* The receiver did not hear the first block and invites once more. */
Test(xmodem, invited_again)
{
	static const struct memory_turn turns[] = { BLOCK(counted, .say = "C", .delay_ms = 1400),
						    BLOCK(counted, .say = "\x06"),
						    { .hear = eot, .say = "\x06" },
						    END };
	struct rig r = { 0 };

	make_data();
	cr_expect_eq(send_it(&r, turns, "C", data131, 128, 128), XMODEM_SENT, "%s", r.err.text);
	cr_expect_eq(clock_ms(), 1001400);
	cr_expect_eq(r.x.again, 1);
}

static const struct ending {
	const char *first;
	const char *say; /* to every block */
	enum err_code then, fail;
	int end;
	int64_t ms; /* until it ended; -1: whatever */
} endings[] = {
	{ NULL, NULL, 0, 0, XMODEM_NO_START, START_MS },
	{ "\x15\x15", NULL, 0, 0, XMODEM_NO_START, START_MS }, /* a receiver without CRC */
	{ "\x18\x18", NULL, 0, 0, XMODEM_CANCELLED, 0 },
	{ "C", NULL, 0, 0, XMODEM_SILENT, 10 * ANSWER_MS },
	{ "C", "\x15", 0, 0, XMODEM_REFUSED, 0 },
	{ "C", "\x18\x18", 0, 0, XMODEM_CANCELLED, 0 },
	{ "C", "C", 0, 0, XMODEM_UNHEARD, 10 * 600 },
	{ "C", NULL, 0, ERR_TIMEOUT, XMODEM_SILENT, 0 }, /* flow control */
	{ "C", NULL, ERR_GONE, 0, ERR_GONE, 0 },
	{ "C", NULL, 0, ERR_GONE, ERR_GONE, 0 },
	{ "C", NULL, 0, ERR_IO, ERR_IO, 0 },
};

TEST_ROWS(xmodem, ending, endings)
{
	static struct memory_turn turns[11];
	const struct ending *e = &endings[*i];
	struct rig r = { 0 };

	for (int k = 0; k < 10; k++)
		turns[k] = (struct memory_turn)BLOCK(
			counted, .say = e->say, .then = e->then, .fail = e->fail,
			.delay_ms = e->end == XMODEM_UNHEARD ? 600 : 0);
	make_data();
	cr_expect_eq(send_it(&r, turns, e->first, data131, 128, 128), e->end, "row %zu: %s", *i,
		     r.err.text);
	cr_expect_eq(r.told, 0, "row %zu", *i);
	if (e->ms >= 0)
		cr_expect_eq(clock_ms(), 1000000 + e->ms, "row %zu: %lld", *i,
			     (long long)clock_ms() - 1000000);
}

/* The other language of the receiver, at the start and in the middle. */
Test(xmodem, a_message_instead_of_an_answer)
{
	static const struct memory_turn turns[] = { BLOCK(counted, .say = "\x02\x06\x15\x18\x18"
									  "C!"),
						    END };
	struct rig r = { .message_at = 7 };

	make_data();
	cr_expect_eq(send_it(&r, turns, "C", data131, 128, 128), XMODEM_MESSAGE);
	cr_expect_str_eq(r.other, "\x02\x06\x15\x18\x18"
				  "C!");
	r = (struct rig){ .message_at = 3 };
	cr_expect_eq(send_it(&r, turns,
			     "\x02"
			     "C\x06",
			     data131, 128, 128),
		     XMODEM_MESSAGE);
	cr_expect_str_eq(r.other, "\x02"
				  "C\x06");
}

/* A message after the EOT: it was heard. */
Test(xmodem, the_last_answer_got_lost)
{
	static const struct memory_turn turns[] = { BLOCK(counted, .say = "\x06"),
						    { .hear = eot, .say = "\x02\x05" },
						    END };
	struct rig r = { .message_at = 2 };

	make_data();
	cr_expect_eq(send_it(&r, turns, "C", data131, 128, 128), XMODEM_SENT);
	cr_expect_eq(r.others, 2);
}

Test(xmodem, too_much_noise)
{
	static struct memory_turn turns[] = { BLOCK(counted, .then = ERR_LINE),
					      BLOCK(counted, .then = ERR_LINE),
					      BLOCK(counted, .then = ERR_LINE), END };
	struct rig r = { .noise_max = 2 };

	make_data();
	cr_expect_eq(send_it(&r, turns, "C", data131, 128, 128), ERR_LINE);
	cr_expect_str_eq(r.err.text, "too noisy");
}

Test(xmodem, deadline)
{
	static const struct memory_turn turns[] = { BLOCK(counted), END };
	struct rig r = { 0 };

	make_data();
	make_blocks();
	send_it(&r, turns, NULL, data131, 0, 128);
	link_memory_init(&r.memory, turns);
	r.memory.waits = 1;
	link_memory_say(&r.memory, "C", 1);
	cr_expect_eq(xmodem_send(&r.x, data131, 128, clock_ms() + 500, &r.err), ERR_DEADLINE);
	cr_expect_str_eq(r.err.text, "no time left for a file of 128 bytes");
}

/* A receiver that acknowledges everything and counts. */
struct counter {
	struct link link;
	size_t blocks, pads;
	int said; /* C, then ACK of what was written */
	int eots;
};

static int counter_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	struct counter *c = l->priv;

	(void)size;
	(void)err;
	if (!c->said) {
		clock_freeze_ms(until_ms);
		return 0;
	}
	*(char *)out = (char)c->said;
	c->said = 0;
	return 1;
}

static int counter_write(struct link *l, const void *data, size_t size, int64_t until_ms,
			 struct err *err)
{
	struct counter *c = l->priv;
	const uint8_t *b = data;

	(void)until_ms;
	(void)err;
	c->said = 6;
	if (size == 1) {
		c->eots += *b == 4;
		return 0;
	}
	cr_assert_eq(size, XMODEM_BLOCK + 5);
	c->blocks++;
	cr_expect_eq(b[1], c->blocks & 0xff);
	cr_expect_eq(b[2], 0xff - b[1]);
	c->pads = 0;
	while (c->pads < XMODEM_BLOCK && b[3 + XMODEM_BLOCK - 1 - c->pads] == XMODEM_PAD)
		c->pads++;
	return 0;
}

/* The files of a recovery, as the description counts their blocks. */
static const struct file_row {
	size_t bytes, blocks, pads;
} files[] = {
	{ 16384, 128, 0 },  /* recovery-1bl-rtm.bin */
	{ 392, 4, 120 },    /* capability */
	{ 60836, 476, 92 }, /* recovery-runtime.bin */
	{ 1496, 12, 40 },   /* recovery.imagemanifest */
	{ 20480, 160, 0 },  /* part of an image */
	{ 6380, 50, 20 },   /* the rest of one of 26,860 bytes */
};

TEST_ROWS(xmodem, file, files)
{
	static const struct link_ops ops = { .name = "counter",
					     .read = counter_read,
					     .write = counter_write };
	struct counter c = { .said = 'C' };
	struct xmodem x = { .link = &c.link,
			    .block = XMODEM_BLOCK,
			    .tries = 1,
			    .start_ms = START_MS,
			    .answer_ms = ANSWER_MS };
	static uint8_t bytes[60836];
	struct err err = { 0 };

	c.link.ops = &ops;
	c.link.priv = &c;
	clock_freeze_ms(1000000);
	cr_expect_eq(xmodem_send(&x, bytes, files[*i].bytes, clock_ms() + 3600000, &err),
		     XMODEM_SENT, "%s", err.text);
	cr_expect_eq(c.blocks, files[*i].blocks);
	cr_expect_eq(c.pads, files[*i].pads);
	cr_expect_eq(c.eots, 1);
}
