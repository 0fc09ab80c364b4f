#include "link/ftdi_port_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "link/usb_context.h"

char ftdi_port_letter(const struct ftdi_port *p)
{
	return (char)('A' + p->interface);
}

enum ftdi_port_mode ftdi_port_mode(const struct ftdi_port *p)
{
	return p->mode;
}

int ftdi_port_is_gone(const struct ftdi_port *p)
{
	return p->gone;
}

const char *ftdi_port_user(const struct ftdi_port *p)
{
	return p->user;
}

/* --- open and close --- */

/* ftdi_usb_open_dev() has one code for several causes: take the step that
 * failed again, by libusb itself. */
static int open_cause(libusb_device *d, int interface, int rc, struct err *err)
{
	char what[64], owner[96];
	libusb_device_handle *h;
	int again = libusb_open(d, &h);

	snprintf(what, sizeof(what), "port %c", 'A' + interface);
	if (again)
		return usb_node_fail(err, again, what);
	again = libusb_claim_interface(h, interface);
	if (!again)
		libusb_release_interface(h, interface);
	libusb_close(h);
	if (again == LIBUSB_ERROR_BUSY)
		return err_set(err, ERR_BUSY, "port %c is in use by %s", 'A' + interface,
			       usb_node_owner(owner, sizeof(owner), d, interface));
	if (again)
		return usb_node_fail(err, again, what);
	return err_set(err, ERR_IO, "port %c: the interface does not let itself be set up (%d)",
		       'A' + interface, rc);
}

static int open_context(struct ftdi_port *p, const char *path, uint8_t address, struct err *err)
{
	libusb_context *usb;
	struct ftdi_context *f;
	libusb_device *d;
	int rc, r = usb_context(&usb, err);

	if (r < 0)
		return r;
	f = p->ftdi = ftdi_new();
	if (!f)
		return err_set(err, ERR_IO, "libusb cannot be started");
	libusb_exit(f->usb_ctx);
	f->usb_ctx = usb;
	d = usb_node_at(usb, path, address);
	if (!d)
		return err_set(err, ERR_GONE, "port %c: the USB interface was unplugged",
			       ftdi_port_letter(p));
	f->usb_read_timeout = f->usb_write_timeout = USB_CONTROL_MS;
	f->module_detach_mode = AUTO_DETACH_REATACH_SIO_MODULE; /* ttyUSB comes back at close */
	ftdi_set_interface(f, (enum ftdi_interface)(INTERFACE_A + p->interface));
	rc = ftdi_usb_open_dev(f, d);
	if (rc) {
		/* After -9, -10 and -12 the handle is still open, and would own the
		 * interface that open_cause() tries. */
		if (f->usb_dev)
			ftdi_usb_close(f);
		r = open_cause(d, p->interface, rc, err);
	} else if (f->type != TYPE_4232H) {
		r = err_set(err, ERR_FIXTURE, "libftdi takes the interface for another chip");
	}
	libusb_unref_device(d);
	return r;
}

/* The context is the process's, not libftdi's to end. */
static void free_context(struct ftdi_port *p)
{
	if (!p->ftdi)
		return;
	p->ftdi->usb_ctx = NULL;
	ftdi_free(p->ftdi);
}

int ftdi_port_open(struct ftdi_port **out, const char *path, uint8_t address, int interface,
		   struct err *err)
{
	struct ftdi_port *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return err_set(err, ERR_IO, "out of memory");
	p->interface = interface;
	r = open_context(p, path, address, err);
	if (r < 0) {
		free_context(p);
		free(p);
		return r;
	}
	r = ftdi_io_init(p, err);
	/* The mode outlives a close, and a port left in another one can stop its
	 * siblings. */
	if (!r && ftdi_set_bitmode(p->ftdi, 0, BITMODE_RESET) < 0)
		r = ftdi_io_fail(p, "the mode cannot be set", err);
	if (r < 0)
		ftdi_port_close(p);
	else
		*out = p;
	return r;
}

void ftdi_port_close(struct ftdi_port *p)
{
	if (!p)
		return;
	ftdi_io_stop(p);
	if (!p->gone)
		ftdi_set_bitmode(p->ftdi, 0, BITMODE_RESET);
	if (p->stuck)
		return; /* the host still writes to it; the process' end frees it */
	ftdi_io_release(p);
	ftdi_usb_close(p->ftdi);
	free_context(p);
	free(p);
}

/* --- line --- */

static int set_line(struct ftdi_port *p, const struct link_line *l)
{
	enum ftdi_parity_type parity = l->parity == 'E' ? EVEN : l->parity == 'O' ? ODD : NONE;

	if (ftdi_set_line_property2(p->ftdi, l->bits == 7 ? BITS_7 : BITS_8,
				    l->stop == 2 ? STOP_BIT_2 : STOP_BIT_1, parity,
				    BREAK_OFF) < 0 ||
	    ftdi_set_baudrate(p->ftdi, (int)l->baud) < 0 ||
	    ftdi_setflowctrl(p->ftdi, l->rtscts ? SIO_RTS_CTS_HS : SIO_DISABLE_FLOW_CTRL) < 0)
		return -1;
	return 0;
}

static int set_handover(struct ftdi_port *p, int latency_ms, int event_char)
{
	if (ftdi_set_latency_timer(p->ftdi, (unsigned char)latency_ms) < 0 ||
	    ftdi_set_error_char(p->ftdi, 0, 0) < 0 ||
	    ftdi_set_event_char(p->ftdi, (unsigned char)(event_char < 0 ? 0 : event_char),
				event_char >= 0) < 0)
		return -1;
	return 0;
}

static int check(const struct link_line *line, int latency_ms, int event_char, struct err *err)
{
	int r = ftdi_line_check(NULL, line, err);

	if (r < 0)
		return r;
	if (latency_ms < 1 || latency_ms > 255)
		return err_set(err, ERR_CONF, "latency of %d ms; the interface has 1 to 255",
			       latency_ms);
	if (event_char < -1 || event_char > 255)
		return err_set(err, ERR_CONF, "event character %d is no byte", event_char);
	return 0;
}

/* Wait until the last bit that was written has left the chip: a change of rate
 * or mode spoils what is still in the FIFO, up to 2 KiB of it. */
static int wait_empty(struct ftdi_port *p, int64_t until_ms, struct err *err)
{
	for (;;) {
		uint8_t status[2];

		if (ftdi_io_status(status, p))
			return ftdi_io_fail(p, "the status cannot be read", err);
		if (status[1] & FTDI_TEMT)
			return 0;
		if (clock_left_ms(until_ms) == 0)
			return p->line.rtscts && !(status[0] & FTDI_CTS)
				       ? err_set(err, ERR_TIMEOUT,
						 "port %c: the board holds bytes up by flow "
						 "control "
						 "(CTS)",
						 ftdi_port_letter(p))
				       : err_set(err, ERR_IO,
						 "port %c: bytes did not leave the chip in time",
						 ftdi_port_letter(p));
		nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
	}
}

/* Everything that an open or another mode has upset. The order is that of
 * libftdi's own examples: format, rate, flow, timers, lines, then the flush. */
static int set_up(struct ftdi_port *p, struct err *err)
{
	if (set_line(p, &p->line) < 0 || set_handover(p, p->latency_ms, p->event_char) < 0 ||
	    ftdi_setdtr_rts(p->ftdi, 1, 1) < 0 || ftdi_tcioflush(p->ftdi) < 0)
		return ftdi_io_fail(p, ftdi_get_error_string(p->ftdi), err);
	return 0;
}

static void remember(struct ftdi_port *p, const struct link_line *line, int latency_ms,
		     int event_char)
{
	p->line = *line;
	p->latency_ms = latency_ms;
	p->event_char = event_char;
}

int ftdi_port_attach(struct ftdi_port *p, const char *role, const struct link_line *line,
		     int latency_ms, int event_char, int64_t until_ms, struct err *err)
{
	int r = check(line, latency_ms, event_char, err);

	if (r < 0)
		return r;
	if (p->gone)
		return ftdi_io_gone(p, err);
	if (p->user)
		return err_set(err, ERR_BUSY, "port %c is channel '%s' already",
			       ftdi_port_letter(p), p->user);
	if (p->mode != FTDI_UART)
		return err_set(err, ERR_LACKS, "port %c drives pins and is no channel now",
			       ftdi_port_letter(p));
	remember(p, line, latency_ms, event_char);
	r = wait_empty(p, until_ms, err);
	if (!r)
		r = set_up(p, err);
	if (r < 0)
		return r;
	ftdi_io_forget(p);
	p->user = role;
	return 0;
}

void ftdi_port_detach(struct ftdi_port *p)
{
	ftdi_io_stop(p);
	ftdi_io_forget(p);
	p->user = NULL;
}

int ftdi_port_tune(struct ftdi_port *p, const struct link_line *line, int latency_ms,
		   int event_char, int64_t until_ms, struct err *err)
{
	int r = check(line, latency_ms, event_char, err);

	if (r < 0)
		return r;
	if (p->gone)
		return ftdi_io_gone(p, err);
	/* A board that died may hold bytes up for ever. A line without flow control lets
	 * them out; nobody waits for them. */
	if (p->line.rtscts && !line->rtscts) {
		if (ftdi_setflowctrl(p->ftdi, SIO_DISABLE_FLOW_CTRL) < 0)
			return ftdi_io_fail(p, ftdi_get_error_string(p->ftdi), err);
		p->line.rtscts = 0;
	}
	r = wait_empty(p, until_ms, err);
	if (r < 0)
		return r;
	remember(p, line, latency_ms, event_char);
	if (set_line(p, line) < 0 || set_handover(p, latency_ms, event_char) < 0)
		return ftdi_io_fail(p, ftdi_get_error_string(p->ftdi), err);
	return 0;
}

/* --- modes --- */

int ftdi_port_enter(struct ftdi_port *p, enum ftdi_port_mode mode, int64_t until_ms,
		    struct err *err)
{
	const int rate = 115200; /* bit-bang takes its byte clock from it: at least that many */
	unsigned char bits = mode == FTDI_MPSSE ? BITMODE_MPSSE : BITMODE_BITBANG;
	int r;

	if (mode == FTDI_MPSSE && p->interface > 1)
		return err_set(err, ERR_LACKS, "port %c has no MPSSE; A and B have",
			       ftdi_port_letter(p));
	if (p->gone)
		return ftdi_io_gone(p, err);
	if (p->user) {
		r = wait_empty(p, until_ms, err);
		if (r < 0)
			return r;
	}
	ftdi_io_stop(p);
	if (ftdi_set_bitmode(p->ftdi, 0, BITMODE_RESET) < 0 ||
	    ftdi_set_baudrate(p->ftdi, rate) < 0 || set_handover(p, 1, -1) < 0 ||
	    ftdi_setflowctrl(p->ftdi, SIO_DISABLE_FLOW_CTRL) < 0 || ftdi_tcioflush(p->ftdi) < 0 ||
	    ftdi_set_bitmode(p->ftdi, 0, bits) < 0)
		return ftdi_io_fail(p, ftdi_get_error_string(p->ftdi), err);
	p->mode = mode;
	return 0;
}

int ftdi_port_leave(struct ftdi_port *p, int64_t until_ms, struct err *err)
{
	(void)until_ms;
	if (p->gone)
		return ftdi_io_gone(p, err);
	ftdi_io_stop(p);
	if (ftdi_set_bitmode(p->ftdi, 0, BITMODE_RESET) < 0)
		return ftdi_io_fail(p, ftdi_get_error_string(p->ftdi), err);
	p->mode = FTDI_UART;
	return p->user ? set_up(p, err) : 0;
}

int ftdi_port_direction(struct ftdi_port *p, uint8_t outputs, struct err *err)
{
	if (p->gone)
		return ftdi_io_gone(p, err);
	if (ftdi_set_bitmode(p->ftdi, outputs, BITMODE_BITBANG) < 0)
		return ftdi_io_fail(p, ftdi_get_error_string(p->ftdi), err);
	return 0;
}

int ftdi_port_levels(uint8_t *levels, struct ftdi_port *p, struct err *err)
{
	if (p->gone)
		return ftdi_io_gone(p, err);
	if (ftdi_read_pins(p->ftdi, levels) < 0)
		return ftdi_io_fail(p, ftdi_get_error_string(p->ftdi), err);
	return 0;
}
