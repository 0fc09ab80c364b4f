#include "ui/bars.h"

#include <curses.h>
#include <stdio.h>

#include "base/sbuf.h"
#include "ui/draw.h"
#include "ui/lang.h"
#include "ui/said.h"

void bars_status(const struct ui *u)
{
	const struct floor_status *s = u->source.status(u->source.payload);
	char clock[64], part[160];
	struct sbuf left = { 0 };
	int w, x;

	draw_fill((struct area){ 0, 0, 2, COLS }, STYLE_TITLE);
	if (!s)
		return;
	draw_clock(clock, sizeof(clock));
	sbuf_printf(&left, " %s  ", s->station ? s->station : "");
	if (s->person && *s->person)
		sbuf_printf(&left, "%s (%s)", *s->person_name ? s->person_name : s->person,
			    lang_word_or_same(s->role));
	else
		sbuf_puts(&left, !s->login      ? T("no login")
				 : s->no_badges ? T("nobody has a badge yet")
						: T("nobody: scan your badge"));
	w = draw_width(clock) + 1;
	x = draw_text(0, 0, COLS - w - 1, STYLE_TITLE, sbuf_str(&left));
	draw_printf(0, COLS - w, w, STYLE_TITLE, "%s", clock);
	x += 2;
	sbuf_reset(&left);
	sbuf_printf(&left, " %s %s", T("rev."), s->revision);
	if (s->plan && *s->plan)
		draw_with_end(0, x, COLS - w - 1 - x, STYLE_TITLE, s->plan, sbuf_str(&left));
	sbuf_reset(&left);
	sbuf_printf(&left, T(" units %lld"), (long long)s->shift_units);
	if (s->shift_first > 0)
		sbuf_printf(&left, T("  first pass %.1f %% n=%lld"),
			    draw_percent(s->shift_first_passed, s->shift_first, 0.1),
			    (long long)s->shift_first);
	if (s->units_per_hour >= 0)
		sbuf_printf(&left, T("  %.0f/h"), s->units_per_hour);
	if (s->calibration_days != INT64_MIN && s->calibration_days <= 0)
		sbuf_puts(&left, T("  cal. overdue"));
	else if (s->calibration_days != INT64_MIN)
		sbuf_printf(&left, T("  cal. %lld d"), (long long)s->calibration_days);
	if (s->cycles_left >= 0 && s->cycles_left < 10000)
		sbuf_printf(&left, T("  %lld cycles left"), (long long)s->cycles_left);
	if (s->not_shown > 0)
		sbuf_printf(&left, T("  %lld not seen"), (long long)s->not_shown);
	if (!s->record_ok)
		snprintf(part, sizeof(part), T("RECORD: %s "),
			 s->record_text ? said(s->record_text) : "?");
	else if (s->queued > 0)
		snprintf(part, sizeof(part), T("recorded, %lld queued "), (long long)s->queued);
	else
		snprintf(part, sizeof(part), "%s ", T("recorded"));
	w = draw_width(part);
	w = w > COLS / 2 ? COLS / 2 : w;
	draw_text(1, 0, COLS - w - 1, STYLE_TITLE, sbuf_str(&left));
	draw_text(1, COLS - w, w, s->record_ok ? STYLE_TITLE : STYLE_FAIL, part);
	sbuf_release(&left);
}

void bars_keys(const struct ui *u, int y)
{
	int n = 0, x = 0, i = 0;

	for (const struct ui_action *a = ui_actions; a->action; a++)
		n++;
	draw_fill((struct area){ y, 0, 1, COLS }, STYLE_NORMAL);
	for (const struct ui_action *a = ui_actions; a->action; a++, i++) {
		int w = (i + 1) * (COLS - 1) / n - x, on = u->touched == a->key;
		int used = draw_printf(y, x, w, STYLE_BOLD, "%d", a->key - PRESS_F1 + 1);
		const char *title = dialogue_key(u, a->key), *is = title ? title : T(a->title);
		int room = w - used - (draw_width(is) < w - used);
		enum style style = on ? STYLE_TOUCH : *is ? STYLE_KEY : STYLE_NORMAL;

		draw_fill((struct area){ y, x + used, 1, room }, style);
		draw_text(y, x + used, room, style, is);
		x += w;
	}
}
