/* ready -- what a unit holds is what it may be shipped with, and nothing else. */
#include "step/step.h"

#include <string.h>

#include "base/text.h"

struct args {
	const char *state;
	struct param_list checks, accept, applications;
	int64_t within_ms;
};

/* What is looked at, and the list of the inventory that it needs. */
enum check { STATE, CAPABILITIES, OS, APPLICATIONS, NETWORKS, TEST_SERVER, CHECKS };
static const char *const check_names[CHECKS + 1] = {
	"state", "capabilities", "os", "applications", "networks", "test_server", NULL
};

static int is_wanted(const struct args *args, enum check c)
{
	for (size_t i = 0; i < args->checks.count; i++)
		if (!strcmp(args->checks.item[i], check_names[c]))
			return 1;
	return 0;
}

static int has(const struct param_list *l, const char *item)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcasecmp(l->item[i], item))
			return 1;
	return 0;
}

static int holds(const struct board_list *l, const char *item)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcasecmp(l->item[i], item))
			return 1;
	return 0;
}

/* A count, with what was counted as its note. Items are the unit's words. */
static void count(struct step_ctx *ctx, const char *measure, const char *const *item, size_t n)
{
	struct sbuf note = { 0 };

	for (size_t i = 0; i < n && i < 8; i++) {
		sbuf_puts(&note, i ? ", " : "");
		text_clean(&note, item[i], strlen(item[i]));
	}
	if (n > 8)
		sbuf_printf(&note, " and %zu more", n - 8);
	step_measure(ctx, measure, value_num((double)n, NULL), NULL, n ? sbuf_str(&note) : NULL);
	sbuf_release(&note);
}

static void compare_applications(struct step_ctx *ctx, const struct args *args,
				 const struct board_list *on)
{
	const char **extra = arena_alloc(step_arena(ctx), (on->count + 1) * sizeof(*extra));
	const char **missing =
		arena_alloc(step_arena(ctx), (args->applications.count + 1) * sizeof(*missing));
	size_t extras = 0, gaps = 0;

	for (size_t i = 0; i < on->count; i++)
		if (!has(&args->applications, on->item[i]))
			extra[extras++] = on->item[i];
	for (size_t i = 0; i < args->applications.count; i++)
		if (!holds(on, args->applications.item[i]))
			missing[gaps++] = args->applications.item[i];
	count(ctx, "applications_extra", extra, extras);
	count(ctx, "applications_missing", missing, gaps);
}

static int hidden(const struct board_inventory *i, enum check c)
{
	switch (c) {
	case CAPABILITIES:
		return i->capabilities.hidden;
	case OS:
	case TEST_SERVER:
	case APPLICATIONS:
		return i->applications.hidden;
	case NETWORKS:
		return i->networks.hidden;
	default:
		return 0;
	}
}

static void report(struct step_ctx *ctx, const struct args *args, const struct board_inventory *i)
{
	if (is_wanted(args, STATE))
		step_measure(ctx, "state", value_text(i->state), i->state, NULL);
	if (is_wanted(args, CAPABILITIES) && !hidden(i, CAPABILITIES))
		count(ctx, "capabilities", i->capabilities.item, i->capabilities.count);
	if (is_wanted(args, OS) && !hidden(i, OS))
		step_measure(ctx, "os", value_version(i->os ? i->os : "unknown"), NULL, i->os_why);
	if (is_wanted(args, APPLICATIONS) && !hidden(i, APPLICATIONS))
		compare_applications(ctx, args, &i->applications);
	if (is_wanted(args, NETWORKS) && !hidden(i, NETWORKS))
		count(ctx, "networks", i->networks.item, i->networks.count);
	if (is_wanted(args, TEST_SERVER) && !hidden(i, TEST_SERVER) && i->test_server)
		step_measure(ctx, "test_server",
			     value_bool(holds(&i->system, i->test_server) ||
					holds(&i->applications, i->test_server)),
			     NULL, NULL);
}

static int run(struct step_ctx *ctx, const void *p, struct err *err)
{
	const struct args *args = p;
	struct board *b = step_board(ctx);
	struct board_inventory i = { .arena = step_arena(ctx) };
	int64_t until = step_within(ctx, args->within_ms);
	struct sbuf list = { 0 };
	size_t n = 0;

	if (b->driver->ops.inventory(&i, b, until, err) < 0)
		return err_wrap(err, "taking stock");
	report(ctx, args, &i);
	for (int c = 0; c < CHECKS; c++)
		if (is_wanted(args, (enum check)c) && hidden(&i, (enum check)c))
			sbuf_printf(&list, "%s%s", n++ ? ", " : "", check_names[c]);
	step_measure(ctx, "hidden", value_num((double)n, NULL), NULL, n ? sbuf_str(&list) : NULL);
	if (n)
		err_set(err, ERR_FINAL,
			"the unit is %s and does not show %s: check them before it is finalised, "
			"and "
			"leave them out of 'checks' here",
			i.state, sbuf_str(&list));
	sbuf_release(&list);
	return n ? (int)err->code : 0;
}

static void imply_list(const char *key, const char *measure, const struct param_list *l,
		       void (*add)(void *sink, const char *key, const char *measure,
				   const char *expr),
		       void *sink)
{
	struct sbuf expr = { 0 };

	sbuf_puts(&expr, "one of ");
	for (size_t i = 0; i < l->count; i++)
		sbuf_printf(&expr, "%s%s", i ? ", " : "", l->item[i]);
	if (l->count)
		add(sink, key, measure, sbuf_str(&expr));
	sbuf_release(&expr);
}

static void imply(const void *p,
		  void (*add)(void *sink, const char *key, const char *measure, const char *expr),
		  void *sink)
{
	const struct args *args = p;
	const struct param_list state = { (const char **)&args->state, 1 };

	if (is_wanted(args, STATE))
		imply_list("state", "state", &state, add, sink);
	if (is_wanted(args, CAPABILITIES))
		add(sink, "checks", "capabilities", "== 0");
	if (is_wanted(args, OS))
		imply_list("accept", "os", &args->accept, add, sink);
	if (is_wanted(args, APPLICATIONS)) {
		add(sink, "applications", "applications_extra", "== 0");
		add(sink, "applications", "applications_missing", "== 0");
	}
	if (is_wanted(args, NETWORKS))
		add(sink, "checks", "networks", "== 0");
	if (is_wanted(args, TEST_SERVER))
		add(sink, "checks", "test_server", "== no");
}

static void lint(const void *p, const struct step_lint *l)
{
	const struct args *args = p;
	const struct ini_key *k = ini_key(l->section, "checks");

	for (size_t i = 0; k && i < args->checks.count; i++) {
		const char *name = args->checks.item[i], *near;
		int c = 0;

		while (c < CHECKS && strcmp(check_names[c], name))
			c++;
		if (c < CHECKS)
			continue;
		near = text_suggest(name, check_names, CHECKS);
		finding_add(l->findings, &k->value_at, FINDING_BAD_VALUE,
			    "there is no check '%s'%s%s%s; there are state, capabilities, os, "
			    "applications, networks, test_server",
			    name, near ? "; did you mean '" : "", near ? near : "",
			    near ? "'?" : "");
	}
	if (is_wanted(args, OS) && !args->accept.count)
		finding_add(l->findings, &l->section->at, FINDING_MISSING_KEY,
			    "[step %s] checks the OS and needs 'accept', the versions that pass",
			    l->section->name);
}

static const struct param params[] = {
	{ .name = "checks",
	  .type = PARAM_LIST,
	  .offset = offsetof(struct args, checks),
	  .preset = "state, capabilities, os, applications, networks, test_server",
	  .help = "What is looked at." },
	{ .name = "state",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct args, state),
	  .preset = "DeviceComplete",
	  .help = "The manufacturing state that the unit must be in, as the board names it." },
	{ .name = "accept",
	  .type = PARAM_VERSIONS,
	  .offset = offsetof(struct args, accept),
	  .optional = 1,
	  .help = "Versions of the OS, told by its images, that pass." },
	{ .name = "applications",
	  .type = PARAM_LIST,
	  .offset = offsetof(struct args, applications),
	  .optional = 1,
	  .help = "Images of applications that must be there, and no others; left out: none." },
	{ .name = "within",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct args, within_ms),
	  .min = 1,
	  .max = 600000,
	  .preset = "20 s",
	  .help = "How long the unit may take to tell all of it." },
	{ .name = NULL },
};

static const struct step_measure_row measures[] = {
	{ .name = "state", .type = VALUE_TEXT, .optional = 1, .help = "The manufacturing state." },
	{ .name = "capabilities",
	  .type = VALUE_NUM,
	  .optional = 1,
	  .help = "Capabilities on the unit, without those that its state brings; the note names "
		  "them." },
	{ .name = "os",
	  .type = VALUE_VERSION,
	  .optional = 1,
	  .help = "The OS by what is installed, or unknown." },
	{ .name = "applications_extra",
	  .type = VALUE_NUM,
	  .optional = 1,
	  .help = "Images of applications that the plan does not list." },
	{ .name = "applications_missing",
	  .type = VALUE_NUM,
	  .optional = 1,
	  .help = "Images of applications that the plan lists and the unit has not." },
	{ .name = "networks",
	  .type = VALUE_NUM,
	  .optional = 1,
	  .help = "Wireless networks that are set up." },
	{ .name = "test_server",
	  .type = VALUE_BOOL,
	  .optional = 1,
	  .help = "The vendor's RF test server is installed." },
	{ .name = "hidden",
	  .type = VALUE_NUM,
	  .help = "Checks that the unit's state hides; the note names them." },
	{ .name = NULL },
};

const struct step_driver step_ready = {
	.name = "ready",
	.summary = "the unit is ready to ship: state, capabilities, OS, images, networks",
	.help = "A check that the unit's state hides is never passed: the step ends as an error of "
		"the\n"
		"plan. So check all but the state before the step that finalises the unit, and "
		"afterwards\n"
		"with `checks = state, capabilities`. What is left on a unit blames the unit.",
	.params = params,
	.measures = measures,
	.asks = BOARD_INVENTORY,
	.timeout_ms = 120000,
	.args_size = sizeof(struct args),
	.imply = imply,
	.lint = lint,
	.run = run,
};
