/* console -- type a line and look at the answer. */
#include "step/step.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct args {
	const char *send, *capture;
	struct match *expect;
	int64_t within_ms;
};

/* A number in the C locale that is the whole text; anything else is NAN. */
static double number(const char *text)
{
	char *end;
	double x;

	if (!*text || strspn(text, "+-.0123456789eE") != strlen(text))
		return NAN;
	x = strtod(text, &end);
	return *end ? NAN : x;
}

/* What was captured, without blanks around it. */
static char *captured(struct arena *a, const char *said, size_t n)
{
	char *value;

	while (n && strchr(" \t\r\n", said[n - 1]))
		n--;
	while (n && strchr(" \t\r\n", *said)) {
		said++;
		n--;
	}
	value = arena_alloc(a, n + 1);
	memcpy(value, said, n);
	value[n] = '\0';
	return value;
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *args = p;
	struct board *b = step_board(ctx);
	int64_t until = step_within(ctx, args->within_ms);
	int is_number = !strcmp(args->capture, "number");
	struct sbuf said = { 0 };
	size_t from = 0, to = 0;
	const char *value;
	int r;

	r = b->driver->ops.ask(&said, &from, &to, b, args->send, args->expect, until, err);
	value = r < 0 ? "" : captured(step_arena(ctx), sbuf_str(&said) + from, to - from);
	sbuf_release(&said);
	if (r < 0)
		return err_wrap(err, "console '%.60s'", args->send ? args->send : "");
	/* The unit sent it, so the unit answered wrongly. */
	if (is_number && !isfinite(number(value)))
		return err_set(err, ERR_PROTO, "'%s' is no number",
			       text_escaped(step_arena(ctx), value,
					    (size_t)text_brief(value, strlen(value))));
	if (args->expect)
		step_measure(ctx, "matched", value_bool(1), NULL, NULL);
	if (is_number)
		step_measure(ctx, "number", value_num(number(value), NULL), value, NULL);
	else if (strcmp(args->capture, "no"))
		step_measure(ctx, "text", value_text(value), value, NULL);
	return 0;
}

static void imply(const void *p,
		  void (*add)(void *sink, const char *key, const char *measure, const char *expr),
		  void *sink)
{
	if (((const struct args *)p)->expect)
		add(sink, "expect", "matched", "== yes");
}

static void lint(const void *p, const struct step_lint *l)
{
	const struct args *args = p;

	if (!args->send && !args->expect)
		finding_add(l->findings, &l->section->at, FINDING_MISSING_KEY,
			    "[step %s] needs 'send', 'expect' or both", l->section->name);
}

static const struct param params[] = {
	{ .name = "send",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct args, send),
	  .optional = 1,
	  .may_be_empty = 1,
	  .help = "The line that is typed." },
	{ .name = "expect",
	  .type = PARAM_PATTERN,
	  .offset = offsetof(struct args, expect),
	  .optional = 1,
	  .help = "What must come; without it everything up to the prompt is the answer." },
	{ .name = "capture",
	  .type = PARAM_CHOICE,
	  .offset = offsetof(struct args, capture),
	  .choices = (const char *const[]){ "no", "text", "number", NULL },
	  .preset = "no",
	  .help = "Measure group 1 of `expect` (or the whole answer) as text or number." },
	{ .name = "within",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, within_ms),
	  .min = 1,
	  .max = 3600000,
	  .preset = "5 s",
	  .help = "How long the unit may take to answer." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "matched", .type = VALUE_BOOL, .optional = 1, .help = "What was expected came." },
	{ .name = "text", .type = VALUE_TEXT, .optional = 1, .help = "The captured text." },
	{ .name = "number", .type = VALUE_NUM, .optional = 1, .help = "The captured number." },
	{ .name = NULL },
};

const struct step_driver step_console = {
	.name = "console",
	.summary = "type a line on the console and look at the answer",
	.help = "A unit that is silent, answers something else or sends no number where one is\n"
		"captured is to blame. Limits go on `text` or `number`.",
	.params = params,
	.measures = measures,
	.asks = BOARD_ASK,
	.timeout_ms = 60000,
	.args_size = sizeof(struct args),
	.imply = imply,
	.lint = lint,
	.run = run,
};
