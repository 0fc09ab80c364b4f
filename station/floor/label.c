#include "floor/label.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

enum { GS = 0x1d };

/* What is being read; positions in messages count from 1 over the scan as it came. */
struct reader {
	struct label *out;
	const char *text, *fnc1;
	size_t n;
};

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* GS1 General Specifications figures 7.11-1 and 7.11-2. */
static int is_in_set(char c, char kind)
{
	if (kind == 'Y')
		return c && (is_digit(c) || (c >= 'A' && c <= 'Z') || strchr("#-/", c));
	return text_is_gs1(c) && c != '#';
}

/* --- check digits --- */

/* Mod 10 of n digits in front of the check digit, weight 3 on the last of them. */
static char mod10(const char *digits, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (digits[i] - '0') * ((n - i) % 2 ? 3 : 1);
	return (char)('0' + (10 - sum % 10) % 10);
}

/* ISO/IEC 7812-1: every second digit from the right is doubled, the nearest to the
 * check digit first. */
static char luhn(const char *digits, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++) {
		int d = digits[i] - '0';

		if ((n - i) % 2)
			d = d * 2 > 9 ? d * 2 - 9 : d * 2;
		sum += d;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

/* ISO/IEC 7064 MOD 97-10: a letter is two digits, A = 10. */
static int mod97(const char *text, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n; i++)
		r = is_digit(text[i]) ? (r * 10 + text[i] - '0') % 97
				      : (r * 100 + text[i] - 'A' + 10) % 97;
	return r;
}

static int all_in(const char *text, size_t n, int letters, size_t *at)
{
	for (*at = 0; *at < n; ++*at)
		if (!is_digit(text[*at]) && !(letters && text[*at] >= 'A' && text[*at] <= 'Z'))
			return 0;
	return 1;
}

void label_check_digits(char out[3], enum plan_check_digit check, const char *text, size_t n)
{
	int left;
	size_t at;

	memset(out, 0, 3);
	if (!n || !all_in(text, n, check == PLAN_CHECK_MOD97, &at))
		return;
	switch (check) {
	case PLAN_CHECK_GS1:
		out[0] = mod10(text, n);
		break;
	case PLAN_CHECK_LUHN:
		out[0] = luhn(text, n);
		break;
	case PLAN_CHECK_MOD97:
		left = 98 - mod97(text, n) * 100 % 97;
		out[0] = (char)('0' + left / 10);
		out[1] = (char)('0' + left % 10);
		break;
	case PLAN_CHECK_NONE:
		break;
	}
}

int label_check(enum plan_check_digit check, const char *text, struct err *err)
{
	static const char *const names[] = { "", "GS1 (mod 10)", "Luhn", "MOD 97-10" };
	size_t n = strlen(text), digits = check == PLAN_CHECK_MOD97 ? 2 : 1, at;
	char want[3];

	if (check == PLAN_CHECK_NONE)
		return 0;
	if (!all_in(text, n, check == PLAN_CHECK_MOD97, &at))
		return err_set(err, ERR_USAGE,
			       "serial '%.*s': character %zu cannot stand before a %s check digit; "
			       "%s",
			       text_brief(text, n), text, at + 1, names[check],
			       check == PLAN_CHECK_MOD97 ? SAID("digits and letters A to Z can")
							 : SAID("only digits can"));
	if (n <= digits)
		return err_set(err, ERR_USAGE,
			       "serial '%s' is too short to end in a %s check digit", text,
			       names[check]);
	label_check_digits(want, check, text, n - digits);
	if (!strcmp(text + n - digits, want))
		return 0;
	return err_set(
		err, ERR_USAGE,
		"serial '%.*s' ends in '%s', its %s check digit%s would be '%s': scan again, "
		"or look for a misprint",
		text_brief(text, n), text, text + n - digits, names[check], digits > 1 ? "s" : "",
		want);
}

/* --- one element --- */

static int bad(const struct reader *r, size_t at, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static int bad(const struct reader *r, size_t at, struct err *err, const char *fmt, ...)
{
	struct sbuf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(&b, fmt, ap);
	va_end(ap);
	err_set(err, ERR_USAGE, "label, character %zu: %s", r->out->before + at + 1, sbuf_str(&b));
	sbuf_release(&b);
	return ERR_USAGE;
}

/* The row whose identifier the n characters are, or begin with. */
static const struct label_ai *ai_find(const char *text, size_t n, size_t *len)
{
	for (const struct label_ai *a = label_ais; a->ai; a++) {
		size_t k = strlen(a->ai);
		int decimals = a->ai[k - 1] == 'n';

		if (n < k || memcmp(text, a->ai, k - (size_t)decimals))
			continue;
		/* Six digits can have five behind the point. */
		if (decimals && (text[k - 1] < '0' || text[k - 1] > '5'))
			continue;
		*len = k;
		return a;
	}
	return NULL;
}

/* YYMMDD; a day of 00 is the whole month (General Specifications 3.4.2). */
static int check_date(const struct reader *r, const struct label_ai *ai, const char *v, size_t at,
		      struct err *err)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = (v[0] - '0') * 10 + v[1] - '0', month = (v[2] - '0') * 10 + v[3] - '0';
	int day = (v[4] - '0') * 10 + v[5] - '0';

	if (month < 1 || month > 12)
		return bad(r, at + 2, err, "(%s) %s: '%.2s' is no month", ai->ai, ai->title, v + 2);
	/* Every year of two digits that is divisible by 4 is a leap year from 1951 to 2050. */
	if (day > days[month - 1] || (month == 2 && day == 29 && year % 4))
		return bad(r, at + 4, err, "(%s) %s: '%.6s' has no day '%.2s'", ai->ai, ai->title,
			   v, v + 4);
	return 0;
}

static int check_mod10(const struct reader *r, const struct label_ai *ai, const char *v, size_t n,
		       size_t at, struct err *err)
{
	char want = mod10(v, n - 1);

	if (v[n - 1] == want)
		return 0;
	return bad(r, at + n - 1, err, "(%s) %s: the check digit is '%c', must be '%c'", ai->ai,
		   ai->title, v[n - 1], want);
}

static int check_value(const struct reader *r, const struct label_ai *ai, size_t at, size_t n,
		       struct err *err)
{
	const char *v = r->text + at;
	size_t digits = ai->kind == 'N' ? n : 0;

	if ((int)n < ai->min || (int)n > ai->max)
		return ai->min == ai->max
			       ? bad(r, at, err, "(%s) %s: has %zu characters, must have %d",
				     ai->ai, ai->title, n, ai->min)
			       : bad(r, at, err, "(%s) %s: has %zu characters, must have %d to %d",
				     ai->ai, ai->title, n, ai->min, ai->max);
	if (ai->rule && !strcmp(ai->rule, "grai"))
		digits = 14;
	for (size_t i = 0; i < n; i++)
		if (i < digits ? !is_digit(v[i]) : !is_in_set(v[i], ai->kind))
			return i < digits ? bad(r, at + i, err, "(%s) %s: must be a digit", ai->ai,
						ai->title)
					  : bad(r, at + i, err,
						"(%s) %s: not a character of GS1's set", ai->ai,
						ai->title);
	if (!ai->rule)
		return 0;
	if (!strcmp(ai->rule, "date"))
		return check_date(r, ai, v, at, err);
	if (!strcmp(ai->rule, "grai") && v[0] != '0')
		return bad(r, at, err, "(%s) %s: begins with '%c', must begin with 0", ai->ai,
			   ai->title, v[0]);
	return check_mod10(r, ai, v, digits, at, err);
}

static const char *with_point(struct arena *a, const char *digits, size_t n, size_t decimals)
{
	char *out;

	if (!decimals)
		return arena_printf(a, "%.*s", (int)n, digits);
	while (n > decimals + 1 && *digits == '0') {
		digits++;
		n--;
	}
	out = arena_printf(a, "%.*s.%.*s", (int)(n - decimals), digits, (int)decimals,
			   digits + n - decimals);
	return out;
}

static int add_field(struct reader *r, const struct label_ai *ai, const char *ai_text, size_t at,
		     size_t n, struct err *err)
{
	struct label *l = r->out;
	size_t k = strlen(ai->ai);
	struct label_field *f;

	for (size_t i = 0; i < l->fields; i++)
		if (!strncmp(l->field[i].ai, ai_text, k) && strlen(l->field[i].ai) == k)
			return bad(r, at, err, "(%s) stands twice", l->field[i].ai);
	if (l->fields == LABEL_FIELDS)
		return bad(r, at, err, "more than %d elements", LABEL_FIELDS);
	if (check_value(r, ai, at, n, err) < 0)
		return err->code;
	f = &l->field[l->fields++];
	f->ai = arena_printf(&l->arena, "%.*s", (int)k, ai_text);
	f->title = ai->title;
	f->at = at;
	f->value = with_point(&l->arena, r->text + at, n,
			      ai->ai[k - 1] == 'n' ? (size_t)(ai_text[k - 1] - '0') : 0);
	return 0;
}

/* --- both forms of an element string --- */

/* "(21)" at this place? Its length, or 0. */
static size_t bracket(const char *text, size_t n)
{
	size_t i = 1;

	if (!n || text[0] != '(')
		return 0;
	while (i < n && i < 6 && is_digit(text[i]))
		i++;
	return i >= 3 && i <= 5 && i < n && text[i] == ')' ? i + 1 : 0;
}

static int read_brackets(struct reader *r, struct err *err)
{
	for (size_t i = 0, end; i < r->n; i = end) {
		size_t k = bracket(r->text + i, r->n - i), len;
		const struct label_ai *ai;

		if (!k)
			return bad(r, i, err, "an identifier in brackets must stand here, as (21)");
		ai = ai_find(r->text + i + 1, k - 2, &len);
		if (!ai || len != k - 2)
			return bad(r, i, err, "%.*s is no application identifier that we know",
				   (int)k, r->text + i);
		for (end = i + k; end < r->n && !bracket(r->text + end, r->n - end);)
			end++;
		if (add_field(r, ai, r->text + i + 1, i + k, end - i - k, err) < 0)
			return err->code;
	}
	return 0;
}

static size_t starts(const char *s, size_t n, const char *with)
{
	size_t k = with ? strlen(with) : 0;

	return k <= n && k && !memcmp(s, with, k) ? k : 0;
}

/* Bytes of the FNC1 at this place, or 0. */
static size_t fnc1_at(const char *text, size_t n, const char *fnc1)
{
	return n && text[0] == GS ? 1 : starts(text, n, fnc1);
}

static int read_elements(struct reader *r, struct err *err)
{
	size_t i = fnc1_at(r->text, r->n, r->fnc1); /* as some scanners send the first one */

	while (i < r->n) {
		size_t len, end, from = i;
		const struct label_ai *ai = ai_find(r->text + i, r->n - i, &len);

		if (!ai)
			return bad(r, i, err,
				   "an application identifier must stand here; '%.*s' begins none "
				   "that we know",
				   text_is_gs1(r->text[i]) ? 1 : 0, r->text + i);
		i += len;
		for (end = i; end < r->n && !fnc1_at(r->text + end, r->n - end, r->fnc1);)
			end++;
		if (ai->fixed && end - i > (size_t)ai->max)
			end = i + (size_t)ai->max;
		if (add_field(r, ai, r->text + from, i, end - i, err) < 0)
			return err->code;
		/* A last FNC1 separates nothing: harmless. */
		i = end + fnc1_at(r->text + end, r->n - end, r->fnc1);
	}
	return 0;
}

static const char *field(const struct label *l, const char *ai)
{
	for (size_t i = 0; i < l->fields; i++)
		if (!strcmp(l->field[i].ai, ai))
			return l->field[i].value;
	return NULL;
}

static int read_gs1(struct reader *r, struct err *err)
{
	static const char *const products[] = { "01", "02", "240", "241" };
	struct label *l = r->out;
	int written = bracket(r->text, r->n) > 0;

	if (!r->n)
		return bad(r, 0, err, "it is empty");
	if (*l->aim && !l->gs1 && !written)
		return bad(r, 0, err,
			   "the scanner read a code without FNC1 (%s); the plan wants a GS1 label",
			   l->aim);
	l->gs1 = 1;
	if ((written ? read_brackets(r, err) : read_elements(r, err)) < 0)
		return err->code;
	l->serial = field(l, "21");
	if (!l->serial)
		return bad(r, r->n, err, "the label holds no serial, (21)");
	for (size_t i = 0; !*l->product && i < sizeof(products) / sizeof(*products); i++)
		if (field(l, products[i]))
			l->product = field(l, products[i]);
	l->lot = field(l, "10") ? field(l, "10") : "";
	l->revision = field(l, "20") ? field(l, "20") : "";
	return 0;
}

static int read_plain(struct reader *r, struct err *err)
{
	struct label *l = r->out;

	if (!r->n)
		return bad(r, 0, err, "it is empty");
	if (l->gs1)
		return bad(r, 0, err, "this is a GS1 label (%s); the plan wants a plain one",
			   l->aim);
	for (size_t i = 0; i < r->n; i++)
		if ((unsigned char)r->text[i] < 0x20 || r->text[i] == 0x7f)
			return bad(r, i, err,
				   "holds a control character (0x%02X), which no serial may",
				   (unsigned char)r->text[i]);
	if (text_is_blank(r->text, r->n))
		return bad(r, 0, err, "holds only blanks, must be a serial");
	l->serial = l->text;
	return 0;
}

/* --- what the scanner puts around a scan --- */

static int is_gs1_aim(const char *aim)
{
	static const char *const gs1[] = { "]C1", "]e0", "]d2", "]Q3", "]J1" };

	for (size_t i = 0; i < sizeof(gs1) / sizeof(*gs1); i++)
		if (!strcmp(gs1[i], aim))
			return 1;
	return 0;
}

int label_is_one(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] && strchr("\r\n\x1b\x7f\b", s[i]))
			return 0;
	return 1;
}

static int has_aim(const char *s, size_t n)
{
	return n >= 3 && s[0] == ']' && isalpha((unsigned char)s[1]) &&
	       isalnum((unsigned char)s[2]);
}

static size_t ends(const char *s, size_t n, const char *with)
{
	size_t k = with ? strlen(with) : 0;

	return k <= n && k && !memcmp(s + n - k, with, k) ? k : 0;
}

size_t label_strip(const struct label_rules *rules, const char **bytes, size_t *n)
{
	size_t from = starts(*bytes, *n, rules->prefix), aim;

	*n -= from + ends(*bytes + from, *n - from, rules->suffix);
	aim = rules->aim != LABEL_AIM_NO && has_aim(*bytes + from, *n) ? 3 : 0;
	*bytes += from + aim;
	*n -= aim;
	return aim;
}

static int unwrap(struct label *out, const struct label_rules *rules, const char *bytes, size_t n,
		  struct err *err)
{
	const char *text = bytes;
	size_t aim = label_strip(rules, &text, &n);

	out->before = (size_t)(text - bytes);
	if (aim) {
		memcpy(out->aim, text - aim, aim);
		out->gs1 = is_gs1_aim(out->aim);
	} else if (rules->aim == LABEL_AIM_YES) {
		return err_set(err, ERR_USAGE,
			       "label, character %zu: an AIM identifier such as ]d2 must stand "
			       "here; let the scanner send it, or set 'aim' of [scanner]",
			       out->before + 1);
	}
	out->len = n;
	out->text = arena_printf(&out->arena, "%.*s", (int)n, text);
	return 0;
}

static const struct label_rules no_rules;

int label_read(struct label *out, const struct label_rules *rules, enum plan_label form,
	       const char *bytes, size_t n, struct err *err)
{
	struct reader r = { .out = out };
	const char *nul = memchr(bytes, '\0', n);
	int code;

	*out = (struct label){ .product = "", .revision = "", .lot = "" };
	if (n > LABEL_MAX)
		code = err_set(err, ERR_USAGE, "a label or serial of %zu bytes, must be 1 to %d", n,
			       LABEL_MAX);
	else if (nul)
		code = err_set(err, ERR_USAGE,
			       "label, character %zu: holds a control character (0x00), which no "
			       "serial may",
			       (size_t)(nul - bytes) + 1);
	else
		code = unwrap(out, rules ? rules : &no_rules, bytes, n, err);
	if (code == 0) {
		r.text = out->text;
		r.n = out->len;
		r.fnc1 = rules ? rules->fnc1 : NULL;
		code = form == PLAN_LABEL_GS1 ? read_gs1(&r, err) : read_plain(&r, err);
	}
	if (code < 0)
		label_release(out);
	return code;
}

enum plan_label label_guess(const struct label_rules *rules, const char *bytes, size_t n)
{
	struct label l = { 0 };
	struct err none = { 0 };
	int gs1 = 0;

	if (n <= LABEL_MAX && !memchr(bytes, '\0', n) &&
	    unwrap(&l, rules ? rules : &no_rules, bytes, n, &none) == 0)
		gs1 = l.gs1 || bracket(l.text, l.len) ||
		      fnc1_at(l.text, l.len, rules ? rules->fnc1 : NULL);
	label_release(&l);
	return gs1 ? PLAN_LABEL_GS1 : PLAN_LABEL_PLAIN;
}

void label_release(struct label *l)
{
	arena_free(&l->arena);
	*l = (struct label){ .product = "", .revision = "", .lot = "" };
}
