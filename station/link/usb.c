#include "link/usb.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/proc.h"
#include "base/sbuf.h"
#include "base/text.h"
#include "link/usb_context.h"
#include "link/usb_node.h"

enum {
	ANSWER_MAX = 1 << 20, /* of the child */
};

/* --- in this process --- */

/* Ports by who has them. */
static const char *held(struct arena *a, libusb_device *d)
{
	struct sbuf text = { 0 };
	char owner[96], last[96] = "";
	const char *out;

	for (int i = 0; i < 4; i++) {
		if (usb_node_driver(owner, sizeof(owner), d, i))
			continue;
		usb_node_owner(owner, sizeof(owner), d, i);
		if (*last && strcmp(owner, last))
			sbuf_printf(&text, ": %s, ", last);
		else if (*last)
			sbuf_putc(&text, ' ');
		sbuf_putc(&text, (char)('A' + i));
		snprintf(last, sizeof(last), "%s", owner);
	}
	if (*last)
		sbuf_printf(&text, ": %s", last);
	out = text.len ? arena_strdup(a, sbuf_str(&text)) : NULL;
	sbuf_release(&text);
	return out;
}

int usb_describe(struct usb_device *out, struct arena *a, libusb_device *d)
{
	struct libusb_device_descriptor desc;
	char path[USB_PATH_SIZE], text[USB_TEXT_SIZE];
	const char **field[] = { &out->serial, &out->product, &out->manufacturer };
	libusb_device_handle *h;
	int rc;

	if (libusb_get_device_descriptor(d, &desc) || desc.idVendor != USB_VID ||
	    desc.idProduct != USB_PID)
		return 0;
	const int index[] = { desc.iSerialNumber, desc.iProduct, desc.iManufacturer };
	rc = libusb_open(d, &h);
	*out = (struct usb_device){
		.path = arena_strdup(a, usb_node_path(path, d)),
		.vid = desc.idVendor,
		.pid = desc.idProduct,
		.bcd_device = desc.bcdDevice,
		.serial = "",
		.product = "",
		.manufacturer = "",
		.held = held(a, d),
	};
	for (int i = 0; i < 3 && !rc; i++) {
		int got = usb_node_string(text, h, index[i]);

		if (got)
			out->problem = arena_printf(a, SAID("its strings cannot be read: %s"),
						    libusb_strerror(got));
		else
			*field[i] = text_escaped(a, text, strlen(text));
		if (got == LIBUSB_ERROR_TIMEOUT)
			break; /* the next would only wait as long */
	}
	if (rc)
		out->problem =
			rc == LIBUSB_ERROR_ACCESS
				? SAID("no permission; install fixtures/60-station.rules and "
				       "join its group")
				: arena_strdup(a, libusb_strerror(rc));
	else
		libusb_close(h);
	return 1;
}

static int by_path(const void *a, const void *b)
{
	return strverscmp(((const struct usb_device *)a)->path,
			  ((const struct usb_device *)b)->path);
}

int usb_list_here(struct usb_list *out, struct arena *a, struct err *err)
{
	struct usb_list found = { 0 };
	libusb_device **list;
	libusb_context *usb;
	ssize_t n;
	int r = usb_context(&usb, err);

	if (r < 0)
		return r;
	n = libusb_get_device_list(usb, &list);
	if (n < 0)
		return usb_node_fail(err, (int)n, "USB");
	found.device = arena_alloc(a, ((size_t)n + 1) * sizeof(*found.device));
	for (ssize_t i = 0; i < n; i++)
		found.count += (size_t)usb_describe(&found.device[found.count], a, list[i]);
	libusb_free_device_list(list, 1);
	qsort(found.device, found.count, sizeof(*found.device), by_path);
	*out = found;
	return 0;
}

/* --- in a child --- */

/* A line per device, its fields split by tabs (escaped strings hold none), then
 * "end", or "error" and the text. */
static _Noreturn void child(int fd)
{
	struct usb_list list;
	struct arena a = { 0 };
	struct err err = { 0 };
	struct sbuf text = { 0 };

	if (usb_list_here(&list, &a, &err) < 0) {
		sbuf_printf(&text, "error\t%s\t%s\n", err_name(err.code), err.text);
	} else {
		for (size_t i = 0; i < list.count; i++) {
			const struct usb_device *d = &list.device[i];

			sbuf_printf(&text, "%s\t%u\t%u\t%u\t%s\t%s\t%s\t%s\t%s\n", d->path, d->vid,
				    d->pid, d->bcd_device, d->serial, d->product, d->manufacturer,
				    d->problem ? d->problem : "", d->held ? d->held : "");
		}
		sbuf_puts(&text, "end\n");
	}
	_exit(write_all(fd, text.data, text.len) ? 1 : 0);
}

/* All that the child writes until it ends its side, in the arena. */
static int hear(char **out, struct arena *a, int fd, int64_t until_ms, struct err *err)
{
	struct sbuf got = { 0 };
	int r = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char bytes[4096];
		int ready = poll(&p, 1, clock_left_ms(until_ms));
		ssize_t n;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0) {
			r = err_set(err, ERR_DEADLINE, "listing the USB devices took too long");
			break;
		}
		n = ready < 0 ? -1 : read(fd, bytes, sizeof(bytes));
		if (n < 0 || got.len > ANSWER_MAX) {
			r = err_set(err, ERR_IO, "listing the USB devices failed: %s",
				    n < 0 ? strerror(errno) : SAID("it has no end"));
			break;
		}
		if (n == 0)
			break;
		sbuf_add(&got, bytes, (size_t)n);
	}
	if (!r)
		*out = arena_strdup(a, sbuf_str(&got));
	sbuf_release(&got);
	return r;
}

static int parse(struct usb_list *out, struct arena *a, char *text, struct err *err)
{
	struct usb_list found = { 0 };
	size_t lines = 0;

	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	found.device = arena_alloc(a, (lines + 1) * sizeof(*found.device));
	for (char *line; (line = strsep(&text, "\n")) && text;) {
		struct usb_device *d = &found.device[found.count];
		char *field[9];
		int n = 0;

		if (!strcmp(line, "end")) {
			*out = found;
			return 0;
		}
		while (n < 9 && (field[n] = strsep(&line, "\t")))
			n++;
		if (n == 3 && !strcmp(field[0], "error"))
			return err_set(err, err_find(field[1]), "%s", field[2]);
		if (n != 9)
			break;
		*d = (struct usb_device){
			.path = field[0],
			.vid = (uint16_t)strtoul(field[1], NULL, 10),
			.pid = (uint16_t)strtoul(field[2], NULL, 10),
			.bcd_device = (uint16_t)strtoul(field[3], NULL, 10),
			.serial = field[4],
			.product = field[5],
			.manufacturer = field[6],
			.problem = *field[7] ? field[7] : NULL,
			.held = *field[8] ? field[8] : NULL,
		};
		found.count++;
	}
	return err_set(err, ERR_IO, "the process that lists the USB devices ended early");
}

int usb_list(struct usb_list *out, struct arena *a, int64_t until_ms, struct err *err)
{
	char *text = NULL;
	int fd[2], r;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return err_set(err, ERR_IO, "pipe: %s", strerror(errno));
	fflush(NULL); /* else the child would hold a copy of what is still to be printed */
	pid = fork();
	if (pid == 0) {
		loop_signals_reset();
		if (dup2(fd[1], 3) < 0)
			_exit(1);
		close_range(4, ~0U, 0); /* nothing of the supervisor's */
		child(3);
	}
	close(fd[1]);
	if (pid < 0) {
		close(fd[0]);
		return err_set(err, ERR_IO, "fork: %s", strerror(errno));
	}
	r = hear(&text, a, fd[0], until_ms, err);
	close(fd[0]);
	proc_end(pid);
	return r < 0 ? r : parse(out, a, text, err);
}
