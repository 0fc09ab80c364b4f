/* store_ask: what the record is asked: attempts, medians, identities, units. */
#include <inttypes.h>

#include "store_make.h"

TestSuite(store_ask, .timeout = 20);

Test(store_ask, attempts_count_in_the_order_of_their_start)
{
	static const struct {
		struct store_filter filter;
		size_t rows;
	} filters[] = {
		{ { .product = "P", .process = "FCT", .since_ms = 1767600000000 }, 6 },
		{ { .until_ms = 1767600000000 }, 0 },
		{ { .process = "ICT" }, 0 },
		{ { .run = "zz" }, 0 },
	};
	struct unit_run a, b;
	struct store_row *row;
	struct store_unit unit;
	struct store_filter f = { .serial = "AS1" };
	struct err err = { 0 };
	size_t n;

	record_start();
	OK(store_unit(&unit, record, "P", "AS1", "FCT", &err));
	cr_expect(unit.counted == 0 && unit.last == VERDICT_NONE);
	make_begun(&a, "AS1"); /* begun first, committed last */
	make_run(&b, place.plan, "AS1");
	OK(make_whole(record, &b, VERDICT_PASS, &err));
	cr_expect_eq(b.attempt_seen, 1, "as the station knew it");
	for (size_t i = 0; i < 3; i++)
		make_attempt(&a, i, VERDICT_FAIL);
	run_conclude(&a, 0);
	OK(store_commit(record, &a, &err));
	OK(make_recorded(NULL, record, place.plan, "AS1", VERDICT_ERROR, &err));
	OK(make_recorded(NULL, record, place.plan, "AS2", VERDICT_FAIL, &err));
	run_release(&a);
	make_run(&a, place.plan, "AS1"); /* aborted after a failed attempt: counts */
	a.step[0].skip_rule = a.step[1].skip_rule = a.step[2].skip_rule = NULL;
	OK(store_begin(record, &a, &err));
	cr_expect_eq(a.attempt_seen, 3);
	make_attempt(&a, 0, VERDICT_FAIL);
	make_attempt(&a, 0, VERDICT_ABORT);
	a.step[1].skip_rule = a.step[2].skip_rule = "aborted";
	run_conclude(&a, 0);
	cr_expect_eq(a.verdict, VERDICT_ABORTED);
	OK(store_commit(record, &a, &err));
	OK(store_shown(record, &a, &err));
	run_release(&a);
	make_run(&a, place.plan, "AS1");
	a.mode = MODE_GOLDEN;
	OK(make_whole(record, &a, VERDICT_PASS, &err));
	record_whole(record);

	OK(store_rows(&row, &n, &place.arena, record, &f, &err));
	cr_assert_eq(n, 5);
	cr_expect(row[0].verdict == VERDICT_FAIL && row[0].attempt == 1);
	cr_expect(row[1].verdict == VERDICT_PASS && row[1].attempt == 2);
	cr_expect(row[2].verdict == VERDICT_ERROR && row[2].attempt == 0 && !row[2].had_fail);
	cr_expect(row[3].verdict == VERDICT_ABORTED && row[3].attempt == 3 && row[3].had_fail);
	cr_expect(row[4].mode == MODE_GOLDEN && row[4].attempt == 0);
	cr_expect_str_eq(row[0].first_fail, "s1#1:ERR_TIMEOUT");
	OK(store_unit(&unit, record, "P", "AS1", "FCT", &err));
	cr_expect_eq(unit.counted, 3);
	cr_expect_eq(unit.last, VERDICT_ABORTED);
	cr_expect_str_eq(unit.last_run, row[3].run);
	cr_expect_eq(unit.last_shown, 1);
	cr_expect_eq(store_fixture_cycles(record, "FX-1", &err), 6);
	cr_expect_eq(store_fixture_cycles(record, "FX-2", &err), 0);

	f = (struct store_filter){ .run = row[1].run };
	OK(store_rows(&row, &n, &place.arena, record, &f, &err));
	cr_expect_eq(n, 1);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		OK(store_rows(&row, &n, &place.arena, record, &filters[i].filter, &err));
		cr_expect_eq(n, filters[i].rows, "filter %zu: %zu rows", i, n);
	}
	run_release(&a);
	run_release(&b);
	record_finish();
}

/* A run that failed like others on other slots: the next one is its second look, until it
 * has been; runs of other modes in between do not count. */
Test(store_ask, a_unit_is_given_one_second_look)
{
	struct unit_run r;
	struct store_unit unit;
	struct err err = { 0 };
	static const struct {
		enum verdict v;
		enum run_mode mode;
		int alike, after;
	} row[] = {
		{ VERDICT_FAIL, MODE_PRODUCTION, 0, 0 },  { VERDICT_FAIL, MODE_PRODUCTION, 1, 1 },
		{ VERDICT_FAIL, MODE_ENGINEERING, 0, 1 }, { VERDICT_FAIL, MODE_PRODUCTION, 0, 0 },
		{ VERDICT_FAIL, MODE_PRODUCTION, 1, 1 },  { VERDICT_PASS, MODE_PRODUCTION, 0, 0 },
	};

	record_start();
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		make_run(&r, place.plan, "AS1");
		r.mode = row[i].mode;
		r.counts = r.mode == MODE_PRODUCTION;
		OK(store_begin(record, &r, &err));
		for (size_t k = 0; k < r.steps; k++)
			make_attempt(&r, k, k ? VERDICT_PASS : row[i].v);
		if (row[i].alike)
			run_judge_alike(&r, &r.step[0].attempt[0], "1, 2, 3", 3);
		run_conclude(&r, 0);
		cr_expect_eq(r.verdict, row[i].alike ? VERDICT_ERROR : row[i].v);
		if (row[i].alike) {
			cr_expect_eq(r.blame, BLAME_STATION);
			cr_expect_str_eq(r.first_fail, "s1#1:ERR_ALIKE");
		}
		OK(store_commit(record, &r, &err));
		run_release(&r);
		OK(store_unit(&unit, record, "P", "AS1", "FCT", &err));
		cr_expect_eq(unit.second_look, row[i].after, "run %zu", i);
	}
	cr_expect_eq(unit.counted, 3, "a second look is no attempt of the unit");
	record_finish();
}

Test(store_ask, an_identity_belongs_to_one_unit)
{
	static const struct {
		const char *mac, *product, *serial, *other, *why;
	} asked[] = {
		{ "02:ab:00:00:00:01", "P", "AS2", "AS1", "in another spelling" },
		{ "02AB00000002", "P", "AS2", "AS1", "a later reading" },
		{ "02:ab:00:00:00:02", "P", "AS1", "", "the unit itself" },
		{ "02:ab:00:00:00:02", "Q", "AS1", "AS1", "a serial of another product" },
		{ "02:ab:00:00:00:03", "P", "AS2", "", "not a reading of the MAC" },
	};
	struct unit_run r;
	struct attempt *a;
	struct err err = { 0 };
	char other[64];

	record_start();
	make_begun(&r, "AS1");
	a = make_attempt(&r, 0, VERDICT_PASS);
	make_text(&r, a, "mac", "02-AB-00-00-00-01");
	make_text(&r, a, "mac_restart.1", "02ab.0000.0002");
	make_text(&r, a, "mac_restart.2", "no mac");
	make_text(&r, a, "name", "02:ab:00:00:00:03");
	make_attempt(&r, 1, VERDICT_PASS);
	make_attempt(&r, 2, VERDICT_PASS);
	run_conclude(&r, 0);
	OK(store_commit(record, &r, &err));
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		OK(store_identity(other, sizeof(other), record, "mac", asked[i].mac,
				  asked[i].product, asked[i].serial, &err));
		cr_expect_str_eq(other, asked[i].other, "%s: '%s'", asked[i].why, other);
	}
	run_release(&r);
	record_finish();
}

Test(store_ask, expected_durations_are_medians_of_the_last_twenty_passes)
{
	struct err err = { 0 };
	int64_t expected[3];

	record_start();
	OK(store_expected(expected, record, place.plan, &err));
	cr_expect(expected[0] == -1 && expected[2] == -1);
	for (int i = 0; i < 24; i++) {
		struct unit_run r;

		make_begun(&r, "AS1");
		make_attempt(&r, 0, VERDICT_PASS)->duration_ms = i < 4 ? 100000 : i;
		make_attempt(&r, 1, VERDICT_FAIL)->duration_ms = 7;
		r.step[2].skip_rule = "stopped:s2";
		run_conclude(&r, 0);
		OK(store_commit(record, &r, &err));
		run_release(&r);
	}
	/* Another plan of the product and process, and another variant, have the same steps. */
	for (int i = 0; i < 40; i++) {
		struct unit_run r;

		make_run(&r, place.plan, "AS2");
		*(i % 2 ? &r.plan_title : &r.variant) = "another";
		OK(store_begin(record, &r, &err));
		make_attempt(&r, 0, VERDICT_PASS)->duration_ms = 60000;
		make_attempt(&r, 1, VERDICT_PASS)->duration_ms = 60000;
		run_conclude(&r, 0);
		OK(store_commit(record, &r, &err));
		run_release(&r);
	}
	OK(store_expected(expected, record, place.plan, &err));
	cr_expect_eq(expected[0], 13, "median of 4..23 is 13.5, cut: %" PRId64, expected[0]);
	cr_expect(expected[1] == -1 && expected[2] == -1);
	record_finish();
}

Test(store_ask, medians_are_of_the_newest_runs_that_measured)
{
	struct unit_run r;
	struct err err = { 0 };
	double median;
	int64_t n;
	const struct store_measured ask = { "P", "FCT", "s1", "mac_persistence", "rtt" };

	record_start();
	OK(store_measured(&median, &n, record, &ask, &err));
	cr_expect_eq(n, 0, "an empty record");
	for (int i = 0; i < 30; i++) {
		make_begun(&r, "AS1");
		for (size_t k = 0; k < r.steps; k++) {
			make_attempt(&r, k, VERDICT_PASS);
			if (k == 0 && i % 10 != 9) /* three of them measured nothing */
				make_num(&r, &r.step[0].attempt[0], "rtt", i);
		}
		run_conclude(&r, 0);
		OK(store_commit(record, &r, &err));
		run_release(&r);
		if (i < 2) {
			OK(store_measured(&median, &n, record, &ask, &err));
			cr_expect(n == i + 1 && median == i / 2.0, "after %d", i);
		}
	}
	/* 27 measured; the newest 20 of them are 7, 8, 10 to 18, 20 to 28. */
	OK(store_measured(&median, &n, record, &ask, &err));
	cr_expect_eq(n, STORE_MEASURED);
	cr_expect_eq(median, 17.5, "%g", median);
	for (int i = 0; i < 5; i++) { /* another product, process, step, kind, measure */
		struct store_measured other = ask;
		const char **part[] = { &other.product, &other.process, &other.step, &other.kind,
					&other.measure };

		*part[i] = "other";
		OK(store_measured(&median, &n, record, &other, &err));
		cr_expect_eq(n, 0, "part %d", i);
	}
	record_finish();
}

Test(store_ask, units_are_found_by_a_part_of_their_serial_newest_first)
{
	static const struct {
		const char *text;
		size_t max;
		const char *serials;
	} asked[] = {
		{ "", 10, "AS10 BX%_ AS20 " }, { "S", 10, "AS10 AS20 " },
		{ "S", 1, "AS10 " },           { "%", 10, "BX%_ " }, /* no pattern, a text */
		{ "' OR 1", 10, "" },
	};
	struct store_found *found;
	struct err err = { 0 };
	struct sbuf serials = { 0 };
	char last[37];
	size_t n;

	record_start();
	OK(store_find(&found, &n, &place.arena, record, "", 10, &err));
	cr_expect_eq(n, 0);
	OK(make_recorded(NULL, record, place.plan, "AS10", VERDICT_FAIL, &err));
	OK(make_recorded(NULL, record, place.plan, "AS20", VERDICT_PASS, &err));
	OK(make_recorded(NULL, record, place.plan, "BX%_", VERDICT_PASS, &err));
	OK(make_recorded(last, record, place.plan, "AS10", VERDICT_PASS, &err));
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		OK(store_find(&found, &n, &place.arena, record, asked[i].text, asked[i].max, &err));
		sbuf_reset(&serials);
		for (size_t k = 0; k < n; k++) {
			sbuf_printf(&serials, "%s ", found[k].serial);
			cr_expect_str_eq(found[k].product, "P");
			if (strcmp(found[k].serial, "AS10"))
				continue;
			cr_expect_str_eq(found[k].run, last);
			cr_expect(found[k].runs == 2 && found[k].verdict == VERDICT_PASS);
		}
		cr_expect_str_eq(sbuf_str(&serials), asked[i].serials, "'%s': '%s'", asked[i].text,
				 sbuf_str(&serials));
	}
	sbuf_release(&serials);
	record_finish();
}

Test(store_ask, verdicts_that_nobody_saw_are_counted_until_the_unit_has_another)
{
	struct unit_run r;
	struct err err = { 0 };
	char run[4][37], last[37];
	size_t n;

	record_start();
	OK(store_unseen(run, &n, 4, record, &err));
	cr_expect_eq(n, 0);
	OK(make_recorded(NULL, record, place.plan, "A", VERDICT_FAIL, &err));
	OK(make_recorded(NULL, record, place.plan, "B", VERDICT_PASS, &err));
	OK(make_recorded(last, record, place.plan, "A", VERDICT_PASS, &err));
	OK(store_unseen(run, &n, 4, record, &err));
	cr_assert_eq(n, 2, "the first of A is left behind");
	cr_expect_str_eq(run[1], last);
	OK(store_unseen(run, &n, 1, record, &err));
	cr_expect_eq(n, 1);
	cr_expect_str_eq(run[0], last, "the newest");
	make_run(&r, place.plan, "A");
	memcpy(r.id, last, sizeof(r.id));
	OK(store_shown(record, &r, &err));
	run_release(&r);
	OK(store_unseen(run, &n, 4, record, &err));
	cr_expect_eq(n, 1);
	record_finish();
}

Test(store_ask, a_reader_sees_whole_runs_while_a_writer_writes)
{
	struct store *reader;
	struct unit_run r;
	struct err err = { 0 };
	char text[300];

	record_start();
	reader = place_open(&place, STORE_READ);
	for (int i = 0; i < 10; i++) {
		OK(make_recorded(NULL, record, place.plan, "AS1", VERDICT_PASS, &err));
		cr_expect_eq(make_verified(reader, text, sizeof(text)), 0, "%s", text);
	}
	make_begun(&r, "AS1");
	cr_expect_eq(make_verified(reader, text, sizeof(text)), 0,
		     "a run that is going on is no problem: %s", text);
	run_release(&r);
	store_close(reader);
	record_finish();
}

Test(store_ask, a_frozen_reader_sees_one_moment)
{
	struct store *reader;
	struct store_head head;
	struct store_row *row;
	struct err err = { 0 };
	size_t n;

	record_start();
	OK(make_recorded(NULL, record, place.plan, "AS1", VERDICT_PASS, &err));
	cr_expect_eq(store_freeze(record, &err), ERR_INTERNAL, "it would hold up the commits");
	reader = place_open(&place, STORE_READ);
	OK(store_freeze(reader, &err));
	OK(make_recorded(NULL, record, place.plan, "AS2", VERDICT_PASS, &err));
	OK(store_rows(&row, &n, &place.arena, reader, NULL, &err));
	cr_expect_eq(n, 1);
	OK(store_head(&head, reader, &err));
	cr_expect_eq(head.closed, 1);
	store_close(reader);
	reader = place_open(&place, STORE_READ);
	OK(store_head(&head, reader, &err));
	cr_expect_eq(head.closed, 2);
	store_close(reader);
	record_finish();
}
