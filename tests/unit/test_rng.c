#include <criterion/criterion.h>

#include "base/rng.h"

TestSuite(rng, .timeout = 20);

/* The reference implementation's first numbers for this seed (Vigna,
 * splitmix64.c, seed 1234567). */
Test(rng, known_numbers)
{
	static const uint64_t want[] = { UINT64_C(6457827717110365317),
					 UINT64_C(3203168211198807973),
					 UINT64_C(9817491932198370423),
					 UINT64_C(4593380528125082431),
					 UINT64_C(16408922859458223821) };
	struct rng r = { 1234567 };

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		cr_expect_eq(rng_next(&r), want[i], "number %zu", i);
}

Test(rng, unit_range_and_mean)
{
	struct rng r = { 1 };
	double sum = 0;

	for (int i = 0; i < 100000; i++) {
		double x = rng_unit(&r);

		cr_assert(x >= 0 && x < 1);
		sum += x;
	}
	cr_expect(sum > 49500 && sum < 50500, "sum %g", sum);
}

Test(rng, chance)
{
	struct rng r = { 2 };
	int hits = 0;

	for (int i = 0; i < 10000; i++) {
		cr_assert_not(rng_chance(&r, 0));
		cr_assert(rng_chance(&r, 1));
		hits += rng_chance(&r, 0.25);
	}
	cr_expect(hits > 2300 && hits < 2700, "%d hits", hits);
}
