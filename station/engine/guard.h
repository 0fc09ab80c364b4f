#ifndef STATION_ENGINE_GUARD_H
#define STATION_ENGINE_GUARD_H

#include "link/fixture.h"

/*
 * guard -- a small process beside each run whose fixture drives pins. An FT4232H keeps
 * its outputs when the program that set them dies. A worker that is lost is seen to by
 * the supervisor; when both are killed at once nobody is left, and a board would stay in
 * reset until the next run. The guard waits for that: it holds nothing but one end of a
 * socket whose other end supervisor and worker share, opens no device before, and then releases
 * every output of the slot.
 */
struct guard;

/* NULL: the fixture drives nothing. ERR_IO (in err): no process can be had. */
struct guard *guard_start(const struct fixture *f, const struct fixture_slot *s, struct err *err);

/* The end that a worker keeps open as long as it lives; -1 of NULL. */
int guard_fd(const struct guard *g);

/* The run is over. released: its outputs are; else the guard releases them now, and is
 * waited for, but not for long. NULL is fine. */
void guard_end(struct guard *g, int released);

#endif /* STATION_ENGINE_GUARD_H */
