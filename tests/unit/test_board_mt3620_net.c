#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "board/mt3620_net.h"
#include "board/mt3620_slip.h"
#include "tests/unit/authority.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_net, .timeout = 30);

/* A line on which a board of the test's own sits: it hears what the station sends and
 * may say something at each read. What it is to a real TLS server is tried on virtual
 * boards (tests/run/mt3620-service.sh). */
struct line {
	struct link link;
	struct sbuf heard;
	const struct peer *peer;
	struct slip_decoder decoder;
	struct sbuf says, then; /* the peer, at the next read and at the one after that */
	uint32_t peer_next, said;
	const char *noise;        /* said at each read */
	const struct sbuf *bytes; /* said once */
	enum err_code fail;
	struct link_line tuned;
	int event_char, latency;
};

/* A TCP without a program: what it does with segments that bring something. */
static const struct peer {
	const char *name;
	enum err_code code;
	const char *told;
	int refuses, takes_nothing, no_probe; /* it answers no segment without data */
	uint32_t unheard;                     /* bytes that it says it has sent */
	int set_free; /* the probe sets free what it has kept back: its FIN */
} peers[] = {
	{ "some of its answer is lost", ERR_LINE, "some of the answer", .unheard = 7 },
	{ "the request is lost", ERR_LINE, "some of the request", .takes_nothing = 1 },
	{ "it does not answer the probe", ERR_SILENT, "fell silent", .no_probe = 1 },
	{ "it has all and says nothing", ERR_TIMEOUT, "said nothing in", .no_probe = 0 },
	{ "its FIN comes behind the probe", ERR_SILENT, "spoke again", .set_free = 1 },
	{ "it refuses the connection", ERR_TIMEOUT, "refuses", .refuses = 1 },
};

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t x)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(x >> (24 - 8 * i));
}

static void seal(uint8_t *at, uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	at[0] = (uint8_t)(~sum >> 8);
	at[1] = (uint8_t)~sum;
}

static void peer_says(struct sbuf *out, const struct line *x, const uint8_t *asked, unsigned flags,
		      uint32_t seq)
{
	enum { LEN = 40 };
	uint8_t ip[LEN] = { 0 }, whole[32] = { 0 };

	ip[0] = 0x45;
	ip[3] = LEN;
	ip[8] = 64;
	ip[9] = 6;
	memcpy(ip + 12, asked + 16, 4);
	memcpy(ip + 16, asked + 12, 4);
	seal(ip + 10, 0, ip, 20);
	memcpy(ip + 20, asked + 22, 2);
	memcpy(ip + 22, asked + 20, 2);
	put32(ip + 24, seq);
	put32(ip + 28, x->peer_next);
	ip[32] = 0x50;
	ip[33] = (uint8_t)flags;
	ip[34] = 0x40;
	memcpy(whole, ip + 12, 8); /* the pseudo-header of its checksum */
	whole[9] = 6;
	whole[11] = 20;
	memcpy(whole + 12, ip + 20, 20);
	seal(ip + 36, 0, whole, sizeof(whole));
	slip_encode(out, ip, LEN);
}

static void peer_hears(struct line *x, const uint8_t *ip, size_t n)
{
	enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, FIRST = 5000 };
	uint32_t seq = get32(ip + 24), size = (uint32_t)(n - 20 - (size_t)(ip[32] >> 4) * 4);

	if (ip[9] != 6)
		return;
	if (ip[33] & SYN) {
		x->peer_next = seq + 1;
		x->said = FIRST + 1;
		peer_says(&x->says, x, ip, x->peer->refuses ? RST | ACK : SYN | ACK, FIRST);
		return;
	}
	if (!size && seq == x->peer_next) /* a bare ACK */
		return;
	if (!x->peer->takes_nothing && seq == x->peer_next)
		x->peer_next += size;
	else if (size || x->peer->no_probe)
		return;
	peer_says(&x->says, x, ip, ACK, x->said + (size ? 0 : x->peer->unheard));
	if (!size && x->peer->set_free)
		peer_says(&x->then, x, ip, FIN | ACK, x->said);
}

static int line_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	struct line *x = l->priv;
	struct timespec nap = { .tv_nsec = 5000000 };

	(void)until_ms;
	if (x->fail)
		return err_set(err, x->fail, "the line fails");
	nanosleep(&nap, NULL);
	if (x->says.len) {
		size_t n = x->says.len;

		cr_assert_leq(n, size);
		memcpy(out, x->says.data, n);
		sbuf_reset(&x->says);
		sbuf_add(&x->says, x->then.data, x->then.len);
		sbuf_reset(&x->then);
		return (int)n;
	}
	if (x->bytes) {
		int n = (int)x->bytes->len;

		cr_assert_leq(x->bytes->len, size);
		memcpy(out, x->bytes->data, x->bytes->len);
		x->bytes = NULL;
		return n;
	}
	if (!x->noise)
		return 0;
	cr_assert_leq(strlen(x->noise), size);
	memcpy(out, x->noise, strlen(x->noise));
	return (int)strlen(x->noise);
}

static int line_write(struct link *l, const void *data, size_t size, int64_t until_ms,
		      struct err *err)
{
	struct line *x = l->priv;

	(void)until_ms;
	(void)err;
	sbuf_add(&x->heard, data, size);
	for (size_t i = 0; x->peer && i < size; i++) {
		size_t n = slip_decode(&x->decoder, ((const uint8_t *)data)[i]);

		if (slip_ipv4_whole(x->decoder.packet, n))
			peer_hears(x, x->decoder.packet, n);
	}
	return 0;
}

static int line_tune(struct link *l, const struct link_line *line, int latency_ms, int event_char,
		     int64_t until_ms, struct err *err)
{
	struct line *x = l->priv;

	(void)until_ms;
	(void)err;
	x->tuned = *line;
	x->latency = latency_ms;
	x->event_char = event_char;
	return 0;
}

static void line_close(struct link *l)
{
	(void)l;
}

static const struct link_ops line_ops = { .name = "line",
					  .read = line_read,
					  .write = line_write,
					  .tune = line_tune,
					  .close = line_close };

static void line_init(struct line *x)
{
	*x = (struct line){ .link = { .ops = &line_ops } };
	x->link.priv = x;
}

static char base[64];

static void own_tmp(void)
{
	snprintf(base, sizeof(base), "/tmp/mt3620_net.XXXXXX");
	cr_assert_not_null(mkdtemp(base));
	setenv("TMPDIR", base, 1);
}

static int entries(char first[400])
{
	DIR *d = opendir(base);
	struct dirent *e;
	int n = 0;

	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && !n++)
			snprintf(first, 400, "%s/%s", base, e->d_name);
	closedir(d);
	return n;
}

static const char *trust(void)
{
	static char path[80];
	FILE *f;

	if (*path)
		return path;
	snprintf(path, sizeof(path), "%s/.ca", base);
	f = fopen(path, "w");
	cr_assert(f && fputs(authority, f) >= 0 && !fclose(f));
	return path;
}

static void drop_tmp(void)
{
	unlink(trust());
	cr_expect_eq(rmdir(base), 0, "%s is left with something in it", base);
}

static int call(struct mt3620_net *n, int64_t ms, struct err *err)
{
	struct net_answer a = { 0 };
	int r = mt3620_net_call(&a, n, &(struct net_call){ .method = "GET", .path = "/status" },
				clock_ms() + ms, err);

	sbuf_release(&a.body);
	return r;
}

/* A stack on a line, and a folder for temporary files that is nobody else's. */
static struct mt3620_net *net_open(struct line *x)
{
	struct mt3620_net *n;
	struct err err = { 0 };

	own_tmp();
	line_init(x);
	cr_assert_eq(mt3620_net_open(&n, &x->link, trust(), &err), 0, "%s", err.text);
	return n;
}

static void net_close(struct mt3620_net *n, struct line *x)
{
	mt3620_net_close(n);
	drop_tmp();
	sbuf_release(&x->heard);
	sbuf_release(&x->says);
	sbuf_release(&x->then);
}

/* The line of the service UART, a folder of 0700 for this user, gone afterwards. */
Test(board_mt3620_net, opens_and_closes)
{
	struct mt3620_net *n;
	struct line line;
	char path[400];
	struct stat st;

	n = net_open(&line);
	cr_expect_eq(line.tuned.baud, 921600);
	cr_expect_eq(line.tuned.rtscts, 1);
	cr_expect_eq(line.event_char, 0xC0);
	cr_expect_leq(line.latency, 2);
	cr_assert_eq(entries(path), 1);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0700);
	mt3620_net_close(n);
	cr_expect_eq(entries(path), 0);
	drop_tmp();
	sbuf_release(&line.heard);
}

/* A killed process leaves its folder; the next one clears it, and no living one's. */
Test(board_mt3620_net, clears_what_a_killed_one_left)
{
	struct mt3620_net *n, *other;
	struct line line, line2;
	struct err err = { 0 };
	char path[400];
	pid_t pid;

	own_tmp();
	line_init(&line);
	pid = fork();
	if (pid == 0) {
		if (mt3620_net_open(&n, &line.link, trust(), &err))
			_exit(1);
		raise(SIGKILL);
	}
	waitpid(pid, NULL, 0);
	cr_assert_eq(entries(path), 1, "left by the killed one");
	cr_assert_eq(mt3620_net_open(&n, &line.link, trust(), &err), 0, "%s", err.text);
	cr_expect_eq(entries(path), 1, "cleared, and an own one");
	line_init(&line2);
	cr_assert_eq(mt3620_net_open(&other, &line2.link, trust(), &err), 0, "%s", err.text);
	cr_expect_eq(entries(path), 2, "that of a living one stays");
	mt3620_net_close(n);
	mt3620_net_close(other);
	cr_expect_eq(entries(path), 0);
	drop_tmp();
	sbuf_release(&line.heard);
	sbuf_release(&line2.heard);
}

/* Silence: the first packet is a SYN to the board, and the deadline holds. */
Test(board_mt3620_net, silence)
{
	struct slip_decoder d = { 0 };
	struct mt3620_net *n;
	struct line line;
	struct err err = { 0 };
	int64_t start;
	size_t len = 0;

	n = net_open(&line);
	start = clock_ms();
	cr_expect_eq(call(n, 700, &err), ERR_SILENT, "%s", err.text);
	cr_expect(strstr(err.text, "GET /status: the service link is silent"), "%s", err.text);
	cr_expect_leq(clock_ms() - start, 900);
	for (size_t i = 0; i < line.heard.len && !len; i++)
		len = slip_decode(&d, (uint8_t)line.heard.data[i]);
	cr_assert_eq(slip_ipv4_whole(d.packet, len), len);
	cr_expect_eq(memcmp(d.packet + 12, "\xc0\xa8\x23\x01\xc0\xa8\x23\x02", 8), 0);
	cr_expect_eq(memcmp(d.packet + 22, "\x01\xbb", 2), 0, "port 443");
	cr_expect_eq(d.packet[33], 2, "SYN");
	cr_expect_eq(memcmp(d.packet + 40, "\x02\x04\x05\xb4", 4), 0, "MSS 1460");
	net_close(n, &line);
}

Test(board_mt3620_net, noise_is_no_silence)
{
	struct mt3620_net *n;
	struct line line;
	struct err err = { 0 };

	n = net_open(&line);
	line.noise = "\xC0this is no packet at all";
	cr_expect_eq(call(n, 300, &err), ERR_LINE, "%s", err.text);
	line.noise = "never an end";
	cr_expect_eq(call(n, 300, &err), ERR_LINE, "%s", err.text);
	net_close(n, &line);
}

/* A line that is only noise ends a call early: it is not waited for. */
Test(board_mt3620_net, much_noise_ends_early)
{
	struct mt3620_net *n;
	struct line line;
	struct err err = { 0 };
	int64_t start;

	n = net_open(&line);
	line.noise = "\xC0"
		     "aaaa\xC0"
		     "bbbb\xC0"
		     "cccc\xC0";
	start = clock_ms();
	cr_expect_eq(call(n, 20000, &err), ERR_LINE, "%s", err.text);
	cr_expect_lt(clock_ms() - start, 10000);
	net_close(n, &line);
}

/* What the real stack makes of a board whose TCP lives. */
TEST_ROWS(board_mt3620_net, peer, peers)
{
	const struct peer *p = &peers[*i];
	struct mt3620_net *n;
	struct line line;
	struct err err = { 0 };
	int64_t start;

	n = net_open(&line);
	line.peer = p;
	start = clock_ms();
	cr_expect_eq(call(n, 2000, &err), (int)p->code, "%s: %s", p->name, err.text);
	cr_expect(strstr(err.text, p->told), "%s: %s", p->name, err.text);
	cr_expect_leq(clock_ms() - start, 2600);
	net_close(n, &line);
}

Test(board_mt3620_net, unplugged)
{
	struct mt3620_net *n;
	struct line line;
	struct err err = { 0 };

	n = net_open(&line);
	line.fail = ERR_GONE;
	cr_expect_eq(call(n, 5000, &err), ERR_GONE, "%s", err.text);
	net_close(n, &line);
}

Test(board_mt3620_net, no_trust_anchor)
{
	struct mt3620_net *n;
	struct line line;
	struct err err = { 0 };
	char path[400];

	own_tmp();
	line_init(&line);
	cr_expect_eq(mt3620_net_open(&n, &line.link, "/nonexistent/ca.pem", &err), ERR_CONF);
	cr_expect(strstr(err.text, "/nonexistent/ca.pem"), "%s", err.text);
	cr_expect_null(n);
	cr_expect_eq(entries(path), 0);
	drop_tmp();
	sbuf_release(&line.heard);
}

/* --- the board's way out, and others' way in --- */

static unsigned sum16(unsigned acc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		acc += i % 2 ? p[i] : (unsigned)p[i] << 8;
	return acc;
}

static void put_sum(uint8_t *at, unsigned acc)
{
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	at[0] = (uint8_t)(~acc >> 8);
	at[1] = (uint8_t)~acc;
}

/* A SYN (protocol 6) or an empty datagram (17) of the board to this address. */
static size_t packet_to(uint8_t *p, uint32_t to, int port, int protocol)
{
	size_t n = protocol == 6 ? 40 : 28, inner = n - 20;
	const uint8_t head[20] = { 0x45, 0, 0,   (uint8_t)n, 0,  1, 0, 0, 64, (uint8_t)protocol,
				   0,    0, 192, 168,        35, 2 };
	uint8_t *t = p + 20;

	memset(p, 0, n);
	memcpy(p, head, sizeof(head));
	for (int i = 0; i < 4; i++)
		p[16 + i] = (uint8_t)(to >> (24 - 8 * i));
	put_sum(p + 10, sum16(0, p, 20));
	t[0] = 0xc0;
	t[2] = (uint8_t)(port >> 8);
	t[3] = (uint8_t)port;
	if (protocol == 6) {
		t[12] = 5 << 4;
		t[13] = 2; /* SYN */
		t[14] = 16;
	} else {
		t[5] = 8;
	}
	put_sum(t + (protocol == 6 ? 16 : 6),
		sum16(sum16((unsigned)protocol + (unsigned)inner, p + 12, 8), t, inner));
	return n;
}

static int listener(int *port, int type)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t size = sizeof(in);
	int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);

	cr_assert_eq(bind(fd, (struct sockaddr *)&in, size), 0);
	cr_assert(type == SOCK_DGRAM || !listen(fd, 4));
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&in, &size), 0);
	*port = ntohs(in.sin_port);
	return fd;
}

/* Whatever the board sends, to the PC or through it, nobody is reached. */
Test(board_mt3620_net, the_board_reaches_nothing)
{
	static const uint32_t to[] = { 0xc0a82301u, 0xc0a823fdu, 0x7f000001u, 0x7f000002u };
	int tcp_port, udp_port, tcp = listener(&tcp_port, SOCK_STREAM),
				udp = listener(&udp_port, SOCK_DGRAM);
	struct sbuf said = { 0 };
	struct mt3620_net *n;
	struct line line;
	struct err err = { 0 };
	char byte;

	n = net_open(&line);
	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		uint8_t p[64];

		slip_encode(&said, p, packet_to(p, to[i], tcp_port, 6));
		slip_encode(&said, p, packet_to(p, to[i], udp_port, 17));
	}
	line.bytes = &said;
	cr_assert_eq(mt3620_net_wait(n, clock_ms() + 300, &err), 0, "%s", err.text);
	cr_expect_eq(mt3620_net_counts(n)->received, 8, "all eight packets were whole");
	cr_expect(accept(tcp, NULL, NULL) < 0 && errno == EAGAIN, "TCP came through");
	cr_expect(recv(udp, &byte, 1, 0) < 0 && errno == EAGAIN, "UDP came through");
	net_close(n, &line);
	close(tcp);
	close(udp);
	sbuf_release(&said);
}

/* What a user of the PC gets at the socket: the error, or 0. */
static int knock(const char *folder, uid_t user)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int status, fd;
	pid_t pid = fork();

	if (pid == 0) {
		snprintf(un.sun_path, sizeof(un.sun_path), "%.80s/rest", folder);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (setuid(user))
			_exit(255);
		_exit(connect(fd, (struct sockaddr *)&un, sizeof(un)) ? errno : 0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

Test(board_mt3620_net, others_do_not_reach_the_board)
{
	struct mt3620_net *n;
	struct line line;
	char path[400];

	n = net_open(&line);
	cr_assert_eq(chmod(base, 0755), 0); /* as /tmp is */
	cr_assert_eq(entries(path), 1);
	cr_expect_eq(knock(path, geteuid()), 0);
	if (geteuid() == 0) /* only root can be somebody else */
		cr_expect_eq(knock(path, 65534), EACCES);
	net_close(n, &line);
}
