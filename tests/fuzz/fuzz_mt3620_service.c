/* What a station may send to a virtual MT3620's service link: the first byte selects
 * SLIP bytes, an image file, or a request to the REST interface, "METHOD PATH\nTYPE\n"
 * and its body. Whatever it is, the answer is one: JSON with a status that the
 * interface knows. */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "virtual/mt3620_image.h"
#include "virtual/mt3620_service.h"
#include "virtual/mt3620_slip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* What comes out goes in again as it was. */
static void try_slip(const uint8_t *bytes, size_t n)
{
	struct mt3620_slip in = { 0 };
	struct sbuf coded = { 0 };

	for (size_t i = 0; i < n; i++) {
		size_t len = mt3620_slip_push(&in, bytes[i]), back = 0;
		struct mt3620_slip again = { 0 };

		must(len <= sizeof(in.packet));
		if (!len)
			continue;
		sbuf_reset(&coded);
		mt3620_slip_put(&coded, in.packet, len);
		for (size_t k = 0; k < coded.len; k++) {
			must(!back);
			back = mt3620_slip_push(&again, (uint8_t)coded.data[k]);
		}
		must(back == len && !memcmp(again.packet, in.packet, len) && !again.dropped);
	}
	sbuf_release(&coded);
}

static void try_image(const uint8_t *bytes, size_t n)
{
	struct mt3620_image_file f;
	struct arena a = { 0 };
	struct err err = { 0 };

	if (mt3620_image_scan(&f, &a, bytes, n, &err))
		must(err.code == ERR_IMAGES && err.text[0]);
	else
		must(f.payload < n && f.type > 0 && strlen(f.component) == MT_GUID_TEXT - 1);
	arena_free(&a);
}

static int64_t now(struct board_host *h)
{
	(void)h;
	return 1000000000;
}

static const struct board_host_ops ops = { .now_ns = now };

static const char *line(char *text, char **rest)
{
	size_t n = strcspn(text, "\n");

	*rest = text[n] ? text + n + 1 : text + n;
	text[n] = '\0';
	return text;
}

static int known(int status)
{
	static const int list[] = { 200, 201, 400, 403, 404, 409, 412, 415, 500 };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i] == status)
			return 1;
	return 0;
}

static void try_request(char *text, size_t n)
{
	static const struct mt3620_args args = { .time_factor = 1, .wifi_ssid = "floor" };
	struct board_host host = { .ops = &ops };
	struct mt3620 m = { .host = &host, .args = &args };
	struct mt3620_rest *r = mt3620_rest_new(&m, NULL);
	struct mt3620_answer a = { 0 };
	struct mt3620_request q = { 0 };
	char *rest = text, *path;

	q.method = line(text, &rest);
	path = strchr(text, ' ');
	if (path)
		*path++ = '\0';
	q.path = path ? path : "";
	q.type = line(rest, &rest);
	q.body = rest;
	q.len = n - (size_t)(rest - text);
	for (int twice = 0; twice < 2; twice++) {
		sbuf_reset(&a.body);
		mt3620_rest_call(&a, r, &q);
		must(known(a.status));
		if (!a.octets) {
			json_t *j = json_loadb(sbuf_str(&a.body), a.body.len, 0, NULL);

			must(json_is_object(j));
			must((a.status >= 400) == json_is_integer(json_object_get(j, "error")));
			json_decref(j);
		}
	}
	must(m.flash.networks <= MT_NETWORKS_MAX && m.flash.images <= MT_IMAGES_MAX);
	sbuf_release(&a.body);
	mt3620_rest_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size || size > 8192)
		return 0;
	if (data[0] % 3 == 0) {
		try_slip(data + 1, size - 1);
	} else if (data[0] % 3 == 1) {
		try_image(data + 1, size - 1);
	} else {
		text = calloc(1, size);
		must(text);
		memcpy(text, data + 1, size - 1);
		try_request(text, size - 1);
		free(text);
	}
	return 0;
}
