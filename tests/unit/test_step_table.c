/* One test per row: what every step kind must say about itself. */
#include <string.h>

#include "base/arena.h"
#include "base/quantity.h"
#include "plan/limit.h"
#include "plan/plan.h"
#include "tests/unit/step_fake.h"
#include "tests/unit/rows.h"

TestSuite(step_table, .timeout = 20);

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

static int is_sentence(const char *s)
{
	return s && *s && s[strlen(s) - 1] == '.';
}

static void check_measures(const struct step_driver *d)
{
	for (const struct step_measure_row *m = d->measures; m->name; m++) {
		enum dimension dim;

		cr_expect_eq(strspn(m->name, name_chars), strlen(m->name), "%s.%s: name", d->name,
			     m->name);
		cr_expect_eq(step_measure_find(d, m->name), m, "%s.%s: twice", d->name, m->name);
		cr_expect(m->type > VALUE_NONE && m->type <= VALUE_BOOL, "%s.%s: type", d->name,
			  m->name);
		cr_expect(is_sentence(m->help), "%s.%s: help", d->name, m->name);
		cr_expect(!m->unit || m->type == VALUE_NUM, "%s.%s: a unit without a number",
			  d->name, m->name);
		cr_expect(!m->unit || !quantity_dimension(&dim, m->unit), "%s.%s: unit '%s'",
			  d->name, m->name, m->unit);
	}
}

static void check_params(const struct step_driver *d)
{
	for (const struct param *p = d->params; p->name; p++) {
		cr_expect_eq(strspn(p->name, name_chars), strlen(p->name), "%s.%s: name", d->name,
			     p->name);
		cr_expect(is_sentence(p->help), "%s.%s: help", d->name, p->name);
		cr_expect_lt(p->offset, d->args_size, "%s.%s: outside args", d->name, p->name);
		cr_expect_eq(param_find(d->params, p->name), p, "%s.%s: twice", d->name, p->name);
		cr_expect_null(param_find(plan_step_params, p->name),
			       "%s.%s: every step has such a key", d->name, p->name);
		cr_expect_leq(p->min, p->max, "%s.%s: empty range", d->name, p->name);
		cr_expect(p->type != PARAM_CHOICE || (p->choices && p->choices[0]),
			  "%s.%s: no choices", d->name, p->name);
		cr_expect(!p->preset || !p->optional, "%s.%s: optional with a preset", d->name,
			  p->name);
	}
}

/* What presets imply can be read; a kind without needed parameters takes no
 * longer than its own timeout. */
static void add(void *sink, const char *key, const char *measure, const char *expr)
{
	const struct step_driver *d = sink;
	const struct step_measure_row *m = step_measure_find(d, measure);
	enum finding_code code;
	struct arena a = { 0 };
	struct err err = { 0 };
	struct limit l = { 0 };
	size_t at;

	cr_assert_not_null(m, "%s implies a limit of '%s'", d->name, measure);
	cr_expect(!key || param_find(d->params, key), "%s: '%s' implies, and is no key", d->name,
		  key);
	cr_expect_eq(limit_scan(&l, expr, m->type, m->unit, &a, &at, &code, &err), 0, "%s: %s",
		     d->name, err.text);
	limit_release(&l);
	arena_free(&a);
}

static void check_presets(const struct step_driver *d)
{
	struct arena a = { 0 };
	void *args = arena_alloc(&a, d->args_size ? d->args_size : 1);
	int whole = 1;

	param_presets(args, d->params, &a);
	for (const struct param *p = d->params; p->name; p++)
		whole &= p->preset || p->optional;
	if (whole && d->imply)
		d->imply(args, add, (void *)(uintptr_t)d);
	if (whole && d->least_ms)
		cr_expect_leq(d->least_ms(args), d->timeout_ms, "%s: least_ms()", d->name);
	if (whole && d->asks_more)
		cr_expect_lt(d->asks_more(args), 1u << BOARD_OP_COUNT, "%s: asks_more()", d->name);
	param_release(args, d->params);
	arena_free(&a);
}

ParameterizedTestParameters(step_table, row)
{
	static size_t index[64];

	for (size_t i = 0; i < step_table_size; i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, step_table_size);
}

ParameterizedTest(size_t *index, step_table, row, .timeout = 20)
{
	const struct step_driver *d = step_table[*index];

	cr_assert(d->name && *d->name, "row %zu has no name", *index);
	cr_expect_eq(strspn(d->name, name_chars), strlen(d->name), "%s: name is [a-z0-9_]",
		     d->name);
	cr_expect_eq(step_find(d->name), d, "%s: name is taken by an earlier row", d->name);
	cr_assert(d->summary && *d->summary, "%s: no summary", d->name);
	cr_expect_neq(d->summary[strlen(d->summary) - 1], '.', "%s: summary ends in a stop",
		      d->name);
	cr_expect(is_sentence(d->help), "%s: no help, or without a final stop", d->name);
	cr_expect_gt(d->timeout_ms, 0, "%s: no timeout", d->name);
	cr_assert_not_null(d->measures, "%s: no measures", d->name);
	cr_assert_not_null(d->params, "%s: no params", d->name);
	cr_expect(d->acts || d->measures[0].name, "%s: neither acts nor measures", d->name);
	cr_expect_lt(d->asks, 1u << BOARD_OP_COUNT, "%s: asks for more than there is", d->name);
	cr_assert_not_null(d->run, "%s: no run()", d->name);
	check_measures(d);
	check_params(d);
	check_presets(d);
}

Test(step_table, no_such_kind)
{
	cr_expect_null(step_find("no such kind"));
	cr_expect_null(step_find(""));
}

static const struct step_measure_row some[] = { { .name = "rate" },
						{ .name = "mac", .indexed = 1 },
						{ .name = NULL } };

static const struct found_row {
	const char *name;
	int row; /* -1: none */
} found[] = {
	{ "rate", 0 },
	{ "mac", 1 },
	{ "mac.1", 1 },
	{ "mac.12", 1 },
	{ "rate.1", -1 },
	{ "mac.", -1 },
	{ "mac.0", -1 },
	{ "mac.01", -1 },
	{ "mac.x", -1 },
	{ "ma.1", -1 },
	{ "macs", -1 },
	{ "", -1 },
	{ ".1", -1 },
	{ "mac.1.2", -1 },
	{ "mac.-1", -1 },
	{ "mac.1 ", -1 },
	{ "mac.99999999999999999999", -1 },
};

TEST_ROWS(step_table, measure_find, found)
{
	const struct step_driver d = { .name = "x", .measures = some };
	const struct step_measure_row *m = step_measure_find(&d, found[*i].name);

	cr_expect_eq(m, found[*i].row < 0 ? NULL : &some[found[*i].row], "'%s'", found[*i].name);
}
