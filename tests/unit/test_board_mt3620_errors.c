#include "board/mt3620_errors.h"

#include <string.h>

#include "tests/unit/rows.h"

TestSuite(board_mt3620_errors, .timeout = 20);

static const struct row {
	unsigned id;
	const char *name, *blame, *verdict;
} rows[] = {
	{ 1, "BadImageManifestFormat", "plan", "ERROR" },
	{ 5, "BadSignature", "plan", "ERROR" },
	{ 9, "BadImageType", "plan", "ERROR" },
	{ 12, "StreamSyncFailed", "station", "ERROR" },
	{ 14, "UnsupportedRecoveryMode", "plan", "ERROR" },
	{ 52, "SendRequestPacketFailed", "station", "ERROR" },
	{ 101, "FlashWriteFailed", "unit", "FAIL" },
	{ 103, "FlashEraseFailed", "unit", "FAIL" },
	{ 105, "BadState", "unit", "FAIL" },
	{ 107, "FileTransferFailed", "open", "ERROR" },
	{ 115, "PartitionLayoutNotFound", "unit", "FAIL" },
	{ 116, "TransferConfigFatal", "station", "ERROR" },
	{ 150, "ImageNotFound", "plan", "ERROR" },
	{ 200, "BaudrateNotSupported", "station", "ERROR" },
	{ 206, "XmodemInvalidBufferCapacity", "station", "ERROR" },
};

TEST_ROWS(board_mt3620_errors, known, rows)
{
	const struct mt3620_error *e = mt3620_error_find(rows[*i].id);

	cr_assert_not_null(e);
	cr_expect_str_eq(e->name, rows[*i].name);
	cr_expect_str_eq(err_blame_word(err_blame(e->code)), rows[*i].blame, "%s", e->name);
	cr_expect_str_eq(verdict_word(err_verdict(e->code)), rows[*i].verdict, "%s", e->name);
}

/* The low rate may cure what has to do with rates, and nothing else. */
Test(board_mt3620_errors, all)
{
	int known = 0;

	for (unsigned id = 0; id < 5000; id++) {
		const struct mt3620_error *e = mt3620_error_find(id);

		if (!e)
			continue;
		known++;
		cr_expect_eq(e->slower, id == 12 || id == 116 || id == 117 || id == 200, "%u", id);
		cr_expect_neq(err_verdict(e->code), VERDICT_PASS);
		cr_expect_neq(err_verdict(e->code), VERDICT_NONE);
	}
	cr_expect_eq(known, 43);
}

static const struct data_row {
	const char *data;
	size_t n;
	int id;
} datas[] = {
	{ "\x67\x00\x70\x02", 4, 103 },
	{ "\x0c\x00\x70\x02", 4, 12 },
	{ "\x67\x00\x00\x00", 4, 103 }, /* bare */
	{ "\xff\x0f\x00\x00", 4, 4095 },
	{ "\x00\x10\x00\x00", 4, -1 },
	{ "\x67\x00\x60\x02", 4, -1 }, /* another category */
	{ "\x67\x00", 2, 103 },
	{ "\xff\xff", 2, -1 },
	{ "\x67", 1, -1 },
	{ "", 0, -1 },
	{ "\x67\x00\x70\x02\x00", 5, -1 },
};

TEST_ROWS(board_mt3620_errors, data, datas)
{
	cr_expect_eq(mt3620_error_decode((const uint8_t *)datas[*i].data, datas[*i].n),
		     datas[*i].id, "row %zu", *i);
}
