#include "link/ftdi_chip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/sbuf.h"
#include "base/text.h"
#include "link/usb.h"
#include "link/usb_context.h"
#include "link/usb_node.h"

enum {
	PORTS = 4,
	SETTLE_MS = 300, /* udev's time to give a new device its rights */
	GONE_MS = 200,   /* udev's time to tell that one is gone */
	VID = 0x0403,
	PID = 0x6011,
	/* libftdi 1.5 takes the HA and HP chips (0x3600 ...) for an FT232BM, leaves
	 * the port number out of its requests and so programs the wrong port. */
	BCD = 0x0800,
};

/* What an FT4232H without EEPROM calls itself. */
static const char blank_product[] = "Quad RS232-HS";

struct ftdi_chip {
	struct ftdi_chip *next;
	pid_t owner; /* the process that opened it */
	int takers;
	uint8_t address;
	char path[USB_PATH_SIZE], serial[USB_TEXT_SIZE], product[USB_TEXT_SIZE];
	struct ftdi_port *port[PORTS];
};

static struct ftdi_chip *chips; /* of this process; one per slot */

/* --- who is there --- */

/* "; FT4232H on the bus: 1-1.1 (FX2A01), 1-1.3 (no serial)" */
static void name_others(struct sbuf *out)
{
	struct arena a = { 0 };
	struct err ignored = { 0 };
	struct usb_list list;

	if (!usb_list_here(&list, &a, &ignored)) {
		sbuf_puts(out, list.count ? "; FT4232H on the bus:" : "; no FT4232H on the bus");
		for (size_t i = 0; i < list.count; i++)
			sbuf_printf(out, "%s %s (%s)", i ? "," : "", list.device[i].path,
				    *list.device[i].serial ? list.device[i].serial : "no serial");
	}
	arena_free(&a);
}

static int not_there(const struct ftdi_expected *e, struct err *err)
{
	struct sbuf others = { 0 };
	int r;

	name_others(&others);
	r = err_set(err, ERR_FIXTURE, "expected an FT4232H%s%s at USB path %s, found nothing%s",
		    e->serial ? " with serial " : "", e->serial ? e->serial : "", e->usb,
		    sbuf_str(&others));
	sbuf_release(&others);
	return r;
}

static int is_blank(const char *serial, const char *product)
{
	return !*serial && (!*product || !strcmp(product, blank_product));
}

static int verify(const struct ftdi_expected *e, const char *serial, const char *product,
		  struct err *err)
{
	int none = e->serial && !strcmp(e->serial, "none");
	const char *want = none ? NULL : e->serial;
	struct sbuf text = { 0 };
	int r;

	if ((none || !is_blank(serial, product)) && (!want || !strcmp(want, serial)) &&
	    (!e->product || !strcmp(e->product, product)))
		return 0;
	if ((is_blank(serial, product) && !none) || (e->product && strcmp(e->product, product)))
		sbuf_puts(&text, "interface EEPROM not programmed as expected: ");
	sbuf_printf(&text, "expected product '%s', serial '%s' at USB path %s, found '",
		    e->product ? e->product : "any", want ? want : "any", e->usb);
	text_escape(&text, product, strlen(product));
	sbuf_puts(&text, "', '");
	text_escape(&text, serial, strlen(serial));
	sbuf_puts(&text, "'");
	name_others(&text);
	r = err_set(err, ERR_FIXTURE, "%s", sbuf_str(&text));
	sbuf_release(&text);
	return r;
}

/* --- open --- */

/* Right after a device is plugged in its node belongs to root, until udev has
 * read the rule: wait a moment before "no permission" is the answer. */
static int open_node(libusb_device_handle **out, libusb_device *d)
{
	int64_t until = clock_ms() + SETTLE_MS;
	int rc;

	while ((rc = libusb_open(d, out)) == LIBUSB_ERROR_ACCESS && clock_ms() < until)
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	return rc;
}

static int read_names(struct ftdi_chip *c, libusb_device *d,
		      const struct libusb_device_descriptor *desc, struct err *err)
{
	libusb_device_handle *h;
	char what[80];
	int rc = open_node(&h, d);

	snprintf(what, sizeof(what), "interface at USB path %s", c->path);
	if (rc)
		return usb_node_fail(err, rc, what);
	rc = usb_node_string(c->product, h, desc->iProduct);
	if (!rc)
		rc = usb_node_string(c->serial, h, desc->iSerialNumber);
	libusb_close(h);
	return rc ? usb_node_fail(err, rc, what) : 0;
}

static int identify(struct ftdi_chip *c, const struct ftdi_expected *e, libusb_device *d,
		    struct err *err)
{
	struct libusb_device_descriptor desc;
	int r = libusb_get_device_descriptor(d, &desc);

	if (r)
		return usb_node_fail(err, r, "device descriptor");
	if (desc.idVendor != VID || desc.idProduct != PID)
		return err_set(err, ERR_FIXTURE,
			       "expected an FT4232H (%04x:%04x) at USB path %s, found a device "
			       "%04x:%04x",
			       VID, PID, e->usb, desc.idVendor, desc.idProduct);
	if (desc.bcdDevice != BCD)
		return err_set(err, ERR_FIXTURE,
			       "expected an FT4232H of bcdDevice 0x%04x at USB path %s, found "
			       "0x%04x, which libftdi drives wrongly",
			       BCD, e->usb, desc.bcdDevice);
	c->address = libusb_get_device_address(d);
	r = read_names(c, d, &desc, err);
	return r < 0 ? r : verify(e, c->serial, c->product, err);
}

static int find(struct ftdi_chip *c, const struct ftdi_expected *e, struct err *err)
{
	libusb_device **list = NULL, *found = NULL;
	char here[USB_PATH_SIZE];
	libusb_context *usb;
	ssize_t n;
	int r;

	r = usb_context(&usb, err);
	if (r < 0)
		return r;
	n = libusb_get_device_list(usb, &list);
	if (n < 0)
		r = usb_node_fail(err, (int)n, "USB");
	for (ssize_t i = 0; i < n && !r; i++) {
		if (strcmp(usb_node_path(here, list[i]), e->usb))
			continue;
		if (found)
			r = err_set(err, ERR_FIXTURE,
				    "two devices at USB path %s: addresses %d and %d", e->usb,
				    libusb_get_device_address(found),
				    libusb_get_device_address(list[i]));
		found = list[i];
	}
	if (!r && found)
		r = identify(c, e, found, err);
	else if (!r)
		r = not_there(e, err);
	if (n >= 0)
		libusb_free_device_list(list, 1);
	return r;
}

static void chip_close(struct ftdi_chip *c)
{
	for (int i = 0; i < PORTS; i++)
		ftdi_port_close(c->port[i]);
	free(c);
}

/* A device that goes while it is opened fails in as many ways as there are requests, and
 * libusb hears from udev a moment later that it is gone. */
static int blame_cable(const struct ftdi_chip *c, int r, struct err *err)
{
	int64_t until = clock_ms() + GONE_MS;
	libusb_context *usb;
	struct err ignored = { 0 };
	libusb_device *d;

	if (r != ERR_IO || !c->address || usb_context(&usb, &ignored) < 0)
		return r;
	while ((d = usb_node_at(usb, c->path, c->address))) {
		libusb_unref_device(d);
		if (clock_ms() >= until)
			return r;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return err_set(err, ERR_GONE, "USB path %s: the interface was unplugged", c->path);
}

static int chip_open(struct ftdi_chip **out, const struct ftdi_expected *e, struct err *err)
{
	struct ftdi_chip *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return err_set(err, ERR_IO, "out of memory");
	c->owner = getpid();
	snprintf(c->path, sizeof(c->path), "%s", e->usb);
	r = find(c, e, err);
	for (int i = 0; i < PORTS && !r; i++) {
		r = ftdi_port_open(&c->port[i], c->path, c->address, i, err);
		if (r < 0)
			err_wrap(err, "USB path %s", c->path);
	}
	r = blame_cable(c, r, err);
	if (r < 0)
		chip_close(c);
	else
		*out = c;
	return r;
}

static struct ftdi_chip *find_open(const char *usb)
{
	struct ftdi_chip *c = chips;

	while (c && (c->owner != getpid() || strcmp(c->path, usb)))
		c = c->next;
	return c;
}

int ftdi_chip_take(struct ftdi_chip **out, const struct ftdi_expected *e, struct err *err)
{
	struct ftdi_chip *c;
	int r;

	if (!usb_path_ok(e->usb ? e->usb : ""))
		return err_set(err, ERR_FIXTURE, "'%s' is no USB path such as 1-1.2",
			       e->usb ? e->usb : "");
	c = find_open(e->usb);
	if (c) {
		for (int i = 0; i < PORTS; i++)
			if (ftdi_port_is_gone(c->port[i]))
				return err_set(err, ERR_GONE,
					       "the USB interface at %s was unplugged", e->usb);
		r = verify(e, c->serial, c->product, err);
	} else {
		r = chip_open(&c, e, err);
		if (!r) {
			c->next = chips;
			chips = c;
		}
	}
	if (r < 0)
		return r;
	c->takers++;
	*out = c;
	return 0;
}

void ftdi_chip_give(struct ftdi_chip *c)
{
	if (!c || --c->takers > 0)
		return;
	for (struct ftdi_chip **at = &chips; *at; at = &(*at)->next) {
		if (*at != c)
			continue;
		*at = c->next;
		break;
	}
	chip_close(c);
}

int ftdi_chip_seen(const char **product, const char **serial, const char *usb)
{
	const struct ftdi_chip *c = find_open(usb);

	if (!c)
		return -1;
	*product = c->product;
	*serial = c->serial;
	return 0;
}

struct ftdi_port *ftdi_chip_port(struct ftdi_chip *c, int port)
{
	return c->port[port];
}
