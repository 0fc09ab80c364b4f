/* Orders that name a unit or need a reason: an engineer's, dispositions, grants. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/dialogue_rig.h"

TestSuite(dialogue_orders, .timeout = 60);

Test(dialogue_orders, an_engineers_order_has_its_reason)
{
	start(4);
	ui_rig_run(&r, 1);
	PRESS(PRESS_F3, PRESS_F4); /* slot 2, its view */
	sent("watch slot=2 text= serial=- reason=- question=0\n");
	PRESS(PRESS_F9);
	cr_expect(ui_rig_golden(&r, "menu-engineer"));
	PRESS(PRESS_F5, PRESS_F12); /* skip */
	sent("");
	PRESS(PRESS_F12);
	sent(""); /* without a reason nothing goes */
	ui_rig_type(&r, "lamp");
	cr_expect(ui_rig_golden(&r, "reason"));
	PRESS(PRESS_F12);
	sent("skip slot=2 text= serial=AS00000002 reason=lamp question=0\n");
	ui_rig_close(&r);
}

/* What an engineer's order is about is what stood there when it was begun. */
Test(dialogue_orders, an_engineers_order_names_unit_and_step)
{
	static const struct {
		enum input_key key;
		const char *order;
	} all[] = {
		{ PRESS_F1, "step slot=1 text=wifi serial=AS00000001 reason=- question=0\n" },
		{ PRESS_F2, "pause slot=1 text= serial=AS00000001 reason=- question=0\n" },
		{ PRESS_F3, "go slot=1 text= serial=AS00000001 reason=- question=0\n" },
		{ PRESS_F4, "repeat slot=1 text=wifi serial=AS00000001 reason=- question=0\n" },
		{ PRESS_F5, "skip slot=1 text=wifi serial=AS00000001 reason=dust question=0\n" },
		{ PRESS_F6, "stop slot=1 text= serial=AS00000001 reason=- question=0\n" },
	};

	start(4);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		ui_rig_run(&r, 0);
		r.slot[0].state = FLOOR_PAUSED;
		r.slot[0].step_id = "wifi";
		PRESS(PRESS_F4, PRESS_F9, all[i].key, PRESS_F12);
		r.slot[0].step_id = "gpio"; /* another one was quicker */
		r.slot[0].serial = "AS00000009";
		if (all[i].key == PRESS_F5) {
			ui_rig_type(&r, "dust");
			PRESS(PRESS_F12);
		}
		cr_expect(strstr(sbuf_str(&r.sent), all[i].order), "%s: %s", all[i].order,
			  sbuf_str(&r.sent));
		sbuf_reset(&r.sent);
		PRESS(PRESS_ESC);
	}
	ui_rig_close(&r);
}

Test(dialogue_orders, a_disposition_asks_for_the_unit)
{
	start(4);
	ui_rig_end(&r, 0, VERDICT_FAIL);
	PRESS(PRESS_F9, PRESS_F5, PRESS_F12);
	sent("");
	PRESS(PRESS_F12);
	sent("dispose slot=- text=scrap serial=AS00000001 reason=- question=0\n");
	ui_rig_close(&r);
}

static void found(int64_t id, const char **serial, size_t n)
{
	static const char *cell[3][2];
	const char **row[3];

	for (size_t i = 0; i < n; i++) {
		cell[i][0] = serial[i];
		row[i] = cell[i];
	}
	ui_reply(&r.ui, &(struct floor_reply){
				.id = id, .ok = 1, .text = "", .code = "", .row = row, .rows = n });
}

/* The unit in the hand is scanned: its serial stands there, and F12 still does it. */
Test(dialogue_orders, a_disposition_takes_the_scan_of_its_unit)
{
	static const char *other[] = { "AS00000099", "AS000000991" }, *none[] = { "" };

	start(4);
	ui_rig_end(&r, 0, VERDICT_FAIL);
	PRESS(PRESS_F9, PRESS_F5, PRESS_F12);
	ui_rig_scan(&r, "]d201040123456789012821AS00000099");
	sent("find slot=- text=]d201040123456789012821AS00000099 serial=- reason=- question=0\n");
	PRESS(PRESS_F12);
	sent(""); /* which unit it is has not been told yet, and it is not the marked one */
	found(r.id - 1, other, 1);
	cr_expect_str_eq(sbuf_str(&r.ui.dialogue.entry), "", "the reply to something else");
	found(r.id, other, 2);
	cr_expect_str_eq(sbuf_str(&r.ui.dialogue.entry), "AS00000099", "the one of this label");
	found(r.id, other, 2);
	sent("");
	PRESS(PRESS_F12);
	sent("dispose slot=- text=scrap serial=AS00000099 reason=- question=0\n");

	PRESS(PRESS_F9, PRESS_F4, PRESS_F12);
	ui_rig_scan(&r, "AS7");
	sent("find slot=- text=AS7 serial=- reason=- question=0\n");
	found(r.id, none, 0);
	cr_expect(r.ui.message.there);
	cr_expect_eq(r.ui.message.kind, FLOOR_NOTICE_NO);
	PRESS(PRESS_F12);
	sent("");
	ui_rig_scan(&r, "BADGE.7.1");
	sent("scan slot=- text=BADGE.7.1 serial=- reason=- question=0\n");
	ui_rig_type(&r, "A");
	PRESS(PRESS_F12);
	sent("dispose slot=- text=rework serial=A reason=- question=0\n");
	ui_rig_close(&r);
}

/* No unit is chosen for whoever scans: a serial is typed, and is what it says. */
Test(dialogue_orders, a_scan_that_may_be_of_two_units_is_of_none)
{
	static const char *both[] = { "2112", "12" };

	start(4);
	PRESS(PRESS_F9, PRESS_F5, PRESS_F12);
	ui_rig_scan(&r, "2112");
	sent("find slot=- text=2112 serial=- reason=- question=0\n");
	found(r.id, both, 2);
	cr_expect_str_eq(sbuf_str(&r.ui.dialogue.entry), "");
	cr_expect(strstr(sbuf_str(&r.ui.message.text), "unit 2112 or 12?"), "%s",
		  sbuf_str(&r.ui.message.text));
	PRESS(PRESS_F12);
	sent("");
	ui_rig_type(&r, "2112");
	PRESS(PRESS_F12);
	sent("dispose slot=- text=scrap serial=2112 reason=- question=0\n");
	ui_rig_close(&r);
}

Test(dialogue_orders, a_grant_takes_the_scan_of_its_unit_and_its_reason_takes_none)
{
	static const char *one[] = { "AS00000099" };

	start(4);
	PRESS(PRESS_F4);
	sent("watch slot=1 text= serial=- reason=- question=0\n");
	PRESS(PRESS_F9, PRESS_UP, PRESS_UP, PRESS_F12);
	ui_rig_scan(&r, "AS00000099");
	sent("find slot=- text=AS00000099 serial=- reason=- question=0\n");
	found(r.id, one, 1);
	PRESS(PRESS_F12);
	ui_rig_scan(&r, "AS00000100");
	sent("scan slot=- text=AS00000100 serial=- reason=- question=0\n");
	PRESS(PRESS_F12);
	sent("");
	ui_rig_type(&r, "lamp");
	PRESS(PRESS_F12);
	sent("grant slot=- text=AS00000099 serial=- reason=lamp question=0\n");
	ui_rig_close(&r);
}

Test(dialogue_orders, a_unit_that_passed_is_not_offered_for_a_disposition)
{
	start(4);
	ui_rig_end(&r, 0, VERDICT_PASS);
	PRESS(PRESS_F9, PRESS_F5, PRESS_F12, PRESS_F12);
	sent("");
	cr_expect_str_eq(sbuf_str(&r.ui.dialogue.entry), "");
	ui_rig_type(&r, "A");
	PRESS(PRESS_F12);
	sent("dispose slot=- text=scrap serial=A reason=- question=0\n");
	ui_rig_close(&r);
}
