/*
 * store_verify -- proof that a record is whole: its links and digests, then
 * every table made again from the bodies in a scratch database and compared
 * value by value.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "store/chain.h"
#include "store/store_in.h"

enum { PROBLEMS_MAX = 100 };

struct proof {
	struct store *s;
	struct store_verify *out;
	struct db scratch;
	uint8_t prev[HASH_SIZE];
	int64_t expected; /* next sequence */
};

/* seq 0: of no entry. */
static void problem(struct proof *p, int64_t seq, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void problem(struct proof *p, int64_t seq, const char *fmt, ...)
{
	struct store_verify *v = p->out;
	struct sbuf b = { 0 };
	va_list ap;

	if (seq > 0 && (!v->first_bad || seq < v->first_bad))
		v->first_bad = seq;
	if (v->problems == PROBLEMS_MAX)
		return;
	va_start(ap, fmt);
	sbuf_vprintf(&b, fmt, ap);
	va_end(ap);
	v->problem[v->problems++] = run_clean(&v->arena, arena_strdup(&v->arena, sbuf_str(&b)));
	sbuf_release(&b);
}

static void damaged(struct proof *p, int rc, const char *doing)
{
	problem(p, 0, "%s: %s (SQLite %d)", doing, sqlite3_errmsg(p->s->db.h), rc);
}

/* --- entries --- */

static void derive_failed(struct proof *p, int64_t seq, int rc)
{
	problem(p, seq, "entry %" PRId64 ": no tables can be made of it: %s", seq,
		rc == SQLITE_MISMATCH ? "it names no valid UUID or hash"
				      : sqlite3_errmsg(p->scratch.h));
}

/* The scratch journal holds the runs that are open at this point. */
static int64_t open_of(struct proof *p, const uint8_t uuid[16])
{
	sqlite3_stmt *row;
	int64_t seq = 0;

	if (db_step(&row, &p->scratch, DB_JOURNAL_OF, "u", uuid) == SQLITE_ROW) {
		seq = sqlite3_column_int64(row, 0);
		sqlite3_reset(row);
	}
	return seq;
}

static int derive_run(struct proof *p, int64_t seq, int is_close, const struct unit_run *r,
		      const uint8_t uuid[16])
{
	int rc = derive_content(&p->scratch, r->plan_sha256, "plan", "", 0);

	if (rc == SQLITE_OK)
		rc = derive_content(&p->scratch, r->limits_sha256, "limits", "", 0);
	if (rc == SQLITE_OK)
		rc = is_close ? derive_close(&p->scratch, seq, r) : derive_open(&p->scratch, r);
	if (rc == SQLITE_OK && is_close)
		rc = db_step(NULL, &p->scratch, DB_JOURNAL_DEL, "i", r->open_seq);
	else if (rc == SQLITE_OK)
		rc = db_step(NULL, &p->scratch, DB_JOURNAL_ADD, "iub", seq, uuid, "", (size_t)0);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void take_run(struct proof *p, int64_t seq, int is_close, const void *bytes, size_t len)
{
	struct unit_run r = { 0 };
	struct err err = { 0 };
	uint8_t uuid[16];
	int rc;

	if (run_from_json(&r, bytes, len, &err) < 0 || uuid_scan(uuid, r.id) < 0) {
		problem(p, seq, "entry %" PRId64 ": %s", seq, err.text);
		return;
	}
	if (is_close && open_of(p, uuid) != r.open_seq)
		problem(p, seq,
			"entry %" PRId64 ": closes run %s, which entry %" PRId64
			" did not open, or not only once",
			seq, r.id, r.open_seq);
	if (!is_close && r.open_seq != seq)
		problem(p, seq, "entry %" PRId64 ": says that it is entry %" PRId64, seq,
			r.open_seq);
	/* An entry gives all its rows or none, as when it was recorded. */
	rc = db_exec(&p->scratch, "SAVEPOINT entry");
	if (rc == SQLITE_OK)
		rc = derive_run(p, seq, is_close, &r, uuid);
	if (rc != SQLITE_OK) {
		derive_failed(p, seq, rc);
		db_exec(&p->scratch, "ROLLBACK TO entry");
		db_forget(&p->scratch);
	}
	db_exec(&p->scratch, "RELEASE entry");
	p->out->runs += is_close;
	run_release(&r);
}

static void take_shown(struct proof *p, int64_t seq, const char *bytes, size_t len)
{
	struct sbuf want = { 0 };
	sqlite3_stmt *row;
	int64_t run_id = 0;
	uint8_t uuid[16];
	char id[37] = "";
	int rc;

	/* {"run":"UUID","seq":N}, written by us: compared as bytes. */
	if (len > 44)
		memcpy(id, bytes + 8, 36);
	if (uuid_scan(uuid, id) == 0 &&
	    db_step(&row, &p->scratch, DB_RUN_OF, "u", uuid) == SQLITE_ROW) {
		run_id = sqlite3_column_int64(row, 0);
		sqlite3_reset(row);
	}
	sbuf_printf(&want, "{\"run\":\"%s\",\"seq\":%" PRId64 "}", id, run_id);
	if (!run_id || want.len != len || memcmp(want.data, bytes, len)) {
		problem(p, seq, "entry %" PRId64 ": shows a run that no entry before it closed",
			seq);
	} else {
		rc = derive_shown(&p->scratch, run_id, seq);
		if (rc != SQLITE_OK)
			derive_failed(p, seq, rc);
	}
	sbuf_release(&want);
}

static void take_note(struct proof *p, int64_t seq, enum store_note_kind kind, const char *bytes,
		      size_t len)
{
	struct arena a = { 0 };
	struct store_note n;
	struct err err = { 0 };
	int rc;

	if (note_from_json(&n, &a, kind, bytes, len, &err) < 0) {
		problem(p, seq, "entry %" PRId64 ": %s", seq, err.text);
	} else {
		n.seq = seq;
		rc = derive_note(&p->scratch, &n);
		if (rc != SQLITE_OK)
			derive_failed(p, seq, rc);
	}
	arena_free(&a);
}

static void check_link(struct proof *p, sqlite3_stmt *q, int64_t seq, const char *kind)
{
	const void *bytes = sqlite3_column_blob(q, 6);
	int64_t len = sqlite3_column_int64(q, 3);
	int there = sqlite3_column_type(q, 6) == SQLITE_BLOB;
	uint8_t digest[HASH_SIZE], hash[HASH_SIZE];
	const void *said = sqlite3_column_blob(q, 4), *link = sqlite3_column_blob(q, 5);

	if (sqlite3_column_bytes(q, 4) != HASH_SIZE || sqlite3_column_bytes(q, 5) != HASH_SIZE) {
		problem(p, seq, "entry %" PRId64 ": has no hash", seq);
		return;
	}
	if (there) {
		hash_bytes(digest, bytes ? bytes : "", (size_t)sqlite3_column_bytes(q, 6));
		if (memcmp(digest, said, HASH_SIZE) || sqlite3_column_bytes(q, 6) != len)
			problem(p, seq, "entry %" PRId64 ": its body was changed", seq);
	} else {
		problem(p, seq, "entry %" PRId64 ": its body is missing", seq);
	}
	chain_link(hash, p->prev, seq, sqlite3_column_int64(q, 1), kind, len, said);
	if (memcmp(hash, link, HASH_SIZE))
		problem(p, seq, "entry %" PRId64 ": does not follow from the one before it", seq);
	memcpy(p->prev, link, HASH_SIZE);
}

static void check_entry(struct proof *p, sqlite3_stmt *q)
{
	int64_t seq = sqlite3_column_int64(q, 0);
	const char *kind = (const char *)sqlite3_column_text(q, 2);
	const void *bytes;
	size_t len;

	p->out->entries++;
	if (seq != p->expected) {
		p->out->gaps++;
		problem(p, p->expected, "entries %" PRId64 " to %" PRId64 " are missing",
			p->expected, seq - 1);
	}
	p->expected = seq + 1;
	kind = kind ? kind : "";
	check_link(p, q, seq, kind);
	bytes = sqlite3_column_blob(q, 6);
	len = (size_t)sqlite3_column_bytes(q, 6);
	if (!strcmp(kind, "open"))
		take_run(p, seq, 0, bytes ? bytes : "", len);
	else if (!strcmp(kind, "close"))
		take_run(p, seq, 1, bytes ? bytes : "", len);
	else if (!strcmp(kind, "shown"))
		take_shown(p, seq, bytes ? bytes : "", len);
	else if (note_kind_find(kind))
		take_note(p, seq, note_kind_find(kind), bytes ? bytes : "", len);
	else
		problem(p, seq,
			"entry %" PRId64 ": is of kind '%.40s', which this program does not know",
			seq, kind);
}

static void check_entries(struct proof *p)
{
	sqlite3_stmt *q = db_bind(&p->s->db, DB_ENTRIES, "");
	int rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN;

	for (; rc == SQLITE_ROW; rc = sqlite3_step(q))
		check_entry(p, q);
	sqlite3_reset(q);
	if (rc != SQLITE_DONE)
		damaged(p, rc, "reading the chain");
	hash_print(p->out->head, p->prev);
	q = db_bind(&p->s->db, DB_STRAY_BODIES, "");
	for (rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN; rc == SQLITE_ROW; rc = sqlite3_step(q))
		problem(p, 0, "body %lld belongs to no entry", sqlite3_column_int64(q, 0));
	sqlite3_reset(q);
}

/* --- contents --- */

static void check_contents(struct proof *p)
{
	sqlite3_stmt *q = db_bind(&p->s->db, DB_CONTENTS, "");
	int rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN;

	for (; rc == SQLITE_ROW; rc = sqlite3_step(q)) {
		const void *bytes = sqlite3_column_blob(q, 2);
		uint8_t is[HASH_SIZE];

		p->out->contents++;
		hash_bytes(is, bytes ? bytes : "", (size_t)sqlite3_column_bytes(q, 2));
		if (sqlite3_column_bytes(q, 1) != HASH_SIZE ||
		    memcmp(is, sqlite3_column_blob(q, 1), HASH_SIZE))
			problem(p, 0, "content %lld was changed", sqlite3_column_int64(q, 0));
	}
	sqlite3_reset(q);
	if (rc != SQLITE_DONE)
		damaged(p, rc, "reading the contents");
}

/* --- tables --- */

static int same_value(sqlite3_stmt *a, sqlite3_stmt *b, int i)
{
	double x, y;

	if (sqlite3_column_type(a, i) != sqlite3_column_type(b, i))
		return 0;
	switch (sqlite3_column_type(a, i)) {
	case SQLITE_NULL:
		return 1;
	case SQLITE_INTEGER:
		return sqlite3_column_int64(a, i) == sqlite3_column_int64(b, i);
	case SQLITE_FLOAT:
		x = sqlite3_column_double(a, i);
		y = sqlite3_column_double(b, i);
		return !memcmp(&x, &y, sizeof(x));
	default: {
		const void *p = sqlite3_column_blob(a, i), *q = sqlite3_column_blob(b, i);
		int n = sqlite3_column_bytes(a, i);

		return n == sqlite3_column_bytes(b, i) && (!n || !memcmp(p, q, (size_t)n));
	}
	}
}

/* The first difference is told; the rest of a table is then out of step. */
static void compare(struct proof *p, const char *table, const char *sql, int seq_column)
{
	sqlite3_stmt *is = NULL, *should = NULL;
	int rc = sqlite3_prepare_v2(p->s->db.h, sql, -1, &is, NULL);
	int64_t row = 0;

	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(p->scratch.h, sql, -1, &should, NULL);
	while (rc == SQLITE_OK) {
		int x = sqlite3_step(is), y = sqlite3_step(should);
		int64_t seq = 0;

		row++;
		if ((x != SQLITE_ROW && x != SQLITE_DONE) ||
		    (x == SQLITE_DONE && y == SQLITE_DONE)) {
			rc = x;
			break;
		}
		if (seq_column >= 0)
			seq = sqlite3_column_int64(y == SQLITE_ROW ? should : is, seq_column);
		if (x != y) {
			problem(p, seq, "table %s: row %" PRId64 " is %s", table, row,
				x == SQLITE_DONE ? "missing" : "too many");
			break;
		}
		for (int i = 0; i < sqlite3_column_count(is); i++)
			if (!same_value(is, should, i)) {
				problem(p, seq,
					"table %s: row %" PRId64 ": %s is not what its entry says",
					table, row, sqlite3_column_name(is, i));
				rc = SQLITE_DONE;
				break;
			}
	}
	sqlite3_finalize(is);
	sqlite3_finalize(should);
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		damaged(p, rc, table);
}

static const char *word(sqlite3_stmt *q, int i)
{
	const char *text = (const char *)sqlite3_column_text(q, i);

	return text ? text : "";
}

/* A dropped trigger or index, a changed or foreign table: each is named. */
static void check_schema(struct proof *p)
{
	static const char sql[] =
		"SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
	sqlite3_stmt *is = NULL, *should = NULL;
	int rc = sqlite3_prepare_v2(p->s->db.h, sql, -1, &is, NULL), x = SQLITE_DONE, y = x;

	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(p->scratch.h, sql, -1, &should, NULL);
	if (rc == SQLITE_OK) {
		x = sqlite3_step(is);
		y = sqlite3_step(should);
	}
	while (x == SQLITE_ROW || y == SQLITE_ROW) {
		int order = x != SQLITE_ROW ? 1 : y != SQLITE_ROW ? -1 : 0;

		for (int i = 0; !order && i < 2; i++)
			order = strcmp(word(is, i), word(should, i));
		if (order || !same_value(is, should, 2) || !same_value(is, should, 3))
			problem(p, 0, "%s %s %s", word(order > 0 ? should : is, 0),
				word(order > 0 ? should : is, 1),
				order > 0   ? "is missing"
				: order < 0 ? "is none of a record"
					    : "was changed");
		if (order <= 0)
			x = sqlite3_step(is);
		if (order >= 0)
			y = sqlite3_step(should);
	}
	sqlite3_finalize(is);
	sqlite3_finalize(should);
	if (rc != SQLITE_OK || x != SQLITE_DONE)
		damaged(p, rc != SQLITE_OK ? rc : x, "reading the schema");
}

static void check_tables(struct proof *p)
{
	static const struct {
		const char *name, *sql;
		int seq_column; /* a sequence that the row belongs to, or -1 */
	} tables[] = {
		{ "origin", "SELECT * FROM origin ORDER BY only", -1 },
		{ "run", "SELECT * FROM run ORDER BY run_id", 0 },
		{ "meas", "SELECT * FROM meas ORDER BY run_id, def_id, attempt, nth", 0 },
		{ "attempt", "SELECT * FROM attempt ORDER BY run_id, place, attempt", 0 },
		{ "identity", "SELECT * FROM identity ORDER BY kind, value, unit_id", 3 },
		{ "shown", "SELECT * FROM shown ORDER BY run_id", 1 },
		{ "note", "SELECT * FROM note ORDER BY seq", 0 },
		{ "name", "SELECT * FROM name ORDER BY name_id", -1 },
		{ "unit", "SELECT * FROM unit ORDER BY unit_id", -1 },
		{ "plan", "SELECT * FROM plan ORDER BY plan_id", -1 },
		{ "def", "SELECT * FROM def ORDER BY def_id", -1 },
		{ "step", "SELECT * FROM step ORDER BY step_id", -1 },
		{ "fixture", "SELECT * FROM fixture ORDER BY fixture", -1 },
		{ "content", "SELECT content_id, sha256, kind FROM content ORDER BY content_id",
		  -1 },
		{ "journal", "SELECT open_seq, uuid FROM journal ORDER BY open_seq", 0 },
	};

	/* A bad entry spoils the tables as well: then it is the first. */
	int told = p->out->first_bad != 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (p->s->db.version >= 2 || strcmp(tables[i].name, "note"))
			compare(p, tables[i].name, tables[i].sql, told ? -1 : tables[i].seq_column);
}

/* Runs that are open while nobody can be running them. */
static void check_open(struct proof *p)
{
	int alive = store_writer_alive(p->s);
	sqlite3_stmt *q = db_bind(&p->scratch, DB_JOURNALS, "");
	int rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN;

	for (; rc == SQLITE_ROW; rc = sqlite3_step(q)) {
		p->out->open_runs++;
		if (!alive)
			problem(p, 0,
				"entry %lld: opened a run that nothing closed; the next start of "
				"the "
				"station closes it",
				sqlite3_column_int64(q, 0));
	}
	sqlite3_reset(q);
}

/* Pages, indices and constraints, by SQLite itself. */
static void check_file(struct proof *p)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(p->s->db.h, "PRAGMA integrity_check(20)", -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	for (; rc == SQLITE_ROW; rc = sqlite3_step(q))
		if (strcmp((const char *)sqlite3_column_text(q, 0), "ok"))
			problem(p, 0, "file: %s", sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	if (rc != SQLITE_DONE)
		damaged(p, rc, "file");
}

int store_verify(struct store_verify *out, struct store *s, struct err *err)
{
	struct proof p = { .s = s, .out = out, .expected = 1 };
	int rc;

	*out = (struct store_verify){ 0 };
	out->problem = arena_alloc(&out->arena, PROBLEMS_MAX * sizeof(*out->problem));
	memcpy(p.prev, s->start, HASH_SIZE);
	if (!s->db.h)
		return db_fail(err, NULL, s->path, SQLITE_CANTOPEN, "verifying the record");
	if (db_open_scratch(&p.scratch, s->db.version, err) < 0)
		return err->code;
	/* One snapshot, so that a station that is writing is no trouble. */
	rc = db_exec(&s->db, "BEGIN");
	if (rc == SQLITE_OK)
		rc = db_begin(&p.scratch, 1);
	if (rc == SQLITE_OK)
		rc = db_step(NULL, &p.scratch, DB_ORIGIN_ADD, "tt", s->station, s->installation);
	rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	if (rc != SQLITE_OK) {
		db_fail(err, &s->db, s->path, rc, "verifying the record");
	} else {
		check_file(&p);
		check_entries(&p);
		check_contents(&p);
		check_tables(&p);
		check_schema(&p);
		check_open(&p);
	}
	db_rollback(&p.scratch);
	db_close(&p.scratch);
	db_rollback(&s->db);
	return rc == SQLITE_OK ? 0 : (int)err->code;
}

void store_verify_release(struct store_verify *v)
{
	arena_free(&v->arena);
	*v = (struct store_verify){ 0 };
}
