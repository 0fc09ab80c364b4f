#include "tests/unit/ui_rig.h"

#include <curses.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "floor/proto.h"
#include "ui/draw.h"
#include "ui/lang.h"

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
	sbuf_printf(&r->sent, "%s slot=%s text=%.*s serial=%s reason=%s question=%" PRId64 "\n",
		    floor_do_word(c->what), c->slot ? c->slot : "-", (int)c->len, c->text,
		    c->serial ? c->serial : "-", c->reason ? c->reason : "-", c->question);
	return ++r->id;
}

static void shown(void *p, const char *run)
{
	sbuf_printf(&((struct ui_rig *)p)->shown, "%s\n", run);
}

static struct floor_slot empty_slot(struct arena *a, size_t i)
{
	return (struct floor_slot){ .name = arena_printf(a, "%zu", i + 1),
				    .usb = arena_printf(a, "1-1.%zu", i + 1),
				    .state = FLOOR_OUT,
				    .serial = "",
				    .product = "",
				    .plan = "",
				    .revision = "",
				    .variant = "",
				    .step_id = "",
				    .step_title = "",
				    .doing = "",
				    .done = -1,
				    .expected_ms = -1,
				    .step_expected_ms = -1,
				    .fail_name = "",
				    .fail_value = "",
				    .fail_limit = "" };
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
	draw_init(!vt, has_colors() ? COLORS : 0);
	for (size_t i = 0; i < n; i++)
		r->slot[i] = empty_slot(&r->arena, i);
	r->status = (struct floor_status){ .station = "ST-01",
					   .line = "L1",
					   .fixture = "FX-1",
					   .person = "1184",
					   .person_name = "A. Meier",
					   .role = "operator",
					   .language = "en",
					   .login = 1,
					   .plan = "rdb.ini",
					   .revision = "7",
					   .shift_units = 212,
					   .shift_first = 200,
					   .shift_first_passed = 193,
					   .units_per_hour = 41.3,
					   .record_ok = 1,
					   .record_text = "",
					   .queued = -1,
					   .calibration_days = 12,
					   .cycles_left = -1,
					   .waits = "",
					   .waits_text = "" };
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

void ui_rig_press(struct ui_rig *r, enum input_key key)
{
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
	struct floor_slot *s = &r->slot[i];

	s->state = FLOOR_RUNNING;
	s->serial = arena_printf(&r->arena, "AS%08zu", i + 1);
	s->plan = "rdb.ini";
	s->revision = "7";
	s->step = 2;
	s->steps = 7;
	s->step_id = "recovery";
	s->step_title = "Reflash and return";
	s->doing = "image 3 of 9";
	s->done = 0.4;
	s->run_at_ms = 1000 * 1000 - 42000;
	s->step_at_ms = 1000 * 1000 - 12000;
	s->expected_ms = 90000;
	s->step_expected_ms = 30000;
	s->before_ms = 30000;
}

void ui_rig_end(struct ui_rig *r, size_t i, enum verdict v)
{
	struct floor_slot *s = &r->slot[i];

	s->state = FLOOR_ENDED;
	s->serial = arena_printf(&r->arena, "AS%08zu", i + 1);
	s->run = arena_printf(&r->arena, "run-%zu", i + 1);
	s->verdict = v;
	s->took_ms = 87000;
	if (v == VERDICT_FAIL) {
		s->blame = BLAME_UNIT;
		s->fail_name = "gpio.shorts";
		s->fail_value = "1";
		s->fail_limit = "== 0";
		s->instruction = "look for solder bridges at J3";
	} else if (v != VERDICT_PASS) {
		s->blame = v == VERDICT_ABORTED ? BLAME_OPERATOR : BLAME_STATION;
		s->code = "ERR_GONE";
		s->message = "USB device was unplugged";
		s->todo = "check cable and hub of the slot, then test the unit again";
	}
}

void ui_rig_fill(struct ui_rig *r)
{
	for (size_t i = 0; i < r->slots; i++)
		switch (i % 8) {
		case 0:
			ui_rig_end(r, i, VERDICT_PASS);
			break;
		case 1:
			ui_rig_end(r, i, VERDICT_FAIL);
			break;
		case 2:
			ui_rig_end(r, i, VERDICT_ERROR);
			break;
		case 3:
			ui_rig_run(r, i);
			break;
		case 4:
			r->slot[i].state = FLOOR_IN;
			r->slot[i].instruction = "close the lid";
			break;
		case 5:
			break;
		case 6:
			r->slot[i].state = FLOOR_SCANNED;
			r->slot[i].serial = "AS00000007";
			break;
		case 7:
			r->slot[i].state = FLOOR_TROUBLE;
			r->slot[i].message = "no interface at USB path 1-1.8";
			r->slot[i].todo = "check the slot's USB cable";
			break;
		}
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
