#include "floor/query.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "base/text.h"
#include "floor/label.h"
#include "reports/facts.h"

enum { LINES_MAX = 4000 }; /* of a report */

struct query {
	struct query *next;
	struct queries *all;
	pid_t pid;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *timer;
	int64_t id;
	void (*told)(void *payload, uint64_t whose, const struct floor_message *m);
	void *payload;
	uint64_t whose;
};

struct queries {
	struct station *st;
	struct query *query;
	char *buf;
};

/* --- in the child --- */

struct answer {
	struct floor_reply reply;
	size_t room;
	struct label_rules rules; /* of scans */
};

static void add_row(struct answer *a, const char **row)
{
	struct floor_reply *r = &a->reply;

	if (r->rows + 1 >= a->room) {
		const char ***more;

		a->room = a->room ? 2 * a->room : 64;
		more = arena_alloc(&r->arena, a->room * sizeof(*more));
		if (r->rows)
			memcpy(more, r->row, r->rows * sizeof(*more));
		r->row = more;
	}
	r->row[r->rows++] = row;
}

static void add_unit(struct answer *a, const struct store_found *f)
{
	struct arena *arena = &a->reply.arena;
	const char **cell = arena_alloc(arena, 8 * sizeof(*cell));

	cell[0] = f->serial;
	cell[1] = f->product;
	cell[2] = f->process;
	cell[3] = arena_printf(arena, "%" PRId64, f->runs);
	cell[4] = verdict_word(f->verdict);
	cell[5] = facts_time(arena, f->started_ms);
	cell[6] = arena_strdup(arena, f->run);
	add_row(a, cell);
}

/* The units of this very serial, newest run first. */
static int add_units_of(struct answer *a, struct store *s, const char *serial, struct err *err)
{
	struct store_filter filter = { .serial = serial };
	struct store_row *row;
	size_t n;

	if (store_rows(&row, &n, &a->reply.arena, s, &filter, err) < 0)
		return err->code;
	for (size_t i = n; i > 0; i--) {
		const struct store_row *last = &row[i - 1];
		struct store_found f = { .serial = last->serial,
					 .product = last->product,
					 .process = last->process,
					 .started_ms = last->started_ms,
					 .verdict = last->verdict };
		int told = 0;

		for (size_t k = 0; k < n; k++)
			if (!strcmp(row[k].product, f.product) &&
			    !strcmp(row[k].process, f.process)) {
				told |= k >= i;
				f.runs++;
			}
		snprintf(f.run, sizeof(f.run), "%s", last->run);
		if (!told)
			add_unit(a, &f);
	}
	return 0;
}

/* The serial of a label in this form, as runs keep it; NULL: it is none. */
static const char *serial_of(struct arena *a, const struct label_rules *rules, enum plan_label form,
			     const char *bytes, size_t len)
{
	struct label l = { 0 };
	struct err err = { 0 };
	const char *serial = NULL;

	if (label_read(&l, rules, form, bytes, len, &err) == 0 && *l.serial)
		serial = text_escaped(a, l.serial, strlen(l.serial));
	label_release(&l);
	return serial;
}

/* A label has one unit. A text without the mark of a label is looked up as a part of serials, and
 * where it is also a label that no scanner marked, that unit is told as well: who asks must see
 * that there are two. */
static int find(struct answer *a, struct store *s, const struct floor_command *c, struct err *err)
{
	struct arena *arena = &a->reply.arena;
	const char *text = c->text ? c->text : "", *label, *part;
	struct store_found *found;
	size_t n;

	label = serial_of(arena, &a->rules, PLAN_LABEL_GS1, text, c->len);
	if (!label || label_guess(&a->rules, text, c->len) != PLAN_LABEL_GS1) {
		part = serial_of(arena, &a->rules, PLAN_LABEL_PLAIN, text, c->len);
		if (store_find(&found, &n, arena, s, part ? part : text, QUERY_ROWS, err) < 0)
			return err->code;
		for (size_t i = 0; i < n; i++)
			add_unit(a, &found[i]);
	}
	if (label && add_units_of(a, s, label, err) < 0)
		return err->code;
	n = a->reply.rows;
	a->reply.text = arena_printf(arena, SAID("%zu unit%s%s"), n, n == 1 ? "" : "s",
				     n >= QUERY_ROWS ? ", the newest ones" : "");
	return 0;
}

static int runs(struct answer *a, struct store *s, const struct floor_command *c, struct err *err)
{
	struct arena *arena = &a->reply.arena;
	struct store_filter unit = { .serial = c->text,
				     .product = c->product,
				     .process = c->process };
	struct store_row *row;
	size_t n = 0;

	/* Bytes behind a NUL would be another serial than the one that is asked for. */
	if (!c->len || strlen(c->text) != c->len)
		return err_set(err, ERR_USAGE, "runs are asked for by the whole serial of a unit");
	if (store_rows(&row, &n, arena, s, &unit, err) < 0)
		return err->code;
	if (!n)
		return err_set(err, ERR_USAGE,
			       "no run of unit %.100s is recorded; find its serial first",
			       run_clean(arena, c->text));
	for (size_t i = n; i > 0 && n - i < QUERY_ROWS; i--) {
		const struct store_row *r = &row[i - 1];
		const char **cell = arena_alloc(arena, 10 * sizeof(*cell));

		cell[0] = r->run;
		cell[1] = arena_printf(arena, "%" PRId64, r->attempt);
		cell[2] = facts_time(arena, r->started_ms);
		cell[3] = verdict_word(r->verdict);
		cell[4] = r->first_fail ? r->first_fail : "";
		cell[5] = r->slot;
		cell[6] = r->station;
		cell[7] = r->product;
		cell[8] = r->process;
		add_row(a, cell);
	}
	a->reply.text = arena_printf(arena, SAID("%zu run%s%s"), n, n == 1 ? "" : "s",
				     n > QUERY_ROWS ? ", the newest ones are listed" : "");
	return 0;
}

static int show(struct answer *a, struct store *s, const struct floor_command *c, struct err *err)
{
	const struct report_writer *w = report_find("text");
	struct report_history history = { 0 };
	struct unit_run r = { 0 };
	struct sbuf text = { 0 };
	char *rest, *line;

	if (store_load(&r, s, c->text, err) < 0 ||
	    station_history(&history, &a->reply.arena, s, &r, err) < 0 ||
	    w->write(&text, &r, &history, err) < 0)
		return err->code;
	rest = arena_strdup(&a->reply.arena, sbuf_str(&text));
	while ((line = strsep(&rest, "\n")) && (*line || rest) && a->reply.rows < LINES_MAX) {
		const char **cell = arena_alloc(&a->reply.arena, 2 * sizeof(*cell));

		cell[0] = line;
		add_row(a, cell);
	}
	a->reply.text = arena_strdup(&a->reply.arena, r.serial);
	return 0;
}

static int (*const asks[FLOOR_DO_END_])(struct answer *a, struct store *s,
					const struct floor_command *c, struct err *err) = {
	[FLOOR_DO_FIND] = find,
	[FLOOR_DO_RUNS] = runs,
	[FLOOR_DO_SHOW] = show,
};

static void send_part(void *payload, const struct floor_message *m)
{
	struct sbuf b = { 0 };
	int fd = *(const int *)payload;

	floor_encode(&b, m);
	if (send(fd, b.data, b.len, MSG_NOSIGNAL) != (ssize_t)b.len)
		_exit(1);
	sbuf_release(&b);
}

static _Noreturn void in_child(int fd, struct station *st, const struct floor_command *c)
{
	struct answer a = { .reply = { .id = c->id, .code = "", .text = "" },
			    .rules = station_label_rules(st) };
	struct store *s;
	struct err err = { 0 };
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	loop_signals_reset();
	signal(SIGPIPE, SIG_IGN);
	r = store_open(&s, st->conf->database, STORE_READ, st->conf->id, &err);
	if (r >= 0)
		r = asks[c->what](&a, s, c, &err);
	a.reply.ok = r >= 0;
	if (r < 0) {
		a.reply.text = err.text;
		a.reply.code = r == ERR_USAGE ? "not_found" : "record_not_read";
		a.reply.rows = 0;
	}
	floor_reply_split(&a.reply, send_part, &fd);
	_exit(0);
}

/* --- in the station --- */

static void forget(struct query *q)
{
	struct query **at = &q->all->query;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	loop_unwatch(q->watch);
	loop_timer_free(q->timer);
	close(q->fd);
	proc_end(q->pid);
	free(q);
}

static void give_up(struct query *q, const char *why)
{
	struct floor_message m = {
		.type = FLOOR_REPLY,
		.reply = { .id = q->id, .text = why, .code = "record_not_read" },
	};

	q->told(q->payload, q->whose, &m);
	forget(q);
}

static void on_due(void *payload)
{
	give_up(payload, "the record took too long to answer");
}

static void on_packet(void *payload, short revents)
{
	struct query *q = payload;
	char *buf = q->all->buf;
	struct floor_message m;
	struct err err = { 0 };
	ssize_t n = recv(q->fd, buf, FLOOR_PACKET, MSG_DONTWAIT);
	int more;

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || floor_decode(&m, buf, (size_t)n, &err) < 0) {
		give_up(q, "the record could not be read");
		return;
	}
	more = m.more;
	q->told(q->payload, q->whose, &m);
	floor_message_release(&m);
	if (!more)
		forget(q);
}

int queries_takes(enum floor_do what)
{
	return what > FLOOR_DO_NONE && what < FLOOR_DO_END_ && asks[what];
}

int queries_ask(struct queries *all, const struct floor_command *c,
		void (*told)(void *payload, uint64_t whose, const struct floor_message *m),
		void *payload, uint64_t whose, struct err *err)
{
	struct query *q;
	int fd[2];
	pid_t pid;

	if (!queries_takes(c->what))
		return err_set(err, ERR_USAGE, "'%s' asks nothing", floor_do_word(c->what));
	if (queries_busy(all) >= QUERY_MAX)
		return err_set(err, ERR_BUSY, "%d questions are being answered; ask again soon",
			       QUERY_MAX);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd))
		return err_set(err, ERR_IO, "socket: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		in_child(fd[1], all->st, c);
	close(fd[1]);
	if (pid < 0) {
		close(fd[0]);
		return err_set(err, ERR_IO, "fork: %s", strerror(errno));
	}
	q = calloc(1, sizeof(*q));
	if (!q)
		abort();
	*q = (struct query){ .next = all->query,
			     .all = all,
			     .pid = pid,
			     .fd = fd[0],
			     .id = c->id,
			     .told = told,
			     .payload = payload,
			     .whose = whose };
	all->query = q;
	q->watch = loop_watch(all->st->loop, q->fd, POLLIN, on_packet, q);
	q->timer = loop_timer(all->st->loop, on_due, q);
	loop_timer_set(q->timer, clock_ns() + QUERY_MS * 1000000LL);
	return 0;
}

int queries_busy(const struct queries *all)
{
	int n = 0;

	for (const struct query *q = all->query; q; q = q->next)
		n++;
	return n;
}

struct queries *queries_new(struct station *st)
{
	struct queries *q = calloc(1, sizeof(*q));

	if (!q || !(q->buf = malloc(FLOOR_PACKET)))
		abort();
	q->st = st;
	return q;
}

void queries_free(struct queries *q)
{
	if (!q)
		return;
	while (q->query)
		forget(q->query);
	free(q->buf);
	free(q);
}
