/* lane_alike: several that fail alike at once blame the station, and need a second look. */
#include <string.h>
#include <unistd.h>

#include "engine_rig.h"

TestSuite(lane_alike, .timeout = 20);

/* So many lanes, of which so many that fail alike are several. */
#define LANES(lanes, several, ...)                                                                 \
	do {                                                                                       \
		BUILD(lanes, __VA_ARGS__);                                                         \
		engine.set.second_look = several;                                                  \
	} while (0)

/* Lanes at once, each with a unit whose letter says what it does. */
static void start_all(const char *units)
{
	for (int i = 0; units[i]; i++)
		engine_start(i, (char[]){ units[i], (char)('1' + i), '\0' });
}

/* What the first n lanes were recorded as: Pass, Fail, second look (A), other Error,
 * Stopped (X). */
static const char *verdicts(size_t n)
{
	static char out[9];

	for (size_t i = 0; i < n; i++)
		out[i] = strstr(engine.lane[i].first_fail, ":ERR_ALIKE")
				 ? 'A'
				 : engine_letters[engine.lane[i].verdict];
	out[n] = '\0';
	return out;
}

static const char *verdicts_of(const char *units)
{
	start_all(units);
	engine_turn_for(15000);
	cr_expect_eq(supervisor_busy(engine.sup), 0, "%s: still busy", units);
	return verdicts(strlen(units));
}

Test(lane_alike, several_that_fail_alike_blame_the_station)
{
	static const struct {
		const char *units, *verdicts;
	} row[] = {
		{ "BBBB", "AAAA" },         { "BBBP", "AAAP" }, { "BBPP", "FFPP" },
		{ "BBBPPP", "FFFPPP" },     { "CCCC", "AAAA" }, { "BBCC", "FFFF" },
		{ "OOOO", "AAAA" },         { "OOPP", "EEPP" }, { "BCOP", "FFEP" },
		{ "CCCCCBBP", "AAAAAFFP" }, { "BBB", "AAA" },   { "PPPP", "PPPP" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *got;

		LANES(8, 3, DO_PASS, DO_AS_SERIAL, DO_PASS);
		got = verdicts_of(row[i].units);
		cr_expect_str_eq(got, row[i].verdicts, "%s: %s, must be %s", row[i].units, got,
				 row[i].verdicts);
		engine_finish();
	}
}

Test(lane_alike, where_there_are_fewer_slots_all_of_them_are_several)
{
	LANES(2, 3, DO_AS_SERIAL);
	cr_expect_str_eq(verdicts_of("BB"), "AA");
	usleep(5000); /* at once is told by the millisecond */
	cr_expect_str_eq(verdicts_of("BP"), "FP", "the lane that failed before has its say anew");
	engine_finish();
	LANES(1, 1, DO_AS_SERIAL);
	cr_expect_str_eq(verdicts_of("B"), "F", "one is never several");
	engine_finish();
}

Test(lane_alike, one_after_the_other_is_not_at_once)
{
	LANES(3, 3, DO_AS_SERIAL);
	for (int i = 0; i < 3; i++) {
		engine_start(i, "B");
		engine_turn_for(5000);
		cr_expect_eq(engine.lane[i].verdict, VERDICT_FAIL, "lane %d", i);
		usleep(5000); /* at once is told by the millisecond */
	}
	engine_finish();
}

Test(lane_alike, the_last_retry_is_what_is_compared)
{
	LANES(3, 3, DO_AS_SERIAL);
	engine.step[0].retry = 1;
	cr_expect_str_eq(verdicts_of("BBB"), "AAA");
	for (int i = 0, n = 0; i < 3; i++, n = 0) {
		for (const char *at = engine.codes;
		     (at = strstr(at, i ? "ERR_ALIKE" : "ERR_LIMIT")); at++)
			n++;
		cr_expect_eq(n, 3, "%s", engine.codes);
	}
	engine_finish();
}

Test(lane_alike, a_unit_at_its_second_look_speaks_for_others_and_stands_for_itself)
{
	struct supervisor_job job = { .plan = &engine.plan, .serial = "B0", .second_look = 1 };

	LANES(4, 3, DO_AS_SERIAL);
	engine_start_job(3, &job);
	cr_expect_str_eq(verdicts_of("BBB"), "AAA");
	cr_expect_eq(engine.lane[3].verdict, VERDICT_FAIL);
	engine_finish();
}

Test(lane_alike, runs_that_do_not_count_are_left_alone)
{
	struct supervisor_job job = { .plan = &engine.plan,
				      .serial = "B",
				      .mode = MODE_ENGINEERING };

	LANES(4, 3, DO_AS_SERIAL);
	for (int i = 0; i < 4; i++)
		engine_start_job(i, &job);
	engine_finish();
	cr_expect_str_eq(verdicts(4), "FFFF");
}

Test(lane_alike, an_earlier_failure_decides_and_waits_for_nobody)
{
	BUILD(3, DO_BAD_VALUE, DO_AS_SERIAL);
	engine.step[0].on_fail = PLAN_CONTINUE;
	engine.set.second_look = 4; /* more than there are: all three */
	cr_expect_str_eq(verdicts_of("PPP"), "AAA");
	cr_expect_str_eq(verdicts_of("BBB"), "AAA", "it goes on, and the first cause decides");
	engine_finish();
}

/* While others are at the step its verdict waits; a stop ends the waiting, not the failure. */
Test(lane_alike, a_stop_while_it_waits_leaves_the_units_own_failure)
{
	LANES(3, 3, DO_AS_SERIAL, DO_PASS);
	engine.step[1].always = 1;
	start_all("BHH");
	engine_turn_for(2500);
	cr_expect_eq(engine.shown, 0, "it waits, and tells nothing");
	cr_expect_str_eq(engine.codes, "");
	supervisor_stop(engine.sup, -1, "operator");
	engine_finish();
	cr_expect_str_eq(verdicts(3), "FXX");
	cr_expect_str_eq(engine.lane[0].first_fail, "s0#1.x");
	cr_expect_eq(engine.shared->runs[1], 3, "always steps still run");
}

Test(lane_alike, others_that_never_come_do_not_hold_a_verdict_up)
{
	BUILD(4, DO_AS_SERIAL, DO_AS_SERIAL);
	engine.step[0].timeout_ms = 4000;
	engine.set.second_look = 3;
	start_all("BBH");
	engine_finish();
	cr_expect_str_eq(verdicts(3), "FFE", "the third was lost otherwise");
	cr_expect_str_eq(engine.lane[2].first_fail, "s0#1:ERR_DEADLINE");
}

Test(lane_alike, pulled_out_while_it_waits)
{
	LANES(3, 3, DO_AS_SERIAL, DO_PASS);
	engine_board.driver = &engine_wired;
	engine.step[1].always = 1;
	start_all("BHH");
	engine_turn_for(300);
	supervisor_gone(engine.sup, 0);
	supervisor_stop(engine.sup, -1, "operator");
	engine_finish();
	cr_expect_str_eq(verdicts(3), "FXX", "what was found before stays");
}
