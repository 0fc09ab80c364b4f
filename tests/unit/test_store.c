/* store: opening: locks, other stations, files that are gone or damaged. */
#include <fcntl.h>
#include <sys/wait.h>

#include "store_make.h"

TestSuite(store, .timeout = 20);

Test(store, a_second_writer_is_refused_and_told_who_has_it)
{
	struct store *more = NULL;
	struct err err = { 0 };
	int status, pipes[2];
	char text[400] = "", pid_text[32];
	pid_t pid;

	record_start();
	cr_expect_eq(store_open(&more, place.path, STORE_WRITE, "ST-07", &err), ERR_BUSY);
	cr_expect_null(more);
	cr_assert_eq(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		int r = store_open(&more, place.path, STORE_WRITE, "ST-07", &err);
		ssize_t n = write(pipes[1], err.text, strlen(err.text));

		_exit(r == ERR_BUSY && n > 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	cr_assert_gt(read(pipes[0], text, sizeof(text) - 1), 0);
	snprintf(pid_text, sizeof(pid_text), "%d", (int)getpid());
	cr_expect(strstr(text, pid_text), "'%s' names %s", text, pid_text);
	more = place_open(&place, STORE_READ); /* a reader is welcome */
	store_close(more);
	cr_expect_eq(store_open(&more, place.path, STORE_WRITE, "ST-07", &err), ERR_BUSY,
		     "and did not break the lock");
	store_close(record);
	record = place_open(&place, STORE_WRITE);
	record_finish();
}

Test(store, a_forked_child_does_not_keep_the_lock)
{
	int status, pipes[2];
	pid_t station, worker = 0;

	place_make(&place);
	cr_assert_eq(pipe(pipes), 0);
	station = fork();
	if (station == 0) {
		struct err err = { 0 };
		pid_t child;

		if (store_open(&record, place.path, STORE_WRITE, "ST-07", &err) < 0)
			_exit(1);
		child = fork();
		if (child == 0) {
			sleep(15);
			_exit(0);
		}
		if (write(pipes[1], &child, sizeof(child)) != sizeof(child))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	waitpid(station, &status, 0);
	cr_assert_eq(read(pipes[0], &worker, sizeof(worker)), sizeof(worker));
	record = place_open(&place, STORE_WRITE);
	store_close(record);
	kill(worker, SIGKILL);
	place_drop(&place);
}

Test(store, a_record_of_another_station_is_refused)
{
	struct err err = { 0 };

	record_start();
	store_close(record);
	cr_expect_eq(store_open(&record, place.path, STORE_WRITE, "ST-08", &err), ERR_STORE);
	cr_expect(strstr(err.text, "'ST-07'") && strstr(err.text, "'ST-08'"), "%s", err.text);
	cr_expect_eq(store_open(&record, place.path, STORE_READ, "ST-08", &err), 0,
		     "a reader may look");
	record_finish();
}

Test(store, a_folder_that_is_missing_is_made)
{
	place_make(&place);
	snprintf(place.path, sizeof(place.path), "%s/a/b/station.db", place.folder);
	record = place_open(&place, STORE_WRITE);
	record_finish();
}

Test(store, a_removed_or_replaced_file_is_noticed_before_any_verdict)
{
	struct unit_run r;
	struct err err = { 0 };
	char gone[128], wal[128];

	for (int what = 0; what < 3; what++) {
		record_start();
		OK(make_recorded(NULL, record, place.plan, "AS1", VERDICT_PASS, &err));
		make_begun(&r, "AS2");
		snprintf(gone, sizeof(gone), "%s.gone", place.folder);
		snprintf(wal, sizeof(wal), "%s-wal", place.path);
		if (what == 0)
			cr_assert_eq(rename(place.folder, gone), 0);
		else
			cr_assert_eq(unlink(what == 1 ? place.path : wal), 0);
		for (size_t i = 0; i < 3; i++)
			make_attempt(&r, i, VERDICT_PASS);
		run_conclude(&r, 0);
		cr_expect_eq(store_commit(record, &r, &err), ERR_STORE, "case %d", what);
		cr_expect(strstr(err.text, "removed or replaced"), "%s", err.text);
		cr_expect_eq(store_commit(record, &r, &err), ERR_STORE, "and it stays so");
		cr_expect_eq(store_attempt(record, &r, 0, 0, &err), ERR_STORE);
		run_release(&r);
		store_close(record);
		if (what == 0)
			rename(gone, place.folder);
		place_drop(&place);
	}
}

/* Thirty whole runs, and a process that died in one more. */
static void fill_and_die(void)
{
	struct err err = { 0 };

	record_start();
	for (int i = 0; i < 30; i++)
		OK(make_recorded(NULL, record, place.plan, "AS1", VERDICT_PASS, &err));
	store_close(record);
	place_die(&place);
}

/* Spoils every second page from the fourth on; no start takes the file then. */
static void spoiled_is_found(void)
{
	char junk[4096];
	struct stat st;
	struct err err = { 0 };
	int fd = open(place.path, O_WRONLY);

	memset(junk, 0xa5, sizeof(junk));
	stat(place.path, &st);
	for (off_t at = 4 * 4096; at < st.st_size; at += 2 * 4096)
		cr_assert_eq(pwrite(fd, junk, sizeof(junk), at), (ssize_t)sizeof(junk));
	close(fd);
	for (int i = 0; i < 2; i++)
		cr_expect_eq(store_open(&record, place.path, STORE_WRITE, "ST-07", &err),
			     ERR_CORRUPT, "start %d: %s", i, err.text);
	place_drop(&place);
}

Test(store, a_damaged_file_is_found_after_an_unclean_end)
{
	fill_and_die();
	record = place_open(&place, STORE_WRITE);
	store_close(record);
	place_die(&place);
	place_sql(&place, "PRAGMA wal_checkpoint(TRUNCATE)");
	spoiled_is_found();
}

/* The writer's mark is not synced: after a power loss the log alone tells. */
Test(store, a_damaged_file_is_found_after_a_power_loss)
{
	char lock[300];

	fill_and_die();
	snprintf(lock, sizeof(lock), "%s.lock", place.path);
	cr_assert_eq(truncate(lock, 0), 0);
	spoiled_is_found();
}

Test(store, a_file_whose_hashes_have_no_length_is_an_error)
{
	static const char *const harm[] = {
		"DROP TRIGGER chain_update; UPDATE chain SET hash = x''",
		"DROP TRIGGER chain_update; UPDATE chain SET hash = x'00' WHERE seq = 2",
		"DROP TRIGGER run_update; UPDATE run SET uuid = x''",
	};
	struct store_unit unit;
	struct err err = { 0 };
	char text[200];
	int r;

	for (size_t i = 0; i < sizeof(harm) / sizeof(harm[0]); i++) {
		record_start();
		OK(make_recorded(NULL, record, place.plan, "AS1", VERDICT_PASS, &err));
		store_close(record);
		snprintf(text, sizeof(text), "PRAGMA ignore_check_constraints=ON; %s", harm[i]);
		place_sql(&place, text);
		record = NULL;
		r = store_open(&record, place.path, STORE_WRITE, "ST-07", &err);
		if (r == 0)
			r = store_unit(&unit, record, "P", "AS1", "FCT", &err);
		cr_expect_eq(r, ERR_CORRUPT, "case %zu: %d %s", i, r, err.text);
		cr_expect(strstr(err.text, "malformed"), "%s", err.text);
		store_close(record);
		place_drop(&place);
	}
}
