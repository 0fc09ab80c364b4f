/* usbfs server: clients of the test's own on the socket, a chip in memory */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <linux/usbdevice_fs.h>

#include "base/clock.h"
#include "virtual/usbfs_server.h"
#include "virtual/usbfs_wire.h"

TestSuite(usbfs_server, .timeout = 20);

/* Two interfaces, a bulk endpoint each way on both. */
static const uint8_t descriptors[] = {
	18,   1,  0, 2, 0,    0, 0,    64,   3, 4, 0x11, 0x60, 0, 8,   1,   2,   3, 1,   9,
	2,    55, 0, 2, 1,    0, 0x80, 250,  9, 4, 0,    0,    2, 255, 255, 255, 2, 7,   5,
	0x81, 2,  0, 2, 0,    7, 5,    0x02, 2, 0, 2,    0,    9, 4,   1,   0,   2, 255, 255,
	255,  2,  7, 5, 0x83, 2, 0,    2,    0, 7, 5,    0x04, 2, 0,   2,   0,
};

static struct loop *loop;
static struct usbfs_device *device;
static char path[] = "/tmp/test_usbfs.sock";
static struct urb *held[64];
static int nheld, resets, settles;

static void chip_submit(void *chip, struct urb *u)
{
	(void)chip;
	cr_assert_lt(nheld, 64);
	u->held = 1;
	held[nheld++] = u;
}

static void finish(int i, int status, int actual)
{
	struct urb *u = held[i];

	memmove(held + i, held + i + 1, (size_t)(--nheld - i) * sizeof(held[0]));
	u->status = status;
	u->actual = actual;
	u->held = 0;
	usbfs_complete(u);
}

static int chip_cancel(void *chip, struct urb *u)
{
	(void)chip;
	for (int i = 0; i < nheld; i++)
		if (held[i] == u) {
			finish(i, -ENOENT, 0);
			return 0;
		}
	return -1;
}

static void chip_close(void *chip, void *owner)
{
	(void)chip;
	for (int i = nheld; i-- > 0;)
		if (held[i]->owner == owner)
			finish(i, -ENOENT, 0);
}

static void chip_reset(void *chip)
{
	(void)chip;
	resets++;
}

static void chip_settle(void *chip)
{
	(void)chip;
	settles++;
}

static const struct chip_ops ops = { chip_submit, chip_cancel, chip_close,
				     chip_reset,  chip_settle, NULL };

static void turn(void)
{
	for (int i = 0; i < 4; i++)
		loop_turn(loop, clock_ns() + 2000000);
}

static void begin(void)
{
	struct err err = { 0 };

	snprintf(path, sizeof(path), "/tmp/test_usbfs.%04x", (unsigned)getpid() & 0xffff);
	unlink(path);
	loop = loop_new();
	cr_assert_eq(usbfs_serve(&device, loop, path, descriptors, sizeof(descriptors), &ops,
				 &nheld, &err),
		     0, "%s", err.text);
}

static void end(void)
{
	turn();
	if (device) {
		cr_expect_eq(usbfs_handles(device), 0);
		usbfs_gone(device);
	}
	cr_expect_eq(nheld, 0);
	loop_free(loop);
	unlink(path);
}

struct client {
	int sock, pipe;
};

static int connect_raw(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	cr_assert_eq(connect(s, (struct sockaddr *)&a, sizeof(a)), 0);
	return s;
}

static struct client client_open(void)
{
	struct client c = { connect_raw(), -1 };
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
	struct {
		struct wire_msg m;
		uint8_t map[WIRE_ENDPOINTS];
	} hello;
	struct iovec v = { &hello, sizeof(hello) };
	struct msghdr msg = { .msg_iov = &v,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };

	turn();
	cr_assert_eq(recvmsg(c.sock, &msg, MSG_DONTWAIT), (ssize_t)sizeof(hello));
	cr_assert_eq(hello.m.kind, WIRE_HELLO);
	cr_assert_eq(hello.m.id, WIRE_VERSION);
	cr_expect_eq(hello.map[wire_endpoint(0x81)], 0);
	cr_expect_eq(hello.map[wire_endpoint(0x04)], 1);
	cr_expect_eq(hello.map[wire_endpoint(0x85)], WIRE_NO_INTERFACE);
	cr_assert_not_null(CMSG_FIRSTHDR(&msg));
	memcpy(&c.pipe, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return c;
}

static void client_close(struct client *c)
{
	close(c->sock);
	close(c->pipe);
	turn();
}

static int64_t stamp; /* of the next message */

static void say(struct client *c, uint32_t kind, uint64_t id, int a, int b, const void *body,
		uint32_t n)
{
	struct wire_msg m = { .kind = kind, .len = n, .id = id, .at = stamp, .a = a, .b = b };

	cr_assert_eq(send(c->sock, &m, sizeof(m), MSG_NOSIGNAL), (ssize_t)sizeof(m));
	if (n)
		cr_assert_eq(send(c->sock, body, n, MSG_NOSIGNAL), (ssize_t)n);
	turn();
}

/* The next message; kind 0: none. */
static struct wire_msg hear(struct client *c, void *body, size_t size)
{
	struct wire_msg m = { 0 };

	if (recv(c->sock, &m, sizeof(m), MSG_DONTWAIT) != (ssize_t)sizeof(m))
		return (struct wire_msg){ 0 };
	cr_assert_leq(m.len, size);
	if (m.len)
		cr_assert_eq(recv(c->sock, body, m.len, MSG_WAITALL), (ssize_t)m.len);
	return m;
}

static int ask(struct client *c, unsigned long request, uint32_t word, size_t n)
{
	uint32_t arg[WIRE_ARG_MAX / 4] = { word };
	struct wire_msg m;

	say(c, WIRE_CALL, (uint32_t)request, 0, 0, arg, (uint32_t)n);
	m = hear(c, arg, sizeof(arg));
	cr_assert_eq(m.kind, WIRE_REPLY);
	return m.a < 0 ? m.b : 0;
}

static short pipe_says(const struct client *c)
{
	struct pollfd p = { .fd = c->pipe, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 ? p.revents : 0;
}

Test(usbfs_server, claims)
{
	struct client a, b;

	begin();
	a = client_open();
	b = client_open();
	cr_expect_eq(usbfs_handles(device), 2);
	cr_expect_eq(ask(&a, USBDEVFS_GETDRIVER, 0, sizeof(struct usbdevfs_getdriver)), ENODATA);
	cr_expect_eq(ask(&a, USBDEVFS_CLAIMINTERFACE, 0, 4), 0);
	cr_expect_eq(ask(&a, USBDEVFS_CLAIMINTERFACE, 0, 4), 0);
	cr_expect_eq(ask(&b, USBDEVFS_CLAIMINTERFACE, 0, 4), EBUSY);
	cr_expect_eq(ask(&b, USBDEVFS_CLAIMINTERFACE, 1, 4), 0);
	cr_expect_eq(ask(&b, USBDEVFS_CLAIMINTERFACE, 2, 4), ENOENT);
	cr_expect_eq(ask(&b, USBDEVFS_CLAIMINTERFACE, 4000000000u, 4), ENOENT);
	cr_expect_eq(ask(&b, USBDEVFS_RELEASEINTERFACE, 0, 4), EINVAL);
	cr_expect_eq(ask(&b, USBDEVFS_GETDRIVER, 0, sizeof(struct usbdevfs_getdriver)), 0);
	cr_expect_eq(ask(&b, USBDEVFS_SETCONFIGURATION, 1, 4), EBUSY);
	cr_expect_eq(ask(&b, USBDEVFS_SETCONFIGURATION, 2, 4), EINVAL);
	cr_expect_eq(ask(&b, USBDEVFS_CLEAR_HALT, 0x83, 4), 0);
	cr_expect_eq(ask(&b, USBDEVFS_CLEAR_HALT, 0x81, 4), EBUSY);
	cr_expect_eq(ask(&b, USBDEVFS_CLEAR_HALT, 0x8f, 4), ENOENT);
	cr_expect_eq(ask(&b, USBDEVFS_CLEAR_HALT, 0x1081, 4), ENOENT);
	cr_expect_eq(ask(&b, USBDEVFS_CLAIM_PORT, 0, 4), ENOTTY);
	cr_expect_eq(ask(&b, USBDEVFS_CLAIMINTERFACE, 1, 3), ENOTTY); /* too short */
	client_close(&a);                                             /* gives its claim back */
	cr_expect_eq(ask(&b, USBDEVFS_CLAIMINTERFACE, 0, 4), 0);
	cr_expect_eq(ask(&b, USBDEVFS_RESET, 0, 0), 0);
	cr_expect_eq(resets, 1);
	client_close(&b);
	end();
}

Test(usbfs_server, urbs_and_the_pipe)
{
	struct client c;
	struct wire_msg m;
	char body[600];

	begin();
	c = client_open();
	cr_expect_eq(pipe_says(&c), 0, "nothing to reap, yet writable");
	say(&c, WIRE_SUBMIT, 11, 0x81, 512, NULL, 0);
	say(&c, WIRE_SUBMIT, 12, 0x02, 5, "hello", 5);
	say(&c, WIRE_SUBMIT, 13, 0, 2, "\xc0\x0a\0\0\1\0\2\0", 8);
	cr_assert_eq(nheld, 3);
	cr_expect_eq(held[0]->size, 512);
	cr_expect_arr_eq(held[1]->data, "hello", 5);
	cr_expect_eq(held[2]->setup[1], 0x0a);
	cr_expect_eq(pipe_says(&c), 0);
	memcpy(held[0]->data, "\1\2abc", 5);
	finish(0, 0, 5);
	usbfs_flush(device);
	cr_expect_eq(pipe_says(&c), POLLOUT);
	m = hear(&c, body, sizeof(body));
	cr_expect_eq(m.kind, WIRE_DONE);
	cr_expect_eq(m.id, 11);
	cr_expect_eq(m.len, 5);
	cr_expect_arr_eq(body, "\1\2abc", 5);
	finish(0, 0, 5);
	memcpy(held[0]->data, "\x10\x20", 2);
	finish(0, 0, 2);
	usbfs_flush(device);
	m = hear(&c, body, sizeof(body));
	cr_expect_eq(m.id, 12);
	cr_expect_eq(m.len, 0);
	cr_expect_eq(m.b, 5);
	m = hear(&c, body, sizeof(body));
	cr_expect_eq(m.id, 13);
	cr_expect_arr_eq(body, "\x10\x20", 2);
	client_close(&c);
	end();
}

/* Submit an IN request at a time; what the chip is told of it. */
static int64_t submitted(struct client *c, int64_t at)
{
	static uint64_t id = 100;

	stamp = at;
	say(c, WIRE_SUBMIT, ++id, 0x81, 512, NULL, 0);
	stamp = 0;
	return held[nheld - 1]->at;
}

static void told_late(struct client *c, int64_t by, int asleep)
{
	char body[600];

	if (asleep)
		cr_assert_eq(write(c->pipe, "", 1), 1);
	held[0]->due = clock_ns() - by;
	finish(0, 0, 2);
	usbfs_flush(device);
	cr_assert_eq(hear(c, body, sizeof(body)).kind, WIRE_DONE);
}

Test(usbfs_server, what_the_program_was_late_is_not_the_clients)
{
	const int64_t late = 300000;
	int64_t now, at, before;
	struct client c;

	begin();
	c = client_open();
	for (int i = 0; i < 3; i++)
		submitted(&c, clock_ns());
	now = clock_ns();
	cr_expect_eq(submitted(&c, now), now, "it answers nothing");

	told_late(&c, late, 1);
	now = clock_ns();
	before = submitted(&c, now);
	cr_expect_leq(before, now - late);
	cr_expect_geq(before, now - late - 10000000, "only what it was late");
	at = submitted(&c, now + 1000); /* one more in its turn */
	cr_expect_eq(at, before + 1000);
	cr_expect_eq(submitted(&c, before - 1000000), at, "never before the one before");

	told_late(&c, late, 0);
	now = clock_ns();
	cr_expect_eq(submitted(&c, now), now, "it was not asleep");

	now = clock_ns();
	told_late(&c, late, 1);
	cr_expect_eq(submitted(&c, now), now, "it had not heard of it");
	now = clock_ns() + 2000000;
	while (clock_ns() < now)
		;
	cr_expect_eq(submitted(&c, now), now, "no answer any more");
	client_close(&c);
	end();
}

Test(usbfs_server, a_clients_clock_is_no_way_into_the_future)
{
	int64_t now, at;
	struct client c;

	begin();
	c = client_open();
	now = clock_ns();
	at = submitted(&c, INT64_MAX);
	cr_expect_geq(at, now);
	cr_expect_leq(at, clock_ns());
	at = submitted(&c, 0);
	cr_expect_geq(at, now, "not told: now");
	at = submitted(&c, INT64_MIN);
	cr_expect_geq(at, now);
	client_close(&c);
	end();
}

Test(usbfs_server, discard)
{
	struct client a, b;
	struct wire_msg m;

	begin();
	a = client_open();
	b = client_open();
	say(&a, WIRE_SUBMIT, 1, 0x81, 512, NULL, 0);
	say(&b, WIRE_DISCARD, 1, 0, 0, NULL, 0); /* another's */
	m = hear(&b, NULL, 0);
	cr_expect_eq(m.b, EINVAL);
	say(&a, WIRE_DISCARD, 1, 0, 0, NULL, 0);
	m = hear(&a, NULL, 0);
	cr_expect_eq(m.kind, WIRE_DONE);
	cr_expect_eq(m.a, -ENOENT);
	m = hear(&a, NULL, 0);
	cr_expect_eq(m.kind, WIRE_REPLY);
	cr_expect_eq(m.a, 0);
	say(&a, WIRE_DISCARD, 1, 0, 0, NULL, 0);
	m = hear(&a, NULL, 0);
	cr_expect_eq(m.b, EINVAL);
	client_close(&a);
	client_close(&b);
	end();
}

Test(usbfs_server, unplugged)
{
	struct client c;
	struct wire_msg m;

	begin();
	c = client_open();
	say(&c, WIRE_SUBMIT, 1, 0x81, 512, NULL, 0);
	finish(0, -ESHUTDOWN, 0);
	usbfs_gone(device);
	device = NULL;
	cr_expect(pipe_says(&c) & POLLERR);
	m = hear(&c, NULL, 0);
	cr_expect_eq(m.kind, WIRE_DONE);
	cr_expect_eq(m.a, -ESHUTDOWN);
	/* what was sent before the client knew */
	say(&c, WIRE_SUBMIT, 2, 0x81, 512, NULL, 0);
	m = hear(&c, NULL, 0);
	cr_expect_eq(m.id, 2);
	cr_expect_eq(m.a, -ESHUTDOWN);
	cr_expect_eq(ask(&c, USBDEVFS_CLAIMINTERFACE, 0, 4), ENODEV);
	say(&c, WIRE_DISCARD, 2, 0, 0, NULL, 0);
	m = hear(&c, NULL, 0);
	cr_expect_eq(m.b, ENODEV);
	client_close(&c);
	end();
}

Test(usbfs_server, client_that_does_not_read)
{
	enum { URBS = 40, ROOM = 64 << 10 };
	static uint8_t body[ROOM];
	struct client slow, quick;
	int got = 0;

	begin();
	slow = client_open();
	quick = client_open();
	for (int i = 0; i < URBS; i++)
		say(&slow, WIRE_SUBMIT, 100 + (uint64_t)i, 0x81, ROOM, NULL, 0);
	for (int i = 0; i < URBS; i++) {
		memset(held[0]->data, i, ROOM);
		finish(0, 0, ROOM);
	}
	usbfs_flush(device);
	cr_expect_eq(ask(&quick, USBDEVFS_CLAIMINTERFACE, 1, 4), 0); /* not held up */
	for (int i = 0; i < 100000 && got < URBS; i++) {
		struct wire_msg m;

		if (recv(slow.sock, &m, sizeof(m), MSG_DONTWAIT | MSG_PEEK) != sizeof(m)) {
			turn();
			continue;
		}
		recv(slow.sock, &m, sizeof(m), 0);
		cr_assert_eq(m.id, 100 + (uint64_t)got);
		for (size_t n = 0; n < m.len;) {
			ssize_t r = recv(slow.sock, body + n, m.len - n, MSG_DONTWAIT);

			if (r <= 0)
				turn();
			else
				n += (size_t)r;
		}
		cr_assert(body[0] == got && body[ROOM - 1] == got);
		got++;
	}
	cr_expect_eq(got, URBS);
	client_close(&slow);
	client_close(&quick);
	end();
}

Test(usbfs_server, client_that_vanishes)
{
	struct client a;

	begin();
	a = client_open();
	for (int i = 0; i < 5; i++)
		say(&a, WIRE_SUBMIT, (uint64_t)i, 0x81, 512, NULL, 0);
	cr_expect_eq(nheld, 5);
	client_close(&a);
	cr_expect_eq(nheld, 0);
	end();
}

/* Nonsense ends the connection that says it, and no other. */
static const struct wire_msg nonsense[] = {
	{ 0, 0, 0, 0, 0, 0 },
	{ 99, 0, 0, 0, 0, 0 },
	{ WIRE_HELLO, 0, 0, 0, 0, 0 },
	{ WIRE_CALL, WIRE_ARG_MAX + 1, 0, 0, 0, 0 },
	{ WIRE_CALL, UINT32_MAX, 0, 0, 0, 0 },
	{ WIRE_DISCARD, 8, 0, 0, 0, 0 },
	{ WIRE_SUBMIT, 0, 1, 0, 0, 0 }, /* control without setup */
	{ WIRE_SUBMIT, 9, 1, 0, 0, 0 }, /* more than room */
	{ WIRE_SUBMIT, 0, 1, 0x81, -1, 0 },
	{ WIRE_SUBMIT, 0, 1, 0x81, INT32_MAX, 0 },
	{ WIRE_SUBMIT, 0, 1, 0x181, 1, 0 },
	{ WIRE_SUBMIT, 0, 1, -1, 1, 0 },
	{ WIRE_SUBMIT, 2, 1, 0x02, 1, 0 },
};

Test(usbfs_server, nonsense)
{
	struct client good;
	struct wire_msg m;

	begin();
	good = client_open();
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		struct client bad = client_open();

		cr_assert_eq(send(bad.sock, &nonsense[i], sizeof(m), MSG_NOSIGNAL),
			     (ssize_t)sizeof(m));
		turn();
		cr_expect_eq(recv(bad.sock, &m, sizeof(m), MSG_DONTWAIT), 0, "row %zu", i);
		cr_expect_eq(usbfs_handles(device), 1, "row %zu", i);
		client_close(&bad);
	}
	cr_expect_eq(ask(&good, USBDEVFS_CLAIMINTERFACE, 0, 4), 0);
	cr_expect_gt(settles, 0);
	client_close(&good);
	end();
}

Test(usbfs_server, messages_in_pieces)
{
	struct client c;
	struct wire_msg m = { WIRE_SUBMIT, 5, 77, 0x02, 5, 0 };

	begin();
	c = client_open();
	for (size_t i = 0; i < sizeof(m); i++) {
		cr_assert_eq(send(c.sock, (char *)&m + i, 1, 0), 1);
		loop_turn(loop, clock_ns());
	}
	for (int i = 0; i < 5; i++) {
		cr_assert_eq(nheld, 0);
		cr_assert_eq(send(c.sock, &"piece"[i], 1, 0), 1);
		turn();
	}
	cr_assert_eq(nheld, 1);
	cr_expect_arr_eq(held[0]->data, "piece", 5);
	client_close(&c);
	end();
}
