/* Each sentence of the station in German: every row is found again in what it makes. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <libintl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/sbuf.h"
#include "engine/run.h"
#include "floor/people.h"
#include "floor/proto.h"
#include "ui/lang.h"
#include "ui/said.h"
#include "tests/unit/ui_states.h"

TestSuite(said, .timeout = 60);

static void german(void)
{
	lang_init();
	lang_set("de");
	cr_assert(lang_station("no such row", 0) == NULL);
	cr_assert(lang_station("the scan is empty", 0), "no catalogue");
}

enum { VALUES = 12, DEEP = 2 };

/* The format with these values, as printf() would. */
static void fill(struct sbuf *out, const char *format, const char *const *value)
{
	int next = 0;

	while (*format) {
		int place;

		if (*format != '%' || format[1] == '%') {
			format += *format == '%';
			sbuf_putc(out, *format++);
			continue;
		}
		format++;
		place = next;
		if (isdigit((unsigned char)*format) &&
		    format[strspn(format, "0123456789")] == '$') {
			place = atoi(format) - 1;
			format = strchr(format, '$') + 1;
		}
		next++;
		if (strncmp(format, ".0s", 3) != 0)
			sbuf_puts(out, value[place]);
		format += strspn(format, "-+ #0123456789.*hlzjt") + 1;
	}
}

/* The letters of a format's conversions, and which stand right behind another. */
static size_t types(char type[VALUES], int behind[VALUES], const char *format)
{
	const char *end = NULL;
	size_t n = 0;

	while ((format = strchr(format, '%'))) {
		if (format[1] == '%') {
			format += 2;
			continue;
		}
		cr_assert(n < VALUES);
		behind[n] = format == end;
		format++;
		format += strspn(format, "-+ #0123456789.*hlzjt");
		type[n++] = *format++;
		end = format;
	}
	return n;
}

static char kind_at(unsigned row, size_t value)
{
	const char *kinds = said_kinds(row) + (*said_kinds(row) == '?');
	const char *r = said_row(row);

	if (!*said_kinds(row) && !value && *r == '%' &&
	    r[1 + strspn(r + 1, ".0123456789")] == 's' &&
	    r[2 + strspn(r + 1, ".0123456789")] == ':')
		return 'o';
	return value < strlen(kinds) ? kinds[value] : '.';
}

/* Of several texts in a row only the first can be told from the next. */
static int can_be_told(const char *format)
{
	return !strstr(format, "s%s") && !strstr(format, "s%.0s");
}

struct made {
	struct sbuf english, german;
};

static void release(struct made *m)
{
	sbuf_release(&m->english);
	sbuf_release(&m->german);
}

static uint32_t seed = 20261129;

static size_t draw(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

/* Values as they come, and as somebody makes them who wants another sentence to be read. */
static const char *any_value(char *out, size_t size)
{
	static const char *const bad[] = {
		"AS1",
		"a b",
		"",
		" ",
		"x: y",
		"x; y; z",
		"it's",
		"'",
		"50%",
		"%s%n",
		"%1$s",
		"PASS",
		"no permission",
		"unit AS1 waits at slot 2 already",
		"Einheit AS1 wartet schon an Platz 2",
		"2 already; x",
		"the unit says: no permission",
		"; no permission",
		": no permission",
		"no permission: ",
		"\xc3\xa4\xc3\xb6\xc3\xbc \xe2\x80\xae",
		"\\x1b[2J",
	};
	unsigned n = 0, row;

	if (draw(2)) {
		snprintf(out, size, "%s", bad[draw(sizeof(bad) / sizeof(bad[0]))]);
		return out;
	}
	while (said_row(n))
		n++;
	row = (unsigned)draw(n);
	if (draw(2)) { /* fixed words of another sentence */
		size_t from = draw(strlen(said_row(row)));

		snprintf(out, size, "%.*s", (int)(1 + draw(30)), said_row(row) + from);
		return out;
	}
	snprintf(out, size, "%s: %s", draw(2) ? "AS1" : "slot 3", said_row(row));
	return out;
}

/* A row with values. plain: such as there are every day. */
static void make(struct made *m, unsigned row, int plain, int deep)
{
	static const char *const plain_values[] = { "AS1", "B2", "C3", "D4", "E5", "F6", "G7" };
	static const char *const words[] = { "FAIL", "engineer", "golden", "grant", "rework" };
	char type[VALUES], kept[VALUES][240];
	const char *english[VALUES] = { 0 }, *german[VALUES] = { 0 };
	struct made inner[VALUES] = { 0 };
	int behind[VALUES], known = 0;
	size_t n = types(type, behind, said_row(row)), rows = 0;
	unsigned long counted = 0;

	while (said_row((unsigned)rows))
		rows++;
	if (*said_kinds(row) == '?')
		plain = 1; /* nothing of a stranger is in it */
	for (size_t i = 0; i < n; i++) {
		char kind = kind_at(row, i);

		snprintf(kept[i], sizeof(kept[i]), "%zu", draw(4));
		if (strchr("diu", type[i]) && !known++)
			counted = strtoul(kept[i], NULL, 10);
		if (type[i] == 'c')
			snprintf(kept[i], sizeof(kept[i]), "%c", (char)('A' + i));
		if (type[i] != 's')
			;
		else if (kind == 'w')
			snprintf(kept[i], sizeof(kept[i]), "%s", words[draw(5)]);
		else if (kind == 'p')
			snprintf(kept[i], sizeof(kept[i]), "%s", draw(2) ? "s" : "");
		else if (kind == 'n' || (behind[i] && kind_at(row, i - 1) != 'p' &&
					 (strchr("onsi", kind_at(row, i - 1)) || !*kept[i - 1])))
			*kept[i] = '\0';
		else if (plain || strchr("osiS", kind))
			snprintf(kept[i], sizeof(kept[i]), "%s", plain_values[i % 7]);
		else
			any_value(kept[i], sizeof(kept[i]));
		english[i] = german[i] = kept[i];
		if (kind == 'w')
			german[i] = lang_word(kept[i]);
		if (kind == 'S' || (kind == 's' && deep < DEEP)) {
			unsigned of = (unsigned)draw(rows);

			while (kind == 'S' && strcmp(said_row(of), "goes on") != 0)
				of = (unsigned)draw(rows);
			make(&inner[i], of, plain, deep + 1);
			english[i] = sbuf_str(&inner[i].english);
			german[i] = sbuf_str(&inner[i].german);
		}
	}
	fill(&m->english, said_row(row), english);
	fill(&m->german, lang_station(said_row(row), counted), german);
	for (size_t i = 0; i < n; i++)
		release(&inner[i]);
}

Test(said, every_row_is_traced_back, .init = german)
{
	int told = 0, rows = 0;

	for (unsigned i = 0; said_row(i); i++) {
		rows++;
		cr_expect(lang_station(said_row(i), 0), "no German: %s", said_row(i));
		for (int times = 0; times < 3 && can_be_told(said_row(i)); times++) {
			struct made m = { 0 };

			make(&m, i, 1, strchr(said_kinds(i), 'S') ? 1 : 2);
			cr_expect_str_eq(said(sbuf_str(&m.english)), sbuf_str(&m.german));
			told += !times;
			release(&m);
		}
	}
	cr_expect(rows > 500 && told > 450, "%d rows, %d of them told", rows, told);
}

/* Whatever the values are: each is there as it was, or the sentence is the English one. */
Test(said, no_value_is_taken_for_words, .init = german)
{
	size_t german_ones = 0, all = 0;

	for (int round = 0; round < 12; round++) {
		for (unsigned i = 0; said_row(i); i++) {
			struct made m = { 0 };
			const char *is;

			make(&m, i, 0, strchr(said_kinds(i), 'S') ? 1 : (int)draw(3));
			is = said(sbuf_str(&m.english));
			all++;
			german_ones += !strcmp(is, sbuf_str(&m.german));
			if (strcmp(is, sbuf_str(&m.english)) != 0)
				cr_expect_str_eq(is, sbuf_str(&m.german),
						 "%s\n  is      %s\n  must be %s",
						 sbuf_str(&m.english), is, sbuf_str(&m.german));
			release(&m);
		}
	}
	cr_expect(german_ones * 2 > all, "%zu of %zu are told", german_ones, all);
}

/* What the pictures of the screen say is what the station says: each has its row. */
Test(said, sentences_of_the_pictures, .init = german)
{
	const struct floor_notice *notice;
	size_t n;

	notice = ui_notices(&n);
	for (size_t i = 0; i < n; i++)
		cr_expect_str_neq(said(notice[i].text), notice[i].text);
}

/* A word that can be a value has its German. */
Test(said, words_of_the_tables, .init = german)
{
	static const char *const others[] = { "rework", "scrap", "ntf",        "use_as_is",
					      "up",     "down",  "an engineer" };

	for (enum verdict v = VERDICT_PASS; v < VERDICT_END_; v++)
		cr_expect(lang_word(verdict_word(v)), "%s", verdict_word(v));
	for (enum people_role r = PEOPLE_OPERATOR; r < PEOPLE_ROLE_END_; r++)
		cr_expect(lang_word(people_role_word(r)), "%s", people_role_word(r));
	for (enum run_mode m = MODE_PRODUCTION; m < MODE_END_; m++)
		cr_expect(lang_word(run_mode_word(m)), "%s", run_mode_word(m));
	for (enum floor_do d = FLOOR_DO_NONE + 1; d < FLOOR_DO_END_; d++)
		cr_expect(lang_word(floor_do_word(d)), "%s", floor_do_word(d));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect(lang_word(others[i]), "%s", others[i]);
}

Test(said, each_list_of_values_has_its_row)
{
	for (unsigned i = 0; said_values_of(i); i++) {
		unsigned row = 0;

		while (said_row(row) && strcmp(said_row(row), said_values_of(i)) != 0)
			row++;
		cr_expect(said_row(row), "%s", said_values_of(i));
	}
}

static const struct {
	const char *english, *german;
} samples[] = {
	{ "unit AS1 has used up its 3 attempts; it needs a disposition, or one more attempt "
	  "granted by "
	  "an engineer; recorded as FAIL at 14:03, not seen",
	  "Einheit AS1 hat ihre 3 Versuche verbraucht; sie braucht einen Entscheid oder einen "
	  "weiteren Versuch (gew\xc3\xa4hrt von: Technik); aufgezeichnet als DEFEKT um 14:03, "
	  "ungesehen" },
	{ "unit AS1 passed at 10:30 already; pass it on",
	  "Einheit AS1 hat um 10:30 schon bestanden; weitergeben" },
	{ "unit AS1 starts on slot 3; recorded as PASS at 10:30, not seen",
	  "Einheit AS1 startet auf Platz 3; aufgezeichnet als GUT um 10:30, ungesehen" },
	{ "slot 2: reading the OS version: console 'uname -r': no answer in time",
	  "Platz 2: beim Lesen der OS-Version: Konsole 'uname -r': keine rechtzeitige Antwort" },
	{ "unit F-1 has used up its 2 attempts; it needs a disposition, or one more attempt "
	  "granted by an engineer",
	  "Einheit F-1 hat ihre 2 Versuche verbraucht; sie braucht einen Entscheid oder einen "
	  "weiteren Versuch (gew\xc3\xa4hrt von: Technik)" },
	{ "slot 4 goes on", "Platz 4 macht weiter" },
	{ "unit AS1 has used up its 1 attempt; it needs a disposition, or one more attempt "
	  "granted by qa",
	  "Einheit AS1 hat ihren 1 Versuch verbraucht; sie braucht einen Entscheid oder einen "
	  "weiteren Versuch (gew\xc3\xa4hrt von: QS)" },
	{ "0 units", "0 Einheiten" },
	{ "1 unit", "1 Einheit" },
	{ "2 runs", "2 L\xc3\xa4ufe" },
	{ "200 units, the newest ones", "200 Einheiten, die neuesten" },
	{ "1 plan in plans", "1 Plan in plans" },
	{ "0 plans in plans", "0 Pl\xc3\xa4ne in plans" },
	{ "label, character 4: (21) SERIAL: not a character of GS1's set",
	  "Etikett, Zeichen 4: (21) SERIAL: kein Zeichen aus dem Vorrat von GS1" },
	{ "'grant' needs the badge of an engineer: scan it now",
	  "'Versuch gew\xc3\xa4hren' braucht einen Ausweis der Rolle Technik: jetzt scannen" },
	{ "A. Meier is operator; 'skip' needs an engineer",
	  "A. Meier hat die Rolle Bedienung; 'Schritt auslassen' braucht die Rolle Technik" },
	{ "unit AS1 is refused by the line: no permission",
	  "Einheit AS1 von der Linie abgelehnt: no permission" },
	{ "the unit says: no permission", "die Einheit sagt: no permission" },
	/* What the unit says, or what the station says behind it? */
	{ "the unit says: x; no permission", "the unit says: x; no permission" },
	{ "unit A waits at slot 2 already; B waits at slot 3 already",
	  "unit A waits at slot 2 already; B waits at slot 3 already" },
	{ "/x/operators: has 1 error, so nobody can log in",
	  "/x/operators: hat 1 Fehler, also kann sich niemand anmelden" },
	{ "pins 2 and 3 are shorted; pin 7 is stuck low",
	  "Pins 2 und 3 sind kurzgeschlossen; Pin 7 h\xc3\xa4ngt auf Low" },
	{ "test the unit again", "die Einheit noch einmal pr\xc3\xbc"
				 "fen" },
};

Test(said, whole_sentences_and_their_parts, .init = german)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		cr_expect_str_eq(said(samples[i].english), samples[i].german);
	lang_set("en");
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		cr_expect_eq(said(samples[i].english), samples[i].english);
}

/* What was scanned, written by people or said by a board is a value and stays. */
Test(said, values_stay_as_they_are, .init = german)
{
	static const char *const data[] = { "waiting",  "recovery", "%s%n",         "PASS",
					    "\\x1b[2J", "':;.",     "x: y; z. %5$s" };

	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		struct sbuf text = { 0 }, want = { 0 };

		sbuf_printf(&text, "unit %s is being tested on slot %s", data[i], "1");
		sbuf_printf(&want,
			    "Einheit %s wird gerade auf Platz %s gepr\xc3\xbc"
			    "ft",
			    data[i], "1");
		cr_expect_str_eq(said(sbuf_str(&text)), sbuf_str(&want));
		sbuf_release(&text);
		sbuf_release(&want);
	}
	cr_expect_str_eq(said("no sentence of ours: at all; %d"),
			 "no sentence of ours: at all; %d");
	cr_expect_str_eq(said(""), "");
	cr_expect_eq(said(NULL), NULL);
}

/* Long and odd texts end in good time, and all that is data comes out again. */
Test(said, no_text_is_too_much, .init = german)
{
	struct sbuf text = { 0 };

	for (int times = 1; times < 4000; times = times * 3 / 2 + 1) {
		for (int i = 0; i < times; i++)
			sbuf_puts(&text, i % 3 ? ": " : "slot AS1; ");
		cr_expect_eq(strlen(said(sbuf_str(&text))) > (size_t)times, 1);
		sbuf_reset(&text);
		for (int i = 0; i < times; i++)
			sbuf_puts(&text, "unit  is  at . ");
		cr_expect_str_eq(said(sbuf_str(&text)), sbuf_str(&text));
		sbuf_reset(&text);
	}
	sbuf_release(&text);
}

/* A program beside the catalogue of an older one, or beside none. */
Test(said, catalogue_of_another_version)
{
	char folder[] = "/tmp/test_said.XXXXXX", command[400];

	cr_assert(mkdtemp(folder));
	snprintf(command, sizeof(command),
		 "mkdir -p %s/de/LC_MESSAGES && printf '%%s\\n' 'msgctxt \"station\"' "
		 "'msgid \"slot %%s: answered\"' 'msgstr \"Platz %%s: beantwortet\"' "
		 "| msgfmt -o %s/de/LC_MESSAGES/station.mo -",
		 folder, folder);
	cr_assert_eq(system(command), 0);
	lang_init();
	bindtextdomain("station", folder);
	lang_set("de");
	cr_expect_str_eq(said("slot 2: answered"), "Platz 2: beantwortet");
	cr_expect_str_eq(said("the scan is empty"), "the scan is empty");
	cr_expect_str_eq(T("shift"), "shift");
	cr_expect_str_eq(TN("%lld error", "%lld errors", 1), "%lld error");
	cr_expect_str_eq(lang_word_or_same("FAIL"), "FAIL");
	lang_set("en");
	bindtextdomain("station", "/nonexistent");
	lang_set("de");
	cr_expect_str_eq(said("slot 3: answered"), "slot 3: answered");
	cr_expect_str_eq(T("shift"), "shift");
	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_expect_eq(system(command), 0);
	/* A person whose language this program does not have reads English. */
	lang_set("xx");
	cr_expect_str_eq(lang_now(), "en");
}
