/* The worker's process as the supervisor sees it: fork, messages, death. */
#include "engine/lane.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "base/text.h"
#include "engine/guard.h"
#include "engine/worker.h"

/* What reap() returns of a worker that no signal ends. */
#define STUCK INT_MIN

enum {
	MEASURES_MAX = 4096,
	TEXT_MAX = 4096,
	CHOICES_MAX = 32,
	TURN_MAX = 64, /* messages of one worker before timers and other workers have their turn */
};

static void on_message(void *payload, short revents);
static void on_death(void *payload);

int lane_worker_need(struct lane *l, struct err *err)
{
	const struct supervisor_setup *set = l->sup->set;
	struct worker_job job = {
		.plan = l->job.plan,
		.fixture = set->fixture,
		.slot = set->fixture ? &set->fixture->slot[l->index] : NULL,
		.serial = l->run.serial,
		.link_spec = l->job.link_spec,
		.link_wrap = l->job.link_wrap,
		.can_answer = set->can_answer,
		/* One more, so that the supervisor sees when it is too much. */
		.console_max = set->console_max - (int64_t)l->console.len + 1,
	};
	int fds[2];
	pid_t pid;

	if (l->pid)
		return 0;
	if (!l->guard) {
		struct err why = { 0 };

		fflush(NULL);
		l->guard = guard_start(job.fixture, job.slot, &why);
		if (why.code) {
			*err = why;
			return err->code;
		}
	}
	job.guard_fd = guard_fd(l->guard);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return err_set(err, ERR_IO, "no socket for a worker: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		worker_main(fds[1], &job);
	close(fds[1]);
	if (pid < 0) {
		int cause = errno;

		close(fds[0]);
		return err_set(err, ERR_IO, "no worker process: %s", strerror(cause));
	}
	setpgid(pid, pid); /* as the child does itself: whoever comes first */
	l->pid = pid;
	l->fd = fds[0];
	l->fd_watch = loop_watch(set->loop, l->fd, POLLIN, on_message, l);
	l->proc = proc_watch(set->loop, pid, on_death, l);
	return 0;
}

/* The worker is dead or will be at once: reap it and forget it. */
static int reap(struct lane *l)
{
	siginfo_t si;
	int stuck;

	kill(-l->pid, SIGKILL); /* its children too */
	stuck = proc_reap(l->proc, &si);
	loop_unwatch(l->fd_watch);
	close(l->fd);
	l->pid = 0;
	l->fd = -1;
	l->proc = NULL;
	l->fd_watch = NULL;
	if (stuck)
		return STUCK;
	return si.si_code == CLD_EXITED ? si.si_status : -si.si_status;
}

void lane_worker_kill(struct lane *l)
{
	if (!l->pid)
		return;
	proc_kill(l->proc);
	reap(l);
}

int lane_worker_tell(struct lane *l, const struct wire *w)
{
	struct wire ours = *w;

	if (w->type == WIRE_RUN || w->type == WIRE_SAFE)
		l->turn++;
	ours.turn = l->turn;
	return l->pid && !wire_send(l->fd, &ours, MSG_DONTWAIT) ? 0 : -1;
}

static struct attempt *at_work(struct lane *l)
{
	return l->state == LANE_STEP ? l->attempt : NULL;
}

static char *bounded(struct lane *l, const char *text, uint32_t len)
{
	return text ? text_escaped(&l->run.arena, text, len > TEXT_MAX ? TEXT_MAX : len) : NULL;
}

/* Own words of a driver: foreign text in them is escaped already, so they are
 * kept as they are unless they hold what no own words hold. */
static const char *words(struct lane *l, const char *text, uint32_t len)
{
	uint32_t i = 0;

	if (!text)
		return NULL;
	while (i < len && (unsigned char)text[i] >= 0x20 && text[i] != 0x7f)
		i++;
	if (i < len || len > TEXT_MAX || text_utf8_bad(text, len) < len)
		return bounded(l, text, len);
	return arena_strdup(&l->run.arena, text);
}

static void take_measure(struct lane *l, const struct wire *w)
{
	struct attempt *a = at_work(l);
	const struct step_measure_row *row;
	struct measure *m;

	if (!a)
		return;
	row = w->text[0] ? step_measure_find(l->job.plan->step[l->step].driver, w->text[0]) : NULL;
	for (size_t i = 0; row && i < a->measures; i++)
		if (!strcmp(a->measure[i].name, w->text[0]))
			row = NULL; /* reported twice */
	if (!row || w->index != row->type || a->measures >= MEASURES_MAX) {
		l->broken = 1;
		return;
	}
	m = run_measure_add(&l->run, a);
	m->name = bounded(l, w->text[0], w->len[0]);
	m->type = row->type;
	m->unit = row->unit;
	m->raw = bounded(l, w->text[3], w->len[3]);
	m->note = words(l, w->text[4], w->len[4]);
	m->at_ms = clock_ms() - l->start_ms;
	if (row->type == VALUE_NUM || row->type == VALUE_BOOL) {
		m->has = isfinite(w->num);
		m->num = m->has ? w->num : 0;
		m->reason = m->has ? NULL : "not a finite number";
	} else {
		/* A limit on the beginning of a text would not be one on the text. */
		m->has = w->text[2] && w->len[2] <= TEXT_MAX;
		m->text = bounded(l, w->text[2], w->len[2]);
		m->reason = m->has ? NULL : w->text[2] ? "the text is too long" : "no text";
	}
	lane_say(l, &(struct event){
			    .type = EVENT_MEASURE, .step = l->step, .attempt = a, .measure = m });
}

static void take_console(struct lane *l, const struct wire *w)
{
	struct sbuf text = { 0 };

	text_escape(&text, w->text[0], w->len[0]);
	if ((int64_t)(l->console.len + text.len) > l->sup->set->console_max)
		l->run.console_cut = 1;
	if (!l->run.console_cut) /* its end is cut, never a piece out of its middle */
		sbuf_add(&l->console, sbuf_str(&text), text.len);
	lane_say(l, &(struct event){
			    .type = EVENT_CONSOLE, .step = l->step, .text = sbuf_str(&text) });
	sbuf_release(&text);
}

static void take_claim(struct lane *l, const struct wire *w)
{
	const struct supervisor *s = l->sup;
	struct err err = { 0 };
	char other[512] = "";
	int r = 0;

	if (!at_work(l) || !w->text[0] || !w->text[1]) {
		l->broken = 1;
		return;
	}
	for (int i = 0; i < s->lanes && !*other; i++) {
		const struct lane *o = &s->lane[i];

		if (o == l || o->state == LANE_IDLE)
			continue;
		for (const struct lane_claim *c = o->claims; c; c = c->next)
			if (!strcmp(c->kind, w->text[0]) && !strcmp(c->value, w->text[1]) &&
			    (strcmp(o->run.serial, l->run.serial) ||
			     strcmp(o->run.product, l->run.product)))
				snprintf(other, sizeof(other), "%s", o->run.serial);
	}
	if (!*other)
		r = s->set->record.identity(s->set->record.payload, other, sizeof(other),
					    w->text[0], w->text[1], &l->run, &err);
	struct lane_claim *c = arena_new(&l->run.arena, struct lane_claim);
	c->kind = arena_strdup(&l->run.arena, w->text[0]);
	c->value = arena_strdup(&l->run.arena, w->text[1]);
	c->next = l->claims;
	l->claims = c;
	lane_worker_tell(l, &(struct wire){ .type = WIRE_CLAIMED,
					    .code = r,
					    .text = { r < 0 ? err.text : other } });
}

/* Slots are told apart by their path, so one serial on two of them is no fault; it matters to
 * whoever looks for an interface by its serial. What is being recorded stays as it is. */
static void note_alike(struct lane *l, const struct lane *other)
{
	if (l->state == LANE_SAVE || l->state == LANE_CLOSING || l->run.seen_note)
		return;
	l->run.seen_note =
		arena_printf(&l->run.arena, SAID("slot %s shows the same serial"), other->run.slot);
}

static void take_seen(struct lane *l, const struct wire *w)
{
	struct unit_run *r = &l->run;

	if (!at_work(l))
		return;
	if (!w->text[0] || !w->text[1]) {
		l->broken = 1;
		return;
	}
	r->seen_product = bounded(l, w->text[0], w->len[0]);
	r->seen_serial = bounded(l, w->text[1], w->len[1]);
	for (int i = 0; i < l->sup->lanes && *r->seen_serial; i++) {
		struct lane *o = &l->sup->lane[i];

		if (o == l || !o->run.seen_serial || strcmp(o->run.seen_serial, r->seen_serial))
			continue;
		note_alike(l, o);
		note_alike(o, l);
	}
}

static void question_due(void *payload)
{
	struct lane *l = payload;

	if (!l->question)
		return;
	lane_question_close(l);
	lane_worker_tell(l, &(struct wire){ .type = WIRE_ANSWER,
					    .code = ERR_UNANSWERED,
					    .text = { "the question was not answered in time" } });
}

static void take_question(struct lane *l, const struct wire *w)
{
	const char *choice[CHOICES_MAX + 1] = { NULL };
	struct step_question q = { .kind = w->text[0] ? w->text[0] : "text" };
	char *rest = bounded(l, w->text[3], w->len[3]);
	size_t n = 0;

	if (!at_work(l)) {
		l->broken = 1;
		return;
	}
	q.text = w->text[1] ? bounded(l, w->text[1], w->len[1]) : "";
	q.picture = bounded(l, w->text[2], w->len[2]);
	while (rest && *rest && n < CHOICES_MAX) {
		char *cut = strstr(rest, "\\n"); /* as bounded() escapes it */

		choice[n++] = rest;
		if (cut)
			*cut = '\0';
		rest = cut ? cut + 2 : NULL;
	}
	q.choices = w->text[3] ? choice : NULL;
	l->question = 1;
	if (!l->question_timer)
		l->question_timer = loop_timer(l->sup->set->loop, question_due, l);
	loop_timer_set(l->question_timer, w->at_ms * 1000000);
	lane_say(l, &(struct event){ .type = EVENT_QUESTION,
				     .step = l->step,
				     .text = q.text,
				     .question = &q,
				     .until_ms = w->at_ms });
}

void lane_question_close(struct lane *l)
{
	if (!l->question)
		return;
	l->question = 0;
	loop_timer_set(l->question_timer, CLOCK_NEVER);
	lane_say(l, &(struct event){ .type = EVENT_ANSWERED, .step = l->step });
}

static void take(struct lane *l, const struct wire *w)
{
	/* Nothing of an attempt that is over counts for the next one. */
	if (w->turn != l->turn) {
		l->broken = 1;
		return;
	}
	switch (w->type) {
	case WIRE_PROGRESS:
		if (at_work(l))
			lane_say(l, &(struct event){ .type = EVENT_PROGRESS,
						     .step = l->step,
						     .attempt = l->attempt,
						     .done = w->num,
						     .text = words(l, w->text[0], w->len[0]) });
		return;
	case WIRE_MEASURE:
		take_measure(l, w);
		return;
	case WIRE_CONSOLE:
		if (w->text[0])
			take_console(l, w);
		return;
	case WIRE_ASK:
		take_question(l, w);
		return;
	case WIRE_CLAIM:
		take_claim(l, w);
		return;
	case WIRE_SEEN:
		take_seen(l, w);
		return;
	case WIRE_DONE:
		if (l->state == LANE_SAFE)
			lane_safe_done(l, w->code, w->text[0]);
		else if (at_work(l))
			lane_attempt_over(l, l->broken ? ERR_INTERNAL : w->code,
					  l->broken ? "the worker sent what the step cannot "
						      "report, or what it had reported"
						    : w->text[0]);
		return;
	default:
		l->broken = 1;
	}
}

/* The messages that are there, at most so many. Returns -1 when the worker is to be given up. */
static int drain(struct lane *l, int most)
{
	pid_t pid = l->pid;
	struct wire w;
	int r = 1;

	/* A message may end this worker or, through lane_go(), start another. */
	while (most-- > 0 && l->pid == pid &&
	       (r = wire_recv(&w, l->sup->buf, l->fd, MSG_DONTWAIT)) > 0)
		take(l, &w);
	if (l->pid != pid || r > 0)
		return 0;
	return r < 0 && errno == EAGAIN ? 0 : -1;
}

static void lost(struct lane *l, int status)
{
	char why[96];

	lane_question_close(l);
	if (l->state == LANE_CLOSING) { /* SIGKILL: ours, of one that had ended its work */
		l->unsafe = status && status != -SIGKILL;
		lane_closed(l);
		return;
	}
	if (status == STUCK)
		snprintf(why, sizeof(why),
			 "the worker cannot be ended: a driver of the kernel holds it");
	else if (status < 0)
		snprintf(why, sizeof(why), SAID("the worker was ended by signal %d"), -status);
	else
		snprintf(why, sizeof(why), SAID("the worker ended by itself with status %d"),
			 status);
	if (l->state == LANE_SAFE) {
		lane_safe_done(l, ERR_WORKER, why);
		return;
	}
	l->unsafe = 1;
	if (l->state == LANE_STEP)
		lane_attempt_over(l, ERR_WORKER, why);
}

static void on_message(void *payload, short revents)
{
	struct lane *l = payload;

	(void)revents;
	if (drain(l, TURN_MAX) < 0) {
		/* Closed its end, or sent what is no message: death follows or is due. */
		proc_kill(l->proc);
		lost(l, reap(l));
	}
}

static void on_death(void *payload)
{
	struct lane *l = payload;
	pid_t pid = l->pid;

	drain(l, INT_MAX);
	if (l->pid == pid)
		lost(l, reap(l));
}
