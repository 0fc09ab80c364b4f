/* mt3620_flash: what a recovery takes, leaves and makes new. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/mt3620_choice.h"
#include "recovery_station.h"
#include "rows.h"
#include "virtual/mt3620.h"

TestSuite(mt3620_flash, .timeout = 60);

static const char *const macs[] = { "", "mac_not_new", "mac_volatile", "mac_constant" };

/* The board configuration does not survive a recovery; here it is put back as the
 * station does it, by the flash's own call. */
static const char *mac_after_recovery(void)
{
	struct mt3620_image config = { .component = MT_BOARD_CONFIG_COMPONENT,
				       .image = "11111111-2222-4333-8444-555555555555",
				       .type = 21,
				       .name = "lan" };

	cr_assert_eq(rs_recover(), RS_COMPLETE);
	rs_release();
	memory_run(&rs.m, 1000);
	cr_expect_str_eq(rs_get("mac"), "");
	cr_assert_eq(mt3620_flash_install(rs.m.fw, &config), 0);
	rs_reset();
	return rs_get("mac");
}

TEST_ROWS(mt3620_flash, macs, macs)
{
	char keys[64], first[18], second[18], third[18];

	snprintf(keys, sizeof(keys), "fault = %s\n", macs[*i]);
	rs_begin(keys);
	memory_run(&rs.m, 400);
	snprintf(first, sizeof(first), "%s", rs_get("mac"));
	rs_reset();
	cr_expect_eq(!strcmp(rs_get("mac"), first), strcmp(macs[*i], "mac_volatile") != 0, "%s",
		     macs[*i]);
	snprintf(second, sizeof(second), "%s", mac_after_recovery());
	cr_expect_eq(strlen(second), 17, "%s", macs[*i]);
	cr_expect_eq(!strcmp(first, second), !strcmp(macs[*i], "mac_not_new"), "%s", macs[*i]);
	snprintf(third, sizeof(third), "%s", mac_after_recovery());
	cr_expect_eq(!strcmp(second, third),
		     !strcmp(macs[*i], "mac_not_new") || !strcmp(macs[*i], "mac_constant"), "%s",
		     macs[*i]);
	if (!strcmp(macs[*i], "mac_constant"))
		cr_expect_str_eq(second, MT_MAC_OF_2007);
	rs_end();
}

Test(mt3620_flash, the_manufacturing_state_and_the_id_survive)
{
	char id[129];

	rs_begin("made = DeviceComplete\n");
	memory_run(&rs.m, 400);
	snprintf(id, sizeof(id), "%s", rs_get("device_id"));
	cr_assert_eq(rs_recover(), RS_COMPLETE);
	memory_run(&rs.m, 1000);
	cr_expect_str_eq(rs_get("device_id"), id);
	cr_expect_str_eq(rs_get("made"), "DeviceComplete");
	rs_end();
}
