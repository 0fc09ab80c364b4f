/* link_ftdi -- a port of an FT4232H as a byte channel. The chip is found and
 * shared by ftdi_chip.h; the bytes are ftdi_port.h's. */
#include <stdlib.h>

#include "base/clock.h"
#include "link/ftdi_chip.h"
#include "link/ftdi_line.h"

enum { OPEN_MS = 2000 }; /* longest wait for the line of an opened port */

struct link_ftdi {
	struct link link;
	struct ftdi_chip *chip;
	struct ftdi_port *port;
};

/* A port that drives pins hears nothing: silence there is no fault of the unit. */
static int usable(struct ftdi_port **out, const struct link *l, struct err *err)
{
	const struct link_ftdi *f = l->priv;

	*out = f->port;
	if (ftdi_port_mode(f->port) == FTDI_UART)
		return 0;
	return err_set(err, ERR_LACKS,
		       "port %c drives pins; it is a channel again when they are released",
		       ftdi_port_letter(f->port));
}

static int ftdi_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	struct ftdi_port *p;
	int r = usable(&p, l, err);

	return r < 0 ? r : ftdi_port_read(out, size, p, until_ms, err);
}

static int ftdi_write(struct link *l, const void *data, size_t size, int64_t until_ms,
		      struct err *err)
{
	struct ftdi_port *p;
	int r = usable(&p, l, err);

	return r < 0 ? r : ftdi_port_write(p, data, size, until_ms, err);
}

static int ftdi_drop(struct link *l, int64_t until_ms, struct err *err)
{
	struct ftdi_port *p;
	int r = usable(&p, l, err);

	return r < 0 ? r : ftdi_port_drop(p, until_ms, err);
}

static int ftdi_tune(struct link *l, const struct link_line *line, int latency_ms, int event_char,
		     int64_t until_ms, struct err *err)
{
	struct ftdi_port *p;
	int r = usable(&p, l, err);

	return r < 0 ? r : ftdi_port_tune(p, line, latency_ms, event_char, until_ms, err);
}

static int ftdi_event(struct link *l, int event_char, struct err *err)
{
	struct ftdi_port *p;
	int r = usable(&p, l, err);

	return r < 0 ? r : ftdi_port_event(p, event_char, err);
}

static int ftdi_alive(struct link *l, struct err *err)
{
	struct link_ftdi *f = l->priv;

	return ftdi_port_alive(f->port, err);
}

static void ftdi_close(struct link *l)
{
	struct link_ftdi *f = l->priv;

	ftdi_port_detach(f->port);
	ftdi_chip_give(f->chip);
	free(f);
}

static const struct link_ops ops = {
	.name = "ftdi",
	.read = ftdi_read,
	.write = ftdi_write,
	.drop = ftdi_drop,
	.tune = ftdi_tune,
	.event = ftdi_event,
	.alive = ftdi_alive,
	.close = ftdi_close,
};

static int ftdi_open(struct link **out, const char *options, const struct link_where *w,
		     struct link *inner, struct err *err)
{
	struct ftdi_expected e = { .usb = w->usb, .serial = w->serial, .product = w->product };
	struct link_ftdi *f;
	int r;

	(void)options;
	(void)inner;
	if (w->port < 0 || w->port > 3)
		return err_set(err, ERR_CONF, "port %d is none of A to D", w->port);
	r = ftdi_line_check(NULL, &w->line, err);
	if (r < 0)
		return r;
	f = calloc(1, sizeof(*f));
	if (!f)
		return err_set(err, ERR_IO, "out of memory");
	r = ftdi_chip_take(&f->chip, &e, err);
	if (!r) {
		f->port = ftdi_chip_port(f->chip, w->port);
		r = ftdi_port_attach(f->port, w->role, &w->line, w->latency_ms, w->event_char,
				     clock_ms() + OPEN_MS, err);
	}
	if (r < 0) {
		ftdi_chip_give(f->chip);
		free(f);
		return r;
	}
	f->link = (struct link){ .ops = &ops, .priv = f };
	*out = &f->link;
	return 0;
}

const struct link_driver link_ftdi = {
	.name = "ftdi",
	.summary = "a port of the slot's FT4232H, or of a virtual one",
	.open = ftdi_open,
};
