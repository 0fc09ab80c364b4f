#ifndef TESTS_UNIT_BOARD_MT3620_FAKE_H
#define TESTS_UNIT_BOARD_MT3620_FAKE_H

#include <ctype.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/sbuf.h"
#include "board/board_mt3620.h"
#include "board/mt3620_recovery.h"
#include "tests/unit/board_mt3620_set.h"

/*
 * mt3620_fake -- a board in recovery on a link of its own, for unit tests. Time
 * stands still and moves to whatever comes next, so that each deadline passes and
 * nothing takes time. It follows the protocol's description and can stop, or go
 * wrong, at each stage.
 */
enum fake_stage {
	FAKE_OFF,
	FAKE_ROM,
	FAKE_INIT,
	FAKE_LOG,
	FAKE_CAPABILITY,
	FAKE_RUNTIME,
	FAKE_LOG2,
	FAKE_RATE,
	FAKE_SYNC,
	FAKE_MANIFEST,
	FAKE_IMAGES,
	FAKE_REBOOT,
	FAKE_STAGES,
};

enum { FAKE_SAID = 4096, FAKE_C_MS = 1400, FAKE_REPEAT_MS = 2000 };

struct fake {
	struct link link;
	struct board board;
	struct mt3620_board *m;
	struct mt3620_profile profile;
	struct mt3620_service_ops service_ops;
	struct fixture_slot slot;

	/* what goes wrong */
	enum fake_stage silent_at; /* nothing more from this stage on */
	enum fake_stage error_at;  /* RecoveryError when this stage begins */
	const void *error;
	size_t error_size;
	const char *id, *asks_for;                 /* another ID; a file that it asks for first */
	int hold_erase;                            /* it begins to erase and says nothing more */
	int no_banner, boots_instead, stuck_strap; /* 1: once, 2: always */
	const char *rom_answer;                    /* to every block, instead of ACK */
	int no_good, no_boot_line, no_rate, dead_rate, early, reverse, twice, odd_events;
	int silent_image, error_image; /* from image n on, 1..; error: see above */
	int half_boot, backup;         /* of the boot log */
	int no_boot, no_service;       /* resets until it boots, until the service link answers */
	double flip, drop;             /* chance per byte */
	int gone_at;                   /* the cable is pulled at this many writes */
	int held;                      /* flow control holds writes up from here: stage */

	/* state */
	enum fake_stage stage;
	int resets, recoveries, writes, tunes, alives, dead, services;
	int64_t baud, board_baud;
	int rtscts, board_rtscts;
	struct rng rng;
	struct {
		int64_t due_ms, baud;
		uint8_t byte;
	} said[FAKE_SAID];
	size_t at, n;
	int64_t c_at, repeat_at, service_ms;
	int repeats;
	uint8_t last[MT3620_FRAME_WIRE];
	size_t last_n;
	struct mt3620_frames frames;
	int receiving, number; /* XMODEM */
	size_t got, announced, start;
	struct sbuf block, received;
	size_t image, image_at; /* that is asked for */
	struct mt3620_set set;
	struct sbuf told; /* progress */
	struct board_recovered out;
	struct arena arena;
};

#define FAKE_ID                                                                                    \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"                         \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FAKE_OTHER                                                                                 \
	"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"                         \
	"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

/* --- what it says --- */

static inline void fake_say_after(struct fake *f, int64_t ms, const void *bytes, size_t n)
{
	const uint8_t *b = bytes;
	int64_t due = clock_ms() + ms;

	if (f->dead || (f->silent_at && f->stage >= f->silent_at))
		return;
	if (f->at == f->n)
		f->at = f->n = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t byte = b[i];

		if (f->drop > 0 && rng_chance(&f->rng, f->drop))
			continue;
		if (f->flip > 0 && rng_chance(&f->rng, f->flip))
			byte ^= (uint8_t)(1u << rng_next(&f->rng) % 8);
		cr_assert_lt(f->n, FAKE_SAID);
		f->said[f->n].due_ms = f->n > f->at && f->said[f->n - 1].due_ms > due
					       ? f->said[f->n - 1].due_ms
					       : due;
		f->said[f->n].baud = f->board_baud;
		f->said[f->n++].byte = byte;
	}
}

static inline void fake_text(struct fake *f, int64_t ms, const char *text)
{
	fake_say_after(f, ms, text, strlen(text));
}

static inline void fake_frame(struct fake *f, int64_t ms, uint16_t type, const void *data, size_t n)
{
	uint8_t wire[MT3620_FRAME_WIRE];

	fake_say_after(f, ms, wire, mt3620_frame_write(wire, type, data, n));
}

static inline void fake_event(struct fake *f, int64_t ms, uint8_t event)
{
	fake_frame(f, ms, MT3620_EVENT, &event, 1);
}

/* A request: said again until it is answered. */
static inline void fake_ask(struct fake *f, int64_t ms, uint16_t type, const void *data, size_t n)
{
	f->last_n = mt3620_frame_write(f->last, type, data, n);
	fake_say_after(f, ms, f->last, f->last_n);
	f->repeat_at = clock_ms() + ms + FAKE_REPEAT_MS;
	f->repeats = 0;
}

static inline void fake_ask_file(struct fake *f, int64_t ms, uint32_t start, uint32_t max,
				 const char *name)
{
	uint8_t data[8 + 64] = { 0 };

	mt3620_put32(data, start);
	mt3620_put32(data + 4, max);
	memcpy(data + 8, name, strlen(name) + 1);
	fake_ask(f, ms, MT3620_IMAGE_BY_NAME, data, 8 + strlen(name) + 1);
}

static inline size_t fake_image_size(const struct fake *f)
{
	return f->set.size + f->image;
}

/* --- its stages --- */

static inline void fake_boot_log(struct fake *f)
{
	f->service_ms = clock_ms() + 12000;
	fake_text(f, 170, "[1BL] BOOT: 70900000/00000001/01000000\r\nG=" FAKE_ID "\r\nD=");
	fake_text(f, 170, f->id ? f->id : FAKE_ID);
	fake_text(f, 180,
		  ",N=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
		  "[PLUTON] Logging initialized\r\n");
	if (f->backup)
		fake_text(f, 4000, "[PLUTON] BOOTING BACKUP security monitor\r\n");
	if (!f->half_boot)
		fake_text(f, 8000, "[PLUTON] Booting HLOS core\r\n");
}

static inline void fake_enter(struct fake *f, enum fake_stage stage)
{
	static const uint8_t all[8] = { 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
	uint8_t init[4 + 128 + 1] = { 1 };

	f->stage = stage;
	f->repeat_at = 0;
	if (f->error_at == stage && !f->error_image) {
		fake_frame(f, 20, MT3620_ERROR, f->error, f->error_size);
		f->dead = 1;
		return;
	}
	switch (stage) {
	case FAKE_INIT:
		memcpy(init + 4, f->id ? f->id : FAKE_ID, 128);
		fake_ask(f, 100, MT3620_INITIALIZATION, init, sizeof(init));
		if (f->twice)
			fake_ask(f, 100, MT3620_INITIALIZATION, init, sizeof(init));
		break;
	case FAKE_LOG:
		fake_event(f, 1, 1);
		fake_ask(f, 1, MT3620_LOG_QUERY, NULL, 0);
		break;
	case FAKE_CAPABILITY:
		fake_ask(f, 1, MT3620_IMAGE_CAPABILITY, all, sizeof(all));
		break;
	case FAKE_RUNTIME:
		fake_ask_file(f, 1, 0, 0xffffffff,
			      f->asks_for ? f->asks_for : "recovery-runtime.bin");
		break;
	case FAKE_LOG2:
		fake_ask(f, 2000, MT3620_LOG_QUERY, NULL, 0);
		break;
	case FAKE_RATE:
		fake_event(f, 1, 6);
		fake_ask(f, 1, MT3620_BAUDRATE_QUERY, NULL, 0);
		break;
	case FAKE_SYNC:
		fake_ask(f, 50, MT3620_STATUS_REQUEST, NULL, 0);
		break;
	case FAKE_MANIFEST:
		fake_event(f, 100, 7);
		if (f->odd_events) {
			fake_event(f, 110, 200);
			fake_frame(f, 120, 0x42, "what", 4);
			fake_frame(f, 120, MT3620_LOG_ENTRY, "\033[2Jlog", 7);
			fake_frame(f, 120, MT3620_EVENT, "ab", 2);
			fake_frame(f, 120, MT3620_PROGRESS, "abc", 3);
		}
		if (f->hold_erase) {
			f->dead = 1;
			break;
		}
		fake_event(f, 19000, 8);
		fake_ask_file(f, 19010, 0, 0xffffffff, "recovery.imagemanifest");
		break;
	case FAKE_IMAGES:
		fake_event(f, 1, 9);
		if (f->early) {
			fake_frame(f, 20, MT3620_COMPLETE, NULL, 0);
			break;
		}
		f->image = f->reverse ? f->set.images - 1 : 0;
		f->image_at = 0;
		fake_ask_file(f, 5, 0, MT_CHUNK, set_image_name(f->image));
		break;
	case FAKE_REBOOT:
		fake_event(f, 100, 11);
		fake_frame(f, 110, MT3620_COMPLETE, NULL, 0);
		f->board_baud = MT_RATE_TEXT;
		f->board_rtscts = 0;
		if (!f->no_boot)
			fake_boot_log(f);
		break;
	default:
		break;
	}
}

static inline void fake_file_done(struct fake *f)
{
	size_t done = f->reverse ? f->set.images - f->image : f->image + 1;

	switch (f->stage) {
	case FAKE_ROM:
		if (!f->no_good)
			fake_text(f, 20, "+GOOD\r\n");
		if (!f->no_boot_line)
			fake_text(f, 500, "[1BL] BOOT: 380a0500/00000001/02000000\r\n");
		if (!f->no_good)
			fake_enter(f, FAKE_INIT);
		break;
	case FAKE_CAPABILITY:
		fake_event(f, 1, 2);
		fake_event(f, 2, 3);
		fake_enter(f, FAKE_RUNTIME);
		break;
	case FAKE_RUNTIME:
		fake_enter(f, FAKE_LOG2);
		break;
	case FAKE_MANIFEST:
		fake_enter(f, FAKE_IMAGES);
		break;
	case FAKE_IMAGES:
		f->image_at += f->announced;
		if (f->image_at < fake_image_size(f)) {
			fake_ask_file(f, 1, (uint32_t)f->image_at, MT_CHUNK,
				      set_image_name(f->image));
			break;
		}
		if (done == f->set.images) {
			fake_enter(f, FAKE_REBOOT);
			break;
		}
		f->image = f->reverse ? f->image - 1 : f->image + 1;
		f->image_at = 0;
		if (f->error_image && (int)done + 1 == f->error_image) {
			fake_frame(f, 20, MT3620_ERROR, f->error, f->error_size);
			f->dead = 1;
		}
		if (f->silent_image && (int)done + 1 == f->silent_image)
			f->dead = 1;
		fake_ask_file(f, 1, 0, MT_CHUNK, set_image_name(f->image));
		break;
	default:
		break;
	}
}

/* --- what it hears --- */

static inline void fake_block(struct fake *f, const uint8_t *b, size_t n)
{
	size_t size = n && b[0] == 2 ? 1024 : 128, keep;
	static const uint8_t ack = 6, nak = 0x15;

	if (n == 1 && b[0] == 4) {
		f->receiving = 0;
		fake_say_after(f, 0, &ack, 1);
		fake_file_done(f);
		return;
	}
	f->c_at = 0;
	if (f->stage == FAKE_ROM && f->rom_answer) {
		fake_text(f, *f->rom_answer == 'C' ? FAKE_C_MS : 0, f->rom_answer);
		return;
	}
	if (n != size + 5) {
		fake_say_after(f, 1000, &nak, 1); /* waits for the rest */
		return;
	}
	if ((b[1] ^ b[2]) != 0xff || xmodem_crc(0, b + 3, size + 2)) {
		fake_say_after(f, 0, &nak, 1);
		return;
	}
	if (b[1] == (uint8_t)f->number) {
		f->number++;
		keep = f->announced && f->announced - f->received.len < size
			       ? f->announced - f->received.len
			       : size;
		sbuf_add(&f->received, b + 3, keep);
	} else if (b[1] != (uint8_t)(f->number - 1)) {
		fake_text(f, 0, "\x18\x18");
		return;
	}
	fake_say_after(f, 0, &ack, 1);
}

static inline void fake_receive(struct fake *f, size_t announced)
{
	f->receiving = 1;
	f->number = 1;
	f->announced = announced;
	f->repeat_at = 0;
	sbuf_reset(&f->received);
	f->c_at = clock_ms() + 1;
}

static inline void fake_message(struct fake *f, const struct mt3620_frame *m)
{
	if (m->type == MT3620_ABORT) {
		f->dead = 1;
		return;
	}
	switch (f->stage) {
	case FAKE_INIT:
		if (m->type == MT3620_INITIALIZATION_ACK)
			fake_enter(f, FAKE_LOG);
		break;
	case FAKE_LOG:
		if (m->type == MT3620_QUERY_ACK)
			fake_enter(f, FAKE_CAPABILITY);
		break;
	case FAKE_LOG2:
		if (m->type == MT3620_QUERY_ACK)
			fake_enter(f, FAKE_RATE);
		break;
	case FAKE_RATE:
		if (m->type != MT3620_QUERY_ACK)
			break;
		f->board_rtscts = 1;
		if (m->data[0] && f->dead_rate) {
			f->board_baud = 4000000;
			f->repeat_at = 0;
			break;
		}
		if (m->data[0] && !f->no_rate)
			f->board_baud = MT_RATE_FAST;
		fake_enter(f, m->data[0] ? FAKE_SYNC : FAKE_MANIFEST);
		break;
	case FAKE_SYNC:
		if (m->type == MT3620_SERVER_READY)
			fake_enter(f, FAKE_MANIFEST);
		break;
	case FAKE_CAPABILITY:
	case FAKE_RUNTIME:
	case FAKE_MANIFEST:
	case FAKE_IMAGES:
		if (m->type == MT3620_IMAGE_ACK)
			fake_receive(f, mt3620_u32(m->data + 4));
		else if (m->type == MT3620_IMAGE_ERROR && f->stage == FAKE_CAPABILITY)
			fake_enter(f, FAKE_RUNTIME);
		else if (m->type == MT3620_IMAGE_ERROR && f->error)
			fake_frame(f, 1, MT3620_ERROR, f->error, f->error_size);
		break;
	default:
		break;
	}
}

/* --- the link --- */

/* The next thing that is said because time went by, if it comes by then. */
static inline void fake_timers(struct fake *f, int64_t by)
{
	static const uint8_t c = 'C';

	if (f->c_at && f->c_at <= by && (!f->repeat_at || f->c_at <= f->repeat_at)) {
		fake_say_after(f, f->c_at - clock_ms(), &c, 1);
		f->c_at += FAKE_C_MS;
	} else if (f->repeat_at && f->repeat_at <= by && f->repeats < 5) {
		fake_say_after(f, f->repeat_at - clock_ms(), f->last, f->last_n);
		f->repeat_at += FAKE_REPEAT_MS;
		f->repeats++;
	}
}

static inline int fake_read(void *out, size_t size, struct link *l, int64_t until_ms,
			    struct err *err)
{
	struct fake *f = l->priv;
	size_t n = 0;

	if (f->gone_at && f->writes >= f->gone_at)
		return err_set(err, ERR_GONE, "pulled");
	if (f->at == f->n)
		fake_timers(f, clock_ms() > until_ms ? clock_ms() : until_ms);
	if (f->at == f->n || f->said[f->at].due_ms > until_ms) {
		if (until_ms > clock_ms())
			clock_freeze_ms(until_ms);
		return 0;
	}
	if (f->said[f->at].due_ms > clock_ms())
		clock_freeze_ms(f->said[f->at].due_ms);
	if (f->baud != f->said[f->at].baud) {
		f->at++;
		return err_set(err, ERR_LINE, "framing");
	}
	while (n < size && f->at < f->n && f->said[f->at].due_ms <= clock_ms() &&
	       f->said[f->at].baud == f->baud)
		((uint8_t *)out)[n++] = f->said[f->at++].byte;
	return (int)n;
}

static inline int fake_write(struct link *l, const void *data, size_t size, int64_t until_ms,
			     struct err *err)
{
	struct fake *f = l->priv;
	const uint8_t *b = data;

	(void)until_ms;
	f->writes++;
	if (f->gone_at && f->writes >= f->gone_at)
		return err_set(err, ERR_GONE, "pulled");
	if (f->held && (int)f->stage >= f->held)
		return err_set(err, ERR_TIMEOUT, "held up");
	if (f->dead || f->baud != f->board_baud || f->rtscts != f->board_rtscts)
		return 0;
	sbuf_reset(&f->block);
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = b[i];
		struct mt3620_frame m;

		if (f->drop > 0 && rng_chance(&f->rng, f->drop))
			continue;
		if (f->flip > 0 && rng_chance(&f->rng, f->flip))
			byte ^= (uint8_t)(1u << rng_next(&f->rng) % 8);
		if (f->receiving)
			sbuf_add(&f->block, &byte, 1);
		else if (mt3620_frames_take(&m, &f->frames, byte) > 0)
			fake_message(f, &m);
	}
	if (f->receiving && f->block.len)
		fake_block(f, (const uint8_t *)f->block.data, f->block.len);
	return 0;
}

static inline int fake_tune(struct link *l, const struct link_line *line, int latency_ms,
			    int event_char, int64_t until_ms, struct err *err)
{
	struct fake *f = l->priv;

	(void)until_ms;
	(void)err;
	cr_expect_eq(latency_ms, 1);
	cr_expect_eq(event_char, 6);
	f->tunes++;
	f->baud = line->baud;
	f->rtscts = line->rtscts;
	return 0;
}

static inline void fake_close(struct link *l)
{
	(void)l;
}

static const struct link_ops fake_ops = {
	.name = "fake",
	.read = fake_read,
	.write = fake_write,
	.tune = fake_tune,
	.close = fake_close,
};

/* --- its straps and its service link --- */

static inline int fake_pulse(struct mt3620_board *m, int recovery, int64_t until_ms,
			     struct err *err)
{
	struct fake *f = m->board->links[ROLE_RECOVERY]->priv;

	(void)until_ms;
	(void)err;
	cr_expect_eq(f->baud, MT_RATE_TEXT);
	cr_expect_eq(f->rtscts, 0);
	f->resets++;
	f->recoveries += recovery;
	f->dead = 0;
	f->stage = FAKE_OFF;
	f->board_baud = MT_RATE_TEXT;
	f->board_rtscts = 0;
	f->at = f->n = 0;
	f->receiving = 0;
	f->c_at = f->repeat_at = 0;
	f->frames.n = 0;
	clock_freeze_ms(clock_ms() + 150);
	if (f->no_boot)
		f->no_boot--;
	if ((recovery && f->no_banner) || (!recovery && f->no_boot))
		return 0;
	if (recovery ? f->boots_instead == 0 : f->stuck_strap) {
		f->stage = FAKE_ROM;
		fake_text(f, 70, "RECOVERY\r\n0000362000008A01020A00008FC8C833\r\n");
		fake_receive(f, 0);
		f->c_at = clock_ms() + 80;
	} else {
		fake_boot_log(f);
	}
	if (f->boots_instead == 1)
		f->boots_instead = 0;
	return 0;
}

static inline int fake_alive(struct mt3620_board *m, int64_t until_ms, struct err *err)
{
	struct fake *f = m->board->links[ROLE_RECOVERY]->priv;

	f->alives++;
	clock_freeze_ms(until_ms);
	if (clock_ms() < f->service_ms)
		return err_set(err, ERR_TIMEOUT, "not yet");
	if (f->no_service > f->resets || f->stage == FAKE_ROM || f->no_boot)
		return err_set(err, ERR_TIMEOUT, "no answer");
	return 0;
}

static inline void fake_forget(struct mt3620_board *m)
{
	(void)m;
}

/* A board with the presets of the family and `images` images. */
static inline void fake_open(struct fake *f, size_t images, size_t size)
{
	const struct board_driver *d = board_find("mt3620");
	struct err err = { 0 };

	clock_freeze_ms(1000000);
	memset(f, 0, sizeof(*f));
	set_make(&f->set, images, size);
	param_presets(&f->profile, d->params, &f->arena);
	f->rng.state = 1;
	f->link = (struct link){ .ops = &fake_ops, .priv = f };
	f->slot = (struct fixture_slot){ .name = "1", .number = 1, .usb = "1-1.1" };
	f->board = (struct board){ .driver = d, .profile = &f->profile, .slot = &f->slot };
	f->board.links[ROLE_RECOVERY] = &f->link;
	cr_assert_eq(d->open(&f->board, &err), 0, "%s", err.text);
	f->m = mt3620_of(&f->board);
	f->m->pulse = fake_pulse;
	f->service_ops = (struct mt3620_service_ops){ .alive = fake_alive, .forget = fake_forget };
	f->m->service_ops->close(f->m);
	f->m->service_ops = &f->service_ops;
	f->profile.trust = "ca.pem";
	f->out.arena = &f->arena;
}

static inline void fake_tell(void *payload, double done, const char *what)
{
	struct fake *f = payload;

	sbuf_printf(&f->told, "%.2f %s\n", done, what);
}

static inline int fake_recover(struct fake *f, struct err *err)
{
	f->out = (struct board_recovered){ .arena = &f->arena };
	return f->board.driver->ops.recover(&f->out, &f->board, f->set.folder, fake_tell, f,
					    clock_ms() + 3600000, err);
}

static inline void fake_free(struct fake *f)
{
	f->m->service_ops = NULL;
	f->board.driver->close(&f->board);
	param_release(&f->profile, f->board.driver->params);
	set_remove(&f->set);
	sbuf_release(&f->told);
	sbuf_release(&f->block);
	sbuf_release(&f->received);
	arena_free(&f->arena);
}

#endif /* TESTS_UNIT_BOARD_MT3620_FAKE_H */
