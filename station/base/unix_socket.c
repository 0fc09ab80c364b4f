#include "base/unix_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int unix_address(struct sockaddr_un *out, const char *path)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(out->sun_path))
		return -1;
	memcpy(out->sun_path, path, strlen(path));
	return 0;
}

int unix_listen(const char *path, int waiting, struct err *err)
{
	struct sockaddr_un a;
	int fd;

	if (unix_address(&a, path))
		return err_set(err, ERR_FILE, "%s: longer than a socket's name may be", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, waiting)) {
		err_set(err, ERR_FILE, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return ERR_FILE;
	}
	return fd;
}
