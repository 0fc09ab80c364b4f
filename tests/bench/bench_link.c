/*
 * bench_link -- round trips over the virtual chip at its real pace: one byte to
 * a board that echoes it on a UART, and one byte shifted through the MPSSE. The
 * chip is opened and configured by libftdi1; bytes go by libusb, as the station
 * does it everywhere. Beside them: what the chip's own model says is the least,
 * the bits on the wire; the answer then waits for the next USB frame of 125 us,
 * on average for half of one, which is added here.
 *
 *   vboard -f WORLD -- bench_link VBOARD [ROUNDS]     board 1 at 1-1.2 runs firmware echo
 */
#include <string.h>

#include "link/ftdi_chip.h"
#include "link/link.h"
#include "tests/bench/bench.h"

enum { TRIPS = 100, PORT_MPSSE = 0, PORT_UART = 2, WAIT_MS = 2000, HALF_FRAME_NS = 62500 };

/* Modelled minimum of each port in microseconds, as the ports are set up now. */
static void minimum_us(double us[4], const char *vboard)
{
	char command[300];
	FILE *f;

	snprintf(command, sizeof(command), "'%s' ctl get 1 minimum", vboard);
	f = popen(command, "re");
	if (!f || fscanf(f, "%lf %lf %lf %lf", &us[0], &us[1], &us[2], &us[3]) != 4 || pclose(f)) {
		fprintf(stderr, "bench_link: no answer of '%s'\n", command);
		exit(1);
	}
	for (int i = 0; i < 4; i++)
		us[i] = (us[i] + HALF_FRAME_NS) / 1e3;
}

static int echo(void *payload, struct err *err)
{
	struct link *l = payload;
	char c = '\n';
	int r = link_write(l, &c, 1, clock_ms() + WAIT_MS, err);

	c = 0;
	return r < 0 ? r : link_read(&c, 1, l, clock_ms() + WAIT_MS, err) == 1 && c == '\n';
}

static int shift(void *payload, struct err *err)
{
	/* Clock one byte out and in, hand over. source  FTDI AN_108, 3.3 and 3.7 */
	static const uint8_t command[] = { 0x31, 0, 0, 0x5a, 0x87 };
	struct ftdi_port *p = payload;
	uint8_t c = 0;
	int r = ftdi_port_write(p, command, sizeof(command), clock_ms() + WAIT_MS, err);

	return r < 0 ? r : ftdi_port_read(&c, 1, p, clock_ms() + WAIT_MS, err) == 1 && c == 0x5a;
}

static void round_trips(struct samples *p50, struct samples *p90,
			int (*trip)(void *payload, struct err *err), void *payload)
{
	struct samples s = { 0 };
	struct err err = { 0 };

	for (int i = 0; i < TRIPS; i++) {
		double start = now_us();
		int r = trip(payload, &err);

		must(r, "round trip", &err);
		if (!r) {
			fprintf(stderr, "bench_link: the byte did not come back\n");
			exit(1);
		}
		sample(&s, now_us() - start);
	}
	sample(p50, quantile(&s, 0.5));
	sample(p90, quantile(&s, 0.9));
	free(s.v);
}

int main(int argc, char **argv)
{
	struct link_where where = { .usb = "1-1.2",
				    .port = PORT_UART,
				    .line = { .baud = 115200, .bits = 8, .stop = 1, .parity = 'N' },
				    .latency_ms = 2,
				    .event_char = '\n',
				    .role = "console",
				    .slot = 1 };
	const struct ftdi_expected chip_of = { .usb = "1-1.2" };
	static const uint8_t loop_on = 0x84;
	struct samples u50 = { 0 }, u90 = { 0 }, m50 = { 0 }, m90 = { 0 }, ur = { 0 }, mr = { 0 };
	int rounds = argc > 2 ? atoi(argv[2]) : 10;
	struct ftdi_chip *chip;
	struct link *uart;
	struct err err = { 0 };
	double us[4];

	if (argc < 2)
		return 2;
	must(link_open(&uart, "ftdi", &where, &err), "UART", &err);
	must(ftdi_chip_take(&chip, &chip_of, &err), "chip", &err);
	struct ftdi_port *mpsse = ftdi_chip_port(chip, PORT_MPSSE);
	must(ftdi_port_enter(mpsse, FTDI_MPSSE, clock_ms() + WAIT_MS, &err), "MPSSE", &err);
	must(ftdi_port_write(mpsse, &loop_on, 1, clock_ms() + WAIT_MS, &err), "loop", &err);
	minimum_us(us, argv[1]);
	sample(&ur, us[PORT_UART]);
	sample(&mr, us[PORT_MPSSE]);
	for (int i = 0; i < rounds; i++) {
		round_trips(&u50, &u90, echo, uart);
		round_trips(&m50, &m90, shift, mpsse);
	}
	row("UART echo of one byte at 115200, p50", &u50, "us", NAN,
	    "the chip's model, wire + 1/2 frame", &ur);
	row("UART echo of one byte at 115200, p90", &u90, "us", NAN,
	    "the chip's model, wire + 1/2 frame", &ur);
	row("MPSSE round trip of one byte, p50", &m50, "us", NAN,
	    "the chip's model, wire + 1/2 frame", &mr);
	row("MPSSE round trip of one byte, p90", &m90, "us", NAN,
	    "the chip's model, wire + 1/2 frame", &mr);
	note("a write and a read of the station's link, libusb, and vboard's own time for two "
	     "transfers");
	ftdi_chip_give(chip);
	link_close(uart);
	return 0;
}
