#ifndef STATION_BASE_LOG_H
#define STATION_BASE_LOG_H

#include <stdarg.h>

#include "base/err.h"

/*
 * log -- what the programs do, for whoever looks for a fault afterwards. Free to
 * all layers: a log line is no result and nobody's answer.
 *
 *	2026-11-22T19:48:00.123Z warning link_ftdi slot=2 unit=AS0123456789: no answer
 *
 * time (UTC), level, tag (the source file's name), the slot and unit the process
 * works on, text. The whole line is cleaned as text_clean() does, so that text
 * from a unit is one line and harmless. One write() per line on a file opened to
 * append: processes may share it. Nothing is logged until a file is set. errno
 * stays as it was.
 */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Append to this file, mode 0644; an earlier one that log_open() opened is closed. ERR_FILE. */
int log_open(const char *path, struct err *err);
void log_to_fd(int fd); /* borrowed; -1: to nowhere */
void log_close(void);
/* In a forked child that closes what it does not know: the log goes on as descriptor fd.
 * Returns 0 when there is none, and fd is as it was. */
int log_move(int fd);

void log_set_level(enum log_level most); /* preset: INFO */
int log_set_level_by(const char *word);  /* "debug"; -1: no such level */
const char *log_level_word(enum log_level level);

/* On each line from here on; copied. slot 0 and unit NULL: not said. */
void log_context(int slot, const char *unit);

unsigned long log_lost(void); /* lines that could not be written */

int log_wants(enum log_level level);
void log_write(enum log_level level, const char *file, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_at(level, ...)                                                                         \
	(log_wants(level) ? log_write((level), __FILE_NAME__, __VA_ARGS__) : (void)0)
#define log_error(...)   log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_at(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif /* STATION_BASE_LOG_H */
