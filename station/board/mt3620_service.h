#ifndef STATION_BOARD_MT3620_SERVICE_H
#define STATION_BOARD_MT3620_SERVICE_H

#include "board/board_mt3620.h"

/*
 * mt3620_service -- what a board does for a step over its service link, and through
 * the test application that is loaded over it.
 *
 * The link is set up by the first operation that needs it. Before any other thing is
 * asked of a board, the test application is ended and its image is removed again, so
 * that nobody sees a board that only looks as it does because of the test.
 */
int mt3620_service_open(struct mt3620_board *m, struct err *err);

/* Operations, as struct board_ops says. */
int mt3620_os_version(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err);
int mt3620_device_id(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err);
int mt3620_restart(struct board *b, int64_t until_ms, struct err *err);
int mt3620_read_mac(char *out, size_t size, struct board *b, const char *nic, int64_t until_ms,
		    struct err *err);
int mt3620_equip(struct board *b, int64_t until_ms, struct err *err);
int mt3620_gpio(uint64_t *out, struct board *b, uint64_t drive, uint64_t level, int64_t until_ms,
		struct err *err);
int mt3620_measure(struct board *b, const struct board_traffic *t, int64_t until_ms,
		   struct err *err);
int mt3620_provision(struct board *b, int64_t until_ms, struct err *err);
int mt3620_inventory(struct board_inventory *out, struct board *b, int64_t until_ms,
		     struct err *err);
int mt3620_state(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err);
int mt3620_finalise(struct board *b, const char *state, int64_t until_ms, struct err *err);

int mt3620_log(struct sbuf *out, struct board *b, size_t max, int64_t until_ms, struct err *err);
int mt3620_join(struct board *b, const struct board_network *n, int64_t until_ms, struct err *err);

/* Which operations a profile allows: `trust`, `app`, `board_config` have to be there. */
uint32_t mt3620_service_offers(const struct mt3620_profile *p);

#endif /* STATION_BOARD_MT3620_SERVICE_H */
