#include "floor/choose.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

enum { PLANS_MAX = 500, NAMED_MAX = 4 };

struct stamp { /* which content a file has, as far as can be told without reading it */
	int64_t mtime_ns, size, ino;
};

struct kept { /* one file of the folder */
	struct arena arena;
	struct shelf_plan plan;
	struct plan_card *card; /* NULL: cannot be read */
	struct stamp stamp;
	int found; /* in this look at the folder */
};

struct shelf {
	const char *folder;
	const struct plan_env *env;
	struct kept *kept[PLANS_MAX]; /* by path */
	size_t count;
	const struct shelf_plan *plan[PLANS_MAX]; /* those that are plans */
	size_t plans;
	uint64_t boards, files; /* stamps of the board profiles, and of the folder's files */
};

struct shelf *shelf_new(const char *folder, const struct plan_env *env)
{
	struct shelf *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->folder = folder;
	s->env = env;
	return s;
}

static void kept_free(struct kept *k)
{
	plan_card_release(k->card);
	arena_free(&k->arena);
	free(k);
}

void shelf_free(struct shelf *s)
{
	for (size_t i = 0; s && i < s->count; i++)
		kept_free(s->kept[i]);
	free(s);
}

size_t shelf_count(const struct shelf *s)
{
	return s->plans;
}

const struct shelf_plan *shelf_plan(const struct shelf *s, size_t i)
{
	return s->plan[i];
}

/* --- reading --- */

static int stamp_of(struct stamp *out, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	*out = (struct stamp){ st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec, st.st_size,
			       (int64_t)st.st_ino };
	return 0;
}

static int is_ini(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 4 && e->d_name[0] != '.' && !strcmp(e->d_name + n - 4, ".ini");
}

static const char *printed(struct arena *a, const struct finding *f)
{
	return arena_printf(a, "%s:%d:%d: %s: %s", f->at.file, f->at.line, f->at.column,
			    finding_severity(f->code) == SEVERITY_ERROR ? "error" : "warning",
			    f->message);
}

/* Errors first, then warnings, each in the order of the file. */
static void keep_findings(struct shelf_plan *p, struct arena *a, struct findings *f)
{
	finding_sort(f);
	for (int errors = 1; errors >= 0; errors--)
		for (size_t i = 0; i < f->count && p->findings < SHELF_FINDINGS; i++)
			if ((finding_severity(f->list[i].code) == SEVERITY_ERROR) == errors)
				p->finding[p->findings++] = printed(a, &f->list[i]);
}

static void kept_read(struct kept *k, const struct plan_env *env, const char *path)
{
	struct findings f = { 0 };
	struct err err = { 0 };
	struct plan_card *c;

	plan_card_release(k->card);
	arena_free(&k->arena);
	k->card = NULL;
	k->plan = (struct shelf_plan){ .title = "", .revision = "", .product = "", .process = "" };
	k->plan.path = arena_strdup(&k->arena, path);
	if (plan_card_load(&k->card, &k->arena, path, &err) < 0) {
		k->plan.errors = 1;
		k->plan.finding[k->plan.findings++] = arena_strdup(&k->arena, err.text);
		return;
	}
	c = k->card;
	k->plan.card = c;
	k->plan.title = c->title;
	k->plan.revision = c->revision;
	k->plan.product = c->product;
	k->plan.process = c->process;
	if (c->is_plan)
		plan_check(path, env, &f);
	k->plan.errors = f.errors;
	k->plan.warnings = f.warnings;
	keep_findings(&k->plan, &k->arena, &f);
	for (size_t i = 0; i < f.count; i++)
		k->plan.elsewhere |= f.list[i].code == FINDING_FIXTURE_BOARD;
	finding_release(&f);
}

static struct kept *kept_find(const struct shelf *s, const char *path)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->kept[i]->plan.path, path))
			return s->kept[i];
	return NULL;
}

static int by_path(const void *a, const void *b)
{
	const struct kept *const *x = a, *const *y = b;

	return strcmp((*x)->plan.path, (*y)->plan.path);
}

static uint64_t mix(uint64_t h, const char *path, const struct stamp *s)
{
	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * 0x100000001b3u;
	h = (h ^ (uint64_t)s->mtime_ns) * 0x100000001b3u;
	h = (h ^ (uint64_t)s->size) * 0x100000001b3u;
	return (h ^ (uint64_t)s->ino) * 0x100000001b3u;
}

/* Names of a folder's .ini files in order, in the arena. */
static size_t list(const char ***out, struct arena *a, const char *folder)
{
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *e;
	size_t n = 0;

	*out = arena_alloc(a, PLANS_MAX * sizeof(**out));
	while (dir && n < PLANS_MAX && (e = readdir(dir)))
		if (is_ini(e))
			(*out)[n++] = arena_printf(a, "%s/%s", folder, e->d_name);
	if (dir)
		closedir(dir);
	return n;
}

/* Order does not matter: a folder need not tell its names in one. */
static uint64_t stamps(struct arena *a, const char *folder)
{
	const char **path;
	size_t n = list(&path, a, folder);
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		struct stamp s;

		if (stamp_of(&s, path[i]) == 0)
			sum += mix(0xcbf29ce484222325u, path[i], &s);
	}
	return sum;
}

/* The file, read when it is new or other than it was, or what it depends on is: 1, or 0 as
 * it was. anew: all; others: those that include files. */
static int look_at(struct shelf *s, const char *path, int anew, int others)
{
	struct kept *k = kept_find(s, path);
	struct stamp now;

	if (stamp_of(&now, path) < 0)
		return 0;
	if (!k) {
		if (s->count == PLANS_MAX)
			return 0;
		k = calloc(1, sizeof(*k));
		if (!k)
			abort();
		s->kept[s->count++] = k;
	} else if (!memcmp(&now, &k->stamp, sizeof(now)) && !anew &&
		   !(others && k->card && k->card->includes)) {
		k->found = 1;
		return 0;
	}
	k->found = 1;
	k->stamp = now;
	kept_read(k, s->env, path);
	return 1;
}

int shelf_refresh(struct shelf *s)
{
	struct arena a = { 0 };
	const char **path;
	size_t n = list(&path, &a, s->folder), left = 0;
	uint64_t boards = s->env ? stamps(&a, s->env->boards) : 0;
	uint64_t files = stamps(&a, s->folder);
	int changed = 0;

	for (size_t i = 0; i < s->count; i++)
		s->kept[i]->found = 0;
	for (size_t i = 0; i < n; i++)
		changed |= look_at(s, path[i], boards != s->boards, files != s->files);
	for (size_t i = 0; i < s->count; i++)
		if (s->kept[i]->found) {
			s->kept[left++] = s->kept[i];
		} else {
			kept_free(s->kept[i]);
			changed = 1;
		}
	s->count = left;
	s->boards = boards;
	s->files = files;
	if (changed)
		qsort(s->kept, s->count, sizeof(s->kept[0]), by_path);
	s->plans = 0;
	for (size_t i = 0; i < s->count; i++)
		if (!s->kept[i]->card || s->kept[i]->card->is_plan)
			s->plan[s->plans++] = &s->kept[i]->plan;
	arena_free(&a);
	return changed;
}

/* --- choosing --- */

/* People know a plan by its name; the folder is that of the station. */
static const char *file_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Does the plan want the label, its check digits apart? 1 with *out to be released, 0, or
 * a negative code. why: the reason of a 0. */
static int wants(struct label *out, const struct shelf_plan *p, const struct label_rules *rules,
		 const char *bytes, size_t n, struct policy_answer *why, struct err *err)
{
	const struct plan_card *c = p->card;
	struct err none = { 0 };
	int r;

	if (policy_label(out, rules, c->label, PLAN_CHECK_NONE, &c->code, bytes, n, why, &none) < 0)
		return 0;
	r = plan_card_wants(c, out->serial, err);
	if (r == 0) {
		struct arena a = { 0 };

		policy_refuse(
			why, POLICY_WRONG_FORMAT, &none,
			"serial '%.60s' does not fit the pattern of %s: scan the unit's own label",
			text_escaped(&a, out->serial, strlen(out->serial)), file_of(p->path));
		arena_free(&a);
	}
	if (r <= 0)
		label_release(out);
	return r;
}

static void add_name(struct sbuf *names, size_t *n, const char *path)
{
	if (*n < NAMED_MAX)
		sbuf_printf(names, "%s%s", *n ? ", " : "", file_of(path));
	else if (*n == NAMED_MAX)
		sbuf_puts(names, ", ...");
	++*n;
}

/* Is it meant to be a label of elements, and is none? 1, and err says why. */
static int is_broken_gs1(const struct shelf *s, const struct label_rules *rules, const char *bytes,
			 size_t n, struct err *err)
{
	struct label l = { 0 };
	int expected = 0;

	for (size_t i = 0; i < s->plans; i++)
		expected |= s->plan[i]->card && s->plan[i]->card->label == PLAN_LABEL_GS1;
	if (!expected || label_guess(rules, bytes, n) != PLAN_LABEL_GS1)
		return 0;
	if (label_read(&l, rules, PLAN_LABEL_GS1, bytes, n, err) < 0)
		return 1;
	label_release(&l);
	return 0;
}

/* Nobody wants it: the reason of the only plan, what is wrong with the label itself, or what
 * there is. */
static int no_plan(const struct shelf *s, const struct label_rules *rules, const char *bytes,
		   size_t n, const struct policy_answer *only, struct policy_answer *answer,
		   struct err *err)
{
	struct sbuf here = { 0 }, ill = { 0 };
	size_t usable = 0, broken = 0;
	const char *but = "";
	struct arena a = { 0 };
	struct err read = { 0 };
	int r;

	for (size_t i = 0; i < s->plans; i++) {
		if (s->plan[i]->elsewhere)
			continue;
		add_name(s->plan[i]->errors ? &ill : &here, s->plan[i]->errors ? &broken : &usable,
			 s->plan[i]->path);
	}
	if (broken)
		but = arena_printf(&a, SAID("left out because of errors: %s"), sbuf_str(&ill));
	if (usable + broken == 1 && only->word != POLICY_FINE)
		r = policy_refuse(answer, only->word, err, "%s%s%s", only->text, broken ? "; " : "",
				  but);
	else if (is_broken_gs1(s, rules, bytes, n, &read))
		r = policy_refuse(answer, POLICY_WRONG_FORMAT, err, "%s", read.text);
	else if (usable + broken == 0)
		r = policy_refuse(answer, POLICY_NO_PLAN, err,
				  "folder %s holds no plan for this fixture", s->folder);
	else
		r = policy_refuse(answer, POLICY_NO_PLAN, err,
				  "no plan wants label '%.60s'%s: scan the unit's own label; plans "
				  "here: %s%s%s",
				  text_escaped(&a, bytes, n > 200 ? 200 : n),
				  label_guess(rules, bytes, n) == PLAN_LABEL_GS1 ? " (GS1)" : "",
				  usable ? sbuf_str(&here) : SAID("none without errors"),
				  broken ? "; " : "", but);
	sbuf_release(&here);
	sbuf_release(&ill);
	arena_free(&a);
	return r;
}

/* The one that wants it: is it clean, are the check digits right, which variant is it? */
static int settle(struct choice *out, const char *serial, struct policy_answer *answer,
		  struct err *err)
{
	const struct shelf_plan *p = out->plan;

	if (p->errors)
		return policy_refuse(answer, POLICY_PLAN_FINDINGS, err,
				     "plan %s wants this label and has %zu error%s: %s", p->path,
				     p->errors, p->errors > 1 ? "s" : "", p->finding[0]);
	if (label_check(p->card->check, serial, err) < 0)
		return policy_refuse(answer, POLICY_WRONG_CHECK, err, "%s", err->text);
	if (plan_variant_for(&out->variant, &out->label.arena, p->path, serial, err) < 0)
		return policy_refuse(answer, POLICY_WRONG_FORMAT, err, "%s", err->text);
	return 0;
}

int choose(struct choice *out, struct shelf *s, const struct label_rules *rules, const char *bytes,
	   size_t n, struct policy_answer *answer, struct err *err)
{
	struct policy_answer why = { 0 };
	struct sbuf both = { 0 };
	size_t found = 0;
	int r = 0;

	*out = (struct choice){ .variant = "" };
	if (answer)
		*answer = (struct policy_answer){ 0 };
	shelf_refresh(s);
	for (size_t i = 0; i < s->plans && r >= 0; i++) {
		const struct shelf_plan *p = s->plan[i];
		struct label label;

		/* One that has errors and says of no label that it wants it may have lost just
		 * that: it must not stand in the way of every label. */
		if (p->elsewhere || !p->card ||
		    (p->errors && !p->card->patterns && !p->card->code.count))
			continue;
		r = wants(&label, p, rules, bytes, n, &why, err);
		if (r <= 0)
			continue;
		add_name(&both, &found, p->path);
		if (found == 1) {
			out->plan = p;
			out->label = label;
		} else {
			label_release(&label);
		}
	}
	if (r < 0)
		r = policy_refuse(answer, POLICY_WRONG_FORMAT, err, "%s", err->text);
	else if (found == 1)
		r = settle(out, out->label.serial, answer, err);
	else if (found)
		r = policy_refuse(answer, POLICY_SEVERAL_PLANS, err,
				  "%zu plans want this label: %s; tell them apart by 'code' or "
				  "'serial' of [plan]",
				  found, sbuf_str(&both));
	else
		r = no_plan(s, rules, bytes, n, &why, answer, err);
	sbuf_release(&both);
	if (r < 0)
		choice_release(out);
	return r;
}

void choice_release(struct choice *c)
{
	label_release(&c->label);
	*c = (struct choice){ .variant = "" };
}
