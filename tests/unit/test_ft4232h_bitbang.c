#include "ft4232h_rig.h"

/* Bit-bang: what reaches the pins and when, and what is sampled. */
TestSuite(ft4232h_bitbang, .timeout = 20, .fini = rig_close);

enum { A, B, C, D };

Test(ft4232h_bitbang, bytes_reach_the_pins_in_order)
{
	rig_open(NULL);
	rig_pass(MS);
	rig_set(D, 0x0b, 0x01f0, 0);
	cr_assert_eq(rig.pins[0].mask, 0xf0);
	cr_assert_eq(rig.pins[0].levels, 0, "the latch starts low");
	rig.changes = 0;
	rig_pass(MS);
	rig_out(D, "\xff\x0f\x0f\xa5", 4);
	cr_assert_eq(rig.changes, 3, "an equal level is no change");
	cr_assert_eq(rig.pins[0].levels, 0xf0);
	cr_assert_eq(rig.pins[1].levels, 0x00);
	cr_assert_eq(rig.pins[2].levels, 0xa0);
	for (int k = 0; k < 3; k++) {
		cr_assert_eq(rig.pins[k].port, D);
		cr_assert_eq(rig.pins[k].mask, 0xf0);
		cr_assert_eq(rig.pins[k].at, 2 * MS);
	}
	cr_assert_eq(ft4232h_levels(rig.f, D), 0xaf, "the last one stays");
	rig_set(D, 0x0b, 0, 0);
	cr_assert_eq(rig.pins[3].mask, 0x14);
	cr_assert_eq(rig.pins[3].levels, 0x14);
}

Test(ft4232h_bitbang, entry_without_a_glitch)
{
	rig_open(NULL);
	rig_set(D, 0x0b, 0x0100, 0);
	rig_out(D, "\x60", 1);
	rig.changes = 0;
	rig_set(D, 0x0b, 0x0160, 0);
	cr_assert_eq(rig.changes, 1);
	cr_assert_eq(rig.pins[0].mask, 0x60);
	cr_assert_eq(rig.pins[0].levels, 0x60);
}

static const struct net {
	const char *name;
	uint8_t mask, latch, board_mask, board_levels, pull, level;
} nets[] = {
	{ "all pulled up", 0x00, 0x00, 0x00, 0x00, 0xff, 0xff },
	{ "all pulled down", 0x00, 0xff, 0x00, 0xff, 0x00, 0x00 },
	{ "chip drives", 0xff, 0x5a, 0x00, 0x00, 0xff, 0x5a },
	{ "board drives", 0x00, 0xff, 0xff, 0x5a, 0xff, 0x5a },
	{ "each a half", 0x0f, 0x05, 0xf0, 0xa0, 0xff, 0xa5 },
	{ "fight", 0xff, 0xf0, 0xff, 0x3c, 0xff, 0x30 },
};

RIG_ROWS(ft4232h_bitbang, nets, nets)
{
	const struct net *r = &nets[*i];

	rig_open(NULL);
	rig_set(C, 0x0b, (uint16_t)(0x0100 | r->mask), 0);
	rig_out(C, &r->latch, 1);
	ft4232h_board_pins(rig.f, C, r->board_mask, r->board_levels, r->pull, rig.now);
	cr_assert_eq(ft4232h_levels(rig.f, C), r->level, "%s: %02x", r->name,
		     ft4232h_levels(rig.f, C));
}

Test(ft4232h_bitbang, synchronous_samples_before_each_write)
{
	struct urb *u;

	rig_open_unpaced();
	rig_set(C, 0x0b, 0x04f0, 0);
	ft4232h_board_pins(rig.f, C, 0x0f, 0x09, 0xff, 0);
	rig_out(C, "\x10\x20\x40\x80", 4);
	rig_pass(MS);
	u = rig_in(C, 512);
	rig_pass(20 * MS);
	cr_assert_eq(u->actual, 6);
	cr_assert_arr_eq(u->data + 2, "\x09\x19\x29\x49", 4);
	cr_assert_eq(ft4232h_levels(rig.f, C), 0x89);
}

Test(ft4232h_bitbang, synchronous_waits_for_room)
{
	static uint8_t bytes[5000];
	struct urb *w;
	int n = 0;

	rig_open_unpaced();
	rig_set(C, 0x0b, 0x04ff, 0);
	for (int k = 0; k < 5000; k++)
		bytes[k] = (uint8_t)(k * 3);
	w = rig_out(C, bytes, 5000);
	rig_pass(MS);
	cr_assert(w->held);
	cr_assert_eq(ft4232h_levels(rig.f, C), bytes[2047]);
	while (n < 5000) {
		struct urb *u = rig_in(C, 512);

		rig_pass(17 * MS);
		for (int k = 2; k < u->actual; k++, n++)
			cr_assert_eq(u->data[k], n ? bytes[n - 1] : 0);
	}
	cr_assert(!w->held);
	cr_assert_eq(rig_status(C) & 2, 0);
}

Test(ft4232h_bitbang, asynchronous_samples_stream)
{
	struct urb *u, *v;
	int high = 0;

	rig_open(NULL);
	rig_set(C, 3, 0x0780, 2); /* 12 MHz / 1920 = 6250 samples per second */
	rig_set(C, 0x0b, 0x0100, 0);
	rig_set(C, 9, 255, 0);
	rig_set(C, 0, 2, 0);
	u = rig_in(C, 512);
	rig_until(40 * MS); /* 250 of 510 samples */
	cr_assert_eq(rig_when(u), -1);
	ft4232h_board_pins(rig.f, C, 0xff, 0x00, 0xff, rig.now);
	rig_until(90 * MS);
	cr_assert_eq(u->actual, 512);
	cr_assert_eq(rig_when(u), rig_frame(llround(510 * 1e9 / 6250)));
	for (int k = 2; k < 512; k++) {
		cr_assert(u->data[k] == 0xff || u->data[k] == 0x00);
		cr_assert(k == 2 || u->data[k] <= u->data[k - 1], "high, then low");
		high += u->data[k] == 0xff;
	}
	cr_assert_eq(high, 250);
	v = rig_in(C, 4096);
	rig_until(2000 * MS);
	cr_assert_neq(rig_when(v), -1);
	rig_pass(3000 * MS); /* nobody reads: what finds the FIFO full is not taken */
	v = rig_in(C, 4096);
	rig_pass(MS);
	cr_assert_eq(v->actual, 0 + 4 * 512, "2040 of 2048 at once");
}

Test(ft4232h_bitbang, samples_see_the_outputs_change)
{
	struct urb *u;
	int high = 0;

	rig_open(NULL);
	rig_set(C, 3, 0x0780, 2); /* 6250 samples per second */
	rig_set(C, 0x0b, 0x01ff, 0);
	rig_set(C, 9, 255, 0);
	u = rig_in(C, 512);
	rig_until(40 * MS);
	rig_out(C, "\xff", 1);
	rig_until(90 * MS);
	cr_assert_eq(u->actual, 512);
	for (int k = 2; k < 512; k++)
		high += u->data[k] == 0xff;
	cr_assert_eq(high, 510 - 250);
}

Test(ft4232h_bitbang, samples_follow_the_rate)
{
	struct urb *u;

	rig_open(NULL);
	rig_set(C, 3, 0x0780, 2); /* 6250 samples per second: 250 in 40 ms */
	rig_set(C, 0x0b, 0x0100, 0);
	rig_set(C, 9, 255, 0);
	u = rig_in(C, 512);
	rig_until(40 * MS);
	rig_set(C, 3, 0x03c0, 2); /* twice as fast */
	rig_until(90 * MS);
	cr_assert_eq(rig_when(u), rig_frame(40 * MS + llround(260 * 1e9 / 12500)));
}

static const int modes[] = { 0x01, 0x04 };

RIG_ROWS(ft4232h_bitbang, long_write_of_one_level, modes)
{
	static uint8_t bytes[5000];
	struct urb *u;

	rig_open(NULL);
	rig_set(C, 0x0b, (uint16_t)(modes[*i] << 8 | 0xff), 0);
	rig_set(C, 9, 1, 0);
	u = rig_out(C, bytes, sizeof(bytes));
	for (int k = 0; k < 8; k++) { /* somebody reads */
		rig_in(C, 4096);
		rig_pass(2 * MS);
	}
	cr_assert_neq(rig_when(u), -1);
	cr_assert_eq(ft4232h_count(rig.f)->to_board[C], 5000);
}

Test(ft4232h_bitbang, board_is_not_heard)
{
	struct urb *u;

	rig_open_unpaced();
	rig_set(D, 0x0b, 0x0400, 0);
	rig_say(D, "lost", 4);
	rig_pass(MS);
	cr_assert_eq(ft4232h_board_unsent(rig.f, D), 0);
	u = rig_in(D, 512);
	cr_assert_eq(u->actual, 2);
	rig_set(D, 0x0b, 0, 0);
	rig_say(D, "heard", 5);
	u = rig_in(D, 512);
	rig_pass(20 * MS);
	cr_assert_eq(u->actual, 7);
}

Test(ft4232h_bitbang, strap_sequence_stamps)
{
	rig_open(NULL);
	rig_set(D, 0x0b, 0x0160, 0);
	rig.changes = 0;
	for (int k = 0; k < 4; k++) {
		rig_pass(10 * MS + k * US);
		rig_out(D, &"\x20\x60\x40\x00"[k], 1);
		cr_assert_eq(rig.changes, k + 1);
		cr_assert_eq(rig.pins[k].at, rig.now, "at once");
	}
}

Test(ft4232h_bitbang, unplugged_chip_drives_nothing)
{
	rig_open(NULL);
	rig_set(D, 0x0b, 0x01ff, 0);
	rig.changes = 0;
	ft4232h_unplug(rig.f, rig.now);
	cr_assert_eq(ft4232h_levels(rig.f, D), 0xff);
	cr_assert_eq(rig.changes, 4);
	cr_assert_eq(rig.pins[3].mask, 0);
}
