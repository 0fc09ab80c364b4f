/* hotplug -- cables pulled at every bad moment; board 1 at 1-1.1 is in, board 2
 * at 1-1.2 is not. What must not happen is a hang: each part has its limit. */
#include "client.h"

#include <pthread.h>

enum { CYCLES = 200, QUEUED = 8, ROOM = 512 };

static libusb_context *context;
static int arrived, left;
static char last_path[40];
static int last_address;

static int LIBUSB_CALL seen(libusb_context *c, libusb_device *d, libusb_hotplug_event e, void *user)
{
	(void)c;
	(void)user;
	if (e == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED) {
		arrived++;
		path_of(last_path, d);
		last_address = libusb_get_device_address(d);
	} else {
		left++;
	}
	return 0;
}

static void events(int ms)
{
	struct timeval t = { ms / 1000, ms % 1000 * 1000 };

	libusb_handle_events_timeout_completed(context, &t, NULL);
}

/* Serve events until *count reaches n; whether it did within 3 s. */
static int wait_for(const int *count, int n)
{
	double until = seconds() + 3;

	while (*count < n && seconds() < until)
		events(50);
	return *count >= n;
}

static libusb_device_handle *open_two(int interface)
{
	libusb_device *d = device_at(context, "1-1.2");
	libusb_device_handle *h = NULL;

	CHECK(d != NULL);
	if (!d)
		return NULL;
	CHECK_EQ(libusb_open(d, &h), 0);
	libusb_unref_device(d);
	if (h)
		CHECK_EQ(libusb_claim_interface(h, interface), 0);
	return h;
}

static void callbacks(void)
{
	libusb_hotplug_callback_handle handle;
	int first;

	CHECK(libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG));
	CHECK_EQ(libusb_hotplug_register_callback(context,
						  LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED |
							  LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
						  LIBUSB_HOTPLUG_ENUMERATE, VID, PID,
						  LIBUSB_HOTPLUG_MATCH_ANY, seen, NULL, &handle),
		 0);
	CHECK_EQ(arrived, 1);
	CHECK(!strcmp(last_path, "1-1.1"));
	CHECK_EQ(world_do("plug 1"), 1); /* is in */
	CHECK_EQ(world_do("plug 7"), 1); /* does not exist */
	CHECK_EQ(world_do("plug 2"), 0);
	CHECK(wait_for(&arrived, 2));
	CHECK(!strcmp(last_path, "1-1.2"));
	first = last_address;
	CHECK_EQ(world_do("replug 2 10"), 0);
	CHECK(wait_for(&left, 1));
	CHECK(wait_for(&arrived, 3));
	CHECK(!strcmp(last_path, "1-1.2"));
	CHECK(last_address != first);
}

struct pending {
	struct libusb_transfer *t;
	unsigned char bytes[ROOM];
	int ended, status, again;
};

static void LIBUSB_CALL pending_ended(struct libusb_transfer *t)
{
	struct pending *p = t->user_data;

	if (t->status == LIBUSB_TRANSFER_COMPLETED && p->again && !libusb_submit_transfer(t))
		return;
	p->status = (int)t->status;
	p->ended = 1;
}

static void submit_reads(struct pending p[QUEUED], libusb_device_handle *h, int again)
{
	for (int i = 0; i < QUEUED; i++) {
		p[i] = (struct pending){ .t = libusb_alloc_transfer(0), .again = again };
		libusb_fill_bulk_transfer(p[i].t, h, 0x85, p[i].bytes, ROOM, pending_ended, &p[i],
					  0);
		CHECK_EQ(libusb_submit_transfer(p[i].t), 0);
	}
}

/* How many of the reads have ended with "no device", once all have ended. */
static int all_gone(struct pending p[QUEUED])
{
	double until = seconds() + 3;
	int gone = 0, ended;

	do {
		events(20);
		ended = 0;
		for (int i = 0; i < QUEUED; i++)
			ended += p[i].ended;
	} while (ended < QUEUED && seconds() < until);
	CHECK_EQ(ended, QUEUED);
	for (int i = 0; i < QUEUED; i++) {
		gone += p[i].status == LIBUSB_TRANSFER_NO_DEVICE;
		if (p[i].ended)
			libusb_free_transfer(p[i].t);
	}
	return gone;
}

/* Reads that go round, ended by the unplug; then everything says "no device". */
static void pending_reads(void)
{
	libusb_device_handle *h = open_two(2);
	struct pending p[QUEUED];
	unsigned char byte[2];
	int before = left, n;
	double t;

	submit_reads(p, h, 1);
	for (int i = 0; i < 5; i++)
		events(10);
	CHECK_EQ(world_do("unplug 2"), 0);
	/* 1 at least: a read that was resubmitted after the death ends otherwise */
	CHECK(all_gone(p) >= 1);
	CHECK(wait_for(&left, before + 1));
	t = seconds();
	CHECK_EQ(libusb_control_transfer(h, 0xc0, 0x0a, 0, 3, byte, 1, 1000),
		 LIBUSB_ERROR_NO_DEVICE);
	CHECK_EQ(libusb_bulk_transfer(h, 0x85, byte, 2, &n, 1000), LIBUSB_ERROR_NO_DEVICE);
	CHECK(seconds() - t < 0.9);
	CHECK(libusb_release_interface(h, 2) < 0);
	libusb_close(h);
	CHECK_EQ(world_do("plug 2"), 0);
	CHECK(wait_for(&arrived, 1));
}

/* Completions that nobody has reaped when the cable goes. */
static void unreaped(void)
{
	libusb_device_handle *h = open_two(2);
	struct pending p[QUEUED];

	submit_reads(p, h, 0);
	sleep_ms(60); /* idle packets of the latency timer complete the first ones */
	CHECK_EQ(world_do("unplug 2"), 0);
	sleep_ms(20);
	CHECK(all_gone(p) < QUEUED);
	libusb_close(h);
	CHECK_EQ(world_do("plug 2"), 0);
}

static volatile int stop_opening;

/* Opens, reads and closes without end, whatever is there. */
static void *opener(void *answers)
{
	int *ended = answers;
	libusb_context *c;

	if (libusb_init(&c))
		return NULL;
	while (!stop_opening) {
		struct ftdi_context *f = ftdi_new();
		unsigned char byte[8];

		ftdi_set_interface(f, INTERFACE_B);
		if (!ftdi_usb_open_desc(f, VID, PID, NULL, "VB0002")) {
			for (int i = 0; i < 3; i++)
				if (ftdi_read_data(f, byte, sizeof(byte)) < 0)
					break;
			ftdi_usb_close(f);
		}
		ftdi_free(f);
		++*ended;
	}
	libusb_exit(c);
	return NULL;
}

static void during_open(void)
{
	pthread_t thread[2];
	int turns[2] = { 0 }, ok = 0;

	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, opener, &turns[i]);
	for (int i = 0; i < CYCLES; i++) {
		ok += !world_do("unplug 2");
		sleep_ms(i % 3);
		ok += !world_do("plug 2");
		sleep_ms(i % 7);
	}
	CHECK_EQ(ok, 2 * CYCLES);
	stop_opening = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	CHECK(turns[0] > 20 && turns[1] > 20);
}

static void *reader(void *handle)
{
	unsigned char bytes[ROOM];
	long r;
	int n;

	do
		r = libusb_bulk_transfer(handle, 0x85, bytes, ROOM, &n, 2000);
	while (r == 0);
	return (void *)r;
}

/* A blocking read in another thread, as the station's worker does it. */
static void mid_transfer(void)
{
	int gone = 0;
	double t = seconds();

	for (int i = 0; i < CYCLES; i++) {
		libusb_device_handle *h;
		pthread_t thread;
		void *r;

		while (!(arrived > left) || !(h = open_two(2)))
			events(5);
		pthread_create(&thread, NULL, reader, h);
		sleep_ms(1 + i % 4);
		CHECK_EQ(world_do("unplug 2"), 0);
		pthread_join(thread, &r);
		gone += (long)r == LIBUSB_ERROR_NO_DEVICE;
		libusb_close(h);
		r = NULL;
		CHECK_EQ(world_do("plug 2"), 0);
		for (int k = 0; k < 100; k++) {
			libusb_device *d = device_at(context, "1-1.2");

			events(1);
			if (d && libusb_get_device_address(d) == last_address && arrived > left) {
				libusb_unref_device(d);
				break;
			}
			if (d)
				libusb_unref_device(d);
		}
	}
	CHECK_EQ(gone, CYCLES);
	printf("hotplug: %d unplugs under a read in %.1f s\n", CYCLES, seconds() - t);
}

/* The board that stayed in was not touched by any of it. */
static void neighbour(struct ftdi_context *f)
{
	unsigned char in[100], out[100];

	for (int i = 0; i < 100; i++)
		out[i] = (unsigned char)i;
	CHECK_EQ(ftdi_write_data(f, out, 100), 100);
	CHECK_EQ(read_all(f, in, 100, 2), 100);
	CHECK(!memcmp(in, out, 100));
}

int main(void)
{
	struct ftdi_context *one;

	alarm(100);
	CHECK_EQ(libusb_init(&context), 0);
	one = open_port("1-1.1", INTERFACE_A);
	CHECK_EQ(ftdi_set_baudrate(one, 115200), 0);
	neighbour(one);
	callbacks();
	pending_reads();
	unreaped();
	during_open();
	CHECK(wait_for(&arrived, left + 1));
	for (int i = 0; i < 100; i++)
		events(5);
	mid_transfer();
	neighbour(one);
	close_port(one);
	libusb_exit(context);
	return verdict("hotplug", 700);
}
