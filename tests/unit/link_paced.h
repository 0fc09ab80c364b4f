#ifndef TESTS_UNIT_LINK_PACED_H
#define TESTS_UNIT_LINK_PACED_H

#include "step_rig.h"

/* link_paced -- a link whose words come with pauses on the frozen clock, or without end. What
 * is written to it is taken and forgotten. */
struct link_paced {
	struct link link;
	const char *say;  /* a byte for each read */
	size_t pause_at;  /* before this byte a pause of pause_ms; from paced_open(): none */
	int64_t pause_ms; /* since paced_open() */
	char fill;        /* 0: say ends; else it goes on with this for ever */
	int every_ms;     /* 0; else all of say for each read, so long after the last, for ever */
	size_t at;        /* bytes that were read */
	int64_t from_ms;
	int paused;
};

enum { PACED_FILL = 700 }; /* bytes for each read */

/* A rig with a console board, whose link this is. */
void paced_open(struct link_paced *p, struct rig *r, const char *say);
#define CONSOLE_STEP "kind = console\nsend = x\nexpect = /x/\n" /* a step on such a board */
extern const struct link_ops paced_ops;

#endif /* TESTS_UNIT_LINK_PACED_H */
