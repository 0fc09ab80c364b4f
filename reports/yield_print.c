#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "reports/facts.h"
#include "reports/yield.h"

/* yield_print -- yield as a terminal shows it, and as JSON. Every number comes
 * with its n, its interval and the policy that made it. */
enum { TOP = 10 };

static const char *const rules[] = {
	[YIELD_IGNORE] = "ignore",
	[YIELD_JUDGED] = "judged",
	[YIELD_FAIL] = "fail",
};

/* 4812 is "4,812". */
static const char *grouped(struct arena *a, int64_t n)
{
	char digits[24];
	struct sbuf b = { 0 };
	const char *out;
	int len = snprintf(digits, sizeof(digits), "%" PRId64, n);

	for (int i = 0; i < len; i++) {
		sbuf_putc(&b, digits[i]);
		if (digits[i] != '-' && i + 1 < len && (len - i - 1) % 3 == 0)
			sbuf_putc(&b, ',');
	}
	out = arena_strdup(a, sbuf_str(&b));
	sbuf_release(&b);
	return out;
}

/* No more digits than the interval supports. */
static int digits_for(double lo, double hi)
{
	double width = 100 * (hi - lo);

	return width >= 2 ? 1 : width >= 0.2 ? 2 : 3;
}

static const char *rate(struct arena *a, int64_t x, int64_t n)
{
	double lo, hi;
	struct err err = { 0 };
	int d;

	if (n < 1)
		return "n/a, no units";
	if (yield_wilson(&lo, &hi, x, n, 0.95, &err) < 0)
		return arena_printf(a, "n/a, %s", err.text);
	d = digits_for(lo, hi);
	return arena_printf(a, "%.*f %% [%.*f, %.*f]", d, 100 * (double)x / (double)n, d, 100 * lo,
			    d, 100 * hi);
}

static const char *window(struct arena *a, const struct yield *y)
{
	if (!y->since_ms && !y->until_ms)
		return "all records";
	if (!y->until_ms)
		return arena_printf(a, "since %s", facts_time(a, y->since_ms));
	if (!y->since_ms)
		return arena_printf(a, "before %s", facts_time(a, y->until_ms));
	return arena_printf(a, "%s .. %s", facts_time(a, y->since_ms), facts_time(a, y->until_ms));
}

static void policy(struct sbuf *out, const struct yield_policy *p)
{
	sbuf_printf(out, "policy abort=%s error=%s interrupted=%s retried=%s golden=out\n",
		    rules[p->aborted], rules[p->error], rules[p->interrupted],
		    p->retried_fails ? "fail" : "pass");
	sbuf_puts(out, " engineering=out gage=out partial=out | first counted run ever\n");
}

static void list(struct sbuf *out, struct arena *a, const char *title, const struct yield_cause *c,
		 size_t n, const char *of)
{
	int64_t all = 0, sum = 0, rest = 0;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++)
		all += c[i].units;
	sbuf_printf(out, "  # %-50s %8s   %%  cum\n", title, of);
	for (size_t i = 0; i < n && i < TOP; i++) {
		const char *name = facts_cut(a, c[i].name, 50);
		int pad = 50 - (int)facts_width(name);

		sum += c[i].units;
		sbuf_printf(out, " %2zu %s%*s %8s %3.0f  %3.0f\n", i + 1, name, pad, "",
			    grouped(a, c[i].units), 100 * (double)c[i].units / (double)all,
			    100 * (double)sum / (double)all);
	}
	rest = all - sum;
	if (rest)
		sbuf_printf(out, "    %-50s %8s %3.0f  100\n",
			    arena_printf(a, "other (%zu kinds)", n - TOP), grouped(a, rest),
			    100 * (double)rest / (double)all);
}

static void process(struct sbuf *out, struct arena *a, const struct yield_process *p)
{
	sbuf_printf(out, "\n%s  %s\n", facts_cut(a, p->process, 24), facts_cut(a, p->product, 50));
	sbuf_printf(out, "units %s  runs %s  retested %s\n", grouped(a, p->units),
		    grouped(a, p->runs), grouped(a, p->retested));
	sbuf_printf(out, " FPY %s n %s", rate(a, p->first_pass, p->units), grouped(a, p->units));
	if (isfinite(p->fpy_strict) && isfinite(p->fpy_lenient)) {
		int d = p->units ? digits_for(p->fpy_lo, p->fpy_hi) : 1;

		sbuf_printf(out, "  (%.*f strict .. %.*f lenient)", d, 100 * p->fpy_strict, d,
			    100 * p->fpy_lenient);
	}
	sbuf_printf(out, "\n LPY %s  waiting %s\n", rate(a, p->last_pass, p->units),
		    grouped(a, p->waiting));
	if (p->first_fail_retested)
		sbuf_printf(out, " retest-pass %s of %s: %s\n", grouped(a, p->retest_pass),
			    grouped(a, p->first_fail_retested),
			    rate(a, p->retest_pass, p->first_fail_retested));
	sbuf_printf(out, " passed on a retry %s  failed after a pass %s\n", grouped(a, p->retried),
		    grouped(a, p->fail_after_pass));
	sbuf_printf(out, " station errors %s  aborted %s  interrupted %s\n", grouped(a, p->errors),
		    grouped(a, p->aborted), grouped(a, p->interrupted));
	if (p->often)
		sbuf_printf(out, " ! %s units with more than %d runs, such as %s\n",
			    grouped(a, p->often), YIELD_OFTEN, facts_cut(a, p->often_serial, 24));
	list(out, a, "first failing measurement of a unit's first run", p->cause, p->causes,
	     "units");
	list(out, a, "station errors, apart from the above", p->fault, p->faults, "runs");
}

void yield_print(struct sbuf *out, const struct yield *y)
{
	struct arena a = { 0 };

	sbuf_printf(out, "yield of station %s, %s\n", facts_cut(&a, y->station, 24), window(&a, y));
	policy(out, &y->policy);
	sbuf_printf(out, " data to entry %s, chain %.16s\n", grouped(&a, y->head_seq),
		    facts_safe(&a, y->head_hash));
	if (!y->processes)
		sbuf_puts(out, "\nno unit had its first counted run in this time\n");
	for (size_t i = 0; i < y->processes; i++)
		process(out, &a, &y->process[i]);
	arena_free(&a);
}

/* --- JSON --- */

static void when(struct json *j, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT];

	json_text(j, key, ms ? clock_print(text, ms) : NULL);
}

static void causes(struct json *j, const char *key, const struct yield_cause *c, size_t n,
		   const char *of)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(j, NULL, '{');
		json_text(j, "name", c[i].name);
		json_int(j, of, c[i].units);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void process_json(struct json *j, const struct yield_process *p)
{
	json_open(j, NULL, '{');
	json_text(j, "product", p->product);
	json_text(j, "process", p->process);
	json_int(j, "units", p->units);
	json_int(j, "runs", p->runs);
	json_int(j, "pass_runs", p->pass_runs);
	json_int(j, "first_pass", p->first_pass);
	json_int(j, "by_2nd", p->by_2nd);
	json_int(j, "by_3rd", p->by_3rd);
	json_int(j, "last_pass", p->last_pass);
	json_int(j, "ever_pass", p->ever_pass);
	json_int(j, "waiting", p->waiting);
	json_int(j, "retested", p->retested);
	json_int(j, "first_fail", p->first_fail);
	json_int(j, "first_fail_retested", p->first_fail_retested);
	json_int(j, "retest_pass", p->retest_pass);
	json_int(j, "fail_after_pass", p->fail_after_pass);
	json_int(j, "retried", p->retried);
	json_int(j, "aborted", p->aborted);
	json_int(j, "errors", p->errors);
	json_int(j, "interrupted", p->interrupted);
	json_int(j, "often", p->often);
	json_num(j, "fpy", p->fpy); /* null without units */
	json_num(j, "fpy_lo", p->fpy_lo);
	json_num(j, "fpy_hi", p->fpy_hi);
	json_num(j, "fpy_strict", p->fpy_strict);
	json_num(j, "fpy_lenient", p->fpy_lenient);
	json_num(j, "lpy", p->lpy);
	json_num(j, "lpy_lo", p->lpy_lo);
	json_num(j, "lpy_hi", p->lpy_hi);
	causes(j, "causes", p->cause, p->causes, "units");
	causes(j, "station_errors", p->fault, p->faults, "runs");
	json_close(j, '}');
}

void yield_to_json(struct sbuf *out, const struct yield *y)
{
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_int(&j, "schema", 1);
	json_text(&j, "station", y->station);
	json_int(&j, "head_seq", y->head_seq);
	json_text(&j, "head_hash", y->head_hash);
	when(&j, "since", y->since_ms);
	when(&j, "until", y->until_ms);
	json_num(&j, "confidence", 0.95);
	json_open(&j, "policy", '{');
	json_text(&j, "abort", rules[y->policy.aborted]);
	json_text(&j, "error", rules[y->policy.error]);
	json_text(&j, "interrupted", rules[y->policy.interrupted]);
	json_text(&j, "retried", y->policy.retried_fails ? "fail" : "pass");
	json_text(&j, "golden", "out");
	json_text(&j, "engineering", "out");
	json_text(&j, "gage", "out");
	json_text(&j, "partial", "out");
	json_text(&j, "first", "first counted run ever");
	json_close(&j, '}');
	json_open(&j, "processes", '[');
	for (size_t i = 0; i < y->processes; i++)
		process_json(&j, &y->process[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	sbuf_putc(out, '\n');
}
