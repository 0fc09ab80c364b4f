#include "tests/unit/ui_states.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/param.h"
#include "floor/policy.h"
#include "floor/proto.h"
#include "step/step.h"
#include "tests/unit/ui_models.h"
#include "ui/lang.h"
#include "ui/view.h"

enum { STATES_MAX = 400 };

/* --- what the station tells --- */

void ui_scene_begin(struct ui_scene *s, size_t slots, const char *language)
{
	s->now_ms = clock_ms();
	s->slots = slots;
	s->status = model_status();
	s->status.language = language;
	for (size_t i = 0; i < slots; i++)
		s->slot[i] = model_slot(&s->arena, i);
}

/* A run whose bar stands still: its step takes longer than the plan's history expects. */
static void run(struct ui_scene *s, size_t i)
{
	struct floor_slot *p = &s->slot[i];

	model_run(p, &s->arena, i);
	p->run_at_ms = s->now_ms - 20000;
	p->step_at_ms = s->now_ms - 40000;
	p->attempt = 1;
	p->attempts_max = 3;
}

static void any(struct ui_scene *s, size_t arg)
{
	(void)arg;
	for (size_t i = 0; i < s->slots; i++) {
		model_any(&s->slot[i], &s->arena, i);
		if (s->slot[i].state == FLOOR_RUNNING)
			run(s, i);
	}
}

/* Slot 1 is in the state, the others are empty. */
static const struct scene_of_state {
	enum floor_state state;
	const char *serial, *message, *todo, *instruction;
} of_state[FLOOR_STATE_END_] = {
	[FLOOR_UNKNOWN] = { FLOOR_UNKNOWN, "", "", "", "" },
	[FLOOR_OUT] = { FLOOR_OUT, "", "", "", "" },
	[FLOOR_IN] = { FLOOR_IN, "", "", "", "" },
	[FLOOR_SCANNED] = { FLOOR_SCANNED, "AS2601004711", "", "",
			    "set the switch S1 to BOOT and close the lid" },
	[FLOOR_STARTING] = { FLOOR_STARTING, "AS2601004711", "", "", "" },
	[FLOOR_RUNNING] = { FLOOR_RUNNING, "AS2601004711", "", "", "" },
	[FLOOR_PAUSED] = { FLOOR_PAUSED, "AS2601004711", "", "", "" },
	[FLOOR_SAVING] = { FLOOR_SAVING, "AS2601004711", "", "", "" },
	[FLOOR_ENDED] = { FLOOR_ENDED, "AS2601004711", "", "", "" },
	[FLOOR_UNRECORDED] = { FLOOR_UNRECORDED, "AS2601004711",
			       "var/station.db: another program holds the record",
			       "free space on the disk or correct its rights; the unit has no "
			       "verdict",
			       "" },
	[FLOOR_TROUBLE] = { FLOOR_TROUBLE, "",
			    "slot 1: interface 'FX09' is plugged in, must be 'FX01'; see the "
			    "labels of the cables",
			    "check that the slot's USB cable and interface are the ones in the "
			    "fixture file",
			    "" },
};

static void state(struct ui_scene *s, size_t arg)
{
	const struct scene_of_state *o = &of_state[arg];
	struct floor_slot *p = &s->slot[0];

	if (arg == FLOOR_RUNNING || arg == FLOOR_PAUSED || arg == FLOOR_SAVING)
		run(s, 0);
	if (arg == FLOOR_ENDED)
		model_end(p, &s->arena, 0, VERDICT_PASS);
	p->state = o->state;
	p->serial = o->serial;
	p->message = o->message;
	p->todo = o->todo;
	p->instruction = o->instruction;
	if (arg == FLOOR_UNRECORDED) {
		s->status.record_ok = 0;
		s->status.record_text = o->message;
	}
}

static void verdict(struct ui_scene *s, size_t arg)
{
	for (size_t i = 0; i < s->slots; i++)
		model_end(&s->slot[i], &s->arena, i, (enum verdict)arg);
	if (arg == VERDICT_ABORT || arg == VERDICT_ABORTED)
		for (size_t i = 0; i < s->slots; i++) {
			s->slot[i].blame = BLAME_OPERATOR;
			s->slot[i].message = "stopped by the operator (1184)";
			s->slot[i].todo = err_todo(ERR_STOPPED);
		}
	s->slot[1].pulled = 1;
}

/* Four codes of errors a picture, each with what to do. */
static void error(struct ui_scene *s, size_t arg)
{
	for (size_t i = 0; i < s->slots; i++) {
		struct floor_slot *p = &s->slot[i];
		enum err_code code = (enum err_code)(arg + i);

		if (code >= ERR_END_)
			break;
		model_end(p, &s->arena, i, err_verdict(code));
		p->blame = err_blame(code);
		p->code = err_name(code);
		p->message = err_what(code);
		p->todo = err_todo(code);
		p->fail_name = p->fail_value = p->fail_limit = p->fail_note = "";
		p->instruction = "";
	}
}

static void without_history(struct ui_scene *s, size_t arg)
{
	(void)arg;
	for (size_t i = 0; i < s->slots; i++) {
		run(s, i);
		s->slot[i].expected_ms = s->slot[i].step_expected_ms = -1;
	}
	s->slot[1].done = -1;
	s->slot[1].doing = "";
	s->slot[2].waits_for = "iperf";
	s->slot[3].step_try = 2;
	s->slot[3].mode = MODE_ENGINEERING;
	s->slot[3].attempt = 0;
}

static void retested(struct ui_scene *s, size_t arg)
{
	(void)arg;
	model_end(&s->slot[0], &s->arena, 0, VERDICT_FAIL);
	s->slot[0].attempt = 2;
	s->slot[0].attempts_max = 3;
	model_end(&s->slot[1], &s->arena, 1, VERDICT_PASS);
	s->slot[1].marginal = 1;
	s->slot[1].mode = MODE_GOLDEN;
	model_end(&s->slot[2], &s->arena, 2, VERDICT_FAIL);
	s->slot[2].fail_name = "wifi#2.rate_download_average";
	s->slot[2].fail_value = "17.23 Mbit/s";
	s->slot[2].fail_limit = ">= 18 Mbit/s, warn >= 22 Mbit/s";
	s->slot[2].instruction =
		"check that the antenna cable is on connector J7, and that the lid "
		"is closed; then test the unit once more";
	model_end(&s->slot[3], &s->arena, 3, VERDICT_FAIL);
	s->slot[3].serial = "01040123456789011721AS2601004711X";
	s->slot[3].fail_name = "";
	s->slot[3].message = err_what(ERR_TIMEOUT);
	s->slot[3].todo = err_todo(ERR_TIMEOUT);
	s->slot[3].instruction = NULL;
}

static void failed_for_the_last_time(struct ui_scene *s, size_t arg)
{
	verdict(s, arg);
	for (size_t i = 0; i < s->slots; i++)
		s->slot[i].attempt = s->slot[i].attempts_max = 3;
}

static const struct scene_of_kind {
	const char *kind, *text;
	const char *choice[13];
} of_kind[] = {
	{ "pass", "Is the green lamp on?", { "pass", "fail" } },
	{ "choice",
	  "Which colour has the lamp beside the USB connector?",
	  { "red", "green", "blue", "it is off" } },
	{ "text", "Type the number that is printed on the label of the housing", { NULL } },
	{ "scan", "Scan the code on the back of the housing", { NULL } },
	/* More lines than keys. */
	{ "choice",
	  "Which colour has the lamp?",
	  { "red", "green", "blue", "white", "yellow", "cyan", "magenta", "orange", "pink",
	    "violet", "it blinks", "it is off" } },
};

enum { WITH_PICTURE = 1 << 8, PICTURE_LOST = 1 << 9 };

static void question(struct ui_scene *s, size_t arg)
{
	const struct scene_of_kind *k = &of_kind[arg & 0xff];
	struct floor_question *q = &s->slot[0].question;

	run(s, 0);
	run(s, 1);
	*q = (struct floor_question){ .number = 5, .kind = k->kind, .text = k->text };
	while (k->choice[q->choices])
		q->choices++;
	q->choice = arena_alloc(&s->arena, sizeof(k->choice));
	memcpy(q->choice, k->choice, sizeof(k->choice));
	if (arg & WITH_PICTURE)
		q->picture = "tests/data/lamp.png";
	if (arg & PICTURE_LOST)
		q->picture = "plans/pictures/lamp-beside-the-usb-connector.png";
}

static void two_questions(struct ui_scene *s, size_t arg)
{
	question(s, arg);
	s->slot[1].question = s->slot[0].question;
	s->slot[1].question.number = 6;
}

static void waits(struct ui_scene *s, size_t arg)
{
	any(s, 0);
	s->status.waits = dialogue_waits(arg);
	s->status.waits_text = !strcmp(s->status.waits, "command") ? "grant" : "AS2601004711";
}

static void nobody(struct ui_scene *s, size_t arg)
{
	(void)arg;
	s->status.person = s->status.person_name = s->status.role = "";
}

static void no_badges(struct ui_scene *s, size_t arg)
{
	nobody(s, arg);
	s->slot[0].state = FLOOR_IN;
	s->status.no_badges = 1;
}

static void no_login(struct ui_scene *s, size_t arg)
{
	nobody(s, arg);
	s->status.login = 0;
}

/* Everything that the second line can say. */
static void full_status(struct ui_scene *s, size_t arg)
{
	(void)arg;
	s->status.station = "ST-07-LINE-3-CELL-2";
	s->status.person_name = "Maximiliane Oberhuber-Schwarzenbacher";
	s->status.role = "engineer";
	s->status.plan = "mt3620-rdb-functional.ini";
	s->status.revision = "12";
	s->status.shift_units = 10212;
	s->status.shift_first = 9871;
	s->status.shift_first_passed = 9712;
	s->status.units_per_hour = 141.3;
	s->status.calibration_days = -3;
	s->status.cycles_left = 120;
	s->status.not_shown = 2;
	s->status.queued = 1204;
}

static void first_unit(struct ui_scene *s, size_t arg)
{
	(void)arg;
	s->status.plan = s->status.revision = "";
	s->status.shift_units = s->status.shift_first = s->status.shift_first_passed = 0;
	s->status.units_per_hour = -1;
	s->status.queued = 0;
}

static void red_record(struct ui_scene *s, size_t arg)
{
	(void)arg;
	s->status.record_ok = 0;
	s->status.record_text = "var/record.db: disk is full";
}

static void paused(struct ui_scene *s, size_t arg)
{
	(void)arg;
	any(s, 0);
	run(s, 0);
	s->slot[0].state = FLOOR_PAUSED;
	s->slot[0].mode = MODE_ENGINEERING;
}

/* Behind its last step. */
static void paused_at_the_end(struct ui_scene *s, size_t arg)
{
	paused(s, arg);
	s->slot[0].step = s->slot[0].steps;
	s->slot[0].step_id = s->slot[0].step_title = s->slot[0].doing = "";
	s->slot[0].done = -1;
}

/* Runs that do not count, with a serial that takes all the room. */
static void engineering(struct ui_scene *s, size_t arg)
{
	any(s, arg);
	for (size_t i = 0; i < s->slots; i++) {
		s->slot[i].mode = MODE_ENGINEERING;
		s->slot[i].attempt = s->slot[i].attempts_max = 0;
	}
	s->slot[0].serial = "01040123456789011721AS2601004711X";
}

static void failed(struct ui_scene *s, size_t arg)
{
	(void)arg;
	any(s, 0);
	model_end(&s->slot[0], &s->arena, 0, VERDICT_FAIL);
}

/* As the station sends it: control characters are escaped. */
static const char evil[] =
	"\\x1b[2J\\x07%s%n \xe2\x80\xae \xf0\x9f\x98\x80 e\xcc\x81 long long long "
	"long long long long long text";

static void hostile(struct ui_scene *s, size_t arg)
{
	any(s, arg);
	for (size_t i = 0; i < s->slots; i++) {
		struct floor_slot *p = &s->slot[i];

		p->serial = p->step_title = p->doing = p->message = p->todo = evil;
		p->fail_name = p->fail_value = p->fail_limit = p->instruction = evil;
	}
	s->notice = (struct floor_notice){ FLOOR_NOTICE_NO, "1", evil, evil };
}

static void notice(struct ui_scene *s, size_t arg)
{
	size_t n;

	s->notice = ui_notices(&n)[arg];
}

/* --- the table --- */

static const struct ui_state by_hand[] = {
	{ "slots-0", -1, NULL, 0, "", 0 },
	{ "slots-1", 1, any, 0, "", 0 },
	{ "slots-4", 4, any, 0, "", UI_IN_LINUX | UI_IN_ASCII | UI_IN_VT_GERMAN },
	{ "slots-8", 8, any, 0, "", 0 },
	{ "slots-16", 16, any, 0, "", 0 },
	{ "slots-32", 32, any, 0, "", UI_IN_LARGE },
	{ "running-without-history", 4, without_history, 0, "", 0 },
	{ "running-at-once", 8, without_history, 0, "", 0 },
	{ "retested", 4, retested, 0, "", 0 },
	{ "retested-8", 8, retested, 0, "", 0 },
	{ "last-try", 1, failed_for_the_last_time, VERDICT_FAIL, "", 0 },
	{ "last-try-8", 8, failed_for_the_last_time, VERDICT_FAIL, "", 0 },
	{ "status-nobody", 4, nobody, 0, "", 0 },
	{ "status-no-badges", 4, no_badges, 0, "", 0 },
	{ "status-no-login", 4, no_login, 0, "", 0 },
	{ "status-full", 4, full_status, 0, "", 0 },
	{ "status-first-unit", 4, first_unit, 0, "", 0 },
	{ "status-record-red", 4, red_record, 0, "", 0 },
	{ "hostile", 4, hostile, 0, "", 0 },
	{ "marked", 4, any, 0, "key F3", 0 },
	{ "silent", 4, any, 0, "silent", 0 },
	{ "gone", 4, any, 0, "gone", 0 },
	{ "too-small", 4, any, 0, "resize 20 70", 0 },
	{ "resized", 4, any, 0, "resize 20 70\nresize 30 100", 0 },
	{ "question-two-slots", 4, two_questions, 1, "", 0 },
	{ "question-aside", 4, question, 0, "key esc", 0 },
	{ "question-marked", 4, question, 0, "key F2", 0 },
	{ "question-many-marked", 4, question, 4, "key up", 0 },
	{ "question-typed", 4, question, 2, "type 4711", 0 },
	{ "question-picture-lost", 4, question, PICTURE_LOST, "", 0 },
	{ "question-behind-help", 4, question, 0, "key esc\nkey F1", 0 },
	{ "menu-operator", 4, any, 0, "key F9 > What shall be done?", 0 },
	{ "menu-engineer", 4, paused, 0, "key F4 > measurements\nkey F9", 0 },
	{ "stop", 4, paused, 0, "key F5", 0 },
	{ "stop-nothing-runs", 4, any, 0, "key F5", 0 },
	{ "type-label", 4, any, 0, "key F2 > a label, typed by hand\ntype AS26", 0 },
	{ "typed-without-field", 4, any, 0, "type a", 0 },
	{ "nothing-asked", 4, any, 0, "key F10 > nothing is asked", 0 },
	{ "engineering-4", 4, engineering, 0, "", 0 },
	{ "engineering-8", 8, engineering, 0, "", 0 },
	{ "engineering-32", 32, engineering, 0, "", 0 },
	{ "paused-at-the-end", 4, paused_at_the_end, 0, "", 0 },
	{ "slot-paused-at-the-end", 4, paused_at_the_end, 0, "key F4 > measurements", 0 },
	{ "slot-failed", 4, failed, 0, "key F4 > measurements", 0 },
	{ "slot-in-after-run", 4, state, FLOOR_IN, "key F4 > measured in the run before", 0 },
	{ "slot-runs", 4, state, FLOOR_RUNNING, "key F4 > measurements", 0 },
	{ "units-found", 4, any, 0,
	  "key F6 > AS2601004711\nkey F2 > find units\ntype 4711\nkey F12 > '4711'", 0 },
	{ "units-none", 4, any, 0,
	  "key F6 > AS2601004711\nkey F2 > find units\ntype ZZ\nkey F12 > no such unit", 0 },
	{ "units-runs", 4, any, 0, "key F6 > AS2601004711\nkey right > gpio#1.shorts", 0 },
	{ "units-report", 4, any, 0,
	  "key F6 > AS2601004711\nkey right > gpio#1.shorts\nkey right > To blame", 0 },
	{ "yield-first-unit", 4, first_unit, 0, "key F7 > no unit was tested in this shift", 0 },
};

/* What opens each view, and what is then seen. */
static const struct scene_of_view {
	void (*set)(struct ui_scene *s, size_t arg);
	const char *script;
} of_view[VIEW_END_] = {
	[VIEW_operator] = { any, "" },
	[VIEW_slot] = { paused, "key F4 > measurements" },
	[VIEW_units] = { any, "key F6 > AS2601004711" },
	[VIEW_yield] = { any, "key F7 > gpio" },
	[VIEW_plans] = { any, "key F8 > plans/new.ini" },
	[VIEW_help] = { any, "key F1 > Keys" },
};

static const char *const view_names[] = {
#define VIEW(name) #name,
#include "ui/view.def"
#undef VIEW
};

static const char *const state_words[] = {
#define STATE_WORD(name, word, help) word,
	FLOOR_STATE_LIST(STATE_WORD)
#undef STATE_WORD
};

static const char *const policy_words[] = {
#define POLICY_WORD(name, word, code) word,
	POLICY_LIST(POLICY_WORD)
#undef POLICY_WORD
};

struct table {
	struct arena *arena;
	struct ui_state *row;
	size_t n;
	int problems;
};

static void add(struct table *t, const char *name, void (*set)(struct ui_scene *, size_t),
		size_t arg, const char *script)
{
	char *lower = arena_strdup(t->arena, name);

	for (char *c = lower; *c; c++)
		*c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
	if (t->n == STATES_MAX) {
		t->problems++;
		return;
	}
	t->row[t->n++] = (struct ui_state){ lower, 4, set, arg, script, 0 };
}

static void problem(struct table *t, const char *what, const char *name)
{
	fprintf(stderr, "ui_states: no scene for the %s '%s'\n", what, name);
	t->problems++;
}

static void add_slots(struct table *t)
{
	for (size_t i = 0; i < FLOOR_STATE_END_; i++) {
		if (!of_state[i].serial)
			problem(t, "state of a slot", state_words[i]);
		else
			add(t, arena_printf(t->arena, "slot-%s", state_words[i]), state, i, "");
	}
	for (size_t v = VERDICT_PASS; v < VERDICT_END_; v++)
		add(t, arena_printf(t->arena, "verdict-%s", verdict_word((enum verdict)v)), verdict,
		    v, "");
	for (int c = ERR_FIRST_ + 1; c < ERR_END_; c += 4)
		add(t, arena_printf(t->arena, "errors-%s", err_name((enum err_code)c) + 4), error,
		    (size_t)c, "");
}

static void add_questions(struct table *t)
{
	const struct param *kinds = param_find(step_find("prompt")->params, "answer");

	for (const char *const *k = kinds->choices; *k; k++) {
		size_t i = 0, n = sizeof(of_kind) / sizeof(of_kind[0]);

		while (i < n && strcmp(of_kind[i].kind, *k) != 0)
			i++;
		if (i == n) {
			problem(t, "question", *k);
			continue;
		}
		add(t, arena_printf(t->arena, "question-%s", *k), question, i, "");
		add(t, arena_printf(t->arena, "question-%s-picture", *k), question,
		    i | WITH_PICTURE, "");
	}
	for (size_t i = 0; dialogue_waits(i); i++)
		add(t, arena_printf(t->arena, "waits-%s", dialogue_waits(i)), waits, i, "");
}

static void add_notices(struct table *t)
{
	size_t n;
	const struct floor_notice *notices = ui_notices(&n);

	for (size_t w = POLICY_FINE + 1; w < POLICY_END_; w++)
		if (!ui_notice_of(policy_words[w]))
			problem(t, "reason of the policy", policy_words[w]);
	for (size_t i = 0; i < n; i++)
		add(t, arena_printf(t->arena, "says-%s", notices[i].code), notice, i, "");
}

/* Each line of a menu: its last field filled in, or the line marked where it has none. */
static void add_orders(struct table *t, int engineer)
{
	size_t n;
	const struct order *o = dialogue_orders(engineer, &n);

	for (size_t i = 0; i < n; i++) {
		struct sbuf keys = { 0 };
		int fields = o[i].fields;
		const char *word = o[i].quit ? "quit" : floor_do_word(o[i].what);

		sbuf_puts(&keys, engineer ? "key F4 > measurements\nkey F9" : "key F9");
		if (i < 9)
			sbuf_printf(&keys, "\nkey F%zu", i + 1);
		else
			for (size_t k = i; k < n; k++)
				sbuf_puts(&keys, "\nkey up");
		if (fields & ORDER_TEXT)
			sbuf_puts(&keys, fields & ORDER_TEXT_IS_SERIAL ? "\nkey F12"
								       : "\nkey F12\ntype 1-1.4");
		if (fields & ORDER_SERIAL)
			sbuf_puts(&keys,
				  "\nkey F12 > Serial number of the unit; scan it or type it:");
		if (fields & ORDER_REASON)
			sbuf_puts(&keys, "\nkey F12 > Reason, it is recorded:\ntype lamp was off");
		add(t,
		    arena_printf(t->arena, "order-%s-%s%s%s", engineer ? "engineer" : "operator",
				 word, o[i].text ? "-" : "", o[i].text ? o[i].text : ""),
		    paused, 0, arena_strdup(t->arena, sbuf_str(&keys)));
		sbuf_release(&keys);
	}
}

const struct ui_state *ui_states(struct arena *a, size_t *n, int *problems)
{
	struct table t = { a, arena_alloc(a, STATES_MAX * sizeof(*t.row)), 0, 0 };

	for (size_t i = 0; i < sizeof(by_hand) / sizeof(by_hand[0]); i++)
		t.row[t.n++] = by_hand[i];
	add_slots(&t);
	add_questions(&t);
	add_notices(&t);
	for (size_t v = 0; v < VIEW_END_; v++) {
		if (!of_view[v].script)
			problem(&t, "view", view_names[v]);
		else
			add(&t, arena_printf(a, "view-%s", view_names[v]), of_view[v].set, 0,
			    of_view[v].script);
	}
	add_orders(&t, 0);
	add_orders(&t, 1);
	*n = t.n;
	*problems = t.problems;
	return t.row;
}
