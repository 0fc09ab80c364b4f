#include "link/usb_context.h"

#include <unistd.h>

#include "link/usb_node.h"

static libusb_context *kept;
static pid_t owner;

int usb_context(libusb_context **out, struct err *err)
{
	int rc;

	if (kept && owner != getpid())
		return err_set(err, ERR_INTERNAL,
			       "USB was in use before this process was forked; it opens nothing");
	if (!kept) {
		rc = libusb_init(&kept);
		if (rc) {
			kept = NULL;
			return usb_node_fail(err, rc, "USB");
		}
		owner = getpid();
		/* For contexts that are started from here on. */
		libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
	}
	*out = kept;
	return 0;
}
