/* ui_replies: what the station answers when a screen asks. */
#include "tests/unit/ui_states.h"

#include <string.h>

const char ui_scene_console[] =
	"U-Boot 2024.01\\r\\nlogin: root\\r\\n# fw_version\\r\\n24.06-rtm-7f3c\\r\\n# gpio "
	"walk\\r\\n"
	"pin 4: drive 1, read 1\\r\\npin 5: drive 0, read 1\\r\\n\\x1b[2J\\x07 # id \\\\n\\r\\n"
	"a line that is far longer than the half of this screen in which the console is shown, "
	"and goes on\\r\\n";
const char ui_scene_measures[] =
	"os.version = 24.06\0gpio.shorts = 1\0"
	"wifi.rate_download_average = 31.62 Mbit/s\0gpio.rail_3v3 = 3.214 V\0";

/* Each line a row, its cells parted by '|'. */
static void rows(struct floor_reply *r, const char *const *line, size_t n)
{
	r->rows = n;
	r->row = arena_alloc(&r->arena, n * sizeof(*r->row));
	for (size_t i = 0; i < n; i++) {
		char *rest = arena_strdup(&r->arena, line[i]);
		size_t cells = 0;

		r->row[i] = arena_alloc(&r->arena, (strlen(rest) + 2) * sizeof(**r->row));
		while (rest)
			r->row[i][cells++] = strsep(&rest, "|");
	}
}

static void show(struct floor_reply *r)
{
	static const char *const line[] = {
		"================================================================================",
		" FAIL         AS2601004711",
		"              MT3620-RDB  FCT  2026-01-05 08:00:00 UTC",
		"================================================================================",
		" Step gpio: shorts is 1, must be <= 0",
		" To blame: unit (rule: step:gpio)",
		"--------------------------------------------------------------------------------",
		" 1 os: Operating system                                   PASS      830 ms",
		"    version            24.06               one of 24.03, 24.06          PASS",
	};

	rows(r, line, sizeof(line) / sizeof(line[0]));
}

void ui_scene_reply(struct ui_scene *s, struct floor_reply *r, const struct floor_command *c)
{
	static const char *const units[] = {
		"AS2601004711|MT3620-RDB|FCT|2|FAIL|2026-11-27 10:04:11 UTC|r2",
		"AS2601004712|MT3620-RDB|FCT|1|PASS|2026-11-27 10:01:30 UTC|r3",
		("01040123456789011721AS2601004711X|MT3620-RDB-LONG-NAME|FINAL|11|INTERRUPTED|2026-"
		 "11-27 09:41:02 UTC|r4"),
	};
	static const char *const runs[] = {
		"r2|2|2026-11-27 10:04:11 UTC|FAIL|gpio#1.shorts|2|ST-1|RDB|FCT",
		"r1|0|2026-11-27 09:55:00 UTC|INTERRUPTED||1|ST-07-LINE|RDB|FCT",
	};
	static const char *const plans[] = {
		"plans/rdb.ini|RDB functional test|7|0|1|plans/rdb.ini:9:1: warning: no limit for "
		"'rate'",
		"plans/new.ini|New board|1|2|0|plans/new.ini:4:8: error: unknown key 'wiat'; did "
		"you mean 'wait'?|plans/parts/common.ini:9:8: error: there is no step kind 'wat'; "
		"there is os_version, recovery, mac_persistence, throughput, gpio_loopback, "
		"console, prompt, wait, device_id, wifi, ready, manufacturing_state",
	};
	static const char *const shift[] = {
		"gpio|4",
		"wifi|3",
	};

	(void)s;
	switch (c->what) {
	case FLOOR_DO_FIND:
		if (!c->len || c->len > 2)
			rows(r, units, 3);
		break;
	case FLOOR_DO_RUNS:
		rows(r, runs, 2);
		break;
	case FLOOR_DO_PLANS:
		rows(r, plans, 2);
		break;
	case FLOOR_DO_SHIFT:
		rows(r, shift, s->status.shift_units ? 2 : 0);
		break;
	case FLOOR_DO_SHOW:
		show(r);
		break;
	default:
		break;
	}
}
