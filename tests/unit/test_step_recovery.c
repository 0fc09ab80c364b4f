#include "base/clock.h"
#include "tests/unit/rows.h"
#include "tests/unit/step_rig.h"

TestSuite(step_recovery, .timeout = 20);

#define DONE  "recovery: 10 %\r\nrecovery: 55 %\r\nrecovery: done\r\nboot: 1\r\nboot: ready\r\n"
#define READY HEARS("", NULL), HEARS("\n", "\r\nvirt> ", .delay_ms = 100)

Test(step_recovery, good)
{
	static const struct memory_turn turns[] = {
		HEARS("recovery \n", "recovery \r\n" DONE, .delay_ms = 1900), READY, HEARS_NO_MORE
	};
	struct rig r;

	rig_open(&r, rig_board, "kind = recovery\nlimit duration = 1 .. 3 s\n", turns);
	r.link.chunk = 20; /* progress is heard as it comes */
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "PASS - -", "%s", r.attempt->message);
	/* The answer came after 1900 ms, the prompt 100 ms later, then 60 ms of silence. */
	cr_expect_str_eq(rig_measures(&r), "done=yes duration=2.06 s");
	cr_expect_str_eq(sbuf_str(&r.progress), "0.10 \n0.55 \n", "%s", sbuf_str(&r.progress));
	cr_expect(rig_done(&r));
	rig_close(&r);
}

/* The unit dies at each stage; the answer to "recovery" ends in many ways. */
static const struct rig_answer answers[] = {
	ANSWER(NULL, "FAIL unit ERR_TIMEOUT", "", "console 'recovery ': no answer"),
	ANSWER("recovery: 10 %\r\n", "FAIL unit ERR_PROTO", "", "recovery: 10 %"),
	ANSWER("recovery: 10 %\r\nrecovery: failed at block 7\r\nvirt> ", "FAIL unit ERR_REFUSED",
	       "", "the unit says: failed at block 7"),
	ANSWER("recovery: 10 %\r\n", "ERROR station ERR_GONE", "", NULL, .then = ERR_GONE),
	ANSWER(NULL, "ERROR station ERR_GONE", "", NULL, .fail = ERR_GONE),
	ANSWER("unknown command\r\nvirt> ", "FAIL unit ERR_PROTO", "", "virt>"),
	/* Done, and then: nothing, no end of the boot, gone. */
	ANSWER("recovery: done\r\n", "FAIL unit ERR_TIMEOUT", "",
	       "waiting for the unit to restart: no answer in time"),
	ANSWER("recovery: done\r\nboot: 1\r\n", "FAIL unit ERR_PROTO", "", "boot: 1"),
	ANSWER("recovery: done\r\nboot: 1\r\n", "ERROR station ERR_GONE", "", NULL,
	       .then = ERR_GONE),
	ANSWER("recovery: done\r\nboot: 1\r\nbo", "ERROR station ERR_LINE", "", NULL,
	       .then = ERR_LINE),
};

TEST_ROWS(step_recovery, answer, answers)
{
	rig_expect(&answers[*i], "kind = recovery\n", "recovery \n");
}

Test(step_recovery, boots_and_is_silent)
{
	static const struct memory_turn turns[] = { HEARS("recovery \n", DONE), HEARS("", NULL),
						    HEARS("\n", NULL),          HEARS("\003", NULL),
						    HEARS("\n", "=> "),         HEARS_NO_MORE };
	struct rig r;

	rig_open(&r, rig_board, "kind = recovery\n", turns);
	r.until_ms = 1003000;
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "FAIL unit ERR_PROTO");
	cr_expect(strstr(r.attempt->message,
			 "waiting for the unit after its restart: no prompt in time, last was "
			 "'=>'"),
		  "%s", r.attempt->message);
	cr_expect_eq(r.attempt->measures, 0);
	cr_expect_eq(clock_ms(), 1003000);
	rig_close(&r);
}

Test(step_recovery, images)
{
	static const struct memory_turn turns[] = { HEARS("recovery /\n", DONE), READY,
						    HEARS_NO_MORE };
	struct rig r;

	rig_open(&r, rig_board, "kind = recovery\nimages = /\n", turns);
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "PASS - -", "%s", r.attempt->message);
	cr_expect_str_eq(rig_limits(&r), "done == yes (implied)\n");
	rig_close(&r);
}

static const struct finding_row {
	const char *keys, *told;
} findings[] = {
	{ "", "" },
	{ "images = /\n", "" },
	{ "images = /no/such/folder\n",
	  "8:10: no-such-path: 'images' is '/no/such/folder', which is no folder that can be "
	  "read\n" },
	{ "images = /etc/passwd\n",
	  "8:10: no-such-path: 'images' is '/etc/passwd', which is no folder that can be read\n" },
};

TEST_ROWS(step_recovery, lint, findings)
{
	struct sbuf keys = { 0 };
	const char *told;

	sbuf_printf(&keys, "kind = recovery\n%s", findings[*i].keys);
	told = rig_check(rig_board, NULL, sbuf_str(&keys));
	cr_expect_str_eq(told, findings[*i].told, "row %zu: %s", *i, told);
	sbuf_release(&keys);
}

Test(step_recovery, board_without)
{
	const char *told =
		rig_check("[board]\nfamily = console\nprompt = /> $/\n", NULL, "kind = recovery\n");

	cr_expect(strstr(told, "board-lacks"), "%s", told);
}
