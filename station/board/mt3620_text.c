/* What an MT3620 says on port D in words: its boot ROM, its bootloader, its boots.
 * See mt3620_recovery.h. */
#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "board/mt3620_recovery.h"

enum {
	QUIET_MS = 60,    /* an invitation has so much silence behind it; text has not */
	GOOD_MS = 10000,  /* from the last block to +GOOD */
	START_MS = 10000, /* from there to the bootloader's first line */
	ID_TEXT = 128,
};

/* Take a byte. 1: it ended a line, which is in t->line without CR and LF. */
static int take(struct mt3620_text *t, uint8_t byte)
{
	t->byte_ms = clock_ms();
	if (byte == '\n') {
		while (t->n && t->line[t->n - 1] == '\r')
			t->n--;
		t->line[t->n] = '\0';
		t->n = 0;
		return 1;
	}
	if (byte && t->n < sizeof(t->line) - 1)
		t->line[t->n++] = (char)byte;
	return 0;
}

/* The unfinished line is C and nothing else. */
static int invites(const struct mt3620_text *t)
{
	size_t n = 0;

	while (n < t->n && t->line[n] == 'C')
		n++;
	return n && n == t->n;
}

static int begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

/* "D=<128 hex>,N=..." */
static void take_id(char id[MT_ID_SIZE], const char *line)
{
	for (int i = 0; i < ID_TEXT; i++)
		if (text_hex_digit(line[2 + i]) < 0)
			return;
	for (int i = 0; i < ID_TEXT; i++)
		id[i] = (char)tolower(line[2 + i]);
	id[ID_TEXT] = '\0';
}

/* Is the line of this form? '#' stands for a hex digit, '*' for the rest. */
static int fits(const char *line, const char *form)
{
	for (; *form && *form != '*'; form++, line++)
		if (*form == '#' ? text_hex_digit(*line) < 0 : *form != *line)
			return 0;
	return *form == '*' || !*line;
}

#define HEX8   "########"
#define HEX32  HEX8 HEX8 HEX8 HEX8
#define HEX128 HEX32 HEX32 HEX32 HEX32

/* What the boot ROM, the bootloaders and the security monitor are known to say. */
static int is_known(const char *line)
{
	static const char *const forms[] = {
		"RECOVERY",
		HEX32,
		"+GOOD",
		"[1BL] BOOT: " HEX8 "/" HEX8 "/" HEX8,
		"[1BL] BOOT: INIT",
		"[1BL] BACKUP *",
		"G=" HEX128,
		"D=" HEX128 ",N=" HEX32 HEX32,
		"[PLUTON] *",
		"",
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (fits(line, forms[i]))
			return 1;
	return 0;
}

static void take_line(struct mt3620_boot *b, const char *line)
{
	/* Of the first line the port may have missed the begin. */
	b->odd += b->texts++ && !is_known(line);
	b->rom |= !strcmp(line, "RECOVERY");
	if (!begins(line, "[1BL]") && !begins(line, "[PLUTON]") && !begins(line, "G=") &&
	    !begins(line, "D="))
		return;
	b->lines++;
	b->boots += begins(line, "[1BL] BOOT: ");
	b->backup |= strstr(line, "BACKUP") != NULL;
	b->os += !strcmp(line, "[PLUTON] Booting HLOS core");
	if (begins(line, "D="))
		take_id(b->id, line);
}

/* Wait for a byte: 1, 0 in silence, or a code. Damage is passed over: the line is
 * text, and a port that comes out of reset shows some. */
static int hear(uint8_t *byte, struct link *l, int64_t until_ms, struct err *err)
{
	int r;

	do
		r = link_read(byte, 1, l, until_ms, err);
	while (r == ERR_LINE);
	return r;
}

int mt3620_boot_hear(struct mt3620_boot *b, struct link *l, int64_t until_ms, struct err *err)
{
	int lines = b->lines, os = b->os;

	while (!b->rom && b->os == os) {
		int64_t quiet = clock_ms() + QUIET_MS;
		int asks = invites(&b->text);
		uint8_t byte;
		int r = hear(&byte, l, asks && quiet < until_ms ? quiet : until_ms, err);

		if (r < 0)
			return r;
		if (r == 0 && asks && clock_ms() >= b->text.byte_ms + QUIET_MS)
			b->rom = 1;
		else if (r == 0)
			break;
		else if (take(&b->text, byte))
			take_line(b, b->text.line);
	}
	if (b->lines > lines)
		log_debug("port D: %d lines of a boot%s", b->lines,
			  b->backup ? ", from the backup copy" : "");
	return 0;
}

int mt3620_text_invited(struct mt3620_recovery *r, int64_t until_ms, struct err *err)
{
	struct mt3620_boot b = { 0 };
	int code;

	for (;;) {
		code = mt3620_boot_hear(&b, r->link, until_ms, err);
		if (code < 0)
			return code;
		r->odd += b.odd;
		b.odd = 0;
		if (b.rom && invites(&b.text))
			return HEARD_INVITATION;
		b.rom = 0; /* the banner alone; its C is still to come */
		if (b.lines >= 2 || b.os)
			return HEARD_BOOT;
		if (clock_left_ms(until_ms) == 0)
			return b.lines ? HEARD_BOOT : HEARD_NOTHING;
	}
}

int mt3620_text_running(struct mt3620_recovery *r, struct err *err)
{
	int64_t until = clock_ms() + mt3620_patience(r->m, GOOD_MS);
	struct mt3620_text t = { 0 };
	int good = 0;

	for (;;) {
		uint8_t byte;
		int code;

		if (until > r->until_ms)
			until = r->until_ms;
		code = hear(&byte, r->link, until, err);
		if (code < 0)
			return code;
		if (code == 0)
			break;
		/* A message stands behind the last line; a line that was lost is no harm. */
		if (byte == '\n')
			mt3620_frames_clear(&r->frames);
		else if (mt3620_frames_take(&r->frame, &r->frames, byte) > 0) {
			r->have_frame = 1;
			return 0;
		}
		if (!take(&t, byte))
			continue;
		r->odd += !is_known(t.line);
		if (begins(t.line, "[1BL] BOOT: "))
			return 0;
		if (!good && strstr(t.line, "+GOOD")) {
			good = 1;
			until = clock_ms() + mt3620_patience(r->m, START_MS);
		}
	}
	if (clock_left_ms(r->until_ms) == 0)
		return err_set(err, ERR_DEADLINE,
			       "no time left to wait for the recovery bootloader");
	if (good && !r->odd && !r->line_errors)
		return err_set(err, ERR_SILENT,
			       "the board took the recovery bootloader, and it does not start");
	if (r->odd || r->line_errors || r->xmodem.again)
		return err_set(err, ERR_LINE,
			       "recovery link noisy: no %s was heard after " MT3620_BOOTLOADER
			       ", %u blocks sent again, %u texts came damaged",
			       good ? "start" : "+GOOD", r->xmodem.again,
			       (unsigned)r->odd + r->line_errors);
	return err_set(err, ERR_IMAGES,
		       "recovery bootloader rejected: no +GOOD after " MT3620_BOOTLOADER);
}
