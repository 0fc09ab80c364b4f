#ifndef STATION_BASE_INI_H
#define STATION_BASE_INI_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/sbuf.h"

/*
 * ini -- the text of plans, station.conf, fixtures, board profiles and virtual
 * boards: sections and keys with their places, no meaning. The language is
 * described in plans/README.md.
 *
 * All mistakes of a file are reported in one pass; what could be read is there
 * nevertheless. Keys of a section whose header is broken go into no section
 * and raise no further findings. A section that stands twice is kept twice, so
 * that its keys are looked at too; of two equal keys the first is kept.
 */
enum { INI_FILE_MAX = 1 << 20, INI_LINE_MAX = 64 << 10, INI_NAME_MAX = 64 };

struct ini_key {
	const char *name;  /* blanks inside folded to one: "limit rate", "step wifi.limit rate" */
	const char *value; /* unquoted and unescaped, continuations joined by one blank */
	size_t len;        /* of value; quoted values never hold NUL */
	struct place at, value_at;
	int quoted;
	const struct ini_segment *segments; /* where the parts of value stand; see ini_place() */
	size_t nsegments;
	int used;   /* set by readers, so that what nobody read can be reported */
	int broken; /* the value could not be read, a finding says so; value is "" */
};

struct ini_section {
	const char *kind, *name; /* "[step wifi]": "step", "wifi"; "[plan]": "plan", "" */
	struct place at, name_at;
	struct ini_key *key;
	size_t keys;
};

struct ini {
	const char *path;
	const char *text; /* the file's bytes, BOM included, for hashing */
	size_t len;
	struct ini_section *section;
	size_t sections;
};

/* Parse text; everything lives in the arena. Findings go to f. Never fails:
 * a file of which nothing can be read has no sections and at least one error. */
struct ini *ini_parse(struct arena *a, const char *path, const char *text, size_t len,
		      struct findings *f);

/* Read and parse. ERR_FILE, also as a finding, when the file cannot be read. */
int ini_load(struct ini **out, struct arena *a, const char *path, struct findings *f,
	     struct err *err);

/* Place of the byte `offset` of a key's value. */
struct place ini_place(const struct ini_key *k, size_t offset);

struct ini_section *ini_section(const struct ini *i, const char *kind,
				const char *name);                      /* or NULL */
struct ini_key *ini_key(const struct ini_section *s, const char *name); /* or NULL */

/* The value as a file must say it behind "key = ": bare where that reads back as
 * the same, else in double quotes. No NUL in it. */
void ini_print_value(struct sbuf *out, const char *value, size_t len);

/* Letters, digits, '-', '_', '.', 1 to INI_NAME_MAX of them. */
int ini_name_ok(const char *name);

#endif /* STATION_BASE_INI_H */
