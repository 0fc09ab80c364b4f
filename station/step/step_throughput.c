/* throughput -- rate, retransmits, loss and jitter by iperf3, each direction. */
#include "step/step.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "step/iperf_child.h"

enum { START_MS = 10000, HOST = 64 };

struct args {
	const char *role, *protocol, *direction;
	int64_t duration_ms, omit_ms, connect_ms, rtt_ms;
	double rate_bps;
};

static int is(const char *a, const char *b)
{
	return !strcmp(a, b);
}

/* The unit serves, the station connects. */
static int as_client(struct iperf_result *out, struct step_ctx *ctx, const struct args *args,
		     int reverse, struct err *err)
{
	const struct fixture_slot *slot = step_slot(ctx);
	struct board *b = step_board(ctx);
	struct board_traffic t = { .seconds = (int)(args->duration_ms / 1000),
				   .omit = (int)(args->omit_ms / 1000),
				   .udp = is(args->protocol, "udp"),
				   .reverse = reverse,
				   .rate_bps = args->rate_bps };
	struct iperf_args a = { .udp = t.udp,
				.reverse = reverse,
				.seconds = t.seconds,
				.omit = t.omit,
				.rate_bps = args->rate_bps,
				.connect_ms = args->connect_ms };
	struct iperf_child child;
	char host[HOST];

	if (!slot || !slot->board_network ||
	    address_split(host, sizeof(host), &t.port, slot->board_network))
		return err_set(err, ERR_CONF,
			       "the slot has no board_network: nobody knows where "
			       "the unit's server is reached");
	if (b->driver->ops.serve(host, sizeof(host), b, &t, step_within(ctx, START_MS), err) < 0)
		return err_wrap(err, "starting the unit's iperf3 server");
	a.host = host;
	a.port = t.port;
	if (iperf_child_start(&child, &a, step_until_ms(ctx), err) < 0 ||
	    iperf_child_finish(out, &child, step_until_ms(ctx), err) < 0)
		return err_wrap(err, "%s, unit as server", reverse ? "up" : "down");
	return 0;
}

/* The station serves, the unit connects. */
static int as_server(struct iperf_result *out, struct step_ctx *ctx, const struct args *args,
		     struct err *err)
{
	const struct fixture_slot *slot = step_slot(ctx);
	struct board *b = step_board(ctx);
	double rtt_ms = NAN;
	struct board_traffic t = { .seconds = (int)(args->duration_ms / 1000),
				   .omit = (int)(args->omit_ms / 1000),
				   .udp = is(args->protocol, "udp"),
				   .rate_bps = args->rate_bps,
				   .rtt_ms = &rtt_ms };
	struct iperf_args a = { .server = 1,
				.udp = t.udp,
				.seconds = t.seconds,
				.omit = t.omit,
				.connect_ms = args->connect_ms };
	int64_t soon;
	struct iperf_child child;
	struct err unit = { 0 };
	char host[HOST];
	int r;

	if (!slot || !slot->network || address_split(host, sizeof(host), &t.port, slot->network))
		return err_set(err, ERR_CONF,
			       "the slot has no network: nobody knows where the "
			       "station's server listens");
	t.host = a.host = host;
	a.port = t.port;
	if (iperf_child_start(&child, &a, step_within(ctx, START_MS), err) < 0)
		return err->code;
	r = b->driver->ops.measure(b, &t, step_until_ms(ctx), &unit);
	/* What the station's own end saw comes first; the unit's word explains. */
	soon = clock_ms() + 2000;
	if (r < 0) {
		iperf_child_kill(&child);
		*err = unit;
		/* The unit says that its peer, the station's network, failed it. */
		if (r == ERR_REFUSED && strstr(unit.text, "unable to connect"))
			err->code = ERR_PEER_REFUSED;
		if (r == ERR_REFUSED && strstr(unit.text, "control socket has closed"))
			err->code = ERR_PEER_SILENT;
		return err_wrap(err, "up, unit as client");
	}
	if (iperf_child_finish(out, &child, soon, err) < 0)
		return err_wrap(err, "up, unit as client");
	out->rtt_ms = rtt_ms;
	return 0;
}

/* The worse of two, where either may be unknown. */
static double worse(double a, double b)
{
	return isnan(a) ? b : isnan(b) || a > b ? a : b;
}

static void measure_if(struct step_ctx *ctx, const char *name, double x, const char *unit)
{
	if (!isnan(x))
		step_measure(ctx, name, value_num(x, unit), NULL, NULL);
}

/* What a client whose window is small can get at most in this network, for whoever reads a
 * rate that is too low: the window of the unit, or a network that is too long for it? */
static const char *window_note(struct step_ctx *ctx, const struct args *args, double rtt_ms)
{
	int64_t window = step_board(ctx)->driver->tcp_window;

	if (!window || !is(args->role, "server") || is(args->protocol, "udp") || rtt_ms <= 0)
		return NULL;
	return arena_printf(step_arena(ctx),
			    SAID("the unit's window of %lld bytes gives at most %.3g Mbit/s"),
			    (long long)window, (double)window * 8 / (rtt_ms * 1000));
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	static const struct {
		const char *direction, *measure;
		int reverse;
	} way[] = { { "up", "rate_up", 1 }, { "down", "rate_down", 0 } };
	const struct args *args = p;
	struct iperf_result all = { INFINITY, 0, NAN, NAN, NAN, NAN };

	for (int i = 0; i < 2; i++) {
		struct iperf_result one = { 0 };
		int r;

		if (!is(args->direction, "both") && !is(args->direction, way[i].direction))
			continue;
		step_progress(ctx, is(args->direction, "both") ? i * 0.5 : 0, way[i].direction);
		r = is(args->role, "server") ? as_server(&one, ctx, args, err)
					     : as_client(&one, ctx, args, way[i].reverse, err);
		if (r < 0)
			return r;
		step_measure(ctx, way[i].measure, value_num(one.rate_bps / 1e6, "Mbit/s"), NULL,
			     NULL);
		all.rate_bps = one.rate_bps < all.rate_bps ? one.rate_bps : all.rate_bps;
		all.retransmits = worse(all.retransmits, one.retransmits);
		all.jitter_ms = worse(all.jitter_ms, one.jitter_ms);
		all.loss = worse(all.loss, one.loss);
		all.rtt_ms = worse(all.rtt_ms, one.rtt_ms);
	}
	step_measure(ctx, "rate", value_num(all.rate_bps / 1e6, "Mbit/s"), NULL, NULL);
	measure_if(ctx, "retransmits", all.retransmits, NULL);
	measure_if(ctx, "jitter", all.jitter_ms, "ms");
	measure_if(ctx, "loss", all.loss * 100, "%");
	if (!isnan(all.rtt_ms))
		step_measure(ctx, "rtt", value_num(all.rtt_ms, "ms"), NULL,
			     window_note(ctx, args, all.rtt_ms));
	return 0;
}

static uint32_t asks_more(const void *p)
{
	return is(((const struct args *)p)->role, "server") ? BOARD_MEASURE : BOARD_SERVE;
}

static int64_t least_ms(const void *p)
{
	const struct args *args = p;

	return (args->duration_ms + args->omit_ms) * (is(args->direction, "both") ? 2 : 1);
}

static void whole_seconds(const struct step_lint *l, const char *key, int64_t ms)
{
	const struct ini_key *k = ini_key(l->section, key);

	if (k && ms % 1000)
		finding_add(l->findings, &k->value_at, FINDING_OUT_OF_RANGE,
			    "'%s' must be whole seconds: iperf3 measures in whole seconds", key);
}

/* A client with a small window gets no more than one window in each round trip: the one that
 * earlier runs measured, else the one that the plan names. */
static void lint_window(const struct args *args, const struct step_lint *l)
{
	int64_t window = l->board ? l->board->driver->tcp_window : 0, runs = 0;
	const struct ini_key *k = ini_key(l->section, "rtt");
	double floor_mbit, most, rtt_ms = (double)args->rtt_ms;
	char of[80] = "the plan's 'rtt'";

	if (!window || !is(args->role, "server") || is(args->protocol, "udp") ||
	    (l->floor(&floor_mbit, l, "rate") && l->floor(&floor_mbit, l, "rate_up")))
		return;
	if (l->median && l->median(&rtt_ms, &runs, l, "rtt") == 0) {
		snprintf(of, sizeof(of), "measured, median of the last %lld run%s", (long long)runs,
			 runs == 1 ? "" : "s");
		k = NULL;
	}
	if (rtt_ms <= 0) {
		finding_add(
			l->findings, &l->section->at, FINDING_SUSPICIOUS,
			"[step %s] has a floor and no 'rtt', and no run has measured it: the "
			"unit's window is %lld bytes, so it gets at most that much in each round "
			"trip, and nobody can say whether the floor can be met",
			l->section->name, (long long)window);
		return;
	}
	most = (double)window * 8 / (rtt_ms * 1000);
	if (floor_mbit > most)
		finding_add(l->findings, k ? &k->value_at : &l->section->at, FINDING_SUSPICIOUS,
			    "[step %s]: the floor of %g Mbit/s cannot be met: the unit's window "
			    "of %lld bytes and a round trip of %.3g ms (%s) give at most %.3g "
			    "Mbit/s",
			    l->section->name, floor_mbit, (long long)window, rtt_ms, of, most);
}

static void lint(const void *p, const struct step_lint *l)
{
	const struct args *args = p;
	const struct ini_key *k = ini_key(l->section, "direction");
	int server = is(args->role, "server");

	whole_seconds(l, "duration", args->duration_ms);
	whole_seconds(l, "omit", args->omit_ms);
	lint_window(args, l);
	if (server && !is(args->direction, "up"))
		finding_add(l->findings, k ? &k->value_at : &l->section->at, FINDING_CONTRADICTION,
			    "with 'role = server' only 'direction = up' can be judged: what "
			    "arrives at the unit is known to the unit alone");
	if (is(args->protocol, "udp") && args->rate_bps <= 0)
		finding_add(l->findings, &l->section->at, FINDING_MISSING_KEY,
			    "[step %s] measures UDP and needs 'rate', the rate that is offered",
			    l->section->name);
	for (size_t i = 0; l->fixture && i < l->fixture->slots; i++) {
		const struct fixture_slot *s = &l->fixture->slot[i];

		if (server ? !s->network : !s->board_network)
			finding_add(l->findings, &l->section->at, FINDING_NOT_WIRED,
				    "[step %s] needs '%s' of [slot %s] in %s", l->section->name,
				    server ? "network" : "board_network", s->name,
				    l->fixture->path);
	}
}

static const struct param params[] = {
	{ .name = "role",
	  .type = PARAM_CHOICE,
	  .offset = offsetof(struct args, role),
	  .choices = (const char *const[]){ "client", "server", NULL },
	  .preset = "client",
	  .help = "client: the unit runs the iperf3 server; server: the station does." },
	{ .name = "protocol",
	  .type = PARAM_CHOICE,
	  .offset = offsetof(struct args, protocol),
	  .choices = (const char *const[]){ "tcp", "udp", NULL },
	  .preset = "tcp",
	  .help = "tcp or udp." },
	{ .name = "direction",
	  .type = PARAM_CHOICE,
	  .offset = offsetof(struct args, direction),
	  .choices = (const char *const[]){ "up", "down", "both", NULL },
	  .preset = "up",
	  .help = "up: unit to station; down: station to unit; both: one after the other." },
	{ .name = "duration",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, duration_ms),
	  .min = 1000,
	  .max = 3600000,
	  .preset = "5 s",
	  .help = "Time of one measurement, in whole seconds." },
	{ .name = "omit",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, omit_ms),
	  .min = 0,
	  .max = 60000,
	  .preset = "0 s",
	  .help = "Time at the beginning that does not count, in whole seconds." },
	{ .name = "rate",
	  .type = PARAM_NUM,
	  .dim = DIM_RATE,
	  .offset = offsetof(struct args, rate_bps),
	  .min = 1000,
	  .max = 1e12,
	  .optional = 1,
	  .help = "The rate that is offered; TCP goes as fast as it can without it." },
	{ .name = "connect",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, connect_ms),
	  .min = 100,
	  .max = 60000,
	  .preset = "3 s",
	  .help = "How long the connection may take." },
	{ .name = "rtt",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, rtt_ms),
	  .min = 1,
	  .max = 10000,
	  .optional = 1,
	  .help = "Round trip of the network, for the check whether the unit's TCP window allows "
		  "the floor, until runs have measured it; it changes no measurement." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "rate",
	  .type = VALUE_NUM,
	  .unit = "Mbit/s",
	  .help = "What arrived; of both directions the lower." },
	{ .name = "rate_up",
	  .type = VALUE_NUM,
	  .unit = "Mbit/s",
	  .optional = 1,
	  .help = "What arrived at the station." },
	{ .name = "rate_down",
	  .type = VALUE_NUM,
	  .unit = "Mbit/s",
	  .optional = 1,
	  .help = "What arrived at the unit." },
	{ .name = "retransmits",
	  .type = VALUE_NUM,
	  .optional = 1,
	  .help = "TCP segments sent again; not told by every sender." },
	{ .name = "jitter",
	  .type = VALUE_NUM,
	  .unit = "ms",
	  .optional = 1,
	  .help = "UDP jitter (RFC 1889) at the receiver." },
	{ .name = "loss",
	  .type = VALUE_NUM,
	  .unit = "%",
	  .optional = 1,
	  .help = "UDP bytes that did not arrive, of those sent." },
	{ .name = "rtt",
	  .type = VALUE_NUM,
	  .unit = "ms",
	  .optional = 1,
	  .help = "TCP round trip: the mean while the station sends; where the unit is the client, "
		  "the shortest of its test application's connection, before the measurement. "
		  "`station check` takes the median of the newest runs in place of the "
		  "parameter." },
	{ .name = NULL },
};

const struct step_driver step_throughput = {
	.name = "throughput",
	.summary = "rate, retransmits, loss and jitter by iperf3",
	.help = "Each slot has ports of its own, named in the fixture. A rate below its limit "
		"blames\n"
		"the unit. A measurement that could not be made (refused, busy, silent or a "
		"result\n"
		"that contradicts itself) is a station error that says which, never 0 Mbit/s; a "
		"unit\n"
		"that cannot start iperf3 is to blame itself.",
	.params = params,
	.measures = measures,
	.asks_more = asks_more,
	.timeout_ms = 60000,
	.args_size = sizeof(struct args),
	.lint = lint,
	.least_ms = least_ms,
	.run = run,
};
