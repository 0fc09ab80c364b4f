#include <criterion/criterion.h>

#include "board/mt3620_rest.h"

TestSuite(board_mt3620_rest, .timeout = 20);

Test(board_mt3620_rest, api_versions)
{
	cr_expect(rest_api_at_least("4.5.0", "4.5.0"));
	cr_expect(rest_api_at_least("4.10.0", "4.5.0"));
	cr_expect(rest_api_at_least("5.0.0", "4.5.0"));
	cr_expect_not(rest_api_at_least("4.4.9", "4.5.0"));
	cr_expect_not(rest_api_at_least("", "4.5.0"));
	cr_expect_not(rest_api_at_least("4.6", "4.5.0"));
	cr_expect_not(rest_api_at_least("4.6.0x", "4.5.0"));
	cr_expect_not(rest_api_at_least("new", "4.5.0"));
}
