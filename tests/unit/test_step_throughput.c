/* The step against the iperf3 program, which stands for the unit's own; the unit's
 * console is a script. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/iperf3.h"
#include "tests/unit/ports.h"
#include "tests/unit/rows.h"
#include "tests/unit/step_rig.h"

TestSuite(step_throughput, .timeout = 20);

#define KIND "kind = throughput\nduration = 1 s\n"

/* --- the unit is the server --- */

struct script {
	struct memory_turn turn[8];
	char serve[32], address[32];
};

static void make_script(struct script *s, int port, const char *say)
{
	*s = (struct script){ .turn = { HEARS(NULL, say), HEARS("", NULL),
					HEARS("\n", "\r\nvirt> "), HEARS(NULL, say),
					HEARS_NO_MORE } };
	snprintf(s->serve, sizeof(s->serve), "serve %d\n", port);
	snprintf(s->address, sizeof(s->address), "127.0.0.1:%d", port);
	s->turn[0].hear = s->turn[3].hear = s->serve;
}

static enum verdict run_client(struct rig *r, struct script *s, const char *keys)
{
	struct sbuf step = { 0 };

	sbuf_printf(&step, KIND "connect = 300 ms\n%s", keys);
	rig_open(r, rig_board, sbuf_str(&step), s->turn);
	r->slot.board_network = s->address;
	r->live = 1;
	sbuf_release(&step);
	return rig_run(r);
}

static const struct client_row {
	const char *keys, *measures[6], *absent[3], *progress;
	int both;
} clients[] = {
	{ "direction = up\nlimit rate = > 1 Mbit/s\n",
	  { "rate", "rate_up", "retransmits" },
	  { "rate_down", "rtt", "loss" },
	  "0.00 up\n",
	  0 },
	{ "direction = down\nlimit rate = > 1 Mbit/s\nlimit retransmits = < 1000000\n",
	  { "rate", "rate_down", "retransmits", "rtt" },
	  { "rate_up", "jitter" },
	  "0.00 down\n",
	  0 },
	{ "direction = both\nlimit rate = > 1 Mbit/s\n",
	  { "rate", "rate_up", "rate_down", "rtt" },
	  { "loss" },
	  "0.00 up\n0.50 down\n",
	  1 },
	{ "protocol = udp\nrate = 2 Mbit/s\nlimit rate = 1 .. 3 Mbit/s\nlimit loss = < 90 %\n",
	  { "rate", "rate_up", "jitter", "loss" },
	  { "rtt", "retransmits", "rate_down" },
	  "0.00 up\n",
	  0 },
};

TEST_ROWS(step_throughput, unit_serves, clients)
{
	const struct client_row *row = &clients[*i];
	int port = port_free();
	pid_t unit = iperf3("-s", row->both ? "-4" : "-1", port, NULL);
	struct script s;
	struct rig r;

	make_script(&s, port, "listening\r\n");
	if (!row->both)
		s.turn[1] = (struct memory_turn)HEARS_NO_MORE;
	run_client(&r, &s, row->keys);
	cr_expect_str_eq(rig_outcome(&r), "PASS - -", "row %zu: %s", *i, r.attempt->message);
	for (int k = 0; k < 6 && row->measures[k]; k++)
		cr_expect_not_null(rig_measure(&r, row->measures[k]), "row %zu: no %s in %s", *i,
				   row->measures[k], rig_measures(&r));
	for (int k = 0; k < 3 && row->absent[k]; k++)
		cr_expect_null(rig_measure(&r, row->absent[k]), "row %zu: %s in %s", *i,
			       row->absent[k], rig_measures(&r));
	cr_expect_str_eq(sbuf_str(&r.progress), row->progress);
	if (row->both) {
		double up = rig_measure(&r, "rate_up")->num;
		double down = rig_measure(&r, "rate_down")->num;

		cr_expect_eq(rig_measure(&r, "rate")->num, up < down ? up : down, "the lower one");
		kill(unit, SIGTERM);
	}
	cr_expect(rig_done(&r));
	rig_close(&r);
	iperf3_ended(unit);
}

Test(step_throughput, too_slow)
{
	int port = port_free();
	pid_t unit = iperf3("-s", "-1", port, NULL);
	struct script s;
	struct rig r;

	make_script(&s, port, "listening\r\n");
	run_client(&r, &s, "rate = 1 Mbit/s\nlimit rate = > 5 Mbit/s\n");
	cr_expect_str_eq(rig_outcome(&r), "FAIL unit ERR_LIMIT", "%s", r.attempt->message);
	rig_close(&r);
	iperf3_ended(unit);
}

/* The unit's console before any traffic, or a server that is not there. */
static const struct rig_answer answers[] = {
	ANSWER("listening\r\n", "ERROR station ERR_PEER_REFUSED", "",
	       "up, unit as server: 127.0.0.1 port "),
	ANSWER("iperf3: error - unable to start listener: Address already in use\r\nvirt> ",
	       "FAIL unit ERR_REFUSED", "", "starting the unit's iperf3 server: console 'serve "),
	ANSWER("sh: iperf3: not found\r\nvirt> ", "FAIL unit ERR_PROTO", "", "iperf3 server"),
	ANSWER(NULL, "FAIL unit ERR_TIMEOUT", "", "no answer in time"),
	ANSWER("lis", "ERROR station ERR_GONE", "", NULL, .then = ERR_GONE),
	ANSWER(NULL, "ERROR station ERR_GONE", "", NULL, .fail = ERR_GONE),
	ANSWER("lis", "ERROR station ERR_LINE", "", NULL, .then = ERR_LINE),
};

TEST_ROWS(step_throughput, unit_does_not_serve, answers)
{
	const struct rig_answer *row = &answers[*i];
	struct script s;
	struct rig r;

	make_script(&s, port_free(), row->say);
	s.turn[0].then = row->then;
	s.turn[0].fail = row->fail;
	run_client(&r, &s, "limit rate = > 1 Mbit/s\n");
	cr_expect_str_eq(rig_outcome(&r), row->outcome, "row %zu: %s: %s", *i, rig_outcome(&r),
			 r.attempt->message);
	cr_expect_str_eq(rig_measures(&r), row->measures, "never 0 Mbit/s");
	cr_expect(!row->message || strstr(r.attempt->message, row->message), "row %zu: %s", *i,
		  r.attempt->message);
	rig_close(&r);
}

/* Says that it listens, accepts, and is silent: ended in the attempt's time. */
Test(step_throughput, unit_is_silent)
{
	struct script s;
	struct rig r;
	int port, fd = port_listener(&port);

	make_script(&s, port, "listening\r\n");
	rig_open(&r, rig_board, KIND "limit rate = > 1 Mbit/s\n", s.turn);
	r.slot.board_network = s.address;
	r.live = 1;
	clock_freeze_ms(-1);
	r.until_ms = clock_ms() + 800;
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "ERROR station ERR_PEER_SILENT", "%s",
			 r.attempt->message);
	cr_expect_lt(clock_ms() - r.until_ms, 3000);
	rig_close(&r);
	close(fd);
}

/* One direction was measured, the other could not be: no verdict on the unit. */
Test(step_throughput, second_direction_fails)
{
	int port = port_free();
	pid_t unit = iperf3("-s", "-1", port, NULL);
	struct script s;
	struct rig r;

	make_script(&s, port, "listening\r\n");
	run_client(&r, &s, "direction = both\nlimit rate = > 1 Mbit/s\n");
	cr_expect_str_eq(rig_outcome(&r), "ERROR station ERR_PEER_REFUSED", "%s",
			 r.attempt->message);
	cr_expect_not_null(rig_measure(&r, "rate_up"), "what was measured is kept");
	cr_expect_null(rig_measure(&r, "rate"));
	cr_expect_eq(r.attempt->not_judged, 1);
	cr_expect(strstr(r.attempt->message, "down, unit as server"), "%s", r.attempt->message);
	rig_close(&r);
	iperf3_ended(unit);
}

Test(step_throughput, slot_without_network)
{
	struct rig r;

	rig_open(&r, rig_board, KIND "limit rate = > 1 Mbit/s\n", NULL);
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "ERROR station ERR_CONF");
	rig_close(&r);
	rig_open(&r, rig_board, KIND "role = server\nlimit rate = > 1 Mbit/s\n", NULL);
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "ERROR station ERR_CONF");
	rig_close(&r);
}

/* --- the station is the server --- */

/* The console of a unit that answers when its client has ended. */
static struct {
	struct link link, *inner;
	pid_t client;
} unit_link;

static int late_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	(void)l;
	if (unit_link.client) {
		iperf3_ended(unit_link.client);
		unit_link.client = 0;
	}
	return link_read(out, size, unit_link.inner, until_ms, err);
}

static int late_write(struct link *l, const void *data, size_t size, int64_t until_ms,
		      struct err *err)
{
	(void)l;
	return link_write(unit_link.inner, data, size, until_ms, err);
}

static const struct link_ops late_ops = { .name = "late", .read = late_read, .write = late_write };

static const struct server_row {
	const char *keys, *typed, *say, *client[4], *outcome, *message;
	enum err_code then;
} servers[] = {
	{ "limit rate = > 1 Mbit/s\n",
	  "measure 127.0.0.1 %d 1 0   \n",
	  "virt> ",
	  { "-t", "1" },
	  "PASS - -",
	  NULL,
	  0 },
	{ "protocol = udp\nrate = 2 Mbit/s\nlimit rate = 1 .. 3 Mbit/s\nlimit loss = < 90 %\n",
	  "measure 127.0.0.1 %d 1 0  -u -b 2000000\n",
	  "virt> ",
	  { "-t1", "-u", "-b2M" },
	  "PASS - -",
	  NULL,
	  0 },
	/* The client is back, and nothing was measured. */
	{ "limit rate = > 1 Mbit/s\n",
	  "measure 127.0.0.1 %d 1 0   \n",
	  "virt> ",
	  { NULL },
	  "ERROR station ERR_PEER_SILENT",
	  "up, unit as client: no measurement came to",
	  0 },
	{ "limit rate = > 1 Mbit/s\n",
	  "measure 127.0.0.1 %d 1 0   \n",
	  "iperf3: error - unable to connect to server: No route to host\r\nvirt> ",
	  { NULL },
	  "ERROR station ERR_PEER_REFUSED",
	  "No route to host",
	  0 },
	{ "limit rate = > 1 Mbit/s\n",
	  "measure 127.0.0.1 %d 1 0   \n",
	  "iperf3: error - control socket has closed unexpectedly\r\nvirt> ",
	  { NULL },
	  "ERROR station ERR_PEER_SILENT",
	  "control socket has closed",
	  0 },
	{ "limit rate = > 1 Mbit/s\n",
	  "measure 127.0.0.1 %d 1 0   \n",
	  "iperf3: error - out of memory\r\nvirt> ",
	  { NULL },
	  "FAIL unit ERR_REFUSED",
	  "out of memory",
	  0 },
	{ "limit rate = > 1 Mbit/s\n",
	  "measure 127.0.0.1 %d 1 0   \n",
	  NULL,
	  { NULL },
	  "FAIL unit ERR_TIMEOUT",
	  "no answer in time",
	  0 },
	{ "limit rate = > 1 Mbit/s\n",
	  "measure 127.0.0.1 %d 1 0   \n",
	  "vi",
	  { NULL },
	  "ERROR station ERR_GONE",
	  NULL,
	  ERR_GONE },
};

TEST_ROWS(step_throughput, station_serves, servers)
{
	const struct server_row *row = &servers[*i];
	int port = port_free();
	char typed[80], address[32];
	struct memory_turn turns[] = { HEARS(typed, row->say, .then = row->then), HEARS_NO_MORE };
	struct sbuf step = { 0 };
	struct rig r;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(typed, sizeof(typed), row->typed, port);
#pragma GCC diagnostic pop
	snprintf(address, sizeof(address), "127.0.0.1:%d", port);
	sbuf_printf(&step, KIND "role = server\n%s", row->keys);
	rig_open(&r, rig_board, sbuf_str(&step), turns);
	r.slot.network = address;
	r.live = 1;
	unit_link.inner = &r.link.link;
	unit_link.link.ops = &late_ops;
	if (row->client[0]) {
		r.board.links[ROLE_CONSOLE] = &unit_link.link;
		unit_link.client = iperf3("-c", "127.0.0.1", port, row->client);
	}
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), row->outcome, "row %zu: %s: %s", *i, rig_outcome(&r),
			 r.attempt->message);
	cr_expect(!row->message || strstr(r.attempt->message, row->message), "row %zu: %s", *i,
		  r.attempt->message);
	cr_expect_eq(rig_measure(&r, "rate") != NULL, r.attempt->code == NULL);
	cr_expect_not(port_is_listening(port), "the server is gone whatever happened");
	rig_close(&r);
	sbuf_release(&step);
}

/* Somebody else has the port: nothing is typed to the unit. */
Test(step_throughput, port_in_use)
{
	struct rig r;
	char address[32];
	int port, fd = port_listener(&port);

	snprintf(address, sizeof(address), "127.0.0.1:%d", port);
	rig_open(&r, rig_board, KIND "role = server\nlimit rate = > 1 Mbit/s\n", NULL);
	r.slot.network = address;
	r.live = 1;
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "ERROR station ERR_BUSY", "%s", r.attempt->message);
	rig_close(&r);
	close(fd);
}

/* --- the plan --- */

Test(step_throughput, implies_nothing_and_asks_by_role)
{
	struct rig r;
	const struct plan_step *s;

	rig_open(&r, rig_board, KIND "limit rate = > 1 Mbit/s\ndirection = both\nomit = 2 s\n",
		 NULL);
	s = &r.plan->step[0];
	cr_expect_str_eq(rig_limits(&r), "rate > 1 Mbit/s\n");
	cr_expect_eq(s->driver->asks_more(s->args), (uint32_t)BOARD_SERVE);
	cr_expect_eq(s->driver->least_ms(s->args), 6000);
	rig_close(&r);
	rig_open(&r, rig_board, KIND "limit rate = > 1 Mbit/s\nrole = server\n", NULL);
	s = &r.plan->step[0];
	cr_expect_eq(s->driver->asks_more(s->args), (uint32_t)BOARD_MEASURE);
	cr_expect_eq(s->driver->least_ms(s->args), 1000);
	rig_close(&r);
}

#define FIXTURE(slot)                                                                              \
	"[fixture]\nid = F\nboard = rig\n[slot 1]\nusb = 1-1\n" slot                               \
	"[channel console]\nport = C\nline = 115200 8N1\n"

static const struct finding_row {
	const char *fixture, *keys, *told;
} findings[] = {
	{ FIXTURE("board_network = 127.0.0.1:5301\n"), "limit rate = > 1 Mbit/s\n", "" },
	{ NULL, "limit rate = > 1 Mbit/s\n", "" },
	{ FIXTURE(""), "limit rate = > 1 Mbit/s\n",
	  "6:1: not-wired: [step s] needs 'board_network' of [slot 1] in " },
	{ FIXTURE("board_network = 127.0.0.1:5301\n"), "role = server\nlimit rate = > 1 Mbit/s\n",
	  "6:1: not-wired: [step s] needs 'network' of [slot 1] in " },
	{ NULL, "role = server\ndirection = both\nlimit rate = > 1 Mbit/s\n",
	  "9:13: contradiction: with 'role = server' only 'direction = up'" },
	{ NULL, "protocol = udp\nlimit rate = > 1 Mbit/s\n",
	  "6:1: missing-key: [step s] measures UDP and needs 'rate'" },
	{ NULL, "duration = 1500 ms\nlimit rate = > 1 Mbit/s\n",
	  "8:12: out-of-range: 'duration' must be whole seconds" },
	{ NULL, "omit = 500 ms\nlimit rate = > 1 Mbit/s\n",
	  "8:8: out-of-range: 'omit' must be whole seconds" },
	{ NULL, "duration = 30 s\ndirection = both\ntimeout = 50 s\nlimit rate = > 1 Mbit/s\n",
	  "10:11: timeout-too-short" },
	{ NULL, "", "6:1: judges-nothing" },
	{ NULL, "limit rate_down = > 1 Mbit/s\nlimit rate = > 1 V\n", "9:18: bad-unit" },
};

TEST_ROWS(step_throughput, lint, findings)
{
	const struct finding_row *row = &findings[*i];
	struct sbuf keys = { 0 };
	const char *told;

	sbuf_printf(&keys, "kind = throughput\n%s", row->keys);
	told = rig_check(rig_board, row->fixture, sbuf_str(&keys));
	cr_expect(*row->told ? !strncmp(told, row->told, strlen(row->told)) : !*told, "row %zu: %s",
		  *i, told);
	sbuf_release(&keys);
}
