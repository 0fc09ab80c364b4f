#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "store_make.h"

TestSuite(store_note, .timeout = 60);

#define PRODUCT "LAMP-1"

static struct place_to_test t;
static struct store *s;
static struct err err;

static void start(void)
{
	place_make(&t);
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-01", &err), 0, "%s", err.text);
}

static void again(void)
{
	store_close(s);
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-01", &err), 0, "%s", err.text);
}

static void finish(void)
{
	char text[256];

	cr_expect_eq(make_verified(s, text, sizeof(text)), 0, "%s", text);
	store_close(s);
	place_drop(&t);
}

static struct store_unit unit(const char *serial)
{
	struct store_unit u;

	cr_assert_eq(store_unit(&u, s, t.plan->product, serial, t.plan->process, &err), 0, "%s",
		     err.text);
	return u;
}

static void decide(enum store_note_kind kind, const char *what, const char *serial)
{
	struct store_note n = { .kind = kind,
				.what = what,
				.product = t.plan->product,
				.serial = serial,
				.process = t.plan->process,
				.by = "1184",
				.by_how = "badge engineer",
				.reason = "needle bent" };

	cr_assert_eq(store_note(s, &n, &err), 0, "%s", err.text);
	cr_expect_gt(n.seq, 0);
	cr_expect_gt(n.at_ms, 0);
}

static void fail(const char *serial)
{
	cr_assert_eq(make_recorded(NULL, s, t.plan, serial, VERDICT_FAIL, &err), 0, "%s", err.text);
}

Test(store_note, a_disposition_ends_the_count_and_a_grant_adds_to_it)
{
	struct store_unit u;

	start();
	fail("A");
	fail("A");
	u = unit("A");
	cr_expect_eq(u.used, 2);
	cr_expect_eq(u.grants, 0);
	decide(STORE_GRANT, "attempt", "A");
	decide(STORE_GRANT, "attempt", "B");
	u = unit("A");
	cr_expect_eq(u.used, 2);
	cr_expect_eq(u.grants, 1);
	decide(STORE_DISPOSITION, "rework", "A");
	u = unit("A");
	cr_expect_eq(u.used, 0);
	cr_expect_eq(u.grants, 0, "a grant is of the count that it was given for");
	cr_expect_eq(u.counted, 2, "yield counts what it counted");
	cr_expect_str_eq(u.disposition, "rework");
	cr_expect(u.disposed_last);
	cr_expect_eq(u.scrapped_ms, 0);
	fail("A");
	u = unit("A");
	cr_expect_eq(u.used, 1);
	cr_expect_eq(u.counted, 3);
	cr_expect_not(u.disposed_last);
	u = unit("B");
	cr_expect_eq(u.grants, 1, "before its first run");
	cr_expect_eq(u.counted, 0);
	again();
	cr_expect_eq(unit("A").used, 1);
	finish();
}

Test(store_note, scrap_is_for_ever_and_for_every_process)
{
	struct store_note n = { .kind = STORE_DISPOSITION,
				.what = "scrap",
				.product = "",
				.serial = "A",
				.process = "ICT",
				.by = "7",
				.by_how = "badge qa" };

	start();
	n.product = t.plan->product;
	fail("A");
	cr_assert_eq(store_note(s, &n, &err), 0, "%s", err.text);
	cr_expect_eq(unit("A").scrapped_ms, n.at_ms);
	cr_expect_str_eq(unit("A").scrapped_by, "7");
	cr_expect_str_eq(unit("A").disposition, "", "of another process");
	decide(STORE_DISPOSITION, "rework", "A");
	cr_expect_eq(unit("A").scrapped_ms, n.at_ms);
	n.product = "another";
	n.serial = "B";
	cr_assert_eq(store_note(s, &n, &err), 0, "%s", err.text);
	cr_expect_eq(unit("B").scrapped_ms, 0, "a serial of another product");
	finish();
}

/* Yield reads the run table: nothing of it may move. */
Test(store_note, no_run_changes)
{
	struct store_row *before, *after;
	struct arena a = { 0 };
	size_t n, m;

	start();
	fail("A");
	fail("A");
	cr_assert_eq(store_rows(&before, &n, &a, s, NULL, &err), 0);
	decide(STORE_DISPOSITION, "ntf", "A");
	decide(STORE_GRANT, "attempt", "A");
	cr_assert_eq(store_rows(&after, &m, &a, s, NULL, &err), 0);
	cr_assert_eq(n, m);
	for (size_t i = 0; i < n; i++) {
		cr_expect_eq(before[i].attempt, after[i].attempt);
		cr_expect_eq(before[i].counts, after[i].counts);
	}
	fail("A");
	cr_assert_eq(store_rows(&after, &m, &a, s, NULL, &err), 0);
	cr_expect_eq(after[2].attempt, 3);
	arena_free(&a);
	finish();
}

Test(store_note, all_keys_come_back_in_order)
{
	struct store_note hook = { .kind = STORE_HOOK,
				   .what = "before_unit",
				   .product = PRODUCT,
				   .serial = "A\"\\\n",
				   .process = "FCT",
				   .slot = "2",
				   .by = "mes/ask",
				   .by_how = "program",
				   .reason = "lot on hold",
				   .is = "refused" };
	struct store_note map = { .kind = STORE_CONFIG,
				  .what = "map",
				  .slot = "2",
				  .by = "9",
				  .by_how = "badge engineer",
				  .reason = "new hub",
				  .was = "1-1.2",
				  .is = "1-1.4" };
	struct store_note *list;
	struct arena a = { 0 };
	char *big = arena_alloc(&a, 5001);
	size_t n;

	start();
	memset(big, 'x', 5000);
	memcpy(big + 2044, "\xc3\xa9\xc3\xa9", 4);
	cr_assert_eq(store_note(s, &hook, &err), 0, "%s", err.text);
	cr_assert_eq(store_note(s, &map, &err), 0, "%s", err.text);
	map.reason = big;
	cr_assert_eq(store_note(s, &map, &err), 0, "%s", err.text);
	cr_assert_eq(store_notes(&list, &n, &a, s, NULL, NULL, NULL, 0, &err), 0);
	cr_assert_eq(n, 3);
	cr_expect_eq(list[0].kind, STORE_HOOK);
	cr_expect_str_eq(list[0].serial, "A\"\\\\\\n", "as records hold text");
	cr_expect_str_eq(list[0].is, "refused");
	cr_expect_str_eq(list[0].reason, "lot on hold");
	cr_expect_null(list[0].was);
	cr_expect_null(list[0].run);
	cr_expect_str_eq(list[1].was, "1-1.2");
	cr_expect_str_eq(list[1].is, "1-1.4");
	cr_expect_str_eq(list[1].by_how, "badge engineer");
	cr_expect_null(list[1].serial);
	cr_expect_eq(list[1].seq, list[0].seq + 1);
	cr_expect_leq(strlen(list[2].reason), 2048);
	cr_expect_str_eq(list[2].reason + strlen(list[2].reason) - 3, "...");
	cr_assert_eq(store_notes(&list, &n, &a, s, NULL, NULL, NULL, 2, &err), 0);
	cr_assert_eq(n, 2);
	cr_expect_str_eq(list[0].was, "1-1.2", "the last two, oldest first");
	cr_assert_eq(store_notes(&list, &n, &a, s, PRODUCT, "A\"\\\n", NULL, 0, &err), 0);
	cr_expect_eq(n, 1);
	cr_assert_eq(store_notes(&list, &n, &a, s, PRODUCT, "A\"\\\n", "ICT", 0, &err), 0);
	cr_expect_eq(n, 0);
	for (size_t i = 0; i < 40; i++)
		decide(STORE_GRANT, "attempt", "C");
	cr_assert_eq(store_notes(&list, &n, &a, s, NULL, "C", NULL, 0, &err), 0);
	cr_assert_eq(n, 40);
	cr_expect_lt(list[0].seq, list[39].seq);
	arena_free(&a);
	finish();
}

Test(store_note, what_is_not_whole_is_refused)
{
	static const struct store_note bad[] = {
		{ .kind = STORE_NOTE_NONE, .what = "x", .by = "1", .by_how = "none" },
		{ .kind = STORE_NOTE_END_, .what = "x", .by = "1", .by_how = "none" },
		{ .kind = STORE_GRANT, .what = "attempt", .by = "1", .by_how = "none" },
		{ .kind = STORE_GRANT,
		  .what = "attempt",
		  .serial = "A",
		  .product = "P",
		  .by = "1",
		  .by_how = "none" },
		{ .kind = STORE_GRANT,
		  .what = "attempt",
		  .serial = "A",
		  .product = "P",
		  .process = "FCT",
		  .by_how = "none" },
		{ .kind = STORE_DISPOSITION,
		  .what = "burn",
		  .serial = "A",
		  .product = "P",
		  .process = "FCT",
		  .by = "1",
		  .by_how = "none" },
		{ .kind = STORE_CONFIG, .by = "1", .by_how = "none" },
	};
	struct store_head head;

	start();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct store_note n = bad[i];

		cr_expect_eq(store_note(s, &n, &err), ERR_USAGE, "%zu", i);
	}
	cr_assert_eq(store_head(&head, s, &err), 0);
	cr_expect_eq(head.seq, 0, "nothing was written");
	finish();
}

static void sql(const char *path, const char *text)
{
	sqlite3 *h;
	char *why = NULL;

	cr_assert_eq(sqlite3_open(path, &h), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(h, text, NULL, NULL, &why), SQLITE_OK, "%s", why);
	sqlite3_close(h);
}

/* Each way to change one later is found. */
Test(store_note, verify_finds_each_change)
{
	static const char *const changes[] = {
		"DROP TRIGGER note_update; UPDATE note SET kind = 1",
		"DROP TRIGGER note_update; UPDATE note SET serial = 'B'",
		"DROP TRIGGER note_update; UPDATE note SET at_ms = at_ms + 1",
		"DROP TRIGGER note_delete; DELETE FROM note",
		"INSERT INTO note VALUES(99, 1, 1, NULL, NULL, NULL, 1, 5)",
		("DROP TRIGGER body_update; UPDATE body SET bytes = CAST(replace(bytes, "
		 "'rework', 'scrap!') AS BLOB) WHERE seq = 3"),
		"DROP TRIGGER chain_update; UPDATE chain SET kind = 'grant' WHERE seq = 3",
		"DROP INDEX note_unit",
	};
	char text[256];

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		start();
		fail("A");
		decide(STORE_DISPOSITION, "rework", "A");
		cr_expect_eq(make_verified(s, text, sizeof(text)), 0, "%s", text);
		store_close(s);
		sql(t.path, changes[i]);
		cr_assert_eq(store_open(&s, t.path, STORE_READ, "ST-01", &err), 0, "%s", err.text);
		cr_expect_gt(make_verified(s, text, sizeof(text)), 0, "%s", changes[i]);
		store_close(s);
		place_drop(&t);
	}
}

Test(store_note, the_table_is_append_only)
{
	sqlite3 *h;

	start();
	decide(STORE_DISPOSITION, "rework", "A");
	finish();
	start();
	decide(STORE_DISPOSITION, "rework", "A");
	store_close(s);
	cr_assert_eq(sqlite3_open(t.path, &h), SQLITE_OK);
	cr_expect_neq(sqlite3_exec(h, "UPDATE note SET kind = 1", NULL, NULL, NULL), SQLITE_OK);
	cr_expect_neq(sqlite3_exec(h, "DELETE FROM note", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(h);
	place_drop(&t);
}

/* --- a file of the version before --- */

static void put_old(void)
{
	struct arena a = { 0 };
	char *text;
	size_t n;

	place_make(&t);
	cr_assert_eq(file_read(&text, &n, &a, "tests/data/record-1.sql", 1 << 20, &err), 0, "%s",
		     err.text);
	sql(t.path, text);
	arena_free(&a);
}

Test(store_note, an_older_file_is_read_as_it_is)
{
	struct store_note *list,
		note = { .kind = STORE_CONFIG, .what = "x", .by = "1", .by_how = "none" };
	struct store_row *row;
	struct arena a = { 0 };
	struct store_unit u;
	char text[256];
	size_t n;

	put_old();
	cr_assert_eq(store_open(&s, t.path, STORE_READ, "ST-01", &err), 0, "%s", err.text);
	cr_expect_eq(make_verified(s, text, sizeof(text)), 0, "%s", text);
	cr_assert_eq(store_rows(&row, &n, &a, s, NULL, &err), 0, "%s", err.text);
	cr_expect_eq(n, 3);
	cr_assert_eq(store_notes(&list, &n, &a, s, NULL, NULL, NULL, 0, &err), 0);
	cr_expect_eq(n, 0);
	cr_assert_eq(store_unit(&u, s, PRODUCT, "L-3", "FCT", &err), 0, "%s", err.text);
	cr_expect_eq(u.used, 1);
	cr_expect_eq(u.last, VERDICT_FAIL);
	cr_expect_lt(store_note(s, &note, &err), 0);
	store_close(s);
	arena_free(&a);
	place_drop(&t);
}

Test(store_note, an_older_file_is_brought_to_this_version)
{
	struct store_note note = { .kind = STORE_DISPOSITION,
				   .what = "rework",
				   .product = PRODUCT,
				   .serial = "L-3",
				   .process = "FCT",
				   .by = "1184",
				   .by_how = "badge operator" };
	struct store_head before, after;
	struct arena a = { 0 };
	struct store_unit u;
	struct store_row *row;
	char text[256];
	size_t n;

	put_old();
	cr_assert_eq(store_open(&s, t.path, STORE_READ, "ST-01", &err), 0, "%s", err.text);
	cr_assert_eq(store_head(&before, s, &err), 0);
	store_close(s);
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-01", &err), 0, "%s", err.text);
	cr_assert_eq(store_head(&after, s, &err), 0);
	cr_expect_eq(after.seq, before.seq);
	cr_expect_str_eq(after.hash, before.hash);
	cr_expect_eq(make_verified(s, text, sizeof(text)), 0, "%s", text);
	cr_assert_eq(store_note(s, &note, &err), 0, "%s", err.text);
	cr_assert_eq(store_unit(&u, s, PRODUCT, "L-3", "FCT", &err), 0, "%s", err.text);
	cr_expect_eq(u.used, 0);
	cr_expect_eq(u.counted, 1);
	cr_expect_eq(make_verified(s, text, sizeof(text)), 0, "%s", text);
	cr_assert_eq(store_rows(&row, &n, &a, s, NULL, &err), 0, "%s", err.text);
	cr_expect_eq(n, 3);
	store_close(s);
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-01", &err), 0, "%s", err.text);
	cr_expect_eq(make_verified(s, text, sizeof(text)), 0, "%s", text);
	store_close(s);
	arena_free(&a);
	place_drop(&t);
}
