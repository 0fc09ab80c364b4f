/* board -- opens a slot's links and pins for a board, and lets go of them. */
#include "board/board.h"

#include <stdlib.h>
#include <string.h>

#include "link/ftdi_chip.h"

static int open_link(struct board *b, enum board_role role, const struct fixture *f,
		     const char *link_spec, const char *wrap, struct err *err)
{
	const struct fixture_channel *c = fixture_channel(f, board_role_name(role));
	struct link_where where;
	struct sbuf spec = { 0 };
	int r;

	if (!c)
		return 0;
	where = (struct link_where){ .usb = b->slot->usb,
				     .serial = b->slot->ftdi_serial,
				     .port = c->port,
				     .line = c->line,
				     .latency_ms = (int)c->latency_ms,
				     .event_char = (int)c->event_char,
				     .role = c->role,
				     .slot = b->slot->number,
				     .product = f->ftdi_product };
	if (wrap)
		sbuf_printf(&spec, "%s|", wrap);
	sbuf_puts(&spec, link_spec ? link_spec : c->link);
	r = link_open(&b->links[role], sbuf_str(&spec), &where, err);
	sbuf_release(&spec);
	return r < 0 ? err_wrap(err, "slot %s", b->slot->name) : 0;
}

int board_open(struct board **out, const struct board_profile *p, const struct fixture *f,
	       const struct fixture_slot *s, const char *link_spec, const char *wrap,
	       struct err *err)
{
	struct board *b = calloc(1, sizeof(*b));
	int r = 0;

	*out = NULL;
	if (!b)
		abort();
	b->driver = p->driver;
	b->profile = p->profile;
	b->slot = s;
	for (int role = 0; role < ROLE_END_ && r >= 0; role++)
		r = open_link(b, role, f, link_spec, wrap, err);
	if (r >= 0)
		r = pins_open(&b->pins, f, s, err);
	if (r >= 0 && p->driver->open)
		r = p->driver->open(b, err);
	if (r < 0) {
		board_close(b);
		return r;
	}
	*out = b;
	return 0;
}

void board_close(struct board *b)
{
	if (!b)
		return;
	if (b->driver->close)
		b->driver->close(b);
	pins_close(b->pins);
	for (int role = 0; role < ROLE_END_; role++)
		link_close(b->links[role]);
	free(b);
}

int board_make_safe(const struct fixture *f, const struct fixture_slot *s, struct err *err)
{
	struct ftdi_expected e = { .usb = s->usb, .serial = s->ftdi_serial };
	struct ftdi_chip *chip;
	int r;

	(void)f;
	/* The first taker puts all four ports into UART mode: every pin is let go. */
	r = ftdi_chip_take(&chip, &e, err);
	if (r >= 0)
		ftdi_chip_give(chip);
	return r;
}
