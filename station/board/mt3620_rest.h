#ifndef STATION_BOARD_MT3620_REST_H
#define STATION_BOARD_MT3620_REST_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "board/mt3620_net.h"
#include "board/mt3620_rest_parse.h"

/*
 * mt3620_rest -- the calls of a board's REST service.
 *
 * source  mt3620.md 5.2, 5.3
 */

/* One call of the service, repeated until until_ms while the board says that it is
 * busy, where it may be. A refusal is ERR_REFUSED, or what its number means; `error`
 * is that number then, else 0. Status 403 without a number counts as 10.18. */
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
