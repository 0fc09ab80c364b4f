#ifndef TESTS_VIRTUAL_CLIENT_H
#define TESTS_VIRTUAL_CLIENT_H

/*
 * client -- what the test programs that run in a world of virtual boards share:
 * checks that are counted, a watchdog, commands to the world, and small calls
 * around unmodified libftdi1 and libusb.
 */
#include <libftdi1/ftdi.h>
#include <libusb-1.0/libusb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { VID = 0x0403, PID = 0x6011 };

static int checks, failed;

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		__atomic_add_fetch(&checks, 1, __ATOMIC_SEQ_CST);                                  \
		if (!(condition)) {                                                                \
			__atomic_add_fetch(&failed, 1, __ATOMIC_SEQ_CST);                          \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
		}                                                                                  \
	} while (0)

#define CHECK_EQ(what, want)                                                                       \
	do {                                                                                       \
		long long got_ = (long long)(what), want_ = (long long)(want);                     \
		__atomic_add_fetch(&checks, 1, __ATOMIC_SEQ_CST);                                  \
		if (got_ != want_) {                                                               \
			__atomic_add_fetch(&failed, 1, __ATOMIC_SEQ_CST);                          \
			fprintf(stderr, "%s:%d: %s is %lld, should be %lld\n", __FILE__, __LINE__, \
				#what, got_, want_);                                               \
		}                                                                                  \
	} while (0)

/* The last line of a program; its exit status is the verdict. */
static inline int verdict(const char *name, int at_least)
{
	if (checks < at_least) {
		fprintf(stderr, "%s: only %d checks, should be %d\n", name, checks, at_least);
		failed++;
	}
	printf("%s: %d checks, %d failed\n", name, checks, failed);
	return failed != 0;
}

static inline double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline void sleep_ms(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

/* One command to the world, as `vboard ctl` says it; 0: answered "ok". */
static inline int world_says(char *out, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
static inline int world_says(char *out, size_t size, const char *fmt, va_list ap)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char line[200];
	size_t got = 0;
	ssize_t n;
	int len = vsnprintf(line, sizeof(line) - 1, fmt, ap);

	line[len++] = '\n';
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/control", getenv("UMOCKDEV_DIR"));
	if (connect(sock, (struct sockaddr *)&a, sizeof(a)) ||
	    write(sock, line, (size_t)len) != len) {
		close(sock);
		return -1;
	}
	while (got < size - 1 && (n = read(sock, out + got, size - 1 - got)) > 0) {
		got += (size_t)n;
		if (out[got - 1] == '\n')
			break;
	}
	out[got] = '\0';
	close(sock);
	return strncmp(out, "ok", 2) != 0;
}

static inline int world_do(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline int world_do(const char *fmt, ...)
{
	char answer[4096];
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = world_says(answer, sizeof(answer), fmt, ap);
	va_end(ap);
	return r;
}

/* "1-1.2" of a device. */
static inline const char *path_of(char out[40], libusb_device *d)
{
	uint8_t port[8];
	int n = libusb_get_port_numbers(d, port, sizeof(port));
	int len = snprintf(out, 40, "%d", libusb_get_bus_number(d));

	for (int i = 0; i < n; i++)
		len += snprintf(out + len, 40 - (size_t)len, "%c%d", i ? '.' : '-', port[i]);
	return out;
}

/* The FT4232H at a path, with a reference, or NULL. */
static inline libusb_device *device_at(libusb_context *c, const char *path)
{
	struct libusb_device_descriptor d;
	libusb_device **list, *found = NULL;
	ssize_t n = libusb_get_device_list(c, &list);
	char text[40];

	for (ssize_t i = 0; i < n; i++)
		if (!libusb_get_device_descriptor(list[i], &d) && d.idVendor == VID &&
		    d.idProduct == PID && !strcmp(path_of(text, list[i]), path))
			found = libusb_ref_device(list[i]);
	if (n >= 0)
		libusb_free_device_list(list, 1);
	return found;
}

/* A port opened by path, as the station does it; NULL with what failed on stderr. */
static inline struct ftdi_context *open_port(const char *path, enum ftdi_interface port)
{
	struct ftdi_context *f = ftdi_new();
	libusb_device *d = f ? device_at(f->usb_ctx, path) : NULL;
	int r = -1;

	if (d) {
		ftdi_set_interface(f, port);
		r = ftdi_usb_open_dev(f, d);
		libusb_unref_device(d);
	}
	if (!r)
		return f;
	fprintf(stderr, "open %s port %d: %s\n", path, (int)port,
		!d ? "no such device" : ftdi_get_error_string(f));
	if (f)
		ftdi_free(f);
	return NULL;
}

static inline void close_port(struct ftdi_context *f)
{
	if (!f)
		return;
	ftdi_usb_close(f);
	ftdi_free(f);
}

/* Read until n bytes are there or the time is over; bytes read, or negative. */
static inline int read_all(struct ftdi_context *f, void *to, int n, double limit_s)
{
	double until = seconds() + limit_s;
	int got = 0;

	while (got < n && seconds() < until) {
		int r = ftdi_read_data(f, (unsigned char *)to + got, n - got);

		if (r < 0)
			return r;
		got += r;
	}
	return got;
}

#endif /* TESTS_VIRTUAL_CLIENT_H */
