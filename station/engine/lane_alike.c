/*
 * lane_alike -- the second look. Several slots that fail the same step in the same way at
 * once share something that is broken more likely than they hold as many broken units: the
 * fixture, a peer, a server, the image folder. Then each of these attempts is ERR_ALIKE
 * (ERROR, station) and the units are to be tested again. All of this is our choice:
 *
 *   alike    same plan and limits, same step, same code; for a broken limit the same
 *            measurement too, and the same value where it is a text (the same wrong
 *            version; not two different ones). Only what would be FAIL, or blame nobody.
 *   at once  both runs went on at the same time, and within AT_ONCE_MS of each other.
 *   several  as many slots as [run] second_look says (all, where there are fewer), and more
 *            than those which got past the step, or failed it otherwise, in that time.
 *
 * A verdict is told once and never changed, so an attempt that failed waits for the others:
 * NEAR_MS for slots that have not reached the step, HOLD_MS for those that are at it, and
 * not at all once they cannot change what it will be. Who comes later than that stands alone.
 *
 * It hides no bad unit: a unit is given one second look, and then its own failure stands
 * (job.second_look, from the record). It makes no unit pass. A step that asks a person is
 * judged by that person; runs that do not count are left alone.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "engine/lane.h"

enum { AT_ONCE_MS = 60000, HOLD_MS = 30000, NEAR_MS = 2000, SEVERAL_MIN = 2 };

static int same_plan(const struct lane_past *p, const struct unit_run *r)
{
	return p->at_ms && !strcmp(p->plan, r->plan_sha256) && !strcmp(p->limits, r->limits_sha256);
}

static void remember(struct lane_past *p, const struct lane *l)
{
	*p = (struct lane_past){ .at_ms = clock_ms(), .run = l->runs, .step = l->step };
	snprintf(p->plan, sizeof(p->plan), "%s", l->run.plan_sha256);
	snprintf(p->limits, sizeof(p->limits), "%s", l->run.limits_sha256);
}

static void remember_failure(struct lane *l, const struct attempt *a)
{
	struct lane_past *p = &l->failed;
	const struct measure *m = NULL;
	int texts;

	remember(p, l);
	for (size_t i = 0; i < a->measures && !m; i++)
		if (a->measure[i].result == JUDGED_FAIL)
			m = &a->measure[i];
	texts = m && m->has && (m->type == VALUE_TEXT || m->type == VALUE_VERSION);
	snprintf(p->symptom, sizeof(p->symptom), "%s %s %s", a->code ? a->code : "",
		 m ? m->name : "", texts && m->text ? m->text : "");
}

void lane_alike_passed(struct lane *l)
{
	remember(&l->passed, l);
}

/* --- what the slots know --- */

struct tally {
	int alike, others; /* slots */
	int at, before;    /* slots that may still fail the step: at work on it, before it */
	char slots[200];   /* names of the alike ones */
};

static int is_live(const struct lane *o, const struct unit_run *r)
{
	return o->state != LANE_IDLE && !strcmp(o->run.plan_sha256, r->plan_sha256) &&
	       !strcmp(o->run.limits_sha256, r->limits_sha256);
}

static int is_at_once(const struct lane_past *p, const struct lane *me)
{
	return p->at_ms >= me->start_ms && clock_ms() - p->at_ms <= AT_ONCE_MS;
}

static void add_alike(struct tally *t, const struct lane *o)
{
	const struct fixture *f = o->sup->set->fixture;
	size_t len = strlen(t->slots);

	t->alike++;
	if (f)
		snprintf(t->slots + len, sizeof(t->slots) - len, "%s%s", len ? ", " : "",
			 f->slot[o->index].name);
	else
		snprintf(t->slots + len, sizeof(t->slots) - len, "%s%d", len ? ", " : "",
			 o->index + 1);
}

/* One slot: its run that goes on, else the one before it. */
static void ask(struct tally *t, const struct lane *me, const struct lane *o)
{
	const struct lane_past *f = &o->failed;
	int live = is_live(o, &me->run);
	int failed = same_plan(f, &me->run) && f->step == me->failed.step && is_at_once(f, me);

	if (failed && (!live || f->run == o->runs)) {
		if (!strcmp(f->symptom, me->failed.symptom))
			add_alike(t, o);
		else
			t->others++;
	} else if (live && o->step == me->failed.step && o->state != LANE_CLOSING) {
		t->at++;
	} else if (live && o->step < me->failed.step && !o->skip_rule) {
		t->before++;
	} else if (live ? o->run.step[me->failed.step].attempts > 0
			: same_plan(&o->passed, &me->run) && is_at_once(&o->passed, me)) {
		t->others++; /* who failed before it has nothing to say */
	}
}

static void count(struct tally *t, const struct lane *me)
{
	*t = (struct tally){ 0 };
	for (int i = 0; i < me->sup->lanes; i++)
		ask(t, me, &me->sup->lane[i]);
}

/* --- the rule --- */

enum look { LOOK_OWN, LOOK_ALIKE, LOOK_WAIT };

static enum look look(struct tally *t, const struct lane *l, int64_t *until_ms)
{
	int64_t need = l->sup->set->second_look, waited = clock_ms() - l->alike_since_ms;
	int more;

	if (need > l->sup->lanes)
		need = l->sup->lanes;
	if (need < SEVERAL_MIN)
		need = SEVERAL_MIN;
	count(t, l);
	more = (waited < HOLD_MS ? t->at : 0) + (waited < NEAR_MS ? t->before : 0);
	if (t->alike + more < need || t->alike + more <= t->others)
		return LOOK_OWN;
	/* Who is near is heard even when it cannot change the verdict: the message names it. */
	if (t->alike >= need && t->alike > t->others + more && (!more || waited >= NEAR_MS))
		return LOOK_ALIKE;
	*until_ms = l->alike_since_ms + (waited < NEAR_MS ? NEAR_MS : HOLD_MS);
	return LOOK_WAIT;
}

static struct attempt *held(struct lane *l)
{
	struct step_run *s = &l->run.step[l->step];

	return &s->attempt[s->attempts - 1];
}

/* 1: it goes on waiting. */
static int decide(struct lane *l)
{
	struct tally t;
	int64_t until_ms = 0;

	switch (look(&t, l, &until_ms)) {
	case LOOK_WAIT:
		l->state = LANE_ALIKE;
		loop_timer_set(l->timer, until_ms * 1000000);
		return 1;
	case LOOK_ALIKE:
		run_judge_alike(&l->run, held(l), t.slots, t.alike);
		return 0;
	case LOOK_OWN:
	default:
		return 0;
	}
}

int lane_alike_holds(struct lane *l)
{
	const struct plan_step *s = &l->job.plan->step[l->step];
	const struct attempt *a = held(l);
	const struct step_run *decides;

	if ((a->verdict != VERDICT_FAIL && a->blame != BLAME_OPEN) || !l->run.counts ||
	    l->aborted || lane_again(l))
		return 0;
	remember_failure(l, a);
	run_first_fail(&l->run, &decides, NULL);
	if (!l->sup->set->second_look || l->job.second_look ||
	    (s->driver->needs & STEP_NEEDS_OPERATOR) || decides != &l->run.step[l->step])
		return 0;
	l->alike_since_ms = clock_ms();
	if (!decide(l))
		return 0;
	lane_say(l, &(struct event){ .type = EVENT_PROGRESS,
				     .step = l->step,
				     .attempt = a,
				     .done = -1,
				     .text = SAID("waits for this step on the other slots") });
	lane_alike_wake(l->sup);
	return 1;
}

void lane_alike_due(struct lane *l)
{
	int gone = l->gone;

	if (decide(l))
		return;
	lane_attempt_settle(l);
	l->gone = gone; /* pulled out in the meantime: it meets the next attempt */
	lane_go(l);
}

/* By timers that are due at once, so that lanes do not run inside each other. */
void lane_alike_wake(struct supervisor *s)
{
	for (int i = 0; i < s->lanes; i++)
		if (s->lane[i].state == LANE_ALIKE)
			loop_timer_set(s->lane[i].timer, clock_ns());
}
