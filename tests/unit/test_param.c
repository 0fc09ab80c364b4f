#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/match.h"
#include "base/param.h"
#include "tests/unit/rows.h"

TestSuite(param, .timeout = 20);

struct args {
	const char *title, *mode, *images, *due, *peer;
	int64_t count, yes, wait_ms, any;
	double rate, bare;
	struct match *pattern;
	struct param_list accept, list;
	struct param_pairs pairs;
};

static const char *const modes[] = { "stop", "continue", NULL };

static const struct param rows[] = {
	{ .name = "title",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct args, title),
	  .may_be_empty = 1,
	  .optional = 1,
	  .help = "Title." },
	{ .name = "mode",
	  .type = PARAM_CHOICE,
	  .offset = offsetof(struct args, mode),
	  .choices = modes,
	  .preset = "stop",
	  .help = "Mode." },
	{ .name = "images",
	  .type = PARAM_PATH,
	  .offset = offsetof(struct args, images),
	  .optional = 1,
	  .help = "Images." },
	{ .name = "due",
	  .type = PARAM_DATE,
	  .offset = offsetof(struct args, due),
	  .optional = 1,
	  .help = "Due." },
	{ .name = "peer",
	  .type = PARAM_ADDRESS,
	  .offset = offsetof(struct args, peer),
	  .optional = 1,
	  .help = "Peer." },
	{ .name = "count",
	  .type = PARAM_INT,
	  .offset = offsetof(struct args, count),
	  .min = 1,
	  .max = 5,
	  .help = "Count." },
	{ .name = "yes",
	  .type = PARAM_BOOL,
	  .offset = offsetof(struct args, yes),
	  .preset = "no",
	  .help = "Yes." },
	{ .name = "wait",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, wait_ms),
	  .min = 1,
	  .max = 600000,
	  .preset = "2 s",
	  .help = "Wait." },
	{ .name = "any",
	  .type = PARAM_INT,
	  .offset = offsetof(struct args, any),
	  .optional = 1,
	  .help = "Any." },
	{ .name = "rate",
	  .type = PARAM_NUM,
	  .offset = offsetof(struct args, rate),
	  .dim = DIM_RATE,
	  .min = 1e6,
	  .max = DBL_MAX,
	  .optional = 1,
	  .help = "Rate." },
	{ .name = "bare",
	  .type = PARAM_NUM,
	  .offset = offsetof(struct args, bare),
	  .optional = 1,
	  .help = "Bare." },
	{ .name = "pattern",
	  .type = PARAM_PATTERN,
	  .offset = offsetof(struct args, pattern),
	  .preset = "/^OK/",
	  .may_be_empty = 1,
	  .help = "Pattern." },
	{ .name = "accept",
	  .type = PARAM_VERSIONS,
	  .offset = offsetof(struct args, accept),
	  .optional = 1,
	  .help = "Accept." },
	{ .name = "list",
	  .type = PARAM_LIST,
	  .offset = offsetof(struct args, list),
	  .may_be_empty = 1,
	  .optional = 1,
	  .help = "List." },
	{ .name = "pairs",
	  .type = PARAM_PAIRS,
	  .offset = offsetof(struct args, pairs),
	  .optional = 1,
	  .help = "Pairs." },
	{ 0 },
};

/* name, text, as it is printed afterwards */
static const struct {
	const char *name, *text, *printed;
} good[] = {
	{ "title", "MT3620 RDB", "MT3620 RDB" },
	{ "title", "", "" },
	{ "mode", "continue", "continue" },
	{ "images", "images/24.06", "plans/images/24.06" },
	{ "images", "/srv/images", "/srv/images" },
	{ "due", "2028-02-29", "2028-02-29" },
	{ "due", "2000-02-29", "2000-02-29" },
	{ "peer", "127.0.0.1:5201", "127.0.0.1:5201" },
	{ "peer", "[::1]:80", "[::1]:80" },
	{ "count", "1", "1" },
	{ "count", "0x5", "5" },
	{ "count", " +3 ", "3" },
	{ "any", "-9223372036854775808", "-9223372036854775808" },
	{ "any", "9223372036854775807", "9223372036854775807" },
	{ "any", "0x7fffffffffffffff", "9223372036854775807" },
	{ "any", "-0x10", "-16" },
	{ "yes", "yes", "yes" },
	{ "wait", "1 ms", "1 ms" },
	{ "wait", "10 min", "10 min" },
	{ "wait", "0.25 s", "250 ms" },
	{ "wait", "2.3 min", "138 s" },
	{ "wait", "1000 us", "1 ms" },
	{ "rate", "18 Mbit/s", "18 Mbit/s" },
	{ "rate", "1000 kbit/s", "1 Mbit/s" },
	{ "bare", "-1e-3", "-0.001" },
	{ "pattern", "/a+/i", "/a+/i" },
	{ "pattern", "", "" },
	{ "accept", "24.03,24.06 , 20.08 Update 1", "24.03, 24.06, 20.08 Update 1" },
	{ "list", "a b,c", "a b, c" },
	{ "list", "", "" },
	{ "pairs", "0-59, P1.3-P1_4", "0-59, P1.3-P1_4" },
};

TEST_ROWS(param, good, good)
{
	const struct param *row = param_find(rows, good[*i].name);
	struct args args = { 0 };
	struct sbuf b = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t at;

	cr_assert_eq(param_set(&args, row, good[*i].text, &a, "plans/x.ini", &at, &err), 0,
		     "row %zu: %s", *i, err.text);
	param_print(&b, &args, row);
	cr_expect_str_eq(sbuf_str(&b), good[*i].printed, "row %zu: %s", *i, sbuf_str(&b));
	sbuf_release(&b);
	param_release(&args, rows);
	arena_free(&a);
}

static const struct {
	const char *name, *text;
	size_t at;
	const char *message;
} bad[] = {
	{ "wait", "0 ms", 0, "'wait' is '0 ms', must be 1 ms .. 10 min" },
	{ "wait", "11 min", 0, "'wait' is '11 min', must be 1 ms .. 10 min" },
	{ "wait", "1.5 ms", 0, "'wait' is '1.5 ms', must be a whole number of milliseconds" },
	{ "wait", "1 us", 0, "'wait' is '1 us', must be a whole number of milliseconds" },
	{ "wait", "1e30 d", 0, "'wait' is '1e30 d', must be a shorter time" },
	{ "wait", "5", 1, "'wait': '5' has no unit; a duration is in us, ms, s, min, h, d" },
	{ "wait", "soon", 0, "'wait': 'soon' is no number" },
	{ "wait", "", 0, "'wait' is empty, must be: duration" },
	{ "rate", "18 Mbit", 3,
	  "'rate': 'Mbit' is no unit of a data rate; use bit/s, kbit/s, Mbit/s, Gbit/s" },
	{ "rate", "1 kbit/s", 0, "'rate' is '1 kbit/s', must be at least 1 Mbit/s" },
	{ "bare", "3 V", 2, "'bare': 'V' follows the number, must be a bare number" },
	{ "count", "0", 0, "'count' is '0', must be 1 .. 5" },
	{ "count", "6", 0, "'count' is '6', must be 1 .. 5" },
	{ "count", "3.0", 1, "'count' is '3.0', must be an integer" },
	{ "count", "3 x", 1, "'count' is '3 x', must be an integer" },
	{ "count", "x", 0, "'count' is 'x', must be an integer" },
	{ "count", "0x", 2, "'count' is '0x', must be an integer" },
	{ "count", "", 0, "'count' is empty, must be: integer" },
	{ "any", "9223372036854775808", 0,
	  "'any' is '9223372036854775808', must be an integer of at most 64 bits" },
	{ "any", "-9223372036854775809", 0,
	  "'any' is '-9223372036854775809', must be an integer of at most 64 bits" },
	{ "any", "0x8000000000000000", 0,
	  "'any' is '0x8000000000000000', must be an integer of at most 64 bits" },
	{ "any", "99999999999999999999999", 0,
	  "'any' is '99999999999999999999999', must be an integer of at most 64 bits" },
	{ "yes", "true", 0, "'yes' is 'true', must be yes or no" },
	{ "yes", "Yes", 0, "'yes' is 'Yes', must be yes or no" },
	{ "mode", "stpo", 0,
	  "'mode' is 'stpo', must be one of stop, continue; did you mean 'stop'?" },
	{ "mode", "halt", 0, "'mode' is 'halt', must be one of stop, continue" },
	{ "mode", "", 0, "'mode' is empty, must be: one of stop, continue" },
	{ "due", "2027-02-29", 0, "'due' is '2027-02-29', must be a day such as 2027-05-31" },
	{ "due", "2100-02-29", 0, "'due' is '2100-02-29', must be a day such as 2027-05-31" },
	{ "due", "2027-13-01", 0, "'due' is '2027-13-01', must be a day such as 2027-05-31" },
	{ "due", "2027-04-31", 0, "'due' is '2027-04-31', must be a day such as 2027-05-31" },
	{ "due", "2027-4-30", 0, "'due' is '2027-4-30', must be a day such as 2027-05-31" },
	{ "due", "2027-04-300", 0, "'due' is '2027-04-300', must be a day such as 2027-05-31" },
	{ "peer", "localhost:1", 0,
	  "'peer' is 'localhost:1', must be an address with port: 127.0.0.1:5201 or [::1]:5201" },
	{ "peer", "127.0.0.1", 0,
	  "'peer' is '127.0.0.1', must be an address with port: 127.0.0.1:5201 or [::1]:5201" },
	{ "peer", "127.0.0.1:0", 0,
	  "'peer' is '127.0.0.1:0', must be an address with port: 127.0.0.1:5201 or [::1]:5201" },
	{ "peer", "127.0.0.1:65536", 0,
	  "'peer' is '127.0.0.1:65536', must be an address with port: 127.0.0.1:5201 or "
	  "[::1]:5201" },
	{ "peer", "::1:80", 0,
	  "'peer' is '::1:80', must be an address with port: 127.0.0.1:5201 or [::1]:5201" },
	{ "peer", "[:80", 0,
	  "'peer' is '[:80', must be an address with port: 127.0.0.1:5201 or [::1]:5201" },
	{ "pattern", "/a(/", 3,
	  "'pattern': the pattern does not compile: missing closing parenthesis" },
	{ "accept", "24.03, 24.6x", 7,
	  "'accept': '24.6x' is no version; write it as 24.06 or 20.08 Update 1" },
	{ "list", "a,,b", 2, "'list': an item is empty; items are divided by single commas" },
	{ "list", "a,", 2, "'list': an item is empty; items are divided by single commas" },
	{ "list", "a, b, a", 6, "'list': 'a' stands twice" },
	{ "pairs", "0-59, 1", 6, "'pairs': '1' is no pair of pins; write it as 0-59" },
	{ "pairs", "0-1-2", 0, "'pairs': '0-1-2' is no pair of pins; write it as 0-59" },
	{ "pairs", "-1", 0, "'pairs': '-1' is no pair of pins; write it as 0-59" },
	{ "pairs", "0-0", 0, "'pairs': pin '0' stands twice" },
	{ "pairs", "0-1, 2-0", 5, "'pairs': pin '0' stands twice" },
};

TEST_ROWS(param, bad, bad)
{
	const struct param *row = param_find(rows, bad[*i].name);
	struct args args, before;
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t at = 99;

	memset(&args, 0, sizeof(args));
	memset(&before, 0, sizeof(before));
	cr_expect_eq(param_set(&args, row, bad[*i].text, &a, "x.ini", &at, &err), ERR_PLAN,
		     "row %zu", *i);
	cr_expect_str_eq(err.text, bad[*i].message, "row %zu: %s", *i, err.text);
	cr_expect_eq(at, bad[*i].at, "%s %s: %zu", bad[*i].name, bad[*i].text, at);
	cr_expect_eq(memcmp(&args, &before, sizeof(args)), 0, "written on failure: row %zu", *i);
	arena_free(&a);
}

static const struct {
	const char *name, *text;
} described[] = {
	{ "title", "text, optional" },
	{ "mode", "one of stop, continue, preset stop" },
	{ "count", "integer, 1 .. 5, required" },
	{ "wait", "duration, 1 ms .. 10 min, preset 2 s" },
	{ "rate", "data rate, at least 1 Mbit/s, optional" },
	{ "bare", "number, optional" },
	{ "yes", "yes or no, preset no" },
};

TEST_ROWS(param, describe, described)
{
	struct sbuf b = { 0 };

	param_describe(&b, param_find(rows, described[*i].name));
	cr_expect_str_eq(sbuf_str(&b), described[*i].text);
	sbuf_release(&b);
}

Test(param, presets_and_find)
{
	struct args args = { 0 };
	struct arena a = { 0 };

	param_presets(&args, rows, &a);
	param_presets(&args, rows, &a); /* twice leaks no pattern */
	cr_expect_str_eq(args.mode, "stop");
	cr_expect_eq(args.wait_ms, 2000);
	cr_expect_str_eq(match_text(args.pattern), "/^OK/");
	cr_expect_null(args.title);
	param_release(&args, rows);
	param_release(&args, rows);
	cr_expect_null(args.pattern);
	cr_expect_null(param_find(rows, "nothing"));
	arena_free(&a);
}

Test(param, a_wrong_preset_ends_the_process)
{
	static const struct param wrong[] = {
		{ .name = "n", .type = PARAM_INT, .offset = 0, .preset = "x", .help = "N." }, { 0 }
	};
	int status = 0;
	pid_t pid = fork();

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		struct arena a = { 0 };
		int64_t n;

		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		param_presets(&n, wrong, &a);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static const struct param *const lists[] = { rows, NULL };

/* What reading [step x] of text says, as the command prints it. */
static char *read_says(struct args *args, struct arena *a, const char *text)
{
	struct findings f = { 0 };
	struct ini *ini = ini_parse(a, "plans/x.ini", text, strlen(text), &f);
	struct sbuf b = { 0 };
	char *said;

	cr_assert_eq(ini->sections, 1);
	param_read(args, rows, &ini->section[0], a, &f);
	param_unknown(&ini->section[0], lists, &f);
	finding_sort(&f);
	for (size_t i = 0; i < f.count; i++)
		sbuf_printf(&b, "%s:%d:%d: %s: %s\n", f.list[i].at.file, f.list[i].at.line,
			    f.list[i].at.column, finding_name(f.list[i].code), f.list[i].message);
	said = arena_strdup(a, sbuf_str(&b));
	sbuf_release(&b);
	finding_release(&f);
	return said;
}

Test(param, a_section_that_is_right)
{
	struct args args = { 0 };
	struct arena a = { 0 };

	cr_expect_str_eq(read_says(&args, &a,
				   "[step x]\ncount = 3\nimages = a/b ; c\npairs = 0-1,\n  2-3\n"),
			 "");
	cr_expect_eq(args.count, 3);
	cr_expect_str_eq(args.images, "plans/a/b");
	cr_expect_eq(args.wait_ms, 2000);
	cr_assert_eq(args.pairs.count, 2);
	cr_expect_str_eq(args.pairs.item[1].b, "3");
	param_release(&args, rows);
	arena_free(&a);
}

static const struct {
	const char *text, *says;
} sections[] = {
	{ "[step wifi]\ncount = 1\ntilte = x\n",
	  "plans/x.ini:3:1: unknown-key: unknown key 'tilte' in [step wifi]; did you mean "
	  "'title'?\n" },
	{ "[step wifi]\ncount = 1\nfrequency = x\n",
	  "plans/x.ini:3:1: unknown-key: unknown key 'frequency' in [step wifi]\n" },
	{ "[plan]\ntitle = x\n", "plans/x.ini:1:1: missing-key: missing key 'count' in [plan]\n" },
	{ "[s]\ncount = 1\nrate = 18 Mbit\n",
	  "plans/x.ini:3:11: bad-unit: 'rate': 'Mbit' is no unit of a data rate; use bit/s, "
	  "kbit/s, Mbit/s, Gbit/s\n" },
	{ "[s]\ncount = 9\n", "plans/x.ini:2:9: out-of-range: 'count' is '9', must be 1 .. 5\n" },
	{ "[s]\ncount =\n", "plans/x.ini:2:8: empty-value: 'count' is empty, must be: integer\n" },
	{ "[s]\ncount = 1\npairs = 0-1, 2-3,\n  4-5, \xc3\xa4-0\n",
	  "plans/x.ini:4:8: bad-value: 'pairs': '\xc3\xa4-0' is no pair of pins; write it as "
	  "0-59\n" },
	{ "[s]\ncount = 1\npattern = \"/\\\"(/\"\n",
	  "plans/x.ini:3:16: bad-pattern: 'pattern': the pattern does not compile: missing closing "
	  "parenthesis\n" },
	{ "[s]\ncount = \"1\n",
	  "plans/x.ini:2:9: bad-quote: the double quote is not closed on its line\n" },
	{ "[s]\ncount = \xff\n", "plans/x.ini:2:9: encoding: byte 0xff is not UTF-8\n" },
	{ "[s]\ncount = 1\nmode = \"\\x1b[2J\"\n",
	  "plans/x.ini:3:9: bad-value: 'mode' is '\\x1b[2J', must be one of stop, continue\n" },
};

TEST_ROWS(param, section_says, sections)
{
	struct args args = { 0 };
	struct arena a = { 0 };

	cr_expect_str_eq(read_says(&args, &a, sections[*i].text), sections[*i].says, "row %zu", *i);
	param_release(&args, rows);
	arena_free(&a);
}
