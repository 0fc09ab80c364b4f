#ifndef STATION_BASE_TEXT_H
#define STATION_BASE_TEXT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/sbuf.h"

/* text -- UTF-8 checks, escaping of foreign text, safe file names, near misses. */

/* Bytes of the well-formed UTF-8 character at s (RFC 3629: no surrogates, no
 * overlong forms, up to U+10FFFF), or 0 where there is none. NUL counts as one. */
int text_utf8_len(const char *s, size_t n);

/* The character of n bytes at s for who can show only ASCII, one or two letters and a NUL: "ae" of
 * an a with two dots, "?" of what has none. What follows it tells "AE" from "Ae". */
void text_to_ascii(char out[3], const char *s, size_t n);

/* May an element of a GS1 label hold this character? (Sets 82 and 39 of the GS1 General
 * Specifications, figures 7.11-1 and 7.11-2.) */
int text_is_gs1(char c);

/* Offset of the first byte that is not well-formed UTF-8, or n. */
size_t text_utf8_bad(const char *s, size_t n);

/* Nothing that anybody sees: blanks of any width, control and invisible characters. */
int text_is_blank(const char *s, size_t n);

/* Characters before the byte at `offset`; bytes that are not UTF-8 count one each. */
int text_column(const char *s, size_t offset);

/* Append bytes from a unit, an operator or a file so that no terminal, report
 * or log can be harmed: printable UTF-8 stays; backslash is doubled; \n \r \t;
 * C0, DEL, C1, bidirectional and other invisible format characters and bytes
 * that are not UTF-8 become \xHH of each byte. Reversible by text_unescape(). */
void text_escape(struct sbuf *out, const void *bytes, size_t n);
char *text_escaped(struct arena *a, const void *bytes, size_t n); /* in an arena */

/* The same for one line of a message or a log: a backslash stays single, so that
 * text which is escaped already is not escaped again. Not reversible. */
void text_clean(struct sbuf *out, const void *bytes, size_t n);

/* The bytes that text_escape() was given: 0, or -1 when s is not of its making. */
int text_unescape(struct sbuf *out, const char *s, size_t n);

/* Bytes of foreign text that a message shows by "%.*s": at most 60, and whole
 * characters. */
int text_brief(const char *s, size_t n);

int text_hex_digit(char c); /* 0 to 15 of either case, or -1 */

/* A file name made of foreign text: letters, digits, '-', '_' and single dots
 * inside stay, all else becomes '_'; never empty, never starting with '.' or
 * '-', at most 80 bytes. Where anything was changed or cut, "~" and 8 hex
 * digits of the text's SHA-256 are added, so that two texts give two names. */
char *text_file_name(struct arena *a, const char *text);

/* Damerau-Levenshtein distance (optimal string alignment) in bytes. */
int text_distance(const char *a, const char *b);

/* The name nearest to word at a distance of 1 or 2 (1 for words of up to 3
 * letters), the first of equals, or NULL. */
const char *text_suggest(const char *word, const char *const *names, size_t n);

#endif /* STATION_BASE_TEXT_H */
