#include "board/mt3620_frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/sbuf.h"
#include "base/text.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_frame, .timeout = 20);

/* Hex digits with blanks, and 'text' as it is. */
static size_t bytes_of(uint8_t *out, size_t size, const char *text)
{
	size_t n = 0;

	while (*text) {
		cr_assert_lt(n, size);
		if (*text == ' ') {
			text++;
		} else if (*text == '\'') {
			for (text++; *text != '\''; text++)
				out[n++] = (uint8_t)*text;
			text++;
		} else {
			out[n++] =
				(uint8_t)(text_hex_digit(text[0]) << 4 | text_hex_digit(text[1]));
			text += 2;
		}
	}
	return n;
}

#define ID                                                                                         \
	"'0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"                        \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'"
/* Of the board whose recovery was read off the wire. */
#define CAPTURED                                                                                   \
	"'006fe629beb69fc3bb06cf8494ccc25461f597aae076aa0d1f9b49656d60b635"                        \
	"57becad65b338a1a5b4104f769649aaa35340eca1f1899df610305506cd7bee8'"
#define IMAGE "'2b9b33b4d6a040f09cc675a3003979be.bin'"

/* clang-format off */
/* The vectors of the protocol's description; marked ones were read off a wire. */
static const struct vector {
	uint16_t type;
	const char *data, *wire;
} vectors[] = {
	{ 0x01, "01000000" ID "00",
	  "02 89 02 01 02 85 02 01 01 01 81" ID "03 dc 54 00" },
	{ 0x01, "01000000" CAPTURED "00",
	  "02 89 02 01 02 85 02 01 01 01 81" CAPTURED "03 be 03 00" }, /* wire */
	{ 0x00, "", "02 04 01 01 01 01 03 a1 06 00" }, /* its data is not public */
	{ 0xa0, "", "02 04 02 a0 01 01 03 d7 ec 00" }, /* wire */
	{ 0x0b, "01", "02 05 02 0b 02 01 04 01 49 b2 00" }, /* wire */
	{ 0x0b, "02", "02 05 02 0b 02 01 04 02 2a 82 00" }, /* wire */
	{ 0x0b, "03", "02 05 02 0b 02 01 04 03 0b 92 00" }, /* wire */
	{ 0x0b, "04", "02 05 02 0b 02 01 04 04 ec e2 00" }, /* never seen; so the next one */
	{ 0x0b, "05", "02 05 02 0b 02 01 04 05 cd f2 00" },
	{ 0x0b, "06", "02 05 02 0b 02 01 04 06 ae c2 00" }, /* wire */
	{ 0x0b, "07", "02 05 02 0b 02 01 04 07 8f d2 00" }, /* wire */
	{ 0x0b, "08", "02 05 02 0b 02 01 04 08 60 23 00" }, /* wire */
	{ 0x0b, "09", "02 05 02 0b 02 01 04 09 41 33 00" },
	{ 0x0b, "0a", "02 05 02 0b 02 01 04 0a 22 03 00" },
	{ 0x0b, "0b", "02 05 02 0b 02 01 04 0b 03 13 00" },
	{ 0x0b, "6e", "02 05 02 0b 02 01 02 6e 02 2f 00" }, /* a zero within the CRC */
	{ 0x09, "", "02 04 02 09 01 01 03 d6 f5 00" }, /* wire */
	{ 0xa3, "00", "02 05 02 a3 02 01 01 03 21 8a 00" }, /* wire */
	{ 0xa3, "01", "02 05 02 a3 02 01 02 01 02 9a 00" },
	{ 0x04, "00000000 ffffffff",
	  "02 0c 02 04 02 08 01 01 01 01 07 ff ff ff ff 9e c8 00" }, /* wire */
	{ 0x05, "00000000 ffffffff", "02 0c 02 05 02 08 01 01 01 01 07 ff ff ff ff eb cb 00" },
	{ 0x06, "00000000 ffffffff", "02 0c 02 06 02 08 01 01 01 01 07 ff ff ff ff 74 ce 00" },
	{ 0xa4, "00000000 88010000 88010000",
	  "02 10 02 a4 02 0c 01 01 01 01 03 88 01 01 03 88 01 01 03 77 1e 00" }, /* wire */
	{ 0x07, "00000000 ffffffff 'recovery-runtime.bin' 00",
	  "02 21 02 07 02 1d 01 01 01 01 19 ff ff ff ff 'recovery-runtime.bin' 03 41 f0 00" },
	{ 0xa4, "00000000 a4ed0000 a4ed0000",
	  "02 10 02 a4 02 0c 01 01 01 01 03 a4 ed 01 03 a4 ed 01 03 0c 93 00" }, /* wire */
	{ 0x03, "", "02 04 02 03 01 01 03 7d 9d 00" }, /* wire */
	{ 0x02, "", "02 04 02 02 01 01 03 c9 eb 00" },
	{ 0xa1, "", "02 04 02 a1 01 01 03 63 9a 00" },
	{ 0xa2, "", "02 04 02 a2 01 01 03 bf 01 00" },
	{ 0x07, "00000000 ffffffff 'recovery.imagemanifest' 00",
	  "02 23 02 07 02 1f 01 01 01 01 1b ff ff ff ff 'recovery.imagemanifest' 03 a4 10 00" },
	{ 0xa4, "00000000 d8050000 d8050000",
	  "02 10 02 a4 02 0c 01 01 01 01 03 d8 05 01 03 d8 05 01 03 2e bd 00" },
	{ 0x07, "00000000 00500000" IMAGE "00",
	  "02 31 02 07 02 2d 01 01 01 01 01 02 50 01 25" IMAGE "03 2f a7 00" },
	{ 0x07, "00500000 00500000" IMAGE "00",
	  "02 31 02 07 02 2d 01 02 50 01 01 02 50 01 25" IMAGE "03 7b 60 00" },
	{ 0xa4, "00000000 00500000 ec680000",
	  "02 10 02 a4 02 0c 01 01 01 01 01 02 50 01 03 ec 68 01 03 03 39 00" },
	{ 0xa4, "00500000 ec180000 ec680000",
	  "02 10 02 a4 02 0c 01 02 50 01 03 ec 18 01 03 ec 68 01 03 24 07 00" },
	{ 0xa6, "", "02 04 02 a6 01 01 03 4e cb 00" },
	{ 0x0d, "", "02 04 02 0d 01 01 03 27 3f 00" },
	{ 0xa5, "01", "02 05 02 a5 02 01 04 01 85 57 00" },
	{ 0xa5, "02", "02 05 02 a5 02 01 04 02 e6 67 00" },
	{ 0x08, "11000000 11000000 a0415200 a0415200",
	  "02 14 02 08 02 10 02 11 01 01 02 11 01 01 04 a0 41 52 04 a0 41 52 03 cc 5a 00" },
	{ 0x08, "10000000 11000000 58385200 a0415200",
	  "02 14 02 08 02 10 02 10 01 01 02 11 01 01 04 58 38 52 04 a0 41 52 03 12 0e 00" },
	{ 0x08, "00000000 11000000 00000000 a0415200",
	  "02 14 02 08 02 10 01 01 01 01 02 11 01 01 01 01 01 01 04 a0 41 52 03 52 c9 00" },
	{ 0x0c, "67007002", "02 08 02 0c 02 04 02 67 05 70 02 b9 7d 00" },
	{ 0x0c, "0c007002", "02 08 02 0c 02 04 02 0c 05 70 02 74 3a 00" },
	{ 0x0c, "ca007002", "02 08 02 0c 02 04 02 ca 05 70 02 49 ae 00" },
	{ 0x0c, "08007002", "02 08 02 0c 02 04 02 08 05 70 02 85 f0 00" },
	{ 0x0c, "6700", "02 06 02 0c 02 02 02 67 03 fd f4 00" }, /* a bare id */
	{ 0x0a, "", "02 04 02 0a 01 01 03 0a 6e 00" },
	{ 0x0a, "'hello'", "02 09 02 0a 02 05 08 68 65 6c 6c 6f 9a 2f 00" },
};
/* clang-format on */

/* How many good frames the bytes hold; the last one in *out. */
static int read_all(struct mt3620_frame *out, struct mt3620_frames *r, const uint8_t *b, size_t n)
{
	int good = 0;

	for (size_t i = 0; i < n; i++)
		good += mt3620_frames_take(out, r, b[i]) > 0;
	return good;
}

TEST_ROWS(board_mt3620_frame, vector, vectors)
{
	const struct vector *v = &vectors[*i];
	uint8_t data[512], wire[512], made[MT3620_FRAME_WIRE];
	size_t n = bytes_of(data, sizeof(data), v->data);
	size_t len = bytes_of(wire, sizeof(wire), v->wire);
	struct mt3620_frames *r = calloc(1, sizeof(*r));
	struct mt3620_frame f;

	cr_assert_eq(mt3620_frame_write(made, v->type, data, n), len, "row %zu", *i);
	cr_expect_arr_eq(made, wire, len, "row %zu", *i);
	cr_expect_eq(len, n + 10); /* of frames of up to 254 bytes */
	cr_assert_eq(read_all(&f, r, wire, len), 1, "row %zu", *i);
	cr_expect_eq(f.type, v->type);
	cr_assert_eq(f.len, n);
	cr_expect_arr_eq(f.data, data, n);
	cr_expect_eq(r->bad, 0);
	/* A single wrong bit is seen, wherever it is. */
	for (size_t k = 0; k < 8 * (len - 1); k++) {
		wire[k / 8] ^= (uint8_t)(1 << k % 8);
		mt3620_frames_clear(r);
		cr_expect_eq(read_all(&f, r, wire, len), 0, "row %zu, bit %zu", *i, k);
		wire[k / 8] ^= (uint8_t)(1 << k % 8);
	}
	/* So is a lost byte. */
	for (size_t k = 0; k + 1 < len; k++) {
		mt3620_frames_clear(r);
		cr_expect_eq(read_all(&f, r, wire, k) + read_all(&f, r, wire + k + 1, len - k - 1),
			     0, "row %zu, byte %zu", *i, k);
	}
	free(r);
}

/* Long runs without a zero, with both endings that COBS knows. */
Test(board_mt3620_frame, groups_of_254)
{
	uint8_t data[300], made[MT3620_FRAME_WIRE];
	struct mt3620_frames *r = calloc(1, sizeof(*r));
	struct mt3620_frame f;
	size_t n;

	memset(data, 'A', sizeof(data));
	n = mt3620_frame_write(made, 0x0a, data, 252);
	cr_assert_eq(n, 262);
	cr_expect_arr_eq(made, "\x01\x03\x01\x0a\x02\xfc\xff", 7);
	cr_expect_arr_eq(made + 259, "\xfd\x3f\x00", 3);
	cr_expect_eq(read_all(&f, r, made, n), 1);
	cr_expect_eq(f.len, 252);
	memcpy(made + 261, "\x01\x00", 2);
	cr_expect_eq(read_all(&f, r, made, n + 1), 1);
	cr_expect_eq(f.len, 252);
	cr_expect_arr_eq(f.data, data, 252);
	n = mt3620_frame_write(made, 0x0a, data, 300);
	cr_assert_eq(n, 311);
	cr_expect_arr_eq(made, "\x04\x30\x01\x0a\xff\x2c\x01", 7);
	cr_expect_eq(made[259], 0x33);
	cr_expect_arr_eq(made + 308, "\x0b\x3c\x00", 3);
	cr_expect_eq(read_all(&f, r, made, n), 1);
	cr_expect_eq(f.len, 300);
	cr_expect_eq(r->bad, 0);
	free(r);
}

/* Every length, with zeros and without. */
Test(board_mt3620_frame, there_and_back)
{
	static uint8_t data[MT3620_FRAME_DATA], made[MT3620_FRAME_WIRE];
	struct mt3620_frames *r = calloc(1, sizeof(*r));
	struct mt3620_frame f;

	for (int kind = 0; kind < 3; kind++) {
		for (size_t i = 0; i < sizeof(data); i++)
			data[i] = (uint8_t)(kind == 0 ? 0 : kind == 1 ? 0xff : i % 257);
		for (size_t n = 0; n <= sizeof(data); n += n < 600 ? 1 : 97) {
			size_t len = mt3620_frame_write(made, 0x0a, data, n);

			cr_assert_leq(len, sizeof(made));
			cr_assert_eq(made[len - 1], 0);
			cr_assert_null(memchr(made, 0, len - 1));
			cr_assert_eq(read_all(&f, r, made, len), 1, "kind %d, %zu bytes", kind, n);
			cr_assert_eq(f.len, n);
			cr_assert_arr_eq(f.data, data, n);
		}
	}
	free(r);
}

static const struct stream {
	const char *wire;
	int good;
	unsigned bad;
} streams[] = {
	{ "02 04 02 a0 01 01 03 d6 ec 00", 0, 1 },       /* wrong CRC */
	{ "02 04 02 a0 01 01 00", 0, 1 },                /* truncated */
	{ "00 00 00", 0, 0 },                            /* empty frames */
	{ "43 43 02 04 02 09 01 01 03 d6 f5 00", 1, 0 }, /* C in front */
	{ "02 04 02 09 01 01 03 d6 f5 00 43 02 04 02 09 01 01 03 d6 f5 00", 2, 0 }, /* between */
	{ "06 02 04 02 09 01 01 03 d6 f5 00 02 04 02 09 01 01 03 d6 f5 00", 1, 1 },
	{ "01 01 01 00", 0, 1 },
	{ "ff 00", 0, 1 },
	{ "09 04 02 00 02 09 00", 0, 2 },
	/* payload_len and data_len that do not fit what is there, with a CRC that does */
	{ "02 05 02 09 01 01 03 10 c5 00", 0, 1 },
};

TEST_ROWS(board_mt3620_frame, stream, streams)
{
	const struct stream *s = &streams[*i];
	struct mt3620_frames *r = calloc(1, sizeof(*r));
	uint8_t wire[128];
	size_t n = bytes_of(wire, sizeof(wire), s->wire);
	struct mt3620_frame f;

	cr_expect_eq(read_all(&f, r, wire, n), s->good, "row %zu", *i);
	cr_expect_eq(r->bad, s->bad, "row %zu: %u", *i, r->bad);
	free(r);
}

/* Longer than any frame: dropped, counted, and the next one is heard. */
Test(board_mt3620_frame, too_long)
{
	struct mt3620_frames *r = calloc(1, sizeof(*r));
	uint8_t wire[16];
	size_t n = bytes_of(wire, sizeof(wire), "02 04 02 09 01 01 03 d6 f5 00");
	struct mt3620_frame f;

	for (int i = 0; i < 100000; i++)
		cr_assert_eq(mt3620_frames_take(&f, r, 'x'), 0);
	cr_expect_eq(mt3620_frames_take(&f, r, 0), -1);
	cr_expect_eq(r->bad, 1);
	cr_expect_eq(read_all(&f, r, wire, n), 1);
	free(r);
}

/* Both directions. */
static const struct name_row {
	unsigned type;
	const char *name;
} names[] = {
	{ 0x00, "RequestUnknown" },
	{ 0x01, "Initialization" },
	{ 0x02, "StatusRequest" },
	{ 0x03, "BaudrateSwitchQuery" },
	{ 0x04, "ImageRequestCapability" },
	{ 0x05, "ImageRequestManifest" },
	{ 0x06, "ImageRequestRecoveryApp" },
	{ 0x07, "ImageRequestByFilename" },
	{ 0x08, "ProgressUpdate" },
	{ 0x09, "LogConfigQuery" },
	{ 0x0a, "LogEntry" },
	{ 0x0b, "RecoveryEvent" },
	{ 0x0c, "RecoveryError" },
	{ 0x0d, "RecoveryComplete" },
	{ 0xa0, "InitializationAck" },
	{ 0xa1, "ServerReady" },
	{ 0xa2, "StatusBusy" },
	{ 0xa3, "SimpleQueryAck" },
	{ 0xa4, "ImageRequestAck" },
	{ 0xa5, "ImageRequestError" },
	{ 0xa6, "AbortRecovery" },
	{ 0x0e, "unknown message" },
	{ 0x9f, "unknown message" },
	{ 0xa7, "unknown message" },
	{ 0x1a0, "unknown message" },
};

TEST_ROWS(board_mt3620_frame, name, names)
{
	cr_expect_str_eq(mt3620_message_name(names[*i].type), names[*i].name, "%#x",
			 names[*i].type);
}

/* Every message that has a name has a vector of known bytes. */
Test(board_mt3620_frame, no_message_without_a_vector)
{
	for (unsigned type = 0; type < 0x10000; type++) {
		size_t k = 0;

		if (!strcmp(mt3620_message_name(type), "unknown message"))
			continue;
		while (k < sizeof(vectors) / sizeof(vectors[0]) && vectors[k].type != type)
			k++;
		cr_expect_lt(k, sizeof(vectors) / sizeof(vectors[0]), "%s",
			     mt3620_message_name(type));
	}
}
