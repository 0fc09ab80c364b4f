#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "floor/people.h"

TestSuite(people, .timeout = 60);

static char folder[64], path[96];
static struct err err;

static void start(void)
{
	snprintf(folder, sizeof(folder), "/tmp/test_people.XXXXXX");
	cr_assert(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/operators.ini", folder);
}

static void finish(void)
{
	unlink(path);
	rmdir(folder);
}

static void put(const char *text)
{
	cr_assert_eq(file_write_private(path, text, strlen(text), &err), 0, "%s", err.text);
}

static char *get(struct arena *a)
{
	char *text;
	size_t n;

	cr_assert_eq(file_read(&text, &n, a, path, 1 << 20, &err), 0, "%s", err.text);
	return text;
}

static int load(struct people *p)
{
	struct findings f = { 0 };
	int r = people_load(p, path, &f, &err);

	finding_release(&f);
	return r;
}

/* The id that a badge logs in, or NULL. */
static const char *logs_in(const char *badge)
{
	static char id[80];
	const struct people_person *who;
	struct people p;
	int r;

	cr_assert_eq(load(&p), 0, "%s", err.text);
	r = people_badge(&who, &p, "BADGE.", badge, strlen(badge), &err);
	snprintf(id, sizeof(id), "%s", r == 0 ? who->id : "");
	cr_expect_eq(r, who ? 0 : ERR_USAGE);
	people_release(&p);
	return *id ? id : NULL;
}

Test(people, add_login_renew_revoke)
{
	char first[PEOPLE_BADGE], second[PEOPLE_BADGE], other[PEOPLE_BADGE];
	struct arena a = { 0 };
	struct people p;
	struct stat st;

	start();
	cr_assert_eq(
		people_add(first, path, "BADGE.", "1184", "Meier", PEOPLE_OPERATOR, "de", &err), 0,
		"%s", err.text);
	cr_assert_eq(
		people_add(other, path, "BADGE.", "qa.1", "Q \"x\" ; y", PEOPLE_QA, "en", &err), 0,
		"%s", err.text);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	cr_expect_eq(strlen(first), strlen("BADGE.1184.") + 39);
	cr_expect_null(strstr(get(&a), first + 11), "the secret stands nowhere");
	cr_expect_str_eq(logs_in(first), "1184");
	cr_expect_str_eq(logs_in(other), "qa.1");
	cr_assert_eq(load(&p), 0);
	cr_assert_eq(p.count, 2);
	cr_expect_eq(p.person[0].role, PEOPLE_OPERATOR);
	cr_expect_str_eq(p.person[0].language, "de");
	cr_expect_str_eq(p.person[0].how, "badge operator");
	cr_expect_str_eq(p.person[1].name, "Q \"x\" ; y");
	cr_expect_not(people_changed(&p));
	cr_assert_eq(people_new_badge(second, path, "BADGE.", "1184", &err), 0, "%s", err.text);
	cr_expect(people_changed(&p));
	people_release(&p);
	cr_expect_null(logs_in(first));
	cr_expect_str_eq(logs_in(second), "1184");
	cr_assert_eq(people_revoke(path, "1184", &err), 0, "%s", err.text);
	cr_expect_null(logs_in(second));
	cr_expect_str_eq(logs_in(other), "qa.1");
	cr_expect_eq(people_revoke(path, "9", &err), ERR_USAGE);
	cr_expect(strstr(err.text, "nobody with the id '9'"), "%s", err.text);
	cr_expect_eq(people_add(first, path, "BADGE.", "1184", "M", PEOPLE_OPERATOR, "en", &err),
		     ERR_USAGE);
	cr_expect_str_empty(first);
	arena_free(&a);
	finish();
}

/* Each digit counts, and so do the id and the beginning. */
Test(people, a_badge_that_is_not_right_opens_nothing)
{
	char badge[PEOPLE_BADGE], second[PEOPLE_BADGE], bad[PEOPLE_BADGE + 8];
	const struct people_person *who;
	struct people p;
	size_t n;

	start();
	cr_assert_eq(people_add(badge, path, "BADGE.", "1", "A", PEOPLE_ENGINEER, "en", &err), 0);
	cr_assert_eq(people_add(second, path, "BADGE.", "2", "B", PEOPLE_OPERATOR, "en", &err), 0);
	n = strlen(badge);
	cr_assert_eq(load(&p), 0);
	for (size_t i = 0; i < n; i++) {
		memcpy(bad, badge, n + 1);
		bad[i] = bad[i] == '7' ? '8' : '7';
		cr_expect_eq(people_badge(&who, &p, "BADGE.", bad, n, &err), ERR_USAGE, "%s", bad);
		cr_expect_null(who);
	}
	for (size_t i = 0; i < n; i++)
		cr_expect_eq(people_badge(&who, &p, "BADGE.", badge, i, &err), ERR_USAGE);
	snprintf(bad, sizeof(bad), "%s0", badge);
	cr_expect_eq(people_badge(&who, &p, "BADGE.", bad, n + 1, &err), ERR_USAGE);
	cr_expect_eq(people_badge(&who, &p, "BADGE.", badge, n + 1, &err), ERR_USAGE, "a NUL");
	/* The secret of one with the id of another. */
	memcpy(second + 8, badge + 8, n - 8);
	cr_expect_eq(people_badge(&who, &p, "BADGE.", second, n, &err), ERR_USAGE);
	cr_expect_eq(people_badge(&who, &p, "BADGE.", badge, n, &err), 0, "%s", err.text);
	people_release(&p);
	finish();
}

/* Nobody learns from the clock whether an id exists, and the loop is not held up. */
Test(people, a_check_is_short_and_takes_its_time_for_nobody_too)
{
	char badge[PEOPLE_BADGE], stranger[PEOPLE_BADGE];
	const struct people_person *who;
	int64_t known = INT64_MAX, unknown = INT64_MAX;
	struct people p;

	start();
	cr_assert_eq(people_add(badge, path, "BADGE.", "1", "A", PEOPLE_ENGINEER, "en", &err), 0);
	memcpy(stranger, badge, sizeof(badge));
	stranger[6] = '2';
	cr_assert_eq(load(&p), 0);
	for (int i = 0; i < 20; i++) { /* the shortest of many: others use the machine as well */
		int64_t t0 = clock_ns(), t1, t2;

		people_badge(&who, &p, "BADGE.", badge, strlen(badge), &err);
		t1 = clock_ns();
		people_badge(&who, &p, "BADGE.", stranger, strlen(stranger), &err);
		t2 = clock_ns();
		known = t1 - t0 < known ? t1 - t0 : known;
		unknown = t2 - t1 < unknown ? t2 - t1 : unknown;
	}
	cr_expect_lt(known, 50000000);
	cr_expect_gt(unknown, known / 3);
	cr_expect_lt(unknown, known * 3);
	people_release(&p);
	finish();
}

/* What a person wrote into the file stays. */
Test(people, comments_and_order_stay)
{
	static const char text[] = "; ours\n\n[person 7]   ; the boss\n"
				   "role = qa\n  ; a comment\nname = Long\n  name\n"
				   "language = en ; mother tongue\n\n# end\n"
				   "[person 8]\nname = B\nrole = operator";
	char badge[PEOPLE_BADGE];
	struct arena a = { 0 };
	struct people p;

	start();
	put(text);
	cr_assert_eq(people_language(path, "7", "de", &err), 0, "%s", err.text);
	cr_expect_str_eq(get(&a), "; ours\n\n[person 7]   ; the boss\n"
				  "role = qa\n  ; a comment\nname = Long\n  name\n"
				  "language = de\n\n# end\n"
				  "[person 8]\nname = B\nrole = operator");
	cr_assert_eq(people_language(path, "8", "de", &err), 0, "%s", err.text);
	cr_assert_eq(people_new_badge(badge, path, "BADGE.", "8", &err), 0, "%s", err.text);
	cr_expect_str_eq(logs_in(badge), "8");
	cr_assert_eq(people_revoke(path, "8", &err), 0);
	cr_expect_str_eq(get(&a),
			 "; ours\n\n[person 7]   ; the boss\n"
			 "role = qa\n  ; a comment\nname = Long\n  name\n"
			 "language = de\n\n# end\n"
			 "[person 8]\nbadge    =\nlanguage = de\nname = B\nrole = operator");
	cr_assert_eq(people_add(badge, path, "BADGE.", "9", "C", PEOPLE_OPERATOR, "en", &err), 0);
	cr_assert_eq(load(&p), 0, "%s", err.text);
	cr_assert_eq(p.count, 3);
	cr_expect_str_eq(p.person[0].name, "Long name");
	people_release(&p);
	arena_free(&a);
	finish();
}

static const struct {
	const char *text, *says;
} bad[] = {
	{ "[person 1]\nname = A\n", "1 error" },
	{ "[person 1]\nname = A\nrole = chief\n", "1 error" },
	{ "[person]\nname = A\nrole = qa\n", "1 error" },
	{ "[people 1]\n", "1 error" },
	{ "[person 1]\nname = A\nrole = qa\npin = 1234\n", "1 error" },
	{ "[person 1]\nname = A\nrole = qa\nbadge = 1234\n", "1 error" },
	/* Costlier than ours: it could hold the station up. */
	{ "[person 1]\nname = A\nrole = qa\nbadge = "
	  "$argon2id$v=19$m=65536,t=1,p=1$a9S1gdYKGzTuFc4u97KZUQ$"
	  "wD3ijF6CIXTaX55ciTsAYEOsLb0wENxrvgTFftUnw9Q\n",
	  "1 error" },
	{ "[person 1]\nname = A\nrole = qa\n[person 1]\nname = B\nrole = qa\n", "1 error" },
	{ "\x01", "1 error" },
};

Test(people, one_mistake_and_nobody_logs_in)
{
	struct people p;

	start();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(bad[i].text);
		cr_expect_eq(load(&p), ERR_CONF, "%s", bad[i].text);
		cr_expect(strstr(err.text, bad[i].says), "%s: %s", bad[i].text, err.text);
		cr_expect_eq(p.count, 0);
		people_release(&p);
		cr_expect_lt(people_language(path, "1", "de", &err), 0, "%s", bad[i].text);
	}
	finish();
}

Test(people, rights)
{
	static const mode_t modes[] = { 0644, 0640, 0620, 0602 };
	struct people p;

	start();
	put("[person 1]\nname = A\nrole = qa\n");
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		cr_assert_eq(chmod(path, modes[i]), 0);
		cr_expect_eq(load(&p), ERR_CONF);
		cr_expect(strstr(err.text, "chmod 600"), "%s", err.text);
		people_release(&p);
	}
	cr_assert_eq(chmod(path, 0600), 0);
	cr_expect_eq(load(&p), 0);
	people_release(&p);
	unlink(path);
	mkdir(path, 0700);
	cr_expect_eq(load(&p), ERR_CONF);
	people_release(&p);
	rmdir(path);
	finish();
}

Test(people, no_file_is_nobody)
{
	struct findings f = { 0 };
	struct people p;

	start();
	cr_assert_eq(people_load(&p, path, &f, &err), 0, "%s", err.text);
	cr_expect_eq(p.count, 0);
	cr_expect_eq(f.warnings, 1);
	cr_expect_eq(f.errors, 0);
	cr_expect_not(people_changed(&p));
	put("");
	cr_expect(people_changed(&p));
	people_release(&p);
	finding_release(&f);
	finish();
}

Test(people, what_add_refuses)
{
	char badge[PEOPLE_BADGE];

	start();
	cr_expect_eq(people_add(badge, path, "B.", "a b", "A", PEOPLE_QA, "en", &err), ERR_USAGE);
	cr_expect_eq(people_add(badge, path, "B.", "", "A", PEOPLE_QA, "en", &err), ERR_USAGE);
	cr_expect_eq(people_add(badge, path, "B.", "1", "", PEOPLE_QA, "en", &err), ERR_USAGE);
	cr_expect_eq(
		people_add(badge, path, "B.", "1", "A\nrole = qa", PEOPLE_OPERATOR, "en", &err),
		ERR_USAGE);
	cr_expect_eq(people_add(badge, path, "B.", "1", "A", PEOPLE_ANYONE, "en", &err), ERR_USAGE);
	cr_expect_eq(people_add(badge, path, "B.", "1", "A", PEOPLE_QA, "fr", &err), ERR_USAGE);
	cr_expect_neq(access(path, F_OK), 0, "nothing was written");
	finish();
}

Test(people, roles)
{
	enum people_role r = PEOPLE_ANYONE;

	cr_expect_eq(people_role_find(&r, "engineer"), 0);
	cr_expect_eq(r, PEOPLE_ENGINEER);
	cr_expect_eq(people_role_find(&r, "-"), -1);
	cr_expect_eq(people_role_find(&r, "chief"), -1);
	cr_expect_str_eq(people_role_word(PEOPLE_QA), "qa");
	cr_expect_str_eq(people_role_word(PEOPLE_ROLE_END_), "-");
}
