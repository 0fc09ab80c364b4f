#include <criterion/criterion.h>
#include <string.h>

#include "board/mt3620_slip.h"
#include "board/mt3620_watch.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_watch, .timeout = 20);

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, OURS = 1000, BOARDS = 5000, PORT = 49152 };

/* What passes on the line, in the order in which it is seen. Numbers count from the SYNs:
 * 0 is a SYN, 1 the first byte. */
struct packet {
	char way; /* '>' sent, '<' came; 0: the end */
	unsigned flags, seq, size, ack;
	int shut; /* window 0 */
};

static size_t make(uint8_t out[64], const struct packet *p)
{
	uint32_t seq = p->seq + (p->way == '>' ? OURS : BOARDS);
	uint32_t ack = p->ack + (p->way == '>' ? BOARDS : OURS);
	uint16_t from = p->way == '>' ? PORT : 443, to = p->way == '>' ? 443 : PORT;
	const uint8_t head[40] = {
		0x45,
		0,
		0,
		(uint8_t)(40 + p->size),
		[8] = 64,
		[9] = 6,
		[20] = (uint8_t)(from >> 8),
		[21] = (uint8_t)from,
		[22] = (uint8_t)(to >> 8),
		[23] = (uint8_t)to,
		[24] = (uint8_t)(seq >> 24),
		[25] = (uint8_t)(seq >> 16),
		[26] = (uint8_t)(seq >> 8),
		[27] = (uint8_t)seq,
		[28] = (uint8_t)(ack >> 24),
		[29] = (uint8_t)(ack >> 16),
		[30] = (uint8_t)(ack >> 8),
		[31] = (uint8_t)ack,
		[32] = 0x50,
		[33] = (uint8_t)p->flags,
		[34] = p->shut ? 0 : 0x20,
	};

	cr_assert_leq(p->size, 24);
	memset(out, 'x', 64);
	memcpy(out, head, sizeof(head));
	return 40 + p->size;
}

#define OPENS                                                                                      \
	{ '>', SYN, 0, 0, 0, 0 }, { '<', SYN | ACK, 0, 0, 1, 0 },                                  \
	{                                                                                          \
		'>', ACK, 1, 0, 1, 0                                                               \
	}
#define ASKS                                                                                       \
	{                                                                                          \
		'>', ACK, 1, 10, 1, 0                                                              \
	}

enum { NO, PROBED };

/* One packet each 10 ms; then nothing up to 1000 ms, and a probe. */
static const struct story {
	const char *name;
	enum err_code code;
	int probed;
	struct packet packet[12];
	unsigned long lost, bad;
	int broke, sent, alive_not;
	int late, after; /* packets come in the last moments, or with the probe */
} stories[] = {
	/* The line. */
	{ "its answer to the probe tells of bytes that never came",
	  ERR_LINE,
	  PROBED,
	  { OPENS, ASKS, { '<', ACK, 21, 0, 11, 0 } },
	  .lost = 1 },
	{ "the end of the answer came, its beginning did not",
	  ERR_LINE,
	  PROBED,
	  { OPENS, ASKS, { '<', ACK, 11, 10, 11, 0 }, { '<', ACK, 21, 0, 11, 0 } },
	  .lost = 2 },
	{ "it never got the request",
	  ERR_LINE,
	  PROBED,
	  { OPENS, ASKS, ASKS, { '<', ACK, 1, 0, 1, 0 } },
	  .lost = 1 },
	{ "it never got the end of it",
	  ERR_LINE,
	  PROBED,
	  { OPENS, ASKS, { '>', ACK, 11, 10, 1, 0 }, { '<', ACK, 1, 0, 11, 0 } },
	  .lost = 0 },
	{ "it got all, after repairs that took the time",
	  ERR_LINE,
	  PROBED,
	  { OPENS, ASKS, ASKS, { '<', ACK, 1, 0, 11, 0 } },
	  .lost = 1,
	  .late = 1 },
	{ "damaged packets took the time",
	  ERR_LINE,
	  PROBED,
	  { OPENS, ASKS, { '<', ACK, 1, 0, 11, 0 } },
	  .bad = 1,
	  .late = 1 },
	{ "the probe is lost too, on a line that lost before",
	  ERR_LINE,
	  NO,
	  { OPENS, ASKS, ASKS, { '<', ACK, 1, 0, 11, 0 } },
	  .lost = 1 },
	{ "the connection breaks behind a gap",
	  ERR_LINE,
	  NO,
	  { OPENS, ASKS, { '<', RST | ACK, 41, 0, 11, 0 } },
	  .lost = 1,
	  .broke = 1,
	  .sent = 1 },
	{ "the connection breaks on a line with damage",
	  ERR_LINE,
	  NO,
	  { OPENS, ASKS, { '<', FIN | ACK, 1, 0, 11, 0 } },
	  .bad = 1,
	  .broke = 1,
	  .sent = 1 },
	{ "on a line that loses it speaks when it is acknowledged again",
	  ERR_LINE,
	  PROBED,
	  { OPENS, ASKS, ASKS, { '<', ACK, 1, 10, 11, 0 } },
	  .lost = 1,
	  .after = 1 },
	/* Nobody knows. */
	{ "it speaks when it is acknowledged again, and nothing else was lost",
	  ERR_SILENT,
	  PROBED,
	  { OPENS, ASKS, { '<', ACK, 1, 10, 11, 0 } },
	  .after = 1 },
	{ "nothing but silence after the request",
	  ERR_SILENT,
	  NO,
	  { OPENS, ASKS, ASKS },
	  .lost = 1 },
	{ "no connection, though it was heard",
	  ERR_SILENT,
	  NO,
	  { { '>', SYN, 0, 0, 0, 0 } },
	  .lost = 0 },
	{ "the probe was answered, and then it fell silent",
	  ERR_SILENT,
	  PROBED,
	  { OPENS, ASKS, { '<', ACK, 1, 0, 11, 0 } },
	  .alive_not = 1 },
	/* The unit. */
	{ "it has all and says nothing",
	  ERR_TIMEOUT,
	  PROBED,
	  { OPENS, ASKS, { '<', ACK, 1, 0, 11, 0 } },
	  .lost = 0 },
	{ "it says half an answer",
	  ERR_TIMEOUT,
	  PROBED,
	  { OPENS, ASKS, { '<', ACK, 1, 10, 11, 0 }, { '<', ACK, 11, 0, 11, 0 } },
	  .lost = 0 },
	{ "it is slow on a whole line",
	  ERR_TIMEOUT,
	  PROBED,
	  { OPENS, ASKS, { '<', ACK, 1, 0, 11, 0 } },
	  .late = 1 },
	{ "a loss was repaired early, and then it says nothing",
	  ERR_TIMEOUT,
	  PROBED,
	  { OPENS, ASKS, ASKS, { '<', ACK, 1, 0, 11, 0 } },
	  .lost = 1 },
	{ "a gap that was filled, as our own acknowledgement says",
	  ERR_TIMEOUT,
	  PROBED,
	  { OPENS,
	    ASKS,
	    { '<', ACK, 11, 10, 11, 0 },
	    { '<', ACK, 1, 10, 11, 0 },
	    { '>', ACK, 11, 0, 21, 0 },
	    { '<', ACK, 21, 0, 11, 0 } },
	  .lost = 2 },
	{ "it does not take the request: its window is shut",
	  ERR_TIMEOUT,
	  PROBED,
	  { OPENS,
	    ASKS,
	    { '<', ACK, 1, 0, 11, 1 },
	    { '>', ACK, 11, 1, 1, 0 },
	    { '<', ACK, 1, 0, 11, 1 } },
	  .lost = 0 },
	{ "it refuses connections",
	  ERR_TIMEOUT,
	  NO,
	  { { '>', SYN, 0, 0, 0, 0 }, { '<', RST | ACK, 0, 0, 1, 0 } },
	  .broke = 1 },
	{ "it breaks the connection before the call",
	  ERR_TIMEOUT,
	  NO,
	  { OPENS, ASKS, { '<', FIN | ACK, 1, 0, 11, 0 } },
	  .broke = 1 },
	{ "it breaks the connection after the call",
	  ERR_PROTO,
	  NO,
	  { OPENS, ASKS, ASKS, { '<', RST, 1, 0, 0, 0 } },
	  .lost = 1,
	  .broke = 1,
	  .sent = 1 },
	{ "it says what is not understood",
	  ERR_PROTO,
	  NO,
	  { OPENS, ASKS, { '<', ACK, 1, 10, 11, 0 } },
	  .broke = 1 },
};

TEST_ROWS(board_mt3620_watch, who_it_was, stories)
{
	const struct story *s = &stories[*i];
	struct call_evidence e = { .why = "?", .from_ms = 0, .until_ms = 1000 };
	struct err err = { 0 };
	unsigned long heard = 0, seen = 0;

	for (const struct packet *p = s->packet; p->way; p++) {
		int64_t at = (s->after ? 1000 : s->late ? 900 : 0) + 10 * (p - s->packet);
		uint8_t bytes[64];
		size_t n = make(bytes, p);

		if (p->way == '>') {
			seen += (unsigned long)tcp_watch_sent(&e.watch, bytes, n, at);
		} else {
			seen += (unsigned long)tcp_watch_heard(&e.watch, bytes, n, at);
			heard++;
			e.lost_before = seen;
		}
	}
	cr_expect_eq(e.watch.heard, heard, "%s", s->name);
	cr_expect_eq(e.watch.lost, seen, "%s", s->name);
	cr_expect_eq(seen, s->lost, "%s: %lu", s->name, seen);
	e.good = heard + 1;
	e.bytes = 40 * e.good;
	e.bad = s->bad;
	e.lost = seen;
	e.alive = !s->alive_not;
	e.timed_out = !s->broke;
	e.sent = s->sent;
	e.probed = s->probed;
	cr_expect_eq(call_judge(&e, &err), (int)s->code, "%s: %s", s->name, err.text);
	cr_expect_eq(err.code, s->code);
}

/* Numbers wrap: the same request over the end of all numbers. */
Test(board_mt3620_watch, numbers_wrap)
{
	struct tcp_watch w = { 0 };
	uint8_t bytes[64];
	size_t n;

	n = make(bytes, &(struct packet){ '>', SYN, (unsigned)-4 - OURS, 0, 0, 0 });
	cr_expect_eq(tcp_watch_sent(&w, bytes, n, 1), 0);
	n = make(bytes, &(struct packet){ '<', SYN | ACK, (unsigned)-2 - BOARDS, 0,
					  (unsigned)-3 - OURS, 0 });
	cr_expect_eq(tcp_watch_heard(&w, bytes, n, 2), 0);
	n = make(bytes,
		 &(struct packet){ '>', ACK, (unsigned)-3 - OURS, 10, (unsigned)-1 - BOARDS, 0 });
	cr_expect_eq(tcp_watch_sent(&w, bytes, n, 3), 0);
	cr_expect_eq(w.sent_to, 7);
	cr_expect_eq(tcp_watch_sent(&w, bytes, n, 4), 1);
	n = make(bytes,
		 &(struct packet){ '<', ACK, (unsigned)-1 - BOARDS, 10, (unsigned)7 - OURS, 0 });
	cr_expect_eq(tcp_watch_heard(&w, bytes, n, 5), 0);
	cr_expect_eq(w.acked_to, 7);
	cr_expect_eq(w.heard_to, 9);
	cr_expect_eq(tcp_watch_heard(&w, bytes, n, 6), 1, "the same again");
	cr_expect_eq(w.moved_ms, 5);
}

/* Packets of a connection that was given up say nothing of this one. */
Test(board_mt3620_watch, another_connection)
{
	static const struct packet opens[] = { OPENS };
	struct tcp_watch w = { 0 };
	uint8_t bytes[64];
	size_t n;

	for (size_t i = 0; i < 3; i++) {
		n = make(bytes, &opens[i]);
		if (opens[i].way == '>')
			tcp_watch_sent(&w, bytes, n, 1);
		else
			tcp_watch_heard(&w, bytes, n, 1);
	}
	cr_expect(w.open);
	n = make(bytes, &(struct packet){ '>', FIN | ACK, 1, 0, 1, 0 });
	bytes[21]++;
	cr_expect_eq(tcp_watch_sent(&w, bytes, n, 2), 0);
	cr_expect_eq(tcp_watch_sent(&w, bytes, n, 3), 0);
	n = make(bytes, &(struct packet){ '<', RST, 1, 0, 1, 0 });
	bytes[23]++;
	cr_expect_eq(tcp_watch_heard(&w, bytes, n, 4), 0);
	cr_expect_eq(w.ended, 0);
	cr_expect_eq(w.moved_ms, 1);
	n = make(bytes, &(struct packet){ '>', SYN, 7, 0, 0, 0 });
	tcp_watch_sent(&w, bytes, n, 5);
	cr_expect_not(w.open, "the same port, another SYN");
}

/* What is no TCP, is cut, or a fragment, is passed over. */
Test(board_mt3620_watch, no_segments)
{
	struct tcp_watch w = { 0 };
	uint8_t bytes[64];
	size_t n = make(bytes, &(struct packet){ '>', SYN, 0, 0, 0, 0 });

	for (size_t cut = 0; cut < n; cut++)
		tcp_watch_sent(&w, bytes, cut, 1);
	bytes[9] = 17;
	tcp_watch_sent(&w, bytes, n, 1);
	bytes[9] = 6;
	bytes[7] = 1;
	tcp_watch_sent(&w, bytes, n, 1);
	cr_expect_eq(w.port, 0);
}

/* A whole packet, one before what the board acknowledged, without data. */
Test(board_mt3620_watch, probe)
{
	struct tcp_watch w = { .port = PORT,
			       .open = 1,
			       .acked_to = 0x11223344,
			       .sent_to = 0x11223400,
			       .heard_to = 0x55667788 };
	uint8_t p[TCP_PROBE];

	tcp_watch_probe(p, &w);
	cr_expect_eq(slip_ipv4_whole(p, sizeof(p)), sizeof(p));
	cr_expect_eq(memcmp(p + 12, "\xc0\xa8\x23\x01\xc0\xa8\x23\x02\xc0\x00\x01\xbb", 12), 0);
	cr_expect_eq(memcmp(p + 24, "\x11\x22\x33\x43\x55\x66\x77\x88\x50\x10", 10), 0);
}
