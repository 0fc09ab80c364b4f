#include "link/link_replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/sbuf.h"
#include "base/text.h"
#include "link/link.h"
#include "link/link_options.h"

/* --- the file --- */

struct replay_event {
	int64_t at_ns; /* since the channel was opened */
	char kind;     /* as in the file */
	const char *bytes;
	size_t n;
	const char *call;   /* kind '!': "read" */
	enum err_code code; /* and its code and text */
	const char *text;
	int line; /* of the file */
};

struct recording { /* one session of one channel */
	const char *path;
	struct replay_event *event;
	size_t count;
};

static int bad(struct err *err, const struct recording *r, int line, const char *what)
{
	return err_set(err, ERR_RECORDING, "%s:%d: %s", r->path, line, what);
}

/* Next word of *at, ended in place; NULL when there is none. */
static char *word(char **at)
{
	char *w = strsep(at, " ");

	return w && *w ? w : NULL;
}

static int whole(int64_t *out, const char *text)
{
	char *end;
	long long v;

	if (!text || *text < '0' || *text > '9')
		return -1;
	errno = 0;
	v = strtoll(text, &end, 10);
	*out = v;
	return *end || errno ? -1 : 0;
}

static int event_bytes(struct replay_event *e, struct arena *a, const char *rest)
{
	size_t n = rest ? strlen(rest) : 0;
	struct sbuf bytes = { 0 };
	char *copy;

	if (n < 2 || rest[0] != '"' || rest[n - 1] != '"' ||
	    text_unescape(&bytes, rest + 1, n - 2) < 0) {
		sbuf_release(&bytes);
		return -1;
	}
	copy = arena_alloc(a, bytes.len + 1);
	if (bytes.len)
		memcpy(copy, bytes.data, bytes.len);
	e->bytes = copy;
	e->n = bytes.len;
	sbuf_release(&bytes);
	return 0;
}

/* What stands behind the kind. Returns what is wrong, or NULL. */
static const char *event_rest(struct replay_event *e, struct arena *a, char *rest)
{
	const char *code;
	int64_t version;

	switch (e->kind) {
	case '<':
	case '>':
		return event_bytes(e, a, rest) < 0 ? "bytes must stand escaped in quotes" : NULL;
	case '=':
		if (whole(&version, word(&rest)) < 0 || version != RECORDING_VERSION)
			return "recording of another version";
		return NULL;
	case '!':
		e->call = word(&rest);
		code = word(&rest);
		e->text = rest ? rest : "";
		if (!e->call || !code)
			return "a failure must name the call and its code";
		e->code = err_find(code);
		return NULL;
	case 'x':
	case '~':
	case '.':
		return NULL;
	default:
		return "no such kind of event";
	}
}

struct reader {
	const char *role;
	int64_t slot, session; /* wanted; slot 0: not known yet */
	int64_t seen;          /* sessions so far */
	size_t room;
};

static int read_line(struct recording *r, struct reader *k, struct arena *a, char *line, int number,
		     struct err *err)
{
	struct replay_event e = { .line = number };
	char *slot_text, *role, *time_text, *kind;
	const char *wrong;
	int64_t slot;

	if (!*line || *line == '#')
		return 0;
	slot_text = word(&line);
	role = word(&line);
	time_text = word(&line);
	kind = word(&line);
	if (whole(&slot, slot_text) < 0 || !role || whole(&e.at_ns, time_text) < 0 || !kind ||
	    kind[1])
		return bad(err, r, number, "not a line of a recording: slot role time kind rest");
	if (strcmp(role, k->role) || (k->slot && slot != k->slot))
		return 0;
	e.kind = *kind;
	wrong = event_rest(&e, a, line);
	if (wrong)
		return bad(err, r, number, wrong);
	k->slot = slot;
	k->seen += e.kind == '=';
	if (k->seen != k->session)
		return 0;
	if (r->count == k->room) {
		size_t room = k->room ? 2 * k->room : 256;
		struct replay_event *list = arena_alloc(a, room * sizeof(*list));

		if (r->count)
			memcpy(list, r->event, r->count * sizeof(*list));
		r->event = list;
		k->room = room;
	}
	r->event[r->count++] = e;
	return 0;
}

/* Read the session (from 1) of a channel. slot 0: the slot of the first line of
 * that role. Lives in the arena. ERR_FILE; ERR_RECORDING: it is none, or
 * holds nothing of this channel. */
static int recording_load(struct recording *out, struct arena *a, const char *path,
			  const char *role, int slot, int session, struct err *err)
{
	struct recording r = { .path = arena_strdup(a, path) };
	struct reader k = { .role = role, .slot = slot, .session = session };
	char *text, *line;
	int number = 0;
	size_t len;
	int rc = file_read(&text, &len, a, path, RECORDING_MAX, err);

	if (rc < 0)
		return rc;
	if (memchr(text, '\0', len))
		return bad(err, &r, 1, "not a recording: it holds NUL bytes");
	while ((line = strsep(&text, "\n"))) {
		rc = read_line(&r, &k, a, line, ++number, err);
		if (rc < 0)
			return rc;
	}
	if (!r.count)
		return err_set(err, ERR_RECORDING,
			       "%s: nothing was recorded of channel '%s', session %d", path, role,
			       session);
	*out = r;
	return 0;
}

/* --- the link --- */

struct replay_options {
	double speed;
	int64_t slot, session;
};

#define OPTION(field) .offset = offsetof(struct replay_options, field)
static const struct param params[] = {
	{ .name = "speed",
	  .type = PARAM_NUM,
	  OPTION(speed),
	  .min = 0,
	  .max = 1000,
	  .preset = "0",
	  .help = "How fast the board answers: 1 as recorded, 0 at once." },
	{ .name = "slot",
	  .type = PARAM_INT,
	  OPTION(slot),
	  .min = 0,
	  .max = 9999,
	  .preset = "0",
	  .help = "Slot of the recording to play; 0: the first one with this channel." },
	{ .name = "session",
	  .type = PARAM_INT,
	  OPTION(session),
	  .min = 1,
	  .max = 1000000,
	  .preset = "1",
	  .help = "Which opening of the channel to play." },
	{ 0 },
};
#undef OPTION

struct link_replay {
	struct link link;
	struct arena arena;
	struct replay_options options;
	struct recording rec;
	size_t at;       /* event that is next */
	size_t done;     /* bytes of it that were said or heard */
	struct sbuf due; /* said by the board before the station's last words, unread */
	size_t due_at;
	int64_t since_ns; /* when the last event ended here */
	int64_t event_ns; /* and in the recording */
};

static const struct replay_event *next_event(struct link_replay *k)
{
	return k->at < k->rec.count ? &k->rec.event[k->at] : NULL;
}

static void passed(struct link_replay *k)
{
	k->event_ns = k->rec.event[k->at].at_ns;
	k->since_ns = clock_ns();
	k->at++;
	k->done = 0;
}

/* Pass over what asks for nothing. */
static void skip_notes(struct link_replay *k)
{
	const struct replay_event *e;

	while ((e = next_event(k)) &&
	       (strchr("=~.x", e->kind) || (e->kind != '!' && !e->n) ||
		(e->kind == '!' && strcmp(e->call, "read") && strcmp(e->call, "write"))))
		passed(k);
}

/* When the board says the event, on our clock. */
static int64_t due_ns(const struct link_replay *k, const struct replay_event *e)
{
	if (k->options.speed <= 0 || k->done)
		return 0;
	return k->since_ns + (int64_t)((double)(e->at_ns - k->event_ns) / k->options.speed);
}

static void sleep_until_ns(int64_t ns)
{
	int64_t left = ns - clock_ns();

	if (left > 0)
		nanosleep(&(struct timespec){ .tv_sec = left / 1000000000,
					      .tv_nsec = left % 1000000000 },
			  NULL);
}

/* The board waits for the station, or has said its last. */
static int silent(const struct link_replay *k, int64_t until_ms)
{
	const int64_t breath_ms = 2; /* for callers that read again until their own deadline */

	if (k->options.speed > 0 && until_ms != CLOCK_NEVER)
		sleep_until_ns(until_ms * 1000000);
	else if (clock_left_ms(until_ms) != 0)
		sleep_until_ns(clock_ns() + breath_ms * 1000000);
	return 0;
}

static int failed(struct link_replay *k, const struct replay_event *e, struct err *err)
{
	int code = e->code;

	err_set(err, e->code, "%s:%d: recorded: %s", k->rec.path, e->line, e->text);
	if (code != ERR_GONE) /* that one is for good */
		passed(k);
	return code;
}

static int give(void *out, size_t size, const char *bytes, size_t n)
{
	if (n > size)
		n = size;
	memcpy(out, bytes, n);
	return (int)n;
}

static int replay_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	struct link_replay *k = l->priv;
	const struct replay_event *e;
	int64_t due;
	int n;

	if (k->due_at < k->due.len) {
		n = give(out, size, k->due.data + k->due_at, k->due.len - k->due_at);
		k->due_at += (size_t)n;
		return n;
	}
	skip_notes(k);
	e = next_event(k);
	if (!e || e->kind == '>')
		return silent(k, until_ms);
	if (e->kind == '!')
		return strcmp(e->call, "read") ? silent(k, until_ms) : failed(k, e, err);
	due = due_ns(k, e);
	if (until_ms != CLOCK_NEVER && due > until_ms * 1000000) {
		sleep_until_ns(until_ms * 1000000);
		return 0;
	}
	sleep_until_ns(due);
	n = give(out, size, e->bytes + k->done, e->n - k->done);
	k->done += (size_t)n;
	if (k->done == e->n)
		passed(k);
	return n;
}

/* The board spoke before the station did: keep it to be read. */
static void keep_said(struct link_replay *k)
{
	const struct replay_event *e;

	if (k->due_at == k->due.len) {
		sbuf_reset(&k->due);
		k->due_at = 0;
	}
	for (skip_notes(k); (e = next_event(k)); skip_notes(k)) {
		if (e->kind == '<')
			sbuf_add(&k->due, e->bytes + k->done, e->n - k->done);
		else if (e->kind != '!' || strcmp(e->call, "read") || e->code == ERR_GONE)
			return;
		passed(k);
	}
}

static int differs(const struct link_replay *k, const struct replay_event *e, const char *said,
		   size_t n, struct err *err)
{
	struct sbuf text = { 0 };

	if (e) {
		sbuf_printf(&text, "%s:%d: the recorded station says '", k->rec.path, e->line);
		text_escape(&text, e->bytes + k->done, e->n - k->done < 60 ? e->n - k->done : 60);
	} else {
		sbuf_printf(&text, "%s: the recording ends", k->rec.path);
	}
	sbuf_puts(&text, e ? "' here, this one '" : "; the station says '");
	text_escape(&text, said, n < 60 ? n : 60);
	err_set(err, ERR_RECORDING, "%s'", sbuf_str(&text));
	sbuf_release(&text);
	return ERR_RECORDING;
}

static int replay_write(struct link *l, const void *data, size_t size, int64_t until_ms,
			struct err *err)
{
	struct link_replay *k = l->priv;
	const char *said = data;
	size_t heard = 0;

	(void)until_ms;
	while (heard < size) {
		const struct replay_event *e;
		size_t n = size - heard;

		keep_said(k);
		e = next_event(k);
		if (e && e->kind == '!')
			return failed(k, e, err);
		if (!e)
			return differs(k, NULL, said + heard, n, err);
		if (n > e->n - k->done)
			n = e->n - k->done;
		if (memcmp(said + heard, e->bytes + k->done, n))
			return differs(k, e, said + heard, size - heard, err);
		heard += n;
		k->done += n;
		if (k->done == e->n)
			passed(k);
	}
	/* a write that failed in the recording fails again */
	if (!k->done && next_event(k) && next_event(k)->kind == '!' &&
	    !strcmp(next_event(k)->call, "write"))
		return failed(k, next_event(k), err);
	return 0;
}

static int replay_drop(struct link *l, int64_t until_ms, struct err *err)
{
	struct link_replay *k = l->priv;
	const struct replay_event *e;

	(void)until_ms;
	/* Up to the recorded drop, if there is one before the station speaks; what
	 * was dropped then was not recorded. */
	for (size_t i = k->at; i < k->rec.count && k->rec.event[i].kind != '>'; i++)
		if (k->rec.event[i].kind == 'x') {
			while (k->at <= i)
				passed(k);
			break;
		}
	sbuf_reset(&k->due);
	k->due_at = 0;
	e = next_event(k);
	return e && e->kind == '!' && e->code == ERR_GONE ? failed(k, e, err) : 0;
}

static int replay_alive(struct link *l, struct err *err)
{
	struct link_replay *k = l->priv;
	const struct replay_event *e;

	skip_notes(k);
	e = next_event(k);
	return e && e->kind == '!' && e->code == ERR_GONE ? failed(k, e, err) : 0;
}

static void replay_close(struct link *l)
{
	struct link_replay *k = l->priv;

	sbuf_release(&k->due);
	arena_free(&k->arena);
	free(k);
}

static const struct link_ops ops = {
	.name = "replay",
	.read = replay_read,
	.write = replay_write,
	.drop = replay_drop,
	.alive = replay_alive,
	.close = replay_close,
};

static int replay_open(struct link **out, const char *options, const struct link_where *w,
		       struct link *inner, struct err *err)
{
	struct link_replay *k = calloc(1, sizeof(*k));
	const char *path;
	int r;

	(void)inner;
	if (!k)
		return err_set(err, ERR_IO, "out of memory");
	r = link_options(&k->options, &path, params, &k->arena, options, err);
	if (!r)
		r = recording_load(&k->rec, &k->arena, path, w->role ? w->role : "link",
				   (int)k->options.slot, (int)k->options.session, err);
	k->since_ns = clock_ns();
	k->link = (struct link){ .ops = &ops, .priv = k };
	if (r < 0)
		replay_close(&k->link);
	else
		*out = &k->link;
	return r;
}

const struct link_driver link_replay = {
	.name = "replay",
	.summary = "a recorded board: it says what it said, after what was said to it",
	.options = "FILE,speed=X,slot=N,session=N",
	.open = replay_open,
};
