#include "cli/decide.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/typed.h"
#include "cli/with.h"

/* The unit that is meant, and its plan. */
static int unit_of(struct store_note *n, struct cmd_args *a, struct station *st,
		   const struct plan **plan, struct err *err)
{
	struct label_rules rules = station_label_rules(st);
	const char *path = cmd_opt(a, "plan"), *serial = a->rest[0];
	struct typed t = { .text = serial, .rules = &rules, .store = st->store };
	struct plan_card *card = NULL;
	struct err none = { 0 };
	int r = 0;

	/* What is wrong with a plan that has no card is told with all its findings below. */
	if (plan_card_load(&card, &a->arena, path, &none) == 0) {
		t.card = card;
		r = typed_unit(&serial, &a->arena, &t, err);
	}
	plan_card_release(card);
	if (r < 0 || station_plan_of(plan, st, path, NULL, serial, err) < 0)
		return err->code;
	n->product = (*plan)->product;
	n->process = (*plan)->process;
	n->serial = text_escaped(&a->arena, serial, strlen(serial));
	return plan_serial_ok(*plan, n->serial, err);
}

static const struct decision *doing; /* of this process's one command */

static int work(struct cmd_args *a, struct station *st)
{
	struct store_note n = { .kind = doing->kind,
				.what = doing->what,
				.reason = cmd_opt(a, "reason") };
	const struct plan *plan;
	struct store_unit u;
	struct sbuf out = { 0 };
	struct err err = { 0 };
	struct who who;
	int r = who_is(&who, a, st, cmd_opt(a, "badge"), cmd_opt(a, "by"));

	if (r)
		return r;
	if (who.role == PEOPLE_ANYONE)
		return cmd_usage(a, "who decides? --by ID, or --badge FILE");
	n.by = who.by;
	n.by_how = who.how;
	if (unit_of(&n, a, st, &plan, &err) < 0) {
		r = cmd_findings(st->findings);
		return r ? r : cmd_fail(&err);
	}
	if (doing->may(plan, doing->what, who.role, &err) < 0 ||
	    store_unit(&u, st->store, n.product, n.serial, n.process, &err) < 0)
		return cmd_fail(&err);
	if (u.last != VERDICT_NONE)
		n.run = u.last_run;
	if (store_note(st->store, &n, &err) < 0)
		return cmd_fail(&err);
	sbuf_printf(&out, "unit %s: %s %s by %s recorded, seq %lld\n", n.serial,
		    store_note_word(n.kind), n.what, n.by, (long long)n.seq);
	r = cmd_out(&out);
	sbuf_release(&out);
	return r;
}

int decide(struct cmd_args *a, const struct decision *d)
{
	if (!cmd_opt(a, "plan"))
		return cmd_usage(a, "by which plan is the unit tested? --plan PLAN");
	doing = d;
	return cmd_with_station(a, STATION_FIXTURE | STATION_RECORD, cmd_opt(a, "database"), work);
}

const struct cmd_option decide_options[] = {
	{ .name = "plan", .arg = "PLAN", .help = "plan that the unit is tested by" },
	{ .name = "by", .arg = "ID", .help = "who decides, where the station has no badges" },
	{ .name = "badge", .arg = "FILE", .help = "who decides: text of the badge, - for stdin" },
	{ .name = "reason", .arg = "TEXT", .help = "why; it is recorded" },
	CMD_DATABASE,
	{ .name = NULL },
};
