#include "store_make.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <signal.h>
#include <sys/wait.h>

struct place_to_test place;
struct store *record;

void place_make(struct place_to_test *t)
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

void place_drop(struct place_to_test *t)
{
	nftw(t->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(&t->arena);
}

struct store *place_open(const struct place_to_test *t, enum store_mode mode)
{
	struct store *s = NULL;
	struct err err = { 0 };

	OK(store_open(&s, t->path, mode, "ST-07", &err));
	return s;
}

void place_sql(const struct place_to_test *t, const char *text)
{
	sqlite3 *db;

	cr_assert_eq(sqlite3_open(t->path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

void place_die(const struct place_to_test *t)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct store *s;
		struct unit_run r;
		struct err err = { 0 };

		if (store_open(&s, t->path, STORE_WRITE, "ST-07", &err) < 0)
			_exit(2);
		make_run(&r, t->plan, "AS9");
		if (store_begin(s, &r, &err) < 0)
			_exit(3);
		make_attempt(&r, 0, VERDICT_PASS);
		make_attempt(&r, 1, VERDICT_FAIL);
		if (store_attempt(s, &r, 0, 0, &err) < 0 || store_attempt(s, &r, 1, 0, &err) < 0)
			_exit(4);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	cr_assert(WIFSIGNALED(status), "child said %d", WEXITSTATUS(status));
}

void record_start(void)
{
	place_make(&place);
	record = place_open(&place, STORE_WRITE);
}

void record_whole(struct store *s)
{
	char text[300];
	size_t n = make_verified(s, text, sizeof(text));

	cr_assert_eq(n, 0, "%zu problems: %s", n, text);
}

void record_finish(void)
{
	record_whole(record);
	store_close(record);
	place_drop(&place);
}

void make_run(struct unit_run *r, const struct plan *p, const char *serial)
{
	run_init(r, p);
	r->serial = arena_strdup(&r->arena, serial);
	r->slot = "1";
	r->operator= "-";
	r->operator_how = "none";
	r->fixture = "FX-1";
	r->started_ms = 1767600000000;
}

void make_begun(struct unit_run *r, const char *serial)
{
	struct err err = { 0 };

	make_run(r, place.plan, serial);
	OK(store_begin(record, r, &err));
}

int make_whole(struct store *s, struct unit_run *r, enum verdict last, struct err *err)
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

int make_recorded(char id[37], struct store *s, const struct plan *p, const char *serial,
		  enum verdict last, struct err *err)
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

size_t make_verified(struct store *s, char *text, size_t size)
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
