#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "board/mt3620_os.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_os, .timeout = 20);

/* mt3620.md 7, every row of the table. */
static const char *const versions[] = {
	"22.09",   "20.04 Update 2", "22.11.1", "26.09",
	"TP4.2.1", "TP4.1.0.0",      "20.10",   "20.04 Update 999",
};
static const char *const unknowns[] = {
	"20.1",
	"20.13",
	"20.00",
	"22.09.0",
	"20.04 Update 0",
	"20.04 update 2",
	"20.04  Update 2",
	"20.04 Update",
	"20.04 Update ",
	" 22.09",
	"22.09 ",
	"22.09\n",
	"\t22.09",
	"20.01.eval",
	"22.11-hotfix1",
	"unknown",
	"",
	"22.11.1.2",
	"020.04",
	"9.12",
	"\xef\xbc\x92\xef\xbc\x92.09",
	"20.04 Update 01",
	"20.04 Update 1000",
	"20.04.01",
	"TP",
	"TP4",
	"TP4.2.1.0.0",
	"TP4.",
	"TP04.2",
	"tp4.2.1",
	"22.",
	"22.0",
	"22.090",
	"22.09 Update 1 Update 2",
};

TEST_ROWS(board_mt3620_os, understood, versions)
{
	struct version v;

	cr_expect(mt3620_version_ok(versions[*i]), "%s", versions[*i]);
	cr_expect_eq(version_scan(&v, versions[*i]), 0, "%s has an order", versions[*i]);
}

TEST_ROWS(board_mt3620_os, not_understood, unknowns)
{
	cr_expect_not(mt3620_version_ok(unknowns[*i]), "'%s'", unknowns[*i]);
}

/* mt3620.md 7, the chain. */
Test(board_mt3620_os, order)
{
	static const char *const chain[] = {
		"TP4.1.0.0",      "TP4.2.1", "18.11",   "20.04", "20.04 Update 1",
		"20.04 Update 2", "20.05",   "20.09",   "20.10", "21.07",
		"21.07 Update 1", "22.11",   "22.11.1", "26.09",
	};
	struct version a, b;

	for (size_t i = 1; i < sizeof(chain) / sizeof(chain[0]); i++) {
		cr_assert_eq(version_scan(&a, chain[i - 1]), 0);
		cr_assert_eq(version_scan(&b, chain[i]), 0);
		cr_expect_lt(version_compare(&a, &b), 0, "%s < %s", chain[i - 1], chain[i]);
		cr_expect(mt3620_version_ok(chain[i]));
	}
	cr_assert_eq(version_scan(&a, "22.11.1"), 0);
	cr_assert_eq(version_scan(&b, "22.11 Update 1"), 0);
	cr_expect_eq(version_compare(&a, &b), 0);
}

/* --- by images --- */

#define GUID(x) x "0000000-0000-4000-8000-000000000000"

static const char known[] =
	"{\"versions\":["
	"{\"name\":\"22.07\",\"images\":[{\"cid\":\"" GUID("A") "\",\"iid\":\"" GUID(
		"1") "\"},"
		     "{\"cid\":\"" GUID("B") "\",\"iid\":\"" GUID(
			     "2") "\"}]},"
				  "{\"name\":\"22.07 Update 1\",\"images\":[{\"cid\":\"" GUID("a") "\",\"iid\":\"" GUID(
					  "1") "\"},"
					       "{\"cid\":\"" GUID("b") "\",\"iid\":\"" GUID("2") "\"},{\"cid\":\"" GUID(
						       "c") "\",\"iid\":\"" GUID("3") "\"}]},"
										      "{\"name\":"
										      "\"odd\","
										      "\"images\":["
										      "{\"cid\":"
										      "\"" GUID("d") "\",\"iid\":\"" GUID(
											      "4") "\"}]},"
												   "{\"name\":\"empty\",\"images\":[]}]}";

static const struct match {
	const char *on_board; /* component, image, ...: one letter and one digit each; '-': none */
	const char *name, *why;
} matches[] = {
	{ "a1b2", "22.07", NULL },
	{ "a1b2c3", "22.07 Update 1", NULL },
	{ "a1b2c9", "22.07", NULL },
	{ "a1b2e5", "22.07", NULL },
	{ "a1b9", NULL, "no known release" },
	{ "", NULL, "no known release" },
	{ "a1b2d4", NULL, "as well as" },
	{ "d4", "odd", NULL },
	{ "a1b2e-", NULL, "has no image" },
};

TEST_ROWS(board_mt3620_os, by_images, matches)
{
	const struct match *m = &matches[*i];
	struct rest_component c[8] = { 0 };
	struct rest_images on = { .component = c };
	struct mt3620_releases r;
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *why, *name;

	cr_assert_eq(mt3620_releases_parse(&r, &a, known, strlen(known), &err), 0, "%s", err.text);
	cr_assert_eq(r.count, 4);
	for (const char *p = m->on_board; *p; p += 2) {
		struct rest_component *x = &c[on.count++];

		snprintf(x->uid, sizeof(x->uid), "%c0000000-0000-4000-8000-000000000000", p[0]);
		if (p[1] != '-')
			snprintf(x->image, sizeof(x->image),
				 "%c0000000-0000-4000-8000-000000000000", p[1]);
		x->name = "n";
	}
	name = mt3620_release_of(&why, &a, &r, &on);
	if (m->name)
		cr_expect_str_eq(name ? name : "none", m->name);
	else
		cr_expect(!name && why && strstr(why, m->why), "%s, %s", name ? name : "none",
			  why ? why : "-");
	arena_free(&a);
}

static const char *const bad_files[] = {
	"",
	"{",
	"[]",
	"{}",
	"{\"versions\":{}}",
	"{\"versions\":[]}",
	"{\"versions\":[1]}",
	"{\"versions\":[{\"name\":\"\",\"images\":[]}]}",
	"{\"versions\":[{\"name\":\"22.07\"}]}",
	"{\"versions\":[{\"name\":\"22.07\",\"images\":[{\"cid\":\"x\",\"iid\":\"y\"}]}]}",
	"{\"versions\":[{\"name\":\"22.07\",\"images\":[1]}]}",
};

TEST_ROWS(board_mt3620_os, bad_file, bad_files)
{
	struct mt3620_releases r;
	struct arena a = { 0 };
	struct err err = { 0 };

	cr_expect_eq(mt3620_releases_parse(&r, &a, bad_files[*i], strlen(bad_files[*i]), &err),
		     ERR_CONF);
	cr_expect(*err.text);
	arena_free(&a);
}
