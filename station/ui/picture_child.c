#include "ui/picture_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/loop.h"
#include "ui/lang.h"

enum {
	SAME_FILE_MS = 150, /* sizes change ten times and more while a window is pulled at */
	SAID_MAX = 2 * PICTURE_KITTY_MAX
};

struct head { /* what the child says first */
	int w, h, full_w;
	struct err why;
};

static struct {
	struct picture_wish wish;
	int wished, ready;
	int64_t start_ms; /* CLOCK_NEVER: it has been begun, or is not wanted */
	pid_t pid;        /* 0: none */
	int fd;
	int64_t until_ms;
	struct sbuf said;
	struct picture_form form;
	pid_t left[PICTURE_CHILDREN]; /* were killed, or are about to end */
} child = { .fd = -1, .start_ms = CLOCK_NEVER };

/* --- in the child --- */

static void make(const struct picture_wish *w, int fd)
{
	struct picture whole, sized = { 0 };
	struct sbuf bytes = { 0 };
	struct head head = { 0 };

	if (!picture_load(&whole, w->path, &head.why)) {
		picture_fit(&head.w, &head.h, &whole, w->w, w->h);
		head.full_w = head.w;
		if (w->how == PICTURE_HALVES) {
			head.h = head.h > 1 ? head.h / 2 * 2 : 2;
			picture_scale(&sized, &whole, head.w, head.h);
			sbuf_add(&bytes, sized.rgb, (size_t)sized.w * (size_t)sized.h * 3);
		} else {
			picture_bounded(&bytes, &sized, &whole, w->how, head.w, head.h);
			head.w = sized.w;
			head.h = sized.h;
		}
	}
	if (!write_all(fd, &head, sizeof(head)))
		write_all(fd, sbuf_str(&bytes), bytes.len);
	_exit(0);
}

/* It holds nothing of the screen: a terminal or a socket would stay open as long as a disk
 * holds the child. */
static _Noreturn void run(const struct picture_wish *w, int out)
{
	int fd = fcntl(out, F_DUPFD, 3), nul = open("/dev/null", O_RDWR);

	loop_signals_reset();
	alarm(2 * PICTURE_CHILD_MS / 1000); /* also when the screen is gone */
	if (fd < 0 || nul < 0 || dup2(nul, 0) < 0 || dup2(nul, 1) < 0 || dup2(nul, 2) < 0 ||
	    dup2(fd, 3) < 0)
		_exit(1);
	close_range(4, ~0U, 0);
	make(w, 3);
	_exit(0);
}

/* --- in the screen --- */

static int lefts(void)
{
	int n = 0;

	for (int i = 0; i < PICTURE_CHILDREN; i++) {
		if (child.left[i] > 0 && waitpid(child.left[i], NULL, WNOHANG) != 0)
			child.left[i] = 0;
		n += child.left[i] > 0;
	}
	return n;
}

static void leave(void)
{
	if (child.fd >= 0)
		close(child.fd);
	child.fd = -1;
	for (int i = 0; child.pid > 0 && i < PICTURE_CHILDREN; i++)
		if (!child.left[i]) {
			kill(child.pid, SIGKILL); /* not reaped, so the number is its own */
			child.left[i] = child.pid;
			child.pid = 0;
		}
	lefts();
}

static void none(const struct err *why)
{
	sbuf_reset(&child.form.bytes);
	child.form.w = child.form.h = 0;
	child.form.why = *why;
	child.ready = 1;
}

static void not_possible(const char *why)
{
	struct err err;

	err_set(&err, ERR_IO, "%s: %s", child.wish.path, why);
	none(&err);
}

static void start(void)
{
	int fd[2];

	child.start_ms = CLOCK_NEVER;
	sbuf_reset(&child.said);
	if (lefts() == PICTURE_CHILDREN) {
		not_possible(T("it cannot be read in time"));
		return;
	}
	if (pipe2(fd, O_CLOEXEC)) {
		not_possible(strerror(errno));
		return;
	}
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	child.pid = fork();
	if (child.pid == 0)
		run(&child.wish, fd[1]);
	close(fd[1]);
	child.fd = fd[0];
	child.until_ms = clock_ms() + PICTURE_CHILD_MS;
	if (child.pid < 0) {
		not_possible(strerror(errno));
		leave();
	}
}

static int same(const struct picture_wish *a, const struct picture_wish *b)
{
	return !strcmp(a->path, b->path) && !strcmp(a->language, b->language) && a->how == b->how &&
	       a->w == b->w && a->h == b->h;
}

const struct picture_form *picture_child_form(const struct picture_wish *w)
{
	if (!child.wished || !same(&child.wish, w)) {
		int file = child.wished && !strcmp(child.wish.path, w->path);

		leave();
		child.wish = *w;
		child.wished = 1;
		child.ready = 0;
		child.start_ms = clock_ms() + (file ? SAME_FILE_MS : 0);
		if (!file)
			start();
	}
	return child.ready ? &child.form : NULL;
}

int picture_child_fd(void)
{
	return child.fd;
}

int64_t picture_child_due_ms(void)
{
	return child.fd >= 0 ? child.until_ms : child.start_ms;
}

/* The child has said all. */
static void take(void)
{
	struct head head;

	if (child.said.len < sizeof(head) || child.said.len > SAID_MAX) {
		not_possible(T("it cannot be shown"));
		return;
	}
	memcpy(&head, child.said.data, sizeof(head));
	head.why.text[sizeof(head.why.text) - 1] = '\0';
	if (*head.why.text) {
		none(&head.why);
		return;
	}
	sbuf_reset(&child.form.bytes);
	sbuf_add(&child.form.bytes, child.said.data + sizeof(head), child.said.len - sizeof(head));
	if (head.w < 1 || head.h < 1 ||
	    (child.wish.how == PICTURE_HALVES &&
	     child.form.bytes.len != (size_t)head.w * (size_t)head.h * 3)) {
		not_possible(T("it cannot be shown"));
		return;
	}
	child.form.w = head.w;
	child.form.h = head.h;
	child.form.full_w = head.full_w;
	*child.form.why.text = '\0';
	child.ready = 1;
}

int picture_child_tend(void)
{
	char bytes[16384];
	int was = child.ready;
	ssize_t n;

	lefts();
	if (child.fd < 0) {
		if (clock_ms() >= child.start_ms)
			start();
		return child.ready && !was;
	}
	while ((n = read(child.fd, bytes, sizeof(bytes))) > 0 && child.said.len <= SAID_MAX)
		sbuf_add(&child.said, bytes, (size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		if (clock_ms() < child.until_ms)
			return 0;
		not_possible(T("it cannot be read in time"));
	} else {
		take();
	}
	leave();
	return 1;
}

void picture_child_release(void)
{
	leave();
	sbuf_release(&child.said);
	sbuf_release(&child.form.bytes);
	child.wished = child.ready = 0;
	child.start_ms = CLOCK_NEVER;
}
