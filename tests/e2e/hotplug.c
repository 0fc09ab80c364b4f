/*
 * hotplug PATH -- says "arrived", "left", "again" with the port path as libusb tells
 * of the device there: through udevd's events where there is one.
 */
#include <libusb.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LIFE_S = 120 };

static const char *wanted;
static int came;

static void path_of(char *out, size_t size, libusb_device *d)
{
	uint8_t ports[7];
	int n = libusb_get_port_numbers(d, ports, sizeof(ports));
	int at = snprintf(out, size, "%d", libusb_get_bus_number(d));

	for (int i = 0; i < n && at > 0 && (size_t)at < size; i++)
		at += snprintf(out + at, size - (size_t)at, "%c%d", i ? '.' : '-', ports[i]);
}

static int LIBUSB_CALL seen(libusb_context *c, libusb_device *d, libusb_hotplug_event e, void *user)
{
	char path[64];

	(void)c;
	(void)user;
	path_of(path, sizeof(path), d);
	if (strcmp(path, wanted))
		return 0;
	if (e == LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT)
		printf("left %s\n", path);
	else
		printf("%s %s\n", came++ ? "again" : "arrived", path);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	libusb_context *c;
	time_t end = time(NULL) + LIFE_S;

	if (argc != 2)
		return 2;
	wanted = argv[1];
	if (libusb_init(&c) ||
	    libusb_hotplug_register_callback(
		    c, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
		    LIBUSB_HOTPLUG_ENUMERATE, 0x0403, 0x6011, LIBUSB_HOTPLUG_MATCH_ANY, seen, NULL,
		    NULL))
		return 1;
	while (time(NULL) < end) {
		struct timeval t = { .tv_sec = 1 };

		libusb_handle_events_timeout_completed(c, &t, NULL);
	}
	return 0;
}
