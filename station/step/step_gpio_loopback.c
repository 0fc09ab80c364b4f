/* gpio_loopback -- walk the pins; name opens, shorts, stuck and swapped ones. */
#include "step/step.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "step/loopback.h"

enum { NOTE_FAULTS = 8 };

struct args {
	struct param_pairs pairs;
	int64_t within_ms;
};

static int bit_of(const struct param_list *pins, const char *name)
{
	for (size_t i = 0; pins && i < pins->count && i < LOOPBACK_PINS; i++)
		if (!strcmp(pins->item[i], name))
			return (int)i;
	return -1;
}

static int transaction(uint64_t *out, struct step_ctx *ctx, const struct args *args, uint64_t drive,
		       uint64_t level, struct err *err)
{
	struct board *b = step_board(ctx);
	int64_t until = step_within(ctx, args->within_ms);

	return b->driver->ops.gpio(out, b, drive, level, until, err);
}

static int walk(struct loopback_reads *r, struct step_ctx *ctx, const struct args *args,
		const struct loopback_pair *pair, struct err *err)
{
	size_t pins = args->pairs.count * 2;

	if (transaction(&r->rest, ctx, args, 0, 0, err) < 0)
		return err->code;
	for (size_t i = 0; i < pins; i++) {
		int pin = i % 2 ? pair[i / 2].b : pair[i / 2].a;
		uint64_t bit = UINT64_C(1) << pin;

		step_progress(ctx, (double)i / (double)pins, SAID("walking the pins"));
		if (transaction(&r->low[pin], ctx, args, bit, 0, err) < 0 ||
		    transaction(&r->high[pin], ctx, args, bit, bit, err) < 0)
			return err->code;
	}
	/* Leave nothing driven; not part of the measurement. */
	uint64_t rest;
	return transaction(&rest, ctx, args, 0, 0, err);
}

static void report(struct step_ctx *ctx, const struct loopback_fault *fault, size_t n,
		   const char *const *names)
{
	static const struct {
		const char *measure;
		uint32_t kinds;
	} row[] = {
		{ "opens", 1 << LOOPBACK_OPEN | 1 << LOOPBACK_ONE_WAY },
		{ "shorts", 1 << LOOPBACK_SHORT | 1 << LOOPBACK_SHORT_NETS },
		{ "stuck", 1 << LOOPBACK_STUCK_LOW | 1 << LOOPBACK_STUCK_HIGH },
		{ "swapped", 1 << LOOPBACK_SWAPPED },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct sbuf note = { 0 };
		size_t count = 0;

		for (size_t k = 0; k < n; k++) {
			if (!(row[i].kinds & 1u << fault[k].kind))
				continue;
			if (count < NOTE_FAULTS) {
				sbuf_puts(&note, count ? "; " : "");
				loopback_print(&note, &fault[k], names);
			}
			count++;
		}
		if (count > NOTE_FAULTS)
			sbuf_printf(&note, "; and %zu more", count - NOTE_FAULTS);
		step_measure(ctx, row[i].measure, value_num((double)count, NULL), NULL,
			     count ? sbuf_str(&note) : NULL);
		sbuf_release(&note);
	}
	step_measure(ctx, "faults", value_num((double)n, NULL), NULL, NULL);
}

/* Pins as a person finds them. */
static const char *const *titles(struct step_ctx *ctx, const struct param_list *pins)
{
	const struct board *b = step_board(ctx);
	const char **title = arena_alloc(step_arena(ctx), (pins->count + 1) * sizeof(*title));

	for (size_t i = 0; i < pins->count; i++)
		title[i] = b->driver->pin_title ? b->driver->pin_title(b->profile, pins->item[i])
						: pins->item[i];
	return title;
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *args = p;
	struct board *b = step_board(ctx);
	const struct param_list *pins = board_pins(b->driver, b->profile);
	struct loopback_fault fault[LOOPBACK_FAULTS];
	struct loopback_pair *pair =
		arena_alloc(step_arena(ctx), (args->pairs.count + 1) * sizeof(*pair));
	struct loopback_reads *reads = arena_new(step_arena(ctx), struct loopback_reads);

	for (size_t i = 0; i < args->pairs.count; i++) {
		pair[i] = (struct loopback_pair){ bit_of(pins, args->pairs.item[i].a),
						  bit_of(pins, args->pairs.item[i].b) };
		if (pair[i].a < 0 || pair[i].b < 0)
			return err_set(err, ERR_LACKS, "the board has no pin %s",
				       pair[i].a < 0 ? args->pairs.item[i].a
						     : args->pairs.item[i].b);
	}
	if (b->driver->ops.equip && b->driver->ops.equip(b, step_until_ms(ctx), err) < 0)
		return err_wrap(err, "before the pins");
	if (walk(reads, ctx, args, pair, err) < 0)
		return err_wrap(err, "driving the pins");
	report(ctx, fault, loopback_find(fault, LOOPBACK_FAULTS, reads, pair, args->pairs.count),
	       titles(ctx, pins));
	return 0;
}

static void imply(const void *p,
		  void (*add)(void *sink, const char *key, const char *measure, const char *expr),
		  void *sink)
{
	static const char *const none[] = { "opens", "shorts", "stuck", "swapped", "faults" };

	(void)p;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		add(sink, "pairs", none[i], "== 0");
}

/* Whether the family told something of the pin. */
static int check_pin(const struct step_lint *l, const struct ini_key *k, const char *name)
{
	const struct board_driver *d = l->board->driver;
	struct sbuf why = { 0 };
	int r = d->pin_check ? d->pin_check(&why, l->board->profile, name) : 0;

	if (r)
		finding_add(l->findings, &k->value_at,
			    r < 0 ? FINDING_UNKNOWN_PIN : FINDING_SUSPICIOUS, "%s", sbuf_str(&why));
	sbuf_release(&why);
	return r < 0;
}

static void lint(const void *p, const struct step_lint *l)
{
	const struct args *args = p;
	const struct ini_key *k = ini_key(l->section, "pairs");
	const struct param_list *pins =
		l->board ? board_pins(l->board->driver, l->board->profile) : NULL;

	for (size_t i = 0; k && pins && i < args->pairs.count; i++) {
		const char *const name[2] = { args->pairs.item[i].a, args->pairs.item[i].b };

		for (int n = 0; n < 2; n++) {
			const char *near;

			if (check_pin(l, k, name[n]) || bit_of(pins, name[n]) >= 0)
				continue;
			near = text_suggest(name[n], pins->item, pins->count);
			finding_add(l->findings, &k->value_at, FINDING_UNKNOWN_PIN,
				    "board '%s' has no pin '%s'%s%s%s", l->board->name, name[n],
				    near ? "; did you mean '" : "", near ? near : "",
				    near ? "'?" : "");
		}
	}
}

static const struct param params[] = {
	{ .name = "pairs",
	  .type = PARAM_PAIRS,
	  .offset = offsetof(struct args, pairs),
	  .help = "The pins that the fixture wires together, as A-B." },
	{ .name = "within",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, within_ms),
	  .min = 1,
	  .max = 60000,
	  .preset = "2 s",
	  .help = "How long the unit may take for one transaction." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "opens",
	  .type = VALUE_NUM,
	  .help = "Pairs that are not connected, or one way only." },
	{ .name = "shorts",
	  .type = VALUE_NUM,
	  .help = "Connections between pins that are no pair." },
	{ .name = "stuck", .type = VALUE_NUM, .help = "Pins that stay low or high." },
	{ .name = "swapped", .type = VALUE_NUM, .help = "Two pairs wired crosswise." },
	{ .name = "faults", .type = VALUE_NUM, .help = "All of them." },
	{ .name = NULL },
};

const struct step_driver step_gpio_loopback = {
	.name = "gpio_loopback",
	.summary = "drive each pin of each pair; name opens, shorts, stuck and swapped pins",
	.help = "One pin at a time is driven low and high while all are read, so outputs never\n"
		"fight. N pins take 2 N + 1 transactions with the board, and one more to let go.",
	.params = params,
	.measures = measures,
	.asks = BOARD_GPIO,
	.timeout_ms = 60000,
	.args_size = sizeof(struct args),
	.imply = imply,
	.lint = lint,
	.run = run,
};
