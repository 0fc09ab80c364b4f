#include "floor/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/host.h"

enum { PACKETS_A_TURN = 8 };

struct packet {
	struct packet *next;
	size_t len;
	char bytes[];
};

struct server_client {
	struct server_client *next;
	struct server *server;
	int fd, dead;
	uint64_t number;
	struct loop_watch *watch;
	struct packet *first, **last;
	size_t queued;
	int64_t index;    /* of the watched slot, or -1 */
	int cut;          /* console text was left out */
	char *slot_dirty; /* one for each slot */
	int status_dirty;
	int64_t stalled_ms; /* since when it takes nothing; 0: it does */
};

struct picture { /* of a slot, or of the status */
	struct sbuf bytes;
	int64_t sent_ms, due_ms; /* CLOCK_NEVER: nothing to send */
};

struct server {
	struct loop *loop;
	struct server_ops ops;
	void *payload;
	char *path;
	int fd;   /* -1: deaf */
	ino_t at; /* what stands at the path is ours */
	struct loop_watch *watch;
	struct loop_timer *timer;
	int64_t timer_ms;
	const char *const *name;
	size_t slots;
	struct picture *slot, status;
	struct server_client *clients;
	uint64_t numbers;
	char *buf; /* FLOOR_PACKET + 1 */
};

/* --- addresses: by the folder's descriptor, since sun_path is short --- */

static int address(struct sockaddr_un *out, int *folder, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int n;

	if (!dir)
		abort();
	*folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (*folder < 0)
		return -1;
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/%s", *folder,
		     slash ? slash + 1 : path);
	if (n < (int)sizeof(out->sun_path))
		return 0;
	close(*folder);
	*folder = -1;
	errno = ENAMETOOLONG;
	return -1;
}

int server_connect(const char *path)
{
	struct sockaddr_un to;
	int folder, fd, cause;

	if (address(&to, &folder, path))
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		cause = errno;
		close(fd);
		fd = -1;
		errno = cause;
	}
	cause = errno;
	close(folder);
	errno = cause;
	return fd;
}

/* --- clients --- */

static void drop(struct server_client *c, const char *why)
{
	if (c->dead)
		return;
	c->dead = 1;
	log_info("front-end dropped: %s", why);
	loop_timer_set(c->server->timer, clock_ns()); /* swept from the loop */
	c->server->timer_ms = 0;
}

static void forget(struct server *s, struct server_client **at)
{
	struct server_client *c = *at;

	*at = c->next;
	loop_unwatch(c->watch);
	/* A report writer may hold a copy of the descriptor: closing is not enough. */
	shutdown(c->fd, SHUT_RDWR);
	close(c->fd);
	for (struct packet *p; (p = c->first);) {
		c->first = p->next;
		free(p);
	}
	free(c->slot_dirty);
	free(c);
	if (s->ops.clients)
		s->ops.clients(s->payload, server_clients(s));
}

static void sweep(struct server *s)
{
	struct server_client **at = &s->clients;

	while (*at)
		if ((*at)->dead)
			forget(s, at);
		else
			at = &(*at)->next;
}

/* 1: gone out; 0: not now; -1: the client is lost. */
static int push(struct server_client *c, const char *bytes, size_t len)
{
	ssize_t n = send(c->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n == (ssize_t)len) {
		c->stalled_ms = 0;
		return 1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)) {
		if (!c->stalled_ms)
			c->stalled_ms = clock_ms();
		return 0;
	}
	drop(c, n < 0 ? strerror(errno) : "a packet was cut");
	return -1;
}

static void encode(struct picture *p, const struct floor_message *m)
{
	if (p->bytes.len)
		return;
	floor_encode(&p->bytes, m);
}

static const struct sbuf *slot_bytes(struct server *s, size_t i)
{
	struct floor_message m = { .type = FLOOR_SLOT, .index = (int64_t)i };

	if (!s->slot[i].bytes.len) {
		m.slot = *s->ops.slot(s->payload, i);
		encode(&s->slot[i], &m);
	}
	return &s->slot[i].bytes;
}

static const struct sbuf *status_bytes(struct server *s)
{
	struct floor_message m = { .type = FLOOR_STATUS };

	if (!s->status.bytes.len) {
		m.status = *s->ops.status(s->payload);
		encode(&s->status, &m);
	}
	return &s->status.bytes;
}

/* What can be sent: first what was said, then pictures. Returns 1 when all is. */
static int flush_all(struct server_client *c)
{
	struct server *s = c->server;
	const struct sbuf *b;

	while (c->first) {
		struct packet *p = c->first;

		if (push(c, p->bytes, p->len) <= 0)
			return 0;
		c->first = p->next;
		if (!c->first)
			c->last = &c->first;
		c->queued -= p->len;
		free(p);
	}
	if (c->status_dirty) {
		b = status_bytes(s);
		if (push(c, b->data, b->len) <= 0)
			return 0;
		c->status_dirty = 0;
	}
	for (size_t i = 0; i < s->slots; i++) {
		if (!c->slot_dirty[i])
			continue;
		b = slot_bytes(s, i);
		if (push(c, b->data, b->len) <= 0)
			return 0;
		c->slot_dirty[i] = 0;
	}
	return 1;
}

static void wake(struct server *s, int64_t due_ms)
{
	if (due_ms >= s->timer_ms)
		return;
	s->timer_ms = due_ms;
	loop_timer_set(s->timer, due_ms * 1000000);
}

static void flush_client(struct server_client *c)
{
	if (c->dead)
		return;
	loop_watch_events(c->watch, flush_all(c) ? POLLIN : POLLIN | POLLOUT);
	if (c->stalled_ms)
		wake(c->server, c->stalled_ms + SERVER_STALL_MS);
}

static void enqueue(struct server_client *c, const struct sbuf *b, int is_stream)
{
	struct packet *p;

	if (c->dead)
		return;
	if (is_stream && c->queued > SERVER_STREAM) {
		c->cut = 1;
		return;
	}
	if (c->queued + b->len > SERVER_QUEUE) {
		drop(c, "it does not read");
		return;
	}
	p = malloc(sizeof(*p) + b->len);
	if (!p)
		abort();
	*p = (struct packet){ .len = b->len };
	memcpy(p->bytes, b->data, b->len);
	*c->last = p;
	c->last = &p->next;
	c->queued += b->len;
}

static void tell(struct server_client *c, const struct floor_message *m, int is_stream)
{
	struct sbuf b = { 0 };

	floor_encode(&b, m);
	enqueue(c, &b, is_stream);
	sbuf_release(&b);
	flush_client(c);
}

static void take(struct server_client *c, size_t len)
{
	struct server *s = c->server;
	struct floor_message m;
	struct err err = { 0 };

	if (floor_decode(&m, s->buf, len, &err) < 0) {
		drop(c, err.text);
		return;
	}
	if (m.type == FLOOR_COMMAND)
		s->ops.command(s->payload, c, &m.command);
	else if (m.type == FLOOR_SHOWN)
		s->ops.shown(s->payload, m.text);
	else
		drop(c, "it sends what only a station sends");
	floor_message_release(&m);
}

static void on_client(void *payload, short revents)
{
	struct server_client *c = payload;
	struct server *s = c->server;

	if (revents & POLLOUT)
		flush_client(c);
	for (int i = 0; i < PACKETS_A_TURN && !c->dead; i++) {
		ssize_t n = recv(c->fd, s->buf, FLOOR_PACKET + 1, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
			break;
		if (n <= 0)
			drop(c, n ? strerror(errno) : "it left");
		else
			take(c, (size_t)n);
	}
}

static void greet(struct server *s, int fd)
{
	struct server_client *c = calloc(1, sizeof(*c));
	struct floor_message m = { .type = FLOOR_HELLO,
				   .version = STATION_VERSION,
				   .pid = getpid(),
				   .slot_name = (const char **)(uintptr_t)s->name,
				   .slot_names = s->slots };

	if (!c || !(c->slot_dirty = malloc(s->slots + 1)))
		abort();
	c->server = s;
	c->fd = fd;
	c->number = ++s->numbers;
	c->last = &c->first;
	c->index = -1;
	c->status_dirty = 1;
	memset(c->slot_dirty, 1, s->slots + 1);
	c->watch = loop_watch(s->loop, fd, POLLIN, on_client, c);
	c->next = s->clients;
	s->clients = c;
	tell(c, &m, 0); /* first, whatever the callback says */
	if (s->ops.clients)
		s->ops.clients(s->payload, server_clients(s));
	wake(s, clock_ms() + SERVER_BEAT_MS);
}

static void on_knock(void *payload, short revents)
{
	struct server *s = payload;
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)revents;
	if (fd < 0)
		return;
	if (server_clients(s) >= SERVER_CLIENTS) {
		log_warning("a front-end was turned away: there are %d", SERVER_CLIENTS);
		close(fd);
		return;
	}
	greet(s, fd);
}

/* --- time --- */

static void on_timer(void *payload)
{
	struct server *s = payload;
	int64_t now = clock_ms();

	s->timer_ms = CLOCK_NEVER;
	if (s->status.sent_ms + SERVER_BEAT_MS <= now)
		s->status.due_ms = now; /* said again, so that it is known that it is alive */
	for (size_t i = 0; i <= s->slots; i++) {
		struct picture *p = i < s->slots ? &s->slot[i] : &s->status;

		if (p->due_ms > now)
			continue;
		p->due_ms = CLOCK_NEVER;
		p->sent_ms = now;
		sbuf_reset(&p->bytes);
		for (struct server_client *c = s->clients; c; c = c->next)
			if (i < s->slots)
				c->slot_dirty[i] = 1;
			else
				c->status_dirty = 1;
	}
	for (struct server_client *c = s->clients; c; c = c->next) {
		if (c->stalled_ms && now - c->stalled_ms >= SERVER_STALL_MS)
			drop(c, "it has taken nothing for too long");
		flush_client(c);
	}
	sweep(s);
	if (s->clients) /* or nobody hears it */
		wake(s, s->status.sent_ms + SERVER_BEAT_MS);
	for (size_t i = 0; i <= s->slots; i++)
		wake(s, i < s->slots ? s->slot[i].due_ms : s->status.due_ms);
	for (struct server_client *c = s->clients; c; c = c->next)
		if (c->stalled_ms)
			wake(s, c->stalled_ms + SERVER_STALL_MS);
}

static void changed(struct server *s, struct picture *p, int64_t gap_ms)
{
	int64_t now = clock_ms(), due = p->sent_ms + gap_ms;

	if (due < now)
		due = now;
	if (due < p->due_ms)
		p->due_ms = due;
	wake(s, p->due_ms);
}

void server_slot_changed(struct server *s, size_t index, int soft)
{
	if (s && index < s->slots)
		changed(s, &s->slot[index], soft ? SERVER_SOFT_MS : SERVER_HARD_MS);
}

void server_status_changed(struct server *s)
{
	if (s)
		changed(s, &s->status, SERVER_HARD_MS);
}

/* --- the rest of the face --- */

void server_notice(struct server *s, const struct floor_notice *n)
{
	struct floor_message m = { .type = FLOOR_NOTICE, .notice = *n };

	for (struct server_client *c = s ? s->clients : NULL; c; c = c->next)
		tell(c, &m, 0);
}

static void tell_part(void *payload, const struct floor_message *m)
{
	tell(payload, m, 0);
}

void server_reply(struct server_client *to, const struct floor_reply *r)
{
	floor_reply_split(r, tell_part, to);
}

void server_forward(struct server_client *to, const struct floor_message *m)
{
	tell(to, m, 0);
}

uint64_t server_client_number(const struct server_client *c)
{
	return c->number;
}

struct server_client *server_client_find(const struct server *s, uint64_t number)
{
	for (struct server_client *c = s->clients; c; c = c->next)
		if (c->number == number && !c->dead)
			return c;
	return NULL;
}

void server_watch(struct server_client *c, int64_t index)
{
	c->index = index;
}

static void stream(struct server *s, enum floor_message_type type, size_t index, const char *text,
		   size_t len)
{
	static const char missing[] = "\n[...]\n";

	for (struct server_client *c = s ? s->clients : NULL; c; c = c->next) {
		struct floor_message m = {
			.type = type, .index = (int64_t)index, .text = text, .len = len
		};

		if (c->index != (int64_t)index)
			continue;
		if (c->cut && c->queued <= SERVER_STREAM) {
			struct floor_message gap = m;

			c->cut = 0;
			gap.text = missing;
			gap.len = sizeof(missing) - 1;
			tell(c, &gap, 1);
		}
		tell(c, &m, 1);
	}
}

void server_console(struct server *s, size_t index, const char *text, size_t len)
{
	for (size_t n; len; text += n, len -= n) {
		n = len > FLOOR_SCAN ? FLOOR_SCAN : len;
		stream(s, FLOOR_CONSOLE, index, text, n);
	}
}

void server_console_begins(struct server *s, size_t index)
{
	stream(s, FLOOR_CONSOLE, index, "", 0);
}

void server_measure(struct server *s, size_t index, const char *text)
{
	size_t len = strlen(text);

	stream(s, FLOOR_MEASURE, index, text, len > FLOOR_SCAN ? FLOOR_SCAN : len);
}

size_t server_clients(const struct server *s)
{
	size_t n = 0;

	for (const struct server_client *c = s->clients; c; c = c->next)
		n += !c->dead;
	return n;
}

static int listen_at(const char *path, struct err *err)
{
	struct sockaddr_un at;
	int folder = -1, fd, probe = server_connect(path), r = -1;
	char *fresh;
	struct stat there;
	mode_t mask;

	if (probe >= 0 || errno == EAGAIN) {
		if (probe >= 0)
			close(probe);
		return err_set(err, ERR_BUSY, "%s: a station listens there already", path);
	}
	if (!lstat(path, &there) && !S_ISSOCK(there.st_mode))
		return err_set(err, ERR_FILE,
			       "%s: is there and no socket, so it is not the station's; "
			       "move it away",
			       path);
	/* It gets its name, maybe that of a process that died, when it listens: a front-end
	 * takes one that does not for a dead one's, and starts another station. */
	fresh = malloc(strlen(path) + sizeof(".new"));
	if (!fresh)
		abort();
	snprintf(fresh, strlen(path) + sizeof(".new"), "%s.new", path);
	unlink(fresh);
	fd = address(&at, &folder, fresh)
		     ? -1
		     : socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0117);
	if (fd >= 0 && !bind(fd, (struct sockaddr *)&at, sizeof(at)) && !listen(fd, SERVER_CLIENTS))
		r = rename(fresh, path);
	if (r) {
		err_set(err, ERR_FILE, "%s: %s", path, strerror(errno));
		unlink(fresh);
	}
	umask(mask);
	if (folder >= 0)
		close(folder);
	if (r && fd >= 0)
		close(fd);
	free(fresh);
	return r ? ERR_FILE : fd;
}

static ino_t standing_at(const char *path)
{
	struct stat there;

	return lstat(path, &there) ? 0 : there.st_ino;
}

int server_open(struct server **out, struct loop *l, const char *path, const char *const *names,
		size_t slots, const struct server_ops *ops, void *payload, struct err *err)
{
	struct server *s;
	int fd = listen_at(path, err);

	*out = NULL;
	if (fd < 0)
		return fd;
	s = calloc(1, sizeof(*s));
	if (!s || !(s->path = strdup(path)) || !(s->buf = malloc(FLOOR_PACKET + 1)) ||
	    !(s->slot = calloc(slots + 1, sizeof(*s->slot))))
		abort();
	s->loop = l;
	s->ops = *ops;
	s->payload = payload;
	s->name = names;
	s->slots = slots;
	s->fd = fd;
	s->timer_ms = CLOCK_NEVER;
	s->status.due_ms = CLOCK_NEVER;
	for (size_t i = 0; i < slots; i++)
		s->slot[i].due_ms = CLOCK_NEVER;
	s->timer = loop_timer(l, on_timer, s);
	s->watch = loop_watch(l, fd, POLLIN, on_knock, s);
	s->at = standing_at(path);
	*out = s;
	return 0;
}

void server_look(struct server *s)
{
	struct err err = { 0 };
	int fd;

	if (!s || s->fd < 0 || standing_at(s->path) == s->at)
		return;
	fd = listen_at(s->path, &err);
	if (fd < 0)
		return; /* somebody else's now, or the folder is away: looked at again */
	log_warning("%s was taken away; it is there again", s->path);
	loop_unwatch(s->watch);
	close(s->fd);
	s->fd = fd;
	s->at = standing_at(s->path);
	s->watch = loop_watch(s->loop, fd, POLLIN, on_knock, s);
}

void server_deaf(struct server *s)
{
	if (!s || s->fd < 0)
		return;
	loop_unwatch(s->watch);
	unlink(s->path);
	close(s->fd);
	s->fd = -1;
}

void server_close(struct server *s)
{
	if (!s)
		return;
	server_deaf(s);
	/* The last verdict is still to be seen. */
	for (size_t i = 0; i <= s->slots; i++) {
		struct picture *p = i < s->slots ? &s->slot[i] : &s->status;

		if (p->due_ms != CLOCK_NEVER)
			p->due_ms = 0;
	}
	on_timer(s);
	s->ops.clients = NULL;
	while (s->clients)
		forget(s, &s->clients);
	for (size_t i = 0; i < s->slots; i++)
		sbuf_release(&s->slot[i].bytes);
	sbuf_release(&s->status.bytes);
	loop_timer_free(s->timer);
	free(s->slot);
	free(s->path);
	free(s->buf);
	free(s);
}
