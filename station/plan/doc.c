#include "plan/doc.h"

#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/finding.h"
#include "base/quantity.h"
#include "board/board.h"
#include "link/fixture.h"
#include "plan/limit.h"
#include "plan/plan.h"
#include "step/step.h"

/* A cell: '|' would end it. */
static void cell(struct sbuf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			sbuf_putc(out, '\\');
		sbuf_putc(out, *text);
	}
}

static void print_keys(struct sbuf *out, const struct param *rows)
{
	struct sbuf type = { 0 };

	sbuf_puts(out, "| key | value | what it does |\n|---|---|---|\n");
	for (const struct param *p = rows; p->name; p++) {
		sbuf_reset(&type);
		param_describe(&type, p);
		sbuf_printf(out, "| `%s` | ", p->name);
		cell(out, sbuf_str(&type));
		sbuf_puts(out, " | ");
		cell(out, p->help);
		sbuf_puts(out, " |\n");
	}
	sbuf_release(&type);
}

static void plan_keys(struct sbuf *out)
{
	print_keys(out, plan_params);
}

static void step_keys(struct sbuf *out)
{
	print_keys(out, plan_step_params);
}

static void group_keys(struct sbuf *out)
{
	print_keys(out, plan_group_params);
}

static void variant_keys(struct sbuf *out)
{
	print_keys(out, plan_variant_params);
}

static void fixture_keys(struct sbuf *out)
{
	print_keys(out, fixture_params);
}

static void slot_keys(struct sbuf *out)
{
	print_keys(out, fixture_slot_params);
}

static void channel_keys(struct sbuf *out)
{
	print_keys(out, fixture_channel_params);
}

static void signal_keys(struct sbuf *out)
{
	print_keys(out, fixture_signal_params);
}

static void profile_keys(struct sbuf *out)
{
	print_keys(out, board_profile_params);
}

/* Operations of a board that a kind asks for. */
static void print_ops(struct sbuf *out, uint32_t bits)
{
	const char *between = "";

	for (int i = 0; i < BOARD_OP_COUNT; i++)
		if (bits & 1u << i) {
			sbuf_printf(out, "%s`%s`", between, board_op_name((enum board_op)(1 << i)));
			between = ", ";
		}
	if (!*between)
		sbuf_puts(out, "nothing");
}

static void print_measures(struct sbuf *out, const struct step_measure_row *m)
{
	sbuf_puts(out, "\n| measures | type | what it is |\n|---|---|---|\n");
	for (; m->name; m++) {
		sbuf_printf(out, "| `%s`%s | %s%s%s%s | ", m->name,
			    m->indexed ? ", `.1`, `.2` ..." : "", value_type_word(m->type),
			    m->unit ? ", " : "", m->unit ? m->unit : "",
			    m->optional ? ", not always" : "");
		cell(out, m->help);
		sbuf_puts(out, " |\n");
	}
}

static void kinds(struct sbuf *out)
{
	for (size_t i = 0; i < step_table_size; i++) {
		const struct step_driver *d = step_table[i];
		struct param timeout = { .name = "timeout", .type = PARAM_DURATION };

		sbuf_printf(out, "%s### `%s`: %s\n\n%s\n\nAsks of the board: ", i ? "\n" : "",
			    d->name, d->summary, d->help);
		print_ops(out, d->asks);
		sbuf_puts(out, d->asks_more ? ", and more by its keys. Timeout: " : ". Timeout: ");
		param_print(out, &d->timeout_ms, &timeout);
		sbuf_puts(out,
			  d->needs & STEP_NEEDS_OPERATOR ? ". Needs an operator.\n\n" : ".\n\n");
		print_keys(out, d->params);
		if (d->measures[0].name)
			print_measures(out, d->measures);
	}
}

static void families(struct sbuf *out)
{
	for (size_t i = 0; i < board_table_size; i++) {
		const struct board_driver *d = board_table[i];
		const char *between = "";

		sbuf_printf(out, "%s### `%s`: %s\n\nChannels: ", i ? "\n" : "", d->name,
			    d->summary);
		for (int role = 0; role < ROLE_END_; role++)
			if (d->roles & 1u << role) {
				sbuf_printf(out, "%s`%s`", between,
					    board_role_name((enum board_role)role));
				between = ", ";
			}
		sbuf_puts(out, *between ? ".\n" : "none.\n");
		if (d->params[0].name) {
			sbuf_putc(out, '\n');
			print_keys(out, d->params);
		}
	}
}

static void operations(struct sbuf *out)
{
	sbuf_puts(out, "| operation | what the board does |\n|---|---|\n");
	for (int i = 0; i < BOARD_OP_COUNT; i++)
		sbuf_printf(out, "| `%s` | %s |\n", board_op_name((enum board_op)(1 << i)),
			    board_op_what((enum board_op)(1 << i)));
}

static void conf_keys(struct sbuf *out)
{
	for (const struct conf_section *s = conf_sections; s->kind; s++) {
		sbuf_printf(out, "%s### `[%s%s]`\n\n%s\n\n", s == conf_sections ? "" : "\n",
			    s->kind, s->named ? " NAME" : "", s->help);
		print_keys(out, s->params);
	}
}

static void limits(struct sbuf *out)
{
	sbuf_puts(out, "| operator | judges |\n|---|---|\n");
	for (int op = LIMIT_NONE + 1; op < LIMIT_END_; op++) {
		const char *between = "";

		sbuf_printf(out, "| `%s` | ", limit_op_word((enum limit_op)op));
		for (int type = VALUE_NUM; type <= VALUE_BOOL; type++)
			if (limit_judges((enum value_type)type, (enum limit_op)op)) {
				sbuf_printf(out, "%s%s", between,
					    value_type_word((enum value_type)type));
				between = ", ";
			}
		sbuf_puts(out, " |\n");
	}
}

static void units(struct sbuf *out)
{
	sbuf_puts(out, "| dimension | units |\n|---|---|\n");
	for (int dim = DIM_NONE + 1; dim < DIM_END_; dim++)
		sbuf_printf(out, "| %s | %s |\n", quantity_name((enum dimension)dim),
			    quantity_units((enum dimension)dim));
}

static void findings(struct sbuf *out)
{
	sbuf_puts(out, "| code | severity | what it means |\n|---|---|---|\n");
	for (int code = 0; code < FINDING_END_; code++) {
		enum finding_code c = (enum finding_code)code;

		sbuf_printf(out, "| `%s` | %s | %s |\n", finding_name(c),
			    finding_severity(c) == SEVERITY_ERROR ? "error" : "warning",
			    finding_help(c));
	}
}

const struct plan_doc plan_docs[] = {
	{ "plan-keys", plan_keys },
	{ "step-keys", step_keys },
	{ "group-keys", group_keys },
	{ "variant-keys", variant_keys },
	{ "limit-operators", limits },
	{ "units", units },
	{ "step-kinds", kinds },
	{ "conf-keys", conf_keys },
	{ "fixture-keys", fixture_keys },
	{ "slot-keys", slot_keys },
	{ "channel-keys", channel_keys },
	{ "signal-keys", signal_keys },
	{ "profile-keys", profile_keys },
	{ "board-families", families },
	{ "operations", operations },
	{ "findings", findings },
	{ NULL, NULL },
};

int plan_doc(struct sbuf *out, const char *name)
{
	for (const struct plan_doc *d = plan_docs; d->name; d++)
		if (!strcmp(d->name, name)) {
			d->print(out);
			return 0;
		}
	return -1;
}

int plan_doc_update(struct sbuf *out, const char *text, struct err *err)
{
	static const char mark[] = "<!-- table ", end[] = "<!-- end -->";
	const char *begin, *after, *stop;
	char line[80], name[40];

	for (const struct plan_doc *d = plan_docs; d->name; d++) {
		snprintf(line, sizeof(line), "%s%s -->\n", mark, d->name);
		if (!strstr(text, line))
			return err_set(err, ERR_PLAN, "table '%s' stands nowhere", d->name);
	}
	while ((begin = strstr(text, mark))) {
		int n = 0;

		if (sscanf(begin + sizeof(mark) - 1, "%39[a-z-] -->%n", name, &n) != 1 || !n)
			return err_set(err, ERR_PLAN, "'%.40s' names no table", begin);
		name[strcspn(name, " ")] = '\0';
		after = begin + sizeof(mark) - 1 + n;
		stop = strstr(after, end);
		if (!stop)
			return err_set(err, ERR_PLAN, "table '%s' has no %s", name, end);
		sbuf_add(out, text, (size_t)(after - text));
		sbuf_puts(out, "\n");
		if (plan_doc(out, name) < 0)
			return err_set(err, ERR_PLAN, "there is no table '%s'", name);
		text = stop;
	}
	sbuf_puts(out, text);
	return 0;
}
