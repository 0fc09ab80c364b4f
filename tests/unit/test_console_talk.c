/* console_talk: typing and listening on a console in memory: what comes in pieces, late, twice,
 * damaged, without end or not at all. How it gets to the prompt: test_console_talk_ready.c. */
#include <string.h>

#include "base/clock.h"
#include "board/console_talk.h"
#include "tests/unit/link_paced.h"
#include "tests/unit/rows.h"

TestSuite(console_talk, .timeout = 20);

enum { START = 1000000 };

static struct match *pattern(const char *text)
{
	struct match *m = NULL;
	struct err err = { 0 };
	size_t at;

	cr_assert_eq(match_compile(&m, text, &at, &err), 0, "%s", err.text);
	return m;
}

/* What one question gave: "23.5" or "ERR_PROTO: message". */
struct answer {
	char text[500];
	int code;
};

/* Type "q", wait for match (NULL: the prompt) until START + 10 s. */
static void ask(struct answer *out, struct rig *r, const char *match, const char *refused,
		int and_prompt)
{
	struct console_wait w = { .match = match ? pattern(match) : NULL,
				  .refused = refused ? pattern(refused) : NULL,
				  .and_prompt = and_prompt };
	struct console_talk *t = r->board.state;
	struct err err = { 0 };
	size_t from = 0, to = 0;

	out->code = console_type(&r->board, "q", START + 10000, &err);
	if (!out->code)
		out->code = console_await(&from, &to, &r->board, &w, START + 10000, &err);
	if (out->code)
		snprintf(out->text, sizeof(out->text), "%s: %s", err_name(err.code), err.text);
	else
		snprintf(out->text, sizeof(out->text), "%.*s", (int)(to - from),
			 sbuf_str(&t->said) + from);
	match_free((struct match *)(uintptr_t)w.match);
	match_free((struct match *)(uintptr_t)w.refused);
}

/* --- one answer, whole and at every cut --- */

#define T "/^t: (.*?)\\r?$/m"

static const struct row {
	const char *match;
	int and_prompt;
	const char *say, *want; /* want: the beginning of what ask() gives */
} rows[] = {
	{ T, 1, "q\r\nt: 23.5\r\nvirt> ", "23.5" },
	{ T, 1, "q\nt: 23.5\nvirt> ", "23.5" },
	{ T, 1, "q\r\r\nt: 23.5\r\r\nvirt> ", "23.5" },
	{ T, 1, "t: 23.5\r\nvirt> ", "23.5" }, /* no echo */
	{ T, 1, "\r\nt: 23.5\r\nvirt> ", "23.5" },
	{ T, 1, "q\r\nqt: 1\r\nt: 2\r\nvirt> ", "2" },
	{ T, 0, "q\r\nt: 23.5\r\n", "23.5" },
	/* NULs of a line that wakes up. */
	{ T, 1, "q\r\nnoise\r\nt: 23.5\r\nmore noise\r\nvirt> ", "23.5" },
	/* The same twice is one answer; two that differ are none. */
	{ T, 1, "q\r\nt: 23.5\r\nt: 23.5\r\nvirt> ", "23.5" },
	{ T, 1, "q\r\nt: 23.5\r\nt: 23.6\r\nvirt> ", "ERR_PROTO: two answers: '23.5' and '23.6'" },
	{ T, 1, "q\r\nt: 23.5\r\nt: 23.50\r\nvirt> ",
	  "ERR_PROTO: two answers: '23.5' and '23.50'" },
	/* A pattern bound to the beginning of a line is so behind a match too. */
	{ "/^([0-9]{2})/m", 1, "q\r\n2406\r\nvirt> ", "24" },
	/* Without a prompt to come the first one counts. */
	{ T, 0, "q\r\nt: 1\r\nt: 2\r\n", "1" },
	/* The prompt, and no answer. */
	{ T, 1, "q\r\nwhat?\r\nvirt> ", "ERR_PROTO: no answer like " T ", the unit said 'what?'" },
	{ T, 1, "q\r\nvirt> ", "ERR_PROTO: no answer like" },
	{ T, 1, "virt> ", "ERR_PROTO: no answer like" },
	/* No prompt, and an answer or none. */
	{ T, 1, "q\r\nt: 23.5\r\n", "ERR_PROTO: no answer like " T " in time, last was 't: 23.5'" },
	{ T, 0, "q\r\nelse\r\n", "ERR_PROTO: no answer like " T " in time, last was 'else'" },
	{ T, 0, "q\r\n", "ERR_TIMEOUT: no answer in time" },
	{ T, 0, "", "ERR_TIMEOUT: no answer in time" },
	/* The last line may have no end when the time is over. */
	{ T, 0, "q\r\nt: 23.5", "23.5" },
	/* Up to the prompt, without it. */
	{ NULL, 0, "q\r\none\r\ntwo\r\nvirt> ", "one\r\ntwo\r\n" },
	{ NULL, 0, "q\r\nvirt> ", "" },
	{ NULL, 0, "q\r\none\r\n", "ERR_PROTO: no prompt in time, last was 'one'" },
	{ NULL, 0, "q\r\n virt> \r\n", "ERR_PROTO: no prompt in time, last was ' virt>'" },
	/* What looks like a prompt is one only at the end. */
	{ NULL, 0, "q\r\nvirt> is a prompt\r\nvirt> ", "virt> is a prompt\r\n" },
	{ T, 1, "q\r\nvirt> \r\nt: 7\r\nvirt> ", "7" },
	/* It starts anew, or says that it failed. */
	{ T, 1, "q\r\nboot: 1.0\r\nt: 7\r\nvirt> ", "ERR_PROTO: the unit started anew by itself" },
	{ T, 1, "q\r\nerror: no sensor\r\nvirt> ", "ERR_REFUSED: the unit says: no sensor" },
	{ T, 1, "q\r\nerror: \x1b[31mred\xff\r\nvirt> ",
	  "ERR_REFUSED: the unit says: \\x1b[31mred\\xff" },
	/* A line of 64 KiB and more has no end: below; here one that is only long. */
	{ T, 1,
	  "q\r\nt: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n"
	  "virt> ",
	  "0123456789012345678901234567890123456789012345678901234567890123456789" },
};

static void expect(const struct row *row, struct rig *r, const char *how)
{
	struct answer got;

	ask(&got, r, row->match, "/^error: (.*?)\\r?$/m", row->and_prompt);
	cr_assert_eq(strncmp(got.text, row->want, strlen(row->want)), 0,
		     "'%s' (%s): '%s', must be '%s'", row->say, how, got.text, row->want);
	cr_assert(!got.code || strchr(row->want, '_'), "'%s' (%s): %s", row->say, how, got.text);
	cr_assert(got.code || strlen(got.text) == strlen(row->want), "'%s'", got.text);
	cr_assert_leq(clock_ms(), START + 10000, "beyond the deadline");
}

TEST_ROWS(console_talk, answer, rows)
{
	const struct row *row = &rows[*i];
	const struct memory_turn turns[] = { HEARS("q\n", row->say), HEARS_NO_MORE };

	for (size_t chunk = 0; chunk <= 9; chunk++) {
		struct rig r;

		rig_open(&r, rig_board, CONSOLE_STEP, turns);
		r.link.chunk = chunk;
		expect(row, &r, "in pieces");
		rig_close(&r);
	}
}

/* --- a link whose words come with pauses --- */

/* Split at every byte with a pause that is longer than any silence looked for. The one
 * place where that changes anything is behind what is a prompt: then it is one. */
TEST_ROWS(console_talk, answer_with_a_pause, rows)
{
	const struct row *row = &rows[*i];

	for (size_t at = 0; at < strlen(row->say); at++) {
		const char *prompt = strstr(row->say, "virt> ");
		struct link_paced p;
		struct rig r;

		if (prompt && at == (size_t)(prompt - row->say) + 6)
			continue;
		paced_open(&p, &r, row->say);
		p.pause_at = at;
		p.pause_ms = 3000;
		expect(row, &r, "with a pause");
		rig_close(&r);
	}
}

Test(console_talk, pause_behind_a_prompt)
{
	static const struct {
		int ms;
		const char *want;
	} row[] = { { 3000, "" }, { 30 /* shorter than the silence */, "virt> is it\r\n" } };

	for (size_t i = 0; i < 2; i++) {
		struct answer got;
		struct link_paced p;
		struct rig r;

		paced_open(&p, &r, "q\r\nvirt> is it\r\nvirt> ");
		p.pause_at = 9;
		p.pause_ms = row[i].ms;
		ask(&got, &r, NULL, NULL, 0);
		cr_expect_str_eq(got.text, row[i].want, "%d ms: '%s'", row[i].ms, got.text);
		rig_close(&r);
	}
}

/* A unit that never stops is told within a bound, at whatever rate it talks. */
Test(console_talk, endless)
{
	static const char fill[] = { 'x', '\n', ' ', '\xff' };

	for (size_t i = 0; i < sizeof(fill); i++) {
		struct answer got;
		struct link_paced p;
		struct rig r;

		paced_open(&p, &r, "q\r\n");
		p.fill = fill[i];
		ask(&got, &r, T, NULL, 1);
		cr_expect_eq(got.code, ERR_PROTO, "%s", got.text);
		cr_expect(strstr(got.text, "the unit said more than 65536 bytes and no end"), "%s",
			  got.text);
		cr_expect_lt(p.at, 2 * CONSOLE_WINDOW);
		rig_close(&r);
	}
}

/* Bytes that keep coming do not carry the wait beyond its end. */
Test(console_talk, dribbles)
{
	struct answer got;
	struct link_paced p;
	struct rig r;

	paced_open(&p, &r, ".");
	p.every_ms = 40;
	ask(&got, &r, T, NULL, 1);
	cr_expect_eq(got.code, ERR_PROTO, "%s", got.text);
	cr_expect_leq(clock_ms(), START + 10040);
	rig_close(&r);
}

/* --- NULs, damage, cables --- */

Test(console_talk, nuls)
{
	static const char said[] = "\0q\0\r\n\0\0t: 2\0003\0\r\n\0virt\0> \0";
	static const char breaks[16];
	const struct memory_turn turns[] = { HEARS("q\n", said, .say_len = sizeof(said) - 1),
					     HEARS("q\n", breaks, .say_len = 3), HEARS_NO_MORE };
	const struct memory_turn many[] = { HEARS("q\n", breaks, .say_len = sizeof(breaks)),
					    HEARS_NO_MORE };
	struct answer got;
	struct rig r;

	for (size_t chunk = 0; chunk < 5; chunk++) {
		rig_open(&r, rig_board, CONSOLE_STEP, turns);
		r.link.chunk = chunk;
		ask(&got, &r, T, NULL, 1);
		cr_expect_str_eq(got.text, "23");
		clock_freeze_ms(START);
		ask(&got, &r, T, NULL, 1);
		cr_expect_str_eq(got.text, "ERR_TIMEOUT: no answer in time", "a few are a wake-up");
		rig_close(&r);
		rig_open(&r, rig_board, CONSOLE_STEP, many);
		r.link.chunk = chunk;
		ask(&got, &r, T, NULL, 1);
		cr_expect_eq(got.code, ERR_LINE, "many are the wrong rate: %s", got.text);
		rig_close(&r);
	}
}

static const struct cut_row {
	const char *say;
	enum err_code then, fail, want;
} cuts[] = {
	{ NULL, ERR_GONE, 0, ERR_GONE },
	{ "q\r\n", ERR_GONE, 0, ERR_GONE },
	{ "q\r\nt: 1", ERR_GONE, 0, ERR_GONE },
	{ NULL, 0, ERR_GONE, ERR_GONE },
	{ NULL, ERR_LINE, 0, ERR_LINE },
	{ "q", ERR_LINE, 0, ERR_LINE },
	{ "q\r\nt: 1\r\n", ERR_LINE, 0, ERR_LINE },
	{ NULL, ERR_IO, 0, ERR_IO },
	{ NULL, 0, ERR_TIMEOUT, ERR_TIMEOUT },
};

TEST_ROWS(console_talk, cable, cuts)
{
	const struct cut_row *row = &cuts[*i];
	const struct memory_turn turns[] = {
		HEARS("q\n", row->say, .then = row->then, .fail = row->fail), HEARS_NO_MORE
	};

	for (size_t chunk = 0; chunk < 4; chunk++) {
		struct answer got;
		struct rig r;

		rig_open(&r, rig_board, CONSOLE_STEP, turns);
		r.link.chunk = chunk;
		ask(&got, &r, T, NULL, 1);
		cr_expect_eq(got.code, (int)row->want, "row %zu: %s", *i, got.text);
		rig_close(&r);
	}
}

/* Silence with the cable gone is the cable's. */
static int gone_alive(struct link *l, struct err *err)
{
	(void)l;
	return err_set(err, ERR_GONE, "no interface");
}

Test(console_talk, silence_of_a_cable)
{
	struct link_ops ops = paced_ops;
	struct answer got;
	struct link_paced p;
	struct rig r;

	ops.alive = gone_alive;
	paced_open(&p, &r, "");
	p.link.ops = &ops;
	ask(&got, &r, T, NULL, 1);
	cr_expect_eq(got.code, ERR_GONE, "%s", got.text);
	rig_close(&r);
}

Test(console_talk, costly_pattern)
{
	struct sbuf said = { 0 };
	struct memory_turn turns[] = { HEARS("q\n", NULL), HEARS_NO_MORE };
	struct answer got;
	struct rig r;

	sbuf_puts(&said, "q\r\n");
	for (int i = 0; i < 40000; i++)
		sbuf_putc(&said, 'x');
	sbuf_puts(&said, "\r\nvirt> ");
	turns[0].say = sbuf_str(&said);
	rig_open(&r, rig_board, CONSOLE_STEP, turns);
	ask(&got, &r, "/(x+)\\1[zw]/", NULL, 1);
	cr_expect_eq(got.code, ERR_COSTLY, "%s", got.text);
	cr_expect_eq(err_blame(got.code), BLAME_PLAN);
	rig_close(&r);
	sbuf_release(&said);
}

/* --- typing --- */

static const struct newline_row {
	const char *key, *typed;
} newlines[] = { { "", "q\n" },
		 { "newline = lf\n", "q\n" },
		 { "newline = cr\n", "q\r" },
		 { "newline = crlf\n", "q\r\n" } };

TEST_ROWS(console_talk, newline, newlines)
{
	const struct memory_turn turns[] = { HEARS(newlines[*i].typed, "q\r\nt: 1\r\n> "),
					     HEARS_NO_MORE };
	struct sbuf board = { 0 };
	struct answer got;
	struct rig r;

	sbuf_printf(&board, "[board]\nfamily = console\nprompt = /^> $/\n%s", newlines[*i].key);
	rig_open(&r, sbuf_str(&board), CONSOLE_STEP, turns);
	ask(&got, &r, T, NULL, 1);
	cr_expect_str_eq(got.text, "1");
	rig_close(&r);
	sbuf_release(&board);
}

/* What came before is no answer. */
Test(console_talk, drops_what_was_said)
{
	static const struct memory_turn turns[] = { HEARS("q\n", "q\r\nt: new\r\nvirt> "),
						    HEARS_NO_MORE };
	static const char old[] = "t: old\r\nvirt> ";
	struct answer got;
	struct rig r;

	rig_open(&r, rig_board, CONSOLE_STEP, turns);
	link_memory_say(&r.link, old, sizeof(old) - 1);
	ask(&got, &r, T, NULL, 1);
	cr_expect_str_eq(got.text, "new");
	cr_expect_eq(r.link.drops, 1);
	rig_close(&r);
}

/* Behind a failed answer the board is brought to its prompt before the next line. */
Test(console_talk, after_a_failure)
{
	static const struct memory_turn turns[] = { HEARS("q\n", "q\r\nworking ...\r\n"),
						    HEARS("", NULL),
						    HEARS("\n", NULL),
						    HEARS("\003", NULL),
						    HEARS("\n", "^C\r\nvirt> "),
						    HEARS("q\n", "q\r\nt: 2\r\nvirt> "),
						    HEARS_NO_MORE };
	struct answer got;
	struct rig r;

	rig_open(&r, rig_board, CONSOLE_STEP, turns);
	ask(&got, &r, T, NULL, 1);
	cr_expect_eq(got.code, ERR_PROTO);
	clock_freeze_ms(START);
	ask(&got, &r, T, NULL, 1);
	cr_expect_str_eq(got.text, "2");
	cr_expect(rig_done(&r));
	rig_close(&r);
}

/* --- progress, restarts, unfinished lines --- */

static void note(void *payload, double done, const char *what)
{
	sbuf_printf(payload, "%.2f%s ", done, what);
}

/* Type "q", wait until START + 1 s. */
static int await(struct rig *r, const struct console_wait *w, struct err *err)
{
	size_t from, to;

	cr_assert_eq(console_type(&r->board, "q", START + 1000, err), 0);
	return console_await(&from, &to, &r->board, w, START + 1000, err);
}

Test(console_talk, progress)
{
	static const struct memory_turn turns[] = {
		HEARS("q\n", "q\r\n0 %\r\n7.5 %\r\n50 %\r\n 99 %\r\n100 %\r\n250 %\r\nt: ok\r\n"),
		HEARS_NO_MORE
	};

	for (size_t chunk = 0; chunk < 7; chunk++) {
		struct sbuf told = { 0 };
		struct console_wait w = { .match = pattern(T),
					  .progress = pattern("/([0-9.]+) %/"),
					  .tell = note,
					  .payload = &told };
		struct err err = { 0 };
		struct rig r;

		rig_open(&r, rig_board, CONSOLE_STEP, turns);
		r.link.chunk = chunk;
		cr_expect_eq(await(&r, &w, &err), 0, "%s", err.text);
		cr_expect_str_eq(sbuf_str(&told), "0.00 0.07 0.50 0.99 1.00 ", "chunk %zu: %s",
				 chunk, sbuf_str(&told));
		rig_close(&r);
		match_free((struct match *)(uintptr_t)w.match);
		match_free((struct match *)(uintptr_t)w.progress);
		sbuf_release(&told);
	}
}

Test(console_talk, restart_is_allowed_where_it_is_due)
{
	static const struct memory_turn turns[] = { HEARS("q\n", "q\r\nboot: 1\r\nt: 3\r\n"),
						    HEARS_NO_MORE };
	struct console_wait w = { .match = pattern(T), .restarts = 1 };
	struct err err = { 0 };
	struct rig r;

	rig_open(&r, rig_board, CONSOLE_STEP, turns);
	cr_expect_eq(await(&r, &w, &err), 0, "%s", err.text);
	rig_close(&r);
	match_free((struct match *)(uintptr_t)w.match);
}

/* "login: " has no end: it counts at once when it is waited for as a sign. */
Test(console_talk, unfinished)
{
	for (int unfinished = 0; unfinished < 2; unfinished++) {
		static const struct memory_turn turns[] = { HEARS("q\n", "q\r\nhost login: "),
							    HEARS_NO_MORE };
		struct console_wait w = { .match = pattern("/login: $/"),
					  .unfinished = unfinished };
		struct err err = { 0 };
		struct rig r;

		rig_open(&r, rig_board, CONSOLE_STEP, turns);
		cr_expect_eq(await(&r, &w, &err), 0, "%s", err.text);
		cr_expect_eq(clock_ms() - START, unfinished ? 60 : 1000);
		rig_close(&r);
		match_free((struct match *)(uintptr_t)w.match);
	}
}
