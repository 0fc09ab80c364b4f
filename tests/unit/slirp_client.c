#include "slirp_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <libslirp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

enum { ETHERNET = 14, PACKET = 2048, FDS = 64 };

static const uint8_t board_mac[6] = { 2, 0, 0, 0, 0, 2 };

struct slirp_client {
	const struct slirp_client_ops *ops;
	void *payload;
	Slirp *slirp;
	CURL *kept;
	char dir[64], path[80];
	uint8_t packet[PACKET];
	size_t len;
	int escaped;
	struct pollfd pfd[FDS];
	int fds;
};

/* --- libslirp's side --- */

static int64_t clock_get(void *opaque)
{
	(void)opaque;
	return clock_ns();
}

static void guest_error(const char *text, void *opaque)
{
	(void)text;
	(void)opaque;
}

static void *timer_new(SlirpTimerCb cb, void *cb_opaque, void *opaque)
{
	(void)cb;
	(void)cb_opaque;
	(void)opaque;
	return NULL;
}

static void timer_free(void *timer, void *opaque)
{
	(void)timer;
	(void)opaque;
}

static void timer_mod(void *timer, int64_t expire, void *opaque)
{
	(void)timer;
	(void)expire;
	(void)opaque;
}

static void on_fd(int fd, void *opaque)
{
	(void)fd;
	(void)opaque;
}

static void notify(void *opaque)
{
	(void)opaque;
}

/* "192.168.35.2 is at board_mac" */
static void tell_address(struct slirp_client *c)
{
	uint8_t a[42] = { [12] = 8, [13] = 6,   [15] = 1,   [16] = 8,   [18] = 6,
			  [19] = 4, [21] = 2,   [28] = 192, [29] = 168, [30] = 35,
			  [31] = 2, [38] = 192, [39] = 168, [40] = 35,  [41] = 1 };

	memset(a, 0xff, 6);
	memcpy(a + 6, board_mac, 6);
	memcpy(a + 22, board_mac, 6);
	memset(a + 32, 0xff, 6);
	slirp_input(c->slirp, a, sizeof(a));
}

static ssize_t send_packet(const void *frame, size_t n, void *opaque)
{
	struct slirp_client *c = opaque;
	const uint8_t *p = frame;
	uint8_t out[2 * PACKET + 2];
	size_t k = 0;

	if (n > ETHERNET && p[12] == 8 && p[13] == 6)
		tell_address(c);
	if (n <= ETHERNET || p[12] != 8 || p[13] != 0 || n > PACKET)
		return (ssize_t)n;
	out[k++] = 0xc0;
	for (size_t i = ETHERNET; i < n; i++) {
		if (p[i] == 0xc0 || p[i] == 0xdb)
			out[k++] = 0xdb;
		out[k++] = p[i] == 0xc0 ? 0xdc : p[i] == 0xdb ? 0xdd : p[i];
	}
	out[k++] = 0xc0;
	c->ops->send(c->payload, out, k);
	return (ssize_t)n;
}

static const SlirpCb callbacks = {
	.send_packet = send_packet,
	.guest_error = guest_error,
	.clock_get_ns = clock_get,
	.timer_new = timer_new,
	.timer_free = timer_free,
	.timer_mod = timer_mod,
	.register_poll_fd = on_fd,
	.unregister_poll_fd = on_fd,
	.notify = notify,
};

void slirp_client_bytes(struct slirp_client *c, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint8_t frame[ETHERNET + PACKET];

	for (size_t i = 0; i < n; i++) {
		uint8_t b = p[i];

		if (b == 0xc0) {
			if (c->len) {
				memset(frame, 0x52, 6);
				memcpy(frame + 6, board_mac, 6);
				frame[12] = 8;
				frame[13] = 0;
				memcpy(frame + ETHERNET, c->packet, c->len);
				slirp_input(c->slirp, frame, (int)(ETHERNET + c->len));
			}
			c->len = 0;
			c->escaped = 0;
			continue;
		}
		if (b == 0xdb) {
			c->escaped = 1;
			continue;
		}
		if (c->escaped)
			b = b == 0xdc ? 0xc0 : 0xdb;
		c->escaped = 0;
		if (c->len < PACKET)
			c->packet[c->len++] = b;
	}
}

struct slirp_client *slirp_client_new(const struct slirp_client_ops *ops, void *payload, int mtu)
{
	struct slirp_client *c = calloc(1, sizeof(*c));
	SlirpConfig config = { .version = 4,
			       .restricted = 1,
			       .in_enabled = true,
			       .disable_host_loopback = true,
			       .disable_dns = true,
			       .disable_dhcp = true,
			       .if_mtu = (size_t)mtu,
			       .if_mru = (size_t)mtu };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in board = { .sin_family = AF_INET, .sin_port = htons(443) };

	if (!c)
		abort();
	c->ops = ops;
	c->payload = payload;
	inet_pton(AF_INET, "192.168.35.0", &config.vnetwork);
	inet_pton(AF_INET, "255.255.255.0", &config.vnetmask);
	inet_pton(AF_INET, "192.168.35.1", &config.vhost);
	inet_pton(AF_INET, "192.168.35.253", &config.vnameserver);
	inet_pton(AF_INET, "192.168.35.100", &config.vdhcp_start);
	inet_pton(AF_INET, "192.168.35.2", &board.sin_addr);
	c->slirp = slirp_new(&config, &callbacks, c);
	snprintf(c->dir, sizeof(c->dir), "/tmp/slirp.XXXXXX");
	if (!c->slirp || !mkdtemp(c->dir))
		abort();
	snprintf(c->path, sizeof(c->path), "%s/s", c->dir);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", c->path);
	tell_address(c);
	if (slirp_add_hostxfwd(c->slirp, (const void *)&un, sizeof(un), (const void *)&board,
			       sizeof(board), 0))
		abort();
	signal(SIGPIPE, SIG_IGN); /* libslirp writes to sockets that are closed */
	curl_global_init(CURL_GLOBAL_DEFAULT);
	return c;
}

void slirp_client_free(struct slirp_client *c)
{
	if (!c)
		return;
	if (c->kept)
		curl_easy_cleanup(c->kept);
	slirp_cleanup(c->slirp);
	unlink(c->path);
	rmdir(c->dir);
	free(c);
	curl_global_cleanup();
}

/* --- a turn of everything --- */

static int add_poll(int fd, int events, void *opaque)
{
	struct slirp_client *c = opaque;

	if (c->fds == FDS)
		abort();
	c->pfd[c->fds] = (struct pollfd){ fd,
					  (short)((events & SLIRP_POLL_IN ? POLLIN : 0) |
						  (events & SLIRP_POLL_OUT ? POLLOUT : 0)),
					  0 };
	return c->fds++;
}

static int get_events(int i, void *opaque)
{
	const struct pollfd *p = &((struct slirp_client *)opaque)->pfd[i];
	int r = 0;

	if (p->revents & POLLIN)
		r |= SLIRP_POLL_IN;
	if (p->revents & POLLOUT)
		r |= SLIRP_POLL_OUT;
	if (p->revents & POLLERR)
		r |= SLIRP_POLL_ERR;
	if (p->revents & POLLHUP && p->events & POLLIN) /* else libslirp spins */
		r |= SLIRP_POLL_HUP;
	return r;
}

static void turn(struct slirp_client *c)
{
	uint32_t ms = 1;
	int r;

	c->ops->turn(c->payload, 1);
	c->fds = 0;
	slirp_pollfds_fill(c->slirp, &ms, add_poll, c);
	r = poll(c->pfd, (nfds_t)c->fds, 0);
	slirp_pollfds_poll(c->slirp, r < 0, get_events, c);
}

/* --- libcurl's side --- */

static size_t take_body(char *bytes, size_t size, size_t n, void *reply)
{
	struct slirp_reply *r = reply;

	if (r->body.len + size * n > 4 << 20)
		return 0; /* more than any answer has */
	sbuf_add(&r->body, bytes, size * n);
	return size * n;
}

static size_t take_header(char *bytes, size_t size, size_t n, void *reply)
{
	struct slirp_reply *r = reply;
	char line[256];

	snprintf(line, sizeof(line), "%.*s", (int)(size * n), bytes);
	line[strcspn(line, "\r\n")] = '\0';
	if (!strncasecmp(line, "REST-API-Version: ", 18))
		snprintf(r->api, sizeof(r->api), "%.31s", line + 18);
	if (!strncasecmp(line, "Content-Type: ", 14))
		snprintf(r->type, sizeof(r->type), "%.63s", line + 14);
	return size * n;
}

static CURL *prepare(struct slirp_reply *out, struct slirp_client *c, const struct slirp_request *q,
		     struct curl_slist *headers)
{
	CURL *e = c->kept ? c->kept : curl_easy_init();
	char url[256];

	curl_easy_reset(e);
	snprintf(url, sizeof(url), "https://unit.devices.sphere.azure.local%s", q->path);
	curl_easy_setopt(e, CURLOPT_URL, url);
	curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, c->path);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_CAINFO, q->ca);
	curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, q->limit_ms ? q->limit_ms : 10000L);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, out);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, out);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, out->error);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, q->method);
	if (q->len) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, q->body);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->len);
	}
	if (!q->keep)
		curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	return e;
}

void slirp_client_ask(struct slirp_reply *out, struct slirp_client *c,
		      const struct slirp_request *q)
{
	struct curl_slist *headers = NULL;
	CURLM *m = curl_multi_init();
	char line[128];
	CURLMsg *msg;
	int running = 1, left;
	CURL *e;

	*out = (struct slirp_reply){ 0 };
	snprintf(line, sizeof(line), "Content-Type: %s", q->type ? q->type : "application/json");
	headers = curl_slist_append(headers, line);
	e = prepare(out, c, q, headers);
	curl_multi_add_handle(m, e);
	while (running) {
		curl_multi_perform(m, &running);
		turn(c);
	}
	msg = curl_multi_info_read(m, &left);
	out->curl = msg ? (int)msg->data.result : -1;
	curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &out->status);
	curl_multi_remove_handle(m, e);
	curl_multi_cleanup(m); /* and its connections */
	curl_easy_cleanup(e);
	curl_slist_free_all(headers);
	for (int i = 0; i < 5; i++)
		turn(c); /* the close goes out */
}

void slirp_reply_release(struct slirp_reply *r)
{
	sbuf_release(&r->body);
}
