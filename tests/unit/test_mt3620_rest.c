#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "mt3620_rig.h"
#include "virtual/mt3620_image.h"

/* Every call of the REST interface, without a network. */
TestSuite(mt3620_rest, .timeout = 20);

#define ID128                                                                                      \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                         \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define G128                                                                                       \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"                         \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HELPER "7c1d2a54-9c0b-4e57-8f5c-3e4a6f0b1d21"
#define KERNEL                                                                                     \
	"{\"uid\":\"2b9b33b4-d6a0-40f0-9cc6-75a3003979be\",\"image_type\":7,\"is_update_staged\":" \
	"false,\"does_image_type_require_restart\":true,\"name\":\"NW Kernel\",\"images\":[{"      \
	"\"uid\":\"11111111-2222-3333-4444-555555555555\",\"length_in_bytes\":2544816,"            \
	"\"uncompressed_length_in_bytes\":2544816,\"replica_type\":0}]}"
#define CONFIG                                                                                     \
	"{\"uid\":\"a4d1f7c2-55c8-4f0e-b7c9-0d2f5b8e6a13\",\"image_type\":21,\"is_update_"         \
	"staged\":false,\"does_image_type_require_restart\":true,\"name\":\"config\",\"images\":[" \
	"{\"uid\":\"99999999-2222-3333-4444-555555555555\",\"length_in_bytes\":200,"               \
	"\"uncompressed_length_in_bytes\":200,\"replica_type\":0}]}"
#define ETH0                                                                                       \
	"{\"interfaceName\":\"eth0\",\"interfaceUp\":true,\"connectedToNetwork\":true,"            \
	"\"ipAcquired\":true,\"connectedToInternet\":false,\"hardwareAddress\":"                   \
	"\"02:11:22:33:44:55\",\"ipAssignment\":\"dynamic\",\"ipAddresses\":[\"192.0.2.20\"]}"
#define SERVICE                                                                                    \
	"{\"interfaceName\":\"azspheresvc\",\"interfaceUp\":true,\"connectedToNetwork\":false,"    \
	"\"ipAcquired\":false,\"connectedToInternet\":false,\"ipAddresses\":[\"192.168.35.2\"]}"
#define FLOOR "{\"ssid\":\"floor\",\"securityState\":\"psk\",\"psk\":\"floor-0123\"}"
#define JOINED                                                                                     \
	"{\"ssid\":\"floor\",\"configState\":\"enabled\",\"connectionState\":\"connected\","       \
	"\"id\":0,\"securityState\":\"psk\",\"targetedScan\":false}"
#define ERROR_10_18 "{\"error\":10485778}"
#define ERROR_13_17 "{\"error\":13631505}"
#define ERROR_13_18 "{\"error\":13631506}"
#define ERROR_15_1  "{\"error\":15728641}"
#define ERROR_15_2  "{\"error\":15728642}"

static void ask(struct mt3620_answer *a, struct mt3620_rest *r, const char *method,
		const char *path, const char *type, const void *body, size_t n)
{
	const struct mt3620_request q = {
		.method = method, .path = path, .type = type, .body = body, .len = n
	};

	sbuf_reset(&a->body);
	a->status = a->octets = a->restart = 0;
	mt3620_rest_call(a, r, &q);
}

static const struct row {
	const char *faults, *method, *path, *body; /* body NULL: none */
	int status;
	const char *answer; /* ends in "...": the beginning of it */
} rows[] = {
	{ "", "GET", "/status", NULL, 200, "{\"uptime\":..." },
	{ "", "GET", "/osversion", NULL, 200, "{\"osversion\":\"22.09\"}" },
	{ "", "GET", "/abi_versions", NULL, 200,
	  "{\"SecureWorldRuntime\":2,\"OSRuntime\":3,\"ApplicationRuntime\":1}" },
	{ "", "GET", "/device/security_state", NULL, 200,
	  "{\"securityState\":\"SECURE\",\"deviceIdentifier\":\"" ID128
	  "\",\"deviceIdentityPublicKey\":\"" G128 "\"}" },
	{ "wrong_device_id", "GET", "/device/security_state", NULL, 200,
	  "{\"securityState\":\"SECURE\",\"deviceIdentifier\":\"ffffffff..." },
	{ "", "GET", "/device/manufacturing_state", NULL, 200,
	  "{\"manufacturingState\":\"Blank\"}" },
	{ "finalised", "GET", "/device/manufacturing_state", NULL, 200,
	  "{\"manufacturingState\":\"DeviceComplete\"}" },
	{ "", "PUT", "/device/manufacturing_state", "{\"manufacturingState\":\"DeviceComplete\"}",
	  200, "{}" },
	{ "", "PUT", "/device/manufacturing_state", "{\"manufacturingState\":\"Blank\"}", 400,
	  ERROR_15_1 },
	{ "", "PUT", "/device/manufacturing_state", "{\"manufacturingState\":5}", 400, ERROR_15_1 },
	{ "", "PUT", "/device/manufacturing_state", NULL, 400, ERROR_15_1 },
	{ "state_refused", "PUT", "/device/manufacturing_state",
	  "{\"manufacturingState\":\"DeviceComplete\"}", 500, "{\"error\":10485761}" },
	{ "", "GET", "/device/capabilities", NULL, 200, "{\"device_capabilities\":[12]}" },
	{ "finalised", "GET", "/device/capabilities", NULL, 200, "{\"device_capabilities\":[]}" },
	{ "finalised, capability_left", "GET", "/device/capabilities", NULL, 200,
	  "{\"device_capabilities\":[11]}" },
	{ "", "GET", "/net/status", NULL, 200,
	  "{\"deviceAuthenticationIsReady\":false,\"networkTimeSync\":\"incomplete\","
	  "\"proxy\":\"disabled\"}" },
	{ "", "GET", "/net/interfaces", NULL, 200, "{\"interfaces\":[" ETH0 ",..." },
	{ "", "GET", "/net/interfaces/eth0", NULL, 200, ETH0 },
	{ "", "GET", "/net/interfaces/azspheresvc", NULL, 200, SERVICE },
	{ "", "GET", "/net/interfaces/eth1", NULL, 404, ERROR_15_2 },
	{ "", "GET", "/net/interfaces/", NULL, 404, ERROR_15_2 },
	{ "", "GET", "/net/interfaces/eth0/x", NULL, 404, ERROR_15_2 },
	{ "", "PATCH", "/net/interfaces/eth0", "{\"hardwareAddress\":\"a0:b2:c3:4d:e5:6f\"}", 200,
	  "{}" },
	{ "", "PATCH", "/net/interfaces/eth0", "{\"hardwareAddress\":\"a1:b2:c3:4d:e5:6f\"}", 400,
	  "{\"error\":31457286}" },
	{ "", "PATCH", "/net/interfaces/eth0", "{\"hardwareAddress\":\"a0:b2:c3:4d:e5\"}", 400,
	  "{\"error\":31457286}" },
	{ "", "PATCH", "/net/interfaces/eth0", "{\"hardwareAddress\":\"00:00:00:00:00:00\"}", 400,
	  "{\"error\":31457286}" },
	{ "", "PATCH", "/net/interfaces/eth0", "{\"interfaceUp\":1}", 400, ERROR_15_1 },
	{ "", "PATCH", "/net/interfaces/eth0", "{}", 400, ERROR_15_1 },
	{ "", "PATCH", "/net/interfaces/wlan0", "{\"interfaceUp\":false}", 200, "{}" },
	{ "", "PATCH", "/net/interfaces/wlan0", "{\"hardwareAddress\":\"a0:b2:c3:4d:e5:6f\"}", 400,
	  "{\"error\":31457295}" },
	{ "", "PATCH", "/net/interfaces/lo", "{\"interfaceUp\":false}", 400,
	  "{\"error\":31457295}" },
	{ "", "PATCH", "/net/interfaces/eth1", "{\"interfaceUp\":false}", 404,
	  "{\"error\":31457294}" },
	{ "", "GET", "/images", NULL, 200,
	  "{\"is_ota_update_in_progress\":false,\"has_staged_updates\":false,\"restart_required\":"
	  "false,\"components\":[" KERNEL "," CONFIG "]}" },
	{ "rf_server_left", "GET", "/images", NULL, 200,
	  "{\"is_ota_update_in_progress\":false,\"has_staged_updates\":false,\"restart_required\":"
	  "false,\"components\":[" KERNEL "," CONFIG
	  ",{\"uid\":\"508eddf2-b8c3-4a99-93d9-a045d9a060eb\"..." },
	{ "app_left", "GET", "/images", NULL, 200,
	  "{\"is_ota_update_in_progress\":false,\"has_staged_updates\":false,\"restart_required\":"
	  "false,\"components\":[" KERNEL "," CONFIG ",{\"uid\":\"" HELPER
	  "\",\"image_type\":10,..." },
	{ "", "PUT", "/update/stage", "no image", 500, "{\"error\":7340047}" },
	{ "updating", "PUT", "/update/stage", "no image", 500, "{\"error\":7340071}" },
	{ "", "POST", "/update/install", "{\"appControlMode\":\"Auto\"}", 404,
	  "{\"error\":14680076}" },
	{ "", "POST", "/update/install", "{\"appControlMode\":\"auto\"}", 400, ERROR_15_1 },
	{ "", "GET", "/app/status/" HELPER, NULL, 200, "{\"state\":\"notPresent\"}" },
	{ "app_left", "GET", "/app/status/" HELPER, NULL, 200, "{\"state\":\"stopped\"}" },
	{ "", "PATCH", "/app/status/" HELPER, "{\"trigger\":\"start\"}", 404,
	  "{\"error\":14680076}" },
	{ "app_left", "PATCH", "/app/status/" HELPER, "{\"trigger\":\"run\"}", 400, ERROR_15_1 },
	{ "app_left, app_start", "PATCH", "/app/status/" HELPER, "{\"trigger\":\"start\"}", 500,
	  "{\"error\":5242895}" },
	{ "app_left, app_start 5.4", "PATCH", "/app/status/" HELPER, "{\"trigger\":\"start\"}", 500,
	  "{\"error\":5242884}" },
	{ "app_left, app_locked", "PATCH", "/app/status/" HELPER, "{\"trigger\":\"start\"}", 403,
	  ERROR_10_18 },
	{ "", "DELETE", "/app/image/" HELPER, NULL, 404, "{\"error\":14680076}" },
	{ "app_left", "DELETE", "/app/image/" HELPER, NULL, 200, "{}" },
	{ "app_left, app_locked", "DELETE", "/app/image/" HELPER, NULL, 403, ERROR_10_18 },
	{ "", "POST", "/restart", NULL, 200, "{\"restartingSystem\":true}" },
	{ "", "GET", "/wifi/config/networks", NULL, 200, "{\"values\":[]}" },
	{ "network_left", "GET", "/wifi/config/networks", NULL, 200,
	  "{\"values\":[{\"ssid\":\"left-behind\"..." },
	{ "network_left", "DELETE", "/wifi/config/networks/999", NULL, 200, "{}" },
	{ "wifi_starting", "GET", "/wifi/config/networks", NULL, 500, ERROR_13_17 },
	{ "wifi_disabled", "GET", "/wifi/config/networks", NULL, 500, ERROR_13_18 },
	{ "wifi_starting", "GET", "/wifi/scan", NULL, 500, ERROR_13_17 },
	{ "wifi_disabled", "POST", "/wifi/config/networks", FLOOR, 500, ERROR_13_18 },
	{ "", "POST", "/wifi/config/networks", FLOOR, 201, JOINED },
	{ "", "POST", "/wifi/config/networks",
	  "{\"ssid\":\"floor\",\"securityState\":\"psk\",\"psk\":\"short\"}", 400,
	  "{\"error\":13631513}" },
	{ "", "POST", "/wifi/config/networks", "{\"ssid\":\"\",\"securityState\":\"open\"}", 400,
	  ERROR_15_1 },
	{ "", "POST", "/wifi/config/networks",
	  "{\"ssid\":\"123456789012345678901234567890123\",\"securityState\":\"open\"}", 400,
	  ERROR_15_1 },
	{ "", "DELETE", "/wifi/config/networks/0", NULL, 404, "{\"error\":13631491}" },
	{ "", "DELETE", "/wifi/config/networks/x", NULL, 404, "{\"error\":13631491}" },
	{ "", "GET", "/wifi/diagnostics/networks", NULL, 200, "{\"values\":[]}" },
	{ "", "GET", "/wifi/interface", NULL, 200,
	  "{\"configState\":\"enabled\",\"connectionState\":\"disconnected\","
	  "\"wpa_state\":\"DISCONNECTED\"}" },
	{ "", "GET", "/wifi/scan", NULL, 200,
	  "{\"values\":[{\"bssid\":\"02:00:5e:00:53:01\",\"freq\":2437,\"signal_level\":-51,"
	  "\"ssid\":\"floor\",\"securityState\":\"psk\"}]}" },
	{ "wifi_not_found", "GET", "/wifi/scan", NULL, 200, "{\"values\":[]}" },
	{ "", "GET", "/log", NULL, 200, "virtual MT3620..." },

	{ "", "GET", "/", NULL, 404, ERROR_15_2 },
	{ "", "GET", "/nothing", NULL, 404, ERROR_15_2 },
	{ "", "DELETE", "/status", NULL, 404, ERROR_15_2 },
	{ "", "PUT", "/device/manufacturing_state", "{", 400, ERROR_15_1 },
	{ "", "PUT", "/device/manufacturing_state", "[]", 400, ERROR_15_1 },
	{ "", "PUT", "/device/manufacturing_state",
	  "{\"manufacturingState\":\"DeviceComplete\",\"manufacturingState\":\"Blank\"}", 400,
	  ERROR_15_1 },
	{ "rest_malformed", "GET", "/osversion", NULL, 200, "{\"osversio..." },
};

ParameterizedTestParameters(mt3620_rest, call)
{
	static size_t i[sizeof(rows) / sizeof(rows[0])];

	for (size_t k = 0; k < sizeof(i) / sizeof(i[0]); k++)
		i[k] = k;
	return cr_make_param_array(size_t, i, sizeof(i) / sizeof(i[0]));
}

static void begin(struct mt3620_rig *r, struct mt3620_rest **rest, const char *faults)
{
	rig_init(r, faults);
	*rest = mt3620_rest_new(r->m, NULL);
	mt3620_rest_boot(*rest);
}

static void end(struct mt3620_rig *r, struct mt3620_rest *rest, struct mt3620_answer *a)
{
	sbuf_release(&a->body);
	mt3620_rest_free(rest);
	rig_release(r);
}

static int answers(const char *got, const char *want)
{
	size_t n = strlen(want);

	return n > 3 && !strcmp(want + n - 3, "...") ? !strncmp(got, want, n - 3)
						     : !strcmp(got, want);
}

ParameterizedTest(size_t *i, mt3620_rest, call, .timeout = 20)
{
	const struct row *row = &rows[*i];
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;

	begin(&r, &rest, row->faults);
	ask(&a, rest, row->method, row->path,
	    !strcmp(row->path, "/update/stage") ? "application/octet-stream" : "application/json",
	    row->body ? row->body : "", row->body ? strlen(row->body) : 0);
	cr_expect_eq(a.status, row->status, "%s %s: %d", row->method, row->path, a.status);
	cr_expect(answers(sbuf_str(&a.body), row->answer), "%s %s (%s): %s", row->method, row->path,
		  row->faults, sbuf_str(&a.body));
	cr_expect_eq(a.restart, !strcmp(row->path, "/restart"));
	cr_expect_eq(a.octets, !strcmp(row->path, "/log"));
	end(&r, rest, &a);
}

/* --- who may call what, and since when --- */

static const struct gate {
	const char *method, *path, *body;
	int locked;
	const char *before, *since; /* the last version without it, the first one with it; NULL */
} gates[] = {
	{ "GET", "/status", NULL, 0, NULL, "1.0.0" },
	{ "GET", "/osversion", NULL, 0, "4.4.9", "4.5.0" },
	{ "GET", "/abi_versions", NULL, 0, "3.0.9", "3.1.0" },
	{ "GET", "/device/security_state", NULL, 0, NULL, "1.0.0" },
	{ "GET", "/device/manufacturing_state", NULL, 0, "3.0.9", "3.1.0" },
	{ "PUT", "/device/manufacturing_state", "{\"manufacturingState\":\"DeviceComplete\"}", 1,
	  "3.0.9", "3.1.0" },
	{ "GET", "/device/capabilities", NULL, 0, "3.0.9", "3.1.0" },
	{ "GET", "/net/status", NULL, 0, "3.0.9", "3.1.0" },
	{ "GET", "/net/interfaces", NULL, 1, "3.0.9", "3.1.0" },
	{ "GET", "/net/interfaces/eth0", NULL, 1, "3.0.9", "3.1.0" },
	{ "PATCH", "/net/interfaces/eth0", "{\"interfaceUp\":true}", 1, "4.2.9", "4.3.0" },
	{ "GET", "/images", NULL, 1, NULL, "1.0.0" },
	{ "POST", "/update/install", NULL, 1, "2.9.9", "3.0.0" },
	{ "GET", "/app/status/" HELPER, NULL, 1, "1.9.9", "2.0.0" },
	{ "PATCH", "/app/status/" HELPER, "{\"trigger\":\"stop\"}", 1, "1.9.9", "2.0.0" },
	{ "DELETE", "/app/image/" HELPER, NULL, 1, "1.9.9", "2.0.0" },
	{ "POST", "/restart", NULL, 1, NULL, "1.0.0" },
	{ "GET", "/wifi/config/networks", NULL, 1, NULL, "1.0.0" },
	{ "POST", "/wifi/config/networks", FLOOR, 1, NULL, "1.0.0" },
	{ "DELETE", "/wifi/config/networks/0", NULL, 1, "2.9.9", "3.0.0" },
	{ "GET", "/wifi/interface", NULL, 1, NULL, "1.0.0" },
	{ "GET", "/wifi/scan", NULL, 1, NULL, "1.0.0" },
};

ParameterizedTestParameters(mt3620_rest, gate)
{
	static size_t i[sizeof(gates) / sizeof(gates[0])];

	for (size_t k = 0; k < sizeof(i) / sizeof(i[0]); k++)
		i[k] = k;
	return cr_make_param_array(size_t, i, sizeof(i) / sizeof(i[0]));
}

static int status_of(const struct gate *g, const char *api, enum mt3620_made made, int capability)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;
	int status;

	begin(&r, &rest, "");
	r.args->api_version = api;
	r.m->flash.made = made;
	r.m->flash.capability[0] = capability;
	ask(&a, rest, g->method, g->path, "application/json", g->body ? g->body : "",
	    g->body ? strlen(g->body) : 0);
	status = answers(sbuf_str(&a.body), ERROR_15_2) ? -1 : a.status;
	end(&r, rest, &a);
	return status;
}

ParameterizedTest(size_t *i, mt3620_rest, gate, .timeout = 20)
{
	const struct gate *g = &gates[*i];

	if (g->before)
		cr_expect_eq(status_of(g, g->before, MT_BLANK, 0), -1, "%s %s before", g->method,
			     g->path);
	cr_expect_neq(status_of(g, g->since, MT_BLANK, 0), -1, "%s %s since", g->method, g->path);
	cr_expect_neq(status_of(g, NULL, MT_BLANK, 0), 403, "%s %s blank", g->method, g->path);
	cr_expect_eq(status_of(g, NULL, MT_DEVICE, 0), g->locked ? 403 : 200, "%s %s complete",
		     g->method, g->path);
	if (strcmp(g->path, "/device/manufacturing_state") != 0 && strncmp(g->path, "/app", 4) != 0)
		cr_expect_neq(status_of(g, NULL, MT_DEVICE, 13), 403, "%s %s servicing", g->method,
			      g->path);
}

/* --- what calls do --- */

Test(mt3620_rest, the_state_goes_forward_once)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;
	static const char path[] = "/device/manufacturing_state", json[] = "application/json";
	static const char module[] = "{\"manufacturingState\":\"Module1Complete\"}";
	static const char device[] = "{\"manufacturingState\":\"DeviceComplete\"}";

	begin(&r, &rest, "");
	ask(&a, rest, "PUT", path, json, module, sizeof(module) - 1);
	cr_expect_eq(a.status, 200);
	cr_expect_eq(r.m->flash.made, MT_MODULE1);
	ask(&a, rest, "PUT", path, json, module, sizeof(module) - 1);
	cr_expect_eq(a.status, 403);
	rig_faults(&r, "state_kept");
	ask(&a, rest, "PUT", path, json, device, sizeof(device) - 1);
	cr_expect_eq(a.status, 200);
	cr_expect_eq(r.m->flash.made, MT_MODULE1, "the fault keeps the state");
	rig_faults(&r, "");
	ask(&a, rest, "PUT", path, json, device, sizeof(device) - 1);
	cr_expect_eq(r.m->flash.made, MT_DEVICE);
	ask(&a, rest, "PUT", path, json, device, sizeof(device) - 1);
	cr_expect_eq(a.status, 403);
	end(&r, rest, &a);
}

Test(mt3620_rest, a_restart_may_be_ignored)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;

	begin(&r, &rest, "restart_ignored");
	ask(&a, rest, "POST", "/restart", "", "", 0);
	cr_expect_eq(a.status, 200);
	cr_expect_eq(a.restart, 0);
	end(&r, rest, &a);
}

static int stage(struct mt3620_answer *a, struct mt3620_rest *rest, const char *kind,
		 const char *replace, const char *with)
{
	struct sbuf file = { 0 }, out = { 0 };
	struct err err = { 0 };
	char *at;
	int status;

	cr_assert_eq(mt3620_image_print(&file, kind, 100, &err), 0);
	at = strstr(file.data, replace);
	cr_assert(at, "%s", replace);
	sbuf_add(&out, file.data, (size_t)(at - file.data));
	sbuf_puts(&out, with);
	at += strlen(replace);
	sbuf_add(&out, at, file.len - (size_t)(at - file.data));
	ask(a, rest, "PUT", "/update/stage", "application/octet-stream", out.data, out.len);
	status = a->status;
	sbuf_release(&file);
	sbuf_release(&out);
	return status;
}

Test(mt3620_rest, an_application_is_staged_installed_and_deleted)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;

	begin(&r, &rest, "");
	cr_expect_eq(stage(&a, rest, "app", "", ""), 200, "%s", sbuf_str(&a.body));
	ask(&a, rest, "GET", "/images", "", "", 0);
	cr_expect(strstr(sbuf_str(&a.body), "\"has_staged_updates\":true"));
	cr_expect_eq(r.m->flash.images, 2, "staged is not installed");
	ask(&a, rest, "POST", "/update/install", "", "", 0);
	cr_expect_str_eq(sbuf_str(&a.body), "{}");
	cr_expect_eq(a.restart, 0);
	cr_assert_eq(r.m->flash.images, 3);
	cr_expect_str_eq(r.m->flash.image[2].component, HELPER);
	cr_expect_eq(r.m->flash.image[2].type, 10);
	ask(&a, rest, "GET", "/app/status/" HELPER, "", "", 0);
	cr_expect_str_eq(sbuf_str(&a.body), "{\"state\":\"stopped\"}", "no application is here");
	ask(&a, rest, "DELETE", "/app/image/" HELPER, "", "", 0);
	cr_expect_eq(a.status, 200);
	cr_expect_eq(r.m->flash.images, 2);
	ask(&a, rest, "GET", "/app/status/" HELPER, "", "", 0);
	cr_expect_str_eq(sbuf_str(&a.body), "{\"state\":\"notPresent\"}");
	end(&r, rest, &a);
}

Test(mt3620_rest, a_board_configuration_asks_for_a_restart)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;

	begin(&r, &rest, "");
	cr_expect_eq(stage(&a, rest, "board-config", "", ""), 200);
	ask(&a, rest, "POST", "/update/install", "application/json",
	    "{\"appControlMode\":\"Manual\"}", 27);
	cr_expect_str_eq(sbuf_str(&a.body), "{\"restartingSystem\":true}");
	cr_expect_eq(a.restart, 1);
	cr_expect_eq(r.m->flash.image[1].type, 21);
	end(&r, rest, &a);
}

Test(mt3620_rest, signatures_and_capabilities)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;

	begin(&r, &rest, "");
	cr_expect_eq(stage(&a, rest, "app", "type = 10", "type = 10\nsignature = broken"), 500);
	cr_expect_str_eq(sbuf_str(&a.body), "{\"error\":7340047}");
	r.m->flash.made = MT_MODULE1;
	cr_expect_eq(stage(&a, rest, "app", "type = 10", "type = 10\nsignature = development"),
		     403);
	cr_expect_eq(stage(&a, rest, "app", "type = 10", "type = 10\nsignature = production"), 200);
	r.m->flash.capability[0] = 11;
	cr_expect_eq(stage(&a, rest, "app", "type = 10", "type = 10\nsignature = development"),
		     200);
	cr_expect_eq(stage(&a, rest, "app", "type = 10", "type = 300"), 500);
	cr_expect_eq(stage(&a, rest, "app", "[payload]", "[data]"), 500);
	cr_expect_eq(stage(&a, rest, "app", HELPER, "7c1d2a54"), 500);
	end(&r, rest, &a);
}

Test(mt3620_rest, what_is_too_large_or_of_another_type_is_refused)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;

	begin(&r, &rest, "");
	ask(&a, rest, "PUT", "/update/stage", "application/json", "{}", 2);
	cr_expect_eq(a.status, 415);
	ask(&a, rest, "PATCH", "/net/interfaces/eth0", "text/plain", "{}", 2);
	cr_expect_eq(a.status, 415);
	ask(&a, rest, "PATCH", "/net/interfaces/eth0", "application/json; charset=utf-8",
	    "{\"interfaceUp\":true}", 20);
	cr_expect_eq(a.status, 200);
	ask(&a, rest, "PUT", "/update/stage", "application/octet-stream", "", MT_REST_BODY_MAX + 1);
	cr_expect_eq(a.status, 400);
	cr_expect_str_eq(sbuf_str(&a.body), "{\"error\":15728644}");
	end(&r, rest, &a);
}

Test(mt3620_rest, an_address_that_is_set_is_kept)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;
	static const char set[] =
		"{\"interfaceUp\":false,\"hardwareAddress\":\"A0:B2:C3:4D:E5:6F\"}";

	begin(&r, &rest, "");
	ask(&a, rest, "PATCH", "/net/interfaces/eth0", "application/json", set, sizeof(set) - 1);
	cr_expect_eq(a.status, 200);
	ask(&a, rest, "GET", "/net/interfaces/eth0", "", "", 0);
	cr_expect(strstr(sbuf_str(&a.body), "\"interfaceUp\":false"));
	cr_expect(strstr(sbuf_str(&a.body), "\"a0:b2:c3:4d:e5:6f\""));
	mt3620_rest_boot(rest);
	ask(&a, rest, "GET", "/net/interfaces/eth0", "", "", 0);
	cr_expect(strstr(sbuf_str(&a.body), "\"interfaceUp\":true"), "up again after a boot");
	cr_expect(strstr(sbuf_str(&a.body), "\"a0:b2:c3:4d:e5:6f\""));
	r.m->flash.images = 1;
	ask(&a, rest, "GET", "/net/interfaces/eth0", "", "", 0);
	cr_expect_eq(a.status, 404, "without a board configuration");
	ask(&a, rest, "GET", "/net/interfaces", "", "", 0);
	cr_expect_not(strstr(sbuf_str(&a.body), "eth0"));
	end(&r, rest, &a);
}

static const struct wifi {
	const char *faults, *psk, *error;
} wifis[] = {
	{ "", "floor-0123", "" },
	{ "", "floor-9999", "WrongKey" },
	{ "wifi_wrong_key", "floor-0123", "WrongKey" },
	{ "wifi_not_found", "floor-0123", "NetworkNotFound" },
	{ "wifi_refused", "floor-0123", "AuthenticationFailed" },
};

Test(mt3620_rest, a_network_connects_or_says_why_not)
{
	for (size_t i = 0; i < sizeof(wifis) / sizeof(wifis[0]); i++) {
		struct mt3620_answer a = { 0 };
		struct mt3620_rest *rest;
		struct mt3620_rig r;
		char text[128];

		begin(&r, &rest, wifis[i].faults);
		snprintf(text, sizeof(text),
			 "{\"ssid\":\"floor\",\"securityState\":\"psk\",\"psk\":\"%s\"}",
			 wifis[i].psk);
		ask(&a, rest, "POST", "/wifi/config/networks", "application/json", text,
		    strlen(text));
		cr_expect_eq(a.status, 201);
		ask(&a, rest, "GET", "/wifi/diagnostics/networks", "", "", 0);
		snprintf(text, sizeof(text), "\"error\":\"%s\"", wifis[i].error);
		cr_expect(strstr(sbuf_str(&a.body), text), "%s: %s", wifis[i].faults,
			  sbuf_str(&a.body));
		cr_expect_eq(!*wifis[i].error, strstr(sbuf_str(&a.body), "\"connected\"") != NULL);
		ask(&a, rest, "GET", "/wifi/interface", "", "", 0);
		cr_expect_eq(!*wifis[i].error, strstr(sbuf_str(&a.body), "\"COMPLETED\"") != NULL);
		end(&r, rest, &a);
	}
}

/* The number of a network is not its place in the list. */
Test(mt3620_rest, networks_keep_their_numbers)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;
	static const char json[] = "application/json", path[] = "/wifi/config/networks";

	begin(&r, &rest, "");
	for (int i = 0; i < 3; i++) {
		char text[80];

		snprintf(text, sizeof(text), "{\"ssid\":\"net%d\",\"securityState\":\"open\"}", i);
		ask(&a, rest, "POST", path, json, text, strlen(text));
		cr_assert_eq(a.status, 201);
	}
	ask(&a, rest, "DELETE", "/wifi/config/networks/0", "", "", 0);
	ask(&a, rest, "DELETE", "/wifi/config/networks/2", "", "", 0);
	cr_expect_eq(a.status, 200);
	cr_assert_eq(r.m->flash.networks, 1);
	cr_expect_str_eq(r.m->flash.network[0].ssid, "net1");
	ask(&a, rest, "GET", path, "", "", 0);
	cr_expect(strstr(sbuf_str(&a.body), "\"id\":1"));
	end(&r, rest, &a);
}

Test(mt3620_rest, wifi_waits_for_its_time)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;
	int64_t ms;

	begin(&r, &rest, "");
	ms = clock_ms();
	clock_freeze_ms(ms);
	rig_faults(&r, "wifi_starting 5 s");
	mt3620_rest_boot(rest);
	ask(&a, rest, "GET", "/wifi/scan", "", "", 0);
	cr_expect_eq(a.status, 500);
	clock_freeze_ms(ms + 5001);
	ask(&a, rest, "GET", "/wifi/scan", "", "", 0);
	cr_expect_eq(a.status, 200);
	end(&r, rest, &a);
}

Test(mt3620_rest, a_huge_answer)
{
	struct mt3620_answer a = { 0 };
	struct mt3620_rest *rest;
	struct mt3620_rig r;

	begin(&r, &rest, "rest_huge");
	ask(&a, rest, "GET", "/status", "", "", 0);
	cr_expect_geq(a.body.len, 16u << 20);
	end(&r, rest, &a);
}
