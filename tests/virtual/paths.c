/* paths -- print "PATH BCD SERIAL" of each FT4232H, one a line, sorted. */
#include "client.h"

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

int main(void)
{
	struct libusb_device_descriptor d;
	libusb_device_handle *h;
	libusb_context *c;
	libusb_device **list;
	char line[100][120], path[40];
	int lines = 0;
	ssize_t n;

	alarm(20);
	if (libusb_init(&c) || (n = libusb_get_device_list(c, &list)) < 0)
		return 1;
	for (ssize_t i = 0; i < n && lines < 100; i++) {
		char serial[64] = "-";

		if (libusb_get_device_descriptor(list[i], &d) || d.idVendor != VID ||
		    d.idProduct != PID)
			continue;
		if (d.iSerialNumber && !libusb_open(list[i], &h)) {
			libusb_get_string_descriptor_ascii(h, d.iSerialNumber,
							   (unsigned char *)serial, sizeof(serial));
			libusb_close(h);
		}
		snprintf(line[lines++], sizeof(line[0]), "%s %04x %s", path_of(path, list[i]),
			 d.bcdDevice, serial);
	}
	libusb_free_device_list(list, 1);
	libusb_exit(c);
	qsort(line, (size_t)lines, sizeof(line[0]), compare);
	for (int i = 0; i < lines; i++)
		puts(line[i]);
	return 0;
}
