#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "link/link.h"
#include "link/link_memory.h"
#include "link/link_replay.h"
#include "tests/unit/rows.h"

TestSuite(link_replay, .timeout = 20);

static char path[64];

static void setup(void)
{
	snprintf(path, sizeof(path), "/tmp/test_link_replay.%d", getpid());
}

static void teardown(void)
{
	unlink(path);
}

static void put(const char *text)
{
	struct err err = { 0 };

	cr_assert_eq(file_write(path, text, strlen(text), &err), 0, "%s", err.text);
}

static struct link_where where(const char *role, int slot)
{
	return (struct link_where){ .role = role, .slot = slot };
}

static int open_at(struct link **out, const char *options, const char *role, int slot,
		   struct err *err)
{
	struct link_where w = where(role, slot);
	char spec[200];

	*out = NULL;
	snprintf(spec, sizeof(spec), "replay:%s%s", path, options);
	return link_open(out, spec, &w, err);
}

static struct link *opened(const char *options, const char *role)
{
	struct err err = { 0 };
	struct link *l;

	cr_assert_eq(open_at(&l, options, role, 1, &err), 0, "%s", err.text);
	return l;
}

static void reads(struct link *l, const char *want)
{
	struct err err = { 0 };
	char got[100];
	size_t n = 0;

	while (n < strlen(want)) {
		int r = link_read(got + n, strlen(want) - n, l, clock_ms() + 1000, &err);

		cr_assert_gt(r, 0, "'%s': %d %s", want, r, err.text);
		n += (size_t)r;
	}
	got[n] = '\0';
	cr_expect_str_eq(got, want);
}

static const char talk[] = "# a talk with two channels\n"
			   "1 console 0 = 1 1700000000000\n"
			   "1 debug 5 = 1 1700000000000\n"
			   "1 console 1000 > \"ver\"\n"
			   "1 debug 1000 < \"log\\n\"\n"
			   "1 console 1100 > \"sion\\n\"\n"
			   "1 console 2000 < \"24\"\n"
			   "1 console 3000 < \".06\\r\\n\\xff\\\\\"\n"
			   "\n"
			   "1 console 4000 ~ 9600 8N1 none 2 -1\n"
			   "1 console 5000 > \"off\\n\"\n"
			   "1 console 6000 ! read ERR_GONE unplugged\n"
			   "1 console 7000 .\n"
			   "1 console 0 = 1 1700000000000\n"
			   "1 console 1 < \"again\"\n"
			   "2 console 0 = 1 1700000000000\n"
			   "2 console 1 < \"other slot\"\n";

Test(link_replay, says_what_was_said, .init = setup, .fini = teardown)
{
	struct err err = { 0 };
	struct link *l;
	char byte;

	put(talk);
	l = opened("", "console");
	cr_expect_eq(link_read(&byte, 1, l, clock_ms(), &err), 0, "the board waits");
	cr_expect_eq(link_puts(l, "v", 0, &err), 0);
	cr_expect_eq(link_puts(l, "ersion\n", 0, &err), 0, "%s", err.text);
	reads(l, "24.06\r\n\xff\\");
	cr_expect_eq(link_alive(l, &err), 0);
	cr_expect_eq(link_puts(l, "off\n", 0, &err), 0, "%s", err.text);
	cr_expect_eq(link_read(&byte, 1, l, clock_ms(), &err), ERR_GONE);
	cr_expect(strstr(err.text, ":12: recorded: unplugged"), "%s", err.text);
	cr_expect_eq(link_alive(l, &err), ERR_GONE);
	cr_expect_eq(link_puts(l, "x", 0, &err), ERR_GONE);
	link_close(l);
}

Test(link_replay, plays_other_channels_sessions_and_slots, .init = setup, .fini = teardown)
{
	struct err err = { 0 };
	struct link *l;

	put(talk);
	l = opened("", "debug");
	reads(l, "log\n");
	link_close(l);
	l = opened(",session=2", "console");
	reads(l, "again");
	link_close(l);
	l = opened(",slot=2", "console");
	reads(l, "other slot");
	link_close(l);
	cr_expect_eq(open_at(&l, ",session=3", "console", 1, &err), ERR_RECORDING);
	cr_expect(strstr(err.text, "nothing was recorded of channel 'console', session 3"), "%s",
		  err.text);
	cr_expect_eq(open_at(&l, "", "service", 1, &err), ERR_RECORDING);
}

Test(link_replay, a_station_that_says_something_else_is_told_where, .init = setup, .fini = teardown)
{
	struct err err = { 0 };
	struct link *l;

	put(talk);
	l = opened("", "console");
	cr_expect_eq(link_puts(l, "verbose\n", 0, &err), ERR_RECORDING);
	cr_expect(strstr(err.text, ":4: the recorded station says 'ver' here") == NULL, "%s",
		  err.text);
	cr_expect(strstr(err.text, ":6: the recorded station says 'sion\\n' here, this one "
				   "'bose\\n'"),
		  "%s", err.text);
	link_close(l);
	l = opened("", "debug");
	cr_expect_eq(link_puts(l, "?", 0, &err), ERR_RECORDING);
	cr_expect(strstr(err.text, "the recording ends; the station says '?'"), "%s", err.text);
	link_close(l);
}

Test(link_replay, what_the_board_said_unasked_can_be_read_later, .init = setup, .fini = teardown)
{
	struct err err = { 0 };
	struct link *l;

	put("1 c 0 = 1 0\n1 c 1 < \"boot\"\n1 c 2 > \"a\"\n1 c 3 < \"b\"\n1 c 4 x\n"
	    "1 c 5 > \"z\"\n1 c 6 < \"end\"\n");
	l = opened("", "c");
	cr_expect_eq(link_puts(l, "a", 0, &err), 0, "%s", err.text);
	reads(l, "bootb");
	cr_expect_eq(link_drop(l, clock_ms(), &err), 0);
	cr_expect_eq(link_puts(l, "z", 0, &err), 0, "%s", err.text);
	reads(l, "end");
	link_close(l);
	l = opened("", "c");
	cr_expect_eq(link_puts(l, "a", 0, &err), 0);
	cr_expect_eq(link_drop(l, clock_ms(), &err), 0, "boot and b are dropped");
	cr_expect_eq(link_puts(l, "z", 0, &err), 0);
	reads(l, "end");
	link_close(l);
}

Test(link_replay, a_write_that_failed_fails_again, .init = setup, .fini = teardown)
{
	struct err err = { 0 };
	struct link *l;

	put("1 c 0 = 1 0\n1 c 1 > \"abc\"\n1 c 2 ! write ERR_TIMEOUT held up\n1 c 3 > \"d\"\n");
	l = opened("", "c");
	cr_expect_eq(link_puts(l, "abc", 0, &err), ERR_TIMEOUT);
	cr_expect_eq(link_puts(l, "d", 0, &err), 0, "%s", err.text);
	link_close(l);
}

Test(link_replay, speed_keeps_the_times_of_the_board, .init = setup, .fini = teardown)
{
	struct err err = { 0 };
	int64_t begun;
	struct link *l;
	char byte;

	put("1 c 0 = 1 0\n1 c 1000000000 > \"a\"\n1 c 1200000000 < \"b\"\n");
	l = opened(",speed=2", "c");
	cr_expect_eq(link_puts(l, "a", 0, &err), 0);
	begun = clock_ms();
	cr_expect_eq(link_read(&byte, 1, l, begun + 20, &err), 0);
	cr_expect_geq(clock_ms() - begun, 20);
	cr_expect_eq(link_read(&byte, 1, l, begun + 5000, &err), 1);
	cr_expect_geq(clock_ms() - begun, 99);
	cr_expect_lt(clock_ms() - begun, 4000);
	link_close(l);
}

static const struct {
	const char *text, *wrong;
} bad[] = {
	{ "", "nothing was recorded of channel 'c', session 1" },
	{ "hello\n", ":1: not a line of a recording" },
	{ "1 c 0 = 2 0\n", ":1: recording of another version" },
	{ "1 c 0 = 1 0\n1 c -1 < \"a\"\n", ":2: not a line of a recording" },
	{ "1 c 0 = 1 0\n1 c 1 < a\n", ":2: bytes must stand escaped in quotes" },
	{ "1 c 0 = 1 0\n1 c 1 < \"\\q\"\n", ":2: bytes must stand escaped in quotes" },
	{ "1 c 0 = 1 0\n1 c 1 ? a\n", ":2: no such kind of event" },
	{ "1 c 0 = 1 0\n1 c 1 !\n", ":2: a failure must name the call and its code" },
	{ "1 c 0 = 1 0\n1 c 99999999999999999999 < \"a\"\n", ":2: not a line of a recording" },
};

TEST_ROWS(link_replay, refuses, bad)
{
	struct err err = { 0 };
	struct link *l;

	setup();
	put(bad[*i].text);
	cr_expect_eq(open_at(&l, "", "c", 1, &err), ERR_RECORDING);
	cr_expect(strstr(err.text, bad[*i].wrong), "%s", err.text);
	teardown();
}

Test(link_replay, options_are_checked, .init = setup, .fini = teardown)
{
	struct err err = { 0 };
	struct link *l;

	put(talk);
	cr_expect_eq(open_at(&l, ",sped=1", "console", 1, &err), ERR_PLAN);
	cr_expect(strstr(err.text, "no option is called 'sped'; there are speed, slot, session"),
		  "%s", err.text);
	cr_expect_eq(open_at(&l, ",speed=-1", "console", 1, &err), ERR_PLAN);
	unlink(path);
	cr_expect_eq(open_at(&l, "", "console", 1, &err), ERR_FILE);
}

/* --- the recorder, whose file the replay reads --- */

static const struct memory_turn turns[] = {
	{ .hear = "a b\n", .say = "\x1b[31m\xc3\xa4\xff\"\n" },
	{ .hear = "\0", .hear_len = 1, .say = " ", .then = ERR_LINE },
	{ .hear = NULL },
};

/* The record row around a memory link. */
static struct link *recorder(struct link_memory *m, const char *role, struct err *err)
{
	struct link_where w = where(role, 3);
	struct link *l = NULL;

	link_memory_init(m, turns);
	cr_assert_eq(link_find("record")->open(&l, path, &w, &m->link, err), 0, "%s", err->text);
	return l;
}

Test(link_replay, a_recording_replays, .init = setup, .fini = teardown)
{
	struct link_line line = { .baud = 9600, .bits = 8, .stop = 1, .parity = 'N' };
	struct err err = { 0 };
	struct link_memory m;
	char got[64];

	for (int pass = 0; pass < 3; pass++) {
		struct link *l = pass == 2 ? opened("", "console") : recorder(&m, "console", &err);

		cr_assert_eq(link_puts(l, "a b\n", 0, &err), 0, "%s", err.text);
		reads(l, "\x1b[31m\xc3\xa4\xff\"\n");
		cr_expect_eq(link_drop(l, 0, &err), 0);
		cr_expect_eq(link_tune(l, &line, 1, 10, 0, &err), 0);
		cr_assert_eq(link_write(l, "\0", 1, 0, &err), 0, "%s", err.text);
		reads(l, " ");
		cr_expect_eq(link_read(got, 1, l, 0, &err), ERR_LINE, "pass %d", pass);
		link_close(l);
	}
}

Test(link_replay, a_recording_reads_as_documented, .init = setup, .fini = teardown)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct link_memory m;
	struct link *l;
	char *text;
	size_t len;

	clock_freeze_ms(5000);
	clock_freeze_wall_ms(1700000000123);
	l = recorder(&m, "console", &err);
	clock_freeze_ms(5002);
	link_puts(l, "a b\n", 0, &err);
	link_read((char[64]){ 0 }, 64, l, 0, &err);
	link_puts(l, "nonsense", 0, &err);
	link_close(l);
	cr_assert_eq(file_read(&text, &len, &a, path, 10000, &err), 0);
	cr_expect_str_eq(text, "3 console 0 = 1 1700000000123\n"
			       "3 console 2000000 > \"a b\\n\"\n"
			       "3 console 2000000 < \"\\x1b[31m\xc3\xa4\\xff\"\\n\"\n"
			       "3 console 2000000 > \"nonsense\"\n"
			       "3 console 2000000 ! write ERR_IO script has '\\\\x00', heard "
			       "'nonsense'\n"
			       "3 console 2000000 .\n");
	arena_free(&a);
}

Test(link_replay, a_recording_that_cannot_be_written_fails, .init = setup, .fini = teardown)
{
	struct link_where w = where("console", 1);
	struct err err = { 0 };
	struct link_memory m;
	struct link *l = NULL;

	link_memory_init(&m, turns);
	cr_expect_eq(link_find("record")->open(&l, "/nowhere/x", &w, &m.link, &err), ERR_FILE);
	cr_expect_eq(link_find("record")->open(&l, "/dev/full", &w, &m.link, &err), ERR_FILE);
	cr_expect_eq(link_find("record")->open(&l, "", &w, &m.link, &err), ERR_PLAN);
	cr_expect_null(l);
}
