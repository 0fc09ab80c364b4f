#ifndef STATION_FLOOR_QUERY_H
#define STATION_FLOOR_QUERY_H

#include "base/loop.h"
#include "floor/proto.h"
#include "station.h"

/*
 * query -- what a front-end asks the record: each question is answered by a child that
 * only reads, so that no disk holds the loop up. It has QUERY_MS, then it is killed and
 * the answer says so.
 */
enum { QUERY_MS = 10000, QUERY_MAX = 4, QUERY_ROWS = 200 /* units of FIND, RUNS of a unit */ };

struct queries;
struct queries *queries_new(struct station *st);
void queries_free(struct queries *q); /* NULL is fine; nobody is told */

int queries_takes(enum floor_do what); /* 1: FIND, RUNS, SHOW */

/* What queries_takes(). told: for each message of the reply, from the loop, the last one without
 * `more`. ERR_BUSY: there are QUERY_MAX; ERR_USAGE: another command. */
int queries_ask(struct queries *q, const struct floor_command *c,
		void (*told)(void *payload, uint64_t whose, const struct floor_message *m),
		void *payload, uint64_t whose, struct err *err);
int queries_busy(const struct queries *q);

#endif /* STATION_FLOOR_QUERY_H */
