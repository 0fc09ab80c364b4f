/* plan_lint -- what only several sections, or a step and its board, show. */
#include "plan/plan_priv.h"

#include <string.h>
#include <unistd.h>

#include "base/hint.h"

void plan_findings_copy(struct findings *to, const struct findings *from)
{
	for (size_t i = 0; i < from->count; i++)
		finding_add(to, &from->list[i].at, from->list[i].code, "%s", from->list[i].message);
}

/* --- one step --- */

/* Has the kind itself told of it, as it may in better words? */
static int is_told(const struct findings *f, enum finding_code code, const struct ini_key *k)
{
	for (size_t i = 0; k && i < f->count; i++)
		if (f->list[i].code == code && f->list[i].at.line == k->value_at.line)
			return 1;
	return 0;
}

static void lint_pins(const struct plan_step *st, const struct param *row,
		      const struct board_profile *board, const struct ini_key *k, struct arena *a,
		      struct findings *f)
{
	const struct param_pairs *pairs = (const void *)((const char *)st->args + row->offset);
	const struct param_list *pins = board_pins(board->driver, board->profile);

	if (is_told(f, FINDING_UNKNOWN_PIN, k))
		return;
	for (size_t i = 0; pins && i < 2 * pairs->count; i++) {
		const char *pin = i % 2 ? pairs->item[i / 2].b : pairs->item[i / 2].a;
		struct place place;
		size_t n = 0;

		while (n < pins->count && strcmp(pins->item[n], pin))
			n++;
		if (n < pins->count)
			continue;
		place = k ? plan_item_place(k, pin) : st->at;
		finding_add(f, &place, FINDING_UNKNOWN_PIN, "board '%s' has no pin '%s'%s",
			    board->name, pin, hint(a, pin, pins->item, pins->count, NULL));
	}
}

static void lint_path(const struct plan_step *st, const struct param *row, const struct ini_key *k,
		      struct findings *f)
{
	const char *path =
		*(const char *const *)((const void *)((const char *)st->args + row->offset));

	if (path && *path && access(path, R_OK) < 0 && !is_told(f, FINDING_NO_SUCH_PATH, k))
		finding_add(f, k ? &k->value_at : &st->at, FINDING_NO_SUCH_PATH,
			    "'%s': there is no '%s'", row->name, path);
}

static void lint_timeout(const struct plan_step *st, const struct ini_section *s,
			 struct findings *f)
{
	const struct step_driver *d = st->driver;
	int64_t least = d->least_ms ? d->least_ms(st->args) : 0;
	struct place at = plan_value_place(s, "timeout");
	struct plan_step_keys has = { .timeout_ms = st->timeout_ms }, takes = { 0 };
	const struct param *row = param_find(plan_step_params, "timeout");
	struct sbuf b = { 0 };

	if (st->timeout_ms >= least)
		return;
	takes.timeout_ms = least;
	sbuf_puts(&b, "the timeout is ");
	param_print(&b, &has, row);
	sbuf_puts(&b, ", and the step takes ");
	param_print(&b, &takes, row);
	finding_add(f, &at, FINDING_TIMEOUT_TOO_SHORT, "%s by itself", sbuf_str(&b));
	sbuf_release(&b);
}

static void lint_board(const struct plan_step *st, const struct board_profile *board,
		       const struct ini_section *s, struct findings *f)
{
	const struct step_driver *d = st->driver;
	uint32_t asks = d->asks | (d->asks_more ? d->asks_more(st->args) : 0);
	uint32_t missing = asks & ~board_offers(board->driver, board->profile);
	struct place at = plan_value_place(s, "kind");

	for (uint32_t bit = 1; bit && bit <= missing; bit <<= 1)
		if (missing & bit)
			finding_add(f, &at, FINDING_BOARD_LACKS,
				    "board '%s' (%s) does not offer '%s': %s", board->name,
				    board->driver->name, board_op_name((enum board_op)bit),
				    board_op_what((enum board_op)bit));
}

/* What cannot be undone is done once, by a unit that passed all before. */
static void lint_final(const struct plan_step *st, const struct ini_section *s, struct findings *f)
{
	static const char *const keys[] = { "retry", "group", "always" };
	const int set[] = { st->retry > 0, st->group != NULL, st->always };

	for (size_t i = 0; st->driver->final && i < 3; i++) {
		struct place at = plan_value_place(s, keys[i]);

		if (set[i])
			finding_add(
				f, &at, FINDING_CONTRADICTION,
				"'%s' is not for step '%s': what a step of kind '%s' does cannot "
				"be undone, so it runs once, after all others passed",
				keys[i], st->id, st->driver->name);
	}
}

void plan_lint_step(const struct plan_step *st, const struct plan_reader *r,
		    const struct ini_section *s, struct findings *f)
{
	const struct board_profile *board = r->plan->board;
	const struct ini_key *retry = ini_key(s, "retry_delay");

	if (board)
		lint_board(st, board, s, f);
	for (const struct param *row = st->driver->params; row->name; row++) {
		const struct ini_key *k = ini_key(s, row->name);

		if (row->type == PARAM_PAIRS && board)
			lint_pins(st, row, board, k, r->arena, f);
		else if (row->type == PARAM_PATH)
			lint_path(st, row, k, f);
	}
	lint_timeout(st, s, f);
	if (!st->limits && !st->driver->acts && !st->always && !f->errors) /* always: cleans up */
		finding_add(f, &st->at, FINDING_JUDGES_NOTHING,
			    "step '%s' judges nothing: it has no limit", st->id);
	if (retry && !st->retry && st->retry_delay_ms)
		finding_add(f, &retry->at, FINDING_SUSPICIOUS,
			    "'retry_delay' of step '%s' does nothing without 'retry'", st->id);
	lint_final(st, s, f);
	if (st->always && st->group)
		finding_add(f, &ini_key(s, "always")->at, FINDING_CONTRADICTION,
			    "step '%s' cannot be in a group: a group is repeated and stopped as a "
			    "whole, and it runs always",
			    st->id);
}

/* --- the plan --- */

static void lint_resources(const struct plan *p, const struct plan_reader *r)
{
	const struct param_list *known = r->env->resources;

	for (size_t i = 0; known && i < p->steps; i++)
		for (size_t u = 0; u < p->step[i].uses.count; u++) {
			const char *name = p->step[i].uses.item[u];
			const struct ini_key *k = ini_key(r->source->step[i], "uses");
			struct place at = k ? plan_item_place(k, name) : p->step[i].at;
			size_t n = 0;

			while (n < known->count && strcmp(known->item[n], name))
				n++;
			if (n == known->count)
				finding_add(
					r->findings, &at, FINDING_UNKNOWN_NAME,
					"station.conf has no [resource %s]%s", name,
					hint(r->arena, name, known->item, known->count, "it has"));
		}
}

static void unknown_group(const struct plan_step *st, const struct plan_reader *r, size_t step)
{
	const struct plan_source *src = r->source;
	const char **names = arena_alloc(r->arena, (src->groups + 1) * sizeof(*names));
	struct place at = plan_value_place(src->step[step], "group");

	for (size_t i = 0; i < src->groups; i++)
		names[i] = src->group[i]->name;
	finding_add(r->findings, &at, FINDING_UNKNOWN_NAME, "there is no [group %s]%s", st->group,
		    hint(r->arena, st->group, names, src->groups, "there is"));
}

/* The steps of a group stand together. */
static void lint_groups(const struct plan *p, const struct plan_reader *r)
{
	const struct plan_source *src = r->source;

	for (size_t i = 0; i < p->steps; i++) {
		const char *name = p->step[i].group;
		struct place at;
		size_t g = 0, last;

		while (name && g < p->groups && strcmp(p->group[g].name, name))
			g++;
		if (!name)
			continue;
		if (g == p->groups) {
			unknown_group(&p->step[i], r, i);
			continue;
		}
		last = p->group[g].first + p->group[g].count;
		if (i < last)
			continue;
		at = plan_value_place(src->step[i], "group");
		finding_add(r->findings, &at, FINDING_CONTRADICTION,
			    "step '%s' stands apart from its group '%s', which ends with step '%s'",
			    p->step[i].id, name, p->step[last - 1].id);
	}
	for (size_t g = 0; g < p->groups; g++)
		if (!p->group[g].count)
			finding_add(r->findings, &src->group[g]->at, FINDING_NEVER_RUNS,
				    "group '%s' has no steps", p->group[g].name);
		else if (p->group[g].retry_delay_ms && !p->group[g].retry)
			finding_add(r->findings, &src->group[g]->at, FINDING_SUSPICIOUS,
				    "'retry_delay' of group '%s' does nothing without 'retry'",
				    p->group[g].name);
}

/* After a step that always runs, a unit is often switched off. */
static void lint_always(const struct plan *p, struct findings *f)
{
	const struct plan_step *first = NULL;

	for (size_t i = 0; i < p->steps; i++)
		if (p->step[i].always && !first)
			first = &p->step[i];
		else if (first && !p->step[i].always)
			finding_add(f, &p->step[i].at, FINDING_SUSPICIOUS,
				    "step '%s' stands behind '%s', which runs always: such steps "
				    "belong at the end",
				    p->step[i].id, first->id);
}

static const void *arg_of(const struct plan_step *st, const char *name, enum param_type type)
{
	for (const struct param *row = st->driver->params; row->name; row++)
		if (!strcmp(row->name, name) && row->type == type)
			return (const char *)st->args + row->offset;
	return NULL;
}

static int has_item(const struct param_list *l, const char *text)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->item[i], text))
			return 1;
	return 0;
}

/* A unit is not to blame for what the plan itself puts on it: a version that a later step
 * does not accept. */
static void lint_versions(const struct plan *p, const struct plan_reader *r)
{
	const char *version = NULL, *by = NULL;

	for (size_t i = 0; p->board && p->board->driver->version_of && i < p->steps; i++) {
		const struct plan_step *st = &p->step[i];
		const char *const *images = arg_of(st, "images", PARAM_PATH);
		const struct param_list *accept = arg_of(st, "accept", PARAM_VERSIONS);
		struct place at;

		if (st->skipped)
			continue;
		if (images && *images) {
			version =
				p->board->driver->version_of(r->arena, p->board->profile, *images);
			by = st->id;
		}
		if (!version || !accept || !accept->count || has_item(accept, version))
			continue;
		at = plan_value_place(r->source->step[i], "accept");
		finding_add(
			r->findings, &at, FINDING_CONTRADICTION,
			"the images of step '%s' are those of %s, which step '%s' does not accept",
			by, version, st->id);
	}
}

static void lint_fixture(const struct plan *p, const struct plan_reader *r)
{
	const struct fixture *x = r->env->fixture;
	const struct fixture_slot *slot, *by;
	struct place at;
	const char *role;

	if (!x || !p->board)
		return;
	at = plan_value_place(r->source->plan, "board");
	if (x->board && strcmp(x->board, p->board->name))
		finding_add(r->findings, &at, FINDING_FIXTURE_BOARD,
			    "the plan is for board '%s', and fixture '%s' is for '%s'",
			    p->board->name, x->id ? x->id : x->path, x->board);
	else if ((role = board_unwired(p->board->driver, x)))
		finding_add(r->findings, &at, FINDING_NOT_WIRED,
			    "board '%s' needs a channel '%s', and fixture '%s' wires none",
			    p->board->name, role, x->id ? x->id : x->path);
	else if ((role = board_unsignalled(p->board->driver, x)))
		finding_add(r->findings, &at, FINDING_NOT_WIRED,
			    "board '%s' needs a signal '%s', and fixture '%s' wires none",
			    p->board->name, role, x->id ? x->id : x->path);
	else if ((slot = board_port_taken(&by, p->board->driver, p->board->profile, x)))
		finding_add(
			r->findings, &at, FINDING_DUPLICATE_NAME,
			"'network' of slot %s of fixture '%s' is %s, where board '%s' of slot %s "
			"connects to the station; each needs a port of its own",
			slot->name, x->id ? x->id : x->path, slot->network, p->board->name,
			by->name);
}

/* A plan of which nothing runs can pass nothing. */
static void lint_empty(const struct plan *p, const struct plan_reader *r)
{
	struct place whole = { p->path, 0, 0 };
	const struct ini_section *at = r->variant ? r->variant : r->source->plan;
	size_t runs = 0;

	for (size_t i = 0; i < p->steps; i++)
		runs += !p->step[i].skipped;
	if (!p->steps)
		finding_add(r->findings, r->source->plan ? &r->source->plan->at : &whole,
			    FINDING_EMPTY_PLAN, "the plan has no steps");
	else if (!runs && r->variant)
		finding_add(r->findings, &at->at, FINDING_EMPTY_PLAN,
			    "no step of the plan runs on variant '%s'", r->variant->name);
	else if (!runs && !r->others)
		finding_add(r->findings, at ? &at->at : &whole, FINDING_EMPTY_PLAN,
			    "no step of the plan runs without a variant");
}

/* What [plan] says of labels and retests. */
static void lint_policy(const struct plan *p, const struct plan_reader *r)
{
	const struct ini_section *s = r->source->plan;
	struct place at;

	for (size_t i = 0; i < p->route.count; i++)
		if (p->process && !strcmp(p->route.item[i], p->process)) {
			at = plan_item_place(ini_key(s, "route"), p->process);
			finding_add(r->findings, &at, FINDING_CONTRADICTION,
				    "'route' holds '%s', the process of this plan: no unit could "
				    "ever be tested",
				    p->process);
		}
	for (size_t i = 0; i < p->code.count; i++)
		for (size_t k = 0; p->label == PLAN_LABEL_PLAIN && k < p->code.count; k++)
			if (i != k &&
			    !strncmp(p->code.item[i], p->code.item[k], strlen(p->code.item[k]))) {
				at = plan_item_place(ini_key(s, "code"), p->code.item[i]);
				finding_add(r->findings, &at, FINDING_SUSPICIOUS,
					    "labels that begin with '%s' begin with '%s' as well",
					    p->code.item[i], p->code.item[k]);
			}
	if (s && ini_key(s, "grant") && !p->attempts) {
		at = plan_value_place(s, "grant");
		finding_add(r->findings, &at, FINDING_SUSPICIOUS,
			    "'grant' allows nothing: 'attempts' sets no limit");
	}
}

void plan_lint(const struct plan *p, const struct plan_reader *r)
{
	lint_policy(p, r);
	lint_resources(p, r);
	lint_groups(p, r);
	lint_always(p, r->findings);
	lint_fixture(p, r);
	lint_versions(p, r);
	lint_empty(p, r);
}
