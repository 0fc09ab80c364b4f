#ifndef STATION_BASE_FILE_H
#define STATION_BASE_FILE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* file -- whole files, read with a bound and written so that a reader sees the
 * old content or the new one, never a half. */

/* The content, NUL-terminated in the arena; *len without the NUL. ERR_FILE when
 * it cannot be read or is longer than max (the text says which). */
int file_read(char **out, size_t *len, struct arena *a, const char *path, size_t max,
	      struct err *err);

/* Temporary name in the same folder, write, fsync, rename, fsync of the folder.
 * On failure the old file is as it was and no temporary file stays. A link is
 * replaced; a folder, pipe or device is not. ERR_FILE. */
int file_write(const char *path, const void *bytes, size_t n, struct err *err);
int file_write_private(const char *path, const void *bytes, size_t n,
		       struct err *err); /* rights 0600 */

int file_mkdirs(const char *path, struct err *err); /* each missing folder, mode 0755 */

/* path, or "folder of base"/path when path is relative, without needless "./" and
 * "folder/../". */
char *file_beside(struct arena *a, const char *base, const char *path);

/* What was installed with this program as share/station/NAME, or NULL. */
const char *file_shared(struct arena *a, const char *name);

/* Standard input, output and error that are closed stay unusable, but taken: else a file
 * opened later would get what is meant for them. To be called first in main(). */
void file_hold_standard(void);

int write_all(int fd, const void *bytes, size_t n); /* 0, or -1 with errno; blocking fd */

#endif /* STATION_BASE_FILE_H */
