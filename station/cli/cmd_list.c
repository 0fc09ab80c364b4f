/* station list: what there is, printed from the tables. */
#include "cli/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "board/board.h"
#include "cli/with.h"
#include "link/usb.h"
#include "reports/report.h"
#include "step/step.h"

enum { USB_MS = 5000 };

static void ops(struct sbuf *out, uint32_t bits)
{
	for (int i = 0; i < BOARD_OP_COUNT; i++)
		if (bits & 1u << i)
			sbuf_printf(out, " %s", board_op_name(1u << i));
}

static int list_steps(struct sbuf *out)
{
	for (size_t i = 0; i < step_table_size; i++) {
		const struct step_driver *d = step_table[i];

		sbuf_printf(out, "%-16s %s\n", d->name, d->summary);
		if (d->asks) {
			sbuf_puts(out, "                 asks the board for:");
			ops(out, d->asks);
			sbuf_putc(out, '\n');
		}
		sbuf_puts(out, "                 measures:");
		for (const struct step_measure_row *m = d->measures; m->name; m++)
			sbuf_printf(out, " %s%s%s%s", m->name, m->indexed ? ".N" : "",
				    m->unit ? " in " : "", m->unit ? m->unit : "");
		sbuf_putc(out, '\n');
	}
	return CMD_PASS;
}

static int list_boards(struct sbuf *out)
{
	for (size_t i = 0; i < board_table_size; i++)
		sbuf_printf(out, "%-16s %s\n", board_table[i]->name, board_table[i]->summary);
	return CMD_PASS;
}

static int list_errors(struct sbuf *out)
{
	for (int code = ERR_FIRST_ + 1; code < ERR_END_; code++)
		sbuf_printf(out, "%-16s %-8s %-5s %s\n%-31s %s\n", err_name(code),
			    err_blame_word(err_blame(code)), verdict_word(err_verdict(code)),
			    err_what(code), "", err_todo(code));
	sbuf_puts(out, "\nfindings of station check:\n");
	for (int code = 0; code < FINDING_END_; code++)
		sbuf_printf(out, "%-20s %-8s %s\n", finding_name(code),
			    finding_severity(code) == SEVERITY_ERROR ? "error" : "warning",
			    finding_help(code));
	return CMD_PASS;
}

static const struct usb_device *device_at(const struct usb_list *l, const char *path)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->device[i].path, path))
			return &l->device[i];
	return NULL;
}

static void device(struct sbuf *out, const struct usb_device *d)
{
	if (!d)
		sbuf_puts(out, "no device");
	else if (d->problem)
		sbuf_printf(out, "a device that cannot be opened: %s", d->problem);
	else
		sbuf_printf(out, "%04x:%04x '%s' serial %s", d->vid, d->pid, d->product,
			    *d->serial ? d->serial : "(none)");
	if (d && d->held) /* a driver of the kernel lets go for a run, a program does not */
		sbuf_printf(out, " (%s)", d->held);
}

/* What is not as the fixture expects it at a slot; nothing where all is. */
static void device_wrong(struct sbuf *out, const struct fixture *f, const struct fixture_slot *s,
			 const struct usb_list *usb)
{
	const struct usb_device *d = device_at(usb, s->usb);
	int none = s->ftdi_serial && !strcmp(s->ftdi_serial, "none"), same = 0, alike = 0;

	for (size_t i = 0; i < usb->count; i++) {
		same += !strcmp(usb->device[i].path, s->usb);
		alike += d && *d->serial && !strcmp(usb->device[i].serial, d->serial);
	}
	if (same > 1)
		sbuf_printf(out, "; %d devices answer at this path", same);
	if (!d || d->problem)
		return;
	if (f->ftdi_product && strcmp(f->ftdi_product, d->product))
		sbuf_printf(out, "; expected product '%s': interface EEPROM not programmed",
			    f->ftdi_product);
	if (s->ftdi_serial && !none && strcmp(s->ftdi_serial, d->serial))
		sbuf_printf(out, "; expected serial %s", s->ftdi_serial);
	/* Interfaces of an early EEPROM all show one: no fault, slots go by path. */
	if (alike > 1)
		sbuf_printf(out, "; %d devices show this serial", alike);
}

/* Devices that no slot of the fixture names are listed too. */
static void other_devices(struct sbuf *out, const struct fixture *f, const struct usb_list *usb)
{
	for (size_t i = 0; i < usb->count; i++) {
		size_t k = 0;

		while (k < f->slots && strcmp(f->slot[k].usb, usb->device[i].path))
			k++;
		if (k < f->slots)
			continue;
		sbuf_printf(out, "no slot     USB %-8s ", usb->device[i].path);
		device(out, &usb->device[i]);
		sbuf_putc(out, '\n');
	}
}

static int list_slots(struct cmd_args *a, struct station *st)
{
	struct usb_list usb = { 0 };
	struct sbuf out = { 0 };
	struct err err = { 0 };
	int r;

	if (!st->fixture) {
		fprintf(stderr, "station: no fixture is set in %s\n",
			*st->conf->path ? st->conf->path : "station.conf");
		return CMD_USAGE;
	}
	if (usb_list(&usb, &a->arena, clock_ms() + USB_MS, &err) < 0)
		return cmd_fail(&err);
	sbuf_printf(&out, "fixture %s, board %s\n", st->fixture->id, st->fixture->board);
	for (size_t i = 0; i < st->fixture->slots; i++) {
		const struct fixture_slot *s = &st->fixture->slot[i];

		sbuf_printf(&out, "slot %-6s USB %-8s ", s->name, s->usb);
		device(&out, device_at(&usb, s->usb));
		device_wrong(&out, st->fixture, s, &usb);
		sbuf_putc(&out, '\n');
	}
	other_devices(&out, st->fixture, &usb);
	r = cmd_out(&out);
	sbuf_release(&out);
	return r;
}

/* The faults are a table of the program beside this one, which serves them. */
static int list_faults(struct sbuf *out)
{
	char path[4096], line[8192];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	char *slash;
	FILE *p;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return CMD_STATION;
	memcpy(slash + 1, "vboard", 7);
	if (access(path, X_OK)) {
		fprintf(stderr, "station: %s is not there: virtual boards are not installed\n",
			path);
		return CMD_STATION;
	}
	snprintf(line, sizeof(line), "'%s' --list faults", path);
	p = strchr(path, '\'') ? NULL : popen(line, "re");
	while (p && fgets(line, sizeof(line), p))
		sbuf_puts(out, line);
	return p && pclose(p) == 0 ? CMD_PASS : CMD_STATION;
}

static int by_unit(const void *a, const void *b)
{
	const struct store_row *x = *(const struct store_row *const *)a;
	const struct store_row *y = *(const struct store_row *const *)b;
	int c = strcmp(x->serial, y->serial);

	c = c ? c : strcmp(x->product, y->product);
	c = c ? c : strcmp(x->process, y->process);
	return c ? c : (x->open_seq > y->open_seq) - (x->open_seq < y->open_seq);
}

static int by_start(const void *a, const void *b)
{
	const struct store_row *x = *(const struct store_row *const *)a;
	const struct store_row *y = *(const struct store_row *const *)b;

	return (x->open_seq > y->open_seq) - (x->open_seq < y->open_seq);
}

static int same_unit(const struct store_row *x, const struct store_row *y)
{
	return !strcmp(x->serial, y->serial) && !strcmp(x->product, y->product) &&
	       !strcmp(x->process, y->process);
}

/* The last run of each unit stands for it. */
static int list_units(struct cmd_args *a, struct station *st)
{
	const struct store_row **last;
	struct store_row *row;
	struct sbuf out = { 0 };
	struct err err = { 0 };
	size_t n, units = 0;
	int r;

	if (store_rows(&row, &n, &a->arena, st->store, NULL, &err) < 0)
		return cmd_fail(&err);
	last = arena_alloc(&a->arena, (n + 1) * sizeof(*last));
	for (size_t i = 0; i < n; i++)
		last[i] = &row[i];
	qsort(last, n, sizeof(*last), by_unit);
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || !same_unit(last[i], last[i + 1]))
			last[units++] = last[i];
	qsort(last, units, sizeof(*last), by_start);
	for (size_t i = 0; i < units; i++) {
		char when[CLOCK_TEXT];

		sbuf_printf(&out, "%s  %-20s %-12s %-8s %-11s ",
			    clock_print(when, last[i]->started_ms), last[i]->serial,
			    last[i]->product, last[i]->process, verdict_word(last[i]->verdict));
		if (last[i]->attempt > 0)
			sbuf_printf(&out, "attempt %" PRId64 "\n", last[i]->attempt);
		else
			sbuf_puts(&out, "does not count\n");
	}
	r = cmd_out(&out);
	sbuf_release(&out);
	return r;
}

static int list_reports(struct sbuf *out)
{
	for (size_t i = 0; i < report_table_size; i++)
		sbuf_printf(out, "%-8s %s\n", report_table[i]->name, report_table[i]->summary);
	return CMD_PASS;
}

static const struct {
	const char *name;
	int (*list)(struct sbuf *out);                      /* from tables, or */
	int (*ask)(struct cmd_args *a, struct station *st); /* of a station that needs this */
	int needs;
} lists[] = {
	{ "steps", list_steps, NULL, 0 },     { "boards", list_boards, NULL, 0 },
	{ "errors", list_errors, NULL, 0 },   { "slots", NULL, list_slots, STATION_FIXTURE },
	{ "faults", list_faults, NULL, 0 },   { "units", NULL, list_units, STATION_READ },
	{ "reports", list_reports, NULL, 0 },
};

static int run(struct cmd_args *a)
{
	struct sbuf out = { 0 };
	int r;

	for (size_t i = 0; a->rests == 1 && i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(lists[i].name, a->rest[0]))
			continue;
		if (lists[i].ask)
			return cmd_with_station(a, lists[i].needs, NULL, lists[i].ask);
		r = lists[i].list(&out);
		r = cmd_worse(r, cmd_out(&out));
		sbuf_release(&out);
		return r;
	}
	return cmd_usage(a, "list what? steps, boards, errors, slots, faults, units or reports");
}

static const struct cmd_option options[] = { { .name = NULL } };

const struct cmd cmd_list = {
	.name = "list",
	.summary = "what there is: steps, boards, errors, slots, faults, units, reports",
	.usage = "steps|boards|errors|slots|faults|units|reports",
	.help = "slots shows each slot's USB path and what sits there; faults are those that a\n"
		"virtual board can have; units are those of the record with their last verdict;\n"
		"reports are the formats of [reports].",
	.options = options,
	.run = run,
};
