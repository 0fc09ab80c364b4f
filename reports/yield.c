#include "reports/yield.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>

#include "base/lazy.h"

#define GSL_CALLS(F) F(gsl_, set_error_handler_off) F(gsl_, cdf_ugaussian_Qinv)
LAZY(gsl, GSL_CALLS);

const struct yield_policy yield_policy_default = {
	.aborted = YIELD_JUDGED,
	.error = YIELD_JUDGED,
	.interrupted = YIELD_JUDGED,
	.retried_fails = 0,
};

static int not_passed(int *passed, enum yield_rule rule, int had_fail)
{
	*passed = 0;
	return rule == YIELD_FAIL || (rule == YIELD_JUDGED && had_fail);
}

int yield_counts(int *passed, const struct store_row *row, const struct yield_policy *p)
{
	*passed = 0;
	if (row->mode != MODE_PRODUCTION)
		return 0;
	switch (row->verdict) {
	case VERDICT_PASS:
		*passed = !(p->retried_fails && row->retried);
		return row->counts;
	case VERDICT_FAIL:
		return row->counts;
	case VERDICT_ABORTED:
		return not_passed(passed, p->aborted, row->had_fail);
	case VERDICT_INTERRUPTED:
		return not_passed(passed, p->interrupted, row->had_fail);
	default: /* ERROR, and whatever word we do not know */
		return not_passed(passed, p->error, row->had_fail);
	}
}

int yield_wilson(double *lo, double *hi, int64_t x, int64_t n, double conf, struct err *err)
{
	double z, z2, dx = (double)x, dn = (double)n, centre, half;

	if (n < 1 || x < 0 || x > n || !(conf > 0 && conf < 1))
		return err_set(err, ERR_USAGE, "%lld of %lld at confidence %g has no interval",
			       (long long)x, (long long)n, conf);
	if (LAZY_NEED(gsl, err) < 0)
		return err->code;
	gsl.set_error_handler_off(); /* the default one ends the process */
	z = gsl.cdf_ugaussian_Qinv((1 - conf) / 2);
	z2 = z * z;
	centre = (dx + z2 / 2) / (dn + z2);
	half = z / (dn + z2) * sqrt(dx / dn * (dn - dx) + z2 / 4);
	if (!isfinite(centre) || !isfinite(half))
		return err_set(err, ERR_INTERNAL, "interval of %lld of %lld is not finite",
			       (long long)x, (long long)n);
	*lo = x == 0 ? 0 : fmax(0, centre - half);
	*hi = x == n ? 1 : fmin(1, centre + half);
	return 0;
}

/* --- the work: rows in the order product, process, serial, time --- */

struct work {
	const struct store_row *row;
	size_t *order;
	int64_t since_ms, until_ms;
	struct arena *arena;
};

static int compare(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a ? a : "", b ? b : "");
}

static int by_unit(const void *a, const void *b, void *payload)
{
	const struct work *w = payload;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	const struct store_row *x = &w->row[i], *y = &w->row[k];
	int c = compare(x->product, y->product);

	if (!c)
		c = compare(x->process, y->process);
	if (!c)
		c = compare(x->serial, y->serial);
	return c ? c : (i > k) - (i < k); /* rows come in the order of time */
}

static const struct store_row *at(const struct work *w, size_t i)
{
	return &w->row[w->order[i]];
}

static int in_window(const struct work *w, int64_t ms)
{
	return (!w->since_ms || ms >= w->since_ms) && (!w->until_ms || ms < w->until_ms);
}

/* What a unit's counted runs say, one after the other. */
struct unit {
	int64_t runs, passes, first_pass_run; /* run in which it passed first; 0: never */
	int first, last, second, fell; /* passed the first, last, second; fell after a pass */
	int64_t retried;
	const struct store_row *first_row;
};

static void unit_add(struct unit *u, const struct store_row *row, int passed)
{
	u->runs++;
	if (u->runs == 1) {
		u->first = passed;
		u->first_row = row;
	} else if (u->runs == 2) {
		u->second = passed;
	}
	if (u->runs > 1 && u->last && !passed)
		u->fell = 1;
	if (passed && !u->first_pass_run)
		u->first_pass_run = u->runs;
	u->last = passed;
	u->passes += passed;
	u->retried += row->verdict == VERDICT_PASS && row->retried;
}

/* The unit of the rows [from, to); 1 when it belongs to the window. */
static int unit_of(struct unit *u, const struct work *w, size_t from, size_t to,
		   const struct yield_policy *policy)
{
	int passed;

	*u = (struct unit){ 0 };
	for (size_t i = from; i < to; i++) {
		if (!yield_counts(&passed, at(w, i), policy))
			continue;
		if (!u->runs && !in_window(w, at(w, i)->started_ms))
			return 0;
		unit_add(u, at(w, i), passed);
	}
	return u->runs > 0;
}

static void count_unit(struct yield_process *p, const struct unit *u)
{
	p->units++;
	p->runs += u->runs;
	p->pass_runs += u->passes;
	p->retried += u->retried;
	p->first_pass += u->first;
	p->by_2nd += u->first_pass_run && u->first_pass_run <= 2;
	p->by_3rd += u->first_pass_run && u->first_pass_run <= 3;
	p->ever_pass += u->first_pass_run > 0;
	p->last_pass += u->last;
	p->waiting += !u->last;
	p->retested += u->runs > 1;
	p->first_fail += !u->first;
	p->first_fail_retested += !u->first && u->runs > 1;
	p->retest_pass += !u->first && u->second;
	p->fail_after_pass += u->fell;
	if (u->runs > YIELD_OFTEN) {
		p->often++;
		p->often_serial = u->first_row->serial;
	}
}

static size_t unit_end(const struct work *w, size_t from, size_t to)
{
	size_t i = from + 1;

	while (i < to && !compare(at(w, i)->serial, at(w, from)->serial))
		i++;
	return i;
}

/* --- causes --- */

struct names {
	const char **name;
	size_t count;
};

/* "gpio#1.shorts" is "gpio.shorts": the attempt is no cause. */
static const char *fail_name(struct arena *a, const struct store_row *row)
{
	const char *ff = row->first_fail, *hash = ff ? strchr(ff, '#') : NULL;

	if (!ff)
		return arena_printf(a, "(%s)", verdict_word(row->verdict));
	if (!hash)
		return ff;
	return arena_printf(a, "%.*s%s", (int)(hash - ff), ff,
			    hash + 1 + strspn(hash + 1, "0123456789"));
}

/* Why a unit's first run did not pass: the failing measurement of a failed run,
 * or of one that was interrupted after it. What ended any other run is not the
 * unit's: it stands among the station errors, or nowhere. */
static const char *cause_name(struct arena *a, const struct store_row *row)
{
	const char *hash = row->first_fail ? strchr(row->first_fail, '#') : NULL;
	int measured = hash && hash[1 + strspn(hash + 1, "0123456789")] == '.';

	if (row->verdict == VERDICT_PASS)
		return "(passed on a retry)";
	if (row->verdict == VERDICT_FAIL || (row->verdict == VERDICT_INTERRUPTED && measured))
		return fail_name(a, row);
	return arena_printf(a, "(%s)", verdict_word(row->verdict));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_count(const void *a, const void *b)
{
	const struct yield_cause *x = a, *y = b;

	if (x->units != y->units)
		return x->units < y->units ? 1 : -1;
	return strcmp(x->name, y->name);
}

static size_t pareto(struct yield_cause **out, struct arena *a, struct names *n)
{
	size_t kinds = 0;

	if (!n->count)
		return 0;
	qsort(n->name, n->count, sizeof(*n->name), by_name);
	*out = arena_alloc(a, n->count * sizeof(**out));
	for (size_t i = 0; i < n->count; i++) {
		if (!i || strcmp(n->name[i], n->name[i - 1]))
			(*out)[kinds++].name = n->name[i];
		(*out)[kinds - 1].units++;
	}
	qsort(*out, kinds, sizeof(**out), by_count);
	return kinds;
}

/* --- one process: the rows [from, to) --- */

static void count_run(struct yield_process *p, struct names *faults, const struct work *w,
		      const struct store_row *row)
{
	if (row->mode != MODE_PRODUCTION || !in_window(w, row->started_ms))
		return;
	p->aborted += row->verdict == VERDICT_ABORTED;
	p->interrupted += row->verdict == VERDICT_INTERRUPTED;
	p->errors += row->verdict == VERDICT_ERROR;
	if (row->verdict == VERDICT_ERROR)
		faults->name[faults->count++] = fail_name(w->arena, row);
}

static double share(int64_t x, int64_t n)
{
	return n > 0 ? (double)x / (double)n : NAN;
}

/* Every rule takes this unit the same way. */
static int is_plain(const struct work *w, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct store_row *row = at(w, i);

		if (row->mode == MODE_PRODUCTION &&
		    (row->verdict == VERDICT_PASS ? row->retried : row->verdict != VERDICT_FAIL))
			return 0;
	}
	return 1;
}

struct stretch {
	size_t from, to; /* rows of one unit */
};

static struct yield_policy policy_number(int code)
{
	return (struct yield_policy){ .aborted = (enum yield_rule)(code % 3),
				      .error = (enum yield_rule)(code / 3 % 3),
				      .interrupted = (enum yield_rule)(code / 9 % 3),
				      .retried_fails = code / 27 };
}

/* FPY depends on the rules: its lowest and highest value over all of them. */
static void span(struct yield_process *p, const struct work *w, size_t from, size_t to)
{
	struct stretch *left = arena_alloc(w->arena, (to - from) * sizeof(*left));
	int64_t plain = 0, plain_good = 0;
	size_t lefts = 0;
	struct unit u;

	for (size_t i = from, end; i < to; i = end) {
		end = unit_end(w, i, to);
		if (!is_plain(w, i, end)) {
			left[lefts++] = (struct stretch){ i, end };
		} else if (unit_of(&u, w, i, end, &yield_policy_default)) {
			plain++;
			plain_good += u.first;
		}
	}
	p->fpy_strict = p->fpy_lenient = NAN;
	for (int code = 0; code < 54; code++) {
		struct yield_policy rules = policy_number(code);
		int64_t units = plain, good = plain_good;

		for (size_t i = 0; i < lefts; i++)
			if (unit_of(&u, w, left[i].from, left[i].to, &rules)) {
				units++;
				good += u.first;
			}
		p->fpy_strict = fmin(p->fpy_strict, share(good, units)); /* a NAN gives way */
		p->fpy_lenient = fmax(p->fpy_lenient, share(good, units));
	}
}

static int intervals(struct yield_process *p, struct err *err)
{
	p->fpy = share(p->first_pass, p->units);
	p->lpy = share(p->last_pass, p->units);
	if (!p->units) {
		p->fpy_lo = p->fpy_hi = p->lpy_lo = p->lpy_hi = NAN;
		return 0;
	}
	if (yield_wilson(&p->fpy_lo, &p->fpy_hi, p->first_pass, p->units, 0.95, err) < 0 ||
	    yield_wilson(&p->lpy_lo, &p->lpy_hi, p->last_pass, p->units, 0.95, err) < 0)
		return err->code;
	return 0;
}

static int process(struct yield_process *p, const struct work *w, size_t from, size_t to,
		   const struct yield_policy *policy, struct err *err)
{
	struct names causes = { 0 }, faults = { 0 };
	struct unit u;

	*p = (struct yield_process){ .product = at(w, from)->product,
				     .process = at(w, from)->process };
	causes.name = arena_alloc(w->arena, (to - from) * sizeof(*causes.name));
	faults.name = arena_alloc(w->arena, (to - from) * sizeof(*faults.name));
	for (size_t i = from, end; i < to; i = end) {
		end = unit_end(w, i, to);
		if (!unit_of(&u, w, i, end, policy))
			continue;
		count_unit(p, &u);
		if (!u.first)
			causes.name[causes.count++] = cause_name(w->arena, u.first_row);
	}
	for (size_t i = from; i < to; i++)
		count_run(p, &faults, w, at(w, i));
	p->causes = pareto(&p->cause, w->arena, &causes);
	p->faults = pareto(&p->fault, w->arena, &faults);
	span(p, w, from, to);
	return intervals(p, err);
}

static size_t process_end(const struct work *w, size_t from, size_t n)
{
	size_t i = from + 1;

	while (i < n && !compare(at(w, i)->product, at(w, from)->product) &&
	       !compare(at(w, i)->process, at(w, from)->process))
		i++;
	return i;
}

int yield_compute(struct yield *out, struct arena *a, const struct store_row *rows, size_t n,
		  int64_t since_ms, int64_t until_ms, const struct yield_policy *policy,
		  struct err *err)
{
	struct work w = { .row = rows, .since_ms = since_ms, .until_ms = until_ms, .arena = a };
	struct yield_process *p;

	*out = (struct yield){ .since_ms = since_ms, .until_ms = until_ms, .policy = *policy };
	if (!n)
		return 0;
	w.order = arena_alloc(a, n * sizeof(*w.order));
	for (size_t i = 0; i < n; i++)
		w.order[i] = i;
	qsort_r(w.order, n, sizeof(*w.order), by_unit, &w);
	for (size_t i = 0; i < n; i = process_end(&w, i, n))
		out->processes++;
	out->process = arena_alloc(a, out->processes * sizeof(*p));
	out->processes = 0;
	for (size_t i = 0, end; i < n; i = end) {
		end = process_end(&w, i, n);
		p = &out->process[out->processes];
		if (process(p, &w, i, end, policy, err) < 0)
			return err->code;
		/* Nothing of it in this window: leave it out. */
		out->processes += p->units || p->aborted || p->errors || p->interrupted;
	}
	return 0;
}
