#ifndef STATION_BOARD_MT3620_FRAME_H
#define STATION_BOARD_MT3620_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/mt3620_choice.h"

/*
 * mt3620_frame -- messages of the MT3620's recovery protocol, version 2.
 *
 *     COBS( u16le payload_len | payload | u16le crc ) 00
 *     payload = u16le type | u16le data_len | data
 *
 * crc is CRC-16/XMODEM over payload_len and payload. A frame that is not exactly
 * so is dropped and counted; the reader goes on at the next 00.
 */

/* clang-format off */
#define MT3620_MESSAGE_LIST(X)                                                   \
	X(0x00, REQUEST_UNKNOWN,    "RequestUnknown")                            \
	X(0x01, INITIALIZATION,     "Initialization")                            \
	X(0x02, STATUS_REQUEST,     "StatusRequest")                             \
	X(0x03, BAUDRATE_QUERY,     "BaudrateSwitchQuery")                       \
	X(0x04, IMAGE_CAPABILITY,   "ImageRequestCapability")                    \
	X(0x05, IMAGE_MANIFEST,     "ImageRequestManifest")                      \
	X(0x06, IMAGE_RECOVERY_APP, "ImageRequestRecoveryApp")                   \
	X(0x07, IMAGE_BY_NAME,      "ImageRequestByFilename")                    \
	X(0x08, PROGRESS,           "ProgressUpdate")                            \
	X(0x09, LOG_QUERY,          "LogConfigQuery")                            \
	X(0x0a, LOG_ENTRY,          "LogEntry")                                  \
	X(0x0b, EVENT,              "RecoveryEvent")                             \
	X(0x0c, ERROR,              "RecoveryError")                             \
	X(0x0d, COMPLETE,           "RecoveryComplete")                          \
	X(0xa0, INITIALIZATION_ACK, "InitializationAck")                         \
	X(0xa1, SERVER_READY,       "ServerReady")                               \
	X(0xa2, STATUS_BUSY,        "StatusBusy")                                \
	X(0xa3, QUERY_ACK,          "SimpleQueryAck")                            \
	X(0xa4, IMAGE_ACK,          "ImageRequestAck")                           \
	X(0xa5, IMAGE_ERROR,        "ImageRequestError")                         \
	X(0xa6, ABORT,              "AbortRecovery")
enum mt3620_message {
#define MESSAGE_ENUM(number, name, text) MT3620_##name = number,
	MT3620_MESSAGE_LIST(MESSAGE_ENUM)
#undef MESSAGE_ENUM
};
/* clang-format on */

const char *mt3620_message_name(unsigned type); /* "unknown message" for any other */

enum {
	MT3620_FRAME_DATA = MT_FRAME_MAX - 8, /* data of the longest frame */
	/* COBS adds a byte per 254, then the delimiter. */
	MT3620_FRAME_WIRE = MT_FRAME_MAX + MT_FRAME_MAX / 254 + 2,
};

struct mt3620_frame {
	uint16_t type, len;
	const uint8_t *data; /* lent until the reader's next byte */
};

/* The frame as it goes on the wire. Returns its length, at most MT3620_FRAME_WIRE;
 * n is at most MT3620_FRAME_DATA. */
size_t mt3620_frame_write(uint8_t out[MT3620_FRAME_WIRE], uint16_t type, const void *data,
			  size_t n);

struct mt3620_frames { /* a reader; ready when zeroed */
	uint8_t wire[MT3620_FRAME_WIRE], decoded[MT_FRAME_MAX];
	size_t n;
	int skipping; /* too long: on to the next 00 */
	unsigned bad; /* frames that were dropped */
};

/* Take a byte. 1: it ended a good frame, which is in *out; 0: not yet; -1: it ended a
 * bad one. Empty frames and stray C of the receiver in front of one are passed over. */
int mt3620_frames_take(struct mt3620_frame *out, struct mt3620_frames *r, uint8_t byte);
void mt3620_frames_clear(struct mt3620_frames *r); /* forget a frame that has begun */

/* Little-endian numbers of a message. */
static inline uint32_t mt3620_u16(const uint8_t *b)
{
	return b[0] | (uint32_t)b[1] << 8;
}

static inline uint32_t mt3620_u32(const uint8_t *b)
{
	return mt3620_u16(b) | mt3620_u16(b + 2) << 16;
}

static inline void mt3620_put32(uint8_t *b, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		b[i] = (uint8_t)(v >> 8 * i);
}

#endif /* STATION_BOARD_MT3620_FRAME_H */
