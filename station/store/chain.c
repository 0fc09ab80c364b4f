#include "store/chain.h"

#include <string.h>

#include "base/sbuf.h"

static void put_u64(struct sbuf *b, uint64_t n)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		sbuf_putc(b, (char)(n >> shift & 0xff));
}

static void put_lp(struct sbuf *b, const void *bytes, size_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		sbuf_putc(b, (char)(n >> shift & 0xff));
	sbuf_add(b, bytes, n);
}

static void finish(uint8_t out[HASH_SIZE], struct sbuf *b)
{
	hash_bytes(out, b->data, b->len);
	sbuf_release(b);
}

void chain_start(uint8_t out[HASH_SIZE], const char *station, const char *installation,
		 const void *key, size_t key_len)
{
	struct sbuf b = { 0 };

	sbuf_putc(&b, 0);
	sbuf_puts(&b, "station-chain-1");
	put_lp(&b, station, strlen(station));
	put_lp(&b, installation, strlen(installation));
	put_lp(&b, key, key_len);
	finish(out, &b);
}

void chain_link(uint8_t out[HASH_SIZE], const uint8_t prev[HASH_SIZE], int64_t seq, int64_t utc_ms,
		const char *kind, int64_t body_len, const uint8_t digest[HASH_SIZE])
{
	struct sbuf b = { 0 };

	sbuf_putc(&b, 1);
	sbuf_add(&b, prev, HASH_SIZE);
	put_u64(&b, (uint64_t)seq);
	put_u64(&b, (uint64_t)utc_ms);
	put_lp(&b, kind, strlen(kind));
	put_u64(&b, (uint64_t)body_len);
	sbuf_add(&b, digest, HASH_SIZE);
	finish(out, &b);
}
