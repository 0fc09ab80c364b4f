/* Any bytes at any times, from a terminal and from a pipe: lines keep their bounds, and what is
 * shown of them is no sequence that a terminal acts on. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

enum { MOST = 200 };

static void hear(void *p, enum entry_what what, const char *text, size_t len)
{
	size_t *bytes = p;

	must(text[len] == '\0' || what == ENTRY_ECHO);
	if (what == ENTRY_LINE) {
		must(len < MOST);
		*bytes += len;
	}
	for (size_t i = 0; what == ENTRY_ECHO && i < len; i++)
		must((unsigned char)text[i] >= 0x20 || text[i] == '\n' || text[i] == '\b');
}

static void run(const uint8_t *data, size_t size, int tty)
{
	size_t bytes = 0;
	struct entry e = { .tty = tty, .most = MOST, .hear = hear, .payload = &bytes };
	int64_t now = INT64_C(1) << 40;

	/* Pairs of a time (quarter milliseconds, squared) and a byte. */
	for (size_t i = 0; i + 1 < size; i += 2) {
		now += (int64_t)data[i] * data[i] * 250000 / 16;
		entry_tick(&e, now);
		entry_feed(&e, (const char *)data + i + 1, 1, now);
	}
	entry_tick(&e, now + INT64_C(1000000000));
	must(bytes <= size);
	must(entry_due(&e) == INT64_MAX);
	entry_release(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	run(data, size, 1);
	run(data, size, 0);
	return 0;
}
