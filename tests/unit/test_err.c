#include <criterion/criterion.h>
#include <string.h>

#include "base/err.h"

TestSuite(err, .timeout = 20);

Test(err, every_code_has_its_row)
{
	for (int c = ERR_FIRST_ + 1; c < ERR_END_; c++) {
		enum err_code code = (enum err_code)c;

		cr_expect_lt(c, 0);
		cr_expect_eq(strncmp(err_name(code), "ERR_", 4), 0, "code %d", c);
		cr_expect_eq(err_find(err_name(code)), code, "%s is there twice", err_name(code));
		cr_expect_gt(strlen(err_what(code)), 5, "%s", err_name(code));
		cr_expect_gt(strlen(err_todo(code)), 5, "%s", err_name(code));
		cr_expect_neq(err_what(code)[strlen(err_what(code)) - 1], '.', "%s",
			      err_name(code));
		cr_expect_neq(err_blame(code), BLAME_NONE, "%s", err_name(code));
		cr_expect_neq(err_verdict(code), VERDICT_NONE, "%s", err_name(code));
		cr_expect_neq(err_verdict(code), VERDICT_PASS, "%s", err_name(code));
		cr_expect_neq(err_verdict(code), VERDICT_SKIP, "%s", err_name(code));
	}
}

Test(err, blame_decides_the_verdict)
{
	cr_expect_eq(err_verdict(ERR_TIMEOUT), VERDICT_FAIL);
	cr_expect_eq(err_verdict(ERR_FIXTURE), VERDICT_ERROR);
	cr_expect_eq(err_verdict(ERR_PLAN), VERDICT_ERROR);
	cr_expect_eq(err_verdict(ERR_STOPPED), VERDICT_ABORT);
	cr_expect_eq(err_verdict(ERR_OK), VERDICT_NONE, "success alone is no PASS");
	cr_expect_str_eq(err_blame_word(err_blame(ERR_TIMEOUT)), "unit");
	cr_expect_eq(err_blame(ERR_OK), BLAME_NONE);
}

Test(err, what_is_unknown_blames_the_station)
{
	cr_expect_eq(err_blame((enum err_code) - 1), BLAME_STATION);
	cr_expect_eq(err_blame((enum err_code) - 5000), BLAME_STATION);
	cr_expect_str_eq(err_name((enum err_code) - 5000), "unknown");
	cr_expect_eq(err_find("ERR_SOMETHING"), ERR_INTERNAL);
	cr_expect_eq(err_find("ERR_OK"), ERR_OK);
	cr_expect_eq(err_blame_find("nobody"), BLAME_STATION);
	cr_expect_eq(verdict_find("pass"), VERDICT_NONE);
}

Test(err, words_there_and_back)
{
	for (int v = 0; v < VERDICT_END_; v++)
		cr_expect_eq(verdict_find(verdict_word((enum verdict)v)), (enum verdict)v);
	for (int b = 0; b < BLAME_END_; b++)
		cr_expect_eq(err_blame_find(err_blame_word((enum err_blame)b)), (enum err_blame)b);
	cr_expect_str_eq(verdict_word(VERDICT_PASS), "PASS");
	cr_expect_eq(VERDICT_NONE, 0);
}

Test(err, a_message_may_hold_the_one_before_it)
{
	struct err err = { 0 };

	err_set(&err, ERR_FILE, "var/records: Permission denied");
	err_set(&err, ERR_STORE, "folder of the record: %s", err.text);
	cr_expect_str_eq(err.text, "folder of the record: var/records: Permission denied");
	cr_expect_eq(err.code, ERR_STORE);
}

Test(err, context_goes_in_front)
{
	struct err e = { 0 };

	cr_expect_eq(err_set(&e, ERR_TIMEOUT, "no line in %d ms", 50), ERR_TIMEOUT);
	cr_expect_eq(err_wrap(&e, "slot %d", 2), ERR_TIMEOUT);
	cr_expect_str_eq(e.text, "slot 2: no line in 50 ms");
}

Test(err, long_text_is_cut_visibly)
{
	struct err e = { 0 };

	err_set(&e, ERR_IO, "%390d", 1);
	err_wrap(&e, "a context of some length");
	cr_expect_eq(strlen(e.text), sizeof(e.text) - 1);
	cr_expect_eq(e.text[sizeof(e.text) - 2], '~');
	cr_expect_eq(strncmp(e.text, "a context", 9), 0);
}
