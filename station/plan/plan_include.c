/* plan_include -- a plan and the files that it includes, as one list of
 * sections in the order of their steps, and as the one text that is hashed. */
#include "plan/plan_priv.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hint.h"
#include "base/sbuf.h"

struct walk {
	struct arena *a;
	struct findings *f;
	struct plan_source *out;
	struct sbuf text;
	const char *real[PLAN_FILES_MAX]; /* of every file read so far */
	size_t files;
	int too_many; /* told once */
};

/* One file that is being read, and who included it. */
struct chain {
	const struct chain *up;
	const char *path, *real;
	int depth;
};

static const char *label(struct arena *a, const struct ini_section *s)
{
	return arena_printf(a, "[%s%s%s]", s->kind, *s->name ? " " : "", s->name);
}

struct place plan_item_place(const struct ini_key *k, const char *item)
{
	size_t n = strlen(item);

	for (const char *p = k->value; n && (p = strstr(p, item)); p++) {
		int starts = p == k->value || strchr(", \t-", p[-1]);

		if (starts && (!p[n] || strchr(", \t-", p[n])))
			return ini_place(k, (size_t)(p - k->value));
	}
	return k->value_at;
}

struct place plan_value_place(const struct ini_section *s, const char *key)
{
	const struct ini_key *k = key ? ini_key(s, key) : NULL;

	return k ? k->value_at : s->at;
}

/* Add to a list of sections unless the name is taken. */
static void keep(struct walk *w, struct ini_section ***list, size_t *n, size_t max,
		 struct ini_section *s)
{
	for (size_t i = 0; i < *n; i++) {
		const struct ini_section *known = (*list)[i];

		if (strcmp(known->name, s->name))
			continue;
		if (known->at.file != s->at.file) /* in one file, the parser tells */
			finding_add(w->f, &s->name_at, FINDING_DUPLICATE_NAME,
				    "%s is already defined at %s:%d", label(w->a, s),
				    known->at.file, known->at.line);
		return;
	}
	if (*n == max) {
		if (!w->too_many++)
			finding_add(w->f, &s->at, FINDING_OUT_OF_RANGE,
				    "more than %zu [%s NAME] sections", max, s->kind);
		return;
	}
	if (!*list)
		*list = arena_alloc(w->a, (max + 1) * sizeof(**list));
	(*list)[(*n)++] = s;
}

/* "a.ini > b.ini > a.ini" */
static void chain_print(struct sbuf *out, const struct chain *c)
{
	if (c->up)
		chain_print(out, c->up);
	sbuf_printf(out, "%s > ", c->path);
}

static void chain_finding(struct walk *w, const struct chain *c, const struct place *at,
			  const char *path, const char *what)
{
	struct sbuf b = { 0 };

	chain_print(&b, c);
	finding_add(w->f, at, FINDING_INCLUDE, "%s: %s%s", what, sbuf_str(&b), path);
	sbuf_release(&b);
}

static int is_above(const struct chain *c, const char *real)
{
	for (; c; c = c->up)
		if (!strcmp(c->real, real))
			return 1;
	return 0;
}

static int is_read(const struct walk *w, const char *real)
{
	for (size_t i = 0; i < w->files; i++)
		if (!strcmp(w->real[i], real))
			return 1;
	return 0;
}

static void take_file(struct walk *w, struct ini *file, const struct chain *c);

static void include_file(struct walk *w, const struct chain *up, const char *item,
			 const struct place *at)
{
	struct chain c = { .up = up, .depth = up->depth + 1 };
	char real[PATH_MAX];
	struct err err = { 0 };
	struct ini *file;
	struct stat st;

	c.path = file_beside(w->a, up->path, item);
	if (!realpath(c.path, real) || stat(real, &st)) {
		finding_add(w->f, at, FINDING_INCLUDE, "'%s' cannot be read: %s", item,
			    strerror(errno));
		return;
	}
	c.real = arena_strdup(w->a, real);
	if (!S_ISREG(st.st_mode))
		finding_add(w->f, at, FINDING_INCLUDE, "'%s' is no file", item);
	else if (is_above(up, real))
		chain_finding(w, up, at, c.path, "includes itself");
	else if (c.depth > PLAN_INCLUDE_DEPTH)
		chain_finding(w, up, at, c.path, "includes are more than 8 deep");
	else if (is_read(w, real))
		finding_add(w->f, at, FINDING_INCLUDE, "'%s' is included twice", item);
	else if (w->files == PLAN_FILES_MAX)
		finding_add(w->f, at, FINDING_INCLUDE, "more than %d files", PLAN_FILES_MAX);
	else if (ini_load(&file, w->a, c.path, w->f, &err) == 0) {
		sbuf_printf(&w->text, "; include %s\n", item);
		take_file(w, file, &c);
		if (w->text.len && w->text.data[w->text.len - 1] != '\n')
			sbuf_putc(&w->text, '\n');
		sbuf_printf(&w->text, "; end of %s\n", item);
	}
}

/* The files of the `include` key. */
static void include_all(struct walk *w, const struct ini_section *plan, const struct chain *c)
{
	const struct ini_key *k = ini_key(plan, "include");
	const struct param *row = param_find(plan_params, "include");
	struct plan_keys keys = { 0 };
	struct err err = { 0 };
	size_t at;

	if (!k || param_set(&keys, row, k->value, w->a, c->path, &at, &err) < 0)
		return; /* told when [plan] is read */
	for (size_t i = 0; i < keys.include.count; i++) {
		struct place place = plan_item_place(k, keys.include.item[i]);

		include_file(w, c, keys.include.item[i], &place);
	}
}

/* An included file's [plan] may include further files and say nothing else. */
static void check_included_plan(struct walk *w, struct ini_section *plan)
{
	const struct param *row = param_find(plan_params, "include");
	struct plan_keys keys = { 0 };
	struct param rows[2] = { *row, { .name = NULL } };

	param_read(&keys, rows, plan, w->a, w->f);
	for (size_t i = 0; i < plan->keys; i++)
		if (strcmp(plan->key[i].name, "include"))
			finding_add(w->f, &plan->key[i].at, FINDING_UNKNOWN_KEY,
				    "'%s' belongs into the plan itself: the [plan] of an included "
				    "file has 'include' alone",
				    plan->key[i].name);
}

static void take_section(struct walk *w, struct ini_section *s, const struct chain *c)
{
	static const char *const kinds[] = { "plan", "step", "group", "variant" };
	struct plan_source *o = w->out;
	int included = c->up != NULL;
	int kind = 0;

	while (kind < 4 && strcmp(kinds[kind], s->kind))
		kind++;
	if (kind == 4) {
		finding_add(w->f, &s->at, FINDING_UNKNOWN_SECTION, "unknown section %s%s",
			    label(w->a, s), hint(w->a, s->kind, kinds, 4, "a plan has"));
		return;
	}
	if ((kind == 0) != !*s->name) {
		finding_add(w->f, &s->at, FINDING_BAD_SECTION,
			    kind ? "[%s] needs a name: [%s NAME]"
				 : "[%s ...] must be [%s], without a name",
			    s->kind, s->kind);
		return;
	}
	if (kind == 0 && included)
		check_included_plan(w, s);
	else if (kind == 0 && !o->plan)
		o->plan = s;
	else if (kind == 1)
		keep(w, &o->step, &o->steps, PLAN_STEPS_MAX, s);
	else if (kind == 2)
		keep(w, &o->group, &o->groups, PLAN_GROUPS_MAX, s);
	else if (kind == 3 && included)
		finding_add(
			w->f, &s->at, FINDING_UNKNOWN_SECTION,
			"%s belongs into the plan itself: an included file has steps and groups",
			label(w->a, s));
	else if (kind == 3)
		keep(w, &o->variant, &o->variants, PLAN_VARIANTS_MAX, s);
}

static void take_file(struct walk *w, struct ini *file, const struct chain *c)
{
	const struct ini_section *plan = ini_section(file, "plan", "");

	w->real[w->files++] = c->real;
	if (plan)
		include_all(w, plan, c);
	sbuf_add(&w->text, file->text, file->len);
	for (size_t i = 0; i < file->sections; i++)
		take_section(w, &file->section[i], c);
}

int plan_source_load(struct plan_source *out, struct arena *a, const char *path, struct findings *f,
		     struct err *err)
{
	struct walk w = { .a = a, .f = f, .out = out };
	struct chain top = { .path = path };
	struct place whole = { path, 0, 0 };
	char real[PATH_MAX];
	char *text;
	int r;

	*out = (struct plan_source){ 0 };
	r = ini_load(&out->file, a, path, f, err);
	if (r < 0)
		return r;
	top.real = arena_strdup(a, realpath(path, real) ? real : path);
	take_file(&w, out->file, &top);
	if (!out->plan)
		finding_add(f, &whole, FINDING_MISSING_SECTION,
			    "there is no section [plan]: this is no plan");
	text = arena_alloc(a, w.text.len + 1);
	memcpy(text, sbuf_str(&w.text), w.text.len);
	out->text = text;
	out->len = w.text.len;
	sbuf_release(&w.text);
	out->variant_names = arena_alloc(a, (out->variants + 1) * sizeof(char *));
	for (size_t i = 0; i < out->variants; i++)
		out->variant_names[i] = out->variant[i]->name;
	return 0;
}
