#ifndef STATION_FLOOR_SERVER_H
#define STATION_FLOOR_SERVER_H

#include "base/loop.h"
#include "floor/proto.h"

/*
 * server -- the station's end of the socket. Front-ends come and go; each is told
 * the whole picture when it connects and what changed afterwards. Nothing here
 * waits for any of them: what a client does not take is kept up to a bound, a
 * picture that was not taken yet is replaced by the newer one, and a client that
 * takes nothing for SERVER_STALL_MS, or lets its queue overflow, is dropped.
 */
struct server;
struct server_client; /* lent during a callback */

enum {
	SERVER_CLIENTS = 32,      /* at a time; further ones are turned away */
	SERVER_STALL_MS = 10000,  /* our choice */
	SERVER_QUEUE = 1 << 20,   /* bytes of replies and notices for one client */
	SERVER_STREAM = 64 << 10, /* above so many queued bytes console text is left out */
	SERVER_HARD_MS = 100,     /* least time between two pictures of a slot */
	SERVER_SOFT_MS = 500,     /* the same when only progress changed */
	SERVER_BEAT_MS = 1000,    /* the status is said again so often though nothing changed */
};

struct server_ops {
	const struct floor_slot *(*slot)(void *payload, size_t index);
	const struct floor_status *(*status)(void *payload);
	void (*command)(void *payload, struct server_client *from, const struct floor_command *c);
	void (*shown)(void *payload, const char *run);
	void (*clients)(void *payload, size_t n); /* so many are connected now; or NULL */
};

/* Listen at path, rights 0660. A socket that nobody listens at is replaced.
 * ERR_BUSY: a station listens there; ERR_FILE. names[slots]: borrowed. */
int server_open(struct server **out, struct loop *l, const char *path, const char *const *names,
		size_t slots, const struct server_ops *ops, void *payload, struct err *err);
void server_close(struct server *s); /* NULL is fine; tells what is left, removes the socket */
/* Now and then: a socket that somebody removed is made again. NULL is fine. */
void server_look(struct server *s);
void server_deaf(struct server *s); /* takes no further clients; the socket goes */

/* Told to every client, soon. */
void server_slot_changed(struct server *s, size_t index, int soft);
void server_status_changed(struct server *s);
void server_notice(struct server *s, const struct floor_notice *n);

/* To one client. reply->id is set by the caller. */
void server_reply(struct server_client *to, const struct floor_reply *r);
void server_forward(struct server_client *to, const struct floor_message *m);

/* What stays of a client beyond a callback. NULL: it left. */
uint64_t server_client_number(const struct server_client *c);
struct server_client *server_client_find(const struct server *s, uint64_t number);
void server_watch(struct server_client *c, int64_t index); /* -1: none */

/* To those that watch the slot. */
void server_console(struct server *s, size_t index, const char *text, size_t len);
void server_console_begins(struct server *s, size_t index); /* and measurements: of a new run */
void server_measure(struct server *s, size_t index, const char *text);

size_t server_clients(const struct server *s);

/* A connected, non-blocking socket, or -1 with errno. Long paths are no matter. */
int server_connect(const char *path);

#endif /* STATION_FLOOR_SERVER_H */
