/* Lines of a person, of a scanner, and of both: what is one line, and what is told. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/rng.h"
#include "tests/unit/rows.h"
#include "ui/entry.h"

#define MS INT64_C(1000000)

TestSuite(entry, .timeout = 30);

struct rig {
	struct entry e;
	struct sbuf said, shown; /* "[line] ", "MIXED ", "TWO ", "LONG ", "LEAVE " */
	size_t lines, others;
	int64_t now;
};

static void hear(void *p, enum entry_what what, const char *text, size_t len)
{
	static const char *const words[] = {
		[ENTRY_MIXED] = "MIXED ",
		[ENTRY_TWO] = "TWO ",
		[ENTRY_LONG] = "LONG ",
		[ENTRY_LEAVE] = "LEAVE ",
	};
	struct rig *r = p;

	if (what == ENTRY_ECHO) {
		sbuf_add(&r->shown, text, len);
	} else if (what == ENTRY_LINE) {
		sbuf_printf(&r->said, "[%.*s] ", (int)len, text);
		r->lines += len > 0;
	} else {
		sbuf_puts(&r->said, words[what]);
		r->others++;
	}
}

static void start(struct rig *r, int tty)
{
	*r = (struct rig){ .now = 5000 * MS };
	r->e = (struct entry){ .tty = tty, .most = 100, .hear = hear, .payload = r };
}

static void pass(struct rig *r, int64_t ms)
{
	int64_t to = r->now + ms * MS;

	while (entry_due(&r->e) <= to)
		entry_tick(&r->e, entry_due(&r->e));
	r->now = to;
}

/* A byte each so many ms. */
static void put(struct rig *r, const char *s, size_t n, int64_t ms)
{
	for (size_t i = 0; i < n; i++) {
		entry_feed(&r->e, s + i, 1, r->now);
		pass(r, ms);
	}
}
#define PUT(s, ms) put(&r, s, sizeof(s) - 1, ms)

static void is(struct rig *r, const char *said)
{
	pass(r, 1000);
	cr_expect_str_eq(sbuf_str(&r->said), said);
	entry_release(&r->e);
	sbuf_release(&r->said);
	sbuf_release(&r->shown);
}

Test(entry, a_pipe_gives_lines)
{
	struct rig r;

	start(&r, 0);
	PUT("A1\nA2\r\n\x03\x7f\n\nA3", 0);
	is(&r, "[A1] [A2] [\x03\x7f] [] ");
}

Test(entry, a_person_types_and_rubs_out)
{
	struct rig r;

	start(&r, 1);
	PUT("\x7fstop\xc3\xa4\x7f\x7fs\r", 120);
	pass(&r, 100);
	cr_expect_str_eq(sbuf_str(&r.shown), "stop\xc3\xa4\b \b\b \bs\n");
	is(&r, "[stos] ");
}

Test(entry, scans_at_all_speeds)
{
	static const int64_t speeds[] = { 0, 1, 4, 8, 16, 20, 29 };

	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
		struct rig r;

		start(&r, 1);
		PUT("AS01\x03\x04\x7f\x1a\x15\x1b[24~x\r\n", speeds[i]);
		pass(&r, 200);
		PUT("AS02\r", speeds[i]);
		is(&r, "[AS01\x03\x04\x7f\x1a\x15\x1b[24~x] [AS02] ");
	}
}

/* A rub-out of a label that comes late is no finger's; behind dictated words it is one. */
Test(entry, a_rub_out_that_is_held_up)
{
	static const struct {
		int64_t ms;
		const char *said;
	} row[] = {
		{ 1, "[AS0199\x7f"
		     "8] " },
		{ 29, "[AS0199\x7f"
		      "8] " },
		{ 31, "MIXED " },
		{ 399, "MIXED " },
		{ 450, "[AS0198] " },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rig r;

		start(&r, 1);
		PUT("AS019", 1);
		PUT("9", row[i].ms);
		PUT("\x7f"
		    "8\r",
		    1);
		is(&r, row[i].said);
	}
}

static const struct talk {
	const char *name;
	struct {
		const char *bytes;
		int64_t each_ms, then_ms;
	} piece[5];
	const char *said;
} talks[] = {
	{ "half a command is not confirmed by a scan",
	  { { "/4731 stop ", 110, 0 }, { "AS01\r", 2, 0 } },
	  "MIXED " },
	{ "a label with a line end is nothing",
	  { { "AS01\r/4731 stop\r/4732 stop\r\n", 1, 100 },
	    { "AASS0012\r\r", 0, 100 },
	    { "AS01\r", 1, 0 } },
	  "TWO TWO [AS01] " },
	{ "a line that came at once is one",
	  { { "/4731 stop", 0, 300 }, { " 2", 0, 300 }, { "\r", 0, 0 } },
	  "[/4731 stop 2] " },
	{ "control keys leave alone only",
	  { { "\x03", 399, 0 },
	    { "x", 500, 0 },
	    { "\x04\r", 1, 1000 },
	    { "ab", 200, 0 },
	    { "\x03", 401, 0 } },
	  "[\x03x\x04] LEAVE " },
};

TEST_ROWS(entry, talk, talks)
{
	const struct talk *t = &talks[*i];
	struct rig r;

	start(&r, 1);
	for (size_t k = 0; k < sizeof(t->piece) / sizeof(t->piece[0]) && t->piece[k].bytes; k++) {
		put(&r, t->piece[k].bytes, strlen(t->piece[k].bytes), t->piece[k].each_ms);
		pass(&r, t->piece[k].then_ms);
	}
	is(&r, t->said);
}

Test(entry, long_lines_and_held_enter)
{
	struct rig r;
	char label[300];

	memset(label, 'x', sizeof(label));
	label[299] = '\r';
	start(&r, 1);
	put(&r, label, sizeof(label), 1);
	pass(&r, 100);
	for (int i = 0; i < 10; i++)
		put(&r, "\r", 1, i % 2 ? 45 : 20);
	pass(&r, 100);
	PUT("A1\r", 1);
	pass(&r, 100);
	cr_expect_eq(r.lines, 1);
	cr_expect_eq(r.others, 1, "%s", sbuf_str(&r.said));
	is(&r, "LONG [] [] [] [] [] [A1] ");
}

/* Any bytes at scanner speed behind what was typed: never a line that mixes both. */
Test(entry, random_scans_into_typed_text)
{
	struct rng rng = { 3 };
	size_t taken = 0, mixed = 0;

	for (int i = 0; i < 20000; i++) {
		size_t typed = rng_next(&rng) % 12, n = 4 + rng_next(&rng) % 20;
		char label[32], text[16] = "/4731 stop 2 x";
		struct rig r;

		start(&r, 1);
		put(&r, text, typed, 60 + (int64_t)(rng_next(&rng) % 200));
		for (size_t k = 0; k < n; k++)
			label[k] = rng_chance(&rng, 0.3) ? (char)rng_next(&rng) : 'A';
		label[n++] = '\r';
		put(&r, label, n, (int64_t)(rng_next(&rng) % 20));
		pass(&r, 1000);
		cr_assert(!typed || !strstr(sbuf_str(&r.said), "[/"), "%d: %s", i,
			  sbuf_str(&r.said));
		cr_assert(!strstr(sbuf_str(&r.said), "LEAVE"), "%d", i);
		taken += !typed && r.lines == 1;
		mixed += typed && r.others == 1 && !r.lines;
		entry_release(&r.e);
		sbuf_release(&r.said);
		sbuf_release(&r.shown);
	}
	cr_expect_gt(taken, 1500, "most labels alone are taken");
	cr_expect_gt(mixed, 18000, "most others are told");
}
