#ifndef TESTS_UNIT_STEP_BOARD_H
#define TESTS_UNIT_STEP_BOARD_H

#include <stdio.h>
#include <string.h>

#include "tests/unit/step_rig.h"

/*
 * step_board -- a board for tests of steps that ask it for more than a console can:
 * it has an identity, a state, an inventory and a MAC, and says what it was asked.
 * Include it in one file of a program.
 */
struct step_board {
	const char *id, *state, *sets; /* sets: its state after a finalise() */
	struct board_inventory holds;
	const char *const *macs; /* one for each reading */
	enum err_code id_code, state_code, finalise_code, provision_code, later_code, join_code;
	char asked[256];
};
static struct step_board sb;

static void sb_said(const char *what)
{
	size_t n = strlen(sb.asked);

	snprintf(sb.asked + n, sizeof(sb.asked) - n, "%s%s", n ? " " : "", what);
}

static int sb_end(enum err_code code, struct err *err)
{
	return code ? err_set(err, code, "the board fails") : 0;
}

static int sb_device_id(char *out, size_t size, struct board *b, int64_t until, struct err *err)
{
	(void)b, (void)until;
	sb_said("id");
	snprintf(out, size, "%s", sb.id);
	return sb_end(sb.id_code, err);
}

static int sb_state(char *out, size_t size, struct board *b, int64_t until, struct err *err)
{
	(void)b, (void)until;
	sb_said("state");
	snprintf(out, size, "%s", sb.state);
	return sb_end(sb.state_code, err);
}

static int sb_finalise(struct board *b, const char *state, int64_t until, struct err *err)
{
	(void)b, (void)until;
	sb_said("finalise");
	sb_said(state);
	if (sb.sets)
		sb.state = sb.sets;
	sb.state_code = sb.later_code;
	return sb_end(sb.finalise_code, err);
}

static int sb_inventory(struct board_inventory *out, struct board *b, int64_t until,
			struct err *err)
{
	struct arena *a = out->arena;

	(void)b, (void)until;
	*out = sb.holds;
	out->arena = a;
	out->state = sb.state;
	return sb_end(sb.state_code, err);
}

static int sb_provision(struct board *b, int64_t until, struct err *err)
{
	(void)b, (void)until;
	sb_said("provision");
	return sb_end(sb.provision_code, err);
}

static int sb_join(struct board *b, const struct board_network *n, int64_t until, struct err *err)
{
	(void)b, (void)until;
	sb_said("join");
	sb_said(n->ssid);
	sb_said(n->psk ? n->psk : "(open)");
	return sb_end(sb.join_code, err);
}

static int sb_restart(struct board *b, int64_t until, struct err *err)
{
	(void)b, (void)until, (void)err;
	sb_said("restart");
	return 0;
}

static int sb_recover(struct board_recovered *out, struct board *b, const char *folder,
		      void (*tell)(void *payload, double done, const char *what), void *payload,
		      int64_t until, struct err *err)
{
	(void)out, (void)b, (void)folder, (void)until, (void)err;
	tell(payload, 0.5, "images");
	sb_said("recover");
	return 0;
}

static int sb_mac(char *out, size_t size, struct board *b, const char *nic, int64_t until,
		  struct err *err)
{
	(void)b, (void)nic, (void)until, (void)err;
	sb_said("mac");
	snprintf(out, size, "%s", *sb.macs++);
	return 0;
}

static const struct board_driver sb_driver = {
	.name = "step_board",
	.summary = "a board of the tests",
	.ops = { .device_id = sb_device_id,
		 .state = sb_state,
		 .finalise = sb_finalise,
		 .inventory = sb_inventory,
		 .provision = sb_provision,
		 .restart = sb_restart,
		 .recover = sb_recover,
		 .mac = sb_mac,
		 .join = sb_join },
};

/* The plan is read for a family that offers the same; then the board is exchanged. */
static const char sb_profile[] = "[board]\nfamily = mt3620\ntrust = ca.pem\nboard_config = x\n";

static inline enum verdict sb_run(struct rig *r, const char *step)
{
	enum verdict v;

	rig_open_as(r, sb_profile, step, &sb_driver);
	if (!r->other)
		r->other = "";
	v = rig_run(r);
	return v;
}

#endif /* TESTS_UNIT_STEP_BOARD_H */
