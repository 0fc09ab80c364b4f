/* plan_read -- a plan's sections to a struct plan, for one variant. */
#include "plan/plan_priv.h"

#include <string.h>

#include "base/hash.h"

static const char *hash_text(struct arena *a, const char *text, size_t n)
{
	uint8_t hash[HASH_SIZE];
	char hex[HASH_TEXT];

	hash_bytes(hash, text, n);
	return arena_strdup(a, hash_print(hex, hash));
}

static void read_board(struct plan *p, struct plan_reader *r)
{
	struct place at = plan_value_place(r->source->plan, "board");
	struct findings own = { 0 };
	struct err err = { 0 };

	if (!r->keys.board)
		return;
	if (board_profile_load(&p->board, r->arena, r->env->boards, r->keys.board, &own, &err) <
		    0 &&
	    !own.errors)
		finding_add(&own, &at, FINDING_UNKNOWN_BOARD, "%s", err.text);
	plan_findings_copy(r->findings, &own);
	finding_release(&own);
}

static void read_head(struct plan *p, struct plan_reader *r)
{
	const struct param *const lists[] = { plan_params, NULL };
	const struct ini_key *serial;
	struct plan_keys *k = &r->keys;

	if (!r->source->plan)
		return;
	param_read(k, plan_params, r->source->plan, r->arena, r->findings);
	param_unknown(r->source->plan, lists, r->findings);
	p->title = k->title;
	p->revision = k->revision;
	p->product = k->product;
	p->process = k->process;
	p->instruction = k->instruction;
	plan_policy_set(p, k);
	p->expected_ms = k->expected_ms;
	p->serial = k->serial; /* the plan's to free, from here on */
	serial = ini_key(r->source->plan, "serial");
	p->serial_text = k->serial && serial ? serial->value : NULL;
	read_board(p, r);
}

static void read_groups(struct plan *p, struct plan_reader *r)
{
	const struct param *const lists[] = { plan_group_params, NULL };

	p->group = arena_alloc(r->arena, (r->source->groups + 1) * sizeof(*p->group));
	for (size_t i = 0; i < r->source->groups; i++) {
		struct ini_section *s = r->source->group[i];
		struct plan_group_keys keys = { 0 };

		param_read(&keys, plan_group_params, s, r->arena, r->findings);
		param_unknown(s, lists, r->findings);
		p->group[p->groups++] = (struct plan_group){
			.name = s->name, .retry = keys.retry, .retry_delay_ms = keys.retry_delay_ms
		};
	}
}

/* The run of steps that begins with the first step of each group. */
static void place_groups(struct plan *p)
{
	for (size_t g = 0; g < p->groups; g++) {
		struct plan_group *group = &p->group[g];
		size_t i = 0, end;

		while (i < p->steps && (!p->step[i].group || strcmp(p->step[i].group, group->name)))
			i++;
		for (end = i; end < p->steps && p->step[end].group &&
			      !strcmp(p->step[end].group, group->name);)
			end++;
		group->first = end > i ? i : 0;
		group->count = end - i;
	}
}

void plan_read(struct plan *p, struct plan_reader *r)
{
	const struct plan_source *src = r->source;

	r->plan = p;
	p->path = src->file->path;
	p->variant = r->variant ? r->variant->name : "";
	p->variants = (struct param_list){ src->variant_names, src->variants };
	p->text = src->text;
	p->len = src->len;
	p->sha256 = hash_text(r->arena, p->text, p->len);
	read_head(p, r);
	read_groups(p, r);
	p->step = arena_alloc(r->arena, (src->steps + 1) * sizeof(*p->step));
	for (size_t i = 0; i < src->steps; i++)
		plan_step_read(&p->step[p->steps++], r, plan_variant_apply(r, src->step[i]));
	place_groups(p);
	p->limits_json = plan_limits_json(r->arena, p);
	p->limits_sha256 = hash_text(r->arena, p->limits_json, strlen(p->limits_json));
}
