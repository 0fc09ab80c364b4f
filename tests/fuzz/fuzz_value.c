/* Any text as a value: the first byte selects the reader. What is read prints as a
 * text that reads back as the same; what is refused says where and why. */
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/match.h"
#include "base/param.h"
#include "base/quantity.h"
#include "base/text.h"
#include "base/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static void check_refusal(const char *text, size_t at, int rc, const struct err *err)
{
	must(rc == ERR_PLAN && err->code == ERR_PLAN && err->text[0]);
	must(at <= strlen(text));
}

static void try_quantity(const char *text, enum dimension dim)
{
	struct err err = { 0 };
	double x = 0, y = 0;
	struct sbuf b = { 0 };
	size_t at = 0;
	int rc = quantity_scan(&x, text, dim, &at, &err);

	if (rc < 0) {
		check_refusal(text, at, rc, &err);
		return;
	}
	must(isfinite(x));
	quantity_print(&b, x, dim);
	must(!quantity_scan(&y, sbuf_str(&b), dim, &at, &err));
	must(y == x || (dim == DIM_RATIO && fabs(y - x) <= fabs(x) * 4 * DBL_EPSILON));
	sbuf_release(&b);
}

static void try_any(const char *text)
{
	enum dimension dim = DIM_END_;
	const char *unit = NULL;
	struct err err = { 0 };
	double x = 0, y = 0;
	size_t at = 0;
	int rc = quantity_scan_any(&x, &dim, &unit, text, &at, &err);

	if (rc < 0) {
		check_refusal(text, at, rc, &err);
		return;
	}
	must(isfinite(x) && dim < DIM_END_ && unit);
	must(!quantity_scan(&y, text, dim, &at, &err) && x == y);
}

/* Two versions with a line feed between them: the order holds both ways. */
static void try_versions(char *text)
{
	char *second = strchr(text, '\n');
	struct version a, b;

	if (second)
		*second++ = '\0';
	if (version_scan(&a, text))
		return;
	must(a.parts >= 1 && a.parts <= VERSION_PARTS);
	must(version_compare(&a, &a) == 0);
	if (!second || version_scan(&b, second))
		return;
	must((version_compare(&a, &b) > 0) == (version_compare(&b, &a) < 0));
	must((version_compare(&a, &b) == 0) == (version_compare(&b, &a) == 0));
}

/* A pattern and, behind a line feed, what it is tried on. */
static void try_match(char *text)
{
	char *subject = strchr(text, '\n');
	struct match *m = NULL;
	struct match_found f, p;
	struct err err = { 0 };
	size_t at = 0, n;
	int rc;

	if (subject)
		*subject++ = '\0';
	else
		subject = text + strlen(text);
	n = strlen(subject);
	rc = match_compile(&m, text, &at, &err);
	if (rc < 0) {
		check_refusal(text, at, rc, &err);
		return;
	}
	must(!strcmp(match_text(m), text));
	rc = match_whole(&f, m, subject, n);
	must(rc != MATCH_PARTIAL);
	if (rc == MATCH_YES)
		for (int g = 0; g < MATCH_GROUPS; g++)
			must(f.group[g].from > f.group[g].to || f.group[g].to <= n);
	for (size_t cut = 0; cut <= n && cut < 32; cut++) {
		int then = match_partial(&p, m, subject, cut);

		if (then == MATCH_NO)
			must(rc != MATCH_YES);
		if (then == MATCH_YES && rc != MATCH_COSTLY)
			must(rc == MATCH_YES);
		if (then == MATCH_PARTIAL)
			must(p.group[0].from <= cut);
	}
	match_free(m);
}

union field {
	const char *text;
	int64_t n;
	double x;
	struct match *m;
	struct param_list list;
	struct param_pairs pairs;
};

static void try_param(const char *text, enum param_type type)
{
	static const char *const choices[] = { "up", "down", "both", NULL };
	struct param row[] = { { .name = "key",
				 .type = type,
				 .dim = DIM_RATE,
				 .choices = choices,
				 .may_be_empty = type == PARAM_TEXT || type == PARAM_LIST,
				 .help = "Fuzzed." },
			       { 0 } };
	union field one, two;
	struct sbuf first = { 0 }, second = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t at = 0;
	int rc;

	memset(&one, 0, sizeof(one));
	memset(&two, 0, sizeof(two));
	rc = param_set(&one, row, text, &a, NULL, &at, &err);
	if (rc < 0) {
		check_refusal(text, at, rc, &err);
	} else {
		param_print(&first, &one, row);
		must(!param_set(&two, row, sbuf_str(&first), &a, NULL, &at, &err));
		param_print(&second, &two, row);
		must(!strcmp(sbuf_str(&first), sbuf_str(&second)));
	}
	param_describe(&first, row);
	param_release(&one, row);
	param_release(&two, row);
	sbuf_release(&first);
	sbuf_release(&second);
	arena_free(&a);
}

static void try_text(const char *text, size_t n)
{
	struct sbuf shown = { 0 }, back = { 0 };
	struct arena a = { 0 };
	const char *name = text_file_name(&a, text);

	text_escape(&shown, text, n);
	must(text_utf8_bad(sbuf_str(&shown), shown.len) == shown.len);
	must(!text_unescape(&back, sbuf_str(&shown), shown.len));
	must(back.len == n && !memcmp(sbuf_str(&back), text, n));
	must(*name && *name != '.' && *name != '-' && strlen(name) <= 80 && !strstr(name, ".."));
	must(!strchr(name, '/'));
	sbuf_release(&shown);
	sbuf_release(&back);
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { ANY = DIM_END_, VERSIONS, MATCH, TEXT, PARAM };
	const int choices = PARAM + PARAM_ADDRESS + 1;
	char *text;
	int what;

	if (!size || size > 4096)
		return 0;
	text = calloc(1, size);
	must(text);
	memcpy(text, data + 1, size - 1);
	what = data[0] % choices;
	if (what < DIM_END_)
		try_quantity(text, (enum dimension)what);
	else if (what == ANY)
		try_any(text);
	else if (what == VERSIONS)
		try_versions(text);
	else if (what == MATCH)
		try_match(text);
	else if (what == TEXT)
		try_text(text, size - 1);
	else
		try_param(text, (enum param_type)(what - PARAM));
	free(text);
	return 0;
}
