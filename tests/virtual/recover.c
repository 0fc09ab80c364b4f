/*
 * recover -- a whole recovery of a virtual MT3620 through unmodified libftdi1 and
 * libusb, written down as the protocol has it and with nothing of the station's.
 *
 *     recover PATH DIR [slow | fast [1k]]
 *
 * PATH is the board's USB path, DIR an image set of `vboard images`. It prints how
 * long the transfers took and what they would take by the wire alone.
 */
#include "client.h"

enum { RECOVERY = 0x20, RESET = 0x40, FAST = 3000000, TEXT = 115200 };

static struct ftdi_context *port;
static unsigned char in[65536]; /* what came and was not taken yet */
static size_t in_n;
static double wire_s; /* of what the transfers had to move */
static long bytes_moved;
static double rate = TEXT;

/* --- the port --- */

/* Wait for something, at most ms; 0: nothing came. */
static int hear(int ms)
{
	unsigned char raw[4096];
	int got = 0, took = 0;
	double until = seconds() + ms / 1000.0;

	while (!took && seconds() < until && in_n < sizeof(in) - 4096) {
		int r = libusb_bulk_transfer(port->usb_dev, (unsigned char)port->out_ep, raw,
					     sizeof(raw), &got, 200);

		if (r && r != LIBUSB_ERROR_TIMEOUT)
			return 0;
		for (int at = 0; at < got; at += 512) {
			int n = (got - at < 512 ? got - at : 512) - 2;

			if (n > 0) {
				memcpy(in + in_n, raw + at + 2, (size_t)n);
				in_n += (size_t)n;
				took += n;
			}
		}
	}
	return took;
}

static void take(size_t n)
{
	in_n -= n;
	memmove(in, in + n, in_n);
}

static int say(const void *bytes, size_t n)
{
	int sent = 0;

	return libusb_bulk_transfer(port->usb_dev, (unsigned char)port->in_ep,
				    (unsigned char *)bytes, (int)n, &sent, 5000) ||
	       sent != (int)n;
}

static void all_sent(void)
{
	unsigned short status = 0;

	for (int i = 0; i < 1000 && !(status >> 8 & 0x40); i++)
		ftdi_poll_modem_status(port, &status);
}

static int await(const char *text, int ms)
{
	double until = seconds() + ms / 1000.0;

	do {
		unsigned char *at = memmem(in, in_n, text, strlen(text));

		if (at) {
			take((size_t)(at - in) + strlen(text));
			return 0;
		}
	} while (hear(50) || seconds() < until);
	fprintf(stderr, "no '%s' in %d ms, but %zu bytes\n", text, ms, in_n);
	return -1;
}

/* --- CRC, frames --- */

static unsigned crc16(const unsigned char *p, size_t n)
{
	unsigned crc = 0;

	while (n--) {
		crc ^= (unsigned)*p++ << 8;
		for (int i = 0; i < 8; i++)
			crc = crc & 0x8000 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1;
	}
	return crc;
}

static int tell(unsigned type, const void *data, size_t n)
{
	unsigned char plain[64] = { (unsigned char)(n + 4), 0, (unsigned char)type, 0,
				    (unsigned char)n,       0 };
	unsigned char wire[70];
	size_t code = 0, to = 1;
	unsigned crc;

	memcpy(plain + 6, data, n);
	crc = crc16(plain, n + 6);
	plain[n + 6] = (unsigned char)crc;
	plain[n + 7] = (unsigned char)(crc >> 8);
	for (size_t i = 0; i < n + 8; i++) {
		if (plain[i])
			wire[to++] = plain[i];
		if (!plain[i]) {
			wire[code] = (unsigned char)(to - code);
			code = to++;
		}
	}
	wire[code] = (unsigned char)(to - code);
	wire[to++] = 0;
	return say(wire, to);
}

struct message {
	unsigned type, n;
	unsigned char data[300];
};

/* The next frame; the wire is reliable here, so anything odd is a failure. */
static int listen_to(struct message *m, int ms)
{
	unsigned char plain[400], *end;
	double until = seconds() + ms / 1000.0;
	size_t to = 0, n;

	while (!(end = memchr(in, 0, in_n)))
		if (!hear(50) && seconds() > until)
			return -1;
	n = (size_t)(end - in);
	for (size_t at = 0; at < n && to < 360;) {
		unsigned code = in[at++];

		for (unsigned i = 1; i < code && at < n; i++)
			plain[to++] = in[at++];
		if (code < 0xff && at < n)
			plain[to++] = 0;
	}
	take(n + 1);
	if (to < 8 || crc16(plain, to - 2) != (plain[to - 2] | (unsigned)plain[to - 1] << 8))
		return -1;
	m->type = plain[2] | (unsigned)plain[3] << 8;
	m->n = plain[4] | (unsigned)plain[5] << 8;
	memcpy(m->data, plain + 6, m->n);
	m->data[m->n] = '\0';
	return 0;
}

/* --- XMODEM --- */

static int answer(unsigned char *out, int ms)
{
	double until = seconds() + ms / 1000.0;

	while (!in_n)
		if (!hear(50) && seconds() > until)
			return -1;
	*out = in[0];
	take(1);
	return 0;
}

static int xmodem(const unsigned char *bytes, size_t n, size_t size)
{
	unsigned char block[1029], number = 1, got = 0, eot = 4;

	do
		if (answer(&got, 10000))
			return -1;
	while (got != 'C');
	for (size_t at = 0; at < n; at += size, number++) {
		size_t some = n - at < size ? n - at : size;
		unsigned crc;

		block[0] = size == 128 ? 1 : 2;
		block[1] = number;
		block[2] = (unsigned char)~number;
		memset(block + 3, 0x1a, size);
		memcpy(block + 3, bytes + at, some);
		crc = crc16(block + 3, size);
		block[3 + size] = (unsigned char)(crc >> 8);
		block[4 + size] = (unsigned char)crc;
		if (say(block, size + 5) || answer(&got, 10000) || got != 6) {
			fprintf(stderr, "block %zu: answered by %02x\n", at / size, got);
			return -1;
		}
		wire_s += (double)(size + 6) * 10 / rate;
		bytes_moved += (long)size;
	}
	if (say(&eot, 1) || answer(&got, 10000) || got != 6) {
		fprintf(stderr, "EOT: answered by %02x\n", got);
		return -1;
	}
	return 0;
}

/* --- steps --- */

static const char *folder;
static size_t block_size = 128;

static unsigned char *load(const char *name, size_t *n)
{
	char path[512];
	unsigned char *bytes = malloc(8 << 20);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (!f) {
		free(bytes);
		return NULL;
	}
	*n = fread(bytes, 1, 8 << 20, f);
	fclose(f);
	return bytes;
}

static void settings(double baud, int flow, unsigned char event)
{
	ftdi_set_baudrate(port, (int)baud);
	ftdi_setflowctrl(port, flow ? SIO_RTS_CTS_HS : SIO_DISABLE_FLOW_CTRL);
	ftdi_set_event_char(port, event, 1);
	rate = baud;
}

static void straps(void)
{
	unsigned char low = RECOVERY, high = RECOVERY | RESET;

	CHECK(!ftdi_set_bitmode(port, RECOVERY | RESET, BITMODE_BITBANG));
	CHECK(!say(&low, 1));
	sleep_ms(50);
	CHECK(!say(&high, 1));
	sleep_ms(100);
	CHECK(!ftdi_set_bitmode(port, 0, BITMODE_RESET));
	ftdi_set_line_property(port, BITS_8, STOP_BIT_1, NONE);
	settings(TEXT, 0, 0x06);
	ftdi_tcioflush(port);
}

static int serve(const struct message *m)
{
	unsigned start = 0, max = 0, total, some;
	unsigned char ack[12], *bytes;
	const char *name = m->type == 5 ? "recovery.imagemanifest" : "recovery-runtime.bin";
	size_t n = 0;
	int r;

	memcpy(&start, m->data, 4); /* little-endian, like the machine */
	memcpy(&max, m->data + 4, 4);
	if (m->type == 7)
		name = (const char *)m->data + 8;
	bytes = load(name, &n);
	if (!bytes) {
		unsigned char none = 1;

		return tell(0xa5, &none, 1);
	}
	total = (unsigned)n;
	some = total - start < max ? total - start : max;
	memcpy(ack, &start, 4);
	memcpy(ack + 4, &some, 4);
	memcpy(ack + 8, &total, 4);
	ftdi_set_event_char(port, 0x06, 1);
	r = tell(0xa4, ack, 12) || xmodem(bytes + start, some, block_size);
	ftdi_set_event_char(port, 0x00, 1);
	free(bytes);
	return r;
}

/* Whatever the board asks for until it is done; the number of images, or -1. */
static int session(int fast)
{
	unsigned char zero = 0, one = 1, none = 1;
	unsigned images = 0;
	struct message m;

	for (;;) {
		if (listen_to(&m, 10000)) {
			fprintf(stderr, "the board says nothing\n");
			return -1;
		}
		switch (m.type) {
		case 0x01:
			CHECK_EQ(m.n, 133);
			CHECK(!tell(0xa0, "", 0));
			break;
		case 0x02:
			CHECK(!tell(0xa1, "", 0));
			break;
		case 0x03:
			CHECK(!tell(0xa3, fast ? &one : &zero, 1));
			all_sent();
			settings(fast ? FAST : TEXT, 1, 0);
			break;
		case 0x04:
			CHECK(!tell(0xa5, &none, 1));
			break;
		case 0x05:
		case 0x06:
		case 0x07:
			if (serve(&m))
				return -1;
			break;
		case 0x08:
			memcpy(&images, m.data + 4, 4);
			break;
		case 0x09:
			CHECK(!tell(0xa3, &zero, 1));
			break;
		case 0x0b:
			break; /* display only */
		case 0x0c:
			fprintf(stderr, "recovery error %02x%02x%02x%02x\n", m.data[3], m.data[2],
				m.data[1], m.data[0]);
			return -1;
		case 0x0d:
			return (int)images;
		default:
			fprintf(stderr, "message %02x\n", m.type);
		}
	}
}

int main(int argc, char **argv)
{
	int fast = argc > 3 && !strcmp(argv[3], "fast");
	unsigned char *bytes;
	double from;
	size_t n = 0;

	if (argc < 3)
		return 2;
	folder = argv[2];
	if (argc > 4 && !strcmp(argv[4], "1k"))
		block_size = 1024;
	port = open_port(argv[1], INTERFACE_D);
	CHECK(port != NULL);
	if (!port)
		return verdict("recover", 1);
	ftdi_set_latency_timer(port, 1);
	straps();
	CHECK(!await("RECOVERY\r\n", 5000));
	CHECK(!await("0000362000008A01020A00008FC8C833\r\n", 5000));
	from = seconds();
	bytes = load("recovery-1bl-rtm.bin", &n);
	CHECK(bytes && !xmodem(bytes, n, block_size));
	free(bytes);
	CHECK(!await("+GOOD\r\n", 5000));
	CHECK(!await("[1BL] BOOT: ", 5000));
	CHECK(!await("\r\n", 1000));
	ftdi_set_event_char(port, 0x00, 1);
	CHECK(session(fast) >= 14);
	from = seconds() - from;
	printf("%ld bytes in %.2f s, %.2f s by the wire alone: %.3f\n", bytes_moved, from, wire_s,
	       from / wire_s);
	ftdi_set_bitmode(port, 0, BITMODE_RESET);
	close_port(port);
	return verdict("recover", 15);
}
