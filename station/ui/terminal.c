#include "ui/terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <unistd.h>

#include "base/clock.h"
#include "ui/draw.h"
#include "ui/picture_place.h"

enum {
	ASK_MS = 500,
	WRITE_MAX = 1024, /* a serial line holds no more of what is behind the times */
	GOODBYE_MS = 300, /* for the last bytes, on a terminal that may take none */
};

static void write_text(const struct terminal *t, const char *text)
{
	(void)!write(t->fd, text, strlen(text));
}

/* They know no questions and no marks of a paste. */
static const char plain_terms[] = "linux\0vt\0dumb\0ansi\0";

/* $TERM begins with one of the names, each of which ends in a NUL. */
static int is_term(const char *names)
{
	const char *term = getenv("TERM");

	for (const char *s = names; term && *s; s += strlen(s) + 1)
		if (!strncmp(term, s, strlen(s)))
			return 1;
	return 0;
}

/* What the terminal answers to: what are you? */
static void ask(struct terminal *t)
{
	struct sbuf got = { 0 };
	struct pollfd p = { t->in, POLLIN, 0 };
	struct winsize size = { 0 };
	int64_t until = clock_ms() + ASK_MS;

	if (!ioctl(t->fd, TIOCGWINSZ, &size) && size.ws_col && size.ws_row) {
		t->cell_w = size.ws_xpixel / size.ws_col;
		t->cell_h = size.ws_ypixel / size.ws_row;
	}
	if (is_term(plain_terms))
		return;
	if (getenv("KITTY_WINDOW_ID") || is_term("xterm-kitty\0xterm-ghostty\0"))
		write_text(t, "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\");
	write_text(t, "\x1b[c");
	while (clock_ms() < until && poll(&p, 1, clock_left_ms(until)) > 0) {
		char bytes[256], *end;
		ssize_t n = read(t->in, bytes, sizeof(bytes));

		if (n <= 0)
			break;
		sbuf_add(&got, bytes, (size_t)n);
		end = memmem(sbuf_str(&got), got.len, "\x1b[?", 3);
		if (end && memchr(end, 'c', got.len - (size_t)(end - got.data)))
			break;
	}
	t->how = picture_how_of(sbuf_str(&got), got.len, 0, 0);
	/* What stands around the answers was typed or scanned. */
	for (size_t to = 0; to < got.len;) {
		const char *s = got.data + to;
		const char *end = !memcmp(s, "\x1b[?", got.len - to < 3 ? got.len - to : 3)
					  ? memchr(s, 'c', got.len - to)
				  : got.len - to > 1 && s[0] == '\x1b' && s[1] == '_'
					  ? memmem(s, got.len - to, "\x1b\\", 2)
					  : NULL;

		t->early += !end;
		to = end ? (size_t)(end - got.data) + (*end == 'c' ? 1 : 2) : to + 1;
	}
	sbuf_release(&got);
}

/* Nobody knows whether it is whole: a shell, or a screen before, may have read some of it. */
static void drop_early(struct terminal *t)
{
	char bytes[256];

	for (ssize_t n; (n = read(t->in, bytes, sizeof(bytes))) > 0;)
		t->early += (size_t)n;
}

static int no_terminal(struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "the screen needs a terminal; without one: station --plain, or station run");
}

int terminal_there(struct err *err)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return no_terminal(err);
	close(fd);
	return 0;
}

static void set_raw(const struct terminal *t)
{
	struct termios mode = t->before;

	cfmakeraw(&mode); /* no ^C, ^S, ^Z of a label counts; CR stays CR */
	mode.c_cc[VMIN] = 0;
	mode.c_cc[VTIME] = 0;
	tcsetattr(t->fd, TCSANOW, &mode);
}

static int start_curses(struct terminal *t, int ascii, struct err *err)
{
	const char *term = getenv("TERM");

	t->utf8 = !ascii && !strcmp(nl_langinfo(CODESET), "UTF-8") && !is_term("vt\0dumb\0ansi\0");
	if (strcmp(nl_langinfo(CODESET), "UTF-8"))
		setlocale(LC_CTYPE, "C.UTF-8"); /* texts are UTF-8; what is drawn is ASCII */
	set_escdelay(25);
	t->screen = newterm(NULL, t->out, t->out);
	if (!t->screen)
		return err_set(err, ERR_USAGE,
			       "terminal '%s' is not known; set TERM, or use station --plain",
			       term ? term : "");
	nonl();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	if (has_colors()) {
		start_color();
		use_default_colors();
	}
	t->colours = has_colors() ? COLORS : 0;
	draw_init(t->utf8, t->colours, is_term("linux\0"));
	if (t->how == PICTURE_TEXT)
		t->how = picture_how_of("", 0, t->colours, t->utf8);
	picture_place_set(t->how, picture_how_of("", 0, t->colours, t->utf8), t->cell_w, t->cell_h);
	t->pastes = !is_term(plain_terms);
	return 0;
}

int terminal_open(struct terminal *t, const char *log, int ascii, struct err *err)
{
	int fd;

	*t = (struct terminal){ .in = -1, .fd = -1, .sheet = -1 };
	t->in = open("/dev/tty", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	t->fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (t->in < 0 || t->fd < 0 || tcgetattr(t->fd, &t->before) < 0) {
		terminal_close(t);
		return no_terminal(err);
	}
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0) {
		terminal_close(t);
		return err_set(err, ERR_FILE, "%s: %s", log, strerror(errno));
	}
	fflush(NULL);
	t->sheet = memfd_create("screen", MFD_CLOEXEC);
	t->out = t->sheet < 0 ? NULL : fdopen(dup(t->sheet), "r+");
	if (!t->out) {
		close(fd);
		terminal_close(t);
		return err_set(err, ERR_IO, "memory for the screen: %s", strerror(errno));
	}
	set_raw(t);
	ask(t);
	drop_early(t);
	if (start_curses(t, ascii, err) < 0) {
		close(fd);
		terminal_close(t);
		return err->code;
	}
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
	terminal_resize(t); /* curses sees no terminal, and so no size */
	terminal_resume(t);
	return 0;
}

/* --- what goes out --- */

int terminal_waits(const struct terminal *t)
{
	return t->queue.len > t->taken;
}

int64_t terminal_late_ms(const struct terminal *t)
{
	return terminal_waits(t) ? clock_ms() - t->since_ms : 0;
}

/* To add to. */
static struct sbuf *queue(struct terminal *t)
{
	if (!terminal_waits(t))
		t->since_ms = clock_ms();
	return &t->queue;
}

/* Behind what waits: what curses has written meanwhile. */
static void collect(struct terminal *t)
{
	char bytes[16384];
	off_t at = 0;

	for (ssize_t n; (n = pread(t->sheet, bytes, sizeof(bytes), at)) > 0; at += n)
		sbuf_add(queue(t), bytes, (size_t)n);
	(void)!ftruncate(t->sheet, 0);
	lseek(t->sheet, 0, SEEK_SET);
}

void terminal_push(struct terminal *t)
{
	struct pollfd p = { t->fd, POLLOUT, 0 };

	while (terminal_waits(t) && poll(&p, 1, 0) > 0 && p.revents & POLLOUT) {
		size_t n = t->queue.len - t->taken;
		ssize_t took =
			write(t->fd, t->queue.data + t->taken, n < WRITE_MAX ? n : WRITE_MAX);

		if (took <= 0)
			break;
		t->taken += (size_t)took;
	}
	if (terminal_waits(t))
		return;
	sbuf_reset(&t->queue);
	t->taken = 0;
}

/* What goes out when the screen goes: whole, or not at all where nothing is taken. */
static void push_for(struct terminal *t, int64_t ms)
{
	int64_t until = clock_ms() + ms;
	struct pollfd p = { t->fd, POLLOUT, 0 };

	terminal_push(t);
	while (terminal_waits(t) && clock_ms() < until) {
		if (poll(&p, 1, clock_left_ms(until)) > 0 && p.revents & (POLLHUP | POLLERR))
			return; /* it is gone */
		terminal_push(t);
	}
}

static void put(struct terminal *t, const char *text)
{
	sbuf_puts(queue(t), text);
}

void terminal_suspend(struct terminal *t)
{
	picture_place_begin();
	picture_place_change(queue(t));
	if (t->pastes)
		put(t, "\x1b[?2004l");
	endwin();
	collect(t);
	push_for(t, GOODBYE_MS);
	tcsetattr(t->fd, TCSANOW, &t->before);
}

void terminal_resume(struct terminal *t)
{
	clearok(curscr, TRUE);
	refresh();
	collect(t);
	set_raw(t);
	if (t->pastes)
		put(t, "\x1b[?2004h");
	picture_place_lost();
	terminal_push(t);
}

void terminal_close(struct terminal *t)
{
	if (t->screen) {
		terminal_suspend(t);
		delscreen(t->screen);
	} else if (t->fd >= 0 && t->out) {
		tcsetattr(t->fd, TCSANOW, &t->before);
	}
	if (t->out)
		fclose(t->out);
	if (t->sheet >= 0)
		close(t->sheet);
	sbuf_release(&t->queue);
	if (t->in >= 0)
		close(t->in);
	if (t->fd >= 0)
		close(t->fd);
	*t = (struct terminal){ .in = -1, .fd = -1, .sheet = -1 };
}

void terminal_sequences(struct input *in)
{
	static const struct {
		const char *name;
		enum input_key key;
	} caps[] = {
		{ "kcuu1", PRESS_UP },    { "kcud1", PRESS_DOWN },  { "kcub1", PRESS_LEFT },
		{ "kcuf1", PRESS_RIGHT }, { "kpp", PRESS_PAGE_UP }, { "knp", PRESS_PAGE_DOWN },
		{ "khome", PRESS_HOME },  { "kend", PRESS_END },    { "kbs", PRESS_BACKSPACE },
		{ "kent", PRESS_ENTER },
	};

	for (int i = 1; i <= 12; i++) {
		char name[16];
		char *s;

		snprintf(name, sizeof(name), "kf%d", i);
		s = tigetstr(name);
		if (s && s != (char *)-1)
			input_sequence_add(in, s, PRESS_F1 + i - 1);
	}
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		char *s = tigetstr(caps[i].name);

		if (s && s != (char *)-1)
			input_sequence_add(in, s, caps[i].key);
	}
	input_sequences_common(in);
}

void terminal_resize(struct terminal *t)
{
	struct winsize size;

	if (ioctl(t->fd, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
		return;
	resize_term(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
	picture_place_lost();
}

int terminal_ready(const struct terminal *t, int at_once)
{
	return !terminal_waits(t) && (at_once || !picture_place_is_open());
}

void terminal_draw(struct terminal *t)
{
	picture_place_break(queue(t));
	refresh();
	if (picture_place_change(queue(t))) {
		redrawwin(stdscr);
		refresh();
	}
	collect(t);
	terminal_push(t);
}

int terminal_illustrate(struct terminal *t)
{
	int again = 0;

	if (!terminal_waits(t))
		again = picture_place_piece(queue(t));
	terminal_push(t);
	return again;
}

void terminal_ring(struct terminal *t)
{
	if (!picture_place_is_open())
		put(t, "\a");
	terminal_push(t);
}
