/*
 * screens -- the golden screens: each state of the operator's screen (tests/unit/ui_states.h)
 * in each terminal, drawn by the real program over a real socket, compared whole: text,
 * looks of all cells, cursor.
 *
 * usage: screens [--write] [--only PREFIX] [--jobs N] FOLDER DIR STATION
 *        screens --codes
 *
 * DIR is for what is written meanwhile. FOLDER/STATE.txt holds the dumps of a state, one behind the
 * other. What differs is told as a diff, and so is a file of no state; --write writes instead.
 * --codes: prints what notices have a state. Clock and times that go on are masked.
 *
 * Every picture is of a program that has just started. Some run at a time, each with a
 * made-up station in a process of its own. What is seen decides when a script goes on, so
 * that a slow computer makes no other pictures than a fast one.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "floor/server.h"
#include "tests/unit/tty.h"
#include "tests/unit/ui_states.h"
#include "ui/lang.h"

enum {
	WAIT_MS = 15000,  /* for what a script waits for */
	SETTLE_MS = 6000, /* until a picture is as it is kept */
	STILL_MS = 250,   /* what is written has stood so long */
	KEY_MS = 160,     /* longer than the silence that makes a key of its bytes */
	PAUSE_MS = 280,   /* before F12 */
	ORDER_MS = 440,   /* until F12 counts, and the dialogue does not show any more that it was
			     felt */
	FELT_MS = 700,    /* longer than the last line shows that a key was felt */
	JOBS = 24,        /* they wait most of the time */
};

static const struct terminal {
	const char *name, *term, *language;
	int rows, cols;
	const char *locale;
	int only; /* bit of enum UI_IN_*; 0: every state */
} terminals[] = {
	{ "xterm-256color 80x24", "xterm-256color", "en", 24, 80, "C.UTF-8", 0 },
	{ "xterm-256color 132x43", "xterm-256color", "en", 43, 132, "C.UTF-8", 0 },
	{ "vt220 80x24", "vt220", "en", 24, 80, "C.UTF-8", 0 },
	{ "xterm-256color 80x24 German", "xterm-256color", "de", 24, 80, "C.UTF-8", 0 },
	{ "linux 80x25", "linux", "en", 25, 80, "C.UTF-8", UI_IN_LINUX },
	{ "tmux-256color 300x90", "tmux-256color", "en", 90, 300, "C.UTF-8", UI_IN_LARGE },
	{ "xterm-256color 80x24 without UTF-8", "xterm-256color", "en", 24, 80, "C", UI_IN_ASCII },
	{ "xterm-256color 80x24 without UTF-8 German", "xterm-256color", "de", 24, 80, "C",
	  UI_IN_ASCII },
	{ "vt220 80x24 German", "vt220", "de", 24, 80, "C.UTF-8", UI_IN_VT_GERMAN },
};
enum { TERMINALS = sizeof(terminals) / sizeof(terminals[0]) };

struct shot {
	const struct ui_state *state;
	const struct terminal *in;
};

static struct work {
	struct arena arena;
	const struct ui_state *state;
	size_t states;
	struct shot *shot;
	size_t shots;
	const char *folder, *station, *dir; /* dir: where the dumps go */
	int write;
	atomic_size_t *next; /* shared by the jobs */
} work;

/* --- one picture --- */

struct stage {
	struct ui_scene scene;
	struct tty tty;
	struct loop *loop;
	struct server *server;
	const char *names[UI_SLOTS_MAX];
	const struct shot *shot;
	struct sbuf kept; /* what it should be */
	int silent;
};

static const struct floor_slot *slot(void *p, size_t i)
{
	return &((struct stage *)p)->scene.slot[i];
}

static const struct floor_status *status(void *p)
{
	return &((struct stage *)p)->scene.status;
}

static void command(void *p, struct server_client *from, const struct floor_command *c)
{
	struct stage *g = p;
	struct floor_reply r = { .id = c->id, .ok = 1, .text = "", .code = "done" };

	ui_scene_reply(&g->scene, &r, c);
	server_reply(from, &r);
	arena_free(&r.arena);
	if (c->what != FLOOR_DO_WATCH || !c->slot)
		return;
	server_watch(from, 0);
	server_console(g->server, 0, ui_scene_console, strlen(ui_scene_console));
	for (const char *m = ui_scene_measures; *m; m += strlen(m) + 1)
		server_measure(g->server, 0, m);
}

static void shown(void *p, const char *run)
{
	(void)p;
	(void)run;
}

static void on_tty(void *p, short revents)
{
	(void)revents;
	tty_read(p);
}

static void look(struct stage *g, int64_t ms)
{
	int64_t until = clock_ns() + ms * 1000000;

	do {
		if (g->tty.ended)
			return;
		if (!g->silent) {
			loop_turn(g->loop, until);
		} else if (poll(&(struct pollfd){ g->tty.fd, POLLIN, 0 }, 1,
				clock_left_ms(clock_ms() + ms)) > 0) {
			tty_read(&g->tty);
		}
	} while (clock_ns() < until);
}

/* --- what is compared --- */

static int is_form(const char *s, const char *form)
{
	for (; *form; s++, form++)
		if (*form == '9' ? !isdigit((unsigned char)*s) : *s != *form)
			return 0;
	return 1;
}

/* Clock, and times that went on since the start: less than a minute. */
static void mask(char *s)
{
	static const struct {
		const char *form, *masked;
	} forms[] = {
		{ "9999-99-99 99:99 UTC", "YYYY-MM-DD HH:MM UTC" },
		{ " 0:99", " 0:SS" },
		{ "since 9 s", "since S s" },
		{ "seit 9 s", "seit S s" },
	};

	for (; *s; s++)
		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
			if (is_form(s, forms[i].form))
				memcpy(s, forms[i].masked, strlen(forms[i].masked));
}

static void picture(struct stage *g, struct sbuf *out)
{
	sbuf_reset(out);
	tty_dump(&g->tty, out);
	mask(out->data);
}

/* --- the script --- */

static int see(struct stage *g, const char *text)
{
	int64_t end = clock_ms() + WAIT_MS;

	lang_set(g->shot->in->language);
	text = lang_text(text);
	while (!tty_holds(&g->tty, text)) {
		if (g->tty.ended || clock_ms() >= end)
			return -1;
		look(g, 10);
	}
	return 0;
}

/* The last line, or the keys of a dialogue, which come behind all else. */
static int see_all(struct stage *g)
{
	int64_t end = clock_ms() + WAIT_MS;

	lang_set(g->shot->in->language);
	while (!tty_holds(&g->tty, lang_text("answer")) && !tty_holds(&g->tty, "Esc: ")) {
		if (g->tty.ended || clock_ms() >= end)
			return -1;
		look(g, 10);
	}
	return 0;
}

/* Until the picture is another one; what that is need not be known. */
static int until_other(struct stage *g, const struct sbuf *before)
{
	int64_t end = clock_ms() + WAIT_MS;
	struct sbuf now = { 0 };
	int same = 1;

	while (same && clock_ms() < end && !g->tty.ended) {
		look(g, 10);
		picture(g, &now);
		same = !strcmp(before->data, now.data);
	}
	sbuf_release(&now);
	return same ? -1 : 0;
}

/* The last line shows for a while that a key was felt, before and after it has its effect. It is
 * another one then where the key has opened or closed a dialogue. */
static int press(struct stage *g, const char *name)
{
	const char *s = tty_key(&g->tty, name);
	struct sbuf before = { 0 }, last = { 0 }, now = { 0 };
	int64_t end = clock_ms() + WAIT_MS, since = clock_ms();

	if (!s) {
		fprintf(stderr, "screens: %s has no key %s\n", g->shot->in->term, name);
		return -1;
	}
	look(g, !strcmp(name, "F12") ? PAUSE_MS : KEY_MS);
	tty_looks(&g->tty, g->tty.rows - 1, &before);
	tty_write(&g->tty, s, strlen(s));
	look(g, !strcmp(name, "F12") ? ORDER_MS : KEY_MS);
	do {
		look(g, 5);
		tty_looks(&g->tty, g->tty.rows - 1, &now);
		if (strcmp(sbuf_str(&last), sbuf_str(&now)) != 0)
			since = clock_ms();
		sbuf_reset(&last);
		sbuf_puts(&last, sbuf_str(&now));
	} while (strcmp(sbuf_str(&before), sbuf_str(&now)) != 0 && clock_ms() < end &&
		 clock_ms() - since < FELT_MS);
	sbuf_release(&before);
	sbuf_release(&last);
	sbuf_release(&now);
	return 0;
}

static int type(struct stage *g, const char *s)
{
	for (; *s; s++) {
		const char c[2] = { *s, '\0' };

		look(g, KEY_MS);
		tty_write(&g->tty, c, 1);
	}
	look(g, KEY_MS);
	return 0;
}

static int do_line(struct stage *g, char *line)
{
	struct sbuf before = { 0 };
	char *seen = strstr(line, " > "), *arg = line + strcspn(line, " ");
	int rows, cols, r = -1;

	if (seen) {
		*seen = '\0';
		seen += 3;
	}
	if (*arg)
		*arg++ = '\0';
	picture(g, &before);
	if (!strcmp(line, "key")) {
		r = press(g, arg);
	} else if (!strcmp(line, "type")) {
		r = type(g, arg);
	} else if (!strcmp(line, "resize") && sscanf(arg, "%d %d", &rows, &cols) == 2) {
		tty_resize(&g->tty, rows, cols);
		r = 0;
	} else if (!strcmp(line, "silent")) {
		g->silent = 1;
		r = 0;
	} else if (!strcmp(line, "gone")) {
		server_close(g->server);
		g->server = NULL;
		r = 0;
	}
	if (r == 0)
		r = seen ? see(g, seen) : until_other(g, &before);
	sbuf_release(&before);
	return r;
}

static int do_script(struct stage *g, const char *script)
{
	char copy[1024], kept[1024], *at = copy, *line;
	struct sbuf before = { 0 };
	int r;

	snprintf(copy, sizeof(copy), "%s", script);
	if (see_all(g) < 0) {
		fprintf(stderr, "screens: %s in %s: the picture does not come\n",
			g->shot->state->name, g->shot->in->name);
		return -1;
	}
	look(g, 20);
	if (g->scene.notice.text) {
		picture(g, &before);
		server_notice(g->server, &g->scene.notice);
		r = until_other(g, &before);
		sbuf_release(&before);
		if (r < 0)
			return -1;
	}
	while ((line = strsep(&at, "\n"))) {
		snprintf(kept, sizeof(kept), "%s", line);
		if (*line && do_line(g, line) < 0) {
			fprintf(stderr, "screens: %s in %s: '%s' has no effect\n",
				g->shot->state->name, g->shot->in->name, kept);
			return -1;
		}
	}
	return 0;
}

/* The part of the state's file that is of this terminal. */
static void read_kept(struct stage *g)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	char *text, *from, *to;
	size_t n;
	const char *path = arena_printf(&a, "%s/%s.txt", work.folder, g->shot->state->name);
	const char *head = arena_printf(&a, "=== %s\n", g->shot->in->name);

	if (file_read(&text, &n, &a, path, 4 << 20, &err) == 0 && (from = strstr(text, head))) {
		from += strlen(head);
		to = strstr(from, "=== ");
		sbuf_add(&g->kept, from, to ? (size_t)(to - from) : strlen(from));
	}
	arena_free(&a);
}

/* As it is kept; else, and when it is written, what stands still. */
static void settle(struct stage *g, struct sbuf *out)
{
	int64_t end = clock_ms() + SETTLE_MS, since = clock_ms();
	struct sbuf now = { 0 };

	picture(g, out);
	while (clock_ms() < end && !g->tty.ended) {
		if (!work.write && !strcmp(sbuf_str(out), sbuf_str(&g->kept)))
			break;
		if (work.write && clock_ms() - since >= STILL_MS)
			break;
		look(g, 20);
		picture(g, &now);
		if (strcmp(sbuf_str(&now), sbuf_str(out)) != 0) {
			since = clock_ms();
			sbuf_reset(out);
			sbuf_puts(out, sbuf_str(&now));
		}
	}
	sbuf_release(&now);
}

static char *dump_path(struct arena *a, const struct shot *s)
{
	return arena_printf(a, "%s/%zu-%s", work.dir, (size_t)(s->in - terminals), s->state->name);
}

static void end_program(struct stage *g)
{
	int64_t last = clock_ms() + 5000;
	int ended = 0;

	kill(g->tty.pid, SIGTERM);
	while (!(ended = waitpid(g->tty.pid, NULL, WNOHANG) != 0) && clock_ms() < last)
		poll(NULL, 0, 2);
	if (!ended) {
		kill(g->tty.pid, SIGKILL);
		waitpid(g->tty.pid, NULL, 0);
	}
}

static int take(const struct shot *s, const char *home)
{
	static const struct server_ops ops = { slot, status, command, shown, NULL };
	struct stage g = { .shot = s };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct sbuf out = { 0 };
	char *conf = arena_printf(&a, "%s/station.conf", home);
	char *const argv[] = { arena_strdup(&a, work.station), arena_strdup(&a, "--conf"), conf,
			       NULL };
	size_t slots = s->state->slots < 0 ? 0 : s->state->slots ? (size_t)s->state->slots : 4;
	struct loop_watch *keys = NULL;
	int r;

	g.loop = loop_new();
	ui_scene_begin(&g.scene, slots, s->in->language);
	if (s->state->set)
		s->state->set(&g.scene, s->state->arg);
	for (size_t i = 0; i < slots; i++)
		g.names[i] = g.scene.slot[i].name;
	r = server_open(&g.server, g.loop, arena_printf(&a, "%s/var/station.sock", home), g.names,
			slots, &ops, &g, &err);
	setenv("LC_ALL", s->in->locale, 1);
	if (r == 0)
		r = tty_open(&g.tty, s->in->term, s->in->rows, s->in->cols, argv);
	if (r == 0) {
		keys = loop_watch(g.loop, g.tty.fd, POLLIN, on_tty, &g.tty);
		read_kept(&g);
		r = do_script(&g, s->state->script);
		settle(&g, &out);
		end_program(&g);
	} else {
		fprintf(stderr, "screens: %s: %s\n", s->in->term, err.text);
	}
	if (file_write(dump_path(&a, s), sbuf_str(&out), out.len, &err) < 0)
		r = -1;
	loop_unwatch(keys);
	tty_close(&g.tty);
	if (g.server)
		server_close(g.server);
	loop_free(g.loop);
	sbuf_release(&out);
	sbuf_release(&g.kept);
	arena_free(&g.scene.arena);
	arena_free(&a);
	return r;
}

/* --- all of them --- */

static int job(int number)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	static const char conf[] = "[station]\nid = ST-T\ndata = var\n";
	char *home = arena_printf(&a, "%s/job%d", work.dir, number);
	int bad = file_mkdirs(arena_printf(&a, "%s/var", home), &err) < 0 ||
		  file_write(arena_printf(&a, "%s/station.conf", home), conf, sizeof(conf) - 1,
			     &err) < 0;

	for (size_t i; !bad && (i = atomic_fetch_add(work.next, 1)) < work.shots;)
		bad = take(&work.shot[i], home) < 0;
	for (size_t i; (i = atomic_fetch_add(work.next, 1)) < work.shots;)
		take(&work.shot[i], home); /* all that differ are told */
	arena_free(&a);
	return bad;
}

static int run_jobs(int jobs)
{
	int bad = 0, how;

	fflush(NULL);
	for (int i = 0; i < jobs; i++)
		if (fork() == 0)
			_exit(job(i));
	while (wait(&how) > 0)
		bad |= how != 0;
	return bad;
}

static void add_shots(const char *only)
{
	work.shot = arena_alloc(&work.arena, work.states * TERMINALS * sizeof(*work.shot));
	for (size_t i = 0; i < work.states; i++)
		for (size_t t = 0; t < TERMINALS; t++)
			if (!strncmp(work.state[i].name, only, strlen(only)) &&
			    (!terminals[t].only || (work.state[i].also & terminals[t].only)))
				work.shot[work.shots++] =
					(struct shot){ &work.state[i], &terminals[t] };
}

static int differs(const struct ui_state *s, const char *now)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	char *path = arena_printf(&a, "%s/%s.txt", work.folder, s->name), *kept;
	char *there = arena_printf(&a, "%s/now-%s", work.dir, s->name);
	size_t n;
	int is = file_read(&kept, &n, &a, path, 4 << 20, &err) < 0 || strcmp(kept, now) != 0;

	if (is && work.write) {
		is = file_write(path, now, strlen(now), &err) < 0;
		printf("wrote %s\n", path);
	} else if (is) {
		is = 1;
		printf("the picture %s is other; make golden writes it\n", s->name);
		fflush(NULL);
		if (file_write(there, now, strlen(now), &err) == 0 && fork() == 0) {
			execlp("diff", "diff", "-uN", path, there, (char *)NULL);
			_exit(127);
		}
		wait(NULL);
	}
	arena_free(&a);
	return is;
}

static int compare(void)
{
	int bad = 0;

	for (size_t i = 0; i < work.shots;) {
		const struct ui_state *s = work.shot[i].state;
		struct arena a = { 0 };
		struct err err = { 0 };
		struct sbuf all = { 0 };

		for (; i < work.shots && work.shot[i].state == s; i++) {
			char *text = NULL;
			size_t n = 0;

			sbuf_printf(&all, "=== %s\n", work.shot[i].in->name);
			if (file_read(&text, &n, &a, dump_path(&a, &work.shot[i]), 4 << 20, &err) <
			    0)
				bad = 1;
			else
				sbuf_add(&all, text, n);
		}
		bad |= differs(s, sbuf_str(&all));
		sbuf_release(&all);
		arena_free(&a);
	}
	return bad;
}

/* Files of states that are no more. */
static int left_over(void)
{
	DIR *d = opendir(work.folder);
	int bad = 0;

	for (struct dirent *e; d && (e = readdir(d));) {
		struct arena a = { 0 };
		size_t n = strlen(e->d_name), i = 0;
		const char *path = arena_printf(&a, "%s/%s", work.folder, e->d_name);

		for (; i < work.states; i++)
			if (n > 4 && !strncmp(work.state[i].name, e->d_name, n - 4) &&
			    !work.state[i].name[n - 4])
				break;
		if (i == work.states && *e->d_name != '.') {
			printf("%s%s is of no state\n", work.write ? "removed: " : "", path);
			bad |= !work.write || unlink(path) != 0;
		}
		arena_free(&a);
	}
	if (d)
		closedir(d);
	return bad;
}

static int same_name(void)
{
	for (size_t i = 0; i < work.states; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(work.state[i].name, work.state[j].name)) {
				printf("two states are named %s\n", work.state[i].name);
				return 1;
			}
	return 0;
}

static int print_codes(void)
{
	size_t n;
	const struct floor_notice *notice = ui_notices(&n);

	for (size_t i = 0; i < n; i++)
		puts(notice[i].code);
	return 0;
}

int main(int argc, char **argv)
{
	const char *only = "";
	int jobs = JOBS, problems = 0, bad, at = 1;

	for (; at < argc && argv[at][0] == '-'; at++) {
		if (!strcmp(argv[at], "--write"))
			work.write = 1;
		else if (!strcmp(argv[at], "--codes"))
			return print_codes();
		else if (!strcmp(argv[at], "--only") && at + 1 < argc)
			only = argv[++at];
		else if (!strcmp(argv[at], "--jobs") && at + 1 < argc)
			jobs = (int)strtol(argv[++at], NULL, 10);
	}
	if (argc - at != 3 || jobs < 1) {
		fprintf(stderr, "usage: screens [--write] [--only PREFIX] [--jobs N] FOLDER "
				"DIR STATION\n       screens --codes\n");
		return 2;
	}
	work.folder = argv[at];
	work.dir = argv[at + 1];
	work.station = argv[at + 2];
	setenv("LC_ALL", "C.UTF-8", 1);
	lang_init();
	work.state = ui_states(&work.arena, &work.states, &problems);
	work.next = mmap(NULL, sizeof(*work.next), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (work.next == MAP_FAILED)
		return 1;
	atomic_init(work.next, 0);
	add_shots(only);
	if (problems || same_name())
		return 1; /* nothing is written then */
	bad = run_jobs(jobs);
	bad |= compare();
	if (!*only)
		bad |= left_over();
	printf("%zu states, %zu pictures\n", work.states, work.shots);
	arena_free(&work.arena);
	return bad;
}
