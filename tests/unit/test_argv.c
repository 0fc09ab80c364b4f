#include <string.h>

#include "base/argv.h"
#include "tests/unit/rows.h"

TestSuite(argv, .timeout = 20);

static const struct row {
	const char *base, *text;
	const char *word[6];
	const char *says; /* of a command that is refused */
} rows[] = {
	{ "", "ask", { "ask" }, NULL },
	{ "", "  ask \t now ", { "ask", "now" }, NULL },
	{ "", "ask 'a b' \"c d\"e", { "ask", "a b", "c de" }, NULL },
	{ "", "ask '' x", { "ask", "", "x" }, NULL },
	{ "", "ask \"it's\"", { "ask", "it's" }, NULL },
	{ "",
	  "ask $HOME *.ini `ls` a;b > f \\n",
	  { "ask", "$HOME", "*.ini", "`ls`", "a;b", ">" },
	  NULL },
	{ "conf/station.conf", "mes/ask mes/x", { "conf/mes/ask", "mes/x" }, NULL },
	{ "conf/station.conf", "ask", { "ask" }, NULL },
	{ "conf/station.conf", "/bin/ask", { "/bin/ask" }, NULL },
	{ "", "", { NULL }, "names no program" },
	{ "", " \t", { NULL }, "names no program" },
	{ "", "''", { NULL }, "names no program" },
	{ "", "ask 'x", { NULL }, "the quote at character 5 of the command is not closed" },
	{ "", "ask \"a'", { NULL }, "the quote at character 5" },
};

TEST_ROWS(argv, words, rows)
{
	const struct row *row = &rows[*i];
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *const *word;
	int r = argv_split(&word, &a, row->base, row->text, &err);

	cr_assert_eq(r, row->says ? ERR_CONF : 0, "'%s': %s", row->text, err.text);
	if (row->says)
		cr_expect(strstr(err.text, row->says), "'%s': %s", row->text, err.text);
	for (size_t k = 0; !row->says && k < 6 && row->word[k]; k++)
		cr_expect_str_eq(word[k], row->word[k], "'%s'", row->text);
	arena_free(&a);
}

Test(argv, bounded)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *const *word;
	char text[2 * (ARGV_MAX + 1) + 1] = "";

	for (size_t i = 0; i < ARGV_MAX; i++)
		memcpy(text + 2 * i, "a ", 2);
	cr_assert_eq(argv_split(&word, &a, "", text, &err), 0, "%s", err.text);
	cr_expect_null(word[ARGV_MAX]);
	memcpy(text + 2 * ARGV_MAX, "a", 1);
	cr_expect_eq(argv_split(&word, &a, "", text, &err), ERR_CONF);
	arena_free(&a);
}
