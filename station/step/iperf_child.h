#ifndef STATION_STEP_IPERF_CHILD_H
#define STATION_STEP_IPERF_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * iperf_child -- one throughput measurement by libiperf in a process of its
 * own, under a watchdog: libiperf keeps its state in globals, may call exit(),
 * prints by itself, and waits for ever on a frozen peer. What counts is its
 * JSON; its return value does not.
 *
 * iperf_child.c is the only file that includes iperf_api.h.
 */
struct iperf_args {
	int server;       /* the station listens; else it connects */
	const char *host; /* numeric: to connect to, or to listen on */
	int port;
	int udp, reverse;  /* reverse: the server sends (client only) */
	int seconds, omit; /* whole, seconds >= 1 */
	double rate_bps;   /* 0: as fast as it goes; needed for UDP */
	int64_t connect_ms;
};

struct iperf_result {
	double rate_bps; /* what arrived */
	double seconds;
	double retransmits; /* NAN: not told */
	double jitter_ms;   /* UDP; NAN: not told */
	double loss;        /* UDP, 0..1; NAN: not told */
	double rtt_ms;      /* NAN: not told */
};

struct iperf_child {
	pid_t pid;
	int fd;         /* its JSON */
	int64_t due_ms; /* the watchdog */
	struct iperf_args args;
};

/* Fork it. A server listens when this returns. ERR_BUSY: the port is in use;
 * ERR_IO. */
int iperf_child_start(struct iperf_child *c, const struct iperf_args *a, int64_t until_ms,
		      struct err *err);

/* Wait for its result until the watchdog or until_ms; the child is gone
 * afterwards. ERR_PEER_* and ERR_PEER tell what the peer did. */
int iperf_child_finish(struct iperf_result *out, struct iperf_child *c, int64_t until_ms,
		       struct err *err);

/* End it without a result; safe when it is gone. */
void iperf_child_kill(struct iperf_child *c);

/* The result of libiperf's JSON, judged: no "error", sum_received there with
 * bytes and a rate above 0, a duration near the one asked for. */
int iperf_result_parse(struct iperf_result *out, const char *json, size_t len,
		       const struct iperf_args *a, struct err *err);

#endif /* STATION_STEP_IPERF_CHILD_H */
