#include "board/mt3620_rest_parse.h"

#include <ctype.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int strange(struct err *err, const char *expected, const char *s, size_t n)
{
	struct sbuf shown = { 0 };

	text_escape(&shown, s, (size_t)text_brief(s, n));
	err_set(err, ERR_PROTO, "the answer is '%s%s', must be %s", sbuf_str(&shown),
		n > (size_t)text_brief(s, n) ? "..." : "", expected);
	sbuf_release(&shown);
	return ERR_PROTO;
}

/* An object; what is no JSON, or has a name twice, is none. An empty body counts
 * as {} (mt3620.md 5.2). */
static json_t *object_of(const char *s, size_t n)
{
	json_t *j = n ? json_loadb(s, n, JSON_REJECT_DUPLICATES, NULL) : json_object();

	if (j && !json_is_object(j)) {
		json_decref(j);
		j = NULL;
	}
	return j;
}

static const char *text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key)); /* holds no NUL: jansson refuses it */
}

static int copy_word(char *out, size_t size, const char *text)
{
	size_t n = text ? strlen(text) : 0;

	if (!n || n >= size)
		return -1;
	memcpy(out, text, n + 1);
	return 0;
}

/* A word that is shown and compared: letters and digits only. */
static int copy_plain(char *out, size_t size, const char *text)
{
	for (const char *c = text; c && *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_-.", *c))
			return -1;
	return copy_word(out, size, text);
}

static int copy_hex(char *out, size_t size, const char *text)
{
	if (!text || strlen(text) != size - 1)
		return -1;
	for (size_t i = 0; i < size - 1; i++) {
		if (text_hex_digit(text[i]) < 0)
			return -1;
		out[i] = (char)tolower((unsigned char)text[i]);
	}
	out[size - 1] = '\0';
	return 0;
}

static int copy_guid(char out[REST_GUID], const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (!text || strlen(text) != REST_GUID - 1)
		return -1;
	for (size_t i = 0; i < REST_GUID; i++) {
		if (form[i] == 'x' ? text_hex_digit(text[i]) < 0 : text[i] != form[i])
			return -1;
		out[i] = (char)tolower((unsigned char)text[i]);
	}
	return 0;
}

static const char *escaped(struct arena *a, const char *text)
{
	return text ? text_escaped(a, text, strlen(text)) : "";
}

static int yes(const json_t *j, const char *key)
{
	return json_is_true(json_object_get(j, key));
}

/* A list of objects under key, at most REST_LIST_MAX, or NULL. */
static const json_t *list_of(const json_t *j, const char *key)
{
	const json_t *list = json_object_get(j, key);

	return json_is_array(list) && json_array_size(list) <= REST_LIST_MAX ? list : NULL;
}

int rest_parse_status(struct rest_status *out, const char *s, size_t n, struct err *err)
{
	json_t *j = object_of(s, n), *up = json_object_get(j, "uptime");
	double x = json_is_number(up) ? json_number_value(up) : NAN;

	json_decref(j);
	if (!isfinite(x) || x < 0)
		return strange(err, "{\"uptime\": seconds}", s, n);
	out->uptime_s = x;
	return 0;
}

int rest_parse_osversion(char *out, size_t size, const char *s, size_t n, struct err *err)
{
	json_t *j = object_of(s, n);
	int bad = copy_word(out, size, text_of(j, "osversion"));

	json_decref(j);
	return bad ? strange(err, "{\"osversion\": text}", s, n) : 0;
}

int rest_parse_security(struct rest_security *out, const char *s, size_t n, struct err *err)
{
	json_t *j = object_of(s, n);
	int bad = copy_plain(out->state, sizeof(out->state), text_of(j, "securityState")) ||
		  copy_hex(out->id, sizeof(out->id), text_of(j, "deviceIdentifier"));

	json_decref(j);
	return bad ? strange(err, "a security state with a device ID of 128 hexadecimal digits", s,
			     n)
		   : 0;
}

static int parse_word(char out[REST_WORD], const char *key, const char *s, size_t n,
		      struct err *err)
{
	json_t *j = object_of(s, n);
	int bad = copy_plain(out, REST_WORD, text_of(j, key));
	char expected[64];

	json_decref(j);
	if (!bad)
		return 0;
	snprintf(expected, sizeof(expected), "{\"%s\": word}", key);
	return strange(err, expected, s, n);
}

int rest_parse_state(char out[REST_WORD], const char *s, size_t n, struct err *err)
{
	return parse_word(out, "manufacturingState", s, n, err);
}

int rest_parse_app(char out[REST_WORD], const char *s, size_t n, struct err *err)
{
	return parse_word(out, "state", s, n, err);
}

int rest_parse_capabilities(struct rest_capabilities *out, const char *s, size_t n, struct err *err)
{
	json_t *j = object_of(s, n);
	const json_t *list = list_of(j, "device_capabilities"), *x;
	int bad = !list;
	size_t i;

	out->count = 0;
	json_array_foreach(list, i, x)
	{
		json_int_t v = json_is_integer(x) ? json_integer_value(x) : -1;

		bad |= v < 0 || v > 0xffff;
		out->list[out->count++] = (int)(bad ? 0 : v);
	}
	json_decref(j);
	return bad ? strange(err, "{\"device_capabilities\": [numbers]}", s, n) : 0;
}

static int parse_component(struct rest_component *c, struct arena *a, const json_t *x)
{
	const json_t *type = json_object_get(x, "image_type"), *images = list_of(x, "images");
	const json_t *first = json_array_get(images, 0);

	if (copy_guid(c->uid, text_of(x, "uid")) || !json_is_integer(type) ||
	    json_integer_value(type) < 0 || json_integer_value(type) > 0xffff)
		return -1;
	c->type = (int)json_integer_value(type);
	c->name = escaped(a, text_of(x, "name"));
	c->image[0] = '\0'; /* one without images is told by its absence from every release */
	return first ? copy_guid(c->image, text_of(first, "uid")) : 0;
}

int rest_parse_images(struct rest_images *out, struct arena *a, const char *s, size_t n,
		      struct err *err)
{
	json_t *j = object_of(s, n);
	const json_t *list = list_of(j, "components"), *x;
	int bad = !list;
	size_t i;

	*out = (struct rest_images){
		.updating = yes(j, "is_ota_update_in_progress"),
		.staged = yes(j, "has_staged_updates"),
		.restart_required = yes(j, "restart_required"),
		.component = arena_alloc(a, (json_array_size(list) + 1) * sizeof(*out->component)),
	};
	json_array_foreach(list, i, x) bad |= parse_component(&out->component[out->count++], a, x);
	json_decref(j);
	return bad ? strange(err, "a list of components with uid, image_type and images", s, n) : 0;
}

static int parse_interface(struct rest_interface *i, struct arena *a, const json_t *x)
{
	const char *name = text_of(x, "interfaceName"), *mac = text_of(x, "hardwareAddress");

	if (!name || !*name || strlen(name) > REST_WORD || (mac && strlen(mac) > REST_WORD))
		return -1;
	*i = (struct rest_interface){
		.name = escaped(a, name),
		.mac = mac ? arena_strdup(a, mac) : NULL,
		.up = yes(x, "interfaceUp"),
		.connected = yes(x, "connectedToNetwork"),
		.has_ip = yes(x, "ipAcquired"),
		.internet = yes(x, "connectedToInternet"),
	};
	return 0;
}

int rest_parse_interface(struct rest_interface *out, struct arena *a, const char *s, size_t n,
			 struct err *err)
{
	json_t *j = object_of(s, n);
	int bad = parse_interface(out, a, j);

	json_decref(j);
	return bad ? strange(err, "an interface with its interfaceName", s, n) : 0;
}

int rest_parse_interfaces(struct rest_interfaces *out, struct arena *a, const char *s, size_t n,
			  struct err *err)
{
	json_t *j = object_of(s, n);
	const json_t *list = list_of(j, "interfaces"), *x;
	int bad = !list;
	size_t i;

	*out = (struct rest_interfaces){
		.list = arena_alloc(a, (json_array_size(list) + 1) * sizeof(*out->list)),
	};
	json_array_foreach(list, i, x) bad |= parse_interface(&out->list[out->count++], a, x);
	json_decref(j);
	return bad ? strange(err, "{\"interfaces\": [each with its interfaceName]}", s, n) : 0;
}

int rest_parse_networks(struct rest_networks *out, struct arena *a, const char *s, size_t n,
			struct err *err)
{
	json_t *j = object_of(s, n);
	const json_t *list = list_of(j, "values"), *x;
	int bad = !list;
	size_t i;

	*out = (struct rest_networks){
		.list = arena_alloc(a, (json_array_size(list) + 1) * sizeof(*out->list)),
	};
	json_array_foreach(list, i, x)
	{
		const char *ssid = text_of(x, "ssid");
		const json_t *id = json_object_get(x, "id");

		bad |= !ssid;
		out->list[out->count++] = (struct rest_network){
			.ssid = escaped(a, ssid),
			.config = escaped(a, text_of(x, "configState")),
			.connection = escaped(a, text_of(x, "connectionState")),
			.error = escaped(a, text_of(x, "error")),
			.id = json_is_integer(id) ? (int)json_integer_value(id) : -1,
		};
	}
	json_decref(j);
	return bad ? strange(err, "{\"values\": [each with its ssid]}", s, n) : 0;
}

int rest_parse_network_id(int *id, const char *s, size_t n, struct err *err)
{
	json_t *j = object_of(s, n);
	const json_t *x = json_object_get(j, "id");
	json_int_t v = json_is_integer(x) ? json_integer_value(x) : -1;

	json_decref(j);
	if (v < 0 || v > INT_MAX)
		return strange(err, "a network with its id", s, n);
	*id = (int)v;
	return 0;
}

int rest_parse_net_status(struct rest_net_status *out, const char *s, size_t n, struct err *err)
{
	json_t *j = object_of(s, n);
	const json_t *ready = json_object_get(j, "deviceAuthenticationIsReady");
	int bad = !json_is_boolean(ready) ||
		  copy_plain(out->time_sync, REST_WORD, text_of(j, "networkTimeSync")) ||
		  copy_plain(out->proxy, REST_WORD, text_of(j, "proxy"));

	out->authenticated = json_is_true(ready);
	json_decref(j);
	return bad ? strange(err, "deviceAuthenticationIsReady, networkTimeSync and proxy", s, n)
		   : 0;
}

unsigned long rest_parse_error(const char *s, size_t n)
{
	json_t *j = n ? object_of(s, n) : NULL;
	const json_t *e = json_object_get(j, "error");
	json_int_t v = json_is_integer(e) ? json_integer_value(e) : 0;

	json_decref(j);
	return v > 0 && v <= 0xffffffff ? (unsigned long)v : 0;
}

int rest_parse_restarts(int *out, const char *s, size_t n, struct err *err)
{
	json_t *j = object_of(s, n);

	if (!j)
		return strange(err, "a JSON object", s, n);
	*out = yes(j, "restartingSystem");
	json_decref(j);
	return 0;
}
