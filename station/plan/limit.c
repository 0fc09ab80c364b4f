/* limit -- reads limit expressions, and compares measurements with them. */
#include "plan/limit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/quantity.h"
#include "base/sbuf.h"
#include "base/version.h"

static const char *const op_words[LIMIT_END_] = {
	[LIMIT_NONE] = "",         [LIMIT_GE] = ">=",
	[LIMIT_LE] = "<=",         [LIMIT_GT] = ">",
	[LIMIT_LT] = "<",          [LIMIT_EQ] = "==",
	[LIMIT_NE] = "!=",         [LIMIT_RANGE] = "..",
	[LIMIT_ONE_OF] = "one of", [LIMIT_MATCHES] = "matches",
};

/* Which operators a type has. */
#define OP(name) (1u << LIMIT_##name)
static const unsigned type_ops[] = {
	[VALUE_NONE] = 0,
	[VALUE_NUM] = OP(GE) | OP(LE) | OP(GT) | OP(LT) | OP(EQ) | OP(NE) | OP(RANGE),
	[VALUE_TEXT] = OP(EQ) | OP(NE) | OP(ONE_OF) | OP(MATCHES),
	[VALUE_VERSION] = OP(GE) | OP(LE) | OP(GT) | OP(LT) | OP(EQ) | OP(NE) | OP(RANGE) |
			  OP(ONE_OF) | OP(MATCHES),
	[VALUE_BOOL] = OP(EQ) | OP(NE),
};
#undef OP

const char *limit_op_word(enum limit_op op)
{
	return op > LIMIT_NONE && op < LIMIT_END_ ? op_words[op] : "";
}

enum limit_op limit_op_find(const char *word)
{
	for (int op = LIMIT_NONE + 1; op < LIMIT_END_; op++)
		if (!strcmp(op_words[op], word))
			return (enum limit_op)op;
	return LIMIT_NONE;
}

int limit_judges(enum value_type type, enum limit_op op)
{
	return type > VALUE_NONE && type <= VALUE_BOOL && op > LIMIT_NONE && op < LIMIT_END_ &&
	       (type_ops[type] >> op & 1);
}

/* --- reading --- */

struct scan {
	const char *text;
	enum value_type type;
	const char *unit;
	struct arena *a;
	size_t *at;
	enum finding_code *code;
	struct err *err;
};

/* What is wrong, and where in the text. */
#define WRONG(s, where, which, ...)                                                                \
	(*(s)->at = (size_t)((where) - (s)->text), *(s)->code = FINDING_##which,                   \
	 err_set((s)->err, ERR_PLAN, __VA_ARGS__))

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip(const char *from, const char *to)
{
	while (from < to && is_blank(*from))
		from++;
	return from;
}

static char *piece(struct scan *s, const char *from, const char *to)
{
	while (to > from && is_blank(to[-1]))
		to--;
	return arena_printf(s->a, "%.*s", (int)(to - from), from);
}

/* The operator at *from, which is moved behind it; LIMIT_NONE: there is none.
 * Words need a blank or the end behind them. */
static enum limit_op operator(const char **from, const char *to) {
	static const enum limit_op order[] = { LIMIT_GE, LIMIT_LE, LIMIT_EQ, LIMIT_NE, LIMIT_GT,
					       LIMIT_LT, LIMIT_MATCHES };
	const char *p = *from, *q;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]);
	     i++){ size_t n = strlen(op_words[order[i]]);

		   if ((size_t)(to - p) < n || memcmp(p, op_words[order[i]], n)) continue;
		   if (order[i] == LIMIT_MATCHES && p + n < to && !is_blank(p[n])) continue;
		   *from = p + n; return order[i]; }
if (to - p >= 3 && !memcmp(p, "one", 3) && is_blank(p[3]))
{
	q = skip(p + 3, to);
	if (to - q >= 2 && !memcmp(q, "of", 2) && (q + 2 == to || is_blank(q[2]))) {
		*from = q + 2;
		return LIMIT_ONE_OF;
	}
}
return LIMIT_NONE;
}

/* Factor 10^*power that turns `from` into `to`; 0 when it is no power of ten. */
static int decimal_ratio(int *power, const char *from, const char *to)
{
	double ratio = quantity_factor(from) / quantity_factor(to), exponent = log10(ratio);

	*power = (int)lround(exponent);
	return fabs(ratio / pow(10, *power) - 1) < 1e-9;
}

/* The decimal number that text begins with, times 10^power, rounded once, so
 * that 3300 mV is the very double that 3.3 V is. */
static double shifted(struct scan *s, const char *text, int power)
{
	size_t n = strspn(text, "+-0123456789.");
	long exponent = 0;

	if (text[n] == 'e' || text[n] == 'E')
		exponent = strtol(text + n + 1, NULL, 10);
	if (exponent > 100000 ||
	    exponent < -100000) /* only zero can have it: anything else was refused */
		exponent = 0;
	return strtod(arena_printf(s->a, "%.*se%ld", (int)n, text, exponent + power), NULL);
}

/* One number of the limit, in the measurement's unit. lent: the unit of a number
 * that has none, or NULL. */
static int number(double *out, struct scan *s, const char *from, const char *to, const char *lent)
{
	enum dimension dim = DIM_NONE, any;
	const char *text, *unit = "";
	double base = 0;
	size_t at = 0;
	int power;

	from = skip(from, to);
	text = piece(s, from, to);
	if (!*text)
		return WRONG(s, from, BAD_LIMIT, "a number is missing");
	if (s->unit && quantity_dimension(&dim, s->unit) < 0)
		return WRONG(s, from, BAD_UNIT, "the measurement's unit '%s' is unknown", s->unit);
	if (lent && *lent && !quantity_scan_any(&base, &any, &unit, text, &at, s->err) && !*unit)
		text = arena_printf(s->a, "%s %s", text, lent);
	if (quantity_scan(&base, text, dim, &at, s->err) < 0 ||
	    quantity_scan_any(&base, &any, &unit, text, &at, s->err) < 0) {
		*s->at = (size_t)(from - s->text) + at;
		*s->code = at ? FINDING_BAD_UNIT : FINDING_BAD_LIMIT;
		return ERR_PLAN;
	}
	text = skip(text, text + strlen(text));
	if (!s->unit || (text[0] == '0' && (text[1] | 32) == 'x') ||
	    !decimal_ratio(&power, unit, s->unit))
		*out = s->unit ? base / quantity_factor(s->unit) : base;
	else
		*out = shifted(s, text, power);
	if (!isfinite(*out))
		return WRONG(s, from, OUT_OF_RANGE, "'%s' is too large", text);
	return 0;
}

static void keep_text(struct limit_test *t, struct arena *a, const char *text)
{
	const char **list = arena_alloc(a, (t->texts + 1) * sizeof(*list));

	if (t->texts)
		memcpy(list, t->text, t->texts * sizeof(*list));
	list[t->texts++] = text;
	t->text = list;
}

/* One word of the limit: text, version or yes/no, as the type wants it. */
static int word(struct limit_test *t, struct scan *s, const char *from, const char *to)
{
	const char *text;
	struct version v;

	from = skip(from, to);
	text = piece(s, from, to);
	if (!*text)
		return WRONG(s, from, BAD_LIMIT, "a value is missing");
	if (s->type == VALUE_BOOL) {
		if (strcmp(text, "yes") && strcmp(text, "no"))
			return WRONG(s, from, BAD_LIMIT, "'%s' must be yes or no", text);
		t->lo = t->hi = !strcmp(text, "yes");
	}
	if (s->type == VALUE_VERSION && t->op != LIMIT_EQ && t->op != LIMIT_ONE_OF &&
	    version_scan(&v, text) < 0)
		return WRONG(s, from, BAD_LIMIT, "'%s' is no version such as 24.06", text);
	for (size_t i = 0; t->op == LIMIT_ONE_OF && i < t->texts; i++)
		if (!strcmp(t->text[i], text))
			return WRONG(s, from, BAD_LIMIT, "'%s' stands twice", text);
	keep_text(t, s->a, text);
	return 0;
}

static int range(struct limit_test *t, struct scan *s, const char *from, const char *dots,
		 const char *to)
{
	struct version lo, hi;
	int r;

	t->op = LIMIT_RANGE;
	if (s->type == VALUE_VERSION) {
		if ((r = word(t, s, from, dots)) < 0 || (r = word(t, s, dots + 2, to)) < 0)
			return r;
		if (!version_scan(&lo, t->text[0]) && !version_scan(&hi, t->text[1]) &&
		    version_compare(&lo, &hi) > 0)
			return WRONG(s, from, BAD_LIMIT, "the lower end '%s' is above the upper",
				     t->text[0]);
		return 0;
	}
	enum dimension dim;
	const char *unit = NULL;
	struct err none = { 0 };
	size_t at;
	double x;

	if (quantity_scan_any(&x, &dim, &unit, piece(s, skip(dots + 2, to), to), &at, &none) < 0)
		unit = NULL;
	if ((r = number(&t->lo, s, from, dots, unit)) < 0 ||
	    (r = number(&t->hi, s, dots + 2, to, NULL)) < 0)
		return r;
	if (t->lo > t->hi)
		return WRONG(s, from, BAD_LIMIT, "the lower end '%s' is above the upper",
			     piece(s, from, dots));
	return 0;
}

static int pattern(struct limit_test *t, struct scan *s, const char *from, const char *to)
{
	size_t at = 0;
	int r;

	from = skip(from, to);
	if (from == to)
		return WRONG(s, from, BAD_LIMIT, "a pattern is missing");
	if ((r = match_compile(&t->match, piece(s, from, to), &at, s->err)) < 0) {
		*s->at = (size_t)(from - s->text) + at;
		*s->code = FINDING_BAD_PATTERN;
	}
	return r;
}

static int words(struct limit_test *t, struct scan *s, const char *from, const char *to)
{
	int r;

	for (;;) {
		const char *comma = memchr(from, ',', (size_t)(to - from));

		if ((r = word(t, s, from, comma ? comma : to)) < 0 || !comma)
			return r;
		from = comma + 1;
	}
}

/* A comma and `warn` in a test that is no /pattern/: nobody would know which
 * part of it is meant. */
static const char *stray_warn(const char *from, const char *to)
{
	const char *comma, *q;

	for (; (comma = memchr(from, ',', (size_t)(to - from))); from = comma + 1) {
		q = skip(comma + 1, to);
		if (to - q >= 4 && !memcmp(q, "warn", 4) &&
		    (to - q == 4 || !strchr("abcdefghijklmnopqrstuvwxyz_", q[4])))
			return q;
	}
	return NULL;
}

/* ">= 18 Mbit/s" in from..to. */
static int test(struct limit_test *t, struct scan *s, const char *from, const char *to)
{
	const char *at, *p, *dots;

	at = p = from = skip(from, to);
	if (from == to)
		return WRONG(s, at, BAD_LIMIT, "a limit is missing");
	t->op = operator(&p, to);
	dots = t->op ? NULL : memmem(p, (size_t)(to - p), "..", 2);
	if (dots)
		t->op = LIMIT_RANGE;
	if (!t->op)
		return WRONG(s, at, BAD_LIMIT,
			     "'%s' is no limit; use >= <= > < == !=, A .. B, one of, matches",
			     piece(s, from, to));
	if ((t->op != LIMIT_MATCHES || *skip(p, to) != '/') && stray_warn(p, to))
		return WRONG(
			s, stray_warn(p, to), BAD_LIMIT,
			"'warn' stands here, and no limit behind it; a pattern that holds it is "
			"written as /pattern/");
	if (!limit_judges(s->type, t->op))
		return WRONG(s, at, BAD_LIMIT, "'%s' does not judge a %s", op_words[t->op],
			     value_type_word(s->type));
	if (dots)
		return range(t, s, from, dots, to);
	if (t->op == LIMIT_MATCHES)
		return pattern(t, s, p, to);
	if (t->op == LIMIT_ONE_OF)
		return words(t, s, p, to);
	if (s->type != VALUE_NUM)
		return word(t, s, p, to);
	if (number(&t->lo, s, p, to, NULL) < 0)
		return ERR_PLAN;
	t->hi = t->lo;
	return 0;
}

/* Behind "/pattern/flags": the end of text, or the comma before warn. */
static int is_pattern_end(const char *p)
{
	p += strspn(p, "imsx");
	p += strspn(p, " \t");
	if (*p == ',')
		p += 1 + strspn(p + 1, " \t");
	else
		return !*p;
	return !strncmp(p, "warn", 4) && (!p[4] || is_blank(p[4]));
}

/* Where the test ends: at the comma before `warn`, or at the end of text. A
 * comma inside /pattern/ belongs to the pattern. */
static const char *test_end(const char *text)
{
	const char *p = text + strspn(text, " \t"), *end = text + strlen(text);

	if (operator(&p, end) == LIMIT_MATCHES && (p = skip(p, end)) < end && *p == '/')
		for (p++; *p && !(*p == '/' && is_pattern_end(p + 1)); p++)
			if (*p == '\\' && p[1])
				p++;
	for (p = *p ? p : text; (p = strchr(p, ',')); p++) {
		const char *q = skip(p + 1, end);

		if (!strncmp(q, "warn", 4) && (!q[4] || is_blank(q[4])))
			return p;
	}
	return end;
}

struct span {
	double lo, hi;
	int lo_open, hi_open;
};

static int span_of(struct span *out, const struct limit_test *t)
{
	*out = (struct span){ -(double)INFINITY, (double)INFINITY, 0, 0 };
	if (t->op == LIMIT_NE || t->op == LIMIT_NONE)
		return -1;
	if (t->op == LIMIT_GE || t->op == LIMIT_GT || t->op == LIMIT_EQ || t->op == LIMIT_RANGE)
		out->lo = t->lo;
	if (t->op == LIMIT_LE || t->op == LIMIT_LT || t->op == LIMIT_EQ || t->op == LIMIT_RANGE)
		out->hi = t->op == LIMIT_LE || t->op == LIMIT_LT ? t->lo : t->hi;
	out->lo_open = t->op == LIMIT_GT;
	out->hi_open = t->op == LIMIT_LT;
	return 0;
}

/* A warn band that marks nothing, or all, is a slip of the pen. */
static int check_band(const struct limit *l, struct scan *s, const char *at)
{
	struct span t, w;

	if (s->type != VALUE_NUM || span_of(&t, &l->test) < 0 || span_of(&w, &l->warn) < 0)
		return 0;
	if ((w.lo < t.lo || (w.lo == t.lo && w.lo_open <= t.lo_open)) &&
	    (w.hi > t.hi || (w.hi == t.hi && w.hi_open <= t.hi_open)))
		return WRONG(s, at, BAD_LIMIT,
			     "warn marks nothing: it holds whatever the limit lets pass");
	if (w.lo > t.hi || w.hi < t.lo)
		return WRONG(s, at, BAD_LIMIT, "warn marks every pass: no value is in both");
	return 0;
}

static const char *printed(struct arena *a, const struct limit_test *t, const char *unit)
{
	char lo[JSON_NUM], hi[JSON_NUM];
	struct sbuf b = { 0 };
	const char *text;

	if (t->op == LIMIT_MATCHES) {
		sbuf_printf(&b, "matches %s", match_text(t->match));
	} else if (t->op == LIMIT_RANGE) {
		sbuf_printf(&b, "%s .. %s", t->texts ? t->text[0] : json_num_print(lo, t->lo),
			    t->texts ? t->text[1] : json_num_print(hi, t->hi));
	} else {
		sbuf_printf(&b, "%s ", op_words[t->op]);
		for (size_t i = 0; i < t->texts; i++)
			sbuf_printf(&b, "%s%s", i ? ", " : "", t->text[i]);
		if (!t->texts)
			sbuf_puts(&b, json_num_print(lo, t->lo));
	}
	if (unit && !t->texts && t->op != LIMIT_MATCHES)
		sbuf_printf(&b, " %s", unit);
	text = arena_strdup(a, sbuf_str(&b));
	sbuf_release(&b);
	return text;
}

int limit_scan(struct limit *out, const char *text, enum value_type type, const char *unit,
	       struct arena *a, size_t *at, enum finding_code *code, struct err *err)
{
	struct scan s = { text, type, unit, a, at, code, err };
	const char *end = test_end(text), *stop = text + strlen(text), *warn;
	struct limit l = { .type = type, .unit = unit };

	if (type <= VALUE_NONE || type > VALUE_BOOL)
		return WRONG(&s, text, BAD_LIMIT,
			     "the measurement has no type that a limit judges");
	l.text = piece(&s, skip(text, stop), stop);
	if (test(&l.test, &s, text, end) < 0)
		goto fail;
	if (*end) {
		warn = skip(end + 1, stop) + strlen("warn");
		if (test(&l.warn, &s, warn, stop) < 0 ||
		    check_band(&l, &s, skip(end + 1, stop)) < 0)
			goto fail;
	}
	l.expected = printed(a, &l.test, unit);
	*out = l;
	return 0;
fail:
	limit_release(&l);
	return ERR_PLAN;
}

/* --- judging --- */

static int compare_num(enum limit_op op, double x, double lo, double hi)
{
	switch (op) {
	case LIMIT_GE:
		return x >= lo;
	case LIMIT_LE:
		return x <= lo;
	case LIMIT_GT:
		return x > lo;
	case LIMIT_LT:
		return x < lo;
	case LIMIT_EQ:
		return x == lo;
	case LIMIT_NE:
		return x != lo;
	case LIMIT_RANGE:
		return x >= lo && x <= hi;
	default:
		return 0;
	}
}

static int is_listed(const struct limit_test *t, const char *text)
{
	for (size_t i = 0; i < t->texts; i++)
		if (!strcmp(t->text[i], text))
			return 1;
	return 0;
}

/* Compares as numbers: the order of the value to each bound against 0. */
static int holds_version(const struct limit_test *t, const char *text)
{
	struct version v, lo, hi;
	int low, high;

	if (t->op == LIMIT_EQ || t->op == LIMIT_ONE_OF)
		return is_listed(t, text);
	if (!t->texts || version_scan(&v, text) < 0 || version_scan(&lo, t->text[0]) < 0 ||
	    version_scan(&hi, t->text[t->texts - 1]) < 0)
		return 0;
	low = version_compare(&v, &lo);
	high = version_compare(&v, &hi);
	if (t->op == LIMIT_RANGE)
		return low >= 0 && high <= 0;
	return compare_num(t->op, low, 0, 0);
}

static int holds(const struct limit_test *t, const struct value *v, enum err_code *cost)
{
	struct match_found found;

	if (t->op == LIMIT_MATCHES) {
		enum match_result r = match_whole(&found, t->match, v->text, strlen(v->text));

		if (r == MATCH_COSTLY)
			*cost = ERR_COSTLY;
		return r == MATCH_YES;
	}
	switch (v->type) {
	case VALUE_NUM:
		return compare_num(t->op, v->num, t->lo, t->hi);
	case VALUE_BOOL:
		return compare_num(t->op, v->yes != 0, t->lo, t->hi);
	case VALUE_VERSION:
		return holds_version(t, v->text);
	case VALUE_TEXT:
		return t->op == LIMIT_NE ? !is_listed(t, v->text) : is_listed(t, v->text);
	default:
		return 0;
	}
}

static int same_unit(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

enum judgement limit_judge(int *marginal, const struct limit *l, const struct value *v,
			   enum err_code *cost)
{
	*marginal = 0;
	*cost = ERR_OK;
	if (!v || v->type == VALUE_NONE)
		return JUDGED_UNSET;
	if (v->type != l->type || !same_unit(v->unit, l->unit) ||
	    (v->type == VALUE_NUM && !isfinite(v->num)) ||
	    ((v->type == VALUE_TEXT || v->type == VALUE_VERSION) && !v->text))
		return JUDGED_FAIL;
	if (!holds(&l->test, v, cost))
		return JUDGED_FAIL;
	if (l->warn.op && !holds(&l->warn, v, cost)) {
		if (*cost)
			return JUDGED_FAIL;
		*marginal = 1;
	}
	return JUDGED_PASS;
}

void limit_release(struct limit *l)
{
	match_free(l->test.match);
	match_free(l->warn.match);
	l->test.match = l->warn.match = NULL;
}
