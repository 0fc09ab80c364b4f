#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "link/link.h"
#include "link/link_memory.h"
#include "tests/unit/rows.h"

TestSuite(link_fault, .timeout = 20);

enum { N = 20000 };
static uint8_t sent[N], got[N];

static const struct memory_turn turns[] = {
	{ .hear = "x", .say = (const char *)sent, .say_len = N },
	{ .hear = "yy", .say = "z" },
	{ .hear = NULL },
};

static struct link *fault(struct link_memory *m, const char *options)
{
	struct link_where w = { .role = "console" };
	struct err err = { 0 };
	struct link *l = NULL;

	for (int i = 0; i < N; i++)
		sent[i] = (uint8_t)(i * 7);
	link_memory_init(m, turns);
	cr_assert_eq(link_find("fault")->open(&l, options, &w, &m->link, &err), 0, "%s", err.text);
	return l;
}

/* All that the board's first answer becomes, read in pieces. */
static size_t hear(uint8_t *out, const char *options, size_t piece, struct err *err)
{
	struct link_memory m;
	struct link *l = fault(&m, options);
	size_t n = 0;
	int r;

	cr_assert_eq(link_puts(l, "x", 0, err), 0);
	while ((r = link_read(out + n, piece < N - n ? piece : N - n, l, clock_ms() + 100, err)) >
	       0)
		n += (size_t)r;
	link_close(l);
	return n;
}

Test(link_fault, without_options_changes_nothing)
{
	struct err err = { 0 };

	cr_expect_eq(hear(got, "", 100, &err), N);
	cr_expect_eq(memcmp(got, sent, N), 0);
}

Test(link_fault, flips_one_bit_of_some)
{
	struct err err = { 0 };
	size_t changed = 0;

	cr_assert_eq(hear(got, "seed=3,flip=0.1", 100, &err), N);
	for (size_t i = 0; i < N; i++) {
		changed += got[i] != sent[i];
		cr_assert_leq(__builtin_popcount(got[i] ^ sent[i]), 1);
	}
	cr_expect(changed > N / 12 && changed < N / 8, "%zu", changed);
}

Test(link_fault, drops_some)
{
	struct err err = { 0 };
	size_t n = hear(got, "seed=3,drop=0.25", 100, &err);

	cr_expect(n > N * 7 / 10 && n < N * 8 / 10, "%zu", n);
	cr_expect_eq(hear(got, "drop=1", 100, &err), 0);
}

/* A board that never stops talking, and is not heard. */
static int babble(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	int64_t *reads = l->priv;

	(void)until_ms;
	if (++*reads > 10000000)
		return err_set(err, ERR_IO, "read without an end");
	memset(out, 'x', size);
	return (int)size;
}

static void babble_close(struct link *l)
{
	l->priv = NULL;
}

Test(link_fault, a_deadline_holds_when_every_byte_is_dropped)
{
	static const struct link_ops ops = { .name = "babble",
					     .read = babble,
					     .close = babble_close };
	struct link_where w = { .role = "console" };
	struct err err = { 0 };
	int64_t reads = 0, begun = clock_ms();
	struct link board = { .ops = &ops, .priv = &reads };
	struct link *l = NULL;
	char c;

	cr_assert_eq(link_find("fault")->open(&l, "drop=1", &w, &board, &err), 0, "%s", err.text);
	cr_expect_eq(link_read(&c, 1, l, begun + 50, &err), 0, "%s", err.text);
	cr_expect_lt(clock_ms() - begun, 1000);
	link_close(l);
}

Test(link_fault, a_seed_spoils_the_same_bytes_however_they_are_read)
{
	static uint8_t other[N];
	struct err err = { 0 };
	size_t n = hear(got, "seed=9,drop=0.1,flip=0.1", 1, &err);

	cr_assert_eq(hear(other, "seed=9,drop=0.1,flip=0.1", 777, &err), n);
	cr_expect_eq(memcmp(got, other, n), 0);
	cr_expect_neq(hear(other, "seed=8,drop=0.1,flip=0.1", 777, &err), n);
}

Test(link_fault, cuts_after_bytes_of_both_directions)
{
	struct link_memory m;
	struct err err = { 0 };
	struct link *l;

	/* "x" counts as well */
	cr_expect_eq(hear(got, "cut=1001", 300, &err), 1000);
	cr_expect_eq(err.code, ERR_GONE);
	cr_expect_str_eq(err.text, "fault: the cable was pulled after 1001 bytes");

	l = fault(&m, "cut=1");
	err = (struct err){ 0 };
	cr_expect_eq(link_puts(l, "x", 0, &err), 0);
	cr_expect_eq(link_puts(l, "yy", 0, &err), ERR_GONE);
	cr_expect_eq(link_alive(l, &err), ERR_GONE);
	cr_expect_eq(link_drop(l, 0, &err), ERR_GONE);
	cr_expect_eq(link_tune(l, NULL, 1, -1, 0, &err), ERR_GONE);
	cr_expect_eq(link_event(l, 10, &err), ERR_GONE);
	link_close(l);
}

Test(link_fault, delays_and_loses_nothing_at_a_deadline)
{
	struct link_memory m;
	struct err err = { 0 };
	struct link *l = fault(&m, "delay=50 ms");
	int64_t begun = clock_ms();

	cr_assert_eq(link_puts(l, "x", 0, &err), 0);
	cr_expect_eq(link_read(got, 10, l, begun + 10, &err), 0);
	cr_expect_eq(link_read(got, 4, l, begun + 5000, &err), 4);
	cr_expect_geq(clock_ms() - begun, 50);
	cr_expect_eq(link_read(got + 4, 100, l, begun + 5000, &err), 6);
	cr_expect_eq(memcmp(got, sent, 10), 0);
	link_close(l);
}

static const struct {
	const char *options, *wrong;
} bad[] = {
	{ "drop", "option 'drop'" },
	{ "drop=2", "option 'drop'" },
	{ "delay=5", "option 'delay'" },
	{ "flop=1", "no option is called 'flop'; there are seed, drop, flip, delay, cut" },
	{ "seed=1,", "no option is called ''" },
};

TEST_ROWS(link_fault, refuses, bad)
{
	struct link_where w = { .role = "console" };
	struct err err = { 0 };
	struct link_memory m;
	struct link *l = NULL;

	link_memory_init(&m, turns);
	cr_expect_eq(link_find("fault")->open(&l, bad[*i].options, &w, &m.link, &err), ERR_PLAN);
	cr_expect(strstr(err.text, bad[*i].wrong), "%s", err.text);
	cr_expect_null(l);
}
