/* The messages of a recovery: see mt3620_recovery.h. */
#include "board/mt3620_recovery.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "board/mt3620_errors.h"

enum {
	LEAST_MS = 2000, /* of a wait that patience shortens */
	GAP_MS = 200,    /* a frame has no such pause in it */
	WRITE_MS = 2000,
	TUNE_MS = 2000,
	TELL_MS = 250,
	INIT_DATA = 4 + 128 + 1, /* version, ID, NUL */
	VERSION = 1,
	ID_TEXT = 128,
	REQUEST_HEAD = 8, /* start, max */
	EVENT_ERASING = 7,
	EVENT_ERASED = 8,
	ANSWER_YES = 1,
	ANSWER_NO = 0,
	INVITES = 'C',
	FRAME_END = 0,
};

/* How long the board may be silent in each phase, and what its silence means. The
 * erase says nothing from its begin to its end; its begin may get lost, so the wait
 * for that is longer than an erase. */
static const struct {
	const char *what; /* that is waited for */
	int64_t allow_ms;
	enum err_code silent;
	const char *tell; /* NULL: nothing new is shown */
	double done;
} phases[] = {
	[PHASE_INIT] = { "Initialization", 10000, ERR_SILENT, SAID("recovery bootloader starts"),
			 0.03 },
	[PHASE_LOG] = { "LogConfigQuery", 10000, ERR_SILENT, NULL, 0.04 },
	[PHASE_CAPABILITY] = { SAID("the request for a capability"), 10000, ERR_SILENT, NULL,
			       0.04 },
	[PHASE_RUNTIME] = { "the request for " MT3620_RUNTIME, 10000, ERR_SILENT,
			    SAID("sending the recovery application"), 0.05 },
	[PHASE_BOOT] = { SAID("the recovery application"), 30000, ERR_SILENT,
			 SAID("recovery application starts"), 0.08 },
	[PHASE_RATE] = { "BaudrateSwitchQuery", 30000, ERR_SILENT, NULL, 0.09 },
	[PHASE_SYNC] = { SAID("StatusRequest at the new rate"), MT_SWITCH_WAIT_MS,
			 ERR_RECOVERY_LINK, SAID("agreeing on the rate"), 0.09 },
	[PHASE_AGREED] = { SAID("the begin of the flash erase"), 60000, ERR_RECOVERY_LINK, NULL,
			   0.10 },
	[PHASE_ERASE] = { SAID("the end of the flash erase"), 180000, ERR_FLASH,
			  SAID("erasing the flash"), 0.10 },
	[PHASE_IMAGES] = { SAID("the request for the next image"), 60000, ERR_SILENT, NULL, 0.20 },
	[PHASE_COMPLETE] = { "RecoveryComplete", 120000, ERR_SILENT,
			     SAID("all images are sent; the board ends its recovery"), 0.96 },
	[PHASE_DONE] = { "nothing", 0, ERR_INTERNAL, NULL, 0.97 },
};

int64_t mt3620_patience(const struct mt3620_board *m, int64_t ms)
{
	int64_t some = (int64_t)((double)ms * m->profile->patience);
	int64_t least = ms < LEAST_MS ? ms : LEAST_MS;

	/* A busy PC must not be taken for a silent board. */
	return m->profile->patience <= 0 ? ms : some > least ? some : least;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* --- what is shown --- */

static void enter(struct mt3620_recovery *r, enum mt3620_phase phase)
{
	if (phase <= r->phase)
		return;
	r->phase = phase;
	if (phases[phase].tell)
		r->tell(r->payload, phases[phase].done, phases[phase].tell);
	if (phase == PHASE_IMAGES) {
		r->images_ms = clock_ms();
		r->wire_before_ns = r->wire_ns;
	}
	if (phase == PHASE_DONE) {
		r->out->images_s = (double)(clock_ms() - r->images_ms) / 1000;
		r->out->images_wire_s = (r->wire_ns - r->wire_before_ns) / 1e9;
	}
}

/* The text of an image's progress: what is left, how fast, how long. */
static void show(struct mt3620_recovery *r, int now)
{
	const double from = phases[PHASE_IMAGES].done, to = phases[PHASE_COMPLETE].done;
	double total = (double)r->set->image_bytes, done = (double)r->written;
	double s = (double)(clock_ms() - r->images_ms) / 1000, rate = s > 0 ? done / s : 0;
	char text[160];

	if (r->phase != PHASE_IMAGES || (!now && clock_ms() < r->told_ms + TELL_MS))
		return;
	r->told_ms = clock_ms();
	if (rate > 0)
		snprintf(text, sizeof(text),
			 SAID("%zu of %zu images left, %.0f of %.0f kB left, %.0f kB/s, %.0f s "
			      "left"),
			 r->set->images - r->out->images, r->set->images, (total - done) / 1000,
			 total / 1000, rate / 1000, (total - done) / rate);
	else
		snprintf(text, sizeof(text), SAID("%zu of %zu images left, %.0f of %.0f kB left"),
			 r->set->images - r->out->images, r->set->images, (total - done) / 1000,
			 total / 1000);
	r->tell(r->payload, from + (to - from) * (total > 0 ? done / total : 1), text);
}

/* --- noise --- */

/* ERR_LINE once the link has shown more damage than the profile allows. */
static int count_noise(void *payload, const struct err *what, struct err *err)
{
	struct mt3620_recovery *r = payload;
	struct err text = what ? *what : (struct err){ 0 };
	unsigned damaged;

	if (r->phase == PHASE_SYNC)
		return 0; /* two ends at two rates hear rubbish */
	r->line_errors += what != NULL;
	damaged = r->frames.bad + r->line_errors;
	r->out->bad_frames = (int)damaged;
	r->out->retries = (int)(r->xmodem.again + r->repeats);
	if (damaged + r->xmodem.again + r->repeats <= r->m->profile->noise_max)
		return 0;
	return err_set(err, ERR_LINE,
		       "recovery link noisy: %u bad frames, %u blocks sent again%s%s", damaged,
		       r->xmodem.again, text.text[0] ? "; last: " : "", text.text);
}

/* --- bytes and frames --- */

int mt3620_recovery_line(struct mt3620_recovery *r, int64_t baud, int rtscts, struct err *err)
{
	int code = mt3620_line(r->m, baud, rtscts, clock_ms() + TUNE_MS, err);

	if (code < 0)
		return code;
	r->baud = baud;
	r->rtscts = rtscts;
	return 0;
}

int mt3620_recovery_take(void *payload, uint8_t byte)
{
	struct mt3620_recovery *r = payload;
	int64_t now = clock_ms();
	int n;

	if (r->frames.n && now > r->byte_ms + GAP_MS) {
		mt3620_frames_clear(&r->frames); /* its end got lost */
		r->frames.bad++;
	}
	r->byte_ms = now;
	/* The first byte of a frame counts up to its first zero, and a type has one. */
	if (!r->frames.n && (!byte || byte > 4))
		return -1;
	n = mt3620_frames_take(&r->frame, &r->frames, byte);
	if (n > 0)
		r->have_frame = 1;
	return n;
}

/* Wait for a frame. 1: it is in r->frame; 0: none came in time; or a code. */
static int next_frame(struct mt3620_recovery *r, int64_t until_ms, struct err *err)
{
	while (!r->have_frame) {
		unsigned bad = r->frames.bad;
		uint8_t byte;
		int n = link_read(&byte, 1, r->link, until_ms, err);

		if (n == ERR_LINE)
			n = count_noise(r, err, err);
		else if (n > 0)
			n = mt3620_recovery_take(r, byte) < 0 && r->frames.bad > bad
				    ? count_noise(r, NULL, err)
				    : 1;
		else if (n == 0)
			return 0;
		if (n < 0)
			return n;
	}
	r->have_frame = 0;
	return 1;
}

static int say(struct mt3620_recovery *r, enum mt3620_message type, const void *data, size_t n,
	       struct err *err)
{
	uint8_t wire[1 + MT3620_FRAME_WIRE] = { 0 };
	size_t len = mt3620_frame_write(wire + 1, type, data, n);
	int flush = r->flush, code;

	log_debug("> %s, %zu bytes", mt3620_message_name(type), n);
	/* An empty frame ends what the board may have taken for the begin of one. */
	r->flush = 0;
	code = link_write(r->link, wire + !flush, len + (flush != 0), clock_ms() + WRITE_MS, err);
	if (code == ERR_TIMEOUT)
		return err_set(err, ERR_SILENT,
			       "the board holds up %s by flow control and does not go on",
			       mt3620_message_name(type));
	return code < 0 ? err_wrap(err, "%s", mt3620_message_name(type)) : 0;
}

static int say_byte(struct mt3620_recovery *r, enum mt3620_message type, uint8_t value,
		    struct err *err)
{
	return say(r, type, &value, 1, err);
}

void mt3620_recovery_abort(struct mt3620_recovery *r)
{
	struct err ignored = { 0 };

	r->flush = 1;
	say(r, MT3620_ABORT, NULL, 0, &ignored);
}

/* --- files --- */

static void on_sent(void *payload, size_t bytes)
{
	struct mt3620_recovery *r = payload;
	const struct mt3620_file *f = r->file ? &r->set->file[r->file - 1] : NULL;

	r->phase_ms = clock_ms();
	r->acknowledged += bytes;
	if (f && f->image)
		r->written += bytes;
	show(r, 0);
}

void mt3620_recovery_begin(struct mt3620_recovery *r)
{
	r->xmodem = (struct xmodem){
		.link = r->link,
		.block = strcmp(r->m->profile->xmodem_block, "1024") ? XMODEM_BLOCK
								     : XMODEM_BLOCK_1K,
		.tries = MT_XMODEM_TRIES,
		.ends = FRAME_END,
		.start_ms = mt3620_patience(r->m, MT_C_WAIT_MS),
		.answer_ms = mt3620_patience(r->m, MT_XMODEM_ANSWER_MS),
		.other = mt3620_recovery_take,
		.sent = on_sent,
		.noise = count_noise,
		.payload = r,
	};
}

/* What the board holds of a file now that n bytes from start on were sent. */
static void note_sent(struct mt3620_recovery *r, size_t file, uint32_t start, size_t n)
{
	const struct mt3620_file *f = &r->set->file[file];
	uint32_t before = r->whole[file];

	if (start <= before && start + n > before)
		r->whole[file] = (uint32_t)(start + n);
	if (!f->image || before == f->size || r->whole[file] != f->size)
		return;
	r->out->images++;
	r->out->bytes += (int64_t)f->size;
	show(r, 1);
}

static int transfer_failed(struct mt3620_recovery *r, enum xmodem_end end, const char *name,
			   struct err *err)
{
	switch (end) {
	case XMODEM_REFUSED:
		return err_set(err, ERR_LINE,
			       "recovery link noisy: the board refused a block of %s %d times, %d "
			       "bad frames",
			       name, MT_XMODEM_TRIES, r->out->bad_frames);
	case XMODEM_NO_START:
		return err_set(err, ERR_SILENT, "the board asked for %s and does not take it",
			       name);
	default:
		return err_set(err, ERR_SILENT, "the board stopped taking %s", name);
	}
}

/* Announce a piece of a file and send it. file: its place in the set + 1, or 0. */
static int send_piece(struct mt3620_recovery *r, size_t file, const char *name,
		      const uint8_t *bytes, uint32_t start, uint32_t n, uint32_t total,
		      struct err *err)
{
	uint8_t ack[12];
	uint64_t written = r->written;
	int off = r->rtscts && !r->m->profile->xmodem_flow, end;

	/* The board invites as soon as it has heard: nothing else is waited for. */
	end = link_event(r->link, INVITES, err);
	if (end < 0)
		return end;
	mt3620_put32(ack, start);
	mt3620_put32(ack + 4, n);
	mt3620_put32(ack + 8, total);
	end = say(r, MT3620_IMAGE_ACK, ack, sizeof(ack), err);
	if (end < 0)
		return end;
	if (off && mt3620_recovery_line(r, r->baud, 0, err) < 0)
		return err->code;
	r->file = file;
	end = xmodem_send(&r->xmodem, bytes + start, n, r->until_ms, err);
	r->out->retries = (int)(r->xmodem.again + r->repeats);
	if (end < 0)
		return err_wrap(err, "%s", name);
	if (off && mt3620_recovery_line(r, r->baud, 1, err) < 0)
		return err->code;
	if (end != XMODEM_SENT) {
		r->written = written;
		r->flush = 1;
	}
	if (count_noise(r, NULL, err) < 0)
		return err->code;
	if (end == XMODEM_SENT && file)
		note_sent(r, file - 1, start, n);
	/* It asks anew, or tells in a message of its own why it does not want it. */
	if (end == XMODEM_MESSAGE || end == XMODEM_CANCELLED || end == XMODEM_SENT)
		return 0;
	return transfer_failed(r, (enum xmodem_end)end, name, err);
}

static int refuse(struct mt3620_recovery *r, uint8_t why, const char *name, size_t n,
		  struct err *err)
{
	struct sbuf text = { 0 };

	text_escape(&text, name, strnlen(name, n));
	snprintf(r->lacking, sizeof(r->lacking), "%s", sbuf_str(&text));
	sbuf_release(&text);
	log_warning("the board asks for '%s', which the image set has not", r->lacking);
	return say_byte(r, MT3620_IMAGE_ERROR, why, err);
}

/* The phase in which the board is once it has this file. */
static enum mt3620_phase phase_after(const struct mt3620_recovery *r, const struct mt3620_file *f)
{
	if (!strcmp(f->name, MT3620_RUNTIME))
		return PHASE_BOOT;
	if (!strcmp(f->name, MT3620_MANIFEST))
		return PHASE_IMAGES;
	return f->image && r->out->images == r->set->images ? PHASE_COMPLETE : PHASE_INIT;
}

static int serve_file(struct mt3620_recovery *r, const char *name, size_t n, uint32_t start,
		      uint32_t max, struct err *err)
{
	const struct mt3620_file *f = mt3620_images_find(r->set, name, n);
	uint32_t part;
	int code;

	if (!f || start >= f->size || !max)
		return refuse(r, MT_IMAGE_NOT_FOUND, name, n, err);
	if (!strcmp(f->name, MT3620_RUNTIME))
		enter(r, PHASE_RUNTIME);
	if (!strcmp(f->name, MT3620_MANIFEST) || f->image)
		enter(r, PHASE_IMAGES);
	part = (uint32_t)f->size - start < max ? (uint32_t)f->size - start : max;
	code = send_piece(r, (size_t)(f - r->set->file) + 1, f->name, f->bytes, start, part,
			  (uint32_t)f->size, err);
	if (code < 0)
		return code;
	enter(r, phase_after(r, f));
	return 0;
}

static int serve_capability(struct mt3620_recovery *r, uint32_t start, uint32_t max,
			    struct err *err)
{
	uint32_t part, size = (uint32_t)r->capability_size;
	int code;

	if (!r->capability)
		code = say_byte(r, MT3620_IMAGE_ERROR, MT_IMAGE_NOT_FOUND, err);
	else if (start >= size || !max)
		code = refuse(r, MT_IMAGE_NOT_FOUND, "capability", sizeof("capability"), err);
	else {
		part = size - start < max ? size - start : max;
		code = send_piece(r, 0, "the capability file", (const uint8_t *)r->capability,
				  start, part, size, err);
	}
	if (!code)
		enter(r, PHASE_RUNTIME);
	return code;
}

/* --- messages --- */

static int wrong_length(const struct mt3620_frame *f, struct err *err)
{
	return err_set(err, ERR_PROTO, "%s of %u bytes of data", mt3620_message_name(f->type),
		       f->len);
}

static int on_initialization(struct mt3620_recovery *r, const struct mt3620_frame *f,
			     struct err *err)
{
	char id[MT_ID_SIZE];

	if (f->len != INIT_DATA)
		return wrong_length(f, err);
	if (mt3620_u32(f->data) != VERSION)
		return err_set(err, ERR_PROTO, "Initialization of version %u, must be %d",
			       mt3620_u32(f->data), VERSION);
	for (int i = 0; i < ID_TEXT; i++) {
		if (text_hex_digit((char)f->data[4 + i]) < 0)
			return err_set(err, ERR_PROTO,
				       "Initialization: character %d of the device ID is no hex "
				       "digit",
				       i + 1);
		id[i] = (char)tolower(f->data[4 + i]);
	}
	id[ID_TEXT] = '\0';
	if (r->m->device_id[0] && strcmp(r->m->device_id, id))
		return err_set(err, ERR_EXCHANGED,
			       "board %.16s... is in recovery, and slot %s had board %.16s...", id,
			       r->m->board->slot ? r->m->board->slot->name : "?", r->m->device_id);
	memcpy(r->m->device_id, id, sizeof(id));
	enter(r, PHASE_LOG);
	return say(r, MT3620_INITIALIZATION_ACK, NULL, 0, err);
}

static int on_log_query(struct mt3620_recovery *r, const struct mt3620_frame *f, struct err *err)
{
	(void)f;
	/* The bootloader asks, and the recovery application once more. */
	enter(r, r->phase == PHASE_BOOT ? PHASE_RATE : PHASE_CAPABILITY);
	return say_byte(r, MT3620_QUERY_ACK, r->m->profile->recovery_log ? !MT_LOG_OFF : MT_LOG_OFF,
			err);
}

static int on_rate_query(struct mt3620_recovery *r, const struct mt3620_frame *f, struct err *err)
{
	int code = say_byte(r, MT3620_QUERY_ACK, r->fast ? ANSWER_YES : ANSWER_NO, err);

	(void)f;
	if (code < 0)
		return code;
	/* Both answers switch RTS/CTS on; the last byte leaves at the old rate. */
	code = mt3620_recovery_line(r, r->fast ? MT_RATE_FAST : MT_RATE_TEXT, 1, err);
	if (code < 0)
		return code;
	r->out->rate_bps = (double)r->baud;
	enter(r, r->fast ? PHASE_SYNC : PHASE_AGREED);
	return 0;
}

static int on_status(struct mt3620_recovery *r, const struct mt3620_frame *f, struct err *err)
{
	(void)f;
	enter(r, PHASE_AGREED);
	return say(r, MT3620_SERVER_READY, NULL, 0, err);
}

static int on_image_request(struct mt3620_recovery *r, const struct mt3620_frame *f,
			    struct err *err)
{
	uint32_t start, max;

	if (f->len < REQUEST_HEAD)
		return wrong_length(f, err);
	start = mt3620_u32(f->data);
	max = mt3620_u32(f->data + 4);
	if (f->type == MT3620_IMAGE_CAPABILITY)
		return serve_capability(r, start, max, err);
	if (f->type == MT3620_IMAGE_MANIFEST)
		return serve_file(r, MT3620_MANIFEST, sizeof(MT3620_MANIFEST), start, max, err);
	if (f->type == MT3620_IMAGE_RECOVERY_APP)
		return serve_file(r, MT3620_RUNTIME, sizeof(MT3620_RUNTIME), start, max, err);
	return serve_file(r, (const char *)f->data + REQUEST_HEAD, f->len - REQUEST_HEAD, start,
			  max, err);
}

static int on_event(struct mt3620_recovery *r, const struct mt3620_frame *f, struct err *err)
{
	(void)err;
	if (f->len != 1) {
		log_info("RecoveryEvent of %u bytes", f->len);
		return 0;
	}
	/* Shown and logged; nothing is concluded from it. */
	log_info("RecoveryEvent %u", f->data[0]);
	if (f->data[0] == EVENT_ERASING)
		enter(r, PHASE_ERASE);
	if (f->data[0] == EVENT_ERASED && r->phase == PHASE_ERASE)
		r->tell(r->payload, phases[PHASE_IMAGES].done, SAID("flash is erased"));
	return 0;
}

static int on_said(struct mt3620_recovery *r, const struct mt3620_frame *f, struct err *err)
{
	struct sbuf text = { 0 };
	size_t n = f->len < MT_LOG_ENTRY_MAX ? f->len : MT_LOG_ENTRY_MAX;

	(void)r;
	(void)err;
	if (f->type == MT3620_LOG_ENTRY)
		text_escape(&text, f->data, n);
	else
		for (size_t i = 0; i < n && i < 64; i++)
			sbuf_printf(&text, "%02x", f->data[i]);
	log_info("%s (0x%02x), %u bytes: %s", mt3620_message_name(f->type), f->type, f->len,
		 sbuf_str(&text));
	sbuf_release(&text);
	return 0;
}

/* Where in the recovery it happened, for messages. */
static void where(char *out, size_t size, const struct mt3620_recovery *r)
{
	const struct mt3620_file *f = r->file ? &r->set->file[r->file - 1] : NULL;

	if (r->phase < PHASE_IMAGES || !f)
		snprintf(out, size, SAID("while %s was due"), phases[r->phase].what);
	else if (!f->image)
		snprintf(out, size, "at %s", f->name);
	else
		snprintf(out, size, "at image %d of %zu (%s)",
			 (int)(f - r->set->file) - (int)(r->set->files - r->set->images) + 1,
			 r->set->images, f->name);
}

static int on_error(struct mt3620_recovery *r, const struct mt3620_frame *f, struct err *err)
{
	int id = mt3620_error_decode(f->data, f->len);
	const struct mt3620_error *e = id < 0 ? NULL : mt3620_error_find((unsigned)id);
	char at[120], hex[64] = "";

	where(at, sizeof(at), r);
	for (size_t i = 0; i < f->len && i < 16; i++)
		snprintf(hex + 2 * i, sizeof(hex) - 2 * i, "%02x", f->data[i]);
	if (id < 0)
		return err_set(err, ERR_UNDECIDED,
			       "the board reports a recovery error, undecoded (%s), %s", hex, at);
	if (!e)
		return err_set(err, ERR_UNDECIDED,
			       "the board reports error %u.%d, which is not known, %s",
			       MT_ERROR_CATEGORY, id, at);
	r->slower = e->slower;
	if (r->lacking[0] && e->code == ERR_IMAGES)
		return err_set(err, ERR_IMAGES,
			       "image set lacks %s, which the board asked for (%u.%d %s)",
			       r->lacking, MT_ERROR_CATEGORY, id, e->name);
	return err_set(err, e->code, "the board reports %u.%d %s %s", MT_ERROR_CATEGORY, id,
		       e->name, at);
}

static int on_complete(struct mt3620_recovery *r, const struct mt3620_frame *f, struct err *err)
{
	(void)f;
	if (r->out->images != r->set->images)
		return err_set(err, ERR_PROTO,
			       "the board says that its recovery is complete after %zu of %zu "
			       "images",
			       r->out->images, r->set->images);
	enter(r, PHASE_DONE);
	return 0;
}

static const struct {
	enum mt3620_message type;
	int (*on)(struct mt3620_recovery *r, const struct mt3620_frame *f, struct err *err);
	int says_nothing_new; /* the silence that is waited for goes on */
} handlers[] = {
	{ MT3620_INITIALIZATION, on_initialization, 0 },
	{ MT3620_STATUS_REQUEST, on_status, 0 },
	{ MT3620_BAUDRATE_QUERY, on_rate_query, 0 },
	{ MT3620_IMAGE_CAPABILITY, on_image_request, 0 },
	{ MT3620_IMAGE_MANIFEST, on_image_request, 0 },
	{ MT3620_IMAGE_RECOVERY_APP, on_image_request, 0 },
	{ MT3620_IMAGE_BY_NAME, on_image_request, 0 },
	{ MT3620_LOG_QUERY, on_log_query, 0 },
	{ MT3620_EVENT, on_event, 1 },
	{ MT3620_PROGRESS, on_said, 1 },
	{ MT3620_LOG_ENTRY, on_said, 1 },
	{ MT3620_ERROR, on_error, 0 },
	{ MT3620_COMPLETE, on_complete, 0 },
};

static int handle(struct mt3620_recovery *r, struct err *err)
{
	struct mt3620_frame f = r->frame;
	uint8_t data[MT3620_FRAME_DATA];
	enum mt3620_phase phase = r->phase;
	size_t i = 0;
	int code;

	memcpy(data, f.data, f.len); /* the reader goes on within a transfer */
	f.data = data;
	while (i < sizeof(handlers) / sizeof(handlers[0]) && handlers[i].type != f.type)
		i++;
	if (i == sizeof(handlers) / sizeof(handlers[0]))
		return on_said(r, &f, err);
	log_debug("< %s, %u bytes", mt3620_message_name(f.type), f.len);
	if (!handlers[i].says_nothing_new) {
		uint16_t mark = xmodem_crc(f.type, f.data, f.len);

		/* The same once more: our answer, or a part of the file, got lost. */
		r->repeats += r->last_type == f.type && r->last_mark == mark;
		r->last_type = f.type;
		r->last_mark = mark;
	}
	code = handlers[i].on(r, &f, err);
	if (!handlers[i].says_nothing_new || r->phase != phase)
		r->phase_ms = clock_ms();
	return code < 0 ? err_wrap(err, "%s", mt3620_message_name(f.type)) : 0;
}

/* --- silence --- */

/* The rate was agreed on and nothing came at it: the board may be back at the old
 * one, and says so by itself. */
static int old_rate(struct mt3620_recovery *r, struct err *err)
{
	int code;

	r->frames = (struct mt3620_frames){ .bad = r->frames.bad };
	r->fast = 0;
	code = mt3620_recovery_line(r, MT_RATE_TEXT, 1, err);
	if (code < 0)
		return code;
	r->out->rate_bps = (double)r->baud;
	snprintf(r->note, sizeof(r->note), "nothing came at %d bit/s; went on at %d", MT_RATE_FAST,
		 MT_RATE_TEXT);
	/* It gives up the new rate after six StatusRequests, and sends the next one here. */
	r->phase_ms = clock_ms();
	return 0;
}

static int silence(struct mt3620_recovery *r, struct err *err)
{
	enum err_code code = phases[r->phase].silent;
	char at[120];

	if (clock_left_ms(r->until_ms) == 0)
		return err_set(err, ERR_DEADLINE, "no time left, and %s is due",
			       phases[r->phase].what);
	if (r->lacking[0])
		return err_set(err, ERR_IMAGES,
			       "image set lacks %s; the board asked for it and is silent since",
			       r->lacking);
	r->slower = r->phase == PHASE_SYNC;
	where(at, sizeof(at), r);
	return err_set(err, code, "silence of %.0f s, and %s is due%s%s%s",
		       (double)(clock_ms() - r->phase_ms) / 1000, phases[r->phase].what,
		       r->phase >= PHASE_IMAGES ? "; stopped " : "",
		       r->phase >= PHASE_IMAGES ? at : "",
		       r->out->bad_frames ? "; the link showed damage" : "");
}

int mt3620_recovery_exchange(struct mt3620_recovery *r, struct err *err)
{
	int code;

	r->phase_ms = clock_ms();
	while (r->phase != PHASE_DONE) {
		/* At the old rate the board has its own time to give up the new one. */
		int64_t allow =
			phases[r->phase].allow_ms * (r->phase == PHASE_SYNC && !r->fast ? 2 : 1);
		int64_t by = sooner(r->until_ms, r->phase_ms + mt3620_patience(r->m, allow));
		unsigned bad = r->frames.bad;
		int sync = r->phase == PHASE_SYNC;

		code = next_frame(r, by, err);
		if (sync)
			r->frames.bad = bad;
		if (code > 0)
			code = handle(r, err);
		else if (code == 0 && r->phase == PHASE_SYNC && r->fast)
			code = old_rate(r, err);
		else if (code == 0)
			code = silence(r, err);
		if (code < 0)
			return code;
	}
	return 0;
}
