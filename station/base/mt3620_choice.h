#ifndef STATION_BASE_MT3620_CHOICE_H
#define STATION_BASE_MT3620_CHOICE_H

/*
 * mt3620_choice -- what no public source tells of the MT3620's protocols and we
 * had to choose, in one place. The driver (board/) and the virtual board
 * (fixtures/virtual) both include it and share nothing else, so that they agree
 * on what was invented and each has its own reading of what is documented.
 *
 * Every line is our choice: not public. When a real board answers one of these,
 * change it here. "plan": the board profile or the plan can set it, too.
 */
/* Those that a profile can set are macros, so that its presets can quote them.
 *
 * Straps: RESET is low for this long; RECOVERY stays this long after its release,
 * which must exceed the 12 ms rise time of SYSRST_N and the moment at which the
 * board samples, and must end before its banner: port D is deaf until then. */
#define MT_RESET_LOW_MS  50
#define MT_STRAP_HOLD_MS 100
#define MT_XMODEM_BLOCK  128  /* 1024, where the board takes it */
#define MT_HELPER_PORT   4730 /* the test application of slot 1 connects to the station here */

/* clang-format off */
enum mt3620_choice {
	/* Straps, as the virtual board has them */
	MT_SAMPLE_AFTER_MS    = 20,   /* the virtual board samples the straps after RESET's release */
	MT_BANNER_AFTER_MS    = 150,  /* and prints its banner this much after the sample */

	/* XMODEM */
	MT_C_INTERVAL_MS      = 1400,
	MT_C_WAIT_MS          = 10000,
	MT_XMODEM_TRIES       = 10,
	MT_XMODEM_ANSWER_MS   = 10000,
	MT_XMODEM_CANS        = 2,
	MT_XMODEM_BLOCK_MS    = 1000, /* the receiver: a block that began has to be whole by then */
	MT_XMODEM_QUIET_MS    = 20,   /* and after a damaged one says NAK once nothing came for this */

	/* Frames */
	MT_FRAME_MAX          = 4096, /* decoded; longer: dropped up to the next 00, counted */
	MT_REPEAT_MS          = 2000, /* who waits after a bad frame repeats its last request */
	MT_REPEATS            = 5,
	MT_INIT_REPEAT_MS     = 1000,
	MT_LOG_ENTRY_MAX      = 1024,

	/* Rates. The board switches this long after the last byte of Ack 1. */
	MT_RATE_TEXT          = 115200,
	MT_RATE_FAST          = 3000000,
	MT_SWITCH_AFTER_MS    = 50,
	MT_STATUS_EVERY_MS    = 500,
	MT_STATUS_TRIES       = 6,
	MT_SWITCH_WAIT_MS     = 3000, /* the driver, at the new rate, then at the old one */
	MT_STAY_EVENT_MS      = 100,  /* event 7 after Ack 0 */
	MT_BUSY_REPEAT_MS     = 1000, /* StatusRequest again after StatusBusy */

	/* Image requests */
	MT_CHUNK              = 20480,

	/* Messages whose numbers are not public */
	MT_EVENT_MANIFEST_PROCESSED = 10,
	MT_EVENT_RECOVERY_COMPLETE  = 11,
	MT_IMAGE_NOT_FOUND    = 1,    /* ImageRequestError, u8: the board says 39.150 */
	MT_IMAGE_UNAUTHORISED = 2,    /* 39.151; others 39.152 */
	MT_LOG_OFF            = 0,    /* answer to LogConfigQuery; plan: 1 */

	/* Times of the virtual board, scaled by its time factor */
	MT_ERASE_MS           = 19000,
	MT_WRITE_BYTES_PER_S  = 36000,
	MT_BOOT_LOG_MS        = 8000, /* to the end of the boot log */
	MT_SERVICE_AFTER_MS   = 12000, /* after reset */
	MT_REST_DOWN_AFTER_MS = 200,  /* link goes down after the answer to a restart */

	/* Service link */
	MT_SLIP_MTU           = 1500,
	MT_SLIP_PACKET_MAX    = 2048,
	MT_TLS_MS             = 6000, /* to a finished TLS handshake; then again, to the deadline */
	MT_SYN_MS             = 300,  /* nothing came at all: a new connection, since libslirp sends
				       * its SYN again after 6 s only */
	MT_REST_MS            = 5000, /* one answer of a call that does little work */
	MT_REST_PAUSE_MS      = 250,  /* before a call is made again */
	MT_REST_ANSWER_MAX    = 65536,  /* bytes; a longer answer is refused */
	MT_REST_LOG_MAX       = 4194304,
	MT_NOISE_MAX          = 200,  /* bad packets during one call; more: the line is noisy */
	MT_HELPER_LINE_MS     = 2000,
};
/* clang-format on */

/* ProgressUpdate: 16 bytes, u32le images left, images in all, bytes left, bytes in all.
 * Display only, never a verdict; another length is logged as hex.
 * RecoveryError: u32le (39 << 20) | id; also accepted: u16le, or u32le below 4096, as a
 * bare id; anything else is "recovery error, undecoded". It always ends the run. */
#define MT_ERROR_CATEGORY 39u

#define MT_REST_API_VERSION "4.6.0"
#define MT_MAC_OF_2007      "02:00:00:20:07:00" /* the 20.07 defect on the virtual board */

/* Component IDs of our test application; the vendor's are used for vendor images only. */
#define MT_HELPER_COMPONENT       "7c1d2a54-9c0b-4e57-8f5c-3e4a6f0b1d21"
#define MT_BOARD_CONFIG_COMPONENT "a4d1f7c2-55c8-4f0e-b7c9-0d2f5b8e6a13"

#endif /* STATION_BASE_MT3620_CHOICE_H */
