/* console_ready() on a console in memory: to the prompt, through logins, old output, chatter,
 * damage and cables. */
#include <string.h>

#include "base/clock.h"
#include "board/console_talk.h"
#include "tests/unit/link_paced.h"
#include "tests/unit/rows.h"

TestSuite(console_talk_ready, .timeout = 20);

enum { START = 1000000 };

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

TEST_ROWS(console_talk_ready, ready, readies)
{
	const struct ready_row *row = &readies[*i];

	for (size_t chunk = 0; chunk < 4; chunk++) {
		struct sbuf board = { 0 };
		struct err err = { 0 };
		struct rig r;
		int code;

		sbuf_printf(&board, "[board]\nfamily = console\nprompt = /^virt> $/\n%s",
			    row->keys);
		rig_open(&r, sbuf_str(&board), CONSOLE_STEP, row->turns);
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
Test(console_talk_ready, ready_amid_output)
{
	struct err err = { 0 };
	struct link_paced p;
	struct rig r;

	paced_open(&p, &r, "virt> one\r\nvirt> two\r\nvirt> ");
	p.pause_at = 6;
	p.pause_ms = 50;
	cr_expect_eq(console_ready(&r.board, START + 5000, &err), 0, "%s", err.text);
	cr_expect_eq(p.at, 28, "all of it was read");
	rig_close(&r);
}

/* Endless chatter does not fill the memory, nor hold it up beyond its time. */
Test(console_talk_ready, ready_in_chatter)
{
	struct console_talk *t;
	struct err err = { 0 };
	struct link_paced p;
	struct rig r;

	paced_open(&p, &r, ".");
	p.every_ms = 40;
	cr_expect_eq(console_ready(&r.board, START + 10000000, &err), ERR_PROTO, "%s", err.text);
	t = r.board.state;
	cr_expect_leq(t->said.len, (size_t)CONSOLE_WINDOW);
	cr_expect_leq(clock_ms(), START + 10000040);
	rig_close(&r);
}

/* One that prompts for ever is never ready: its own fault. */
Test(console_talk_ready, ready_in_prompts)
{
	struct err err = { 0 };
	struct link_paced p;
	struct rig r;

	paced_open(&p, &r, "\r\nvirt> ");
	p.every_ms = 40;
	cr_expect_eq(console_ready(&r.board, START + 3000, &err), ERR_PROTO, "%s", err.text);
	cr_expect(strstr(err.text, "prompts all the time"), "%s", err.text);
	cr_expect_leq(clock_ms(), START + 3100);
	rig_close(&r);
}

Test(console_talk_ready, ready_without_a_prompt)
{
	static const char old[] = "old words";
	struct err err = { 0 };
	struct rig r;

	rig_open(&r, "[board]\nfamily = console\n", CONSOLE_STEP, NULL);
	link_memory_say(&r.link, old, sizeof(old) - 1);
	cr_expect_eq(console_ready(&r.board, START + 1000, &err), 0);
	cr_expect_eq(r.link.drops, 1);
	cr_expect(rig_done(&r), "nothing is typed");
	rig_close(&r);
}
