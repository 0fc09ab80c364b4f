#include <criterion/criterion.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rng.h"
#include "engine/wire.h"

TestSuite(wire, .timeout = 20);

static int ends[2];
static char buf[WIRE_MAX];

static void open_ends(void)
{
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

static void close_ends(void)
{
	close(ends[0]);
	close(ends[1]);
}

static int pass(struct wire *out, const struct wire *in)
{
	cr_assert_eq(wire_send(ends[0], in, 0), 0, "%s", strerror(errno));
	return wire_recv(out, buf, ends[1], MSG_DONTWAIT);
}

Test(wire, every_type, .init = open_ends, .fini = close_ends)
{
	for (int type = WIRE_NONE + 1; type < WIRE_END_; type++) {
		const struct wire in = { .type = (enum wire_type)type,
					 .code = ERR_GONE,
					 .index = 4000000000u,
					 .turn = 77,
					 .num = -0.125,
					 .at_ms = INT64_MIN,
					 .text = { "name", "", NULL, "\xc3\xa4", "note\nof two" } };
		struct wire out;

		cr_assert_eq(pass(&out, &in), 1);
		cr_expect_eq(out.type, in.type);
		cr_expect_eq(out.code, in.code);
		cr_expect_eq(out.index, in.index);
		cr_expect_eq(out.turn, in.turn);
		cr_expect_eq(out.num, in.num);
		cr_expect_eq(out.at_ms, in.at_ms);
		for (int i = 0; i < WIRE_TEXTS; i++) {
			cr_assert_eq(!out.text[i], !in.text[i], "text %d", i);
			cr_expect(!in.text[i] || !strcmp(out.text[i], in.text[i]), "text %d", i);
			cr_expect(!in.text[i] || out.len[i] == strlen(in.text[i]), "text %d", i);
		}
	}
}

Test(wire, any_number, .init = open_ends, .fini = close_ends)
{
	static const double numbers[] = { 0, 1e308, -1e-320, INFINITY, -INFINITY };
	struct wire out;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		cr_assert_eq(pass(&out, &(struct wire){ .type = WIRE_MEASURE, .num = numbers[i] }),
			     1);
		cr_expect_eq(out.num, numbers[i]);
	}
	cr_assert_eq(pass(&out, &(struct wire){ .type = WIRE_MEASURE, .num = NAN }), 1);
	cr_expect(isnan(out.num));
}

/* Bytes of a unit may be NULs. */
Test(wire, bytes, .init = open_ends, .fini = close_ends)
{
	const struct wire in = { .type = WIRE_CONSOLE, .text = { "a\0b\0" }, .len = { 4 } };
	struct wire out;

	cr_assert_eq(pass(&out, &in), 1);
	cr_assert_eq(out.len[0], 4);
	cr_expect_arr_eq(out.text[0], "a\0b\0", 5, "and a NUL behind it");
}

/* The largest message, and what is cut so that it stays that. */
Test(wire, sizes, .init = open_ends, .fini = close_ends)
{
	enum { HUGE = 2 * WIRE_MAX };
	char *text = malloc(HUGE + 1);
	struct wire in = { .type = WIRE_MEASURE }, out;

	memset(text, 'x', HUGE);
	text[HUGE] = '\0';
	in.text[0] = "name";
	in.text[3] = text;
	in.text[4] = "note";
	cr_assert_eq(pass(&out, &in), 1);
	cr_expect_str_eq(out.text[0], "name");
	cr_expect_gt(out.len[3], WIRE_MAX - 256);
	cr_expect_lt(out.len[3], WIRE_MAX);
	cr_expect_eq(strspn(out.text[3], "x"), out.len[3]);
	cr_expect_str_eq(out.text[4], "", "no room was left, and it is told as empty");
	for (int i = 0; i < WIRE_TEXTS; i++)
		in.text[i] = text;
	cr_assert_eq(pass(&out, &in), 1);
	free(text);
}

Test(wire, the_other_end, .init = open_ends)
{
	const struct wire in = { .type = WIRE_END };
	struct wire out;

	cr_expect_eq(wire_recv(&out, buf, ends[1], MSG_DONTWAIT), -1);
	cr_expect_eq(errno, EAGAIN);
	cr_assert_eq(wire_send(ends[0], &in, 0), 0);
	close(ends[0]);
	cr_expect_eq(wire_recv(&out, buf, ends[1], 0), 1, "what was sent before is not lost");
	cr_expect_eq(wire_recv(&out, buf, ends[1], 0), 0);
	cr_expect_eq(wire_send(ends[1], &in, 0), -1, "and no SIGPIPE");
	cr_expect_eq(errno, EPIPE);
	close(ends[1]);
}

/* A reader that does not read stops nobody who must not block. */
Test(wire, full, .init = open_ends, .fini = close_ends)
{
	const struct wire in = { .type = WIRE_PROGRESS, .text = { "what" } };
	int sent = 0;

	while (sent < 1000000 && wire_send(ends[0], &in, MSG_DONTWAIT) == 0)
		sent++;
	cr_expect_eq(errno, EAGAIN);
	cr_expect_gt(sent, 10);
	for (struct wire out; sent; sent--)
		cr_assert_eq(wire_recv(&out, buf, ends[1], MSG_DONTWAIT), 1);
}

/* --- messages of a worker with a broken memory --- */

static int refused(const void *bytes, size_t n)
{
	struct wire out;
	int r;

	cr_assert_eq(send(ends[0], bytes, n, 0), (ssize_t)n);
	errno = 0;
	r = wire_recv(&out, buf, ends[1], MSG_DONTWAIT);
	for (int i = 0; r == 1 && i < WIRE_TEXTS; i++)
		if (out.text[i]) /* whatever was taken ends within the message */
			cr_assert_eq(out.text[i][out.len[i]], '\0');
	return r == -1 && errno == EBADMSG;
}

static size_t caught(char *bytes, size_t size, const struct wire *w)
{
	ssize_t n;

	cr_assert_eq(wire_send(ends[0], w, 0), 0);
	n = recv(ends[1], bytes, size, 0);
	cr_assert_gt(n, 0);
	return (size_t)n;
}

Test(wire, cut_and_longer, .init = open_ends, .fini = close_ends)
{
	char bytes[512];
	size_t n = caught(bytes, sizeof(bytes),
			  &(struct wire){ .type = WIRE_DONE, .text = { "ab", NULL, "c" } });

	cr_expect_not(refused(bytes, n));
	for (size_t i = 1; i < n; i++)
		cr_expect(refused(bytes, i), "cut to %zu of %zu bytes", i, n);
	bytes[n] = '\0';
	cr_expect(refused(bytes, n + 1));
	memset(bytes, 0, sizeof(bytes));
	cr_expect(refused(bytes, sizeof(bytes)), "type 0");
	memset(bytes, 0xff, sizeof(bytes));
	cr_expect(refused(bytes, sizeof(bytes)));
}

/* Every byte of a message changed in every bit: refused or harmless. */
Test(wire, each_bit, .init = open_ends, .fini = close_ends)
{
	char good[512], bad[512];
	size_t n = caught(
		good, sizeof(good),
		&(struct wire){ .type = WIRE_ASK, .text = { "choice", "What?", NULL, "a\nb" } });
	int refusals = 0;

	for (size_t i = 0; i < n; i++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(bad, good, n);
			bad[i] = (char)(bad[i] ^ 1 << bit);
			refusals += refused(bad, n);
		}
	cr_expect_gt(refusals, 100, "%d", refusals);
}

Test(wire, garbage, .init = open_ends, .fini = close_ends)
{
	struct rng r = { 3 };

	for (int round = 0; round < 20000; round++) {
		uint64_t words[40];
		size_t n = 1 + rng_next(&r) % sizeof(words);

		for (size_t i = 0; i < 40; i++) /* many small numbers, as in a real head */
			words[i] = rng_next(&r) >> (rng_next(&r) % 2 ? 0 : 32 + rng_next(&r) % 32);
		refused(words, n);
	}
}

/* More than a message may hold, sent by somebody who does not cut. */
Test(wire, too_long, .init = open_ends, .fini = close_ends)
{
	char *bytes = calloc(1, WIRE_MAX + 1);
	int size = 4 * WIRE_MAX;

	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	bytes[0] = WIRE_DONE;
	cr_expect(refused(bytes, WIRE_MAX + 1));
	free(bytes);
}
