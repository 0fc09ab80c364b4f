#include <criterion/criterion.h>
#include <string.h>

#include "base/sbuf.h"

TestSuite(sbuf, .timeout = 20);

Test(sbuf, grows_and_stays_terminated)
{
	struct sbuf b = { 0 };

	cr_expect_str_eq(sbuf_str(&b), "");
	for (size_t i = 0; i < 5000; i++) {
		sbuf_putc(&b, (char)('a' + i % 26));
		cr_assert_eq(b.len, i + 1);
		cr_assert_eq(b.data[b.len], '\0');
	}
	for (size_t i = 0; i < 5000; i++)
		cr_assert_eq(b.data[i], (char)('a' + i % 26));
	sbuf_release(&b);
}

Test(sbuf, holds_any_bytes)
{
	struct sbuf b = { 0 };

	sbuf_add(&b, "a\0b", 3);
	sbuf_add(&b, NULL, 0);
	cr_expect_eq(b.len, 3);
	cr_expect_arr_eq(b.data, "a\0b", 4);
	sbuf_release(&b);
}

Test(sbuf, printf_of_every_length_around_its_room)
{
	for (int n = 0; n < 300; n++) {
		struct sbuf b = { 0 };

		sbuf_puts(&b, "x");
		sbuf_printf(&b, "%*s", n, "");
		cr_assert_eq(b.len, (size_t)n + 1);
		cr_assert_eq(strlen(b.data), b.len);
		sbuf_release(&b);
	}
}

Test(sbuf, reset_keeps_memory_and_release_is_safe_twice)
{
	struct sbuf b = { 0 };

	sbuf_reset(&b);
	sbuf_puts(&b, "text");
	sbuf_reset(&b);
	cr_expect_str_eq(sbuf_str(&b), "");
	cr_expect_eq(b.len, 0);
	cr_expect_neq(b.size, 0);
	sbuf_printf(&b, "%d", 42);
	cr_expect_str_eq(sbuf_str(&b), "42");
	sbuf_release(&b);
	sbuf_release(&b);
	cr_expect_null(b.data);
}

Test(sbuf, the_tail_stays_and_begins_with_a_line)
{
	struct sbuf b = { 0 };

	sbuf_keep_tail(&b, 4, "\n");
	cr_expect_str_eq(sbuf_str(&b), "");
	sbuf_puts(&b, "one\ntwo\nthree\n");
	sbuf_keep_tail(&b, 14, "\n");
	cr_expect_str_eq(sbuf_str(&b), "one\ntwo\nthree\n", "it fits");
	sbuf_keep_tail(&b, 13, "\n");
	cr_expect_str_eq(sbuf_str(&b), "", "its last line ends in the last half and is the last");
	sbuf_puts(&b, "one\ntwo\nthree");
	sbuf_keep_tail(&b, 12, "\n");
	cr_expect_str_eq(sbuf_str(&b), "three");
	sbuf_puts(&b, "0123456789");
	sbuf_keep_tail(&b, 8, "\n");
	cr_expect_str_eq(sbuf_str(&b), "6789", "no line end at all");
	sbuf_release(&b);
}
