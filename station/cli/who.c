#include "cli/who.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { BADGE_MAX = 512 };

static int by_badge(struct who *out, struct cmd_args *a, const struct station *st, const char *file)
{
	const char *path = strcmp(file, "-") ? file : "/dev/stdin";
	const struct people_person *p;
	struct findings f = { 0 };
	struct people people = { 0 };
	struct arena secret = { 0 };
	struct err err = { 0 };
	char *text = NULL;
	size_t n = 0;
	int r = people_load(&people, st->conf->people, &f, &err);

	finding_print(&f, stderr);
	finding_release(&f);
	if (r == 0)
		r = file_read(&text, &n, &secret, path, BADGE_MAX, &err);
	if (r == 0) {
		while (n && strchr("\r\n", text[n - 1]))
			n--;
		r = people_badge(&p, &people, st->conf->badge, text, n, &err);
	}
	if (r == 0)
		*out = (struct who){ arena_strdup(&a->arena, p->id),
				     arena_strdup(&a->arena, p->how), p->role };
	if (text)
		sodium_memzero(text, n);
	arena_free(&secret);
	people_release(&people);
	return r == 0 ? CMD_PASS : cmd_fail(&err);
}

int who_is(struct who *out, struct cmd_args *a, const struct station *st, const char *badge,
	   const char *id)
{
	int must = !strcmp(st->conf->login, "badge");

	*out = (struct who){ .by = "-", .how = "none" };
	if (badge)
		return by_badge(out, a, st, badge);
	if (!id)
		return CMD_PASS;
	if (must)
		return cmd_usage(a, "this station asks for badges ([operators] login): give one by "
				    "--badge FILE, or - for standard input");
	/* Nobody asks here; what the id may do is not the program's to know. */
	*out = (struct who){ id, "command line", PEOPLE_QA };
	return CMD_PASS;
}
