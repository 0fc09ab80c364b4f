#include "board/console_talk.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum {
	CHUNK = 4096,
	NUDGE_MS = 1500,  /* between two attempts to get a prompt */
	QUIET_MS = 60,    /* is more on its way behind what looks like the end? */
	LOGIN_MS = 10000, /* a name or password is being looked at: no line end of ours */
	WRITE_MS = 5000,
	BREAKS = 8, /* a power-up gives one or two; more are text at another rate */
};

static const struct console_profile *profile(const struct board *b)
{
	return b->profile;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static const char *newline(const struct board *b)
{
	const char *n = profile(b)->newline;

	return !n || !strcmp(n, "lf") ? "\n" : !strcmp(n, "cr") ? "\r" : "\r\n";
}

/* UARTs give NULs while a board powers up: counted, and otherwise passed over. */
static void hear(struct console_talk *t, const char *part, int n)
{
	for (int i = 0; i < n; i++)
		if (part[i])
			sbuf_putc(&t->said, part[i]);
		else
			t->nuls++;
}

/* The last line of what was said, escaped and short, for a message. */
static const char *last_line(char out[80], const struct sbuf *said)
{
	const char *s = sbuf_str(said);
	size_t end = said->len, from;
	struct sbuf text = { 0 };

	while (end && strchr("\r\n ", s[end - 1]))
		end--;
	for (from = end; from && s[from - 1] != '\n' && s[from - 1] != '\r'; from--)
		;
	text_escape(&text, s + from, end - from);
	if (text.len > 76) {
		memcpy(out, sbuf_str(&text), 76);
		memcpy(out + 76, "...", 4);
	} else {
		memcpy(out, sbuf_str(&text), text.len + 1);
	}
	sbuf_release(&text);
	return out;
}

static int costly(const struct match *m, struct err *err)
{
	return err_set(err, ERR_COSTLY, "pattern %s costs too much on what the unit said",
		       match_text(m));
}

/* The unfinished last line is the prompt: 1, 0, or a negative code. */
static int at_prompt(const struct board *b, const struct sbuf *said, struct err *err)
{
	const struct match *prompt = profile(b)->prompt;
	struct match_found found;
	const char *s = sbuf_str(said);
	size_t from = said->len;

	if (!prompt)
		return 0;
	while (from && s[from - 1] != '\n' && s[from - 1] != '\r')
		from--;
	if (from == said->len)
		return 0;
	switch (match_whole(&found, prompt, s + from, said->len - from)) {
	case MATCH_COSTLY:
		return costly(prompt, err);
	case MATCH_YES:
		return 1;
	default:
		return 0;
	}
}

/* Search m in the finished lines (or in all, at the end): 1, 0, negative. */
static int search(struct match_found *found, const struct match *m, const struct sbuf *said,
		  size_t from, int whole, struct err *err)
{
	const char *s = sbuf_str(said);
	size_t n = said->len;

	if (!m)
		return 0;
	while (!whole && n > from && s[n - 1] != '\n' && s[n - 1] != '\r')
		n--;
	if (n <= from)
		return 0;
	switch (match_whole_from(found, m, s, n, from)) {
	case MATCH_COSTLY:
		return costly(m, err);
	case MATCH_YES:
		return 1;
	default:
		return 0;
	}
}

static void value_of(size_t *from, size_t *to, const struct match_found *f)
{
	int g = f->groups > 1 && f->group[1].from <= f->group[1].to ? 1 : 0;

	*from = f->group[g].from;
	*to = f->group[g].to;
}

static const char *excerpt(char out[80], const struct sbuf *said, size_t from, size_t to)
{
	struct sbuf part = { 0 };

	sbuf_add(&part, sbuf_str(said) + from, to - from);
	last_line(out, &part);
	sbuf_release(&part);
	return out;
}

/* Two answers to one question, and they differ: nobody knows which is true. */
static int ambiguous(const struct sbuf *said, const struct match *m, const struct match_found *f,
		     struct err *err)
{
	struct match_found more;
	size_t from, to, from2, to2, next = f->group[0].to;
	char a[80], b[80];
	int r;

	value_of(&from, &to, f);
	if (next <= f->group[0].from)
		return 0;
	r = search(&more, m, said, next, 1, err);
	if (r <= 0)
		return r;
	value_of(&from2, &to2, &more);
	if (to - from == to2 - from2 &&
	    !memcmp(sbuf_str(said) + from, sbuf_str(said) + from2, to - from))
		return 0;
	return err_set(err, ERR_PROTO, "two answers: '%s' and '%s'", excerpt(a, said, from, to),
		       excerpt(b, said, from2, to2));
}

static int timed_out(struct board *b, const struct console_talk *t, const struct console_wait *w,
		     struct err *err)
{
	char last[80];

	if (link_alive(b->links[ROLE_CONSOLE], err) < 0)
		return err->code;
	if (!t->said.len && t->nuls >= BREAKS)
		return err_set(err, ERR_LINE,
			       "only breaks come: the line's rate or its wiring is wrong");
	if (strspn(sbuf_str(&t->said), "\r\n") == t->said.len)
		return err_set(err, ERR_TIMEOUT, "no answer in time");
	if (w->match)
		return err_set(err, ERR_PROTO, "no answer like %s in time, last was '%s'",
			       match_text(w->match), last_line(last, &t->said));
	return err_set(err, ERR_PROTO, "no prompt in time, last was '%s'",
		       last_line(last, &t->said));
}

static void hear_progress(struct console_talk *t, const struct console_wait *w, size_t *seen)
{
	struct match_found f;
	struct err err = { 0 };
	size_t from, to;
	int percent = 0;

	while (w->progress && search(&f, w->progress, &t->said, *seen, 0, &err) > 0) {
		value_of(&from, &to, &f);
		*seen = f.group[0].to > *seen ? f.group[0].to : *seen + 1;
		percent = 0;
		for (size_t i = from; i < to && i < from + 3; i++) {
			char c = sbuf_str(&t->said)[i];

			if (c < '0' || c > '9')
				break; /* "7.5" */
			percent = percent * 10 + (c - '0');
		}
		if (w->tell && percent <= 100)
			w->tell(w->payload, percent / 100.0, "");
	}
}

/* How it stands with what has been said: bytes keep coming, nothing came for
 * QUIET_MS, or the deadline is there. */
enum pause { PAUSE_NONE, PAUSE_QUIET, PAUSE_ENDED };

static size_t before_prompt(const struct sbuf *said)
{
	size_t n = said->len;

	while (n && !strchr("\r\n", said->data[n - 1]))
		n--;
	return n;
}

static int no_answer(const struct sbuf *said, const struct console_wait *w, struct err *err)
{
	char last[80];

	return err_set(err, ERR_PROTO, "no answer like %s, the unit said '%s'",
		       match_text(w->match), excerpt(last, said, 0, before_prompt(said)));
}

/* Something that ends the wait whatever is waited for: 0, or a negative code. */
static int interrupted(struct board *b, const struct console_wait *w, struct err *err)
{
	struct console_talk *t = b->state;
	struct match_found f;
	size_t from, to;
	char why[80];
	int r;

	if (!w->restarts) {
		r = search(&f, profile(b)->restarted, &t->said, 0, 0, err);
		if (r)
			return r < 0 ? r
				     : err_set(err, ERR_PROTO, "the unit started anew by itself");
	}
	r = search(&f, w->refused, &t->said, 0, 0, err);
	if (r <= 0)
		return r;
	value_of(&from, &to, &f);
	return err_set(err, ERR_REFUSED, "the unit says: %s", excerpt(why, &t->said, from, to));
}

/* Is w satisfied by what has been said? 1, 0, or a negative code. What looks like
 * a prompt may be the beginning of a line, so where it alone decides nothing may
 * follow it for a moment. */
static int satisfied(size_t *from, size_t *to, struct board *b, const struct console_wait *w,
		     enum pause pause, struct err *err)
{
	int whole = pause == PAUSE_ENDED || (pause == PAUSE_QUIET && w->unfinished);
	struct console_talk *t = b->state;
	struct match_found f;
	int r = interrupted(b, w, err), prompt;

	if (r < 0)
		return r;
	prompt = at_prompt(b, &t->said, err);
	if (prompt < 0)
		return prompt;
	if (!w->match) {
		/* Neither the end of the echo's line nor the prompt is part of it. */
		*to = before_prompt(&t->said);
		*from = strspn(sbuf_str(&t->said), "\r\n");
		*from = *from < *to ? *from : *to;
		return prompt && pause != PAUSE_NONE;
	}
	if (w->and_prompt && !prompt)
		return 0;
	r = search(&f, w->match, &t->said, 0, whole || prompt, err);
	if (r < 0)
		return r;
	if (!r)
		return w->and_prompt && pause != PAUSE_NONE ? no_answer(&t->said, w, err) : 0;
	value_of(from, to, &f);
	r = w->and_prompt ? ambiguous(&t->said, w->match, &f, err) : 0;
	return r < 0 ? r : 1;
}

static int await(size_t *from, size_t *to, struct board *b, const struct console_wait *w,
		 int64_t until_ms, struct err *err)
{
	struct console_talk *t = b->state;
	struct link *l = b->links[ROLE_CONSOLE];
	enum pause pause = PAUSE_NONE;
	size_t seen = 0;
	char part[CHUNK];

	for (;;) {
		int64_t read_ms = until_ms;
		int r;

		hear_progress(t, w, &seen);
		r = satisfied(from, to, b, w, pause, err);
		if (r)
			return r < 0 ? r : 0;
		if (pause == PAUSE_ENDED)
			return timed_out(b, t, w, err);
		if (pause == PAUSE_NONE)
			read_ms = sooner(until_ms, clock_ms() + QUIET_MS);
		r = link_read(part, sizeof(part), l, read_ms, err);
		if (r < 0)
			return r;
		if (r == 0) {
			pause = read_ms < until_ms ? PAUSE_QUIET : PAUSE_ENDED;
			continue;
		}
		pause = clock_ms() < until_ms ? PAUSE_NONE : PAUSE_ENDED;
		hear(t, part, r);
		if (t->said.len > CONSOLE_WINDOW)
			return err_set(err, ERR_PROTO,
				       "the unit said more than %d bytes and no end",
				       CONSOLE_WINDOW);
	}
}

int console_await(size_t *from, size_t *to, struct board *b, const struct console_wait *w,
		  int64_t until_ms, struct err *err)
{
	int r = await(from, to, b, w, until_ms, err);

	/* Whatever is still said must not be taken for the next answer. */
	if (r < 0)
		((struct console_talk *)b->state)->foreground = 1;
	return r;
}

/* Drop the echo of what was typed, when it comes back as the whole first line. */
static int skip_echo(struct board *b, const char *text, int64_t until_ms, struct err *err)
{
	struct console_talk *t = b->state;
	struct link *l = b->links[ROLE_CONSOLE];
	size_t n = strlen(text), skip;
	char part[CHUNK];

	if (!n)
		return 0;
	while (t->said.len <= n) { /* the end of its line belongs to the echo */
		int r = link_read(part, sizeof(part), l, until_ms, err);

		if (r < 0)
			return r;
		if (r == 0)
			return 0; /* console_await() says what is missing */
		hear(t, part, r);
		if (memcmp(sbuf_str(&t->said), text, t->said.len < n ? t->said.len : n))
			return 0; /* no echo: an answer already */
	}
	/* "temp: 21" is the answer of a board without echo to "temp". */
	if (!strchr("\r\n", t->said.data[n]))
		return 0;
	skip = n + 1;
	while (skip < t->said.len && strchr("\r\n", t->said.data[skip]))
		skip++;
	memmove(t->said.data, t->said.data + skip, t->said.len - skip + 1);
	t->said.len -= skip;
	return 0;
}

int console_type(struct board *b, const char *text, int64_t until_ms, struct err *err)
{
	struct console_talk *t = b->state;
	struct link *l = b->links[ROLE_CONSOLE];
	struct sbuf line = { 0 };
	int64_t write_ms;
	int r;

	if (t->foreground) {
		r = console_ready(b, until_ms, err);
		if (r < 0)
			return r;
	}
	write_ms = sooner(until_ms, clock_ms() + WRITE_MS);
	r = link_drop(l, write_ms, err);
	sbuf_reset(&t->said);
	t->nuls = 0;
	sbuf_puts(&line, text);
	sbuf_puts(&line, newline(b));
	if (r >= 0)
		r = link_write(l, sbuf_str(&line), line.len, write_ms, err);
	sbuf_release(&line);
	if (r >= 0)
		r = skip_echo(b, text, sooner(until_ms, clock_ms() + WRITE_MS), err);
	return r;
}

/* What a login prompt at the end of what was said is answered with, or NULL. */
static const char *login_answer(const struct board *b, const struct sbuf *said)
{
	const struct console_profile *p = profile(b);
	const struct {
		const struct match *ask;
		const char *answer;
	} row[] = { { p->login_prompt, p->login }, { p->password_prompt, p->password } };
	size_t from = before_prompt(said);
	struct match_found f;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (row[i].ask && row[i].answer &&
		    match_whole(&f, row[i].ask, sbuf_str(said) + from, said->len - from) ==
			    MATCH_YES)
			return row[i].answer;
	return NULL;
}

static int put_line(struct board *b, const char *text, int64_t until_ms, struct err *err)
{
	struct link *l = b->links[ROLE_CONSOLE];

	if (link_puts(l, text, until_ms, err) < 0 || link_puts(l, newline(b), until_ms, err) < 0)
		return err->code;
	return 0;
}

/* On the way to the prompt. */
struct walk {
	int64_t nudge_ms;   /* when the next line end is typed unasked */
	int nudges;         /* so far */
	struct err damaged; /* on the line, and nothing clean has followed it */
};

/* Wait for the next bytes. A board that talked before it was
 * listened to may have damaged the line: what counts is whether clean text follows. */
static int listen_on(struct board *b, struct walk *k, int64_t until_ms, struct err *err)
{
	struct console_talk *t = b->state;
	char part[CHUNK];
	int r = link_read(part, sizeof(part), b->links[ROLE_CONSOLE], until_ms, err);

	if (r == ERR_LINE) {
		k->damaged = *err;
		sbuf_reset(&t->said);
		return 1;
	}
	if (r <= 0)
		return r;
	hear(t, part, r);
	if (t->said.len > CONSOLE_WINDOW) {
		memmove(t->said.data, t->said.data + t->said.len - CHUNK, CHUNK + 1);
		t->said.len = CHUNK;
	}
	if (t->said.len)
		k->damaged.code = ERR_OK;
	return r;
}

/* One more step on the way: 1 there, 0 go on, or a negative code. */
static int step_on(struct board *b, struct walk *k, int64_t until_ms, struct err *err)
{
	struct console_talk *t = b->state;
	int64_t now = clock_ms();
	int prompt = at_prompt(b, &t->said, err), r;
	const char *answer;

	if (prompt < 0)
		return prompt;
	if (!prompt && now >= until_ms && k->damaged.code)
		return err_set(err, k->damaged.code, "%s", k->damaged.text);
	if (!prompt && now >= until_ms)
		return timed_out(b, t, &(struct console_wait){ 0 }, err);
	answer = login_answer(b, &t->said);
	if (prompt || answer) {
		/* In the middle of old output it is not the last one, and "Last login: " is
		 * none: nothing may follow. */
		r = listen_on(b, k, now + QUIET_MS, err);
		if (r > 0 && now >= until_ms && !k->damaged.code)
			return err_set(err, ERR_PROTO,
				       "the unit goes on talking, and prompts all the time");
		if (r || prompt)
			return r < 0 ? r : !r;
		sbuf_reset(&t->said);
		*k = (struct walk){ .nudge_ms = clock_ms() + LOGIN_MS };
		return put_line(b, answer, until_ms, err);
	}
	if (now < k->nudge_ms) {
		r = listen_on(b, k, sooner(k->nudge_ms, until_ms), err);
		return r < 0 ? r : 0;
	}
	/* A bare line end first; ^C for a command that holds the line. What came before
	 * goes: without echo the prompts stand side by side. */
	sbuf_reset(&t->said);
	k->nudge_ms = now + NUDGE_MS;
	return put_line(b, k->nudges++ ? "\003" : "", until_ms, err);
}

int console_ready(struct board *b, int64_t until_ms, struct err *err)
{
	struct console_talk *t = b->state;
	struct walk k = { .nudge_ms = t->foreground ? clock_ms() + QUIET_MS : 0 };
	int r = 0;

	sbuf_reset(&t->said);
	t->nuls = 0;
	if (!profile(b)->prompt)
		r = link_drop(b->links[ROLE_CONSOLE], until_ms, err);
	while (!r && profile(b)->prompt)
		r = step_on(b, &k, until_ms, err);
	t->foreground = r < 0;
	return r < 0 ? r : 0;
}
