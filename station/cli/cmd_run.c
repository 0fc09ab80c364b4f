/* station run: test units on slots. */
#include "cli/cmd.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/progress.h"
#include "cli/who.h"
#include "floor/hook.h"
#include "station.h"

enum { UNITS_MAX = 64, ANSWER_MAX = 4096 };

struct unit {
	const char *serial;
	int lane;
	int status;     /* CMD_*; -1 until it is known */
	uint64_t asked; /* order of its open question; 0: none */
	int recorded, shown;
	char run[37];
	struct session *session;
	struct hook_unit about; /* for hooks; text lives as long as the station */
	int asks;               /* before_unit was asked and has not answered */
	enum hook_end answer;   /* FINE without a program */
	const char *answer_text;
};

struct session {
	struct cmd_args *args;
	struct station *st;
	struct progress *progress;
	struct out *out, *err;
	struct who who;
	struct hooks *hooks;
	struct unit unit[UNITS_MAX];
	size_t units;
	int json, stops;
	uint64_t questions; /* asked so far */
	struct unit *at;    /* whose question is before the operator, or NULL */
	struct loop_watch *input;
	char line[ANSWER_MAX];
	size_t typed;
};

static struct unit *unit_on(struct session *s, int lane)
{
	for (size_t i = 0; i < s->units; i++)
		if (s->unit[i].lane == lane)
			return &s->unit[i];
	return NULL;
}

/* The earliest open question is the one that is answered. What was typed before
 * it was shown is no answer to it. */
static void turn_to_question(struct session *s)
{
	struct unit *first = NULL;

	for (size_t i = 0; i < s->units; i++)
		if (s->unit[i].asked && (!first || s->unit[i].asked < first->asked))
			first = &s->unit[i];
	if (first && first != s->at && s->input) {
		s->typed = 0;
		s->line[0] = '\0';
		tcflush(STDIN_FILENO, TCIFLUSH);
	}
	s->at = first;
}

/* --- hooks --- */

static void on_told(void *payload, const struct hook_result *r)
{
	struct unit *u = payload;
	struct station *st = u->session->st;
	struct err err = { 0 };

	if (hook_record(st->store, r, &u->about, u->recorded ? u->run : NULL, &err) < 0)
		fprintf(stderr, "station: %s\n", err.text);
	if (r->event != HOOK_BEFORE_UNIT) {
		if (r->end != HOOK_FINE)
			fprintf(stderr, "station: %s: %s\n", hook_word(r->event), r->text);
		return;
	}
	u->asks = 0;
	u->answer = r->end;
	u->answer_text = arena_strdup(&st->arena, r->text);
}

static void tell_hooks(struct session *s, struct unit *u, const struct event *e)
{
	struct sbuf json = { 0 };

	if (!s->hooks)
		return;
	if (e->type == EVENT_RUN_RECORDED) {
		hook_json_after(&json, e->run);
		hooks_start(s->hooks, HOOK_AFTER_UNIT, sbuf_str(&json), json.len, on_told, u);
		sbuf_reset(&json);
	}
	if (e->type == EVENT_NOT_RECORDED ||
	    (e->type == EVENT_RUN_RECORDED && e->run->verdict == VERDICT_ERROR &&
	     e->run->blame == BLAME_STATION)) {
		hook_json_error(&json, s->st->conf->id, s->st->conf->line, u->about.slot,
				e->err ? err_name(e->err->code) : e->run->verdict_rule,
				e->err ? e->err->text : e->run->first_fail);
		hooks_start(s->hooks, HOOK_STATION_ERROR, sbuf_str(&json), json.len, on_told, u);
	}
	sbuf_release(&json);
}

static void ask_hook(struct session *s, struct unit *u, const struct station_unit *as)
{
	struct sbuf json = { 0 };
	struct err none = { 0 };
	struct policy_answer answer;
	const struct station *st = s->st;

	u->answer = HOOK_FINE;
	u->about = (struct hook_unit){ .station = st->conf->id,
				       .line = st->conf->line,
				       .slot = st->fixture ? st->fixture->slot[u->lane].name : "-",
				       .serial = station_serial(s->st, as),
				       .label = arena_strdup(&s->st->arena, u->serial),
				       .product = as->plan->product,
				       .process = as->plan->process,
				       .plan = as->plan->path,
				       .title = as->plan->title,
				       .revision = as->plan->revision,
				       .sha256 = as->plan->sha256,
				       .variant = as->plan->variant,
				       .operator= as->operator
				       ? as->operator: "-",
				       .operator_how = as->operator_how ? as->operator_how : "none",
				       .mode = as->mode };
	if (station_may_start(s->st, as, &answer, &none) < 0)
		return; /* it is refused without asking */
	u->about.attempt = answer.attempt;
	hook_json_before(&json, &u->about);
	u->asks = hooks_start(s->hooks, HOOK_BEFORE_UNIT, sbuf_str(&json), json.len, on_told, u);
	sbuf_release(&json);
}

static int asked_one(const struct session *s)
{
	for (size_t i = 0; i < s->units; i++)
		if (s->unit[i].asks)
			return 1;
	return 0;
}

/* All at the same time; each has its deadline. */
static void ask_hooks(struct session *s, const struct station_unit *as)
{
	for (size_t i = 0; i < s->units; i++)
		ask_hook(s, &s->unit[i], &as[i]);
	while (asked_one(s) && !s->stops)
		loop_turn(s->st->loop, CLOCK_NEVER);
}

/* 0, or a code: the unit may not start. */
static int hook_allows(const struct session *s, const struct unit *u, struct err *err)
{
	if (u->asks || s->stops)
		return policy_refuse(NULL, POLICY_HOOK_FAILED, err,
				     "stopped before it was started");
	if (u->answer == HOOK_REFUSED)
		return policy_refuse(NULL, POLICY_HOOK, err, "unit %.60s was refused: %s",
				     u->about.serial, u->answer_text);
	if (u->answer != HOOK_FINE)
		return policy_refuse(NULL, POLICY_HOOK_FAILED, err,
				     "before_unit: %s; unit %.60s is not started", u->answer_text,
				     u->about.serial);
	return 0;
}

static void hear(void *payload, const struct event *e)
{
	struct session *s = payload;
	struct unit *u = e->slot >= 0 ? unit_on(s, e->slot) : NULL;

	if (u && e->type == EVENT_RUN_RECORDED) {
		u->status = cmd_exit_of(e->run);
		u->recorded = 1;
		memcpy(u->run, e->run->id, sizeof(u->run));
	}
	if (u && e->type == EVENT_NOT_RECORDED)
		u->status = CMD_STATION;
	if (u)
		tell_hooks(s, u, e);
	if (u && e->type == EVENT_QUESTION)
		u->asked = ++s->questions;
	if (u && e->type == EVENT_ANSWERED)
		u->asked = 0;
	if (s->json) {
		struct sbuf line = { 0 };

		event_to_json(&line, e);
		out_put(s->out, sbuf_str(&line), line.len);
		sbuf_release(&line);
	} else {
		progress_hear(s->progress, e);
	}
	if (e->type == EVENT_QUESTION || e->type == EVENT_ANSWERED)
		turn_to_question(s);
}

/* Verdicts that have left for the reader are what the record calls shown. */
static void note_shown(struct session *s)
{
	struct err err = { 0 };

	if (out_pending(s->out) || out_failed(s->out) || !progress_told(s->progress))
		return;
	for (size_t i = 0; i < s->units; i++) {
		struct unit_run r = { 0 };

		if (!s->unit[i].recorded || s->unit[i].shown)
			continue;
		memcpy(r.id, s->unit[i].run, sizeof(r.id));
		s->unit[i].shown = 1;
		store_shown(s->st->store, &r, &err); /* lost, the run counts as not seen */
	}
}

static void on_signal(void *payload, int signo)
{
	struct session *s = payload;

	s->stops++;
	supervisor_stop(s->st->supervisor, -1,
			signo == SIGTERM  ? "stopped by SIGTERM"
			: signo == SIGHUP ? "stopped: the terminal went away (SIGHUP)"
					  : "stopped by the operator (SIGINT)");
}

static void on_input(void *payload, short revents)
{
	struct session *s = payload;
	struct err err = { 0 };
	char *end;
	ssize_t n = read(STDIN_FILENO, s->line + s->typed, sizeof(s->line) - 1 - s->typed);

	(void)revents;
	if (n <= 0) {
		loop_unwatch(s->input);
		s->input = NULL;
		return;
	}
	s->typed += (size_t)n;
	s->line[s->typed] = '\0';
	while ((end = strchr(s->line, '\n')) || s->typed == sizeof(s->line) - 1) {
		size_t used = end ? (size_t)(end - s->line) + 1 : s->typed;
		char line[ANSWER_MAX];

		snprintf(line, sizeof(line), "%.*s", (int)(end ? used - 1 : used), s->line);
		memmove(s->line, s->line + used, s->typed - used + 1);
		s->typed -= used;
		/* What is typed while nothing is asked answers nothing; the answer may
		 * bring the next question, which empties s->line. */
		if (s->at)
			supervisor_answer(s->st->supervisor, s->at->lane, line, &err);
	}
}

/* Which unit goes to which slot. */
static int assign(struct session *s)
{
	size_t slots, units;
	const char *const *slot = cmd_opts(s->args, "slot", &slots);
	const char *const *unit = cmd_opts(s->args, "unit", &units);
	size_t all = s->st->fixture ? s->st->fixture->slots : 1;
	int every = cmd_opt(s->args, "all") != NULL;
	size_t want = every ? all : slots ? slots : 1;

	if (every && slots)
		return cmd_usage(s->args, "--all and --slot exclude each other");
	if (want > UNITS_MAX)
		return cmd_usage(s->args, "at most %d slots at a time", UNITS_MAX);
	if (!every && !slots && all > 1)
		return cmd_usage(s->args, "the fixture has %zu slots: --slot N or --all", all);
	if (!s->st->fixture && (slots || units > 1))
		return cmd_usage(s->args, "no fixture says which slots there are: set 'fixture' in "
					  "station.conf, or give --fixture FILE");
	if (units != want)
		return cmd_usage(s->args,
				 "%zu slot%s and %zu unit%s: give one --unit for each slot", want,
				 want == 1 ? "" : "s", units, units == 1 ? "" : "s");
	for (size_t i = 0; i < want; i++) {
		int lane = !every && slots ? station_lane(s->st, slot[i]) : (int)i;

		if (lane < 0)
			return cmd_usage(s->args, "fixture %s has no slot %s", s->st->fixture->path,
					 slot[i]);
		for (size_t k = 0; k < i; k++)
			if (s->unit[k].lane == lane)
				return cmd_usage(s->args, "slot %s is given twice", slot[i]);
			else if (!strcmp(s->unit[k].serial, unit[i]))
				return cmd_usage(s->args, "one unit cannot be on two slots");
		s->unit[i] = (struct unit){
			.serial = unit[i], .lane = lane, .status = -1, .session = s
		};
	}
	s->units = want;
	return CMD_PASS;
}

static int start_all(struct session *s, const char *path, enum run_mode mode)
{
	const char *record = cmd_opt(s->args, "record"), *replay = cmd_opt(s->args, "replay");
	struct station_unit u[UNITS_MAX] = { 0 };
	struct err err = { 0 };

	/* All plans first: nothing starts when one of them has a mistake. */
	for (size_t i = 0; i < s->units; i++) {
		u[i] = (struct station_unit){ .serial = s->unit[i].serial,
					      .mode = mode,
					      .only = cmd_opt(s->args, "only"),
					      .operator= s->who.by,
					      .operator_how = s->who.how,
					      .role = s->who.role };
		if (record)
			u[i].link_wrap = arena_printf(&s->st->arena, "record:%s", record);
		if (replay)
			u[i].link_spec = arena_printf(&s->st->arena, "replay:%s", replay);
		if (station_plan(&u[i].plan, s->st, path, cmd_opt(s->args, "variant"), u[i].serial,
				 &err) < 0) {
			int r = cmd_findings(s->st->findings);

			return r ? r : cmd_fail(&err);
		}
		if (u[i].only) {
			size_t k = 0;

			while (k < u[i].plan->steps && strcmp(u[i].plan->step[k].id, u[i].only))
				k++;
			if (k == u[i].plan->steps)
				return cmd_usage(s->args, "%s has no step %s", path, u[i].only);
		}
	}
	if (!s->json)
		progress_plan(s->progress, s->st->store, u[0].plan);
	cmd_findings(s->st->findings); /* warnings */
	int worst = CMD_PASS;
	ask_hooks(s, u);
	for (size_t i = 0; i < s->units; i++)
		if (hook_allows(s, &s->unit[i], &err) < 0 ||
		    station_start(s->st, s->unit[i].lane, &u[i], &err) < 0) {
			s->unit[i].status = cmd_fail(&err);
			worst = cmd_worse(worst, s->unit[i].status);
		}
	return CMD_PASS;
}

/* The runs are over: who reads may take its time, until a signal says otherwise. */
static int let_read(struct session *s)
{
	int stops = s->stops, failed;

	while ((out_pending(s->out) || out_pending(s->err)) && s->stops == stops)
		loop_turn(s->st->loop, CLOCK_NEVER);
	failed = out_failed(s->out);
	if (failed)
		fprintf(stderr, "station: standard output: %s\n", strerror(failed));
	return !failed && !out_pending(s->out);
}

static int session_run(struct session *s, const char *path, enum run_mode mode)
{
	sigset_t set;
	int r = assign(s), worst = CMD_PASS;

	if (!r)
		r = who_is(&s->who, s->args, s->st, cmd_opt(s->args, "badge"),
			   cmd_opt(s->args, "operator"));
	if (r)
		return r;
	s->hooks = hooks_new(s->st->loop, s->st->conf);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (loop_signals(s->st->loop, &set, on_signal, s)) {
		fprintf(stderr, "station: no signals to be had\n");
		return CMD_STATION;
	}
	if (isatty(STDIN_FILENO))
		s->input = loop_watch(s->st->loop, STDIN_FILENO, POLLIN, on_input, s);
	r = start_all(s, path, mode);
	if (r)
		return r;
	while (station_busy(s->st) || hooks_busy(s->hooks)) {
		progress_draw(s->progress);
		note_shown(s);
		loop_turn(s->st->loop, progress_next_ns(s->progress));
	}
	progress_end(s->progress);
	for (size_t i = 0; i < s->units; i++)
		worst = cmd_worse(worst, s->unit[i].status < 0 ? CMD_STATION : s->unit[i].status);
	return worst;
}

static int run(struct cmd_args *a)
{
	const char *word = cmd_opt(a, "mode");
	struct session s = { .args = a, .json = cmd_opt(a, "json") != NULL };
	struct event_reader reader = { UINT32_MAX, hear, &s };
	struct station_setup set = { .conf = a->conf,
				     .fixture = cmd_opt(a, "fixture"),
				     .database = cmd_opt(a, "database"),
				     .needs = STATION_FIXTURE | STATION_RECORD,
				     .can_answer = isatty(STDIN_FILENO),
				     .reader = &reader,
				     .readers = 1 };
	enum run_mode mode = MODE_PRODUCTION;
	struct findings f = { 0 };
	struct err err = { 0 };
	int r;

	if (a->rests != 1)
		return cmd_usage(a, a->rests ? "one plan at a time" : "which plan?");
	if (word && (run_mode_find(&mode, word) < 0 || mode > MODE_ENGINEERING))
		return cmd_usage(a, "--mode is '%s', must be production, engineering or golden",
				 word);
	if (cmd_opt(a, "only") && word && mode != MODE_ENGINEERING)
		return cmd_usage(a, "--only is for --mode engineering");
	if (cmd_opt(a, "replay") && mode != MODE_ENGINEERING)
		return cmd_usage(a, "--replay is for --mode engineering");
	s.out = out_new(STDOUT_FILENO);
	s.err = out_new(STDERR_FILENO);
	s.progress = s.json ? progress_new(NULL, s.err) : progress_new(s.out, s.err);
	if (station_open(&s.st, &set, &f, &err) < 0) {
		r = f.errors ? cmd_findings(&f) : 0;
		if (!r)
			r = cmd_fail(&err);
	} else {
		out_attach(s.out, s.st->loop);
		out_attach(s.err, s.st->loop);
		r = session_run(&s, a->rest[0], mode);
		if (!let_read(&s))
			r = cmd_worse(r, CMD_STATION);
		note_shown(&s);
	}
	out_free(s.out);
	out_free(s.err);
	hooks_free(s.hooks);
	s.hooks = NULL;
	station_close(s.st);
	progress_free(s.progress);
	finding_release(&f);
	return r;
}

static const struct cmd_option options[] = {
	{ .name = "slot",
	  .arg = "NAME",
	  .many = 1,
	  .help = "slot of the fixture; once for each unit" },
	{ .name = "unit",
	  .arg = "LABEL",
	  .many = 1,
	  .help = "label of the unit on that slot, as a scanner gives it; in the same order" },
	{ .name = "all", .help = "all slots of the fixture, in its order" },
	{ .name = "variant",
	  .arg = "NAME",
	  .help = "variant of the plan; else the label chooses it" },
	{ .name = "mode",
	  .arg = "MODE",
	  .help = "production (counts for yield), engineering or golden" },
	{ .name = "only", .arg = "STEP", .help = "run this one step; such a run never counts" },
	{ .name = "operator", .arg = "ID", .help = "who runs it, for the record" },
	{ .name = "badge",
	  .arg = "FILE",
	  .help = "who runs it: text of the badge, - for standard input" },
	{ .name = "json", .help = "tell events as JSON lines" },
	{ .name = "record",
	  .arg = "FILE",
	  .help = "write every byte of the slot's links with its time" },
	{ .name = "replay", .arg = "FILE", .help = "run against such a recording (engineering)" },
	CMD_FIXTURE,
	CMD_DATABASE,
	{ .name = NULL },
};

const struct cmd cmd_run = {
	.name = "run",
	.summary = "test units with a plan",
	.usage = "PLAN [--slot NAME] --unit LABEL ...",
	.help = "Runs the plan on each slot at the same time and shows a verdict once it is\n"
		"recorded. Exit status: 0 all passed, 1 a unit failed, 2 usage or plan, 3 station\n"
		"error, 4 stopped; with several units the worst, in the order 2, 3, 4, 1, 0.",
	.options = options,
	.run = run,
};
