#ifndef STATION_BOARD_MT3620_IMAGES_H
#define STATION_BOARD_MT3620_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * mt3620_images -- the folder of a recovery: the bootloader, the recovery
 * application, the manifest, and the images that it lists, GUID without dashes in
 * lower case and ".bin". All of it is read and checked before a board is touched,
 * so that what is hashed, what is checked and what is sent are the same bytes.
 */
#define MT3620_BOOTLOADER "recovery-1bl-rtm.bin"
#define MT3620_RUNTIME    "recovery-runtime.bin"
#define MT3620_MANIFEST   "recovery.imagemanifest"

enum {
	MT3620_IMAGES_MAX = 100,         /* our choice; sets of 16 and 17 are known */
	MT3620_FILE_MAX = 16 << 20,      /* the flash has 16 MB */
	MT3620_NAME_SIZE = 32 + 4 + 1,   /* of an image */
	MT3620_MANIFEST_MAX = 64 * 1024, /* more than 100 entries and a signature take */
};

struct mt3620_listed { /* an entry of a manifest */
	char name[MT3620_NAME_SIZE];
	unsigned type; /* 7 kernel, 10 application ... */
	uint32_t size, uncompressed;
};

struct mt3620_manifest {
	struct mt3620_listed image[MT3620_IMAGES_MAX];
	size_t images;
	uint64_t bytes; /* of all */
};

/* Read a manifest of version 3. 0, or ERR_IMAGES with the offset of what is wrong. */
int mt3620_manifest_read(struct mt3620_manifest *out, const uint8_t *bytes, size_t n,
			 struct err *err);

struct mt3620_file {
	const char *name, *sha256; /* lower-case hex */
	const uint8_t *bytes;
	size_t size;
	int image; /* it is one of the manifest's */
};

struct mt3620_images {
	struct mt3620_file *file; /* bootloader, runtime, manifest, images in manifest order */
	size_t files, images;
	uint64_t image_bytes;
	const char *sha256; /* of what `LC_ALL=C sha256sum FILES` prints, in order of their names */
};

/* Lives in the arena. ERR_IMAGES: a file is missing, empty, of another size than
 * listed or too long, or the manifest is wrong; ERR_FILE: a file cannot be read. */
int mt3620_images_load(struct mt3620_images *out, struct arena *a, const char *folder,
		       struct err *err);

/* The file of this name, or NULL; name need not end in NUL within n bytes. */
const struct mt3620_file *mt3620_images_find(const struct mt3620_images *set, const char *name,
					     size_t n);

#endif /* STATION_BOARD_MT3620_IMAGES_H */
