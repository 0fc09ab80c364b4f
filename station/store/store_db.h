#ifndef STATION_STORE_STORE_DB_H
#define STATION_STORE_STORE_DB_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * store_db -- one connection to a record file: its settings, its statements,
 * its transactions. Private to the store; everything here speaks SQLite's
 * codes, and db_fail() turns them into ours once.
 */
enum db_stmt {
#define DB_STMT(name, sql) DB_##name,
#include "store/store_sql.def"
#undef DB_STMT
	DB_STMT_END_
};

enum {
	DB_APPLICATION = 0x53544e31, /* "STN1", PRAGMA application_id */
	DB_VERSION = 2,              /* PRAGMA user_version that this program writes */
	DB_BUSY_MS = 5000,           /* wait for a foreign program that holds the file */
};

/* Names that were looked up: a name never changes its id, but one that was added
 * is gone again after a rollback. Longer texts are asked for each time. */
enum { DB_KNOWN = 128, DB_NAME_MAX = 40 };
struct db_name {
	int64_t id; /* 0: free */
	char text[DB_NAME_MAX];
};

struct db {
	sqlite3 *h;
	sqlite3_stmt *stmt[DB_STMT_END_];
	int version;                   /* of the file; older than ours only when it is read */
	int full;                      /* synchronous is FULL now */
	struct db_name name[DB_KNOWN]; /* at the hash of the text */
};

enum db_mode { DB_WRITE, DB_CREATE, DB_READ, DB_SCRATCH };

/* Open and set up; every setting is read back. SCRATCH: a private temporary
 * database with the tables of a record, path unused. READ and WRITE: a file
 * that is there. What is wrong is told in err: ERR_FILE, ERR_ACCESS, ERR_BUSY,
 * ERR_NEWER, ERR_CORRUPT, ERR_STORE. db is closed again on failure. */
int db_open(struct db *db, const char *path, enum db_mode mode, struct err *err);
/* SCRATCH, with the tables of that version. */
int db_open_scratch(struct db *db, int version, struct err *err);
void db_close(struct db *db); /* safe when zeroed; a writer folds its -wal into the file first */

/* A cached statement with its parameters bound: i int64_t, t text or NULL,
 * b bytes and size_t length, h 32 bytes of hash, u 16 bytes, d double, - NULL.
 * NULL when it cannot be had; then sqlite3_errcode() says why. */
sqlite3_stmt *db_bind(struct db *db, enum db_stmt which, const char *types, ...);

/* Bind, step once, and reset unless a row came. SQLITE_ROW (*row is set; reset
 * it with sqlite3_reset()), SQLITE_DONE, or an error. row may be NULL: then a
 * row is passed over and SQLITE_DONE returned. */
int db_step(sqlite3_stmt **row, struct db *db, enum db_stmt which, const char *types, ...);

/* A column's bytes, of which there must be n: SQLITE_OK, or SQLITE_CORRUPT (a
 * damaged file keeps to no CHECK). */
int db_bytes(void *out, size_t n, sqlite3_stmt *row, int column);

int db_exec(struct db *db, const char *sql); /* SQLITE_OK or an error */

/* BEGIN IMMEDIATE; full: COMMIT waits for the disk. */
int db_begin(struct db *db, int full);
int db_commit(struct db *db);
void db_rollback(struct db *db); /* nothing when no transaction is open */
void db_forget(struct db *db);   /* names: after a rollback of any kind */

/* Our code for SQLite's rc, with what to do; path names the file. */
int db_fail(struct err *err, struct db *db, const char *path, int rc, const char *doing);

#endif /* STATION_STORE_STORE_DB_H */
