/* plan_keys -- the keys that every plan and every step has, as rows. */
#include "plan/plan_priv.h"

#include <string.h>

/* In the order of their enums. */
static const char *const on_words[] = { "stop", "continue", NULL };
static const char *const label_words[] = { "plain", "gs1", NULL };
static const char *const check_words[] = { "none", "gs1", "luhn", "mod97", NULL };
static const char *const passed_words[] = { "allow", "ask", "refuse", NULL };
static const char *const grant_words[] = { "engineer", "qa", NULL };

#define TO(type, field) .offset = offsetof(struct type, field)

const struct param plan_params[] = {
	{ .name = "title",
	  .type = PARAM_TEXT,
	  TO(plan_keys, title),
	  .help = "What the plan is called on screens and reports." },
	{ .name = "revision",
	  .type = PARAM_TEXT,
	  TO(plan_keys, revision),
	  .preset = "-",
	  .help = "Revision that a person gave; the record also holds the SHA-256 of the text." },
	{ .name = "board",
	  .type = PARAM_TEXT,
	  TO(plan_keys, board),
	  .help = "Board family or profile; station list boards shows all." },
	{ .name = "product",
	  .type = PARAM_TEXT,
	  TO(plan_keys, product),
	  .help = "Product that is tested; yield is counted per product and process." },
	{ .name = "process",
	  .type = PARAM_TEXT,
	  TO(plan_keys, process),
	  .preset = "FCT",
	  .help = "Place in the production process, such as FCT or EOL." },
	{ .name = "serial",
	  .type = PARAM_PATTERN,
	  TO(plan_keys, serial),
	  .optional = 1,
	  .help = "What a scanned label must look like; when left out, anything." },
	{ .name = "label",
	  .type = PARAM_CHOICE,
	  .choices = label_words,
	  TO(plan_keys, label),
	  .preset = "plain",
	  .help = "How a label is read: plain, all of it is the serial; gs1, a GS1 element string "
		  "with the serial in (21)." },
	{ .name = "check",
	  .type = PARAM_CHOICE,
	  .choices = check_words,
	  TO(plan_keys, check),
	  .preset = "none",
	  .help = "Check digits that a serial ends in: gs1 (mod 10), luhn, mod97 (ISO 7064)." },
	{ .name = "code",
	  .type = PARAM_LIST,
	  TO(plan_keys, code),
	  .optional = 1,
	  .help = "Labels that choose the plan: product codes of a gs1 label, (01) or (240), or "
		  "what a plain one begins with." },
	{ .name = "expected",
	  .type = PARAM_DURATION,
	  TO(plan_keys, expected_ms),
	  .min = 1,
	  .max = 86400000,
	  .optional = 1,
	  .help = "How long a run takes, shown until the record knows better." },
	{ .name = "attempts",
	  .type = PARAM_INT,
	  TO(plan_keys, attempts),
	  .max = 100,
	  .preset = "0",
	  .help = "Runs of a unit before it needs a disposition; 0: as many as are wanted." },
	{ .name = "grant",
	  .type = PARAM_CHOICE,
	  .choices = grant_words,
	  TO(plan_keys, grant),
	  .preset = "engineer",
	  .help = "Who may allow a unit one more attempt." },
	{ .name = "passed",
	  .type = PARAM_CHOICE,
	  .choices = passed_words,
	  TO(plan_keys, passed),
	  .preset = "allow",
	  .help = "Whether a unit that passed is tested again: allow, ask (somebody must confirm), "
		  "refuse." },
	{ .name = "route",
	  .type = PARAM_LIST,
	  TO(plan_keys, route),
	  .optional = 1,
	  .help = "Processes that the unit must have passed before; the last run of each counts." },
	{ .name = "on_fail",
	  .type = PARAM_CHOICE,
	  .choices = on_words,
	  TO(plan_keys, on_fail),
	  .preset = "stop",
	  .help = "What follows a step that failed; a step may override it." },
	{ .name = "on_error",
	  .type = PARAM_CHOICE,
	  .choices = on_words,
	  TO(plan_keys, on_error),
	  .preset = "stop",
	  .help = "What follows a step that could not be carried out; a step may override it." },
	{ .name = "include",
	  .type = PARAM_LIST,
	  TO(plan_keys, include),
	  .optional = 1,
	  .help = "Files whose steps come before those of this file, relative to it." },
	{ .name = "instruction",
	  .type = PARAM_TEXT,
	  TO(plan_keys, instruction),
	  .optional = 1,
	  .help = "What the operator reads before a unit is tested." },
	{ .name = NULL },
};

const struct param plan_step_params[] = {
	{ .name = "kind",
	  .type = PARAM_TEXT,
	  TO(plan_step_keys, kind),
	  .help = "What the step does; station list steps shows all kinds." },
	{ .name = "title",
	  .type = PARAM_TEXT,
	  TO(plan_step_keys, title),
	  .optional = 1,
	  .help = "What the step is called on screens and reports; when left out, its name." },
	{ .name = "timeout",
	  .type = PARAM_DURATION,
	  TO(plan_step_keys, timeout_ms),
	  .min = 1,
	  .max = 24 * 3600000.0,
	  .optional = 1,
	  .help = "When one attempt is ended; when left out, the kind's own." },
	{ .name = "retry",
	  .type = PARAM_INT,
	  TO(plan_step_keys, retry),
	  .max = 100,
	  .preset = "0",
	  .help = "Further attempts after a FAIL or ERROR; all attempts are kept." },
	{ .name = "retry_delay",
	  .type = PARAM_DURATION,
	  TO(plan_step_keys, retry_delay_ms),
	  .max = 3600000,
	  .preset = "0 s",
	  .help = "Time between two attempts." },
	{ .name = "on_fail",
	  .type = PARAM_CHOICE,
	  .choices = on_words,
	  TO(plan_step_keys, on_fail),
	  .optional = 1,
	  .help = "What follows when the step failed; when left out, as [plan] says." },
	{ .name = "on_error",
	  .type = PARAM_CHOICE,
	  .choices = on_words,
	  TO(plan_step_keys, on_error),
	  .optional = 1,
	  .help = "What follows when it could not be carried out; when left out, as [plan] says." },
	{ .name = "always",
	  .type = PARAM_BOOL,
	  TO(plan_step_keys, always),
	  .preset = "no",
	  .help = "Whether it runs whatever happened before." },
	{ .name = "group",
	  .type = PARAM_TEXT,
	  TO(plan_step_keys, group),
	  .optional = 1,
	  .help = "Group that the step belongs to; steps of a group stand together." },
	{ .name = "uses",
	  .type = PARAM_LIST,
	  TO(plan_step_keys, uses),
	  .optional = 1,
	  .help = "Resources that the step has for itself, see [resource NAME] in station.conf." },
	{ .name = "when",
	  .type = PARAM_TEXT,
	  TO(plan_step_keys, when),
	  .optional = 1,
	  .help = "`variant A, B`: the step runs on these variants only." },
	{ .name = "instruction",
	  .type = PARAM_TEXT,
	  TO(plan_step_keys, instruction),
	  .optional = 1,
	  .help = "What the operator reads when the step fails." },
	{ .name = NULL },
};

const struct param plan_group_params[] = {
	{ .name = "retry",
	  .type = PARAM_INT,
	  TO(plan_group_keys, retry),
	  .max = 100,
	  .preset = "0",
	  .help = "How often all its steps are repeated together after a FAIL or ERROR." },
	{ .name = "retry_delay",
	  .type = PARAM_DURATION,
	  TO(plan_group_keys, retry_delay_ms),
	  .max = 3600000,
	  .preset = "0 s",
	  .help = "Time between two rounds." },
	{ .name = NULL },
};

const struct param plan_variant_params[] = {
	{ .name = "serial",
	  .type = PARAM_PATTERN,
	  TO(plan_variant_keys, serial),
	  .optional = 1,
	  .help = "Labels that select the variant; when left out, only --variant does." },
	{ .name = NULL },
};

/* The place of a word in its list; 0, the preset, when there is none. */
static int place_of(const char *const *words, const char *word)
{
	for (int i = 0; word && words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	return 0;
}

enum plan_label plan_label_of(const char *word)
{
	return (enum plan_label)place_of(label_words, word);
}

enum plan_check_digit plan_check_of(const char *word)
{
	return (enum plan_check_digit)place_of(check_words, word);
}

void plan_policy_set(struct plan *p, const struct plan_keys *k)
{
	p->label = plan_label_of(k->label);
	p->check = plan_check_of(k->check);
	p->passed = (enum plan_passed)place_of(passed_words, k->passed);
	p->grant = (enum plan_grant)place_of(grant_words, k->grant);
	p->code = k->code;
	p->route = k->route;
	p->attempts = k->attempts;
}
