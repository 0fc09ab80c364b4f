#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "board/console_talk.h"
#include "tests/unit/rows.h"
#include "tests/unit/step_rig.h"

TestSuite(board_console, .timeout = 20);

#define STEP  "kind = console\nsend = x\nexpect = /x/\n"
#define READY HEARS("", NULL), HEARS("\n", "\r\nvirt> ")

enum { START = 1000000, UNTIL = START + 100000 };

/* --- operations: what is typed, and what comes of the answer --- */

enum what { OS, ID, MAC, GPIO, SERVE, MEASURE, RESTART, RECOVER, READY_, ASK };

static const struct row {
	enum what what;
	struct memory_turn turns[8];
	const char *want; /* the output, or "ERR_X: part of the message" */
	int64_t by_ms;    /* not after this time; 0: any */
} rows[] = {
	{ OS, { HEARS("version\n", "OS version:  24.06 \r\nvirt> "), HEARS_NO_MORE }, "24.06", 0 },
	{ OS,
	  { HEARS("version\n", NULL), HEARS_NO_MORE },
	  "ERR_TIMEOUT: console 'version': no answer in time",
	  5000 },
	{ OS,
	  { HEARS("version\n", "OS version:   \r\nvirt> "), HEARS_NO_MORE },
	  "ERR_PROTO: console 'os_version': an answer of 0 bytes, must be 1..31",
	  0 },
	{ OS,
	  { HEARS("version\n", "OS version: 0123456789012345678901234567890\r\nvirt> "),
	    HEARS_NO_MORE },
	  "0123456789012345678901234567890",
	  0 },
	{ OS,
	  { HEARS("version\n", "OS version: 01234567890123456789012345678901\r\nvirt> "),
	    HEARS_NO_MORE },
	  "ERR_PROTO: console 'os_version': an answer of 32 bytes",
	  0 },
	{ ID,
	  { HEARS("id\n", "id\r\n00ff00ff00ff00ff\r\nvirt> "), HEARS_NO_MORE },
	  "00ff00ff00ff00ff",
	  0 },
	{ ID,
	  { HEARS("id\n", "id\r\nunknown\r\nvirt> "), HEARS_NO_MORE },
	  "ERR_PROTO: console 'id': no answer like",
	  0 },
	{ MAC,
	  { HEARS("mac eth0\n", "mac: 02:00:00:00:00:01\r\nvirt> "), HEARS_NO_MORE },
	  "02:00:00:00:00:01",
	  0 },
	{ MAC,
	  { HEARS("mac eth0\n", NULL, .then = ERR_GONE), HEARS_NO_MORE },
	  "ERR_GONE: console 'mac eth0'",
	  0 },
	{ GPIO, { HEARS("gpio drive f0 50\n", "gpio: 5a\r\nvirt> "), HEARS_NO_MORE }, "5a", 0 },
	{ GPIO,
	  { HEARS("gpio drive f0 50\n", "gpio: ffffffffffffffff\r\nvirt> "), HEARS_NO_MORE },
	  "ffffffffffffffff",
	  0 },
	{ GPIO,
	  { HEARS("gpio drive f0 50\n", "gpio: 1ffffffffffffffff\r\nvirt> "), HEARS_NO_MORE },
	  "ERR_PROTO: console 'gpio': '1ffffffffffffffff' is no mask in hex",
	  0 },
	{ GPIO,
	  { HEARS("gpio drive f0 50\n", "gpio: 5x\r\nvirt> "), HEARS_NO_MORE },
	  "ERR_PROTO: console 'gpio': '5x' is no mask",
	  0 },
	{ GPIO,
	  { HEARS("gpio drive f0 50\n", "gpio: -5\r\nvirt> "), HEARS_NO_MORE },
	  "ERR_PROTO: console 'gpio': '-5' is no mask",
	  0 },
	/* The server stays in the foreground: no prompt is waited for. */
	{ SERVE,
	  { HEARS("serve 5301\n", "listening on 5301\r\n"), HEARS_NO_MORE },
	  "10.0.0.7",
	  100 },
	{ SERVE,
	  { HEARS("serve 5301\n", "iperf3: error - no memory\r\nvirt> "), HEARS_NO_MORE },
	  "ERR_REFUSED: console 'serve 5301': the unit says: error - no memory",
	  100 },
	{ SERVE,
	  { HEARS("serve 5301\n", "serve: not found\r\nvirt> "), HEARS_NO_MORE },
	  "ERR_PROTO: console 'serve 5301': no answer like",
	  0 },
	/* 3 s of traffic, 1 s omitted, 2 s within. */
	{ MEASURE,
	  { HEARS("measure 10.0.0.1 5201 3 1 -R -u -b 2000000\n", "done\r\nvirt> ",
		  .delay_ms = 5900),
	    HEARS_NO_MORE },
	  "done",
	  6000 },
	{ MEASURE,
	  { HEARS("measure 10.0.0.1 5201 3 1 -R -u -b 2000000\n", "done\r\nvirt> ",
		  .delay_ms = 6100),
	    HEARS_NO_MORE },
	  "ERR_TIMEOUT: console 'measure 10.0.0.1 5201 3 1 -R -u -b 2000000'",
	  6000 },
	{ MEASURE,
	  { HEARS("measure 10.0.0.1 5201 3 1 -R -u -b 2000000\n",
		  "iperf3: error - unable to connect to server\r\nvirt> "),
	    HEARS_NO_MORE },
	  "ERR_REFUSED: ",
	  100 },
	{ RESTART,
	  { HEARS("restart\n", "restart\r\nboot: 1\r\nboot: ready\r\n"), READY, HEARS_NO_MORE },
	  "done",
	  200 },
	{ RESTART,
	  { HEARS("restart\n", "restart\r\nboot: 1\r\nboot: ready\r\nvirt> ", .delay_ms = 19000),
	    READY, HEARS_NO_MORE },
	  "done",
	  20000 },
	{ RESTART,
	  { HEARS("restart\n", "restart\r\nboot: 1\r\nboot: ready\r\n", .delay_ms = 26000),
	    HEARS_NO_MORE },
	  "ERR_TIMEOUT: waiting for the unit to restart: no answer in time",
	  25000 },
	{ RESTART,
	  { HEARS("restart\n", "restart\r\nboot: 1\r\n"), HEARS_NO_MORE },
	  "ERR_PROTO: waiting for the unit to restart: no answer like /^boot: ready/m",
	  25000 },
	{ RESTART, { HEARS("restart\n", NULL, .then = ERR_GONE), HEARS_NO_MORE }, "ERR_GONE: ", 0 },
	{ RESTART,
	  { HEARS("restart\n", "boot: 1\r\n", .then = ERR_LINE), HEARS_NO_MORE },
	  "ERR_LINE: waiting for the unit to restart",
	  0 },
	{ RESTART,
	  { HEARS("restart\n", "boot: 1\r\nboot: ready\r\n"), HEARS("", NULL),
	    HEARS("\n", NULL, .then = ERR_GONE), HEARS_NO_MORE },
	  "ERR_GONE: waiting for the unit after its restart",
	  0 },
	/* 25 % and 100 % are heard. */
	{ RECOVER,
	  { HEARS("recovery /images\n",
		  "recovery: 25 %\r\nrecovery: 100 %\r\nrecovery: done\r\nboot: 1\r\nboot: "
		  "ready\r\n"),
	    READY, HEARS_NO_MORE },
	  "0.25 1.00 done",
	  200 },
	/* A boot that was told before the recovery was done is another one. */
	{ RECOVER,
	  { HEARS("recovery /images\n", "boot: 1\r\nboot: ready\r\nrecovery: done\r\n"),
	    HEARS_NO_MORE },
	  "ERR_TIMEOUT: waiting for the unit to restart",
	  0 },
	{ RECOVER,
	  { HEARS("recovery /images\n", "recovery: 25 %\r\nrecovery: failed: 7\r\nvirt> "),
	    HEARS_NO_MORE },
	  "ERR_REFUSED: console 'recovery /images': the unit says: failed: 7",
	  0 },
	{ RECOVER,
	  { HEARS("recovery /images\n", "recovery: 25 %\r\n"), HEARS_NO_MORE },
	  "ERR_PROTO: console 'recovery /images': no answer like",
	  60000 },
	{ READY_, { READY, HEARS_NO_MORE }, "done", 100 },
	{ ASK, { HEARS("say\n", "say\r\nhello you\r\nvirt> "), HEARS_NO_MORE }, "you", 0 },
	{ ASK,
	  { HEARS("say\n", "say\r\ngood day\r\nvirt> "), HEARS_NO_MORE },
	  "ERR_PROTO: no answer like /hello (\\w+)/ in time",
	  0 },
};

static void tell(void *payload, double done, const char *what)
{
	sbuf_printf(payload, "%.2f%s ", done, what);
}

static int operate(struct sbuf *out, struct rig *r, enum what what, struct err *err)
{
	const struct board_ops *ops = &r->board.driver->ops;
	struct board_traffic t = { .host = "10.0.0.1",
				   .port = what == SERVE ? 5301 : 5201,
				   .seconds = 3,
				   .omit = 1,
				   .udp = 1,
				   .reverse = 1,
				   .rate_bps = 2e6 };
	char text[32] = "untouched";
	struct match *pattern = NULL;
	struct sbuf said = { 0 };
	size_t from = 0, to = 0, at;
	uint64_t levels = 0;
	int code = 0;

	switch (what) {
	case OS:
		code = ops->os_version(text, sizeof(text), &r->board, UNTIL, err);
		break;
	case ID:
		code = ops->device_id(text, sizeof(text), &r->board, UNTIL, err);
		break;
	case MAC:
		code = ops->mac(text, sizeof(text), &r->board, "eth0", UNTIL, err);
		break;
	case GPIO:
		code = ops->gpio(&levels, &r->board, 0xf0, 0x50, UNTIL, err);
		snprintf(text, sizeof(text), "%llx", (unsigned long long)levels);
		break;
	case SERVE:
		code = ops->serve(text, sizeof(text), &r->board, &t, UNTIL, err);
		break;
	case MEASURE:
		code = ops->measure(&r->board, &t, UNTIL, err);
		break;
	case RESTART:
		code = ops->restart(&r->board, UNTIL, err);
		break;
	case RECOVER:
		code = ops->recover(&(struct board_recovered){ 0 }, &r->board, "/images", tell, out,
				    UNTIL, err);
		break;
	case READY_:
		code = ops->ready(&r->board, UNTIL, err);
		break;
	case ASK:
		cr_assert_eq(match_compile(&pattern, "/hello (\\w+)/", &at, err), 0);
		code = ops->ask(&said, &from, &to, &r->board, "say", pattern, UNTIL, err);
		snprintf(text, sizeof(text), "%.*s", (int)(to - from), sbuf_str(&said) + from);
		break;
	}
	if (code && what <= MAC)
		cr_expect_str_eq(text, "untouched");
	if (!code)
		sbuf_puts(out,
			  what == MEASURE || (what >= RESTART && what <= READY_) ? "done" : text);
	match_free(pattern);
	sbuf_release(&said);
	return code;
}

TEST_ROWS(board_console, operation, rows)
{
	const struct row *row = &rows[*i];

	for (size_t chunk = 0; chunk < 3; chunk++) {
		struct sbuf got = { 0 };
		struct err err = { 0 };
		struct rig r;
		int code;

		rig_open(&r, rig_board, STEP, row->turns);
		r.slot.board_network = "10.0.0.7:5301";
		r.link.chunk = chunk;
		code = operate(&got, &r, row->what, &err);
		if (code) {
			sbuf_reset(&got);
			sbuf_printf(&got, "%s: %s", err_name((enum err_code)code), err.text);
		}
		cr_expect_eq(strncmp(sbuf_str(&got), row->want, strlen(row->want)), 0,
			     "row %zu: '%s', must be '%s'", *i, sbuf_str(&got), row->want);
		cr_expect(code || strlen(row->want) == got.len, "row %zu: '%s'", *i,
			  sbuf_str(&got));
		cr_expect(code || !r.link.turn->hear, "row %zu: not all was typed", *i);
		cr_expect(!row->by_ms || clock_ms() <= START + row->by_ms, "row %zu: %ld ms", *i,
			  (long)(clock_ms() - START));
		rig_close(&r);
		sbuf_release(&got);
	}
}

/* Every operation stops at its caller's deadline, whatever the profile allows. */
Test(board_console, deadline)
{
	static const struct {
		const char *hear;
	} typed[] = { [OS] = { "version\n" },
		      [ID] = { "id\n" },
		      [MAC] = { "mac eth0\n" },
		      [RESTART] = { "restart\n" } };

	for (size_t k = 0; k < sizeof(typed) / sizeof(typed[0]); k++) {
		const struct memory_turn turns[] = { HEARS(typed[k].hear, "..."), HEARS_NO_MORE };
		struct err err = { 0 };
		char text[32];
		struct rig r;
		int code;

		if (!typed[k].hear)
			continue;
		rig_open(&r, rig_board, STEP, turns);
		code = k == OS ? r.board.driver->ops.os_version(text, 32, &r.board, START + 70,
								&err)
		       : k == ID
			       ? r.board.driver->ops.device_id(text, 32, &r.board, START + 70, &err)
		       : k == MAC ? r.board.driver->ops.mac(text, 32, &r.board, "eth0", START + 70,
							    &err)
				  : r.board.driver->ops.restart(&r.board, START + 70, &err);
		cr_expect_lt(code, 0);
		cr_expect_eq(clock_ms(), START + 70, "%s", typed[k].hear);
		rig_close(&r);
	}
}

/* --- parameters --- */

static const struct expand_row {
	const char *send, *typed;
} expands[] = {
	{ "m {interface}", "m eth0\n" },
	{ "{interface}", "eth0\n" },
	{ "{interface}{interface}", "eth0eth0\n" },
	{ "a{interface}b {interface}", "aeth0b eth0\n" },
	/* Braces of a shell stay. */
	{ "echo ${PATH} {interface}", "echo ${PATH} eth0\n" },
	{ "{ cat /x; } {interface}", "{ cat /x; } eth0\n" },
	{ "awk '{print $1}' {interface}", "awk '{print $1}' eth0\n" },
	{ "{{interface}}", "{eth0}\n" },
	{ "x {", "x {\n" },
	{ "x }{", "x }{\n" },
	{ "{}", "{}\n" },
	{ "find /x -exec cat {} +", "find /x -exec cat {} +\n" },
	{ "%s %n {interface}", "%s %n eth0\n" },
};

TEST_ROWS(board_console, parameters, expands)
{
	const struct memory_turn turns[] = { HEARS(expands[*i].typed, "m: 1\r\n> "),
					     HEARS_NO_MORE };
	struct sbuf board = { 0 };
	struct err err = { 0 };
	char text[32];
	struct rig r;

	sbuf_printf(&board,
		    "[board]\nfamily = console\nprompt = /^> $/\n[command mac]\nsend = \"%s\"\n"
		    "match = /^m: (.)/m\n",
		    expands[*i].send);
	rig_open(&r, sbuf_str(&board), STEP, turns);
	cr_expect_eq(r.board.driver->ops.mac(text, sizeof(text), &r.board, "eth0", UNTIL, &err), 0,
		     "%s: %s", expands[*i].send, err.text);
	cr_expect_str_eq(text, "1");
	rig_close(&r);
	sbuf_release(&board);
}

/* Flags that are not asked for are nothing. */
Test(board_console, flags)
{
	static const struct memory_turn turns[] = {
		HEARS("measure h 1 2 0   \n", "virt> "),
		HEARS("measure h 1 2 0  -u -b 1000000000000\n", "virt> "), HEARS_NO_MORE
	};
	struct board_traffic t = { .host = "h", .port = 1, .seconds = 2 };
	struct err err = { 0 };
	struct rig r;

	rig_open(&r, rig_board, STEP, turns);
	cr_expect_eq(r.board.driver->ops.measure(&r.board, &t, UNTIL, &err), 0, "%s", err.text);
	t.udp = 1;
	t.rate_bps = 1e12;
	cr_expect_eq(r.board.driver->ops.measure(&r.board, &t, UNTIL, &err), 0, "%s", err.text);
	rig_close(&r);
}

static const struct address_row {
	const char *network, *address; /* NULL: ERR_CONF */
} addresses[] = {
	{ "10.0.0.7:5301", "10.0.0.7" },
	{ "[fe80::1]:5301", "fe80::1" },
	{ NULL, NULL },
	{ "10.0.0.7", NULL },
	{ "[2001:0db8:0000:0000:0000:0000:0000:0001]:5301", NULL }, /* no room for it */
};

TEST_ROWS(board_console, address, addresses)
{
	static const struct memory_turn turns[] = { HEARS("serve 5301\n", "listening\r\n"),
						    HEARS_NO_MORE };
	struct board_traffic t = { .port = 5301, .seconds = 1 };
	struct err err = { 0 };
	char text[16] = "untouched";
	struct rig r;
	int code;

	rig_open(&r, rig_board, STEP, turns);
	r.slot.board_network = addresses[*i].network;
	code = r.board.driver->ops.serve(text, sizeof(text), &r.board, &t, UNTIL, &err);
	cr_expect_eq(code, addresses[*i].address ? 0 : ERR_CONF, "%s", err.text);
	cr_expect_str_eq(text, addresses[*i].address ? addresses[*i].address : "untouched");
	cr_expect_eq(rig_done(&r), !code, "nothing is started that cannot be reached");
	rig_close(&r);
}

/* A command in the foreground is ended before the next one is typed. */
Test(board_console, foreground)
{
	static const struct memory_turn turns[] = { HEARS("serve 5301\n", "listening\r\n"),
						    HEARS("", NULL),
						    HEARS("\n", NULL),
						    HEARS("\003", NULL),
						    HEARS("\n", "^C\r\nvirt> "),
						    HEARS("version\n", "OS version: 1\r\nvirt> "),
						    HEARS("version\n", "OS version: 2\r\nvirt> "),
						    HEARS_NO_MORE };
	struct board_traffic t = { .port = 5301, .seconds = 1 };
	struct err err = { 0 };
	char text[32];
	struct rig r;

	rig_open(&r, rig_board, STEP, turns);
	r.slot.board_network = "10.0.0.7:5301";
	cr_assert_eq(r.board.driver->ops.serve(text, sizeof(text), &r.board, &t, UNTIL, &err), 0);
	cr_assert_eq(r.board.driver->ops.os_version(text, sizeof(text), &r.board, UNTIL, &err), 0,
		     "%s", err.text);
	cr_expect_str_eq(text, "1");
	cr_assert_eq(r.board.driver->ops.os_version(text, sizeof(text), &r.board, UNTIL, &err), 0,
		     "%s", err.text);
	cr_expect_str_eq(text, "2");
	cr_expect(rig_done(&r));
	rig_close(&r);
}

/* One that ended by itself has left its prompt: nothing is typed in between. */
Test(board_console, foreground_ended)
{
	static const struct memory_turn turns[] = { HEARS("serve 5301\n", "listening\r\n"),
						    HEARS("version\n", "OS version: 1\r\nvirt> "),
						    HEARS_NO_MORE };
	static const char later[] = "served 5 s\r\nvirt> ";
	struct board_traffic t = { .port = 5301, .seconds = 1 };
	struct err err = { 0 };
	char text[32];
	struct rig r;

	rig_open(&r, rig_board, STEP, turns);
	r.slot.board_network = "10.0.0.7:5301";
	cr_assert_eq(r.board.driver->ops.serve(text, sizeof(text), &r.board, &t, UNTIL, &err), 0);
	link_memory_say(&r.link, later, sizeof(later) - 1);
	cr_assert_eq(r.board.driver->ops.os_version(text, sizeof(text), &r.board, UNTIL, &err), 0,
		     "%s", err.text);
	cr_expect(rig_done(&r));
	rig_close(&r);
}

/* --- profiles that ship --- */

static struct board_profile *shipped(struct arena *a, const char *name)
{
	struct board_profile *p = NULL;
	struct findings f = { 0 };
	struct err err = { 0 };

	cr_assert_eq(board_profile_load(&p, a, "fixtures/boards", name, &f, &err), 0, "%s",
		     err.text);
	cr_expect_eq(f.count, 0);
	finding_release(&f);
	return p;
}

/* A Linux board from `reboot` through its login to the prompt. */
Test(board_console, linux_restarts)
{
	static const struct memory_turn turns[] = {
		HEARS("reboot\n",
		      "reboot\r\n[  OK  ] Stopped\r\nhost login: \r\nU-Boot 2022\r\n"
		      "[    0.000000] Linux version 6.1.0-31\r\n[  OK  ] Started\r\n\r\nhost "
		      "login: ",
		      .delay_ms = 30000),
		HEARS("", NULL),
		HEARS("\n", "\r\nhost login: "),
		HEARS("root", NULL),
		HEARS("\n", "root\r\nLast login: today\r\nroot@host:~# "),
		HEARS("cat /etc/os-release\n",
		      "cat /etc/os-release\r\nPRETTY_NAME=\"Debian\"\r\nVERSION_ID=\"12\"\r\n"
		      "root@host:~# "),
		HEARS("cat /sys/class/net/eth0/address\n",
		      "cat /sys/class/net/eth0/address\r\n02:00:00:00:00:01\r\nroot@host:~# "),
		HEARS_NO_MORE
	};

	for (size_t chunk = 0; chunk < 30; chunk += 1 + chunk / 3) {
		struct arena a = { 0 };
		struct board_profile *p = shipped(&a, "linux-shell");
		struct board b = { .driver = p->driver, .profile = p->profile };
		struct link_memory link;
		struct err err = { 0 };
		char text[32];

		clock_freeze_ms(START);
		link_memory_init(&link, turns);
		link.waits = 1;
		link.chunk = chunk;
		b.links[ROLE_CONSOLE] = &link.link;
		cr_assert_eq(b.driver->open(&b, &err), 0);
		cr_assert_eq(b.driver->ops.restart(&b, START + 600000, &err), 0, "chunk %zu: %s",
			     chunk, err.text);
		cr_expect_lt(clock_ms() - START, 31000, "chunk %zu: %ld ms", chunk,
			     (long)(clock_ms() - START));
		cr_assert_eq(b.driver->ops.os_version(text, 32, &b, START + 600000, &err), 0, "%s",
			     err.text);
		cr_expect_str_eq(text, "12");
		cr_assert_eq(b.driver->ops.mac(text, 32, &b, "eth0", START + 600000, &err), 0, "%s",
			     err.text);
		cr_expect_str_eq(text, "02:00:00:00:00:01");
		cr_expect(link_memory_done(&link));
		b.driver->close(&b);
		board_profile_release(p);
		arena_free(&a);
	}
}

Test(board_console, shipped_offers)
{
	struct arena a = { 0 };
	struct board_profile *p = shipped(&a, "linux-shell");

	cr_expect_eq(board_offers(p->driver, p->profile),
		     (uint32_t)(BOARD_OS_VERSION | BOARD_DEVICE_ID | BOARD_RESTART | BOARD_MAC |
				BOARD_SERVE | BOARD_MEASURE | BOARD_ASK));
	board_profile_release(p);
	p = shipped(&a, "virtual-console");
	cr_expect_eq(board_offers(p->driver, p->profile),
		     (uint32_t)(BOARD_OS_VERSION | BOARD_DEVICE_ID | BOARD_RESTART | BOARD_RECOVER |
				BOARD_MAC | BOARD_GPIO | BOARD_SERVE | BOARD_MEASURE | BOARD_ASK));
	cr_expect_eq(board_pins(p->driver, p->profile)->count, 16);
	board_profile_release(p);
	arena_free(&a);
}

/* --- what a profile offers, and its mistakes --- */

#define BOARD "[board]\nfamily = console\n"

static const struct offers_row {
	const char *board;
	uint32_t has;
} offers[] = {
	{ BOARD, BOARD_ASK },
	{ BOARD "[command os_version]\nsend = v\nmatch = /v/\n", BOARD_ASK | BOARD_OS_VERSION },
	/* Without a match there is no value. */
	{ BOARD "[command os_version]\nsend = v\n", BOARD_ASK },
	{ BOARD "boot = /b/\n[command recover]\nsend = v\n", BOARD_ASK },
	{ BOARD "[command serve]\nsend = v\n", BOARD_ASK },
	{ BOARD "boot = /b/\n[command restart]\nsend = v\n", BOARD_ASK | BOARD_RESTART },
	{ BOARD "[command measure]\nsend = v\n", BOARD_ASK | BOARD_MEASURE },
	/* Without pins there is no gpio. */
	{ BOARD "[command gpio]\nsend = v\nmatch = /v/\n", BOARD_ASK },
	{ BOARD "pins = a, b\n[command gpio]\nsend = v\nmatch = /v/\n", BOARD_ASK | BOARD_GPIO },
	{ BOARD "pins = a, b\n", BOARD_ASK },
};

TEST_ROWS(board_console, offers, offers)
{
	struct rig r;

	rig_open(&r, offers[*i].board, STEP, NULL);
	cr_expect_eq(board_offers(r.board.driver, r.board.profile), offers[*i].has, "row %zu", *i);
	rig_close(&r);
}

static const struct finding_row {
	const char *board, *told;
} findings[] = {
	{ rig_board, "" },
	{ BOARD "[command mack]\nsend = m\n",
	  "3:10: unknown-command: unknown command 'mack'; did you mean 'mac'?\n" },
	{ BOARD "[command teleport]\nsend = m\n",
	  "3:10: unknown-command: unknown command 'teleport'\n" },
	{ BOARD "[command]\nsend = m\n",
	  "3:1: bad-section: [command] needs a name: [command NAME]\n" },
	{ BOARD "[command mac]\nsend = m {nic}\n",
	  "4:10: unknown-parameter: unknown parameter '{nic}' of command mac; use {interface}\n" },
	{ BOARD "[command os_version]\nsend = v {interface}\n",
	  "4:10: unknown-parameter: unknown parameter '{interface}' of command os_version; it has "
	  "none\n" },
	{ BOARD "[command gpio]\nsend = g {drive} {levels}\n",
	  "4:18: unknown-parameter: unknown parameter '{levels}' of command gpio; use {drive}, "
	  "{level}\n" },
	{ BOARD "[command mac]\nsend = m {a} {b}\n",
	  "4:10: unknown-parameter: unknown parameter '{a}' of command mac; use {interface}\n"
	  "4:14: unknown-parameter: unknown parameter '{b}' of command mac; use {interface}\n" },
	{ BOARD "[command mac]\nsend = m ${HOME} {Interface} { x } {} { {interface}\n", "" },
	{ BOARD "[command mac]\nmatch = /m/\n", "3:1: missing-key: " },
	{ BOARD "[command mac]\nsend = m\nmatch = /(m/\n", "5:12: bad-pattern: " },
	{ BOARD "[command mac]\nsend = m\nmatch = /(a+)+$/\n", "5:" },
	{ BOARD "[command mac]\nsend = m\nmach = /m/\n", "5:1: unknown-key: " },
	{ BOARD "[command mac]\nsend = m\nwithin = 2 h\n", "5:10: out-of-range: " },
	{ BOARD "prompt = /[/\n", "3:" },
	{ BOARD "newline = ff\n", "3:11: bad-value: " },
	{ BOARD "pins = a, a\n", "3:" },
	{ BOARD "[slot 1]\nusb = 1\n", "3:1: unknown-section: " },
	{ BOARD "[command mac]\nsend = m\n[command mac]\nsend = m\n", "5:" },
};

TEST_ROWS(board_console, lint, findings)
{
	const struct finding_row *row = &findings[*i];
	size_t n = strlen(row->told);
	const char *told = rig_check_board(row->board);
	int whole = n && row->told[n - 1] == '\n';

	cr_expect(!n      ? !*told
		  : whole ? !strcmp(told, row->told)
			  : !strncmp(told, row->told, n),
		  "row %zu: %s", *i, told);
}
