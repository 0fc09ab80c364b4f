#ifndef STATION_FLOOR_CLIENT_H
#define STATION_FLOOR_CLIENT_H

#include "floor/proto.h"

/*
 * client -- a front-end's end of the socket: connects to the station that holds
 * the record, starts `station serve` when there is none, and keeps the picture.
 * Nothing here waits, but for client_open().
 */
struct client;

struct client_ops { /* called from client_ready(); NULL: not wanted */
	void (*slot)(void *payload, size_t index); /* its picture changed */
	void (*status)(void *payload);
	void (*notice)(void *payload, const struct floor_notice *n);
	void (*console)(void *payload, size_t index, const char *text, size_t len);
	void (*measure)(void *payload, size_t index, const char *text);
	void (*reply)(void *payload, const struct floor_reply *r); /* whole, all packets */
	void (*gone)(void *payload); /* the station ended; client_reopen() tries again */
};

/* path: the socket. self: program to start as `self [-c conf] serve --idle-exit` when
 * nobody listens, or NULL: ERR_GONE then. Waits until the station's first picture is
 * here or until_ms (ERR_TIMEOUT); a station that could not start says why in err. */
int client_open(struct client **out, const char *path, const char *self, const char *conf,
		const struct client_ops *ops, void *payload, int64_t until_ms, struct err *err);
void client_close(struct client *c); /* NULL is fine */

/* When the station said something last, clock_ms(): it does so each SERVER_BEAT_MS. */
int64_t client_heard_ms(const struct client *c);
int client_fd(const struct client *c);       /* to poll; -1: gone */
short client_events(const struct client *c); /* POLLIN, POLLOUT while something is unsent */
void client_ready(struct client *c, short revents);

/* Try to connect again, without waiting. 0, or a negative code. A station that died (it did
 * not end: its socket is still there) is started again where client_open() may start one. */
int client_reopen(struct client *c, struct err *err);

size_t client_slots(const struct client *c);
const struct floor_slot *client_slot(const struct client *c, size_t index); /* lent */
const struct floor_status *client_status(const struct client *c);           /* lent */

/* Queue a command; returns its id, which the reply carries. ERR_GONE: not connected. */
int64_t client_do(struct client *c, const struct floor_command *command, struct err *err);
void client_shown(struct client *c, const char *run);

#endif /* STATION_FLOOR_CLIENT_H */
