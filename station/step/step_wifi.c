/* wifi -- the unit joins a wireless network, and forgets it again. */
#include "step/step.h"

#include <string.h>

#include "base/clock.h"

enum { SSID_MAX = 32, KEY_MIN = 8, KEY_MAX = 63 }; /* IEEE 802.11, WPA2 passphrase */

struct args {
	const char *ssid, *psk;
	int64_t within_ms, online;
};

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *args = p;
	struct board *b = step_board(ctx);
	struct board_network n = { .ssid = args->ssid,
				   .psk = args->psk,
				   .online = args->online != 0 };
	int64_t start = clock_ms(), until = step_within(ctx, args->within_ms);

	if (b->driver->ops.join(b, &n, until, err) < 0)
		return err_wrap(err, "joining '%s'", args->ssid);
	step_measure(ctx, "joined", value_bool(1), NULL, NULL);
	step_measure(ctx, "duration", value_num((double)(clock_ms() - start) / 1000, "s"), NULL,
		     NULL);
	return 0;
}

static void imply(const void *p,
		  void (*add)(void *sink, const char *key, const char *measure, const char *expr),
		  void *sink)
{
	(void)p;
	add(sink, NULL, "joined", "== yes");
}

static void lint_length(const struct step_lint *l, const char *key, const char *text, size_t least,
			size_t most)
{
	const struct ini_key *k = ini_key(l->section, key);
	size_t n = text ? strlen(text) : 0;

	if (k && (n < least || n > most))
		finding_add(l->findings, &k->value_at, FINDING_OUT_OF_RANGE,
			    "'%s' has %zu bytes, must be %zu to %zu", key, n, least, most);
}

static void lint(const void *p, const struct step_lint *l)
{
	const struct args *args = p;

	lint_length(l, "ssid", args->ssid, 1, SSID_MAX);
	lint_length(l, "psk", args->psk, KEY_MIN, KEY_MAX);
}

static const struct param params[] = {
	{ .name = "ssid",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct args, ssid),
	  .help = "Name of the network, 1 to 32 bytes." },
	{ .name = "psk",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct args, psk),
	  .optional = 1,
	  .help = "Its key, 8 to 63 characters; left out: the network is open. It stands in plan "
		  "and records, so use a network of the line alone." },
	{ .name = "online",
	  .type = PARAM_BOOL,
	  .offset = offsetof(struct args, online),
	  .preset = "no",
	  .help = "It counts as joined only when the vendor's service has taken the unit through "
		  "it: the time is synchronised, the unit authenticated." },
	{ .name = "within",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, within_ms),
	  .min = 1,
	  .max = 600000,
	  .preset = "30 s",
	  .help = "How long it may take until the unit is connected." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "joined", .type = VALUE_BOOL, .help = "The unit was connected." },
	{ .name = "duration",
	  .type = VALUE_NUM,
	  .unit = "s",
	  .help = "Time until it was, and the network was removed again." },
	{ .name = NULL },
};

const struct step_driver step_wifi = {
	.name = "wifi",
	.summary = "join a wireless network, and forget it again",
	.help = "A key that the access point does not take blames the plan; a network that is "
		"not\n"
		"found or does not let the unit in, and Wi-Fi that stays off, blame the unit: see "
		"the\n"
		"other slots before it is repaired. The network is removed from the unit again, "
		"whatever\n"
		"came of it.",
	.params = params,
	.measures = measures,
	.asks = BOARD_JOIN,
	.timeout_ms = 60000,
	.args_size = sizeof(struct args),
	.imply = imply,
	.lint = lint,
	.run = run,
};
