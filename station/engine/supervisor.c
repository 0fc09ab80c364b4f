#include "engine/supervisor.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/host.h"
#include "engine/lane.h"

/* --- resources: all of a step or none, in the order of asking --- */

static const struct plan_step *wants(const struct lane *l)
{
	return &l->job.plan->step[l->step];
}

static int resource_index(const struct supervisor *s, const char *name)
{
	for (size_t i = 0; i < s->set->resources; i++)
		if (!strcmp(s->set->resource[i].name, name))
			return (int)i;
	return -1; /* the linter refuses it; a lone run then simply has it */
}

/* Does a lane that asked earlier wait for this resource? */
static int earlier_waits(const struct supervisor *s, const struct lane *me, const char *name)
{
	for (int i = 0; i < s->lanes; i++) {
		const struct lane *l = &s->lane[i];

		if (l == me || l->state != LANE_WAIT || l->ticket > me->ticket)
			continue;
		for (size_t k = 0; k < wants(l)->uses.count; k++)
			if (!strcmp(wants(l)->uses.item[k], name))
				return 1;
	}
	return 0;
}

int lane_acquire(struct lane *l)
{
	struct supervisor *s = l->sup;
	const struct param_list *uses = &wants(l)->uses;

	for (size_t i = 0; i < uses->count; i++) {
		int r = resource_index(s, uses->item[i]);

		if (r >= 0 && (s->in_use[r] >= s->set->resource[r].count ||
			       earlier_waits(s, l, uses->item[i])))
			return 0;
	}
	for (size_t i = 0; i < uses->count; i++) {
		int r = resource_index(s, uses->item[i]);

		if (r >= 0)
			s->in_use[r]++;
	}
	l->holds = 1;
	return 1;
}

/* Wake waiting lanes, earliest first. A timer due at once does it from the
 * loop, so that lanes do not run inside each other. */
void lane_wake(struct supervisor *s)
{
	for (int i = 0; i < s->lanes; i++)
		if (s->lane[i].state == LANE_WAIT)
			loop_timer_set(s->lane[i].timer, clock_ns());
}

void lane_give_back(struct lane *l)
{
	struct supervisor *s = l->sup;
	const struct param_list *uses;

	if (!l->holds)
		return;
	uses = &wants(l)->uses;
	l->holds = 0;
	for (size_t i = 0; i < uses->count; i++) {
		int r = resource_index(s, uses->item[i]);

		if (r >= 0)
			s->in_use[r]--;
	}
	if (uses->count)
		lane_wake(s);
}

/* --- the face --- */

static void sync_due(void *payload)
{
	struct supervisor *s = payload;
	const struct supervisor_record *rec = &s->set->record;
	struct err err = { 0 };

	s->sync_due = 0;
	if (rec->sync(rec->payload, &err) < 0)
		for (int i = 0; i < s->lanes; i++)
			if (s->lane[i].state != LANE_IDLE)
				lane_say(&s->lane[i], &(struct event){ .type = EVENT_STATION,
								       .text = err.text,
								       .err = &err });
}

void supervisor_sync_soon(struct supervisor *s)
{
	if (s->sync_due)
		return;
	s->sync_due = 1;
	loop_timer_set(s->sync_timer, (clock_ms() + s->set->journal_sync_ms) * 1000000);
}

struct supervisor *supervisor_new(const struct supervisor_setup *set)
{
	struct supervisor *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->set = set;
	s->lanes = set->lanes;
	s->lane = calloc((size_t)set->lanes + 1, sizeof(*s->lane));
	s->in_use = calloc(set->resources + 1, sizeof(*s->in_use));
	s->buf = malloc(WIRE_MAX);
	if (!s->lane || !s->in_use || !s->buf)
		abort();
	s->sync_timer = loop_timer(set->loop, sync_due, s);
	for (int i = 0; i < s->lanes; i++) {
		s->lane[i] = (struct lane){ .sup = s, .index = i, .fd = -1 };
		s->lane[i].timer = loop_timer(set->loop, lane_due, &s->lane[i]);
	}
	return s;
}

void supervisor_free(struct supervisor *s)
{
	if (!s)
		return;
	for (int i = 0; i < s->lanes; i++) {
		struct lane *l = &s->lane[i];

		l->unsafe |= l->pid != 0;
		lane_worker_kill(l);
		if (l->state != LANE_IDLE)
			lane_closed(l);
		loop_timer_free(l->timer);
		loop_timer_free(l->question_timer);
	}
	loop_timer_free(s->sync_timer);
	free(s->lane);
	free(s->in_use);
	free(s->buf);
	free(s);
}

static void describe(struct lane *l)
{
	const struct supervisor_setup *set = l->sup->set;
	const struct supervisor_job *j = &l->job;
	const struct plan *p = j->plan;
	struct unit_run *r = &l->run;

	run_init(r, p);
	host_describe(r);
	r->station = set->station;
	r->line = set->line;
	r->serial = arena_strdup(&r->arena, j->serial);
	r->label_raw = j->label_raw ? arena_strdup(&r->arena, j->label_raw) : r->serial;
	/* Whoever is logged in may be another before the run ends. */
	r->operator= arena_strdup(&r->arena, j->operator? j->operator: "-");
	r->operator_how = arena_strdup(&r->arena, j->operator_how ? j->operator_how : "none");
	r->mode = j->only ? MODE_PARTIAL : j->mode;
	r->counts = r->mode == MODE_PRODUCTION;
	r->counts_why = r->counts ? NULL : run_mode_word(r->mode);
	r->retest = j->retest ? arena_strdup(&r->arena, j->retest) : NULL;
	r->slot = "-";
	r->usb_path = "-";
	if (set->fixture) {
		const struct fixture_slot *slot = &set->fixture->slot[l->index];

		r->slot = slot->name;
		r->usb_path = slot->usb;
		r->ftdi_serial = slot->ftdi_serial;
		r->fixture = set->fixture->id;
		r->fixture_sha256 = set->fixture->sha256;
		r->calibration_due = set->fixture->calibration_due;
		r->fixture_cycles = j->fixture_cycles;
	}
	r->started_ms = clock_wall_ms();
}

int supervisor_start(struct supervisor *s, int lane, const struct supervisor_job *job,
		     struct err *err)
{
	struct lane *l = lane >= 0 && lane < s->lanes ? &s->lane[lane] : NULL;
	const struct supervisor_record *rec = &s->set->record;
	int r;

	if (!l)
		return err_set(err, ERR_INTERNAL, "no lane %d", lane);
	if (l->state != LANE_IDLE)
		return err_set(err, ERR_BUSY, "the slot still has a run of unit %s", l->run.serial);
	l->job = *job;
	l->runs++;
	l->start_ms = clock_ms();
	l->clock_offset_ms = clock_wall_ms() - l->start_ms;
	describe(l);
	r = rec->begin(rec->payload, &l->run, err);
	if (r < 0) {
		run_release(&l->run);
		memset(&l->run, 0, sizeof(l->run));
		return r;
	}
	l->step = 0;
	l->pass_attempts = 0;
	l->group_pass = 1;
	l->not_before_ms = 0;
	l->ticket = 0;
	l->skip_rule = NULL;
	l->aborted = 0;
	l->always_until_ms = CLOCK_NEVER;
	l->unsafe = 0;
	l->holds = 0;
	l->hold = l->let = l->gone = 0;
	l->last_step = SIZE_MAX;
	l->owes = 0;
	l->claims = NULL;
	l->state = LANE_DELAY;
	lane_say(l, &(struct event){ .type = EVENT_RUN_STARTED });
	/* From the loop, so that the caller can start all its units first. */
	loop_timer_set(l->timer, clock_ns());
	return 0;
}

int supervisor_answer(struct supervisor *s, int lane, const char *text, struct err *err)
{
	struct lane *l = lane >= 0 && lane < s->lanes ? &s->lane[lane] : NULL;
	struct arena a = { 0 };

	if (!l || !l->question)
		return err_set(err, ERR_USAGE, "no question is open on this slot");
	text = arena_strdup(&a, text); /* it may be one of its choices, which go with it */
	lane_question_close(l);
	lane_worker_tell(l, &(struct wire){ .type = WIRE_ANSWER, .text = { text } });
	arena_free(&a);
	return 0;
}

void supervisor_stop(struct supervisor *s, int lane, const char *reason)
{
	for (int i = 0; s && i < s->lanes; i++)
		if (lane < 0 || lane == i)
			lane_abort(&s->lane[i], reason);
}

void supervisor_gone(struct supervisor *s, int lane)
{
	if (lane >= 0 && lane < s->lanes)
		lane_gone(&s->lane[lane]);
}

int supervisor_busy(const struct supervisor *s)
{
	int n = 0;

	for (int i = 0; i < s->lanes; i++)
		n += s->lane[i].state != LANE_IDLE;
	return n;
}

int supervisor_uses(const struct supervisor *s, const struct plan *p)
{
	for (int i = 0; i < s->lanes; i++)
		if (s->lane[i].state != LANE_IDLE && s->lane[i].job.plan == p)
			return 1;
	return 0;
}

const struct unit_run *supervisor_run(const struct supervisor *s, int lane)
{
	return lane >= 0 && lane < s->lanes && s->lane[lane].state != LANE_IDLE ? &s->lane[lane].run
										: NULL;
}

int supervisor_recorded(const struct supervisor *s, int lane)
{
	return supervisor_run(s, lane) && s->lane[lane].state == LANE_CLOSING;
}
