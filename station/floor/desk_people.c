/* Who is logged in, and what the operators file says of people and badges. */
#include "floor/desk_in.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

const char *desk_by(const struct desk_person *p)
{
	return *p->id ? p->id : "-";
}

static void show_person(struct desk *d)
{
	struct desk_person *p = &d->person;

	d->status.person = p->id;
	d->status.person_name = p->name;
	d->status.role = *p->id ? people_role_word(p->role) : "";
	d->status.language = p->language;
	desk_status_changed(d);
}

void desk_login(struct desk *d, const struct people_person *p)
{
	struct desk_person *mine = &d->person;
	/* The language of a station where nobody logs in stays what it was set to. */
	char language[8];

	snprintf(language, sizeof(language), "%s", mine->language ? mine->language : "");
	arena_free(&mine->arena);
	mine->id = arena_strdup(&mine->arena, p ? p->id : "");
	mine->name = arena_strdup(&mine->arena, p ? p->name : "");
	mine->language = arena_strdup(&mine->arena, p ? p->language : language);
	mine->how = arena_strdup(&mine->arena, p ? p->how : "none");
	mine->role = p ? p->role : PEOPLE_ANYONE;
	show_person(d);
	desk_next_minute(d);
}

const char desk_no_badges[] = SAID("nobody has a badge yet: an engineer runs station people add");

/* A file that cannot be read may have some: what is wrong with it is told at the first badge. */
static void show_badges(struct desk *d)
{
	int none = d->status.login && !d->people_bad;

	for (size_t i = 0; i < d->people.count; i++)
		none = none && !*d->people.person[i].hash;
	if (none)
		desk_at(d, clock_ms() + DESK_BADGES_MS); /* somebody gets one now */
	if (none != d->status.no_badges)
		desk_status_changed(d);
	d->status.no_badges = none;
}

static int read_people(struct desk *d, struct err *err)
{
	int r = 0;

	people_release(&d->people);
	finding_release(&d->findings);
	if (d->st->conf->people)
		r = people_load(&d->people, d->st->conf->people, &d->findings, err);
	d->people_bad = r < 0; /* to be told each time */
	return r < 0 ? r : 0;
}

int desk_people(struct desk *d, struct err *err)
{
	int r = 0;

	if (!d->people.path || d->people_bad || people_changed(&d->people))
		r = read_people(d, err);
	show_badges(d);
	return r;
}

void desk_leave(struct desk *d)
{
	desk_wait_end(d);
	desk_choose(d, -1);
	desk_login(d, NULL);
}

/* NULL: there is no such person, or the badge was taken back. */
static const struct people_person *with_badge(const struct desk *d, const char *id)
{
	const struct people_person *p = people_find(&d->people, id);

	return p && *p->hash ? p : NULL;
}

int desk_revoked(struct desk *d, const char *id)
{
	struct err err = { 0 };

	if (!d->status.login || !strcmp(id, "-") || desk_people(d, &err) < 0)
		return 0;
	return !with_badge(d, id);
}

void desk_look_at_person(struct desk *d)
{
	const struct people_person *p;
	struct err err = { 0 };

	if (!*d->person.id || desk_people(d, &err) < 0)
		return;
	p = with_badge(d, d->person.id);
	if (p) {
		if (p->role != d->person.role)
			desk_login(d, p);
		return;
	}
	desk_say(d, FLOOR_NOTICE_INFO, NULL, "logged_out",
		 "%s was logged out: the badge was revoked", d->person.name);
	desk_login(d, NULL);
}
