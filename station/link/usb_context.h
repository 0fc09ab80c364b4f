#ifndef STATION_LINK_USB_CONTEXT_H
#define STATION_LINK_USB_CONTEXT_H

#include <libusb.h>

#include "base/err.h"

/*
 * usb_context -- the process's one libusb context. Private to link/.
 *
 * Starting one looks at every device of the machine, which takes milliseconds
 * where sixteen boards are plugged in; libftdi starts one for each interface. So
 * the first one here does the looking, is kept to the end of the process, and
 * serves all ports; those of libftdi are told not to look and are replaced.
 */

/* The context: started by the first call, never ended, with a device list that
 * follows what is plugged in. Not for a process whose parent had one (libusb's
 * thread does not survive a fork): ERR_INTERNAL. Else ERR_IO. */
int usb_context(libusb_context **out, struct err *err);

#endif /* STATION_LINK_USB_CONTEXT_H */
