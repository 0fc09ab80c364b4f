/* What a board's REST service, its test application and its service link say: any bytes. The
 * first byte chooses the parser. */
#include <stdlib.h>
#include <string.h>

#include "board/mt3620_app.h"
#include "board/mt3620_os.h"
#include "board/mt3620_rest_parse.h"
#include "board/mt3620_slip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void slip(const uint8_t *p, size_t n)
{
	struct slip_decoder d = { 0 };

	for (size_t i = 0; i < n; i++) {
		size_t len = slip_decode(&d, p[i]);

		if (len && slip_ipv4_whole(d.packet, len) > len)
			abort();
	}
	if (slip_ipv4_whole(p, n) > n)
		abort();
}

static void app(const char *s, size_t n)
{
	static const char *const names[] = { "59", "0", "56" };
	const struct param_list pins = { (const char **)names, 3 };
	uint64_t levels = 0;
	char id[129];

	if (!app_parse_hello(id, s, n) && strlen(id) != 128)
		abort();
	if (!app_parse_levels(&levels, &pins, s, n) && levels > 7)
		abort();
}

static void answer(int which, const char *s, size_t n)
{
	struct rest_status status;
	struct rest_security security;
	struct rest_capabilities capabilities;
	struct rest_images images;
	struct rest_interface one;
	struct rest_interfaces all;
	struct rest_networks networks;
	struct rest_net_status net;
	struct mt3620_releases releases;
	const char *why;
	struct arena a = { 0 };
	struct err err = { 0 };
	char word[REST_WORD];

	switch (which) {
	case 0:
		rest_parse_status(&status, s, n, &err);
		break;
	case 1:
		rest_parse_osversion(word, sizeof(word), s, n, &err);
		break;
	case 2:
		rest_parse_security(&security, s, n, &err);
		break;
	case 3:
		rest_parse_state(word, s, n, &err);
		break;
	case 4:
		rest_parse_capabilities(&capabilities, s, n, &err);
		break;
	case 5:
		if (!rest_parse_images(&images, &a, s, n, &err) &&
		    !mt3620_releases_parse(&releases, &a, s, n, &err))
			mt3620_release_of(&why, &a, &releases, &images);
		break;
	case 6:
		rest_parse_interface(&one, &a, s, n, &err);
		break;
	case 7:
		rest_parse_interfaces(&all, &a, s, n, &err);
		break;
	case 8:
		rest_parse_networks(&networks, &a, s, n, &err);
		break;
	case 9:
		rest_parse_net_status(&net, s, n, &err);
		break;
	case 10:
		rest_parse_error(s, n);
		break;
	default:
		mt3620_releases_parse(&releases, &a, s, n, &err);
	}
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s;

	if (!size)
		return 0;
	s = malloc(size); /* exact, so that a read behind it is seen */
	memcpy(s, data + 1, size - 1);
	if (data[0] % 16 == 15)
		slip(data + 1, size - 1);
	else if (data[0] % 16 == 14)
		app(s, size - 1);
	else
		answer(data[0] % 16, s, size - 1);
	free(s);
	return 0;
}
