/* Typing and listening on a console in memory: what comes in pieces, late, twice,
 * damaged, without end or not at all. */
#include <string.h>

#include "base/clock.h"
#include "board/console_talk.h"
#include "tests/unit/rows.h"
#include "tests/unit/step_rig.h"

TestSuite(console_talk, .timeout = 20);

#define STEP "kind = console\nsend = x\nexpect = /x/\n"

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

		rig_open(&r, rig_board, STEP, turns);
		r.link.chunk = chunk;
		expect(row, &r, "in pieces");
		rig_close(&r);
	}
}

/* --- a link whose words come with pauses --- */

enum { FILL = 700 };

struct paused {
	struct link link;
	const char *say;
	size_t at, pause_at; /* a pause of ms before this byte */
	int ms, spent;
	int dribble; /* a whole line for each read, 40 ms after the last, for ever */
	char fill;   /* 0: say ends; else it goes on with this for ever */
};

static int paused_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	struct paused *p = l->priv;
	size_t n = strlen(p->say);

	(void)err;
	cr_assert_geq(size, FILL);
	if (p->dribble) {
		clock_freeze_ms(clock_ms() + 40);
		memcpy(out, "\r\n", 2);
		memcpy((char *)out + 2, p->say, n);
		return (int)n + 2;
	}
	if (p->at == p->pause_at && !p->spent) {
		if (until_ms < START + p->ms) {
			clock_freeze_ms(until_ms);
			return 0;
		}
		clock_freeze_ms(START + p->ms);
		p->spent = 1;
	}
	if (p->at >= n && !p->fill) {
		if (until_ms > clock_ms())
			clock_freeze_ms(until_ms);
		return 0;
	}
	if (p->at >= n) {
		memset(out, p->fill, FILL);
		p->at += FILL;
		return FILL;
	}
	*(char *)out = p->say[p->at++];
	return 1;
}

static int paused_write(struct link *l, const void *data, size_t size, int64_t until_ms,
			struct err *err)
{
	(void)l;
	(void)data;
	(void)size;
	(void)until_ms;
	(void)err;
	return 0;
}

static int paused_drop(struct link *l, int64_t until_ms, struct err *err)
{
	(void)l;
	(void)until_ms;
	(void)err;
	return 0;
}

static const struct link_ops paused_ops = {
	.name = "paused", .read = paused_read, .write = paused_write, .drop = paused_drop
};

static void pause_open(struct paused *p, struct rig *r, const char *say)
{
	rig_open(r, rig_board, STEP, NULL);
	*p = (struct paused){ .link = { .ops = &paused_ops, .priv = p }, .say = say };
	r->board.links[ROLE_CONSOLE] = &p->link;
}

/* Split at every byte with a pause that is longer than any silence looked for. The one
 * place where that changes anything is behind what is a prompt: then it is one. */
TEST_ROWS(console_talk, answer_with_a_pause, rows)
{
	const struct row *row = &rows[*i];

	for (size_t at = 0; at < strlen(row->say); at++) {
		const char *prompt = strstr(row->say, "virt> ");
		struct paused p;
		struct rig r;

		if (prompt && at == (size_t)(prompt - row->say) + 6)
			continue;
		pause_open(&p, &r, row->say);
		p.pause_at = at;
		p.ms = 3000;
		expect(row, &r, "with a pause");
		rig_close(&r);
	}
}

Test(console_talk, pause_behind_a_prompt)
{
	struct answer got;
	struct paused p;
	struct rig r;

	pause_open(&p, &r, "q\r\nvirt> is it\r\nvirt> ");
	p.pause_at = 9;
	p.ms = 3000;
	ask(&got, &r, NULL, NULL, 0);
	cr_expect_str_eq(got.text, "");
	rig_close(&r);
	pause_open(&p, &r, "q\r\nvirt> is it\r\nvirt> ");
	p.pause_at = 9;
	p.ms = 30; /* shorter than the silence that is waited for */
	ask(&got, &r, NULL, NULL, 0);
	cr_expect_str_eq(got.text, "virt> is it\r\n");
	rig_close(&r);
}

/* A unit that never stops is told within a bound, at whatever rate it talks. */
Test(console_talk, endless)
{
	static const char fill[] = { 'x', '\n', ' ', '\xff' };

	for (size_t i = 0; i < sizeof(fill); i++) {
		struct answer got;
		struct paused p;
		struct rig r;

		pause_open(&p, &r, "q\r\n");
		p.pause_at = SIZE_MAX;
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
static int slow_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	(void)size;
	(void)l;
	(void)err;
	if (until_ms < clock_ms() + 40) {
		clock_freeze_ms(until_ms > clock_ms() ? until_ms : clock_ms());
		if (until_ms < clock_ms() + 1)
			return 0;
	}
	clock_freeze_ms(clock_ms() + 40);
	*(char *)out = '.';
	return 1;
}

Test(console_talk, dribbles)
{
	static const struct link_ops ops = {
		.name = "slow", .read = slow_read, .write = paused_write, .drop = paused_drop
	};
	struct link slow = { .ops = &ops };
	struct answer got;
	struct rig r;

	rig_open(&r, rig_board, STEP, NULL);
	r.board.links[ROLE_CONSOLE] = &slow;
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
		rig_open(&r, rig_board, STEP, turns);
		r.link.chunk = chunk;
		ask(&got, &r, T, NULL, 1);
		cr_expect_str_eq(got.text, "23");
		clock_freeze_ms(START);
		ask(&got, &r, T, NULL, 1);
		cr_expect_str_eq(got.text, "ERR_TIMEOUT: no answer in time", "a few are a wake-up");
		rig_close(&r);
		rig_open(&r, rig_board, STEP, many);
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

		rig_open(&r, rig_board, STEP, turns);
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
	static const struct link_ops ops = { .name = "gone",
					     .read = paused_read,
					     .write = paused_write,
					     .drop = paused_drop,
					     .alive = gone_alive };
	struct answer got;
	struct paused p;
	struct rig r;

	pause_open(&p, &r, "");
	p.pause_at = SIZE_MAX;
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
	rig_open(&r, rig_board, STEP, turns);
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
	rig_open(&r, sbuf_str(&board), STEP, turns);
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

	rig_open(&r, rig_board, STEP, turns);
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

	rig_open(&r, rig_board, STEP, turns);
	ask(&got, &r, T, NULL, 1);
	cr_expect_eq(got.code, ERR_PROTO);
	clock_freeze_ms(START);
	ask(&got, &r, T, NULL, 1);
	cr_expect_str_eq(got.text, "2");
	cr_expect(rig_done(&r));
	rig_close(&r);
}

/* --- to the prompt --- */

#define LOGIN                                                                                      \
	"login_prompt = /login: $/\nlogin = root\npassword_prompt = /Password: $/\n"               \
	"password = secret\n"

static const struct ready_row {
	const char *keys;
	struct memory_turn turns[12];
	enum err_code code;
	const char *message;
	int64_t took_ms;
} readies[] = {
	{ "", { HEARS("", NULL), HEARS("\n", "\r\nvirt> "), HEARS_NO_MORE }, 0, NULL, 60 },
	{ "",
	  { HEARS("", NULL), HEARS("\n", "\r\nvirt> ", .delay_ms = 700), HEARS_NO_MORE },
	  0,
	  NULL,
	  760 },
	/* Busy with a command: the second attempt is ^C. */
	{ "",
	  { HEARS("", NULL), HEARS("\n", NULL), HEARS("\003", NULL), HEARS("\n", "^C\r\nvirt> "),
	    HEARS_NO_MORE },
	  0,
	  NULL,
	  1560 },
	{ "",
	  { HEARS("", NULL), HEARS("\n", "login"), HEARS("\003", NULL), HEARS("\n", "x"),
	    HEARS("\003", NULL), HEARS("\n", "virt> "), HEARS_NO_MORE },
	  0,
	  NULL,
	  3060 },
	/* Login, with and without echo, with a second password. */
	{ LOGIN,
	  { HEARS("", NULL), HEARS("\n", "\r\nhost login: "), HEARS("root", NULL),
	    HEARS("\n", "root\r\nPassword: "), HEARS("secret", NULL),
	    HEARS("\n", "\r\nWelcome\r\nvirt> "), HEARS_NO_MORE },
	  0,
	  NULL,
	  180 },
	{ LOGIN,
	  { HEARS("", NULL), HEARS("\n", "\r\nhost login: "), HEARS("root", NULL),
	    HEARS("\n", "\r\nvirt> "), HEARS_NO_MORE },
	  0,
	  NULL,
	  120 },
	{ "login_prompt = /login: $/\n",
	  { HEARS("", NULL), HEARS("\n", "\r\nhost login: "), HEARS("\003", NULL),
	    HEARS("\n", "\r\nhost login: "), HEARS_NO_MORE },
	  ERR_PROTO,
	  "no prompt in time, last was 'host login:'",
	  2500 },
	{ LOGIN,
	  { HEARS("", NULL), HEARS("\n", "\r\nhost login: "), HEARS("root", NULL, .fail = ERR_GONE),
	    HEARS_NO_MORE },
	  ERR_GONE,
	  NULL,
	  60 },
	{ LOGIN, /* "Last login: " is no question; a slow login is not disturbed */
	  { HEARS("", NULL), HEARS("\n", "\r\nhost login: "), HEARS("root", NULL),
	    HEARS("\n", "root\r\nLast login: today\r\nvirt> ", .delay_ms = 2000), HEARS_NO_MORE },
	  0,
	  NULL,
	  2120 },
	/* Silence, and other text. */
	{ "",
	  { HEARS("", NULL), HEARS("\n", NULL), HEARS("\003", NULL), HEARS("\n", NULL),
	    HEARS_NO_MORE },
	  ERR_TIMEOUT,
	  "no answer in time",
	  2500 },
	{ "",
	  { HEARS("", NULL), HEARS("\n", "=> "), HEARS("\003", NULL), HEARS("\n", "\r\n=> "),
	    HEARS_NO_MORE },
	  ERR_PROTO,
	  "last was '=>'",
	  2500 },
	/* Cables. */
	{ "", { HEARS("", NULL, .fail = ERR_GONE), HEARS_NO_MORE }, ERR_GONE, NULL, 0 },
	{ "",
	  { HEARS("", NULL), HEARS("\n", "vi", .then = ERR_GONE), HEARS_NO_MORE },
	  ERR_GONE,
	  NULL,
	  0 },
	/* Damage is forgiven when clean text follows it, and told when nothing does. */
	{ "",
	  { HEARS("", NULL), HEARS("\n", "x\xff", .then = ERR_LINE), HEARS("\003", NULL),
	    HEARS("\n", "\r\nvirt> "), HEARS_NO_MORE },
	  0,
	  NULL,
	  1560 },
	{ "",
	  { HEARS("", NULL), HEARS("\n", "x\xff", .then = ERR_LINE), HEARS("\003", NULL),
	    HEARS("\n", NULL, .then = ERR_LINE), HEARS_NO_MORE },
	  ERR_LINE,
	  "lost or damaged",
	  2500 },
	{ "",
	  { HEARS("", NULL), HEARS("\n", "x\xff", .then = ERR_LINE), HEARS("\003", NULL),
	    HEARS("\n", "=> "), HEARS_NO_MORE },
	  ERR_PROTO,
	  "last was '=>'",
	  2500 },
	/* Without echo two prompts may stand side by side. */
	{ "", { HEARS("", NULL), HEARS("\n", "virt> "), HEARS_NO_MORE }, 0, NULL, 60 },
};

TEST_ROWS(console_talk, ready, readies)
{
	const struct ready_row *row = &readies[*i];

	for (size_t chunk = 0; chunk < 4; chunk++) {
		struct sbuf board = { 0 };
		struct err err = { 0 };
		struct rig r;
		int code;

		sbuf_printf(&board, "[board]\nfamily = console\nprompt = /^virt> $/\n%s",
			    row->keys);
		rig_open(&r, sbuf_str(&board), STEP, row->turns);
		r.link.chunk = chunk;
		code = console_ready(&r.board, START + 2500 + (row->took_ms > 2500 ? 2500 : 0),
				     &err);
		cr_expect_eq(code, (int)row->code, "row %zu: %s", *i, err.text);
		cr_expect(!row->message || strstr(err.text, row->message), "row %zu: %s", *i,
			  err.text);
		cr_expect_eq(clock_ms() - START, row->took_ms, "row %zu: %ld ms", *i,
			     (long)(clock_ms() - START));
		cr_expect(code || rig_done(&r));
		rig_close(&r);
		sbuf_release(&board);
	}
}

/* A prompt in the middle of old output is not the last one. */
Test(console_talk, ready_amid_output)
{
	struct err err = { 0 };
	struct paused p;
	struct rig r;

	pause_open(&p, &r, "virt> one\r\nvirt> two\r\nvirt> ");
	p.pause_at = 6;
	p.ms = 50;
	cr_expect_eq(console_ready(&r.board, START + 5000, &err), 0, "%s", err.text);
	cr_expect_eq(p.at, 28, "all of it was read");
	rig_close(&r);
}

/* Endless chatter does not fill the memory, nor hold it up beyond its time. */
Test(console_talk, ready_in_chatter)
{
	static const struct link_ops ops = {
		.name = "slow", .read = slow_read, .write = paused_write, .drop = paused_drop
	};
	struct link slow = { .ops = &ops };
	struct console_talk *t;
	struct err err = { 0 };
	struct rig r;

	rig_open(&r, rig_board, STEP, NULL);
	r.board.links[ROLE_CONSOLE] = &slow;
	cr_expect_eq(console_ready(&r.board, START + 10000000, &err), ERR_PROTO, "%s", err.text);
	t = r.board.state;
	cr_expect_leq(t->said.len, (size_t)CONSOLE_WINDOW);
	cr_expect_leq(clock_ms(), START + 10000040);
	rig_close(&r);
}

/* One that prompts for ever is never ready: its own fault. */
Test(console_talk, ready_in_prompts)
{
	struct err err = { 0 };
	struct paused p;
	struct rig r;

	pause_open(&p, &r, "virt> ");
	p.pause_at = SIZE_MAX;
	p.dribble = 1;
	cr_expect_eq(console_ready(&r.board, START + 3000, &err), ERR_PROTO, "%s", err.text);
	cr_expect(strstr(err.text, "prompts all the time"), "%s", err.text);
	cr_expect_leq(clock_ms(), START + 3100);
	rig_close(&r);
}

Test(console_talk, ready_without_a_prompt)
{
	static const char old[] = "old words";
	struct err err = { 0 };
	struct rig r;

	rig_open(&r, "[board]\nfamily = console\n", STEP, NULL);
	link_memory_say(&r.link, old, sizeof(old) - 1);
	cr_expect_eq(console_ready(&r.board, START + 1000, &err), 0);
	cr_expect_eq(r.link.drops, 1);
	cr_expect(rig_done(&r), "nothing is typed");
	rig_close(&r);
}

/* --- progress, restarts, unfinished lines --- */

static void note(void *payload, double done, const char *what)
{
	sbuf_printf(payload, "%.2f%s ", done, what);
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
		size_t from, to;

		rig_open(&r, rig_board, STEP, turns);
		r.link.chunk = chunk;
		cr_assert_eq(console_type(&r.board, "q", START + 1000, &err), 0);
		cr_expect_eq(console_await(&from, &to, &r.board, &w, START + 1000, &err), 0, "%s",
			     err.text);
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
	size_t from, to;

	rig_open(&r, rig_board, STEP, turns);
	cr_assert_eq(console_type(&r.board, "q", START + 1000, &err), 0);
	cr_expect_eq(console_await(&from, &to, &r.board, &w, START + 1000, &err), 0, "%s",
		     err.text);
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
		size_t from, to;

		rig_open(&r, rig_board, STEP, turns);
		cr_assert_eq(console_type(&r.board, "q", START + 1000, &err), 0);
		cr_expect_eq(console_await(&from, &to, &r.board, &w, START + 1000, &err), 0, "%s",
			     err.text);
		cr_expect_eq(clock_ms() - START, unfinished ? 60 : 1000);
		rig_close(&r);
		match_free((struct match *)(uintptr_t)w.match);
	}
}
