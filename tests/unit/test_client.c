/* Both ends of the socket, in two processes. */
#include <criterion/criterion.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "floor/client.h"
#include "floor/server.h"

static char dir[] = "/tmp/test-client-XXXXXX", path[64];
static pid_t station;

/* --- a station of two slots; each scan changes the first --- */

static struct floor_slot slot[2] = { { .name = "1", .state = FLOOR_IN },
				     { .name = "2", .state = FLOOR_OUT } };
static struct floor_status status = { .station = "S", .record_ok = 1 };
static struct server *server;
static char serial[200];

static const struct floor_slot *get_slot(void *payload, size_t i)
{
	(void)payload;
	return &slot[i];
}

static const struct floor_status *get_status(void *payload)
{
	(void)payload;
	return &status;
}

static void command(void *payload, struct server_client *from, const struct floor_command *c)
{
	static const char *row[] = { "a", "b", NULL }, **rows[3000];
	struct floor_reply r = { .id = c->id, .ok = 1, .text = "fine", .code = "x" };

	(void)payload;
	if (c->what == FLOOR_DO_PLANS) {
		for (size_t i = 0; i < 3000; i++)
			rows[i] = row;
		r.row = rows;
		r.rows = 3000;
	} else if (c->what == FLOOR_DO_WATCH) {
		server_watch(from, 1);
		server_reply(from, &r);
		server_console_begins(server, 1);
		server_console(server, 1, "x\\x1b", 5);
		return;
	} else if (c->what == FLOOR_DO_STOP) {
		_exit(0);
	} else {
		snprintf(serial, sizeof(serial), "%.*s", (int)c->len, c->text);
		slot[0].serial = serial;
		for (int i = 0; i < 1000; i++)
			server_slot_changed(server, 0, 0);
	}
	server_reply(from, &r);
}

static void shown(void *payload, const char *run)
{
	(void)payload;
	server_notice(server, &(struct floor_notice){ FLOOR_NOTICE_INFO, NULL, run, "shown" });
}

static void serve(void)
{
	static const char *const names[] = { "1", "2" };
	static const struct server_ops ops = {
		.slot = get_slot, .status = get_status, .command = command, .shown = shown
	};
	struct loop *l = loop_new();
	struct err err = { 0 };

	if (server_open(&server, l, path, names, 2, &ops, NULL, &err) < 0)
		_exit(1);
	loop_run(l);
}

/* --- the front-end --- */

static int slots, statuses, gone;
static size_t rows;
static int64_t replied;
static char heard[200];
static int begun;

static void on_slot(void *payload, size_t i)
{
	(void)payload;
	(void)i;
	slots++;
}

static void on_status(void *payload)
{
	(void)payload;
	statuses++;
}

static void on_notice(void *payload, const struct floor_notice *n)
{
	(void)payload;
	snprintf(heard, sizeof(heard), "%s", n->text);
}

static void on_console(void *payload, size_t i, const char *text, size_t len)
{
	(void)payload;
	begun += len == 0;
	snprintf(heard, sizeof(heard), "%zu:%.*s", i, (int)len, text);
}

static void on_reply(void *payload, const struct floor_reply *r)
{
	(void)payload;
	rows = r->rows;
	replied = r->id;
}

static void on_gone(void *payload)
{
	(void)payload;
	gone++;
}

static const struct client_ops ops = { .slot = on_slot,
				       .status = on_status,
				       .notice = on_notice,
				       .console = on_console,
				       .reply = on_reply,
				       .gone = on_gone };
static struct client *c;

static void begin(void)
{
	struct err err = { 0 };

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	station = fork();
	if (!station) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve();
		_exit(2);
	}
	/* There is a moment between the name of a socket and its ear. */
	for (int i = 0; i < 300 && client_open(&c, path, NULL, NULL, &ops, NULL, clock_ms() + 5000,
					       &err) == ERR_GONE;
	     i++)
		usleep(10000);
	cr_assert_not_null(c, "%s", err.text);
}

static void turn(void)
{
	struct pollfd p = { client_fd(c), client_events(c), 0 };

	if (poll(&p, 1, 100) > 0)
		client_ready(c, p.revents);
}

#define UNTIL(what)                                                                                \
	do {                                                                                       \
		int64_t until_ms = clock_ms() + 5000;                                              \
		while (!(what) && clock_ms() < until_ms)                                           \
			turn();                                                                    \
		cr_assert(what);                                                                   \
	} while (0)

static int64_t give(enum floor_do what, const char *text)
{
	struct floor_command m = { .what = what, .text = text, .len = text ? strlen(text) : 0 };
	struct err err = { 0 };
	int64_t id = client_do(c, &m, &err);

	cr_assert_gt(id, 0, "%s", err.text);
	return id;
}

static void end(void)
{
	client_close(c);
	kill(station, SIGKILL);
	waitpid(station, NULL, 0);
	unlink(path);
	rmdir(dir);
}

TestSuite(client, .timeout = 30);

Test(client, the_picture_is_whole_when_it_is_open)
{
	struct stat s;

	begin();
	cr_assert_eq(client_slots(c), 2);
	cr_expect_eq(client_slot(c, 0)->state, FLOOR_IN);
	cr_expect_str_eq(client_slot(c, 1)->name, "2");
	cr_expect_null(client_slot(c, 2));
	cr_expect_str_eq(client_status(c)->station, "S");
	cr_expect_eq(slots + statuses, 0, "nothing is told before");
	cr_assert_eq(stat(path, &s), 0);
	cr_expect_eq(s.st_mode & 0777, 0660);
	end();
}

Test(client, a_thousand_changes_are_few_pictures_and_the_last_one_counts)
{
	int64_t id;

	begin();
	give(FLOOR_DO_SCAN, "A1");
	id = give(FLOOR_DO_SCAN, "A2");
	UNTIL(replied == id && !strcmp(client_slot(c, 0)->serial, "A2"));
	cr_expect_leq(slots, 3);
	end();
}

Test(client, a_long_reply_comes_as_one)
{
	int64_t id;

	begin();
	id = give(FLOOR_DO_PLANS, NULL);
	UNTIL(replied == id);
	cr_expect_eq(rows, 3000);
	client_shown(c, "run-7");
	UNTIL(!strcmp(heard, "run-7"));
	id = give(FLOOR_DO_WATCH, NULL);
	UNTIL(!strcmp(heard, "1:x\\x1b"));
	cr_expect_eq(begun, 1);
	end();
}

Test(client, the_end_of_the_station_is_told_and_another_one_is_found)
{
	struct err err = { 0 };
	struct floor_command m = { .what = FLOOR_DO_FORGET };

	begin();
	give(FLOOR_DO_STOP, NULL);
	UNTIL(gone == 1);
	cr_expect_eq(client_fd(c), -1);
	cr_expect_eq(client_do(c, &m, &err), ERR_GONE);
	cr_expect_eq(client_reopen(c, &err), ERR_GONE);
	cr_expect_str_eq(client_slot(c, 1)->name, "2", "the last picture stays");
	waitpid(station, NULL, 0);
	station = fork(); /* the socket of the dead one is replaced */
	if (!station) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve();
		_exit(2);
	}
	for (int i = 0; i < 300 && client_reopen(c, &err) < 0; i++)
		usleep(10000);
	slots = 0;
	UNTIL(slots >= 2);
	end();
}

Test(client, a_socket_that_lives_is_not_replaced)
{
	static const char *const names[] = { "1" };
	static const struct server_ops none = { .slot = get_slot, .status = get_status };
	struct server *second;
	struct loop *l = loop_new();
	struct err err = { 0 };

	begin();
	cr_expect_eq(server_open(&second, l, path, names, 1, &none, NULL, &err), ERR_BUSY);
	cr_expect(strstr(err.text, "listens there already"), "%s", err.text);
	loop_free(l);
	end();
}

Test(client, without_a_station_it_says_so)
{
	struct err err = { 0 };

	cr_expect_eq(client_open(&c, "/tmp/no-such-folder/s", NULL, NULL, &ops, NULL,
				 clock_ms() + 1000, &err),
		     ERR_GONE);
	cr_expect_null(c);
	err = (struct err){ 0 };
	cr_expect_eq(client_open(&c, "/tmp/no-such-folder/s", "/bin/false", NULL, &ops, NULL,
				 clock_ms() + 5000, &err),
		     ERR_GONE);
	cr_expect(strstr(err.text, "could not start"), "%s", err.text);
}

Test(client, a_file_of_somebody_else_is_not_touched)
{
	static const struct server_ops none;
	struct server *s = NULL;
	struct err err = { 0 };
	struct stat st;
	FILE *f;

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	f = fopen(path, "w");
	cr_assert(f && fputs("precious", f) >= 0 && !fclose(f));
	cr_expect_eq(server_open(&s, NULL, path, NULL, 0, &none, NULL, &err), ERR_FILE);
	cr_expect(strstr(err.text, "no socket"), "%s", err.text);
	cr_expect(!stat(path, &st) && st.st_size == 8, "it is as it was");
	unlink(path);
	rmdir(dir);
}
