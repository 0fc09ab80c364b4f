#include "ft4232h_rig.h"

/*
 * MPSSE: every opcode with its bytes, edges and clocks, and commands that are
 * split over transfers anywhere.
 */
TestSuite(ft4232h_mpsse, .timeout = 20, .fini = rig_close);

enum { A, B, C, D };
enum { TCK = 1, TDI = 2, TDO = 4, TMS = 8, GPIOL1 = 1 << 5 };

static void start(int unpaced)
{
	struct ft_config c = { .unpaced = unpaced };

	rig_open(&c);
	rig_set(A, 9, 1, 0);
	cr_assert_eq(rig_set(A, 0x0b, 0x0200, 0), 0);
}

/* What the chip answers within 20 ms; without the status bytes. */
static int answers(uint8_t *out)
{
	int n = 0;

	rig_pass(MS);
	for (int k = 0; k < 20; k++) {
		struct urb *u = rig_in(A, 4096);

		rig_pass(MS + 125 * US);
		cr_assert_eq(u->held, 0);
		for (int b = 0; b < u->actual; b++) {
			if (b % 512 > 1)
				out[n++] = u->data[b];
		}
		rig_drop(u);
	}
	return n;
}

/* --- commands and answers --- */

static const struct command {
	const char *name, *bytes;
	int n;
	const char *answer;
	int m;
} commands[] = {
#define BYTES(s) s, sizeof(s) - 1
	{ "nothing", BYTES(""), BYTES("") },
	{ "bad command", BYTES("\xaa"), BYTES("\xfa\xaa") },
	{ "bad commands", BYTES("\xab\x00\x0f\x40\x4c\x6c\x7f\xff"),
	  BYTES("\xfa\xab\xfa\x00\xfa\x0f\xfa\x40\xfa\x4c\xfa\x6c\xfa\x7f\xfa\xff") },
	{ "9E is of another chip", BYTES("\x9e"), BYTES("\xfa\x9e") },
	{ "low pins", BYTES("\x80\xa5\xf0\x81"), BYTES("\xaf") },
	{ "low pins as inputs", BYTES("\x80\x00\x00\x81"), BYTES("\xff") },
	{ "high pins", BYTES("\x82\x12\xff\x83"), BYTES("\xff") },
	{ "loopback bytes", BYTES("\x84\x80\x00\x0b\x31\x02\x00\x5a\x00\xff\x87"),
	  BYTES("\x5a\x00\xff") },
	{ "loopback bytes, LSB first", BYTES("\x84\x80\x00\x0b\x39\x01\x00\x5a\x01"),
	  BYTES("\x5a\x01") },
	{ "loopback bits", BYTES("\x84\x80\x00\x0b\x33\x02\xa0"), BYTES("\x05") },
	{ "loopback bits, LSB first", BYTES("\x84\x80\x00\x0b\x3b\x02\x05"), BYTES("\xa0") },
	{ "read without loopback", BYTES("\x80\x00\x0b\x20\x01\x00"), BYTES("\xff\xff") },
	{ "read bits", BYTES("\x80\x00\x0b\x22\x03"), BYTES("\x0f") },
	{ "read bits, LSB first", BYTES("\x80\x00\x0b\x2a\x03"), BYTES("\xf0") },
	{ "loopback off", BYTES("\x84\x85\x80\x00\x0b\x31\x00\x00\x00"), BYTES("\xff") },
	{ "write answers nothing", BYTES("\x80\x00\x0b\x11\x01\x00\x55\xaa\x13\x03\x50"),
	  BYTES("") },
	{ "TMS write", BYTES("\x80\x00\x0b\x4b\x06\x7f\x4a\x00\x01"), BYTES("") },
	{ "TMS with read",
	  BYTES("\x84\x80\x00\x0b\x6b\x06\x80\x6a\x06\x00\x6e\x00\x80\x6f\x00\x00"),
	  BYTES("\xfe\x00\x80\x00") },
	{ "settings answer nothing", BYTES("\x86\x05\x00\x8a\x8b\x8c\x8d\x96\x97\x87\x84\x85"),
	  BYTES("") },
	{ "clock without data", BYTES("\x8e\x07\x8f\x03\x00\xaa"), BYTES("\xfa\xaa") },
	{ "wait that is over", BYTES("\x88\x94\x9c\xff\xff\xaa"), BYTES("\xfa\xaa") },
	{ "wait with a maximum", BYTES("\x8a\x86\x00\x00\x9d\x03\x00\xaa"), BYTES("\xfa\xaa") },
	{ "all together",
	  BYTES("\x84\x86\x05\x00\x80\x08\x0b\x39\x03\x00\x01\x02\x03\x04\x3b\x06\x7f\x4b\x01\x02"
		"\xaa\x81\x87\x85\x8f\x01\x00\x82\x00\x00\x83"),
	  BYTES("\x01\x02\x03\x04\xfe\xfa\xaa\xfc\xff") },
};

RIG_ROWS(ft4232h_mpsse, answer, commands)
{
	const struct command *r = &commands[*i];
	uint8_t got[128];
	int n;

	for (int unpaced = 0; unpaced < 2; unpaced++) {
		start(unpaced);
		rig_out(A, r->bytes, r->n);
		n = answers(got);
		cr_assert_eq(n, r->m, "%s: %d bytes", r->name, n);
		for (int k = 0; k < n; k++)
			cr_assert_eq(got[k], (uint8_t)r->answer[k], "%s: %d is %02x", r->name, k,
				     got[k]);
		if (!unpaced)
			rig_close();
	}
}

RIG_ROWS(ft4232h_mpsse, split_at_every_byte, commands)
{
	const struct command *r = &commands[*i];

	for (int cut = 0; cut <= r->n; cut++) {
		uint8_t got[128];

		start(1);
		rig_out(A, r->bytes, cut);
		rig_pass(100 * US);
		rig_out(A, r->bytes + cut, r->n - cut);
		cr_assert_eq(answers(got), r->m, "%s cut at %d", r->name, cut);
		for (int k = 0; k < r->m; k++)
			cr_assert_eq(got[k], (uint8_t)r->answer[k], "%s cut at %d", r->name, cut);
		if (cut < r->n)
			rig_close();
	}
}

Test(ft4232h_mpsse, byte_by_byte_paced)
{
	const struct command *r = &commands[sizeof(commands) / sizeof(*commands) - 1];
	uint8_t got[128];

	start(0);
	for (int k = 0; k < r->n; k++) {
		rig_out(A, r->bytes + k, 1);
		rig_pass(300 * US);
	}
	cr_assert_eq(answers(got), r->m);
	for (int k = 0; k < r->m; k++)
		cr_assert_eq(got[k], (uint8_t)r->answer[k]);
}

/* --- edges --- */

/* Levels of a pin just after each rising or falling edge of TCK. */
static unsigned sampled(uint8_t pin, int rising)
{
	unsigned bits = 1;

	for (int k = 1; k < rig.changes; k++) {
		int up = rig.pins[k].levels & TCK, was = rig.pins[k - 1].levels & TCK;

		if (up != was && !!up == rising)
			bits = bits << 1 | !!(rig.pins[k].levels & pin);
	}
	return bits;
}

static const struct edge {
	const char *name;
	uint8_t first; /* pins before */
	const char *bytes;
	int n;
	uint8_t pin;
	int rising;
	unsigned seen; /* a one, then the bits as the board samples them */
	int clocks;
} edges[] = {
	{ "11, clock idles low", 0, BYTES("\x11\x00\x00\xa3"), TDI, 1, 0x1a3, 8 },
	{ "19, LSB first", 0, BYTES("\x19\x00\x00\xa3"), TDI, 1, 0x1c5, 8 },
	{ "10, clock idles high", TCK, BYTES("\x10\x00\x00\xa3"), TDI, 0, 0x1a3, 8 },
	{ "18, clock idles high", TCK, BYTES("\x18\x00\x00\xa3"), TDI, 0, 0x1c5, 8 },
	{ "10 changes on the rising edge", 0, BYTES("\x10\x00\x00\xa3"), TDI, 0, 0x1a3, 8 },
	{ "11 changes on the falling edge", TCK, BYTES("\x11\x00\x00\xa3"), TDI, 1, 0x1a3, 8 },
	{ "two bytes", 0, BYTES("\x11\x01\x00\xa3\x01"), TDI, 1, 0x1a301, 16 },
	{ "13, three bits", 0, BYTES("\x13\x02\xa3"), TDI, 1, 0xd, 3 },
	{ "1b, three bits", 0, BYTES("\x1b\x02\xa3"), TDI, 1, 0xe, 3 },
	{ "4b, TMS", 0, BYTES("\x4b\x04\x16"), TMS, 1, 0x2d, 5 },
	{ "4b, TDI held high", 0, BYTES("\x4b\x04\x96"), TDI, 1, 0x3f, 5 },
	{ "4a, clock idles high", TCK, BYTES("\x4a\x04\x16"), TMS, 0, 0x2d, 5 },
	{ "8e, clock only", TDI, BYTES("\x8e\x02"), TDI, 1, 0xf, 3 },
	{ "8f, clock only", 0, BYTES("\x8f\x01\x00"), TDI, 1, 0x10000, 16 },
};

RIG_ROWS(ft4232h_mpsse, edges, edges)
{
	const struct edge *r = &edges[*i];
	uint8_t set[3] = { 0x80, r->first, TCK | TDI | TMS };
	int clocks = 0;

	start(0);
	rig_out(A, set, 3);
	rig_pass(MS);
	rig.pins[0].levels = r->first;
	rig.changes = 1;
	rig_out(A, r->bytes, r->n);
	rig_pass(MS);
	for (int k = 1; k < rig.changes; k++)
		clocks += (rig.pins[k].levels ^ rig.pins[k - 1].levels) & TCK;
	cr_assert_eq(clocks, 2 * r->clocks, "%s: %d edges", r->name, clocks);
	cr_assert_eq(sampled(r->pin, r->rising), r->seen, "%s: %x", r->name,
		     sampled(r->pin, r->rising));
	cr_assert_eq(rig.pins[rig.changes - 1].levels & TCK, r->first & TCK);
}

/* A board that is a shift register: puts out the next bit on an edge of TCK. */
static struct {
	uint8_t bits, was;
	int falling;
} slave;

static void slave_pins(void *board, int port, uint8_t mask, uint8_t levels, int64_t at)
{
	int fell = slave.was & TCK && !(levels & TCK), rose = !(slave.was & TCK) && levels & TCK;

	(void)board, (void)mask;
	if (slave.falling ? fell : rose) {
		ft4232h_board_pins(rig.f, port, TDO, slave.bits & 0x80 ? TDO : 0, 0xff, at);
		slave.bits = (uint8_t)(slave.bits << 1);
	}
	slave.was = levels;
}

static const struct reading {
	const char *name;
	uint8_t first, op;
	int falling; /* the board changes on the falling edge */
	int before;  /* the first bit stands before the first clock */
	uint8_t expect;
} readings[] = {
	{ "20, board changes on falling", 0, 0x20, 1, 1, 0xa3 },
	{ "28, LSB first", 0, 0x28, 1, 1, 0xc5 },
	{ "24, board changes on rising, clock idles high", TCK, 0x24, 0, 1, 0xa3 },
	{ "2c", TCK, 0x2c, 0, 1, 0xc5 },
	{ "24, board changes on rising", 0, 0x24, 0, 0, 0xa3 },
	{ "20, board changes on falling, clock idles high", TCK, 0x20, 1, 0, 0xa3 },
};

RIG_ROWS(ft4232h_mpsse, reads_a_shift_register, readings)
{
	static const struct ft_ops ops = { .pins = slave_pins, .complete = rig_complete };
	const struct reading *r = &readings[*i];
	uint8_t set[] = { 0x80, r->first, TCK | TDI | TMS, r->op, 0, 0 }, got[8];
	struct ft_config c = { .unpaced = 0 };

	rig_open(NULL);
	ft4232h_free(rig.f);
	rig.f = ft4232h_new(&c, &ops, &rig, &rig);
	rig_set(A, 9, 1, 0);
	rig_set(A, 0x0b, 0x0200, 0);
	slave.bits = 0xa3;
	slave.was = r->first;
	slave.falling = r->falling;
	if (r->before) {
		ft4232h_board_pins(rig.f, A, TDO, slave.bits & 0x80 ? TDO : 0, 0xff, 0);
		slave.bits = (uint8_t)(slave.bits << 1);
	}
	rig_out(A, set, sizeof(set));
	cr_assert_eq(answers(got), 1);
	cr_assert_eq(got[0], r->expect, "%s: %02x", r->name, got[0]);
}

/* --- clocks --- */

static const struct clocks {
	const char *name, *bytes;
	int n;
	double ns; /* of 1000 bytes */
} clocks[] = {
	{ "6 MHz, as at the start", BYTES(""), 8000 / 6e6 * 1e9 },
	{ "1 MHz", BYTES("\x86\x05\x00"), 8000 / 1e6 * 1e9 },
	{ "30 MHz", BYTES("\x8a"), 8000 / 30e6 * 1e9 },
	{ "5 MHz of 60", BYTES("\x8a\x86\x05\x00"), 8000 / 5e6 * 1e9 },
	{ "12 MHz base again", BYTES("\x8a\x8b"), 8000 / 6e6 * 1e9 },
	{ "three-phase", BYTES("\x8c\x86\x05\x00"), 12000 / 1e6 * 1e9 },
	{ "and off", BYTES("\x8c\x8d\x86\x05\x00"), 8000 / 1e6 * 1e9 },
	{ "slow", BYTES("\x86\xff\x00"), 8000 * 512 / 12e6 * 1e9 },
};

RIG_ROWS(ft4232h_mpsse, clock, clocks)
{
	const struct clocks *r = &clocks[*i];
	static uint8_t shift[1006] = { 0x10, 0xe7, 0x03 };
	struct urb *u;
	int64_t t;

	start(0);
	rig_set(A, 9, 255, 0);
	rig_out(A, r->bytes, r->n);
	rig_pass(MS);
	shift[1003] = 0x81;
	shift[1004] = 0x87;
	t = rig.now;
	rig_out(A, shift, 1005);
	u = rig_in(A, 512);
	rig_pass(1000 * MS);
	if (r->ns > 255e6) /* the timer was first */
		u = rig_in(A, 512), rig_pass(MS);
	else
		cr_assert_eq(rig_when(u), rig_frame(t + llround(r->ns)), "%s", r->name);
	cr_assert_eq(u->actual, 3);
	/* "one byte back" of a shift of n bytes is part of the same shift */
	cr_assert_eq(ft4232h_round_trip_ns(rig.f, A, 1000), llround(r->ns), "%s", r->name);
}

/* --- send now --- */

Test(ft4232h_mpsse, send_now)
{
	uint8_t cmds[601];
	struct urb *u, *v;

	start(1);
	rig_set(A, 9, 255, 0);
	memset(cmds, 0x81, 600);
	cmds[600] = 0x87;
	u = rig_in(A, 4096);
	rig_out(A, "\x87", 1);
	rig_pass(MS);
	cr_assert(u->held, "there is nothing to send");
	rig_out(A, cmds, sizeof(cmds));
	cr_assert_eq(u->actual, 604, "both packets");
	v = rig_in(A, 4096);
	rig_out(A, "\x81", 1);
	rig_pass(MS);
	cr_assert(v->held, "the next ones wait again");
}

/* --- room, waiting --- */

Test(ft4232h_mpsse, long_shift_with_nobody_reading)
{
	static uint8_t out[65536 + 4] = { 0x31, 0xff, 0xff }, got[70000];
	struct urb *u, *w;
	int n = 0;

	start(1);
	rig_out(A, "\x84\x80\x00\x0b", 4);
	for (int k = 0; k < 65536; k++)
		out[3 + k] = (uint8_t)(k * 31 + k / 256);
	out[65539] = 0x87;
	w = rig_out(A, out, sizeof(out));
	rig_pass(MS);
	cr_assert(w->held, "the FIFO towards the host is full, so the shift pauses");
	while (n < 65536) {
		u = rig_in(A, 16384);
		rig_pass(2 * MS);
		cr_assert_eq(u->status, 0);
		for (int k = 0; k < u->actual; k++) {
			if (k % 512 > 1)
				got[n++] = u->data[k];
		}
		rig_drop(u);
		rig.completed = 0;
	}
	cr_assert(!w->held);
	cr_assert_eq(n, 65536);
	cr_assert_arr_eq(got, out + 3, 65536);
}

/* Without a FIFO from the host this would stop both sides for ever. */
Test(ft4232h_mpsse, write_completes_before_the_read_begins)
{
	uint8_t got[8];
	struct urb *w;

	start(0);
	w = rig_out(A, "\x20\xff\xff\x87", 4); /* clock in 65536 bytes */
	rig_pass(MS);
	cr_assert_eq(w->status, 0);
	cr_assert(!w->held);
	(void)got;
}

static const struct wait {
	const char *name, *bytes;
	int n;
	uint8_t before, after;
} waits[] = {
	{ "88", BYTES("\x88\xaa"), 0, GPIOL1 },
	{ "89", BYTES("\x89\xaa"), GPIOL1, 0 },
	{ "94", BYTES("\x94\xaa"), 0, GPIOL1 },
	{ "95", BYTES("\x95\xaa"), GPIOL1, 0 },
	{ "9c", BYTES("\x9c\xff\xff\xaa"), 0, GPIOL1 },
	{ "9d", BYTES("\x9d\xff\xff\xaa"), GPIOL1, 0 },
};

RIG_ROWS(ft4232h_mpsse, waits_for_gpiol1, waits)
{
	const struct wait *r = &waits[*i];
	uint8_t got[128];

	start(0);
	ft4232h_board_pins(rig.f, A, GPIOL1, r->before, 0xff, rig.now);
	rig_out(A, r->bytes, r->n);
	cr_assert_eq(answers(got), 0, "%s", r->name);
	ft4232h_board_pins(rig.f, A, GPIOL1, r->after, 0xff, rig.now);
	cr_assert_eq(answers(got), 2, "%s", r->name);
}

Test(ft4232h_mpsse, wait_ends_at_its_maximum)
{
	struct urb *u;
	int64_t t;

	start(0);
	rig_set(A, 9, 255, 0);
	rig_out(A, "\x86\x05\x00", 3); /* 1 MHz */
	rig_pass(MS);
	t = rig.now;
	u = rig_in(A, 512);
	rig_out(A, "\x9d\x63\x00\xaa\x87", 5); /* 100 bytes */
	rig_pass(20 * MS);
	cr_assert_eq(rig_when(u), rig_frame(t + 800 * US));
}

Test(ft4232h_mpsse, leaving_the_mode_ends_a_wait)
{
	uint8_t got[128];

	start(1);
	rig_out(A, "\x89\xaa\x31\xff", 4);
	rig_set(A, 0x0b, 0, 0);
	rig_set(A, 0, 0, 0);
	rig_set(A, 0x0b, 0x200, 0);
	rig_out(A, "\xab", 1);
	cr_assert_eq(answers(got), 2);
	cr_assert_eq(got[1], 0xab);
}

/* On C and D there is no engine: nothing answers, and nothing is held up. */
static const int others[] = { C, D };

RIG_ROWS(ft4232h_mpsse, no_answer_on_c_and_d, others)
{
	static uint8_t bytes[10000];
	int port = others[*i];
	struct urb *in, *out;

	rig_open_unpaced();
	memset(bytes, 0xaa, sizeof(bytes));
	rig_set(port, 0x0b, 0x020b, 0);
	out = rig_out(port, bytes, sizeof(bytes));
	cr_assert(!out->held);
	rig_pass(MS);
	rig_in(port, 512);
	in = rig_in(port, 512);
	rig_pass(40 * MS);
	cr_assert_eq(in->status, 0);
	cr_assert_eq(in->actual, 2);
	cr_assert_eq(ft4232h_levels(rig.f, port), 0xff, "drives nothing");
}

Test(ft4232h_mpsse, b_is_as_a)
{
	struct urb *u;

	rig_open_unpaced();
	rig_set(B, 0x0b, 0x200, 0);
	rig_out(B, "\xaa\x87", 2);
	u = rig_in(B, 512);
	cr_assert_eq(u->actual, 4);
	cr_assert_arr_eq(u->data + 2, "\xfa\xaa", 2);
}

Test(ft4232h_mpsse, unread_bytes_are_no_overrun)
{
	uint8_t cmds[3000];

	start(1);
	memset(cmds, 0x81, sizeof(cmds));
	rig_out(A, cmds, sizeof(cmds));
	rig_pass(MS);
	cr_assert_eq(rig_status(A) & 2, 0);
}
