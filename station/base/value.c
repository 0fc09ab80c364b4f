#include "base/value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const words[] = {
	[VALUE_NONE] = "none",       [VALUE_NUM] = "number",  [VALUE_TEXT] = "text",
	[VALUE_VERSION] = "version", [VALUE_BOOL] = "yes/no",
};

#define WORDS ((int)(sizeof(words) / sizeof(words[0])))

const char *value_type_word(enum value_type t)
{
	return (int)t < WORDS ? words[t] : words[VALUE_NONE];
}

enum value_type value_type_find(const char *word)
{
	for (int t = VALUE_NONE; t < WORDS; t++)
		if (!strcmp(words[t], word))
			return (enum value_type)t;
	return VALUE_NONE;
}

static void print_num(struct sbuf *out, double x)
{
	char text[64];

	if (!isfinite(x)) {
		sbuf_putc(out, '-');
		return;
	}
	if (x == 0)
		x = 0; /* no "-0" */
	/* from a million on six digits cannot hold the whole part */
	snprintf(text, sizeof(text), fabs(x) >= 999999.5 && fabs(x) < 1e15 ? "%.0f" : "%.6g", x);
	sbuf_puts(out, text);
}

void value_print(struct sbuf *out, struct value v)
{
	switch (v.type) {
	case VALUE_NUM:
		print_num(out, v.num);
		break;
	case VALUE_TEXT:
	case VALUE_VERSION:
		if (v.text)
			text_clean(out, v.text, strlen(v.text));
		else
			sbuf_putc(out, '-');
		break;
	case VALUE_BOOL:
		sbuf_puts(out, v.yes ? "yes" : "no");
		break;
	case VALUE_NONE:
	default:
		sbuf_putc(out, '-');
		return;
	}
	if (v.unit && *v.unit)
		sbuf_printf(out, " %s", v.unit);
}
