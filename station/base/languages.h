#ifndef STATION_BASE_LANGUAGES_H
#define STATION_BASE_LANGUAGES_H

/*
 * languages -- which ones a person can choose: English, which is in the sources, and one for
 * each catalogue station/ui/po/CODE.po, by its entry "code:language" (build/gen/languages.def).
 */
struct language {
	const char *code, *name; /* "de", "Deutsch" */
};

extern const struct language languages[];  /* English first; code is NULL behind the last */
extern const char *const language_codes[]; /* NULL behind the last */
extern const char languages_told[];        /* "en, de" */

const struct language *language_find(const char *code); /* or NULL */

#endif /* STATION_BASE_LANGUAGES_H */
