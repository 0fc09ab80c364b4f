/*
 * line -- a slow line to a terminal that shows pictures: the program runs in a terminal of
 * its own, what it writes is taken at once and arrives late, as over ssh, whose buffers
 * hold megabytes. Pictures are taken out on the way and written down.
 *
 * usage: line kitty|sixel|none BITS DELAY_MS LOG COMMAND...
 *
 * BITS: a second, 0: no limit. DELAY_MS: each way. LOG takes a line for each
 *	kitty N BYTES     whole, sent under number N; "kitty N broken": ended in the middle
 *	placed N, deleted N
 *	sixel BYTES       whole; "sixel BYTES cut": its terminator came early
 *	ill TEXT          what no terminal understands: something within a sequence
 */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/sbuf.h"

enum { WINDOW = 2 << 20, CLUMPS = 65536, CELL_W = 10, CELL_H = 20 };

struct way { /* of bytes: whatever came at once arrives after the delay */
	struct sbuf bytes;
	size_t taken, clumps, first;
	struct clump {
		size_t end; /* of it in all bytes ever */
		int64_t due_ns;
	} clump[CLUMPS];
	size_t came, gone;
};

static struct way down, up;
static int64_t delay_ns;
static double rate; /* bytes in a ns */
static int inner, kittys, sixels, log_fd;
static volatile sig_atomic_t resized = 1;

/* A string sequence in the making: ESC _ or ESC P to ESC \. */
static struct {
	enum { PLAIN, ESC, STRING, STRING_ESC, CSI } at;
	char kind;
	struct sbuf text;
	size_t bytes; /* of a picture in several sequences */
	int more;
	long number;
} seq;

static void put(struct way *w, const char *s, size_t n)
{
	struct clump *c = &w->clump[(w->first + w->clumps) % CLUMPS];

	if (w->clumps == CLUMPS)
		abort();
	sbuf_add(&w->bytes, s, n);
	w->came += n;
	*c = (struct clump){ w->came, clock_ns() + delay_ns };
	w->clumps++;
}

/* So many bytes have arrived. */
static size_t arrived(struct way *w)
{
	int64_t now = clock_ns();

	while (w->clumps && w->clump[w->first].due_ns <= now) {
		w->gone = w->clump[w->first].end;
		w->first = (w->first + 1) % CLUMPS;
		w->clumps--;
	}
	return w->gone - (w->came - (w->bytes.len - w->taken));
}

static void take(struct way *w, size_t n)
{
	w->taken += n;
	if (w->taken == w->bytes.len) {
		sbuf_reset(&w->bytes);
		w->taken = 0;
	} else if (w->taken > WINDOW) {
		memmove(w->bytes.data, w->bytes.data + w->taken, w->bytes.len - w->taken);
		w->bytes.len -= w->taken;
		w->taken = 0;
	}
}

static void answer(const char *s)
{
	put(&up, s, strlen(s));
}

static long key_of(const char *text, const char *key, long other)
{
	for (const char *s = text; s && *s && *s != ';'; s = strpbrk(s, ",;")) {
		s += *s == ',' || *s == 'G';
		if (!strncmp(s, key, strlen(key)))
			return s[2] >= '0' && s[2] <= '9' ? strtol(s + 2, NULL, 10) : s[2];
	}
	return other;
}

static void kitty(const char *text)
{
	long action = key_of(text, "a=", 0), number = key_of(text, "i=", seq.number);
	const char *data = strchr(text, ';');

	if (action == 'q') {
		if (kittys)
			answer("\x1b_Gi=31;OK\x1b\\");
		return;
	}
	if (action == 'p' || action == 'd') {
		dprintf(log_fd, "%s %ld\n", action == 'p' ? "placed" : "deleted", number);
		if (seq.more)
			dprintf(log_fd, "ill a picture is not over\n");
		seq.more = 0;
		return;
	}
	if ((action == 't') == seq.more)
		dprintf(log_fd, "ill %.40s\n", text);
	seq.bytes = action ? 0 : seq.bytes;
	seq.bytes += data ? strlen(data + 1) : 0;
	seq.number = number;
	seq.more = key_of(text, "m=", 0) == 1;
	if (!seq.more && data && !data[1])
		dprintf(log_fd, "kitty %ld broken\n", number);
	else if (!seq.more)
		dprintf(log_fd, "kitty %ld %zu\n", number, seq.bytes);
}

static void string_over(void)
{
	const char *s = sbuf_str(&seq.text);

	if (seq.kind == '_' && *s == 'G')
		kitty(s);
	else if (seq.kind == 'P' && *s == 'q')
		/* ours end each band by a dash */
		dprintf(log_fd, "sixel %zu%s\n", seq.text.len,
			seq.text.len && s[seq.text.len - 1] == '-' ? "" : " cut");
	else
		dprintf(log_fd, "ill string %c\n", seq.kind);
}

static void see(char c, struct sbuf *out)
{
	switch (seq.at) {
	case PLAIN:
		if (c == '\x1b')
			seq.at = ESC;
		else
			sbuf_putc(out, c);
		return;
	case ESC:
		seq.at = c == '_' || c == 'P' ? STRING : c == '[' ? CSI : PLAIN;
		seq.kind = c;
		sbuf_reset(&seq.text);
		if (seq.at == PLAIN) {
			sbuf_putc(out, '\x1b');
			sbuf_putc(out, c);
		}
		return;
	case CSI: /* its first character */
		seq.at = PLAIN;
		if (c == 'c') {
			answer(sixels ? "\x1b[?62;4;22c" : "\x1b[?62;22c");
			return;
		}
		sbuf_puts(out, "\x1b[");
		sbuf_putc(out, c);
		return;
	case STRING:
		if (c == '\x1b')
			seq.at = STRING_ESC;
		else if ((unsigned char)c < 0x20)
			dprintf(log_fd, "ill %02x in a string\n", c);
		else
			sbuf_putc(&seq.text, c);
		return;
	case STRING_ESC:
		if (c != '\\')
			dprintf(log_fd, "ill escape in a string\n");
		seq.at = PLAIN;
		string_over();
	}
}

static void on_size(int signo)
{
	(void)signo;
	resized = 1;
}

static void resize(void)
{
	struct winsize size;

	resized = 0;
	if (ioctl(0, TIOCGWINSZ, &size))
		return;
	size.ws_xpixel = (unsigned short)(size.ws_col * CELL_W);
	size.ws_ypixel = (unsigned short)(size.ws_row * CELL_H);
	ioctl(inner, TIOCSWINSZ, &size);
}

/* 0: the program has ended. */
static int turn(int64_t *paid_ns)
{
	static char bytes[16384];
	struct pollfd p[2] = { { 0, POLLIN, 0 }, { inner, POLLIN, 0 } };
	struct sbuf out = { 0 };
	int64_t now;
	size_t n;
	ssize_t r;

	if (down.bytes.len - down.taken >= WINDOW)
		p[1].events = 0;
	poll(p, 2, down.came > down.gone || up.came > up.gone || down.bytes.len ? 1 : 100);
	if (resized)
		resize();
	if (p[0].revents & POLLIN && (r = read(0, bytes, sizeof(bytes))) > 0)
		put(&up, bytes, (size_t)r);
	else if (p[0].revents & POLLHUP)
		return 0;
	n = arrived(&up);
	if (n && write_all(inner, up.bytes.data + up.taken, n) == 0)
		take(&up, n);
	if (p[1].revents & POLLIN && (r = read(inner, bytes, sizeof(bytes))) > 0)
		put(&down, bytes, (size_t)r);
	else if (p[1].revents & POLLHUP && !(down.bytes.len - down.taken))
		return 0;
	n = arrived(&down);
	now = clock_ns();
	if (!n || !rate)
		*paid_ns = now;
	if (rate && (double)(now - *paid_ns) * rate < (double)n)
		n = (size_t)((double)(now - *paid_ns) * rate);
	if (rate)
		*paid_ns += (int64_t)((double)n / rate);
	for (size_t i = 0; i < n; i++)
		see(down.bytes.data[down.taken + i], &out);
	take(&down, n);
	write_all(1, sbuf_str(&out), out.len);
	sbuf_release(&out);
	return 1;
}

int main(int argc, char **argv)
{
	struct sigaction on = { .sa_handler = on_size };
	struct termios raw;
	int64_t paid = clock_ns();
	int status = 0;
	pid_t pid;

	if (argc < 6 || tcgetattr(0, &raw)) {
		fprintf(stderr, "usage: line kitty|sixel|none BITS DELAY_MS LOG COMMAND...\n");
		return 2;
	}
	kittys = !strcmp(argv[1], "kitty");
	sixels = !strcmp(argv[1], "sixel");
	rate = strtod(argv[2], NULL) / 8e9;
	delay_ns = strtol(argv[3], NULL, 10) * 1000000;
	log_fd = open(argv[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	cfmakeraw(&raw);
	tcsetattr(0, TCSANOW, &raw);
	sigaction(SIGWINCH, &on, NULL);
	pid = forkpty(&inner, NULL, NULL, NULL);
	if (pid == 0) {
		setenv("KITTY_WINDOW_ID", "1", 1); /* so that it is asked */
		for (;;) {                         /* until the terminal has its size */
			struct winsize size = { 0 };

			ioctl(0, TIOCGWINSZ, &size);
			if (size.ws_row)
				break;
			poll(NULL, 0, 1);
		}
		execvp(argv[5], argv + 5);
		_exit(127);
	}
	while (turn(&paid))
		;
	close(inner);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
