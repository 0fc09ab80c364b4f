#ifndef STATION_LINK_LINK_H
#define STATION_LINK_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * link -- a byte channel to one role of one board (console, service, recovery).
 *
 * Rows (link.def): ftdi (a port of an FT4232H, by libftdi1 and libusb), replay
 * (a recording played back), fault (wraps another link and spoils it from a
 * seed) and record (wraps another link and writes every byte with its time).
 * Unit tests use link_memory.h, which is no row. A virtual board is reached
 * through ftdi like any other: it is a USB device.
 *
 * Adding a link `foo` takes two things, and `make lint` says which one is missing; what it
 * does on virtual boards is tried by tests/run/link.sh:
 *   1. station/link/link_foo.c  a const struct link_driver link_foo
 *   2. station/link/link.def    one line
 *
 * A link is opened, used and closed in one process and one thread, after the
 * fork. A deadline `until_ms` is a point on clock_ms(). All calls block.
 */
struct link;

/* How the line is set up; of a fixture's [channel ROLE]. */
struct link_line {
	int64_t baud; /* bit/s as asked for; refused when the chip is off by more than 1 % */
	int bits;     /* 7 or 8 */
	int stop;     /* 1 or 2 */
	char parity;  /* 'N' 'O' 'E' */
	int rtscts;
};

/* Where a link leads and how it is tuned. */
struct link_where {
	const char *usb; /* bus and port path, "1-1.2"; ftdi only */
	/* Expected FTDI serial. NULL: any one, but a blank EEPROM is refused;
	 * "none": the interface has no EEPROM. */
	const char *serial;
	int port; /* 0..3 for A..D */
	struct link_line line;
	int latency_ms;   /* 1..255, latency timer */
	int event_char;   /* 0..255: hands over at once; -1: off */
	const char *role; /* "console": names the channel in messages and recordings */
	int slot;
	const char *product; /* expected USB product string, or NULL: not verified */
};

struct link_ops { /* all called in the worker process, one at a time */
	const char *name;
	/* Wait for at least one byte, then take what is there, at most size.
	 * Returns bytes taken, 0 once until_ms is reached, or a negative code.
	 * No byte is lost at a deadline: what came late is given by the next read.
	 * ERR_GONE: unplugged; ERR_LINE: bytes were lost or damaged on the line
	 * (overrun, framing, parity), told once, bytes before it first. */
	int (*read)(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err);
	/* Write all of data before until_ms, or fail: ERR_GONE; ERR_TIMEOUT when
	 * flow control held it up; ERR_IO. Returns 0 or a negative code. */
	int (*write)(struct link *l, const void *data, size_t size, int64_t until_ms,
		     struct err *err);
	/* Throw away what has come so far and is on its way. */
	int (*drop)(struct link *l, int64_t until_ms, struct err *err);
	/* Change line, latency timer and event character, after all written
	 * bytes have left the chip. NULL where a row has no line (memory). */
	int (*tune)(struct link *l, const struct link_line *line, int latency_ms, int event_char,
		    int64_t until_ms, struct err *err);
	/* Change the event character alone, at once, where the channel has one: a hint
	 * which byte is waited for next. NULL where a row keeps nothing back. */
	int (*event)(struct link *l, int event_char, struct err *err);
	/* 0 when the link's hardware answers: tells unplugged (ERR_GONE) from a
	 * silent board. */
	int (*alive)(struct link *l, struct err *err);
	/* Called once, after a good open, whatever happened since. */
	void (*close)(struct link *l);
};

struct link {
	const struct link_ops *ops;
	void *priv; /* the row's own state */
	void (*hear)(void *payload, char direction, const void *bytes, size_t n);
	void *hear_payload; /* see link_listen() */
};

struct link_driver {         /* a row of link.def */
	const char *name;    /* as in `link = NAME[:OPTIONS]` */
	const char *summary; /* one line, no final stop */
	const char *options; /* "file", "seed=N,drop=P,flip=P", or NULL */
	/* Open by the text behind "NAME:" ("" if none). inner is the link to wrap,
	 * taken over on success, or NULL. */
	int (*open)(struct link **out, const char *options, const struct link_where *w,
		    struct link *inner, struct err *err);
	int wraps; /* needs an inner link: "fault:seed=1|ftdi" */
};

/* Open by text: "ftdi"; "replay:FILE"; "record:FILE|ftdi"; "fault:seed=42,drop=0.01|ftdi".
 * ERR_PLAN: no such row or option. Else as the row says: ERR_FIXTURE (no device at
 * the path, two devices, wrong serial, wrong chip), ERR_BUSY, ERR_ACCESS, ERR_IO. */
int link_open(struct link **out, const char *spec, const struct link_where *w, struct err *err);
int link_spec_check(const char *spec, struct err *err); /* names and nesting, opening nothing */
void link_close(struct link *l);                        /* NULL is fine; frees */

int link_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err);
int link_write(struct link *l, const void *data, size_t size, int64_t until_ms, struct err *err);
int link_puts(struct link *l, const char *text, int64_t until_ms, struct err *err);
int link_drop(struct link *l, int64_t until_ms, struct err *err);
int link_tune(struct link *l, const struct link_line *line, int latency_ms, int event_char,
	      int64_t until_ms, struct err *err);
int link_event(struct link *l, int event_char, struct err *err);
int link_alive(struct link *l, struct err *err);

/* Hear every byte of a link as it passes: direction '<' from the board, '>' to
 * it. One listener; for the unit's console log. */
void link_listen(struct link *l,
		 void (*hear)(void *payload, char direction, const void *bytes, size_t n),
		 void *payload);

extern const struct link_driver *const link_table[];
extern const size_t link_table_size;
const struct link_driver *link_find(const char *name); /* or NULL */

#endif /* STATION_LINK_LINK_H */
