/* A scanner against the whole screen: in each view and each dialogue of the program's tables,
 * where F12 would give an order, labels of plain serials and of everything that a terminal
 * sends come in at every rhythm, cut and glued by a connection that stalls below `hold`. Only
 * whole scans are sent. SCANNER_BURSTS: so many, preset 20000. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "tests/unit/ui_models.h"
#include "tests/unit/ui_rig.h"
#include "ui/view.h"

#define MS INT64_C(1000000)

TestSuite(scanner, .timeout = 300);

static struct ui_rig r;
static struct input in;
static struct rng rng;
static size_t keys, doubts, typed;
static struct sbuf whole;

static uint64_t below(uint64_t n)
{
	return rng_next(&rng) % n;
}

/* --- what the screen may show --- */

static void press(enum input_key k)
{
	ui_rig_press(&r, k);
}

/* Up to the last F12 of an order of a menu. */
static void order(int engineer, size_t index)
{
	size_t n;
	int fields = dialogue_orders(engineer, &n)[index].fields;

	if (engineer)
		press(PRESS_F4);
	press(PRESS_F9);
	press(PRESS_F1);
	for (size_t i = 0; i < index; i++)
		press(PRESS_DOWN);
	for (fields &= ORDER_TEXT | ORDER_SERIAL | ORDER_REASON; fields; fields &= fields - 1) {
		press(PRESS_F12);
		ui_rig_type(&r, "abc");
	}
}

static void ask(const char *kind)
{
	static const char *choice[] = { "pass", "fail" };

	r.slot[0].question = (struct floor_question){
		.number = 5, .kind = kind, .text = "Is it?", .choice = choice
	};
	r.slot[0].question.choices = strcmp(kind, "text") && strcmp(kind, "scan") ? 2 : 0;
	ui_changed(&r.ui);
	if (!strcmp(kind, "text"))
		ui_rig_type(&r, "ok");
	else
		press(PRESS_F1);
}

/* One of all that there is; returns its name. */
static const char *show(char *name, size_t size, uint64_t at)
{
	static const char *const kinds[] = { "pass", "choice", "text", "scan" };
	size_t n;

	for (size_t i = 0; i < r.slots; i++)
		r.slot[i] = model_slot(&r.arena, i);
	r.status = model_status();
	ui_rig_run(&r, 0);
	ui_rig_end(&r, 1, VERDICT_FAIL);
	for (size_t v = 0; v < VIEW_END_; v++)
		if (!at--) {
			if (v)
				ui_open(&r.ui, (enum view_id)v);
			return snprintf(name, size, "view %zu", v), name;
		}
	for (int engineer = 0; engineer < 2; engineer++) {
		dialogue_orders(engineer, &n);
		for (size_t i = 0; i < n; i++)
			if (!at--) {
				order(engineer, i);
				return snprintf(name, size, "menu %d line %zu", engineer, i), name;
			}
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!at--) {
			ask(kinds[i]);
			return snprintf(name, size, "question %s", kinds[i]), name;
		}
	for (size_t i = 0; dialogue_waits(i); i++)
		if (!at--) {
			r.status.waits = dialogue_waits(i);
			r.status.waits_text = "AS77";
			ui_changed(&r.ui);
			press(PRESS_F2);
			return snprintf(name, size, "waits %s", r.status.waits), name;
		}
	if (!at--) {
		press(PRESS_F5);
		press(PRESS_F1);
		return "F5";
	}
	if (!at--) {
		press(PRESS_F2);
		ui_rig_type(&r, "AS1");
		return "F2";
	}
	return NULL;
}

/* --- the scanner --- */

static const char *const sequences[] = {
	"\x1b[24~",      "\x1b[24~",    "\x1b[24~", "\x1bOP",     "\x1bOQ",    "\x1bOS",
	"\x1b[15~",      "\x1b[17~",    "\x1b[20~", "\x1b[21~",   "\x1b[11~",  "\x1b[[A",
	"\x1b[[E",       "\x1b[34~",    "\x1b[24^", "\x1b[24;2~", "\x1b[1;5P", "\x1b",
	"\x1bx",         "\x1b[57376u", "\x1b[M !", "\x1b[<0;1M", "\x1b[200~", "\x1b[201~",
	"\x9b\x32\x34~", "\x8fP",       "\xc3",     "\xe2\x82",   "\xc3\xa4",  "\x7f",
	"\x03",          "\x04",        "\x1a",     "\x1c",       "\x13",      "\x16",
	"\x1b[A",        "\x1b[B",      "\x1b[C",   "\x1bOA",     "\x1b[5~",   "\t",
	"\x1b[27;5;13~", "\x1b[25~",
};
enum { SEQUENCES = sizeof(sequences) / sizeof(sequences[0]) };

static size_t label(char *out, int evil)
{
	size_t n = 0, want = 4 + below(16);

	if (!evil)
		return (size_t)snprintf(out, 16, "AS%08u", (unsigned)below(100000000));
	while (n < want) {
		const char *s = below(2) ? sequences[below(SEQUENCES)] : "A";

		memcpy(out + n, s, strlen(s));
		n += strlen(s);
		if (!below(4))
			out[n++] = (char)('0' + below(10));
	}
	return n;
}

/* How far the terminal sends the bytes at s as one key. */
static size_t stroke(const char *s, size_t n)
{
	size_t best = 1;

	for (size_t i = 0; i < SEQUENCES; i++) {
		size_t k = strlen(sequences[i]);

		if (k <= n && k > best && !memcmp(sequences[i], s, k))
			best = k;
	}
	return best;
}

static void at_time(int64_t ns)
{
	r.ns = ns;
	clock_freeze_ms(ns / MS);
}

static void pass(int64_t ns)
{
	int64_t to = r.ns + ns;

	while (input_due(&in) <= to) {
		at_time(input_due(&in));
		input_tick(&in, r.ns);
	}
	at_time(to);
}

enum rhythm { WHOLE, BAUD, HID, LOADED, LINK, RHYTHMS };

static void burst(const char *s, size_t n, int evil, enum rhythm how)
{
	static const int64_t baud_us[] = { 1042, 521, 174, 87 },
			     hid_ms[] = { 1, 2, 4, 8, 10, 16, 20 };
	int64_t gap = how == BAUD                                 ? baud_us[below(4)] * 1000
		      : how == WHOLE || (how == LINK && below(2)) ? 0
								  : hid_ms[below(7)] * MS;
	/* Two stalls that part just a key of a label from its rest cannot be told from fingers. */
	size_t cut[2] = { below(n), evil ? SIZE_MAX : below(n) };

	for (size_t at = 0, k; at < n; at += k) {
		k = how == BAUD ? 1 : stroke(s + at, n - at);
		input_feed(&in, s + at, k, r.ns);
		if (at + k == n)
			break;
		pass(gap + (how == LOADED && !below(3) ? (int64_t)below(30) * MS : 0));
		if (how == LINK &&
		    ((cut[0] >= at && cut[0] < at + k) || (cut[1] >= at && cut[1] < at + k)))
			pass((int64_t)below(370) * MS);
	}
}

static void hear(void *payload, const struct input_event *e)
{
	(void)payload;
	keys += e->type == INPUT_KEY;
	doubts += e->type == INPUT_DOUBT;
	typed += e->type == INPUT_CHAR;
	if (e->type == INPUT_SCAN)
		sbuf_printf(&whole, "%.*s\n", (int)e->len, e->text);
	ui_event(&r.ui, e);
	in.text_open = ui_text_open(&r.ui);
}

static const struct {
	const char *bytes;
	enum input_key key;
} function_keys[] = {
	{ "\x1bOP", PRESS_F1 },    { "\x1bOQ", PRESS_F2 },   { "\x1bOS", PRESS_F4 },
	{ "\x1b[17~", PRESS_F6 },  { "\x1b[20~", PRESS_F9 }, { "\x1b[21~", PRESS_F10 },
	{ "\x1b[24~", PRESS_F12 },
};

static void begin(void)
{
	input_release(&in);
	input_init(&in, hear, NULL);
	for (size_t i = 0; i < sizeof(function_keys) / sizeof(function_keys[0]); i++)
		input_sequence_add(&in, function_keys[i].bytes, function_keys[i].key);
	input_sequences_common(&in);
	input_feed(&in, "AS00000001\r", 11, r.ns); /* what this scanner's scans end in is known */
	pass(3000 * MS);
}

/* Each line that was sent is a look of a view, or the scan or search of the text. */
static int only(const char *text, size_t n)
{
	static const char *const looks[] = { "watch ", "plans ", "shift ",
					     "runs ",  "show ",  "find slot=- text= serial" };
	char scan[300], find[300];
	int paste = memmem(text, n, "\x1b[200~", 6) != NULL; /* its marks are taken off */
	char *copy = strdup(sbuf_str(&r.sent)), *rest = copy, *line;
	int fine = 1;

	n = paste ? 0 : n;
	snprintf(scan, sizeof(scan), "scan slot=- text=%.*s%s", (int)n, text,
		 paste ? "" : " serial=-");
	snprintf(find, sizeof(find), "find slot=- text=%.*s%s", (int)n, text,
		 paste ? "" : " serial=-");
	while ((line = strsep(&rest, "\n")) && *line) {
		int look = 0;

		for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
			look |= !strncmp(line, looks[i], strlen(looks[i]));
		fine &= look || !strncmp(line, scan, strlen(scan)) ||
			!strncmp(line, find, strlen(find));
	}
	free(copy);
	return fine && !r.ui.quit;
}

static void attack(int evil, unsigned long bursts, size_t *taken)
{
	char name[60], text[300];
	struct ui_source source;
	uint64_t scenes = 0;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	source = r.ui.source;
	while (show(name, sizeof(name), scenes))
		scenes++;
	cr_assert_gt(scenes, 30);
	for (unsigned long i = 0; i < bursts; i++) {
		enum rhythm how;
		const char *scene;
		size_t n;

		rng = (struct rng){ i * 2 + (uint64_t)evil };
		how = (enum rhythm)below(RHYTHMS);
		ui_release(&r.ui);
		arena_free(&r.arena);
		at_time(INT64_C(1000000) * MS);
		ui_init(&r.ui, &source);
		begin();
		scene = show(name, sizeof(name), below(scenes));
		in.text_open = ui_text_open(&r.ui);
		sbuf_reset(&r.sent);
		sbuf_reset(&whole);
		keys = doubts = typed = 0;
		pass(1500 * MS);
		n = label(text, evil);
		text[n] = '\r';
		burst(text, n + 1, evil, how);
		pass(4000 * MS);
		/* Where it begins with a key, and the connection stalls behind that, a look. */
		cr_assert(only(text, n), "burst %lu of rhythm %d in %s: %s", i, how, scene,
			  sbuf_str(&r.sent));
		cr_assert(evil || keys == 0, "burst %lu", i);
		cr_assert(!whole.len || !doubts, "burst %lu", i);
		cr_assert(evil || whole.len || doubts || typed, "burst %lu of rhythm %d in %s", i,
			  how, scene);
		*taken += whole.len != 0;
	}
	input_release(&in);
	sbuf_release(&whole);
	ui_rig_close(&r);
}

static unsigned long bursts(void)
{
	const char *n = getenv("SCANNER_BURSTS");

	return n ? strtoul(n, NULL, 10) : 20000;
}

Test(scanner, serials_are_whole_or_told)
{
	size_t taken = 0;

	attack(0, bursts(), &taken);
	cr_expect_gt(taken, bursts() / 10 * 8, "most are taken: %zu", taken);
}

Test(scanner, labels_of_keys_give_no_order)
{
	size_t taken = 0;

	attack(1, bursts(), &taken);
	cr_expect_gt(taken, bursts() / 2, "most are taken: %zu", taken);
}
