#include <criterion/criterion.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/names.h"

TestSuite(names, .timeout = 20);

Test(names, tells_the_first_place)
{
	struct names t = { 0 };
	const struct place *p;

	cr_expect_null(names_add(&t, (struct name_seen){ 1, "a", "", { "f", 1, 1 } }));
	cr_expect_null(names_add(&t, (struct name_seen){ 2, "a", "", { "f", 2, 1 } }));
	cr_expect_null(names_add(&t, (struct name_seen){ 1, "a", "b", { "f", 3, 1 } }));
	cr_expect_null(names_add(&t, (struct name_seen){ 1, "", "ab", { "f", 4, 1 } }));
	p = names_add(&t, (struct name_seen){ 1, "a", "", { "f", 5, 1 } });
	cr_assert_not_null(p);
	cr_expect_eq(p->line, 1);
	p = names_add(&t, (struct name_seen){ 1, "a", "b", { "f", 6, 1 } });
	cr_assert_not_null(p);
	cr_expect_eq(p->line, 3, "the first, not the last");
	names_release(&t);
	names_release(&t);
}

Test(names, many_are_all_known_and_quickly_found)
{
	enum { MANY = 200000 };
	struct names t = { 0 };
	struct arena a = { 0 };
	int64_t from = clock_ms();

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MANY; i++) {
			const char *name = arena_printf(&a, "%d", i / 2);
			const struct place *p = names_add(
				&t, (struct name_seen){ (size_t)i % 2, name, "", { "f", i, 0 } });

			cr_assert_eq(p != NULL, round, "%d", i);
			cr_assert(!p || p->line == i);
		}
	cr_expect_lt(clock_ms() - from, 10000);
	names_release(&t);
	arena_free(&a);
}
