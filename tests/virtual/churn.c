/* churn N -- N client processes, all at a time, each of which starts libusb
 * with its uevent listener, finds the board at 1-1.2, and ends; while one that
 * stays hears every plug and unplug of board 2. */
#include "client.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

enum { AT_ONCE = 200, PLUG_EVERY = 10 };

static int heard; /* pipe: '+' and '-' for each plug and unplug, '.' for ready */

static int LIBUSB_CALL seen(libusb_context *c, libusb_device *d, libusb_hotplug_event e, void *user)
{
	(void)c;
	(void)d;
	(void)user;
	return write(heard, e == LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT ? "-" : "+", 1) != 1;
}

static int one_client(void)
{
	libusb_context *c;
	libusb_device *d;

	alarm(30);
	if (libusb_init(&c))
		return 1;
	d = device_at(c, "1-1.2");
	if (!d)
		return 2;
	libusb_unref_device(d);
	libusb_exit(c);
	return 0;
}

/* The one that stays, until it is ended. */
static int listener(void)
{
	libusb_hotplug_callback_handle handle;
	libusb_context *c;

	alarm(90);
	if (libusb_init(&c) ||
	    libusb_hotplug_register_callback(
		    c, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0,
		    VID, PID, LIBUSB_HOTPLUG_MATCH_ANY, seen, NULL, &handle) ||
	    write(heard, ".", 1) != 1)
		return 1;
	for (;;)
		libusb_handle_events_completed(c, NULL);
}

static int hears(int from, char what)
{
	struct pollfd p = { .fd = from, .events = POLLIN };
	char byte = 0;

	return poll(&p, 1, 10000) == 1 && read(from, &byte, 1) == 1 && byte == what;
}

int main(int argc, char **argv)
{
	int total = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 200, running = 0, started = 0;
	int status, ends[2];
	pid_t stays;

	alarm(100);
	CHECK_EQ(pipe(ends), 0);
	heard = ends[1];
	stays = fork();
	if (stays == 0)
		_exit(listener());
	CHECK(hears(ends[0], '.'));
	while (started < total || running) {
		if (started < total && running < AT_ONCE) {
			pid_t p = fork();

			if (p == 0)
				_exit(one_client());
			running++;
			if (++started % PLUG_EVERY == 0) {
				CHECK_EQ(world_do("plug 2"), 0);
				CHECK(hears(ends[0], '+'));
				CHECK_EQ(world_do("unplug 2"), 0);
				CHECK(hears(ends[0], '-'));
			}
			continue;
		}
		status = -1;
		CHECK(wait(&status) != stays);
		CHECK_EQ(status, 0);
		running--;
	}
	kill(stays, SIGKILL);
	waitpid(stays, &status, 0);
	return verdict("churn", 2 * total + total / PLUG_EVERY * 4);
}
