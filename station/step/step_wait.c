/* wait -- lets time pass: for a supply to settle, for a unit to boot. */
#include "step/step.h"

#include <poll.h>

#include "base/clock.h"

struct args {
	int64_t for_ms;
};

static int run(struct step_ctx *ctx, const void *args, struct err *err)
{
	const struct args *a = args;
	int64_t start = clock_ms(), end = start + a->for_ms, until = step_until_ms(ctx);

	for (int64_t now = start; now < end && now < until; now = clock_ms()) {
		int64_t stop = end < until ? end : until;

		step_progress(ctx, (double)(now - start) / (double)a->for_ms, SAID("waiting"));
		poll(NULL, 0, stop - now < 250 ? (int)(stop - now) : 250);
	}
	if (clock_ms() < end)
		return err_set(err, ERR_DEADLINE, "the timeout ended the wait after %lld ms",
			       (long long)(clock_ms() - start));
	step_measure(ctx, "waited", value_num((double)(clock_ms() - start) / 1000, "s"), NULL,
		     NULL);
	return 0;
}

static int64_t least_ms(const void *args)
{
	return ((const struct args *)args)->for_ms;
}

static const struct param params[] = {
	{ .name = "for",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, for_ms),
	  .min = 1,
	  .max = 3600000,
	  .help = "How long to wait." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "waited",
	  .type = VALUE_NUM,
	  .unit = "s",
	  .help = "Time that passed, on the monotonic clock." },
	{ .name = NULL },
};

const struct step_driver step_wait = {
	.name = "wait",
	.summary = "let time pass",
	.help = "Waits for the given time and asks nothing of the board, for instance until a\n"
		"supply has settled. It blames nobody: it cannot fail by itself.",
	.params = params,
	.measures = measures,
	.timeout_ms = 3700000,
	.args_size = sizeof(struct args),
	.least_ms = least_ms,
	.run = run,
	.acts = 1,
};
