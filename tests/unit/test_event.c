#include <criterion/criterion.h>

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "engine/event.h"
#include "tests/unit/run_make.h"

TestSuite(event, .timeout = 20);

/* A run with one attempt and one measure, and an event that points into it. */
struct told {
	struct arena arena;
	struct unit_run run;
	struct attempt *attempt;
	struct measure *measure;
	struct event e;
	struct sbuf text;
};

static void make(struct told *t, enum event_type type)
{
	*t = (struct told){ .e = { .type = type, .at_ms = 1234, .slot = 1 } };
	run_init(&t->run, make_plan(&t->arena, 2));
	t->run.slot = "2";
	t->run.serial = "VB-0001";
	t->attempt = make_attempt(&t->run, 1, VERDICT_FAIL);
	t->measure = make_num(&t->run, t->attempt, "rate", 18.25);
	t->e.run = &t->run;
	t->e.step = 1;
	t->e.attempt = t->attempt;
}

/* Parse what was written; every event is one line and one object. */
static json_t *parse(struct told *t)
{
	json_error_t where;
	json_t *root;

	sbuf_reset(&t->text);
	event_to_json(&t->text, &t->e);
	cr_assert_gt(t->text.len, 2);
	cr_assert_eq(strcspn(sbuf_str(&t->text), "\n"), t->text.len - 1, "%s", sbuf_str(&t->text));
	root = json_loadb(sbuf_str(&t->text), t->text.len, JSON_REJECT_DUPLICATES, &where);
	cr_assert_not_null(root, "%s: %s", where.text, sbuf_str(&t->text));
	cr_assert(json_is_object(root));
	return root;
}

static const char *text_of(const json_t *root, const char *key)
{
	const char *s = json_string_value(json_object_get(root, key));

	return s ? s : json_object_get(root, key) ? "(no text)" : "(absent)";
}

static void done(struct told *t, json_t *root)
{
	json_decref(root);
	run_release(&t->run);
	sbuf_release(&t->text);
	arena_free(&t->arena);
}

/* Of a run, with everything that an event may point to. */
Test(event, each_type_of_a_run)
{
	for (int type = 0; type < EVENT_END_; type++) {
		struct told t;
		json_t *root;

		make(&t, (enum event_type)type);
		t.e.text = "what \"it\" says\n";
		root = parse(&t);
		cr_expect_str_eq(text_of(root, "event"), event_name((enum event_type)type));
		cr_expect_eq(json_integer_value(json_object_get(root, "at_ms")), 1234);
		cr_expect_str_eq(text_of(root, "slot"), "2");
		cr_expect_str_eq(text_of(root, "unit"), "VB-0001");
		cr_expect_str_eq(text_of(root, "run"), t.run.id);
		cr_expect_str_eq(text_of(root, "text"), "what \"it\" says\n");
		done(&t, root);
	}
}

/* Of the station: no run, nothing else. */
Test(event, each_type_of_the_station)
{
	for (int type = 0; type < EVENT_END_; type++) {
		struct told t;
		json_t *root;

		if (type == EVENT_STEP_ENDED || type == EVENT_RUN_RECORDED)
			continue; /* are told of a run only */
		make(&t, (enum event_type)type);
		t.e = (struct event){ .type = (enum event_type)type, .slot = -1 };
		root = parse(&t);
		cr_expect_str_eq(text_of(root, "slot"), "(absent)");
		cr_expect_str_eq(text_of(root, "step"), "(absent)");
		done(&t, root);
	}
}

Test(event, names)
{
	for (int a = 0; a < EVENT_END_; a++)
		for (int b = 0; b < a; b++)
			cr_expect_str_neq(event_name((enum event_type)a),
					  event_name((enum event_type)b));
	cr_expect_str_eq(event_name(EVENT_END_), "unknown");
}

Test(event, step_ended)
{
	struct told t;
	json_t *root;

	make(&t, EVENT_STEP_ENDED);
	root = parse(&t);
	cr_expect_str_eq(text_of(root, "step"), "s2");
	cr_expect_str_eq(text_of(root, "verdict"), "FAIL");
	cr_expect_str_eq(text_of(root, "blame"), "unit");
	cr_expect_str_eq(text_of(root, "code"), "ERR_TIMEOUT");
	cr_expect_str_eq(text_of(root, "message"), "unit did not answer in time");
	cr_expect_eq(json_integer_value(json_object_get(root, "duration_ms")), 90);
	cr_expect_eq(json_integer_value(json_object_get(root, "attempt")), 1);
	done(&t, root);
}

Test(event, passed)
{
	struct told t;
	json_t *root;

	make(&t, EVENT_STEP_ENDED);
	t.attempt->verdict = VERDICT_PASS;
	t.attempt->blame = BLAME_NONE;
	t.attempt->code = t.attempt->message = NULL;
	root = parse(&t);
	cr_expect_str_eq(text_of(root, "verdict"), "PASS");
	cr_expect_str_eq(text_of(root, "blame"), "-");
	cr_expect(json_is_null(json_object_get(root, "code")));
	cr_expect(json_is_null(json_object_get(root, "message")));
	done(&t, root);
}

Test(event, run_recorded)
{
	struct told t;
	json_t *root;

	make(&t, EVENT_RUN_RECORDED);
	t.e.attempt = NULL;
	t.run.verdict = VERDICT_FAIL;
	t.run.blame = BLAME_UNIT;
	t.run.first_fail = "s2#1:ERR_TIMEOUT";
	t.run.seq = 77;
	snprintf(t.run.hash, sizeof(t.run.hash), "%s", "abc");
	root = parse(&t);
	cr_expect_str_eq(text_of(root, "verdict"), "FAIL");
	cr_expect_str_eq(text_of(root, "first_fail"), "s2#1:ERR_TIMEOUT");
	cr_expect_str_eq(text_of(root, "hash"), "abc");
	cr_expect_eq(json_integer_value(json_object_get(root, "seq")), 77);
	cr_expect_str_eq(text_of(root, "step"), "(absent)");
	done(&t, root);
}

Test(event, not_recorded)
{
	struct err err = { ERR_STORE, "the disk is full" };
	struct told t;
	json_t *root;

	make(&t, EVENT_NOT_RECORDED);
	t.e.attempt = NULL;
	t.e.text = err.text;
	t.e.err = &err;
	root = parse(&t);
	cr_expect_str_eq(text_of(root, "code"), "ERR_STORE");
	cr_expect_str_eq(text_of(root, "text"), "the disk is full");
	cr_expect_str_eq(text_of(root, "verdict"), "(absent)", "no verdict without a record");
	done(&t, root);
}

Test(event, measures)
{
	struct told t;
	json_t *root;
	double x;

	make(&t, EVENT_MEASURE);
	t.e.measure = t.measure;
	t.measure->note = "slow";
	root = parse(&t);
	cr_expect_str_eq(text_of(root, "measure"), "rate");
	cr_expect_eq(json_real_value(json_object_get(root, "value")), 18.25);
	cr_expect_str_eq(text_of(root, "value_unit"), t.measure->unit);
	cr_expect_str_eq(text_of(root, "unit"), "VB-0001");
	cr_expect_str_eq(text_of(root, "note"), "slow");
	json_decref(root);
	for (int i = 0; i < 3; i++) { /* a number that is none is null, never 0 */
		t.measure->num = i == 0 ? (double)NAN : i == 1 ? INFINITY : -INFINITY;
		root = parse(&t);
		cr_expect(json_is_null(json_object_get(root, "value")));
		json_decref(root);
	}
	t.measure->has = 0;
	root = parse(&t);
	cr_expect(json_is_null(json_object_get(root, "value")));
	json_decref(root);
	t.measure->has = 1;
	t.measure->type = VALUE_BOOL;
	t.measure->num = 1;
	t.measure->unit = NULL;
	root = parse(&t);
	cr_expect(json_is_true(json_object_get(root, "value")));
	cr_expect_str_eq(text_of(root, "value_unit"), "(absent)");
	json_decref(root);
	t.measure->type = VALUE_VERSION;
	t.measure->text = "24.06\t\"\\\x01\x7f";
	root = parse(&t);
	cr_expect_str_eq(text_of(root, "value"), "24.06\t\"\\\x01\x7f");
	json_decref(root);
	t.measure->text = "\xff\xfe";
	root = parse(&t);
	cr_expect_str_eq(text_of(root, "value"), "\xef\xbf\xbd\xef\xbf\xbd");
	json_decref(root);
	t.e.type = EVENT_PROGRESS;
	t.e.measure = NULL;
	for (x = -1; x <= 1; x += 0.125) {
		t.e.done = x;
		root = parse(&t);
		cr_expect_eq(json_number_value(json_object_get(root, "done")), x);
		json_decref(root);
	}
	t.e.done = 0;
	done(&t, parse(&t));
}

Test(event, question)
{
	static const char *const choices[] = { "red", "a \"b\"", NULL };
	struct step_question q = { "choice", "Which?", NULL, choices };
	struct told t;
	const json_t *list;
	json_t *root;

	make(&t, EVENT_QUESTION);
	t.e.question = &q;
	t.e.text = q.text;
	root = parse(&t);
	list = json_object_get(root, "choices");
	cr_expect_str_eq(text_of(root, "kind"), "choice");
	cr_expect_str_eq(text_of(root, "text"), "Which?");
	cr_assert_eq(json_array_size(list), 2);
	cr_expect_str_eq(json_string_value(json_array_get(list, 1)), "a \"b\"");
	json_decref(root);
	q.choices = NULL;
	root = parse(&t);
	cr_expect_eq(json_array_size(json_object_get(root, "choices")), 0);
	done(&t, root);
}

/* A step behind the plan's last is not looked up. */
Test(event, step_that_is_none)
{
	struct told t;
	json_t *root;

	make(&t, EVENT_STEP_STARTED);
	t.e.step = 2;
	root = parse(&t);
	cr_expect_str_eq(text_of(root, "step"), "(absent)");
	done(&t, root);
}

Test(event, hostile)
{
	struct rng g = { 5 };

	for (int round = 0; round < 500; round++) {
		struct told t;

		make(&t, (enum event_type)(rng_next(&g) % EVENT_END_));
		t.run.serial = make_hostile(&g);
		t.run.slot = make_hostile(&g);
		t.e.text = make_hostile(&g);
		t.attempt->message = make_hostile(&g);
		t.measure->note = make_hostile(&g);
		t.e.measure = t.measure;
		done(&t, parse(&t));
	}
}
