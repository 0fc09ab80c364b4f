/* sockets with a name: found by it, not taken twice, not cut when too long */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unix_socket.h"

TestSuite(unix_socket, .timeout = 10);

Test(unix_socket, listens_at_its_name)
{
	char folder[] = "/tmp/unix.XXXXXX", path[64];
	struct sockaddr_un a;
	struct err err = { 0 };
	int door, fd;

	cr_assert(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/door", folder);
	door = unix_listen(path, 4, &err);
	cr_assert_geq(door, 0, "%s", err.text);
	cr_expect(fcntl(door, F_GETFL) & O_NONBLOCK);
	cr_expect(fcntl(door, F_GETFD) & FD_CLOEXEC);
	cr_assert_eq(unix_address(&a, path), 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	cr_expect_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);

	cr_expect_eq(unix_listen(path, 4, &err), ERR_FILE, "the name is taken");
	cr_expect(strstr(err.text, path), "%s", err.text);
	close(fd);
	close(door);
	unlink(path);
	rmdir(folder);
}

Test(unix_socket, a_long_name_is_refused)
{
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	struct sockaddr_un a;
	struct err err = { 0 };

	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	cr_expect_eq(unix_address(&a, path), -1);
	cr_expect_eq(unix_listen(path, 1, &err), ERR_FILE);
	cr_expect(strstr(err.text, "longer than"), "%s", err.text);
	path[sizeof(path) - 2] = '\0';
	cr_expect_eq(unix_address(&a, path), 0);
	cr_expect_eq(strlen(a.sun_path), sizeof(path) - 2);
}
