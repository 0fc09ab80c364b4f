#include "plan/check.h"

#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/hint.h"
#include "base/ini.h"
#include "link/fixture.h"
#include "plan/plan.h"

/* One file that is being checked. */
struct checking {
	const char *path;
	const struct conf *conf;
	const struct plan_history *history;
	struct ini *file; /* for what it is, and for places */
	struct arena *a;
	struct findings *f;
};

static struct place named_place(const struct ini *file, const char *section, const char *name,
				const char *key)
{
	const struct ini_section *s = ini_section(file, section, name);
	const struct ini_key *k = s ? ini_key(s, key) : NULL;

	if (k)
		return k->value_at;
	return s ? s->at : (struct place){ file->path, 0, 0 };
}

static struct place key_place(const struct ini *file, const char *section, const char *key)
{
	return named_place(file, section, "", key);
}

static void check_plan(struct checking *c)
{
	struct plan_env env = { .boards = c->conf->boards, .history = c->history };
	struct fixture *fixture = NULL;
	struct err err = { 0 };

	if (*c->conf->path)
		env.resources = &c->conf->resource_names;
	if (c->conf->fixture && fixture_load(&fixture, c->a, c->conf->fixture, c->f, &err) == 0)
		env.fixture = fixture;
	plan_check(c->path, &env, c->f);
}

/* Channels lead to roles that board families know. */
static void check_roles(struct checking *c)
{
	const char *names[ROLE_END_];

	for (int role = 0; role < ROLE_END_; role++)
		names[role] = board_role_name((enum board_role)role);
	for (size_t i = 0; i < c->file->sections; i++) {
		const struct ini_section *s = &c->file->section[i];
		int role = 0;

		while (role < ROLE_END_ && strcmp(names[role], s->name))
			role++;
		if (!strcmp(s->kind, "channel") && *s->name && role == ROLE_END_)
			finding_add(c->f, &s->name_at, FINDING_UNKNOWN_NAME,
				    "no board has a channel '%s'%s", s->name,
				    hint(c->a, s->name, names, ROLE_END_, "there is"));
	}
}

/* What fixture_load() cannot see: the board that the fixture is for. */
static void check_fixture(struct checking *c)
{
	struct place at = key_place(c->file, "fixture", "board");
	struct fixture *x = NULL;
	struct board_profile *board;
	struct err err = { 0 };
	const struct fixture_slot *slot, *by;
	const char *role;
	size_t before;

	fixture_load(&x, c->a, c->path, c->f, &err);
	check_roles(c);
	if (!x || !x->board)
		return;
	before = c->f->errors;
	if (board_profile_load(&board, c->a, c->conf->boards, x->board, c->f, &err) < 0) {
		if (c->f->errors == before)
			finding_add(c->f, &at, FINDING_UNKNOWN_BOARD, "%s", err.text);
		return;
	}
	role = board_unwired(board->driver, x);
	if (role)
		finding_add(c->f, &at, FINDING_NOT_WIRED,
			    "board '%s' needs a channel '%s', and the fixture wires none",
			    board->name, role);
	role = board_unsignalled(board->driver, x);
	if (role)
		finding_add(c->f, &at, FINDING_NOT_WIRED,
			    "board '%s' needs a signal '%s', and the fixture wires none",
			    board->name, role);
	slot = board_port_taken(&by, board->driver, board->profile, x);
	if (slot) {
		at = named_place(c->file, "slot", slot->name, "network");
		finding_add(c->f, &at, FINDING_DUPLICATE_NAME,
			    "'network' of slot %s is %s, where board '%s' of slot %s connects to "
			    "the station; each needs a port of its own",
			    slot->name, slot->network, board->name, by->name);
	}
	board_profile_release(board);
}

static void check_profile(struct checking *c)
{
	struct board_profile *p;
	struct err err = { 0 };

	if (board_profile_load_file(&p, c->a, c->path, c->f, &err) == 0)
		board_profile_release(p);
}

static void check_path(struct checking *c, const char *key, const char *path, int folder)
{
	struct place at = key_place(c->file, "station", key);
	struct stat st;

	if (!path)
		return;
	if (stat(path, &st) < 0)
		finding_add(c->f, &at, FINDING_NO_SUCH_PATH, "'%s': there is no '%s'", key, path);
	else if (folder != !!S_ISDIR(st.st_mode))
		finding_add(c->f, &at, FINDING_NO_SUCH_PATH, "'%s': '%s' is %s folder", key, path,
			    folder ? "no" : "a");
}

static void check_conf(struct checking *c)
{
	struct conf *conf;
	struct err err = { 0 };

	if (conf_load(&conf, c->a, c->path, c->f, &err) < 0)
		return;
	check_path(c, "fixture", conf->fixture, 0);
	check_path(c, "plans", conf->plans, 1);
	check_path(c, "boards", conf->boards, 1);
}

static void check_virtual(struct checking *c)
{
	struct place whole = { c->path, 0, 0 };

	finding_add(c->f, &whole, FINDING_UNKNOWN_FILE,
		    "these are virtual boards; check them with vboard --check %s", c->path);
}

static void check_part(struct checking *c)
{
	struct place whole = { c->path, 0, 0 };

	finding_add(c->f, &whole, FINDING_UNKNOWN_FILE,
		    "there is no section [plan]: steps to be included are checked with the plan "
		    "that includes them");
}

/* Kinds of file by a section that only they have. The first that fits. */
static const struct kind {
	const char *section;
	int named; /* -1: with or without a name */
	void (*check)(struct checking *c);
} kinds[] = {
	{ "plan", 0, check_plan },       { "fixture", 0, check_fixture },
	{ "station", 0, check_conf },    { "board", 0, check_profile },
	{ "board", 1, check_virtual },   { "step", -1, check_part },
	{ "reports", 0, check_conf },    { "records", 0, check_conf },
	{ "run", 0, check_conf },        { "resource", -1, check_conf },
	{ "slot", -1, check_fixture },   { "channel", -1, check_fixture },
	{ "signal", -1, check_fixture }, { "command", -1, check_profile },
};

static const struct kind *kind_of(const struct ini *file)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (size_t i = 0; i < file->sections; i++) {
			const struct ini_section *s = &file->section[i];

			if (!strcmp(s->kind, kinds[k].section) &&
			    (kinds[k].named < 0 || kinds[k].named == (*s->name != '\0')))
				return &kinds[k];
		}
	return NULL;
}

void check_file(const char *path, const struct conf *conf, const struct plan_history *history,
		struct findings *f)
{
	struct findings own = { 0 }; /* of telling what it is; the reader of its kind tells again */
	struct arena a = { 0 };
	struct checking c = { .path = path, .conf = conf, .history = history, .a = &a, .f = &own };
	struct conf *presets = NULL;
	struct err err = { 0 };
	const struct kind *kind = NULL;
	struct stat st;

	if (!conf && conf_load(&presets, &a, NULL, &own, &err) == 0)
		c.conf = presets;
	if (!stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		finding_add(&own, &(struct place){ path, 0, 0 }, FINDING_FILE, "is no file");
	else if (ini_load(&c.file, &a, path, &own, &err) == 0)
		kind = kind_of(c.file);
	if (c.file && !kind)
		finding_add(&own, &(struct place){ path, 0, 0 }, FINDING_UNKNOWN_FILE,
			    "has no section of a plan ([plan]), fixture ([fixture]), board profile "
			    "([board]) or station.conf ([station])");
	c.f = f;
	if (kind)
		kind->check(&c);
	for (size_t i = 0; i < own.count; i++)
		finding_add(f, &own.list[i].at, own.list[i].code, "%s", own.list[i].message);
	finding_release(&own);
	arena_free(&a);
}
