#include "floor/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "engine/host.h"
#include "floor/server.h"

enum {
	QUEUE_MAX = 1 << 20, /* bytes that the station has not taken */
	PACKETS_A_TURN = 64,
	KNOCK_MS = 20,  /* between two tries to connect */
	GRACE_MS = 700, /* after a station could not start: another may have been quicker */
	WORDS_MAX = 1000,
	REVIVE_MS = 2000, /* after a station died: another screen may be quicker */
	REVIVE_AGAIN_MS = 15000,
};

struct packet {
	struct packet *next;
	size_t len;
	char bytes[];
};

struct part { /* packets of a reply that is not whole yet */
	struct part *next;
	struct floor_message message;
};

struct client {
	char *path;
	struct client_ops ops;
	void *payload;
	int fd;
	struct packet *first, **last;
	size_t queued;
	int64_t ids, heard_ms;
	struct floor_message *slot; /* the last of each */
	size_t slots, known;        /* known: of how many a picture has come */
	struct floor_message status;
	int has_status;
	struct part *part;
	char *buf;
	char *self, *conf; /* what starts a station; NULL: nothing */
	int64_t lost_ms, revived_ms;
	int said; /* what a station that was started again complains of, or -1 */
	char words[WORDS_MAX];
	size_t words_len;
};

static const struct floor_status no_status = {
	.station = "",
	.line = "",
	.fixture = "",
	.person = "",
	.person_name = "",
	.role = "",
	.language = "",
	.plan = "",
	.revision = "",
	.record_text = "",
	.waits = "",
	.waits_text = "",
	.badge = "",
	.codes = "",
	.units_per_hour = -1,
	.queued = -1,
	.cycles_left = -1,
	.calibration_days = INT64_MIN,
};

/* --- the connection --- */

static void parts_drop(struct client *c)
{
	for (struct part *p; (p = c->part);) {
		c->part = p->next;
		floor_message_release(&p->message);
		free(p);
	}
}

/* What was not sent is lost with the connection: who asked sees no reply. */
static void hang_up(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	for (struct packet *p; (p = c->first);) {
		c->first = p->next;
		free(p);
	}
	c->last = &c->first;
	c->queued = 0;
	parts_drop(c);
}

static void lose(struct client *c)
{
	if (c->fd < 0)
		return;
	hang_up(c);
	c->lost_ms = clock_ms();
	if (c->ops.gone)
		c->ops.gone(c->payload);
}

static void pictures_drop(struct client *c)
{
	for (size_t i = 0; i < c->slots; i++)
		floor_message_release(&c->slot[i]);
	free(c->slot);
	c->slot = NULL;
	c->slots = c->known = 0;
	floor_message_release(&c->status);
	c->has_status = 0;
}

static void greet(struct client *c, const struct floor_message *m)
{
	if (strcmp(m->version, STATION_VERSION)) {
		lose(c); /* of another build: its messages may mean something else */
		return;
	}
	pictures_drop(c);
	c->slots = m->slot_names;
	c->slot = calloc(c->slots + 1, sizeof(*c->slot));
	if (!c->slot)
		abort();
}

static void take_slot(struct client *c, struct floor_message *m)
{
	struct floor_message *mine;

	if (m->index < 0 || (size_t)m->index >= c->slots) {
		lose(c);
		return;
	}
	mine = &c->slot[m->index];
	c->known += mine->type != FLOOR_SLOT;
	floor_message_release(mine);
	*mine = *m;
	m->arena = (struct arena){ 0 };
	if (c->ops.slot)
		c->ops.slot(c->payload, (size_t)mine->index);
}

static void take_status(struct client *c, struct floor_message *m)
{
	floor_message_release(&c->status);
	c->status = *m;
	m->arena = (struct arena){ 0 };
	c->has_status = 1;
	if (c->ops.status)
		c->ops.status(c->payload);
}

static void take_reply(struct client *c, struct floor_message *m)
{
	struct part *p = calloc(1, sizeof(*p)), **at = &c->part;
	struct floor_reply whole = m->reply;
	struct arena arena = { 0 };
	int more = m->more;
	size_t n = 0;

	if (!p)
		abort();
	p->message = *m;
	m->arena = (struct arena){ 0 };
	while (*at)
		at = &(*at)->next;
	*at = p;
	if (more)
		return;
	for (p = c->part; p; p = p->next)
		n += p->message.reply.rows;
	whole.row = arena_alloc(&arena, (n + 1) * sizeof(*whole.row));
	whole.rows = 0;
	for (p = c->part; p; p = p->next)
		for (size_t i = 0; i < p->message.reply.rows; i++)
			whole.row[whole.rows++] = p->message.reply.row[i];
	if (c->ops.reply)
		c->ops.reply(c->payload, &whole);
	parts_drop(c);
	arena_free(&arena);
}

static void take(struct client *c, const char *bytes, size_t len)
{
	struct floor_message m;
	struct err err = { 0 };

	if (floor_decode(&m, bytes, len, &err) < 0) {
		lose(c);
		return;
	}
	switch (m.type) {
	case FLOOR_HELLO:
		greet(c, &m);
		break;
	case FLOOR_SLOT:
		take_slot(c, &m);
		break;
	case FLOOR_STATUS:
		take_status(c, &m);
		break;
	case FLOOR_NOTICE:
		if (c->ops.notice)
			c->ops.notice(c->payload, &m.notice);
		break;
	case FLOOR_CONSOLE:
		if (c->ops.console && m.index >= 0)
			c->ops.console(c->payload, (size_t)m.index, m.text, m.len);
		break;
	case FLOOR_MEASURE:
		if (c->ops.measure && m.index >= 0)
			c->ops.measure(c->payload, (size_t)m.index, m.text);
		break;
	case FLOOR_REPLY:
		take_reply(c, &m);
		break;
	default:
		lose(c);
	}
	floor_message_release(&m);
}

static void flush_out(struct client *c)
{
	while (c->first && c->fd >= 0) {
		struct packet *p = c->first;
		ssize_t n = send(c->fd, p->bytes, p->len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR))
			return;
		if (n != (ssize_t)p->len) {
			lose(c);
			return;
		}
		c->first = p->next;
		if (!c->first)
			c->last = &c->first;
		c->queued -= p->len;
		free(p);
	}
}

void client_ready(struct client *c, short revents)
{
	if (revents & POLLOUT)
		flush_out(c);
	for (int i = 0; i < PACKETS_A_TURN && c->fd >= 0; i++) {
		ssize_t n = recv(c->fd, c->buf, FLOOR_PACKET + 1, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0)
			lose(c);
		else
			take(c, c->buf, (size_t)n);
		c->heard_ms = clock_ms();
	}
}

/* --- opening --- */

/* `self [--conf FILE] serve --idle-exit` in a session of its own, so that the end of
 * this terminal is none of its business. *said: where its complaints can be read. */
static int launch(int *said, const char *self, const char *conf, struct err *err)
{
	const char *argv[6] = { "station" }; /* whatever the path is: `ps` shows it */
	int fd[2], n = 1;
	pid_t pid;

	if (conf) {
		argv[n++] = "--conf";
		argv[n++] = conf;
	}
	argv[n++] = "serve";
	argv[n] = "--idle-exit";
	if (pipe2(fd, O_CLOEXEC))
		return err_set(err, ERR_IO, "pipe: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		int nul = open("/dev/null", O_RDWR | O_CLOEXEC);

		loop_signals_reset();
		setsid();
		if (fork()) /* nobody's child: it is reaped though we live on */
			_exit(0);
		if (nul < 0 || dup2(nul, 0) < 0 || dup2(nul, 1) < 0 || dup2(fd[1], 2) < 0)
			_exit(127);
		close_range(3, ~0U, 0);
		execvp(self, (char *const *)(uintptr_t)argv);
		dprintf(2, "%s: %s", self, strerror(errno));
		_exit(127);
	}
	close(fd[1]);
	if (pid < 0) {
		close(fd[0]);
		return err_set(err, ERR_IO, "fork: %s", strerror(errno));
	}
	waitpid(pid, NULL, 0);
	*said = fd[0];
	return 0;
}

/* What a station that could not start said; 1: it has ended. */
static int listen_to(int said, char *words, size_t *len, int64_t until_ms)
{
	struct pollfd p = { .fd = said, .events = POLLIN };
	ssize_t n;

	if (said < 0) {
		poll(NULL, 0, clock_left_ms(until_ms));
		return 0;
	}
	if (poll(&p, 1, clock_left_ms(until_ms)) <= 0)
		return 0;
	n = read(said, words + *len, WORDS_MAX - 1 - *len);
	if (n > 0)
		*len += (size_t)n;
	words[*len] = '\0';
	return n <= 0 || *len == WORDS_MAX - 1;
}

/* The first line of it, without the program's name. */
static int could_not_start(struct err *err, const char *words)
{
	const char *name = "station: ";

	if (!strncmp(words, name, strlen(name)))
		words += strlen(name);
	if (!*words)
		return err_set(err, ERR_GONE, "the station could not start, and did not say why");
	return err_set(err, ERR_GONE, "%.*s", (int)strcspn(words, "\n"), words);
}

static int reach(struct client *c, const char *self, const char *conf, int64_t until_ms,
		 struct err *err)
{
	char words[WORDS_MAX] = "";
	size_t len = 0;
	int said = -1, tried = 0, ended = 0, r = 0;

	while ((c->fd = server_connect(c->path)) < 0 && !r) {
		int64_t next = clock_ms() + KNOCK_MS;

		if (errno != ENOENT && errno != ECONNREFUSED && errno != EAGAIN)
			r = err_set(err, ERR_GONE, "%s: %s", c->path, strerror(errno));
		else if (!self && errno != EAGAIN)
			r = err_set(err, ERR_GONE, "no station is running: nobody listens at %s",
				    c->path);
		else if (clock_ms() >= until_ms)
			r = ended ? could_not_start(err, words)
				  : err_set(err, ERR_TIMEOUT, "the station does not come up");
		else if (self && !tried) {
			r = launch(&said, self, conf, err);
			tried = 1;
		} else if (listen_to(ended ? -1 : said, words, &len,
				     next < until_ms ? next : until_ms) &&
			   !ended) {
			ended = 1;
			if (until_ms > clock_ms() + GRACE_MS)
				until_ms = clock_ms() + GRACE_MS;
		}
	}
	if (said >= 0)
		close(said);
	return r;
}

static int first_picture(struct client *c, int64_t until_ms, struct err *err)
{
	while (c->fd >= 0 && !(c->slot && c->known == c->slots && c->has_status)) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		int n = poll(&p, 1, clock_left_ms(until_ms));

		if (n == 0)
			return err_set(err, ERR_TIMEOUT, "the station does not answer");
		if (n > 0)
			client_ready(c, p.revents);
	}
	if (c->fd < 0)
		return err_set(err, ERR_GONE,
			       "the station hung up; is it of the same version (" STATION_VERSION
			       ")?");
	return 0;
}

int client_open(struct client **out, const char *path, const char *self, const char *conf,
		const struct client_ops *ops, void *payload, int64_t until_ms, struct err *err)
{
	struct client *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (!c || !(c->path = strdup(path)) || !(c->buf = malloc(FLOOR_PACKET + 1)))
		abort();
	c->payload = payload;
	c->fd = c->said = -1;
	if (self && !(c->self = strdup(self)))
		abort();
	if (conf && !(c->conf = strdup(conf)))
		abort();
	c->last = &c->first;
	if (reach(c, self, conf, until_ms, err) < 0 || first_picture(c, until_ms, err) < 0) {
		client_close(c);
		return err->code;
	}
	c->ops = *ops; /* only now: the picture is whole before anything is told */
	*out = c;
	return 0;
}

void client_close(struct client *c)
{
	if (!c)
		return;
	hang_up(c);
	pictures_drop(c);
	if (c->said >= 0)
		close(c->said);
	free(c->self);
	free(c->conf);
	free(c->path);
	free(c->buf);
	free(c);
}

/* A station that ended by itself takes its socket with it; one whose socket is still there
 * has died, and whoever stands before the screen cannot start it. */
static void revive(struct client *c, int cause)
{
	int64_t now = clock_ms();
	struct err err = { 0 };

	if (!c->self || cause != ECONNREFUSED || now - c->lost_ms < REVIVE_MS ||
	    (c->revived_ms && now - c->revived_ms < REVIVE_AGAIN_MS))
		return;
	if (c->said >= 0)
		close(c->said);
	c->said = -1;
	c->words_len = 0;
	c->revived_ms = now;
	if (launch(&c->said, c->self, c->conf, &err) < 0)
		c->words_len = (size_t)snprintf(c->words, sizeof(c->words), "%s", err.text);
}

int client_reopen(struct client *c, struct err *err)
{
	int cause;

	if (c->fd >= 0)
		return 0;
	c->fd = server_connect(c->path);
	cause = errno;
	if (c->fd >= 0) {
		c->heard_ms = clock_ms();
		c->revived_ms = 0;
		return 0;
	}
	revive(c, cause);
	if (c->said >= 0 && listen_to(c->said, c->words, &c->words_len, clock_ms())) {
		close(c->said);
		c->said = -1;
	}
	if (c->words_len)
		return could_not_start(err, c->words);
	if (cause == ENOENT)
		return err_set(err, ERR_GONE, "it was ended; whoever ended it starts it again");
	if (cause == ECONNREFUSED)
		return err_set(err, ERR_GONE, "it died%s", c->self ? "; it is started again" : "");
	return err_set(err, ERR_GONE, "%s: %s", c->path, strerror(cause));
}

int64_t client_heard_ms(const struct client *c)
{
	return c->heard_ms;
}

/* --- the rest of the face --- */

int client_fd(const struct client *c)
{
	return c->fd;
}

short client_events(const struct client *c)
{
	return c->first ? POLLIN | POLLOUT : POLLIN;
}

size_t client_slots(const struct client *c)
{
	return c->slots;
}

const struct floor_slot *client_slot(const struct client *c, size_t index)
{
	return index < c->slots ? &c->slot[index].slot : NULL;
}

const struct floor_status *client_status(const struct client *c)
{
	return c->has_status ? &c->status.status : &no_status;
}

static int say(struct client *c, const struct floor_message *m, struct err *err)
{
	struct sbuf b = { 0 };
	struct packet *p;

	if (c->fd < 0)
		return err_set(err, ERR_GONE, "the station is not there");
	floor_encode(&b, m);
	if (b.len > FLOOR_PACKET || c->queued + b.len > QUEUE_MAX) {
		int r = b.len > FLOOR_PACKET
				? err_set(err, ERR_USAGE, "a message of %zu bytes is too long",
					  b.len)
				: err_set(err, ERR_BUSY, "the station does not take commands");
		sbuf_release(&b);
		return r;
	}
	p = malloc(sizeof(*p) + b.len);
	if (!p)
		abort();
	*p = (struct packet){ .len = b.len };
	memcpy(p->bytes, b.data, b.len);
	*c->last = p;
	c->last = &p->next;
	c->queued += b.len;
	sbuf_release(&b);
	flush_out(c);
	return c->fd < 0 ? err_set(err, ERR_GONE, "the station is not there") : 0;
}

int64_t client_do(struct client *c, const struct floor_command *command, struct err *err)
{
	struct floor_message m = { .type = FLOOR_COMMAND, .command = *command };

	if (command->len > FLOOR_SCAN)
		return err_set(err, ERR_USAGE, "a text of %zu bytes, must be %d at most",
			       command->len, FLOOR_SCAN);
	if (command->what == FLOOR_DO_NONE)
		return err_set(err, ERR_USAGE, "no command");
	m.command.id = ++c->ids;
	return say(c, &m, err) < 0 ? err->code : m.command.id;
}

void client_shown(struct client *c, const char *run)
{
	struct err err = { 0 };

	/* Lost, the run counts as not seen. */
	say(c, &(struct floor_message){ .type = FLOOR_SHOWN, .text = run }, &err);
}
