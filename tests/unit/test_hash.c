#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "tests/unit/rows.h"

TestSuite(hash, .timeout = 20);

/* source  FIPS 180-4 examples (NIST) */
static const struct {
	const char *text, *hex;
} known[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

TEST_ROWS(hash, known, known)
{
	uint8_t hash[HASH_SIZE], back[HASH_SIZE];
	char text[HASH_TEXT];

	hash_bytes(hash, known[*i].text, strlen(known[*i].text));
	cr_expect_str_eq(hash_print(text, hash), known[*i].hex);
	cr_assert_eq(hash_scan(back, text), 0);
	cr_expect_arr_eq(back, hash, HASH_SIZE);
}

Test(hash, scan_refuses)
{
	uint8_t hash[HASH_SIZE];
	char text[HASH_TEXT];

	memset(text, 'a', HASH_TEXT - 1);
	text[HASH_TEXT - 1] = '\0';
	cr_expect_eq(hash_scan(hash, text), 0);
	text[10] = 'g';
	cr_expect_eq(hash_scan(hash, text), -1);
	text[10] = 'A';
	cr_expect_eq(hash_scan(hash, text), -1, "lower case only: one text per hash");
	text[63] = '\0';
	cr_expect_eq(hash_scan(hash, text), -1);
	cr_expect_eq(hash_scan(hash, ""), -1);
}

Test(hash, file_equals_bytes)
{
	char name[] = "/tmp/test-hash-XXXXXX";
	int fd = mkstemp(name);
	size_t n = 200001; /* more than one read */
	char *bytes = calloc(1, n);
	uint8_t a[HASH_SIZE], b[HASH_SIZE];

	cr_assert_geq(fd, 0);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 7);
	cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
	close(fd);
	hash_bytes(a, bytes, n);
	cr_expect_eq(hash_file(b, name), 0);
	cr_expect_arr_eq(a, b, HASH_SIZE);
	unlink(name);
	cr_expect_eq(hash_file(b, name), -1);
	cr_expect_eq(hash_file(b, "/tmp"), -1, "a folder has no hash");
	free(bytes);
}
