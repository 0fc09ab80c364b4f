/* mac_persistence -- the random MAC: the same over restarts, another one after
 * a recovery, and nobody else's. */
#include "step/step.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "step/mac.h"

struct args {
	const char *interface, *recovery, *images, *group_bit, *local_bit;
	int64_t restarts, unique, local, within_ms;
};

struct reading {
	uint8_t mac[6];
	char text[MAC_TEXT]; /* canonical */
};

/* What the interface needs and a recovery erases is loaded first, where the board has
 * such a thing: the reading that counts comes after it. */
static int provision(struct step_ctx *ctx, struct err *err)
{
	struct board *b = step_board(ctx);

	if (!(board_offers(b->driver, b->profile) & BOARD_PROVISION))
		return 0;
	step_progress(ctx, -1, "board configuration");
	return b->driver->ops.provision(b, step_until_ms(ctx), err) < 0
		       ? err_wrap(err, "board configuration")
		       : 0;
}

static int read_mac(struct reading *out, struct step_ctx *ctx, const struct args *args,
		    const char *name, int index, struct err *err)
{
	struct board *b = step_board(ctx);
	char raw[128];
	int r = b->driver->ops.mac(raw, sizeof(raw), b, args->interface,
				   step_within(ctx, args->within_ms), err);

	if (r < 0)
		return r;
	if (mac_scan(out->mac, raw))
		return err_set(err, ERR_PROTO, "'%s' is no MAC address",
			       text_escaped(step_arena(ctx), raw, strlen(raw)));
	mac_print(out->text, out->mac);
	if (index)
		step_measure_at(ctx, name, index, value_text(out->text), raw, NULL);
	else
		step_measure(ctx, name, value_text(out->text), raw, NULL);
	return 0;
}

static int over_restarts(const struct reading *first, struct step_ctx *ctx, const struct args *args,
			 struct err *err)
{
	struct board *b = step_board(ctx);
	const char *note = NULL;
	struct reading now;
	char what[64];

	for (int i = 1; i <= args->restarts; i++) {
		snprintf(what, sizeof(what), SAID("restart %d of %d"), i, (int)args->restarts);
		step_progress(ctx, (double)(i - 1) / (double)(args->restarts + 1), what);
		if (b->driver->ops.restart(b, step_until_ms(ctx), err) < 0 ||
		    read_mac(&now, ctx, args, "mac_restart", i, err) < 0)
			return err_wrap(err, "restart %d", i);
		if (!note && memcmp(now.mac, first->mac, 6))
			note = arena_printf(step_arena(ctx),
					    SAID("after restart %d %s instead of %s"), i, now.text,
					    first->text);
	}
	if (args->restarts)
		step_measure(ctx, "stable", value_bool(!note), NULL, note);
	return 0;
}

static void tell(void *ctx, double done, const char *what)
{
	(void)what;
	step_progress(ctx, done, "recovery");
}

static int over_recovery(struct reading *last, const struct reading *first, struct step_ctx *ctx,
			 const struct args *args, struct err *err)
{
	struct board *b = step_board(ctx);
	struct board_recovered done = { 0 };
	int is_new;

	if (b->driver->ops.recover(&done, b, args->images, tell, ctx, step_until_ms(ctx), err) <
		    0 ||
	    provision(ctx, err) < 0 || read_mac(last, ctx, args, "mac_recovered", 0, err) < 0)
		return err_wrap(err, "recovery");
	is_new = memcmp(last->mac, first->mac, 6) != 0;
	step_measure(ctx, "new_after_recovery", value_bool(is_new), NULL,
		     is_new ? NULL
			    : arena_printf(step_arena(ctx), SAID("still %s after the recovery"),
					   first->text));
	return 0;
}

/* Where the bits are looked at one by one, `valid` judges no more. */
static void report_bits(struct step_ctx *ctx, const struct args *args, const struct reading *first,
			const struct reading *last)
{
	int assigned = mac_assigned(first->mac) && mac_assigned(last->mac);

	if (strcmp(args->group_bit, "fail")) {
		step_measure(ctx, "assigned", value_bool(assigned), NULL,
			     assigned ? NULL : SAID("all bits of an address are 0, or all are 1"));
		step_measure(ctx, "group_bits",
			     value_num(mac_group(first->mac) + mac_group(last->mac), NULL), NULL,
			     NULL);
	}
	if (strcmp(args->local_bit, "off"))
		step_measure(ctx, "global_bits",
			     value_num(!mac_local(first->mac) + !mac_local(last->mac), NULL), NULL,
			     NULL);
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *args = p;
	struct reading first, last;
	const char *const had[] = { first.text, last.text };
	int valid;

	if (provision(ctx, err) < 0)
		return err->code;
	if (read_mac(&first, ctx, args, "mac", 0, err) < 0)
		return err_wrap(err, "reading the MAC of %s", args->interface);
	if (over_restarts(&first, ctx, args, err) < 0)
		return err->code;
	last = first;
	if (!strcmp(args->recovery, "new") && over_recovery(&last, &first, ctx, args, err) < 0)
		return err->code;
	valid = mac_valid(first.mac) && mac_valid(last.mac);
	step_measure(ctx, "valid", value_bool(valid), NULL,
		     valid ? NULL
			   : arena_printf(step_arena(ctx), SAID("%s is no unicast address"),
					  mac_valid(first.mac) ? last.text : first.text));
	step_measure(ctx, "local", value_bool(mac_local(last.mac)), NULL, NULL);
	report_bits(ctx, args, &first, &last);
	/* An address that nobody may have is everybody's: the answer would mislead. */
	return args->unique && mac_assigned(first.mac) && mac_assigned(last.mac) &&
			       (valid || strcmp(args->group_bit, "fail"))
		       ? step_claim_all(ctx, "mac", had, 2, err)
		       : 0;
}

/* Addresses whose bit is not as it should be: none, or none without a mark. */
static void bit_limit(const char *key, const char *measure, const char *policy,
		      void (*add)(void *sink, const char *key, const char *measure,
				  const char *expr),
		      void *sink)
{
	if (!strcmp(policy, "fail"))
		add(sink, key, measure, "== 0");
	else if (!strcmp(policy, "warn"))
		add(sink, key, measure, "<= 2, warn <= 0");
}

static void imply(const void *p,
		  void (*add)(void *sink, const char *key, const char *measure, const char *expr),
		  void *sink)
{
	const struct args *args = p;

	if (!strcmp(args->group_bit, "fail"))
		add(sink, NULL, "valid", "== yes");
	else
		add(sink, "group_bit", "assigned", "== yes");
	if (!strcmp(args->group_bit, "warn"))
		bit_limit("group_bit", "group_bits", args->group_bit, add, sink);
	bit_limit("local_bit", "global_bits", args->local_bit, add, sink);
	if (args->restarts)
		add(sink, "restarts", "stable", "== yes");
	if (!strcmp(args->recovery, "new"))
		add(sink, "recovery", "new_after_recovery", "== yes");
	if (args->unique)
		add(sink, "unique", "unique", "== yes");
	if (args->local)
		add(sink, "local", "local", "== yes");
}

static uint32_t asks_more(const void *p)
{
	const struct args *args = p;

	return (args->restarts ? BOARD_RESTART : 0) |
	       (strcmp(args->recovery, "new") ? 0 : BOARD_RECOVER);
}

static const char *const policies[] = { "fail", "warn", "off", NULL };

static const struct param params[] = {
	{ .name = "interface",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct args, interface),
	  .preset = "eth0",
	  .help = "The interface, as the unit names it." },
	{ .name = "restarts",
	  .type = PARAM_INT,
	  .offset = offsetof(struct args, restarts),
	  .min = 0,
	  .max = 20,
	  .preset = "1",
	  .help = "Restarts over which the MAC must stay the same." },
	{ .name = "recovery",
	  .type = PARAM_CHOICE,
	  .offset = offsetof(struct args, recovery),
	  .choices = (const char *const[]){ "skip", "new", NULL },
	  .preset = "skip",
	  .help = "new: recover the unit, after which the MAC must be another one." },
	{ .name = "images",
	  .type = PARAM_PATH,
	  .offset = offsetof(struct args, images),
	  .optional = 1,
	  .help = "Folder of the images for that recovery." },
	STEP_UNIQUE_PARAM(struct args),
	{ .name = "group_bit",
	  .type = PARAM_CHOICE,
	  .offset = offsetof(struct args, group_bit),
	  .choices = policies,
	  .preset = "fail",
	  .help = "What a MAC with the group bit is, which IEEE 802 forbids as a source: fail, "
		  "warn "
		  "(a marginal pass) or off." },
	{ .name = "local_bit",
	  .type = PARAM_CHOICE,
	  .offset = offsetof(struct args, local_bit),
	  .choices = policies,
	  .preset = "off",
	  .help = "What a random MAC without the local bit is: fail, warn (a marginal pass) or "
		  "off." },
	{ .name = "local",
	  .type = PARAM_BOOL,
	  .offset = offsetof(struct args, local),
	  .preset = "no",
	  .help = "The locally administered bit must be set." },
	{ .name = "within",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, within_ms),
	  .min = 1,
	  .max = 600000,
	  .preset = "5 s",
	  .help = "How long the unit may take to tell its MAC." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "mac", .type = VALUE_TEXT, .help = "The MAC at the beginning." },
	{ .name = "mac_restart",
	  .type = VALUE_TEXT,
	  .indexed = 1,
	  .optional = 1,
	  .help = "The MAC after each restart." },
	{ .name = "stable",
	  .type = VALUE_BOOL,
	  .optional = 1,
	  .help = "It was the same after every restart." },
	{ .name = "mac_recovered",
	  .type = VALUE_TEXT,
	  .optional = 1,
	  .help = "The MAC after the recovery." },
	{ .name = "new_after_recovery",
	  .type = VALUE_BOOL,
	  .optional = 1,
	  .help = "The recovery made another MAC." },
	{ .name = "valid",
	  .type = VALUE_BOOL,
	  .help = "A unicast address that is not all zero, before and after the recovery." },
	{ .name = "local", .type = VALUE_BOOL, .help = "The locally administered bit is set." },
	{ .name = "assigned",
	  .type = VALUE_BOOL,
	  .optional = 1,
	  .help = "Neither all zero nor the broadcast address, before and after the recovery." },
	{ .name = "group_bits",
	  .type = VALUE_NUM,
	  .optional = 1,
	  .help = "Addresses, before and after the recovery, that have the group bit." },
	{ .name = "global_bits",
	  .type = VALUE_NUM,
	  .optional = 1,
	  .help = "Addresses, before and after the recovery, that lack the local bit." },
	STEP_UNIQUE_MEASURE,
	{ .name = NULL },
};

const struct step_driver step_mac_persistence = {
	.name = "mac_persistence",
	.summary = "the MAC stays over restarts, changes with a recovery and is unique",
	.help = "Reads the MAC, restarts the unit and reads again, recovers it when asked and "
		"reads\n"
		"once more. Upper and lower case and the separators do not matter. Every reading "
		"is\n"
		"kept. A MAC that is wrong blames the unit.",
	.params = params,
	.measures = measures,
	.asks = BOARD_MAC,
	.asks_more = asks_more,
	.timeout_ms = 600000,
	.args_size = sizeof(struct args),
	.imply = imply,
	.run = run,
};
