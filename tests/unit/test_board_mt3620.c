#include "board/board_mt3620.h"
#include "link/link_memory.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620, .timeout = 20);

Test(board_mt3620, needs_its_wires)
{
	const struct board_driver *d = board_find("mt3620");
	struct fixture_channel channel = { .role = "recovery" };
	struct fixture_signal signals[] = { { .name = "recovery" }, { .name = "reset" } };
	struct fixture f = { .id = "FX" };

	cr_assert_not_null(d);
	cr_expect_str_eq(board_unwired(d, &f), "recovery");
	f.channel = &channel;
	f.channels = 1;
	cr_expect_null(board_unwired(d, &f));
	cr_expect_str_eq(board_unsignalled(d, &f), "reset");
	f.signal = signals;
	f.signals = 1;
	cr_expect_str_eq(board_unsignalled(d, &f), "reset");
	f.signals = 2;
	cr_expect_null(board_unsignalled(d, &f));
}

Test(board_mt3620, presets_are_those_of_the_one_header)
{
	const struct board_driver *d = board_find("mt3620");
	struct mt3620_profile p = { 0 };
	struct arena a = { 0 };

	param_presets(&p, d->params, &a);
	cr_expect_eq(p.reset_low_ms, MT_RESET_LOW_MS);
	cr_expect_eq(p.strap_hold_ms, MT_STRAP_HOLD_MS);
	cr_expect_str_eq(p.rate, "auto");
	cr_expect_str_eq(p.xmodem_block, "128");
	param_release(&p, d->params);
	arena_free(&a);
}

/* A line outlives a close: open sets it, whatever the fixture says of the channel. */
Test(board_mt3620, open_sets_the_line)
{
	static const struct memory_turn none[] = { { .hear = NULL } };
	const struct board_driver *d = board_find("mt3620");
	struct mt3620_profile p = { 0 };
	struct link_memory memory;
	struct board b = { .driver = d, .profile = &p };
	struct err err = { 0 };

	link_memory_init(&memory, none);
	b.links[ROLE_RECOVERY] = &memory.link;
	cr_assert_eq(d->open(&b, &err), 0, "%s", err.text);
	cr_expect_eq(memory.tunes, 1);
	cr_expect_eq(memory.line.baud, 115200);
	cr_expect_eq(memory.line.rtscts, 0);
	d->close(&b);
	cr_expect_null(b.state);
}
