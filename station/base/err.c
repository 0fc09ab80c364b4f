#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *what, *todo;
	enum err_blame blame;
} table[] = {
#define ERR_ROW(n, b, t, d) [n - ERR_FIRST_] = { #n, t, d, BLAME_##b },
	ERR_LIST(ERR_ROW)
#undef ERR_ROW
};

static const struct {
	const char *word;
	enum verdict verdict;
} blames[] = {
#define BLAME_ROW(name, word, verdict) [BLAME_##name] = { word, VERDICT_##verdict },
	BLAME_LIST(BLAME_ROW)
#undef BLAME_ROW
};

static const char *const verdicts[] = {
#define VERDICT_ROW(name) [VERDICT_##name] = #name,
	VERDICT_LIST(VERDICT_ROW)
#undef VERDICT_ROW
};

_Static_assert((int)ERR_END_ <= (int)ERR_OK, "error codes stay negative");

static int known(enum err_code code)
{
	return code > ERR_FIRST_ && code < ERR_END_;
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	char text[sizeof(err->text)]; /* the arguments may point into err->text */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err->code = code;
	memcpy(err->text, text, sizeof(text));
	return code;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char head[sizeof(err->text)], tail[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	memcpy(tail, err->text, sizeof(tail));
	if (snprintf(err->text, sizeof(err->text), "%s: %s", head, tail) >= (int)sizeof(err->text))
		err->text[sizeof(err->text) - 2] = '~'; /* cut, and visibly so */
	return err->code;
}

const char *err_name(enum err_code code)
{
	if (code == ERR_OK)
		return "ERR_OK";
	return known(code) ? table[code - ERR_FIRST_].name : "unknown";
}

const char *err_what(enum err_code code)
{
	if (code == ERR_OK)
		return "no error";
	return known(code) ? table[code - ERR_FIRST_].what : "unknown";
}

const char *err_todo(enum err_code code)
{
	return known(code) ? table[code - ERR_FIRST_].todo : "";
}

enum err_code err_find(const char *name)
{
	for (int code = ERR_FIRST_ + 1; code < ERR_END_; code++)
		if (!strcmp(table[code - ERR_FIRST_].name, name))
			return code;
	return strcmp(name, "ERR_OK") ? ERR_INTERNAL : ERR_OK;
}

enum err_blame err_blame(enum err_code code)
{
	if (code == ERR_OK)
		return BLAME_NONE;
	return known(code) ? table[code - ERR_FIRST_].blame : BLAME_STATION;
}

enum verdict err_verdict(enum err_code code)
{
	return blames[err_blame(code)].verdict;
}

const char *err_blame_word(enum err_blame blame)
{
	return blame < BLAME_END_ ? blames[blame].word : "station";
}

const char *verdict_word(enum verdict v)
{
	return v < VERDICT_END_ ? verdicts[v] : "NONE";
}

enum verdict verdict_find(const char *word)
{
	for (int v = 0; v < VERDICT_END_; v++)
		if (!strcmp(verdicts[v], word))
			return v;
	return VERDICT_NONE;
}

enum err_blame err_blame_find(const char *word)
{
	for (int b = 0; b < BLAME_END_; b++)
		if (!strcmp(blames[b].word, word))
			return b;
	return BLAME_STATION;
}
