#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/sample_run.h"

TestSuite(report_html, .timeout = 20);

static struct arena arena;

static void write_sample(struct sbuf *out, enum sample which)
{
	const struct report_writer *w = report_find("html");
	struct report_history h;
	struct err err = { 0 };
	struct unit_run r;

	sample_run(&r, which);
	sample_history(&h, &arena, which);
	cr_assert_eq(w->write(out, &r, &h, &err), 0, "%s", err.text);
	cr_expect(sample_golden(w, which, out));
	run_release(&r);
	arena_free(&arena);
}

Test(report_html, golden)
{
	for (int i = 0; i < SAMPLE_COUNT; i++) {
		struct sbuf out = { 0 };

		write_sample(&out, (enum sample)i);
		sbuf_release(&out);
	}
}
