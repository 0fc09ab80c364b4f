#include "ft4232h_rig.h"

#include <ftdi.h>
#include <libusb.h>

#include "virtual/ft4232h_internal.h"

/*
 * The EEPROM as the unmodified libftdi sees it: these three calls of libusb are
 * answered by the chip on the bench, the rest of libftdi is the real one.
 */
TestSuite(ft4232h_eeprom, .timeout = 20, .fini = rig_close);

int libusb_init(libusb_context **ctx)
{
	*ctx = NULL;
	return 0;
}

void libusb_exit(libusb_context *ctx)
{
	(void)ctx;
}

int libusb_control_transfer(libusb_device_handle *h, uint8_t type, uint8_t request, uint16_t value,
			    uint16_t index, unsigned char *data, uint16_t length,
			    unsigned int timeout)
{
	int n = rig_request(type, request, value, index, data, length);

	cr_assert_eq((void *)h, (void *)&rig);
	cr_assert_gt(timeout, 0);
	return n < 0 ? LIBUSB_ERROR_PIPE : n;
}

static struct ftdi_context *open_libftdi(enum ftdi_interface interface)
{
	struct ftdi_context *f = ftdi_new();

	cr_assert_not_null(f);
	cr_assert_eq(ftdi_set_interface(f, interface), 0);
	f->type = TYPE_4232H;
	f->usb_dev = (libusb_device_handle *)(void *)&rig;
	return f;
}

static void close_libftdi(struct ftdi_context *f)
{
	f->usb_dev = NULL; /* else it would be closed */
	ftdi_free(f);
}

static const struct image {
	const char *name;
	struct ft_config config;
	int libftdi_size; /* bytes that it finds */
} images[] = {
	{ "93C46", { "ACME", "Test Interface", "A0001", .eeprom_words = 64 }, 128 },
	{ "93C56", { "ACME", "Test Interface", "A0001", .eeprom_words = 128 }, 256 },
	{ "93C66", { "ACME", "Test Interface", "A0001", .eeprom_words = 256 }, 256 },
	{ "preset size", { "ACME", "Test Interface", "A0001", .vid = 0 }, 256 },
	{ "HA chip", { "ACME", "X", "A0001", .bcd_device = 0x3600 }, 256 },
	{ "no serial", { "ACME", "Test Interface", "", .vid = 0 }, 256 },
	{ "43 characters",
	  { "0123456789", "012345678901234567890", "012345678901", .eeprom_words = 64 },
	  128 },
	{ "111 characters",
	  { "0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789",
	    "0123456789012345678901234567890", .vid = 0 },
	  256 },
};

RIG_ROWS(ft4232h_eeprom, libftdi_decodes, images)
{
	const struct image *r = &images[*i];
	const struct ft_config *c = &r->config;
	char manufacturer[64], product[64], serial[64];
	struct ftdi_context *f;
	int v;

	rig_open(c);
	f = open_libftdi(INTERFACE_C);
	cr_assert_eq(ftdi_read_eeprom(f), 0, "%s", r->name);
	cr_assert_eq(ftdi_get_eeprom_value(f, CHIP_SIZE, &v), 0);
	cr_assert_eq(v, r->libftdi_size, "%s: %d", r->name, v);
	cr_assert_eq(ftdi_eeprom_decode(f, 0), 0, "%s: checksum", r->name);
	cr_assert_eq(ftdi_eeprom_get_strings(f, manufacturer, 64, product, 64, serial, 64), 0);
	cr_assert_str_eq(manufacturer, c->manufacturer, "%s", r->name);
	cr_assert_str_eq(product, c->product, "%s", r->name);
	cr_assert_str_eq(serial, c->serial, "%s", r->name);
	cr_assert_str_eq(ft4232h_string(rig.f, 1), c->manufacturer);
	cr_assert_str_eq(ft4232h_string(rig.f, 2), c->product);
	if (c->serial[0])
		cr_assert_str_eq(ft4232h_string(rig.f, 3), c->serial);
	else
		cr_assert_null(ft4232h_string(rig.f, 3));
	ftdi_get_eeprom_value(f, VENDOR_ID, &v);
	cr_assert_eq(v, 0x0403);
	ftdi_get_eeprom_value(f, PRODUCT_ID, &v);
	cr_assert_eq(v, 0x6011);
	ftdi_get_eeprom_value(f, RELEASE_NUMBER, &v);
	cr_assert_eq(v, c->bcd_device ? c->bcd_device : 0x0800);
	ftdi_get_eeprom_value(f, USE_SERIAL, &v);
	cr_assert_eq(!!v, c->serial[0] != 0);
	close_libftdi(f);
}

/* What libftdi builds and writes has a checksum that is ours too. */
Test(ft4232h_eeprom, libftdi_writes)
{
	struct ft_config c = { .serial = "OLD", .eeprom_words = 128 };
	char new[] = "NEW", written[] = "Written", b2[] = "B2";
	char product[64], serial[64];
	struct ftdi_context *f;
	uint16_t words[128];
	uint8_t latency;

	rig_open(&c);
	f = open_libftdi(INTERFACE_A);
	cr_assert_eq(ftdi_read_eeprom(f), 0);
	cr_assert_eq(ftdi_eeprom_initdefaults(f, new, written, b2), 0);
	cr_assert_eq(ftdi_set_eeprom_value(f, CHIP_TYPE, 0x56), 0);
	cr_assert_geq(ftdi_eeprom_build(f), 0);
	cr_assert_eq(ftdi_write_eeprom(f), 0);
	rig_get(0, 0x0a, &latency, 1);
	cr_assert_eq(latency, 0x77, "libftdi leaves it at that");
	close_libftdi(f);
	for (uint16_t k = 0; k < 128; k++) {
		uint8_t b[2];

		rig_request(0xc0, 0x90, 0, k, b, 2);
		words[k] = (uint16_t)(b[0] | b[1] << 8);
	}
	cr_assert_eq(words[127], ft_eeprom_checksum(words, 128));
	f = open_libftdi(INTERFACE_A);
	cr_assert_eq(ftdi_read_eeprom(f), 0);
	cr_assert_eq(ftdi_eeprom_decode(f, 0), 0);
	cr_assert_eq(ftdi_eeprom_get_strings(f, NULL, 0, product, 64, serial, 64), 0);
	cr_assert_str_eq(product, "Written");
	cr_assert_str_eq(serial, "B2");
	cr_assert_str_eq(ft4232h_string(rig.f, 3), "OLD", "until the next plug-in");
	close_libftdi(f);
}

static const struct {
	int words, chip;
} erased[] = { { 64, 0x46 }, { 128, 0x56 }, { 256, 0x66 } };

RIG_ROWS(ft4232h_eeprom, libftdi_erases, erased)
{
	struct ft_config c = { .serial = "S", .eeprom_words = erased[*i].words };
	struct ftdi_context *f;
	int v;

	rig_open(&c);
	f = open_libftdi(INTERFACE_A);
	cr_assert_eq(ftdi_erase_eeprom(f), 0);
	cr_assert_eq(ftdi_get_eeprom_value(f, CHIP_TYPE, &v), 0);
	cr_assert_eq(v, erased[*i].chip, "%d words: %02x", erased[*i].words, v);
	close_libftdi(f);
}

Test(ft4232h_eeprom, blank)
{
	struct ft_config c = { "ACME", "Test", "A1", .blank_eeprom = 1 };
	uint8_t d[18], b[2];

	rig_open(&c);
	cr_assert_str_eq(ft4232h_string(rig.f, 1), "FTDI");
	cr_assert_str_eq(ft4232h_string(rig.f, 2), "Quad RS232-HS");
	cr_assert_null(ft4232h_string(rig.f, 3));
	rig_request(0x80, 6, 0x0100, 0, d, 18);
	cr_assert_eq(d[16], 0);
	for (uint16_t k = 0; k < 128; k++) {
		rig_request(0xc0, 0x90, 0, k, b, 2);
		cr_assert_eq(b[0] & b[1], 0xff);
	}
}

static const struct {
	const char *name;
	struct ft_config config;
} bad[] = {
	{ "44 characters in 64 words",
	  { "0123456789", "0123456789012345678901", "012345678901", .eeprom_words = 64 } },
	{ "112 characters",
	  { "0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789",
	    "01234567890123456789012345678901", .vid = 0 } },
	{ "control character", { "A\n", "B", "C", .vid = 0 } },
	{ "not ASCII", { "A", "B\xc3\xa4", "C", .vid = 0 } },
	{ "size", { "A", "B", "C", .eeprom_words = 100 } },
};

RIG_ROWS(ft4232h_eeprom, refused, bad)
{
	cr_assert_null(ft4232h_new(&bad[*i].config, &rig_ops, &rig, &rig), "%s", bad[*i].name);
}

/* --- the other requests as libftdi sends them --- */

static const struct {
	int rate;
	double real;
} rates[] = {
	{ 9600, 9600 },
	{ 57600, 12e6 / 208.375 },
	{ 115200, 12e6 / 104.125 },
	{ 921600, 12e6 / 13 },
	{ 3000000, 3e6 },
	{ 12000000, 12e6 },
	{ 8000000, 8e6 },
	{ 300, 300 },
	{ 460800, 12e6 / 26 },
};

RIG_ROWS(ft4232h_eeprom, libftdi_sets_the_rate, rates)
{
	struct ftdi_context *f;

	rig_open(NULL);
	f = open_libftdi(INTERFACE_B);
	cr_assert_eq(ftdi_set_baudrate(f, rates[*i].rate), 0, "%d", rates[*i].rate);
	rig_out(1, "U", 1);
	rig_pass(100 * MS);
	cr_assert_eq(rig.heard[0].at, llround(10e9 / rates[*i].real), "%d: %lld", rates[*i].rate,
		     (long long)rig.heard[0].at);
	close_libftdi(f);
}

Test(ft4232h_eeprom, libftdi_sets_the_rest)
{
	struct ftdi_context *f;
	unsigned char latency, pins;
	unsigned short status;

	rig_open(NULL);
	f = open_libftdi(INTERFACE_D);
	cr_assert_eq(ftdi_usb_reset(f), 0);
	cr_assert_eq(ftdi_set_line_property2(f, BITS_7, STOP_BIT_2, EVEN, BREAK_ON), 0);
	cr_assert_eq(ft4232h_levels(rig.f, 3) & 1, 0);
	cr_assert_eq(ftdi_set_line_property(f, BITS_8, STOP_BIT_1, NONE), 0);
	cr_assert_eq(ftdi_setflowctrl(f, SIO_RTS_CTS_HS), 0);
	cr_assert_eq(ftdi_setflowctrl_xonxoff(f, 0x11, 0x13), 0);
	cr_assert_eq(ftdi_setflowctrl(f, SIO_DISABLE_FLOW_CTRL), 0);
	cr_assert_eq(ftdi_setdtr_rts(f, 1, 1), 0);
	cr_assert_eq(ft4232h_levels(rig.f, 3) & 0x14, 0);
	cr_assert_eq(ftdi_setdtr(f, 0), 0);
	cr_assert_eq(ft4232h_levels(rig.f, 3) & 0x14, 0x10);
	cr_assert_eq(ftdi_set_latency_timer(f, 2), 0);
	cr_assert_eq(ftdi_get_latency_timer(f, &latency), 0);
	cr_assert_eq(latency, 2);
	cr_assert_eq(ftdi_set_event_char(f, 0xc0, 1), 0);
	cr_assert_eq(ftdi_set_error_char(f, '?', 1), 0);
	rig_pass(MS); /* the break is over */
	cr_assert_eq(ftdi_poll_modem_status(f, &status), 0);
	cr_assert_eq(status & 0xfff0, 0x6000);
	cr_assert_eq(ftdi_set_bitmode(f, 0x0f, BITMODE_BITBANG), 0);
	cr_assert_eq(ft4232h_mode(rig.f, 3), FT_BITBANG);
	cr_assert_eq(ftdi_read_pins(f, &pins), 0);
	cr_assert_eq(pins, 0xf0);
	cr_assert_eq(ftdi_disable_bitbang(f), 0);
	cr_assert_eq(ft4232h_mode(rig.f, 3), FT_UART);
	cr_assert_eq(ftdi_tcioflush(f), 0);
	close_libftdi(f);
}
