#ifndef TESTS_UNIT_DIALOGUE_RIG_H
#define TESTS_UNIT_DIALOGUE_RIG_H

#include "tests/unit/ui_rig.h"

/*
 * dialogue_rig -- a screen of 24 lines and 80 columns: keys in, commands out.
 */
extern struct ui_rig r;

void start(size_t slots);
void sent(const char *what); /* since the last call, and nothing else */
void ask(size_t slot, const char *kind, const char **choice, size_t choices);
void press(int n, const enum input_key *keys);
#define PRESS(...)                                                                                 \
	press((int)(sizeof((enum input_key[]){ __VA_ARGS__ }) / sizeof(enum input_key)),           \
	      (enum input_key[]){ __VA_ARGS__ })

#endif /* TESTS_UNIT_DIALOGUE_RIG_H */
