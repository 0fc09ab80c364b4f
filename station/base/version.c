#include "base/version.h"

#include <string.h>

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Take one number; returns the text behind it, or NULL. */
static const char *number(struct version *v, const char *s)
{
	long n = 0;
	int width = 0;

	while (is_digit(s[width])) {
		if (width == 9)
			return NULL;
		n = 10 * n + (s[width++] - '0');
	}
	if (!width || (s[0] == '0' && width > 2) || v->parts == VERSION_PARTS)
		return NULL;
	v->part[v->parts] = n;
	v->width[v->parts++] = width;
	return s + width;
}

int version_scan(struct version *out, const char *text)
{
	static const char update[] = " Update ";
	struct version v = { 0 };
	const char *s = text;

	if (!strncmp(s, "TP", 2)) {
		v.tp = 1;
		s += 2;
	}
	s = number(&v, s);
	while (s && *s == '.' && v.parts < VERSION_PARTS - 1)
		s = number(&v, s + 1);
	if (s && !strncmp(s, update, sizeof(update) - 1))
		s = number(&v, s + sizeof(update) - 1);
	if (!s || *s)
		return -1;
	*out = v;
	return 0;
}

static int order(long a, long b)
{
	return (a > b) - (a < b);
}

int version_compare(const struct version *a, const struct version *b)
{
	int parts = a->parts < b->parts ? a->parts : b->parts, d;

	if (a->tp != b->tp)
		return a->tp ? -1 : 1;
	for (int i = 0; i < parts; i++)
		if ((d = order(a->part[i], b->part[i])))
			return d;
	if ((d = order(a->parts, b->parts)))
		return d;
	for (int i = 0; i < parts; i++) /* the numbers are equal: widths settle it */
		if ((d = order(a->width[i], b->width[i])))
			return d;
	return 0;
}
