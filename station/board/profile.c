/* profile -- a board by its name: a family that needs no parameters, or a
 * profile file that names a family and sets them. */
#include "board/board.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/hint.h"
#include "base/ini.h"

struct profile_keys {
	const char *family, *title;
};

const struct param board_profile_params[] = {
	{ .name = "family",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct profile_keys, family),
	  .preset = "console",
	  .help = "Board family; station list boards shows all." },
	{ .name = "title",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct profile_keys, title),
	  .optional = 1,
	  .help = "What the board is called on screens and reports." },
	{ .name = NULL },
};

static const char *family_hint(struct arena *a, const char *word)
{
	const char **names = arena_alloc(a, board_table_size * sizeof(*names));

	for (size_t i = 0; i < board_table_size; i++)
		names[i] = board_table[i]->name;
	return hint(a, word, names, board_table_size, "there is");
}

/* A key that has no preset and must be there: the family needs a profile file. */
static const char *needed_key(const struct board_driver *d)
{
	for (const struct param *p = d->params; p->name; p++)
		if (!p->preset && !p->optional)
			return p->name;
	return NULL;
}

static void *profile_new(struct arena *a, const struct board_driver *d)
{
	return arena_alloc(a, d->profile_size ? d->profile_size : 1);
}

static struct board_profile *family_alone(struct arena *a, const struct board_driver *d)
{
	struct board_profile *p = arena_new(a, struct board_profile);

	p->name = d->name;
	p->title = d->summary;
	p->driver = d;
	p->profile = profile_new(a, d);
	param_presets(p->profile, d->params, a);
	return p;
}

static char *stem(struct arena *a, const char *path)
{
	const char *base = strrchr(path, '/');
	size_t n;

	base = base ? base + 1 : path;
	n = strlen(base);
	if (n > 4 && !strcmp(base + n - 4, ".ini"))
		n -= 4;
	return arena_printf(a, "%.*s", (int)n, base);
}

/* A profile has [board], and [command NAME] where the family reads more. */
static void check_sections(const struct board_driver *d, struct ini *file, struct arena *a,
			   struct findings *f)
{
	static const char *const kinds[] = { "board", "command" };

	for (size_t i = 0; i < file->sections; i++) {
		struct ini_section *s = &file->section[i];

		if (!strcmp(s->kind, "board") && *s->name)
			finding_add(f, &s->at, FINDING_BAD_SECTION,
				    "[board %s] must be [board], without a name", s->name);
		else if (strcmp(s->kind, "board") && !d->read)
			finding_add(
				f, &s->at, FINDING_UNKNOWN_SECTION,
				"unknown section [%s%s%s]; a profile of family '%s' has [board] "
				"alone",
				s->kind, *s->name ? " " : "", s->name, d->name);
		else if (strcmp(s->kind, "board") && strcmp(s->kind, "command"))
			finding_add(f, &s->at, FINDING_UNKNOWN_SECTION,
				    "unknown section [%s%s%s]%s", s->kind, *s->name ? " " : "",
				    s->name, hint(a, s->kind, kinds, 2, "a profile has"));
	}
}

static const struct board_driver *find_family(struct profile_keys *k, struct ini_section *board,
					      struct arena *a, struct findings *f)
{
	const struct ini_key *key = ini_key(board, "family");
	const struct board_driver *d;

	param_read(k, board_profile_params, board, a, f);
	if (!k->family)
		return NULL;
	d = board_find(k->family);
	if (!d)
		finding_add(f, key ? &key->value_at : &board->at, FINDING_UNKNOWN_BOARD,
			    "there is no board family '%s'%s", k->family,
			    family_hint(a, k->family));
	return d;
}

/* Findings of this file go to f, which holds no others. */
static struct board_profile *read_profile(struct ini *file, struct arena *a, struct findings *f)
{
	struct ini_section *board = ini_section(file, "board", "");
	struct place whole = { file->path, 0, 0 };
	struct profile_keys k = { 0 };
	const struct board_driver *d;
	struct board_profile *p;
	uint8_t hash[HASH_SIZE];
	char hex[HASH_TEXT];

	if (!board) {
		finding_add(f, &whole, FINDING_MISSING_SECTION,
			    "there is no section [board]: this is no board profile");
		return NULL;
	}
	d = find_family(&k, board, a, f);
	if (!d)
		return NULL;
	const struct param *const lists[] = { board_profile_params, d->params, NULL };
	p = arena_new(a, struct board_profile);
	p->driver = d;
	p->profile = profile_new(a, d);
	param_read(p->profile, d->params, board, a, f);
	param_unknown(board, lists, f);
	check_sections(d, file, a, f);
	if (d->read)
		d->read(p->profile, file, a, f);
	p->path = arena_strdup(a, file->path);
	p->name = stem(a, file->path);
	p->title = k.title ? k.title : p->name;
	hash_bytes(hash, file->text, file->len);
	p->sha256 = arena_strdup(a, hash_print(hex, hash));
	return p;
}

int board_profile_load_file(struct board_profile **out, struct arena *a, const char *path,
			    struct findings *f, struct err *err)
{
	struct findings own = { 0 }; /* f may have this file's findings from before */
	struct board_profile *p;
	struct ini *file;
	size_t errors;
	int r = ini_load(&file, a, path, &own, err);

	p = r < 0 ? NULL : read_profile(file, a, &own);
	errors = own.errors;
	for (size_t i = 0; i < own.count; i++)
		finding_add(f, &own.list[i].at, own.list[i].code, "%s", own.list[i].message);
	finding_release(&own);
	if (r < 0)
		return r;
	if (errors) {
		board_profile_release(p);
		return err_set(err, ERR_PLAN, "%s: has %zu error%s", path, errors,
			       errors > 1 ? "s" : "");
	}
	*out = p;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of all boards: families that need no file, then the folder's files. */
static const char **board_names(size_t *n, struct arena *a, const char *folder)
{
	enum { MAX = 200 };
	const char **names = arena_alloc(a, (board_table_size + MAX) * sizeof(*names));
	DIR *dir = folder ? opendir(folder) : NULL;
	size_t families;
	struct dirent *e;

	*n = 0;
	for (size_t i = 0; i < board_table_size; i++)
		if (!needed_key(board_table[i]))
			names[(*n)++] = board_table[i]->name;
	families = *n;
	while (dir && (e = readdir(dir)) && *n < families + MAX) {
		size_t len = strlen(e->d_name);

		if (len > 4 && !strcmp(e->d_name + len - 4, ".ini") && e->d_name[0] != '.')
			names[(*n)++] = stem(a, e->d_name);
	}
	if (dir)
		closedir(dir);
	qsort(names + families, *n - families, sizeof(*names), by_name);
	return names;
}

int board_profile_load(struct board_profile **out, struct arena *a, const char *folder,
		       const char *name, struct findings *f, struct err *err)
{
	const struct board_driver *d = board_find(name);
	const char *path, **names, *needs;
	struct stat st;
	size_t n;

	if (d && !needed_key(d)) {
		*out = family_alone(a, d);
		return 0;
	}
	path = arena_printf(a, "%s/%s.ini", folder ? folder : ".", name);
	if (ini_name_ok(name) && !stat(path, &st))
		return board_profile_load_file(out, a, path, f, err);
	if (d && (needs = needed_key(d)))
		return err_set(err, ERR_PLAN,
			       "board family '%s' needs a profile with '%s', and there is no %s",
			       name, needs, path);
	names = board_names(&n, a, folder);
	return err_set(err, ERR_PLAN, "there is no board '%s'%s", name,
		       hint(a, name, names, n, "there is"));
}

void board_profile_release(struct board_profile *p)
{
	if (!p)
		return;
	param_release(p->profile, p->driver->params);
	if (p->driver->release)
		p->driver->release(p->profile);
}
