#include "link/link_memory.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/sbuf.h"
#include "base/text.h"

/* Damage on the line is told once; what else fails a link fails it for good. */
static int failure(struct link_memory *m, struct err *err)
{
	enum err_code code = m->then;

	if (code == ERR_LINE)
		m->then = ERR_OK;
	return err_set(err, code, "memory link: %s", err_what(code));
}

/* Has what is said come by until_ms? The clock moves to when it came, or to until_ms. */
static int has_come(struct link_memory *m, int64_t until_ms)
{
	int speaks = m->rest_len || m->then;
	int64_t due = speaks && m->due_ms < until_ms ? m->due_ms : until_ms;

	if (!m->waits)
		return 1;
	if (speaks && m->due_ms <= clock_ms())
		return 1;
	if (due > clock_ms())
		clock_freeze_ms(due);
	return speaks && m->due_ms <= clock_ms();
}

static int too_late(const struct link_memory *m, int64_t until_ms, struct err *err)
{
	if (!m->waits || clock_ms() < until_ms)
		return 0;
	return err_set(err, ERR_TIMEOUT, "memory link: used after its deadline");
}

static int memory_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	struct link_memory *m = l->priv;
	size_t n = m->rest_len < size ? m->rest_len : size;

	if (!has_come(m, until_ms))
		return 0;
	if (m->chunk && n > m->chunk)
		n = m->chunk;
	if (!n && size && m->then)
		return failure(m, err);
	if (n)
		memcpy(out, m->rest, n);
	m->rest += n;
	m->rest_len -= n;
	return (int)n;
}

static int memory_write(struct link *l, const void *data, size_t size, int64_t until_ms,
			struct err *err)
{
	struct link_memory *m = l->priv;
	const struct memory_turn *t = m->turn;
	size_t len = t->hear ? t->hear_len ? t->hear_len : strlen(t->hear) : 0;
	struct sbuf text = { 0 };

	if (too_late(m, until_ms, err) < 0)
		return err->code;
	if (t->hear && len == size && !memcmp(t->hear, data, size)) {
		m->turn++;
		if (t->fail)
			return err_set(err, t->fail, "memory link: %s", err_what(t->fail));
		m->rest = t->say ? t->say : "";
		m->rest_len = t->say_len ? t->say_len : strlen(m->rest);
		m->then = t->then;
		m->due_ms = clock_ms() + t->delay_ms;
		return 0;
	}
	sbuf_puts(&text, "script has '");
	if (t->hear)
		text_escape(&text, t->hear, len);
	else
		sbuf_puts(&text, "its end");
	sbuf_puts(&text, "', heard '");
	text_escape(&text, data, size);
	err_set(err, ERR_IO, "%s'", sbuf_str(&text));
	sbuf_release(&text);
	return ERR_IO;
}

static int memory_drop(struct link *l, int64_t until_ms, struct err *err)
{
	struct link_memory *m = l->priv;

	m->drops++;
	if (too_late(m, until_ms, err) < 0)
		return err->code;
	if (m->waits && m->due_ms > clock_ms())
		return 0; /* what is said later is not on its way yet */
	m->rest += m->rest_len;
	m->rest_len = 0;
	if (m->then == ERR_LINE) /* the damaged bytes are dropped too */
		m->then = ERR_OK;
	return m->then ? failure(m, err) : 0;
}

static int memory_tune(struct link *l, const struct link_line *line, int latency_ms, int event_char,
		       int64_t until_ms, struct err *err)
{
	struct link_memory *m = l->priv;

	(void)latency_ms;
	(void)event_char;
	(void)until_ms;
	(void)err;
	m->tunes++;
	m->line = *line;
	return 0;
}

static int memory_event(struct link *l, int event_char, struct err *err)
{
	struct link_memory *m = l->priv;
	size_t n = strlen(m->events);

	(void)err;
	snprintf(m->events + n, sizeof(m->events) - n, "%02x ", (unsigned)event_char & 0xff);
	return 0;
}

static int memory_alive(struct link *l, struct err *err)
{
	struct link_memory *m = l->priv;

	return m->then == ERR_GONE && !m->rest_len ? failure(m, err) : 0;
}

static void memory_close(struct link *l)
{
	l->ops = NULL;
}

static const struct link_ops ops = {
	.name = "memory",
	.read = memory_read,
	.write = memory_write,
	.drop = memory_drop,
	.tune = memory_tune,
	.event = memory_event,
	.alive = memory_alive,
	.close = memory_close,
};

void link_memory_init(struct link_memory *m, const struct memory_turn *turns)
{
	*m = (struct link_memory){ .turn = turns, .rest = "" };
	m->link = (struct link){ .ops = &ops, .priv = m };
}

void link_memory_say(struct link_memory *m, const void *bytes, size_t n)
{
	assert(!m->rest_len);
	m->rest = bytes;
	m->rest_len = n;
	m->due_ms = 0;
}

int link_memory_done(const struct link_memory *m)
{
	return !m->turn->hear && !m->rest_len;
}
