#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/file.h"
#include "tests/unit/store_make.h"

/* What a writer and a reader leave alone when the record's files are not, or no
 * longer, theirs. */
TestSuite(store_lost, .timeout = 20);

static void copy(const char *from, const char *to)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	char *bytes;
	size_t n;

	cr_assert_eq(file_read(&bytes, &n, &a, from, 1 << 26, &err), 0, "%s", err.text);
	cr_assert_eq(file_write(to, bytes, n, &err), 0, "%s", err.text);
	arena_free(&a);
}

/* name with a suffix, in place of the record or beside it */
static const char *at(const struct place_to_test *t, const char *prefix, const char *suffix)
{
	static char path[4][160];
	static int next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[next]), "%s%s%s", t->path, prefix, suffix);
	return path[next];
}

/* A backup is put in the place of the record while the station runs: the files
 * there are not the station's, and its end must not take their log away. */
static void replaced(int notices)
{
	static const char *const part[] = { "", "-wal" };
	struct place_to_test t;
	struct store_head head;
	struct err err = { 0 };
	struct unit_run r;
	struct store *s;
	struct stat st;

	place_make(&t);
	s = place_open(&t, STORE_WRITE);
	cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0);
	for (size_t i = 0; i < 2; i++)
		copy(at(&t, "", part[i]), at(&t, ".backup", part[i]));
	cr_assert_eq(rename(at(&t, "", "-shm"), at(&t, ".old", "-shm")), 0);
	for (size_t i = 0; i < 2; i++) {
		cr_assert_eq(rename(at(&t, "", part[i]), at(&t, ".old", part[i])), 0);
		cr_assert_eq(rename(at(&t, ".backup", part[i]), at(&t, "", part[i])), 0);
	}
	if (notices) {
		make_run(&r, t.plan, "AS2");
		cr_expect_eq(store_begin(s, &r, &err), ERR_STORE);
		run_release(&r);
	}
	store_close(s);
	cr_expect_eq(stat(at(&t, "", "-wal"), &st), 0, "the log of the backup was removed");
	s = place_open(&t, STORE_READ);
	cr_assert_eq(store_head(&head, s, &err), 0, "%s", err.text);
	cr_expect_eq(head.closed, 1);
	store_close(s);
	place_drop(&t);
}

Test(store_lost, the_log_of_a_file_in_its_place_stays_when_it_noticed)
{
	replaced(1);
}

Test(store_lost, the_log_of_a_file_in_its_place_stays_when_nothing_was_written_since)
{
	replaced(0);
}

/* Two names of one record are one record. */
Test(store_lost, a_link_to_a_record_has_its_lock)
{
	struct place_to_test t;
	struct err err = { 0 };
	struct store *s, *other = NULL;

	place_make(&t);
	s = place_open(&t, STORE_WRITE);
	cr_assert_eq(symlink("station.db", at(&t, ".link", "")), 0);
	cr_expect_eq(store_open(&other, at(&t, ".link", ""), STORE_WRITE, "ST-07", &err), ERR_BUSY,
		     "%s", err.text);
	store_close(other);
	store_close(s);
	cr_assert_eq(store_open(&s, at(&t, ".link", ""), STORE_WRITE, "ST-07", &err), 0, "%s",
		     err.text);
	cr_expect_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0, "%s", err.text);
	cr_assert_eq(unlink(at(&t, "", "-wal")), 0);
	cr_expect_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), ERR_STORE,
		     "its log is beside the file");
	store_close(s);
	place_drop(&t);
}

static void say(int fd)
{
	cr_assert_eq(write(fd, "", 1), 1);
}

static void hear(int fd)
{
	char c;

	cr_assert_eq(read(fd, &c, 1), 1);
}

/* The exit status of a reader that is nobody in particular. */
static int read_as_nobody(const struct place_to_test *t, int orders, int answers)
{
	struct err err = { 0 };
	struct store_head head;
	struct store *s;
	char c;

	if (read(orders, &c, 1) != 1 || (geteuid() == 0 && (setgid(65534) || setuid(65534))))
		return 1;
	if (store_open(&s, t->path, STORE_READ, "ST-07", &err) < 0 ||
	    store_head(&head, s, &err) < 0)
		return 2;
	if (write(answers, "", 1) != 1 || read(orders, &c, 1) != 1)
		return 3;
	if (store_head(&head, s, &err) < 0)
		return 4;
	return head.closed == 2 ? 0 : 5;
}

/* Who may not write the folder reads while the station runs: its log may be
 * empty at that moment, and no longer a moment later. */
Test(store_lost, a_reader_without_rights_hears_of_a_writer)
{
	int order[2], answer[2], status;
	struct place_to_test t;
	struct err err = { 0 };
	struct store *s;
	pid_t pid;

	place_make(&t);
	s = place_open(&t, STORE_WRITE);
	cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0);
	store_close(s);
	cr_assert(!pipe(order) && !pipe(answer));
	pid = fork(); /* before the record is open again: SQLite is not to be inherited */
	if (pid == 0)
		_exit(read_as_nobody(&t, order[0], answer[1]));
	close(answer[1]);
	s = place_open(&t, STORE_WRITE); /* its log is empty now */
	chmod(t.folder, 0555);
	say(order[1]);
	hear(answer[0]);
	cr_assert_eq(make_recorded(NULL, s, t.plan, "AS2", VERDICT_PASS, &err), 0, "%s", err.text);
	say(order[1]);
	waitpid(pid, &status, 0);
	cr_expect(WIFEXITED(status));
	cr_expect_eq(WEXITSTATUS(status), 0, "the reader ended with %d", WEXITSTATUS(status));
	chmod(t.folder, 0755);
	store_close(s);
	place_drop(&t);
}
