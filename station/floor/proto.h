#ifndef STATION_FLOOR_PROTO_H
#define STATION_FLOOR_PROTO_H

#include "floor/model.h"

/*
 * proto -- the model and commands as messages between `station serve` and its
 * front-ends: one JSON object for each packet of a SOCK_SEQPACKET Unix socket,
 * DATA/station.sock, rights 0660. A packet holds at most FLOOR_PACKET bytes; what
 * is longer (reports, lists) comes in several packets with "more".
 *
 * Keys stand in one flat object beside "type"; what is zero or NULL is left out.
 * The text of a command and of a console is escaped by text_escape(), since it may
 * hold any bytes; any other text is clean, or is made so when it is read.
 *
 * A side that reads something it does not understand says so in err and drops
 * the connection: both ends are of one build, and hello tells the version.
 */
enum { FLOOR_PACKET = 96 * 1024 };

enum floor_message_type {
	FLOOR_HELLO,  /* server first: version, pid, names of the slots in order */
	FLOOR_SLOT,   /* index, struct floor_slot: whenever it changed, at most 10 times a second */
	FLOOR_STATUS, /* struct floor_status */
	FLOOR_NOTICE, /* struct floor_notice */
	FLOOR_CONSOLE, /* index, text: escaped output of the watched slot; "": a run begins, what
			* comes is of it */
	FLOOR_MEASURE, /* index, text: one measurement of the watched slot as it arrives */
	FLOOR_REPLY,   /* struct floor_reply */
	FLOOR_COMMAND, /* client: struct floor_command */
	FLOOR_SHOWN,   /* client: run id (text): its verdict is on a screen */
	FLOOR_MESSAGE_END_
};

struct floor_message {
	enum floor_message_type type;
	struct arena arena; /* of what a decoded message holds; floor_message_release() */
	int64_t index;      /* of the slot */
	const char *text;
	size_t len;
	const char *version;
	int64_t pid;
	const char **slot_name;
	size_t slot_names;
	int more; /* REPLY: further rows follow in the next packet */
	struct floor_slot slot;
	struct floor_status status;
	struct floor_notice notice;
	struct floor_reply reply;
	struct floor_command command;
};

/* Appends. Text is cut where a packet would be too long, but for that of a command,
 * which the sender must keep below FLOOR_SCAN bytes. */
enum { FLOOR_SCAN = 8 * 1024 };
void floor_encode(struct sbuf *out, const struct floor_message *m);
/* ERR_PROTO: no such message; what was wrong stands in err, and *m holds nothing. What
 * *m held before is overwritten, not released. */
int floor_decode(struct floor_message *m, const char *bytes, size_t len, struct err *err);
/* A reply as messages that each fit into a packet. */
void floor_reply_split(const struct floor_reply *r,
		       void (*send)(void *payload, const struct floor_message *m), void *payload);
void floor_message_release(struct floor_message *m); /* safe when zeroed */

const char *floor_state_word(enum floor_state s);
const char *floor_do_word(enum floor_do d);
const char *floor_do_help(enum floor_do d);
enum floor_do floor_do_find(const char *word); /* FLOOR_DO_NONE: no such word */
const char *floor_notice_word(enum floor_notice_kind k);

#endif /* STATION_FLOOR_PROTO_H */
