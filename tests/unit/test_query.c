/* What a front-end asks the record, as children answer it. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "floor/query.h"
#include "store_make.h"

TestSuite(query, .timeout = 60);

static struct conf conf;
static struct station st;
static struct queries *queries;
static struct store *store;

/* The reply, one line for each row, cells parted by '|'. */
static struct sbuf said;
static int answered, ok;
static char code[32];

static void begin(void)
{
	struct err err = { 0 };

	place_make(&place);
	conf.database = place.path;
	conf.id = "ST-07";
	conf.scan_aim = "strip";
	conf.scan_prefix = conf.scan_suffix = NULL;
	st = (struct station){ .conf = &conf, .loop = loop_new() };
	queries = queries_new(&st);
	cr_assert_eq(store_open(&store, place.path, STORE_WRITE, conf.id, &err), 0, "%s", err.text);
}

static void end(void)
{
	cr_expect_eq(queries_busy(queries), 0);
	queries_free(queries);
	store_close(store);
	loop_free(st.loop);
	place_drop(&place);
	sbuf_release(&said);
}

static void told(void *payload, uint64_t whose, const struct floor_message *m)
{
	(void)payload;
	cr_expect_eq(whose, 5);
	cr_expect_eq(m->reply.id, 9);
	for (size_t i = 0; i < m->reply.rows; i++)
		for (size_t k = 0; m->reply.row[i][k]; k++)
			sbuf_printf(&said, "%s%s", m->reply.row[i][k],
				    m->reply.row[i][k + 1] ? "|" : "\n");
	if (m->more)
		return;
	sbuf_printf(&said, "%s\n", m->reply.text);
	ok = m->reply.ok;
	snprintf(code, sizeof(code), "%s", m->reply.code);
	answered = 1;
}

static const char *ask(struct floor_command c)
{
	int64_t until = clock_ns() + 20000000000;
	struct err err = { 0 };

	c.id = 9;
	if (!c.len && c.text)
		c.len = strlen(c.text);
	sbuf_reset(&said);
	answered = ok = 0;
	cr_assert_eq(queries_ask(queries, &c, told, NULL, 5, &err), 0, "%s", err.text);
	while (!answered && clock_ns() < until)
		loop_turn(st.loop, until);
	cr_assert(answered, "no answer");
	return sbuf_str(&said);
}

Test(query, what_is_no_run_of_a_unit_is_told_and_never_another_unit, .init = begin, .fini = end)
{
	struct err err = { 0 };
	static const struct floor_command none[] = {
		{ .what = FLOOR_DO_RUNS, .text = "" },
		{ .what = FLOOR_DO_RUNS, .text = "AS" },
		{ .what = FLOOR_DO_RUNS, .text = "AS1\0x", .len = 5 },
		{ .what = FLOOR_DO_RUNS, .text = "AS1", .product = "another" },
		{ .what = FLOOR_DO_RUNS, .text = "AS1", .process = "another" },
		{ .what = FLOOR_DO_RUNS, .text = "' OR 1=1 --" },
	};

	cr_assert_eq(make_recorded(NULL, store, place.plan, "AS1", VERDICT_PASS, &err), 0);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		ask(none[i]);
		cr_expect(!ok && !strcmp(code, "not_found"), "%zu: %s %s", i, code,
			  sbuf_str(&said));
		cr_expect_null(strchr(sbuf_str(&said), '|'), "%zu: %s", i, sbuf_str(&said));
	}
	cr_expect_eq(queries_ask(queries, &(struct floor_command){ .what = FLOOR_DO_STOP }, told,
				 NULL, 5, &err),
		     ERR_USAGE);
}

Test(query, runs_of_a_unit_are_listed_newest_first, .init = begin, .fini = end)
{
	struct err err = { 0 };
	struct unit_run golden;
	struct sbuf want = { 0 };
	char first[37], second[37];

	cr_assert_eq(make_recorded(first, store, place.plan, "AS1", VERDICT_FAIL, &err), 0);
	cr_assert_eq(make_recorded(NULL, store, place.plan, "AS10", VERDICT_PASS, &err), 0);
	cr_assert_eq(make_recorded(second, store, place.plan, "AS1", VERDICT_PASS, &err), 0);
	make_run(&golden, place.plan, "AS1");
	golden.mode = MODE_GOLDEN;
	cr_assert_eq(make_whole(store, &golden, VERDICT_PASS, &err), 0);
	ask((struct floor_command){ .what = FLOOR_DO_RUNS, .text = "AS1" });
	cr_expect(ok, "%s", sbuf_str(&said));
	for (int i = 0; i < 3; i++)
		sbuf_printf(&want, "%s|%d|2026-01-05 08:00:00 UTC|%s|%s|1|ST-07|%s|%s\n",
			    i == 0   ? golden.id
			    : i == 1 ? second
				     : first,
			    i == 0   ? 0
			    : i == 1 ? 2
				     : 1,
			    i == 2 ? "FAIL" : "PASS", i == 2 ? "s3#1:ERR_TIMEOUT" : "",
			    place.plan->product, place.plan->process);
	sbuf_puts(&want, "3 runs\n");
	cr_expect_str_eq(sbuf_str(&said), sbuf_str(&want));
	ask((struct floor_command){ .what = FLOOR_DO_RUNS,
				    .text = "AS1",
				    .product = place.plan->product,
				    .process = place.plan->process });
	cr_expect_str_eq(sbuf_str(&said), sbuf_str(&want));
	run_release(&golden);
	sbuf_release(&want);
}

Test(query, a_unit_is_found_by_its_label_and_by_part_of_its_serial, .init = begin, .fini = end)
{
	struct err err = { 0 };
	static const struct {
		const char *text;
		size_t len;
		const char *found; /* the first line begins so */
	} row[] = {
		{ "]d20104012345678901\x1d"
		  "21AS26",
		  0, "AS26|" },
		{ "\x1d"
		  "010401234567890121AS26\x1d"
		  "10LOT7",
		  0, "AS26|" },
		{ "(01)04012345678901(21)AS26", 0, "AS26|" },
		{ "AS26", 0, "AS26|" },
		{ "S26", 0, "AS26|" },
		{ "(01)04012345678901(21)AS27", 0, "0 units" },
		{ "(01)04012345678901", 0, "0 units" },
		{ "AS26\0x", 6, "AS26|" },
		{ "_", 0, "0 units" },
		{ "%", 0, "0 units" },
	};

	cr_assert_eq(make_recorded(NULL, store, place.plan, "AS26", VERDICT_PASS, &err), 0);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ask((struct floor_command){
			.what = FLOOR_DO_FIND, .text = row[i].text, .len = row[i].len });
		cr_expect(ok && !strncmp(sbuf_str(&said), row[i].found, strlen(row[i].found)),
			  "%zu: %s", i, sbuf_str(&said));
	}
	/* A label has one unit; bytes that may be a serial or a label have two. */
	cr_assert_eq(make_recorded(NULL, store, place.plan, "12", VERDICT_PASS, &err), 0);
	cr_assert_eq(make_recorded(NULL, store, place.plan, "2112", VERDICT_PASS, &err), 0);
	cr_assert_eq(make_recorded(NULL, store, place.plan, "12", VERDICT_FAIL, &err), 0);
	ask((struct floor_command){ .what = FLOOR_DO_FIND, .text = "]d22112" });
	cr_expect(strstr(sbuf_str(&said), "12|") == sbuf_str(&said) &&
			  strstr(sbuf_str(&said), "|2|FAIL|") &&
			  strstr(sbuf_str(&said), "\n1 unit\n"),
		  "%s", sbuf_str(&said));
	ask((struct floor_command){ .what = FLOOR_DO_FIND, .text = "2112" });
	cr_expect(!strncmp(sbuf_str(&said), "2112|", 5) && strstr(sbuf_str(&said), "\n12|") &&
			  strstr(sbuf_str(&said), "\n2 units\n"),
		  "%s", sbuf_str(&said));
	ask((struct floor_command){ .what = FLOOR_DO_FIND, .text = "010401234567890121AS26" });
	cr_expect(!strncmp(sbuf_str(&said), "AS26|", 5), "no mark: %s", sbuf_str(&said));
	conf.scan_prefix = "<";
	conf.scan_suffix = ">";
	ask((struct floor_command){ .what = FLOOR_DO_FIND, .text = "<AS26>" });
	cr_expect(ok && !strncmp(sbuf_str(&said), "AS26|", 5), "%s", sbuf_str(&said));
}
