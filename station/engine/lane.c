/* The way of a run from step to step: retries, groups, skips, stop, record. */
#include "engine/lane.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "engine/guard.h"
#include "engine/host.h"

enum {
	SAFE_MS = 3000,  /* to release the outputs */
	CLOSE_MS = 3000, /* for a worker to give its devices back */
	SAVES = 4,       /* commits before a run counts as not recorded */
	SAVE_PAUSE_MS = 250,
	SAVE_AGAIN_MS = 2000, /* when it counts as not recorded and is kept */
	CLOCK_STEP_MS = 1000, /* the wall clock ran away from the monotonic one by more */
};

static void tell_readers(struct lane *l, struct event *e)
{
	const struct supervisor_setup *set = l->sup->set;

	e->at_ms = clock_ms();
	e->slot = l->index;
	e->run = &l->run;
	for (size_t i = 0; i < set->readers; i++)
		if (set->reader[i].wants & (1u << e->type))
			set->reader[i].hear(set->reader[i].payload, e);
}

static void journal(struct lane *l, size_t step, size_t attempt);

/* What is owed of the attempt that ended last: it is journalled, then told. Nothing else
 * is told before it. */
static void pay(struct lane *l)
{
	struct event ended = { .type = EVENT_STEP_ENDED, .step = l->owed_step };

	if (!l->owes)
		return;
	l->owes = 0;
	journal(l, l->owed_step, l->owed_attempt);
	ended.attempt = &l->run.step[l->owed_step].attempt[l->owed_attempt];
	tell_readers(l, &ended);
}

void lane_say(struct lane *l, struct event *e)
{
	pay(l);
	tell_readers(l, e);
}

static void timer_ms(struct lane *l, int64_t due_ms)
{
	loop_timer_set(l->timer, due_ms == CLOCK_NEVER ? CLOCK_NEVER : due_ms * 1000000);
}

static void journal(struct lane *l, size_t step, size_t attempt)
{
	const struct supervisor_record *rec = &l->sup->set->record;
	struct err err = { 0 };

	if (rec->attempt(rec->payload, &l->run, step, attempt, &err) < 0)
		lane_say(l, &(struct event){ .type = EVENT_STATION,
					     .step = step,
					     .text = err.text,
					     .err = &err });
	else if (rec->unsynced(rec->payload))
		supervisor_sync_soon(l->sup);
}

void lane_skip(struct lane *l, size_t i, const char *rule)
{
	l->let = 0;
	l->run.step[i].skip_rule = arena_strdup(&l->run.arena, rule);
	journal(l, i, SIZE_MAX);
	lane_say(l, &(struct event){ .type = EVENT_STEP_SKIPPED, .step = i, .text = rule });
}

static int all_well(const struct unit_run *r)
{
	for (size_t i = 0; i < r->steps; i++) {
		enum verdict v = step_run_verdict(&r->step[i]);

		if (v != VERDICT_PASS && v != VERDICT_SKIP && v != VERDICT_NONE)
			return 0;
	}
	return 1;
}

/* The first step before `step` that neither passed nor is left out by the variant,
 * or NULL. */
static const char *not_passed(const struct lane *l, size_t step)
{
	for (size_t i = 0; i < step; i++)
		if (!l->job.plan->step[i].skipped &&
		    step_run_verdict(&l->run.step[i]) != VERDICT_PASS)
			return l->job.plan->step[i].id;
	return NULL;
}

static const struct plan_group *group_of(const struct plan *p, size_t step)
{
	for (size_t i = 0; i < p->groups; i++)
		if (step >= p->group[i].first && step < p->group[i].first + p->group[i].count)
			return &p->group[i];
	return NULL;
}

static struct attempt *attempt_open(struct lane *l, int64_t limit_ms)
{
	struct attempt *a = run_attempt_add(&l->run, l->step);

	a->number = (int)l->run.step[l->step].attempts;
	a->group_number = (int)l->group_pass;
	a->at_ms = clock_ms() - l->start_ms;
	a->limit_ms = limit_ms;
	a->console_from = l->console.len;
	return a;
}

static void attempt_close(struct lane *l, int code, const char *message);

/* No worker is to be had. The next attempt is begun from the loop: a thousand of
 * them would be a thousand calls deep otherwise. */
static void attempt_failed_at_once(struct lane *l, int code, const char *message)
{
	attempt_close(l, code, message);
	lane_attempt_settle(l);
	pay(l);
	l->state = LANE_DELAY;
	loop_timer_set(l->timer, clock_ns());
}

static const char *gone_text(struct lane *l)
{
	return arena_printf(&l->run.arena,
			    SAID("slot %s: the interface was unplugged during the run"),
			    l->run.slot);
}

static int tell_attempt(struct lane *l)
{
	return lane_worker_tell(l, &(struct wire){ .type = WIRE_RUN,
						   .index = (uint32_t)l->step,
						   .num = l->attempt->number,
						   .at_ms = l->attempt_due_ms });
}

static void begin_attempt(struct lane *l)
{
	const struct plan_step *s = &l->job.plan->step[l->step];
	int64_t now = clock_ms();
	struct err err = { 0 };
	int ahead, told = 0;

	if (!l->run.step[l->step].attempts)
		l->run.step[l->step].waited_ms = now - l->waiting_since_ms;
	l->run.step[l->step].skip_rule = NULL; /* left out before, then asked for once more */
	l->attempt = attempt_open(l, s->timeout_ms);
	l->attempt_due_ms = now + s->timeout_ms;
	if (l->attempt_due_ms > l->always_until_ms)
		l->attempt_due_ms = l->always_until_ms;
	l->broken = l->cut = l->let = 0;
	l->pass_attempts++;
	l->state = LANE_STEP;
	timer_ms(l, l->attempt_due_ms);
	/* A worker that waits hears it first, so that it is at work while the attempt before is
	 * journalled and told; but what cannot be undone begins when all before it is kept. */
	ahead = l->pid && !l->gone && !s->driver->final;
	if (ahead)
		told = tell_attempt(l);
	lane_say(l, &(struct event){
			    .type = EVENT_STEP_STARTED, .step = l->step, .attempt = l->attempt });
	if (l->gone || lane_worker_need(l, &err) < 0) {
		attempt_failed_at_once(l, l->gone ? ERR_GONE : err.code,
				       l->gone ? gone_text(l) : err.text);
		return;
	}
	if (!ahead)
		told = tell_attempt(l);
	if (told < 0) {
		lane_worker_kill(l);
		l->unsafe = 1;
		attempt_failed_at_once(l, ERR_WORKER,
				       SAID("the worker does not take its next step"));
	}
}

static void finish(struct lane *l);

enum again { AGAIN_NOT, AGAIN_STEP, AGAIN_GROUP };

static enum again again(const struct lane *l)
{
	const struct plan_step *s = &l->job.plan->step[l->step];
	const struct plan_group *g = group_of(l->job.plan, l->step);

	/* What cannot be undone is done once, and no retry mends a link that is gone. */
	if (l->aborted || s->driver->final || l->gone)
		return AGAIN_NOT;
	if ((int64_t)l->pass_attempts <= s->retry)
		return AGAIN_STEP;
	return !l->skip_rule && g && l->group_pass <= g->retry ? AGAIN_GROUP : AGAIN_NOT;
}

int lane_again(const struct lane *l)
{
	return again(l) != AGAIN_NOT;
}

/* The step at hand has its last verdict in this pass: where to next? */
static void decide(struct lane *l)
{
	const struct plan *p = l->job.plan;
	const struct plan_step *s = &p->step[l->step];
	const struct plan_group *g = group_of(p, l->step);
	enum verdict v = step_run_verdict(&l->run.step[l->step]);
	int failed = v == VERDICT_FAIL || v == VERDICT_ERROR;
	enum again how = failed ? again(l) : AGAIN_NOT;

	l->gone = 0;
	if (how == AGAIN_STEP) {
		l->not_before_ms = clock_ms() + s->retry_delay_ms;
		return; /* the same step again */
	}
	if (how == AGAIN_GROUP) {
		l->group_pass++;
		l->step = g->first;
		l->pass_attempts = 0;
		l->not_before_ms = clock_ms() + g->retry_delay_ms;
		return;
	}
	if (failed && !l->skip_rule && (v == VERDICT_FAIL ? s->on_fail : s->on_error) == PLAN_STOP)
		l->skip_rule = arena_printf(&l->run.arena, "stopped:%s", s->id);
	l->step++;
	l->pass_attempts = 0;
	if (!g || l->step >= g->first + g->count)
		l->group_pass = 1;
}

void lane_attempt_settle(struct lane *l)
{
	size_t step = l->step;

	pay(l); /* for the attempt before, where nothing was told since */
	l->owes = 1;
	l->owed_step = step;
	l->owed_attempt = l->run.step[step].attempts - 1;
	decide(l);
	lane_alike_wake(l->sup);
}

/* The attempt is judged; what follows from it is the caller's. */
static void attempt_close(struct lane *l, int code, const char *message)
{
	struct attempt *a = l->attempt;
	size_t step = l->step;

	lane_question_close(l);
	if (code == ERR_GONE && strncmp(message, "slot ", 5) != 0)
		message = arena_printf(&l->run.arena, "slot %s: %s", l->run.slot, message);
	a->duration_ms = clock_ms() - l->start_ms - a->at_ms;
	a->console_to = l->console.len;
	run_judge(&l->run, a, &l->job.plan->step[step], code, message);
	l->attempt = NULL;
	l->last_step = step;
	lane_give_back(l);
}

void lane_attempt_over(struct lane *l, int code, const char *message)
{
	attempt_close(l, code, message);
	if (lane_alike_holds(l))
		return;
	lane_attempt_settle(l);
	lane_go(l);
}

/* Release the outputs in a fresh worker, then go on. */
static void make_safe(struct lane *l)
{
	struct err err = { 0 };

	l->unsafe = 0;
	l->state = LANE_SAFE;
	timer_ms(l, clock_ms() + SAFE_MS);
	if (lane_worker_need(l, &err) < 0)
		lane_safe_done(l, err.code, err.text);
	else if (lane_worker_tell(l, &(struct wire){ .type = WIRE_SAFE }) < 0)
		lane_safe_done(l, ERR_WORKER, SAID("the worker does not take its task"));
}

void lane_safe_done(struct lane *l, int code, const char *message)
{
	if (code) {
		struct err err = { 0 };

		err_set(&err, code, "outputs of the slot could not be released: %s",
			message ? message : "");
		lane_say(l,
			 &(struct event){ .type = EVENT_STATION, .text = err.text, .err = &err });
		lane_worker_kill(l);
	}
	lane_go(l);
}

/* Who waits keeps its place in the queue, however often it tries. */
static void acquire_or_wait(struct lane *l, const struct plan_step *s)
{
	int is_new = !l->ticket;

	if (is_new) {
		l->waiting_since_ms = clock_ms();
		l->ticket = ++l->sup->tickets;
	}
	if (lane_acquire(l)) {
		l->ticket = 0;
		begin_attempt(l);
		return;
	}
	l->state = LANE_WAIT;
	timer_ms(l, l->always_until_ms);
	if (is_new)
		lane_say(l, &(struct event){ .type = EVENT_STEP_WAITING,
					     .step = l->step,
					     .text = s->uses.count ? s->uses.item[0] : "" });
}

/* What cannot be undone is for a unit that passed all that is asked before it. */
static void refuse_final(struct lane *l, const struct plan_step *s, const char *before)
{
	char why[200];

	snprintf(why, sizeof(why),
		 SAID("it cannot be undone, and step '%.64s' before it has not passed in this run"),
		 before);
	l->attempt = attempt_open(l, s->timeout_ms);
	l->pass_attempts++;
	lane_say(l, &(struct event){
			    .type = EVENT_STEP_STARTED, .step = l->step, .attempt = l->attempt });
	lane_attempt_over(l, ERR_PLAN, why);
}

static void go(struct lane *l)
{
	const struct plan *p = l->job.plan;

	timer_ms(l, CLOCK_NEVER);
	if (l->unsafe) {
		make_safe(l);
		return;
	}
	if (clock_ms() < l->not_before_ms && !l->aborted) {
		l->state = LANE_DELAY;
		timer_ms(l, l->not_before_ms);
		return;
	}
	for (; l->step < p->steps; l->step++) {
		const struct plan_step *s = &p->step[l->step];
		int only = l->job.only && strcmp(l->job.only, s->id);
		const char *rule = NULL;

		if (s->skipped)
			rule = "variant";
		else if (only)
			rule = "only";
		else if (l->aborted && clock_ms() >= l->always_until_ms)
			rule = "aborted";
		else if (!s->always)
			rule = l->skip_rule;
		if (!s->skipped && !only && lane_holds(l))
			return;
		if (!rule && s->driver->final && not_passed(l, l->step)) {
			refuse_final(l, s, not_passed(l, l->step));
			return;
		}
		if (!rule) {
			acquire_or_wait(l, s);
			return;
		}
		if (l->ticket) {
			l->ticket = 0; /* asks no longer: others may wait behind it */
			lane_wake(l->sup);
		}
		if (l->run.step[l->step].attempts)
			continue; /* cut short before a retry: keeps its verdict */
		if (l->aborted && !strcmp(rule, "aborted") && all_well(&l->run)) {
			/* The stop hit between two steps: it belongs to this one. */
			struct attempt *a = attempt_open(l, s->timeout_ms);

			a->console_to = l->console.len;
			run_judge(&l->run, a, s, ERR_STOPPED, l->run.stop_reason);
			journal(l, l->step, l->run.step[l->step].attempts - 1);
			lane_say(l, &(struct event){ .type = EVENT_STEP_ENDED,
						     .step = l->step,
						     .attempt = a });
			continue;
		}
		lane_skip(l, l->step, rule);
	}
	if (!lane_holds(l))
		finish(l);
}

void lane_go(struct lane *l)
{
	go(l);
	pay(l);
}

static void commit(struct lane *l)
{
	const struct supervisor_record *rec = &l->sup->set->record;
	struct err err = { 0 };

	if (rec->commit(rec->payload, &l->run, &err) == 0) {
		l->state = LANE_CLOSING;
		timer_ms(l, clock_ms() + CLOSE_MS);
		lane_say(l, &(struct event){ .type = EVENT_RUN_RECORDED });
	} else {
		int keep = ++l->saves < SAVES || l->sup->set->keeps_trying;

		l->state = keep ? LANE_SAVE : LANE_CLOSING;
		timer_ms(l, clock_ms() + (l->saves < SAVES ? SAVE_PAUSE_MS
					  : keep           ? SAVE_AGAIN_MS
							   : CLOSE_MS));
		if (l->saves == SAVES)
			lane_say(l, &(struct event){ .type = EVENT_NOT_RECORDED,
						     .text = err.text,
						     .err = &err });
		if (keep)
			return;
	}
	if (!l->pid)
		lane_closed(l);
}

static void finish(struct lane *l)
{
	struct unit_run *r = &l->run;
	int64_t drift;

	pay(l);
	/* The worker gives its devices back while the record is written. */
	if (l->pid && lane_worker_tell(l, &(struct wire){ .type = WIRE_END }) < 0)
		lane_worker_kill(l);
	r->ended_ms = clock_wall_ms();
	r->duration_ms = clock_ms() - l->start_ms;
	drift = clock_wall_ms() - clock_ms() - l->clock_offset_ms;
	if (drift > CLOCK_STEP_MS || drift < -CLOCK_STEP_MS)
		r->clock_state = "stepped";
	r->console = arena_strdup(&r->arena, sbuf_str(&l->console));
	r->console_len = l->console.len;
	run_conclude(r, 0);
	if (r->verdict == VERDICT_PASS)
		lane_alike_passed(l);
	lane_alike_wake(l->sup);
	l->saves = 0;
	commit(l);
}

void lane_closed(struct lane *l)
{
	timer_ms(l, CLOCK_NEVER);
	l->state = LANE_IDLE;
	guard_end(l->guard, !l->unsafe);
	l->guard = NULL;
	sbuf_release(&l->console);
	l->claims = NULL;
	run_release(&l->run);
	memset(&l->run, 0, sizeof(l->run));
}

void lane_due(void *payload)
{
	struct lane *l = payload;

	switch (l->state) {
	case LANE_STEP:
		lane_worker_kill(l);
		l->unsafe = 1;
		/* It began before the stop, and would still have had time without it. */
		if (l->cut)
			lane_attempt_over(l, ERR_STOPPED, l->run.stop_reason);
		else
			lane_attempt_over(l, ERR_DEADLINE,
					  l->aborted ? SAID("no time is left after the stop")
						     : SAID("the step overran its timeout"));
		return;
	case LANE_SAFE:
		lane_worker_kill(l);
		lane_safe_done(l, ERR_DEADLINE, SAID("no answer in time"));
		return;
	case LANE_DELAY:
	case LANE_WAIT:
		lane_go(l);
		return;
	case LANE_ALIKE:
		lane_alike_due(l);
		return;
	case LANE_PAUSED:
		lane_abort(l, SAID("paused, and nobody went on in time"));
		return;
	case LANE_SAVE:
		commit(l);
		return;
	case LANE_CLOSING:
		lane_worker_kill(l);
		l->unsafe = 1;
		lane_closed(l);
		return;
	case LANE_IDLE:
		return;
	}
}

void lane_gone(struct lane *l)
{
	if (l->state == LANE_IDLE || l->state == LANE_SAVE || l->state == LANE_CLOSING ||
	    !l->job.plan->board->driver || !l->job.plan->board->driver->roles)
		return;
	l->gone = 1;
	if (l->state != LANE_STEP)
		return;
	lane_worker_kill(l);
	lane_attempt_over(l, ERR_GONE, gone_text(l));
}

void lane_abort(struct lane *l, const char *reason)
{
	int again = l->aborted;

	if (l->state == LANE_IDLE || l->state == LANE_SAVE || l->state == LANE_CLOSING)
		return;
	if (l->state == LANE_ALIKE) { /* nobody is waited for now: its own failure stands */
		lane_attempt_settle(l);
		l->state = LANE_DELAY;
	}
	if (!again) {
		l->aborted = 1;
		l->skip_rule = "aborted";
		l->run.stop_reason = arena_strdup(&l->run.arena, reason);
		l->always_until_ms = clock_ms() + l->sup->set->always_ms;
	} else {
		l->always_until_ms = clock_ms();
	}
	if (l->state == LANE_STEP) {
		if (!again && l->job.plan->step[l->step].always) {
			/* It must run anyway: let it, under the shorter deadline. */
			l->cut = l->attempt_due_ms > l->always_until_ms;
			if (l->cut)
				l->attempt_due_ms = l->always_until_ms;
			timer_ms(l, l->attempt_due_ms);
			return;
		}
		lane_worker_kill(l);
		l->unsafe = 1;
		lane_attempt_over(l, ERR_STOPPED, l->run.stop_reason);
	} else if (l->state != LANE_SAFE) {
		lane_give_back(l);
		lane_go(l);
	}
}
