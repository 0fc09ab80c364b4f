#include "reports/export_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static int failed(const struct export_file *f, struct err *err)
{
	return err_set(err, ERR_FILE, "%s: %s", f->path, strerror(errno));
}

int export_file_open(struct export_file *f, const char *folder, const char *name, struct err *err)
{
	int fd;

	f->name = name;
	if (snprintf(f->path, sizeof(f->path), "%s/%s", folder, name) >= (int)sizeof(f->path) ||
	    snprintf(f->temporary, sizeof(f->temporary), "%s/.station-XXXXXX", folder) >=
		    (int)sizeof(f->temporary)) {
		f->temporary[0] = '\0';
		return err_set(err, ERR_FILE, "%.60s...: name is too long", folder);
	}
	if (file_mkdirs(folder, err) < 0) {
		f->temporary[0] = '\0';
		return err->code;
	}
	fd = mkostemp(f->temporary, O_CLOEXEC);
	if (fd < 0) {
		f->temporary[0] = '\0';
		return failed(f, err);
	}
	f->stream = fdopen(fd, "w");
	if (!f->stream) {
		failed(f, err);
		close(fd);
		return err->code;
	}
	return 0;
}

int export_file_sync(struct export_file *f, struct err *err)
{
	uint8_t hash[HASH_SIZE];
	struct stat st;

	if (fflush(f->stream) || ferror(f->stream) || fchmod(fileno(f->stream), 0644) ||
	    fsync(fileno(f->stream)) || fstat(fileno(f->stream), &st) ||
	    hash_file(hash, f->temporary))
		return failed(f, err);
	f->bytes = st.st_size;
	hash_print(f->sha256, hash);
	return 0;
}

int export_file_rename(struct export_file *f, struct err *err)
{
	if (rename(f->temporary, f->path))
		return failed(f, err);
	f->temporary[0] = '\0';
	return 0;
}

void export_file_close(struct export_file *f)
{
	if (f->stream)
		fclose(f->stream);
	f->stream = NULL;
	if (f->temporary[0])
		unlink(f->temporary);
	f->temporary[0] = '\0';
}

int export_meta_write(const char *folder, const struct sbuf *text, struct err *err)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/export.meta.json", folder) >= (int)sizeof(path))
		return err_set(err, ERR_FILE, "%.60s...: name is too long", folder);
	return file_write(path, text->data, text->len, err); /* syncs the folder too */
}
