#include "ui/plain.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "floor/client.h"
#include "ui/entry.h"
#include "ui/lang.h"
#include "ui/said.h"
#include "ui/ui.h"

enum {
	OPEN_MS = 10000,
	INPUT_MAX = FLOOR_SCAN,
	LEAVE_MS = 500,
	LOOK_MS = 1000,
	SIGN_LEAST = 1000,
	SIGNS = 9000,
	GUESS_MS = 1000 /* no command counts so soon behind a wrong number; our choice */
};

struct seen { /* what was last said of a slot */
	enum floor_state state;
	size_t step;
	int64_t question;
	char run[40];
	int pulled;
};

struct plain {
	struct client *client;
	char sign[8]; /* what a command begins with: "/4731" */
	int in, out, failed;
	enum { STAYS, LEAVES, STATION_ENDED } leave;
	int ascii; /* a terminal that cannot show UTF-8 */
	struct seen *seen;
	char person[80], record[8];
	struct sbuf told; /* the last notice: its reply says the same */
	struct entry entry;
	int64_t guessed_ms; /* when a line began with another number */
	int64_t asked;      /* id of the last command */
	int verdict;        /* column of it in the rows that answer it, or -1 */
	int64_t answered;
	int silent; /* that the station does not answer has been said */
};

static void say(struct plain *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void to_ascii(struct sbuf *b)
{
	struct sbuf is = { 0 };
	char letters[3];

	for (const char *s = sbuf_str(b); *s;) {
		int n = text_utf8_len(s, strlen(s));

		text_to_ascii(letters, s, n > 0 ? (size_t)n : 1);
		sbuf_puts(&is, *s == '\n' ? "\n" : letters);
		s += n > 0 ? n : 1;
	}
	sbuf_release(b);
	*b = is;
}

static void say(struct plain *p, const char *fmt, ...)
{
	struct sbuf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(&b, fmt, ap);
	va_end(ap);
	sbuf_putc(&b, '\n');
	if (p->ascii)
		to_ascii(&b);
	if (!p->failed && write_all(p->out, b.data, b.len))
		p->failed = errno;
	sbuf_release(&b);
}

/* --- what the station tells --- */

static const char *or_nothing(const char *before, const char *text)
{
	return *text ? before : "";
}

static void say_end(struct plain *p, const struct floor_slot *s)
{
	switch (s->verdict) {
	case VERDICT_PASS:
		say(p, T("slot %s: PASS%s, unit %s"), s->name, s->marginal ? T(" (marginal)") : "",
		    s->serial);
		return;
	case VERDICT_FAIL:
		if (*s->fail_name)
			say(p, T("slot %s: FAIL, unit %s: %s is %s, must be %s%s%s%s%s"), s->name,
			    s->serial, s->fail_name, s->fail_value, s->fail_limit,
			    or_nothing("; ", s->fail_note), said(s->fail_note),
			    or_nothing(". ", s->instruction), s->instruction);
		else
			say(p, T("slot %s: FAIL, unit %s: %s%s%s"), s->name, s->serial,
			    said(s->message), or_nothing(". ", s->instruction), s->instruction);
		return;
	default:
		say(p, T("slot %s: %s, unit %s has no verdict%s: %s%s%s"), s->name,
		    ui_verdict(s->verdict), s->serial,
		    s->blame == BLAME_STATION ? T(", the station is to blame and not the unit")
					      : "",
		    said(s->message), or_nothing(". ", s->todo), said(s->todo));
	}
}

/* Of the plan, before its unit is tested. */
static void say_instruction(struct plain *p, const struct floor_slot *s)
{
	if (*s->instruction && s->step == 0)
		say(p, T("slot %s: %s"), s->name, s->instruction);
}

static void say_state(struct plain *p, const struct floor_slot *s)
{
	switch (s->state) {
	case FLOOR_OUT:
		say(p, T("slot %s: empty"), s->name);
		return;
	case FLOOR_IN:
		say(p, T("slot %s: a board is plugged in, scan its unit"), s->name);
		return;
	case FLOOR_SCANNED:
		say(p, T("slot %s: unit %s is scanned, plug its board in"), s->name, s->serial);
		say_instruction(p, s);
		return;
	case FLOOR_RUNNING:
		say(p, T("slot %s: unit %s is being tested, %s%s"), s->name, s->serial, s->plan,
		    s->mode == MODE_PRODUCTION ? "" : T(", does not count"));
		say_instruction(p, s);
		return;
	case FLOOR_PAUSED:
		if (s->step < s->steps)
			say(p, T("slot %s: paused before step %zu of %zu, %s"), s->name,
			    s->step + 1, s->steps, s->step_id);
		else
			say(p, T("slot %s: paused, all steps have run"), s->name);
		return;
	case FLOOR_ENDED:
		say_end(p, s);
		return;
	case FLOOR_UNRECORDED:
	case FLOOR_TROUBLE:
		say(p,
		    s->state == FLOOR_TROUBLE ? T("slot %s: trouble: %s%s%s")
					      : T("slot %s: unrecorded: %s%s%s"),
		    s->name, said(s->message), or_nothing(". ", s->todo), said(s->todo));
		return;
	default:
		return; /* a moment between two others */
	}
}

static void say_question(struct plain *p, const struct floor_slot *s)
{
	const struct floor_question *q = &s->question;
	struct sbuf choices = { 0 };

	for (size_t i = 0; i < q->choices; i++)
		sbuf_printf(&choices, "%s%s", i ? ", " : "", q->choice[i]);
	if (!strcmp(q->kind, "scan"))
		say(p, T("slot %s asks for a scan: %s"), s->name, q->text);
	else
		say(p, T("slot %s asks: %s%s%s; %s answer %s and your answer"), s->name, q->text,
		    choices.len ? T(" One of ") : "", sbuf_str(&choices), p->sign, s->name);
	if (q->picture)
		say(p, T("slot %s: picture %s"), s->name, q->picture);
	sbuf_release(&choices);
}

static void tell_slot(struct plain *p, size_t index)
{
	const struct floor_slot *s = client_slot(p->client, index);
	struct seen *was = &p->seen[index];
	/* Another run with the same end is another end. */
	int is_new = s->state != was->state || strcmp(s->run, was->run) != 0 ||
		     (s->state == FLOOR_PAUSED && s->step != was->step);

	if (is_new)
		say_state(p, s);
	if (s->state == FLOOR_ENDED && s->pulled && !was->pulled)
		say(p, T("slot %s: its board was taken out"), s->name);
	if (s->question.number && s->question.number != was->question)
		say_question(p, s);
	if (is_new && s->state == FLOOR_ENDED && !p->failed)
		client_shown(p->client, s->run);
	was->state = s->state;
	was->step = s->step;
	was->question = s->question.number;
	was->pulled = s->pulled;
	snprintf(was->run, sizeof(was->run), "%s", s->run);
}

static void on_slot(void *payload, size_t index)
{
	tell_slot(payload, index);
}

/* In the language of the one who is logged in. */
static void speak(const struct floor_status *s)
{
	lang_set(s->language);
}

static void on_status(void *payload)
{
	struct plain *p = payload;
	const struct floor_status *s = client_status(p->client);
	const char *record = s->record_ok ? "ok" : "red";

	speak(s);
	if (strcmp(s->person, p->person) != 0)
		say(p, *s->person ? T("%s, %s, is logged in") : T("nobody is logged in"),
		    s->person_name, lang_word_or_same(s->role));
	if (strcmp(record, p->record) != 0 && !(s->record_ok && !*p->record))
		say(p,
		    s->record_ok ? T("the record is written again")
				 : T("the record is not written, no unit starts: %s"),
		    said(s->record_text));
	snprintf(p->person, sizeof(p->person), "%s", s->person);
	snprintf(p->record, sizeof(p->record), "%s", record);
}

static void on_notice(void *payload, const struct floor_notice *n)
{
	static const char *const before[] = {
		[FLOOR_NOTICE_INFO] = "",
		[FLOOR_NOTICE_ASK] = "",
		[FLOOR_NOTICE_NO] = N("refused: "),
		[FLOOR_NOTICE_BAD] = N("station: "),
	};
	struct plain *p = payload;
	struct sbuf text = { 0 };

	said_of_code(&text, n->text, n->code);
	say(p, "%s%s", T(before[n->kind]), sbuf_str(&text));
	sbuf_release(&text);
	sbuf_reset(&p->told);
	sbuf_puts(&p->told, n->text);
}

static void on_reply(void *payload, const struct floor_reply *r)
{
	struct plain *p = payload;

	p->answered = r->id;
	for (size_t i = 0; i < r->rows; i++) {
		struct sbuf line = { 0 };

		for (size_t k = 0; r->row[i][k]; k++)
			sbuf_printf(&line, "%s%s", k ? "  " : "",
				    (int)k == p->verdict ? lang_word_or_same(r->row[i][k])
							 : r->row[i][k]);
		say(p, "%s", sbuf_str(&line));
		sbuf_release(&line);
	}
	if (!strcmp(r->text, sbuf_str(&p->told)))
		return;
	if (!r->ok)
		say(p, T("no: %s"), said(r->text));
	else if (r->rows || r->id == p->asked)
		say(p, "%s", *r->text ? said(r->text) : T("done"));
}

static void on_gone(void *payload)
{
	struct plain *p = payload;

	p->leave = STATION_ENDED;
}

/* --- what a person types --- */

static const struct word {
	enum floor_do what;
	const char *args; /* s: slot, o: slot or none, t: the rest is text, u: a serial first */
} words[] = {
	{ FLOOR_DO_CHOOSE, "s" },   { FLOOR_DO_FORGET, "o" }, { FLOOR_DO_CONFIRM, "" },
	{ FLOOR_DO_ANSWER, "st" },  { FLOOR_DO_STOP, "o" },   { FLOOR_DO_LOGOUT, "" },
	{ FLOOR_DO_LANGUAGE, "t" }, { FLOOR_DO_MODE, "ot" },  { FLOOR_DO_PAUSE, "s" },
	{ FLOOR_DO_STEP, "s" },     { FLOOR_DO_GO, "s" },     { FLOOR_DO_REPEAT, "s" },
	{ FLOOR_DO_SKIP, "s" },     { FLOOR_DO_GRANT, "t" },  { FLOOR_DO_DISPOSE, "ut" },
	{ FLOOR_DO_MAP, "st" },     { FLOOR_DO_FIND, "t" },   { FLOOR_DO_RUNS, "t" },
	{ FLOOR_DO_SHOW, "t" },     { FLOOR_DO_PLANS, "" },   { FLOOR_DO_SHIFT, "" },
};

static void help(struct plain *p)
{
	say(p, "%s",
	    T("A line is a scan. Commands; those of an engineer end in \"because\" and a reason:"));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *a = words[i].args;

		say(p, "%s %s%s%s%s%s: %s", p->sign, floor_do_word(words[i].what),
		    strchr(a, 's') ? T(" SLOT") : "", strchr(a, 'o') ? T(" [SLOT]") : "",
		    strchr(a, 'u') ? T(" SERIAL") : "", strchr(a, 't') ? T(" TEXT") : "",
		    said(floor_do_help(words[i].what)));
	}
	say(p, T("%s status: all slots. %s quit: leave; what runs goes on."), p->sign, p->sign);
}

static const struct floor_slot *slot_of(const struct plain *p, const char *name)
{
	for (size_t i = 0; i < client_slots(p->client); i++)
		if (!strcmp(client_slot(p->client, i)->name, name))
			return client_slot(p->client, i);
	return NULL;
}

static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " ");

	*rest = word + strcspn(word, " ");
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static int64_t silent_ms(const struct plain *p)
{
	int64_t ms = clock_ms() - client_heard_ms(p->client);

	return ms >= UI_SILENT_MS ? ms : 0;
}

static void look_alive(struct plain *p)
{
	int64_t ms = silent_ms(p);

	if (ms && !p->silent)
		say(p,
		    T("station: it does not answer since %lld s; verdicts wait, and nothing that "
		      "is scanned or typed is done; if it stays so, call an engineer"),
		    (long long)ms / 1000);
	else if (!ms && p->silent)
		say(p, "%s", T("station: it answers again"));
	p->silent = ms != 0;
}

static void give(struct plain *p, const struct floor_command *c)
{
	struct err err = { 0 };
	int64_t id;

	if (silent_ms(p)) {
		say(p, "%s", T("no: the station does not answer; nothing was done"));
		return;
	}
	id = client_do(p->client, c, &err);
	if (id < 0)
		say(p, T("no: %s"), said(err.text));
	else if (c->what != FLOOR_DO_SCAN)
		p->asked = id; /* of a scan a notice tells */
	p->verdict = c->what == FLOOR_DO_FIND ? 4 : c->what == FLOOR_DO_RUNS ? 3 : -1;
}

/* What stands behind the word of a command, by words[].args. 0, or -1: said why not. */
static int take_args(struct plain *p, struct floor_command *c, const char *args, char *rest)
{
	const struct floor_slot *slot = NULL;

	if (*args == 's' || *args == 'o') {
		int optional = *args == 'o', text = args[1] == 't';

		c->slot = next_word(&rest);
		slot = slot_of(p, c->slot);
		if (*c->slot && !slot && !(optional && text)) {
			say(p, T("no: there is no slot %.40s"), c->slot);
			return -1;
		}
		if (optional && !slot) {
			if (*c->slot && text)
				c->text = c->slot; /* it was the text */
			c->slot = NULL;
		}
		args++;
	}
	if (*args == 'u') {
		c->serial = next_word(&rest);
		args++;
	}
	rest += strspn(rest, " ");
	if (*args == 't' && !c->text) {
		c->text = rest;
	} else if (*rest) {
		say(p, T("no: what is '%.40s' behind it?"), rest);
		return -1;
	}
	c->len = c->text ? strlen(c->text) : 0;
	if (c->what == FLOOR_DO_ANSWER && slot)
		c->question = slot->question.number;
	return 0;
}

static void take_command(struct plain *p, char *line)
{
	struct floor_command c = { .what = FLOOR_DO_NONE };
	const struct word *w = NULL;
	char *because = strstr(line, " because "), *rest = line, *word = next_word(&rest);

	if (because) {
		*because = '\0';
		c.reason = because + strlen(" because ");
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(floor_do_word(words[i].what), word))
			w = &words[i];
	if (!strcmp(word, "quit")) {
		p->leave = LEAVES;
	} else if (!strcmp(word, "status")) {
		for (size_t i = 0; i < client_slots(p->client); i++)
			say_state(p, client_slot(p->client, i));
	} else if (!w) {
		if (strcmp(word, "help") != 0)
			say(p, T("no: there is no command %.40s"), word);
		help(p);
	} else {
		c.what = w->what;
		if (!take_args(p, &c, w->args, rest))
			give(p, &c);
	}
}

/* No rhythm tells a scanner from dictation or a pipe: a command begins with a number that is
 * new each time. A label that tries many of them has one guess. */
static void take_line(struct plain *p, char *line, size_t len)
{
	struct floor_command scan = { .what = FLOOR_DO_SCAN, .text = line, .len = len };
	size_t sign = strlen(p->sign);
	int is_sign = !strncmp(line, p->sign, sign) && (!line[sign] || line[sign] == ' ');

	if (!len)
		return;
	if (is_sign && p->guessed_ms && clock_ms() - p->guessed_ms < GUESS_MS) {
		say(p, "%s",
		    T("no: it came right behind a line with another number; again, please"));
		return;
	}
	if (is_sign && memchr(line, '\0', len)) {
		say(p, "%s", T("no: a command holds no control characters"));
	} else if (is_sign) {
		take_command(p, line + sign);
	} else {
		give(p, &scan);
		if (*line == '/')
			say(p, T("taken for a scan; a command begins with %s"), p->sign);
		if (*line == '/' && line[1] >= '0' && line[1] <= '9')
			p->guessed_ms = clock_ms();
	}
}

static void on_entry(void *payload, enum entry_what what, const char *text, size_t len)
{
	struct plain *p = payload;
	char *copy;

	switch (what) {
	case ENTRY_LINE:
		copy = malloc(len + 1);
		if (!copy)
			abort();
		memcpy(copy, text, len + 1);
		take_line(p, copy, len);
		free(copy);
		break;
	case ENTRY_MIXED:
		say(p, "%s",
		    T("refused: typed and scanned in one line, nothing was done: once more"));
		break;
	case ENTRY_TWO:
		say(p, "%s", T("refused: several lines came as one, nothing was done: scan again"));
		break;
	case ENTRY_LONG:
		say(p, T("refused: a line of %d bytes or more"), INPUT_MAX);
		break;
	case ENTRY_LEAVE:
		p->leave = LEAVES;
		break;
	case ENTRY_ECHO:
		if (!p->failed && write_all(p->out, text, len))
			p->failed = errno;
		break;
	}
}

static void on_input(struct plain *p)
{
	char bytes[4096];
	ssize_t n = read(p->in, bytes, sizeof(bytes));
	int64_t now = clock_ns(), due = entry_due(&p->entry);

	if (n <= 0)
		p->leave = LEAVES;
	else /* what waits while this process is late may have come right behind the last byte */
		entry_feed(&p->entry, bytes, (size_t)n, now < due ? now : due - 1);
}

/* --- the terminal, if it is one --- */

static struct termios tty_before;
static int tty_fd = -1;

static void tty_restore(void)
{
	if (tty_fd >= 0)
		tcsetattr(tty_fd, TCSANOW, &tty_before);
	tty_fd = -1;
}

static void end_now(int signo)
{
	tty_restore();
	_exit(128 + signo);
}

/* Each byte as it comes: none of a label ends, stops or erases anything. */
static int tty_single_bytes(int fd)
{
	static const int ends[] = { SIGTERM, SIGHUP, SIGINT };
	struct sigaction a = { .sa_handler = end_now };
	struct termios mode;

	if (!isatty(fd) || tcgetattr(fd, &tty_before) < 0)
		return 0;
	mode = tty_before;
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	mode.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR | ISTRIP | BRKINT);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	tty_fd = fd;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaction(ends[i], &a, NULL);
	return tcsetattr(fd, TCSAFLUSH, &mode) == 0;
}

/* This process stood still: what was scanned meanwhile was meant for what was there then. */
static void drop_input(struct plain *p)
{
	tcflush(p->in, TCIFLUSH);
	entry_drop(&p->entry);
	say(p, "%s",
	    T("station: this stood still; what was scanned or typed meanwhile was dropped"));
}

/* Until the last command is answered, but not for long. */
static void settle(struct plain *p)
{
	int64_t until = clock_ms() + LEAVE_MS;

	while (p->leave == LEAVES && p->answered < p->asked && clock_ms() < until) {
		struct pollfd f = { client_fd(p->client), client_events(p->client), 0 };

		if (poll(&f, 1, clock_left_ms(until)) > 0)
			client_ready(p->client, f.revents);
	}
}

int plain_run(int in, int out, const char *socket, const char *self, const char *conf,
	      struct err *err)
{
	static const struct client_ops ops = { .slot = on_slot,
					       .status = on_status,
					       .notice = on_notice,
					       .reply = on_reply,
					       .gone = on_gone };
	struct plain p = { .in = in,
			   .out = out,
			   .ascii = isatty(out) && strcmp(nl_langinfo(CODESET), "UTF-8") != 0 };
	int64_t looked_ms, until_ms;
	int r, n, late;

	p.entry = (struct entry){ .most = INPUT_MAX, .hear = on_entry, .payload = &p };
	lang_init();
	snprintf(p.sign, sizeof(p.sign), "/%u", SIGN_LEAST + randombytes_uniform(SIGNS));
	r = client_open(&p.client, socket, self, conf, &ops, &p, clock_ms() + OPEN_MS, err);

	if (r < 0)
		return r;
	p.seen = calloc(client_slots(p.client) + 1, sizeof(*p.seen));
	if (!p.seen)
		abort();
	p.entry.tty = tty_single_bytes(in);
	speak(client_status(p.client)); /* somebody may be logged in */
	say(&p,
	    TN("station %s, %zu slot; commands begin with %s, %s help lists them",
	       "station %s, %zu slots; commands begin with %s, %s help lists them",
	       (long long)client_slots(p.client)),
	    client_status(p.client)->station, client_slots(p.client), p.sign, p.sign);
	on_status(&p);
	for (size_t i = 0; i < client_slots(p.client); i++)
		tell_slot(&p, i);
	looked_ms = clock_ms();
	while (!p.leave && !p.failed) {
		struct pollfd f[] = { { client_fd(p.client), client_events(p.client), 0 },
				      { in, POLLIN, 0 } };

		until_ms = entry_due(&p.entry) / 1000000 + 1;
		if (until_ms > clock_ms() + LOOK_MS)
			until_ms = clock_ms() + LOOK_MS;
		n = poll(f, 2, clock_left_ms(until_ms));
		/* Also when the terminal took nothing of what was said. */
		late = clock_ms() - looked_ms >= UI_SILENT_MS;
		looked_ms = clock_ms();
		if (late && p.entry.tty) {
			drop_input(&p);
			continue;
		}
		if (n < 0)
			continue;
		if (f[0].revents)
			client_ready(p.client, f[0].revents);
		if (!p.leave)
			look_alive(&p);
		if (f[1].revents && !p.leave)
			on_input(&p);
		entry_tick(&p.entry, clock_ns());
	}
	tty_restore();
	settle(&p);
	if (p.failed)
		r = err_set(err, ERR_IO, "standard output: %s", strerror(p.failed));
	else if (p.leave == STATION_ENDED)
		r = err_set(err, ERR_GONE, "the station ended");
	client_close(p.client);
	sbuf_release(&p.told);
	entry_release(&p.entry);
	free(p.seen);
	return r;
}
