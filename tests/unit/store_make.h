#ifndef TESTS_UNIT_STORE_MAKE_H
#define TESTS_UNIT_STORE_MAKE_H

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run_make.h"
#include "store/store.h"

/*
 * store_make -- a folder for a record of its own, a record in it, and runs to put into it.
 * A test is a process of its own, and most need but one of each:
 *
 *	record_start();
 *	OK(make_recorded(NULL, record, place.plan, "AS1", VERDICT_PASS, &err));
 *	record_finish();
 */
extern struct place_to_test {
	char folder[64], path[96]; /* path: of the record */
	struct arena arena;
	struct plan *plan;
} place;
extern struct store *record;

void place_make(struct place_to_test *t); /* without a record yet */
void place_drop(struct place_to_test *t);
/* The record of station ST-07 there; asserts that it can be opened. */
struct store *place_open(const struct place_to_test *t, enum store_mode mode);
void place_sql(const struct place_to_test *t, const char *text); /* behind the store's back */
/* A process begins a run of AS9, journals a PASS and a FAIL, and is killed. */
void place_die(const struct place_to_test *t);

void record_start(void);            /* of place, open for writing */
void record_whole(struct store *s); /* asserts that it verifies */
void record_finish(void);           /* it is whole; place is dropped */

/* A call of the test that must do: its err tells why it did not. */
#define OK(call) cr_assert_eq(call, 0, "%s", err.text)

/* A run of the unit, ready to begin. */
void make_run(struct unit_run *r, const struct plan *p, const char *serial);

void make_begun(struct unit_run *r, const char *serial); /* of place.plan, begun in record */

/* Begin, every step with one passing attempt (the last with `last`), commit. */
int make_whole(struct store *s, struct unit_run *r, enum verdict last, struct err *err);

/* One whole run of a unit, its id in id unless NULL. */
int make_recorded(char id[37], struct store *s, const struct plan *p, const char *serial,
		  enum verdict last, struct err *err);

/* Verify; the number of problems, the first of them in text. */
size_t make_verified(struct store *s, char *text, size_t size);

#endif /* TESTS_UNIT_STORE_MAKE_H */
