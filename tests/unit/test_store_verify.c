#include <criterion/criterion.h>
#include <inttypes.h>

#include "rows.h"
#include "store_make.h"

/*
 * Every change of a record that its links, digests or bodies can show must be
 * found: each value of each table, one by one, and rows that are gone, added or
 * exchanged. Triggers are put aside for the change and back afterwards, so that
 * it is the change that is found.
 */
TestSuite(store_verify, .timeout = 20);

static const char *const tables[] = {
	"origin", "chain", "body", "content",  "name",  "unit",    "plan",    "def",
	"run",    "meas",  "step", "identity", "shown", "attempt", "fixture", "journal",
};

struct tampering {
	struct place_to_test t;
	struct store *reader;
	sqlite3 *db;
};

static char *ask_text(sqlite3 *db, struct arena *a, const char *sql)
{
	sqlite3_stmt *q;
	char *out = NULL;

	cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK, "%s: %s", sql,
		     sqlite3_errmsg(db));
	if (sqlite3_step(q) == SQLITE_ROW && sqlite3_column_text(q, 0))
		out = arena_strdup(a, (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	return out;
}

static int64_t ask_int(sqlite3 *db, const char *sql)
{
	struct arena a = { 0 };
	char *text = ask_text(db, &a, sql);
	int64_t n = text ? strtoll(text, NULL, 10) : 0;

	arena_free(&a);
	return n;
}

/* Three runs with all kinds of rows, one of them open. */
static void tampering_begin(struct tampering *x)
{
	struct store *s;
	struct unit_run r;
	struct attempt *a;
	struct measure *m;
	struct err err = { 0 };

	*x = (struct tampering){ 0 };
	place_make(&x->t);
	cr_assert_eq(store_open(&s, x->t.path, STORE_WRITE, "ST-07", &err), 0, "%s", err.text);
	cr_assert_eq(make_recorded(NULL, s, x->t.plan, "AS1", VERDICT_FAIL, &err), 0);
	make_run(&r, x->t.plan, "AS1");
	cr_assert_eq(store_begin(s, &r, &err), 0);
	a = make_attempt(&r, 0, VERDICT_PASS);
	make_text(&r, a, "mac", "02:ab:00:00:00:01");
	m = make_num(&r, a, "rate", 20.5);
	m->op = LIMIT_RANGE;
	m->has_lo = m->has_hi = m->has_warn_lo = m->has_warn_hi = 1;
	m->lo = 18;
	m->hi = 30;
	m->warn_lo = 20;
	m->warn_hi = 29;
	m->expected = "18 .. 30 Mbit/s";
	make_attempt(&r, 1, VERDICT_FAIL);
	make_attempt(&r, 1, VERDICT_PASS);
	make_attempt(&r, 2, VERDICT_PASS);
	run_conclude(&r, 0);
	cr_assert_eq(store_commit(s, &r, &err), 0, "%s", err.text);
	cr_assert_eq(store_shown(s, &r, &err), 0);
	run_release(&r);
	make_run(&r, x->t.plan, "AS2");
	cr_assert_eq(store_begin(s, &r, &err), 0);
	run_release(&r);
	store_close(s);
	cr_assert_eq(sqlite3_open(x->t.path, &x->db), SQLITE_OK);
	sqlite3_exec(x->db, "PRAGMA ignore_check_constraints=ON", NULL, NULL, NULL);
	cr_assert_eq(store_open(&x->reader, x->t.path, STORE_READ, NULL, &err), 0, "%s", err.text);
}

static void tampering_end(struct tampering *x)
{
	sqlite3_close(x->db);
	store_close(x->reader);
	place_drop(&x->t);
}

/* What the record has wrong by itself: the run that was left open. */
static size_t problems(struct tampering *x, int64_t *first_bad, char *text, size_t size)
{
	struct store *fresh;
	struct store_verify v;
	struct err err = { 0 };
	size_t n = 0;

	text[0] = '\0';
	*first_bad = 0;
	if (store_open(&fresh, x->t.path, STORE_READ, NULL, &err) < 0)
		return 9999;
	if (store_verify(&v, fresh, &err) < 0) {
		store_close(fresh);
		return 9999;
	}
	for (size_t i = 0; i < v.problems; i++)
		if (!strstr(v.problem[i], "nothing closed") && n++ == 0)
			snprintf(text, size, "%s", v.problem[i]);
	*first_bad = v.first_bad;
	store_verify_release(&v);
	store_close(fresh);
	return n;
}

/* Run sql with the triggers aside. 0: SQLite refused it. */
static int change(struct tampering *x, const char *sql)
{
	struct arena a = { 0 };
	char *names =
		ask_text(x->db, &a,
			 "SELECT group_concat('DROP TRIGGER ' || name, ';') FROM sqlite_schema "
			 "WHERE type = 'trigger'");
	char *texts =
		ask_text(x->db, &a,
			 "SELECT group_concat(sql, ';') FROM sqlite_schema WHERE type = 'trigger'");
	int ok;

	cr_assert_eq(sqlite3_exec(x->db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(x->db, names, NULL, NULL, NULL), SQLITE_OK);
	ok = sqlite3_exec(x->db, sql, NULL, NULL, NULL) == SQLITE_OK && sqlite3_changes(x->db) > 0;
	cr_assert_eq(sqlite3_exec(x->db, texts, NULL, NULL, NULL), SQLITE_OK, "%s",
		     sqlite3_errmsg(x->db));
	cr_assert_eq(sqlite3_exec(x->db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	arena_free(&a);
	return ok;
}

Test(store_verify, the_untouched_record_is_whole)
{
	struct tampering x;
	struct store_verify v;
	struct err err = { 0 };
	char text[300];
	int64_t bad;

	tampering_begin(&x);
	cr_expect_eq(problems(&x, &bad, text, sizeof(text)), 0, "%s", text);
	cr_assert_eq(store_verify(&v, x.reader, &err), 0);
	cr_expect_eq(v.entries, 6);
	cr_expect_eq(v.runs, 2);
	cr_expect_eq(v.contents, 2);
	cr_expect_eq(v.open_runs, 1);
	cr_expect_eq(v.gaps, 0);
	cr_expect_eq(v.problems, 1);
	cr_expect_eq(strlen(v.head), 64);
	store_verify_release(&v);
	cr_expect(change(&x, "UPDATE chain SET seq = seq"), "a change that is none");
	cr_expect_eq(problems(&x, &bad, text, sizeof(text)), 0, "%s", text);
	tampering_end(&x);
}

/* How a value is changed, by its type; the first that SQLite takes is tried. */
static const char *const bends[] = {
	"CASE typeof(%1$s) WHEN 'integer' THEN %1$s + 1 WHEN 'real' THEN %1$s * (1 + 4e-16) "
	"WHEN 'text' THEN %1$s || 'x' WHEN 'blob' THEN CAST(%1$s || x'20' AS BLOB) ELSE 1 END",
	"CASE typeof(%1$s) WHEN 'integer' THEN %1$s + 1000 WHEN 'real' THEN NULL "
	"WHEN 'text' THEN '' WHEN 'blob' THEN randomblob(length(%1$s)) ELSE 'x' END",
	"CASE typeof(%1$s) WHEN 'null' THEN 1.5 ELSE NULL END",
};

TEST_ROWS(store_verify, every_value_of_every_table_counts, tables)
{
	struct tampering x;
	const char *table = tables[*i];
	int64_t rows, columns, found = 0, tried = 0, bad;
	char sql[900], text[300], value[600];

	tampering_begin(&x);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	rows = ask_int(x.db, sql);
	cr_assert_gt(rows, 0, "%s holds nothing to change", table);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM pragma_table_info('%s')", table);
	columns = ask_int(x.db, sql);
	for (int64_t c = 0; c < columns; c++)
		for (int64_t row = 0; row < rows; row++) {
			struct arena a = { 0 };
			char *column, *key, *where;

			snprintf(sql, sizeof(sql),
				 "SELECT name FROM pragma_table_info('%s') WHERE cid = %" PRId64,
				 table, c);
			column = ask_text(x.db, &a, sql);
			snprintf(sql, sizeof(sql),
				 "SELECT group_concat(name, ', ') FROM pragma_table_info('%s') "
				 "WHERE pk",
				 table);
			key = ask_text(x.db, &a, sql);
			where = arena_printf(
				&a,
				"(%s) = (SELECT %s FROM %s ORDER BY %s LIMIT 1 OFFSET %" PRId64 ")",
				key, key, table, key, row);
			/* The journal's head is no part of the record yet. */
			if (!strcmp(table, "journal") && !strcmp(column, "head")) {
				arena_free(&a);
				continue;
			}
			for (size_t b = 0; b < sizeof(bends) / sizeof(bends[0]); b++) {
				sqlite3_exec(x.db, "DROP TABLE IF EXISTS temp.kept", NULL, NULL,
					     NULL);
				snprintf(sql, sizeof(sql),
					 "CREATE TEMP TABLE kept AS SELECT * FROM main.%s", table);
				cr_assert_eq(sqlite3_exec(x.db, sql, NULL, NULL, NULL), SQLITE_OK);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
				snprintf(value, sizeof(value), bends[b], column);
#pragma GCC diagnostic pop
				snprintf(sql, sizeof(sql), "UPDATE main.%s SET %s = %s WHERE %s",
					 table, column, value, where);
				if (!change(&x, sql))
					continue;
				tried++;
				if (problems(&x, &bad, text, sizeof(text)))
					found++;
				else
					cr_expect(0, "not found: %s", sql);
				snprintf(sql, sizeof(sql),
					 "DELETE FROM main.%s; INSERT INTO main.%s SELECT * FROM "
					 "kept",
					 table, table);
				cr_assert(change(&x, sql), "%s: %s", sql, sqlite3_errmsg(x.db));
				break;
			}
			arena_free(&a);
		}
	cr_expect_eq(problems(&x, &bad, text, sizeof(text)), 0, "put back: %s", text);
	cr_expect_eq(found, tried);
	cr_expect_geq(tried, rows, "%s: only %" PRId64 " changes tried", table, tried);
	tampering_end(&x);
}

TEST_ROWS(store_verify, a_row_more_or_less_is_found, tables)
{
	struct tampering x;
	const char *table = tables[*i];
	char sql[500], text[300];
	int64_t bad;

	tampering_begin(&x);
	snprintf(sql, sizeof(sql), "CREATE TEMP TABLE kept AS SELECT * FROM main.%s", table);
	cr_assert_eq(sqlite3_exec(x.db, sql, NULL, NULL, NULL), SQLITE_OK);
	for (int last = !strcmp(table, "chain"); last < 1; last++) {
		snprintf(sql, sizeof(sql), "DELETE FROM main.%s", table);
		cr_assert(change(&x, sql));
		cr_expect_gt(problems(&x, &bad, text, sizeof(text)), 0, "%s emptied", table);
		snprintf(sql, sizeof(sql), "INSERT INTO main.%s SELECT * FROM kept", table);
		cr_assert(change(&x, sql));
	}
	cr_expect_eq(problems(&x, &bad, text, sizeof(text)), 0, "%s", text);
	tampering_end(&x);
}

static const struct {
	const char *name, *sql;
	int64_t first_bad; /* 0: not told */
	const char *says;  /* the first problem, or NULL */
} changes[] = {
	{ "an entry out of the middle", "DELETE FROM chain WHERE seq = 3", 3, NULL },
	{ "an entry and its body",
	  "DELETE FROM chain WHERE seq = 2; DELETE FROM body WHERE seq = 2", 2, NULL },
	{ "the first entry", "DELETE FROM chain WHERE seq = 1; DELETE FROM body WHERE seq = 1", 1,
	  NULL },
	{ "two bodies exchanged",
	  "UPDATE body SET bytes = (SELECT bytes FROM body b WHERE b.seq = 6 - body.seq) "
	  "WHERE seq IN (2, 4)",
	  2, NULL },
	{ "two entries exchanged",
	  "UPDATE chain SET seq = -seq WHERE seq IN (2, 4); UPDATE body SET seq = -seq WHERE seq "
	  "IN (2, 4);"
	  "UPDATE chain SET seq = 6 + seq WHERE seq < 0; UPDATE body SET seq = 6 + seq WHERE seq < "
	  "0",
	  2, NULL },
	{ "an entry repeated",
	  "INSERT INTO chain SELECT 7, utc_ms, kind, len, digest, hash FROM chain "
	  "WHERE seq = 2; INSERT INTO body SELECT 7, bytes FROM body WHERE seq = 2",
	  7, NULL },
	{ "a body without an entry", "INSERT INTO body VALUES(7, x'00')", 0, NULL },
	{ "a content that nobody names",
	  "INSERT INTO content(sha256, kind, bytes) VALUES("
	  "x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'plan', x'')",
	  0, NULL },
	{ "a run made up in the tables",
	  "INSERT INTO run SELECT 99, 99, randomblob(16), unit_id, attempt, plan_id, station, "
	  "slot, "
	  "variant, operator, started_ms, ended_ms, duration_ms, verdict, blame, mode, counts, "
	  "retried, "
	  "marginal, had_fail, first_fail FROM run WHERE run_id = 2",
	  99, NULL },
	{ "a fail turned into a pass",
	  "UPDATE run SET verdict = 1, first_fail = NULL WHERE run_id = 2", 2, NULL },
	{ "a limit widened", "UPDATE def SET lo = 1 WHERE lo = 18", 0, NULL },
	{ "a trigger dropped",
	  "DROP TRIGGER chain_update; UPDATE chain SET seq = seq WHERE seq = 1", 0,
	  "trigger chain_update is missing" },
	{ "a trigger made harmless",
	  "DROP TRIGGER meas_update; CREATE TRIGGER meas_update BEFORE UPDATE ON meas BEGIN "
	  "SELECT 1; END",
	  0, "trigger meas_update was changed" },
	{ "a table added", "CREATE TABLE t(x); INSERT INTO t VALUES(1)", 0,
	  "table t is none of a record" },
	{ "the plan's text",
	  "UPDATE content SET bytes = CAST('[plan]' AS BLOB) WHERE kind = 'plan'", 0, NULL },
};

TEST_ROWS(store_verify, known_changes_are_found, changes)
{
	struct tampering x;
	char text[300];
	int64_t bad;
	int drops = strstr(changes[*i].sql, "DROP TRIGGER") != NULL;

	tampering_begin(&x);
	if (drops)
		cr_assert_eq(sqlite3_exec(x.db, changes[*i].sql, NULL, NULL, NULL), SQLITE_OK);
	else
		cr_assert(change(&x, changes[*i].sql), "%s: %s", changes[*i].name,
			  sqlite3_errmsg(x.db));
	cr_expect_gt(problems(&x, &bad, text, sizeof(text)), 0, "%s: not found", changes[*i].name);
	if (changes[*i].says)
		cr_expect_str_eq(text, changes[*i].says);
	if (changes[*i].first_bad)
		cr_expect_eq(bad, changes[*i].first_bad, "%s: first bad is %" PRId64 " (%s)",
			     changes[*i].name, bad, text);
	tampering_end(&x);
}

/* What cannot be found without a head kept elsewhere, said so that nobody thinks
 * otherwise: the last entries cut off, all tables made to fit. */
Test(store_verify, a_cut_tail_shows_only_in_the_head)
{
	struct tampering x;
	struct store_head before, after;
	struct err err = { 0 };
	char text[300];
	int64_t bad;

	tampering_begin(&x);
	cr_assert_eq(store_head(&before, x.reader, &err), 0);
	cr_assert(change(&x,
			 "DELETE FROM shown; DELETE FROM journal; DELETE FROM body WHERE seq > 4; "
			 "UPDATE fixture SET cycles = 2; DELETE FROM chain WHERE seq > 4"));
	cr_expect_eq(problems(&x, &bad, text, sizeof(text)), 0, "%s", text);
	cr_assert_eq(store_head(&after, x.reader, &err), 0);
	cr_expect_str_neq(before.hash, after.hash);
	tampering_end(&x);
}

/* Bit by bit through one body and the plan's text. */
static void flip(struct tampering *x, const char *table, sqlite3_int64 row, int64_t at)
{
	sqlite3_blob *blob;
	unsigned char c;

	cr_assert_eq(sqlite3_blob_open(x->db, "main", table, "bytes", row, 1, &blob), SQLITE_OK);
	cr_assert_eq(sqlite3_blob_read(blob, &c, 1, (int)at), SQLITE_OK);
	c ^= (unsigned char)(1u << at % 8);
	cr_assert_eq(sqlite3_blob_write(blob, &c, 1, (int)at), SQLITE_OK);
	cr_assert_eq(sqlite3_blob_close(blob), SQLITE_OK);
}

Test(store_verify, any_bit_of_a_body_or_a_content_counts)
{
	static const struct {
		const char *table;
		sqlite3_int64 row;
	} blobs[] = { { "body", 4 }, { "content", 1 } };
	struct tampering x;
	char sql[200], text[300];
	int64_t n, bad;

	tampering_begin(&x);
	for (size_t i = 0; i < 2; i++) {
		snprintf(sql, sizeof(sql), "SELECT length(bytes) FROM %s WHERE rowid = %lld",
			 blobs[i].table, blobs[i].row);
		n = ask_int(x.db, sql);
		cr_assert_gt(n, 10);
		for (int64_t at = 0; at < n; at += i ? 2 : 37) {
			flip(&x, blobs[i].table, blobs[i].row, at); /* fires no trigger */
			cr_expect_gt(problems(&x, &bad, text, sizeof(text)), 0, "byte %" PRId64,
				     at);
			cr_expect_eq(bad, i ? 0 : 4);
			flip(&x, blobs[i].table, blobs[i].row, at);
		}
	}
	cr_expect_eq(problems(&x, &bad, text, sizeof(text)), 0, "%s", text);
	tampering_end(&x);
}

Test(store_verify, a_changed_body_is_not_loaded)
{
	struct tampering x;
	struct unit_run r;
	struct store_row *row;
	struct err err = { 0 };
	size_t n;

	tampering_begin(&x);
	cr_assert_eq(store_rows(&row, &n, &x.t.arena, x.reader, NULL, &err), 0);
	cr_assert(change(&x, "UPDATE body SET bytes = CAST(replace(bytes, 'FAIL', 'PASS') AS BLOB) "
			     "WHERE seq = 2"));
	cr_expect_eq(store_load(&r, x.reader, row[0].run, &err), ERR_CORRUPT);
	cr_expect(strstr(err.text, "entry 2 was changed"), "%s", err.text);
	tampering_end(&x);
}
