#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/sbuf.h"
#include "base/text.h"

enum { TEXT_MAX = 4000 }; /* of one line; cut visibly */

static const char *const words[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

#define LEVELS ((int)(sizeof(words) / sizeof(words[0])))

static struct {
	int fd, ours; /* fd is closed by us */
	enum log_level most;
	int slot;
	char unit[65];
	unsigned long lost;
} state = { .fd = -1, .most = LOG_LEVEL_INFO };

void log_to_fd(int fd)
{
	if (state.ours)
		close(state.fd);
	state.fd = fd;
	state.ours = 0;
}

void log_close(void)
{
	log_to_fd(-1);
}

int log_move(int fd)
{
	if (state.fd < 0)
		return 0;
	if (state.fd == fd)
		return 1;
	if (dup3(state.fd, fd, O_CLOEXEC) < 0) {
		log_close();
		return 0;
	}
	log_to_fd(fd);
	state.ours = 1;
	return 1;
}

int log_open(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);

	if (fd < 0)
		return err_set(err, ERR_FILE, "log %s: %s", path, strerror(errno));
	log_to_fd(fd);
	state.ours = 1;
	return 0;
}

void log_set_level(enum log_level most)
{
	state.most = most;
}

int log_set_level_by(const char *word)
{
	for (int i = 0; i < LEVELS; i++)
		if (!strcmp(words[i], word)) {
			state.most = (enum log_level)i;
			return 0;
		}
	return -1;
}

const char *log_level_word(enum log_level level)
{
	return (int)level < LEVELS ? words[level] : "unknown";
}

void log_context(int slot, const char *unit)
{
	state.slot = slot;
	snprintf(state.unit, sizeof(state.unit), "%s", unit ? unit : "");
}

unsigned long log_lost(void)
{
	return state.lost;
}

int log_wants(enum log_level level)
{
	return state.fd >= 0 && level <= state.most;
}

/* "link_ftdi" of "link_ftdi.c" */
static int tag_len(const char *file)
{
	const char *dot = strrchr(file, '.');

	return (int)(dot ? (size_t)(dot - file) : strlen(file));
}

void log_write(enum log_level level, const char *file, const char *fmt, ...)
{
	int cause = errno;
	struct sbuf text = { 0 }, line = { 0 };
	char now[CLOCK_TEXT];
	va_list ap;

	if (!log_wants(level))
		return;
	va_start(ap, fmt);
	sbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	sbuf_printf(&line, "%s %s %.*s", clock_print(now, clock_wall_ms()), log_level_word(level),
		    tag_len(file), file);
	if (state.slot)
		sbuf_printf(&line, " slot=%d", state.slot);
	if (state.unit[0]) {
		sbuf_puts(&line, " unit=");
		text_clean(&line, state.unit, strlen(state.unit));
	}
	sbuf_puts(&line, ": ");
	text_clean(&line, sbuf_str(&text), text.len < TEXT_MAX ? text.len : TEXT_MAX);
	sbuf_puts(&line, text.len > TEXT_MAX ? "~\n" : "\n");
	if (write_all(state.fd, line.data, line.len))
		state.lost++;
	sbuf_release(&text);
	sbuf_release(&line);
	errno = cause;
}
