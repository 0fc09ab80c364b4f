#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "virtual/net_relay.h"
#include "virtual/net_shaper.h"
#include "rows.h"

/*
 * Real sockets: a client on one side of the relay, a server on the other, both
 * in the test. Rates are measured over a second in which the sender never rests.
 */
TestSuite(net_relay, .timeout = 20);

enum { CLIENT, SERVER };

struct pair {
	struct loop *loop;
	struct net_relay *relay;
	int listener, udp_server;
	int fd[2]; /* of one TCP connection */
};

static int local_socket(int type, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)*port);
	cr_assert(fd >= 0 && !bind(fd, (struct sockaddr *)&a, n));
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static int dial(int type, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)port);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void never(void *payload)
{
	(void)payload;
	cr_assert_fail("the relay's child died");
}

static void open_pair(struct pair *p, struct net_relay_config c)
{
	char target[NET_ADDRESS];
	struct err err = { 0 };
	int port = 0;

	memset(p, 0, sizeof(*p));
	p->loop = loop_new();
	p->listener = local_socket(SOCK_STREAM, &port);
	p->udp_server = local_socket(SOCK_DGRAM, &port);
	cr_assert_eq(listen(p->listener, 4), 0);
	snprintf(target, sizeof(target), "127.0.0.1:%d", port);
	c.listen = "127.0.0.1:0";
	c.target = target;
	cr_assert_eq(net_relay_start(&p->relay, p->loop, &c, never, NULL, &err), 0, "%s", err.text);
	p->fd[CLIENT] = p->fd[SERVER] = -1;
}

static void connect_pair(struct pair *p)
{
	p->fd[CLIENT] = dial(SOCK_STREAM, net_relay_port(p->relay));
	cr_assert_geq(p->fd[CLIENT], 0);
	p->fd[SERVER] = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
	cr_assert_geq(p->fd[SERVER], 0);
}

static void close_pair(struct pair *p)
{
	for (int i = 0; i < 2; i++)
		if (p->fd[i] >= 0)
			close(p->fd[i]);
	close(p->listener);
	close(p->udp_server);
	net_relay_free(p->relay);
	loop_free(p->loop);
}

static int readable(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, ms) == 1;
}

/* A sender that never rests, in a process of its own. */
static pid_t flood(int fd, size_t block, int64_t gap_ns)
{
	static char bytes[65536];
	int64_t next = clock_ns();
	pid_t pid = fork();

	if (pid)
		return pid;
	signal(SIGPIPE, SIG_DFL);
	for (;;) {
		int64_t left = next - clock_ns();

		if (left > 0) {
			struct timespec t = { 0, left };

			nanosleep(&t, NULL);
		}
		if (send(fd, bytes, block, 0) < 0 && errno != ENOBUFS)
			_exit(0);
		next += gap_ns;
	}
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/*
 * The rate at which bytes arrive at fd, bit/s, over the best of up to twelve
 * half seconds. A machine that stands still for a moment makes one slower, or
 * faster while the relay catches up; what never happens is that more than the
 * nominal rate has arrived since the start.
 */
static double rate_at(int fd, double nominal)
{
	static char bytes[65536];
	int64_t start = clock_ns(), begin, now;
	double total = 0, before, best = 0;

	for (int i = 0; i < 12 && best < nominal * 0.95; i++) {
		begin = now = clock_ns();
		for (before = total; now < begin + 500000000; now = clock_ns()) {
			ssize_t n;

			cr_assert(readable(fd, 2000), "nothing arrives");
			n = read(fd, bytes, sizeof(bytes));
			cr_assert_gt(n, 0);
			total += (double)n * 8;
		}
		cr_assert_lt(total, nominal * (double)(now - start) / 1e9 * 1.05 + 8 * 65536);
		if (total - before > best * (double)(now - begin) / 1e9)
			best = (total - before) / ((double)(now - begin) / 1e9);
	}
	return best;
}

static const struct rate_row {
	double rate;
	int to_client, both;
} rates[] = {
	{ 20e6, 0, 0 }, { 20e6, 1, 0 }, { 20e6, 0, 1 }, { 2e6, 0, 0 }, { 100e6, 1, 0 },
};

TEST_ROWS(net_relay, tcp_rate, rates)
{
	const struct rate_row *row = &rates[*i];
	struct pair p;
	pid_t first, second = 0;
	double got;

	open_pair(&p, (struct net_relay_config){ .rate_bps = row->rate });
	connect_pair(&p);
	first = flood(p.fd[row->to_client], 16384, 0);
	if (row->both)
		second = flood(p.fd[!row->to_client], 16384, 0);
	got = rate_at(p.fd[!row->to_client], row->rate);
	end(first);
	if (second)
		end(second);
	cr_expect(got > row->rate * 0.95, "row %zu: %.2f Mbit/s", *i, got / 1e6);
	close_pair(&p);
}

/* Datagrams of 1250 bytes offered at twice the rate: half of them get through. */
static void udp_rate(int to_client)
{
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	struct pair p;
	char hello[8];
	int client;
	pid_t pid;
	double got;

	open_pair(&p, (struct net_relay_config){ .rate_bps = 20e6 });
	client = dial(SOCK_DGRAM, net_relay_port(p.relay));
	cr_assert_eq(send(client, "hello", 5, 0), 5);
	cr_assert(readable(p.udp_server, 2000));
	cr_assert_eq(recvfrom(p.udp_server, hello, sizeof(hello), 0, (struct sockaddr *)&from, &n),
		     5);
	cr_assert_eq(connect(p.udp_server, (struct sockaddr *)&from, n), 0);
	pid = flood(to_client ? p.udp_server : client, 1250, 250000);
	got = rate_at(to_client ? client : p.udp_server, 20e6);
	end(pid);
	cr_expect(got > 19e6, "%.2f Mbit/s", got / 1e6);
	close(client);
	close_pair(&p);
}

Test(net_relay, udp_is_held_to_the_rate_to_the_target)
{
	udp_rate(0);
}

Test(net_relay, udp_is_held_to_the_rate_to_the_client)
{
	udp_rate(1);
}

Test(net_relay, a_tcp_sender_cannot_run_ahead)
{
	static char bytes[65536];
	struct pair p;
	size_t sum = 0;

	open_pair(&p, (struct net_relay_config){ .rate_bps = 1e6 });
	connect_pair(&p);
	fcntl(p.fd[CLIENT], F_SETFL, O_NONBLOCK);
	for (int64_t until = clock_ms() + 300; clock_ms() < until;) {
		ssize_t n = send(p.fd[CLIENT], bytes, sizeof(bytes), MSG_NOSIGNAL);

		if (n > 0)
			sum += (size_t)n;
		else
			readable(p.listener, 5);
	}
	/* 37 KB crossed the cable; the sender's own buffer is its own matter. */
	cr_expect_lt(sum, 4u << 20);
	usleep(1000);
	cr_expect(readable(p.fd[SERVER], 100));
	close_pair(&p);
}

Test(net_relay, bytes_arrive_unchanged_and_so_does_the_end)
{
	struct pair p;
	char bytes[9000], got[9000];
	size_t have = 0;
	ssize_t n;

	open_pair(&p, (struct net_relay_config){ .rate_bps = 50e6 });
	connect_pair(&p);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 256);
	cr_assert_eq(send(p.fd[CLIENT], bytes, sizeof(bytes), 0), (ssize_t)sizeof(bytes));
	shutdown(p.fd[CLIENT], SHUT_WR);
	while (readable(p.fd[SERVER], 2000) &&
	       (n = read(p.fd[SERVER], got + have, sizeof(got) - have)) > 0)
		have += (size_t)n;
	cr_assert_eq(have, sizeof(bytes));
	cr_expect_arr_eq(bytes, got, sizeof(bytes));
	/* The other direction is still open. */
	cr_assert_eq(send(p.fd[SERVER], "back", 4, 0), 4);
	cr_assert(readable(p.fd[CLIENT], 2000));
	cr_expect_eq(read(p.fd[CLIENT], got, sizeof(got)), 4);
	close(p.fd[SERVER]);
	p.fd[SERVER] = -1;
	cr_assert(readable(p.fd[CLIENT], 2000));
	cr_expect_eq(read(p.fd[CLIENT], got, sizeof(got)), 0);
	close_pair(&p);
}

Test(net_relay, a_target_that_refuses_is_told_to_the_client)
{
	struct net_relay_config c = { .listen = "127.0.0.1:0", .rate_bps = 1e6 };
	struct loop *l = loop_new();
	char target[NET_ADDRESS], byte;
	struct net_relay *r;
	struct err err = { 0 };
	int port = net_free_port(&err), fd;

	snprintf(target, sizeof(target), "127.0.0.1:%d", port);
	c.target = target;
	cr_assert_eq(net_relay_start(&r, l, &c, never, NULL, &err), 0, "%s", err.text);
	fd = dial(SOCK_STREAM, net_relay_port(r));
	if (fd >= 0) { /* else the reset was there before connect() returned */
		cr_assert(readable(fd, 2000));
		cr_expect_lt(read(fd, &byte, 1), 0);
	}
	cr_expect(errno == ECONNRESET || errno == ECONNREFUSED, "%s", strerror(errno));
	close(fd);
	net_relay_free(r);
	loop_free(l);
}

Test(net_relay, refuses)
{
	struct pair p;

	open_pair(&p, (struct net_relay_config){ .rate_bps = 1e6, .peer = NET_PEER_REFUSES });
	cr_expect(dial(SOCK_STREAM, net_relay_port(p.relay)) < 0 && errno == ECONNREFUSED);
	close_pair(&p);
}

Test(net_relay, silent)
{
	struct pair p;

	open_pair(&p, (struct net_relay_config){ .rate_bps = 1e6, .peer = NET_PEER_SILENT });
	p.fd[CLIENT] = dial(SOCK_STREAM, net_relay_port(p.relay));
	cr_assert_geq(p.fd[CLIENT], 0);
	cr_assert_eq(send(p.fd[CLIENT], "anybody?", 8, 0), 8);
	cr_expect_not(readable(p.fd[CLIENT], 300));
	cr_expect_not(readable(p.listener, 0), "the target must not hear of it");
	close_pair(&p);
}

Test(net_relay, busy)
{
	struct pair p;
	char cookie[37] = "c";
	unsigned char answer[2];

	open_pair(&p, (struct net_relay_config){ .rate_bps = 1e6, .peer = NET_PEER_BUSY });
	p.fd[CLIENT] = dial(SOCK_STREAM, net_relay_port(p.relay));
	cr_assert_geq(p.fd[CLIENT], 0);
	cr_assert_eq(send(p.fd[CLIENT], cookie, sizeof(cookie), 0), (ssize_t)sizeof(cookie));
	cr_assert(readable(p.fd[CLIENT], 2000));
	cr_expect_eq(read(p.fd[CLIENT], answer, sizeof(answer)), 1);
	cr_expect_eq(answer[0], 0xff);
	close_pair(&p);
}

Test(net_relay, a_malformed_target_spoils_its_objects_only)
{
	struct pair p;
	char got[8] = "";

	open_pair(&p, (struct net_relay_config){ .rate_bps = 1e6, .peer = NET_PEER_MALFORMED });
	connect_pair(&p);
	cr_assert_eq(send(p.fd[CLIENT], "{1}", 3, 0), 3);
	cr_assert(readable(p.fd[SERVER], 2000));
	cr_assert_eq(read(p.fd[SERVER], got, 3), 3);
	cr_expect_str_eq(got, "{1}");
	cr_assert_eq(send(p.fd[SERVER], "{2}", 3, 0), 3);
	cr_assert(readable(p.fd[CLIENT], 2000));
	cr_assert_eq(read(p.fd[CLIENT], got, 3), 3);
	cr_expect_str_eq(got, "!2}");
	close_pair(&p);
}

Test(net_relay, a_cut_cable_is_silent_and_closes_nothing)
{
	struct pair p;
	char got[8];

	open_pair(&p, (struct net_relay_config){ .rate_bps = 1e6, .drop_after_ms = 200 });
	connect_pair(&p);
	cr_assert_eq(send(p.fd[CLIENT], "one", 3, 0), 3);
	cr_assert(readable(p.fd[SERVER], 2000));
	cr_assert_eq(read(p.fd[SERVER], got, sizeof(got)), 3);
	usleep(400000);
	cr_assert_eq(send(p.fd[CLIENT], "two", 3, 0), 3);
	cr_expect_not(readable(p.fd[SERVER], 300));
	cr_expect_not(readable(p.fd[CLIENT], 0));
	close_pair(&p);
}

Test(net_relay, lost_datagrams_are_repeatable)
{
	int first = -1;

	for (int run = 0; run < 2; run++) {
		struct pair p;
		char got[8];
		int client, count = 0;

		open_pair(&p, (struct net_relay_config){ .rate_bps = 1e6, .loss = 0.5, .seed = 7 });
		client = dial(SOCK_DGRAM, net_relay_port(p.relay));
		for (int i = 0; i < 100; i++)
			cr_assert_eq(send(client, "x", 1, 0), 1);
		while (readable(p.udp_server, 200)) {
			cr_assert_eq(read(p.udp_server, got, sizeof(got)), 1);
			count++;
		}
		cr_expect(count > 30 && count < 70, "%d of 100", count);
		if (run)
			cr_expect_eq(count, first);
		first = count;
		close(client);
		close_pair(&p);
	}
}

Test(net_relay, free_cuts_connections_and_frees_the_address)
{
	struct pair p;
	struct net_relay *again;
	char byte, listen_at[NET_ADDRESS];
	struct net_relay_config c = { .target = "127.0.0.1:9", .rate_bps = 1e6 };
	struct err err = { 0 };

	open_pair(&p, (struct net_relay_config){ .rate_bps = 1e6 });
	connect_pair(&p);
	snprintf(listen_at, sizeof(listen_at), "127.0.0.1:%d", net_relay_port(p.relay));
	c.listen = listen_at;
	cr_expect_eq(net_relay_start(&again, p.loop, &c, never, NULL, &err), ERR_BUSY);
	cr_expect(strstr(err.text, listen_at), "%s", err.text);
	net_relay_free(p.relay);
	p.relay = NULL;
	cr_assert(readable(p.fd[CLIENT], 2000));
	cr_expect_leq(read(p.fd[CLIENT], &byte, 1), 0);
	cr_assert_eq(net_relay_start(&again, p.loop, &c, never, NULL, &err), 0, "%s", err.text);
	net_relay_free(again);
	close_pair(&p);
}

Test(net_relay, wrong_addresses_are_refused)
{
	static const char *const wrong[] = { "",        "127.0.0.1",     ":80",
					     "host:80", "127.0.0.1:",    "127.0.0.1:99999",
					     "[::1]",   "127.0.0.1:80x", "1.2.3.4.5:80" };
	struct loop *l = loop_new();
	struct net_relay *r;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct net_relay_config c = { .listen = wrong[i],
					      .target = "127.0.0.1:9",
					      .rate_bps = 1e6 };
		struct err err = { 0 };

		cr_expect_eq(net_relay_start(&r, l, &c, never, NULL, &err), ERR_CONF, "'%s'",
			     wrong[i]);
		cr_expect(strstr(err.text, wrong[i]), "%s", err.text);
	}
	loop_free(l);
}

Test(net_relay, ports)
{
	char out[NET_ADDRESS];
	struct err err = { 0 };
	int port = 0, fd = local_socket(SOCK_STREAM, &port);

	cr_expect_eq(net_with_port(out, "127.0.0.1:1", 5301, &err), 0);
	cr_expect_str_eq(out, "127.0.0.1:5301");
	cr_expect_eq(net_with_port(out, "[::1]:1", 80, &err), 0);
	cr_expect_str_eq(out, "[::1]:80");
	cr_expect_not(net_listens(port));
	cr_assert_eq(listen(fd, 1), 0);
	cr_expect(net_listens(port));
	close(fd);
	cr_expect_not(net_listens(port));
	cr_expect_gt(net_free_port(&err), 0);
}

/* The rate does not depend on when the loop wakes up, within bounds. */
Test(net_relay, shaper_catches_up_but_does_not_save)
{
	struct net_shaper s;
	int64_t now = 1000000000;
	size_t sent = 0;

	net_shaper_init(&s, 8e6, now);                 /* a byte per microsecond */
	for (int i = 0; i < 100; i++, now += 10000000) /* late by up to 10 ms each time */
		while (net_shaper_due(&s, now) <= now) {
			net_shaper_sent(&s, 1000);
			sent += 1000;
		}
	cr_expect(sent > 985000 && sent < 1005000, "%zu", sent);
	net_shaper_idle(&s);
	now += 5000000000;
	for (sent = 0; net_shaper_due(&s, now) <= now; sent += 1000)
		net_shaper_sent(&s, 1000);
	cr_expect_leq(sent, 3000, "%zu", sent);
}

/* --- the real iperf3 on both sides --- */

static int run(const char *const *argv, char *out, size_t size)
{
	int pair[2], status;
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	cr_assert_eq(pipe(pair), 0);
	pid = fork();
	if (pid == 0) {
		dup2(pair[1], 1);
		dup2(pair[1], 2);
		close(pair[0]);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(pair[1]);
	while ((n = read(pair[0], out + have, size - 1 - have)) > 0)
		have += (size_t)n;
	out[have] = '\0';
	close(pair[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static pid_t iperf_server(int port)
{
	char text[16];
	const char *argv[] = { "iperf3", "-s", "-1", "-p", text, NULL };
	int64_t until = clock_ms() + 5000;
	pid_t pid;

	snprintf(text, sizeof(text), "%d", port);
	pid = fork();
	if (pid == 0) {
		int nul = open("/dev/null", O_RDWR);

		dup2(nul, 0);
		dup2(nul, 1);
		dup2(nul, 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	while (!net_listens(port)) {
		cr_assert_lt(clock_ms(), until, "iperf3 -s does not listen");
		usleep(5000);
	}
	return pid;
}

/* Mbit/s of the line that ends in "receiver". */
static double received(const char *text)
{
	const char *end_of = strstr(text, "receiver"), *line = end_of;
	double rate = -1;

	if (!line)
		return -1;
	while (line > text && line[-1] != '\n')
		line--;
	line = strstr(line, "Bytes");
	return line && sscanf(line, "Bytes %lf Mbits/sec", &rate) == 1 ? rate : -1;
}

static const char *const ways[][6] = {
	{ NULL },
	{ "-R", NULL },
	{ "-u", "-b", "40M", NULL },
	{ "-u", "-b", "40M", "-R", NULL },
};

TEST_ROWS(net_relay, iperf3, ways)
{
	char target[NET_ADDRESS], port[16];
	static char text[1 << 16];
	const char *argv[16] = { "iperf3", "-c", "127.0.0.1", "-p", port, "-t", "2", "-f", "m" };
	struct net_relay_config c = { .listen = "127.0.0.1:0", .target = target, .rate_bps = 20e6 };
	struct loop *l = loop_new();
	struct err err = { 0 };
	struct net_relay *r;
	/* A sender of datagrams that misses its time makes a loss that no cable
	 * can make good; the rate of datagrams is measured above. */
	double rate = -1, least = *i < 2 ? 19 : 8;
	pid_t server;
	int p = net_free_port(&err);

	for (size_t k = 0, n = 9; ways[*i][k]; k++)
		argv[n++] = ways[*i][k];
	snprintf(target, sizeof(target), "127.0.0.1:%d", p);
	cr_assert_eq(net_relay_start(&r, l, &c, never, NULL, &err), 0, "%s", err.text);
	snprintf(port, sizeof(port), "%d", net_relay_port(r));
	for (int tries = 0; tries < 3 && rate < least; tries++) {
		server = iperf_server(p);
		cr_assert_eq(run(argv, text, sizeof(text)), 0, "%s", text);
		end(server);
		rate = received(text);
		cr_assert_lt(rate, 22, "%s", text);
	}
	cr_expect_gt(rate, least, "way %zu: %.2f Mbit/s\n%s", *i, rate, text);
	net_relay_free(r);
	loop_free(l);
}
