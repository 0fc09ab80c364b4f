#include "base/languages.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
const struct language languages[] = {
	{ "en", "English" },
#define LANGUAGE(code, name) { code, name },
#include "languages.def"
#undef LANGUAGE
	{ NULL, NULL },
};

const char *const language_codes[] = {
	"en",
#define LANGUAGE(code, name) code,
#include "languages.def"
#undef LANGUAGE
	NULL,
};

const char languages_told[] = "en"
#define LANGUAGE(code, name) ", " code
#include "languages.def"
#undef LANGUAGE
	;
/* clang-format on */

const struct language *language_find(const char *code)
{
	for (const struct language *l = languages; l->code; l++)
		if (!strcmp(l->code, code))
			return l;
	return NULL;
}
