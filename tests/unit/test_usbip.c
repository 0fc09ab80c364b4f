/* USB/IP server: a host of the test's own on a socket pair, a chip in memory */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "virtual/ft4232h.h"
#include "virtual/usbip.h"

TestSuite(usbip, .timeout = 20);

static struct loop *loop;
static struct usbip_device *device;
static int host = -1;
static struct urb *held[64];
static int nheld, settles, losses, closes;
static int ending = 1; /* what a cancel finds: 1 queued, 0 ended while the chip caught up */

/* --- the chip --- */

static void finish(int i, int status, int actual)
{
	struct urb *u = held[i];

	memmove(held + i, held + i + 1, (size_t)(--nheld - i) * sizeof(held[0]));
	u->status = status;
	u->actual = actual;
	usbip_complete(u);
}

static void chip_submit(void *chip, struct urb *u)
{
	(void)chip;
	cr_assert_lt(nheld, 64);
	held[nheld++] = u;
}

static int chip_cancel(void *chip, struct urb *u)
{
	(void)chip;
	for (int i = 0; i < nheld; i++)
		if (held[i] == u) {
			finish(i, ending ? -ENOENT : 0, u->actual);
			return ending ? 0 : -1;
		}
	return -1;
}

static void chip_close(void *chip, void *owner)
{
	(void)chip;
	(void)owner;
}

static void chip_reset(void *chip)
{
	(void)chip;
}

static void chip_settle(void *chip)
{
	(void)chip;
	settles++;
}

static void chip_lost(void *chip)
{
	(void)chip;
	losses++;
}

static const struct chip_ops ops = { chip_submit, chip_cancel, chip_close,
				     chip_reset,  chip_settle, chip_lost };

/* --- the host --- */

static void turn(void)
{
	for (int i = 0; i < 4; i++)
		loop_turn(loop, clock_ns() + 2000000);
}

static void begin(void)
{
	int ends[2];

	loop = loop_new();
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	host = ends[1];
	device = usbip_serve(loop, ends[0], &ops, &nheld);
}

static void closed(void *payload)
{
	(*(int *)payload)++;
}

static void end(void)
{
	while (nheld)
		finish(0, -ESHUTDOWN, 0);
	if (device) {
		usbip_gone(device, clock_ns() + 1000000000, closed, &closes);
		close(host);
		turn();
		cr_expect_eq(closes, 1);
	}
	loop_free(loop);
}

static void word(uint8_t *head, int at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		head[at + i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t read_word(const uint8_t *head, int at)
{
	return (uint32_t)head[at] << 24 | (uint32_t)head[at + 1] << 16 |
	       (uint32_t)head[at + 2] << 8 | head[at + 3];
}

static void say(const void *bytes, size_t n)
{
	cr_assert_eq(send(host, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
	turn();
}

static void submit_head(uint8_t head[48], uint32_t number, int in, uint32_t endpoint, uint32_t n)
{
	memset(head, 0, 48);
	word(head, 0, 1);
	word(head, 4, number);
	word(head, 8, 0x10002);
	word(head, 12, (uint32_t)in);
	word(head, 16, endpoint);
	word(head, 24, n);
}

static void submit_in(uint32_t number, uint32_t endpoint, uint32_t n, uint32_t flags)
{
	uint8_t head[48];

	submit_head(head, number, 1, endpoint, n);
	word(head, 20, flags);
	say(head, sizeof(head));
}

static void unlink_it(uint32_t number, uint32_t submitted)
{
	uint8_t head[48] = { 0 };

	word(head, 0, 2);
	word(head, 4, number);
	word(head, 20, submitted);
	say(head, sizeof(head));
}

/* The next answer is of this kind, number and status; with so many bytes of data. */
static void hear(uint32_t command, uint32_t number, int status, const void *data, size_t n)
{
	uint8_t head[48], body[4096];

	usbip_flush(device);
	cr_assert_eq(recv(host, head, sizeof(head), MSG_DONTWAIT), 48, "no answer to %u", number);
	cr_expect_eq(read_word(head, 0), command, "%u: command %u", number, read_word(head, 0));
	cr_expect_eq(read_word(head, 4), number);
	cr_expect_eq((int)read_word(head, 20), status, "%u: status %d", number,
		     (int)read_word(head, 20));
	for (int at = 8; at < 20; at += 4)
		cr_expect_eq(read_word(head, at), 0, "a word of the answer at %d", at);
	if (command == 4)
		return;
	if (n) {
		cr_assert_eq(recv(host, body, n, MSG_DONTWAIT), (ssize_t)n);
		cr_expect_eq(memcmp(body, data, n), 0);
	}
	if (data)
		cr_expect_eq(read_word(head, 24), n, "%u: actual %u", number, read_word(head, 24));
}

static int silent(void)
{
	char byte;

	usbip_flush(device);
	return recv(host, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}

/* --- requests and their answers --- */

Test(usbip, control_setup_and_data, .init = begin, .fini = end)
{
	/* What Linux sends for GET_DESCRIPTOR(device), 18 bytes: as in the protocol's text. */
	static const uint8_t get[48] = {
		0,    0, 0, 1,  0, 0, 0,  7,
		0,    1, 0, 2,  0, 0, 0,  1, /* submit 7, device, in */
		0,    0, 0, 0,  0, 0, 2,  0,
		0,    0, 0, 18, 0, 0, 0,  0, /* endpoint, flags, length, start */
		0,    0, 0, 0,  0, 0, 0,  0,
		0x80, 6, 0, 1,  0, 0, 18, 0, /* packets, interval, setup */
	};

	say(get, sizeof(get));
	cr_assert_eq(nheld, 1);
	cr_expect_eq(held[0]->endpoint, 0);
	cr_expect_eq(held[0]->size, 18);
	cr_expect_eq(memcmp(held[0]->setup, get + 40, 8), 0);
	memcpy(held[0]->data, "0123456789abcdefgh", 18);
	finish(0, 0, 18);
	hear(3, 7, 0, "0123456789abcdefgh", 18);
	cr_expect(silent());
}

Test(usbip, out_data_in_pieces, .init = begin, .fini = end)
{
	uint8_t message[48 + 5];

	submit_head(message, 9, 0, 2, 5);
	memcpy(message + 48, "hello", 5);
	for (size_t i = 0; i < sizeof(message); i++) {
		cr_expect_eq(nheld, 0);
		say(message + i, 1);
	}
	cr_assert_eq(nheld, 1);
	cr_expect_eq(held[0]->endpoint, 2);
	cr_expect_eq(memcmp(held[0]->data, "hello", 5), 0);
	finish(0, 0, 5);
	/* Data that went out do not come back. */
	usbip_flush(device);
	uint8_t head[49];
	cr_expect_eq(recv(host, head, sizeof(head), MSG_DONTWAIT), 48);
	cr_expect_eq(read_word(head, 0), 3);
	cr_expect_eq(read_word(head, 24), 5);
}

Test(usbip, several_messages_at_once, .init = begin, .fini = end)
{
	uint8_t m[3 * 48 + 2];

	submit_head(m, 1, 1, 1, 64);
	submit_head(m + 48, 2, 0, 4, 2);
	m[96] = 'a';
	m[97] = 'b';
	submit_head(m + 98, 3, 1, 3, 0);
	say(m, sizeof(m));
	cr_assert_eq(nheld, 3);
	cr_expect_eq(held[0]->endpoint, 0x81);
	cr_expect_eq(held[1]->endpoint, 4);
	cr_expect_eq(held[2]->endpoint, 0x83);
	finish(2, 0, 0);
	finish(1, 0, 2);
	hear(3, 3, 0, "", 0);
	hear(3, 2, 0, NULL, 0);
	cr_expect_gt(settles, 0);
}

Test(usbip, short_data, .init = begin, .fini = end)
{
	submit_in(1, 1, 512, 0);
	memcpy(held[0]->data, "\x32\x60x", 3);
	finish(0, 0, 3);
	hear(3, 1, 0, "\x32\x60x", 3);
	submit_in(2, 1, 512, USBIP_SHORT_NOT_OK);
	memcpy(held[0]->data, "\x32\x60y", 3);
	finish(0, 0, 3);
	hear(3, 2, -EREMOTEIO, "\x32\x60y", 3);
	submit_in(3, 1, 3, USBIP_SHORT_NOT_OK);
	memcpy(held[0]->data, "\x32\x60z", 3);
	finish(0, 0, 3);
	hear(3, 3, 0, "\x32\x60z", 3);
}

Test(usbip, stall_and_line_fault, .init = begin, .fini = end)
{
	submit_in(1, 0, 2, 0);
	finish(0, -EPIPE, 0);
	hear(3, 1, -EPIPE, "", 0);
	submit_in(2, 1, 64, 0);
	memcpy(held[0]->data, "ab", 2);
	finish(0, -EOVERFLOW, 2); /* what had come before is handed over */
	hear(3, 2, -EOVERFLOW, "ab", 2);
}

/* A kernel refuses an answer with more packets than it asked for. */
Test(usbip, packets_as_they_were_asked, .init = begin, .fini = end)
{
	uint8_t head[48], answer[48];

	submit_head(head, 5, 1, 1, 8);
	word(head, 32, UINT32_MAX);
	say(head, sizeof(head));
	finish(0, 0, 0);
	usbip_flush(device);
	cr_assert_eq(recv(host, answer, 48, MSG_DONTWAIT), 48);
	cr_expect_eq(read_word(answer, 32), UINT32_MAX);
	submit_in(6, 1, 8, 0);
	finish(0, 0, 0);
	usbip_flush(device);
	cr_assert_eq(recv(host, answer, 48, MSG_DONTWAIT), 48);
	cr_expect_eq(read_word(answer, 32), 0);
}

/* --- unlink --- */

Test(usbip, unlink_of_a_queued_one, .init = begin, .fini = end)
{
	submit_in(1, 1, 64, 0);
	submit_in(2, 1, 64, 0);
	unlink_it(3, 1);
	hear(4, 3, -ECONNRESET, NULL, 0);
	cr_expect(silent(), "a request that was unlinked has no answer of its own");
	cr_assert_eq(nheld, 1);
	finish(0, 0, 0);
	hear(3, 2, 0, "", 0);
}

Test(usbip, unlink_crosses_the_answer, .init = begin, .fini = end)
{
	submit_in(1, 1, 64, 0);
	memcpy(held[0]->data, "abc", 3);
	finish(0, 0, 3);
	unlink_it(2, 1);
	hear(3, 1, 0, "abc", 3);
	hear(4, 2, 0, NULL, 0);
}

Test(usbip, unlink_while_the_chip_catches_up, .init = begin, .fini = end)
{
	ending = 0;
	submit_in(1, 1, 64, 0);
	memcpy(held[0]->data, "abc", 3);
	held[0]->actual = 3;
	unlink_it(2, 1);
	hear(3, 1, 0, "abc", 3);
	hear(4, 2, 0, NULL, 0);
}

Test(usbip, unlink_loses_no_bytes, .init = begin, .fini = end)
{
	submit_in(1, 1, 64, 0);
	memcpy(held[0]->data, "abc", 3);
	held[0]->actual = 3;
	unlink_it(2, 1);
	hear(3, 1, 0, "abc", 3);
	hear(4, 2, 0, NULL, 0);
	cr_expect_eq(nheld, 0);
}

Test(usbip, unlink_of_nothing, .init = begin, .fini = end)
{
	unlink_it(1, 77);
	hear(4, 1, 0, NULL, 0);
	submit_in(2, 1, 64, 0);
	unlink_it(3, 2);
	unlink_it(4, 2);
	hear(4, 3, -ECONNRESET, NULL, 0);
	hear(4, 4, 0, NULL, 0);
}

/* --- the end --- */

/* The chip ends all with -ESHUTDOWN, and nothing of it goes out: the host gives them
 * back itself when it lets go of the device. Until then its words are dropped. */
Test(usbip, unplugged, .init = begin, .fini = end)
{
	uint8_t m[48];

	submit_in(1, 1, 64, 0);
	submit_in(2, 0, 64, 0);
	while (nheld)
		finish(0, -ESHUTDOWN, 0);
	usbip_gone(device, clock_ns() + 10000000000, closed, &closes);
	submit_head(m, 3, 1, 1, 64);
	say(m, sizeof(m));
	say(m, 17);
	cr_expect_eq(recv(host, m, sizeof(m), MSG_DONTWAIT), -1, "something was said");
	cr_expect_eq(errno, EAGAIN, "the device hung up first");
	cr_expect_eq(closes, 0);
	close(host);
	turn();
	cr_expect_eq(closes, 1);
	cr_expect_eq(losses, 0);
	device = NULL;
}

Test(usbip, unplugged_and_the_host_stays, .init = begin, .fini = end)
{
	char byte;

	usbip_gone(device, clock_ns() + 5000000, closed, &closes);
	for (int i = 0; i < 50 && !closes; i++)
		turn();
	cr_expect_eq(closes, 1);
	cr_expect_eq(recv(host, &byte, 1, MSG_DONTWAIT), 0);
	device = NULL;
}

Test(usbip, host_hangs_up, .init = begin, .fini = end)
{
	submit_in(1, 1, 64, 0);
	shutdown(host, SHUT_RDWR);
	turn();
	turn();
	cr_expect_eq(losses, 1);
	cr_assert_eq(nheld, 1, "ended by the unplug, not before");
	finish(0, 0, 2); /* what ends meanwhile goes nowhere */
}

static void expect_nonsense(const uint8_t head[48], const char *what)
{
	char byte;

	begin();
	losses = closes = 0;
	say(head, 48);
	cr_expect_eq(losses, 1, "%s is served", what);
	cr_expect_eq(nheld, 0, "%s", what);
	say(head, 48); /* into the void, and no second loss */
	cr_expect_eq(losses, 1, "%s", what);
	end();
	cr_expect_lt(recv(host, &byte, 1, MSG_DONTWAIT), 0);
}

Test(usbip, nonsense)
{
	static const struct {
		const char *what;
		int at;
		uint32_t value;
	} rows[] = {
		{ "command 0", 0, 0 },
		{ "an answer as a request", 0, 3 },
		{ "an import request", 0, 0x01118003 },
		{ "direction 2", 12, 2 },
		{ "endpoint 16", 16, 16 },
		{ "endpoint 0x81", 16, 0x81 },
		{ "a length of -1", 24, UINT32_MAX },
		{ "a length of 65 MiB", 24, 65 << 20 },
		{ "an isochronous transfer", 32, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t head[48];

		submit_head(head, 1, 1, 1, 64);
		word(head, rows[i].at, rows[i].value);
		expect_nonsense(head, rows[i].what);
	}
}

Test(usbip, memory_is_bounded, .init = begin, .fini = end)
{
	for (uint32_t i = 0; i < 8; i++)
		submit_in(i, 1, 8 << 20, 0);
	cr_assert_eq(nheld, 8);
	cr_expect_eq(losses, 0);
	submit_in(8, 1, 1, 0);
	cr_expect_eq(losses, 1);
	cr_expect_eq(nheld, 8);
}

/* A host that does not read: its answers wait, and come whole. */
Test(usbip, slow_host, .init = begin, .fini = end)
{
	enum { SIZE = 2 << 20 };
	static uint8_t data[SIZE], got[SIZE + 48];
	size_t n = 0;

	for (size_t i = 0; i < SIZE; i++)
		data[i] = (uint8_t)(i * 31 >> 3);
	submit_in(1, 1, SIZE, 0);
	memcpy(held[0]->data, data, SIZE);
	finish(0, 0, SIZE);
	usbip_flush(device);
	turn();
	while (n < sizeof(got)) {
		ssize_t r = recv(host, got + n, sizeof(got) - n, MSG_DONTWAIT);

		if (r > 0)
			n += (size_t)r;
		else
			loop_turn(loop, clock_ns() + 2000000);
	}
	cr_expect_eq(read_word(got, 24), SIZE);
	cr_expect_eq(memcmp(got + 48, data, SIZE), 0);
	cr_expect(silent());
}

/* --- with the chip that there is --- */

static void real_complete(void *unused, struct urb *u)
{
	(void)unused;
	usbip_complete(u);
}

static void real_submit(void *chip, struct urb *u)
{
	ft4232h_submit(chip, u, clock_ns());
}

static int real_cancel(void *chip, struct urb *u)
{
	return ft4232h_cancel(chip, u, clock_ns());
}

static void real_settle(void *chip)
{
	ft4232h_run(chip, clock_ns());
}

Test(usbip, enumerates)
{
	static const struct chip_ops real_ops = { real_submit, real_cancel, chip_close,
						  chip_reset,  real_settle, chip_lost };
	static const struct ft_ops ft_ops = { .complete = real_complete };
	static const struct ft_config config = { .product = "Quad RS232-HS", .unpaced = 1 };
	struct ft4232h *chip = ft4232h_new(&config, &ft_ops, NULL, NULL);
	uint8_t descriptors[FT_DESCRIPTORS_MAX], m[48];
	int ends[2];

	loop = loop_new();
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	host = ends[1];
	device = usbip_serve(loop, ends[0], &real_ops, chip);
	ft4232h_descriptors(descriptors, chip);
	submit_head(m, 1, 1, 0, 64); /* as a hub asks first: 64 bytes of the 18 */
	memcpy(m + 40, "\x80\x06\x00\x01\x00\x00\x40\x00", 8);
	say(m, sizeof(m));
	hear(3, 1, 0, descriptors, 18);
	memcpy(m + 40, "\x80\x06\x00\x06\x00\x00\x0a\x00", 8);
	say(m, sizeof(m));
	hear(3, 1, 0, "\x0a\x06\x00\x02\x00\x00\x00\x40\x01\x00", 10);
	submit_head(m, 2, 0, 0, 0); /* SET_CONFIGURATION */
	memcpy(m + 40, "\x00\x09\x01\x00\x00\x00\x00\x00", 8);
	say(m, sizeof(m));
	hear(3, 2, 0, "", 0);
	submit_in(3, 15, 64, 0); /* no such endpoint */
	hear(3, 3, -EPIPE, "", 0);
	ft4232h_unplug(chip, clock_ns());
	end();
	ft4232h_free(chip);
}
