#ifndef STATION_LINK_USB_WATCH_H
#define STATION_LINK_USB_WATCH_H

/*
 * usb_watch -- a process that tells what FT4232H are plugged in and pulled out.
 *
 * It sends packets of text over its end of a SEQPACKET socket, fields split by tabs
 * (escaped strings hold none):
 *
 *	here  PATH ADDRESS SERIAL PRODUCT PROBLEM
 *					plugged in, or known better than before; ADDRESS:
 *					on its bus, another one each time it is plugged in
 *	gone  PATH
 *	ready				all that was there at the start has been told
 *	error TEXT			it cannot watch, and ends
 *	alive				nothing new, every USB_WATCH_BEAT_MS
 *
 * By libusb's hotplug events; where the system has none, by listing every second.
 */
enum { USB_WATCH_PACKET = 4096, USB_WATCH_BEAT_MS = 2000 };

/* In a forked child of its own: never returns; ends when the other end does. */
_Noreturn void usb_watch(int fd);

#endif /* STATION_LINK_USB_WATCH_H */
