#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "board/mt3620_app.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_app, .timeout = 30);

#define HEX16 "0123456789abcdef"
#define ID    HEX16 HEX16 HEX16 HEX16 HEX16 HEX16 HEX16 HEX16
#define HELLO "HELLO gpio 1 " ID "\n"

/* The application's end: it connects, and says at once all that it will say. */
struct rig {
	struct app_link l;
	int board;
	struct err err;
};

static int port_of(int fd)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	return ntohs(a.sin_port);
}

static void open_rig(struct rig *r, const char *says)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	*r = (struct rig){ .board = -1 };
	app_init(&r->l);
	cr_assert_eq(app_listen(&r->l, "127.0.0.1", 0, &r->err), 0, "%s", r->err.text);
	if (!says)
		return;
	a.sin_port = htons((uint16_t)port_of(r->l.listener));
	r->board = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(connect(r->board, (struct sockaddr *)&a, sizeof(a)), 0);
	cr_assert_eq(send(r->board, says, strlen(says), MSG_NOSIGNAL), (ssize_t)strlen(says));
}

static void close_rig(struct rig *r)
{
	if (r->board >= 0)
		close(r->board);
	app_close(&r->l);
}

/* What the station said: all of it, as the board never answers after it. */
static const char *said(struct rig *r)
{
	static char text[8192];
	ssize_t n = recv(r->board, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static const char *const pin_names[] = { "59", "0", "56" };
static const struct param_list pins = { (const char **)pin_names, 3 };

static const struct hello {
	const char *says;
	enum err_code code;
	const char *message;
} hellos[] = {
	{ HELLO, 0, "" },
	{ "HELLO gpio 1 " ID "\r\n", 0, "" },
	{ NULL, ERR_SILENT, "does not connect to 127.0.0.1:" },
	{ "", ERR_TIMEOUT, "does not answer" },
	{ "HELLO gpio 2 " ID "\n", ERR_PROTO, "HELLO gpio 2" },
	{ "HELLO gpio 1 0123\n", ERR_PROTO, "must be HELLO" },
	{ "\x1b[2J\n", ERR_PROTO, "\\x1b[2J" },
	{ "HELLO gpio 1 f" HEX16 HEX16 HEX16 HEX16 HEX16 HEX16 HEX16 "123456789abcdef\n",
	  ERR_EXCHANGED, "board f0123456... connects where board 01234567" },
};

TEST_ROWS(board_mt3620_app, hello, hellos)
{
	struct rig r;

	open_rig(&r, hellos[*i].says);
	cr_expect_eq(app_accept(&r.l, ID, clock_ms() + 300, &r.err), (int)hellos[*i].code, "%s",
		     r.err.text);
	cr_expect(strstr(r.err.text, hellos[*i].message), "%s", r.err.text);
	close_rig(&r);
}

Test(board_mt3620_app, longest_line)
{
	struct rig r;
	char text[4096];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	open_rig(&r, text);
	cr_expect_eq(app_accept(&r.l, ID, clock_ms() + 2000, &r.err), ERR_PROTO);
	cr_expect(strstr(r.err.text, "more than 1024 bytes"), "%s", r.err.text);
	close_rig(&r);
}

Test(board_mt3620_app, port_is_taken)
{
	struct app_link l;
	struct rig r;

	open_rig(&r, NULL);
	app_init(&l);
	cr_expect_eq(app_listen(&l, "127.0.0.1", port_of(r.l.listener), &r.err), ERR_BUSY);
	cr_expect_eq(app_listen(&l, "localhost", 1, &r.err), ERR_CONF);
	close_rig(&r);
}

/* Only what changes is said; what is let go is pulled against the driven level. */
Test(board_mt3620_app, walks)
{
	struct rig r;
	uint64_t levels = 99;

	open_rig(&r, HELLO "OK\nOK\nOK\nOK 59=0 0=1 56=0\n"
			   "OK\nOK\nOK\nOK 59=0 0=0 56=0\n"
			   "OK\nOK\nOK\nOK 59=1 0=1 56=0\n"
			   "OK\nOK 59=0 0=0 56=0\n");
	cr_assert_eq(app_accept(&r.l, ID, clock_ms() + 2000, &r.err), 0);
	cr_assert_eq(app_gpio(&levels, &r.l, &pins, 0, 0, clock_ms() + 2000, &r.err), 0, "%s",
		     r.err.text);
	cr_expect_eq(levels, 2);
	cr_expect_str_eq(said(&r), "PULL 59 DOWN\nPULL 0 DOWN\nPULL 56 DOWN\nREAD 59 0 56\n");
	cr_assert_eq(app_gpio(&levels, &r.l, &pins, 1, 0, clock_ms() + 2000, &r.err), 0);
	cr_expect_eq(levels, 0);
	cr_expect_str_eq(said(&r), "PULL 0 UP\nPULL 56 UP\nOUT 59 0\nREAD 59 0 56\n");
	cr_assert_eq(app_gpio(&levels, &r.l, &pins, 1, 1, clock_ms() + 2000, &r.err), 0);
	cr_expect_eq(levels, 3);
	cr_expect_str_eq(said(&r), "PULL 0 DOWN\nPULL 56 DOWN\nOUT 59 1\nREAD 59 0 56\n");
	cr_assert_eq(app_gpio(&levels, &r.l, &pins, 0, 0, clock_ms() + 2000, &r.err), 0);
	cr_expect_str_eq(said(&r), "IN 59\nREAD 59 0 56\n");
	close_rig(&r);
}

static const struct refusal {
	const char *answer;
	enum err_code code;
	const char *message;
} refusals[] = {
	{ "ERR pin\n", ERR_PLAN, "'ERR pin' to 'PULL 59 DOWN'" },
	{ "ERR busy\n", ERR_PLAN, "taken" },
	{ "ERR unknown\n", ERR_IMAGES, "older image" },
	{ "ERR argument\n", ERR_INTERNAL, "argument" },
	{ "ERR magic smoke\n", ERR_REFUSED, "magic smoke" },
	{ "OKAY\n", ERR_PROTO, "OKAY" },
	{ "\n", ERR_PROTO, "must be OK or ERR" },
	{ "OK\nOK\nOK\nOK 59=0 0=0\n", ERR_PROTO, "level of each pin" },
	{ "OK\nOK\nOK\nOK 59=0 0=2 56=0\n", ERR_PROTO, "level of each pin" },
	{ "OK\nOK\nOK\nOK 0=0 59=0 56=0\n", ERR_PROTO, "level of each pin" },
	{ "OK\nOK\nOK\nOK 59=0 0=0 56=0 1=1\n", ERR_PROTO, "level of each pin" },
	{ "OK\nOK\n", ERR_TIMEOUT, "does not answer" },
};

TEST_ROWS(board_mt3620_app, refusal, refusals)
{
	struct sbuf says = { 0 };
	uint64_t levels = 99;
	struct rig r;

	sbuf_printf(&says, HELLO "%s", refusals[*i].answer);
	open_rig(&r, sbuf_str(&says));
	cr_assert_eq(app_accept(&r.l, ID, clock_ms() + 2000, &r.err), 0);
	cr_expect_eq(app_gpio(&levels, &r.l, &pins, 0, 0, clock_ms() + 200, &r.err),
		     (int)refusals[*i].code, "%s", r.err.text);
	cr_expect(strstr(r.err.text, refusals[*i].message), "%s", r.err.text);
	cr_expect_eq(levels, 99, "written only on success");
	sbuf_release(&says);
	close_rig(&r);
}

static const struct traffic {
	const char *answer;
	enum err_code code;
	const char *message;
} traffics[] = {
	{ "OK\nDONE 0\n", 0, "" },
	{ "OK\nDONE unable to connect to server\n", ERR_REFUSED, "unable to connect" },
	{ "OK\nDONE \x1b[2J\n", ERR_REFUSED, "\\x1b[2J" },
	{ "ERR iperf\n", ERR_REFUSED, "could not be started" },
	{ "ERR connect\n", ERR_PEER, "no connection" },
	{ "OK\nDUNNO\n", ERR_PROTO, "DUNNO" },
	{ "OK\n", ERR_TIMEOUT, "does not end" },
	{ "", ERR_TIMEOUT, "starting iperf3" },
};

TEST_ROWS(board_mt3620_app, iperf, traffics)
{
	double rtt_ms = -1;
	const struct board_traffic t = { .host = "127.0.0.1",
					 .port = 5211,
					 .seconds = 5,
					 .omit = 1,
					 .udp = 1,
					 .rate_bps = 2e6,
					 .rtt_ms = &rtt_ms };
	struct sbuf says = { 0 };
	struct rig r;

	sbuf_printf(&says, HELLO "%s", traffics[*i].answer);
	open_rig(&r, sbuf_str(&says));
	cr_assert_eq(app_accept(&r.l, ID, clock_ms() + 2000, &r.err), 0);
	cr_expect_eq(app_iperf(&r.l, &t, clock_ms() + 200, &r.err), (int)traffics[*i].code, "%s",
		     r.err.text);
	cr_expect(strstr(r.err.text, traffics[*i].message), "%s", r.err.text);
	cr_expect_str_eq(said(&r), "IPERF 127.0.0.1 5211 udp up 5 1 2000000\n");
	cr_expect(rtt_ms > 0 && rtt_ms < 100, "round trip %g ms", rtt_ms);
	sbuf_release(&says);
	close_rig(&r);
}

Test(board_mt3620_app, bye_is_said)
{
	struct rig r;

	open_rig(&r, HELLO "OK\n");
	cr_assert_eq(app_accept(&r.l, ID, clock_ms() + 2000, &r.err), 0);
	app_bye(&r.l);
	cr_expect_str_eq(said(&r), "BYE\n");
	cr_expect_eq(r.l.fd, -1);
	cr_expect_eq(r.l.listener, -1);
	close_rig(&r);
}

Test(board_mt3620_app, a_broken_connection_is_no_silence)
{
	uint64_t levels;
	struct rig r;

	open_rig(&r, HELLO);
	cr_assert_eq(app_accept(&r.l, ID, clock_ms() + 2000, &r.err), 0);
	close(r.board);
	r.board = -1;
	cr_expect_eq(app_gpio(&levels, &r.l, &pins, 0, 0, clock_ms() + 2000, &r.err), ERR_PROTO);
	cr_expect(strstr(r.err.text, "broke the connection"), "%s", r.err.text);
	close_rig(&r);
}
