/* The finder of GPIO faults against a model of the pins: every single fault at
 * every place, and many together by chance. */
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "step/loopback.h"
#include "tests/unit/rows.h"

TestSuite(loopback, .timeout = 20);

#define BIT(n) (UINT64_C(1) << (n))

/* --- the model --- */

enum pull { PULL_DOWN, PULL_UP, KEEPS, PULLS, NOISE = PULLS };

struct unit {
	struct loopback_pair pair[32];
	size_t pairs;
	uint64_t wired[64];           /* wired[i]: pins with a wire to pin i */
	uint64_t rail_low, rail_high; /* pins that touch a rail */
	uint64_t no_drive;            /* pins whose output stage is dead */
	uint64_t no_read;             /* pins whose input stage is dead, and reads low */
	uint64_t kept;                /* levels of the last reading, for KEEPS */
	enum pull pull;
	struct rng noise;
};

static void wire(struct unit *u, int a, int b)
{
	u->wired[a] |= BIT(b);
	u->wired[b] |= BIT(a);
}

static void cut(struct unit *u, int a, int b)
{
	u->wired[a] &= ~BIT(b);
	u->wired[b] &= ~BIT(a);
}

/* Pairs over the bits of `shuffle`: pair k is bits (2k, 2k + 1) mixed by it. */
static void make_unit(struct unit *u, size_t pairs, enum pull pull, uint64_t shuffle)
{
	int bit[64];
	struct rng r = { shuffle };

	memset(u, 0, sizeof(*u));
	for (int i = 0; i < 64; i++)
		bit[i] = i;
	for (int i = 63; shuffle && i > 0; i--) {
		int k = (int)(rng_next(&r) % (uint64_t)(i + 1)), t = bit[i];

		bit[i] = bit[k];
		bit[k] = t;
	}
	u->pairs = pairs;
	u->pull = pull;
	u->noise.state = 42 + shuffle;
	for (size_t k = 0; k < pairs; k++) {
		u->pair[k] = (struct loopback_pair){ bit[2 * k], bit[2 * k + 1] };
		wire(u, u->pair[k].a, u->pair[k].b);
	}
}

/* The nets that wires make of the pins: net[i] holds all pins joined to pin i. */
static void find_nets(uint64_t net[64], const struct unit *u)
{
	uint64_t done = 0;

	for (int pin = 0; pin < 64; pin++) {
		uint64_t all = BIT(pin), new = all;

		if (done & BIT(pin))
			continue;
		while (new) {
			int i = __builtin_ctzll(new);

			all |= u->wired[i];
			done |= BIT(i);
			new = all & ~done;
		}
		for (uint64_t left = all; left; left &= left - 1)
			net[__builtin_ctzll(left)] = all;
	}
}

/* All levels while one pin is driven (-1: none). */
static uint64_t levels(struct unit *u, const uint64_t nets[64], int driven, int level)
{
	uint64_t out = 0;

	for (int pin = 0; pin < 64; pin++) {
		uint64_t net = nets[pin];
		int high;

		if (net & (BIT(pin) - 1))
			continue; /* of a net that was looked at */
		if (net & u->rail_low)
			high = 0;
		else if (net & u->rail_high)
			high = 1;
		else if (driven >= 0 && (net & BIT(driven)) && !(u->no_drive & BIT(driven)))
			high = level;
		else if (u->pull == NOISE)
			high = (int)(rng_next(&u->noise) >> 40 & 1);
		else if (u->pull == KEEPS)
			high = (u->kept & net) != 0;
		else
			high = u->pull == PULL_UP;
		out |= high ? net : 0;
	}
	u->kept = out;
	return out & ~u->no_read;
}

static void measure(struct loopback_reads *r, struct unit *u)
{
	uint64_t nets[64];

	memset(r, 0, sizeof(*r));
	find_nets(nets, u);
	r->rest = levels(u, nets, -1, 0);
	for (size_t k = 0; k < u->pairs; k++)
		for (int e = 0; e < 2; e++) {
			int pin = e ? u->pair[k].b : u->pair[k].a;

			r->low[pin] = levels(u, nets, pin, 0);
			r->high[pin] = levels(u, nets, pin, 1);
		}
}

/* --- what is found, as text: "short 4 5; open 6 7" --- */

static const char *const kind_word[LOOPBACK_KINDS] = { "open", "one-way", "short",  "nets",
						       "low",  "high",    "swapped" };
static const int kind_pins[LOOPBACK_KINDS] = { 2, 2, 2, 4, 1, 1, 4 };

enum { ALL = LOOPBACK_FAULTS };

static const char *told(struct unit *u)
{
	static char out[65536];
	static struct loopback_fault f[ALL];
	struct loopback_reads r;
	size_t n, len = 0;

	measure(&r, u);
	n = loopback_find(f, ALL, &r, u->pair, u->pairs);
	cr_assert_leq(n, ALL);
	*out = '\0';
	for (size_t i = 0; i < n; i++) {
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s", i ? "; " : "",
					kind_word[f[i].kind]);
		for (int k = 0; k < kind_pins[f[i].kind]; k++)
			len += (size_t)snprintf(out + len, sizeof(out) - len, " %d", f[i].pin[k]);
	}
	return out;
}

#define TELLS(u, ...)                                                                              \
	do {                                                                                       \
		char want_[256];                                                                   \
		const char *got_ = told(u);                                                        \
		snprintf(want_, sizeof(want_), __VA_ARGS__);                                       \
		cr_assert_str_eq(got_, want_, "pull %d: '%s', must be '%s'", (u)->pull, got_,      \
				 want_);                                                           \
	} while (0)

/* --- single faults at every place --- */

ParameterizedTestParameters(loopback, pairs)
{
	static size_t counts[32];

	for (size_t i = 0; i < 32; i++)
		counts[i] = i + 1;
	return cr_make_param_array(size_t, counts, 32);
}

static void good(size_t pairs, enum pull pull)
{
	for (uint64_t shuffle = 0; shuffle < 4; shuffle++) {
		struct unit u;

		make_unit(&u, pairs, pull, shuffle);
		TELLS(&u, "%s", "");
	}
}

static void opened(size_t pairs, enum pull pull)
{
	for (size_t k = 0; k < pairs; k++) {
		struct unit u;

		make_unit(&u, pairs, pull, 3);
		cut(&u, u.pair[k].a, u.pair[k].b);
		TELLS(&u, "open %d %d", u.pair[k].a, u.pair[k].b);
	}
}

/* A dead output: its own level does not show, and its partner does not follow. */
static void one_way(size_t pairs, enum pull pull)
{
	for (size_t k = 0; k < pairs; k++)
		for (int e = 0; e < 2; e++) {
			struct unit u;
			int dead, other;

			make_unit(&u, pairs, pull, 4);
			dead = e ? u.pair[k].b : u.pair[k].a;
			other = e ? u.pair[k].a : u.pair[k].b;
			u.no_drive = BIT(dead);
			TELLS(&u, "one-way %d %d", other, dead);
		}
}

/* A rail holds both ends of a wire, so both are told; of an open pair one. */
static void stuck(size_t pairs, enum pull pull)
{
	for (size_t k = 0; k < pairs; k++)
		for (int e = 0; e < 2; e++)
			for (int high = 0; high < 2; high++) {
				const char *word = high ? "high" : "low";
				struct unit u;
				int pin;

				make_unit(&u, pairs, pull, 5);
				pin = e ? u.pair[k].b : u.pair[k].a;
				*(high ? &u.rail_high : &u.rail_low) = BIT(pin);
				TELLS(&u, "%s %d; %s %d", word, u.pair[k].a, word, u.pair[k].b);
				cut(&u, u.pair[k].a, u.pair[k].b);
				TELLS(&u, "%s %d", word, pin);
			}
}

static void shorted(size_t pairs, enum pull pull)
{
	for (size_t i = 0; i < pairs; i++)
		for (size_t k = i + 1; k < pairs; k++)
			for (int e = 0; e < 4; e++) {
				struct unit u;
				const struct loopback_pair *p, *q;

				make_unit(&u, pairs, pull, pairs < 20 ? 6 : 0);
				p = &u.pair[i];
				q = &u.pair[k];
				/* All four are one net: which of them touch cannot be seen. */
				wire(&u, e & 1 ? p->a : p->b, e & 2 ? q->a : q->b);
				TELLS(&u, "nets %d %d %d %d", p->a, p->b, q->a, q->b);
			}
}

/* With both pairs open the two pins that touch are known. */
static void shorted_open(size_t pairs, enum pull pull)
{
	for (size_t i = 0; i < pairs; i++)
		for (size_t k = i + 1; k < pairs; k++)
			for (int e = 0; e < 4; e++) {
				struct unit u;
				const struct loopback_pair *p, *q;
				int x, y;

				make_unit(&u, pairs, pull, 0);
				p = &u.pair[i];
				q = &u.pair[k];
				x = e & 1 ? p->a : p->b;
				y = e & 2 ? q->a : q->b;
				cut(&u, p->a, p->b);
				cut(&u, q->a, q->b);
				wire(&u, x, y);
				TELLS(&u, "open %d %d; open %d %d; short %d %d", p->a, p->b, q->a,
				      q->b, x, y);
			}
}

static void swapped(size_t pairs, enum pull pull)
{
	for (size_t i = 0; i < pairs; i++)
		for (size_t k = i + 1; k < pairs; k++)
			for (int crossing = 0; crossing < 2; crossing++) {
				struct unit u;
				const struct loopback_pair *p, *q;

				make_unit(&u, pairs, pull, 0);
				p = &u.pair[i];
				q = &u.pair[k];
				cut(&u, p->a, p->b);
				cut(&u, q->a, q->b);
				wire(&u, p->a, crossing ? q->a : q->b);
				wire(&u, p->b, crossing ? q->b : q->a);
				TELLS(&u, "swapped %d %d %d %d", p->a, p->b, q->a, q->b);
			}
}

/* An input that is dead reads one level whatever happens: it looks stuck, alone. */
static void blind(size_t pairs, enum pull pull)
{
	for (size_t k = 0; k < pairs; k++)
		for (int e = 0; e < 2; e++) {
			struct unit u;
			int pin;

			make_unit(&u, pairs, pull, 7);
			pin = e ? u.pair[k].b : u.pair[k].a;
			u.no_read = BIT(pin);
			TELLS(&u, "low %d", pin);
		}
}

ParameterizedTest(size_t *pairs, loopback, pairs, .timeout = 20)
{
	const size_t n = *pairs;

	for (int p = 0; p < PULLS; p++) {
		enum pull pull = (enum pull)p;

		good(n, pull);
		opened(n, pull);
		one_way(n, pull);
		stuck(n, pull);
		blind(n, pull);
		if (n > 8 && n % 8)
			continue;
		shorted(n < 16 ? n : 16, pull);
		shorted_open(n < 12 ? n : 12, pull);
		swapped(n < 16 ? n : 16, pull);
	}
}

/* --- several at once --- */

Test(loopback, three_pairs_are_one_net)
{
	for (int p = 0; p < PULLS; p++) {
		struct unit u;

		make_unit(&u, 4, (enum pull)p, 0);
		wire(&u, 0, 2);
		wire(&u, 3, 5);
		TELLS(&u, "nets 0 1 2 3; nets 0 1 4 5; nets 2 3 4 5");
	}
}

Test(loopback, together)
{
	for (int p = 0; p < PULLS; p++) {
		struct unit u;

		/* A rail, an open, a swap and a short, each on pairs of its own. */
		make_unit(&u, 8, (enum pull)p, 0);
		u.rail_high = BIT(1);
		cut(&u, 2, 3);
		cut(&u, 4, 5);
		cut(&u, 6, 7);
		wire(&u, 4, 7);
		wire(&u, 6, 5);
		wire(&u, 8, 11);
		u.no_drive = BIT(12);
		TELLS(&u,
		      "high 0; high 1; swapped 4 5 6 7; open 2 3; one-way 13 12; nets 8 9 10 11");

		/* A short to one end of an open pair: the other end is free. */
		make_unit(&u, 3, (enum pull)p, 0);
		cut(&u, 2, 3);
		wire(&u, 3, 4);
		TELLS(&u, "open 2 3; short 3 4");

		/* A swap where one wire touches ground: the other crossing is left. */
		make_unit(&u, 2, (enum pull)p, 0);
		cut(&u, 0, 1);
		cut(&u, 2, 3);
		wire(&u, 0, 3);
		wire(&u, 2, 1);
		u.rail_low = BIT(3);
		TELLS(&u, "low 0; low 3; short 1 2");

		/* Half a swap is an open wire and a short. */
		make_unit(&u, 2, (enum pull)p, 0);
		cut(&u, 0, 1);
		cut(&u, 2, 3);
		wire(&u, 0, 3);
		TELLS(&u, "open 0 1; open 2 3; short 0 3");
	}
}

/* What does not belong to a pair is not looked at. */
Test(loopback, other_pins)
{
	struct unit u;

	make_unit(&u, 2, PULL_UP, 0);
	wire(&u, 0, 40);
	u.rail_low = BIT(50);
	TELLS(&u, "%s", "");
}

/* Noise on floating pins may tell a short that is none, and nothing else. */
Test(loopback, noise)
{
	for (uint64_t seed = 1; seed < 200; seed++) {
		struct unit u;
		const char *got;

		make_unit(&u, 8, NOISE, seed);
		got = told(&u);
		cr_assert_null(strstr(got, "open"), "%s", got);
		cr_assert_null(strstr(got, "one-way"), "%s", got);
		cr_assert_null(strstr(got, "low"), "%s", got);
		cr_assert_null(strstr(got, "high"), "%s", got);
		cr_assert_null(strstr(got, "swapped"), "%s", got);
		u.rail_low = BIT(u.pair[3].a);
		cr_assert_not_null(strstr(told(&u), "low"), "%s", got);
	}
}

/* --- what holds for every reading --- */

static void holds(const struct loopback_reads *r, const struct loopback_pair *pair, size_t pairs,
		  int bad)
{
	static struct loopback_fault all[LOOPBACK_FAULTS], again[LOOPBACK_FAULTS];
	size_t n, cuts[] = { 0, 1, 2, 7, LOOPBACK_FAULTS };
	const uint64_t mark = 0x5a5a5a5a;

	n = loopback_find(all, LOOPBACK_FAULTS, r, pair, pairs);
	cr_assert_leq(n, LOOPBACK_FAULTS);
	cr_assert(n || !bad, "a unit with faults was found good");
	for (size_t i = 0; i < n; i++) {
		cr_assert_lt(all[i].kind, LOOPBACK_KINDS);
		for (int k = 0; k < kind_pins[all[i].kind]; k++) {
			size_t in = 0;

			while (in < pairs && pair[in].a != all[i].pin[k] &&
			       pair[in].b != all[i].pin[k])
				in++;
			cr_assert_lt(in, pairs, "pin %d is of no pair", all[i].pin[k]);
		}
		for (size_t k = 0; k < i; k++)
			cr_assert(memcmp(&all[i], &all[k], sizeof(all[i])), "told twice");
	}
	for (size_t c = 0; c < sizeof(cuts) / sizeof(cuts[0]); c++) {
		size_t kept = n < cuts[c] ? n : cuts[c];

		memset(again, 0x5a, sizeof(again));
		cr_assert_eq(loopback_find(again, cuts[c], r, pair, pairs), n);
		cr_assert_eq(memcmp(again, all, kept * sizeof(all[0])), 0, "another order");
		cr_assert(kept == LOOPBACK_FAULTS || (uint64_t)again[kept].kind == mark,
			  "more than %zu written", cuts[c]);
	}
}

/* Up to four defects anywhere: never found good, never told twice. */
Test(loopback, by_chance)
{
	struct rng r = { 7 };

	for (int round = 0; round < 3000; round++) {
		struct loopback_reads reads;
		struct unit u;
		size_t pairs = 1 + rng_next(&r) % 32;
		int defects = (int)(rng_next(&r) % 5);

		make_unit(&u, pairs, (enum pull)(rng_next(&r) % PULLS), rng_next(&r) % 100);
		for (int i = 0; i < defects; i++) {
			const struct loopback_pair *p = &u.pair[rng_next(&r) % pairs];
			const struct loopback_pair *q = &u.pair[rng_next(&r) % pairs];
			int kind = (int)(rng_next(&r) % 5);

			if (kind == 0 || p == q)
				u.rail_low |= BIT(p->a);
			else if (kind == 1)
				u.rail_high |= BIT(p->b);
			else if (kind == 2)
				u.no_drive |= BIT(p->a);
			else if (kind == 3)
				wire(&u, p->b, q->a);
			else
				u.no_read |= BIT(q->b);
		}
		measure(&reads, &u);
		holds(&reads, u.pair, pairs, defects > 0);
	}
}

/* Any bytes at all. */
Test(loopback, garbage)
{
	struct rng r = { 11 };

	for (int round = 0; round < 300; round++) {
		struct loopback_reads reads;
		struct unit u;

		make_unit(&u, 1 + rng_next(&r) % 32, PULL_UP, rng_next(&r) % 100);
		measure(&reads, &u);
		for (int i = 0; i < LOOPBACK_PINS; i++) {
			reads.low[i] ^= round % 3 ? rng_next(&r) & rng_next(&r) : rng_next(&r);
			reads.high[i] ^= round % 3 ? rng_next(&r) & rng_next(&r) : rng_next(&r);
		}
		holds(&reads, u.pair, u.pairs, 0);
	}
}

/* One wrong bit of a pin that is driven, or of its partner, is enough. */
Test(loopback, each_bit_counts)
{
	for (int p = 0; p < PULLS; p++) {
		struct loopback_reads good_reads, reads;
		struct unit u;

		make_unit(&u, 32, (enum pull)p, 9);
		measure(&good_reads, &u);
		holds(&good_reads, u.pair, u.pairs, 0);
		for (size_t k = 0; k < u.pairs; k++)
			for (int e = 0; e < 8; e++) {
				int driven = e & 1 ? u.pair[k].a : u.pair[k].b;
				int seen = e & 2 ? u.pair[k].a : u.pair[k].b;

				reads = good_reads;
				*(e & 4 ? &reads.low[driven] : &reads.high[driven]) ^= BIT(seen);
				holds(&reads, u.pair, u.pairs, 1);
			}
	}
}

/* The bound of the number of faults is reached by nothing that can be read. */
Test(loopback, most)
{
	static struct loopback_fault f[LOOPBACK_FAULTS];
	struct loopback_reads r;
	struct unit u;
	size_t n;

	make_unit(&u, 32, PULL_UP, 0);
	memset(&r, 0, sizeof(r));
	memset(r.high, 0xff, sizeof(r.high)); /* everything follows everything */
	n = loopback_find(f, LOOPBACK_FAULTS, &r, u.pair, u.pairs);
	cr_expect_eq(n, 496);
	memset(&r, 0, sizeof(r)); /* nothing moves */
	n = loopback_find(f, LOOPBACK_FAULTS, &r, u.pair, u.pairs);
	cr_expect_eq(n, 64);
	memset(&r, 0xff, sizeof(r));
	n = loopback_find(f, LOOPBACK_FAULTS, &r, u.pair, u.pairs);
	cr_expect_eq(n, 64);
	cr_expect_eq(f[0].kind, LOOPBACK_STUCK_HIGH);
}

Test(loopback, nothing_is_listed)
{
	struct loopback_reads r = { .rest = 5 };

	cr_expect_eq(loopback_find(NULL, 0, &r, NULL, 0), 0);
}

static const struct print_row {
	struct loopback_fault fault;
	const char *text;
} prints[] = {
	{ { LOOPBACK_OPEN, { 0, 1, 0, 0 } }, "pins P1.3 and 4 are not connected" },
	{ { LOOPBACK_ONE_WAY, { 1, 0, 0, 0 } },
	  "pin 4 drives pin P1.3, but not the other way round" },
	{ { LOOPBACK_SHORT, { 0, 2, 0, 0 } }, "pins P1.3 and %s are shorted" },
	{ { LOOPBACK_SHORT_NETS, { 0, 1, 2, 3 } }, "pairs P1.3-4 and %s-A are shorted together" },
	{ { LOOPBACK_STUCK_LOW, { 3, 0, 0, 0 } }, "pin A is stuck low" },
	{ { LOOPBACK_STUCK_HIGH, { 2, 0, 0, 0 } }, "pin %s is stuck high" },
	{ { LOOPBACK_SWAPPED, { 3, 2, 1, 0 } }, "pairs A-%s and 4-P1.3 are swapped" },
};

TEST_ROWS(loopback, print, prints)
{
	static const char *const names[] = { "P1.3", "4", "%s", "A" };
	struct sbuf out = { 0 };

	loopback_print(&out, &prints[*i].fault, names);
	cr_expect_str_eq(sbuf_str(&out), prints[*i].text);
	sbuf_release(&out);
}
