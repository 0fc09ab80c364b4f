#include "board/mt3620_app.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <linux/tcp.h>
#include <math.h>
#include <netdb.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mt3620_choice.h"
#include "base/text.h"

enum { LINE_MAX_ = 1024, START_MS = 5000, END_MS = 10000 };

void app_init(struct app_link *l)
{
	*l = (struct app_link){ .listener = -1, .fd = -1 };
}

/* --- the connection --- */

int app_listen(struct app_link *l, const char *host, int port, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_PASSIVE },
			*a = NULL;
	char service[8];
	int one = 1, bad;

	snprintf(service, sizeof(service), "%d", port);
	snprintf(l->peer, sizeof(l->peer), strchr(host, ':') ? "[%.45s]:%d" : "%.45s:%d", host,
		 port);
	if (getaddrinfo(host, service, &hints, &a) || !a)
		return err_set(err, ERR_CONF, "'%.60s' is no numeric address", host);
	l->listener = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bad = l->listener < 0 ||
	      setsockopt(l->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	      bind(l->listener, a->ai_addr, a->ai_addrlen) || listen(l->listener, 4);
	freeaddrinfo(a);
	if (!bad)
		return 0;
	err_set(err, errno == EADDRINUSE ? ERR_BUSY : ERR_CONF,
		"%s, where the test application connects: %s", l->peer, strerror(errno));
	app_close(l);
	return err->code;
}

static int send_all(struct app_link *l, const char *text, size_t n, int64_t until_ms,
		    struct err *err)
{
	while (n) {
		struct pollfd p = { .fd = l->fd, .events = POLLOUT };
		ssize_t sent;

		if (poll(&p, 1, clock_left_ms(until_ms)) <= 0)
			return err_set(err, ERR_TIMEOUT, "the test application does not listen");
		sent = send(l->fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return err_set(err, ERR_PROTO,
				       "the test application broke the connection: %s",
				       strerror(errno));
		text += sent > 0 ? sent : 0;
		n -= sent > 0 ? (size_t)sent : 0;
	}
	return 0;
}

/* Did the board's TCP take all that was said? What it did not, its program cannot answer. */
static int is_taken(const struct app_link *l)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	return !getsockopt(l->fd, IPPROTO_TCP, TCP_INFO, &info, &size) && !info.tcpi_unacked;
}

static int no_answer(const struct app_link *l, struct err *err)
{
	if (is_taken(l))
		return err_set(err, ERR_TIMEOUT, "the test application does not answer");
	return err_set(err, ERR_SILENT,
		       "the test application does not answer, and the board does not acknowledge "
		       "what was said to it: its network, or the board is gone");
}

/* The next line, without its end, lent until the next call. */
static int next_line(const char **line, size_t *n, struct app_link *l, int64_t until_ms,
		     struct err *err)
{
	for (;;) {
		const char *from = sbuf_str(&l->in) + l->taken;
		size_t left = l->in.len - l->taken;
		const char *end = memchr(from, '\n', left);
		struct pollfd p = { .fd = l->fd, .events = POLLIN };
		char buf[LINE_MAX_];
		ssize_t got;

		if (end) {
			*line = from;
			*n = (size_t)(end - from);
			l->taken += *n + 1;
			*n -= *n && from[*n - 1] == '\r';
			return 0;
		}
		if (left > LINE_MAX_)
			return err_set(err, ERR_PROTO,
				       "the test application says a line of more than %d bytes",
				       LINE_MAX_);
		memmove(l->in.data ? l->in.data : buf, from, left);
		l->in.len = left;
		l->taken = 0;
		if (poll(&p, 1, clock_left_ms(until_ms)) <= 0)
			return no_answer(l, err);
		got = recv(l->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return err_set(err, ERR_PROTO, "the test application broke the connection");
		if (got > 0)
			sbuf_add(&l->in, buf, (size_t)got);
	}
}

int app_parse_hello(char id[129], const char *line, size_t n)
{
	static const char hello[] = "HELLO gpio 1 ";
	size_t from = sizeof(hello) - 1;

	if (n != from + 128 || memcmp(line, hello, from))
		return -1;
	for (size_t i = 0; i < 128; i++) {
		if (text_hex_digit(line[from + i]) < 0)
			return -1;
		id[i] = (char)tolower((unsigned char)line[from + i]);
	}
	id[128] = '\0';
	return 0;
}

static int strange(struct err *err, const char *line, size_t n, const char *expected)
{
	struct sbuf shown = { 0 };

	text_escape(&shown, line, (size_t)text_brief(line, n));
	err_set(err, ERR_PROTO, "the test application says '%s', must be %s", sbuf_str(&shown),
		expected);
	sbuf_release(&shown);
	return ERR_PROTO;
}

int app_accept(struct app_link *l, const char *device_id, int64_t until_ms, struct err *err)
{
	struct pollfd p = { .fd = l->listener, .events = POLLIN };
	int64_t hello = clock_ms() + MT_HELPER_LINE_MS;
	const char *line;
	char id[129];
	size_t n;

	if (poll(&p, 1, clock_left_ms(until_ms)) <= 0)
		return err_set(err, ERR_SILENT,
			       "the test application runs and does not connect to %s: network of "
			       "the board, or the address in its image",
			       l->peer);
	l->fd = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC);
	if (l->fd < 0)
		return err_set(err, ERR_IO, "accepting the test application: %s", strerror(errno));
	hello = clock_ms() + MT_HELPER_LINE_MS;
	if (next_line(&line, &n, l, hello < until_ms ? hello : until_ms, err) < 0)
		return err->code;
	if (app_parse_hello(id, line, n))
		return strange(err, line, n, "HELLO gpio 1 and its device ID");
	if (strcmp(id, device_id))
		return err_set(
			err, ERR_EXCHANGED,
			"the test application of board %.8s... connects where board "
			"%.8s... was expected: crossed addresses, or two slots with one port",
			id, device_id);
	l->driven = l->level = l->pulled_up = l->pulled_down = 0;
	return 0;
}

void app_close(struct app_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->listener >= 0)
		close(l->listener);
	sbuf_release(&l->in);
	app_init(l);
}

void app_bye(struct app_link *l)
{
	struct err ignored = { 0 };
	int64_t until = clock_ms() + MT_HELPER_LINE_MS;
	const char *line;
	size_t n;

	if (l->fd >= 0 && send_all(l, "BYE\n", 4, until, &ignored) >= 0)
		next_line(&line, &n, l, until, &ignored);
	app_close(l);
}

/* --- commands --- */

/* Whose fault a refusal is: what a plan or image asks for, or the unit. */
static int refused(struct err *err, const char *asked, size_t asked_n, const char *line, size_t n)
{
	static const struct {
		const char *word;
		enum err_code code;
		const char *what;
	} known[] = {
		{ "ERR pin", ERR_PLAN, "no such GPIO, or not in the manifest of its image" },
		{ "ERR busy", ERR_PLAN, "the GPIO or its bank is taken" },
		{ "ERR argument", ERR_INTERNAL, "it does not take the argument" },
		{ "ERR unknown", ERR_IMAGES, "it does not know the command: an older image" },
		{ "ERR iperf", ERR_REFUSED, "its iperf3 client could not be started" },
		{ "ERR connect", ERR_PEER,
		  "its iperf3 client came to no connection with the station" },
	};
	struct sbuf shown = { 0 };
	enum err_code code = ERR_REFUSED;
	const char *what = NULL;

	if (n < 4 || memcmp(line, "ERR ", 4))
		return strange(err, line, n, "OK or ERR");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].word) == n && !memcmp(known[i].word, line, n)) {
			code = known[i].code;
			what = known[i].what;
		}
	text_escape(&shown, line, (size_t)text_brief(line, n));
	err_set(err, code, "the test application answers '%s' to '%.*s'%s%s", sbuf_str(&shown),
		text_brief(asked, asked_n), asked, what ? ": " : "", what ? what : "");
	sbuf_release(&shown);
	return code;
}

/* Say all lines at once, and hear an answer to each: one round trip. */
static int say(const char **last, size_t *last_n, struct app_link *l, const struct sbuf *lines,
	       int64_t until_ms, struct err *err)
{
	const char *asked = sbuf_str(lines), *end;
	int64_t held = clock_ms() + MT_HELPER_LINE_MS;

	if (send_all(l, asked, lines->len, held < until_ms ? held : until_ms, err) < 0)
		return err->code;
	for (; (end = strchr(asked, '\n')); asked = end + 1) {
		int64_t due = clock_ms() + MT_HELPER_LINE_MS;

		if (next_line(last, last_n, l, due < until_ms ? due : until_ms, err) < 0)
			return err_wrap(err, "'%.*s'", text_brief(asked, (size_t)(end - asked)),
					asked);
		if (*last_n < 2 || memcmp(*last, "OK", 2) || (*last_n > 2 && (*last)[2] != ' '))
			return refused(err, asked, (size_t)(end - asked), *last, *last_n);
	}
	return 0;
}

int app_parse_levels(uint64_t *out, const struct param_list *pins, const char *line, size_t n)
{
	uint64_t levels = 0;
	size_t at = 2;

	if (n < 2 || memcmp(line, "OK", 2))
		return -1;
	for (size_t i = 0; i < pins->count; i++) {
		size_t name = strlen(pins->item[i]);

		if (at + 1 + name + 2 > n || line[at] != ' ' ||
		    memcmp(line + at + 1, pins->item[i], name) || line[at + 1 + name] != '=')
			return -1;
		at += 1 + name + 1;
		if (line[at] != '0' && line[at] != '1')
			return -1;
		levels |= line[at++] == '1' ? UINT64_C(1) << i : 0;
	}
	if (at != n)
		return -1;
	*out = levels;
	return 0;
}

/* Changes only; first what is let go, so that two outputs never fight. */
static void plan_lines(struct sbuf *b, const struct app_link *l, const struct param_list *pins,
		       uint64_t drive, uint64_t level, uint64_t up)
{
	for (size_t i = 0; i < pins->count; i++) {
		uint64_t bit = UINT64_C(1) << i;
		int pull_up = (up & bit) != 0;

		if ((l->driven & bit) && !(drive & bit))
			sbuf_printf(b, "IN %s\n", pins->item[i]);
		if (!(drive & bit) && !((pull_up ? l->pulled_up : l->pulled_down) & bit))
			sbuf_printf(b, "PULL %s %s\n", pins->item[i], pull_up ? "UP" : "DOWN");
	}
	for (size_t i = 0; i < pins->count; i++) {
		uint64_t bit = UINT64_C(1) << i;

		if ((drive & bit) && (!(l->driven & bit) || ((l->level ^ level) & bit)))
			sbuf_printf(b, "OUT %s %d\n", pins->item[i], (level & bit) != 0);
	}
}

int app_gpio(uint64_t *out, struct app_link *l, const struct param_list *pins, uint64_t drive,
	     uint64_t level, int64_t until_ms, struct err *err)
{
	/* Against the driven level; at rest, and where both levels are driven, down. */
	uint64_t all = pins->count < 64 ? (UINT64_C(1) << pins->count) - 1 : UINT64_MAX;
	uint64_t up = drive && !(level & drive) ? all & ~drive : 0;
	struct sbuf lines = { 0 };
	const char *line = "";
	size_t n = 0;
	int r;

	plan_lines(&lines, l, pins, drive, level, up);
	sbuf_puts(&lines, "READ");
	for (size_t i = 0; i < pins->count; i++)
		sbuf_printf(&lines, " %s", pins->item[i]);
	sbuf_putc(&lines, '\n');
	r = say(&line, &n, l, &lines, until_ms, err);
	sbuf_release(&lines);
	if (r < 0)
		return r;
	l->pulled_up = (l->pulled_up & drive) | up;
	l->pulled_down = (l->pulled_down & drive) | (all & ~drive & ~up);
	l->driven = drive;
	l->level = level;
	if (app_parse_levels(out, pins, line, n))
		return strange(err, line, n, "OK and the level of each pin, in the order asked");
	return 0;
}

/* The shortest round trip that the kernel saw on this connection: what the network takes
 * before a measurement fills its queues. NAN: it cannot be told. */
static double round_trip_ms(const struct app_link *l)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	if (getsockopt(l->fd, IPPROTO_TCP, TCP_INFO, &info, &size) ||
	    size < offsetof(struct tcp_info, tcpi_min_rtt) + sizeof(info.tcpi_min_rtt) ||
	    !info.tcpi_min_rtt || info.tcpi_min_rtt == UINT32_MAX)
		return NAN;
	return info.tcpi_min_rtt / 1000.0;
}

int app_iperf(struct app_link *l, const struct board_traffic *t, int64_t until_ms, struct err *err)
{
	struct sbuf lines = { 0 }, shown = { 0 };
	int64_t due = clock_ms() + START_MS;
	const char *line;
	size_t n;
	int r;

	if (t->rtt_ms)
		*t->rtt_ms = round_trip_ms(l);
	sbuf_printf(&lines, "IPERF %s %d %s %s %d %d %.0f\n", t->host, t->port,
		    t->udp ? "udp" : "tcp", t->reverse ? "down" : "up", t->seconds, t->omit,
		    t->rate_bps);
	r = send_all(l, sbuf_str(&lines), lines.len, due < until_ms ? due : until_ms, err);
	if (!r)
		r = next_line(&line, &n, l, due < until_ms ? due : until_ms, err);
	if (!r && (n != 2 || memcmp(line, "OK", 2)))
		r = refused(err, sbuf_str(&lines), lines.len - 1, line, n);
	sbuf_release(&lines);
	if (r < 0)
		return err_wrap(err, "starting iperf3");
	due = clock_ms() + (t->seconds + t->omit) * 1000 + END_MS;
	if (next_line(&line, &n, l, due < until_ms ? due : until_ms, err) < 0)
		return err_wrap(err, "iperf3 does not end");
	if (n == 6 && !memcmp(line, "DONE 0", 6))
		return 0;
	if (n < 6 || memcmp(line, "DONE ", 5))
		return strange(err, line, n, "DONE 0, or DONE and a text");
	text_escape(&shown, line + 5, (size_t)text_brief(line + 5, n - 5));
	r = err_set(err, ERR_REFUSED, "the unit's iperf3 says '%s'", sbuf_str(&shown));
	sbuf_release(&shown);
	return r;
}
