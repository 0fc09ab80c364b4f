/* mt3620_recovery: whole recoveries on a board in memory, and each of its faults. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "base/mt3620_choice.h"
#include "recovery_station.h"
#include "rows.h"

TestSuite(mt3620_recovery, .timeout = 60);

Test(mt3620_recovery, at_the_low_rate)
{
	int spaces = 0;
	char mac[18];

	rs_begin("");
	memory_run(&rs.m, 400);
	cr_expect_str_eq(rs_get("os"), "20.05");
	snprintf(mac, sizeof(mac), "%s", rs_get("mac"));
	cr_expect_eq(strlen(mac), 17);
	cr_assert_eq(rs_recover(), RS_COMPLETE);
	cr_expect_str_eq(sbuf_str(&rs.trail), "e1 log0 log0 e6 rate0 e7 e8 e9 e10 e11");
	cr_expect_eq(rs.progress, RS_IMAGES + 1);
	cr_expect_eq(rs.m.baud[D], MT_RATE_TEXT);
	cr_expect_eq(rs.m.rtscts[D], 1);
	memory_run(&rs.m, 1000);
	cr_expect_str_eq(rs_get("state"), "running");
	cr_expect_str_eq(rs_get("os"), "25.01");
	cr_expect_str_eq(rs_get("recoveries"), "1");
	cr_expect_str_eq(rs_get("mac"), ""); /* the board configuration is gone */
	cr_expect_eq(rs.m.rtscts[D], 0);
	/* What it runs is what the set says. */
	for (size_t i = 0; i < RS_IMAGES; i++)
		cr_expect(strstr(rs_get("images"), rs.set.image[i].image), "%zu", i);
	for (const char *s = rs_get("images"); *s; s++)
		spaces += *s == ' ';
	cr_expect_eq(spaces, RS_IMAGES - 1);
	rs_end();
}

Test(mt3620_recovery, at_the_high_rate)
{
	rs_begin("");
	memory_run(&rs.m, 400);
	rs.answer_rate = 1;
	cr_assert_eq(rs_recover(), RS_COMPLETE);
	cr_expect_str_eq(sbuf_str(&rs.trail), "e1 log0 log0 e6 rate0 status0 e7 e8 e9 e10 e11");
	cr_expect_eq(rs.m.baud[D], MT_RATE_FAST);
	cr_expect_eq(rs.m.rtscts[D], 1);
	rs_end();
}

static const struct {
	const char *what, *keys;
	int rate, capability, log, block, spoil;
	const char *trail;
} good[] = {
	{ "capability", "", 0, 1, 0, 128, GOOD, "e1 log0 e2 e3 log0 e6 rate0 e7 e8 e9 e10 e11" },
	{ "log", "", 0, 0, 1, 128, GOOD, "e1 log0 log0 e6 rate0 e7 e8 e9 e10 e11" },
	{ "1K", "xmodem_1k = yes\n", 1, 0, 0, 1024, GOOD,
	  "e1 log0 log0 e6 rate0 status0 e7 e8 e9 e10 e11" },
	{ "1K and capability", "xmodem_1k = yes\n", 0, 1, 0, 1024, GOOD,
	  "e1 log0 e2 e3 log0 e6 rate0 e7 e8 e9 e10 e11" },
	{ "by type", "ask_by_type = yes\n", 0, 0, 0, 128, GOOD,
	  "e1 log0 log0 e6 rate0 e7 e8 e9 e10 e11" },
	{ "busy", "", 1, 0, 0, 128, BUSY,
	  "e1 log0 log0 e6 rate0 status0 status0 status0 status0 e7 e8 e9 e10 e11" },
	{ "late", "", 0, 0, 0, 128, LATE, "late0 e1 log0 log0 e6 rate0 e7 e8 e9 e10 e11" },
	{ "write time", "write_rate = 800 kbit/s\ntime_factor = 0.5\n", 0, 0, 0, 128, GOOD,
	  "e1 log0 log0 e6 rate0 e7 e8 e9 e10 e11" },
};

TEST_ROWS(mt3620_recovery, good, good)
{
	rs_begin(good[*i].keys);
	memory_run(&rs.m, 400);
	rs.answer_rate = good[*i].rate;
	rs.capability = good[*i].capability;
	rs.log_answer = good[*i].log;
	rs.block = good[*i].block;
	rs.spoil = good[*i].spoil;
	cr_assert_eq(rs_recover(), RS_COMPLETE, "%s", good[*i].what);
	cr_expect_str_eq(sbuf_str(&rs.trail), good[*i].trail, "%s", good[*i].what);
	cr_expect_eq(rs.log > 0, good[*i].log);
	memory_run(&rs.m, 1000);
	cr_expect_str_eq(rs_get("os"), "25.01", "%s", good[*i].what);
	rs_end();
}

static const struct {
	const char *what, *keys;
	int spoil, rate, ends;
} wrong[] = {
	{ "image not found", "", NOT_FOUND, 0, 150 },
	{ "image not authorised", "", UNAUTHORISED, 0, 151 },
	{ "error of another kind", "", STRANGE_ERROR, 0, 152 },
	{ "another size than the manifest's", "", WRONG_TOTAL, 0, 8 },
	{ "another start than asked for", "", WRONG_START, 0, 8 },
	{ "fewer bytes than announced", "", TOO_LITTLE, 0, 8 },
	{ "another file", "", OTHER_IMAGE, 0, 5 },
	{ "a wrong byte", "", DAMAGED_IMAGE, 0, 5 },
	{ "manifest of another version", "", BAD_MANIFEST, 0, 3 },
	{ "short Ack", "", SHORT_ACK, 0, 51 },
	{ "rate that is not taken: fast", "baud_answers = slow\n", GOOD, 1, 200 },
	{ "rate that is not taken: slow", "baud_answers = fast\n", GOOD, 0, 200 },
	{ "blocks that are not taken", "", GOOD, 0, RS_NO_ACK },
};

TEST_ROWS(mt3620_recovery, wrong, wrong)
{
	rs_begin(wrong[*i].keys);
	memory_run(&rs.m, 400);
	rs.spoil = wrong[*i].spoil;
	rs.answer_rate = wrong[*i].rate;
	if (wrong[*i].ends == RS_NO_ACK)
		rs.block = 1024;
	cr_expect_eq(rs_recover(), wrong[*i].ends, "%s", wrong[*i].what);
	if (wrong[*i].ends > 0)
		cr_expect_str_eq(rs_get("state"), "dead");
	/* A reset with RECOVERY high helps, whatever happened. */
	rs.spoil = GOOD;
	rs.block = 128;
	rs.answer_rate = strstr(wrong[*i].keys, "fast") != NULL;
	cr_expect_eq(rs_recover(), RS_COMPLETE, "%s", wrong[*i].what);
	rs_end();
}

Test(mt3620_recovery, more_bytes_than_announced)
{
	rs_begin("");
	rs.spoil = TOO_MUCH;
	cr_expect_eq(rs_recover(), 8);
	rs_end();
}

Test(mt3620_recovery, abort_ends_in_the_banner)
{
	rs_begin("");
	rs.spoil = ABORT;
	cr_expect_eq(rs_recover(), RS_SILENT);
	cr_expect_eq(rs_await("RECOVERY\r\n0000362000008A01020A00008FC8C833\r\nC", 100), 0);
	cr_expect_str_eq(rs_get("state"), "rom");
	rs_end();
}

static const struct {
	const char *what;
	size_t size;
	const char *kind;
	int damage;
} bootloaders[] = {
	{ "runtime in its place", MT_BOOTLOADER_SIZE, "runtime", 0 },
	{ "too short", MT_BOOTLOADER_SIZE - 128, "bootloader", 0 },
	{ "a wrong byte", MT_BOOTLOADER_SIZE, "bootloader", 1 },
};

TEST_ROWS(mt3620_recovery, bootloaders_that_are_not_taken, bootloaders)
{
	struct rng r = { .state = 1 };
	struct sbuf *file;

	rs_begin("");
	file = &rs.file[RS_IMAGES];
	rs_file(file, bootloaders[*i].kind, "x", bootloaders[*i].size, &r);
	file->data[5000] ^= (char)bootloaders[*i].damage;
	cr_expect_eq(rs_recover(), RS_SILENT, "%s", bootloaders[*i].what);
	rs_end();
}

static const struct effect {
	enum fault_id id;
	const char *fault;
	int rate, ends;
	const char *trail; /* how it ends; NULL: whatever */
	const char *os;    /* after a second and what the board does then; NULL: not looked at */
} effects[] = {
	{ FAULT_ID_MT_BOOTLOADER_NAK, "bootloader_nak", 0, RS_NO_ACK, "", NULL },
	{ FAULT_ID_MT_BOOTLOADER_CAN, "bootloader_can", 0, RS_NO_ACK, "", NULL },
	{ FAULT_ID_MT_BOOTLOADER_SILENT, "bootloader_silent", 0, RS_SILENT, "", NULL },
	{ FAULT_ID_MT_RECOVERY_UART_DEAD, "recovery_uart_dead", 0, RS_SILENT, "", NULL },
	{ FAULT_ID_MT_OTHER_ID, "other_device_id", 0, RS_COMPLETE, NULL, "25.01" },
	{ FAULT_ID_MT_RATE_STAYS, "rate_stays", 1, RS_COMPLETE, "status0 e7 e8 e9 e10 e11",
	  "25.01" },
	{ FAULT_ID_MT_RATE_LOST, "rate_lost", 1, RS_SILENT, "rate0", NULL },
	{ FAULT_ID_MT_RATE_LOST, "rate_lost", 0, RS_COMPLETE, "e11", "25.01" },
	{ FAULT_ID_MT_RATE_SILENT, "rate_silent", 1, RS_SILENT, "rate0", NULL },
	{ FAULT_ID_MT_RATE_SILENT, "rate_silent", 0, RS_SILENT, "rate0", NULL },
	{ FAULT_ID_MT_SYNC_FAILS, "sync_fails", 1, 12, "rate0", NULL },
	{ FAULT_ID_MT_SYNC_FAILS, "sync_fails", 0, 12, "rate0", NULL },
	{ FAULT_ID_MT_FRAME_ERROR, "frame_error", 0, 202, "e8", NULL },
	{ FAULT_ID_MT_ASKS_UNKNOWN_FILE, "asks_unknown_file", 0, 150, "e10", NULL },
	{ FAULT_ID_MT_ERASE_NEVER_ENDS, "erase_never_ends", 0, RS_SILENT, "e7", "" },
	{ FAULT_ID_MT_ERASE_FAILS, "erase_fails", 0, 103, "e7", "" },
	{ FAULT_ID_MT_IMAGE_REJECTED, "image_rejected 4", 0, 4, "e10", "" },
	{ FAULT_ID_MT_IMAGE_REJECTED, "image_rejected", 0, 5, "e10", "" },
	{ FAULT_ID_MT_WRITE_FAILS_AT, "write_fails_at 3", 0, 101, "e10", "" },
	{ FAULT_ID_MT_STALLS_AT, "stalls_at 3", 0, RS_SILENT, "e10", "" },
	{ FAULT_ID_MT_DIES_AT, "dies_at 3", 0, RS_SILENT, "e10", "" },
	{ FAULT_ID_MT_RECOVERY_ERROR, "recovery_error", 0, 100, "e9", "" },
	{ FAULT_ID_MT_RECOVERY_ERROR, "recovery_error 115", 0, 115, "e9", "" },
	{ FAULT_ID_RECOVERY_WRONG_OS, "recovery_wrong_os 23.05", 0, RS_COMPLETE, "e11", "23.05" },
	{ FAULT_ID_RECOVERY_NEVER_RETURNS, "recovery_never_returns", 0, RS_COMPLETE, "e11",
	  "25.01" },
};

TEST_ROWS(mt3620_recovery, effects, effects)
{
	const struct effect *e = &effects[*i];
	char keys[128];
	size_t n = e->trail ? strlen(e->trail) : 0;

	snprintf(keys, sizeof(keys), "fault = %s\n", e->fault);
	rs_begin(keys);
	memory_run(&rs.m, 400);
	rs.answer_rate = e->rate;
	cr_expect_eq(rs_recover(), e->ends, "%s", e->fault);
	if (e->trail)
		cr_expect(rs.trail.len >= n &&
				  !strcmp(sbuf_str(&rs.trail) + rs.trail.len - n, e->trail) &&
				  (n || !rs.trail.len),
			  "%s: %s", e->fault, sbuf_str(&rs.trail));
	rs_release();
	memory_run(&rs.m, 1000);
	if (e->os)
		cr_expect_str_eq(rs_get("os"), e->os, "%s", e->fault);
	rs_end();
}

Test(mt3620_recovery, another_board_shows_another_id)
{
	struct mt3620_frame f;

	rs_begin("fault = other_device_id\n");
	rs_to_messages();
	cr_assert_eq(rs_listen(&f), 0);
	cr_expect_str_neq((const char *)f.data + 4, rs_get("device_id"));
	cr_expect_eq(strlen((const char *)f.data + 4), 128);
	rs_end();
}

Test(mt3620_recovery, the_cable_goes_at_a_moment)
{
	rs_begin("fault = usb_unplug images\n");
	memory_run(&rs.m, 400);
	cr_expect_eq(rs.m.unplugs, 0);
	rs_recover();
	cr_expect_eq(rs.m.unplugs, 1);
	rs_end();
}

ParameterizedTestParameters(mt3620_recovery, fault_has_a_test)
{
	static size_t all[FAULT_ID_END_];

	for (size_t k = 0; k < FAULT_ID_END_; k++)
		all[k] = k;
	return cr_make_param_array(size_t, all, FAULT_ID_END_);
}

ParameterizedTest(size_t *i, mt3620_recovery, fault_has_a_test, .timeout = 20)
{
	int found = fault_table[*i].layer != FAULT_LAYER_RECOVERY ||
		    !fault_taken(firmware_mt3620.faults, (enum fault_id) * i);

	for (size_t k = 0; k < sizeof(effects) / sizeof(effects[0]); k++)
		found |= effects[k].id == *i;
	cr_expect(found, "%s", fault_table[*i].name);
}
