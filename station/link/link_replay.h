#ifndef STATION_LINK_LINK_REPLAY_H
#define STATION_LINK_LINK_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * link_replay -- a recorded board: it says what it said, after the station has
 * said what it said then. The format is described in link_record.c.
 *
 * Bytes count, not how they were cut into reads and writes, nor when. A station
 * that says something else than in the recording gets ERR_RECORDING with the file and
 * line; recorded failures (an unplugged cable) come back where they were.
 *
 * "replay:FILE,speed=1" keeps the board's times (2: twice as fast); without
 * speed the board answers at once, and a read where the board waits for the
 * station ends at once.
 */
enum { RECORDING_VERSION = 1, RECORDING_MAX = 64 << 20 };

struct replay_event {
	int64_t at_ns; /* since the channel was opened */
	char kind;     /* as in the file */
	const char *bytes;
	size_t n;
	const char *call;   /* kind '!': "read" */
	enum err_code code; /* and its code and text */
	const char *text;
	int line; /* of the file */
};

struct recording { /* one session of one channel */
	const char *path;
	struct replay_event *event;
	size_t count;
};

/* Read the session (from 1) of a channel. slot 0: the slot of the first line of
 * that role. Lives in the arena. ERR_FILE; ERR_RECORDING: it is none, or
 * holds nothing of this channel. */
int recording_load(struct recording *out, struct arena *a, const char *path, const char *role,
		   int slot, int session, struct err *err);

#endif /* STATION_LINK_LINK_REPLAY_H */
