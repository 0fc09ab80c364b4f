#include "floor/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/argv.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/proc.h"
#include "base/text.h"

enum {
	SAID_MAX = 4096, /* bytes of output that are looked at */
	TEXT_MAX = 400,
	JOBS_MAX = 64,
	SOUND_MS = 5000,
	PLAYER = HOOK_END_,
	PROGRAMS,
};

struct stream { /* what a program says */
	int fd;
	struct loop_watch *watch;
	char said[SAID_MAX];
	size_t len;
};

struct job {
	struct job *next;
	struct hooks *hooks;
	int program; /* enum hook_event, or PLAYER */
	pid_t pid;   /* 0: could not be started */
	int status_fd;
	struct proc *proc;
	struct stream out, err;
	struct loop_timer *timer;
	int64_t since_ms;
	char why[TEXT_MAX]; /* could not be started, or out of time */
	void (*done)(void *payload, const struct hook_result *r);
	void *payload;
};

struct hooks {
	struct loop *loop;
	struct arena arena;
	const char *const *argv[PROGRAMS]; /* NULL: none */
	int64_t within_ms;
	struct job *jobs;
	size_t count;
};

static const char *const event_words[] = {
#define HOOK_WORD(name, word, help) [HOOK_##name] = word,
	HOOK_LIST(HOOK_WORD)
#undef HOOK_WORD
};

static const char *const sound_words[] = {
#define HOOK_SOUND_WORD(name, word) [SOUND_##name] = word,
	HOOK_SOUND_LIST(HOOK_SOUND_WORD)
#undef HOOK_SOUND_WORD
};

const char *hook_word(enum hook_event e)
{
	return e >= 0 && e < HOOK_END_ ? event_words[e] : "";
}

const char *hook_end_word(enum hook_end e)
{
	static const char *const words[] = { [HOOK_NO_ANSWER] = "no answer",
					     [HOOK_FINE] = "fine",
					     [HOOK_REFUSED] = "refused",
					     [HOOK_FAILED] = "failed" };

	return words[e];
}

const char *hook_sound_word(enum hook_sound s)
{
	return s >= 0 && s < SOUND_END_ ? sound_words[s] : "";
}

struct hooks *hooks_new(struct loop *l, const struct conf *c)
{
	const char *const text[PROGRAMS] = { [HOOK_BEFORE_UNIT] = c->before_unit,
					     [HOOK_AFTER_UNIT] = c->after_unit,
					     [HOOK_STATION_ERROR] = c->station_error,
					     [PLAYER] = c->player };
	struct hooks *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	h->loop = l;
	h->within_ms = c->hook_ms;
	for (int i = 0; i < PROGRAMS; i++) {
		struct err err = { 0 };

		/* A command that cannot be split was a finding when the settings were read; one
		 * that is nevertheless here names no program, and so gives no answer. */
		if (text[i] && argv_split(&h->argv[i], &h->arena, c->path, text[i], &err) < 0) {
			const char **none = arena_alloc(&h->arena, 2 * sizeof(*none));

			none[0] = "";
			h->argv[i] = none;
		}
	}
	return h;
}

int hooks_wants(const struct hooks *h, enum hook_event e)
{
	return h->argv[e] != NULL;
}

const char *hooks_program(const struct hooks *h, enum hook_event e)
{
	return h->argv[e] ? h->argv[e][0] : NULL;
}

int hooks_busy(const struct hooks *h)
{
	return h->jobs != NULL;
}

/* --- the end of a program --- */

static void job_kill(struct job *j)
{
	if (j->pid > 0)
		kill(-j->pid, SIGKILL);
}

static void stream_end(struct stream *s)
{
	loop_unwatch(s->watch);
	if (s->fd >= 0)
		close(s->fd);
	s->watch = NULL;
	s->fd = -1;
}

static void job_free(struct job *j)
{
	struct job **at = &j->hooks->jobs;

	while (*at != j)
		at = &(*at)->next;
	*at = j->next;
	j->hooks->count--;
	loop_timer_free(j->timer);
	stream_end(&j->out);
	stream_end(&j->err);
	if (j->status_fd >= 0)
		close(j->status_fd);
	free(j);
}

/* First line, clean. */
static void first_line(char text[TEXT_MAX + 1], const struct stream *s)
{
	struct sbuf b = { 0 };
	size_t from = 0, n, keep = 0;

	while (from < s->len && strchr("\r\n", s->said[from]))
		from++;
	for (n = from; n < s->len && !strchr("\r\n", s->said[n]);)
		n++;
	text_clean(&b, s->said + from, n - from);
	while (keep < b.len) {
		int k = text_utf8_len(b.data + keep, b.len - keep);

		if (keep + (size_t)(k ? k : 1) > TEXT_MAX)
			break;
		keep += (size_t)(k ? k : 1);
	}
	snprintf(text, TEXT_MAX + 1, "%.*s", (int)keep, sbuf_str(&b));
	sbuf_release(&b);
}

/* Told once. */
static void tell(struct job *j, enum hook_end end, int status, const char *text)
{
	void (*done)(void *payload, const struct hook_result *r) = j->done;
	struct hook_result r = { .event = (enum hook_event)j->program,
				 .end = end,
				 .status = status,
				 .took_ms = clock_ms() - j->since_ms,
				 .text = text,
				 .program = j->hooks->argv[j->program][0] };

	j->done = NULL;
	if (done)
		done(j->payload, &r);
}

/* Bytes that came, 0 at the end, -1 with errno. */
static ssize_t take(struct stream *s)
{
	char rest[SAID_MAX];
	ssize_t n;

	do {
		n = s->len < SAID_MAX ? read(s->fd, s->said + s->len, SAID_MAX - s->len)
				      : read(s->fd, rest, sizeof(rest));
		if (n > 0 && s->len < SAID_MAX)
			s->len += (size_t)n;
	} while (n < 0 && errno == EINTR);
	return n;
}

/* What is there now; a child that the program left may hold the pipe open. */
static void drain(struct stream *s)
{
	for (int i = 0; s->fd >= 0 && i < 64 && take(s) > 0; i++)
		;
}

static void on_output(void *payload, short revents)
{
	struct stream *s = payload;
	ssize_t n = take(s);

	(void)revents;
	if (n == 0 || (n < 0 && errno != EAGAIN))
		stream_end(s);
}

static void verdict(struct job *j, const siginfo_t *si)
{
	const char *program = j->hooks->argv[j->program][0];
	int asked = j->program == HOOK_BEFORE_UNIT;
	char text[TEXT_MAX + 1];
	int cause = 0;

	if (read(j->status_fd, &cause, sizeof(cause)) == (ssize_t)sizeof(cause)) {
		snprintf(text, sizeof(text), SAID("'%.100s' cannot be started: %s"), program,
			 strerror(cause));
		tell(j, HOOK_NO_ANSWER, -1, text);
		return;
	}
	if (si->si_code != CLD_EXITED) {
		snprintf(text, sizeof(text), SAID("'%.100s' was killed by signal %d"), program,
			 si->si_status);
		tell(j, HOOK_NO_ANSWER, -1, text);
		return;
	}
	drain(&j->out);
	drain(&j->err);
	first_line(text, j->out.len ? &j->out : &j->err);
	if (si->si_status == 0) {
		tell(j, HOOK_FINE, 0, text);
		return;
	}
	if (!*text)
		snprintf(text, sizeof(text),
			 asked ? "'%.100s' said no without a reason (exit status %d)"
			       : "'%.100s' gave no reason (exit status %d)",
			 program, si->si_status);
	tell(j, asked ? HOOK_REFUSED : HOOK_FAILED, si->si_status, text);
}

static void on_exit_of(void *payload)
{
	struct job *j = payload;
	siginfo_t si;

	job_kill(j); /* what it left: its group exists until it is waited for */
	proc_reap(j->proc, &si);
	verdict(j, &si);
	job_free(j);
}

static void on_due(void *payload)
{
	struct job *j = payload;

	if (j->pid <= 0) { /* was not started */
		tell(j, HOOK_NO_ANSWER, -1, j->why);
		job_free(j);
		return;
	}
	snprintf(j->why, sizeof(j->why), SAID("'%.100s' gave no answer within %.3g s"),
		 j->hooks->argv[j->program][0],
		 (double)(j->program == PLAYER ? SOUND_MS : j->hooks->within_ms) / 1000);
	job_kill(j);
	tell(j, HOOK_NO_ANSWER, -1, j->why); /* on_exit_of() waits for its end */
}

/* --- the beginning --- */

struct ends { /* of the child: what becomes 0, 1, 2, 3 */
	int in, out, err, status;
};

/* As execvp() finds it, but for a file that is no program: a shell shall not read it. */
static void run_program(const char *const *argv)
{
	char *const *words = (char *const *)(uintptr_t)argv;
	const char *path = getenv("PATH");
	char file[4096];

	if (strchr(argv[0], '/') || !path) {
		execv(argv[0], words);
		return;
	}
	for (const char *end; *path; path = *end ? end + 1 : end) {
		end = path + strcspn(path, ":");
		if (snprintf(file, sizeof(file), "%.*s/%s", (int)(end - path), path, argv[0]) >=
		    (int)sizeof(file))
			continue;
		execv(file, words);
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return;
	}
}

static _Noreturn void child(const char *const *argv, const struct ends *e)
{
	int cause;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	loop_signals_reset();
	signal(SIGPIPE, SIG_DFL);
	/* Above all of them first, so that none is overwritten before it is moved. */
	int in = fcntl(e->in, F_DUPFD_CLOEXEC, 10), out = fcntl(e->out, F_DUPFD_CLOEXEC, 10);
	int err = fcntl(e->err, F_DUPFD_CLOEXEC, 10),
	    status = fcntl(e->status, F_DUPFD_CLOEXEC, 10);

	if (in >= 0 && out >= 0 && err >= 0 && status >= 0 && dup2(in, 0) == 0 &&
	    dup2(out, 1) == 1 && dup2(err, 2) == 2 && dup3(status, 3, O_CLOEXEC) == 3 &&
	    close_range(4, ~0U, 0) == 0) {
		errno = ENOENT;
		run_program(argv);
		cause = errno;
		if (write(3, &cause, sizeof(cause)) < 0)
			_exit(126);
	}
	_exit(127);
}

/* The event as a file in memory: the program may read it as it likes, or not at all. */
static int input(const char *json, size_t n)
{
	int fd = memfd_create("event", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	for (size_t at = 0; at < n;) {
		ssize_t w = write(fd, json + at, n - at);

		if (w <= 0) {
			close(fd);
			return -1;
		}
		at += (size_t)w;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static int spawn(struct job *j, const char *const *argv, const char *json, size_t n)
{
	int out[2] = { -1, -1 }, err[2] = { -1, -1 }, status[2] = { -1, -1 };
	struct ends e = { .in = input(json, n) };
	int ok = e.in >= 0 && !pipe2(out, O_CLOEXEC) && !pipe2(err, O_CLOEXEC) &&
		 !pipe2(status, O_CLOEXEC);

	if (ok) {
		e.out = out[1];
		e.err = err[1];
		e.status = status[1];
		fflush(NULL);
		j->pid = fork();
		if (j->pid == 0)
			child(argv, &e);
		ok = j->pid > 0;
	}
	int cause = errno;

	if (ok)
		setpgid(j->pid, j->pid); /* whoever of both is first */
	for (int i = 0; i < 2; i++) {
		if (out[i] >= 0 && (i || !ok))
			close(out[i]);
		if (err[i] >= 0 && (i || !ok))
			close(err[i]);
		if (status[i] >= 0 && (i || !ok))
			close(status[i]);
	}
	if (e.in >= 0)
		close(e.in);
	if (!ok) {
		j->pid = 0;
		snprintf(j->why, sizeof(j->why), "'%.100s' cannot be started: %s", argv[0],
			 strerror(cause));
		return -1;
	}
	j->out.fd = out[0];
	j->err.fd = err[0];
	j->status_fd = status[0];
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	fcntl(status[0], F_SETFL, O_NONBLOCK);
	return 0;
}

static void start(struct hooks *h, int program, const char *const *argv, const char *json, size_t n,
		  int64_t within_ms, void (*done)(void *payload, const struct hook_result *r),
		  void *payload)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		abort();
	*j = (struct job){ .next = h->jobs,
			   .hooks = h,
			   .program = program,
			   .status_fd = -1,
			   .since_ms = clock_ms(),
			   .done = done,
			   .payload = payload };
	j->out.fd = j->err.fd = -1;
	j->timer = loop_timer(h->loop, on_due, j);
	if (h->count >= JOBS_MAX)
		snprintf(j->why, sizeof(j->why), "%d programs run already", JOBS_MAX);
	else
		spawn(j, argv, json, n);
	h->jobs = j;
	h->count++;
	if (j->pid > 0) {
		j->proc = proc_watch(h->loop, j->pid, on_exit_of, j);
		j->out.watch = loop_watch(h->loop, j->out.fd, POLLIN, on_output, &j->out);
		j->err.watch = loop_watch(h->loop, j->err.fd, POLLIN, on_output, &j->err);
	}
	loop_timer_set(j->timer, clock_ns() + (j->pid > 0 ? within_ms * 1000000 : 0));
}

int hooks_start(struct hooks *h, enum hook_event e, const char *json, size_t n,
		void (*done)(void *payload, const struct hook_result *r), void *payload)
{
	if (!h->argv[e])
		return 0;
	start(h, e, h->argv[e], json, n, h->within_ms, done, payload);
	return 1;
}

void hooks_forget(struct hooks *h, const void *payload)
{
	for (struct job *j = h->jobs; j; j = j->next)
		if (j->done && j->payload == payload) {
			j->done = NULL;
			if (j->program == HOOK_BEFORE_UNIT)
				job_kill(j);
		}
}

void hooks_sound(struct hooks *h, enum hook_sound s)
{
	const char *argv[ARGV_MAX + 2] = { NULL };
	size_t n = 0;

	if (!h->argv[PLAYER])
		return;
	for (const struct job *j = h->jobs; j; j = j->next)
		if (j->program == PLAYER)
			return;
	while (h->argv[PLAYER][n]) {
		argv[n] = h->argv[PLAYER][n];
		n++;
	}
	argv[n] = hook_sound_word(s);
	start(h, PLAYER, argv, "", 0, SOUND_MS, NULL, NULL);
}

void hooks_free(struct hooks *h)
{
	siginfo_t si;

	if (!h)
		return;
	for (struct job *j = h->jobs; j; j = j->next)
		job_kill(j);
	while (h->jobs) {
		struct job *j = h->jobs;

		if (j->proc)
			proc_reap(j->proc, &si);
		job_free(j);
	}
	arena_free(&h->arena);
	free(h);
}

/* --- what they read --- */

static void head(struct json *j, enum hook_event e, const char *station, const char *line,
		 const char *slot)
{
	char now[CLOCK_TEXT];

	json_open(j, NULL, '{');
	json_text(j, "event", hook_word(e));
	json_text(j, "at", clock_print(now, clock_wall_ms()));
	json_text(j, "station", station);
	json_text(j, "line", line);
	json_text(j, "slot", slot);
}

void hook_json_before(struct sbuf *out, const struct hook_unit *u)
{
	struct json j = { .out = out };

	head(&j, HOOK_BEFORE_UNIT, u->station, u->line, u->slot);
	json_text(&j, "serial", u->serial);
	json_text(&j, "label", u->label);
	json_text(&j, "product", u->product);
	json_text(&j, "process", u->process);
	json_text(&j, "plan", u->plan);
	json_text(&j, "plan_title", u->title);
	json_text(&j, "plan_revision", u->revision);
	json_text(&j, "plan_sha256", u->sha256);
	json_text(&j, "variant", u->variant);
	json_text(&j, "operator", u->operator);
	json_text(&j, "operator_how", u->operator_how);
	json_text(&j, "mode", run_mode_word(u->mode));
	json_int(&j, "attempt", u->attempt);
	json_close(&j, '}');
	sbuf_putc(out, '\n');
}

void hook_json_after(struct sbuf *out, const struct unit_run *r)
{
	struct json j = { .out = out };
	char at[CLOCK_TEXT];

	head(&j, HOOK_AFTER_UNIT, r->station, r->line, r->slot);
	json_text(&j, "run", r->id);
	json_text(&j, "serial", r->serial);
	json_text(&j, "label", r->label_raw);
	json_text(&j, "product", r->product);
	json_text(&j, "process", r->process);
	json_text(&j, "plan", r->plan_path);
	json_text(&j, "plan_title", r->plan_title);
	json_text(&j, "plan_revision", r->plan_revision);
	json_text(&j, "plan_sha256", r->plan_sha256);
	json_text(&j, "variant", r->variant);
	json_text(&j, "operator", r->operator);
	json_text(&j, "operator_how", r->operator_how);
	json_text(&j, "mode", run_mode_word(r->mode));
	json_bool(&j, "counts", r->counts);
	json_text(&j, "verdict", verdict_word(r->verdict));
	json_text(&j, "blame", err_blame_word(r->blame));
	json_text(&j, "verdict_rule", r->verdict_rule);
	json_text(&j, "first_fail", r->first_fail);
	json_bool(&j, "marginal", r->marginal);
	json_text(&j, "started", clock_print(at, r->started_ms));
	json_int(&j, "duration_ms", r->duration_ms);
	json_int(&j, "seq", r->seq);
	json_text(&j, "hash", r->hash);
	json_close(&j, '}');
	sbuf_putc(out, '\n');
}

void hook_json_error(struct sbuf *out, const char *station, const char *line, const char *slot,
		     const char *code, const char *message)
{
	struct json j = { .out = out };

	head(&j, HOOK_STATION_ERROR, station, line, slot);
	json_text(&j, "code", code);
	json_text(&j, "message", message);
	json_close(&j, '}');
	sbuf_putc(out, '\n');
}

int hook_record(struct store *s, const struct hook_result *r, const struct hook_unit *u,
		const char *run, struct err *err)
{
	struct store_note n = { .kind = STORE_HOOK,
				.what = hook_word(r->event),
				.run = run,
				.slot = u->slot,
				.by = r->program,
				.by_how = "program",
				.reason = *r->text ? r->text : NULL,
				.is = hook_end_word(r->end) };

	if (u->product && u->serial && u->process) {
		n.product = u->product;
		n.serial = u->serial;
		n.process = u->process;
	}
	return store_note(s, &n, err);
}
