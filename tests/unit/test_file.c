#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static char folder[] = "/tmp/test-file-XXXXXX";

static void make_folder(void)
{
	cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(file, .timeout = 20, .init = make_folder, .fini = remove_folder);

static const char *in_folder(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int entries(void)
{
	DIR *d = opendir(folder);
	int n = -2; /* "." and ".." */

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

Test(file, write_then_read)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *path = in_folder("x");
	char *text;
	size_t len;

	cr_assert_eq(file_write(path, "a\0b", 3, &err), 0);
	cr_assert_eq(file_read(&text, &len, &a, path, 3, &err), 0);
	cr_expect_eq(len, 3);
	cr_expect_arr_eq(text, "a\0b", 4, "ends in a NUL");
	cr_assert_eq(file_write(path, "", 0, &err), 0);
	cr_assert_eq(file_read(&text, &len, &a, path, 0, &err), 0);
	cr_expect_eq(len, 0);
	cr_expect_eq(entries(), 1, "no temporary file stays");
	arena_free(&a);
}

/* Also when the file was open to others before. */
Test(file, private)
{
	struct err err = { 0 };
	const char *path = in_folder("x");
	struct stat st;

	cr_assert_eq(file_write(path, "a", 1, &err), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0644);
	cr_assert_eq(file_write_private(path, "b", 1, &err), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	unlink(path);
}

Test(file, bound_is_exact_and_an_error)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *path = in_folder("x");
	size_t n = 100000, len;
	char *bytes = calloc(1, n), *text;

	cr_assert_eq(file_write(path, bytes, n, &err), 0);
	cr_expect_eq(file_read(&text, &len, &a, path, n, &err), 0);
	cr_expect_eq(file_read(&text, &len, &a, path, n - 1, &err), ERR_FILE);
	cr_expect_not_null(strstr(err.text, "longer than 99999 bytes"), "%s", err.text);
	cr_expect_eq(file_read(&text, &len, &a, "/dev/zero", 1000, &err), ERR_FILE);
	free(bytes);
	arena_free(&a);
}

Test(file, what_cannot_be_read)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	char *text;
	size_t len;

	cr_expect_eq(file_read(&text, &len, &a, in_folder("none"), 10, &err), ERR_FILE);
	cr_expect_not_null(strstr(err.text, "No such file"), "%s", err.text);
	cr_expect_eq(file_read(&text, &len, &a, folder, 10, &err), ERR_FILE);
	cr_expect_not_null(strstr(err.text, "is a folder"), "%s", err.text);
}

Test(file, a_failed_write_leaves_the_old_file)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	char *text;
	size_t len;

	cr_assert_eq(file_write(in_folder("x"), "old", 3, &err), 0);
	cr_assert_eq(mkdir(in_folder("d"), 0755), 0);
	cr_assert_eq(mkdir(in_folder("d/sub"), 0755), 0);
	cr_expect_eq(file_write(in_folder("d"), "new", 3, &err), ERR_FILE,
		     "a folder is in the way");
	cr_expect_eq(file_write(in_folder("none/x"), "new", 3, &err), ERR_FILE);
	cr_expect_eq(file_write("/dev/full/x", "new", 3, &err), ERR_FILE);
	cr_assert_eq(file_read(&text, &len, &a, in_folder("x"), 10, &err), 0);
	cr_expect_str_eq(text, "old");
	cr_expect_eq(entries(), 2, "no temporary file stays");
	arena_free(&a);
}

/* As root a rename would put a plain file in the place of /dev/null. */
Test(file, what_is_no_plain_file_is_not_replaced)
{
	struct err err = { 0 };
	struct stat st;

	cr_assert_eq(mkfifo(in_folder("pipe"), 0600), 0);
	cr_expect_eq(file_write(in_folder("pipe"), "new", 3, &err), ERR_FILE);
	cr_expect_not_null(strstr(err.text, "no plain file"), "%s", err.text);
	cr_assert_eq(stat(in_folder("pipe"), &st), 0);
	cr_expect(S_ISFIFO(st.st_mode));
	cr_assert_eq(symlink("/dev/null", in_folder("link")), 0);
	cr_expect_eq(file_write(in_folder("link"), "new", 3, &err), ERR_FILE);
	cr_expect_eq(entries(), 2, "no temporary file stays");
}

/* A link is replaced, and what it points to stays as it was. */
Test(file, a_link_is_not_followed)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	char *text;
	size_t len;

	cr_assert_eq(file_write(in_folder("x"), "old", 3, &err), 0);
	cr_assert_eq(symlink("x", in_folder("link")), 0);
	cr_assert_eq(file_write(in_folder("link"), "new", 3, &err), 0);
	cr_assert_eq(file_read(&text, &len, &a, in_folder("x"), 10, &err), 0);
	cr_expect_str_eq(text, "old");
	cr_assert_eq(file_read(&text, &len, &a, in_folder("link"), 10, &err), 0);
	cr_expect_str_eq(text, "new");
	arena_free(&a);
}

Test(file, write_all_says_a_full_disk)
{
	int fd = open("/dev/full", O_WRONLY);

	cr_assert_geq(fd, 0);
	cr_expect_eq(write_all(fd, "x", 1), -1);
	cr_expect_eq(errno, ENOSPC);
	close(fd);
}

Test(file, folders)
{
	struct err err = { 0 };
	struct stat st;

	cr_expect_eq(file_mkdirs(in_folder("a/b/c"), &err), 0);
	cr_expect_eq(stat(in_folder("a/b/c"), &st), 0);
	cr_expect(S_ISDIR(st.st_mode));
	cr_expect_eq(file_mkdirs(in_folder("a/b/c/"), &err), 0, "what is there is fine");
	cr_assert_eq(file_write(in_folder("f"), "", 0, &err), 0);
	cr_expect_eq(file_mkdirs(in_folder("f/g"), &err), ERR_FILE);
	cr_expect_eq(file_mkdirs(in_folder("f"), &err), ERR_FILE, "a file is no folder");
	cr_expect_eq(file_mkdirs("", &err), ERR_FILE, "no name is no folder");
}

Test(file, beside)
{
	struct arena a = { 0 };

	cr_expect_str_eq(file_beside(&a, "plans/rdb.ini", "common.ini"), "plans/common.ini");
	cr_expect_str_eq(file_beside(&a, "rdb.ini", "common.ini"), "common.ini");
	cr_expect_str_eq(file_beside(&a, "plans/rdb.ini", "/etc/x"), "/etc/x");
	cr_expect_str_eq(file_beside(&a, "/rdb.ini", "x"), "/x");
	cr_expect_str_eq(file_beside(&a, "plans/rdb.ini", "./x"), "plans/x");
	cr_expect_str_eq(file_beside(&a, "plans/rdb.ini", "."), "plans");
	cr_expect_str_eq(file_beside(&a, "/usr/bin/rdb.ini", "../../x"), "/x");
	cr_expect_str_eq(file_beside(&a, "usr/nothing/rdb.ini", "../x"), "usr/nothing/../x");
	cr_expect_str_eq(file_beside(&a, "../rdb.ini", "../x"), "../../x");
	cr_expect_str_eq(file_beside(&a, "/proc/self/rdb.ini", "../x"), "/proc/self/../x");
	arena_free(&a);
}
