/* The bytes of a port: queued IN transfers, OUT transfers, and what a failure
 * of one means. See ftdi_port.h. */
#include "link/ftdi_port_priv.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static struct timeval left(int64_t until_ms)
{
	int ms = clock_left_ms(until_ms);

	if (ms < 0 || ms > 60000)
		ms = 60000; /* the callers look at the clock again */
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

/* Let libusb call back for what has ended; wait for it until until_ms. */
static void turn(struct ftdi_port *p, int64_t until_ms)
{
	struct timeval tv = left(until_ms);
	int rc = libusb_handle_events_timeout_completed(p->ftdi->usb_ctx, &tv, NULL);

	if (rc && rc != LIBUSB_ERROR_INTERRUPTED)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL); /* never spin */
}

int ftdi_io_gone(struct ftdi_port *p, struct err *err)
{
	p->gone = 1;
	return err_set(err, ERR_GONE, "port %c: the USB interface was unplugged",
		       ftdi_port_letter(p));
}

int ftdi_io_status(uint8_t status[2], struct ftdi_port *p)
{
	int rc = libusb_control_transfer(p->ftdi->usb_dev, FTDI_DEVICE_IN_REQTYPE,
					 SIO_POLL_MODEM_STATUS_REQUEST, 0, (uint16_t)p->ftdi->index,
					 status, 2, USB_CONTROL_MS);

	return rc < 0 ? rc : rc == 2 ? 0 : LIBUSB_ERROR_IO;
}

/* A host may report EPROTO or EPIPE before it knows that the device left, and
 * one EIO alone is not "gone": ask the chip. */
int ftdi_io_fail(struct ftdi_port *p, const char *what, struct err *err)
{
	uint8_t status[2];
	int rc = ftdi_io_status(status, p);

	if (rc == LIBUSB_ERROR_TIMEOUT)
		return err_set(err, ERR_IO, "port %c: %s; the interface does not answer",
			       ftdi_port_letter(p), what);
	if (rc && rc != LIBUSB_ERROR_PIPE) /* a stall is an answer, of a chip that is there */
		return ftdi_io_gone(p, err);
	return err_set(err, ERR_IO, "port %c: %s%s", ftdi_port_letter(p), what,
		       rc ? "; the interface refuses requests" : "");
}

static int flying_in(const struct ftdi_port *p)
{
	int n = 0;

	for (int i = 0; i < FTDI_QUEUE; i++)
		n += p->in[i] && p->in[i]->flying;
	return n;
}

/* Half a queue takes what comes. The rest is queued again when there is nothing
 * better to do: an answer to what was just read goes out first. */
static int enough(const struct ftdi_port *p)
{
	return flying_in(p) >= FTDI_QUEUE / 2;
}

static void in_done(struct libusb_transfer *t)
{
	struct ftdi_in *in = t->user_data;
	struct ftdi_port *p = in->port;
	size_t before = p->kept.len;

	in->flying = 0;
	p->heard_ms = clock_ms();
	if (t->actual_length > 0) {
		/* What came counts, however the transfer ended. */
		size_t n = ftdi_strip(in->raw, &p->packets, in->raw, (size_t)t->actual_length,
				      p->ftdi->max_packet_size);

		sbuf_add(&p->kept, in->raw, n);
		if (p->packets.errors && !p->errors)
			p->errors_at = before + p->packets.error_at;
		p->errors |= p->packets.errors;
	}
	switch (t->status) {
	case LIBUSB_TRANSFER_COMPLETED:
		if (p->paused || p->in_status || p->kept.len - p->kept_at > FTDI_KEPT_MAX ||
		    enough(p))
			return;
		if (!libusb_submit_transfer(t))
			in->flying = 1;
		/* else: ftdi_io's next fly() meets the same error and reports it */
		return;
	case LIBUSB_TRANSFER_CANCELLED:
		return;
	case LIBUSB_TRANSFER_NO_DEVICE:
		p->gone = 1;
		return;
	default:
		p->in_status = (int)t->status;
	}
}

static void out_done(struct libusb_transfer *t)
{
	struct ftdi_port *p = t->user_data;

	p->out_flying = 0;
	if (t->status == LIBUSB_TRANSFER_NO_DEVICE)
		p->gone = 1;
}

static void event_done(struct libusb_transfer *t)
{
	struct ftdi_port *p = t->user_data;

	p->event_flying = 0;
	if (t->status == LIBUSB_TRANSFER_NO_DEVICE)
		p->gone = 1;
}

int ftdi_io_init(struct ftdi_port *p, struct err *err)
{
	p->out = libusb_alloc_transfer(0);
	p->event = libusb_alloc_transfer(0);
	for (int i = 0; i < FTDI_QUEUE; i++) {
		struct ftdi_in *in = p->in[i] = calloc(1, sizeof(*in));

		if (!in || !(in->transfer = libusb_alloc_transfer(0)))
			return err_set(err, ERR_IO, "out of memory for USB transfers");
		in->port = p;
		/* out_ep is the endpoint we read from: libftdi names it as the chip sees it. */
		libusb_fill_bulk_transfer(in->transfer, p->ftdi->usb_dev,
					  (unsigned char)p->ftdi->out_ep, in->raw, sizeof(in->raw),
					  in_done, in, 0);
	}
	return p->out && p->event ? 0 : err_set(err, ERR_IO, "out of memory for USB transfers");
}

void ftdi_io_release(struct ftdi_port *p)
{
	for (int i = 0; i < FTDI_QUEUE; i++) {
		if (!p->in[i])
			continue;
		libusb_free_transfer(p->in[i]->transfer);
		free(p->in[i]);
	}
	libusb_free_transfer(p->out);
	libusb_free_transfer(p->event);
	sbuf_release(&p->kept);
}

static int flying(const struct ftdi_port *p)
{
	return flying_in(p) + p->out_flying + p->event_flying;
}

void ftdi_io_stop(struct ftdi_port *p)
{
	int64_t until = clock_ms() + FTDI_CANCEL_MS;

	p->paused = 1;
	for (int i = 0; i < FTDI_QUEUE; i++)
		if (p->in[i] && p->in[i]->flying)
			libusb_cancel_transfer(p->in[i]->transfer);
	if (p->out_flying)
		libusb_cancel_transfer(p->out);
	if (p->event_flying)
		libusb_cancel_transfer(p->event);
	while (flying(p) && clock_ms() < until)
		turn(p, until);
	p->paused = 0;
	if (flying(p))
		p->stuck = 1;
}

void ftdi_io_forget(struct ftdi_port *p)
{
	sbuf_reset(&p->kept);
	p->kept_at = p->errors_at = 0;
	p->errors = 0;
}

/* Queue the IN transfers that are not under way. */
static int fly(struct ftdi_port *p, struct err *err)
{
	if (!flying_in(p))
		p->heard_ms = clock_ms();
	for (int i = 0; i < FTDI_QUEUE; i++) {
		int rc;

		if (p->in[i]->flying)
			continue;
		rc = libusb_submit_transfer(p->in[i]->transfer);
		if (rc == LIBUSB_ERROR_NO_DEVICE)
			return ftdi_io_gone(p, err);
		if (rc)
			return ftdi_io_fail(p, libusb_strerror(rc), err);
		p->in[i]->flying = 1;
	}
	return 0;
}

static const char *status_text(int status)
{
	switch (status) {
	case LIBUSB_TRANSFER_STALL:
		return "the USB endpoint stalled";
	case LIBUSB_TRANSFER_OVERFLOW:
		return "the chip sent more than a USB packet holds";
	default:
		return "a USB transfer failed";
	}
}

/* Tell a bad end of an IN transfer, once. */
static int in_trouble(struct ftdi_port *p, struct err *err)
{
	int status = p->in_status;

	ftdi_io_stop(p); /* the other transfers have met the same */
	p->in_status = 0;
	if (status == LIBUSB_TRANSFER_STALL)
		libusb_clear_halt(p->ftdi->usb_dev, (unsigned char)p->ftdi->out_ep);
	return ftdi_io_fail(p, status_text(status), err);
}

/* Bytes that may be read before the next line error is told. */
static size_t readable(const struct ftdi_port *p)
{
	return (p->errors ? p->errors_at : p->kept.len) - p->kept_at;
}

static int take(void *out, size_t size, struct ftdi_port *p)
{
	size_t n = readable(p);

	if (n > size)
		n = size;
	if (n > INT32_MAX)
		n = INT32_MAX;
	memcpy(out, p->kept.data + p->kept_at, n);
	p->kept_at += n;
	if (p->kept_at == p->kept.len && !p->errors) {
		sbuf_reset(&p->kept);
		p->kept_at = 0;
	} else if (p->kept_at > FTDI_KEPT_MAX / 2) {
		/* errors_at is kept_at or later */
		p->kept.len -= p->kept_at;
		memmove(p->kept.data, p->kept.data + p->kept_at, p->kept.len + 1);
		p->errors_at -= p->errors ? p->kept_at : 0;
		p->kept_at = 0;
	}
	return (int)n;
}

/* A port with a read pending sends a status packet in every latency period,
 * whatever the board does: without them it is the port that is silent. */
static int deaf(const struct ftdi_port *p)
{
	return p->mode == FTDI_UART && clock_ms() - p->heard_ms > FTDI_DEAF_MS + p->latency_ms;
}

static int sends_nothing(const struct ftdi_port *p, struct err *err)
{
	return err_set(err, ERR_IO, "port %c of the interface sends no packets",
		       ftdi_port_letter(p));
}

static int line_error(struct ftdi_port *p, struct err *err)
{
	char what[32];

	ftdi_errors_text(what, p->errors);
	p->errors = 0;
	return err_set(err, ERR_LINE, "port %c at %lld bit/s: %s", ftdi_port_letter(p),
		       (long long)p->line.baud, what);
}

int ftdi_port_read(void *out, size_t size, struct ftdi_port *p, int64_t until_ms, struct err *err)
{
	for (int looked = 0;; looked = 1) {
		int r, late = clock_left_ms(until_ms) == 0;

		if (size && readable(p))
			return take(out, size, p);
		if (p->errors)
			return line_error(p, err);
		if (p->gone)
			return ftdi_io_gone(p, err);
		if (p->stuck)
			return err_set(err, ERR_IO, "port %c: the USB host holds a transfer",
				       ftdi_port_letter(p));
		if (p->in_status)
			return in_trouble(p, err);
		if (late && looked && deaf(p))
			return sends_nothing(p, err);
		if (late && looked)
			return 0;
		r = fly(p, err);
		if (r < 0)
			return r;
		turn(p, until_ms);
	}
}

/* Why a write did not get its bytes out in time. */
static int held_up(struct ftdi_port *p, size_t done, size_t size, struct err *err)
{
	uint8_t status[2];
	int rc = ftdi_io_status(status, p);

	if (rc)
		return ftdi_io_fail(p, "a write did not end", err);
	if (p->mode == FTDI_UART && p->line.rtscts && !(status[0] & FTDI_CTS))
		return err_set(err, ERR_TIMEOUT,
			       "port %c: %zu of %zu bytes written; the board holds the rest up by "
			       "flow control (CTS)",
			       ftdi_port_letter(p), done, size);
	return err_set(err, ERR_IO,
		       "port %c: %zu of %zu bytes written before the deadline; the port takes no "
		       "more",
		       ftdi_port_letter(p), done, size);
}

/* Send at most a chunk. Returns bytes sent, fewer at the deadline, or a code. */
static int send_chunk(struct ftdi_port *p, const uint8_t *data, size_t size, int64_t until_ms,
		      struct err *err)
{
	struct err ignored = { 0 };
	int rc;

	memcpy(p->out_raw, data, size);
	libusb_fill_bulk_transfer(p->out, p->ftdi->usb_dev, (unsigned char)p->ftdi->in_ep,
				  p->out_raw, (int)size, out_done, p, 0);
	rc = libusb_submit_transfer(p->out);
	if (rc == LIBUSB_ERROR_NO_DEVICE)
		return ftdi_io_gone(p, err);
	if (rc)
		return ftdi_io_fail(p, libusb_strerror(rc), err);
	p->out_flying = 1;
	/* A board may answer while it is still written to. Trouble here is the next
	 * read's. */
	if (p->mode != FTDI_BITBANG && !p->in_status)
		fly(p, &ignored);
	do
		turn(p, until_ms);
	while (p->out_flying && !p->gone && clock_left_ms(until_ms) != 0);
	if (p->out_flying) {
		int64_t until = clock_ms() + FTDI_CANCEL_MS;

		libusb_cancel_transfer(p->out);
		while (p->out_flying && clock_ms() < until)
			turn(p, until);
	}
	if (p->gone)
		return ftdi_io_gone(p, err);
	if (p->out_flying) {
		p->stuck = 1;
		return err_set(err, ERR_IO, "port %c: the USB host holds a transfer",
			       ftdi_port_letter(p));
	}
	if (p->out->status == LIBUSB_TRANSFER_COMPLETED ||
	    p->out->status == LIBUSB_TRANSFER_CANCELLED)
		return p->out->actual_length;
	if (p->out->status == LIBUSB_TRANSFER_STALL)
		libusb_clear_halt(p->ftdi->usb_dev, (unsigned char)p->ftdi->in_ep);
	return ftdi_io_fail(p, status_text((int)p->out->status), err);
}

int ftdi_port_write(struct ftdi_port *p, const void *data, size_t size, int64_t until_ms,
		    struct err *err)
{
	size_t done = 0;
	int r;

	if (p->gone)
		return ftdi_io_gone(p, err);
	if (p->stuck)
		return err_set(err, ERR_IO, "port %c: the USB host holds a transfer",
			       ftdi_port_letter(p));
	if (p->mode != FTDI_BITBANG && !p->in_status && !enough(p)) {
		r = fly(p, err);
		if (r < 0)
			return r;
	}
	while (done < size) {
		size_t n = size - done < FTDI_CHUNK ? size - done : FTDI_CHUNK;

		r = send_chunk(p, (const uint8_t *)data + done, n, until_ms, err);
		if (r < 0)
			return r;
		done += (size_t)r;
		if (done < size && clock_left_ms(until_ms) == 0)
			return held_up(p, done, size, err);
	}
	return 0;
}

int ftdi_port_event(struct ftdi_port *p, int event_char, struct err *err)
{
	int rc;

	if (p->gone)
		return ftdi_io_gone(p, err);
	/* A chip that has not taken the last one yet takes none: its timer serves. */
	if (p->event_char < 0 || p->event_char == event_char || p->event_flying)
		return 0;
	libusb_fill_control_setup(p->event_raw, FTDI_DEVICE_OUT_REQTYPE, SIO_SET_EVENT_CHAR_REQUEST,
				  (uint16_t)(event_char | 0x100), (uint16_t)p->ftdi->index, 0);
	libusb_fill_control_transfer(p->event, p->ftdi->usb_dev, p->event_raw, event_done, p, 0);
	rc = libusb_submit_transfer(p->event);
	if (rc == LIBUSB_ERROR_NO_DEVICE)
		return ftdi_io_gone(p, err);
	if (rc)
		return ftdi_io_fail(p, libusb_strerror(rc), err);
	p->event_flying = 1;
	p->event_char = event_char;
	return 0;
}

/* Whose fault it is that a drop did not see the line quiet: packets is how many
 * had come when it began. */
static int still_talking(const struct ftdi_port *p, uint64_t packets, int64_t begun_ms,
			 struct err *err)
{
	uint64_t came = p->packets.count - packets;

	if (came != p->packets.quiet) /* some had bytes */
		return err_set(err, ERR_TIMEOUT, "port %c: the board never stops talking",
			       ftdi_port_letter(p));
	if (!came && clock_ms() - begun_ms > p->latency_ms + FTDI_PACKET_MS)
		return sends_nothing(p, err);
	return err_set(err, ERR_DEADLINE, "port %c: no time left to hear whether the board talks",
		       ftdi_port_letter(p));
}

int ftdi_port_drop(struct ftdi_port *p, int64_t until_ms, struct err *err)
{
	int64_t begun = clock_ms();
	uint64_t flushed, packets;
	int r;

	if (p->gone)
		return ftdi_io_gone(p, err);
	do { /* what the kernel holds already */
		flushed = p->kept.len;
		turn(p, 0);
	} while (p->kept.len != flushed);
	if (ftdi_tciflush(p->ftdi) < 0)
		return ftdi_io_fail(p, "the receive buffer cannot be flushed", err);
	/* The flush does not stop what is on its way: two packets without bytes
	 * say that nothing is. No packet at all is no talk of the board's. */
	p->packets.quiet = 0;
	packets = p->packets.count;
	while (p->packets.quiet < 2) {
		if (p->gone)
			return ftdi_io_gone(p, err);
		if (p->in_status)
			return in_trouble(p, err);
		if (clock_left_ms(until_ms) == 0)
			return still_talking(p, packets, begun, err);
		r = fly(p, err);
		if (r < 0)
			return r;
		turn(p, until_ms);
		ftdi_io_forget(p);
	}
	ftdi_io_forget(p);
	return 0;
}

int ftdi_port_alive(struct ftdi_port *p, struct err *err)
{
	uint8_t status[2];
	int rc;

	if (p->gone)
		return ftdi_io_gone(p, err);
	rc = ftdi_io_status(status, p);
	if (rc == LIBUSB_ERROR_TIMEOUT || rc == LIBUSB_ERROR_PIPE)
		return err_set(err, ERR_IO, "port %c: the interface %s requests",
			       ftdi_port_letter(p),
			       rc == LIBUSB_ERROR_PIPE ? "refuses" : "does not answer");
	return rc ? ftdi_io_gone(p, err) : 0;
}
