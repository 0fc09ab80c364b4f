#include "step/iperf_child.h"

#include <stdint.h>
#define HAVE_STDATOMIC_H 1 /* newer headers ask for it */
#include <iperf_api.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/lazy.h"
#include "base/proc.h"
#include "base/sbuf.h"
#include "base/text.h"

/* clang-format off */
#define IPERF_CALLS(F) \
	F(iperf_, new_test) F(iperf_, defaults) F(iperf_, set_test_role) \
	F(iperf_, set_test_server_port) F(iperf_, set_test_json_output) \
	F(iperf_, set_test_logfile) F(iperf_, set_test_one_off) \
	F(iperf_, set_test_bind_address) F(iperf_, set_test_server_hostname) \
	F(iperf_, set_test_reverse) F(iperf_, set_test_blksize) F(iperf_, set_test_rate) \
	F(iperf_, set_test_duration) F(iperf_, set_test_omit) \
	F(iperf_, set_test_connect_timeout) F(iperf_, run_server) F(iperf_, run_client) \
	F(iperf_, get_test_json_output_string) F(, set_protocol) F(, i_errno) /* a variable */
LAZY(iperf, IPERF_CALLS);
/* clang-format on */

enum {
	SPARE_MS = 5000, /* beyond the measurement's own time */
	JSON_MAX = 1 << 20,
	UDP_BLOCK = 1448, /* bytes of a datagram: fits an Ethernet frame */
	LISTEN_POLL_MS = 5,
	OUT = 3,
};

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static void confine(void)
{
	struct rlimit core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &core);
#ifndef SANITIZED
	/* A peer may announce 2 GiB in one message. */
	struct rlimit memory = { 1u << 30, 1u << 30 };

	setrlimit(RLIMIT_AS, &memory);
#endif
}

static _Noreturn void child(int out, pid_t parent, const struct iperf_args *a)
{
	int nul = open("/dev/null", O_RDWR);
	struct iperf_test *t;
	sigset_t none;
	const char *json;
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(81);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (nul < 0 || dup2(nul, 0) < 0 || dup2(nul, 1) < 0 || dup2(nul, 2) < 0 ||
	    (out != OUT && dup2(out, OUT) < 0))
		_exit(82);
	close_range(OUT + 1, ~0U, 0); /* also keeps descriptors below FD_SETSIZE */
	confine();
	t = iperf.new_test();
	if (!t || iperf.defaults(t) < 0)
		_exit(83);
	iperf.set_test_role(t, a->server ? 's' : 'c');
	iperf.set_test_server_port(t, a->port);
	iperf.set_test_json_output(t, 1);
	iperf.set_test_logfile(t, "/dev/null"); /* else the JSON also goes to stdout */
	if (a->server) {
		iperf.set_test_one_off(t, 1);
		iperf.set_test_bind_address(t, (char *)(uintptr_t)a->host);
	} else {
		iperf.set_test_server_hostname(t, a->host);
		iperf.set_test_reverse(t, a->reverse);
		if (a->udp) {
			iperf.set_protocol(t, Pudp);
			iperf.set_test_blksize(t, UDP_BLOCK);
		}
		if (a->rate_bps > 0)
			iperf.set_test_rate(t, (uint64_t)a->rate_bps);
		iperf.set_test_duration(t, a->seconds);
		iperf.set_test_omit(t, a->omit);
		iperf.set_test_connect_timeout(t, (int)a->connect_ms);
	}
	*iperf.i_errno = 0; /* the library never clears it */
	r = a->server ? iperf.run_server(t) : iperf.run_client(t);
	json = iperf.get_test_json_output_string(t);
	if (json && write_all(OUT, json, strlen(json)) < 0)
		_exit(84);
	_exit(r < 0 ? 85 : 0);
}

/* Nobody else may have the port, or the measurement would be somebody else's. */
static int port_free(const struct iperf_args *a, struct err *err)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at = { .any = { 0 } };
	socklen_t n;
	int fd, one = 1, r;

	if (inet_pton(AF_INET, a->host, &at.v4.sin_addr) == 1) {
		at.v4.sin_family = AF_INET;
		at.v4.sin_port = htons((uint16_t)a->port);
		n = sizeof(at.v4);
	} else if (inet_pton(AF_INET6, a->host, &at.v6.sin6_addr) == 1) {
		at.v6.sin6_family = AF_INET6;
		at.v6.sin6_port = htons((uint16_t)a->port);
		n = sizeof(at.v6);
	} else {
		return err_set(err, ERR_CONF, "'%s' is no numeric address", a->host);
	}
	fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, ERR_IO, "no socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	r = bind(fd, &at.any, n) || listen(fd, 1);
	if (r)
		r = err_set(err, errno == EADDRINUSE ? ERR_BUSY : ERR_CONF,
			    "cannot listen on %s port %d: %s", a->host, a->port, strerror(errno));
	close(fd);
	return r;
}

/* Does something listen on this port? Asking the kernel, because a connection
 * would use up the one measurement that the server takes. */
static int listening(int port)
{
	static const char *const table[] = { "/proc/self/net/tcp", "/proc/self/net/tcp6" };
	char line[256];
	int yes = 0;

	for (int i = 0; i < 2 && !yes; i++) {
		FILE *f = fopen(table[i], "re");
		unsigned at, state;

		while (f && !yes && fgets(line, sizeof(line), f)) {
			const char *colon = strchr(line, ':');

			colon = colon ? strchr(colon + 1, ':') : NULL;
			yes = colon && sscanf(colon, ":%x %*s %x", &at, &state) == 2 &&
			      at == (unsigned)port && state == 0x0a;
		}
		if (f)
			fclose(f);
	}
	return yes;
}

int iperf_child_start(struct iperf_child *c, const struct iperf_args *a, int64_t until_ms,
		      struct err *err)
{
	pid_t parent = getpid();
	int fds[2];

	*c = (struct iperf_child){ .pid = -1, .fd = -1, .args = *a };
	if (LAZY_NEED(iperf, err) < 0 || (a->server && port_free(a, err) < 0))
		return err->code;
	if (pipe2(fds, O_CLOEXEC))
		return err_set(err, ERR_IO, "no pipe for iperf: %s", strerror(errno));
	fflush(NULL);
	c->pid = fork();
	if (c->pid == 0)
		child(fds[1], parent, a);
	close(fds[1]);
	if (c->pid < 0) {
		close(fds[0]);
		return err_set(err, ERR_IO, "no process for iperf: %s", strerror(errno));
	}
	c->fd = fds[0];
	c->due_ms = clock_ms() + a->connect_ms + (a->omit + a->seconds) * 1000LL + SPARE_MS;
	while (a->server && !listening(a->port)) {
		struct pollfd gone = { c->fd, POLLIN, 0 };

		if (poll(&gone, 1, LISTEN_POLL_MS) > 0 || clock_ms() >= until_ms) {
			iperf_child_kill(c);
			return err_set(err, ERR_IO, "iperf does not listen on %s port %d", a->host,
				       a->port);
		}
	}
	return 0;
}

void iperf_child_kill(struct iperf_child *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	if (c->pid > 0)
		proc_end(c->pid);
	c->pid = -1;
}

/* All of the child's JSON, until it closes its end. */
static int collect(struct sbuf *out, struct iperf_child *c, int64_t until_ms, struct err *err)
{
	char part[16384];

	for (;;) {
		struct pollfd p = { c->fd, POLLIN, 0 };
		ssize_t n;
		int r = poll(&p, 1, clock_left_ms(until_ms));

		if (r < 0 && errno == EINTR)
			continue;
		if (r == 0)
			return err_set(err, ERR_PEER_SILENT,
				       c->args.server ? "no measurement came to %s port %d in time"
						      : "%s port %d stopped answering",
				       c->args.host, c->args.port);
		n = r < 0 ? -1 : read(c->fd, part, sizeof(part));
		if (n < 0)
			return err_set(err, ERR_IO, "reading from iperf: %s", strerror(errno));
		if (n == 0)
			return 0;
		sbuf_add(out, part, (size_t)n);
		if (out->len > JSON_MAX)
			return err_set(err, ERR_PEER_RESULT, "a result of more than %d bytes",
				       JSON_MAX);
	}
}

int iperf_child_finish(struct iperf_result *out, struct iperf_child *c, int64_t until_ms,
		       struct err *err)
{
	struct sbuf json = { 0 };
	int status = 0, r;

	r = collect(&json, c, until_ms < c->due_ms ? until_ms : c->due_ms, err);
	if (r >= 0) {
		close(c->fd);
		c->fd = -1;
		waitpid(c->pid, &status, 0);
		c->pid = -1;
		if (WIFSIGNALED(status) && !json.len)
			r = err_set(err, ERR_PEER_RESULT,
				    "iperf died of signal %d, as it does when the peer sends it "
				    "nonsense",
				    WTERMSIG(status));
		else
			r = iperf_result_parse(out, sbuf_str(&json), json.len, &c->args, err);
		if (r >= 0 && (!WIFEXITED(status) || WEXITSTATUS(status)))
			r = err_set(err, ERR_PEER, "iperf ended with status %d", status);
	}
	iperf_child_kill(c);
	sbuf_release(&json);
	return r;
}

/* --- the JSON --- */

/* libiperf's words for what went wrong, and whose word it is. */
static const struct {
	const char *word;
	enum err_code code;
} causes[] = {
	{ "server is busy", ERR_PEER_BUSY },
	{ "Connection refused", ERR_PEER_REFUSED },
	{ "refused", ERR_PEER_REFUSED },
	{ "timed out", ERR_PEER_SILENT },
	{ "No route", ERR_PEER_REFUSED },
	{ "unreachable", ERR_PEER_REFUSED },
	{ "unable to receive results", ERR_PEER_RESULT },
	{ "unable to receive parameters", ERR_PEER_RESULT },
	{ "unable to receive control message", ERR_PEER_SILENT },
	{ "control socket has closed", ERR_PEER_SILENT },
	{ "unrecognized", ERR_PEER_RESULT },
	{ "received an unknown control message", ERR_PEER_RESULT },
	{ "unable to read from stream", ERR_PEER_SILENT },
	{ "Address already in use", ERR_BUSY },
};

static int told_error(const char *text, const struct iperf_args *a, struct err *err)
{
	enum err_code code = ERR_PEER;
	struct sbuf said = { 0 };

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (strstr(text, causes[i].word)) {
			code = causes[i].code;
			break;
		}
	text_escape(&said, text, strlen(text));
	err_set(err, code, "%s port %d: iperf says: %.200s", a->host, a->port, sbuf_str(&said));
	sbuf_release(&said);
	return code;
}

static double number(const json_t *object, const char *name)
{
	const json_t *v = json_object_get(object, name);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static int judge(struct iperf_result *out, const json_t *end, const struct iperf_args *a,
		 struct err *err)
{
	const json_t *received = json_object_get(end, "sum_received");
	const json_t *sent = json_object_get(end, "sum_sent"), *sum = json_object_get(end, "sum");
	const json_t *sender =
		json_object_get(json_array_get(json_object_get(end, "streams"), 0), "sender");
	double bytes = number(received, "bytes"), sent_bytes = number(sent, "bytes");

	out->rate_bps = number(received, "bits_per_second");
	out->seconds = number(received, "seconds");
	if (!isfinite(out->rate_bps) || !isfinite(bytes) || !isfinite(out->seconds))
		return err_set(err, ERR_PEER_RESULT,
			       "the result does not tell what arrived (end.sum_received)");
	if (bytes <= 0 || out->rate_bps <= 0)
		return err_set(err, ERR_PEER_SILENT, "no byte of the measurement arrived");
	if (out->seconds < 0.9 * a->seconds || out->seconds > 1.5 * a->seconds)
		return err_set(err, ERR_PEER_RESULT,
			       "the measurement took %.2f s, must be 0.9 to 1.5 times %d s",
			       out->seconds, a->seconds);
	/* The peer tells what it received: it must fit the time and the bytes. */
	if (fabs(bytes * 8 / out->seconds - out->rate_bps) > 0.01 * out->rate_bps)
		return err_set(err, ERR_PEER_RESULT, "rate, bytes and time of the result disagree");
	/* A server's result tells 0 bytes sent, whatever the client says. */
	if (!a->server && !isfinite(sent_bytes))
		return err_set(err, ERR_PEER_RESULT,
			       "the result does not tell what was sent (end.sum_sent)");
	if (!a->server && bytes > sent_bytes * 1.01 + 65536)
		return err_set(err, ERR_PEER_RESULT,
			       "the result says that %.0f bytes arrived of %.0f sent", bytes,
			       sent_bytes);
	out->retransmits = a->udp ? NAN : number(sent, "retransmits");
	out->jitter_ms = a->udp ? number(sum, "jitter_ms") : NAN;
	if (!a->udp)
		out->loss = NAN;
	else if (a->server)
		out->loss = number(sum, "lost_percent") / 100;
	else
		out->loss = bytes < sent_bytes ? 1 - bytes / sent_bytes : 0;
	if (out->loss < 0 || out->loss > 1 || out->jitter_ms < 0 || out->retransmits < 0)
		return err_set(err, ERR_PEER_RESULT,
			       "loss, jitter or retransmits of the result are out of range");
	out->rtt_ms = a->udp || a->reverse ? NAN : number(sender, "mean_rtt") / 1000;
	return 0;
}

int iperf_result_parse(struct iperf_result *out, const char *json, size_t len,
		       const struct iperf_args *a, struct err *err)
{
	json_error_t where;
	json_t *root = json_loadb(json, len, 0, &where);
	const char *error = json_string_value(json_object_get(root, "error"));
	int r;

	if (!json_is_object(root))
		r = err_set(err, ERR_PEER_RESULT, "no result from iperf: %s",
			    len ? where.text : "nothing was said");
	else if (json_object_get(root, "error"))
		r = told_error(error ? error : "an error without text", a, err);
	else
		r = judge(out, json_object_get(root, "end"), a, err);
	json_decref(root);
	return r;
}
