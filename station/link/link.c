#include "link/link.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum { SPEC_MAX = 1024, NESTED_MAX = 8 };

/* --- open by text --- */

/* Cut "record:FILE|ftdi" at its bars. Returns how many parts, or a code. */
static int split(char *part[NESTED_MAX], char copy[SPEC_MAX], const char *spec, struct err *err)
{
	int n = 0;

	if (strlen(spec) >= SPEC_MAX)
		return err_set(err, ERR_PLAN, "link '%.60s...' is longer than %d bytes", spec,
			       SPEC_MAX - 1);
	snprintf(copy, SPEC_MAX, "%s", spec);
	for (char *at = copy; at; n++) {
		if (n == NESTED_MAX)
			return err_set(err, ERR_PLAN, "link '%.60s...' wraps more than %d links",
				       spec, NESTED_MAX - 1);
		part[n] = at;
		at = strchr(at, '|');
		if (at)
			*at++ = '\0';
	}
	return n;
}

static const struct link_driver *driver_of(const char **options, char *part, int innermost,
					   struct err *err)
{
	const char *names[16], *near;
	const struct link_driver *d;
	char *colon = strchr(part, ':');
	size_t n = 0;

	if (colon)
		*colon = '\0';
	*options = colon ? colon + 1 : "";
	d = link_find(part);
	if (!d) {
		for (; n < link_table_size && n < sizeof(names) / sizeof(names[0]); n++)
			names[n] = link_table[n]->name;
		near = text_suggest(part, names, n);
		err_set(err, ERR_PLAN, "no link is called '%.60s'%s%s%s", part,
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
		return NULL;
	}
	if (d->wraps && innermost)
		err_set(err, ERR_PLAN, "link '%s' wraps another one: '%s:%s|ftdi'", part, part,
			d->options ? d->options : "");
	else if (!d->wraps && !innermost)
		err_set(err, ERR_PLAN, "link '%s' wraps no other one; it stands last", part);
	else if (*options[0] && !d->options)
		err_set(err, ERR_PLAN, "link '%s' takes no options", part);
	else
		return d;
	return NULL;
}

int link_spec_check(const char *spec, struct err *err)
{
	char copy[SPEC_MAX], *part[NESTED_MAX];
	const char *options;
	int n = split(part, copy, spec, err);

	for (int i = 0; i < n; i++)
		if (!driver_of(&options, part[i], i == n - 1, err))
			return err->code;
	return n < 0 ? n : 0;
}

int link_open(struct link **out, const char *spec, const struct link_where *w, struct err *err)
{
	char copy[SPEC_MAX], *part[NESTED_MAX];
	struct link *l = NULL;
	int r = link_spec_check(spec, err);
	int n = r < 0 ? 0 : split(part, copy, spec, err);

	for (int i = n - 1; i >= 0 && !r; i--) {
		const char *options;
		const struct link_driver *d = driver_of(&options, part[i], i == n - 1, err);
		struct link *outer = NULL;

		r = d ? d->open(&outer, options, w, l, err) : (int)err->code;
		if (!r)
			l = outer;
	}
	if (r < 0) {
		link_close(l);
		return w->role ? err_wrap(err, "channel '%s'", w->role) : r;
	}
	*out = l;
	return 0;
}

void link_close(struct link *l)
{
	if (l && l->ops)
		l->ops->close(l);
}

/* --- use --- */

void link_listen(struct link *l,
		 void (*hear)(void *payload, char direction, const void *bytes, size_t n),
		 void *payload)
{
	l->hear = hear;
	l->hear_payload = payload;
}

int link_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	int r = l->ops->read(out, size, l, until_ms, err);

	if (r > 0 && l->hear)
		l->hear(l->hear_payload, '<', out, (size_t)r);
	return r;
}

int link_write(struct link *l, const void *data, size_t size, int64_t until_ms, struct err *err)
{
	int r = l->ops->write(l, data, size, until_ms, err);

	if (!r && size && l->hear)
		l->hear(l->hear_payload, '>', data, size);
	return r;
}

int link_puts(struct link *l, const char *text, int64_t until_ms, struct err *err)
{
	return link_write(l, text, strlen(text), until_ms, err);
}

int link_drop(struct link *l, int64_t until_ms, struct err *err)
{
	if (l->ops->drop)
		return l->ops->drop(l, until_ms, err);
	for (;;) {
		char old[256];
		int r = l->ops->read(old, sizeof(old), l, clock_ms(), err);

		if (r <= 0)
			return r;
		if (clock_left_ms(until_ms) == 0)
			return err_set(err, ERR_TIMEOUT, "the board never stops talking");
	}
}

int link_tune(struct link *l, const struct link_line *line, int latency_ms, int event_char,
	      int64_t until_ms, struct err *err)
{
	return l->ops->tune ? l->ops->tune(l, line, latency_ms, event_char, until_ms, err) : 0;
}

int link_event(struct link *l, int event_char, struct err *err)
{
	return l->ops->event ? l->ops->event(l, event_char, err) : 0;
}

int link_alive(struct link *l, struct err *err)
{
	return l->ops->alive ? l->ops->alive(l, err) : 0;
}
