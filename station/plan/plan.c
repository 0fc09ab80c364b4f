#include "plan/plan.h"

#include <string.h>

#include "base/hint.h"
#include "plan/plan_priv.h"

static const struct plan_env no_env = { 0 };

int plan_errors_in(const struct findings *own, const char *path, struct err *err)
{
	if (!own->errors)
		return 0;
	if (own->errors == 1)
		for (size_t i = 0; i < own->count; i++)
			if (finding_severity(own->list[i].code) == SEVERITY_ERROR)
				return err_set(err, ERR_PLAN, "%s:%d: %s", own->list[i].at.file,
					       own->list[i].at.line, own->list[i].message);
	return err_set(err, ERR_PLAN, "%s: has %zu errors; see station check %s", path, own->errors,
		       path);
}

static const struct ini_section *find_variant(const struct plan_source *s, const char *name)
{
	for (size_t i = 0; name && i < s->variants; i++)
		if (!strcmp(s->variant_names[i], name))
			return s->variant[i];
	return NULL;
}

static void unknown_variant(const struct plan_source *s, const char *name, struct arena *a,
			    struct findings *f)
{
	struct place whole = { s->file->path, 0, 0 };

	finding_add(f, &whole, FINDING_UNKNOWN_NAME, "there is no [variant %s]%s", name,
		    hint(a, name, s->variant_names, s->variants, "there is"));
}

int plan_load(struct plan **out, struct arena *a, const char *path, const char *variant,
	      const struct plan_env *env, struct findings *f, struct err *err)
{
	struct findings own = { 0 }; /* f may hold those of other files */
	struct plan *p = arena_new(a, struct plan);
	struct plan_source src;
	struct plan_reader r = {
		.arena = a, .source = &src, .env = env ? env : &no_env, .findings = &own
	};
	int rc = plan_source_load(&src, a, path, &own, err);

	if (rc == 0) {
		if (variant && !*variant)
			variant = NULL;
		r.variant = find_variant(&src, variant);
		if (variant && !r.variant)
			unknown_variant(&src, variant, a, &own);
		plan_variants_lint(&src, a, &own);
		plan_read(p, &r);
		plan_lint(p, &r);
		rc = plan_errors_in(&own, path, err);
	}
	plan_findings_copy(f, &own);
	finding_release(&own);
	if (rc < 0)
		plan_release(p);
	else
		*out = p;
	return rc;
}

/* One variant of a plan that is only looked at. */
static void check_variant(const struct plan_source *src, const struct ini_section *variant,
			  const struct plan_env *env, struct findings *f)
{
	struct arena a = { 0 };
	struct plan p = { 0 };
	struct plan_reader r = { .arena = &a,
				 .source = src,
				 .env = env,
				 .findings = f,
				 .variant = variant,
				 .others = src->variants > 0 };

	plan_read(&p, &r);
	plan_lint(&p, &r);
	plan_release(&p);
	arena_free(&a);
}

void plan_check(const char *path, const struct plan_env *env, struct findings *f)
{
	struct arena a = { 0 };
	struct plan_source src;
	struct err err = { 0 };

	env = env ? env : &no_env;
	if (plan_source_load(&src, &a, path, f, &err) == 0) {
		plan_variants_lint(&src, &a, f);
		check_variant(&src, NULL, env, f);
		for (size_t i = 0; i < src.variants; i++)
			check_variant(&src, src.variant[i], env, f);
	}
	arena_free(&a);
}

void plan_release(struct plan *p)
{
	if (!p)
		return;
	match_free(p->serial);
	p->serial = NULL;
	for (size_t i = 0; i < p->steps; i++) {
		struct plan_step *st = &p->step[i];

		for (size_t l = 0; l < st->limits; l++)
			limit_release(&st->limit[l]);
		if (st->driver && st->args) /* our own memory, handed out as const */
			param_release((void *)(uintptr_t)st->args, st->driver->params);
	}
	board_profile_release(p->board);
	p->board = NULL;
}
