#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "board/mt3620_refusal.h"
#include "board/mt3620_rest_parse.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_rest_parse, .timeout = 20);

#define HEX16 "0123456789abcdef"
#define ID    HEX16 HEX16 HEX16 HEX16 HEX16 HEX16 HEX16 HEX16
#define UID   "508EDDF2-b8c3-4a99-93d9-a045d9a060eb"

enum what {
	STATUS,
	VERSION,
	SECURITY,
	STATE,
	CAPS,
	IMAGES,
	INTERFACE,
	INTERFACES,
	NETWORKS,
	NET,
	APP
};

/* What an answer gives, in one line, or "!" and part of the message. */
static const struct answer {
	enum what what;
	const char *body, *gives;
} answers[] = {
	{ STATUS, "{\"uptime\":634}", "634" },
	{ STATUS, "{\"uptime\":634.5,\"more\":[1,2]}", "634.5" },
	{ STATUS, "{\"uptime\":-1}", "!{\"uptime\": seconds}" },
	{ STATUS, "{\"uptime\":\"634\"}", "!must be" },
	{ STATUS, "{\"uptime\":1,\"uptime\":2}", "!must be" },
	{ STATUS, "{\"uptime\":1} x", "!must be" },
	{ STATUS, "{\"uptime\":6", "!must be" },
	{ STATUS, "", "!must be" },
	{ STATUS, "[]", "!must be" },
	{ STATUS, "\x1b[2Jhello", "!\\x1b[2Jhello" },
	{ VERSION, "{\"osversion\":\"22.09\"}", "22.09" },
	{ VERSION, "{\"osversion\":\" 22.09\"}", " 22.09" },
	{ VERSION, "{\"osversion\":\"\"}", "!must be" },
	{ VERSION, "{\"osversion\":22.09}", "!must be" },
	{ VERSION, "{\"osversion\":\"22\\u0000\"}", "!must be" },
	{ VERSION,
	  "{\"osversion\":"
	  "\"0123456789012345678901234567890123456789012345678901234567890123456789\"}",
	  "!must be" },
	{ SECURITY,
	  "{\"securityState\":\"SECURE\",\"deviceIdentifier\":\"" ID
	  "\",\"deviceIdentityPublicKey\":\"x\"}",
	  "SECURE " ID },
	{ SECURITY, "{\"securityState\":\"SECURE\",\"deviceIdentifier\":\"0123\"}",
	  "!128 hexadecimal" },
	{ SECURITY, "{\"deviceIdentifier\":\"" ID "\"}", "!128 hexadecimal" },
	{ STATE, "{\"manufacturingState\":\"DeviceComplete\"}", "DeviceComplete" },
	{ STATE, "{\"manufacturingState\":\"a b\"}", "!manufacturingState" },
	{ STATE, "{}", "!manufacturingState" },
	{ CAPS, "{\"device_capabilities\":[11,13]}", "11 13" },
	{ CAPS, "{\"device_capabilities\":[]}", "" },
	{ CAPS, "{\"device_capabilities\":[-1]}", "!must be" },
	{ CAPS, "{\"device_capabilities\":[1.5]}", "!must be" },
	{ CAPS, "{\"device_capabilities\":11}", "!must be" },
	{ IMAGES,
	  "{\"is_ota_update_in_progress\":true,\"components\":[{\"uid\":\"" UID
	  "\",\"image_type\":7,\"name\":\"NW\\u001b Kernel\",\"images\":[{\"uid\":\"" UID "\"}]}]}",
	  "updating 508eddf2-b8c3-4a99-93d9-a045d9a060eb 7 NW\\x1b Kernel "
	  "508eddf2-b8c3-4a99-93d9-a045d9a060eb" },
	{ IMAGES, "{\"components\":[{\"uid\":\"" UID "\",\"image_type\":10,\"images\":[]}]}",
	  "508eddf2-b8c3-4a99-93d9-a045d9a060eb 10  " },
	{ IMAGES, "{\"components\":[{\"uid\":\"" UID "\",\"image_type\":10}]}",
	  "508eddf2-b8c3-4a99-93d9-a045d9a060eb 10  " },
	{ IMAGES, "{\"components\":[{\"uid\":\"x\",\"image_type\":10}]}", "!list of components" },
	{ IMAGES, "{\"components\":[{\"uid\":\"" UID "\",\"image_type\":\"7\"}]}",
	  "!list of components" },
	{ IMAGES, "{\"components\":[null]}", "!list of components" },
	{ IMAGES, "{}", "!list of components" },
	{ INTERFACE,
	  "{\"interfaceName\":\"eth0\",\"interfaceUp\":true,\"hardwareAddress\":\"1d:d8:47:fe:f7:"
	  "33\"}",
	  "eth0 1d:d8:47:fe:f7:33 up" },
	{ INTERFACE, "{\"interfaceName\":\"lo\",\"interfaceUp\":false}", "lo - down" },
	{ INTERFACE,
	  "{\"interfaceName\":\"eth0\",\"hardwareAddress\":"
	  "\"0123456789012345678901234567890123456789\"}",
	  "!interfaceName" },
	{ INTERFACE, "{\"interfaceName\":\"\"}", "!interfaceName" },
	{ INTERFACES, "{\"interfaces\":[{\"interfaceName\":\"lo\"},{\"interfaceName\":\"wlan0\"}]}",
	  "lo wlan0" },
	{ INTERFACES, "{\"interfaces\":[]}", "" },
	{ INTERFACES, "{\"interfaces\":[{}]}", "!interfaces" },
	{ NETWORKS, "{\"values\":[{\"ssid\":\"a\\nb\",\"id\":0}]}", "a\\nb" },
	{ NETWORKS, "{\"values\":[]}", "" },
	{ NETWORKS, "{\"values\":[{\"id\":0}]}", "!ssid" },
	{ NET,
	  "{\"deviceAuthenticationIsReady\":true,\"networkTimeSync\":\"complete\",\"proxy\":"
	  "\"disabled\"}",
	  "1 complete disabled" },
	{ NET, "{\"deviceAuthenticationIsReady\":1}", "!networkTimeSync" },
	{ APP, "{\"state\":\"running\"}", "running" },
	{ APP, "{\"state\":null}", "!state" },
};

static int parse(struct sbuf *out, struct arena *a, enum what what, const char *s, size_t n,
		 struct err *err)
{
	struct rest_status status;
	struct rest_security security;
	struct rest_capabilities caps;
	struct rest_images images;
	struct rest_interface one;
	struct rest_interfaces all;
	struct rest_networks networks;
	struct rest_net_status net;
	char word[64];
	int r = 0;

	switch (what) {
	case STATUS:
		if (!(r = rest_parse_status(&status, s, n, err)))
			sbuf_printf(out, "%g", status.uptime_s);
		return r;
	case VERSION:
		if (!(r = rest_parse_osversion(word, sizeof(word), s, n, err)))
			sbuf_puts(out, word);
		return r;
	case SECURITY:
		if (!(r = rest_parse_security(&security, s, n, err)))
			sbuf_printf(out, "%s %s", security.state, security.id);
		return r;
	case STATE:
	case APP:
		r = what == STATE ? rest_parse_state(word, s, n, err)
				  : rest_parse_app(word, s, n, err);
		if (!r)
			sbuf_puts(out, word);
		return r;
	case CAPS:
		r = rest_parse_capabilities(&caps, s, n, err);
		for (size_t i = 0; !r && i < caps.count; i++)
			sbuf_printf(out, "%s%d", i ? " " : "", caps.list[i]);
		return r;
	case IMAGES:
		r = rest_parse_images(&images, a, s, n, err);
		if (!r && images.updating)
			sbuf_puts(out, "updating ");
		for (size_t i = 0; !r && i < images.count; i++)
			sbuf_printf(out, "%s %d %s %s", images.component[i].uid,
				    images.component[i].type, images.component[i].name,
				    images.component[i].image);
		return r;
	case INTERFACE:
		if (!(r = rest_parse_interface(&one, a, s, n, err)))
			sbuf_printf(out, "%s %s %s", one.name, one.mac ? one.mac : "-",
				    one.up ? "up" : "down");
		return r;
	case INTERFACES:
		r = rest_parse_interfaces(&all, a, s, n, err);
		for (size_t i = 0; !r && i < all.count; i++)
			sbuf_printf(out, "%s%s", i ? " " : "", all.list[i].name);
		return r;
	case NETWORKS:
		r = rest_parse_networks(&networks, a, s, n, err);
		for (size_t i = 0; !r && i < networks.count; i++)
			sbuf_puts(out, networks.list[i].ssid);
		return r;
	case NET:
		if (!(r = rest_parse_net_status(&net, s, n, err)))
			sbuf_printf(out, "%d %s %s", net.authenticated, net.time_sync, net.proxy);
		return r;
	}
	return -1;
}

TEST_ROWS(board_mt3620_rest_parse, answer, answers)
{
	const struct answer *t = &answers[*i];
	struct sbuf out = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	int r = parse(&out, &a, t->what, t->body, strlen(t->body), &err);

	if (t->gives[0] == '!') {
		cr_expect_eq(r, ERR_PROTO, "%s", t->body);
		cr_expect(strstr(err.text, t->gives + 1), "%s", err.text);
	} else {
		cr_expect_eq(r, 0, "%s: %s", t->body, err.text);
		cr_expect_str_eq(sbuf_str(&out), t->gives);
	}
	sbuf_release(&out);
	arena_free(&a);
}

Test(board_mt3620_rest_parse, lists_are_bounded)
{
	struct sbuf body = { 0 };
	struct rest_interfaces all;
	struct arena a = { 0 };
	struct err err = { 0 };

	sbuf_puts(&body, "{\"interfaces\":[");
	for (int i = 0; i <= REST_LIST_MAX; i++)
		sbuf_printf(&body, "%s{\"interfaceName\":\"i%d\"}", i ? "," : "", i);
	sbuf_puts(&body, "]}");
	cr_expect_eq(rest_parse_interfaces(&all, &a, body.data, body.len, &err), ERR_PROTO);
	sbuf_release(&body);
	arena_free(&a);
}

Test(board_mt3620_rest_parse, errors)
{
	static const char is[] = "{\"error\":10485778}";

	cr_expect_eq(rest_parse_error(is, sizeof(is) - 1), MT3620_REFUSAL(10, 18));
	cr_expect_eq(rest_parse_error("", 0), 0);
	cr_expect_eq(rest_parse_error("{}", 2), 0);
	cr_expect_eq(rest_parse_error("{\"error\":-1}", 12), 0);
	cr_expect_eq(rest_parse_error("{\"error\":99999999999}", 21), 0);
}
