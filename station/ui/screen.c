#include "ui/screen.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "floor/client.h"
#include "ui/lang.h"
#include "ui/picture_child.h"
#include "ui/picture_place.h"
#include "ui/terminal.h"
#include "ui/ui.h"

#define MS INT64_C(1000000)

enum { OPEN_MS = 15000, FRAME_MS = 100, REOPEN_MS = 1000, READ_MAX = 4096, LOOK_MS = 500 };

struct screen {
	struct terminal tty;
	struct input input;
	struct ui ui;
	struct client *client;
	struct loop *loop;
	struct loop_watch *keys, *socket, *out, *picture;
	int socket_fd, picture_fd;
	int64_t drawn_ms, reopen_ms;
	int64_t woke_ms, due_ms; /* when it last came to look around; when it shall again */
	int stuck;               /* it was busy with drawing for too long */
	int bell;
	int under_way; /* a drawn screen, to the terminal */
	int at_once;   /* a key or a scan: draw now */
	int signal;    /* that ends the screen */
};

/* The model, for the ui. */

static size_t slots(void *p)
{
	return client_slots(((struct screen *)p)->client);
}

static const struct floor_slot *slot(void *p, size_t i)
{
	return client_slot(((struct screen *)p)->client, i);
}

static const struct floor_status *status(void *p)
{
	return client_status(((struct screen *)p)->client);
}

static int64_t send(void *p, const struct floor_command *c, struct err *err)
{
	return client_do(((struct screen *)p)->client, c, err);
}

static void shown(void *p, const char *run)
{
	client_shown(((struct screen *)p)->client, run);
}

/* What the station tells. */

static void on_slot(void *p, size_t i)
{
	ui_slot_changed(&((struct screen *)p)->ui, i);
}

static void on_status(void *p)
{
	ui_changed(&((struct screen *)p)->ui);
}

static void on_notice(void *p, const struct floor_notice *n)
{
	ui_notice(&((struct screen *)p)->ui, n);
}

static void on_console(void *p, size_t i, const char *text, size_t len)
{
	ui_console(&((struct screen *)p)->ui, i, text, len);
}

static void on_measure(void *p, size_t i, const char *text)
{
	ui_measure(&((struct screen *)p)->ui, i, text);
}

static void on_reply(void *p, const struct floor_reply *r)
{
	ui_reply(&((struct screen *)p)->ui, r);
}

static void on_gone(void *p)
{
	ui_gone(&((struct screen *)p)->ui, 1, NULL);
}

static const struct client_ops ops = { .slot = on_slot,
				       .status = on_status,
				       .notice = on_notice,
				       .console = on_console,
				       .measure = on_measure,
				       .reply = on_reply,
				       .gone = on_gone };

/* The terminal. */

static void on_input(void *p, const struct input_event *e)
{
	struct screen *s = p;

	ui_event(&s->ui, e);
	s->input.text_open = ui_text_open(&s->ui);
	s->at_once = 1;
}

/* The terminal took nothing or little, or the process was stopped. What was scanned or pressed in
 * such a time was meant for what was there then: another unit may be in the slot now. */
static int stood_still(const struct screen *s)
{
	return s->stuck || clock_ms() - s->due_ms >= UI_SILENT_MS ||
	       terminal_late_ms(&s->tty) >= UI_SILENT_MS;
}

static void drop_input(struct screen *s)
{
	char bytes[READ_MAX];
	size_t dropped = s->input.any;

	for (ssize_t n; (n = read(s->tty.in, bytes, sizeof(bytes))) > 0;)
		dropped += (size_t)n;
	input_drop(&s->input, clock_ns());
	s->stuck = 0;
	s->due_ms = INT64_MAX;
	if (dropped)
		ui_say(&s->ui, FLOOR_NOTICE_BAD, NULL,
		       T("the screen stood still; what was scanned or pressed meanwhile was "
			 "dropped: scan again"));
}

static void read_tty(struct screen *s)
{
	char bytes[READ_MAX];
	int64_t now, due;
	ssize_t n;

	if (stood_still(s))
		drop_input(s);
	while ((n = read(s->tty.in, bytes, sizeof(bytes))) > 0) {
		now = clock_ns();
		due = input_due(&s->input);
		/* This process was late: what waits here may have come right behind the last
		 * byte, so it is not silence. */
		input_feed(&s->input, bytes, (size_t)n, now < due ? now : due - 1);
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		s->signal = SIGHUP;
}

static void on_tty(void *p, short revents)
{
	struct screen *s = p;

	if (revents & (POLLHUP | POLLERR | POLLNVAL))
		s->signal = SIGHUP;
	else
		read_tty(s);
}

static void on_socket(void *p, short revents)
{
	client_ready(((struct screen *)p)->client, revents);
}

static void on_signal(void *p, int signo)
{
	struct screen *s = p;

	switch (signo) {
	case SIGWINCH:
		terminal_resize(&s->tty);
		s->at_once = 1;
		break;
	case SIGTSTP:
		terminal_suspend(&s->tty);
		raise(SIGSTOP);
		terminal_resume(&s->tty);
		terminal_resize(&s->tty);
		s->at_once = 1;
		break;
	case SIGCONT:
		terminal_resume(&s->tty);
		s->at_once = 1;
		break;
	default:
		s->signal = signo;
	}
}

static int listen_signals(struct screen *s, struct err *err)
{
	static const int all[] = { SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sigaddset(&set, all[i]);
	if (loop_signals(s->loop, &set, on_signal, s) < 0)
		return err_set(err, ERR_INTERNAL, "signals: %s", strerror(errno));
	return 0;
}

static void keep_connected(struct screen *s)
{
	struct err err = { 0 };
	int fd = client_fd(s->client);

	if (fd < 0 && clock_ms() >= s->reopen_ms) {
		s->reopen_ms = clock_ms() + REOPEN_MS;
		if (client_reopen(s->client, &err) >= 0) {
			fd = client_fd(s->client);
			ui_gone(&s->ui, 0, NULL);
		} else {
			ui_gone(&s->ui, 1, err.text);
		}
	}
	if (fd != s->socket_fd) {
		loop_unwatch(s->socket);
		s->socket = fd >= 0 ? loop_watch(s->loop, fd, POLLIN, on_socket, s) : NULL;
		s->socket_fd = fd;
	}
	if (s->socket)
		loop_watch_events(s->socket, client_events(s->client));
}

/* All that was drawn is out: what the operator is told has been shown. */
static void look_shown(struct screen *s)
{
	if (!s->under_way || terminal_waits(&s->tty))
		return;
	s->under_way = 0;
	ui_flushed(&s->ui);
	if (s->ui.ring && s->bell && s->drawn_ms) /* not for what was there before */
		terminal_ring(&s->tty);
	s->ui.ring = 0;
	s->drawn_ms = clock_ms();
}

static void draw(struct screen *s)
{
	ui_heard(&s->ui, client_heard_ms(s->client));
	ui_draw(&s->ui);
	terminal_draw(&s->tty);
	s->under_way = 1;
	s->at_once = 0;
	look_shown(s);
}

static int64_t next_ns(const struct screen *s)
{
	int64_t frame = s->drawn_ms + FRAME_MS, at_ms = clock_ms() + LOOK_MS;
	int64_t input = input_due(&s->input);

	if (terminal_ready(&s->tty, s->at_once)) {
		at_ms = ui_due(&s->ui);
		if (s->ui.dirty && frame < at_ms)
			at_ms = frame;
	}
	if (!terminal_waits(&s->tty) && picture_place_due_ms() < at_ms)
		at_ms = picture_place_due_ms();
	if (picture_child_due_ms() < at_ms)
		at_ms = picture_child_due_ms();
	if (s->socket_fd < 0 && s->reopen_ms < at_ms)
		at_ms = s->reopen_ms;
	return input < at_ms * MS ? input : at_ms * MS;
}

static void nothing(void *p, short revents)
{
	(void)p;
	(void)revents; /* turn() looks itself */
}

static void watch_picture(struct screen *s)
{
	int fd = picture_child_fd();

	if (fd == s->picture_fd)
		return;
	loop_unwatch(s->picture);
	s->picture = fd >= 0 ? loop_watch(s->loop, fd, POLLIN, nothing, s) : NULL;
	s->picture_fd = fd;
}

static void turn(struct screen *s)
{
	int64_t now, due_ns;

	keep_connected(s);
	watch_picture(s);
	loop_watch_events(s->out, terminal_waits(&s->tty) ? POLLOUT : 0);
	now = clock_ms();
	s->stuck = now - s->woke_ms >= UI_SILENT_MS;
	due_ns = next_ns(s);
	s->due_ms = due_ns / MS > now ? due_ns / MS : now;
	loop_turn(s->loop, due_ns);
	read_tty(s);
	s->woke_ms = clock_ms();
	ui_heard(&s->ui, client_heard_ms(s->client));
	input_tick(&s->input, clock_ns());
	if (picture_child_tend())
		s->ui.dirty = 1;
	terminal_push(&s->tty);
	look_shown(s);
	now = clock_ms();
	if (terminal_ready(&s->tty, s->at_once) &&
	    (s->at_once || (s->ui.dirty && now >= s->drawn_ms + FRAME_MS) || now >= ui_due(&s->ui)))
		draw(s);
	if (terminal_illustrate(&s->tty))
		s->ui.dirty = 1;
}

int screen_run(const struct screen_setup *set, struct err *err)
{
	struct screen s = { .socket_fd = -1,
			    .picture_fd = -1,
			    .tty = { .in = -1, .fd = -1, .sheet = -1 } };
	const struct ui_source source = { slots, slot, status, send, shown, &s };
	int r = terminal_there(err);

	if (r < 0)
		return r; /* before a station is started for nobody */
	s.bell = set->bell;
	lang_init();
	ui_init(&s.ui, &source);
	input_init(&s.input, on_input, &s);
	input_affixes(&s.input, set->prefix ? set->prefix : "", set->suffix ? set->suffix : "");
	if (set->gap_ms > 0)
		s.input.timing.gap_ns = set->gap_ms * MS;
	s.loop = loop_new();
	r = client_open(&s.client, set->socket, set->self, set->conf, &ops, &s,
			clock_ms() + OPEN_MS, err);
	if (r < 0)
		goto out;
	r = listen_signals(&s, err);
	if (r < 0)
		goto out;
	r = terminal_open(&s.tty, set->log, set->ascii, err);
	if (r < 0)
		goto out;
	terminal_sequences(&s.input);
	if (s.tty.early) {
		input_drop(&s.input, clock_ns());
		ui_say(&s.ui, FLOOR_NOTICE_BAD, NULL,
		       T("what was scanned or pressed while the screen opened was dropped: scan "
			 "again"));
	}
	s.keys = loop_watch(s.loop, s.tty.in, POLLIN, on_tty, &s);
	s.out = loop_watch(s.loop, s.tty.fd, 0, nothing, &s);
	ui_changed(&s.ui);
	draw(&s);
	s.woke_ms = clock_ms();
	while (!s.ui.quit && !s.signal)
		turn(&s);
	r = s.signal;
out:
	terminal_close(&s.tty);
	loop_unwatch(s.keys);
	loop_unwatch(s.out);
	loop_unwatch(s.picture);
	loop_unwatch(s.socket);
	loop_free(s.loop);
	ui_release(&s.ui);
	input_release(&s.input);
	client_close(s.client);
	picture_place_release();
	return r;
}
