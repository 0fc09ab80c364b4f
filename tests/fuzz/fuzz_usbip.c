/* Any bytes from the host of a USB/IP connection, in any pieces: the virtual chip and
 * its server give back every request, answer with whole messages, and end. The first
 * byte is the size of the pieces. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "virtual/ft4232h.h"
#include "virtual/usbip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static int given, taken; /* requests that the chip got, and gave back */
static int lost, closes;

static void complete(void *unused, struct urb *u)
{
	(void)unused;
	taken++;
	must(u->actual >= 0 && u->actual <= u->size);
	usbip_complete(u);
}

static void submit(void *chip, struct urb *u)
{
	given++;
	ft4232h_submit(chip, u, clock_ns());
}

static int cancel(void *chip, struct urb *u)
{
	return ft4232h_cancel(chip, u, clock_ns());
}

static void settle(void *chip)
{
	ft4232h_run(chip, clock_ns());
}

static void on_lost(void *chip)
{
	(void)chip;
	must(!lost++);
}

static void closed(void *payload)
{
	(void)payload;
	closes++;
}

static const struct chip_ops chip_ops = {
	.submit = submit, .cancel = cancel, .settle = settle, .lost = on_lost
};
static const struct ft_ops ft_ops = { .complete = complete };
static const struct ft_config config = { .product = "fuzz", .unpaced = 1 };

/* What it said, as far as whole heads can be told. */
static void hear(int sock)
{
	uint8_t bytes[65536];

	while (recv(sock, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void check_head(int sock)
{
	uint8_t head[USBIP_HEAD];
	ssize_t n = recv(sock, head, sizeof(head), MSG_DONTWAIT | MSG_PEEK);

	if (n <= 0)
		return;
	must(n == sizeof(head));
	must(!head[0] && !head[1] && !head[2]);
	must(head[3] == USBIP_RET_SUBMIT || head[3] == USBIP_RET_UNLINK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loop *l = loop_new();
	struct ft4232h *chip = ft4232h_new(&config, &ft_ops, NULL, NULL);
	struct usbip_device *d;
	size_t piece = size ? data[0] + 1u : 1;
	int ends[2];

	given = taken = lost = closes = 0;
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	d = usbip_serve(l, ends[0], &chip_ops, chip);
	for (size_t at = 1; at < size; at += piece) {
		size_t n = size - at < piece ? size - at : piece;

		if (send(ends[1], data + at, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
		loop_turn(l, 0);
		check_head(ends[1]);
		hear(ends[1]);
	}
	ft4232h_unplug(chip, clock_ns());
	must(given == taken);
	usbip_gone(d, CLOCK_NEVER, closed, NULL);
	close(ends[1]);
	for (int i = 0; i < 10000 && !closes; i++)
		loop_turn(l, clock_ns() + 1000000000);
	must(closes == 1);
	loop_free(l);
	ft4232h_free(chip);
	return 0;
}
