#ifndef TESTS_UNIT_BOARD_MEMORY_H
#define TESTS_UNIT_BOARD_MEMORY_H

#include <criterion/criterion.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/finding.h"
#include "base/ini.h"
#include "base/param.h"
#include "base/sbuf.h"
#include "virtual/firmware.h"

/*
 * board_memory -- a board for tests of a firmware: what it sends is kept in
 * memory, time stands still and is moved by memory_run(), the keys come from a
 * text as they stand in a scenario.
 */
struct board_memory {
	struct board_host host; /* first */
	const struct firmware *firmware;
	void *fw;
	struct arena arena;
	struct sbuf said[4]; /* by port */
	int full;            /* nothing is taken */
	size_t taken_max;    /* of one send(); 0: all */
	int64_t now_ms;
	int unplugs, plugs, discards;
	unsigned noisy; /* ports of the last line_faults() */
	double flip, drop, extra, baud[4];
	int rtscts[4];
	uint8_t mask[4], levels[4], pull[4];
	const char *other; /* value of every other board */
};

static inline size_t memory_send(struct board_host *h, int port, const void *bytes, size_t n)
{
	struct board_memory *m = (struct board_memory *)h;

	if (m->full)
		return 0;
	if (m->taken_max && n > m->taken_max)
		n = m->taken_max;
	sbuf_add(&m->said[port], bytes, n);
	return n;
}

static inline size_t memory_unsent(struct board_host *h, int port)
{
	(void)h;
	(void)port;
	return 0;
}

static inline void memory_discard(struct board_host *h, int port)
{
	(void)port;
	((struct board_memory *)h)->discards++;
}

static inline void memory_line(struct board_host *h, int port, double baud, int rtscts)
{
	((struct board_memory *)h)->rtscts[port] = rtscts;
	((struct board_memory *)h)->baud[port] = baud;
}

static inline void memory_pins(struct board_host *h, int port, uint8_t mask, uint8_t levels,
			       uint8_t pull)
{
	((struct board_memory *)h)->pull[port] = pull;
	((struct board_memory *)h)->mask[port] = mask;
	((struct board_memory *)h)->levels[port] = levels;
}

static inline void memory_unplug(struct board_host *h)
{
	((struct board_memory *)h)->unplugs++;
}

static inline void memory_plug_after(struct board_host *h, int64_t ms)
{
	(void)ms;
	((struct board_memory *)h)->plugs++;
}

static inline void memory_line_faults(struct board_host *h, unsigned ports, double flip,
				      double drop, double extra)
{
	struct board_memory *m = (struct board_memory *)h;

	m->noisy = ports;
	m->flip = flip;
	m->drop = drop;
	m->extra = extra;
}

static inline int64_t memory_now(struct board_host *h)
{
	(void)h;
	return clock_ns();
}

static inline int memory_paced(struct board_host *h)
{
	(void)h;
	return 0;
}

static inline const char *memory_other(struct board_host *h, int number, const char *what)
{
	(void)number;
	(void)what;
	return ((struct board_memory *)h)->other;
}

static const struct board_host_ops memory_ops = {
	.send = memory_send,
	.unsent = memory_unsent,
	.discard = memory_discard,
	.line = memory_line,
	.pins = memory_pins,
	.unplug = memory_unplug,
	.plug_after = memory_plug_after,
	.line_faults = memory_line_faults,
	.now_ns = memory_now,
	.paced = memory_paced,
	.other = memory_other,
};

static int memory_number = 1; /* of the next board that starts */

/* Power on with keys such as "os = 1.2\nfault = silent\n"; 0, or what start()
 * says. frozen: time stands still. */
static inline int memory_start(struct board_memory *m, const struct firmware *f, const char *keys,
			       int frozen, struct err *err)
{
	struct sbuf text = { 0 };
	struct findings findings = { 0 };
	struct ini *ini;
	void *args;

	memset(m, 0, sizeof(*m));
	m->host.ops = &memory_ops;
	m->host.loop = loop_new();
	m->host.number = memory_number;
	m->host.seed = 42;
	m->firmware = f;
	m->now_ms = 1000000;
	if (frozen)
		clock_freeze_ms(m->now_ms);
	sbuf_printf(&text, "[board 1]\n%s", keys);
	ini = ini_parse(&m->arena, "test.ini", sbuf_str(&text), text.len, &findings);
	args = arena_alloc(&m->arena, f->args_size);
	cr_assert_eq(ini->sections, 1);
	param_read(args, f->params, &ini->section[0], &m->arena, &findings);
	for (size_t i = 0; i < findings.count; i++)
		cr_assert_fail("%s", findings.list[i].message);
	for (size_t i = 0; i < ini->section[0].keys; i++)
		cr_assert(ini->section[0].key[i].used, "%s", ini->section[0].key[i].name);
	sbuf_release(&text);
	finding_release(&findings);
	return f->start(&m->fw, &m->host, args, err);
}

/* Let ms milliseconds pass, each with its timers. */
static inline void memory_run(struct board_memory *m, int64_t ms)
{
	for (int64_t i = 0; i <= ms; i++) {
		if (i)
			clock_freeze_ms(++m->now_ms);
		for (int k = 0; k < 6; k++)
			loop_turn(m->host.loop, 0);
	}
}

static inline void memory_type(struct board_memory *m, int port, const char *text)
{
	for (; *text; text++)
		m->firmware->byte(m->fw, port, (uint8_t)*text, 0, clock_ns());
}

/* What was said on a port since the last call; lent until the next one. */
static inline const char *memory_said(struct board_memory *m, int port)
{
	static struct sbuf last;

	sbuf_reset(&last);
	sbuf_add(&last, sbuf_str(&m->said[port]), m->said[port].len);
	sbuf_reset(&m->said[port]);
	return sbuf_str(&last);
}

static inline void memory_stop(struct board_memory *m)
{
	if (m->fw)
		m->firmware->stop(m->fw);
	loop_free(m->host.loop);
	for (int i = 0; i < 4; i++)
		sbuf_release(&m->said[i]);
	arena_free(&m->arena);
}

#endif /* TESTS_UNIT_BOARD_MEMORY_H */
