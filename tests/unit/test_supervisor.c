/* supervisor: what the lanes share: resources and the sync of the journal. */
#include "engine_rig.h"

TestSuite(supervisor, .timeout = 20);

static const char *item[] = { "radio" };
static const struct param_list radio = { item, 1 }; /* a resource of which there is one */

/* Attempts follow one another more quickly than journal_sync_ms. */
Test(supervisor, the_journal_is_synced_while_steps_go_on)
{
	BUILD(1, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS);
	for (int i = 0; i < 8; i++)
		engine.args[i].ms = 30;
	engine_run();
	cr_expect_str_eq(engine_told(), "PASS - PPPPPPPP: ok ok ok ok ok ok ok ok");
	cr_expect_geq(engine.syncs, 2, "%d syncs", engine.syncs);
}

Test(supervisor, a_stop_while_waiting_for_a_resource_is_an_abort)
{
	BUILD(2, DO_HANG);
	engine.step[0].uses = radio;
	engine_start(0, "U1");
	engine_start(1, "U2");
	engine_turn_for(100);
	supervisor_stop(engine.sup, 1, "operator");
	engine_turn_for(300);
	cr_expect_eq(engine.lane[1].verdict, VERDICT_ABORTED);
	cr_expect_eq(engine.shared->runs[0], 1, "the second never ran");
	supervisor_stop(engine.sup, 0, "operator");
	engine_finish();
}

Test(supervisor, resources_are_exclusive)
{
	BUILD(2, DO_PASS);
	engine.step[0].uses = radio;
	engine.args[0].ms = 100;
	engine_start(0, "U1");
	engine_start(1, "U2");
	engine_finish();
	cr_expect_eq(engine.committed, 2);
	cr_expect_eq(engine.lane[0].verdict, VERDICT_PASS);
	cr_expect_eq(engine.lane[1].verdict, VERDICT_PASS);
	cr_expect_geq(engine.last->duration_ms, 190, "the second waits for the first");
}

Test(supervisor, many_waiting_for_one_resource_get_it_in_the_order_of_asking)
{
	BUILD(4, DO_PASS, DO_PASS);
	engine.step[0].uses = radio;
	engine.step[1].uses = radio;
	engine.args[0].ms = engine.args[1].ms = 40;
	for (int i = 0; i < 4; i++)
		engine_start(i, (char[]){ 'U', (char)('1' + i), '\0' });
	engine_turn_for(5000);
	cr_assert_eq(engine.committed, 4, "%d of 4 ended: the others wait for ever",
		     engine.committed);
	for (int i = 0; i < 8; i++)
		cr_expect_eq(engine.shared->order[i], i / 4, "attempt %d was of step %d", i,
			     engine.shared->order[i]);
	cr_expect_geq(engine.last->waited_ms, 100, "the last one waited %lld ms",
		      (long long)engine.last->waited_ms);
	cr_expect_eq(engine.waitings, 7, "%d times told", engine.waitings);
	engine_finish();
}

Test(supervisor, one_that_waits_no_longer_lets_those_behind_it_pass)
{
	static const char *uses[][2] = { { "radio", NULL }, { "lamp", "radio" }, { "lamp", NULL } };
	static struct supervisor_resource two[] = { { "radio", 1 }, { "lamp", 1 } };
	static const int what[] = { DO_HANG, DO_PASS, DO_PASS };
	struct plan plan[3];
	struct plan_step step[3];
	struct engine_args args[3];

	BUILD(3, DO_HANG);
	supervisor_free(engine.sup);
	engine.set.resource = two;
	engine.set.resources = 2;
	engine.sup = supervisor_new(&engine.set);
	for (int i = 0; i < 3; i++) {
		struct supervisor_job job = { .plan = &plan[i], .serial = "U" };

		args[i] = (struct engine_args){ i, what[i], 0 };
		step[i] = engine.step[0];
		step[i].args = &args[i];
		step[i].uses = (struct param_list){ uses[i], i == 1 ? 2 : 1 };
		plan[i] = engine.plan;
		plan[i].step = &step[i];
		engine_start_job(i, &job);
	}
	engine_turn_for(100);
	cr_assert_eq(engine.shared->runs[2], 0, "behind the second, which asked first");
	supervisor_stop(engine.sup, 1, "operator");
	engine_turn_for(500);
	cr_expect_eq(engine.shared->runs[2], 1, "the lamp is free, and nobody asks before it");
	supervisor_stop(engine.sup, 0, "operator");
	engine_finish();
}

Test(supervisor, a_lane_has_one_run_at_a_time)
{
	struct supervisor_job job = { .plan = &engine.plan, .serial = "U2" };
	struct err err = { 0 };

	BUILD(1, DO_PASS);
	engine_start(0, "U1");
	cr_expect_eq(supervisor_start(engine.sup, 0, &job, &err), ERR_BUSY);
	engine_finish();
}
