#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <jansson.h>

#include "tests/unit/sample_run.h"

TestSuite(report_json, .timeout = 20);

Test(report_json, golden)
{
	for (int i = 0; i < SAMPLE_COUNT; i++) {
		struct sbuf out = { 0 };

		sample_report(&out, "json", (enum sample)i);
		cr_expect(sample_golden(report_find("json"), (enum sample)i, &out));
		sbuf_release(&out);
	}
}

static json_t *parse(const struct sbuf *out)
{
	json_error_t e;
	json_t *j = json_loadb(out->data, out->len, JSON_REJECT_DUPLICATES, &e);

	cr_assert(j, "%s at %d", e.text, e.position);
	return j;
}

Test(report_json, one_line_with_the_place_in_the_chain)
{
	struct sbuf out = { 0 };
	json_t *j;

	sample_report(&out, "json", SAMPLE_FAIL);
	cr_expect_eq(strchr(sbuf_str(&out), '\n'), out.data + out.len - 1);
	j = parse(&out);
	cr_expect_eq(json_integer_value(json_object_get(j, "seq")), 20417);
	cr_expect_eq(strlen(json_string_value(json_object_get(j, "hash"))), 64);
	cr_expect_eq(strlen(json_string_value(json_object_get(j, "prev_hash"))), 64);
	cr_expect_str_eq(json_string_value(json_object_get(j, "station")), "ST-07");
	cr_expect(json_object_get(j, "installation"));
	json_decref(j);
	sbuf_release(&out);
}

/* Limits are numbers, values keep all their digits, parameters stay an object. */
Test(report_json, limits_are_data)
{
	struct sbuf out = { 0 };
	json_t *j, *step, *m;

	sample_report(&out, "json", SAMPLE_FAIL);
	j = parse(&out);
	step = json_array_get(json_object_get(j, "steps"), 3);
	cr_expect_eq(
		json_integer_value(json_object_get(json_object_get(step, "params"), "duration")),
		5);
	m = json_array_get(
		json_object_get(json_array_get(json_object_get(step, "attempts"), 0), "measures"),
		0);
	cr_expect_eq(json_number_value(json_object_get(m, "value")), 31.62);
	cr_expect_eq(json_number_value(json_object_get(m, "lo")), 18);
	cr_expect_eq(json_number_value(json_object_get(m, "warn_lo")), 22);
	cr_expect(json_is_null(json_object_get(m, "hi")));
	cr_expect_str_eq(json_string_value(json_object_get(m, "comparator")), ">=");
	json_decref(j);
	sbuf_release(&out);
}

Test(report_json, numbers_that_are_none)
{
	struct sbuf out = { 0 };
	struct err err = { 0 };
	struct unit_run r;
	struct measure *m;
	json_t *j;

	sample_run(&r, SAMPLE_FAIL);
	r.seq = (INT64_C(1) << 53) + 1;
	r.step[0].params = "[1]";
	r.step[1].params = "{\"broken\"";
	m = &r.step[3].attempt[0].measure[0];
	m->num = __builtin_nan("");
	m->lo = __builtin_inf();
	cr_assert_eq(report_find("json")->write(&out, &r, NULL, &err), 0);
	j = parse(&out);
	cr_expect_str_eq(json_string_value(json_object_get(j, "seq")), "9007199254740993");
	cr_expect(strstr(sbuf_str(&out), "\"value\":null,\"reason\":\"not finite\""));
	cr_expect_eq(json_object_size(json_object_get(
			     json_array_get(json_object_get(j, "steps"), 0), "params")),
		     0);
	json_decref(j);
	run_release(&r);
	sbuf_release(&out);
}

Test(report_json, hostile_texts)
{
	for (size_t i = 0; i < sample_hostile_texts; i++) {
		struct sbuf out = { 0 };
		char name[32];

		sample_report_hostile(&out, "json", SAMPLE_FAIL, sample_hostile_text[i]);
		json_decref(parse(&out));
		snprintf(name, sizeof(name), "hostile-%zu", i);
		sample_emit(name, "json", &out);
		sbuf_release(&out);
	}
}
