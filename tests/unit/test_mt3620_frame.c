/* mt3620_frame: each frame of the protocol's reference, made and read */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rows.h"
#include "virtual/mt3620_frame.h"

TestSuite(mt3620_frame, .timeout = 20);

#define EIGHT(x) x x x x x x x x

enum { ROOM = 8192 };

/* Data and wire in hexadecimal; 'text' stands for its bytes, *N behind an item for
 * N of it. */
static const struct vector {
	const char *name;
	unsigned type;
	const char *data, *wire;
} vectors[] = {
	{ "Initialization", 0x01, "01000000 '" EIGHT("0123456789abcdef") "' 00",
	  "02 89 02 01 02 85 02 01 01 01 81 '" EIGHT("0123456789abcdef") "' 03 dc 54 00" },
	{ "Initialization, as captured", 0x01,
	  "01000000 '"
	  "006fe629beb69fc3bb06cf8494ccc25461f597aae076aa0d1f9b49656d60b635"
	  "57becad65b338a1a5b4104f769649aaa35340eca1f1899df610305506cd7bee8' 00",
	  "02 89 02 01 02 85 02 01 01 01 81 '"
	  "006fe629beb69fc3bb06cf8494ccc25461f597aae076aa0d1f9b49656d60b635"
	  "57becad65b338a1a5b4104f769649aaa35340eca1f1899df610305506cd7bee8' 03 be 03 00" },
	{ "RequestUnknown", 0x00, "", "02 04 01 01 01 01 03 a1 06 00" },
	{ "InitializationAck", 0xa0, "", "02 04 02 a0 01 01 03 d7 ec 00" },
	{ "RecoveryEvent 1", 0x0b, "01", "02 05 02 0b 02 01 04 01 49 b2 00" },
	{ "RecoveryEvent 2", 0x0b, "02", "02 05 02 0b 02 01 04 02 2a 82 00" },
	{ "RecoveryEvent 3", 0x0b, "03", "02 05 02 0b 02 01 04 03 0b 92 00" },
	{ "RecoveryEvent 6", 0x0b, "06", "02 05 02 0b 02 01 04 06 ae c2 00" },
	{ "RecoveryEvent 7", 0x0b, "07", "02 05 02 0b 02 01 04 07 8f d2 00" },
	{ "RecoveryEvent 8", 0x0b, "08", "02 05 02 0b 02 01 04 08 60 23 00" },
	{ "RecoveryEvent 9", 0x0b, "09", "02 05 02 0b 02 01 04 09 41 33 00" },
	{ "RecoveryEvent 10", 0x0b, "0a", "02 05 02 0b 02 01 04 0a 22 03 00" },
	{ "RecoveryEvent 11", 0x0b, "0b", "02 05 02 0b 02 01 04 0b 03 13 00" },
	{ "RecoveryEvent 110", 0x0b, "6e", "02 05 02 0b 02 01 02 6e 02 2f 00" },
	{ "LogConfigQuery", 0x09, "", "02 04 02 09 01 01 03 d6 f5 00" },
	{ "SimpleQueryAck 0", 0xa3, "00", "02 05 02 a3 02 01 01 03 21 8a 00" },
	{ "SimpleQueryAck 1", 0xa3, "01", "02 05 02 a3 02 01 02 01 02 9a 00" },
	{ "ImageRequestCapability", 0x04, "00000000 ffffffff",
	  "02 0c 02 04 02 08 01 01 01 01 07 ff ff ff ff 9e c8 00" },
	{ "ImageRequestManifest", 0x05, "00000000 ffffffff",
	  "02 0c 02 05 02 08 01 01 01 01 07 ff ff ff ff eb cb 00" },
	{ "ImageRequestRecoveryApp", 0x06, "00000000 ffffffff",
	  "02 0c 02 06 02 08 01 01 01 01 07 ff ff ff ff 74 ce 00" },
	{ "ImageRequestAck 0, 392, 392", 0xa4, "00000000 88010000 88010000",
	  "02 10 02 a4 02 0c 01 01 01 01 03 88 01 01 03 88 01 01 03 77 1e 00" },
	{ "ByFilename recovery-runtime.bin", 0x07, "00000000 ffffffff 'recovery-runtime.bin' 00",
	  "02 21 02 07 02 1d 01 01 01 01 19 ff ff ff ff 'recovery-runtime.bin' 03 41 f0 00" },
	{ "ImageRequestAck 0, 60836, 60836", 0xa4, "00000000 a4ed0000 a4ed0000",
	  "02 10 02 a4 02 0c 01 01 01 01 03 a4 ed 01 03 a4 ed 01 03 0c 93 00" },
	{ "BaudrateSwitchQuery", 0x03, "", "02 04 02 03 01 01 03 7d 9d 00" },
	{ "StatusRequest", 0x02, "", "02 04 02 02 01 01 03 c9 eb 00" },
	{ "ServerReady", 0xa1, "", "02 04 02 a1 01 01 03 63 9a 00" },
	{ "StatusBusy", 0xa2, "", "02 04 02 a2 01 01 03 bf 01 00" },
	{ "ByFilename recovery.imagemanifest", 0x07,
	  "00000000 ffffffff 'recovery.imagemanifest' 00",
	  "02 23 02 07 02 1f 01 01 01 01 1b ff ff ff ff 'recovery.imagemanifest' 03 a4 10 00" },
	{ "ImageRequestAck 0, 1496, 1496", 0xa4, "00000000 d8050000 d8050000",
	  "02 10 02 a4 02 0c 01 01 01 01 03 d8 05 01 03 d8 05 01 03 2e bd 00" },
	{ "ByFilename 0, 20480", 0x07,
	  "00000000 00500000 '2b9b33b4d6a040f09cc675a3003979be.bin' 00",
	  "02 31 02 07 02 2d 01 01 01 01 01 02 50 01 25 "
	  "'2b9b33b4d6a040f09cc675a3003979be.bin' 03 2f a7 00" },
	{ "ByFilename 20480, 20480", 0x07,
	  "00500000 00500000 '2b9b33b4d6a040f09cc675a3003979be.bin' 00",
	  "02 31 02 07 02 2d 01 02 50 01 01 02 50 01 25 "
	  "'2b9b33b4d6a040f09cc675a3003979be.bin' 03 7b 60 00" },
	{ "ImageRequestAck 0, 20480, 26860", 0xa4, "00000000 00500000 ec680000",
	  "02 10 02 a4 02 0c 01 01 01 01 01 02 50 01 03 ec 68 01 03 03 39 00" },
	{ "ImageRequestAck 20480, 6380, 26860", 0xa4, "00500000 ec180000 ec680000",
	  "02 10 02 a4 02 0c 01 02 50 01 03 ec 18 01 03 ec 68 01 03 24 07 00" },
	{ "AbortRecovery", 0xa6, "", "02 04 02 a6 01 01 03 4e cb 00" },
	{ "RecoveryComplete", 0x0d, "", "02 04 02 0d 01 01 03 27 3f 00" },
	{ "ImageRequestError 1", 0xa5, "01", "02 05 02 a5 02 01 04 01 85 57 00" },
	{ "ImageRequestError 2", 0xa5, "02", "02 05 02 a5 02 01 04 02 e6 67 00" },
	{ "ProgressUpdate 17, 17", 0x08, "11000000 11000000 a0415200 a0415200",
	  "02 14 02 08 02 10 02 11 01 01 02 11 01 01 04 a0 41 52 04 a0 41 52 03 cc 5a 00" },
	{ "ProgressUpdate 16, 17", 0x08, "10000000 11000000 58385200 a0415200",
	  "02 14 02 08 02 10 02 10 01 01 02 11 01 01 04 58 38 52 04 a0 41 52 03 12 0e 00" },
	{ "ProgressUpdate 0, 17", 0x08, "00000000 11000000 00000000 a0415200",
	  "02 14 02 08 02 10 01 01 01 01 02 11 01 01 01 01 01 01 04 a0 41 52 03 52 c9 00" },
	{ "RecoveryError 39.103", 0x0c, "67007002", "02 08 02 0c 02 04 02 67 05 70 02 b9 7d 00" },
	{ "RecoveryError 39.12", 0x0c, "0c007002", "02 08 02 0c 02 04 02 0c 05 70 02 74 3a 00" },
	{ "RecoveryError 39.202", 0x0c, "ca007002", "02 08 02 0c 02 04 02 ca 05 70 02 49 ae 00" },
	{ "RecoveryError 39.8", 0x0c, "08007002", "02 08 02 0c 02 04 02 08 05 70 02 85 f0 00" },
	{ "LogEntry hello", 0x0a, "'hello'", "02 09 02 0a 02 05 08 68 65 6c 6c 6f 9a 2f 00" },
	{ "LogEntry 252 x A", 0x0a, "41*252", "01 03 01 0a 02 fc ff 41*252 fd 3f 00" },
	{ "LogEntry 300 x A", 0x0a, "41*300", "04 30 01 0a ff 2c 01 41*252 33 41*48 0b 3c 00" },
};

/* Bytes of a text as above. */
static size_t bytes(uint8_t out[ROOM], const char *text)
{
	size_t n = 0;

	while (*text) {
		if (*text == ' ') {
			text++;
		} else if (*text == '\'') {
			for (text++; *text != '\''; text++)
				out[n++] = (uint8_t)*text;
			text++;
		} else if (*text == '*') {
			char *end;
			long times = strtol(text + 1, &end, 10);

			while (--times > 0) {
				out[n] = out[n - 1];
				n++;
			}
			text = end;
		} else {
			out[n++] =
				(uint8_t)(text_hex_digit(text[0]) << 4 | text_hex_digit(text[1]));
			text += 2;
		}
	}
	return n;
}

TEST_ROWS(mt3620_frame, made, vectors)
{
	uint8_t data[ROOM], want[ROOM], got[MT_FRAME_WIRE_MAX];
	size_t n = bytes(data, vectors[*i].data), wire = bytes(want, vectors[*i].wire);

	cr_assert_eq(mt3620_frame_encode(got, vectors[*i].type, data, n), wire, "%s",
		     vectors[*i].name);
	cr_expect_arr_eq(got, want, wire, "%s", vectors[*i].name);
}

TEST_ROWS(mt3620_frame, read, vectors)
{
	static struct mt3620_frames f;
	uint8_t data[ROOM], wire[ROOM];
	size_t n = bytes(data, vectors[*i].data), size = bytes(wire, vectors[*i].wire);
	struct mt3620_frame got = { 0 };

	for (size_t k = 0; k + 1 < size; k++)
		cr_assert_eq(mt3620_frames_byte(&got, &f, wire[k]), 0);
	cr_assert_eq(mt3620_frames_byte(&got, &f, wire[size - 1]), 1, "%s", vectors[*i].name);
	cr_expect_eq(got.type, vectors[*i].type);
	cr_assert_eq(got.n, n);
	cr_expect_arr_eq(got.data, data, n, "%s", vectors[*i].name);
}

/* The captured one, whose ID the reference does not tell whole. */
Test(mt3620_frame, initialization_has_143_bytes)
{
	uint8_t data[133] = { 1 }, got[MT_FRAME_WIRE_MAX], head[ROOM];
	size_t n = bytes(head, "02 89 02 01 02 85 02 01 01 01 81");

	memset(data + 4, '0', 128);
	cr_assert_eq(mt3620_frame_encode(got, 1, data, sizeof(data)), 143);
	cr_expect_arr_eq(got, head, n);
}

static int feed(struct mt3620_frames *f, struct mt3620_frame *got, const char *text)
{
	uint8_t wire[ROOM];
	size_t n = bytes(wire, text);
	int frames = 0;

	for (size_t k = 0; k < n; k++)
		frames += mt3620_frames_byte(got, f, wire[k]) > 0;
	return frames;
}

Test(mt3620_frame, crc_of_the_usual_nine_digits)
{
	uint8_t pad[128];

	cr_expect_eq(mt3620_crc(0, "123456789", 9), 0x31c3);
	cr_expect_eq(mt3620_crc(mt3620_crc(0, "1234", 4), "56789", 5), 0x31c3);
	memset(pad, 0x1a, sizeof(pad));
	cr_expect_eq(mt3620_crc(0, pad, sizeof(pad)), 0xf8b0);
}

Test(mt3620_frame, both_endings_of_a_full_last_group)
{
	static struct mt3620_frames f;
	struct mt3620_frame got;

	cr_expect_eq(feed(&f, &got, "01 03 01 0a 02 fc ff 41*252 fd 3f 00"), 1);
	cr_expect_eq(feed(&f, &got, "01 03 01 0a 02 fc ff 41*252 fd 3f 01 00"), 1);
	cr_expect_eq(got.n, 252);
	cr_expect_eq(f.bad, 0);
}

static const char *const bad[] = {
	"02 04 02 a0 01 01 03 d6 ec 00",       /* wrong CRC */
	"02 04 02 a0 01 01 00",                /* cut short */
	"02 04 02 a0 01 01 09 d7 ec 00",       /* a group beyond the end */
	"02 05 02 a0 01 01 03 d7 ec 00",       /* wrong length */
	"41 00",                               /* a letter */
	"02 04 02 a0 01 01 03 d7 ec 41 41 00", /* more behind it */
};

TEST_ROWS(mt3620_frame, dropped_and_counted, bad)
{
	static struct mt3620_frames f;
	struct mt3620_frame got;

	cr_expect_eq(feed(&f, &got, bad[*i]), 0, "%s", bad[*i]);
	cr_expect_eq(f.bad, 1, "%s", bad[*i]);
	/* The next one is read again. */
	cr_expect_eq(feed(&f, &got, "02 04 02 a0 01 01 03 d7 ec 00"), 1);
}

Test(mt3620_frame, empty_ones_and_several_in_a_row)
{
	static struct mt3620_frames f;
	struct mt3620_frame got;

	cr_expect_eq(feed(&f, &got,
			  "00 00 02 04 02 a0 01 01 03 d7 ec 00 00 02 04 02 a1 01 01 03 63 9a 00"),
		     2);
	cr_expect_eq(got.type, MT_MSG_SERVER_READY);
	cr_expect_eq(f.bad + f.overlong, 0);
}

Test(mt3620_frame, the_longest_and_one_that_is_longer)
{
	static struct mt3620_frames f;
	static uint8_t data[MT_FRAME_DATA_MAX], wire[MT_FRAME_WIRE_MAX];
	struct mt3620_frame got;
	size_t n;
	int r = 0;

	memset(data, 'x', sizeof(data));
	n = mt3620_frame_encode(wire, MT_MSG_LOG_ENTRY, data, sizeof(data));
	for (size_t k = 0; k < n; k++)
		r = mt3620_frames_byte(&got, &f, wire[k]);
	cr_expect_eq(r, 1);
	cr_expect_eq(got.n, sizeof(data));
	for (int k = 0; k < 10 * MT_FRAME_MAX; k++)
		cr_assert_eq(mt3620_frames_byte(&got, &f, 0x55), 0);
	cr_expect_eq(mt3620_frames_byte(&got, &f, 0), -1);
	cr_expect_eq(f.overlong, 1);
	cr_expect_eq(feed(&f, &got, "02 04 02 a0 01 01 03 d7 ec 00"), 1);
}
