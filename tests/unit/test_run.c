#include <criterion/criterion.h>

#include "rows.h"
#include "run_make.h"

TestSuite(run, .timeout = 20);

Test(run, init_copies_the_plan_and_marks_skips)
{
	struct arena a = { 0 };
	struct plan *p = make_plan(&a, 3);
	struct unit_run r, other;

	p->step[1].skipped = 1;
	p->step[2].always = 1;
	run_init(&r, p);
	run_init(&other, p);
	arena_free(&a); /* nothing of the plan is needed any more */
	cr_expect_eq(r.schema, RUN_SCHEMA);
	cr_expect_eq(r.steps, 3);
	cr_expect_str_eq(r.step[0].id, "s1");
	cr_expect_str_eq(r.step[1].skip_rule, "variant");
	cr_expect(r.step[2].always && !r.step[0].always);
	cr_expect_str_eq(r.plan_title, "made");
	cr_expect_eq(strlen(r.id), 36);
	cr_expect_eq(r.id[14], '4');
	cr_expect_str_neq(r.id, other.id);
	cr_expect_eq(r.counts, 1);
	cr_expect_eq(r.verdict, VERDICT_NONE);
	cr_expect_eq(step_run_verdict(&r.step[0]), VERDICT_NONE);
	cr_expect_eq(step_run_verdict(&r.step[1]), VERDICT_SKIP);
	run_release(&r);
	run_release(&r);
	run_release(&other);
}

Test(run, clean_keeps_clean_text_and_escapes_the_rest)
{
	struct arena a = { 0 };
	const char *kept[] = { "", "plain \\x41 \\", "Pr\303\274fung \\", "=cmd()" };

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		cr_expect_eq(run_clean(&a, kept[i]), kept[i], "%s", kept[i]);
	cr_expect_null(run_clean(&a, NULL));
	cr_expect_str_eq(run_clean(&a, "a\033b"), "a\\x1bb");
	cr_expect_str_eq(run_clean(&a, "\xff"), "\\xff");
	cr_expect_str_eq(run_clean(&a, "\n\\"), "\\n\\\\");
	for (size_t i = 0; i < HOSTILE_TEXTS; i++) { /* once clean, it stays so */
		const char *once = run_clean(&a, hostile_texts[i]);

		cr_expect_eq(run_clean(&a, once), once, "row %zu", i);
	}
	arena_free(&a);
}

Test(run, words_are_found_again)
{
	enum run_mode m;

	for (int i = 0; i < MODE_END_; i++) {
		cr_expect_eq(run_mode_find(&m, run_mode_word((enum run_mode)i)), 0);
		cr_expect_eq((int)m, i);
	}
	cr_expect_lt(run_mode_find(&m, "Production"), 0);
	cr_expect_str_eq(judgement_word(JUDGED_UNSET), "UNSET");
	cr_expect_str_eq(judgement_word((enum judgement)99), "UNSET");
}

/* --- the verdict of a run --- */

static const struct {
	const char *name;
	const char *steps; /* one letter a step: P F E A pass fail error abort, - lost, v variant,
			    * s stopped, x aborted, o only, r failed then passed, m marginal;
			    * '!' before a letter makes it an always step */
	enum run_mode mode;
	int interrupted;
	enum verdict verdict;
	enum err_blame blame;
	const char *rule, *first_fail;
} verdicts[] = {
	{ "passed", "PPv", 0, 0, VERDICT_PASS, BLAME_NONE, "all passed", NULL },
	{ "failed", "PFs", 0, 0, VERDICT_FAIL, BLAME_UNIT, "step:s2", "s2#1:ERR_TIMEOUT" },
	{ "error", "PE", 0, 0, VERDICT_ERROR, BLAME_STATION, "step:s2", "s2#1:ERR_PEER" },
	{ "first cause", "FE", 0, 0, VERDICT_FAIL, BLAME_UNIT, "step:s1", "s1#1:ERR_TIMEOUT" },
	{ "ill station first", "EF", 0, 0, VERDICT_ERROR, BLAME_STATION, "step:s1",
	  "s1#1:ERR_PEER" },
	{ "aborted", "PAx", 0, 0, VERDICT_ABORTED, BLAME_OPERATOR, "step:s2", "s2#1:ERR_STOPPED" },
	{ "fail, then abort", "FAx", 0, 0, VERDICT_FAIL, BLAME_UNIT, "step:s1",
	  "s1#1:ERR_TIMEOUT" },
	{ "stopped between steps", "Pxx", 0, 0, VERDICT_ABORTED, BLAME_OPERATOR, "step:s2",
	  "s2#0:ERR_STOPPED" },
	{ "stopped before the first", "xx", 0, 0, VERDICT_ABORTED, BLAME_OPERATOR, "step:s1",
	  "s1#0:ERR_STOPPED" },
	{ "always is considered last", "!FPA", 0, 0, VERDICT_ABORTED, BLAME_OPERATOR, "step:s3",
	  "s3#1:ERR_STOPPED" },
	{ "clean-up fails", "P!F", 0, 0, VERDICT_FAIL, BLAME_UNIT, "step:s2", "s2#1:ERR_TIMEOUT" },
	{ "stop, then clean-up fails", "Px!F", 0, 0, VERDICT_ABORTED, BLAME_OPERATOR, "step:s2",
	  "s2#0:ERR_STOPPED" },
	{ "lost", "P-", 0, 0, VERDICT_ERROR, BLAME_STATION, "lost:s2", "s2#0:ERR_INTERNAL" },
	{ "lost beats fail", "F-", 0, 0, VERDICT_ERROR, BLAME_STATION, "lost:s2",
	  "s1#1:ERR_TIMEOUT" },
	{ "empty", "", 0, 0, VERDICT_ERROR, BLAME_PLAN, "nothing executed", NULL },
	{ "all skipped", "vv", 0, 0, VERDICT_ERROR, BLAME_PLAN, "nothing executed", NULL },
	{ "skipped for no reason", "Ps", 0, 0, VERDICT_ERROR, BLAME_STATION, "skipped:s2",
	  "s2#0:ERR_INTERNAL" },
	{ "only outside partial", "Po", 0, 0, VERDICT_ERROR, BLAME_STATION, "skipped:s2",
	  "s2#0:ERR_INTERNAL" },
	{ "partial", "Po", MODE_PARTIAL, 0, VERDICT_PASS, BLAME_NONE, "all passed", NULL },
	{ "partial with a hole", "Ps", MODE_PARTIAL, 0, VERDICT_ERROR, BLAME_STATION, "skipped:s2",
	  "s2#0:ERR_INTERNAL" },
	{ "interrupted", "PP", 0, 1, VERDICT_INTERRUPTED, BLAME_STATION, "interrupted", NULL },
	{ "interrupted after a fail", "F-", 0, 1, VERDICT_INTERRUPTED, BLAME_STATION, "interrupted",
	  "s1#1:ERR_TIMEOUT" },
	{ "retried", "rP", 0, 0, VERDICT_PASS, BLAME_NONE, "all passed", NULL },
};

static void add_step(struct unit_run *r, size_t i, char c)
{
	switch (c) {
	case 'P':
		make_attempt(r, i, VERDICT_PASS);
		break;
	case 'F':
		make_attempt(r, i, VERDICT_FAIL);
		break;
	case 'E':
		make_attempt(r, i, VERDICT_ERROR);
		break;
	case 'A':
		make_attempt(r, i, VERDICT_ABORT);
		break;
	case 'r':
		make_attempt(r, i, VERDICT_FAIL);
		make_attempt(r, i, VERDICT_PASS);
		break;
	case 'm':
		make_attempt(r, i, VERDICT_PASS)->marginal = 1;
		break;
	case 'v':
		r->step[i].skip_rule = "variant";
		break;
	case 's':
		r->step[i].skip_rule = "stopped:s1";
		break;
	case 'x':
		r->step[i].skip_rule = "aborted";
		break;
	case 'o':
		r->step[i].skip_rule = "only";
		break;
	case '?': /* verdicts that no step may have */
		make_attempt(r, i, VERDICT_INTERRUPTED);
		break;
	default:
		break;
	}
}

static void build(struct unit_run *r, struct arena *a, const char *steps)
{
	size_t n = 0;

	for (const char *c = steps; *c; c++)
		n += *c != '!';
	run_init(r, make_plan(a, n));
	n = 0;
	for (const char *c = steps; *c; c++) {
		if (*c == '!')
			r->step[n].always = 1;
		else
			add_step(r, n++, *c);
	}
}

TEST_ROWS(run, conclude, verdicts)
{
	struct arena a = { 0 };
	struct unit_run r;

	build(&r, &a, verdicts[*i].steps);
	r.mode = verdicts[*i].mode;
	run_conclude(&r, verdicts[*i].interrupted);
	cr_expect_eq(r.verdict, verdicts[*i].verdict, "%s: %s", verdicts[*i].name,
		     verdict_word(r.verdict));
	cr_expect_eq(r.blame, verdicts[*i].blame, "%s: %s", verdicts[*i].name,
		     err_blame_word(r.blame));
	cr_expect_str_eq(r.verdict_rule, verdicts[*i].rule, "%s: %s", verdicts[*i].name,
			 r.verdict_rule);
	if (verdicts[*i].first_fail && r.first_fail)
		cr_expect_str_eq(r.first_fail, verdicts[*i].first_fail, "%s: %s", verdicts[*i].name,
				 r.first_fail);
	else
		cr_expect_eq(r.first_fail, verdicts[*i].first_fail, "%s: %s", verdicts[*i].name,
			     r.first_fail);
	run_release(&r);
	arena_free(&a);
}

Test(run, retried_and_marginal_are_of_passing_runs)
{
	struct arena a = { 0 };
	struct unit_run r;

	build(&r, &a, "rmP");
	run_conclude(&r, 0);
	cr_expect_eq(r.verdict, VERDICT_PASS);
	cr_expect(r.retried && r.marginal);
	run_release(&r);
	build(&r, &a, "PPP");
	run_conclude(&r, 0);
	cr_expect(!r.retried && !r.marginal);
	run_release(&r);
	arena_free(&a);
}

Test(run, a_skip_hides_no_failed_attempt)
{
	struct arena a = { 0 };
	struct unit_run r;

	build(&r, &a, "PF");
	r.step[1].skip_rule = "variant";
	run_conclude(&r, 0);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	run_release(&r);
	arena_free(&a);
}

/* Random lists of steps: what must hold for each of them. */
Test(run, properties_of_the_verdict)
{
	static const char letters[] = "PPPPFEA-vvsxorm?";
	struct arena a = { 0 };
	struct rng g = { .state = 11 };

	for (int round = 0; round < 20000; round++) {
		char steps[32] = "", more[40];
		size_t n = rng_next(&g) % 6, at;
		int all_good = 1, executed = 0;
		struct unit_run r;
		enum verdict v;
		char rule[64];

		for (size_t i = 0; i < n; i++) {
			char c = letters[rng_next(&g) % (sizeof(letters) - 1)];

			if (rng_chance(&g, 0.2))
				strncat(steps, "!", sizeof(steps) - strlen(steps) - 1);
			strncat(steps, &c, 1);
			all_good &= strchr("Pvrm", c) != NULL;
			executed |= strchr("Prm", c) != NULL;
		}
		build(&r, &a, steps);
		run_conclude(&r, 0);
		v = r.verdict;
		snprintf(rule, sizeof(rule), "%s", r.verdict_rule);
		cr_assert_neq(v, VERDICT_NONE);
		cr_assert_eq(v == VERDICT_PASS, all_good && executed, "%s: %s", steps,
			     verdict_word(v));
		cr_assert((v == VERDICT_PASS) == (r.blame == BLAME_NONE), "%s", steps);
		run_conclude(&r, 0); /* same input, same output */
		cr_assert_eq(r.verdict, v, "%s", steps);
		cr_assert_str_eq(r.verdict_rule, rule, "%s", steps);
		run_conclude(&r, 1);
		cr_assert_eq(r.verdict, VERDICT_INTERRUPTED);
		run_release(&r);

		/* One more step that is not PASS never makes a run pass. */
		at = rng_next(&g) % (strlen(steps) + 1);
		while (at && steps[at - 1] == '!')
			at--;
		snprintf(more, sizeof(more), "%.*s%c%s", (int)at, steps,
			 "FEA-vsxo?"[rng_next(&g) % 9], steps + at);
		build(&r, &a, more);
		run_conclude(&r, 0);
		cr_assert(r.verdict != VERDICT_PASS || v == VERDICT_PASS, "%s, then %s", steps,
			  more);
		run_release(&r);
	}
	arena_free(&a);
}

Test(run, measures_are_printed_for_people)
{
	struct sbuf b = { 0 };
	struct measure m = { .type = VALUE_NUM, .unit = "Mbit/s", .has = 1, .num = 18.25 };

	measure_print(&b, &m);
	cr_expect_str_eq(sbuf_str(&b), "18.25 Mbit/s");
	sbuf_reset(&b);
	m = (struct measure){ .type = VALUE_NUM, .reason = "timed out" };
	measure_print(&b, &m);
	cr_expect_str_eq(sbuf_str(&b), "no value: timed out");
	sbuf_reset(&b);
	m = (struct measure){ .type = VALUE_BOOL, .has = 1, .num = 1 };
	measure_print(&b, &m);
	cr_expect_str_eq(sbuf_str(&b), "yes");
	sbuf_release(&b);
}
