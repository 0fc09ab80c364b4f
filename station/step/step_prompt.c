/* prompt -- ask the operator. */
#include "step/step.h"

#include <string.h>

#include "base/clock.h"

struct args {
	const char *text, *kind, *picture;
	struct param_list choices, accept;
	int64_t within_ms;
};

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	static const char *const pass_fail[] = { "pass", "fail", NULL };
	const struct args *args = p;
	const char **choice =
		arena_alloc(step_arena(ctx), (args->choices.count + 1) * sizeof(*choice));
	struct step_question q = { args->kind, args->text, args->picture, NULL };
	int64_t until = step_within(ctx, args->within_ms);
	char answer[1024];
	size_t i = 0;
	int r;

	if (args->choices.count)
		memcpy(choice, args->choices.item, args->choices.count * sizeof(*choice));
	if (!strcmp(args->kind, "choice"))
		q.choices = choice;
	else if (!strcmp(args->kind, "pass"))
		q.choices = pass_fail;
	for (;;) {
		r = step_ask(answer, sizeof(answer), ctx, &q, until, err);
		if (r < 0)
			return err_wrap(err, "asking the operator");
		for (i = 0; q.choices && q.choices[i] && strcmp(q.choices[i], answer); i++)
			;
		if (!q.choices ? *answer != '\0' : q.choices[i] != NULL)
			break; /* else ask again: it was no answer to this question */
		if (clock_ms() >= until)
			return err_set(err, ERR_UNANSWERED, "no answer that is one of the choices");
	}
	step_measure(ctx, "answer", value_text(answer), answer, NULL);
	return 0;
}

static void imply(const void *p,
		  void (*add)(void *sink, const char *key, const char *measure, const char *expr),
		  void *sink)
{
	const struct args *args = p;
	struct sbuf expr = { 0 };

	if (!strcmp(args->kind, "pass"))
		add(sink, "answer", "answer", "== pass");
	if (args->accept.count) {
		sbuf_puts(&expr, "one of ");
		for (size_t i = 0; i < args->accept.count; i++)
			sbuf_printf(&expr, "%s%s", i ? ", " : "", args->accept.item[i]);
		add(sink, "accept", "answer", sbuf_str(&expr));
	}
	sbuf_release(&expr);
}

static void lint(const void *p, const struct step_lint *l)
{
	const struct args *args = p;
	int choice = !strcmp(args->kind, "choice");
	const struct ini_key *k = ini_key(l->section, "accept");

	if (choice && args->choices.count < 2)
		finding_add(l->findings, &l->section->at, FINDING_MISSING_KEY,
			    "[step %s] asks for a choice and needs 'choices', at least two",
			    l->section->name);
	if (!choice && args->choices.count)
		finding_add(l->findings, &ini_key(l->section, "choices")->at, FINDING_CONTRADICTION,
			    "'choices' is only for answer = choice");
	if (k && !strcmp(args->kind, "pass"))
		finding_add(l->findings, &k->at, FINDING_CONTRADICTION,
			    "'accept' is not for answer = pass: pass passes, and fail fails");
	for (size_t i = 0; choice && k && i < args->accept.count; i++) {
		size_t c = 0;

		while (c < args->choices.count &&
		       strcmp(args->choices.item[c], args->accept.item[i]))
			c++;
		if (args->choices.count && c == args->choices.count)
			finding_add(l->findings, &k->value_at, FINDING_CONTRADICTION,
				    "'accept' lists '%s', which is none of the choices",
				    args->accept.item[i]);
	}
}

static const struct param params[] = {
	{ .name = "text",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct args, text),
	  .help = "The question, as the operator reads it." },
	{ .name = "answer",
	  .type = PARAM_CHOICE,
	  .offset = offsetof(struct args, kind),
	  .choices = (const char *const[]){ "pass", "choice", "text", "scan", NULL },
	  .preset = "pass",
	  .help = "What is answered: pass or fail, one of `choices`, a text, a scan." },
	{ .name = "choices",
	  .type = PARAM_LIST,
	  .offset = offsetof(struct args, choices),
	  .optional = 1,
	  .help = "What can be chosen." },
	{ .name = "accept",
	  .type = PARAM_LIST,
	  .offset = offsetof(struct args, accept),
	  .optional = 1,
	  .help = "Answers that pass." },
	{ .name = "picture",
	  .type = PARAM_PATH,
	  .offset = offsetof(struct args, picture),
	  .optional = 1,
	  .help = "A picture to show with the question." },
	{ .name = "within",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, within_ms),
	  .min = 1000,
	  .max = 86400000,
	  .preset = "4 min",
	  .help = "How long the operator may take." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "answer", .type = VALUE_TEXT, .help = "What the operator answered." },
	{ .name = NULL },
};

const struct step_driver step_prompt = {
	.name = "prompt",
	.summary = "ask the operator and record the answer",
	.help = "Where nobody can answer the step ends at once, and the station is to blame. A\n"
		"question that is not answered in time is the operator's.",
	.params = params,
	.measures = measures,
	.needs = STEP_NEEDS_OPERATOR,
	.timeout_ms = 300000,
	.args_size = sizeof(struct args),
	.imply = imply,
	.lint = lint,
	.run = run,
};
