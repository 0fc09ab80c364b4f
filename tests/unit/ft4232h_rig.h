#ifndef TESTS_UNIT_FT4232H_RIG_H
#define TESTS_UNIT_FT4232H_RIG_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "virtual/ft4232h.h"

/*
 * ft4232h_rig -- a chip on the bench: a clock that the test turns, a host that
 * keeps what comes back and a board that keeps what it hears. One per test.
 */
#define US INT64_C(1000)
#define MS INT64_C(1000000)

/* A test for each row of a table, by index: rows may hold pointers. */
#define RIG_ROWS(suite, name, table)                                                               \
	ParameterizedTestParameters(suite, name)                                                   \
	{                                                                                          \
		static size_t i[sizeof(table) / sizeof(*(table))];                                 \
		for (size_t k = 0; k < sizeof(i) / sizeof(*i); k++)                                \
			i[k] = k;                                                                  \
		return cr_make_param_array(size_t, i, sizeof(i) / sizeof(*i));                     \
	}                                                                                          \
	ParameterizedTest(size_t *i, suite, name, .timeout = 20)

enum { RIG_URBS = 512, RIG_BYTES = 1 << 17, RIG_PINS = 4096 };

struct rig_byte {
	uint8_t byte;
	int port;
	unsigned errors;
	int64_t at;
};

struct rig_pins {
	uint8_t mask, levels;
	int port;
	int64_t at;
};

struct rig {
	struct ft4232h *f;
	int64_t now;
	struct urb *made[RIG_URBS]; /* by rig_urb(), not yet dropped */
	int urbs;
	struct urb *done[RIG_URBS];
	int64_t done_at[RIG_URBS];
	int completed;
	struct rig_byte *heard;
	int bytes;
	struct rig_pins *pins;
	int changes;
	int echo;         /* the board answers each byte with itself */
	int answer_after; /* the board answers every so many bytes ... */
	uint8_t answer;   /* ... with this */
	int echo_on;      /* ... on this port, if above 0 */
	int runs;
	int promised; /* the board hears bytes late on purpose */
	int punctual; /* each call comes when the chip asked for it */
};

static struct rig rig;

static void rig_byte(void *board, int port, uint8_t byte, unsigned errors, int64_t at)
{
	cr_assert_lt(rig.bytes, RIG_BYTES);
	rig.heard[rig.bytes++] = (struct rig_byte){ byte, port, errors, at };
	if (rig.punctual && !rig.promised)
		cr_assert_leq(rig.now - at, 125 * US, "the board hears it late");
	if (rig.echo) /* the late clock: the chip has to know better */
		ft4232h_board_send(rig.f, rig.echo_on ? rig.echo_on : port, &byte, 1, rig.now);
	if (rig.answer_after && rig.bytes % rig.answer_after == 0)
		ft4232h_board_send(rig.f, port, &rig.answer, 1, rig.now);
	(void)board;
}

static void rig_pins(void *board, int port, uint8_t mask, uint8_t levels, int64_t at)
{
	if (rig.changes < RIG_PINS) /* the first ones will do */
		rig.pins[rig.changes++] = (struct rig_pins){ mask, levels, port, at };
	(void)board;
}

static void rig_complete(void *host, struct urb *u)
{
	cr_assert_lt(rig.completed, RIG_URBS);
	cr_assert(!u->held);
	for (int i = 0; i < rig.completed; i++)
		cr_assert(rig.done[i] != u, "a URB came back twice");
	rig.done[rig.completed] = u;
	rig.done_at[rig.completed++] = rig.now;
	(void)host;
}

static const struct ft_ops rig_ops = { .byte = rig_byte,
				       .pins = rig_pins,
				       .complete = rig_complete };

static inline void rig_open(const struct ft_config *c)
{
	static const struct ft_config usual = { .manufacturer = "ACME",
						.product = "Board",
						.serial = "S1" };

	memset(&rig, 0, sizeof(rig));
	rig.heard = calloc(RIG_BYTES, sizeof(*rig.heard));
	rig.pins = calloc(RIG_PINS, sizeof(*rig.pins));
	rig.f = ft4232h_new(c ? c : &usual, &rig_ops, &rig, &rig);
	cr_assert_not_null(rig.f);
}

static inline void rig_open_unpaced(void)
{
	struct ft_config c = {
		.manufacturer = "ACME", .product = "B", .serial = "1", .unpaced = 1
	};

	rig_open(&c);
}

static inline void rig_close(void)
{
	ft4232h_free(rig.f);
	for (int i = 0; i < rig.urbs; i++) {
		free(rig.made[i]->data);
		free(rig.made[i]);
	}
	free(rig.heard);
	free(rig.pins);
	memset(&rig, 0, sizeof(rig));
}

/* Let time pass, with a call exactly when the chip asks for one. */
static inline void rig_until(int64_t t)
{
	ft4232h_run(rig.f, rig.now);
	rig.punctual = 1;
	for (;;) {
		int64_t next = ft4232h_run(rig.f, rig.now);

		rig.runs++;
		cr_assert_gt(next, rig.now, "the chip asks for a time that has passed");
		if (next > t)
			break;
		rig.now = next;
	}
	rig.now = t;
	ft4232h_run(rig.f, t);
	rig.punctual = 0;
}

static inline void rig_pass(int64_t ns)
{
	rig_until(rig.now + ns);
}

/* The same with one call at the end: a program that was away. */
static inline void rig_sleep(int64_t ns)
{
	rig.now += ns;
	ft4232h_run(rig.f, rig.now);
}

static inline struct urb *rig_urb(uint8_t endpoint, void *data, int size)
{
	struct urb *u = calloc(1, sizeof(*u));

	cr_assert_lt(rig.urbs, RIG_URBS);
	rig.made[rig.urbs++] = u;
	u->endpoint = endpoint;
	u->data = data;
	u->size = size;
	ft4232h_submit(rig.f, u, rig.now);
	return u;
}

static inline struct urb *rig_in(int port, int size)
{
	return rig_urb((uint8_t)(0x81 + 2 * port), calloc(1, (size_t)size + 1), size);
}

static inline struct urb *rig_out(int port, const void *bytes, int size)
{
	uint8_t *copy = calloc(1, (size_t)size + 1);

	if (size)
		memcpy(copy, bytes, (size_t)size);
	return rig_urb((uint8_t)(0x02 + 2 * port), copy, size);
}

static inline void rig_drop(struct urb *u)
{
	cr_assert(!u->held);
	for (int i = 0; i < rig.completed; i++) {
		if (rig.done[i] == u)
			rig.done[i] = NULL;
	}
	for (int i = 0; i < rig.urbs; i++) {
		if (rig.made[i] == u)
			rig.made[i--] = rig.made[--rig.urbs];
	}
	free(u->data);
	free(u);
}

/* Time at which u came back; -1: it has not. */
static inline int64_t rig_when(const struct urb *u)
{
	for (int i = 0; i < rig.completed; i++) {
		if (rig.done[i] == u)
			return rig.done_at[i];
	}
	return -1;
}

/* A control request; returns its length, or the status when it failed. */
static inline int rig_request(uint8_t type, uint8_t request, uint16_t value, uint16_t index,
			      void *data, uint16_t length)
{
	struct urb u = { .size = length, .data = data };
	const uint8_t setup[8] = { type,
				   request,
				   (uint8_t)value,
				   (uint8_t)(value >> 8),
				   (uint8_t)index,
				   (uint8_t)(index >> 8),
				   (uint8_t)length,
				   (uint8_t)(length >> 8) };

	memcpy(u.setup, setup, 8);
	ft4232h_submit(rig.f, &u, rig.now);
	cr_assert(!u.held, "a control request is answered at once");
	cr_assert_eq(rig.done[--rig.completed], &u);
	return u.status ? u.status : u.actual;
}

/* A vendor request without data to a port. */
static inline int rig_set(int port, uint8_t request, uint16_t value, uint8_t high)
{
	return rig_request(0x40, request, value, (uint16_t)(high << 8 | (port + 1)), NULL, 0);
}

static inline int rig_get(int port, uint8_t request, void *out, uint16_t length)
{
	return rig_request(0xc0, request, 0, (uint16_t)(port + 1), out, length);
}

static inline unsigned rig_status(int port)
{
	uint8_t b[2];

	cr_assert_eq(rig_get(port, 5, b, 2), 2);
	return (unsigned)b[0] << 8 | b[1];
}

/* Both sides at a divisor whose rate is known. */
struct rig_speed {
	const char *name;
	uint16_t value;
	uint8_t high;
	double rate;
};

static inline void rig_speed(int port, uint16_t value, uint8_t high, double rate)
{
	struct ft_line line = { .baud = rate, .bits = 8, .stop2x = 2, .parity = 'N' };

	cr_assert_eq(rig_set(port, 3, value, high), 0);
	ft4232h_board_line(rig.f, port, &line, FT_NO_FLOW);
}

static inline size_t rig_say(int port, const void *bytes, size_t n)
{
	return ft4232h_board_send(rig.f, port, bytes, n, rig.now);
}

/* First multiple of 125 us after t. */
static inline int64_t rig_frame(int64_t t)
{
	return (t / 125000 + 1) * 125000;
}

#endif /* TESTS_UNIT_FT4232H_RIG_H */
