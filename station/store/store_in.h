#ifndef STATION_STORE_STORE_IN_H
#define STATION_STORE_STORE_IN_H

#include <sys/types.h>

#include "base/hash.h"
#include "step/mac.h"
#include "store/store.h"
#include "store/store_db.h"

/* store_in -- what the files of the store share among themselves. */
struct store {
	struct db db;
	struct arena arena;
	const char *path;
	enum store_mode mode;
	const char *station, *installation;
	uint8_t start[HASH_SIZE]; /* h(0) */

	/* Writers. */
	int lock; /* fd of the lock file */
	dev_t lock_dev;
	ino_t lock_ino, wal_ino;
	pid_t pid;
	int marked;         /* our pid stands in the lock file */
	struct store *next; /* list of this process's writers */
	int waiting;        /* commits that the disk need not hold yet */
	int ill;            /* close and open again before the next write */
	struct err lost;    /* code set: the file is not ours any more, for good */
	int64_t acked_seq;  /* last head that was committed with full sync */
	uint8_t acked_hash[HASH_SIZE];
	int64_t *running; /* open_seq of the runs that this process has open */
	size_t runs, room;
};

/* --- store.c --- */

/* A transaction: full waits for the disk at the end. After a failure of any of
 * them, or of a step between, store_end_bad() takes all of it back. */
int store_write(struct store *s, int full, const char *doing, struct err *err);
int store_end(struct store *s, int full, const char *doing, struct err *err);
int store_end_bad(struct store *s, int rc, const char *doing, struct err *err);

int store_writer_alive(const struct store *s); /* some process writes this record now */

/* --- store_derive.c: the tables from the entries; SQLite codes --- */

/* A content that an entry names. bytes NULL: only that it must be there. */
int derive_content(struct db *db, const char *sha256, const char *kind, const void *bytes,
		   size_t len);
int derive_open(struct db *db, const struct unit_run *r);
int derive_close(struct db *db, int64_t seq, const struct unit_run *r);
int derive_shown(struct db *db, int64_t run_id, int64_t seq);
int derive_note(struct db *db, const struct store_note *n); /* with its seq */

int uuid_scan(uint8_t out[16], const char *text); /* 0, or -1 */
void uuid_print(char out[37], const uint8_t uuid[16]);
int mac_canonical(char out[MAC_TEXT], const char *text); /* -1: no MAC */

/* --- store_write.c --- */

/* The next entry with its body, inside a transaction. */
struct entry {
	int64_t seq;
	uint8_t prev[HASH_SIZE], hash[HASH_SIZE];
};
int entry_add(struct entry *out, struct store *s, const char *kind, const void *body, size_t len);

/* --- store_note.c --- */

/* The kind of an entry by its word; NONE: it is no note. */
enum store_note_kind note_kind_find(const char *word);
/* Of an entry's body; text lives in the arena. ERR_CORRUPT, ERR_NEWER. */
int note_from_json(struct store_note *out, struct arena *a, enum store_note_kind kind,
		   const char *json, size_t len, struct err *err);

#endif /* STATION_STORE_STORE_IN_H */
