/* mt3620_manifest, mt3620_images: the format, its mistakes, and whole sets */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "rows.h"
#include "virtual/mt3620_images.h"

TestSuite(mt3620_manifest, .timeout = 20);

Test(mt3620_manifest, guids_stand_with_their_first_fields_turned)
{
	static const uint8_t file[16] = { 0xb4, 0x33, 0x9b, 0x2b, 0xa0, 0xd6, 0xf0, 0x40,
					  0x9c, 0xc6, 0x75, 0xa3, 0x00, 0x39, 0x79, 0xbe };
	char text[MT_GUID_TEXT], name[MT_FILE_NAME];
	struct mt3620_image image = { 0 };
	uint8_t back[16];

	cr_expect_str_eq(mt3620_guid_print(text, file), "2b9b33b4-d6a0-40f0-9cc6-75a3003979be");
	cr_expect_eq(mt3620_guid_scan(back, text), 0);
	cr_expect_arr_eq(back, file, 16);
	memcpy(image.image, text, sizeof(text));
	cr_expect_str_eq(mt3620_file_name(name, &image), "2b9b33b4d6a040f09cc675a3003979be.bin");
	cr_expect_eq(mt3620_guid_scan(back, "2b9b33b4d6a040f09cc675a3003979be"), -1);
	cr_expect_eq(mt3620_guid_scan(back, "2b9b33b4-d6a0-40f0-9cc6-75a3003979b"), -1);
	cr_expect_eq(mt3620_guid_scan(back, "2b9b33b4-d6a0-40f0-9cc6-75a3003979be0"), -1);
	cr_expect_eq(mt3620_guid_scan(back, "2b9b33b4-d6a0-40f0-9cc6-75a3003979bx"), -1);
	cr_expect_eq(mt3620_guid_scan(back, ""), -1);
}

static size_t make(uint8_t out[MT_MANIFEST_MAX], struct mt3620_manifest *m, size_t images)
{
	struct rng r = { .state = 9 };

	mt3620_images_describe(m, "24.06", images, 300000, 5);
	return mt3620_manifest_print(out, m, &r);
}

Test(mt3620_manifest, written_and_read)
{
	uint8_t bytes[MT_MANIFEST_MAX];
	struct mt3620_manifest m, back;
	size_t n = make(bytes, &m, 17);

	cr_assert_eq(n, 1496); /* as the one of release 20.05 */
	cr_assert_eq(mt3620_manifest_parse(&back, bytes, n), 0);
	cr_expect_eq(back.count, 17);
	cr_expect_eq(back.bytes, 300000);
	cr_expect_eq(back.built, m.built);
	for (size_t i = 0; i < 17; i++) {
		cr_expect_str_eq(back.image[i].image, m.image[i].image);
		cr_expect_str_eq(back.image[i].component, m.image[i].component);
		cr_expect_eq(back.image[i].type, m.image[i].type);
		cr_expect_eq(back.image[i].size, m.image[i].size);
		cr_expect_eq(back.image[i].uncompressed, m.image[i].uncompressed);
	}
}

/* One change to a good manifest of three images, and what the board says to it. */
static const struct {
	const char *what;
	size_t at, cut; /* byte that is set, or how much is cut off the end */
	uint8_t to;
	int id;
} mistakes[] = {
	{ "nothing", 0, 0, 3, 0 },
	{ "version", 0, 0, 2, 3 },
	{ "header size", 4, 0, 17, 1 },
	{ "entry size", 6, 0, 75, 1 },
	{ "no image", 2, 0, 0, 1 },
	{ "more images than bytes", 2, 0, 40, 1 },
	{ "too many images", 3, 0, 1, 11 },
	{ "metadata", 16 + 17 * 76, 0, 'x', 5 },
	{ "cut in the signature", 0, 140, 3, 5 },
	{ "cut in the entries", 0, 188 + 40, 3, 1 },
	{ "cut in the header", 0, 1490, 3, 1 },
	{ "huge image", 16 + 39, 0, 0xff, 8 },
};

TEST_ROWS(mt3620_manifest, mistakes, mistakes)
{
	uint8_t bytes[MT_MANIFEST_MAX];
	struct mt3620_manifest m;
	size_t n = make(bytes, &m, 17);

	bytes[mistakes[*i].at] = mistakes[*i].to;
	cr_expect_eq(mt3620_manifest_parse(&m, bytes, n - mistakes[*i].cut), mistakes[*i].id, "%s",
		     mistakes[*i].what);
}

Test(mt3620_manifest, ids_and_sizes_that_cannot_be)
{
	uint8_t bytes[MT_MANIFEST_MAX];
	struct mt3620_manifest m;
	size_t n = make(bytes, &m, 17);

	memcpy(bytes + 16 + 76, bytes + 16, 16);
	cr_expect_eq(mt3620_manifest_parse(&m, bytes, n), 114);
	n = make(bytes, &m, 17);
	memset(bytes + 16, 0, 16);
	cr_expect_eq(mt3620_manifest_parse(&m, bytes, n), 7);
	n = make(bytes, &m, 17);
	memset(bytes + 32, 0, 16);
	cr_expect_eq(mt3620_manifest_parse(&m, bytes, n), 6);
	n = make(bytes, &m, 17);
	memset(bytes + 16 + 36, 0, 4);
	cr_expect_eq(mt3620_manifest_parse(&m, bytes, n), 8);
	cr_expect_eq(mt3620_manifest_parse(&m, NULL, 0), 1);
}

/* --- dummies --- */

Test(mt3620_manifest, a_dummy_shows_every_wrong_byte)
{
	struct mt3620_dummy d = { "image", "NW Kernel", "24.06" }, back;
	struct rng r = { .state = 3 };
	struct sbuf file = { 0 };

	mt3620_dummy_print(&file, &d, 700, &r);
	cr_assert_eq(file.len, 700);
	cr_assert_eq(mt3620_dummy_read(&back, (uint8_t *)file.data, file.len), 0);
	cr_expect_str_eq(back.kind, "image");
	cr_expect_str_eq(back.name, "NW Kernel");
	cr_expect_str_eq(back.os, "24.06");
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= 0x20;
		cr_expect_eq(mt3620_dummy_read(&back, (uint8_t *)file.data, file.len), -1, "%zu",
			     i);
		file.data[i] ^= 0x20;
	}
	cr_expect_eq(mt3620_dummy_read(&back, (uint8_t *)file.data, file.len - 1), -1);
	cr_expect_eq(mt3620_dummy_read(&back, (const uint8_t *)"something else", 14), 1);
	sbuf_release(&file);
}

/* --- sets --- */

static char folder[64];

static off_t size_of(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return stat(path, &st) ? -1 : st.st_size;
}

static void remove_folder(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	cr_expect_eq(system(command), 0);
}

static void write_set(struct mt3620_images_wish *w)
{
	struct err err = { 0 };

	snprintf(folder, sizeof(folder), "/tmp/test_images.XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	w->folder = folder;
	cr_assert_eq(mt3620_images_write(w, &err), 0, "%s", err.text);
}

static const struct {
	int64_t images, bytes;
} sets[] = { { 14, 200000 },
	     { 17, 5390752 },
	     { 20, 200000 },
	     { 16, 5558148 },
	     { 20, 2 * 20 * MT_DUMMY_MIN } };

TEST_ROWS(mt3620_manifest, sets, sets)
{
	struct mt3620_images_wish w = {
		.os = "22.09", .images = sets[*i].images, .bytes = sets[*i].bytes, .seed = 7
	};
	char name[MT_FILE_NAME], path[128];
	struct arena a = { 0 };
	struct err err = { 0 };
	struct mt3620_manifest m;
	int64_t all = 0;
	char *text;
	size_t n;

	write_set(&w);
	cr_expect_eq(size_of("recovery-1bl-rtm.bin"), 16384);
	cr_expect_eq(size_of("recovery-runtime.bin"), 60836);
	snprintf(path, sizeof(path), "%s/recovery.imagemanifest", folder);
	cr_assert_eq(file_read(&text, &n, &a, path, 100000, &err), 0);
	cr_assert_eq(mt3620_manifest_parse(&m, (uint8_t *)text, n), 0);
	cr_expect_eq(m.count, (size_t)sets[*i].images);
	for (size_t k = 0; k < m.count; k++) {
		off_t size = size_of(mt3620_file_name(name, &m.image[k]));

		cr_expect_eq(size, m.image[k].size, "%s", name);
		cr_expect_neq(m.image[k].type, 10); /* an application */
		all += size;
	}
	cr_expect_eq(all, sets[*i].bytes);
	arena_free(&a);
	remove_folder();
}

Test(mt3620_manifest, the_versions_file_tells_the_systems_apart)
{
	struct mt3620_images_wish w = { .os = "22.09",
					.releases = "23.05, 20.04 Update 2,22.09",
					.images = 14,
					.bytes = 20000,
					.seed = 1 };
	static const char *const names[] = { "22.09", "23.05", "20.04 Update 2" };
	const char *first[3], *cid[3];
	char path[128];
	json_t *root, *versions;

	write_set(&w);
	snprintf(path, sizeof(path), "%s/mt3620an.json", folder);
	root = json_load_file(path, 0, NULL);
	cr_assert_not_null(root);
	versions = json_object_get(root, "versions");
	cr_assert_eq(json_array_size(versions), 3);
	for (size_t i = 0; i < 3; i++) {
		json_t *v = json_array_get(versions, i), *images = json_object_get(v, "images");

		cr_expect_str_eq(json_string_value(json_object_get(v, "name")), names[i]);
		cr_assert_eq(json_array_size(images), 14);
		cid[i] = json_string_value(json_object_get(json_array_get(images, 0), "cid"));
		first[i] = json_string_value(json_object_get(json_array_get(images, 0), "iid"));
	}
	cr_expect_str_eq(cid[0], cid[1]);
	cr_expect_str_neq(first[0], first[1]);
	cr_expect_str_neq(first[1], first[2]);
	json_decref(root);
	remove_folder();
}

Test(mt3620_manifest, wishes_that_cannot_be)
{
	static const struct mt3620_images_wish wishes[] = {
		{ .folder = "/tmp/none", .os = "22.09", .images = 13, .bytes = 200000 },
		{ .folder = "/tmp/none", .os = "22.09", .images = 21, .bytes = 200000 },
		{ .folder = "/tmp/none", .os = "22.09", .images = 17, .bytes = 100 },
		{ .folder = "/tmp/none", .os = "22.09", .images = 17, .bytes = 1 << 30 },
		{ .folder = "/tmp/none", .os = "", .images = 17, .bytes = 200000 },
	};

	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		struct err err = { 0 };

		cr_expect_eq(mt3620_images_write(&wishes[i], &err), ERR_USAGE, "%zu", i);
		cr_expect(err.text[0]);
	}
	cr_expect_neq(access("/tmp/none", F_OK), 0);
}
