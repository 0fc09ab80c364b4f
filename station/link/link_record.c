/*
 * link_record -- wraps another link and writes every byte that passes, with its
 * time, so that link_replay can play the board later.
 *
 * A recording is text, one event per line; lines that begin with '#' and blank
 * lines say nothing. Several channels, slots and processes may write to one
 * file, since each line is appended by one write(). Fields, split by one blank:
 *
 *	slot role time kind rest
 *
 *	slot   number of the slot, 0 when there is none
 *	role   name of the channel
 *	time   nanoseconds since this channel was opened, on the monotonic clock
 *	kind   rest
 *	=      opened: version of this format, wall time (UTC) in ms since 1970
 *	<      "bytes" from the board, escaped as text_escape() does
 *	>      "bytes" to the board, when they were handed over
 *	x      dropped: what had come and was on its way was thrown away
 *	~      tuned: baud, format, flow, latency in ms, event character or -1
 *	!      failed: read, write, drop, tune or alive, error code, text
 *	.      closed
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/sbuf.h"
#include "base/text.h"
#include "link/link.h"
#include "link/link_replay.h"

struct link_record {
	struct link link, *inner;
	int fd, slot;
	char *role;
	int64_t opened_ns;
	struct sbuf line; /* reused */
};

/* A recording with a gap would replay as another board: failing to write is an
 * error of the run. */
static int put(struct link_record *k, struct err *err)
{
	sbuf_putc(&k->line, '\n');
	if (write_all(k->fd, k->line.data, k->line.len) < 0)
		return err_set(err, ERR_FILE, "recording: %s", strerror(errno));
	return 0;
}

static void begin(struct link_record *k, char kind)
{
	sbuf_reset(&k->line);
	sbuf_printf(&k->line, "%d %s %lld %c", k->slot, k->role,
		    (long long)(clock_ns() - k->opened_ns), kind);
}

static int put_bytes(struct link_record *k, char kind, const void *bytes, size_t n, struct err *err)
{
	begin(k, kind);
	sbuf_puts(&k->line, " \"");
	text_escape(&k->line, bytes, n);
	sbuf_putc(&k->line, '"');
	return put(k, err);
}

/* Note a failure of the inner link and pass it on. */
static int put_failure(struct link_record *k, const char *call, const struct err *err)
{
	struct err ignored = { 0 }; /* the first failure is the one to tell */

	begin(k, '!');
	sbuf_printf(&k->line, " %s %s ", call, err_name(err->code));
	text_escape(&k->line, err->text, strlen(err->text));
	put(k, &ignored);
	return err->code;
}

static int record_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	struct link_record *k = l->priv;
	int n = link_read(out, size, k->inner, until_ms, err);
	int r;

	if (n < 0)
		return put_failure(k, "read", err);
	if (n == 0)
		return 0;
	r = put_bytes(k, '<', out, (size_t)n, err);
	return r < 0 ? r : n;
}

static int record_write(struct link *l, const void *data, size_t size, int64_t until_ms,
			struct err *err)
{
	struct link_record *k = l->priv;
	int r = put_bytes(k, '>', data, size, err);

	if (r < 0)
		return r;
	r = link_write(k->inner, data, size, until_ms, err);
	return r < 0 ? put_failure(k, "write", err) : 0;
}

static int record_drop(struct link *l, int64_t until_ms, struct err *err)
{
	struct link_record *k = l->priv;

	if (link_drop(k->inner, until_ms, err) < 0)
		return put_failure(k, "drop", err);
	begin(k, 'x');
	return put(k, err);
}

static int record_tune(struct link *l, const struct link_line *line, int latency_ms, int event_char,
		       int64_t until_ms, struct err *err)
{
	struct link_record *k = l->priv;

	if (link_tune(k->inner, line, latency_ms, event_char, until_ms, err) < 0)
		return put_failure(k, "tune", err);
	begin(k, '~');
	sbuf_printf(&k->line, " %lld %d%c%d %s %d %d", (long long)line->baud, line->bits,
		    line->parity, line->stop, line->rtscts ? "rtscts" : "none", latency_ms,
		    event_char);
	return put(k, err);
}

/* A hint that changes no byte: a playback does not need it. */
static int record_event(struct link *l, int event_char, struct err *err)
{
	struct link_record *k = l->priv;

	return link_event(k->inner, event_char, err) < 0 ? put_failure(k, "event", err) : 0;
}

static int record_alive(struct link *l, struct err *err)
{
	struct link_record *k = l->priv;

	return link_alive(k->inner, err) < 0 ? put_failure(k, "alive", err) : 0;
}

static void record_free(struct link_record *k)
{
	if (k->fd >= 0)
		close(k->fd);
	sbuf_release(&k->line);
	free(k->role);
	free(k);
}

static void record_close(struct link *l)
{
	struct link_record *k = l->priv;
	struct err ignored = { 0 };

	begin(k, '.');
	put(k, &ignored);
	link_close(k->inner);
	record_free(k);
}

static const struct link_ops ops = {
	.name = "record",
	.read = record_read,
	.write = record_write,
	.drop = record_drop,
	.tune = record_tune,
	.event = record_event,
	.alive = record_alive,
	.close = record_close,
};

static int record_open(struct link **out, const char *options, const struct link_where *w,
		       struct link *inner, struct err *err)
{
	struct link_record *k = calloc(1, sizeof(*k));
	int r;

	if (!k || !(k->role = strdup(w->role ? w->role : "link"))) {
		free(k);
		return err_set(err, ERR_IO, "out of memory");
	}
	k->slot = w->slot;
	k->fd = open(options, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (!*options)
		r = err_set(err, ERR_PLAN, "link 'record' needs a file");
	else if (k->fd < 0)
		r = err_set(err, ERR_FILE, "recording '%s': %s", options, strerror(errno));
	else {
		k->opened_ns = clock_ns();
		begin(k, '=');
		sbuf_printf(&k->line, " %d %lld", RECORDING_VERSION, (long long)clock_wall_ms());
		r = put(k, err);
	}
	if (r < 0) {
		record_free(k);
		return r;
	}
	k->inner = inner;
	k->link = (struct link){ .ops = &ops, .priv = k };
	*out = &k->link;
	return 0;
}

const struct link_driver link_record = {
	.name = "record",
	.summary = "wraps another link and writes every byte with its time to a file",
	.options = "FILE",
	.open = record_open,
	.wraps = 1,
};
