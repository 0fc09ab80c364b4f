#ifndef TESTS_UNIT_UI_MODELS_H
#define TESTS_UNIT_UI_MODELS_H

#include "floor/model.h"

/* ui_models -- made-up slots and a made-up status, for tests of front-ends. Times are
 * those of a clock_ms() of 1000000. */
struct floor_slot model_slot(struct arena *a, size_t i); /* slot i + 1, nothing plugged in */
struct floor_status model_status(void);
void model_run(struct floor_slot *s, struct arena *a, size_t i);
void model_end(struct floor_slot *s, struct arena *a, size_t i, enum verdict v);
void model_any(struct floor_slot *s, struct arena *a, size_t i); /* the states in turn */

#endif /* TESTS_UNIT_UI_MODELS_H */
