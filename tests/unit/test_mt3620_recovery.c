/* mt3620_recovery: whole recoveries on a board in memory, and each of its faults */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mt3620_choice.h"
#include "board_memory.h"
#include "rows.h"
#include "virtual/mt3620_frame.h"
#include "virtual/mt3620_images.h"
#include "virtual/mt3620_xmodem.h"

extern const struct firmware firmware_mt3620;

TestSuite(mt3620_recovery, .timeout = 60);

enum { D = 3, RECOVERY = 0x20, RESET = 0x40, IMAGES = 14, BYTES = 60000 };

/* How a session ended. */
enum { COMPLETE = 0, SILENT = -1, NO_ACK = -2 /* else: the id of a RecoveryError */ };

static struct {
	struct board_memory m;
	struct mt3620_frames frames;
	struct mt3620_manifest set;
	struct sbuf file[IMAGES + 3]; /* the images; bootloader, runtime, manifest */
	struct sbuf trail;            /* events and requests as words */
	int answer_rate, capability, log_answer, block;
	int spoil;              /* what is done wrong; see serve() */
	int64_t patience_ms;    /* without a word from the board */
	unsigned progress, log; /* messages */
	char asked[64];
} t;

enum {
	GOOD,
	NOT_FOUND,
	UNAUTHORISED,
	STRANGE_ERROR,
	WRONG_TOTAL,
	WRONG_START,
	TOO_MUCH,
	TOO_LITTLE,
	OTHER_IMAGE,
	DAMAGED_IMAGE,
	BAD_MANIFEST,
	SHORT_ACK,
	BUSY,
	NO_READY,
	ABORT,
	LATE,
};

/* --- the set --- */

static void make_file(struct sbuf *out, const char *kind, const char *name, size_t size,
		      struct rng *r)
{
	struct mt3620_dummy d = { .os = "25.01" };

	snprintf(d.kind, sizeof(d.kind), "%s", kind);
	snprintf(d.name, sizeof(d.name), "%s", name);
	mt3620_dummy_print(out, &d, size, r);
}

static void make_set(void)
{
	struct rng r = { .state = 11 };
	uint8_t manifest[MT_MANIFEST_MAX];

	mt3620_images_describe(&t.set, "25.01", IMAGES, BYTES, 3);
	for (size_t i = 0; i < IMAGES; i++)
		make_file(&t.file[i], "image", t.set.image[i].name, t.set.image[i].size, &r);
	make_file(&t.file[IMAGES], "bootloader", "1BL", MT_BOOTLOADER_SIZE, &r);
	make_file(&t.file[IMAGES + 1], "runtime", "RA", 3000, &r);
	sbuf_add(&t.file[IMAGES + 2], manifest, mt3620_manifest_print(manifest, &t.set, &r));
}

static const struct sbuf *find_file(const char *name)
{
	char text[MT_FILE_NAME];

	if (!strcmp(name, "recovery-runtime.bin"))
		return &t.file[IMAGES + 1];
	if (!strcmp(name, "recovery.imagemanifest"))
		return &t.file[IMAGES + 2];
	for (size_t i = 0; i < IMAGES; i++)
		if (!strcmp(name, mt3620_file_name(text, &t.set.image[i])))
			return &t.file[i];
	return NULL;
}

/* --- the wire --- */

static void begin(const char *keys)
{
	struct sbuf text = { 0 };
	struct err err = { 0 };

	memset(&t, 0, sizeof(t));
	t.block = 128;
	t.patience_ms = 30000;
	sbuf_printf(&text,
		    "erase_time = 50 ms\nboot_time = 60 ms\nservice_time = 80 ms\nos = 20.05\n%s%s",
		    strstr(keys, "write_rate") ? "" : "write_rate = 0 bit/s\n", keys);
	cr_assert_eq(memory_start(&t.m, &firmware_mt3620, sbuf_str(&text), 1, &err), 0, "%s",
		     err.text);
	sbuf_release(&text);
	firmware_mt3620.plugged(t.m.fw, 1);
	make_set();
}

static void end(void)
{
	memory_stop(&t.m);
	for (size_t i = 0; i < IMAGES + 3; i++)
		sbuf_release(&t.file[i]);
	sbuf_release(&t.trail);
}

static const char *get(const char *what)
{
	return firmware_mt3620.value(t.m.fw, what);
}

static void feed(const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		firmware_mt3620.byte(t.m.fw, D, ((const uint8_t *)bytes)[i], 0, clock_ns());
}

static void drop_said(size_t n)
{
	struct sbuf *s = &t.m.said[D];

	memmove(s->data, s->data + n, s->len - n);
	s->len -= n;
}

/* Wait until something was said. 0: it was. */
static int hear(int64_t ms)
{
	for (int64_t i = 0; !t.m.said[D].len && i < ms; i++)
		memory_run(&t.m, 1);
	return t.m.said[D].len ? 0 : -1;
}

static void straps(void)
{
	firmware_mt3620.pins(t.m.fw, D, RECOVERY | RESET, RECOVERY, clock_ns());
	memory_run(&t.m, MT_RESET_LOW_MS);
	firmware_mt3620.pins(t.m.fw, D, RECOVERY | RESET, RECOVERY | RESET, clock_ns());
	memory_run(&t.m, MT_STRAP_HOLD_MS);
	firmware_mt3620.pins(t.m.fw, D, 0x14, 0x14, clock_ns());
	sbuf_reset(&t.m.said[D]);
}

/* The station gave the port back before the board's first word. */
static void past_banner(void)
{
	memory_run(&t.m, MT_SAMPLE_AFTER_MS + MT_BANNER_AFTER_MS);
	sbuf_reset(&t.m.said[D]);
}

static int await(const char *text, int64_t ms)
{
	for (int64_t i = 0; i <= ms; i++) {
		const char *at = strstr(sbuf_str(&t.m.said[D]), text);

		if (at) {
			drop_said((size_t)(at - t.m.said[D].data) + strlen(text));
			return 0;
		}
		memory_run(&t.m, 1);
	}
	return -1;
}

/* 0, or what came in place of an ACK; -1: nothing. */
static int xmodem(const char *bytes, size_t n)
{
	uint8_t block[1029], number = 1;
	size_t size = (size_t)t.block;

	if (hear(3000) || t.m.said[D].data[0] != 'C')
		return -1;
	sbuf_reset(&t.m.said[D]);
	for (size_t at = 0; at < n; at += size, number++) {
		size_t some = n - at < size ? n - at : size;
		uint16_t crc;

		block[0] = size == 128 ? MT_XMODEM_SOH : MT_XMODEM_STX;
		block[1] = number;
		block[2] = (uint8_t)~number;
		memset(block + 3, 0x1a, size);
		memcpy(block + 3, bytes + at, some);
		crc = mt3620_crc(0, block + 3, size);
		block[3 + size] = (uint8_t)(crc >> 8);
		block[4 + size] = (uint8_t)crc;
		feed(block, size + 5);
		if (hear(1500))
			return -1;
		if (t.m.said[D].data[0] != MT_XMODEM_ACK)
			return t.m.said[D].data[0];
		drop_said(1);
	}
	feed("\x04", 1);
	if (hear(100) || t.m.said[D].data[0] != MT_XMODEM_ACK)
		return -1;
	drop_said(1);
	return 0;
}

static void tell(unsigned type, const void *data, size_t n)
{
	uint8_t wire[MT_FRAME_WIRE_MAX];

	feed(wire, mt3620_frame_encode(wire, type, data, n));
}

static void tell_byte(unsigned type, uint8_t byte)
{
	tell(type, &byte, 1);
}

/* Next frame of the board, or -1. */
static int listen_to(struct mt3620_frame *f)
{
	while (!hear(t.patience_ms)) {
		uint8_t byte = (uint8_t)t.m.said[D].data[0];

		drop_said(1);
		if (mt3620_frames_byte(f, &t.frames, byte) > 0)
			return 0;
	}
	return -1;
}

/* --- the station's part --- */

static void put32(uint8_t *out, size_t x)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(x >> (8 * i));
}

static size_t get32(const uint8_t *in)
{
	return in[0] | (size_t)in[1] << 8 | (size_t)in[2] << 16 | (size_t)in[3] << 24;
}

/* Answers a request for a file, with the mistake of t.spoil. 0: go on. */
static int serve(const struct mt3620_frame *f)
{
	const char *name = f->type == MT_MSG_REQUEST_RECOVERY_APP ? "recovery-runtime.bin"
			   : f->type == MT_MSG_REQUEST_MANIFEST   ? "recovery.imagemanifest"
								  : (const char *)f->data + 8;
	const struct sbuf *file = find_file(name);
	size_t start = get32(f->data), max = get32(f->data + 4), total, some, send;
	int image = strlen(name) == 36;
	struct sbuf copy = { 0 };
	uint8_t ack[12];
	int r;

	snprintf(t.asked, sizeof(t.asked), "%s", name);
	if (!file || (image && (t.spoil == NOT_FOUND || t.spoil == UNAUTHORISED ||
				t.spoil == STRANGE_ERROR))) {
		tell_byte(MT_MSG_IMAGE_REQUEST_ERROR, t.spoil == STRANGE_ERROR ? 9
						      : t.spoil == UNAUTHORISED
							      ? MT_IMAGE_UNAUTHORISED
							      : MT_IMAGE_NOT_FOUND);
		return 0;
	}
	total = file->len;
	some = total - start < max ? total - start : max;
	send = some;
	if (image && t.spoil == OTHER_IMAGE)
		file = &t.file[IMAGES + 1];
	sbuf_add(&copy, file->data, file->len);
	while (copy.len < total)
		sbuf_putc(&copy, 'x');
	if ((image && t.spoil == DAMAGED_IMAGE) ||
	    (t.spoil == BAD_MANIFEST && file == &t.file[IMAGES + 2]))
		copy.data[image ? 100 : 0] ^= 1;
	if (image && t.spoil == TOO_MUCH)
		send = some + 200 < copy.len ? some + 200 : some;
	if (image && t.spoil == TOO_LITTLE)
		send = some / 2;
	put32(ack, image && t.spoil == WRONG_START ? start + 1 : start);
	put32(ack + 4, some);
	put32(ack + 8, image && t.spoil == WRONG_TOTAL ? total + 1 : total);
	tell(MT_MSG_IMAGE_REQUEST_ACK, ack, image && t.spoil == SHORT_ACK ? 11 : 12);
	if (image && (t.spoil == WRONG_START || t.spoil == WRONG_TOTAL || t.spoil == SHORT_ACK))
		r = 0; /* no transfer begins */
	else
		r = xmodem(copy.data + start, send);
	sbuf_release(&copy);
	return r;
}

static void note(const char *word, unsigned n)
{
	sbuf_printf(&t.trail, "%s%s%u", t.trail.len ? " " : "", word, n);
}

static int session(void)
{
	int busy = t.spoil == BUSY ? 3 : 0;
	struct mt3620_frame f;

	while (!listen_to(&f)) {
		switch (f.type) {
		case MT_MSG_INITIALIZATION:
			if (t.spoil == LATE && !t.trail.len) {
				note("late", 0);
				break;
			}
			tell(MT_MSG_INITIALIZATION_ACK, NULL, 0);
			break;
		case MT_MSG_STATUS_REQUEST:
			note("status", 0);
			if (t.spoil == NO_READY)
				break;
			tell(busy-- > 0 ? MT_MSG_STATUS_BUSY : MT_MSG_SERVER_READY, NULL, 0);
			break;
		case MT_MSG_BAUDRATE_SWITCH_QUERY:
			note("rate", 0);
			if (t.spoil == ABORT)
				tell(MT_MSG_ABORT_RECOVERY, NULL, 0);
			else
				tell_byte(MT_MSG_SIMPLE_QUERY_ACK, (uint8_t)t.answer_rate);
			if (t.spoil == ABORT)
				return SILENT;
			break;
		case MT_MSG_LOG_CONFIG_QUERY:
			note("log", 0);
			tell_byte(MT_MSG_SIMPLE_QUERY_ACK, (uint8_t)t.log_answer);
			break;
		case MT_MSG_REQUEST_CAPABILITY: {
			uint8_t ack[12] = { 0 }, file[392] = { 1, 2, 3 };

			if (!t.capability) {
				tell_byte(MT_MSG_IMAGE_REQUEST_ERROR, MT_IMAGE_NOT_FOUND);
				break;
			}
			put32(ack + 4, sizeof(file));
			put32(ack + 8, sizeof(file));
			tell(MT_MSG_IMAGE_REQUEST_ACK, ack, sizeof(ack));
			cr_expect_eq(xmodem((char *)file, sizeof(file)), 0);
			break;
		}
		case MT_MSG_REQUEST_MANIFEST:
		case MT_MSG_REQUEST_RECOVERY_APP:
		case MT_MSG_REQUEST_BY_FILENAME:
			if (serve(&f))
				return NO_ACK;
			break;
		case MT_MSG_PROGRESS_UPDATE:
			cr_expect_eq(f.n, 16);
			cr_expect_eq(get32(f.data), IMAGES - t.progress);
			cr_expect_eq(get32(f.data + 4), IMAGES);
			cr_expect_eq(get32(f.data + 12), BYTES);
			t.progress++;
			break;
		case MT_MSG_LOG_ENTRY:
			t.log++;
			break;
		case MT_MSG_RECOVERY_EVENT:
			note("e", f.data[0]);
			break;
		case MT_MSG_RECOVERY_ERROR:
			cr_expect_eq(f.n, 4);
			cr_expect_eq(get32(f.data) >> 20, MT_ERROR_CATEGORY);
			return (int)(get32(f.data) & 0xfffff);
		case MT_MSG_RECOVERY_COMPLETE:
			return COMPLETE;
		default:
			cr_assert_fail("message %02x", f.type);
		}
	}
	return SILENT;
}

/* From the banner on. */
static int recover(void)
{
	int r;

	if (await("0000362000008A01020A00008FC8C833\r\n", 2000))
		return SILENT;
	r = xmodem(t.file[IMAGES].data, t.file[IMAGES].len);
	if (r)
		return NO_ACK;
	if (await("+GOOD\r\n[1BL] BOOT: 380a0500/00000001/02000000\r\n", 3000))
		return SILENT;
	return session();
}

static int whole(void)
{
	firmware_mt3620.pins(t.m.fw, D, RECOVERY | RESET, RECOVERY, clock_ns());
	memory_run(&t.m, MT_RESET_LOW_MS);
	sbuf_reset(&t.m.said[D]);
	mt3620_frames_reset(&t.frames);
	firmware_mt3620.pins(t.m.fw, D, RECOVERY | RESET, RECOVERY | RESET, clock_ns());
	return recover();
}

static void release_lines(void)
{
	firmware_mt3620.pins(t.m.fw, D, 0x14, 0x14, clock_ns());
}

/* --- good recoveries --- */

Test(mt3620_recovery, at_the_low_rate)
{
	int spaces = 0;
	char mac[18];

	begin("");
	memory_run(&t.m, 400);
	cr_expect_str_eq(get("os"), "20.05");
	snprintf(mac, sizeof(mac), "%s", get("mac"));
	cr_expect_eq(strlen(mac), 17);
	cr_assert_eq(whole(), COMPLETE);
	cr_expect_str_eq(sbuf_str(&t.trail), "e1 log0 log0 e6 rate0 e7 e8 e9 e10 e11");
	cr_expect_eq(t.progress, IMAGES + 1);
	cr_expect_eq(t.m.baud[D], MT_RATE_TEXT);
	cr_expect_eq(t.m.rtscts[D], 1);
	memory_run(&t.m, 1000);
	cr_expect_str_eq(get("state"), "running");
	cr_expect_str_eq(get("os"), "25.01");
	cr_expect_str_eq(get("recoveries"), "1");
	cr_expect_str_eq(get("mac"), ""); /* the board configuration is gone */
	cr_expect_eq(t.m.rtscts[D], 0);
	/* What it runs is what the set says. */
	for (size_t i = 0; i < IMAGES; i++)
		cr_expect(strstr(get("images"), t.set.image[i].image), "%zu", i);
	for (const char *s = get("images"); *s; s++)
		spaces += *s == ' ';
	cr_expect_eq(spaces, IMAGES - 1);
	end();
}

Test(mt3620_recovery, at_the_high_rate)
{
	begin("");
	memory_run(&t.m, 400);
	t.answer_rate = 1;
	cr_assert_eq(whole(), COMPLETE);
	cr_expect_str_eq(sbuf_str(&t.trail), "e1 log0 log0 e6 rate0 status0 e7 e8 e9 e10 e11");
	cr_expect_eq(t.m.baud[D], MT_RATE_FAST);
	cr_expect_eq(t.m.rtscts[D], 1);
	end();
}

Test(mt3620_recovery, it_switches_fifty_milliseconds_after_the_answer)
{
	struct mt3620_frame f;

	begin("");
	memory_run(&t.m, 400);
	straps();
	past_banner();
	memory_run(&t.m, MT_C_INTERVAL_MS);
	cr_assert_eq(xmodem(t.file[IMAGES].data, t.file[IMAGES].len), 0);
	cr_assert_eq(await("02000000\r\n", 1000), 0);
	for (;;) {
		cr_assert_eq(listen_to(&f), 0);
		if (f.type == MT_MSG_INITIALIZATION)
			tell(MT_MSG_INITIALIZATION_ACK, NULL, 0);
		else if (f.type == MT_MSG_LOG_CONFIG_QUERY)
			tell_byte(MT_MSG_SIMPLE_QUERY_ACK, 0);
		else if (f.type == MT_MSG_REQUEST_CAPABILITY)
			tell_byte(MT_MSG_IMAGE_REQUEST_ERROR, 1);
		else if (f.type == MT_MSG_REQUEST_BY_FILENAME)
			cr_assert_eq(serve(&f), 0);
		else if (f.type == MT_MSG_BAUDRATE_SWITCH_QUERY)
			break;
	}
	tell_byte(MT_MSG_SIMPLE_QUERY_ACK, 1);
	memory_run(&t.m, MT_SWITCH_AFTER_MS - 1);
	cr_expect_eq(t.m.baud[D], MT_RATE_TEXT);
	memory_run(&t.m, 1);
	cr_expect_eq(t.m.baud[D], MT_RATE_FAST);
	/* Nobody answers: six times at the new rate, six at the old one, then 39.12. */
	t.spoil = NO_READY;
	sbuf_reset(&t.trail);
	memory_run(&t.m, MT_STATUS_TRIES * MT_STATUS_EVERY_MS);
	cr_expect_eq(t.m.baud[D], MT_RATE_TEXT);
	cr_expect_eq(t.m.rtscts[D], 1);
	cr_expect_eq(session(), 12);
	cr_expect_eq(t.trail.len, strlen("status0 ") * 2 * MT_STATUS_TRIES - 1);
	end();
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
	begin(good[*i].keys);
	memory_run(&t.m, 400);
	t.answer_rate = good[*i].rate;
	t.capability = good[*i].capability;
	t.log_answer = good[*i].log;
	t.block = good[*i].block;
	t.spoil = good[*i].spoil;
	cr_assert_eq(whole(), COMPLETE, "%s", good[*i].what);
	cr_expect_str_eq(sbuf_str(&t.trail), good[*i].trail, "%s", good[*i].what);
	cr_expect_eq(t.log > 0, good[*i].log);
	memory_run(&t.m, 1000);
	cr_expect_str_eq(get("os"), "25.01", "%s", good[*i].what);
	end();
}

/* --- mistakes of the station --- */

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
	{ "blocks that are not taken", "", GOOD, 0, NO_ACK },
};

TEST_ROWS(mt3620_recovery, wrong, wrong)
{
	begin(wrong[*i].keys);
	memory_run(&t.m, 400);
	t.spoil = wrong[*i].spoil;
	t.answer_rate = wrong[*i].rate;
	if (wrong[*i].ends == NO_ACK)
		t.block = 1024;
	cr_expect_eq(whole(), wrong[*i].ends, "%s", wrong[*i].what);
	if (wrong[*i].ends > 0)
		cr_expect_str_eq(get("state"), "dead");
	/* A reset with RECOVERY high helps, whatever happened. */
	t.spoil = GOOD;
	t.block = 128;
	t.progress = 0;
	t.answer_rate = strstr(wrong[*i].keys, "fast") != NULL;
	cr_expect_eq(whole(), COMPLETE, "%s", wrong[*i].what);
	end();
}

Test(mt3620_recovery, more_bytes_than_announced)
{
	begin("");
	t.spoil = TOO_MUCH;
	cr_expect_eq(whole(), 8);
	end();
}

Test(mt3620_recovery, a_request_is_repeated_and_then_given_up)
{
	struct mt3620_frame f;
	int asked = 0;

	begin("");
	straps();
	past_banner();
	memory_run(&t.m, MT_C_INTERVAL_MS);
	cr_assert_eq(xmodem(t.file[IMAGES].data, t.file[IMAGES].len), 0);
	cr_assert_eq(await("02000000\r\n", 1000), 0);
	for (int i = 0; i < 20; i++) { /* without end, every second */
		cr_assert_eq(listen_to(&f), 0);
		cr_assert_eq(f.type, MT_MSG_INITIALIZATION);
		cr_expect_eq(f.n, 133);
		cr_expect_eq(get32(f.data), 1);
		cr_expect_str_eq((const char *)f.data + 4, get("device_id"));
	}
	tell(MT_MSG_INITIALIZATION_ACK, NULL, 0);
	while (!listen_to(&f) && f.type != MT_MSG_RECOVERY_ERROR)
		asked += f.type == MT_MSG_LOG_CONFIG_QUERY;
	cr_expect_eq(asked, 1 + MT_REPEATS);
	cr_expect_eq(get32(f.data), MT_ERROR_CATEGORY << 20 | 203);
	end();
}

Test(mt3620_recovery, frames_with_bit_errors_end_in_202)
{
	struct mt3620_frame f;

	begin("");
	straps();
	past_banner();
	memory_run(&t.m, MT_C_INTERVAL_MS);
	cr_assert_eq(xmodem(t.file[IMAGES].data, t.file[IMAGES].len), 0);
	cr_assert_eq(await("02000000\r\n", 1000), 0);
	cr_assert_eq(listen_to(&f), 0);
	tell(MT_MSG_INITIALIZATION_ACK, NULL, 0);
	while (!listen_to(&f) && f.type != MT_MSG_RECOVERY_ERROR)
		if (f.type == MT_MSG_LOG_CONFIG_QUERY)
			feed("\x02\x05\x02\xa3\x02\x01\x01\x03\x21\x8b", 11);
	cr_expect_eq(get32(f.data), MT_ERROR_CATEGORY << 20 | 202);
	cr_expect_str_eq(get("bad_frames"), "6");
	end();
}

Test(mt3620_recovery, abort_ends_in_the_banner)
{
	begin("");
	t.spoil = ABORT;
	cr_expect_eq(whole(), SILENT);
	cr_expect_eq(await("RECOVERY\r\n0000362000008A01020A00008FC8C833\r\nC", 100), 0);
	cr_expect_str_eq(get("state"), "rom");
	end();
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

	begin("");
	file = &t.file[IMAGES];
	make_file(file, bootloaders[*i].kind, "x", bootloaders[*i].size, &r);
	file->data[5000] ^= (char)bootloaders[*i].damage;
	cr_expect_eq(whole(), SILENT, "%s", bootloaders[*i].what);
	end();
}

/* --- faults --- */

static const struct effect {
	enum fault_id id;
	const char *fault;
	int rate, ends;
	const char *trail; /* how it ends; NULL: whatever */
	const char *os;    /* after a second and what the board does then; NULL: not looked at */
} effects[] = {
	{ FAULT_ID_MT_BOOTLOADER_NAK, "bootloader_nak", 0, NO_ACK, "", NULL },
	{ FAULT_ID_MT_BOOTLOADER_CAN, "bootloader_can", 0, NO_ACK, "", NULL },
	{ FAULT_ID_MT_BOOTLOADER_SILENT, "bootloader_silent", 0, SILENT, "", NULL },
	{ FAULT_ID_MT_RECOVERY_UART_DEAD, "recovery_uart_dead", 0, SILENT, "", NULL },
	{ FAULT_ID_MT_OTHER_ID, "other_device_id", 0, COMPLETE, NULL, "25.01" },
	{ FAULT_ID_MT_RATE_STAYS, "rate_stays", 1, COMPLETE, "status0 e7 e8 e9 e10 e11", "25.01" },
	{ FAULT_ID_MT_RATE_LOST, "rate_lost", 1, SILENT, "rate0", NULL },
	{ FAULT_ID_MT_RATE_LOST, "rate_lost", 0, COMPLETE, "e11", "25.01" },
	{ FAULT_ID_MT_RATE_SILENT, "rate_silent", 1, SILENT, "rate0", NULL },
	{ FAULT_ID_MT_RATE_SILENT, "rate_silent", 0, SILENT, "rate0", NULL },
	{ FAULT_ID_MT_SYNC_FAILS, "sync_fails", 1, 12, "rate0", NULL },
	{ FAULT_ID_MT_SYNC_FAILS, "sync_fails", 0, 12, "rate0", NULL },
	{ FAULT_ID_MT_FRAME_ERROR, "frame_error", 0, 202, "e8", NULL },
	{ FAULT_ID_MT_ASKS_UNKNOWN_FILE, "asks_unknown_file", 0, 150, "e10", NULL },
	{ FAULT_ID_MT_ERASE_NEVER_ENDS, "erase_never_ends", 0, SILENT, "e7", "" },
	{ FAULT_ID_MT_ERASE_FAILS, "erase_fails", 0, 103, "e7", "" },
	{ FAULT_ID_MT_IMAGE_REJECTED, "image_rejected 4", 0, 4, "e10", "" },
	{ FAULT_ID_MT_IMAGE_REJECTED, "image_rejected", 0, 5, "e10", "" },
	{ FAULT_ID_MT_WRITE_FAILS_AT, "write_fails_at 3", 0, 101, "e10", "" },
	{ FAULT_ID_MT_STALLS_AT, "stalls_at 3", 0, SILENT, "e10", "" },
	{ FAULT_ID_MT_DIES_AT, "dies_at 3", 0, SILENT, "e10", "" },
	{ FAULT_ID_MT_RECOVERY_ERROR, "recovery_error", 0, 100, "e9", "" },
	{ FAULT_ID_MT_RECOVERY_ERROR, "recovery_error 115", 0, 115, "e9", "" },
	{ FAULT_ID_RECOVERY_WRONG_OS, "recovery_wrong_os 23.05", 0, COMPLETE, "e11", "23.05" },
	{ FAULT_ID_RECOVERY_NEVER_RETURNS, "recovery_never_returns", 0, COMPLETE, "e11", "25.01" },
};

TEST_ROWS(mt3620_recovery, effects, effects)
{
	const struct effect *e = &effects[*i];
	char keys[128];
	size_t n = e->trail ? strlen(e->trail) : 0;

	snprintf(keys, sizeof(keys), "fault = %s\n", e->fault);
	begin(keys);
	memory_run(&t.m, 400);
	t.answer_rate = e->rate;
	cr_expect_eq(whole(), e->ends, "%s", e->fault);
	if (e->trail)
		cr_expect(t.trail.len >= n &&
				  !strcmp(sbuf_str(&t.trail) + t.trail.len - n, e->trail) &&
				  (n || !t.trail.len),
			  "%s: %s", e->fault, sbuf_str(&t.trail));
	release_lines();
	memory_run(&t.m, 1000);
	if (e->os)
		cr_expect_str_eq(get("os"), e->os, "%s", e->fault);
	end();
}

Test(mt3620_recovery, wrong_images_are_counted_at_the_right_place)
{
	begin("fault = stalls_at 3\n");
	whole();
	cr_expect_eq(t.progress, 3); /* none, first, second */
	end();
	begin("fault = dies_at 3\n");
	whole();
	cr_expect_eq(t.progress, 3);
	/* Nothing boots what was half written, a recovery does. */
	release_lines();
	firmware_mt3620.pins(t.m.fw, D, RESET, 0, clock_ns());
	memory_run(&t.m, 50);
	firmware_mt3620.pins(t.m.fw, D, RESET, RESET, clock_ns());
	sbuf_reset(&t.m.said[D]);
	memory_run(&t.m, 1000);
	cr_expect_str_eq(get("state"), "dead");
	cr_expect_eq(t.m.said[D].len, 0);
	t.progress = 0;
	cr_expect_eq(whole(), COMPLETE);
	memory_run(&t.m, 1000);
	cr_expect_str_eq(get("state"), "running");
	end();
}

Test(mt3620_recovery, another_board_shows_another_id)
{
	struct mt3620_frame f;

	begin("fault = other_device_id\n");
	straps();
	past_banner();
	memory_run(&t.m, MT_C_INTERVAL_MS);
	cr_assert_eq(xmodem(t.file[IMAGES].data, t.file[IMAGES].len), 0);
	cr_assert_eq(await("02000000\r\n", 1000), 0);
	cr_assert_eq(listen_to(&f), 0);
	cr_expect_str_neq((const char *)f.data + 4, get("device_id"));
	cr_expect_eq(strlen((const char *)f.data + 4), 128);
	end();
}

static void plain_reset(void)
{
	release_lines();
	firmware_mt3620.pins(t.m.fw, D, RESET, 0, clock_ns());
	memory_run(&t.m, 50);
	firmware_mt3620.pins(t.m.fw, D, RESET, RESET, clock_ns());
	memory_run(&t.m, 1000);
}

Test(mt3620_recovery, boards_that_do_not_come_back)
{
	begin("fault = needs_second_reset\n");
	memory_run(&t.m, 1000);
	cr_expect_str_eq(get("state"), "running");
	cr_assert_eq(whole(), COMPLETE);
	release_lines();
	memory_run(&t.m, 3000);
	cr_expect_str_eq(get("state"), "dead");
	plain_reset();
	cr_expect_str_eq(get("state"), "running");
	end();
	begin("fault = recovery_never_returns\n");
	memory_run(&t.m, 1000);
	cr_expect_str_eq(get("state"), "running");
	cr_assert_eq(whole(), COMPLETE);
	release_lines();
	memory_run(&t.m, 3000);
	cr_expect_str_eq(get("state"), "dead");
	plain_reset();
	cr_expect_str_eq(get("state"), "dead");
	end();
}

/* --- MAC addresses: the table of what changes them --- */

static const char *const macs[] = { "", "mac_not_new", "mac_volatile", "mac_constant" };

/* The board configuration does not survive a recovery; here it is put back as the
 * station does it, by the flash's own call. */
static const char *mac_after_recovery(void)
{
	struct mt3620_image config = { .component = MT_BOARD_CONFIG_COMPONENT,
				       .image = "11111111-2222-4333-8444-555555555555",
				       .type = 21,
				       .name = "lan" };

	t.progress = 0;
	cr_assert_eq(whole(), COMPLETE);
	release_lines();
	memory_run(&t.m, 1000);
	cr_expect_str_eq(get("mac"), "");
	cr_assert_eq(mt3620_flash_install(t.m.fw, &config), 0);
	plain_reset();
	return get("mac");
}

TEST_ROWS(mt3620_recovery, macs, macs)
{
	char keys[64], first[18], second[18], third[18];

	snprintf(keys, sizeof(keys), "fault = %s\n", macs[*i]);
	begin(keys);
	memory_run(&t.m, 400);
	snprintf(first, sizeof(first), "%s", get("mac"));
	plain_reset();
	cr_expect_eq(!strcmp(get("mac"), first), strcmp(macs[*i], "mac_volatile") != 0, "%s",
		     macs[*i]);
	snprintf(second, sizeof(second), "%s", mac_after_recovery());
	cr_expect_eq(strlen(second), 17, "%s", macs[*i]);
	cr_expect_eq(!strcmp(first, second), !strcmp(macs[*i], "mac_not_new"), "%s", macs[*i]);
	snprintf(third, sizeof(third), "%s", mac_after_recovery());
	cr_expect_eq(!strcmp(second, third),
		     !strcmp(macs[*i], "mac_not_new") || !strcmp(macs[*i], "mac_constant"), "%s",
		     macs[*i]);
	if (!strcmp(macs[*i], "mac_constant"))
		cr_expect_str_eq(second, MT_MAC_OF_2007);
	end();
}

/* --- what survives --- */

Test(mt3620_recovery, the_manufacturing_state_and_the_id_survive)
{
	char id[129];

	begin("made = DeviceComplete\n");
	memory_run(&t.m, 400);
	snprintf(id, sizeof(id), "%s", get("device_id"));
	cr_assert_eq(whole(), COMPLETE);
	memory_run(&t.m, 1000);
	cr_expect_str_eq(get("device_id"), id);
	cr_expect_str_eq(get("made"), "DeviceComplete");
	end();
}

Test(mt3620_recovery, the_cable_goes_at_a_moment)
{
	begin("fault = usb_unplug images\n");
	memory_run(&t.m, 400);
	cr_expect_eq(t.m.unplugs, 0);
	whole();
	cr_expect_eq(t.m.unplugs, 1);
	end();
}

/* --- each fault of this firmware is tried here, or beside it --- */

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
