/* Each sentence of the station in German: every row is found again in what it makes. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/sbuf.h"
#include "ui/lang.h"
#include "ui/said.h"

TestSuite(said, .timeout = 60);

static void german(void)
{
	lang_init();
	lang_set("de");
	cr_assert(lang_station("no such row") == NULL);
	cr_assert(lang_station("the scan is empty"), "no catalogue");
}

/* The format with a value for each conversion, as printf() would. */
static void fill(struct sbuf *out, const char *format)
{
	static const char *const values[] = { "AS1", "B2", "C3", "D4", "E5", "F6", "G7", "H8" };
	int next = 0;

	while (*format) {
		int place, empty;
		char type;

		if (*format != '%' || format[1] == '%') {
			format += *format == '%';
			sbuf_putc(out, *format++);
			continue;
		}
		format++;
		place = next;
		if (isdigit((unsigned char)*format) && strchr(format, '$') &&
		    format[strspn(format, "0123456789")] == '$') {
			place = atoi(format) - 1;
			format = strchr(format, '$') + 1;
		}
		next++;
		empty = !strncmp(format, ".0s", 3);
		format += strspn(format, "-+ #0123456789.*hlzjt");
		type = *format++;
		if (empty)
			continue;
		if (type == 's')
			sbuf_puts(out, values[place % 8]);
		else if (type == 'c')
			sbuf_putc(out, (char)('A' + place % 4));
		else
			sbuf_printf(out, "%d", 3 + place);
	}
}

/* Of several texts in a row only the first can be told. */
static int can_be_told(const char *format)
{
	return !strstr(format, "s%s") && !strstr(format, "s%.0s");
}

Test(said, every_row_is_traced_back, .init = german)
{
	int told = 0, rows = 0;

	for (unsigned i = 0; said_row(i); i++) {
		struct sbuf english = { 0 }, want = { 0 };
		const char *row = said_row(i);

		rows++;
		cr_expect(lang_station(row), "no German: %s", row);
		if (!lang_station(row) || !can_be_told(row))
			continue;
		told++;
		fill(&english, row);
		fill(&want, lang_station(row));
		cr_expect_str_eq(said(sbuf_str(&english)), sbuf_str(&want));
		sbuf_release(&english);
		sbuf_release(&want);
	}
	cr_expect(rows > 500 && told > 450, "%d rows, %d of them told", rows, told);
}

static const struct {
	const char *english, *german;
} samples[] = {
	{ "unit AS1 has used up its 3 attempts; it needs a disposition, or one more attempt "
	  "granted by "
	  "an engineer; recorded as FAIL at 14:03, not seen",
	  "Einheit AS1 hat ihre 3 Versuche verbraucht; sie braucht einen Entscheid oder einen "
	  "weiteren Versuch, den die Technik gew\xc3\xa4hrt; aufgezeichnet als FAIL um 14:03, "
	  "ungesehen" },
	{ "unit AS1 passed at 10:30 already; pass it on",
	  "Einheit AS1 hat um 10:30 schon bestanden; weitergeben" },
	{ "unit AS1 on slot 3; recorded as PASS at 10:30, not seen",
	  "Einheit AS1 auf Platz 3; aufgezeichnet als PASS um 10:30, ungesehen" },
	{ "slot 2: reading the OS version: console 'uname -r': no answer in time",
	  "Platz 2: beim Lesen der OS-Version: Konsole 'uname -r': keine Antwort in der Zeit" },
	{ "unit F-1 has used up its 2 attempts; it needs a disposition, or one more attempt "
	  "granted by an engineer",
	  "Einheit F-1 hat ihre 2 Versuche verbraucht; sie braucht einen Entscheid oder einen "
	  "weiteren Versuch, den die Technik gew\xc3\xa4hrt" },
	{ "slot 4 goes on", "Platz 4 macht weiter" },
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
