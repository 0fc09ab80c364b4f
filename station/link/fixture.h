#ifndef STATION_LINK_FIXTURE_H
#define STATION_LINK_FIXTURE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/param.h"
#include "link/link.h"

/*
 * fixture -- fixtures/NAME.ini: which USB socket is which slot, which port of
 * its FT4232H is which channel of the board, which pin is which signal.
 */
struct fixture_slot {
	const char *name;          /* "1" */
	int number;                /* place in the file, from 1 */
	const char *usb;           /* "1-1.2" */
	const char *ftdi_serial;   /* NULL: not verified; "none": interface without EEPROM */
	const char *network;       /* where this slot's throughput peer of the station
				    * listens, "127.0.0.1:5201", or NULL */
	const char *board_network; /* where the board's own server is reached, or NULL */
	const char *barcode;       /* scanned to choose the slot, or NULL */
};

struct fixture_channel {
	const char *role; /* "console", "service", "recovery", "debug" */
	const char *link; /* link spec, preset "ftdi" */
	int port;         /* 0..3 */
	struct link_line line;
	int64_t latency_ms;
	int64_t event_char; /* -1: off */
};

struct fixture_signal {
	const char *name;
	int port, bit; /* "D6": 3, 6 */
	int active_low;
	int mpsse; /* mode = mpsse: A and B only; else bit-bang */
};

struct fixture {
	const char *path, *id, *board; /* board: name of a board profile or family */
	const char *calibration_due;   /* "2027-05-31" or NULL; a run on or after it is refused */
	int64_t cycles_max;            /* 0: no limit */
	struct fixture_slot *slot;
	size_t slots;
	struct fixture_channel *channel;
	size_t channels;
	struct fixture_signal *signal;
	size_t signals;
	const char *sha256;       /* of the file */
	const char *ftdi_product; /* USB product string of every interface, or NULL: not verified */
};

/* Read and lint; findings go to f. *out is set even with findings and is fit
 * for use only when there was no error. Lives in the arena. ERR_CONF: the file
 * has errors or cannot be read. Checked: every key; USB paths well-formed;
 * paths, serials, networks, barcodes, ports and pins used once; lines that the
 * chip can run; MPSSE on C or D, beside bit-bang on one port or on a channel's
 * port; a signal on a pin that a channel's UART uses. A signal on another pin of
 * a channel's port is no mistake: the channel is deaf while it is driven. */
int fixture_load(struct fixture **out, struct arena *a, const char *path, struct findings *f,
		 struct err *err);

const struct fixture_slot *fixture_slot(const struct fixture *f, const char *name); /* or NULL */
const struct fixture_channel *fixture_channel(const struct fixture *f, const char *role);
const struct fixture_signal *fixture_signal(const struct fixture *f, const char *name);

/* The keys of each section, for --help, manual and README. */
extern const struct param fixture_params[], fixture_slot_params[], fixture_channel_params[],
	fixture_signal_params[];

#endif /* STATION_LINK_FIXTURE_H */
