/* The programs that the desk tells and asks; what they say is recorded. Asking itself is part of
 * the way to a run: desk_start.c. */
#include "floor/desk_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct told { /* a hook that was told of a run, or that the station is ill */
	struct desk *desk;
	struct told *next;
	char run[37], slot[64];
	struct arena arena;
	const char *product, *serial, *process; /* NULL: of no run */
};

static void hook_done(void *payload, const struct hook_result *h)
{
	struct told *t = payload, **at = &t->desk->told;
	struct store_note n = { .kind = STORE_HOOK,
				.what = hook_word(h->event),
				.product = t->product,
				.serial = t->serial,
				.process = t->process,
				.run = *t->run ? t->run : NULL,
				.slot = *t->slot ? t->slot : NULL,
				.by = h->program,
				.by_how = "hook",
				.reason = *h->text ? h->text : NULL,
				.is = hook_end_word(h->end) };
	struct err err = { 0 };

	/* A record that cannot be written makes the station ill: were that told to the program
	 * that has just been told, it would never end. */
	if (h->event != HOOK_STATION_ERROR)
		desk_note(t->desk, &n, &err);
	else if (store_note(t->desk->st->store, &n, &err) < 0)
		desk_say(t->desk, FLOOR_NOTICE_BAD, n.slot, "record_not_written", "%s", err.text);
	if (h->end != HOOK_FINE && t->serial)
		desk_say(t->desk, FLOOR_NOTICE_BAD, n.slot, "hook_failed", "%s for unit %s: %s %s",
			 hook_word(h->event), t->serial, hook_end_word(h->end), h->text);
	else if (h->end != HOOK_FINE) /* what the station is ill with must stay on the screens */
		log_warning("%s: %s %s", hook_word(h->event), hook_end_word(h->end), h->text);
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	arena_free(&t->arena);
	free(t);
}

/* Start a hook; its result is recorded. r: the run that it is told of, or NULL. */
static void tell_hook(struct desk *d, enum hook_event e, const struct sbuf *json, const char *slot,
		      const struct unit_run *r)
{
	struct told *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->desk = d;
	snprintf(t->slot, sizeof(t->slot), "%s", slot ? slot : "");
	if (r) {
		memcpy(t->run, r->id, sizeof(t->run));
		t->product = arena_strdup(&t->arena, r->product);
		t->serial = arena_strdup(&t->arena, r->serial);
		t->process = arena_strdup(&t->arena, r->process);
	}
	t->next = d->told;
	d->told = t;
	if (!hooks_start(d->hooks, e, sbuf_str(json), json->len, hook_done, t))
		hook_done(t, &(struct hook_result){ e, HOOK_NO_ANSWER, -1, 0, "no program", "" });
}

void desk_hook_after(struct desk *d, const struct unit_run *r)
{
	struct sbuf json = { 0 };

	if (!hooks_wants(d->hooks, HOOK_AFTER_UNIT))
		return;
	hook_json_after(&json, r);
	tell_hook(d, HOOK_AFTER_UNIT, &json, r->slot, r);
	sbuf_release(&json);
}

void desk_ill(struct desk *d, const char *slot, const char *code, const char *message)
{
	struct sbuf json = { 0 };

	desk_say(d, FLOOR_NOTICE_BAD, slot, code, "%s", message);
	if (!d->hooks || !hooks_wants(d->hooks, HOOK_STATION_ERROR))
		return;
	hook_json_error(&json, d->st->conf->id, d->st->conf->line, slot, code, message);
	tell_hook(d, HOOK_STATION_ERROR, &json, slot, NULL);
	sbuf_release(&json);
}

int desk_note_answer(struct desk_slot *s, const char *program, enum hook_end end, const char *text,
		     struct err *err)
{
	struct store_note n = { .kind = STORE_HOOK,
				.what = hook_word(HOOK_BEFORE_UNIT),
				.product = s->unit.product,
				.serial = s->unit.serial,
				.process = s->unit.process,
				.slot = s->pic.name,
				.by = program,
				.by_how = "hook",
				.reason = *text ? text : NULL,
				.is = hook_end_word(end) };

	s->hooking = 0;
	return desk_note(s->desk, &n, err);
}

void desk_hook_dropped(struct desk_slot *s, const char *why)
{
	struct hooks *h = s->desk->hooks;
	struct err err = { 0 };

	if (!s->hooking)
		return;
	hooks_forget(h, s);
	desk_note_answer(s, hooks_program(h, HOOK_BEFORE_UNIT), HOOK_NO_ANSWER, why, &err);
}

void desk_hooks_forget(struct desk *d)
{
	for (struct told *t; (t = d->told);) {
		d->told = t->next;
		arena_free(&t->arena);
		free(t);
	}
}
