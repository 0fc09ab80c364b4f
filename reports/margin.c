#include "reports/margin.h"

#include <math.h>

/* Ends of the axis: a range fills the middle half; with one limit the good side
 * has two thirds, wide enough for the value, the warn band and a quarter of the limit. */
static void axis(double *from, double *to, const struct measure *m)
{
	double limit = m->has_lo ? m->lo : m->hi, reach = fabs(limit) / 4;

	if (m->has_lo && m->has_hi) {
		reach = (m->hi - m->lo) / 2;
		*from = m->lo - (reach > 0 ? reach : 1);
		*to = m->hi + (reach > 0 ? reach : 1);
		return;
	}
	reach = fmax(reach, fabs(m->num - limit) * 1.15);
	if (m->has_warn_lo)
		reach = fmax(reach, fabs(m->warn_lo - limit) * 1.5);
	if (m->has_warn_hi)
		reach = fmax(reach, fabs(m->warn_hi - limit) * 1.5);
	if (reach <= 0)
		reach = 1;
	*from = limit - (m->has_lo ? reach / 2 : reach);
	*to = limit + (m->has_lo ? reach : reach / 2);
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
