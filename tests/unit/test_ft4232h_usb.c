#include "ft4232h_rig.h"

/*
 * Packets towards the host: what hands one over and when, what stands in front
 * of it, and how long exchanges take by that.
 */
TestSuite(ft4232h_usb, .timeout = 20, .fini = rig_close);

enum { A, B, C, D };

/* Both sides at 3 Mbit/s, the latency timer started now at a frame boundary. */
static void start(void)
{
	rig_open(NULL);
	rig_speed(C, 0x0004, 2, 3e6);
	rig_in(C, 512);
	rig_pass(125 * US);
	cr_assert_eq(rig.completed, 1);
	rig_drop(rig.done[0]);
	rig.completed = 0;
	cr_assert_eq(rig_set(C, 9, 16, 0), 0);
}

static int64_t wire(double bytes, double rate)
{
	return llround(bytes * 10e9 / rate);
}

static const uint8_t *pattern(void)
{
	static uint8_t p[4096];

	for (size_t i = 0; i < sizeof(p); i++)
		p[i] = (uint8_t)(i * 7 + i / 256);
	return p;
}

/* --- the five causes --- */

Test(ft4232h_usb, cause_full_packet)
{
	struct urb *u;
	int64_t t;

	start();
	t = rig.now;
	u = rig_in(C, 512);
	rig_say(C, pattern(), 600);
	rig_until(t + wire(510, 3e6) - 1);
	cr_assert_eq(rig.completed, 0);
	rig_pass(MS);
	cr_assert_eq(u->actual, 512);
	cr_assert_eq(rig_when(u), rig_frame(t + wire(510, 3e6)));
}

Test(ft4232h_usb, cause_modem_line)
{
	static const struct {
		uint8_t pin, bit;
	} lines[] = { { 1 << 3, 0x10 }, { 1 << 5, 0x20 }, { 1 << 7, 0x40 }, { 1 << 6, 0x80 } };

	start();
	for (size_t i = 0; i < 4; i++) {
		struct urb *u = rig_in(C, 512);
		int64_t t = rig.now + 777 * US;

		rig_until(t);
		cr_assert_eq(rig_when(u), -1);
		ft4232h_board_pins(rig.f, C, lines[i].pin, 0, 0xff, t);
		rig_pass(MS);
		cr_assert_eq(rig_when(u), rig_frame(t));
		cr_assert_eq(u->actual, 2);
		cr_assert_eq(u->data[0] & 0xf0, lines[i].bit);
		cr_assert_eq(u->data[1], 0x60);
	}
}

Test(ft4232h_usb, cause_event_character)
{
	struct urb *u;
	int64_t t;

	start();
	rig_set(C, 6, 0x1c0, 0);
	t = rig.now;
	u = rig_in(C, 512);
	rig_say(C, "\x01\x02\xc0\x03", 4);
	rig_pass(MS);
	cr_assert_eq(rig_when(u), rig_frame(t + wire(3, 3e6)));
	cr_assert_eq(u->actual, 5);
	cr_assert_arr_eq(u->data + 2, "\x01\x02\xc0", 3);
	/* The byte behind it waits for the timer, which this packet started. */
	t += wire(3, 3e6);
	u = rig_in(C, 512);
	rig_pass(20 * MS);
	cr_assert_eq(rig_when(u), rig_frame(t + 16 * MS));
	cr_assert_eq(u->actual, 3);
}

Test(ft4232h_usb, event_character_off)
{
	struct urb *u;
	int64_t t;

	start();
	rig_set(C, 6, 0x0c0, 0);
	t = rig.now;
	u = rig_in(C, 512);
	rig_say(C, "\x01\xc0", 2);
	rig_pass(20 * MS);
	cr_assert_eq(rig_when(u), rig_frame(t + 16 * MS));
}

Test(ft4232h_usb, event_character_waits_for_a_read)
{
	struct urb *u;

	start();
	rig_set(C, 6, 0x1c0, 0);
	rig_say(C, "\x01\xc0\x02", 3);
	rig_pass(MS);
	u = rig_in(C, 512);
	rig_pass(200 * US);
	cr_assert_eq(u->actual, 5, "what is there goes, with the byte behind it");
}

/* The character is in the second packet: both go, the byte behind goes with it. */
Test(ft4232h_usb, event_character_behind_a_full_packet)
{
	uint8_t bytes[600] = { 0 };
	struct urb *u;

	start();
	rig_set(C, 6, 0x1c0, 0);
	bytes[598] = 0xc0;
	rig_say(C, bytes, 600);
	rig_pass(3 * MS);
	u = rig_in(C, 4096);
	rig_pass(MS);
	cr_assert_eq(u->actual, 604);
}

/* FTDI AN232B-04 for older chips; the preset is that it acts everywhere. */
Test(ft4232h_usb, event_character_first_in_fifo)
{
	static const struct {
		int not_first;
		int64_t first_ms;
	} rows[] = { { 0, 0 }, { 1, 16 } };

	for (size_t i = 0; i < 2; i++) {
		struct ft_config c = { .event_char_not_first = rows[i].not_first };
		struct urb *u;

		rig_open(&c);
		rig_set(C, 6, 0x1c0, 0);
		rig_set(C, 9, 16, 0);
		u = rig_in(C, 512);
		rig_say(C, "\xc0", 1);
		rig_pass(20 * MS);
		cr_assert_eq(rig_when(u) / MS, rows[i].first_ms);
		u = rig_in(C, 512);
		rig_say(C, "a\xc0", 2);
		rig_pass(MS);
		cr_assert_neq(rig_when(u), -1);
		if (!i)
			rig_close();
	}
}

static const unsigned latencies[] = { 1, 2, 16, 255 };

RIG_ROWS(ft4232h_usb, cause_latency_timer, latencies)
{
	int64_t lat = latencies[*i] * MS, t;
	struct urb *u[3];
	uint8_t got;

	start();
	cr_assert_eq(rig_set(C, 9, (uint16_t)latencies[*i], 0), 0);
	cr_assert_eq(rig_get(C, 0x0a, &got, 1), 1);
	cr_assert_eq(got, latencies[*i]);
	t = rig.now;
	for (size_t k = 0; k < 3; k++)
		u[k] = rig_in(C, 512);
	rig_say(C, "x", 1);
	rig_until(t + 3 * lat + MS);
	for (int k = 0; k < 3; k++) {
		cr_assert_eq(rig_when(u[k]), rig_frame(t + (k + 1) * lat), "latency %u",
			     latencies[*i]);
		cr_assert_eq(u[k]->actual, k ? 2 : 3);
	}
}

Test(ft4232h_usb, timer_is_restarted_by_each_packet)
{
	struct urb *u, *v;
	int64_t t;

	start();
	u = rig_in(C, 512);
	rig_pass(10 * MS);
	t = rig.now;
	rig_say(C, pattern(), 511); /* a full packet, and one byte for the timer */
	rig_pass(2 * MS);
	cr_assert_eq(rig_when(u), rig_frame(t + wire(510, 3e6)));
	v = rig_in(C, 512);
	rig_pass(20 * MS);
	cr_assert_eq(rig_when(v), rig_frame(t + wire(510, 3e6) + 16 * MS));
	cr_assert_eq(v->actual, 3);
}

Test(ft4232h_usb, cause_mpsse_send_now)
{
	struct urb *u;
	int64_t t;

	rig_open(NULL);
	rig_set(A, 9, 16, 0);
	rig_set(A, 0x0b, 0x200, 0);
	t = rig.now;
	u = rig_in(A, 512);
	rig_out(A, "\x81", 1);
	rig_pass(MS);
	cr_assert_eq(rig_when(u), -1);
	t = rig.now;
	rig_out(A, "\x87", 1);
	rig_pass(20 * MS);
	cr_assert_eq(rig_when(u), rig_frame(t));
	cr_assert_eq(u->actual, 3);
}

/* --- what stands where --- */

static const struct {
	size_t payload;
	int actual;
} sizes[] = { { 0, 2 },     { 1, 3 },       { 509, 511 },  { 510, 514 },
	      { 511, 515 }, { 1020, 1026 }, { 1021, 1027 } };

RIG_ROWS(ft4232h_usb, status_bytes_at_each_512, sizes)
{
	size_t n = sizes[*i].payload, at = 0;
	struct urb *u;

	rig_open(NULL);
	rig_speed(C, 0x0004, 2, 3e6);
	ft4232h_board_pins(rig.f, C, 1 << 3, 0, 0xff, 0);
	rig_say(C, pattern(), n);
	rig_pass(10 * MS);
	rig_set(C, 9, 16, 0);
	u = rig_in(C, 2048);
	rig_pass(40 * MS);
	cr_assert_eq(u->status, 0);
	/* A status change and full packets start the timer anew: one or two periods. */
	cr_assert_eq(u->actual, sizes[*i].actual, "%zu: %d", n, u->actual);
	for (int k = 0; k < u->actual; k++) {
		if (k % 512 == 0)
			cr_assert_eq(u->data[k], 0x12);
		else if (k % 512 == 1)
			cr_assert_eq(u->data[k] & ~1, 0x60);
		else
			cr_assert_eq(u->data[k], pattern()[at++]);
	}
	cr_assert_eq(at, n);
}

Test(ft4232h_usb, full_urb_ends_without_a_short_packet)
{
	struct urb *u;

	rig_open_unpaced();
	rig_say(C, pattern(), 1020);
	rig_pass(0);
	u = rig_in(C, 1024);
	cr_assert_eq(rig_when(u), 0);
	cr_assert_eq(u->actual, 1024);
}

Test(ft4232h_usb, transmitter_bits)
{
	struct urb *u;

	start();
	cr_assert_eq(rig_status(C) & 0x60, 0x60);
	u = rig_out(C, pattern(), 2);
	cr_assert_eq(rig_status(C) & 0x60, 0x00, "one in the FIFO, one on the wire");
	rig_pass(wire(1, 3e6));
	cr_assert_eq(rig_status(C) & 0x60, 0x20, "the last on the wire");
	rig_pass(wire(2, 3e6) - wire(1, 3e6));
	cr_assert_eq(rig_status(C) & 0x60, 0x60);
	rig_pass(MS);
	cr_assert_eq(u->status, 0);
}

Test(ft4232h_usb, overrun_is_reported_once)
{
	struct urb *u;

	start();
	rig_say(C, pattern(), FT_FIFO + 5);
	rig_pass(10 * MS);
	u = rig_in(C, 4096);
	rig_pass(20 * MS);
	cr_assert_eq(u->actual, FT_FIFO + 2 * 5);
	cr_assert_eq(u->data[1] & 0x02, 0x02);
	for (int k = 512; k < u->actual; k += 512)
		cr_assert_eq(u->data[k + 1] & 0x02, 0);
	cr_assert_arr_eq(u->data + 2, pattern(), 510);
}

/* --- room --- */

Test(ft4232h_usb, packet_longer_than_the_room)
{
	struct urb *u;

	rig_open_unpaced();
	rig_say(C, pattern(), 200);
	rig_pass(0);
	u = rig_in(C, 100);
	cr_assert_eq(u->status, -EOVERFLOW);
	cr_assert_eq(u->actual, 0);
	rig_say(C, pattern(), 50);
	u = rig_in(C, 100);
	rig_pass(20 * MS);
	cr_assert_eq(u->status, 0);
	cr_assert_eq(u->actual, 52, "a short one fits, the long one is lost");
	rig_say(C, pattern(), 1020);
	u = rig_in(C, 1000);
	rig_pass(0);
	cr_assert_eq(u->status, -EOVERFLOW);
	cr_assert_eq(u->actual, 512);
	u = rig_in(C, 0);
	rig_pass(20 * MS);
	cr_assert_eq(u->status, -EOVERFLOW);
}

Test(ft4232h_usb, full_fifo_holds_the_write)
{
	double bt = 10e9 / 9600;
	struct urb *u, *v;

	rig_open(NULL);
	rig_speed(D, 0x04e2, 2, 9600);
	u = rig_out(D, pattern(), 4096);
	v = rig_out(D, pattern(), 1);
	rig_until(llround(2047 * bt) - 1);
	cr_assert_eq(rig_when(u), -1);
	cr_assert_eq(u->actual, 4096 - 512);
	rig_pass(3 * MS);
	cr_assert_eq(rig_when(u), rig_frame(llround(2047 * bt)));
	cr_assert_eq(rig_when(v), rig_frame(llround(2048 * bt)), "and in order");
	rig_pass(3000 * MS);
	cr_assert_eq(rig.bytes, 4097);
	cr_assert_eq(rig.heard[4096].at, llround(4097 * bt), "without a gap");
}

Test(ft4232h_usb, frame_carries_13_packets)
{
	static uint8_t bytes[131072];
	struct urb *u;

	rig_open(NULL);
	rig_set(C, 0x0b, 0x200, 0); /* takes everything at once */
	u = rig_out(C, bytes, sizeof(bytes));
	rig_pass(5 * MS);
	cr_assert_eq(rig_when(u), 20 * 125 * US, "256 packets, 13 in each frame");
}

/* --- round trips in lock step --- */

static const struct round {
	const char *name;
	int unpaced;
	unsigned latency;
	int event; /* event character on */
	uint16_t value;
	double rate; /* bit/s */
	size_t n;    /* bytes out, then one back */
	int64_t expect_us;
} rounds[] = {
	{ "16 ms, 115200", 0, 16, 0, 0xc068, 12e6 / 104.125, 133, 16000 },
	{ "16 ms, 3 M", 0, 16, 0, 0x0004, 3e6, 133, 16000 },
	{ "2 ms, 115200", 0, 2, 0, 0xc068, 12e6 / 104.125, 133, 12000 },
	{ "2 ms, 3 M", 0, 2, 0, 0x0004, 3e6, 133, 2000 },
	{ "1 ms, 115200", 0, 1, 0, 0xc068, 12e6 / 104.125, 133, 12000 },
	{ "1 ms, 3 M", 0, 1, 0, 0x0004, 3e6, 133, 1000 },
	{ "event, 115200", 0, 16, 1, 0xc068, 12e6 / 104.125, 133, 11750 },
	{ "event, 3 M", 0, 16, 1, 0x0004, 3e6, 133, 500 },
	{ "16 ms, not paced", 1, 16, 0, 0x0004, 3e6, 1, 16000 },
	{ "2 ms, not paced", 1, 2, 0, 0x0004, 3e6, 1, 2000 },
	{ "1 ms, not paced", 1, 1, 0, 0x0004, 3e6, 1, 1000 },
	{ "event, not paced", 1, 16, 1, 0x0004, 3e6, 1, 0 },
};

/* Write, then read until a byte is there, as a host does that waits for each. */
static void exchange(size_t n)
{
	struct urb *u = rig_out(C, pattern(), (int)n);

	while (rig_when(u) < 0)
		rig_until(ft4232h_run(rig.f, rig.now));
	rig_drop(u);
	for (int got = 0; !got;) {
		u = rig_in(C, 512);
		while (rig_when(u) < 0)
			rig_until(ft4232h_run(rig.f, rig.now));
		got = u->actual == 3;
		cr_assert(!got || u->data[2] == 0x06);
		rig_drop(u);
	}
	rig.completed = 0;
}

RIG_ROWS(ft4232h_usb, round_trip, rounds)
{
	const struct round *r = &rounds[*i];
	struct ft_config c = { .unpaced = r->unpaced };
	int64_t t, least;

	rig_open(&c);
	rig.answer = 0x06;
	rig.answer_after = (int)r->n;
	rig_speed(C, r->value, 2, r->rate);
	rig_set(C, 9, (uint16_t)r->latency, 0);
	rig_set(C, 6, (uint16_t)(r->event << 8 | 0x06), 0);
	exchange(r->n); /* from here on in step */
	t = rig.now;
	for (int k = 0; k < 20; k++)
		exchange(r->n);
	cr_assert_eq(rig.now - t, 20 * r->expect_us * US, "%s: %lld us", r->name,
		     (long long)(rig.now - t) / 20000);
	least = ft4232h_round_trip_ns(rig.f, C, r->n);
	cr_assert_eq(least, r->unpaced ? 0 : wire((double)r->n + 1, r->rate));
	cr_assert_leq(least, r->expect_us * US);
}

/* --- a program that is late --- */

/* A block of 133 bytes at 3 Mbit/s, answered by an event character: heard at 500 us,
 * given back 300 us late. */
static void heard_late(int64_t (*wake)(struct ft4232h *f, int64_t now))
{
	struct urb *in;

	rig_open(NULL);
	rig.answer = 0x06;
	rig.answer_after = 133;
	rig_speed(C, 4, 2, 3e6);
	rig_set(C, 9, 16, 0);
	rig_set(C, 6, 0x106, 0);
	in = rig_in(C, 512);
	rig_out(C, pattern(), 133);
	rig.now = 800 * US;
	wake(rig.f, rig.now);
	cr_assert_eq(rig_when(in), 800 * US);
	cr_assert_eq(in->due, 500 * US);
	cr_assert_eq(in->actual, 3);
}

static void answer(int64_t at)
{
	struct urb *u = rig.made[rig.urbs++] = calloc(1, sizeof(*u));

	u->endpoint = 0x06;
	u->data = calloc(1, 134);
	u->size = 133;
	ft4232h_submit(rig.f, u, at);
}

Test(ft4232h_usb, an_answer_has_the_time_at_which_it_could_be_given)
{
	heard_late(ft4232h_catch_up);
	answer(520 * US);
	rig_pass(MS);
	cr_assert_eq(rig.bytes, 266);
	cr_assert_eq(rig.heard[133].at, 520 * US + wire(1, 3e6));
	cr_assert_eq(rig.heard[265].at, 520 * US + wire(133, 3e6));
}

Test(ft4232h_usb, no_answer_is_before_what_it_answers)
{
	heard_late(ft4232h_catch_up);
	answer(100 * US);
	rig_pass(MS);
	cr_assert_eq(rig.heard[133].at, 500 * US + wire(1, 3e6), "heard at 500 us");
}

Test(ft4232h_usb, no_answer_overtakes_the_bytes_before_it)
{
	heard_late(ft4232h_catch_up);
	answer(520 * US);
	answer(530 * US);
	rig_pass(2 * MS);
	cr_assert_eq(rig.bytes, 399);
	cr_assert_eq(rig.heard[398].at, 520 * US + wire(266, 3e6));
}

Test(ft4232h_usb, a_chip_that_went_on_does_not_go_back)
{
	heard_late(ft4232h_run);
	answer(520 * US);
	rig_pass(MS);
	cr_assert_eq(rig.heard[133].at, 800 * US + wire(1, 3e6));
}
