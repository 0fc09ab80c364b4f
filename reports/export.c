#include "reports/export.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "reports/export_file.h"
#include "reports/report.h"

static const char *const words[EXPORT_END_] = {
	[EXPORT_JSONL] = "jsonl",
	[EXPORT_CSV] = "csv",
};

const char *export_format_word(enum export_format f)
{
	return f < EXPORT_END_ ? words[f] : "";
}

int export_format_find(enum export_format *out, const char *word)
{
	for (int f = 0; f < EXPORT_END_; f++)
		if (!strcmp(words[f], word)) {
			*out = (enum export_format)f;
			return 0;
		}
	return -1;
}

static void count(struct export_sum *sum, const struct unit_run *r)
{
	sum->runs++;
	for (size_t i = 0; i < r->steps; i++)
		for (size_t k = 0; k < r->step[i].attempts; k++)
			sum->measures += (int64_t)r->step[i].attempt[k].measures;
	if (sum->runs == 1 || r->seq < sum->first_seq)
		sum->first_seq = r->seq;
	if (r->seq > sum->last_seq)
		sum->last_seq = r->seq;
}

static int put(FILE *f, const struct sbuf *b, struct err *err)
{
	if (b->len && fwrite(b->data, 1, b->len, f) != b->len)
		return err_set(err, ERR_FILE, "export: %s", strerror(errno));
	return 0;
}

static int flush(FILE *f, struct err *err)
{
	if (fflush(f) || ferror(f))
		return err_set(err, ERR_FILE, "export: %s", strerror(errno));
	return 0;
}

int export_jsonl(struct export_sum *sum, FILE *out, const struct export_source *src,
		 struct err *err)
{
	const struct report_writer *w = report_find("json");
	const struct unit_run *r;
	struct sbuf b = { 0 };
	int ret;

	*sum = (struct export_sum){ 0 };
	while ((ret = src->next(&r, src->payload, err)) > 0) {
		sbuf_reset(&b);
		ret = w->write(&b, r, NULL, err);
		if (!ret)
			ret = put(out, &b, err);
		if (ret)
			break;
		count(sum, r);
	}
	sbuf_release(&b);
	return ret ? ret : flush(out, err);
}

/* --- CSV --- */

struct csv {
	struct sbuf *out;
	char separator;
	int more; /* the row has a cell */
};

static void cell(struct csv *c)
{
	if (c->more)
		sbuf_putc(c->out, c->separator);
	c->more = 1;
}

static void csv_text(struct csv *c, const char *s)
{
	const char special[] = { c->separator, '"', '\r', '\n', '\0' };
	int guard = s && *s && strchr("=+-@'\t\r", *s) != NULL;

	cell(c);
	if (!s)
		return;
	if (!guard && !strpbrk(s, special)) {
		sbuf_puts(c->out, s);
		return;
	}
	sbuf_puts(c->out, guard ? "\"'" : "\"");
	for (; *s; s++) {
		if (*s == '"')
			sbuf_putc(c->out, '"');
		sbuf_putc(c->out, *s);
	}
	sbuf_putc(c->out, '"');
}

static void csv_int(struct csv *c, int64_t n)
{
	cell(c);
	sbuf_printf(c->out, "%" PRId64, n);
}

static void csv_num(struct csv *c, int has, double x)
{
	char text[JSON_NUM];

	cell(c);
	if (has && isfinite(x))
		sbuf_puts(c->out, json_num_print(text, x));
}

static void csv_yes(struct csv *c, int yes)
{
	csv_text(c, yes ? "yes" : "no");
}

static void csv_when(struct csv *c, int64_t wall_ms)
{
	char text[CLOCK_TEXT];

	csv_text(c, wall_ms ? clock_print(text, wall_ms) : NULL);
}

static void csv_end(struct csv *c)
{
	sbuf_puts(c->out, "\r\n");
	c->more = 0;
}

static void csv_header(struct csv *c, const char *const *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_text(c, name[i]);
	csv_end(c);
}

static const char *const run_columns[] = {
	"schema",     "run",           "station",      "installation",   "line",
	"seq",        "hash",          "product",      "process",        "serial",
	"variant",    "attempt_seen",  "mode",         "counts",         "counts_why",
	"verdict",    "blame",         "verdict_rule", "first_fail",     "marginal",
	"retried",    "started",       "ended",        "duration_ms",    "clock_state",
	"operator",   "slot",          "fixture",      "fixture_cycles", "calibration_due",
	"plan_title", "plan_revision", "plan_sha256",  "limits_sha256",  "sw_version",
};

static void run_row(struct csv *c, const struct unit_run *r)
{
	csv_int(c, r->schema);
	csv_text(c, r->id);
	csv_text(c, r->station);
	csv_text(c, r->installation);
	csv_text(c, r->line);
	csv_int(c, r->seq);
	csv_text(c, r->hash);
	csv_text(c, r->product);
	csv_text(c, r->process);
	csv_text(c, r->serial);
	csv_text(c, r->variant);
	csv_int(c, r->attempt_seen);
	csv_text(c, run_mode_word(r->mode));
	csv_yes(c, r->counts);
	csv_text(c, r->counts_why);
	csv_text(c, verdict_word(r->verdict));
	csv_text(c, r->blame == BLAME_NONE ? NULL : err_blame_word(r->blame));
	csv_text(c, r->verdict_rule);
	csv_text(c, r->first_fail);
	csv_yes(c, r->marginal);
	csv_yes(c, r->retried);
	csv_when(c, r->started_ms);
	csv_when(c, r->ended_ms);
	csv_int(c, r->duration_ms);
	csv_text(c, r->clock_state);
	csv_text(c, r->operator);
	csv_text(c, r->slot);
	csv_text(c, r->fixture);
	csv_int(c, r->fixture_cycles);
	csv_text(c, r->calibration_due);
	csv_text(c, r->plan_title);
	csv_text(c, r->plan_revision);
	csv_text(c, r->plan_sha256);
	csv_text(c, r->limits_sha256);
	csv_text(c, r->sw_version);
	csv_end(c);
}

static const char *const measure_columns[] = {
	"run",
	"seq",
	"product",
	"process",
	"serial",
	"started",
	"station",
	"slot",
	"verdict",
	"step",
	"kind",
	"attempt",
	"attempt_verdict",
	"measure",
	"type",
	"value",
	"text",
	"unit",
	"comparator",
	"lo",
	"hi",
	"warn_lo",
	"warn_hi",
	"expected",
	"result",
	"marginal",
	"reason",
	"at_ms",
};

static void measure_row(struct csv *c, const struct unit_run *r, const struct step_run *s,
			const struct attempt *at, const struct measure *m)
{
	int number = m->has && (m->type == VALUE_NUM || m->type == VALUE_BOOL);

	csv_text(c, r->id);
	csv_int(c, r->seq);
	csv_text(c, r->product);
	csv_text(c, r->process);
	csv_text(c, r->serial);
	csv_when(c, r->started_ms);
	csv_text(c, r->station);
	csv_text(c, r->slot);
	csv_text(c, verdict_word(r->verdict));
	csv_text(c, s->id);
	csv_text(c, s->kind);
	csv_int(c, at->number);
	csv_text(c, verdict_word(at->verdict));
	csv_text(c, m->name);
	csv_text(c, value_type_word(m->type));
	csv_num(c, number, m->num);
	csv_text(c, m->has && !number ? m->text : NULL);
	csv_text(c, m->unit);
	csv_text(c, m->op == LIMIT_NONE ? NULL : limit_op_word(m->op));
	csv_num(c, m->has_lo, m->lo);
	csv_num(c, m->has_hi, m->hi);
	csv_num(c, m->has_warn_lo, m->warn_lo);
	csv_num(c, m->has_warn_hi, m->warn_hi);
	csv_text(c, m->expected);
	csv_text(c, judgement_word(m->result));
	csv_yes(c, m->marginal);
	csv_text(c, m->reason);
	csv_int(c, m->at_ms);
	csv_end(c);
}

static int run_rows(FILE *runs, FILE *measures, struct csv *c, const struct unit_run *r,
		    struct err *err)
{
	int ret;

	sbuf_reset(c->out);
	run_row(c, r);
	ret = put(runs, c->out, err);
	for (size_t i = 0; !ret && i < r->steps; i++) {
		const struct step_run *s = &r->step[i];

		sbuf_reset(c->out);
		for (size_t k = 0; k < s->attempts; k++)
			for (size_t n = 0; n < s->attempt[k].measures; n++)
				measure_row(c, r, s, &s->attempt[k], &s->attempt[k].measure[n]);
		ret = put(measures, c->out, err);
	}
	return ret;
}

static int headers(FILE *runs, FILE *measures, struct csv *c, int bom, struct err *err)
{
	const char *mark = bom ? "\xef\xbb\xbf" : "";
	int ret;

	sbuf_puts(c->out, mark);
	csv_header(c, run_columns, sizeof(run_columns) / sizeof(*run_columns));
	ret = put(runs, c->out, err);
	sbuf_reset(c->out);
	sbuf_puts(c->out, mark);
	csv_header(c, measure_columns, sizeof(measure_columns) / sizeof(*measure_columns));
	return ret ? ret : put(measures, c->out, err);
}

int export_csv(struct export_sum *sum, FILE *runs, FILE *measures, const struct export_source *src,
	       const struct export_form *form, struct err *err)
{
	struct sbuf b = { 0 };
	struct csv c = { .out = &b, .separator = form->separator ? form->separator : ',' };
	const struct unit_run *r;
	int ret;

	*sum = (struct export_sum){ 0 };
	ret = headers(runs, measures, &c, form->bom, err);
	while (!ret && (ret = src->next(&r, src->payload, err)) > 0) {
		ret = run_rows(runs, measures, &c, r, err);
		if (!ret)
			count(sum, r);
	}
	sbuf_release(&b);
	if (!ret)
		ret = flush(runs, err);
	return ret ? ret : flush(measures, err);
}

/* --- files --- */

/* --- decisions --- */

static const char *const decision_columns[] = {
	"seq", "at",   "kind", "what",   "product", "serial", "process",
	"run", "slot", "by",   "by_how", "reason",  "was",    "is",
};
enum { DECISION_TEXTS = 12 };

/* From "kind" on, in the order of the columns. */
static void decision_texts(const char *text[DECISION_TEXTS], const struct store_note *n)
{
	const char *const all[DECISION_TEXTS] = { store_note_word(n->kind),
						  n->what,
						  n->product,
						  n->serial,
						  n->process,
						  n->run,
						  n->slot,
						  n->by,
						  n->by_how,
						  n->reason,
						  n->was,
						  n->is };

	memcpy(text, all, sizeof(all));
}

static void decision_csv(struct csv *c, const struct store_note *n)
{
	const char *text[DECISION_TEXTS];

	decision_texts(text, n);
	csv_int(c, n->seq);
	csv_when(c, n->at_ms);
	for (size_t i = 0; i < DECISION_TEXTS; i++)
		csv_text(c, text[i]);
	csv_end(c);
}

static void decision_json(struct sbuf *b, const struct store_note *n)
{
	struct json j = { .out = b };
	const char *text[DECISION_TEXTS];
	char at[CLOCK_TEXT];

	decision_texts(text, n);
	json_open(&j, NULL, '{');
	json_int(&j, "schema", 1);
	json_int(&j, "seq", n->seq);
	json_text(&j, "at", clock_print(at, n->at_ms));
	for (size_t i = 0; i < DECISION_TEXTS; i++)
		json_text(&j, decision_columns[2 + i], text[i]);
	json_close(&j, '}');
	sbuf_putc(b, '\n');
}

/* The decisions, a line each (reports/schema/decision.schema.json), or as CSV. */
static int export_decisions(FILE *out, enum export_format format, const struct export_form *form,
			    const struct store_note *note, size_t n, struct err *err)
{
	struct sbuf b = { 0 };
	struct csv c = { .out = &b, .separator = form->separator ? form->separator : ',' };
	int ret = 0;

	if (format == EXPORT_CSV) {
		if (form->bom)
			sbuf_puts(&b, "\xef\xbb\xbf");
		csv_header(&c, decision_columns,
			   sizeof(decision_columns) / sizeof(decision_columns[0]));
	}
	for (size_t i = 0; i < n && !ret; i++) {
		format == EXPORT_CSV ? decision_csv(&c, &note[i]) : decision_json(&b, &note[i]);
		ret = put(out, &b, err);
		sbuf_reset(&b);
	}
	sbuf_release(&b);
	return ret ? ret : flush(out, err);
}

static void describe(struct json *j, const struct export_file *f)
{
	json_open(j, NULL, '{');
	json_text(j, "name", f->name);
	json_int(j, "bytes", f->bytes);
	json_text(j, "sha256", f->sha256);
	json_close(j, '}');
}

static void meta(struct sbuf *out, const struct export_sum *sum, enum export_format format,
		 const struct export_form *form, const struct export_origin *o,
		 const struct export_file *f, size_t files)
{
	const char separator[] = { form->separator ? form->separator : ',', '\0' };
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_int(&j, "schema", RUN_SCHEMA);
	json_text(&j, "format", export_format_word(format));
	json_text(&j, "separator", format == EXPORT_CSV ? separator : NULL);
	json_text(&j, "station", o->station);
	json_text(&j, "installation", o->installation);
	json_int(&j, "first_seq", sum->first_seq);
	json_int(&j, "last_seq", sum->last_seq);
	json_int(&j, "head_seq", o->head_seq);
	json_text(&j, "head_hash", o->head_hash);
	json_int(&j, "runs", sum->runs);
	json_int(&j, "measurements", sum->measures);
	json_open(&j, "files", '[');
	for (size_t i = 0; i < files; i++)
		describe(&j, &f[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	sbuf_putc(out, '\n');
}

int export_save(struct export_sum *sum, const char *folder, enum export_format format,
		const struct export_form *form, const struct export_origin *origin,
		const struct export_source *src, struct err *err)
{
	static const char *const names[EXPORT_END_][3] = {
		[EXPORT_JSONL] = { "runs.jsonl", "decisions.jsonl", NULL },
		[EXPORT_CSV] = { "runs.csv", "measurements.csv", "decisions.csv" },
	};
	struct export_file f[3] = { 0 };
	size_t files = (format == EXPORT_CSV ? 2 : 1) + (origin->decisions > 0);
	struct sbuf out = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && i < files; i++)
		ret = export_file_open(&f[i], folder, names[format][i], err);
	if (!ret)
		ret = format == EXPORT_JSONL
			      ? export_jsonl(sum, f[0].stream, src, err)
			      : export_csv(sum, f[0].stream, f[1].stream, src, form, err);
	if (!ret && origin->decisions)
		ret = export_decisions(f[files - 1].stream, format, form, origin->decision,
				       origin->decisions, err);
	for (size_t i = 0; !ret && i < files; i++)
		ret = export_file_sync(&f[i], err);
	if (!ret)
		meta(&out, sum, format, form, origin, f, files);
	for (size_t i = 0; !ret && i < files; i++)
		ret = export_file_rename(&f[i], err);
	if (!ret)
		ret = export_meta_write(folder, &out, err);
	for (size_t i = 0; i < files; i++)
		export_file_close(&f[i]); /* a file that was not renamed goes away */
	sbuf_release(&out);
	return ret;
}
