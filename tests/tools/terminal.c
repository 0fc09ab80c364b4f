/*
 * terminal -- a program in a terminal that a script types into and looks at: forkpty()
 * and libvterm.
 *
 * usage: terminal TERM ROWS COLS SCRIPT COMMAND...
 *
 * Lines of the script, ended by the first that fails (status 1, the screen is printed):
 *	wait TEXT         until a row holds it, 15 s at most
 *	gone TEXT         until no row does
 *	pause MS          reads on meanwhile
 *	key NAME...       F1 to F12, esc, enter, up, down, left, right, backspace, as TERM
 *	                  sends them, half a second apart
 *	felt NAME MS      the last line looks other so soon after the key; prints how soon
 *	type TEXT         a character each 150 ms
 *	scan US TEXT      a byte each US microseconds; \r, \e, \xHH
 *	resize ROWS COLS
 *	dump FILE         rows, a line "--- looks" and a letter for each cell, the cursor
 *	random SEC SEED   keys of people, bursts of scanners and sizes, at random
 *	signal NUMBER
 *	end STATUS        the program has ended, or ends within 5 s; how
 */
#include <vterm.h> /* before curses, whose bell is a macro */

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <term.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/sbuf.h"
#include "base/text.h"

enum { WAIT_MS = 15000 };

struct terminal {
	int fd, rows, cols, status, ended;
	pid_t pid;
	VTerm *vt;
	VTermScreen *screen;
};

static void reply(const char *s, size_t n, void *p)
{
	struct terminal *t = p;

	(void)!write(t->fd, s, n);
}

/* What the program says in so much time, or until its end. */
static void look(struct terminal *t, int64_t ms)
{
	int64_t until = clock_ms() + ms;
	char bytes[16384];

	do {
		struct pollfd p = { t->fd, POLLIN, 0 };
		ssize_t n;

		if (poll(&p, 1, clock_left_ms(until)) <= 0)
			continue;
		n = read(t->fd, bytes, sizeof(bytes));
		if (n > 0) {
			vterm_input_write(t->vt, bytes, (size_t)n);
			continue;
		}
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		t->ended = 1;
		return;
	} while (clock_ms() < until);
}

static void row_text(const struct terminal *t, int y, struct sbuf *out)
{
	char row[8192];
	size_t n = vterm_screen_get_text(t->screen, row, sizeof(row) - 1,
					 (VTermRect){ y, y + 1, 0, t->cols });

	sbuf_reset(out);
	sbuf_add(out, row, n);
	for (size_t i = 0; i < out->len; i++)
		if (!out->data[i])
			out->data[i] = ' ';
	while (out->len && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

static int holds(const struct terminal *t, const char *text)
{
	struct sbuf row = { 0 };
	int found = 0;

	for (int y = 0; y < t->rows && !found; y++) {
		row_text(t, y, &row);
		found = strstr(sbuf_str(&row), text) != NULL;
	}
	sbuf_release(&row);
	return found;
}

static char look_of(const VTermScreenCell *c)
{
	int bg = VTERM_COLOR_IS_INDEXED(&c->bg) && !VTERM_COLOR_IS_DEFAULT_BG(&c->bg)
			 ? c->bg.indexed.idx
			 : -1;

	if (bg >= 0)
		return (char)(bg < 8 ? '0' + bg : '*');
	return c->attrs.reverse && c->attrs.bold ? '#'
	       : c->attrs.reverse                ? 'r'
	       : c->attrs.bold                   ? 'o'
						 : '.';
}

static void dump(const struct terminal *t, struct sbuf *out)
{
	struct sbuf row = { 0 };
	VTermPos cursor;

	for (int y = 0; y < t->rows; y++) {
		row_text(t, y, &row);
		sbuf_printf(out, "%s\n", sbuf_str(&row));
	}
	sbuf_puts(out, "--- looks\n");
	for (int y = 0; y < t->rows; y++) {
		for (int x = 0; x < t->cols; x++) {
			VTermScreenCell cell = { 0 };

			vterm_screen_get_cell(t->screen, (VTermPos){ y, x }, &cell);
			sbuf_putc(out, look_of(&cell));
		}
		while (out->data[out->len - 1] == '.')
			out->data[--out->len] = '\0';
		sbuf_putc(out, '\n');
	}
	vterm_state_get_cursorpos(vterm_obtain_state(t->vt), &cursor);
	sbuf_printf(out, "--- cursor %d %d\n", cursor.row, cursor.col);
	sbuf_release(&row);
}

static int until(struct terminal *t, const char *text, int there)
{
	int64_t end = clock_ms() + WAIT_MS;

	while (holds(t, text) != there) {
		if (clock_ms() >= end || t->ended)
			return -1;
		look(t, 20);
	}
	return 0;
}

static const char *key_bytes(const char *name)
{
	static const char *const names[][2] = {
		{ "esc", "\x1b" }, { "enter", "\r" }, { "backspace", "\x7f" }, { "tab", "\t" }
	};
	static const char *const caps[][2] = {
		{ "up", "kcuu1" }, { "down", "kcud1" }, { "left", "kcub1" }, { "right", "kcuf1" }
	};
	char cap[16];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i][0]))
			return names[i][1];
	snprintf(cap, sizeof(cap), "kf%s", name + 1);
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		if (!strcmp(name, caps[i][0]))
			snprintf(cap, sizeof(cap), "%s", caps[i][1]);
	return tigetstr(cap);
}

static int press(struct terminal *t, const char *name)
{
	const char *s = key_bytes(name);

	if (!s || s == (const char *)-1)
		return -1;
	(void)!write(t->fd, s, strlen(s));
	look(t, 500);
	return 0;
}

static void last_line(const struct terminal *t, struct sbuf *out)
{
	struct sbuf all = { 0 };
	const char *at;

	dump(t, &all);
	at = strstr(sbuf_str(&all), "--- cursor");
	for (at--; at > all.data && at[-1] != '\n'; at--)
		;
	sbuf_reset(out);
	sbuf_puts(out, at);
	sbuf_release(&all);
}

static int felt(struct terminal *t, const char *name, long most)
{
	const char *s = key_bytes(name);
	struct sbuf before = { 0 }, now = { 0 };
	int64_t from = clock_ms(), took;

	if (!s || s == (const char *)-1)
		return -1;
	last_line(t, &before);
	(void)!write(t->fd, s, strlen(s));
	do {
		look(t, 1);
		last_line(t, &now);
	} while (!strcmp(before.data, now.data) && clock_ms() - from < 5000);
	took = clock_ms() - from;
	printf("%lld\n", (long long)took);
	look(t, 700);
	sbuf_release(&before);
	sbuf_release(&now);
	return took <= most ? 0 : -1;
}

/* Bytes with their escapes. */
static size_t unescaped(char *out, const char *s)
{
	size_t n = 0;

	for (; *s; s++) {
		if (*s != '\\' || !s[1]) {
			out[n++] = *s;
			continue;
		}
		s++;
		if (*s == 'x' && text_hex_digit(s[1]) >= 0 && text_hex_digit(s[2]) >= 0) {
			out[n++] = (char)(text_hex_digit(s[1]) * 16 + text_hex_digit(s[2]));
			s += 2;
		} else {
			out[n++] = (char)(*s == 'r'   ? '\r'
					  : *s == 'e' ? 27
					  : *s == 'n' ? '\n'
					  : *s == 't' ? '\t'
						      : *s);
		}
	}
	return n;
}

static void send_slowly(struct terminal *t, const char *s, size_t n, int64_t us)
{
	for (size_t i = 0; i < n; i++) {
		int64_t next = clock_ns() + us * 1000;

		(void)!write(t->fd, s + i, 1);
		while (clock_ns() < next)
			look(t, us >= 2000 ? (next - clock_ns()) / 1000000 : 0);
	}
}

static void resize(struct terminal *t, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	t->rows = rows;
	t->cols = cols;
	vterm_set_size(t->vt, rows, cols);
	ioctl(t->fd, TIOCSWINSZ, &size);
}

/* People press F1 to F12 but F12 twice and more, scanners send anything. */
static void random_input(struct terminal *t, int64_t seconds, uint64_t seed)
{
	struct rng rng = { seed };
	int64_t end = clock_ms() + seconds * 1000;

	while (clock_ms() < end && !t->ended) {
		char bytes[80], name[16];
		size_t n = 0, want;

		switch (rng_next(&rng) % 8) {
		case 0:
			resize(t, 1 + (int)(rng_next(&rng) % 90), 1 + (int)(rng_next(&rng) % 300));
			look(t, 50);
			break;
		case 1:
		case 2: /* no F12: without it nothing may happen */
			snprintf(name, sizeof(name), "F%d", 1 + (int)(rng_next(&rng) % 11));
			press(t, name);
			break;
		default: /* a burst with keys in it, F12 above all */
			want = 2 + rng_next(&rng) % 40;
			while (n < want) {
				const char *s = NULL;

				snprintf(name, sizeof(name), "F%d",
					 12 - (int)(rng_next(&rng) % 24 % 12));
				s = rng_chance(&rng, 0.4) ? key_bytes(name) : NULL;
				if (s && s != (const char *)-1) {
					memcpy(bytes + n, s, strlen(s));
					n += strlen(s);
				} else {
					bytes[n++] = (char)rng_next(&rng);
				}
			}
			bytes[n++] = '\r';
			send_slowly(t, bytes, n, (int64_t)(rng_next(&rng) % 8000));
			look(t, 60 + (int64_t)(rng_next(&rng) % 600));
		}
	}
	resize(t, 24, 80);
	look(t, 1500);
}

static int end(struct terminal *t, int want)
{
	int64_t last = clock_ms() + 5000;
	int status;

	while (waitpid(t->pid, &status, WNOHANG) != t->pid) {
		if (clock_ms() >= last)
			return -1;
		look(t, 20);
	}
	t->pid = 0;
	t->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (t->status != want)
		fprintf(stderr, "terminal: ended with %d, must be %d\n", t->status, want);
	return t->status == want ? 0 : -1;
}

static int dump_to(struct terminal *t, const char *path)
{
	struct sbuf out = { 0 };
	struct err err = { 0 };
	int r;

	look(t, 300);
	dump(t, &out);
	r = file_write(path, sbuf_str(&out), out.len, &err);
	sbuf_release(&out);
	return r;
}

static int run_line(struct terminal *t, char *line)
{
	char *arg = line + strcspn(line, " "), bytes[8192];
	long a = 0, b = 0;

	if (*arg)
		*arg++ = '\0';
	if (sscanf(arg, "%ld %ld", &a, &b) < 1)
		a = 0;
	if (!strcmp(line, "wait"))
		return until(t, arg, 1);
	if (!strcmp(line, "gone"))
		return until(t, arg, 0);
	if (!strcmp(line, "pause"))
		return look(t, a), 0;
	if (!strcmp(line, "dump"))
		return dump_to(t, arg);
	if (!strcmp(line, "resize"))
		return resize(t, (int)a, (int)b), look(t, 300), 0;
	if (!strcmp(line, "random"))
		return random_input(t, a, (uint64_t)b), t->ended ? -1 : 0;
	if (!strcmp(line, "signal"))
		return kill(t->pid, (int)a);
	if (!strcmp(line, "end"))
		return end(t, (int)a);
	if (!strcmp(line, "felt")) {
		const char *name = strsep(&arg, " ");

		return felt(t, name, arg ? strtol(arg, NULL, 10) : 0);
	}
	if (!strcmp(line, "type"))
		return send_slowly(t, arg, strlen(arg), 150000), look(t, 400), 0;
	if (!strcmp(line, "scan") && strchr(arg, ' ')) {
		send_slowly(t, bytes, unescaped(bytes, strchr(arg, ' ') + 1), a);
		return look(t, 600), 0;
	}
	if (!strcmp(line, "key")) {
		int r = 0;

		for (char *name; r >= 0 && (name = strsep(&arg, " "));)
			r = press(t, name);
		return r;
	}
	fprintf(stderr, "terminal: no such word: %s\n", line);
	return -1;
}

static int run_script(struct terminal *t, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[8192], kept[8192];
	int r = f ? 0 : -1;

	while (f && r >= 0 && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		snprintf(kept, sizeof(kept), "%s", line);
		r = run_line(t, line);
		if (r < 0) {
			struct sbuf out = { 0 };

			dump(t, &out);
			fprintf(stderr, "terminal: %s: '%s' failed; the screen is\n%s", path, kept,
				sbuf_str(&out));
			sbuf_release(&out);
		}
	}
	if (f)
		fclose(f);
	return r;
}

int main(int argc, char **argv)
{
	struct terminal t = { 0 };
	struct winsize size = { 0 };
	int r, bad;

	if (argc < 6 || setupterm(argv[1], STDOUT_FILENO, &bad) != OK) {
		fprintf(stderr, "usage: terminal TERM ROWS COLS SCRIPT COMMAND...\n");
		return 2;
	}
	t.rows = (int)strtol(argv[2], NULL, 10);
	t.cols = (int)strtol(argv[3], NULL, 10);
	size.ws_row = (unsigned short)t.rows;
	size.ws_col = (unsigned short)t.cols;
	fflush(NULL);
	t.pid = forkpty(&t.fd, NULL, NULL, &size);
	if (t.pid == 0) {
		setenv("TERM", argv[1], 1);
		setenv("TZ", "UTC", 1);
		unsetenv("LINES");
		unsetenv("COLUMNS");
		execvp(argv[5], argv + 5);
		_exit(127);
	}
	t.vt = vterm_new(t.rows, t.cols);
	vterm_set_utf8(t.vt, 1);
	vterm_output_set_callback(t.vt, reply, &t);
	t.screen = vterm_obtain_screen(t.vt);
	vterm_screen_enable_altscreen(t.screen, 1);
	vterm_screen_reset(t.screen, 1);
	r = run_script(&t, argv[4]);
	if (t.pid > 0) {
		kill(t.pid, SIGTERM);
		end(&t, 128 + SIGTERM);
	}
	vterm_free(t.vt);
	close(t.fd);
	return r < 0;
}
