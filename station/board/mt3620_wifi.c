/*
 * mt3620_wifi -- have an MT3620 join a wireless network, and forget it again.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "board/mt3620_service_priv.h"

#define WLAN "wlan0"

/* Words of the diagnostics (mt3620.md 12), and whose doing it is. */
static const struct {
	const char *word;
	enum err_code code;
	int at_once; /* looking again changes nothing */
	const char *what;
} causes[] = {
	{ "WrongKey", ERR_PLAN, 1, "the access point does not take the key" },
	{ "NetworkNotFound", ERR_REFUSED, 0, "it finds no access point of that name" },
	{ "AuthenticationFailed", ERR_REFUSED, 0, "the access point does not let it in" },
};

static const struct rest_network *find(const struct rest_networks *n, int id)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->list[i].id == id)
			return &n->list[i];
	return NULL;
}

/* One look. 1: it is connected; 0: not yet, *code and err say why. */
static int look(enum err_code *code, int *at_once, struct mt3620_service *s, const char *ssid,
		int id, int64_t until_ms, struct err *err)
{
	const struct rest_network *mine;
	struct rest_networks all;
	struct arena a = { 0 };
	int r = rest_diagnose_networks(&all, &a, &s->rest, until_ms, err);

	*at_once = 0;
	mine = r < 0 ? NULL : find(&all, id);
	if (!r && !mine)
		r = err_set(err, ERR_PROTO, "the network that was set up is not in the list");
	if (!r && !strcmp(mine->connection, "connected"))
		r = 1;
	if (!r) {
		*code = err_set(err, ERR_REFUSED, "it does not connect to '%s': %s", ssid,
				*mine->error ? mine->error : mine->connection);
		for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
			if (!strcmp(causes[i].word, mine->error)) {
				*code = err_set(err, causes[i].code,
						"it does not connect to '%s': %s, %s", ssid,
						mine->error, causes[i].what);
				*at_once = causes[i].at_once;
			}
	}
	arena_free(&a);
	return r;
}

static int wait_connected(struct mt3620_service *s, const char *ssid, int id, int64_t until_ms,
			  struct err *err)
{
	enum err_code code = ERR_OK;
	struct err last = { 0 }; /* what kept it from being connected, and when */
	int64_t last_ms = 0;

	for (;;) {
		int at_once, r = look(&code, &at_once, s, ssid, id, until_ms, err);

		if (last.code && rest_is_cut_short(r, last_ms)) {
			*err = last;
			return last.code;
		}
		last = *err;
		last_ms = clock_ms();
		if (r)
			return r < 0 ? r : 0;
		if (at_once || clock_ms() + MT_REST_PAUSE_MS >= until_ms)
			return code;
		r = mt3620_net_wait(s->rest.net, clock_ms() + MT_REST_PAUSE_MS, err);
		if (r < 0)
			return r;
	}
}

static int wait_online(struct mt3620_service *s, const char *ssid, int64_t until_ms,
		       struct err *err)
{
	struct err last = { 0 }; /* what was missing */

	for (;;) {
		struct rest_net_status now;
		int r = rest_net_status(&now, &s->rest, until_ms, err);

		if (!r && now.authenticated && !strcmp(now.time_sync, "complete"))
			return 0;
		if (!r)
			err_set(&last, ERR_REFUSED,
				"it is connected to '%s' and not online: networkTimeSync is %s, "
				"the device is %s",
				ssid, now.time_sync,
				now.authenticated ? "authenticated" : "not authenticated");
		if (r < 0 && (r != ERR_TIMEOUT || !last.code))
			return r;
		if (r < 0 || clock_ms() + MT_REST_PAUSE_MS >= until_ms) {
			*err = last;
			return last.code;
		}
		r = mt3620_net_wait(s->rest.net, clock_ms() + MT_REST_PAUSE_MS, err);
		if (r < 0)
			return r;
	}
}

/* By name, not by number: a call whose answer was lost may have been carried out. */
static int forget(struct mt3620_service *s, const char *ssid, int64_t until_ms, struct err *err)
{
	struct rest_networks all;
	struct arena a = { 0 };
	const char *name = text_escaped(&a, ssid, strlen(ssid));
	int r = rest_networks(&all, &a, &s->rest, until_ms, err);

	for (size_t i = 0; !r && i < all.count; i++)
		if (!strcmp(all.list[i].ssid, name))
			r = rest_network_delete(&s->rest, all.list[i].id, until_ms, err);
	arena_free(&a);
	return r;
}

int mt3620_wifi_on(int *was_off, struct mt3620_service *s, int64_t until_ms, struct err *err)
{
	struct rest_interface i;
	struct arena a = { 0 };
	int r = rest_interface(&i, &a, &s->rest, WLAN, until_ms, err);

	*was_off = !r && !i.up;
	arena_free(&a);
	if (r == ERR_REFUSED || r == ERR_FINAL)
		return 0;
	return *was_off ? rest_set_interface(&s->rest, WLAN, 1, until_ms, err) : r;
}

int mt3620_wifi_off(int r, int was_off, struct mt3620_service *s, struct err *err)
{
	struct err later = { 0 };

	if (!was_off ||
	    rest_set_interface(&s->rest, WLAN, 0, clock_ms() + MT_REST_MS, &later) >= 0 || r < 0)
		return r;
	*err = later;
	return err_wrap(err, "switching Wi-Fi off again");
}

int mt3620_join(struct board *b, const struct board_network *n, int64_t until_ms, struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 0, until_ms, err);
	struct err later = { 0 };
	int id, was_off = 0, r = s ? mt3620_need_id(s, until_ms, err) : (int)err->code;

	if (!s)
		return r;
	if (!r)
		r = mt3620_wifi_on(&was_off, s, until_ms, err);
	if (r < 0)
		return mt3620_end(s, r, err);
	r = rest_network_add(&id, &s->rest, n->ssid, n->psk, until_ms, err);
	if (!r)
		r = wait_connected(s, n->ssid, id, until_ms, err);
	if (!r && n->online)
		r = wait_online(s, n->ssid, until_ms, err);
	/* Whatever came of it: a unit is not shipped with the factory's network. */
	if (forget(s, n->ssid, clock_ms() + MT_REST_MS, &later) < 0 && r >= 0) {
		*err = later;
		r = err_wrap(err, "removing the network again");
	}
	r = mt3620_wifi_off(r, was_off, s, err);
	return mt3620_end(s, r, err);
}
