/* station talk: the station's socket as lines of JSON. */
#include "cli/cmd.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "floor/server.h"

enum { LINE_MAX_ = FLOOR_PACKET, WAIT_MS = 10000, LINGER_MS = 300 };

struct talk {
	int fd;
	char *line, *packet;
	size_t typed;
	int64_t ids;
	int input; /* standard input is open */
};

/* One line as a message: "type" may be left out of a command, and so may its id. */
static int say(struct talk *t, const char *line, size_t len)
{
	struct floor_message m;
	struct sbuf out = { 0 };
	struct err err = { 0 };
	struct pollfd p = { .fd = t->fd, .events = POLLOUT };
	ssize_t n;

	if (!strspn(line, " \t\r") && !len)
		return 0;
	if (!memmem(line, len, "\"type\"", 6) && *line == '{') {
		sbuf_puts(&out, "{\"type\":\"command\"");
		sbuf_printf(&out, "%s%.*s", len > 2 ? "," : "", (int)len - 1, line + 1);
		line = sbuf_str(&out);
		len = out.len;
	}
	if (floor_decode(&m, line, len, &err) < 0) {
		fprintf(stderr, "station: %s\n", err.text);
		sbuf_release(&out);
		return -1;
	}
	sbuf_reset(&out);
	if (m.type == FLOOR_COMMAND) {
		t->ids = m.command.id ? m.command.id : t->ids + 1;
		m.command.id = t->ids;
	}
	floor_encode(&out, &m);
	floor_message_release(&m);
	do {
		n = send(t->fd, out.data, out.len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EAGAIN && poll(&p, 1, WAIT_MS) > 0);
	sbuf_release(&out);
	if (n >= 0)
		return 0;
	fprintf(stderr, "station: the station is gone: %s\n", strerror(errno));
	return -1;
}

static int on_input(struct talk *t)
{
	ssize_t n = read(STDIN_FILENO, t->line + t->typed, LINE_MAX_ - t->typed);
	char *end;

	if (n <= 0) {
		t->input = 0;
		return 0;
	}
	t->typed += (size_t)n;
	while ((end = memchr(t->line, '\n', t->typed))) {
		size_t used = (size_t)(end - t->line) + 1;

		if (say(t, t->line, used - 1) < 0)
			return -1;
		t->typed -= used;
		memmove(t->line, t->line + used, t->typed);
	}
	if (t->typed < LINE_MAX_)
		return 0;
	fprintf(stderr, "station: a line of %d bytes or more\n", LINE_MAX_);
	return -1;
}

/* 1: a message was printed; 0: the station closed; -1: it cannot be printed. */
static int on_packet(struct talk *t)
{
	ssize_t n = recv(t->fd, t->packet, FLOOR_PACKET, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (n <= 0)
		return 0;
	t->packet[n] = '\n';
	return write_all(STDOUT_FILENO, t->packet, (size_t)n + 1) ? -1 : 1;
}

/* Until the station closes, or a moment after the input's end nothing more comes. */
static int talk(struct talk *t)
{
	for (;;) {
		struct pollfd p[] = { { .fd = t->fd, .events = POLLIN },
				      { .fd = t->input ? STDIN_FILENO : -1, .events = POLLIN } };
		int n = poll(p, 2, t->input ? -1 : LINGER_MS), r;

		if (n == 0)
			return CMD_PASS;
		if (p[1].revents && on_input(t) < 0)
			return CMD_USAGE;
		if (!p[0].revents)
			continue;
		r = on_packet(t);
		if (r < 0)
			return CMD_STATION;
		if (r == 0)
			return t->input ? CMD_STATION : CMD_PASS;
	}
}

static int run(struct cmd_args *a)
{
	const char *path = a->conf ? a->conf : access("station.conf", F_OK) ? NULL : "station.conf";
	struct findings f = { 0 };
	struct talk t = { .input = 1 };
	struct conf *conf;
	struct err err = { 0 };
	int r;

	if (a->rests)
		return cmd_usage(a, "it takes no arguments");
	if (conf_load(&conf, &a->arena, path, &f, &err) < 0) {
		r = cmd_findings(&f);
		finding_release(&f);
		return r ? r : cmd_fail(&err);
	}
	finding_release(&f);
	path = arena_printf(&a->arena, "%s/station.sock", conf->data);
	t.fd = server_connect(path);
	if (t.fd < 0) {
		fprintf(stderr, "station: %s: %s; is `station serve` running?\n", path,
			strerror(errno));
		return CMD_STATION;
	}
	/* A label may hold any line, and here each line is done. */
	if (isatty(STDIN_FILENO)) {
		close(t.fd);
		return cmd_usage(a,
				 "it takes JSON lines from a program, not from a terminal, where "
				 "a scanner may type; for people: station --plain");
	}
	t.line = malloc(LINE_MAX_);
	t.packet = malloc(FLOOR_PACKET + 1);
	if (!t.line || !t.packet)
		abort();
	r = talk(&t);
	close(t.fd);
	free(t.line);
	free(t.packet);
	return r;
}

static const struct cmd_option options[] = { { .name = NULL } };

const struct cmd cmd_talk = {
	.name = "talk",
	.summary = "talk to a serving station in JSON lines",
	.usage = "",
	.help = "Prints what the station tells its screens, one JSON object a line, and sends the\n"
		"lines of standard input as commands, such as {\"do\":\"scan\",\"text\":\"AS01\"}. "
		"Ends\n"
		"when the station does, or a moment after the end of its input, which is no "
		"terminal.",
	.options = options,
	.run = run,
};
