#include "floor/codes.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define KIND(name, kind, word, help) { CODE_##kind, word, help },
static const struct {
	enum code_kind kind;
	const char *word, *help;
} codes[] = { CODES_LIST(KIND) };
#undef KIND
enum { CODES = sizeof(codes) / sizeof(codes[0]) };

static const char *const kind_words[] = {
	[CODE_SLOT] = "SLOT.",
	[CODE_DISPOSITION] = "",
	[CODE_COMMAND] = "",
	[CODE_CHOICE] = "CHOICE.",
};

static const char *after(const char *beginning, const char *bytes, size_t n)
{
	size_t k = beginning ? strlen(beginning) : 0;

	return k && k <= n && !memcmp(bytes, beginning, k) ? bytes + k : NULL;
}

static int is_word(const char *word, const char *bytes, size_t n)
{
	return strlen(word) == n && !strncasecmp(word, bytes, n);
}

enum code_kind codes_read(const char **arg, const struct codes_rules *rules,
			  const struct fixture *fixture, const char *bytes, size_t n)
{
	const char *rest, *word;

	*arg = NULL;
	if (after(rules->badge, bytes, n)) {
		*arg = bytes;
		return CODE_BADGE;
	}
	for (size_t i = 0; fixture && i < fixture->slots; i++) {
		const char *barcode = fixture->slot[i].barcode;

		if (barcode && strlen(barcode) == n && !memcmp(barcode, bytes, n)) {
			*arg = fixture->slot[i].name;
			return CODE_SLOT;
		}
	}
	rest = after(rules->codes, bytes, n);
	if (!rest)
		return CODE_LABEL;
	n -= (size_t)(rest - bytes);
	word = after(kind_words[CODE_SLOT], rest, n);
	for (size_t i = 0; word && fixture && i < fixture->slots; i++) {
		const char *name = fixture->slot[i].name;

		if (strlen(name) == n - (size_t)(word - rest) &&
		    !memcmp(name, word, strlen(name))) {
			*arg = name;
			return CODE_SLOT;
		}
	}
	for (size_t i = 0; i < CODES; i++) {
		const char *kind = kind_words[codes[i].kind];

		if (n >= strlen(kind) && !strncmp(rest, kind, strlen(kind)) &&
		    is_word(codes[i].word, rest + strlen(kind), n - strlen(kind))) {
			*arg = codes[i].word;
			return codes[i].kind;
		}
	}
	return CODE_UNKNOWN;
}

/* --- the station's sheet --- */

/* Capitals: every code reader types them, whatever its shift key does. */
static const char *codes_upper(struct arena *a, const char *word)
{
	char *up = arena_strdup(a, word);

	for (char *c = up; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return up;
}

static void add(struct codes_print *p, const char *group, const char *text, const char *help)
{
	p->item[p->items++] = (struct codes_item){ group, text, help };
}

void codes_sheet(struct codes_print *out, struct arena *a, const struct codes_rules *rules,
		 const struct fixture *fixture, const char *station)
{
	size_t slots = fixture ? fixture->slots : 0;

	*out = (struct codes_print){ .title = arena_printf(a, "%s: codes", station) };
	out->item = arena_alloc(a, (CODES + slots + 1) * sizeof(*out->item));
	for (size_t i = 0; i < CODES; i++)
		add(out, arena_printf(a, "%s%s", kind_words[codes[i].kind], codes[i].word),
		    arena_printf(a, "%s%s%s", rules->codes, kind_words[codes[i].kind],
				 codes_upper(a, codes[i].word)),
		    codes[i].help);
	for (size_t i = 0; i < slots; i++) {
		const struct fixture_slot *s = &fixture->slot[i];

		add(out, arena_printf(a, "slot %s", s->name),
		    s->barcode ? s->barcode
			       : arena_printf(a, "%s%s%s", rules->codes, kind_words[CODE_SLOT],
					      s->name),
		    "the next unit is for this slot");
	}
}
