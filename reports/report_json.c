#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "reports/embed.h"
#include "reports/report.h"

/*
 * report_json -- the published form of a run: one line, every key always there,
 * reports/schema/run.schema.json describes it and refuses any other key. The
 * hashed body in the record is a different text; this one may be re-made.
 */

/* Programs that read numbers as doubles lose digits beyond 2^53. */
static void whole(struct json *j, const char *key, int64_t n)
{
	char text[24];

	if (n <= INT64_C(1) << 53 && n >= -(INT64_C(1) << 53)) {
		json_int(j, key, n);
		return;
	}
	snprintf(text, sizeof(text), "%" PRId64, n);
	json_text(j, key, text);
}

static void when(struct json *j, const char *key, int64_t wall_ms)
{
	char text[CLOCK_TEXT];

	clock_print(text, wall_ms);
	json_text(j, key, wall_ms && text[4] == '-' ? text : NULL);
}

static void bound(struct json *j, const char *key, int has, double x)
{
	if (has)
		json_num(j, key, x);
	else
		json_none(j, key);
}

/* Parameters are kept as JSON already. */
static void params(struct json *j, const char *text)
{
	json_open(j, "params", '{');
	embed_members(j->out, text);
	json_close(j, '}');
}

static void value(struct json *j, const struct measure *m)
{
	measure_value_to_json(j, m);
	json_text(j, "reason",
		  m->has && m->type == VALUE_NUM && !isfinite(m->num) ? "not finite" : m->reason);
}

static void measure(struct json *j, const struct measure *m)
{
	json_open(j, NULL, '{');
	json_text(j, "name", m->name);
	json_text(j, "kind", value_type_word(m->type));
	json_text(j, "unit", m->unit);
	value(j, m);
	json_text(j, "raw", m->raw);
	json_text(j, "note", m->note);
	json_text(j, "comparator", m->op == LIMIT_NONE ? NULL : limit_op_word(m->op));
	bound(j, "lo", m->has_lo, m->lo);
	bound(j, "hi", m->has_hi, m->hi);
	bound(j, "warn_lo", m->has_warn_lo, m->warn_lo);
	bound(j, "warn_hi", m->has_warn_hi, m->warn_hi);
	json_text(j, "expected", m->expected);
	json_text(j, "result", judgement_word(m->result));
	json_bool(j, "marginal", m->marginal);
	whole(j, "at_ms", m->at_ms);
	json_text(j, "from", m->from);
	json_close(j, '}');
}

static void attempt(struct json *j, const struct attempt *at)
{
	json_open(j, NULL, '{');
	json_int(j, "attempt", at->number);
	json_int(j, "group_attempt", at->group_number);
	json_text(j, "verdict", verdict_word(at->verdict));
	json_text(j, "blame", err_blame_word(at->blame));
	json_text(j, "code", at->code);
	json_text(j, "message", at->message);
	whole(j, "at_ms", at->at_ms);
	whole(j, "duration_ms", at->duration_ms);
	whole(j, "limit_ms", at->limit_ms);
	json_bool(j, "not_judged", at->not_judged);
	json_bool(j, "marginal", at->marginal);
	whole(j, "console_from", (int64_t)at->console_from);
	whole(j, "console_to", (int64_t)at->console_to);
	json_open(j, "measures", '[');
	for (size_t i = 0; i < at->measures; i++)
		measure(j, &at->measure[i]);
	json_close(j, ']');
	json_close(j, '}');
}

static void step(struct json *j, const struct step_run *s)
{
	json_open(j, NULL, '{');
	json_text(j, "id", s->id);
	json_text(j, "kind", s->kind);
	json_text(j, "title", s->title);
	json_text(j, "group", s->group);
	params(j, s->params);
	json_bool(j, "always", s->always);
	json_text(j, "skip_rule", s->skip_rule);
	json_text(j, "verdict", verdict_word(step_run_verdict(s)));
	whole(j, "waited_ms", s->waited_ms);
	json_open(j, "attempts", '[');
	for (size_t i = 0; i < s->attempts; i++)
		attempt(j, &s->attempt[i]);
	json_close(j, ']');
	json_close(j, '}');
}

static void record(struct json *j, const struct unit_run *r)
{
	json_int(j, "schema", r->schema);
	json_text(j, "run", r->id);
	json_text(j, "station", r->station);
	json_text(j, "installation", r->installation);
	json_text(j, "line", r->line);
	whole(j, "open_seq", r->open_seq);
	whole(j, "seq", r->seq);
	json_text(j, "prev_hash", *r->prev_hash ? r->prev_hash : NULL);
	json_text(j, "hash", *r->hash ? r->hash : NULL);
}

static void result(struct json *j, const struct unit_run *r)
{
	json_text(j, "verdict", verdict_word(r->verdict));
	json_text(j, "blame", err_blame_word(r->blame));
	json_text(j, "verdict_rule", r->verdict_rule);
	json_text(j, "first_fail", r->first_fail);
	json_bool(j, "marginal", r->marginal);
	json_bool(j, "retried", r->retried);
	json_text(j, "stop_reason", r->stop_reason);
	json_text(j, "mode", run_mode_word(r->mode));
	json_bool(j, "counts", r->counts);
	json_text(j, "counts_why", r->counts_why);
}

static void unit(struct json *j, const struct unit_run *r)
{
	json_text(j, "product", r->product);
	json_text(j, "process", r->process);
	json_text(j, "serial", r->serial);
	json_text(j, "label_raw", r->label_raw);
	json_text(j, "variant", r->variant);
	whole(j, "attempt_seen", r->attempt_seen);
	json_text(j, "retest", r->retest);
	when(j, "started", r->started_ms);
	when(j, "ended", r->ended_ms);
	whole(j, "duration_ms", r->duration_ms);
	json_text(j, "clock_state", r->clock_state);
	json_text(j, "operator", r->operator);
	json_text(j, "operator_how", r->operator_how);
	json_text(j, "slot", r->slot);
	json_text(j, "usb_path", r->usb_path);
	json_text(j, "ftdi_serial", r->ftdi_serial);
	json_text(j, "seen_product", r->seen_product);
	json_text(j, "seen_serial", r->seen_serial);
	json_text(j, "seen_note", r->seen_note);
}

static void used(struct json *j, const struct unit_run *r)
{
	json_open(j, "fixture", '{');
	json_text(j, "id", r->fixture);
	json_text(j, "sha256", r->fixture_sha256);
	json_text(j, "calibration_due", r->calibration_due);
	whole(j, "cycles", r->fixture_cycles);
	json_close(j, '}');
	json_open(j, "plan", '{');
	json_text(j, "path", r->plan_path);
	json_text(j, "title", r->plan_title);
	json_text(j, "revision", r->plan_revision);
	json_text(j, "sha256", r->plan_sha256);
	json_text(j, "limits_sha256", r->limits_sha256);
	json_text(j, "board", r->board);
	json_close(j, '}');
	json_open(j, "software", '{');
	json_text(j, "version", r->sw_version);
	json_text(j, "sha256", r->sw_sha256);
	json_text(j, "host", r->host);
	json_text(j, "os_release", r->os_release);
	json_text(j, "kernel", r->kernel);
	json_text(j, "boot_id", r->boot_id);
	json_close(j, '}');
}

static int write(struct sbuf *out, const struct unit_run *r, const struct report_history *h,
		 struct err *err)
{
	struct json j = { .out = out };

	(void)h; /* other runs have documents of their own */
	(void)err;
	json_open(&j, NULL, '{');
	record(&j, r);
	result(&j, r);
	unit(&j, r);
	used(&j, r);
	json_open(&j, "steps", '[');
	for (size_t i = 0; i < r->steps; i++)
		step(&j, &r->step[i]);
	json_close(&j, ']');
	json_text(&j, "console", r->console);
	json_bool(&j, "console_cut", r->console_cut);
	json_close(&j, '}');
	sbuf_putc(out, '\n');
	return 0;
}

const struct report_writer report_json = {
	.name = "json",
	.extension = "json",
	.summary = "the published form, one line, described by reports/schema/run.schema.json",
	.write = write,
};
