/* Any bytes at any times: events keep their bounds, and what came scanner-fast with a line
 * end behind it never presses a key; of one label there is one scan or one doubt. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct seen {
	struct input in;
	size_t keys, scans, doubts, bytes;
	int64_t now;
};

static void hear(void *p, const struct input_event *e)
{
	struct seen *s = p;

	s->keys += e->type == INPUT_KEY;
	s->scans += e->type == INPUT_SCAN || e->type == INPUT_LOST;
	s->doubts += e->type == INPUT_DOUBT;
	must((e->type == INPUT_DOUBT) == (e->doubt != DOUBT_NONE));
	if (e->type == INPUT_SCAN || e->type == INPUT_CHAR) {
		must(e->text && e->len > 0 && e->len <= INPUT_SCAN_MAX);
		s->bytes += e->len;
	}
	if (e->type == INPUT_SCAN)
		must(e->body >= e->text && e->body + e->body_len <= e->text + e->len);
	if (e->type == INPUT_KEY)
		must(e->key > PRESS_NONE && e->key < PRESS_UNKNOWN && e->times >= 1);
	must(e->at_ns <= s->now);
}

static void begin(struct seen *s, int text)
{
	*s = (struct seen){ .now = INT64_C(1) << 40 };
	input_init(&s->in, hear, s);
	input_sequence_add(&s->in, "\x1bOP", PRESS_F1);
	input_sequence_add(&s->in, "\x1b[15~", PRESS_F5);
	input_sequence_add(&s->in, "\x1b[24~", PRESS_F12);
	input_sequences_common(&s->in);
	s->in.text_open = text;
}

static void pass(struct seen *s, int64_t ns)
{
	int64_t to = s->now + ns;

	while (input_due(&s->in) <= to) {
		s->now = input_due(&s->in);
		input_tick(&s->in, s->now);
	}
	s->now = to;
}

/* Pairs of a time (quarter milliseconds, squared) and a byte. */
static void any_rhythm(const uint8_t *data, size_t size)
{
	struct seen s;

	begin(&s, 0);
	for (size_t i = 0; i + 1 < size; i += 2) {
		pass(&s, (int64_t)data[i] * data[i] * 250000 / 16);
		if (data[i] == 255)
			s.in.text_open ^= 1;
		input_feed(&s.in, (const char *)data + i + 1, 1, s.now);
	}
	pass(&s, INT64_C(3000000000));
	must(s.bytes <= size);
	must(input_due(&s.in) == INT64_MAX);
	input_release(&s.in);
}

/* The whole as one label of a scanner with 1 ms for a byte. */
static void label(const uint8_t *data, size_t size)
{
	static const char paste[] = "\x1b[200~";
	struct seen s;

	if (size < 2)
		return;
	begin(&s, data[0] & 1);
	for (size_t i = 0; i < size; i++) {
		input_feed(&s.in, (const char *)data + i, 1, s.now);
		pass(&s, 1000000);
	}
	input_feed(&s.in, "\r", 1, s.now);
	pass(&s, INT64_C(3000000000));
	must(s.keys == 0);
	must(s.scans + s.doubts <= 1);
	if (size < INPUT_SCAN_MAX && memcmp(data, paste, size < 6 ? size : 6) && !s.doubts)
		must(s.bytes == size);
	input_release(&s.in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	any_rhythm(data, size);
	label(data, size);
	return 0;
}
