/* recovery -- the board is reflashed and comes back. */
#include "step/step.h"

#include <unistd.h>

#include "base/clock.h"

struct args {
	const char *images;
};

static void tell(void *ctx, double done, const char *what)
{
	step_progress(ctx, done, what);
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *args = p;
	struct board *b = step_board(ctx);
	int64_t start = clock_ms();
	int r = b->driver->ops.recover(b, args->images, tell, ctx, step_until_ms(ctx), err);

	if (r < 0)
		return err_wrap(err, "recovery");
	step_measure(ctx, "done", value_bool(1), NULL, NULL);
	step_measure(ctx, "duration", value_num((double)(clock_ms() - start) / 1000, "s"), NULL,
		     NULL);
	return 0;
}

static void imply(const void *p,
		  void (*add)(void *sink, const char *key, const char *measure, const char *expr),
		  void *sink)
{
	(void)p;
	add(sink, NULL, "done", "== yes");
}

static void lint(const void *p, const struct step_lint *l)
{
	const struct args *args = p;
	const struct ini_key *k = ini_key(l->section, "images");

	if (k && args->images && access(args->images, R_OK | X_OK))
		finding_add(l->findings, &k->value_at, FINDING_NO_SUCH_PATH,
			    "'images' is '%s', which is no folder that can be read", args->images);
}

static const struct param params[] = {
	{ .name = "images",
	  .type = PARAM_PATH,
	  .offset = offsetof(struct args, images),
	  .optional = 1,
	  .help = "Folder of the images; left out where the board holds its own." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "done", .type = VALUE_BOOL, .help = "The unit was reflashed and came back." },
	{ .name = "duration",
	  .type = VALUE_NUM,
	  .unit = "s",
	  .help = "Time from the start of the recovery until the unit was ready." },
	{ .name = NULL },
};

const struct step_driver step_recovery = {
	.name = "recovery",
	.summary = "reflash the unit and wait until it is back",
	.help = "A unit that reports a failure, stops half way or does not come back is to blame.",
	.params = params,
	.measures = measures,
	.asks = BOARD_RECOVER,
	.timeout_ms = 600000,
	.args_size = sizeof(struct args),
	.imply = imply,
	.lint = lint,
	.run = run,
};
