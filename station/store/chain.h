#ifndef STATION_STORE_CHAIN_H
#define STATION_STORE_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

/*
 * chain -- the hash chain's arithmetic, without a database, so that anyone can
 * write a second verifier from this comment.
 *
 * || joins bytes; LP(x) = length of x, 4 bytes big-endian, then x; U64(n) = 8
 * bytes big-endian, two's complement.
 *   h(0) = SHA-256( 00 || "station-chain-1" || LP(station) || LP(installation) || LP(public key) )
 *   d(i) = SHA-256( body(i) )
 *   h(i) = SHA-256( 01 || h(i-1) || U64(seq) || U64(utc_ms) || LP(kind) || U64(len body) || d(i) )
 * seq = 1, 2, 3 ... without gaps.
 */
void chain_start(uint8_t out[HASH_SIZE], const char *station, const char *installation,
		 const void *key, size_t key_len);
void chain_link(uint8_t out[HASH_SIZE], const uint8_t prev[HASH_SIZE], int64_t seq, int64_t utc_ms,
		const char *kind, int64_t body_len, const uint8_t digest[HASH_SIZE]);

#endif /* STATION_STORE_CHAIN_H */
