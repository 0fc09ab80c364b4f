/* Any bytes as a scan, with each form and wrapping: what is taken is text that a serial
 * can be, lies within the scan, and is the same when it is read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "floor/codes.h"
#include "floor/label.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

static void check_text(const char *s)
{
	for (; *s; s++)
		must((unsigned char)*s >= 0x20 && *s != 0x7f);
}

static void read_as(const struct label_rules *rules, enum plan_label form, const char *bytes,
		    size_t n)
{
	const struct label_rules bare = { .fnc1 = rules->fnc1 };
	struct label l, again;
	struct err err = { 0 };
	char want[3];

	if (label_read(&l, rules, form, bytes, n, &err) < 0) {
		must(err.code == ERR_USAGE && *err.text && !l.serial && !l.fields);
		return;
	}
	must(l.serial && *l.serial && l.before + l.len <= n);
	must(!memcmp(l.text, bytes + l.before, l.len));
	check_text(l.serial);
	check_text(l.product);
	check_text(l.lot);
	check_text(l.revision);
	must(form == PLAN_LABEL_GS1 ? l.gs1 && l.fields > 0 : !l.gs1 && !l.fields);
	for (size_t i = 0; i < l.fields; i++) {
		check_text(l.field[i].value);
		must(*l.field[i].value && l.field[i].at < l.len && l.field[i].title);
	}
	must(label_read(&again, &bare, form, l.text, l.len, &err) == 0 || l.text[0] == ']');
	if (again.serial)
		must(!strcmp(again.serial, l.serial) || l.text[0] == ']');
	label_release(&again);
	for (int c = PLAN_CHECK_NONE; c <= PLAN_CHECK_MOD97; c++) {
		int r = label_check((enum plan_check_digit)c, l.serial, &err);
		size_t m = strlen(l.serial), digits = c == PLAN_CHECK_MOD97 ? 2 : 1;

		must(r == 0 || r == ERR_USAGE);
		if (r < 0 || c == PLAN_CHECK_NONE)
			continue;
		label_check_digits(want, (enum plan_check_digit)c, l.serial, m - digits);
		must(!strcmp(want, l.serial + m - digits));
	}
	label_release(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct label_rules rules[] = {
		{ .aim = LABEL_AIM_STRIP },
		{ .prefix = "<", .suffix = ">", .aim = LABEL_AIM_YES },
		{ .prefix = "<<", .suffix = "><", .aim = LABEL_AIM_NO },
		{ .fnc1 = "^", .aim = LABEL_AIM_STRIP },
	};
	static const struct codes_rules codes = { "STATION.", "BADGE." };
	char *bytes = malloc(size + 1); /* of that size, so that a byte beyond is found */
	const char *arg;

	must(bytes != NULL);
	if (size)
		memcpy(bytes, data, size);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		read_as(&rules[i], PLAN_LABEL_PLAIN, bytes, size);
		read_as(&rules[i], PLAN_LABEL_GS1, bytes, size);
		label_guess(&rules[i], bytes, size);
	}
	codes_read(&arg, &codes, NULL, bytes, size);
	free(bytes);
	return 0;
}
