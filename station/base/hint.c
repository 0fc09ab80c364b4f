#include "base/hint.h"

#include <string.h>

#include "base/sbuf.h"
#include "base/text.h"

enum { LIST_MAX = 12 }; /* more names than that say nothing */

const char *hint(struct arena *a, const char *word, const char *const *names, size_t n,
		 const char *what)
{
	const char *near = n ? text_suggest(word, names, n) : NULL;
	struct sbuf b = { 0 };
	const char *text;

	if (near)
		return arena_printf(a, "; did you mean '%s'?", near);
	if (!what || !n || n > LIST_MAX)
		return "";
	for (size_t i = 0; i < n; i++)
		sbuf_printf(&b, "%s%s", i ? ", " : "", names[i]);
	text = arena_printf(a, "; %s %s", what, sbuf_str(&b));
	sbuf_release(&b);
	return text;
}
