#ifndef STATION_BASE_UNIX_SOCKET_H
#define STATION_BASE_UNIX_SOCKET_H

#include <sys/un.h>

#include "base/err.h"

/* unix_socket -- stream sockets that have a name in the file system. */

/* 0, or -1: the path is longer than such a name may be. */
int unix_address(struct sockaddr_un *out, const char *path);

/* A listening socket that does not block, the caller's; `waiting` clients may wait to be
 * accepted. The name must be free. ERR_FILE. */
int unix_listen(const char *path, int waiting, struct err *err);

#endif /* STATION_BASE_UNIX_SOCKET_H */
