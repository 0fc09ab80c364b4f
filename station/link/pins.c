#include "link/pins.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "link/ftdi_chip.h"

enum {
	QUEUE_MAX = 256,
	PORTS = 4,
	SETTLE_MS = 1,  /* a byte written in bit-bang mode is on the pins by then */
	CLOSE_MS = 500, /* longest wait of pins_close() for each port */
};

/* MPSSE commands. source  FTDI AN_108, sections 2.1 and 3.6 */
enum {
	MPSSE_SET_LOW = 0x80,
	MPSSE_GET_LOW = 0x81,
	MPSSE_LOOP_OFF = 0x85,
	MPSSE_SEND_NOW = 0x87,
	MPSSE_WRONG = 0xaa, /* no command: the chip answers with FA and its code */
	MPSSE_BAD_COMMAND = 0xfa,
};

enum op_kind { OP_DRIVE, OP_RELEASE, OP_WAIT, OP_READ };

struct op {
	enum op_kind kind;
	const struct fixture_signal *signal;
	int active; /* OP_DRIVE */
	int64_t ms; /* OP_WAIT */
	int *out;   /* OP_READ */
};

struct bank { /* the pins of a port as they should be */
	struct ftdi_port *port;
	uint8_t outputs, levels;
	uint8_t touched; /* since they were last put on the pins */
	int mpsse, entered;
};

struct pins {
	const struct fixture *fixture;
	struct ftdi_expected expected;
	struct ftdi_chip *chip; /* NULL until the first pin is used */
	struct bank bank[PORTS];
	struct op queue[QUEUE_MAX];
	size_t queued;
	struct err first; /* of the calls that fill the queue */
};

int pins_open(struct pins **out, const struct fixture *f, const struct fixture_slot *s,
	      struct err *err)
{
	struct pins *p = calloc(1, sizeof(*p));

	if (!p)
		return err_set(err, ERR_IO, "out of memory");
	p->fixture = f;
	p->expected = (struct ftdi_expected){ .usb = s->usb,
					      .serial = s->ftdi_serial,
					      .product = f->ftdi_product };
	*out = p;
	return 0;
}

/* --- filling the queue --- */

static void enqueue(struct pins *p, const char *signal, struct op op)
{
	if (p->first.code)
		return;
	if (signal) {
		op.signal = fixture_signal(p->fixture, signal);
		if (!op.signal) {
			err_set(&p->first, ERR_LACKS, "the fixture has no signal '%s'", signal);
			return;
		}
		if (op.signal->mpsse && op.signal->port > 1) {
			err_set(&p->first, ERR_LACKS,
				"signal '%s': port %c has no MPSSE; A and B have", signal,
				'A' + op.signal->port);
			return;
		}
	}
	if (p->queued == QUEUE_MAX) {
		err_set(&p->first, ERR_INTERNAL, "more than %d pin commands before a flush",
			QUEUE_MAX);
		return;
	}
	p->queue[p->queued++] = op;
}

void pins_assert(struct pins *p, const char *signal)
{
	enqueue(p, signal, (struct op){ .kind = OP_DRIVE, .active = 1 });
}

void pins_deassert(struct pins *p, const char *signal)
{
	enqueue(p, signal, (struct op){ .kind = OP_DRIVE, .active = 0 });
}

void pins_release(struct pins *p, const char *signal)
{
	enqueue(p, signal, (struct op){ .kind = OP_RELEASE });
}

void pins_wait(struct pins *p, int64_t ms)
{
	enqueue(p, NULL, (struct op){ .kind = OP_WAIT, .ms = ms });
}

void pins_read(int *out, struct pins *p, const char *signal)
{
	enqueue(p, signal, (struct op){ .kind = OP_READ, .out = out });
}

/* --- running it --- */

static void pause_ms(int64_t ms)
{
	int64_t until = clock_ns() + ms * 1000000, left;

	while ((left = until - clock_ns()) > 0)
		nanosleep(&(struct timespec){ .tv_sec = left / 1000000000,
					      .tv_nsec = left % 1000000000 },
			  NULL);
}

static int read_answer(uint8_t *out, size_t n, struct bank *b, int64_t until_ms, struct err *err)
{
	for (size_t got = 0; got < n;) {
		int r = ftdi_port_read(out + got, n - got, b->port, until_ms, err);

		if (r < 0)
			return r;
		if (r == 0)
			return err_set(err, ERR_IO, "port %c: the MPSSE does not answer",
				       ftdi_port_letter(b->port));
		got += (size_t)r;
	}
	return 0;
}

/* A wrong command tells whether the engine runs and its answers are ours. */
static int mpsse_start(struct bank *b, int64_t until_ms, struct err *err)
{
	const uint8_t probe[] = { MPSSE_WRONG, MPSSE_SEND_NOW }, loop = MPSSE_LOOP_OFF;
	uint8_t answer[2];
	int r = ftdi_port_write(b->port, probe, sizeof(probe), until_ms, err);

	if (!r)
		r = read_answer(answer, sizeof(answer), b, until_ms, err);
	if (r < 0)
		return r;
	if (answer[0] != MPSSE_BAD_COMMAND || answer[1] != MPSSE_WRONG)
		return err_set(err, ERR_IO, "port %c: the MPSSE answered %02x %02x, not fa aa",
			       ftdi_port_letter(b->port), answer[0], answer[1]);
	return ftdi_port_write(b->port, &loop, 1, until_ms, err);
}

static int mpsse_put(struct bank *b, uint8_t levels, uint8_t outputs, int64_t until_ms,
		     struct err *err)
{
	const uint8_t set[] = { MPSSE_SET_LOW, levels, outputs };

	return ftdi_port_write(b->port, set, sizeof(set), until_ms, err);
}

static int mpsse_get(uint8_t *levels, struct bank *b, int64_t until_ms, struct err *err)
{
	const uint8_t get[] = { MPSSE_GET_LOW, MPSSE_SEND_NOW };
	int r = ftdi_port_write(b->port, get, sizeof(get), until_ms, err);

	return r < 0 ? r : read_answer(levels, 1, b, until_ms, err);
}

static int enter(struct bank *b, int64_t until_ms, struct err *err)
{
	int r;

	if (b->entered)
		return 0;
	r = ftdi_port_enter(b->port, b->mpsse ? FTDI_MPSSE : FTDI_BITBANG, until_ms, err);
	if (r < 0)
		return r;
	b->entered = 1;
	return b->mpsse ? mpsse_start(b, until_ms, err) : 0;
}

/* Put what was touched on the pins: the level before the direction, so that a
 * pin that becomes an output shows no other level first. */
static int apply(struct bank *b, int64_t until_ms, struct err *err)
{
	int r;

	if (!b->touched)
		return 0;
	b->touched = 0;
	r = enter(b, until_ms, err);
	if (r < 0)
		return r;
	if (b->mpsse)
		return mpsse_put(b, b->levels, b->outputs, until_ms, err);
	r = ftdi_port_write(b->port, &b->levels, 1, until_ms, err);
	if (r < 0)
		return r;
	pause_ms(SETTLE_MS);
	return ftdi_port_direction(b->port, b->outputs, err);
}

static int apply_all(struct pins *p, int64_t until_ms, struct err *err)
{
	int r = 0;

	for (int i = 0; i < PORTS && !r; i++)
		r = apply(&p->bank[i], until_ms, err);
	return r;
}

static int bank_of(struct bank **out, struct pins *p, const struct fixture_signal *s,
		   struct err *err)
{
	struct bank *b = &p->bank[s->port];

	if (!p->chip) {
		int r = ftdi_chip_take(&p->chip, &p->expected, err);

		if (r < 0)
			return r;
	}
	b->port = ftdi_chip_port(p->chip, s->port);
	if (b->entered && b->mpsse != s->mpsse)
		return err_set(err, ERR_LACKS, "signal '%s': port %c is in another mode", s->name,
			       'A' + s->port);
	b->mpsse = s->mpsse;
	*out = b;
	return 0;
}

/* A pin that is touched again takes its first level before it gets the next. */
static int drive(struct pins *p, const struct op *op, int64_t until_ms, struct err *err)
{
	uint8_t bit = (uint8_t)(1u << op->signal->bit);
	struct bank *b;
	int r = bank_of(&b, p, op->signal, err);

	if (!r && (b->touched & bit))
		r = apply(b, until_ms, err);
	if (r < 0)
		return r;
	/* A channel is not disturbed for a pin that was not driven. */
	if (op->kind == OP_RELEASE && !b->entered && !b->touched && ftdi_port_user(b->port))
		return 0;
	b->touched |= bit;
	if (op->kind == OP_RELEASE) {
		b->outputs &= (uint8_t)~bit;
		return 0;
	}
	b->outputs |= bit;
	if (op->active != op->signal->active_low)
		b->levels |= bit;
	else
		b->levels &= (uint8_t)~bit;
	return 0;
}

static int look(struct pins *p, const struct op *op, int64_t until_ms, struct err *err)
{
	uint8_t levels;
	struct bank *b;
	int r = bank_of(&b, p, op->signal, err);

	if (!r)
		r = apply_all(p, until_ms, err);
	/* A port that nobody uses would drive TXD, RTS# and DTR# as a UART. */
	if (!r && !ftdi_port_user(b->port))
		r = enter(b, until_ms, err);
	if (!r)
		r = b->entered && b->mpsse ? mpsse_get(&levels, b, until_ms, err)
					   : ftdi_port_levels(&levels, b->port, err);
	if (r < 0)
		return r;
	*op->out = (levels >> op->signal->bit & 1) != op->signal->active_low;
	return 0;
}

static int wait(struct pins *p, const struct op *op, int64_t until_ms, struct err *err)
{
	int r = apply_all(p, until_ms, err);

	if (r < 0)
		return r;
	if (op->ms > 0 && clock_ms() > until_ms - op->ms)
		return err_set(err, ERR_TIMEOUT, "no time left for a wait of %lld ms",
			       (long long)op->ms);
	pause_ms(op->ms);
	return 0;
}

/* A channel's port is given back as soon as none of its pins is driven. */
static int give_back(struct pins *p, int64_t until_ms, struct err *err)
{
	int r = 0;

	for (int i = 0; i < PORTS && !r; i++) {
		struct bank *b = &p->bank[i];

		if (!b->entered || b->outputs || !ftdi_port_user(b->port))
			continue;
		r = ftdi_port_leave(b->port, until_ms, err);
		b->entered = 0;
	}
	return r;
}

int pins_flush(struct pins *p, int64_t until_ms, struct err *err)
{
	int r = p->first.code;

	if (r < 0)
		*err = p->first;
	for (size_t i = 0; i < p->queued && !r; i++) {
		const struct op *op = &p->queue[i];

		if (op->kind == OP_WAIT)
			r = wait(p, op, until_ms, err);
		else if (op->kind == OP_READ)
			r = look(p, op, until_ms, err);
		else
			r = drive(p, op, until_ms, err);
		if (r < 0 && op->signal)
			err_wrap(err, "signal '%s'", op->signal->name);
	}
	if (!r)
		r = apply_all(p, until_ms, err);
	if (!r)
		r = give_back(p, until_ms, err);
	p->queued = 0;
	p->first = (struct err){ 0 };
	return r;
}

void pins_close(struct pins *p)
{
	struct err ignored = { 0 };

	if (!p)
		return;
	for (int i = 0; i < PORTS; i++)
		if (p->bank[i].entered)
			ftdi_port_leave(p->bank[i].port, clock_ms() + CLOSE_MS, &ignored);
	ftdi_chip_give(p->chip);
	free(p);
}
