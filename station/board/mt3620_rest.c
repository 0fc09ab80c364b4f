#include "board/mt3620_rest.h"

#include <ctype.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mt3620_choice.h"
#include "base/text.h"
#include "base/version.h"
#include "board/mt3620_refusal.h"

/* For each KiB of a body: four times what the line takes (our choice). */
enum { BODY_MS = 45 };

/* --- taking answers apart --- */

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

static int parse_restarts(int *out, const char *s, size_t n, struct err *err)
{
	json_t *j = object_of(s, n);

	if (!j)
		return strange(err, "a JSON object", s, n);
	*out = yes(j, "restartingSystem");
	json_decref(j);
	return 0;
}

/* --- calls --- */

static int refused(struct rest *r, const struct net_call *c, const struct net_answer *a,
		   struct err *err)
{
	const char *body = sbuf_str(&a->body);
	unsigned long n = rest_parse_error(body, a->body.len);
	const struct mt3620_refusal *known;
	struct sbuf what = { 0 };
	enum err_code code;

	if (!n && a->status == 403)
		n = MT3620_REFUSAL(10, 18);
	r->error = n;
	known = mt3620_refusal_find(n);
	code = known ? known->code : ERR_REFUSED;
	if (n)
		mt3620_refusal_print(&what, n);
	else
		text_escape(&what, body, (size_t)text_brief(body, a->body.len));
	err_set(err, code, "%s %s is refused: HTTP %ld%s%s", c->method, c->path, a->status,
		what.len ? ", " : "", sbuf_str(&what));
	sbuf_release(&what);
	return code;
}

int rest_is_cut_short(int code, int64_t known_ms)
{
	return code == ERR_TIMEOUT ||
	       ((code == ERR_SILENT || code == ERR_LINE) && clock_ms() - known_ms < MT_REST_MS);
}

static int call(struct sbuf *body, struct rest *r, const struct net_call *c, int64_t until_ms,
		struct err *err)
{
	struct net_answer a = { 0 };
	int64_t latest = clock_ms() + r->wait_ms + (int64_t)c->size * BODY_MS / 1024;
	struct err refusal = { 0 }; /* of the try before */
	unsigned long error = 0;
	int64_t refused_ms = 0;
	int code;

	if (r->wait_ms && latest < until_ms)
		until_ms = latest;
	for (;;) {
		const struct mt3620_refusal *known;

		r->error = 0;
		code = mt3620_net_call(&a, r->net, c, until_ms, err);
		/* It answered, and kept on refusing. */
		if (refusal.code && rest_is_cut_short(code, refused_ms)) {
			*err = refusal;
			code = refusal.code;
			r->error = error;
		}
		if (code < 0)
			break;
		memcpy(r->api, a.api, sizeof(r->api));
		/* An error counts whatever the status; bytes of a log are no JSON of a call. */
		if ((a.status == 200 || a.status == 201) &&
		    (c->max || !rest_parse_error(sbuf_str(&a.body), a.body.len))) {
			if (body) {
				sbuf_reset(body);
				sbuf_add(body, sbuf_str(&a.body), a.body.len);
			}
			break;
		}
		code = refused(r, c, &a, err);
		known = mt3620_refusal_find(r->error);
		/* A refusal for now changed nothing, so that even a call that is made
		 * once may be made again. */
		if (!known || known->again != MT_AGAIN_LATER ||
		    clock_ms() + MT_REST_PAUSE_MS >= until_ms)
			break;
		refusal = *err;
		error = r->error;
		refused_ms = clock_ms();
		code = mt3620_net_wait(r->net, clock_ms() + MT_REST_PAUSE_MS, err);
		if (code < 0)
			break;
	}
	sbuf_release(&a.body);
	return code < 0 ? code : 0;
}

static int get(struct sbuf *body, struct rest *r, const char *path, int64_t until_ms,
	       struct err *err)
{
	return call(body, r, &(struct net_call){ .method = "GET", .path = path }, until_ms, err);
}

/* GET a path and take the answer apart: `parse` names the answer `b`. */
#define GET(path, parse)                                                                           \
	do {                                                                                       \
		struct sbuf b = { 0 };                                                             \
		int code = get(&b, r, path, until_ms, err); /* says itself what was asked */       \
		if (!code) {                                                                       \
			code = (parse);                                                            \
			if (code == ERR_PROTO && code == (int)err->code)                           \
				err_wrap(err, "GET %s", path);                                     \
		}                                                                                  \
		sbuf_release(&b);                                                                  \
		return code;                                                                       \
	} while (0)

int rest_status(struct rest_status *out, struct rest *r, int64_t until_ms, struct err *err)
{
	GET("/status", rest_parse_status(out, sbuf_str(&b), b.len, err));
}

int rest_osversion(char *out, size_t size, struct rest *r, int64_t until_ms, struct err *err)
{
	GET("/osversion", rest_parse_osversion(out, size, sbuf_str(&b), b.len, err));
}

int rest_security(struct rest_security *out, struct rest *r, int64_t until_ms, struct err *err)
{
	GET("/device/security_state", rest_parse_security(out, sbuf_str(&b), b.len, err));
}

int rest_state(char out[REST_WORD], struct rest *r, int64_t until_ms, struct err *err)
{
	GET("/device/manufacturing_state", rest_parse_state(out, sbuf_str(&b), b.len, err));
}

int rest_capabilities(struct rest_capabilities *out, struct rest *r, int64_t until_ms,
		      struct err *err)
{
	GET("/device/capabilities", rest_parse_capabilities(out, sbuf_str(&b), b.len, err));
}

int rest_images(struct rest_images *out, struct arena *a, struct rest *r, int64_t until_ms,
		struct err *err)
{
	GET("/images", rest_parse_images(out, a, sbuf_str(&b), b.len, err));
}

int rest_net_status(struct rest_net_status *out, struct rest *r, int64_t until_ms, struct err *err)
{
	GET("/net/status", rest_parse_net_status(out, sbuf_str(&b), b.len, err));
}

int rest_interfaces(struct rest_interfaces *out, struct arena *a, struct rest *r, int64_t until_ms,
		    struct err *err)
{
	GET("/net/interfaces", rest_parse_interfaces(out, a, sbuf_str(&b), b.len, err));
}

int rest_networks(struct rest_networks *out, struct arena *a, struct rest *r, int64_t until_ms,
		  struct err *err)
{
	GET("/wifi/config/networks", rest_parse_networks(out, a, sbuf_str(&b), b.len, err));
}

int rest_diagnose_networks(struct rest_networks *out, struct arena *a, struct rest *r,
			   int64_t until_ms, struct err *err)
{
	GET("/wifi/diagnostics/networks", rest_parse_networks(out, a, sbuf_str(&b), b.len, err));
}

/* Names go into a path: letters, digits and what GUIDs have. */
static int path_of(char *out, size_t size, const char *folder, const char *name, struct err *err)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

	if (!n || name[n] || n > 64)
		return err_set(err, ERR_PLAN, "'%.60s' is no name that a board knows", name);
	snprintf(out, size, "%s/%s", folder, name);
	return 0;
}

int rest_interface(struct rest_interface *out, struct arena *a, struct rest *r, const char *name,
		   int64_t until_ms, struct err *err)
{
	char path[128];

	if (path_of(path, sizeof(path), "/net/interfaces", name, err) < 0)
		return err->code;
	GET(path, rest_parse_interface(out, a, sbuf_str(&b), b.len, err));
}

int rest_app_state(char out[REST_WORD], struct rest *r, const char *component, int64_t until_ms,
		   struct err *err)
{
	char path[128];

	if (path_of(path, sizeof(path), "/app/status", component, err) < 0)
		return err->code;
	GET(path, rest_parse_app(out, sbuf_str(&b), b.len, err));
}

/* A call that changes the board: made once. The answer goes to *restarts. */
static int change(int *restarts, struct rest *r, const char *method, const char *path,
		  const void *body, size_t size, const char *type, int64_t until_ms,
		  struct err *err)
{
	struct sbuf b = { 0 };
	int ignored, code;

	code = call(
		&b, r,
		&(struct net_call){
			.method = method, .path = path, .body = body, .size = size, .type = type },
		until_ms, err);
	if (!code)
		code = parse_restarts(restarts ? restarts : &ignored, sbuf_str(&b), b.len, err);
	sbuf_release(&b);
	return code;
}

static int change_by(int *restarts, struct rest *r, const char *method, const char *path,
		     struct sbuf *body, int64_t until_ms, struct err *err)
{
	int code =
		change(restarts, r, method, path, sbuf_str(body), body->len, NULL, until_ms, err);

	sbuf_release(body);
	return code;
}

int rest_set_state(struct rest *r, const char *state, int64_t until_ms, struct err *err)
{
	struct sbuf body = { 0 };
	struct json j = { .out = &body };

	json_open(&j, NULL, '{');
	json_text(&j, "manufacturingState", state);
	json_close(&j, '}');
	return change_by(NULL, r, "PUT", "/device/manufacturing_state", &body, until_ms, err);
}

int rest_set_interface(struct rest *r, const char *name, int up, int64_t until_ms, struct err *err)
{
	struct sbuf body = { 0 };
	struct json j = { .out = &body };
	char path[128];

	if (path_of(path, sizeof(path), "/net/interfaces", name, err) < 0)
		return err->code;
	json_open(&j, NULL, '{');
	json_bool(&j, "interfaceUp", up);
	json_close(&j, '}');
	return change_by(NULL, r, "PATCH", path, &body, until_ms, err);
}

int rest_network_add(int *id, struct rest *r, const char *ssid, const char *psk, int64_t until_ms,
		     struct err *err)
{
	struct sbuf body = { 0 }, answer = { 0 };
	struct json j = { .out = &body };
	int code;

	json_open(&j, NULL, '{');
	json_text(&j, "ssid", ssid);
	json_text(&j, "securityState", psk ? "psk" : "open");
	if (psk)
		json_text(&j, "psk", psk);
	json_text(&j, "configState", "enabled");
	json_close(&j, '}');
	code = call(&answer, r,
		    &(struct net_call){ .method = "POST",
					.path = "/wifi/config/networks",
					.body = sbuf_str(&body),
					.size = body.len },
		    until_ms, err);
	if (!code)
		code = rest_parse_network_id(id, sbuf_str(&answer), answer.len, err);
	sbuf_release(&body);
	sbuf_release(&answer);
	return code;
}

int rest_network_delete(struct rest *r, int id, int64_t until_ms, struct err *err)
{
	char path[64];

	snprintf(path, sizeof(path), "/wifi/config/networks/%d", id);
	return change(NULL, r, "DELETE", path, NULL, 0, NULL, until_ms, err);
}

int rest_restart(struct rest *r, int64_t until_ms, struct err *err)
{
	return change(NULL, r, "POST", "/restart", NULL, 0, NULL, until_ms, err);
}

int rest_stage(struct rest *r, const void *image, size_t size, int64_t until_ms, struct err *err)
{
	return change(NULL, r, "PUT", "/update/stage", image, size, "application/octet-stream",
		      until_ms, err);
}

int rest_install(int *restarts, struct rest *r, int64_t until_ms, struct err *err)
{
	static const char manual[] = "{\"appControlMode\":\"Manual\"}";

	return change(restarts, r, "POST", "/update/install", manual, sizeof(manual) - 1, NULL,
		      until_ms, err);
}

int rest_app_trigger(struct rest *r, const char *component, const char *trigger, int64_t until_ms,
		     struct err *err)
{
	struct sbuf body = { 0 };
	struct json j = { .out = &body };
	char path[128];

	if (path_of(path, sizeof(path), "/app/status", component, err) < 0)
		return err->code;
	json_open(&j, NULL, '{');
	json_text(&j, "trigger", trigger);
	json_close(&j, '}');
	return change_by(NULL, r, "PATCH", path, &body, until_ms, err);
}

int rest_app_delete(int *restarts, struct rest *r, const char *component, int64_t until_ms,
		    struct err *err)
{
	char path[128];

	if (path_of(path, sizeof(path), "/app/image", component, err) < 0)
		return err->code;
	return change(restarts, r, "DELETE", path, NULL, 0, NULL, until_ms, err);
}

int rest_log(struct sbuf *out, struct rest *r, int64_t until_ms, struct err *err)
{
	return call(out, r,
		    &(struct net_call){ .method = "GET", .path = "/log", .max = MT_REST_LOG_MAX },
		    until_ms, err);
}

int rest_api_at_least(const char *api, const char *least)
{
	long a[3], b[3];
	char rest;

	if (sscanf(api, "%5ld.%5ld.%5ld%c", &a[0], &a[1], &a[2], &rest) != 3 ||
	    sscanf(least, "%5ld.%5ld.%5ld", &b[0], &b[1], &b[2]) != 3)
		return 0;
	for (int i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] > b[i];
	return 1;
}
