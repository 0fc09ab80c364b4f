#ifndef STATION_UI_INPUT_H
#define STATION_UI_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"

/*
 * input -- tells a scanner from a person by rhythm, so that no label, whatever is
 * printed on it, can press a key of the screen.
 *
 * A scanner that acts as a keyboard, or whose serial line is fed into the terminal,
 * sends the same bytes as fingers do. Only their times differ: a scanner sends a
 * character each 0.1 ms (115200 baud) to 16 ms (USB keyboard, press and release in
 * frames of 8 ms), fingers need 60 ms and more. So all bytes are gathered in bursts
 * and nothing is decided before the burst is over:
 *
 *	burst                                               becomes
 *	one key sequence of the terminal, silence around    INPUT_KEY
 *	the same key again and again, as a held key sends   INPUT_KEY of a movement, else nothing
 *	characters one by one, slower than `gap`            INPUT_CHAR each
 *	bracketed paste                                     INPUT_SCAN
 *	anything else: two strokes faster than `gap`        INPUT_SCAN, with all its bytes
 *
 * Times (our choice, in struct input_timing): `gap` 30 ms parts a scanner (16 ms at
 * most) from fingers. `quiet` 120 ms of silence before and behind make a key:
 * the slowest scanner, a serial adapter's latency and a terminal multiplexer stay
 * far below it. `hold` 400 ms: a scan whose suffix has not come yet waits so long
 * for the rest, which covers the clumps of a connection with 200 ms of delay; and
 * a key after such an unfinished scan counts only after `distrust` 1 s.
 *
 * What cannot be told apart: a scanner without suffix that sends exactly one key
 * sequence is a key, and a connection that stalls longer than `hold` in the middle
 * of a scan, exactly around a key sequence inside the label, makes a key of it. For
 * both a command needs a second, different key after a pause (dialogue.h), and a
 * label of one character without suffix is a typed character, which has no effect
 * of its own. A person who types two characters within `gap` makes a scan of two
 * characters, unless a text field is open. A scan and another one that arrive in one
 * clump are one scan, which fits no label and is refused.
 *
 * A state machine without a terminal or a clock: bytes and their times in, events
 * out. Times are clock_ns() and never go back.
 */
enum input_key {
	PRESS_NONE,
	PRESS_F1,
	PRESS_F2,
	PRESS_F3,
	PRESS_F4,
	PRESS_F5,
	PRESS_F6,
	PRESS_F7,
	PRESS_F8,
	PRESS_F9,
	PRESS_F10,
	PRESS_F11,
	PRESS_F12,
	PRESS_ESC,
	PRESS_ENTER,
	PRESS_TAB,
	PRESS_BACKSPACE,
	PRESS_UP,
	PRESS_DOWN,
	PRESS_LEFT,
	PRESS_RIGHT,
	PRESS_PAGE_UP,
	PRESS_PAGE_DOWN,
	PRESS_HOME,
	PRESS_END,
	PRESS_UNKNOWN, /* a well-formed sequence that no key of ours sends: ignored */
};

enum input_event_type {
	INPUT_KEY,   /* key, times */
	INPUT_CHAR,  /* text, len: one character of UTF-8, typed */
	INPUT_SCAN,  /* text, len: bytes as they came, without the line end and the marks of a
		      * paste; body: the same without prefix and suffix */
	INPUT_LOST,  /* len: bytes of a scan that was longer than INPUT_SCAN_MAX, dropped */
	INPUT_TOUCH, /* key: its sequence has arrived and nothing else yet: show that it was
		      * felt; whether it counts is told by INPUT_KEY, or not at all */
};

struct input_event {
	enum input_event_type type;
	enum input_key key;
	int times; /* how often a held movement key was repeated, >= 1 */
	const char *text;
	size_t len;
	const char *body;
	size_t body_len;
	int64_t at_ns; /* of its first byte */
};

enum { INPUT_SCAN_MAX = 8192, INPUT_SEQUENCE_MAX = 16, INPUT_KEYS_MAX = 64 };

struct input_timing {
	int64_t gap_ns, quiet_ns, hold_ns, distrust_ns;
};

struct input_sequence {
	char bytes[INPUT_SEQUENCE_MAX];
	size_t len;
	enum input_key key;
};

struct input { /* ready after input_init() */
	struct input_timing timing;
	char prefix[32], suffix[32];
	size_t prefix_len, suffix_len;
	struct input_sequence sequence[INPUT_KEYS_MAX];
	size_t sequences;
	int text_open; /* a text field is open: characters are told at once */
	void (*hear)(void *payload, const struct input_event *e);
	void *payload;

	/* The burst at hand. */
	struct sbuf burst;
	int64_t *at; /* when each byte came */
	size_t at_room, lost;
	int64_t first_ns, last_ns;
	int64_t key_from_ns, char_from_ns; /* keys, characters count from here on */
	int any, scan, paste, pasted, calm, char_calm;
	enum input_key touched;
};

/* hear is called from input_feed() and input_due(). */
void input_init(struct input *in, void (*hear)(void *payload, const struct input_event *e),
		void *payload);
void input_release(struct input *in);

/* What the terminal sends for a key; at most INPUT_KEYS_MAX, the first of equals counts. */
void input_sequence_add(struct input *in, const char *bytes, enum input_key key);
void input_sequences_common(struct input *in); /* those of xterm, vt220 and linux */

/* Characters around each scan, as the scanner is set up; bytes, may be "". A line end
 * may stand behind the suffix, and alone it ends a scan as well. */
void input_affixes(struct input *in, const char *prefix, const char *suffix);

/* n bytes that were read at now_ns. */
void input_feed(struct input *in, const char *bytes, size_t n, int64_t now_ns);
/* The time at which input_tick() must be called, INT64_MAX: only after more bytes. */
int64_t input_due(const struct input *in);
void input_tick(struct input *in, int64_t now_ns);
/* A burst that is not over is dropped, and for a while what comes is its rest and no key. */
void input_drop(struct input *in, int64_t now_ns);

#endif /* STATION_UI_INPUT_H */
