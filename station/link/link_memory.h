#ifndef STATION_LINK_LINK_MEMORY_H
#define STATION_LINK_LINK_MEMORY_H

#include "link/link.h"

/*
 * link_memory -- a channel without a cable, for unit tests: a script of what is
 * heard and what is then said. It never waits: a read with nothing left to say
 * reports that the time is up. With `waits` it moves the frozen clock instead, so
 * that a test sees every deadline pass and takes no time.
 */
struct memory_turn {
	const char *hear;   /* the exact bytes of one write; "" matches a write of nothing */
	const char *say;    /* NULL: nothing comes back */
	enum err_code fail; /* not ERR_OK: the write fails with this, as a pulled cable does */
	size_t hear_len;    /* 0: hear is text and ends at its NUL; else it may hold NULs */
	size_t say_len;     /* likewise */
	/* Not ERR_OK: reads fail with this once say has been read; ERR_LINE once. */
	enum err_code then;
	int64_t delay_ms; /* say comes that much later; only with `waits` */
};

struct link_memory {
	struct link link;
	const struct memory_turn *turn; /* next one, ended by .hear == NULL */
	const char *rest;               /* still to be read */
	size_t rest_len;
	enum err_code then;    /* of the turn that is being read */
	size_t chunk;          /* most bytes that a read gives; 0: as many as there are */
	int tunes, drops;      /* calls so far */
	struct link_line line; /* of the last tune */
	char events[32];       /* what link_event() was told, as text: "43 06 00 " */
	/* A read of nothing freezes the clock at its deadline; writes and drops after
	 * theirs are ERR_TIMEOUT. The clock must be frozen. */
	int waits;
	int64_t due_ms; /* when the turn that is being read says something */
};

/* Needs no release. turns are borrowed and must live as long as m. */
void link_memory_init(struct link_memory *m, const struct memory_turn *turns);

/* The board says something unasked, after what is still to be read; borrowed.
 * Only when nothing is left to be read. */
void link_memory_say(struct link_memory *m, const void *bytes, size_t n);

/* All turns were heard and all that was said was read. */
int link_memory_done(const struct link_memory *m);

#endif /* STATION_LINK_LINK_MEMORY_H */
