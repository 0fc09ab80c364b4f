#ifndef TESTS_UNIT_RUN_MAKE_H
#define TESTS_UNIT_RUN_MAKE_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "engine/run.h"

/* run_make -- plans and runs for tests, by hand and by chance. */

static const struct step_measure_row make_rows[] = {
	{ .name = "rate", .type = VALUE_NUM, .unit = "Mbit/s" },
	{ .name = "version", .type = VALUE_VERSION },
	{ .name = "ok", .type = VALUE_BOOL },
	{ .name = "extra", .type = VALUE_NUM, .optional = 1 },
	{ .name = "mac_restart", .type = VALUE_TEXT, .indexed = 1 },
	{ 0 },
};
static const struct step_driver make_driver = { .name = "mac_persistence", .measures = make_rows };

/* A plan of n steps s1, s2 ... ; the caller sets limits, skips and always. */
__attribute__((unused)) static struct plan *make_plan(struct arena *a, size_t n)
{
	static char text_sha[HASH_TEXT], limits_sha[HASH_TEXT];
	struct plan *p = arena_new(a, struct plan);
	uint8_t h[HASH_SIZE];

	*p = (struct plan){ .path = "plans/make.ini",
			    .title = "made",
			    .revision = "3",
			    .product = "P",
			    .process = "FCT",
			    .variant = "",
			    .steps = n,
			    .text = "[plan]\ntitle = made\n",
			    .limits_json = "[]" };
	p->len = strlen(p->text);
	hash_bytes(h, p->text, p->len);
	p->sha256 = hash_print(text_sha, h);
	hash_bytes(h, p->limits_json, strlen(p->limits_json));
	p->limits_sha256 = hash_print(limits_sha, h);
	p->step = arena_alloc(a, (n + 1) * sizeof(*p->step));
	for (size_t i = 0; i < n; i++)
		p->step[i] = (struct plan_step){ .id = arena_printf(a, "s%zu", i + 1),
						 .title = "a step",
						 .driver = &make_driver,
						 .params = "{\"pairs\":\"0-59\"}" };
	return p;
}

__attribute__((unused)) static struct attempt *make_attempt(struct unit_run *r, size_t step,
							    enum verdict v)
{
	struct attempt *a = run_attempt_add(r, step);
	enum err_code code = v == VERDICT_FAIL    ? ERR_TIMEOUT
			     : v == VERDICT_ERROR ? ERR_PEER
			     : v == VERDICT_ABORT ? ERR_STOPPED
						  : ERR_OK;

	a->verdict = v;
	a->blame = err_blame(code);
	a->code = code ? err_name(code) : NULL;
	a->message = code ? err_what(code) : NULL;
	a->at_ms = (int64_t)step * 100;
	a->duration_ms = 90;
	a->limit_ms = 1000;
	return a;
}

__attribute__((unused)) static struct measure *make_num(struct unit_run *r, struct attempt *a,
							const char *name, double x)
{
	struct measure *m = run_measure_add(r, a);

	m->name = arena_strdup(&r->arena, name);
	m->type = VALUE_NUM;
	m->unit = "Mbit/s";
	m->has = 1;
	m->num = x;
	m->result = JUDGED_PASS;
	return m;
}

__attribute__((unused)) static struct measure *make_text(struct unit_run *r, struct attempt *a,
							 const char *name, const char *text)
{
	struct measure *m = run_measure_add(r, a);

	m->name = arena_strdup(&r->arena, name);
	m->type = VALUE_TEXT;
	m->has = 1;
	m->text = arena_strdup(&r->arena, text);
	return m;
}

/* Texts that no reader may stumble over. Never valid for long: point, not copy. */
static const char *const hostile_texts[] = {
	"",
	"plain",
	"=cmd()",
	"<script>alert(1)</script>",
	"../../x",
	"quote\" back\\slash \\x41",
	"tab\t line\n return\r bell\a escape\033[31m del\177",
	"\xff\xfe invalid \xc3(",
	"\xed\xa0\x80 surrogate",
	"bidi \xe2\x80\xae txet",
	"Pr\303\274fung \xe6\xb8\xac\xe8\xa9\xa6 \xf0\x9f\x94\xa7",
	"null\\u0000",
	"-0",
	"NaN",
	"1e999",
	"\xef\xbf\xbd",
};
enum { HOSTILE_TEXTS = sizeof(hostile_texts) / sizeof(hostile_texts[0]) };

__attribute__((unused)) static const char *make_hostile(struct rng *g)
{
	return hostile_texts[rng_next(g) % HOSTILE_TEXTS];
}

__attribute__((unused)) static double make_double(struct rng *g)
{
	static const double special[] = { 0.0,     -0.0,   1,    0.1,         1e300,
					  -1e-300, 4e-324, 1e15, 123456789.5, 9007199254740993.0,
					  1e17 };
	uint64_t bits = rng_next(g);
	double x;

	if (rng_chance(g, 0.3))
		return special[bits % (sizeof(special) / sizeof(special[0]))];
	memcpy(&x, &bits, sizeof(x));
	return isfinite(x) ? x : 42.5;
}

#endif /* TESTS_UNIT_RUN_MAKE_H */
