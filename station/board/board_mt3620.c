/* mt3620 -- Azure Sphere MT3620 boards in their own protocol: recovery over the
 * recovery UART, everything else over the service UART. */
#include "board/board_mt3620.h"

#include <stdlib.h>

#include "base/clock.h"
#include "board/mt3620_recovery.h"

enum { OPEN_MS = 2000 };

static int open_board(struct board *b, struct err *err)
{
	struct mt3620_board *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	m->board = b;
	m->profile = b->profile;
	m->pulse = mt3620_pulse;
	b->state = m;
	/* A bit mode and a line outlive a close: the chip is put into UART mode by
	 * whoever takes it first, and the line is the family's, not the fixture's. */
	return mt3620_line(m, MT_RATE_TEXT, 0, clock_ms() + OPEN_MS, err);
}

static void close_board(struct board *b)
{
	struct mt3620_board *m = mt3620_of(b);

	if (m && m->service_ops)
		m->service_ops->close(m);
	free(m);
	b->state = NULL;
}

#define OFFSET(field) offsetof(struct mt3620_profile, field)
#define TEXT_(x)      #x
#define TEXT(x)       TEXT_(x)

static const struct param params[] = {
	{ .name = "reset_low",
	  .type = PARAM_DURATION,
	  .offset = OFFSET(reset_low_ms),
	  .min = 1,
	  .max = 5000,
	  .preset = TEXT(MT_RESET_LOW_MS) " ms",
	  .help = "How long RESET is held low." },
	{ .name = "strap_hold",
	  .type = PARAM_DURATION,
	  .offset = OFFSET(strap_hold_ms),
	  .min = 20,
	  .max = 5000,
	  .preset = TEXT(MT_STRAP_HOLD_MS) " ms",
	  .help = "How long RECOVERY stays after the release of RESET; more than its rise time of "
		  "12 ms." },
	{ .name = "rate",
	  .type = PARAM_CHOICE,
	  .offset = OFFSET(rate),
	  .choices = (const char *const[]){ "auto", "fast", "slow", NULL },
	  .preset = "auto",
	  .help = "Rate of the recovery link for the images: 3 Mbit/s, 115,200 bit/s, or the "
		  "first with one fallback to the second." },
	{ .name = "xmodem_block",
	  .type = PARAM_CHOICE,
	  .offset = OFFSET(xmodem_block),
	  .choices = (const char *const[]){ "128", "1024", NULL },
	  .preset = TEXT(MT_XMODEM_BLOCK),
	  .help = "Bytes of a block of a file; whether a board takes 1024 is not public." },
	{ .name = "xmodem_flow",
	  .type = PARAM_BOOL,
	  .offset = OFFSET(xmodem_flow),
	  .preset = "yes",
	  .help = "RTS/CTS stays on during the transfer of a file, once it is agreed on." },
	{ .name = "capability",
	  .type = PARAM_PATH,
	  .offset = OFFSET(capability),
	  .optional = 1,
	  .help = "Capability file that a recovery sends; left out: the board is told that there "
		  "is none." },
	{ .name = "recovery_log",
	  .type = PARAM_BOOL,
	  .offset = OFFSET(recovery_log),
	  .preset = "no",
	  .help = "The board may send log entries during a recovery." },
	{ .name = "noise_max",
	  .type = PARAM_INT,
	  .offset = OFFSET(noise_max),
	  .min = 0,
	  .max = 1000000,
	  .preset = "200",
	  .help = "Damaged messages and blocks of one recovery that are repaired before the link "
		  "counts as noisy." },
	{ .name = "backup_boot",
	  .type = PARAM_CHOICE,
	  .offset = OFFSET(backup_boot),
	  .choices = (const char *const[]){ "fail", "warn", NULL },
	  .preset = "fail",
	  .help = "What it is when a board boots from the backup copy of its system." },
	{ .name = "patience",
	  .type = PARAM_NUM,
	  .offset = OFFSET(patience),
	  .min = 0.001,
	  .max = 100,
	  .preset = "1",
	  .help = "Factor of every wait for the board; below 1 for virtual boards with shortened "
		  "times." },
	{ .name = NULL },
};

const struct board_driver board_mt3620 = {
	.name = "mt3620",
	.summary = "Azure Sphere MT3620, by its recovery and service links",
	.params = params,
	.profile_size = sizeof(struct mt3620_profile),
	.roles = 1 << ROLE_RECOVERY,
	.signals = (const char *const[]){ "reset", "recovery", NULL },
	.ops = { .recover = mt3620_recover },
	.open = open_board,
	.close = close_board,
};
