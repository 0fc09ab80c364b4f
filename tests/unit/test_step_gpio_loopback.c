#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tests/unit/rows.h"
#include "tests/unit/step_rig.h"

TestSuite(step_gpio_loopback, .timeout = 20);

#define STEP "kind = gpio_loopback\npairs = 0-1, 2-3, 4-5\n"

/* --- a script as a unit with these wires would speak it; bits of masks are pins --- */

struct wiring {
	uint64_t net[4];    /* pins that are one net; the rest are alone */
	uint64_t low, high; /* pins on a rail */
};

struct script {
	struct memory_turn turn[24];
	char text[48][40];
	int turns, texts;
};

static uint64_t levels(const struct wiring *w, uint64_t drive, uint64_t level)
{
	uint64_t out = 0;

	for (int pin = 0; pin < 8; pin++) {
		uint64_t net = UINT64_C(1) << pin;

		for (int i = 0; i < 4; i++)
			net |= w->net[i] & net ? w->net[i] : 0;
		if (net & w->low)
			continue;
		if ((net & w->high) || (net & drive & level) || !(net & drive))
			out |= UINT64_C(1) << pin; /* pulled up */
	}
	return out;
}

static void transaction(struct script *s, const struct wiring *w, uint64_t drive, uint64_t level)
{
	char *hear = s->text[s->texts++], *say = s->text[s->texts++];

	snprintf(hear, sizeof(s->text[0]), "gpio drive %" PRIx64 " %" PRIx64 "\n", drive, level);
	snprintf(say, sizeof(s->text[0]), "gpio: %02" PRIx64 "\r\nvirt> ", levels(w, drive, level));
	s->turn[s->turns++] = (struct memory_turn){ .hear = hear, .say = say };
}

static void make_script(struct script *s, const struct wiring *w)
{
	*s = (struct script){ .turns = 0 };
	transaction(s, w, 0, 0);
	for (int pin = 0; pin < 6; pin++) {
		transaction(s, w, UINT64_C(1) << pin, 0);
		transaction(s, w, UINT64_C(1) << pin, UINT64_C(1) << pin);
	}
	transaction(s, w, 0, 0); /* let go */
}

static const struct row {
	struct wiring w;
	const char *outcome, *measures, *measure, *note;
} rows[] = {
	{ { .net = { 0x03, 0x0c, 0x30 } },
	  "PASS - -",
	  "opens=0 shorts=0 stuck=0 swapped=0 faults=0",
	  NULL,
	  NULL },
	{ { .net = { 0x03, 0x30 } },
	  "FAIL unit ERR_LIMIT",
	  "opens=1 shorts=0 stuck=0 swapped=0 faults=1",
	  "opens",
	  "pins 2 and 3 are not connected" },
	{ { .net = { 0x0f, 0x30 } },
	  "FAIL unit ERR_LIMIT",
	  "opens=0 shorts=1 stuck=0 swapped=0 faults=1",
	  "shorts",
	  "pairs 0-1 and 2-3 are shorted together" },
	{ { .net = { 0x09, 0x06, 0x30 } },
	  "FAIL unit ERR_LIMIT",
	  "opens=0 shorts=0 stuck=0 swapped=1 faults=1",
	  "swapped",
	  "pairs 0-1 and 2-3 are swapped" },
	{ { .net = { 0x03, 0x0c, 0x30 }, .low = 0x10 },
	  "FAIL unit ERR_LIMIT",
	  "opens=0 shorts=0 stuck=2 swapped=0 faults=2",
	  "stuck",
	  "pin 4 is stuck low; pin 5 is stuck low" },
	{ { .net = { 0x03, 0x0c, 0x30 }, .high = 0x02 },
	  "FAIL unit ERR_LIMIT",
	  "opens=0 shorts=0 stuck=2 swapped=0 faults=2",
	  "stuck",
	  "pin 0 is stuck high; pin 1 is stuck high" },
	{ { .net = { 0x05 } },
	  "FAIL unit ERR_LIMIT",
	  "opens=3 shorts=1 stuck=0 swapped=0 faults=4",
	  "opens",
	  "pins 0 and 1 are not connected; pins 2 and 3 are not connected; pins 4 and 5 are not "
	  "connected" },
	/* A pin of no pair is not looked at. */
	{ { .net = { 0x43, 0x0c, 0x30 }, .low = 0x80 },
	  "PASS - -",
	  "opens=0 shorts=0 stuck=0 swapped=0 faults=0",
	  NULL,
	  NULL },
};

TEST_ROWS(step_gpio_loopback, wires, rows)
{
	const struct row *row = &rows[*i];
	struct script s;
	struct rig r;

	make_script(&s, &row->w);
	rig_open(&r, rig_board, STEP, s.turn);
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), row->outcome, "row %zu: %s: %s", *i, rig_outcome(&r),
			 r.attempt->message);
	cr_expect_str_eq(rig_measures(&r), row->measures, "row %zu: %s", *i, rig_measures(&r));
	for (size_t k = 0; k < r.attempt->measures; k++) {
		const struct measure *m = &r.attempt->measure[k];

		if (row->measure && !strcmp(m->name, row->measure))
			cr_expect_str_eq(m->note, row->note, "row %zu: %s", *i, m->note);
		else
			cr_expect(!m->note || m->num > 0, "row %zu: %s", *i, m->note);
	}
	cr_expect(rig_done(&r), "2 N + 1 transactions, and one to let go");
	rig_close(&r);
}

/* The n-th answer is another one than a mask: its end depends on the answer alone. */
static const struct bad_row {
	const char *say;
	enum err_code then, fail;
	const char *outcome, *message;
} bad[] = {
	{ NULL, 0, 0, "FAIL unit ERR_TIMEOUT", "no answer in time" },
	{ "gpio: 3f", 0, 0, "FAIL unit ERR_PROTO", "gpio: 3f" },
	{ "gpio: -1\r\nvirt> ", 0, 0, "FAIL unit ERR_PROTO", "'-1' is no mask in hex" },
	{ "gpio: +1\r\nvirt> ", 0, 0, "FAIL unit ERR_PROTO", "'+1' is no mask in hex" },
	{ "gpio: 3x\r\nvirt> ", 0, 0, "FAIL unit ERR_PROTO", "'3x' is no mask in hex" },
	{ "gpio: 11112222333344445\r\nvirt> ", 0, 0, "FAIL unit ERR_PROTO", "no mask in hex" },
	{ "gpio: error\r\nvirt> ", 0, 0, "FAIL unit ERR_PROTO", "no answer like" },
	{ NULL, ERR_GONE, 0, "ERROR station ERR_GONE", NULL },
	{ NULL, 0, ERR_GONE, "ERROR station ERR_GONE", NULL },
	{ "gpi", ERR_LINE, 0, "ERROR station ERR_LINE", NULL },
	{ NULL, 0, ERR_IO, "ERROR station ERR_IO", NULL },
};

TEST_ROWS(step_gpio_loopback, answer, bad)
{
	const struct wiring good = { .net = { 0x03, 0x0c, 0x30 } };
	const struct bad_row *row = &bad[*i];

	for (int at = 0; at < 14; at++) {
		struct script s;
		struct rig r;

		make_script(&s, &good);
		s.turn[at].say = row->say;
		s.turn[at].then = row->then;
		s.turn[at].fail = row->fail;
		rig_open(&r, rig_board, STEP, s.turn);
		rig_run(&r);
		cr_expect_str_eq(rig_outcome(&r), row->outcome, "row %zu at %d: %s", *i, at,
				 rig_outcome(&r));
		cr_expect_eq(strncmp(r.attempt->message, "driving the pins: ", 18), 0, "%s",
			     r.attempt->message);
		cr_expect(!row->message || strstr(r.attempt->message, row->message), "row %zu: %s",
			  *i, r.attempt->message);
		cr_expect_eq(r.attempt->measures, 0, "what was not walked is not measured");
		rig_close(&r);
	}
}

/* `within` is for one transaction; together they are bounded by the attempt. */
Test(step_gpio_loopback, time)
{
	const struct wiring good = { .net = { 0x03, 0x0c, 0x30 } };
	struct script s;
	struct rig r;

	make_script(&s, &good);
	for (int i = 0; i < s.turns; i++)
		s.turn[i].delay_ms = 900;
	rig_open(&r, rig_board, STEP "within = 1 s\n", s.turn);
	cr_expect_eq(rig_run(&r), VERDICT_PASS);
	cr_expect_eq(clock_ms(), 1000000 + 14 * 900);
	cr_expect_eq(strncmp(sbuf_str(&r.progress), "0.00 walking the pins\n0.17 ", 27), 0, "%s",
		     sbuf_str(&r.progress));
	rig_close(&r);
	rig_open(&r, rig_board, STEP "within = 800 ms\n", s.turn);
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "FAIL unit ERR_TIMEOUT");
	rig_close(&r);
	rig_open(&r, rig_board, STEP "within = 1 s\n", s.turn);
	r.until_ms = 1005000;
	rig_run(&r);
	cr_expect_eq(clock_ms(), 1005000);
	rig_close(&r);
}

Test(step_gpio_loopback, implies)
{
	struct rig r;

	rig_open(&r, rig_board, STEP, NULL);
	cr_expect_str_eq(rig_limits(&r), "opens == 0 (implied)\nshorts == 0 (implied)\n"
					 "stuck == 0 (implied)\nswapped == 0 (implied)\n"
					 "faults == 0 (implied)\n");
	rig_close(&r);
}

/* Eight faults are told by name, the others counted. */
Test(step_gpio_loopback, many)
{
	static const char board[] =
		"[board]\nfamily = console\nprompt = /^> $/\n"
		"pins = a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1, g0, g1, h0, h1, i0, i1, "
		"j0, "
		"j1\n[command gpio]\nsend = g {drive} {level}\nmatch = /^([0-9a-f]+)\\r?$/m\n";
	struct memory_turn turns[48] = { 0 };
	char hear[48][32], say[48][16];
	struct rig r;
	int n = 0;

	for (int pin = -1; pin <= 20; pin++)
		for (int level = 0; level < (pin < 0 || pin == 20 ? 1 : 2); level++) {
			uint32_t bit = pin < 0 || pin == 20 ? 0 : 1u << pin;

			snprintf(hear[n], sizeof(hear[n]), "g %x %x\n", bit, level ? bit : 0);
			snprintf(say[n], sizeof(say[n]), "%x\r\n> ", level ? bit : 0);
			turns[n] = (struct memory_turn){ .hear = hear[n], .say = say[n] };
			n++;
		}
	rig_open(&r, board,
		 "kind = gpio_loopback\npairs = a0-a1, b0-b1, c0-c1, d0-d1, e0-e1, f0-f1, g0-g1, "
		 "h0-h1, i0-i1, j0-j1\n",
		 turns);
	rig_run(&r);
	cr_expect_str_eq(rig_measures(&r), "opens=10 shorts=0 stuck=0 swapped=0 faults=10", "%s",
			 r.attempt->message);
	cr_expect_not_null(strstr(rig_measure(&r, "opens")->note,
				  "pins h0 and h1 are not connected; and 2 more"));
	rig_close(&r);
}

static const struct finding_row {
	const char *keys, *told;
} findings[] = {
	{ "pairs = 0-1\n", "" },
	{ "", "6:1: missing-key" },
	{ "pairs = 0-8\n", "8:9: unknown-pin: board 'rig' has no pin '8'" },
	{ "pairs = 9-10\n", "8:9: unknown-pin: board 'rig' has no pin '9'" },
	{ "pairs = 0-1, 1-2\n", "8:14: bad-value" },
	{ "pairs = 0-0\n", "8:" },
	{ "pairs = 0-1\nwithin = 2 h\n", "9:10: out-of-range" },
};

TEST_ROWS(step_gpio_loopback, lint, findings)
{
	const struct finding_row *row = &findings[*i];
	struct sbuf keys = { 0 };
	const char *told;

	sbuf_printf(&keys, "kind = gpio_loopback\n%s", row->keys);
	told = rig_check(rig_board, NULL, sbuf_str(&keys));
	cr_expect(*row->told ? !strncmp(told, row->told, strlen(row->told)) : !*told, "row %zu: %s",
		  *i, told);
	sbuf_release(&keys);
}
