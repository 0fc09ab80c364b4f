#include "base/clock.h"
#include "tests/unit/rows.h"
#include "tests/unit/step_rig.h"

TestSuite(step_console, .timeout = 20);

static const struct row {
	const char *keys, *line;
	struct rig_answer answer;
} rows[] = {
	{ "send = temp\nexpect = /^temp: ([0-9.]+)/m\ncapture = number\nlimit number = 20 .. 30\n",
	  "temp\n",
	  ANSWER("temp\r\ntemp: 23.50\r\nvirt> ", "PASS - -", "matched=yes number=23.5") },
	{ "send = temp\nexpect = /^temp: (.*?)\\r?$/m\ncapture = number\n", "temp\n",
	  ANSWER("temp: 1e3\r\n", "PASS - -", "matched=yes number=1000") },
	{ "send = temp\nexpect = /^temp: ([0-9.]+)/m\ncapture = number\nlimit number = 20 .. 30\n",
	  "temp\n",
	  ANSWER("temp: 31\r\nvirt> ", "FAIL unit ERR_LIMIT", "matched=yes number=31", "31") },
	{ "send = temp\nexpect = /^temp: (.*?)\\r?$/m\ncapture = number\n", "temp\n",
	  ANSWER("temp: hot\r\n", "FAIL unit ERR_PROTO", "", "'hot' is no number") },
	{ "send = temp\nexpect = /^temp: (.*?)\\r?$/m\ncapture = number\n", "temp\n",
	  ANSWER("temp: nan\r\n", "FAIL unit ERR_PROTO", "", "'nan' is no number") },
	{ "send = temp\nexpect = /^temp: (.*?)\\r?$/m\ncapture = number\n", "temp\n",
	  ANSWER("temp: 0x10\r\n", "FAIL unit ERR_PROTO", "", "no number") },
	{ "send = temp\nexpect = /^temp: (.*?)\\r?$/m\ncapture = number\n", "temp\n",
	  ANSWER("temp: 1e999\r\n", "FAIL unit ERR_PROTO", "", "no number") },
	{ "send = temp\nexpect = /^temp: (.*?)\\r?$/m\ncapture = number\n", "temp\n",
	  ANSWER("temp: \r\n", "FAIL unit ERR_PROTO", "", "'' is no number") },
	{ "send = temp\nexpect = /^temp: (.*)$/m\ncapture = number\n", "temp\n",
	  ANSWER("temp:  12 \r\n", "PASS - -", "matched=yes number=12") },
	/* Without expect everything up to the prompt is the answer. */
	{ "send = uname\ncapture = text\nlimit text = == Linux\n", "uname\n",
	  ANSWER("uname\r\nLinux\r\nvirt> ", "PASS - -", "text=Linux") },
	{ "send = uname\ncapture = text\nlimit text = == Linux\n", "uname\n",
	  ANSWER("uname\r\nvirt> ", "FAIL unit ERR_LIMIT", "text=", "must be == Linux") },
	{ "send = two\ncapture = text\nlimit text = matches /b/\n", "two\n",
	  ANSWER("a\r\nb\r\nvirt> ", "PASS - -", "text=a\\r\\nb") },
	{ "send = off\nexpect = /^done/m\n", "off\n",
	  ANSWER("off\r\ndone\r\n", "PASS - -", "matched=yes") },
	/* The last line may have no end: it counts when the time is over. */
	{ "send = off\nexpect = /Password: $/\n", "off\n",
	  ANSWER("off\r\nPassword: ", "PASS - -", "matched=yes") },
	{ "send = off\nexpect = /^done/m\n", "off\n",
	  ANSWER("off\r\nnot now\r\nvirt> ", "FAIL unit ERR_PROTO", "", "virt>") },
	{ "send = off\nexpect = /^done/m\n", "off\n",
	  ANSWER(NULL, "FAIL unit ERR_TIMEOUT", "", "console 'off': no answer in time") },
	{ "send = off\n", "off\n",
	  ANSWER("off\r\nhalf", "FAIL unit ERR_PROTO", "", "no prompt in time, last was 'half'") },
	{ "send = off\nexpect = /^done/m\n", "off\n",
	  ANSWER("do", "ERROR station ERR_GONE", "", "console 'off'", .then = ERR_GONE) },
	{ "send = off\nexpect = /^done/m\n", "off\n",
	  ANSWER(NULL, "ERROR station ERR_GONE", "", NULL, .fail = ERR_GONE) },
	{ "send = off\nexpect = /^done/m\n", "off\n",
	  ANSWER("d", "ERROR station ERR_LINE", "", NULL, .then = ERR_LINE) },
	{ "send = off\nexpect = /^done/m\n", "off\n",
	  ANSWER("done\r\nboot: again\r\n", "FAIL unit ERR_PROTO", "", "started anew") },
	/* An empty line is typed too. */
	{ "send =\nexpect = /virt/\n", "\n", ANSWER("virt> ", "PASS - -", "matched=yes") },
};

TEST_ROWS(step_console, answer, rows)
{
	struct sbuf step = { 0 };

	sbuf_printf(&step, "kind = console\n%s", rows[*i].keys);
	rig_expect(&rows[*i].answer, sbuf_str(&step), rows[*i].line);
	sbuf_release(&step);
}

/* Only listening: what comes by itself. */
Test(step_console, types_nothing)
{
	static const char said[] = "\r\nbutton: pressed\r\n";
	struct rig r;

	rig_open(&r, rig_board,
		 "kind = console\nexpect = /^button: (\\w+)/m\ncapture = text\n"
		 "limit text = == pressed\n",
		 NULL);
	link_memory_say(&r.link, said, sizeof(said) - 1);
	cr_expect_eq(rig_run(&r), VERDICT_PASS);
	cr_expect_str_eq(rig_measures(&r), "matched=yes text=pressed");
	cr_expect(rig_done(&r));
	rig_close(&r);
}

Test(step_console, within)
{
	static const struct memory_turn turns[] = { HEARS("go\n", "done\r\n", .delay_ms = 3000),
						    HEARS_NO_MORE };
	struct rig r;

	rig_open(&r, rig_board, "kind = console\nsend = go\nexpect = /^done/m\n", turns);
	cr_expect_eq(rig_run(&r), VERDICT_PASS);
	cr_expect_eq(clock_ms(), 1003000);
	rig_close(&r);
	rig_open(&r, rig_board, "kind = console\nsend = go\nexpect = /^done/m\nwithin = 2 s\n",
		 turns);
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "FAIL unit ERR_TIMEOUT");
	cr_expect_eq(clock_ms(), 1002000);
	rig_close(&r);
	/* Never beyond the attempt. */
	rig_open(&r, rig_board, "kind = console\nsend = go\nexpect = /^done/m\n", turns);
	r.until_ms = 1001000;
	rig_run(&r);
	cr_expect_eq(clock_ms(), 1001000);
	rig_close(&r);
}

static const struct finding_row {
	const char *keys, *told;
} findings[] = {
	{ "send = a\n", "6:1: judges-nothing: " },
	{ "capture = text\nlimit text = == a\n",
	  "6:1: missing-key: [step s] needs 'send', 'expect' or both\n" },
	{ "send = a\nexpect = /(a/\n", "9:13: bad-pattern: " },
	{ "send = a\nexpect = /a/\n", "" },
	{ "send = a\ncapture = all\n", "9:11: bad-value: " },
	{ "send = a\nexpect = /a/\nlimit number = > 1\ncapture = number\n", "" },
	{ "send = a\nexpect = /a/\nwithin = 2 min\n", "" },
};

TEST_ROWS(step_console, lint, findings)
{
	const struct finding_row *row = &findings[*i];
	struct sbuf keys = { 0 };
	const char *told;

	sbuf_printf(&keys, "kind = console\n%s", row->keys);
	told = rig_check(rig_board, NULL, sbuf_str(&keys));
	if (*row->told)
		cr_expect_eq(strncmp(told, row->told, strlen(row->told)), 0, "row %zu: %s", *i,
			     told);
	else
		cr_expect_str_eq(told, "", "row %zu: %s", *i, told);
	sbuf_release(&keys);
}

Test(step_console, implies)
{
	struct rig r;

	rig_open(&r, rig_board, "kind = console\nsend = a\nexpect = /a/\n", NULL);
	cr_expect_str_eq(rig_limits(&r), "matched == yes (implied)\n");
	rig_close(&r);
	rig_open(&r, rig_board, "kind = console\nsend = a\n", NULL);
	cr_expect_str_eq(rig_limits(&r), "");
	rig_close(&r);
}
