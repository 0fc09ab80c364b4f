/*
 * terminal -- a program in a terminal that a script types into and looks at: forkpty()
 * and libvterm.
 *
 * usage: terminal TERM ROWS COLS SCRIPT COMMAND...
 *
 * Lines of the script, ended by the first that fails (status 1, the screen is printed):
 *	wait TEXT         until a row holds it, 15 s at most
 *	gone TEXT         until no row does
 *	pause MS          reads on meanwhile
 *	key NAME...       F1 to F12, esc, enter, up, down, left, right, backspace, as TERM
 *	                  sends them, half a second apart
 *	again NAME wait|gone TEXT    the key, and once more each 5 s until it is so: a machine
 *	                  that is busy may take two keys for one; TEXT tells that it counted
 *	leave STATUS      F9 F9 F12 until the program has ended; how
 *	felt NAME MS      the last line looks other so soon after the key; prints how soon
 *	type TEXT         a character each 150 ms
 *	scan US TEXT      a byte each US microseconds, 0: all at once; \r, \e, \xHH
 *	sure US TEXT      the same, and again while the screen says that it was in doubt, until
 *	                  FLOOR_LOG tells one more scan
 *	run COMMAND       of the shell
 *	resize ROWS COLS
 *	dump FILE         text, looks, cursor: tty_dump()
 *	random SEC SEED   keys of people, bursts of scanners and sizes, at random
 *	storm N SEED      so many sizes from 20 x 5 to 300 x 90, then 80 x 24 again
 *	rang N            so many times it has rung so far, or has within 15 s
 *	signal NUMBER
 *	deaf MS TEXT      takes nothing that the program writes, which is much: sizes change;
 *	                  TEXT is scanned at the end of it
 *	flood N TEXT      TEXT so many times, 100 ms apart; takes nothing that it writes
 *	end STATUS        the program has ended, or ends within 5 s; how
 *	unread STATUS     the same, and takes nothing that it writes
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/sbuf.h"
#include "base/text.h"
#include "tests/unit/tty.h"

enum { WAIT_MS = 15000, AGAIN_MS = 5000, TRIES = 5 };

/* What the program says in so much time, or until its end. */
static void look(struct tty *t, int64_t ms)
{
	int64_t until = clock_ms() + ms;

	do {
		struct pollfd p = { t->fd, POLLIN, 0 };

		if (poll(&p, 1, clock_left_ms(until)) > 0)
			tty_read(t);
	} while (!t->ended && clock_ms() < until);
}

static int until(struct tty *t, const char *text, int there, int64_t ms)
{
	int64_t end = clock_ms() + ms;

	while (tty_holds(t, text) != there) {
		if (clock_ms() >= end || t->ended)
			return -1;
		look(t, 20);
	}
	return 0;
}

static int press(struct tty *t, const char *name)
{
	const char *s = tty_key(t, name);

	if (!s)
		return -1;
	(void)!write(t->fd, s, strlen(s));
	look(t, 500);
	return 0;
}

static int again(struct tty *t, char *arg)
{
	const char *name = strsep(&arg, " "), *how = strsep(&arg, " ");

	for (int i = 0; arg && i < TRIES; i++) {
		if (press(t, name) < 0)
			return -1;
		if (!until(t, arg, !strcmp(how, "wait"), AGAIN_MS))
			return 0;
	}
	return -1;
}

static int felt(struct tty *t, const char *name, long most)
{
	const char *s = tty_key(t, name);
	struct sbuf before = { 0 }, now = { 0 };
	int64_t from = clock_ms(), took;

	if (!s)
		return -1;
	tty_looks(t, t->rows - 1, &before);
	(void)!write(t->fd, s, strlen(s));
	do {
		look(t, 1);
		tty_looks(t, t->rows - 1, &now);
	} while (!strcmp(sbuf_str(&before), sbuf_str(&now)) && clock_ms() - from < 5000);
	took = clock_ms() - from;
	printf("%lld\n", (long long)took);
	look(t, 700);
	sbuf_release(&before);
	sbuf_release(&now);
	return took <= most ? 0 : -1;
}

/* Bytes with their escapes. */
static size_t unescaped(char *out, const char *s)
{
	size_t n = 0;

	for (; *s; s++) {
		if (*s != '\\' || !s[1]) {
			out[n++] = *s;
			continue;
		}
		s++;
		if (*s == 'x' && text_hex_digit(s[1]) >= 0 && text_hex_digit(s[2]) >= 0) {
			out[n++] = (char)(text_hex_digit(s[1]) * 16 + text_hex_digit(s[2]));
			s += 2;
		} else {
			out[n++] = (char)(*s == 'r'   ? '\r'
					  : *s == 'e' ? 27
					  : *s == 'n' ? '\n'
					  : *s == 't' ? '\t'
						      : *s);
		}
	}
	return n;
}

static void send_slowly(struct tty *t, const char *s, size_t n, int64_t us)
{
	for (size_t i = 0, k = us ? 1 : n; i < n; i += k) {
		int64_t next = clock_ns() + us * 1000;

		(void)!write(t->fd, s + i, k);
		while (clock_ns() < next)
			look(t, us >= 2000 ? (next - clock_ns()) / 1000000 : 0);
	}
}

/* Scans that the made-up station has heard of. */
static int scans(void)
{
	const char *path = getenv("FLOOR_LOG");
	FILE *f = path ? fopen(path, "re") : NULL;
	char *line = NULL;
	size_t room = 0;
	int n = 0;

	while (f && getline(&line, &room, f) > 0)
		n += !strncmp(line, "scan ", 5);
	free(line);
	if (f)
		fclose(f);
	return n;
}

/* The screen says that what came was not used; a sentence may go over two rows. */
static int in_doubt(const struct tty *t)
{
	static const char *const texts[] = { "nothing was done: scan", "nothing was done: once",
					     "opens a field for typing", "typed and scanned",
					     "several lines" };
	struct sbuf row = { 0 }, words = { 0 };
	int found = 0;

	for (int y = 0; y < t->rows; y++) {
		char *copy, *rest, *word;

		tty_row(t, y, &row);
		rest = copy = strdup(sbuf_str(&row));
		while ((word = strsep(&rest, " ")))
			if (*word)
				sbuf_printf(&words, "%s ", word);
		free(copy);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		found |= strstr(sbuf_str(&words), texts[i]) != NULL;
	sbuf_release(&row);
	sbuf_release(&words);
	return found;
}

/* As whoever scans: what the screen has not taken is scanned again, after a while. */
static int sure(struct tty *t, const char *s, size_t n, int64_t us)
{
	int before = scans();

	for (int i = 0; i < TRIES; i++) {
		int64_t end = clock_ms() + AGAIN_MS;

		if (i)
			look(t, 3000);
		send_slowly(t, s, n, us);
		look(t, 600);
		while (scans() == before && !in_doubt(t) && clock_ms() < end)
			look(t, 20);
		if (scans() == before)
			look(t, 1000);
		if (scans() > before)
			return 0;
		if (!in_doubt(t))
			break;
	}
	fprintf(stderr, "terminal: a scan was neither sent nor said to be in doubt\n");
	return -1;
}

/* People press F1 to F12 but F12 twice and more, scanners send anything. */
static void random_input(struct tty *t, int64_t seconds, uint64_t seed)
{
	struct rng rng = { seed };
	int64_t end = clock_ms() + seconds * 1000;

	while (clock_ms() < end && !t->ended) {
		char bytes[80], name[16];
		size_t n = 0, want;

		switch (rng_next(&rng) % 8) {
		case 0:
			tty_resize(t, 1 + (int)(rng_next(&rng) % 90),
				   1 + (int)(rng_next(&rng) % 300));
			look(t, 50);
			break;
		case 1:
		case 2: /* no F12: without it nothing may happen */
			snprintf(name, sizeof(name), "F%d", 1 + (int)(rng_next(&rng) % 11));
			press(t, name);
			break;
		default: /* a burst with keys in it, F12 above all */
			want = 2 + rng_next(&rng) % 40;
			while (n < want) {
				const char *s = NULL;

				snprintf(name, sizeof(name), "F%d",
					 12 - (int)(rng_next(&rng) % 24 % 12));
				s = rng_chance(&rng, 0.4) ? tty_key(t, name) : NULL;
				if (s) {
					memcpy(bytes + n, s, strlen(s));
					n += strlen(s);
				} else {
					bytes[n++] = (char)rng_next(&rng);
				}
			}
			bytes[n++] = '\r';
			send_slowly(t, bytes, n, (int64_t)(rng_next(&rng) % 8000));
			look(t, 60 + (int64_t)(rng_next(&rng) % 600));
		}
	}
	tty_resize(t, 24, 80);
	look(t, 1500);
}

/* Faster than frames are drawn. */
static void storm(struct tty *t, long sizes, uint64_t seed)
{
	struct rng rng = { seed };

	for (long i = 0; i < sizes && !t->ended; i++) {
		tty_resize(t, 5 + (int)(rng_next(&rng) % 86), 20 + (int)(rng_next(&rng) % 281));
		look(t, (int64_t)(rng_next(&rng) % 24));
	}
	tty_resize(t, 24, 80);
	look(t, 100);
}

static int end(struct tty *t, int want, int deaf)
{
	int64_t last = clock_ms() + 5000;
	int status;

	while (waitpid(t->pid, &status, WNOHANG) != t->pid) {
		if (clock_ms() >= last)
			return -1;
		if (deaf)
			poll(NULL, 0, 20);
		else
			look(t, 20);
	}
	t->pid = 0;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (status != want)
		fprintf(stderr, "terminal: ended with %d, must be %d\n", status, want);
	return status == want ? 0 : -1;
}

static int leave(struct tty *t, int want)
{
	static const char *const keys[] = { "F9", "F9", "F12" };

	for (int i = 0; i < TRIES && !t->ended; i++) {
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]) && !t->ended; k++)
			press(t, keys[k]);
		for (int64_t last = clock_ms() + AGAIN_MS; !t->ended && clock_ms() < last;)
			look(t, 20);
	}
	return end(t, want, 0);
}

static int dump_to(struct tty *t, const char *path)
{
	struct sbuf out = { 0 };
	struct err err = { 0 };
	int r;

	look(t, 300);
	tty_dump(t, &out);
	r = file_write(path, sbuf_str(&out), out.len, &err);
	sbuf_release(&out);
	return r;
}

static int run_line(struct tty *t, char *line)
{
	char *arg = line + strcspn(line, " "), bytes[8192];
	long a = 0, b = 0;
	size_t n;

	if (*arg)
		*arg++ = '\0';
	if (sscanf(arg, "%ld %ld", &a, &b) < 1)
		a = 0;
	if (!strcmp(line, "wait"))
		return until(t, arg, 1, WAIT_MS);
	if (!strcmp(line, "gone"))
		return until(t, arg, 0, WAIT_MS);
	if (!strcmp(line, "pause"))
		return look(t, a), 0;
	if (!strcmp(line, "dump"))
		return dump_to(t, arg);
	if (!strcmp(line, "resize"))
		return tty_resize(t, (int)a, (int)b), look(t, 300), 0;
	if (!strcmp(line, "random"))
		return random_input(t, a, (uint64_t)b), t->ended ? -1 : 0;
	if (!strcmp(line, "storm"))
		return storm(t, a, (uint64_t)b), t->ended ? -1 : 0;
	if (!strcmp(line, "again"))
		return again(t, arg);
	if (!strcmp(line, "leave"))
		return leave(t, (int)a);
	if (!strcmp(line, "run"))
		return system(arg) ? -1 : 0;
	if (!strcmp(line, "rang")) {
		for (int64_t last = clock_ms() + WAIT_MS; t->rang < a && clock_ms() < last;)
			look(t, 20);
		return t->rang == a ? 0 : -1;
	}
	if (!strcmp(line, "signal"))
		return kill(t->pid, (int)a);
	if (!strcmp(line, "end"))
		return end(t, (int)a, 0);
	if (!strcmp(line, "unread"))
		return end(t, (int)a, 1);
	if (!strcmp(line, "deaf")) {
		for (int i = 0; i < 6; i++, poll(NULL, 0, 150)) /* what lies between is full */
			tty_resize(t, t->rows, t->cols + (i % 2 ? 1 : -1));
		poll(NULL, 0, (int)a);
		n = strchr(arg, ' ') ? unescaped(bytes, strchr(arg, ' ') + 1) : 0;
		(void)!write(t->fd, bytes, n);
		poll(NULL, 0, 100); /* it comes while nothing is taken yet */
		return look(t, 600), 0;
	}
	if (!strcmp(line, "flood") && strchr(arg, ' ')) {
		int flags = fcntl(t->fd, F_GETFL);

		n = unescaped(bytes, strchr(arg, ' ') + 1);
		fcntl(t->fd, F_SETFL, flags | O_NONBLOCK); /* it may read nothing, either */
		for (long i = 0; i < a; i++, poll(NULL, 0, 100))
			(void)!write(t->fd, bytes, n);
		fcntl(t->fd, F_SETFL, flags);
		return 0;
	}
	if (!strcmp(line, "felt")) {
		const char *name = strsep(&arg, " ");

		return felt(t, name, arg ? strtol(arg, NULL, 10) : 0);
	}
	if (!strcmp(line, "type"))
		return send_slowly(t, arg, strlen(arg), 150000), look(t, 400), 0;
	if (!strcmp(line, "scan") && strchr(arg, ' ')) {
		send_slowly(t, bytes, unescaped(bytes, strchr(arg, ' ') + 1), a);
		return look(t, 600), 0;
	}
	if (!strcmp(line, "sure") && strchr(arg, ' '))
		return sure(t, bytes, unescaped(bytes, strchr(arg, ' ') + 1), a);
	if (!strcmp(line, "key")) {
		int r = 0;

		for (char *name; r >= 0 && (name = strsep(&arg, " "));)
			r = press(t, name);
		return r;
	}
	fprintf(stderr, "terminal: no such word: %s\n", line);
	return -1;
}

static int run_script(struct tty *t, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[8192], kept[8192];
	int r = f ? 0 : -1;

	while (f && r >= 0 && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		snprintf(kept, sizeof(kept), "%s", line);
		r = run_line(t, line);
		if (r < 0) {
			struct sbuf out = { 0 };

			tty_dump(t, &out);
			fprintf(stderr, "terminal: %s: '%s' failed; the screen is\n%s", path, kept,
				sbuf_str(&out));
			sbuf_release(&out);
		}
	}
	if (f)
		fclose(f);
	return r;
}

int main(int argc, char **argv)
{
	struct tty t;
	int r;

	if (argc < 6 || tty_open(&t, argv[1], (int)strtol(argv[2], NULL, 10),
				 (int)strtol(argv[3], NULL, 10), argv + 5) < 0) {
		fprintf(stderr, "usage: terminal TERM ROWS COLS SCRIPT COMMAND...\n");
		return 2;
	}
	r = run_script(&t, argv[4]);
	if (t.pid > 0) {
		kill(t.pid, SIGTERM);
		end(&t, 128 + SIGTERM, 0);
	}
	tty_close(&t);
	return r < 0;
}
