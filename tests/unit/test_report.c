#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "reports/facts.h"
#include "tests/unit/sample_run.h"

/* What holds for every writer, and the files they are saved in. */
TestSuite(report, .timeout = 20);

Test(report, table_rows)
{
	for (size_t i = 0; i < report_table_size; i++) {
		const struct report_writer *w = report_table[i];

		cr_expect_eq(report_find(w->name), w, "%s: name is taken", w->name);
		cr_expect(w->extension && *w->extension && w->write);
		cr_expect(w->summary && w->summary[strlen(w->summary) - 1] != '.', "%s", w->name);
		for (size_t k = 0; k < i; k++)
			cr_expect_str_neq(report_table[k]->extension, w->extension);
	}
	cr_expect_null(report_find("pdf"));
}

Test(report, same_record_same_bytes)
{
	for (size_t i = 0; i < report_table_size; i++)
		for (int k = 0; k < SAMPLE_COUNT; k++) {
			struct sbuf one = { 0 }, two = { 0 };

			sample_report(&one, report_table[i]->name, (enum sample)k);
			sample_report(&two, report_table[i]->name, (enum sample)k);
			cr_expect_eq(one.len, two.len);
			cr_expect_str_eq(sbuf_str(&one), sbuf_str(&two));
			sbuf_release(&one);
			sbuf_release(&two);
		}
}

Test(report, verdict_is_in_words_and_never_pass_by_mistake)
{
	for (size_t i = 0; i < report_table_size; i++)
		for (int v = VERDICT_NONE; v < VERDICT_END_; v++) {
			struct sbuf out = { 0 };
			struct err err = { 0 };
			struct unit_run r;

			sample_run(&r, SAMPLE_PASS);
			r.verdict = (enum verdict)v;
			cr_assert_eq(report_table[i]->write(&out, &r, NULL, &err), 0);
			cr_expect(strstr(sbuf_str(&out), verdict_word(r.verdict)));
			if (v != VERDICT_PASS)
				cr_expect_null(strstr(sbuf_str(&out), "Every planned step"));
			sbuf_release(&out);
			run_release(&r);
		}
}

/* Nothing planned, nothing known: a report all the same, and it does not say PASS. */
Test(report, empty_run)
{
	for (size_t i = 0; i < report_table_size; i++) {
		struct unit_run r = { .verdict = VERDICT_ERROR, .blame = BLAME_PLAN };
		struct sbuf out = { 0 };
		struct err err = { 0 };

		cr_assert_eq(report_table[i]->write(&out, &r, NULL, &err), 0);
		cr_expect(strstr(sbuf_str(&out), "ERROR"));
		cr_expect_null(strstr(sbuf_str(&out), "(null)"));
		cr_expect_null(strstr(sbuf_str(&out), "PASS"), "%s", report_table[i]->name);
		sbuf_release(&out);
	}
}

Test(report, path)
{
	const struct report_writer *w = report_find("html");
	struct arena a = { 0 };
	struct unit_run r;

	sample_run(&r, SAMPLE_FAIL);
	cr_expect_str_eq(report_path(&a, "var/reports", &r, w),
			 "var/reports/2026-01-05/AS2601004711_FCT_3f9a22c1.html");
	run_release(&r);
	arena_free(&a);
}

Test(report, path_of_hostile_texts_stays_in_its_folder)
{
	for (size_t i = 0; i < sample_hostile_texts; i++) {
		struct arena a = { 0 };
		struct unit_run r;
		const char *path;

		sample_hostile(&r, SAMPLE_FAIL, sample_hostile_text[i]);
		path = report_path(&a, "var", &r, report_find("text"));
		cr_assert_eq(strncmp(path, "var/2026-01-05/", 15), 0, "%s", path);
		cr_expect_null(strchr(path + 15, '/'), "%s", path);
		cr_expect_null(strstr(path, ".."), "%s", path);
		cr_expect_eq(path[15 + strspn(path + 15, "abcdefghijklmnopqrstuvwxyz"
							 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							 "0123456789-_.~")],
			     '\0', "%s", path);
		cr_expect_lt(strlen(path + 15), 255);
		run_release(&r);
		arena_free(&a);
	}
}

Test(report, two_hostile_serials_give_two_names)
{
	struct arena a = { 0 };
	struct unit_run r;
	const char *one;

	sample_run(&r, SAMPLE_FAIL);
	r.serial = "A/B";
	one = report_path(&a, "var", &r, report_find("text"));
	r.serial = "A:B";
	cr_expect_str_neq(one, report_path(&a, "var", &r, report_find("text")));
	run_release(&r);
	arena_free(&a);
}

static char folder[64];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/station-report-XXXXXX");
	cr_assert(mkdtemp(folder));
}

Test(report, save_replaces_the_whole_file)
{
	const struct report_writer *w = report_find("text");
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *path;
	struct unit_run r;
	char *text;
	size_t len;

	make_folder();
	sample_run(&r, SAMPLE_PASS);
	for (int i = 0; i < 2; i++)
		cr_assert_eq(report_save(&path, &a, arena_printf(&a, "%s/a/b", folder), w, &r, NULL,
					 &err),
			     0, "%s", err.text);
	cr_assert_eq(file_read(&text, &len, &a, path, 1 << 20, &err), 0, "%s", err.text);
	cr_expect(strstr(text, "AS2601004711"));
	cr_assert_eq(system(arena_printf(&a, "test $(find %s -type f | wc -l) = 1", folder)), 0);
	cr_assert_eq(system(arena_printf(&a, "rm -r %s", folder)), 0);
	run_release(&r);
	arena_free(&a);
}

Test(report, save_where_nothing_can_be_written)
{
	const struct report_writer *w = report_find("json");
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *path = NULL;
	struct unit_run r;

	sample_run(&r, SAMPLE_PASS);
	cr_expect_eq(report_save(&path, &a, "/dev/full", w, &r, NULL, &err), ERR_FILE);
	cr_expect_str_eq(path, "/dev/full/2026-01-05/AS2601004711_FCT_3f9a22c1.json");
	cr_expect(strstr(err.text, "/dev/full"), "%s", err.text);
	cr_expect_eq(err_blame(err.code), BLAME_STATION);
	err = (struct err){ 0 };
	cr_expect_eq(report_save(&path, &a, "/proc/self", w, &r, NULL, &err), ERR_FILE);
	run_release(&r);
	arena_free(&a);
}

/* A disk that fills up in the middle: the older report stays as it was. */
Test(report, save_on_a_full_disk)
{
	const struct report_writer *w = report_find("html");
	struct rlimit small = { 4096, RLIM_INFINITY };
	struct arena a = { 0 };
	struct err err = { 0 };
	char *before, *after;
	const char *path;
	struct unit_run r;
	size_t n, m;

	make_folder();
	sample_run(&r, SAMPLE_PASS);
	cr_assert_eq(report_save(&path, &a, folder, w, &r, NULL, &err), 0);
	cr_assert_eq(file_read(&before, &n, &a, path, 1 << 20, &err), 0);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	r.operator= "another"; /* another text under the same name */
	cr_expect_eq(report_save(&path, &a, folder, w, &r, NULL, &err), ERR_FILE);
	cr_expect(strstr(err.text, "report html:"), "%s", err.text);
	cr_assert_eq(file_read(&after, &m, &a, path, 1 << 20, &err), 0);
	cr_expect_eq(n, m);
	cr_expect_str_eq(before, after);
	small.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &small);
	cr_assert_eq(system(arena_printf(&a, "test $(find %s -type f | wc -l) = 1", folder)), 0);
	cr_assert_eq(system(arena_printf(&a, "rm -r %s", folder)), 0);
	run_release(&r);
	arena_free(&a);
}

/* What comes back from the stored body gives the report that the run gave. */
Test(report, from_the_record)
{
	for (int k = 0; k < SAMPLE_COUNT; k++) {
		struct sbuf body = { 0 };
		struct err err = { 0 };
		struct unit_run made, read;

		sample_run(&made, (enum sample)k);
		run_to_json(&body, &made);
		cr_assert_eq(run_from_json(&read, body.data, body.len, &err), 0, "%s", err.text);
		/* what the store sets beside the body */
		read.open_seq = made.open_seq;
		read.seq = made.seq;
		memcpy(read.prev_hash, made.prev_hash, sizeof(read.prev_hash));
		memcpy(read.hash, made.hash, sizeof(read.hash));
		for (size_t i = 0; i < report_table_size; i++) {
			struct sbuf one = { 0 }, two = { 0 };

			report_table[i]->write(&one, &made, NULL, &err);
			report_table[i]->write(&two, &read, NULL, &err);
			cr_expect_str_eq(sbuf_str(&one), sbuf_str(&two), "%s, %s", sample_names[k],
					 report_table[i]->name);
			sbuf_release(&one);
			sbuf_release(&two);
		}
		sbuf_release(&body);
		run_release(&made);
		run_release(&read);
	}
}

/* The hashes of an image set would fill the page; JSON has them all. */
Test(report, a_long_series_is_named_once_on_paper)
{
	static const char *const paper[] = { "text", "html" };

	for (size_t i = 0; i < 3; i++) {
		struct sbuf out = { 0 };
		struct err err = { 0 };
		struct unit_run r;

		sample_run(&r, SAMPLE_PASS);
		for (int k = 1; k <= FACTS_SERIES + 1; k++) {
			struct measure *m = run_measure_add(&r, &r.step[0].attempt[0]);

			m->name = arena_printf(&r.arena, "hash.%d", k);
			m->type = VALUE_TEXT;
			m->has = 1;
			m->text = arena_printf(&r.arena, "value%d", k);
		}
		cr_assert_eq(report_find(i < 2 ? paper[i] : "json")->write(&out, &r, NULL, &err),
			     0);
		cr_expect_eq(strstr(sbuf_str(&out), "value7") != NULL, i == 2, "%zu", i);
		cr_expect_eq(strstr(sbuf_str(&out), "hash.1 to .7") != NULL, i < 2, "%zu", i);
		sbuf_release(&out);
		run_release(&r);
	}
}

Test(report, a_short_series_is_shown)
{
	struct sbuf out = { 0 };
	struct err err = { 0 };
	struct unit_run r;

	sample_run(&r, SAMPLE_PASS);
	for (int k = 1; k <= FACTS_SERIES; k++) {
		struct measure *m = run_measure_add(&r, &r.step[0].attempt[0]);

		m->name = arena_printf(&r.arena, "hash.%d", k);
		m->type = VALUE_TEXT;
		m->has = 1;
		m->text = arena_printf(&r.arena, "value%d", k);
	}
	cr_assert_eq(report_find("text")->write(&out, &r, NULL, &err), 0);
	cr_expect(strstr(sbuf_str(&out), "value6"));
	sbuf_release(&out);
	run_release(&r);
}
