/* Any bytes as the manifest of an image set: taken or refused with one message. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "board/mt3620_images.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mt3620_manifest m;
	struct err err = { 0 };
	int r = mt3620_manifest_read(&m, data, size, &err);
	uint64_t bytes = 0;

	must(r == 0 || (r == ERR_IMAGES && err.text[0] && !strchr(err.text, '\n')));
	must(m.images <= MT3620_IMAGES_MAX);
	must(r || m.images);
	for (size_t i = 0; i < m.images; i++) {
		must(strlen(m.image[i].name) == MT3620_NAME_SIZE - 1);
		must(strspn(m.image[i].name, "0123456789abcdef") == 32);
		must(m.image[i].size >= 1 && m.image[i].size <= MT3620_FILE_MAX);
		bytes += m.image[i].size;
	}
	must(bytes == m.bytes);
	return 0;
}
