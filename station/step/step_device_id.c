/* device_id -- the board's own identity: one unit's alone, and the label's. */
#include "step/step.h"

#include <ctype.h>
#include <string.h>

struct args {
	const char *label;
	int64_t unique, within_ms;
};

static const char *const labels[] = { "none", "equal", "begins", "ends", NULL };

/* Boards and labels write hexadecimal digits in either case. */
static void lower(char *s)
{
	for (; *s; s++)
		*s = (char)tolower((unsigned char)*s);
}

static int is_label(const char *how, const char *id, const char *label)
{
	size_t n = strlen(id), m = strlen(label);

	if (!m || m > n)
		return 0;
	if (!strcmp(how, "equal"))
		return m == n && !strcasecmp(id, label);
	return !strncasecmp(!strcmp(how, "begins") ? id : id + n - m, label, m);
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *args = p;
	struct board *b = step_board(ctx);
	int64_t until = step_within(ctx, args->within_ms);
	const char *serial = step_serial(ctx);
	char id[256], raw[256];
	const char *const had[] = { id };

	if (b->driver->ops.device_id(raw, sizeof(raw), b, until, err) < 0)
		return err_wrap(err, "reading the device ID");
	memcpy(id, raw, sizeof(id));
	lower(id);
	step_measure(ctx, "device_id", value_text(id), raw, NULL);
	if (strcmp(args->label, "none"))
		step_measure(ctx, "label_fits",
			     value_bool(serial && is_label(args->label, id, serial)), NULL,
			     serial ? NULL : SAID("no label was scanned"));
	return args->unique ? step_claim_all(ctx, "device_id", had, 1, err) : 0;
}

static void imply(const void *p,
		  void (*add)(void *sink, const char *key, const char *measure, const char *expr),
		  void *sink)
{
	const struct args *args = p;

	if (strcmp(args->label, "none"))
		add(sink, "label", "label_fits", "== yes");
	if (args->unique)
		add(sink, "unique", "unique", "== yes");
}

static const struct param params[] = {
	{ .name = "label",
	  .type = PARAM_CHOICE,
	  .offset = offsetof(struct args, label),
	  .choices = labels,
	  .preset = "none",
	  .help = "How the scanned serial must relate to the device ID: equal, its begin or its "
		  "end, in either case of letters; none: it need not." },
	STEP_UNIQUE_PARAM(struct args),
	{ .name = "within",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, within_ms),
	  .min = 1,
	  .max = 600000,
	  .preset = "5 s",
	  .help = "How long the unit may take to tell it." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "device_id", .type = VALUE_TEXT, .help = "The device ID, in lower case." },
	{ .name = "label_fits",
	  .type = VALUE_BOOL,
	  .optional = 1,
	  .help = "The scanned serial fits the device ID." },
	STEP_UNIQUE_MEASURE,
	{ .name = NULL },
};

const struct step_driver step_device_id = {
	.name = "device_id",
	.summary = "read the device's own identity and compare it with label and records",
	.help = "An identity that another unit has, or that does not fit the label, blames the "
		"unit: "
		"hold\nit, as a label may sit on the wrong board.",
	.params = params,
	.measures = measures,
	.asks = BOARD_DEVICE_ID,
	.timeout_ms = 60000,
	.args_size = sizeof(struct args),
	.imply = imply,
	.run = run,
};
