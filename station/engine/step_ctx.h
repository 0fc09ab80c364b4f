#ifndef STATION_ENGINE_STEP_CTX_H
#define STATION_ENGINE_STEP_CTX_H

#include "base/arena.h"
#include "step/step.h"

/*
 * step_ctx -- the engine's side of step.h. What a driver reports goes to a
 * sink: in a worker the wire to the supervisor, in unit tests a list.
 */
struct step_sink {
	void (*measure)(void *payload, const char *name, struct value v, const char *raw,
			const char *note);
	void (*progress)(void *payload, double done, const char *what);
	int (*ask)(void *payload, char *out, size_t size, const struct step_question *q,
		   int64_t until_ms, struct err *err);
	int (*claim)(void *payload, char *other, size_t size, const char *kind, const char *value,
		     struct err *err);
};

struct step_ctx {
	const struct step_driver *driver;
	struct arena *arena;
	struct board *board;             /* or NULL */
	const struct fixture_slot *slot; /* or NULL */
	const char *serial;              /* or NULL */
	int64_t until_ms;
	const struct step_sink *sink;
	void *payload;
};

#endif /* STATION_ENGINE_STEP_CTX_H */
