#include <string.h>

#include "base/clock.h"
#include "tests/unit/rows.h"
#include "tests/unit/step_board.h"
#include "tests/unit/step_rig.h"

TestSuite(step_mac_persistence, .timeout = 20);

#define KIND      "kind = mac_persistence\n"
#define SAYS(mac) HEARS("mac eth0\n", "mac eth0\r\nmac: " mac "\r\nvirt> ")
#define READY     HEARS("", NULL), HEARS("\n", "\r\nvirt> ")
#define RESTARTS  HEARS("restart\n", "restart\r\nboot: 1\r\nboot: ready\r\n"), READY
#define RECOVERS                                                                                   \
	HEARS("recovery \n",                                                                       \
	      "recovery \r\nrecovery: 50 %\r\nrecovery: done\r\nboot: 1\r\nboot: ready\r\n"),      \
		READY

#define A "02:00:00:00:00:0a"
#define B "02:00:00:00:00:0b"

static const struct row {
	const char *keys, *other;
	struct memory_turn turns[16];
	const char *outcome, *measures, *note, *message;
	const char *claims[3];
} rows[] = {
	{ .keys = "restarts = 0\n",
	  .other = "",
	  .turns = { SAYS(A), HEARS_NO_MORE },
	  .outcome = "PASS - -",
	  .measures = "mac=" A " valid=yes local=yes unique=yes",
	  .claims = { A } },
	/* Case and separators are the same address. */
	{ .keys = "restarts = 2\n",
	  .other = "",
	  .turns = { SAYS("02-00-00-00-00-0A"), RESTARTS, SAYS("0200.0000.000a"), RESTARTS, SAYS(A),
		     HEARS_NO_MORE },
	  .outcome = "PASS - -",
	  .measures = "mac=" A " mac_restart.1=" A " mac_restart.2=" A
		      " stable=yes valid=yes local=yes unique=yes",
	  .claims = { A } },
	/* It changes and changes back: the first change is told. */
	{ .keys = "restarts = 2\n",
	  .other = "",
	  .turns = { SAYS(A), RESTARTS, SAYS(B), RESTARTS, SAYS(A), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_LIMIT",
	  .measures = "mac=" A " mac_restart.1=" B " mac_restart.2=" A
		      " stable=no valid=yes local=yes unique=yes",
	  .note = "stable: after restart 1 " B " instead of " A,
	  .claims = { A } },
	{ .keys = "restarts = 0\nrecovery = new\n",
	  .other = "",
	  .turns = { SAYS(A), RECOVERS, SAYS(B), HEARS_NO_MORE },
	  .outcome = "PASS - -",
	  .measures = "mac=" A " mac_recovered=" B
		      " new_after_recovery=yes valid=yes local=yes unique=yes",
	  .claims = { A, B } },
	{ .keys = "restarts = 0\nrecovery = new\n",
	  .other = "",
	  .turns = { SAYS(A), RECOVERS, SAYS(A), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_LIMIT",
	  .measures = "mac=" A " mac_recovered=" A
		      " new_after_recovery=no valid=yes local=yes unique=yes",
	  .note = "new_after_recovery: still " A " after the recovery",
	  .claims = { A } },
	/* Somebody else's. */
	{ .keys = "restarts = 0\n",
	  .other = "VB-0007",
	  .turns = { SAYS(A), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_LIMIT",
	  .measures = "mac=" A " valid=yes local=yes unique=no",
	  .note = "unique: " A " is also unit VB-0007",
	  .claims = { A } },
	{ .keys = "restarts = 0\n",
	  .other = NULL,
	  .turns = { SAYS(A), HEARS_NO_MORE },
	  .outcome = "ERROR station ERR_STORE",
	  .measures = "mac=" A " valid=yes local=yes",
	  .message = "asking the records for " A,
	  .claims = { A } },
	{ .keys = "restarts = 0\nunique = no\n",
	  .other = NULL,
	  .turns = { SAYS(A), HEARS_NO_MORE },
	  .outcome = "PASS - -",
	  .measures = "mac=" A " valid=yes local=yes" },
	/* No address of a unit; it is not claimed. */
	{ .keys = "restarts = 0\n",
	  .other = NULL,
	  .turns = { SAYS("00:00:00:00:00:00"), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_LIMIT",
	  .measures = "mac=00:00:00:00:00:00 valid=no local=no unique=no value: "
		      "not measured",
	  .note = "valid: 00:00:00:00:00:00 is no unicast address" },
	{ .keys = "restarts = 0\nunique = no\n",
	  .turns = { SAYS("ff:ff:ff:ff:ff:ff"), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_LIMIT",
	  .measures = "mac=ff:ff:ff:ff:ff:ff valid=no local=yes",
	  .note = "valid: ff:ff:ff:ff:ff:ff is no unicast address" },
	{ .keys = "restarts = 0\nlocal = yes\nunique = no\n",
	  .turns = { SAYS("00:12:fe:a0:17:5c"), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_LIMIT",
	  .measures = "mac=00:12:fe:a0:17:5c valid=yes local=no" },
	/* The recovered one counts for both. */
	{ .keys = "restarts = 0\nrecovery = new\nunique = no\n",
	  .turns = { SAYS(A), RECOVERS, SAYS("01:00:00:00:00:01"), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_LIMIT",
	  .measures = "mac=" A " mac_recovered=01:00:00:00:00:01 new_after_recovery=yes valid=no "
		      "local=no",
	  .note = "valid: 01:00:00:00:00:01 is no unicast address" },
	/* Wrong, silent, gone: at the beginning, at a restart, after it, at the recovery. */
	{ .keys = "",
	  .turns = { SAYS("unknown"), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_PROTO",
	  .measures = "",
	  .message = "reading the MAC of eth0: 'unknown' is no MAC address" },
	{ .keys = "",
	  .turns = { HEARS("mac eth0\n", NULL), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_TIMEOUT",
	  .measures = "",
	  .message = "reading the MAC of eth0: console 'mac eth0': no answer" },
	{ .keys = "",
	  .turns = { HEARS("mac eth0\n", "mac eth0\r\n", .then = ERR_GONE), HEARS_NO_MORE },
	  .outcome = "ERROR station ERR_GONE",
	  .measures = "" },
	{ .keys = "",
	  .turns = { SAYS(A), HEARS("restart\n", NULL), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_TIMEOUT",
	  .measures = "mac=" A,
	  .message = "restart 1: waiting for the unit to restart: no answer" },
	{ .keys = "",
	  .turns = { SAYS(A), HEARS("restart\n", "restart\r\nno\r\nvirt> "), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_PROTO",
	  .measures = "mac=" A,
	  .message = "restart 1: waiting for the unit to restart: no answer like" },
	{ .keys = "",
	  .turns = { SAYS(A), HEARS("restart\n", "boot: 1\r\n", .then = ERR_GONE), HEARS_NO_MORE },
	  .outcome = "ERROR station ERR_GONE",
	  .measures = "mac=" A,
	  .message = "restart 1: " },
	{ .keys = "",
	  .turns = { SAYS(A), HEARS("restart\n", NULL, .fail = ERR_GONE), HEARS_NO_MORE },
	  .outcome = "ERROR station ERR_GONE",
	  .measures = "mac=" A,
	  .message = "restart 1: " },
	{ .keys = "",
	  .turns = { SAYS(A), RESTARTS, HEARS("mac eth0\n", "none\r\nvirt> "), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_PROTO",
	  .measures = "mac=" A,
	  .message = "the unit said 'none'" },
	{ .keys = "restarts = 0\nrecovery = new\n",
	  .turns = { SAYS(A), HEARS("recovery \n", "recovery: failed: flash\r\n"), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_REFUSED",
	  .measures = "mac=" A,
	  .message = "recovery: console 'recovery ': the unit says: failed: flash" },
	{ .keys = "restarts = 0\nrecovery = new\n",
	  .turns = { SAYS(A), RECOVERS, HEARS("mac eth0\n", NULL), HEARS_NO_MORE },
	  .outcome = "FAIL unit ERR_TIMEOUT",
	  .measures = "mac=" A,
	  .message = "recovery: console 'mac eth0'" },
};

TEST_ROWS(step_mac_persistence, run, rows)
{
	const struct row *row = &rows[*i];
	struct sbuf step = { 0 };
	struct rig r;
	size_t claims = 0;
	char note[300] = "";

	sbuf_printf(&step, KIND "%s", row->keys);
	rig_open(&r, rig_board, sbuf_str(&step), row->turns);
	r.other = row->other;
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), row->outcome, "row %zu: %s: %s", *i, rig_outcome(&r),
			 r.attempt->message);
	cr_expect_str_eq(rig_measures(&r), row->measures, "row %zu: %s", *i, rig_measures(&r));
	cr_expect(!row->message || strstr(r.attempt->message, row->message), "row %zu: %s", *i,
		  r.attempt->message);
	for (size_t k = 0; k < r.attempt->measures; k++)
		if (r.attempt->measure[k].note)
			snprintf(note, sizeof(note), "%s: %s", r.attempt->measure[k].name,
				 r.attempt->measure[k].note);
	cr_expect_str_eq(note, row->note ? row->note : "", "row %zu: %s", *i, note);
	while (row->claims[claims])
		claims++;
	cr_assert_eq(r.claims, claims, "row %zu: %zu claims", *i, r.claims);
	for (size_t k = 0; k < claims; k++) {
		cr_expect_str_eq(r.claim[k].kind, "mac");
		cr_expect_str_eq(r.claim[k].value, row->claims[k]);
	}
	cr_expect(rig_done(&r) || r.attempt->code, "row %zu", *i);
	rig_close(&r);
	sbuf_release(&step);
}

Test(step_mac_persistence, interface_progress_and_raw)
{
	static const struct memory_turn turns[] = {
		HEARS("mac wlan0\n", "mac: 02-00-00-00-00-0A\r\nvirt> "), RESTARTS,
		HEARS("mac wlan0\n", "mac: " A "\r\nvirt> "), HEARS_NO_MORE
	};
	struct rig r;

	rig_open(&r, rig_board, KIND "interface = wlan0\n", turns);
	r.other = "";
	cr_expect_eq(rig_run(&r), VERDICT_PASS);
	cr_expect_str_eq(rig_measure(&r, "mac")->raw, "02-00-00-00-00-0A");
	cr_expect_str_eq(sbuf_str(&r.progress), "0.00 restart 1 of 1\n");
	rig_close(&r);
}

static const struct implied_row {
	const char *keys, *limits;
	uint32_t asks;
} implied[] = {
	{ "", "stable == yes (implied)\nvalid == yes (implied)\nunique == yes (implied)\n",
	  BOARD_RESTART },
	{ "restarts = 0\nunique = no\n", "valid == yes (implied)\n", 0 },
	{ "restarts = 0\nunique = no\nlocal = yes\n",
	  "valid == yes (implied)\nlocal == yes (implied)\n", 0 },
	{ "recovery = new\nunique = no\n",
	  "stable == yes (implied)\nnew_after_recovery == yes (implied)\nvalid == yes (implied)\n",
	  BOARD_RESTART | BOARD_RECOVER },
};

TEST_ROWS(step_mac_persistence, implies, implied)
{
	struct sbuf step = { 0 };
	struct rig r;
	const struct plan_step *s;

	sbuf_printf(&step, KIND "%s", implied[*i].keys);
	rig_open(&r, rig_board, sbuf_str(&step), NULL);
	s = &r.plan->step[0];
	cr_expect_str_eq(rig_limits(&r), implied[*i].limits, "%s", rig_limits(&r));
	cr_expect_eq(s->driver->asks_more(s->args), implied[*i].asks);
	rig_close(&r);
	sbuf_release(&step);
}

static const struct finding_row {
	const char *board, *keys, *told;
} findings[] = {
	{ rig_board, "", "" },
	{ rig_board, "restarts = 21\n", "8:12: out-of-range" },
	{ rig_board, "recovery = maybe\n", "8:12: bad-value" },
	{ "[board]\nfamily = console\n[command mac]\nsend = m\nmatch = /m(.*)/\n", "",
	  "7:8: board-lacks" },
	{ "[board]\nfamily = console\n[command mac]\nsend = m\nmatch = /m(.*)/\n", "restarts = 0\n",
	  "" },
	{ "[board]\nfamily = console\n[command mac]\nsend = m\nmatch = /m(.*)/\n",
	  "restarts = 0\nrecovery = new\n", "7:8: board-lacks" },
	{ rig_board, "recovery = new\nimages = /no/such/folder\n", "9:10: no-such-path" },
};

TEST_ROWS(step_mac_persistence, lint, findings)
{
	const struct finding_row *row = &findings[*i];
	struct sbuf keys = { 0 };
	const char *told;

	sbuf_printf(&keys, KIND "%s", row->keys);
	told = rig_check(row->board, NULL, sbuf_str(&keys));
	cr_expect(*row->told ? !strncmp(told, row->told, strlen(row->told)) : !*told, "row %zu: %s",
		  *i, told);
	sbuf_release(&keys);
}

/* --- boards whose interface needs a board configuration --- */

static const struct loaded {
	const char *keys;
	const char *macs[6];
	enum err_code provision_code;
	const char *outcome, *asked;
	int marginal;
} loadeds[] = {
	{ "restarts = 1\nrecovery = new\n",
	  { "02:00:00:00:00:01", "02:00:00:00:00:01", "02:00:00:00:00:02" },
	  0,
	  "PASS - -",
	  "provision mac restart mac recover provision mac",
	  0 },
	{ "restarts = 0\n", { NULL }, ERR_IMAGES, "ERROR plan ERR_IMAGES", "provision", 0 },
	/* Bits by policy: a mark, a failure, nothing. */
	{ "restarts = 0\nlocal_bit = warn\n",
	  { "00:00:00:00:00:01" },
	  0,
	  "PASS - -",
	  "provision mac",
	  1 },
	{ "restarts = 0\nlocal_bit = warn\n",
	  { "02:00:00:00:00:01" },
	  0,
	  "PASS - -",
	  "provision mac",
	  0 },
	{ "restarts = 0\nlocal_bit = fail\n",
	  { "00:00:00:00:00:01" },
	  0,
	  "FAIL unit ERR_LIMIT",
	  "provision mac",
	  0 },
	{ "restarts = 0\n", { "00:00:00:00:00:01" }, 0, "PASS - -", "provision mac", 0 },
	{ "restarts = 0\n", { "03:00:00:00:00:01" }, 0, "FAIL unit ERR_LIMIT", "provision mac", 0 },
	{ "restarts = 0\ngroup_bit = warn\n",
	  { "03:00:00:00:00:01" },
	  0,
	  "PASS - -",
	  "provision mac",
	  1 },
	{ "restarts = 0\ngroup_bit = off\n",
	  { "03:00:00:00:00:01" },
	  0,
	  "PASS - -",
	  "provision mac",
	  0 },
	/* No policy makes these an address. */
	{ "restarts = 0\ngroup_bit = off\n",
	  { "ff:ff:ff:ff:ff:ff" },
	  0,
	  "FAIL unit ERR_LIMIT",
	  "provision mac",
	  0 },
	{ "restarts = 0\ngroup_bit = warn\n",
	  { "00:00:00:00:00:00" },
	  0,
	  "FAIL unit ERR_LIMIT",
	  "provision mac",
	  0 },
};

TEST_ROWS(step_mac_persistence, board_configuration, loadeds)
{
	const struct loaded *t = &loadeds[*i];
	struct sbuf step = { 0 };
	struct rig r;

	sb = (struct step_board){ .macs = t->macs, .provision_code = t->provision_code };
	sbuf_printf(&step, "kind = mac_persistence\n%s", t->keys);
	sb_run(&r, sbuf_str(&step));
	cr_expect_str_eq(rig_outcome(&r), t->outcome, "%s", r.attempt->message);
	cr_expect_str_eq(sb.asked, t->asked);
	cr_expect_eq(r.attempt->marginal, t->marginal, "%s", t->keys);
	rig_close(&r);
	sbuf_release(&step);
}
