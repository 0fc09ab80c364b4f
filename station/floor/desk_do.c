/* The commands: who may give which, and what each does. */
#include "floor/desk_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/languages.h"
#include "base/text.h"
#include "floor/slotmap.h"

/* Who gives the command: the one who is logged in, or whose badge allows it once. */
struct giver {
	const char *id, *how;
	enum people_role role;
};

typedef void command_fn(struct desk *d, const struct floor_command *c, const struct giver *by,
			struct desk_outcome *o);

static void no(struct desk_outcome *o, const char *code, const char *text)
{
	desk_out(o, FLOOR_NOTICE_NO, code, "%s", text);
}

/* The slot that the command names; NULL: none, and o says so. */
static struct desk_slot *slot_of(struct desk *d, const struct floor_command *c,
				 struct desk_outcome *o)
{
	int i = desk_find(d, c->slot);

	if (i < 0) {
		no(o, "no_such_slot", c->slot ? "there is no such slot" : SAID("which slot?"));
		return NULL;
	}
	snprintf(o->slot, sizeof(o->slot), "%s", d->slot[i].pic.name);
	return &d->slot[i];
}

/* The text of a command as a word or number: no bytes in it that no such text has. */
static const char *word_of(const struct floor_command *c)
{
	return c->text && strlen(c->text) == c->len ? c->text : "";
}

static int config(struct desk *d, const struct giver *by, const char *what, const char *slot,
		  const char *reason, const char *was, const char *is)
{
	struct store_note n = { .kind = STORE_CONFIG,
				.what = what,
				.slot = slot,
				.by = by->id,
				.by_how = by->how,
				.reason = reason,
				.was = was,
				.is = is };
	struct err err = { 0 };

	return desk_note(d, &n, &err);
}

static void not_written(struct desk_outcome *o)
{
	no(o, "record_not_written", "nothing was changed: it could not be recorded");
}

/* --- scans --- */

static void do_scan(struct desk *d, const struct floor_command *c, const struct giver *by,
		    struct desk_outcome *o)
{
	(void)by;
	desk_scan(d, c->text ? c->text : "", c->len, c->what == FLOOR_DO_TYPED, o);
}

/* A front-end says what it answered: what waits now may be another one's scan. */
static int waits_still(struct desk *d, const struct floor_command *c, struct desk_outcome *o)
{
	if (!c->serial || !*c->serial)
		return 1;
	if (d->wait.what != DESK_NOTHING && !strcmp(c->serial, d->wait.text))
		return 1;
	no(o, "nothing_waits", "what this was the answer to does not wait any more: look again");
	return 0;
}

static void do_choose(struct desk *d, const struct floor_command *c, const struct giver *by,
		      struct desk_outcome *o)
{
	struct desk_slot *s = slot_of(d, c, o);

	(void)by;
	if (s && waits_still(d, c, o))
		desk_chosen(d, (int)s->index, o);
}

static void do_confirm(struct desk *d, const struct floor_command *c, const struct giver *by,
		       struct desk_outcome *o)
{
	(void)by;
	if (waits_still(d, c, o))
		desk_confirmed(d, o);
}

static void do_forget(struct desk *d, const struct floor_command *c, const struct giver *by,
		      struct desk_outcome *o)
{
	struct desk_slot *s = c->slot ? slot_of(d, c, o) : NULL;

	(void)by;
	if ((c->slot && !s) || !waits_still(d, c, o))
		return;
	if (s && desk_has_unit(s))
		desk_drop_unit(s, 1);
	desk_wait_end(d);
	desk_choose(d, -1);
	desk_out(o, FLOOR_NOTICE_INFO, "forgotten", "nothing waits any more");
}

/* --- runs --- */

static void do_answer(struct desk *d, const struct floor_command *c, const struct giver *by,
		      struct desk_outcome *o)
{
	struct desk_slot *s = slot_of(d, c, o);
	struct arena a = { 0 };
	struct err err = { 0 };

	(void)by;
	if (!s)
		return;
	if (!s->pic.question.number || c->question != s->pic.question.number)
		no(o, "no_question", "the question is not open any more");
	else if (supervisor_answer(d->st->supervisor, (int)s->index,
				   text_escaped(&a, c->text ? c->text : "", c->len), &err) < 0)
		no(o, "no_question", err.text);
	else
		desk_out(o, FLOOR_NOTICE_INFO, "answered", "slot %s: answered", s->pic.name);
	arena_free(&a);
}

static void do_stop(struct desk *d, const struct floor_command *c, const struct giver *by,
		    struct desk_outcome *o)
{
	struct desk_slot *s = c->slot ? slot_of(d, c, o) : NULL;
	char why[200];

	if (c->slot && !s)
		return;
	if (s && c->serial && strcmp(c->serial, s->pic.serial) != 0) {
		no(o, "not_now", "the slot has another unit now: nothing was stopped");
		return;
	}
	if (s && !desk_has_unit(s) && !desk_runs(s)) { /* its run may just have ended by itself */
		no(o, "not_now", "nothing runs there: nothing was stopped");
		return;
	}
	snprintf(why, sizeof(why), SAID("stopped by the operator (%s)"), by->id);
	supervisor_stop(d->st->supervisor, s ? (int)s->index : -1, why);
	for (size_t i = 0; i < d->slots; i++)
		if ((!s || s == &d->slot[i]) && desk_has_unit(&d->slot[i]))
			desk_drop_unit(&d->slot[i], 0);
	if (s)
		desk_out(o, FLOOR_NOTICE_INFO, "stopped", "slot %s is being stopped", s->pic.name);
	else
		desk_out(o, FLOOR_NOTICE_INFO, "stopped", "everything is being stopped");
	o->loud = 1;
}

static void do_hand(struct desk *d, const struct floor_command *c, const struct giver *by,
		    struct desk_outcome *o)
{
	static const struct {
		int (*ask)(struct supervisor *s, int lane, struct err *err);
		const char *code, *says;
	} hand[] = {
		[FLOOR_DO_PAUSE] = { supervisor_pause, "pauses",
				     SAID("pauses before its next step") },
		[FLOOR_DO_STEP] = { supervisor_step, "steps", SAID("runs one step") },
		[FLOOR_DO_GO] = { supervisor_go, "goes", SAID("goes on") },
		[FLOOR_DO_REPEAT] = { supervisor_repeat, "repeats", SAID("repeats its last step") },
		[FLOOR_DO_SKIP] = { supervisor_skip, "skips", SAID("leaves a step out") },
	};
	struct desk_slot *s = slot_of(d, c, o);
	struct err err = { 0 };

	if (!s)
		return;
	/* Two engineers may have their hand on it: what one sees is past when the other was
	 * quicker. */
	if (c->serial && *c->serial && strcmp(c->serial, s->pic.serial) != 0) {
		no(o, "not_now", "the slot has another unit now: nothing was done");
		return;
	}
	if (c->len && strcmp(word_of(c), s->pic.step_id) != 0) {
		no(o, "not_now", "another step comes next by now: look again");
		return;
	}
	/* Recorded first; a record that says more than happened hides nothing. */
	if (c->what == FLOOR_DO_SKIP && supervisor_paused(d->st->supervisor, (int)s->index) &&
	    s->pic.step < s->pic.steps &&
	    config(d, by, "skip", s->pic.name, c->reason, s->pic.run, s->pic.step_id) < 0) {
		not_written(o);
		return;
	}
	if (hand[c->what].ask(d->st->supervisor, (int)s->index, &err) < 0)
		no(o, "not_now", err.text);
	else
		desk_out(o, FLOOR_NOTICE_INFO, hand[c->what].code, "slot %s %s", s->pic.name,
			 hand[c->what].says);
}

/* --- people --- */

static void do_logout(struct desk *d, const struct floor_command *c, const struct giver *by,
		      struct desk_outcome *o)
{
	(void)c;
	(void)by;
	desk_leave(d);
	desk_out(o, FLOOR_NOTICE_INFO, "logged_out", "nobody is logged in");
	o->loud = 1;
}

static void do_language(struct desk *d, const struct floor_command *c, const struct giver *by,
			struct desk_outcome *o)
{
	const char *word = word_of(c);
	const struct language *l = language_find(word);
	struct err err = { 0 };

	(void)by;
	if (!l) {
		desk_out(o, FLOOR_NOTICE_NO, "no_such_language",
			 "there is no language '%.40s'; there are %s", word, languages_told);
		return;
	}
	d->person.language = arena_strdup(&d->person.arena, word);
	d->status.language = d->person.language;
	desk_status_changed(d);
	desk_out(o, FLOOR_NOTICE_INFO, "language", "language: %s", l->name);
	/* Kept with the person; for this login it holds in any case. */
	if (*d->person.id && people_language(d->st->conf->people, d->person.id, word, &err) < 0)
		desk_say(d, FLOOR_NOTICE_BAD, NULL, "operators_file", "%s", err.text);
}

/* --- what an engineer decides --- */

static void do_mode(struct desk *d, const struct floor_command *c, const struct giver *by,
		    struct desk_outcome *o)
{
	struct desk_slot *s = c->slot ? slot_of(d, c, o) : NULL;
	const char *was = s ? run_mode_word(s->mode) : NULL;
	enum run_mode mode;

	if (c->slot && !s)
		return;
	if (run_mode_find(&mode, word_of(c)) < 0 || mode > MODE_ENGINEERING) {
		no(o, "no_such_mode", "a mode is production, engineering or golden");
		return;
	}
	if (config(d, by, "mode", s ? s->pic.name : NULL, c->reason, was, run_mode_word(mode)) <
	    0) {
		not_written(o);
		return;
	}
	for (size_t i = 0; i < d->slots; i++) {
		struct desk_slot *each = &d->slot[i];

		if (s && s != each)
			continue;
		each->mode = mode;
		if (!desk_runs(each) && each->pic.state != FLOOR_ENDED)
			each->pic.mode = mode; /* else it is that of the run */
		desk_changed(each, 0);
	}
	if (s)
		desk_out(o, FLOOR_NOTICE_INFO, "mode", "slot %s: next runs in mode %s", s->pic.name,
			 run_mode_word(mode));
	else
		desk_out(o, FLOOR_NOTICE_INFO, "mode", "all slots: next runs in mode %s",
			 run_mode_word(mode));
	o->loud = 1;
}

static void do_map(struct desk *d, const struct floor_command *c, const struct giver *by,
		   struct desk_outcome *o)
{
	struct desk_slot *s = slot_of(d, c, o);
	struct fixture *f = d->st->fixture, *now = NULL;
	struct findings findings = { 0 };
	const char *usb = word_of(c);
	struct err err = { 0 };

	if (!s)
		return;
	if (!f) {
		no(o, "no_fixture", "the station has no fixture file");
		return;
	}
	if (desk_runs(s) || desk_has_unit(s) || supervisor_run(d->st->supervisor, (int)s->index)) {
		no(o, "slot_taken", "the slot has a unit: change the map when it is free");
		return;
	}
	if (config(d, by, "map", s->pic.name, c->reason, s->pic.usb, usb) < 0) {
		not_written(o);
		return;
	}
	if (slotmap_write(f->path, s->pic.name, usb, &err) < 0 ||
	    fixture_load(&now, &d->arena, f->path, &findings, &err) < 0) {
		finding_release(&findings);
		/* The record says what was wanted; it must not end there. */
		config(d, by, "map", s->pic.name, err.text, usb, s->pic.usb);
		no(o, "map_refused", err.text);
		return;
	}
	finding_release(&findings);
	/* The fixture is one for the station's life: what changed is the path and the
	 * file's digest, which runs record. The old texts stay for runs that have them. */
	f->slot[s->index].usb = now->slot[s->index].usb;
	f->sha256 = now->sha256;
	s->pic.usb = f->slot[s->index].usb;
	s->pic.interface = 0;
	s->problem = NULL;
	s->came_ms = 0;
	desk_clear(s);
	desk_settle(s);
	if (d->plugged) { /* what is there is told anew */
		plugged_free(d->plugged);
		d->plugged = desk_watch(d);
	}
	desk_out(o, FLOOR_NOTICE_INFO, "mapped", "slot %s is the socket %s", s->pic.name,
		 s->pic.usb);
	o->loud = 1;
}

/* The unit that a grant or disposition is for: named, or the last that was scanned. The name is
 * a serial, and never read as a label: the screen has read that before it names the unit. */
static int unit_of(struct desk *d, struct arena *a, const char *serial, struct store_note *n,
		   const char **path, struct err *err)
{
	struct store_filter filter = { .serial = serial };
	const struct desk_last *l = &d->last;
	struct store_row *row;
	size_t rows;

	*path = NULL;
	if (l->serial && clock_ms() - l->at_ms <= DESK_LAST_MS &&
	    (!serial || !*serial || !strcmp(serial, l->serial))) {
		n->serial = l->serial;
		n->product = l->product;
		n->process = l->process;
		*path = l->path;
		return 0;
	}
	if (!serial || !*serial)
		return err_set(err, ERR_USAGE, "which unit? Scan its label first");
	if (store_rows(&row, &rows, a, d->st->store, &filter, err) < 0)
		return err->code;
	if (!rows)
		return err_set(err, ERR_USAGE, "no unit '%.60s' in the record", serial);
	n->serial = row[rows - 1].serial;
	n->product = row[rows - 1].product;
	n->process = row[rows - 1].process;
	for (size_t i = 0; i < rows; i++)
		if (strcmp(row[i].product, n->product) != 0)
			return err_set(err, ERR_USAGE,
				       "products %.60s and %.60s both have a unit '%.60s': scan "
				       "the label of the unit first",
				       row[i].product, n->product, serial);
	return 0;
}

/* The plan that the unit is tested with: path, or else one of its process that takes it. */
static const struct plan *plan_of(struct desk *d, const char *path, const struct store_note *n,
				  struct err *err)
{
	const struct plan *plan = NULL;

	if (path)
		return station_plan_of(&plan, d->st, path, NULL, n->serial, err) < 0 ? NULL : plan;
	shelf_refresh(d->shelf);
	for (size_t i = 0; i < shelf_count(d->shelf) && !plan; i++) {
		const struct shelf_plan *p = shelf_plan(d->shelf, i);

		if (!p->errors && !strcmp(p->product, n->product) &&
		    !strcmp(p->process, n->process) &&
		    station_plan_of(&plan, d->st, p->path, NULL, n->serial, err) < 0)
			plan = NULL;
	}
	if (!plan)
		err_set(err, ERR_USAGE, "no plan here is for unit %.60s in process %s", n->serial,
			n->process);
	return plan;
}

static void do_grant(struct desk *d, const struct floor_command *c, const struct giver *by,
		     struct desk_outcome *o)
{
	struct store_note n = { .kind = STORE_GRANT,
				.what = "attempt",
				.by = by->id,
				.by_how = by->how,
				.reason = c->reason };
	const char *serial = c->len ? word_of(c) : c->serial, *path;
	const struct plan *plan = NULL;
	struct arena a = { 0 };
	struct err err = { 0 };

	if (unit_of(d, &a, serial, &n, &path, &err) < 0)
		no(o, "which_unit", err.text);
	else if (!(plan = plan_of(d, path, &n, &err)))
		no(o, "no_plan", err.text);
	else if (plan->grant == PLAN_GRANT_QA && by->role < PEOPLE_QA)
		no(o, "needs_qa", "the plan leaves this to quality assurance");
	else if (desk_note(d, &n, &err) < 0)
		not_written(o);
	else
		desk_out(o, FLOOR_NOTICE_INFO, "granted", "unit %.60s: one more attempt", n.serial);
	o->loud = o->kind == FLOOR_NOTICE_INFO;
	arena_free(&a);
}

static void do_dispose(struct desk *d, const struct floor_command *c, const struct giver *by,
		       struct desk_outcome *o)
{
	static const char *const words[] = { "rework", "scrap", "ntf" };
	struct store_note n = { .kind = STORE_DISPOSITION,
				.what = word_of(c),
				.by = by->id,
				.by_how = by->how,
				.reason = c->reason };
	const char *path;
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t known = 0;

	while (known < sizeof(words) / sizeof(words[0]) && strcmp(words[known], n.what) != 0)
		known++;
	o->loud = 1;
	if (known == sizeof(words) / sizeof(words[0]))
		no(o, "no_such_disposition", "a disposition is rework, scrap or ntf");
	else if (unit_of(d, &a, c->serial, &n, &path, &err) < 0)
		no(o, "which_unit", err.text);
	else if (desk_note(d, &n, &err) < 0)
		not_written(o);
	else
		desk_out(o, FLOOR_NOTICE_INFO, "disposed", "unit %.60s: %s", n.serial, n.what);
	arena_free(&a);
}

/* --- asking --- */

static struct floor_reply *reply_for(struct desk_outcome *o, size_t rows)
{
	o->reply = calloc(1, sizeof(*o->reply));
	if (!o->reply)
		abort();
	o->reply->row = arena_alloc(&o->reply->arena, (rows + 1) * sizeof(*o->reply->row));
	return o->reply;
}

static void add_row(struct floor_reply *r, const char *const *cell, size_t n)
{
	const char **mine = arena_alloc(&r->arena, (n + 1) * sizeof(*mine));

	for (size_t i = 0; i < n; i++)
		mine[i] = arena_strdup(&r->arena, cell[i] ? cell[i] : "");
	r->row[r->rows++] = mine;
}

static void do_plans(struct desk *d, const struct floor_command *c, const struct giver *by,
		     struct desk_outcome *o)
{
	struct floor_reply *r;

	(void)c;
	(void)by;
	shelf_refresh(d->shelf);
	r = reply_for(o, shelf_count(d->shelf));
	for (size_t i = 0; i < shelf_count(d->shelf); i++) {
		const struct shelf_plan *p = shelf_plan(d->shelf, i);
		char errors[24], warnings[24];
		const char *cell[5 + SHELF_FINDINGS] = { p->path, p->title, p->revision, errors,
							 warnings };

		snprintf(errors, sizeof(errors), "%zu", p->errors);
		snprintf(warnings, sizeof(warnings), "%zu", p->warnings);
		memcpy(cell + 5, p->finding, p->findings * sizeof(*cell));
		add_row(r, cell, 5 + (p->findings ? p->findings : 1));
	}
	desk_out(o, FLOOR_NOTICE_INFO, "plans", "%zu plan%s in %s", shelf_count(d->shelf),
		 shelf_count(d->shelf) == 1 ? "" : "s", d->st->conf->plans);
}

static void do_shift(struct desk *d, const struct floor_command *c, const struct giver *by,
		     struct desk_outcome *o)
{
	struct shift_figures now;
	struct floor_reply *r;
	struct err err = { 0 };

	(void)c;
	(void)by;
	if (shift_figures(&now, d->shift, d->st->store, clock_wall_ms(), &err) < 0) {
		no(o, "record_not_read", err.text);
		return;
	}
	r = reply_for(o, now.steps);
	for (size_t i = 0; i < now.steps; i++) {
		char fails[24];

		snprintf(fails, sizeof(fails), "%lld", (long long)now.step[i].fails);
		add_row(r, (const char *const[]){ now.step[i].step, fails }, 2);
	}
	desk_out(o, FLOOR_NOTICE_INFO, "shift",
		 "shift of %s: %lld unit%s, first-pass yield %lld of %lld", now.shift.name,
		 (long long)now.units, now.units == 1 ? "" : "s", (long long)now.first_passed,
		 (long long)now.first);
}

/* --- who may --- */

/* clang-format off */
static const struct {
	enum people_role role;
	int reason; /* has to be given, and is recorded */
} table[FLOOR_DO_END_] = {
#define ROLE_OF(name, word, role, reason, help) [FLOOR_DO_##name] = { PEOPLE_##role, reason },
	FLOOR_DO_LIST(ROLE_OF)
#undef ROLE_OF
};
static command_fn *const give[FLOOR_DO_END_] = {
	[FLOOR_DO_SCAN] = do_scan,         [FLOOR_DO_TYPED] = do_scan,
	[FLOOR_DO_CHOOSE] = do_choose,     [FLOOR_DO_FORGET] = do_forget,
	[FLOOR_DO_CONFIRM] = do_confirm,   [FLOOR_DO_ANSWER] = do_answer,
	[FLOOR_DO_STOP] = do_stop,         [FLOOR_DO_LOGOUT] = do_logout,
	[FLOOR_DO_LANGUAGE] = do_language, [FLOOR_DO_MODE] = do_mode,
	[FLOOR_DO_PAUSE] = do_hand,        [FLOOR_DO_STEP] = do_hand,
	[FLOOR_DO_GO] = do_hand,           [FLOOR_DO_REPEAT] = do_hand,
	[FLOOR_DO_SKIP] = do_hand,         [FLOOR_DO_GRANT] = do_grant,
	[FLOOR_DO_DISPOSE] = do_dispose,   [FLOOR_DO_MAP] = do_map,
	[FLOOR_DO_PLANS] = do_plans,       [FLOOR_DO_SHIFT] = do_shift,
};
/* clang-format on */

/* Without a login, and without anybody in the operators file, there is no badge that
 * could be asked for: who reaches the socket is trusted (our choice). */
static int nobody_has_a_badge(const struct desk *d)
{
	return !d->status.login && !d->people.count;
}

static int allowed(const struct desk *d, enum people_role least)
{
	if (least == PEOPLE_ANYONE || d->person.role >= least || nobody_has_a_badge(d))
		return 1;
	return least == PEOPLE_OPERATOR && !d->status.login;
}

static void nobody(const struct desk *d, struct desk_outcome *o)
{
	no(o, policy_code(POLICY_NO_OPERATOR),
	   d->status.no_badges ? desk_no_badges : SAID("nobody is logged in: scan a badge"));
	o->loud = 1;
}

int desk_may_answer(const struct desk *d, struct desk_outcome *o)
{
	if (allowed(d, table[FLOOR_DO_ANSWER].role))
		return 1;
	nobody(d, o);
	return 0;
}

/* Keep the command until an engineer's badge is scanned. */
static void wait_for_badge(struct desk *d, const struct floor_command *c, struct desk_outcome *o)
{
	struct desk_wait *w = &d->wait;
	char *text;

	desk_wait_end(d);
	desk_wait_for(d, DESK_COMMAND, floor_do_word(c->what));
	text = arena_alloc(&w->arena, c->len + 1);
	if (c->text)
		memcpy(text, c->text, c->len);
	w->command = *c;
	w->command.text = text;
	w->command.slot = c->slot ? arena_strdup(&w->arena, c->slot) : NULL;
	w->command.serial = c->serial ? arena_strdup(&w->arena, c->serial) : NULL;
	w->command.reason = c->reason ? arena_strdup(&w->arena, c->reason) : NULL;
	desk_out(o, FLOOR_NOTICE_ASK, "badge_needed", "'%s' needs the badge of an %s: scan it now",
		 floor_do_word(c->what), people_role_word(table[c->what].role));
	o->loud = 1;
}

void desk_authorised(struct desk *d, const struct people_person *p, struct desk_outcome *o)
{
	struct desk_wait w = d->wait;
	struct giver by = { p->id, p->how, p->role };

	if (p->role < table[w.command.what].role) {
		desk_out(o, FLOOR_NOTICE_NO, "not_allowed", "%s is %s; '%s' needs an %s", p->name,
			 people_role_word(p->role), floor_do_word(w.command.what),
			 people_role_word(table[w.command.what].role));
		return;
	}
	d->wait.arena = (struct arena){ 0 }; /* ours until the command is done */
	desk_wait_end(d);
	give[w.command.what](d, &w.command, &by, o);
	o->loud = 1;
	arena_free(&w.arena);
}

void desk_do(struct desk *d, const struct floor_command *c, struct desk_outcome *o)
{
	struct giver by;
	struct err err = { 0 };

	desk_look_at_person(d);
	by = (struct giver){ desk_by(&d->person), d->person.how, d->person.role };
	*o = (struct desk_outcome){ .kind = FLOOR_NOTICE_INFO, .code = "" };
	/* A screen asks for these by itself while it shows them. */
	if (c->what != FLOOR_DO_PLANS && c->what != FLOOR_DO_SHIFT)
		d->active_ms = clock_ms();
	if ((unsigned)c->what >= FLOOR_DO_END_ || !give[c->what])
		no(o, "unknown_command", "the station does not know this command here");
	else if (table[c->what].reason && (!c->reason || !*c->reason))
		no(o, "reason_missing", "this is recorded with a reason: say why");
	else if (allowed(d, table[c->what].role))
		give[c->what](d, c, &by, o);
	else if (table[c->what].role == PEOPLE_OPERATOR)
		nobody(d, o);
	else if (desk_people(d, &err) < 0)
		no(o, "operators_file", err.text);
	else if (d->status.no_badges)
		no(o, "no_badges", desk_no_badges);
	else
		wait_for_badge(d, c, o);
	if (o->loud)
		desk_say(d, o->kind, *o->slot ? o->slot : NULL, o->code, "%s", o->text);
}
