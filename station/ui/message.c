#include "ui/message.h"

#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "floor/policy.h"
#include "floor/server.h"
#include "ui/block.h"
#include "ui/lang.h"
#include "ui/said.h"

enum { ALARM_ROWS = 7 };
_Static_assert(UI_SILENT_MS == 3 * SERVER_BEAT_MS, "three beats");

int64_t message_silent_ms(const struct ui *u)
{
	int64_t ms = u->heard_ms ? u->now_ms - u->heard_ms : 0;

	return !u->gone && ms >= UI_SILENT_MS ? ms : 0;
}

int message_calm_rows(void)
{
	return LINES >= 40 ? 7 : LINES >= 30 ? 4 : 3;
}

int message_rows(const struct ui *u)
{
	if (u->gone || message_silent_ms(u)) /* room for a word that is seen from afar */
		return ALARM_ROWS;
	return message_calm_rows();
}

/* The text says itself which slot it is about. */
static int names_slot(const struct ui *u)
{
	char name[48];

	snprintf(name, sizeof(name), "slot %s", u->message.slot);
	return strstr(sbuf_str(&u->message.text), name) != NULL;
}

/* The message, to what else there is to tell: there is none, or it is news that have grown old. */
static int gives_way(const struct ui *u)
{
	return !u->message.there ||
	       (u->message.kind == FLOOR_NOTICE_INFO &&
		u->now_ms - u->message.at_ms >= UI_NEWS_MS && (u->detail.len || ui_nobody(u)));
}

/* Behind all that must be read. */
static void put_if_room(struct sbuf *text, const char *more, struct area a)
{
	struct sbuf both = { 0 };

	sbuf_printf(&both, "%s; %s", sbuf_str(text), more);
	if (draw_rows(a.w, sbuf_str(&both)) <= a.h)
		sbuf_printf(text, "; %s", more);
	sbuf_release(&both);
}

void message_draw(const struct ui *u, struct area a)
{
	static const struct {
		enum style style;
		const char *word;
	} kinds[] = {
		[FLOOR_NOTICE_INFO] = { STYLE_BARE, "" },
		[FLOOR_NOTICE_ASK] = { STYLE_ASK, N("PLEASE") },
		[FLOOR_NOTICE_NO] = { STYLE_FAIL, N("REFUSED") },
		[FLOOR_NOTICE_BAD] = { STYLE_ERROR, N("STATION") },
	};
	struct sbuf text = { 0 };
	struct area word, in;
	int64_t silent_ms = message_silent_ms(u);
	int alarm = u->gone || silent_ms, login = !alarm && gives_way(u) && ui_nobody(u);
	enum floor_notice_kind k = alarm   ? FLOOR_NOTICE_BAD
				   : login ? FLOOR_NOTICE_ASK
					   : u->message.kind;

	if (!alarm && !login && gives_way(u)) {
		draw_fill(a, STYLE_NORMAL);
		draw_wrap((struct area){ a.y, a.x + 1, a.h, a.w - 2 }, STYLE_BOLD,
			  sbuf_str(&u->detail));
		return;
	}
	draw_fill(a, kinds[k].style);
	word = (struct area){ a.y + 1, a.x + 2, a.h - 2, a.w / (alarm ? 2 : 3) };
	if (*kinds[k].word && block_draw(word, kinds[k].style, T(kinds[k].word))) {
		a.x += word.w + 4;
		a.w -= word.w + 4;
	} else if (*kinds[k].word) {
		sbuf_printf(&text, "%s: ", T(kinds[k].word));
	}
	if (u->gone)
		sbuf_puts(&text, T("no connection to the station; what runs goes on there and is "
				   "recorded; trying again"));
	else if (silent_ms)
		sbuf_printf(&text,
			    T("the station does not answer since %lld s; verdicts wait, and "
			      "nothing that is scanned or pressed is done; if it stays so, call an "
			      "engineer"),
			    (long long)silent_ms / 1000);
	else if (!login && *u->message.slot && !names_slot(u))
		sbuf_printf(&text, T("slot %s: "), u->message.slot);
	if (u->gone && *u->why_gone)
		sbuf_printf(&text, " (%s)", said(u->why_gone));
	if (login)
		sbuf_puts(&text, ui_login(u));
	else if (!alarm)
		said_of_code(&text, sbuf_str(&u->message.text), u->message.code);
	in = (struct area){ a.y + (a.h > 3), a.x + 1, a.h - (a.h > 3), a.w - 2 };
	if (!alarm && !login && !strcmp(u->message.code, policy_code(POLICY_ATTEMPTS)))
		put_if_room(&text, ui_disposition(), in);
	draw_wrap(in, kinds[k].style, sbuf_str(&text));
	sbuf_release(&text);
}
