#ifndef TESTS_UNIT_FAULT_VFS_H
#define TESTS_UNIT_FAULT_VFS_H

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/*
 * fault_vfs -- a disk for SQLite that fails when it is told to, and that can
 * lose its power. It stands around the real one and becomes SQLite's preset.
 *
 * Counted are the operations that change something: write, truncate, sync,
 * delete, and the opening of a file. Nothing is really synced, so it is quick.
 */
static struct {
	sqlite3_vfs vfs, *real;
	int64_t ops, fail_at; /* fail_at 0: never */
	int code, sticky;     /* sticky: from then on all fail, until it is cleared */
	int failed;           /* how many did */
	int64_t syncs, wal_syncs;
	int track; /* keep what a power loss would leave */
} fault;

static int fault_due(void)
{
	fault.ops++;
	if (!fault.fail_at || fault.ops < fault.fail_at)
		return 0;
	if (!fault.sticky && fault.ops > fault.fail_at)
		return 0;
	fault.failed++;
	return fault.code;
}

/* --- what is on the platter, and what is still on its way --- */

struct fault_op {
	sqlite3_int64 at; /* of a write; -1: truncate to size */
	size_t size;
	unsigned char *bytes;
	struct fault_op *next;
};

static struct fault_disk {
	char name[300];
	unsigned char *image;
	size_t size, room; /* room grows by doubling: a sanitizer moves each block */
	struct fault_op *first, **last;
} fault_disk[8];

static struct fault_disk *fault_disk_of(const char *name)
{
	for (size_t i = 0; i < 8; i++) {
		struct fault_disk *d = &fault_disk[i];

		if (!d->name[0]) {
			snprintf(d->name, sizeof(d->name), "%s", name);
			d->last = &d->first;
		}
		if (!strcmp(d->name, name))
			return d;
	}
	abort();
}

static void fault_apply(struct fault_disk *d, const struct fault_op *op)
{
	size_t end = op->at < 0 ? op->size : (size_t)op->at + op->size;

	if (end > d->size || op->at < 0) {
		while (d->room < end + 1) {
			d->room = d->room ? 2 * d->room : 1 << 16;
			d->image = realloc(d->image, d->room);
		}
		if (end > d->size)
			memset(d->image + d->size, 0, end - d->size);
		d->size = end;
	}
	if (op->at >= 0)
		memcpy(d->image + op->at, op->bytes, op->size);
}

static void fault_note(const char *name, sqlite3_int64 at, const void *bytes, size_t size)
{
	struct fault_disk *d;
	struct fault_op *op;

	if (!fault.track)
		return;
	d = fault_disk_of(name);
	op = calloc(1, sizeof(*op));
	op->at = at;
	op->size = size;
	if (at >= 0) {
		op->bytes = malloc(size + 1);
		memcpy(op->bytes, bytes, size);
	}
	*d->last = op;
	d->last = &op->next;
}

/* chance: of each waiting operation to reach the platter; 1: a sync. */
static void fault_settle(struct fault_disk *d, double chance, struct rng *g)
{
	while (d->first) {
		struct fault_op *op = d->first;

		if (chance >= 1 || rng_chance(g, chance))
			fault_apply(d, op);
		d->first = op->next;
		free(op->bytes);
		free(op);
	}
	d->last = &d->first;
}

/* The power goes; what is left is written to the files, chance as above. */
__attribute__((unused)) static void fault_power_loss(double chance, struct rng *g)
{
	for (size_t i = 0; i < 8; i++) {
		struct fault_disk *d = &fault_disk[i];
		FILE *f;

		if (!d->name[0])
			continue;
		fault_settle(d, chance, g);
		f = fopen(d->name, "wb");
		if (f) {
			fwrite(d->image ? d->image : (unsigned char *)"", 1, d->size, f);
			fclose(f);
		}
		if (!d->size)
			remove(d->name);
	}
}

/* --- the files --- */

struct fault_file {
	sqlite3_file base;
	sqlite3_file *real;
	char name[300]; /* "" : a temporary file */
};

#define REAL(f) (((struct fault_file *)(f))->real)
#define NAME(f) (((struct fault_file *)(f))->name)

static int ff_close(sqlite3_file *f)
{
	return REAL(f)->pMethods ? REAL(f)->pMethods->xClose(REAL(f)) : SQLITE_OK;
}

static int ff_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
	return REAL(f)->pMethods->xRead(REAL(f), out, n, at);
}

static int ff_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	int rc = fault_due();

	if (rc)
		return rc;
	if (NAME(f)[0])
		fault_note(NAME(f), at, bytes, (size_t)n);
	return REAL(f)->pMethods->xWrite(REAL(f), bytes, n, at);
}

static int ff_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = fault_due();

	if (rc)
		return rc == SQLITE_FULL ? SQLITE_IOERR_TRUNCATE : rc;
	if (NAME(f)[0])
		fault_note(NAME(f), -1, NULL, (size_t)size);
	return REAL(f)->pMethods->xTruncate(REAL(f), size);
}

static int ff_sync(sqlite3_file *f, int flags)
{
	int rc = fault_due();

	(void)flags;
	if (rc) {
		/* As Linux does it: the error is told once, the pages count as
		 * clean from then on and never reach the platter. */
		if (fault.track && NAME(f)[0])
			fault_settle(fault_disk_of(NAME(f)), 0, &(struct rng){ 0 });
		return SQLITE_IOERR_FSYNC;
	}
	fault.syncs++;
	fault.wal_syncs += strstr(NAME(f), "-wal") != NULL;
	if (fault.track && NAME(f)[0])
		fault_settle(fault_disk_of(NAME(f)), 1, NULL);
	return SQLITE_OK;
}

static int ff_size(sqlite3_file *f, sqlite3_int64 *out)
{
	return REAL(f)->pMethods->xFileSize(REAL(f), out);
}

static int ff_lock(sqlite3_file *f, int how)
{
	return REAL(f)->pMethods->xLock(REAL(f), how);
}

static int ff_unlock(sqlite3_file *f, int how)
{
	return REAL(f)->pMethods->xUnlock(REAL(f), how);
}

static int ff_reserved(sqlite3_file *f, int *out)
{
	return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out);
}

static int ff_control(sqlite3_file *f, int op, void *arg)
{
	return REAL(f)->pMethods->xFileControl(REAL(f), op, arg);
}

static int ff_sector(sqlite3_file *f)
{
	return REAL(f)->pMethods->xSectorSize(REAL(f));
}

static int ff_traits(sqlite3_file *f)
{
	return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f));
}

static int ff_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, out);
}

static int ff_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return REAL(f)->pMethods->xShmLock(REAL(f), at, n, flags);
}

static void ff_shm_barrier(sqlite3_file *f)
{
	REAL(f)->pMethods->xShmBarrier(REAL(f));
}

static int ff_shm_unmap(sqlite3_file *f, int drop)
{
	return REAL(f)->pMethods->xShmUnmap(REAL(f), drop);
}

static const sqlite3_io_methods fault_methods = {
	.iVersion = 2,
	.xClose = ff_close,
	.xRead = ff_read,
	.xWrite = ff_write,
	.xTruncate = ff_truncate,
	.xSync = ff_sync,
	.xFileSize = ff_size,
	.xLock = ff_lock,
	.xUnlock = ff_unlock,
	.xCheckReservedLock = ff_reserved,
	.xFileControl = ff_control,
	.xSectorSize = ff_sector,
	.xDeviceCharacteristics = ff_traits,
	.xShmMap = ff_shm_map,
	.xShmLock = ff_shm_lock,
	.xShmBarrier = ff_shm_barrier,
	.xShmUnmap = ff_shm_unmap,
};

static int fv_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct fault_file *file = (struct fault_file *)f;
	int kept = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
	int rc;

	(void)v;
	memset(file, 0, sizeof(*file));
	rc = name && kept ? fault_due() : 0;
	if (rc)
		return SQLITE_CANTOPEN;
	file->real = (sqlite3_file *)(file + 1);
	memset(file->real, 0, (size_t)fault.real->szOsFile);
	if (name && kept)
		snprintf(file->name, sizeof(file->name), "%s", name);
	rc = fault.real->xOpen(fault.real, name, file->real, flags, out);
	if (file->real->pMethods)
		file->base.pMethods = &fault_methods;
	return rc;
}

static int fv_delete(sqlite3_vfs *v, const char *name, int sync)
{
	int rc = fault_due();

	(void)v;
	if (rc)
		return SQLITE_IOERR_DELETE;
	if (fault.track) {
		struct fault_disk *d = fault_disk_of(name);

		fault_settle(d, 1, NULL);
		d->size = 0;
	}
	return fault.real->xDelete(fault.real, name, sync && 0);
}

/* From now on every connection uses it. Once a process. */
__attribute__((unused)) static void fault_install(void)
{
	fault.real = sqlite3_vfs_find(NULL);
	fault.vfs = *fault.real;
	fault.vfs.zName = "fault";
	fault.vfs.szOsFile = (int)sizeof(struct fault_file) + fault.real->szOsFile;
	fault.vfs.xOpen = fv_open;
	fault.vfs.xDelete = fv_delete;
	sqlite3_vfs_register(&fault.vfs, 1);
}

__attribute__((unused)) static void fault_plan(int64_t at, int code, int sticky)
{
	fault.ops = 0;
	fault.failed = 0;
	fault.fail_at = at;
	fault.code = code;
	fault.sticky = sticky;
}

#endif /* TESTS_UNIT_FAULT_VFS_H */
