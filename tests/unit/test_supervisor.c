/* The engine with drivers of the test's own: every way in which a step can end,
 * and a record that can be told to fail. */
#include <criterion/criterion.h>

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/supervisor.h"
#include "engine/wire.h"
#include "tests/unit/rows.h"

TestSuite(supervisor, .timeout = 20);

/* --- drivers; how often and when they ran is shared with the workers --- */

static struct shared {
	int runs[16], order[64], orders;
	int64_t from[16], to[16];
	pid_t child;
} * shared;

static void note(int who)
{
	shared->runs[who]++;
	shared->order[shared->orders++ % 64] = who;
}

struct args {
	int who, what, ms;
};

enum {
	DO_PASS,
	DO_FAIL_CODE,
	DO_CRASH,
	DO_EXIT,
	DO_HANG,
	DO_HANG_WITH_CHILD,
	DO_NAN,
	DO_UNKNOWN_MEASURE,
	DO_TWICE,
	DO_NO_MEASURE,
	DO_BAD_VALUE,
	DO_SECOND_PASSES,
	DO_ASK,
	DO_CLAIM,
	DO_FLOOD,
	DO_GROUP,
	DO_LATE,
	DO_LONG_TEXT,
	DO_SEEN,
	DO_SEEN_NOTHING,
	DO_AS_SERIAL, /* its first letter: Bad value, Code, Open, Hang, else pass */
};

static void nap(int ms)
{
	usleep((useconds_t)ms * 1000);
}

static void measure_one(struct step_ctx *ctx)
{
	step_measure(ctx, "x", value_num(1, NULL), NULL, NULL);
}

/* A worker says what no driver can: fd 3 is its wire. */
static void say_seen(const char *product, const char *serial)
{
	struct wire seen = { .type = WIRE_SEEN, .turn = 1, .text = { product, serial } };

	wire_send(3, &seen, 0);
}

/* It goes on reporting behind its end. */
static void say_late(struct step_ctx *ctx)
{
	struct wire done = { .type = WIRE_DONE, .turn = 1 };
	struct wire stray = {
		.type = WIRE_MEASURE, .turn = 1, .index = VALUE_NUM, .num = 1, .text = { "x" }
	};

	measure_one(ctx);
	wire_send(3, &done, 0);
	nap(50);
	wire_send(3, &stray, 0);
}

static int as_serial(struct step_ctx *ctx, struct err *err)
{
	switch (step_serial(ctx)[0]) {
	case 'B':
		step_measure(ctx, "x", value_num(7, NULL), "7", "seven");
		return 0;
	case 'C':
		return err_set(err, ERR_TIMEOUT, "silent unit");
	case 'O':
		return err_set(err, ERR_SILENT, "silent board");
	case 'H':
		for (;;)
			pause();
	default:
		measure_one(ctx);
		return 0;
	}
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *a = p;
	struct step_question q = { "text", "well?", NULL, NULL };
	char text[64], many[6000];

	note(a->who);
	shared->from[a->who] = clock_ms();
	nap(a->ms);
	shared->to[a->who] = clock_ms();
	switch (a->what) {
	case DO_FAIL_CODE:
		return err_set(err, ERR_TIMEOUT, "silent unit");
	case DO_CRASH:
		signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would report it */
		raise(SIGSEGV);
		break;
	case DO_EXIT:
		exit(0);
	case DO_HANG_WITH_CHILD:
		shared->child = fork();
		if (shared->child == 0)
			for (;;)
				pause();
		/* fall through */
	case DO_HANG:
		for (;;)
			pause();
	case DO_NAN:
		step_measure(ctx, "x", value_num(NAN, NULL), "nan", NULL);
		return 0;
	case DO_UNKNOWN_MEASURE:
		step_measure(ctx, "y", value_num(1, NULL), NULL, NULL);
		break;
	case DO_TWICE:
		measure_one(ctx);
		break;
	case DO_NO_MEASURE:
		return 0;
	case DO_BAD_VALUE:
		step_measure(ctx, "x", value_num(7, NULL), "7", "seven");
		return 0;
	case DO_SECOND_PASSES:
	case DO_GROUP:
		if (shared->runs[a->who] < 2)
			return err_set(err, ERR_PROTO, "first time fails");
		break;
	case DO_ASK:
		if (step_ask(text, sizeof(text), ctx, &q, clock_ms() + 300, err) < 0)
			return err->code;
		if (strcmp(text, "fine"))
			return err_set(err, ERR_PROTO, "answer was %s", text);
		break;
	case DO_CLAIM:
		if (step_claim(text, sizeof(text), ctx, "mac", "02:00:00:00:00:01", err) < 0)
			return err->code;
		if (*text)
			return err_set(err, ERR_PROTO, "claimed by %s", text);
		nap(100);
		break;
	case DO_FLOOD:
		for (int i = 0; i < 20000; i++)
			step_progress(ctx, i / 20000.0, "on");
		break;
	case DO_LATE:
		say_late(ctx);
		return 0;
	case DO_LONG_TEXT:
		memset(many, 'a', sizeof(many) - 1);
		many[sizeof(many) - 1] = '\0';
		memcpy(many + sizeof(many) - 10, "ERROR", 5);
		step_measure(ctx, "text", value_text(many), NULL, NULL);
		break;
	case DO_SEEN:
		say_seen("a\x1b[31m\n", "S<1>");
		nap(200);
		break;
	case DO_SEEN_NOTHING:
		say_seen("a", NULL);
		break;
	case DO_AS_SERIAL:
		return as_serial(ctx, err);
	default:
		break;
	}
	measure_one(ctx);
	return 0;
}

static const struct step_measure_row measures[] = {
	{ .name = "x", .type = VALUE_NUM, .help = "x" },
	{ .name = "text", .type = VALUE_TEXT, .optional = 1, .help = "text" },
	{ .name = NULL }
};
static const struct param no_params[] = { { .name = NULL } };
static const struct step_driver driver = { .name = "test",
					   .summary = "does as told",
					   .params = no_params,
					   .measures = measures,
					   .timeout_ms = 5000,
					   .run = run };

/* --- a plan by hand --- */

static struct limit limit_is_one = { .measure = "x",
				     .type = VALUE_NUM,
				     .test = { .op = LIMIT_EQ, .lo = 1, .hi = 1 },
				     .text = "== 1",
				     .expected = "== 1",
				     .from = { "plan.ini", 3, 1 } };
static const struct board_driver wired = { .name = "wired", .roles = 1 };
static struct board_profile no_board = { .name = "none", .title = "none" };

struct world {
	struct plan plan;
	struct plan_step step[8];
	struct args args[8];
	struct supervisor_setup set;
	struct supervisor_resource resource;
	struct supervisor *sup;
	struct loop *loop;
	struct event_reader reader;
	/* what happened */
	int begun, committed, shown, not_recorded, station_events, attempts, questions;
	int fail_commits, fail_begin, unsynced, syncs;
	int slow_journal;
	int progress, progress_most; /* events since the timer was due last */
	const char *answer;
	enum verdict verdict, verdicts[2], of[8];
	char fails[8][80]; /* and of: by lane */
	enum err_blame blame;
	char seen[2][200]; /* by lane */
	char last_message[200], first_fail[80], rule[80], step_verdicts[9], codes[200], skips[200];
	int64_t duration_ms, waited_ms;
	int waitings;
};

static struct world w; /* each test is a process of its own */

static int rec_begin(void *p, struct unit_run *r, struct err *err)
{
	(void)p;
	(void)r;
	if (w.fail_begin)
		return err_set(err, ERR_STORE, "disk full");
	w.begun++;
	return 0;
}

/* The step after this one begins within so many milliseconds. */
static int begins(size_t step, int within_ms)
{
	for (int64_t until = clock_ms() + within_ms; clock_ms() < until; usleep(1000))
		if (shared->runs[step])
			return 1;
	return 0;
}

static int rec_attempt(void *p, const struct unit_run *r, size_t step, size_t attempt,
		       struct err *err)
{
	(void)p;
	(void)err;
	cr_expect_lt(step, r->steps);
	cr_expect(attempt == SIZE_MAX || r->step[step].attempt[attempt].verdict != VERDICT_NONE);
	if (w.slow_journal && step + 1 < r->steps) {
		int is_final = w.step[step + 1].driver->final;

		cr_expect_eq(begins(step + 1, is_final ? 100 : 5000), !is_final, "step %zu", step);
	}
	w.attempts++;
	w.unsynced = 1;
	return 0;
}

static int rec_unsynced(void *p)
{
	(void)p;
	return w.unsynced;
}

static int rec_sync(void *p, struct err *err)
{
	(void)p;
	(void)err;
	w.syncs++;
	w.unsynced = 0;
	return 0;
}

static int rec_commit(void *p, struct unit_run *r, struct err *err)
{
	(void)p;
	if (w.slow_journal)
		cr_expect_eq(w.attempts, (int)r->steps, "committed before all was journalled");
	if (w.fail_commits-- > 0)
		return err_set(err, ERR_STORE, "disk full");
	w.committed++;
	w.unsynced = 0;
	return 0;
}

static int rec_identity(void *p, char *other, size_t size, const char *kind, const char *value,
			const struct unit_run *r, struct err *err)
{
	(void)p;
	(void)kind;
	(void)value;
	(void)r;
	(void)err;
	snprintf(other, size, "%s", "");
	return 0;
}

static void hear(void *payload, const struct event *e)
{
	static const char letter[] = "-PFESAXI";
	struct err err = { 0 };

	(void)payload;
	switch (e->type) {
	case EVENT_RUN_RECORDED:
		cr_expect_gt(w.committed, 0, "told before it was committed");
		w.shown++;
		w.verdicts[e->slot % 2] = w.verdict = e->run->verdict;
		w.of[e->slot % 8] = e->run->verdict;
		snprintf(w.fails[e->slot % 8], sizeof(w.fails[0]), "%s",
			 e->run->first_fail ? e->run->first_fail : "");
		snprintf(w.seen[e->slot % 2], sizeof(w.seen[0]), "%s,%s,%s",
			 e->run->seen_product ? e->run->seen_product : "-",
			 e->run->seen_serial ? e->run->seen_serial : "-",
			 e->run->seen_note ? e->run->seen_note : "-");
		w.blame = e->run->blame;
		snprintf(w.first_fail, sizeof(w.first_fail), "%s",
			 e->run->first_fail ? e->run->first_fail : "");
		snprintf(w.rule, sizeof(w.rule), "%s", e->run->verdict_rule);
		for (size_t i = 0; i < e->run->steps; i++)
			w.step_verdicts[i] = letter[step_run_verdict(&e->run->step[i])];
		w.duration_ms = e->run->duration_ms;
		w.waited_ms = e->run->step[0].waited_ms;
		return;
	case EVENT_NOT_RECORDED:
		w.not_recorded++;
		return;
	case EVENT_STATION:
		w.station_events++;
		return;
	case EVENT_STEP_ENDED:
		if (e->attempt->message)
			snprintf(w.last_message, sizeof(w.last_message), "%s", e->attempt->message);
		snprintf(w.codes + strlen(w.codes), sizeof(w.codes) - strlen(w.codes), "%s ",
			 e->attempt->code ? e->attempt->code : "ok");
		return;
	case EVENT_PROGRESS:
		w.progress++;
		if (w.progress > w.progress_most)
			w.progress_most = w.progress;
		return;
	case EVENT_STEP_WAITING:
		w.waitings++;
		return;
	case EVENT_STEP_SKIPPED:
		snprintf(w.skips + strlen(w.skips), sizeof(w.skips) - strlen(w.skips), "%s ",
			 e->text);
		return;
	case EVENT_QUESTION:
		w.questions++;
		if (w.answer)
			cr_expect_eq(supervisor_answer(w.sup, e->slot, w.answer, &err), 0);
		return;
	default:
		return;
	}
}

static void build(const int *what, int steps, int lanes)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	for (int i = 0; i < steps; i++) {
		static const char *const ids[] = { "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7" };

		cr_assert_lt((size_t)i, sizeof(ids) / sizeof(ids[0]));
		w.args[i] = (struct args){ i, what[i], 0 };
		w.step[i] = (struct plan_step){ .id = ids[i],
						.title = "title",
						.driver = &driver,
						.args = &w.args[i],
						.timeout_ms = 5000,
						.limit = &limit_is_one,
						.limits = 1,
						.params = "{}" };
	}
	w.plan = (struct plan){ .path = "plan.ini",
				.title = "test",
				.revision = "1",
				.product = "P",
				.process = "FCT",
				.board = &no_board,
				.variant = "",
				.step = w.step,
				.steps = (size_t)steps,
				.text = "",
				.sha256 = "",
				.limits_json = "",
				.limits_sha256 = "" };
	w.loop = loop_new();
	w.reader = (struct event_reader){ UINT32_MAX, hear, NULL };
	w.resource = (struct supervisor_resource){ "radio", 1 };
	w.set = (struct supervisor_setup){
		.loop = w.loop,
		.resource = &w.resource,
		.resources = 1,
		.record = { rec_begin, rec_attempt, rec_unsynced, rec_sync, rec_commit,
			    rec_identity, NULL },
		.reader = &w.reader,
		.readers = 1,
		.journal_sync_ms = 50,
		.always_ms = 500,
		.console_max = 65536,
		.lanes = lanes,
		.station = "ST",
		.line = "L",
	};
	w.sup = supervisor_new(&w.set);
}

#define BUILD(lanes, ...)                                                                          \
	build((const int[]){ __VA_ARGS__ }, (int)(sizeof((int[]){ __VA_ARGS__ }) / sizeof(int)),   \
	      lanes)

static void start(int lane, const char *serial)
{
	struct supervisor_job job = { .plan = &w.plan, .serial = serial, .mode = MODE_PRODUCTION };
	struct err err = { 0 };

	cr_assert_eq(supervisor_start(w.sup, lane, &job, &err), 0, "%s", err.text);
}

static void turn_for(int64_t ms)
{
	int64_t until = clock_ns() + ms * 1000000;

	while (supervisor_busy(w.sup) && clock_ns() < until)
		loop_turn(w.loop, until);
}

static void finish(void)
{
	turn_for(15000);
	cr_assert_eq(supervisor_busy(w.sup), 0, "still busy");
	supervisor_free(w.sup);
	loop_free(w.loop);
}

static void run_all(void)
{
	start(0, "U1");
	finish();
}

Test(supervisor, passes_when_every_step_passes)
{
	BUILD(1, DO_PASS, DO_PASS, DO_FLOOD);
	run_all();
	cr_expect_eq(w.verdict, VERDICT_PASS);
	cr_expect_str_eq(w.step_verdicts, "PPP");
	cr_expect_eq(w.attempts, 3);
	cr_expect_eq(w.committed, 1);
	cr_expect_eq(w.shown, 1);
}

/* Attempts follow one another more quickly than journal_sync_ms. */
Test(supervisor, the_journal_is_synced_while_steps_go_on)
{
	BUILD(1, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS);
	for (int i = 0; i < 8; i++)
		w.args[i].ms = 30;
	run_all();
	cr_expect_eq(w.verdict, VERDICT_PASS);
	cr_expect_geq(w.syncs, 2, "%d syncs", w.syncs);
}

Test(supervisor, stops_at_a_failure_and_still_runs_always_steps)
{
	BUILD(1, DO_PASS, DO_BAD_VALUE, DO_PASS, DO_PASS);
	w.step[3].always = 1;
	run_all();
	cr_expect_eq(w.verdict, VERDICT_FAIL);
	cr_expect_eq(w.blame, BLAME_UNIT);
	cr_expect_str_eq(w.step_verdicts, "PFSP");
	cr_expect_str_eq(w.first_fail, "s1#1.x");
	cr_expect_str_eq(w.skips, "stopped:s1 ");
}

Test(supervisor, goes_on_where_the_plan_says_so)
{
	BUILD(1, DO_BAD_VALUE, DO_PASS);
	w.step[0].on_fail = PLAN_CONTINUE;
	run_all();
	cr_expect_eq(w.verdict, VERDICT_FAIL);
	cr_expect_str_eq(w.step_verdicts, "FP");
}

Test(supervisor, a_worker_that_dies_costs_one_error)
{
	static const struct {
		int what;
		const char *code;
	} row[] = { { DO_CRASH, "ERR_WORKER " },
		    { DO_EXIT, "ERR_WORKER " },
		    { DO_UNKNOWN_MEASURE, "ERR_INTERNAL " },
		    { DO_TWICE, "ERR_INTERNAL " },
		    { DO_FAIL_CODE, "ERR_TIMEOUT " },
		    { DO_NO_MEASURE, "ERR_UNSET " },
		    { DO_NAN, "ERR_UNSET " } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		memset(&w, 0, sizeof(w));
		BUILD(1, row[i].what, DO_PASS);
		run_all();
		cr_expect_eq(w.verdict, row[i].what == DO_FAIL_CODE ? VERDICT_FAIL : VERDICT_ERROR,
			     "row %zu: %s", i, verdict_word(w.verdict));
		cr_expect_str_eq(w.codes, row[i].code, "row %zu: %s", i, w.codes);
		cr_expect_eq(w.step_verdicts[1], 'S', "row %zu", i);
	}
}

Test(supervisor, what_comes_after_the_end_of_a_step_counts_for_no_other)
{
	BUILD(1, DO_LATE, DO_NO_MEASURE);
	run_all();
	cr_expect_eq(w.verdict, VERDICT_ERROR, "%s", verdict_word(w.verdict));
	cr_expect_str_eq(w.codes, "ok ERR_INTERNAL ");
}

Test(supervisor, a_text_too_long_to_be_kept_is_not_judged_by_its_beginning)
{
	static const char *b[] = { "b" };
	static struct limit not_b = { .measure = "text",
				      .type = VALUE_TEXT,
				      .test = { .op = LIMIT_NE, .text = b, .texts = 1 },
				      .text = "!= b",
				      .expected = "!= b" };

	BUILD(1, DO_LONG_TEXT);
	w.step[0].limit = &not_b;
	run_all();
	cr_expect_eq(w.verdict, VERDICT_ERROR, "%s", verdict_word(w.verdict));
	cr_expect_str_eq(w.codes, "ERR_UNSET ");
}

Test(supervisor, without_processes_every_attempt_fails_and_the_stack_holds)
{
	struct rlimit few = { 4, 4 }, stack = { 256 << 10, 256 << 10 };

	BUILD(1, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS);
	for (int i = 0; i < 8; i++) {
		w.step[i].retry = 100;
		w.step[i].on_error = PLAN_CONTINUE;
	}
	start(0, "U1");
	setrlimit(RLIMIT_STACK, &stack);
	setrlimit(RLIMIT_NOFILE, &few); /* no socket pair for a worker */
	finish();
	cr_expect_eq(w.verdict, VERDICT_ERROR);
	cr_expect_eq(w.blame, BLAME_STATION);
	cr_expect_eq(w.attempts, 8 * 101);
}

/* A dead process that nobody has reaped yet is dead. */
static int alive(pid_t pid)
{
	char path[64], state = 'Z';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%*d %*s %c", &state) != 1)
		state = 'Z';
	if (f)
		fclose(f);
	return state != 'Z' && state != 'X';
}

Test(supervisor, ends_a_hanging_worker_with_its_children)
{
	BUILD(1, DO_HANG_WITH_CHILD, DO_PASS);
	w.step[0].timeout_ms = 200;
	w.step[1].always = 1;
	run_all();
	cr_expect_eq(w.verdict, VERDICT_ERROR);
	cr_expect_eq(w.blame, BLAME_STATION);
	cr_expect_str_eq(w.codes, "ERR_DEADLINE ok ");
	cr_expect_str_eq(w.step_verdicts, "EP", "a fresh worker runs the rest");
	cr_expect_lt(w.duration_ms, 3000);
	for (int i = 0; i < 100 && alive(shared->child); i++)
		nap(10);
	cr_expect_not(alive(shared->child), "the grandchild lives");
}

Test(supervisor, retries_and_keeps_every_attempt)
{
	BUILD(1, DO_SECOND_PASSES, DO_PASS);
	w.step[0].retry = 2;
	w.step[0].retry_delay_ms = 50;
	run_all();
	cr_expect_eq(w.verdict, VERDICT_PASS);
	cr_expect_str_eq(w.codes, "ERR_PROTO ok ok ");
	cr_expect_eq(w.attempts, 3);
	cr_expect_geq(w.duration_ms, 50);
}

/* --- a step that cannot be undone: after all others passed, and once --- */

static struct step_driver final_driver;

static void make_final(int step)
{
	final_driver = driver;
	final_driver.name = "final";
	final_driver.final = 1;
	w.step[step].driver = &final_driver;
}

Test(supervisor, a_final_step_runs_after_all_others_passed)
{
	BUILD(1, DO_PASS, DO_SECOND_PASSES, DO_PASS, DO_PASS);
	w.step[1].retry = 1; /* what counts is how it ended */
	make_final(2);
	run_all();
	cr_expect_eq(w.verdict, VERDICT_PASS);
	cr_expect_str_eq(w.step_verdicts, "PPPP");
	cr_expect_eq(shared->runs[2], 1);
}

static const struct before {
	const char *what, *verdicts;
	int does, skipped, runs;
} befores[] = {
	{ "failed, and the plan goes on", "PFEP", DO_BAD_VALUE, 0, 0 },
	{ "died, and the plan goes on", "PEEP", DO_CRASH, 0, 0 },
	{ "left out by the variant", "PSPP", DO_PASS, 1, 1 },
};

TEST_ROWS(supervisor, a_final_step_is_refused_unless_all_before_it_passed, befores)
{
	const struct before *b = &befores[*i];

	BUILD(1, DO_PASS, b->does, DO_PASS, DO_PASS);
	for (int k = 0; k < 4; k++)
		w.step[k].on_fail = w.step[k].on_error = PLAN_CONTINUE;
	w.step[1].skipped = b->skipped;
	make_final(2);
	run_all();
	cr_expect_eq(shared->runs[2], b->runs, "%s", b->what);
	cr_expect_str_eq(w.step_verdicts, b->verdicts, "%s", b->what);
	if (!b->runs) {
		cr_expect(strstr(w.codes, "ERR_PLAN"), "%s: %s", b->what, w.codes);
		cr_expect_neq(w.verdict, VERDICT_PASS, "%s", b->what);
	}
}

/* An attempt is journalled while the next one is at work, but not where that cannot be
 * undone, and before the run is committed. */
Test(supervisor, the_journal_is_behind_by_one_attempt_and_never_at_a_final_step)
{
	BUILD(1, DO_PASS, DO_PASS, DO_PASS);
	make_final(2);
	w.slow_journal = 1;
	run_all();
	cr_expect_eq(w.verdict, VERDICT_PASS, "%s", w.last_message);
	cr_expect_eq(w.attempts, 3);
	cr_expect_eq(w.committed, 1);
}

static void turn_taken(void *timer)
{
	w.progress = 0;
	loop_timer_set(*(struct loop_timer **)timer, clock_ns());
}

Test(supervisor, a_worker_that_floods_takes_no_timers_turn)
{
	struct loop_timer *timer;

	BUILD(1, DO_FLOOD);
	timer = loop_timer(w.loop, turn_taken, &timer);
	loop_timer_set(timer, clock_ns());
	run_all();
	cr_expect_eq(w.verdict, VERDICT_PASS);
	cr_expect_gt(w.progress_most, 0);
	cr_expect_leq(w.progress_most, 64);
}

Test(supervisor, a_final_step_alone_is_refused)
{
	struct supervisor_job job = {
		.plan = &w.plan, .serial = "U1", .mode = MODE_PARTIAL, .only = "s1"
	};
	struct err err = { 0 };

	BUILD(1, DO_PASS, DO_PASS);
	make_final(1);
	cr_assert_eq(supervisor_start(w.sup, 0, &job, &err), 0, "%s", err.text);
	finish();
	cr_expect_eq(shared->runs[1], 0);
	cr_expect_str_eq(w.step_verdicts, "SE");
	cr_expect(strstr(w.last_message, "s0"), "%s", w.last_message);
}

/* The linter refuses such a plan; the engine does not rely on it. */
Test(supervisor, a_final_step_is_never_retried)
{
	BUILD(1, DO_PASS, DO_FAIL_CODE);
	w.step[1].retry = 3;
	make_final(1);
	run_all();
	cr_expect_eq(shared->runs[1], 1);
	cr_expect_eq(w.verdict, VERDICT_FAIL);
}

Test(supervisor, repeats_a_group_as_a_whole)
{
	static struct plan_group group = { .name = "g", .retry = 1, .first = 1, .count = 2 };

	BUILD(1, DO_PASS, DO_PASS, DO_GROUP, DO_PASS);
	w.plan.group = &group;
	w.plan.groups = 1;
	run_all();
	cr_expect_eq(w.verdict, VERDICT_PASS);
	cr_expect_eq(shared->runs[0], 1);
	cr_expect_eq(shared->runs[1], 2, "the group's first step runs again");
	cr_expect_eq(shared->runs[2], 2);
	cr_expect_eq(shared->runs[3], 1);
}

Test(supervisor, a_stop_aborts_and_runs_always_steps_under_a_deadline)
{
	BUILD(1, DO_HANG, DO_PASS, DO_PASS, DO_HANG);
	w.step[2].always = 1;
	w.step[3].always = 1;
	start(0, "U1");
	turn_for(100);
	supervisor_stop(w.sup, -1, "SIGINT");
	finish();
	cr_expect_eq(w.verdict, VERDICT_ABORTED);
	cr_expect_eq(w.blame, BLAME_OPERATOR);
	cr_expect_str_eq(w.step_verdicts, "ASPE");
	cr_expect_str_eq(w.codes, "ERR_STOPPED ok ERR_DEADLINE ");
	cr_expect_lt(w.duration_ms, 2000);
}

Test(supervisor, an_always_step_cut_short_by_a_stop_is_not_the_stations_fault)
{
	BUILD(1, DO_PASS, DO_HANG);
	w.step[1].always = 1;
	start(0, "U1");
	turn_for(100);
	supervisor_stop(w.sup, -1, "SIGINT");
	finish();
	cr_expect_eq(w.verdict, VERDICT_ABORTED, "%s", verdict_word(w.verdict));
	cr_expect_eq(w.blame, BLAME_OPERATOR);
}

Test(supervisor, a_stop_after_a_failure_stays_a_failure)
{
	BUILD(1, DO_BAD_VALUE, DO_PASS);
	w.step[0].retry = 3;
	w.step[0].retry_delay_ms = 10000;
	start(0, "U1");
	turn_for(200);
	supervisor_stop(w.sup, -1, "SIGINT");
	finish();
	cr_expect_eq(w.verdict, VERDICT_FAIL, "%s", verdict_word(w.verdict));
	cr_expect_str_eq(w.step_verdicts, "FS");
}

Test(supervisor, a_stop_while_waiting_for_a_resource_is_an_abort)
{
	static const char *item[] = { "radio" };

	BUILD(2, DO_HANG);
	w.step[0].uses = (struct param_list){ item, 1 };
	start(0, "U1");
	start(1, "U2");
	turn_for(100);
	supervisor_stop(w.sup, 1, "operator");
	turn_for(300);
	cr_expect_eq(w.verdicts[1], VERDICT_ABORTED);
	cr_expect_eq(shared->runs[0], 1, "the second never ran");
	supervisor_stop(w.sup, 0, "operator");
	finish();
}

Test(supervisor, resources_are_exclusive)
{
	static const char *item[] = { "radio" };

	BUILD(2, DO_PASS);
	w.step[0].uses = (struct param_list){ item, 1 };
	w.args[0].ms = 100;
	start(0, "U1");
	start(1, "U2");
	finish();
	cr_expect_eq(w.committed, 2);
	cr_expect_eq(w.verdicts[0], VERDICT_PASS);
	cr_expect_eq(w.verdicts[1], VERDICT_PASS);
	cr_expect_geq(w.duration_ms, 190, "the second waits for the first");
}

Test(supervisor, many_waiting_for_one_resource_get_it_in_the_order_of_asking)
{
	static const char *item[] = { "radio" };

	BUILD(4, DO_PASS, DO_PASS);
	w.step[0].uses = (struct param_list){ item, 1 };
	w.step[1].uses = (struct param_list){ item, 1 };
	w.args[0].ms = w.args[1].ms = 40;
	for (int i = 0; i < 4; i++) {
		char serial[] = { 'U', (char)('1' + i), '\0' };

		start(i, serial);
	}
	turn_for(5000);
	cr_assert_eq(w.committed, 4, "%d of 4 ended: the others wait for ever", w.committed);
	for (int i = 0; i < 8; i++)
		cr_expect_eq(shared->order[i], i / 4, "attempt %d was of step %d", i,
			     shared->order[i]);
	cr_expect_geq(w.waited_ms, 100, "the last one waited %lld ms", (long long)w.waited_ms);
	cr_expect_eq(w.waitings, 7, "%d times told", w.waitings);
	finish();
}

Test(supervisor, one_that_waits_no_longer_lets_those_behind_it_pass)
{
	static const char *uses[][2] = { { "radio", NULL }, { "lamp", "radio" }, { "lamp", NULL } };
	static struct supervisor_resource two[] = { { "radio", 1 }, { "lamp", 1 } };
	static const int what[] = { DO_HANG, DO_PASS, DO_PASS };
	struct plan plan[3];
	struct plan_step step[3];
	struct args args[3];
	struct err err = { 0 };

	BUILD(3, DO_HANG);
	supervisor_free(w.sup);
	w.set.resource = two;
	w.set.resources = 2;
	w.sup = supervisor_new(&w.set);
	for (int i = 0; i < 3; i++) {
		struct supervisor_job job = { .plan = &plan[i], .serial = "U" };

		args[i] = (struct args){ i, what[i], 0 };
		step[i] = w.step[0];
		step[i].args = &args[i];
		step[i].uses = (struct param_list){ uses[i], i == 1 ? 2 : 1 };
		plan[i] = w.plan;
		plan[i].step = &step[i];
		cr_assert_eq(supervisor_start(w.sup, i, &job, &err), 0);
	}
	turn_for(100);
	cr_assert_eq(shared->runs[2], 0, "behind the second, which asked first");
	supervisor_stop(w.sup, 1, "operator");
	turn_for(500);
	cr_expect_eq(shared->runs[2], 1, "the lamp is free, and nobody asks before it");
	supervisor_stop(w.sup, 0, "operator");
	finish();
}

Test(supervisor, questions_are_answered_refused_or_run_out)
{
	BUILD(1, DO_ASK);
	w.set.can_answer = 1;
	w.answer = "fine";
	run_all();
	cr_expect_eq(w.verdict, VERDICT_PASS);
	cr_expect_eq(w.questions, 1);

	memset(&w, 0, sizeof(w));
	BUILD(1, DO_ASK);
	w.set.can_answer = 1;
	run_all();
	cr_expect_eq(w.verdict, VERDICT_ABORTED, "%s", verdict_word(w.verdict));
	cr_expect_str_eq(w.codes, "ERR_UNANSWERED ");

	memset(&w, 0, sizeof(w));
	BUILD(1, DO_ASK);
	run_all();
	cr_expect_eq(w.verdict, VERDICT_ERROR);
	cr_expect_str_eq(w.codes, "ERR_NOBODY ");
	cr_expect_lt(w.duration_ms, 250, "at once");
}

Test(supervisor, two_units_with_one_identity_do_not_both_pass)
{
	BUILD(2, DO_CLAIM);
	start(0, "U1");
	start(1, "U2");
	finish();
	cr_expect_eq((w.verdicts[0] == VERDICT_FAIL) + (w.verdicts[1] == VERDICT_FAIL), 1);
}

Test(supervisor, what_an_interface_shows_is_a_fact_of_the_run)
{
	BUILD(2, DO_SEEN);
	start(0, "U1");
	start(1, "U2");
	finish();
	for (int i = 0; i < 2; i++) {
		cr_expect_eq(w.verdicts[i], VERDICT_PASS);
		cr_expect_str_eq(w.seen[i], "a\\x1b[31m\\n,S<1>,slot - shows the same serial");
	}
}

Test(supervisor, without_an_interface_nothing_was_seen)
{
	BUILD(1, DO_PASS);
	run_all();
	cr_expect_str_eq(w.seen[0], "-,-,-");
}

Test(supervisor, half_of_what_an_interface_shows_is_a_broken_worker)
{
	BUILD(1, DO_SEEN_NOTHING);
	run_all();
	cr_expect_eq(w.verdict, VERDICT_ERROR);
	cr_expect_str_eq(w.codes, "ERR_INTERNAL ");
	cr_expect_str_eq(w.seen[0], "-,-,-");
}

/* --- the second look --- */

/* Lanes at once, each with a unit whose letter says what it does; the letters of what they
 * were recorded as: Pass, Fail, second look (A), other Error, Stopped (X). */
static const char *verdicts_of(const char *units)
{
	static char out[9];
	static const char letter[] = "-PFESAXI";
	size_t n = strlen(units);

	for (size_t i = 0; i < n; i++) {
		char serial[] = { units[i], (char)('1' + i), '\0' };

		start((int)i, serial);
	}
	turn_for(15000);
	cr_expect_eq(supervisor_busy(w.sup), 0, "%s: still busy", units);
	for (size_t i = 0; i < n; i++)
		out[i] = strstr(w.fails[i], ":ERR_ALIKE") ? 'A' : letter[w.of[i]];
	out[n] = '\0';
	return out;
}

Test(supervisor, several_that_fail_alike_blame_the_station)
{
	static const struct {
		const char *units, *verdicts;
	} row[] = {
		{ "BBBB", "AAAA" },         { "BBBP", "AAAP" }, { "BBPP", "FFPP" },
		{ "BBBPPP", "FFFPPP" },     { "CCCC", "AAAA" }, { "BBCC", "FFFF" },
		{ "OOOO", "AAAA" },         { "OOPP", "EEPP" }, { "BCOP", "FFEP" },
		{ "CCCCCBBP", "AAAAAFFP" }, { "BBB", "AAA" },   { "PPPP", "PPPP" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *got;

		memset(&w, 0, sizeof(w));
		BUILD(8, DO_PASS, DO_AS_SERIAL, DO_PASS);
		w.set.second_look = 3;
		got = verdicts_of(row[i].units);
		cr_expect_str_eq(got, row[i].verdicts, "%s: %s, must be %s", row[i].units, got,
				 row[i].verdicts);
		finish();
	}
}

Test(supervisor, where_there_are_fewer_slots_all_of_them_are_several)
{
	BUILD(2, DO_AS_SERIAL);
	w.set.second_look = 3;
	cr_expect_str_eq(verdicts_of("BB"), "AA");
	cr_expect_str_eq(verdicts_of("BP"), "FP", "the lane that failed before has its say anew");
	finish();
	memset(&w, 0, sizeof(w));
	BUILD(1, DO_AS_SERIAL);
	w.set.second_look = 1;
	cr_expect_str_eq(verdicts_of("B"), "F", "one is never several");
	finish();
}

Test(supervisor, one_after_the_other_is_not_at_once)
{
	BUILD(3, DO_AS_SERIAL);
	w.set.second_look = 3;
	for (int i = 0; i < 3; i++) {
		start(i, "B");
		turn_for(5000);
		cr_expect_eq(w.of[i], VERDICT_FAIL, "lane %d", i);
		usleep(5000);
	}
	finish();
}

Test(supervisor, the_last_retry_is_what_is_compared)
{
	BUILD(3, DO_AS_SERIAL);
	w.set.second_look = 3;
	w.step[0].retry = 1;
	cr_expect_str_eq(verdicts_of("BBB"), "AAA");
	for (int i = 0, n = 0; i < 3; i++, n = 0) {
		for (const char *at = w.codes; (at = strstr(at, i ? "ERR_ALIKE" : "ERR_LIMIT"));
		     at++)
			n++;
		cr_expect_eq(n, 3, "%s", w.codes);
	}
	finish();
}

Test(supervisor, a_unit_at_its_second_look_speaks_for_others_and_stands_for_itself)
{
	struct supervisor_job job = { .plan = &w.plan, .serial = "B0", .second_look = 1 };
	struct err err = { 0 };

	BUILD(4, DO_AS_SERIAL);
	w.set.second_look = 3;
	cr_assert_eq(supervisor_start(w.sup, 3, &job, &err), 0);
	cr_expect_str_eq(verdicts_of("BBB"), "AAA");
	cr_expect_eq(w.of[3], VERDICT_FAIL);
	finish();
}

Test(supervisor, runs_that_do_not_count_are_left_alone)
{
	BUILD(4, DO_AS_SERIAL);
	w.set.second_look = 3;
	for (int i = 0; i < 4; i++) {
		struct supervisor_job job = { .plan = &w.plan,
					      .serial = "B",
					      .mode = MODE_ENGINEERING };
		struct err err = { 0 };

		cr_assert_eq(supervisor_start(w.sup, i, &job, &err), 0);
	}
	finish();
	for (int i = 0; i < 4; i++)
		cr_expect_eq(w.of[i], VERDICT_FAIL);
}

Test(supervisor, an_earlier_failure_decides_and_waits_for_nobody)
{
	BUILD(3, DO_BAD_VALUE, DO_AS_SERIAL);
	w.step[0].on_fail = PLAN_CONTINUE;
	w.set.second_look = 4; /* more than there are: all three */
	cr_expect_str_eq(verdicts_of("PPP"), "AAA");
	cr_expect_str_eq(verdicts_of("BBB"), "AAA", "it goes on, and the first cause decides");
	finish();
}

/* While others are at the step its verdict waits; a stop ends the waiting, not the failure. */
Test(supervisor, a_stop_while_it_waits_leaves_the_units_own_failure)
{
	BUILD(3, DO_AS_SERIAL, DO_PASS);
	w.set.second_look = 3;
	w.step[1].always = 1;
	start(0, "B0");
	start(1, "H1");
	start(2, "H2");
	turn_for(2500);
	cr_expect_eq(w.shown, 0, "it waits, and tells nothing");
	cr_expect_str_eq(w.codes, "");
	supervisor_stop(w.sup, -1, "operator");
	finish();
	cr_expect_eq(w.of[0], VERDICT_FAIL);
	cr_expect_str_eq(w.fails[0], "s0#1.x");
	cr_expect_eq(w.of[1], VERDICT_ABORTED);
	cr_expect_eq(shared->runs[1], 3, "always steps still run");
}

Test(supervisor, others_that_never_come_do_not_hold_a_verdict_up)
{
	BUILD(4, DO_AS_SERIAL, DO_AS_SERIAL);
	w.step[0].timeout_ms = 4000;
	w.set.second_look = 3;
	w.args[0].what = DO_AS_SERIAL;
	start(0, "B0");
	start(1, "B1");
	start(2, "H2");
	turn_for(15000);
	cr_expect_eq(w.of[0], VERDICT_FAIL);
	cr_expect_eq(w.of[1], VERDICT_FAIL, "the third was lost otherwise");
	cr_expect_eq(w.of[2], VERDICT_ERROR);
	cr_expect_str_eq(w.fails[2], "s0#1:ERR_DEADLINE");
	finish();
}

Test(supervisor, pulled_out_while_it_waits)
{
	BUILD(3, DO_AS_SERIAL, DO_PASS);
	no_board.driver = &wired;
	w.set.second_look = 3;
	w.step[1].always = 1;
	start(0, "B0");
	start(1, "H1");
	start(2, "H2");
	turn_for(300);
	supervisor_gone(w.sup, 0);
	supervisor_stop(w.sup, -1, "operator");
	finish();
	cr_expect_eq(w.of[0], VERDICT_FAIL, "what was found before stays");
}

Test(supervisor, no_verdict_without_a_record)
{
	BUILD(1, DO_PASS);
	w.fail_commits = 2;
	run_all();
	cr_expect_eq(w.verdict, VERDICT_PASS, "a commit that works later counts");
	cr_expect_eq(w.shown, 1);

	memset(&w, 0, sizeof(w));
	BUILD(1, DO_PASS);
	w.fail_commits = 1000;
	run_all();
	cr_expect_eq(w.shown, 0);
	cr_expect_eq(w.not_recorded, 1);

	struct supervisor_job job = { .plan = &w.plan, .serial = "U", .mode = MODE_PRODUCTION };
	struct err err = { 0 };

	memset(&w, 0, sizeof(w));
	BUILD(1, DO_PASS);
	w.fail_begin = 1;
	cr_expect_eq(supervisor_start(w.sup, 0, &job, &err), ERR_STORE);
	cr_expect_eq(supervisor_busy(w.sup), 0);
	cr_expect_eq(shared->runs[0], 0, "nothing runs that cannot be recorded");
}

Test(supervisor, a_lane_has_one_run_at_a_time)
{
	struct supervisor_job job = { .plan = &w.plan, .serial = "U2", .mode = MODE_PRODUCTION };
	struct err err = { 0 };

	BUILD(1, DO_PASS);
	start(0, "U1");
	cr_expect_eq(supervisor_start(w.sup, 0, &job, &err), ERR_BUSY);
	finish();
}

/* --- an engineer's hand on a run --- */

static void begin_paused(enum run_mode mode)
{
	struct supervisor_job job = { .plan = &w.plan, .serial = "U1", .mode = mode };
	struct err err = { 0 };

	cr_assert_eq(supervisor_start(w.sup, 0, &job, &err), 0, "%s", err.text);
	cr_assert_eq(supervisor_pause(w.sup, 0, &err), 0, "%s", err.text);
}

static void until_paused(void)
{
	int64_t until = clock_ns() + 10000 * 1000000LL;

	while (!supervisor_paused(w.sup, 0) && supervisor_busy(w.sup) && clock_ns() < until)
		loop_turn(w.loop, until);
	cr_assert(supervisor_paused(w.sup, 0), "is not paused");
}

#define ASK(what)                                                                                  \
	do {                                                                                       \
		struct err ask_err = { 0 };                                                        \
		cr_assert_eq(supervisor_##what(w.sup, 0, &ask_err), 0, "%s", ask_err.text);        \
	} while (0)

Test(supervisor, a_production_run_cannot_be_held)
{
	struct err err = { 0 };

	BUILD(1, DO_PASS);
	cr_expect_eq(supervisor_pause(w.sup, 0, &err), ERR_USAGE, "no run");
	cr_expect_eq(supervisor_pause(w.sup, 7, &err), ERR_USAGE, "no lane");
	start(0, "U1");
	cr_expect_eq(supervisor_pause(w.sup, 0, &err), ERR_USAGE);
	cr_expect(strstr(err.text, "mode production"), "%s", err.text);
	cr_expect_eq(supervisor_skip(w.sup, 0, &err), ERR_USAGE);
	finish();
	cr_expect_eq(w.verdict, VERDICT_PASS);
}

Test(supervisor, an_engineer_goes_step_by_step_and_repeats_one)
{
	struct err err = { 0 };

	BUILD(1, DO_PASS, DO_SECOND_PASSES, DO_PASS);
	begin_paused(MODE_ENGINEERING);
	until_paused();
	cr_expect_eq(shared->orders, 0, "nothing runs before the pause");
	cr_expect_eq(supervisor_repeat(w.sup, 0, &err), ERR_USAGE, "nothing to repeat");
	ASK(step);
	cr_expect_eq(supervisor_step(w.sup, 0, &err), ERR_USAGE, "not paused now");
	until_paused();
	cr_expect_eq(shared->orders, 1);
	ASK(step);
	until_paused(); /* s1 failed and would stop the run */
	ASK(repeat);
	until_paused();
	cr_expect_eq(shared->runs[1], 2);
	cr_expect_eq(shared->runs[2], 0);
	ASK(step);
	until_paused(); /* before the end: the last step can be repeated too */
	cr_expect_eq(shared->runs[2], 1);
	cr_expect_eq(supervisor_skip(w.sup, 0, &err), ERR_USAGE, "no step is left");
	ASK(repeat);
	until_paused();
	cr_expect_eq(w.committed, 0);
	ASK(go);
	finish();
	cr_expect_eq(shared->runs[2], 2);
	cr_expect_eq(w.verdict, VERDICT_PASS);
	cr_expect_str_eq(w.step_verdicts, "PPP");
	cr_expect_str_eq(w.codes, "ok ERR_PROTO ok ok ok ", "every attempt is kept");
}

Test(supervisor, an_engineer_does_not_repeat_a_final_step)
{
	struct err err = { 0 };

	BUILD(1, DO_PASS, DO_FAIL_CODE);
	make_final(1);
	begin_paused(MODE_ENGINEERING);
	until_paused();
	ASK(step);
	until_paused();
	ASK(step);
	until_paused();
	cr_expect_eq(supervisor_repeat(w.sup, 0, &err), ERR_USAGE);
	cr_expect(strstr(err.text, "cannot be undone"), "%s", err.text);
	ASK(go);
	finish();
	cr_expect_eq(shared->runs[1], 1);
}

Test(supervisor, an_engineer_leaves_a_step_out_and_the_run_counts_for_nothing)
{
	BUILD(1, DO_PASS, DO_FAIL_CODE, DO_PASS);
	begin_paused(MODE_ENGINEERING);
	until_paused();
	ASK(step);
	until_paused();
	ASK(skip);
	until_paused();
	ASK(go);
	finish();
	cr_expect_str_eq(w.step_verdicts, "PSP");
	cr_expect_str_eq(w.skips, "engineer ");
	cr_expect_eq(w.verdict, VERDICT_PASS, "%s", w.rule);
}

Test(supervisor, steps_that_a_failure_left_out_run_after_the_repeat)
{
	BUILD(1, DO_SECOND_PASSES, DO_PASS);
	begin_paused(MODE_ENGINEERING);
	until_paused();
	ASK(step);
	until_paused();
	ASK(step); /* s1 is left out, s0 did not pass */
	until_paused();
	cr_expect_str_eq(w.skips, "stopped:s0 ");
	ASK(repeat);
	until_paused();
	ASK(step);
	until_paused();
	ASK(go);
	finish();
	cr_expect_str_eq(w.step_verdicts, "PP");
	cr_expect_eq(w.verdict, VERDICT_PASS, "%s", w.rule);
}

Test(supervisor, a_stop_ends_a_pause)
{
	BUILD(1, DO_PASS, DO_PASS);
	begin_paused(MODE_ENGINEERING);
	until_paused();
	supervisor_stop(w.sup, 0, "enough");
	finish();
	cr_expect_eq(w.verdict, VERDICT_ABORTED);
	cr_expect_eq(w.blame, BLAME_OPERATOR);
}

Test(supervisor, a_pause_has_an_end)
{
	BUILD(1, DO_PASS, DO_PASS);
	begin_paused(MODE_ENGINEERING);
	until_paused();
	clock_freeze_ms(clock_ms() + SUPERVISOR_PAUSE_MS + 1000);
	loop_turn(w.loop, clock_ns());
	finish();
	cr_expect_eq(w.verdict, VERDICT_ABORTED);
}

Test(supervisor, an_unplugged_interface_ends_the_step_and_names_the_slot)
{
	BUILD(1, DO_PASS, DO_HANG, DO_PASS);
	no_board.driver = &wired;
	w.step[1].retry = 3;
	w.step[2].always = 1;
	start(0, "U1");
	while (shared->orders < 2)
		loop_turn(w.loop, clock_ns() + 10000000);
	supervisor_gone(w.sup, 0);
	finish();
	cr_expect_eq(w.verdict, VERDICT_ERROR);
	cr_expect_eq(w.blame, BLAME_STATION);
	cr_expect_str_eq(w.step_verdicts, "PEP");
	cr_expect_str_eq(w.codes, "ok ERR_GONE ok ", "no retry");
	cr_expect_str_eq(w.last_message, "slot -: the interface was unplugged during the run");
}

Test(supervisor, unplugged_between_two_steps_the_next_one_ends_it)
{
	BUILD(1, DO_PASS, DO_PASS);
	no_board.driver = &wired;
	begin_paused(MODE_ENGINEERING);
	until_paused();
	supervisor_gone(w.sup, 0);
	ASK(go);
	finish();
	cr_expect_eq(w.verdict, VERDICT_ERROR);
	cr_expect_eq(shared->orders, 0);
}

Test(supervisor, what_has_no_interface_is_not_unplugged)
{
	BUILD(1, DO_PASS);
	start(0, "U1");
	supervisor_gone(w.sup, 0);
	finish();
	cr_expect_eq(w.verdict, VERDICT_PASS);
}

Test(supervisor, a_run_that_cannot_be_recorded_is_kept_until_it_can)
{
	BUILD(1, DO_PASS);
	w.set.keeps_trying = 1;
	w.fail_commits = 5;
	start(0, "U1");
	finish();
	cr_expect_eq(w.not_recorded, 1);
	cr_expect_eq(w.shown, 1);
	cr_expect_eq(w.verdict, VERDICT_PASS);
}
