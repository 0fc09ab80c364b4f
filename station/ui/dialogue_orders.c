/* What the menus offer: to whom, and what is asked for before it is done. */
#include "ui/dialogue.h"

#include "ui/lang.h"

static const struct order operator_menu[] = {
	{ .what = FLOOR_DO_LOGOUT, .title = N("log out") },
#define LANGUAGE(code, name) { .what = FLOOR_DO_LANGUAGE, .title = name, .text = code },
#include "languages.def"
#undef LANGUAGE
	{ .what = FLOOR_DO_LANGUAGE, .title = "English", .text = "en" },
	{ .what = FLOOR_DO_DISPOSE,
	  .title = N("disposition: rework"),
	  .text = "rework",
	  .fields = ORDER_SERIAL },
	{ .what = FLOOR_DO_DISPOSE,
	  .title = N("disposition: scrap"),
	  .text = "scrap",
	  .fields = ORDER_SERIAL },
	{ .what = FLOOR_DO_DISPOSE,
	  .title = N("disposition: no trouble found"),
	  .text = "ntf",
	  .fields = ORDER_SERIAL },
	{ .what = FLOOR_DO_FORGET, .title = N("forget the scan or command that waits") },
	{ .what = FLOOR_DO_STOP, .title = N("stop the runs of all slots") },
	{ .quit = 1, .title = N("end this screen; the runs go on") },
};

static const struct order engineer_menu[] = {
	{ .what = FLOOR_DO_STEP,
	  .title = N("run one step"),
	  .fields = ORDER_SLOT | ORDER_UNIT | ORDER_STEP },
	{ .what = FLOOR_DO_PAUSE,
	  .title = N("pause before the next step"),
	  .fields = ORDER_SLOT | ORDER_UNIT },
	{ .what = FLOOR_DO_GO,
	  .title = N("go on without pauses"),
	  .fields = ORDER_SLOT | ORDER_UNIT },
	{ .what = FLOOR_DO_REPEAT,
	  .title = N("repeat the last step"),
	  .fields = ORDER_SLOT | ORDER_UNIT | ORDER_STEP },
	{ .what = FLOOR_DO_SKIP,
	  .title = N("skip the next step"),
	  .fields = ORDER_SLOT | ORDER_UNIT | ORDER_STEP | ORDER_REASON },
	{ .what = FLOOR_DO_STOP, .title = N("stop the run"), .fields = ORDER_SLOT | ORDER_UNIT },
	{ .what = FLOOR_DO_MODE,
	  .title = N("next runs of the slot: engineering"),
	  .text = "engineering",
	  .fields = ORDER_SLOT | ORDER_REASON },
	{ .what = FLOOR_DO_MODE,
	  .title = N("next runs of the slot: production"),
	  .text = "production",
	  .fields = ORDER_SLOT | ORDER_REASON },
	{ .what = FLOOR_DO_MODE,
	  .title = N("next runs of the slot: golden unit"),
	  .text = "golden",
	  .fields = ORDER_SLOT | ORDER_REASON },
	{ .what = FLOOR_DO_GRANT,
	  .title = N("grant one more attempt"),
	  .fields = ORDER_TEXT | ORDER_TEXT_IS_SERIAL | ORDER_REASON },
	{ .what = FLOOR_DO_MAP,
	  .title = N("give the slot another USB path"),
	  .fields = ORDER_SLOT | ORDER_TEXT | ORDER_REASON },
};

const struct order *dialogue_orders(int engineer, size_t *n)
{
	*n = engineer ? sizeof(engineer_menu) / sizeof(engineer_menu[0])
		      : sizeof(operator_menu) / sizeof(operator_menu[0]);
	return engineer ? engineer_menu : operator_menu;
}
