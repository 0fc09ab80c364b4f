/* mt3620 -- REST over TLS over SLIP on port C of real FT4232H models, through
 * unmodified libftdi1, libslirp and libcurl: mt3620 CA BYTES PATH... asks each board
 * that sits at a USB path who it is, several times, then all of them keep their
 * own state; with BYTES more than 0 the first one takes an upload of so many,
 * whose rate is told as a part of what the line can carry. */
#include "client.h"

#include <signal.h>

#include "../unit/slirp_client.h"

enum { BAUD = 921600, ROUNDS = 3, BOARDS = 8, BOOT_MS = 500 };

struct board {
	struct ftdi_context *f;
	struct slirp_client *client;
	char id[160];
};

static const char *ca;

static void to_line(void *payload, const uint8_t *bytes, size_t n)
{
	struct board *b = payload;

	CHECK_EQ(ftdi_write_data(b->f, bytes, (int)n), (int)n);
}

/* A read returns at the latest when the latency timer is due. */
static void turn(void *payload, int ms)
{
	struct board *b = payload;
	unsigned char bytes[4096];
	int n = ftdi_read_data(b->f, bytes, sizeof(bytes));

	(void)ms;
	CHECK(n >= 0);
	if (n > 0)
		slirp_client_bytes(b->client, bytes, (size_t)n);
}

static const struct slirp_client_ops ops = { to_line, turn };

static void open_board(struct board *b, const char *path)
{
	b->f = open_port(path, INTERFACE_C);
	CHECK(b->f != NULL);
	if (!b->f)
		exit(1);
	CHECK_EQ(ftdi_set_baudrate(b->f, BAUD), 0);
	CHECK_EQ(ftdi_setflowctrl(b->f, SIO_RTS_CTS_HS), 0);
	CHECK_EQ(ftdi_set_latency_timer(b->f, 1), 0);
	ftdi_write_data_set_chunksize(b->f, 4096);
	b->client = slirp_client_new(&ops, b, 1500);
}

static long ask(struct slirp_reply *r, struct board *b, const char *method, const char *path,
		const void *body, size_t n)
{
	const struct slirp_request q = { .ca = ca,
					 .method = method,
					 .path = path,
					 .type = "application/octet-stream",
					 .body = body,
					 .len = n,
					 .limit_ms = 60000 };

	slirp_client_ask(r, b->client, &q);
	if (r->curl)
		fprintf(stderr, "%s %s: %d %s\n", method, path, r->curl, r->error);
	return r->curl ? -r->curl : r->status;
}

static void who(struct board *b, int first)
{
	struct slirp_reply r;
	const char *id;

	CHECK_EQ(ask(&r, b, "GET", "/device/security_state", NULL, 0), 200);
	id = strstr(sbuf_str(&r.body), "\"deviceIdentifier\":\"");
	CHECK(id != NULL);
	id = id ? id + 20 : "";
	if (first)
		snprintf(b->id, sizeof(b->id), "%.128s", id);
	CHECK(strlen(b->id) == 128 && !strncmp(b->id, id, 128));
	slirp_reply_release(&r);
}

static void upload(struct board *b, size_t n)
{
	char *bytes = malloc(n);
	struct slirp_reply r;
	double s = seconds(), part;

	if (!bytes)
		abort();
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 131 >> 3);
	CHECK_EQ(ask(&r, b, "PUT", "/update/stage", bytes, n), 500); /* no image */
	CHECK(strstr(sbuf_str(&r.body), "7340047") != NULL);
	part = (double)n / (seconds() - s) / (BAUD / 10.0);
	printf("upload: %.3f of the line rate\n", part);
	CHECK(part > 0.8 && part < 1.01);
	slirp_reply_release(&r);
	free(bytes);
}

int main(int argc, char **argv)
{
	static struct board board[BOARDS];
	int n = argc - 3;

	signal(SIGPIPE, SIG_IGN);
	if (n < 1 || n > BOARDS)
		return 2;
	ca = argv[1];
	for (int i = 0; i < n; i++)
		open_board(&board[i], argv[3 + i]);
	sleep_ms(BOOT_MS); /* what is sent too early is lost, and TCP tries again after 6 s */
	for (int k = 0; k < ROUNDS; k++)
		for (int i = 0; i < n; i++)
			who(&board[i], k == 0);
	for (int i = 1; i < n; i++)
		CHECK(strcmp(board[i].id, board[0].id) != 0);
	if (atol(argv[2]) > 0)
		upload(&board[0], (size_t)atol(argv[2]));
	for (int i = 0; i < n; i++) {
		slirp_client_free(board[i].client);
		close_port(board[i].f);
	}
	return verdict("mt3620", 10);
}
