#include "tests/unit/ui_models.h"

#include <stdio.h>

struct floor_slot model_slot(struct arena *a, size_t i)
{
	return (struct floor_slot){ .name = arena_printf(a, "%zu", i + 1),
				    .usb = arena_printf(a, "1-1.%zu", i + 1),
				    .state = FLOOR_OUT,
				    .serial = "",
				    .product = "",
				    .plan = "",
				    .revision = "",
				    .variant = "",
				    .step_id = "",
				    .step_title = "",
				    .doing = "",
				    .done = -1,
				    .expected_ms = -1,
				    .step_expected_ms = -1,
				    .fail_name = "",
				    .fail_value = "",
				    .fail_limit = "" };
}

struct floor_status model_status(void)
{
	return (struct floor_status){ .station = "ST-01",
				      .line = "L1",
				      .fixture = "FX-1",
				      .person = "1184",
				      .person_name = "A. Meier",
				      .role = "operator",
				      .language = "en",
				      .login = 1,
				      .plan = "rdb.ini",
				      .revision = "7",
				      .shift_units = 212,
				      .shift_first = 200,
				      .shift_first_passed = 193,
				      .units_per_hour = 41.3,
				      .record_ok = 1,
				      .record_text = "",
				      .queued = -1,
				      .calibration_days = 12,
				      .cycles_left = -1,
				      .waits = "",
				      .waits_text = "" };
}

void model_run(struct floor_slot *s, struct arena *a, size_t i)
{
	s->state = FLOOR_RUNNING;
	s->serial = arena_printf(a, "AS%08zu", i + 1);
	s->plan = "rdb.ini";
	s->revision = "7";
	s->step = 2;
	s->steps = 7;
	s->step_id = "recovery";
	s->step_title = "Reflash and return";
	s->doing = "image 3 of 9";
	s->done = 0.4;
	s->run_at_ms = 1000 * 1000 - 42000;
	s->step_at_ms = 1000 * 1000 - 12000;
	s->expected_ms = 90000;
	s->step_expected_ms = 30000;
	s->before_ms = 30000;
}

void model_end(struct floor_slot *s, struct arena *a, size_t i, enum verdict v)
{
	s->state = FLOOR_ENDED;
	s->serial = arena_printf(a, "AS%08zu", i + 1);
	s->run = arena_printf(a, "run-%zu", i + 1);
	s->verdict = v;
	s->took_ms = 87000;
	if (v == VERDICT_FAIL) {
		s->blame = BLAME_UNIT;
		s->fail_name = "gpio.shorts";
		s->fail_value = "1";
		s->fail_limit = "0";
		s->fail_note = "pairs 2-3 and 4-5 are shorted together";
		s->instruction = "look for solder bridges at J3";
	} else if (v != VERDICT_PASS) {
		s->blame = v == VERDICT_ABORTED ? BLAME_OPERATOR : BLAME_STATION;
		s->code = "ERR_GONE";
		s->message = "USB device was unplugged";
		s->todo = "check cable and hub of the slot, then test the unit again";
	}
}

void model_any(struct floor_slot *s, struct arena *a, size_t i)
{
	switch (i % 8) {
	case 0:
		model_end(s, a, i, VERDICT_PASS);
		break;
	case 1:
		model_end(s, a, i, VERDICT_FAIL);
		break;
	case 2:
		model_end(s, a, i, VERDICT_ERROR);
		break;
	case 3:
		model_run(s, a, i);
		break;
	case 4:
		s->state = FLOOR_IN;
		s->instruction = "close the lid";
		break;
	case 5:
		break;
	case 6:
		s->state = FLOOR_SCANNED;
		s->serial = "AS00000007";
		break;
	default:
		s->state = FLOOR_TROUBLE;
		s->message = "slot 8: interface 'FX09' is plugged in, must be 'FX08'; see the "
			     "labels of the cables";
		s->todo = err_todo(ERR_FIXTURE);
		break;
	}
}
