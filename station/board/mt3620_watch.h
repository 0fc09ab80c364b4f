#ifndef STATION_BOARD_MT3620_WATCH_H
#define STATION_BOARD_MT3620_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * mt3620_watch -- what the packets of a call that was not answered prove: a silent unit,
 * or a line that loses.
 *
 * Whoever says that a unit did not answer in time says that the line is whole. TCP knows:
 * the watch looks at each whole packet of one connection, either way, and keeps how far
 * each side has come. A call that ran out of time ends with a probe, a segment that lies
 * before what the board has acknowledged. TCP answers it at once, whatever the program
 * above it does, with the number of its next byte and of the next one that it waits for
 * (RFC 793, page 69; RFC 1122, 4.2.3.6). So an answer that was lost on its way is told
 * from one that was never given. The unit is blamed only if the probe was answered, the
 * board's TCP has each byte of the request, we have each byte that it sent, and what was
 * lost before was repaired in the first half of the time that the call had. A probe tells
 * the board once more what we have; if it speaks then, an acknowledgement had been lost.
 *
 * source  RFC 793, 1071, 1122
 */
enum { TCP_PROBE = 40 }; /* bytes of a probe: an IPv4 packet */

struct tcp_watch {           /* ready when zeroed; follows the connection of the last SYN sent */
	uint16_t port;       /* ours; 0: no SYN was sent */
	uint32_t first;      /* number of our SYN */
	uint32_t sent_to;    /* next byte of ours, and how far the board acknowledged */
	uint32_t acked_to;   /* that */
	uint32_t said_to;    /* next byte of the board's as far as it told, and how far we have */
	uint32_t heard_to;   /* it in order */
	uint16_t window;     /* of the board, as it told last */
	int open;            /* its SYN came */
	int ended;           /* FIN or RST of the board came, all that went before, too */
	unsigned long heard; /* its segments */
	unsigned long lost;  /* segments that either side sent again, gaps in what came */
	int64_t moved_ms;    /* either side came on */
};

/* Look at a whole IPv4 packet that is sent, or that came. Packets of other connections
 * are none of ours, and a SYN begins another one. Returns whether it shows that something
 * was lost. */
int tcp_watch_sent(struct tcp_watch *w, const uint8_t *ip, size_t n, int64_t now_ms);
int tcp_watch_heard(struct tcp_watch *w, const uint8_t *ip, size_t n, int64_t now_ms);

/* The probe of an open connection. */
void tcp_watch_probe(uint8_t out[TCP_PROBE], const struct tcp_watch *w);

/* All that is known of a call that got no answer. */
struct call_evidence {
	struct tcp_watch watch;    /* of its longest try, after its probe */
	int timed_out;             /* that try; or the connection broke */
	char why[128];             /* as libcurl calls that */
	int no_tls;                /* the board answered it with what is none that we take */
	int probed;                /* the probe was answered */
	int sent;                  /* the board got to see some of the request */
	int64_t from_ms, until_ms; /* of that try */
	/* Of the whole call: */
	unsigned long good, bad, bytes; /* packets, whole and damaged; bytes of either */
	unsigned long lost;             /* see tcp_watch */
	unsigned long lost_before; /* of these, before the last packet came: that is no silence */
	int alive;                 /* one came in the second half of its time */
	int held;                  /* flow control held up what was to be sent */
};

/* Sets err. ERR_LINE it is the line; ERR_SILENT the board is gone, or the line is: open;
 * ERR_PROTO it broke the connection after it got the call; ERR_TIMEOUT it lives, has got
 * all, and says nothing. */
int call_judge(const struct call_evidence *e, struct err *err);

#endif /* STATION_BOARD_MT3620_WATCH_H */
