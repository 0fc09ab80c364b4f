#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

TestSuite(log, .timeout = 20);

static char path[] = "/tmp/test-log-XXXXXX";

static void start(void)
{
	struct err err = { 0 };
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
	clock_freeze_wall_ms(INT64_C(1795376880123));
	cr_assert_eq(log_open(path, &err), 0, "%s", err.text);
}

static char *logged(struct arena *a)
{
	struct err err = { 0 };
	char *text;
	size_t n;

	log_close();
	cr_assert_eq(file_read(&text, &n, a, path, 1 << 20, &err), 0);
	unlink(path);
	return text;
}

Test(log, lines_with_level_tag_and_context)
{
	struct arena a = { 0 };

	start();
	log_info("started");
	log_context(2, "AS01\n23");
	errno = ENOENT;
	log_warning("answer was '%s'", "\x1b[2J\r\n");
	cr_expect_eq(errno, ENOENT);
	log_context(0, NULL);
	log_error("%s", "");
	cr_expect_str_eq(logged(&a),
			 "2026-11-22T19:48:00.123Z info test_log: started\n"
			 "2026-11-22T19:48:00.123Z warning test_log slot=2 unit=AS01\\n23: "
			 "answer was '\\x1b[2J\\r\\n'\n"
			 "2026-11-22T19:48:00.123Z error test_log: \n");
	arena_free(&a);
}

Test(log, levels)
{
	struct arena a = { 0 };
	int asked = 0;

	start();
	log_debug("hidden %d", ++asked);
	cr_expect_eq(asked, 0, "what is not logged is not computed");
	cr_expect_eq(log_set_level_by("debug"), 0);
	log_debug("seen %d", ++asked);
	cr_expect_eq(log_set_level_by("loud"), -1);
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("hidden");
	cr_expect_str_eq(logged(&a), "2026-11-22T19:48:00.123Z debug test_log: seen 1\n");
	for (int l = LOG_LEVEL_ERROR; l <= LOG_LEVEL_DEBUG; l++)
		cr_expect_eq(log_set_level_by(log_level_word((enum log_level)l)), 0);
	arena_free(&a);
}

Test(log, long_text_is_cut_visibly)
{
	struct arena a = { 0 };
	char *text;

	start();
	log_info("%10000d", 1);
	text = logged(&a);
	cr_expect_lt(strlen(text), 4200);
	cr_expect_str_eq(text + strlen(text) - 2, "~\n");
	arena_free(&a);
}

Test(log, to_nowhere_and_to_a_full_disk)
{
	struct err err = { 0 };
	int fd = open("/dev/full", O_WRONLY);

	log_error("nobody hears this");
	cr_expect_eq(log_lost(), 0);
	log_to_fd(fd);
	log_error("lost");
	cr_expect_eq(log_lost(), 1);
	log_close();
	cr_expect_neq(fcntl(fd, F_GETFD), -1, "a borrowed fd stays open");
	close(fd);
	cr_expect_eq(log_open("/tmp/no/such/folder/x", &err), ERR_FILE);
	cr_expect_not_null(strstr(err.text, "No such file"), "%s", err.text);
}

Test(log, processes_share_a_file)
{
	enum { CHILDREN = 4, LINES = 200 };
	struct arena a = { 0 };
	int seen[CHILDREN] = { 0 };

	start();
	for (int c = 0; c < CHILDREN; c++) {
		pid_t pid = fork();

		if (pid == 0) {
			log_context(c + 1, NULL);
			for (int i = 0; i < LINES; i++)
				log_info("line %d of %100d", i, c);
			_exit(0);
		}
		cr_assert_gt(pid, 0);
	}
	for (int c = 0; c < CHILDREN; c++)
		cr_assert_gt(wait(NULL), 0);
	for (char *line = logged(&a), *end; *line; line = end + 1) {
		int c = -1, i = -1, of = -1;

		end = strchr(line, '\n');
		cr_assert_not_null(end);
		cr_assert_eq(sscanf(line, "%*s info test_log slot=%d: line %d of %d", &c, &i, &of),
			     3, "%.*s", (int)(end - line), line);
		cr_assert(c >= 1 && c <= CHILDREN && of == c - 1);
		cr_assert_eq(i, seen[c - 1]++, "lines of one process stay in order");
	}
	for (int c = 0; c < CHILDREN; c++)
		cr_expect_eq(seen[c], LINES);
	arena_free(&a);
}

/* A worker keeps three descriptors and the log: its lines come to the file, never to what
 * the log's old number is given to. */
Test(log, goes_on_in_a_child_that_closes_the_rest)
{
	struct arena a = { 0 };
	int pipes[2], status;
	char byte;
	pid_t pid;

	cr_expect_eq(log_move(5), 0, "there is none yet");
	start();
	cr_assert_eq(pipe(pipes), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		int other = dup(pipes[1]), moved = log_move(other + 1);

		if (!moved || !log_move(other + 1) || dup3(other, other + 2, 0) < 0)
			_exit(1);
		close_range((unsigned)other + 2, ~0U, 0);
		for (int i = 0; i < 8; i++) /* whoever opens something gets the numbers */
			if (dup(other) < 0)
				_exit(2);
		log_info("of the child");
		_exit(0);
	}
	close(pipes[1]);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect_eq(status, 0);
	cr_expect_eq(read(pipes[0], &byte, 1), 0, "a line went elsewhere");
	close(pipes[0]);
	cr_expect_str_eq(logged(&a), "2026-11-22T19:48:00.123Z info test_log: of the child\n");
	arena_free(&a);
}
