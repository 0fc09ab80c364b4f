/*
 * run_parse -- a run back from its JSON, by the tables of run_fields.h. Closed:
 * unknown keys, missing keys, wrong types and unknown words are refused, since
 * a body that is not understood whole must not be judged or counted.
 */
#include "engine/run.h"

#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "engine/run_fields.h"

struct reading {
	struct arena *arena;
	struct err *err;
	int failed;
};

static void bad(struct reading *in, const char *key, const char *what)
{
	if (!in->failed)
		err_set(in->err, ERR_CORRUPT, "record: '%.60s' %s", key, what);
	in->failed = 1;
}

static int find_mode(int *out, const char *word)
{
	enum run_mode m;

	if (run_mode_find(&m, word) < 0)
		return -1;
	*out = (int)m;
	return 0;
}

/* The number of a word, or -1. The finders answer unknown words with a safe
 * value, so the word is compared with what that value would be written as. */
static int find_word(enum field_type type, const char *word)
{
	int n = -1;

	switch (type) {
	case FIELD_VERDICT:
		n = (int)verdict_find(word);
		return strcmp(verdict_word((enum verdict)n), word) ? -1 : n;
	case FIELD_BLAME:
		n = (int)err_blame_find(word);
		return strcmp(err_blame_word((enum err_blame)n), word) ? -1 : n;
	case FIELD_MODE:
		return find_mode(&n, word) < 0 ? -1 : n;
	case FIELD_TYPE:
		n = (int)value_type_find(word);
		return strcmp(value_type_word((enum value_type)n), word) ? -1 : n;
	case FIELD_OP:
		n = (int)limit_op_find(word);
		return n == LIMIT_NONE || strcmp(limit_op_word((enum limit_op)n), word) ? -1 : n;
	default:
		for (n = JUDGED_NONE; n <= JUDGED_UNSET; n++)
			if (!strcmp(judgement_word((enum judgement)n), word))
				return n;
		return -1;
	}
}

static const char *text_of(struct reading *in, const struct field *f, const json_t *v)
{
	if (!json_is_string(v)) {
		bad(in, f->key, "is no text");
		return NULL;
	}
	return arena_strdup(in->arena, json_string_value(v));
}

static int64_t int_of(struct reading *in, const struct field *f, const json_t *v, int64_t min,
		      int64_t max)
{
	int64_t n = json_is_integer(v) ? json_integer_value(v) : 0;

	if (!json_is_integer(v))
		bad(in, f->key, "is no whole number");
	else if (n < min || n > max)
		bad(in, f->key, "is out of range");
	else
		return n;
	return 0;
}

/* The one form in which UUIDs are written: lower-case, 8-4-4-4-12. */
static int is_uuid(const char *s)
{
	for (int i = 0; i < 36; i++) {
		int dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !s[i] || !strchr("0123456789abcdef", s[i]))
			return 0;
	}
	return !s[36];
}

static void get_value(struct reading *in, const struct field *f, struct measure *m, const json_t *v)
{
	m->has = 1;
	if (m->type == VALUE_NUM && json_is_number(v))
		m->num = json_number_value(v);
	else if (m->type == VALUE_BOOL && json_is_boolean(v))
		m->num = json_is_true(v);
	else if ((m->type == VALUE_TEXT || m->type == VALUE_VERSION) && json_is_string(v))
		m->text = text_of(in, f, v);
	else
		bad(in, f->key, "is not of its type");
}

static void get(struct reading *in, const struct field *f, void *of, const json_t *v)
{
	char *at = (char *)of + f->offset;
	int word;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_RAW_TEXT:
		*(const char **)(void *)at = text_of(in, f, v);
		break;
	case FIELD_ID:
		if (!json_is_string(v) || !is_uuid(json_string_value(v)))
			bad(in, f->key, "is no UUID");
		else
			memcpy(at, json_string_value(v), 37);
		break;
	case FIELD_INT64:
		*(int64_t *)(void *)at = int_of(in, f, v, INT64_MIN, INT64_MAX);
		break;
	case FIELD_INT:
		*(int *)(void *)at = (int)int_of(in, f, v, INT_MIN, INT_MAX);
		break;
	case FIELD_SIZE:
		*(size_t *)(void *)at = (size_t)int_of(in, f, v, 0, INT64_MAX);
		break;
	case FIELD_BOOL:
		if (!json_is_boolean(v))
			bad(in, f->key, "is neither true nor false");
		*(int *)(void *)at = json_is_true(v);
		break;
	case FIELD_NUM:
		if (!json_is_number(v))
			bad(in, f->key, "is no number");
		*(double *)(void *)at = json_number_value(v);
		*(int *)(void *)((char *)of + f->has) = 1;
		break;
	case FIELD_VALUE:
		get_value(in, f, of, v);
		break;
	default:
		word = json_is_string(v) ? find_word(f->type, json_string_value(v)) : -1;
		if (word < 0)
			bad(in, f->key, "is no word of the record");
		else
			*(int *)(void *)at = word;
		break;
	}
}

/* Fill a struct. nested: the key of its array, or NULL. */
static void get_all(struct reading *in, const struct field *fields, const char *nested, void *of,
		    const json_t *from)
{
	size_t seen = 0;

	if (!json_is_object(from)) {
		bad(in, nested ? nested : "measure", "stands in no object");
		return;
	}
	for (const struct field *f = fields; f->key && !in->failed; f++) {
		const json_t *v = json_object_get(from, f->key);

		if (v) {
			seen++;
			get(in, f, of, v);
		} else if (!f->optional) {
			bad(in, f->key, "is missing");
		}
	}
	if (nested && !in->failed) {
		if (json_is_array(json_object_get(from, nested)))
			seen++;
		else
			bad(in, nested, "is missing or no array");
	}
	if (!in->failed && seen != json_object_size(from)) {
		const char *key;
		json_t *v;

		json_object_foreach((json_t *)(uintptr_t)from, key, v)
		{
			const struct field *f = fields;

			while (f->key && strcmp(f->key, key))
				f++;
			if (!f->key && (!nested || strcmp(nested, key)))
				bad(in, key, "is no key of the record");
		}
	}
}

static void get_attempt(struct reading *in, struct attempt *a, const json_t *from)
{
	const json_t *list;

	get_all(in, attempt_fields, KEY_MEASURES, a, from);
	if (in->failed)
		return;
	list = json_object_get(from, KEY_MEASURES);
	a->measures = a->measure_room = json_array_size(list);
	a->measure = arena_alloc(in->arena, (a->measures + 1) * sizeof(*a->measure));
	for (size_t i = 0; i < a->measures && !in->failed; i++)
		get_all(in, measure_fields, NULL, &a->measure[i], json_array_get(list, i));
}

static void get_step(struct reading *in, struct step_run *s, const json_t *from)
{
	const json_t *list;

	get_all(in, step_fields, KEY_ATTEMPTS, s, from);
	if (in->failed)
		return;
	list = json_object_get(from, KEY_ATTEMPTS);
	s->attempts = s->attempt_room = json_array_size(list);
	s->attempt = arena_alloc(in->arena, (s->attempts + 1) * sizeof(*s->attempt));
	for (size_t i = 0; i < s->attempts && !in->failed; i++)
		get_attempt(in, &s->attempt[i], json_array_get(list, i));
}

/* Offsets into the console stay inside it, whatever the body says. */
static void clamp_console(struct unit_run *r)
{
	r->console_len = r->console ? strlen(r->console) : 0;
	for (size_t i = 0; i < r->steps; i++)
		for (size_t k = 0; k < r->step[i].attempts; k++) {
			struct attempt *a = &r->step[i].attempt[k];

			if (a->console_to > r->console_len)
				a->console_to = r->console_len;
			if (a->console_from > a->console_to)
				a->console_from = a->console_to;
		}
}

/*
 * What jansson builds lives in an arena of the parse and goes with it at once;
 * nothing in it is freed one by one, so there is no json_decref() either. The
 * allocator is jansson's only global; it is put back before anyone else calls.
 */
static struct arena *parsing;

static void *parse_alloc(size_t n)
{
	return arena_alloc(parsing, n);
}

static void parse_keep(void *p)
{
	(void)p;
}

static json_t *parse(struct arena *tree, const char *json, size_t len, struct err *err)
{
	json_malloc_t alloc_was;
	json_free_t free_was;
	json_error_t at;
	json_t *root;

	json_get_alloc_funcs(&alloc_was, &free_was);
	json_set_alloc_funcs(parse_alloc, parse_keep);
	parsing = tree;
	root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &at);
	parsing = NULL;
	json_set_alloc_funcs(alloc_was, free_was);
	if (!root) {
		arena_free(tree);
		err_set(err, ERR_CORRUPT, "record: byte %d: %s", at.position, at.text);
	}
	return root;
}

int run_from_json(struct unit_run *r, const char *json, size_t len, struct err *err)
{
	struct reading in = { .arena = &r->arena, .err = err };
	const json_t *list, *schema;
	struct arena tree = { 0 };
	json_t *root;

	*r = (struct unit_run){ 0 };
	root = parse(&tree, json, len, err);
	if (!root)
		return err->code;
	schema = json_object_get(root, "schema");
	if (json_is_integer(schema) && json_integer_value(schema) > RUN_SCHEMA) {
		err_set(err, ERR_NEWER, "record: schema %lld, this program reads up to %d",
			(long long)json_integer_value(schema), RUN_SCHEMA);
		in.failed = 1;
	} else if (!json_is_integer(schema) || json_integer_value(schema) < 1) {
		bad(&in, "schema", "is missing or no schema");
	}
	if (!in.failed)
		get_all(&in, run_fields, KEY_STEPS, r, root);
	if (!in.failed) {
		list = json_object_get(root, KEY_STEPS);
		r->steps = json_array_size(list);
		r->step = arena_alloc(&r->arena, (r->steps + 1) * sizeof(*r->step));
		for (size_t i = 0; i < r->steps && !in.failed; i++)
			get_step(&in, &r->step[i], json_array_get(list, i));
		clamp_console(r);
	}
	arena_free(&tree);
	if (!in.failed)
		return 0;
	run_release(r);
	return err->code;
}

/* The piece goes behind what is there, and the attempt's range with it. */
static void add_console(struct unit_run *r, struct attempt *a, const json_t *piece)
{
	const char *text = json_string_value(piece);

	a->console_from = a->console_to = r->console_len;
	if (!text)
		return;
	r->console = arena_printf(&r->arena, "%s%s", r->console ? r->console : "", text);
	r->console_len = strlen(r->console);
	a->console_to = r->console_len;
}

int run_add_attempt_json(struct unit_run *r, const char *json, size_t len, struct err *err)
{
	struct reading in = { .arena = &r->arena, .err = err };
	struct arena tree = { 0 };
	json_t *root = parse(&tree, json, len, err);
	const json_t *step, *from, *skip, *waited;
	struct step_run *s;

	if (!root)
		return err->code;
	step = json_object_get(root, "step");
	from = json_object_get(root, "attempt");
	skip = json_object_get(root, "skip_rule");
	waited = json_object_get(root, "waited");
	if (!json_is_integer(step) || json_integer_value(step) < 0 ||
	    (uint64_t)json_integer_value(step) >= r->steps) {
		bad(&in, "step", "is missing or no step of the run");
	} else if (json_is_object(from)) {
		struct attempt a = { 0 };

		get_attempt(&in, &a, from);
		if (!in.failed) {
			add_console(r, &a, json_object_get(root, "console"));
			*run_attempt_add(r, (size_t)json_integer_value(step)) = a;
		}
	} else if (!json_is_string(skip)) {
		bad(&in, "attempt", "is missing");
	} else {
		s = &r->step[json_integer_value(step)];
		s->skip_rule = arena_strdup(&r->arena, json_string_value(skip));
	}
	if (!in.failed && json_is_integer(waited))
		r->step[json_integer_value(step)].waited_ms = json_integer_value(waited);
	arena_free(&tree);
	return in.failed ? (int)ERR_CORRUPT : 0;
}
