/* One test per row: what every board family must say about itself; then how
 * boards are found by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "board/board.h"
#include "tests/unit/rows.h"

TestSuite(board_table, .timeout = 20);

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

static int is_sentence(const char *s)
{
	return s && *s && s[strlen(s) - 1] == '.';
}

ParameterizedTestParameters(board_table, row)
{
	static size_t index[64];

	for (size_t i = 0; i < board_table_size; i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, board_table_size);
}

ParameterizedTest(size_t *index, board_table, row, .timeout = 20)
{
	const struct board_driver *d = board_table[*index];
	struct arena a = { 0 };

	cr_assert(d->name && *d->name, "row %zu has no name", *index);
	cr_expect_eq(strspn(d->name, name_chars), strlen(d->name), "%s: name is [a-z0-9_]",
		     d->name);
	cr_expect_eq(board_find(d->name), d, "%s: name is taken by an earlier row", d->name);
	cr_assert(d->summary && *d->summary, "%s: no summary", d->name);
	cr_expect_neq(d->summary[strlen(d->summary) - 1], '.', "%s: summary ends in a stop",
		      d->name);
	cr_expect_lt(d->roles, 1u << ROLE_END_, "%s: a role that does not exist", d->name);
	cr_expect_eq(!d->open, !d->close, "%s: open() without close(), or the reverse", d->name);
	cr_assert_not_null(d->params, "%s: no params", d->name);
	for (const struct param *p = d->params; p->name; p++) {
		cr_expect(is_sentence(p->help), "%s.%s: help", d->name, p->name);
		cr_expect_lt(p->offset, d->profile_size, "%s.%s: outside profile", d->name,
			     p->name);
		cr_expect_eq(param_find(d->params, p->name), p, "%s.%s: twice", d->name, p->name);
		cr_expect_null(param_find(board_profile_params, p->name),
			       "%s.%s: every profile has such a key", d->name, p->name);
	}
	void *profile = arena_alloc(&a, d->profile_size ? d->profile_size : 1);
	const struct param_list *pins;

	param_presets(profile, d->params, &a);
	pins = board_pins(d, profile);
	cr_expect(!pins || pins->count <= 64, "%s: more pins than gpio() has bits", d->name);
	cr_expect(!(board_offers(d, profile) & BOARD_GPIO) || (pins && pins->count),
		  "%s: gpio() without pins", d->name);
	param_release(profile, d->params);
	arena_free(&a);
}

Test(board_table, names_of_operations_and_roles)
{
	for (int i = 0; i < BOARD_OP_COUNT; i++) {
		cr_expect_str_neq(board_op_name((enum board_op)(1 << i)), "unknown");
		cr_expect_gt(strlen(board_op_what((enum board_op)(1 << i))), 4);
	}
	cr_expect_str_eq(board_op_name(BOARD_MAC), "mac");
	cr_expect_str_eq(board_op_name((enum board_op)(1 << BOARD_OP_COUNT)), "unknown");
	cr_expect_str_eq(board_op_name((enum board_op)(BOARD_MAC | BOARD_GPIO)), "unknown");
	cr_expect_str_eq(board_role_name(ROLE_RECOVERY), "recovery");
	cr_expect_str_eq(board_role_name(ROLE_END_), "unknown");
	cr_expect_null(board_find("no such board"));
}

static int no_op(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err)
{
	(void)b;
	(void)until_ms;
	snprintf(out, size, "-");
	return err_set(err, ERR_INTERNAL, "not run here");
}

static uint32_t only_id(const void *profile)
{
	(void)profile;
	return BOARD_DEVICE_ID | BOARD_GPIO; /* the second is in no ops: not offered */
}

Test(board_table, what_a_board_lacks)
{
	struct board_driver d = { .ops = { .os_version = no_op, .device_id = no_op } };

	cr_expect_eq(board_offers(&d, NULL), (uint32_t)(BOARD_OS_VERSION | BOARD_DEVICE_ID));
	cr_expect_null(board_lacks(&d, NULL, BOARD_OS_VERSION));
	cr_expect_null(board_lacks(&d, NULL, 0));
	cr_expect_str_eq(board_lacks(&d, NULL, BOARD_OS_VERSION | BOARD_GPIO), "gpio");
	d.offers = only_id;
	cr_expect_eq(board_offers(&d, NULL), (uint32_t)BOARD_DEVICE_ID);
	cr_expect_str_eq(board_lacks(&d, NULL, BOARD_OS_VERSION), "os_version");
}

Test(board_table, what_a_fixture_does_not_wire)
{
	struct fixture_channel channels[] = { { .role = "console" }, { .role = "debug" } };
	struct fixture f = { .channel = channels, .channels = 2 };
	struct board_driver d = { .roles = 1 << ROLE_CONSOLE | 1 << ROLE_DEBUG };

	cr_expect_null(board_unwired(&d, &f));
	d.roles |= 1 << ROLE_SERVICE;
	cr_expect_str_eq(board_unwired(&d, &f), "service");
	d.roles = 0;
	f.channels = 0;
	cr_expect_null(board_unwired(&d, &f));
}

/* --- by name --- */

static char folder[] = "/tmp/test_board.XXXXXX";

static void put(const char *name, const char *text)
{
	char path[100];
	struct err err = { 0 };

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	cr_assert_eq(file_write(path, text, strlen(text), &err), 0, "%s", err.text);
}

static void drop(const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

Test(board_table, by_name)
{
	struct board_profile *p = NULL;
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };

	cr_assert_not_null(mkdtemp(folder));
	put("lamp.ini", "[board]\nfamily = none\ntitle = A lamp\n");
	put("sick.ini", "[board]\nfamily = none\ncolour = red\n");
	cr_assert_eq(board_profile_load(&p, &a, folder, "none", &f, &err), 0, "%s", err.text);
	cr_expect_null(p->path);
	cr_expect_null(p->sha256);
	cr_assert_eq(board_profile_load(&p, &a, folder, "lamp", &f, &err), 0, "%s", err.text);
	cr_expect_str_eq(p->name, "lamp");
	cr_expect_str_eq(p->title, "A lamp");
	cr_expect_eq(strlen(p->sha256), 64);
	cr_expect_eq(p->driver, board_find("none"));
	board_profile_release(p);
	cr_expect_eq(f.count, 0);

	p = NULL;
	cr_expect_eq(board_profile_load(&p, &a, folder, "sick", &f, &err), ERR_PLAN);
	cr_expect_null(p);
	cr_expect_eq(f.errors, 1);
	cr_expect_eq(board_profile_load(&p, &a, folder, "lmap", &f, &err), ERR_PLAN);
	cr_expect(strstr(err.text, "did you mean 'lamp'?"), "%s", err.text);
	cr_expect_eq(board_profile_load(&p, &a, folder, "../x/lamp", &f, &err), ERR_PLAN);
	cr_expect_eq(board_profile_load(&p, &a, NULL, "lamp", &f, &err), ERR_PLAN);
	cr_expect_eq(f.errors, 1, "who asks has the place, and makes the finding");
	board_profile_release(NULL);
	drop("lamp.ini");
	drop("sick.ini");
	rmdir(folder);
	finding_release(&f);
	arena_free(&a);
}

/* A file that was checked already is refused again. */
Test(board_table, broken_twice)
{
	struct board_profile *p = NULL;
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	char path[100];

	cr_assert_not_null(mkdtemp(folder));
	put("sick.ini", "[board]\nfamily = none\ncolour = red\n");
	snprintf(path, sizeof(path), "%s/sick.ini", folder);
	cr_expect_eq(board_profile_load_file(&p, &a, path, &f, &err), ERR_PLAN);
	cr_expect_eq(board_profile_load_file(&p, &a, path, &f, &err), ERR_PLAN);
	cr_expect_eq(f.count, 1);
	drop("sick.ini");
	cr_expect_eq(board_profile_load_file(&p, &a, path, &f, &err), ERR_FILE);
	rmdir(folder);
	finding_release(&f);
	arena_free(&a);
}
