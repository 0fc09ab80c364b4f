/* ui_notices: what the station says to an operator, in its own words. */
#include <string.h>

#include "tests/unit/ui_states.h"

/* Every code that the station says something with, as it says it. Reasons of the policy are
 * found by their word. */
static const struct floor_notice notices[] = {
	{ FLOOR_NOTICE_NO, NULL,
	  "serial 'XX01' does not fit the pattern of rdb.ini: scan the unit's own label",
	  "wrong_format" },
	{ FLOOR_NOTICE_NO, NULL,
	  "serial '4006381333932' ends in '2', its GS1 (mod 10) check digit would be '1': scan "
	  "again, or look for a misprint",
	  "wrong_check_digit" },
	{ FLOOR_NOTICE_NO, NULL, "the label is of product 04012345678901, which is not the plan's",
	  "wrong_code" },
	{ FLOOR_NOTICE_NO, NULL,
	  "no plan wants label 'XX01': scan the unit's own label; plans here: rdb.ini", "no_plan" },
	{ FLOOR_NOTICE_NO, NULL,
	  "2 plans want this label: rdb.ini, rdb2.ini; tell them apart by 'code' or "
	  "'serial' of [plan]",
	  "several_plans" },
	{ FLOOR_NOTICE_NO, "2",
	  "plan plans/rdb.ini wants this label and has 1 error: plans/rdb.ini:9:1: error: [step "
	  "wifi] has a limit for 'rat', which it does not measure",
	  "plan_not_clean" },
	{ FLOOR_NOTICE_NO, NULL, "nobody is logged in; scan your badge first", "no_operator" },
	{ FLOOR_NOTICE_NO, "1", "unit AS2601004711 is being tested on slot 4", "already_running" },
	{ FLOOR_NOTICE_NO, NULL,
	  "unit AS2601004711 was scrapped on 2026-11-26 by 1184; put it with the scrap",
	  "scrapped" },
	{ FLOOR_NOTICE_NO, NULL, "unit AS2601004711 passed at 14:03 already; pass it on",
	  "already_passed" },
	{ FLOOR_NOTICE_ASK, "1",
	  "unit AS2601004711 passed at 14:03 already; confirm that it is tested again",
	  "already_passed_ask" },
	{ FLOOR_NOTICE_NO, NULL,
	  "unit AS2601004711 has used up its 3 attempts; it needs a disposition, or one more "
	  "attempt granted by an engineer; recorded as FAIL at 14:03, not seen",
	  "attempts_used_up" },
	{ FLOOR_NOTICE_NO, NULL, "unit AS2601004711 was not tested at ICT yet; test it there first",
	  "previous_missing" },
	{ FLOOR_NOTICE_NO, NULL,
	  "unit AS2601004711 did not pass ICT (last run: FAIL); take it back there",
	  "previous_failed" },
	{ FLOOR_NOTICE_NO, "1",
	  "fixtures/rdb.ini: calibration of fixture FX-1 was due on 2026-11-01; have it calibrated "
	  "and enter the next date",
	  "calibration_overdue" },
	{ FLOOR_NOTICE_NO, "1",
	  "the clock of this computer says 1970-01-01, which was before there was this program; "
	  "set it, and see to the battery on its board",
	  "clock_wrong" },
	{ FLOOR_NOTICE_NO, "1",
	  "fixtures/rdb.ini: fixture FX-1 has done 50000 of its 50000 cycles; change its needles "
	  "and give it a new id",
	  "cycles_used_up" },
	{ FLOOR_NOTICE_NO, "1",
	  "var: less than 64 MiB free; no new run starts before there is room", "disk_full" },
	{ FLOOR_NOTICE_NO, "1",
	  "unit AS2601004711 is refused by the line: order 7731 is not released", "hook_refused" },
	{ FLOOR_NOTICE_NO, "1",
	  "unit AS2601004711 is refused, as before_unit gave no answer: 'order-check' gave no "
	  "answer within 5 s",
	  "hook_failed" },
	{ FLOOR_NOTICE_NO, "1", "8 questions are being answered; ask again soon", "busy" },
	{ FLOOR_NOTICE_NO, NULL, "the station is being closed: no unit starts", "closing" },
	{ FLOOR_NOTICE_NO, NULL, "plans/rdb.ini: the plan has no steps", "refused" },
	{ FLOOR_NOTICE_ASK, NULL,
	  "which slot is AS2601004711 for? Scan the slot's barcode or choose the slot",
	  "which_slot" },
	{ FLOOR_NOTICE_NO, NULL, "which unit? Scan its label first", "which_unit" },
	{ FLOOR_NOTICE_INFO, NULL, "A. Meier (operator) is logged in", "logged_in" },
	{ FLOOR_NOTICE_INFO, NULL, "nobody is logged in", "logged_out" },
	{ FLOOR_NOTICE_INFO, NULL, "A. Meier was logged out: nothing was scanned for a while",
	  "logged_out_idle" },
	{ FLOOR_NOTICE_NO, NULL,
	  "this badge opens nothing here; have a new one made with station people badge",
	  "badge_unknown" },
	{ FLOOR_NOTICE_NO, NULL, "badges are scanned, not typed", "badge_typed" },
	{ FLOOR_NOTICE_ASK, NULL, "'grant' needs the badge of an engineer: scan it now",
	  "badge_needed" },
	{ FLOOR_NOTICE_NO, NULL, "A. Meier is operator; 'grant' needs an engineer", "not_allowed" },
	{ FLOOR_NOTICE_NO, NULL, "the plan leaves this to quality assurance", "needs_qa" },
	{ FLOOR_NOTICE_INFO, NULL, "unit AS2601004711: one more attempt", "granted" },
	{ FLOOR_NOTICE_INFO, NULL, "unit AS2601004711: rework", "disposed" },
	{ FLOOR_NOTICE_NO, NULL, "a disposition is rework, scrap or ntf", "no_such_disposition" },
	{ FLOOR_NOTICE_NO, NULL, "this is recorded with a reason: say why", "reason_missing" },
	{ FLOOR_NOTICE_INFO, "2", "unit AS2601004711: plug its board into slot 2, then it starts",
	  "scanned" },
	{ FLOOR_NOTICE_INFO, "2", "unit AS2601004711 starts on slot 2", "starts" },
	{ FLOOR_NOTICE_INFO, "2", "slot 2: answered", "answered" },
	{ FLOOR_NOTICE_NO, "2", "the question is not open any more", "no_question" },
	{ FLOOR_NOTICE_INFO, "2", "the next scan is for slot 2", "slot_chosen" },
	{ FLOOR_NOTICE_NO, "2", "the slot has a unit already: choose another", "slot_taken" },
	{ FLOOR_NOTICE_NO, NULL, "no slot is free: wait until a unit is done", "no_slot" },
	{ FLOOR_NOTICE_NO, NULL, "there is no such slot", "no_such_slot" },
	{ FLOOR_NOTICE_INFO, "2", "slot 2 is being stopped", "stopped" },
	{ FLOOR_NOTICE_NO, NULL, "AS2601004711 was dropped: nobody answered in time", "wait_over" },
	{ FLOOR_NOTICE_INFO, NULL, "nothing waits any more", "forgotten" },
	{ FLOOR_NOTICE_NO, NULL, "nothing waits for a confirmation", "nothing_waits" },
	{ FLOOR_NOTICE_NO, NULL,
	  "a code of a station that this one does not know: print `station codes`",
	  "unknown_code" },
	{ FLOOR_NOTICE_NO, NULL, "the station does not know this command here", "unknown_command" },
	{ FLOOR_NOTICE_NO, "2", "no run goes on there", "not_now" },
	{ FLOOR_NOTICE_INFO, "2", "slot 2: next runs in mode engineering", "mode" },
	{ FLOOR_NOTICE_NO, NULL, "a mode is production, engineering or golden", "no_such_mode" },
	{ FLOOR_NOTICE_INFO, "2", "slot 2 is the socket 1-1.4", "mapped" },
	{ FLOOR_NOTICE_NO, "2",
	  "not with usb = 1-1.4: fixtures/rdb.ini:12:1: path 1-1.4 is slot 4 already",
	  "map_refused" },
	{ FLOOR_NOTICE_NO, NULL, "the station has no fixture file", "no_fixture" },
	{ FLOOR_NOTICE_INFO, NULL, "language: Deutsch", "language" },
	{ FLOOR_NOTICE_NO, NULL, "there is no language 'fr'; there are en, de",
	  "no_such_language" },
	{ FLOOR_NOTICE_BAD, NULL, "var/operators.ini: has 1 error, so nobody can log in",
	  "operators_file" },
	{ FLOOR_NOTICE_BAD, "2",
	  "unit AS2601004711 is not recorded, do not pass it on: var/station.db: another program "
	  "holds the record",
	  "record_not_written" },
	{ FLOOR_NOTICE_NO, NULL, "the record could not be read", "record_not_read" },
	{ FLOOR_NOTICE_BAD, "2",
	  "slot 2: interface 'FX09' is plugged in, must be 'FX02'; see the labels of the cables",
	  "interface" },
	{ FLOOR_NOTICE_BAD, NULL,
	  "interfaces cannot be watched: it ended by itself; it is tried again", "usb_watch" },
	{ FLOOR_NOTICE_BAD, "2",
	  "report not written: var/reports/AS2601004711.html: No space left on device", "report" },
	{ FLOOR_NOTICE_BAD, "2", "no worker process: Cannot allocate memory", "station" },
	{ FLOOR_NOTICE_NO, NULL, "there is no such slot", "watch" },
	{ FLOOR_NOTICE_INFO, NULL, "4 plans in plans", "plans" },
	{ FLOOR_NOTICE_INFO, NULL, "shift of 06:00: 212 units, first-pass yield 193 of 200",
	  "shift" },
};

const struct floor_notice *ui_notices(size_t *n)
{
	*n = sizeof(notices) / sizeof(notices[0]);
	return notices;
}

const struct floor_notice *ui_notice_of(const char *code)
{
	for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++)
		if (!strcmp(notices[i].code, code))
			return &notices[i];
	return NULL;
}
