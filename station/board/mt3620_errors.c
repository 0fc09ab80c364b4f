#include "board/mt3620_errors.h"

#include "base/mt3620_choice.h"
#include "board/mt3620_frame.h"

enum { ID_BITS = 20, BARE_MAX = 4096 };

/* clang-format off */
static const struct mt3620_error errors[] = {
	{ 1,   "BadImageManifestFormat",         ERR_IMAGES,        0 },
	{ 2,   "BadImage",                       ERR_IMAGES,        0 },
	{ 3,   "UnsupportedVersion",             ERR_IMAGES,        0 },
	{ 4,   "UntrustedCertificate",           ERR_IMAGES,        0 },
	{ 5,   "BadSignature",                   ERR_IMAGES,        0 },
	{ 6,   "BadComponentUid",                ERR_IMAGES,        0 },
	{ 7,   "BadImageUid",                    ERR_IMAGES,        0 },
	{ 8,   "BadImageFileSize",               ERR_IMAGES,        0 },
	{ 9,   "BadImageType",                   ERR_IMAGES,        0 },
	{ 10,  "ReceiveBufferTooSmall",          ERR_IMAGES,        0 },
	{ 11,  "TooManyImages",                  ERR_IMAGES,        0 },
	{ 12,  "StreamSyncFailed",               ERR_RECOVERY_LINK, 1 },
	{ 13,  "UnsupportedProtocolVersion",     ERR_IMAGES,        0 },
	{ 14,  "UnsupportedRecoveryMode",        ERR_IMAGES,        0 },
	{ 50,  "GetServerResponseTimedOut",      ERR_RECOVERY_LINK, 0 },
	{ 51,  "InvalidServerResponse",          ERR_RECOVERY_LINK, 0 },
	{ 52,  "SendRequestPacketFailed",        ERR_RECOVERY_LINK, 0 },
	{ 100, "GenericRecoveryError",           ERR_REFUSED,       0 },
	{ 101, "FlashWriteFailed",               ERR_FLASH,         0 },
	{ 102, "ImageNotPageAligned",            ERR_REFUSED,       0 },
	{ 103, "FlashEraseFailed",               ERR_FLASH,         0 },
	{ 104, "OutOfMemory",                    ERR_REFUSED,       0 },
	{ 105, "BadState",                       ERR_REFUSED,       0 },
	{ 107, "FileTransferFailed",             ERR_UNDECIDED,     0 },
	{ 108, "ErasureCodingFailed",            ERR_REFUSED,       0 },
	{ 109, "DataHashingFailed",              ERR_REFUSED,       0 },
	{ 110, "PrimaryBackupMismatch",          ERR_REFUSED,       0 },
	{ 111, "DuplicateTableEntries",          ERR_REFUSED,       0 },
	{ 112, "NoReceiverFound",                ERR_REFUSED,       0 },
	{ 113, "DoubleImageEntry",               ERR_REFUSED,       0 },
	{ 114, "PartitionTableOffsetNotFound",   ERR_REFUSED,       0 },
	{ 115, "PartitionLayoutNotFound",        ERR_REFUSED,       0 },
	{ 116, "TransferConfigFatal",            ERR_RECOVERY_LINK, 1 },
	{ 117, "TransferConfigNonfatal",         ERR_RECOVERY_LINK, 1 },
	{ 150, "ImageNotFound",                  ERR_IMAGES,        0 },
	{ 151, "UnauthorizedAccess",             ERR_IMAGES,        0 },
	{ 152, "UnknownImageRequestServerError", ERR_IMAGES,        0 },
	{ 200, "BaudrateNotSupported",           ERR_RECOVERY_LINK, 1 },
	{ 202, "FrameReadCrcCheckFailed",        ERR_RECOVERY_LINK, 0 },
	{ 203, "FrameReadUartTimeoutError",      ERR_RECOVERY_LINK, 0 },
	{ 204, "ReadPayloadTooSmall",            ERR_RECOVERY_LINK, 0 },
	{ 205, "XmodemBadStartState",            ERR_RECOVERY_LINK, 0 },
	{ 206, "XmodemInvalidBufferCapacity",    ERR_RECOVERY_LINK, 0 },
};
/* clang-format on */

const struct mt3620_error *mt3620_error_find(unsigned id)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].id == id)
			return &errors[i];
	return NULL;
}

int mt3620_error_decode(const uint8_t *data, size_t n)
{
	uint32_t v;

	if (n == 2) {
		v = mt3620_u16(data);
		return v < BARE_MAX ? (int)v : -1;
	}
	if (n != 4)
		return -1;
	v = mt3620_u32(data);
	if (v >> ID_BITS == MT_ERROR_CATEGORY)
		return (int)(v & ((1u << ID_BITS) - 1));
	return v < BARE_MAX ? (int)v : -1;
}
