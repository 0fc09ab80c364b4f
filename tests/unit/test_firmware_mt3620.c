/* mt3620: power, RESET and RECOVERY, boot log, commands; on a board in memory with
 * time standing still */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mt3620_choice.h"
#include "board_memory.h"
#include "rows.h"
#include "virtual/mt3620_images.h"

extern const struct firmware firmware_mt3620;

TestSuite(firmware_mt3620, .timeout = 20);

enum { B = 1, C = 2, D = 3, RECOVERY = 0x20, RESET = 0x40 };

static void start(struct board_memory *m, const char *keys)
{
	struct err err = { 0 };

	cr_assert_eq(memory_start(m, &firmware_mt3620, keys, 1, &err), 0, "%s", err.text);
	firmware_mt3620.plugged(m->fw, 1);
}

/* Each line of the log, or each reset, is counted from here. */
static void boot(struct board_memory *m, const char *keys)
{
	struct sbuf text = { 0 };

	sbuf_printf(&text, "boot_time = 600 ms\nservice_time = 800 ms\n%s", keys);
	start(m, sbuf_str(&text));
	sbuf_release(&text);
	memory_run(m, 1200);
}

static void pins(struct board_memory *m, int port, uint8_t mask, uint8_t levels)
{
	firmware_mt3620.pins(m->fw, port, mask, levels, clock_ns());
}

/* As the driver does it: bit-bang, levels, back to UART. */
static void strap(struct board_memory *m, uint8_t low, uint8_t high)
{
	pins(m, D, RECOVERY | RESET, low);
	memory_run(m, MT_RESET_LOW_MS);
	pins(m, D, RECOVERY | RESET, high);
	memory_run(m, MT_STRAP_HOLD_MS);
	pins(m, D, 0x14, 0x14);
}

static const char *get(struct board_memory *m, const char *what)
{
	const char *value = firmware_mt3620.value(m->fw, what);

	cr_assert_not_null(value, "%s", what);
	return value;
}

static int control(struct board_memory *m, const char *text, struct err *err)
{
	const char *word[8];
	char copy[128], reply[256], *save = NULL;
	int n = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		word[n++] = w;
	return firmware_mt3620.control(reply, sizeof(reply), m->fw, n, word, err);
}

static const char banner[] = "RECOVERY\r\n0000362000008A01020A00008FC8C833\r\nC";

/* --- power and boot --- */

Test(firmware_mt3620, presets_are_those_of_the_choices)
{
	struct board_memory m;
	const struct param *p = firmware_mt3620.params;
	struct mt3620_args a = { 0 };
	struct arena arena = { 0 };

	param_presets(&a, p, &arena);
	cr_expect_eq(a.erase_ms, MT_ERASE_MS);
	cr_expect_eq(a.boot_log_ms, MT_BOOT_LOG_MS);
	cr_expect_eq(a.service_ms, MT_SERVICE_AFTER_MS);
	cr_expect_eq(a.write_rate, 8.0 * MT_WRITE_BYTES_PER_S);
	arena_free(&arena);
	start(&m, "");
	memory_stop(&m);
}

Test(firmware_mt3620, boots_with_its_log)
{
	char want[1024], id[129];
	struct board_memory m;
	const char *said;

	start(&m, "");
	memory_run(&m, MT_SAMPLE_AFTER_MS + MT_BANNER_AFTER_MS - 1);
	cr_expect_str_eq(memory_said(&m, D), "");
	cr_expect_str_eq(get(&m, "state"), "booting");
	memory_run(&m, 9000);
	said = memory_said(&m, D);
	snprintf(id, sizeof(id), "%s", get(&m, "device_id"));
	cr_expect_eq(strlen(id), 128);
	snprintf(want, sizeof(want), "[1BL] BOOT: 70900000/00000001/01000000\r\nG=");
	cr_expect(!strncmp(said, want, strlen(want)), "%s", said);
	snprintf(want, sizeof(want), "\r\nD=%s,N=", id);
	cr_expect(strstr(said, want), "%s", said);
	cr_expect(
		strstr(said, "\r\n[PLUTON] Logging initialized\r\n[PLUTON] Booting HLOS core\r\n"),
		"%s", said);
	cr_expect_not(strstr(said, "BACKUP"));
	cr_expect_str_eq(get(&m, "state"), "booting");
	memory_run(&m, 4000);
	cr_expect_str_eq(get(&m, "state"), "running");
	cr_expect_str_eq(get(&m, "os"), "24.06");
	cr_expect_str_eq(get(&m, "boots"), "1");
	memory_stop(&m);
}

Test(firmware_mt3620, only_the_nonce_changes_from_boot_to_boot)
{
	struct board_memory m;
	char first[1024];
	const char *n;

	boot(&m, "");
	snprintf(first, sizeof(first), "%s", memory_said(&m, D));
	strap(&m, 0x00, 0x40);
	memory_run(&m, 1200);
	n = memory_said(&m, D);
	cr_expect_eq(strlen(n), strlen(first));
	cr_expect(!strncmp(n, first, (size_t)(strstr(first, ",N=") - first)));
	cr_expect_str_neq(n, first);
	cr_expect_str_eq(get(&m, "boots"), "2");
	memory_stop(&m);
}

Test(firmware_mt3620, usb_power_comes_and_goes_with_the_cable)
{
	struct board_memory m;

	boot(&m, "");
	firmware_mt3620.plugged(m.fw, 0);
	cr_expect_str_eq(get(&m, "state"), "off");
	memory_run(&m, 2000);
	cr_expect_str_eq(get(&m, "state"), "off");
	firmware_mt3620.plugged(m.fw, 1);
	memory_run(&m, 1200);
	cr_expect_str_eq(get(&m, "state"), "running");
	cr_expect_str_eq(get(&m, "boots"), "2");
	memory_stop(&m);
}

Test(firmware_mt3620, other_power_stays_and_lets_go_of_the_lines)
{
	struct board_memory m;

	boot(&m, "power = external\n");
	firmware_mt3620.plugged(m.fw, 0);
	cr_expect_str_eq(get(&m, "state"), "running");
	firmware_mt3620.plugged(m.fw, 1);
	cr_expect_str_eq(get(&m, "boots"), "1");
	pins(&m, D, RESET, 0);
	cr_expect_str_eq(get(&m, "state"), "reset");
	firmware_mt3620.plugged(m.fw, 0);
	memory_run(&m, 1200);
	cr_expect_str_eq(get(&m, "state"), "running");
	memory_stop(&m);
}

/* --- straps --- */

Test(firmware_mt3620, recovery_high_at_the_end_of_reset_ends_in_the_rom)
{
	struct board_memory m;

	boot(&m, "");
	memory_said(&m, D);
	strap(&m, RECOVERY, RECOVERY | RESET);
	memory_run(&m, MT_SAMPLE_AFTER_MS + MT_BANNER_AFTER_MS);
	cr_expect_str_eq(get(&m, "state"), "rom");
	cr_expect_str_eq(get(&m, "phase"), "rom");
	cr_expect_str_eq(memory_said(&m, D), banner);
	memory_run(&m, MT_C_INTERVAL_MS);
	cr_expect_str_eq(memory_said(&m, D), "C");
	memory_run(&m, 10 * MT_C_INTERVAL_MS);
	cr_expect_str_eq(memory_said(&m, D), "CCCCCCCCCC");
	memory_stop(&m);
}

Test(firmware_mt3620, the_strap_is_sampled_once)
{
	struct board_memory m;

	boot(&m, "");
	memory_said(&m, D);
	pins(&m, D, RECOVERY | RESET, RECOVERY);
	memory_run(&m, 50);
	pins(&m, D, RECOVERY | RESET, RECOVERY | RESET);
	memory_run(&m, MT_SAMPLE_AFTER_MS - 1);
	pins(&m, D, RECOVERY | RESET, RESET); /* too early: the rise is not over */
	memory_run(&m, 1200);
	cr_expect_str_eq(get(&m, "state"), "running");
	pins(&m, D, RECOVERY | RESET, RECOVERY);
	memory_run(&m, 50);
	pins(&m, D, RECOVERY | RESET, RECOVERY | RESET);
	memory_run(&m, MT_SAMPLE_AFTER_MS);
	pins(&m, D, RECOVERY | RESET, RESET); /* late enough */
	memory_run(&m, 1200);
	cr_expect_str_eq(get(&m, "state"), "rom");
	memory_stop(&m);
}

Test(firmware_mt3620, lines_act_only_with_their_direction_set)
{
	struct board_memory m;

	boot(&m, "");
	pins(&m, D, 0x14, 0x00); /* a UART: RTS# and DTR# */
	pins(&m, D, 0x00, 0x00); /* all inputs */
	pins(&m, D, RECOVERY, 0x00);
	pins(&m, C, RESET, 0x00); /* bit 6 of another port */
	memory_run(&m, 100);
	cr_expect_str_eq(get(&m, "state"), "running");
	cr_expect_str_eq(get(&m, "boots"), "1");
	pins(&m, D, RESET, RECOVERY); /* RECOVERY's level without its direction */
	memory_run(&m, 50);
	pins(&m, D, RESET, RECOVERY | RESET);
	memory_run(&m, 1200);
	cr_expect_str_eq(get(&m, "state"), "running");
	cr_expect_str_eq(get(&m, "boots"), "2");
	memory_stop(&m);
}

Test(firmware_mt3620, reset_by_port_b_while_d_stays_a_uart)
{
	struct board_memory m;

	boot(&m, "");
	memory_said(&m, D);
	pins(&m, B, RESET, 0);
	memory_run(&m, 50);
	cr_expect_str_eq(get(&m, "state"), "reset");
	pins(&m, B, RESET, RESET);
	memory_run(&m, 1200);
	cr_expect(!strncmp(memory_said(&m, D), "[1BL] BOOT: ", 12));
	/* Both hold it: it is low until both let go. */
	pins(&m, B, RESET, 0);
	pins(&m, D, RESET, 0);
	pins(&m, B, RESET, RESET);
	memory_run(&m, 1200);
	cr_expect_str_eq(get(&m, "state"), "reset");
	pins(&m, D, 0x14, 0x14);
	memory_run(&m, 1200);
	cr_expect_str_eq(get(&m, "state"), "running");
	memory_stop(&m);
}

Test(firmware_mt3620, pulls_of_the_lines)
{
	struct board_memory m;

	boot(&m, "");
	cr_expect_eq(m.pull[D] & RECOVERY, 0);
	cr_expect_eq(m.pull[D] & RESET, RESET);
	cr_expect_eq(m.mask[D], 0);
	cr_expect_eq(m.baud[D], MT_RATE_TEXT);
	cr_expect_eq(m.rtscts[D], 0);
	memory_stop(&m);
}

/* --- faults of power and straps --- */

Test(firmware_mt3620, powered_down_wakes_by_its_own_key_only)
{
	struct board_memory m;
	struct err err = { 0 };

	boot(&m, "fault = powered_down\n");
	strap(&m, RECOVERY, RECOVERY | RESET);
	memory_run(&m, 2000);
	cr_expect_str_eq(get(&m, "state"), "powered-down");
	cr_expect_str_eq(memory_said(&m, D), "");
	cr_expect_eq(control(&m, "press wakeup", &err), 0);
	memory_run(&m, 1200);
	cr_expect_str_eq(get(&m, "state"), "running");
	memory_stop(&m);
}

static const struct {
	const char *fault;
	uint8_t low, high;
	const char *state, *says; /* after a pulse with these levels */
} lines[] = {
	{ "recovery_line_open", RECOVERY, RECOVERY | RESET, "running", "[1BL] BOOT: 70900000" },
	{ "recovery_line_high", 0, RESET, "rom", "RECOVERY\r\n" },
	{ "reset_line_open", RECOVERY, RECOVERY | RESET, "running", "" },
	{ "recovery_uart_dead", RECOVERY, RECOVERY | RESET, "rom", "" },
	{ "backup_boot", 0, RESET, "running", "[1BL] BOOT: 70900000" },
	{ "never_boots", 0, RESET, "dead", "[1BL] BOOT: 70900000" },
	{ "boot_loop", 0, RESET, "booting", "[1BL] BOOT: 70900000" },
};

TEST_ROWS(firmware_mt3620, faults_of_lines, lines)
{
	struct board_memory m;
	struct err err = { 0 };
	char command[64];
	const char *said;

	boot(&m, "");
	snprintf(command, sizeof(command), "fault %s", lines[*i].fault);
	cr_assert_eq(control(&m, command, &err), 0, "%s", err.text);
	memory_said(&m, D);
	strap(&m, lines[*i].low, lines[*i].high);
	memory_run(&m, 1200);
	cr_expect_str_eq(get(&m, "state"), lines[*i].state, "%s", lines[*i].fault);
	said = memory_said(&m, D);
	cr_expect(!strncmp(said, lines[*i].says, strlen(lines[*i].says)) &&
			  !*said == !*lines[*i].says,
		  "%s: '%s'", lines[*i].fault, said);
	memory_stop(&m);
}

Test(firmware_mt3620, backup_lines_stand_where_they_were_seen)
{
	struct board_memory m;
	const char *said;

	boot(&m, "fault = backup_boot\n");
	said = memory_said(&m, D);
	cr_expect(strstr(said, "\r\n[1BL] BACKUP PLUTON-RT\r\nD="), "%s", said);
	cr_expect(strstr(said, "HLOS core\r\n[PLUTON] BOOTING BACKUP security monitor\r\n"), "%s",
		  said);
	memory_stop(&m);
}

Test(firmware_mt3620, noise_is_that_of_port_d)
{
	struct board_memory m;
	struct err err = { 0 };

	boot(&m, "fault = recovery_noise 1 %, recovery_drop 2 %, recovery_extra 3 %\n");
	cr_expect_eq(m.noisy, 1 << D);
	cr_expect_float_eq(m.flip, 0.01, 1e-9);
	cr_expect_float_eq(m.drop, 0.02, 1e-9);
	cr_expect_float_eq(m.extra, 0.03, 1e-9);
	cr_expect_eq(control(&m, "clear", &err), 0);
	cr_expect_eq(m.flip, 0);
	memory_stop(&m);
}

Test(firmware_mt3620, cable_at_a_time_and_at_a_moment)
{
	struct board_memory m;

	boot(&m, "fault = usb_replug 2 s\n");
	cr_expect_eq(m.unplugs, 0);
	memory_run(&m, 800);
	cr_expect_eq(m.unplugs, 1);
	cr_expect_eq(m.plugs, 1);
	memory_stop(&m);
	boot(&m, "fault = usb_unplug erase\n");
	memory_run(&m, 5000);
	cr_expect_eq(m.unplugs, 0);
	memory_stop(&m);
}

/* --- commands --- */

Test(firmware_mt3620, refuses_what_it_does_not_know)
{
	static const char *const wrong[] = {
		"press key", "fault no_such", "fault silent", "clear powered_down", "get moon", "x",
	};
	struct board_memory m;

	boot(&m, "");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err err = { 0 };

		cr_expect_neq(control(&m, wrong[i], &err), 0, "%s", wrong[i]);
		cr_expect(err.text[0], "%s", wrong[i]);
	}
	memory_stop(&m);
}

Test(firmware_mt3620, the_reset_key)
{
	struct board_memory m;
	struct err err = { 0 };

	boot(&m, "");
	cr_expect_eq(control(&m, "press reset", &err), 0);
	cr_expect_str_eq(get(&m, "state"), "reset");
	memory_run(&m, 1200);
	cr_expect_str_eq(get(&m, "state"), "running");
	cr_expect_str_eq(get(&m, "boots"), "2");
	memory_stop(&m);
}
