/* mt3620_recovery_port: requests that get no answer, or a spoiled one. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/mt3620_choice.h"
#include "recovery_station.h"

TestSuite(mt3620_recovery_port, .timeout = 60);

Test(mt3620_recovery_port, a_request_is_repeated_and_then_given_up)
{
	struct mt3620_frame f;
	int asked = 0;

	rs_begin("");
	rs_to_messages();
	for (int i = 0; i < 20; i++) { /* without end, every second */
		cr_assert_eq(rs_listen(&f), 0);
		cr_assert_eq(f.type, MT_MSG_INITIALIZATION);
		cr_expect_eq(f.n, 133);
		cr_expect_eq(rs_get32(f.data), 1);
		cr_expect_str_eq((const char *)f.data + 4, rs_get("device_id"));
	}
	rs_tell(MT_MSG_INITIALIZATION_ACK, NULL, 0);
	while (!rs_listen(&f) && f.type != MT_MSG_RECOVERY_ERROR)
		asked += f.type == MT_MSG_LOG_CONFIG_QUERY;
	cr_expect_eq(asked, 1 + MT_REPEATS);
	cr_expect_eq(rs_get32(f.data), MT_ERROR_CATEGORY << 20 | 203);
	rs_end();
}

Test(mt3620_recovery_port, frames_with_bit_errors_end_in_202)
{
	struct mt3620_frame f;

	rs_begin("");
	rs_to_messages();
	cr_assert_eq(rs_listen(&f), 0);
	rs_tell(MT_MSG_INITIALIZATION_ACK, NULL, 0);
	while (!rs_listen(&f) && f.type != MT_MSG_RECOVERY_ERROR)
		if (f.type == MT_MSG_LOG_CONFIG_QUERY)
			rs_feed("\x02\x05\x02\xa3\x02\x01\x01\x03\x21\x8b", 11);
	cr_expect_eq(rs_get32(f.data), MT_ERROR_CATEGORY << 20 | 202);
	cr_expect_str_eq(rs_get("bad_frames"), "6");
	rs_end();
}
