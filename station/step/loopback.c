#include "step/loopback.h"

#include <string.h>

#include "base/err.h"

#define BIT(n) (UINT64_C(1) << (n))

/* The wires as they were found, between the listed pins. */
struct wires {
	uint64_t listed, stuck_low, stuck_high;
	uint64_t follows[LOOPBACK_PINS]; /* follows[i]: pins that follow pin i */
	int partner[LOOPBACK_PINS];
};

struct list {
	struct loopback_fault *out;
	size_t max, count;
};

static void found(struct list *l, enum loopback_kind kind, int a, int b, int c, int d)
{
	if (l->count < l->max)
		l->out[l->count] = (struct loopback_fault){ kind, { a, b, c, d } };
	l->count++;
}

static void measure_wires(struct wires *w, const struct loopback_reads *r,
			  const struct loopback_pair *pair, size_t pairs)
{
	uint64_t always_low, always_high;

	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < pairs; i++) {
		w->listed |= BIT(pair[i].a) | BIT(pair[i].b);
		w->partner[pair[i].a] = pair[i].b;
		w->partner[pair[i].b] = pair[i].a;
	}
	always_low = ~r->rest & w->listed;
	always_high = r->rest & w->listed;
	for (int i = 0; i < LOOPBACK_PINS; i++) {
		if (!(w->listed & BIT(i)))
			continue;
		w->follows[i] = ~r->low[i] & r->high[i] & w->listed;
		always_low &= ~(r->low[i] | r->high[i]);
		always_high &= r->low[i] & r->high[i];
	}
	w->stuck_low = always_low;
	w->stuck_high = always_high;
}

static int stuck(const struct wires *w, int pin)
{
	return ((w->stuck_low | w->stuck_high) & BIT(pin)) != 0;
}

static int joined(const struct wires *w, int a, int b)
{
	return (w->follows[a] & BIT(b)) || (w->follows[b] & BIT(a));
}

/* A pin tied to a rail holds its partner too: the wire is one net. Both are told,
 * as which of them touches the rail cannot be seen. */
static void find_stuck(struct list *l, const struct wires *w, const struct loopback_pair *pair,
		       size_t pairs)
{
	for (size_t i = 0; i < pairs; i++) {
		const int pin[2] = { pair[i].a, pair[i].b };

		for (int k = 0; k < 2; k++)
			if (w->stuck_low & BIT(pin[k]))
				found(l, LOOPBACK_STUCK_LOW, pin[k], 0, 0, 0);
			else if (w->stuck_high & BIT(pin[k]))
				found(l, LOOPBACK_STUCK_HIGH, pin[k], 0, 0, 0);
	}
}

/* Is pair i wired crosswise with pair k, and nothing else of both? */
static int swapped(const struct wires *w, const struct loopback_pair *i,
		   const struct loopback_pair *k)
{
	if (joined(w, i->a, i->b) || joined(w, k->a, k->b))
		return 0;
	return (joined(w, i->a, k->b) && joined(w, k->a, i->b)) ||
	       (joined(w, i->a, k->a) && joined(w, i->b, k->b));
}

/* Between two pairs one short is told. Where both pairs are whole, all four pins
 * are one net, and which of them touch cannot be seen from outside. */
static void find_short(struct list *l, const struct wires *w, const struct loopback_pair *i,
		       const struct loopback_pair *k)
{
	const int p[2] = { i->a, i->b }, q[2] = { k->a, k->b };
	int joints = 0, first = 0;

	for (int n = 3; n >= 0; n--)
		if (joined(w, p[n / 2], q[n % 2])) {
			joints++;
			first = n;
		}
	if (joints == 4)
		found(l, LOOPBACK_SHORT_NETS, i->a, i->b, k->a, k->b);
	else if (joints)
		found(l, LOOPBACK_SHORT, p[first / 2], q[first % 2], 0, 0);
}

static void find_connections(struct list *l, const struct wires *w,
			     const struct loopback_pair *pair, size_t pairs)
{
	uint64_t in_swap = 0;

	for (size_t i = 0; i < pairs; i++)
		for (size_t k = i + 1; k < pairs; k++)
			if (swapped(w, &pair[i], &pair[k])) {
				found(l, LOOPBACK_SWAPPED, pair[i].a, pair[i].b, pair[k].a,
				      pair[k].b);
				in_swap |= BIT(pair[i].a) | BIT(pair[i].b) | BIT(pair[k].a) |
					   BIT(pair[k].b);
			}
	for (size_t i = 0; i < pairs; i++) {
		int a = pair[i].a, b = pair[i].b;
		int ab = (w->follows[a] & BIT(b)) != 0, ba = (w->follows[b] & BIT(a)) != 0;

		if (stuck(w, a) || stuck(w, b) || (in_swap & BIT(a)) || (ab && ba))
			continue;
		if (ab)
			found(l, LOOPBACK_ONE_WAY, a, b, 0, 0);
		else if (ba)
			found(l, LOOPBACK_ONE_WAY, b, a, 0, 0);
		else
			found(l, LOOPBACK_OPEN, a, b, 0, 0);
	}
	for (size_t i = 0; i < pairs; i++)
		for (size_t k = i + 1; k < pairs; k++)
			if (!(in_swap & BIT(pair[i].a)) || !(in_swap & BIT(pair[k].a)))
				find_short(l, w, &pair[i], &pair[k]);
}

/* A pin that does not even read back its own level, though no rail holds it. Where
 * its partner moves it, it is not stuck but cannot drive: that is one-way. */
static void find_dead(struct list *l, const struct wires *w, const struct loopback_reads *r,
		      const struct loopback_pair *pair, size_t pairs)
{
	for (size_t i = 0; i < pairs; i++) {
		const int pin[2] = { pair[i].a, pair[i].b };

		for (int k = 0; k < 2; k++) {
			uint64_t own = BIT(pin[k]), other = BIT(w->partner[pin[k]]);

			if (stuck(w, pin[k]) || (w->follows[pin[k]] & own))
				continue;
			if ((w->follows[w->partner[pin[k]]] & own) && !(w->follows[pin[k]] & other))
				continue;
			/* While driven it shows one level only: that rail wins. */
			found(l,
			      r->high[pin[k]] & BIT(pin[k]) ? LOOPBACK_STUCK_HIGH
							    : LOOPBACK_STUCK_LOW,
			      pin[k], 0, 0, 0);
		}
	}
}

size_t loopback_find(struct loopback_fault *out, size_t max, const struct loopback_reads *r,
		     const struct loopback_pair *pair, size_t pairs)
{
	struct list l = { out, max, 0 };
	struct wires w;

	measure_wires(&w, r, pair, pairs);
	find_stuck(&l, &w, pair, pairs);
	find_dead(&l, &w, r, pair, pairs);
	find_connections(&l, &w, pair, pairs);
	return l.count;
}

void loopback_print(struct sbuf *out, const struct loopback_fault *f, const char *const *names)
{
	static const char *const form[LOOPBACK_KINDS] = {
		[LOOPBACK_OPEN] = SAID("pins %s and %s are not connected"),
		[LOOPBACK_ONE_WAY] = SAID("pin %s drives pin %s, but not the other way round"),
		[LOOPBACK_SHORT] = SAID("pins %s and %s are shorted"),
		[LOOPBACK_SHORT_NETS] = SAID("pairs %s-%s and %s-%s are shorted together"),
		[LOOPBACK_STUCK_LOW] = SAID("pin %s is stuck low"),
		[LOOPBACK_STUCK_HIGH] = SAID("pin %s is stuck high"),
		[LOOPBACK_SWAPPED] = SAID("pairs %s-%s and %s-%s are swapped"),
	};
	const char *p = form[f->kind];
	int at = 0;

	while (*p) {
		size_t n = strcspn(p, "%");

		sbuf_add(out, p, n);
		p += n;
		if (*p) {
			sbuf_puts(out, names[f->pin[at++]]);
			p += 2;
		}
	}
}
