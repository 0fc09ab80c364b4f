#ifndef STATION_UI_LANG_H
#define STATION_UI_LANG_H

/*
 * lang -- the language of the fixed texts of the screen: English in the source, other
 * languages in station/ui/po/NAME.po, by gettext. Switched at run time, for whoever
 * is logged in. Numbers keep their point: LC_NUMERIC stays as it is.
 *
 *	T("scan the unit")      the text in the language at hand
 *	N("scan the unit")      marks it in a table; T(row->text) later
 *	TN("%d run", "%d runs", n)  the one that says n of them
 */
#define N(text)          text
#define T(text)          lang_text(text)
#define TN(one, many, n) lang_count(one, many, n)

/* Catalogues are found from the program (build/locale, ../share/locale), else in the
 * install folder. */
void lang_init(void);
/* A code of base/languages.h; what is unknown is English. Returns 1 when it changed. */
int lang_set(const char *name);
const char *lang_now(void);
const char *lang_text(const char *english) __attribute__((format_arg(1)));
const char *lang_count(const char *one, const char *many, long long n)
	__attribute__((format_arg(1), format_arg(2)));
/* A text of the station by its stable code, or NULL where no catalogue has it. */
const char *lang_code(const char *code);
/* A format of a sentence of the station (said.h), or NULL where no catalogue has it; n is
 * what it counts: 1 attempt, 2 attempts. */
const char *lang_station(const char *english, unsigned long n);
/* A word that a sentence has as a value, "FAIL", "engineer", or NULL. */
const char *lang_word(const char *english);
const char *lang_word_or_same(const char *english);

#endif /* STATION_UI_LANG_H */
