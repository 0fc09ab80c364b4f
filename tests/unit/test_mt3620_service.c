#include <curl/curl.h>

#include "mt3620_rig.h"
#include "slirp_client.h"

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
		mt3620_service_byte(&p->r.m, bytes[i], 0, clock_ns());
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

static void begin(struct pair *p, const char *faults)
{
	rig_init(&p->r, faults);
	snprintf(p->ca, sizeof(p->ca), "%s/ca.pem", p->r.pki);
	p->client = slirp_client_new(&ops, p, 1500);
	mt3620_service_start(&p->r.m);
}

static void end(struct pair *p)
{
	slirp_client_free(p->client);
	rig_release(&p->r);
}

static void ask(struct slirp_reply *out, struct pair *p, const char *method, const char *path,
		const char *body)
{
	struct slirp_request q = { .ca = p->ca,
				   .method = method,
				   .path = path,
				   .body = body,
				   .len = body ? strlen(body) : 0 };

	slirp_client_ask(out, p->client, &q);
}

Test(mt3620_service, answers_over_tls_over_slip)
{
	struct slirp_reply r;
	struct pair p;

	begin(&p, "");
	ask(&r, &p, "GET", "/status", NULL);
	cr_assert_eq(r.curl, CURLE_OK, "%d: %s", r.curl, r.error);
	cr_expect_eq(r.status, 200);
	cr_expect(!strncmp(sbuf_str(&r.body), "{\"uptime\":", 10), "%s", sbuf_str(&r.body));
	cr_expect_str_eq(r.api, "4.6.0");
	cr_expect_str_eq(r.type, "application/json");
	slirp_reply_release(&r);
	end(&p);
}
