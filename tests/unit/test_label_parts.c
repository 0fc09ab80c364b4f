/* GS1 labels built from their parts at random, then taken apart, and spoiled. */
#include <criterion/criterion.h>

#include <string.h>

#include "base/rng.h"
#include "base/sbuf.h"
#include "floor/label.h"

TestSuite(label_parts, .timeout = 60);

enum { PARTS_MAX = 9, LABELS = 20000 };

struct piece {
	const struct label_ai *ai;
	char name[5], value[100];
	size_t len, at; /* at: of the value in the label */
};

static struct rng rng = { 20261129 };

static char any_of(const char *set)
{
	return set[rng_next(&rng) % strlen(set)];
}

static void put_check(char *value, size_t digits)
{
	char digit[3];

	label_check_digits(digit, PLAN_CHECK_GS1, value, digits - 1);
	value[digits - 1] = digit[0];
}

static void make(struct piece *p, const struct label_ai *ai)
{
	const char *set = ai->kind == 'N'   ? "0123456789"
			  : ai->kind == 'Y' ? "ABCXYZ0123456789#-/"
					    : "ABCabcXYZxyz0123456789!\"%&'()*+,-./:;<=>?_";
	size_t k = strlen(ai->ai);

	*p = (struct piece){ .ai = ai };
	p->len = (size_t)ai->min + rng_next(&rng) % (size_t)(ai->max - ai->min + 1);
	memcpy(p->name, ai->ai, k);
	if (ai->ai[k - 1] == 'n')
		p->name[k - 1] = any_of("012345");
	for (size_t i = 0; i < p->len; i++)
		p->value[i] = any_of(set);
	if (!ai->rule)
		return;
	if (!strcmp(ai->rule, "date")) {
		memcpy(p->value + 2, "02", 2);
		p->value[4] = any_of("012");
		p->value[5] = any_of("012345678");
	} else if (!strcmp(ai->rule, "grai")) {
		p->value[0] = '0';
		for (size_t i = 1; i < 13; i++)
			p->value[i] = any_of("0123456789");
		put_check(p->value, 14);
	} else {
		put_check(p->value, p->len);
	}
}

/* Some elements, each once, one of them the serial, in any order. */
static size_t make_all(struct piece *p)
{
	size_t rows = 0, n = 1 + rng_next(&rng) % PARTS_MAX, serial = rng_next(&rng) % n;

	while (label_ais[rows].ai)
		rows++;
	for (size_t i = 0; i < n; i++) {
		const struct label_ai *ai;
		int again;

		do {
			ai = &label_ais[rng_next(&rng) % rows];
			if (i == serial)
				for (ai = label_ais; strcmp(ai->ai, "21") != 0;)
					ai++;
			again = i != serial && !strcmp(ai->ai, "21");
			for (size_t j = 0; j < i; j++)
				again |= p[j].ai == ai;
		} while (again);
		make(&p[i], ai);
	}
	return n;
}

static void write_all_of(struct sbuf *out, struct piece *p, size_t n, const char *fnc1)
{
	sbuf_reset(out);
	if (rng_chance(&rng, 0.3))
		sbuf_puts(out, fnc1);
	for (size_t i = 0; i < n; i++) {
		sbuf_puts(out, p[i].name);
		p[i].at = out->len;
		sbuf_add(out, p[i].value, p[i].len);
		if (i + 1 < n ? !p[i].ai->fixed || rng_chance(&rng, 0.2) : rng_chance(&rng, 0.1))
			sbuf_puts(out, fnc1);
	}
}

/* Digits without the point that the identifier tells. */
static int same_value(const struct piece *p, const char *value)
{
	size_t k = strlen(p->ai->ai), n = 0;
	const char *mine = p->value;
	char digits[100];

	if (p->ai->ai[k - 1] != 'n')
		return !strcmp(p->value, value);
	for (; *value; value++)
		if (*value != '.')
			digits[n++] = *value;
	digits[n] = '\0';
	return n <= p->len && strspn(mine, "0") >= p->len - n && !strcmp(mine + p->len - n, digits);
}

Test(label_parts, what_is_built_is_taken_apart)
{
	static const char *const fnc1s[] = { "\x1d", "^", "~1", "{GS}" };
	struct piece p[PARTS_MAX + 1];
	struct sbuf text = { 0 };

	for (int round = 0; round < LABELS; round++) {
		struct label_rules rules = { .fnc1 = fnc1s[rng_next(&rng) % 4] };
		size_t n = make_all(p);
		struct label l;
		struct err err = { 0 };

		write_all_of(&text, p, n, rules.fnc1);
		cr_assert_eq(label_read(&l, &rules, PLAN_LABEL_GS1, text.data, text.len, &err), 0,
			     "%s: %s", text.data, err.text);
		cr_assert_eq(l.fields, n, "%s", text.data);
		for (size_t i = 0; i < n; i++) {
			cr_assert_str_eq(l.field[i].ai, p[i].name, "%s", text.data);
			cr_assert(same_value(&p[i], l.field[i].value), "%s: %s is %s", text.data,
				  p[i].name, l.field[i].value);
			cr_assert_eq(l.field[i].at, p[i].at, "%s", text.data);
			if (!strcmp(p[i].name, "21"))
				cr_assert_str_eq(l.serial, p[i].value);
		}
		label_release(&l);
	}
	sbuf_release(&text);
}

/* One byte other: read or refused, but a check digit is never passed over. */
Test(label_parts, one_wrong_digit_of_a_checked_element_is_refused)
{
	struct piece p[PARTS_MAX + 1];
	struct sbuf text = { 0 };
	int tried = 0;

	while (tried < 2000) {
		size_t n = make_all(p), i = rng_next(&rng) % n, at;
		struct label l;
		struct err err = { 0 };

		if (!p[i].ai->rule || strcmp(p[i].ai->rule, "mod10") != 0)
			continue;
		tried++;
		write_all_of(&text, p, n, "\x1d");
		at = p[i].at + rng_next(&rng) % p[i].len;
		text.data[at] = text.data[at] == '9' ? '0' : (char)(text.data[at] + 1);
		cr_assert_eq(label_read(&l, NULL, PLAN_LABEL_GS1, text.data, text.len, &err),
			     ERR_USAGE, "%s was read", text.data);
		cr_assert(strstr(err.text, "check digit"), "%s: %s", text.data, err.text);
	}
	sbuf_release(&text);
}
