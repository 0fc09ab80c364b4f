#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/match.h"
#include "base/rng.h"
#include "tests/unit/rows.h"

TestSuite(match, .timeout = 20);

static struct match *compiled(const char *text)
{
	struct err err = { 0 };
	struct match *m = NULL;
	size_t at;

	cr_assert_eq(match_compile(&m, text, &at, &err), 0, "%s: %s", text, err.text);
	cr_assert_str_eq(match_text(m), text);
	return m;
}

static const struct {
	const char *pattern, *text;
	enum match_result result;
	size_t from, to;
} whole[] = {
	{ "/^AS[0-9]{10}$/", "AS0123456789", MATCH_YES, 0, 12 },
	{ "/^AS[0-9]{10}$/", "AS012345678", MATCH_NO, 0, 0 },
	{ "^AS[0-9]{10}$", "AS0123456789", MATCH_YES, 0, 12 },
	{ "b", "abc", MATCH_YES, 1, 2 },
	{ "/a/b/", "xa/b", MATCH_YES, 1, 4 },
	{ "/B/i", "abc", MATCH_YES, 1, 2 },
	{ "/B/", "abc", MATCH_NO, 0, 0 },
	{ "/^b$/m", "a\r\nb\r\nc", MATCH_YES, 3, 4 },
	{ "/^b$/", "a\nb\nc", MATCH_NO, 0, 0 },
	{ "/a.b/", "a\rb", MATCH_NO, 0, 0 },
	{ "/a.b/s", "a\rb", MATCH_YES, 0, 3 },
	{ "/ a b # c /x", "ab", MATCH_YES, 0, 2 },
	{ "/a b/xi", "AB", MATCH_YES, 0, 2 },
	{ "/\\xff./", "\xff\xfe", MATCH_YES, 0, 2 },
	{ "x*", "", MATCH_YES, 0, 0 },
	{ "/^[^ ]+[#$] $/", "root@x# ", MATCH_YES, 0, 8 },
};

TEST_ROWS(match, whole, whole)
{
	struct match *m = compiled(whole[*i].pattern);
	struct match_found f;

	cr_expect_eq(match_whole(&f, m, whole[*i].text, strlen(whole[*i].text)), whole[*i].result,
		     "row %zu", *i);
	if (whole[*i].result == MATCH_YES) {
		cr_expect_eq(f.group[0].from, whole[*i].from, "row %zu: %zu", *i, f.group[0].from);
		cr_expect_eq(f.group[0].to, whole[*i].to, "row %zu: %zu", *i, f.group[0].to);
	}
	cr_expect_eq(match_whole(NULL, m, whole[*i].text, strlen(whole[*i].text)),
		     whole[*i].result);
	match_free(m);
}

Test(match, groups)
{
	struct match *m = compiled("/(a)|(b)(c)?/");
	struct match_found f;

	cr_assert_eq(match_whole(&f, m, "xb", 2), MATCH_YES);
	cr_expect_eq(f.groups, 4);
	cr_expect_gt(f.group[1].from, f.group[1].to, "unset");
	cr_expect_eq(f.group[2].from, 1);
	cr_expect_eq(f.group[2].to, 2);
	cr_expect_gt(f.group[3].from, f.group[3].to, "unset");
	cr_expect_gt(f.group[15].from, f.group[15].to, "not there");
	match_free(m);
	match_free(NULL);
}

Test(match, nul_is_a_byte)
{
	struct match *m = compiled("/b$/");

	cr_expect_eq(match_whole(NULL, m, "a\0b", 3), MATCH_YES);
	cr_expect_eq(match_whole(NULL, m, "b\0a", 3), MATCH_NO);
	match_free(m);
}

static const struct {
	const char *text;
	size_t at;
	const char *message;
} bad[] = {
	{ "(", 1, "the pattern does not compile: missing closing parenthesis" },
	{ "/a(/", 3, "the pattern does not compile: missing closing parenthesis" },
	{ "/a/iq", 4, "'q' follows the pattern; flags are i, m, s and x" },
	{ "/a", 0,
	  "the pattern has no closing '/'; a pattern with ' #' or ' ;' must be in double quotes" },
	{ "/", 0,
	  "the pattern has no closing '/'; a pattern with ' #' or ' ;' must be in double quotes" },
	{ "//", 1, "the pattern is empty" },
	{ "", 0, "the pattern is empty" },
	{ "()()()()()()()()()()()()()()()()", 0, "the pattern has 16 groups, must be at most 15" },
	{ "/(a+)+$/", 1,
	  "the pattern backtracks without bound; write it without nested repetitions" },
	{ "(a|aa)+$", 0,
	  "the pattern backtracks without bound; write it without nested repetitions" },
	{ "^(([a-z])+.)+[A-Z]([a-z])+$", 0,
	  "the pattern backtracks without bound; write it without nested repetitions" },
	{ "((ab)*)*$", 0,
	  "the pattern backtracks without bound; write it without nested repetitions" },
	{ "(\\d+)*\\.", 0,
	  "the pattern backtracks without bound; write it without nested repetitions" },
};

TEST_ROWS(match, refused, bad)
{
	struct match *m = NULL;
	struct err err = { 0 };
	size_t at = 99;

	cr_expect_eq(match_compile(&m, bad[*i].text, &at, &err), ERR_PLAN, "%s", bad[*i].text);
	cr_expect_str_eq(err.text, bad[*i].message, "%s: %s", bad[*i].text, err.text);
	cr_expect_eq(at, bad[*i].at, "%s: %zu", bad[*i].text, at);
	cr_expect_null(m);
}

static const char *const forbidden[] = { "(*UTF)a", "(*UCP)a", "a\\Cb",
					 "(((a{1,100}){1,100}){1,100})" };

TEST_ROWS(match, forbidden, forbidden)
{
	struct match *m = NULL;
	struct err err = { 0 };
	size_t at;

	cr_expect_eq(match_compile(&m, forbidden[*i], &at, &err), ERR_PLAN, "%s", forbidden[*i]);
	cr_expect_null(m);
}

Test(match, length_is_bounded)
{
	struct match *m = NULL;
	struct err err = { 0 };
	char text[1100];
	size_t at;

	memset(text, 'a', sizeof(text));
	text[1024] = '\0';
	cr_assert_eq(match_compile(&m, text, &at, &err), 0, "%s", err.text);
	match_free(m);
	text[1024] = 'a';
	text[1025] = '\0';
	cr_expect_eq(match_compile(&m, text, &at, &err), ERR_PLAN);
}

/* What people write in plans and board profiles must not be taken for costly. */
static const char *const usual[] = {
	"/login: $/",
	"/VERSION_ID=\"?([0-9.]+)/",
	"/([0-9a-f]{2}(?::[0-9a-f]{2}){5})/",
	"/^\\s*(\\S+)\\s+(\\S+)\\s+(\\S+)$/m",
	"/.*foo.*bar.*/",
	"/^(?:[A-Z]+-)+[0-9]+$/",
	"/^([a-z]+,)*[a-z]+$/",
	"/\\[ *([0-9]+\\.[0-9]+)\\] (.*)$/",
	"/^$/",
	"/(?i)error|fail(?:ed|ure)?/",
};

TEST_ROWS(match, usual, usual)
{
	match_free(compiled(usual[*i]));
}

/* Accepted, and yet costly on the wrong text: more than a limit per starting point
 * is needed to bound them (the first took seconds for 450 letters). */
static const struct {
	const char *pattern, *unit;
	size_t n;
} worst[] = {
	{ "/j{22}j*j{32}j*j{90}$/", "j", 450 },
	{ "/x.*y.*z.*[vw]/s", "xyz", 60000 },
	{ "/a.{0,40}b.{0,40}c.{0,40}d.{0,40}[ef]/s", "abcd", 65536 },
	{ "/[^y]*[zw]/", "x", 65536 },
	{ "/(x+)\\1[zw]/", "x", 65536 },
};

TEST_ROWS(match, every_search_ends_and_costly_is_not_no, worst)
{
	struct match *m = compiled(worst[*i].pattern);
	char *text = malloc(worst[*i].n + 1);
	int64_t from;

	for (size_t k = 0; k <= worst[*i].n; k++)
		text[k] = worst[*i].unit[k % strlen(worst[*i].unit)];
	text[worst[*i].n] = '\x01';
	from = clock_ms();
	cr_expect_eq(match_whole(NULL, m, text, worst[*i].n + 1), MATCH_COSTLY, "%s",
		     worst[*i].pattern);
	cr_expect_lt(clock_ms() - from, 3000, "%s: %d ms", worst[*i].pattern,
		     (int)(clock_ms() - from));
	free(text);
	match_free(m);
}

/* What a console says in its window is no matter for the limits. */
TEST_ROWS(match, usual_patterns_manage_a_full_window, usual)
{
	static const char line[] =
		"[    3.140000] eth0: link 00:17:fa:01:02:03 is up, foo is not\r\n";
	struct match *m = compiled(usual[*i]);
	size_t n = 65536;
	char *text = malloc(n);

	for (size_t k = 0; k < n; k++)
		text[k] = line[k % (sizeof(line) - 1)];
	cr_expect_neq(match_whole(NULL, m, text, n), MATCH_COSTLY, "%s", usual[*i]);
	free(text);
	match_free(m);
}

static const struct {
	const char *pattern, *text;
	enum match_result result;
} partial[] = {
	{ "/ver (\\d+)/", "ver 12", MATCH_PARTIAL },
	{ "/ver (\\d+)/", "ver 12\r", MATCH_YES },
	{ "/ver (\\d+)/", "nothing", MATCH_PARTIAL },
	{ "/login: /", "login: ", MATCH_YES },
	{ "/login: $/", "login: ", MATCH_PARTIAL },
	{ "/^abc/", "ab", MATCH_PARTIAL },
	{ "/^abc/", "ax", MATCH_NO },
	{ "/^abc/", "", MATCH_PARTIAL },
	{ "/^abc/m", "ax", MATCH_PARTIAL },
	{ "/x*/", "", MATCH_PARTIAL },
};

TEST_ROWS(match, partial, partial)
{
	struct match *m = compiled(partial[*i].pattern);

	cr_expect_eq(match_partial(NULL, m, partial[*i].text, strlen(partial[*i].text)),
		     partial[*i].result, "row %zu", *i);
	match_free(m);
}

Test(match, partial_says_where_to_go_on)
{
	struct match *m = compiled("/abc/");
	struct match_found f;

	cr_expect_eq(match_partial(&f, m, "xxxab", 5), MATCH_PARTIAL);
	cr_expect_eq(f.group[0].from, 3);
	cr_expect_eq(match_partial(&f, m, "xxxxx", 5), MATCH_PARTIAL);
	cr_expect_eq(f.group[0].from, 5);
	cr_expect_gt(f.group[1].from, f.group[1].to);
	match_free(m);
}

/* Whatever comes in later, a YES stays as it was, and a NO stays a NO. */
Test(match, partial_keeps_its_word_at_every_split)
{
	static const char *const patterns[] = {
		"/ab/",      "/a+/",    "/^a/",     "/a$/",      "/^a$/m",     "/(a|ab)(c|bcd)?/",
		"/a*/",      "/^b*a/",  "/a.c/",    "/(?<=b)a/", "/a(?=b)/",   "/a(?!b)/",
		"/\\ba/",    "/a\\b/",  "/^$/m",    "/\\r?\\n/", "/b(a*)/",    "/[^a]c/",
		"/^(?!b)a/", "/(a)?b/", "/a{2,3}/", "/a{2,3}?/", "/\\Aab\\z/", "/c\\Z/",
	};
	static const char alphabet[] = "aabc\r\n\xff";
	struct rng r = { 7 };

	for (size_t p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
		struct match *m = compiled(patterns[p]);

		for (int round = 0; round < 1500; round++) {
			char text[8];
			size_t n = rng_next(&r) % (sizeof(text) + 1);
			struct match_found part, all;

			for (size_t k = 0; k < n; k++)
				text[k] = alphabet[rng_next(&r) % (sizeof(alphabet) - 1)];
			for (size_t cut = 0; cut <= n; cut++) {
				enum match_result then = match_partial(&part, m, text, cut);
				enum match_result now = match_whole(&all, m, text, n);

				if (then == MATCH_NO)
					cr_assert_eq(now, MATCH_NO, "%s: %.*s|%.*s", patterns[p],
						     (int)cut, text, (int)(n - cut), text + cut);
				if (then != MATCH_YES)
					continue;
				cr_assert_eq(now, MATCH_YES, "%s: %.*s|%.*s", patterns[p], (int)cut,
					     text, (int)(n - cut), text + cut);
				for (int g = 0; g < MATCH_GROUPS; g++)
					cr_assert(part.group[g].from == all.group[g].from &&
							  part.group[g].to == all.group[g].to,
						  "%s, group %d: %.*s|%.*s", patterns[p], g,
						  (int)cut, text, (int)(n - cut), text + cut);
			}
		}
		match_free(m);
	}
}

/* Behind a match the search goes on in the same text: what stands before is seen. */
Test(match, from)
{
	struct match *m = compiled("/^([0-9]{2})/m");
	static const char text[] = "2406\n07";
	struct match_found f;

	cr_expect_eq(match_whole_from(&f, m, text, 7, 0), MATCH_YES);
	cr_expect_eq(f.group[1].to, 2);
	cr_expect_eq(match_whole_from(&f, m, text, 7, 2), MATCH_YES);
	cr_expect_eq(f.group[1].from, 5, "no line begins at the byte 2");
	cr_expect_eq(match_whole_from(&f, m, text, 7, 6), MATCH_NO);
	cr_expect_eq(match_whole_from(&f, m, text, 7, 7), MATCH_NO);
	match_free(m);
	m = compiled("/(?<=4)0/");
	cr_expect_eq(match_whole_from(&f, m, text, 7, 2), MATCH_YES);
	cr_expect_eq(match_whole(&f, m, text + 2, 5), MATCH_NO);
	match_free(m);
}
