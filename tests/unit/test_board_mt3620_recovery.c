/* Recoveries of a fake board: the good one in all its forms, then each fault with
 * its verdict, its blame and the text of its message. */
#include "tests/unit/board_mt3620_fake.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_recovery, .timeout = 60);

static struct fake fake;

Test(board_mt3620_recovery, good)
{
	struct err err = { 0 };

	fake_open(&fake, 17, 50000);
	cr_assert_eq(fake_recover(&fake, &err), 0, "%s", err.text);
	cr_expect_eq(fake.out.images, 17);
	cr_expect_eq(fake.out.bytes, 17 * 50000 + 136);
	cr_expect_eq(fake.out.rate_bps, 3e6);
	cr_expect_eq(fake.out.resets, 0);
	cr_expect_eq(fake.out.retries, 0);
	cr_expect_eq(fake.out.bad_frames, 0);
	cr_expect_null(fake.out.note, "%s", fake.out.note);
	cr_expect_eq(fake.out.files, 20);
	cr_expect_eq(strlen(fake.out.sha256), 64);
	cr_expect_gt(fake.out.wire_s, 3);
	cr_expect_str_eq(fake.m->device_id, FAKE_ID);
	cr_expect_eq(fake.resets, 1);
	cr_expect_eq(fake.baud, MT_RATE_TEXT);
	cr_expect_eq(fake.rtscts, 0);
	cr_expect(strstr(sbuf_str(&fake.told), "erasing the flash"), "%s", sbuf_str(&fake.told));
	cr_expect(strstr(sbuf_str(&fake.told), "17 of 17 images left"), "%s", sbuf_str(&fake.told));
	cr_expect(strstr(sbuf_str(&fake.told), "0 of 17 images left"));
	/* Once more on the same handle. */
	cr_assert_eq(fake_recover(&fake, &err), 0, "%s", err.text);
	fake_free(&fake);
}

/* What a board may do without being wrong, and what the station is told to do. */
static const struct variant {
	const char *rate, *block;
	int images, reverse, twice, odd, no_boot_line, capability, no_flow, service;
	double bps;
} variants[] = {
	{ "auto", "128", 14, 0, 0, 0, 0, 0, 0, 1, 3e6 },
	{ "auto", "128", 20, 0, 0, 0, 0, 0, 0, 1, 3e6 },
	{ "auto", "1024", 16, 0, 0, 0, 0, 0, 0, 1, 3e6 },
	{ "slow", "128", 16, 0, 0, 0, 0, 0, 0, 1, 115200 },
	{ "slow", "1024", 16, 0, 0, 0, 0, 0, 0, 1, 115200 },
	{ "fast", "128", 16, 0, 0, 0, 0, 0, 0, 1, 3e6 },
	{ "auto", "128", 5, 1, 0, 0, 0, 0, 0, 1, 3e6 },
	{ "auto", "128", 5, 0, 1, 0, 0, 0, 0, 1, 3e6 },
	{ "auto", "128", 5, 0, 0, 1, 0, 0, 0, 1, 3e6 },
	{ "auto", "128", 5, 0, 0, 0, 1, 0, 0, 1, 3e6 },
	{ "auto", "128", 5, 0, 0, 0, 0, 1, 0, 1, 3e6 },
	{ "auto", "128", 5, 0, 0, 0, 0, 0, 0, 0, 3e6 }, /* the boot log says that it is back */
	{ "auto", "128", 1, 0, 0, 0, 0, 0, 0, 1, 3e6 },
};

TEST_ROWS(board_mt3620_recovery, variant, variants)
{
	const struct variant *v = &variants[*i];
	struct err err = { 0 };
	char path[100];

	fake_open(&fake, (size_t)v->images, 21000);
	fake.profile.rate = v->rate;
	fake.profile.xmodem_block = v->block;
	fake.reverse = v->reverse;
	fake.twice = v->twice;
	fake.odd_events = v->odd;
	fake.no_boot_line = v->no_boot_line;
	if (v->capability) {
		set_file(&fake.set, "capability.bin", 392, 9);
		snprintf(path, sizeof(path), "%s/capability.bin", fake.set.folder);
		fake.profile.capability = path;
	}
	if (!v->service)
		fake.m->service_ops = NULL;
	cr_assert_eq(fake_recover(&fake, &err), 0, "row %zu: %s", *i, err.text);
	cr_expect_eq(fake.out.images, (size_t)v->images);
	cr_expect_eq(fake.out.rate_bps, v->bps);
	cr_expect_eq(fake.out.bad_frames, 0, "row %zu: %d", *i, fake.out.bad_frames);
	cr_expect_eq(fake.resets, 1);
	fake_free(&fake);
}

#define E39(id) id "\x00\x70\x02", .error_size = 4

/* Each fault: what the board does, what comes of it. */
static const struct fault_row {
	struct fake with; /* the knobs */
	const char *rate, *outcome, *text, *note;
	int resets; /* of the record; -1: whatever */
} faults[] = {
	/* into the boot ROM */
	{ .with = { .no_banner = 2, .no_service = 99 },
	  .outcome = "ERROR open ERR_SILENT",
	  .text = "board silent on both links: power, PowerDown (an interface without WAKEUP "
		  "cannot end it), seating",
	  .resets = 1 },
	{ .with = { .no_banner = 2 },
	  .outcome = "ERROR station ERR_RECOVERY_LINK",
	  .text = "the service link answers, and nothing comes on the recovery link; check the "
		  "recovery connector and the interface board",
	  .resets = 1 },
	{ .with = { .boots_instead = 2 },
	  .outcome = "ERROR station ERR_STRAP",
	  .text = "the board boots normally after a reset into recovery: the RECOVERY line does "
		  "not reach the strap",
	  .resets = 1 },
	{ .with = { .boots_instead = 1 }, .outcome = "PASS - -", .resets = 1 },
	{ .with = { .stuck_strap = 1, .no_boot = 1, .no_service = 99 },
	  .outcome = "ERROR station ERR_STRAP",
	  .text = "after the recovery and a further reset: the board is in its boot ROM after a "
		  "plain reset: the RECOVERY line is held high",
	  .resets = 1 },
	/* the bootloader */
	{ .with = { .rom_answer = "\x15" },
	  .outcome = "ERROR plan ERR_IMAGES",
	  .text = "recovery bootloader rejected: the boot ROM does not take recovery-1bl-rtm.bin",
	  .resets = 1 },
	{ .with = { .rom_answer = "C" },
	  .outcome = "ERROR station ERR_RECOVERY_LINK",
	  .text = "the boot ROM asks for the recovery bootloader and hears nothing of it; check "
		  "RECOVERY_RXD",
	  .resets = 1 },
	{ .with = { .rom_answer = "\x18\x18" },
	  .outcome = "ERROR plan ERR_IMAGES",
	  .text = "recovery bootloader rejected: the boot ROM cancels recovery-1bl-rtm.bin" },
	{ .with = { .no_good = 1, .no_boot_line = 1 },
	  .outcome = "ERROR plan ERR_IMAGES",
	  .text = "recovery bootloader rejected: no +GOOD after recovery-1bl-rtm.bin" },
	{ .with = { .silent_at = FAKE_INIT },
	  .outcome = "ERROR open ERR_SILENT",
	  .text = "silence of 10 s, and Initialization is due" },
	/* the exchange */
	{ .with = { .id = FAKE_OTHER },
	  .outcome = "ERROR station ERR_EXCHANGED",
	  .text = "Initialization: board fedcba9876543210... is in recovery, and slot 1 had board "
		  "0123456789abcdef..." },
	{ .with = { .id = "<script>" FAKE_ID },
	  .outcome = "FAIL unit ERR_PROTO",
	  .text = "Initialization: Initialization: character 1 of the device ID is no hex digit" },
	{ .with = { .silent_at = FAKE_LOG },
	  .outcome = "ERROR open ERR_SILENT",
	  .text = "silence of 10 s, and LogConfigQuery is due" },
	{ .with = { .silent_at = FAKE_CAPABILITY },
	  .outcome = "ERROR open ERR_SILENT",
	  .text = "silence of 10 s, and the request for a capability is due" },
	{ .with = { .silent_at = FAKE_RUNTIME },
	  .outcome = "ERROR open ERR_SILENT",
	  .text = "silence of 10 s, and the request for recovery-runtime.bin is due" },
	{ .with = { .silent_at = FAKE_LOG2 },
	  .outcome = "ERROR open ERR_SILENT",
	  .text = "silence of 30 s, and the recovery application is due" },
	{ .with = { .silent_at = FAKE_RATE },
	  .outcome = "ERROR open ERR_SILENT",
	  .text = "silence of 30 s, and BaudrateSwitchQuery is due" },
	{ .with = { .silent_at = FAKE_MANIFEST },
	  .outcome = "ERROR station ERR_RECOVERY_LINK",
	  .text = "silence of 60 s, and the begin of the flash erase is due" },
	{ .with = { .hold_erase = 1 },
	  .outcome = "FAIL unit ERR_FLASH",
	  .text = "silence of 180 s, and the end of the flash erase is due" },
	{ .with = { .silent_image = 3 },
	  .outcome = "ERROR open ERR_SILENT",
	  .text = "silence of 60 s, and the request for the next image is due; stopped at image 2 "
		  "of 4 (00000002000000000000000000000000.bin)" },
	{ .with = { .silent_at = FAKE_REBOOT },
	  .outcome = "ERROR open ERR_SILENT",
	  .text = "silence of 120 s, and RecoveryComplete is due; stopped at image 4 of 4 "
		  "(00000004000000000000000000000000.bin)" },
	{ .with = { .held = FAKE_MANIFEST },
	  .outcome = "ERROR open ERR_SILENT",
	  .text = "ImageRequestByFilename: the board holds up ImageRequestAck by flow control and "
		  "does not go on" },
	{ .with = { .early = 1 },
	  .outcome = "FAIL unit ERR_PROTO",
	  .text = "RecoveryComplete: the board says that its recovery is complete after 0 of 4 "
		  "images" },
	/* the rate */
	{ .with = { .no_rate = 1 },
	  .outcome = "PASS - -",
	  .note = "nothing came at 3000000 bit/s; went on at 115200" },
	{ .with = { .dead_rate = 1 },
	  .outcome = "PASS - -",
	  .note = "silence of 6 s, and StatusRequest at the new rate is due; done anew at 115200 "
		  "bit/s",
	  .resets = 1 },
	{ .with = { .dead_rate = 1 },
	  .rate = "fast",
	  .outcome = "ERROR station ERR_RECOVERY_LINK",
	  .text = "silence of 6 s, and StatusRequest at the new rate is due" },
	/* its own errors */
	{ .with = { .error_at = FAKE_MANIFEST, .error = E39("\x67") },
	  .outcome = "FAIL unit ERR_FLASH",
	  .text = "RecoveryError: the board reports 39.103 FlashEraseFailed while the begin of the "
		  "flash erase was due" },
	{ .with = { .error_image = 3, .error = E39("\x65") },
	  .outcome = "FAIL unit ERR_FLASH",
	  .text = "RecoveryError: the board reports 39.101 FlashWriteFailed at image 2 of 4 "
		  "(00000002000000000000000000000000.bin)" },
	{ .with = { .error_image = 3, .error = E39("\x05") },
	  .outcome = "ERROR plan ERR_IMAGES",
	  .text = "RecoveryError: the board reports 39.5 BadSignature at image 2 of 4 "
		  "(00000002000000000000000000000000.bin)" },
	{ .with = { .error_image = 2, .error = E39("\x6b") },
	  .outcome = "ERROR open ERR_UNDECIDED",
	  .text = "RecoveryError: the board reports 39.107 FileTransferFailed at image 1 of 4 "
		  "(00000001000000000000000000000000.bin)" },
	{ .with = { .error_image = 2, .error = E39("\x4b") },
	  .outcome = "ERROR open ERR_UNDECIDED",
	  .text = "RecoveryError: the board reports error 39.75, which is not known, at image 1 of "
		  "4 (00000001000000000000000000000000.bin)" },
	{ .with = { .error_image = 2, .error = "\x1b[2J", .error_size = 4 },
	  .outcome = "ERROR open ERR_UNDECIDED",
	  .text = "RecoveryError: the board reports a recovery error, undecoded (1b5b324a), at "
		  "image 1 of 4 (00000001000000000000000000000000.bin)" },
	{ .with = { .error_at = FAKE_SYNC, .error = E39("\x0c") },
	  .rate = "fast",
	  .outcome = "ERROR station ERR_RECOVERY_LINK",
	  .text = "RecoveryError: the board reports 39.12 StreamSyncFailed while StatusRequest at "
		  "the new rate was due" },
	{ .with = { .error_at = FAKE_SYNC, .error = E39("\x0c") },
	  .outcome = "PASS - -",
	  .note = "RecoveryError: the board reports 39.12 StreamSyncFailed while StatusRequest at "
		  "the new rate was due; done anew at 115200 bit/s",
	  .resets = 1 },
	{ .with = { .asks_for = "../../etc/passwd", .error = E39("\x96") },
	  .outcome = "ERROR plan ERR_IMAGES",
	  .text = "RecoveryError: image set lacks ../../etc/passwd, which the board asked for "
		  "(39.150 ImageNotFound)" },
	{ .with = { .asks_for = "\033[2Jx.bin" },
	  .outcome = "ERROR plan ERR_IMAGES",
	  .text = "image set lacks \\x1b[2Jx.bin; the board asked for it and is silent since" },
	/* the way back */
	{ .with = { .no_boot = 1, .no_service = 2 }, .outcome = "PASS - -", .resets = 1 },
	{ .with = { .no_boot = 99, .no_service = 99 },
	  .outcome = "FAIL unit ERR_NOT_BACK",
	  .text = "after the recovery and a further reset: no sign of a boot",
	  .resets = 1 },
	{ .with = { .no_service = 99 },
	  .outcome = "FAIL unit ERR_NOT_BACK",
	  .text = "after the recovery and a further reset: the board booted, and its service "
		  "link is silent",
	  .resets = 1 },
	{ .with = { .no_service = 99, .half_boot = 1 },
	  .outcome = "FAIL unit ERR_NOT_BACK",
	  .text = "after the recovery and a further reset: the boot stops after 4 lines of its log",
	  .resets = 1 },
	{ .with = { .backup = 1 },
	  .outcome = "FAIL unit ERR_FLASH",
	  .text = "the board booted from its backup copy" },
	{ .with = { .backup = 2 }, .outcome = "PASS - -", .note = "booted from the backup copy" },
	/* the cable, at many moments */
	{ .with = { .gone_at = 2 }, .outcome = "ERROR station ERR_GONE", .resets = -1 },
	{ .with = { .gone_at = 5 }, .outcome = "ERROR station ERR_GONE", .resets = -1 },
	{ .with = { .gone_at = 30 }, .outcome = "ERROR station ERR_GONE", .resets = -1 },
	{ .with = { .gone_at = 100 }, .outcome = "ERROR station ERR_GONE", .resets = -1 },
};

static const char *outcome(int code)
{
	static char text[80];

	if (!code)
		return "PASS - -";
	snprintf(text, sizeof(text), "%s %s %s", verdict_word(err_verdict(code)),
		 err_blame_word(err_blame(code)), err_name(code));
	return text;
}

TEST_ROWS(board_mt3620_recovery, fault, faults)
{
	const struct fault_row *row = &faults[*i];
	struct fake knobs = row->with;
	struct err err = { 0 };
	int code;

	fake_open(&fake, 4, 25000);
#define KNOB(name) fake.name = knobs.name
	KNOB(silent_at), KNOB(error_at), KNOB(error), KNOB(error_size), KNOB(id), KNOB(asks_for);
	KNOB(no_banner), KNOB(boots_instead), KNOB(stuck_strap), KNOB(rom_answer), KNOB(no_good);
	KNOB(no_boot_line), KNOB(no_rate), KNOB(dead_rate), KNOB(early), KNOB(silent_image);
	KNOB(hold_erase), KNOB(error_image), KNOB(no_boot), KNOB(no_service), KNOB(gone_at),
		KNOB(half_boot), KNOB(backup), KNOB(held);
#undef KNOB
	if (row->rate)
		fake.profile.rate = row->rate;
	if (knobs.backup == 2)
		fake.profile.backup_boot = "warn";
	if (knobs.id)
		snprintf(fake.m->device_id, sizeof(fake.m->device_id), "%s", FAKE_ID);
	code = fake_recover(&fake, &err);
	cr_expect_str_eq(outcome(code), row->outcome, "row %zu: %s: %s", *i, outcome(code),
			 err.text);
	if (row->text)
		cr_expect_str_eq(err.text, row->text, "row %zu: %s", *i, err.text);
	if (row->note)
		cr_expect_str_eq(fake.out.note ? fake.out.note : "-", row->note, "row %zu: %s", *i,
				 fake.out.note);
	if (row->resets >= 0)
		cr_expect_eq(fake.out.resets, row->resets, "row %zu: %d", *i, fake.out.resets);
	fake_free(&fake);
}

/* A board that dies in the middle is recovered again. */
Test(board_mt3620_recovery, again_after_a_death)
{
	struct err err = { 0 };

	fake_open(&fake, 4, 25000);
	fake.silent_image = 2;
	cr_expect_eq(fake_recover(&fake, &err), ERR_SILENT);
	fake.silent_image = 0;
	cr_expect_eq(fake_recover(&fake, &err), 0, "%s", err.text);
	cr_expect_eq(fake.out.images, 4);
	fake_free(&fake);
}

/* A wrong board is not erased: the exchange ends before, and it boots again. */
Test(board_mt3620_recovery, a_wrong_board_is_left_as_it_was)
{
	struct err err = { 0 };

	fake_open(&fake, 4, 25000);
	snprintf(fake.m->device_id, sizeof(fake.m->device_id), "%s", FAKE_OTHER);
	cr_expect_eq(fake_recover(&fake, &err), ERR_EXCHANGED);
	cr_expect_eq(fake.recoveries, 1);
	cr_expect_eq(fake.resets, 2);
	cr_expect_null(strstr(sbuf_str(&fake.told), "erasing"));
	fake_free(&fake);
}

/* Bad sets are found before the board is touched. */
Test(board_mt3620_recovery, images_first)
{
	struct err err = { 0 };

	fake_open(&fake, 4, 25000);
	unlink(set_path(&fake.set, set_image_name(2)));
	cr_expect_eq(fake_recover(&fake, &err), ERR_IMAGES);
	cr_expect_eq(fake.resets, 0);
	cr_expect_eq(fake.board.driver->ops.recover(&fake.out, &fake.board, NULL, NULL, NULL,
						    clock_ms() + 1000, &err),
		     ERR_IMAGES);
	cr_expect_str_eq(err.text, "no folder of images is named: 'images = FOLDER'");
	fake.profile.capability = "/no/such/file";
	set_file(&fake.set, set_image_name(2), 25002, 2);
	cr_expect_eq(fake_recover(&fake, &err), ERR_FILE);
	cr_expect_eq(fake.resets, 0);
	cr_expect_eq(fake.writes, 0);
	fake_free(&fake);
}

/* Bits flipped and bytes lost, both ways, at 1e-4 and more: it completes with all
 * images, or ends with a named error; it never hangs. */
Test(board_mt3620_recovery, noise)
{
	static const double rates[] = { 1e-5, 1e-4, 1e-3, 1e-2 };
	int passed = 0;

	for (int i = 0; i < 40; i++) {
		struct err err = { 0 };
		int64_t begun;
		int code;

		fake_open(&fake, 4, 25000);
		fake.rng.state = (uint64_t)i;
		*(i & 1 ? &fake.flip : &fake.drop) = rates[i / 2 % 4];
		begun = clock_ms();
		code = fake_recover(&fake, &err);
		cr_expect_lt(clock_ms() - begun, 3600000 + 1000000, "run %d", i);
		if (code == 0) {
			cr_expect_eq(fake.out.images, 4, "run %d", i);
			passed++;
		} else {
			cr_expect_neq(err.text[0], '\0', "run %d", i);
			cr_expect_neq(err_verdict(code), VERDICT_PASS);
			cr_expect_neq(code, ERR_INTERNAL);
			cr_log_info("run %d at %g: %s: %s", i, rates[i / 2 % 4], err_name(code),
				    err.text);
		}
		fake_free(&fake);
	}
	cr_log_info("%d of 40 passed", passed);
	cr_expect_geq(passed, 15, "%d of 40 passed", passed);
}

Test(board_mt3620_recovery, too_noisy)
{
	struct err err = { 0 };

	fake_open(&fake, 4, 25000);
	fake.profile.noise_max = 3;
	fake.flip = 3e-4;
	cr_expect_eq(fake_recover(&fake, &err), ERR_LINE, "%s", err.text);
	cr_expect(strstr(err.text, "recovery link noisy: "), "%s", err.text);
	fake_free(&fake);
}

Test(board_mt3620_recovery, no_time)
{
	struct err err = { 0 };

	fake_open(&fake, 4, 25000);
	for (int64_t ms = 100; ms < 60000; ms = ms * 3 / 2) {
		int code = fake.board.driver->ops.recover(&fake.out, &fake.board, fake.set.folder,
							  NULL, NULL, clock_ms() + ms, &err);

		if (code)
			cr_expect_eq(code, ERR_DEADLINE, "%lld ms: %s", (long long)ms, err.text);
	}
	fake_free(&fake);
}
