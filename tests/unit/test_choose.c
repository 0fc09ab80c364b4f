#include <criterion/criterion.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "floor/choose.h"

TestSuite(choose, .timeout = 60);

static char folder[64];
static struct arena a;
static struct shelf *shelf;
static struct fixture fixture;
static struct plan_env env;
static struct err err;

static void put(const char *name, const char *text)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	cr_assert_eq(file_write(path, text, strlen(text), &err), 0, "%s", err.text);
}

/* A plan with these keys of [plan] and further sections. */
static void plan(const char *name, const char *keys, const char *more)
{
	put(name, arena_printf(&a,
			       "[plan]\ntitle = T\nboard = none\nproduct = P\n%s\n[step s]\n"
			       "kind = wait\nfor = 1 s\nlimit waited = 1 .. 2 s\n%s",
			       keys, more));
}

/* As an editor does that keeps the file. */
static void in_place(const char *name, const char *was, const char *is)
{
	char *path = arena_printf(&a, "%s/%s", folder, name), *text, *at;
	size_t n;
	FILE *f;

	cr_assert_eq(file_read(&text, &n, &a, path, 10000, &err), 0, "%s", err.text);
	at = strstr(text, was);
	cr_assert(at && strlen(was) == strlen(is));
	memcpy(at, is, strlen(is));
	poll(NULL, 0, 20); /* the clock of files is a coarse one */
	f = fopen(path, "r+");
	cr_assert(f && fwrite(text, 1, n, f) == n && !fclose(f));
}

static void start(void)
{
	snprintf(folder, sizeof(folder), "/tmp/test_choose.XXXXXX");
	cr_assert(mkdtemp(folder));
	fixture = (struct fixture){ .path = "f.ini", .board = "none", .id = "FX" };
	env = (struct plan_env){ .boards = folder, .fixture = &fixture };
	shelf = shelf_new(folder, &env);
}

static void finish(void)
{
	char command[96];

	shelf_free(shelf);
	arena_free(&a);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_expect_eq(system(command), 0);
}

/* The plan's file name and variant, "a.ini" or "a.ini:V"; else the word of the refusal. */
static const char *chosen(const char *scan)
{
	static char text[200];
	struct policy_answer answer;
	struct choice c;
	int r = choose(&c, shelf, NULL, scan, strlen(scan), &answer, &err);

	if (r < 0) {
		snprintf(text, sizeof(text), "%s", policy_code(answer.word));
		cr_expect_str_eq(answer.text, err.text);
		cr_expect_null(c.plan);
		return text;
	}
	cr_expect_eq(answer.word, POLICY_FINE);
	snprintf(text, sizeof(text), "%s%s%s", strrchr(c.plan->path, '/') + 1,
		 *c.variant ? ":" : "", c.variant);
	choice_release(&c);
	return text;
}

static void says(const char *what)
{
	cr_expect(strstr(err.text, what), "no '%s' in: %s", what, err.text);
}

Test(choose, by_pattern_and_variant)
{
	start();
	plan("a.ini", "serial = /^A[0-9]$/", "[variant ONE]\nserial = /^A1/\n");
	plan("b.ini", "serial = /^B[0-9]$/", "");
	cr_expect_str_eq(chosen("A2"), "a.ini");
	cr_expect_str_eq(chosen("A1"), "a.ini:ONE");
	cr_expect_str_eq(chosen("B1"), "b.ini");
	cr_expect_str_eq(chosen("C1"), "no_plan");
	says("no plan wants label 'C1'");
	says("a.ini");
	says("b.ini");
	cr_expect_str_eq(chosen("A\x1b[A"), "no_plan");
	says("'A\\x1b[A'");
	cr_expect_str_eq(chosen(""), "no_plan");
	finish();
}

Test(choose, variants_alone)
{
	start();
	plan("a.ini", "", "[variant ONE]\nserial = /^A1/\n[variant TWO]\nserial = /^A2/\n");
	plan("b.ini", "serial = /^B/", "");
	cr_expect_str_eq(chosen("A2"), "a.ini:TWO");
	cr_expect_str_eq(chosen("B2"), "b.ini");
	cr_expect_str_eq(chosen("A3"), "no_plan", "none of the variants wants it");
	finish();
}

Test(choose, by_code)
{
	start();
	plan("a.ini", "label = gs1\ncode = 4006381333931, X-1", "");
	plan("b.ini", "label = gs1\ncode = 00000073513537", "");
	plan("c.ini", "code = LMP", "");
	cr_expect_str_eq(chosen("]d2010400638133393121A1"), "a.ini", "13 of 14 digits");
	cr_expect_str_eq(chosen("(240)X-1(21)A1"), "a.ini");
	cr_expect_str_eq(chosen("(01)00000073513537(21)A1"), "b.ini");
	cr_expect_str_eq(chosen("LMP-77"), "c.ini");
	cr_expect_str_eq(chosen("(01)04006381333948(21)A1"), "no_plan");
	says("(GS1)");
	cr_expect_str_eq(chosen("XMP-77"), "no_plan");
	/* What is wrong is the label, whatever plans there are. */
	cr_expect_str_eq(chosen("(01)04006381333930(21)A1"), "wrong_format");
	says("character 18: (01) GTIN: the check digit is '0', must be '1'");
	cr_expect_str_eq(chosen("]d2010400638133393111269931"), "wrong_format");
	says("no month");
	finish();
}

Test(choose, blanks_are_no_serial_of_a_plan_that_takes_any)
{
	start();
	plan("a.ini", "", "");
	cr_expect_str_eq(chosen("A1"), "a.ini");
	cr_expect_str_eq(chosen(" "), "wrong_format");
	says("holds only blanks");
	cr_expect_str_eq(chosen("\xc2\xa0 "), "wrong_format");
	finish();
}

Test(choose, the_only_plan_says_exactly_why_not)
{
	start();
	plan("a.ini", "label = gs1\ncode = 04006381333931\nserial = /^A/\ncheck = luhn", "");
	cr_expect_str_eq(chosen("(01)04006381333931(21)B"), "wrong_format");
	says("serial 'B' does not fit");
	cr_expect_str_eq(chosen("(01)00000073513537(21)A"), "wrong_code");
	says("product 00000073513537");
	cr_expect_str_eq(chosen("(01)04006381333930(21)A"), "wrong_format");
	says("check digit");
	cr_expect_str_eq(chosen("hello"), "wrong_format");
	says("character 1");
	finish();
}

Test(choose, check_digits_decide_last)
{
	start();
	plan("a.ini", "serial = /^[0-9]+$/\ncheck = luhn", "");
	plan("b.ini", "serial = /^B/", "");
	cr_expect_str_eq(chosen("79927398713"), "a.ini");
	cr_expect_str_eq(chosen("79927398710"), "wrong_check_digit");
	says("would be '3'");
	/* A misprint must not lead to a plan that looks less closely. */
	plan("c.ini", "", "");
	cr_expect_str_eq(chosen("79927398710"), "several_plans");
	finish();
}

Test(choose, several)
{
	start();
	for (int i = 0; i < 6; i++)
		plan(arena_printf(&a, "p%d.ini", i), "serial = /^A/", "");
	cr_expect_str_eq(chosen("(01)1"), "no_plan", "no plan here is for such labels");
	cr_expect_str_eq(chosen("A"), "several_plans");
	says("6 plans want this label");
	says("p0.ini");
	says("p3.ini, ...");
	finish();
}

Test(choose, a_plan_with_errors_is_never_chosen)
{
	start();
	plan("a.ini", "serial = /^A/\nnonsense = 1", "");
	plan("b.ini", "serial = /^B/", "");
	cr_expect_str_eq(chosen("A1"), "plan_not_clean");
	says("a.ini wants this label and has 1 error");
	says("a.ini:6:1: error: unknown key 'nonsense'");
	cr_expect_str_eq(chosen("B1"), "b.ini");
	cr_expect_str_eq(chosen("C1"), "no_plan");
	says("left out because of errors");
	put("a.ini", "[plan\n");
	cr_expect_str_eq(chosen("A1"), "no_plan");
	says("left out because of errors: ");
	/* Nor passed over for another that wants it too: which of the two was meant? */
	plan("a.ini", "serial = /^B/\nnonsense = 1", "");
	cr_expect_str_eq(chosen("B1"), "several_plans");
	finish();
}

Test(choose, plans_for_other_boards_are_passed_over)
{
	start();
	plan("a.ini", "serial = /^A/", "");
	put("b.ini", "[plan]\ntitle = T\nboard = console\nproduct = P\n[step s]\nkind = wait\n"
		     "for = 1 s\n");
	cr_expect_str_eq(chosen("A1"), "a.ini");
	fixture.board = "other";
	shelf_free(shelf);
	shelf = shelf_new(folder, &env);
	cr_expect_str_eq(chosen("A1"), "no_plan");
	says("holds no plan for this fixture");
	finish();
}

Test(choose, no_plans_at_all)
{
	start();
	cr_expect_str_eq(chosen("A1"), "no_plan");
	shelf_free(shelf);
	shelf = shelf_new("/no/such/folder", &env);
	cr_expect_str_eq(chosen("A1"), "no_plan");
	finish();
}

/* A plan is read again when a profile of a board changes. */
Test(choose, a_profile_that_changes_is_another_plan)
{
	static const char title[] = "[plan]\ntitle = T\nboard = prof\nproduct = P\n[step s]\n"
				    "kind = wait\nfor = 1 s\nlimit waited = 1 .. 2 s\n";
	char before[300];

	start();
	fixture.board = "prof";
	put("a.ini", title);
	shelf_refresh(shelf);
	snprintf(before, sizeof(before), "%s", shelf_plan(shelf, 0)->finding[0]);
	cr_expect(strstr(before, "prof"), "%s", before);
	put("prof.ini", "[board]\nfamily = nonsense\n");
	cr_expect_eq(shelf_refresh(shelf), 1);
	cr_expect(strstr(shelf_plan(shelf, 0)->finding[0], "nonsense"), "%s",
		  shelf_plan(shelf, 0)->finding[0]);
	finish();
}

/* Every finding is told, errors first; of very many as many as fit. */
Test(choose, findings)
{
	const struct shelf_plan *p;
	struct sbuf many = { 0 };

	start();
	plan("a.ini", "serial = /^A/\nrevision = 7\n  note = 1",
	     "[step y]\nkind = wait\nfor = 1\n[step z]\nkind = nope\n");
	shelf_refresh(shelf);
	p = shelf_plan(shelf, 0);
	cr_expect_eq(p->errors, 2);
	cr_expect_eq(p->warnings, 1);
	cr_assert_eq(p->findings, 3);
	cr_expect(strstr(p->finding[0], "error"), "%s", p->finding[0]);
	cr_expect(strstr(p->finding[1], "error") && strstr(p->finding[1], "nope"), "%s",
		  p->finding[1]);
	cr_expect(strstr(p->finding[2], "warning"), "%s", p->finding[2]);
	for (int i = 0; i < 60; i++)
		sbuf_printf(&many, "[step n%d]\nkind = nope\n", i);
	plan("a.ini", "serial = /^A/", sbuf_str(&many));
	shelf_refresh(shelf);
	p = shelf_plan(shelf, 0);
	cr_expect_eq(p->errors, 60);
	cr_expect_eq(p->findings, SHELF_FINDINGS);
	sbuf_release(&many);
	finish();
}

/* What changes on disk counts from the next scan on; what does not is not read again. */
Test(choose, refresh)
{
	start();
	env.boards = "/no/such/folder"; /* else each file here is one of a board, too */
	plan("a.ini", "serial = /^A/", "");
	put("common.ini", "[step x]\nkind = wait\nfor = 1 s\nlimit waited = 1 .. 2 s\n");
	put(".hidden.ini", "[plan\n");
	put("notes.txt", "x");
	cr_expect_eq(shelf_refresh(shelf), 1);
	cr_expect_eq(shelf_count(shelf), 1, "a file without [plan] is none");
	cr_expect_str_eq(shelf_plan(shelf, 0)->title, "T");
	cr_expect_eq(shelf_refresh(shelf), 0);
	plan("a.ini", "serial = /^AA/\nrevision = 7", "");
	cr_expect_eq(shelf_refresh(shelf), 1);
	cr_expect_str_eq(shelf_plan(shelf, 0)->revision, "7");
	cr_expect_str_eq(chosen("A1"), "wrong_format");
	plan("b.ini", "serial = /^B/\ninclude = common.ini", "");
	cr_expect_eq(shelf_refresh(shelf), 1);
	cr_assert_eq(shelf_count(shelf), 2);
	cr_expect_eq(shelf_plan(shelf, 1)->errors, 0, "%s", shelf_plan(shelf, 1)->finding[0]);
	put("common.ini", "[step x]\nkind = wait\nfor = 1\n");
	cr_expect_eq(shelf_refresh(shelf), 1);
	cr_expect_eq(shelf_plan(shelf, 1)->errors, 1);
	cr_expect(strstr(shelf_plan(shelf, 1)->finding[0], "common.ini:3:8: error:"), "%s",
		  shelf_plan(shelf, 1)->finding[0]);
	cr_expect_eq(shelf_plan(shelf, 1)->findings,
		     shelf_plan(shelf, 1)->errors + shelf_plan(shelf, 1)->warnings);
	cr_expect_eq(shelf_refresh(shelf), 0);
	in_place("a.ini", "revision = 7", "revision = 8"); /* of the same length */
	cr_expect_eq(shelf_refresh(shelf), 1);
	cr_expect_str_eq(shelf_plan(shelf, 0)->revision, "8");
	unlink(arena_printf(&a, "%s/a.ini", folder));
	cr_expect_eq(shelf_refresh(shelf), 1);
	cr_expect_eq(shelf_count(shelf), 1);
	finish();
}
