#ifndef STATION_BASE_MATCH_H
#define STATION_BASE_MATCH_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * match -- patterns by PCRE2, compiled once (at lint time) and bounded when
 * matching, so that no pattern and no board output can hold a station up.
 *
 * Bytes, not characters: UART output need not be UTF-8. Interpreter, no JIT.
 * A line ends in CR, LF or CRLF ('.', '^' and '$' know all three).
 * Limits: pattern 1024 bytes; a search takes at most 2,000,000 steps (items of the
 * pattern tried; 64 bytes passed over are one), 100,000 of them from one place of
 * the text; depth 10,000, heap 1 MiB.
 */
struct match; /* a compiled pattern; lives with its arena's owner, see match_free() */

enum match_result {
	MATCH_NO, /* no match; of match_partial(): whatever follows */
	MATCH_YES,
	MATCH_PARTIAL, /* more bytes may make or change a match */
	MATCH_COSTLY,  /* a limit was reached: the pattern's fault, never "no match" */
};

enum { MATCH_GROUPS = 16 };

struct match_found {
	struct {
		size_t from, to;
	} group[MATCH_GROUPS]; /* of the text; from > to: unset */
	int groups;            /* of the pattern, group 0 included */
};

/* Text is bare, or /pattern/ with optional flags i m s x behind it; at most 15
 * groups. ERR_PLAN
 * with *at the byte offset in text; also for a pattern that exceeds its limits
 * on the probe texts that are tried here ("backtracks without bound"). */
int match_compile(struct match **out, const char *text, size_t *at, struct err *err);
void match_free(struct match *m); /* NULL is fine */

/* Search in the whole text, which is complete: never MATCH_PARTIAL. */
enum match_result match_whole(struct match_found *out, const struct match *m, const char *text,
			      size_t n);

/* The same from the byte `from` on; `^`, `\b` and lookbehinds see what stands before. */
enum match_result match_whole_from(struct match_found *out, const struct match *m, const char *text,
				   size_t n, size_t from);

/* Search in text that may go on. MATCH_YES only when more bytes cannot change
 * it; use match_whole() at the deadline. MATCH_NO only for a pattern that is
 * bound to the start of the text. On MATCH_PARTIAL group 0 begins where a match
 * may begin, n if nowhere yet: what stands before it need not be searched again
 * (a lookbehind still reads it). */
enum match_result match_partial(struct match_found *out, const struct match *m, const char *text,
				size_t n);

const char *match_text(const struct match *m); /* as written */

#endif /* STATION_BASE_MATCH_H */
