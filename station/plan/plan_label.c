/* plan_label -- which labels a plan and its variants want. */
#include "plan/plan_priv.h"

#include <string.h>

#include "base/text.h"

static struct match *label_pattern(const struct ini_section *s)
{
	const struct ini_key *k = s ? ini_key(s, "serial") : NULL;
	struct err none = { 0 };
	struct match *m = NULL;
	size_t at;

	if (!k || k->broken || !*k->value || match_compile(&m, k->value, &at, &none) < 0)
		return NULL;
	return m;
}

static const char *shown(struct arena *a, const char *serial)
{
	return text_escaped(a, serial, strlen(serial));
}

static int fits(const struct match *m, const char *serial, struct err *err)
{
	struct match_found found;
	enum match_result r = match_whole(&found, m, serial, strlen(serial));

	if (r == MATCH_COSTLY)
		return err_set(err, ERR_COSTLY, "pattern %s costs too much on this label",
			       match_text(m));
	return r == MATCH_YES;
}

static int find_by_label(const char **out, const struct plan_source *src, struct arena *a,
			 const char *serial, struct err *err)
{
	const char *found = NULL;
	int r = 0;

	for (size_t i = 0; i < src->variants && r >= 0; i++) {
		struct match *m = label_pattern(src->variant[i]);

		r = m ? fits(m, serial, err) : 0;
		match_free(m);
		if (r > 0 && found)
			r = err_set(err, ERR_PLAN, "label '%s' fits variant '%s' and variant '%s'",
				    shown(a, serial), found, src->variant_names[i]);
		else if (r > 0)
			found = src->variant_names[i];
	}
	if (r < 0 || found) {
		*out = r < 0 ? NULL : arena_strdup(a, found);
		return r < 0 ? r : 0;
	}
	struct match *own = label_pattern(src->plan);
	r = own ? fits(own, serial, err) : 1;
	if (r == 0)
		err_set(err, ERR_PLAN, "label '%s' fits neither the plan's serial %s nor a variant",
			shown(a, serial), match_text(own));
	match_free(own);
	*out = "";
	return r > 0 ? 0 : r < 0 ? r : ERR_PLAN;
}

int plan_variant_for(const char **out, struct arena *a, const char *path, const char *serial,
		     struct err *err)
{
	struct arena own = { 0 };
	struct findings f = { 0 };
	struct plan_source src;
	int r = plan_source_load(&src, &own, path, &f, err);

	if (r == 0)
		r = plan_errors_in(&f, path, err);
	if (r == 0) {
		plan_variants_lint(&src, &own, &f);
		r = plan_errors_in(&f, path, err);
	}
	if (r == 0)
		r = find_by_label(out, &src, a, serial, err);
	finding_release(&f);
	arena_free(&own);
	return r;
}

static int has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return 1;
	return 0;
}

int plan_serial_ok(const struct plan *p, const char *serial, struct err *err)
{
	struct arena a = { 0 };
	int r;

	if (!*serial)
		return err_set(err, ERR_USAGE, "the serial is empty");
	if (has_control(serial)) {
		r = err_set(err, ERR_USAGE, "serial '%s' holds a control character",
			    shown(&a, serial));
		arena_free(&a);
		return r;
	}
	r = p->serial ? fits(p->serial, serial, err) : 1;
	if (r == 0)
		r = err_set(err, ERR_USAGE, "serial '%s' does not fit %s", shown(&a, serial),
			    p->serial_text);
	arena_free(&a);
	return r > 0 ? 0 : r;
}

/* --- what a plan says about itself, mistakes or not --- */

static const char *said(const struct ini_section *s, const char *key, const char *preset)
{
	const struct ini_key *k = s ? ini_key(s, key) : NULL;

	return k && !k->broken ? k->value : preset;
}

static void add_pattern(struct plan_card *c, const char *variant, const struct ini_section *s)
{
	struct match *m = label_pattern(s);

	if (m)
		c->pattern[c->patterns++] = (struct plan_card_pattern){ variant, m };
}

int plan_card_load(struct plan_card **out, struct arena *a, const char *path, struct err *err)
{
	static const char *const keys[] = { "label", "check", "code", NULL };
	struct plan_card *c = arena_new(a, struct plan_card);
	struct findings f = { 0 };
	struct plan_keys read = { 0 };
	struct plan_source src;
	int r = plan_source_load(&src, a, path, &f, err);

	/* A plan whose [plan] cannot be made out is one as well. */
	for (size_t i = 0; i < f.count; i++)
		c->is_plan |= f.list[i].code == FINDING_SYNTAX ||
			      f.list[i].code == FINDING_BAD_SECTION ||
			      f.list[i].code == FINDING_ENCODING;
	finding_release(&f);
	if (r < 0)
		return r;
	c->path = arena_strdup(a, path);
	c->is_plan |= src.plan != NULL;
	c->includes = src.plan && ini_key(src.plan, "include");
	c->title = said(src.plan, "title", "");
	c->revision = said(src.plan, "revision", "-");
	c->instruction = said(src.plan, "instruction", "");
	c->product = said(src.plan, "product", "");
	c->process = said(src.plan, "process", "FCT");
	c->board = said(src.plan, "board", "");
	for (size_t i = 0; keys[i]; i++) {
		const struct param *row = param_find(plan_params, keys[i]);
		const char *text = said(src.plan, keys[i], row->preset);
		struct err none = { 0 };
		size_t at;

		if (text)
			param_set(&read, row, text, a, path, &at, &none);
	}
	c->label = plan_label_of(read.label);
	c->check = plan_check_of(read.check);
	c->code = read.code;
	c->pattern = arena_alloc(a, (src.variants + 1) * sizeof(*c->pattern));
	add_pattern(c, "", src.plan);
	for (size_t i = 0; i < src.variants; i++)
		add_pattern(c, src.variant_names[i], src.variant[i]);
	*out = c;
	return 0;
}

void plan_card_release(struct plan_card *c)
{
	for (size_t i = 0; c && i < c->patterns; i++)
		match_free(c->pattern[i].serial);
	if (c)
		c->patterns = 0;
}

int plan_card_wants(const struct plan_card *c, const char *serial, struct err *err)
{
	for (size_t i = 0; i < c->patterns; i++) {
		int r = fits(c->pattern[i].serial, serial, err);

		/* The plan's own, which comes first, must fit in any case. */
		if (r != 0 || !*c->pattern[i].variant)
			return r;
	}
	return c->patterns == 0;
}
