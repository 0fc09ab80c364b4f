#ifndef STATION_BASE_SBUF_H
#define STATION_BASE_SBUF_H

#include <stdarg.h>
#include <stddef.h>

/*
 * sbuf -- text that grows. Holds any bytes and always ends in a NUL that len
 * does not count. Out of memory ends the process, as in an arena.
 */
struct sbuf { /* ready when zeroed */
	char *data;
	size_t len, size;
};

void sbuf_add(struct sbuf *b, const void *bytes, size_t n);
void sbuf_puts(struct sbuf *b, const char *s);
void sbuf_putc(struct sbuf *b, char c);
void sbuf_printf(struct sbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sbuf_vprintf(struct sbuf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
const char *
sbuf_str(const struct sbuf *b);  /* "" when nothing was added; lent until the next call */
void sbuf_reset(struct sbuf *b); /* empties, keeps the memory */
/* When it holds more than max bytes, its front goes: what stays begins behind an `end` in its
 * last max / 2 bytes, or is those bytes where there is none. */
void sbuf_keep_tail(struct sbuf *b, size_t max, const char *end);
void sbuf_release(struct sbuf *b); /* safe when zeroed and when called twice */

#endif /* STATION_BASE_SBUF_H */
