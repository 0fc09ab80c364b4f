#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void file_hold_standard(void)
{
	for (int fd = 0; fd <= 2; fd++) /* open() takes the lowest that is free */
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/", O_PATH) != fd) /* neither read nor write, nor open it again */
			_exit(3);
}

int write_all(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

int file_read(char **out, size_t *len, struct arena *a, const char *path, size_t max,
	      struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t got = 0, size = 4096;
	char *buf = NULL;
	struct stat st;
	int r = 0;

	if (fd < 0)
		return err_set(err, ERR_FILE, "%s: %s", path, strerror(errno));
	if (!fstat(fd, &st) && S_ISDIR(st.st_mode)) {
		r = err_set(err, ERR_FILE, "%s: is a folder, must be a file", path);
		goto out;
	}
	if (st.st_size > 0 && (size_t)st.st_size <= max)
		size = (size_t)st.st_size + 1;
	for (;;) {
		char *grown = realloc(buf, size);
		ssize_t n;

		if (!grown)
			abort();
		buf = grown;
		n = read(fd, buf + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = err_set(err, ERR_FILE, "%s: %s", path, strerror(errno));
			goto out;
		}
		if (n == 0)
			break;
		got += (size_t)n;
		if (got > max) {
			r = err_set(err, ERR_FILE, "%s: longer than %zu bytes", path, max);
			goto out;
		}
		if (got == size)
			size *= 2;
	}
	*out = arena_alloc(a, got + 1);
	memcpy(*out, buf, got);
	*len = got;
out:
	free(buf);
	close(fd);
	return r;
}

static void folder_of(char *out, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		snprintf(out, size, ".");
	else
		snprintf(out, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

static int write_whole(const char *path, const void *bytes, size_t n, mode_t mode, struct err *err)
{
	char tmp[4096], dir[4096];
	int fd = -1, dfd, ok;
	struct stat st;

	/* Renaming would put a plain file in the place of /dev/null. */
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return err_set(err, ERR_FILE, "%s: is no plain file", path);
	folder_of(dir, sizeof(dir), path);
	if (snprintf(tmp, sizeof(tmp), "%s/.station-XXXXXX", dir) >= (int)sizeof(tmp))
		return err_set(err, ERR_FILE, "%.60s...: name is too long", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_FILE, "%s: %s", path, strerror(errno));
	ok = !fchmod(fd, mode) && !write_all(fd, bytes, n) && !fsync(fd);
	if (close(fd))
		ok = 0;
	if (!ok || rename(tmp, path)) {
		int cause = errno;

		unlink(tmp);
		return err_set(err, ERR_FILE, "%s: %s", path, strerror(cause));
	}
	dfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dfd >= 0) {
		fsync(dfd); /* not every file system has it; the file itself is synced */
		close(dfd);
	}
	return 0;
}

int file_write(const char *path, const void *bytes, size_t n, struct err *err)
{
	return write_whole(path, bytes, n, 0644, err);
}

int file_write_private(const char *path, const void *bytes, size_t n, struct err *err)
{
	return write_whole(path, bytes, n, 0600, err);
}

const char *file_shared(struct arena *a, const char *name)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	const char *path;

	/* bin/station, and share beside bin */
	for (int up = 0; up < 2 && n > 0; up++)
		while (n > 0 && self[--n] != '/')
			;
	if (n <= 0)
		return NULL;
	path = arena_printf(a, "%.*s/share/station/%s", (int)n, self, name);
	return access(path, F_OK) ? NULL : path;
}

int file_mkdirs(const char *path, struct err *err)
{
	char part[4096];
	struct stat st;

	if (!*path)
		return err_set(err, ERR_FILE, "a folder without a name");
	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return err_set(err, ERR_FILE, "%.60s...: name is too long", path);
	for (char *p = part + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return err_set(err, ERR_FILE, "%s: %s", part, strerror(errno));
		if (stat(part, &st) || !S_ISDIR(st.st_mode))
			return err_set(err, ERR_FILE, "%s: is a file, must be a folder", part);
		*p = c;
		if (!c)
			return 0;
	}
}

/* Is "folder/.." the folder above it, in text as on the disk? */
static int can_leave(const char *folder, size_t len)
{
	size_t at = len;
	struct stat st;
	char *copy;
	int r;

	while (at && folder[at - 1] != '/')
		at--;
	if (at == len || !strncmp(folder + at, "..", len - at) ||
	    !strncmp(folder + at, ".", len - at))
		return 0;
	copy = strndup(folder, len);
	if (!copy)
		abort();
	r = !lstat(copy, &st) && S_ISDIR(st.st_mode); /* a link leads elsewhere */
	free(copy);
	return r;
}

char *file_beside(struct arena *a, const char *base, const char *path)
{
	const char *slash = strrchr(base, '/');
	size_t len = slash ? (size_t)(slash - base) : 0;

	if (*path == '/' || !slash)
		return arena_strdup(a, path);
	for (;;) {
		if (!strncmp(path, "./", 2) && path[2]) {
			path += 2;
		} else if (!strncmp(path, "../", 3) && path[3] && can_leave(base, len)) {
			path += 3;
			while (len && base[len - 1] != '/')
				len--;
			if (!len)
				return arena_strdup(a, path);
			len--;
		} else {
			break;
		}
	}
	if (!strcmp(path, ".") && len)
		return arena_printf(a, "%.*s", (int)len, base);
	return arena_printf(a, "%.*s/%s", (int)len, base, path);
}
