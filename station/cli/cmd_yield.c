/* station yield: first-pass yield from the record. */
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/quantity.h"
#include "reports/yield.h"
#include "cli/with.h"

/* "7d", "12h", "90 min" before now, or a UTC day "2026-11-22". */
static int since(int64_t *out, const struct cmd_args *a, const char *text)
{
	struct err err = { 0 };
	char spaced[64];
	size_t at, n = strspn(text, "0123456789.");
	double s;

	if (snprintf(spaced, sizeof(spaced), "%.*s %s", (int)n, text, text + n) <
		    (int)sizeof(spaced) &&
	    !quantity_scan(&s, spaced, DIM_TIME, &at, &err) && s > 0) {
		*out = clock_wall_ms() - (int64_t)(s * 1000);
		return 0;
	}
	return cmd_usage(a, "--since is '%s', must be a duration such as 7d, 12 h or 90 min", text);
}

static int print(struct cmd_args *a, struct station *st)
{
	const char *text = cmd_opt(a, "since");
	int64_t from = 0;
	struct store_row *row;
	struct store_head head;
	struct sbuf out = { 0 };
	struct yield y = { 0 };
	struct err err = { 0 };
	size_t n;
	int r = text ? since(&from, a, text) : 0;

	if (r)
		return r;
	if (store_freeze(st->store, &err) < 0 ||
	    store_rows(&row, &n, &a->arena, st->store, NULL, &err) < 0 ||
	    store_head(&head, st->store, &err) < 0 ||
	    yield_compute(&y, &a->arena, row, n, from, 0, &yield_policy_default, &err) < 0)
		return cmd_fail(&err);
	y.head_seq = head.seq;
	y.head_hash = head.hash;
	y.station = head.station;
	if (cmd_opt(a, "json"))
		yield_to_json(&out, &y);
	else
		yield_print(&out, &y);
	r = cmd_out(&out);
	sbuf_release(&out);
	return r;
}

static int run(struct cmd_args *a)
{
	if (a->rests)
		return cmd_usage(a, "no such word: %s", a->rest[0]);
	return cmd_with_station(a, STATION_READ, cmd_opt(a, "database"), print);
}

static const struct cmd_option options[] = {
	{ .name = "since", .arg = "TIME", .help = "units first tested within this time: 7d, 12h" },
	{ .name = "json", .help = "as one JSON object" },
	CMD_DATABASE,
	{ .name = NULL },
};

const struct cmd cmd_yield = {
	.name = "yield",
	.summary = "first-pass yield with its interval, and what fails most",
	.usage = "[--since TIME]",
	.help = "Units, runs and first-pass yield of each product and process with Wilson's 95 %\n"
		"interval and n; the first failing measurements of failing first runs; station "
		"errors\n"
		"apart. The policy line says which runs count.",
	.options = options,
	.run = run,
};
