#include <criterion/criterion.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "fault_vfs.h"
#include "rows.h"
#include "store_make.h"

/*
 * What the disk may do to a record: refuse any single operation, stay full,
 * lose its power, and the process may be killed at any point. What was
 * acknowledged stays, what is there is whole.
 */
TestSuite(store_fault, .timeout = 20);

enum { RUNS = 3 };

/* Which operations a row tries: its own, and every STRIDE-th from there. Under
 * sanitizers a part of them. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif
#ifdef SANITIZED
enum { STRIDE = 24, ROUNDS = 6, KILLS = 20 };
#else
enum { STRIDE = 4, ROUNDS = 24, KILLS = 50 };
#endif
static const int64_t firsts[] = { 1, 2, 3, 4 };

struct acked {
	char id[64][37];
	enum verdict verdict[64];
	size_t n;
};

/* The station's life with one record, as far as the disk allows. After a failed
 * commit the fault is taken away, as a person would, and the commit tried again. */
static void live(struct acked *acked, const struct place_to_test *t, int *lost, int close)
{
	struct store *s = NULL;
	struct err err = { 0 };

	if (store_open(&s, t->path, STORE_WRITE, "ST-07", &err) < 0 ||
	    store_recover(s, NULL, NULL, &err) < 0) {
		store_close(s);
		return;
	}
	for (int i = 0; i < RUNS; i++) {
		struct unit_run r;
		int committed;

		make_run(&r, t->plan, "AS1");
		if (store_begin(s, &r, &err) < 0 && store_begin(s, &r, &err) < 0) {
			run_release(&r);
			continue;
		}
		for (size_t k = 0; k < r.steps; k++) {
			struct attempt *a =
				make_attempt(&r, k, i == 1 ? VERDICT_FAIL : VERDICT_PASS);

			make_num(&r, a, "rate", 18.5);
			store_attempt(s, &r, k, 0, &err);
			if (k == 1)
				store_sync(s, &err);
		}
		run_conclude(&r, 0);
		committed = store_commit(s, &r, &err) == 0;
		if (!committed) {
			cr_assert(err.text[0] && strstr(err.text, t->path), "'%s'", err.text);
			fault.fail_at = 0;
			committed = store_commit(s, &r, &err) == 0;
			*lost += !committed;
		}
		if (committed) {
			memcpy(acked->id[acked->n], r.id, 37);
			acked->verdict[acked->n++] = r.verdict;
			if (close)
				store_shown(s, &r, &err);
		}
		run_release(&r);
	}
	if (close)
		store_close(s);
}

/* Opened again on a good disk: whole, and nothing acknowledged is missing. */
static void check(const struct acked *acked, const struct place_to_test *t, const char *when)
{
	struct store *s;
	struct err err = { 0 };
	char text[300];
	size_t n;

	cr_assert_eq(store_open(&s, t->path, STORE_WRITE, "ST-07", &err), 0, "%s: %s", when,
		     err.text);
	cr_assert_geq(store_recover(s, NULL, NULL, &err), 0, "%s: %s", when, err.text);
	n = make_verified(s, text, sizeof(text));
	cr_assert_eq(n, 0, "%s: %zu problems: %s", when, n, text);
	for (size_t i = 0; i < acked->n; i++) {
		struct unit_run r;

		cr_assert_eq(store_load(&r, s, acked->id[i], &err), 0,
			     "%s: acknowledged run %zu: %s", when, i, err.text);
		cr_assert_eq(r.verdict, acked->verdict[i], "%s: run %zu is %s", when, i,
			     verdict_word(r.verdict));
		run_release(&r);
	}
	store_close(s);
}

static const struct {
	const char *name;
	int code, sticky;
} fault_kinds[] = {
	{ "full, once", SQLITE_FULL, 0 },
	{ "full, until space is freed", SQLITE_FULL, 1 },
	{ "input/output error, once", SQLITE_IOERR_WRITE, 0 },
	{ "input/output error, until the disk is back", SQLITE_IOERR_WRITE, 1 },
};

/* Each kind with four first operations: the two of one code try every second
 * group of four operations, and both codes together every one. */
#define FROM(kind, first)                                                                          \
	{ kind, first }, { kind, first + 1 }, { kind, first + 2 },                                 \
	{                                                                                          \
		kind, first + 3                                                                    \
	}
static const struct {
	size_t kind;
	int64_t first;
} fault_rows[] = { FROM(0, 1), FROM(1, 1), FROM(2, 5), FROM(3, 5) };

TEST_ROWS(store_fault, any_operation_of_the_disk_may_fail, fault_rows)
{
	struct place_to_test t;
	int64_t at, hit = 0;
	char when[100];

	fault_install();
	for (at = fault_rows[*i].first;; at += 2 * STRIDE) {
		struct acked acked = { 0 };
		int lost = 0;

		place_make(&t);
		fault_plan(at, fault_kinds[fault_rows[*i].kind].code,
			   fault_kinds[fault_rows[*i].kind].sticky);
		live(&acked, &t, &lost, 1);
		hit = fault.failed;
		snprintf(when, sizeof(when), "%s at operation %" PRId64,
			 fault_kinds[fault_rows[*i].kind].name, at);
		fault_plan(0, 0, 0);
		check(&acked, &t, when);
		cr_assert_eq(lost, 0, "%s: %d commits failed on a good disk", when, lost);
		if (!hit)
			cr_assert_eq(acked.n, RUNS);
		place_drop(&t);
		if (!hit)
			break;
	}
	cr_assert_gt(at, 100, "only %" PRId64 " operations", at);
}

Test(store_fault, full_sync_means_a_sync_of_the_log)
{
	struct place_to_test t;
	struct store *s;
	struct unit_run r;
	struct err err = { 0 };
	int64_t before;

	fault_install();
	place_make(&t);
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-07", &err), 0, "%s", err.text);
	make_run(&r, t.plan, "AS1");
	before = fault.wal_syncs;
	cr_assert_eq(store_begin(s, &r, &err), 0);
	cr_expect_eq(fault.wal_syncs, before + 1, "begin");
	for (size_t i = 0; i < 3; i++) {
		make_attempt(&r, i, VERDICT_PASS);
		cr_assert_eq(store_attempt(s, &r, i, 0, &err), 0);
	}
	cr_expect_eq(fault.wal_syncs, before + 1, "attempts do not wait");
	cr_assert_eq(store_sync(s, &err), 0);
	cr_expect_eq(fault.wal_syncs, before + 2, "sync");
	cr_assert_eq(store_sync(s, &err), 0);
	cr_expect_eq(fault.wal_syncs, before + 2, "nothing waits");
	run_conclude(&r, 0);
	cr_assert_eq(store_commit(s, &r, &err), 0);
	cr_expect_eq(fault.wal_syncs, before + 3, "commit");
	cr_assert_eq(store_commit(s, &r, &err), 0);
	cr_expect_eq(fault.wal_syncs, before + 4, "a repeated commit makes sure");
	run_release(&r);
	store_close(s);
	place_drop(&t);
}

/* How likely it is for a write that was not synced to be on the disk anyway. */
static const double survivals[] = { 0, 0.3, 0.5, 0.8 };

struct told { /* what the station says over its pipe: 'C'ommitted, 'S'ynced */
	char what, id[37];
};

static void tell(int out, char what, const char *id)
{
	struct told t = { .what = what };

	memcpy(t.id, id, sizeof(t.id));
	if (write(out, &t, sizeof(t)) != sizeof(t))
		_exit(7);
}

static void must(int ok, int status)
{
	if (!ok)
		_exit(status);
}

/* Some units, then the power goes: right after the last commit, or in the middle
 * of one more run, right after a sync. */
static _Noreturn void work_until_power_loss(const struct place_to_test *t, int out, int units,
					    int in_a_run, double chance, struct rng *g)
{
	struct store *s;
	struct unit_run r;
	struct err err = { 0 };

	must(store_open(&s, t->path, STORE_WRITE, "ST-07", &err) == 0, 1);
	for (int u = 0; u < units; u++) {
		make_run(&r, t->plan, "AS1");
		must(make_whole(s, &r, VERDICT_PASS, &err) == 0, 2);
		tell(out, 'C', r.id);
		if (u + 1 < units)
			store_shown(s, &r, &err);
		run_release(&r);
	}
	if (in_a_run) {
		make_run(&r, t->plan, "AS1");
		must(store_begin(s, &r, &err) == 0, 3);
		for (size_t k = 0; k < 2; k++) {
			make_attempt(&r, k, VERDICT_PASS);
			must(store_attempt(s, &r, k, 0, &err) == 0, 4);
		}
		must(store_sync(s, &err) == 0, 5);
		tell(out, 'S', r.id);
		make_attempt(&r, 2, VERDICT_PASS);
		must(store_attempt(s, &r, 2, 0, &err) == 0, 6);
	}
	fault_power_loss(chance, g);
	_exit(0);
}

/* What store_sync() made safe is in the interrupted run. */
static void check_synced(const struct place_to_test *t, const char *id)
{
	struct store *s;
	struct unit_run r;
	struct err err = { 0 };

	cr_assert_eq(store_open(&s, t->path, STORE_READ, NULL, &err), 0, "%s", err.text);
	cr_assert_eq(store_load(&r, s, id, &err), 0, "%s", err.text);
	cr_assert_eq(r.step[0].attempts, 1);
	cr_assert_eq(r.step[1].attempts, 1);
	run_release(&r);
	store_close(s);
}

TEST_ROWS(store_fault, a_power_loss_takes_nothing_that_was_acknowledged, survivals)
{
	struct rng g = { .state = 77 + *i };

	fault_install();
	for (int round = 0; round < ROUNDS; round++) {
		struct place_to_test t;
		struct acked acked = { 0 };
		struct told told, synced = { 0 };
		int status, pipes[2], units = 1 + (int)(rng_next(&g) % 30);
		char shm[128];
		pid_t pid;

		place_make(&t);
		fault.track = 1;
		cr_assert_eq(pipe(pipes), 0);
		pid = fork(); /* the power goes for one process, not for the test */
		if (pid == 0)
			work_until_power_loss(&t, pipes[1], units, round % 2, survivals[*i], &g);
		fault.track = 0;
		close(pipes[1]);
		while (read(pipes[0], &told, sizeof(told)) == sizeof(told)) {
			if (told.what == 'S')
				synced = told;
			memcpy(acked.id[acked.n], told.id, 37);
			acked.verdict[acked.n++] =
				told.what == 'S' ? VERDICT_INTERRUPTED : VERDICT_PASS;
		}
		close(pipes[0]);
		waitpid(pid, &status, 0);
		cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child: %d",
			  WEXITSTATUS(status));
		snprintf(shm, sizeof(shm), "%s-shm", t.path);
		unlink(shm); /* memory is gone too */
		check(&acked, &t, "after a power loss");
		if (synced.what)
			check_synced(&t, synced.id);
		place_drop(&t);
	}
}

/* A sync that failed may not be taken for done when the next one succeeds: the
 * operation fails, the commit is tried again and acknowledged, the power goes. */
TEST_ROWS(store_fault, a_failed_sync_is_made_good_before_anything_is_acknowledged, firsts)
{
	int64_t at;
	int hit = 1;

	fault_install();
	for (at = firsts[*i]; hit; at += STRIDE) {
		struct place_to_test t;
		struct acked acked = { 0 };
		int status, pipes[2];
		char shm[128], when[80];
		pid_t pid;

		place_make(&t);
		fault.track = 1;
		cr_assert_eq(pipe(pipes), 0);
		pid = fork();
		if (pid == 0) {
			int lost = 0;

			fault_plan(at, SQLITE_IOERR_WRITE, 0);
			live(&acked, &t, &lost, 0);
			must(write(pipes[1], &acked, sizeof(acked)) == sizeof(acked), 1);
			hit = fault.failed;
			fault_power_loss(0, &(struct rng){ 0 });
			_exit(lost ? 2 : hit ? 0 : 9);
		}
		fault.track = 0;
		close(pipes[1]);
		cr_assert_eq(read(pipes[0], &acked, sizeof(acked)), sizeof(acked));
		close(pipes[0]);
		waitpid(pid, &status, 0);
		cr_assert(WIFEXITED(status) &&
				  (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9),
			  "operation %" PRId64 ", child: %d", at, WEXITSTATUS(status));
		hit = WEXITSTATUS(status) == 0;
		snprintf(shm, sizeof(shm), "%s-shm", t.path);
		unlink(shm);
		snprintf(when, sizeof(when), "power loss after an error at operation %" PRId64, at);
		check(&acked, &t, when);
		place_drop(&t);
	}
	cr_assert_gt(at, 100);
}

/* --- kill -9 --- */

static _Noreturn void write_until_killed(const struct place_to_test *t, int out)
{
	struct store *s;
	struct err err = { 0 };
	char id[37];

	if (store_open(&s, t->path, STORE_WRITE, "ST-07", &err) < 0 ||
	    store_recover(s, NULL, NULL, &err) < 0)
		_exit(1);
	for (;;) {
		if (make_recorded(id, s, t->plan, "AS1", VERDICT_PASS, &err) < 0)
			_exit(2);
		if (write(out, id, 37) != 37)
			_exit(3);
	}
}

static const uint64_t seeds[] = { 1, 2, 3, 4 };

TEST_ROWS(store_fault, a_kill_takes_nothing_that_was_acknowledged, seeds)
{
	struct rng g = { .state = seeds[*i] };
	struct place_to_test t;
	char last[37] = "", id[37], text[300];
	size_t acked = 0;
	struct store *s;
	struct store_row *row;
	struct err err = { 0 };
	size_t n, passed = 0, interrupted = 0;

	place_make(&t);
	for (int round = 0; round < KILLS; round++) {
		int status, pipes[2];
		pid_t pid;

		cr_assert_eq(pipe(pipes), 0);
		pid = fork();
		if (pid == 0)
			write_until_killed(&t, pipes[1]);
		close(pipes[1]);
		poll(NULL, 0, (int)(rng_next(&g) % 20));
		for (volatile uint64_t spin = rng_next(&g) % 200000; spin; spin--)
			;
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		cr_assert(WIFSIGNALED(status), "child: %d", WEXITSTATUS(status));
		while (read(pipes[0], id, 37) == 37) {
			memcpy(last, id, 37);
			acked++;
		}
		close(pipes[0]);
		if (!last[0])
			continue;
		cr_assert_eq(store_open(&s, t.path, STORE_READ, NULL, &err), 0, "%s", err.text);
		{
			struct store_filter f = { .run = last };

			cr_assert_eq(store_rows(&row, &n, &t.arena, s, &f, &err), 0, "%s",
				     err.text);
			cr_assert_eq(n, 1, "the last acknowledged run is there");
		}
		store_close(s);
	}
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-07", &err), 0, "%s", err.text);
	cr_assert_geq(store_recover(s, NULL, NULL, &err), 0, "%s", err.text);
	n = make_verified(s, text, sizeof(text));
	cr_assert_eq(n, 0, "%zu problems: %s", n, text);
	cr_assert_eq(store_rows(&row, &n, &t.arena, s, NULL, &err), 0);
	for (size_t k = 0; k < n; k++) {
		passed += row[k].verdict == VERDICT_PASS;
		interrupted += row[k].verdict == VERDICT_INTERRUPTED;
	}
	cr_assert_eq(passed + interrupted, n);
	cr_assert(passed >= acked && passed <= acked + KILLS, "%zu passed, %zu acknowledged",
		  passed, acked);
	cr_assert_leq(interrupted, (size_t)KILLS);
	store_close(s);
	place_drop(&t);
}
