#ifndef STATION_BOARD_MT3620_REST_H
#define STATION_BOARD_MT3620_REST_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "board/mt3620_net.h"

/*
 * mt3620_rest -- the calls of a board's REST service, and its answers taken apart.
 *
 * The answers are what a board says: bounded, checked for form, never trusted. A
 * member that the documentation calls optional may be missing; one that is there
 * has its type. Parsers are functions of bytes alone. ERR_PROTO says what was
 * expected and shows what was there, escaped.
 *
 * source  mt3620.md 5.2, 5.3
 */
enum {
	REST_ID = 128 + 1, /* device ID with its NUL */
	REST_GUID = 36 + 1,
	REST_WORD = 32,
	REST_LIST_MAX = 256, /* components, networks, interfaces: more is no answer (our choice) */
};

struct rest_status {
	double uptime_s;
};

struct rest_security {
	char state[REST_WORD], id[REST_ID]; /* id in lower case */
};

struct rest_capabilities {
	int list[REST_LIST_MAX];
	size_t count;
};

struct rest_component {
	char uid[REST_GUID], image[REST_GUID]; /* image: its first; "" none. Lower case */
	int type;
	const char *name; /* escaped, in the arena */
};

struct rest_images {
	int updating, staged, restart_required;
	struct rest_component *component;
	size_t count;
};

struct rest_interface {
	const char *name; /* escaped, in the arena */
	const char *mac;  /* as the board wrote it, or NULL */
	int up, connected, has_ip, internet;
};

struct rest_interfaces {
	struct rest_interface *list;
	size_t count;
};

struct rest_network {
	const char *ssid, *config, *connection, *error; /* escaped, in the arena; "": none */
	int id;
};

struct rest_networks {
	struct rest_network *list;
	size_t count;
};

struct rest_net_status {
	int authenticated;
	char time_sync[REST_WORD], proxy[REST_WORD];
};

int rest_parse_status(struct rest_status *out, const char *s, size_t n, struct err *err);
int rest_parse_osversion(char *out, size_t size, const char *s, size_t n, struct err *err);
int rest_parse_security(struct rest_security *out, const char *s, size_t n, struct err *err);
int rest_parse_state(char out[REST_WORD], const char *s, size_t n, struct err *err);
int rest_parse_capabilities(struct rest_capabilities *out, const char *s, size_t n,
			    struct err *err);
int rest_parse_images(struct rest_images *out, struct arena *a, const char *s, size_t n,
		      struct err *err);
int rest_parse_interface(struct rest_interface *out, struct arena *a, const char *s, size_t n,
			 struct err *err);
int rest_parse_interfaces(struct rest_interfaces *out, struct arena *a, const char *s, size_t n,
			  struct err *err);
int rest_parse_networks(struct rest_networks *out, struct arena *a, const char *s, size_t n,
			struct err *err);
/* The answer to a network that was set up: its number. */
int rest_parse_network_id(int *id, const char *s, size_t n, struct err *err);
int rest_parse_net_status(struct rest_net_status *out, const char *s, size_t n, struct err *err);
int rest_parse_app(char out[REST_WORD], const char *s, size_t n, struct err *err);
/* {"error":N} of a refusal, or 0 where it is none. */
unsigned long rest_parse_error(const char *s, size_t n);

/* One call of the service, repeated until until_ms while the board says that it is
 * busy, where it may be. A refusal is ERR_REFUSED, or what its number means; *error
 * (may be NULL) is that number then, else 0. status 403 without a number counts as
 * 10.18. */
struct rest {
	struct mt3620_net *net;
	int64_t wait_ms; /* longest wait of one call, beyond what its body takes; 0: until_ms alone
			  */
	char api[24];    /* REST-API-Version of the last answer */
	unsigned long error;
};

/* A call got no answer, and another one told at known_ms what keeps the board: whether
 * that stands. The last call before a deadline may be too short for any line. */
int rest_is_cut_short(int code, int64_t known_ms);

int rest_status(struct rest_status *out, struct rest *r, int64_t until_ms, struct err *err);
int rest_osversion(char *out, size_t size, struct rest *r, int64_t until_ms, struct err *err);
int rest_security(struct rest_security *out, struct rest *r, int64_t until_ms, struct err *err);
int rest_state(char out[REST_WORD], struct rest *r, int64_t until_ms, struct err *err);
int rest_set_state(struct rest *r, const char *state, int64_t until_ms, struct err *err);
int rest_capabilities(struct rest_capabilities *out, struct rest *r, int64_t until_ms,
		      struct err *err);
int rest_images(struct rest_images *out, struct arena *a, struct rest *r, int64_t until_ms,
		struct err *err);
int rest_net_status(struct rest_net_status *out, struct rest *r, int64_t until_ms, struct err *err);
int rest_interface(struct rest_interface *out, struct arena *a, struct rest *r, const char *name,
		   int64_t until_ms, struct err *err);
int rest_interfaces(struct rest_interfaces *out, struct arena *a, struct rest *r, int64_t until_ms,
		    struct err *err);
int rest_set_interface(struct rest *r, const char *name, int up, int64_t until_ms, struct err *err);
int rest_networks(struct rest_networks *out, struct arena *a, struct rest *r, int64_t until_ms,
		  struct err *err);
/* The same with what keeps each from being connected. */
int rest_diagnose_networks(struct rest_networks *out, struct arena *a, struct rest *r,
			   int64_t until_ms, struct err *err);
/* psk NULL: an open network. */
int rest_network_add(int *id, struct rest *r, const char *ssid, const char *psk, int64_t until_ms,
		     struct err *err);
int rest_network_delete(struct rest *r, int id, int64_t until_ms, struct err *err);
int rest_restart(struct rest *r, int64_t until_ms, struct err *err);
/* Stage and install an image. *restarts: the board restarts by itself. */
int rest_stage(struct rest *r, const void *image, size_t size, int64_t until_ms, struct err *err);
int rest_install(int *restarts, struct rest *r, int64_t until_ms, struct err *err);
int rest_app_state(char out[REST_WORD], struct rest *r, const char *component, int64_t until_ms,
		   struct err *err);
int rest_app_trigger(struct rest *r, const char *component, const char *trigger, int64_t until_ms,
		     struct err *err);
int rest_app_delete(int *restarts, struct rest *r, const char *component, int64_t until_ms,
		    struct err *err);
/* The board's own log: opaque bytes. */
int rest_log(struct sbuf *out, struct rest *r, int64_t until_ms, struct err *err);

/* 1 when the API version is at least `least`; 0 also for one that is no version. */
int rest_api_at_least(const char *api, const char *least);

#endif /* STATION_BOARD_MT3620_REST_H */
