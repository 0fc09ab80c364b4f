/* plan_json -- parameters and limits in the form that records keep and hash. */
#include "plan/plan_priv.h"

#include <string.h>

#include "base/json.h"
#include "base/sbuf.h"

static void put_param(struct json *j, const struct param *row, const void *args)
{
	const void *field = (const char *)args + row->offset;
	const struct param_list *list = field;
	struct sbuf b = { 0 };

	switch (row->type) {
	case PARAM_INT:
		json_int(j, row->name, *(const int64_t *)field);
		break;
	case PARAM_BOOL:
		json_bool(j, row->name, *(const int64_t *)field != 0);
		break;
	case PARAM_LIST:
	case PARAM_VERSIONS:
		json_open(j, row->name, '[');
		for (size_t i = 0; i < list->count; i++)
			json_text(j, NULL, list->item[i]);
		json_close(j, ']');
		break;
	case PARAM_NUM:
	case PARAM_DURATION:
	case PARAM_PAIRS:
		param_print(&b, args, row);
		json_text(j, row->name, sbuf_str(&b));
		break;
	default: /* a text, or a pattern: the pointer tells whether it is there */
		param_print(&b, args, row);
		json_text(j, row->name, *(const void *const *)field ? sbuf_str(&b) : NULL);
		break;
	}
	sbuf_release(&b);
}

static const char *taken(struct arena *a, struct sbuf *b)
{
	const char *text = arena_strdup(a, sbuf_str(b));

	sbuf_release(b);
	return text;
}

const char *plan_params_json(struct arena *a, const struct plan_step *st)
{
	struct sbuf b = { 0 };
	struct json j = { .out = &b };

	json_open(&j, NULL, '{');
	for (const struct param *row = st->driver->params; row->name; row++)
		put_param(&j, row, st->args);
	json_close(&j, '}');
	return taken(a, &b);
}

static void put_test(struct json *j, const struct limit_test *t, enum value_type type)
{
	json_text(j, "op", limit_op_word(t->op));
	if (t->op == LIMIT_MATCHES) {
		json_text(j, "pattern", match_text(t->match));
	} else if (type == VALUE_NUM) {
		if (t->op != LIMIT_LE && t->op != LIMIT_LT)
			json_num(j, "lo", t->lo);
		if (t->op != LIMIT_GE && t->op != LIMIT_GT)
			json_num(j, "hi", t->hi);
	} else {
		json_open(j, "values", '[');
		for (size_t i = 0; i < t->texts; i++)
			json_text(j, NULL, t->text[i]);
		json_close(j, ']');
	}
}

static void put_limit(struct json *j, const struct plan_step *st, const struct limit *l)
{
	json_open(j, NULL, '{');
	json_text(j, "step", st->id);
	json_text(j, "measure", l->measure);
	json_text(j, "type", value_type_word(l->type));
	json_text(j, "unit", l->unit);
	put_test(j, &l->test, l->type);
	if (l->warn.op) {
		json_open(j, "warn", '{');
		put_test(j, &l->warn, l->type);
		json_close(j, '}');
	} else {
		json_none(j, "warn");
	}
	json_close(j, '}');
}

const char *plan_limits_json(struct arena *a, const struct plan *p)
{
	struct sbuf b = { 0 };
	struct json j = { .out = &b };

	json_open(&j, NULL, '[');
	for (size_t i = 0; i < p->steps; i++)
		for (size_t l = 0; !p->step[i].skipped && l < p->step[i].limits; l++)
			put_limit(&j, &p->step[i], &p->step[i].limit[l]);
	json_close(&j, ']');
	return taken(a, &b);
}
