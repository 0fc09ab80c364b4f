#include "board/mt3620_rest.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mt3620_choice.h"
#include "base/text.h"
#include "board/mt3620_refusal.h"

/* For each KiB of a body: four times what the line takes (our choice). */
enum { BODY_MS = 45 };

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
		code = rest_parse_restarts(restarts ? restarts : &ignored, sbuf_str(&b), b.len,
					   err);
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
