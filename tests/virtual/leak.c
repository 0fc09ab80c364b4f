/* leak N -- open, use and close a port N times, every tenth time by dying with
 * reads under way; the program that serves the boards (the parent) then has the
 * descriptors and the memory that it had. */
#include "client.h"

#include <dirent.h>
#include <sys/wait.h>

static int descriptors(pid_t p)
{
	char path[64];
	int n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)p);
	d = opendir(path);
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static long memory_kb(pid_t p)
{
	char path[64], line[200];
	long kb = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)p);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "VmRSS:", 6))
			kb = strtol(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return kb;
}

static void LIBUSB_CALL ignore(struct libusb_transfer *t)
{
	(void)t;
}

static void use(int die)
{
	struct ftdi_context *f = open_port("1-1.2", INTERFACE_C);
	unsigned char bytes[100];

	CHECK(f != NULL);
	for (int i = 0; die && i < 8; i++) {
		struct libusb_transfer *t = libusb_alloc_transfer(0);

		libusb_fill_bulk_transfer(t, f->usb_dev, 0x85, malloc(16384), 16384, ignore, NULL,
					  0);
		CHECK_EQ(libusb_submit_transfer(t), 0);
	}
	if (die)
		_exit(failed != 0);
	CHECK_EQ(ftdi_set_baudrate(f, 115200), 0);
	CHECK_EQ(ftdi_write_data(f, bytes, 100), 100);
	CHECK_EQ(read_all(f, bytes, 100, 5), 100);
	close_port(f);
}

static void many_times(int n)
{
	for (int i = 0; i < n; i++) {
		int status = -1;
		pid_t child;

		if (i % 10) {
			use(0);
			continue;
		}
		child = fork();
		if (child == 0)
			use(1);
		CHECK_EQ(waitpid(child, &status, 0), child);
		CHECK_EQ(status, 0);
	}
	sleep_ms(50); /* the program hears of the last close */
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 500, fds;
	pid_t program = getppid();
	long kb;

	alarm(100);
	many_times(50);
	fds = descriptors(program);
	kb = memory_kb(program);
	CHECK(fds > 5 && kb > 100);
	many_times(n);
	printf("leak: %d descriptors, %ld KiB; after %d opens %d, %ld KiB\n", fds, kb, n,
	       descriptors(program), memory_kb(program));
	CHECK_EQ(descriptors(program), fds);
	CHECK(memory_kb(program) < kb + kb / 32 + 128);
	return verdict("leak", n * 4 * 9 / 10);
}
