/* mt3620_xmodem: the receiving end, byte by byte, with time as an argument */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/sbuf.h"
#include "virtual/mt3620_frame.h"
#include "virtual/mt3620_xmodem.h"

#define MS INT64_C(1000000)

static struct {
	struct mt3620_xmodem x;
	struct sbuf said, got;
	int ended, refuse;
	enum mt3620_xmodem_end how;
	int64_t now;
} t;

static void forget(void)
{
	sbuf_release(&t.said);
	sbuf_release(&t.got);
}

TestSuite(mt3620_xmodem, .timeout = 20, .fini = forget);

static void on_answer(void *owner, const uint8_t *bytes, size_t n)
{
	(void)owner;
	sbuf_add(&t.said, bytes, n);
}

static int on_data(void *owner, const uint8_t *bytes, size_t n)
{
	(void)owner;
	if (t.refuse)
		return -1;
	sbuf_add(&t.got, bytes, n);
	return 0;
}

static void on_end(void *owner, enum mt3620_xmodem_end how)
{
	(void)owner;
	t.ended++;
	t.how = how;
}

static const struct mt3620_xmodem_ops ops = { on_answer, on_data, on_end };

static void begin(int block_1k, int invites)
{
	forget();
	memset(&t, 0, sizeof(t));
	t.x.ops = &ops;
	t.x.block_1k = block_1k;
	t.x.invites = invites;
	t.now = 5000 * MS;
	mt3620_xmodem_start(&t.x, t.now);
}

static void feed(const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		t.now += MS / 10;
		mt3620_xmodem_byte(&t.x, ((const uint8_t *)bytes)[i], 0, t.now);
	}
}

static void feed_one(uint8_t byte)
{
	feed(&byte, 1);
}

/* Time passes until it is due. */
static void wait_due(void)
{
	cr_assert_neq(t.x.due, CLOCK_NEVER);
	t.now = t.x.due;
	mt3620_xmodem_late(&t.x, t.now);
}

static size_t make(uint8_t *out, uint8_t number, uint8_t first, size_t size)
{
	uint16_t crc;

	out[0] = size == 128 ? MT_XMODEM_SOH : MT_XMODEM_STX;
	out[1] = number;
	out[2] = (uint8_t)~number;
	for (size_t i = 0; i < size; i++)
		out[3 + i] = (uint8_t)(first + i);
	crc = mt3620_crc(0, out + 3, size);
	out[3 + size] = (uint8_t)(crc >> 8);
	out[4 + size] = (uint8_t)crc;
	return size + 5;
}

static void block(uint8_t number, uint8_t first, size_t size)
{
	uint8_t bytes[1029];

	feed(bytes, make(bytes, number, first, size));
}

static void said(const char *want)
{
	cr_expect_str_eq(sbuf_str(&t.said), want);
	sbuf_reset(&t.said);
}

Test(mt3620_xmodem, the_blocks_of_the_reference)
{
	uint8_t bytes[1029];

	make(bytes, 1, 0, 128);
	cr_expect_eq(bytes[1], 0x01);
	cr_expect_eq(bytes[2], 0xfe);
	cr_expect_eq(bytes[131], 0xe8);
	cr_expect_eq(bytes[132], 0x0a);
}

Test(mt3620_xmodem, two_blocks_and_the_end)
{
	begin(0, 0);
	said("C");
	block(1, 0, 128);
	said("\x06");
	block(2, 7, 128);
	said("\x06");
	cr_expect_eq(t.ended, 0);
	feed_one(MT_XMODEM_EOT);
	said("\x06");
	cr_expect_eq(t.ended, 1);
	cr_expect_eq(t.how, MT_XMODEM_DONE);
	cr_expect_eq(t.got.len, 256);
	cr_expect_eq((uint8_t)t.got.data[128], 7);
	cr_expect_eq(t.x.due, CLOCK_NEVER);
	block(3, 0, 128); /* nobody listens any more */
	said("");
	cr_expect_eq(t.ended, 1);
}

Test(mt3620_xmodem, numbers_go_round)
{
	begin(0, 0);
	for (int i = 1; i <= 600; i++)
		block((uint8_t)i, (uint8_t)i, 128);
	cr_expect_eq(t.got.len, 600 * 128);
	cr_expect_eq(t.said.len, 601);
	cr_expect_eq(t.ended, 0);
}

Test(mt3620_xmodem, invites_again_and_again)
{
	begin(0, 0);
	for (int i = 0; i < 20; i++) {
		cr_expect_eq(t.x.due - t.now, MT_C_INTERVAL_MS * MS);
		wait_due();
	}
	said("CCCCCCCCCCCCCCCCCCCCC");
	begin(0, 3);
	wait_due();
	wait_due();
	cr_expect_eq(t.ended, 0);
	wait_due();
	cr_expect_eq(t.how, MT_XMODEM_GAVE_UP);
	said("CCC\x18\x18");
}

Test(mt3620_xmodem, a_damaged_block_is_asked_for_again_when_the_line_is_quiet)
{
	uint8_t bytes[133];

	begin(0, 0);
	said("C");
	make(bytes, 1, 0, 128);
	bytes[40] ^= 4;
	feed(bytes, sizeof(bytes));
	said("");
	feed("\x01\x02", 2); /* what a longer one would have left */
	said("");
	cr_expect_eq(t.x.due - t.now, MT_XMODEM_QUIET_MS * MS);
	wait_due();
	said("\x15");
	block(1, 0, 128);
	said("\x06");
	cr_expect_eq(t.got.len, 128);
	cr_expect_eq(t.x.naks, 1);
}

Test(mt3620_xmodem, a_block_that_lost_a_byte)
{
	uint8_t bytes[133];

	begin(0, 0);
	make(bytes, 1, 0, 128);
	feed(bytes, sizeof(bytes) - 1);
	cr_expect_leq(t.x.due - t.now, MT_XMODEM_BLOCK_MS * MS);
	wait_due();
	said("C\x15");
	block(1, 0, 128);
	said("\x06");
}

Test(mt3620_xmodem, a_byte_without_stop_bit_spoils_the_block)
{
	uint8_t bytes[133];

	begin(0, 0);
	make(bytes, 1, 0, 128);
	for (size_t i = 0; i < sizeof(bytes); i++)
		mt3620_xmodem_byte(&t.x, bytes[i], i == 50, t.now);
	wait_due();
	said("C\x15");
}

Test(mt3620_xmodem, gives_up_after_ten_bad_ones)
{
	uint8_t bytes[133];

	begin(0, 0);
	make(bytes, 1, 0, 128);
	bytes[132] ^= 1;
	for (int i = 1; i < MT_XMODEM_TRIES; i++) {
		feed(bytes, sizeof(bytes));
		wait_due();
		cr_expect_eq(t.ended, 0);
	}
	feed(bytes, sizeof(bytes));
	wait_due();
	cr_expect_eq(t.ended, 1);
	cr_expect_eq(t.how, MT_XMODEM_GAVE_UP);
	said("C\x15\x15\x15\x15\x15\x15\x15\x15\x15\x18\x18");
}

Test(mt3620_xmodem, an_ack_that_got_lost)
{
	begin(0, 0);
	block(1, 0, 128);
	block(1, 0, 128);
	said("C\x06\x06");
	cr_expect_eq(t.got.len, 128);
	cr_expect_eq(t.x.repeats, 1);
	block(2, 0, 128);
	said("\x06");
}

Test(mt3620_xmodem, a_block_out_of_order_cancels)
{
	begin(0, 0);
	block(1, 0, 128);
	block(3, 0, 128);
	cr_expect_eq(t.how, MT_XMODEM_ORDER);
	said("C\x06\x18\x18");
	begin(0, 0);
	block(0, 0, 128); /* nothing was before it */
	cr_expect_eq(t.how, MT_XMODEM_ORDER);
}

Test(mt3620_xmodem, a_sender_that_stops)
{
	begin(0, 0);
	block(1, 0, 128);
	for (int i = 0; i < MT_XMODEM_TRIES - 1; i++)
		wait_due();
	cr_expect_eq(t.ended, 0);
	wait_due();
	cr_expect_eq(t.how, MT_XMODEM_GAVE_UP);
}

Test(mt3620_xmodem, two_cans_end_it_one_does_not)
{
	begin(0, 0);
	block(1, 0, 128);
	feed_one(MT_XMODEM_CAN);
	block(2, 0, 128);
	cr_expect_eq(t.ended, 0);
	cr_expect_eq(t.got.len, 256);
	feed("\x18\x18", 2);
	cr_expect_eq(t.ended, 1);
	cr_expect_eq(t.how, MT_XMODEM_CANCELLED);
}

Test(mt3620_xmodem, long_blocks_where_they_are_taken)
{
	begin(1, 0);
	block(1, 0, 1024);
	block(2, 0, 128);
	block(3, 9, 1024);
	feed_one(MT_XMODEM_EOT);
	said("C\x06\x06\x06\x06");
	cr_expect_eq(t.got.len, 1024 + 128 + 1024);
	cr_expect_eq(t.how, MT_XMODEM_DONE);
	begin(0, 0);
	block(1, 0, 128);
	block(2, 0, 1024);
	said("C\x06");
	wait_due();
	said("\x15");
}

Test(mt3620_xmodem, noise_before_the_first_block)
{
	begin(0, 0);
	feed("\x55\xaa\x04", 3); /* an EOT of nothing, too */
	wait_due();
	said("CC");
	block(1, 0, 128);
	said("\x06");
	cr_expect_eq(t.ended, 0);
}

Test(mt3620_xmodem, an_owner_that_does_not_take_it)
{
	begin(0, 0);
	t.refuse = 1;
	block(1, 0, 128);
	said("C\x15");
	t.refuse = 0;
	block(1, 0, 128);
	said("\x06");
}
