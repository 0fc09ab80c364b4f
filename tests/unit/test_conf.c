#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "tests/unit/rows.h"

TestSuite(conf, .timeout = 20);

static char path[] = "/tmp/test_conf.XXXXXX";

static void put(const char *text, size_t len)
{
	struct err err = { 0 };
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
	cr_assert_eq(file_write(path, text, len, &err), 0, "%s", err.text);
}

static struct conf *load(struct arena *a, const char *from)
{
	struct findings f = { 0 };
	struct err err = { 0 };
	struct conf *c = NULL;

	cr_assert_eq(conf_load(&c, a, from, &f, &err), 0, "%s", err.text);
	cr_expect_eq(f.count, 0);
	finding_release(&f);
	return c;
}

Test(conf, presets)
{
	struct arena a = { 0 };
	struct conf *c = load(&a, NULL);

	cr_expect_str_eq(c->path, "");
	cr_expect_str_eq(c->id, "ST-01");
	cr_expect_str_eq(c->line, "-");
	cr_expect_null(c->fixture);
	cr_expect_str_eq(c->plans, "plans");
	cr_expect_str_eq(c->boards, "fixtures/boards");
	cr_expect_str_eq(c->data, "var");
	cr_expect_eq(c->formats.count, 4);
	cr_expect_str_eq(c->reports, "var/reports");
	cr_expect_str_eq(c->database, "var/station.db");
	cr_expect_eq(c->journal_sync_ms, 50);
	cr_expect_eq(c->always_ms, 60000);
	cr_expect_eq(c->console_max, 1 << 20);
	cr_expect_eq(c->resources, 0);
	cr_expect_eq(c->resource_names.count, 0);
	cr_expect_str_eq(c->login, "none");
	cr_expect_str_eq(c->people, "var/operators.ini");
	cr_expect_str_eq(c->badge, "BADGE.");
	cr_expect_eq(c->idle_ms, 600000);
	cr_expect_null(c->scan_prefix);
	cr_expect_str_eq(c->scan_aim, "strip");
	cr_expect_str_eq(c->scan_codes, "STATION.");
	cr_expect_eq(c->shifts.count, 3);
	cr_expect_null(c->before_unit);
	cr_expect_eq(c->hook_ms, 5000);
	cr_expect_eq(c->bell, 1);
	cr_expect_null(c->player);
	arena_free(&a);
}

Test(conf, reads_every_section)
{
	static const char text[] = "[station]\nid = ST-07\nline = L3\nfixture = fx/four.ini\n"
				   "plans = /p\nboards = b\ndata = d\n"
				   "[reports]\nformats =\n"
				   "[records]\njournal_sync = 250 ms\n"
				   "[run]\nalways = 90 s\nconsole_max = 0x2000\n"
				   "[resource oven]\ncount = 2\n[resource scale]\n";
	struct arena a = { 0 };
	struct conf *c;

	put(text, sizeof(text) - 1);
	c = load(&a, path);
	cr_expect_str_eq(c->path, path);
	cr_expect_str_eq(c->id, "ST-07");
	cr_expect_str_eq(c->line, "L3");
	cr_expect_str_eq(c->fixture, "/tmp/fx/four.ini", "relative to the file that says it");
	cr_expect_str_eq(c->plans, "/p");
	cr_expect_str_eq(c->boards, "/tmp/b");
	cr_expect_str_eq(c->data, "/tmp/d");
	cr_expect_str_eq(c->reports, "/tmp/d/reports", "follows the data folder");
	cr_expect_str_eq(c->database, "/tmp/d/station.db");
	cr_expect_eq(c->formats.count, 0);
	cr_expect_eq(c->journal_sync_ms, 250);
	cr_expect_eq(c->always_ms, 90000);
	cr_expect_eq(c->console_max, 0x2000);
	cr_assert_eq(c->resources, 2);
	cr_expect_str_eq(c->resource[0].name, "oven");
	cr_expect_eq(c->resource[0].count, 2);
	cr_expect_eq(c->resource[1].count, 1);
	cr_expect_eq(c->resource_names.count, 2);
	cr_expect_str_eq(c->resource_names.item[1], "scale");
	unlink(path);
	arena_free(&a);
}

/* What is printed, read and printed again, is the same, with any text in it. */
Test(conf, printed_and_read_again)
{
	static const char text[] = "[station]\nid = \"A \\\"b\\\" # c\"\nline = \" ; x\"\n"
				   "fixture = a b.ini\n"
				   "[reports]\nformats = html, junit\nfolder = /r\n"
				   "[records]\njournal_sync = 1500 ms\n"
				   "[resource oven]\ncount = 2\n[resource scale]\ncount = 1000\n";
	struct sbuf once = { 0 }, again = { 0 };
	struct arena a = { 0 };
	struct conf *c;

	put(text, sizeof(text) - 1);
	c = load(&a, path);
	conf_print(&once, c);
	unlink(path);
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	put(sbuf_str(&once), once.len);
	c = load(&a, path);
	cr_expect_str_eq(c->id, "A \"b\" # c");
	cr_expect_str_eq(c->line, " ; x");
	conf_print(&again, c);
	cr_expect_str_eq(sbuf_str(&once), sbuf_str(&again));
	unlink(path);
	sbuf_release(&once);
	sbuf_release(&again);
	arena_free(&a);
}

Test(conf, presets_printed_hold_every_option)
{
	struct sbuf b = { 0 };
	struct arena a = { 0 };
	struct conf *c = load(&a, NULL), *back;

	conf_print(&b, c);
	for (const struct conf_section *s = conf_sections; s->kind; s++)
		for (const struct param *p = s->params; p->name; p++) {
			const char *key = arena_printf(&a, "%s =", p->name);

			cr_expect(strstr(sbuf_str(&b), key), "%s.%s is not printed", s->kind,
				  p->name);
			cr_expect(strstr(sbuf_str(&b), p->help), "%s.%s has no help", s->kind,
				  p->name);
		}
	put(sbuf_str(&b), b.len);
	back = load(&a, path);
	cr_expect_str_eq(back->id, c->id);
	cr_expect_eq(back->journal_sync_ms, c->journal_sync_ms);
	cr_expect_null(back->fixture);
	unlink(path);
	sbuf_release(&b);
	arena_free(&a);
}

static const struct wrong_row {
	const char *text, *said;
} wrongs[] = {
	{ "[station]\nidd = x\n",
	  "2:1: error: unknown key 'idd' in [station]; did you mean 'id'?" },
	{ "[statoin]\nid = x\n", "1:1: error: unknown section [statoin]; did you mean 'station'?" },
	{ "[resource a]\ncount = 0\n", "2:9: error: 'count' is '0', must be 1 .. 1000" },
	{ "[resource a]\n[resource a]\n", "2:1: error: [resource a] stands twice" },
	{ "[resource]\n", "1:1: error: [resource] needs a name: [resource NAME]" },
	{ "[run]\nalways = 1\n", "2:11: error: 'always': '1' has no unit" },
	{ "[run]\nalways = 1 ms\n", "2:10: error: 'always' is '1 ms', must be 1 s .. 1 h" },
	{ "id = x\n", "1:1: error: key 'id' stands before the first [section]" },
};

TEST_ROWS(conf, wrong, wrongs)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct conf *c = NULL;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	put(wrongs[*i].text, strlen(wrongs[*i].text));
	cr_expect_eq(conf_load(&c, &a, path, &f, &err), ERR_CONF);
	cr_expect_null(c, "what is wrong is not used");
	cr_expect_eq(f.errors, 1);
	finding_print(&f, to);
	fclose(to);
	cr_expect(strstr(text, wrongs[*i].said), "%s", text);
	unlink(path);
	free(text);
	finding_release(&f);
	arena_free(&a);
}

Test(conf, missing_file)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct conf *c = NULL;

	cr_expect_eq(conf_load(&c, &a, "/nowhere/station.conf", &f, &err), ERR_CONF);
	cr_expect_eq(f.errors, 1);
	finding_release(&f);
	arena_free(&a);
}
