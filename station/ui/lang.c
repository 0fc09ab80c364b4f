#include "ui/lang.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/languages.h"

#ifndef STATION_LOCALEDIR
#define STATION_LOCALEDIR "/usr/local/share/locale"
#endif

static const char domain[] = "station";
static char now[8] = "en";

extern int _nl_msg_cat_cntr; /* gettext's manual, "Being a gettext grok" */

/* locale or share/locale beside the program or one folder up, else the install folder. */
static void find_catalogues(char *out, size_t size)
{
	char self[PATH_MAX - 16];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	snprintf(out, size, "%s", STATION_LOCALEDIR);
	for (int up = 0; n > 0 && up < 2; up++) { /* build/station, build/tests/test_x */
		char path[PATH_MAX];

		self[n] = '\0';
		slash = strrchr(self, '/');
		if (!slash)
			return;
		n = slash - self;
		for (int share = 0; share < 2; share++) {
			snprintf(path, sizeof(path), "%.*s%s/locale", (int)n, self,
				 share ? "/share" : "");
			if (!access(path, R_OK | X_OK)) {
				snprintf(out, size, "%s", path);
				return;
			}
		}
	}
}

int lang_set(const char *name)
{
	const struct language *l = name ? language_find(name) : NULL;
	const char *want = l ? l->code : languages[0].code;

	if (!strcmp(want, now))
		return 0;
	snprintf(now, sizeof(now), "%s", want);
	setenv("LANGUAGE", now, 1);
	_nl_msg_cat_cntr++;
	return 1;
}

void lang_init(void)
{
	char folder[PATH_MAX];

	/* gettext looks nothing up in the locale "C"; this one is always there and
	 * speaks English as well. */
	setlocale(LC_MESSAGES, "C.UTF-8");
	find_catalogues(folder, sizeof(folder));
	bindtextdomain(domain, folder);
	bind_textdomain_codeset(domain, "UTF-8");
	/* All are read here: later the disk may hang that they are on. */
	for (const struct language *l = languages; l->code; l++) {
		lang_set(l->code);
		dgettext(domain, "recorded");
	}
	lang_set(languages[0].code);
}

const char *lang_now(void)
{
	return now;
}

const char *lang_text(const char *english)
{
	return *english ? dgettext(domain, english) : english;
}

const char *lang_count(const char *one, const char *many, long long n)
{
	return dngettext(domain, one, many, n < 0 ? 0UL - (unsigned long)n : (unsigned long)n);
}

const char *lang_code(const char *code)
{
	char key[80];
	const char *text;

	snprintf(key, sizeof(key), "code:%s", code);
	text = dgettext(domain, key);
	return text == key ? NULL : text;
}

/* With a context, as npgettext() of gettext.h looks it up. */
static const char *of_context(const char *context, const char *english, unsigned long n)
{
	char key[600];
	const char *text;

	if (snprintf(key, sizeof(key), "%s\004%s", context, english) >= (int)sizeof(key))
		return NULL;
	text = dngettext(domain, key, key, n);
	return text == key ? NULL : text;
}

const char *lang_station(const char *english, unsigned long n)
{
	return of_context("station", english, n);
}

const char *lang_word(const char *english)
{
	return of_context("word", english, 0);
}

const char *lang_word_or_same(const char *english)
{
	const char *word = lang_word(english);

	return word ? word : english;
}
