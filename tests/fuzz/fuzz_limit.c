/* Any text as a limit of each type: what is taken prints and reads back as the
 * same limit, and never passes what is not there or not finite. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plan/limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

static void judge(const struct limit *l, struct value v)
{
	enum err_code cost = ERR_OK;
	int marginal = 0;
	enum judgement j = limit_judge(&marginal, l, &v, &cost);

	must(j == JUDGED_PASS || !marginal);
	must(j == JUDGED_FAIL || !cost);
	if (v.type == VALUE_NONE)
		must(j == JUDGED_UNSET);
	if (v.type != l->type || (v.type == VALUE_NUM && !isfinite(v.num)))
		must(j != JUDGED_PASS);
}

static void read_as(const char *text, enum value_type type, const char *unit)
{
	struct limit l = { 0 }, again = { 0 };
	enum finding_code code = FINDING_END_;
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t at = SIZE_MAX;

	if (limit_scan(&l, text, type, unit, &a, &at, &code, &err) == 0) {
		judge(&l, (struct value){ .type = VALUE_NONE });
		judge(&l, value_num((double)NAN, unit));
		judge(&l, value_num((double)INFINITY, unit));
		judge(&l, value_num(l.test.lo, unit));
		judge(&l, value_text("24.06"));
		judge(&l, value_version("24.06"));
		judge(&l, value_bool(1));
		must(limit_scan(&again, l.expected, type, unit, &a, &at, &code, &err) == 0);
		must(!strcmp(again.expected, l.expected));
		must(again.test.op == l.test.op && again.test.lo == l.test.lo &&
		     again.test.hi == l.test.hi);
		limit_release(&again);
		limit_release(&l);
	} else {
		must(code < FINDING_END_ && at <= strlen(text) && *err.text);
	}
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1);

	must(text != NULL);
	if (size)
		memcpy(text, data, size);
	read_as(text, VALUE_NUM, NULL);
	read_as(text, VALUE_NUM, "Mbit/s");
	read_as(text, VALUE_NUM, "mV");
	read_as(text, VALUE_NUM, "%");
	read_as(text, VALUE_TEXT, NULL);
	read_as(text, VALUE_VERSION, NULL);
	read_as(text, VALUE_BOOL, NULL);
	free(text);
	return 0;
}
