/* store_recover: runs that nothing closed. */
#include "store_make.h"

TestSuite(store_recover, .timeout = 20);

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

Test(store_recover, a_killed_run_is_closed_as_interrupted)
{
	struct heard h = { 0 };
	struct unit_run mine;
	struct store_row *row;
	struct err err = { 0 };
	char text[300];
	size_t n;

	place_make(&place);
	place_die(&place);
	record = place_open(&place, STORE_READ);
	cr_expect_eq(make_verified(record, text, sizeof(text)), 1);
	cr_expect(strstr(text, "nothing closed"), "%s", text);
	store_close(record);
	record = place_open(&place, STORE_WRITE);
	cr_assert_eq(store_recover(record, hear, &h, &err), 1, "%s", err.text);
	cr_expect(h.n == 1 && h.verdict == VERDICT_INTERRUPTED && h.attempts == 2);
	cr_expect_str_eq(h.serial, "AS9");
	cr_expect_eq(h.duration_ms, 190, "up to the last journal row");
	make_begun(&mine, "AS1");
	cr_expect_eq(store_recover(record, hear, &h, &err), 0, "what runs now is left alone");
	OK(store_rows(&row, &n, &place.arena, record, NULL, &err));
	cr_assert_eq(n, 1);
	cr_expect(row[0].ended_ms == 0 && row[0].attempt == 1 && row[0].had_fail,
		  "interrupted after a fail: counts");
	cr_expect_str_eq(row[0].first_fail, "s2#1:ERR_TIMEOUT");
	run_release(&mine);
	record_finish();
}

Test(store_recover, a_spoiled_journal_does_not_keep_a_run_open)
{
	struct heard h = { 0 };
	struct err err = { 0 };

	place_make(&place);
	place_die(&place);
	place_sql(&place, "UPDATE journal SET head = x'7b'");
	record = place_open(&place, STORE_WRITE);
	cr_assert_eq(store_recover(record, hear, &h, &err), 1, "%s", err.text);
	cr_expect(h.n == 1 && h.verdict == VERDICT_INTERRUPTED && h.attempts == 0);
	cr_expect_str_eq(h.serial, "AS9");
	record_finish();
}
