#include "board/mt3620_http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/lazy.h"
#include "base/mt3620_choice.h"

/* easy_setopt() lacks what the macro of that name checks: a number must be a long. */
/* clang-format off */
#define CURL_CALLS(F) \
	F(curl_, easy_reset) F(curl_, easy_setopt) F(curl_, easy_getinfo) \
	F(curl_, slist_append) F(curl_, slist_free_all)
LAZY(curl, CURL_CALLS);
/* clang-format on */

enum { HEADER_MAX = 16384, CLOSE_MS = 1000 /* who drives libcurl ends a handshake first */ };

int http_load(struct err *err)
{
	return LAZY_NEED(curl, err);
}

static size_t body_max(const struct net_call *c)
{
	return c->max ? c->max : MT_REST_ANSWER_MAX;
}

size_t http_longest(const struct http_try *t)
{
	return t->headers > HEADER_MAX ? (size_t)HEADER_MAX : body_max(t->call);
}

static size_t on_body(char *bytes, size_t one, size_t size, void *payload)
{
	struct http_try *t = payload;

	if (t->answer->body.len + size * one > body_max(t->call)) {
		t->too_long = 1;
		return 0;
	}
	sbuf_add(&t->answer->body, bytes, size * one);
	return size * one;
}

static size_t on_header(char *line, size_t one, size_t size, void *payload)
{
	static const char name[] = "REST-API-Version:";
	struct http_try *t = payload;
	size_t n = size * one, from = sizeof(name) - 1, room = sizeof(t->answer->api) - 1;

	t->headers += n;
	if (t->headers > HEADER_MAX) {
		t->too_long = 1;
		return 0;
	}
	if (n < from || strncasecmp(line, name, from))
		return n;
	while (n > from && strchr(" \t\r\n", line[n - 1]))
		n--;
	while (from < n && line[from] == ' ')
		from++;
	if (n - from <= room) {
		memcpy(t->answer->api, line + from, n - from);
		t->answer->api[n - from] = '\0';
	}
	return size * one;
}

static size_t on_upload(char *out, size_t one, size_t size, void *payload)
{
	struct http_try *t = payload;
	size_t left = t->call->size - t->uploaded, n = size * one < left ? size * one : left;

	memcpy(out, (const char *)t->call->body + t->uploaded, n);
	t->uploaded += n;
	return n;
}

static int on_seek(void *payload, curl_off_t offset, int origin)
{
	struct http_try *t = payload;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > t->call->size)
		return CURL_SEEKFUNC_FAIL;
	t->uploaded = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

static void set_trust(CURL *e, const char *trust, const char *socket)
{
	curl.easy_setopt(e, CURLOPT_CAINFO, trust);
	curl.easy_setopt(e, CURLOPT_CAPATH, NULL); /* the PC's own authorities do not count */
	curl.easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl.easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl.easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl.easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	curl.easy_setopt(e, CURLOPT_PROXY, "");
	curl.easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl.easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl.easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl.easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	curl.easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
}

static void set_call(CURL *e, struct http_try *t)
{
	const struct net_call *c = t->call;
	char text[300];

	snprintf(text, sizeof(text), "https://" HTTP_HOST "%s", c->path);
	curl.easy_setopt(e, CURLOPT_URL, text);
	t->list = curl.slist_append(NULL, "Expect:");
	if (strcmp(c->method, "GET")) {
		snprintf(text, sizeof(text), "Content-Type: %s",
			 c->type ? c->type : "application/json");
		t->list = curl.slist_append(t->list, text);
	}
	curl.easy_setopt(e, CURLOPT_HTTPHEADER, t->list);
	if (!strcmp(c->method, "PUT")) {
		curl.easy_setopt(e, CURLOPT_UPLOAD, 1L);
		curl.easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)c->size);
		curl.easy_setopt(e, CURLOPT_READFUNCTION, on_upload);
		curl.easy_setopt(e, CURLOPT_READDATA, t);
		curl.easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
		curl.easy_setopt(e, CURLOPT_SEEKDATA, t);
	} else if (strcmp(c->method, "GET")) {
		curl.easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->size);
		curl.easy_setopt(e, CURLOPT_POSTFIELDS, c->size ? c->body : "");
		curl.easy_setopt(e, CURLOPT_CUSTOMREQUEST, c->method);
	}
}

void http_begin(struct http_try *t, CURL *e, const char *trust, const char *socket, int64_t for_ms)
{
	t->answer->status = 0;
	t->answer->api[0] = '\0';
	sbuf_reset(&t->answer->body);
	curl.easy_reset(e);
	set_trust(e, trust, socket);
	set_call(e, t);
	t->told[0] = '\0';
	curl.easy_setopt(e, CURLOPT_ERRORBUFFER, t->told);
	curl.easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl.easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl.easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl.easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl.easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)for_ms);
	curl.easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)MT_TLS_MS + CLOSE_MS);
}

void http_end(struct http_try *t, CURL *e)
{
	curl.easy_getinfo(e, CURLINFO_RESPONSE_CODE, &t->answer->status);
	curl.easy_setopt(e, CURLOPT_ERRORBUFFER, NULL); /* t may go before the handle does */
	curl.slist_free_all(t->list);
	t->list = NULL;
}
