/* many BOARDS ROUNDS -- a thread for each port of each board, all at once: each
 * writes random bytes and must read the same. Boards are at 1-1.1 to 1-1.BOARDS. */
#include "client.h"

#include <pthread.h>

enum { PORTS = 4, BOARDS_MAX = 15, BURST = 1000 };

static int rounds;
static long bytes;

static void *port_thread(void *number)
{
	int id = (int)(long)number;
	unsigned seed = (unsigned)id + 1;
	unsigned char out[BURST], in[BURST];
	struct ftdi_context *f;
	char path[40];

	snprintf(path, sizeof(path), "1-1.%d", id / PORTS + 1);
	f = open_port(path, (enum ftdi_interface)(id % PORTS + 1));
	CHECK(f != NULL);
	if (!f)
		return NULL;
	CHECK_EQ(ftdi_set_baudrate(f, 3000000), 0);
	CHECK_EQ(ftdi_set_latency_timer(f, 1), 0);
	for (int i = 0; i < rounds; i++) {
		int n = 1 + rand_r(&seed) % BURST;

		for (int k = 0; k < n; k++)
			out[k] = (unsigned char)rand_r(&seed);
		CHECK_EQ(ftdi_write_data(f, out, n), n);
		CHECK_EQ(read_all(f, in, n, 20), n);
		CHECK(!memcmp(in, out, (size_t)n));
		__atomic_add_fetch(&bytes, 2 * n, __ATOMIC_SEQ_CST);
	}
	close_port(f);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[BOARDS_MAX * PORTS];
	int boards = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8;
	double t = seconds();

	alarm(100);
	rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 20;
	if (boards < 1 || boards > BOARDS_MAX)
		return 2;
	for (long i = 0; i < boards * PORTS; i++)
		pthread_create(&thread[i], NULL, port_thread, (void *)i);
	for (int i = 0; i < boards * PORTS; i++)
		pthread_join(thread[i], NULL);
	printf("many: %ld bytes in %.2f s\n", bytes, seconds() - t);
	return verdict("many", boards * PORTS * rounds * 3);
}
