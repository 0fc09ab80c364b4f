/* The desk as its front-ends see it. */
#include "floor/desk_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what is to be read --- */

/* What is to be read before a unit is tested: of the plan, where there is only one to have. */
static const char *before_a_unit(const struct desk *d)
{
	const struct shelf_plan *only = NULL;

	for (size_t i = 0; i < shelf_count(d->shelf); i++) {
		const struct shelf_plan *p = shelf_plan(d->shelf, i);

		if (p->errors || p->elsewhere)
			continue;
		if (only)
			return "";
		only = p;
	}
	return only ? only->card->instruction : "";
}

void desk_tell_before(struct desk_slot *s)
{
	const char *text = before_a_unit(s->desk);

	if (strcmp(text, s->pic.instruction) != 0)
		s->pic.instruction = arena_strdup(&s->pic.arena, text);
}

/* --- shown --- */

void desk_unseen(struct desk *d, const char *run)
{
	if (d->unseens == DESK_UNSEEN)
		memmove(d->unseen, d->unseen + 1, --d->unseens * sizeof(*d->unseen));
	snprintf(d->unseen[d->unseens++], sizeof(*d->unseen), "%s", run);
	d->status.not_shown++;
	desk_status_changed(d);
}

void desk_shown(struct desk *d, const char *run)
{
	struct unit_run r = { 0 };
	struct err err = { 0 };
	size_t i = 0;

	while (i < d->unseens && strcmp(d->unseen[i], run) != 0)
		i++;
	if (i == d->unseens)
		return;
	memcpy(r.id, d->unseen[i], sizeof(r.id));
	if (store_shown(d->st->store, &r, &err) < 0)
		return; /* it counts as not seen */
	memmove(d->unseen + i, d->unseen + i + 1, (--d->unseens - i) * sizeof(*d->unseen));
	d->status.not_shown--;
	desk_status_changed(d);
}

/* --- the server's questions --- */

static const struct floor_slot *face_slot(void *payload, size_t index)
{
	return desk_slot(payload, index);
}

static const struct floor_status *face_status(void *payload)
{
	return desk_status(payload);
}

static void face_told(void *payload, uint64_t whose, const struct floor_message *m)
{
	struct desk *d = payload;
	struct server_client *c = server_client_find(d->server, whose);

	if (c)
		server_forward(c, m);
}

/* What was there before, in pieces that end with a line where they can. */
static void tell_tail(struct server_client *to, enum floor_message_type type, size_t slot,
		      const struct sbuf *tail, const char *end)
{
	size_t most = type == FLOOR_MEASURE ? 1 : FLOOR_SCAN; /* a measurement each */
	size_t k = strlen(end);

	for (size_t at = 0, n; at < tail->len; at += n) {
		const char *from = tail->data + at, *next = from, *cut;
		struct floor_message m = { .type = type, .index = (int64_t)slot, .text = from };

		n = 0;
		while ((cut = strstr(next, end)) && (!n || cut + k <= from + most)) {
			n = (size_t)(cut - from) + k;
			next = cut + k;
		}
		if (!n || n > FLOOR_SCAN)
			n = tail->len - at < FLOOR_SCAN ? tail->len - at : FLOOR_SCAN;
		m.len = type == FLOOR_MEASURE && !strncmp(from + n - k, end, k) ? n - k : n;
		server_forward(to, &m);
	}
}

static void watch(struct desk *d, struct server_client *from, const struct floor_command *c,
		  struct desk_outcome *o)
{
	int slot = desk_find(d, c->slot);

	server_watch(from, slot);
	desk_out(o, c->slot && slot < 0 ? FLOOR_NOTICE_NO : FLOOR_NOTICE_INFO, "watch",
		 c->slot && slot < 0 ? "there is no such slot" : "");
	if (slot < 0)
		return;
	tell_tail(from, FLOOR_CONSOLE, (size_t)slot, &d->slot[slot].console, "\\n");
	tell_tail(from, FLOOR_MEASURE, (size_t)slot, &d->slot[slot].measures, "\n");
}

static void face_command(void *payload, struct server_client *from, const struct floor_command *c)
{
	struct desk *d = payload;
	struct desk_outcome o = { .code = "" };
	struct floor_reply r = { 0 };
	struct err err = { 0 };

	if (c->what == FLOOR_DO_WATCH) {
		watch(d, from, c, &o);
	} else if (queries_takes(c->what)) {
		if (queries_ask(d->queries, c, face_told, d, server_client_number(from), &err) == 0)
			return;
		desk_out(&o, FLOOR_NOTICE_NO, "busy", "%s", err.text);
	} else {
		desk_do(d, c, &o);
	}
	if (o.reply)
		r = *o.reply;
	r.id = c->id;
	r.ok = o.kind == FLOOR_NOTICE_INFO || o.kind == FLOOR_NOTICE_ASK;
	r.text = o.text;
	r.code = o.code;
	server_reply(from, &r);
	arena_free(&r.arena);
	free(o.reply);
}

static void face_shown(void *payload, const char *run)
{
	desk_shown(payload, run);
}

int desk_serve(struct desk *d, const char *path, struct err *err)
{
	static const struct server_ops ops = {
		.slot = face_slot,
		.status = face_status,
		.command = face_command,
		.shown = face_shown,
	};

	return server_open(&d->server, d->st->loop, path, d->names, d->slots, &ops, d, err);
}

void desk_look(struct desk *d)
{
	server_look(d->server);
}
