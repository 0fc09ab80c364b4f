#ifndef STATION_BOARD_MT3620_REST_PARSE_H
#define STATION_BOARD_MT3620_REST_PARSE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * mt3620_rest_parse -- the answers of a board's REST service, taken apart.
 *
 * They are what a board says: bounded, checked for form, never trusted. A member that the
 * documentation calls optional may be missing; one that is there has its type. Parsers are
 * functions of bytes alone. ERR_PROTO says what was expected and shows what was there, escaped.
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
/* Whether the board restarts by itself after what was asked. */
int rest_parse_restarts(int *out, const char *s, size_t n, struct err *err);
/* {"error":N} of a refusal, or 0 where it is none. */
unsigned long rest_parse_error(const char *s, size_t n);

#endif /* STATION_BOARD_MT3620_REST_PARSE_H */
