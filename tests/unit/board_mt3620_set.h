#ifndef TESTS_UNIT_BOARD_MT3620_SET_H
#define TESTS_UNIT_BOARD_MT3620_SET_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "board/mt3620_frame.h"

/*
 * mt3620_set -- an image set in a folder of its own, for tests: opaque files in the
 * layout of a real one. Image i has the GUID i+1 in its first field and a size of
 * `size` + i bytes.
 */
struct mt3620_set {
	char folder[64];
	uint8_t manifest[64 * 1024];
	size_t manifest_size, images, size;
};

enum { SET_HEAD = 16, SET_ENTRY = 0x4c, SET_BOOTLOADER = 300, SET_RUNTIME = 1000 };

static inline const char *set_path(const struct mt3620_set *s, const char *name)
{
	static char path[4][200];
	static int at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s", s->folder, name);
	return path[at];
}

static inline const char *set_image_name(size_t i)
{
	static char name[4][48];
	static int at;

	at = (at + 1) % 4;
	snprintf(name[at], sizeof(name[at]), "%08x000000000000000000000000.bin", (unsigned)i + 1);
	return name[at];
}

static inline void set_file(const struct mt3620_set *s, const char *name, size_t size, uint8_t seed)
{
	uint8_t *bytes = malloc(size + 1);
	struct err err = { 0 };

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(seed + i * 7 + i / 251);
	cr_assert_eq(file_write(set_path(s, name), bytes, size, &err), 0, "%s", err.text);
	free(bytes);
}

static inline void set_write_manifest(const struct mt3620_set *s)
{
	struct err err = { 0 };

	cr_assert_eq(file_write(set_path(s, "recovery.imagemanifest"), s->manifest,
				s->manifest_size, &err),
		     0, "%s", err.text);
}

static inline void set_make(struct mt3620_set *s, size_t images, size_t size)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->folder, sizeof(s->folder), "/tmp/mt3620-set-XXXXXX");
	cr_assert_not_null(mkdtemp(s->folder));
	s->images = images;
	s->size = size;
	s->manifest[0] = 3;
	s->manifest[2] = (uint8_t)images;
	s->manifest[4] = SET_HEAD;
	s->manifest[6] = SET_ENTRY;
	for (size_t i = 0; i < images; i++) {
		uint8_t *e = s->manifest + SET_HEAD + i * SET_ENTRY;

		mt3620_put32(e, (uint32_t)i + 1);
		e[16] = (uint8_t)(i + 1);
		e[32] = 10;
		mt3620_put32(e + 36, (uint32_t)(size + i));
		mt3620_put32(e + 40, (uint32_t)(size + i));
		set_file(s, set_image_name(i), size + i, (uint8_t)i);
	}
	s->manifest_size = SET_HEAD + images * SET_ENTRY + 188;
	set_write_manifest(s);
	set_file(s, "recovery-1bl-rtm.bin", SET_BOOTLOADER, 1);
	set_file(s, "recovery-runtime.bin", SET_RUNTIME, 2);
}

static inline void set_remove(const struct mt3620_set *s)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf '%s'", s->folder);
	cr_assert_eq(system(command), 0);
}

#endif /* TESTS_UNIT_BOARD_MT3620_SET_H */
