#include "base/clock.h"
#include "tests/unit/rows.h"
#include "tests/unit/step_rig.h"

TestSuite(step_prompt, .timeout = 20);

#define ANSWERS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct row {
	const char *keys;
	const char *answers[4];
	enum err_code code; /* when there is no more answer */
	const char *outcome, *measures, *asked;
} rows[] = {
	{ "", { "pass" }, 0, "PASS - -", "answer=pass", "pass: Is it on? [pass fail]\n" },
	{ "", { "fail" }, 0, "FAIL unit ERR_LIMIT", "answer=fail", NULL },
	/* What is no answer to the question is asked again. */
	{ "",
	  { "PASS", "", "pass" },
	  0,
	  "PASS - -",
	  "answer=pass",
	  "pass: Is it on? [pass fail]\npass: Is it on? [pass fail]\n"
	  "pass: Is it on? [pass fail]\n" },
	{ "", { NULL }, ERR_NOBODY, "ERROR station ERR_NOBODY", "", NULL },
	{ "", { NULL }, ERR_UNANSWERED, "ABORT operator ERR_UNANSWERED", "", NULL },
	{ "", { NULL }, ERR_STOPPED, "ABORT operator ERR_STOPPED", "", NULL },
	{ "", { "maybe" }, ERR_UNANSWERED, "ABORT operator ERR_UNANSWERED", "", NULL },
	{ "answer = choice\nchoices = red, green, dark blue\naccept = green, dark blue\n",
	  { "dark blue" },
	  0,
	  "PASS - -",
	  "answer=dark blue",
	  "choice: Is it on? [red green dark blue]\n" },
	{ "answer = choice\nchoices = red, green\naccept = green\n",
	  { "red" },
	  0,
	  "FAIL unit ERR_LIMIT",
	  "answer=red",
	  NULL },
	{ "answer = text\nlimit answer = matches /^[0-9]+$/\n",
	  { "", "17" },
	  0,
	  "PASS - -",
	  "answer=17",
	  "text: Is it on?\ntext: Is it on?\n" },
	{ "answer = scan\nlimit answer = matches /^[0-9]+$/\n",
	  { "A7" },
	  0,
	  "FAIL unit ERR_LIMIT",
	  "answer=A7",
	  "scan: Is it on?\n" },
	{ "answer = text\naccept = yes, no\n", { "no" }, 0, "PASS - -", "answer=no", NULL },
};

TEST_ROWS(step_prompt, answer, rows)
{
	const struct row *row = &rows[*i];
	struct sbuf step = { 0 };
	struct rig r;

	sbuf_printf(&step, "kind = prompt\ntext = Is it on?\n%s", row->keys);
	rig_open(&r, NULL, sbuf_str(&step), NULL);
	r.answers = row->answers;
	r.answer_code = row->code;
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), row->outcome, "row %zu: %s", *i, rig_outcome(&r));
	cr_expect_str_eq(rig_measures(&r), row->measures, "row %zu: %s", *i, rig_measures(&r));
	if (row->asked)
		cr_expect_str_eq(sbuf_str(&r.asked), row->asked, "row %zu: %s", *i,
				 sbuf_str(&r.asked));
	cr_expect(!row->code || strstr(r.attempt->message, "asking the operator"), "%s",
		  r.attempt->message);
	rig_close(&r);
	sbuf_release(&step);
}

/* Wrong answers do not hold the step up beyond its time. */
Test(step_prompt, ends_in_time)
{
	struct rig r;

	rig_open(&r, NULL, "kind = prompt\ntext = ?\nwithin = 30 s\n", NULL);
	r.answer_code = ERR_UNANSWERED;
	rig_run(&r);
	cr_expect_eq(clock_ms(), 1030000);
	rig_close(&r);
	rig_open(&r, NULL, "kind = prompt\ntext = ?\nwithin = 30 s\n", NULL);
	r.answer_code = ERR_UNANSWERED;
	r.until_ms = 1002000;
	rig_run(&r);
	cr_expect_eq(clock_ms(), 1002000);
	rig_close(&r);
	rig_open(&r, NULL, "kind = prompt\ntext = ?\nwithin = 30 s\n", NULL);
	r.answers = ANSWERS("what?");
	r.until_ms = 1000000; /* over when the answer comes */
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "ABORT operator ERR_UNANSWERED");
	rig_close(&r);
}

Test(step_prompt, needs_an_operator_and_no_board)
{
	const struct step_driver *d = step_find("prompt");

	cr_expect_eq(d->needs, (uint32_t)STEP_NEEDS_OPERATOR);
	cr_expect_eq(d->asks, 0u);
}

static const struct implied_row {
	const char *keys, *limits;
} implied[] = {
	{ "", "answer == pass (implied)\n" },
	{ "answer = text\naccept = a, b\n", "answer one of a, b (implied)\n" },
	{ "answer = scan\nlimit answer = != x\n", "answer != x\n" },
};

TEST_ROWS(step_prompt, implies, implied)
{
	struct sbuf step = { 0 };
	struct rig r;

	sbuf_printf(&step, "kind = prompt\ntext = ?\n%s", implied[*i].keys);
	rig_open(&r, NULL, sbuf_str(&step), NULL);
	cr_expect_str_eq(rig_limits(&r), implied[*i].limits, "%s", rig_limits(&r));
	rig_close(&r);
	sbuf_release(&step);
}

static const struct finding_row {
	const char *keys, *told;
} findings[] = {
	{ "answer = choice\nchoices = a, b\naccept = a\n", "" },
	{ "answer = choice\naccept = a\n",
	  "6:1: missing-key: [step s] asks for a choice and needs 'choices', at least two\n" },
	{ "answer = choice\nchoices = a\naccept = a\n",
	  "6:1: missing-key: [step s] asks for a choice and needs 'choices', at least two\n" },
	{ "answer = text\nchoices = a, b\naccept = a\n",
	  "10:1: contradiction: 'choices' is only for answer = choice\n" },
	{ "choices = a, b\n", "9:1: contradiction: 'choices' is only for answer = choice\n" },
	{ "answer = choice\nchoices = a, b\naccept = a, c\n",
	  "11:10: contradiction: 'accept' lists 'c', which is none of the choices\n" },
	{ "accept = fail\n",
	  "9:1: contradiction: 'accept' is not for answer = pass: pass passes, and fail fails\n" },
};

TEST_ROWS(step_prompt, lint, findings)
{
	struct sbuf keys = { 0 };
	const char *told;

	sbuf_printf(&keys, "kind = prompt\ntext = Is it on?\n%s", findings[*i].keys);
	told = rig_check(NULL, NULL, sbuf_str(&keys));
	cr_expect_str_eq(told, findings[*i].told, "row %zu: %s", *i, told);
	sbuf_release(&keys);
}
