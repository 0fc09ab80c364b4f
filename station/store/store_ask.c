/*
 * store_ask -- questions to the record.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_in.h"

static int ask_failed(struct store *s, int rc, struct err *err)
{
	return db_fail(err, &s->db, s->path, rc, "reading the record");
}

int store_freeze(struct store *s, struct err *err)
{
	sqlite3_stmt *row;
	int rc;

	if (s->mode != STORE_READ)
		return err_set(err, ERR_INTERNAL, "%.200s: a writer cannot stand still", s->path);
	rc = db_exec(&s->db, "BEGIN");
	if (rc == SQLITE_OK) /* the moment is that of the first question */
		rc = db_step(&row, &s->db, DB_HEAD, "");
	if (rc == SQLITE_ROW)
		rc = sqlite3_reset(row);
	return rc == SQLITE_OK || rc == SQLITE_DONE ? 0 : ask_failed(s, rc, err);
}

/* --- identities --- */

int store_identity(char *other, size_t size, struct store *s, const char *kind, const char *value,
		   const char *product, const char *serial, struct err *err)
{
	struct arena a = { 0 };
	char mac[MAC_TEXT];
	sqlite3_stmt *row;
	int rc;

	if (!strcmp(kind, "mac") && mac_canonical(mac, value) == 0)
		value = mac;
	rc = db_step(&row, &s->db, DB_IDENTITY, "tttt", kind, value, run_clean(&a, serial),
		     run_clean(&a, product));
	snprintf(other, size, "%s", "");
	arena_free(&a);
	if (rc == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(row, 0);

		/* Never "": that would say that nobody has it. */
		snprintf(other, size, "%s", text && *text ? text : "(no serial)");
		sqlite3_reset(row);
		return 0;
	}
	return rc == SQLITE_DONE ? 0 : ask_failed(s, rc, err);
}

/* --- histories --- */

int store_expected(int64_t *out, struct store *s, const struct plan *p, struct err *err)
{
	for (size_t i = 0; i < p->steps; i++) {
		const struct plan_step *st = &p->step[i];
		int64_t last[20], n = 0;
		sqlite3_stmt *q =
			db_bind(&s->db, DB_DURATIONS, "ttttitt", p->product ? p->product : "",
				p->process ? p->process : "", st->id,
				st->driver ? st->driver->name : "", (int64_t)VERDICT_PASS,
				p->title ? p->title : "", p->variant ? p->variant : "");
		int rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN;

		for (; rc == SQLITE_ROW && n < 20; rc = sqlite3_step(q))
			last[n++] = sqlite3_column_int64(q, 0);
		sqlite3_reset(q);
		if (rc != SQLITE_DONE && rc != SQLITE_ROW)
			return ask_failed(s, rc, err);
		out[i] = n ? (last[(n - 1) / 2] + last[n / 2]) / 2 : -1;
	}
	return 0;
}

int store_measured(double *median, int64_t *n, struct store *s, const struct store_measured *m,
		   struct err *err)
{
	double value[STORE_MEASURED];
	sqlite3_stmt *q = db_bind(&s->db, DB_MEASURED, "ttttti", m->product, m->process, m->step,
				  m->kind, m->measure, (int64_t)STORE_MEASURED);
	int rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN;

	for (*n = 0; rc == SQLITE_ROW && *n < STORE_MEASURED; rc = sqlite3_step(q))
		value[(*n)++] = sqlite3_column_double(q, 0);
	sqlite3_reset(q);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		return ask_failed(s, rc, err);
	*median = *n ? (value[(*n - 1) / 2] + value[*n / 2]) / 2 : 0;
	return 0;
}

/* What was decided about the unit; runs after run `disposed` are used up attempts. */
static int unit_notes(struct store_unit *out, struct store *s, const char *product,
		      const char *serial, const char *process, int64_t *disposed)
{
	sqlite3_stmt *row;
	int rc;

	if (s->db.version < 2)
		return SQLITE_OK; /* read as it is: it has none */
	rc = db_step(&row, &s->db, DB_NOTE_LAST, "ttti", product, serial, process,
		     (int64_t)STORE_DISPOSITION);
	if (rc == SQLITE_ROW) {
		const char *what = (const char *)sqlite3_column_text(row, 1);

		*disposed = sqlite3_column_int64(row, 0);
		snprintf(out->disposition, sizeof(out->disposition), "%s", what ? what : "");
		out->disposed_ms = sqlite3_column_int64(row, 2);
		sqlite3_reset(row);
	}
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		rc = db_step(&row, &s->db, DB_NOTE_COUNT, "tttii", product, serial, process,
			     (int64_t)STORE_GRANT, *disposed);
	if (rc == SQLITE_ROW) {
		out->grants = sqlite3_column_int64(row, 0);
		sqlite3_reset(row);
		rc = db_step(&row, &s->db, DB_NOTE_SCRAPPED, "tti", product, serial,
			     (int64_t)STORE_DISPOSITION);
	}
	if (rc == SQLITE_ROW) {
		const char *by = (const char *)sqlite3_column_text(row, 1);

		out->scrapped_ms = sqlite3_column_int64(row, 0);
		snprintf(out->scrapped_by, sizeof(out->scrapped_by), "%s", by ? by : "");
		sqlite3_reset(row);
	}
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Its counted runs, and the last of them. */
static int unit_runs(struct store_unit *out, struct store *s, int64_t unit, int64_t disposed)
{
	sqlite3_stmt *row;
	uint8_t uuid[16];
	int rc = db_step(&row, &s->db, DB_UNIT_RUNS, "i", unit);

	if (rc == SQLITE_ROW) {
		out->counted = sqlite3_column_int64(row, 0);
		sqlite3_reset(row);
		rc = db_step(&row, &s->db, DB_UNIT_RUNS_SINCE, "ii", unit, disposed);
	}
	if (rc == SQLITE_ROW) {
		out->used = sqlite3_column_int64(row, 0);
		sqlite3_reset(row);
		rc = db_step(&row, &s->db, DB_UNIT_ALIKE, "i", unit);
	}
	if (rc == SQLITE_DONE)
		return SQLITE_OK; /* no production run */
	if (rc == SQLITE_ROW) {
		out->second_look = sqlite3_column_int(row, 0);
		sqlite3_reset(row);
		rc = db_step(&row, &s->db, DB_UNIT_LAST, "i", unit);
	}
	if (rc == SQLITE_ROW) {
		rc = db_bytes(uuid, sizeof(uuid), row, 1);
		out->last = (enum verdict)sqlite3_column_int(row, 0);
		out->last_ended_ms = sqlite3_column_int64(row, 2);
		out->last_shown = sqlite3_column_int(row, 3);
		out->disposed_last = disposed > sqlite3_column_int64(row, 4);
		sqlite3_reset(row);
		if (rc == SQLITE_OK)
			uuid_print(out->last_run, uuid);
	}
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int store_unit(struct store_unit *out, struct store *s, const char *product, const char *serial,
	       const char *process, struct err *err)
{
	struct arena a = { 0 };
	int64_t disposed = 0, unit = 0;
	sqlite3_stmt *row;
	int rc;

	*out = (struct store_unit){ 0 };
	product = run_clean(&a, product);
	serial = run_clean(&a, serial);
	process = run_clean(&a, process);
	rc = unit_notes(out, s, product, serial, process, &disposed);
	out->disposed_last = disposed > 0;
	if (rc == SQLITE_OK)
		rc = db_step(&row, &s->db, DB_UNIT_NAMED, "ttt", product, serial, process);
	if (rc == SQLITE_ROW) {
		unit = sqlite3_column_int64(row, 0);
		sqlite3_reset(row);
		rc = unit_runs(out, s, unit, disposed);
	}
	arena_free(&a);
	return rc == SQLITE_OK || rc == SQLITE_DONE ? 0 : ask_failed(s, rc, err);
}

int64_t store_fixture_cycles(struct store *s, const char *fixture, struct err *err)
{
	struct arena a = { 0 };
	sqlite3_stmt *row;
	int64_t n = 0;
	int rc = db_step(&row, &s->db, DB_CYCLES, "t", run_clean(&a, fixture));

	arena_free(&a);
	if (rc == SQLITE_ROW) {
		n = sqlite3_column_int64(row, 0);
		sqlite3_reset(row);
	}
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? n : ask_failed(s, rc, err);
}

int store_ticks(struct store *s, int64_t after, int64_t since_ms,
		void (*hear)(void *payload, const struct store_tick *t), void *payload,
		struct err *err)
{
	static const int64_t day_ms = 86400000;
	/* A clock that was wrong for a few runs does not hide those before them (our choice). */
	enum { OLD_MAX = 100 };
	int old = 0;
	sqlite3_stmt *q = db_bind(&s->db, DB_TICKS, "i", after);
	int rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN;

	for (; rc == SQLITE_ROW; rc = sqlite3_step(q)) {
		struct store_tick t = {
			.run_id = sqlite3_column_int64(q, 0),
			.unit = sqlite3_column_int64(q, 1),
			.started_ms = sqlite3_column_int64(q, 2),
			.ended_ms = sqlite3_column_int64(q, 3),
			.attempt = sqlite3_column_int64(q, 4),
			.verdict = (enum verdict)sqlite3_column_int(q, 5),
			.first_fail = (const char *)sqlite3_column_text(q, 6),
		};

		old = t.started_ms < since_ms - day_ms ? old + 1 : 0;
		if (old > OLD_MAX)
			break;
		if (t.started_ms >= since_ms)
			hear(payload, &t);
	}
	if (q)
		sqlite3_reset(q);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : ask_failed(s, rc, err);
}

/* --- units --- */

int store_find(struct store_found **out, size_t *n, struct arena *a, struct store *s,
	       const char *text, size_t max, struct err *err)
{
	/* All units by their runs, some by their names: each reads no more than it has to. */
	sqlite3_stmt *q = *text ? db_bind(&s->db, DB_UNITS_LIKE, "it", (int64_t)max, text)
				: db_bind(&s->db, DB_UNITS_NEWEST, "i", (int64_t)max);
	int rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN;

	*out = arena_alloc(a, (max + 1) * sizeof(**out));
	*n = 0;
	for (; rc == SQLITE_ROW; rc = sqlite3_step(q)) {
		struct store_found *f = &(*out)[(*n)++];
		uint8_t uuid[16];

		rc = db_bytes(uuid, sizeof(uuid), q, 0);
		if (rc != SQLITE_OK)
			break;
		uuid_print(f->run, uuid);
		f->started_ms = sqlite3_column_int64(q, 2);
		f->verdict = (enum verdict)sqlite3_column_int(q, 3);
		f->serial = arena_strdup(a, (const char *)sqlite3_column_text(q, 4));
		f->product = arena_strdup(a, (const char *)sqlite3_column_text(q, 5));
		f->process = arena_strdup(a, (const char *)sqlite3_column_text(q, 6));
		f->runs = sqlite3_column_int64(q, 7);
	}
	if (q)
		sqlite3_reset(q);
	return rc == SQLITE_DONE ? 0 : ask_failed(s, rc, err);
}

int store_unseen(char (*run)[37], size_t *n, size_t max, struct store *s, struct err *err)
{
	sqlite3_stmt *q =
		db_bind(&s->db, DB_UNSEEN, "ii", (int64_t)STORE_UNSEEN_AMONG, (int64_t)max);
	int rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN;

	for (*n = 0; rc == SQLITE_ROW && *n < max; rc = sqlite3_step(q)) {
		uint8_t uuid[16];

		rc = db_bytes(uuid, sizeof(uuid), q, 0);
		if (rc != SQLITE_OK)
			break;
		uuid_print(run[(*n)++], uuid);
	}
	if (q)
		sqlite3_reset(q);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : ask_failed(s, rc, err);
}

/* --- rows --- */

struct texts { /* names by their key; key 0 is none */
	const char **text;
	int64_t count;
};

static const char *text_at(const struct texts *t, sqlite3_stmt *row, int column)
{
	int64_t id = sqlite3_column_int64(row, column);

	if (sqlite3_column_type(row, column) == SQLITE_NULL)
		return NULL;
	return id > 0 && id < t->count && t->text[id] ? t->text[id] : "";
}

/* Key and text of every row of a small table. */
static int load_texts(struct texts *out, struct arena *a, struct store *s, const char *sql)
{
	sqlite3_stmt *q = NULL;
	int64_t room = 0;
	int rc = sqlite3_prepare_v2(s->db.h, sql, -1, &q, NULL);

	*out = (struct texts){ 0 };
	while (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(q, 0);

		if (id < 0 || id > 1 << 28) {
			rc = SQLITE_CORRUPT;
			break;
		}
		if (id >= room) {
			const char **more;

			room = 2 * id + 64;
			more = arena_alloc(a, (size_t)room * sizeof(*more));
			if (out->count)
				memcpy(more, out->text, (size_t)out->count * sizeof(*more));
			out->text = more;
		}
		if (id >= out->count)
			out->count = id + 1;
		out->text[id] = arena_strdup(a, (const char *)sqlite3_column_text(q, 1));
		rc = SQLITE_OK;
	}
	sqlite3_finalize(q);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* The beginning of a UUID as the span of bytes it stands for; -1: no beginning. */
static int uuid_span(uint8_t lo[16], uint8_t hi[16], const char *text)
{
	char digits[33];
	int n = 0;

	for (const char *p = text; *p; p++) {
		if (*p == '-')
			continue;
		if (!isxdigit((unsigned char)*p) || n == 32)
			return -1;
		digits[n++] = *p;
	}
	if (n < 4)
		return -1;
	digits[32] = '\0';
	memset(digits + n, '0', (size_t)(32 - n));
	uuid_scan(lo, digits);
	memset(digits + n, 'f', (size_t)(32 - n));
	uuid_scan(hi, digits);
	return 0;
}

static sqlite3_stmt *rows_query(struct store *s, const struct store_filter *f, int *rc)
{
	static const char select[] =
		"SELECT run_id, open_seq, uuid, unit.product, unit.serial, unit.process, station, "
		"slot, "
		"variant, operator, plan_id, first_fail, verdict, blame, mode, counts, retried, "
		"had_fail, started_ms, ended_ms, duration_ms, attempt FROM run JOIN unit "
		"USING(unit_id) "
		"WHERE 1";
	struct sbuf sql = { 0 };
	struct arena a = { 0 };
	sqlite3_stmt *q = NULL;
	uint8_t lo[16], hi[16];

	sbuf_puts(&sql, select);
	if (f->product)
		sbuf_puts(&sql, " AND unit.product = (SELECT name_id FROM name WHERE text = ?1)");
	if (f->serial)
		sbuf_puts(&sql, " AND unit.serial = ?2");
	if (f->process)
		sbuf_puts(&sql, " AND unit.process = (SELECT name_id FROM name WHERE text = ?3)");
	if (f->run)
		sbuf_puts(&sql, " AND uuid BETWEEN ?4 AND ?5");
	if (f->since_ms)
		sbuf_puts(&sql, " AND started_ms >= ?6");
	if (f->until_ms)
		sbuf_puts(&sql, " AND started_ms < ?7");
	sbuf_puts(&sql, " ORDER BY run_id");
	*rc = sqlite3_prepare_v2(s->db.h, sbuf_str(&sql), -1, &q, NULL);
	sbuf_release(&sql);
	if (*rc != SQLITE_OK)
		return NULL;
	/* A parameter that the text does not have is out of range: no matter. */
	sqlite3_bind_text(q, 1, run_clean(&a, f->product), -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(q, 2, run_clean(&a, f->serial), -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(q, 3, run_clean(&a, f->process), -1, SQLITE_TRANSIENT);
	if (f->run && uuid_span(lo, hi, f->run) == 0) {
		sqlite3_bind_blob(q, 4, lo, 16, SQLITE_TRANSIENT);
		sqlite3_bind_blob(q, 5, hi, 16, SQLITE_TRANSIENT);
	}
	sqlite3_bind_int64(q, 6, f->since_ms);
	sqlite3_bind_int64(q, 7, f->until_ms);
	arena_free(&a);
	return q;
}

static void read_row(struct store_row *out, struct arena *a, sqlite3_stmt *q,
		     const struct texts *names, const struct texts *shas,
		     const struct texts *revisions)
{
	const char *fail = text_at(names, q, 11);

	*out = (struct store_row){
		.run_id = sqlite3_column_int64(q, 0),
		.seq = sqlite3_column_int64(q, 0),
		.open_seq = sqlite3_column_int64(q, 1),
		.product = text_at(names, q, 3),
		.serial = arena_strdup(a, (const char *)sqlite3_column_text(q, 4)),
		.process = text_at(names, q, 5),
		.station = text_at(names, q, 6),
		.slot = text_at(names, q, 7),
		.variant = text_at(names, q, 8),
		.operator= text_at(names, q, 9),
		.plan_sha256 = text_at(shas, q, 10),
		.plan_revision = text_at(revisions, q, 10),
		.first_fail = fail,
		.verdict = (enum verdict)sqlite3_column_int(q, 12),
		.blame = (enum err_blame)sqlite3_column_int(q, 13),
		.mode = (enum run_mode)sqlite3_column_int(q, 14),
		.counts = sqlite3_column_int(q, 15),
		.retried = sqlite3_column_int(q, 16),
		.had_fail = sqlite3_column_int(q, 17),
		.started_ms = sqlite3_column_int64(q, 18),
		.ended_ms = sqlite3_column_int64(q, 19),
		.duration_ms = sqlite3_column_int64(q, 20),
		.attempt = sqlite3_column_int64(q, 21),
	};
	if (sqlite3_column_bytes(q, 2) == 16)
		uuid_print(out->run, sqlite3_column_blob(q, 2));
}

static int by_open_seq(const void *a, const void *b)
{
	const struct store_row *x = a, *y = b;

	return x->open_seq < y->open_seq ? -1 : x->open_seq > y->open_seq;
}

/* Runs mostly end in the order in which they began. */
static void sort_rows(struct store_row *row, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (row[i].open_seq < row[i - 1].open_seq) {
			qsort(row, n, sizeof(*row), by_open_seq);
			return;
		}
}

int store_rows(struct store_row **out, size_t *n, struct arena *a, struct store *s,
	       const struct store_filter *filter, struct err *err)
{
	struct store_filter all = { 0 };
	struct texts names, shas, revisions;
	size_t room = 0;
	sqlite3_stmt *q = NULL;
	int rc;

	*out = NULL;
	*n = 0;
	if (!s->db.h)
		return ask_failed(s, SQLITE_CANTOPEN, err);
	rc = load_texts(&names, a, s, "SELECT name_id, text FROM name");
	if (rc == SQLITE_OK)
		rc = load_texts(&shas, a, s, "SELECT plan_id, sha256 FROM plan");
	if (rc == SQLITE_OK)
		rc = load_texts(&revisions, a, s, "SELECT plan_id, revision FROM plan");
	if (rc == SQLITE_OK)
		q = rows_query(s, filter ? filter : &all, &rc);
	while (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (*n == room) {
			struct store_row *more;

			room = room ? 2 * room : 64;
			more = arena_alloc(a, room * sizeof(*more));
			if (*n)
				memcpy(more, *out, *n * sizeof(*more));
			*out = more;
		}
		read_row(&(*out)[(*n)++], a, q, &names, &shas, &revisions);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(q);
	if (rc != SQLITE_DONE)
		return ask_failed(s, rc, err);
	sort_rows(*out, *n);
	return 0;
}

/* --- one run --- */

static int find_run(int64_t *run_id, struct store *s, const char *run, struct err *err)
{
	uint8_t lo[16], hi[16];
	sqlite3_stmt *q;
	int rc, found = 0;

	if (uuid_span(lo, hi, run) < 0)
		return err_set(err, ERR_USAGE,
			       "'%.60s' is no beginning of a run's id (4 or more hex digits)", run);
	q = db_bind(&s->db, DB_RUN_LIKE, "uu", lo, hi);
	rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN;
	for (; rc == SQLITE_ROW; rc = sqlite3_step(q)) {
		*run_id = sqlite3_column_int64(q, 0);
		found++;
	}
	sqlite3_reset(q);
	if (rc != SQLITE_DONE)
		return ask_failed(s, rc, err);
	if (found == 1)
		return 0;
	return err_set(err, ERR_USAGE, found ? "several runs begin with '%.60s'" : "no run '%.60s'",
		       run);
}

int store_load(struct unit_run *out, struct store *s, const char *run, struct err *err)
{
	uint8_t digest[HASH_SIZE], hash[HASH_SIZE];
	sqlite3_stmt *row;
	int64_t run_id = 0;
	int rc, r;

	*out = (struct unit_run){ 0 };
	if (find_run(&run_id, s, run, err) < 0)
		return err->code;
	rc = db_step(&row, &s->db, DB_ENTRY, "i", run_id);
	if (rc != SQLITE_ROW)
		return ask_failed(s, rc == SQLITE_DONE ? SQLITE_CORRUPT : rc, err);
	hash_bytes(digest, sqlite3_column_blob(row, 3), (size_t)sqlite3_column_bytes(row, 3));
	if (sqlite3_column_bytes(row, 1) != HASH_SIZE ||
	    sqlite3_column_bytes(row, 2) != HASH_SIZE ||
	    memcmp(digest, sqlite3_column_blob(row, 1), HASH_SIZE))
		r = err_set(err, ERR_CORRUPT,
			    "%.200s: entry %lld was changed after it was recorded", s->path,
			    (long long)run_id);
	else
		r = run_from_json(out, sqlite3_column_blob(row, 3),
				  (size_t)sqlite3_column_bytes(row, 3), err);
	if (r >= 0) {
		memcpy(hash, sqlite3_column_blob(row, 2), HASH_SIZE);
		out->seq = run_id;
		hash_print(out->hash, hash);
	}
	sqlite3_reset(row);
	if (r < 0)
		return r;
	hash_print(out->prev_hash, s->start);
	if (run_id > 1) {
		rc = db_step(&row, &s->db, DB_LINK, "i", run_id - 1);
		if (rc == SQLITE_ROW && sqlite3_column_bytes(row, 0) == HASH_SIZE)
			hash_print(out->prev_hash, sqlite3_column_blob(row, 0));
		if (rc == SQLITE_ROW)
			sqlite3_reset(row);
	}
	rc = db_step(&row, &s->db, DB_SHOWN, "i", run_id);
	out->shown = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW)
		sqlite3_reset(row);
	return 0;
}

int store_content(char **out, size_t *len, struct arena *a, struct store *s, const char *sha256,
		  struct err *err)
{
	uint8_t want[HASH_SIZE], is[HASH_SIZE];
	sqlite3_stmt *row;
	int rc;

	if (hash_scan(want, sha256) < 0)
		return err_set(err, ERR_USAGE, "'%.80s' is no SHA-256", sha256);
	rc = db_step(&row, &s->db, DB_CONTENT, "h", want);
	if (rc == SQLITE_DONE)
		return err_set(err, ERR_CORRUPT, "%.200s: no content %s", s->path, sha256);
	if (rc != SQLITE_ROW)
		return ask_failed(s, rc, err);
	*len = (size_t)sqlite3_column_bytes(row, 0);
	*out = arena_alloc(a, *len + 1);
	if (*len)
		memcpy(*out, sqlite3_column_blob(row, 0), *len);
	sqlite3_reset(row);
	hash_bytes(is, *out, *len);
	if (memcmp(is, want, HASH_SIZE))
		return err_set(err, ERR_CORRUPT, "%.200s: content %s was changed", s->path, sha256);
	return 0;
}

int store_head(struct store_head *out, struct store *s, struct err *err)
{
	sqlite3_stmt *row;
	int rc = db_step(&row, &s->db, DB_HEAD, "");

	*out = (struct store_head){ .station = s->station, .installation = s->installation };
	hash_print(out->hash, s->start);
	if (rc == SQLITE_ROW) {
		out->seq = sqlite3_column_int64(row, 0);
		if (sqlite3_column_bytes(row, 1) == HASH_SIZE)
			hash_print(out->hash, sqlite3_column_blob(row, 1));
		sqlite3_reset(row);
	}
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		rc = db_step(&row, &s->db, DB_COUNTS, "");
	if (rc != SQLITE_ROW)
		return ask_failed(s, rc, err);
	out->closed = sqlite3_column_int64(row, 0);
	out->open_now = sqlite3_column_int64(row, 1);
	out->opened = out->closed + out->open_now;
	sqlite3_reset(row);
	return 0;
}
