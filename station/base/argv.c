#include "base/argv.h"

#include <string.h>

#include "base/file.h"

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

int argv_split(const char *const **out, struct arena *a, const char *base, const char *text,
	       struct err *err)
{
	const char **word = arena_alloc(a, (ARGV_MAX + 1) * sizeof(*word));
	char *to = arena_alloc(a, strlen(text) + ARGV_MAX + 1);
	size_t n = 0;

	for (const char *p = text;;) {
		const char *open = NULL;
		char quote = '\0';

		while (is_blank(*p))
			p++;
		if (!*p)
			break;
		if (n == ARGV_MAX)
			return err_set(err, ERR_CONF, "command has more than %d words", ARGV_MAX);
		word[n++] = to;
		for (; *p && (quote || !is_blank(*p)); p++) {
			if (*p == quote) {
				quote = '\0';
			} else if (!quote && (*p == '"' || *p == '\'')) {
				quote = *p;
				open = p;
			} else {
				*to++ = *p;
			}
		}
		if (quote)
			return err_set(err, ERR_CONF,
				       "the quote at character %zu of the command is not closed",
				       (size_t)(open - text) + 1);
		*to++ = '\0';
	}
	if (!n || !*word[0])
		return err_set(err, ERR_CONF, "the command names no program");
	if (strchr(word[0], '/'))
		word[0] = file_beside(a, base, word[0]);
	*out = word;
	return 0;
}
