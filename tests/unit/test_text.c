#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/text.h"
#include "tests/unit/rows.h"

TestSuite(text, .timeout = 20);

static const struct {
	const char *bytes;
	size_t n;
	int len;
} utf8[] = {
	{ "", 0, 0 },
	{ "\0", 1, 1 },
	{ "a", 1, 1 },
	{ "\x7f", 1, 1 },
	{ "\x80", 1, 0 },
	{ "\xbf", 1, 0 },
	{ "\xc0\x80", 2, 0 },
	{ "\xc1\xbf", 2, 0 },
	{ "\xc2\x80", 2, 2 },
	{ "\xc2", 1, 0 },
	{ "\xc2\x20", 2, 0 },
	{ "\xdf\xbf", 2, 2 },
	{ "\xe0\x9f\xbf", 3, 0 },
	{ "\xe0\xa0\x80", 3, 3 },
	{ "\xe0\xa0", 2, 0 },
	{ "\xed\x9f\xbf", 3, 3 },
	{ "\xed\xa0\x80", 3, 0 },
	{ "\xed\xbf\xbf", 3, 0 },
	{ "\xee\x80\x80", 3, 3 },
	{ "\xef\xbf\xbf", 3, 3 },
	{ "\xf0\x8f\xbf\xbf", 4, 0 },
	{ "\xf0\x90\x80\x80", 4, 4 },
	{ "\xf0\x90\x80", 3, 0 },
	{ "\xf4\x8f\xbf\xbf", 4, 4 },
	{ "\xf4\x90\x80\x80", 4, 0 },
	{ "\xf5\x80\x80\x80", 4, 0 },
	{ "\xff", 1, 0 },
};

TEST_ROWS(text, utf8_len, utf8)
{
	cr_expect_eq(text_utf8_len(utf8[*i].bytes, utf8[*i].n), utf8[*i].len, "row %zu", *i);
}

/* Every code point, encoded here from the table of RFC 3629, section 3. */
Test(text, every_code_point)
{
	for (unsigned c = 0; c <= 0x10ffff; c++) {
		char s[4];
		int n;

		if (c < 0x80) {
			s[0] = (char)c;
			n = 1;
		} else if (c < 0x800) {
			s[0] = (char)(0xc0 | c >> 6);
			s[1] = (char)(0x80 | (c & 0x3f));
			n = 2;
		} else if (c < 0x10000) {
			s[0] = (char)(0xe0 | c >> 12);
			s[1] = (char)(0x80 | (c >> 6 & 0x3f));
			s[2] = (char)(0x80 | (c & 0x3f));
			n = 3;
		} else {
			s[0] = (char)(0xf0 | c >> 18);
			s[1] = (char)(0x80 | (c >> 12 & 0x3f));
			s[2] = (char)(0x80 | (c >> 6 & 0x3f));
			s[3] = (char)(0x80 | (c & 0x3f));
			n = 4;
		}
		cr_assert_eq(text_utf8_len(s, (size_t)n), c >= 0xd800 && c < 0xe000 ? 0 : n,
			     "U+%04X", c);
	}
}

Test(text, bad_and_column)
{
	cr_expect_eq(text_utf8_bad("a\xc3\xa4z", 4), 4);
	cr_expect_eq(text_utf8_bad("a\xc3\xa4\xff", 4), 3);
	cr_expect_eq(text_utf8_bad("\xe2\x82", 2), 0);
	cr_expect_eq(text_utf8_bad("", 0), 0);
	cr_expect(text_is_blank("", 0));
	cr_expect(text_is_blank(" \t\r\n\x7f", 5));
	cr_expect(text_is_blank("\xc2\xa0\xe2\x80\x83\xe3\x80\x80", 8), "no-break, em, CJK");
	cr_expect(text_is_blank("\xef\xbb\xbf\xe2\x80\x8b", 6), "of no width");
	cr_expect(!text_is_blank("  -", 3));
	cr_expect(!text_is_blank(" \xc3\xa4", 3));
	cr_expect(!text_is_blank(" \xff", 2), "shown as \\xff");
	cr_expect_eq(text_column("a\xc3\xa4z", 0), 0);
	cr_expect_eq(text_column("a\xc3\xa4z", 3), 2);
	cr_expect_eq(text_column("\xff\xff\tb", 3), 3);
}

static const struct {
	const char *bytes;
	size_t n;
	const char *escaped;
} escapes[] = {
	{ "plain \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 15,
	  "plain \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "a\\b", 3, "a\\\\b" },
	{ "\n\r\t\0\x1b[2J", 8, "\\n\\r\\t\\x00\\x1b[2J" },
	{ "\x7f", 1, "\\x7f" },
	{ "\xc2\x9b", 2, "\\xc2\\x9b" },          /* CSI of eight bits */
	{ "\xe2\x80\xae", 3, "\\xe2\\x80\\xae" }, /* right-to-left override */
	{ "\xe2\x80\x8b", 3, "\\xe2\\x80\\x8b" }, /* zero width space */
	{ "\xe2\x80\xa8", 3, "\\xe2\\x80\\xa8" }, /* line separator */
	{ "\xef\xbb\xbf", 3, "\\xef\\xbb\\xbf" }, /* byte order mark */
	{ "\xef\xbf\xbf", 3, "\\xef\\xbf\\xbf" }, /* no character, not allowed in XML */
	{ "\xf0\x9f\xbf\xbe", 4, "\\xf0\\x9f\\xbf\\xbe" },
	{ "\xf3\xa0\x81\x81", 4, "\\xf3\\xa0\\x81\\x81" }, /* tag character */
	{ "\xff\xc3", 2, "\\xff\\xc3" },
};

TEST_ROWS(text, escape, escapes)
{
	struct arena a = { 0 };

	cr_expect_str_eq(text_escaped(&a, escapes[*i].bytes, escapes[*i].n), escapes[*i].escaped,
			 "row %zu", *i);
	arena_free(&a);
}

/* Any bytes come back, and nothing harmful is in what is shown. */
Test(text, escape_is_reversible_and_harmless)
{
	static const char alphabet[] = "\\xn01a\n\x1b\xe2\x80\xae\xc3\xa4\xff";
	struct rng r = { 5 };

	for (int round = 0; round < 20000; round++) {
		struct sbuf shown = { 0 }, back = { 0 }, clean = { 0 }, again = { 0 };
		char bytes[12];
		size_t n = rng_next(&r) % (sizeof(bytes) + 1);

		for (size_t i = 0; i < n; i++)
			bytes[i] = round % 2 ? (char)rng_next(&r)
					     : alphabet[rng_next(&r) % (sizeof(alphabet) - 1)];
		text_escape(&shown, bytes, n);
		cr_assert_eq(text_unescape(&back, sbuf_str(&shown), shown.len), 0);
		cr_assert_eq(back.len, n);
		cr_assert_arr_eq(sbuf_str(&back), bytes, n);
		cr_assert_eq(text_utf8_bad(sbuf_str(&shown), shown.len), shown.len);
		for (size_t i = 0; i < shown.len; i++)
			cr_assert((unsigned char)shown.data[i] >= 0x20 && shown.data[i] != 0x7f);
		text_clean(&clean, bytes, n);
		text_clean(&again, sbuf_str(&clean), clean.len);
		cr_assert_str_eq(sbuf_str(&again), sbuf_str(&clean),
				 "cleaned twice is cleaned once");
		sbuf_release(&shown);
		sbuf_release(&back);
		sbuf_release(&clean);
		sbuf_release(&again);
	}
}

static const char *const no_escapes[] = { "\\",   "a\\",   "\\q",   "\\x",
					  "\\x1", "\\xg0", "\\x0g", "\\\"" };

TEST_ROWS(text, unescape_refuses, no_escapes)
{
	struct sbuf b = { 0 };

	cr_expect_eq(text_unescape(&b, no_escapes[*i], strlen(no_escapes[*i])), -1, "%s",
		     no_escapes[*i]);
	sbuf_release(&b);
}

/* name: up to the tag, which follows where anything was changed. */
static const struct {
	const char *text, *name;
} files[] = {
	{ "AS0123456789", "AS0123456789" },
	{ "a.b-c_d", "a.b-c_d" },
	{ "", "_" },
	{ "a..b", "a._b" },
	{ "a.", "a_" },
	{ ".a", "_a" },
	{ "-rf", "_rf" },
	{ "../../etc/passwd", "___.__etc_passwd" },
	{ "a/b", "a_b" },
	{ "a b", "a_b" },
	{ "a~b", "a_b" },
	{ "\xc3\xa4", "__" },
	{ "a\nb", "a_b" },
};

TEST_ROWS(text, file_name, files)
{
	struct arena a = { 0 };
	const char *name = text_file_name(&a, files[*i].text);
	size_t n = strcspn(name, "~");

	cr_expect_eq(n, strlen(files[*i].name), "%s", name);
	cr_expect_eq(strncmp(name, files[*i].name, n), 0, "%s", name);
	if (strcmp(name, files[*i].text))
		cr_expect_eq(strspn(name + n + 1, "0123456789abcdef"), 8, "%s has no tag", name);
	cr_expect_eq(strlen(name), strcmp(name, files[*i].text) ? n + 9 : n);
	arena_free(&a);
}

Test(text, file_names_of_different_texts_differ)
{
	struct arena a = { 0 };
	char *longest = arena_alloc(&a, 300), *other;
	const char *one, *two;

	cr_expect_str_neq(text_file_name(&a, "a/b"), text_file_name(&a, "a_b"));
	cr_expect_str_neq(text_file_name(&a, "a/b"), text_file_name(&a, "a b"));
	cr_expect_str_eq(text_file_name(&a, ""), "_~e3b0c442");
	memset(longest, 'x', 80);
	cr_expect_str_eq(text_file_name(&a, longest), longest, "80 bytes are kept");
	memset(longest, 'x', 200);
	other = arena_strdup(&a, longest);
	other[199] = 'y';
	one = text_file_name(&a, longest);
	two = text_file_name(&a, other);
	cr_expect_eq(strlen(one), 80);
	cr_expect_str_neq(one, two);
	arena_free(&a);
}

static const struct {
	const char *a, *b;
	int distance;
} distances[] = {
	{ "", "", 0 },
	{ "", "abc", 3 },
	{ "abc", "", 3 },
	{ "abc", "abc", 0 },
	{ "tiemout", "timeout", 1 },
	{ "kitten", "sitting", 3 },
	{ "ca", "abc", 3 },
	{ "ab", "ba", 1 },
	{ "retry", "retyr", 1 },
	{ "group", "gruop", 1 },
};

TEST_ROWS(text, distance, distances)
{
	cr_expect_eq(text_distance(distances[*i].a, distances[*i].b), distances[*i].distance,
		     "%s, %s", distances[*i].a, distances[*i].b);
	cr_expect_eq(text_distance(distances[*i].b, distances[*i].a), distances[*i].distance,
		     "%s, %s", distances[*i].b, distances[*i].a);
}

Test(text, suggestions)
{
	static const char *const names[] = { "timeout", "retry", "up", "down", "group", "grasp" };
	const size_t n = sizeof(names) / sizeof(names[0]);

	cr_expect_str_eq(text_suggest("tiemout", names, n), "timeout");
	cr_expect_str_eq(text_suggest("dowm", names, n), "down");
	cr_expect_str_eq(text_suggest("grap", names, n), "grasp", "the nearer one");
	cr_expect_str_eq(text_suggest("ups", names, n), "up");
	cr_expect_null(text_suggest("don", names, 3), "short words need more likeness");
	cr_expect_null(text_suggest("retry", names + 1, 1), "the name itself is no near miss");
	cr_expect_null(text_suggest("frequency", names, n));
	cr_expect_null(text_suggest("", names, n));
	cr_expect_null(text_suggest("x", names, 0));
}

Test(text, letters_for_who_has_only_ascii)
{
	static const struct {
		const char *utf8, *ascii;
	} all[] = {
		{ "\xc3\xa4", "ae" },
		{ "\xc3\x96l", "Oe" },
		{ "\xc3\x96RUNG", "OE" },
		{ "\xc3\x9c", "Ue" },
		{ "\xc3\x9c\xc3\x96", "UE" },
		{ "\xc3\x9f", "ss" },
		{ "\xc3\xa9", "e" },
		{ "\xc3\xa7", "c" },
		{ "\xc3\x89T", "E" },
		{ "\xc2\xb5", "u" },
		{ "\xe2\x82\xac", "?" },
		{ "A", "A" },
		{ "\xf0\x9f\x98\x80", "?" },
		{ "\x1b", "?" },
		{ "\xc3", "?" },
	};
	char out[3];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int n = text_utf8_len(all[i].utf8, strlen(all[i].utf8));

		text_to_ascii(out, all[i].utf8, n > 0 ? (size_t)n : 1);
		cr_expect_str_eq(out, all[i].ascii);
	}
}
