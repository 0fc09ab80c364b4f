#ifndef TESTS_UNIT_RECOVERY_STATION_H
#define TESTS_UNIT_RECOVERY_STATION_H

#include "board_memory.h"
#include "virtual/mt3620_frame.h"
#include "virtual/mt3620_images.h"

/*
 * recovery_station -- what recovers a virtual MT3620 in memory, with an image set of its own.
 * It knows every mistake that a station can make. One for a test, which is a process:
 *
 *	rs_begin("fault = stalls_at 3\n");
 *	cr_expect_eq(rs_recover(), RS_SILENT);
 *	rs_end();
 */
extern const struct firmware firmware_mt3620;

enum { D = 3, RECOVERY = 0x20, RESET = 0x40, RS_IMAGES = 14, RS_BYTES = 60000 };

/* How a session ended. */
enum { RS_COMPLETE = 0, RS_SILENT = -1, RS_NO_ACK = -2 /* else: the id of a RecoveryError */ };

enum rs_spoil { /* what is done wrong */
		GOOD,
		NOT_FOUND,
		UNAUTHORISED,
		STRANGE_ERROR,
		WRONG_TOTAL,
		WRONG_START,
		TOO_MUCH,
		TOO_LITTLE,
		OTHER_IMAGE,
		DAMAGED_IMAGE,
		BAD_MANIFEST,
		SHORT_ACK,
		BUSY,
		NO_READY,
		ABORT,
		LATE,
};

extern struct recovery_station {
	struct board_memory m;
	struct mt3620_frames frames;
	struct mt3620_manifest set;
	struct sbuf file[RS_IMAGES + 3]; /* the images; bootloader, runtime, manifest */
	struct sbuf trail;               /* events and requests as words */
	int answer_rate, capability, log_answer, block;
	enum rs_spoil spoil;
	int64_t patience_ms;    /* without a word from the board */
	unsigned progress, log; /* messages of this session */
	char asked[64];
} rs;

void rs_begin(const char *keys); /* a board by these keys of its scenario; it gets its power */
void rs_end(void);
const char *rs_get(const char *what); /* a value of the board */
void rs_file(struct sbuf *out, const char *kind, const char *name, size_t size, struct rng *r);

int rs_recover(void);      /* from the straps to the end; how it ended */
void rs_to_messages(void); /* the straps and the bootloader; then the board's messages come */
int rs_session(void);      /* the messages */
int rs_serve(const struct mt3620_frame *f); /* answer a request for a file; 0: go on */

void rs_feed(const void *bytes, size_t n);
int rs_await(const char *text, int64_t ms);
void rs_tell(unsigned type, const void *data, size_t n);
void rs_tell_byte(unsigned type, uint8_t byte);
int rs_listen(struct mt3620_frame *f); /* the board's next frame, or -1 */
size_t rs_get32(const uint8_t *in);

void rs_release(void); /* the station drives no line */
void rs_reset(void);   /* with RECOVERY not driven: the board boots, within a second */

#endif /* TESTS_UNIT_RECOVERY_STATION_H */
