/* The plan reader, on step kinds and board families of this file's own: they
 * take the place of the tables of the program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "plan/plan.h"
#include "tests/unit/rows.h"

TestSuite(plan, .timeout = 20);

/* --- a kind that has everything, and families that have much or little --- */

struct radio_args {
	const char *nic, *images;
	struct param_list accept;
	struct param_pairs pairs;
	struct match *banner;
	int64_t for_ms, count, both;
	double rate;
};

#define TO(field) .offset = offsetof(struct radio_args, field)
static const struct param radio_params[] = {
	{ .name = "interface", .type = PARAM_TEXT, TO(nic), .preset = "eth0", .help = "h" },
	{ .name = "images", .type = PARAM_PATH, TO(images), .optional = 1, .help = "h" },
	{ .name = "accept", .type = PARAM_VERSIONS, TO(accept), .optional = 1, .help = "h" },
	{ .name = "pairs", .type = PARAM_PAIRS, TO(pairs), .optional = 1, .help = "h" },
	{ .name = "banner", .type = PARAM_PATTERN, TO(banner), .optional = 1, .help = "h" },
	{ .name = "for",
	  .type = PARAM_DURATION,
	  TO(for_ms),
	  .min = 1,
	  .max = 60000,
	  .preset = "1 s",
	  .help = "h" },
	{ .name = "count", .type = PARAM_INT, TO(count), .max = 9, .preset = "2", .help = "h" },
	{ .name = "both", .type = PARAM_BOOL, TO(both), .preset = "no", .help = "h" },
	{ .name = "rate",
	  .type = PARAM_NUM,
	  .dim = DIM_RATE,
	  TO(rate),
	  .preset = "1 Mbit/s",
	  .help = "h" },
	{ .name = NULL },
};
#undef TO

static const struct step_measure_row radio_measures[] = {
	{ .name = "rate", .type = VALUE_NUM, .unit = "Mbit/s", .help = "h" },
	{ .name = "version", .type = VALUE_VERSION, .help = "h" },
	{ .name = "mac", .type = VALUE_TEXT, .indexed = 1, .help = "h" },
	{ .name = "ok", .type = VALUE_BOOL, .help = "h" },
	{ .name = NULL },
};

static void radio_imply(const void *args,
			void (*add)(void *sink, const char *key, const char *measure,
				    const char *expr),
			void *sink)
{
	const struct radio_args *a = args;
	char expr[200] = "one of ";

	for (size_t i = 0; i < a->accept.count; i++) {
		strncat(expr, i ? ", " : "", sizeof(expr) - strlen(expr) - 1);
		strncat(expr, a->accept.item[i], sizeof(expr) - strlen(expr) - 1);
	}
	if (a->accept.count)
		add(sink, "accept", "version", expr);
	if (a->both)
		add(sink, NULL, "ok", "== yes");
}

static void radio_lint(const void *args, const struct step_lint *l)
{
	const struct radio_args *a = args;
	const struct ini_key *k = ini_key(l->section, "count");

	if (a->count == 7)
		finding_add(l->findings, k ? &k->value_at : &l->section->at, FINDING_SUSPICIOUS,
			    "seven of %s in %lld ms", l->board ? l->board->name : "nothing",
			    (long long)l->timeout_ms);
}

static uint32_t radio_more(const void *args)
{
	return ((const struct radio_args *)args)->both ? BOARD_MAC : 0;
}

static int64_t radio_least(const void *args)
{
	return ((const struct radio_args *)args)->for_ms;
}

static int never(struct step_ctx *ctx, const void *args, struct err *err)
{
	(void)ctx;
	(void)args;
	return err_set(err, ERR_INTERNAL, "this test runs no step");
}

static const struct step_driver radio = {
	.name = "radio",
	.summary = "a kind of this test",
	.help = "h",
	.params = radio_params,
	.measures = radio_measures,
	.asks = BOARD_OS_VERSION,
	.asks_more = radio_more,
	.timeout_ms = 5000,
	.args_size = sizeof(struct radio_args),
	.imply = radio_imply,
	.lint = radio_lint,
	.least_ms = radio_least,
	.run = never,
};

static const struct param no_params[] = { { .name = NULL } };
static const struct step_measure_row no_measures[] = { { .name = NULL } };
static const struct step_driver act = {
	.name = "act",
	.summary = "does something",
	.help = "h",
	.params = no_params,
	.measures = no_measures,
	.timeout_ms = 1000,
	.run = never,
	.acts = 1,
};

const struct step_driver *const step_table[] = { &radio, &act };
const size_t step_table_size = 2;

const struct step_driver *step_find(const char *name)
{
	for (size_t i = 0; i < step_table_size; i++)
		if (!strcmp(step_table[i]->name, name))
			return step_table[i];
	return NULL;
}

static int no_version(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err)
{
	(void)b;
	(void)until_ms;
	snprintf(out, size, "1");
	return err_set(err, ERR_INTERNAL, "this test runs no board");
}

static const char *pin_names[] = { "0", "1", "59", "P1.3" };

static const struct param_list *rich_pins(const void *profile)
{
	static const struct param_list pins = { pin_names, 4 };

	(void)profile;
	return &pins;
}

struct keyed_profile {
	struct match *prompt;
};

static const struct param keyed_params[] = {
	{ .name = "prompt",
	  .type = PARAM_PATTERN,
	  .offset = offsetof(struct keyed_profile, prompt),
	  .help = "h" },
	{ .name = NULL },
};

static const struct board_driver rich = {
	.name = "rich",
	.summary = "has much",
	.params = no_params,
	.roles = 1 << ROLE_CONSOLE,
	.ops = { .os_version = no_version, .device_id = no_version },
	.pins = rich_pins,
};
static const struct board_driver poor = {
	.name = "poor",
	.summary = "has nothing",
	.params = no_params,
};
static const struct board_driver keyed = {
	.name = "keyed",
	.summary = "needs a profile",
	.params = keyed_params,
	.profile_size = sizeof(struct keyed_profile),
	.ops = { .os_version = no_version },
};

const struct board_driver *const board_table[] = { &rich, &poor, &keyed };
const size_t board_table_size = 3;

const struct board_driver *board_find(const char *name)
{
	for (size_t i = 0; i < board_table_size; i++)
		if (!strcmp(board_table[i]->name, name))
			return board_table[i];
	return NULL;
}

/* --- files --- */

static char folder[64];

static const char *put(const char *name, const char *text)
{
	static char path[8][200];
	static int next;
	struct err err = { 0 };
	char *p = path[next++ % 8];

	if (!*folder) {
		snprintf(folder, sizeof(folder), "/tmp/test_plan.XXXXXX");
		cr_assert_not_null(mkdtemp(folder));
	}
	snprintf(p, sizeof(path[0]), "%s/%s", folder, name);
	cr_assert_eq(file_write(p, text, strlen(text), &err), 0, "%s", err.text);
	return p;
}

static void clean(void)
{
	static const char *const names[] = { "a.ini", "b.ini", "c.ini", "shop.ini" };
	char path[200];

	for (size_t i = 0; *folder && i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	if (*folder)
		rmdir(folder);
}

/* Findings without the folder in front. */
static char *said(struct findings *f)
{
	char *text = NULL, *out, *to, *from;
	size_t size = 0, n = strlen(folder);
	FILE *file = open_memstream(&text, &size);

	finding_print(f, file);
	fclose(file);
	out = to = calloc(1, size + 1);
	for (from = text; *from;)
		if (n && !strncmp(from, folder, n) && from[n] == '/')
			from += n + 1;
		else
			*to++ = *from++;
	free(text);
	return out;
}

#define HEAD  "[plan]\ntitle=T\nboard=rich\nproduct=P\n"
#define RADIO "[step wifi]\nkind=radio\n"

static struct plan *load(struct arena *a, const char *text, const char *variant)
{
	struct findings f = { 0 };
	struct plan_env env = { .boards = folder };
	struct err err = { 0 };
	struct plan *p = NULL;
	int r = plan_load(&p, a, put("a.ini", text), variant, &env, &f, &err);

	cr_assert_eq(r, 0, "%s: %s", err.text, said(&f));
	finding_release(&f);
	return p;
}

static void done(struct plan *p, struct arena *a)
{
	plan_release(p);
	arena_free(a);
	clean();
}

/* --- what a plan is --- */

Test(plan, presets)
{
	struct arena a = { 0 };
	struct plan *p = load(&a, HEAD RADIO "limit rate = >= 1 Mbit/s\n", NULL);
	const struct plan_step *st = &p->step[0];

	cr_expect_str_eq(p->title, "T");
	cr_expect_str_eq(p->process, "FCT");
	cr_expect_str_eq(p->revision, "-");
	cr_expect_str_eq(p->variant, "");
	cr_expect_str_eq(p->board->name, "rich");
	cr_expect_eq(p->attempts, 0);
	cr_expect_null(p->serial);
	cr_expect_null(p->serial_text);
	cr_expect_null(p->instruction);
	cr_assert_eq(p->steps, 1);
	cr_expect_str_eq(st->id, "wifi");
	cr_expect_str_eq(st->title, "wifi");
	cr_expect_eq(st->timeout_ms, 5000);
	cr_expect_eq(st->retry, 0);
	cr_expect_eq(st->on_fail, PLAN_STOP);
	cr_expect_eq(st->on_error, PLAN_STOP);
	cr_expect_eq(st->always, 0);
	cr_expect_eq(st->skipped, 0);
	cr_expect_null(st->group);
	cr_expect_eq(st->uses.count, 0);
	cr_expect_eq(st->at.line, 5);
	done(p, &a);
}

Test(plan, all_keys)
{
	struct arena a = { 0 };
	struct plan *p = load(&a,
			      HEAD "on_fail=continue\non_error=continue\nattempts=3\n"
				   "serial=/^AS[0-9]+$/\ninstruction=Go\nrevision=7\nprocess=EOL\n"
				   "[step a]\nkind=act\non_fail=stop\ngroup=g\n"
				   "[step b]\nkind=act\ntitle=Bee\ntimeout=2 min\nretry=4\n"
				   "retry_delay=100 ms\non_error=stop\ngroup=g\nuses=z, a\n"
				   "instruction=Look\n"
				   "[step c]\nkind=act\nalways=yes\n"
				   "[group g]\nretry=2\nretry_delay=1 s\n",
			      NULL);
	struct err err = { 0 };

	cr_assert_eq(p->steps, 3);
	cr_expect_eq(p->step[0].on_fail, PLAN_STOP);
	cr_expect_eq(p->step[0].on_error, PLAN_CONTINUE);
	cr_expect_eq(p->step[1].on_fail, PLAN_CONTINUE);
	cr_expect_eq(p->step[1].on_error, PLAN_STOP);
	cr_expect_str_eq(p->step[1].title, "Bee");
	cr_expect_eq(p->step[1].timeout_ms, 120000);
	cr_expect_eq(p->step[1].retry, 4);
	cr_expect_eq(p->step[1].retry_delay_ms, 100);
	cr_expect_str_eq(p->step[1].uses.item[0], "a", "resources in the order of their names");
	cr_expect_str_eq(p->step[1].uses.item[1], "z");
	cr_expect_str_eq(p->step[1].instruction, "Look");
	cr_expect_eq(p->step[2].always, 1);
	cr_assert_eq(p->groups, 1);
	cr_expect_str_eq(p->group[0].name, "g");
	cr_expect_eq(p->group[0].first, 0);
	cr_expect_eq(p->group[0].count, 2);
	cr_expect_eq(p->group[0].retry, 2);
	cr_expect_eq(p->group[0].retry_delay_ms, 1000);
	cr_expect_eq(p->attempts, 3);
	cr_expect_str_eq(p->serial_text, "/^AS[0-9]+$/");
	cr_expect_eq(plan_serial_ok(p, "AS12", &err), 0);
	cr_expect_eq(plan_serial_ok(p, "BS12", &err), ERR_USAGE);
	cr_expect(strstr(err.text, "/^AS[0-9]+$/"), "%s", err.text);
	cr_expect_eq(plan_serial_ok(p, "", &err), ERR_USAGE);
	cr_expect_eq(plan_serial_ok(p, "AS12\n", &err), ERR_USAGE, "'$' is no door for a line end");
	done(p, &a);
}

Test(plan, limits_and_params)
{
	struct arena a = { 0 };
	struct plan *p =
		load(&a,
		     HEAD RADIO "limit ok = == yes\nlimit mac.2 = matches /:/\n"
				"limit mac.10 = != x\nlimit rate = >= 18000 kbit/s, warn "
				">= 22 Mbit/s\naccept = 24.03, 24.06\npairs = 0-59, 1-P1.3\n"
				"banner = /hi/i\nrate = 2500 kbit/s\n",
		     NULL);
	const struct plan_step *st = &p->step[0];

	cr_assert_eq(st->limits, 5);
	cr_expect_str_eq(st->limit[0].measure, "rate", "in the order of the kind's rows");
	cr_expect_str_eq(st->limit[0].unit, "Mbit/s");
	cr_expect_eq(st->limit[0].test.lo, 18);
	cr_expect_eq(st->limit[0].warn.lo, 22);
	cr_expect_eq(st->limit[0].implied, 0);
	cr_expect_eq(st->limit[0].from.line, 10);
	cr_expect_str_eq(st->limit[1].measure, "version");
	cr_expect_str_eq(st->limit[1].expected, "one of 24.03, 24.06");
	cr_expect_eq(st->limit[1].implied, 1);
	cr_expect_eq(st->limit[1].from.line, 11);
	cr_expect_str_eq(st->limit[2].measure, "mac.2");
	cr_expect_str_eq(st->limit[3].measure, "mac.10");
	cr_expect_str_eq(st->limit[4].measure, "ok");
	cr_expect_str_eq(st->params,
			 "{\"interface\":\"eth0\",\"images\":null,\"accept\":[\"24.03\",\"24.06\"],"
			 "\"pairs\":\"0-59, 1-P1.3\",\"banner\":\"/hi/i\",\"for\":\"1 s\","
			 "\"count\":2,\"both\":false,\"rate\":\"2.5 Mbit/s\"}");
	cr_expect_str_eq(
		p->limits_json,
		"[{\"step\":\"wifi\",\"measure\":\"rate\",\"type\":\"number\",\"unit\":\"Mbit/s\","
		"\"op\":\">=\",\"lo\":18,\"warn\":{\"op\":\">=\",\"lo\":22}},"
		"{\"step\":\"wifi\",\"measure\":\"version\",\"type\":\"version\",\"unit\":null,"
		"\"op\":\"one of\",\"values\":[\"24.03\",\"24.06\"],\"warn\":null},"
		"{\"step\":\"wifi\",\"measure\":\"mac.2\",\"type\":\"text\",\"unit\":null,"
		"\"op\":\"matches\",\"pattern\":\"/:/\",\"warn\":null},"
		"{\"step\":\"wifi\",\"measure\":\"mac.10\",\"type\":\"text\",\"unit\":null,"
		"\"op\":\"!=\",\"values\":[\"x\"],\"warn\":null},"
		"{\"step\":\"wifi\",\"measure\":\"ok\",\"type\":\"yes/no\",\"unit\":null,"
		"\"op\":\"==\",\"values\":[\"yes\"],\"warn\":null}]");
	done(p, &a);
}

static void expect_sha256(const char *sha256, const char *text, size_t len)
{
	uint8_t hash[HASH_SIZE];
	char hex[HASH_TEXT];

	hash_bytes(hash, text, len);
	cr_expect_str_eq(sha256, hash_print(hex, hash));
}

Test(plan, hash_of_one_file_is_the_files_own)
{
	static const char text[] = "\xef\xbb\xbf" HEAD "; note\r\n[step a]\nkind=act";
	struct arena a = { 0 };
	struct plan *p = load(&a, text, NULL);

	cr_expect_eq(p->len, sizeof(text) - 1);
	cr_expect_eq(memcmp(p->text, text, p->len), 0);
	expect_sha256(p->sha256, text, sizeof(text) - 1);
	expect_sha256(p->limits_sha256, "[]", 2);
	done(p, &a);
}

Test(plan, included_steps_come_first)
{
	struct arena a = { 0 };
	struct plan *p;

	put("b.ini", "[plan]\ninclude = c.ini\n[step b]\nkind=act\ngroup=g");
	put("c.ini", "[step c]\nkind=act\n[group g]\nretry=1\n");
	p = load(&a, "[step z]\nkind=act\n" HEAD "include = b.ini\n[step a]\nkind=act\n", NULL);
	cr_assert_eq(p->steps, 4);
	cr_expect_str_eq(p->step[0].id, "c");
	cr_expect_str_eq(p->step[1].id, "b");
	cr_expect_str_eq(p->step[2].id, "z");
	cr_expect_str_eq(p->step[3].id, "a");
	cr_expect_str_eq(p->text,
			 "; include b.ini\n"
			 "; include c.ini\n[step c]\nkind=act\n[group g]\nretry=1\n; end of c.ini\n"
			 "[plan]\ninclude = c.ini\n[step b]\nkind=act\ngroup=g\n; end of b.ini\n"
			 "[step z]\nkind=act\n" HEAD "include = b.ini\n[step a]\nkind=act\n");
	expect_sha256(p->sha256, p->text, p->len);
	done(p, &a);
}

/* --- variants --- */

#define VARIANTS                                                                                   \
	HEAD "serial=/^X/\n" RADIO                                                                 \
	     "limit rate = >= 18 Mbit/s\n[step wifi.limit]\nkind=act\nwhen = variant ETH, LTE\n"   \
	     "[variant ETH]\nserial=/^AS9/\nstep wifi.limit rate = >= 10 Mbit/s\n"                 \
	     "step wifi.interface = eth1\nstep wifi.limit.title = Dotted\nstep wifi.retry = 3\n"   \
	     "[variant LTE]\nserial=/^AS[89]1/\n"

Test(plan, variant_changes_steps)
{
	struct arena a = { 0 };
	struct plan *base = load(&a, VARIANTS, NULL), *eth = load(&a, VARIANTS, "ETH");

	cr_expect_eq(base->step[0].limit[0].test.lo, 18);
	cr_expect_eq(base->step[0].retry, 0);
	cr_expect_eq(base->step[1].skipped, 1);
	cr_expect_eq(eth->step[0].limit[0].test.lo, 10);
	cr_expect_eq(eth->step[0].retry, 3);
	cr_expect(strstr(eth->step[0].params, "\"interface\":\"eth1\""));
	cr_expect_eq(eth->step[1].skipped, 0);
	cr_expect_str_eq(eth->step[1].title, "Dotted");
	cr_expect_str_eq(eth->variant, "ETH");
	cr_expect_eq(eth->variants.count, 2);
	cr_expect_str_eq(base->sha256, eth->sha256, "one text");
	cr_expect_str_neq(base->limits_sha256, eth->limits_sha256, "other limits");
	plan_release(base);
	done(eth, &a);
}

static const struct label_row {
	const char *label, *variant, *said;
} labels[] = {
	{ "AS90", "ETH", NULL },
	{ "AS81", "LTE", NULL },
	{ "X1", "", NULL },
	{ "AS91", NULL, "fits variant 'ETH' and variant 'LTE'" },
	{ "Q", NULL, "fits neither the plan's serial /^X/ nor a variant" },
};

TEST_ROWS(plan, label, labels)
{
	const struct label_row *row = &labels[*i];
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *variant = NULL;
	int r = plan_variant_for(&variant, &a, put("a.ini", VARIANTS), row->label, &err);

	if (row->variant) {
		cr_expect_eq(r, 0, "%s", err.text);
		cr_expect_str_eq(variant, row->variant);
	} else {
		cr_expect_eq(r, ERR_PLAN);
		cr_expect(strstr(err.text, row->said), "%s", err.text);
	}
	arena_free(&a);
	clean();
}

Test(plan, unknown_variant_is_refused)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct plan *p = NULL;

	cr_expect_eq(plan_load(&p, &a, put("a.ini", VARIANTS), "ETh", NULL, &f, &err), ERR_PLAN);
	cr_expect_null(p);
	cr_expect(strstr(err.text, "did you mean 'ETH'?"), "%s", err.text);
	finding_release(&f);
	arena_free(&a);
	clean();
}

Test(plan, missing_file)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *variant;
	struct plan *p = NULL;

	cr_expect_eq(plan_load(&p, &a, "/nowhere/a.ini", NULL, NULL, &f, &err), ERR_FILE);
	cr_expect_eq(f.errors, 1);
	cr_expect_eq(plan_variant_for(&variant, &a, "/nowhere/a.ini", "X", &err), ERR_FILE);
	finding_release(&f);
	arena_free(&a);
}

/* --- findings --- */

static const struct finding_row {
	const char *text, *said; /* the whole output of plan_check() */
} found[] = {
	{ HEAD RADIO "limit rate = >= 1 Mbit/s\n", "" },
	{ HEAD "[step a]\nkind=act\n", "" },
	{ HEAD RADIO, "a.ini:5:1: warning: step 'wifi' judges nothing: it has no limit\n" },
	{ HEAD RADIO "accept = 24.06\n", "" },
	{ HEAD RADIO "accept = 24.06\nlimit version = >= 24.03\n",
	  "a.ini:7:1: error: 'accept' judges 'version', which a.ini:8:17 judges already\n" },
	{ HEAD RADIO "limit mac = != a\nlimit mac.1 = != b\n", "" }, /* both hold */
	{ HEAD RADIO "limit mac.01 = != a\n",
	  "a.ini:7:1: error: 'limit mac.01': step kind 'radio' does not measure 'mac.01'; "
	  "it measures rate, version, mac, ok\n" },
	{ HEAD RADIO "limit rate.1 = >= 1 Mbit/s\n",
	  "a.ini:7:1: error: 'limit rate.1': step kind 'radio' does not measure 'rate.1'; "
	  "did you mean 'rate'?\n" },
	{ "[plan]\ntitle=T\nboard=poor\nproduct=P\n" RADIO "accept=1\n",
	  "a.ini:6:6: error: board 'poor' (poor) does not offer 'os_version': read the version "
	  "of the OS\n" },
	{ HEAD RADIO "both=yes\n",
	  "a.ini:6:6: error: board 'rich' (rich) does not offer 'mac': read a MAC address\n" },
	{ HEAD RADIO "accept=1\npairs = 0-59, 1-58\n",
	  "a.ini:8:17: error: board 'rich' has no pin '58'; did you mean '59'?\n" },
	{ HEAD RADIO "accept=1\npairs = 0-59, 1-59\n",
	  "a.ini:8:15: error: 'pairs': pin '59' stands twice\n" },
	{ HEAD RADIO "accept=1\nimages = nowhere\n",
	  "a.ini:8:10: error: 'images': there is no 'nowhere'\n" },
	{ HEAD RADIO "accept=1\nfor=10 s\n",
	  "a.ini:5:1: error: the timeout is 5 s, and the step takes 10 s by itself\n" },
	{ HEAD RADIO "accept=1\ncount=7\ntimeout=6 s\n",
	  "a.ini:8:7: warning: seven of rich in 6000 ms\n" },
	{ HEAD RADIO "accept=1\ncount=7\nfor=1\n", /* args that are not whole are not asked */
	  "a.ini:9:6: error: 'for': '1' has no unit; a duration is in us, ms, s, min, h, d\n" },
	{ "[plan]\ntitle=T\nboard=keyed\nproduct=P\n" RADIO "accept=1\n",
	  "a.ini:3:7: error: board family 'keyed' needs a profile with 'prompt', and there is no "
	  "keyed.ini\n" },
	{ "[plan]\ntitle=T\nboard=shop\nproduct=P\n" RADIO "accept=1\n", "" },
	{ "[plan]\ntitle=T\nboard=shpo\nproduct=P\n" RADIO "accept=1\n",
	  "a.ini:3:7: error: there is no board 'shpo'; did you mean 'shop'?\n" },
	{ "[plan]\ntitle=T\nboard=../shop\nproduct=P\n" RADIO "accept=1\n",
	  "a.ini:3:7: error: there is no board '../shop'; there is rich, poor, a, shop\n" },
	/* a variant is checked like the plan, and says nothing twice */
	{ HEAD RADIO "for=1\n[variant A]\nserial=/a/\n[variant B]\nserial=/b/\n",
	  "a.ini:7:6: error: 'for': '1' has no unit; a duration is in us, ms, s, min, h, d\n" },
	{ HEAD "[step a]\nkind=act\nwhen = variant A,\n[variant A]\nserial=/a/\n",
	  "a.ini:7:18: error: 'when': an item is empty; items are divided by single commas\n" },
	{ HEAD "[step a]\nkind=act\n[variant A]\nserial=/a/\nstep a.limit x = >= 1\n",
	  "a.ini:9:1: error: 'limit x': step kind 'act' does not measure 'x'\n" },
};

TEST_ROWS(plan, finding, found)
{
	const struct finding_row *row = &found[*i];
	struct findings f = { 0 };
	const char *path;
	struct plan_env env = { .boards = folder };
	char *text;

	path = put("a.ini", row->text);
	put("shop.ini", "[board]\nfamily=keyed\nprompt=/[$]/\n");
	plan_check(path, &env, &f);
	text = said(&f);
	cr_expect_str_eq(text, row->said, "of:\n%s\nsaid: %s", row->text, text);
	free(text);
	finding_release(&f);
	clean();
}

Test(plan, fixture_and_resources)
{
	struct fixture x = { .path = "x.ini", .id = "FX", .board = "rich" };
	const char *known[] = { "oven" };
	struct param_list resources = { known, 1 };
	struct plan_env env = { .fixture = &x, .resources = &resources };
	struct findings f = { 0 };
	struct fixture_channel console = { .role = "console" };
	char *text;

	put("a.ini",
	    "[plan]\ntitle=T\nboard=rich\nproduct=P\n[step a]\nkind=act\nuses=oven, ovne\n");
	plan_check(put("a.ini", HEAD "[step a]\nkind=act\nuses=oven, ovne\n"), &env, &f);
	text = said(&f);
	cr_expect_str_eq(text,
			 "a.ini:3:7: error: board 'rich' needs a channel 'console', and "
			 "fixture 'FX' wires none\n"
			 "a.ini:7:12: error: station.conf has no [resource ovne]; did you mean "
			 "'oven'?\n");
	free(text);
	finding_release(&f);
	x.board = "other";
	plan_check(put("a.ini", HEAD "[step a]\nkind=act\n"), &env, &f);
	text = said(&f);
	cr_expect_str_eq(text,
			 "a.ini:3:7: error: the plan is for board 'rich', and fixture 'FX' is "
			 "for 'other'\n");
	free(text);
	finding_release(&f);
	x.board = "rich";
	x.channel = &console;
	x.channels = 1;
	plan_check(put("a.ini", HEAD "[step a]\nkind=act\nuses=oven\n"), &env, &f);
	cr_expect_eq(f.count, 0);
	finding_release(&f);
	clean();
}

/* However many sections a file has, a check ends soon and says so. */
Test(plan, too_many_steps)
{
	struct findings f = { 0 };
	struct sbuf b = { 0 };
	char *text;

	sbuf_puts(&b, HEAD);
	for (int n = 0; n < 20000; n++)
		sbuf_printf(&b, "[step s%d]\nkind=act\n", n);
	for (int n = 0; n < 2000; n++)
		sbuf_printf(&b, "[variant v%d]\nserial=/^%d$/\n", n, n);
	plan_check(put("a.ini", sbuf_str(&b)), NULL, &f);
	text = said(&f);
	cr_expect(strstr(text, "more than 500 [step NAME] sections"), "%s", text);
	free(text);
	sbuf_release(&b);
	finding_release(&f);
	clean();
}
