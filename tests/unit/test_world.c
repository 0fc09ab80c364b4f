/* world: the tree that libusb and libudev read, and the uevents */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "virtual/world.h"
#include "rows.h"

TestSuite(world, .timeout = 20);

static const uint8_t descriptors[] = { 18,   1,    0,    2, 0, 0, 0, 64, 0x03,
				       0x04, 0x11, 0x60, 0, 8, 1, 2, 3,  1 };
static struct loop *loop;
static struct world *world;

static void begin(void)
{
	struct err err = { 0 };

	loop = loop_new();
	cr_assert_eq(world_new(&world, loop, &err), 0, "%s", err.text);
}

static void end(void)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "%s", world_dir(world));
	world_free(world);
	loop_free(loop);
	cr_assert_neq(access(dir, F_OK), 0, "%s is left", dir);
}

static struct world_node *plug(const char *usb, int twin)
{
	struct usb_id id = { .usb = usb,
			     .twin = twin,
			     .descriptors = descriptors,
			     .n = sizeof(descriptors),
			     .product = "thing",
			     .serial = "" };
	struct world_node *n = NULL;
	struct err err = { 0 };

	cr_assert_eq(world_plug(&n, world, &id, &err), 0, "%s", err.text);
	return n;
}

/* Content of a file, or what a link points to; NULL: not there. */
static const char *content(const char *path)
{
	static char out[512];
	char full[256];
	ssize_t n;
	int fd;

	snprintf(full, sizeof(full), "%s%s", world_dir(world), path);
	n = readlink(full, out, sizeof(out) - 1);
	if (n < 0) {
		fd = open(full, O_RDONLY);
		if (fd < 0)
			return NULL;
		n = read(fd, out, sizeof(out) - 1);
		close(fd);
	}
	out[n < 0 ? 0 : n] = '\0';
	return out;
}

static const struct {
	const char *path;
	int ok;
} paths[] = {
	{ "1-1", 1 },   { "1-1.2", 1 }, { "99-31.1.1.1.1.1", 1 },
	{ "1", 0 },     { "1-", 0 },    { "1-0", 0 },
	{ "0-1", 0 },   { "1-1.", 0 },  { "1-1.32", 0 },
	{ "100-1", 0 }, { "1-01", 0 },  { "1.1", 0 },
	{ "1-1-1", 0 }, { "", 0 },      { "usb1", 0 },
	{ " 1-1", 0 },  { "1-1 ", 0 },  { "1-1.1.1.1.1.1.1", 0 },
	{ "1-+1", 0 },
};

TEST_ROWS(world, paths, paths)
{
	cr_expect_eq(world_path_ok(paths[*i].path), paths[*i].ok, "'%s'", paths[*i].path);
}

Test(world, tree_has_hubs_and_the_device)
{
	struct world_node *n;

	begin();
	n = plug("1-1.2", 0);
	cr_expect_eq(world_bus(n), 1);
	cr_expect_eq(world_address(n), 3); /* 1 the root, 2 the hub */
	cr_expect_str_eq(content("/sys/bus/usb/devices/1-1.2"), "../../../devices/usb1/1-1/1-1.2");
	cr_expect_str_eq(content("/sys/bus/usb/devices/1-1"), "../../../devices/usb1/1-1");
	cr_expect_str_eq(content("/sys/bus/usb/devices/usb1"), "../../../devices/usb1");
	cr_expect_str_eq(content("/sys/devices/usb1/1-1/1-1.2/subsystem"), "../../../../bus/usb");
	cr_expect_str_eq(content("/sys/devices/usb1/1-1/1-1.2/idVendor"), "0403\n");
	cr_expect_str_eq(content("/sys/devices/usb1/1-1/1-1.2/idProduct"), "6011\n");
	cr_expect_str_eq(content("/sys/devices/usb1/1-1/1-1.2/bcdDevice"), "0800\n");
	cr_expect_str_eq(content("/sys/devices/usb1/1-1/1-1.2/product"), "thing\n");
	cr_expect_null(content("/sys/devices/usb1/1-1/1-1.2/serial"));
	cr_expect_str_eq(content("/sys/devices/usb1/1-1/bDeviceClass"), "09\n");
	cr_expect_str_eq(content("/sys/devices/usb1/1-1/1-1.2/uevent"),
			 "MAJOR=189\nMINOR=2\nDEVTYPE=usb_device\nDRIVER=usb\n"
			 "PRODUCT=403/6011/800\nBUSNUM=001\nDEVNUM=003\nDEVNAME=bus/usb/001/003\n");
	cr_expect_str_eq(content("/dev/.node/bus_usb_001_003"), "189:2");
	cr_expect_str_eq(content("/dev/bus/usb/001/003"), "");
	world_unplug(n);
	cr_expect_null(content("/sys/bus/usb/devices/1-1.2"));
	cr_expect_null(content("/sys/devices/usb1/1-1/1-1.2/idVendor"));
	cr_expect_null(content("/dev/bus/usb/001/003"));
	cr_expect_null(content("/dev/.node/bus_usb_001_003"));
	cr_expect_not_null(content("/sys/devices/usb1/1-1/idVendor"));
	end();
}

Test(world, replug_has_another_address)
{
	begin();
	for (int i = 0; i < 300; i++) {
		struct world_node *n = plug("1-1", 0);

		cr_assert_eq(world_address(n), (i + 1) % 126 + 1 == 1 ? 127 : (i + 1) % 126 + 1);
		world_unplug(n);
	}
	end();
}

Test(world, bus_can_be_full)
{
	struct usb_id id = { .usb = "1-1.1", .descriptors = descriptors, .n = sizeof(descriptors) };
	struct world_node *node[127], *n;
	struct err err = { 0 };
	int count = 0;

	begin();
	for (int i = 1; i <= 30; i++)
		for (int k = 1; k <= 5; k++) {
			char usb[32];

			snprintf(usb, sizeof(usb), "1-%d.%d", k, i);
			id.usb = usb;
			if (count < 127 && !err.code && !world_plug(&n, world, &id, &err))
				node[count++] = n;
		}
	cr_expect_eq(count, 121); /* 127 without root and five hubs */
	cr_expect_eq(err.code, ERR_CONF);
	while (count)
		world_unplug(node[--count]);
	end();
}

Test(world, twins_differ_in_a_zero)
{
	struct world_node *a, *b, *c;

	begin();
	a = plug("1-1.2", 0);
	b = plug("1-1.2", 1);
	c = plug("1-1.2", 2);
	cr_expect_not_null(content("/sys/bus/usb/devices/1-1.2"));
	cr_expect_not_null(content("/sys/bus/usb/devices/1-1.02"));
	cr_expect_not_null(content("/sys/bus/usb/devices/1-1.002"));
	cr_expect_str_eq(content("/sys/devices/usb1/1-1/1-1.02/busnum"), "1\n");
	world_unplug(b);
	cr_expect_not_null(content("/sys/bus/usb/devices/1-1.2"));
	world_unplug(a);
	world_unplug(c);
	end();
}

/* A listener as libvusbfs.so makes it. */
static int listen_as(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s", world_dir(world), name);
	cr_assert_eq(bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
	return s;
}

static const char *property(const char *message, ssize_t n, const char *key)
{
	for (const char *p = message + 40; p < message + n; p += strlen(p) + 1)
		if (!strncmp(p, key, strlen(key)) && p[strlen(key)] == '=')
			return p + strlen(key) + 1;
	return "(none)";
}

Test(world, uevents_as_libudev_reads_them)
{
	struct world_node *n;
	char m[1024];
	uint32_t word[10];
	ssize_t len;
	int s;

	begin();
	s = listen_as("event7.1");
	n = plug("1-1", 0);
	cr_assert_lt(recv(s, m, sizeof(m), 0), 0, "told before it is announced");
	world_announce(n);
	len = recv(s, m, sizeof(m), 0);
	cr_assert_gt(len, 40);
	memcpy(word, m, sizeof(word));
	cr_expect_arr_eq(m, "libudev", 8);
	cr_expect_eq(ntohl(word[2]), 0xfeedcafe);
	cr_expect_eq(word[3], 40);
	cr_expect_eq(word[4], 40);
	cr_expect_eq(word[5], len - 40);
	/* MurmurHash2 of "usb" and "usb_device", as a monitor of libudev 252 sets its filter */
	cr_expect_neq(word[6], word[7]);
	cr_expect_str_eq(property(m, len, "ACTION"), "add");
	cr_expect_str_eq(property(m, len, "DEVPATH"), "/devices/usb1/1-1");
	cr_expect_str_eq(property(m, len, "SUBSYSTEM"), "usb");
	cr_expect_str_eq(property(m, len, "DEVNAME"), "/dev/bus/usb/001/002");
	cr_expect_str_eq(property(m, len, "SEQNUM"), "1");
	cr_expect_str_eq(property(m, len, "MINOR"), "1");
	world_unplug(n);
	len = recv(s, m, sizeof(m), 0);
	cr_assert_gt(len, 40);
	cr_expect_str_eq(property(m, len, "ACTION"), "remove");
	cr_expect_str_eq(property(m, len, "SEQNUM"), "2");
	close(s);
	end();
}

Test(world, late_listeners_lose_nothing)
{
	enum { EVENTS = 100 };
	struct world_node *n;
	char m[1024], want[16];
	int late, quick, got = 0;

	begin();
	late = listen_as("event8.1");
	quick = listen_as("event9.1");
	n = plug("1-1", 0);
	for (int i = 0; i < EVENTS; i++) {
		world_announce(n);
		cr_assert_gt(recv(quick, m, sizeof(m), 0), 40);
	}
	for (int i = 0; i < 10 * EVENTS && got < EVENTS; i++) {
		ssize_t len = recv(late, m, sizeof(m), 0);

		if (len < 0) {
			loop_turn(loop, clock_ns() + 1000000);
			continue;
		}
		snprintf(want, sizeof(want), "%d", ++got);
		cr_assert_str_eq(property(m, len, "SEQNUM"), want);
	}
	cr_expect_eq(got, EVENTS);
	/* one that is gone is forgotten, and its socket removed */
	close(quick);
	world_announce(n);
	cr_expect_null(content("/event9.1"));
	close(late);
	world_unplug(n);
	end();
}

Test(world, what_a_killed_program_left_is_removed)
{
	char dir[64];
	int ends[2], status;
	pid_t child;

	cr_assert_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		struct err err = { 0 };
		const char *d;

		loop = loop_new();
		if (world_new(&world, loop, &err))
			_exit(1);
		d = world_dir(world);
		if (write(ends[1], d, strlen(d) + 1) < 0)
			_exit(1);
		pause();
		_exit(0);
	}
	cr_assert_gt(read(ends[0], dir, sizeof(dir)), 0);
	begin();
	cr_expect_eq(access(dir, F_OK), 0, "a living program's world was removed");
	end();
	kill(child, SIGKILL);
	cr_assert_eq(waitpid(child, &status, 0), child);
	begin();
	cr_expect_neq(access(dir, F_OK), 0);
	end();
}
