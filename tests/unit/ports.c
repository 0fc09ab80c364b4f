#include "ports.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int port_listener(int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_assert_eq(listen(fd, 5), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

int port_free(void)
{
	int port, fd = port_listener(&port);

	close(fd);
	return port;
}

int port_is_listening(int port)
{
	static const char *const table[] = { "/proc/net/tcp", "/proc/net/tcp6" };
	char line[256], want[16];
	int yes = 0;

	snprintf(want, sizeof(want), ":%04X ", (unsigned)port);
	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(table[i], "re");

		while (f && fgets(line, sizeof(line), f))
			yes |= strstr(line, want) != NULL && strstr(line, " 0A ") != NULL;
		if (f)
			fclose(f);
	}
	return yes;
}
