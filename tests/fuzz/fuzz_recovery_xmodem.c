/* Any bytes as a receiver's answers to XMODEM, on a link whose time moves only by
 * waiting: the sender ends within its deadline, and never says "sent" unless each
 * block was acknowledged. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "board/mt3620_frame.h"
#include "board/xmodem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_SIZE = 700, LIMIT_MS = 120000 };

struct peer {
	struct link link;
	const uint8_t *said;
	size_t left, acks, blocks;
	int64_t now;
	struct mt3620_frames frames;
};

static void must(int holds)
{
	if (!holds)
		abort();
}

/* FF NN: silence of NN * 100 ms; FE: damage on the line; all else is said. */
static int peer_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	struct peer *p = l->priv;

	must(size == 1);
	if (p->left >= 2 && p->said[0] == 0xff) {
		int64_t to = p->now + p->said[1] * 100;

		p->now = to < until_ms ? to : until_ms > p->now ? until_ms : p->now;
		clock_freeze_ms(p->now);
		p->said += 2;
		p->left -= 2;
		if (p->now >= until_ms)
			return 0;
	}
	if (!p->left) {
		if (until_ms > p->now)
			clock_freeze_ms(p->now = until_ms);
		return 0;
	}
	p->left--;
	if (*p->said == 0xfe) {
		p->said++;
		return err_set(err, ERR_LINE, "framing");
	}
	p->acks += *p->said == 6;
	memcpy(out, p->said++, 1);
	return 1;
}

static int peer_write(struct link *l, const void *data, size_t size, int64_t until_ms,
		      struct err *err)
{
	struct peer *p = l->priv;

	(void)data;
	(void)until_ms;
	(void)err;
	must(size == 1 || size == XMODEM_BLOCK + 5);
	p->blocks++;
	return 0;
}

static const struct link_ops ops = { .name = "peer", .read = peer_read, .write = peer_write };

static int on_other(void *payload, uint8_t byte)
{
	struct peer *p = payload;
	struct mt3620_frame f;

	return mt3620_frames_take(&f, &p->frames, byte);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct peer p;
	static uint8_t file[FILE_SIZE];
	struct xmodem x = { .link = &p.link,
			    .block = XMODEM_BLOCK,
			    .tries = 10,
			    .start_ms = 10000,
			    .answer_ms = 10000,
			    .other = on_other,
			    .payload = &p };
	struct err err = { 0 };
	int r;

	memset(&p, 0, sizeof(p));
	p.link.ops = &ops;
	p.link.priv = &p;
	p.said = data;
	p.left = size;
	p.now = 1000000;
	clock_freeze_ms(p.now);
	r = xmodem_send(&x, file, sizeof(file), p.now + LIMIT_MS, &err);
	must(p.now <= 1000000 + LIMIT_MS + 25500);
	must(p.blocks <= (FILE_SIZE / XMODEM_BLOCK + 2) * 10);
	must(r >= 0 || r == ERR_DEADLINE);
	if (r == XMODEM_SENT)
		must(p.acks >= (FILE_SIZE + XMODEM_BLOCK - 1) / XMODEM_BLOCK);
	return 0;
}
