#include "board/mt3620_net.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lazy.h"
#include "base/text.h"
#include "board/mt3620_ended.h"
#include "board/mt3620_folder.h"
#include "board/mt3620_slip.h"

#define HOST       "unit.devices.sphere.azure.local" /* the leaf has a wildcard, mt3620.md 5.1 */
#define NET        0xc0a82300u                       /* 192.168.35.0 */
#define BAUD       921600
#define LATENCY_MS 1 /* END is the event character; the timer is for a lost END */

enum {
	FDS = 32,
	FRAME = 14,      /* Ethernet header */
	SLICE = 4096,    /* bytes written before the other direction is looked at */
	QUEUE = 1 << 18, /* bytes waiting for the line; TCP sends a dropped packet again */
	ROUNDS = 16,     /* turns of curl and stack before the link is looked at */
	NAP_MS = 100,    /* longest wait without a look at all timers */
	HELD_MS = 1000,  /* longest that flow control may hold a slice */
	HEADER_MAX = 16384,
	LOST_MANY = 3, /* lost packets of a call that failed, from which on it is the line */
};

/* easy_setopt() lacks what the macro of that name checks: a number must be a long. */
/* clang-format off */
#define CURL_CALLS(F) \
	F(curl_, global_init) F(curl_, easy_init) F(curl_, easy_cleanup) \
	F(curl_, easy_reset) F(curl_, easy_setopt) F(curl_, easy_getinfo) \
	F(curl_, easy_strerror) F(curl_, multi_init) F(curl_, multi_cleanup) \
	F(curl_, multi_add_handle) F(curl_, multi_remove_handle) F(curl_, multi_perform) \
	F(curl_, multi_info_read) F(curl_, multi_timeout) F(curl_, multi_wait) \
	F(curl_, slist_append) F(curl_, slist_free_all)
LAZY(curl, CURL_CALLS);

#define SLIRP_CALLS(F) \
	F(slirp_, new) F(slirp_, cleanup) F(slirp_, input) F(slirp_, pollfds_fill) \
	F(slirp_, pollfds_poll) F(slirp_, add_hostxfwd)
LAZY(slirp, SLIRP_CALLS);
/* clang-format on */

struct mt3620_net {
	struct link *link;
	const char *trust;
	Slirp *slirp;
	CURLM *multi;
	CURL *easy;
	struct slip_decoder decoder;
	struct sbuf tx;
	struct pollfd fd[FDS];
	int fds;
	struct net_counts counts;
	struct mt3620_folder folder;
	struct tcp_watch watch;
	char told[CURL_ERROR_SIZE]; /* by libcurl of its last failure; may quote the board */
	int fatal;                  /* the link is dead: code of the first error, and its text */
	struct err why;
};

/* Where an answer goes, while curl runs. */
struct sink {
	struct net_answer *answer;
	size_t max, headers;
	int too_long;
};

struct source {
	const char *at;
	size_t size, done;
};

/* --- the stack's side of the line --- */

static const uint8_t board_mac[6] = { 0x02, 0, 0, 0, 0, 2 };

/* The board has no Ethernet: its half of ARP is ours. */
static void tell_arp(struct mt3620_net *n)
{
	static const uint8_t reply[42] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,    0,    0,    0,    0,   2,   0x08, 0x06,
		0,    1,    0x08, 0,    6,    4,    0,    2,    2,    0,    0,   0,   0,    2,
		192,  168,  35,   2,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 192, 168, 35,   1,
	};

	slirp.input(n->slirp, reply, sizeof(reply));
}

static ssize_t on_packet(const void *frame, size_t size, void *payload)
{
	struct mt3620_net *n = payload;
	const uint8_t *p = frame;
	unsigned type = size > FRAME ? (unsigned)p[12] << 8 | p[13] : 0;

	if (type == 0x0806 && size >= 42 && p[21] == 1 && p[41] == 2)
		tell_arp(n);
	if (type == 0x0800 && n->tx.len < QUEUE) {
		slip_encode(&n->tx, p + FRAME, size - FRAME);
		n->counts.resent +=
			(unsigned long)tcp_is_resent(&n->watch, p + FRAME, size - FRAME);
		n->counts.sent++;
	}
	return (ssize_t)size;
}

static void feed(struct mt3620_net *n, const uint8_t *bytes, size_t size)
{
	n->counts.bytes += size;
	for (size_t i = 0; i < size; i++) {
		unsigned long dropped = n->decoder.dropped;
		size_t len = slip_decode(&n->decoder, bytes[i]), whole;
		uint8_t frame[FRAME + MT_SLIP_PACKET_MAX] = { 0x52, 0x55, 192, 168, 35, 1 };

		n->counts.bad += n->decoder.dropped - dropped;
		if (!len)
			continue;
		whole = slip_ipv4_whole(n->decoder.packet, len);
		n->counts.bad += !whole;
		n->counts.received += whole > 0;
		if (!whole)
			continue;
		n->counts.heard_ms = clock_ms();
		memcpy(frame + 6, board_mac, 6);
		frame[12] = 0x08;
		memcpy(frame + FRAME, n->decoder.packet, whole);
		slirp.input(n->slirp, frame, (int)(FRAME + whole));
	}
}

static void on_guest_error(const char *message, void *payload)
{
	(void)message; /* of a packet that is whole and makes no sense */
	((struct mt3620_net *)payload)->counts.bad++;
}

static int64_t on_clock(void *payload)
{
	(void)payload;
	return clock_ns();
}

/* Timers and registered descriptors are for IPv6 and for other loops. */
static void *no_timer_new(SlirpTimerCb cb, void *cb_payload, void *payload)
{
	return (void)cb, (void)cb_payload, payload;
}

static void no_timer(void *timer, void *payload)
{
	(void)timer, (void)payload;
}

static void no_timer_mod(void *timer, int64_t at, void *payload)
{
	(void)timer, (void)at, (void)payload;
}

static void no_fd(int fd, void *payload)
{
	(void)fd, (void)payload;
}

static void no_notify(void *payload)
{
	(void)payload;
}

static const SlirpCb callbacks = {
	.send_packet = on_packet,
	.guest_error = on_guest_error,
	.clock_get_ns = on_clock,
	.timer_new = no_timer_new,
	.timer_free = no_timer,
	.timer_mod = no_timer_mod,
	.register_poll_fd = no_fd,
	.unregister_poll_fd = no_fd,
	.notify = no_notify,
};

/* --- the loop --- */

static int add_fd(int fd, int events, void *payload)
{
	struct mt3620_net *n = payload;
	short e = (short)((events & SLIRP_POLL_IN ? POLLIN : 0) |
			  (events & SLIRP_POLL_OUT ? POLLOUT : 0) |
			  (events & SLIRP_POLL_PRI ? POLLPRI : 0));

	if (n->fds == FDS)
		return -1;
	n->fd[n->fds] = (struct pollfd){ .fd = e ? fd : -1, .events = e };
	return n->fds++;
}

/* A hang-up is told only where IN was asked for: libslirp 4.7 else reads for ever. */
static int events_of(int i, void *payload)
{
	struct mt3620_net *n = payload;
	short e = i < 0 ? 0 : n->fd[i].revents;

	return (e & POLLIN ? SLIRP_POLL_IN : 0) | (e & POLLOUT ? SLIRP_POLL_OUT : 0) |
	       (e & POLLPRI ? SLIRP_POLL_PRI : 0) | (e & POLLERR ? SLIRP_POLL_ERR : 0) |
	       (i >= 0 && (e & POLLHUP) && (n->fd[i].events & POLLIN) ? SLIRP_POLL_HUP : 0);
}

/* Let the stack do what it can now. Returns whether that was anything. */
static int run_stack(struct mt3620_net *n, uint32_t *nap_ms)
{
	int r;

	n->fds = 0;
	slirp.pollfds_fill(n->slirp, nap_ms, add_fd, n);
	r = poll(n->fd, (nfds_t)n->fds, 0);
	slirp.pollfds_poll(n->slirp, r < 0, events_of, n);
	return r > 0;
}

static int is_curl_ready(struct mt3620_net *n)
{
	int ready = 0;

	return curl.multi_wait(n->multi, NULL, 0, 0, &ready) == CURLM_OK && ready > 0;
}

static int write_some(struct mt3620_net *n, int64_t until_ms, struct err *err)
{
	size_t size = n->tx.len < SLICE ? n->tx.len : SLICE;
	int64_t held = clock_ms() + HELD_MS;
	int r = size ? link_write(n->link, n->tx.data, size, held < until_ms ? held : until_ms, err)
		     : 0;

	if (r == ERR_TIMEOUT) { /* it may be starting anew; what is lost, TCP sends again */
		n->counts.held++;
		sbuf_reset(&n->tx);
		return 0;
	}
	if (size) {
		memmove(n->tx.data, n->tx.data + size, n->tx.len - size);
		n->tx.len -= size;
	}
	return r;
}

/* Wait for the board at most until until_ms, and take what it says. */
static int read_some(struct mt3620_net *n, int64_t until_ms, struct err *err)
{
	uint8_t buf[4096];
	int r = link_read(buf, sizeof(buf), n->link, until_ms, err);

	if (r == ERR_LINE) {
		n->counts.bad++;
		return 0;
	}
	if (r > 0)
		feed(n, buf, (size_t)r);
	return r < 0 ? r : 0;
}

static int turn(struct mt3620_net *n, int64_t until_ms, struct err *err)
{
	uint32_t nap = NAP_MS;
	long curl_ms = -1;
	int rounds = 0, running, more, r;

	do {
		curl.multi_perform(n->multi, &running);
		more = run_stack(n, &nap);
	} while (running && (more || is_curl_ready(n)) && ++rounds < ROUNDS);
	r = write_some(n, until_ms, err);
	if (r < 0)
		return r;
	curl.multi_timeout(n->multi, &curl_ms);
	if (n->tx.len || rounds == ROUNDS || !running)
		nap = 0;
	else if (curl_ms >= 0 && (uint32_t)curl_ms < nap)
		nap = (uint32_t)curl_ms;
	if (until_ms > clock_ms() + nap)
		until_ms = clock_ms() + nap;
	return read_some(n, until_ms, err);
}

/* --- one try --- */

static size_t on_body(char *bytes, size_t one, size_t size, void *payload)
{
	struct sink *s = payload;

	if (s->answer->body.len + size * one > s->max) {
		s->too_long = 1;
		return 0;
	}
	sbuf_add(&s->answer->body, bytes, size * one);
	return size * one;
}

static size_t on_header(char *line, size_t one, size_t size, void *payload)
{
	static const char name[] = "REST-API-Version:";
	struct sink *s = payload;
	size_t n = size * one, from = sizeof(name) - 1, room = sizeof(s->answer->api) - 1;

	s->headers += n;
	if (s->headers > HEADER_MAX) {
		s->too_long = 1;
		return 0;
	}
	if (n < from || strncasecmp(line, name, from))
		return n;
	while (n > from && strchr(" \t\r\n", line[n - 1]))
		n--;
	while (from < n && line[from] == ' ')
		from++;
	if (n - from <= room) {
		memcpy(s->answer->api, line + from, n - from);
		s->answer->api[n - from] = '\0';
	}
	return size * one;
}

static size_t on_upload(char *out, size_t one, size_t size, void *payload)
{
	struct source *s = payload;
	size_t n = size * one < s->size - s->done ? size * one : s->size - s->done;

	memcpy(out, s->at + s->done, n);
	s->done += n;
	return n;
}

static int on_seek(void *payload, curl_off_t offset, int origin)
{
	struct source *s = payload;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > s->size)
		return CURL_SEEKFUNC_FAIL;
	s->done = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

static void set_trust(struct mt3620_net *n)
{
	CURL *e = n->easy;

	curl.easy_setopt(e, CURLOPT_CAINFO, n->trust);
	curl.easy_setopt(e, CURLOPT_CAPATH, NULL); /* the PC's own authorities do not count */
	curl.easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl.easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl.easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl.easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	curl.easy_setopt(e, CURLOPT_PROXY, "");
	curl.easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, n->folder.socket);
	curl.easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl.easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
}

static void set_call(struct mt3620_net *n, const struct net_call *c, struct source *up,
		     struct curl_slist *headers)
{
	CURL *e = n->easy;
	int put = !strcmp(c->method, "PUT");

	curl.easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	curl.easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	if (put) {
		curl.easy_setopt(e, CURLOPT_UPLOAD, 1L);
		curl.easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)c->size);
		curl.easy_setopt(e, CURLOPT_READFUNCTION, on_upload);
		curl.easy_setopt(e, CURLOPT_READDATA, up);
		curl.easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
		curl.easy_setopt(e, CURLOPT_SEEKDATA, up);
	} else if (strcmp(c->method, "GET")) {
		curl.easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->size);
		curl.easy_setopt(e, CURLOPT_POSTFIELDS, c->size ? c->body : "");
		curl.easy_setopt(e, CURLOPT_CUSTOMREQUEST, c->method);
	}
	curl.easy_setopt(e, CURLOPT_HTTPHEADER, headers);
}

/* Run curl, stack and link until the call is over. */
static CURLcode drive(struct mt3620_net *n, int64_t until_ms, unsigned long bad_max)
{
	int64_t from = clock_ms();
	unsigned long heard = n->counts.received;

	for (;;) {
		struct err err = { 0 };
		CURLMsg *m;
		int left, r = turn(n, until_ms, &err);

		if (r < 0) {
			n->fatal = r;
			n->why = err;
			return CURLE_RECV_ERROR;
		}
		while ((m = curl.multi_info_read(n->multi, &left)))
			if (m->msg == CURLMSG_DONE)
				return m->data.result;
		if (clock_ms() >= until_ms || n->counts.bad > bad_max ||
		    (n->counts.received == heard && clock_ms() - from > MT_SYN_MS))
			return CURLE_OPERATION_TIMEDOUT;
	}
}

static struct curl_slist *headers_of(const struct net_call *c)
{
	char type[80];
	struct curl_slist *h = curl.slist_append(NULL, "Expect:");

	snprintf(type, sizeof(type), "Content-Type: %s", c->type ? c->type : "application/json");
	return strcmp(c->method, "GET") ? curl.slist_append(h, type) : h;
}

static CURLcode try(struct net_answer *out, struct mt3620_net *n, const struct net_call *c,
		    struct sink *sink, int64_t until_ms, unsigned long bad_max)
{
	struct source up = { c->body, c->size, 0 };
	struct curl_slist *headers = headers_of(c);
	int64_t left = until_ms - clock_ms();
	char url[300];
	CURLcode r;

	snprintf(url, sizeof(url), "https://" HOST "%s", c->path);
	out->status = 0;
	out->api[0] = '\0';
	sbuf_reset(&out->body);
	curl.easy_reset(n->easy);
	set_trust(n);
	set_call(n, c, &up, headers);
	n->told[0] = '\0';
	curl.easy_setopt(n->easy, CURLOPT_ERRORBUFFER, n->told);
	curl.easy_setopt(n->easy, CURLOPT_URL, url);
	curl.easy_setopt(n->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl.easy_setopt(n->easy, CURLOPT_WRITEDATA, sink);
	curl.easy_setopt(n->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl.easy_setopt(n->easy, CURLOPT_HEADERDATA, sink);
	curl.easy_setopt(n->easy, CURLOPT_TIMEOUT_MS, (long)(left > 1 ? left : 1));
	curl.easy_setopt(n->easy, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)(left < MT_TLS_MS ? (left > 1 ? left : 1) : MT_TLS_MS));
	curl.multi_add_handle(n->multi, n->easy);
	r = drive(n, until_ms, bad_max);
	curl.easy_getinfo(n->easy, CURLINFO_RESPONSE_CODE, &out->status);
	curl.multi_remove_handle(n->multi, n->easy);
	curl.slist_free_all(headers);
	return r;
}

/* --- a call --- */

/* Did the board get to see any of the request? Only after the handshake. */
static int is_sent(struct mt3620_net *n)
{
	curl_off_t us = 0;

	return curl.easy_getinfo(n->easy, CURLINFO_APPCONNECT_TIME_T, &us) != CURLE_OK || us > 0;
}

static int end_of(struct mt3620_net *n, const struct net_call *c, CURLcode r, int sent,
		  const struct net_counts *was, int64_t from_ms, struct err *err)
{
	unsigned long bad = n->counts.bad - was->bad, good = n->counts.received - was->received;
	unsigned long bytes = n->counts.bytes - was->bytes;
	unsigned long resent = n->counts.resent - was->resent;
	int64_t now = clock_ms();
	int alive = n->counts.heard_ms > now - (now - from_ms) / 2;

	if (bad > MT_NOISE_MAX || (bad && bad >= good))
		return err_set(err, ERR_LINE,
			       "%s %s: the service link is noisy: %lu damaged packets, %lu whole",
			       c->method, c->path, bad, good);
	if (!good && bytes)
		return err_set(err, ERR_LINE,
			       "%s %s: %lu bytes come from the board, and no packet is in them: "
			       "wrong baud rate?",
			       c->method, c->path, bytes);
	if (!good)
		return err_set(err, ERR_SILENT, "%s %s: the service link is silent%s", c->method,
			       c->path,
			       n->counts.held > was->held ? ", and flow control holds it" : "");
	if (mt3620_is_no_tls(r, n->told))
		return err_set(err, ERR_PROTO, "%s %s: the answer is no TLS 1.2 or later (%s)",
			       c->method, c->path, n->told);
	/* A board that is there in the last half and misses much of what is said to it. */
	if (alive && (resent + bad >= LOST_MANY || 2 * (resent + bad) >= good ||
		      (bad && r == CURLE_OPERATION_TIMEDOUT))) /* it may have been the answer */
		return err_set(
			err, ERR_LINE,
			"%s %s: the service link loses packets: %lu sent again, %lu damaged, "
			"%lu whole",
			c->method, c->path, resent, bad, good);
	if (!alive && resent >= 2)
		return err_set(err, ERR_SILENT,
			       "%s %s: the board fell silent in the middle: %lu packets were sent "
			       "again, and none was answered",
			       c->method, c->path, resent);
	if (sent && r != CURLE_OPERATION_TIMEDOUT)
		return err_set(err, ERR_PROTO,
			       "%s %s: the board broke the connection before it answered",
			       c->method, c->path);
	return err_set(err, ERR_TIMEOUT, "%s %s: the board's TCP/IP lives, and no answer came (%s)",
		       c->method, c->path, curl.easy_strerror(r));
}

/* What ends a call at once, however much time is left. */
static int end_at_once(struct mt3620_net *n, const struct net_call *c, CURLcode r,
		       const struct sink *s, struct err *err)
{
	if (n->fatal)
		return err_set(err, (enum err_code)n->fatal, "%s", n->why.text);
	if (s->too_long)
		return err_set(err, ERR_PROTO, "%s %s: the answer is longer than %zu bytes",
			       c->method, c->path,
			       s->headers > HEADER_MAX ? (size_t)HEADER_MAX : s->max);
	return mt3620_ended(c, r, n->told, n->trust, HOST, err);
}

int mt3620_net_wait(struct mt3620_net *n, int64_t until_ms, struct err *err)
{
	int r = 0;

	while (r >= 0 && clock_ms() < until_ms) {
		uint32_t nap = NAP_MS;
		int64_t end = clock_ms() + nap;

		run_stack(n, &nap);
		r = write_some(n, until_ms, err);
		if (r >= 0)
			r = read_some(n, end < until_ms ? end : until_ms, err);
	}
	return r;
}

int mt3620_net_call(struct net_answer *out, struct mt3620_net *n, const struct net_call *c,
		    int64_t until_ms, struct err *err)
{
	const struct net_counts was = n->counts;
	int64_t from = clock_ms();

	for (;;) {
		struct sink sink = { .answer = out, .max = c->max ? c->max : MT_REST_ANSWER_MAX };
		unsigned long heard = n->counts.received;
		CURLcode r = try(out, n, c, &sink, until_ms, was.bad + MT_NOISE_MAX);
		int sent = is_sent(n), code;

		if (r == CURLE_OK)
			return 0;
		code = end_at_once(n, c, r, &sink, err);
		if (code < 0)
			return code;
		if (sent || clock_ms() + MT_REST_PAUSE_MS >= until_ms ||
		    n->counts.bad - was.bad > MT_NOISE_MAX)
			return end_of(n, c, r, sent, &was, from, err);
		n->counts.repeats++;
		n->counts.resent += n->counts.received == heard;
		mt3620_net_forget(n);
		code = mt3620_net_wait(n, clock_ms() + MT_REST_PAUSE_MS, err);
		if (code < 0)
			return code;
	}
}

const struct net_counts *mt3620_net_counts(const struct mt3620_net *n)
{
	return &n->counts;
}

/* --- open and close --- */

static int open_stack(struct mt3620_net *n, struct err *err)
{
	struct sockaddr_un in = { .sun_family = AF_UNIX };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(443) };
	const SlirpConfig config = {
		.version = 4,
		.restricted = 1, /* the board reaches nothing; our forward works */
		.in_enabled = true,
		.vnetwork.s_addr = htonl(NET),
		.vnetmask.s_addr = htonl(0xffffff00u),
		.vhost.s_addr = htonl(NET | 1),
		.vdhcp_start.s_addr = htonl(NET | 254),
		.vnameserver.s_addr = htonl(NET | 253),
		.if_mtu = MT_SLIP_MTU,
		.if_mru = MT_SLIP_MTU,
		.disable_host_loopback = true,
		.disable_dns = true,
		.disable_dhcp = true,
	};

	n->slirp = slirp.new(&config, &callbacks, n);
	if (!n->slirp)
		return err_set(err, ERR_INTERNAL, "libslirp refuses its settings");
	tell_arp(n); /* or the first SYN would be lost */
	to.sin_addr.s_addr = htonl(NET | 2);
	memcpy(in.sun_path, n->folder.socket, strlen(n->folder.socket) + 1);
	if (slirp.add_hostxfwd(n->slirp, (struct sockaddr *)&in, sizeof(in), (struct sockaddr *)&to,
			       sizeof(to), 0))
		return err_set(err, ERR_IO, "%s cannot be listened to: %s", n->folder.socket,
			       strerror(errno));
	return 0;
}

static int open_line(struct mt3620_net *n, struct err *err)
{
	const struct link_line line = {
		.baud = BAUD, .bits = 8, .stop = 1, .parity = 'N', .rtscts = 1
	};

	return link_tune(n->link, &line, LATENCY_MS, SLIP_END, clock_ms() + HELD_MS, err);
}

int mt3620_net_open(struct mt3620_net **out, struct link *service, const char *trust,
		    struct err *err)
{
	static int global;
	struct mt3620_net *n;
	int r;

	*out = NULL;
	if (LAZY_NEED(slirp, err) < 0 || LAZY_NEED(curl, err) < 0)
		return err->code;
	n = calloc(1, sizeof(*n));
	if (!n)
		abort();
	n->folder.fd = -1;
	n->link = service;
	n->trust = trust;
	signal(SIGPIPE, SIG_IGN); /* libslirp sends without MSG_NOSIGNAL */
	if (!global++)
		curl.global_init(CURL_GLOBAL_DEFAULT);
	n->multi = curl.multi_init();
	n->easy = curl.easy_init();
	r = access(trust, R_OK)
		    ? err_set(err, ERR_CONF, "trust anchor %s: %s", trust, strerror(errno))
		    : 0;
	if (!r)
		r = mt3620_folder_make(&n->folder, err);
	if (!r)
		r = open_stack(n, err);
	if (!r)
		r = open_line(n, err);
	if (r < 0) {
		mt3620_net_close(n);
		return r;
	}
	*out = n;
	return 0;
}

void mt3620_net_forget(struct mt3620_net *n)
{
	curl.easy_cleanup(n->easy);
	curl.multi_cleanup(n->multi);
	n->multi = curl.multi_init();
	n->easy = curl.easy_init();
}

void mt3620_net_close(struct mt3620_net *n)
{
	if (!n)
		return;
	curl.easy_cleanup(n->easy);
	curl.multi_cleanup(n->multi);
	if (n->slirp) {
		struct err ignored = { 0 };
		uint32_t nap = 0;

		for (int i = 0; i < 3; i++) /* the board hears that its connections end */
			run_stack(n, &nap);
		if (!n->fatal)
			write_some(n, clock_ms() + NAP_MS, &ignored);
		slirp.cleanup(n->slirp);
	}
	mt3620_folder_drop(&n->folder);
	sbuf_release(&n->tx);
	free(n);
}
