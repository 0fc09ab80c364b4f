#ifndef REPORTS_EXPORT_FILE_H
#define REPORTS_EXPORT_FILE_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/sbuf.h"

/* export_file -- a file that is too long for memory, written beside its place
 * and renamed into it when it is whole and on the disk. ERR_FILE. */
struct export_file { /* ready when zeroed */
	FILE *stream;
	const char *name; /* in the folder */
	int64_t bytes;    /* after sync */
	char sha256[HASH_TEXT];
	char path[4096], temporary[4096]; /* temporary: "" once renamed */
};

int export_file_open(struct export_file *f, const char *folder, const char *name, struct err *err);
int export_file_sync(struct export_file *f, struct err *err);
int export_file_rename(struct export_file *f, struct err *err);
void export_file_close(struct export_file *f); /* removes what was not renamed; fine when zeroed */

/* folder/export.meta.json, at once. */
int export_meta_write(const char *folder, const struct sbuf *text, struct err *err);

#endif /* REPORTS_EXPORT_FILE_H */
