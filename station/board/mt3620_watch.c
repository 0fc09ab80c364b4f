#include "board/mt3620_watch.h"

#include <string.h>

#include "base/mt3620_choice.h"

enum { TCP = 6, HEADER = 20, FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static const uint8_t ours[4] = { 192, 168, 35, 1 }, boards[4] = { 192, 168, 35, 2 };

/* --- segments --- */

struct segment {
	uint16_t from, to, window;
	uint32_t seq, end, ack; /* end: behind its data, SYN and FIN */
	unsigned flags;
};

static uint16_t u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)u16(p) << 16 | u16(p + 2);
}

static void put16(uint8_t *p, uint32_t x)
{
	p[0] = (uint8_t)(x >> 8);
	p[1] = (uint8_t)x;
}

static void put32(uint8_t *p, uint32_t x)
{
	put16(p, x >> 16);
	put16(p + 2, x);
}

/* How far a lies behind b; numbers wrap. */
static int32_t behind(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static int segment_of(struct segment *s, const uint8_t *ip, size_t n)
{
	size_t header = n ? (size_t)(ip[0] & 15) * 4 : 0, data;
	const uint8_t *tcp = ip + header;

	if (header < HEADER || n < header + HEADER || ip[9] != TCP || (ip[6] & 0x3f) || ip[7])
		return 0;
	data = header + (size_t)(tcp[12] >> 4) * 4;
	*s = (struct segment){ .from = u16(tcp),
			       .to = u16(tcp + 2),
			       .window = u16(tcp + 14),
			       .seq = u32(tcp + 4),
			       .ack = u32(tcp + 8),
			       .flags = tcp[13] };
	s->end = s->seq + (n > data ? (uint32_t)(n - data) : 0) + !!(s->flags & SYN) +
		 !!(s->flags & FIN);
	return 1;
}

/* --- the watch --- */

int tcp_watch_sent(struct tcp_watch *w, const uint8_t *ip, size_t n, int64_t now_ms)
{
	struct segment s;

	if (!segment_of(&s, ip, n))
		return 0;
	if ((s.flags & (SYN | ACK)) == SYN && (s.from != w->port || s.seq != w->first))
		*w = (struct tcp_watch){
			.port = s.from, .first = s.seq, .sent_to = s.seq, .acked_to = s.seq
		};
	if (s.from != w->port)
		return 0;
	/* Our TCP puts together what came out of order. */
	if (w->open && (s.flags & ACK) && behind(s.ack, w->heard_to) > 0 &&
	    behind(s.ack, w->said_to) <= 0) {
		w->heard_to = s.ack;
		w->moved_ms = now_ms;
	}
	if (s.end == s.seq)
		return 0;
	if (behind(s.end, w->sent_to) <= 0) { /* a SYN: perhaps nobody is there yet */
		w->lost += (unsigned long)w->open;
		return w->open;
	}
	w->sent_to = s.end;
	w->moved_ms = now_ms;
	return 0;
}

int tcp_watch_heard(struct tcp_watch *w, const uint8_t *ip, size_t n, int64_t now_ms)
{
	int again = 0, gap;
	struct segment s;

	if (!segment_of(&s, ip, n) || s.to != w->port)
		return 0;
	w->heard++;
	w->window = s.window;
	if ((s.flags & SYN) && !w->open) {
		w->open = 1;
		w->heard_to = w->said_to = s.seq;
	}
	if ((s.flags & ACK) && behind(s.ack, w->acked_to) > 0 && behind(s.ack, w->sent_to) <= 0) {
		w->acked_to = s.ack;
		w->moved_ms = now_ms;
	}
	if (!w->open) { /* it refuses the connection */
		w->ended |= (s.flags & RST) != 0;
		return 0;
	}
	gap = behind(s.seq, w->heard_to) > 0;
	if (s.end != s.seq && behind(s.end, w->said_to) <= 0)
		again = 1;
	if (behind(s.end, w->said_to) > 0)
		w->said_to = s.end;
	if (!gap && behind(s.end, w->heard_to) > 0) {
		w->heard_to = s.end;
		w->moved_ms = now_ms;
	}
	if (!gap && (s.flags & (FIN | RST)))
		w->ended = 1;
	w->lost += (unsigned long)(again || gap);
	return again || gap;
}

/* --- the probe --- */

static uint32_t sum(uint32_t acc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i += 2)
		acc += u16(p + i);
	return acc;
}

static uint32_t checksum(uint32_t acc)
{
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return ~acc & 0xffff;
}

void tcp_watch_probe(uint8_t out[TCP_PROBE], const struct tcp_watch *w)
{
	enum { HTTPS = 443, WINDOW = 8192, TTL = 64 };
	uint8_t *tcp = out + HEADER;

	memset(out, 0, TCP_PROBE);
	out[0] = 0x45;
	put16(out + 2, TCP_PROBE);
	out[8] = TTL;
	out[9] = TCP;
	memcpy(out + 12, ours, sizeof(ours));
	memcpy(out + 16, boards, sizeof(boards));
	put16(out + 10, checksum(sum(0, out, HEADER)));
	put16(tcp, w->port);
	put16(tcp + 2, HTTPS);
	put32(tcp + 4, w->acked_to - 1);
	put32(tcp + 8, w->heard_to);
	tcp[12] = HEADER / 4 << 4;
	tcp[13] = ACK;
	put16(tcp + 14, WINDOW);
	put16(tcp + 16, checksum(sum(sum(TCP + HEADER, out + 12, 8), tcp, HEADER)));
}

/* --- the judgement --- */

#define LOSSES(e) (e)->lost, (e)->bad, (e)->good

/* The board is not heard any more. Where packets were lost before and it was heard after
 * that, it is the line; else nobody knows. */
static int fell_silent(const struct call_evidence *e, struct err *err)
{
	if (e->lost_before || e->bad)
		return err_set(err, ERR_LINE,
			       "the service link loses packets: %lu packets sent again or missing, "
			       "%lu damaged, %lu whole",
			       LOSSES(e));
	return err_set(err, ERR_SILENT,
		       "the board fell silent in the middle: %lu packets came, and then nothing "
		       "was acknowledged",
		       e->good);
}

/* The board lives, has all that we sent and said nothing that we have not heard. Did
 * the line leave it the time to answer? */
static int silent_program(const struct call_evidence *e, struct err *err)
{
	int64_t had = e->until_ms - e->from_ms, quiet = e->until_ms - e->watch.moved_ms;

	if (e->lost + e->bad && quiet < had / 2)
		return err_set(err, ERR_LINE,
			       "the service link lost packets, and repairing that took the time: "
			       "%lu packets sent again or missing, %lu damaged, %lu whole",
			       LOSSES(e));
	if (quiet < 0)
		return err_set(
			err, ERR_SILENT,
			"the board spoke again when its packets were acknowledged once more: "
			"an acknowledgement was lost, or it was that late");
	return err_set(err, ERR_TIMEOUT,
		       "no answer came: the board's TCP/IP lives, has all that was sent, and said "
		       "nothing in the last %lld.%lld s",
		       (long long)quiet / 1000, (long long)quiet % 1000 / 100);
}

static int timed_out(const struct call_evidence *e, struct err *err)
{
	const struct tcp_watch *w = &e->watch;

	if (!w->open || !e->probed)
		return fell_silent(e, err);
	if (behind(w->said_to, w->heard_to) > 0)
		return err_set(err, ERR_LINE,
			       "the service link lost some of the answer: %lu packets sent again "
			       "or missing, %lu damaged, %lu whole",
			       LOSSES(e));
	/* With a closed window one byte is out, asking whether it has opened. */
	if (behind(w->sent_to, w->acked_to) > (w->window ? 0 : 1))
		return err_set(err, ERR_LINE,
			       "the service link lost some of the request: %lu packets sent again "
			       "or missing, %lu damaged, %lu whole",
			       LOSSES(e));
	return silent_program(e, err);
}

/* The connection ended. By the board? */
static int broken(const struct call_evidence *e, struct err *err)
{
	const struct tcp_watch *w = &e->watch;

	if (e->bad || behind(w->said_to, w->heard_to) > 0)
		return err_set(err, ERR_LINE,
			       "the service link lost packets, and the connection broke: %lu "
			       "packets sent again or missing, %lu damaged, %lu whole",
			       LOSSES(e));
	if (!w->ended && e->lost)
		return fell_silent(e, err);
	if (!w->ended)
		return err_set(err, ERR_PROTO, "what the board says is not understood (%s)",
			       e->why);
	if (e->sent)
		return err_set(err, ERR_PROTO, "the board broke the connection before it answered");
	if (w->open)
		return err_set(err, ERR_TIMEOUT,
			       "the board's TCP/IP lives, and breaks each connection before the "
			       "call is made");
	return err_set(err, ERR_TIMEOUT, "the board's TCP/IP lives, and refuses connections");
}

int call_judge(const struct call_evidence *e, struct err *err)
{
	if (e->bad > MT_NOISE_MAX || (e->bad && e->bad >= e->good))
		return err_set(err, ERR_LINE,
			       "the service link is noisy: %lu damaged packets, %lu whole", e->bad,
			       e->good);
	if (!e->good && e->bytes)
		return err_set(err, ERR_LINE,
			       "%lu bytes come from the board, and no packet is in them: wrong "
			       "baud rate?",
			       e->bytes);
	if (!e->good)
		return err_set(err, ERR_SILENT, "the service link is silent%s",
			       e->held ? ", and flow control holds it" : "");
	if (!e->alive)
		return fell_silent(e, err);
	return e->timed_out ? timed_out(e, err) : broken(e, err);
}
