#include <criterion/criterion.h>
#include <curl/curl.h>

#include "mt3620_rig.h"
#include "slirp_client.h"
#include "rows.h"

/* The service link from end to end: libcurl and libslirp on the PC's side of the
 * line, the virtual board on the other. */
TestSuite(mt3620_service, .timeout = 60);

struct pair {
	struct mt3620_rig r;
	struct slirp_client *client;
	char ca[96];
};

static void to_board(void *payload, const uint8_t *bytes, size_t n)
{
	struct pair *p = payload;

	for (size_t i = 0; i < n; i++)
		mt3620_service_byte(p->r.m, bytes[i], 0, clock_ns());
}

static void live(void *payload, int ms)
{
	struct pair *p = payload;
	struct sbuf *said = &p->r.memory.said[MT_PORT_SERVICE], out;

	loop_turn(p->r.memory.host.loop, clock_ns() + ms * 1000000);
	out = *said;
	*said = (struct sbuf){ 0 };
	slirp_client_bytes(p->client, sbuf_str(&out), out.len);
	sbuf_release(&out);
}

static const struct slirp_client_ops ops = { to_board, live };

static void begin_mtu(struct pair *p, const char *faults, int mtu)
{
	rig_init(&p->r, faults);
	snprintf(p->ca, sizeof(p->ca), "%.63s/ca.pem", p->r.pki);
	p->client = slirp_client_new(&ops, p, mtu);
	mt3620_service_start(p->r.m);
}

static void begin(struct pair *p, const char *faults)
{
	begin_mtu(p, faults, 1500);
}

static void end(struct pair *p)
{
	slirp_client_free(p->client);
	rig_release(&p->r);
}

static struct slirp_reply reply;

/* CURLE_* and, where there is an answer, the HTTP status. */
static long ask_for(struct pair *p, const char *method, const char *path, const char *type,
		    const void *body, size_t n, long limit_ms)
{
	struct slirp_request q = { .ca = p->ca,
				   .method = method,
				   .path = path,
				   .type = type,
				   .body = body,
				   .len = n,
				   .limit_ms = limit_ms };

	slirp_reply_release(&reply);
	slirp_client_ask(&reply, p->client, &q);
	return reply.curl == CURLE_OK ? reply.status : -(long)reply.curl;
}

static long get(struct pair *p, const char *path)
{
	return ask_for(p, "GET", path, NULL, NULL, 0, 10000);
}

static long uptime(struct pair *p)
{
	long s = -1;

	cr_assert_eq(get(p, "/status"), 200, "%s", reply.error);
	cr_assert_eq(sscanf(sbuf_str(&reply.body), "{\"uptime\":%ld}", &s), 1, "%s",
		     sbuf_str(&reply.body));
	return s;
}

Test(mt3620_service, answers_over_tls_over_slip)
{
	struct pair p;

	begin(&p, "");
	uptime(&p);
	cr_expect_str_eq(reply.api, "4.6.0");
	cr_expect_str_eq(reply.type, "application/json");
	cr_expect_eq(get(&p, "/log"), 200);
	cr_expect_str_eq(reply.type, "application/octet-stream");
	cr_expect_eq(get(&p, "/nothing"), 404);
	cr_expect_eq(p.r.memory.baud[MT_PORT_SERVICE], 921600);
	cr_expect_eq(p.r.memory.rtscts[MT_PORT_SERVICE], 1);
	end(&p);
}

/* --- images of a real size, both ways of the window --- */

static void upload(int mtu)
{
	static char bytes[1 << 20];
	struct pair p;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 31 + i / 4096);
	begin_mtu(&p, "", mtu);
	cr_expect_eq(ask_for(&p, "PUT", "/update/stage", "application/octet-stream", bytes,
			     sizeof(bytes), 30000),
		     500, "%s", reply.error);
	cr_expect_str_eq(sbuf_str(&reply.body), "{\"error\":7340047}", "it is no image");
	end(&p);
}

Test(mt3620_service, a_megabyte_arrives)
{
	upload(1500);
}

Test(mt3620_service, a_megabyte_arrives_in_small_packets)
{
	upload(576);
}

Test(mt3620_service, a_body_beyond_all_measure_is_refused)
{
	static char bytes[MT_REST_BODY_MAX + 1];
	struct pair p;

	begin(&p, "");
	cr_expect_eq(ask_for(&p, "PUT", "/update/stage", "application/octet-stream", bytes,
			     sizeof(bytes), 40000),
		     400, "%s", reply.error);
	cr_expect_str_eq(sbuf_str(&reply.body), "{\"error\":15728644}");
	end(&p);
}

/* --- restart and reset --- */

Test(mt3620_service, a_restart_is_answered_and_then_nobody_is_there)
{
	struct pair p;
	long before;

	begin(&p, "");
	p.r.m->booted_ns -= 30000000000;
	before = uptime(&p);
	cr_expect_eq(ask_for(&p, "POST", "/restart", NULL, NULL, 0, 10000), 200);
	cr_expect_str_eq(sbuf_str(&reply.body), "{\"restartingSystem\":true}");
	for (int i = 0; i < 400 && p.r.m->boots == 1; i++)
		live(&p, 1);
	cr_expect_eq(p.r.m->boots, 2);
	for (int i = 0; i < 400 && p.r.m->state != MT_RUNNING; i++)
		live(&p, 1);
	cr_expect_lt(uptime(&p), before);
	end(&p);
}

/* No FIN, no RST: the other end has to find out by itself. */
Test(mt3620_service, a_stop_leaves_requests_without_an_answer)
{
	struct pair p;

	begin(&p, "rest_hangs");
	mt3620_service_stop(p.r.m);
	cr_expect_eq(ask_for(&p, "GET", "/status", NULL, NULL, 0, 1500), -CURLE_OPERATION_TIMEDOUT);
	rig_faults(&p.r, "");
	mt3620_service_start(p.r.m);
	cr_expect_eq(get(&p, "/status"), 200, "%s", reply.error);
	end(&p);
}

Test(mt3620_service, a_reset_in_the_middle_of_a_request)
{
	struct pair p;

	begin(&p, "reset_at_request 2");
	cr_expect_eq(get(&p, "/status"), 200);
	cr_expect_lt(ask_for(&p, "GET", "/status", NULL, NULL, 0, 3000), 0, "an answer: %s",
		     sbuf_str(&reply.body));
	cr_expect_eq(p.r.m->boots, 2);
	cr_expect_eq(get(&p, "/status"), 200, "%s", reply.error);
	end(&p);
}

/* --- what can be wrong with the link and what is said over it --- */

static const struct row {
	const char *faults;
	long limit_ms, want; /* status, or -CURLE_*; 0: any failure of libcurl */
} rows[] = {
	{ "service_silent", 1500, -CURLE_OPERATION_TIMEDOUT },
	{ "service_late 1 h", 1500, -CURLE_OPERATION_TIMEDOUT },
	{ "service_late 300 ms", 10000, 200 },
	{ "other_ca", 10000, -CURLE_PEER_FAILED_VERIFICATION },
	{ "rest_hangs", 1500, -CURLE_OPERATION_TIMEDOUT },
	{ "rest_huge", 20000, -CURLE_WRITE_ERROR },
	{ "http_garbage", 5000, 0 },
	{ "slip_lost_byte 3", 10000, 200 },
	{ "slip_lost_byte 1", 10000, 200 },
	{ "slip_loss 5 %", 20000, 200 },
	{ "slip_loss 100 %", 1500, -CURLE_OPERATION_TIMEDOUT },
	{ "slip_corrupt 5 %", 20000, 200 },
	{ "slip_corrupt 100 %", 3000, 0 },
	{ "rest_malformed", 10000, 200 },
	{ "finalised", 10000, 200 },
	{ "old_api 4.4.0", 10000, 200 },
};

TEST_ROWS_IN(mt3620_service, fault, rows, 60)
{
	const struct row *row = &rows[*i];
	struct pair p;
	long got;

	begin(&p, row->faults);
	got = ask_for(&p, "GET", "/status", NULL, NULL, 0, row->limit_ms);
	if (row->want)
		cr_expect_eq(got, row->want, "%s: %ld %s", row->faults, got, reply.error);
	else
		cr_expect_lt(got, 0, "%s: %ld", row->faults, got);
	if (strstr(row->faults, "malformed"))
		cr_expect_not(strchr(sbuf_str(&reply.body), '}'), "%s", sbuf_str(&reply.body));
	if (strstr(row->faults, "old_api"))
		cr_expect_str_eq(reply.api, "4.4.0");
	end(&p);
}

Test(mt3620_service, a_silent_link_comes_up_when_its_fault_is_cleared)
{
	struct pair p;

	begin(&p, "service_silent");
	cr_expect_str_eq(mt3620_service_value(p.r.m, "service"), "no");
	rig_faults(&p.r, "");
	mt3620_service_faults(p.r.m);
	cr_expect_str_eq(mt3620_service_value(p.r.m, "service"), "yes");
	cr_expect_eq(get(&p, "/status"), 200);
	cr_expect_str_eq(mt3620_service_value(p.r.m, "requests"), "1");
	cr_expect_str_eq(mt3620_service_value(p.r.m, "slip_dropped"), "0");
	cr_expect_null(mt3620_service_value(p.r.m, "colour"));
	end(&p);
}

/* Noise before, between and inside of packets. */
Test(mt3620_service, garbage_on_the_line_is_dropped_and_counted)
{
	struct pair p;
	static const uint8_t bytes[] = { 1, 2, 3, 0xc0, 0x45, 0xdb, 7, 0xc0, 0xc0, 0x99, 0xc0 };

	begin(&p, "");
	to_board(&p, bytes, sizeof(bytes));
	mt3620_service_byte(p.r.m, 0x45, 1, clock_ns()); /* without a stop bit */
	mt3620_service_byte(p.r.m, 0xc0, 0, clock_ns());
	cr_expect_str_eq(mt3620_service_value(p.r.m, "slip_dropped"), "2");
	cr_expect_eq(get(&p, "/status"), 200, "%s", reply.error);
	end(&p);
}

/* Each board has its own stack at the same address. */
Test(mt3620_service, two_boards_with_one_address)
{
	struct pair p[2];

	for (int i = 0; i < 2; i++) {
		begin(&p[i], "");
		memset(p[i].r.m->flash.device_id, 'c' + i, 128);
	}
	for (int k = 0; k < 2; k++)
		for (int i = 0; i < 2; i++) {
			char want[32];

			snprintf(want, sizeof(want), "deviceIdentifier\":\"%c%c%c", 'c' + i,
				 'c' + i, 'c' + i);
			cr_expect_eq(get(&p[i], "/device/security_state"), 200, "%s", reply.error);
			cr_expect(strstr(sbuf_str(&reply.body), want), "board %d: %s", i,
				  sbuf_str(&reply.body));
		}
	/* The other one's anchor does not fit. */
	memcpy(p[0].ca, p[1].ca, sizeof(p[0].ca));
	cr_expect_eq(get(&p[0], "/status"), -CURLE_PEER_FAILED_VERIFICATION);
	for (int i = 0; i < 2; i++)
		end(&p[i]);
}

/* More connections than the board can have at a time, one after the other. */
Test(mt3620_service, connections_are_given_back)
{
	struct pair p;

	begin(&p, "");
	for (int i = 0; i < 20; i++)
		cr_expect_eq(get(&p, "/osversion"), 200, "request %d: %s", i, reply.error);
	end(&p);
}
