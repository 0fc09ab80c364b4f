/*
 * mt3620_ask -- what a step asks an MT3620 for and gets by calls alone: its OS,
 * identity, state, inventory and MAC.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "board/mt3620_os.h"
#include "board/mt3620_refusal.h"
#include "board/mt3620_service_priv.h"

static const char rf_test_server[] = "508eddf2-b8c3-4a99-93d9-a045d9a060eb"; /* mt3620.md 6 */

/* --- identity, state, inventory --- */

int mt3620_device_id(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 0, until_ms, err);
	int r = s ? mt3620_need_id(s, until_ms, err) : (int)err->code;

	if (!s)
		return r;
	if (!r)
		snprintf(out, size, "%s", s->m->device_id);
	return mt3620_end(s, r, err);
}

int mt3620_state(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 0, until_ms, err);
	char word[REST_WORD];
	int r = s ? rest_state(word, &s->rest, until_ms, err) : (int)err->code;

	if (!s)
		return r;
	if (!r)
		snprintf(out, size, "%s", word);
	return mt3620_end(s, r, err);
}

int mt3620_finalise(struct board *b, const char *to, int64_t until_ms, struct err *err)
{
	static const char *const settable[] = { "Module1Complete", "DeviceComplete" };
	struct mt3620_service *s = mt3620_begin(b, 0, until_ms, err);
	int r = s ? mt3620_need_id(s, until_ms, err) : (int)err->code;

	if (!s)
		return r;
	if (!r && strcmp(to, settable[0]) && strcmp(to, settable[1]))
		r = err_set(err, ERR_PLAN, "'%.40s' is no state that can be set: %s or %s", to,
			    settable[0], settable[1]);
	if (!r)
		r = rest_set_state(&s->rest, to, until_ms, err);
	return mt3620_end(s, r, err);
}

/* The release by what is installed; *why where it is not to be told. */
static int os_by_images(const char **name, const char **why, struct arena *a,
			struct mt3620_service *s, const struct rest_images *images, struct err *err)
{
	struct mt3620_releases known;

	*name = NULL;
	if (!s->m->profile->versions) {
		*why = "the board profile has no 'versions', so that nobody knows which images "
		       "a release has";
		return 0;
	}
	if (mt3620_releases_load(&known, a, s->m->profile->versions, err) < 0)
		return err->code;
	*name = mt3620_release_of(why, a, &known, images);
	return 0;
}

static int os_of_old(char *out, size_t size, struct mt3620_service *s, int64_t until_ms,
		     struct err *err)
{
	const char *name, *why = NULL;
	struct rest_images images;
	struct arena a = { 0 };
	int r = 0;

	if (!s->m->profile->versions)
		r = err_set(err, ERR_LACKS,
			    "REST API %s cannot tell its OS, and the board profile has no "
			    "'versions' to tell it by its images",
			    s->rest.api);
	if (!r)
		r = rest_images(&images, &a, &s->rest, until_ms, err);
	if (!r)
		r = os_by_images(&name, &why, &a, s, &images, err);
	if (!r)
		snprintf(out, size, "%s", name ? name : "unknown");
	if (!r && !name)
		log_warning("OS by images: %s", why);
	arena_free(&a);
	return r;
}

int mt3620_os_version(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 0, until_ms, err);
	int r = s ? rest_osversion(out, size, &s->rest, until_ms, err) : (int)err->code;

	if (!s)
		return r;
	/* 15.2 has two causes; the API's version decides (mt3620.md 5.3). */
	if (r < 0 && s->rest.error == MT3620_REFUSAL(15, 2) && s->rest.api[0] &&
	    !rest_api_at_least(s->rest.api, "4.5.0"))
		r = os_of_old(out, size, s, until_ms, err);
	return mt3620_end(s, r, err);
}

/* A list that may be locked: hidden then, and that is no failure. */
static int may_hide(struct board_list *list, struct mt3620_service *s, int r)
{
	if (r != ERR_FINAL && s->rest.error != MT3620_REFUSAL(10, 18))
		return r;
	list->hidden = 1;
	return 0;
}

static void list_room(struct board_list *l, struct arena *a, size_t n)
{
	l->item = arena_alloc(a, (n + 1) * sizeof(*l->item));
}

static int list_capabilities(struct board_inventory *out, struct mt3620_service *s,
			     int64_t until_ms, struct err *err)
{
	static const char *const names[] = {
		[11] = "appDevelopment", [12] = "enableRFTestMode", [13] = "fieldServicing"
	};
	struct rest_capabilities c;
	int r = rest_capabilities(&c, &s->rest, until_ms, err);

	if (r < 0)
		return may_hide(&out->capabilities, s, r);
	list_room(&out->capabilities, out->arena, c.count);
	for (size_t i = 0; i < c.count; i++) {
		int n = c.list[i];
		const char *name = n >= 11 && n <= 13 ? names[n] : "unknown";

		if (n == 12 && !strcmp(out->state, "Blank"))
			continue; /* it is there by itself in that state */
		out->capabilities.item[out->capabilities.count++] =
			arena_printf(out->arena, "%d %s", n, name);
	}
	return 0;
}

static int list_images(struct board_inventory *out, struct mt3620_service *s, int64_t until_ms,
		       struct err *err)
{
	struct rest_images images;
	int r = rest_images(&images, out->arena, &s->rest, until_ms, err);

	if (r < 0) {
		r = may_hide(&out->applications, s, r);
		out->system.hidden = out->applications.hidden;
		return r;
	}
	list_room(&out->applications, out->arena, images.count);
	list_room(&out->system, out->arena, images.count);
	for (size_t i = 0; i < images.count; i++) {
		const struct rest_component *c = &images.component[i];
		int app = c->type == MT_TYPE_APPLICATION;
		struct board_list *l = app ? &out->applications : &out->system;

		l->item[l->count++] = app && c->image[0] ? c->image : c->uid;
	}
	return os_by_images(&out->os, &out->os_why, out->arena, s, &images, err);
}

static int list_networks(struct board_inventory *out, struct mt3620_service *s, int64_t until_ms,
			 struct err *err)
{
	struct rest_networks n;
	int was_off, r = mt3620_wifi_on(&was_off, s, until_ms, err);

	if (!r)
		r = rest_networks(&n, out->arena, &s->rest, until_ms, err);
	r = mt3620_wifi_off(r, was_off, s, err);
	if (r < 0)
		return may_hide(&out->networks, s, r);
	list_room(&out->networks, out->arena, n.count);
	for (size_t i = 0; i < n.count; i++)
		out->networks.item[out->networks.count++] = n.list[i].ssid;
	return 0;
}

int mt3620_inventory(struct board_inventory *out, struct board *b, int64_t until_ms,
		     struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 0, until_ms, err);
	char word[REST_WORD];
	int r = s ? rest_state(word, &s->rest, until_ms, err) : (int)err->code;

	if (!s)
		return r;
	if (!r) {
		out->state = arena_strdup(out->arena, word);
		out->test_server = rf_test_server;
		r = list_capabilities(out, s, until_ms, err);
	}
	if (!r)
		r = list_images(out, s, until_ms, err);
	if (!r)
		r = list_networks(out, s, until_ms, err);
	return mt3620_end(s, r, err);
}

/* --- MAC --- */

/* There is no such interface: is that the plan's doing or the unit's? */
static int no_interface(struct mt3620_service *s, const char *nic, int64_t until_ms,
			struct err *err)
{
	struct rest_interfaces all;
	struct rest_images images;
	struct arena a = { 0 };
	int r = rest_interfaces(&all, &a, &s->rest, until_ms, err);

	for (size_t i = 0; !r && i < all.count; i++)
		if (!strcmp(all.list[i].name, nic))
			r = err_set(err, ERR_PROTO,
				    "interface %s is listed, and asked for it is an %s", nic,
				    "invalid request URI");
	if (!r)
		r = rest_images(&images, &a, &s->rest, until_ms, err);
	if (!r && !mt3620_find_type(&images, MT_TYPE_BOARD_CONFIG) && !strncmp(nic, "eth", 3))
		r = err_set(err, ERR_IMAGES,
			    "there is no %s: the board has no board configuration; name one as "
			    "'board_config' of its profile",
			    nic);
	else if (!r)
		r = err_set(err, ERR_REFUSED,
			    "there is no %s, though the board configuration is loaded: its "
			    "adapter is not found",
			    nic);
	arena_free(&a);
	return r;
}

int mt3620_read_mac(char *out, size_t size, struct board *b, const char *nic, int64_t until_ms,
		    struct err *err)
{
	struct mt3620_service *s = mt3620_begin(b, 0, until_ms, err);
	struct rest_interface i = { 0 };
	struct arena a = { 0 };
	int r = s ? rest_interface(&i, &a, &s->rest, nic, until_ms, err) : (int)err->code;

	if (s && r < 0 &&
	    (s->rest.error == MT3620_REFUSAL(15, 2) || s->rest.error == MT3620_REFUSAL(30, 14)))
		r = no_interface(s, nic, until_ms, err);
	else if (!r && !i.mac)
		r = err_set(err, ERR_PROTO, "interface %s has no hardwareAddress", nic);
	if (!r)
		snprintf(out, size, "%s", i.mac);
	arena_free(&a);
	return s ? mt3620_end(s, r, err) : r;
}
