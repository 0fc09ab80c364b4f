/* killed -- the program that serves the boards is killed while reads are under
 * way: each ends with "no device", and so does what follows. Four threads read
 * the ports of board 1 at 1-1.2; the test then kills the program itself. */
#include "client.h"

#include <pthread.h>
#include <signal.h>

static void *reader(void *f)
{
	unsigned char bytes[512];
	struct ftdi_context *c = f;
	long r;
	int n;

	do
		r = libusb_bulk_transfer(c->usb_dev, (unsigned char)c->out_ep, bytes, 512, &n,
					 5000);
	while (r == 0);
	return (void *)r;
}

int main(int argc, char **argv)
{
	struct ftdi_context *f[4];
	pthread_t thread[4];
	unsigned char byte[1];
	void *r;
	double t;
	pid_t program = argc > 1 ? (pid_t)strtol(argv[1], NULL, 10) : getppid();

	alarm(30);
	for (int i = 0; i < 4; i++) {
		f[i] = open_port("1-1.2", (enum ftdi_interface)(i + 1));
		CHECK(f[i] != NULL);
		pthread_create(&thread[i], NULL, reader, f[i]);
	}
	sleep_ms(100);
	CHECK_EQ(kill(program, SIGKILL), 0);
	t = seconds();
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], &r);
		CHECK_EQ((long)r, LIBUSB_ERROR_NO_DEVICE);
	}
	CHECK(seconds() - t < 2);
	CHECK_EQ(libusb_control_transfer(f[0]->usb_dev, 0xc0, 0x0a, 0, 1, byte, 1, 1000),
		 LIBUSB_ERROR_NO_DEVICE);
	for (int i = 0; i < 4; i++)
		close_port(f[i]);
	CHECK(open_port("1-1.2", INTERFACE_A) == NULL);
	return verdict("killed", 12);
}
