/* stopped -- a client that is stopped in the middle of large transfers, and of
 * uevents, holds up nobody: another client of the same board goes on at the
 * speed it had, and when the stopped one goes on nothing of its own is lost. */
#include "client.h"

#include <signal.h>
#include <sys/wait.h>

enum { URBS = 24, ROOM = 64 << 10, ROUNDS = 150, PLUGS = 40 };

static int ended, moved, arrived, left;

static void LIBUSB_CALL count(struct libusb_transfer *t)
{
	ended++;
	moved += t->endpoint & 0x80 ? t->actual_length : 0;
}

static int LIBUSB_CALL seen(libusb_context *c, libusb_device *d, libusb_hotplug_event e, void *user)
{
	(void)c;
	(void)d;
	(void)user;
	if (e == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED)
		arrived++;
	else
		left++;
	return 0;
}

static void submit(libusb_device_handle *h, unsigned char endpoint)
{
	struct libusb_transfer *t = libusb_alloc_transfer(0);
	unsigned char *bytes = calloc(1, ROOM);

	libusb_fill_bulk_transfer(t, h, endpoint, bytes, ROOM, count, NULL, 0);
	CHECK_EQ(libusb_submit_transfer(t), 0);
}

/* The child: URBs of 1.5 MiB each way on port A, then it stops
 * itself, before it has reaped one. */
static int stopping_client(void)
{
	struct ftdi_context *f = open_port("1-1.1", INTERFACE_A);
	libusb_hotplug_callback_handle handle;
	double until;

	alarm(60);
	CHECK_EQ(ftdi_set_latency_timer(f, 1), 0);
	libusb_hotplug_register_callback(
		f->usb_ctx, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
		0, VID, PID, LIBUSB_HOTPLUG_MATCH_ANY, seen, NULL, &handle);
	for (int i = 0; i < URBS; i++) {
		submit(f->usb_dev, 0x81);
		submit(f->usb_dev, 0x02);
	}
	raise(SIGSTOP);
	until = seconds() + 20;
	while ((ended < URBS || !arrived) && seconds() < until) {
		struct timeval t = { 0, 50000 };

		libusb_handle_events_timeout_completed(f->usb_ctx, &t, NULL);
	}
	CHECK(ended >= URBS);
	CHECK(moved > 0);
	/* Of all that came and went meanwhile, the one that is there. */
	CHECK_EQ(arrived, 1);
	CHECK_EQ(left, 0);
	return failed ? 1 : 0; /* ended with the process: URBs and claims go with it */
}

static double round_trips(struct ftdi_context *f)
{
	double t = seconds();
	unsigned char in[8];

	for (int i = 0; i < ROUNDS; i++) {
		CHECK_EQ(ftdi_write_data(f, (const unsigned char *)"hello!\n", 7), 7);
		CHECK_EQ(read_all(f, in, 7, 2), 7);
		CHECK(!memcmp(in, "hello!\n", 7));
	}
	return seconds() - t;
}

int main(void)
{
	struct ftdi_context *f;
	double alone, beside;
	int status = 0;
	pid_t child;

	alarm(100);
	f = open_port("1-1.1", INTERFACE_B);
	CHECK(f != NULL);
	CHECK_EQ(ftdi_set_baudrate(f, 115200), 0);
	CHECK_EQ(ftdi_set_event_char(f, '\n', 1), 0);
	alone = round_trips(f);
	close_port(f);

	child = fork();
	if (child == 0)
		_exit(stopping_client());
	CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
	CHECK(WIFSTOPPED(status));
	f = open_port("1-1.1", INTERFACE_B);
	CHECK(f != NULL);
	CHECK_EQ(ftdi_set_baudrate(f, 115200), 0);
	CHECK_EQ(ftdi_set_event_char(f, '\n', 1), 0);
	beside = round_trips(f);
	for (int i = 0; i < PLUGS; i++) {
		CHECK_EQ(world_do("plug 2"), 0);
		if (i < PLUGS - 1)
			CHECK_EQ(world_do("unplug 2"), 0);
	}
	beside = (beside + round_trips(f)) / 2;
	kill(child, SIGCONT);
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close_port(f);
	printf("stopped: %d round trips in %.0f ms alone, %.0f ms beside a stopped client\n",
	       ROUNDS, alone * 1e3, beside * 1e3);
	/* not a figure: a client that waited for the stopped one would need seconds */
	CHECK(beside < alone * 4 + 0.5);
	return verdict("stopped", 9 * ROUNDS);
}
