#include "board/mt3620_service_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "board/mt3620_refusal.h"

enum {
	IMAGE_MAX = 16 << 20,
	BOOT_MS = 120000,     /* from a restart to an answer */
	CALL_MS = 30000,      /* longest wait for one answer: a board may be booting */
	GOES_ON_MS = 15000,   /* a board that still answers this long after a restart did none */
	APP_START_MS = 20000, /* from its start to its connection */
	TRY_MS = 3000,        /* one look whether the board is back */
	RESTARTS = 3,         /* tries of a restart that is not answered */
	CABLE_MS = 100,       /* to hear that an interface is gone */
	LEAVE_MS = 2000,      /* to remove the application when a board is let go */
	PACE_MS = 1500,       /* over which the pace of its clock is taken */
};

static int64_t sooner(int64_t until_ms, int64_t ms)
{
	return clock_ms() + ms < until_ms ? clock_ms() + ms : until_ms;
}

static int64_t patient(const struct mt3620_service *s, int64_t ms)
{
	double x = (double)ms * s->m->profile->patience;

	return x < 1 ? 1 : (int64_t)x;
}

/* --- the link --- */

/* What port D says meanwhile tells a board that boots from one that is dead. */
static int explain_silence(struct mt3620_service *s, struct err *err)
{
	struct link *d = s->m->board->links[ROLE_RECOVERY];
	struct err ignored = { 0 };
	char buf[512];
	int r = d ? link_read(buf, sizeof(buf), d, clock_ms(), &ignored) : 0;
	char text[sizeof(err->text)];

	memcpy(text, err->text, sizeof(text));
	if (!d)
		return err->code;
	return err_set(err, err->code, "%.300s%s", text,
		       r > 0 ? "; its recovery UART speaks: it boots, or applies an update"
			     : "; its recovery UART is silent, too");
}

static int need_net(struct mt3620_service *s, struct err *err)
{
	struct board *b = s->m->board;

	if (s->rest.net)
		return 0;
	if (!s->m->profile->trust)
		return err_set(err, ERR_LACKS, "the board profile has no 'trust'");
	if (!b->links[ROLE_SERVICE])
		return err_set(err, ERR_CONF, "the fixture wires no channel 'service'");
	s->rest.wait_ms = patient(s, CALL_MS);
	return mt3620_net_open(&s->rest.net, b->links[ROLE_SERVICE], s->m->profile->trust, err);
}

/* The board that answers is the one of this slot. */
int mt3620_need_id(struct mt3620_service *s, int64_t until_ms, struct err *err)
{
	struct rest_security security;
	struct mt3620_board *m = s->m;

	if (rest_security(&security, &s->rest, until_ms, err) < 0)
		return err->code;
	if (!m->device_id[0])
		memcpy(m->device_id, security.id, sizeof(m->device_id));
	if (!strcmp(m->device_id, security.id))
		return 0;
	return err_set(
		err, ERR_EXCHANGED,
		"board %.8s... answers where board %.8s... was: exchanged, or crossed cables",
		security.id, m->device_id);
}

static int remove_app(struct mt3620_service *s, int64_t until_ms, struct err *err);

/* Every operation begins here: the link is there, the application is gone. */
struct mt3620_service *mt3620_begin(struct board *b, int keep_app, int64_t until_ms,
				    struct err *err)
{
	struct mt3620_service *s = mt3620_of(b)->service;

	if (need_net(s, err) < 0)
		return NULL;
	if (!keep_app && s->app_loaded && remove_app(s, until_ms, err) < 0)
		return NULL;
	return s;
}

/* A locked call: a unit that is finalised, or one that lacks a capability? */
static int explain_lock(struct mt3620_service *s, struct err *err)
{
	struct err ignored = { 0 };
	char state[REST_WORD], text[sizeof(err->text)];

	memcpy(text, err->text, sizeof(text));
	if (rest_state(state, &s->rest, clock_ms() + MT_REST_MS, &ignored) < 0)
		return err->code;
	if (!strcmp(state, "DeviceComplete"))
		return err_set(err, ERR_FINAL, "%.300s; the unit is DeviceComplete already", text);
	return err_set(err, ERR_LACKS, "%.300s; the unit is %s: it lacks a capability", text,
		       state);
}

/* Every operation ends here. */
int mt3620_end(struct mt3620_service *s, int r, struct err *err)
{
	if (r == ERR_FINAL)
		return explain_lock(s, err);
	return r == ERR_SILENT ? explain_silence(s, err) : r;
}

/* --- restart --- */

/* One reading of the board's uptime, on our clock. Its seconds are taken as they come:
 * a virtual board with shortened times counts faster. */
static int read_uptime(struct reading *out, struct mt3620_service *s, int64_t until_ms,
		       struct err *err)
{
	struct rest_status status;
	int r = rest_status(&status, &s->rest, until_ms, err);

	if (!r)
		*out = (struct reading){ status.uptime_s, clock_ms() };
	return r;
}

/* The last reading before something that restarts the board, and the pace of its
 * clock, so that afterwards a clock that went on is known from one that began anew. */
static int watch_clock(struct before *out, struct mt3620_service *s, int64_t until_ms,
		       struct err *err)
{
	int64_t due;
	int r = s->since.at_ms ? 0 : read_uptime(&s->since, s, until_ms, err);

	due = s->since.at_ms + PACE_MS;
	if (!r && clock_ms() < due)
		r = mt3620_net_wait(s->rest.net, due < until_ms ? due : until_ms, err);
	if (!r)
		r = read_uptime(&out->last, s, until_ms, err);
	if (r < 0)
		return r;
	out->per_ms = (out->last.s - s->since.s) / (double)(out->last.at_ms - s->since.at_ms);
	if (out->per_ms > 0.0004 && out->per_ms < 0.0016)
		out->per_ms = 0.001; /* whole seconds, over so short a time, of a true clock */
	s->since.at_ms = 0;          /* whatever comes, it is another count */
	return 0;
}

/* Below what it was, or behind what its pace would have made of it by more than half of
 * what a restart takes from it. */
static int is_anew(const struct before *b, const struct reading *now)
{
	double gone_on = b->last.s + b->per_ms * (double)(now->at_ms - b->last.at_ms);

	return now->s < b->last.s || (b->per_ms > 0 && gone_on - now->s > b->last.s / 2);
}

/* From here the board is down, or about to be; wait until it is back with a new
 * uptime. A link that vanished proves nothing. */
static int come_back(struct mt3620_service *s, const struct before *before, int64_t until_ms,
		     struct err *err)
{
	int64_t from = clock_ms(), given = sooner(until_ms, patient(s, BOOT_MS));
	unsigned long heard = mt3620_net_counts(s->rest.net)->received;
	struct reading now = { 0 };
	int r, line = 0;

	for (;;) {
		mt3620_net_forget(s->rest.net);
		r = mt3620_net_wait(s->rest.net, sooner(given, MT_REST_DOWN_AFTER_MS), err);
		if (r >= 0)
			r = read_uptime(&now, s, sooner(given, TRY_MS), err);
		if (!r && is_anew(before, &now)) {
			s->since = now;
			return 0;
		}
		if (!r && clock_ms() - from > patient(s, GOES_ON_MS))
			return err_set(err, ERR_NOT_BACK,
				       "it accepted the restart and did not restart: its uptime "
				       "went on from %.0f s to %.0f s",
				       before->last.s, now.s);
		if (r == ERR_GONE || r == ERR_IO || r == ERR_TRUST)
			return r;
		line |= r == ERR_LINE; /* also what a UART says that loses its power */
		if (clock_ms() < given)
			continue;
		if (line && mt3620_net_counts(s->rest.net)->received > heard)
			return err_wrap(err, "it is heard after the restart, and no answer came");
		return err_set(err, ERR_NOT_BACK, "it did not come back within %lld s",
			       (long long)(clock_ms() - from) / 1000);
	}
}

static int may_be_carried_out(int r)
{
	return !r || r == ERR_PROTO || r == ERR_TIMEOUT || r == ERR_LINE || r == ERR_SILENT;
}

/* A call whose answer did not come may have been carried out, or not: the uptime tells,
 * and a restart too many does no harm. One that was accepted is not asked for again. */
static int do_restart(struct mt3620_service *s, int64_t until_ms, struct err *err)
{
	for (int i = 1;; i++) {
		struct before before;
		int r = watch_clock(&before, s, until_ms, err), asked;

		if (r < 0)
			return r;
		asked = rest_restart(&s->rest, sooner(until_ms, MT_REST_MS), err);
		if (!may_be_carried_out(asked))
			return asked;
		r = come_back(s, &before, until_ms, err);
		if (r != ERR_NOT_BACK || !asked)
			return r;
		if (i == RESTARTS)
			return asked == ERR_LINE || asked == ERR_SILENT
				       ? err_set(err, (enum err_code)asked,
						 "the service link lost the restart or its answer, "
						 "%d times",
						 RESTARTS)
				       : r;
	}
}

int mt3620_restart(struct board *b, int64_t until_ms, struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 0, until_ms, err);

	return s ? mt3620_end(s, do_restart(s, until_ms, err), err) : (int)err->code;
}

/* --- images --- */

static int load_image(int *restarts, struct mt3620_service *s, const char *path, int64_t until_ms,
		      struct err *err)
{
	struct arena a = { 0 };
	char *image;
	size_t n;
	int r = file_read(&image, &n, &a, path, IMAGE_MAX, err);

	if (r < 0)
		r = err_set(err, ERR_IMAGES, "image %s cannot be read", path);
	*restarts = 0;
	if (!r)
		r = rest_stage(&s->rest, image, n, until_ms, err);
	if (!r)
		r = rest_install(restarts, &s->rest, until_ms, err);
	arena_free(&a);
	return r < 0 ? err_wrap(err, "image %s", path) : 0;
}

/* The component of this type that is installed, or NULL. */
const struct rest_component *mt3620_find_type(const struct rest_images *images, int type)
{
	for (size_t i = 0; i < images->count; i++)
		if (images->component[i].type == type)
			return &images->component[i];
	return NULL;
}

static int do_provision(struct mt3620_service *s, struct arena *a, int64_t until_ms,
			struct err *err)
{
	struct rest_images images;
	struct before before;
	int restarts, r = rest_images(&images, a, &s->rest, until_ms, err);

	if (r < 0 || mt3620_find_type(&images, MT_TYPE_BOARD_CONFIG))
		return r;
	r = watch_clock(&before, s, until_ms, err);
	if (!r)
		r = load_image(&restarts, s, s->m->profile->board_config, until_ms, err);
	if (r < 0)
		return r;
	/* The reading that counts is one after configuration and restart. */
	return restarts ? come_back(s, &before, until_ms, err) : do_restart(s, until_ms, err);
}

int mt3620_provision(struct board *b, int64_t until_ms, struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 0, until_ms, err);
	struct arena a = { 0 };
	int r = s ? do_provision(s, &a, until_ms, err) : (int)err->code;

	arena_free(&a);
	return s ? mt3620_end(s, r, err) : r;
}

/* --- the test application --- */

static int remove_app(struct mt3620_service *s, int64_t until_ms, struct err *err)
{
	struct before before = { 0 };
	int restarts = 0, r;

	app_bye(&s->app);
	r = read_uptime(&before.last, s, until_ms, err);
	if (!r)
		r = rest_app_delete(&restarts, &s->rest, MT_HELPER_COMPONENT, until_ms, err);
	if (r < 0 && s->rest.error == MT3620_REFUSAL(14, 12))
		r = 0; /* it is not there */
	if (!r && restarts)
		r = come_back(s, &before, until_ms, err);
	if (r < 0)
		return err_wrap(err, "removing the test application");
	s->app_loaded = 0;
	return 0;
}

static int load_app(struct mt3620_service *s, int64_t until_ms, struct err *err)
{
	struct before before = { 0 };
	char state[REST_WORD];
	int restarts = 0, r = read_uptime(&before.last, s, until_ms, err);

	if (r < 0)
		return r;
	s->app_loaded = 1;
	r = load_image(&restarts, s, s->m->profile->app, until_ms, err);
	if (!r && restarts)
		r = come_back(s, &before, until_ms, err);
	if (!r)
		r = rest_app_state(state, &s->rest, MT_HELPER_COMPONENT, until_ms, err);
	if (!r && !strcmp(state, "notPresent"))
		return err_set(err, ERR_IMAGES,
			       "image %s was installed, and component " MT_HELPER_COMPONENT
			       " is not there: it is another application",
			       s->m->profile->app);
	if (!r && strcmp(state, "running"))
		r = rest_app_trigger(&s->rest, MT_HELPER_COMPONENT, "start", until_ms, err);
	return r;
}

/* Host of "127.0.0.1:5201" or "[::1]:5201", as the fixture has it. */
static int host_of(char *out, size_t size, const char *address)
{
	const char *colon = address ? strrchr(address, ':') : NULL;
	size_t n = colon ? (size_t)(colon - address) : 0;

	if (n && *address == '[') {
		address++;
		n -= 2;
	}
	if (!n || n >= size)
		return -1;
	memcpy(out, address, n);
	out[n] = '\0';
	return 0;
}

static int need_app(struct mt3620_service *s, int64_t until_ms, struct err *err)
{
	const struct mt3620_profile *p = s->m->profile;
	const struct fixture_slot *slot = s->m->board->slot;
	char host[64];
	int port, r;

	if (s->app.fd >= 0)
		return 0;
	app_close(&s->app);
	if (!slot || host_of(host, sizeof(host), slot->network))
		return err_set(err, ERR_CONF,
			       "the slot has no 'network': nobody knows where the test "
			       "application reaches the station");
	port = mt3620_app_port(p, slot);
	r = mt3620_need_id(s, until_ms, err);
	if (!r)
		r = app_listen(&s->app, host, port, err);
	if (!r)
		r = load_app(s, until_ms, err);
	if (!r)
		r = app_accept(&s->app, s->m->device_id, sooner(until_ms, patient(s, APP_START_MS)),
			       err);
	if (r < 0)
		app_close(&s->app);
	return r;
}

/* An application that breaks off may have lost its board: the cable tells. */
static int ask_cable(struct mt3620_service *s, int r, struct err *err)
{
	struct err gone = { 0 };
	int now;

	if (r >= 0 || !s->rest.net)
		return r;
	now = mt3620_net_wait(s->rest.net, clock_ms() + CABLE_MS, &gone);
	if (now != ERR_GONE && now != ERR_IO)
		return r;
	*err = gone;
	return now;
}

int mt3620_equip(struct board *b, int64_t until_ms, struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 1, until_ms, err);

	return s ? mt3620_end(s, ask_cable(s, need_app(s, until_ms, err), err), err)
		 : (int)err->code;
}

int mt3620_gpio(uint64_t *out, struct board *b, uint64_t drive, uint64_t level, int64_t until_ms,
		struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 1, until_ms, err);
	int r = s ? need_app(s, until_ms, err) : (int)err->code;

	if (!s)
		return r;
	if (!r) {
		r = app_gpio(out, &s->app, &s->m->profile->pins, drive, level, until_ms, err);
		if (r < 0)
			app_close(&s->app); /* it comes again */
	}
	return mt3620_end(s, ask_cable(s, r, err), err);
}

int mt3620_measure(struct board *b, const struct board_traffic *t, int64_t until_ms,
		   struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 1, until_ms, err);
	int r = s ? need_app(s, until_ms, err) : (int)err->code;

	if (!s)
		return r;
	if (!r) {
		r = app_iperf(&s->app, t, until_ms, err);
		if (r < 0 && r != ERR_REFUSED)
			app_close(&s->app);
	}
	return mt3620_end(s, ask_cable(s, r, err), err);
}

/* Where it is cut, it begins with a whole line. Nobody opens a link for it. */
int mt3620_log(struct sbuf *out, struct board *b, size_t max, int64_t until_ms, struct err *err)
{
	struct mt3620_service *s = mt3620_of(b)->service;
	struct sbuf all = { 0 };
	const char *from, *line;
	int r;

	if (!s->rest.net)
		return err_set(err, ERR_SILENT, "the service link was never used");
	r = rest_log(&all, &s->rest, sooner(until_ms, patient(s, MT_REST_MS)), err);
	from = sbuf_str(&all);
	if (all.len > max) {
		from += all.len - max;
		line = memchr(from, '\n', max);
		from = line ? line + 1 : from;
	}
	if (!r)
		sbuf_add(out, from, all.len - (size_t)(from - sbuf_str(&all)));
	sbuf_release(&all);
	return r;
}

/* --- the family's own use --- */

static int alive(struct mt3620_board *m, int64_t until_ms, struct err *err)
{
	struct mt3620_service *s = m->service;
	struct rest_status status;
	int r = need_net(s, err);

	do /* what a board says in the middle of its boot is no answer yet */
		r = r ? r : rest_status(&status, &s->rest, until_ms, err);
	while ((r == ERR_PROTO || r == ERR_REFUSED) && clock_ms() < until_ms &&
	       !(r = mt3620_net_wait(s->rest.net, clock_ms() + MT_REST_PAUSE_MS, err)));
	return r == ERR_SILENT ? err_set(err, ERR_TIMEOUT, "the service link is silent") : r;
}

static void forget(struct mt3620_board *m)
{
	struct mt3620_service *s = m->service;

	if (s->rest.net)
		mt3620_net_forget(s->rest.net);
	s->since.at_ms = 0;
	app_close(&s->app); /* its image is removed as ever, where a recovery left it */
}

/* For whoever looks at a slot whose link is not what it was. */
static void log_counts(const struct net_counts *n)
{
	log_info("service link: %lu packets out, %lu in, %lu damaged, %lu TCP segments lost, "
		 "%lu calls made again, %lu writes held up by flow control",
		 n->sent, n->received, n->bad, n->lost, n->repeats, n->held);
}

static void close_service(struct mt3620_board *m)
{
	struct mt3620_service *s = m->service;
	struct err ignored = { 0 };

	if (s->rest.net && s->app_loaded)
		remove_app(s, clock_ms() + LEAVE_MS, &ignored);
	if (s->rest.net)
		log_counts(mt3620_net_counts(s->rest.net));
	app_close(&s->app);
	mt3620_net_close(s->rest.net);
	free(s);
	m->service = NULL;
}

static const struct mt3620_service_ops link_ops = {
	.alive = alive,
	.forget = forget,
	.close = close_service,
};

int mt3620_service_open(struct mt3620_board *m, struct err *err)
{
	struct mt3620_service *s = calloc(1, sizeof(*s));

	(void)err;
	if (!s)
		abort();
	s->m = m;
	app_init(&s->app);
	m->service = s;
	m->service_ops = &link_ops;
	return 0;
}

uint32_t mt3620_service_offers(const struct mt3620_profile *p)
{
	uint32_t service = BOARD_OS_VERSION | BOARD_DEVICE_ID | BOARD_RESTART | BOARD_MAC |
			   BOARD_STATE | BOARD_FINALISE | BOARD_INVENTORY | BOARD_JOIN;

	if (!p->trust)
		return 0;
	return service | (p->app ? BOARD_GPIO | BOARD_MEASURE : 0) |
	       (p->board_config ? BOARD_PROVISION : 0);
}
