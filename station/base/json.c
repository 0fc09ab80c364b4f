#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Bytes at the front that stand for themselves: what nearly all text is. */
static size_t plain(const char *s)
{
	size_t n = 0;

	while (s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

static void quoted(struct sbuf *out, const char *s)
{
	size_t n = strlen(s), i = 0;

	sbuf_putc(out, '"');
	while (i < n) {
		size_t run = plain(s + i);

		sbuf_add(out, s + i, run);
		i += run;
		if (i == n)
			break;
		unsigned char c = (unsigned char)s[i];
		int len = text_utf8_len(s + i, n - i);

		if (len <= 0) {
			sbuf_puts(out, "\xef\xbf\xbd");
			i++;
			continue;
		}
		if (c == '"' || c == '\\')
			sbuf_printf(out, "\\%c", c);
		else if (c == '\n')
			sbuf_puts(out, "\\n");
		else if (c == '\r')
			sbuf_puts(out, "\\r");
		else if (c == '\t')
			sbuf_puts(out, "\\t");
		else if (c < 0x20 || c == 0x7f)
			sbuf_printf(out, "\\u%04x", c);
		else
			sbuf_add(out, s + i, (size_t)len);
		i += (size_t)len;
	}
	sbuf_putc(out, '"');
}

static void start(struct json *j, const char *key)
{
	if (j->more)
		sbuf_putc(j->out, ',');
	if (key) {
		quoted(j->out, key);
		sbuf_putc(j->out, ':');
	}
	j->more = 1;
}

void json_open(struct json *j, const char *key, char bracket)
{
	start(j, key);
	sbuf_putc(j->out, bracket);
	j->more = 0;
}

void json_close(struct json *j, char bracket)
{
	sbuf_putc(j->out, bracket);
	j->more = 1;
}

void json_text(struct json *j, const char *key, const char *text)
{
	if (!text) {
		json_none(j, key);
		return;
	}
	start(j, key);
	quoted(j->out, text);
}

void json_int(struct json *j, const char *key, int64_t n)
{
	char digit[21]; /* by hand, since a record has many whole numbers */
	size_t at = sizeof(digit);
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	start(j, key);
	do
		digit[--at] = (char)('0' + left % 10);
	while (left /= 10);
	if (n < 0)
		digit[--at] = '-';
	sbuf_add(j->out, digit + at, sizeof(digit) - at);
}

const char *json_num_print(char out[JSON_NUM], double x)
{
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(out, JSON_NUM, "%.*g", digits, x);
		if (strtod(out, NULL) == x)
			break;
	}
	return out;
}

void json_num(struct json *j, const char *key, double x)
{
	char text[JSON_NUM];

	start(j, key);
	sbuf_puts(j->out, isfinite(x) ? json_num_print(text, x) : "null");
}

void json_bool(struct json *j, const char *key, int yes)
{
	start(j, key);
	sbuf_puts(j->out, yes ? "true" : "false");
}

void json_none(struct json *j, const char *key)
{
	start(j, key);
	sbuf_puts(j->out, "null");
}
