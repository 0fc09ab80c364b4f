/*
 * run_judge -- the verdict of one attempt, from how it ended, its measures and
 * the step's limits. plan/limit.c compares; here is only who wins.
 */
#include "engine/run.h"

#include <math.h>
#include <string.h>

/* Does this limit judge that measure: by its name, or by the base name of all
 * indexed ones? */
static int judges(const struct limit *l, const char *name)
{
	size_t n = strlen(l->measure);

	if (strncmp(l->measure, name, n))
		return 0;
	return !name[n] || (name[n] == '.' && name[n + 1] && !strchr(l->measure, '.'));
}

static struct value value_of(const struct measure *m)
{
	struct value v = { .type = m->has ? m->type : VALUE_NONE, .unit = m->unit };

	if (v.type == VALUE_NUM)
		v.num = m->num;
	else if (v.type == VALUE_BOOL)
		v.yes = m->num != 0;
	else if (v.type != VALUE_NONE)
		v.text = m->text ? m->text : "";
	return v;
}

/* The numbers of a test, as far as its operator has them. */
static void bounds(const struct limit *l, const struct limit_test *t, int *has_lo, double *lo,
		   int *has_hi, double *hi)
{
	int number = l->type == VALUE_NUM;
	int below = t->op == LIMIT_LE || t->op == LIMIT_LT;
	int above = t->op == LIMIT_GE || t->op == LIMIT_GT;
	int both = t->op == LIMIT_RANGE || t->op == LIMIT_EQ || t->op == LIMIT_NE;

	*has_lo = number && (above || both);
	*has_hi = number && (below || both);
	*lo = *has_lo ? t->lo : 0;
	*hi = *has_hi ? t->hi : 0;
}

static void show_limit(struct unit_run *r, struct measure *m, const struct limit *l)
{
	m->op = l->test.op;
	bounds(l, &l->test, &m->has_lo, &m->lo, &m->has_hi, &m->hi);
	bounds(l, &l->warn, &m->has_warn_lo, &m->warn_lo, &m->has_warn_hi, &m->warn_hi);
	m->expected = arena_strdup(&r->arena, l->expected ? l->expected : l->text);
	if (l->from.file)
		m->from = arena_printf(&r->arena, "%s:%d", l->from.file, l->from.line);
}

static void end(struct unit_run *r, struct attempt *a, enum err_code code, const char *message)
{
	a->verdict = err_verdict(code);
	a->blame = err_blame(code);
	if (a->verdict == VERDICT_NONE || a->verdict == VERDICT_PASS) { /* no code may pass */
		a->verdict = VERDICT_ERROR;
		a->blame = BLAME_STATION;
	}
	a->code = err_name(code);
	if (message)
		a->message = run_clean(&r->arena, arena_strdup(&r->arena, message));
}

/* It broke off: what it measured is kept with its limits, and not judged. */
static void broken_off(struct unit_run *r, struct attempt *a, const struct plan_step *s,
		       enum err_code code, const char *message)
{
	end(r, a, code, message ? message : err_what(code));
	a->not_judged = a->measures > 0;
	for (size_t i = 0; i < a->measures; i++) {
		a->measure[i].result = JUDGED_NONE;
		for (size_t k = s->limits; k-- > 0;)
			if (judges(&s->limit[k], a->measure[i].name))
				show_limit(r, &a->measure[i], &s->limit[k]);
	}
}

/* The first cause of each class; the class decides, then the order. */
struct causes {
	enum err_code ill; /* of a missing value or a limit that cannot judge; 0: none */
	const char *ill_text, *broken; /* broken: a limit outside which the unit is */
	const char *left_out;          /* an optional measure that is limited and was not taken */
};

static void ill(struct causes *c, enum err_code code, const char *text)
{
	if (c->ill)
		return;
	c->ill = code;
	c->ill_text = text;
}

static const char *outside(struct unit_run *r, const struct measure *m)
{
	struct sbuf b = { 0 };
	const char *text;

	measure_print(&b, m);
	text = arena_printf(&r->arena, SAID("%s is %.200s, must be %.200s"), m->name, sbuf_str(&b),
			    m->expected ? m->expected : "otherwise");
	sbuf_release(&b);
	return text;
}

/* One measure against every limit that judges it; the first broken one is shown. */
static void judge_measure(struct unit_run *r, struct measure *m, const struct plan_step *s,
			  struct causes *c)
{
	struct value v;

	if (m->has && (m->type == VALUE_NUM || m->type == VALUE_BOOL) && !isfinite(m->num)) {
		m->has = 0;
		m->reason = SAID("not a finite number");
	}
	m->num = m->has ? m->num : 0;
	if (!m->has)
		ill(c, ERR_UNSET,
		    arena_printf(&r->arena, SAID("%s has no value%s%s"), m->name,
				 m->reason ? ": " : "", m->reason ? m->reason : ""));
	v = value_of(m);
	for (size_t k = 0; k < s->limits; k++) {
		const struct limit *l = &s->limit[k];
		enum err_code cost = ERR_OK;
		enum judgement j;
		int marginal = 0;

		if (!judges(l, m->name))
			continue;
		j = m->has ? limit_judge(&marginal, l, &v, &cost) : JUDGED_UNSET;
		if (cost)
			ill(c, cost, arena_printf(&r->arena, "%s: %s", m->name, err_what(cost)));
		if (j == JUDGED_NONE || cost)
			j = JUDGED_UNSET; /* a limit that says nothing is no pass */
		if (j == JUDGED_UNSET && !cost)
			ill(c, ERR_UNSET,
			    arena_printf(&r->arena, SAID("%s could not be judged"), m->name));
		if (m->op == LIMIT_NONE || (m->result == JUDGED_PASS && j != JUDGED_PASS)) {
			show_limit(r, m, l);
			m->result = j;
		}
		m->marginal |= marginal;
		if (j == JUDGED_FAIL && !c->broken)
			c->broken = outside(r, m);
	}
	m->marginal = m->marginal && m->result == JUDGED_PASS;
}

/* Limits that no measure answers to. */
static void add_unset(struct unit_run *r, struct attempt *a, const struct plan_step *s,
		      struct causes *c)
{
	size_t reported = a->measures;

	for (size_t k = 0; k < s->limits; k++) {
		const struct limit *l = &s->limit[k];
		const struct step_measure_row *row =
			s->driver ? step_measure_find(s->driver, l->measure) : NULL;
		struct measure *m;
		size_t i = 0;

		while (i < reported && !judges(l, a->measure[i].name))
			i++;
		if (i < reported)
			continue;
		m = run_measure_add(r, a);
		m->name = arena_strdup(&r->arena, l->measure);
		m->type = l->type;
		m->unit = l->unit ? arena_strdup(&r->arena, l->unit) : NULL;
		m->reason = SAID("not measured");
		m->result = JUDGED_UNSET;
		show_limit(r, m, l);
		if (!row)
			ill(c, ERR_PLAN,
			    arena_printf(&r->arena,
					 SAID("%s is limited, and '%s' does not measure it"),
					 l->measure, s->driver ? s->driver->name : s->id));
		else if (row->optional && !c->left_out)
			c->left_out = arena_printf(
				&r->arena, SAID("%s is limited and was not measured"), l->measure);
		else if (!row->optional)
			ill(c, ERR_UNSET,
			    arena_printf(&r->arena, SAID("%s is limited and was not measured"),
					 l->measure));
	}
}

void run_judge_alike(struct unit_run *r, struct attempt *a, const char *slots, int n)
{
	const char *own = a->message ? a->message : (a->code ? a->code : "no reason");

	end(r, a, ERR_ALIKE,
	    arena_printf(&r->arena, SAID("second look: %d slots failed alike at once (%s): %s"), n,
			 slots, own));
}

void run_judge(struct unit_run *r, struct attempt *a, const struct plan_step *s, int code,
	       const char *message)
{
	struct causes c = { 0 };

	a->verdict = VERDICT_NONE;
	a->blame = BLAME_NONE;
	a->code = a->message = NULL;
	a->marginal = a->not_judged = 0;
	if (code) {
		broken_off(r, a, s, (enum err_code)code, message);
		return;
	}
	for (size_t i = 0; i < a->measures; i++) {
		struct measure *m = &a->measure[i];

		m->op = LIMIT_NONE;
		m->expected = NULL;
		m->result = JUDGED_NONE;
		m->marginal = 0;
		judge_measure(r, m, s, &c);
	}
	add_unset(r, a, s, &c);
	if (c.ill) {
		end(r, a, c.ill, c.ill_text);
		return;
	}
	if (c.broken) {
		end(r, a, ERR_LIMIT, c.broken);
		return;
	}
	/* Behind the broken ones: what was found is often why it was left out. */
	if (c.left_out) {
		end(r, a, ERR_UNSET, c.left_out);
		return;
	}
	a->verdict = VERDICT_PASS;
	for (size_t i = 0; i < a->measures; i++)
		a->marginal |= a->measure[i].marginal;
}
