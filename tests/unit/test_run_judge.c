#include <criterion/criterion.h>

#include "rows.h"
#include "run_make.h"

TestSuite(run_judge, .timeout = 20);

static void add_limit(struct arena *a, struct plan_step *s, const char *measure,
		      enum value_type type, const char *unit, const char *text)
{
	struct limit *more = arena_alloc(a, (s->limits + 1) * sizeof(*more));
	struct err err = { 0 };
	enum finding_code code;
	size_t at;

	if (s->limits)
		memcpy(more, s->limit, s->limits * sizeof(*more));
	s->limit = more;
	cr_assert_eq(limit_scan(&more[s->limits], text, type, unit, a, &at, &code, &err), 0,
		     "%s: %s", text, err.text);
	more[s->limits].measure = measure;
	more[s->limits].from = (struct place){ "plans/make.ini", 17, 1 };
	s->limits++;
}

/* One step with `rate >= 18 Mbit/s, warn >= 22 Mbit/s`, and one measure or none. */
static const struct {
	const char *name;
	int code, measured, has;
	double rate;
	enum verdict verdict;
	enum err_blame blame;
	const char *code_name, *message;
	enum judgement result;
	int marginal;
} attempts[] = {
	{ "pass", 0, 1, 1, 30, VERDICT_PASS, BLAME_NONE, NULL, NULL, JUDGED_PASS, 0 },
	{ "on the limit", 0, 1, 1, 18, VERDICT_PASS, BLAME_NONE, NULL, NULL, JUDGED_PASS, 1 },
	{ "marginal", 0, 1, 1, 20, VERDICT_PASS, BLAME_NONE, NULL, NULL, JUDGED_PASS, 1 },
	{ "broken", 0, 1, 1, 17.9, VERDICT_FAIL, BLAME_UNIT, "ERR_LIMIT",
	  "rate is 17.9 Mbit/s, must be >= 18 Mbit/s", JUDGED_FAIL, 0 },
	{ "unset", 0, 0, 0, 0, VERDICT_ERROR, BLAME_STATION, "ERR_UNSET",
	  "rate is limited and was not measured", JUDGED_UNSET, 0 },
	{ "no value", 0, 1, 0, 0, VERDICT_ERROR, BLAME_STATION, "ERR_UNSET", "rate has no value",
	  JUDGED_UNSET, 0 },
	{ "nan", 0, 1, 1, NAN, VERDICT_ERROR, BLAME_STATION, "ERR_UNSET",
	  "rate has no value: not a finite number", JUDGED_UNSET, 0 },
	{ "infinity", 0, 1, 1, INFINITY, VERDICT_ERROR, BLAME_STATION, "ERR_UNSET",
	  "rate has no value: not a finite number", JUDGED_UNSET, 0 },
	{ "stopped", ERR_STOPPED, 1, 1, 30, VERDICT_ABORT, BLAME_OPERATOR, "ERR_STOPPED", "why",
	  JUDGED_NONE, 0 },
	{ "worker lost", ERR_WORKER, 1, 1, 30, VERDICT_ERROR, BLAME_STATION, "ERR_WORKER", "why",
	  JUDGED_NONE, 0 },
	{ "killed at the timeout", ERR_DEADLINE, 1, 1, 1, VERDICT_ERROR, BLAME_STATION,
	  "ERR_DEADLINE", "why", JUDGED_NONE, 0 },
	{ "silent unit", ERR_TIMEOUT, 1, 1, 30, VERDICT_FAIL, BLAME_UNIT, "ERR_TIMEOUT", "why",
	  JUDGED_NONE, 0 },
	{ "peer busy", ERR_PEER, 1, 1, 30, VERDICT_ERROR, BLAME_STATION, "ERR_PEER", "why",
	  JUDGED_NONE, 0 },
	{ "plan wrong", ERR_PLAN, 0, 0, 0, VERDICT_ERROR, BLAME_PLAN, "ERR_PLAN", "why",
	  JUDGED_NONE, 0 },
	{ "unknown code", -7777, 1, 1, 30, VERDICT_ERROR, BLAME_STATION, "unknown", "why",
	  JUDGED_NONE, 0 },
	{ "positive code", 5, 1, 1, 30, VERDICT_ERROR, BLAME_STATION, "unknown", "why", JUDGED_NONE,
	  0 },
};

TEST_ROWS(run_judge, one_attempt, attempts)
{
	struct arena a = { 0 };
	struct plan *p = make_plan(&a, 1);
	struct unit_run r;
	struct attempt *at;
	const char *name = attempts[*i].name;

	add_limit(&a, &p->step[0], "rate", VALUE_NUM, "Mbit/s", ">= 18 Mbit/s, warn >= 22 Mbit/s");
	run_init(&r, p);
	at = run_attempt_add(&r, 0);
	if (attempts[*i].measured)
		make_num(&r, at, "rate", attempts[*i].rate)->has = attempts[*i].has;
	run_judge(&r, at, &p->step[0], attempts[*i].code, attempts[*i].code ? "why" : NULL);
	limit_release(&p->step[0].limit[0]);
	arena_free(&a); /* the run needs nothing of the plan */
	cr_expect_eq(at->verdict, attempts[*i].verdict, "%s: %s", name, verdict_word(at->verdict));
	cr_expect_eq(at->blame, attempts[*i].blame, "%s", name);
	cr_expect_eq(!at->code, !attempts[*i].code_name, "%s", name);
	if (at->code && attempts[*i].code_name)
		cr_expect_str_eq(at->code, attempts[*i].code_name, "%s: %s", name, at->code);
	cr_expect_eq(!at->message, !attempts[*i].message, "%s", name);
	if (at->message && attempts[*i].message)
		cr_expect_str_eq(at->message, attempts[*i].message, "%s: %s", name, at->message);
	cr_expect_eq(at->marginal, attempts[*i].marginal, "%s", name);
	if (at->measures) {
		const struct measure *m = &at->measure[0];

		cr_expect_eq(m->result, attempts[*i].result, "%s: %s", name,
			     judgement_word(m->result));
		cr_expect_eq(m->op, LIMIT_GE);
		cr_expect(m->has_lo && !m->has_hi && m->has_warn_lo && !m->has_warn_hi);
		cr_expect_eq(m->lo, 18);
		cr_expect_eq(m->warn_lo, 22);
		cr_expect_str_eq(m->expected, ">= 18 Mbit/s");
		cr_expect_str_eq(m->from, "plans/make.ini:17");
		cr_expect(m->has || m->num == 0, "a value that is none is not kept");
		cr_expect_eq(at->not_judged, attempts[*i].code != 0, "%s", name);
	}
	run_conclude(&r, 0);
	cr_expect_eq(r.verdict == VERDICT_PASS, at->verdict == VERDICT_PASS, "%s", name);
	run_release(&r);
}

Test(run_judge, the_first_broken_limit_is_shown_and_every_limit_counts)
{
	struct arena a = { 0 };
	struct plan *p = make_plan(&a, 1);
	struct unit_run r;
	struct attempt *at;

	add_limit(&a, &p->step[0], "rate", VALUE_NUM, "Mbit/s", ">= 10 Mbit/s");
	add_limit(&a, &p->step[0], "rate", VALUE_NUM, "Mbit/s", "<= 15 Mbit/s");
	run_init(&r, p);
	at = run_attempt_add(&r, 0);
	make_num(&r, at, "rate", 20);
	run_judge(&r, at, &p->step[0], 0, NULL);
	cr_expect_eq(at->verdict, VERDICT_FAIL);
	cr_expect_str_eq(at->measure[0].expected, "<= 15 Mbit/s");
	run_judge(&r, at, &p->step[0], 0, NULL); /* judged again, it is the same */
	cr_expect_eq(at->measures, 1);
	cr_expect_eq(at->verdict, VERDICT_FAIL);
	run_conclude(&r, 0);
	cr_expect_str_eq(r.first_fail, "s1#1.rate");
	run_release(&r);
	arena_free(&a);
}

Test(run_judge, a_missing_value_outweighs_a_broken_limit)
{
	struct arena a = { 0 };
	struct plan *p = make_plan(&a, 1);
	struct unit_run r;
	struct attempt *at;

	add_limit(&a, &p->step[0], "rate", VALUE_NUM, "Mbit/s", ">= 18 Mbit/s");
	add_limit(&a, &p->step[0], "version", VALUE_VERSION, NULL, "one of 24.03, 24.06");
	run_init(&r, p);
	at = run_attempt_add(&r, 0);
	make_num(&r, at, "rate", 1);
	run_judge(&r, at, &p->step[0], 0, NULL);
	cr_expect_eq(at->verdict, VERDICT_ERROR);
	cr_expect_str_eq(at->code, "ERR_UNSET");
	cr_expect_eq(at->measures, 2);
	cr_expect_str_eq(at->measure[1].name, "version");
	cr_expect_eq(at->measure[1].result, JUDGED_UNSET);
	run_release(&r);
	arena_free(&a);
}

Test(run_judge, indexed_limits_judge_each_and_none_is_unset)
{
	struct arena a = { 0 };
	struct plan *p = make_plan(&a, 1);
	struct unit_run r;
	struct attempt *at;

	add_limit(&a, &p->step[0], "mac_restart", VALUE_TEXT, NULL, "== aa");
	run_init(&r, p);
	at = run_attempt_add(&r, 0);
	make_text(&r, at, "mac_restart.1", "aa");
	make_text(&r, at, "mac_restart.2", "bb");
	make_text(&r, at, "mac_restarts", "cc"); /* another name */
	run_judge(&r, at, &p->step[0], 0, NULL);
	cr_expect_eq(at->measures, 3);
	cr_expect_eq(at->measure[0].result, JUDGED_PASS);
	cr_expect_eq(at->measure[1].result, JUDGED_FAIL);
	cr_expect_eq(at->measure[2].result, JUDGED_NONE);
	cr_expect_eq(at->verdict, VERDICT_FAIL);
	at = run_attempt_add(&r, 0);
	run_judge(&r, at, &p->step[0], 0, NULL);
	cr_expect_eq(at->verdict, VERDICT_ERROR);
	cr_expect_str_eq(at->code, "ERR_UNSET");
	run_release(&r);
	arena_free(&a);
}

Test(run_judge, an_optional_measure_that_is_limited_and_unset_is_no_pass)
{
	struct arena a = { 0 };
	struct plan *p = make_plan(&a, 1);
	struct unit_run r;
	struct attempt *at;

	add_limit(&a, &p->step[0], "extra", VALUE_NUM, NULL, "<= 1");
	run_init(&r, p);
	at = run_attempt_add(&r, 0);
	run_judge(&r, at, &p->step[0], 0, NULL);
	cr_expect_eq(at->verdict, VERDICT_ERROR);
	cr_expect_str_eq(at->code, "ERR_UNSET");
	cr_expect_eq(at->measure[0].result, JUDGED_UNSET);
	/* A broken limit tells more: the optional one may be missing because of it. */
	add_limit(&a, &p->step[0], "rate", VALUE_NUM, "Mbit/s", ">= 18 Mbit/s");
	at = run_attempt_add(&r, 0);
	make_num(&r, at, "rate", 17);
	run_judge(&r, at, &p->step[0], 0, NULL);
	cr_expect_eq(at->verdict, VERDICT_FAIL);
	cr_expect_str_eq(at->code, "ERR_LIMIT");
	run_release(&r);
	arena_free(&a);
}

Test(run_judge, a_limit_on_what_the_kind_does_not_measure_is_the_plans_fault)
{
	struct arena a = { 0 };
	struct plan *p = make_plan(&a, 1);
	struct unit_run r;
	struct attempt *at;

	add_limit(&a, &p->step[0], "volts", VALUE_NUM, "V", "<= 1 V");
	run_init(&r, p);
	at = run_attempt_add(&r, 0);
	run_judge(&r, at, &p->step[0], 0, NULL);
	cr_expect_eq(at->verdict, VERDICT_ERROR);
	cr_expect_eq(at->blame, BLAME_PLAN);
	cr_expect_str_eq(at->message,
			 "volts is limited, and 'mac_persistence' does not measure it");
	run_release(&r);
	arena_free(&a);
}

Test(run_judge, a_costly_pattern_is_the_plans_fault)
{
	struct arena a = { 0 };
	struct plan *p = make_plan(&a, 1);
	struct unit_run r;
	struct attempt *at;
	static char many[60001];

	memset(many, 'a', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	add_limit(&a, &p->step[0], "mac_restart", VALUE_TEXT, NULL, "matches /^(a|b)*$/");
	run_init(&r, p);
	at = run_attempt_add(&r, 0);
	make_text(&r, at, "mac_restart.1", many);
	run_judge(&r, at, &p->step[0], 0, NULL);
	cr_assert_eq(at->verdict, VERDICT_ERROR);
	cr_expect_eq(at->blame, BLAME_PLAN);
	cr_expect_str_eq(at->code, "ERR_COSTLY");
	cr_expect_eq(at->measure[0].result, JUDGED_UNSET);
	limit_release(&p->step[0].limit[0]);
	run_release(&r);
	arena_free(&a);
}

Test(run_judge, a_message_with_foreign_bytes_is_escaped)
{
	struct arena a = { 0 };
	struct plan *p = make_plan(&a, 1);
	struct unit_run r;
	struct attempt *at;

	run_init(&r, p);
	at = run_attempt_add(&r, 0);
	run_judge(&r, at, &p->step[0], ERR_PROTO, "unit said \033[2J\xff");
	cr_expect_str_eq(at->message, "unit said \\x1b[2J\\xff");
	run_release(&r);
	arena_free(&a);
}
