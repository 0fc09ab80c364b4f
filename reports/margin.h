#ifndef REPORTS_MARGIN_H
#define REPORTS_MARGIN_H

#include "engine/run.h"

/*
 * margin -- where a number stands between its limits, as a picture needs it.
 * All places are shares of the bar's width, 0..1 from the left.
 */
struct margin {
	double good_from, good_to; /* inside the limit */
	double best_from, best_to; /* inside the warn band too; equal to good without one */
	double at;                 /* the value, cut to 0..1 */
	int off;                   /* -1, 1: the value lies beyond the bar's left, right end */
	int has_percent;
	double percent; /* distance to the nearest limit, negative outside: of the width of a
			 * range, else of the limit itself */
};

/* 1 when there is something to draw: a finite number with limits that are
 * numbers and finite; else 0. */
int margin_of(struct margin *out, const struct measure *m);

#endif /* REPORTS_MARGIN_H */
