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
 *	the same, too soon behind a scan                    INPUT_EARLY
 *	the same key again and again, as a held key sends   INPUT_KEY of a movement, else nothing
 *	characters one by one, slower than `gap`            INPUT_CHAR each
 *	bracketed paste                                     INPUT_SCAN
 *	anything else: two strokes faster than `gap`        INPUT_SCAN, with all its bytes
 *	... that may not be one whole scan                  INPUT_DOUBT
 *
 * Times (our choice, in struct input_timing): `gap` 30 ms parts a scanner (16 ms at
 * most) from fingers. `quiet` 120 ms of silence before and behind make a key:
 * the slowest scanner, a serial adapter's latency and a terminal multiplexer stay
 * far below it. `hold` 400 ms: a scan whose suffix has not come yet waits so long
 * for the rest, which covers the clumps of a connection with 200 ms of delay; so long
 * F12 waits as well, the key that gives orders: what comes behind it may be the rest of
 * a label, or Esc. A key after an unfinished scan counts only after `distrust` 1 s.
 *
 * A scan is whole or it is not used. It is in doubt when a paste has no end; when it begins
 * within `distrust` behind typed characters, or within `rest` 3 s behind a scan without its
 * end; when it has no end itself and this scanner's scans have one, as was seen before; when
 * a line end stands in it, so that it may be two; and when a key in it stands as far apart
 * as fingers press it, or came within `hold` before it.
 *
 * What cannot be told apart: a scanner without suffix that sends exactly one key
 * sequence is a key, and so does a connection make one that stalls longer than `quiet` behind a
 * key sequence with which a label begins, or longer than `hold` around one inside; of F12 only
 * where nothing but function keys comes for `hold`. For all of them a command needs a second,
 * different key after a pause (dialogue.h), and a label of one character without suffix is
 * a typed character, which has no effect of its own. A person who types two characters
 * within `gap` makes a scan of two characters, unless a text field is open. A label with a
 * line end in it is two scans where the connection stalls just there; the first scan without
 * its end is believed until one with an end was seen; and two scanners that type into one
 * terminal at the same time make one label of mixed characters, which a plan's pattern or
 * check digits refuse.
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
	INPUT_DOUBT, /* doubt: a scan that may not be one whole scan, dropped */
	INPUT_EARLY, /* key: one of F1 to F12 or Esc that came too soon behind a scan, dropped */
	INPUT_TOUCH, /* key: its sequence has arrived and nothing else yet: show that it was
		      * felt; whether it counts is told by INPUT_KEY, or not at all */
};

enum input_doubt {
	DOUBT_NONE,
	DOUBT_CUT, /* its end has not come, or its beginning may have been taken for typing */
	DOUBT_TWO, /* a line end in it: two scans at once */
	DOUBT_KEY, /* a key was pressed meanwhile, or is held down */
};

struct input_event {
	enum input_event_type type;
	enum input_key key;
	enum input_doubt doubt;
	int times; /* how often a held movement key was repeated, >= 1 */
	const char *text;
	size_t len;
	const char *body;
	size_t body_len;
	int64_t at_ns; /* of its first byte */
};

enum { INPUT_SCAN_MAX = 8192, INPUT_SEQUENCE_MAX = 16, INPUT_KEYS_MAX = 64 };

enum { INPUT_GAP_MS = 30, INPUT_HOLD_MS = 400 }; /* see above; entry.c keeps them as well */

struct input_timing {
	int64_t gap_ns, quiet_ns, hold_ns, distrust_ns, rest_ns;
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

	/* What came before it. */
	enum input_key waiting; /* F12, until waiting_until_ns */
	int64_t waiting_ns, waiting_until_ns;
	int64_t typed_until_ns, rest_until_ns, pressed_until_ns; /* a scan before may be cut */
	int ends, endless; /* scans have an end; so many had none */
};

/* hear is called from input_feed() and input_tick(). */
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
