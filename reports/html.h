#ifndef REPORTS_HTML_H
#define REPORTS_HTML_H

#include "base/arena.h"
#include "base/sbuf.h"
#include "engine/run.h"

/* html -- the parts of a page that do not depend on what it says: escaping,
 * style, icons and the margin bar. No scripts, nothing loaded from elsewhere. */

/* Text made safe (see facts_safe) and escaped for text, attributes in either
 * quotes and SVG. NULL or empty: "-". Cut after 400 characters, so that no text
 * of a unit fills pages; the JSON report has it whole. */
const char *html_safe(struct arena *a, const char *text);

extern const char html_style[]; /* the content of <style> */

/* "pass", "fail" ...: class of body and of results, also the icon's name. */
const char *html_class(enum verdict v);

/* White strokes of 24 by 24, a shape of its own for each verdict of a run. */
const char *html_icon(enum verdict v);

/* Pattern of the warn band; once, before the first bar. */
extern const char html_bar_defs[];

/* The margin bar of a measure as inline SVG with its words as title; nothing
 * when there is nothing to draw. */
void html_bar(struct sbuf *out, struct arena *a, const struct measure *m, int width);

/* What the marks of a bar mean, in words beside them. */
void html_bar_legend(struct sbuf *out);

#endif /* REPORTS_HTML_H */
