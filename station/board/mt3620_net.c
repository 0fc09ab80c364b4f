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
#include "board/mt3620_http.h"
#include "board/mt3620_slip.h"
#include "board/mt3620_watch.h"

#define NET        0xc0a82300u /* 192.168.35.0 */
#define BAUD       921600
#define LATENCY_MS 1 /* END is the event character; the timer is for a lost END */

enum {
	FDS = 32,
	FRAME = 14,      /* Ethernet header */
	SLICE = 4096,    /* bytes written before the other direction is looked at */
	SLICE_MS = 300,  /* for these: seven times what the line takes */
	QUEUE = 1 << 18, /* bytes waiting for the line; TCP sends a dropped packet again */
	ROUNDS = 16,     /* turns of curl and stack before the link is looked at */
	NAP_MS = 100,    /* longest wait without a look at all timers */
	HELD_MS = 1000,  /* longest that flow control may hold a slice */
	PROBES = 3,      /* of a connection that gives no answer: two may be lost */
	PROBE_MS = 150,  /* for the answer to one */
	PROBE_PART = 8,  /* at most such a part of the time of a call goes to probes */
};

/* clang-format off */
#define CURL_CALLS(F) \
	F(curl_, global_init) F(curl_, easy_init) F(curl_, easy_cleanup) \
	F(curl_, easy_getinfo) F(curl_, multi_init) \
	F(curl_, multi_cleanup) F(curl_, multi_add_handle) F(curl_, multi_remove_handle) \
	F(curl_, multi_perform) F(curl_, multi_info_read) F(curl_, multi_timeout) \
	F(curl_, multi_wait)
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
	int fatal; /* the link is dead: code of the first error, and its text */
	struct err why;
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
		n->counts.lost += (unsigned long)tcp_watch_sent(&n->watch, p + FRAME, size - FRAME,
								clock_ms());
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
		n->counts.lost += (unsigned long)tcp_watch_heard(&n->watch, n->decoder.packet,
								 whole, n->counts.heard_ms);
		n->counts.lost_before = n->counts.lost;
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

/* A slice that was begun gets the time that it takes, also at the end of a call. */
static int write_some(struct mt3620_net *n, int64_t until_ms, struct err *err)
{
	size_t size = n->tx.len < SLICE ? n->tx.len : SLICE;
	int64_t now = clock_ms(), held = now + HELD_MS;
	int r;

	if (until_ms < now + SLICE_MS)
		until_ms = now + SLICE_MS;
	r = size ? link_write(n->link, n->tx.data, size, held < until_ms ? held : until_ms, err)
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

/* Did the board get to see any of the request? Only after the handshake. */
static int is_sent(struct mt3620_net *n)
{
	curl_off_t us = 0;

	return curl.easy_getinfo(n->easy, CURLINFO_APPCONNECT_TIME_T, &us) != CURLE_OK || us > 0;
}

/* Run curl, stack and link until the call is over. */
static CURLcode drive(struct mt3620_net *n, int64_t until_ms, unsigned long bad_max)
{
	int64_t from = clock_ms(), for_ms;
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
		for_ms = clock_ms() - from;
		if (clock_ms() >= until_ms || n->counts.bad > bad_max ||
		    (for_ms > MT_TLS_MS && !is_sent(n)) ||
		    (for_ms > MT_SYN_MS && n->counts.received == heard))
			return CURLE_OPERATION_TIMEDOUT;
	}
}

/* Stack and link only, for a while or until a segment of the connection came. */
static int idle(struct mt3620_net *n, int64_t until_ms, int until_heard, struct err *err)
{
	unsigned long heard = n->watch.heard;
	int r = 0;

	while (r >= 0 && clock_ms() < until_ms && !(until_heard && n->watch.heard != heard)) {
		uint32_t nap = NAP_MS;
		int64_t end = clock_ms() + nap;

		run_stack(n, &nap);
		r = write_some(n, until_ms, err);
		if (r >= 0)
			r = read_some(n, end < until_ms ? end : until_ms, err);
	}
	return r;
}

/* Is the board still there? What it says is with the watch then. A probe acknowledges all that
 * came, too: an answer that was held up since our acknowledgement had been lost comes after it. */
static int probe(struct mt3620_net *n, int64_t for_ms)
{
	unsigned long heard = n->watch.heard;
	struct err err = { 0 };

	for (int i = 0; i < PROBES && n->watch.open && n->watch.heard == heard; i++) {
		uint8_t packet[TCP_PROBE];

		tcp_watch_probe(packet, &n->watch);
		slip_encode(&n->tx, packet, sizeof(packet));
		n->counts.sent++;
		if (idle(n, clock_ms() + for_ms / PROBES, 1, &err) < 0)
			return 0;
	}
	if (n->watch.heard != heard && idle(n, clock_ms() + for_ms / PROBES, 0, &err) < 0)
		return 0;
	return n->watch.heard != heard;
}

/* One try, and what is known of it where it fails. */
static CURLcode try(struct call_evidence *told, struct mt3620_net *n, struct http_try *http,
		    int64_t until_ms, unsigned long bad_max)
{
	int64_t from = clock_ms(), left = until_ms > from ? until_ms - from : 1;
	int64_t probes =
		left / PROBE_PART < PROBES * PROBE_MS ? left / PROBE_PART : PROBES * PROBE_MS;
	struct sbuf why = { 0 };
	CURLcode r;

	http_begin(http, n->easy, n->trust, n->folder.socket, left + HELD_MS);
	n->watch = (struct tcp_watch){ 0 };
	curl.multi_add_handle(n->multi, n->easy);
	r = drive(n, until_ms - probes, bad_max);
	*told = (struct call_evidence){ .timed_out = r == CURLE_OPERATION_TIMEDOUT,
					.from_ms = from,
					.until_ms = clock_ms(),
					.sent = is_sent(n) };
	told->no_tls = mt3620_is_no_tls(r, http->told);
	text_escape(&why, http->told, strlen(http->told)); /* it may quote the board */
	snprintf(told->why, sizeof(told->why), "%.*s", (int)sizeof(told->why) - 1,
		 why.len ? sbuf_str(&why) : "no reason told");
	sbuf_release(&why);
	if (told->timed_out && !n->fatal)
		told->probed = probe(n, probes);
	told->watch = n->watch;
	curl.multi_remove_handle(n->multi, n->easy);
	http_end(http, n->easy);
	return r;
}

/* --- a call --- */

/* Of two tries, that which tells more: what the board said is no TLS, it took part at all,
 * it was longer. */
static void keep_better(struct call_evidence *kept, const struct call_evidence *e)
{
	int took = (e->watch.heard > 0) + 2 * e->no_tls;
	int had = (kept->watch.heard > 0) + 2 * kept->no_tls;

	if (took != had ? took > had : e->until_ms - e->from_ms >= kept->until_ms - kept->from_ms)
		*kept = *e;
}

static int end_of(const struct mt3620_net *n, const struct net_call *c, struct call_evidence *e,
		  const struct net_counts *was, int64_t from_ms, struct err *err)
{
	const struct net_counts *now = &n->counts;
	int64_t half = (clock_ms() - from_ms) / 2;

	e->good = now->received - was->received;
	e->bad = now->bad - was->bad;
	e->bytes = now->bytes - was->bytes;
	e->lost = now->lost - was->lost;
	e->lost_before = now->lost_before > was->lost ? now->lost_before - was->lost : 0;
	e->alive = now->heard_ms >= from_ms + half;
	e->held = now->held > was->held;
	if (e->no_tls)
		return err_set(err, ERR_PROTO, "%s %s: the answer is no TLS 1.2 or later (%s)",
			       c->method, c->path, e->why);
	call_judge(e, err);
	return err_wrap(err, "%s %s", c->method, c->path);
}

/* What ends a call at once, however much time is left. */
static int end_at_once(struct mt3620_net *n, CURLcode r, const struct http_try *http,
		       struct err *err)
{
	const struct net_call *c = http->call;

	if (n->fatal)
		return err_set(err, (enum err_code)n->fatal, "%s", n->why.text);
	if (http->too_long)
		return err_set(err, ERR_PROTO, "%s %s: the answer is longer than %zu bytes",
			       c->method, c->path, http_longest(http));
	return mt3620_ended(c, r, http->told, n->trust, HTTP_HOST, err);
}

int mt3620_net_wait(struct mt3620_net *n, int64_t until_ms, struct err *err)
{
	return idle(n, until_ms, 0, err);
}

int mt3620_net_call(struct net_answer *out, struct mt3620_net *n, const struct net_call *c,
		    int64_t until_ms, struct err *err)
{
	const struct net_counts was = n->counts;
	struct call_evidence best = { 0 };
	int64_t from = clock_ms();

	for (;;) {
		struct http_try http = { .call = c, .answer = out };
		struct call_evidence e;
		CURLcode r = try(&e, n, &http, until_ms, was.bad + MT_NOISE_MAX);
		int code;

		if (r == CURLE_OK)
			return 0;
		code = end_at_once(n, r, &http, err);
		if (code < 0)
			return code;
		keep_better(&best, &e);
		if (e.sent || clock_ms() + MT_REST_PAUSE_MS >= until_ms ||
		    n->counts.bad - was.bad > MT_NOISE_MAX)
			return end_of(n, c, e.sent ? &e : &best, &was, from, err);
		n->counts.repeats++;
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
	if (LAZY_NEED(slirp, err) < 0 || LAZY_NEED(curl, err) < 0 || http_load(err) < 0)
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
