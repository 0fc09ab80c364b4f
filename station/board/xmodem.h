#ifndef STATION_BOARD_XMODEM_H
#define STATION_BOARD_XMODEM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "link/link.h"

/*
 * xmodem -- the sending end of XMODEM-CRC: 128-byte blocks (SOH) or 1024-byte ones
 * (STX), CRC-16 behind the data, high byte first; the receiver invites with C, each
 * block is answered by ACK or NAK before the next one is sent, EOT ends it. The last
 * block is padded with 1A. One block is one write: one USB transfer.
 *
 * The link is told by which byte the answer ends that is waited for (link_event()): the
 * C before the first block, the ACK of each, and behind the EOT the end of whatever the
 * receiver says next, which comes with the EOT's ACK.
 *
 * The receiver may stop the transfer and talk its other language; its bytes that
 * are no answer are handed to other(), which says when they have become a message.
 */
enum { XMODEM_BLOCK = 128, XMODEM_BLOCK_1K = 1024, XMODEM_PAD = 0x1a };

/* CRC-16/XMODEM: poly 0x1021, not reflected, no final xor; "123456789" is 0x31C3.
 * Begin with crc 0; call again for more. */
uint16_t xmodem_crc(uint16_t crc, const void *bytes, size_t n);

enum xmodem_end {
	XMODEM_SENT,     /* all blocks and the EOT were acknowledged */
	XMODEM_MESSAGE,  /* other() took a message instead of an answer */
	XMODEM_NO_START, /* the receiver did not invite */
	XMODEM_SILENT,   /* the receiver stopped answering */
	XMODEM_UNHEARD,  /* it went on inviting: no block reached it */
	XMODEM_REFUSED,  /* a block was refused as often as `tries` */
	XMODEM_CANCELLED,
};

struct xmodem {
	struct link *link;
	size_t block; /* XMODEM_BLOCK or XMODEM_BLOCK_1K */
	int tries;    /* per block */
	int64_t start_ms, answer_ms;
	int ready; /* the first C has been heard already */
	int ends;  /* byte that ends what the receiver says after the EOT */
	/* A byte that is no answer, or stands within a message: 1, a message is
	 * complete; 0, more of it is to come; -1, it is nothing. NULL: nothing is. */
	int (*other)(void *payload, uint8_t byte);
	/* So many bytes of the data are acknowledged; 1K at a time at most. NULL: untold. */
	void (*sent)(void *payload, size_t bytes);
	/* The line damaged something: 0 to go on, or a code to end with. NULL: go on. */
	int (*noise)(void *payload, const struct err *what, struct err *err);
	void *payload;
	/* Counted, over all transfers of this struct. */
	unsigned again;      /* blocks that were sent again */
	unsigned refused;    /* NAK, and answers that were damaged */
	unsigned long bytes; /* written */
};

/* Send data. Returns how it ended, or a negative code of the link (ERR_GONE, ERR_IO,
 * or what noise() said; ERR_DEADLINE: until_ms came first). */
int xmodem_send(struct xmodem *x, const void *data, size_t n, int64_t until_ms, struct err *err);

#endif /* STATION_BOARD_XMODEM_H */
