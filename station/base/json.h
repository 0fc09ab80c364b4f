#ifndef STATION_BASE_JSON_H
#define STATION_BASE_JSON_H

#include <stdint.h>

#include "base/sbuf.h"

/*
 * json -- writes JSON in the order of the calls, without spaces, so that the
 * same data gives the same bytes; records are hashed in this form. Reading is
 * jansson's.
 *
 * key is NULL inside an array and for the outermost value. Text is UTF-8; bytes
 * that are not valid UTF-8 are replaced by U+FFFD (escape unit text first, see
 * base/text.h). A number that is not finite is written as null.
 */
struct json { /* ready when out is set and the rest is zero */
	struct sbuf *out;
	int more; /* the next value needs a comma before it */
};

void json_open(struct json *j, const char *key, char bracket);     /* '{' or '[' */
void json_close(struct json *j, char bracket);                     /* '}' or ']' */
void json_text(struct json *j, const char *key, const char *text); /* NULL is written as null */
void json_int(struct json *j, const char *key, int64_t n);
void json_num(struct json *j, const char *key, double x);
void json_bool(struct json *j, const char *key, int yes);
void json_none(struct json *j, const char *key);

/* The shortest of %.15g, %.16g, %.17g that reads back as the same double, in
 * the C locale. */
enum { JSON_NUM = 32 };
const char *json_num_print(char out[JSON_NUM], double x);

#endif /* STATION_BASE_JSON_H */
