/*
 * link_fault -- wraps another link and spoils it: bytes from the board are
 * dropped, changed in one bit or come late, and the cable is pulled after a
 * number of bytes. The same seed spoils the same bytes, however they are cut
 * into reads.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/sbuf.h"
#include "link/link.h"
#include "link/link_options.h"

struct fault_options {
	int64_t seed, delay_ms, cut;
	double drop, flip;
};

#define OPTION(field) .offset = offsetof(struct fault_options, field)
static const struct param params[] = {
	{ .name = "seed",
	  .type = PARAM_INT,
	  OPTION(seed),
	  .preset = "1",
	  .help = "The same seed spoils the same bytes." },
	{ .name = "drop",
	  .type = PARAM_NUM,
	  OPTION(drop),
	  .min = 0,
	  .max = 1,
	  .preset = "0",
	  .help = "Chance of each byte from the board to be lost." },
	{ .name = "flip",
	  .type = PARAM_NUM,
	  OPTION(flip),
	  .min = 0,
	  .max = 1,
	  .preset = "0",
	  .help = "Chance of each byte from the board to have one bit changed." },
	{ .name = "delay",
	  .type = PARAM_DURATION,
	  OPTION(delay_ms),
	  .min = 0,
	  .max = 60000,
	  .preset = "0 ms",
	  .help = "How much later bytes come than they would." },
	{ .name = "cut",
	  .type = PARAM_INT,
	  OPTION(cut),
	  .min = 0,
	  .max = 1e15,
	  .optional = 1,
	  .help = "The cable is pulled after this many bytes of both directions." },
	{ 0 },
};
#undef OPTION

struct link_fault {
	struct link link, *inner; /* takes the calls, passes them on spoiled */
	struct fault_options options;
	struct arena arena;
	struct rng rng;
	int64_t passed;   /* bytes of both directions */
	struct sbuf held; /* delayed: not given yet */
	size_t held_at;
	int64_t due_ms; /* when held may be given */
};

static int is_cut(const struct link_fault *k)
{
	return k->options.cut && k->passed >= k->options.cut;
}

static int gone(const struct link_fault *k, struct err *err)
{
	return err_set(err, ERR_GONE, "fault: the cable was pulled after %lld bytes",
		       (long long)k->options.cut);
}

/* Spoil n bytes in place; returns how many are left. Two numbers per byte,
 * whatever happens to it, so that the faults of a seed stay where they are. */
static size_t spoil(struct link_fault *k, uint8_t *bytes, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n && !is_cut(k); i++) {
		int lost = rng_chance(&k->rng, k->options.drop);
		uint64_t flip = rng_next(&k->rng);

		k->passed++;
		if (lost)
			continue;
		bytes[kept] = bytes[i];
		if ((double)(flip >> 11) * 0x1p-53 < k->options.flip)
			bytes[kept] ^= (uint8_t)(1u << (flip & 7));
		kept++;
	}
	return kept;
}

static void sleep_until(int64_t ms)
{
	int64_t left = ms - clock_ms();

	if (left > 0)
		nanosleep(&(struct timespec){ .tv_sec = left / 1000,
					      .tv_nsec = left % 1000 * 1000000 },
			  NULL);
}

static int fault_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	struct link_fault *k = l->priv;
	int late = 0;
	size_t n;

	while (k->held_at == k->held.len) {
		uint8_t bytes[4096];
		int r;

		if (is_cut(k))
			return gone(k, err);
		if (late) /* all that came until now was dropped */
			return 0;
		late = clock_left_ms(until_ms) == 0;
		r = link_read(bytes, size < sizeof(bytes) ? size : sizeof(bytes), k->inner,
			      until_ms, err);
		if (r <= 0)
			return r;
		sbuf_reset(&k->held);
		k->held_at = 0;
		sbuf_add(&k->held, bytes, spoil(k, bytes, (size_t)r));
		k->due_ms = clock_ms() + k->options.delay_ms;
	}
	if (k->due_ms > until_ms) {
		sleep_until(until_ms);
		return 0;
	}
	sleep_until(k->due_ms);
	n = k->held.len - k->held_at < size ? k->held.len - k->held_at : size;
	memcpy(out, k->held.data + k->held_at, n);
	k->held_at += n;
	return (int)n;
}

static int fault_write(struct link *l, const void *data, size_t size, int64_t until_ms,
		       struct err *err)
{
	struct link_fault *k = l->priv;
	size_t n = size;
	int r;

	if (k->options.cut && (int64_t)n > k->options.cut - k->passed)
		n = is_cut(k) ? 0 : (size_t)(k->options.cut - k->passed);
	r = n ? link_write(k->inner, data, n, until_ms, err) : 0;
	if (r < 0)
		return r;
	k->passed += (int64_t)n;
	return n < size || (is_cut(k) && !size) ? gone(k, err) : 0;
}

static int fault_drop(struct link *l, int64_t until_ms, struct err *err)
{
	struct link_fault *k = l->priv;

	if (is_cut(k))
		return gone(k, err);
	k->held_at = k->held.len;
	return link_drop(k->inner, until_ms, err);
}

static int fault_tune(struct link *l, const struct link_line *line, int latency_ms, int event_char,
		      int64_t until_ms, struct err *err)
{
	struct link_fault *k = l->priv;

	return is_cut(k) ? gone(k, err)
			 : link_tune(k->inner, line, latency_ms, event_char, until_ms, err);
}

static int fault_event(struct link *l, int event_char, struct err *err)
{
	struct link_fault *k = l->priv;

	return is_cut(k) ? gone(k, err) : link_event(k->inner, event_char, err);
}

static int fault_alive(struct link *l, struct err *err)
{
	struct link_fault *k = l->priv;

	return is_cut(k) ? gone(k, err) : link_alive(k->inner, err);
}

static void fault_free(struct link_fault *k)
{
	sbuf_release(&k->held);
	arena_free(&k->arena);
	free(k);
}

static void fault_close(struct link *l)
{
	struct link_fault *k = l->priv;

	link_close(k->inner);
	fault_free(k);
}

static const struct link_ops ops = {
	.name = "fault",
	.read = fault_read,
	.write = fault_write,
	.drop = fault_drop,
	.tune = fault_tune,
	.event = fault_event,
	.alive = fault_alive,
	.close = fault_close,
};

static int fault_open(struct link **out, const char *options, const struct link_where *w,
		      struct link *inner, struct err *err)
{
	struct link_fault *k = calloc(1, sizeof(*k));
	int r;

	(void)w;
	if (!k)
		return err_set(err, ERR_IO, "out of memory");
	r = link_options(&k->options, NULL, params, &k->arena, options, err);
	if (r < 0) {
		fault_free(k);
		return r;
	}
	k->rng.state = (uint64_t)k->options.seed;
	k->inner = inner;
	k->link = (struct link){ .ops = &ops, .priv = k };
	*out = &k->link;
	return 0;
}

const struct link_driver link_fault = {
	.name = "fault",
	.summary = "wraps another link and drops, flips, delays or cuts from a seed",
	.options = "seed=N,drop=P,flip=P,delay=TIME,cut=BYTES",
	.open = fault_open,
	.wraps = 1,
};
