/* From a unit that is at its slot to its run: may it start, does the line agree, start. */
#include "floor/desk_in.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

enum { AGAIN_MS = 20 /* until the last worker of a slot has given its devices back */ };

static struct station_unit for_station(const struct desk_unit *u, const struct plan *plan,
				       enum run_mode mode)
{
	return (struct station_unit){ .plan = plan,
				      .serial = u->bytes,
				      .mode = mode,
				      .operator= u->by,
				      .operator_how = u->by_how,
				      .role = u->role,
				      .confirmed = u->confirmed };
}

int desk_may_start(struct desk *d, const struct desk_unit *u, const struct plan *plan,
		   enum run_mode mode, struct policy_answer *answer, const char **word,
		   struct err *err)
{
	const struct desk_slot *other;
	struct station_unit unit = for_station(u, plan, mode);

	*word = "closing";
	if (d->closing)
		return err_set(err, ERR_BUSY, "the station is being closed: no unit starts");
	*word = "record_not_written";
	if (!d->status.record_ok)
		return err_set(err, ERR_STORE,
			       "a run is not recorded yet, so no unit starts: %.200s",
			       d->record_text);
	*word = policy_code(POLICY_NO_OPERATOR);
	if (desk_revoked(d, u->by)) /* while the unit waited */
		return err_set(err, ERR_USAGE,
			       "the badge of who scanned unit %.60s was revoked: scan it again",
			       u->serial);
	*word = "waits_already";
	if ((other = desk_waits_elsewhere(d, u)))
		return err_set(err, ERR_BUSY, "unit %.60s waits at slot %s already", u->serial,
			       other->pic.name);
	if (mode == MODE_END_)
		return 0; /* asked once the slot is known */
	if (station_may_start(d->st, &unit, answer, err) == 0)
		return 0;
	*word = answer->word != POLICY_FINE ? policy_code(answer->word) : "refused";
	if (answer->word == POLICY_NO_OPERATOR && d->status.no_badges)
		err_set(err, err->code, "%s", desk_no_badges);
	if (*answer->note) { /* the verdict that nobody saw is what this unit is here for */
		char text[sizeof(err->text)];

		snprintf(text, sizeof(text), "%s", err->text);
		err_set(err, err->code, "%s; %s", text, answer->note);
	}
	return err->code;
}

static void start_refused(struct desk_slot *s, const char *code, const char *text)
{
	desk_drop_unit(s, 1);
	desk_say(s->desk, FLOOR_NOTICE_NO, s->pic.name, code, "%s", text);
}

/* Plan and policy once more: some time may have passed since the scan. */
static void start_run(struct desk_slot *s)
{
	struct desk *d = s->desk;
	struct desk_unit *u = &s->unit;
	struct policy_answer answer = { 0 };
	const struct plan *plan;
	const char *word = "refused";
	struct station_unit unit;
	struct err err = { 0 };

	finding_release(d->st->findings);
	if (station_plan_of(&plan, d->st, u->path, u->variant, u->serial, &err) < 0) {
		start_refused(s, "plan_not_clean", err.text);
		return;
	}
	if (desk_may_start(d, u, plan, s->mode, &answer, &word, &err) < 0) {
		start_refused(s, word, err.text);
		return;
	}
	unit = for_station(u, plan, s->mode);
	/* Lent to the run: as long as the slot's picture, which outlives it. */
	unit.operator= arena_strdup(&s->pic.arena, unit.operator);
	unit.operator_how = arena_strdup(&s->pic.arena, unit.operator_how);
	s->plan = plan;
	s->wired = u->wired;
	s->attempt = answer.attempt;
	s->attempts_max = answer.attempts_max;
	s->pic.state = FLOOR_STARTING;
	if (station_start(d->st, (int)s->index, &unit, &err) < 0) {
		s->plan = NULL;
		start_refused(s, "refused", err.text);
		return;
	}
	desk_forget_unit(s);
	desk_status_changed(d);
}

/* The interface that the unit needs is there, and is the right one. */
static int may_be_wired(const struct desk_slot *s)
{
	return !s->unit.wired || (s->pic.interface && !s->problem);
}

static void hook_said(void *payload, const struct hook_result *h)
{
	struct desk_slot *s = payload;
	struct err err = { 0 };
	char text[480];

	if (desk_note_answer(s, h->program, h->end, h->text, &err) < 0) {
		start_refused(s, "record_not_written", err.text);
		return;
	}
	if (h->end == HOOK_FINE && !may_be_wired(s)) { /* asked again when it is */
		desk_settle(s);
		return;
	}
	if (h->end == HOOK_FINE) {
		start_run(s);
		return;
	}
	snprintf(text, sizeof(text),
		 h->end == HOOK_REFUSED
			 ? SAID("unit %.60s is refused by the line: %s")
			 : SAID("unit %.60s is refused, as before_unit gave no answer: %s"),
		 s->unit.serial, h->text);
	start_refused(s, policy_code(h->end == HOOK_REFUSED ? POLICY_HOOK : POLICY_HOOK_FAILED),
		      text);
}

static void ask_hook(struct desk_slot *s, const struct plan *plan, int64_t attempt)
{
	struct desk *d = s->desk;
	const struct desk_unit *u = &s->unit;
	struct hook_unit h = { .station = d->st->conf->id,
			       .line = d->st->conf->line,
			       .slot = s->pic.name,
			       .serial = u->serial,
			       .label = text_escaped(&s->pic.arena, u->bytes, u->len),
			       .product = plan->product,
			       .process = plan->process,
			       .plan = plan->path,
			       .title = plan->title,
			       .revision = plan->revision,
			       .sha256 = plan->sha256,
			       .variant = plan->variant,
			       .operator= u->by,
			       .operator_how = u->by_how,
			       .mode = s->mode,
			       .attempt = attempt };
	struct sbuf json = { 0 };

	hook_json_before(&json, &h);
	s->hooking = 1;
	if (!hooks_start(d->hooks, HOOK_BEFORE_UNIT, sbuf_str(&json), json.len, hook_said, s)) {
		s->hooking = 0;
		start_run(s);
	}
	sbuf_release(&json);
}

void desk_begin(struct desk_slot *s)
{
	struct desk *d = s->desk;
	struct policy_answer answer = { 0 };
	const struct plan *plan;
	const char *word = "refused";
	struct err err = { 0 };

	if (!desk_has_unit(s) || s->hooking || !may_be_wired(s))
		return;
	if (supervisor_run(d->st->supervisor, (int)s->index)) {
		desk_at(d, clock_ms() + AGAIN_MS);
		return;
	}
	if (!hooks_wants(d->hooks, HOOK_BEFORE_UNIT)) {
		start_run(s);
	} else if (station_plan_of(&plan, d->st, s->unit.path, s->unit.variant, s->unit.serial,
				   &err) < 0) {
		start_refused(s, "plan_not_clean", err.text);
	} else if (desk_may_start(d, &s->unit, plan, s->mode, &answer, &word, &err) < 0) {
		start_refused(s, word, err.text); /* the line is not asked for nothing */
	} else {
		ask_hook(s, plan, answer.attempt);
	}
	desk_settle(s);
}
