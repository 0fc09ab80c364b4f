#include "base/quantity.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

static const struct unit {
	const char *name;
	enum dimension dim;
	double mul, div;
} units[] = {
#define UNIT(name, dim, mul, div) { name, DIM_##dim, mul, div },
#include "base/quantity.def"
#undef UNIT
};

enum { UNITS = sizeof(units) / sizeof(units[0]) };

static const char *const names[] = {
	[DIM_NONE] = "bare number", [DIM_TIME] = "duration",   [DIM_RATE] = "data rate",
	[DIM_SIZE] = "size",        [DIM_VOLTAGE] = "voltage", [DIM_CURRENT] = "current",
	[DIM_FREQ] = "frequency",   [DIM_RATIO] = "ratio",     [DIM_TEMP] = "temperature",
};

static const struct unit *unit_find(const char *name, size_t len)
{
	for (int i = 0; i < UNITS; i++)
		if (strlen(units[i].name) == len && !memcmp(units[i].name, name, len))
			return &units[i];
	return NULL;
}

int quantity_dimension(enum dimension *out, const char *unit)
{
	const struct unit *u = unit_find(unit, strlen(unit));

	if (!u && *unit)
		return -1;
	*out = u ? u->dim : DIM_NONE;
	return 0;
}

double quantity_factor(const char *unit)
{
	const struct unit *u = unit_find(unit, strlen(unit));

	if (u)
		return u->mul / u->div;
	return *unit ? (double)NAN : 1;
}

const char *quantity_units(enum dimension dim)
{
	static char text[DIM_END_][64];

	if (dim <= DIM_NONE || dim >= DIM_END_)
		return "";
	if (!text[dim][0])
		for (int i = 0; i < UNITS; i++) {
			size_t n = strlen(text[dim]);

			if (units[i].dim == dim)
				snprintf(text[dim] + n, sizeof(text[dim]) - n, "%s%s",
					 n ? ", " : "", units[i].name);
		}
	return text[dim];
}

const char *quantity_name(enum dimension dim)
{
	return dim >= DIM_NONE && dim < DIM_END_ ? names[dim] : "unknown";
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t digits(const char *s)
{
	size_t n = 0;

	while (s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

/* Bytes of the decimal number at s, sign excluded; 0: none. */
static size_t decimal(const char *s)
{
	size_t n = digits(s), part;

	if (!n)
		return 0;
	if (s[n] == '.' && (part = digits(s + n + 1)))
		n += 1 + part;
	if (s[n] == 'e' || s[n] == 'E') {
		size_t sign = s[n + 1] == '+' || s[n + 1] == '-';

		if ((part = digits(s + n + 1 + sign)))
			n += 1 + sign + part;
	}
	return n;
}

static int has_value(const char *s, size_t n)
{
	for (size_t i = 0; i < n && s[i] != 'e' && s[i] != 'E'; i++)
		if (s[i] >= '1' && s[i] <= '9')
			return 1;
	return 0;
}

static double c_strtod(const char *s)
{
	static locale_t c;

	if (!c)
		c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	return c ? strtod_l(s, NULL, c) : strtod(s, NULL);
}

/* Read the number at s. *used is its bytes. Returns NULL, or what is wrong. */
static const char *number(double *out, size_t *used, const char *s)
{
	size_t sign = *s == '+' || *s == '-', n = 0;
	const char *d = s + sign;
	double x;

	if (d[0] == '0' && (d[1] == 'x' || d[1] == 'X')) {
		uint64_t bits = 0;

		for (n = 2; text_hex_digit(d[n]) >= 0; n++) {
			if (bits >> 60)
				return "is too large";
			bits = bits << 4 | (unsigned)text_hex_digit(d[n]);
		}
		if (n == 2)
			return "is no number";
		x = (double)bits;
		if (bits > UINT64_C(1) << 53)
			return "is too large to be held exactly";
	} else {
		if (!(n = decimal(d)))
			return "is no number";
		x = c_strtod(d);
		if (!isfinite(x))
			return "is too large";
		if (x < 0x1p-1022 && has_value(d, n))
			return "is too small";
	}
	*out = *s == '-' ? -x : x;
	*used = sign + n;
	return NULL;
}

/* The number and the unit's place in text; the unit is not looked at. */
static int split(double *out, size_t *from, size_t *len, const char *text, size_t *at,
		 struct err *err)
{
	size_t n = strlen(text), i = 0, used = 0;
	const char *wrong;

	while (is_blank(text[i]))
		i++;
	while (n > i && is_blank(text[n - 1]))
		n--;
	*at = i;
	if ((wrong = number(out, &used, text + i)))
		return err_set(err, ERR_PLAN, "'%.*s' %s", text_brief(text + i, n - i), text + i,
			       wrong);
	i += used;
	while (i < n && is_blank(text[i]))
		i++;
	*from = i;
	*len = n - i;
	return 0;
}

static int scale(double *x, const struct unit *u, const char *text, size_t *at, struct err *err)
{
	double scaled = *x * u->mul / u->div;

	if (!isfinite(scaled) || (scaled == 0 && *x != 0)) {
		*at = strspn(text, " \t");
		return err_set(err, ERR_PLAN, "'%.*s' is too %s", text_brief(text, strlen(text)),
			       text, scaled == 0 ? "small" : "large");
	}
	*x = scaled;
	return 0;
}

int quantity_scan(double *out, const char *text, enum dimension dim, size_t *at, struct err *err)
{
	size_t from = 0, len = 0;
	const struct unit *u;
	double x = 0;
	int r;

	if ((r = split(&x, &from, &len, text, at, err)) < 0)
		return r;
	*at = from;
	if (dim == DIM_NONE) {
		if (len)
			return err_set(err, ERR_PLAN, "'%.*s' follows the number, must be a %s",
				       text_brief(text + from, len), text + from,
				       quantity_name(dim));
		*out = x;
		return 0;
	}
	if (!len)
		return err_set(err, ERR_PLAN, "'%.*s' has no unit; a %s is in %s",
			       text_brief(text, from), text, quantity_name(dim),
			       quantity_units(dim));
	u = unit_find(text + from, len);
	if (!u || u->dim != dim)
		return err_set(err, ERR_PLAN, "'%.*s' is no unit of a %s; use %s",
			       text_brief(text + from, len), text + from, quantity_name(dim),
			       quantity_units(dim));
	if ((r = scale(&x, u, text, at, err)) < 0)
		return r;
	*out = x;
	return 0;
}

int quantity_scan_any(double *out, enum dimension *dim, const char **unit, const char *text,
		      size_t *at, struct err *err)
{
	static const struct unit bare = { "", DIM_NONE, 1, 1 };
	const struct unit *u = &bare;
	size_t from = 0, len = 0;
	double x = 0;
	int r;

	if ((r = split(&x, &from, &len, text, at, err)) < 0)
		return r;
	*at = from;
	if (len && !(u = unit_find(text + from, len)))
		return err_set(err, ERR_PLAN, "'%.*s' is no unit", text_brief(text + from, len),
			       text + from);
	if ((r = scale(&x, u, text, at, err)) < 0)
		return r;
	*out = x;
	*dim = u->dim;
	*unit = u->name;
	return 0;
}

static int is_base(const struct unit *u)
{
	return u->mul == u->div;
}

/* The fewest digits that read back as x; 0 when not even 17 do. Without an exponent
 * where one can do without. */
static int shortest(char out[JSON_NUM], double x, const struct unit *u)
{
	double scaled = x * u->div / u->mul;
	int plain = scaled == 0 || (fabs(scaled) >= 1e-4 && fabs(scaled) < 1e15);

	for (int digits = 1; digits <= 17; digits++) {
		snprintf(out, JSON_NUM, "%.*g", digits, scaled);
		if (plain && strchr(out, 'e'))
			continue;
		if (c_strtod(out) * u->mul / u->div == x)
			return 1;
	}
	return 0;
}

/* The unit that gives the fewest characters; of equals the one without a point,
 * then the larger. Zero is in the base unit. */
void quantity_print(struct sbuf *out, double x, enum dimension dim)
{
	char best[JSON_NUM] = "", text[JSON_NUM];
	const struct unit *u = NULL;

	for (int i = 0; i < UNITS; i++) {
		int longer, point, had;

		if (units[i].dim != dim || (x == 0 && u && is_base(u)))
			continue;
		if (!shortest(text, x, &units[i]) && !(dim == DIM_RATIO && !u))
			continue; /* a ratio has no base unit that could say everything */
		longer = (int)strlen(text) - (int)strlen(best);
		point = strchr(text, '.') != NULL;
		had = strchr(best, '.') != NULL;
		if (x != 0 && u && (longer > 0 || (longer == 0 && point && !had)))
			continue;
		memcpy(best, text, sizeof(best));
		u = &units[i];
	}
	if (u)
		sbuf_printf(out, "%s %s", best, u->name);
	else
		sbuf_puts(out, json_num_print(text, x));
}
