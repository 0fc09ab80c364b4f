#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/lazy.h"
#include "tests/unit/rows.h"

TestSuite(lazy, .timeout = 20);

static const char *const two[] = { "cos", "floor" };
static const char *const wrong[] = { "cos", "no_such_function", "floor" };
static const struct lazy_library here = { "libm.so.6", "libc6", "sums" };
static const struct lazy_library nowhere = { "libnowhere.so.9", "libnowhere9", "a test" };

Test(lazy, a_library_that_is_not_there_names_its_package)
{
	void *call[2] = { NULL, NULL };
	struct err err = { 0 };

	cr_assert_eq(lazy_need(call, 2, two, &nowhere, &err), ERR_LIBRARY);
	cr_expect(strstr(err.text, "libnowhere.so.9 is for a test, and cannot be loaded: "));
	cr_expect(strstr(err.text, "package libnowhere9"), "%s", err.text);
	cr_expect_str_eq(err_blame_word(err_blame(err.code)), "station");
	cr_expect_null(call[0]);
}

Test(lazy, a_name_that_is_not_there_leaves_no_pointer_behind)
{
	void *call[3] = { NULL, NULL, NULL };
	struct err err = { 0 };

	cr_assert_eq(lazy_need(call, 3, wrong, &here, &err), ERR_LIBRARY);
	cr_expect(strstr(err.text, "no_such_function"), "%s", err.text);
	for (int i = 0; i < 3; i++)
		cr_expect_null(call[i]);
}

Test(lazy, once_loaded_it_asks_no_more)
{
	void *call[2] = { NULL, NULL };
	struct err err = { 0 };
	double (*cosine)(double);

	cr_assert_eq(lazy_need(call, 2, two, &here, &err), 0, "%s", err.text);
	memcpy(&cosine, &call[0], sizeof(cosine));
	cr_expect_eq(cosine(0), 1.0);
	cr_expect_eq(lazy_need(call, 2, two, &nowhere, &err), 0);
}

TEST_ROWS(lazy, every_library_is_on_a_machine_that_builds, lazy_libraries)
{
	const struct lazy_library *l = &lazy_libraries[*i];
	void *call[1] = { NULL };
	struct err err = { 0 };

	/* Each is there; a name that none has is all that is missed. */
	cr_expect_eq(lazy_need(call, 1, &wrong[1], l, &err), ERR_LIBRARY);
	cr_expect(strstr(err.text, "undefined symbol"), "%s", err.text);
	cr_expect(strstr(err.text, l->purpose) && strstr(err.text, l->package), "%s", err.text);
}
