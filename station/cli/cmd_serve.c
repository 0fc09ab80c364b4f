/* station serve: the process that holds the record, the engine and the slots. */
#include "cli/cmd.h"

#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "floor/desk.h"
#include "station.h"

enum { IDLE_MS = 10000, LOOK_MS = 1000 };

struct serve {
	struct station *st;
	struct desk *desk;
	int signals; /* INT or TERM so far */
};

static void on_signal(void *payload, int signo)
{
	struct serve *s = payload;

	if (signo == SIGHUP)
		return; /* of a terminal that is none of its business */
	if (!s->signals++) {
		log_info("signal %d: no unit starts any more, runs finish", signo);
		desk_closing(s->desk);
	} else {
		supervisor_stop(s->st->supervisor, -1, "the station was ended by a second signal");
	}
}

/* Nobody is connected and nothing runs for some time. */
static int has_nothing_to_do(const struct serve *s, int64_t *since)
{
	if (desk_clients(s->desk) || !desk_idle(s->desk))
		*since = clock_ms();
	return clock_ms() - *since >= IDLE_MS;
}

/* A run that cannot be recorded is kept for ever, so a third signal leaves it to the
 * next start, which closes it as INTERRUPTED from its journal. */
static void serve(struct serve *s, int idle_exit)
{
	int64_t since = clock_ms(), looked = since;

	while (!s->signals || (!desk_idle(s->desk) && s->signals < 3)) {
		if (idle_exit && has_nothing_to_do(s, &since))
			return;
		loop_turn(s->st->loop, clock_ns() + LOOK_MS * 1000000LL);
		if (clock_ms() - looked >= LOOK_MS) {
			looked = clock_ms();
			desk_look(s->desk);
		}
	}
}

static int hear_signals(struct serve *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (!loop_signals(s->st->loop, &set, on_signal, s))
		return 0;
	fprintf(stderr, "station: no signals to be had\n");
	return -1;
}

static int open_and_serve(struct cmd_args *a, struct serve *s, struct findings *f)
{
	struct event_reader reader = desk_reader(s->desk);
	struct station_setup set = { .conf = a->conf,
				     .fixture = cmd_opt(a, "fixture"),
				     .database = cmd_opt(a, "database"),
				     .needs = STATION_FIXTURE | STATION_RECORD,
				     .can_answer = 1,
				     .keeps_trying = 1,
				     .reader = &reader,
				     .readers = 1 };
	struct desk_setup desk = { .watch_usb = 1 };
	struct err err = { 0 };

	if (station_open(&s->st, &set, f, &err) < 0) {
		int r = f->errors ? cmd_findings(f) : 0;

		return r ? r : cmd_fail(&err);
	}
	desk.socket = arena_printf(&s->st->arena, "%s/station.sock", s->st->conf->data);
	if (file_mkdirs(s->st->conf->data, &err) < 0)
		return cmd_fail(&err);
	if (log_open(arena_printf(&s->st->arena, "%s/station.log", s->st->conf->data), &err) < 0)
		fprintf(stderr, "station: %s; it works without a log\n", err.text);
	if (hear_signals(s) < 0)
		return CMD_STATION;
	if (desk_open(s->desk, s->st, &desk, &err) < 0)
		return cmd_fail(&err);
	log_info("serving at %s", desk.socket);
	serve(s, cmd_opt(a, "idle-exit") != NULL);
	log_info("ended");
	return CMD_PASS;
}

static int run(struct cmd_args *a)
{
	struct serve s = { .desk = NULL };
	struct findings f = { 0 };
	int r;

	if (a->rests)
		return cmd_usage(a, "it takes no arguments");
	s.desk = desk_new();
	r = open_and_serve(a, &s, &f);
	desk_close(s.desk);
	station_close(s.st);
	finding_release(&f);
	log_close();
	return r;
}

static const struct cmd_option options[] = {
	{ .name = "idle-exit", .help = "end when nobody is connected and nothing runs for 10 s" },
	CMD_FIXTURE,
	CMD_DATABASE,
	{ .name = NULL },
};

const struct cmd cmd_serve = {
	.name = "serve",
	.summary = "hold the record and the slots for screens, which come and go",
	.usage = "[--idle-exit]",
	.help = "Runs in the foreground and needs no terminal; screens connect to station.sock in\n"
		"the data folder and start it themselves when it is not there. There is one for\n"
		"each record. At SIGTERM or SIGINT no unit starts any more, those that run finish\n"
		"and are recorded, one that an engineer has paused is stopped, then it ends; a\n"
		"second signal stops them all. SIGHUP is ignored.\n"
		"Its log is station.log in the data folder.",
	.options = options,
	.run = run,
};
