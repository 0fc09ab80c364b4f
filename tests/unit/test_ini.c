#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ini.h"
#include "base/rng.h"
#include "base/sbuf.h"
#include "base/text.h"
#include "tests/unit/rows.h"

TestSuite(ini, .timeout = 20);

/* What parsing says, as the command prints it. */
static void said(struct sbuf *out, const char *text, size_t len)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	char *buf = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&buf, &size);

	ini_parse(&a, "a.ini", text, len, &f);
	finding_print(&f, to);
	fclose(to);
	sbuf_add(out, buf, size);
	free(buf);
	finding_release(&f);
	arena_free(&a);
}

static void expect_said(const char *text, size_t len, const char *want)
{
	struct sbuf b = { 0 };

	said(&b, text, len);
	cr_expect_str_eq(sbuf_str(&b), want, "of %s", text);
	sbuf_release(&b);
}

/* The only key's value of "[s]\n" text. */
static const char *value_of(struct arena *a, const char *text, struct ini_key **key)
{
	struct findings f = { 0 };
	struct ini *i;

	text = arena_printf(a, "[s]\n%s", text);
	i = ini_parse(a, "a.ini", text, strlen(text), &f);
	cr_assert_eq(f.errors, 0, "%s: %s", text, f.count ? f.list[0].message : "");
	cr_assert_eq(i->sections, 1);
	cr_assert_eq(i->section[0].keys, 1, "%s", text);
	finding_release(&f);
	if (key)
		*key = &i->section[0].key[0];
	return i->section[0].key[0].value;
}

Test(ini, sections_keys_and_places)
{
	static const char text[] = "\xef\xbb\xbf# plan\r\n[plan]\r\ntitle = \xc3\xa4  b ; c\r\n"
				   "\n[step  wifi] # x\nlimit \t rate   = >= 18 Mbit/s";
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct ini *i = ini_parse(&a, "p/a.ini", text, sizeof(text) - 1, &f);
	struct ini_section *s;
	struct ini_key *k;

	cr_assert_eq(f.count, 0);
	cr_assert_eq(i->sections, 2);
	cr_expect_eq(i->len, sizeof(text) - 1);
	cr_expect_arr_eq(i->text, text, sizeof(text));
	s = ini_section(i, "plan", "");
	cr_assert_not_null(s);
	cr_expect_eq(s->at.line, 2);
	cr_expect_eq(s->name_at.column, 2);
	k = ini_key(s, "title");
	cr_assert_not_null(k);
	cr_expect_str_eq(k->value, "\xc3\xa4  b");
	cr_expect_eq(k->len, 5);
	cr_expect_eq(k->value_at.line, 3);
	cr_expect_eq(k->value_at.column, 9);
	cr_expect_eq(ini_place(k, 4).column, 12, "the b, behind one character of two bytes");
	s = ini_section(i, "step", "wifi");
	cr_assert_not_null(s);
	cr_expect_str_eq(s->name_at.file, "p/a.ini");
	cr_expect_eq(s->name_at.column, 8);
	k = ini_key(s, "limit rate");
	cr_assert_not_null(k);
	cr_expect_str_eq(k->value, ">= 18 Mbit/s");
	cr_expect_eq(k->at.line, 6);
	cr_expect_eq(k->value_at.column, 18);
	cr_expect_null(ini_key(s, "limit"));
	cr_expect_null(ini_section(i, "step", ""));
	arena_free(&a);
}

static const struct {
	const char *text, *value;
} values[] = {
	{ "k = a", "a" },
	{ "k=a", "a" },
	{ "k =", "" },
	{ "k =   ", "" },
	{ "k = ; only a comment", "" },
	{ "k =;no comment", ";no comment" },
	{ "k = a;b#c", "a;b#c" },
	{ "k = a ;b", "a" },
	{ "k = a\t#b", "a" },
	{ "k = a = b", "a = b" },
	{ "k = /^[^ ]+[#$] $/", "/^[^ ]+[#$] $/" },
	{ "k = \"a ; b # c\" ; d", "a ; b # c" },
	{ "k = \" \\\"\\\\\\n\\r\\t\\x41\\xfF \"", " \"\\\n\r\tA\xff " },
	{ "k = \"\"", "" },
	{ "k = a \"b\" c", "a \"b\" c" },
	{ "k = a\n  b\n\tc", "a b c" },
	{ "k = a ; x\n  b ; y\n", "a b" },
	{ "k =\n  a, b", "a, b" },
	{ "k =\n  \"a ; b\"", "a ; b" },
	{ "k = a\n  # nothing\n  b", "a b" },
	{ "k = a\n# nothing\n  b", "a b" },
	{ "k = \"a\"\n  \" b\"", "a  b" },
	{ "k = a\n  \"b\"", "a \"b\"" },
	{ "k = a\r\n  b\r\n", "a b" },
};

TEST_ROWS(ini, value, values)
{
	struct arena a = { 0 };

	cr_expect_str_eq(value_of(&a, values[*i].text, NULL), values[*i].value, "row %zu", *i);
	arena_free(&a);
}

static const struct {
	const char *text, *said;
} bad[] = {
	{ "nonsense\n",
	  "a.ini:1:1: error: no '=' in 'nonsense'; a line is a comment, a [section] or key = "
	  "value\n" },
	{ "[s]\n = 3\n",
	  "a.ini:2:2: error: an indented line continues a value, and none stands above it; "
	  "sections and keys begin in column 1\n" },
	{ "[s]\n= 3\n",
	  "a.ini:2:1: error: no key in '= 3'; a line is a comment, a [section] or key = value\n" },
	{ "k = 1\nl = 2\n", "a.ini:1:1: error: key 'k' stands before the first [section]\n"
			    "a.ini:2:1: error: key 'l' stands before the first [section]\n" },
	{ "[s\nk = 1\nnonsense\n", "a.ini:1:1: error: '[' is not closed; ']' is missing\n" },
	{ "[]\n", "a.ini:1:1: error: a section is [name] or [kind name]\n" },
	{ "[a b c]\n",
	  "a.ini:1:6: error: a section is [name] or [kind name], without further words\n" },
	{ "[step w\xc3\xa4]\n", "a.ini:1:7: error: a name holds letters, digits, '-', '_' and "
				"'.', at most 64\n" },
	{ "[s] x\n", "a.ini:1:5: error: text follows the section's ']'\n" },
	{ "[s]\na:b = 1\n", "a.ini:2:1: error: key 'a:b': a name holds letters, digits, '-', "
			    "'_' and '.', at most 64\n" },
	{ "[s]\nk = 1\n\nk = 2\n",
	  "a.ini:4:1: error: key 'k' stands twice in [s]; the first is at a.ini:2:1\n" },
	{ "[s t]\nk=1\n[u]\n[s t]\nk=2\n",
	  "a.ini:4:1: error: [s t] stands twice; the first is at a.ini:1:1\n" },
	{ "[s]\nk = \"abc\nl = 1\n",
	  "a.ini:2:5: error: the double quote is not closed on its line\n" },
	{ "[s]\nk = \"a\\q\"\n",
	  "a.ini:2:7: error: no such escape; in double quotes stand \\\" \\\\ \\n \\r \\t and "
	  "\\x01 to \\xff\n" },
	{ "[s]\nk = \"\\x00\"\n",
	  "a.ini:2:6: error: no such escape; in double quotes stand \\\" \\\\ \\n \\r \\t and "
	  "\\x01 to \\xff\n" },
	{ "[s]\nk = \"a\" b\n", "a.ini:2:9: error: text follows the closing double quote\n" },
	{ "[s]\nk = \"a\";b\n", "a.ini:2:8: error: text follows the closing double quote\n" },
	{ "[s]\nk = \"a\"\n  b\n",
	  "a.ini:3:3: error: a line that continues a value in double quotes must be in double "
	  "quotes, too\n" },
	{ "[s]\nk = a\n\n  b\n",
	  "a.ini:4:3: error: an indented line continues a value, and none stands above it; "
	  "sections and keys begin in column 1\n" },
	{ "[s]\nk = a\n  timeout = 5 s\n",
	  "a.ini:3:3: warning: an indented line continues the value of 'k'; if 'timeout' is a key, "
	  "it must begin in column 1\n" },
	{ "[s]\nk = echo \"a # b\"\n",
	  "a.ini:2:13: warning: '#' begins a comment here; a value that holds it must be in "
	  "double quotes as a whole\n" },
	{ "[s]\nk = \xff\xfe \xff\nx\n",
	  "a.ini:2:5: error: byte 0xff is not UTF-8\n"
	  "a.ini:2:8: error: byte 0xff is not UTF-8\n"
	  "a.ini:3:1: error: no '=' in 'x'; a line is a comment, a [section] or key = value\n" },
	{ "# \xc3\xa4\x07\n",
	  "a.ini:1:4: error: control character 0x07; in double quotes write \\x07\n" },
	{ "# \xc2\x85\n", "a.ini:1:3: error: control character 0x85; in double quotes write "
			  "\\x85\n" },
	{ "[s]\rk = 1\n",
	  "a.ini:1:4: error: control character 0x0d; in double quotes write \\x0d\n" },
};

TEST_ROWS(ini, mistake, bad)
{
	expect_said(bad[*i].text, strlen(bad[*i].text), bad[*i].said);
}

/* -- places ----------------------------------------------------------------- */

static const char sample[] =
	"# \xc3\xa4\xe2\x82\xac comment\n[step wifi]\nkind = x\r\n\tmore \xc3\xa4"
	" text ; c\n\n[b]\nquoted = \"a\\tb\xe2\x82\xac\\x41c\" # d\nlast=1";

/* Line and column of a byte, counted here by lead bytes. */
static void count(int *line, int *column, const char *s, size_t offset)
{
	*line = *column = 1;
	for (size_t i = 0; i < offset; i++)
		if (s[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)s[i] & 0xc0) != 0x80) {
			++*column;
		}
}

static const char *const spoilers[] = {
	"\0", "\xff", "\x80", "\xc3", "\xed\xa0\x80", "\x1b", "\x7f"
};
static const size_t spoiler_len[] = { 1, 1, 1, 1, 3, 1, 1 };

/* A bad byte before every character, in turn. */
TEST_ROWS(ini, every_bad_byte_is_found_where_it_is, spoilers)
{
	for (size_t at = 0; at < sizeof(sample); at++) {
		size_t n = sizeof(sample) - 1, extra = spoiler_len[*i];
		char text[sizeof(sample) + 4];
		struct findings f = { 0 };
		struct arena a = { 0 };
		int line, column;

		if (((unsigned char)sample[at] & 0xc0) == 0x80 ||
		    (at > 0 && sample[at - 1] == '\r')) /* the CR would be the first */
			continue;
		memcpy(text, sample, at);
		memcpy(text + at, spoilers[*i], extra);
		memcpy(text + at + extra, sample + at, n - at);
		count(&line, &column, sample, at);
		ini_parse(&a, "a.ini", text, n + extra, &f);
		finding_sort(&f);
		cr_assert_eq(f.count, 1, "at %zu: %zu findings: %s", at, f.count,
			     f.count > 1 ? f.list[1].message : "");
		cr_assert_eq(f.list[0].code, FINDING_ENCODING);
		cr_assert(f.list[0].at.line == line && f.list[0].at.column == column,
			  "at %zu: %d:%d, must be %d:%d", at, f.list[0].at.line,
			  f.list[0].at.column, line, column);
		finding_release(&f);
		arena_free(&a);
	}
}

/* The byte of the text at a place. */
static const char *at_place(const char *text, struct place p)
{
	while (p.line-- > 1)
		text = strchr(text, '\n') + 1;
	while (p.column-- > 1)
		text += text_utf8_len(text, strlen(text));
	return text;
}

Test(ini, every_byte_of_a_value_is_where_its_place_says)
{
	static const char text[] = "[s]\nbare  =  \xc3\xa4 b\xe2\x82\xac"
				   "c \t ; d\n  e\xc3\xa4\n\tf g\n";
	static const char quoted[] = "[s]\nk = \"\xc3\xa4\\x41\\\\\xe2\x82\xac\\tz\"\n   \"y\"\n";
	static const int columns[] = { 6, 6, 7, 11, 13, 13, 13, 14, 16 };
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct ini *ini = ini_parse(&a, "a", text, sizeof(text) - 1, &f);
	struct ini_key *k = &ini->section[0].key[0];

	cr_assert_str_eq(k->value, "\xc3\xa4 b\xe2\x82\xac"
				   "c e\xc3\xa4 f g");
	for (size_t i = 0; i < k->len; i++) {
		const char *there = at_place(text, ini_place(k, i));

		if (((unsigned char)k->value[i] & 0xc0) == 0x80) {
			cr_expect_eq(ini_place(k, i).column, ini_place(k, i - 1).column,
				     "within a character");
			continue;
		}
		cr_expect(*there == k->value[i] || (k->value[i] == ' ' && strchr(" \t\n", *there)),
			  "offset %zu: '%c', not '%c'", i, *there, k->value[i]);
	}
	cr_expect_eq(ini_place(k, 9999).line, 4);
	cr_expect_eq(ini_place(k, 9999).column, 5, "behind the end");
	ini = ini_parse(&a, "a", quoted, sizeof(quoted) - 1, &f);
	k = &ini->section[0].key[0];
	cr_assert_str_eq(k->value, "\xc3\xa4"
				   "A\\\xe2\x82\xac\tz y");
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (((unsigned char)k->value[i] & 0xc0) != 0x80)
			cr_expect_eq(ini_place(k, i).column, columns[i], "offset %zu: %d", i,
				     ini_place(k, i).column);
	cr_expect_eq(ini_place(k, k->len - 1).line, 3);
	cr_expect_eq(ini_place(k, k->len - 1).column, 5);
	cr_expect_eq(f.count, 0);
	arena_free(&a);
}

/* -- parse, print, parse ---------------------------------------------------- */

static void print(struct sbuf *out, const struct ini *i)
{
	for (size_t s = 0; s < i->sections; s++) {
		const struct ini_section *sec = &i->section[s];

		sbuf_printf(out, "[%s%s%s]\n", sec->kind, *sec->name ? " " : "", sec->name);
		for (size_t k = 0; k < sec->keys; k++) {
			sbuf_printf(out, "%s = ", sec->key[k].name);
			ini_print_value(out, sec->key[k].value, sec->key[k].len);
			sbuf_putc(out, '\n');
		}
	}
}

static void expect_equal(const struct ini *x, const struct ini *y)
{
	cr_assert_eq(x->sections, y->sections);
	for (size_t s = 0; s < x->sections; s++) {
		const struct ini_section *a = &x->section[s], *b = &y->section[s];

		cr_assert_str_eq(a->kind, b->kind);
		cr_assert_str_eq(a->name, b->name);
		cr_assert_eq(a->keys, b->keys);
		for (size_t k = 0; k < a->keys; k++) {
			cr_assert_str_eq(a->key[k].name, b->key[k].name);
			cr_assert_eq(a->key[k].len, b->key[k].len);
			cr_assert_arr_eq(a->key[k].value, b->key[k].value, a->key[k].len + 1);
		}
	}
}

Test(ini, any_value_is_printed_so_that_it_reads_back)
{
	static const char alphabet[] = " \t\"\\#;=[]\n\r/ax\xc3\xa4\xff\x7f\xc2\x85";
	struct rng r = { 8 };

	for (int round = 0; round < 20000; round++) {
		struct sbuf b = { 0 };
		struct arena a = { 0 };
		struct findings f = { 0 };
		char value[10] = "";
		size_t n = rng_next(&r) % sizeof(value);
		struct ini *i;

		for (size_t k = 0; k < n; k++)
			value[k] = round % 3 ? alphabet[rng_next(&r) % (sizeof(alphabet) - 1)]
					     : (char)(rng_next(&r) % 255 + 1);
		sbuf_puts(&b, "[s]\nk = ");
		ini_print_value(&b, value, n);
		i = ini_parse(&a, "a", b.data, b.len, &f);
		cr_assert_eq(f.errors, 0, "%s: %s", b.data, f.list[0].message);
		cr_assert_eq(i->section[0].key[0].len, n, "%s", b.data);
		cr_assert_arr_eq(i->section[0].key[0].value, value, n + 1, "%s", b.data);
		finding_release(&f);
		sbuf_release(&b);
		arena_free(&a);
	}
}

Test(ini, any_text_parses_prints_and_parses_equal)
{
	static const char *const bits[] = { "[s]",      "[step a]",   "[",     "]",  "\n", "\r\n",
					    "k",        "limit rate", " ",     "\t", "=",  " = ",
					    "\"",       "\\",         "\\x41", ";",  "#",  " ; ",
					    "\xc3\xa4", "\xff",       "5 s" };
	struct rng r = { 9 };
	size_t read = 0;

	for (int round = 0; round < 20000; round++) {
		struct sbuf text = { 0 }, printed = { 0 };
		struct findings f = { 0 }, none = { 0 };
		struct arena a = { 0 };
		struct ini *one, *two;

		for (size_t n = rng_next(&r) % 30; n > 0; n--)
			sbuf_puts(&text, bits[rng_next(&r) % (sizeof(bits) / sizeof(bits[0]))]);
		one = ini_parse(&a, "a", sbuf_str(&text), text.len, &f);
		print(&printed, one);
		two = ini_parse(&a, "a", sbuf_str(&printed), printed.len, &none);
		for (size_t i = 0; i < none.count; i++)
			cr_assert_eq(none.list[i].code, FINDING_DUPLICATE_SECTION, "%s: %s",
				     sbuf_str(&printed), none.list[i].message);
		expect_equal(one, two);
		read += one->sections;
		finding_release(&f);
		finding_release(&none);
		sbuf_release(&text);
		sbuf_release(&printed);
		arena_free(&a);
	}
	cr_expect_gt(read, 1000, "nothing was parsed in this test");
}

/* -- bounds ----------------------------------------------------------------- */

Test(ini, a_line_may_have_64_kib_and_no_more)
{
	static char text[INI_LINE_MAX + 20];
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct ini *i;

	memset(text, 'v', sizeof(text));
	memcpy(text, "[s]\nk=", 6);
	text[4 + INI_LINE_MAX] = '\n';
	i = ini_parse(&a, "a", text, 4 + INI_LINE_MAX + 1, &f);
	cr_expect_eq(f.count, 0);
	cr_expect_eq(i->section[0].key[0].len, INI_LINE_MAX - 2);
	text[4 + INI_LINE_MAX] = 'v';
	memcpy(text + 4 + INI_LINE_MAX + 1, "\nl=1\n", 5);
	i = ini_parse(&a, "a", text, 4 + INI_LINE_MAX + 6, &f);
	cr_assert_eq(f.count, 1);
	cr_expect_eq(f.list[0].code, FINDING_LINE_TOO_LONG);
	cr_expect_eq(f.list[0].at.line, 2);
	cr_expect_str_eq(f.list[0].message, "the line has 65537 bytes, must be at most 65536");
	cr_assert_eq(i->section[0].keys, 2);
	cr_expect(i->section[0].key[0].broken, "never a cut value");
	cr_expect_str_eq(i->section[0].key[0].value, "");
	cr_expect_str_eq(i->section[0].key[1].value, "1", "reading goes on");
	finding_release(&f);
	arena_free(&a);
}

Test(ini, a_file_may_have_1_mib_and_no_more)
{
	char *text = malloc(INI_FILE_MAX + 1);
	struct findings f = { 0 };
	struct arena a = { 0 };

	memset(text, '\n', INI_FILE_MAX + 1);
	memcpy(text, "[s]", 3);
	cr_expect_eq(ini_parse(&a, "a", text, INI_FILE_MAX, &f)->sections, 1);
	cr_expect_eq(f.count, 0);
	cr_expect_eq(ini_parse(&a, "a", text, INI_FILE_MAX + 1, &f)->sections, 0);
	cr_assert_eq(f.count, 1);
	cr_expect_eq(f.list[0].code, FINDING_FILE);
	cr_expect_eq(f.list[0].at.line, 0);
	cr_expect_str_eq(f.list[0].message, "the file has 1048577 bytes, must be at most 1048576");
	finding_release(&f);
	arena_free(&a);
	free(text);
}

Test(ini, the_worst_files_take_no_time)
{
	static const char *const worst[] = { "a=\n", "[a]\n", "[\n", "\xff \xff", "\\x41", "=" };
	char *text = malloc(INI_FILE_MAX + 100);

	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
		struct findings f = { 0 };
		struct arena a = { 0 };
		int64_t from = clock_ms();
		size_t n = 0;

		memcpy(text, "[s]\nk=\"", 7);
		for (n = 7; n < INI_FILE_MAX - 10; n += strlen(worst[i])) {
			memcpy(text + n, worst[i], strlen(worst[i]));
			if (n % 60000 < strlen(worst[i]))
				text[n] = '\n'; /* lines of a legal length */
		}
		ini_parse(&a, "a", text, n, &f);
		cr_expect_lt(clock_ms() - from, 5000, "file %zu", i);
		cr_expect_leq(f.count, 200);
		finding_release(&f);
		arena_free(&a);
	}
	free(text);
}

/* Distinct keys and sections, so that nothing is found early. */
Test(ini, many_distinct_names_take_no_time)
{
	struct sbuf b = { 0 };
	struct findings f = { 0 };
	struct arena a = { 0 };
	int64_t from;
	struct ini *i;

	for (int k = 0; b.len < INI_FILE_MAX / 2; k++)
		sbuf_printf(&b, "[s %d]\n", k);
	for (int k = 0; b.len < INI_FILE_MAX - 20; k++)
		sbuf_printf(&b, "k%d=\n", k);
	from = clock_ms();
	i = ini_parse(&a, "a", b.data, b.len, &f);
	cr_expect_lt(clock_ms() - from, 10000);
	cr_expect_eq(f.count, 0);
	cr_expect_gt(i->section[i->sections - 1].keys, 40000);
	finding_release(&f);
	arena_free(&a);
	sbuf_release(&b);
}

/* -- the rest --------------------------------------------------------------- */

Test(ini, broken_keys_are_there_and_marked)
{
	static const char text[] = "[s]\nk = \"open\nl = \xff\nm = 1\n  \x01\nn = 1\n";
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct ini *i = ini_parse(&a, "a", text, sizeof(text) - 1, &f);

	cr_assert_eq(i->section[0].keys, 4);
	for (size_t k = 0; k < 3; k++) {
		cr_expect(i->section[0].key[k].broken, "key %zu", k);
		cr_expect_str_eq(i->section[0].key[k].value, "");
		cr_expect_eq(ini_place(&i->section[0].key[k], 5).line, (int)k + 2);
	}
	cr_expect_not(i->section[0].key[3].broken);
	cr_expect_eq(f.errors, 3);
	finding_release(&f);
	arena_free(&a);
}

Test(ini, of_two_equal_keys_the_first_is_kept)
{
	static const char text[] = "[s]\nk = 1\nk = 2\n  3\nl = 4\n";
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct ini *i = ini_parse(&a, "a", text, sizeof(text) - 1, &f);

	cr_assert_eq(i->section[0].keys, 2);
	cr_expect_str_eq(i->section[0].key[0].value, "1");
	cr_expect_str_eq(i->section[0].key[1].value, "4");
	finding_release(&f);
	arena_free(&a);
}

Test(ini, load)
{
	char name[] = "/tmp/test-ini-XXXXXX";
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct ini *i = NULL;
	int fd = mkstemp(name);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, "[s]\nk = 1\n", 10), 10);
	close(fd);
	cr_assert_eq(ini_load(&i, &a, name, &f, &err), 0);
	cr_expect_str_eq(i->path, name);
	cr_expect_str_eq(i->section[0].key[0].at.file, name);
	unlink(name);
	cr_expect_eq(ini_load(&i, &a, name, &f, &err), ERR_FILE);
	cr_assert_eq(f.count, 1);
	cr_expect_str_eq(f.list[0].message, "No such file or directory");
	cr_expect_eq(f.list[0].at.line, 0);
	cr_expect_eq(ini_load(&i, &a, "/dev/zero", &f, &err), ERR_FILE);
	cr_expect_str_eq(f.list[1].message, "longer than 1048576 bytes");
	finding_release(&f);
	arena_free(&a);
}

Test(ini, names)
{
	char name[INI_NAME_MAX + 2];

	memset(name, 'x', sizeof(name));
	name[INI_NAME_MAX] = '\0';
	cr_expect(ini_name_ok(name));
	name[INI_NAME_MAX] = 'x';
	name[INI_NAME_MAX + 1] = '\0';
	cr_expect_not(ini_name_ok(name));
	cr_expect(ini_name_ok("A-b_c.9"));
	cr_expect_not(ini_name_ok(""));
	cr_expect_not(ini_name_ok("a b"));
	cr_expect_not(ini_name_ok("a/b"));
	cr_expect_not(ini_name_ok("\xc3\xa4"));
}
