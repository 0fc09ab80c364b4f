/*
 * store_write -- the life of a run in the record: begin, attempts, commit,
 * shown.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/chain.h"
#include "store/store_in.h"

int entry_add(struct entry *out, struct store *s, const char *kind, const void *body, size_t len)
{
	int64_t now = clock_wall_ms();
	uint8_t digest[HASH_SIZE];
	sqlite3_stmt *row;
	int rc = db_step(&row, &s->db, DB_HEAD, "");

	out->seq = 1;
	memcpy(out->prev, s->start, HASH_SIZE);
	if (rc == SQLITE_ROW) {
		out->seq = sqlite3_column_int64(row, 0) + 1;
		rc = db_bytes(out->prev, HASH_SIZE, row, 1);
		sqlite3_reset(row);
	}
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		return rc;
	hash_bytes(digest, body, len);
	chain_link(out->hash, out->prev, out->seq, now, kind, (int64_t)len, digest);
	rc = db_step(NULL, &s->db, DB_CHAIN_ADD, "iitihh", out->seq, now, kind, (int64_t)len,
		     digest, out->hash);
	if (rc == SQLITE_DONE)
		rc = db_step(NULL, &s->db, DB_BODY_ADD, "ib", out->seq, body, len);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void running_add(struct store *s, int64_t open_seq)
{
	if (s->runs == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		s->running = realloc(s->running, s->room * sizeof(*s->running));
		if (!s->running)
			abort();
	}
	s->running[s->runs++] = open_seq;
}

static void running_drop(struct store *s, int64_t open_seq)
{
	for (size_t i = 0; i < s->runs; i++)
		if (s->running[i] == open_seq) {
			s->running[i] = s->running[--s->runs];
			return;
		}
}

/* The number in column 0 of a one-row question, or none. */
static int ask_int(struct store *s, int64_t *out, enum db_stmt which, const uint8_t uuid[16])
{
	sqlite3_stmt *row;
	int rc = db_step(&row, &s->db, which, "u", uuid);

	*out = 0;
	if (rc == SQLITE_ROW) {
		*out = sqlite3_column_int64(row, 0);
		sqlite3_reset(row);
	}
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- contents --- */

/* The text behind a hash that a body names must be in the record. */
static int add_content(struct store *s, const char *sha256, const char *kind, const char *text,
		       struct err *err)
{
	char is[HASH_TEXT];
	uint8_t sha[HASH_SIZE];
	int rc;

	if (!sha256)
		return 0;
	if (text) {
		hash_bytes(sha, text, strlen(text));
		if (strcmp(hash_print(is, sha), sha256)) {
			db_rollback(&s->db);
			return err_set(err, ERR_INTERNAL, "%s: its text has hash %s, not %.64s",
				       kind, is, sha256);
		}
		rc = derive_content(&s->db, sha256, kind, text, strlen(text));
	} else {
		sqlite3_stmt *row;

		rc = hash_scan(sha, sha256) < 0 ? SQLITE_DONE
						: db_step(&row, &s->db, DB_CONTENT_THERE, "h", sha);
		if (rc == SQLITE_DONE) {
			db_rollback(&s->db);
			return err_set(err, ERR_INTERNAL, "%s %.64s: its text is not given", kind,
				       sha256);
		}
		if (rc == SQLITE_ROW)
			rc = sqlite3_reset(row);
	}
	return rc == SQLITE_OK ? 0 : store_end_bad(s, rc, "recording a run", err);
}

static int add_contents(struct store *s, const struct unit_run *r, struct err *err)
{
	if (add_content(s, r->plan_sha256, "plan", r->plan_text, err) < 0)
		return err->code;
	return add_content(s, r->limits_sha256, "limits", r->limits_json, err);
}

/* --- begin --- */

/* The body of an open entry: who, where, when, by which plan; a run without
 * steps. */
static void open_to_json(struct sbuf *out, const struct unit_run *r)
{
	struct unit_run open = {
		.schema = r->schema,
		.station = r->station,
		.installation = r->installation,
		.open_seq = r->open_seq,
		.product = r->product,
		.process = r->process,
		.serial = r->serial,
		.label_raw = r->label_raw,
		.variant = r->variant,
		.slot = r->slot,
		.started_ms = r->started_ms,
		.operator= r->operator,
		.operator_how = r->operator_how,
		.mode = r->mode,
		.counts = r->counts,
		.counts_why = r->counts_why,
		.attempt_seen = r->attempt_seen,
		.plan_path = r->plan_path,
		.plan_title = r->plan_title,
		.plan_revision = r->plan_revision,
		.plan_sha256 = r->plan_sha256,
		.limits_sha256 = r->limits_sha256,
		.fixture = r->fixture,
		.fixture_sha256 = r->fixture_sha256,
		.fixture_cycles = r->fixture_cycles,
	};

	memcpy(open.id, r->id, sizeof(open.id));
	run_to_json(out, &open);
}

static int attempts_so_far(struct store *s, const struct unit_run *r, int64_t *n)
{
	struct arena a = { 0 };
	const char *serial = run_clean(&a, r->serial ? r->serial : "");
	sqlite3_stmt *row;
	int rc = db_step(&row, &s->db, DB_UNIT_NAMED, "ttt", r->product ? r->product : "", serial,
			 r->process ? r->process : "");

	*n = 0;
	arena_free(&a);
	if (rc == SQLITE_ROW) {
		int64_t unit = sqlite3_column_int64(row, 0);

		sqlite3_reset(row);
		rc = db_step(&row, &s->db, DB_UNIT_RUNS, "i", unit);
		if (rc == SQLITE_ROW) {
			*n = sqlite3_column_int64(row, 0);
			sqlite3_reset(row);
		}
	}
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int begin(struct store *s, struct unit_run *r, const uint8_t uuid[16])
{
	struct sbuf body = { 0 }, head = { 0 };
	struct entry e = { 0 };
	sqlite3_stmt *row;
	int rc = attempts_so_far(s, r, &r->attempt_seen);

	r->attempt_seen++;
	if (rc == SQLITE_OK)
		rc = db_step(&row, &s->db, DB_HEAD, "");
	r->open_seq = 1;
	if (rc == SQLITE_ROW) {
		r->open_seq = sqlite3_column_int64(row, 0) + 1;
		sqlite3_reset(row);
	}
	if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		open_to_json(&body, r);
		run_head_to_json(&head, r);
		rc = entry_add(&e, s, "open", body.data, body.len);
	}
	if (rc == SQLITE_OK)
		rc = derive_open(&s->db, r);
	if (rc == SQLITE_OK)
		rc = db_step(NULL, &s->db, DB_JOURNAL_ADD, "iub", e.seq, uuid, head.data, head.len);
	sbuf_release(&body);
	sbuf_release(&head);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int store_begin(struct store *s, struct unit_run *r, struct err *err)
{
	static const char doing[] = "starting a run";
	uint8_t uuid[16];
	int64_t journal, recorded;
	int rc;

	if (uuid_scan(uuid, r->id) < 0)
		return err_set(err, ERR_INTERNAL, "run '%.40s' has no UUID", r->id);
	if (store_space(s, err) < 0 || store_write(s, 1, doing, err) < 0)
		return err->code;
	if (!r->station)
		r->station = arena_strdup(&r->arena, s->station);
	r->installation = arena_strdup(&r->arena, s->installation);
	/* After a failure at the very end the entry may be there already. */
	rc = ask_int(s, &journal, DB_JOURNAL_OF, uuid);
	if (rc == SQLITE_OK)
		rc = ask_int(s, &recorded, DB_RUN_OF, uuid);
	if (rc == SQLITE_OK && recorded) {
		db_rollback(&s->db);
		return err_set(err, ERR_STORE, "run %s is recorded already", r->id);
	}
	if (rc == SQLITE_OK && journal) {
		r->open_seq = journal;
	} else if (rc == SQLITE_OK) {
		if (add_contents(s, r, err) < 0)
			return err->code;
		rc = begin(s, r, uuid);
	}
	if (rc != SQLITE_OK)
		return store_end_bad(s, rc, doing, err);
	if (store_end(s, 1, doing, err) < 0)
		return err->code;
	running_add(s, r->open_seq);
	return 0;
}

/* --- attempts --- */

int store_attempt(struct store *s, const struct unit_run *r, size_t step, size_t attempt,
		  struct err *err)
{
	static const char doing[] = "recording a step";
	struct sbuf bytes = { 0 };
	int rc;

	if (store_write(s, 0, doing, err) < 0)
		return err->code;
	run_attempt_to_json(&bytes, r, step, attempt);
	rc = db_step(NULL, &s->db, DB_JOURNAL_ATTEMPT_ADD, "iiib", r->open_seq, (int64_t)step,
		     attempt == SIZE_MAX ? (int64_t)-1 : (int64_t)attempt, bytes.data, bytes.len);
	sbuf_release(&bytes);
	if (rc != SQLITE_DONE)
		return store_end_bad(s, rc, doing, err);
	return store_end(s, 0, doing, err);
}

/* --- commit --- */

/* Recorded already, since a commit that reported a failure was there after all?
 * Then these very bytes must be what is recorded. 1: yes; 0: no; negative. */
static int is_recorded(struct store *s, struct unit_run *r, const uint8_t uuid[16],
		       const struct sbuf *body, struct err *err)
{
	static const char doing[] = "recording a run";
	uint8_t hash[HASH_SIZE], prev[HASH_SIZE];
	sqlite3_stmt *row;
	int64_t seq;
	int rc = ask_int(s, &seq, DB_RUN_OF, uuid), same = 0;

	if (rc == SQLITE_OK && !seq)
		return 0;
	if (rc == SQLITE_OK)
		rc = db_step(&row, &s->db, DB_ENTRY, "i", seq);
	if (rc != SQLITE_ROW)
		return store_end_bad(s, rc == SQLITE_DONE ? SQLITE_CORRUPT : rc, doing, err);
	same = (size_t)sqlite3_column_bytes(row, 3) == body->len &&
	       !memcmp(sqlite3_column_blob(row, 3), body->data, body->len);
	rc = db_bytes(hash, HASH_SIZE, row, 2);
	sqlite3_reset(row);
	memcpy(prev, s->start, HASH_SIZE);
	if (rc == SQLITE_OK && seq > 1) {
		rc = db_step(&row, &s->db, DB_LINK, "i", seq - 1);
		if (rc == SQLITE_ROW) {
			rc = db_bytes(prev, HASH_SIZE, row, 0);
			sqlite3_reset(row);
		}
	}
	if (rc != SQLITE_OK)
		return store_end_bad(s, rc == SQLITE_DONE ? SQLITE_CORRUPT : rc, doing, err);
	if (same) {
		r->seq = seq;
		hash_print(r->hash, hash);
		hash_print(r->prev_hash, prev);
		return 1;
	}
	db_rollback(&s->db);
	return err_set(err, ERR_STORE, "run %s is recorded already, and otherwise", r->id);
}

static int commit(struct store *s, const struct unit_run *r, struct entry *e,
		  const struct sbuf *body)
{
	int rc = entry_add(e, s, "close", body->data, body->len);

	if (rc == SQLITE_OK)
		rc = derive_close(&s->db, e->seq, r);
	if (rc == SQLITE_OK)
		rc = db_step(NULL, &s->db, DB_JOURNAL_ATTEMPT_DEL, "i", r->open_seq);
	if (rc == SQLITE_DONE)
		rc = db_step(NULL, &s->db, DB_JOURNAL_DEL, "i", r->open_seq);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* The rows are made from the bytes, read back: what cannot be read again is not
 * recorded, and the tables hold what anyone else would derive. */
int store_commit(struct store *s, struct unit_run *r, struct err *err)
{
	static const char doing[] = "recording a run";
	struct sbuf body = { 0 };
	struct unit_run back = { 0 };
	struct entry e = { 0 };
	uint8_t uuid[16];
	int64_t journal;
	int rc, there, result;

	run_to_json(&body, r);
	result = run_from_json(&back, body.data, body.len, err);
	if (result < 0 || uuid_scan(uuid, back.id) < 0) {
		err_wrap(err, "run %.40s cannot be recorded", r->id);
		result = err->code = ERR_STORE;
		goto out;
	}
	if (back.verdict < VERDICT_PASS || back.verdict == VERDICT_SKIP ||
	    back.verdict == VERDICT_ABORT) {
		result = err_set(err, ERR_STORE, "run %.40s has no verdict", r->id);
		goto out;
	}
	result = store_write(s, 1, doing, err);
	if (result < 0)
		goto out;
	there = is_recorded(s, r, uuid, &body, err);
	if (there) {
		result = there < 0 ? there : store_end(s, 1, doing, err);
		if (!result && there > 0) {
			s->waiting = 1; /* the empty commit synced nothing */
			result = store_sync(s, err);
		}
		goto done;
	}
	rc = ask_int(s, &journal, DB_JOURNAL_OF, uuid);
	if (rc == SQLITE_OK && (!journal || journal != r->open_seq)) {
		db_rollback(&s->db);
		result = err_set(err, ERR_STORE, "run %.40s was never begun", r->id);
		goto out;
	}
	result = rc == SQLITE_OK ? add_contents(s, r, err) : store_end_bad(s, rc, doing, err);
	if (result < 0)
		goto out;
	rc = commit(s, &back, &e, &body);
	result = rc == SQLITE_OK ? store_end(s, 1, doing, err) : store_end_bad(s, rc, doing, err);
	if (!result) {
		r->seq = e.seq;
		hash_print(r->prev_hash, e.prev);
		hash_print(r->hash, e.hash);
	}
done:
	if (!result)
		running_drop(s, r->open_seq);
out:
	sbuf_release(&body);
	run_release(&back);
	return result;
}

/* --- shown --- */

int store_shown(struct store *s, const struct unit_run *r, struct err *err)
{
	static const char doing[] = "noting that the verdict was shown";
	struct sbuf body = { 0 };
	struct entry e = { 0 };
	sqlite3_stmt *row;
	uint8_t uuid[16];
	int64_t run_id;
	int rc;

	if (uuid_scan(uuid, r->id) < 0)
		return err_set(err, ERR_INTERNAL, "run '%.40s' has no UUID", r->id);
	/* Not worth a wait for the disk: lost, the run counts as not seen. */
	if (store_write(s, 0, doing, err) < 0)
		return err->code;
	rc = ask_int(s, &run_id, DB_RUN_OF, uuid);
	if (rc == SQLITE_OK && !run_id) {
		db_rollback(&s->db);
		return err_set(err, ERR_STORE, "run %s is not recorded and must not be shown",
			       r->id);
	}
	if (rc == SQLITE_OK)
		rc = db_step(&row, &s->db, DB_SHOWN, "i", run_id);
	if (rc == SQLITE_ROW) { /* twice is once */
		sqlite3_reset(row);
		db_rollback(&s->db);
		return 0;
	}
	if (rc == SQLITE_DONE) {
		sbuf_printf(&body, "{\"run\":\"%s\",\"seq\":%lld}", r->id, (long long)run_id);
		rc = entry_add(&e, s, "shown", body.data, body.len);
		sbuf_release(&body);
		if (rc == SQLITE_OK)
			rc = derive_shown(&s->db, run_id, e.seq);
	}
	return rc == SQLITE_OK ? store_end(s, 0, doing, err) : store_end_bad(s, rc, doing, err);
}
