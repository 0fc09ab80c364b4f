/*
 * store -- opening, the writer's lock, transactions and what follows when one
 * of them fails.
 */
#include "store/store_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "store/chain.h"

enum { SPACE_MIN = 16 << 20 }; /* bytes free for a new run to start; our choice */

/* --- the writer's lock --- */

/*
 * A record lock of fcntl(), since it belongs to one process: a worker that was
 * forked and outlives a killed station does not keep the next one out. Within
 * one process it locks nothing, hence the list. The file holds the writer's
 * pid as long as the record is open, so what is found there tells an unclean end.
 */
static struct store *writers;

/* The writer of that lock file in this very process. Opening and closing the
 * file once more would drop its lock. */
static struct store *writer_here(const char *lock_path)
{
	struct stat st;

	if (stat(lock_path, &st))
		return NULL;
	for (struct store *w = writers; w; w = w->next)
		if (w->pid == getpid() && w->lock_ino == st.st_ino && w->lock_dev == st.st_dev)
			return w;
	return NULL;
}

static int lock_refused(struct store *s, struct err *err)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (errno != EAGAIN && errno != EACCES)
		return err_set(err, ERR_STORE, "%.200s.lock: %s", s->path, strerror(errno));
	if (fcntl(s->lock, F_GETLK, &l) < 0 || l.l_type == F_UNLCK)
		l.l_pid = 0;
	return err_set(
		err, ERR_BUSY,
		"%.200s: station process %d writes this record; end it, or give this station "
		"another file",
		s->path, (int)l.l_pid);
}

static int lock_take(struct store *s, int *unclean, struct err *err)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char *path = arena_printf(&s->arena, "%s.lock", s->path);
	struct stat st;

	if (writer_here(path))
		return err_set(err, ERR_BUSY,
			       "%.200s: this process (%d) writes this record already", s->path,
			       (int)getpid());
	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (s->lock < 0)
		return err_set(err,
			       errno == EACCES || errno == EROFS || errno == EPERM ? ERR_ACCESS
										   : ERR_STORE,
			       "%.200s: %s", path, strerror(errno));
	if (fcntl(s->lock, F_SETLK, &l) < 0)
		return lock_refused(s, err);
	if (fstat(s->lock, &st))
		return err_set(err, ERR_STORE, "%.200s: %s", path, strerror(errno));
	*unclean = st.st_size > 0;
	s->lock_dev = st.st_dev;
	s->lock_ino = st.st_ino;
	s->pid = getpid();
	s->next = writers;
	writers = s;
	return 0;
}

static int lock_mark(const struct store *s)
{
	char pid[16];
	int n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());

	/* Not synced: it outlives the death of the process, and after a power
	 * loss the log tells. Failing, it costs the check after an unclean end. */
	return pwrite(s->lock, pid, (size_t)n, 0) == n;
}

static void lock_drop(struct store *s)
{
	for (struct store **w = &writers; *w; w = &(*w)->next)
		if (*w == s) {
			*w = s->next;
			break;
		}
	if (s->lock >= 0)
		close(s->lock);
	s->lock = -1;
}

int store_writer_alive(const struct store *s)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[4200];
	int fd, alive;

	if (s->mode == STORE_WRITE)
		return 1;
	snprintf(path, sizeof(path), "%s.lock", s->path);
	if (writer_here(path))
		return 1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	alive = fcntl(fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK;
	close(fd);
	return alive;
}

/* --- connecting --- */

static ino_t wal_inode(const struct store *s)
{
	char path[4200];
	struct stat st;

	snprintf(path, sizeof(path), "%s-wal", s->path);
	return stat(path, &st) ? 0 : st.st_ino;
}

static int log_is_there(const struct store *s)
{
	char path[4200];
	struct stat st;

	snprintf(path, sizeof(path), "%s-wal", s->path);
	return !stat(path, &st) && st.st_size > 0;
}

static int head(struct store *s, int64_t *seq, uint8_t hash[HASH_SIZE])
{
	sqlite3_stmt *row;
	int rc = db_step(&row, &s->db, DB_HEAD, "");

	*seq = 0;
	memcpy(hash, s->start, HASH_SIZE);
	if (rc == SQLITE_ROW) {
		*seq = sqlite3_column_int64(row, 0);
		rc = db_bytes(hash, HASH_SIZE, row, 1);
		sqlite3_reset(row);
	}
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Whose record it is. A new one gets its origin. */
static int origin(struct store *s, const char *station, struct err *err)
{
	sqlite3_stmt *row;
	char uuid[37];
	int rc = db_step(&row, &s->db, DB_ORIGIN, "");

	if (rc == SQLITE_DONE && s->mode == STORE_WRITE) {
		run_uuid(uuid);
		rc = db_begin(&s->db, 1);
		if (rc == SQLITE_OK)
			rc = db_step(NULL, &s->db, DB_ORIGIN_ADD, "tt", station, uuid);
		if (rc == SQLITE_DONE)
			rc = db_commit(&s->db);
		if (rc != SQLITE_OK) {
			db_fail(err, &s->db, s->path, rc, "new record");
			db_rollback(&s->db);
			return err->code;
		}
		rc = db_step(&row, &s->db, DB_ORIGIN, "");
	}
	if (rc == SQLITE_DONE)
		return err_set(err, ERR_CORRUPT, "%.250s: nothing says whose record it is",
			       s->path);
	if (rc != SQLITE_ROW)
		return db_fail(err, &s->db, s->path, rc, "opening the record");
	s->station = arena_strdup(&s->arena, (const char *)sqlite3_column_text(row, 0));
	s->installation = arena_strdup(&s->arena, (const char *)sqlite3_column_text(row, 1));
	sqlite3_reset(row);
	chain_start(s->start, s->station, s->installation, "", 0);
	if (s->mode == STORE_WRITE && strcmp(s->station, station))
		return err_set(
			err, ERR_STORE,
			"%.200s: record of station '%.60s', not of '%.60s'; give this station a "
			"file of its own",
			s->path, s->station, station);
	return 0;
}

static int quick_check(struct store *s, struct err *err)
{
	sqlite3_stmt *row = NULL;
	int rc = sqlite3_prepare_v2(s->db.h, "PRAGMA quick_check(1)", -1, &row, NULL), r = 0;
	const char *said = NULL;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(row);
	if (rc == SQLITE_ROW)
		said = (const char *)sqlite3_column_text(row, 0);
	if (!said)
		r = db_fail(err, &s->db, s->path, rc, "check after an unclean end");
	else if (strcmp(said, "ok"))
		r = err_set(err, ERR_CORRUPT,
			    "%.200s: damaged (%.100s); keep the file, bring back a backup", s->path,
			    run_clean(&s->arena, said));
	sqlite3_finalize(row);
	return r;
}

static int open_writer(struct store *s, const char *station, struct err *err)
{
	const char *slash = strrchr(s->path, '/');
	struct err cause = { 0 };
	int unclean = 0, created, r, dir;
	const char *folder =
		slash ? arena_printf(&s->arena, "%.*s", (int)(slash - s->path + 1), s->path) : ".";

	if (slash && file_mkdirs(folder, &cause) < 0)
		return err_set(err, ERR_ACCESS, "folder of the record: %.350s", cause.text);
	r = lock_take(s, &unclean, err);
	if (r < 0)
		return r;
	/* A log with something in it was not folded into the file by a close.
	 * Marked at once, since a close after a failed check folds it. */
	if (log_is_there(s)) {
		unclean = 1;
		lock_mark(s);
	}
	created = access(s->path, F_OK) != 0;
	r = db_open(&s->db, s->path, DB_CREATE, err);
	if (r >= 0 && unclean)
		r = quick_check(s, err);
	if (r >= 0)
		r = origin(s, station, err);
	if (r < 0)
		return r;
	/* The name of a new file must survive a power loss as well; that of a new
	 * log SQLite sees to, with the log's first sync. */
	dir = created ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (dir >= 0) {
		fsync(dir);
		close(dir);
	}
	s->wal_ino = wal_inode(s);
	r = head(s, &s->acked_seq, s->acked_hash);
	if (r != SQLITE_OK)
		return db_fail(err, &s->db, s->path, r, "opening the record");
	s->marked = lock_mark(s);
	return 0;
}

int store_open(struct store **out, const char *path, enum store_mode mode, const char *station,
	       struct err *err)
{
	struct store *s = calloc(1, sizeof(*s));
	struct stat st;
	char *real;
	int r;

	*out = NULL;
	if (!s)
		abort();
	/* Two names of one record have one lock. */
	real = !lstat(path, &st) && S_ISLNK(st.st_mode) ? realpath(path, NULL) : NULL;
	s->path = arena_strdup(&s->arena, real ? real : path);
	free(real);
	s->mode = mode;
	s->lock = -1;
	if (strlen(s->path) > 4000)
		r = err_set(err, ERR_FILE, "%.60s...: name is too long", path);
	else if (mode == STORE_WRITE)
		r = open_writer(s, station, err);
	else
		r = db_open(&s->db, s->path, DB_READ, err);
	if (r >= 0 && mode == STORE_READ)
		r = origin(s, station, err);
	if (r >= 0)
		*out = s;
	else
		store_close(s);
	return r < 0 ? r : 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->db.h && s->mode == STORE_WRITE && !s->lost.code)
		store_sync(s, &(struct err){ 0 });
	/* The mark goes when the file was in order to the end. */
	if (s->db.h && s->marked && s->pid == getpid() && !s->ill && !s->lost.code &&
	    ftruncate(s->lock, 0))
		s->marked = 0; /* the next start checks in vain */
	db_close(&s->db);
	lock_drop(s);
	free(s->running);
	arena_free(&s->arena);
	free(s);
}

const char *store_installation(const struct store *s)
{
	return s->installation;
}

int store_space(const struct store *s, struct err *err)
{
	const char *slash = strrchr(s->path, '/');
	struct statvfs fs;
	char folder[4200];
	uint64_t free_bytes;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - s->path + 1) : 1,
		 slash ? s->path : ".");
	if (statvfs(folder, &fs))
		return err_set(err, ERR_STORE, "%.200s: %s", folder, strerror(errno));
	free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (free_bytes < SPACE_MIN)
		return err_set(
			err, ERR_STORE,
			"%.200s: only %.1f MiB free, a run starts with %d or more; free space",
			folder, (double)free_bytes / (1 << 20), SPACE_MIN >> 20);
	return 0;
}

/* --- transactions --- */

/* The file at the path is another than the one that is open, or none. What was
 * written since is in nobody's hands, and no verdict may rest on it. */
static int still_ours(struct store *s, struct err *err)
{
	int moved = 0;

	sqlite3_file_control(s->db.h, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (!moved && wal_inode(s) == s->wal_ino)
		return 0;
	err_set(&s->lost, ERR_STORE,
		"%.200s: the record was removed or replaced while the station ran; end the station "
		"and bring the file and its -wal back",
		s->path);
	*err = s->lost;
	return ERR_STORE;
}

/*
 * After an error of the disk the old descriptors are not trusted: a second
 * fsync on them may report success for data that is gone. The log is folded
 * into the file and begun anew, and the file must still hold what was
 * acknowledged.
 */
static int reopen(struct store *s, struct err *err)
{
	uint8_t hash[HASH_SIZE];
	sqlite3_stmt *row;
	int rc, r;

	db_close(&s->db);
	r = db_open(&s->db, s->path, DB_WRITE, err);
	if (r < 0) {
		err->code = ERR_STORE; /* whatever it is, the unit is not recorded */
		return ERR_STORE;
	}
	rc = sqlite3_wal_checkpoint_v2(s->db.h, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (rc != SQLITE_OK)
		return db_fail(err, &s->db, s->path, rc, "opening the record again");
	memcpy(hash, s->start, HASH_SIZE);
	rc = SQLITE_DONE;
	if (s->acked_seq)
		rc = db_step(&row, &s->db, DB_LINK, "i", s->acked_seq);
	if (rc == SQLITE_ROW) {
		rc = db_bytes(hash, HASH_SIZE, row, 0);
		sqlite3_reset(row);
	}
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		return db_fail(err, &s->db, s->path, rc, "opening the record again");
	if (memcmp(hash, s->acked_hash, HASH_SIZE)) {
		err_set(&s->lost, ERR_STORE,
			"%.200s: the file does not hold what was recorded up to sequence %lld; end "
			"the station and bring the file back",
			s->path, (long long)s->acked_seq);
		*err = s->lost;
		return ERR_STORE;
	}
	s->wal_ino = wal_inode(s);
	s->waiting = 0;
	s->ill = 0;
	return 0;
}

int store_write(struct store *s, int full, const char *doing, struct err *err)
{
	int rc;

	if (s->mode != STORE_WRITE)
		return err_set(err, ERR_INTERNAL, "%.200s: opened for reading only", s->path);
	if (s->lost.code) {
		*err = s->lost;
		return err->code;
	}
	if (s->ill || !s->db.h) {
		s->ill = 1;
		if (reopen(s, err) < 0)
			return err->code;
	}
	/* Else the run would stand in a file that was moved away as if it had
	 * been told, should the file come back. */
	if (full && still_ours(s, err) < 0)
		return err->code;
	rc = db_begin(&s->db, full);
	return rc == SQLITE_OK ? 0 : store_end_bad(s, rc, doing, err);
}

int store_end_bad(struct store *s, int rc, const char *doing, struct err *err)
{
	db_fail(err, &s->db, s->path, rc, doing);
	db_rollback(&s->db);
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_CONSTRAINT:
	case SQLITE_TOOBIG:
		break; /* nothing is wrong with the file */
	default:
		s->ill = 1;
		break;
	}
	return err->code;
}

int store_end(struct store *s, int full, const char *doing, struct err *err)
{
	int rc = db_commit(&s->db);

	if (rc != SQLITE_OK)
		return store_end_bad(s, rc, doing, err);
	if (!full) {
		s->waiting = 1;
		return 0;
	}
	s->waiting = 0;
	if (still_ours(s, err) < 0)
		return err->code;
	rc = head(s, &s->acked_seq, s->acked_hash);
	return rc == SQLITE_OK ? 0 : store_end_bad(s, rc, doing, err);
}

int store_unsynced(const struct store *s)
{
	return s->waiting;
}

/* What was committed without waiting stands in the log: sync that one file. */
int store_sync(struct store *s, struct err *err)
{
	sqlite3_file *log = NULL;
	int rc;

	if (!s->waiting)
		return 0;
	if (s->ill)
		return s->lost.code ? (*err = s->lost, (int)s->lost.code) : reopen(s, err);
	rc = sqlite3_file_control(s->db.h, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (rc == SQLITE_OK && log && log->pMethods)
		rc = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
	else if (rc == SQLITE_OK)
		rc = SQLITE_IOERR;
	if (rc != SQLITE_OK) {
		s->ill = 1;
		return err_set(
			err, ERR_STORE,
			"%.200s: what was measured could not be made safe (SQLite %d); check "
			"the disk",
			s->path, rc);
	}
	s->waiting = 0;
	return still_ours(s, err);
}
