#include "cli/manual.h"

#include <string.h>

#include "base/conf.h"
#include "base/err.h"
#include "board/board_console.h"
#include "cli/cmd.h"
#include "engine/host.h"
#include "plan/plan.h"
#include "step/step.h"

/* Text of a man page: backslashes and leading dots are commands there. */
static void text(struct sbuf *out, const char *s)
{
	int start = 1;

	for (; *s; s++) {
		if (start && (*s == '.' || *s == '\''))
			sbuf_puts(out, "\\&");
		if (*s == '\\')
			sbuf_puts(out, "\\e");
		else if (*s == '-')
			sbuf_puts(out, "\\-");
		else
			sbuf_putc(out, *s);
		start = *s == '\n';
	}
}

static void line(struct sbuf *out, const char *s)
{
	text(out, s);
	sbuf_putc(out, '\n');
}

static void head(struct sbuf *out, const char *name, const char *section, const char *what)
{
	sbuf_printf(out,
		    ".TH %s %s \"\" \"station " STATION_VERSION "\" \"Factory test station\"\n",
		    name, section);
	sbuf_puts(out, ".SH NAME\n");
	sbuf_printf(out, "%s \\- %s\n", name, what);
}

static void rows(struct sbuf *out, const struct param *p)
{
	for (; p && p->name; p++) {
		sbuf_puts(out, ".TP\n.B ");
		line(out, p->name);
		struct sbuf type = { 0 };
		param_describe(&type, p);
		sbuf_puts(out, "(");
		text(out, sbuf_str(&type));
		sbuf_puts(out, ") ");
		line(out, p->help);
		sbuf_release(&type);
	}
}

static void page_station(struct sbuf *out)
{
	head(out, "station", "1", "test units with plans and keep the record");
	sbuf_puts(out, ".SH SYNOPSIS\n.B station\n[\\fB\\-\\-conf\\fR \\fIFILE\\fR] "
		       "\\fICOMMAND\\fR ...\n.SH COMMANDS\n");
	for (size_t i = 0; i < cmd_table_size; i++) {
		const struct cmd *c = cmd_table[i];

		sbuf_printf(out, ".SS %s ", c->name);
		line(out, c->usage);
		text(out, c->summary);
		sbuf_puts(out, ".\n");
		if (c->help) {
			sbuf_puts(out, ".PP\n");
			line(out, c->help);
		}
		for (const struct cmd_option *o = c->options; o->name; o++) {
			sbuf_puts(out, ".TP\n.B \\-\\-");
			text(out, o->name);
			sbuf_puts(out, o->arg ? " " : "");
			line(out, o->arg ? o->arg : "");
			line(out, o->help);
		}
	}
	sbuf_puts(out, ".SH EXIT STATUS\n0 all passed, 1 a unit failed or a record is not whole, 2 "
		       "usage or plan, 3 station error, 4 stopped.\n.SH ERRORS\n");
	for (int code = ERR_FIRST_ + 1; code < ERR_END_; code++) {
		sbuf_puts(out, ".TP\n.B ");
		line(out, err_name(code));
		sbuf_printf(out, "(%s) ", err_blame_word(err_blame(code)));
		text(out, err_what(code));
		sbuf_puts(out, ": ");
		line(out, err_todo(code));
	}
	sbuf_puts(out, ".SH SEE ALSO\nstation\\-plan(5), station.conf(5)\n");
}

static void page_plan(struct sbuf *out)
{
	head(out, "station-plan", "5", "test plans, fixtures and board profiles");
	sbuf_puts(out, ".SH THE PLAN\n.SS [plan]\n");
	rows(out, plan_params);
	sbuf_puts(out, ".SS [step NAME]\n");
	rows(out, plan_step_params);
	sbuf_puts(out, ".SS [group NAME]\n");
	rows(out, plan_group_params);
	sbuf_puts(out, ".SS [variant NAME]\n");
	rows(out, plan_variant_params);
	sbuf_puts(out, ".SH STEP KINDS\n");
	for (size_t i = 0; i < step_table_size; i++) {
		const struct step_driver *d = step_table[i];

		sbuf_printf(out, ".SS %s\n", d->name);
		text(out, d->summary);
		sbuf_puts(out, ".\n.PP\n");
		line(out, d->help);
		rows(out, d->params);
		sbuf_puts(out, ".PP\nMeasures:\n");
		for (const struct step_measure_row *m = d->measures; m->name; m++) {
			sbuf_puts(out, ".TP\n.I ");
			line(out, m->name);
			sbuf_printf(out, "(%s%s%s) ", value_type_word(m->type), m->unit ? ", " : "",
				    m->unit ? m->unit : "");
			line(out, m->help);
		}
	}
	sbuf_puts(out, ".SH FIXTURES\n.SS [fixture]\n");
	rows(out, fixture_params);
	sbuf_puts(out, ".SS [slot NAME]\n");
	rows(out, fixture_slot_params);
	sbuf_puts(out, ".SS [channel ROLE]\n");
	rows(out, fixture_channel_params);
	sbuf_puts(out, ".SS [signal NAME]\n");
	rows(out, fixture_signal_params);
	sbuf_puts(out, ".SH BOARD PROFILES\n");
	for (size_t i = 0; i < board_table_size; i++) {
		sbuf_printf(out, ".SS [board] with family = %s\n", board_table[i]->name);
		text(out, board_table[i]->summary);
		sbuf_puts(out, ".\n");
		rows(out, board_table[i]->params);
	}
	sbuf_puts(out, ".SS [command NAME] of family console\n");
	rows(out, console_command_params);
	for (const struct console_command_row *c = console_command_rows; c->name; c++) {
		sbuf_puts(out, ".TP\n.B ");
		line(out, c->name);
		for (const char *const *p = c->parameters; *p; p++)
			sbuf_printf(out, "{%s} ", *p);
		line(out, c->help);
	}
	sbuf_puts(out, ".SH SEE ALSO\nstation(1), station.conf(5)\n");
}

static void page_conf(struct sbuf *out)
{
	head(out, "station.conf", "5", "settings of a test station");
	sbuf_puts(out, ".SH SECTIONS\n");
	for (const struct conf_section *s = conf_sections; s->kind; s++) {
		sbuf_printf(out, ".SS [%s%s]\n", s->kind, s->named ? " NAME" : "");
		line(out, s->help);
		rows(out, s->params);
	}
	sbuf_puts(out, ".SH SEE ALSO\nstation(1), station\\-plan(5)\n");
}

static const struct {
	const char *page;
	void (*print)(struct sbuf *out);
} pages[] = {
	{ "station.1", page_station },
	{ "station-plan.5", page_plan },
	{ "station.conf.5", page_conf },
};

int manual_print(struct sbuf *out, const char *page)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (!strcmp(pages[i].page, page)) {
			pages[i].print(out);
			return 0;
		}
	return -1;
}
