#ifndef TESTS_UNIT_STORE_MAKE_H
#define TESTS_UNIT_STORE_MAKE_H

#include <ftw.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run_make.h"
#include "store/store.h"

/* store_make -- a folder for a record of its own, and runs to put into it. */
struct place_to_test {
	char folder[64], path[96];
	struct arena arena;
	struct plan *plan;
};

__attribute__((unused)) static void place_make(struct place_to_test *t)
{
	*t = (struct place_to_test){ 0 };
	/* In memory where there is such a folder: these tests sync a great deal. */
	snprintf(t->folder, sizeof(t->folder), "%s/station-store-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(t->folder))
		abort();
	snprintf(t->path, sizeof(t->path), "%s/station.db", t->folder);
	t->plan = make_plan(&t->arena, 3);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

__attribute__((unused)) static void place_drop(struct place_to_test *t)
{
	nftw(t->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(&t->arena);
}

/* A run of the unit, ready to begin. */
__attribute__((unused)) static void make_run(struct unit_run *r, const struct plan *p,
					     const char *serial)
{
	run_init(r, p);
	r->serial = arena_strdup(&r->arena, serial);
	r->slot = "1";
	r->operator= "-";
	r->operator_how = "none";
	r->fixture = "FX-1";
	r->started_ms = 1767600000000;
}

/* Begin, every step with one passing attempt (the last with `last`), commit. */
__attribute__((unused)) static int make_whole(struct store *s, struct unit_run *r,
					      enum verdict last, struct err *err)
{
	if (store_begin(s, r, err) < 0)
		return err->code;
	for (size_t i = 0; i < r->steps; i++) {
		struct attempt *a = make_attempt(r, i, i + 1 < r->steps ? VERDICT_PASS : last);

		make_num(r, a, "rate", 18.25 + (double)i);
		if (store_attempt(s, r, i, 0, err) < 0)
			return err->code;
	}
	r->ended_ms = r->started_ms + 500;
	r->duration_ms = 500;
	run_conclude(r, 0);
	return store_commit(s, r, err);
}

/* One whole run of a unit, its id in id unless NULL. */
__attribute__((unused)) static int make_recorded(char id[37], struct store *s, const struct plan *p,
						 const char *serial, enum verdict last,
						 struct err *err)
{
	struct unit_run r;
	int result;

	make_run(&r, p, serial);
	if (id)
		memcpy(id, r.id, 37);
	result = make_whole(s, &r, last, err);
	run_release(&r);
	return result;
}

/* Verify; the number of problems, the first of them in text. */
__attribute__((unused)) static size_t make_verified(struct store *s, char *text, size_t size)
{
	struct store_verify v;
	struct err err = { 0 };
	size_t n;

	if (store_verify(&v, s, &err) < 0) {
		snprintf(text, size, "%.250s", err.text);
		return 9999;
	}
	n = v.problems;
	snprintf(text, size, "%s", n ? v.problem[0] : "");
	store_verify_release(&v);
	return n;
}

#endif /* TESTS_UNIT_STORE_MAKE_H */
