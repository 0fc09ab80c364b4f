#include "board/mt3620_images.h"

#include <sys/stat.h>

#include "base/hash.h"
#include "tests/unit/board_mt3620_set.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_images, .timeout = 20);

Test(board_mt3620_images, good)
{
	struct mt3620_images set;
	struct mt3620_set s;
	struct arena a = { 0 };
	struct err err = { 0 };
	char command[300], sum[80] = "";
	const struct mt3620_file *f;
	FILE *p;

	set_make(&s, 17, 500);
	cr_assert_eq(mt3620_images_load(&set, &a, s.folder, &err), 0, "%s", err.text);
	cr_expect_eq(set.files, 20);
	cr_expect_eq(set.images, 17);
	cr_expect_eq(set.image_bytes, 17 * 500 + 16 * 17 / 2);
	cr_expect_str_eq(set.file[0].name, "recovery-1bl-rtm.bin");
	cr_expect_str_eq(set.file[3].name, set_image_name(0));
	cr_expect_eq(set.file[19].size, 516);
	cr_expect_eq(set.file[2].image, 0);
	cr_expect_eq(set.file[3].image, 1);
	/* Anyone can check the hash of the set. */
	snprintf(command, sizeof(command),
		 "cd '%s' && LC_ALL=C sha256sum * | sha256sum | cut -d' ' -f1", s.folder);
	p = popen(command, "re");
	cr_assert_not_null(fgets(sum, sizeof(sum), p));
	pclose(p);
	sum[strcspn(sum, "\n")] = '\0';
	cr_expect_str_eq(set.sha256, sum);
	f = mt3620_images_find(&set, set_image_name(4), 37);
	cr_assert_not_null(f);
	cr_expect_eq(f->size, 504);
	cr_expect_null(mt3620_images_find(&set, "../recovery-runtime.bin", 24));
	cr_expect_null(mt3620_images_find(&set, "recovery-runtime.bin", 5));
	cr_expect_null(mt3620_images_find(&set, "", 1));
	arena_free(&a);
	set_remove(&s);
}

enum spoil {
	MISSING_IMAGE,
	SHORT_IMAGE,
	LONG_IMAGE,
	EMPTY,
	FOLDER,
	NO_MANIFEST,
	NO_RUNTIME,
	NOTHING
};
static const struct spoiled {
	enum spoil how;
	const char *told; /* behind the folder's name */
} spoils[] = {
	{ MISSING_IMAGE,
	  "/00000003000000000000000000000000.bin: is missing; the image set is not complete" },
	{ SHORT_IMAGE,
	  "/00000002000000000000000000000000.bin: has 100 bytes, the manifest says 301" },
	{ LONG_IMAGE,
	  "/00000002000000000000000000000000.bin: has 302 bytes, the manifest says 301" },
	{ EMPTY, "/recovery-runtime.bin: has 0 bytes, must be 1..16777216" },
	{ FOLDER, "/recovery-1bl-rtm.bin: is no file" },
	{ NO_MANIFEST, "/recovery.imagemanifest: is missing; the image set is not complete" },
	{ NO_RUNTIME, "/recovery-runtime.bin: is missing; the image set is not complete" },
	{ NOTHING, "/recovery-1bl-rtm.bin: is missing; the image set is not complete" },
};

TEST_ROWS(board_mt3620_images, spoiled, spoils)
{
	struct mt3620_images set;
	struct mt3620_set s;
	struct arena a = { 0 };
	struct err err = { 0 };

	set_make(&s, 3, 300);
	switch (spoils[*i].how) {
	case MISSING_IMAGE:
		unlink(set_path(&s, set_image_name(2)));
		break;
	case SHORT_IMAGE:
		set_file(&s, set_image_name(1), 100, 0);
		break;
	case LONG_IMAGE:
		set_file(&s, set_image_name(1), 302, 0);
		break;
	case EMPTY:
		set_file(&s, "recovery-runtime.bin", 0, 0);
		break;
	case FOLDER:
		unlink(set_path(&s, "recovery-1bl-rtm.bin"));
		mkdir(set_path(&s, "recovery-1bl-rtm.bin"), 0755);
		break;
	case NO_MANIFEST:
		unlink(set_path(&s, "recovery.imagemanifest"));
		break;
	case NO_RUNTIME:
		unlink(set_path(&s, "recovery-runtime.bin"));
		break;
	case NOTHING:
		set_remove(&s);
		break;
	}
	cr_expect_eq(mt3620_images_load(&set, &a, s.folder, &err), ERR_IMAGES, "row %zu", *i);
	cr_expect_str_eq(err.text + strlen(s.folder), spoils[*i].told);
	arena_free(&a);
	set_remove(&s);
}

static const struct patch {
	size_t size; /* of the manifest; 0: as it is */
	int at;
	uint32_t value; /* four bytes */
	const char *told;
} patches[] = {
	{ 15, 0, 0, "recovery.imagemanifest: has 15 bytes, a header alone has 16" },
	{ 0, 0, 0x00030002, "recovery.imagemanifest: byte 0: its version is 2, must be 3" },
	{ 0, 4, 0x004c0020,
	  "recovery.imagemanifest: byte 4: the size of the header is 32, must be 16" },
	{ 0, 4, 0x00480010,
	  "recovery.imagemanifest: byte 6: the size of an entry is 72, must be 76" },
	{ 0, 0, 0x00000003, "recovery.imagemanifest: byte 2: lists 0 images, must be 1..100" },
	{ 0, 0, 0xffff0003, "recovery.imagemanifest: byte 2: lists 65535 images, must be 1..100" },
	{ 243, 0, 0x00030003,
	  "recovery.imagemanifest: has 243 bytes, its 3 entries end at byte 244" },
	{ 0, 16 + 76, 1,
	  "recovery.imagemanifest: byte 92: 00000001000000000000000000000000.bin is listed a "
	  "second time" },
	{ 0, 16 + 36, 0,
	  "recovery.imagemanifest: byte 52: 00000001000000000000000000000000.bin has a size of 0 "
	  "bytes, must be 1..16777216" },
	{ 0, 16 + 36, 0xffffffff,
	  "recovery.imagemanifest: byte 52: 00000001000000000000000000000000.bin has a size of "
	  "4294967295 bytes, must be 1..16777216" },
};

TEST_ROWS(board_mt3620_images, manifest, patches)
{
	const struct patch *p = &patches[*i];
	struct mt3620_images set;
	struct mt3620_set s;
	struct arena a = { 0 };
	struct err err = { 0 };

	set_make(&s, 3, 300);
	if (p->size)
		s.manifest_size = p->size;
	if (!p->size || p->value)
		mt3620_put32(s.manifest + p->at, p->value);
	set_write_manifest(&s);
	cr_expect_eq(mt3620_images_load(&set, &a, s.folder, &err), ERR_IMAGES, "row %zu", *i);
	cr_assert_not_null(strstr(err.text, "recovery.imagemanifest"), "%s", err.text);
	cr_expect_str_eq(strstr(err.text, "recovery.imagemanifest"), p->told);
	arena_free(&a);
	set_remove(&s);
}

/* The first three fields of a GUID are turned. */
Test(board_mt3620_images, names_are_guids)
{
	uint8_t b[16 + 76] = { 3, 0, 1, 0, 16, 0, 76 };
	struct mt3620_manifest *m = calloc(1, sizeof(*m));
	struct err err = { 0 };

	for (int i = 0; i < 16; i++)
		b[16 + i] = (uint8_t)(0xa0 + i);
	b[16 + 32] = 7;
	b[16 + 36] = 200;
	cr_assert_eq(mt3620_manifest_read(m, b, sizeof(b), &err), 0, "%s", err.text);
	cr_expect_str_eq(m->image[0].name, "a3a2a1a0a5a4a7a6a8a9aaabacadaeaf.bin");
	cr_expect_eq(m->image[0].type, 7);
	cr_expect_eq(m->image[0].size, 200);
	cr_expect_eq(m->bytes, 200);
	free(m);
}
