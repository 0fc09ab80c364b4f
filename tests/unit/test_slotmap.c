/* One line of a fixture file is replaced, and nothing else. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "floor/slotmap.h"

static const char before[] = "; the fixture of line 3\n"
			     "[fixture]\n"
			     "id = FX-1 ; as on its plate\n"
			     "board = none\n"
			     "[slot 1]\n"
			     "usb   =  1-1.1   ; left\n"
			     "[slot 2] ; right\n"
			     "usb = 1-1.2\n";

static char dir[] = "/tmp/slotmap-XXXXXX", path[64];

static void begin(void)
{
	struct err err = { 0 };

	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fx.ini", dir);
	cr_assert_eq(file_write(path, before, sizeof(before) - 1, &err), 0);
}

static const char *text(struct arena *a)
{
	struct err err = { 0 };
	char *out = NULL;
	size_t len;

	cr_assert_eq(file_read(&out, &len, a, path, 10000, &err), 0, "%s", err.text);
	return out;
}

static void end(void)
{
	char trial[80];

	snprintf(trial, sizeof(trial), "%s.new", path);
	cr_expect(access(trial, F_OK), "the trial file stays");
	unlink(path);
	cr_expect_eq(rmdir(dir), 0);
}

TestSuite(slotmap, .init = begin, .fini = end);

Test(slotmap, the_line_is_replaced_and_comments_stay)
{
	struct arena a = { 0 };
	struct err err = { 0 };

	cr_assert_eq(slotmap_write(path, "1", "2-1.4.3", &err), 0, "%s", err.text);
	cr_expect_str_eq(text(&a), "; the fixture of line 3\n"
				   "[fixture]\n"
				   "id = FX-1 ; as on its plate\n"
				   "board = none\n"
				   "[slot 1]\n"
				   "usb   =  2-1.4.3   ; left\n"
				   "[slot 2] ; right\n"
				   "usb = 1-1.2\n");
	cr_assert_eq(slotmap_write(path, "2", "1-1.1", &err), 0, "%s", err.text);
	cr_expect(strstr(text(&a), "[slot 2] ; right\nusb = 1-1.1\n"));
	arena_free(&a);
}

Test(slotmap, what_would_be_wrong_changes_nothing)
{
	static const struct {
		const char *slot, *usb, *says;
	} cases[] = {
		{ "3", "1-1.3", "has no [slot 3]" },
		{ "1", "1-1.2", "1-1.2" }, /* the other slot's */
		{ "1", "", "looks as" },
		{ "1", "1-1.3\nid = X", "looks as" },
		{ "1", "1", "not with usb = 1" },
		{ "1", "0-0", "not with usb = 0-0" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { 0 };

		cr_expect_neq(slotmap_write(path, cases[i].slot, cases[i].usb, &err), 0);
		cr_expect(strstr(err.text, cases[i].says), "%s", err.text);
		cr_expect_str_eq(text(&a), before);
	}
	arena_free(&a);
}
