/* Any bytes to the reader of recovery messages: a frame that it takes goes back to
 * the wire and is read as the same; what is behind rubbish is still found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "board/mt3620_errors.h"
#include "board/mt3620_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

static void again(const struct mt3620_frame *f)
{
	static uint8_t wire[MT3620_FRAME_WIRE];
	static struct mt3620_frames r;
	size_t n = mt3620_frame_write(wire, f->type, f->data, f->len);
	struct mt3620_frame g = { 0 };

	must(n <= sizeof(wire) && !wire[n - 1] && !memchr(wire, 0, n - 1));
	for (size_t i = 0; i < n; i++)
		must(mt3620_frames_take(&g, &r, wire[i]) == (i + 1 == n));
	must(g.type == f->type && g.len == f->len && !memcmp(g.data, f->data, f->len));
	must(mt3620_error_decode(g.data, g.len) >= -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t good[] = { 2, 4, 2, 9, 1, 1, 3, 0xd6, 0xf5, 0 };
	static struct mt3620_frames r;
	struct mt3620_frame f;

	memset(&r, 0, sizeof(r));
	for (size_t i = 0; i < size; i++)
		if (mt3620_frames_take(&f, &r, data[i]) > 0)
			again(&f);
	mt3620_frames_take(&f, &r, 0);
	for (size_t i = 0; i < sizeof(good); i++)
		must(mt3620_frames_take(&f, &r, good[i]) == (i + 1 == sizeof(good)));
	must(f.type == MT3620_LOG_QUERY && !f.len);
	return 0;
}
