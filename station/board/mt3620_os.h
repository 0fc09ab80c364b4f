#ifndef STATION_BOARD_MT3620_OS_H
#define STATION_BOARD_MT3620_OS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "board/mt3620_images.h"
#include "board/mt3620_rest_parse.h"

/*
 * mt3620_os -- which release of the OS a board has: by the version that it tells,
 * or, where its OS is older than that call, by the images that it holds.
 *
 * Grammar, ASCII, whole text:
 *   version = YY "." MM [ (" Update " | ".") N ] | "TP" n 1*3("." n)
 * with YY two digits, MM 01-12, N 1-999 without a leading zero. base/version.h puts
 * all of these in order; what else it takes (20.1, 22.11.1.2) is none of this family.
 *
 * source  mt3620.md 7; the grammar, and what is stricter than the vendor's own
 *         script, are our choice
 */
int mt3620_version_ok(const char *text);

/* A versions file: {"versions":[{"name","images":[{"cid","iid"}]}]}, as the vendor
 * publishes it. */
struct mt3620_release {
	const char *name;
	struct mt3620_pair {
		char component[REST_GUID], image[REST_GUID]; /* lower case */
	} * pair;
	size_t pairs;
};
struct mt3620_releases {
	struct mt3620_release *list;
	size_t count;
};

/* ERR_CONF: it is no versions file; the message says what is wrong where. */
int mt3620_releases_parse(struct mt3620_releases *out, struct arena *a, const char *s, size_t n,
			  struct err *err);
int mt3620_releases_load(struct mt3620_releases *out, struct arena *a, const char *path,
			 struct err *err);

/* The release of which every image is on the board, or NULL and *why. One without
 * images fits nothing. Of several the one that contains all others. */
const char *mt3620_release_of(const char **why, struct arena *a, const struct mt3620_releases *r,
			      const struct rest_images *on_board);

/* The release that a recovery with this set leaves: every image of it is in the set.
 * NULL: none, or several that nobody can tell apart. */
const char *mt3620_release_in(const struct mt3620_releases *r, const struct mt3620_images *set);

#endif /* STATION_BOARD_MT3620_OS_H */
