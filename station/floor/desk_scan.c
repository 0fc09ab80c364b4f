/*
 * The way of a scan: whose badge, which slot, which code, else which unit, and the slot that
 * the unit is for.
 */
#include "floor/desk_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "floor/which.h"

/* --- what there is of slots --- */

static int is_free(const struct desk_slot *s)
{
	return !desk_has_unit(s) && !desk_runs(s) && s->pic.state != FLOOR_TROUBLE;
}

/* A question that wants a scan is open there. */
static int asks_for_scan(const struct desk_slot *s)
{
	return s->pic.question.number && !strcmp(s->pic.question.kind, "scan");
}

static int is_chosen(const struct desk *d, size_t slot)
{
	return d->chosen == (int)slot && clock_ms() < d->chosen_until_ms;
}

static enum which_answer which(size_t *slot, const struct desk *d)
{
	struct which_slot *w = calloc(d->slots + 1, sizeof(*w));
	enum which_answer r;

	if (!w)
		abort();
	for (size_t i = 0; i < d->slots; i++) {
		const struct desk_slot *s = &d->slot[i];

		w[i] = (struct which_slot){
			.free = is_free(s),
			.came_ms = s->came_ms,
			.chosen = is_chosen(d, i),
			.asks = asks_for_scan(s),
		};
	}
	r = which_slot(slot, w, d->slots, clock_ms(), d->st->conf->just_ms);
	free(w);
	return r;
}

/* The mode that a unit will have whichever slot it goes to; MODE_END_: it depends. */
static enum run_mode mode_of_all(const struct desk *d)
{
	enum run_mode mode = d->slots ? d->slot[0].mode : MODE_PRODUCTION;

	for (size_t i = 1; i < d->slots; i++)
		if (d->slot[i].mode != mode)
			return MODE_END_;
	return mode;
}

/* --- a unit for a slot --- */

static void unit_move(struct desk_unit *to, struct desk_unit *from)
{
	arena_free(&to->arena);
	*to = *from;
	*from = (struct desk_unit){ 0 };
}

static void keep_bytes(struct desk_unit *u, const char *bytes, size_t len)
{
	char *copy = arena_alloc(&u->arena, len + 1);

	memcpy(copy, bytes, len);
	u->bytes = copy;
	u->len = len;
}

static void remember(struct desk *d, const struct desk_unit *u)
{
	struct desk_last *l = &d->last;

	arena_free(&l->arena);
	*l = (struct desk_last){ .at_ms = clock_ms() };
	l->serial = arena_strdup(&l->arena, u->serial);
	l->product = arena_strdup(&l->arena, u->product);
	l->process = arena_strdup(&l->arena, u->process);
	l->path = arena_strdup(&l->arena, u->path);
}

static void refuse(struct desk_outcome *o, const char *slot, const char *code, const char *text)
{
	o->loud = 1;
	snprintf(o->slot, sizeof(o->slot), "%s", slot ? slot : "");
	desk_out(o, FLOOR_NOTICE_NO, code, "%s", text);
}

/* The unit is for this slot. */
static void assign(struct desk *d, size_t slot, struct desk_unit *u, const char *note,
		   struct desk_outcome *o)
{
	struct desk_slot *s = &d->slot[slot];

	desk_choose(d, -1);
	desk_wait_end(d);
	desk_clear(s);
	unit_move(&s->unit, u);
	s->came_ms = 0;
	s->pic.serial = arena_strdup(&s->pic.arena, s->unit.serial);
	s->pic.product = arena_strdup(&s->pic.arena, s->unit.product);
	s->pic.variant = arena_strdup(&s->pic.arena, s->unit.variant);
	if (s->unit.instruction)
		s->pic.instruction = arena_strdup(&s->pic.arena, s->unit.instruction);
	desk_settle(s);
	snprintf(o->slot, sizeof(o->slot), "%s", s->pic.name);
	if (s->unit.wired && !s->pic.interface)
		desk_out(o, FLOOR_NOTICE_INFO, "scanned",
			 "unit %.60s: plug its board into slot %s, then it starts%s%s",
			 s->unit.serial, s->pic.name, *note ? "; " : "", note);
	else
		desk_out(o, FLOOR_NOTICE_INFO, "starts", "unit %.60s starts on slot %s%s%s",
			 s->unit.serial, s->pic.name, *note ? "; " : "", note);
	o->loud = 1;
	desk_begin(s);
}

/* Ask the policy for this slot, then assign. *u is taken, or stays when it is refused. */
static void offer(struct desk *d, size_t slot, struct desk_unit *u, struct desk_outcome *o)
{
	struct policy_answer answer = { 0 };
	const struct plan *plan;
	const char *word = "refused";
	struct err err = { 0 };
	struct desk_slot *s = &d->slot[slot];

	if (station_plan_of(&plan, d->st, u->path, u->variant, u->serial, &err) < 0) {
		refuse(o, s->pic.name, "plan_not_clean", err.text);
		return;
	}
	if (desk_may_start(d, u, plan, s->mode, &answer, &word, &err) == 0) {
		assign(d, slot, u, answer.note, o);
		return;
	}
	if (answer.word != POLICY_ASK_PASSED) {
		refuse(o, s->pic.name, word, err.text);
		return;
	}
	desk_wait_end(d);
	desk_choose(d, -1);
	d->wait.slot = (int)slot;
	desk_wait_for(d, DESK_CONFIRM, u->serial);
	unit_move(&d->wait.unit, u);
	o->loud = 1;
	snprintf(o->slot, sizeof(o->slot), "%s", s->pic.name);
	desk_out(o, FLOOR_NOTICE_ASK, word, "%s", err.text);
}

void desk_confirmed(struct desk *d, struct desk_outcome *o)
{
	struct desk_unit u = { 0 };
	int slot = d->wait.slot;

	if (d->wait.what != DESK_CONFIRM || slot < 0) {
		desk_out(o, FLOOR_NOTICE_NO, "nothing_waits", "nothing waits for a confirmation");
		return;
	}
	unit_move(&u, &d->wait.unit);
	desk_wait_end(d);
	u.confirmed = 1;
	if (is_free(&d->slot[slot]))
		offer(d, (size_t)slot, &u, o);
	else
		refuse(o, d->slot[slot].pic.name, "slot_taken",
		       "the slot has got a unit meanwhile: scan again");
	arena_free(&u.arena);
}

/* --- scans --- */

static void ask_which(struct desk *d, struct desk_unit *u, int is_answer, struct desk_outcome *o)
{
	desk_wait_end(d);
	desk_wait_for(d, DESK_SCAN, u->serial);
	d->wait.is_answer = is_answer;
	unit_move(&d->wait.unit, u);
	o->loud = 1;
	desk_out(o, FLOOR_NOTICE_ASK, "which_slot",
		 "which slot is %.60s for? Scan the slot's barcode or choose the slot",
		 d->wait.unit.serial);
}

static void reply_to(struct desk *d, size_t slot, const char *bytes, size_t len,
		     struct desk_outcome *o)
{
	struct desk_slot *s = &d->slot[slot];
	struct arena a = { 0 };
	struct err err = { 0 };

	if (!label_is_one(bytes, len)) { /* else a good unit fails */
		refuse(o, s->pic.name, "wrong_format",
		       "a line end or a key is in the scan, so it may be two: scan the answer "
		       "again");
		return;
	}
	if (!desk_may_answer(d, o))
		return;
	desk_choose(d, -1);
	desk_wait_end(d);
	snprintf(o->slot, sizeof(o->slot), "%s", s->pic.name);
	if (supervisor_answer(d->st->supervisor, (int)slot, text_escaped(&a, bytes, len), &err) < 0)
		refuse(o, s->pic.name, "no_question", err.text);
	else
		desk_out(o, FLOOR_NOTICE_INFO, "answered", "slot %s: answered", s->pic.name);
	arena_free(&a);
}

/* A unit's label, as a unit of the plan that wants it. */
static int read_unit(struct desk *d, struct desk_unit *u, const char *bytes, size_t len,
		     struct desk_outcome *o)
{
	struct label_rules rules = station_label_rules(d->st);
	struct policy_answer answer = { 0 };
	struct choice c = { 0 };
	const struct plan *plan;
	struct err err = { 0 };

	finding_release(d->st->findings); /* of the last plan */
	if (choose(&c, d->shelf, &rules, bytes, len, &answer, &err) < 0) {
		refuse(o, NULL, answer.word != POLICY_FINE ? policy_code(answer.word) : "no_plan",
		       err.text);
		choice_release(&c);
		return -1;
	}
	keep_bytes(u, bytes, len);
	u->by = arena_strdup(&u->arena, desk_by(&d->person));
	u->by_how = arena_strdup(&u->arena, d->person.how);
	u->role = d->person.role;
	u->serial = text_escaped(&u->arena, c.label.serial, strlen(c.label.serial));
	u->path = arena_strdup(&u->arena, c.plan->path);
	u->variant = arena_strdup(&u->arena, c.variant);
	u->product = arena_strdup(&u->arena, c.plan->product);
	u->process = arena_strdup(&u->arena, c.plan->process);
	choice_release(&c);
	if (station_plan_of(&plan, d->st, u->path, u->variant, u->serial, &err) < 0) {
		refuse(o, NULL, "plan_not_clean", err.text);
		return -1;
	}
	u->wired = plan->board->driver->roles != 0;
	if (plan->instruction)
		u->instruction = arena_strdup(&u->arena, plan->instruction);
	remember(d, u);
	return 0;
}

static int somebody_asks(const struct desk *d)
{
	for (size_t i = 0; i < d->slots; i++)
		if (asks_for_scan(&d->slot[i]))
			return 1;
	return 0;
}

/* The scan may be the answer to one of several questions, which need not be a label. */
static void ask_whose_answer(struct desk *d, struct desk_unit *u, const char *bytes, size_t len,
			     struct desk_outcome *o)
{
	arena_free(&u->arena);
	*u = (struct desk_unit){ 0 };
	keep_bytes(u, bytes, len);
	u->serial = text_escaped(&u->arena, bytes, len);
	*o = (struct desk_outcome){ .code = "" };
	ask_which(d, u, 1, o);
}

/* inner: without what the scanner adds. */
static void scan_unit(struct desk *d, const char *bytes, size_t len, const char *inner,
		      size_t inner_len, struct desk_outcome *o)
{
	struct desk_unit u = { 0 };
	struct policy_answer answer = { 0 };
	const struct plan *plan;
	const char *word = "refused";
	struct err err = { 0 };
	size_t slot = 0;
	enum which_answer where = which(&slot, d);

	if (where == WHICH_REPLY) {
		reply_to(d, slot, inner, inner_len, o);
		return;
	}
	desk_wait_end(d); /* a newer scan takes the place of one that waits */
	if (read_unit(d, &u, bytes, len, o) < 0) {
		if (where == WHICH_ASK && somebody_asks(d))
			ask_whose_answer(d, &u, inner, inner_len, o);
		arena_free(&u.arena);
		return;
	}
	switch (where) {
	case WHICH_UNIT:
		offer(d, slot, &u, o);
		break;
	case WHICH_TAKEN:
		refuse(o, d->slot[slot].pic.name, "slot_taken",
		       "the slot that was chosen has a unit already");
		desk_choose(d, -1);
		break;
	case WHICH_NOWHERE:
		refuse(o, NULL, "no_slot", "no slot is free: wait until a unit is done");
		break;
	default: /* what may not start is refused before it is asked, unless it may be an answer */
		if (!somebody_asks(d) &&
		    station_plan_of(&plan, d->st, u.path, u.variant, u.serial, &err) == 0 &&
		    desk_may_start(d, &u, plan, mode_of_all(d), &answer, &word, &err) < 0 &&
		    answer.word != POLICY_ASK_PASSED)
			refuse(o, NULL, word, err.text);
		else
			ask_which(d, &u, 0, o);
	}
	arena_free(&u.arena);
}

/* What waits is the answer of this slot, or goes on waiting. */
static void choose_answer(struct desk *d, size_t slot, struct desk_outcome *o)
{
	struct label_rules scanner = station_label_rules(d->st);
	struct desk_unit u = { 0 };
	const char *inner = d->wait.unit.bytes;
	size_t len = d->wait.unit.len;

	if (!d->wait.is_answer) /* else it is stripped already */
		label_strip(&scanner, &inner, &len);
	unit_move(&u, &d->wait.unit);
	reply_to(d, slot, inner, len, o);
	if (d->wait.what == DESK_SCAN)
		unit_move(&d->wait.unit, &u);
	arena_free(&u.arena);
}

/* A slot was chosen: by its barcode, or by hand. */
void desk_chosen(struct desk *d, int slot, struct desk_outcome *o)
{
	struct desk_slot *s = &d->slot[slot];
	struct desk_unit u = { 0 };
	int is_answer = d->wait.is_answer;

	snprintf(o->slot, sizeof(o->slot), "%s", s->pic.name);
	if (d->wait.what != DESK_SCAN) {
		desk_choose(d, slot);
		desk_out(o, FLOOR_NOTICE_INFO, "slot_chosen", "the next scan is for slot %s",
			 s->pic.name);
		o->loud = 1;
		return;
	}
	if (asks_for_scan(s)) {
		choose_answer(d, (size_t)slot, o);
	} else if (is_answer) {
		refuse(o, s->pic.name, "no_question", "the slot asks for no scan: choose another");
	} else if (!is_free(s)) {
		refuse(o, s->pic.name, "slot_taken", "the slot has a unit already: choose another");
	} else {
		unit_move(&u, &d->wait.unit);
		desk_wait_end(d);
		offer(d, (size_t)slot, &u, o);
	}
	arena_free(&u.arena);
}

/* A board was plugged in: for its unit, or for the scan that waits if that is now clear. */
void desk_plugged_in(struct desk_slot *s)
{
	struct desk *d = s->desk;
	struct desk_outcome o = { .code = "" };
	struct desk_unit u = { 0 };
	size_t slot = 0;

	if (desk_has_unit(s)) {
		desk_begin(s);
		return;
	}
	if (d->wait.what != DESK_SCAN || d->wait.is_answer || which(&slot, d) != WHICH_UNIT ||
	    slot != s->index)
		return;
	unit_move(&u, &d->wait.unit);
	desk_wait_end(d);
	offer(d, slot, &u, &o);
	arena_free(&u.arena);
	if (o.loud)
		desk_say(d, o.kind, *o.slot ? o.slot : NULL, o.code, "%s", o.text);
}

/* --- everything that a scanner may give --- */

static void scan_badge(struct desk *d, const char *bytes, size_t len, struct desk_outcome *o)
{
	const struct people_person *p;
	struct err err = { 0 };

	o->loud = 1;
	if (desk_people(d, &err) < 0) {
		desk_out(o, FLOOR_NOTICE_BAD, "operators_file", "%s", err.text);
		return;
	}
	if (d->status.no_badges) {
		refuse(o, NULL, "no_badges", desk_no_badges);
		return;
	}
	if (people_badge(&p, &d->people, d->st->conf->badge, bytes, len, &err) < 0) {
		refuse(o, NULL, "badge_unknown", err.text);
		return;
	}
	if (d->wait.what == DESK_COMMAND) {
		desk_authorised(d, p, o);
		return;
	}
	desk_login(d, p);
	desk_out(o, FLOOR_NOTICE_INFO, "logged_in", "%s (%s) is logged in", p->name,
		 people_role_word(p->role));
}

static void scan_choice(struct desk *d, const char *arg, struct desk_outcome *o)
{
	size_t n = (size_t)(*arg - '1'), found = 0, at = 0;
	struct err err = { 0 };

	for (size_t i = 0; i < d->slots; i++) {
		const struct floor_question *q = &d->slot[i].pic.question;

		/* A pass or a fail is never scanned. */
		if (!q->number || strcmp(q->kind, "choice") != 0 || q->choices <= n)
			continue;
		if (is_chosen(d, i)) {
			found = 1;
			at = i;
			break;
		}
		found++;
		at = i;
	}
	if (found != 1) {
		refuse(o, NULL, found ? "which_slot" : "no_question",
		       found ? "several slots ask: scan the slot's barcode first"
			     : SAID("no slot asks a question with that choice"));
		return;
	}
	if (!desk_may_answer(d, o))
		return;
	desk_choose(d, -1);
	snprintf(o->slot, sizeof(o->slot), "%s", d->slot[at].pic.name);
	if (supervisor_answer(d->st->supervisor, (int)at, d->slot[at].pic.question.choice[n],
			      &err) < 0)
		refuse(o, d->slot[at].pic.name, "no_question", err.text);
	else
		desk_out(o, FLOOR_NOTICE_INFO, "answered", "slot %s: answered", o->slot);
}

static void scan_command(struct desk *d, const struct floor_command *c, struct desk_outcome *o)
{
	desk_do(d, c, o);
	o->loud = !o->loud; /* what a scan did is told to all, and a loud one has been */
}

void desk_scan(struct desk *d, const char *bytes, size_t len, int typed, struct desk_outcome *o)
{
	struct codes_rules rules = station_codes_rules(d->st);
	struct label_rules scanner = station_label_rules(d->st);
	const char *arg = NULL, *inner = bytes;
	size_t inner_len = len;

	label_strip(&scanner, &inner, &inner_len);
	if (!inner_len) {
		refuse(o, NULL, "wrong_format", "the scan is empty");
		return;
	}
	switch (codes_read(&arg, &rules, d->st->fixture, inner, inner_len)) {
	case CODE_BADGE:
		if (typed)
			refuse(o, NULL, "badge_typed", "badges are scanned, not typed");
		else
			scan_badge(d, inner, inner_len, o);
		return;
	case CODE_SLOT:
		o->loud = 1;
		if (desk_find(d, arg) < 0)
			refuse(o, NULL, "no_such_slot", "there is no such slot");
		else
			desk_chosen(d, desk_find(d, arg), o);
		return;
	case CODE_DISPOSITION:
		scan_command(d,
			     &(struct floor_command){
				     .what = FLOOR_DO_DISPOSE, .text = arg, .len = strlen(arg) },
			     o);
		return;
	case CODE_COMMAND: /* "forget", "logout" */
		scan_command(d, &(struct floor_command){ .what = floor_do_find(arg) }, o);
		return;
	case CODE_CHOICE:
		scan_choice(d, arg, o);
		return;
	case CODE_UNKNOWN:
		refuse(o, NULL, "unknown_code",
		       "a code of a station that this one does not know: print `station codes`");
		return;
	case CODE_LABEL:
		break;
	}
	scan_unit(d, bytes, len, inner, inner_len, o);
}
