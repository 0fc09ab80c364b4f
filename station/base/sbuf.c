#include "base/sbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT = 64 }; /* bytes that a printed piece seldom has more of */

static void room(struct sbuf *b, size_t n)
{
	size_t want = b->len + n + 1;

	if (want <= b->len)
		abort();
	if (want <= b->size)
		return;
	size_t size = b->size ? b->size : 128;
	while (size < want)
		size *= 2;
	b->data = realloc(b->data, size);
	if (!b->data) {
		fputs("station: out of memory\n", stderr);
		abort();
	}
	b->size = size;
}

void sbuf_add(struct sbuf *b, const void *bytes, size_t n)
{
	room(b, n);
	if (n)
		memcpy(b->data + b->len, bytes, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void sbuf_puts(struct sbuf *b, const char *s)
{
	sbuf_add(b, s, strlen(s));
}

void sbuf_putc(struct sbuf *b, char c)
{
	sbuf_add(b, &c, 1);
}

void sbuf_vprintf(struct sbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	/* Into the room that is there; once more when it did not fit. */
	va_copy(again, ap);
	room(b, SHORT);
	n = vsnprintf(b->data + b->len, b->size - b->len, fmt, ap);
	if (n > 0 && (size_t)n >= b->size - b->len) {
		room(b, (size_t)n);
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
	}
	if (n > 0)
		b->len += (size_t)n;
	else
		b->data[b->len] = '\0';
	va_end(again);
}

void sbuf_printf(struct sbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *sbuf_str(const struct sbuf *b)
{
	return b->len ? b->data : "";
}

void sbuf_reset(struct sbuf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void sbuf_keep_tail(struct sbuf *b, size_t max, const char *end)
{
	const char *from, *cut;

	if (b->len <= max)
		return;
	from = b->data + b->len - max / 2;
	cut = memmem(from, max / 2, end, strlen(end));
	from = cut ? cut + strlen(end) : from;
	b->len -= (size_t)(from - b->data);
	memmove(b->data, from, b->len);
	b->data[b->len] = '\0';
}

void sbuf_release(struct sbuf *b)
{
	free(b->data);
	*b = (struct sbuf){ 0 };
}
