#include "base/conf.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/argv.h"
#include "base/file.h"
#include "base/hint.h"
#include "base/ini.h"
#include "base/text.h"

/* Rows write into struct conf. */
#define TO(field) .offset = offsetof(struct conf, field)

static const struct param station_rows[] = {
	{ .name = "id",
	  .type = PARAM_TEXT,
	  TO(id),
	  .preset = "ST-01",
	  .help = "Name of this station in every record." },
	{ .name = "line",
	  .type = PARAM_TEXT,
	  TO(line),
	  .preset = "-",
	  .help = "Production line that the station stands in." },
	{ .name = "fixture",
	  .type = PARAM_PATH,
	  TO(fixture),
	  .optional = 1,
	  .help = "Fixture file: which USB socket is which slot." },
	{ .name = "plans",
	  .type = PARAM_PATH,
	  TO(plans),
	  .preset = "plans",
	  .help = "Folder of test plans." },
	{ .name = "boards",
	  .type = PARAM_PATH,
	  TO(boards),
	  .preset = "fixtures/boards",
	  .help = "Folder of board profiles; preset and not there, that of the installed "
		  "program." },
	{ .name = "data",
	  .type = PARAM_PATH,
	  TO(data),
	  .preset = "var",
	  .help = "Folder of all that the station writes; made when missing." },
	{ .name = NULL },
};

static const struct param reports_rows[] = {
	{ .name = "formats",
	  .type = PARAM_LIST,
	  TO(formats),
	  .preset = "text, json, html, junit",
	  .may_be_empty = 1,
	  .help = "Reports written for each run; station list reports shows all formats." },
	{ .name = "folder",
	  .type = PARAM_PATH,
	  TO(reports),
	  .optional = 1,
	  .help = "Folder of reports; when left out, reports in the data folder." },
	{ .name = NULL },
};

static const struct param records_rows[] = {
	{ .name = "database",
	  .type = PARAM_PATH,
	  TO(database),
	  .optional = 1,
	  .help = "File of all records; when left out, station.db in the data folder." },
	{ .name = "journal_sync",
	  .type = PARAM_DURATION,
	  TO(journal_sync_ms),
	  .min = 0,
	  .max = 60000,
	  .preset = "50 ms",
	  .help = "Longest time that a finished step may wait for the disk." },
	{ .name = NULL },
};

static const struct param run_rows[] = {
	{ .name = "always",
	  .type = PARAM_DURATION,
	  TO(always_ms),
	  .min = 1000,
	  .max = 3600000,
	  .preset = "1 min",
	  .help = "Longest time for `always` steps after a run was stopped." },
	{ .name = "console_max",
	  .type = PARAM_INT,
	  TO(console_max),
	  .min = 4096,
	  .max = 1 << 30,
	  .preset = "1048576",
	  .help = "Bytes of console output that are kept per run; what comes after is counted." },
	{ .name = "second_look",
	  .type = PARAM_INT,
	  TO(second_look),
	  .min = 0,
	  .max = 64,
	  .preset = "3",
	  .help = "So many slots that fail alike at once put the blame on the station (all of them "
		  "where the fixture has fewer); 0: never." },
	{ .name = NULL },
};

static const char *const login_words[] = { "none", "badge", NULL };
static const char *const aim_words[] = { "strip", "yes", "no", NULL };

static const struct param operators_rows[] = {
	{ .name = "login",
	  .type = PARAM_CHOICE,
	  .choices = login_words,
	  TO(login),
	  .preset = "none",
	  .help = "Whether somebody must log in by badge before a unit is tested." },
	{ .name = "file",
	  .type = PARAM_PATH,
	  TO(people),
	  .optional = 1,
	  .help = "People with their roles and badges; when left out, operators.ini in the data "
		  "folder." },
	{ .name = "badge",
	  .type = PARAM_TEXT,
	  TO(badge),
	  .preset = "BADGE.",
	  .help = "How the text of a badge begins; no serial may begin so." },
	{ .name = "idle",
	  .type = PARAM_DURATION,
	  TO(idle_ms),
	  .max = 86400000,
	  .preset = "10 min",
	  .help = "Logout after so long without a scan or a key; 0 s: never." },
	{ .name = NULL },
};

static const struct param scanner_rows[] = {
	{ .name = "prefix",
	  .type = PARAM_TEXT,
	  TO(scan_prefix),
	  .optional = 1,
	  .help = "What the scanner sends before each scan, such as \"\\x02\"; taken off." },
	{ .name = "suffix",
	  .type = PARAM_TEXT,
	  TO(scan_suffix),
	  .optional = 1,
	  .help = "What it sends behind each scan, before the line end; taken off." },
	{ .name = "fnc1",
	  .type = PARAM_TEXT,
	  TO(scan_fnc1),
	  .optional = 1,
	  .help = "What it sends for FNC1 between the elements of a GS1 label where it cannot send "
		  "GS (0x1D), such as \"^\" or \"{GS}\"." },
	{ .name = "aim",
	  .type = PARAM_CHOICE,
	  .choices = aim_words,
	  TO(scan_aim),
	  .preset = "strip",
	  .help = "AIM identifier such as ]d2: strip takes it off where it is, yes asks for it, no "
		  "takes it for text." },
	{ .name = "codes",
	  .type = PARAM_TEXT,
	  TO(scan_codes),
	  .preset = "STATION.",
	  .help = "How the codes of `station codes` begin; no serial may begin so." },
	{ .name = "board_within",
	  .type = PARAM_DURATION,
	  TO(just_ms),
	  .min = 1000,
	  .max = 600000,
	  .preset = "30 s",
	  .help = "How long a board counts as just plugged in, so that the next scan is for it." },
	{ .name = "gap",
	  .type = PARAM_DURATION,
	  TO(scan_gap_ms),
	  .min = 5,
	  .max = 100,
	  .preset = "30 ms",
	  .help = "On the screen, characters that come closer than this are of a scanner." },
	{ .name = NULL },
};

static const struct param shift_rows[] = {
	{ .name = "start",
	  .type = PARAM_LIST,
	  TO(shifts),
	  .preset = "06:00, 14:00, 22:00",
	  .help = "Local times at which shifts begin." },
	{ .name = NULL },
};

static const struct param hooks_rows[] = {
	{ .name = "before_unit",
	  .type = PARAM_TEXT,
	  TO(before_unit),
	  .optional = 1,
	  .help = "Program that is asked before a unit starts; a status other than 0 refuses it." },
	{ .name = "after_unit",
	  .type = PARAM_TEXT,
	  TO(after_unit),
	  .optional = 1,
	  .help = "Program that is told of each recorded run." },
	{ .name = "station_error",
	  .type = PARAM_TEXT,
	  TO(station_error),
	  .optional = 1,
	  .help = "Program that is told when the station is ill." },
	{ .name = "within",
	  .type = PARAM_DURATION,
	  TO(hook_ms),
	  .min = 10,
	  .max = 300000,
	  .preset = "5 s",
	  .help = "Longest time for one of them; without an answer no unit starts." },
	{ .name = NULL },
};

static const struct param sound_rows[] = {
	{ .name = "bell",
	  .type = PARAM_BOOL,
	  TO(bell),
	  .preset = "yes",
	  .help = "Whether the terminal rings at a FAIL, an ERROR and a refusal." },
	{ .name = "player",
	  .type = PARAM_TEXT,
	  TO(player),
	  .optional = 1,
	  .help = "Program that plays a sound; its last word is pass, fail, error or refused." },
	{ .name = NULL },
};
#undef TO

static const struct param resource_rows[] = {
	{ .name = "count",
	  .type = PARAM_INT,
	  .offset = offsetof(struct conf_resource, count),
	  .min = 1,
	  .max = 1000,
	  .preset = "1",
	  .help = "How many runs may use it at the same time." },
	{ .name = NULL },
};

const struct conf_section conf_sections[] = {
	{ "station", 0, station_rows, "This station and where its files are." },
	{ "reports", 0, reports_rows, "What is written for each run." },
	{ "records", 0, records_rows, "Where runs are recorded." },
	{ "run", 0, run_rows, "Bounds of a run." },
	{ "operators", 0, operators_rows, "Who may test." },
	{ "scanner", 0, scanner_rows, "What the scanner puts around a label." },
	{ "shift", 0, shift_rows, "When shifts begin." },
	{ "hooks", 0, hooks_rows,
	  "Programs that hear of events, as JSON on their standard input; no shell." },
	{ "sound", 0, sound_rows, "What is heard." },
	{ "resource", 1, resource_rows,
	  "Something that runs share: a step names it with `uses = NAME`." },
	{ NULL, 0, NULL, NULL },
};

static const struct conf_section *section_find(const char *kind)
{
	for (const struct conf_section *c = conf_sections; c->kind; c++)
		if (!strcmp(c->kind, kind))
			return c;
	return NULL;
}

static void unknown_section(const struct ini_section *s, struct arena *a, struct findings *f)
{
	const char *kinds[sizeof(conf_sections) / sizeof(conf_sections[0])];
	size_t n = 0;

	for (; conf_sections[n].kind; n++)
		kinds[n] = conf_sections[n].kind;
	finding_add(f, &s->at, FINDING_UNKNOWN_SECTION, "unknown section [%s]%s", s->kind,
		    hint(a, s->kind, kinds, n, "station.conf has"));
}

static const char *label(struct arena *a, const struct ini_section *s)
{
	return arena_printf(a, "%s%s%s", s->kind, *s->name ? " " : "", s->name);
}

static void unknown_keys(struct ini_section *s, const struct param *rows, struct findings *f)
{
	const struct param *const lists[] = { rows, NULL };

	param_unknown(s, lists, f);
}

static int is_known(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->resources; i++)
		if (!strcmp(c->resource[i].name, name))
			return 1;
	return 0;
}

static void read_resource(struct conf *c, struct ini_section *s, struct arena *a,
			  struct findings *f)
{
	struct conf_resource *r = &c->resource[c->resources];

	if (is_known(c, s->name))
		return; /* a section twice is reported by the parser */
	r->name = s->name;
	param_read(r, resource_rows, s, a, f);
	unknown_keys(s, resource_rows, f);
	c->resource_names.item[c->resources++] = r->name;
	c->resource_names.count = c->resources;
}

/* "06:00, 14:00": times of a day, each later than the one before. */
static void check_times(const struct ini_section *s, const struct param_list *times,
			struct findings *f)
{
	const struct ini_key *k = s ? ini_key(s, "start") : NULL;
	int last = -1;

	for (size_t i = 0; k && !k->broken && i < times->count; i++) {
		const char *t = times->item[i];
		int minutes = strlen(t) == 5 && t[2] == ':' && strspn(t, "0123456789:") == 5 &&
					      t[1] != ':' && t[0] != ':' && t[3] != ':' &&
					      t[4] != ':'
				      ? ((t[0] - '0') * 10 + t[1] - '0') * 60 + (t[3] - '0') * 10 +
						t[4] - '0'
				      : -1;

		if (minutes < 0 || minutes >= 24 * 60 || t[3] > '5')
			finding_add(f, &k->value_at, FINDING_BAD_VALUE,
				    "'%s' is no time of day, must be HH:MM from 00:00 to 23:59", t);
		else if (minutes <= last)
			finding_add(f, &k->value_at, FINDING_CONTRADICTION,
				    "'%s' must be later than the time before it", t);
		last = minutes > last ? minutes : last;
	}
}

/* What stands for FNC1 must not be read as part of an element. */
static void check_fnc1(const struct ini_section *s, const char *fnc1, struct findings *f)
{
	const struct ini_key *k = s ? ini_key(s, "fnc1") : NULL;

	if (k && !k->broken && fnc1 && text_is_gs1(*fnc1))
		finding_add(f, &k->value_at, FINDING_BAD_VALUE,
			    "begins with '%c', which may stand in a label; must begin with a "
			    "character that cannot, such as ^ ~ { or |",
			    *fnc1);
}

/* Keys of [hooks] and [sound] that are command lines. */
static void check_commands(const struct ini_section *s, const struct param *rows, struct arena *a,
			   struct findings *f)
{
	for (const struct param *p = rows; s && p->name; p++) {
		const struct ini_key *k = ini_key(s, p->name);
		const char *const *word;
		struct err err = { 0 };

		if (p->type == PARAM_TEXT && k && !k->broken && *k->value &&
		    argv_split(&word, a, "", k->value, &err) < 0)
			finding_add(f, &k->value_at, FINDING_BAD_VALUE, "%s", err.text);
	}
}

static const char **path_of(void *in, const struct param *row)
{
	return (void *)((char *)in + row->offset);
}

/* Paths are beside the file, those that it does not name as well: where a
 * station is started from changes nothing. */
static void read_file(struct conf *c, struct ini *file, struct arena *a, struct findings *f)
{
	c->resource = arena_alloc(a, (file->sections + 1) * sizeof(*c->resource));
	c->resource_names.item = arena_alloc(a, (file->sections + 1) * sizeof(char *));
	for (size_t i = 0; i < file->sections; i++) {
		struct ini_section *s = &file->section[i];
		const struct conf_section *row = section_find(s->kind);

		if (!row)
			unknown_section(s, a, f);
		else if (row->named != (*s->name != '\0'))
			finding_add(f, &s->at, FINDING_BAD_SECTION,
				    row->named ? "[%s] needs a name: [%s NAME]"
					       : "[%s] must be [%s], without a name",
				    label(a, s), s->kind);
		else if (row->named)
			read_resource(c, s, a, f);
	}
	for (const struct conf_section *row = conf_sections; row->kind; row++) {
		struct ini_section *s = row->named ? NULL : ini_section(file, row->kind, "");

		if (s) {
			param_read(c, row->params, s, a, f);
			unknown_keys(s, row->params, f);
		}
		for (const struct param *p = row->params; !row->named && p->name; p++)
			if (p->type == PARAM_PATH && p->preset && !(s && ini_key(s, p->name)))
				*path_of(c, p) = file_beside(a, file->path, p->preset);
	}
	check_times(ini_section(file, "shift", ""), &c->shifts, f);
	check_fnc1(ini_section(file, "scanner", ""), c->scan_fnc1, f);
	check_commands(ini_section(file, "hooks", ""), hooks_rows, a, f);
	check_commands(ini_section(file, "sound", ""), sound_rows, a, f);
}

/* Where nothing is said and nothing lies, plans find the boards that came with the program. */
static void find_boards(struct conf *c, const struct ini *file, struct arena *a)
{
	const struct ini_section *s = file ? ini_section(file, "station", "") : NULL;
	const char *shared;

	if ((s && ini_key(s, "boards")) || !access(c->boards, F_OK))
		return;
	shared = file_shared(a, "fixtures/boards");
	if (shared)
		c->boards = shared;
}

int conf_load(struct conf **out, struct arena *a, const char *path, struct findings *f,
	      struct err *err)
{
	struct conf *c = arena_new(a, struct conf);
	size_t before = f->errors;
	struct ini *file = NULL;

	c->path = "";
	for (const struct conf_section *row = conf_sections; row->kind; row++)
		if (!row->named)
			param_presets(c, row->params, a);
	if (path) {
		c->path = arena_strdup(a, path);
		if (ini_load(&file, a, path, f, err) < 0)
			return err_set(err, ERR_CONF, "%s: cannot be read", path);
		read_file(c, file, a, f);
	}
	find_boards(c, file, a);
	if (!c->reports)
		c->reports = arena_printf(a, "%s/reports", c->data);
	if (!c->database)
		c->database = arena_printf(a, "%s/station.db", c->data);
	if (!c->people)
		c->people = arena_printf(a, "%s/operators.ini", c->data);
	if (f->errors > before)
		return err_set(err, ERR_CONF, "%s: has %zu error%s; see station check %s", path,
			       f->errors - before, f->errors - before > 1 ? "s" : "", path);
	*out = c;
	return 0;
}

/* --- writing --- */

static int is_set(const void *in, const struct param *row)
{
	const char *const *text = (const void *)((const char *)in + row->offset);

	return !row->optional || *text;
}

/* Bytes of path that the file's own folder takes. */
static size_t own_folder(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');
	size_t n = slash ? (size_t)(slash - file) + 1 : 0;

	return !strncmp(path, file, n) ? n : 0;
}

/* As the file must say it: paths from its folder, in double quotes what has to be. */
static void print_value(struct sbuf *out, const void *in, const struct param *row, const char *file)
{
	struct sbuf value = { 0 };
	size_t skip;

	param_print(&value, in, row);
	skip = row->type == PARAM_PATH ? own_folder(file, sbuf_str(&value)) : 0;
	if (value.len) {
		sbuf_putc(out, ' ');
		ini_print_value(out, sbuf_str(&value) + skip, value.len - skip);
	}
	sbuf_release(&value);
}

static void print_rows(struct sbuf *out, const void *in, const struct param *rows, const char *file)
{
	for (const struct param *p = rows; p->name; p++) {
		sbuf_printf(out, "\n; %s\n; ", p->help);
		param_describe(out, p);
		if (is_set(in, p)) {
			sbuf_printf(out, "\n%s =", p->name);
			print_value(out, in, p, file);
		} else {
			sbuf_printf(out, "\n; %s =", p->name);
		}
		sbuf_putc(out, '\n');
	}
}

/* A section with a name that the file does not have, as comments. */
static void print_example(struct sbuf *out, const struct conf_section *row)
{
	sbuf_printf(out, "; [%s NAME]\n", row->kind);
	for (const struct param *p = row->params; p->name; p++) {
		sbuf_printf(out, "\n; %s\n; ", p->help);
		param_describe(out, p);
		sbuf_printf(out, "\n; %s = %s\n", p->name, p->preset ? p->preset : "");
	}
}

void conf_print(struct sbuf *out, const struct conf *in)
{
	for (const struct conf_section *row = conf_sections; row->kind; row++) {
		if (row != conf_sections)
			sbuf_putc(out, '\n');
		sbuf_printf(out, "; %s\n", row->help);
		if (!row->named) {
			sbuf_printf(out, "[%s]\n", row->kind);
			print_rows(out, in, row->params, in->path);
			continue;
		}
		if (!in->resources)
			print_example(out, row);
		for (size_t i = 0; i < in->resources; i++) {
			sbuf_printf(out, "%s[%s %s]\n", i ? "\n" : "", row->kind,
				    in->resource[i].name);
			print_rows(out, &in->resource[i], row->params, in->path);
		}
	}
}
