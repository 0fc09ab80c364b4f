#include <criterion/criterion.h>
#include <string.h>

#include "board/mt3620_slip.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_slip, .timeout = 20);

/* mt3620.md 5.1: SYN from 192.168.35.1:49152 to 192.168.35.2:443. */
static const uint8_t syn[44] = {
	0x45, 0x00, 0x00, 0x2c, 0x00, 0x01, 0x40, 0x00, 0x40, 0x06, 0x73, 0x77, 0xc0, 0xa8, 0x23,
	0x01, 0xc0, 0xa8, 0x23, 0x02, 0xc0, 0x00, 0x01, 0xbb, 0x11, 0x22, 0x33, 0x44, 0x00, 0x00,
	0x00, 0x00, 0x60, 0x02, 0xfa, 0xf0, 0xcf, 0xbf, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4,
};

static size_t decode(struct slip_decoder *d, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t last = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = slip_decode(d, p[i]);

		last = len ? len : last;
	}
	return last;
}

Test(board_mt3620_slip, vector)
{
	static const uint8_t wire[] = { 0xC0, 0x01, 0xDB, 0xDC, 0x02, 0xDB, 0xDD, 0x03, 0xC0 };
	static const uint8_t packet[] = { 0x01, 0xC0, 0x02, 0xDB, 0x03 };
	struct slip_decoder d = { 0 };
	struct sbuf b = { 0 };

	slip_encode(&b, packet, sizeof(packet));
	cr_assert_eq(b.len, sizeof(wire));
	cr_expect_eq(memcmp(b.data, wire, sizeof(wire)), 0);
	cr_assert_eq(decode(&d, wire, sizeof(wire)), sizeof(packet));
	cr_expect_eq(memcmp(d.packet, packet, sizeof(packet)), 0);
	cr_expect_eq(d.dropped, 0);
	sbuf_release(&b);
}

Test(board_mt3620_slip, syn_packet)
{
	struct slip_decoder d = { 0 };
	struct sbuf b = { 0 };

	slip_encode(&b, syn, sizeof(syn));
	cr_expect_eq(b.len, 49);
	cr_assert_eq(decode(&d, b.data, b.len), sizeof(syn));
	cr_expect_eq(memcmp(d.packet, syn, sizeof(syn)), 0);
	cr_expect_eq(slip_ipv4_whole(syn, sizeof(syn)), sizeof(syn));
	sbuf_release(&b);
}

/* Empty packets between two ENDs are none; what is broken is dropped and counted. */
static const struct bad {
	const char *wire;
	size_t n, last;
	unsigned long dropped;
} bads[] = {
	{ "\xC0\xC0\xC0", 3, 0, 0 },
	{ "\xC0"
	  "ab\xDB"
	  "c\xC0",
	  6, 0, 1 },
	{ "\xC0"
	  "ab\xDB\xC0",
	  5, 0, 1 },
	{ "\xC0"
	  "ab\xDB\xDB\xDC\xC0",
	  7, 0, 1 },
	{ "\xC0"
	  "ab\xDBxcd\xC0"
	  "ef\xC0",
	  11, 2, 1 },
	{ "ab\xC0", 3, 2, 0 },
};

TEST_ROWS(board_mt3620_slip, broken, bads)
{
	struct slip_decoder d = { 0 };

	cr_expect_eq(decode(&d, bads[*i].wire, bads[*i].n), bads[*i].last);
	cr_expect_eq(d.dropped, bads[*i].dropped);
	cr_expect_eq(decode(&d, "\xC0xyz\xC0", 5), 3, "goes on behind it");
}

Test(board_mt3620_slip, longest)
{
	struct slip_decoder d = { 0 };
	uint8_t packet[MT_SLIP_PACKET_MAX + 1];
	struct sbuf b = { 0 };

	memset(packet, 0xDB, sizeof(packet));
	slip_encode(&b, packet, sizeof(packet) - 1);
	cr_expect_eq(decode(&d, b.data, b.len), sizeof(packet) - 1);
	sbuf_reset(&b);
	slip_encode(&b, packet, sizeof(packet));
	cr_expect_eq(decode(&d, b.data, b.len), 0);
	cr_expect_eq(d.dropped, 1);
	sbuf_release(&b);
}

/* Every single wrong bit is seen, and every cut. */
Test(board_mt3620_slip, damage_is_seen)
{
	uint8_t p[sizeof(syn) + 4];

	for (size_t bit = 0; bit < 8 * sizeof(syn); bit++) {
		memcpy(p, syn, sizeof(syn));
		p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_expect_eq(slip_ipv4_whole(p, sizeof(syn)), 0, "bit %zu", bit);
	}
	for (size_t n = 0; n < sizeof(syn); n++)
		cr_expect_eq(slip_ipv4_whole(syn, n), 0, "cut to %zu", n);
	memcpy(p, syn, sizeof(syn));
	memset(p + sizeof(syn), 0, 4);
	cr_expect_eq(slip_ipv4_whole(p, sizeof(p)), sizeof(syn), "padding does not count");
}
