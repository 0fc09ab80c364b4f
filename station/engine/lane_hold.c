/* An engineer's hand on a run: pause, single steps, repeat, skip. */
#include <string.h>

#include "base/clock.h"
#include "engine/lane.h"

/* Retries of a step belong to it; a stop ends every pause. */
int lane_holds(struct lane *l)
{
	if (!l->hold || l->let || l->aborted || l->pass_attempts)
		return 0;
	if (l->ticket) {
		l->ticket = 0; /* asks no longer: others may go before it */
		lane_wake(l->sup);
	}
	l->state = LANE_PAUSED;
	loop_timer_set(l->timer, (clock_ms() + SUPERVISOR_PAUSE_MS) * 1000000);
	lane_say(l, &(struct event){ .type = EVENT_PAUSED, .step = l->step });
	return 1;
}

static struct lane *find(struct supervisor *s, int lane, struct err *err)
{
	struct lane *l = lane >= 0 && lane < s->lanes ? &s->lane[lane] : NULL;

	if (!l || l->state == LANE_IDLE || l->state == LANE_SAVE || l->state == LANE_CLOSING) {
		err_set(err, ERR_USAGE, "no run goes on there");
		return NULL;
	}
	if (l->run.mode == MODE_ENGINEERING || l->run.mode == MODE_PARTIAL)
		return l;
	err_set(err, ERR_USAGE,
		"the run is in mode %s; only runs that began in mode engineering can be held",
		run_mode_word(l->run.mode));
	return NULL;
}

static struct lane *find_paused(struct supervisor *s, int lane, struct err *err)
{
	struct lane *l = find(s, lane, err);

	if (!l || l->state == LANE_PAUSED)
		return l;
	err_set(err, ERR_USAGE, "the run is not paused");
	return NULL;
}

/* From the loop, so that a command never runs inside another. */
static int resume(struct lane *l)
{
	l->state = LANE_DELAY;
	loop_timer_set(l->timer, clock_ns());
	return 0;
}

int supervisor_pause(struct supervisor *s, int lane, struct err *err)
{
	struct lane *l = find(s, lane, err);

	if (!l)
		return err->code;
	l->hold = 1;
	return 0;
}

int supervisor_step(struct supervisor *s, int lane, struct err *err)
{
	struct lane *l = find_paused(s, lane, err);

	if (!l)
		return err->code;
	l->let = 1;
	return resume(l);
}

int supervisor_go(struct supervisor *s, int lane, struct err *err)
{
	struct lane *l = find_paused(s, lane, err);

	if (!l)
		return err->code;
	l->hold = 0;
	return resume(l);
}

int supervisor_repeat(struct supervisor *s, int lane, struct err *err)
{
	struct lane *l = find_paused(s, lane, err);

	if (!l)
		return err->code;
	if (l->last_step == SIZE_MAX)
		return err_set(err, ERR_USAGE, "no step has run yet");
	if (l->job.plan->step[l->last_step].driver->final)
		return err_set(err, ERR_USAGE, "step '%s' cannot be undone: it runs once in a run",
			       l->job.plan->step[l->last_step].id);
	l->step = l->last_step;
	l->skip_rule = NULL; /* it stopped the run, or will again */
	l->let = 1;
	return resume(l);
}

int supervisor_skip(struct supervisor *s, int lane, struct err *err)
{
	struct lane *l = find_paused(s, lane, err);
	size_t step;

	if (!l)
		return err->code;
	step = l->step;
	if (step >= l->run.steps)
		return err_set(err, ERR_USAGE, "no step is left");
	/* One that ran before, in an earlier pass of its group, keeps its verdict. */
	if (!l->run.step[step].attempts)
		lane_skip(l, step, "engineer");
	l->step++;
	return resume(l);
}

int supervisor_paused(const struct supervisor *s, int lane)
{
	return lane >= 0 && lane < s->lanes && s->lane[lane].state == LANE_PAUSED;
}
