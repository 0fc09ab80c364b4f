/* plan_variant -- [variant NAME]: labels that select it, and what it changes in
 * steps ("step wifi.limit rate = ...", "step mac.interface = ..."). */
#include "plan/plan_priv.h"

#include <string.h>

#include "base/hint.h"

/* What a variant may not change: the order and the shape of the plan. */
static const char *const fixed[] = { "kind", "group", "when", NULL };

/* The key of the step that "step ID.KEY" changes, or NULL: it is another step's.
 * Names may hold dots, so the step is needed to tell ID and KEY apart. */
static const char *key_of(const char *name, const char *id)
{
	size_t n = strlen(id);

	if (strncmp(name, "step ", 5))
		return NULL;
	name += 5;
	return !strncmp(name, id, n) && name[n] == '.' && name[n + 1] ? name + n + 1 : NULL;
}

/* The step that a key of a variant changes: the longest name that fits. */
static struct ini_section *step_of(const struct plan_source *s, const char *name)
{
	struct ini_section *best = NULL;

	for (size_t i = 0; i < s->steps; i++)
		if (key_of(name, s->step[i]->name) &&
		    (!best || strlen(best->name) < strlen(s->step[i]->name)))
			best = s->step[i];
	return best;
}

static size_t changes(const struct plan_reader *r, const struct ini_section *step)
{
	size_t n = 0;

	for (size_t i = 0; i < r->variant->keys; i++)
		n += step_of(r->source, r->variant->key[i].name) == step;
	return n;
}

struct ini_section *plan_variant_apply(struct plan_reader *r, struct ini_section *step)
{
	size_t n = r->variant ? changes(r, step) : 0;
	struct ini_section *s = arena_new(r->arena, struct ini_section);

	*s = *step;
	s->key = arena_alloc(r->arena, (step->keys + n + 1) * sizeof(*s->key));
	if (step->keys)
		memcpy(s->key, step->key, step->keys * sizeof(*s->key));
	for (size_t i = 0; n && i < r->variant->keys; i++) {
		const struct ini_key *k = &r->variant->key[i];
		struct ini_key *to;

		if (step_of(r->source, k->name) != step)
			continue;
		to = ini_key(s, key_of(k->name, step->name));
		to = to ? to : &s->key[s->keys++];
		*to = *k;
		to->name = key_of(k->name, step->name);
		to->used = 0; /* by the step's reader, which comes yet */
	}
	return s;
}

static void unknown_step(const struct plan_source *s, const struct ini_key *k, struct arena *a,
			 struct findings *f)
{
	const char **names = arena_alloc(a, (s->steps + 1) * sizeof(*names));
	const char *id = k->name + 5, *dot = strstr(id, ".limit ");

	if (!dot)
		dot = strrchr(id, '.');
	if (!dot || dot == id) {
		finding_add(f, &k->at, FINDING_UNKNOWN_KEY,
			    "'%s' names no key of a step; write step ID.KEY", k->name);
		return;
	}
	for (size_t i = 0; i < s->steps; i++)
		names[i] = s->step[i]->name;
	id = arena_printf(a, "%.*s", (int)(dot - id), id);
	finding_add(f, &k->at, FINDING_UNKNOWN_NAME, "there is no [step %s]%s", id,
		    hint(a, id, names, s->steps, "there is"));
}

static void lint_key(const struct plan_source *s, struct ini_key *k, struct arena *a,
		     struct findings *f)
{
	const struct ini_section *step;
	const char *key;

	if (strncmp(k->name, "step ", 5))
		return;
	k->used = 1;
	step = step_of(s, k->name);
	if (!step) {
		unknown_step(s, k, a, f);
		return;
	}
	key = key_of(k->name, step->name);
	for (size_t i = 0; fixed[i]; i++)
		if (!strcmp(fixed[i], key))
			finding_add(f, &k->at, FINDING_UNKNOWN_KEY,
				    "a variant cannot change the '%s' of a step", key);
}

static void lint_labels(const struct ini_section *v, const struct plan_source *s,
			struct findings *f)
{
	const struct ini_key *k = ini_key(v, "serial"), *other;

	if (!k) {
		finding_add(
			f, &v->at, FINDING_NEVER_RUNS,
			"no label selects [variant %s]: it has no 'serial'; only --variant does",
			v->name);
		return;
	}
	for (size_t i = 0; i < s->variants && s->variant[i] != v; i++)
		if ((other = ini_key(s->variant[i], "serial")) && *k->value &&
		    !strcmp(other->value, k->value))
			finding_add(f, &k->value_at, FINDING_CONTRADICTION,
				    "no label can select [variant %s]: [variant %s] has the same "
				    "'serial' at %s:%d",
				    v->name, s->variant[i]->name, other->at.file, other->at.line);
}

void plan_variants_lint(const struct plan_source *s, struct arena *a, struct findings *f)
{
	const struct param *const lists[] = { plan_variant_params, NULL };

	for (size_t i = 0; i < s->variants; i++) {
		struct plan_variant_keys keys = { 0 };
		struct ini_section *v = s->variant[i];

		param_read(&keys, plan_variant_params, v, a, f);
		for (size_t k = 0; k < v->keys; k++)
			lint_key(s, &v->key[k], a, f);
		param_unknown(v, lists, f);
		lint_labels(v, s, f);
		param_release(&keys, plan_variant_params);
	}
}
