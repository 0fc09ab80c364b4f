/* os_version -- the right image: its version, compared part by part. */
#include "step/step.h"

#include <stdio.h>
#include <string.h>

#include "base/version.h"

struct args {
	struct param_list accept;
	const char *at_least, *at_most;
	int64_t within_ms;
};

static int is_listed(const struct args *args, const char *text)
{
	for (size_t i = 0; i < args->accept.count; i++)
		if (!strcmp(args->accept.item[i], text))
			return 1;
	return 0;
}

/* A text that is no version of the board's family has no order, even where another
 * family would read it as a version: then it is reported so that no limit does. */
static void report(struct step_ctx *ctx, const struct args *args, const char *text)
{
	const struct board_driver *d = step_board(ctx)->driver;
	struct version v;
	int foreign = version_scan(&v, text) || (d->version_ok && !d->version_ok(text));
	const char *shown = text;

	if (foreign && !version_scan(&v, text) && !is_listed(args, text))
		shown = arena_printf(step_arena(ctx), "'%s'", text);
	step_measure(ctx, "version", value_version(shown), text,
		     foreign ? SAID("not understood as a version") : NULL);
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *args = p;
	struct board *b = step_board(ctx);
	int64_t until = step_within(ctx, args->within_ms);
	char text[128];
	int r;

	r = b->driver->ops.os_version(text, sizeof(text), b, until, err);
	if (r < 0)
		return err_wrap(err, "reading the OS version");
	report(ctx, args, text);
	return 0;
}

static void imply(const void *p,
		  void (*add)(void *sink, const char *key, const char *measure, const char *expr),
		  void *sink)
{
	const struct args *args = p;
	struct sbuf expr = { 0 };

	if (args->accept.count) {
		sbuf_puts(&expr, "one of ");
		for (size_t i = 0; i < args->accept.count; i++)
			sbuf_printf(&expr, "%s%s", i ? ", " : "", args->accept.item[i]);
		add(sink, "accept", "version", sbuf_str(&expr));
	}
	if (args->at_least) {
		sbuf_reset(&expr);
		sbuf_printf(&expr, ">= %s", args->at_least);
		add(sink, "at_least", "version", sbuf_str(&expr));
	}
	if (args->at_most) {
		sbuf_reset(&expr);
		sbuf_printf(&expr, "<= %s", args->at_most);
		add(sink, "at_most", "version", sbuf_str(&expr));
	}
	sbuf_release(&expr);
}

static void bound(const struct step_lint *l, const char *key, const char *text)
{
	const struct ini_key *k = text ? ini_key(l->section, key) : NULL;
	const struct board_driver *d = l->board ? l->board->driver : NULL;
	struct version v;

	if (k && (version_scan(&v, text) || (d && d->version_ok && !d->version_ok(text))))
		finding_add(l->findings, &k->value_at, FINDING_BAD_VALUE,
			    "'%s' is '%s', must be a version such as 24.06 or 20.08 Update 1", key,
			    text);
}

static void lint(const void *p, const struct step_lint *l)
{
	const struct args *args = p;
	struct version lo, hi, v;
	int has_lo = args->at_least && !version_scan(&lo, args->at_least);
	int has_hi = args->at_most && !version_scan(&hi, args->at_most);
	const struct ini_key *k = ini_key(l->section, "accept");

	bound(l, "at_least", args->at_least);
	bound(l, "at_most", args->at_most);
	if (has_lo && has_hi && version_compare(&lo, &hi) > 0)
		finding_add(l->findings, &ini_key(l->section, "at_most")->value_at,
			    FINDING_CONTRADICTION, "'at_most' %s is below 'at_least' %s",
			    args->at_most, args->at_least);
	for (size_t i = 0; k && i < args->accept.count; i++) {
		if (version_scan(&v, args->accept.item[i]))
			continue;
		if (has_lo && version_compare(&v, &lo) < 0)
			finding_add(l->findings, &k->value_at, FINDING_CONTRADICTION,
				    "'accept' lists %s, which 'at_least' %s excludes",
				    args->accept.item[i], args->at_least);
		if (has_hi && version_compare(&v, &hi) > 0)
			finding_add(l->findings, &k->value_at, FINDING_CONTRADICTION,
				    "'accept' lists %s, which 'at_most' %s excludes",
				    args->accept.item[i], args->at_most);
	}
}

static const struct param params[] = {
	{ .name = "accept",
	  .type = PARAM_VERSIONS,
	  .offset = offsetof(struct args, accept),
	  .optional = 1,
	  .help = "Versions that pass; any other fails." },
	{ .name = "at_least",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct args, at_least),
	  .optional = 1,
	  .help = "The oldest version that passes." },
	{ .name = "at_most",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct args, at_most),
	  .optional = 1,
	  .help = "The newest version that passes." },
	{ .name = "within",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, within_ms),
	  .min = 1,
	  .max = 600000,
	  .preset = "5 s",
	  .help = "How long the unit may take to answer." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "version", .type = VALUE_VERSION, .help = "The version as the unit tells it." },
	{ .name = NULL },
};

const struct step_driver step_os_version = {
	.name = "os_version",
	.summary = "read the version of the operating system",
	.help = "Versions are compared part by part, never as text or as a number: 24.10 is above\n"
		"24.9. A text that is no version passes only where `accept` lists that exact "
		"text.\n"
		"A wrong or unreadable version blames the unit.",
	.params = params,
	.measures = measures,
	.asks = BOARD_OS_VERSION,
	.timeout_ms = 60000,
	.args_size = sizeof(struct args),
	.imply = imply,
	.lint = lint,
	.run = run,
};
