#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/finding.h"
#include "tests/unit/rows.h"

TestSuite(finding, .timeout = 20);

static char *printed(struct findings *f, void (*print)(struct findings *f, FILE *out))
{
	static char *text; /* of the last call */
	static size_t n;
	FILE *to = open_memstream(&text, &n);

	print(f, to);
	fclose(to);
	return text;
}

static void add(struct findings *f, const char *file, int line, int column, enum finding_code code,
		const char *message)
{
	finding_add(f, &(struct place){ file, line, column }, code, "%s", message);
}

Test(finding, printed_sorted_as_compilers_do)
{
	struct findings f = { 0 };
	char *text;

	add(&f, "plans/rdb.ini", 17, 14, FINDING_BAD_UNIT, "second");
	add(&f, "common.ini", 1, 1, FINDING_SYNTAX, "of another file");
	add(&f, "plans/rdb.ini", 14, 1, FINDING_UNKNOWN_KEY, "first");
	add(&f, "plans/rdb.ini", 17, 9, FINDING_INDENTED_KEY, "a warning");
	add(&f, "plans/rdb.ini", 17, 14, FINDING_BAD_VALUE, "same place, said later");
	add(&f, "plans/rdb.ini", 0, 0, FINDING_FILE, "the file");
	text = printed(&f, finding_print);
	cr_expect_str_eq(text, "plans/rdb.ini: error: the file\n"
			       "plans/rdb.ini:14:1: error: first\n"
			       "plans/rdb.ini:17:9: warning: a warning\n"
			       "plans/rdb.ini:17:14: error: second\n"
			       "plans/rdb.ini:17:14: error: same place, said later\n"
			       "common.ini:1:1: error: of another file\n");
	cr_expect_eq(f.errors, 5);
	cr_expect_eq(f.warnings, 1);
	free(text);
	finding_release(&f);
	finding_release(&f);
	cr_expect_eq(f.count, 0);
}

Test(finding, order_of_files_stays_over_two_sorts)
{
	struct findings f = { 0 };
	char *text;

	add(&f, "b", 1, 1, FINDING_SYNTAX, "x");
	add(&f, "a", 1, 1, FINDING_SYNTAX, "x");
	finding_sort(&f);
	add(&f, "a", 1, 2, FINDING_SYNTAX, "x");
	add(&f, "b", 1, 2, FINDING_SYNTAX, "x");
	text = printed(&f, finding_print);
	cr_expect_str_eq(text, "b:1:1: error: x\nb:1:2: error: x\n"
			       "a:1:1: error: x\na:1:2: error: x\n");
	free(text);
	finding_release(&f);
}

Test(finding, each_is_said_once)
{
	struct findings f = { 0 };

	for (int i = 0; i < 3; i++)
		add(&f, "a", 1, 1, FINDING_SYNTAX, "x");
	cr_expect_eq(f.count, 1);
	cr_expect_eq(f.errors, 1);
	add(&f, "a", 1, 1, FINDING_BAD_VALUE, "x");
	add(&f, "a", 1, 1, FINDING_SYNTAX, "y");
	add(&f, "b", 1, 1, FINDING_SYNTAX, "x");
	cr_expect_eq(f.count, 4);
	finding_release(&f);
}

Test(finding, foreign_text_is_harmless_and_the_caller_keeps_its_own)
{
	struct findings f = { 0 };
	char file[] = "a\x1b", message[] = "'\x1b[2J\n' \\d \xc3\xa4", *text;

	add(&f, file, 1, 1, FINDING_SYNTAX, message);
	file[0] = message[0] = 'z';
	text = printed(&f, finding_print);
	cr_expect_str_eq(text, "a\\x1b:1:1: error: '\\x1b[2J\\n' \\d \xc3\xa4\n");
	free(text);
	finding_release(&f);
}

Test(finding, bounded)
{
	struct findings f = { 0 };
	char *text;

	for (int i = 1; i <= 150; i++) {
		add(&f, "a", i, 1, FINDING_INDENTED_KEY, "w");
		cr_assert_leq(f.count, 100);
	}
	for (int i = 1; i <= 1000; i++)
		add(&f, "a", i, 1, FINDING_SYNTAX, "e");
	cr_expect_eq(f.count, 200);
	cr_expect_eq(f.errors, 1000);
	cr_expect_eq(f.warnings, 150);
	text = printed(&f, finding_print);
	cr_expect_not_null(strstr(text, "\nnote: 950 more findings are not shown\n"));
	free(text);
	finding_release(&f);
}

Test(finding, json_lines)
{
	struct findings f = { 0 };
	json_error_t error;
	const char *file, *severity, *code, *message;
	char *text, *end;
	int line, column;
	json_t *o;

	add(&f, "a\"b.ini", 3, 7, FINDING_UNKNOWN_KEY, "what \"is\"");
	add(&f, "a\"b.ini", 4, 1, FINDING_CUT_QUOTE, "x");
	text = printed(&f, finding_print_json);
	end = strchr(text, '\n');
	cr_assert_not_null(end);
	*end = '\0';
	o = json_loads(text, 0, &error);
	cr_assert_not_null(o, "%s", text);
	cr_assert_eq(json_unpack_ex(o, &error, JSON_STRICT, "{s:s, s:i, s:i, s:s, s:s, s:s}",
				    "file", &file, "line", &line, "column", &column, "severity",
				    &severity, "code", &code, "message", &message),
		     0, "%s", error.text);
	cr_expect_str_eq(file, "a\"b.ini");
	cr_expect_eq(line, 3);
	cr_expect_eq(column, 7);
	cr_expect_str_eq(severity, "error");
	cr_expect_str_eq(code, "unknown-key");
	cr_expect_str_eq(message, "what \"is\"");
	cr_expect_not_null(strstr(end + 1, "\"severity\":\"warning\",\"code\":\"cut-quote\""));
	cr_expect_eq(end[strlen(end + 1)], '\n', "one object per line");
	json_decref(o);
	free(text);
	finding_release(&f);
}

static const enum finding_code codes[] = {
#define FINDING(code, name, severity, help) FINDING_##code,
#include "base/finding.def"
#undef FINDING
};

TEST_ROWS(finding, row, codes)
{
	const char *name = finding_name(codes[*i]);

	cr_expect_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name), "%s", name);
	cr_expect_gt(strlen(finding_help(codes[*i])), 10, "%s", name);
	for (size_t k = 0; k < *i; k++)
		cr_expect_str_neq(finding_name(codes[k]), name);
}
