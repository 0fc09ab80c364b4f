/* Bursts as scanners send them, at their speeds; fingers; both through slow connections.
 * What counts: no burst ever becomes a key. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "ui/input.h"

#define MS INT64_C(1000000)
#define US INT64_C(1000)

TestSuite(input, .timeout = 60);

struct rig {
	struct input in;
	struct sbuf said; /* "K1 " a key, "Cx " a character, "S[...] " a scan, "L " lost */
	size_t keys, scans, doubts, chars, lost, touches;
	size_t scanned; /* bytes */
	int64_t now;
};

static void hear(void *p, const struct input_event *e)
{
	struct rig *r = p;

	switch (e->type) {
	case INPUT_KEY:
		r->keys++;
		sbuf_printf(&r->said, "K%d*%d ", e->key, e->times);
		break;
	case INPUT_CHAR:
		r->chars++;
		sbuf_printf(&r->said, "C%.*s ", (int)e->len, e->text);
		break;
	case INPUT_SCAN:
		r->scans++;
		r->scanned += e->len;
		sbuf_printf(&r->said, "S[%.*s] ", (int)e->body_len, e->body);
		break;
	case INPUT_LOST:
		r->lost++;
		sbuf_puts(&r->said, "L ");
		break;
	case INPUT_DOUBT:
		r->doubts++;
		sbuf_printf(&r->said, "D%d ", e->doubt);
		break;
	case INPUT_EARLY:
		sbuf_printf(&r->said, "E%d ", e->key);
		break;
	case INPUT_TOUCH:
		r->touches++;
		break;
	}
}

static const struct {
	const char *bytes;
	enum input_key key;
} function_keys[] = {
	{ "\x1bOP", PRESS_F1 },    { "\x1bOQ", PRESS_F2 },    { "\x1bOR", PRESS_F3 },
	{ "\x1bOS", PRESS_F4 },    { "\x1b[15~", PRESS_F5 },  { "\x1b[17~", PRESS_F6 },
	{ "\x1b[18~", PRESS_F7 },  { "\x1b[19~", PRESS_F8 },  { "\x1b[20~", PRESS_F9 },
	{ "\x1b[21~", PRESS_F10 }, { "\x1b[23~", PRESS_F11 }, { "\x1b[24~", PRESS_F12 },
};
enum { FUNCTION_KEYS = sizeof(function_keys) / sizeof(function_keys[0]) };

static void start(struct rig *r)
{
	*r = (struct rig){ .now = 5000 * MS };
	input_init(&r->in, hear, r);
	for (size_t i = 0; i < FUNCTION_KEYS; i++)
		input_sequence_add(&r->in, function_keys[i].bytes, function_keys[i].key);
	input_sequences_common(&r->in);
}

static void finish(struct rig *r)
{
	input_release(&r->in);
	sbuf_release(&r->said);
}

/* Time goes on, deadlines are served as the loop does. */
static void pass(struct rig *r, int64_t ns)
{
	int64_t to = r->now + ns;

	while (input_due(&r->in) <= to)
		input_tick(&r->in, input_due(&r->in));
	r->now = to;
}

static void put(struct rig *r, const char *bytes, size_t n)
{
	input_feed(&r->in, bytes, n, r->now);
}

/* Byte by byte, so many ns apart. */
static void burst(struct rig *r, const char *bytes, size_t n, int64_t gap)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			pass(r, gap);
		put(r, bytes + i, 1);
	}
}

static const char *said(struct rig *r)
{
	pass(r, 3000 * MS);
	return sbuf_str(&r->said);
}

/* A label with everything in it that could be taken for a command. */
static const char evil[] =
	"\x1b[24~\x1bOP\x1b[15~\x03\x1a\x13\t\x1b[200~x\x1b[201~AS01\x1b[24~\x1b[24~\r";

static const struct rhythm_row {
	const char *name;
	int64_t gap;
} rhythms[] = {
	{ "9600 baud", 1042 * US }, { "19200 baud", 521 * US },
	{ "38400 baud", 260 * US }, { "115200 baud", 87 * US },
	{ "all at once", 0 },       { "HID, 1 ms", 1 * MS },
	{ "HID, 2 ms", 2 * MS },    { "HID, 4 ms", 4 * MS },
	{ "HID, 8 ms", 8 * MS },    { "HID, press and release in frames of 8 ms", 16 * MS },
};

ParameterizedTestParameters(input, scanner)
{
	static int rows[sizeof(rhythms) / sizeof(rhythms[0])];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		rows[i] = (int)i;
	return cr_make_param_array(int, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(int *row, input, scanner)
{
	const struct rhythm_row *t = &rhythms[*row];
	struct rig r;

	start(&r);
	burst(&r, "AS01234567\r", 11, t->gap);
	cr_expect_str_eq(said(&r), "S[AS01234567] ", "%s", t->name);
	burst(&r, evil, sizeof(evil) - 1, t->gap);
	said(&r);
	cr_expect_eq(r.keys, 0, "%s: a key came out of a label: %s", t->name, sbuf_str(&r.said));
	cr_expect_eq(r.scans, 2, "%s", t->name);
	cr_expect_eq(r.scanned, 10 + sizeof(evil) - 2, "%s: every byte is kept", t->name);
	burst(&r, "\r\x1b[24~\r\r", 8, t->gap);
	said(&r);
	cr_expect_eq(r.keys, 0, "%s: Enter and keys: %s", t->name, sbuf_str(&r.said));
	cr_expect_eq(r.scans, 2, "%s: two scans, or none", t->name);
	cr_expect_eq(r.doubts, 1, "%s", t->name);
	/* Each key of the table with a line end behind it is a label too. */
	for (size_t i = 0; i < FUNCTION_KEYS; i++) {
		char label[16];
		int n = snprintf(label, sizeof(label), "%s\r", function_keys[i].bytes);

		burst(&r, label, (size_t)n, t->gap);
		said(&r);
	}
	cr_expect_eq(r.keys, 0, "%s", t->name);
	cr_expect_eq(r.scans, 2 + FUNCTION_KEYS, "%s", t->name);
	finish(&r);
}

/* USB serial adapters hand bytes on each 16 ms; 115200 baud is 184 bytes then. */
Test(input, latency_timer_of_a_serial_adapter)
{
	static const size_t sizes[] = { 1, 16, 62, 184 };

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		struct rig r;

		start(&r);
		for (size_t i = 0; i < sizeof(evil) - 1; i += sizes[s]) {
			size_t left = sizeof(evil) - 1 - i;

			put(&r, evil + i, left < sizes[s] ? left : sizes[s]);
			pass(&r, 16 * MS);
		}
		said(&r);
		cr_expect_eq(r.keys, 0, "%zu bytes at a time: %s", sizes[s], sbuf_str(&r.said));
		cr_expect_eq(r.scans, 1);
		finish(&r);
	}
}

Test(input, fingers_press_keys)
{
	struct rig r;

	start(&r);
	for (size_t i = 0; i < FUNCTION_KEYS; i++) {
		put(&r, function_keys[i].bytes, strlen(function_keys[i].bytes));
		pass(&r, 300 * MS);
	}
	pass(&r, 300 * MS);
	put(&r, "\x1b", 1);
	pass(&r, 300 * MS);
	cr_expect_str_eq(said(&r),
			 "K1*1 K2*1 K3*1 K4*1 K5*1 K6*1 K7*1 K8*1 K9*1 K10*1 K11*1 K12*1 K13*1 ");
	cr_expect_eq(r.touches, 13, "each was felt at once");
	finish(&r);
}

Test(input, a_key_is_felt_at_once_and_counts_after_the_silence)
{
	struct rig r;

	start(&r);
	put(&r, "\x1b[15~", 5);
	cr_expect_eq(r.touches, 1);
	cr_expect_eq(r.keys, 0);
	pass(&r, 119 * MS);
	cr_expect_eq(r.keys, 0);
	pass(&r, 2 * MS);
	cr_expect_eq(r.keys, 1);
	finish(&r);
}

Test(input, a_held_key)
{
	struct rig r;

	start(&r);
	put(&r, "\x1b[B", 3);
	for (int i = 0; i < 10; i++) {
		pass(&r, 33 * MS);
		put(&r, "\x1b[B", 3);
	}
	cr_expect_str_eq(said(&r), "K18*11 ", "a movement, eleven times");
	for (int i = 0; i < 10; i++) {
		put(&r, "\x1b[24~", 5);
		pass(&r, 33 * MS);
	}
	cr_expect_str_eq(said(&r), "K18*11 ", "F12 held is nothing");
	finish(&r);
}

Test(input, typed_text)
{
	struct rig r;

	start(&r);
	r.in.text_open = 1;
	burst(&r, "AS01", 4, 130 * MS);
	pass(&r, 40 * MS);
	cr_expect_eq(r.chars, 4, "told at once: %s", sbuf_str(&r.said));
	put(&r, "\x7f", 1);
	pass(&r, 90 * MS);
	put(&r, "\xc3\xa4", 2);
	pass(&r, 100 * MS);
	put(&r, "xy", 2); /* two fingers */
	pass(&r, 300 * MS);
	put(&r, "\x1b[24~", 5);
	cr_expect_str_eq(said(&r), "CA CS C0 C1 K16*1 C\xc3\xa4 Cx Cy K12*1 ");
	finish(&r);
}

Test(input, typed_text_without_a_field_is_no_scan)
{
	struct rig r;

	start(&r);
	burst(&r, "stop it\r", 8, 140 * MS);
	said(&r);
	cr_expect_eq(r.scans, 0, "%s", sbuf_str(&r.said));
	finish(&r);
}

Test(input, a_scan_while_a_field_is_open)
{
	struct rig r;

	start(&r);
	r.in.text_open = 1;
	burst(&r, "x", 1, 0);
	pass(&r, 1100 * MS);
	burst(&r, "AS01234567\r", 11, 1 * MS);
	cr_expect_str_eq(said(&r), "Cx S[AS01234567] ");
	finish(&r);
}

/* A connection with 200 ms of delay gives bytes in clumps; any cut, any stall below hold. */
Test(input, clumps)
{
	static const char label[] = "AS\x1b[24~01\x1bOP\r";
	size_t n = sizeof(label) - 1;

	for (size_t cut = 2; cut < n; cut++)
		for (int64_t stall = 0; stall < 390; stall += 30) {
			struct rig r;

			start(&r);
			put(&r, label, cut);
			pass(&r, stall * MS);
			put(&r, label + cut, n - cut);
			said(&r);
			cr_expect_eq(r.keys, 0, "cut at %zu, %d ms: %s", cut, (int)stall,
				     sbuf_str(&r.said));
			cr_expect_eq(r.scans + r.doubts, 1, "cut at %zu, %d ms: %s", cut,
				     (int)stall, sbuf_str(&r.said));
			finish(&r);
		}
}

Test(input, the_first_character_alone_belongs_to_the_scan)
{
	struct rig r;

	start(&r);
	put(&r, "A", 1);
	pass(&r, 180 * MS);
	put(&r, "S01234567\r", 10);
	cr_expect_str_eq(said(&r), "S[AS01234567] ", "no shorter serial");
	finish(&r);
}

Test(input, a_key_right_behind_a_scan_does_not_count)
{
	struct rig r;

	start(&r);
	burst(&r, "AS01\r", 5, MS);
	pass(&r, 80 * MS);
	put(&r, "\x1b[15~", 5);
	said(&r);
	cr_expect_eq(r.keys, 0);
	burst(&r, "AS01", 4, MS); /* unfinished */
	pass(&r, 900 * MS);
	put(&r, "\x1b[15~", 5);
	said(&r);
	cr_expect_eq(r.keys, 0, "its rest may still come");
	pass(&r, 200 * MS);
	put(&r, "\x1b[15~", 5);
	said(&r);
	cr_expect_eq(r.keys, 1);
	finish(&r);
}

Test(input, paste_is_a_scan)
{
	struct rig r;

	start(&r);
	burst(&r, "\x1b[200~\x1b[24~\x1b[201~", 17, 40 * MS);
	cr_expect_str_eq(said(&r), "S[\x1b[24~] ", "however slow");
	burst(&r, "\x1b[200~a\x1b[201~", 13, 0);
	said(&r);
	cr_expect_eq(r.scans, 2, "however short");
	burst(&r, "\x1b[200~b\n\x1b[201~\r\n", 16, 0);
	said(&r);
	cr_expect_str_eq(sbuf_str(&r.said), "S[\x1b[24~] S[a] S[b] ");
	r.scans--;
	burst(&r, "\x1b[200~\x1b[201~", 12, 0);
	said(&r);
	cr_expect_eq(r.scans, 2, "nothing pasted");
	burst(&r, "\x1b[200~AS", 8, 0);
	said(&r);
	cr_expect_eq(r.scans, 2, "without its end: who knows what is missing");
	cr_expect_eq(r.doubts, 1);
	cr_expect_eq(r.keys, 0);
	finish(&r);
}

Test(input, prefix_and_suffix)
{
	struct rig r;

	start(&r);
	input_affixes(&r.in, "\x02", "\x03");
	burst(&r,
	      "\x02"
	      "AS01\x03",
	      6, MS);
	pass(&r, 40 * MS);
	cr_expect_str_eq(sbuf_str(&r.said), "S[AS01] ", "told as soon as its end is there");
	burst(&r,
	      "\x02"
	      "AS02\x03\r\n",
	      8, MS);
	cr_expect_str_eq(said(&r), "S[AS01] S[AS02] ");
	cr_expect_eq(r.scanned, 12, "the bytes are told as they came");
	finish(&r);
}

Test(input, long_scans)
{
	char label[20000];
	struct rig r;

	memset(label, 'x', sizeof(label));
	label[100] = '\0';
	start(&r);
	label[4096] = '\r';
	burst(&r, label, 4097, 87 * US);
	said(&r);
	cr_expect_eq(r.scans, 1);
	cr_expect_eq(r.scanned, 4096, "NUL and 4 kB");
	label[4096] = 'x';
	label[sizeof(label) - 1] = '\r';
	burst(&r, label, sizeof(label), 87 * US);
	pass(&r, 50 * MS);
	cr_expect_eq(r.lost, 1, "too long for any label: told, and not cut to another one");
	cr_expect_eq(r.scans, 1);
	finish(&r);
}

Test(input, unknown_sequences_alone_are_nothing)
{
	struct rig r;

	start(&r);
	put(&r, "\x1b[?62;4c", 8); /* a late answer of the terminal */
	pass(&r, 500 * MS);
	put(&r, "\x1b[1;2P", 6); /* shift and F1 */
	pass(&r, 500 * MS);
	put(&r, "\x03", 1);
	cr_expect_str_eq(said(&r), "");
	finish(&r);
}

/* Random bytes, keys among them, at random scanner speeds, cut at random. */
Test(input, random_bursts_never_press_a_key)
{
	struct rng rng = { 7 };
	size_t scans = 0;

	for (int i = 0; i < 20000; i++) {
		char label[80];
		size_t n = 0, want = 2 + rng_next(&rng) % 40;
		int64_t gap = (int64_t)(rng_next(&rng) % 16000) * US;
		struct rig r;

		while (n < want) {
			size_t k = rng_next(&rng) % (FUNCTION_KEYS + 8), len;

			if (k < FUNCTION_KEYS) {
				len = strlen(function_keys[k].bytes);
				memcpy(label + n, function_keys[k].bytes, len);
				n += len;
			} else {
				label[n++] = (char)rng_next(&rng);
			}
		}
		start(&r);
		r.in.text_open = i & 1;
		label[n++] = '\r';
		for (size_t at = 0; at < n;) {
			size_t part = 1 + rng_next(&rng) % 3;

			part = part < n - at ? part : n - at;
			put(&r, label + at, part);
			at += part;
			pass(&r, gap);
		}
		said(&r);
		cr_assert_eq(r.keys, 0, "%d: %s", i, sbuf_str(&r.said));
		cr_assert_eq(r.scans + r.doubts, 1, "%d: %s", i, sbuf_str(&r.said));
		cr_assert(!r.scans || r.scanned == n - 1);
		scans += r.scans;
		finish(&r);
	}
	cr_expect_gt(scans, 10000, "most are taken");
}

/* --- a scan is whole, or it is told and not used --- */

static void scan(struct rig *r, const char *s)
{
	burst(r, s, strlen(s), MS);
}

Test(input, a_scan_without_its_end_is_no_shorter_serial)
{
	struct rig r;

	start(&r);
	scan(&r, "AS01\r");
	pass(&r, 2000 * MS);
	scan(&r, "AS012");
	pass(&r, 900 * MS); /* the connection stalls */
	scan(&r, "34567\r");
	cr_expect_str_eq(said(&r), "S[AS01] D1 D1 ", "neither half");
	pass(&r, 2000 * MS);
	scan(&r, "AS01234567\r");
	cr_expect_str_eq(said(&r), "S[AS01] D1 D1 S[AS01234567] ");
	finish(&r);
}

Test(input, a_scanner_that_sends_no_end)
{
	struct rig r;

	start(&r);
	scan(&r, "AS01");
	pass(&r, 700 * MS);
	scan(&r, "AS02");
	cr_expect_str_eq(said(&r), "S[AS01] S[AS02] ");
	scan(&r, "AS03\r");
	pass(&r, 4000 * MS);
	for (int i = 0; i < 4; i++) { /* another one again */
		scan(&r, "AS04");
		pass(&r, 4000 * MS);
	}
	cr_expect_str_eq(said(&r), "S[AS01] S[AS02] S[AS03] D1 D1 S[AS04] S[AS04] ");
	finish(&r);
}

Test(input, a_beginning_that_was_typed_is_not_missing_in_a_scan)
{
	static const int64_t stalls[] = { 31, 60, 119, 250, 399, 600 };

	for (size_t cut = 1; cut <= 2; cut++)
		for (size_t i = 0; i < sizeof(stalls) / sizeof(stalls[0]); i++) {
			struct rig r;

			start(&r);
			r.in.text_open = 1;
			burst(&r, "AS01234567\r", cut, MS);
			pass(&r, stalls[i] * MS);
			scan(&r, &"AS01234567\r"[cut]);
			said(&r);
			cr_expect_eq(r.scans, 0, "%d ms: %s", (int)stalls[i], sbuf_str(&r.said));
			cr_expect_eq(r.doubts, 1);
			finish(&r);
		}
}

Test(input, two_scans_in_one_clump)
{
	static const char *const both[] = { "AS01\rAS02\r", "AS01\r\nAS02\r\n", "AASS0012\r\r",
					    "\rAS01\r", "AASS0012\n\r" };
	struct rig r;

	start(&r);
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		burst(&r, both[i], strlen(both[i]), 0);
		pass(&r, 1000 * MS);
	}
	cr_expect_str_eq(said(&r), "D2 D2 D2 D2 D2 ");
	input_affixes(&r.in, "", "\x03");
	burst(&r, "AS01\x03\x41S02\x03", 10, 0);
	cr_expect_str_eq(said(&r), "D2 D2 D2 D2 D2 D2 ");
	finish(&r);
}

Test(input, a_key_beside_a_scan)
{
	struct rig r;

	start(&r);
	put(&r, "\x1b[17~", 5);
	pass(&r, 60 * MS);
	scan(&r, "AS01\r");
	cr_expect_str_eq(said(&r), "D3 ");
	for (int i = 0; i < 20; i++) { /* a glove on the keyboard */
		put(&r, "\x1b[24~", 5);
		pass(&r, 33 * MS);
	}
	pass(&r, -5 * MS);
	scan(&r, "AS01\r");
	pass(&r, 40 * MS);
	cr_expect_str_eq(sbuf_str(&r.said), "D3 D3 ", "told although the key is still held");
	finish(&r);
}

Test(input, a_key_that_came_too_soon_is_told)
{
	struct rig r;

	start(&r);
	scan(&r, "AS01");
	pass(&r, 800 * MS);
	put(&r, "\x1b[17~", 5);
	cr_expect_str_eq(said(&r), "S[AS01] E6 ");
	scan(&r, "AS01\r");
	pass(&r, 60 * MS);
	put(&r, "\n", 1); /* the second half of its line end */
	cr_expect_str_eq(said(&r), "S[AS01] E6 S[AS01] ");
	finish(&r);
}

/* The key that gives orders. */
Test(input, f12_waits_for_what_may_come_behind_it)
{
	static const char *const rest[] = {
		"AS01\r", "S", "\r", "\x1b[A", "\x1b", "\x1b[26~", "\t"
	};
	struct rig r;

	start(&r);
	put(&r, "\x1b[24~", 5);
	cr_expect_eq(r.touches, 1);
	pass(&r, 399 * MS);
	cr_expect_eq(r.keys, 0);
	pass(&r, 1 * MS);
	cr_expect_str_eq(sbuf_str(&r.said), "K12*1 ");
	sbuf_reset(&r.said);
	pass(&r, 500 * MS);
	put(&r, "\x1b[24~", 5);
	pass(&r, 200 * MS);
	put(&r, "\x1bOR", 3); /* a quick hand */
	cr_expect_str_eq(said(&r), "K12*1 K3*1 ");
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		for (int64_t stall = 125; stall < 400; stall += 25) {
			sbuf_reset(&r.said);
			put(&r, "\x1b[24~", 5);
			pass(&r, stall * MS);
			put(&r, rest[i], strlen(rest[i]));
			cr_expect_not(strstr(said(&r), "K12"), "%zu, %d ms: %s", i, (int)stall,
				      sbuf_str(&r.said));
			pass(&r, 2000 * MS);
		}
	finish(&r);
}
