#include "recovery_station.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/mt3620_choice.h"
#include "virtual/mt3620_xmodem.h"

struct recovery_station rs;

/* --- the set --- */

void rs_file(struct sbuf *out, const char *kind, const char *name, size_t size, struct rng *r)
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

	mt3620_images_describe(&rs.set, "25.01", RS_IMAGES, RS_BYTES, 3);
	for (size_t i = 0; i < RS_IMAGES; i++)
		rs_file(&rs.file[i], "image", rs.set.image[i].name, rs.set.image[i].size, &r);
	rs_file(&rs.file[RS_IMAGES], "bootloader", "1BL", MT_BOOTLOADER_SIZE, &r);
	rs_file(&rs.file[RS_IMAGES + 1], "runtime", "RA", 3000, &r);
	sbuf_add(&rs.file[RS_IMAGES + 2], manifest, mt3620_manifest_print(manifest, &rs.set, &r));
}

static const struct sbuf *find_file(const char *name)
{
	char text[MT_FILE_NAME];

	if (!strcmp(name, "recovery-runtime.bin"))
		return &rs.file[RS_IMAGES + 1];
	if (!strcmp(name, "recovery.imagemanifest"))
		return &rs.file[RS_IMAGES + 2];
	for (size_t i = 0; i < RS_IMAGES; i++)
		if (!strcmp(name, mt3620_file_name(text, &rs.set.image[i])))
			return &rs.file[i];
	return NULL;
}

/* --- the wire --- */

void rs_begin(const char *keys)
{
	struct sbuf text = { 0 };
	struct err err = { 0 };

	memset(&rs, 0, sizeof(rs));
	rs.block = 128;
	rs.patience_ms = 30000;
	sbuf_printf(&text,
		    "erase_time = 50 ms\nboot_time = 60 ms\nservice_time = 80 ms\nos = 20.05\n%s%s",
		    strstr(keys, "write_rate") ? "" : "write_rate = 0 bit/s\n", keys);
	cr_assert_eq(memory_start(&rs.m, &firmware_mt3620, sbuf_str(&text), 1, &err), 0, "%s",
		     err.text);
	sbuf_release(&text);
	firmware_mt3620.plugged(rs.m.fw, 1);
	make_set();
}

void rs_end(void)
{
	memory_stop(&rs.m);
	for (size_t i = 0; i < RS_IMAGES + 3; i++)
		sbuf_release(&rs.file[i]);
	sbuf_release(&rs.trail);
}

const char *rs_get(const char *what)
{
	return firmware_mt3620.value(rs.m.fw, what);
}

void rs_feed(const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		firmware_mt3620.byte(rs.m.fw, D, ((const uint8_t *)bytes)[i], 0, clock_ns());
}

static void drop_said(size_t n)
{
	struct sbuf *s = &rs.m.said[D];

	memmove(s->data, s->data + n, s->len - n);
	s->len -= n;
}

/* Wait until something was said. 0: it was. */
static int hear(int64_t ms)
{
	for (int64_t i = 0; !rs.m.said[D].len && i < ms; i++)
		memory_run(&rs.m, 1);
	return rs.m.said[D].len ? 0 : -1;
}

int rs_await(const char *text, int64_t ms)
{
	for (int64_t i = 0; i <= ms; i++) {
		const char *at = strstr(sbuf_str(&rs.m.said[D]), text);

		if (at) {
			drop_said((size_t)(at - rs.m.said[D].data) + strlen(text));
			return 0;
		}
		memory_run(&rs.m, 1);
	}
	return -1;
}

/* 0, or what came in place of an ACK; -1: nothing. */
static int xmodem(const char *bytes, size_t n)
{
	uint8_t block[1029], number = 1;
	size_t size = (size_t)rs.block;

	if (hear(3000) || rs.m.said[D].data[0] != 'C')
		return -1;
	sbuf_reset(&rs.m.said[D]);
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
		rs_feed(block, size + 5);
		if (hear(1500))
			return -1;
		if (rs.m.said[D].data[0] != MT_XMODEM_ACK)
			return rs.m.said[D].data[0];
		drop_said(1);
	}
	rs_feed("\x04", 1);
	if (hear(100) || rs.m.said[D].data[0] != MT_XMODEM_ACK)
		return -1;
	drop_said(1);
	return 0;
}

void rs_to_messages(void)
{
	firmware_mt3620.pins(rs.m.fw, D, RECOVERY | RESET, RECOVERY, clock_ns());
	memory_run(&rs.m, MT_RESET_LOW_MS);
	firmware_mt3620.pins(rs.m.fw, D, RECOVERY | RESET, RECOVERY | RESET, clock_ns());
	memory_run(&rs.m, MT_STRAP_HOLD_MS);
	firmware_mt3620.pins(rs.m.fw, D, 0x14, 0x14, clock_ns());
	sbuf_reset(&rs.m.said[D]);
	/* The station gave the port back before the board's first word. */
	memory_run(&rs.m, MT_SAMPLE_AFTER_MS + MT_BANNER_AFTER_MS);
	sbuf_reset(&rs.m.said[D]);
	memory_run(&rs.m, MT_C_INTERVAL_MS);
	cr_assert_eq(xmodem(rs.file[RS_IMAGES].data, rs.file[RS_IMAGES].len), 0);
	cr_assert_eq(rs_await("02000000\r\n", 1000), 0);
}

void rs_tell(unsigned type, const void *data, size_t n)
{
	uint8_t wire[MT_FRAME_WIRE_MAX];

	rs_feed(wire, mt3620_frame_encode(wire, type, data, n));
}

void rs_tell_byte(unsigned type, uint8_t byte)
{
	rs_tell(type, &byte, 1);
}

int rs_listen(struct mt3620_frame *f)
{
	while (!hear(rs.patience_ms)) {
		uint8_t byte = (uint8_t)rs.m.said[D].data[0];

		drop_said(1);
		if (mt3620_frames_byte(f, &rs.frames, byte) > 0)
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

size_t rs_get32(const uint8_t *in)
{
	return in[0] | (size_t)in[1] << 8 | (size_t)in[2] << 16 | (size_t)in[3] << 24;
}

/* Answers a request for a file, with the mistake of rs.spoil. 0: go on. */
int rs_serve(const struct mt3620_frame *f)
{
	const char *name = f->type == MT_MSG_REQUEST_RECOVERY_APP ? "recovery-runtime.bin"
			   : f->type == MT_MSG_REQUEST_MANIFEST   ? "recovery.imagemanifest"
								  : (const char *)f->data + 8;
	const struct sbuf *file = find_file(name);
	size_t start = rs_get32(f->data), max = rs_get32(f->data + 4), total, some, send;
	int image = strlen(name) == 36;
	struct sbuf copy = { 0 };
	uint8_t ack[12];
	int r;

	snprintf(rs.asked, sizeof(rs.asked), "%s", name);
	if (!file || (image && (rs.spoil == NOT_FOUND || rs.spoil == UNAUTHORISED ||
				rs.spoil == STRANGE_ERROR))) {
		rs_tell_byte(MT_MSG_IMAGE_REQUEST_ERROR, rs.spoil == STRANGE_ERROR ? 9
							 : rs.spoil == UNAUTHORISED
								 ? MT_IMAGE_UNAUTHORISED
								 : MT_IMAGE_NOT_FOUND);
		return 0;
	}
	total = file->len;
	some = total - start < max ? total - start : max;
	send = some;
	if (image && rs.spoil == OTHER_IMAGE)
		file = &rs.file[RS_IMAGES + 1];
	sbuf_add(&copy, file->data, file->len);
	while (copy.len < total)
		sbuf_putc(&copy, 'x');
	if ((image && rs.spoil == DAMAGED_IMAGE) ||
	    (rs.spoil == BAD_MANIFEST && file == &rs.file[RS_IMAGES + 2]))
		copy.data[image ? 100 : 0] ^= 1;
	if (image && rs.spoil == TOO_MUCH)
		send = some + 200 < copy.len ? some + 200 : some;
	if (image && rs.spoil == TOO_LITTLE)
		send = some / 2;
	put32(ack, image && rs.spoil == WRONG_START ? start + 1 : start);
	put32(ack + 4, some);
	put32(ack + 8, image && rs.spoil == WRONG_TOTAL ? total + 1 : total);
	rs_tell(MT_MSG_IMAGE_REQUEST_ACK, ack, image && rs.spoil == SHORT_ACK ? 11 : 12);
	if (image && (rs.spoil == WRONG_START || rs.spoil == WRONG_TOTAL || rs.spoil == SHORT_ACK))
		r = 0; /* no transfer begins */
	else
		r = xmodem(copy.data + start, send);
	sbuf_release(&copy);
	return r;
}

static void note(const char *word, unsigned n)
{
	sbuf_printf(&rs.trail, "%s%s%u", rs.trail.len ? " " : "", word, n);
}

int rs_session(void)
{
	int busy = rs.spoil == BUSY ? 3 : 0;
	struct mt3620_frame f;

	while (!rs_listen(&f)) {
		switch (f.type) {
		case MT_MSG_INITIALIZATION:
			if (rs.spoil == LATE && !rs.trail.len) {
				note("late", 0);
				break;
			}
			rs_tell(MT_MSG_INITIALIZATION_ACK, NULL, 0);
			break;
		case MT_MSG_STATUS_REQUEST:
			note("status", 0);
			if (rs.spoil == NO_READY)
				break;
			rs_tell(busy-- > 0 ? MT_MSG_STATUS_BUSY : MT_MSG_SERVER_READY, NULL, 0);
			break;
		case MT_MSG_BAUDRATE_SWITCH_QUERY:
			note("rate", 0);
			if (rs.spoil == ABORT)
				rs_tell(MT_MSG_ABORT_RECOVERY, NULL, 0);
			else
				rs_tell_byte(MT_MSG_SIMPLE_QUERY_ACK, (uint8_t)rs.answer_rate);
			if (rs.spoil == ABORT)
				return RS_SILENT;
			break;
		case MT_MSG_LOG_CONFIG_QUERY:
			note("log", 0);
			rs_tell_byte(MT_MSG_SIMPLE_QUERY_ACK, (uint8_t)rs.log_answer);
			break;
		case MT_MSG_REQUEST_CAPABILITY: {
			uint8_t ack[12] = { 0 }, file[392] = { 1, 2, 3 };

			if (!rs.capability) {
				rs_tell_byte(MT_MSG_IMAGE_REQUEST_ERROR, MT_IMAGE_NOT_FOUND);
				break;
			}
			put32(ack + 4, sizeof(file));
			put32(ack + 8, sizeof(file));
			rs_tell(MT_MSG_IMAGE_REQUEST_ACK, ack, sizeof(ack));
			cr_expect_eq(xmodem((char *)file, sizeof(file)), 0);
			break;
		}
		case MT_MSG_REQUEST_MANIFEST:
		case MT_MSG_REQUEST_RECOVERY_APP:
		case MT_MSG_REQUEST_BY_FILENAME:
			if (rs_serve(&f))
				return RS_NO_ACK;
			break;
		case MT_MSG_PROGRESS_UPDATE:
			cr_expect_eq(f.n, 16);
			cr_expect_eq(rs_get32(f.data), RS_IMAGES - rs.progress);
			cr_expect_eq(rs_get32(f.data + 4), RS_IMAGES);
			cr_expect_eq(rs_get32(f.data + 12), RS_BYTES);
			rs.progress++;
			break;
		case MT_MSG_LOG_ENTRY:
			rs.log++;
			break;
		case MT_MSG_RECOVERY_EVENT:
			note("e", f.data[0]);
			break;
		case MT_MSG_RECOVERY_ERROR:
			cr_expect_eq(f.n, 4);
			cr_expect_eq(rs_get32(f.data) >> 20, MT_ERROR_CATEGORY);
			return (int)(rs_get32(f.data) & 0xfffff);
		case MT_MSG_RECOVERY_COMPLETE:
			return RS_COMPLETE;
		default:
			cr_assert_fail("message %02x", f.type);
		}
	}
	return RS_SILENT;
}

/* From the banner on. */
static int from_banner(void)
{
	int r;

	if (rs_await("0000362000008A01020A00008FC8C833\r\n", 2000))
		return RS_SILENT;
	r = xmodem(rs.file[RS_IMAGES].data, rs.file[RS_IMAGES].len);
	if (r)
		return RS_NO_ACK;
	if (rs_await("+GOOD\r\n[1BL] BOOT: 380a0500/00000001/02000000\r\n", 3000))
		return RS_SILENT;
	return rs_session();
}

int rs_recover(void)
{
	firmware_mt3620.pins(rs.m.fw, D, RECOVERY | RESET, RECOVERY, clock_ns());
	memory_run(&rs.m, MT_RESET_LOW_MS);
	sbuf_reset(&rs.m.said[D]);
	mt3620_frames_reset(&rs.frames);
	rs.progress = 0;
	firmware_mt3620.pins(rs.m.fw, D, RECOVERY | RESET, RECOVERY | RESET, clock_ns());
	return from_banner();
}

void rs_release(void)
{
	firmware_mt3620.pins(rs.m.fw, D, 0x14, 0x14, clock_ns());
}

void rs_reset(void)
{
	rs_release();
	firmware_mt3620.pins(rs.m.fw, D, RESET, 0, clock_ns());
	memory_run(&rs.m, 50);
	firmware_mt3620.pins(rs.m.fw, D, RESET, RESET, clock_ns());
	sbuf_reset(&rs.m.said[D]);
	memory_run(&rs.m, 1000);
}
