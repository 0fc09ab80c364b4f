#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "link/ftdi_line.h"
#include "tests/unit/rows.h"

TestSuite(ftdi_line, .timeout = 20);

/* AN_120 and the words that libftdi 1.5 sends: rate = clock / (divisor + eighths / 8). */
static const struct {
	int64_t asked;
	double real;
} rates[] = {
	{ 183, 3000000 * 8 / 131071.0 }, /* the largest divisor */
	{ 300, 300 },
	{ 732, 3000000 * 8 / 32787.0 },
	{ 733, 12000000 * 8 / 130969.0 }, /* the fast clock from here on */
	{ 9600, 9600 },
	{ 57600, 57588.4823 },
	{ 115200, 115246.0984 },
	{ 230400, 12000000 / 52.125 },
	{ 460800, 12000000 / 26.0 },
	{ 921600, 12000000 / 13.0 },
	{ 1843200, 12000000 / 6.5 },
	{ 2500000, 12000000 / 4.75 },
	{ 3000000, 3000000 },
	{ 3500000, 12000000 / 3.375 },
	{ 6000000, 6000000 },
	{ 6300000, 6000000 },
	{ 7000000, 0 },
	{ 8000000, 8000000 },
	{ 9000000, 0 },
	{ 11500000, 0 }, /* 8 M is what it gives */
	{ 12000000, 12000000 },
	{ 12600000, 12000000 },
	{ 13000000, 0 },
	{ 182, 3000000 * 8 / 131071.0 },
	{ 150, 0 },
	{ 0, 0 },
	{ -9600, 0 },
	{ INT64_MAX, 0 },
};

TEST_ROWS(ftdi_line, rate, rates)
{
	double real = ftdi_rate(rates[*i].asked);

	cr_expect(fabs(real - rates[*i].real) < 0.001, "%lld gives %.4f, not %.4f",
		  (long long)rates[*i].asked, real, rates[*i].real);
}

static const struct {
	struct link_line line;
	const char *wrong; /* NULL: good */
} lines[] = {
	{ { 115200, 8, 1, 'N', 0 }, NULL },
	{ { 3000000, 7, 2, 'E', 1 }, NULL },
	{ { 2500000, 8, 1, 'N', 0 },
	  "the interface runs at 2526316 bit/s where 2500000 are asked for: +1.05 % is more than "
	  "1 %" },
	{ { 12600000, 8, 1, 'N', 0 },
	  "the interface runs at 12000000 bit/s where 12600000 are asked for: -4.76 % is more than "
	  "1 %" },
	{ { 7000000, 8, 1, 'N', 0 }, "the interface cannot run at 7000000 bit/s" },
	{ { 9600, 6, 1, 'N', 0 }, "6 data bits; the interface has 7 or 8" },
	{ { 9600, 8, 3, 'N', 0 }, "3 stop bits; the interface has 1 or 2" },
	{ { 9600, 8, 1, 'X', 0 }, "parity must be N, O or E" },
	{ { 9600, 8, 1, 0, 0 }, "parity must be N, O or E" },
};

TEST_ROWS(ftdi_line, check, lines)
{
	struct err err = { 0 };
	double rate = -1;
	int r = ftdi_line_check(&rate, &lines[*i].line, &err);

	if (!lines[*i].wrong) {
		cr_expect_eq(r, 0, "%s", err.text);
		cr_expect_gt(rate, 0);
		return;
	}
	cr_expect_eq(r, ERR_CONF, "row %zu", *i);
	cr_expect_str_eq(err.text, lines[*i].wrong);
}

/* --- packets --- */

/* n payload bytes 0, 1, 2 ... in full packets of `packet`, a short one at the end. */
static size_t pack(uint8_t *raw, size_t n, size_t packet)
{
	size_t at = 0, payload = packet - 2, value = 0;

	do {
		size_t here = n - value < payload ? n - value : payload;

		raw[at++] = 0x31;
		raw[at++] = 0x60;
		for (size_t k = 0; k < here; k++)
			raw[at++] = (uint8_t)value++;
	} while (value < n);
	return at;
}

static const struct {
	size_t bytes, packet;
} sizes[] = {
	{ 0, 512 },    { 1, 512 },    { 509, 512 }, { 510, 512 }, { 511, 512 }, { 1020, 512 },
	{ 1021, 512 }, { 4080, 512 }, { 62, 64 },   { 63, 64 },   { 124, 64 },  { 1, 64 },
};

TEST_ROWS(ftdi_line, strips, sizes)
{
	struct ftdi_packets s = { 0 };
	uint8_t raw[5000];
	size_t n = pack(raw, sizes[*i].bytes, sizes[*i].packet);
	size_t got = ftdi_strip(raw, &s, raw, n, sizes[*i].packet);

	cr_assert_eq(got, sizes[*i].bytes);
	for (size_t k = 0; k < got; k++)
		cr_assert_eq(raw[k], (uint8_t)k, "byte %zu", k);
	cr_expect_eq(s.modem, 0x31);
	cr_expect_eq(s.line, 0x60);
	cr_expect_eq(s.errors, 0);
	cr_expect_eq(s.quiet, sizes[*i].bytes == 0);
}

Test(ftdi_line, strip_leaves_what_is_no_packet)
{
	struct ftdi_packets s = { .quiet = 7 };
	uint8_t raw[] = { 0x31 }, out[4];

	cr_expect_eq(ftdi_strip(out, &s, raw, 0, 512), 0);
	cr_expect_eq(ftdi_strip(out, &s, raw, 1, 512), 0);
	cr_expect_eq(s.quiet, 7);
}

static const struct {
	const char *raw;
	size_t n;
	uint8_t before; /* line status of the packet before */
	uint8_t errors;
	size_t at;
} damages[] = {
	{ "\x31\x68"
	  "ab",
	  4, 0x60, FTDI_FRAMING, 0 },
	{ "\x31\x64"
	  "ab",
	  4, 0x60, FTDI_PARITY, 0 },
	{ "\x31\x62"
	  "ab",
	  4, 0x62, FTDI_OVERRUN, 0 },
	{ "\x31\x60"
	  "ab\x31\x6a"
	  "cd\x31\x60"
	  "ef",
	  12, 0x60, FTDI_FRAMING | FTDI_OVERRUN, 2 },
	{ "\x31\x68", 2, 0x60, 0, 0 },            /* repeated while idle */
	{ "\x31\x62", 2, 0x60, FTDI_OVERRUN, 0 }, /* its first showing */
	{ "\x31\x62", 2, 0x62, 0, 0 },
	{ "\x31\x78\0", 3, 0x60, 0, 0 },            /* a break is no damage */
	{ "\x31\x7a\0", 3, 0x60, FTDI_OVERRUN, 0 }, /* what was lost beside it is */
	{ "\x31\xe1"
	  "a",
	  3, 0x60, 0, 0 },
};

TEST_ROWS(ftdi_line, errors, damages)
{
	struct ftdi_packets s = { .line = damages[*i].before };
	uint8_t out[16];

	/* packets of 4 bytes, so that several fit into a row */
	ftdi_strip(out, &s, (const uint8_t *)damages[*i].raw, damages[*i].n, 4);
	cr_expect_eq(s.errors, damages[*i].errors, "row %zu: %02x", *i, s.errors);
	cr_expect_eq(s.error_at, damages[*i].at, "row %zu: %zu", *i, s.error_at);
}

Test(ftdi_line, quiet_counts_packets_without_bytes)
{
	struct ftdi_packets s = { 0 };
	uint8_t out[8];

	ftdi_strip(out, &s, (const uint8_t *)"\x31\x60", 2, 512);
	ftdi_strip(out, &s, (const uint8_t *)"\x31\x60", 2, 512);
	cr_expect_eq(s.quiet, 2);
	ftdi_strip(out, &s, (const uint8_t *)"\x31\x60x", 3, 512);
	cr_expect_eq(s.quiet, 0);
}

Test(ftdi_line, errors_have_words)
{
	char text[32];

	cr_expect_str_eq(ftdi_errors_text(text, 0), "");
	cr_expect_str_eq(ftdi_errors_text(text, FTDI_FRAMING), "framing");
	cr_expect_str_eq(ftdi_errors_text(text, FTDI_FRAMING | FTDI_PARITY | FTDI_OVERRUN),
			 "overrun, parity, framing");
}
