#include <criterion/criterion.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/text.h"
#include "rows.h"
#include "store_make.h"

TestSuite(store, .timeout = 20);

static struct store *opened(const struct place_to_test *t, enum store_mode mode)
{
	struct store *s = NULL;
	struct err err = { 0 };

	cr_assert_eq(store_open(&s, t->path, mode, "ST-07", &err), 0, "%s", err.text);
	return s;
}

static void assert_whole(struct store *s)
{
	char text[300];
	size_t n = make_verified(s, text, sizeof(text));

	cr_assert_eq(n, 0, "%zu problems: %s", n, text);
}

Test(store, a_run_lives_from_begin_to_shown_and_is_read_again)
{
	struct place_to_test t;
	struct unit_run r, back;
	struct store *s;
	struct store_head head;
	struct store_row *row;
	struct err err = { 0 };
	struct sbuf one = { 0 }, two = { 0 };
	char *text;
	size_t n, len;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	cr_expect_eq(strlen(store_installation(s)), 36);
	make_run(&r, t.plan, "AS1");
	cr_assert_eq(make_whole(s, &r, VERDICT_PASS, &err), 0, "%s", err.text);
	cr_expect_eq(r.open_seq, 1);
	cr_expect_eq(r.seq, 2);
	cr_expect_eq(r.attempt_seen, 1);
	cr_expect_str_eq(r.installation, store_installation(s));
	cr_expect_str_eq(r.station, "ST-07");
	cr_assert_eq(store_head(&head, s, &err), 0);
	cr_expect_str_eq(head.hash, r.hash);
	cr_expect(head.seq == 2 && head.opened == 1 && head.closed == 1 && head.open_now == 0);
	cr_assert_eq(store_shown(s, &r, &err), 0, "%s", err.text);
	cr_assert_eq(store_shown(s, &r, &err), 0, "%s", err.text);
	store_close(s);

	s = opened(&t, STORE_READ);
	assert_whole(s);
	cr_assert_eq(store_load(&back, s, r.id, &err), 0, "%s", err.text);
	run_to_json(&one, &r);
	run_to_json(&two, &back);
	cr_expect_str_eq(sbuf_str(&one), sbuf_str(&two));
	cr_expect_str_eq(back.hash, r.hash);
	cr_expect_str_eq(back.prev_hash, r.prev_hash);
	cr_expect(back.seq == r.seq && back.open_seq == r.open_seq && back.shown);
	run_release(&back);
	memcpy(back.id, r.id, 8);
	back.id[8] = '\0';
	cr_expect_eq(store_load(&back, s,
				(char[9]){ r.id[0], r.id[1], r.id[2], r.id[3], r.id[4], 0 }, &err),
		     0, "by its beginning: %s", err.text);
	run_release(&back);
	cr_expect_eq(store_load(&back, s, "abc", &err), ERR_USAGE);
	cr_expect_eq(store_load(&back, s, "00000000-0000-4000-8000-000000000000", &err), ERR_USAGE);
	cr_assert_eq(store_content(&text, &len, &t.arena, s, t.plan->sha256, &err), 0);
	cr_expect_str_eq(text, t.plan->text);
	cr_assert_eq(store_rows(&row, &n, &t.arena, s, NULL, &err), 0);
	cr_assert_eq(n, 1);
	cr_expect_str_eq(row[0].run, r.id);
	cr_expect_str_eq(row[0].serial, "AS1");
	cr_expect_str_eq(row[0].product, "P");
	cr_expect_str_eq(row[0].process, "FCT");
	cr_expect_str_eq(row[0].station, "ST-07");
	cr_expect_str_eq(row[0].plan_sha256, t.plan->sha256);
	cr_expect_str_eq(row[0].plan_revision, "3");
	cr_expect_null(row[0].first_fail);
	cr_expect(row[0].verdict == VERDICT_PASS && row[0].counts && row[0].attempt == 1);
	cr_expect_eq(store_begin(s, &r, &err), ERR_INTERNAL, "a reader writes nothing");
	store_close(s);
	sbuf_release(&one);
	sbuf_release(&two);
	run_release(&r);
	place_drop(&t);
}

Test(store, the_same_run_is_recorded_once)
{
	struct place_to_test t;
	struct unit_run r;
	struct store *s;
	struct err err = { 0 };
	int64_t seq;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	make_run(&r, t.plan, "AS1");
	cr_assert_eq(store_commit(s, &r, &err), ERR_STORE, "without a verdict");
	run_conclude(&r, 0);
	cr_assert_eq(store_commit(s, &r, &err), ERR_STORE, "without a begin");
	cr_assert_eq(store_shown(s, &r, &err), ERR_STORE, "without a commit");
	cr_assert_eq(store_attempt(s, &r, 0, SIZE_MAX, &err), ERR_STORE, "without a begin");
	cr_assert_eq(make_whole(s, &r, VERDICT_FAIL, &err), 0, "%s", err.text);
	seq = r.seq;
	r.seq = 0;
	cr_assert_eq(store_commit(s, &r, &err), 0, "a commit may be tried again: %s", err.text);
	cr_expect_eq(r.seq, seq);
	r.duration_ms++;
	cr_expect_eq(store_commit(s, &r, &err), ERR_STORE);
	cr_expect_eq(store_begin(s, &r, &err), ERR_STORE);
	assert_whole(s);
	store_close(s);
	run_release(&r);
	place_drop(&t);
}

Test(store, a_content_must_be_what_its_hash_says)
{
	struct place_to_test t;
	struct unit_run r;
	struct store *s;
	struct err err = { 0 };
	char *text;
	size_t len;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	make_run(&r, t.plan, "AS1");
	r.plan_text = "another";
	cr_expect_eq(store_begin(s, &r, &err), ERR_INTERNAL);
	r.plan_text = NULL;
	cr_expect_eq(store_begin(s, &r, &err), ERR_INTERNAL);
	cr_expect_eq(store_content(&text, &len, &t.arena, s, t.plan->sha256, &err), ERR_CORRUPT);
	cr_expect_eq(store_content(&text, &len, &t.arena, s, "xyz", &err), ERR_USAGE);
	r.plan_text = t.plan->text;
	cr_expect_eq(store_begin(s, &r, &err), 0, "%s", err.text);
	assert_whole(s);
	store_close(s);
	run_release(&r);
	place_drop(&t);
}

/* --- attempts and questions --- */

Test(store, medians_are_of_the_newest_runs_that_measured)
{
	struct place_to_test t;
	struct unit_run r;
	struct store *s;
	struct err err = { 0 };
	double median;
	int64_t n;
	struct store_measured ask = { "P", "FCT", "s1", "wait", "rtt" };

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	cr_assert_eq(store_measured(&median, &n, s, &ask, &err), 0, "%s", err.text);
	cr_expect_eq(n, 0, "an empty record");
	for (int i = 0; i < 30; i++) {
		make_run(&r, t.plan, "AS1");
		ask.product = t.plan->product;
		ask.process = t.plan->process;
		ask.kind = arena_strdup(&t.arena, r.step[0].kind);
		ask.step = arena_strdup(&t.arena, r.step[0].id);
		cr_assert_eq(store_begin(s, &r, &err), 0);
		for (size_t k = 0; k < r.steps; k++) {
			make_attempt(&r, k, VERDICT_PASS);
			if (k == 0 && i % 10 != 9) { /* three of them measured nothing */
				struct measure *m = run_measure_add(&r, &r.step[0].attempt[0]);

				m->name = "rtt";
				m->type = VALUE_NUM;
				m->unit = "ms";
				m->has = 1;
				m->num = i;
			}
		}
		run_conclude(&r, 0);
		cr_assert_eq(store_commit(s, &r, &err), 0, "%s", err.text);
		run_release(&r);
		if (i == 0) {
			cr_assert_eq(store_measured(&median, &n, s, &ask, &err), 0, "%s", err.text);
			cr_expect(n == 1 && median == 0);
		}
		if (i == 1) {
			cr_assert_eq(store_measured(&median, &n, s, &ask, &err), 0, "%s", err.text);
			cr_expect(n == 2 && median == 0.5);
		}
	}
	/* 27 measured; the newest 20 of them are 7, 8, 10 to 18, 20 to 28. */
	cr_assert_eq(store_measured(&median, &n, s, &ask, &err), 0, "%s", err.text);
	cr_expect_eq(n, STORE_MEASURED);
	cr_expect_eq(median, 17.5, "%g", median);
	for (int i = 0; i < 5; i++) { /* another product, process, step, kind, measure */
		struct store_measured other = ask;
		const char **part[] = { &other.product, &other.process, &other.step, &other.kind,
					&other.measure };

		*part[i] = "other";
		cr_assert_eq(store_measured(&median, &n, s, &other, &err), 0, "%s", err.text);
		cr_expect_eq(n, 0, "part %d", i);
	}
	store_close(s);
	place_drop(&t);
}

/* A run that failed like others on other slots: the next one is its second look, until it
 * has been; runs of other modes in between do not count. */
Test(store, a_unit_is_given_one_second_look)
{
	struct place_to_test t;
	struct unit_run r;
	struct store *s;
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

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		make_run(&r, t.plan, "AS1");
		r.mode = row[i].mode;
		r.counts = r.mode == MODE_PRODUCTION;
		cr_assert_eq(store_begin(s, &r, &err), 0);
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
		cr_assert_eq(store_commit(s, &r, &err), 0, "%s", err.text);
		run_release(&r);
		cr_assert_eq(store_unit(&unit, s, "P", "AS1", "FCT", &err), 0);
		cr_expect_eq(unit.second_look, row[i].after, "run %zu", i);
	}
	cr_expect_eq(unit.counted, 3, "a second look is no attempt of the unit");
	assert_whole(s);
	store_close(s);
	place_drop(&t);
}

Test(store, attempts_count_in_the_order_of_their_start)
{
	struct place_to_test t;
	struct unit_run a, b;
	struct store *s;
	struct store_row *row;
	struct store_unit unit;
	struct store_filter f = { .serial = "AS1" };
	struct err err = { 0 };
	size_t n;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	cr_assert_eq(store_unit(&unit, s, "P", "AS1", "FCT", &err), 0);
	cr_expect(unit.counted == 0 && unit.last == VERDICT_NONE);
	make_run(&a, t.plan, "AS1"); /* begun first, committed last */
	cr_assert_eq(store_begin(s, &a, &err), 0);
	make_run(&b, t.plan, "AS1");
	cr_assert_eq(make_whole(s, &b, VERDICT_PASS, &err), 0);
	cr_expect_eq(b.attempt_seen, 1, "as the station knew it");
	for (size_t i = 0; i < 3; i++)
		make_attempt(&a, i, VERDICT_FAIL);
	run_conclude(&a, 0);
	cr_assert_eq(store_commit(s, &a, &err), 0, "%s", err.text);
	cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_ERROR, &err), 0);
	cr_assert_eq(make_recorded(NULL, s, t.plan, "AS2", VERDICT_FAIL, &err), 0);
	run_release(&a);
	make_run(&a, t.plan, "AS1"); /* aborted after a failed attempt: counts */
	a.step[0].skip_rule = a.step[1].skip_rule = a.step[2].skip_rule = NULL;
	cr_assert_eq(store_begin(s, &a, &err), 0);
	cr_expect_eq(a.attempt_seen, 3);
	make_attempt(&a, 0, VERDICT_FAIL);
	make_attempt(&a, 0, VERDICT_ABORT);
	a.step[1].skip_rule = a.step[2].skip_rule = "aborted";
	run_conclude(&a, 0);
	cr_expect_eq(a.verdict, VERDICT_ABORTED);
	cr_assert_eq(store_commit(s, &a, &err), 0);
	cr_assert_eq(store_shown(s, &a, &err), 0);
	run_release(&a);
	make_run(&a, t.plan, "AS1");
	a.mode = MODE_GOLDEN;
	cr_assert_eq(make_whole(s, &a, VERDICT_PASS, &err), 0);
	assert_whole(s);

	cr_assert_eq(store_rows(&row, &n, &t.arena, s, &f, &err), 0);
	cr_assert_eq(n, 5);
	cr_expect(row[0].verdict == VERDICT_FAIL && row[0].attempt == 1);
	cr_expect(row[1].verdict == VERDICT_PASS && row[1].attempt == 2);
	cr_expect(row[2].verdict == VERDICT_ERROR && row[2].attempt == 0 && !row[2].had_fail);
	cr_expect(row[3].verdict == VERDICT_ABORTED && row[3].attempt == 3 && row[3].had_fail);
	cr_expect(row[4].mode == MODE_GOLDEN && row[4].attempt == 0);
	cr_expect_str_eq(row[0].first_fail, "s1#1:ERR_TIMEOUT");
	cr_assert_eq(store_unit(&unit, s, "P", "AS1", "FCT", &err), 0);
	cr_expect_eq(unit.counted, 3);
	cr_expect_eq(unit.last, VERDICT_ABORTED);
	cr_expect_str_eq(unit.last_run, row[3].run);
	cr_expect_eq(unit.last_shown, 1);
	cr_expect_eq(store_fixture_cycles(s, "FX-1", &err), 6);
	cr_expect_eq(store_fixture_cycles(s, "FX-2", &err), 0);

	f = (struct store_filter){ .run = row[1].run };
	cr_assert_eq(store_rows(&row, &n, &t.arena, s, &f, &err), 0);
	cr_expect_eq(n, 1);
	f = (struct store_filter){ .product = "P", .process = "FCT", .since_ms = 1767600000000 };
	cr_assert_eq(store_rows(&row, &n, &t.arena, s, &f, &err), 0);
	cr_expect_eq(n, 6);
	f = (struct store_filter){ .until_ms = 1767600000000 };
	cr_assert_eq(store_rows(&row, &n, &t.arena, s, &f, &err), 0);
	cr_expect_eq(n, 0);
	f = (struct store_filter){ .process = "ICT" };
	cr_assert_eq(store_rows(&row, &n, &t.arena, s, &f, &err), 0);
	cr_expect_eq(n, 0);
	f = (struct store_filter){ .run = "zz" };
	cr_assert_eq(store_rows(&row, &n, &t.arena, s, &f, &err), 0);
	cr_expect_eq(n, 0);
	run_release(&a);
	run_release(&b);
	store_close(s);
	place_drop(&t);
}

Test(store, an_identity_belongs_to_one_unit)
{
	struct place_to_test t;
	struct unit_run r;
	struct store *s;
	struct attempt *a;
	struct err err = { 0 };
	char other[64];

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	make_run(&r, t.plan, "AS1");
	cr_assert_eq(store_begin(s, &r, &err), 0);
	a = make_attempt(&r, 0, VERDICT_PASS);
	make_text(&r, a, "mac", "02-AB-00-00-00-01");
	make_text(&r, a, "mac_restart.1", "02ab.0000.0002");
	make_text(&r, a, "mac_restart.2", "no mac");
	make_text(&r, a, "name", "02:ab:00:00:00:03");
	make_attempt(&r, 1, VERDICT_PASS);
	make_attempt(&r, 2, VERDICT_PASS);
	run_conclude(&r, 0);
	cr_assert_eq(store_commit(s, &r, &err), 0, "%s", err.text);
	cr_assert_eq(store_identity(other, sizeof(other), s, "mac", "02:ab:00:00:00:01", "P", "AS2",
				    &err),
		     0);
	cr_expect_str_eq(other, "AS1");
	store_identity(other, sizeof(other), s, "mac", "02AB00000002", "P", "AS2", &err);
	cr_expect_str_eq(other, "AS1");
	store_identity(other, sizeof(other), s, "mac", "02:ab:00:00:00:02", "P", "AS1", &err);
	cr_expect_str_eq(other, "", "the unit itself");
	store_identity(other, sizeof(other), s, "mac", "02:ab:00:00:00:02", "Q", "AS1", &err);
	cr_expect_str_eq(other, "AS1", "the same serial of another product is another unit");
	store_identity(other, sizeof(other), s, "mac", "02:ab:00:00:00:03", "P", "AS2", &err);
	cr_expect_str_eq(other, "", "not a reading of the MAC");
	assert_whole(s);
	run_release(&r);
	store_close(s);
	place_drop(&t);
}

Test(store, expected_durations_are_medians_of_the_last_twenty_passes)
{
	struct place_to_test t;
	struct store *s;
	struct err err = { 0 };
	int64_t expected[3];

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	cr_assert_eq(store_expected(expected, s, t.plan, &err), 0);
	cr_expect(expected[0] == -1 && expected[2] == -1);
	for (int i = 0; i < 24; i++) {
		struct unit_run r;

		make_run(&r, t.plan, "AS1");
		cr_assert_eq(store_begin(s, &r, &err), 0);
		make_attempt(&r, 0, VERDICT_PASS)->duration_ms = i < 4 ? 100000 : i;
		make_attempt(&r, 1, VERDICT_FAIL)->duration_ms = 7;
		r.step[2].skip_rule = "stopped:s2";
		run_conclude(&r, 0);
		cr_assert_eq(store_commit(s, &r, &err), 0);
		run_release(&r);
	}
	/* Another plan of the product and process, and another variant, have the same steps. */
	for (int other = 0; other < 2; other++)
		for (int i = 0; i < 20; i++) {
			struct unit_run r;

			make_run(&r, t.plan, "AS2");
			if (other)
				r.plan_title = "another plan";
			else
				r.variant = "V2";
			cr_assert_eq(store_begin(s, &r, &err), 0);
			make_attempt(&r, 0, VERDICT_PASS)->duration_ms = 60000;
			make_attempt(&r, 1, VERDICT_PASS)->duration_ms = 60000;
			run_conclude(&r, 0);
			cr_assert_eq(store_commit(s, &r, &err), 0, "%s", err.text);
			run_release(&r);
		}
	cr_assert_eq(store_expected(expected, s, t.plan, &err), 0);
	cr_expect_eq(expected[0], 13, "median of 4..23 is 13.5, cut: %" PRId64, expected[0]);
	cr_expect(expected[1] == -1 && expected[2] == -1);
	store_close(s);
	place_drop(&t);
}

/* --- interrupted runs --- */

struct heard {
	int n;
	enum verdict verdict;
	char serial[64];
	size_t attempts;
	int64_t duration_ms;
};

static void hear(void *payload, const struct unit_run *r)
{
	struct heard *h = payload;

	h->n++;
	h->verdict = r->verdict;
	h->duration_ms = r->duration_ms;
	snprintf(h->serial, sizeof(h->serial), "%s", r->serial);
	for (size_t i = 0; i < r->steps; i++)
		h->attempts += r->step[i].attempts;
}

/* A child begins a run, journals one failed step and dies. */
static void die_in_a_run(const struct place_to_test *t)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct store *s;
		struct unit_run r;
		struct err err = { 0 };

		if (store_open(&s, t->path, STORE_WRITE, "ST-07", &err) < 0)
			_exit(2);
		make_run(&r, t->plan, "AS9");
		if (store_begin(s, &r, &err) < 0)
			_exit(3);
		make_attempt(&r, 0, VERDICT_PASS);
		make_attempt(&r, 1, VERDICT_FAIL);
		if (store_attempt(s, &r, 0, 0, &err) < 0 || store_attempt(s, &r, 1, 0, &err) < 0)
			_exit(4);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	cr_assert(WIFSIGNALED(status), "child said %d", WEXITSTATUS(status));
}

Test(store, a_killed_run_is_closed_as_interrupted)
{
	struct place_to_test t;
	struct heard h = { 0 };
	struct unit_run mine;
	struct store_row *row;
	struct store *s;
	struct err err = { 0 };
	char text[300];
	size_t n;

	place_make(&t);
	die_in_a_run(&t);
	s = opened(&t, STORE_READ);
	cr_expect_eq(make_verified(s, text, sizeof(text)), 1);
	cr_expect(strstr(text, "nothing closed"), "%s", text);
	store_close(s);
	s = opened(&t, STORE_WRITE);
	cr_assert_eq(store_recover(s, hear, &h, &err), 1, "%s", err.text);
	cr_expect(h.n == 1 && h.verdict == VERDICT_INTERRUPTED && h.attempts == 2);
	cr_expect_str_eq(h.serial, "AS9");
	cr_expect_eq(h.duration_ms, 190, "up to the last journal row");
	make_run(&mine, t.plan, "AS1");
	cr_assert_eq(store_begin(s, &mine, &err), 0);
	cr_expect_eq(store_recover(s, hear, &h, &err), 0, "what runs now is left alone");
	assert_whole(s);
	cr_assert_eq(store_rows(&row, &n, &t.arena, s, NULL, &err), 0);
	cr_assert_eq(n, 1);
	cr_expect(row[0].ended_ms == 0 && row[0].attempt == 1 && row[0].had_fail,
		  "interrupted after a fail: counts");
	cr_expect_str_eq(row[0].first_fail, "s2#1:ERR_TIMEOUT");
	run_release(&mine);
	store_close(s);
	place_drop(&t);
}

Test(store, a_spoiled_journal_does_not_keep_a_run_open)
{
	struct place_to_test t;
	struct heard h = { 0 };
	struct store *s;
	struct err err = { 0 };
	sqlite3 *db;

	place_make(&t);
	die_in_a_run(&t);
	cr_assert_eq(sqlite3_open(t.path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, "UPDATE journal SET head = x'7b'", NULL, NULL, NULL),
		     SQLITE_OK);
	sqlite3_close(db);
	s = opened(&t, STORE_WRITE);
	cr_assert_eq(store_recover(s, hear, &h, &err), 1, "%s", err.text);
	cr_expect(h.n == 1 && h.verdict == VERDICT_INTERRUPTED && h.attempts == 0);
	cr_expect_str_eq(h.serial, "AS9");
	assert_whole(s);
	store_close(s);
	place_drop(&t);
}

/* --- opening --- */

Test(store, a_second_writer_is_refused_and_told_who_has_it)
{
	struct place_to_test t;
	struct store *s, *more = NULL;
	struct err err = { 0 };
	int status, pipes[2];
	char text[400] = "", pid_text[32];
	pid_t pid;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	cr_expect_eq(store_open(&more, t.path, STORE_WRITE, "ST-07", &err), ERR_BUSY);
	cr_expect_null(more);
	cr_assert_eq(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		int r = store_open(&more, t.path, STORE_WRITE, "ST-07", &err);
		ssize_t n = write(pipes[1], err.text, strlen(err.text));

		_exit(r == ERR_BUSY && n > 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	cr_assert_gt(read(pipes[0], text, sizeof(text) - 1), 0);
	snprintf(pid_text, sizeof(pid_text), "%d", (int)getpid());
	cr_expect(strstr(text, pid_text), "'%s' names %s", text, pid_text);
	more = opened(&t, STORE_READ); /* a reader is welcome */
	store_close(more);
	cr_expect_eq(store_open(&more, t.path, STORE_WRITE, "ST-07", &err), ERR_BUSY,
		     "and did not break the lock");
	store_close(s);
	s = opened(&t, STORE_WRITE);
	store_close(s);
	place_drop(&t);
}

Test(store, a_forked_child_does_not_keep_the_lock)
{
	struct place_to_test t;
	int status, pipes[2];
	pid_t station, worker = 0;
	struct store *s;

	place_make(&t);
	cr_assert_eq(pipe(pipes), 0);
	station = fork();
	if (station == 0) {
		struct err err = { 0 };
		pid_t child;

		if (store_open(&s, t.path, STORE_WRITE, "ST-07", &err) < 0)
			_exit(1);
		child = fork();
		if (child == 0) {
			sleep(15);
			_exit(0);
		}
		if (write(pipes[1], &child, sizeof(child)) != sizeof(child))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	waitpid(station, &status, 0);
	cr_assert_eq(read(pipes[0], &worker, sizeof(worker)), sizeof(worker));
	s = opened(&t, STORE_WRITE);
	store_close(s);
	kill(worker, SIGKILL);
	place_drop(&t);
}

Test(store, a_record_of_another_station_is_refused)
{
	struct place_to_test t;
	struct store *s;
	struct err err = { 0 };

	place_make(&t);
	store_close(opened(&t, STORE_WRITE));
	cr_expect_eq(store_open(&s, t.path, STORE_WRITE, "ST-08", &err), ERR_STORE);
	cr_expect(strstr(err.text, "'ST-07'") && strstr(err.text, "'ST-08'"), "%s", err.text);
	cr_expect_eq(store_open(&s, t.path, STORE_READ, "ST-08", &err), 0, "a reader may look");
	store_close(s);
	place_drop(&t);
}

static void sql(const char *path, const char *text)
{
	sqlite3 *db;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void overwrite(const char *path, off_t at, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	cr_assert_eq(pwrite(fd, bytes, n, at), (ssize_t)n);
	close(fd);
}

Test(store, what_is_no_record_is_not_touched)
{
	struct place_to_test t;
	struct store *s;
	struct err err = { 0 };

	place_make(&t);
	cr_expect_eq(store_open(&s, t.path, STORE_READ, "ST-07", &err), ERR_FILE, "%s", err.text);
	overwrite(t.path, 0, "no database, but long enough to be looked at as one", 51);
	cr_expect_eq(store_open(&s, t.path, STORE_WRITE, "ST-07", &err), ERR_CORRUPT);
	cr_expect(strstr(err.text, "no record"), "%s", err.text);
	unlink(t.path);
	sql(t.path, "CREATE TABLE t(x)");
	cr_expect_eq(store_open(&s, t.path, STORE_WRITE, "ST-07", &err), ERR_CORRUPT, "%s",
		     err.text);
	cr_expect_eq(store_open(&s, t.path, STORE_READ, "ST-07", &err), ERR_CORRUPT, "%s",
		     err.text);
	place_drop(&t);
}

Test(store, a_newer_record_is_refused_with_both_versions)
{
	struct place_to_test t;
	struct store *s;
	struct err err = { 0 };

	place_make(&t);
	store_close(opened(&t, STORE_WRITE));
	sql(t.path, "PRAGMA user_version = 7");
	cr_expect_eq(store_open(&s, t.path, STORE_WRITE, "ST-07", &err), ERR_NEWER);
	cr_expect(strstr(err.text, "version 7") && strstr(err.text, "version 2"), "%s", err.text);
	cr_expect_eq(store_open(&s, t.path, STORE_READ, "ST-07", &err), ERR_NEWER);
	place_drop(&t);
}

Test(store, a_damaged_file_is_found_after_an_unclean_end)
{
	struct place_to_test t;
	struct store *s;
	struct err err = { 0 };
	struct stat st;
	char junk[4096];

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	for (int i = 0; i < 30; i++)
		cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0);
	store_close(s);
	die_in_a_run(&t);
	s = opened(&t, STORE_WRITE);
	store_close(s);
	die_in_a_run(&t);
	sql(t.path, "PRAGMA wal_checkpoint(TRUNCATE)");
	memset(junk, 0xa5, sizeof(junk));
	stat(t.path, &st);
	for (off_t at = 4 * 4096; at < st.st_size; at += 2 * 4096)
		overwrite(t.path, at, junk, sizeof(junk));
	cr_expect_eq(store_open(&s, t.path, STORE_WRITE, "ST-07", &err), ERR_CORRUPT, "%s",
		     err.text);
	cr_expect_eq(store_open(&s, t.path, STORE_WRITE, "ST-07", &err), ERR_CORRUPT,
		     "and the next time too: %s", err.text);
	place_drop(&t);
}

Test(store, a_file_whose_hashes_have_no_length_is_an_error)
{
	static const char *const harm[] = {
		"DROP TRIGGER chain_update; UPDATE chain SET hash = x''",
		"DROP TRIGGER chain_update; UPDATE chain SET hash = x'00' WHERE seq = 2",
		"DROP TRIGGER run_update; UPDATE run SET uuid = x''",
	};
	struct place_to_test t;
	struct store_unit unit;
	struct store *s;
	struct err err = { 0 };
	struct sbuf text = { 0 };
	int r;

	for (size_t i = 0; i < sizeof(harm) / sizeof(harm[0]); i++) {
		place_make(&t);
		s = opened(&t, STORE_WRITE);
		cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0);
		store_close(s);
		sbuf_reset(&text);
		sbuf_printf(&text, "PRAGMA ignore_check_constraints=ON; %s", harm[i]);
		sql(t.path, sbuf_str(&text));
		s = NULL;
		r = store_open(&s, t.path, STORE_WRITE, "ST-07", &err);
		if (r == 0)
			r = store_unit(&unit, s, t.plan->product, "AS1", t.plan->process, &err);
		cr_expect_eq(r, ERR_CORRUPT, "case %zu: %d %s", i, r, err.text);
		cr_expect(strstr(err.text, "malformed"), "%s", err.text);
		store_close(s);
		place_drop(&t);
	}
	sbuf_release(&text);
}

/* The writer's mark is not synced: after a power loss the log alone tells. */
Test(store, a_damaged_file_is_found_after_a_power_loss)
{
	struct place_to_test t;
	struct store *s;
	struct err err = { 0 };
	struct stat st;
	char junk[4096], lock[300];

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	for (int i = 0; i < 30; i++)
		cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0);
	store_close(s);
	die_in_a_run(&t);
	snprintf(lock, sizeof(lock), "%s.lock", t.path);
	cr_assert_eq(truncate(lock, 0), 0);
	memset(junk, 0xa5, sizeof(junk));
	stat(t.path, &st);
	for (off_t at = 4 * 4096; at < st.st_size; at += 2 * 4096)
		overwrite(t.path, at, junk, sizeof(junk));
	for (int i = 0; i < 2; i++)
		cr_expect_eq(store_open(&s, t.path, STORE_WRITE, "ST-07", &err), ERR_CORRUPT,
			     "start %d: %s", i, err.text);
	place_drop(&t);
}

/* As nobody, who may not write the folder. Exit status 0: as expected. */
static int as_nobody(const struct place_to_test *t, enum store_mode mode, int want)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		struct store *s = NULL;
		struct store_row *row;
		struct arena a = { 0 };
		struct err err = { 0 };
		size_t n = 0;
		int r;

		if (getuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(77);
		r = store_open(&s, t->path, mode, "ST-07", &err);
		if (r != want)
			_exit(1);
		if (r == 0 && (store_rows(&row, &n, &a, s, NULL, &err) < 0 || n != 1))
			_exit(2);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(store, a_read_only_folder_can_be_read_and_not_written)
{
	struct place_to_test t;
	struct store *s;
	struct err err = { 0 };

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0);
	store_close(s);
	chmod(t.path, 0444);
	chmod(t.folder, 0555);
	cr_expect_eq(as_nobody(&t, STORE_WRITE, ERR_ACCESS), 0);
	cr_expect_eq(as_nobody(&t, STORE_READ, 0), 0);
	chmod(t.folder, 0755);
	place_drop(&t);
}

Test(store, a_folder_that_is_missing_is_made)
{
	struct place_to_test t;
	struct store *s;

	place_make(&t);
	snprintf(t.path, sizeof(t.path), "%s/a/b/station.db", t.folder);
	s = opened(&t, STORE_WRITE);
	store_close(s);
	place_drop(&t);
}

Test(store, a_removed_or_replaced_file_is_noticed_before_any_verdict)
{
	struct place_to_test t;
	struct unit_run r;
	struct store *s;
	struct err err = { 0 };
	char gone[128], wal[128];

	for (int what = 0; what < 3; what++) {
		place_make(&t);
		s = opened(&t, STORE_WRITE);
		cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0);
		make_run(&r, t.plan, "AS2");
		cr_assert_eq(store_begin(s, &r, &err), 0);
		snprintf(gone, sizeof(gone), "%s.gone", t.folder);
		snprintf(wal, sizeof(wal), "%s-wal", t.path);
		if (what == 0)
			cr_assert_eq(rename(t.folder, gone), 0);
		else
			cr_assert_eq(unlink(what == 1 ? t.path : wal), 0);
		for (size_t i = 0; i < 3; i++)
			make_attempt(&r, i, VERDICT_PASS);
		run_conclude(&r, 0);
		cr_expect_eq(store_commit(s, &r, &err), ERR_STORE, "case %d", what);
		cr_expect(strstr(err.text, "removed or replaced"), "%s", err.text);
		cr_expect_eq(store_commit(s, &r, &err), ERR_STORE, "and it stays so");
		cr_expect_eq(store_attempt(s, &r, 0, 0, &err), ERR_STORE);
		run_release(&r);
		store_close(s);
		if (what == 0)
			rename(gone, t.folder);
		place_drop(&t);
	}
}

/* --- what must not be possible by accident --- */

Test(store, the_record_is_append_only)
{
	static const char *const refused[] = {
		"UPDATE chain SET utc_ms = 0",
		"DELETE FROM chain",
		"UPDATE body SET bytes = x'00'",
		"DELETE FROM body WHERE seq = 1",
		"INSERT OR REPLACE INTO chain SELECT * FROM chain WHERE seq = 1",
		"INSERT OR REPLACE INTO body SELECT * FROM body WHERE seq = 1",
		"INSERT INTO chain SELECT 9, utc_ms, kind, len, digest, hash FROM chain WHERE seq "
		"= 1",
		"INSERT INTO chain(utc_ms, kind, len, digest, hash) SELECT utc_ms, kind, len, "
		"digest, "
		"hash FROM chain WHERE seq = 1",
		"INSERT INTO body VALUES(9, x'00')",
		"UPDATE content SET bytes = x'00'",
		"DELETE FROM content",
		"INSERT OR REPLACE INTO content SELECT content_id, sha256, kind, x'00' FROM "
		"content",
		"UPDATE origin SET station = 'X'",
		"INSERT OR REPLACE INTO origin VALUES(1, 'X', 'Y')",
		"DELETE FROM run",
		"UPDATE run SET verdict = 1",
		"UPDATE meas SET value = 1",
		"DELETE FROM meas",
		"UPDATE def SET lo = 1",
	};
	struct place_to_test t;
	struct store *s;
	struct err err = { 0 };
	sqlite3 *db;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0);
	cr_assert_eq(sqlite3_open(t.path, &db), SQLITE_OK);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		cr_expect_neq(sqlite3_exec(db, refused[i], NULL, NULL, NULL), SQLITE_OK, "%s",
			      refused[i]);
	sqlite3_close(db);
	assert_whole(s);
	store_close(s);
	place_drop(&t);
}

/* --- serials and times that nobody should have --- */

Test(store, hostile_serials_stay_what_they_are)
{
	struct place_to_test t;
	struct store *s;
	struct err err = { 0 };
	char *lots;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	lots = arena_alloc(&t.arena, 10001);
	memset(lots, 'A', 10000);
	for (size_t i = 0; i <= HOSTILE_TEXTS; i++) {
		const char *serial = i < HOSTILE_TEXTS ? hostile_texts[i] : lots;
		struct store_filter f = { .serial = serial };
		struct store_unit unit;
		struct store_row *row;
		struct unit_run back;
		char id[37];
		size_t n;

		cr_assert_eq(make_recorded(id, s, t.plan, serial, VERDICT_PASS, &err), 0,
			     "row %zu: %s", i, err.text);
		cr_assert_eq(store_rows(&row, &n, &t.arena, s, &f, &err), 0);
		cr_assert_eq(n, 1, "row %zu: %zu runs", i, n);
		cr_expect_str_eq(row[0].run, id);
		cr_expect_str_eq(row[0].serial, run_clean(&t.arena, serial));
		cr_expect_eq(text_utf8_bad(row[0].serial, strlen(row[0].serial)),
			     strlen(row[0].serial));
		cr_assert_eq(store_unit(&unit, s, "P", serial, "FCT", &err), 0);
		cr_expect_eq(unit.counted, 1);
		cr_assert_eq(store_load(&back, s, id, &err), 0, "%s", err.text);
		cr_expect_str_eq(back.serial, row[0].serial);
		run_release(&back);
	}
	assert_whole(s);
	store_close(s);
	place_drop(&t);
}

Test(store, a_clock_set_back_changes_no_order)
{
	static const int64_t clocks[] = { 1767600000000, 1452000000000, 2083000000000, 0 };
	struct place_to_test t;
	struct store *s;
	struct store_row *row;
	struct err err = { 0 };
	size_t n;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	for (size_t i = 0; i < 4; i++) {
		struct unit_run r;

		clock_freeze_wall_ms(clocks[i]);
		make_run(&r, t.plan, "AS1");
		r.started_ms = clocks[i];
		cr_assert_eq(make_whole(s, &r, i < 3 ? VERDICT_FAIL : VERDICT_PASS, &err), 0);
		run_release(&r);
	}
	cr_assert_eq(store_rows(&row, &n, &t.arena, s, NULL, &err), 0);
	cr_assert_eq(n, 4);
	for (size_t i = 0; i < 4; i++) {
		cr_expect_eq(row[i].started_ms, clocks[i]);
		cr_expect_eq(row[i].attempt, (int64_t)i + 1);
	}
	assert_whole(s);
	store_close(s);
	place_drop(&t);
}

Test(store, a_reader_sees_whole_runs_while_a_writer_writes)
{
	struct place_to_test t;
	struct store *s, *reader;
	struct unit_run r;
	struct err err = { 0 };
	char text[300];

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	reader = opened(&t, STORE_READ);
	for (int i = 0; i < 10; i++) {
		cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0, "%s",
			     err.text);
		cr_expect_eq(make_verified(reader, text, sizeof(text)), 0, "%s", text);
	}
	make_run(&r, t.plan, "AS1");
	cr_assert_eq(store_begin(s, &r, &err), 0);
	cr_expect_eq(make_verified(reader, text, sizeof(text)), 0,
		     "a run that is going on is no problem: %s", text);
	run_release(&r);
	store_close(reader);
	store_close(s);
	place_drop(&t);
}

Test(store, a_frozen_reader_sees_one_moment)
{
	struct place_to_test t;
	struct store *s, *reader;
	struct store_head head;
	struct store_row *row;
	struct err err = { 0 };
	size_t n;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	cr_assert_eq(make_recorded(NULL, s, t.plan, "AS1", VERDICT_PASS, &err), 0);
	cr_expect_eq(store_freeze(s, &err), ERR_INTERNAL, "it would hold up the commits");
	reader = opened(&t, STORE_READ);
	cr_assert_eq(store_freeze(reader, &err), 0, "%s", err.text);
	cr_assert_eq(make_recorded(NULL, s, t.plan, "AS2", VERDICT_PASS, &err), 0, "%s", err.text);
	cr_assert_eq(store_rows(&row, &n, &t.arena, reader, NULL, &err), 0, "%s", err.text);
	cr_expect_eq(n, 1);
	cr_assert_eq(store_head(&head, reader, &err), 0, "%s", err.text);
	cr_expect_eq(head.closed, 1);
	store_close(reader);
	reader = opened(&t, STORE_READ);
	cr_assert_eq(store_head(&head, reader, &err), 0, "%s", err.text);
	cr_expect_eq(head.closed, 2);
	store_close(reader);
	store_close(s);
	place_drop(&t);
}

Test(store, sync_is_due_after_attempts_and_done_by_commits)
{
	struct place_to_test t;
	struct store *s;
	struct unit_run r;
	struct err err = { 0 };

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	make_run(&r, t.plan, "AS1");
	cr_assert_eq(store_begin(s, &r, &err), 0);
	cr_expect_eq(store_unsynced(s), 0);
	make_attempt(&r, 0, VERDICT_PASS);
	cr_assert_eq(store_attempt(s, &r, 0, 0, &err), 0);
	cr_expect_neq(store_unsynced(s), 0);
	cr_assert_eq(store_sync(s, &err), 0);
	cr_expect_eq(store_unsynced(s), 0);
	r.step[1].skip_rule = r.step[2].skip_rule = "variant";
	cr_assert_eq(store_attempt(s, &r, 1, SIZE_MAX, &err), 0);
	cr_expect_neq(store_unsynced(s), 0);
	run_conclude(&r, 0);
	cr_assert_eq(store_commit(s, &r, &err), 0);
	cr_expect_eq(store_unsynced(s), 0);
	run_release(&r);
	store_close(s);
	place_drop(&t);
}

/* The store's view of the disk, when a test says so. */
static uint64_t pretended_free;

int statvfs(const char *path, struct statvfs *out)
{
	struct statfs fs;

	if (statfs(path, &fs))
		return -1;
	*out = (struct statvfs){ .f_frsize = 4096, .f_bavail = fs.f_bavail };
	if (pretended_free)
		out->f_bavail = pretended_free / 4096;
	return 0;
}

Test(store, a_nearly_full_disk_starts_no_run_and_still_ends_one)
{
	struct place_to_test t;
	struct store *s;
	struct unit_run r, more;
	struct err err = { 0 };

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	make_run(&r, t.plan, "AS1");
	cr_assert_eq(store_begin(s, &r, &err), 0, "%s", err.text);
	pretended_free = 3 << 20;
	make_run(&more, t.plan, "AS2");
	cr_expect_eq(store_begin(s, &more, &err), ERR_STORE);
	cr_expect(strstr(err.text, "3.0 MiB free") && strstr(err.text, "16"), "%s", err.text);
	for (size_t i = 0; i < 3; i++)
		make_attempt(&r, i, VERDICT_PASS);
	run_conclude(&r, 0);
	cr_expect_eq(store_commit(s, &r, &err), 0, "what began may end: %s", err.text);
	assert_whole(s);
	run_release(&r);
	run_release(&more);
	store_close(s);
	place_drop(&t);
}

Test(store, units_are_found_by_a_part_of_their_serial_newest_first)
{
	struct place_to_test t;
	struct store_found *found;
	struct store *s;
	struct err err = { 0 };
	char last[37];
	size_t n;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	cr_assert_eq(store_find(&found, &n, &t.arena, s, "", 10, &err), 0, "%s", err.text);
	cr_expect_eq(n, 0);
	make_recorded(NULL, s, t.plan, "AS10", VERDICT_FAIL, &err);
	make_recorded(NULL, s, t.plan, "AS20", VERDICT_PASS, &err);
	make_recorded(NULL, s, t.plan, "BX%_", VERDICT_PASS, &err);
	make_recorded(last, s, t.plan, "AS10", VERDICT_PASS, &err);
	cr_assert_eq(store_find(&found, &n, &t.arena, s, "", 10, &err), 0, "%s", err.text);
	cr_assert_eq(n, 3);
	cr_expect_str_eq(found[0].serial, "AS10");
	cr_expect_str_eq(found[0].run, last);
	cr_expect_str_eq(found[0].product, t.plan->product);
	cr_expect(found[0].runs == 2 && found[0].verdict == VERDICT_PASS);
	cr_expect_str_eq(found[2].serial, "AS20");
	cr_assert_eq(store_find(&found, &n, &t.arena, s, "S", 10, &err), 0);
	cr_assert_eq(n, 2);
	cr_expect(!strcmp(found[0].serial, "AS10") && found[0].runs == 2);
	cr_expect_str_eq(found[1].serial, "AS20");
	cr_assert_eq(store_find(&found, &n, &t.arena, s, "S", 1, &err), 0);
	cr_expect(n == 1 && !strcmp(found[0].serial, "AS10"));
	cr_assert_eq(store_find(&found, &n, &t.arena, s, "%", 10, &err), 0);
	cr_expect(n == 1 && !strcmp(found[0].serial, "BX%_"), "no pattern, a text");
	cr_assert_eq(store_find(&found, &n, &t.arena, s, "' OR 1", 10, &err), 0);
	cr_expect_eq(n, 0);
	store_close(s);
	place_drop(&t);
}

Test(store, verdicts_that_nobody_saw_are_counted_until_the_unit_has_another)
{
	struct place_to_test t;
	struct unit_run r;
	struct store *s;
	struct err err = { 0 };
	char run[4][37], last[37];
	size_t n;

	place_make(&t);
	s = opened(&t, STORE_WRITE);
	cr_assert_eq(store_unseen(run, &n, 4, s, &err), 0, "%s", err.text);
	cr_expect_eq(n, 0);
	make_recorded(NULL, s, t.plan, "A", VERDICT_FAIL, &err);
	make_recorded(NULL, s, t.plan, "B", VERDICT_PASS, &err);
	make_recorded(last, s, t.plan, "A", VERDICT_PASS, &err);
	cr_assert_eq(store_unseen(run, &n, 4, s, &err), 0, "%s", err.text);
	cr_assert_eq(n, 2, "the first of A is left behind");
	cr_expect_str_eq(run[1], last);
	cr_assert_eq(store_unseen(run, &n, 1, s, &err), 0);
	cr_expect_eq(n, 1);
	cr_expect_str_eq(run[0], last, "the newest");
	make_run(&r, t.plan, "A");
	memcpy(r.id, last, sizeof(r.id));
	cr_assert_eq(store_shown(s, &r, &err), 0, "%s", err.text);
	run_release(&r);
	cr_assert_eq(store_unseen(run, &n, 4, s, &err), 0);
	cr_expect_eq(n, 1);
	store_close(s);
	place_drop(&t);
}
