#include "cli/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "reports/facts.h"

enum {
	SLOTS_MAX = 64,
	DRAW_MS = 100,  /* on a terminal */
	TELL_MS = 5000, /* in a pipe: a line for a slot at which nothing else happened */
	BAR = 20,
};

struct row {
	int used, done, interrupted;
	char slot[72], unit[72], step[72], what[96];
	size_t at, steps;
	int64_t started_ms, told_ms, ended_ms;
	double step_done; /* 0..1, or below 0 */
	struct arena arena;
	enum verdict verdict;
	enum err_blame blame;
	int marginal, retried, not_recorded;
	uint64_t asked; /* order of its open question, 0: none */
	struct sbuf question;
	const char *cause, *todo, *report; /* todo: the plan's instruction, or NULL */
};

struct progress {
	struct out *out, *err;
	int tty, drawn, changed, width;
	uint64_t questions; /* asked so far */
	int64_t next_ms;
	struct row row[SLOTS_MAX];
	size_t rows;
	int64_t *expected; /* of each step in ms, -1 unknown */
	size_t steps;
	const struct plan *plan;
	int64_t total_ms; /* -1: unknown */
	struct sbuf late; /* lines to print above the block */
};

struct progress *progress_new(struct out *out, struct out *err)
{
	struct progress *p = calloc(1, sizeof(*p));
	int fd = out ? out_fd(out) : -1;
	struct winsize w;

	if (!p)
		abort();
	p->out = out;
	p->err = err;
	p->tty = fd >= 0 && isatty(fd) && getenv("TERM") && strcmp(getenv("TERM"), "dumb");
	p->width = 80;
	if (p->tty && !ioctl(fd, TIOCGWINSZ, &w) && w.ws_col > 40)
		p->width = w.ws_col;
	p->total_ms = -1;
	return p;
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->rows; i++) {
		arena_free(&p->row[i].arena);
		sbuf_release(&p->row[i].question);
	}
	sbuf_release(&p->late);
	free(p->expected);
	free(p);
}

static void put_late(struct progress *p)
{
	out_put(p->out, sbuf_str(&p->late), p->late.len);
	sbuf_reset(&p->late);
}

void progress_plan(struct progress *p, struct store *s, const struct plan *plan)
{
	struct err err = { 0 };

	p->plan = plan;
	if (plan->instruction)
		sbuf_printf(&p->late, "instruction: %s\n", plan->instruction);
	if (!p->tty)
		put_late(p);
	p->steps = plan->steps;
	free(p->expected);
	p->expected = calloc(plan->steps + 1, sizeof(*p->expected));
	if (!p->expected)
		abort();
	p->total_ms = plan->expected_ms ? plan->expected_ms : -1;
	if (store_expected(p->expected, s, plan, &err) < 0)
		return;
	p->total_ms = 0;
	for (size_t i = 0; i < plan->steps && p->total_ms >= 0; i++)
		if (!plan->step[i].skipped)
			p->total_ms = p->expected[i] < 0 ? -1 : p->total_ms + p->expected[i];
	if (p->total_ms < 0 && plan->expected_ms)
		p->total_ms = plan->expected_ms;
}

static struct row *row_of(struct progress *p, const struct unit_run *r)
{
	for (size_t i = 0; i < p->rows; i++)
		if (!strcmp(p->row[i].slot, r->slot))
			return &p->row[i];
	if (p->rows == SLOTS_MAX)
		return NULL;
	struct row *row = &p->row[p->rows++];
	snprintf(row->slot, sizeof(row->slot), "%s", r->slot);
	return row;
}

static void seconds(struct sbuf *out, int64_t ms)
{
	if (ms < 0)
		sbuf_puts(out, "-");
	else if (ms < 100000)
		sbuf_printf(out, "%.1f s", (double)ms / 1000);
	else
		sbuf_printf(out, "%d:%02d min", (int)(ms / 60000), (int)(ms / 1000 % 60));
}

/* "slot 1  VB-0001  3/7 mac  [######--------------]  4.1 s of 12.0 s  restart 1 of 2" */
static void line_of(struct sbuf *out, const struct progress *p, const struct row *r)
{
	int64_t elapsed = (r->done ? r->ended_ms : clock_ms()) - r->started_ms;
	double part = r->steps ? (double)r->at / (double)r->steps : 0;

	if (r->step_done > 0 && r->steps)
		part += r->step_done / (double)r->steps;
	if (p->total_ms > 0)
		part = (double)elapsed / (double)p->total_ms;
	if (r->done)
		part = 1;
	else if (part > 0.99)
		part = 0.99;
	sbuf_printf(out, "slot %-3s %-14.30s ", r->slot, r->unit);
	if (r->done)
		sbuf_printf(out, "%-16s",
			    r->not_recorded ? "NOT RECORDED" : verdict_word(r->verdict));
	else
		sbuf_printf(out, "%zu/%zu %-12.24s", r->at + (r->at < r->steps), r->steps, r->step);
	sbuf_puts(out, " [");
	for (int i = 0; i < BAR; i++)
		sbuf_putc(out, i < (int)(part * BAR + 0.5) ? '#' : '-');
	sbuf_puts(out, "] ");
	seconds(out, elapsed);
	sbuf_puts(out, " of ");
	seconds(out, p->total_ms);
	if (!r->done && *r->what)
		sbuf_printf(out, "  %s", r->what);
}

static void complain(struct progress *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void complain(struct progress *p, const char *fmt, ...)
{
	struct sbuf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	out_put(p->err, sbuf_str(&text), text.len);
	sbuf_release(&text);
}

static void say(struct progress *p, const struct row *r)
{
	if (!p->out || p->tty)
		return;
	line_of(&p->late, p, r);
	sbuf_putc(&p->late, '\n');
	put_late(p);
}

/* The first failing measurement with its limit, or the message of its step. */
static const char *cause_of(struct row *row, const struct unit_run *r)
{
	const struct step_run *s = NULL;
	const struct attempt *a = NULL;
	const struct measure *m = run_first_fail(r, &s, &a);
	struct sbuf text = { 0 };
	const char *out;

	if (m) {
		sbuf_printf(&text, "%s.%s ", s->id, m->name);
		measure_print(&text, m);
		sbuf_printf(&text, " (limit %s)", m->expected ? m->expected : "none");
		if (m->note)
			sbuf_printf(&text, ": %s", m->note);
	} else if (s && a) {
		sbuf_printf(&text, "%s: %s", s->id,
			    a->message ? a->message : (a->code ? a->code : ""));
	} else if (r->verdict != VERDICT_PASS) {
		sbuf_puts(&text, r->verdict_rule ? r->verdict_rule : "");
	}
	out = arena_strdup(&row->arena, sbuf_str(&text));
	sbuf_release(&text);
	return out;
}

/* What the plan tells the operator to do about a unit that failed, else what the error's
 * code does. */
static const char *todo_of(struct progress *p, struct row *row, const struct unit_run *r)
{
	const struct step_run *s = NULL;
	const struct attempt *a;

	run_first_fail(r, &s, &a);
	for (size_t i = 0; s && p->plan && r->verdict == VERDICT_FAIL && i < p->plan->steps; i++)
		if (!strcmp(p->plan->step[i].id, s->id) && p->plan->step[i].instruction)
			return arena_strdup(&row->arena, p->plan->step[i].instruction);
	return facts_todo(r);
}

static void ended(struct progress *p, struct row *row, const struct event *e)
{
	row->done = 1;
	row->ended_ms = clock_ms();
	row->verdict = e->run->verdict;
	row->blame = e->run->blame;
	row->marginal = e->run->marginal;
	row->retried = e->run->retried;
	row->not_recorded = e->type == EVENT_NOT_RECORDED;
	row->cause = row->not_recorded ? arena_strdup(&row->arena, e->text) : cause_of(row, e->run);
	row->todo = row->not_recorded ? NULL : todo_of(p, row, e->run);
	say(p, row);
}

static void interrupted(struct progress *p, const struct unit_run *r)
{
	if (!p->out)
		return;
	sbuf_printf(&p->late,
		    "An earlier run of unit %s on slot %s was interrupted; it is recorded as %s.\n",
		    r->serial, r->slot, verdict_word(r->verdict));
	put_late(p);
}

/* One question at a time, in the order of asking: an answer is for the one that
 * was shown last. */
static void put_question(struct progress *p)
{
	struct row *first = NULL;

	for (size_t i = 0; i < p->rows; i++)
		if (p->row[i].asked && (!first || p->row[i].asked < first->asked))
			first = &p->row[i];
	if (!first || !p->out)
		return;
	sbuf_add(&p->late, sbuf_str(&first->question), first->question.len);
	if (!p->tty)
		put_late(p);
}

static void asked(struct progress *p, struct row *r, const struct event *e)
{
	int others = 0;

	for (size_t i = 0; i < p->rows; i++)
		others += p->row[i].asked != 0;
	r->asked = ++p->questions;
	sbuf_reset(&r->question);
	sbuf_printf(&r->question, "slot %s asks: %s", r->slot, e->text);
	for (const char *const *c = e->question->choices; c && *c; c++)
		sbuf_printf(&r->question, "%s%s", c == e->question->choices ? " [" : " | ", *c);
	sbuf_puts(&r->question, e->question->choices ? "]\n" : "\n");
	if (!others)
		put_question(p);
}

void progress_hear(struct progress *p, const struct event *e)
{
	struct row *r;

	p->changed = 1;
	if (e->type == EVENT_STATION) {
		complain(p, "station: %s%s%s\n", e->run ? e->run->slot : "", e->run ? ": " : "",
			 e->text);
		return;
	}
	if (!e->run || (r = e->slot < 0 ? NULL : row_of(p, e->run)) == NULL) {
		if (e->type == EVENT_RUN_RECORDED)
			interrupted(p, e->run);
		return;
	}
	switch (e->type) {
	case EVENT_RUN_STARTED:
		snprintf(r->unit, sizeof(r->unit), "%.40s%s", e->run->serial,
			 strlen(e->run->serial) > 40 ? "~" : "");
		r->steps = e->run->steps;
		r->started_ms = r->told_ms = e->at_ms;
		r->used = 1;
		return;
	case EVENT_STEP_WAITING:
		snprintf(r->what, sizeof(r->what), "waits for %s", e->text);
		return;
	case EVENT_STEP_STARTED:
		r->at = e->step;
		r->step_done = -1;
		snprintf(r->step, sizeof(r->step), "%s", e->run->step[e->step].id);
		if (e->attempt->number > 1)
			snprintf(r->what, sizeof(r->what), "attempt %d", e->attempt->number);
		else
			*r->what = '\0';
		say(p, r);
		r->told_ms = e->at_ms;
		return;
	case EVENT_PROGRESS:
		r->step_done = e->done;
		if (e->text)
			snprintf(r->what, sizeof(r->what), "%s", e->text);
		return;
	case EVENT_QUESTION:
		asked(p, r, e);
		return;
	case EVENT_ANSWERED:
		r->asked = 0;
		put_question(p);
		return;
	case EVENT_STEP_ENDED:
		r->at = e->step + 1;
		r->step_done = -1;
		return;
	case EVENT_RUN_RECORDED:
	case EVENT_NOT_RECORDED:
		ended(p, r, e);
		return;
	case EVENT_REPORT:
		if (e->err)
			complain(p, "station: slot %s: %s: %s\n", r->slot, e->err->text, e->text);
		else if (!r->report || strstr(e->text, ".html"))
			r->report = arena_strdup(&r->arena, e->text);
		return;
	default:
		return;
	}
}

int64_t progress_next_ns(struct progress *p)
{
	if (!p->out)
		return CLOCK_NEVER;
	return p->next_ms * 1000000;
}

void progress_draw(struct progress *p)
{
	int64_t now = clock_ms();
	struct sbuf out = { 0 };

	if (!p->out || (now < p->next_ms && !p->changed))
		return;
	p->changed = 0;
	p->next_ms = now + (p->tty ? DRAW_MS : 1000);
	if (!p->tty) {
		for (size_t i = 0; i < p->rows; i++)
			if (p->row[i].used && !p->row[i].done &&
			    now - p->row[i].told_ms >= TELL_MS) {
				p->row[i].told_ms = now;
				say(p, &p->row[i]);
			}
		return;
	}
	if (out_pending(p->out)) { /* a terminal that is stopped: draw once it goes on */
		p->changed = 1;
		return;
	}
	if (p->drawn)
		sbuf_printf(&out, "\r\033[%dA", p->drawn);
	if (p->late.len) {
		sbuf_puts(&out, "\033[J");
		sbuf_add(&out, sbuf_str(&p->late), p->late.len);
		sbuf_reset(&p->late);
	}
	p->drawn = 0;
	for (size_t i = 0; i < p->rows; i++) {
		size_t from;

		if (!p->row[i].used)
			continue;
		from = out.len;
		line_of(&out, p, &p->row[i]);
		if (out.len - from > (size_t)p->width - 1)
			out.len = from + (size_t)p->width - 1;
		sbuf_puts(&out, "\033[K\n");
		p->drawn++;
	}
	out_put(p->out, sbuf_str(&out), out.len);
	sbuf_release(&out);
}

static const char *coloured(const struct progress *p, const struct row *r)
{
	if (!p->tty)
		return "";
	if (r->not_recorded)
		return "\033[1;37;41m";
	return r->verdict == VERDICT_PASS   ? "\033[1;32m"
	       : r->verdict == VERDICT_FAIL ? "\033[1;31m"
					    : "\033[1;33m";
}

int progress_told(const struct progress *p)
{
	return !p->out || (!p->changed && !p->late.len);
}

void progress_end(struct progress *p)
{
	struct sbuf out = { 0 };
	size_t unit = 4;

	if (!p->out || !p->rows)
		return;
	p->changed = 1;
	progress_draw(p);
	put_late(p);
	p->changed = 0;
	for (size_t i = 0; i < p->rows; i++)
		if (strlen(p->row[i].unit) > unit)
			unit = strlen(p->row[i].unit);
	sbuf_printf(&out, "\n%-5s %-*s %-12s %-9s %s\n", "slot", (int)unit, "unit", "verdict",
		    "blame", "first failing measurement / report");
	for (size_t i = 0; i < p->rows; i++) {
		const struct row *r = &p->row[i];

		if (!r->used)
			continue;
		sbuf_printf(&out, "%-5s %-*s %s%-12s%s %-9s %s%s%s\n", r->slot, (int)unit, r->unit,
			    coloured(p, r),
			    r->not_recorded ? "NOT RECORDED" : verdict_word(r->verdict),
			    p->tty ? "\033[0m" : "",
			    r->not_recorded ? "station" : err_blame_word(r->blame),
			    r->cause && *r->cause ? r->cause : "-",
			    r->marginal ? "  (marginal)" : "", r->retried ? "  (retried)" : "");
		if (r->todo)
			sbuf_printf(&out, "%-5s %-*s %-12s %-9s to do: %s\n", "", (int)unit, "", "",
				    "", r->todo);
		sbuf_printf(&out, "%-5s %-*s %-12s %-9s %s\n", "", (int)unit, "", "", "",
			    r->report ? r->report : "no report");
	}
	out_put(p->out, sbuf_str(&out), out.len);
	sbuf_release(&out);
}
