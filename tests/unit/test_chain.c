#include <criterion/criterion.h>
#include <string.h>

#include "store/chain.h"

TestSuite(chain, .timeout = 20);

/* The published test vector: station ST-07, a public key of 32 zero bytes. */
static const char *const station = "ST-07";
static const char *const installation = "5b0e6f0a-5d0c-4a4e-9d3a-2f6f1f0c7a11";

Test(chain, agrees_with_the_published_vector)
{
	static const struct {
		int64_t utc_ms;
		const char *kind, *body, *hash;
	} entry[] = {
		{ 1767600000000, "open", "{\"run\":\"a\",\"slot\":1}",
		  "686aed0b6e64d7ecd1872713a829097326797ec42424d81cdaa373108ea356e2" },
		{ 1767600021500, "close", "{\"run\":\"a\",\"verdict\":\"PASS\"}",
		  "3043ec9b9bf29fcd291069113e701bbe121a45b73707e19ed34c3f266624669a" },
		{ 1767600021501, "amend", "{\"note\":\"Pr\303\274fung\"}",
		  "e6f90e60f9e71b9361ba5f5f8d6db5869f0a9ec26b63e99e306f8489451acb46" },
	};
	uint8_t key[32] = { 0 }, h[HASH_SIZE], d[HASH_SIZE];
	char text[HASH_TEXT];

	chain_start(h, station, installation, key, sizeof(key));
	cr_expect_str_eq(hash_print(text, h),
			 "b8bea7ef44f0020007818456b89e4d23015548f212345188eb32ccd08b49cac8");
	for (size_t i = 0; i < sizeof(entry) / sizeof(entry[0]); i++) {
		size_t len = strlen(entry[i].body);

		hash_bytes(d, entry[i].body, len);
		chain_link(h, h, (int64_t)i + 1, entry[i].utc_ms, entry[i].kind, (int64_t)len, d);
		cr_expect_str_eq(hash_print(text, h), entry[i].hash, "entry %zu", i + 1);
	}
}

Test(chain, every_field_counts_and_none_runs_into_the_next)
{
	uint8_t a[HASH_SIZE], b[HASH_SIZE], zero[HASH_SIZE] = { 0 }, one[HASH_SIZE] = { 1 };

	chain_start(a, "ab", "c", "", 0);
	chain_start(b, "a", "bc", "", 0);
	cr_expect(memcmp(a, b, HASH_SIZE), "station and installation");
	chain_start(b, "ab", "c", "\0", 1);
	cr_expect(memcmp(a, b, HASH_SIZE), "key");

	chain_link(a, zero, 1, 2, "open", 3, zero);
	chain_link(b, one, 1, 2, "open", 3, zero);
	cr_expect(memcmp(a, b, HASH_SIZE), "prev");
	chain_link(b, zero, 2, 2, "open", 3, zero);
	cr_expect(memcmp(a, b, HASH_SIZE), "seq");
	chain_link(b, zero, 1, -2, "open", 3, zero);
	cr_expect(memcmp(a, b, HASH_SIZE), "time");
	chain_link(b, zero, 1, 2, "opens", 3, zero);
	cr_expect(memcmp(a, b, HASH_SIZE), "kind");
	chain_link(b, zero, 1, 2, "open", 4, zero);
	cr_expect(memcmp(a, b, HASH_SIZE), "length");
	chain_link(b, zero, 1, 2, "open", 3, one);
	cr_expect(memcmp(a, b, HASH_SIZE), "digest");
	chain_link(b, zero, 1, 2, "open", 3, zero);
	cr_expect(!memcmp(a, b, HASH_SIZE), "same again");
}
