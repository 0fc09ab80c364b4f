#include "tests/unit/step_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/authority.h"

#define HEAD "[plan]\ntitle = T\nboard = %s\nproduct = P\n\n[step s]\n"

const char rig_board[] = "[board]\n"
			 "family = console\n"
			 "prompt = /^virt> $/\n"
			 "restarted = /^boot: /m\n"
			 "boot = /^boot: ready/m\n"
			 "boot_within = 20 s\n"
			 "pins = 0, 1, 2, 3, 4, 5, 6, 7\n"
			 "[command os_version]\n"
			 "send = version\n"
			 "match = /^OS version: (.*?)\\r?$/m\n"
			 "[command device_id]\n"
			 "send = id\n"
			 "match = /^([0-9a-f]{16,128})\\r?$/m\n"
			 "[command restart]\n"
			 "send = restart\n"
			 "[command recover]\n"
			 "send = recovery {images}\n"
			 "match = /^recovery: done/m\n"
			 "refused = /^recovery: (failed.*?)\\r?$/m\n"
			 "progress = /^recovery: ([0-9.]+) %/m\n"
			 "within = 60 s\n"
			 "[command mac]\n"
			 "send = mac {interface}\n"
			 "match = /^mac: (\\S+)\\r?$/m\n"
			 "[command gpio]\n"
			 "send = gpio drive {drive} {level}\n"
			 "match = /^gpio: ([0-9a-fx+-]+)\\r?$/m\n"
			 "[command serve]\n"
			 "send = serve {port}\n"
			 "match = /^listening/m\n"
			 "refused = /^iperf3: (error.*?)\\r?$/m\n"
			 "[command measure]\n"
			 "send = measure {host} {port} {seconds} {omit} {direction_flag} "
			 "{protocol_flag} {rate_flag}\n"
			 "refused = /^iperf3: (error.*?)\\r?$/m\n"
			 "within = 2 s\n";

/* --- files: gone again when they have been read --- */

struct folder {
	char path[64];
};

static void put(char out[128], const struct folder *d, const char *name, const char *text)
{
	FILE *f;

	snprintf(out, 128, "%s/%s", d->path, name);
	f = fopen(out, "w"); /* not synced to the disk, as a real file is */
	cr_assert(f && fputs(text, f) >= 0 && !fclose(f), "%s", out);
}

static void make_folder(struct folder *d)
{
	snprintf(d->path, sizeof(d->path), "/tmp/step_rig.XXXXXX");
	cr_assert_not_null(mkdtemp(d->path));
}

static void drop_folder(const struct folder *d)
{
	static const char *const names[] = { "plan.ini", "rig.ini", "fixture.ini", "ca.pem", "x" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", d->path, names[i]);
		unlink(path);
	}
	rmdir(d->path);
}

static void put_plan(char plan[128], const struct folder *d, const char *board, const char *step)
{
	char path[128];
	struct sbuf text = { 0 };

	if (board)
		put(path, d, "rig.ini", board);
	/* What a profile may name. */
	put(path, d, "ca.pem", authority);
	put(path, d, "x", "");
	sbuf_printf(&text, HEAD, board ? "rig" : "none");
	sbuf_puts(&text, step);
	put(plan, d, "plan.ini", sbuf_str(&text));
	sbuf_release(&text);
}

/* --- the engine's side of a step --- */

static void sink_measure(void *payload, const char *name, struct value v, const char *raw,
			 const char *note)
{
	struct rig *r = payload;
	const struct step_measure_row *row = step_measure_find(r->plan->step[0].driver, name);
	struct measure *m = run_measure_add(&r->run, r->attempt);

	cr_assert_not_null(row, "measure '%s' is in no row", name);
	cr_assert(v.type == row->type || v.type == VALUE_NONE, "type of measure '%s'", name);
	cr_assert_eq(!v.unit, !row->unit, "unit of measure '%s'", name);
	cr_assert(!v.unit || !strcmp(v.unit, row->unit), "unit of measure '%s'", name);
	m->name = arena_strdup(&r->run.arena, name);
	m->type = row->type;
	m->unit = row->unit;
	m->has = v.type != VALUE_NONE;
	m->raw = raw ? arena_strdup(&r->run.arena, raw) : NULL;
	m->note = note ? arena_strdup(&r->run.arena, note) : NULL;
	if (v.type == VALUE_NUM)
		m->num = v.num;
	else if (v.type == VALUE_BOOL)
		m->num = v.yes;
	else if (m->has)
		m->text = arena_strdup(&r->run.arena, v.text);
}

static void sink_progress(void *payload, double done, const char *what)
{
	cr_expect(done <= 1, "progress %g", done);
	sbuf_printf(&((struct rig *)payload)->progress, "%.2f %s\n", done, what);
}

static int sink_ask(void *payload, char *out, size_t size, const struct step_question *q,
		    int64_t until_ms, struct err *err)
{
	struct rig *r = payload;

	cr_expect_geq(until_ms, clock_ms());
	sbuf_printf(&r->asked, "%s: %s%s%s", q->kind, q->text, q->picture ? " @" : "",
		    q->picture ? q->picture : "");
	for (const char *const *c = q->choices; c && *c; c++)
		sbuf_printf(&r->asked, "%s%s%s", c == q->choices ? " [" : " ", *c, c[1] ? "" : "]");
	sbuf_putc(&r->asked, '\n');
	if (r->answers && *r->answers) {
		cr_assert_lt(strlen(*r->answers), size);
		memcpy(out, *r->answers, strlen(*r->answers) + 1);
		r->answers++;
		return 0;
	}
	if (r->answer_code == ERR_UNANSWERED)
		clock_freeze_ms(until_ms);
	return err_set(err, r->answer_code ? r->answer_code : ERR_NOBODY, "nobody is here");
}

static int sink_claim(void *payload, char *other, size_t size, const char *kind, const char *value,
		      struct err *err)
{
	struct rig *r = payload;
	struct rig_claim *c = &r->claim[r->claims++];

	cr_assert_leq(r->claims, sizeof(r->claim) / sizeof(r->claim[0]));
	snprintf(c->kind, sizeof(c->kind), "%s", kind);
	snprintf(c->value, sizeof(c->value), "%s", value);
	if (!r->other)
		return err_set(err, ERR_STORE, "the records are closed");
	snprintf(other, size, "%s", r->other);
	return 0;
}

static const struct step_sink sink = { sink_measure, sink_progress, sink_ask, sink_claim };

/* --- the rig --- */

static void open_rig(struct rig *r, const char *board, const char *step,
		     const struct memory_turn *turns, const struct board_driver *driver)
{
	static const struct memory_turn silent[] = { HEARS_NO_MORE };
	struct findings f = { 0 };
	struct plan_env env = { 0 };
	struct err err = { 0 };
	struct folder d;
	char path[128];
	int code;

	*r = (struct rig){ .slot = { .name = "1", .number = 1, .usb = "1-1" } };
	make_folder(&d);
	put_plan(path, &d, board, step);
	env.boards = d.path;
	code = plan_load(&r->plan, &r->arena, path, NULL, &env, &f, &err);
	for (size_t i = 0; code < 0 && i < f.count; i++)
		cr_log_error("%d:%d: %s", f.list[i].at.line, f.list[i].at.column,
			     f.list[i].message);
	cr_assert_eq(code, 0, "%s", err.text);
	finding_release(&f);
	drop_folder(&d);
	clock_freeze_ms(1000000);
	link_memory_init(&r->link, turns ? turns : silent);
	r->link.waits = 1;
	r->board = (struct board){ .driver = r->plan->board->driver,
				   .profile = r->plan->board->profile,
				   .slot = &r->slot };
	r->board.links[ROLE_CONSOLE] = &r->link.link;
	if (driver)
		r->board = (struct board){ .driver = driver, .slot = &r->slot };
	if (r->board.driver->open)
		cr_assert_eq(r->board.driver->open(&r->board, &err), 0, "%s", err.text);
	run_init(&r->run, r->plan);
}

void rig_open(struct rig *r, const char *board, const char *step, const struct memory_turn *turns)
{
	open_rig(r, board, step, turns, NULL);
}

void rig_open_as(struct rig *r, const char *board, const char *step,
		 const struct board_driver *driver)
{
	open_rig(r, board, step, NULL, driver);
}

enum verdict rig_run(struct rig *r)
{
	const struct plan_step *s = &r->plan->step[0];
	struct step_ctx ctx = { .driver = s->driver,
				.arena = &r->attempt_arena,
				.board = &r->board,
				.slot = &r->slot,
				.serial = r->serial,
				.sink = &sink,
				.payload = r };
	struct err err = { 0 };
	uint32_t asks =
		s->driver->asks | (s->driver->asks_more ? s->driver->asks_more(s->args) : 0);
	int code;

	if (r->live) {
		clock_freeze_ms(-1);
		r->link.waits = 0;
	}
	cr_assert_null(board_lacks(r->board.driver, r->board.profile, asks));
	ctx.until_ms = r->until_ms ? r->until_ms : clock_ms() + s->timeout_ms;
	r->attempt = run_attempt_add(&r->run, 0);
	code = s->driver->run(&ctx, s->args, &err);
	cr_expect_eq(code < 0 ? code : 0, (int)err.code, "code %d, but '%s'", code, err.text);
	run_judge(&r->run, r->attempt, s, code, code < 0 ? err.text : NULL);
	return r->attempt->verdict;
}

const struct measure *rig_measure(const struct rig *r, const char *name)
{
	for (size_t i = 0; i < r->attempt->measures; i++)
		if (!strcmp(r->attempt->measure[i].name, name))
			return &r->attempt->measure[i];
	return NULL;
}

static const char *kept(struct rig *r, struct sbuf *b)
{
	const char *s = arena_strdup(&r->arena, sbuf_str(b));

	sbuf_release(b);
	return s;
}

const char *rig_measures(struct rig *r)
{
	struct sbuf b = { 0 };

	for (size_t i = 0; i < r->attempt->measures; i++) {
		sbuf_printf(&b, "%s%s=", i ? " " : "", r->attempt->measure[i].name);
		measure_print(&b, &r->attempt->measure[i]);
	}
	return kept(r, &b);
}

const char *rig_outcome(struct rig *r)
{
	return arena_printf(&r->arena, "%s %s %s", verdict_word(r->attempt->verdict),
			    err_blame_word(r->attempt->blame),
			    r->attempt->code ? r->attempt->code : "-");
}

const char *rig_limits(struct rig *r)
{
	const struct plan_step *s = &r->plan->step[0];
	struct sbuf b = { 0 };

	for (size_t i = 0; i < s->limits; i++)
		sbuf_printf(&b, "%s %s%s\n", s->limit[i].measure, s->limit[i].text,
			    s->limit[i].implied ? " (implied)" : "");
	return kept(r, &b);
}

void rig_expect(const struct rig_answer *row, const char *step, const char *line)
{
	const struct memory_turn turns[] = {
		HEARS(line, row->say, .then = row->then, .fail = row->fail), HEARS_NO_MORE
	};
	struct rig r;
	const char *message;

	rig_open(&r, rig_board, step, turns);
	rig_run(&r);
	message = r.attempt->message ? r.attempt->message : "";
	cr_expect_str_eq(rig_outcome(&r), row->outcome, "answer '%s': %s: %s, must be %s",
			 row->say ? row->say : "", rig_outcome(&r), message, row->outcome);
	cr_expect_str_eq(rig_measures(&r), row->measures, "answer '%s': '%s', must be '%s'",
			 row->say ? row->say : "", rig_measures(&r), row->measures);
	cr_expect(!row->message || strstr(message, row->message),
		  "answer '%s': '%s' does not tell '%s'", row->say ? row->say : "", message,
		  row->message);
	rig_close(&r);
}

int rig_done(const struct rig *r)
{
	return link_memory_done(&r->link);
}

void rig_close(struct rig *r)
{
	if (r->board.driver->close)
		r->board.driver->close(&r->board);
	run_release(&r->run);
	plan_release(r->plan);
	sbuf_release(&r->progress);
	sbuf_release(&r->asked);
	arena_free(&r->attempt_arena);
	arena_free(&r->arena);
}

/* --- findings --- */

static const char *told(struct findings *f)
{
	static char out[8192];
	size_t n = 0;

	finding_sort(f);
	*out = '\0';
	for (size_t i = 0; i < f->count && n < sizeof(out); i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%d:%d: %s: %s\n",
				      f->list[i].at.line, f->list[i].at.column,
				      finding_name(f->list[i].code), f->list[i].message);
	finding_release(f);
	return out;
}

const char *rig_check(const char *board, const char *fixture, const char *step)
{
	struct findings f = { 0 };
	struct plan_env env = { 0 };
	struct fixture *x = NULL;
	struct arena a = { 0 };
	struct err err = { 0 };
	struct folder d;
	char path[128];
	const char *out;

	make_folder(&d);
	if (fixture) {
		put(path, &d, "fixture.ini", fixture);
		cr_assert_eq(fixture_load(&x, &a, path, &f, &err), 0, "%s", err.text);
		env.fixture = x;
	}
	put_plan(path, &d, board, step);
	env.boards = d.path;
	plan_check(path, &env, &f);
	out = told(&f);
	drop_folder(&d);
	arena_free(&a);
	return out;
}

const char *rig_check_board(const char *board)
{
	struct findings f = { 0 };
	struct board_profile *p = NULL;
	struct arena a = { 0 };
	struct err err = { 0 };
	struct folder d;
	char path[128];
	const char *out;

	make_folder(&d);
	put(path, &d, "rig.ini", board);
	if (board_profile_load_file(&p, &a, path, &f, &err) == 0)
		board_profile_release(p);
	out = told(&f);
	drop_folder(&d);
	arena_free(&a);
	return out;
}
