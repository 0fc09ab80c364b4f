#include "engine/step_ctx.h"

#include <stdio.h>

struct board *step_board(struct step_ctx *ctx)
{
	return ctx->board;
}

int64_t step_until_ms(struct step_ctx *ctx)
{
	return ctx->until_ms;
}

struct arena *step_arena(struct step_ctx *ctx)
{
	return ctx->arena;
}

const struct fixture_slot *step_slot(struct step_ctx *ctx)
{
	return ctx->slot;
}

const char *step_serial(struct step_ctx *ctx)
{
	return ctx->serial;
}

void step_measure(struct step_ctx *ctx, const char *name, struct value v, const char *raw,
		  const char *note)
{
	ctx->sink->measure(ctx->payload, name, v, raw, note);
}

void step_measure_at(struct step_ctx *ctx, const char *name, int index, struct value v,
		     const char *raw, const char *note)
{
	char full[96];

	snprintf(full, sizeof(full), "%s.%d", name, index);
	step_measure(ctx, full, v, raw, note);
}

void step_progress(struct step_ctx *ctx, double done, const char *what)
{
	ctx->sink->progress(ctx->payload, done, what);
}

int step_ask(char *out, size_t size, struct step_ctx *ctx, const struct step_question *q,
	     int64_t until_ms, struct err *err)
{
	return ctx->sink->ask(ctx->payload, out, size, q, until_ms, err);
}

int step_claim(char *other, size_t size, struct step_ctx *ctx, const char *kind, const char *value,
	       struct err *err)
{
	return ctx->sink->claim(ctx->payload, other, size, kind, value, err);
}
