#include "ft4232h_rig.h"

#include "virtual/ft4232h_internal.h"

/*
 * Bytes on the wire: how long they take, what the other side reads, who waits
 * for whom.
 */
TestSuite(ft4232h_uart, .timeout = 20, .fini = rig_close);

enum { A, B, C, D };

static const uint8_t many[8192] = "The quick brown fox";

/* --- rates --- */

/* value and index as libftdi 1.5 sends them; the real rate by FTDI AN_120. */
static const struct rate {
	double asked;
	uint16_t value;
	uint8_t high;
	double real;
	double ten_bits_us;
} rates[] = {
	{ 9600, 0x04e2, 0x02, 9600, 1041.7 },
	{ 57600, 0x00d0, 0x03, 57588.5, 173.65 },
	{ 115200, 0xc068, 0x02, 115246.1, 86.77 },
	{ 921600, 0x000d, 0x02, 923076.9, 10.83 },
	{ 3e6, 0x0004, 0x02, 3e6, 3.33 },
	{ 8e6, 0x0001, 0x02, 8e6, 1.25 },
	{ 12e6, 0x0000, 0x02, 12e6, 0.83 },
	{ 300, 0x2710, 0x00, 300, 33333.3 },
	{ 2e6, 0x0001, 0x00, 2e6, 5 },
	{ 3e6, 0x0000, 0x00, 3e6, 3.33 },
};

RIG_ROWS(ft4232h_uart, baud_table, rates)
{
	const struct rate *r = &rates[*i];
	double real = ft_rate(r->value, (uint16_t)(r->high << 8));

	cr_assert_float_eq(real, r->real, r->real * 1e-6, "%.0f: %f", r->asked, real);
	rig_open(NULL);
	rig_speed(C, r->value, r->high, r->real);
	rig_out(C, many, 1);
	rig_pass(100 * MS);
	cr_assert_float_eq((double)rig.heard[0].at / 1e3, r->ten_bits_us, r->ten_bits_us * 0.005,
			   "%.0f", r->asked);
}

Test(ft4232h_uart, eighths)
{
	static const double part[8] = { 0, .125, .25, .5, .375, .625, .75, .875 };
	static const uint16_t value[8] = { 0, 0xc000, 0x8000, 0x4000, 0, 0x4000, 0x8000, 0xc000 };

	for (int i = 0; i < 8; i++)
		cr_assert_float_eq(ft_rate((uint16_t)(value[i] | 5), i < 4 ? 0x200 : 0x300),
				   12e6 / (5 + part[i]), 1, "%d", i);
}

static const struct rig_speed paced[] = {
	{ "9600", 0x04e2, 2, 9600 },
	{ "115200", 0xc068, 2, 12e6 / 104.125 },
	{ "921600", 0x000d, 2, 12e6 / 13 },
	{ "3M", 0x0004, 2, 3e6 },
};

RIG_ROWS(ft4232h_uart, thousand_bytes_to_the_board, paced)
{
	const struct rig_speed *s = &paced[*i];
	int64_t t = 77777;

	rig_open(NULL);
	rig_until(t);
	rig_speed(C, s->value, s->high, s->rate);
	rig_out(C, many, 1000);
	rig_pass(1100 * MS);
	cr_assert_eq(rig.bytes, 1000);
	for (int k = 0; k < 1000; k++) {
		int64_t due = t + llround((k + 1) * 10e9 / s->rate);

		cr_assert_leq(llabs(rig.heard[k].at - due), 1, "%s: %d", s->name, k);
		cr_assert_eq(rig.heard[k].byte, many[k]);
		cr_assert_eq(rig.heard[k].errors, 0);
	}
}

/* A board that promises to take in bytes without a word gets the same ones, each with
 * the same time; its answer is out at the same time; the program has less to do. */
Test(ft4232h_uart, a_promise_changes_nothing_but_the_turns)
{
	int64_t at[2][133], answered[2];
	int runs[2];

	for (int quiet = 0; quiet < 2; quiet++) {
		struct urb *in, *out;

		rig_open(NULL);
		rig.answer_after = 133;
		rig.answer = 6;
		rig_until(77777);
		rig_speed(D, 0x0004, 2, 3e6);
		rig_set(D, 6, 0x106, 0);
		rig_in(D, 512); /* the latency timer ran out long ago */
		rig_pass(MS);
		in = rig_in(D, 512);
		rig.promised = quiet;
		if (quiet)
			ft4232h_board_quiet(rig.f, D, 133);
		runs[quiet] = rig.runs;
		out = rig_out(D, many, 133);
		rig_pass(5 * MS);
		runs[quiet] = rig.runs - runs[quiet];
		cr_assert_eq(rig.bytes, 133);
		for (int k = 0; k < 133; k++) {
			cr_assert_eq(rig.heard[k].byte, many[k]);
			at[quiet][k] = rig.heard[k].at;
		}
		cr_assert_geq(rig_when(out), 0);
		cr_assert_eq(in->actual, 3);
		answered[quiet] = rig_when(in);
		rig_close();
	}
	cr_expect_arr_eq(at[0], at[1], sizeof(at[0]));
	cr_expect_eq(answered[0], answered[1]);
	cr_expect_lt(runs[1], runs[0]);
}

Test(ft4232h_uart, a_promise_that_is_broken_ends)
{
	rig_open(NULL);
	rig_speed(D, 0x0004, 2, 3e6);
	rig_set(D, 6, 0x106, 0);
	ft4232h_board_quiet(rig.f, D, 100000);
	rig_in(D, 512);
	rig_out(D, many, 300);
	rig.promised = 1;
	rig_pass(300 * US);
	rig_say(D, "\x06", 1);
	rig.promised = 0; /* from now on every byte is told when it is there */
	rig_pass(5 * MS);
	cr_expect_eq(rig.bytes, 300);
	cr_expect_eq(rig.completed, 2);
}

RIG_ROWS(ft4232h_uart, thousand_bytes_to_the_host, paced)
{
	const struct rig_speed *s = &paced[*i];
	int64_t t = 333333;
	uint8_t bytes[1000];
	struct urb *u, *v;

	rig_open(NULL);
	rig_speed(C, s->value, s->high, s->rate);
	rig_set(C, 9, 255, 0);
	rig_set(C, 6, 0x1ff, 0);
	for (int k = 0; k < 1000; k++)
		bytes[k] = many[k];
	bytes[999] = 0xff;
	rig_until(t);
	u = rig_in(C, 512);
	v = rig_in(C, 4096);
	rig_until(t = 400 * MS + 1); /* both are pending, the first comes back empty */
	cr_assert_eq(u->actual, 2);
	rig_say(C, bytes, 1000);
	/* At 9600 the timer hands over some on the way. */
	for (int n = 0; n < 1000; v = rig_in(C, 4096)) {
		while (rig_when(v) < 0)
			rig_until(ft4232h_run(rig.f, rig.now));
		n += v->actual - 2 * ((v->actual + 511) / 512);
	}
	cr_assert_eq(rig.now, rig_frame(t + llround(1000 * 10e9 / s->rate)), "%s", s->name);
}

Test(ft4232h_uart, both_directions_at_once)
{
	rig_open(NULL);
	rig.echo = 1;
	rig_speed(C, 0x0004, 2, 3e6);
	rig_out(C, many, 500);
	rig_until(llround(500 * 10e9 / 3e6));
	cr_assert_eq(rig.bytes, 500);
	cr_assert_eq(ft4232h_board_unsent(rig.f, C), 1, "each went back while the next came");
}

/* --- line format --- */

static const struct format {
	const char *name;
	uint16_t value; /* request 04 */
	struct ft_line board;
	uint8_t said, heard;
	unsigned errors;
	double bits; /* of the chip's frame */
} formats[] = {
	{ "8N1", 0x0008, { 115246, 8, 2, 'N' }, 0xa5, 0xa5, 0, 10 },
	{ "8N2", 0x1008, { 115246, 8, 4, 'N' }, 0xa5, 0xa5, 0, 11 },
	{ "8N1.5", 0x0808, { 115246, 8, 3, 'N' }, 0xa5, 0xa5, 0, 10.5 },
	{ "7E1", 0x0207, { 115246, 7, 2, 'E' }, 0x25, 0x25, 0, 10 },
	{ "7E1 drops the top bit", 0x0207, { 115246, 7, 2, 'E' }, 0xa5, 0x25, 0, 10 },
	{ "8O1", 0x0108, { 115246, 8, 2, 'O' }, 0xa5, 0xa5, 0, 11 },
	{ "8M1", 0x0308, { 115246, 8, 2, 'M' }, 0xa5, 0xa5, 0, 11 },
	{ "8S1", 0x0408, { 115246, 8, 2, 'S' }, 0xa5, 0xa5, 0, 11 },
	{ "8E1 read as 8O1", 0x0208, { 115246, 8, 2, 'O' }, 0xa5, 0xa5, FT_PARITY, 11 },
	{ "8N1 read as 7N1, bit 7 low", 0x0008, { 115246, 7, 2, 'N' }, 0x25, 0x25, FT_FRAMING, 10 },
	{ "8N1 read as 7N1, bit 7 high", 0x0008, { 115246, 7, 2, 'N' }, 0xa5, 0x25, 0, 10 },
	{ "7N1 read as 8N1", 0x0007, { 115246, 8, 2, 'N' }, 0x25, 0xa5, 0, 9 },
	{ "8N1 read as 8E1", 0x0008, { 115246, 8, 2, 'E' }, 0xa5, 0xa5, FT_PARITY, 10 },
	{ "8S1 read as 8N1", 0x0408, { 115246, 8, 2, 'N' }, 0xa5, 0xa5, FT_FRAMING, 11 },
	{ "2 % slow", 0x0008, { 113000, 8, 2, 'N' }, 0xa5, 0xa5, 0, 10 },
};

RIG_ROWS(ft4232h_uart, line_format, formats)
{
	const struct format *r = &formats[*i];

	rig_open(NULL);
	cr_assert_eq(rig_set(C, 3, 0xc068, 2), 0);
	cr_assert_eq(rig_set(C, 4, r->value, 0), 0);
	ft4232h_board_line(rig.f, C, &r->board, FT_NO_FLOW);
	rig_out(C, &r->said, 1);
	rig_pass(5 * MS);
	cr_assert_eq(rig.heard[0].byte, r->heard, "%s: %02x", r->name, rig.heard[0].byte);
	cr_assert_eq(rig.heard[0].errors, r->errors, "%s: %u", r->name, rig.heard[0].errors);
	cr_assert_eq(rig.heard[0].at, llround(r->bits * 1e9 * 104.125 / 12e6), "%s", r->name);
}

Test(ft4232h_uart, parity_error_towards_the_host)
{
	struct ft_line even = { .baud = 115200, .bits = 8, .stop2x = 2, .parity = 'E' };
	struct urb *u;

	rig_open_unpaced();
	rig_set(C, 4, 0x0108, 0);
	ft4232h_board_line(rig.f, C, &even, FT_NO_FLOW);
	rig_say(C, "ab", 2);
	u = rig_in(C, 512);
	rig_pass(20 * MS);
	cr_assert_eq(u->actual, 4);
	cr_assert_eq(u->data[1], 0xe5, "parity, error in FIFO, data; transmitter empty");
	rig_set(C, 7, 0x100 | '?', 0);
	rig_say(C, "c", 1);
	u = rig_in(C, 512);
	rig_pass(20 * MS);
	cr_assert_eq(u->data[2], '?', "error character");
	u = rig_in(C, 512);
	rig_pass(20 * MS);
	cr_assert_eq(u->data[1], 0x60, "told once");
}

/* The chip at 115200; from 3 % apart no byte is read right, either way. */
static const double wrong[] = { 1.04, 0.96, 2, 0.5, 12, 1 / 12.0, 9600 / 115246.0 };

RIG_ROWS(ft4232h_uart, wrong_rate, wrong)
{
	double rate = 12e6 / 104.125 * wrong[*i];
	uint8_t all[256];
	struct urb *u;
	int at = 0;

	rig_open_unpaced();
	rig_speed(C, 0xc068, 2, rate);
	for (int k = 0; k < 256; k++)
		all[k] = (uint8_t)k;
	rig_out(C, all, 256);
	cr_assert_eq(rig.bytes, 256);
	for (int k = 0; k < 256; k++) {
		cr_assert_neq(rig.heard[k].byte, k, "%g", wrong[*i]);
		cr_assert(rig.heard[k].errors & FT_FRAMING);
	}
	rig_say(C, all, 256);
	u = rig_in(C, 512);
	rig_pass(20 * MS);
	cr_assert_eq(u->actual, 258);
	cr_assert(u->data[1] & 0x08);
	for (; at < 256; at++)
		cr_assert_neq(u->data[2 + at], at);
}

Test(ft4232h_uart, rate_change_spoils_what_is_on_its_way)
{
	rig_open(NULL);
	rig_speed(C, 0x04e2, 2, 9600);
	rig_out(C, many, 10);
	rig_until(llround(4.5 * 10e9 / 9600));
	rig_set(C, 3, 0x0004, 2);
	rig_pass(100 * MS);
	cr_assert_eq(rig.bytes, 10);
	for (int k = 0; k < 10; k++)
		cr_assert_eq(!rig.heard[k].errors, k < 4, "%d", k);
	cr_assert_eq(rig.heard[4].at, llround(5 * 10e9 / 9600), "its end was settled");
	cr_assert_eq(rig.heard[9].at, llround(5 * 10e9 / 9600) + llround(5 * 10e9 / 3e6));
}

/* --- break --- */

Test(ft4232h_uart, break_to_the_board)
{
	rig_open(NULL);
	rig_speed(C, 0x0004, 2, 3e6);
	rig_set(C, 4, 0x4008, 0);
	rig_out(C, "x", 1);
	rig_pass(50 * MS);
	cr_assert_eq(rig.bytes, 1);
	cr_assert_eq(rig.heard[0].byte, 0);
	cr_assert_eq(rig.heard[0].errors, FT_BREAK | FT_FRAMING);
	cr_assert_eq(ft4232h_levels(rig.f, C) & FT_TXD, 0);
	rig_set(C, 4, 0x0008, 0);
	rig_pass(MS);
	cr_assert_eq(rig.bytes, 2);
	cr_assert_eq(rig.heard[1].byte, 'x');
	cr_assert_eq(rig.heard[1].errors, 0);
	cr_assert_eq(ft4232h_levels(rig.f, C) & FT_TXD, FT_TXD);
}

Test(ft4232h_uart, break_from_the_board)
{
	struct urb *u;

	rig_open(NULL);
	rig_set(C, 9, 1, 0);
	rig_speed(C, 0x04e2, 2, 9600);
	ft4232h_board_pins(rig.f, C, FT_RXD, 0, 0xff, rig.now);
	rig_pass(MS); /* shorter than a byte */
	ft4232h_board_pins(rig.f, C, FT_RXD, FT_RXD, 0xff, rig.now);
	rig_pass(5 * MS);
	cr_assert_eq(rig_status(C) & 0x10, 0);
	ft4232h_board_pins(rig.f, C, FT_RXD, 0, 0xff, rig.now);
	rig_pass(50 * MS);
	cr_assert_eq(rig_status(C) & 0x18, 0x18);
	u = rig_in(C, 512);
	rig_pass(MS);
	cr_assert_eq(u->actual, 3);
	cr_assert_eq(u->data[2], 0);
	cr_assert_eq(u->data[1] & 0x10, 0x10);
}

/* --- flow control --- */

Test(ft4232h_uart, cts_stops_the_chip)
{
	rig_open(NULL);
	rig_speed(C, 0x04e2, 2, 9600);
	rig_set(C, 2, 0, 1);
	rig_out(C, many, 10);
	rig_pass(20 * MS);
	cr_assert_eq(rig.bytes, 0);
	ft4232h_board_pins(rig.f, C, FT_CTS, 0, 0xff, rig.now);
	rig_pass(llround(2.5 * 10e9 / 9600));
	ft4232h_board_pins(rig.f, C, FT_CTS, FT_CTS, 0xff, rig.now);
	rig_pass(20 * MS);
	cr_assert_eq(rig.bytes, 3, "the byte on the wire still ends");
	ft4232h_board_pins(rig.f, C, FT_CTS, 0, 0xff, rig.now);
	rig_pass(20 * MS);
	cr_assert_eq(rig.bytes, 10);
}

Test(ft4232h_uart, dsr_stops_the_chip)
{
	rig_open(NULL);
	rig_set(C, 2, 0, 2);
	rig_out(C, many, 10);
	rig_pass(20 * MS);
	cr_assert_eq(rig.bytes, 0);
	ft4232h_board_pins(rig.f, C, FT_DSR, 0, 0xff, rig.now);
	rig_pass(20 * MS);
	cr_assert_eq(rig.bytes, 10);
}

/* Read until nothing comes for a while; returns payload bytes, all as in many. */
static int drain(int port)
{
	int n = 0, got;

	do {
		struct urb *u = rig_in(port, 4096);

		rig_pass(17 * MS);
		cr_assert_neq(rig_when(u), -1);
		cr_assert_eq(u->data[1] & 2, 0, "overrun");
		got = u->actual - 2 * ((u->actual + 511) / 512);
		for (int k = 0, at = n; k < u->actual; k++) {
			if (k % 512 > 1)
				cr_assert_eq(u->data[k], many[at++]);
		}
		n += got;
		rig_drop(u);
		rig.completed = 0;
	} while (got);
	return n;
}

static const struct flow {
	const char *name;
	uint16_t value;
	uint8_t flow;
	enum ft_flow board;
	int all; /* bytes arrive */
} flows[] = {
	{ "RTS/CTS", 0, 1, FT_RTSCTS, 1 },
	{ "XON/XOFF", 0x1311, 4, FT_XONXOFF, 1 },
	{ "none", 0, 0, FT_NO_FLOW, 0 },
	{ "chip only", 0, 1, FT_NO_FLOW, 0 },
};

RIG_ROWS(ft4232h_uart, full_fifo_stops_the_board, flows)
{
	const struct flow *r = &flows[*i];
	struct ft_line line = { .baud = 3e6, .bits = 8, .stop2x = 2, .parity = 'N' };

	rig_open(NULL);
	rig_speed(C, 0x0004, 2, 3e6);
	rig_set(C, 2, r->value, r->flow);
	ft4232h_board_line(rig.f, C, &line, r->board);
	rig_say(C, many, 5000);
	rig_pass(100 * MS);
	if (!r->all) {
		cr_assert_eq(ft4232h_board_unsent(rig.f, C), 0);
		cr_assert_eq(rig_status(C) & 2, 2, "%s", r->name);
		return;
	}
	cr_assert_gt(ft4232h_board_unsent(rig.f, C), 2900);
	cr_assert_eq(rig_status(C) & 2, 0, "%s", r->name);
	cr_assert_eq(drain(C), 5000, "%s", r->name);
}

Test(ft4232h_uart, rts_waits_for_the_host_without_flow_control)
{
	struct ft_line line = { .baud = 115200, .bits = 8, .stop2x = 2, .parity = 'N' };

	rig_open_unpaced();
	ft4232h_board_line(rig.f, C, &line, FT_RTSCTS);
	rig_say(C, many, 10);
	rig_pass(MS);
	cr_assert_eq(ft4232h_board_unsent(rig.f, C), 10);
	rig_set(C, 1, 0x0202, 0);
	rig_pass(MS);
	cr_assert_eq(ft4232h_board_unsent(rig.f, C), 0);
}

Test(ft4232h_uart, rts_edges_have_their_time)
{
	rig_open(NULL);
	rig_speed(C, 0x0004, 2, 3e6);
	rig_set(C, 2, 0, 1);
	cr_assert_eq(rig.changes, 1);
	cr_assert_eq(rig.pins[0].mask, FT_RTS | FT_DTR);
	cr_assert_eq(rig.pins[0].levels, FT_DTR);
	rig_say(C, many, 1600);
	rig_pass(10 * MS);
	cr_assert_eq(rig.changes, 2);
	cr_assert_eq(rig.pins[1].levels, FT_RTS | FT_DTR);
	cr_assert_eq(rig.pins[1].at, llround(1536 * 10e9 / 3e6));
}

Test(ft4232h_uart, xoff_from_the_board_stops_the_chip)
{
	struct urb *u;

	rig_open(NULL);
	rig_speed(C, 0x04e2, 2, 9600);
	rig_set(C, 2, 0x1311, 4);
	rig_say(C,
		"a\x13"
		"b",
		3);
	rig_pass(10 * MS);
	rig_out(C, many, 10);
	rig_pass(50 * MS);
	cr_assert_eq(rig.bytes, 0);
	rig_say(C, "\x11", 1);
	rig_pass(50 * MS);
	cr_assert_eq(rig.bytes, 10);
	u = rig_in(C, 512);
	rig_pass(MS);
	cr_assert_eq(u->actual, 4, "neither reaches the host");
	cr_assert_arr_eq(u->data + 2, "ab", 2);
}

Test(ft4232h_uart, xon_among_other_bytes_is_in_time)
{
	static uint8_t bytes[400];

	rig_open(NULL);
	rig_speed(C, 0x04e2, 2, 9600);
	rig_set(C, 2, 0x1311, 4);
	rig_say(C, "\x13", 1);
	rig_pass(10 * MS);
	rig_out(C, many, 10);
	bytes[10] = 0x11;
	rig_say(C, bytes, sizeof(bytes));
	rig_until(100 * MS);
	cr_assert_eq(rig.bytes, 10);
	cr_assert_eq(rig.heard[0].at, 10 * MS + llround(12 * 10e9 / 9600),
		     "after 11 from the board");
}

Test(ft4232h_uart, modem_outputs)
{
	rig_open(NULL);
	rig_set(C, 1, 0x0303, 0);
	cr_assert_eq(ft4232h_levels(rig.f, C) & (FT_RTS | FT_DTR), 0, "asserted is low");
	rig_set(C, 1, 0x0100, 0);
	cr_assert_eq(ft4232h_levels(rig.f, C) & (FT_RTS | FT_DTR), FT_DTR);
	rig_set(C, 1, 0x0200, 0);
	cr_assert_eq(ft4232h_levels(rig.f, C) & (FT_RTS | FT_DTR), FT_DTR | FT_RTS);
	cr_assert_eq(rig.changes, 3);
	cr_assert_eq(rig.pins[0].levels, 0);
	cr_assert_eq(rig.pins[1].levels, FT_DTR);
	cr_assert_eq(rig.pins[2].levels, FT_DTR | FT_RTS);
}

/* --- noise --- */

static int noisy(uint8_t out[4096], const struct ft_faults *x, int other_port)
{
	struct urb *u;

	rig_open_unpaced();
	ft4232h_faults(rig.f, x);
	if (other_port)
		rig_say(D, many, 100);
	rig_say(C, many, 1000);
	rig_pass(0);
	u = rig_in(C, 4096);
	rig_pass(20 * MS);
	rig_out(C, many, 500);
	for (int k = 0; k < rig.bytes; k++)
		out[2048 + k] = rig.heard[k].byte;
	memcpy(out, u->data, (size_t)u->actual);
	return u->actual * 1000 + rig.bytes;
}

Test(ft4232h_uart, noise_repeats_by_seed)
{
	struct ft_faults x = {
		.seed = 42, .flip = .05, .drop = .05, .extra = .05, .flip_out = .05, .drop_out = .05
	};
	static uint8_t a[4096], b[4096];
	int n;

	n = noisy(a, &x, 0);
	rig_close();
	cr_assert_eq(noisy(b, &x, 1), n, "and another port changes nothing");
	rig_close();
	cr_assert_arr_eq(a, b, sizeof(a));
	x.seed = 43;
	memset(b, 0, sizeof(b));
	noisy(b, &x, 0);
	cr_assert_neq(memcmp(a, b, sizeof(a)), 0);
}

static const struct noise {
	const char *name;
	struct ft_faults faults;
	int to_host_min, to_host_max, to_board_min, to_board_max;
} noises[] = {
	{ "none", { 0 }, 1004, 1004, 500, 500 },
	{ "drop", { .drop = .1 }, 860, 940, 500, 500 },
	{ "extra", { .extra = .1 }, 1060, 1150, 500, 500 },
	{ "drop out", { .drop_out = .1 }, 1004, 1004, 420, 480 },
	{ "all lost", { .drop = 1, .drop_out = 1 }, 2, 2, 0, 0 },
};

RIG_ROWS(ft4232h_uart, noise_has_its_measure, noises)
{
	const struct noise *r = &noises[*i];
	static uint8_t out[4096];
	int n = noisy(out, &r->faults, 0);

	cr_assert_geq(n / 1000, r->to_host_min, "%s: %d", r->name, n);
	cr_assert_leq(n / 1000, r->to_host_max, "%s: %d", r->name, n);
	cr_assert_geq(n % 1000, r->to_board_min, "%s: %d", r->name, n);
	cr_assert_leq(n % 1000, r->to_board_max, "%s: %d", r->name, n);
}

Test(ft4232h_uart, every_byte_flipped_is_wrong_by_one_bit)
{
	struct ft_faults x = { .flip_out = 1 };

	rig_open_unpaced();
	ft4232h_faults(rig.f, &x);
	rig_out(C, many, 500);
	for (int k = 0; k < 500; k++)
		cr_assert_eq(__builtin_popcount(rig.heard[k].byte ^ many[k]), 1);
}

/* --- the board's buffer --- */

Test(ft4232h_uart, board_buffer)
{
	static uint8_t bytes[FT_BOARD_BUFFER + 10];

	rig_open(NULL);
	cr_assert_eq(rig_say(C, bytes, sizeof(bytes)), FT_BOARD_BUFFER);
	cr_assert_eq(rig_say(C, bytes, 1), 0);
	cr_assert_eq(ft4232h_board_unsent(rig.f, C), FT_BOARD_BUFFER);
	rig_pass(100 * MS);
	cr_assert_lt(ft4232h_board_unsent(rig.f, C), FT_BOARD_BUFFER - 1000);
	ft4232h_board_discard(rig.f, C);
	cr_assert_eq(ft4232h_board_unsent(rig.f, C), 0);
	rig_pass(100 * MS);
}
