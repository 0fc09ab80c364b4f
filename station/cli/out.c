#include "cli/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sbuf.h"

enum {
	QUEUE_MAX = 64 << 20, /* bytes; beyond it nothing more is queued */
	TTY_PIECE = 256,      /* a terminal that is ready takes so much (n_tty of Linux) */
};

struct out {
	int fd, own; /* own: our description of it, or fd */
	int socket;
	size_t piece; /* bytes that a blocking stream takes when it is ready; 0: not blocking */
	struct loop *loop;
	struct loop_watch *watch;
	struct sbuf queue;
	size_t sent; /* of queue */
	int error;
};

struct out *out_new(int fd)
{
	struct out *o = calloc(1, sizeof(*o));
	char path[40];
	struct stat st;

	if (!o)
		abort();
	*o = (struct out){ .fd = fd, .own = fd };
	if (fstat(fd, &st) || (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))) {
		o->socket = !fstat(fd, &st) && S_ISSOCK(st.st_mode);
		return o;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	o->own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (o->own < 0) { /* somebody else's terminal, or no /proc */
		o->own = fd;
		o->piece = S_ISFIFO(st.st_mode) ? PIPE_BUF : TTY_PIECE;
	}
	return o;
}

static ssize_t push(struct out *o, const void *bytes, size_t n)
{
	struct pollfd ready = { o->own, POLLOUT, 0 };

	if (o->socket)
		return send(o->own, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (o->piece) {
		if (poll(&ready, 1, 0) != 1) {
			errno = EAGAIN;
			return -1;
		}
		n = n < o->piece ? n : o->piece;
	}
	return write(o->own, bytes, n);
}

static void on_ready(void *payload, short revents);

static void drain(struct out *o)
{
	while (!o->error && o->sent < o->queue.len) {
		ssize_t n = push(o, o->queue.data + o->sent, o->queue.len - o->sent);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0)
			o->error = errno;
		else
			o->sent += (size_t)n;
	}
	if (o->error || o->sent == o->queue.len) {
		sbuf_reset(&o->queue);
		o->sent = 0;
	}
	if (!o->queue.len && o->watch) {
		loop_unwatch(o->watch);
		o->watch = NULL;
	} else if (o->queue.len && !o->watch && o->loop) {
		o->watch = loop_watch(o->loop, o->own, POLLOUT, on_ready, o);
	}
}

static void on_ready(void *payload, short revents)
{
	(void)revents;
	drain(payload);
}

void out_attach(struct out *o, struct loop *l)
{
	o->loop = l;
	drain(o);
}

void out_free(struct out *o)
{
	if (!o)
		return;
	loop_unwatch(o->watch);
	if (o->own != o->fd)
		close(o->own);
	sbuf_release(&o->queue);
	free(o);
}

int out_fd(const struct out *o)
{
	return o->fd;
}

void out_put(struct out *o, const void *bytes, size_t n)
{
	if (o->error)
		return;
	if (o->queue.len - o->sent + n > QUEUE_MAX) {
		drain(o);
		if (o->queue.len - o->sent + n > QUEUE_MAX) {
			o->error = o->error ? o->error : ENOBUFS;
			return;
		}
	}
	if (o->sent > QUEUE_MAX / 2) {
		memmove(o->queue.data, o->queue.data + o->sent, o->queue.len - o->sent);
		o->queue.len -= o->sent;
		o->sent = 0;
	}
	sbuf_add(&o->queue, bytes, n);
	if (!o->watch)
		drain(o);
}

int out_pending(const struct out *o)
{
	return o->sent < o->queue.len;
}

int out_failed(const struct out *o)
{
	return o->error;
}
