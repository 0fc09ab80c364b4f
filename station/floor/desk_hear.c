/* What the engine tells, as the picture of a slot. Nothing here starts or stops a run. */
#include "floor/desk_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "reports/facts.h"

static const char *keep(struct desk_slot *s, const char *text)
{
	return text ? arena_strdup(&s->pic.arena, text) : "";
}

/* --- a run begins --- */

static void expect(struct desk_slot *s)
{
	struct err err = { 0 };
	int64_t sum = 0;
	int known = 1;

	free(s->expected);
	s->expected = calloc(s->plan->steps + 1, sizeof(*s->expected));
	if (!s->expected)
		abort();
	if (store_expected(s->expected, s->desk->st->store, s->plan, &err) < 0)
		for (size_t i = 0; i < s->plan->steps; i++)
			s->expected[i] = -1;
	for (size_t i = 0; i < s->plan->steps; i++) {
		if (s->plan->step[i].skipped)
			continue;
		known &= s->expected[i] >= 0;
		sum += s->expected[i] >= 0 ? s->expected[i] : 0;
	}
	s->pic.expected_ms = known ? sum : s->plan->expected_ms ? s->plan->expected_ms : -1;
}

static void started(struct desk_slot *s, const struct event *e)
{
	struct desk *d = s->desk;
	const struct unit_run *r = e->run;
	struct floor_slot *p = &s->pic;

	p->state = FLOOR_RUNNING;
	p->mode = r->mode;
	p->serial = keep(s, r->serial);
	p->product = keep(s, r->product);
	p->plan = keep(s, r->plan_title);
	p->revision = keep(s, r->plan_revision);
	p->variant = keep(s, r->variant);
	p->run = keep(s, r->id);
	p->instruction = keep(s, s->plan ? s->plan->instruction : NULL);
	p->attempt = s->attempt;
	p->attempts_max = s->attempts_max;
	p->steps = r->steps;
	p->step = 0;
	p->run_at_ms = e->at_ms;
	s->came_ms = 0;
	sbuf_reset(&s->console);
	sbuf_reset(&s->measures);
	server_console_begins(d->server, s->index);
	if (s->plan)
		expect(s);
	snprintf(d->plan, sizeof(d->plan), "%s", r->plan_title);
	snprintf(d->revision, sizeof(d->revision), "%s", r->plan_revision);
	d->status.plan = d->plan;
	d->status.revision = d->revision;
	desk_status_changed(d);
	if (d->st->fixture && d->st->fixture->cycles_max) { /* one less is left */
		d->stale = 1;
		desk_at(d, clock_ms());
	}
}

/* --- steps --- */

static void at_step(struct desk_slot *s, const struct event *e)
{
	struct floor_slot *p = &s->pic;
	const struct unit_run *r = e->run;

	p->step = e->step;
	if (e->step >= r->steps) { /* paused behind the last one */
		p->step_id = p->step_title = "";
		return;
	}
	p->step_id = keep(s, r->step[e->step].id);
	p->step_title = keep(s, r->step[e->step].title);
	p->step_expected_ms = s->expected ? s->expected[e->step] : -1;
	p->before_ms = 0;
	for (size_t i = 0; s->expected && i < e->step; i++)
		if (!s->plan->step[i].skipped && s->expected[i] > 0)
			p->before_ms += s->expected[i];
}

static void say_doing(struct desk_slot *s, const char *text, double done)
{
	sbuf_reset(&s->doing);
	sbuf_puts(&s->doing, text ? text : "");
	s->pic.doing = sbuf_str(&s->doing);
	s->pic.done = done;
}

static void step_waiting(struct desk_slot *s, const struct event *e)
{
	at_step(s, e);
	sbuf_reset(&s->waits_for);
	sbuf_puts(&s->waits_for, e->text);
	s->pic.waits_for = sbuf_str(&s->waits_for);
	s->pic.state = FLOOR_RUNNING;
	say_doing(s, "", -1);
}

static void step_started(struct desk_slot *s, const struct event *e)
{
	at_step(s, e);
	s->pic.state = FLOOR_RUNNING;
	s->pic.waits_for = NULL;
	s->pic.step_try = e->attempt->number;
	s->pic.step_at_ms = e->at_ms;
	say_doing(s, "", -1);
}

static void step_over(struct desk_slot *s, const struct event *e)
{
	s->pic.waits_for = NULL;
	/* The next event says otherwise when it was not the last. */
	if (e->step + 1 >= e->run->steps)
		s->pic.state = FLOOR_SAVING;
}

static void paused(struct desk_slot *s, const struct event *e)
{
	at_step(s, e);
	s->pic.state = FLOOR_PAUSED;
	s->pic.waits_for = NULL;
	say_doing(s, "", -1);
	if (s->desk->closing)
		desk_at(s->desk, clock_ms());
}

static void question(struct desk_slot *s, const struct event *e)
{
	const struct step_question *q = e->question;
	struct floor_question *mine = &s->pic.question;
	size_t n = 0;

	arena_free(&s->ask);
	*mine = (struct floor_question){ .number = ++s->desk->questions };
	mine->kind = arena_strdup(&s->ask, q->kind);
	mine->text = arena_strdup(&s->ask, q->text);
	mine->picture = q->picture ? arena_strdup(&s->ask, q->picture) : NULL;
	while (q->choices && q->choices[n])
		n++;
	mine->choice = arena_alloc(&s->ask, (n + 1) * sizeof(*mine->choice));
	mine->choices = n;
	for (size_t i = 0; i < n; i++)
		mine->choice[i] = arena_strdup(&s->ask, q->choices[i]);
	mine->until_at_ms = e->until_ms;
}

static void answered(struct desk_slot *s, const struct event *e)
{
	(void)e;
	s->pic.question = (struct floor_question){ .kind = "", .text = "" };
	arena_free(&s->ask);
}

/* --- the unit talks --- */

static void console(struct desk_slot *s, const struct event *e)
{
	sbuf_puts(&s->console, e->text);
	sbuf_keep_tail(&s->console, DESK_TAIL, "\\n"); /* it is escaped */
	server_console(s->desk->server, s->index, e->text, strlen(e->text));
}

static void measure(struct desk_slot *s, const struct event *e)
{
	struct sbuf line = { 0 };

	sbuf_printf(&line, "%s.%s = ", e->run->step[e->step].id, e->measure->name);
	measure_print(&line, e->measure);
	server_measure(s->desk->server, s->index, sbuf_str(&line));
	sbuf_putc(&line, '\n');
	sbuf_add(&s->measures, line.data, line.len);
	sbuf_keep_tail(&s->measures, DESK_TAIL, "\n");
	sbuf_release(&line);
}

static void progress(struct desk_slot *s, const struct event *e)
{
	say_doing(s, e->text, e->done);
}

/* --- the end --- */

static const char *instruction_of(const struct desk_slot *s, const struct step_run *step)
{
	for (size_t i = 0; s->plan && step && i < s->plan->steps; i++)
		if (!strcmp(s->plan->step[i].id, step->id))
			return s->plan->step[i].instruction;
	return NULL;
}

static void tell_cause(struct desk_slot *s, const struct unit_run *r)
{
	struct floor_slot *p = &s->pic;
	struct facts_cause cause;
	struct sbuf value = { 0 };

	facts_cause(&cause, r);
	p->instruction = keep(s, instruction_of(s, cause.step));
	if (cause.step && cause.measure) {
		p->fail_name =
			arena_printf(&p->arena, "%s.%s", cause.step->id, cause.measure->name);
		measure_print(&value, cause.measure);
		p->fail_value = keep(s, sbuf_str(&value));
		p->fail_limit = keep(s, facts_must(&p->arena, cause.measure));
		p->fail_note = keep(s, cause.measure->note);
		sbuf_release(&value);
	}
	if (cause.attempt) {
		p->code = keep(s, cause.attempt->code);
		p->message = keep(s, cause.attempt->message);
	}
	if (!*p->message)
		p->message = keep(s, facts_why(&p->arena, r));
	p->todo = keep(s, facts_todo(r));
}

static void recorded(struct desk_slot *s, const struct event *e)
{
	struct desk *d = s->desk;
	struct floor_slot *p = &s->pic;
	const struct unit_run *r = e->run;

	answered(s, e);
	p->state = FLOOR_ENDED;
	p->verdict = r->verdict;
	p->blame = r->blame;
	p->marginal = r->marginal;
	p->ended_wall_ms = r->ended_ms;
	p->took_ms = r->duration_ms;
	p->run_at_ms = p->step_at_ms = 0;
	p->waits_for = NULL;
	p->instruction = "";
	say_doing(s, "", -1);
	if (r->verdict != VERDICT_PASS)
		tell_cause(s, r);
	s->plan = NULL;
	desk_unseen(d, r->id);
	if (!d->status.record_ok) {
		d->status.record_ok = 1; /* unless another one still waits */
		for (size_t i = 0; i < d->slots; i++)
			d->status.record_ok &= d->slot[i].pic.state != FLOOR_UNRECORDED;
		if (d->status.record_ok)
			d->status.record_text = "";
	}
	desk_settle(s);
	desk_hook_after(d, r);
	hooks_sound(d->hooks, r->verdict == VERDICT_PASS   ? SOUND_PASS
			      : r->verdict == VERDICT_FAIL ? SOUND_FAIL
							   : SOUND_ERROR);
	if (r->verdict == VERDICT_ERROR && r->blame != BLAME_OPERATOR)
		desk_ill(d, p->name, *p->code ? p->code : err_name(ERR_INTERNAL), p->message);
	d->stale = 1;
	desk_at(d, clock_ms());
}

static void not_recorded(struct desk_slot *s, const struct event *e)
{
	struct desk *d = s->desk;
	char text[460];

	s->pic.state = FLOOR_UNRECORDED;
	s->pic.message = keep(s, e->text);
	s->pic.code = err_name(ERR_STORE);
	s->pic.todo = err_todo(ERR_STORE);
	d->status.record_ok = 0;
	snprintf(d->record_text, sizeof(d->record_text), "%s", e->text);
	d->status.record_text = d->record_text;
	desk_status_changed(d);
	snprintf(text, sizeof(text), SAID("unit %s is not recorded, do not pass it on: %s"),
		 s->pic.serial, e->text);
	desk_ill(d, s->pic.name, "record_not_written", text);
}

static void report(struct desk_slot *s, const struct event *e)
{
	size_t n = strlen(e->text);

	if (e->err)
		desk_say(s->desk, FLOOR_NOTICE_BAD, s->pic.name, "report", "%s", e->err->text);
	else if (!strcmp(s->pic.run, e->run->id) && n > 5 && !strcmp(e->text + n - 5, ".html"))
		s->pic.report = keep(s, e->text);
}

static void ill(struct desk_slot *s, const struct event *e)
{
	desk_ill(s->desk, s->pic.name, e->err ? err_name(e->err->code) : "station", e->text);
}

void desk_hear(void *payload, const struct event *e)
{
	static const struct {
		void (*hear)(struct desk_slot *s, const struct event *e);
		int soft; /* only progress: need not be told at once; -1: is not in the picture */
	} hear[EVENT_END_] = {
		[EVENT_RUN_STARTED] = { started, 0 },
		[EVENT_STEP_WAITING] = { step_waiting, 0 },
		[EVENT_STEP_STARTED] = { step_started, 0 },
		[EVENT_PROGRESS] = { progress, 1 },
		[EVENT_MEASURE] = { measure, -1 },
		[EVENT_CONSOLE] = { console, -1 },
		[EVENT_QUESTION] = { question, 0 },
		[EVENT_ANSWERED] = { answered, 0 },
		[EVENT_STEP_ENDED] = { step_over, 1 },
		[EVENT_STEP_SKIPPED] = { step_over, 1 },
		[EVENT_RUN_RECORDED] = { recorded, 0 },
		[EVENT_NOT_RECORDED] = { not_recorded, 0 },
		[EVENT_REPORT] = { report, 0 },
		[EVENT_STATION] = { ill, 0 },
		[EVENT_PAUSED] = { paused, 0 },
	};
	struct desk *d = payload;
	struct desk_slot *s;

	if (!d->st)
		return; /* still opening: runs of an earlier process are closed */
	if (e->slot < 0 || (size_t)e->slot >= d->slots || !hear[e->type].hear)
		return;
	s = &d->slot[e->slot];
	hear[e->type].hear(s, e);
	if (hear[e->type].soft >= 0)
		desk_changed(s, hear[e->type].soft);
}
