#include "ft4232h_rig.h"

#include "base/rng.h"

/*
 * Everything at once, by seed: each URB comes back exactly once and in bounds,
 * the chip never asks for a time that has passed, and nothing hangs.
 */
TestSuite(ft4232h_stress, .timeout = 20);

enum { POOL = 40, ROOM = 6000, GUARD = 0x5c };

static struct {
	struct ft4232h *f;
	struct rng rng;
	struct urb urbs[POOL];
	uint8_t *data[POOL];
	int out[POOL]; /* handed over and not yet back */
	int64_t now;
	int owners[3], unplugged;
} s;

static unsigned pick(unsigned n)
{
	return (unsigned)(rng_next(&s.rng) % n);
}

static void complete(void *host, struct urb *u)
{
	size_t i = (size_t)(u - s.urbs);

	(void)host;
	cr_assert_lt(i, POOL);
	cr_assert(s.out[i], "came back twice");
	s.out[i] = 0;
	cr_assert(!u->held);
	cr_assert_geq(u->actual, 0);
	cr_assert_leq(u->actual, u->size);
	cr_assert_eq(s.data[i][u->size], GUARD, "written behind the end");
	if (s.unplugged)
		cr_assert_eq(u->status, -ESHUTDOWN);
	else
		cr_assert(u->status == 0 || u->status == -ENOENT || u->status == -EPIPE ||
			  u->status == -EOVERFLOW);
}

static void byte(void *board, int port, uint8_t b, unsigned errors, int64_t at)
{
	(void)board, (void)errors;
	cr_assert_leq(at, s.now);
	if (pick(3) == 0)
		ft4232h_board_send(s.f, port, &b, 1, s.now);
}

static void pins(void *board, int port, uint8_t mask, uint8_t levels, int64_t at)
{
	(void)board, (void)at;
	if (pick(4) == 0)
		ft4232h_board_pins(s.f, port, (uint8_t)~mask, levels, 0xff, s.now);
}

static void submit(uint8_t endpoint, int size, const uint8_t setup[8])
{
	for (size_t i = 0; i < POOL; i++) {
		struct urb *u = &s.urbs[i];

		if (s.out[i])
			continue;
		*u = (struct urb){ .endpoint = endpoint,
				   .data = s.data[i],
				   .size = size,
				   .owner = &s.owners[pick(3)] };
		if (setup)
			memcpy(u->setup, setup, 8);
		for (int k = 0; k < size; k++)
			s.data[i][k] = (uint8_t)(pick(4) ? 0x80 + pick(32) : pick(256));
		s.data[i][size] = GUARD;
		s.out[i] = 1;
		ft4232h_submit(s.f, u, s.now);
		return;
	}
}

static void request(void)
{
	static const uint8_t known[] = { 0, 1, 2, 3, 4, 6, 7, 9, 0x0b, 0x0b, 0x0b };
	uint8_t setup[8] = { 0x40, known[pick(sizeof(known))], 0, 0, (uint8_t)(1 + pick(4)) };

	setup[2] = (uint8_t)pick(256);
	setup[3] = (uint8_t)pick(pick(2) ? 5 : 256);
	setup[5] = (uint8_t)pick(5);
	switch (setup[1]) {
	case 3: /* from 92 kbit/s on */
		setup[2] = (uint8_t)(pick(130));
		setup[3] &= 0xc0;
		setup[5] |= 2;
		break;
	case 9:
		setup[2] = (uint8_t)(1 + pick(20));
		setup[3] = 0;
		break;
	default:
		break;
	}
	submit(0, 0, setup);
}

static void random_setup(void)
{
	uint8_t setup[8];

	for (int k = 0; k < 8; k++)
		setup[k] = (uint8_t)pick(256);
	setup[7] &= 3;
	submit(pick(2) ? 0x80 : 0, (int)pick(1024), setup);
}

static void board(void)
{
	struct ft_line line = { .baud = pick(2) ? 115200 : 3e6,
				.bits = 7 + (int)pick(2),
				.stop2x = 2 + (int)pick(3),
				.parity = "NOEMS"[pick(5)] };
	uint8_t bytes[3000];
	int port = (int)pick(4);

	switch (pick(5)) {
	case 0:
		ft4232h_board_line(s.f, port, &line, (int)pick(3));
		break;
	case 1:
		ft4232h_board_discard(s.f, port);
		break;
	case 2:
		ft4232h_board_pins(s.f, port, (uint8_t)pick(256), (uint8_t)pick(256),
				   (uint8_t)pick(256), s.now);
		break;
	default:
		memset(bytes, (int)pick(256), sizeof(bytes));
		ft4232h_board_send(s.f, port, bytes, pick(sizeof(bytes)), s.now);
		break;
	}
}

static void faults(void)
{
	struct ft_faults x = { .seed = pick(100) };

	if (pick(2)) {
		x.flip = x.drop = x.extra = x.flip_out = x.drop_out = x.short_in = 0.1;
		x.dead_ports = pick(4) ? 0 : (uint8_t)pick(16);
		x.mute_ep0 = pick(8) == 0;
		x.stall_ep0 = pick(8) == 0;
		x.delay_ns = pick(2) ? 0 : (int64_t)pick(3000000);
	}
	ft4232h_faults(s.f, &x);
}

static void pass(void)
{
	int64_t until = s.now + pick(4000000), next;

	if (pick(3) == 0) {
		s.now = until;
		ft4232h_run(s.f, s.now);
		return;
	}
	for (;;) {
		next = ft4232h_run(s.f, s.now);
		cr_assert_gt(next, s.now);
		if (next > until)
			break;
		s.now = next;
	}
	s.now = until;
}

static void act(void)
{
	static const uint8_t endpoints[] = { 0x81, 0x83, 0x85, 0x87, 2, 4, 6, 8 };
	unsigned what = pick(100);

	if (what < 40)
		submit(endpoints[pick(8)], pick(2) ? 512 * (int)pick(9) : (int)pick(ROOM), NULL);
	else if (what < 48)
		ft4232h_cancel(s.f, &s.urbs[pick(POOL)], s.now);
	else if (what < 50)
		ft4232h_close(s.f, &s.owners[pick(3)], s.now);
	else if (what < 62)
		request();
	else if (what < 65)
		random_setup();
	else if (what < 75)
		board();
	else if (what < 78)
		faults();
	else
		pass();
}

static const uint64_t seeds[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

RIG_ROWS(ft4232h_stress, all_at_once, seeds)
{
	static const struct ft_ops ops = { .byte = byte, .pins = pins, .complete = complete };
	struct ft_config c = { .serial = "S",
			       .unpaced = *i % 3 == 0,
			       .event_char_not_first = *i % 2 };

	memset(&s, 0, sizeof(s));
	s.rng.state = seeds[*i];
	s.f = ft4232h_new(&c, &ops, NULL, NULL);
	for (int k = 0; k < POOL; k++)
		s.data[k] = malloc(ROOM + 1);
	for (int k = 0; k < 4000; k++)
		act();
	s.unplugged = 1;
	ft4232h_unplug(s.f, s.now);
	for (int k = 0; k < POOL; k++) {
		cr_assert(!s.out[k], "not given back");
		free(s.data[k]);
	}
	cr_assert_eq(ft4232h_run(s.f, s.now), CLOCK_NEVER);
	cr_assert_gt(ft4232h_count(s.f)->urbs, 200);
	ft4232h_free(s.f);
}
