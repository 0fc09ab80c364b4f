/* Any bytes as the stream that the virtual MT3620 hears: in frames it gives back what
 * was put in, and it never reads more out of it than there is; and the same bytes as
 * the blocks of an XMODEM transfer. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "virtual/mt3620_frame.h"
#include "virtual/mt3620_xmodem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static struct mt3620_frames frames, again;

static void try_encode(unsigned type, const uint8_t *data, size_t n)
{
	uint8_t wire[MT_FRAME_WIRE_MAX];
	size_t size = mt3620_frame_encode(wire, type, data, n);
	struct mt3620_frame back;

	must(size <= MT_FRAME_WIRE_MAX && !wire[size - 1]);
	must(strlen((char *)wire) == size - 1);
	for (size_t i = 0; i + 1 < size; i++)
		must(mt3620_frames_byte(&back, &again, wire[i]) == 0);
	must(mt3620_frames_byte(&back, &again, 0) == 1);
	must(back.type == (type & 0xffff) && back.n == n && !memcmp(back.data, data, n));
}

static void try_stream(const uint8_t *data, size_t size)
{
	struct mt3620_frame f;
	unsigned dropped = 0;

	frames.bad = frames.overlong = 0;
	mt3620_frames_reset(&frames);
	for (size_t i = 0; i < size; i++) {
		int r = mt3620_frames_byte(&f, &frames, data[i]);

		must(r <= 0 || !data[i]);
		dropped += r < 0;
		if (r > 0) {
			must(f.n <= MT_FRAME_DATA_MAX);
			try_encode(f.type, f.data, f.n);
		}
	}
	must(dropped == frames.bad + frames.overlong);
}

/* --- XMODEM --- */

static size_t taken;
static int ended;

static void on_answer(void *owner, const uint8_t *bytes, size_t n)
{
	(void)owner;
	for (size_t i = 0; i < n; i++)
		must(bytes[i] == 'C' || bytes[i] == MT_XMODEM_ACK || bytes[i] == MT_XMODEM_NAK ||
		     bytes[i] == MT_XMODEM_CAN);
	must(!ended);
}

static int on_data(void *owner, const uint8_t *bytes, size_t n)
{
	(void)owner;
	must(n == 128 || n == 1024);
	taken += bytes[0] + n;
	return 0;
}

static void on_end(void *owner, enum mt3620_xmodem_end how)
{
	(void)owner;
	(void)how;
	ended++;
}

static void try_xmodem(const uint8_t *data, size_t size)
{
	static const struct mt3620_xmodem_ops ops = { on_answer, on_data, on_end };
	struct mt3620_xmodem x = { .ops = &ops, .block_1k = size & 1, .invites = 3 };
	int64_t now = 1;

	ended = 0;
	mt3620_xmodem_start(&x, now);
	for (size_t i = 0; i < size && !ended; i++) {
		now += 100000;
		if (data[i] == 0xee) /* time passes */
			now = x.due != CLOCK_NEVER && x.due > now ? x.due : now;
		if (now >= x.due)
			mt3620_xmodem_late(&x, now);
		else
			mt3620_xmodem_byte(&x, data[i], data[i] == 0xed, now);
		must(x.have <= x.want && x.want <= sizeof(x.block));
	}
	for (int i = 0; i < 100 && !ended; i++) {
		must(x.due != CLOCK_NEVER);
		now = x.due > now ? x.due : now;
		mt3620_xmodem_late(&x, now);
	}
	must(ended == 1 && x.due == CLOCK_NEVER); /* silence always ends it */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 3 * MT_FRAME_MAX)
		return 0;
	try_stream(data, size);
	if (size >= 2 && size - 2 <= MT_FRAME_DATA_MAX)
		try_encode(data[0] | (unsigned)data[1] << 8, data + 2, size - 2);
	try_xmodem(data, size);
	return 0;
}
