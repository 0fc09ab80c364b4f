#include "board/mt3620_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "station-mt3620."
#define SOCKET "rest"

static const char *folder_base(void)
{
	const char *t = getenv("TMPDIR");

	return t && *t == '/' && strlen(t) < 40 ? t : "/tmp";
}

static void remove_folder(const char *path)
{
	char socket[160];

	snprintf(socket, sizeof(socket), "%.140s/" SOCKET, path);
	unlink(socket);
	rmdir(path);
}

/* Whoever made a folder holds its lock until it ends, however it ends. */
static void clear_stale(void)
{
	const char *base = folder_base();
	DIR *dir = opendir(base);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char path[120];
		struct stat st;
		int fd;

		if (strncmp(e->d_name, FOLDER, sizeof(FOLDER) - 1) || strlen(e->d_name) > 40)
			continue;
		snprintf(path, sizeof(path), "%.40s/%.40s", base, e->d_name);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!fstat(fd, &st) && st.st_uid == geteuid() && !flock(fd, LOCK_EX | LOCK_NB))
			remove_folder(path);
		close(fd);
	}
	if (dir)
		closedir(dir);
}

/* Another process may clear it between its making and its lock: then once more. */
int mt3620_folder_make(struct mt3620_folder *f, struct err *err)
{
	struct stat st;

	clear_stale();
	for (int i = 0; i < 10; i++) {
		snprintf(f->path, sizeof(f->path), "%s/" FOLDER "XXXXXX", folder_base());
		if (!mkdtemp(f->path)) {
			f->path[0] = '\0';
			break;
		}
		f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (f->fd >= 0 && !flock(f->fd, LOCK_EX | LOCK_NB) && !stat(f->path, &st)) {
			snprintf(f->socket, sizeof(f->socket), "%s/" SOCKET, f->path);
			return 0;
		}
		if (f->fd >= 0)
			close(f->fd);
		f->fd = -1;
		rmdir(f->path);
		f->path[0] = '\0';
	}
	return err_set(err, ERR_FILE, "%s/" FOLDER "XXXXXX cannot be made: %s", folder_base(),
		       strerror(errno));
}

void mt3620_folder_drop(struct mt3620_folder *f)
{
	if (f->path[0])
		remove_folder(f->path);
	if (f->fd >= 0)
		close(f->fd);
	*f = (struct mt3620_folder){ .fd = -1 };
}
