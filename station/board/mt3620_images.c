#include "board/mt3620_images.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/sbuf.h"
#include "board/mt3620_frame.h"

/* Layout of the manifest, little-endian. What stands behind the entries (metadata
 * and a signature) is the board's to judge.
 * source  ruby-square 010/image_manifest.bt */
enum {
	VERSION = 3,
	HEAD_SIZE = 0x10, /* version, count, size of this, size of an entry, date */
	ENTRY_SIZE = 0x4c,
	AT_COUNT = 2,
	AT_HEAD_SIZE = 4,
	AT_ENTRY_SIZE = 6,
	GUID_SIZE = 16,
	AT_TYPE = 2 * GUID_SIZE,
	AT_SIZE = AT_TYPE + 4,
	AT_UNCOMPRESSED = AT_SIZE + 4,
};

static int wrong(struct err *err, size_t at, const char *what, unsigned is, unsigned must)
{
	return err_set(err, ERR_IMAGES, MT3620_MANIFEST ": byte %zu: %s is %u, must be %u", at,
		       what, is, must);
}

/* The first three fields of a GUID are little-endian. */
static void image_name(char out[MT3620_NAME_SIZE], const uint8_t *guid)
{
	static const uint8_t order[GUID_SIZE] = { 3, 2, 1,  0,  5,  4,  7,  6,
						  8, 9, 10, 11, 12, 13, 14, 15 };

	for (int i = 0; i < GUID_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", guid[order[i]]);
	memcpy(out + 2 * GUID_SIZE, ".bin", 5);
}

static int parse_entry(struct mt3620_manifest *out, const uint8_t *e, size_t at, struct err *err)
{
	struct mt3620_listed *image = &out->image[out->images];

	image_name(image->name, e);
	image->type = mt3620_u16(e + AT_TYPE);
	image->size = mt3620_u32(e + AT_SIZE);
	image->uncompressed = mt3620_u32(e + AT_UNCOMPRESSED);
	if (!image->size || image->size > MT3620_FILE_MAX)
		return err_set(err, ERR_IMAGES,
			       MT3620_MANIFEST ": byte %zu: %s has a size of %u bytes, must be "
					       "1..%d",
			       at + AT_SIZE, image->name, image->size, MT3620_FILE_MAX);
	for (size_t i = 0; i < out->images; i++)
		if (!strcmp(out->image[i].name, image->name))
			return err_set(err, ERR_IMAGES,
				       MT3620_MANIFEST ": byte %zu: %s is listed a second time", at,
				       image->name);
	out->bytes += image->size;
	out->images++;
	return 0;
}

int mt3620_manifest_read(struct mt3620_manifest *out, const uint8_t *b, size_t n, struct err *err)
{
	unsigned count;
	int r = 0;

	*out = (struct mt3620_manifest){ 0 };
	if (n < HEAD_SIZE)
		return err_set(err, ERR_IMAGES,
			       MT3620_MANIFEST ": has %zu bytes, a header alone has %d", n,
			       HEAD_SIZE);
	if (mt3620_u16(b) != VERSION)
		return wrong(err, 0, "its version", mt3620_u16(b), VERSION);
	if (mt3620_u16(b + AT_HEAD_SIZE) != HEAD_SIZE)
		return wrong(err, AT_HEAD_SIZE, "the size of the header",
			     mt3620_u16(b + AT_HEAD_SIZE), HEAD_SIZE);
	if (mt3620_u16(b + AT_ENTRY_SIZE) != ENTRY_SIZE)
		return wrong(err, AT_ENTRY_SIZE, "the size of an entry",
			     mt3620_u16(b + AT_ENTRY_SIZE), ENTRY_SIZE);
	count = mt3620_u16(b + AT_COUNT);
	if (!count || count > MT3620_IMAGES_MAX)
		return err_set(err, ERR_IMAGES,
			       MT3620_MANIFEST ": byte %d: lists %u images, must be 1..%d",
			       AT_COUNT, count, MT3620_IMAGES_MAX);
	if (n < HEAD_SIZE + (size_t)count * ENTRY_SIZE)
		return err_set(err, ERR_IMAGES,
			       MT3620_MANIFEST ": has %zu bytes, its %u entries end at byte %zu", n,
			       count, HEAD_SIZE + (size_t)count * ENTRY_SIZE);
	for (size_t i = 0; i < count && !r; i++)
		r = parse_entry(out, b + HEAD_SIZE + i * ENTRY_SIZE, HEAD_SIZE + i * ENTRY_SIZE,
				err);
	return r;
}

/* --- the folder --- */

/* size 0: any. */
static int load_file(struct mt3620_images *set, struct arena *a, const char *folder,
		     const char *name, size_t size, int image, struct err *err)
{
	struct mt3620_file *f = &set->file[set->files];
	const char *path = arena_printf(a, "%s/%s", folder, name);
	uint8_t hash[HASH_SIZE];
	char hex[HASH_TEXT], *bytes;
	struct stat st;

	if (stat(path, &st) < 0)
		return err_set(err, errno == ENOENT ? ERR_IMAGES : ERR_FILE, "%s: %s", path,
			       errno == ENOENT ? "is missing; the image set is not complete"
					       : strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_IMAGES, "%s: is no file", path);
	if (st.st_size < 1 || st.st_size > MT3620_FILE_MAX)
		return err_set(err, ERR_IMAGES, "%s: has %lld bytes, must be 1..%d", path,
			       (long long)st.st_size, MT3620_FILE_MAX);
	if (file_read(&bytes, &f->size, a, path, MT3620_FILE_MAX, err) < 0)
		return err->code;
	if (!f->size || (size && f->size != size))
		return err_set(err, ERR_IMAGES, "%s: has %zu bytes, the manifest says %zu", path,
			       f->size, size);
	f->name = arena_strdup(a, name);
	f->bytes = (const uint8_t *)bytes;
	f->image = image;
	hash_bytes(hash, f->bytes, f->size);
	f->sha256 = arena_strdup(a, hash_print(hex, hash));
	set->files++;
	set->images += image != 0;
	set->image_bytes += image ? f->size : 0;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct mt3620_file *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static const char *hash_of_all(const struct mt3620_images *set, struct arena *a)
{
	const struct mt3620_file **sorted = arena_alloc(a, set->files * sizeof(const void *));
	struct sbuf list = { 0 };
	uint8_t hash[HASH_SIZE];
	char hex[HASH_TEXT];

	for (size_t i = 0; i < set->files; i++)
		sorted[i] = &set->file[i];
	qsort(sorted, set->files, sizeof(const void *), by_name);
	for (size_t i = 0; i < set->files; i++)
		sbuf_printf(&list, "%s  %s\n", sorted[i]->sha256, sorted[i]->name);
	hash_bytes(hash, sbuf_str(&list), list.len);
	sbuf_release(&list);
	return arena_strdup(a, hash_print(hex, hash));
}

int mt3620_images_load(struct mt3620_images *out, struct arena *a, const char *folder,
		       struct err *err)
{
	static const char *const always[] = { MT3620_BOOTLOADER, MT3620_RUNTIME, MT3620_MANIFEST };
	enum { ALWAYS = sizeof(always) / sizeof(always[0]) };
	struct mt3620_manifest *m = arena_new(a, struct mt3620_manifest);
	const struct mt3620_file *manifest;
	int r = 0;

	*out = (struct mt3620_images){ 0 };
	out->file = arena_alloc(a, (ALWAYS + MT3620_IMAGES_MAX) * sizeof(*out->file));
	for (size_t i = 0; i < ALWAYS && !r; i++)
		r = load_file(out, a, folder, always[i], 0, 0, err);
	if (r < 0)
		return r;
	manifest = &out->file[ALWAYS - 1];
	if (manifest->size > MT3620_MANIFEST_MAX)
		return err_set(err, ERR_IMAGES, "%s/%s: has %zu bytes, must be 1..%d", folder,
			       manifest->name, manifest->size, MT3620_MANIFEST_MAX);
	r = mt3620_manifest_read(m, manifest->bytes, manifest->size, err);
	if (r < 0)
		return err_wrap(err, "%s", folder);
	for (size_t i = 0; i < m->images && !r; i++)
		r = load_file(out, a, folder, m->image[i].name, m->image[i].size, 1, err);
	if (r < 0)
		return r;
	out->sha256 = hash_of_all(out, a);
	return 0;
}

const struct mt3620_file *mt3620_images_find(const struct mt3620_images *set, const char *name,
					     size_t n)
{
	n = strnlen(name, n);
	for (size_t i = 0; i < set->files; i++)
		if (strlen(set->file[i].name) == n && !memcmp(set->file[i].name, name, n))
			return &set->file[i];
	return NULL;
}
