/* ops: which slots of a fixture are in the way of a driver that listens itself */
#include <criterion/criterion.h>

#include "board/board.h"
#include "rows.h"

TestSuite(board_ops, .timeout = 20);

static int at_7000(const void *profile, const struct fixture_slot *s)
{
	(void)profile;
	return s->number == 2 ? 7000 : 0;
}

static const struct {
	const char *first, *second; /* network of slots 1 and 2; the driver listens for slot 2 */
	int taken;                  /* slot that is in the way; 0: none */
} networks[] = {
	{ "127.0.0.1:5201", "127.0.0.1:5202", 0 },
	{ "127.0.0.1:7000", "127.0.0.1:5202", 1 },
	{ "127.0.0.1:5201", "127.0.0.1:7000", 2 },
	{ "127.0.0.2:7000", "127.0.0.1:5202", 0 },
	{ "0.0.0.0:7000", "127.0.0.1:5202", 1 },
	{ "[0::0]:7000", "127.0.0.1:5202", 1 },
	{ "127.0.0.1:7000", "[::]:5202", 1 },
	{ "[fd00:0::1]:7000", "[FD00::1]:5202", 1 },
	{ "[::ffff:127.0.0.1]:7000", "127.0.0.1:5202", 1 },
	{ "127.0.0.1:7000", NULL, 0 },
	{ NULL, "127.0.0.1:5202", 0 },
};

TEST_ROWS(board_ops, a_network_that_the_driver_has, networks)
{
	struct fixture_slot slot[] = { { .number = 1, .network = networks[*i].first },
				       { .number = 2, .network = networks[*i].second } };
	const struct fixture f = { .slot = slot, .slots = 2 };
	const struct board_driver d = { .name = "listens", .listens = at_7000 };
	const struct fixture_slot *by = NULL, *s = board_port_taken(&by, &d, NULL, &f);

	cr_expect_eq(s ? s->number : 0, networks[*i].taken, "row %zu: slot %d", *i,
		     s ? s->number : 0);
	cr_expect_eq(by, s ? &slot[1] : NULL, "row %zu", *i);
}
