/* station people: who may log in, and their badges. */
#include "cli/cmd.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/sheet.h"
#include "cli/with.h"
#include "floor/people.h"

/* The badge leaves the program once, here. */
static int give_badge(struct cmd_args *a, char badge[PEOPLE_BADGE], const char *id,
		      const char *name)
{
	const char *format = cmd_opt(a, "format"), *path = cmd_opt(a, "output");
	struct codes_item item = { name, badge, "log in" };
	struct codes_print p = { .title = id, .item = &item, .items = 1 };
	struct sbuf text = { 0 };
	int r;

	if (format && !strcmp(format, "text") && !path) {
		sbuf_printf(&text, "%s\n", badge);
		r = cmd_out(&text);
		sodium_memzero(text.data, text.len);
		sbuf_release(&text);
	} else {
		r = sheet_out(a, &p, format, path, 1);
	}
	sodium_memzero(badge, PEOPLE_BADGE);
	return r;
}

static int check_format(struct cmd_args *a)
{
	const char *format = cmd_opt(a, "format");

	if (!format || strcmp(format, "text"))
		return sheet_format_ok(a, format);
	return cmd_opt(a, "output") ? cmd_usage(a, "--format text goes to standard output only")
				    : 0;
}

static int add(struct cmd_args *a, struct station *st)
{
	const char *name = cmd_opt(a, "name"), *word = cmd_opt(a, "role");
	const char *language = cmd_opt(a, "language") ? cmd_opt(a, "language") : "en";
	enum people_role role = PEOPLE_ANYONE;
	char badge[PEOPLE_BADGE];
	struct err err = { 0 };

	if (!name || !word || people_role_find(&role, word) < 0)
		return cmd_usage(a, "a person has --name TEXT and --role operator, engineer or qa");
	if (people_add(badge, st->conf->people, st->conf->badge, a->rest[1], name, role, language,
		       &err) < 0)
		return cmd_fail(&err);
	return give_badge(a, badge, a->rest[1], name);
}

static int renew(struct cmd_args *a, struct station *st)
{
	char badge[PEOPLE_BADGE];
	struct err err = { 0 };

	if (people_new_badge(badge, st->conf->people, st->conf->badge, a->rest[1], &err) < 0)
		return cmd_fail(&err);
	return give_badge(a, badge, a->rest[1], a->rest[1]);
}

static int withdraw(struct cmd_args *a, struct station *st)
{
	struct err err = { 0 };

	return people_revoke(st->conf->people, a->rest[1], &err) < 0 ? cmd_fail(&err) : CMD_PASS;
}

static int list(struct cmd_args *a, struct station *st)
{
	struct findings f = { 0 };
	struct people p;
	struct sbuf out = { 0 };
	struct err err = { 0 };
	int r = people_load(&p, st->conf->people, &f, &err);

	finding_print(&f, stderr);
	finding_release(&f);
	for (size_t i = 0; r == 0 && i < p.count; i++) {
		const struct people_person *w = &p.person[i];

		sbuf_printf(&out, "%-16s %-8s %s  %-9s  %s\n", w->id, people_role_word(w->role),
			    w->language, *w->hash ? "has badge" : "no badge",
			    text_escaped(&a->arena, w->name, strlen(w->name)));
	}
	r = r < 0 ? cmd_fail(&err) : cmd_out(&out);
	people_release(&p);
	sbuf_release(&out);
	return r;
}

static const struct {
	const char *word;
	size_t words;
	int (*work)(struct cmd_args *a, struct station *st);
} actions[] = {
	{ "add", 2, add },
	{ "list", 1, list },
	{ "badge", 2, renew },
	{ "revoke", 2, withdraw },
};

static int run(struct cmd_args *a)
{
	int r = check_format(a);

	if (r)
		return r;
	for (size_t i = 0; a->rests && i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(actions[i].word, a->rest[0]))
			return a->rests == actions[i].words
				       ? cmd_with_station(a, 0, NULL, actions[i].work)
				       : cmd_usage(a,
						   actions[i].words > 1 ? "%s whom? one id"
									: "%s takes no more words",
						   actions[i].word);
	return cmd_usage(a, "there are add, list, badge and revoke");
}

static const struct cmd_option options[] = {
	{ .name = "name", .arg = "TEXT", .help = "of the new person" },
	{ .name = "role", .arg = "ROLE", .help = "operator, engineer or qa" },
	{ .name = "language",
	  .arg = "CODE",
	  .help = "of the screen, as a catalogue has it: en, de; preset en" },
	{ .name = "format", .arg = "FORMAT", .help = "of the badge: svg (preset), pdf or text" },
	{ .name = "output", .arg = "FILE", .help = "the badge into this file, rights 0600" },
	{ .name = NULL },
};

const struct cmd cmd_people = {
	.name = "people",
	.summary = "who may log in: add, list, badge (a new one), revoke",
	.usage = "add ID --name TEXT --role ROLE | list | badge ID | revoke ID",
	.help = "A badge is printed once, as a sheet with Data Matrix and Code 128; the operators\n"
		"file holds its hash only. A new badge makes the old one worthless.",
	.options = options,
	.run = run,
};
