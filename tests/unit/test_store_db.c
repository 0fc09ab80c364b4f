/* store_db: files that are no record, newer ones, and those that may only be read. */
#include <sys/wait.h>

#include "base/file.h"
#include "store_make.h"

TestSuite(store_db, .timeout = 20);

Test(store_db, what_is_no_record_is_not_touched)
{
	struct err err = { 0 };

	place_make(&place);
	cr_expect_eq(store_open(&record, place.path, STORE_READ, "ST-07", &err), ERR_FILE, "%s",
		     err.text);
	OK(file_write(place.path, "no database, but long enough to be looked at as one", 51, &err));
	cr_expect_eq(store_open(&record, place.path, STORE_WRITE, "ST-07", &err), ERR_CORRUPT);
	cr_expect(strstr(err.text, "no record"), "%s", err.text);
	unlink(place.path);
	place_sql(&place, "CREATE TABLE t(x)");
	cr_expect_eq(store_open(&record, place.path, STORE_WRITE, "ST-07", &err), ERR_CORRUPT, "%s",
		     err.text);
	cr_expect_eq(store_open(&record, place.path, STORE_READ, "ST-07", &err), ERR_CORRUPT, "%s",
		     err.text);
	place_drop(&place);
}

Test(store_db, a_newer_record_is_refused_with_both_versions)
{
	struct err err = { 0 };

	record_start();
	store_close(record);
	place_sql(&place, "PRAGMA user_version = 7");
	cr_expect_eq(store_open(&record, place.path, STORE_WRITE, "ST-07", &err), ERR_NEWER);
	cr_expect(strstr(err.text, "version 7") && strstr(err.text, "version 2"), "%s", err.text);
	cr_expect_eq(store_open(&record, place.path, STORE_READ, "ST-07", &err), ERR_NEWER);
	place_drop(&place);
}

/* As nobody, who may not write the folder. Exit status 0: as expected. */
static int as_nobody(enum store_mode mode, int want)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		struct store_row *row;
		struct arena a = { 0 };
		struct err err = { 0 };
		size_t n = 0;
		int r;

		if (getuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(77);
		r = store_open(&record, place.path, mode, "ST-07", &err);
		if (r != want)
			_exit(1);
		if (r == 0 && (store_rows(&row, &n, &a, record, NULL, &err) < 0 || n != 1))
			_exit(2);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(store_db, a_read_only_folder_can_be_read_and_not_written)
{
	struct err err = { 0 };

	record_start();
	OK(make_recorded(NULL, record, place.plan, "AS1", VERDICT_PASS, &err));
	store_close(record);
	chmod(place.path, 0444);
	chmod(place.folder, 0555);
	cr_expect_eq(as_nobody(STORE_WRITE, ERR_ACCESS), 0);
	cr_expect_eq(as_nobody(STORE_READ, 0), 0);
	chmod(place.folder, 0755);
	place_drop(&place);
}
