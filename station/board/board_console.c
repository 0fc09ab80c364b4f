/* console -- any board with a text console: what to type and what to wait for
 * stand in its profile. */
#include "board/board_console.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "board/board.h"
#include "board/console_talk.h"

/* --- commands: their parameters and texts --- */

struct name_value {
	const char *name, *value;
};

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

const struct console_command_row console_command_rows[] = {
	[CONSOLE_OS_VERSION] = { "os_version", NAMES(NULL), "tells the version of the OS" },
	[CONSOLE_DEVICE_ID] = { "device_id", NAMES(NULL), "tells the device's own identity" },
	[CONSOLE_RESTART] = { "restart", NAMES(NULL),
			      "restarts the board; `boot` of [board] tells when it is ready" },
	[CONSOLE_RECOVER] = { "recover", NAMES("images"),
			      "reflashes the board, which then restarts" },
	[CONSOLE_MAC] = { "mac", NAMES("interface"), "tells the MAC address of an interface" },
	[CONSOLE_GPIO] = { "gpio", NAMES("drive", "level"),
			   "drives the pins of mask {drive} to {level} (hex, bit n is pin n of "
			   "`pins`), lets go of the others, and tells all levels in hex" },
	[CONSOLE_SERVE] = { "serve", NAMES("port"),
			    "starts an iperf3 server for one measurement; `match` tells that it "
			    "listens" },
	[CONSOLE_MEASURE] = { "measure",
			      NAMES("host", "port", "seconds", "omit", "direction_flag",
				    "protocol_flag", "rate_flag"),
			      "runs an iperf3 client against the station" },
	[CONSOLE_COMMANDS] = { NULL, NULL, NULL },
};

static const char *value_of(const struct name_value *with, const char *name, size_t n)
{
	for (; with && with->name; with++)
		if (strlen(with->name) == n && !memcmp(with->name, name, n))
			return with->value;
	return NULL;
}

/* "{interface}" by its value; the linter has refused other names. */
static void expand(struct sbuf *out, const char *text, const struct name_value *with)
{
	while (*text) {
		size_t n = strcspn(text, "{");
		const char *end = text[n] ? strchr(text + n, '}') : NULL;
		const char *value =
			end ? value_of(with, text + n + 1, (size_t)(end - text) - n - 1) : NULL;

		sbuf_add(out, text, n);
		text += n;
		if (value) {
			sbuf_puts(out, value);
			text = end + 1;
		} else if (*text) {
			sbuf_putc(out, *text++);
		}
	}
}

/* --- operations --- */

static const struct console_profile *profile(const struct board *b)
{
	return b->profile;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Type a command and wait. from..to of talk->said is the value. */
static int command(size_t *from, size_t *to, struct board *b, enum console_command_index which,
		   const struct name_value *with, struct console_wait w, int64_t own_ms,
		   int64_t until_ms, struct err *err)
{
	const struct console_command *c = &profile(b)->command[which];
	struct sbuf line = { 0 };
	int r;

	expand(&line, c->send, with);
	until_ms = sooner(until_ms, clock_ms() + own_ms + c->within_ms);
	w.match = c->match;
	w.refused = c->refused;
	w.progress = c->progress;
	r = console_type(b, sbuf_str(&line), until_ms, err);
	if (r >= 0)
		r = console_await(from, to, b, &w, until_ms, err);
	if (r < 0)
		err_wrap(err, "console '%.80s'", sbuf_str(&line));
	sbuf_release(&line);
	return r;
}

static int value(char *out, size_t size, struct board *b, enum console_command_index which,
		 const struct name_value *with, int64_t until_ms, struct err *err)
{
	struct console_wait w = { .and_prompt = profile(b)->prompt != NULL };
	struct console_talk *t = b->state;
	size_t from, to;
	int r = command(&from, &to, b, which, with, w, 0, until_ms, err);

	if (r < 0)
		return r;
	while (to > from && strchr(" \t\r\n", t->said.data[to - 1]))
		to--;
	while (to > from && strchr(" \t\r\n", t->said.data[from]))
		from++;
	if (to == from || to - from >= size)
		return err_set(err, ERR_PROTO,
			       "console '%s': an answer of %zu bytes, must be 1..%zu",
			       console_command_rows[which].name, to - from, size - 1);
	memcpy(out, t->said.data + from, to - from);
	out[to - from] = '\0';
	return 0;
}

static int os_version(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err)
{
	return value(out, size, b, CONSOLE_OS_VERSION, NULL, until_ms, err);
}

static int device_id(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err)
{
	return value(out, size, b, CONSOLE_DEVICE_ID, NULL, until_ms, err);
}

static int mac(char *out, size_t size, struct board *b, const char *nic, int64_t until_ms,
	       struct err *err)
{
	const struct name_value with[] = { { "interface", nic }, { NULL, NULL } };

	return value(out, size, b, CONSOLE_MAC, with, until_ms, err);
}

/* Drop the first n bytes of what was said. */
static void forget(struct console_talk *t, size_t n)
{
	memmove(t->said.data, t->said.data + n, t->said.len - n + 1);
	t->said.len -= n;
}

/* Follow the board from its restart to its prompt. */
static int follow_boot(struct board *b, int64_t until_ms, struct err *err)
{
	const struct console_profile *p = profile(b);
	struct console_talk *t = b->state;
	struct console_wait w = { .restarts = 1 };
	size_t from, to;
	int r = 0;

	until_ms = sooner(until_ms, clock_ms() + p->boot_within_ms);
	if (p->restarted) {
		w.match = p->restarted;
		r = console_await(&from, &to, b, &w, until_ms, err);
		if (r >= 0)
			forget(t, from); /* what was said on the way down is no boot */
	}
	if (r >= 0 && p->boot) {
		w.match = p->boot;
		w.unfinished = 1; /* "login: " */
		r = console_await(&from, &to, b, &w, until_ms, err);
	}
	if (r < 0)
		return err_wrap(err, "waiting for the unit to restart");
	sbuf_reset(&t->said);
	r = console_ready(b, until_ms, err);
	return r < 0 ? err_wrap(err, "waiting for the unit after its restart") : 0;
}

static int restart(struct board *b, int64_t until_ms, struct err *err)
{
	const struct console_command *c = &profile(b)->command[CONSOLE_RESTART];
	struct console_wait w = { .restarts = 1 };
	size_t from, to;
	int r;

	if (c->match)
		r = command(&from, &to, b, CONSOLE_RESTART, NULL, w, 0, until_ms, err);
	else
		r = console_type(b, c->send, sooner(until_ms, clock_ms() + c->within_ms), err);
	return r < 0 ? r : follow_boot(b, until_ms, err);
}

static int recover(struct board_recovered *out, struct board *b, const char *folder,
		   void (*tell)(void *payload, double done, const char *what), void *payload,
		   int64_t until_ms, struct err *err)
{
	const struct name_value with[] = { { "images", folder ? folder : "" }, { NULL, NULL } };
	struct console_wait w = { .restarts = 1, .tell = tell, .payload = payload };
	struct console_talk *t = b->state;
	size_t from, to;
	int r = command(&from, &to, b, CONSOLE_RECOVER, with, w, 0, until_ms, err);

	(void)out; /* a console tells nothing of it */
	if (r < 0)
		return r;
	forget(t, to); /* what was said behind the match belongs to the restart */
	return follow_boot(b, until_ms, err);
}

static int gpio(uint64_t *out, struct board *b, uint64_t drive, uint64_t level, int64_t until_ms,
		struct err *err)
{
	char drive_text[20], level_text[20], answer[64], *end;
	const struct name_value with[] = { { "drive", drive_text },
					   { "level", level_text },
					   { NULL, NULL } };
	unsigned long long levels;
	int r;

	snprintf(drive_text, sizeof(drive_text), "%" PRIx64, drive);
	snprintf(level_text, sizeof(level_text), "%" PRIx64, level);
	r = value(answer, sizeof(answer), b, CONSOLE_GPIO, with, until_ms, err);
	if (r < 0)
		return r;
	levels = strtoull(answer, &end, 16);
	if (*end || strlen(answer) > 16 || strspn(answer, "+- ")) {
		struct sbuf said = { 0 };

		text_escape(&said, answer, strlen(answer));
		r = err_set(err, ERR_PROTO, "console 'gpio': '%s' is no mask in hex",
			    sbuf_str(&said));
		sbuf_release(&said);
		return r;
	}
	*out = levels;
	return 0;
}

static int serve(char *address, size_t size, struct board *b, const struct board_traffic *t,
		 int64_t until_ms, struct err *err)
{
	const char *net = b->slot ? b->slot->board_network : NULL;
	const char *colon = net ? strrchr(net, ':') : NULL;
	struct console_talk *talk = b->state;
	char port[16];
	const struct name_value with[] = { { "port", port }, { NULL, NULL } };
	size_t from, to, n;
	int r;

	if (!colon)
		return err_set(err, ERR_CONF,
			       "the slot has no board_network, so the unit's server "
			       "cannot be reached");
	n = (size_t)(colon - net);
	if (*net == '[') { /* IPv6 in brackets */
		net++;
		n -= 2;
	}
	if (n >= size)
		return err_set(err, ERR_CONF, "board_network is longer than %zu bytes", size - 1);
	snprintf(port, sizeof(port), "%d", t->port);
	r = command(&from, &to, b, CONSOLE_SERVE, with, (struct console_wait){ 0 }, 0, until_ms,
		    err);
	if (r < 0)
		return r;
	talk->foreground = 1;
	memcpy(address, net, n);
	address[n] = '\0';
	return 0;
}

static int measure(struct board *b, const struct board_traffic *t, int64_t until_ms,
		   struct err *err)
{
	char port[16], seconds[16], omit[16], rate[40] = "";
	const struct name_value with[] = { { "host", t->host },
					   { "port", port },
					   { "seconds", seconds },
					   { "omit", omit },
					   { "direction_flag", t->reverse ? "-R" : "" },
					   { "protocol_flag", t->udp ? "-u" : "" },
					   { "rate_flag", rate },
					   { NULL, NULL } };
	struct console_wait w = { .and_prompt = profile(b)->prompt != NULL };
	size_t from, to;

	snprintf(port, sizeof(port), "%d", t->port);
	snprintf(seconds, sizeof(seconds), "%d", t->seconds);
	snprintf(omit, sizeof(omit), "%d", t->omit);
	if (t->rate_bps > 0)
		snprintf(rate, sizeof(rate), "-b %.0f", t->rate_bps);
	return command(&from, &to, b, CONSOLE_MEASURE, with, w, (t->seconds + t->omit) * 1000LL,
		       until_ms, err);
}

static int ask(struct sbuf *said, size_t *from, size_t *to, struct board *b, const char *send,
	       const struct match *pattern, int64_t until_ms, struct err *err)
{
	struct console_wait w = { .match = pattern };
	struct console_talk *t = b->state;
	int r = 0;

	if (send)
		r = console_type(b, send, until_ms, err);
	if (r >= 0)
		r = console_await(from, to, b, &w, until_ms, err);
	sbuf_reset(said);
	sbuf_add(said, sbuf_str(&t->said), t->said.len);
	/* The next question must not find the rest of this answer. */
	if (r >= 0 && pattern && profile(b)->prompt)
		t->foreground = 1;
	return r;
}

static int open_talk(struct board *b, struct err *err)
{
	(void)err;
	b->state = calloc(1, sizeof(struct console_talk));
	if (!b->state)
		abort();
	return 0;
}

static void close_talk(struct board *b)
{
	struct console_talk *t = b->state;

	if (t)
		sbuf_release(&t->said);
	free(t);
	b->state = NULL;
}

/* --- the profile --- */

static uint32_t offers(const void *p)
{
	static const struct {
		enum console_command_index command;
		enum board_op op;
		int needs_match;
	} row[] = {
		{ CONSOLE_OS_VERSION, BOARD_OS_VERSION, 1 },
		{ CONSOLE_DEVICE_ID, BOARD_DEVICE_ID, 1 },
		{ CONSOLE_RESTART, BOARD_RESTART, 0 },
		{ CONSOLE_RECOVER, BOARD_RECOVER, 1 },
		{ CONSOLE_MAC, BOARD_MAC, 1 },
		{ CONSOLE_GPIO, BOARD_GPIO, 1 },
		{ CONSOLE_SERVE, BOARD_SERVE, 1 },
		{ CONSOLE_MEASURE, BOARD_MEASURE, 0 },
	};
	const struct console_profile *c = p;
	uint32_t has = BOARD_ASK;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (c->command[row[i].command].send &&
		    (c->command[row[i].command].match || !row[i].needs_match))
			has |= row[i].op;
	if (!c->pins.count)
		has &= ~(uint32_t)BOARD_GPIO;
	return has;
}

static const struct param_list *pins(const void *p)
{
	return &((const struct console_profile *)p)->pins;
}

const struct param console_command_params[] = {
	{ .name = "send",
	  .type = PARAM_TEXT,
	  .offset = offsetof(struct console_command, send),
	  .help = "What is typed; {name} takes the operation's parameters." },
	{ .name = "match",
	  .type = PARAM_PATTERN,
	  .offset = offsetof(struct console_command, match),
	  .optional = 1,
	  .help = "The answer; group 1 (or the whole match) is the value." },
	{ .name = "refused",
	  .type = PARAM_PATTERN,
	  .offset = offsetof(struct console_command, refused),
	  .optional = 1,
	  .help = "Text with which the board says that it failed; group 1 is the reason." },
	{ .name = "progress",
	  .type = PARAM_PATTERN,
	  .offset = offsetof(struct console_command, progress),
	  .optional = 1,
	  .help = "Text that tells how far it is; group 1 is the percentage." },
	{ .name = "within",
	  .type = PARAM_DURATION,
	  .offset = offsetof(struct console_command, within_ms),
	  .min = 1,
	  .max = 3600000,
	  .preset = "5 s",
	  .help = "Time for the answer, beyond what the operation itself takes." },
	{ .name = NULL },
};

/* Each {name} in `send` must be a parameter of the command. */
static void check_names(const struct ini_key *k, const struct console_command_row *row,
			struct findings *f)
{
	const char *at = k->value;

	while ((at = strchr(at, '{'))) {
		const char *end = strchr(at, '}');
		size_t n = end ? (size_t)(end - at) - 1 : 0, i = 0;
		struct place place = ini_place(k, (size_t)(at - k->value));

		if (!end || !n || strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_") != n) {
			at++; /* braces of a shell */
			continue;
		}
		while (row->parameters[i] &&
		       (strlen(row->parameters[i]) != n || memcmp(row->parameters[i], at + 1, n)))
			i++;
		if (!row->parameters[i]) {
			struct sbuf names = { 0 };

			for (i = 0; row->parameters[i]; i++)
				sbuf_printf(&names, "%s{%s}", i ? ", " : "; use ",
					    row->parameters[i]);
			finding_add(f, &place, FINDING_UNKNOWN_PARAMETER,
				    "unknown parameter '{%.*s}' of command %s%s", (int)n, at + 1,
				    row->name, names.len ? sbuf_str(&names) : "; it has none");
			sbuf_release(&names);
		}
		at = end;
	}
}

/* Without a word that only a restart brings, a prompt alone would count as one,
 * and a MAC that was never put to the test as stable. */
static void check_restart(const struct ini_section *s, struct ini *file, struct findings *f)
{
	const struct ini_section *board = ini_section(file, "board", "");

	if (board && !ini_key(board, "restarted") && !ini_key(board, "boot"))
		finding_add(f, &s->at, FINDING_MISSING_KEY,
			    "[command %s] needs 'restarted' or 'boot' in [board]: else nobody sees "
			    "whether the board did restart",
			    s->name);
}

static void read_commands(void *p, struct ini *file, struct arena *a, struct findings *f)
{
	const struct param *const rows[] = { console_command_params, NULL };
	struct console_profile *c = p;
	const char *names[CONSOLE_COMMANDS];

	for (int i = 0; i < CONSOLE_COMMANDS; i++)
		names[i] = console_command_rows[i].name;
	for (size_t i = 0; i < file->sections; i++) {
		struct ini_section *s = &file->section[i];
		const struct ini_key *send;
		const char *near;
		int which = 0;

		if (strcmp(s->kind, "command"))
			continue;
		if (!*s->name) {
			finding_add(f, &s->at, FINDING_BAD_SECTION,
				    "[command] needs a name: [command NAME]");
			continue;
		}
		while (which < CONSOLE_COMMANDS && strcmp(names[which], s->name))
			which++;
		if (which == CONSOLE_COMMANDS) {
			near = text_suggest(s->name, names, CONSOLE_COMMANDS);
			finding_add(f, &s->name_at, FINDING_UNKNOWN_COMMAND,
				    "unknown command '%s'%s%s%s", s->name,
				    near ? "; did you mean '" : "", near ? near : "",
				    near ? "'?" : "");
			continue;
		}
		param_read(&c->command[which], console_command_params, s, a, f);
		param_unknown(s, rows, f);
		send = ini_key(s, "send");
		if (send)
			check_names(send, &console_command_rows[which], f);
		if (which == CONSOLE_RESTART || which == CONSOLE_RECOVER)
			check_restart(s, file, f);
	}
}

static void release_commands(void *p)
{
	struct console_profile *c = p;

	for (int i = 0; i < CONSOLE_COMMANDS; i++)
		param_release(&c->command[i], console_command_params);
}

#define OFFSET(field) offsetof(struct console_profile, field)

static const struct param params[] = {
	{ .name = "prompt",
	  .type = PARAM_PATTERN,
	  .offset = OFFSET(prompt),
	  .optional = 1,
	  .help = "The prompt, matched against the last, unfinished line." },
	{ .name = "restarted",
	  .type = PARAM_PATTERN,
	  .offset = OFFSET(restarted),
	  .optional = 1,
	  .help = "Text that only a board that starts anew says." },
	{ .name = "boot",
	  .type = PARAM_PATTERN,
	  .offset = OFFSET(boot),
	  .optional = 1,
	  .help = "Text that says that the boot is over." },
	{ .name = "boot_within",
	  .type = PARAM_DURATION,
	  .offset = OFFSET(boot_within_ms),
	  .min = 1,
	  .max = 3600000,
	  .preset = "60 s",
	  .help = "Time from the restart to the prompt." },
	{ .name = "login_prompt",
	  .type = PARAM_PATTERN,
	  .offset = OFFSET(login_prompt),
	  .optional = 1,
	  .help = "The unfinished line that asks for a user." },
	{ .name = "login",
	  .type = PARAM_TEXT,
	  .offset = OFFSET(login),
	  .optional = 1,
	  .help = "The user to log in as." },
	{ .name = "password_prompt",
	  .type = PARAM_PATTERN,
	  .offset = OFFSET(password_prompt),
	  .optional = 1,
	  .help = "The unfinished line that asks for a password." },
	{ .name = "password",
	  .type = PARAM_TEXT,
	  .offset = OFFSET(password),
	  .optional = 1,
	  .may_be_empty = 1,
	  .help = "The password; it is in the record of the plan's board only by its file's "
		  "hash." },
	{ .name = "newline",
	  .type = PARAM_CHOICE,
	  .offset = OFFSET(newline),
	  .choices = (const char *const[]){ "lf", "cr", "crlf", NULL },
	  .preset = "lf",
	  .help = "What ends a typed line." },
	{ .name = "pins",
	  .type = PARAM_LIST,
	  .offset = OFFSET(pins),
	  .optional = 1,
	  .help = "Names of the pins, in the order of the bits of command gpio." },
	{ .name = NULL },
};

const struct board_driver board_console = {
	.name = "console",
	.summary = "any board with a text console, described by its profile",
	.params = params,
	.profile_size = sizeof(struct console_profile),
	.read = read_commands,
	.release = release_commands,
	.roles = 1 << ROLE_CONSOLE,
	.ops = { .os_version = os_version,
		 .device_id = device_id,
		 .restart = restart,
		 .recover = recover,
		 .mac = mac,
		 .gpio = gpio,
		 .serve = serve,
		 .measure = measure,
		 .ask = ask,
		 .ready = console_ready },
	.offers = offers,
	.pins = pins,
	.open = open_talk,
	.close = close_talk,
};
