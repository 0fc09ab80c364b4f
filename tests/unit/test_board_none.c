#include "board/board.h"
#include "tests/unit/rows.h"

TestSuite(board_none, .timeout = 20);

Test(board_none, offers_and_needs_nothing)
{
	const struct board_driver *d = board_find("none");
	struct fixture bare = { .id = "FX" };

	cr_assert_not_null(d);
	cr_expect_eq(board_offers(d, NULL), 0u);
	cr_expect_null(board_unwired(d, &bare));
	cr_expect_str_eq(board_lacks(d, NULL, BOARD_ASK), "ask");
	cr_expect_null(board_pins(d, NULL));
}
