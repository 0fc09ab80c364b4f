#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/ini.h"
#include "base/json.h"
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
