#include "ft4232h_rig.h"

/*
 * Endpoint 0: each vendor request with its effect, and what must stall; the
 * standard requests of enumeration.
 */
TestSuite(ft4232h_requests, .timeout = 20, .fini = rig_close);

enum { A, B, C, D };

/* --- what stalls --- */

static const struct refused {
	const char *name;
	uint8_t type, request;
	uint16_t value, index, length;
} refusals[] = {
	{ "reset 3", 0x40, 0x00, 3, 1, 0 },
	{ "unknown 08", 0x40, 0x08, 0, 1, 0 },
	{ "unknown 0D", 0xc0, 0x0d, 0, 1, 2 },
	{ "unknown 93", 0x40, 0x93, 0, 1, 0 },
	{ "port 5", 0x40, 0x00, 0, 5, 0 },
	{ "port 5, status", 0xc0, 0x05, 0, 5, 2 },
	{ "reset as IN", 0xc0, 0x00, 0, 1, 2 },
	{ "status as OUT", 0x40, 0x05, 0, 1, 0 },
	{ "latency 0", 0x40, 0x09, 0, 1, 0 },
	{ "latency 256", 0x40, 0x09, 256, 1, 0 },
	{ "mode 08", 0x40, 0x0b, 0x0800, 1, 0 },
	{ "mode 10", 0x40, 0x0b, 0x1000, 1, 0 },
	{ "mode 20", 0x40, 0x0b, 0x20ff, 1, 0 },
	{ "mode 40", 0x40, 0x0b, 0x40ff, 1, 0 },
	{ "mode 03", 0x40, 0x0b, 0x0300, 1, 0 },
	{ "6 data bits", 0x40, 0x04, 6, 1, 0 },
	{ "parity 5", 0x40, 0x04, 0x508, 1, 0 },
	{ "stop 3", 0x40, 0x04, 0x1808, 1, 0 },
	{ "flow 8", 0x40, 0x02, 0, 0x801, 0 },
	{ "class request", 0xa1, 0x21, 0, 0, 7 },
	{ "string 4", 0x80, 0x06, 0x0304, 0x409, 255 },
	{ "descriptor 0F", 0x80, 0x06, 0x0f00, 0, 255 },
	{ "configuration 2", 0x00, 0x09, 2, 0, 0 },
	{ "interface 4", 0x01, 0x0b, 0, 4, 0 },
	{ "setting 1", 0x01, 0x0b, 1, 0, 0 },
	{ "standard 07", 0x00, 0x07, 0, 0, 0 },
};

RIG_ROWS(ft4232h_requests, stalls, refusals)
{
	const struct refused *r = &refusals[*i];
	uint8_t data[256];

	rig_open(NULL);
	cr_assert_eq(rig_request(r->type, r->request, r->value, r->index, data, r->length), -EPIPE,
		     "%s", r->name);
}

/* --- SIO reset and purge --- */

static void fill(void)
{
	rig_open(NULL);
	rig_set(C, 3, 0x04e2, 2);
	ft4232h_board_line(rig.f, C, &(struct ft_line){ 9600, 8, 2, 'N' }, FT_NO_FLOW);
	rig_set(C, 9, 7, 0);
	rig_set(C, 1, 0x0303, 0);
	rig_set(C, 6, 0x100 | 'x', 0);
	rig_say(C, "abc", 3);
	rig_pass(5 * MS);
	rig_out(C, "0123456789", 10);
	rig_pass(125 * US);
	rig.completed = 0;
}

/* Bytes that arrive at the host, and at the board, from now on. */
static void count(int *to_host, int *to_board)
{
	struct urb *u = rig_in(C, 4096);

	rig.bytes = 0;
	rig_pass(30 * MS);
	*to_host = u->actual - 2;
	*to_board = rig.bytes;
}

static const struct purge {
	uint16_t value;
	int to_host, to_board; /* the byte on the wire always arrives */
} purges[] = { { 0, 0, 1 }, { 1, 3, 1 }, { 2, 0, 10 } };

RIG_ROWS(ft4232h_requests, reset_and_purge, purges)
{
	int to_host, to_board;

	fill();
	cr_assert_eq(rig_set(C, 0, purges[*i].value, 0), 0);
	count(&to_host, &to_board);
	cr_assert_eq(to_host, purges[*i].to_host, "%zu: %d", *i, to_host);
	cr_assert_eq(to_board, purges[*i].to_board, "%zu: %d", *i, to_board);
}

Test(ft4232h_requests, purge_keeps_settings)
{
	fill();
	cr_assert_eq(rig_set(C, 0, 1, 0), 0);
	cr_assert_eq(rig_set(C, 0, 2, 0), 0);
	cr_assert_eq(ft4232h_levels(rig.f, C) & 0x14, 0, "RTS and DTR still low");
}

Test(ft4232h_requests, sio_reset_exactly)
{
	struct ft_line odd = { .baud = 9600, .bits = 7, .stop2x = 4, .parity = 'O' };
	struct urb *u;
	uint8_t latency;

	fill();
	rig_set(C, 2, 0, 1);
	rig_set(C, 4, 0x1107, 0);
	ft4232h_board_line(rig.f, C, &odd, FT_NO_FLOW);
	cr_assert_eq(rig_set(C, 0, 0, 0), 0);
	cr_assert_eq(ft4232h_levels(rig.f, C) & 0x14, 0x14, "DTR and RTS cleared");
	rig_get(C, 0x0a, &latency, 1);
	cr_assert_eq(latency, 7, "latency kept");
	rig.bytes = 0;
	rig_pass(2 * MS); /* the byte that was on the wire */
	rig_out(C, "ab", 2);
	rig_pass(20 * MS);
	cr_assert_geq(rig.bytes, 2, "flow control off: CTS is high");
	cr_assert_eq(rig.heard[rig.bytes - 1].byte, 'b');
	cr_assert_eq(rig.heard[rig.bytes - 1].errors, 0, "rate and format kept");
	rig_set(C, 9, 255, 0);
	u = rig_in(C, 512);
	rig_say(C, "x\x0d", 2);
	rig_pass(50 * MS);
	cr_assert_eq(rig_when(u), -1, "event character off");
}

Test(ft4232h_requests, mode_latch_and_latency_survive)
{
	uint8_t pins, latency;

	rig_open(NULL);
	rig_set(D, 9, 3, 0);
	rig_set(D, 0x0b, 0x01f0, 0);
	rig_out(D, "\xa5", 1);
	rig_pass(MS);
	ft4232h_close(rig.f, &rig, rig.now);
	cr_assert_eq(rig_set(D, 0, 0, 0), 0);
	cr_assert_eq(ft4232h_mode(rig.f, D), FT_BITBANG);
	rig_get(D, 0x0c, &pins, 1);
	cr_assert_eq(pins, 0xaf, "outputs from the latch, inputs pulled up: %02x", pins);
	rig_get(D, 0x0a, &latency, 1);
	cr_assert_eq(latency, 3);
	cr_assert_eq(rig_set(D, 0x0b, 0x00f0, 0), 0);
	cr_assert_eq(ft4232h_mode(rig.f, D), FT_UART);
	rig_set(D, 0x0b, 0x01ff, 0);
	rig_get(D, 0x0c, &pins, 1);
	cr_assert_eq(pins, 0xa5, "the latch too");
}

Test(ft4232h_requests, presets)
{
	uint8_t latency;

	rig_open(NULL);
	for (int p = A; p <= D; p++) {
		rig_get(p, 0x0a, &latency, 1);
		cr_assert_eq(latency, 16);
		cr_assert_eq(ft4232h_mode(rig.f, p), FT_UART);
		cr_assert_eq(rig_status(p) & 0xf0ff, 0x0060);
	}
}

/* A host that does not know the chip sends no port number: port A is set. */
Test(ft4232h_requests, no_port_number_is_port_a)
{
	uint8_t latency;

	rig_open(NULL);
	cr_assert_eq(rig_request(0x40, 9, 5, 0, NULL, 0), 0);
	rig_get(A, 0x0a, &latency, 1);
	cr_assert_eq(latency, 5);
	rig_get(B, 0x0a, &latency, 1);
	cr_assert_eq(latency, 16);
}

Test(ft4232h_requests, ports_are_apart)
{
	uint8_t latency;

	rig_open(NULL);
	for (int p = A; p <= D; p++)
		rig_set(p, 9, (uint16_t)(p + 1), 0);
	for (int p = A; p <= D; p++) {
		rig_get(p, 0x0a, &latency, 1);
		cr_assert_eq(latency, p + 1);
	}
}

Test(ft4232h_requests, short_answers)
{
	uint8_t b[2] = { 0xee, 0xee };

	rig_open(NULL);
	cr_assert_eq(rig_get(A, 5, b, 1), 1);
	cr_assert_eq(b[1], 0xee, "no more than was asked for");
	cr_assert_eq(rig_get(A, 5, NULL, 0), 0);
}

Test(ft4232h_requests, read_pins_in_any_mode)
{
	uint8_t pins;

	rig_open(NULL);
	ft4232h_board_pins(rig.f, B, 0xc0, 0x40, 0x3f, 0);
	for (int mode = 0; mode < 5; mode++) {
		if (rig_set(B, 0x0b, (uint16_t)(mode << 8), 0) < 0)
			continue;
		rig_get(B, 0x0c, &pins, 1);
		cr_assert_eq(pins, 0x7f, "mode %d: %02x", mode, pins);
		cr_assert_eq(ft4232h_levels(rig.f, B), 0x7f);
	}
	rig_set(B, 0x0b, 0x01c0, 0);
	rig_out(B, "\x80", 1);
	rig_get(B, 0x0c, &pins, 1);
	cr_assert_eq(pins, 0x3f, "both sides drive against each other: low");
}

/* --- EEPROM words --- */

static const int eeproms[] = { 64, 128, 256 };

RIG_ROWS(ft4232h_requests, eeprom_words, eeproms)
{
	int words = eeproms[*i];
	struct ft_config c = { .serial = "S", .eeprom_words = words };
	uint8_t a[2], b[2];

	rig_open(&c);
	for (uint16_t k = 0; k < 256; k++) {
		cr_assert_eq(rig_request(0xc0, 0x90, 0, k, a, 2), 2);
		cr_assert_eq(rig_request(0xc0, 0x90, 0, (uint16_t)(k % words), b, 2), 2);
		cr_assert_arr_eq(a, b, 2, "%d words wrap at %d", words, k);
	}
	cr_assert_eq(rig_request(0x40, 0x91, 0x1234, (uint16_t)(words + 3), NULL, 0), 0);
	rig_request(0xc0, 0x90, 0, 3, a, 2);
	cr_assert_eq(a[0] | a[1] << 8, 0x1234);
	cr_assert_eq(rig_request(0x40, 0x92, 0, 0, NULL, 0), 0);
	for (uint16_t k = 0; k < 256; k++) {
		rig_request(0xc0, 0x90, 0, k, a, 2);
		cr_assert_eq(a[0] & a[1], 0xff);
	}
	cr_assert_str_eq(ft4232h_string(rig.f, 3), "S", "until the next plug-in");
}

/* --- enumeration --- */

Test(ft4232h_requests, descriptors)
{
	uint8_t all[FT_DESCRIPTORS_MAX], got[256];
	size_t n;
	int in = 0, out = 0;

	rig_open(NULL);
	n = ft4232h_descriptors(all, rig.f);
	cr_assert_eq(n, 18 + 9 + 4 * 23);
	cr_assert_eq(rig_request(0x80, 6, 0x0100, 0, got, 255), 18);
	cr_assert_arr_eq(got, all, 18);
	cr_assert_eq(got[8] | got[9] << 8, 0x0403);
	cr_assert_eq(got[10] | got[11] << 8, 0x6011);
	cr_assert_eq(got[12] | got[13] << 8, 0x0800);
	cr_assert_arr_eq(got + 14, "\x01\x02\x03\x01", 4);
	cr_assert_eq(rig_request(0x80, 6, 0x0200, 0, got, 255), (int)n - 18);
	cr_assert_arr_eq(got, all + 18, n - 18);
	cr_assert_eq(got[2] | got[3] << 8, (int)n - 18);
	cr_assert_eq(rig_request(0x80, 6, 0x0200, 0, got, 9), 9);
	for (size_t at = 18; at < n; at += all[at]) {
		const uint8_t *d = all + at;

		if (d[1] != 5)
			continue;
		cr_assert_eq(d[4] | d[5] << 8, 512);
		if (d[2] & 0x80)
			cr_assert_eq(d[2], 0x81 + 2 * in++);
		else
			cr_assert_eq(d[2], 0x02 + 2 * out++);
	}
	cr_assert_eq(in, 4);
	cr_assert_eq(out, 4);
	cr_assert_eq(rig_request(0x80, 6, 0x0600, 0, got, 255), 10);
	cr_assert_eq(rig_request(0x80, 6, 0x0700, 0, got, 255), (int)n - 18);
	cr_assert_eq(got[9 + 9 + 4] | got[9 + 9 + 5] << 8, 64);
}

Test(ft4232h_requests, strings)
{
	uint8_t got[256];

	rig_open(NULL);
	cr_assert_eq(rig_request(0x80, 6, 0x0300, 0, got, 255), 4);
	cr_assert_eq(rig_request(0x80, 6, 0x0302, 0x409, got, 255), 12);
	cr_assert_arr_eq(got,
			 "\x0c\x03"
			 "B\0o\0a\0r\0d\0",
			 12);
	cr_assert_str_eq(ft4232h_string(rig.f, 1), "ACME");
	cr_assert_str_eq(ft4232h_string(rig.f, 2), "Board");
	cr_assert_str_eq(ft4232h_string(rig.f, 3), "S1");
	cr_assert_null(ft4232h_string(rig.f, 0));
	cr_assert_null(ft4232h_string(rig.f, 4));
}

Test(ft4232h_requests, other_identities)
{
	struct ft_config c = { .manufacturer = "M",
			       .product = "P",
			       .vid = 0x1234,
			       .pid = 0x5678,
			       .bcd_device = 0x3600 };
	uint8_t d[256];

	rig_open(&c);
	rig_request(0x80, 6, 0x0100, 0, d, 18);
	cr_assert_arr_eq(d + 8, "\x34\x12\x78\x56\x00\x36\x01\x02\x00", 9);
	cr_assert_eq(rig_request(0x80, 6, 0x0303, 0, d, 255), -EPIPE, "no serial");
}

Test(ft4232h_requests, standard_requests)
{
	uint8_t b[2];

	rig_open(NULL);
	cr_assert_eq(rig_request(0x80, 8, 0, 0, b, 1), 1);
	cr_assert_eq(b[0], 1);
	cr_assert_eq(rig_request(0x00, 9, 0, 0, NULL, 0), 0);
	rig_request(0x80, 8, 0, 0, b, 1);
	cr_assert_eq(b[0], 0);
	cr_assert_eq(rig_request(0x00, 9, 1, 0, NULL, 0), 0);
	cr_assert_eq(rig_request(0x01, 11, 0, 3, NULL, 0), 0);
	cr_assert_eq(rig_request(0x81, 10, 0, 3, b, 1), 1);
	cr_assert_eq(b[0], 0);
	cr_assert_eq(rig_request(0x80, 0, 0, 0, b, 2), 2);
	cr_assert_eq(rig_request(0x02, 1, 0, 0x81, NULL, 0), 0, "clear halt");
	cr_assert_eq(rig_request(0x00, 5, 7, 0, NULL, 0), 0, "address");
}
