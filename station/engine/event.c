#include "engine/event.h"

#include "base/json.h"
#include "base/quantity.h"

const char *event_name(enum event_type t)
{
	static const char *const names[] = {
#define EVENT_NAME(type, name, help) [EVENT_##type] = name,
		EVENT_LIST(EVENT_NAME)
#undef EVENT_NAME
	};

	return t < EVENT_END_ ? names[t] : "unknown";
}

static void measure_json(struct json *j, const struct measure *m)
{
	json_text(j, "measure", m->name);
	measure_value_to_json(j, m);
	if (m->unit) /* "unit" is the one under test */
		json_text(j, "value_unit", m->unit);
	if (m->note)
		json_text(j, "note", m->note);
}

static void verdict_json(struct json *j, enum verdict v, enum err_blame b)
{
	json_text(j, "verdict", verdict_word(v));
	json_text(j, "blame", err_blame_word(b));
}

static int has_step(enum event_type t)
{
	return t != EVENT_RUN_STARTED && t != EVENT_RUN_RECORDED && t != EVENT_NOT_RECORDED &&
	       t != EVENT_REPORT && t != EVENT_STATION;
}

void event_to_json(struct sbuf *out, const struct event *e)
{
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_text(&j, "event", event_name(e->type));
	json_int(&j, "at_ms", e->at_ms);
	if (e->run) {
		json_text(&j, "slot", e->run->slot);
		json_text(&j, "unit", e->run->serial);
		json_text(&j, "run", e->run->id);
	}
	if (e->run && has_step(e->type) && e->step < e->run->steps)
		json_text(&j, "step", e->run->step[e->step].id);
	if (e->attempt)
		json_int(&j, "attempt", e->attempt->number);
	if (e->measure)
		measure_json(&j, e->measure);
	if (e->type == EVENT_PROGRESS)
		json_num(&j, "done", e->done);
	if (e->type == EVENT_STEP_ENDED) {
		verdict_json(&j, e->attempt->verdict, e->attempt->blame);
		json_text(&j, "code", e->attempt->code);
		json_text(&j, "message", e->attempt->message);
		json_int(&j, "duration_ms", e->attempt->duration_ms);
	}
	if (e->type == EVENT_RUN_RECORDED) {
		verdict_json(&j, e->run->verdict, e->run->blame);
		json_text(&j, "first_fail", e->run->first_fail);
		json_int(&j, "duration_ms", e->run->duration_ms);
		json_int(&j, "seq", e->run->seq);
		json_text(&j, "hash", e->run->hash);
	}
	if (e->question) {
		json_text(&j, "kind", e->question->kind);
		json_open(&j, "choices", '[');
		for (const char *const *c = e->question->choices; c && *c; c++)
			json_text(&j, NULL, *c);
		json_close(&j, ']');
	}
	if (e->text)
		json_text(&j, "text", e->text);
	if (e->err)
		json_text(&j, "code", err_name(e->err->code));
	json_close(&j, '}');
	sbuf_putc(out, '\n');
}
