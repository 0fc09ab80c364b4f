/* help -- what the keys do, from actions.def. */
#include "ui/view.h"

#include "ui/lang.h"

static void draw(struct ui *u, struct area a)
{
	static const char *const rules[] = {
		N("F12 confirms, Esc goes back. Arrow keys mark a slot."),
		N("Scan a unit, plug its board in: it starts. Scan the code of a slot, or choose "
		  "the slot, when it is asked for."),
		N("Whatever a scanner sends is a scan. It never presses a key, whatever is printed "
		  "on the label."),
	};
	int y = a.y + 1;

	(void)u;
	draw_text(a.y, a.x + 1, a.w - 2, STYLE_BOLD, T("Keys"));
	for (const struct ui_action *k = ui_actions; k->action && y < a.y + a.h; k++) {
		draw_printf(y, a.x + 1, 16, STYLE_BOLD, "F%-3d %s", k->key - PRESS_F1 + 1,
			    T(k->title));
		y += draw_wrap((struct area){ y, a.x + 18, 2, a.w - 19 }, STYLE_NORMAL, T(k->help));
	}
	y += y + 6 < a.y + a.h;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && y < a.y + a.h; i++)
		y += draw_wrap((struct area){ y, a.x + 1, a.y + a.h - y, a.w - 2 }, STYLE_NORMAL,
			       T(rules[i]));
}

const struct view_ops view_help = {
	.draw = draw,
};
