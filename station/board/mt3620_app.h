#ifndef STATION_BOARD_MT3620_APP_H
#define STATION_BOARD_MT3620_APP_H

#include <stddef.h>
#include <stdint.h>

#include "base/param.h"
#include "base/sbuf.h"
#include "board/board.h"

/*
 * mt3620_app -- the station's end of the talk with the test application on a
 * board: pins, and an iperf3 client. fixtures/mt3620/app-protocol.md specifies it.
 *
 * The application connects from the board, over the network, to a port of the slot.
 * Its first line names its board, so that crossed wires are seen. What it says is
 * data: lines are bounded and answers are checked against what was asked.
 */
struct app_link { /* ready when zeroed and both fds are -1 */
	int listener, fd;
	char peer[64]; /* "127.0.0.1:4730", where the application is expected */
	struct sbuf in;
	size_t taken; /* of in */
	/* The pins as they were last set: bit n is pins->item[n]. */
	uint64_t driven, level, pulled_up, pulled_down;
};

void app_init(struct app_link *l);
/* Listen where the application will connect. ERR_BUSY: the port is taken; ERR_CONF. */
int app_listen(struct app_link *l, const char *host, int port, struct err *err);
/* Wait for the application of the board with this ID. ERR_SILENT: nobody comes;
 * ERR_EXCHANGED: another board's; ERR_PROTO: it says something else. */
int app_accept(struct app_link *l, const char *device_id, int64_t until_ms, struct err *err);
/* As board_ops.gpio. Pins that are let go are pulled against the driven level, so
 * that an open one cannot seem to follow. */
int app_gpio(uint64_t *out, struct app_link *l, const struct param_list *pins, uint64_t drive,
	     uint64_t level, int64_t until_ms, struct err *err);
/* As board_ops.measure. */
int app_iperf(struct app_link *l, const struct board_traffic *t, int64_t until_ms, struct err *err);
void app_bye(struct app_link *l); /* at most MT_HELPER_LINE_MS; then as app_close() */
void app_close(struct app_link *l);

/* HELLO line taken apart: its device ID in lower case. 0, or -1. Fuzzed. */
int app_parse_hello(char id[129], const char *line, size_t n);
/* "OK n=v n=v": levels of the pins as asked, bit k is pins->item[k]. 0, or -1. Fuzzed. */
int app_parse_levels(uint64_t *out, const struct param_list *pins, const char *line, size_t n);

#endif /* STATION_BOARD_MT3620_APP_H */
