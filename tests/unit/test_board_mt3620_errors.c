#include "board/mt3620_errors.h"

#include <string.h>

#include "tests/unit/rows.h"

TestSuite(board_mt3620_errors, .timeout = 20);

/* All that the vendor names. */
static const struct row {
	unsigned id;
	const char *name, *blame, *verdict;
} rows[] = {
	{ 1, "BadImageManifestFormat", "plan", "ERROR" },
	{ 2, "BadImage", "plan", "ERROR" },
	{ 3, "UnsupportedVersion", "plan", "ERROR" },
	{ 4, "UntrustedCertificate", "plan", "ERROR" },
	{ 5, "BadSignature", "plan", "ERROR" },
	{ 6, "BadComponentUid", "plan", "ERROR" },
	{ 7, "BadImageUid", "plan", "ERROR" },
	{ 8, "BadImageFileSize", "plan", "ERROR" },
	{ 9, "BadImageType", "plan", "ERROR" },
	{ 10, "ReceiveBufferTooSmall", "plan", "ERROR" },
	{ 11, "TooManyImages", "plan", "ERROR" },
	{ 12, "StreamSyncFailed", "station", "ERROR" },
	{ 13, "UnsupportedProtocolVersion", "plan", "ERROR" },
	{ 14, "UnsupportedRecoveryMode", "plan", "ERROR" },
	{ 50, "GetServerResponseTimedOut", "station", "ERROR" },
	{ 51, "InvalidServerResponse", "station", "ERROR" },
	{ 52, "SendRequestPacketFailed", "station", "ERROR" },
	{ 100, "GenericRecoveryError", "unit", "FAIL" },
	{ 101, "FlashWriteFailed", "unit", "FAIL" },
	{ 102, "ImageNotPageAligned", "unit", "FAIL" },
	{ 103, "FlashEraseFailed", "unit", "FAIL" },
	{ 104, "OutOfMemory", "unit", "FAIL" },
	{ 105, "BadState", "unit", "FAIL" },
	{ 107, "FileTransferFailed", "open", "ERROR" },
	{ 108, "ErasureCodingFailed", "unit", "FAIL" },
	{ 109, "DataHashingFailed", "unit", "FAIL" },
	{ 110, "PrimaryBackupMismatch", "unit", "FAIL" },
	{ 111, "DuplicateTableEntries", "unit", "FAIL" },
	{ 112, "NoReceiverFound", "unit", "FAIL" },
	{ 113, "DoubleImageEntry", "unit", "FAIL" },
	{ 114, "PartitionTableOffsetNotFound", "unit", "FAIL" },
	{ 115, "PartitionLayoutNotFound", "unit", "FAIL" },
	{ 116, "TransferConfigFatal", "station", "ERROR" },
	{ 117, "TransferConfigNonfatal", "station", "ERROR" },
	{ 150, "ImageNotFound", "plan", "ERROR" },
	{ 151, "UnauthorizedAccess", "plan", "ERROR" },
	{ 152, "UnknownImageRequestServerError", "plan", "ERROR" },
	{ 200, "BaudrateNotSupported", "station", "ERROR" },
	{ 202, "FrameReadCrcCheckFailed", "station", "ERROR" },
	{ 203, "FrameReadUartTimeoutError", "station", "ERROR" },
	{ 204, "ReadPayloadTooSmall", "station", "ERROR" },
	{ 205, "XmodemBadStartState", "station", "ERROR" },
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
	cr_expect_eq(known, sizeof(rows) / sizeof(rows[0]));
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
