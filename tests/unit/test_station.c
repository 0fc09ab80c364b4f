/* The face for front-ends, as a long-lived one uses it. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "station.h"

TestSuite(station, .timeout = 20);

static char dir[] = "/tmp/test-station-XXXXXX";
static char path[64], conf[64], fixture[64];
static struct findings findings;
static struct event_reader reader;
static int passed, failed, other;

static void hear(void *payload, const struct event *e)
{
	(void)payload;
	passed += e->run->verdict == VERDICT_PASS;
	failed += e->run->verdict == VERDICT_FAIL;
	other += e->run->verdict != VERDICT_PASS && e->run->verdict != VERDICT_FAIL;
}

static void put(const char *name, const char *text)
{
	struct err err = { 0 };

	cr_assert_eq(file_write(name, text, strlen(text), &err), 0, "%s", err.text);
}

static void plan(int ms, const char *least)
{
	char text[400];

	snprintf(text, sizeof(text),
		 "[plan]\ntitle = t\nboard = none\nproduct = P\n"
		 "[step w]\nkind = wait\nfor = %d ms\nlimit waited = >= %s\n",
		 ms, least);
	put(path, text);
}

static struct station *begin(void)
{
	struct station_setup set = { .conf = conf,
				     .needs = STATION_FIXTURE | STATION_RECORD,
				     .reader = &reader,
				     .readers = 1 };
	struct station *st = NULL;
	struct err err = { 0 };
	char text[200];

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/plan.ini", dir);
	snprintf(conf, sizeof(conf), "%s/station.conf", dir);
	snprintf(fixture, sizeof(fixture), "%s/fixture.ini", dir);
	snprintf(text, sizeof(text),
		 "[station]\nid = T\ndata = var\nfixture = fixture.ini\n[reports]\nformats =\n");
	put(conf, text);
	put(fixture, "[fixture]\nid = F\nboard = none\n[channel console]\nport = C\n"
		     "line = 115200 8N1\n[slot 1]\nusb = 1-1.1\n[slot 2]\nusb = 1-1.2\n");
	reader = (struct event_reader){ 1u << EVENT_RUN_RECORDED, hear, NULL };
	cr_assert_eq(station_open(&st, &set, &findings, &err), 0, "%s", err.text);
	return st;
}

static void end(struct station *st)
{
	char line[100];

	station_close(st);
	finding_release(&findings);
	snprintf(line, sizeof(line), "rm -rf %s", dir);
	cr_expect_eq(system(line), 0);
}

static int start(struct station *st, const struct plan *p, int lane, const char *serial,
		 struct err *err)
{
	struct station_unit u = { .plan = p, .serial = serial, .mode = MODE_PRODUCTION };

	return station_start(st, lane, &u, err);
}

Test(station, a_plan_may_be_edited_for_ever_while_runs_go_on)
{
	struct station *st = begin();
	const struct plan *p, *first, *again;
	struct err err = { 0 };

	plan(400, "0.3 s");
	cr_assert_eq(station_plan(&first, st, path, NULL, "A", &err), 0, "%s", err.text);
	cr_assert_eq(start(st, first, 0, "A", &err), 0, "%s", err.text);
	for (int i = 1; i <= 300; i++) {
		plan(1, "10 s");
		if (i < 300)
			plan(i, "0.001 s");
		cr_assert_eq(station_plan(&p, st, path, NULL, "B", &err), 0, "%d: %s", i, err.text);
		cr_assert_eq(station_plan(&again, st, path, NULL, "C", &err), 0);
		cr_assert_eq(p, again, "units of one start share a plan");
	}
	cr_assert_eq(start(st, p, 1, "B", &err), 0, "%s", err.text);
	station_wait(st);
	cr_expect_eq(passed, 1, "the first plan is still its own");
	cr_expect_eq(failed, 1);
	cr_expect_eq(other, 0);
	end(st);
}

Test(station, a_unit_is_on_one_slot_at_a_time)
{
	struct station *st = begin();
	const struct plan *p;
	struct err err = { 0 };

	plan(50, "0.01 s");
	cr_assert_eq(station_plan(&p, st, path, NULL, "A", &err), 0, "%s", err.text);
	cr_assert_eq(start(st, p, 0, "A", &err), 0, "%s", err.text);
	cr_expect_eq(start(st, p, 1, "A", &err), ERR_BUSY);
	cr_expect_not_null(strstr(err.text, "unit A"), "%s", err.text);
	cr_expect_eq(start(st, p, 1, "A2", &err), 0, "%s", err.text);
	station_wait(st);
	cr_expect_eq(passed, 2);
	end(st);
}
