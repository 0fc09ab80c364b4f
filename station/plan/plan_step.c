/* plan_step -- one [step ID]: its kind, its keys, its limits. */
#include "plan/plan_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/hint.h"

static const char limit_word[] = "limit ";

/* One step on its way. Findings of the step are gathered apart, so that what
 * trusts its arguments is asked only when there was no error. */
struct reading {
	struct plan_step *out;
	struct plan_reader *r;
	struct ini_section *s;
	struct plan_step_keys keys;
	struct findings own;
	size_t limit_room;
};

static const char *kind_hint(struct arena *a, const char *word)
{
	const char **names = arena_alloc(a, (step_table_size + 1) * sizeof(*names));

	for (size_t i = 0; i < step_table_size; i++)
		names[i] = step_table[i]->name;
	return hint(a, word, names, step_table_size, "there is");
}

static const char *measure_hint(struct arena *a, const struct step_driver *d, const char *word)
{
	const char **names;
	size_t n = 0;

	while (d->measures[n].name)
		n++;
	names = arena_alloc(a, (n + 1) * sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = d->measures[i].name;
	return hint(a, word, names, n, "it measures");
}

/* --- when --- */

/* Is one of "variant A, B" the variant that is read? */
static int is_wanted(struct reading *x, const struct ini_key *k)
{
	const struct plan_source *src = x->r->source;
	struct arena *a = x->r->arena;
	const struct param row = { .name = "when", .type = PARAM_LIST };
	struct param_list list = { 0 };
	struct err err = { 0 };
	int wanted = 0;
	size_t at;

	if (strncmp(k->value, "variant ", 8)) {
		finding_add(&x->own, &k->value_at, FINDING_BAD_VALUE,
			    "'when' is '%.60s', must be: variant A, B", k->value);
		return 1;
	}
	if (param_set(&list, &row, k->value + 8, a, NULL, &at, &err) < 0) {
		struct place place = ini_place(k, 8 + at);

		finding_add(&x->own, &place, FINDING_BAD_VALUE, "%s", err.text);
		return 1;
	}
	for (size_t i = 0; i < list.count; i++) {
		const char *name = list.item[i];
		size_t v = 0;

		while (v < src->variants && strcmp(src->variant_names[v], name))
			v++;
		if (v == src->variants) {
			struct place place = plan_item_place(k, name);

			finding_add(&x->own, &place, FINDING_UNKNOWN_NAME,
				    "there is no [variant %s]%s", name,
				    hint(a, name, src->variant_names, src->variants, "there is"));
			wanted = 1; /* told once: not also as a plan in which nothing runs */
		}
		wanted |= x->r->variant && !strcmp(x->r->variant->name, name);
	}
	return wanted;
}

/* --- limits --- */

static struct limit *limit_room(struct reading *x)
{
	struct plan_step *st = x->out;

	if (st->limits == x->limit_room) {
		size_t room = x->limit_room ? 2 * x->limit_room : 8;
		struct limit *list = arena_alloc(x->r->arena, room * sizeof(*list));

		if (st->limits)
			memcpy(list, st->limit, st->limits * sizeof(*list));
		st->limit = list;
		x->limit_room = room;
	}
	return &st->limit[st->limits];
}

/* A limit beside a parameter that is a limit of the same measurement: both would
 * hold, and the looser one would be read by nobody. Parameters among themselves
 * are the kind's business. */
static int is_contradicted(struct reading *x, const char *measure, const struct place *at,
			   const char *said, int implied)
{
	for (size_t i = 0; i < x->out->limits; i++) {
		const struct limit *l = &x->out->limit[i];

		if (l->implied == implied || strcmp(l->measure, measure))
			continue;
		finding_add(&x->own, at, FINDING_CONTRADICTION,
			    "'%s' judges '%s', which %s:%d:%d judges already", said, measure,
			    l->from.file, l->from.line, l->from.column);
		return 1;
	}
	return 0;
}

static void add_limit(struct reading *x, const char *measure, const char *text,
		      const struct ini_key *k, const char *said, int implied)
{
	const struct step_driver *d = x->out->driver;
	const struct step_measure_row *row = step_measure_find(d, measure);
	struct place at = k ? k->value_at : x->s->at;
	enum finding_code code = FINDING_BAD_LIMIT;
	struct err err = { 0 };
	struct limit *l;
	size_t offset = 0;

	if (!row) {
		finding_add(&x->own, k ? &k->at : &at, FINDING_UNKNOWN_MEASURE,
			    "'%s': step kind '%s' does not measure '%s'%s", said, d->name, measure,
			    measure_hint(x->r->arena, d, measure));
		return;
	}
	if (is_contradicted(x, measure, k ? &k->at : &at, said, implied))
		return;
	l = limit_room(x);
	if (limit_scan(l, text, row->type, row->unit, x->r->arena, &offset, &code, &err) < 0) {
		struct place place = k && !implied ? ini_place(k, offset) : at;

		finding_add(&x->own, &place, code, "'%s': %s", said, err.text);
		return;
	}
	l->measure = arena_strdup(x->r->arena, measure);
	l->from = at;
	l->implied = implied;
	x->out->limits++;
}

static void add_implied(void *sink, const char *key, const char *measure, const char *expr)
{
	struct reading *x = sink;

	add_limit(x, measure, expr, key ? ini_key(x->s, key) : NULL,
		  key ? key : x->out->driver->name, 1);
}

static size_t row_index(const struct step_driver *d, const char *measure)
{
	return (size_t)(step_measure_find(d, measure) - d->measures);
}

/* The order of the kind's measurements, so that the order of keys in a file does
 * not change the definition set. */
static int is_before(const struct step_driver *d, const struct limit *a, const struct limit *b)
{
	size_t i = row_index(d, a->measure), k = row_index(d, b->measure);

	if (i != k)
		return i < k;
	if (strlen(a->measure) != strlen(b->measure)) /* m.2 before m.10 */
		return strlen(a->measure) < strlen(b->measure);
	return strcmp(a->measure, b->measure) < 0;
}

static void sort_limits(struct plan_step *st)
{
	for (size_t i = 1; i < st->limits; i++) {
		struct limit l = st->limit[i];
		size_t k = i;

		for (; k > 0 && is_before(st->driver, &l, &st->limit[k - 1]); k--)
			st->limit[k] = st->limit[k - 1];
		st->limit[k] = l;
	}
}

static void read_limits(struct reading *x)
{
	for (size_t i = 0; i < x->s->keys; i++) {
		struct ini_key *k = &x->s->key[i];

		if (strncmp(k->name, limit_word, sizeof(limit_word) - 1))
			continue;
		k->used = 1;
		if (k->broken)
			continue;
		add_limit(x, k->name + sizeof(limit_word) - 1, k->value, k, k->name, 0);
	}
}

/* --- the step --- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum plan_on on_word(const char *word, const char *preset)
{
	word = word ? word : preset;
	return word && !strcmp(word, "continue") ? PLAN_CONTINUE : PLAN_STOP;
}

static void take_keys(struct reading *x)
{
	const struct plan_step_keys *k = &x->keys;
	const struct plan_keys *p = &x->r->keys;
	struct plan_step *st = x->out;

	st->title = k->title ? k->title : st->id;
	st->timeout_ms = k->timeout_ms;
	if (!k->timeout_ms && st->driver)
		st->timeout_ms = st->driver->timeout_ms;
	st->retry = k->retry;
	st->retry_delay_ms = k->retry_delay_ms;
	st->on_fail = on_word(k->on_fail, p->on_fail);
	st->on_error = on_word(k->on_error, p->on_error);
	st->always = k->always != 0;
	st->group = k->group;
	st->uses = k->uses;
	if (st->uses.count)
		qsort(st->uses.item, st->uses.count, sizeof(*st->uses.item), by_name);
	st->instruction = k->instruction;
}

static const struct step_driver *find_kind(struct reading *x)
{
	const struct ini_key *k = ini_key(x->s, "kind");
	const struct step_driver *d = x->keys.kind ? step_find(x->keys.kind) : NULL;

	if (x->keys.kind && !d)
		finding_add(&x->own, &k->value_at, FINDING_UNKNOWN_KIND,
			    "there is no step kind '%s'%s", x->keys.kind,
			    kind_hint(x->r->arena, x->keys.kind));
	return d;
}

/* Of several limits the highest one; only those with a lower end. */
static int floor_of(double *out, const struct step_lint *l, const char *measure)
{
	const struct plan_step *st = l->limits;
	int found = -1;

	for (size_t i = 0; i < st->limits; i++) {
		const struct limit *m = &st->limit[i];
		enum limit_op op = m->test.op;

		if (strcmp(m->measure, measure) || m->type != VALUE_NUM ||
		    (op != LIMIT_GE && op != LIMIT_GT && op != LIMIT_RANGE && op != LIMIT_EQ))
			continue;
		if (found < 0 || m->test.lo > *out)
			*out = m->test.lo;
		found = 0;
	}
	return found;
}

static int median_of(double *out, int64_t *runs, const struct step_lint *l, const char *measure)
{
	const struct reading *x = l->history;
	const struct plan_history *h = x->r->env->history;

	return h ? h->median(h->payload, out, runs, x->r->plan, x->out, measure) : -1;
}

/* What the kind itself has to say; its arguments are whole. */
static void ask_driver(struct reading *x, void *args)
{
	const struct step_driver *d = x->out->driver;
	struct step_lint l = { .section = x->s,
			       .board = x->r->plan->board,
			       .fixture = x->r->env->fixture,
			       .timeout_ms = x->out->timeout_ms,
			       .floor = floor_of,
			       .limits = x->out,
			       .median = median_of,
			       .history = x,
			       .findings = &x->own };

	if (d->lint)
		d->lint(args, &l);
	if (d->imply && !x->own.errors)
		d->imply(args, add_implied, x);
	sort_limits(x->out);
	plan_lint_step(x->out, x->r, x->s, &x->own);
}

void plan_step_read(struct plan_step *out, struct plan_reader *r, struct ini_section *s)
{
	struct reading x = { .out = out, .r = r, .s = s };
	const struct param *lists[] = { plan_step_params, NULL, NULL };
	const struct ini_key *when = ini_key(s, "when");
	void *args;

	*out = (struct plan_step){ .id = s->name, .at = s->at, .params = "{}" };
	param_read(&x.keys, plan_step_params, s, r->arena, &x.own);
	out->driver = find_kind(&x);
	take_keys(&x);
	if (when && !when->broken && *when->value)
		out->skipped = !is_wanted(&x, when);
	if (out->driver) {
		lists[1] = out->driver->params;
		args = arena_alloc(r->arena, out->driver->args_size ? out->driver->args_size : 1);
		out->args = args;
		param_read(args, out->driver->params, s, r->arena, &x.own);
		read_limits(&x);
		param_unknown(s, lists, &x.own);
		if (!x.own.errors)
			ask_driver(&x, args);
		out->params = plan_params_json(r->arena, out);
	}
	plan_findings_copy(r->findings, &x.own);
	finding_release(&x.own);
}
