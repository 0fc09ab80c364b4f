#ifndef STATION_LINK_USB_NODE_H
#define STATION_LINK_USB_NODE_H

#include <stddef.h>

#include <libusb.h>

#include "base/err.h"

/*
 * usb_node -- what link/ asks libusb about a device: where it is plugged in,
 * its strings, and what an error of libusb means. Private to link/.
 */
enum {
	USB_PATH_SIZE = 48,          /* "255-1.255.255.255.255.255.255" */
	USB_TEXT_SIZE = 3 * 127 + 1, /* UTF-8 of a string descriptor */
	/* A control request of a chip that answers takes microseconds. libusb and
	 * libftdi would wait for 1 to 5 s. */
	USB_CONTROL_MS = 400,
};

enum { USB_VID = 0x0403, USB_PID = 0x6011 }; /* FT4232H */

struct usb_device;
struct arena;
/* What usb_list() tells of one device; strings escaped. 0: it is no FT4232H. */
int usb_describe(struct usb_device *out, struct arena *a, libusb_device *d);

/* "1-1.2" of bus and port numbers; "1-0" for a root hub. */
const char *usb_node_path(char out[USB_PATH_SIZE], libusb_device *d);

/* The device that is at path now, if it has this address, which a replug would change. The
 * caller's, by libusb_unref_device(); NULL: it is not there. */
libusb_device *usb_node_at(libusb_context *usb, const char *path, int address);

/* Bus number and 1 to 7 port numbers, none of them zero or above 255. */
int usb_path_ok(const char *path);

/* String descriptor `index` as UTF-8, "" for index 0. Returns 0 or libusb's code. */
int usb_node_string(char out[USB_TEXT_SIZE], libusb_device_handle *h, int index);

/* Turn a code of libusb into ours with a text: "what: cause". */
int usb_node_fail(struct err *err, int rc, const char *what);

/* The kernel's driver of an interface, "ftdi_sio", or "usbfs" where a program has it.
 * -1: nobody has it, or it cannot be told. */
int usb_node_driver(char *out, size_t size, libusb_device *d, int interface);

/* Who holds an interface of a device: "ftdi_sio", "program 'minicom' (pid 77)",
 * or "another program" when it cannot be told. */
const char *usb_node_owner(char *out, size_t size, libusb_device *d, int interface);

#endif /* STATION_LINK_USB_NODE_H */
