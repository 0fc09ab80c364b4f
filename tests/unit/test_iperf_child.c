/* The throughput child: what its JSON may say, and the real thing over loopback
 * against the iperf3 program and against peers that misbehave. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/sbuf.h"
#include "step/iperf_child.h"
#include "tests/unit/iperf3.h"
#include "tests/unit/ports.h"
#include "tests/unit/rows.h"

TestSuite(iperf_child, .timeout = 20);

/* --- the JSON --- */

#define SENT     "\"sum_sent\":{\"bytes\":5000000,\"retransmits\":3},"
#define RECEIVED "\"sum_received\":{\"seconds\":2,\"bytes\":5000000,\"bits_per_second\":20000000}"
#define STREAMS  ",\"streams\":[{\"sender\":{\"mean_rtt\":250}}]"
#define END(s)   "{\"start\":{},\"end\":{" s "}}"
#define GOT(seconds, bytes, rate)                                                                  \
	"\"sum_received\":{\"seconds\":" seconds ",\"bytes\":" bytes ",\"bits_per_second\":" rate  \
	"}"
#define SAYS(error) "{\"start\":{},\"end\":{},\"error\":\"" error "\"}"

static const struct json_row {
	const char *json;
	enum err_code code; /* 0: good */
	const char *message;
} jsons[] = {
	{ END(SENT RECEIVED STREAMS), 0, NULL },
	{ END(SENT RECEIVED), 0, NULL },
	{ " \n" END(SENT RECEIVED) "\n", 0, NULL },
	{ END(SENT GOT("2.0000001", "5000000.0", "19999999.25")), 0, NULL },
	{ END(SENT GOT("2e0", "5e6", "2e7")), 0, NULL },
	/* The peer's clock may differ by a little, its sum not. */
	{ END(SENT GOT("1.8", "5000000", "22222222")), 0, NULL },
	{ END(SENT GOT("3", "5000000", "13333333")), 0, NULL },
	{ END(SENT GOT("1.79", "5000000", "22346369")), ERR_PEER_RESULT, "took 1.79 s" },
	{ END(SENT GOT("3.01", "5000000", "13289037")), ERR_PEER_RESULT, "took 3.01 s" },
	{ END(SENT GOT("0", "5000000", "20000000")), ERR_PEER_RESULT, "took 0.00 s" },
	{ END(SENT GOT("-2", "5000000", "20000000")), ERR_PEER_RESULT, "took -2.00 s" },
	{ END(SENT GOT("2", "5000000", "21000000")), ERR_PEER_RESULT, "disagree" },
	{ END(SENT GOT("2", "5000000", "19000000")), ERR_PEER_RESULT, "disagree" },
	{ END(SENT GOT("2", "5200000", "20800000")), ERR_PEER_RESULT, "arrived of 5000000 sent" },
	{ END(SENT GOT("2", "1000000000000000000", "4000000000000000000")), ERR_PEER_RESULT,
	  "1000000000000000000 bytes arrived" },
	{ END(SENT GOT("2", "1e18", "4e18")), ERR_PEER_RESULT, "arrived of" },
	{ END(RECEIVED), ERR_PEER_RESULT, "end.sum_sent" },
	{ END("\"sum_sent\":{\"bytes\":null}," RECEIVED), ERR_PEER_RESULT, "end.sum_sent" },
	{ END("\"sum_sent\":{\"bytes\":\"5000000\"}," RECEIVED), ERR_PEER_RESULT, "end.sum_sent" },
	{ END("\"sum_sent\":{\"bytes\":5000000,\"retransmits\":-1}," RECEIVED), ERR_PEER_RESULT,
	  "out of range" },
	/* Nothing arrived, as silence and never as 0 Mbit/s. */
	{ END(SENT GOT("2", "0", "0")), ERR_PEER_SILENT, "no byte" },
	{ END(SENT GOT("2", "5000000", "0")), ERR_PEER_SILENT, "no byte" },
	{ END(SENT GOT("2", "-5", "20")), ERR_PEER_SILENT, "no byte" },
	/* NaN is null in libiperf's JSON. */
	{ END(SENT GOT("null", "5000000", "20000000")), ERR_PEER_RESULT, "end.sum_received" },
	{ END(SENT GOT("2", "null", "20000000")), ERR_PEER_RESULT, "end.sum_received" },
	{ END(SENT GOT("2", "5000000", "null")), ERR_PEER_RESULT, "end.sum_received" },
	{ END(SENT GOT("2", "5000000", "true")), ERR_PEER_RESULT, "end.sum_received" },
	{ END(SENT GOT("\"2\"", "5000000", "20000000")), ERR_PEER_RESULT, "end.sum_received" },
	{ END(SENT GOT("2", "5000000", "NaN")), ERR_PEER_RESULT, "no result from iperf" },
	{ END(SENT GOT("2", "5000000", "1e999")), ERR_PEER_RESULT, "no result from iperf" },
	{ END(SENT GOT("2", "99999999999999999999", "20000000")), ERR_PEER_RESULT, "no result" },
	{ END(SENT "\"sum_received\":[]"), ERR_PEER_RESULT, "end.sum_received" },
	{ END(SENT "\"sum_received\":null"), ERR_PEER_RESULT, "end.sum_received" },
	{ END("\"sum\":{}"), ERR_PEER_RESULT, "end.sum_received" },
	{ END(""), ERR_PEER_RESULT, "end.sum_received" },
	{ "{\"end\":[]}", ERR_PEER_RESULT, "end.sum_received" },
	{ "{\"end\":7}", ERR_PEER_RESULT, "end.sum_received" },
	{ "{}", ERR_PEER_RESULT, "end.sum_received" },
	/* No JSON, or not all of it. */
	{ "", ERR_PEER_RESULT, "nothing was said" },
	{ " ", ERR_PEER_RESULT, "no result from iperf" },
	{ "null", ERR_PEER_RESULT, "no result from iperf" },
	{ "[]", ERR_PEER_RESULT, "no result from iperf" },
	{ "17", ERR_PEER_RESULT, "no result from iperf" },
	{ "iperf3: error - unable to connect", ERR_PEER_RESULT, "no result from iperf" },
	{ END(SENT RECEIVED) "x", ERR_PEER_RESULT, "no result from iperf" },
	{ END(SENT RECEIVED) END(SENT RECEIVED), ERR_PEER_RESULT, "no result from iperf" },
	{ "{\"start\":{},\"end\":{" SENT RECEIVED "}", ERR_PEER_RESULT, "no result from iperf" },
	{ "{\"end\":\"\xff\xfe\"}", ERR_PEER_RESULT, "no result from iperf" },
	/* Whatever else is told, an error is the result. */
	{ "{\"error\":\"it\",\"end\":{" SENT RECEIVED "}}", ERR_PEER, "iperf says: it" },
	{ "{\"error\":null,\"end\":{" SENT RECEIVED "}}", ERR_PEER, "an error without text" },
	{ "{\"error\":7,\"end\":{" SENT RECEIVED "}}", ERR_PEER, "an error without text" },
	{ SAYS("a \\u001b[31m red one"), ERR_PEER, "\\x1b[31m" },
	{ SAYS("the server is busy running a test. try again later"), ERR_PEER_BUSY, "10.0.0.1 " },
	{ SAYS("unable to connect to server: Connection refused"), ERR_PEER_REFUSED, "port 5201" },
	{ SAYS("unable to connect to server: Connection timed out"), ERR_PEER_SILENT, NULL },
	{ SAYS("unable to connect to server: No route to host"), ERR_PEER_REFUSED, NULL },
	{ SAYS("unable to connect to server: Network is unreachable"), ERR_PEER_REFUSED, NULL },
	{ SAYS("unable to receive results: Bad file descriptor"), ERR_PEER_RESULT, NULL },
	{ SAYS("unable to receive parameters from client"), ERR_PEER_RESULT, NULL },
	{ SAYS("unable to receive control message: Connection reset by peer"), ERR_PEER_SILENT,
	  NULL },
	{ SAYS("control socket has closed unexpectedly"), ERR_PEER_SILENT, NULL },
	{ SAYS("received an unknown control message"), ERR_PEER_RESULT, NULL },
	{ SAYS("unable to start listener for connections: Address already in use"), ERR_BUSY,
	  NULL },
	{ SAYS("out of luck"), ERR_PEER, "out of luck" },
};

TEST_ROWS(iperf_child, parse, jsons)
{
	const struct json_row *row = &jsons[*i];
	const struct iperf_args args = { .host = "10.0.0.1", .port = 5201, .seconds = 2 };
	struct iperf_result out = { 0 };
	struct err err = { 0 };
	int r = iperf_result_parse(&out, row->json, strlen(row->json), &args, &err);

	cr_expect_eq(r, (int)row->code, "%s: %s", row->json, err.text);
	cr_expect_eq((int)err.code, r);
	cr_expect_eq(err_blame(err.code), r ? BLAME_STATION : BLAME_NONE, "never the unit");
	cr_expect(!row->message || strstr(err.text, row->message), "%s: %s", row->json, err.text);
	if (!r)
		cr_expect(out.rate_bps > 1e7 && out.rate_bps < 3e7, "%g", out.rate_bps);
}

static int parse(struct iperf_result *out, const char *json, const struct iperf_args *a)
{
	struct err err = { 0 };

	return iperf_result_parse(out, json, strlen(json), a, &err);
}

Test(iperf_child, tcp_fields)
{
	struct iperf_args a = { .host = "h", .seconds = 2 };
	struct iperf_result r;

	cr_assert_eq(parse(&r, END(SENT RECEIVED STREAMS), &a), 0);
	cr_expect_eq(r.rate_bps, 2e7);
	cr_expect_eq(r.seconds, 2);
	cr_expect_eq(r.retransmits, 3);
	cr_expect_eq(r.rtt_ms, 0.25);
	cr_expect(isnan(r.jitter_ms) && isnan(r.loss), "told by UDP only");
	cr_assert_eq(parse(&r, END(SENT RECEIVED), &a), 0);
	cr_expect(isnan(r.rtt_ms));
	a.reverse = 1; /* the round trip is of the other sender then */
	cr_assert_eq(parse(&r, END(SENT RECEIVED STREAMS), &a), 0);
	cr_expect(isnan(r.rtt_ms));
	cr_assert_eq(parse(&r, END("\"sum_sent\":{\"bytes\":5000000}," RECEIVED), &a), 0);
	cr_expect(isnan(r.retransmits), "not told is not 0");
}

Test(iperf_child, udp_fields)
{
	struct iperf_args a = { .host = "h", .seconds = 2, .udp = 1 };
	struct iperf_result r;

	cr_assert_eq(
		parse(&r,
		      END("\"sum_sent\":{\"bytes\":6250000},\"sum\":{\"jitter_ms\":0.5}," RECEIVED),
		      &a),
		0);
	cr_expect_float_eq(r.loss, 0.2, 1e-12);
	cr_expect_eq(r.jitter_ms, 0.5);
	cr_expect(isnan(r.retransmits) && isnan(r.rtt_ms), "told by TCP only");
	/* What was sent last may be counted after what arrived first. */
	cr_assert_eq(parse(&r, END("\"sum_sent\":{\"bytes\":4990000}," RECEIVED), &a), 0);
	cr_expect_eq(r.loss, 0);
	cr_expect(isnan(r.jitter_ms));
	cr_expect_eq(parse(&r, END(SENT "\"sum\":{\"jitter_ms\":-1}," RECEIVED), &a),
		     ERR_PEER_RESULT);
}

/* A server knows what arrived; its sum_sent is 0, its loss is counted in packets. */
Test(iperf_child, fields_of_a_server)
{
	struct iperf_args a = { .server = 1, .host = "h", .seconds = 2 };
	struct iperf_result r;

	cr_assert_eq(parse(&r, END("\"sum_sent\":{\"bytes\":0}," RECEIVED), &a), 0);
	cr_expect_eq(r.rate_bps, 2e7);
	a.udp = 1;
	cr_assert_eq(parse(&r,
			   END("\"sum_sent\":{\"bytes\":0},"
			       "\"sum\":{\"jitter_ms\":0.5,\"lost_percent\":12.5}," RECEIVED),
			   &a),
		     0);
	cr_expect_eq(r.loss, 0.125);
	cr_assert_eq(parse(&r, END("\"sum\":{}," RECEIVED), &a), 0);
	cr_expect(isnan(r.loss), "not told is not 0");
	cr_expect_eq(parse(&r, END("\"sum\":{\"lost_percent\":101}," RECEIVED), &a),
		     ERR_PEER_RESULT);
	cr_expect_eq(parse(&r, END("\"sum\":{\"lost_percent\":-1}," RECEIVED), &a),
		     ERR_PEER_RESULT);
}

/* Each beginning of a result is none. */
Test(iperf_child, cut_anywhere)
{
	static const char whole[] = END(SENT RECEIVED STREAMS);
	const struct iperf_args a = { .host = "h", .seconds = 2 };
	struct iperf_result r;
	struct err err;

	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		cr_assert_eq(iperf_result_parse(&r, whole, n, &a, &err), ERR_PEER_RESULT, "%zu", n);
	cr_expect_eq(iperf_result_parse(&r, whole, sizeof(whole), &a, &err), ERR_PEER_RESULT,
		     "a NUL is no JSON");
}

Test(iperf_child, deep_and_huge)
{
	const struct iperf_args a = { .host = "h", .seconds = 2 };
	struct sbuf s = { 0 };
	struct iperf_result r;

	for (int i = 0; i < 100000; i++)
		sbuf_putc(&s, '[');
	cr_expect_eq(parse(&r, sbuf_str(&s), &a), ERR_PEER_RESULT);
	sbuf_reset(&s);
	sbuf_puts(&s, "{\"error\":\"");
	for (int i = 0; i < 500000; i++)
		sbuf_putc(&s, 'e');
	sbuf_puts(&s, "\"}");
	cr_expect_eq(parse(&r, sbuf_str(&s), &a), ERR_PEER);
	sbuf_release(&s);
}

static int measure(struct iperf_result *out, const struct iperf_args *a, int64_t within_ms,
		   struct err *err)
{
	int64_t until = clock_ms() + within_ms;
	struct iperf_child c;
	int r;

	*err = (struct err){ 0 };
	r = iperf_child_start(&c, a, until, err);
	if (r >= 0)
		r = iperf_child_finish(out, &c, until, err);
	cr_expect_eq(c.pid, -1, "the child is gone");
	cr_expect_eq(c.fd, -1);
	return r;
}

/* --- the real thing --- */

static const struct way_row {
	int udp, reverse;
	double rate;
} ways[] = { { 0, 0, 0 }, { 0, 1, 0 }, { 1, 0, 2e6 }, { 1, 1, 2e6 }, { 0, 1, 4e6 } };

TEST_ROWS(iperf_child, against_the_program, ways)
{
	const struct way_row *w = &ways[*i];
	int port = port_free();
	pid_t peer = iperf3("-s", "-1", port, NULL);
	struct iperf_args a = { .host = "127.0.0.1",
				.port = port,
				.udp = w->udp,
				.reverse = w->reverse,
				.rate_bps = w->rate,
				.seconds = 1,
				.connect_ms = 3000 };
	struct iperf_result out;
	struct err err;

	cr_assert_eq(measure(&out, &a, 15000, &err), 0, "%s", err.text);
	cr_expect_gt(out.rate_bps, w->rate * 0.5);
	cr_expect(!w->rate || out.rate_bps < w->rate * 1.5, "%g", out.rate_bps);
	cr_expect_float_eq(out.seconds, 1, 0.5);
	cr_expect_eq(!isnan(out.jitter_ms), w->udp);
	cr_expect_eq(!isnan(out.loss), w->udp);
	cr_expect(!w->udp || (out.loss >= 0 && out.loss < 0.9), "%g", out.loss);
	cr_expect_eq(!isnan(out.rtt_ms), !w->udp && !w->reverse);
	cr_expect_eq(!isnan(out.retransmits), !w->udp);
	cr_expect_eq(iperf3_ended(peer), 0);
}

static const struct serve_row {
	const char *more[5];
	int udp;
} serves[] = { { { NULL }, 0 }, { { "-u", "-b", "2M", NULL }, 1 } };

TEST_ROWS(iperf_child, as_server, serves)
{
	const char *more[8] = { "-t", "1" };
	struct iperf_args a = { .server = 1,
				.host = "127.0.0.1",
				.port = port_free(),
				.udp = serves[*i].udp,
				.seconds = 1,
				.connect_ms = 5000 };
	int64_t until = clock_ms() + 15000;
	struct iperf_child c;
	struct iperf_result out;
	struct err err = { 0 };
	pid_t peer;

	for (int k = 0; serves[*i].more[k]; k++)
		more[2 + k] = serves[*i].more[k];
	cr_assert_eq(iperf_child_start(&c, &a, until, &err), 0, "%s", err.text);
	cr_assert(port_is_listening(a.port), "a server listens when it has been started");
	peer = iperf3("-c", "127.0.0.1", a.port, more);
	cr_expect_eq(iperf_child_finish(&out, &c, until, &err), 0, "%s", err.text);
	cr_expect_eq(iperf3_ended(peer), 0);
	cr_expect_gt(out.rate_bps, 1e6);
	cr_expect_eq(!isnan(out.loss), a.udp);
	cr_expect_eq(!isnan(out.jitter_ms), a.udp);
	cr_expect(!a.udp || out.loss < 0.9, "%g", out.loss);
}

Test(iperf_child, over_ipv6)
{
	int port = port_free();
	pid_t peer = iperf3("-s", "-1", port, NULL);
	struct iperf_args a = { .host = "::1", .port = port, .seconds = 1, .connect_ms = 3000 };
	struct iperf_result out;
	struct err err;

	cr_expect_eq(measure(&out, &a, 15000, &err), 0, "%s", err.text);
	cr_expect_eq(iperf3_ended(peer), 0);
}

/* libiperf prints by itself; its child must not. */
Test(iperf_child, prints_nothing)
{
	int port = port_free(), keep1 = dup(1), keep2 = dup(2);
	pid_t peer = iperf3("-s", "-1", port, NULL);
	struct iperf_args a = {
		.host = "127.0.0.1", .port = port, .seconds = 1, .connect_ms = 3000
	};
	struct iperf_result out;
	struct stat st;
	struct err err;
	FILE *f = tmpfile();
	int r;

	fflush(NULL);
	dup2(fileno(f), 1);
	dup2(fileno(f), 2);
	r = measure(&out, &a, 15000, &err);
	if (!r)
		r = -measure(&out, &a, 5000, &err); /* refused now, which libiperf tells aloud */
	fflush(NULL);
	dup2(keep1, 1);
	dup2(keep2, 2);
	cr_expect_eq(r, -ERR_PEER_REFUSED, "%s", err.text);
	cr_assert_eq(fstat(fileno(f), &st), 0);
	cr_expect_eq(st.st_size, 0, "%ld bytes were printed", (long)st.st_size);
	fclose(f);
	iperf3_ended(peer);
}

/* --- what can go wrong --- */

static const struct iperf_args quick = { .host = "127.0.0.1", .seconds = 1, .connect_ms = 300 };

Test(iperf_child, refused)
{
	struct iperf_args a = quick;
	struct iperf_result out;
	struct err err;
	int64_t start = clock_ms();

	a.port = port_free();
	cr_expect_eq(measure(&out, &a, 15000, &err), ERR_PEER_REFUSED, "%s", err.text);
	cr_expect(strstr(err.text, "127.0.0.1 port "), "%s", err.text);
	cr_expect_lt(clock_ms() - start, 5000, "at once, not by the watchdog");
}

Test(iperf_child, port_in_use)
{
	struct iperf_args a = { .server = 1, .host = "127.0.0.1", .seconds = 1 };
	struct iperf_child c;
	struct err err = { 0 };
	int fd;

	fd = port_listener(&a.port);
	cr_expect_eq(iperf_child_start(&c, &a, clock_ms() + 5000, &err), ERR_BUSY, "%s", err.text);
	cr_expect_eq(c.pid, -1);
	iperf_child_kill(&c);
	close(fd);
	cr_assert_eq(iperf_child_start(&c, &a, clock_ms() + 5000, &err), 0, "%s", err.text);
	iperf_child_kill(&c);
	iperf_child_kill(&c); /* harmless */
	cr_expect_not(port_is_listening(a.port));
}

static const char *const no_addresses[] = { "",    "localhost",      "1.2.3",
					    "::g", "127.0.0.1:5201", "203.0.113.7" };

TEST_ROWS(iperf_child, no_address_of_ours, no_addresses)
{
	struct iperf_args a = { .server = 1, .host = no_addresses[*i], .seconds = 1 };
	struct iperf_child c;
	struct err err = { 0 };

	a.port = port_free();
	cr_expect_eq(iperf_child_start(&c, &a, clock_ms() + 5000, &err), ERR_CONF, "%s: %s", a.host,
		     err.text);
	cr_expect_eq(c.pid, -1);
}

/* Accepts and says nothing: it is the watchdog that ends this, in its time. */
Test(iperf_child, silent_peer)
{
	struct iperf_args a = quick;
	struct iperf_result out;
	int64_t start = clock_ms(), took;
	struct err err;
	int fd;

	fd = port_listener(&a.port);
	cr_expect_eq(measure(&out, &a, 60000, &err), ERR_PEER_SILENT, "%s", err.text);
	took = clock_ms() - start;
	cr_expect_geq(took, 6000, "%ld ms", (long)took);
	cr_expect_lt(took, 9000, "%ld ms", (long)took);
	close(fd);
}

Test(iperf_child, silent_peer_and_a_deadline)
{
	struct iperf_args a = quick;
	struct iperf_result out;
	int64_t start = clock_ms(), took;
	struct err err;
	int fd;

	fd = port_listener(&a.port);
	cr_expect_eq(measure(&out, &a, 700, &err), ERR_PEER_SILENT, "%s", err.text);
	took = clock_ms() - start;
	cr_expect(took >= 700 && took < 4000, "%ld ms", (long)took);
	close(fd);
}

Test(iperf_child, nobody_connects)
{
	struct iperf_args a = { .server = 1, .host = "127.0.0.1", .seconds = 1, .connect_ms = 100 };
	struct iperf_child c;
	struct iperf_result out;
	struct err err = { 0 };

	a.port = port_free();
	cr_assert_eq(iperf_child_start(&c, &a, clock_ms() + 5000, &err), 0, "%s", err.text);
	cr_expect_eq(iperf_child_finish(&out, &c, clock_ms() + 300, &err), ERR_PEER_SILENT);
	cr_expect(strstr(err.text, "no measurement came"), "%s", err.text);
	cr_expect_not(port_is_listening(a.port));
}

Test(iperf_child, busy_peer)
{
	int port = port_free();
	pid_t server = iperf3("-s", "-1", port, NULL);
	const char *const more[] = { "-t", "4", "-b", "1M", NULL };
	pid_t other = iperf3("-c", "127.0.0.1", port, more);
	struct iperf_args a = quick;
	struct iperf_result out;
	struct err err;
	int r = 0;

	a.port = port;
	usleep(700000); /* until the other one is being served */
	r = measure(&out, &a, 10000, &err);
	cr_expect_eq(r, ERR_PEER_BUSY, "%s", err.text);
	kill(other, SIGKILL);
	kill(server, SIGKILL);
	iperf3_ended(other);
	iperf3_ended(server);
}

/* Peers that answer nonsense: each is told as the peer's, within the time. */
static const struct nonsense_row {
	const char *bytes;
	size_t n;
} nonsense[] = {
	{ "", 0 }, /* hangs up */
	{ "\x7f", 1 },
	{ "\xff", 1 }, /* access denied */
	{ "\xfe", 1 }, /* server error, and then no code */
	{ "\xfe\x00\x00\x00\x6e\x00\x00\x00\x20", 9 },
	{ "HTTP/1.1 400 Bad Request\r\n\r\n", 28 },
	{ "\x09", 1 },
	{ "\x01", 1 },
	{ "\x02", 1 },
	{ "\x0d", 1 },
	{ "\x0d\x7f\xff\xff\xff", 5 }, /* a result of 2 GiB */
	{ "\x0d\x00\x00\x00\x05{nope", 10 },
	{ "\x0d\x00\x00\x00\x02{}", 7 },
	{ "\x0e", 1 },
	{ "\x10", 1 },
};

static pid_t speak(int listener, const char *bytes, size_t n)
{
	pid_t pid = fork();

	if (pid == 0) {
		char cookie[37];
		int fd = accept(listener, NULL, NULL);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (recv(fd, cookie, sizeof(cookie), MSG_WAITALL) != sizeof(cookie) ||
		    send(fd, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
			_exit(1);
		usleep(50000);
		_exit(0);
	}
	return pid;
}

TEST_ROWS(iperf_child, nonsense, nonsense)
{
	const struct nonsense_row *row = &nonsense[*i];
	struct iperf_args a = quick;
	struct iperf_result out;
	struct err err;
	int fd, r;
	pid_t peer;

	fd = port_listener(&a.port);
	peer = speak(fd, row->bytes, row->n);
	r = measure(&out, &a, 8000, &err);
	cr_expect(r == ERR_PEER || r == ERR_PEER_RESULT || r == ERR_PEER_SILENT ||
			  r == ERR_PEER_REFUSED || r == ERR_PEER_BUSY,
		  "row %zu: %d, %s", *i, r, err.text);
	cr_expect_eq(err_blame(err.code), BLAME_STATION);
	cr_expect_gt(strlen(err.text), 10);
	iperf3_ended(peer);
	close(fd);
}

/* Who waits for a result may be killed: the child goes with it. */
Test(iperf_child, goes_with_its_parent)
{
	struct iperf_args a = quick;
	int fds[2], fd;
	pid_t parent, child = 0;

	fd = port_listener(&a.port);
	a.connect_ms = 20000;
	cr_assert_eq(pipe(fds), 0);
	cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* it becomes ours */
	fflush(NULL);
	parent = fork();
	if (parent == 0) {
		struct iperf_child c;
		struct err err = { 0 };

		if (iperf_child_start(&c, &a, clock_ms() + 5000, &err) < 0 ||
		    write(fds[1], &c.pid, sizeof(c.pid)) != sizeof(c.pid))
			_exit(1);
		pause();
		_exit(0);
	}
	cr_assert_eq(read(fds[0], &child, sizeof(child)), (ssize_t)sizeof(child));
	cr_assert_gt(child, 1);
	cr_assert_eq(kill(child, 0), 0);
	kill(parent, SIGKILL);
	iperf3_ended(parent);
	cr_expect_eq(waitpid(child, &(int){ 0 }, 0), child, "it ends without being told to");
	cr_expect(kill(child, 0) == -1 && errno == ESRCH);
	close(fd);
}

/* The memory of a child that was killed, and its descriptors, are not kept. */
Test(iperf_child, leaves_nothing)
{
	int before = dup(0), after;
	struct iperf_args a = quick;
	struct iperf_result out;
	struct err err;

	close(before);
	a.port = port_free();
	for (int i = 0; i < 5; i++)
		measure(&out, &a, 5000, &err);
	after = dup(0);
	close(after);
	cr_expect_eq(before, after);
	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "no child is left");
}
