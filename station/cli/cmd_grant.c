/* station grant: one more attempt for a unit. */
#include "cli/decide.h"

static int may(const struct plan *p, const char *what, enum people_role role, struct err *err)
{
	(void)what;
	return policy_may_grant(p, role, err);
}

static int run(struct cmd_args *a)
{
	static const struct decision d = { STORE_GRANT, "attempt", may };

	if (a->rests != 1)
		return cmd_usage(a, "which unit?");
	if (!cmd_opt(a, "reason"))
		return cmd_usage(a, "a grant needs a --reason");
	return decide(a, &d);
}

const struct cmd cmd_grant = {
	.name = "grant",
	.summary = "one more attempt for a unit that has used up its attempts",
	.usage = "SERIAL --plan PLAN --by ID --reason TEXT",
	.help = "Recorded with who and why. [plan] grant says which role may; it lasts until the\n"
		"unit's next disposition. Yield does not change. SERIAL is never taken apart: a\n"
		"label is read as one where its scanner marked it, or in brackets, \"(21)AS7\".",
	.options = decide_options,
	.run = run,
};
