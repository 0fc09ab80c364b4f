/*
 * store_recover -- runs that a killed station left open are closed as
 * INTERRUPTED, from what their journal holds.
 */
#include <stdlib.h>
#include <string.h>

#include "store/store_in.h"

static int is_running(const struct store *s, int64_t open_seq)
{
	for (size_t i = 0; i < s->runs; i++)
		if (s->running[i] == open_seq)
			return 1;
	return 0;
}

/* The run as it was begun: from the journal, or from the open entry's own body
 * when the journal cannot be read. */
static int read_head(struct unit_run *r, struct store *s, int64_t open_seq, const void *head,
		     size_t len, struct err *err)
{
	sqlite3_stmt *row;
	int rc;

	if (run_from_json(r, head, len, err) == 0)
		return 0;
	rc = db_step(&row, &s->db, DB_ENTRY, "i", open_seq);
	if (rc != SQLITE_ROW)
		return db_fail(err, &s->db, s->path, rc == SQLITE_DONE ? SQLITE_CORRUPT : rc,
			       "closing an interrupted run");
	rc = run_from_json(r, sqlite3_column_blob(row, 3), (size_t)sqlite3_column_bytes(row, 3),
			   err);
	sqlite3_reset(row);
	return rc;
}

static int read_attempts(struct unit_run *r, struct store *s, int64_t open_seq, struct err *err)
{
	sqlite3_stmt *q = db_bind(&s->db, DB_JOURNAL_ATTEMPTS, "i", open_seq);
	int rc = q ? sqlite3_step(q) : sqlite3_extended_errcode(s->db.h);

	for (; rc == SQLITE_ROW; rc = sqlite3_step(q)) {
		struct err row = { 0 };

		/* A row that cannot be read is left out: the run counts as
		 * interrupted with or without it, and has to be closed. */
		run_add_attempt_json(r, sqlite3_column_blob(q, 0),
				     (size_t)sqlite3_column_bytes(q, 0), &row);
	}
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? 0 : db_fail(err, &s->db, s->path, rc, "reading the journal");
}

static int close_interrupted(struct store *s, int64_t open_seq, const void *head, size_t len,
			     void (*heard)(void *payload, const struct unit_run *r), void *payload,
			     struct err *err)
{
	struct unit_run r = { 0 };
	int result = read_head(&r, s, open_seq, head, len, err);

	if (result >= 0)
		result = read_attempts(&r, s, open_seq, err);
	if (result >= 0) {
		r.open_seq = open_seq;
		r.ended_ms = 0;
		r.duration_ms = 0;
		for (size_t i = 0; i < r.steps; i++)
			for (size_t k = 0; k < r.step[i].attempts; k++) {
				const struct attempt *a = &r.step[i].attempt[k];
				int64_t end = a->at_ms + a->duration_ms;

				r.duration_ms = end > r.duration_ms ? end : r.duration_ms;
			}
		run_conclude(&r, 1);
		result = store_commit(s, &r, err);
	}
	if (result >= 0 && heard)
		heard(payload, &r);
	run_release(&r);
	return result;
}

struct left { /* a journal of a run that nobody runs */
	int64_t open_seq;
	struct sbuf head;
};

int store_recover(struct store *s, void (*heard)(void *payload, const struct unit_run *r),
		  void *payload, struct err *err)
{
	struct left *list = NULL;
	size_t n = 0, room = 0;
	sqlite3_stmt *q = db_bind(&s->db, DB_JOURNALS, "");
	int rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN, result = 0;

	/* Read them all first: closing a run changes the table that is read. */
	for (; rc == SQLITE_ROW; rc = sqlite3_step(q)) {
		if (is_running(s, sqlite3_column_int64(q, 0)))
			continue;
		if (n == room) {
			room = room ? 2 * room : 8;
			list = realloc(list, room * sizeof(*list));
			if (!list)
				abort();
		}
		list[n] = (struct left){ .open_seq = sqlite3_column_int64(q, 0) };
		sbuf_add(&list[n].head, sqlite3_column_blob(q, 1),
			 (size_t)sqlite3_column_bytes(q, 1));
		n++;
	}
	sqlite3_reset(q);
	if (rc != SQLITE_DONE)
		result = db_fail(err, &s->db, s->path, rc, "reading the journal");
	for (size_t i = 0; i < n; i++) {
		if (result >= 0)
			result = close_interrupted(s, list[i].open_seq, sbuf_str(&list[i].head),
						   list[i].head.len, heard, payload, err);
		sbuf_release(&list[i].head);
	}
	free(list);
	return result < 0 ? result : (int)n;
}
