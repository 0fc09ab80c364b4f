#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board_memory.h"
#include "virtual/faults.h"
#include "virtual/net_relay.h"
#include "rows.h"

/*
 * The table of faults, its reader, and what each row does to a console board:
 * a row without a test here fails.
 */
extern const struct firmware firmware_console;

TestSuite(faults, .timeout = 20);

enum { C = 2 };

#define GOOD_BOOT "boot: ready\r\n\r\nvirtual console board\r\nvirt> "
#define MAC       "02:ab:cd:ef:11:22"

/* --- the table --- */

static size_t row_index[FAULT_ID_END_];

static struct criterion_test_params all_rows(void)
{
	for (size_t k = 0; k < FAULT_ID_END_; k++)
		row_index[k] = k;
	return cr_make_param_array(size_t, row_index, FAULT_ID_END_);
}

ParameterizedTestParameters(faults, row)
{
	return all_rows();
}

ParameterizedTest(size_t *i, faults, row, .timeout = 20)
{
	const struct fault_row *row = &fault_table[*i];
	struct sbuf text = { 0 };
	struct fault_set set = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t at, n = strlen(row->name);

	cr_expect_eq(fault_find(row->name), row, "%s: name is taken by an earlier row", row->name);
	cr_expect_eq(strspn(row->name, "abcdefghijklmnopqrstuvwxyz_"), n, "%s", row->name);
	cr_expect(strlen(row->help) > 10 && row->help[strlen(row->help) - 1] != '.', "%s: help",
		  row->name);
	cr_expect((row->verdict == VERDICT_PASS && row->blame == BLAME_NONE) ||
			  (row->verdict == VERDICT_FAIL && row->blame == BLAME_UNIT) ||
			  (row->verdict == VERDICT_ERROR &&
			   (row->blame == BLAME_STATION || row->blame == BLAME_PLAN ||
			    row->blame == BLAME_OPEN)),
		  "%s: %s and %s do not go together", row->name, verdict_word(row->verdict),
		  err_blame_word(row->blame));
	/* Its preset is one that it takes; without a preset the argument must be given. */
	if (row->arg == FAULT_NONE || *row->preset)
		cr_expect_eq(fault_parse(&set, row->name, &a, &at, &err), 0, "%s", err.text);
	else
		cr_expect_eq(fault_parse(&set, row->name, &a, &at, &err), ERR_PLAN);
	cr_expect_eq(set.count, row->arg == FAULT_NONE || *row->preset);
	fault_list(&text);
	cr_expect(strstr(sbuf_str(&text), fault_usage(row)), "%s", row->name);
	sbuf_release(&text);
	arena_free(&a);
}

Test(faults, there_are_enough)
{
	cr_expect_geq((int)FAULT_ID_END_, 30);
}

/* --- the reader --- */

Test(faults, a_list_is_read)
{
	struct fault_set set = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t at;

	cr_assert_eq(fault_parse(&set,
				 " mac_volatile, gpio_short 4-5 ,gpio_short 6 7, usb_unplug 2 s,"
				 "usb_replug recovery, uart_noise 2.5 %, eeprom_serial FX 7, "
				 "gpio_swapped 0-1 2-3, mac_same_as 2, link_slow 4 Mbit/s",
				 &a, &at, &err),
		     0, "%s", err.text);
	cr_assert_eq(set.count, 10);
	cr_expect_not_null(fault_get(&set, FAULT_ID_MAC_VOLATILE));
	cr_expect_null(fault_get(&set, FAULT_ID_SILENT));
	cr_expect_eq(set.item[1].pin[0], 4);
	cr_expect_eq(set.item[1].pin[1], 5);
	cr_expect_eq(set.item[2].pin[1], 7);
	cr_expect_eq(fault_get(&set, FAULT_ID_USB_UNPLUG)->ms, 2000);
	cr_expect_eq(fault_get(&set, FAULT_ID_USB_REPLUG)->ms, -1);
	cr_expect_str_eq(fault_get(&set, FAULT_ID_USB_REPLUG)->text, "recovery");
	cr_expect_float_eq(fault_get(&set, FAULT_ID_UART_NOISE)->num, 0.025, 1e-9);
	cr_expect_str_eq(fault_get(&set, FAULT_ID_EEPROM_SERIAL)->text, "FX 7");
	cr_expect_eq(fault_get(&set, FAULT_ID_GPIO_SWAPPED)->pin[3], 3);
	cr_expect_eq(fault_get(&set, FAULT_ID_MAC_SAME_AS)->count, 2);
	cr_expect_float_eq(fault_get(&set, FAULT_ID_LINK_SLOW)->num, 4e6, 1);
	cr_expect_eq(fault_parse(&set, "  ", &a, &at, &err), 0);
	cr_expect_eq(set.count, 10);
	arena_free(&a);
}

static const struct bad_row {
	const char *text, *says;
	size_t at;
} bads[] = {
	{ "silnt", "unknown fault 'silnt'; did you mean 'silent'?", 0 },
	{ "xyzzy", "unknown fault 'xyzzy'; see vboard --list faults", 0 },
	{ "silent, mac_zer", "did you mean 'mac_zero'?", 8 },
	{ "silent now", "fault 'silent': takes no argument, not 'now'", 7 },
	{ "silent, silent", "fault 'silent' stands there twice", 8 },
	{ "silent,, echo_off", "a fault is missing between commas", 7 },
	{ "silent,", "a fault is missing between commas", 7 },
	{ "gpio_open", "needs its argument: 'gpio_open A-B'", 0 },
	{ "gpio_open 4", "fault 'gpio_open': '4' is not as in '4-5'", 10 },
	{ "gpio_open 4-96", "is not as in", 10 },
	{ "gpio_open 4-5-6", "is not as in", 10 },
	{ "gpio_swapped 0-1", "is not as in '0-1 2-3'", 13 },
	{ "gpio_stuck_low P1", "'P1' is no pin 0..95", 15 },
	{ "mac_same_as 0", "'0' is no number 1..999", 12 },
	{ "mac_same_as 99999999999", "is no number 1..999", 12 },
	{ "uart_noise 200 %", "is outside 0 % .. 100 %", 11 },
	{ "uart_noise 5", "ratio", 11 },
	{ "usb_unplug 2", "'2' has no unit; a duration", 11 },
	{ "usb_unplug 2 h", "is outside 0 s .. 1 h", 11 },
	{ "usb_unplug at boot", "is no command", 11 },
	{ "link_slow 0 bit/s", "is outside 1 bit/s .. 100 Gbit/s", 10 },
	{ "link_slow 4 MB", "bit/s, kbit/s, Mbit/s, Gbit/s", 10 },
};

TEST_ROWS(faults, bad, bads)
{
	const struct bad_row *row = &bads[*i];
	struct fault_set set = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t at = 99;

	cr_expect_eq(fault_parse(&set, row->text, &a, &at, &err), ERR_PLAN, "%s", row->text);
	cr_expect(strstr(err.text, row->says), "'%s': %s", row->text, err.text);
	cr_expect(at >= row->at && at <= strlen(row->text), "'%s': at %zu", row->text, at);
	cr_expect_eq(set.count, 0, "nothing is added");
	arena_free(&a);
}

/* --- what each does --- */

enum effect_kind { SAYS, QUIET, UNPLUGS, REPLUGS, CHIP, BAUD, NETWORK };

static const struct effect {
	enum fault_id id;
	const char *fault; /* as in the file */
	enum effect_kind kind;
	const char *type;        /* typed when the board has had 900 ms */
	int ms;                  /* that pass then */
	const char *says, *not ; /* what must, and what must not, have come then; NULL: any */
} effects[] = {
	{ FAULT_ID_SILENT, "silent", QUIET, "id\r", 5000, NULL, NULL },
	{ FAULT_ID_BOOTS_SLOWLY, "boots_slowly 4 s", SAYS, "", 3000, "boot: memory ok", "virt>" },
	{ FAULT_ID_BOOTS_SLOWLY, "boots_slowly 4 s", SAYS, "", 3200, "virt> ", NULL },
	{ FAULT_ID_NEVER_BOOTS, "never_boots", SAYS, "", 9000, "boot: memory ok", "system" },
	{ FAULT_ID_BOOT_LOOP, "boot_loop", SAYS, "", 5000, "watchdog\r\nboot: virtual", "virt>" },
	{ FAULT_ID_REBOOTS_MIDWAY, "reboots_midway 2", SAYS, "id\rversion\r", 20,
	  "virtual console board\r\nOS version: boot: ", NULL },
	{ FAULT_ID_RESTART_IGNORED, "restart_ignored", SAYS, "restart\r", 2000,
	  "restarting\r\nvirt> ", "virt> restart\r\nrestarting\r\nboot:" },
	{ FAULT_ID_RESTART_NEVER_RETURNS, "restart_never_returns", SAYS, "restart\r", 9000,
	  "restarting\r\n", "restarting\r\nboot" },
	{ FAULT_ID_LINE_NEVER_ENDS, "line_never_ends", SAYS, "version\r", 5000,
	  "virtual console board....................", "OS version" },
	{ FAULT_ID_FLOODS, "floods", SAYS, "", 5000, "boot: still here, 100\r\n", "virt>" },
	{ FAULT_ID_ANSWERS_NOTHING, "answers_nothing", SAYS, "id\r", 20, "id\r\nvirt> ", "c0ffee" },
	{ FAULT_ID_ANSWERS_TWICE, "answers_twice", SAYS, "id\r", 20,
	  "id\r\nc0ffee00c0ffee00\r\nc0ffee00c0ffee00\r\nvirt> ", NULL },
	{ FAULT_ID_ANSWERS_LATE, "answers_late 2 s", SAYS, "id\r", 1999, "id\r\n", "c0ffee" },
	{ FAULT_ID_ANSWERS_LATE, "answers_late 2 s", SAYS, "id\r", 2010, "c0ffee", NULL },
	{ FAULT_ID_PROMPT_LOST, "prompt_lost", SAYS, "id\r", 2000, "c0ffee00c0ffee00\r\n",
	  "c0ffee00c0ffee00\r\nvirt" },
	{ FAULT_ID_ECHO_OFF, "echo_off", SAYS, "id\r", 20, "virt> \r\nc0ffee00c0ffee00\r\nvirt> ",
	  NULL },
	{ FAULT_ID_CRLF_MIX, "crlf_mix", SAYS, "version\r", 20, "\r\r\n", NULL },
	{ FAULT_ID_CRLF_MIX, "crlf_mix", SAYS, "version\r", 20, "memory ok\r\n", "loader\r" },
	{ FAULT_ID_SLOW_CHARS, "slow_chars 50 ms", SAYS, "", 0, "boot: virtual boo", "boot: mem" },
	{ FAULT_ID_LOG_NOISE, "log_noise", SAYS, "id\r", 20, "new device\r\nc0ffee00", NULL },
	{ FAULT_ID_CONTROL_BYTES, "control_bytes", SAYS, "id\r", 20, "\x1b]0;title\a", NULL },
	{ FAULT_ID_UART_GARBAGE, "uart_garbage", SAYS, "id\r", 20, "id\r\n", "c0ffee" },
	{ FAULT_ID_UART_NOISE, "uart_noise 3 %", CHIP, "", 0, "0.03 0.00 0.00", NULL },
	{ FAULT_ID_UART_DROP, "uart_drop 4 %", CHIP, "", 0, "0.00 0.04 0.00", NULL },
	{ FAULT_ID_UART_EXTRA, "uart_extra", CHIP, "", 0, "0.00 0.00 0.05", NULL },
	{ FAULT_ID_UART_WRONG_BAUD, "uart_wrong_baud 4800 bit/s", BAUD, "", 0, "4800", NULL },
	{ FAULT_ID_WRONG_OS, "wrong_os 23.01", SAYS, "version\r", 20, "OS version: 23.01\r\n",
	  "24.06" },
	{ FAULT_ID_UNPARSABLE_OS, "unparsable_os", SAYS, "uname -r\r", 20, "\r\n??.", "24.06" },
	{ FAULT_ID_EMPTY_OS, "empty_os", SAYS, "version\r", 20, "OS version: \r\n", NULL },
	{ FAULT_ID_WRONG_DEVICE_ID, "wrong_device_id", SAYS, "id\r", 20, "ffffffff", "c0ffee" },
	{ FAULT_ID_MAC_VOLATILE, "mac_volatile", SAYS, "mac\r", 20, "mac: ", MAC },
	{ FAULT_ID_MAC_MULTICAST, "mac_multicast", SAYS, "mac\r", 20, "mac: 03:ab:", NULL },
	{ FAULT_ID_MAC_ZERO, "mac_zero", SAYS, "mac\r", 20, "mac: 00:00:00:00:00:00\r\n", NULL },
	{ FAULT_ID_MAC_BROADCAST, "mac_broadcast", SAYS, "mac\r", 20, "mac: ff:ff:ff:ff:ff:ff\r\n",
	  NULL },
	{ FAULT_ID_MAC_MISSING, "mac_missing", SAYS, "mac\r", 20, "eth0 has no address\r\n", MAC },
	{ FAULT_ID_MAC_SAME_AS, "mac_same_as 2", SAYS, "mac\r", 20, "mac: 02:00:00:00:00:99\r\n",
	  MAC },
	{ FAULT_ID_MAC_CASE, "mac_case", SAYS, "mac\rmac\rmac\r", 60,
	  "mac: " MAC "\r\nvirt> mac\r\nmac: 02:AB:CD:EF:11:22\r\n", NULL },
	{ FAULT_ID_MAC_SEPARATORS, "mac_separators", SAYS, "mac\rmac\r", 40,
	  "mac: " MAC "\r\nvirt> mac\r\nmac: 02-ab-cd-ef-11-22\r\n", NULL },
	{ FAULT_ID_MAC_NOT_NEW, "mac_not_new", SAYS, "recovery\rmac\r", 1980, "recovery: done\r\n",
	  "failed" },
	{ FAULT_ID_RECOVERY_FAILS_AT, "recovery_fails_at 40 %", SAYS, "recovery\r", 1500,
	  "recovery: 40 %\r\nrecovery: failed at 40 %: verify error\r\nvirt> ", "50 %" },
	{ FAULT_ID_RECOVERY_HANGS_AT, "recovery_hangs_at 40 %", SAYS, "recovery\r", 9000,
	  "recovery: 40 %\r\n", "50 %" },
	{ FAULT_ID_RECOVERY_NEVER_RETURNS, "recovery_never_returns", SAYS, "recovery\r", 9000,
	  "recovery: done\r\n", "done\r\nboot" },
	{ FAULT_ID_RECOVERY_WRONG_OS, "recovery_wrong_os 1.01", SAYS, "recovery 25.01\r", 1970,
	  "done\r\nboot", "25.02" },
	{ FAULT_ID_GPIO_OPEN, "gpio_open 0-1", SAYS, "gpio drive 1 1\r", 20, "gpio: 0001\r\n",
	  NULL },
	{ FAULT_ID_GPIO_SHORT, "gpio_short 1-2", SAYS, "gpio drive 1 1\r", 20, "gpio: 000f\r\n",
	  NULL },
	{ FAULT_ID_GPIO_STUCK_HIGH, "gpio_stuck_high 5", SAYS, "gpio read\r", 20, "gpio: 0030\r\n",
	  NULL },
	{ FAULT_ID_GPIO_STUCK_LOW, "gpio_stuck_low 1", SAYS, "gpio drive 1 1\r", 20,
	  "gpio: 0000\r\n", NULL },
	{ FAULT_ID_GPIO_SWAPPED, "gpio_swapped 0-1 2-3", SAYS, "gpio drive 1 1\r", 20,
	  "gpio: 0009\r\n", NULL },
	{ FAULT_ID_PEER_MISSING, "peer_missing", SAYS, "iperf3 -s -1\r", 20, "command not found",
	  NULL },
	{ FAULT_ID_USB_UNPLUG, "usb_unplug 2 s", UNPLUGS, "", 1200, NULL, NULL },
	{ FAULT_ID_USB_UNPLUG, "usb_unplug id", UNPLUGS, "mac\rid\r", 40, NULL, NULL },
	{ FAULT_ID_USB_REPLUG, "usb_replug 2 s", REPLUGS, "", 1200, NULL, NULL },
	{ FAULT_ID_USB_REPLUG, "usb_replug id", REPLUGS, "mac\rid\r", 40, NULL, NULL },
	{ FAULT_ID_LINK_SLOW, "link_slow 4 Mbit/s", NETWORK, "-t 2 -f k", 0, "receiver", NULL },
	{ FAULT_ID_LINK_LOSSY, "link_lossy 50 %", NETWORK, "-u -b 2M -t 1", 0, "receiver",
	  "(0%)  r" },
	{ FAULT_ID_LINK_DROPS, "link_drops 300 ms", NETWORK, "-t 1", 0, "hangs", NULL },
	{ FAULT_ID_PEER_REFUSES, "peer_refuses", NETWORK, "-t 1", 0, "Connection refused", NULL },
	{ FAULT_ID_PEER_SILENT, "peer_silent", NETWORK, "-t 1", 0, "hangs", NULL },
	{ FAULT_ID_PEER_MALFORMED, "peer_malformed", NETWORK, "-t 1", 0,
	  "unable to receive results", NULL },
	{ FAULT_ID_PEER_BUSY, "peer_busy", NETWORK, "-t 1", 0, "busy", NULL },
};

enum { EFFECTS = sizeof(effects) / sizeof(effects[0]) };

ParameterizedTestParameters(faults, has_a_test)
{
	return all_rows();
}

/* Those of another firmware are tested beside it. */
ParameterizedTest(size_t *i, faults, has_a_test, .timeout = 20)
{
	int found = fault_table[*i].layer == FAULT_LAYER_EEPROM || /* of the program */
		    !fault_taken(firmware_console.faults, (enum fault_id) * i);

	for (size_t k = 0; k < EFFECTS; k++)
		found |= effects[k].id == *i;
	cr_expect(found, "%s", fault_table[*i].name);
}

ParameterizedTestParameters(faults, has_a_firmware)
{
	return all_rows();
}

ParameterizedTest(size_t *i, faults, has_a_firmware, .timeout = 20)
{
	int taken = 0;

	for (size_t k = 0; k < firmware_table_size; k++)
		taken |= fault_taken(firmware_table[k]->faults, (enum fault_id) * i);
	cr_expect(taken, "%s", fault_table[*i].name);
}

static void begin(struct board_memory *m, const struct effect *e, const char *more, int frozen)
{
	char keys[256];
	struct err err = { 0 };

	snprintf(keys, sizeof(keys),
		 "mac = " MAC "\ndevice_id = c0ffee00c0ffee00\nloopback = 0-1, 2-3, 4-5\n%sfault = "
		 "%s\n",
		 more, e->fault);
	cr_assert_eq(memory_start(m, &firmware_console, keys, frozen, &err), 0, "%s", err.text);
	m->other = "02:00:00:00:00:99";
}

/* The real iperf3 as the station's side; its text, "hangs" after 4 s. */
static void measure(struct board_memory *m, int port, const char *options, char *text, size_t size)
{
	char command[160];
	size_t have = 0;
	int64_t until = clock_ms() + 6000;
	FILE *f;

	snprintf(command, sizeof(command), "timeout -k 1 4 iperf3 -c 127.0.0.1 -p %d %s 2>&1", port,
		 options);
	f = popen(command, "r");
	cr_assert_not_null(f);
	fcntl(fileno(f), F_SETFL, O_NONBLOCK);
	while (clock_ms() < until) {
		ssize_t n = read(fileno(f), text + have, size - 1 - have);

		if (n == 0)
			break;
		have += n > 0 ? (size_t)n : 0;
		loop_turn(m->host.loop, clock_ns() + 10000000);
	}
	text[have] = '\0';
	if (WEXITSTATUS(pclose(f)) == 124)
		snprintf(text, size, "hangs");
}

static void try_network(const struct effect *e)
{
	static char text[16384];
	struct board_memory m;
	struct err err = { 0 };
	char keys[64], line[64];
	int port = net_free_port(&err);

	snprintf(keys, sizeof(keys), "boot_time = 1 ms\nnet = 127.0.0.1:%d\n", port);
	begin(&m, e, keys, 0);
	snprintf(line, sizeof(line), "iperf3 -s -1 -p %d\r", port);
	for (int typed = 0; !strstr(sbuf_str(&m.said[C]), "listening on");) {
		loop_turn(m.host.loop, clock_ns() + 10000000);
		if (!typed && strstr(sbuf_str(&m.said[C]), "virt> ")) {
			memory_type(&m, C, line);
			typed = 1;
		}
	}
	measure(&m, port, e->type, text, sizeof(text));
	cr_expect(strstr(text, e->says), "%s: %s", e->fault, text);
	cr_expect(!e->not || !strstr(text, e->not ), "%s: %s", e->fault, text);
	if (e->id == FAULT_ID_LINK_SLOW) {
		const char *rate = strstr(text, "receiver");

		while (rate && rate > text && strncmp(rate, "Bytes", 5) != 0)
			rate--;
		cr_expect(rate && strtod(rate + 5, NULL) < 5000, "%s", text);
	}
	memory_stop(&m);
}

static void try_memory(const struct effect *e)
{
	char got[64];
	struct board_memory m;
	const char *said;

	begin(&m, e, "", 1);
	memory_run(&m, 900);
	if (e->kind == UNPLUGS || e->kind == REPLUGS)
		cr_expect_eq(m.unplugs, 0, "%s: too early", e->fault);
	memory_type(&m, C, e->type);
	memory_run(&m, e->ms);
	said = sbuf_str(&m.said[C]);
	got[0] = '\0';
	switch (e->kind) {
	case QUIET:
		cr_expect_str_eq(said, "", "%s", e->fault);
		break;
	case UNPLUGS:
	case REPLUGS:
		cr_expect_eq(m.unplugs, 1, "%s", e->fault);
		cr_expect_eq(m.plugs, e->kind == REPLUGS, "%s", e->fault);
		break;
	case CHIP:
		snprintf(got, sizeof(got), "%.2f %.2f %.2f", m.flip, m.drop, m.extra);
		cr_expect_str_eq(got, e->says, "%s", e->fault);
		break;
	case BAUD:
		cr_expect_float_eq(m.baud[C], strtod(e->says, NULL), 0.1, "%s", e->fault);
		break;
	case SAYS:
	case NETWORK:
		cr_expect(!e->says || strstr(said, e->says), "%s: '%s'", e->fault, said);
		cr_expect(!e->not || !strstr(said, e->not ), "%s: '%s'", e->fault, said);
		break;
	}
	memory_stop(&m);
}

TEST_ROWS(faults, effect, effects)
{
	if (effects[*i].kind == NETWORK)
		try_network(&effects[*i]);
	else
		try_memory(&effects[*i]);
}

/* --- faults whose effect shows only over time --- */

static void type_and_run(struct board_memory *m, const char *line, int64_t ms)
{
	sbuf_reset(&m->said[C]);
	memory_type(m, C, line);
	memory_run(m, ms);
}

Test(faults, mac_volatile_differs_after_every_boot)
{
	const struct effect e = { .fault = "mac_volatile" };
	struct board_memory m;
	char macs[3][64];

	begin(&m, &e, "", 1);
	for (int i = 0; i < 3; i++) {
		memory_run(&m, 900);
		type_and_run(&m, "mac\r", 20);
		snprintf(macs[i], sizeof(macs[i]), "%s", sbuf_str(&m.said[C]));
		type_and_run(&m, "mac\r", 20);
		cr_expect_str_eq(sbuf_str(&m.said[C]), macs[i], "the same until it restarts");
		type_and_run(&m, "restart\r", 20);
	}
	cr_expect_str_neq(macs[0], macs[1]);
	cr_expect_str_neq(macs[1], macs[2]);
	memory_stop(&m);
}

static const char *after_recovery(const char *fault, const char *command)
{
	static char text[128];
	const struct effect e = { .fault = fault };
	struct board_memory m;

	begin(&m, &e, "", 1);
	memory_run(&m, 900);
	type_and_run(&m, "recovery 25.01\r", 2000);
	type_and_run(&m, command, 20);
	snprintf(text, sizeof(text), "%s", sbuf_str(&m.said[C]));
	memory_stop(&m);
	return text;
}

Test(faults, recovery_keeps_what_it_should_change)
{
	cr_expect(strstr(after_recovery("mac_not_new", "mac\r"), MAC));
	cr_expect_not(strstr(after_recovery("", "mac\r"), MAC));
	cr_expect(strstr(after_recovery("recovery_wrong_os 1.01", "uname -r\r"), "\r\n1.01\r\n"));
	cr_expect(strstr(after_recovery("", "uname -r\r"), "\r\n25.01\r\n"));
}
