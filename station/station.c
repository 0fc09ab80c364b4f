#include "station.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "base/text.h"
#include "floor/server.h"

enum {
	READERS_MAX = 8,
	REPORT_MS = 30000, /* for a child to write one run's reports */
	LATE_REPORTS_MAX = 64,
	PLANS_MAX = 64, /* that are kept though no run has them */
};

/* A child that writes the reports of one recorded run. */
struct reporter {
	struct reporter *next;
	struct station *st;
	int slot;
	struct proc *proc; /* NULL: not begun */
	struct loop_timer *timer;
	struct arena arena;
	const char *path[LATE_REPORTS_MAX];
	size_t paths;
	struct unit_run shell; /* id, serial and slot, for the event */
};

struct kept_plan {
	struct kept_plan *next; /* the ones before it */
	struct arena arena;
	struct plan *plan;
};

struct station_priv {
	struct supervisor_setup set;
	struct supervisor_resource *resource;
	struct event_reader reader[READERS_MAX + 1];
	struct reporter *reporters;
	struct kept_plan *plan;
};

/* --- reports: read here, written by a child, so that no disk holds the loop up --- */

static void tell(struct station *st, const struct event *e)
{
	const struct supervisor_setup *set = &st->priv->set;

	for (size_t i = 0; i < set->readers; i++)
		if (set->reader[i].wants & (1u << e->type))
			set->reader[i].hear(set->reader[i].payload, e);
}

static void reporter_end(struct reporter *w, const char *problem)
{
	struct station *st = w->st;
	struct reporter **p = &st->priv->reporters;
	struct err err = { 0 };
	struct event e = {
		.type = EVENT_REPORT, .at_ms = clock_ms(), .slot = w->slot, .run = &w->shell
	};

	if (problem)
		err_set(&err, ERR_FILE, "report not written: %s", problem);
	e.err = problem ? &err : NULL;
	for (size_t i = 0; i < w->paths; i++) {
		e.text = w->path[i];
		tell(st, &e);
	}
	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	loop_timer_free(w->timer);
	arena_free(&w->arena);
	free(w);
}

static void reporter_done(void *payload)
{
	struct reporter *w = payload;
	siginfo_t si;

	proc_reap(w->proc, &si);
	reporter_end(w, si.si_code == CLD_EXITED && si.si_status == 0
				? NULL
				: "check the folder of [reports] and the free space");
}

static void reporter_due(void *payload)
{
	struct reporter *w = payload;
	siginfo_t si;

	proc_kill(w->proc);
	proc_reap(w->proc, &si);
	reporter_end(w, "it took too long");
}

/* In the child. */
static _Noreturn void write_reports(const struct station *st, const struct unit_run *r,
				    const struct report_history *history)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	int bad = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	loop_signals_reset();
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < st->conf->formats.count; i++) {
		const struct report_writer *w = report_find(st->conf->formats.item[i]);
		const char *path;

		if (!w || report_save(&path, &arena, st->conf->reports, w, r, history, &err) < 0)
			bad = 1;
	}
	_exit(bad);
}

static void on_recorded(void *payload, const struct event *e)
{
	struct station *st = payload;
	struct report_history history = { 0 };
	struct unit_run kept = { 0 };
	struct err err = { 0 };
	struct reporter *w;
	pid_t pid = -1;

	if (!st->conf->formats.count)
		return;
	w = calloc(1, sizeof(*w));
	if (!w)
		abort();
	w->st = st;
	w->slot = e->slot;
	memcpy(w->shell.id, e->run->id, sizeof(w->shell.id));
	w->shell.serial = arena_strdup(&w->arena, e->run->serial);
	w->shell.slot = arena_strdup(&w->arena, e->run->slot);
	for (size_t i = 0; i < st->conf->formats.count && w->paths < LATE_REPORTS_MAX; i++) {
		const struct report_writer *r = report_find(st->conf->formats.item[i]);

		if (r)
			w->path[w->paths++] = report_path(&w->arena, st->conf->reports, e->run, r);
	}
	w->next = st->priv->reporters;
	st->priv->reporters = w;
	/* Everything from the committed record, which the child must not touch: SQLite's
	 * locks do not outlive a fork. */
	if (store_load(&kept, st->store, e->run->id, &err) == 0 &&
	    station_history(&history, &w->arena, st->store, &kept, &err) == 0) {
		fflush(NULL);
		pid = fork();
		if (pid == 0)
			write_reports(st, &kept, &history);
		if (pid < 0)
			err_set(&err, ERR_IO, "no process: %s", strerror(errno));
	}
	run_release(&kept);
	if (pid < 0) {
		reporter_end(w, err.text);
		return;
	}
	w->proc = proc_watch(st->loop, pid, reporter_done, w);
	w->timer = loop_timer(st->loop, reporter_due, w);
	loop_timer_set(w->timer, clock_ns() + REPORT_MS * 1000000LL);
}

int station_history(struct report_history *out, struct arena *a, struct store *s,
		    const struct unit_run *r, struct err *err)
{
	struct store_filter filter = { .product = r->product,
				       .serial = r->serial,
				       .process = r->process };
	struct store_row *row;
	size_t n;

	if (store_rows(&row, &n, a, s, &filter, err) < 0)
		return err->code;
	out->past = arena_alloc(a, (n + 1) * sizeof(*out->past));
	out->count = 0;
	/* Runs before this one only: a report written again later says the same. */
	for (size_t i = 0; i < n; i++)
		if (row[i].open_seq < r->open_seq)
			out->past[out->count++] = (struct report_past){
				.run = arena_strdup(a, row[i].run),
				.started_ms = row[i].started_ms,
				.verdict = row[i].verdict,
				.first_fail = row[i].first_fail,
			};
	return 0;
}

/* --- the record, as the engine wants it --- */

static int rec_begin(void *p, struct unit_run *r, struct err *err)
{
	return store_begin(p, r, err);
}

static int rec_attempt(void *p, const struct unit_run *r, size_t step, size_t attempt,
		       struct err *err)
{
	return store_attempt(p, r, step, attempt, err);
}

static int rec_unsynced(void *p)
{
	return store_unsynced(p);
}

static int rec_sync(void *p, struct err *err)
{
	return store_sync(p, err);
}

static int rec_commit(void *p, struct unit_run *r, struct err *err)
{
	return store_commit(p, r, err);
}

static int rec_identity(void *p, char *other, size_t size, const char *kind, const char *value,
			const struct unit_run *r, struct err *err)
{
	return store_identity(other, size, p, kind, value, r->product, r->serial, err);
}

/* --- open and close --- */

static void heard_interrupted(void *payload, const struct unit_run *r)
{
	struct event e = { .type = EVENT_RUN_RECORDED, .at_ms = clock_ms(), .slot = -1, .run = r };

	tell(payload, &e);
}

/* Another process writes the record: say what it is for, where it is known. */
static int who_has_it(struct station *st, struct err *err)
{
	int fd = server_connect(arena_printf(&st->arena, "%s/station.sock", st->conf->data));

	if (fd < 0)
		return err->code;
	close(fd);
	return err_set(err, ERR_BUSY,
		       "%s: `station serve` holds this record; scan the unit at its screen "
		       "(station), or end it first",
		       st->conf->database);
}

static int open_store(struct station *st, const struct station_setup *s, struct err *err)
{
	struct conf *c = st->conf;

	if (store_open(&st->store, c->database,
		       s->needs & STATION_RECORD ? STORE_WRITE : STORE_READ, c->id, err) < 0)
		return err->code == ERR_BUSY ? who_has_it(st, err) : err->code;
	if (s->needs & STATION_RECORD)
		return store_recover(st->store, heard_interrupted, st, err);
	return 0;
}

static void set_up_engine(struct station *st, const struct station_setup *s)
{
	struct station_priv *p = st->priv;
	struct supervisor_setup *set = &p->set;

	p->resource = arena_alloc(&st->arena, (st->conf->resources + 1) * sizeof(*p->resource));
	for (size_t i = 0; i < st->conf->resources; i++)
		p->resource[i] = (struct supervisor_resource){ st->conf->resource[i].name,
							       st->conf->resource[i].count };
	set->loop = st->loop;
	set->fixture = st->fixture;
	set->resource = p->resource;
	set->resources = st->conf->resources;
	set->record = (struct supervisor_record){ rec_begin,  rec_attempt,  rec_unsynced, rec_sync,
						  rec_commit, rec_identity, st->store };
	set->journal_sync_ms = st->conf->journal_sync_ms;
	set->always_ms = st->conf->always_ms;
	set->console_max = st->conf->console_max;
	set->second_look = st->conf->second_look;
	set->can_answer = s->can_answer;
	set->keeps_trying = s->keeps_trying;
	set->lanes = st->fixture ? (int)st->fixture->slots : 1;
	set->station = st->conf->id;
	set->line = st->conf->line;
	st->supervisor = supervisor_new(set);
}

int station_open(struct station **out, const struct station_setup *s, struct findings *f,
		 struct err *err)
{
	struct station *st = calloc(1, sizeof(*st));
	const char *path = s->conf;
	int r;

	*out = NULL;
	if (!st)
		abort();
	st->findings = f;
	st->priv = arena_new(&st->arena, struct station_priv);
	if (!path && !access("station.conf", F_OK))
		path = "station.conf";
	r = conf_load(&st->conf, &st->arena, path, f, err);
	if (r < 0)
		goto fail;
	if (s->database)
		st->conf->database = s->database;
	if (s->fixture)
		st->conf->fixture = s->fixture;
	if ((s->needs & STATION_FIXTURE) && st->conf->fixture && *st->conf->fixture) {
		r = fixture_load(&st->fixture, &st->arena, st->conf->fixture, f, err);
		if (r < 0)
			goto fail;
	}
	for (size_t i = 0; i < st->conf->formats.count; i++)
		if (!report_find(st->conf->formats.item[i])) {
			r = err_set(err, ERR_CONF,
				    "%s: 'formats' of [reports] lists '%s'; there are text, json, "
				    "html and junit",
				    st->conf->path, st->conf->formats.item[i]);
			goto fail;
		}
	st->loop = loop_new();
	for (size_t i = 0; i < s->readers && i < READERS_MAX; i++)
		st->priv->reader[i] = s->reader[i];
	st->priv->reader[s->readers] =
		(struct event_reader){ 1u << EVENT_RUN_RECORDED, on_recorded, st };
	st->priv->set.reader = st->priv->reader;
	st->priv->set.readers = s->readers + 1;
	if (s->needs & (STATION_RECORD | STATION_READ)) {
		r = open_store(st, s, err);
		if (r < 0)
			goto fail;
	}
	if (s->needs & STATION_RECORD)
		set_up_engine(st, s);
	*out = st;
	return 0;
fail:
	station_close(st);
	return r;
}

static void plan_drop(struct kept_plan *k)
{
	plan_release(k->plan);
	arena_free(&k->arena);
	free(k);
}

/* All but the newest `keep` and those of which a run goes on. */
static void plans_forget(struct station *st, size_t keep)
{
	struct kept_plan **at = &st->priv->plan;

	while (*at) {
		struct kept_plan *k = *at;

		if (keep || (st->supervisor && supervisor_uses(st->supervisor, k->plan))) {
			keep -= keep > 0;
			at = &k->next;
			continue;
		}
		*at = k->next;
		plan_drop(k);
	}
}

void station_close(struct station *st)
{
	if (!st)
		return;
	supervisor_free(st->supervisor);
	st->supervisor = NULL;
	/* Of runs that an earlier process left, when this one refused to start any;
	 * each has its deadline. */
	while (st->priv->reporters)
		loop_turn(st->loop, CLOCK_NEVER);
	store_close(st->store);
	plans_forget(st, 0);
	loop_free(st->loop);
	arena_free(&st->arena);
	free(st);
}

/* --- plans and starts --- */

static const char *board_hash(const struct plan *p)
{
	return p->board && p->board->sha256 ? p->board->sha256 : "";
}

/* What the files say is compared, so that one that was edited in between is not
 * taken for the same. */
static int is_same(const struct plan *a, const struct plan *b)
{
	return !strcmp(a->path, b->path) && !strcmp(a->sha256, b->sha256) &&
	       !strcmp(a->limits_sha256, b->limits_sha256) && !strcmp(a->variant, b->variant) &&
	       !strcmp(board_hash(a), board_hash(b));
}

/* The serial of a label, as the plan reads labels: variants are chosen by it. One that
 * cannot be read stays as it is when it is plain, for station_start() to refuse. */
static int serial_of(struct label *label, const char **serial, struct station *st, const char *path,
		     const char *scan, struct err *err)
{
	struct label_rules rules = station_label_rules(st);
	struct plan_card *card = NULL;
	struct arena a = { 0 };
	struct err why = { 0 };
	int r = 0;

	*label = (struct label){ 0 };
	*serial = scan;
	if (plan_card_load(&card, &a, path, &why) == 0) {
		if (label_read(label, &rules, card->label, scan, strlen(scan), &why) == 0)
			*serial = label->serial;
		else if (card->label == PLAN_LABEL_GS1)
			r = err_set(err, why.code, "%s", why.text);
	}
	plan_card_release(card);
	arena_free(&a);
	return r;
}

int station_plan_of(const struct plan **out, struct station *st, const char *path,
		    const char *variant, const char *serial, struct err *err)
{
	struct plan_env env = { .boards = st->conf->boards,
				.fixture = st->fixture,
				.resources = &st->conf->resource_names };
	struct station_priv *p = st->priv;
	struct kept_plan *new;
	const char *by_label;
	int r, wrong = 0;

	new = calloc(1, sizeof(*new));
	if (!new)
		abort();
	r = plan_variant_for(&by_label, &new->arena, path, serial, err);
	if (r == ERR_FILE) {
		r = err->code = ERR_PLAN; /* there is no such plan */
		goto drop;
	}
	if (!variant) {
		if (r < 0 && r != ERR_PLAN)
			goto drop;
		wrong = r < 0; /* the linter then tells all that is wrong */
		variant = wrong ? "" : by_label;
	} else if (r == 0 && *by_label && strcmp(by_label, variant)) {
		/* Looser limits than its own must not be lent to a unit. */
		r = err_set(err, ERR_USAGE, "unit %s is a '%s' by its label, not a '%s'",
			    text_escaped(&new->arena, serial, strlen(serial)), by_label,
			    *variant ? variant : "plan without variant");
		goto drop;
	}
	r = plan_load(&new->plan, &new->arena, path, *variant ? variant : NULL, &env, st->findings,
		      err);
	if (r < 0 || wrong) {
		r = err->code;
		goto drop;
	}
	/* Units of one start share a plan. */
	for (struct kept_plan *k = p->plan; k; k = k->next)
		if (is_same(k->plan, new->plan)) {
			plan_drop(new);
			*out = k->plan;
			return 0;
		}
	plans_forget(st, PLANS_MAX - 1);
	new->next = p->plan;
	p->plan = new;
	*out = new->plan;
	return 0;
drop:
	plan_drop(new);
	return r;
}

int station_plan(const struct plan **out, struct station *st, const char *path, const char *variant,
		 const char *scan, struct err *err)
{
	struct label label;
	const char *serial;
	int r = serial_of(&label, &serial, st, path, scan, err);

	if (r == 0)
		r = station_plan_of(out, st, path, variant, serial, err);
	label_release(&label);
	return r;
}

int station_lane(const struct station *st, const char *slot)
{
	for (size_t i = 0; st->fixture && i < st->fixture->slots; i++)
		if (!strcmp(st->fixture->slot[i].name, slot))
			return (int)i;
	return -1;
}

static const char *running_on(const struct station *st, const struct plan *p, const char *serial)
{
	for (int i = 0; i < st->priv->set.lanes; i++) {
		const struct unit_run *r = supervisor_run(st->supervisor, i);

		/* A recorded run is over for everybody, though its worker has not ended. */
		if (r && !supervisor_recorded(st->supervisor, i) && !strcmp(r->serial, serial) &&
		    !strcmp(r->product, p->product))
			return r->slot;
	}
	return NULL;
}

struct label_rules station_label_rules(const struct station *st)
{
	const struct conf *c = st->conf;

	return (struct label_rules){ .prefix = c->scan_prefix,
				     .suffix = c->scan_suffix,
				     .fnc1 = c->scan_fnc1,
				     .aim = !strcmp(c->scan_aim, "yes")  ? LABEL_AIM_YES
					    : !strcmp(c->scan_aim, "no") ? LABEL_AIM_NO
									 : LABEL_AIM_STRIP };
}

struct codes_rules station_codes_rules(const struct station *st)
{
	return (struct codes_rules){ .codes = st->conf->scan_codes, .badge = st->conf->badge };
}

/* The unit's label as its plan wants it; a badge or a code of the station is none, and
 * is repeated nowhere. */
static int read_label(struct label *out, struct station *st, const struct station_unit *u,
		      struct policy_answer *answer, struct err *err)
{
	struct label_rules rules = station_label_rules(st);
	struct codes_rules codes = station_codes_rules(st);
	const struct plan *p = u->plan;
	const char *arg;
	int r = policy_label(out, &rules, p->label, p->check, &p->code, u->serial,
			     strlen(u->serial), answer, err);

	if (r == 0 &&
	    codes_read(&arg, &codes, st->fixture, out->serial, strlen(out->serial)) != CODE_LABEL) {
		label_release(out);
		return policy_refuse(
			answer, POLICY_WRONG_FORMAT, err,
			"this is a badge or a code of the station, no label of a unit");
	}
	return r;
}

/* The label that was read, and its serial as records hold it; arena and label are the caller's. */
static int ask_policy(struct station *st, const struct station_unit *u, struct arena *a,
		      struct label *label, const char **serial, struct policy_answer *answer,
		      struct err *err)
{
	struct policy_case c = {
		.plan = u->plan,
		.fixture = st->fixture,
		.store = st->store,
		.data = st->conf->data,
		.mode = u->mode,
		.partial = u->only != NULL,
		.login = !strcmp(st->conf->login, "badge"),
		.role = u->role,
		.confirmed = u->confirmed,
	};

	*answer = (struct policy_answer){ 0 };
	if (read_label(label, st, u, answer, err) < 0)
		return err->code;
	*serial = text_escaped(a, label->serial, strlen(label->serial));
	c.serial = *serial;
	c.scanned = label->serial;
	c.running_on = running_on(st, u->plan, *serial);
	return policy_ask(answer, &c, err);
}

const char *station_serial(struct station *st, const struct station_unit *u)
{
	struct label label = { 0 };
	struct err none = { 0 };
	const char *serial = u->serial;

	if (read_label(&label, st, u, NULL, &none) == 0)
		serial = label.serial;
	serial = text_escaped(&st->arena, serial, strlen(serial));
	label_release(&label);
	return serial;
}

int station_may_start(struct station *st, const struct station_unit *u,
		      struct policy_answer *answer, struct err *err)
{
	struct policy_answer own;
	struct label label = { 0 };
	struct arena a = { 0 };
	const char *serial;
	int r = ask_policy(st, u, &a, &label, &serial, answer ? answer : &own, err);

	label_release(&label);
	arena_free(&a);
	return r;
}

int station_start(struct station *st, int lane, const struct station_unit *u, struct err *err)
{
	struct supervisor_job job = { .plan = u->plan,
				      .operator= u->operator,
				      .operator_how = u->operator_how,
				      .mode = u->mode,
				      .only = u->only,
				      .link_spec = u->link_spec,
				      .link_wrap = u->link_wrap };
	struct policy_answer answer;
	struct label label = { 0 };
	struct arena arena = { 0 };
	int r = ask_policy(st, u, &arena, &label, &job.serial, &answer, err);

	if (r >= 0) {
		job.label_raw = text_escaped(&arena, u->serial, strlen(u->serial));
		job.retest = *answer.retest ? answer.retest : NULL;
		job.second_look = answer.second_look;
		job.fixture_cycles = answer.cycles;
		r = supervisor_start(st->supervisor, lane, &job, err);
	}
	label_release(&label);
	arena_free(&arena);
	return r;
}

int station_busy(const struct station *st)
{
	return supervisor_busy(st->supervisor) || st->priv->reporters != NULL;
}

void station_wait(struct station *st)
{
	while (station_busy(st))
		loop_turn(st->loop, CLOCK_NEVER);
}
