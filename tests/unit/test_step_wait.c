#include <poll.h>

#include "tests/unit/step_fake.h"
#include "tests/unit/rows.h"

TestSuite(step_wait, .timeout = 20);

static int run(struct step_ctx *ctx, const char *how_long, int64_t left_ms, struct err *err)
{
	const struct step_driver *d = step_find("wait");
	void *args = arena_alloc(&ctx->arena, d->args_size);
	size_t at;

	cr_assert_eq(param_set(args, param_find(d->params, "for"), how_long, &ctx->arena, NULL, &at,
			       err),
		     0);
	ctx->until_ms = clock_ms() + left_ms;
	return d->run(ctx, args, err);
}

Test(step_wait, waits)
{
	struct step_ctx ctx = { 0 };
	struct err err = { 0 };
	int64_t start = clock_ms();

	cr_assert_eq(run(&ctx, "30 ms", 5000, &err), 0, "%s", err.text);
	cr_expect_geq(clock_ms() - start, 30);
	cr_assert_eq(ctx.measures, 1);
	cr_expect_str_eq(ctx.measure[0].name, "waited");
	cr_expect_str_eq(ctx.measure[0].unit, "s");
	cr_expect_geq(ctx.measure[0].num, 0.03);
	cr_expect_lt(ctx.measure[0].num, 10);
	arena_free(&ctx.arena);
}

Test(step_wait, never_beyond_its_deadline)
{
	struct step_ctx ctx = { 0 };
	struct err err = { 0 };
	int64_t start = clock_ms();

	cr_assert_eq(run(&ctx, "1 h", 30, &err), ERR_DEADLINE);
	cr_expect_lt(clock_ms() - start, 10000);
	cr_expect_eq(err_blame(err.code), BLAME_STATION);
	cr_expect_eq(ctx.measures, 0, "what did not pass is not measured");
	arena_free(&ctx.arena);
}

Test(step_wait, tells_how_long_it_takes)
{
	const struct step_driver *d = step_find("wait");
	struct arena a = { 0 };
	struct err err = { 0 };
	void *args = arena_alloc(&a, d->args_size);
	size_t at;

	cr_assert_eq(param_set(args, d->params, "2 s", &a, NULL, &at, &err), 0);
	cr_expect_eq(d->least_ms(args), 2000);
	cr_expect_eq(d->asks, 0u, "it needs no board");
	arena_free(&a);
}
