#ifndef STATION_FLOOR_POLICY_H
#define STATION_FLOOR_POLICY_H

#include "floor/label.h"
#include "floor/people.h"
#include "link/fixture.h"
#include "plan/plan.h"
#include "store/store.h"

/*
 * policy -- may this unit be tested now? Every reason against it, each with a word
 * that tests and translations rely on. station_start() asks here and nowhere else.
 *
 * Attempts count the unit's counted runs since its last disposition; each `grant`
 * since then allows one more. Neither changes what yield counts.
 */
/* clang-format off */
/* word, code, and in policy.c its sentence. Shipped words keep their meaning. */
#define POLICY_LIST(X)                                                          \
	X(FINE,           "fine",                OK)                            \
	X(WRONG_FORMAT,   "wrong_format",        USAGE) /* the label */         \
	X(WRONG_CHECK,    "wrong_check_digit",   USAGE)                         \
	X(WRONG_CODE,     "wrong_code",          USAGE) /* product code is not the plan's */ \
	X(NO_PLAN,        "no_plan",             USAGE) /* no plan wants the label */ \
	X(SEVERAL_PLANS,  "several_plans",       USAGE)                         \
	X(PLAN_FINDINGS,  "plan_not_clean",      PLAN)                          \
	X(NO_OPERATOR,    "no_operator",         USAGE)                         \
	X(RUNNING,        "already_running",     BUSY)                          \
	X(SCRAPPED,       "scrapped",            USAGE)                         \
	X(PASSED,         "already_passed",      USAGE)                         \
	X(ASK_PASSED,     "already_passed_ask",  USAGE) /* may be confirmed */  \
	X(ATTEMPTS,       "attempts_used_up",    USAGE)                         \
	X(ROUTE_MISSING,  "previous_missing",    USAGE)                         \
	X(ROUTE_FAILED,   "previous_failed",     USAGE)                         \
	X(CLOCK,          "clock_wrong",         CONF)                          \
	X(CALIBRATION,    "calibration_overdue", CONF)                          \
	X(CYCLES,         "cycles_used_up",      CONF)                          \
	X(DISK,           "disk_full",           STORE)                         \
	X(HOOK,           "hook_refused",        USAGE) /* before_unit said no */ \
	X(HOOK_FAILED,    "hook_failed",         CONF)  /* before_unit gave no answer */
enum policy_word {
#define POLICY_ENUM(name, word, code) POLICY_##name,
	POLICY_LIST(POLICY_ENUM)
#undef POLICY_ENUM
	POLICY_END_
};
/* clang-format on */

const char *policy_code(enum policy_word w); /* "wrong_format" */

struct policy_case { /* what is asked; zero and NULL where it does not apply */
	const struct plan *plan;
	const char *serial;  /* escaped, as records hold it */
	const char *scanned; /* as the label gave it; NULL: serial */
	const struct fixture *fixture;
	struct store *store;
	const char *data;       /* folder whose disk must have room, or NULL */
	const char *running_on; /* slot where the unit is being tested now, or NULL */
	enum run_mode mode;
	int partial;           /* some steps only: attempts, route and retests do not matter */
	int login;             /* somebody must be logged in */
	enum people_role role; /* who is */
	int confirmed;         /* "already passed: test it again?" was answered with yes */
};

struct policy_answer {
	enum policy_word word; /* FINE: it may start */
	char text[400];        /* one sentence: what is, what to do; "" when fine */
	char note[200];        /* fine or not: "recorded as PASS at 14:03, not seen"; or "" */
	int64_t attempt;       /* which it would be since the last disposition: 1, 2 ... */
	int64_t attempts_max;  /* with grants; 0: no limit */
	int64_t cycles;        /* of the fixture so far */
	int second_look; /* it failed like others on other slots; now its failure is its own */
	/* For the record: previous run, rule, who granted the last attempt and why; "" for a
	 * first run. */
	char retest[400];
};

/* 0: fine. Else the code of the word, and err says the same as out->text; or ERR_STORE ...
 * when the record cannot be asked (then out->word is DISK). */
int policy_ask(struct policy_answer *out, const struct policy_case *c, struct err *err);

/* Refuse with a word: fills *out (may be NULL) and err, returns the code. */
int policy_refuse(struct policy_answer *out, enum policy_word w, struct err *err, const char *fmt,
		  ...) __attribute__((format(printf, 4, 5)));

/* Read a scan as a plan wants it: form, check digits of the serial, product code (code may
 * be empty). 0 and *out is to be released; or WRONG_FORMAT, WRONG_CHECK, WRONG_CODE. */
int policy_label(struct label *out, const struct label_rules *rules, enum plan_label form,
		 enum plan_check_digit check, const struct param_list *code, const char *bytes,
		 size_t n, struct policy_answer *answer, struct err *err);

/* May somebody of this role grant one more attempt? 0, or ERR_USAGE. */
int policy_may_grant(const struct plan *p, enum people_role role, struct err *err);
/* May somebody of this role give this disposition? use_as_is is QA's; the others anybody's who
 * is logged in (our choice). */
int policy_may_dispose(const char *word, enum people_role role, struct err *err);

#endif /* STATION_FLOOR_POLICY_H */
