/* pins -- cases of pins, and of the list of USB devices, for link.sh: see on_bus.h */
#include <signal.h>

#include "base/arena.h"
#include "base/finding.h"
#include "link/ftdi_chip.h"
#include "link/pins.h"
#include "link/usb.h"
#include "on_bus.h"

static struct fixture *fixture(struct arena *a, const char *path)
{
	struct findings f = { 0 };
	struct fixture *x;
	struct err err = { 0 };

	if (fixture_load(&x, a, path, &f, &err) < 0) {
		finding_print(&f, stdout);
		fail("%s", err.text);
	}
	finding_release(&f);
	x->slot[0].usb = where.usb;
	return x;
}

static int64_t soon(void)
{
	return clock_ms() + 2000;
}

/* Drive a signal both ways and see it at the pin that the board wires to it. */
static void pair(struct pins *p, const char *out, const char *in)
{
	struct err err = { 0 };
	int active = -1, passive = -1;

	pins_assert(p, out);
	pins_wait(p, 5);
	pins_read(&active, p, in);
	pins_deassert(p, out);
	pins_wait(p, 5);
	pins_read(&passive, p, in);
	must(pins_flush(p, soon(), &err), out, &err);
	printf("%s: asserted %d, deasserted %d\n", out, active, passive);
	if (active != 1 || passive != 0)
		fail("pins do not follow");
}

/* drive FIXTURE: bit-bang on C, MPSSE on A, and D while it is a channel */
static int drive(char **arg)
{
	struct arena a = { 0 };
	struct fixture *x = fixture(&a, arg[0]);
	struct err err = { 0 };
	struct link *l;
	struct pins *p;
	char byte;

	where.port = 3;
	l = open_link("ftdi");
	must(pins_open(&p, x, &x->slot[0], &err), "pins", &err);
	pair(p, "c6", "c7");
	pair(p, "a6", "a7");
	pair(p, "a4", "a5");
	round_trip_ms(l, "before\n");
	pair(p, "reset", "reset_seen");
	if (link_read(&byte, 1, l, clock_ms() + 10, &err) != ERR_LACKS)
		fail("a port that drives pins can be read from");
	printf("%s\n", err.text);
	pins_release(p, "reset");
	must(pins_flush(p, soon(), &err), "release", &err);
	round_trip_ms(l, "after\n");
	pins_assert(p, "nowhere");
	pins_assert(p, "reset");
	if (pins_flush(p, soon(), &err) != ERR_LACKS)
		fail("a signal that is not there");
	round_trip_ms(l, "still\n");
	pins_assert(p, "reset");
	must(pins_flush(p, soon(), &err), "reset", &err);
	pins_close(p);
	round_trip_ms(l, "closed\n");
	link_close(l);
	arena_free(&a);
	return 0;
}

static int seen(struct fixture *x)
{
	struct err err = { 0 };
	struct ftdi_chip *c;
	uint8_t levels;

	must(ftdi_chip_take(&c, &(struct ftdi_expected){ .usb = x->slot[0].usb }, &err), "take",
	     &err);
	must(ftdi_port_levels(&levels, ftdi_chip_port(c, 3), &err), "levels", &err);
	ftdi_chip_give(c);
	return levels >> 7 & 1;
}

/* killed FIXTURE: a process with driven pins is killed; the next one lets go of them */
static int killed(char **arg)
{
	struct arena a = { 0 };
	struct fixture *x = fixture(&a, arg[0]);
	struct err err = { 0 };
	int fd[2], status, low = -1;
	struct link *l;
	struct pins *p;
	char byte;
	pid_t pid;

	if (pipe(fd) < 0)
		fail("pipe");
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		where.port = 2;
		open_link("ftdi");
		must(pins_open(&p, x, &x->slot[0], &err), "pins", &err);
		pins_assert(p, "reset");
		pins_wait(p, 5);
		pins_read(&low, p, "reset_seen");
		must(pins_flush(p, soon(), &err), "reset", &err);
		byte = low == 1 ? 'y' : 'n';
		_exit(write(fd[1], &byte, 1) == 1 && pause() ? 1 : 1);
	}
	close(fd[1]);
	if (read(fd[0], &byte, 1) != 1 || byte != 'y')
		fail("the pin was not driven");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	usleep(50000);
	if (!seen(x))
		fail("reset is still driven");
	arena_free(&a);
	where.port = 3;
	l = open_link("ftdi");
	round_trip_ms(l, "free\n");
	link_close(l);
	return 0;
}

/* list WANT: paths and serials of all FT4232H, by a child */
static int list(char **arg)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct usb_list u;
	char all[1000] = "";

	must(usb_list(&u, &a, clock_ms() + 3000, &err), "list", &err);
	for (size_t i = 0; i < u.count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s=%s", i ? " " : "",
			 u.device[i].path,
			 u.device[i].problem ? u.device[i].problem : u.device[i].serial);
	printf("%s\n", all);
	arena_free(&a);
	return strcmp(all, arg[0]) != 0;
}

/* late: a chip that answers nothing; the list ends by its deadline, or names it */
static int late(char **arg)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct usb_list u;
	int64_t begun;

	(void)arg;
	control_wait(control_after(0, "interface 1 mute"));
	begun = clock_ms();
	if (usb_list(&u, &a, begun + 100, &err) != ERR_DEADLINE)
		fail("%s %s", err_name(err.code), err.text);
	printf("%s, %lld ms\n", err.text, since(begun));
	if (since(begun) > 600)
		fail("later than its deadline");
	must(usb_list(&u, &a, clock_ms() + 3000, &err), "list", &err);
	if (u.count != 1 || !u.device[0].problem)
		fail("a mute device without a problem");
	printf("%s: %s\n", u.device[0].path, u.device[0].problem);
	arena_free(&a);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct bus_case cases[] = {
		{ "drive", 1, drive }, { "killed", 1, killed }, { "list", 1, list },
		{ "late", 0, late },   { NULL, 0, NULL },
	};

	return bus_main(cases, argc, argv);
}
