#include "tests/unit/desk_rig.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

char dir[40] = "/tmp/test-desk-XXXXXX";
struct station *st;
struct desk *desk;
struct desk_outcome o;
char told[4000], told_last[600], told_texts[8000];
const char *again;
char again_said[40];
static struct findings findings;

const char *at(const char *name)
{
	static char path[4][200];
	static int n;

	n = (n + 1) % 4;
	snprintf(path[n], sizeof(path[n]), "%s/%s", dir, name);
	return path[n];
}

void put(const char *name, const char *text)
{
	struct err err = { 0 };

	cr_assert_eq(file_write(at(name), text, strlen(text), &err), 0, "%s", err.text);
}

void on_notice(void *payload, const struct floor_notice *n)
{
	(void)payload;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s ", n->code);
	snprintf(told_last, sizeof(told_last), "%s", n->text);
	snprintf(told_texts + strlen(told_texts), sizeof(told_texts) - strlen(told_texts), "%s\n",
		 n->text);
}

static void hear(void *payload, const struct event *e)
{
	const char *label = again;

	(void)payload; /* a test may close the desk and open another */
	desk_reader(desk).hear(desk, e);
	if (e->type != EVENT_RUN_RECORDED || !label)
		return;
	again = NULL;
	cr_expect(supervisor_recorded(st->supervisor, 0), "its worker is still there");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	snprintf(again_said, sizeof(again_said), "%s", scan(label));
}

void begin(const char *more)
{
	struct desk_setup set = { .notice = on_notice };
	struct event_reader reader;
	struct station_setup s = { .needs = STATION_FIXTURE | STATION_RECORD,
				   .can_answer = 1,
				   .reader = &reader,
				   .readers = 1 };
	struct err err = { 0 };
	char conf[1200];

	cr_assert_not_null(mkdtemp(dir));
	mkdir(at("plans"), 0755);
	snprintf(conf, sizeof(conf),
		 "[station]\nid = S\nfixture = fx.ini\ndata = var\nplans = plans\n"
		 "[reports]\nformats =\n%s",
		 more);
	put("station.conf", conf);
	put("fx.ini", "[fixture]\nid = FX\nboard = none\ncycles_max = 99\n[slot 1]\nusb = 1-1.1\n"
		      "[slot 2]\nusb = 1-1.2\nbarcode = SLOT-B\n");
	put("plans/a.ini", "[plan]\ntitle = t\nboard = none\nproduct = P\nserial = /^A/\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 0 s\n");
	put("plans/l.ini", "[plan]\ntitle = l\nboard = none\nproduct = L\nserial = /^L/\n"
			   "passed = ask\n"
			   "[step w]\nkind = wait\nfor = 300 ms\nlimit waited = >= 0 s\n");
	desk = desk_new();
	reader = desk_reader(desk);
	reader.hear = hear;
	s.conf = at("station.conf");
	cr_assert_eq(station_open(&st, &s, &findings, &err), 0, "%s", err.text);
	cr_assert_eq(desk_open(desk, st, &set, &err), 0, "%s", err.text);
}

const char *give(enum floor_do what, const char *slot, const char *text, const char *reason)
{
	struct floor_command c = { .what = what,
				   .slot = slot,
				   .text = text,
				   .len = text ? strlen(text) : 0,
				   .reason = reason };

	desk_do(desk, &c, &o);
	return o.code;
}

const char *scan(const char *text)
{
	return give(FLOOR_DO_SCAN, NULL, text, NULL);
}

void turn_until_idle(void)
{
	int64_t until = clock_ms() + 10000;

	do
		loop_turn(st->loop, clock_ns() + 20000000);
	while (!desk_idle(desk) && clock_ms() < until);
	loop_turn(st->loop, clock_ns() + 1000000);
}

void turn_until(size_t slot, enum floor_state state)
{
	int64_t until = clock_ms() + 10000;

	while (desk_slot(desk, slot)->state != state && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 20000000);
	cr_assert_eq(desk_slot(desk, slot)->state, state, "%s", told);
}

void turn_until_step(size_t slot, enum floor_state state, size_t step)
{
	const struct floor_slot *s = desk_slot(desk, slot);
	int64_t until = clock_ms() + 10000;

	while ((s->state != state || s->step != step) && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 1000000);
	cr_assert(s->state == state && s->step == step, "slot %s: %d, step %zu", s->name,
		  (int)s->state, s->step);
}

void test_on(const char *slot, const char *serial)
{
	give(FLOOR_DO_CHOOSE, slot, NULL, NULL);
	cr_assert_str_eq(scan(serial), "starts", "%s: %s", serial, o.text);
	turn_until_idle();
}

void kill_worker(void)
{
	int64_t until = clock_ms() + 10000;
	char path[64];
	FILE *f;
	int pid = 0;

	while (!desk_slot(desk, 0)->step_at_ms && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 20000000);
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "r");
	cr_assert(f && fscanf(f, "%d", &pid) == 1, "no worker");
	fclose(f);
	cr_assert_eq(kill(pid, SIGKILL), 0);
}

const char *badge_of(const char *id, enum people_role role)
{
	static char badge[4][PEOPLE_BADGE];
	static int n;
	struct err err = { 0 };

	n = (n + 1) % 4;
	cr_assert_eq(
		people_add(badge[n], st->conf->people, st->conf->badge, id, id, role, "en", &err),
		0, "%s", err.text);
	return badge[n];
}

const char *decided(void)
{
	static char text[2000];
	struct store_note *note;
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t n;

	*text = '\0';
	cr_assert_eq(store_notes(&note, &n, &a, st->store, NULL, NULL, NULL, 0, &err), 0, "%s",
		     err.text);
	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s %s %s%s%s %s by %s; ", note[i].what,
			 note[i].serial ? note[i].serial : "-", note[i].slot ? note[i].slot : "-",
			 note[i].is ? " " : "", note[i].is ? note[i].is : "",
			 note[i].reason ? note[i].reason : "-", note[i].by);
	arena_free(&a);
	return text;
}

const char *written(const char *name)
{
	static char text[4000];
	FILE *f = fopen(at(name), "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
	return text;
}

void program(const char *name, const char *text)
{
	put(name, text);
	cr_assert_eq(chmod(at(name), 0755), 0);
}

void end(void)
{
	char line[300];

	desk_close(desk);
	station_close(st);
	finding_release(&findings);
	snprintf(line, sizeof(line), "rm -rf %s", dir);
	cr_expect_eq(system(line), 0);
}
