#ifndef STATION_BOARD_MT3620_ENDED_H
#define STATION_BOARD_MT3620_ENDED_H

#include <curl/curl.h>

#include "board/mt3620_net.h"

/* mt3620_ended -- what it means that libcurl ended a call in this way; told: its words,
 * in which it may quote the board. */

/* What ends the call for good, however much time is left: ERR_TRUST, ERR_CONF, ERR_PROTO,
 * ERR_IO. 0: something that may be otherwise at the next try. */
int mt3620_ended(const struct net_call *c, CURLcode r, const char *told, const char *trust,
		 const char *host, struct err *err);

/* The board answers, and what it says is no TLS that we take. A line or a board that
 * breaks off in the handshake ends in an "unexpected eof", or in no word of OpenSSL. */
int mt3620_is_no_tls(CURLcode r, const char *told);

#endif /* STATION_BOARD_MT3620_ENDED_H */
