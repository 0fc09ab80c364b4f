#include "engine_rig.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/wire.h"

struct engine_rig engine;
const struct board_driver engine_wired = { .name = "wired", .roles = 1 };
const char engine_letters[] = "-PFESAXI";
struct board_profile engine_board = { .name = "none", .title = "none" };

/* --- the step kind --- */

void engine_nap(int ms)
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
	engine_nap(50);
	wire_send(3, &stray, 0);
}

static int as_serial(struct step_ctx *ctx)
{
	switch (step_serial(ctx)[0]) {
	case 'B':
		return DO_BAD_VALUE;
	case 'C':
		return DO_FAIL_CODE;
	case 'O':
		return DO_FIND_NOTHING;
	case 'H':
		return DO_HANG;
	default:
		return DO_PASS;
	}
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct engine_args *a = p;
	struct step_question q = { "text", "well?", NULL, NULL };
	char text[64], many[6000];

	engine.shared->runs[a->who]++;
	engine.shared->order[engine.shared->orders++ % 64] = a->who;
	engine_nap(a->ms);
	switch (a->what == DO_AS_SERIAL ? as_serial(ctx) : a->what) {
	case DO_FAIL_CODE:
		return err_set(err, ERR_TIMEOUT, "silent unit");
	case DO_FIND_NOTHING:
		return err_set(err, ERR_SILENT, "silent board");
	case DO_CRASH:
		signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would report it */
		raise(SIGSEGV);
		break;
	case DO_EXIT:
		exit(0);
	case DO_HANG_WITH_CHILD:
		engine.shared->child = fork();
		if (engine.shared->child == 0)
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
		if (engine.shared->runs[a->who] < 2)
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
		engine_nap(100);
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
		engine_nap(200);
		break;
	case DO_SEEN_NOTHING:
		say_seen("a", NULL);
		break;
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

/* --- the record --- */

static int rec_begin(void *p, struct unit_run *r, struct err *err)
{
	(void)p;
	(void)r;
	if (engine.fail_begin)
		return err_set(err, ERR_STORE, "disk full");
	return 0;
}

/* The step after this one begins within so many milliseconds. */
static int begins(size_t step, int within_ms)
{
	for (int64_t until = clock_ms() + within_ms; clock_ms() < until; usleep(1000))
		if (engine.shared->runs[step])
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
	if (engine.slow_journal && step + 1 < r->steps) {
		int is_final = engine.step[step + 1].driver->final;

		cr_expect_eq(begins(step + 1, is_final ? 100 : 5000), !is_final, "step %zu", step);
	}
	engine.attempts++;
	engine.unsynced = 1;
	return 0;
}

static int rec_unsynced(void *p)
{
	(void)p;
	return engine.unsynced;
}

static int rec_sync(void *p, struct err *err)
{
	(void)p;
	(void)err;
	engine.syncs++;
	engine.unsynced = 0;
	return 0;
}

static int rec_commit(void *p, struct unit_run *r, struct err *err)
{
	(void)p;
	if (engine.slow_journal)
		cr_expect_eq(engine.attempts, (int)r->steps, "committed before all was journalled");
	if (engine.fail_commits-- > 0)
		return err_set(err, ERR_STORE, "disk full");
	engine.committed++;
	engine.unsynced = 0;
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

/* --- what is told --- */

static void add(char *list, size_t size, const char *word)
{
	size_t n = strlen(list);

	snprintf(list + n, size - n, "%s ", word);
}

static void recorded(const struct unit_run *r, int lane)
{
	struct engine_ended *ended = &engine.lane[lane];

	cr_expect_gt(engine.committed, 0, "told before it was committed");
	engine.shown++;
	engine.last = ended;
	*ended = (struct engine_ended){ .verdict = r->verdict,
					.blame = r->blame,
					.duration_ms = r->duration_ms,
					.waited_ms = r->step[0].waited_ms };
	snprintf(ended->first_fail, sizeof(ended->first_fail), "%s",
		 r->first_fail ? r->first_fail : "");
	snprintf(ended->seen, sizeof(ended->seen), "%s,%s,%s",
		 r->seen_product ? r->seen_product : "-", r->seen_serial ? r->seen_serial : "-",
		 r->seen_note ? r->seen_note : "-");
	for (size_t i = 0; i < r->steps; i++)
		ended->steps[i] = engine_letters[step_run_verdict(&r->step[i])];
}

static void hear(void *payload, const struct event *e)
{
	struct err err = { 0 };

	(void)payload;
	switch (e->type) {
	case EVENT_RUN_RECORDED:
		recorded(e->run, e->slot);
		return;
	case EVENT_NOT_RECORDED:
		engine.not_recorded++;
		return;
	case EVENT_ANSWERED:
		engine.open--;
		return;
	case EVENT_STEP_ENDED:
		engine.left_open += engine.open;
		if (e->attempt->message)
			snprintf(engine.last_message, sizeof(engine.last_message), "%s",
				 e->attempt->message);
		add(engine.codes, sizeof(engine.codes), e->attempt->code ? e->attempt->code : "ok");
		return;
	case EVENT_PROGRESS:
		if (++engine.progress > engine.progress_most)
			engine.progress_most = engine.progress;
		return;
	case EVENT_STEP_WAITING:
		engine.waitings++;
		return;
	case EVENT_STEP_SKIPPED:
		add(engine.skips, sizeof(engine.skips), e->text);
		return;
	case EVENT_QUESTION:
		engine.questions++;
		engine.open++;
		if (engine.answer)
			cr_expect_eq(supervisor_answer(engine.sup, e->slot, engine.answer, &err),
				     0);
		return;
	default:
		return;
	}
}

const char *engine_told(void)
{
	static char line[300];
	const struct engine_ended *e = engine.last;

	if (!e)
		return "nothing ended";
	snprintf(line, sizeof(line), "%s %s %s: %s", verdict_word(e->verdict),
		 err_blame_word(e->blame), e->steps, engine.codes);
	line[strlen(line) - 1] = '\0';
	return line;
}

/* --- a plan by hand, and its runs --- */

static struct limit limit_is_one = { .measure = "x",
				     .type = VALUE_NUM,
				     .test = { .op = LIMIT_EQ, .lo = 1, .hi = 1 },
				     .text = "== 1",
				     .expected = "== 1",
				     .from = { "plan.ini", 3, 1 } };

void engine_build(const int *what, int steps, int lanes)
{
	memset(&engine, 0, sizeof(engine));
	engine_board.driver = NULL;
	engine.shared = mmap(NULL, sizeof(*engine.shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < steps; i++) {
		static const char *const ids[] = { "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7" };

		cr_assert_lt((size_t)i, sizeof(ids) / sizeof(ids[0]));
		engine.args[i] = (struct engine_args){ i, what[i], 0 };
		engine.step[i] = (struct plan_step){ .id = ids[i],
						     .title = "title",
						     .driver = &driver,
						     .args = &engine.args[i],
						     .timeout_ms = 5000,
						     .limit = &limit_is_one,
						     .limits = 1,
						     .params = "{}" };
	}
	engine.plan = (struct plan){ .path = "plan.ini",
				     .title = "test",
				     .revision = "1",
				     .product = "P",
				     .process = "FCT",
				     .board = &engine_board,
				     .variant = "",
				     .step = engine.step,
				     .steps = (size_t)steps,
				     .text = "",
				     .sha256 = "",
				     .limits_json = "",
				     .limits_sha256 = "" };
	engine.loop = loop_new();
	engine.reader = (struct event_reader){ UINT32_MAX, hear, NULL };
	engine.resource = (struct supervisor_resource){ "radio", 1 };
	engine.set = (struct supervisor_setup){
		.loop = engine.loop,
		.resource = &engine.resource,
		.resources = 1,
		.record = { rec_begin, rec_attempt, rec_unsynced, rec_sync, rec_commit,
			    rec_identity, NULL },
		.reader = &engine.reader,
		.readers = 1,
		.journal_sync_ms = 50,
		.always_ms = 500,
		.console_max = 65536,
		.lanes = lanes,
		.station = "ST",
		.line = "L",
	};
	engine.sup = supervisor_new(&engine.set);
}

static struct step_driver final_driver;

void engine_final(int step)
{
	final_driver = driver;
	final_driver.name = "final";
	final_driver.final = 1;
	engine.step[step].driver = &final_driver;
}

void engine_start_job(int lane, const struct supervisor_job *job)
{
	struct err err = { 0 };

	cr_assert_eq(supervisor_start(engine.sup, lane, job, &err), 0, "%s", err.text);
}

void engine_start(int lane, const char *serial)
{
	struct supervisor_job job = { .plan = &engine.plan,
				      .serial = serial,
				      .mode = MODE_PRODUCTION };

	engine_start_job(lane, &job);
}

void engine_turn_for(int64_t ms)
{
	int64_t until = clock_ns() + ms * 1000000;

	while (supervisor_busy(engine.sup) && clock_ns() < until)
		loop_turn(engine.loop, until);
}

void engine_finish(void)
{
	engine_turn_for(15000);
	cr_assert_eq(supervisor_busy(engine.sup), 0, "still busy");
	supervisor_free(engine.sup);
	loop_free(engine.loop);
}

void engine_run(void)
{
	engine_start(0, "U1");
	engine_finish();
}
