#include "base/names.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_more(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u; /* FNV-1a */
	return (h ^ 0xff) * 0x100000001b3u;
}

/* Where that name is, or where it goes. Open addressing; there is always a hole. */
static struct name_seen *find(const struct names *t, const struct name_seen *n)
{
	uint64_t h = hash_more(hash_more(0xcbf29ce484222325u, n->a), n->b);

	h ^= n->scope * 0x9e3779b97f4a7c15u;
	h ^= h >> 32;
	for (size_t i = h & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
		struct name_seen *s = &t->slot[i];

		if (!s->a || (s->scope == n->scope && !strcmp(s->a, n->a) && !strcmp(s->b, n->b)))
			return s;
	}
}

static void grow(struct names *t)
{
	struct names bigger = { NULL, t->used, t->size ? 2 * t->size : 64 };

	bigger.slot = calloc(bigger.size, sizeof(*bigger.slot));
	if (!bigger.slot) {
		fputs("station: out of memory\n", stderr);
		abort();
	}
	for (size_t i = 0; i < t->size; i++)
		if (t->slot[i].a)
			*find(&bigger, &t->slot[i]) = t->slot[i];
	free(t->slot);
	*t = bigger;
}

const struct place *names_add(struct names *t, struct name_seen name)
{
	struct name_seen *s;

	if (2 * (t->used + 1) > t->size)
		grow(t);
	s = find(t, &name);
	if (s->a)
		return &s->at;
	*s = name;
	t->used++;
	return NULL;
}

void names_release(struct names *t)
{
	free(t->slot);
	*t = (struct names){ 0 };
}
