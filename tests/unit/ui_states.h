#ifndef TESTS_UNIT_UI_STATES_H
#define TESTS_UNIT_UI_STATES_H

#include "floor/model.h"
#include "ui/ui.h"

/*
 * ui_states -- every state of the operator's screen: what the station tells, and what is
 * pressed. The golden screens (tests/tools/screens.c) draw each in several terminals.
 *
 * Rows that follow from tables of the program are made from them: a state of a slot, a
 * verdict, a view, a line of a menu, a reason of the policy. One that is added there and
 * has no scene here, or no golden screen, fails the test.
 */
struct ui_scene {
	struct arena arena;
	struct floor_slot slot[UI_SLOTS_MAX];
	size_t slots;
	struct floor_status status;
	struct floor_notice notice; /* said once; text NULL: none */
	int64_t now_ms;
};

/* Terminals that a state is drawn in. */
enum {
	UI_IN_LINUX = 1 << 0,
	UI_IN_LARGE = 1 << 1, /* tmux 300 x 90 */
	UI_IN_ASCII = 1 << 2, /* colours without UTF-8 */
	UI_IN_VT_GERMAN = 1 << 3,
};

struct ui_state {
	const char *name;
	int slots; /* 0: 4; below 0: none */
	void (*set)(struct ui_scene *s, size_t arg);
	size_t arg;
	/* Lines: `key NAME`, `type TEXT`, `resize ROWS COLS`, `silent`, `gone`; behind
	 * " > " what is then seen, as it is in English. */
	const char *script;
	int also; /* bits UI_IN_*, beside the usual terminals */
};

/* All of them, in arena a; *problems counts what has no scene, told on stderr. */
const struct ui_state *ui_states(struct arena *a, size_t *n, int *problems);

void ui_scene_begin(struct ui_scene *s, size_t slots, const char *language);
/* What the station answers. */
void ui_scene_reply(struct ui_scene *s, struct floor_reply *r, const struct floor_command *c);
extern const char ui_scene_console[], ui_scene_measures[]; /* of a slot that is watched */

/* Everything that the station says, one notice for each code; and the one of a code, or NULL. */
const struct floor_notice *ui_notices(size_t *n);
const struct floor_notice *ui_notice_of(const char *code);

#endif /* TESTS_UNIT_UI_STATES_H */
