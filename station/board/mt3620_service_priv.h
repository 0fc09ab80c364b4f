#ifndef STATION_BOARD_MT3620_SERVICE_PRIV_H
#define STATION_BOARD_MT3620_SERVICE_PRIV_H

#include "board/mt3620_app.h"
#include "board/mt3620_rest.h"
#include "board/mt3620_service.h"

/* mt3620_service_priv -- what mt3620_service.c, mt3620_ask.c and mt3620_wifi.c share. */
enum { MT_TYPE_APPLICATION = 10, MT_TYPE_BOARD_CONFIG = 21 }; /* image types, mt3620.md 4.7 */

struct reading {
	double s;
	int64_t at_ms; /* 0: none yet */
};

struct before {
	struct reading last;
	double per_ms; /* board's seconds; 0: not known, then only a fall shows a restart */
};

struct mt3620_service {
	struct mt3620_board *m;
	struct reading since; /* the first one since the board began to count */
	struct rest rest;
	struct app_link app;
	int app_loaded; /* our application is on the board, or may be */
};

/* Every operation begins with it: the link is there, and the test application is gone
 * unless keep_app. NULL: err says why. */
struct mt3620_service *mt3620_begin(struct board *b, int keep_app, int64_t until_ms,
				    struct err *err);
/* And ends with it: r, with what explains a silence or a lock. */
int mt3620_end(struct mt3620_service *s, int r, struct err *err);

/* The board that answers is the one of this slot. ERR_EXCHANGED. */
int mt3620_need_id(struct mt3620_service *s, int64_t until_ms, struct err *err);
/* Wi-Fi that was switched off is on in between, and off again afterwards. An interface that
 * the board does not show is tried as it is. The second returns r, or its own failure. */
int mt3620_wifi_on(int *was_off, struct mt3620_service *s, int64_t until_ms, struct err *err);
int mt3620_wifi_off(int r, int was_off, struct mt3620_service *s, struct err *err);
/* The component of this type that is installed, or NULL. */
const struct rest_component *mt3620_find_type(const struct rest_images *images, int type);

#endif /* STATION_BOARD_MT3620_SERVICE_PRIV_H */
