/* station show: the history of a unit. */
#include "cli/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/with.h"

static void print_run(struct sbuf *out, const struct store_row *r)
{
	char when[CLOCK_TEXT];

	sbuf_printf(out, "%s  %-11s %-8s %s %s  slot %s  %.1f s  run %.8s  seq %" PRId64,
		    clock_print(when, r->started_ms), verdict_word(r->verdict),
		    err_blame_word(r->blame), r->product, r->process, r->slot,
		    (double)r->duration_ms / 1000, r->run, r->seq);
	if (r->attempt > 0)
		sbuf_printf(out, "  attempt %" PRId64, r->attempt);
	if (!r->counts)
		sbuf_printf(out, "  (%s, does not count)", run_mode_word(r->mode));
	if (r->first_fail)
		sbuf_printf(out, "  %s", r->first_fail);
	sbuf_putc(out, '\n');
}

static void print_note(struct sbuf *out, const struct store_note *n)
{
	char when[CLOCK_TEXT];

	sbuf_printf(out, "%s  %-11s %-8s %s %s  by %s (%s)", clock_print(when, n->at_ms),
		    store_note_word(n->kind), n->what, n->product ? n->product : "-",
		    n->process ? n->process : "-", n->by, n->by_how);
	if (n->is)
		sbuf_printf(out, "  %s", n->is);
	if (n->run)
		sbuf_printf(out, "  run %.8s", n->run);
	sbuf_printf(out, "  seq %" PRId64, n->seq);
	if (n->reason)
		sbuf_printf(out, "  %s", n->reason);
	sbuf_putc(out, '\n');
}

/* Runs and what was decided after them, in the order of the record. */
static int print(struct cmd_args *a, struct station *st)
{
	const char *serial = text_escaped(&a->arena, a->rest[0], strlen(a->rest[0]));
	struct store_filter filter = { .serial = serial };
	struct store_row *row;
	struct store_note *note;
	struct sbuf out = { 0 };
	struct err err = { 0 };
	size_t n, notes, k = 0;
	int r;

	if (store_freeze(st->store, &err) < 0 ||
	    store_rows(&row, &n, &a->arena, st->store, &filter, &err) < 0 ||
	    store_notes(&note, &notes, &a->arena, st->store, NULL, serial, NULL, 0, &err) < 0)
		return cmd_fail(&err);
	if (!n && !notes) {
		fprintf(stderr, "station: no unit %s in %s\n", serial, st->conf->database);
		return CMD_USAGE;
	}
	sbuf_printf(&out, "unit %s: %zu run%s\n", serial, n, n == 1 ? "" : "s");
	for (size_t i = 0; i < n; i++) {
		while (k < notes && note[k].seq < row[i].seq)
			print_note(&out, &note[k++]);
		print_run(&out, &row[i]);
	}
	while (k < notes)
		print_note(&out, &note[k++]);
	r = cmd_out(&out);
	sbuf_release(&out);
	return r;
}

static int run(struct cmd_args *a)
{
	if (a->rests != 1)
		return cmd_usage(a, "which unit?");
	return cmd_with_station(a, STATION_READ, cmd_opt(a, "database"), print);
}

static const struct cmd_option options[] = {
	CMD_DATABASE,
	{ .name = NULL },
};

const struct cmd cmd_show = {
	.name = "show",
	.summary = "every run of a unit, and what was decided about it",
	.usage = "SERIAL",
	.options = options,
	.run = run,
};
