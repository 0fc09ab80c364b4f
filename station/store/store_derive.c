/*
 * store_derive -- the tables from the entries. The same code runs in the
 * transaction that adds an entry and when station verify makes the tables
 * again, in the order of the entries, so equal bodies give equal rows, down to
 * the keys.
 */
#include <ctype.h>
#include <string.h>

#include "store/store_in.h"

/* Tables keep these as numbers: a new one goes to the end of its list. */
_Static_assert(VERDICT_PASS == 1 && VERDICT_FAIL == 2 && VERDICT_ERROR == 3 && VERDICT_SKIP == 4 &&
		       VERDICT_ABORT == 5 && VERDICT_ABORTED == 6 && VERDICT_INTERRUPTED == 7,
	       "records hold these numbers");
_Static_assert(BLAME_UNIT == 1 && BLAME_STATION == 2 && BLAME_PLAN == 3 && BLAME_OPERATOR == 4,
	       "records hold these numbers");
_Static_assert(MODE_PRODUCTION == 0 && MODE_GOLDEN == 1 && MODE_ENGINEERING == 2 &&
		       MODE_GAGE == 3 && MODE_PARTIAL == 4,
	       "records hold these numbers");
_Static_assert(VALUE_NUM == 1 && VALUE_TEXT == 2 && VALUE_VERSION == 3 && VALUE_BOOL == 4,
	       "records hold these numbers");
_Static_assert(JUDGED_PASS == 1 && JUDGED_FAIL == 2 && JUDGED_UNSET == 3,
	       "records hold these numbers");
_Static_assert(LIMIT_GE == 1 && LIMIT_LE == 2 && LIMIT_GT == 3 && LIMIT_LT == 4 && LIMIT_EQ == 5 &&
		       LIMIT_NE == 6 && LIMIT_RANGE == 7 && LIMIT_ONE_OF == 8 && LIMIT_MATCHES == 9,
	       "records hold these numbers");

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int uuid_scan(uint8_t out[16], const char *text)
{
	int n = 0;

	for (; *text; text++) {
		int d = hex(*text);

		if (*text == '-')
			continue;
		if (d < 0 || n == 32)
			return -1;
		out[n / 2] = (uint8_t)(n % 2 ? out[n / 2] | d : d << 4);
		n++;
	}
	return n == 32 ? 0 : -1;
}

void uuid_print(char out[37], const uint8_t uuid[16])
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[uuid[i] >> 4];
		*p++ = digits[uuid[i] & 15];
	}
	*p = '\0';
}

int mac_canonical(char out[MAC_TEXT], const char *text)
{
	uint8_t mac[6];

	if (mac_scan(mac, text) < 0)
		return -1;
	mac_print(out, mac);
	return 0;
}

static int take_id(sqlite3_stmt *row, int64_t *id)
{
	*id = sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	return SQLITE_OK;
}

/* FNV-1a: only spreads the names over their places. */
static struct db_name *name_place(struct db *db, const char *text)
{
	uint32_t h = 2166136261U;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 16777619U;
	return &db->name[h % DB_KNOWN];
}

static int name_id(struct db *db, const char *text, int64_t *id)
{
	struct db_name *known = name_place(db, text ? text : "");
	sqlite3_stmt *row;
	int rc;

	text = text ? text : "";
	if (known->id && !strcmp(known->text, text)) {
		*id = known->id;
		return SQLITE_OK;
	}
	rc = db_step(&row, db, DB_NAME, "t", text);
	if (rc == SQLITE_ROW) {
		rc = take_id(row, id);
	} else {
		if (rc == SQLITE_DONE)
			rc = db_step(NULL, db, DB_NAME_ADD, "t", text);
		if (rc != SQLITE_DONE)
			return rc;
		*id = sqlite3_last_insert_rowid(db->h);
		rc = SQLITE_OK;
	}
	if (strlen(text) < sizeof(known->text)) {
		known->id = *id;
		memcpy(known->text, text, strlen(text) + 1);
	}
	return rc;
}

static int unit_id(struct db *db, const struct unit_run *r, int64_t *id)
{
	const char *serial = r->serial ? r->serial : "";
	int64_t product, process;
	sqlite3_stmt *row;
	int rc = name_id(db, r->product, &product);

	if (rc == SQLITE_OK)
		rc = name_id(db, r->process, &process);
	if (rc == SQLITE_OK)
		rc = db_step(&row, db, DB_UNIT, "tii", serial, product, process);
	if (rc == SQLITE_ROW)
		return take_id(row, id);
	if (rc == SQLITE_DONE)
		rc = db_step(NULL, db, DB_UNIT_ADD, "tii", serial, product, process);
	*id = sqlite3_last_insert_rowid(db->h);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int plan_id(struct db *db, const struct unit_run *r, int64_t *id)
{
	const char *sha = r->plan_sha256 ? r->plan_sha256 : "";
	const char *revision = r->plan_revision ? r->plan_revision : "";
	const char *title = r->plan_title ? r->plan_title : "";
	sqlite3_stmt *row;
	int rc = db_step(&row, db, DB_PLAN, "ttt", sha, revision, title);

	if (rc == SQLITE_ROW)
		return take_id(row, id);
	if (rc == SQLITE_DONE)
		rc = db_step(NULL, db, DB_PLAN_ADD, "ttt", sha, revision, title);
	*id = sqlite3_last_insert_rowid(db->h);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int step_id(struct db *db, const struct unit_run *r, const struct step_run *s, int64_t *id)
{
	int64_t product, process, name, kind;
	sqlite3_stmt *row;
	int rc = name_id(db, r->product, &product);

	if (rc == SQLITE_OK)
		rc = name_id(db, r->process, &process);
	if (rc == SQLITE_OK)
		rc = name_id(db, s->id, &name);
	if (rc == SQLITE_OK)
		rc = name_id(db, s->kind, &kind);
	if (rc == SQLITE_OK)
		rc = db_step(&row, db, DB_STEP, "iiii", product, process, name, kind);
	if (rc == SQLITE_ROW)
		return take_id(row, id);
	if (rc == SQLITE_DONE)
		rc = db_step(NULL, db, DB_STEP_ADD, "iiii", product, process, name, kind);
	*id = sqlite3_last_insert_rowid(db->h);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int def_id(struct db *db, const struct unit_run *r, const struct step_run *s,
		  const struct measure *m, int64_t *id)
{
	const char *set = r->limits_sha256 ? r->limits_sha256 : "";
	const int has[4] = { m->has_lo, m->has_hi, m->has_warn_lo, m->has_warn_hi };
	const double bound[4] = { m->lo, m->hi, m->warn_lo, m->warn_hi };
	int64_t step, name;
	int rc = name_id(db, s->id, &step);

	if (rc == SQLITE_OK)
		rc = name_id(db, m->name, &name);
	for (int add = 0; rc == SQLITE_OK && add <= 1; add++) {
		sqlite3_stmt *q = db_bind(db, add ? DB_DEF_ADD : DB_DEF, "tiiiti", set, step, name,
					  (int64_t)m->type, m->unit, (int64_t)m->op);

		if (!q)
			return sqlite3_extended_errcode(db->h);
		for (int i = 0; i < 4; i++)
			has[i] ? sqlite3_bind_double(q, 7 + i, bound[i])
			       : sqlite3_bind_null(q, 7 + i);
		sqlite3_bind_text(q, 11, m->expected, -1, SQLITE_TRANSIENT);
		rc = sqlite3_step(q);
		if (rc == SQLITE_ROW)
			return take_id(q, id);
		sqlite3_reset(q);
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	*id = sqlite3_last_insert_rowid(db->h);
	return rc;
}

int derive_content(struct db *db, const char *sha256, const char *kind, const void *bytes,
		   size_t len)
{
	uint8_t sha[HASH_SIZE];
	sqlite3_stmt *row;
	int rc;

	if (!sha256)
		return SQLITE_OK;
	if (hash_scan(sha, sha256) < 0)
		return SQLITE_MISMATCH;
	rc = db_step(&row, db, DB_CONTENT_THERE, "h", sha);
	if (rc == SQLITE_ROW) {
		sqlite3_reset(row);
		return SQLITE_OK;
	}
	if (rc == SQLITE_DONE)
		rc = db_step(NULL, db, DB_CONTENT_ADD, "htb", sha, kind, bytes, len);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int derive_open(struct db *db, const struct unit_run *r)
{
	int64_t fixture;
	int rc;

	if (!r->fixture)
		return SQLITE_OK;
	rc = name_id(db, r->fixture, &fixture);
	if (rc == SQLITE_OK)
		rc = db_step(NULL, db, DB_FIXTURE_USED, "i", fixture);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int had_fail(const struct unit_run *r)
{
	for (size_t i = 0; i < r->steps; i++)
		for (size_t k = 0; k < r->step[i].attempts; k++)
			if (r->step[i].attempt[k].verdict == VERDICT_FAIL)
				return 1;
	return 0;
}

/* The default policy: passed and failed production runs count; others only when
 * a step attempt ended FAIL. */
static int counted(const struct unit_run *r)
{
	if (!r->counts || r->mode != MODE_PRODUCTION)
		return 0;
	return r->verdict == VERDICT_PASS || r->verdict == VERDICT_FAIL || had_fail(r);
}

/* The run's place among its unit's counted runs; those that were opened later
 * and closed before it move up. */
static int number_attempt(struct db *db, const struct unit_run *r, int64_t unit, int64_t *attempt)
{
	sqlite3_stmt *row;
	int rc;

	*attempt = 0;
	if (!counted(r))
		return SQLITE_OK;
	rc = db_step(&row, db, DB_RUN_BEFORE, "ii", unit, r->open_seq);
	if (rc != SQLITE_ROW)
		return rc;
	take_id(row, attempt);
	++*attempt;
	rc = db_step(NULL, db, DB_RUN_RENUMBER, "ii", unit, r->open_seq);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int add_run(struct db *db, int64_t seq, const struct unit_run *r, int64_t *unit)
{
	int64_t attempt, plan, id[5] = { 0 };
	const char *const text[5] = { r->station, r->slot, r->variant, r->operator, r->first_fail };
	uint8_t uuid[16];
	char types[] = "iiuiiiiiiiiiiiiiiiiii";
	int rc;

	if (uuid_scan(uuid, r->id) < 0)
		return SQLITE_MISMATCH;
	rc = unit_id(db, r, unit);
	if (rc == SQLITE_OK)
		rc = plan_id(db, r, &plan);
	for (int i = 0; rc == SQLITE_OK && i < 5; i++)
		if (i < 4 || text[i])
			rc = name_id(db, text[i], &id[i]);
	if (rc == SQLITE_OK)
		rc = number_attempt(db, r, *unit, &attempt);
	if (rc != SQLITE_OK)
		return rc;
	if (!r->first_fail)
		types[20] = '-';
	rc = db_step(NULL, db, DB_RUN_ADD, types, seq, r->open_seq, uuid, *unit, attempt, plan,
		     id[0], id[1], id[2], id[3], r->started_ms, r->ended_ms, r->duration_ms,
		     (int64_t)r->verdict, (int64_t)r->blame, (int64_t)r->mode, (int64_t)r->counts,
		     (int64_t)r->retried, (int64_t)r->marginal, (int64_t)had_fail(r), id[4]);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int add_measure(struct db *db, int64_t seq, const struct unit_run *r,
		       const struct step_run *s, size_t k, size_t at)
{
	const struct attempt *a = &s->attempt[k];
	const struct measure *m = &a->measure[at];
	int number = m->has && (m->type == VALUE_NUM || m->type == VALUE_BOOL);
	int64_t def = 0, nth = 1;
	int rc = def_id(db, r, s, m, &def);

	for (size_t i = 0; i < at; i++)
		nth += !strcmp(a->measure[i].name, m->name);
	if (rc == SQLITE_OK && number)
		rc = db_step(NULL, db, DB_MEAS_ADD, "iiiidi", seq, def, (int64_t)k + 1, nth, m->num,
			     (int64_t)m->result);
	else if (rc == SQLITE_OK)
		rc = db_step(NULL, db, DB_MEAS_ADD, "iiii-i", seq, def, (int64_t)k + 1, nth,
			     (int64_t)m->result);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* What the unit was seen to be, so that no second unit can be the same. */
static int add_identity(struct db *db, int64_t seq, int64_t unit, const struct step_run *s,
			const struct measure *m)
{
	char mac[MAC_TEXT];
	int rc;

	if (strcmp(s->kind, "mac_persistence") || strncmp(m->name, "mac", 3) || !m->has ||
	    m->type != VALUE_TEXT || mac_canonical(mac, m->text) < 0)
		return SQLITE_OK;
	rc = db_step(NULL, db, DB_IDENTITY_ADD, "ttii", "mac", mac, unit, seq);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int add_step(struct db *db, int64_t seq, const struct unit_run *r, size_t place,
		    int64_t unit)
{
	const struct step_run *s = &r->step[place];
	int64_t step = 0;
	int rc = s->attempts ? step_id(db, r, s, &step) : SQLITE_OK;

	for (size_t k = 0; rc == SQLITE_OK && k < s->attempts; k++) {
		const struct attempt *a = &s->attempt[k];

		rc = db_step(NULL, db, DB_ATTEMPT_ADD, "iiiiii", seq, (int64_t)place,
			     (int64_t)k + 1, step, (int64_t)a->verdict, a->duration_ms);
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
		for (size_t i = 0; rc == SQLITE_OK && i < a->measures; i++) {
			rc = add_measure(db, seq, r, s, k, i);
			if (rc == SQLITE_OK)
				rc = add_identity(db, seq, unit, s, &a->measure[i]);
		}
	}
	return rc;
}

int derive_close(struct db *db, int64_t seq, const struct unit_run *r)
{
	int64_t unit = 0;
	int rc = add_run(db, seq, r, &unit);

	for (size_t i = 0; rc == SQLITE_OK && i < r->steps; i++)
		rc = add_step(db, seq, r, i, unit);
	return rc;
}

int derive_shown(struct db *db, int64_t run_id, int64_t seq)
{
	int rc = db_step(NULL, db, DB_SHOWN_ADD, "ii", run_id, seq);

	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int derive_note(struct db *db, const struct store_note *n)
{
	int64_t what, by, product = 0, process = 0;
	int rc = name_id(db, n->what, &what);

	if (rc == SQLITE_OK)
		rc = name_id(db, n->by, &by);
	if (rc == SQLITE_OK && n->serial)
		rc = name_id(db, n->product, &product);
	if (rc == SQLITE_OK && n->serial)
		rc = name_id(db, n->process, &process);
	if (rc == SQLITE_OK && n->serial)
		rc = db_step(NULL, db, DB_NOTE_ADD, "iiitiiii", n->seq, (int64_t)n->kind, what,
			     n->serial, product, process, by, n->at_ms);
	else if (rc == SQLITE_OK)
		rc = db_step(NULL, db, DB_NOTE_ADD, "iii---ii", n->seq, (int64_t)n->kind, what, by,
			     n->at_ms);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
