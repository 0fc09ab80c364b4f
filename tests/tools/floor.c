/*
 * floor -- a made-up station behind a real socket: serves slots in all states and writes
 * down each command that a front-end sends, one line each:
 *
 *	WORD slot=... text=(escaped) serial=... reason=... question=N
 *
 * usage: floor SOCKET LOG SLOTS states|busy
 *
 * states: nothing changes, but for what a test may ask for by a scan: "Q" makes slot 1 ask
 * a question, "P" one with a picture (FLOOR_PICTURE), "W" a scan wait for its slot, "N" a notice,
 *"G" German, "X" the end. busy: all slots run and change ten times a second. Ends with SIGTERM.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "floor/server.h"
#include "tests/unit/ui_models.h"

enum { SLOTS_MAX = 64 };

struct floor {
	struct loop *loop;
	struct server *server;
	struct loop_timer *timer;
	struct floor_slot slot[SLOTS_MAX];
	const char *names[SLOTS_MAX];
	size_t slots;
	struct floor_status status;
	struct arena arena;
	int log;
	unsigned long ticks;
};

static const struct floor_slot *slot(void *p, size_t i)
{
	return &((struct floor *)p)->slot[i];
}

static const struct floor_status *status(void *p)
{
	return &((struct floor *)p)->status;
}

static void line(struct floor *f, const struct floor_command *c)
{
	struct sbuf out = { 0 };

	sbuf_printf(&out, "%s slot=%s text=", floor_do_word(c->what), c->slot ? c->slot : "-");
	text_escape(&out, c->text ? c->text : "", c->len);
	sbuf_printf(&out, " serial=%s reason=%s question=%lld\n", c->serial ? c->serial : "-",
		    c->reason ? c->reason : "-", (long long)c->question);
	if (write_all(f->log, sbuf_str(&out), out.len))
		exit(1);
	sbuf_release(&out);
}

static void question(struct floor *f, const char *picture)
{
	static const char *choice[] = { "pass", "fail" };

	model_run(&f->slot[0], &f->arena, 0);
	f->slot[0].step_expected_ms = -1;
	f->slot[0].question = (struct floor_question){ .number = 5,
						       .kind = "pass",
						       .text = "Is the green lamp on?",
						       .picture = picture,
						       .choice = choice,
						       .choices = 2 };
	server_slot_changed(f->server, 0, 0);
}

static void on_scan(struct floor *f, char what)
{
	switch (what) {
	case 'Q':
		question(f, NULL);
		break;
	case 'P':
		question(f,
			 getenv("FLOOR_PICTURE") ? getenv("FLOOR_PICTURE") : "tests/data/lamp.png");
		break;
	case 'W':
		f->status.waits = "scan";
		f->status.waits_text = "AS00000042";
		break;
	case 'N':
		server_notice(f->server,
			      &(struct floor_notice){ FLOOR_NOTICE_NO, "2",
						      "label 'XX' is none of plan rdb.ini",
						      "wrong_format" });
		break;
	case 'G':
		f->status.language = "de";
		break;
	case 'X':
		loop_stop(f->loop);
		break;
	}
	server_status_changed(f->server);
}

static void command(void *p, struct server_client *from, const struct floor_command *c)
{
	struct floor *f = p;

	line(f, c);
	if (c->what == FLOOR_DO_SCAN && c->len == 1)
		on_scan(f, c->text[0]);
	if (c->what == FLOOR_DO_ANSWER) {
		f->slot[0].question.number = 0;
		server_slot_changed(f->server, 0, 0);
	}
	if (c->what == FLOOR_DO_CHOOSE || c->what == FLOOR_DO_FORGET) {
		f->status.waits = "";
		server_status_changed(f->server);
	}
	server_reply(from,
		     &(struct floor_reply){ .id = c->id, .ok = 1, .text = "", .code = "done" });
}

static void shown(void *p, const char *run)
{
	struct floor *f = p;

	dprintf(f->log, "shown %s\n", run);
}

static void tick(void *p)
{
	struct floor *f = p;

	f->ticks++;
	for (size_t i = 0; i < f->slots; i++) {
		f->slot[i].done = (double)((f->ticks + 3 * i) % 100) / 100;
		f->slot[i].step = (f->ticks / 100 + i) % 7;
		f->slot[i].doing = f->ticks % 2 ? "image 3 of 9" : "image 4 of 9";
		server_slot_changed(f->server, i, 0);
	}
	loop_timer_set(f->timer, clock_ns() + 100 * 1000000LL);
}

static void on_signal(void *p, int signo)
{
	(void)signo;
	loop_stop(((struct floor *)p)->loop);
}

int main(int argc, char **argv)
{
	static const struct server_ops ops = { slot, status, command, shown, NULL };
	struct floor f = { 0 };
	struct err err = { 0 };
	sigset_t set;

	if (argc != 5) {
		fprintf(stderr, "usage: floor SOCKET LOG SLOTS states|busy\n");
		return 2;
	}
	f.log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	f.slots = strtoul(argv[3], NULL, 10);
	f.slots = f.slots < SLOTS_MAX ? f.slots : SLOTS_MAX;
	f.loop = loop_new();
	f.status = model_status();
	for (size_t i = 0; i < f.slots; i++) {
		f.slot[i] = model_slot(&f.arena, i);
		f.names[i] = f.slot[i].name;
		if (!strcmp(argv[4], "busy"))
			model_run(&f.slot[i], &f.arena, i);
		else
			model_any(&f.slot[i], &f.arena, i);
		f.slot[i].step_expected_ms = -1;
		f.slot[i].run_at_ms = f.slot[i].step_at_ms = clock_ms();
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	if (f.log < 0 || loop_signals(f.loop, &set, on_signal, &f) < 0 ||
	    server_open(&f.server, f.loop, argv[1], f.names, f.slots, &ops, &f, &err) < 0) {
		fprintf(stderr, "floor: %s\n", err.text);
		return 3;
	}
	f.timer = loop_timer(f.loop, tick, &f);
	if (!strcmp(argv[4], "busy"))
		tick(&f);
	loop_run(f.loop);
	server_close(f.server);
	loop_timer_free(f.timer);
	loop_free(f.loop);
	arena_free(&f.arena);
	return 0;
}
