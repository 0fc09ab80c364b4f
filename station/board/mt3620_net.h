#ifndef STATION_BOARD_MT3620_NET_H
#define STATION_BOARD_MT3620_NET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sbuf.h"
#include "link/link.h"

/*
 * mt3620_net -- HTTPS to a board behind SLIP on its service UART, within this
 * process: TCP/IP by libslirp, TLS and HTTP by libcurl, bytes by the link.
 *
 * Every board has the address 192.168.35.2 and each has a stack of its own here,
 * so boards side by side never meet. The stack is restricted: the board reaches
 * nothing through it. libcurl enters it by a Unix socket in a folder of mode 0700,
 * so no other user of the PC reaches the board, and no TCP port is opened. The
 * folder goes with the net; one that a killed process left is cleared by the next
 * mt3620_net_open() of the same user: its lock is free.
 *
 * Everything but the link is in this process. So one loop lets curl and the stack
 * run until neither can go on, and then waits for a byte or a timer.
 *
 * A call is made again until until_ms while the board does not take it: it may be
 * booting. One that the board has got and breaks off is not: a board that restarts in
 * the middle shows a defect. So each call has a connection of its own: on a reused one
 * libcurl repeats a call by itself, and tells nobody. It costs a handshake.
 */
struct mt3620_net;

struct net_counts {
	unsigned long sent, received; /* packets that were whole */
	unsigned long bad;            /* damaged packets, and losses that the chip told */
	unsigned long bytes;          /* received, good or bad */
	unsigned long repeats;        /* calls made again */
	unsigned long held;           /* writes that flow control held up */
	unsigned long lost;           /* seen by TCP: mt3620_watch.h */
	unsigned long lost_before;    /* of these, before the last whole packet came */
	int64_t heard_ms;             /* when that came; 0: never */
};

struct net_call {
	const char *method, *path; /* path begins with '/', and is plain ASCII */
	const void *body;          /* NULL: none */
	size_t size;
	const char *type; /* of body, "application/json" */
	size_t max;       /* longest answer in bytes; 0: MT_REST_ANSWER_MAX */
};

struct net_answer { /* ready when zeroed; of the last try */
	long status;
	char api[24]; /* header REST-API-Version, or "" */
	struct sbuf body;
};

/* trust: file with the one CA that the board's certificate must come from. The
 * link is borrowed and set to the line of the service UART. ERR_CONF: trust cannot
 * be read; ERR_IO; ERR_GONE. */
int mt3620_net_open(struct mt3620_net **out, struct link *service, const char *trust,
		    struct err *err);
void mt3620_net_close(struct mt3620_net *n); /* NULL is fine */

/* Make one call; any HTTP status is an answer. Codes: ERR_SILENT nothing comes
 * from the board; ERR_TIMEOUT it lives, has got the call, and does not answer; ERR_LINE
 * packets are damaged or lost; these by what mt3620_watch.h tells. ERR_TRUST; ERR_PROTO no HTTP,
 * too long an answer, or the board broke the connection after it got the call; ERR_GONE, ERR_IO. */
int mt3620_net_call(struct net_answer *out, struct mt3620_net *n, const struct net_call *c,
		    int64_t until_ms, struct err *err);

/* Let time pass until until_ms with the stack alive. ERR_GONE, ERR_IO. */
int mt3620_net_wait(struct mt3620_net *n, int64_t until_ms, struct err *err);

/* Forget all connections: the board restarts, and they are dead. */
void mt3620_net_forget(struct mt3620_net *n);

const struct net_counts *mt3620_net_counts(const struct mt3620_net *n);

#endif /* STATION_BOARD_MT3620_NET_H */
