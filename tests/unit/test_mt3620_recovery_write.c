/* mt3620_recovery_write: the change of the rate, images that count, the boot behind them. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/mt3620_choice.h"
#include "recovery_station.h"

TestSuite(mt3620_recovery_write, .timeout = 60);

Test(mt3620_recovery_write, it_switches_fifty_milliseconds_after_the_answer)
{
	struct mt3620_frame f;

	rs_begin("");
	memory_run(&rs.m, 400);
	rs_to_messages();
	for (;;) {
		cr_assert_eq(rs_listen(&f), 0);
		if (f.type == MT_MSG_INITIALIZATION)
			rs_tell(MT_MSG_INITIALIZATION_ACK, NULL, 0);
		else if (f.type == MT_MSG_LOG_CONFIG_QUERY)
			rs_tell_byte(MT_MSG_SIMPLE_QUERY_ACK, 0);
		else if (f.type == MT_MSG_REQUEST_CAPABILITY)
			rs_tell_byte(MT_MSG_IMAGE_REQUEST_ERROR, 1);
		else if (f.type == MT_MSG_REQUEST_BY_FILENAME)
			cr_assert_eq(rs_serve(&f), 0);
		else if (f.type == MT_MSG_BAUDRATE_SWITCH_QUERY)
			break;
	}
	rs_tell_byte(MT_MSG_SIMPLE_QUERY_ACK, 1);
	memory_run(&rs.m, MT_SWITCH_AFTER_MS - 1);
	cr_expect_eq(rs.m.baud[D], MT_RATE_TEXT);
	memory_run(&rs.m, 1);
	cr_expect_eq(rs.m.baud[D], MT_RATE_FAST);
	/* Nobody answers: six times at the new rate, six at the old one, then 39.12. */
	rs.spoil = NO_READY;
	sbuf_reset(&rs.trail);
	memory_run(&rs.m, MT_STATUS_TRIES * MT_STATUS_EVERY_MS);
	cr_expect_eq(rs.m.baud[D], MT_RATE_TEXT);
	cr_expect_eq(rs.m.rtscts[D], 1);
	cr_expect_eq(rs_session(), 12);
	cr_expect_eq(rs.trail.len, strlen("status0 ") * 2 * MT_STATUS_TRIES - 1);
	rs_end();
}

Test(mt3620_recovery_write, wrong_images_are_counted_at_the_right_place)
{
	rs_begin("fault = stalls_at 3\n");
	rs_recover();
	cr_expect_eq(rs.progress, 3); /* none, first, second */
	rs_end();
	rs_begin("fault = dies_at 3\n");
	rs_recover();
	cr_expect_eq(rs.progress, 3);
	/* Nothing boots what was half written, a recovery does. */
	rs_reset();
	cr_expect_str_eq(rs_get("state"), "dead");
	cr_expect_eq(rs.m.said[D].len, 0);
	cr_expect_eq(rs_recover(), RS_COMPLETE);
	memory_run(&rs.m, 1000);
	cr_expect_str_eq(rs_get("state"), "running");
	rs_end();
}

Test(mt3620_recovery_write, boards_that_do_not_come_back)
{
	static const struct {
		const char *fault, *after_a_reset;
	} row[] = {
		{ "fault = needs_second_reset\n", "running" },
		{ "fault = recovery_never_returns\n", "dead" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		rs_begin(row[i].fault);
		memory_run(&rs.m, 1000);
		cr_expect_str_eq(rs_get("state"), "running", "%s", row[i].fault);
		cr_assert_eq(rs_recover(), RS_COMPLETE, "%s", row[i].fault);
		rs_release();
		memory_run(&rs.m, 3000);
		cr_expect_str_eq(rs_get("state"), "dead", "%s", row[i].fault);
		rs_reset();
		cr_expect_str_eq(rs_get("state"), row[i].after_a_reset, "%s", row[i].fault);
		rs_end();
	}
}
