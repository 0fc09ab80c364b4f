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

/* What a family tells of its recovery; a failed one shows how far it came. */
static void report(struct step_ctx *ctx, const struct board_recovered *d)
{
	if (!d->files)
		return;
	for (size_t i = 0; i < d->files; i++)
		step_measure_at(ctx, "file_sha256", (int)i + 1, value_text(d->file[i].sha256), NULL,
				arena_printf(step_arena(ctx), "%s, %zu bytes", d->file[i].name,
					     d->file[i].size));
	step_measure(ctx, "images_sha256", value_text(d->sha256), NULL, NULL);
	step_measure(ctx, "images", value_num((double)d->images, NULL), NULL, NULL);
	step_measure(ctx, "bytes", value_num((double)d->bytes, "B"), NULL, NULL);
	if (d->rate_bps > 0)
		step_measure(ctx, "rate", value_num(d->rate_bps, "bit/s"), NULL, d->note);
	step_measure(ctx, "resets", value_num(d->resets, NULL), NULL, NULL);
	step_measure(ctx, "retries", value_num(d->retries, NULL), NULL, NULL);
	step_measure(ctx, "bad_frames", value_num(d->bad_frames, NULL), NULL, NULL);
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *args = p;
	struct board *b = step_board(ctx);
	struct board_recovered done = { .arena = step_arena(ctx) };
	int64_t start = clock_ms();
	int r = b->driver->ops.recover(&done, b, args->images, tell, ctx, step_until_ms(ctx), err);

	report(ctx, &done);
	if (r < 0)
		return r;
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
	{ .name = "images", .type = VALUE_NUM, .optional = 1, .help = "Images that were written." },
	{ .name = "bytes",
	  .type = VALUE_NUM,
	  .unit = "B",
	  .optional = 1,
	  .help = "Bytes of these images." },
	{ .name = "rate",
	  .type = VALUE_NUM,
	  .unit = "bit/s",
	  .optional = 1,
	  .help = "Rate of the recovery link for the images." },
	{ .name = "resets",
	  .type = VALUE_NUM,
	  .optional = 1,
	  .help = "Resets beyond the first one that the recovery needed." },
	{ .name = "retries",
	  .type = VALUE_NUM,
	  .optional = 1,
	  .help = "Blocks and messages that were sent again." },
	{ .name = "bad_frames",
	  .type = VALUE_NUM,
	  .optional = 1,
	  .help = "Messages and characters that came damaged." },
	{ .name = "images_sha256",
	  .type = VALUE_TEXT,
	  .optional = 1,
	  .help = "SHA-256 of the image set: of what sha256sum prints of its files, in the "
		  "order of their names." },
	{ .name = "file_sha256",
	  .type = VALUE_TEXT,
	  .indexed = 1,
	  .optional = 1,
	  .help = "SHA-256 of each file of the image set; the note names it." },
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
