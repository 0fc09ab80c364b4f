#include "ui/entry.h"

#include "base/text.h"
#include "ui/input.h"

#define MS INT64_C(1000000)

enum { FAST_LEAST = 4 /* fingers do not press so many keys at once */ };

void entry_drop(struct entry *e)
{
	sbuf_reset(&e->line);
	e->run = e->first_run = e->longest = 0;
	e->later = e->ended = e->two = e->lost = e->leave = e->torn = 0;
}

void entry_release(struct entry *e)
{
	sbuf_release(&e->line);
}

static void end_line(struct entry *e)
{
	int mixed = e->torn || (e->tty && e->first_run == 1 && e->longest >= FAST_LEAST);
	enum entry_what what = e->two    ? ENTRY_TWO
			       : e->lost ? ENTRY_LONG
			       : mixed   ? ENTRY_MIXED
					 : ENTRY_LINE;
	struct sbuf line = e->line; /* hear() may take long, and then more comes */

	e->line = (struct sbuf){ 0 };
	entry_drop(e);
	e->hear(e->payload, what, sbuf_str(&line), line.len);
	sbuf_release(&line);
}

/* The character that the line ends in now, if it can be shown and is whole. */
static void echo(struct entry *e)
{
	const char *s = e->line.data;
	size_t at = e->line.len - 1;
	int n;

	while (at && e->line.len - at < 4 && (s[at] & 0xc0) == 0x80)
		at--;
	n = text_utf8_len(s + at, e->line.len - at);
	if (n > 0 && (size_t)n == e->line.len - at && (unsigned char)s[at] >= 0x20 &&
	    s[at] != 0x7f && !(s[at] == '\xc2' && (unsigned char)s[at + 1] < 0xa0))
		e->hear(e->payload, ENTRY_ECHO, s + at, (size_t)n);
}

static void rub_out(struct entry *e)
{
	struct sbuf *b = &e->line;

	if (!b->len)
		return;
	while (b->len > 1 && (b->data[b->len - 1] & 0xc0) == 0x80)
		b->len--;
	b->data[--b->len] = '\0';
	if (!b->len)
		e->first_run = e->longest = e->torn = 0;
	e->later = b->len > 0;
	e->hear(e->payload, ENTRY_ECHO, "\b \b", 3);
}

static void add(struct entry *e, char c)
{
	if (e->line.len + 1 >= e->most) {
		e->lost = 1;
		return;
	}
	sbuf_putc(&e->line, c);
	if (e->tty)
		echo(e);
}

static void from_pipe(struct entry *e, char c)
{
	if (c != '\n') {
		add(e, c);
		return;
	}
	if (e->line.len && e->line.data[e->line.len - 1] == '\r')
		e->line.data[--e->line.len] = '\0';
	end_line(e);
}

static void from_terminal(struct entry *e, char c, int64_t now_ns)
{
	int64_t last_ns = e->last_ns;
	int fast = now_ns - last_ns < INPUT_GAP_MS * MS;
	size_t run;

	if (e->ended && !fast)
		end_line(e);
	e->last_ns = now_ns;
	if (e->ended) {
		if (e->end == '\r' && c == '\n')
			;                                         /* the second half of the end */
		else if (e->line.len || (c != '\r' && c != '\n')) /* else Enter is held */
			e->two = 1;
		e->end = c;
		return;
	}
	run = e->run;
	e->run = fast ? e->run + 1 : 1;
	if ((c == '\b' || c == 0x7f) && !fast) {
		/* No finger is there so soon: it may be a label's that a busy machine held up. */
		e->torn |= run >= FAST_LEAST && now_ns - last_ns < INPUT_HOLD_MS * MS;
		rub_out(e);
		return;
	}
	if (e->run > e->longest)
		e->longest = e->run;
	e->leave = (c == 0x03 || c == 0x04) && !fast;
	if (c == '\r' || c == '\n') {
		e->ended = 1;
		e->end = c;
		e->hear(e->payload, ENTRY_ECHO, "\n", 1);
		return;
	}
	e->later |= !fast && e->line.len;
	if (!e->later)
		e->first_run = e->run;
	add(e, c);
}

void entry_feed(struct entry *e, const char *bytes, size_t n, int64_t now_ns)
{
	for (size_t i = 0; i < n; i++)
		if (e->tty)
			from_terminal(e, bytes[i], now_ns);
		else
			from_pipe(e, bytes[i]);
}

int64_t entry_due(const struct entry *e)
{
	return e->ended   ? e->last_ns + INPUT_GAP_MS * MS
	       : e->leave ? e->last_ns + INPUT_HOLD_MS * MS
			  : INT64_MAX;
}

void entry_tick(struct entry *e, int64_t now_ns)
{
	if (now_ns < entry_due(e))
		return;
	if (e->ended) {
		end_line(e);
	} else {
		entry_drop(e);
		e->hear(e->payload, ENTRY_LEAVE, "", 0);
	}
}
