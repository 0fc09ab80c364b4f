/* Any bytes as an image manifest and as a dummy image: what is taken keeps to the
 * limits, what is refused is refused with an error of the board's list. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "virtual/mt3620_images.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static void check_image(const struct mt3620_image *image)
{
	char text[MT_GUID_TEXT], name[MT_FILE_NAME];
	uint8_t guid[16];

	must(!mt3620_guid_scan(guid, image->image));
	must(!strcmp(mt3620_guid_print(text, guid), image->image));
	must(!mt3620_guid_scan(guid, image->component));
	must(strlen(mt3620_file_name(name, image)) == 36 && !strcmp(name + 32, ".bin"));
	must(strspn(name, "0123456789abcdef") == 32);
	must(image->size > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mt3620_manifest m, back;
	uint8_t bytes[MT_MANIFEST_MAX];
	struct mt3620_dummy dummy;
	struct rng rng = { 1 };
	uint64_t all = 0;
	int r;

	if (size > 2 * MT_MANIFEST_MAX)
		return 0;
	r = mt3620_manifest_parse(&m, data, size);
	must(r == 0 || r == 1 || r == 3 || (r >= 5 && r <= 8) || r == 11 || r == 114);
	must(m.count <= MT_IMAGES_MAX);
	if (!r) {
		for (size_t i = 0; i < m.count; i++) {
			check_image(&m.image[i]);
			all += m.image[i].size;
		}
		must(m.count > 0 && all == m.bytes);
		must(!mt3620_manifest_parse(&back, bytes, mt3620_manifest_print(bytes, &m, &rng)));
		must(back.count == m.count && back.bytes == m.bytes && back.built == m.built);
	}
	r = mt3620_dummy_read(&dummy, data, size);
	must(r >= -1 && r <= 1);
	if (!r)
		must(strlen(dummy.os) < sizeof(dummy.os) &&
		     strlen(dummy.name) < sizeof(dummy.name));
	return 0;
}
