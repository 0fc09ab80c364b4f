#include <criterion/criterion.h>

#include "rows.h"
#include "base/sbuf.h"
#include "run_make.h"

TestSuite(run_json, .timeout = 20);

static const char *text_or_null(struct rng *g)
{
	return rng_chance(g, 0.4) ? NULL : make_hostile(g);
}

static void random_measure(struct unit_run *r, struct attempt *a, struct rng *g)
{
	struct measure *m = run_measure_add(r, a);

	m->name = make_hostile(g);
	m->type = (enum value_type)(rng_next(g) % (VALUE_BOOL + 1));
	m->unit = text_or_null(g);
	m->has = m->type != VALUE_NONE && rng_chance(g, 0.8);
	if (m->has && m->type == VALUE_NUM)
		m->num = make_double(g);
	else if (m->has && m->type == VALUE_BOOL)
		m->num = rng_chance(g, 0.5);
	else if (m->has)
		m->text = make_hostile(g);
	m->reason = text_or_null(g);
	m->raw = text_or_null(g);
	m->note = text_or_null(g);
	m->op = (enum limit_op)(rng_next(g) % LIMIT_END_);
	m->has_lo = rng_chance(g, 0.5);
	m->has_hi = rng_chance(g, 0.5);
	m->has_warn_lo = rng_chance(g, 0.5);
	m->has_warn_hi = rng_chance(g, 0.5);
	m->lo = m->has_lo ? make_double(g) : 0;
	m->hi = m->has_hi ? make_double(g) : 0;
	m->warn_lo = m->has_warn_lo ? make_double(g) : 0;
	m->warn_hi = m->has_warn_hi ? make_double(g) : 0;
	m->expected = text_or_null(g);
	m->result = (enum judgement)(rng_next(g) % (JUDGED_UNSET + 1));
	m->marginal = rng_chance(g, 0.2);
	m->at_ms = (int64_t)(rng_next(g) >> 20);
	m->from = text_or_null(g);
}

static void random_run(struct unit_run *r, struct arena *a, struct rng *g)
{
	run_init(r, make_plan(a, rng_next(g) % 4));
	r->serial = make_hostile(g);
	r->label_raw = text_or_null(g);
	r->operator= text_or_null(g);
	r->slot = text_or_null(g);
	r->first_fail = text_or_null(g);
	r->stop_reason = text_or_null(g);
	r->console = rng_chance(g, 0.5) ? "boot ok\nlogin: " : NULL;
	r->console_len = r->console ? strlen(r->console) : 0;
	r->console_cut = rng_chance(g, 0.5);
	r->mode = (enum run_mode)(rng_next(g) % MODE_END_);
	r->verdict = (enum verdict)(rng_next(g) % VERDICT_END_);
	r->blame = (enum err_blame)(rng_next(g) % BLAME_END_);
	r->counts = rng_chance(g, 0.5);
	r->retried = rng_chance(g, 0.5);
	r->started_ms = (int64_t)rng_next(g);
	r->ended_ms = (int64_t)rng_next(g);
	r->duration_ms = INT64_MIN;
	r->open_seq = INT64_MAX;
	for (size_t i = 0; i < r->steps; i++) {
		r->step[i].skip_rule = text_or_null(g);
		r->step[i].always = rng_chance(g, 0.3);
		r->step[i].waited_ms = rng_chance(g, 0.5) ? 17 : 0;
		for (size_t n = rng_next(g) % 3; n; n--) {
			struct attempt *at = make_attempt(r, i, VERDICT_FAIL);

			at->message = text_or_null(g);
			at->not_judged = rng_chance(g, 0.3);
			at->console_to = r->console_len;
			for (size_t m = rng_next(g) % 4; m; m--)
				random_measure(r, at, g);
		}
	}
}

Test(run_json, what_is_written_is_read_and_written_again_as_the_same_bytes)
{
	struct rng g = { .state = 3 };
	struct arena a = { 0 };
	struct sbuf one = { 0 }, two = { 0 };
	struct err err = { 0 };

	for (int round = 0; round < 3000; round++) {
		struct unit_run r, back;

		random_run(&r, &a, &g);
		sbuf_reset(&one);
		sbuf_reset(&two);
		run_to_json(&one, &r);
		cr_assert_eq(run_from_json(&back, sbuf_str(&one), one.len, &err), 0, "%s in %s",
			     err.text, sbuf_str(&one));
		run_to_json(&two, &back);
		cr_assert_str_eq(sbuf_str(&one), sbuf_str(&two));
		cr_assert_str_eq(back.serial, run_clean(&a, r.serial));
		cr_assert_eq(back.verdict, r.verdict);
		cr_assert_eq(back.steps, r.steps);
		for (size_t i = 0; i < r.steps; i++)
			for (size_t k = 0; k < r.step[i].attempts; k++)
				for (size_t m = 0; m < r.step[i].attempt[k].measures; m++) {
					const struct measure *x = &r.step[i].attempt[k].measure[m];
					const struct measure *y =
						&back.step[i].attempt[k].measure[m];

					cr_assert(x->has == y->has && x->num == y->num);
					cr_assert(x->lo == y->lo && x->has_hi == y->has_hi);
				}
		run_release(&r);
		run_release(&back);
	}
	sbuf_release(&one);
	sbuf_release(&two);
	arena_free(&a);
}

static void small_run(struct unit_run *r, struct arena *a)
{
	struct attempt *at;
	struct measure *m;

	run_init(r, make_plan(a, 1));
	memcpy(r->id, "00112233-4455-4677-8899-aabbccddeeff", 37);
	r->serial = "AS1";
	r->slot = "1";
	r->started_ms = 1767600000000;
	at = make_attempt(r, 0, VERDICT_PASS);
	m = make_num(r, at, "rate", 18.25);
	m->op = LIMIT_GE;
	m->has_lo = 1;
	m->lo = 0.1 + 0.2;
	run_conclude(r, 0);
}

static const char small_body[] =
	"{\"schema\":1,\"run\":\"00112233-4455-4677-8899-aabbccddeeff\",\"open_seq\":0,"
	"\"product\":\"P\",\"process\":\"FCT\",\"serial\":\"AS1\",\"variant\":\"\",\"slot\":\"1\","
	"\"started\":1767600000000,\"duration\":0,\"mode\":\"production\",\"counts\":true,"
	"\"verdict\":\"PASS\",\"blame\":\"-\",\"verdict_rule\":\"all passed\",\"attempt_seen\":0,"
	"\"plan_path\":\"plans/make.ini\",\"plan_title\":\"made\",\"plan_revision\":\"3\","
	"\"plan_sha256\":\"6bd2b1ae81f3c9b2e8d32ed0ea23c62a9b8f6d79ee1bbcd4d0d0a4ac2bf6f3a1\",";

Test(run_json, the_shipped_form_is_kept)
{
	struct arena a = { 0 };
	struct sbuf out = { 0 };
	struct unit_run r;
	const char *steps;

	small_run(&r, &a);
	r.plan_sha256 = "6bd2b1ae81f3c9b2e8d32ed0ea23c62a9b8f6d79ee1bbcd4d0d0a4ac2bf6f3a1";
	r.limits_sha256 = NULL;
	run_to_json(&out, &r);
	cr_assert_eq(strncmp(sbuf_str(&out), small_body, strlen(small_body)), 0, "%s",
		     sbuf_str(&out));
	cr_expect_str_eq(
		sbuf_str(&out) + strlen(small_body),
		"\"fixture_cycles\":0,\"steps\":[{\"id\":\"s1\",\"kind\":\"mac_persistence\","
		"\"title\":\"a step\",\"params\":\"{\\\"pairs\\\":\\\"0-59\\\"}\",\"attempts\":["
		"{\"number\":1,\"group_number\":1,\"verdict\":\"PASS\",\"blame\":\"-\",\"at\":0,"
		"\"duration\":90,\"limit\":1000,\"measures\":[{\"name\":\"rate\",\"type\":"
		"\"number\","
		"\"unit\":\"Mbit/s\",\"value\":18.25,\"op\":\">=\",\"lo\":0.30000000000000004,"
		"\"result\":\"PASS\",\"at\":0}]}]}]}");
	steps = strstr(sbuf_str(&out), "title = made");
	cr_expect_null(steps, "the plan's text is no part of the body");
	sbuf_release(&out);
	run_release(&r);
	arena_free(&a);
}

/* Each mistake in an otherwise good body is refused: what is replaced by what. */
static const struct {
	const char *was, *is;
	int code;
} spoiled[] = {
	{ "\"schema\":1", "\"schema\":2", ERR_NEWER },
	{ "\"schema\":1", "\"schema\":0", ERR_CORRUPT },
	{ "\"schema\":1", "\"schema\":\"1\"", ERR_CORRUPT },
	{ "\"schema\":1,", "", ERR_CORRUPT },
	{ "\"run\":\"0", "\"run\":\"", ERR_CORRUPT },
	{ "\"open_seq\":0", "\"open_seq\":0.5", ERR_CORRUPT },
	{ "\"open_seq\":0", "\"open_seq\":9223372036854775808", ERR_CORRUPT },
	{ "\"open_seq\":0,", "", ERR_CORRUPT },
	{ "\"open_seq\":0", "\"open_seq\":0,\"open_seq\":0", ERR_CORRUPT },
	{ "\"serial\":\"AS1\"", "\"serial\":7", ERR_CORRUPT },
	{ "\"serial\":\"AS1\"", "\"serial\":null", ERR_CORRUPT },
	{ "\"serial\":\"AS1\"", "\"serial\":\"\\u0000\"", ERR_CORRUPT },
	{ "\"serial\":\"AS1\"", "\"serial\":\"\xff\"", ERR_CORRUPT },
	{ "\"slot\"", "\"slut\"", ERR_CORRUPT },
	{ "\"counts\":true", "\"counts\":1", ERR_CORRUPT },
	{ "\"mode\":\"production\"", "\"mode\":\"prod\"", ERR_CORRUPT },
	{ "\"verdict\":\"PASS\",\"blame\":\"-\",\"verdict_rule\"",
	  "\"verdict\":\"pass\",\"blame\":\"-\",\"verdict_rule\"", ERR_CORRUPT },
	{ "\"blame\":\"-\"", "\"blame\":\"me\"", ERR_CORRUPT },
	{ "\"steps\":[", "\"steps\":{},\"x\":[", ERR_CORRUPT },
	{ "\"attempts\":[", "\"tries\":[", ERR_CORRUPT },
	{ "\"measures\":[", "\"measures\":[1,", ERR_CORRUPT },
	{ "\"value\":18.25", "\"value\":\"18.25\"", ERR_CORRUPT },
	{ "\"value\":18.25", "\"value\":NaN", ERR_CORRUPT },
	{ "\"value\":18.25", "\"value\":1e400", ERR_CORRUPT },
	{ "\"lo\":0.30000000000000004", "\"lo\":true", ERR_CORRUPT },
	{ "\"op\":\">=\"", "\"op\":\"=>\"", ERR_CORRUPT },
	{ "\"op\":\">=\"", "\"op\":\"\"", ERR_CORRUPT },
	{ "\"type\":\"number\"", "\"type\":\"double\"", ERR_CORRUPT },
	{ "\"result\":\"PASS\"", "\"result\":\"OK\"", ERR_CORRUPT },
	{ "\"number\":1", "\"number\":2147483648", ERR_CORRUPT },
	{ "\"at\":0}", "\"at\":0,\"more\":1}", ERR_CORRUPT },
	{ "{\"schema\"", "[{\"schema\"", ERR_CORRUPT },
	{ "{\"schema\"", "{}{\"schema\"", ERR_CORRUPT },
};

TEST_ROWS(run_json, spoiled_bodies_are_refused, spoiled)
{
	struct arena a = { 0 };
	struct sbuf out = { 0 }, bent = { 0 };
	struct unit_run r, back;
	struct err err = { 0 };
	const char *at;

	small_run(&r, &a);
	run_to_json(&out, &r);
	at = strstr(sbuf_str(&out), spoiled[*i].was);
	cr_assert(at, "row %zu: '%s' is not there", *i, spoiled[*i].was);
	sbuf_add(&bent, sbuf_str(&out), (size_t)(at - sbuf_str(&out)));
	sbuf_puts(&bent, spoiled[*i].is);
	sbuf_puts(&bent, at + strlen(spoiled[*i].was));
	cr_expect_eq(run_from_json(&back, sbuf_str(&bent), bent.len, &err), spoiled[*i].code,
		     "row %zu: %s: %s", *i, spoiled[*i].is, err.text);
	cr_expect_null(back.arena.head, "nothing stays behind");
	sbuf_release(&out);
	sbuf_release(&bent);
	run_release(&r);
	arena_free(&a);
}

Test(run_json, a_cut_body_is_refused_at_every_length)
{
	struct arena a = { 0 };
	struct sbuf out = { 0 };
	struct unit_run r, back;
	struct err err;

	small_run(&r, &a);
	run_to_json(&out, &r);
	for (size_t n = 0; n < out.len; n++)
		cr_assert_eq(run_from_json(&back, sbuf_str(&out), n, &err), ERR_CORRUPT, "%zu", n);
	sbuf_release(&out);
	run_release(&r);
	arena_free(&a);
}

Test(run_json, a_run_is_made_again_from_its_journal)
{
	static const char console[] = "first\nsecond\n";
	struct arena a = { 0 };
	struct sbuf head = { 0 }, rows[4] = { { 0 } };
	struct unit_run r, back;
	struct attempt *at;
	struct err err = { 0 };
	size_t n = 0;

	run_init(&r, make_plan(&a, 3));
	r.serial = "AS1";
	r.step[1].skip_rule = "stopped:s1";
	r.console = console;
	r.console_len = strlen(console);
	run_head_to_json(&head, &r);
	cr_expect_null(strstr(sbuf_str(&head), "second"));
	at = make_attempt(&r, 0, VERDICT_FAIL);
	at->console_to = 6;
	run_attempt_to_json(&rows[n++], &r, 0, 0);
	at = make_attempt(&r, 0, VERDICT_PASS);
	at->console_from = 6;
	at->console_to = strlen(console);
	make_num(&r, at, "rate", 18.25);
	r.step[0].waited_ms = 12;
	run_attempt_to_json(&rows[n++], &r, 0, 1);
	run_attempt_to_json(&rows[n++], &r, 1, SIZE_MAX);

	cr_assert_eq(run_from_json(&back, sbuf_str(&head), head.len, &err), 0, "%s", err.text);
	cr_expect_eq(back.steps, 3);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(run_add_attempt_json(&back, sbuf_str(&rows[i]), rows[i].len, &err), 0,
			     "%s", err.text);
	cr_expect_eq(back.step[0].attempts, 2);
	cr_expect_eq(back.step[0].waited_ms, 12);
	cr_expect_eq(back.step[0].attempt[1].measure[0].num, 18.25);
	cr_expect_eq(back.step[0].attempt[1].console_from, 6);
	cr_expect_eq(back.step[0].attempt[1].console_to, strlen(console));
	cr_expect_str_eq(back.console, console);
	cr_expect_str_eq(back.step[1].skip_rule, "stopped:s1");
	cr_expect_eq(back.step[2].attempts, 0);
	run_conclude(&back, 1);
	cr_expect_eq(back.verdict, VERDICT_INTERRUPTED);
	cr_expect_eq(run_add_attempt_json(&back, "{\"step\":3,\"skip_rule\":\"x\"}", 26, &err),
		     ERR_CORRUPT);
	cr_expect_eq(run_add_attempt_json(&back, "{\"step\":0}", 10, &err), ERR_CORRUPT);
	cr_expect_eq(run_add_attempt_json(&back, "[]", 2, &err), ERR_CORRUPT);
	for (size_t i = 0; i < n; i++)
		sbuf_release(&rows[i]);
	sbuf_release(&head);
	run_release(&r);
	run_release(&back);
	arena_free(&a);
}
