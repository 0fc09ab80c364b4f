#ifndef STATION_LINK_USB_H
#define STATION_LINK_USB_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * usb -- what is plugged in, by bus and port path.
 *
 * Listing happens in a short-lived child, because libusb_init() starts a thread
 * and the supervisor, which forks workers, must not hold one.
 */
struct usb_device {
	const char *path; /* "1-1.2" */
	uint16_t vid, pid, bcd_device;
	const char *serial, *product, *manufacturer; /* "" when they cannot be read */
	const char *problem;                         /* why it could not be opened, or NULL */
	const char *held; /* "A B C D: ftdi_sio": who has which ports, or NULL: nobody */
};

struct usb_list {
	struct usb_device *device;
	size_t count;
};

/* All devices of 0403:6011 (FT4232H); strings escaped. Returns 0, ERR_IO, or
 * ERR_DEADLINE when the child did not answer before until_ms. */
int usb_list(struct usb_list *out, struct arena *a, int64_t until_ms, struct err *err);

/* The same in this process: for workers and the child. */
int usb_list_here(struct usb_list *out, struct arena *a, struct err *err);

#endif /* STATION_LINK_USB_H */
