#include "tests/unit/ui_rig.h"

#include <curses.h>
#include <inttypes.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "floor/proto.h"
#include "tests/unit/ui_models.h"
#include "ui/draw.h"
#include "ui/lang.h"
#include "ui/picture_child.h"

#define MS INT64_C(1000000)

static size_t slots(void *p)
{
	return ((struct ui_rig *)p)->slots;
}

static const struct floor_slot *slot(void *p, size_t i)
{
	return &((struct ui_rig *)p)->slot[i];
}

static const struct floor_status *status(void *p)
{
	return &((struct ui_rig *)p)->status;
}

static int64_t send(void *p, const struct floor_command *c, struct err *err)
{
	struct ui_rig *r = p;

	(void)err;
	r->commands++;
	sbuf_printf(&r->sent, "%s slot=%s text=%.*s serial=%s reason=%s question=%" PRId64,
		    floor_do_word(c->what), c->slot ? c->slot : "-", (int)c->len, c->text,
		    c->serial ? c->serial : "-", c->reason ? c->reason : "-", c->question);
	if (c->product || c->process)
		sbuf_printf(&r->sent, " product=%s process=%s", c->product ? c->product : "-",
			    c->process ? c->process : "-");
	sbuf_putc(&r->sent, '\n');
	return ++r->id;
}

static void shown(void *p, const char *run)
{
	sbuf_printf(&((struct ui_rig *)p)->shown, "%s\n", run);
}

void ui_rig_open(struct ui_rig *r, const char *term, int rows, int cols, size_t n)
{
	const struct ui_source source = { slots, slot, status, send, shown, r };
	FILE *nul = fopen("/dev/null", "r+");
	char number[16];
	int vt = !strncmp(term, "vt", 2);

	*r = (struct ui_rig){ .slots = n, .ns = 1000 * 1000 * MS };
	setlocale(LC_CTYPE, "C.UTF-8");
	lang_init();
	clock_freeze_ms(1000 * 1000);
	clock_freeze_wall_ms(INT64_C(1795775400000)); /* 2026-11-27 10:30 */
	snprintf(number, sizeof(number), "%d", rows);
	setenv("LINES", number, 1);
	snprintf(number, sizeof(number), "%d", cols);
	setenv("COLUMNS", number, 1);
	if (!nul)
		abort();
	r->screen = newterm(term, nul, nul);
	if (!r->screen)
		abort();
	if (has_colors()) {
		start_color();
		use_default_colors();
	}
	draw_init(!vt, has_colors() ? COLORS : 0, !strcmp(term, "linux"));
	for (size_t i = 0; i < n; i++)
		r->slot[i] = model_slot(&r->arena, i);
	r->status = model_status();
	ui_init(&r->ui, &source);
}

void ui_rig_close(struct ui_rig *r)
{
	ui_release(&r->ui);
	endwin();
	delscreen(r->screen);
	sbuf_release(&r->sent);
	sbuf_release(&r->shown);
	arena_free(&r->arena);
}

void ui_rig_after(struct ui_rig *r, int64_t ms)
{
	r->ns += ms * MS;
	clock_freeze_ms(r->ns / MS);
}

void ui_rig_picture(struct ui_rig *r)
{
	ui_draw(&r->ui);
	clock_freeze_ms(clock_ms() + 200);
	picture_child_tend(); /* another size of the same file waits a little */
	ui_rig_after(r, 0);
	for (struct pollfd p; (p.fd = picture_child_fd()) >= 0; picture_child_tend()) {
		p.events = POLLIN;
		if (poll(&p, 1, 20000) <= 0)
			abort();
	}
	ui_draw(&r->ui);
}

void ui_rig_press(struct ui_rig *r, enum input_key key)
{
	dialogue_shown(&r->ui, r->ns); /* on a terminal that takes all at once */
	ui_rig_after(r, 500);
	ui_event(&r->ui, &(struct input_event){
				 .type = INPUT_KEY, .key = key, .times = 1, .at_ns = r->ns });
}

void ui_rig_type(struct ui_rig *r, const char *s)
{
	for (; *s; s++) {
		ui_rig_after(r, 150);
		ui_event(&r->ui, &(struct input_event){
					 .type = INPUT_CHAR, .text = s, .len = 1, .at_ns = r->ns });
	}
}

void ui_rig_scan(struct ui_rig *r, const char *text)
{
	size_t n = strlen(text);

	ui_rig_after(r, 500);
	ui_event(&r->ui, &(struct input_event){ .type = INPUT_SCAN,
						.text = text,
						.len = n,
						.body = text,
						.body_len = n,
						.at_ns = r->ns });
}

void ui_rig_run(struct ui_rig *r, size_t i)
{
	model_run(&r->slot[i], &r->arena, i);
}

void ui_rig_end(struct ui_rig *r, size_t i, enum verdict v)
{
	model_end(&r->slot[i], &r->arena, i, v);
}

void ui_rig_fill(struct ui_rig *r)
{
	for (size_t i = 0; i < r->slots; i++)
		model_any(&r->slot[i], &r->arena, i);
}

const char *ui_rig_row(int y)
{
	static char text[1000];

	mvinnstr(y, 0, text, sizeof(text) - 1);
	return text;
}

int ui_rig_tells(struct ui_rig *r, const char *text)
{
	ui_draw(&r->ui);
	for (int y = 0; y < LINES; y++)
		if (strstr(ui_rig_row(y), text))
			return 1;
	return 0;
}

int golden_screen(const char *name, const char *text)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	char *path = arena_printf(&a, "tests/golden/screens/%s.txt", name), *kept;
	size_t n;
	int same;

	if (getenv("STATION_GOLDEN")) {
		same = !file_mkdirs("tests/golden/screens", &err) &&
		       !file_write(path, text, strlen(text), &err);
	} else {
		same = !file_read(&kept, &n, &a, path, 1 << 20, &err) && !strcmp(kept, text);
		if (!same)
			fprintf(stderr, "%s is other (%s); it is now:\n%s\nmake golden writes it\n",
				path, err.text, text);
	}
	arena_free(&a);
	return same;
}

int ui_rig_golden(struct ui_rig *r, const char *name)
{
	struct sbuf out = { 0 };
	int same;

	ui_draw(&r->ui);
	refresh();
	ui_flushed(&r->ui);
	draw_dump(&out);
	same = golden_screen(name, sbuf_str(&out));
	sbuf_release(&out);
	return same;
}
