#include "ft4232h_rig.h"

/*
 * The chip as a whole: each URB comes back exactly once whatever happens, time
 * goes on as it was due even when nobody calls, faults strike where they should.
 */
TestSuite(ft4232h, .timeout = 20, .fini = rig_close);

enum { A, B, C, D };

static const uint8_t many[8192] = "0123456789";

/* --- states in which a chip can be left or lost --- */

static void idle_read(struct urb *u[4])
{
	u[0] = rig_in(C, 512);
	u[1] = rig_in(C, 512);
}

static void half_filled_read(struct urb *u[4])
{
	rig_say(C, many, 600);
	rig_pass(600 * 10 * 1000000000ll / 115200 - 2 * MS);
	u[0] = rig_in(C, 4096);
	rig_pass(MS);
	cr_assert_eq(u[0]->actual, 512);
}

static void finished_read(struct urb *u[4])
{
	u[0] = rig_in(C, 512);
	ft4232h_board_pins(rig.f, C, 1 << 3, 0, 0xff, rig.now);
	ft4232h_run(rig.f, rig.now);
	cr_assert_eq(u[0]->actual, 2, "on its way until the end of the frame");
}

static void held_write(struct urb *u[4])
{
	u[0] = rig_out(C, many, 4096);
	u[1] = rig_out(C, many, 10);
	rig_pass(MS);
	cr_assert_eq(u[0]->actual, 2048);
}

static void finished_write(struct urb *u[4])
{
	u[0] = rig_out(C, many, 10);
}

static void mute_control(struct urb *u[4])
{
	struct ft_faults x = { .mute_ep0 = 1 };

	ft4232h_faults(rig.f, &x);
	u[0] = rig_urb(0x80, calloc(1, 2), 2);
	rig_pass(1000 * MS);
}

static void waiting_mpsse(struct urb *u[4])
{
	rig_set(A, 0x0b, 0x200, 0);
	rig_set(A, 9, 255, 0);
	u[0] = rig_out(A, "\x89", 1); /* until GPIOL1 is low */
	rig_pass(MS);
	u[0]->endpoint = 0;
	u[1] = rig_out(A, many, 5000);
	u[2] = rig_in(A, 512);
	rig_pass(MS);
}

static void delayed(struct urb *u[4])
{
	struct ft_faults x = { .delay_ns = 50 * MS };

	ft4232h_faults(rig.f, &x);
	u[0] = rig_in(C, 512);
	u[1] = rig_out(C, many, 5);
	u[2] = rig_in(B, 512);
	rig_pass(20 * MS);
}

static void dead_port(struct urb *u[4])
{
	struct ft_faults x = { .dead_ports = 1 << C };

	ft4232h_faults(rig.f, &x);
	u[0] = rig_in(C, 512);
	u[1] = rig_out(C, many, 5);
	u[2] = rig_out(C, many, 5000);
	rig_pass(1000 * MS);
}

static const struct state {
	const char *name;
	void (*enter)(struct urb *u[4]);
} states[] = {
	{ "idle read", idle_read },           { "half-filled read", half_filled_read },
	{ "finished read", finished_read },   { "held write", held_write },
	{ "finished write", finished_write }, { "mute control", mute_control },
	{ "waiting MPSSE", waiting_mpsse },   { "delayed", delayed },
	{ "dead port", dead_port },
};

static void enter(size_t i, struct urb *u[4])
{
	rig_open(NULL);
	rig_in(C, 512); /* starts the timer */
	rig_pass(125 * US);
	rig.completed = 0;
	states[i].enter(u);
	if (u[0] && !u[0]->held && !u[0]->endpoint) /* helped only to get there */
		u[0] = u[1], u[1] = u[2], u[2] = NULL;
	for (int k = 0; k < rig.completed; k++)
		rig.done[k] = NULL;
	for (int k = 0; k < 4 && u[k]; k++)
		cr_assert(u[k]->held, "%s", states[i].name);
}

RIG_ROWS(ft4232h, cancel, states)
{
	struct urb *u[4] = { 0 };

	enter(*i, u);
	for (int k = 0; k < 4 && u[k]; k++) {
		int had = u[k]->actual;

		rig.completed = 0;
		cr_assert_eq(ft4232h_cancel(rig.f, u[k], rig.now), 0, "%s", states[*i].name);
		cr_assert_eq(rig.done[0], u[k]);
		cr_assert_eq(u[k]->status, -ENOENT);
		cr_assert_geq(u[k]->actual, had, "bytes that it has are told");
		cr_assert_eq(ft4232h_cancel(rig.f, u[k], rig.now), -1);
	}
	rig.completed = 0;
	rig_pass(1000 * MS);
	cr_assert_eq(rig.completed, 0);
}

RIG_ROWS(ft4232h, unplug, states)
{
	struct urb *u[4] = { 0 }, *late;
	int n = 0;

	enter(*i, u);
	rig.completed = 0;
	ft4232h_unplug(rig.f, rig.now);
	for (; n < 4 && u[n]; n++) {
		cr_assert_eq(rig_when(u[n]), rig.now, "%s", states[*i].name);
		cr_assert_eq(u[n]->status, -ESHUTDOWN);
	}
	cr_assert_eq(rig.completed, n);
	late = rig_in(B, 512);
	cr_assert_eq(late->status, -ESHUTDOWN);
	cr_assert_eq(rig_request(0xc0, 5, 0, 1, NULL, 0), -ESHUTDOWN);
	cr_assert_eq(ft4232h_cancel(rig.f, late, rig.now), -1);
	ft4232h_unplug(rig.f, rig.now);
	cr_assert_eq(rig_say(C, "x", 1), 1);
	cr_assert_eq(ft4232h_run(rig.f, rig.now + 1000 * MS), CLOCK_NEVER);
	cr_assert_eq(rig.completed, n + 1);
}

RIG_ROWS(ft4232h, close, states)
{
	struct urb *u[4] = { 0 };
	int mine, other;

	enter(*i, u);
	rig.completed = 0;
	for (int k = 0; k < 4 && u[k]; k++)
		u[k]->owner = k ? (void *)&other : (void *)&mine;
	ft4232h_close(rig.f, &mine, rig.now);
	cr_assert_eq(rig.done[0], u[0], "%s", states[*i].name);
	cr_assert_eq(u[0]->status, -ENOENT);
	ft4232h_close(rig.f, &other, rig.now);
	for (int k = 0; k < 4 && u[k]; k++) /* a write may have gone on once it was first */
		cr_assert_neq(rig_when(u[k]), -1);
}

Test(ft4232h, cancel_in_the_middle_keeps_order)
{
	struct urb *u[4];

	rig_open(NULL);
	rig_in(C, 512);
	rig_pass(125 * US);
	rig.completed = 0;
	for (int k = 0; k < 4; k++)
		u[k] = rig_in(C, 512);
	cr_assert_eq(ft4232h_cancel(rig.f, u[1], rig.now), 0);
	cr_assert_eq(ft4232h_cancel(rig.f, u[3], rig.now), 0);
	rig.completed = 0;
	u[1] = rig_in(C, 512); /* behind the new end of the queue */
	rig_pass(60 * MS);
	cr_assert_eq(rig.completed, 3);
	cr_assert_eq(rig.done[0], u[0]);
	cr_assert_eq(rig.done[1], u[2]);
	cr_assert_eq(rig.done[2], u[1]);
}

Test(ft4232h, shorter_delay_does_not_overtake)
{
	struct ft_faults x = { .delay_ns = 50 * MS };
	struct urb *u, *v, *w;

	rig_open_unpaced();
	ft4232h_faults(rig.f, &x);
	u = rig_out(C, many, 1);
	w = rig_out(D, many, 1);
	x.delay_ns = 0;
	ft4232h_faults(rig.f, &x);
	v = rig_out(C, many, 1);
	cr_assert_eq(rig_when(v), -1);
	rig_pass(50 * MS);
	cr_assert_eq(rig.completed, 3);
	cr_assert_eq(rig.done[0], u);
	cr_assert_eq(rig.done[1], w);
	cr_assert_eq(rig.done[2], v);
}

Test(ft4232h, unknown_endpoint_stalls)
{
	static const uint8_t none[] = { 0x01, 0x82, 0x88, 0x09, 0x0a, 0x89, 0x8b };

	rig_open(NULL);
	for (size_t i = 0; i < sizeof(none); i++)
		cr_assert_eq(rig_urb(none[i], NULL, 0)->status, -EPIPE, "%02x", none[i]);
}

Test(ft4232h, empty_write)
{
	struct urb *u;

	rig_open_unpaced();
	u = rig_out(C, NULL, 0);
	cr_assert_eq(rig_when(u), 0);
	cr_assert_eq(u->status, 0);
}

/* --- time --- */

/* The same 200 ms, with a call whenever the chip asks, or with few late ones. */
static void story(void (*wait)(int64_t), struct rig_byte *heard, int *n, uint8_t *said, int *size)
{
	struct urb *u;

	rig_open(NULL);
	rig.echo = 1;
	rig.echo_on = B; /* the way back is a port that has nothing else to do */
	rig_set(B, 9, 5, 0);
	rig_set(B, 6, 0x100 | '3', 0);
	u = rig_in(B, 512);
	u = rig_in(B, 512);
	rig_out(C, "11131114", 8);
	rig_out(D, many, 300);
	for (int i = 0; i < 4; i++)
		wait(50 * MS);
	cr_assert_gt(u->actual, 0);
	memcpy(heard, rig.heard, (size_t)rig.bytes * sizeof(*heard));
	*n = rig.bytes;
	memcpy(said, u->data, (size_t)u->actual);
	*size = u->actual;
}

Test(ft4232h, late_calls_do_not_shift_the_model)
{
	static struct rig_byte a[RIG_BYTES], b[RIG_BYTES];
	uint8_t said_a[512], said_b[512];
	int na, nb, sa, sb, early;

	story(rig_pass, a, &na, said_a, &sa);
	early = rig.runs;
	rig_close();
	story(rig_sleep, b, &nb, said_b, &sb);
	cr_assert_gt(early, 100);
	cr_assert_eq(na, 308);
	cr_assert_eq(na, nb);
	for (int i = 0; i < na; i++) {
		cr_assert_eq(a[i].at, b[i].at, "byte %d", i);
		cr_assert_eq(a[i].byte, b[i].byte);
		cr_assert_eq(a[i].port, b[i].port);
	}
	cr_assert_eq(sa, sb);
	cr_assert_arr_eq(said_a, said_b, (size_t)sa);
}

Test(ft4232h, own_lateness_makes_no_overrun)
{
	struct urb *u;
	int n;

	rig_open(NULL);
	rig_set(C, 3, 0x0000, 2);
	rig_speed(C, 0x0004, 2, 3e6);
	rig_in(C, 512);
	rig_pass(MS);
	u = rig_in(C, 512);
	rig_say(C, many, 8000); /* 27 ms */
	rig_sleep(20 * MS);
	cr_assert_eq(u->actual, 512);
	n = u->actual - 2;
	while (n < 8000) {
		u = rig_in(C, 4096);
		while (rig_when(u) < 0)
			rig_until(ft4232h_run(rig.f, rig.now));
		cr_assert_eq(u->data[1] & 2, 0);
		n += u->actual - 2 * ((u->actual + 511) / 512);
	}
	cr_assert_eq(n, 8000);
}

Test(ft4232h, host_lateness_does)
{
	struct urb *u;

	rig_open(NULL);
	rig_speed(C, 0x0004, 2, 3e6);
	rig_in(C, 512);
	rig_pass(MS);
	rig_in(C, 512);
	rig_say(C, many, 8000);
	rig_pass(20 * MS);
	u = rig_in(C, 512);
	rig_pass(MS);
	cr_assert_eq(u->data[1] & 2, 2);
}

Test(ft4232h, idle_chip_asks_for_nothing)
{
	rig_open(NULL);
	cr_assert_eq(ft4232h_run(rig.f, rig.now), CLOCK_NEVER);
	rig_set(C, 9, 255, 0);
	rig_in(C, 512);
	cr_assert_eq(ft4232h_run(rig.f, rig.now), rig_frame(255 * MS));
	rig_pass(256 * MS);
	cr_assert_eq(rig.completed, 1);
	cr_assert_eq(ft4232h_run(rig.f, rig.now), CLOCK_NEVER);
}

Test(ft4232h, bytes_to_the_host_are_not_each_a_wake_up)
{
	struct urb *u;

	rig_open(NULL);
	rig_speed(C, 0x0004, 2, 3e6);
	rig_set(C, 9, 255, 0);
	u = rig_in(C, 512);
	rig_say(C, many, 500);
	rig.runs = 0;
	rig_pass(254 * MS);
	cr_assert_lt(rig.runs, 5, "%d", rig.runs);
	rig_pass(2 * MS);
	cr_assert_eq(u->actual, 502);
}

/* --- faults --- */

Test(ft4232h, dead_port_hears_and_says_nothing)
{
	struct ft_faults x = { .dead_ports = 1 << C };
	struct urb *in, *out, *fine;

	rig_open_unpaced();
	ft4232h_faults(rig.f, &x);
	in = rig_in(C, 512);
	out = rig_out(C, many, 5);
	rig_say(C, "x", 1);
	fine = rig_in(D, 512);
	rig_pass(1000 * MS);
	cr_assert_eq(rig_when(in), -1);
	cr_assert_eq(rig_when(out), -1);
	cr_assert_eq(rig.bytes, 0);
	cr_assert_neq(rig_when(fine), -1);
	cr_assert_eq(rig_request(0xc0, 5, 0, C + 1, NULL, 0), 0, "endpoint 0 still lives");
	ft4232h_faults(rig.f, &(struct ft_faults){ 0 });
	rig_pass(0);
	cr_assert_neq(rig_when(in), -1);
	cr_assert_neq(rig_when(out), -1);
	cr_assert_eq(in->actual, 2, "what was said meanwhile is lost");
}

Test(ft4232h, stalling_and_mute_endpoint_0)
{
	struct ft_faults x = { .stall_ep0 = 1 };
	struct urb *u;

	rig_open(NULL);
	ft4232h_faults(rig.f, &x);
	cr_assert_eq(rig_set(A, 0, 0, 0), -EPIPE);
	x = (struct ft_faults){ .mute_ep0 = 1 };
	ft4232h_faults(rig.f, &x);
	u = rig_urb(0x00, NULL, 0);
	rig_pass(1000 * MS);
	cr_assert_eq(rig_when(u), -1);
	cr_assert_eq(ft4232h_cancel(rig.f, u, rig.now), 0);
	ft4232h_faults(rig.f, &(struct ft_faults){ 0 });
	cr_assert_eq(rig_set(A, 0, 0, 0), 0);
}

Test(ft4232h, short_packets_lose_nothing)
{
	struct ft_faults x = { .short_in = 1, .seed = 7 };
	int n = 0, shorts = 0;

	rig_open_unpaced();
	ft4232h_faults(rig.f, &x);
	rig_say(C, many, 2048);
	while (n < 2048) {
		struct urb *u = rig_in(C, 4096);

		rig_pass(17 * MS);
		cr_assert_gt(u->actual, 2);
		cr_assert_leq(u->actual, 512);
		cr_assert_arr_eq(u->data + 2, many + n, (size_t)u->actual - 2);
		n += u->actual - 2;
		shorts++;
	}
	cr_assert_eq(n, 2048);
	cr_assert_gt(shorts, 5);
}

Test(ft4232h, counters)
{
	rig_open_unpaced();
	rig_say(C, many, 700);
	rig_out(D, many, 33);
	rig_in(C, 4096);
	rig_pass(20 * MS);
	rig_status(C);
	cr_assert_eq(ft4232h_count(rig.f)->to_host[C], 700);
	cr_assert_eq(ft4232h_count(rig.f)->to_board[D], 33);
	cr_assert_eq(ft4232h_count(rig.f)->urbs, 2);
	cr_assert_eq(ft4232h_count(rig.f)->controls, 1);
}
