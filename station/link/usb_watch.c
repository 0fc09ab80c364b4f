#include "link/usb_watch.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "link/usb.h"
#include "link/usb_node.h"

enum {
	LIST_MS = 1000, /* between two lists where there are no events */
	AGAIN_MS = 300, /* udev sets the rights of a device some time after it came */
	AGAIN_TIMES = 10,
};

struct seen {
	struct seen *next;
	libusb_device *device;
	char path[USB_PATH_SIZE];
	int told, problem, tries, listed;
	int64_t again_ms;
};

struct change { /* from a callback, in which no device may be asked anything */
	struct change *next;
	libusb_device *device;
	int came;
};

struct watch {
	int fd;
	libusb_context *usb;
	struct seen *seen;
	struct change *first, **last;
	int64_t beat_ms; /* when it says again that it is alive */
};

static void say(const struct watch *w, const char *text)
{
	if (send(w->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		_exit(0); /* nobody is left who would want to know */
}

static void beat(struct watch *w)
{
	int64_t now = clock_ms();

	if (now < w->beat_ms)
		return;
	w->beat_ms = now + USB_WATCH_BEAT_MS;
	say(w, "alive");
}

static void tell_here(struct watch *w, struct seen *s)
{
	struct usb_device d;
	struct arena a = { 0 };
	char *line;

	beat(w); /* many that do not answer take their time */
	if (usb_describe(&d, &a, s->device)) {
		/* A problem that lasts is told once, its end at once. */
		if (!s->told || s->problem != (d.problem != NULL)) {
			line = arena_printf(&a, "here\t%s\t%d\t%.400s\t%.400s\t%.400s", s->path,
					    libusb_get_device_address(s->device), d.serial,
					    d.product, d.problem ? d.problem : "");
			say(w, line);
		}
		s->problem = d.problem != NULL;
		s->told = 1;
	}
	s->again_ms = s->problem && s->tries++ < AGAIN_TIMES ? clock_ms() + AGAIN_MS : CLOCK_NEVER;
	arena_free(&a);
}

static void forget(struct watch *w, struct seen **at)
{
	struct seen *s = *at;
	char line[USB_PATH_SIZE + 8];

	*at = s->next;
	snprintf(line, sizeof(line), "gone\t%s", s->path);
	say(w, line);
	libusb_unref_device(s->device);
	free(s);
}

static void went(struct watch *w, libusb_device *d)
{
	for (struct seen **at = &w->seen; *at; at = &(*at)->next)
		if ((*at)->device == d) {
			forget(w, at);
			return;
		}
}

static struct seen *find(struct watch *w, const libusb_device *d)
{
	for (struct seen *s = w->seen; s; s = s->next)
		if (s->device == d)
			return s;
	return NULL;
}

static void came(struct watch *w, libusb_device *d)
{
	struct libusb_device_descriptor desc;
	struct seen *s;

	if (find(w, d) || libusb_get_device_descriptor(d, &desc) || desc.idVendor != USB_VID ||
	    desc.idProduct != USB_PID)
		return;
	s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	s->device = libusb_ref_device(d);
	usb_node_path(s->path, d);
	s->next = w->seen;
	w->seen = s;
	tell_here(w, s);
}

static int LIBUSB_CALL on_event(libusb_context *usb, libusb_device *d, libusb_hotplug_event event,
				void *payload)
{
	struct watch *w = payload;
	struct change *c = calloc(1, sizeof(*c));

	(void)usb;
	if (!c)
		abort();
	c->device = libusb_ref_device(d);
	c->came = event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED;
	*w->last = c;
	w->last = &c->next;
	return 0;
}

static void serve_changes(struct watch *w)
{
	for (struct change *c; (c = w->first);) {
		w->first = c->next;
		if (!w->first)
			w->last = &w->first;
		if (c->came)
			came(w, c->device);
		else
			went(w, c->device);
		libusb_unref_device(c->device);
		free(c);
	}
}

static int64_t ask_again(struct watch *w)
{
	int64_t next = CLOCK_NEVER, now = clock_ms();

	for (struct seen *s = w->seen; s; s = s->next) {
		if (s->again_ms <= now)
			tell_here(w, s);
		if (s->again_ms < next)
			next = s->again_ms;
	}
	return next;
}

static void list(struct watch *w)
{
	libusb_device **device;
	ssize_t n = libusb_get_device_list(w->usb, &device);
	struct seen **at = &w->seen;

	if (n < 0)
		return; /* the next list may tell */
	for (struct seen *s = w->seen; s; s = s->next)
		s->listed = 0;
	for (ssize_t i = 0; i < n; i++) {
		struct seen *s = find(w, device[i]);

		if (s)
			s->listed = 1;
	}
	while (*at)
		if (!(*at)->listed)
			forget(w, at);
		else
			at = &(*at)->next;
	for (ssize_t i = 0; i < n; i++)
		came(w, device[i]);
	libusb_free_device_list(device, 1);
}

/* The other end is closed, or this much time went by. */
static int abandoned(const struct watch *w, int wait_ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) > 0 && (p.revents & (POLLIN | POLLHUP | POLLERR));
}

_Noreturn void usb_watch(int fd)
{
	struct watch w = { .fd = fd };
	int rc = libusb_init(&w.usb), events = 0;

	w.last = &w.first;
	if (rc) {
		char text[128];

		snprintf(text, sizeof(text), "error\t%s", libusb_strerror(rc));
		say(&w, text);
		_exit(1);
	}
	if (libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG))
		events = !libusb_hotplug_register_callback(
			w.usb,
			LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
			LIBUSB_HOTPLUG_ENUMERATE, USB_VID, USB_PID, LIBUSB_HOTPLUG_MATCH_ANY,
			on_event, &w, NULL);
	if (!events)
		list(&w);
	serve_changes(&w);
	say(&w, "ready");
	for (;;) {
		int64_t next = ask_again(&w), left = next - clock_ms();
		struct timeval tv = { .tv_sec = 1 };

		if (next != CLOCK_NEVER && left < 1000)
			tv = (struct timeval){ .tv_usec = left > 0 ? left * 1000 : 1 };
		if (events)
			libusb_handle_events_timeout_completed(w.usb, &tv, NULL);
		if (abandoned(&w, events ? 0 : LIST_MS))
			_exit(0);
		if (!events)
			list(&w);
		serve_changes(&w);
		beat(&w);
	}
}
