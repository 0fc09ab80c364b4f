#include <criterion/criterion.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "reports/export.h"
#include "tests/unit/sample_run.h"

TestSuite(export, .timeout = 20);

/* Runs one at a time: the one before is gone when the next is asked for. */
struct feed {
	int given, count;
	const char *text; /* hostile, or NULL */
	int fail_after;   /* -1: never */
	struct unit_run run;
};

static int feed_next(const struct unit_run **run, void *payload, struct err *err)
{
	struct feed *f = payload;
	enum sample which = (enum sample)(f->given % SAMPLE_COUNT);

	run_release(&f->run);
	if (f->given == f->fail_after)
		return err_set(err, ERR_CORRUPT, "run %d is damaged", f->given);
	if (f->given == f->count)
		return 0;
	if (f->text)
		sample_hostile(&f->run, which, f->text);
	else
		sample_run(&f->run, which);
	f->run.seq = 100 + f->given++;
	*run = &f->run;
	return 1;
}

static const struct export_origin origin = {
	.station = "ST-07",
	.installation = "5b0e6f0a-5d0c-4a4e-9d3a-2f6f1f0c7a11",
	.head_seq = 20417,
	.head_hash = "3f9a22c19bf29fcd291069113e701bbe121a45b73707e19ed34c3f266624669a",
};
static const struct export_form plain;

static struct feed feed_of(int count, const char *text)
{
	return (struct feed){ .count = count, .text = text, .fail_after = -1 };
}

static void csv(struct sbuf *runs, struct sbuf *measures, struct feed *f,
		const struct export_form *form)
{
	struct export_source src = { feed_next, f };
	struct export_sum sum;
	struct err err = { 0 };
	char *a, *b;
	size_t a_len, b_len;
	FILE *fa = open_memstream(&a, &a_len), *fb = open_memstream(&b, &b_len);

	cr_assert_eq(export_csv(&sum, fa, fb, &src, form, &err), 0, "%s", err.text);
	cr_expect_eq(sum.runs, f->count);
	fclose(fa);
	fclose(fb);
	sbuf_add(runs, a, a_len);
	sbuf_add(measures, b, b_len);
	free(a);
	free(b);
}

/* A reader of RFC 4180: the cells of the row at *p, unguarded; rows end in CR LF. */
static size_t read_row(char *cell[64], const char **p, struct arena *a, char separator)
{
	size_t n = 0;

	for (;;) {
		struct sbuf b = { 0 };
		int quoted = **p == '"';

		*p += quoted;
		for (; **p; (*p)++) {
			if (quoted && (*p)[0] == '"' && (*p)[1] == '"')
				(*p)++;
			else if (quoted ? **p == '"' : **p == separator || **p == '\r')
				break;
			sbuf_putc(&b, **p);
		}
		*p += quoted;
		cr_assert_lt(n, 64);
		cell[n++] = arena_strdup(a, sbuf_str(&b) + (quoted && sbuf_str(&b)[0] == '\''));
		sbuf_release(&b);
		if (**p != separator)
			break;
		(*p)++;
	}
	cr_assert_eq(strncmp(*p, "\r\n", 2), 0, "row ends in '%.4s'", *p);
	*p += 2;
	return n;
}

static int column(char *const head[64], size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(head[i], name))
			return (int)i;
	cr_assert_fail("no column %s", name);
	return -1;
}

Test(export, csv_rows)
{
	struct feed f = feed_of(SAMPLE_COUNT, NULL);
	struct sbuf runs = { 0 }, measures = { 0 };
	char *head[64], *cell[64];
	struct arena a = { 0 };
	const char *p;
	size_t n, rows = 0;
	double rate = 0;

	csv(&runs, &measures, &f, &plain);
	p = sbuf_str(&runs);
	n = read_row(head, &p, &a, ',');
	for (; *p; rows++) {
		cr_assert_eq(read_row(cell, &p, &a, ','), n);
		cr_expect_str_eq(cell[column(head, n, "serial")], "AS2601004711");
		cr_expect_str_eq(cell[column(head, n, "started")], "2026-01-05T08:00:00.000Z");
	}
	cr_expect_eq(rows, SAMPLE_COUNT);
	p = sbuf_str(&measures);
	n = read_row(head, &p, &a, ',');
	for (rows = 0; *p; rows++) {
		cr_assert_eq(read_row(cell, &p, &a, ','), n);
		if (!strcmp(cell[column(head, n, "measure")], "rate"))
			rate = strtod(cell[column(head, n, "value")], NULL);
	}
	cr_expect_eq(rows, 19 + 19 + 11 + 2 + 6);
	cr_expect_eq(rate, 31.62);
	sbuf_release(&runs);
	sbuf_release(&measures);
	arena_free(&a);
}

/* What was written comes back, and no cell begins as a formula does. */
Test(export, csv_hostile_texts_round_trip)
{
	static const char *const more[] = { "'=1", "-5",    "+1",  "@x",
					    "\tx", "a,b;c", "1-2", "a\"b\r\nc" };

	for (size_t i = 0; i < sample_hostile_texts + 8; i++) {
		const char *text = i < 8 ? more[i] : sample_hostile_text[i - 8];
		struct feed f = feed_of(1, text);
		struct sbuf runs = { 0 }, measures = { 0 };
		char *head[64], *cell[64];
		struct arena a = { 0 };
		const char *p;
		size_t n;

		csv(&runs, &measures, &f, &plain);
		sample_emit(arena_printf(&a, "export-runs-%zu", i), "csv", &runs);
		sample_emit(arena_printf(&a, "export-measurements-%zu", i), "csv", &measures);
		p = sbuf_str(&runs);
		n = read_row(head, &p, &a, ',');
		for (const char *q = p; *q; q++) /* not even inside quotes */
			cr_expect_not((q[-1] == ',' || (q[-1] == '"' && q[-2] == ',')) &&
					      strchr("=+-@\t\r", *q),
				      "%zu: %.20s", i, q);
		cr_assert_eq(read_row(cell, &p, &a, ','), n);
		if (strcmp(text, "10k"))
			cr_expect_str_eq(cell[column(head, n, "serial")], text);
		else
			cr_expect_eq(strlen(cell[column(head, n, "serial")]), 10000);
		cr_expect_eq(*p, '\0');
		sbuf_release(&runs);
		sbuf_release(&measures);
		arena_free(&a);
	}
}

static int once(const struct unit_run **run, void *payload, struct err *err)
{
	const struct unit_run **left = payload;

	(void)err;
	*run = *left;
	*left = NULL;
	return *run != NULL;
}

/* Numbers are never guarded, and keep all their digits; what is no number is empty. */
Test(export, csv_numbers)
{
	struct unit_run r;
	const struct unit_run *left = &r;
	struct export_source src = { once, &left };
	struct export_sum sum;
	struct err err = { 0 };
	char *text;
	size_t len;
	FILE *null = fopen("/dev/null", "w"), *out = open_memstream(&text, &len);

	sample_run(&r, SAMPLE_FAIL);
	r.step[1].attempt[0].measure[0].num = -0.1 - 0.2;
	r.step[1].attempt[0].measure[0].lo = __builtin_inf();
	r.step[1].attempt[0].measure[0].has_lo = 1;
	cr_assert_eq(export_csv(&sum, null, out, &src, &plain, &err), 0);
	fclose(out);
	fclose(null);
	cr_expect(strstr(text, ",duration,number,-0.30000000000000004,,s,<=,,120,"), "%s", text);
	cr_expect(strstr(text, ",rate,number,31.62,,Mbit/s,>=,18,,22,,>= 18 Mbit/s,PASS,no,"));
	cr_expect(strstr(text, ",stable,yes/no,1,,,\"'==\",,,,,\"'== yes\",PASS,no,"));
	free(text);
	run_release(&r);
}

Test(export, csv_for_excel)
{
	struct export_form form = { .separator = ';', .bom = 1 };
	struct feed f = feed_of(1, "a;b,c");
	struct sbuf runs = { 0 }, measures = { 0 };

	csv(&runs, &measures, &f, &form);
	cr_expect_eq(strncmp(sbuf_str(&runs), "\xef\xbb\xbfschema;run;", 14), 0);
	cr_expect_eq(strncmp(sbuf_str(&measures), "\xef\xbb\xbfrun;seq;", 11), 0);
	cr_expect(strstr(sbuf_str(&runs), ";\"a;b,c\";"));
	sbuf_release(&runs);
	sbuf_release(&measures);
}

Test(export, jsonl_is_the_json_report_line_by_line)
{
	struct feed f = feed_of(SAMPLE_COUNT, NULL);
	struct export_source src = { feed_next, &f };
	struct export_sum sum;
	struct err err = { 0 };
	char *text, *save = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int n = 0;

	cr_assert_eq(export_jsonl(&sum, out, &src, &err), 0, "%s", err.text);
	fclose(out);
	cr_expect_eq(sum.runs, SAMPLE_COUNT);
	cr_expect_eq(sum.first_seq, 100);
	cr_expect_eq(sum.last_seq, 100 + SAMPLE_COUNT - 1);
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save), n++) {
		json_t *j = json_loads(l, JSON_REJECT_DUPLICATES, NULL);

		cr_assert(j);
		cr_expect_eq(json_integer_value(json_object_get(j, "seq")), 100 + n);
		json_decref(j);
	}
	cr_expect_eq(n, SAMPLE_COUNT);
	free(text);
}

/* --- files --- */

static char folder[64];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/station-export-XXXXXX");
	cr_assert(mkdtemp(folder));
}

static int files_in_folder(void)
{
	struct arena a = { 0 };
	FILE *p = popen(arena_printf(&a, "find %s -type f | wc -l", folder), "r");
	int n = -1;

	cr_assert(p);
	cr_assert_eq(fscanf(p, "%d", &n), 1);
	pclose(p);
	arena_free(&a);
	return n;
}

static void remove_folder(void)
{
	struct arena a = { 0 };

	cr_assert_eq(system(arena_printf(&a, "rm -r %s", folder)), 0);
	arena_free(&a);
}

static char *read_file(struct arena *a, const char *name, size_t *len)
{
	struct err err = { 0 };
	char *text;

	cr_assert_eq(
		file_read(&text, len, a, arena_printf(a, "%s/%s", folder, name), 1 << 24, &err), 0,
		"%s", err.text);
	return text;
}

static int save(enum export_format format, int count, int fail_after, struct err *err)
{
	struct feed f = { .count = count, .fail_after = fail_after };
	struct export_source src = { feed_next, &f };
	struct export_sum sum;
	int r = export_save(&sum, folder, format, &plain, &origin, &src, err);

	run_release(&f.run);
	return r;
}

Test(export, meta_names_what_it_is_an_extract_of)
{
	for (int format = 0; format < EXPORT_END_; format++) {
		struct arena a = { 0 };
		struct err err = { 0 };
		json_t *j, *file;
		size_t len, i;
		char *text;

		make_folder();
		cr_assert_eq(save((enum export_format)format, 7, -1, &err), 0, "%s", err.text);
		text = read_file(&a, "export.meta.json", &len);
		j = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
		cr_assert(j);
		cr_expect_str_eq(json_string_value(json_object_get(j, "format")),
				 export_format_word((enum export_format)format));
		cr_expect_eq(json_integer_value(json_object_get(j, "schema")), RUN_SCHEMA);
		cr_expect_eq(json_integer_value(json_object_get(j, "runs")), 7);
		cr_expect_eq(json_integer_value(json_object_get(j, "first_seq")), 100);
		cr_expect_eq(json_integer_value(json_object_get(j, "last_seq")), 106);
		cr_expect_str_eq(json_string_value(json_object_get(j, "head_hash")),
				 origin.head_hash);
		cr_expect_str_eq(json_string_value(json_object_get(j, "station")), "ST-07");
		json_array_foreach(json_object_get(j, "files"), i, file)
		{
			uint8_t hash[HASH_SIZE];
			char hex[HASH_TEXT];

			text = read_file(&a, json_string_value(json_object_get(file, "name")),
					 &len);
			hash_bytes(hash, text, len);
			cr_expect_eq(json_integer_value(json_object_get(file, "bytes")),
				     (int64_t)len);
			cr_expect_str_eq(json_string_value(json_object_get(file, "sha256")),
					 hash_print(hex, hash));
		}
		cr_expect_eq(files_in_folder(),
			     1 + (int)json_array_size(json_object_get(j, "files")));
		json_decref(j);
		remove_folder();
		arena_free(&a);
	}
}

Test(export, same_records_same_bytes)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	char *one, *two;
	size_t n, m;

	make_folder();
	cr_assert_eq(save(EXPORT_CSV, 10, -1, &err), 0);
	one = read_file(&a, "export.meta.json", &n); /* holds the hashes of the others */
	cr_assert_eq(save(EXPORT_CSV, 10, -1, &err), 0);
	two = read_file(&a, "export.meta.json", &m);
	cr_expect_eq(n, m);
	cr_expect_str_eq(one, two);
	remove_folder();
	arena_free(&a);
}

/* A source that breaks off leaves the older export whole and nothing beside it. */
Test(export, a_damaged_run_ends_it)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	char *one, *two;
	size_t n;

	make_folder();
	cr_assert_eq(save(EXPORT_CSV, 3, -1, &err), 0);
	one = read_file(&a, "runs.csv", &n);
	cr_expect_eq(save(EXPORT_CSV, 5, 4, &err), ERR_CORRUPT);
	cr_expect_str_eq(err.text, "run 4 is damaged");
	two = read_file(&a, "runs.csv", &n);
	cr_expect_str_eq(one, two);
	cr_expect_eq(files_in_folder(), 3);
	remove_folder();
	arena_free(&a);
}

Test(export, full_disk)
{
	struct rlimit small = { 4096, RLIM_INFINITY };
	struct err err = { 0 };

	make_folder();
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	cr_expect_eq(save(EXPORT_CSV, 10, -1, &err), ERR_FILE);
	cr_expect(strstr(err.text, "File too large"), "%s", err.text);
	err = (struct err){ 0 };
	cr_expect_eq(save(EXPORT_JSONL, 10, -1, &err), ERR_FILE);
	cr_expect_eq(err_blame(err.code), BLAME_STATION);
	cr_expect_eq(files_in_folder(), 0);
	small.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &small);
	remove_folder();
}

Test(export, dev_full)
{
	struct feed f = feed_of(10, NULL);
	struct export_source src = { feed_next, &f };
	struct export_sum sum;
	struct err err = { 0 };
	FILE *full = fopen("/dev/full", "w"), *null = fopen("/dev/null", "w");

	cr_assert(full && null);
	cr_expect_eq(export_jsonl(&sum, full, &src, &err), ERR_FILE);
	run_release(&f.run);
	f = feed_of(1, NULL);
	cr_expect_eq(export_csv(&sum, null, full, &src, &plain, &err), ERR_FILE);
	cr_expect(strstr(err.text, "No space left"), "%s", err.text);
	run_release(&f.run);
	fclose(full);
	fclose(null);
}

Test(export, formats)
{
	enum export_format f;

	cr_expect_eq(export_format_find(&f, "csv"), 0);
	cr_expect_eq(f, EXPORT_CSV);
	cr_expect_eq(export_format_find(&f, "jsonl"), 0);
	cr_expect_eq(f, EXPORT_JSONL);
	cr_expect_eq(export_format_find(&f, "xlsx"), -1);
}
