#ifndef STATION_BASE_CONF_H
#define STATION_BASE_CONF_H

#include "base/arena.h"
#include "base/finding.h"
#include "base/param.h"

/*
 * conf -- station.conf as typed settings. Every option is a row of one table:
 * the parser, `station conf --all` and the manual page are loops over it.
 */
struct conf_resource {
	const char *name;
	int64_t count; /* how many runs may use it at the same time */
};

struct conf {
	const char *path; /* "" when no file was read: all presets */
	/* [station] */
	const char *id, *line, *fixture, *plans, *boards, *data;
	/* [reports] */
	struct param_list formats;
	const char *reports; /* folder */
	/* [records] */
	const char *database;
	int64_t journal_sync_ms; /* longest time that a finished step may wait for the disk */
	/* [run] */
	int64_t always_ms;   /* longest time for `always` steps after a stop */
	int64_t second_look; /* slots that must fail alike at once; 0: never */
	int64_t console_max; /* bytes of console output kept per run */
	/* [operators] */
	const char *login;  /* "none" or "badge" */
	const char *people; /* operators file */
	const char *badge;  /* beginning of a badge's text */
	int64_t idle_ms;    /* logout after so long without a scan or key; 0: never */
	/* [scanner] */
	const char *scan_prefix, *scan_suffix; /* or NULL */
	const char *scan_fnc1;                 /* or NULL */
	int64_t scan_gap_ms;                   /* characters closer than this are a scanner's */
	const char *scan_aim;                  /* "strip", "yes", "no" */
	const char *scan_codes;                /* beginning of the codes of `station codes` */
	int64_t just_ms;                       /* how long a board counts as just plugged in */
	/* [shift] */
	struct param_list shifts; /* local times, "06:00" */
	/* [hooks], [sound]: command lines, see base/argv.h; NULL: none */
	const char *before_unit, *after_unit, *station_error;
	int64_t hook_ms; /* longest time of one of them */
	int64_t bell;
	const char *player;
	/* [resource NAME] */
	struct conf_resource *resource;
	size_t resources;
	struct param_list resource_names;
};

/* Read path, or presets alone when path is NULL. Paths, presets as well, are
 * beside the file; without a file they are from the current folder. Findings go to f. ERR_CONF. */
int conf_load(struct conf **out, struct arena *a, const char *path, struct findings *f,
	      struct err *err);

/* The file as it would be with every option written out, each with its help as
 * a comment above. in: settings in force; paths below the folder of in->path are
 * written from there, so the text belongs into that folder. */
void conf_print(struct sbuf *out, const struct conf *in);

struct conf_section {
	const char *kind; /* "station"; "resource" has names */
	int named;
	const struct param *params;
	const char *help;
};
extern const struct conf_section conf_sections[]; /* ended by a row with no kind */

#endif /* STATION_BASE_CONF_H */
