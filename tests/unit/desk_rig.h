#ifndef TESTS_UNIT_DESK_RIG_H
#define TESTS_UNIT_DESK_RIG_H

#include "floor/desk.h"
#include "floor/people.h"

/*
 * desk_rig -- a station without front-ends in a folder of its own: commands in, what they
 * lead to, what is told and what is recorded out. It has two slots, and plans for units A...
 * (1 ms) and L... (300 ms, asks before a unit that passed is tested again).
 */
extern char dir[40];
extern struct station *st;
extern struct desk *desk;
extern struct desk_outcome o; /* of the last command */
extern const char *again;     /* scanned for slot 1 in the moment when a run is recorded */
extern char again_said[40];

/* Notices: their codes, the last text, all texts. */
extern char told[4000], told_last[600], told_texts[8000];
void on_notice(void *payload, const struct floor_notice *n);

/* With more lines of station.conf. */
void begin(const char *more);
void end(void);

/* Files beside station.conf: their path, valid for four calls; a file; one that runs; what
 * is in one, valid until the next call. */
const char *at(const char *name);
void put(const char *name, const char *text);
void program(const char *name, const char *text);
const char *written(const char *name);

/* A command; the code of what came of it. */
const char *give(enum floor_do what, const char *slot, const char *text, const char *reason);
const char *scan(const char *text);

/* A unit on this slot, from its scan to its verdict. */
void test_on(const char *slot, const char *serial);

/* The badge of somebody new, who reads English; valid for four calls. */
const char *badge_of(const char *id, enum people_role role);

/* For 10 s at the most: until nothing runs, the slot is in this state, and at this step. */
void turn_until_idle(void);
void turn_until(size_t slot, enum floor_state state);
void turn_until_step(size_t slot, enum floor_state state, size_t step);

/* While the first step of slot 1 is at work. */
void kill_worker(void);

/* What the record says was decided: "WHAT SERIAL SLOT IS REASON by BY; "; valid until the
 * next call. */
const char *decided(void);

#endif /* TESTS_UNIT_DESK_RIG_H */
