#ifndef TESTS_UNIT_STEP_FAKE_H
#define TESTS_UNIT_STEP_FAKE_H

#include <string.h>

#include "base/clock.h"
#include "step/step.h"

/*
 * The engine's side of step.h for tests of step kinds and of what reads them:
 * it keeps what a driver reports. Define one struct step_ctx, call run() with
 * it, look into it. Include it in one file of a program.
 */
struct fake_measure {
	char name[80], unit[16], text[160], note[160];
	enum value_type type;
	double num;
};

struct step_ctx {
	struct arena arena;
	struct board *board;
	const struct fixture_slot *slot;
	int64_t until_ms;
	const char *answer; /* of step_ask(); NULL: nobody answers */
	const char *other;  /* of step_claim(); NULL: records cannot be asked */
	struct fake_measure measure[64];
	size_t measures, progress;
};

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
	return &ctx->arena;
}

const struct fixture_slot *step_slot(struct step_ctx *ctx)
{
	return ctx->slot;
}

const char *step_serial(struct step_ctx *ctx)
{
	(void)ctx;
	return NULL;
}

void step_measure(struct step_ctx *ctx, const char *name, struct value v, const char *raw,
		  const char *note)
{
	struct fake_measure *m = &ctx->measure[ctx->measures < 63 ? ctx->measures++ : 63];
	struct sbuf b = { 0 };

	(void)raw;
	*m = (struct fake_measure){ .type = v.type, .num = v.type == VALUE_NUM ? v.num : 0 };
	value_print(&b, v);
	snprintf(m->name, sizeof(m->name), "%s", name);
	snprintf(m->unit, sizeof(m->unit), "%s", v.unit ? v.unit : "");
	snprintf(m->text, sizeof(m->text), "%s", sbuf_str(&b));
	snprintf(m->note, sizeof(m->note), "%s", note ? note : "");
	sbuf_release(&b);
}

void step_measure_at(struct step_ctx *ctx, const char *name, int index, struct value v,
		     const char *raw, const char *note)
{
	char full[80];

	snprintf(full, sizeof(full), "%s.%d", name, index);
	step_measure(ctx, full, v, raw, note);
}

void step_progress(struct step_ctx *ctx, double done, const char *what)
{
	(void)done;
	(void)what;
	ctx->progress++;
}

int step_ask(char *out, size_t size, struct step_ctx *ctx, const struct step_question *q,
	     int64_t until_ms, struct err *err)
{
	(void)until_ms;
	if (!ctx->answer)
		return err_set(err, ERR_NOBODY, "nobody answers '%s'", q->text);
	snprintf(out, size, "%s", ctx->answer);
	return 0;
}

int step_claim(char *other, size_t size, struct step_ctx *ctx, const char *kind, const char *value,
	       struct err *err)
{
	if (!ctx->other)
		return err_set(err, ERR_STORE, "no records for %s %s", kind, value);
	snprintf(other, size, "%s", ctx->other);
	return 0;
}

#endif /* TESTS_UNIT_STEP_FAKE_H */
