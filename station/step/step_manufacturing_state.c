/* manufacturing_state -- finalise the unit, once and for good. */
#include "step/step.h"

#include <string.h>

struct args {
	const char *state;
	int64_t confirm, within_ms;
};

static int read_state(char out[64], struct step_ctx *ctx, const struct args *args,
		      const char *measure, struct err *err)
{
	struct board *b = step_board(ctx);
	int64_t until = step_within(ctx, args->within_ms);

	if (b->driver->ops.state(out, 64, b, until, err) < 0)
		return err_wrap(err, "reading the manufacturing state");
	step_measure(ctx, measure, value_text(out), out, NULL);
	return 0;
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *args = p;
	struct board *b = step_board(ctx);
	struct err later = { 0 };
	char state[64];
	int64_t until;
	int r;

	if (!args->confirm)
		return err_set(err, ERR_PLAN, "'confirm' is no");
	if (read_state(state, ctx, args, "before", err) < 0)
		return err->code;
	if (!strcmp(state, args->state)) {
		step_measure(ctx, "state", value_text(state), state, SAID("it was so before"));
		return 0;
	}
	until = step_within(ctx, args->within_ms);
	r = b->driver->ops.finalise(b, args->state, until, err);
	/* Whatever the answer was, what counts is what the unit is now. */
	if (read_state(state, ctx, args, "state", &later) < 0 && r >= 0) {
		*err = later;
		return err->code;
	}
	return r < 0 ? err_wrap(err, "setting the manufacturing state to %s", args->state) : 0;
}

static void imply(const void *p,
		  void (*add)(void *sink, const char *key, const char *measure, const char *expr),
		  void *sink)
{
	struct sbuf expr = { 0 };

	sbuf_printf(&expr, "== %s", ((const struct args *)p)->state);
	add(sink, "state", "state", sbuf_str(&expr));
	sbuf_release(&expr);
}

static void lint(const void *p, const struct step_lint *l)
{
	const struct args *args = p;
	const struct ini_key *k = ini_key(l->section, "confirm");

	if (!args->confirm)
		finding_add(l->findings, k ? &k->value_at : &l->section->at, FINDING_BAD_VALUE,
			    "'confirm' must be yes: the unit becomes %s for good", args->state);
}

static const struct param params[] = {
	{ .name = "state",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct args, state),
	  .preset = "DeviceComplete",
	  .help = "The state to set, as the board names it." },
	{ .name = "confirm",
	  .type = PARAM_BOOL,
	  .offset = offsetof(struct args, confirm),
	  .help = "Must be yes: whoever writes the plan knows that it cannot be undone." },
	{ .name = "within",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, within_ms),
	  .min = 1,
	  .max = 600000,
	  .preset = "10 s",
	  .help = "How long the unit may take for one answer." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "before", .type = VALUE_TEXT, .help = "The state before." },
	{ .name = "state", .type = VALUE_TEXT, .help = "The state as read afterwards." },
	{ .name = NULL },
};

const struct step_driver step_manufacturing_state = {
	.name = "manufacturing_state",
	.summary = "finalise the unit for good: set its manufacturing state",
	.help = "It cannot be undone. It runs only when every step before it passed in this run, "
		"once,\n"
		"and is never repeated: neither by the engine nor by the link. Afterwards the "
		"state "
		"is\n"
		"read, also when the unit did not answer. A unit that is in the state already is "
		"left\n"
		"alone. Another state than the one that was set blames the unit.",
	.params = params,
	.measures = measures,
	.asks = BOARD_STATE | BOARD_FINALISE,
	.timeout_ms = 60000,
	.args_size = sizeof(struct args),
	.imply = imply,
	.lint = lint,
	.run = run,
	.final = 1,
};
