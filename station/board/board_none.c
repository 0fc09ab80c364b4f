/* none -- a unit that the station does not talk to: plans of waits and of
 * questions to the operator, such as a visual inspection. */
#include "board/board.h"

static const struct param params[] = { { .name = NULL } };

const struct board_driver board_none = {
	.name = "none",
	.summary = "a unit that the station does not talk to",
	.params = params,
};
