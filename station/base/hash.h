#ifndef STATION_BASE_HASH_H
#define STATION_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* hash -- SHA-256 by libcrypto, as anyone can check it with sha256sum. */
enum { HASH_SIZE = 32, HASH_TEXT = 2 * HASH_SIZE + 1 };

void hash_bytes(uint8_t out[HASH_SIZE], const void *bytes, size_t n);
const char *hash_print(char out[HASH_TEXT], const uint8_t hash[HASH_SIZE]); /* lower-case hex */
int hash_scan(uint8_t out[HASH_SIZE], const char *hex);  /* 0, or -1: no 64 hex digits */
int hash_file(uint8_t out[HASH_SIZE], const char *path); /* 0, or -1 with errno */

#endif /* STATION_BASE_HASH_H */
