/* What a plan says of the labels that it wants, and of retests. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "plan/plan.h"

TestSuite(plan_label, .timeout = 20);

static char path[] = "/tmp/test_plan_label.XXXXXX";
static struct arena a;
static struct err err;

static void put(const char *keys, const char *more)
{
	const char *text = arena_printf(&a,
					"[plan]\ntitle = T\nboard = none\nproduct = P\n%s\n"
					"[step s]\nkind = wait\nfor = 1 s\n"
					"limit waited = 1 .. 2 s\n%s",
					keys, more);

	if (strstr(path, "XXXXXX"))
		close(mkstemp(path));
	cr_assert_eq(file_write(path, text, strlen(text), &err), 0, "%s", err.text);
}

static const struct plan *load(void)
{
	struct findings f = { 0 };
	struct plan *p;

	cr_assert_eq(plan_load(&p, &a, path, NULL, NULL, &f, &err), 0, "%s", err.text);
	finding_release(&f);
	return p;
}

static struct plan_card *card(void)
{
	struct plan_card *c;

	cr_assert_eq(plan_card_load(&c, &a, path, &err), 0, "%s", err.text);
	return c;
}

/* Presets are what plans meant before these keys were there. */
Test(plan_label, presets)
{
	const struct plan *p;

	put("", "");
	p = load();
	cr_expect_eq(p->label, PLAN_LABEL_PLAIN);
	cr_expect_eq(p->check, PLAN_CHECK_NONE);
	cr_expect_eq(p->passed, PLAN_PASSED_ALLOW);
	cr_expect_eq(p->grant, PLAN_GRANT_ENGINEER);
	cr_expect_eq(p->attempts, 0);
	cr_expect_eq(p->code.count, 0);
	cr_expect_eq(p->route.count, 0);
	unlink(path);
	arena_free(&a);
}

/* Each word is its own value. */
Test(plan_label, words)
{
	static const char *const check[] = { "none", "gs1", "luhn", "mod97" };
	static const char *const passed[] = { "allow", "ask", "refuse" };
	const struct plan *p;

	for (int i = 0; i < 4; i++) {
		put(arena_printf(&a, "check = %s", check[i]), "");
		cr_expect_eq((int)load()->check, i, "%s", check[i]);
		cr_expect_eq((int)card()->check, i, "%s", check[i]);
	}
	for (int i = 0; i < 3; i++) {
		put(arena_printf(&a, "passed = %s", passed[i]), "");
		cr_expect_eq((int)load()->passed, i, "%s", passed[i]);
	}
	put("label = gs1\ngrant = qa\nattempts = 3\ncode = A, B\nroute = ICT", "");
	p = load();
	cr_expect_eq(p->label, PLAN_LABEL_GS1);
	cr_expect_eq(p->grant, PLAN_GRANT_QA);
	cr_expect_eq(p->attempts, 3);
	cr_assert_eq(p->code.count, 2);
	cr_expect_str_eq(p->code.item[1], "B");
	cr_assert_eq(p->route.count, 1);
	cr_expect_str_eq(p->route.item[0], "ICT");
	unlink(path);
	arena_free(&a);
}

static int wants(const struct plan_card *c, const char *serial)
{
	return plan_card_wants(c, serial, &err);
}

Test(plan_label, card)
{
	struct plan_card *c;

	put("revision = 4\nprocess = EOL\nserial = /^A/\ncode = X\ninstruction = close the lid",
	    "[variant V]\nserial = /^A1/\n");
	c = card();
	cr_expect_str_eq(c->title, "T");
	cr_expect_str_eq(c->revision, "4");
	cr_expect_str_eq(c->product, "P");
	cr_expect_str_eq(c->process, "EOL");
	cr_expect_str_eq(c->instruction, "close the lid");
	cr_expect_str_eq(c->board, "none");
	cr_expect(c->is_plan);
	cr_expect_not(c->includes);
	cr_expect_eq(c->patterns, 2);
	cr_expect_eq(wants(c, "A2"), 1);
	cr_expect_eq(wants(c, "B1"), 0);
	plan_card_release(c);
	plan_card_release(c);
	plan_card_release(NULL);
	put("", "[variant V]\nserial = /^A1/\n[variant W]\n");
	c = card();
	cr_expect_eq(wants(c, "A1"), 1);
	cr_expect_eq(wants(c, "A2"), 0, "no variant wants it");
	plan_card_release(c);
	put("", "");
	c = card();
	cr_expect_eq(wants(c, "anything"), 1);
	plan_card_release(c);
	unlink(path);
	arena_free(&a);
}

/* Whatever else is wrong with a plan, it can be told which it is. */
Test(plan_label, card_of_a_plan_with_mistakes)
{
	struct plan_card *c;

	put("serial = /^(/\ncheck = crc\nlabel = gs1\nnonsense = 1", "[step s]\nkind = x\n");
	c = card();
	cr_expect_str_eq(c->title, "T");
	cr_expect_eq(c->check, PLAN_CHECK_NONE);
	cr_expect_eq(c->label, PLAN_LABEL_GS1);
	cr_expect_eq(c->patterns, 0);
	plan_card_release(c);
	cr_assert_eq(file_write(path, "[step s]\n", 9, &err), 0);
	c = card();
	cr_expect_not(c->is_plan);
	cr_expect_str_eq(c->title, "");
	plan_card_release(c);
	cr_assert_eq(file_write(path, "[plan\n", 6, &err), 0);
	cr_expect(card()->is_plan);
	unlink(path);
	cr_expect_eq(plan_card_load(&c, &a, path, &err), ERR_FILE);
	arena_free(&a);
}
