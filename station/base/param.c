#include "base/param.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/file.h"
#include "base/match.h"
#include "base/text.h"
#include "base/version.h"

/* One value on its way from text to a field. */
struct reading {
	void *field;
	const struct param *row;
	const char *text;
	struct arena *a;
	const char *base;
	size_t *at;
	struct err *err;
	enum finding_code code; /* of what is wrong */
};

/* "'timeout' is 'soon', must be ..." */
static int refuse(struct reading *r, size_t at, enum finding_code code, const char *must)
{
	*r->at = at;
	r->code = code;
	return err_set(r->err, ERR_PLAN, "'%s' is '%.*s', must be %s", r->row->name,
		       text_brief(r->text, strlen(r->text)), r->text, must);
}

/* "'pairs': '0-0' joins a pin to itself" */
static int refuse_item(struct reading *r, const char *item, const char *what)
{
	*r->at = (size_t)(item - r->text);
	r->code = FINDING_BAD_VALUE;
	return err_set(r->err, ERR_PLAN, "'%s': %s", r->row->name, what);
}

/* -- range ------------------------------------------------------------------ */

static int is_bounded(const struct param *row)
{
	return row->min != 0 || row->max != 0;
}

static void print_number(struct sbuf *out, const struct param *row, double x)
{
	if (row->type == PARAM_DURATION)
		quantity_print(out, x / 1000, DIM_TIME);
	else
		quantity_print(out, x, row->type == PARAM_NUM ? row->dim : DIM_NONE);
}

/* "1 ms .. 10 min", "at least 1", "1 .. 60000 Mbit/s" */
static void print_range(struct sbuf *out, const struct param *row)
{
	if (row->max >= DBL_MAX) {
		sbuf_puts(out, "at least ");
		print_number(out, row, row->min);
		return;
	}
	if (row->min <= -DBL_MAX) {
		sbuf_puts(out, "at most ");
		print_number(out, row, row->max);
		return;
	}
	print_number(out, row, row->min);
	sbuf_puts(out, " .. ");
	print_number(out, row, row->max);
}

static int check_range(struct reading *r, double x)
{
	struct sbuf must = { 0 };
	int rc;

	if (!is_bounded(r->row) || (x >= r->row->min && x <= r->row->max))
		return 0;
	print_range(&must, r->row);
	rc = refuse(r, 0, FINDING_OUT_OF_RANGE, sbuf_str(&must));
	sbuf_release(&must);
	return rc;
}

/* -- numbers ---------------------------------------------------------------- */

static int set_int(struct reading *r)
{
	const char *s = r->text + strspn(r->text, " \t");
	int minus = *s == '-', hex;
	uint64_t n = 0, top = minus ? UINT64_C(1) << 63 : INT64_MAX;
	size_t digits = 0;
	int64_t value;
	int rc;

	s += minus || *s == '+';
	hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	s += hex ? 2 : 0;
	for (; *s; s++, digits++) {
		int d = text_hex_digit(*s);

		if (d < 0 || (!hex && d > 9))
			break;
		if (n > (top - (unsigned)d) / (hex ? 16 : 10))
			return refuse(r, 0, FINDING_OUT_OF_RANGE, "an integer of at most 64 bits");
		n = n * (hex ? 16 : 10) + (unsigned)d;
	}
	if (!digits || s[strspn(s, " \t")])
		return refuse(r, (size_t)(s - r->text), FINDING_BAD_VALUE, "an integer");
	value = minus ? (int64_t)(0 - n) : (int64_t)n;
	if ((rc = check_range(r, (double)value)) < 0)
		return rc;
	*(int64_t *)r->field = value;
	return 0;
}

static int scan(double *x, struct reading *r, enum dimension dim)
{
	if (quantity_scan(x, r->text, dim, r->at, r->err) < 0) {
		r->code = *r->at > strspn(r->text, " \t") ? FINDING_BAD_UNIT : FINDING_BAD_VALUE;
		return err_wrap(r->err, "'%s'", r->row->name);
	}
	return 0;
}

static int set_num(struct reading *r)
{
	double x;
	int rc;

	if ((rc = scan(&x, r, r->row->dim)) < 0 || (rc = check_range(r, x)) < 0)
		return rc;
	*(double *)r->field = x;
	return 0;
}

static int set_duration(struct reading *r)
{
	double s, ms, whole;
	int rc;

	if ((rc = scan(&s, r, DIM_TIME)) < 0)
		return rc;
	ms = s * 1000;
	whole = nearbyint(ms);
	if (fabs(ms) > 0x1p53)
		return refuse(r, 0, FINDING_OUT_OF_RANGE, "a shorter time");
	if (fabs(ms - whole) > 4 * DBL_EPSILON * fabs(ms)) /* more than the factor can do */
		return refuse(r, 0, FINDING_BAD_VALUE, "a whole number of milliseconds");
	if ((rc = check_range(r, whole)) < 0)
		return rc;
	*(int64_t *)r->field = (int64_t)whole;
	return 0;
}

/* -- texts ------------------------------------------------------------------ */

static int set_text(struct reading *r)
{
	*(const char **)r->field = arena_strdup(r->a, r->text);
	return 0;
}

static int set_bool(struct reading *r)
{
	int yes = !strcmp(r->text, "yes");

	if (!yes && strcmp(r->text, "no"))
		return refuse(r, 0, FINDING_BAD_VALUE, "yes or no");
	*(int64_t *)r->field = yes;
	return 0;
}

static void print_choices(struct sbuf *out, const struct param *row)
{
	for (size_t i = 0; row->choices[i]; i++)
		sbuf_printf(out, "%s%s", i ? ", " : "", row->choices[i]);
}

static int set_choice(struct reading *r)
{
	const char *const *choice = r->row->choices, *near;
	struct sbuf must = { 0 };
	size_t n = 0;
	int rc;

	for (; choice[n]; n++)
		if (!strcmp(choice[n], r->text)) {
			*(const char **)r->field = choice[n];
			return 0;
		}
	sbuf_puts(&must, n > 1 ? "one of " : "");
	print_choices(&must, r->row);
	if ((near = text_suggest(r->text, choice, n)))
		sbuf_printf(&must, "; did you mean '%s'?", near);
	rc = refuse(r, 0, FINDING_BAD_VALUE, sbuf_str(&must));
	sbuf_release(&must);
	return rc;
}

static int set_pattern(struct reading *r)
{
	struct match **field = r->field, *m;

	if (match_compile(&m, r->text, r->at, r->err) < 0) {
		r->code = FINDING_BAD_PATTERN;
		return err_wrap(r->err, "'%s'", r->row->name);
	}
	match_free(*field);
	*field = m;
	return 0;
}

static int set_path(struct reading *r)
{
	*(const char **)r->field =
		r->base ? file_beside(r->a, r->base, r->text) : arena_strdup(r->a, r->text);
	return 0;
}

static int is_day(const char *s)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	static const char shape[] = "dddd-dd-dd";
	int y, m, d, leap;

	for (size_t i = 0; i < sizeof(shape); i++) /* the NUL, too */
		if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
			return 0;
	y = (s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + s[3] - '0';
	m = (s[5] - '0') * 10 + s[6] - '0';
	d = (s[8] - '0') * 10 + s[9] - '0';
	leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return y >= 1970 && m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] + (m == 2 && leap);
}

static int set_date(struct reading *r)
{
	if (!is_day(r->text))
		return refuse(r, 0, FINDING_BAD_VALUE, "a day such as 2027-05-31");
	return set_text(r);
}

static int set_address(struct reading *r)
{
	struct address a;

	if (address_scan(&a, r->text))
		return refuse(r, 0, FINDING_BAD_VALUE,
			      "an address with port: 127.0.0.1:5201 or [::1]:5201");
	return set_text(r);
}

/* -- lists ------------------------------------------------------------------ */

static size_t count_items(const char *s)
{
	size_t n = 1;

	for (; *s; s++)
		n += *s == ',';
	return n;
}

/* The item at *s without blanks around it, in the arena; *s moves behind its
 * comma, or becomes NULL after the last. *item_at is where it stands. */
static const char *next_item(const char **item_at, const char **s, struct arena *a)
{
	const char *from = *s + strspn(*s, " \t"), *comma = strchr(from, ',');
	size_t n = comma ? (size_t)(comma - from) : strlen(from);
	char *item;

	*item_at = from;
	*s = comma ? comma + 1 : NULL;
	while (n && (from[n - 1] == ' ' || from[n - 1] == '\t'))
		n--;
	item = arena_alloc(a, n + 1);
	memcpy(item, from, n);
	return item;
}

static int set_list(struct reading *r)
{
	struct param_list list = { arena_alloc(r->a, count_items(r->text) * sizeof(*list.item)),
				   0 };
	const char *s = r->text, *at;
	struct version v;

	while (s) {
		const char *item = next_item(&at, &s, r->a), *what = NULL;

		if (!*item)
			what = "an item is empty; items are divided by single commas";
		else if (r->row->type == PARAM_VERSIONS && version_scan(&v, item) < 0)
			what = arena_printf(r->a,
					    "'%.*s' is no version; write it as 24.06 or "
					    "20.08 Update 1",
					    text_brief(item, strlen(item)), item);
		for (size_t i = 0; !what && i < list.count; i++)
			if (!strcmp(list.item[i], item))
				what = arena_printf(r->a, "'%.*s' stands twice",
						    text_brief(item, strlen(item)), item);
		if (what)
			return refuse_item(r, at, what);
		list.item[list.count++] = item;
	}
	*(struct param_list *)r->field = list;
	return 0;
}

static int is_pin(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= INI_NAME_MAX &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._") == n;
}

static int has_pin(const struct param_pairs *pairs, const char *pin)
{
	for (size_t i = 0; i < pairs->count; i++)
		if (!strcmp(pairs->item[i].a, pin) || !strcmp(pairs->item[i].b, pin))
			return 1;
	return 0;
}

static int set_pairs(struct reading *r)
{
	struct param_pairs pairs = { arena_alloc(r->a, count_items(r->text) * sizeof(*pairs.item)),
				     0 };
	const char *s = r->text, *at;

	while (s) {
		const char *item = next_item(&at, &s, r->a), *what = NULL, *pin = NULL;
		struct param_pair pair = { "", "" };
		char *dash = strchr(item, '-');

		if (dash) {
			pair.a = arena_printf(r->a, "%.*s", (int)(dash - item), item);
			pair.b = dash + 1;
		}
		if (!is_pin(pair.a) || !is_pin(pair.b))
			what = arena_printf(r->a, "'%.*s' is no pair of pins; write it as 0-59",
					    text_brief(item, strlen(item)), item);
		else if (!strcmp(pair.a, pair.b) || has_pin(&pairs, pair.a))
			pin = pair.a;
		else if (has_pin(&pairs, pair.b))
			pin = pair.b;
		if (pin)
			what = arena_printf(r->a, "pin '%s' stands twice", pin);
		if (what)
			return refuse_item(r, at, what);
		pairs.item[pairs.count++] = pair;
	}
	*(struct param_pairs *)r->field = pairs;
	return 0;
}

/* -- the types -------------------------------------------------------------- */

static const struct {
	const char *word; /* in descriptions and messages */
	size_t size;      /* of the field */
	int (*set)(struct reading *r);
} types[] = {
	[PARAM_TEXT] = { "text", sizeof(const char *), set_text },
	[PARAM_INT] = { "integer", sizeof(int64_t), set_int },
	[PARAM_NUM] = { "number", sizeof(double), set_num },
	[PARAM_BOOL] = { "yes or no", sizeof(int64_t), set_bool },
	[PARAM_CHOICE] = { "one of", sizeof(const char *), set_choice },
	[PARAM_DURATION] = { "duration", sizeof(int64_t), set_duration },
	[PARAM_PATTERN] = { "pattern", sizeof(struct match *), set_pattern },
	[PARAM_VERSIONS] = { "list of versions", sizeof(struct param_list), set_list },
	[PARAM_LIST] = { "list", sizeof(struct param_list), set_list },
	[PARAM_PAIRS] = { "pairs of pins", sizeof(struct param_pairs), set_pairs },
	[PARAM_PATH] = { "path", sizeof(const char *), set_path },
	[PARAM_DATE] = { "date", sizeof(const char *), set_date },
	[PARAM_ADDRESS] = { "address with port", sizeof(const char *), set_address },
};

static void *field_of(void *out, const struct param *row)
{
	return (char *)out + row->offset;
}

static void print_type(struct sbuf *out, const struct param *row)
{
	if (row->type == PARAM_NUM && row->dim != DIM_NONE)
		sbuf_puts(out, quantity_name(row->dim));
	else
		sbuf_puts(out, types[row->type].word);
	if (row->type == PARAM_CHOICE) {
		sbuf_putc(out, ' ');
		print_choices(out, row);
	}
}

static int set_empty(struct reading *r)
{
	struct sbuf type = { 0 };
	int rc;

	if (r->row->may_be_empty) {
		if (r->row->type == PARAM_PATTERN)
			match_free(*(struct match **)r->field);
		memset(r->field, 0, types[r->row->type].size);
		if (r->row->type == PARAM_TEXT)
			*(const char **)r->field = "";
		return 0;
	}
	print_type(&type, r->row);
	*r->at = 0;
	r->code = FINDING_EMPTY_VALUE;
	rc = err_set(r->err, ERR_PLAN, "'%s' is empty, must be: %s", r->row->name, sbuf_str(&type));
	sbuf_release(&type);
	return rc;
}

static int set(enum finding_code *code, void *out, const struct param *row, const char *text,
	       struct arena *a, const char *base, size_t *at, struct err *err)
{
	struct reading r = { .field = field_of(out, row),
			     .row = row,
			     .text = text,
			     .a = a,
			     .base = base,
			     .at = at,
			     .err = err,
			     .code = FINDING_BAD_VALUE };
	int rc;

	*at = 0;
	rc = *text ? types[row->type].set(&r) : set_empty(&r);
	*code = r.code;
	return rc;
}

int param_set(void *out, const struct param *row, const char *text, struct arena *a,
	      const char *base, size_t *at, struct err *err)
{
	enum finding_code code;

	return set(&code, out, row, text, a, base, at, err);
}

void param_presets(void *out, const struct param *rows, struct arena *a)
{
	struct err err = { 0 };
	size_t at;

	for (; rows->name; rows++)
		if (rows->preset && param_set(out, rows, rows->preset, a, NULL, &at, &err) < 0) {
			fprintf(stderr, "station: preset: %s\n", err.text);
			abort();
		}
}

/* "[step wifi]" */
static const char *header(const struct ini_section *s, struct arena *a)
{
	return arena_printf(a, "[%s%s%s]", s->kind, *s->name ? " " : "", s->name);
}

void param_read(void *out, const struct param *rows, struct ini_section *s, struct arena *a,
		struct findings *f)
{
	enum finding_code code;
	struct err err = { 0 };
	size_t at;

	param_presets(out, rows, a);
	for (const struct param *row = rows; row->name; row++) {
		struct ini_key *k = ini_key(s, row->name);
		struct place where;

		if (!k) {
			if (!row->preset && !row->optional)
				finding_add(f, &s->at, FINDING_MISSING_KEY,
					    "missing key '%s' in %s", row->name, header(s, a));
			continue;
		}
		k->used = 1;
		if (k->broken)
			continue;
		if (set(&code, out, row, k->value, a, k->at.file, &at, &err) < 0) {
			where = ini_place(k, at);
			finding_add(f, &where, code, "%s", err.text);
		}
	}
}

void param_unknown(const struct ini_section *s, const struct param *const *rows_lists,
		   struct findings *f)
{
	struct arena a = { 0 };
	const char **names;
	size_t n = 0;

	for (size_t i = 0; rows_lists[i]; i++)
		for (const struct param *row = rows_lists[i]; row->name; row++)
			n++;
	names = arena_alloc(&a, (n + 1) * sizeof(*names));
	n = 0;
	for (size_t i = 0; rows_lists[i]; i++)
		for (const struct param *row = rows_lists[i]; row->name; row++)
			names[n++] = row->name;
	for (size_t i = 0; i < s->keys; i++) {
		const struct ini_key *k = &s->key[i];
		const char *near;

		if (k->used)
			continue;
		near = text_suggest(k->name, names, n);
		finding_add(f, &k->at, FINDING_UNKNOWN_KEY, "unknown key '%.*s' in %s%s%s%s",
			    text_brief(k->name, strlen(k->name)), k->name, header(s, &a),
			    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	}
	arena_free(&a);
}

void param_release(void *out, const struct param *rows)
{
	for (; rows->name; rows++)
		if (rows->type == PARAM_PATTERN) {
			struct match **m = field_of(out, rows);

			match_free(*m);
			*m = NULL;
		}
}

const struct param *param_find(const struct param *rows, const char *name)
{
	for (; rows->name; rows++)
		if (!strcmp(rows->name, name))
			return rows;
	return NULL;
}

void param_describe(struct sbuf *out, const struct param *row)
{
	print_type(out, row);
	if (is_bounded(row)) {
		sbuf_puts(out, ", ");
		print_range(out, row);
	}
	if (row->preset && *row->preset)
		sbuf_printf(out, ", preset %s", row->preset);
	else if (row->preset)
		sbuf_puts(out, ", preset empty");
	else
		sbuf_puts(out, row->optional ? ", optional" : ", required");
}

void param_print(struct sbuf *out, const void *in, const struct param *row)
{
	const void *field = (const char *)in + row->offset;
	const struct param_list *list = field;
	const struct param_pairs *pairs = field;
	const struct match *m;
	const char *text;

	switch (row->type) {
	case PARAM_INT:
		sbuf_printf(out, "%" PRId64, *(const int64_t *)field);
		break;
	case PARAM_BOOL:
		sbuf_puts(out, *(const int64_t *)field ? "yes" : "no");
		break;
	case PARAM_DURATION:
		print_number(out, row, (double)*(const int64_t *)field);
		break;
	case PARAM_NUM:
		print_number(out, row, *(const double *)field);
		break;
	case PARAM_PATTERN:
		m = *(struct match *const *)field;
		sbuf_puts(out, m ? match_text(m) : "");
		break;
	case PARAM_LIST:
	case PARAM_VERSIONS:
		for (size_t i = 0; i < list->count; i++)
			sbuf_printf(out, "%s%s", i ? ", " : "", list->item[i]);
		break;
	case PARAM_PAIRS:
		for (size_t i = 0; i < pairs->count; i++)
			sbuf_printf(out, "%s%s-%s", i ? ", " : "", pairs->item[i].a,
				    pairs->item[i].b);
		break;
	case PARAM_TEXT:
	case PARAM_CHOICE:
	case PARAM_PATH:
	case PARAM_DATE:
	case PARAM_ADDRESS:
		text = *(const char *const *)field;
		sbuf_puts(out, text ? text : "");
		break;
	}
}
