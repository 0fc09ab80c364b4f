#include "link/usb_node.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *usb_node_path(char out[USB_PATH_SIZE], libusb_device *d)
{
	uint8_t port[7];
	int ports = libusb_get_port_numbers(d, port, sizeof(port));
	int at = snprintf(out, USB_PATH_SIZE, "%d-%d", libusb_get_bus_number(d),
			  ports > 0 ? port[0] : 0);

	for (int i = 1; i < ports; i++)
		at += snprintf(out + at, (size_t)(USB_PATH_SIZE - at), ".%d", port[i]);
	return out;
}

libusb_device *usb_node_at(libusb_context *usb, const char *path, int address)
{
	libusb_device **list, *found = NULL;
	char here[USB_PATH_SIZE];
	ssize_t n = libusb_get_device_list(usb, &list);

	for (ssize_t i = 0; i < n && !found; i++)
		if (libusb_get_device_address(list[i]) == address &&
		    !strcmp(usb_node_path(here, list[i]), path))
			found = libusb_ref_device(list[i]);
	if (n >= 0)
		libusb_free_device_list(list, 1);
	return found;
}

int usb_path_ok(const char *path)
{
	char separator = '-';
	const char *at = path;

	for (int numbers = 0; numbers < 8; numbers++) {
		int value = 0, digits = 0;

		for (; *at >= '0' && *at <= '9' && digits < 3; at++, digits++)
			value = value * 10 + *at - '0';
		if (!digits || at[-digits] == '0' || value > 255)
			return 0;
		if (!*at)
			return numbers > 0;
		if (*at++ != separator)
			return 0;
		separator = '.';
	}
	return 0;
}

static size_t utf8_put(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

int usb_node_string(char out[USB_TEXT_SIZE], libusb_device_handle *h, int index)
{
	uint8_t raw[255];
	size_t len = 0;
	int n;

	out[0] = '\0';
	if (!index)
		return 0;
	/* libusb_get_string_descriptor_ascii() would ask twice and wait 1 s each. */
	n = libusb_control_transfer(h, LIBUSB_ENDPOINT_IN, LIBUSB_REQUEST_GET_DESCRIPTOR,
				    (uint16_t)(LIBUSB_DT_STRING << 8 | index), 0x0409, raw,
				    sizeof(raw), USB_CONTROL_MS);
	if (n < 0)
		return n;
	if (n > raw[0])
		n = raw[0];
	for (int i = 2; i + 1 < n; i += 2) {
		uint32_t c = (uint32_t)(raw[i] | raw[i + 1] << 8);

		if (c >= 0xd800 && c < 0xdc00 && i + 3 < n && (raw[i + 3] & 0xfc) == 0xdc) {
			c = 0x10000 + ((c & 0x3ff) << 10) +
			    (uint32_t)((raw[i + 2] | raw[i + 3] << 8) & 0x3ff);
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = 0xfffd;
		}
		if (c)
			len += utf8_put(out + len, c);
	}
	out[len] = '\0';
	return 0;
}

int usb_node_fail(struct err *err, int rc, const char *what)
{
	switch (rc) {
	case LIBUSB_ERROR_NO_DEVICE:
	case LIBUSB_ERROR_NOT_FOUND:
		return err_set(err, ERR_GONE, "%s: the USB device is gone", what);
	case LIBUSB_ERROR_ACCESS:
		return err_set(err, ERR_ACCESS,
			       "%s: no permission; install fixtures/60-station.rules and join its "
			       "group",
			       what);
	case LIBUSB_ERROR_BUSY:
		return err_set(err, ERR_BUSY, "%s: in use by another program", what);
	case LIBUSB_ERROR_TIMEOUT:
		return err_set(err, ERR_IO, "%s: the USB device does not answer", what);
	default:
		return err_set(err, ERR_IO, "%s: %s", what, libusb_strerror(rc));
	}
}

/* Does a process hold the device's node open? */
static int holds(const char *pid, const char *node)
{
	char folder[300], target[64];
	struct dirent *e;
	int found = 0;
	DIR *d;

	snprintf(folder, sizeof(folder), "/proc/%s/fd", pid);
	d = opendir(folder);
	if (!d)
		return 0; /* another user's, or it ended */
	while (!found && (e = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, target, sizeof(target) - 1);

		target[n < 0 ? 0 : n] = '\0';
		found = !strcmp(target, node);
	}
	closedir(d);
	return found;
}

static int program_name(char *out, size_t size, const char *pid)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (!fgets(out, (int)size, f))
		out[0] = '\0';
	fclose(f);
	out[strcspn(out, "\n")] = '\0';
	for (char *c = out; *c; c++) /* a process names itself as it likes */
		if (*c < ' ' || *c > '~')
			*c = '?';
	return out[0] ? 0 : -1;
}

int usb_node_driver(char *out, size_t size, libusb_device *d, int interface)
{
	char path[USB_PATH_SIZE], link[160], driver[128];
	const char *base;
	ssize_t n;

	snprintf(link, sizeof(link), "/sys/bus/usb/devices/%s:1.%d/driver", usb_node_path(path, d),
		 interface);
	n = readlink(link, driver, sizeof(driver) - 1);
	driver[n < 0 ? 0 : n] = '\0';
	base = strrchr(driver, '/');
	snprintf(out, size, "%s", base ? base + 1 : driver);
	return n > 0 ? 0 : -1;
}

const char *usb_node_owner(char *out, size_t size, libusb_device *d, int interface)
{
	char node[64], name[32];
	struct dirent *e;
	DIR *proc;

	if (!usb_node_driver(out, size, d, interface) && strcmp(out, "usbfs"))
		return out;
	snprintf(out, size, "another program");
	snprintf(node, sizeof(node), "/dev/bus/usb/%03d/%03d", libusb_get_bus_number(d),
		 libusb_get_device_address(d));
	proc = opendir("/proc");
	while (proc && (e = readdir(proc))) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
		    strtol(e->d_name, NULL, 10) == getpid())
			continue;
		if (!holds(e->d_name, node) || program_name(name, sizeof(name), e->d_name) < 0)
			continue;
		snprintf(out, size, "program '%s' (pid %s)", name, e->d_name);
		break;
	}
	if (proc)
		closedir(proc);
	return out;
}
