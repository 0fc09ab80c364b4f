#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/rng.h"

TestSuite(json, .timeout = 20);

Test(json, everything_in_order)
{
	struct sbuf b = { 0 };
	struct json j = { .out = &b };

	json_open(&j, NULL, '{');
	json_text(&j, "a", "x");
	json_open(&j, "list", '[');
	json_int(&j, NULL, INT64_MIN);
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_bool(&j, NULL, 2);
	json_none(&j, NULL);
	json_close(&j, ']');
	json_text(&j, "none", NULL);
	json_num(&j, "nan", NAN);
	json_num(&j, "inf", -INFINITY);
	json_num(&j, "x", 0.1);
	json_close(&j, '}');
	cr_expect_str_eq(sbuf_str(&b), "{\"a\":\"x\",\"list\":[-9223372036854775808,{},true,null],"
				       "\"none\":null,\"nan\":null,\"inf\":null,\"x\":0.1}");
	sbuf_release(&b);
}

Test(json, text_is_escaped_and_made_utf8)
{
	struct sbuf b = { 0 };
	struct json j = { .out = &b };

	json_text(&j, NULL, "\"\\/\n\r\t\x01\x7f \xc3\xa4 \xff \xed\xa0\x80");
	cr_expect_str_eq(sbuf_str(&b), "\"\\\"\\\\/\\n\\r\\t\\u0001\\u007f \xc3\xa4 \xef\xbf\xbd "
				       "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	sbuf_release(&b);
}

Test(json, any_bytes_are_valid_json_to_another_reader)
{
	struct rng r = { 3 };

	for (int round = 0; round < 2000; round++) {
		struct sbuf b = { 0 };
		struct json j = { .out = &b };
		char text[16] = "";
		json_error_t error;
		json_t *read;

		for (size_t i = 0; i + 1 < sizeof(text); i++)
			text[i] = (char)rng_next(&r);
		json_text(&j, NULL, text);
		read = json_loadb(b.data, b.len, JSON_DECODE_ANY, &error);
		cr_assert_not_null(read, "%s: %s", b.data, error.text);
		json_decref(read);
		sbuf_release(&b);
	}
}

Test(json, numbers_are_short_and_exact)
{
	static const struct {
		double x;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 1, "1" },
		{ 0.1, "0.1" },
		{ -2.5, "-2.5" },
		{ 18e6, "18000000" },
		{ 1e21, "1e+21" },
		{ 0.1 + 0.2, "0.30000000000000004" },
	};
	struct rng r = { 4 };
	char text[JSON_NUM];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_str_eq(json_num_print(text, rows[i].x), rows[i].text);
	for (int i = 0; i < 100000; i++) {
		union {
			uint64_t bits;
			double x;
		} u = { .bits = rng_next(&r) };

		if (isfinite(u.x))
			cr_assert_eq(strtod(json_num_print(text, u.x), NULL), u.x, "%s", text);
	}
}
