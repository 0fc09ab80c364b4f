#include <vterm.h> /* before curses, whose bell is a macro */

#include "tests/unit/tty.h"

static int rings(void *p)
{
	((struct tty *)p)->rang++;
	return 1;
}

static const VTermScreenCallbacks heard = { .bell = rings };

#include <curses.h>
#include <errno.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "ui/draw.h"

static void reply(const char *s, size_t n, void *p)
{
	tty_write(p, s, n);
}

int tty_open(struct tty *t, const char *term, int rows, int cols, char *const *argv)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	int bad;

	*t = (struct tty){ .fd = -1, .rows = rows, .cols = cols };
	if (setupterm(term, STDOUT_FILENO, &bad) != OK)
		return -1;
	t->term = cur_term;
	fflush(NULL);
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	if (t->pid == 0) {
		setenv("TERM", term, 1);
		setenv("TZ", "UTC", 1);
		unsetenv("LINES");
		unsetenv("COLUMNS");
		execvp(argv[0], argv);
		_exit(127);
	}
	t->vt = vterm_new(rows, cols);
	vterm_set_utf8(t->vt, 1);
	vterm_output_set_callback(t->vt, reply, t);
	t->screen = vterm_obtain_screen(t->vt);
	vterm_screen_set_callbacks(t->screen, &heard, t);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_reset(t->screen, 1);
	return t->pid < 0 ? -1 : 0;
}

void tty_close(struct tty *t)
{
	if (t->vt)
		vterm_free(t->vt);
	if (t->term)
		del_curterm(t->term);
	if (t->fd >= 0)
		close(t->fd);
	*t = (struct tty){ .fd = -1 };
}

void tty_read(struct tty *t)
{
	char bytes[16384];
	ssize_t n = read(t->fd, bytes, sizeof(bytes));

	if (n > 0)
		vterm_input_write(t->vt, bytes, (size_t)n);
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		t->ended = 1;
}

void tty_write(struct tty *t, const char *bytes, size_t n)
{
	(void)!write(t->fd, bytes, n);
}

void tty_resize(struct tty *t, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	t->rows = rows;
	t->cols = cols;
	vterm_set_size(t->vt, rows, cols);
	ioctl(t->fd, TIOCSWINSZ, &size);
}

void tty_row(const struct tty *t, int y, struct sbuf *out)
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

int tty_holds(const struct tty *t, const char *text)
{
	struct sbuf row = { 0 };
	int found = 0;

	for (int y = 0; y < t->rows && !found; y++) {
		tty_row(t, y, &row);
		found = strstr(sbuf_str(&row), text) != NULL;
	}
	sbuf_release(&row);
	return found;
}

/* --- looks --- */

static int number(const VTermColor *c, int is_default)
{
	return is_default || !VTERM_COLOR_IS_INDEXED(c) ? -1 : c->indexed.idx;
}

static VTermScreenCell cell_at(const struct tty *t, int y, int x)
{
	VTermScreenCell cell = { 0 };

	vterm_screen_get_cell(t->screen, (VTermPos){ y, x }, &cell);
	return cell;
}

static int fg_of(const VTermScreenCell *c)
{
	return number(&c->fg, VTERM_COLOR_IS_DEFAULT_FG(&c->fg));
}

static int bg_of(const VTermScreenCell *c)
{
	return number(&c->bg, VTERM_COLOR_IS_DEFAULT_BG(&c->bg));
}

/* A letter for a style, '*' for what is none. libvterm knows no dim. */
static char look_of(const VTermScreenCell *c)
{
	static const struct {
		int fg, bg;
		attr_t attrs;
	} styles[] = {
#define STYLE_LOOK(name, fg, bg, colour, mono, letter) { fg, bg, colour },
		STYLE_LIST(STYLE_LOOK)
#undef STYLE_LOOK
	};
	static const char letters[] = ".ooBTKtPFERAS"; /* one for each style, as it is seen */
	int fg = fg_of(c), bg = bg_of(c);
	int other = c->attrs.underline || c->attrs.italic || c->attrs.blink || c->attrs.strike;

	if (other)
		return '*';
	if (fg < 0 && bg < 0)
		return c->attrs.reverse && c->attrs.bold ? '#'
		       : c->attrs.reverse                ? 'r'
		       : c->attrs.bold                   ? 'o'
							 : '.';
	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]) && !c->attrs.reverse; i++)
		if (styles[i].fg == fg && styles[i].bg == bg &&
		    !(styles[i].attrs & A_BOLD) == !c->attrs.bold)
			return letters[i];
	return '*';
}

void tty_looks(const struct tty *t, int y, struct sbuf *out)
{
	char last = '\0';
	int run = 0;

	sbuf_reset(out);
	for (int x = 0; x <= t->cols; x++) {
		VTermScreenCell cell = { 0 };
		char look = '\0';

		if (x < t->cols) {
			cell = cell_at(t, y, x);
			look = look_of(&cell);
		}
		if (run && look != last) {
			if (look || last != '.') /* plain cells at the end are left out */
				sbuf_printf(out, " %c%d", last, run);
			run = 0;
		}
		last = look;
		run++;
	}
}

static void dump_looks(const struct tty *t, struct sbuf *out)
{
	struct sbuf row = { 0 }, before = { 0 };
	int from = 0;

	sbuf_puts(out, "--- looks\n");
	for (int y = 0; y <= t->rows; y++) {
		if (y < t->rows)
			tty_looks(t, y, &row);
		if (y && (y == t->rows || strcmp(sbuf_str(&row), sbuf_str(&before)) != 0)) {
			if (before.len && from == y - 1)
				sbuf_printf(out, "%d%s\n", from, sbuf_str(&before));
			else if (before.len)
				sbuf_printf(out, "%d-%d%s\n", from, y - 1, sbuf_str(&before));
			from = y;
		}
		sbuf_reset(&before);
		sbuf_puts(&before, sbuf_str(&row));
	}
	sbuf_release(&row);
	sbuf_release(&before);
}

static void dump_cells(const struct tty *t, struct sbuf *out)
{
	int any = 0;

	for (int y = 0; y < t->rows; y++) {
		int in_row = 0;

		for (int x = 0; x < t->cols; x++) {
			VTermScreenCell cell = cell_at(t, y, x);

			if (look_of(&cell) != '*')
				continue;
			if (!any)
				sbuf_puts(out, "--- cells\n");
			if (!in_row)
				sbuf_printf(out, "%d,%d", y, x);
			sbuf_printf(out, " %02x%02x", (unsigned)fg_of(&cell) & 0xff,
				    (unsigned)bg_of(&cell) & 0xff);
			any = in_row = 1;
		}
		if (in_row)
			sbuf_putc(out, '\n');
	}
}

void tty_dump(const struct tty *t, struct sbuf *out)
{
	struct sbuf row = { 0 };
	VTermPos cursor;

	for (int y = 0; y < t->rows; y++) {
		tty_row(t, y, &row);
		sbuf_printf(out, "%s\n", sbuf_str(&row));
	}
	dump_looks(t, out);
	dump_cells(t, out);
	vterm_state_get_cursorpos(vterm_obtain_state(t->vt), &cursor);
	sbuf_printf(out, "--- cursor %d %d\n", cursor.row, cursor.col);
	sbuf_release(&row);
}

/* --- keys --- */

const char *tty_key(const struct tty *t, const char *name)
{
	static const char *const names[][2] = {
		{ "esc", "\x1b" }, { "enter", "\r" }, { "backspace", "\x7f" }, { "tab", "\t" }
	};
	static const char xterm_f5[] = "\x1b[15~"; /* a VT220 has none, who emulates it has */
	static const char *const caps[][2] = {
		{ "up", "kcuu1" }, { "down", "kcud1" }, { "left", "kcub1" }, { "right", "kcuf1" }
	};
	char cap[16];
	const char *s;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i][0]))
			return names[i][1];
	snprintf(cap, sizeof(cap), "kf%s", name + 1);
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		if (!strcmp(name, caps[i][0]))
			snprintf(cap, sizeof(cap), "%s", caps[i][1]);
	set_curterm(t->term);
	s = tigetstr(cap);
	if (s && s != (const char *)-1)
		return s;
	return !strcmp(name, "F5") ? xterm_f5 : NULL;
}
