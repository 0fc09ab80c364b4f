#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

TestSuite(arena, .timeout = 20);

Test(arena, memory_is_zeroed_aligned_and_apart)
{
	struct arena a = { 0 };
	unsigned char *p[200];

	for (size_t i = 0; i < 200; i++) {
		p[i] = arena_alloc(&a, i);
		cr_assert_eq((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < i; k++)
			cr_assert_eq(p[i][k], 0);
		memset(p[i], (int)i, i);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t k = 0; k < i; k++)
			cr_assert_eq(p[i][k], (unsigned char)i, "block %zu was written by another",
				     i);
	arena_free(&a);
}

Test(arena, a_block_larger_than_usual)
{
	struct arena a = { 0 };
	char *small = arena_strdup(&a, "small"), *big = arena_alloc(&a, 1 << 20);

	memset(big, 1, 1 << 20);
	cr_expect_str_eq(small, "small");
	cr_expect_str_eq(arena_strdup(&a, "after"), "after");
	arena_free(&a);
}

Test(arena, texts)
{
	struct arena a = { 0 };
	char *s = arena_printf(&a, "%s %d", "slot", 7);

	cr_expect_str_eq(s, "slot 7");
	cr_expect_str_eq(arena_strdup(&a, ""), "");
	cr_expect_eq(strlen(arena_printf(&a, "%10000d", 1)), 10000);
	arena_free(&a);
}

Test(arena, free_is_safe_twice_and_reusable)
{
	struct arena a = { 0 };

	arena_free(&a);
	arena_strdup(&a, "x");
	arena_free(&a);
	arena_free(&a);
	cr_expect_null(a.head);
	cr_expect_str_eq(arena_strdup(&a, "again"), "again");
	arena_free(&a);
}
