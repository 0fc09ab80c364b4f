#ifndef STATION_BOARD_MT3620_HTTP_H
#define STATION_BOARD_MT3620_HTTP_H

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

#include "board/mt3620_net.h"

/*
 * mt3620_http -- one call as libcurl gets it: verified TLS, HTTP/1.1, a bound on the
 * answer, a connection of its own that no proxy and no other authority has a part in.
 * Who drives libcurl is mt3620_net.c.
 */
#define HTTP_HOST "unit.devices.sphere.azure.local" /* the leaf has a wildcard, mt3620.md 5.1 */

struct http_try { /* set: call and answer */
	const struct net_call *call;
	struct net_answer *answer;
	size_t headers, uploaded;
	int too_long;               /* the answer */
	char told[CURL_ERROR_SIZE]; /* by libcurl of a failure; may quote the board */
	struct curl_slist *list;
};

/* libcurl is there, before any call of those below; or ERR_LIBRARY. */
int http_load(struct err *err);

/* Everything that `e` has to know. trust: file with the authority. socket: the way to the
 * board. for_ms: when libcurl gives up. t stays where it is until http_end(). */
void http_begin(struct http_try *t, CURL *e, const char *trust, const char *socket, int64_t for_ms);
void http_end(struct http_try *t, CURL *e);

/* The bytes that an answer, or its headers, may have: of which it had more, too_long. */
size_t http_longest(const struct http_try *t);

#endif /* STATION_BOARD_MT3620_HTTP_H */
