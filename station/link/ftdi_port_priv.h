#ifndef STATION_LINK_FTDI_PORT_PRIV_H
#define STATION_LINK_FTDI_PORT_PRIV_H

#include <ftdi.h>

#include "base/sbuf.h"
#include "link/ftdi_line.h"
#include "link/ftdi_port.h"
#include "link/usb_node.h"

/* What ftdi_port.c (open, modes, line) and ftdi_io.c (bytes) share. */

enum {
	FTDI_QUEUE = 16,         /* IN transfers that stay queued; each ends with a short packet */
	FTDI_CHUNK = 4096,       /* bytes of a transfer, whole packets of either speed */
	FTDI_KEPT_MAX = 4 << 20, /* unread bytes; then the port's own FIFO fills up */
	FTDI_CANCEL_MS = 500,    /* longest time that a cancelled transfer may take */
	FTDI_PACKET_MS = 50, /* a packet comes this long after its latency timer, at the latest */
	FTDI_DEAF_MS = 1000, /* longest time without any packet, beside the latency timer */
};

struct ftdi_in {
	struct libusb_transfer *transfer;
	struct ftdi_port *port;
	int flying;
	uint8_t raw[FTDI_CHUNK];
};

struct ftdi_port {
	struct ftdi_context *ftdi;
	const char *user; /* role of the channel, or NULL */
	struct link_line line;
	int latency_ms, event_char;
	enum ftdi_port_mode mode;
	int interface;
	int gone;   /* unplugged: the handle is dead */
	int stuck;  /* a transfer did not come back; its memory stays */
	int paused; /* IN transfers are not queued again */

	struct ftdi_in *in[FTDI_QUEUE];
	int64_t heard_ms; /* the last packet, or the first transfer's start */
	int in_status;    /* a transfer's bad status, to be told; 0: none */
	struct ftdi_packets packets;
	struct sbuf kept; /* received, from kept_at on unread */
	size_t kept_at;
	uint8_t errors;   /* line errors to be told */
	size_t errors_at; /* once this much of kept is read */

	struct libusb_transfer *out;
	int out_flying;
	uint8_t out_raw[FTDI_CHUNK];

	struct libusb_transfer *event; /* the event character, changed on the fly */
	int event_flying;
	uint8_t event_raw[LIBUSB_CONTROL_SETUP_SIZE];
};

int ftdi_io_init(struct ftdi_port *p, struct err *err);
void ftdi_io_release(struct ftdi_port *p); /* ftdi_io_stop() first */
/* Call back every transfer; bytes that came are kept. */
void ftdi_io_stop(struct ftdi_port *p);
void ftdi_io_forget(struct ftdi_port *p); /* unread bytes and line errors */

/* What a failed request means: is the chip still there? */
int ftdi_io_fail(struct ftdi_port *p, const char *what, struct err *err);
int ftdi_io_gone(struct ftdi_port *p, struct err *err); /* ERR_GONE, for good */
/* Request 05: the two status bytes. Returns libusb's code. */
int ftdi_io_status(uint8_t status[2], struct ftdi_port *p);

#endif /* STATION_LINK_FTDI_PORT_PRIV_H */
