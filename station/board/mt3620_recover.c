/* The operation `recover` of an MT3620: see mt3620_recovery.h. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "board/mt3620_recovery.h"

/* Waits that the protocol's description allows. Our choice: SERVICE_MS, by which a
 * board that was reset shows whether it lives at all, and SLICE_MS. */
enum {
	BANNER_MS = 10000,
	BACK_MS = 120000,
	BOOTLOADER_MS = 60000,
	SERVICE_MS = 30000,
	SLICE_MS = 3000, /* of listening to port D and asking the service link in turns */
	RESET_MS = 15000,
	CAPABILITY_MAX = 4096,
	REST_MS = 200,       /* so much silence ends a boot log */
	READ_BOOT_MS = 1500, /* the first lines hold most of it */
	ENTRIES = 2,         /* resets until a board is in its boot ROM */
};

static void tell_nobody(void *payload, double done, const char *what)
{
	(void)payload;
	(void)done;
	(void)what;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* NULL: the profile has no trust anchor, so there is only the recovery link. */
static const struct mt3620_service_ops *service(const struct mt3620_board *m)
{
	return m->profile->trust ? m->service_ops : NULL;
}

/* The deadline of a wait, never later than that of the operation. */
static int64_t until(const struct mt3620_recovery *r, int64_t allow_ms)
{
	return sooner(r->until_ms, clock_ms() + mt3620_patience(r->m, allow_ms));
}

static void on_byte(void *payload, char direction, const void *bytes, size_t n)
{
	struct mt3620_recovery *r = payload;
	const int bits = 10; /* start, eight, stop */

	(void)direction;
	(void)bytes;
	if (r->baud)
		r->wire_ns += (double)n * bits * 1e9 / (double)r->baud;
}

/* --- into the boot ROM --- */

/* Nothing came on port D: is the board alive at all? */
static int diagnose_silence(struct mt3620_recovery *r, struct err *err)
{
	const struct mt3620_service_ops *s = service(r->m);
	struct err quiet = { 0 };
	int code = mt3620_reset(r->m, 0, clock_ms() + RESET_MS, err);

	if (code < 0)
		return code;
	if (s) {
		r->tell(r->payload, -1, SAID("no answer; asking the service link"));
		code = s->alive(r->m, until(r, SERVICE_MS), &quiet);
		if (code == ERR_GONE || code == ERR_IO) {
			*err = quiet;
			return code;
		}
	}
	if (s && code >= 0)
		return err_set(err, ERR_RECOVERY_LINK,
			       "the service link answers, and nothing comes on the recovery link; "
			       "check the recovery connector and the interface board");
	return err_set(err, ERR_SILENT,
		       "board silent on %s: power, PowerDown (an interface without WAKEUP cannot "
		       "end it), seating",
		       s ? "both links" : "the recovery link");
}

/* The boot ROM has no other language than its answers. */
static int on_rubbish(void *payload, uint8_t byte)
{
	(void)byte;
	((struct mt3620_recovery *)payload)->odd++;
	return -1;
}

static int enter_rom(struct mt3620_recovery *r, struct err *err)
{
	int heard = HEARD_NOTHING;

	for (int i = 0; i < ENTRIES; i++) {
		int code;

		r->out->resets += i > 0;
		r->tell(r->payload, 0,
			i ? SAID("resetting into recovery once more")
			  : SAID("resetting into recovery"));
		code = mt3620_reset(r->m, 1, sooner(r->until_ms, clock_ms() + RESET_MS), err);
		if (code < 0)
			return code;
		r->baud = MT_RATE_TEXT;
		r->rtscts = 0;
		heard = mt3620_text_invited(r, until(r, BANNER_MS), err);
		if (heard < 0)
			return err_wrap(err, "waiting for the boot ROM");
		if (heard == HEARD_INVITATION)
			return 0;
		log_warning("reset into recovery: %s",
			    heard == HEARD_BOOT ? "a normal boot" : "silence");
	}
	if (clock_left_ms(r->until_ms) == 0)
		return err_set(err, ERR_DEADLINE, "no time left to wait for the boot ROM");
	if (heard == HEARD_BOOT)
		return err_set(err, ERR_STRAP,
			       "the board boots normally after a reset into recovery: the RECOVERY "
			       "line does not reach the strap");
	return diagnose_silence(r, err);
}

/* An enum xmodem_end, or a code. */
static int send_bootloader(struct mt3620_recovery *r, struct err *err)
{
	const struct mt3620_file *f = &r->set->file[0];
	size_t block = r->xmodem.block;
	int end;

	r->tell(r->payload, 0.01, SAID("sending the recovery bootloader"));
	/* The boot ROM's receiver is not the one that takes blocks of 1K. */
	r->xmodem.block = XMODEM_BLOCK;
	r->xmodem.other = on_rubbish;
	r->xmodem.ready = 1;
	r->file = r->acknowledged = 0;
	end = xmodem_send(&r->xmodem, f->bytes, f->size, until(r, BOOTLOADER_MS), err);
	r->xmodem.block = block;
	r->xmodem.other = mt3620_recovery_take;
	return end < 0 ? err_wrap(err, "%s", f->name) : end;
}

/* The log of a normal boot is text of a known form: read it for damage. */
static int read_boot(struct mt3620_recovery *r, struct err *err)
{
	int64_t by = sooner(r->until_ms, clock_ms() + READ_BOOT_MS);
	struct mt3620_boot boot = { 0 };
	int code = mt3620_reset(r->m, 0, clock_ms() + RESET_MS, err);

	if (code >= 0)
		code = mt3620_boot_hear(&boot, r->link, by, err);
	r->odd += boot.odd;
	return code;
}

/* A bootloader that the boot ROM does not like is refused from its first block on, or
 * cancelled; so is any file on a noisy line. Whether it is one shows in what else
 * was heard. */
static int not_sent(struct mt3620_recovery *r, int end, struct err *err)
{
	int judged = end == XMODEM_REFUSED || end == XMODEM_CANCELLED;
	int code = judged ? read_boot(r, err) : 0;
	unsigned damaged = (unsigned)r->odd + r->line_errors;
	int some = r->acknowledged || end == XMODEM_SILENT || end == XMODEM_UNHEARD;
	int noisy = damaged || (some && r->xmodem.refused);

	if (code < 0)
		return code;
	if (noisy)
		return err_set(err, ERR_LINE,
			       "recovery link noisy: the boot ROM does not take " MT3620_BOOTLOADER
			       ", %u blocks sent again, %u texts came damaged",
			       r->xmodem.again, damaged);
	if (end == XMODEM_UNHEARD)
		return err_set(err, ERR_RECOVERY_LINK,
			       "the boot ROM asks for the recovery bootloader and hears nothing of "
			       "it; check RECOVERY_RXD");
	if (end == XMODEM_REFUSED || end == XMODEM_CANCELLED)
		return err_set(err, ERR_IMAGES,
			       "recovery bootloader rejected: the boot ROM %s " MT3620_BOOTLOADER,
			       end == XMODEM_REFUSED ? "does not take" : "cancels");
	return err_set(err, ERR_SILENT, "the boot ROM stopped taking " MT3620_BOOTLOADER);
}

static int start_bootloader(struct mt3620_recovery *r, struct err *err)
{
	int end = XMODEM_SENT;

	for (int i = 0; i < ENTRIES; i++) {
		r->out->resets += i > 0;
		end = enter_rom(r, err);
		if (end < 0)
			return end;
		end = send_bootloader(r, err);
		if (end == ERR_DEADLINE && clock_left_ms(r->until_ms) > 0)
			end = XMODEM_SILENT; /* only its own time is over */
		if (end < 0)
			return end;
		/* Cancelled without a block that was refused before: it is not the line. */
		if (end == XMODEM_SENT || (end == XMODEM_CANCELLED && !r->xmodem.refused))
			break;
	}
	return end == XMODEM_SENT ? mt3620_text_running(r, err) : not_sent(r, end, err);
}

/* --- the way back --- */

static int same_board(struct mt3620_board *m, const struct mt3620_boot *boot, struct err *err)
{
	if (!boot->id[0] || !m->device_id[0] || !strcmp(boot->id, m->device_id))
		return 0;
	return err_set(err, ERR_EXCHANGED, "board %.16s... boots, and slot %s had board %.16s...",
		       boot->id, m->board->slot ? m->board->slot->name : "?", m->device_id);
}

/* The service link is there: is that what was wanted? */
static int is_back(const char **note, struct mt3620_board *m, struct mt3620_boot *boot,
		   struct err *err)
{
	struct link *l = m->board->links[ROLE_RECOVERY];
	struct err ignored = { 0 };
	int before;

	do { /* the rest of the boot log */
		before = boot->texts;
		if (mt3620_boot_hear(boot, l, clock_ms() + REST_MS, &ignored) < 0)
			break;
	} while (boot->texts > before);
	if (same_board(m, boot, err) < 0)
		return err->code;
	if (!boot->backup)
		return 0;
	*note = "booted from the backup copy";
	if (!strcmp(m->profile->backup_boot, "warn"))
		return 0;
	return err_set(err, ERR_FLASH, "the board booted from its backup copy");
}

/* The time is over; what was heard says who is to blame. */
static int not_back(const struct mt3620_boot *boot, struct err *err)
{
	if (boot->boots > 2)
		return err_set(err, ERR_NOT_BACK, "the board boots again and again, %d times",
			       boot->boots);
	if (boot->os)
		return err_set(err, ERR_SILENT,
			       "the board booted, and its service link is silent; it may apply an "
			       "update");
	if (boot->lines)
		return err_set(err, ERR_NOT_BACK, "the boot stops after %d lines of its log",
			       boot->lines);
	return err_set(err, ERR_NOT_BACK, "no sign of a boot");
}

/* Wait for the board's service link after a reset or restart, at most `within_ms`.
 * *note: what its boot log told beside, or NULL. ERR_NOT_BACK: not a sign of it, or
 * a boot that does not end; ERR_SILENT: it booted, and its service link is silent;
 * ERR_STRAP: it is in its boot ROM; ERR_FLASH: it booted from its backup copy, and
 * the profile does not allow it. */
static int wait_back(const char **note, struct mt3620_board *m, int64_t within_ms, int64_t until_ms,
		     struct err *err)
{
	const struct mt3620_service_ops *s = service(m);
	struct link *l = m->board->links[ROLE_RECOVERY];
	int64_t by = sooner(until_ms, clock_ms() + mt3620_patience(m, within_ms));
	struct mt3620_boot boot = { 0 };
	struct err quiet = { 0 }, noisy = { 0 };

	*note = NULL;
	while (clock_left_ms(by) > 0) {
		/* Without a service link the boot log is all there is. */
		int r = mt3620_boot_hear(&boot, l, s ? clock_ms() : by, err);

		if (r < 0)
			return r;
		if (same_board(m, &boot, err) < 0)
			return err->code;
		if (boot.rom)
			return err_set(err, ERR_STRAP,
				       "the board is in its boot ROM after a plain reset: the "
				       "RECOVERY line is held high");
		if (!s && boot.os)
			return is_back(note, m, &boot, err);
		if (!s)
			continue;
		r = s->alive(m, sooner(by, clock_ms() + SLICE_MS), &quiet);
		if (r >= 0)
			return is_back(note, m, &boot, err);
		/* What was said to a board that was just starting was lost, as on a bad line:
		 * it is one only if it stays so. */
		noisy = r == ERR_LINE ? quiet : (struct err){ 0 };
		if (r != ERR_TIMEOUT && r != ERR_SILENT && r != ERR_LINE) {
			*err = quiet;
			return r;
		}
	}
	if (noisy.code) {
		*err = noisy;
		return err->code;
	}
	if (clock_left_ms(until_ms) == 0)
		return err_set(err, ERR_DEADLINE, "no time left to wait for the board's return");
	return not_back(&boot, err);
}

static int come_back(struct mt3620_recovery *r, struct err *err)
{
	int code;

	r->tell(r->payload, 0.97, SAID("recovery is complete; waiting for the board to boot"));
	code = mt3620_recovery_line(r, MT_RATE_TEXT, 0, err);
	if (code >= 0)
		code = wait_back(&r->out->note, r->m, BACK_MS, r->until_ms, err);
	if (code != ERR_NOT_BACK && code != ERR_SILENT)
		return code;
	log_warning("after the recovery: %s", err->text);
	r->tell(r->payload, 0.98, SAID("the board did not come back; resetting it once more"));
	r->out->resets++;
	code = mt3620_reset(r->m, 0, sooner(r->until_ms, clock_ms() + RESET_MS), err);
	if (code >= 0)
		code = wait_back(&r->out->note, r->m, BACK_MS, r->until_ms, err);
	/* A board that is new from its recovery has no update to apply: it does not work. */
	if (code == ERR_SILENT)
		code = err_set(err, ERR_NOT_BACK,
			       "the board booted, and its service link is silent");
	return code < 0 ? err_wrap(err, "after the recovery and a further reset") : 0;
}

/* --- the whole --- */

/* A board that was stopped half way is in no state to stay in; one that was not
 * erased yet boots again. */
static void give_up(struct mt3620_recovery *r, int code)
{
	struct err ignored = { 0 };

	if (code == ERR_GONE || code == ERR_IO || code == ERR_STRAP)
		return;
	if (r->phase < PHASE_DONE)
		mt3620_recovery_abort(r);
	if (mt3620_reset(r->m, 0, clock_ms() + RESET_MS / 10, &ignored) < 0)
		log_warning("%s", ignored.text);
}

static void begin(struct mt3620_recovery *r, int fast)
{
	r->fast = fast;
	r->phase = PHASE_INIT;
	r->have_frame = r->flush = r->slower = r->odd = 0;
	mt3620_frames_clear(&r->frames);
	r->file = 0;
	r->written = 0;
	r->lacking[0] = '\0';
	r->out->images = 0;
	r->out->bytes = 0;
	memset(r->whole, 0, r->set->files * sizeof(*r->whole));
}

static int run_once(struct mt3620_recovery *r, int fast, struct err *err)
{
	int code;

	begin(r, fast);
	code = start_bootloader(r, err);
	if (code >= 0)
		code = mt3620_recovery_exchange(r, err);
	if (code >= 0)
		code = come_back(r, err);
	if (code < 0)
		give_up(r, code);
	return code;
}

static int run(struct mt3620_recovery *r, struct err *err)
{
	const char *rate = r->m->profile->rate;
	int code = run_once(r, strcmp(rate, "slow") != 0, err);

	if (code >= 0 || !r->slower || strcmp(rate, "auto"))
		return code;
	log_warning("recovery: %s; once more at %d bit/s", err->text, MT_RATE_TEXT);
	snprintf(r->note, sizeof(r->note), "%.120s; done anew at %d bit/s", err->text,
		 MT_RATE_TEXT);
	r->out->resets++;
	return run_once(r, 0, err);
}

/* Shown also when the recovery fails. */
static void note_files(struct board_recovered *out, const struct mt3620_images *set)
{
	if (!out->arena)
		return;
	out->file = arena_alloc(out->arena, set->files * sizeof(*out->file));
	for (size_t i = 0; i < set->files; i++)
		out->file[i] = (struct board_file){
			.name = arena_strdup(out->arena, set->file[i].name),
			.sha256 = arena_strdup(out->arena, set->file[i].sha256),
			.size = set->file[i].size,
		};
	out->files = set->files;
	out->sha256 = arena_strdup(out->arena, set->sha256);
}

int mt3620_recover(struct board_recovered *out, struct board *b, const char *folder,
		   void (*tell)(void *payload, double done, const char *what), void *payload,
		   int64_t until_ms, struct err *err)
{
	struct mt3620_board *m = mt3620_of(b);
	struct mt3620_images set;
	struct arena a = { 0 };
	struct mt3620_recovery *r = arena_new(&a, struct mt3620_recovery);
	char *capability = NULL;
	int code;

	*r = (struct mt3620_recovery){ .m = m,
				       .link = b->links[ROLE_RECOVERY],
				       .set = &set,
				       .out = out,
				       .tell = tell ? tell : tell_nobody,
				       .payload = payload,
				       .until_ms = until_ms };
	if (!folder)
		code = err_set(err, ERR_IMAGES, "no folder of images is named: 'images = FOLDER'");
	else
		code = mt3620_images_load(&set, &a, folder, err);
	if (code >= 0 && m->profile->capability)
		code = file_read(&capability, &r->capability_size, &a, m->profile->capability,
				 CAPABILITY_MAX, err);
	if (code >= 0 && capability && !r->capability_size)
		code = err_set(err, ERR_IMAGES, "%s: is empty", m->profile->capability);
	if (code >= 0) {
		r->capability = capability;
		r->whole = arena_alloc(&a, set.files * sizeof(*r->whole));
		note_files(out, &set);
		mt3620_recovery_begin(r);
		link_listen(r->link, on_byte, r);
		code = run(r, err);
		link_listen(r->link, NULL, NULL);
		out->wire_s = r->wire_ns / 1e9;
		if (r->note[0] && out->arena)
			out->note = arena_strdup(out->arena, r->note);
	}
	arena_free(&a);
	return code;
}
