/* store_write: a run from begin to shown, once, and never altered. */
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "base/clock.h"
#include "base/text.h"
#include "store_make.h"

TestSuite(store_write, .timeout = 20);

Test(store_write, a_run_lives_from_begin_to_shown_and_is_read_again)
{
	struct unit_run r, back;
	struct store_head head;
	struct store_row *row;
	struct err err = { 0 };
	struct sbuf one = { 0 }, two = { 0 };
	char *text;
	size_t n, len;

	record_start();
	cr_expect_eq(strlen(store_installation(record)), 36);
	make_run(&r, place.plan, "AS1");
	OK(make_whole(record, &r, VERDICT_PASS, &err));
	cr_expect_eq(r.open_seq, 1);
	cr_expect_eq(r.seq, 2);
	cr_expect_eq(r.attempt_seen, 1);
	cr_expect_str_eq(r.installation, store_installation(record));
	cr_expect_str_eq(r.station, "ST-07");
	OK(store_head(&head, record, &err));
	cr_expect_str_eq(head.hash, r.hash);
	cr_expect(head.seq == 2 && head.opened == 1 && head.closed == 1 && head.open_now == 0);
	OK(store_shown(record, &r, &err));
	OK(store_shown(record, &r, &err));
	store_close(record);

	record = place_open(&place, STORE_READ);
	record_whole(record);
	OK(store_load(&back, record, r.id, &err));
	run_to_json(&one, &r);
	run_to_json(&two, &back);
	cr_expect_str_eq(sbuf_str(&one), sbuf_str(&two));
	cr_expect_str_eq(back.hash, r.hash);
	cr_expect_str_eq(back.prev_hash, r.prev_hash);
	cr_expect(back.seq == r.seq && back.open_seq == r.open_seq && back.shown);
	run_release(&back);
	cr_expect_eq(store_load(&back, record,
				(char[9]){ r.id[0], r.id[1], r.id[2], r.id[3], r.id[4], 0 }, &err),
		     0, "by its beginning: %s", err.text);
	run_release(&back);
	cr_expect_eq(store_load(&back, record, "abc", &err), ERR_USAGE);
	cr_expect_eq(store_load(&back, record, "00000000-0000-4000-8000-000000000000", &err),
		     ERR_USAGE);
	OK(store_content(&text, &len, &place.arena, record, place.plan->sha256, &err));
	cr_expect_str_eq(text, place.plan->text);
	OK(store_rows(&row, &n, &place.arena, record, NULL, &err));
	cr_assert_eq(n, 1);
	cr_expect_str_eq(row[0].run, r.id);
	cr_expect_str_eq(row[0].serial, "AS1");
	cr_expect_str_eq(row[0].product, "P");
	cr_expect_str_eq(row[0].process, "FCT");
	cr_expect_str_eq(row[0].station, "ST-07");
	cr_expect_str_eq(row[0].plan_sha256, place.plan->sha256);
	cr_expect_str_eq(row[0].plan_revision, "3");
	cr_expect_null(row[0].first_fail);
	cr_expect(row[0].verdict == VERDICT_PASS && row[0].counts && row[0].attempt == 1);
	cr_expect_eq(store_begin(record, &r, &err), ERR_INTERNAL, "a reader writes nothing");
	store_close(record);
	sbuf_release(&one);
	sbuf_release(&two);
	run_release(&r);
	place_drop(&place);
}

Test(store_write, the_same_run_is_recorded_once)
{
	struct unit_run r;
	struct err err = { 0 };
	int64_t seq;

	record_start();
	make_run(&r, place.plan, "AS1");
	cr_assert_eq(store_commit(record, &r, &err), ERR_STORE, "without a verdict");
	run_conclude(&r, 0);
	cr_assert_eq(store_commit(record, &r, &err), ERR_STORE, "without a begin");
	cr_assert_eq(store_shown(record, &r, &err), ERR_STORE, "without a commit");
	cr_assert_eq(store_attempt(record, &r, 0, SIZE_MAX, &err), ERR_STORE, "without a begin");
	OK(make_whole(record, &r, VERDICT_FAIL, &err));
	seq = r.seq;
	r.seq = 0;
	cr_assert_eq(store_commit(record, &r, &err), 0, "a commit may be tried again: %s",
		     err.text);
	cr_expect_eq(r.seq, seq);
	r.duration_ms++;
	cr_expect_eq(store_commit(record, &r, &err), ERR_STORE);
	cr_expect_eq(store_begin(record, &r, &err), ERR_STORE);
	run_release(&r);
	record_finish();
}

Test(store_write, a_content_must_be_what_its_hash_says)
{
	struct unit_run r;
	struct err err = { 0 };
	char *text;
	size_t len;

	record_start();
	make_run(&r, place.plan, "AS1");
	r.plan_text = "another";
	cr_expect_eq(store_begin(record, &r, &err), ERR_INTERNAL);
	r.plan_text = NULL;
	cr_expect_eq(store_begin(record, &r, &err), ERR_INTERNAL);
	cr_expect_eq(store_content(&text, &len, &place.arena, record, place.plan->sha256, &err),
		     ERR_CORRUPT);
	cr_expect_eq(store_content(&text, &len, &place.arena, record, "xyz", &err), ERR_USAGE);
	r.plan_text = place.plan->text;
	cr_expect_eq(store_begin(record, &r, &err), 0, "%s", err.text);
	run_release(&r);
	record_finish();
}

Test(store_write, the_record_is_append_only)
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
	struct err err = { 0 };
	sqlite3 *db;

	record_start();
	OK(make_recorded(NULL, record, place.plan, "AS1", VERDICT_PASS, &err));
	cr_assert_eq(sqlite3_open(place.path, &db), SQLITE_OK);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		cr_expect_neq(sqlite3_exec(db, refused[i], NULL, NULL, NULL), SQLITE_OK, "%s",
			      refused[i]);
	sqlite3_close(db);
	record_finish();
}

Test(store_write, sync_is_due_after_attempts_and_done_by_commits)
{
	struct unit_run r;
	struct err err = { 0 };

	record_start();
	make_begun(&r, "AS1");
	cr_expect_eq(store_unsynced(record), 0);
	make_attempt(&r, 0, VERDICT_PASS);
	OK(store_attempt(record, &r, 0, 0, &err));
	cr_expect_neq(store_unsynced(record), 0);
	OK(store_sync(record, &err));
	cr_expect_eq(store_unsynced(record), 0);
	r.step[1].skip_rule = r.step[2].skip_rule = "variant";
	OK(store_attempt(record, &r, 1, SIZE_MAX, &err));
	cr_expect_neq(store_unsynced(record), 0);
	run_conclude(&r, 0);
	OK(store_commit(record, &r, &err));
	cr_expect_eq(store_unsynced(record), 0);
	run_release(&r);
	record_finish();
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

Test(store_write, a_nearly_full_disk_starts_no_run_and_still_ends_one)
{
	struct unit_run r, more;
	struct err err = { 0 };

	record_start();
	make_begun(&r, "AS1");
	pretended_free = 3 << 20;
	make_run(&more, place.plan, "AS2");
	cr_expect_eq(store_begin(record, &more, &err), ERR_STORE);
	cr_expect(strstr(err.text, "3.0 MiB free") && strstr(err.text, "16"), "%s", err.text);
	for (size_t i = 0; i < 3; i++)
		make_attempt(&r, i, VERDICT_PASS);
	run_conclude(&r, 0);
	cr_expect_eq(store_commit(record, &r, &err), 0, "what began may end: %s", err.text);
	run_release(&r);
	run_release(&more);
	record_finish();
}

Test(store_write, hostile_serials_stay_what_they_are)
{
	struct err err = { 0 };
	char *lots;

	record_start();
	lots = arena_alloc(&place.arena, 10001);
	memset(lots, 'A', 10000);
	for (size_t i = 0; i <= HOSTILE_TEXTS; i++) {
		const char *serial = i < HOSTILE_TEXTS ? hostile_texts[i] : lots;
		struct store_filter f = { .serial = serial };
		struct store_unit unit;
		struct store_row *row;
		struct unit_run back;
		char id[37];
		size_t n;

		cr_assert_eq(make_recorded(id, record, place.plan, serial, VERDICT_PASS, &err), 0,
			     "row %zu: %s", i, err.text);
		OK(store_rows(&row, &n, &place.arena, record, &f, &err));
		cr_assert_eq(n, 1, "row %zu: %zu runs", i, n);
		cr_expect_str_eq(row[0].run, id);
		cr_expect_str_eq(row[0].serial, run_clean(&place.arena, serial));
		cr_expect_eq(text_utf8_bad(row[0].serial, strlen(row[0].serial)),
			     strlen(row[0].serial));
		OK(store_unit(&unit, record, "P", serial, "FCT", &err));
		cr_expect_eq(unit.counted, 1);
		OK(store_load(&back, record, id, &err));
		cr_expect_str_eq(back.serial, row[0].serial);
		run_release(&back);
	}
	record_finish();
}

Test(store_write, a_clock_set_back_changes_no_order)
{
	static const int64_t clocks[] = { 1767600000000, 1452000000000, 2083000000000, 0 };
	struct store_row *row;
	struct err err = { 0 };
	size_t n;

	record_start();
	for (size_t i = 0; i < 4; i++) {
		struct unit_run r;

		clock_freeze_wall_ms(clocks[i]);
		make_run(&r, place.plan, "AS1");
		r.started_ms = clocks[i];
		OK(make_whole(record, &r, i < 3 ? VERDICT_FAIL : VERDICT_PASS, &err));
		run_release(&r);
	}
	OK(store_rows(&row, &n, &place.arena, record, NULL, &err));
	cr_assert_eq(n, 4);
	for (size_t i = 0; i < 4; i++) {
		cr_expect_eq(row[i].started_ms, clocks[i]);
		cr_expect_eq(row[i].attempt, (int64_t)i + 1);
	}
	record_finish();
}
