/*
 * run -- building a run, and the verdict of a run from its steps.
 */
#include "engine/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"

static const char *const modes[] = {
	[MODE_PRODUCTION] = "production",   [MODE_GOLDEN] = "golden",
	[MODE_ENGINEERING] = "engineering", [MODE_GAGE] = "gage",
	[MODE_PARTIAL] = "partial",
};

static const char *const judgements[] = {
	[JUDGED_NONE] = "NONE",
	[JUDGED_PASS] = "PASS",
	[JUDGED_FAIL] = "FAIL",
	[JUDGED_UNSET] = "UNSET",
};

const char *run_mode_word(enum run_mode m)
{
	return m < MODE_END_ ? modes[m] : "engineering"; /* an unknown mode never counts */
}

int run_mode_find(enum run_mode *out, const char *word)
{
	for (int m = 0; m < MODE_END_; m++)
		if (!strcmp(modes[m], word)) {
			*out = m;
			return 0;
		}
	return -1;
}

const char *judgement_word(enum judgement j)
{
	return j <= JUDGED_UNSET ? judgements[j] : "UNSET";
}

void run_uuid(char out[37])
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b)) {
		fputs("station: the system gives no random numbers\n", stderr);
		abort(); /* two runs must never share an id */
	}
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
		 b[13], b[14], b[15]);
}

const char *run_clean(struct arena *a, const char *s)
{
	struct sbuf escaped = { 0 };
	size_t i = 0, slashes = 0;
	const char *out = s;

	if (!s)
		return NULL;
	while (s[i] >= 0x20 && s[i] < 0x7f)
		i++;
	if (!s[i])
		return s;
	for (const char *p = s; *p; p++)
		slashes += *p == '\\';
	text_escape(&escaped, s, strlen(s));
	/* Escaping doubles backslashes; when nothing else grew, s was clean. */
	if (escaped.len != strlen(s) + slashes)
		out = arena_strdup(a, sbuf_str(&escaped));
	sbuf_release(&escaped);
	return out;
}

static const char *copy(struct unit_run *r, const char *s)
{
	return s ? arena_strdup(&r->arena, s) : NULL;
}

void run_init(struct unit_run *r, const struct plan *p)
{
	*r = (struct unit_run){ .schema = RUN_SCHEMA, .mode = MODE_PRODUCTION, .counts = 1 };
	run_uuid(r->id);
	r->product = copy(r, p->product);
	r->process = copy(r, p->process);
	r->variant = copy(r, p->variant);
	r->plan_path = copy(r, p->path);
	r->plan_title = copy(r, p->title);
	r->board = p->board ? copy(r, p->board->name) : NULL;
	r->plan_revision = copy(r, p->revision);
	r->plan_sha256 = copy(r, p->sha256);
	r->plan_text = copy(r, p->text);
	r->limits_sha256 = copy(r, p->limits_sha256);
	r->limits_json = copy(r, p->limits_json);
	r->steps = p->steps;
	r->step = arena_alloc(&r->arena, (p->steps + 1) * sizeof(*r->step));
	for (size_t i = 0; i < p->steps; i++) {
		const struct plan_step *from = &p->step[i];

		r->step[i] = (struct step_run){
			.id = copy(r, from->id),
			.kind = copy(r, from->driver ? from->driver->name : ""),
			.title = copy(r, from->title),
			.group = copy(r, from->group),
			.params = copy(r, from->params),
			.always = from->always,
			.skip_rule = from->skipped ? "variant" : NULL,
		};
	}
}

void run_release(struct unit_run *r)
{
	arena_free(&r->arena);
	*r = (struct unit_run){ 0 };
}

/* An array in the arena with room for one more; the old one stays behind. */
static void *grown(struct arena *a, void *old, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return old;
	*room = *room ? *room * 2 : 4;
	more = arena_alloc(a, *room * size);
	if (count)
		memcpy(more, old, count * size);
	return more;
}

struct attempt *run_attempt_add(struct unit_run *r, size_t step)
{
	struct step_run *s = &r->step[step];

	s->attempt =
		grown(&r->arena, s->attempt, s->attempts, &s->attempt_room, sizeof(*s->attempt));
	s->attempt[s->attempts] =
		(struct attempt){ .number = (int)s->attempts + 1, .group_number = 1 };
	return &s->attempt[s->attempts++];
}

struct measure *run_measure_add(struct unit_run *r, struct attempt *a)
{
	a->measure =
		grown(&r->arena, a->measure, a->measures, &a->measure_room, sizeof(*a->measure));
	a->measure[a->measures] = (struct measure){ 0 };
	return &a->measure[a->measures++];
}

static const struct attempt *last_attempt(const struct step_run *s)
{
	return s->attempts ? &s->attempt[s->attempts - 1] : NULL;
}

enum verdict step_run_verdict(const struct step_run *s)
{
	const struct attempt *a = last_attempt(s);

	/* An attempt that did not pass is never hidden by a later skip. */
	if (a && (a->verdict != VERDICT_PASS || !s->skip_rule))
		return a->verdict;
	return s->skip_rule ? VERDICT_SKIP : VERDICT_NONE;
}

static int skipped_by(const struct step_run *s, const char *rule)
{
	return step_run_verdict(s) == VERDICT_SKIP && !strcmp(s->skip_rule, rule);
}

/* The i-th step in the order of execution: `always` steps come last. */
static const struct step_run *in_order(const struct unit_run *r, size_t i)
{
	for (int always = 0; always <= 1; always++)
		for (size_t k = 0; k < r->steps; k++)
			if (!r->step[k].always == !always && i-- == 0)
				return &r->step[k];
	return NULL;
}

/* First cause decides: the first step in order that neither passed nor was
 * skipped; a step left out because the operator stopped the run is one. */
static const struct step_run *deciding(const struct unit_run *r)
{
	for (size_t i = 0; i < r->steps; i++) {
		const struct step_run *s = in_order(r, i);
		enum verdict v = step_run_verdict(s);

		if (skipped_by(s, "aborted") || (v != VERDICT_PASS && v != VERDICT_SKIP))
			return s;
	}
	return NULL;
}

static int is_alike(const struct attempt *a)
{
	return a->code && !strcmp(a->code, err_name(ERR_ALIKE));
}

const struct measure *run_first_fail(const struct unit_run *r, const struct step_run **step,
				     const struct attempt **attempt)
{
	const struct step_run *s = deciding(r);
	const struct attempt *a = s ? last_attempt(s) : NULL;

	if (a && a->verdict == VERDICT_PASS)
		a = NULL;
	if (step)
		*step = s;
	if (attempt)
		*attempt = a;
	if (!a || a->not_judged || is_alike(a)) /* then the station is looked at, not the value */
		return NULL;
	for (int wanted = JUDGED_FAIL; wanted <= JUDGED_UNSET; wanted++)
		for (size_t i = 0; i < a->measures; i++)
			if ((int)a->measure[i].result == wanted)
				return &a->measure[i];
	return NULL;
}

static void name_first_fail(struct unit_run *r, enum err_code otherwise)
{
	const struct step_run *s;
	const struct attempt *a;
	const struct measure *m = run_first_fail(r, &s, &a);

	r->first_fail = NULL;
	if (!s)
		return;
	if (m)
		r->first_fail = arena_printf(&r->arena, "%s#%d.%s", s->id, a->number, m->name);
	else
		r->first_fail = arena_printf(&r->arena, "%s#%d:%s", s->id, a ? a->number : 0,
					     a && a->code ? a->code : err_name(otherwise));
}

static void decide(struct unit_run *r, enum verdict v, enum err_blame blame, const char *rule,
		   const struct step_run *s)
{
	r->verdict = v;
	r->blame = blame;
	r->verdict_rule = arena_printf(&r->arena, "%s%s%s", rule, s ? ":" : "", s ? s->id : "");
}

static int is_step_verdict(enum verdict v)
{
	return v == VERDICT_PASS || v == VERDICT_FAIL || v == VERDICT_ERROR || v == VERDICT_SKIP ||
	       v == VERDICT_ABORT;
}

/* The rules that need every step: a step the engine lost, nothing executed. */
static int incomplete(struct unit_run *r)
{
	size_t executed = 0, aborted = 0;

	for (size_t i = 0; i < r->steps; i++) {
		const struct step_run *s = &r->step[i];

		if (!is_step_verdict(step_run_verdict(s))) {
			decide(r, VERDICT_ERROR, BLAME_STATION, "lost", s);
			name_first_fail(r, ERR_INTERNAL);
			return 1;
		}
		executed += step_run_verdict(s) != VERDICT_SKIP;
		aborted += (size_t)skipped_by(s, "aborted");
	}
	if (executed || aborted)
		return 0;
	decide(r, VERDICT_ERROR, BLAME_PLAN, "nothing executed", NULL);
	r->first_fail = NULL;
	return 1;
}

/* A skip that no rule allows, so that a run never passes with a hole in it. */
static const struct step_run *unlawful_skip(const struct unit_run *r)
{
	for (size_t i = 0; i < r->steps; i++) {
		const struct step_run *s = in_order(r, i);

		if (step_run_verdict(s) != VERDICT_SKIP || skipped_by(s, "variant"))
			continue;
		if (r->mode == MODE_PARTIAL && skipped_by(s, "only"))
			continue;
		if ((r->mode == MODE_PARTIAL || r->mode == MODE_ENGINEERING) &&
		    skipped_by(s, "engineer"))
			continue; /* such a run counts nowhere */
		return s;
	}
	return NULL;
}

void run_conclude(struct unit_run *r, int interrupted)
{
	static const struct {
		enum verdict step, run;
	} becomes[] = {
		{ VERDICT_FAIL, VERDICT_FAIL },
		{ VERDICT_ABORT, VERDICT_ABORTED },
		{ VERDICT_SKIP, VERDICT_ABORTED }, /* left out by an operator's stop */
	};
	const struct step_run *s;

	r->marginal = r->retried = 0;
	if (interrupted) {
		decide(r, VERDICT_INTERRUPTED, BLAME_STATION, "interrupted", NULL);
		name_first_fail(r, ERR_WORKER);
		return;
	}
	if (incomplete(r))
		return;
	if ((s = deciding(r))) {
		enum verdict of = step_run_verdict(s), v = VERDICT_ERROR;
		const struct attempt *a = of == VERDICT_SKIP ? NULL : last_attempt(s);
		enum err_blame blame = a ? a->blame : BLAME_OPERATOR;

		for (size_t i = 0; i < sizeof(becomes) / sizeof(becomes[0]); i++)
			if (becomes[i].step == of)
				v = becomes[i].run;
		decide(r, v, blame == BLAME_NONE ? BLAME_STATION : blame, "step", s);
		name_first_fail(r, a ? ERR_INTERNAL : ERR_STOPPED);
		return;
	}
	if ((s = unlawful_skip(r))) {
		decide(r, VERDICT_ERROR, BLAME_STATION, "skipped", s);
		r->first_fail = arena_printf(&r->arena, "%s#0:%s", s->id, err_name(ERR_INTERNAL));
		return;
	}
	decide(r, VERDICT_PASS, BLAME_NONE, "all passed", NULL);
	r->first_fail = NULL;
	for (size_t i = 0; i < r->steps; i++) {
		const struct attempt *a = last_attempt(&r->step[i]);

		r->marginal |= a && a->marginal;
		r->retried |= r->step[i].attempts > 1;
	}
}

void measure_print(struct sbuf *out, const struct measure *m)
{
	struct value v = { .type = m->type, .unit = m->unit };

	if (!m->has) {
		sbuf_printf(out, "no value%s%s", m->reason ? ": " : "", m->reason ? m->reason : "");
		return;
	}
	if (m->type == VALUE_NUM)
		v.num = m->num;
	else if (m->type == VALUE_BOOL)
		v.yes = m->num != 0;
	else
		v.text = m->text ? m->text : "";
	value_print(out, v);
}
