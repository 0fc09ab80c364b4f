/* station dispose: what becomes of a unit that did not pass. */
#include "cli/decide.h"

static int may(const struct plan *p, const char *what, enum people_role role, struct err *err)
{
	(void)p;
	return policy_may_dispose(what, role, err);
}

static int run(struct cmd_args *a)
{
	struct decision d = { STORE_DISPOSITION, NULL, may };

	if (a->rests != 2)
		return cmd_usage(a, "which unit, and rework, scrap, ntf or use_as_is?");
	d.what = a->rest[1];
	if (!store_is_disposition(d.what))
		return cmd_usage(a,
				 "there is no disposition '%s'; there are rework, scrap, ntf and "
				 "use_as_is",
				 d.what);
	return decide(a, &d);
}

const struct cmd cmd_dispose = {
	.name = "dispose",
	.summary = "what becomes of a unit: rework, scrap, ntf, use_as_is",
	.usage = "SERIAL rework|scrap|ntf|use_as_is --plan PLAN --by ID [--reason TEXT]",
	.help = "Recorded with who and why. Each but scrap lets the count of attempts begin anew;\n"
		"a unit that was scrapped is never tested again. use_as_is is QA's, and counts as\n"
		"passed for the processes that come after. Yield does not change. SERIAL is never\n"
		"taken apart: a label is read as one where its scanner marked it, or in brackets,\n"
		"\"(21)AS7\".",
	.options = decide_options,
	.run = run,
};
