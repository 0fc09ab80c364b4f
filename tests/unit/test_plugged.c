/* What a watching child says, and its death. */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "floor/plugged.h"

static char told[2000];
static struct loop *loop;
static struct plugged *p;

static void note(const char *what, const char *text)
{
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s%s ", what, text);
}

static void came(void *payload, const struct plugged_device *d)
{
	(void)payload;
	note(d->was_there ? "there:" : "came:", d->path);
	if (*d->serial)
		note("serial=", d->serial);
	if (d->problem)
		note("problem=", d->problem);
}

static void went(void *payload, const char *path)
{
	(void)payload;
	note("went:", path);
}

static void trouble(void *payload, const char *why)
{
	(void)payload;
	note("trouble:", why ? why : "over");
}

static void say(int fd, const char *text)
{
	send(fd, text, strlen(text), 0);
}

static void rest(void)
{
	for (;;)
		pause();
}

static void two(int fd)
{
	say(fd, "here\t1-1.1\t4\tFX01\tproduct\t");
	say(fd, "here\t1-1.2\t5\t\t\tno rights");
	say(fd, "ready");
	say(fd, "here\t1-1.2\t5\tFX02\t\t");
	say(fd, "gone\t1-1.1");
	say(fd, "gone\t1-1.9");
	rest();
}

static void one(int fd)
{
	say(fd, "here\t1-1.3\t6\t\t\t");
	say(fd, "ready");
	rest();
}

static void both_again(int fd)
{
	say(fd, "here\t1-1.1\t4\tFX01\t\t");
	say(fd, "here\t1-1.2\t9\tFX02\t\t");
	say(fd, "ready");
	rest();
}

static void beats(int fd)
{
	say(fd, "here\t1-1.1\t4\tFX01\t\t");
	say(fd, "here\t1-1.2\t5\tFX02\t\t");
	say(fd, "ready");
	for (;; usleep(50000))
		say(fd, "alive");
}

static void nonsense(int fd)
{
	say(fd, "hear\tye");
	rest();
}

static void begin_with(void (*child)(int fd), int64_t silent_ms)
{
	static const struct plugged_ops ops = { came, went, trouble };

	plugged_child = child;
	loop = loop_new();
	p = plugged_new(loop, &ops, NULL, silent_ms);
}

static void begin(void (*child)(int fd))
{
	begin_with(child, PLUGGED_SILENT_MS);
}

static void until(const char *text)
{
	int64_t end = clock_ms() + 5000;

	while (!strstr(told, text) && clock_ms() < end)
		loop_turn(loop, clock_ns() + 50000000);
	cr_assert(strstr(told, text), "'%s' is not in '%s'", text, told);
}

static void end(void)
{
	plugged_free(p);
	loop_free(loop);
}

TestSuite(plugged, .timeout = 20);

Test(plugged, comes_and_goes_are_told_once)
{
	begin(two);
	until("went:1-1.1");
	loop_turn(loop, clock_ns() + 50000000);
	cr_expect_str_eq(told, "there:1-1.1 serial=FX01 there:1-1.2 problem=no rights "
			       "came:1-1.2 serial=FX02 went:1-1.1 ");
	end();
}

Test(plugged, a_child_that_dies_is_replaced_and_what_went_meanwhile_is_told)
{
	begin(two);
	until("went:1-1.1");
	plugged_child = one;
	kill(plugged_pid(p), SIGKILL);
	until("trouble:over");
	cr_expect(strstr(told, "trouble:it ended by itself there:1-1.3 went:1-1.2 trouble:over"),
		  "%s", told);
	end();
}

Test(plugged, what_cannot_be_understood_ends_the_child)
{
	begin(nonsense);
	until("trouble:it said what cannot be understood");
	plugged_child = one;
	until("trouble:over");
	end();
}

Test(plugged, a_child_that_hangs_is_replaced_and_a_cable_that_was_out_meanwhile_is_seen)
{
	int64_t begun, hung;

	begin_with(beats, 1000);
	until("there:1-1.2");
	for (begun = clock_ms(); clock_ms() < begun + 1500;)
		loop_turn(loop, clock_ns() + 50000000);
	cr_expect(!strstr(told, "trouble"), "it is alive: %s", told);
	*told = '\0';
	hung = plugged_pid(p);
	kill((pid_t)hung, SIGSTOP);
	plugged_child = both_again;
	until("trouble:over");
	cr_expect_str_eq(told, "trouble:it does not answer there:1-1.1 serial=FX01 went:1-1.2 "
			       "there:1-1.2 serial=FX02 trouble:over ");
	cr_expect_neq(plugged_pid(p), hung);
	cr_expect_eq(kill((pid_t)hung, 0), -1, "it is gone");
	end();
}

Test(plugged, a_station_that_stood_still_itself_blames_no_child)
{
	begin_with(beats, 1000);
	until("there:1-1.2");
	usleep(1500000);
	loop_turn(loop, clock_ns() + 50000000);
	cr_expect(!strstr(told, "trouble"), "%s", told);
	end();
}
