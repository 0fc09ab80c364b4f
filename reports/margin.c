#include "reports/margin.h"

#include <math.h>

/* With one limit: the good side reaches as far as the value, the warn band or a
 * quarter of the limit; the other side half as far, or as far as the value, but
 * not so far that the good side vanishes. */
static void axis_open(double *from, double *to, const struct measure *m)
{
	double limit = m->has_lo ? m->lo : m->hi;
	double inside = m->has_lo ? m->num - limit : limit - m->num;
	double good = fabs(limit) / 4, bad;

	good = fmax(good, inside * 1.15);
	if (m->has_warn_lo)
		good = fmax(good, fabs(m->warn_lo - limit) * 1.5);
	if (m->has_warn_hi)
		good = fmax(good, fabs(m->warn_hi - limit) * 1.5);
	if (good <= 0)
		good = 1;
	bad = fmin(fmax(good / 2, -inside * 1.15), good * 3);
	*from = limit - (m->has_lo ? bad : good);
	*to = limit + (m->has_lo ? good : bad);
}

/* Ends of the axis: a range fills the middle half. */
static void axis(double *from, double *to, const struct measure *m)
{
	double reach = (m->hi - m->lo) / 2;

	if (!m->has_lo || !m->has_hi) {
		axis_open(from, to, m);
		return;
	}
	*from = m->lo - (reach > 0 ? reach : 1);
	*to = m->hi + (reach > 0 ? reach : 1);
}

static double cut(double x)
{
	return x < 0 ? 0 : x > 1 ? 1 : x;
}

static void percent_of(struct margin *out, const struct measure *m)
{
	double near, whole;

	if (m->has_lo && m->has_hi) {
		near = fmin(m->num - m->lo, m->hi - m->num);
		whole = m->hi - m->lo;
	} else {
		near = m->has_lo ? m->num - m->lo : m->hi - m->num;
		whole = fabs(m->has_lo ? m->lo : m->hi);
	}
	out->percent = 100 * (near / whole);
	out->has_percent = whole > 0 && isfinite(out->percent);
	if (!out->has_percent)
		out->percent = 0;
}

int margin_of(struct margin *out, const struct measure *m)
{
	double from, to, x;

	*out = (struct margin){ 0 };
	if (m->type != VALUE_NUM || !m->has || !isfinite(m->num) || (!m->has_lo && !m->has_hi))
		return 0;
	if (m->op == LIMIT_NE || m->op == LIMIT_ONE_OF || m->op == LIMIT_MATCHES)
		return 0;
	axis(&from, &to, m);
	if (!isfinite(from) || !isfinite(to) || !isfinite(to - from) || !(to > from))
		return 0;
	x = (m->num - from) / (to - from);
	out->at = cut(x);
	out->off = x < 0 ? -1 : x > 1 ? 1 : 0;
	out->good_from = m->has_lo ? cut((m->lo - from) / (to - from)) : 0;
	out->good_to = m->has_hi ? cut((m->hi - from) / (to - from)) : 1;
	out->best_from = m->has_warn_lo ? cut((m->warn_lo - from) / (to - from)) : out->good_from;
	out->best_to = m->has_warn_hi ? cut((m->warn_hi - from) / (to - from)) : out->good_to;
	percent_of(out, m);
	return 1;
}
