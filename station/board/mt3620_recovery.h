#ifndef STATION_BOARD_MT3620_RECOVERY_H
#define STATION_BOARD_MT3620_RECOVERY_H

#include "board/board_mt3620.h"
#include "board/mt3620_frame.h"
#include "board/mt3620_images.h"
#include "board/xmodem.h"

/*
 * mt3620_recovery -- one recovery, from the banner to the board's return. The board
 * leads: it asks for files in the order it likes and says when it is done. The
 * station answers whatever is asked, also again, and knows for each phase how
 * long the board may be silent.
 *
 *     mt3620_recover.c     the operation: attempts, progress, what it comes to
 *     mt3620_text.c        the text of port D: banner, bootloader, boot log
 *     mt3620_recovery.c    the messages
 *
 * source  mt3620 recovery protocol, version 2, as read off the wire by
 *         comaeio/ruby-square and anvilsecure/azure-sphere-re
 */
enum mt3620_phase {
	PHASE_INIT, /* until Initialization */
	PHASE_LOG,
	PHASE_CAPABILITY,
	PHASE_RUNTIME, /* until the recovery application is asked for */
	PHASE_BOOT,    /* it boots */
	PHASE_RATE,
	PHASE_SYNC,   /* both ends change their rate */
	PHASE_AGREED, /* until it says that it erases */
	PHASE_ERASE,  /* until the manifest is asked for */
	PHASE_IMAGES,
	PHASE_COMPLETE, /* all images are sent */
	PHASE_DONE,
};

struct mt3620_recovery {
	struct mt3620_board *m;
	struct link *link;
	const struct mt3620_images *set;
	const char *capability; /* NULL: there is none */
	size_t capability_size;
	struct board_recovered *out;
	void (*tell)(void *payload, double done, const char *what);
	void *payload;
	int64_t until_ms;
	int fast; /* answer the rate query by "yes" */

	enum mt3620_phase phase;
	int64_t phase_ms; /* when the board last asked for something new */
	struct mt3620_frames frames;
	int64_t byte_ms; /* the last byte of a frame that has begun */
	struct mt3620_frame frame;
	int have_frame; /* taken in the middle of a transfer */
	struct xmodem xmodem;
	int flush;           /* what we say next begins with a delimiter */
	uint32_t *whole;     /* bytes that the board has of each file of the set */
	size_t file;         /* that is being sent, + 1; 0: the capability */
	size_t acknowledged; /* bytes of the file that is being sent */
	uint64_t written;    /* bytes of images that the board has acknowledged */
	int64_t images_ms;   /* when the first one was asked for */
	unsigned line_errors, repeats;
	uint16_t last_type, last_mark; /* of the board's last request */
	char lacking[64];              /* a name that the set has not, escaped; "" : none */
	char note[200];
	int slower; /* it failed in a way that the low rate may cure */
	int odd;    /* texts of the boot ROM that came damaged */

	int64_t baud;
	int rtscts;
	double wire_ns, wire_before_ns; /* the second: before the first image */
	int64_t told_ms;                /* progress */
};

/* Deadlines of the protocol's description, by the profile's patience. */
int64_t mt3620_patience(const struct mt3620_board *m, int64_t ms);

/* --- mt3620_recovery.c --- */

/* Sets xmodem, by m's profile. */
void mt3620_recovery_begin(struct mt3620_recovery *r);
/* Set the line, and remember it. */
int mt3620_recovery_line(struct mt3620_recovery *r, int64_t baud, int rtscts, struct err *err);
/* From the running bootloader to RecoveryComplete. Codes: see mt3620_recover(). */
int mt3620_recovery_exchange(struct mt3620_recovery *r, struct err *err);
/* AbortRecovery, as far as it gets. */
void mt3620_recovery_abort(struct mt3620_recovery *r);
/* xmodem's other(). */
int mt3620_recovery_take(void *r, uint8_t byte);

/* --- mt3620_text.c --- */

enum mt3620_heard {
	HEARD_NOTHING,
	HEARD_INVITATION, /* C of the boot ROM */
	HEARD_BOOT,       /* lines of a normal boot */
};

/* Listen for the boot ROM until until_ms. Returns an enum mt3620_heard or a code. */
int mt3620_text_invited(struct mt3620_recovery *r, int64_t until_ms, struct err *err);
/* The bootloader was sent: wait until it runs. ERR_IMAGES: not a word of it;
 * ERR_LINE: the same on a line that showed damage. */
int mt3620_text_running(struct mt3620_recovery *r, struct err *err);

struct mt3620_text { /* a line that is being heard; ready when zeroed */
	char line[320];
	size_t n;
	int64_t byte_ms;
};

/* What a boot tells on port D, gathered line by line. */
struct mt3620_boot {
	struct mt3620_text text;
	int texts;           /* lines of any kind */
	int odd;             /* of them, such that nothing of the board says */
	int lines;           /* of a normal boot */
	int boots;           /* first lines of one */
	int os;              /* the OS core was started, so often */
	int backup;          /* from the backup copy */
	int rom;             /* the boot ROM waits for a recovery */
	char id[MT_ID_SIZE]; /* "": not told */
};

/* Take what port D has said, until until_ms or the first news. 0, or a code. */
int mt3620_boot_hear(struct mt3620_boot *b, struct link *l, int64_t until_ms, struct err *err);

/* --- mt3620_recover.c --- */

/* The operation. ERR_IMAGES, ERR_RECOVERY_LINK, ERR_STRAP, ERR_EXCHANGED, ERR_SILENT,
 * ERR_UNDECIDED, ERR_FLASH, ERR_REFUSED, ERR_PROTO, ERR_NOT_BACK, ERR_LINE,
 * ERR_GONE, ERR_IO, ERR_DEADLINE. */
int mt3620_recover(struct board_recovered *out, struct board *b, const char *folder,
		   void (*tell)(void *payload, double done, const char *what), void *payload,
		   int64_t until_ms, struct err *err);

#endif /* STATION_BOARD_MT3620_RECOVERY_H */
