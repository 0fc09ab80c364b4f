/* mt3620_text: what port D says in words, line by line */
#include <string.h>

#include "base/clock.h"
#include "board/mt3620_recovery.h"
#include "link/link_memory.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_text, .timeout = 20);

/* clang-format off */
#define EIGHT(x) x x x x x x x x
#define ID       EIGHT("0123456789abcdef")
#define ID_UPPER EIGHT("0123456789ABCDEF")
#define G_LINE   "G=" EIGHT("fedcba9876543210") "\r\n"
#define N_LINE   ",N=" EIGHT("00112233") "\r\n"
#define BANNER   "RECOVERY\r\n0000362000008A01020A00008FC8C833\r\n"
#define BOOT     "[1BL] BOOT: 70900000/00000001/01000000\r\n"
#define PLUTON   "[PLUTON] Logging initialized\r\n[PLUTON] Booting HLOS core\r\n"

static const struct boot_row {
	const char *said;
	int lines, boots, os, backup, rom, odd;
	const char *id;
} boots[] = {
	{ BOOT G_LINE "D=" ID N_LINE PLUTON, 5, 1, 1, 0, 0, 0, ID },
	{ BOOT G_LINE "D=" ID_UPPER N_LINE PLUTON, 5, 1, 1, 0, 0, 0, ID },
	{ BOOT G_LINE "[1BL] BACKUP PLUTON-RT\r\nD=" ID N_LINE PLUTON, 6, 1, 1, 1, 0, 0, ID },
	{ BOOT "[PLUTON] BOOTING BACKUP security monitor\r\n", 2, 1, 0, 1, 0, 0, "" },
	{ BANNER "C", 0, 0, 0, 0, 1, 0, "" },
	{ "C", 0, 0, 0, 0, 1, 0, "" },
	{ "CCC", 0, 0, 0, 0, 1, 0, "" },
	/* post codes: three fields of any value, or a word */
	{ BOOT "[1BL] BOOT: 380a0500/00000001/02000000\r\n", 2, 2, 0, 0, 0, 0, "" },
	{ BOOT "[1BL] BOOT: 380a0300/00000001/02000000\r\n", 2, 2, 0, 0, 0, 0, "" },
	{ BOOT "[1BL] BOOT: 28030000/00000010/07000000\r\n", 2, 2, 0, 0, 0, 0, "" },
	{ BOOT "[1BL] BOOT: INIT\r\n", 2, 2, 0, 0, 0, 0, "" },
	/* damage, which the first line alone may show */
	{ BOOT "[1BL] BOOT: 7090000/00000001/01000000\r\n", 2, 2, 0, 0, 0, 1, "" },
	{ BOOT "[1BL] BOOT: INIX\r\n", 2, 2, 0, 0, 0, 1, "" },
	{ "x" BOOT, 0, 0, 0, 0, 0, 0, "" },
	{ BOOT "x" BOOT, 1, 1, 0, 0, 0, 1, "" },
	{ BOOT "D=" EIGHT("0123456789abcdeg") N_LINE, 2, 1, 0, 0, 0, 1, "" },
	{ "Cx", 0, 0, 0, 0, 0, 0, "" },
	{ "", 0, 0, 0, 0, 0, 0, "" },
};
/* clang-format on */

TEST_ROWS(board_mt3620_text, boot, boots)
{
	static const struct memory_turn none[] = { { .hear = NULL } };
	const struct boot_row *row = &boots[*i];
	struct mt3620_boot b = { 0 };
	struct link_memory m;
	struct err err = { 0 };

	clock_freeze_ms(1000000);
	link_memory_init(&m, none);
	m.waits = 1;
	link_memory_say(&m, row->said, strlen(row->said));
	cr_expect_eq(mt3620_boot_hear(&b, &m.link, clock_ms() + 5000, &err), 0, "%s", err.text);
	cr_expect_eq(b.lines, row->lines, "row %zu: %d lines", *i, b.lines);
	cr_expect_eq(b.boots, row->boots, "row %zu: %d boots", *i, b.boots);
	cr_expect_eq(b.os, row->os, "row %zu: %d", *i, b.os);
	cr_expect_eq(b.backup, row->backup, "row %zu: backup %d", *i, b.backup);
	cr_expect_eq(b.rom, row->rom, "row %zu: rom %d", *i, b.rom);
	cr_expect_eq(b.odd, row->odd, "row %zu: %d odd", *i, b.odd);
	cr_expect_str_eq(b.id, row->id, "row %zu", *i);
}

/* After the last block of the bootloader. */
static const struct running_row {
	const char *said;
	size_t len; /* 0: text */
	int code, frame;
} runnings[] = {
	{ "+GOOD\r\n[1BL] BOOT: 380a0500/00000001/02000000\r\n", 0, 0, 0 },
	{ "+GOOD\r\n[1BL] BOOT: 28030000/00000010/07000000\r\n", 0, 0, 0 },
	{ "+GOOD\r\n[1BL] BOOT: INIT\r\n", 0, 0, 0 },
	/* A line was lost: the first message tells as well that it runs. */
	{ "+GOOD\r\n\x02\x04\x02\x09\x01\x01\x03\xd6\xf5\x00", 17, 0, 1 },
	{ "+GOOD\r\n", 0, ERR_SILENT, 0 },
	{ "", 0, ERR_IMAGES, 0 },
	{ "+GO\xc3\xaf\r\n", 0, ERR_LINE, 0 },
	{ "+GOOD\r\n[1BX] BOOT: INIT\r\n", 0, ERR_LINE, 0 },
};

TEST_ROWS(board_mt3620_text, running, runnings)
{
	static const struct memory_turn none[] = { { .hear = NULL } };
	static const struct mt3620_profile profile = { .patience = 1 };
	struct mt3620_board board = { .profile = &profile };
	const struct running_row *row = &runnings[*i];
	static struct mt3620_recovery r;
	struct link_memory m;
	struct err err = { 0 };

	clock_freeze_ms(1000000);
	link_memory_init(&m, none);
	m.waits = 1;
	link_memory_say(&m, row->said, row->len ? row->len : strlen(row->said));
	r = (struct mt3620_recovery){ .m = &board, .link = &m.link, .until_ms = 9000000 };
	cr_expect_eq(mt3620_text_running(&r, &err), row->code, "row %zu: %s", *i, err.text);
	cr_expect_eq(r.have_frame, row->frame, "row %zu", *i);
}
