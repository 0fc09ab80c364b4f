/* station help: commands, step kinds, boards, files and the manual pages, all
 * printed from the tables that the program works by. */
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "board/board.h"
#include "cli/manual.h"
#include "engine/host.h"
#include "plan/plan.h"
#include "step/step.h"

static void rows(struct sbuf *out, const struct param *p)
{
	for (; p && p->name; p++) {
		sbuf_printf(out, "  %-16s ", p->name);
		param_describe(out, p);
		sbuf_printf(out, "\n                   %s\n", p->help);
	}
}

static int help_step(struct sbuf *out, struct cmd_args *a, const char *kind)
{
	const struct step_driver *d = step_find(kind);

	if (!d)
		return cmd_usage(a, "no step kind '%s'; see station list steps", kind);
	sbuf_printf(out, "kind = %s\n\n%s.\n\n%s\n\nkeys:\n", d->name, d->summary, d->help);
	rows(out, d->params);
	sbuf_puts(out, "\nmeasures:\n");
	for (const struct step_measure_row *m = d->measures; m->name; m++)
		sbuf_printf(out, "  %-16s %s%s%s. %s\n", m->name, value_type_word(m->type),
			    m->unit ? " in " : "", m->unit ? m->unit : "", m->help);
	sbuf_puts(out, "\nasks the board for:");
	for (int i = 0; i < BOARD_OP_COUNT; i++)
		if (d->asks & 1u << i)
			sbuf_printf(out, " %s", board_op_name(1u << i));
	sbuf_printf(out, "%s\ntimeout: %lld s unless the plan says otherwise\n\n",
		    d->asks ? "" : " nothing, or what its keys need",
		    (long long)(d->timeout_ms / 1000));
	sbuf_puts(out, "keys of every step:\n");
	rows(out, plan_step_params);
	return CMD_PASS;
}

static int help_board(struct sbuf *out, struct cmd_args *a, const char *name)
{
	const struct board_driver *d = board_find(name);

	if (!d)
		return cmd_usage(a, "no board family '%s'; see station list boards", name);
	sbuf_printf(out, "family = %s\n\n%s.\n\nkeys of [board]:\n", d->name, d->summary);
	rows(out, d->params);
	return CMD_PASS;
}

static int help_plan(struct sbuf *out, struct cmd_args *a, const char *name)
{
	(void)a;
	(void)name;
	sbuf_puts(out, "keys of [plan]:\n");
	rows(out, plan_params);
	sbuf_puts(out, "\nkeys of every [step NAME]:\n");
	rows(out, plan_step_params);
	sbuf_puts(out, "\nkeys of [group NAME]:\n");
	rows(out, plan_group_params);
	sbuf_puts(out, "\nkeys of [variant NAME]:\n");
	rows(out, plan_variant_params);
	return CMD_PASS;
}

static int help_fixture(struct sbuf *out, struct cmd_args *a, const char *name)
{
	(void)a;
	(void)name;
	sbuf_puts(out, "keys of [fixture]:\n");
	rows(out, fixture_params);
	sbuf_puts(out, "\nkeys of [slot NAME]:\n");
	rows(out, fixture_slot_params);
	sbuf_puts(out, "\nkeys of [channel ROLE]:\n");
	rows(out, fixture_channel_params);
	sbuf_puts(out, "\nkeys of [signal NAME]:\n");
	rows(out, fixture_signal_params);
	return CMD_PASS;
}

static int help_man(struct sbuf *out, struct cmd_args *a, const char *page)
{
	return manual_print(out, page) < 0
		       ? cmd_usage(a,
				   "no manual page '%s': station.1, station-plan.5 or "
				   "station.conf.5",
				   page)
		       : CMD_PASS;
}

static const struct {
	const char *topic;
	int takes_name;
	int (*help)(struct sbuf *out, struct cmd_args *a, const char *name);
} topics[] = {
	{ "step", 1, help_step },       { "board", 1, help_board }, { "plan", 0, help_plan },
	{ "fixture", 0, help_fixture }, { "man", 1, help_man },
};

static int topic(struct sbuf *out, struct cmd_args *a)
{
	const char *word = a->rests ? a->rest[0] : NULL;
	const struct cmd *c;

	if (!word) {
		sbuf_puts(out, "station " STATION_VERSION ": test units with plans, keep the "
			       "record\n\n");
		for (size_t i = 0; i < cmd_table_size; i++)
			sbuf_printf(out, "  %-8s %s\n", cmd_table[i]->name, cmd_table[i]->summary);
		sbuf_puts(out, "\nstation help COMMAND | step KIND | board FAMILY | plan | fixture "
			       "| man PAGE\n");
		return CMD_PASS;
	}
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (!strcmp(topics[i].topic, word) &&
		    a->rests == (size_t)1 + (size_t)topics[i].takes_name)
			return topics[i].help(out, a, topics[i].takes_name ? a->rest[1] : NULL);
	c = a->rests == 1 ? cmd_find(word) : NULL;
	if (!c)
		return cmd_usage(a, "nothing is known about '%s'", word);
	cmd_describe(out, c);
	return CMD_PASS;
}

static int run(struct cmd_args *a)
{
	struct sbuf out = { 0 };
	int r = topic(&out, a);

	if (!r)
		r = cmd_out(&out);
	sbuf_release(&out);
	return r;
}

static const struct cmd_option options[] = { { .name = NULL } };

const struct cmd cmd_help = {
	.name = "help",
	.summary = "commands, step kinds, board families and file formats",
	.usage = "[COMMAND | step KIND | board FAMILY | plan | fixture | man PAGE]",
	.options = options,
	.run = run,
};
