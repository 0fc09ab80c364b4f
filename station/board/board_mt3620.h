#ifndef STATION_BOARD_BOARD_MT3620_H
#define STATION_BOARD_BOARD_MT3620_H

#include <stdint.h>

#include "base/mt3620_choice.h"
#include "board/board.h"

/*
 * board_mt3620 -- the inside of the family `mt3620`, Azure Sphere boards behind
 * the four ports of their FT4232H, shared by its files:
 *
 *     board_mt3620.c       its row, the keys of its profile, open and close
 *     mt3620_straps.c      RESET and RECOVERY on port D, then port D a UART again
 *     mt3620_recovery.[ch] the recovery protocol, from the banner to the service link
 *     mt3620_frame.[ch]    its messages: COBS, CRC
 *     xmodem.[ch]          its files: XMODEM-CRC sender
 *     mt3620_images.[ch]   the image folder, checked before a board is touched
 *
 *     mt3620_service.[ch]  the operations of the service link and the test application,
 *     mt3620_ask.c         those that need calls alone
 *     mt3620_net.[ch]      HTTPS in user space over port C; mt3620_slip.[ch]: its packets;
 *                          mt3620_ended.[ch]: what an end of a call means
 *     mt3620_rest.[ch]     calls and answers; mt3620_refusal.[ch]: numbers of refusals
 *     mt3620_os.[ch]       which release is it; mt3620_pins.[ch]: the pins
 *     mt3620_app.[ch]      talk with the test application
 *     mt3620_trust.[ch]    the file that boards are verified by
 *
 * What the recovery asks of the service link stands in struct mt3620_service_ops.
 */
enum { MT_ID_SIZE = 128 + 1 };

struct mt3620_profile {
	/* straps and recovery */
	int64_t reset_low_ms, strap_hold_ms;
	const char *rate;         /* "auto", "fast", "slow" */
	const char *xmodem_block; /* "128", "1024" */
	const char *capability;   /* file, or NULL: the board is told that there is none */
	int64_t recovery_log;     /* the board may send log entries */
	int64_t xmodem_flow;      /* RTS/CTS stays on during a transfer */
	int64_t noise_max;        /* damaged messages and blocks of one recovery */
	const char *backup_boot;  /* "fail", "warn" */
	double patience;          /* factor of every wait */
	/* service link; each may be NULL: what needs it is not offered then */
	const char *trust;        /* CA of the board's certificate */
	const char *versions;     /* which images a release has */
	const char *board_config; /* image */
	const char *app;          /* image of the test application */
	int64_t app_port;         /* of slot 1 */
	struct param_list pins, rt_pins;
	int64_t ethernet;
};

struct mt3620_board;

/* What else of the family a recovery needs; set by open() of the service link. */
struct mt3620_service_ops {
	/* 0 when GET /status is answered before until_ms; ERR_TIMEOUT: silence;
	 * ERR_TRUST, ERR_LINE, ERR_GONE ... end the wait. */
	int (*alive)(struct mt3620_board *m, int64_t until_ms, struct err *err);
	/* The board is reset: connections and what is known of its state are void. */
	void (*forget)(struct mt3620_board *m);
	void (*close)(struct mt3620_board *m);
};

struct mt3620_service; /* private to the service link */

struct mt3620_board { /* b->state of an opened board */
	struct board *board;
	const struct mt3620_profile *profile;
	/* Of the board that sits in the slot, lower case, once it is known; else "". */
	char device_id[MT_ID_SIZE];
	/* The pulse itself, by the slot's pins; unit tests have no pins. */
	int (*pulse)(struct mt3620_board *m, int recovery, int64_t until_ms, struct err *err);
	const struct mt3620_service_ops *service_ops; /* NULL: there is no service link */
	struct mt3620_service *service;
};

static inline struct mt3620_board *mt3620_of(struct board *b)
{
	return b->state;
}

/* Where the test application of this slot's board connects to the station. */
int mt3620_app_port(const struct mt3620_profile *p, const struct fixture_slot *s);

/* --- mt3620_straps.c --- */

/* The line of port D while the board talks text: 115,200 8N1 without flow
 * control. Bytes that flow control holds up are let out first. */
int mt3620_line(struct mt3620_board *m, int64_t baud, int rtscts, int64_t until_ms,
		struct err *err);
/* Pulse RESET, with RECOVERY active or not, and give port D back to its UART at
 * the text line before the board's first word. RESET and RECOVERY are released
 * afterwards, also on failure. ERR_LACKS, ERR_GONE, ERR_IO, ERR_TIMEOUT. */
int mt3620_reset(struct mt3620_board *m, int recovery, int64_t until_ms, struct err *err);
/* What m->pulse is on a board with pins. */
int mt3620_pulse(struct mt3620_board *m, int recovery, int64_t until_ms, struct err *err);

#endif /* STATION_BOARD_BOARD_MT3620_H */
