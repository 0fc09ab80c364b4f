#include "engine/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/late.h"
#include "base/log.h"
#include "base/loop.h"
#include "engine/step_ctx.h"
#include "engine/wire.h"
#include "link/ftdi_chip.h"

enum { FD = 3, GUARD_FD, LOG_FD, RESERVE_MAX_MS = 500, LOST = 70 };
enum { LOG_MS = 3000, LOG_MAX = 8192 }; /* of a board's own log, after a failure */

struct worker {
	const struct worker_job *job;
	struct board *board;
	int64_t console_left;
	uint32_t turn; /* of the task at hand */
	int told;      /* what the interface of this board shows */
	char *buf;     /* WIRE_MAX */
};

/* The supervisor is gone or the wire is broken: there is nobody to work for. */
static _Noreturn void leave(struct worker *w)
{
	board_close(w->board);
	_exit(LOST);
}

static void tell(struct worker *w, const struct wire *m)
{
	struct wire ours = *m;

	ours.turn = w->turn;
	if (wire_send(FD, &ours, 0) < 0)
		leave(w);
}

/* Wait for the supervisor's next message. */
static void hear(struct wire *m, struct worker *w)
{
	if (wire_recv(m, w->buf, FD, 0) != 1)
		leave(w);
}

/* --- the sink of step.h: everything goes over the wire --- */

static void sink_measure(void *payload, const char *name, struct value v, const char *raw,
			 const char *note)
{
	struct wire m = { .type = WIRE_MEASURE,
			  .index = v.type,
			  .text = { name, v.unit, NULL, raw, note } };

	if (v.type == VALUE_NUM)
		m.num = v.num;
	else if (v.type == VALUE_BOOL)
		m.num = v.yes;
	else if (v.type != VALUE_NONE)
		m.text[2] = v.text;
	tell(payload, &m);
}

static void sink_progress(void *payload, double done, const char *what)
{
	tell(payload, &(struct wire){ .type = WIRE_PROGRESS, .num = done, .text = { what } });
}

/* A question and its answer; code and text of the answer become ours. */
static int answered(char *out, size_t size, struct worker *w, const struct wire *question,
		    enum wire_type expected, struct err *err)
{
	struct wire m;

	tell(w, question);
	hear(&m, w);
	if (m.type != expected)
		return err_set(err, ERR_INTERNAL, "message %d where %d was due", m.type, expected);
	if (m.code)
		return err_set(err, m.code, "%s", m.text[0] ? m.text[0] : err_what(m.code));
	if (!m.text[0] || m.len[0] >= size)
		return err_set(err, ERR_PLAN, "answer of %u bytes, must be below %zu", m.len[0],
			       size);
	memcpy(out, m.text[0], m.len[0] + 1);
	return 0;
}

static int sink_ask(void *payload, char *out, size_t size, const struct step_question *q,
		    int64_t until_ms, struct err *err)
{
	struct worker *w = payload;
	struct sbuf choices = { 0 };
	int r;

	if (!w->job->can_answer)
		return err_set(err, ERR_NOBODY, "'%s' is asked, and nobody can answer here",
			       q->text);
	for (const char *const *c = q->choices; c && *c; c++)
		sbuf_printf(&choices, "%s%s", choices.len ? "\n" : "", *c);
	r = answered(out, size, w,
		     &(struct wire){ .type = WIRE_ASK,
				     .at_ms = until_ms,
				     .text = { q->kind, q->text, q->picture,
					       q->choices ? sbuf_str(&choices) : NULL } },
		     WIRE_ANSWER, err);
	sbuf_release(&choices);
	return r;
}

static int sink_claim(void *payload, char *other, size_t size, const char *kind, const char *value,
		      struct err *err)
{
	return answered(other, size, payload,
			&(struct wire){ .type = WIRE_CLAIM, .text = { kind, value } }, WIRE_CLAIMED,
			err);
}

static const struct step_sink sink = {
	.measure = sink_measure,
	.progress = sink_progress,
	.ask = sink_ask,
	.claim = sink_claim,
};

/* --- the board --- */

static void on_console(void *payload, char direction, const void *bytes, size_t n)
{
	struct worker *w = payload;

	if (direction != '<' || w->console_left <= 0)
		return;
	if ((int64_t)n > w->console_left)
		n = (size_t)w->console_left;
	w->console_left -= (int64_t)n;
	if (n)
		tell(w, &(struct wire){
				.type = WIRE_CONSOLE, .text = { bytes }, .len = { (uint32_t)n } });
}

/* Links open the interface with the board, pins when the first of them is used. */
static void tell_seen(struct worker *w)
{
	const char *product, *serial;

	if (!w->board || w->told || ftdi_chip_seen(&product, &serial, w->board->slot->usb) < 0)
		return;
	tell(w, &(struct wire){ .type = WIRE_SEEN, .text = { product, serial } });
	w->told = 1;
}

static int open_board(struct worker *w, int64_t until_ms, struct err *err)
{
	const struct worker_job *j = w->job;
	struct board *b;
	int r;

	if (w->board)
		return 0;
	if (!j->slot)
		return err_set(err, ERR_FIXTURE, "the run has no slot, so no board can be reached");
	r = board_open(&w->board, j->plan->board, j->fixture, j->slot, j->link_spec, j->link_wrap,
		       err);
	if (r < 0)
		return r;
	b = w->board;
	w->told = 0;
	tell_seen(w);
	if (b->links[ROLE_CONSOLE])
		link_listen(b->links[ROLE_CONSOLE], on_console, w);
	if (b->driver->ops.ready)
		r = b->driver->ops.ready(b, until_ms, err);
	if (r < 0) {
		/* Opened but not ready: the next step tries again from the start. */
		board_close(w->board);
		w->board = NULL;
	}
	return r;
}

/* A deadline that passed while the station itself did not run says nothing about the unit:
 * the one place where this is told, for all families and steps. */
static int own_lateness(int r, int64_t from_ms, struct err *err)
{
	char text[sizeof(err->text)];
	int64_t late;

	if ((r != ERR_TIMEOUT && r != ERR_NOT_BACK) || !late_much(&late, from_ms))
		return r;
	memcpy(text, err->text, sizeof(text));
	return err_set(err, ERR_LATE, "the station itself was late by %lld ms when: %.300s",
		       (long long)late, text);
}

/* Whether the link to the board works, so that its log can be asked for. */
static int is_reachable(int r)
{
	switch (r) {
	case ERR_GONE:
	case ERR_IO:
	case ERR_LINE:
	case ERR_SILENT:
	case ERR_TRUST:
	case ERR_EXCHANGED:
		return 0;
	default:
		return 1;
	}
}

/* What the board itself has to say of a failure goes to the attempt, as a console's
 * text does. That there is no log is no failure of its own. */
static void tell_log(struct worker *w, int64_t deadline_ms)
{
	int64_t until = clock_ms() + LOG_MS;
	struct board *b = w->board;
	struct err ignored = { 0 };
	struct sbuf said = { 0 };

	if (until > deadline_ms - RESERVE_MAX_MS / 2)
		until = deadline_ms - RESERVE_MAX_MS / 2;
	if (b && b->driver->ops.log && until > clock_ms() &&
	    b->driver->ops.log(&said, b, LOG_MAX, until, &ignored) >= 0)
		on_console(w, '<', sbuf_str(&said), said.len);
	sbuf_release(&said);
}

static int run_step(struct worker *w, const struct plan_step *s, int64_t deadline_ms,
		    struct err *err)
{
	struct arena arena = { 0 };
	int64_t reserve = s->timeout_ms / 10, from = clock_ms();
	struct step_ctx ctx = {
		.driver = s->driver,
		.arena = &arena,
		.slot = w->job->slot,
		.serial = w->job->serial,
		.until_ms = deadline_ms - (reserve > RESERVE_MAX_MS ? RESERVE_MAX_MS : reserve),
		.sink = &sink,
		.payload = w,
	};
	uint32_t asks =
		s->driver->asks | (s->driver->asks_more ? s->driver->asks_more(s->args) : 0);
	int r = asks ? open_board(w, ctx.until_ms, err) : 0;

	ctx.board = asks ? w->board : NULL;
	if (r >= 0)
		r = s->driver->run(&ctx, s->args, err);
	if (r < 0) /* before the log takes time: the last moments are those of the step */
		r = own_lateness(r, from, err);
	tell_seen(w);
	if (r < 0 && ctx.board && is_reachable(r))
		tell_log(w, deadline_ms);
	if (r == ERR_GONE || r == ERR_IO) {
		/* A handle that failed is dead: a retry matches anew by path. */
		board_close(w->board);
		w->board = NULL;
	}
	arena_free(&arena);
	return r < 0 ? r : 0;
}

static void settle_in(int *fd, int guard_fd)
{
	pid_t supervisor = getppid();
	int nul = open("/dev/null", O_RDWR | O_CLOEXEC), logs;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != supervisor)
		_exit(LOST);
	loop_signals_reset();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* a terminal's ^C is for the supervisor */
	if (nul < 0 || dup2(nul, 0) < 0 || dup2(nul, 1) < 0)
		_exit(LOST);
	/* Each may be in another's place: first away from there. */
	*fd = fcntl(*fd, F_DUPFD_CLOEXEC, LOG_FD + 1);
	if (guard_fd >= 0)
		guard_fd = fcntl(guard_fd, F_DUPFD_CLOEXEC, LOG_FD + 1);
	logs = log_move(LOG_FD);
	if (*fd < 0 || dup2(*fd, FD) < 0 ||
	    (guard_fd >= 0 && dup3(guard_fd, GUARD_FD, O_CLOEXEC) < 0))
		_exit(LOST);
	if (guard_fd < 0)
		close(GUARD_FD);
	close_range(logs ? LOG_FD + 1 : LOG_FD, ~0U, 0);
	*fd = FD;
}

_Noreturn void worker_main(int fd, const struct worker_job *job)
{
	struct worker w = { .job = job, .console_left = job->console_max };

	settle_in(&fd, job->guard_fd);
	late_watch();
	log_context(job->slot ? job->slot->number : 0, job->serial);
	w.buf = malloc(WIRE_MAX);
	if (!w.buf)
		_exit(LOST);
	for (;;) {
		struct err err = { 0 };
		struct wire m;
		int r = 0;

		hear(&m, &w);
		if (m.type == WIRE_END) {
			board_close(w.board);
			_exit(0);
		}
		w.turn = m.turn;
		if (m.type == WIRE_SAFE)
			r = job->slot ? board_make_safe(job->fixture, job->slot, &err) : 0;
		else if (m.type == WIRE_RUN && m.index < job->plan->steps)
			r = run_step(&w, &job->plan->step[m.index], m.at_ms, &err);
		else
			leave(&w);
		tell(&w, &(struct wire){ .type = WIRE_DONE, .code = r, .text = { err.text } });
	}
}
