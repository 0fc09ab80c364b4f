#include "store/store_db.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/sbuf.h"
#include "store_schema.h"
#include "store_schema_2.h"

static const char *const statements[] = {
#define DB_STMT(name, sql) [DB_##name] = sql,
#include "store/store_sql.def"
#undef DB_STMT
};

/* migration[v] brings a file of version v to v + 1. A shipped row never changes. */
static const char *const migration[] = { store_schema, store_schema_2 };
_Static_assert(sizeof(migration) / sizeof(migration[0]) == DB_VERSION, "one step a version");

int db_exec(struct db *db, const char *sql)
{
	return sqlite3_exec(db->h, sql, NULL, NULL, NULL);
}

static sqlite3_stmt *vbind(struct db *db, enum db_stmt which, const char *types, va_list ap)
{
	sqlite3_stmt *s = db->stmt[which];
	int rc = SQLITE_OK, i = 0;

	if (!db->h)
		return NULL;
	if (!s) {
		if (sqlite3_prepare_v3(db->h, statements[which], -1, SQLITE_PREPARE_PERSISTENT, &s,
				       NULL) != SQLITE_OK)
			return NULL;
		db->stmt[which] = s;
	}
	sqlite3_reset(s);
	for (const char *t = types; *t && rc == SQLITE_OK; t++) {
		const char *text;
		const void *bytes;

		i++;
		switch (*t) {
		case 'i':
			rc = sqlite3_bind_int64(s, i, va_arg(ap, int64_t));
			break;
		case 'd':
			rc = sqlite3_bind_double(s, i, va_arg(ap, double));
			break;
		case 't':
			text = va_arg(ap, const char *);
			rc = sqlite3_bind_text(s, i, text, -1, SQLITE_TRANSIENT);
			break;
		case 'b':
			bytes = va_arg(ap, const void *);
			rc = sqlite3_bind_blob64(s, i, bytes ? bytes : "", va_arg(ap, size_t),
						 SQLITE_TRANSIENT);
			break;
		case 'h':
			rc = sqlite3_bind_blob(s, i, va_arg(ap, const void *), HASH_SIZE,
					       SQLITE_TRANSIENT);
			break;
		case 'u':
			rc = sqlite3_bind_blob(s, i, va_arg(ap, const void *), 16,
					       SQLITE_TRANSIENT);
			break;
		default:
			rc = sqlite3_bind_null(s, i);
			break;
		}
	}
	return rc == SQLITE_OK ? s : NULL;
}

sqlite3_stmt *db_bind(struct db *db, enum db_stmt which, const char *types, ...)
{
	sqlite3_stmt *s;
	va_list ap;

	va_start(ap, types);
	s = vbind(db, which, types, ap);
	va_end(ap);
	return s;
}

int db_step(sqlite3_stmt **row, struct db *db, enum db_stmt which, const char *types, ...)
{
	sqlite3_stmt *s;
	va_list ap;
	int rc;

	va_start(ap, types);
	s = vbind(db, which, types, ap);
	va_end(ap);
	if (!s)
		return db->h ? sqlite3_extended_errcode(db->h) : SQLITE_CANTOPEN;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW && row) {
		*row = s;
		return rc;
	}
	sqlite3_reset(s);
	return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

int db_bytes(void *out, size_t n, sqlite3_stmt *row, int column)
{
	const void *bytes = sqlite3_column_blob(row, column);

	if (!bytes || (size_t)sqlite3_column_bytes(row, column) != n)
		return SQLITE_CORRUPT;
	memcpy(out, bytes, n);
	return SQLITE_OK;
}

int db_begin(struct db *db, int full)
{
	int rc = SQLITE_OK;

	/* The setting belongs to the connection; it cannot change inside a
	 * transaction, and does so when the statement is compiled. */
	if (db->full != full)
		rc = db_exec(db, full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
	if (rc != SQLITE_OK)
		return rc;
	db->full = full;
	rc = db_step(NULL, db, DB_BEGIN, "");
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int db_commit(struct db *db)
{
	int rc = db_step(NULL, db, DB_COMMIT, "");

	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void db_forget(struct db *db)
{
	for (int i = 0; i < DB_KNOWN; i++)
		db->name[i].id = 0;
}

void db_rollback(struct db *db)
{
	db_forget(db);
	if (db->h && !sqlite3_get_autocommit(db->h))
		db_exec(db, "ROLLBACK");
}

int db_fail(struct err *err, struct db *db, const char *path, int rc, const char *doing)
{
	static const struct {
		int rc;
		enum err_code code;
		const char *todo;
	} table[] = {
		{ SQLITE_FULL, ERR_STORE, "the disk is full; free space, then try again" },
		{ SQLITE_IOERR, ERR_STORE,
		  "the disk does not read or write; check it, then try again" },
		{ SQLITE_READONLY, ERR_STORE,
		  "file or folder is read-only; correct its rights, then try again" },
		{ SQLITE_CANTOPEN, ERR_STORE,
		  "file or folder is gone or not allowed; bring it back, then try again" },
		{ SQLITE_PERM, ERR_STORE, "no permission; correct the rights, then try again" },
		{ SQLITE_BUSY, ERR_STORE,
		  "another program holds the file; end it, then try again" },
		{ SQLITE_LOCKED, ERR_STORE,
		  "another program holds the file; end it, then try again" },
		{ SQLITE_CORRUPT, ERR_CORRUPT,
		  "the file is damaged; keep it, run station verify, bring back a backup" },
		{ SQLITE_NOTADB, ERR_CORRUPT, "the file is no record" },
		{ SQLITE_CONSTRAINT, ERR_STORE,
		  "the record refuses it; keep the file, run station verify" },
	};
	enum err_code code = ERR_STORE;
	const char *todo = "run station verify", *what;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].rc == (rc & 0xff)) {
			code = table[i].code;
			todo = table[i].todo;
		}
	/* A code that we found ourselves is not the connection's last one. */
	what = db && db->h && (sqlite3_errcode(db->h) & 0xff) == (rc & 0xff) ? sqlite3_errmsg(db->h)
									     : sqlite3_errstr(rc);
	return err_set(err, code, "%.150s: %s: %.80s (SQLite %d); %s", path, doing, what, rc, todo);
}

/* --- opening --- */

static int pragma_int(struct db *db, const char *name, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	char sql[64];
	int rc;

	snprintf(sql, sizeof(sql), "PRAGMA %s", name);
	rc = sqlite3_prepare_v2(db->h, sql, -1, &s, NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(s);
		*out = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
		rc = rc == SQLITE_ROW ? SQLITE_OK : rc;
	}
	sqlite3_finalize(s);
	return rc;
}

/* Set what belongs to a connection, and read each setting back. */
static int settings(struct db *db, const char *path, enum db_mode mode, struct err *err)
{
	static const struct {
		const char *name, *set;
		int64_t want;
		int write_only;
	} pragma[] = {
		{ "foreign_keys", "PRAGMA foreign_keys=ON", 1, 0 },
		{ "recursive_triggers", "PRAGMA recursive_triggers=ON", 1, 0 },
		{ "trusted_schema", "PRAGMA trusted_schema=OFF", 0, 0 },
		{ "cell_size_check", "PRAGMA cell_size_check=ON", 1, 0 },
		{ "synchronous", "PRAGMA synchronous=FULL", 2, 1 },
	};
	int64_t is = -1;
	int rc;

	sqlite3_extended_result_codes(db->h, 1);
	sqlite3_busy_timeout(db->h, DB_BUSY_MS);
	/* A misspelt "column" shall be an error and not a text. */
	rc = sqlite3_db_config(db->h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(db->h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	for (size_t i = 0; rc == SQLITE_OK && i < sizeof(pragma) / sizeof(pragma[0]); i++) {
		if (pragma[i].write_only && mode == DB_READ)
			continue;
		rc = db_exec(db, pragma[i].set);
		if (rc == SQLITE_OK)
			rc = pragma_int(db, pragma[i].name, &is);
		if (rc == SQLITE_OK && is != pragma[i].want)
			return err_set(err, ERR_STORE, "%.200s: SQLite refuses '%s'", path,
				       pragma[i].set);
	}
	db->full = 1;
	return rc == SQLITE_OK ? 0 : db_fail(err, db, path, rc, "opening the record");
}

/* Is it a record, and one that this program can read? *version: of the file. */
static int identify(struct db *db, const char *path, int64_t *version, struct err *err)
{
	int64_t application = 0, tables = 0;
	sqlite3_stmt *s = NULL;
	int rc;

	rc = sqlite3_prepare_v2(db->h, "SELECT count(*) FROM sqlite_schema", -1, &s, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s) == SQLITE_ROW ? SQLITE_OK : sqlite3_extended_errcode(db->h);
	if (rc == SQLITE_OK)
		tables = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	if (rc == SQLITE_OK)
		rc = pragma_int(db, "application_id", &application);
	if (rc == SQLITE_OK)
		rc = pragma_int(db, "user_version", version);
	if ((rc & 0xff) == SQLITE_BUSY)
		return err_set(err, ERR_BUSY, "%.200s: another program holds the record", path);
	if (rc != SQLITE_OK)
		return db_fail(err, db, path, rc, "opening the record");
	if (tables == 0 && application == 0 && *version == 0)
		return 0; /* a new file */
	if (application != DB_APPLICATION || *version < 1)
		return err_set(err, ERR_CORRUPT,
			       "%.200s: an SQLite file, but no record of a station", path);
	if (*version > DB_VERSION)
		return err_set(err, ERR_NEWER,
			       "%.200s: record of version %" PRId64
			       ", this program reads up to version %d; use the newer program, or "
			       "another data folder",
			       path, *version, DB_VERSION);
	return 0;
}

static int migrate(struct db *db, const char *path, int64_t from, int to, struct err *err)
{
	char mark[96];
	int rc = SQLITE_OK;

	snprintf(mark, sizeof(mark), "PRAGMA application_id=%d; PRAGMA user_version=%d",
		 DB_APPLICATION, to);
	if (from == to)
		return 0;
	rc = db_begin(db, 1);
	for (int64_t v = from; rc == SQLITE_OK && v < to; v++)
		rc = db_exec(db, migration[v]);
	if (rc == SQLITE_OK)
		rc = db_exec(db, mark);
	if (rc == SQLITE_OK)
		rc = db_commit(db);
	if (rc == SQLITE_OK)
		return 0;
	db_fail(err, db, path, rc, from ? "bringing the record to this version" : "new record");
	db_rollback(db);
	return err->code;
}

static int use_wal(struct db *db, const char *path, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(db->h, "PRAGMA journal_mode=WAL", -1, &s, NULL);
	int wal = 0;

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(s);
		wal = rc == SQLITE_ROW && !strcmp((const char *)sqlite3_column_text(s, 0), "wal");
	}
	if (rc == SQLITE_ROW && !wal)
		err_set(err, ERR_STORE,
			"%.200s: the file system cannot hold a write-ahead log; keep the record on "
			"a local disk",
			path);
	else if (rc != SQLITE_ROW)
		db_fail(err, db, path, rc, "opening the record");
	sqlite3_finalize(s);
	return wal ? 0 : (int)err->code;
}

/* A reader in a folder that it may not write: SQLite then wants to be told that
 * nobody else writes either. Only when nothing waits in a -wal, and no -shm tells
 * of a writer, whose log is empty at times. */
static int must_be_immutable(const char *path)
{
	char folder[4096], beside[4200];
	const char *slash = strrchr(path, '/');
	struct stat st;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path + 1) : 1,
		 slash ? path : ".");
	if (!access(folder, W_OK))
		return 0;
	snprintf(beside, sizeof(beside), "%s-wal", path);
	if (stat(beside, &st))
		return 1;
	if (st.st_size)
		return 0;
	snprintf(beside, sizeof(beside), "%s-shm", path);
	return stat(beside, &st) != 0;
}

static int open_file(struct db *db, const char *path, enum db_mode mode)
{
	static const int flags[] = {
		[DB_WRITE] = SQLITE_OPEN_READWRITE,
		[DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		[DB_READ] = SQLITE_OPEN_READONLY,
		[DB_SCRATCH] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	int flag = flags[mode] | SQLITE_OPEN_NOMUTEX;
	struct sbuf uri = { 0 };
	int rc;

	if (mode == DB_SCRATCH)
		return sqlite3_open_v2("", &db->h, flag, NULL);
	if (mode != DB_READ || !must_be_immutable(path))
		return sqlite3_open_v2(path, &db->h, flag, NULL);
	sbuf_puts(&uri, "file:");
	for (const char *p = path; *p; p++)
		sbuf_printf(&uri, strchr("%?#", *p) ? "%%%02x" : "%c", (unsigned char)*p);
	sbuf_puts(&uri, "?immutable=1");
	rc = sqlite3_open_v2(sbuf_str(&uri), &db->h, flag | SQLITE_OPEN_URI, NULL);
	sbuf_release(&uri);
	return rc;
}

static int open_to(struct db *db, const char *path, enum db_mode mode, int to, struct err *err)
{
	int64_t version = 0;
	int rc, r;

	*db = (struct db){ 0 };
	rc = open_file(db, path, mode);
	if (rc != SQLITE_OK) {
		int cause = db->h ? sqlite3_system_errno(db->h) : 0;

		sqlite3_close(db->h);
		db->h = NULL;
		if (cause == ENOENT)
			return err_set(err, ERR_FILE,
				       "%.250s: there is no record; the first unit begins it, "
				       "another one is named by --conf",
				       path);
		return err_set(err,
			       cause == EACCES || cause == EROFS || cause == EPERM ? ERR_ACCESS
										   : ERR_STORE,
			       "%.250s: the record cannot be opened: %s", path,
			       cause ? strerror(cause) : sqlite3_errstr(rc));
	}
	r = settings(db, path, mode, err);
	if (r >= 0 && mode != DB_SCRATCH)
		r = identify(db, path, &version, err);
	if (r >= 0 && mode == DB_READ && version == 0)
		r = err_set(err, ERR_FILE, "%.250s: the record is empty", path);
	if (r >= 0 && (mode == DB_WRITE || mode == DB_CREATE))
		r = use_wal(db, path, err);
	if (r >= 0 && mode != DB_READ)
		r = migrate(db, path, version, to, err);
	db->version = mode == DB_READ ? (int)version : to;
	if (r < 0)
		db_close(db);
	return r;
}

int db_open(struct db *db, const char *path, enum db_mode mode, struct err *err)
{
	return open_to(db, path, mode, DB_VERSION, err);
}

int db_open_scratch(struct db *db, int version, struct err *err)
{
	return open_to(db, "", DB_SCRATCH, version, err);
}

void db_close(struct db *db)
{
	if (!db->h)
		return;
	db_rollback(db);
	for (int i = 0; i < DB_STMT_END_; i++)
		sqlite3_finalize(db->stmt[i]);
	/* With readers about, closing alone would leave the -wal as it is. */
	sqlite3_busy_timeout(db->h, 0);
	if (!sqlite3_db_readonly(db->h, "main"))
		sqlite3_wal_checkpoint_v2(db->h, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_close_v2(db->h);
	*db = (struct db){ 0 };
}
