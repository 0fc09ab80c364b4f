#include "floor/policy.h"

#include <string.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/text.h"

enum { FREE_MIN = 16 << 20 }; /* bytes: below it no new run starts (our choice) */

static const struct {
	const char *word;
	enum err_code code;
} words[POLICY_END_] = {
#define POLICY_ROW(name, word, code) [POLICY_##name] = { word, ERR_##code },
	POLICY_LIST(POLICY_ROW)
#undef POLICY_ROW
};

const char *policy_code(enum policy_word w)
{
	return w >= 0 && w < POLICY_END_ ? words[w].word : "";
}

int policy_refuse(struct policy_answer *out, enum policy_word w, struct err *err, const char *fmt,
		  ...)
{
	struct sbuf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(&b, fmt, ap);
	va_end(ap);
	err_set(err, words[w].code, "%s", sbuf_str(&b));
	sbuf_release(&b);
	if (out) {
		out->word = w;
		snprintf(out->text, sizeof(out->text), "%s", err->text);
	}
	return words[w].code;
}

/* What a function below already said, with a word for it. */
static int told(struct policy_answer *out, enum policy_word w, const struct err *err)
{
	if (out) {
		out->word = w;
		snprintf(out->text, sizeof(out->text), "%s", err->text);
	}
	return err->code;
}

/* "14:03", or "2026-11-22 14:03" when it was not today; local time (TZ). */
enum { TIME_SIZE = 32 };

static const char *time_of(char out[TIME_SIZE], int64_t wall_ms)
{
	time_t at = (time_t)(wall_ms / 1000), now = (time_t)(clock_wall_ms() / 1000);
	struct tm then, today;

	localtime_r(&at, &then);
	localtime_r(&now, &today);
	strftime(out, TIME_SIZE,
		 then.tm_year == today.tm_year && then.tm_yday == today.tm_yday ? "%H:%M"
										: "%Y-%m-%d %H:%M",
		 &then);
	return out;
}

/* --- labels --- */

/* Product codes of 8, 12 and 13 digits are written with leading zeros in (01). */
static int is_code(const char *code, const char *value)
{
	size_t n = strlen(code), m = strlen(value);

	if (n < m && m == 14 && (n == 8 || n == 12 || n == 13) && strspn(value, "0") >= m - n)
		value += m - n;
	return !strcmp(code, value);
}

static int has_code(const struct label *l, const struct param_list *code)
{
	static const char *const ais[] = { "01", "02", "240", "241" };

	for (size_t i = 0; i < code->count; i++) {
		if (!l->gs1 && !strncmp(l->serial, code->item[i], strlen(code->item[i])))
			return 1;
		for (size_t f = 0; l->gs1 && f < l->fields; f++)
			for (size_t k = 0; k < sizeof(ais) / sizeof(ais[0]); k++)
				if (!strcmp(l->field[f].ai, ais[k]) &&
				    is_code(code->item[i], l->field[f].value))
					return 1;
	}
	return code->count == 0;
}

static int wrong_code(const struct label *l, const struct param_list *code,
		      struct policy_answer *answer, struct err *err)
{
	if (!l->gs1 && code->count > 1)
		return policy_refuse(answer, POLICY_WRONG_CODE, err,
				     "the label does not begin with %s or another of the codes "
				     "that the plan wants",
				     code->item[0]);
	if (!l->gs1)
		return policy_refuse(answer, POLICY_WRONG_CODE, err,
				     "the label does not begin with %s, as the plan wants it",
				     code->item[0]);
	if (!*l->product)
		return policy_refuse(answer, POLICY_WRONG_CODE, err,
				     "the label holds no product code, (01) or (240)");
	return policy_refuse(answer, POLICY_WRONG_CODE, err,
			     "the label is of product %s, which is not the plan's", l->product);
}

int policy_label(struct label *out, const struct label_rules *rules, enum plan_label form,
		 enum plan_check_digit check, const struct param_list *code, const char *bytes,
		 size_t n, struct policy_answer *answer, struct err *err)
{
	int r = label_read(out, rules, form, bytes, n, err);

	if (r < 0)
		return told(answer, POLICY_WRONG_FORMAT, err);
	if (!has_code(out, code))
		r = wrong_code(out, code, answer, err);
	else if (label_check(check, out->serial, err) < 0)
		r = told(answer, POLICY_WRONG_CHECK, err);
	if (r < 0)
		label_release(out);
	return r;
}

/* --- who may --- */

int policy_may_grant(const struct plan *p, enum people_role role, struct err *err)
{
	enum people_role least = p->grant == PLAN_GRANT_QA ? PEOPLE_QA : PEOPLE_ENGINEER;

	if (role >= least)
		return 0;
	return err_set(err, ERR_USAGE,
		       "one more attempt is granted by %s; a badge of that role is needed",
		       people_role_word(least));
}

int policy_may_dispose(const char *word, enum people_role role, struct err *err)
{
	enum people_role least = !strcmp(word, "use_as_is") ? PEOPLE_QA : PEOPLE_OPERATOR;

	if (!store_is_disposition(word))
		return err_set(err, ERR_USAGE,
			       "there is no disposition '%.40s'; there are rework, scrap, ntf and "
			       "use_as_is",
			       word);
	if (role >= least)
		return 0;
	return err_set(err, ERR_USAGE, "'%s' is decided by %s; a badge of that role is needed",
		       word, people_role_word(least));
}

/* --- the station --- */

/* A computer whose battery is empty wakes up in 1970 or 2000, where no calibration is ever
 * overdue. An earlier run is no measure: one with a clock too far ahead would stop the line
 * for as long. */
static const char first_day[] = "2026-01-01";

static int station_may(struct policy_answer *out, const struct policy_case *c, struct err *err)
{
	const struct fixture *f = c->fixture;
	struct statvfs disk;
	char today[CLOCK_TEXT];

	clock_print(today, clock_wall_ms());
	if (strncmp(today, first_day, 10) < 0)
		return policy_refuse(
			out, POLICY_CLOCK, err,
			"the clock of this computer says %.10s, which was before there was this "
			"program; set it, and see to the battery on its board",
			today);
	if (f && f->calibration_due && strncmp(today, f->calibration_due, 10) >= 0)
		return policy_refuse(
			out, POLICY_CALIBRATION, err,
			"%s: calibration of fixture %s was due on %s; have it calibrated "
			"and enter the next date",
			f->path, f->id, f->calibration_due);
	out->cycles = f ? store_fixture_cycles(c->store, f->id, err) : 0;
	if (out->cycles < 0)
		return told(out, POLICY_DISK, err);
	if (f && f->cycles_max && out->cycles >= f->cycles_max)
		return policy_refuse(
			out, POLICY_CYCLES, err,
			"%s: fixture %s has done %lld of its %lld cycles; change its needles and "
			"give it a new id",
			f->path, f->id, (long long)out->cycles, (long long)f->cycles_max);
	if (c->data && !statvfs(c->data, &disk) &&
	    (uint64_t)disk.f_bavail * disk.f_frsize < (uint64_t)FREE_MIN)
		return policy_refuse(out, POLICY_DISK, err,
				     "%s: less than %d MiB free; no new run starts before there is "
				     "room",
				     c->data, FREE_MIN >> 20);
	return 0;
}

/* --- the unit --- */

static int route_done(struct policy_answer *out, const struct policy_case *c, struct err *err)
{
	const struct plan *p = c->plan;

	for (size_t i = 0; i < p->route.count; i++) {
		const char *process = p->route.item[i];
		struct store_unit u;

		if (store_unit(&u, c->store, p->product, c->serial, process, err) < 0)
			return told(out, POLICY_DISK, err);
		if (u.last == VERDICT_PASS ||
		    (u.disposed_last && !strcmp(u.disposition, "use_as_is")))
			continue;
		if (u.last == VERDICT_NONE)
			return policy_refuse(
				out, POLICY_ROUTE_MISSING, err,
				"unit %.60s was not tested at %s yet; test it there first",
				c->serial, process);
		return policy_refuse(
			out, POLICY_ROUTE_FAILED, err,
			"unit %.60s did not pass %s (last run: %s); take it back there", c->serial,
			process, verdict_word(u.last));
	}
	return 0;
}

static void note(struct policy_answer *out, const struct store_unit *u)
{
	char at[TIME_SIZE];

	if (u->last == VERDICT_NONE || u->last_shown)
		return;
	if (u->last_ended_ms)
		snprintf(out->note, sizeof(out->note), SAID("recorded as %s at %s, not seen"),
			 verdict_word(u->last), time_of(at, u->last_ended_ms));
	else
		snprintf(out->note, sizeof(out->note), SAID("recorded as %s, not seen"),
			 verdict_word(u->last));
}

/* Who granted the last attempt, and why. */
static void last_grant(struct sbuf *out, const struct policy_case *c)
{
	const struct plan *p = c->plan;
	struct store_note *note;
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t n;

	if (store_notes(&note, &n, &a, c->store, p->product, c->serial, p->process, 0, &err) < 0)
		n = 0;
	while (n && note[n - 1].kind != STORE_GRANT)
		n--;
	if (n) {
		const char *why = note[n - 1].reason ? note[n - 1].reason : "";

		sbuf_printf(out, ", the last by %.40s: %.*s", note[n - 1].by,
			    text_brief(why, strlen(why)), why);
	}
	arena_free(&a);
}

/* Previous run and rule, as the record keeps it. */
static void retest(struct policy_answer *out, const struct policy_case *c,
		   const struct store_unit *u)
{
	struct sbuf b = { 0 };

	if (u->second_look)
		sbuf_puts(&b, "second look, after several slots failed alike");
	if (u->last == VERDICT_NONE) {
		snprintf(out->retest, sizeof(out->retest), "%s", sbuf_str(&b));
		sbuf_release(&b);
		return;
	}
	sbuf_printf(&b, "%safter run %s (%s)", u->second_look ? "; " : "", u->last_run,
		    verdict_word(u->last));
	if (u->disposed_last)
		sbuf_printf(&b, ", %s", u->disposition);
	if (out->attempts_max)
		sbuf_printf(&b, ", attempt %lld of %lld", (long long)out->attempt,
			    (long long)out->attempts_max);
	if (u->grants) {
		sbuf_printf(&b, ", %lld of them granted", (long long)u->grants);
		last_grant(&b, c);
	}
	if (c->confirmed && u->last == VERDICT_PASS)
		sbuf_puts(&b, ", confirmed");
	snprintf(out->retest, sizeof(out->retest), "%s", sbuf_str(&b));
	sbuf_release(&b);
}

static int unit_may(struct policy_answer *out, const struct policy_case *c, struct err *err)
{
	const struct plan *p = c->plan;
	struct store_unit u;
	char at[TIME_SIZE];
	int r, passed;

	if (store_unit(&u, c->store, p->product, c->serial, p->process, err) < 0)
		return told(out, POLICY_DISK, err);
	note(out, &u);
	if (u.scrapped_ms)
		return policy_refuse(
			out, POLICY_SCRAPPED, err,
			"unit %.60s was scrapped on %s by %.40s; put it with the scrap", c->serial,
			time_of(at, u.scrapped_ms), u.scrapped_by);
	if (c->mode != MODE_PRODUCTION || c->partial)
		return 0;
	out->attempt = u.used + 1;
	out->attempts_max = p->attempts ? p->attempts + u.grants : 0;
	out->second_look = u.second_look;
	retest(out, c, &u);
	r = route_done(out, c, err);
	if (r < 0)
		return r;
	passed = u.last == VERDICT_PASS && !u.disposed_last;
	if (passed && p->passed == PLAN_PASSED_REFUSE)
		return policy_refuse(out, POLICY_PASSED, err,
				     "unit %.60s passed at %s already; pass it on", c->serial,
				     time_of(at, u.last_ended_ms));
	/* Also of one that passed: each try more is a chance more. */
	if (out->attempts_max && u.used >= out->attempts_max)
		return policy_refuse(
			out, POLICY_ATTEMPTS, err,
			"unit %.60s has used up its %lld attempt%s; it needs a disposition, or one "
			"more attempt granted by %s",
			c->serial, (long long)out->attempts_max, out->attempts_max == 1 ? "" : "s",
			p->grant == PLAN_GRANT_QA ? "qa" : "an engineer");
	if (passed && p->passed == PLAN_PASSED_ASK && !c->confirmed)
		return policy_refuse(
			out, POLICY_ASK_PASSED, err,
			"unit %.60s passed at %s already; confirm that it is tested again",
			c->serial, time_of(at, u.last_ended_ms));
	return 0;
}

int policy_ask(struct policy_answer *out, const struct policy_case *c, struct err *err)
{
	int r;

	*out = (struct policy_answer){ 0 };
	if (c->plan->steps == 0)
		return policy_refuse(out, POLICY_PLAN_FINDINGS, err, "%s: the plan has no steps",
				     c->plan->path);
	if (c->login && c->role < PEOPLE_OPERATOR)
		return policy_refuse(out, POLICY_NO_OPERATOR, err,
				     "nobody is logged in; scan your badge first");
	/* As scanned: escaped, a control character would be none any more. */
	if (plan_serial_ok(c->plan, c->scanned ? c->scanned : c->serial, err) < 0)
		return told(out, POLICY_WRONG_FORMAT, err);
	if (c->running_on)
		return policy_refuse(out, POLICY_RUNNING, err,
				     "unit %.60s is being tested on slot %s", c->serial,
				     c->running_on);
	r = station_may(out, c, err);
	return r < 0 ? r : unit_may(out, c, err);
}
