/* basic -- everything that libftdi offers and the station uses, once, against
 * board 1 at 1-1.2 (firmware echo, 128 words of EEPROM). Works with and without
 * pacing. */
#include "client.h"

static unsigned char out[20000], in[20000];

static void list_and_strings(void)
{
	struct ftdi_context *f = ftdi_new();
	struct ftdi_device_list *list = NULL;
	char m[64] = "", d[64] = "", s[64] = "", path[40];

	CHECK_EQ(ftdi_usb_find_all(f, &list, VID, PID), 1);
	CHECK_EQ(ftdi_usb_get_strings(f, list->dev, m, 64, d, 64, s, 64), 0);
	CHECK(!strcmp(m, "FTDI"));
	CHECK(!strcmp(d, "Quad RS232-HS"));
	CHECK(!strcmp(s, "VB0001"));
	CHECK(!strcmp(path_of(path, list->dev), "1-1.2"));
	ftdi_list_free(&list);
	CHECK_EQ(ftdi_usb_open_desc(f, VID, PID, NULL, "VB0001"), 0);
	CHECK_EQ(f->type, TYPE_4232H);
	CHECK_EQ(f->max_packet_size, 512);
	CHECK_EQ(ftdi_usb_close(f), 0);
	CHECK_EQ(ftdi_usb_open_desc(f, VID, PID, NULL, "nobody"), -3);
	ftdi_free(f);
}

static void claims(void)
{
	struct ftdi_context *a = open_port("1-1.2", INTERFACE_C), *b = ftdi_new();
	libusb_device *d = device_at(b->usb_ctx, "1-1.2");
	libusb_device_handle *h;
	unsigned char byte[512];
	int n;

	CHECK(a != NULL);
	ftdi_set_interface(b, INTERFACE_C);
	CHECK_EQ(ftdi_usb_open_dev(b, d), -5); /* claimed already */
	/* usbfs claims on the way when a transfer asks for it */
	CHECK_EQ(libusb_open(d, &h), 0);
	CHECK_EQ(libusb_kernel_driver_active(h, 2), 0); /* usbfs itself does not count */
	CHECK_EQ(libusb_bulk_transfer(h, 0x85, byte, 512, &n, 200), LIBUSB_ERROR_IO); /* EBUSY */
	CHECK_EQ(libusb_claim_interface(h, 3), 0);
	CHECK_EQ(libusb_release_interface(h, 3), 0);
	CHECK_EQ(libusb_release_interface(h, 3), LIBUSB_ERROR_NOT_FOUND);
	CHECK_EQ(libusb_claim_interface(h, 9), LIBUSB_ERROR_NOT_FOUND);
	CHECK_EQ(libusb_bulk_transfer(h, 0x8f, byte, 512, &n, 200), LIBUSB_ERROR_IO); /* ENOENT */
	CHECK_EQ(libusb_control_transfer(h, 0xc0, 0x77, 0, 0, byte, 2, 500), LIBUSB_ERROR_PIPE);
	CHECK_EQ(libusb_claim_interface(h, 3), 0);
	CHECK_EQ(libusb_clear_halt(h, 0x87), 0);
	CHECK_EQ(libusb_clear_halt(h, 0x8f), LIBUSB_ERROR_NOT_FOUND);
	libusb_close(h);
	close_port(a);
	CHECK_EQ(ftdi_usb_open_dev(b, d), 0); /* free again */
	libusb_unref_device(d);
	close_port(b);
}

static void uart(void)
{
	struct ftdi_context *f = open_port("1-1.2", INTERFACE_C);
	unsigned char latency = 0;
	unsigned short status = 0;
	double t;

	CHECK_EQ(ftdi_set_baudrate(f, 115200), 0);
	CHECK_EQ(ftdi_set_line_property(f, BITS_8, STOP_BIT_1, NONE), 0);
	CHECK_EQ(ftdi_setflowctrl(f, SIO_DISABLE_FLOW_CTRL), 0);
	CHECK_EQ(ftdi_set_latency_timer(f, 2), 0);
	CHECK_EQ(ftdi_get_latency_timer(f, &latency), 0);
	CHECK_EQ(latency, 2);
	CHECK_EQ(ftdi_set_event_char(f, 0, 0), 0);
	CHECK_EQ(ftdi_set_error_char(f, 0, 0), 0);
	CHECK_EQ(ftdi_tcioflush(f), 0);

	/* the board wires RTS# to CTS# and DTR# to DSR# */
	CHECK_EQ(ftdi_setdtr_rts(f, 1, 1), 0);
	CHECK_EQ(ftdi_poll_modem_status(f, &status), 0);
	CHECK_EQ(status & 0x30, 0x30);
	CHECK_EQ(ftdi_setdtr_rts(f, 1, 0), 0);
	CHECK_EQ(ftdi_poll_modem_status(f, &status), 0);
	CHECK_EQ(status & 0x30, 0x20);

	CHECK_EQ(ftdi_write_data(f, out, 1500), 1500);
	CHECK_EQ(read_all(f, in, 1500, 5), 1500);
	CHECK(!memcmp(out, in, 1500));

	/* by the event character, not by the latency timer */
	CHECK_EQ(ftdi_set_latency_timer(f, 255), 0);
	CHECK_EQ(ftdi_set_event_char(f, '\n', 1), 0);
	t = seconds();
	CHECK_EQ(ftdi_write_data(f, (const unsigned char *)"ab\n", 3), 3);
	CHECK_EQ(read_all(f, in, 3, 5), 3);
	CHECK(seconds() - t < 0.2);
	CHECK(!memcmp(in, "ab\n", 3));

	/* what waits in the chip is gone after a flush */
	CHECK_EQ(ftdi_set_event_char(f, 0, 0), 0);
	CHECK_EQ(ftdi_write_data(f, out, 50), 50);
	sleep_ms(50);
	CHECK_EQ(ftdi_tciflush(f), 0);
	CHECK_EQ(ftdi_set_latency_timer(f, 1), 0);
	CHECK_EQ(read_all(f, in, 1, 0.1), 0);
	close_port(f);
}

/* As many bytes as the chip's FIFO holds: none is lost while this program waits for a
 * processor, for libftdi would wait for it for ever. */
static void async(void)
{
	struct ftdi_context *f = open_port("1-1.2", INTERFACE_D);
	struct ftdi_transfer_control *r, *w;
	struct timeval limit = { 1, 0 };
	double t;

	CHECK_EQ(ftdi_set_baudrate(f, 115200), 0);
	CHECK_EQ(ftdi_set_latency_timer(f, 2), 0);
	r = ftdi_read_data_submit(f, in, 2000);
	w = ftdi_write_data_submit(f, out, 2000);
	CHECK_EQ(ftdi_transfer_data_done(w), 2000);
	CHECK_EQ(ftdi_transfer_data_done(r), 2000);
	CHECK(!memcmp(out, in, 2000));
	CHECK_EQ(ftdi_set_latency_timer(f, 255), 0);
	r = ftdi_read_data_submit(f, in, 100);
	t = seconds();
	ftdi_transfer_data_cancel(r, &limit);
	CHECK(seconds() - t < 0.9);
	close_port(f);
}

static void bitbang(void)
{
	struct ftdi_context *f = open_port("1-1.2", INTERFACE_D);
	unsigned char pins = 0, four[4] = { 0x04, 0x10, 0x14, 0x00 };

	CHECK_EQ(ftdi_set_bitmode(f, 0x54, BITMODE_BITBANG), 0);
	CHECK_EQ(ftdi_write_data(f, (const unsigned char[]){ 0x50 }, 1), 1);
	CHECK_EQ(ftdi_read_pins(f, &pins), 0);
	CHECK_EQ(pins & 0xfc, 0xf0); /* 2 low: 3 low; 4, 6 high: 5, 7 high */
	CHECK_EQ(ftdi_write_data(f, (const unsigned char[]){ 0x04 }, 1), 1);
	CHECK_EQ(ftdi_read_pins(f, &pins), 0);
	CHECK_EQ(pins & 0xfc, 0x0c);
	CHECK_EQ(ftdi_set_bitmode(f, 0x54, BITMODE_SYNCBB), 0);
	CHECK_EQ(ftdi_tcioflush(f), 0);
	CHECK_EQ(ftdi_write_data(f, four, 4), 4);
	CHECK_EQ(read_all(f, in, 4, 2), 4);
	CHECK_EQ(in[1] & 0xfc, 0x0c); /* each sample is taken before its write */
	CHECK_EQ(in[2] & 0xfc, 0x30);
	CHECK_EQ(in[3] & 0xfc, 0x3c);
	CHECK_EQ(ftdi_disable_bitbang(f), 0);
	close_port(f);
}

static void mpsse(void)
{
	struct ftdi_context *f = open_port("1-1.2", INTERFACE_A);
	static const unsigned char bad[] = { 0xaa, 0x87 };
	static const unsigned char loop[] = { 0x8a, 0x97, 0x8d, 0x86, 0x1d, 0x00, 0x84, 0x80, 0x08,
					      0xfb, 0x31, 0x02, 0x00, 0xde, 0xad, 0xbe, 0x87 };
	static const unsigned char pins[] = { 0x80, 0x50, 0x5b, 0x81, 0x87 };

	CHECK_EQ(ftdi_set_bitmode(f, 0, BITMODE_RESET), 0);
	CHECK_EQ(ftdi_set_bitmode(f, 0x0b, BITMODE_MPSSE), 0);
	CHECK_EQ(ftdi_write_data(f, bad, sizeof(bad)), (int)sizeof(bad));
	CHECK_EQ(read_all(f, in, 2, 2), 2);
	CHECK_EQ(in[0] << 8 | in[1], 0xfaaa);
	CHECK_EQ(ftdi_write_data(f, loop, sizeof(loop)), (int)sizeof(loop));
	CHECK_EQ(read_all(f, in, 3, 2), 3);
	CHECK(!memcmp(in, "\xde\xad\xbe", 3));
	CHECK_EQ(ftdi_write_data(f, pins, sizeof(pins)), (int)sizeof(pins));
	CHECK_EQ(read_all(f, in, 1, 2), 1);
	CHECK_EQ(in[0] & 0xf0, 0xf0);
	CHECK_EQ(ftdi_set_bitmode(f, 0, BITMODE_RESET), 0);
	close_port(f);
}

static void eeprom(void)
{
	struct ftdi_context *f = open_port("1-1.2", INTERFACE_A);
	char m[64] = "", p[64] = "", s[64] = "";
	int size = 0;

	CHECK_EQ(ftdi_read_eeprom(f), 0);
	CHECK_EQ(ftdi_get_eeprom_value(f, CHIP_SIZE, &size), 0);
	CHECK_EQ(size, 256);
	CHECK_EQ(ftdi_eeprom_decode(f, 0), 0);
	CHECK_EQ(ftdi_eeprom_get_strings(f, m, 64, p, 64, s, 64), 0);
	CHECK(!strcmp(m, "FTDI") && !strcmp(p, "Quad RS232-HS") && !strcmp(s, "VB0001"));
	close_port(f);
}

int main(void)
{
	alarm(60);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (unsigned char)(i * 7 + i / 256);
	list_and_strings();
	claims();
	uart();
	async();
	bitbang();
	mpsse();
	eeprom();
	return verdict("basic", 90);
}
