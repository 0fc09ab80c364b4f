/* Any bytes as a PNG file: loaded within bounds, or a message. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ui/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[32];
	struct picture p, s;
	struct sbuf out = { 0 };
	struct err err = { 0 };
	FILE *f;

	if (!*path)
		snprintf(path, sizeof(path), "/tmp/fuzz-picture-%d", (int)getpid());
	f = fopen(path, "w");
	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
	if (!picture_load(&p, path, &err)) {
		if (p.w < 1 || p.h < 1 || p.w > PICTURE_SIDE_MAX || p.h > PICTURE_SIDE_MAX)
			abort();
		picture_scale(&s, &p, 7, 5);
		picture_sixel(&out, &s);
		picture_kitty(&out, &s);
		picture_free(&s);
		picture_free(&p);
	} else if (p.rgb || !*err.text) {
		abort();
	}
	picture_how_of((const char *)data, size, 256, 1);
	sbuf_release(&out);
	unlink(path);
	return 0;
}
