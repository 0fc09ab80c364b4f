#include "base/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void hash_bytes(uint8_t out[HASH_SIZE], const void *bytes, size_t n)
{
	static EVP_MD *md; /* found once: EVP_sha256() is searched for by each use */
	unsigned len = 0;

	if (!md)
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!md || !EVP_Digest(bytes, n, out, &len, md, NULL) || len != HASH_SIZE) {
		fputs("station: SHA-256 is not available\n", stderr);
		abort();
	}
}

const char *hash_print(char out[HASH_TEXT], const uint8_t hash[HASH_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < HASH_SIZE; i++) {
		out[2 * i] = digits[hash[i] >> 4];
		out[2 * i + 1] = digits[hash[i] & 15];
	}
	out[2 * HASH_SIZE] = '\0';
	return out;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hash_scan(uint8_t out[HASH_SIZE], const char *hex)
{
	if (strlen(hex) != 2 * HASH_SIZE)
		return -1;
	for (int i = 0; i < HASH_SIZE; i++) {
		int hi = digit(hex[2 * i]), lo = digit(hex[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return -1;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return 0;
}

int hash_file(uint8_t out[HASH_SIZE], const char *path)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	FILE *f = fopen(path, "rbe");
	char part[65536];
	unsigned len = 0;
	size_t n;
	int ok = md && f && EVP_DigestInit_ex(md, EVP_sha256(), NULL);

	while (ok && (n = fread(part, 1, sizeof(part), f)) > 0)
		ok = EVP_DigestUpdate(md, part, n);
	ok = ok && !ferror(f) && EVP_DigestFinal_ex(md, out, &len) && len == HASH_SIZE;
	int cause = errno;
	if (f)
		fclose(f);
	EVP_MD_CTX_free(md);
	errno = cause;
	return ok ? 0 : -1;
}
