/* The picture of slots and station, what waits for a person, the clock. */
#include "floor/desk_in.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

enum { MINUTE_MS = 60000, DAY_S = 86400 };

/* --- saying --- */

static void notice(struct desk *d, const struct floor_notice *n)
{
	server_notice(d->server, n);
	if (d->set.notice)
		d->set.notice(d->set.payload, n);
	if (n->kind == FLOOR_NOTICE_NO && d->hooks)
		hooks_sound(d->hooks, SOUND_REFUSED);
}

void desk_say(struct desk *d, enum floor_notice_kind kind, const char *slot, const char *code,
	      const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	notice(d, &(struct floor_notice){ kind, slot, text, code });
}

void desk_out(struct desk_outcome *o, enum floor_notice_kind kind, const char *code,
	      const char *fmt, ...)
{
	va_list ap;

	o->kind = kind;
	o->code = code;
	va_start(ap, fmt);
	vsnprintf(o->text, sizeof(o->text), fmt, ap);
	va_end(ap);
}

int desk_note(struct desk *d, struct store_note *n, struct err *err)
{
	int r = store_note(d->st->store, n, err);

	if (r < 0)
		desk_ill(d, n->slot, "record_not_written", err->text);
	return r;
}

/* --- the picture of a slot --- */

void desk_changed(struct desk_slot *s, int soft)
{
	server_slot_changed(s->desk->server, s->index, soft);
}

int desk_has_unit(const struct desk_slot *s)
{
	return s->unit.serial != NULL;
}

int desk_runs(const struct desk_slot *s)
{
	return s->pic.state == FLOOR_RUNNING || s->pic.state == FLOOR_PAUSED ||
	       s->pic.state == FLOOR_SAVING || s->pic.state == FLOOR_UNRECORDED;
}

void desk_forget_unit(struct desk_slot *s)
{
	desk_hook_dropped(s, "the unit was dropped before there was an answer");
	arena_free(&s->unit.arena);
	s->unit = (struct desk_unit){ 0 };
}

void desk_clear(struct desk_slot *s)
{
	struct floor_slot blank = {
		.name = s->pic.name,
		.usb = s->pic.usb,
		.barcode = s->pic.barcode,
		.interface = s->pic.interface,
		.mode = s->mode,
		.serial = "",
		.product = "",
		.plan = "",
		.revision = "",
		.variant = "",
		.instruction = "",
		.step_id = "",
		.step_title = "",
		.doing = "",
		.done = -1,
		.expected_ms = -1,
		.step_expected_ms = -1,
		.fail_name = "",
		.fail_value = "",
		.fail_limit = "",
		.fail_note = "",
		.code = "",
		.message = "",
		.todo = "",
		.run = "",
		.question = { .kind = "", .text = "" },
	};

	arena_free(&s->pic.arena);
	arena_free(&s->ask);
	s->pic = blank;
	s->plan = NULL;
	s->wired = 0;
	s->attempt = s->attempts_max = 0;
	free(s->expected);
	s->expected = NULL;
}

/* Of the interface; the text lives as long as the problem, so it goes with it. */
static void tell_problem(struct desk_slot *s)
{
	int ill = s->problem && s->pic.interface;

	s->pic.message = ill ? s->problem : "";
	s->pic.code = ill ? err_name(ERR_FIXTURE) : "";
	s->pic.todo = ill ? err_todo(ERR_FIXTURE) : "";
}

void desk_settle(struct desk_slot *s)
{
	struct floor_slot *p = &s->pic;

	if (desk_runs(s))
		return;
	if (desk_has_unit(s))
		p->state = s->hooking ? FLOOR_STARTING : FLOOR_SCANNED;
	else if (p->state == FLOOR_ENDED && *p->run)
		p->pulled |= !p->interface && s->wired;
	else if (s->problem && p->interface)
		p->state = FLOOR_TROUBLE;
	else
		p->state = p->interface || !s->desk->st->fixture ? FLOOR_IN : FLOOR_OUT;
	if (p->state == FLOOR_IN || p->state == FLOOR_OUT)
		desk_tell_before(s);
	if (p->state != FLOOR_ENDED)
		tell_problem(s);
	desk_changed(s, 0);
}

void desk_drop_unit(struct desk_slot *s, int board_waits)
{
	desk_forget_unit(s);
	desk_clear(s);
	if (board_waits && s->pic.interface)
		s->came_ms = clock_ms();
	desk_settle(s);
}

int desk_find(const struct desk *d, const char *name)
{
	for (size_t i = 0; name && i < d->slots; i++)
		if (!strcmp(d->slot[i].pic.name, name))
			return (int)i;
	return -1;
}

const struct desk_slot *desk_waits_elsewhere(const struct desk *d, const struct desk_unit *u)
{
	for (size_t i = 0; i < d->slots; i++) {
		const struct desk_slot *s = &d->slot[i];

		if (desk_has_unit(s) && &s->unit != u && !strcmp(s->unit.serial, u->serial) &&
		    !strcmp(s->unit.product, u->product))
			return s;
	}
	return NULL;
}

static struct desk_slot *at_path(struct desk *d, const char *usb)
{
	for (size_t i = 0; i < d->slots; i++)
		if (d->st->fixture && !strcmp(d->slot[i].pic.usb, usb))
			return &d->slot[i];
	return NULL;
}

/* What is wrong with this interface at this slot, in the slot's arena, or NULL. */
static const char *trouble_with(struct desk_slot *s, const char *serial, const char *problem)
{
	const char *must = s->desk->st->fixture->slot[s->index].ftdi_serial;

	if (problem)
		return arena_printf(&s->place, SAID("slot %s: the interface cannot be used: %s"),
				    s->pic.name, problem);
	if (!must || !strcmp(must, serial) || (!strcmp(must, "none") && !*serial))
		return NULL;
	return arena_printf(&s->place,
			    SAID("slot %s: interface '%s' is plugged in, must be '%s'; see the "
				 "labels of the cables"),
			    s->pic.name, serial, must);
}

void desk_came(struct desk *d, const char *usb, const char *serial, const char *problem,
	       int was_there)
{
	struct desk_slot *s = at_path(d, usb);
	int is_new;

	if (!s)
		return;
	is_new = !s->pic.interface;
	s->pic.interface = 1;
	if (s->problem && s->pic.message == s->problem) /* of a slot that is not settled now */
		s->pic.message = "";
	arena_free(&s->place);
	s->problem = trouble_with(s, serial, problem);
	if (is_new && s->pic.state == FLOOR_ENDED)
		desk_clear(s); /* the next board */
	if (is_new && !was_there && !desk_has_unit(s) && !desk_runs(s))
		s->came_ms = clock_ms();
	if (s->problem)
		desk_ill(d, s->pic.name, "interface", s->problem);
	desk_settle(s);
	desk_plugged_in(s);
}

void desk_went(struct desk *d, const char *usb)
{
	struct desk_slot *s = at_path(d, usb);

	if (!s || !s->pic.interface)
		return;
	s->pic.interface = 0;
	s->came_ms = 0;
	s->problem = NULL;
	/* It is asked again when the board is back. */
	desk_hook_dropped(s, "the board was pulled out before there was an answer");
	if (desk_runs(s))
		supervisor_gone(d->st->supervisor, (int)s->index);
	desk_settle(s);
	desk_changed(s, 0);
}

static void plug_came(void *payload, const struct plugged_device *p)
{
	desk_came(payload, p->path, p->serial, p->problem, p->was_there);
}

static void plug_went(void *payload, const char *path)
{
	desk_went(payload, path);
}

static void plug_trouble(void *payload, const char *why)
{
	struct desk *d = payload;

	if (why) {
		char text[300];

		snprintf(text, sizeof(text),
			 SAID("interfaces cannot be watched: %s; it is tried again"), why);
		desk_ill(d, NULL, "usb_watch", text);
	} else {
		desk_say(d, FLOOR_NOTICE_INFO, NULL, "usb_watch", "interfaces are watched again");
	}
}

struct plugged *desk_watch(struct desk *d)
{
	static const struct plugged_ops ops = { plug_came, plug_went, plug_trouble };

	return plugged_new(d->st->loop, &ops, d, PLUGGED_SILENT_MS);
}

const struct floor_slot *desk_slot(const struct desk *d, size_t index)
{
	return &d->slot[index].pic;
}

/* --- the state of the station --- */

void desk_status_changed(struct desk *d)
{
	server_status_changed(d->server);
}

static int64_t days_to(const char *date)
{
	struct tm tm = { 0 };
	int year, month, day;

	if (!date || sscanf(date, "%d-%d-%d", &year, &month, &day) != 3)
		return INT64_MIN;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	return timegm(&tm) / DAY_S - clock_wall_ms() / 1000 / DAY_S;
}

static void desk_figures(struct desk *d)
{
	struct floor_status *f = &d->status;
	const struct fixture *fx = d->st->fixture;
	struct shift_figures now;
	struct err err = { 0 };

	d->stale = 0;
	if (shift_figures(&now, d->shift, d->st->store, clock_wall_ms(), &err) == 0) {
		f->shift_units = now.units;
		f->shift_first = now.first;
		f->shift_first_passed = now.first_passed;
		f->units_per_hour = now.units_per_hour;
	}
	f->calibration_days = days_to(fx ? fx->calibration_due : NULL);
	f->cycles_left = -1;
	if (fx && fx->cycles_max) {
		int64_t done = store_fixture_cycles(d->st->store, fx->id, &err);

		f->cycles_left = done < 0 || done > fx->cycles_max ? 0 : fx->cycles_max - done;
	}
	desk_status_changed(d);
}

const struct floor_status *desk_status(const struct desk *d)
{
	return &d->status;
}

/* --- what waits for a person --- */

void desk_wait_for(struct desk *d, enum desk_waits what, const char *text)
{
	static const char *const word[] = { [DESK_NOTHING] = "",
					    [DESK_SCAN] = "scan",
					    [DESK_COMMAND] = "command",
					    [DESK_CONFIRM] = "confirm" };

	d->wait.what = what;
	d->wait.until_ms = clock_ms() + DESK_WAIT_MS;
	snprintf(d->wait.text, sizeof(d->wait.text), "%.*s",
		 text ? text_brief(text, strlen(text)) : 0, text ? text : "");
	d->status.waits = word[what];
	d->status.waits_text = d->wait.text;
	desk_status_changed(d);
	desk_at(d, d->wait.until_ms);
}

void desk_wait_end(struct desk *d)
{
	if (d->wait.what == DESK_NOTHING)
		return;
	arena_free(&d->wait.unit.arena);
	arena_free(&d->wait.arena);
	d->wait = (struct desk_wait){ .slot = -1 };
	d->status.waits = d->status.waits_text = "";
	desk_status_changed(d);
}

void desk_choose(struct desk *d, int slot)
{
	d->chosen = slot;
	d->chosen_until_ms = clock_ms() + DESK_CHOSEN_MS;
	if (slot >= 0)
		desk_at(d, d->chosen_until_ms);
}

/* --- the clock --- */

void desk_at(struct desk *d, int64_t due_ms)
{
	if (due_ms >= d->timer_ms)
		return;
	d->timer_ms = due_ms;
	loop_timer_set(d->timer, due_ms * 1000000);
}

/* Nobody may come any more who lets them go on. */
static void stop_paused(struct desk *d)
{
	for (size_t i = 0; i < d->slots; i++)
		if (supervisor_paused(d->st->supervisor, (int)i))
			supervisor_stop(d->st->supervisor, (int)i,
					SAID("the station was ended while the run was paused"));
}

static void on_timer(void *payload)
{
	struct desk *d = payload;
	int64_t now = clock_ms();
	struct err ignored = { 0 };

	d->timer_ms = CLOCK_NEVER;
	if (d->closing)
		stop_paused(d);
	if (d->wait.what != DESK_NOTHING && now >= d->wait.until_ms) {
		desk_say(d, FLOOR_NOTICE_NO, NULL, "wait_over",
			 "%s was dropped: nobody answered in time", d->wait.text);
		desk_wait_end(d);
	}
	if (d->chosen >= 0 && now >= d->chosen_until_ms)
		desk_choose(d, -1);
	for (size_t i = 0; i < d->slots; i++)
		if (desk_has_unit(&d->slot[i]) && !d->slot[i].hooking)
			desk_begin(&d->slot[i]); /* its worker had not ended */
	if (d->stale)
		desk_figures(d);
	if (d->status.no_badges)
		desk_people(d, &ignored);
	if (d->wait.what != DESK_NOTHING)
		desk_at(d, d->wait.until_ms);
	if (d->chosen >= 0)
		desk_at(d, d->chosen_until_ms);
}

/* Or sooner, when the one who is logged in will have been idle for long enough. */
void desk_next_minute(struct desk *d)
{
	int64_t idle = d->st->conf->idle_ms, due = clock_ms() + MINUTE_MS;

	if (*d->person.id && idle && d->active_ms + idle < due)
		due = d->active_ms + idle;
	loop_timer_set(d->minute, due * 1000000);
}

static void on_minute(void *payload)
{
	struct desk *d = payload;
	int64_t idle = d->st->conf->idle_ms;

	desk_figures(d);
	if (*d->person.id && idle && clock_ms() - d->active_ms >= idle) {
		desk_say(d, FLOOR_NOTICE_INFO, NULL, "logged_out_idle",
			 "%s was logged out: nothing was scanned for a while", d->person.name);
		desk_leave(d);
	} else {
		desk_next_minute(d);
	}
}

/* --- life --- */

struct desk *desk_new(void)
{
	struct desk *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->chosen = -1;
	d->wait.slot = -1;
	d->timer_ms = CLOCK_NEVER;
	return d;
}

struct event_reader desk_reader(struct desk *d)
{
	return (struct event_reader){ UINT32_MAX, desk_hear, d };
}

static void set_up_slots(struct desk *d)
{
	const struct fixture *f = d->st->fixture;

	d->slots = f ? f->slots : 1;
	d->slot = calloc(d->slots + 1, sizeof(*d->slot));
	if (!d->slot)
		abort();
	d->names = arena_alloc(&d->arena, (d->slots + 1) * sizeof(*d->names));
	for (size_t i = 0; i < d->slots; i++) {
		struct desk_slot *s = &d->slot[i];

		s->desk = d;
		s->index = i;
		s->mode = MODE_PRODUCTION;
		s->pic.name = d->names[i] = f ? f->slot[i].name : "-";
		s->pic.usb = f ? f->slot[i].usb : "";
		s->pic.barcode = f ? f->slot[i].barcode : NULL;
		desk_clear(s);
		desk_settle(s);
	}
}

static void set_up_status(struct desk *d)
{
	const struct conf *c = d->st->conf;

	d->status = (struct floor_status){
		.station = c->id,
		.line = c->line,
		.fixture = d->st->fixture ? d->st->fixture->id : "",
		.login = c->login && strcmp(c->login, "none") != 0,
		.plan = "",
		.revision = "",
		.units_per_hour = -1,
		.record_ok = 1,
		.record_text = "",
		.queued = -1,
		.waits = "",
		.waits_text = "",
		.badge = c->badge ? c->badge : "",
		.codes = c->scan_codes ? c->scan_codes : "",
	};
}

/* Runs of earlier processes whose verdict nobody saw. Only a number and a courtesy: a record
 * that cannot be asked is told by all else. */
static void recall_unseen(struct desk *d)
{
	struct err err = { 0 };

	if (store_unseen(d->unseen, &d->unseens, DESK_UNSEEN, d->st->store, &err) < 0)
		d->unseens = 0;
	d->status.not_shown = (int64_t)d->unseens;
}

int desk_open(struct desk *d, struct station *st, const struct desk_setup *set, struct err *err)
{
	struct err ignored = { 0 };

	d->st = st;
	d->set = *set;
	d->env = (struct plan_env){ .boards = st->conf->boards,
				    .fixture = st->fixture,
				    .resources = &st->conf->resource_names };
	d->timer = loop_timer(st->loop, on_timer, d);
	d->minute = loop_timer(st->loop, on_minute, d);
	d->shelf = shelf_new(st->conf->plans, &d->env);
	d->hooks = hooks_new(st->loop, st->conf);
	d->queries = queries_new(st);
	d->shift = shift_count_new(&st->conf->shifts);
	shelf_refresh(d->shelf);
	set_up_slots(d);
	set_up_status(d);
	recall_unseen(d);
	desk_login(d, NULL);
	desk_people(d, &ignored); /* what is wrong with it is told at the first badge */
	if (set->socket && desk_serve(d, set->socket, err) < 0)
		return err->code;
	if (set->watch_usb && st->fixture)
		d->plugged = desk_watch(d);
	on_minute(d);
	return 0;
}

void desk_closing(struct desk *d)
{
	d->closing = 1;
	server_deaf(d->server);
	desk_wait_end(d);
	for (size_t i = 0; i < d->slots; i++)
		if (desk_has_unit(&d->slot[i]))
			desk_drop_unit(&d->slot[i], 0);
	stop_paused(d);
}

size_t desk_clients(const struct desk *d)
{
	return d->server ? server_clients(d->server) : 0;
}

int desk_idle(const struct desk *d)
{
	return !station_busy(d->st) && !hooks_busy(d->hooks) && !queries_busy(d->queries);
}

void desk_close(struct desk *d)
{
	if (!d)
		return;
	plugged_free(d->plugged);
	server_close(d->server);
	desk_hooks_forget(d);
	queries_free(d->queries);
	hooks_free(d->hooks);
	shelf_free(d->shelf);
	shift_count_free(d->shift);
	people_release(&d->people);
	finding_release(&d->findings);
	for (size_t i = 0; i < d->slots; i++) {
		struct desk_slot *s = &d->slot[i];

		arena_free(&s->unit.arena);
		arena_free(&s->pic.arena);
		arena_free(&s->ask);
		arena_free(&s->place);
		sbuf_release(&s->doing);
		sbuf_release(&s->waits_for);
		sbuf_release(&s->console);
		sbuf_release(&s->measures);
		free(s->expected);
	}
	loop_timer_free(d->timer);
	loop_timer_free(d->minute);
	arena_free(&d->wait.unit.arena);
	arena_free(&d->wait.arena);
	arena_free(&d->last.arena);
	arena_free(&d->person.arena);
	arena_free(&d->arena);
	free(d->slot);
	free(d);
}
