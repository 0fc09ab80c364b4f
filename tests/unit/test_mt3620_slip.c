#include <criterion/criterion.h>
#include <string.h>

#include "base/rng.h"
#include "virtual/mt3620_slip.h"
#include "rows.h"

TestSuite(mt3620_slip, .timeout = 20);

/* Pushes all; bytes of the last packet, and how many there were. */
static size_t push(struct mt3620_slip *s, const void *bytes, size_t n, int *packets)
{
	const uint8_t *p = bytes;
	size_t last = 0;

	*packets = 0;
	for (size_t i = 0; i < n; i++) {
		size_t len = mt3620_slip_push(s, p[i]);

		if (len) {
			last = len;
			++*packets;
		}
	}
	return last;
}

/* source  the board's protocol reference, 5.1 */
static const uint8_t plain[] = { 0x01, 0xc0, 0x02, 0xdb, 0x03 };
static const uint8_t coded[] = { 0xc0, 0x01, 0xdb, 0xdc, 0x02, 0xdb, 0xdd, 0x03, 0xc0 };

/* SYN 192.168.35.1:49152 to .2:443, 49 bytes on the line. */
static const uint8_t syn[] = { 0x45, 0x00, 0x00, 0x2c, 0x00, 0x01, 0x40, 0x00, 0x40, 0x06, 0x73,
			       0x77, 0xc0, 0xa8, 0x23, 0x01, 0xc0, 0xa8, 0x23, 0x02, 0xc0, 0x00,
			       0x01, 0xbb, 0x11, 0x22, 0x33, 0x44, 0x00, 0x00, 0x00, 0x00, 0x60,
			       0x02, 0xfa, 0xf0, 0xcf, 0xbf, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4 };

Test(mt3620_slip, vector_both_ways)
{
	struct mt3620_slip s = { 0 };
	struct sbuf out = { 0 };
	int packets;

	mt3620_slip_put(&out, plain, sizeof(plain));
	cr_assert_eq(out.len, sizeof(coded));
	cr_expect_arr_eq(out.data, coded, sizeof(coded));
	cr_assert_eq(push(&s, coded, sizeof(coded), &packets), sizeof(plain));
	cr_expect_eq(packets, 1);
	cr_expect_arr_eq(s.packet, plain, sizeof(plain));
	sbuf_release(&out);
}

Test(mt3620_slip, an_ip_packet_with_three_escapes)
{
	struct sbuf out = { 0 };

	mt3620_slip_put(&out, syn, sizeof(syn));
	cr_expect_eq(out.len, 49);
	sbuf_release(&out);
}

static const struct row {
	const char *name, *bytes;
	size_t n;
	int packets;
	size_t len;
	unsigned dropped;
} rows[] = {
	{ "noise, then a packet", "\x07\x08\xc0\x01\x02\xc0", 6, 2, 2, 0 },
	{ "nothing between two ENDs", "\xc0\xc0\xc0\x01\xc0\xc0", 6, 1, 1, 0 },
	{ "ESC and something else", "\xc0\x01\xdb\x02\x03\xc0", 6, 0, 0, 1 },
	{ "ESC before END", "\xc0\x01\xdb\xc0", 4, 0, 0, 1 },
	{ "the next one is good again", "\xc0\xdb\x07\xc0\xc0\x05\xc0", 7, 1, 1, 1 },
	{ "ESC ESC", "\xc0\xdb\xdb\xdc\xc0", 5, 0, 0, 1 },
	{ "no end yet", "\xc0\x01\x02", 3, 0, 0, 0 },
};

TEST_ROWS(mt3620_slip, bytes, rows)
{
	const struct row *r = &rows[*i];
	struct mt3620_slip s = { 0 };
	int packets;

	cr_expect_eq(push(&s, r->bytes, r->n, &packets), r->len, "%s", r->name);
	cr_expect_eq(packets, r->packets, "%s: %d packets", r->name, packets);
	cr_expect_eq(s.dropped, r->dropped, "%s: %u dropped", r->name, s.dropped);
}

Test(mt3620_slip, the_longest_packet_and_one_byte_more)
{
	static uint8_t bytes[MT_SLIP_PACKET_MAX + 3];
	struct mt3620_slip s = { 0 };
	int packets;

	memset(bytes, 0x55, sizeof(bytes));
	bytes[0] = bytes[MT_SLIP_PACKET_MAX + 1] = 0xc0;
	cr_expect_eq(push(&s, bytes, MT_SLIP_PACKET_MAX + 2, &packets), MT_SLIP_PACKET_MAX);
	bytes[MT_SLIP_PACKET_MAX + 1] = 0x55;
	bytes[MT_SLIP_PACKET_MAX + 2] = 0xc0;
	cr_expect_eq(push(&s, bytes, sizeof(bytes), &packets), 0);
	cr_expect_eq(s.dropped, 1);
}

Test(mt3620_slip, a_spoiled_packet_is_dropped_and_the_next_one_is_not)
{
	struct mt3620_slip s = { 0 };
	int packets;

	push(&s, "\xc0\x01", 2, &packets);
	mt3620_slip_spoil(&s);
	cr_expect_eq(push(&s, "\x02\xc0", 2, &packets), 0);
	cr_expect_eq(s.dropped, 1);
	cr_expect_eq(push(&s, "\x02\xc0", 2, &packets), 1);
	cr_expect_eq(s.packets, 1);
}

Test(mt3620_slip, any_packet_comes_back)
{
	struct rng g = { 3 };
	struct sbuf out = { 0 };

	for (int k = 0; k < 200; k++) {
		struct mt3620_slip s = { 0 };
		uint8_t bytes[300];
		size_t n = 1 + rng_next(&g) % sizeof(bytes);
		int packets;

		for (size_t i = 0; i < n; i++)
			bytes[i] = rng_chance(&g, 0.5) ? (uint8_t)(0xc0 + rng_next(&g) % 32)
						       : (uint8_t)rng_next(&g);
		sbuf_reset(&out);
		mt3620_slip_put(&out, bytes, n);
		cr_assert_eq(push(&s, out.data, out.len, &packets), n);
		cr_assert_arr_eq(s.packet, bytes, n);
	}
	sbuf_release(&out);
}
