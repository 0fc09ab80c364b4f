#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "floor/hook.h"
#include "store_make.h"

TestSuite(hook, .timeout = 60);

static char folder[64];
static struct loop *loop;
static struct hooks *hooks;
static struct conf conf;
static struct err err;
static struct {
	struct hook_result r;
	char text[512];
	int told;
} heard;

static void on_done(void *payload, const struct hook_result *r)
{
	cr_expect_eq(payload, &heard);
	heard.r = *r;
	snprintf(heard.text, sizeof(heard.text), "%s", r->text);
	heard.told++;
}

/* A program of this text in the folder; its command line. */
static const char *program(const char *name, const char *text)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	cr_assert_eq(file_write(path, text, strlen(text), &err), 0, "%s", err.text);
	cr_assert_eq(chmod(path, 0755), 0);
	return path;
}

static void start(const char *before_unit)
{
	memset(&heard, 0, sizeof(heard));
	conf = (struct conf){ .path = "", .before_unit = before_unit, .hook_ms = 3000 };
	loop = loop_new();
	hooks = hooks_new(loop, &conf);
}

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/test_hook.XXXXXX");
	cr_assert(mkdtemp(folder));
}

static void run(const char *json)
{
	int64_t until = clock_ms() + 10000;

	cr_assert_eq(hooks_start(hooks, HOOK_BEFORE_UNIT, json, strlen(json), on_done, &heard), 1);
	cr_expect_eq(heard.told, 0, "told from the loop");
	while (hooks_busy(hooks) && clock_ms() < until)
		loop_turn(loop, clock_ns() + 100000000);
	cr_expect_not(hooks_busy(hooks));
	cr_expect_eq(heard.told, 1);
}

static void finish(void)
{
	char command[128];

	hooks_free(hooks);
	loop_free(loop);
	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "no child is left");
	cr_expect_eq(errno, ECHILD);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_expect_eq(system(command), 0);
}

Test(hook, status_0_is_fine_and_it_reads_the_event)
{
	make_folder();
	start(program("ask", "#!/bin/sh\nread -r line\necho \"got $line\"\necho second\n"));
	run("{\"event\":\"before_unit\"}\n");
	cr_expect_eq(heard.r.end, HOOK_FINE);
	cr_expect_eq(heard.r.status, 0);
	cr_expect_str_eq(heard.text, "got {\"event\":\"before_unit\"}");
	finish();
}

Test(hook, another_status_refuses_with_the_first_line)
{
	make_folder();
	start(program("ask", "#!/bin/sh\nprintf 'lot on \\033[31mhold\\n'\nexit 7\n"));
	run("{}");
	cr_expect_eq(heard.r.end, HOOK_REFUSED);
	cr_expect_eq(heard.r.status, 7);
	cr_expect_str_eq(heard.text, "lot on \\x1b[31mhold", "%s", heard.text);
	finish();
}

Test(hook, stderr_says_it_when_stdout_does_not)
{
	make_folder();
	start(program("ask", "#!/bin/sh\necho no such lot >&2\nexit 1\n"));
	run("{}");
	cr_expect_str_eq(heard.text, "no such lot");
	finish();
}

Test(hook, silent_refusal)
{
	make_folder();
	start(program("ask", "#!/bin/sh\nexit 1\n"));
	run("{}");
	cr_expect_eq(heard.r.end, HOOK_REFUSED);
	cr_expect(strstr(heard.text, "said no without a reason (exit status 1)"), "%s", heard.text);
	finish();
}

static const struct {
	const char *text, *says;
} no_answer[] = {
	{ NULL, "cannot be started: No such file" },
	{ "not a program", "cannot be started: Exec format error" },
	{ "#!/no/such/interpreter\n", "cannot be started: No such file" },
	{ "#!/bin/sh\nkill -9 $$\n", "was killed by signal 9" },
	{ "#!/bin/sh\nsleep 60\n", "gave no answer within 0.3 s" },
	{ "#!/bin/sh\ntrap '' TERM INT HUP\nsleep 60 & wait\nsleep 60\n", "gave no answer" },
	{ "#!/bin/sh\nexec yes\n", "gave no answer within 0.3 s" },
};

Test(hook, no_answer_is_none)
{
	for (size_t i = 0; i < sizeof(no_answer) / sizeof(no_answer[0]); i++) {
		int64_t t0;

		make_folder();
		start(no_answer[i].text ? program("ask", no_answer[i].text) : "/no/such/program x");
		hooks_free(hooks);
		conf.hook_ms = 300;
		hooks = hooks_new(loop, &conf);
		t0 = clock_ms();
		run("{}");
		cr_expect_lt(clock_ms() - t0, 2000);
		cr_expect_eq(heard.r.end, HOOK_NO_ANSWER, "%s", no_answer[i].says);
		cr_expect_eq(heard.r.status, -1);
		cr_expect(strstr(heard.text, no_answer[i].says), "%s: %s", no_answer[i].says,
			  heard.text);
		finish();
	}
}

/* A program that leaves a child behind which holds its output open. */
Test(hook, what_it_leaves_is_ended)
{
	char pid[32] = "";
	struct arena a = { 0 };
	char path[160], *text;
	size_t n;

	make_folder();
	snprintf(path, sizeof(path), "%s/pid", folder);
	start(program("ask",
		      "#!/bin/sh\nsleep 60 &\necho $! >\"${0%/*}/pid\"\necho fine\nexit 0\n"));
	run("{}");
	cr_expect_eq(heard.r.end, HOOK_FINE);
	cr_expect_str_eq(heard.text, "fine");
	cr_assert_eq(file_read(&text, &n, &a, path, 100, &err), 0, "%s", err.text);
	snprintf(pid, sizeof(pid), "%s", text);
	for (int i = 0; i < 200 && kill(atoi(pid), 0) == 0; i++) {
		char state[64], stat[400] = "";
		FILE *f;

		snprintf(state, sizeof(state), "/proc/%d/stat", atoi(pid));
		f = fopen(state, "r");
		if (f && fread(stat, 1, sizeof(stat) - 1, f) && strstr(stat, ") Z"))
			i = 1000; /* waits for init to look after it */
		if (f)
			fclose(f);
		poll(NULL, 0, 10);
		cr_expect_lt(i, 199 + 1000);
	}
	arena_free(&a);
	finish();
}

/* A daemon leaves the group on purpose: it lives, and its open pipes hold nothing up. */
Test(hook, a_daemon_that_keeps_the_pipes_holds_nothing_up)
{
	struct arena a = { 0 };
	int64_t t0 = clock_ms();
	char path[160], *text;
	size_t n;

	make_folder();
	snprintf(path, sizeof(path), "%s/pid", folder);
	start(program("ask", "#!/bin/sh\nsetsid sh -c 'echo $$ >\"$0\"; exec sleep 60' "
			     "\"${0%/*}/pid\" &\n"
			     "until [ -s \"${0%/*}/pid\" ]; do sleep 0.01; done\necho fine\n"));
	run("{}");
	cr_expect_eq(heard.r.end, HOOK_FINE);
	cr_expect_str_eq(heard.text, "fine");
	cr_expect_lt(clock_ms() - t0, 2500);
	cr_assert_eq(file_read(&text, &n, &a, path, 100, &err), 0, "%s", err.text);
	cr_expect_eq(kill(atoi(text), SIGKILL), 0, "it lives");
	arena_free(&a);
	finish();
}

/* Who is only told can refuse nothing. */
Test(hook, a_program_that_is_told_fails)
{
	make_folder();
	start(program("tell", "#!/bin/sh\necho no such queue\nexit 3\n"));
	conf.after_unit = conf.before_unit;
	hooks_free(hooks);
	hooks = hooks_new(loop, &conf);
	cr_assert_eq(hooks_start(hooks, HOOK_AFTER_UNIT, "{}", 2, on_done, &heard), 1);
	while (hooks_busy(hooks))
		loop_turn(loop, clock_ns() + 100000000);
	cr_expect_eq(heard.r.end, HOOK_FAILED);
	cr_expect_eq(heard.r.status, 3);
	cr_expect_str_eq(hook_end_word(heard.r.end), "failed");
	cr_expect_str_eq(heard.text, "no such queue");
	finish();
}

Test(hook, much_output_holds_nothing_up)
{
	make_folder();
	start(program("ask", "#!/bin/sh\necho first\nhead -c 3000000 /dev/zero\nexit 2\n"));
	run("{}");
	cr_expect_eq(heard.r.end, HOOK_REFUSED);
	cr_expect_str_eq(heard.text, "first");
	finish();
}

Test(hook, a_long_line_is_cut)
{
	make_folder();
	start(program("ask", "#!/bin/sh\nhead -c 3000 /dev/zero | tr '\\0' x\nexit 2\n"));
	run("{}");
	cr_expect_eq(strlen(heard.text), 400);
	finish();
}

/* It gets 0, 1 and 2 and nothing else of ours, is not in our group, and signals are as new. */
Test(hook, a_clean_child)
{
	int fd[2];

	make_folder();
	cr_assert_eq(pipe(fd), 0); /* not CLOEXEC: as a library might open one */
	signal(SIGPIPE, SIG_IGN);
	start(program("ask",
		      "#!/bin/sh\n[ -e /proc/self/fd/5 ] && [ ! -e /proc/$$/fd/5 ]\n"
		      "n=0; for f in /proc/$$/fd/*; do [ -p $f ] && n=$((n + 1)); done; echo $n\n"
		      "grep -E '^Sig(Blk|Ign):' /proc/$$/status | tr -d '\\n'\n"
		      "exit 1\n"));
	run("{}");
	/* stdout and stderr; the script itself is open as a file. */
	cr_expect_str_eq(heard.text, "2", "%s", heard.text);
	finish();
}

Test(hook, no_program_is_no_hook)
{
	make_folder();
	start(NULL);
	cr_expect_not(hooks_wants(hooks, HOOK_BEFORE_UNIT));
	cr_expect_eq(hooks_start(hooks, HOOK_BEFORE_UNIT, "{}", 2, on_done, &heard), 0);
	cr_expect_not(hooks_busy(hooks));
	hooks_sound(hooks, SOUND_PASS);
	cr_expect_not(hooks_busy(hooks));
	finish();
}

/* Not told any more, and killed. */
Test(hook, forget)
{
	int64_t t0 = clock_ms();

	make_folder();
	start(program("ask", "#!/bin/sh\nsleep 60\n"));
	cr_assert_eq(hooks_start(hooks, HOOK_BEFORE_UNIT, "{}", 2, on_done, &heard), 1);
	hooks_forget(hooks, &heard);
	while (hooks_busy(hooks))
		loop_turn(loop, clock_ns() + 100000000);
	cr_expect_eq(heard.told, 0);
	cr_expect_lt(clock_ms() - t0, 2500);
	finish();
}

Test(hook, free_ends_all)
{
	int64_t t0 = clock_ms();

	make_folder();
	start(program("ask", "#!/bin/sh\nsleep 60\n"));
	for (int i = 0; i < 70; i++)
		cr_assert_eq(hooks_start(hooks, HOOK_BEFORE_UNIT, "{}", 2, on_done, &heard), 1);
	loop_turn(loop, clock_ns() + 1000000);
	cr_expect_geq(heard.told, 6, "more than 64 at a time get no answer");
	cr_expect_eq(heard.r.end, HOOK_NO_ANSWER);
	finish();
	cr_expect_lt(clock_ms() - t0, 5000);
}

Test(hook, sound)
{
	struct arena a = { 0 };
	char path[160], *text;
	size_t n;

	make_folder();
	conf = (struct conf){ .path = "", .hook_ms = 3000 };
	conf.player =
		arena_printf(&a, "%s 'a b'",
			     program("play", "#!/bin/sh\necho \"$1,$2\" >>\"${0%/*}/played\"\n"));
	loop = loop_new();
	hooks = hooks_new(loop, &conf);
	hooks_sound(hooks, SOUND_REFUSED);
	hooks_sound(hooks, SOUND_PASS); /* one at a time */
	while (hooks_busy(hooks))
		loop_turn(loop, clock_ns() + 100000000);
	snprintf(path, sizeof(path), "%s/played", folder);
	cr_assert_eq(file_read(&text, &n, &a, path, 100, &err), 0, "%s", err.text);
	cr_expect_str_eq(text, "a b,refused\n");
	arena_free(&a);
	finish();
}

Test(hook, json)
{
	struct hook_unit u = { .station = "ST-01",
			       .line = "L1",
			       .slot = "2",
			       .serial = "A\"\\\\x1B",
			       .product = "P",
			       .process = "FCT",
			       .attempt = 2 };
	struct place_to_test t;
	struct unit_run r;
	struct sbuf b = { 0 };

	clock_freeze_wall_ms(1795953600123);
	hook_json_before(&b, &u);
	cr_expect_str_eq(sbuf_str(&b),
			 "{\"event\":\"before_unit\",\"at\":\"2026-11-29T12:00:00.123Z\","
			 "\"station\":\"ST-01\",\"line\":\"L1\",\"slot\":\"2\","
			 "\"serial\":\"A\\\"\\\\\\\\x1B\",\"label\":null,\"product\":\"P\","
			 "\"process\":\"FCT\",\"plan\":null,\"plan_title\":null,"
			 "\"plan_revision\":null,\"plan_sha256\":null,\"variant\":null,"
			 "\"operator\":null,\"operator_how\":null,\"mode\":\"production\","
			 "\"attempt\":2}\n");
	sbuf_reset(&b);
	hook_json_error(&b, "ST-01", "L1", NULL, "ERR_STORE", "disk \"full\"");
	cr_expect_str_eq(sbuf_str(&b),
			 "{\"event\":\"station_error\",\"at\":\"2026-11-29T12:00:00.123Z\","
			 "\"station\":\"ST-01\",\"line\":\"L1\",\"slot\":null,"
			 "\"code\":\"ERR_STORE\",\"message\":\"disk \\\"full\\\"\"}\n");
	sbuf_reset(&b);
	place_make(&t);
	make_run(&r, t.plan, "A");
	make_attempt(&r, 0, VERDICT_FAIL);
	run_conclude(&r, 0);
	hook_json_after(&b, &r);
	cr_expect(strstr(sbuf_str(&b), "\"event\":\"after_unit\""));
	cr_expect(strstr(sbuf_str(&b), "\"serial\":\"A\""));
	cr_expect(strstr(sbuf_str(&b), r.id));
	run_release(&r);
	place_drop(&t);
	sbuf_release(&b);
}

Test(hook, recorded)
{
	struct hook_result said = { .event = HOOK_BEFORE_UNIT,
				    .end = HOOK_REFUSED,
				    .text = "lot on hold",
				    .program = "mes/ask" };
	struct hook_unit u = { .slot = "2", .serial = "A", .product = "P", .process = "FCT" };
	struct store_note *list;
	struct arena a = { 0 };
	struct place_to_test t;
	struct store *s;
	size_t n;

	place_make(&t);
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-01", &err), 0, "%s", err.text);
	cr_assert_eq(hook_record(s, &said, &u, NULL, &err), 0, "%s", err.text);
	u = (struct hook_unit){ 0 };
	cr_assert_eq(hook_record(s, &said, &u, NULL, &err), 0, "%s", err.text);
	cr_assert_eq(store_notes(&list, &n, &a, s, "P", "A", "FCT", 0, &err), 0);
	cr_assert_eq(n, 1);
	cr_expect_str_eq(list[0].what, "before_unit");
	cr_expect_str_eq(list[0].is, "refused");
	cr_expect_str_eq(list[0].reason, "lot on hold");
	cr_expect_str_eq(list[0].by, "mes/ask");
	store_close(s);
	arena_free(&a);
	place_drop(&t);
}
