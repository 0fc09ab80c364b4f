/*
 * run_json -- a run as the bytes that are hashed: one JSON object, fixed key
 * order, no spaces.
 */
#include "engine/run.h"

#include <math.h>

#include "base/json.h"
#include "engine/run_fields.h"

/* clang-format off */
#define REQ(key, type, s, f)  { key, FIELD_##type, offsetof(struct s, f), 0, 0 }
#define OPT(key, type, s, f)  { key, FIELD_##type, offsetof(struct s, f), 0, 1 }
#define NUM(s, f)             { #f, FIELD_NUM, offsetof(struct s, f), offsetof(struct s, has_##f), 1 }

const struct field run_fields[] = {
	REQ("schema",          INT,     unit_run, schema),
	REQ("run",             ID,      unit_run, id),
	OPT("station",         TEXT,    unit_run, station),
	OPT("installation",    TEXT,    unit_run, installation),
	OPT("line",            TEXT,    unit_run, line),
	REQ("open_seq",        INT64,   unit_run, open_seq),
	OPT("boot",            TEXT,    unit_run, boot_id),
	OPT("product",         TEXT,    unit_run, product),
	OPT("process",         TEXT,    unit_run, process),
	OPT("serial",          TEXT,    unit_run, serial),
	OPT("label_raw",       TEXT,    unit_run, label_raw),
	OPT("variant",         TEXT,    unit_run, variant),
	OPT("slot",            TEXT,    unit_run, slot),
	OPT("usb_path",        TEXT,    unit_run, usb_path),
	OPT("ftdi_serial",     TEXT,    unit_run, ftdi_serial),
	OPT("seen_product",    TEXT,    unit_run, seen_product),
	OPT("seen_serial",     TEXT,    unit_run, seen_serial),
	OPT("seen_note",       TEXT,    unit_run, seen_note),
	OPT("board",           TEXT,    unit_run, board),
	REQ("started",         INT64,   unit_run, started_ms),
	OPT("ended",           INT64,   unit_run, ended_ms),
	REQ("duration",        INT64,   unit_run, duration_ms),
	OPT("clock_state",     TEXT,    unit_run, clock_state),
	OPT("operator",        TEXT,    unit_run, operator),
	OPT("operator_how",    TEXT,    unit_run, operator_how),
	REQ("mode",            MODE,    unit_run, mode),
	REQ("counts",          BOOL,    unit_run, counts),
	OPT("counts_why",      TEXT,    unit_run, counts_why),
	REQ("verdict",         VERDICT, unit_run, verdict),
	REQ("blame",           BLAME,   unit_run, blame),
	OPT("verdict_rule",    TEXT,    unit_run, verdict_rule),
	OPT("first_fail",      TEXT,    unit_run, first_fail),
	OPT("marginal",        BOOL,    unit_run, marginal),
	OPT("retried",         BOOL,    unit_run, retried),
	REQ("attempt_seen",    INT64,   unit_run, attempt_seen),
	OPT("retest",          TEXT,    unit_run, retest),
	OPT("stop_reason",     TEXT,    unit_run, stop_reason),
	OPT("sw_version",      TEXT,    unit_run, sw_version),
	OPT("sw_sha256",       TEXT,    unit_run, sw_sha256),
	OPT("host",            TEXT,    unit_run, host),
	OPT("os_release",      TEXT,    unit_run, os_release),
	OPT("kernel",          TEXT,    unit_run, kernel),
	OPT("plan_path",       TEXT,    unit_run, plan_path),
	OPT("plan_title",      TEXT,    unit_run, plan_title),
	OPT("plan_revision",   TEXT,    unit_run, plan_revision),
	OPT("plan_sha256",     TEXT,    unit_run, plan_sha256),
	OPT("limits_sha256",   TEXT,    unit_run, limits_sha256),
	OPT("fixture",         TEXT,    unit_run, fixture),
	OPT("fixture_sha256",  TEXT,    unit_run, fixture_sha256),
	OPT("calibration_due", TEXT,    unit_run, calibration_due),
	REQ("fixture_cycles",  INT64,   unit_run, fixture_cycles),
	OPT("console",         RAW_TEXT, unit_run, console),
	OPT("console_cut",     BOOL,    unit_run, console_cut),
	{ 0 },
};

const struct field step_fields[] = {
	REQ("id",              TEXT,    step_run, id),
	REQ("kind",            TEXT,    step_run, kind),
	OPT("title",           TEXT,    step_run, title),
	OPT("group",           TEXT,    step_run, group),
	OPT("params",          TEXT,    step_run, params),
	OPT("always",          BOOL,    step_run, always),
	OPT("skip_rule",       TEXT,    step_run, skip_rule),
	OPT("waited",          INT64,   step_run, waited_ms),
	{ 0 },
};

const struct field attempt_fields[] = {
	REQ("number",          INT,     attempt, number),
	REQ("group_number",    INT,     attempt, group_number),
	REQ("verdict",         VERDICT, attempt, verdict),
	REQ("blame",           BLAME,   attempt, blame),
	OPT("code",            TEXT,    attempt, code),
	OPT("message",         TEXT,    attempt, message),
	REQ("at",              INT64,   attempt, at_ms),
	REQ("duration",        INT64,   attempt, duration_ms),
	REQ("limit",           INT64,   attempt, limit_ms),
	OPT("not_judged",      BOOL,    attempt, not_judged),
	OPT("marginal",        BOOL,    attempt, marginal),
	OPT("console_from",    SIZE,    attempt, console_from),
	OPT("console_to",      SIZE,    attempt, console_to),
	{ 0 },
};

const struct field measure_fields[] = {
	REQ("name",            TEXT,    measure, name),
	REQ("type",            TYPE,    measure, type),
	OPT("unit",            TEXT,    measure, unit),
	OPT("value",           VALUE,   measure, num),
	OPT("reason",          TEXT,    measure, reason),
	OPT("raw",             TEXT,    measure, raw),
	OPT("note",            TEXT,    measure, note),
	OPT("op",              OP,      measure, op),
	NUM(measure, lo),
	NUM(measure, hi),
	NUM(measure, warn_lo),
	NUM(measure, warn_hi),
	OPT("expected",        TEXT,    measure, expected),
	REQ("result",          JUDGEMENT, measure, result),
	OPT("marginal",        BOOL,    measure, marginal),
	REQ("at",              INT64,   measure, at_ms),
	OPT("from",            TEXT,    measure, from),
	{ 0 },
};
/* clang-format on */

static void put_text(struct json *j, const char *key, const char *text, int clean)
{
	struct arena a = { 0 };

	json_text(j, key, clean ? run_clean(&a, text) : text);
	arena_free(&a);
}

/* Minus zero reads back as an integer 0; so there is none. */
static void put_num(struct json *j, const char *key, double x)
{
	json_num(j, key, x == 0 ? 0 : x);
}

static void put_value(struct json *j, const char *key, const struct measure *m)
{
	if (!m->has)
		return;
	if (m->type == VALUE_NUM && isfinite(m->num))
		put_num(j, key, m->num);
	else if (m->type == VALUE_BOOL)
		json_bool(j, key, m->num != 0);
	else if (m->type == VALUE_TEXT || m->type == VALUE_VERSION)
		put_text(j, key, m->text ? m->text : "", 1);
}

static void put_word(struct json *j, const struct field *f, int word)
{
	if (f->optional && !word)
		return;
	switch (f->type) {
	case FIELD_VERDICT:
		json_text(j, f->key, verdict_word((enum verdict)word));
		break;
	case FIELD_BLAME:
		json_text(j, f->key, err_blame_word((enum err_blame)word));
		break;
	case FIELD_MODE:
		json_text(j, f->key, run_mode_word((enum run_mode)word));
		break;
	case FIELD_TYPE:
		json_text(j, f->key, value_type_word((enum value_type)word));
		break;
	case FIELD_OP:
		json_text(j, f->key, limit_op_word((enum limit_op)word));
		break;
	default:
		json_text(j, f->key, judgement_word((enum judgement)word));
		break;
	}
}

static void put_int(struct json *j, const struct field *f, int64_t n)
{
	if (!f->optional || n)
		json_int(j, f->key, n);
}

static void put(struct json *j, const struct field *f, const void *of)
{
	const char *at = (const char *)of + f->offset;
	const char *text;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_RAW_TEXT:
		text = *(const char *const *)(const void *)at;
		if (text || !f->optional)
			put_text(j, f->key, text ? text : "", f->type == FIELD_TEXT);
		break;
	case FIELD_ID:
		json_text(j, f->key, at);
		break;
	case FIELD_INT64:
		put_int(j, f, *(const int64_t *)(const void *)at);
		break;
	case FIELD_INT:
		put_int(j, f, *(const int *)(const void *)at);
		break;
	case FIELD_SIZE:
		put_int(j, f, (int64_t) * (const size_t *)(const void *)at);
		break;
	case FIELD_BOOL:
		if (!f->optional || *(const int *)(const void *)at)
			json_bool(j, f->key, *(const int *)(const void *)at);
		break;
	case FIELD_NUM:
		if (*(const int *)(const void *)((const char *)of + f->has) &&
		    isfinite(*(const double *)(const void *)at))
			put_num(j, f->key, *(const double *)(const void *)at);
		break;
	case FIELD_VALUE:
		put_value(j, f->key, of);
		break;
	default: /* enums, which have the size of int */
		put_word(j, f, *(const int *)(const void *)at);
		break;
	}
}

_Static_assert(sizeof(enum verdict) == sizeof(int) && sizeof(enum limit_op) == sizeof(int) &&
		       sizeof(enum err_blame) == sizeof(int) &&
		       sizeof(enum run_mode) == sizeof(int) &&
		       sizeof(enum value_type) == sizeof(int) &&
		       sizeof(enum judgement) == sizeof(int),
	       "enums are written and read as int");

static void put_all(struct json *j, const struct field *f, const void *of)
{
	for (; f->key; f++)
		put(j, f, of);
}

static void put_attempt(struct json *j, const char *key, const struct attempt *a)
{
	json_open(j, key, '{');
	put_all(j, attempt_fields, a);
	json_open(j, KEY_MEASURES, '[');
	for (size_t i = 0; i < a->measures; i++) {
		json_open(j, NULL, '{');
		put_all(j, measure_fields, &a->measure[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void put_run(struct sbuf *out, const struct unit_run *r, int with_attempts)
{
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	put_all(&j, run_fields, r);
	json_open(&j, KEY_STEPS, '[');
	for (size_t i = 0; i < r->steps; i++) {
		const struct step_run *s = &r->step[i];

		json_open(&j, NULL, '{');
		put_all(&j, step_fields, s);
		json_open(&j, KEY_ATTEMPTS, '[');
		for (size_t k = 0; with_attempts && k < s->attempts; k++)
			put_attempt(&j, NULL, &s->attempt[k]);
		json_close(&j, ']');
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
}

void run_to_json(struct sbuf *out, const struct unit_run *r)
{
	put_run(out, r, 1);
}

void run_head_to_json(struct sbuf *out, const struct unit_run *r)
{
	struct unit_run head = *r;

	head.console = NULL;
	put_run(out, &head, 0);
}

void run_attempt_to_json(struct sbuf *out, const struct unit_run *r, size_t step, size_t attempt)
{
	const struct step_run *s = &r->step[step];
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_int(&j, "step", (int64_t)step);
	if (s->waited_ms)
		json_int(&j, "waited", s->waited_ms);
	if (attempt == SIZE_MAX) {
		put_text(&j, "skip_rule", s->skip_rule ? s->skip_rule : "", 1);
	} else {
		const struct attempt *a = &s->attempt[attempt];

		put_attempt(&j, "attempt", a);
		if (r->console && a->console_from < a->console_to &&
		    a->console_to <= r->console_len) {
			struct arena piece = { 0 };

			json_text(&j, "console",
				  arena_printf(&piece, "%.*s",
					       (int)(a->console_to - a->console_from),
					       r->console + a->console_from));
			arena_free(&piece);
		}
	}
	json_close(&j, '}');
}

void measure_value_to_json(struct json *j, const struct measure *m)
{
	if (!m->has)
		json_none(j, "value");
	else if (m->type == VALUE_NUM)
		json_num(j, "value", m->num);
	else if (m->type == VALUE_BOOL)
		json_bool(j, "value", m->num != 0);
	else
		json_text(j, "value", m->text);
}
