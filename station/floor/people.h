#ifndef STATION_FLOOR_PEOPLE_H
#define STATION_FLOOR_PEOPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/param.h"

/*
 * people -- who may do what at the station: the operators file, badges, roles.
 *
 * The file ([operators] file, rights 0600) has a section for each person:
 *
 *     [person 1184]
 *     name     = Tester 1184
 *     role     = operator
 *     language = de
 *     badge    = $argon2id$...
 *
 * A badge is the text "BADGE." ID "." SECRET, the secret 39 random digits (more than
 * 128 bits). The file holds its hash by libsodium's crypto_pwhash_str(): who reads the
 * file has no badge. A secret of 128 random bits cannot be guessed however cheap a
 * guess is, so the hash is a cheap one (argon2id, 1 MiB, 1 pass; our choice): one check
 * takes a few ms, and one is all that a scan costs.
 */
/* clang-format off */
#define PEOPLE_ROLE_LIST(X)                                                     \
	X(ANYONE,   "-")        /* nobody is logged in */                       \
	X(OPERATOR, "operator") /* tests units */                               \
	X(ENGINEER, "engineer") /* also engineering runs, slot map, grants */   \
	X(QA,       "qa")       /* also grants that the plan leaves to QA */
enum people_role {
#define PEOPLE_ROLE_ENUM(name, word) PEOPLE_##name,
	PEOPLE_ROLE_LIST(PEOPLE_ROLE_ENUM)
#undef PEOPLE_ROLE_ENUM
	PEOPLE_ROLE_END_
};
/* clang-format on */
/* A role may do what the roles above it in the list may (our choice). */

const char *people_role_word(enum people_role r);              /* "engineer" */
int people_role_find(enum people_role *out, const char *word); /* 0, or -1 */

struct people_person {                    /* lent by struct people */
	const char *id, *name, *language; /* language: "de" */
	enum people_role role;
	const char *hash; /* of the badge; "" : has none, or it was revoked */
	const char *how;  /* as runs record it: "badge engineer" */
};

struct people {
	struct arena arena;
	const char *path;
	struct people_person *person;
	size_t count;
	int64_t changed_ns, size, ino; /* of the file as it was read */
};

/* Read and lint. A file that is not there has nobody, which is a finding (warning).
 * ERR_CONF: it has errors, nobody can log in; also when others may read or write it. */
int people_load(struct people *out, const char *path, struct findings *f, struct err *err);
void people_release(struct people *p);      /* safe when zeroed */
int people_changed(const struct people *p); /* the file is another than was read */

const struct people_person *people_find(const struct people *p, const char *id); /* or NULL */

/* Whose badge is it? beginning: "BADGE.". ERR_USAGE: no badge, of nobody, revoked, or a wrong
 * secret: all say the same, and the last three take the same time, a few ms. */
int people_badge(const struct people_person **out, const struct people *p, const char *beginning,
		 const char *bytes, size_t n, struct err *err);

/* --- changing the file: read, one change, written whole beside and renamed, 0600.
 * Comments and the order of the file stay. ERR_USAGE, ERR_CONF, ERR_FILE. --- */

enum { PEOPLE_BADGE = 160 }; /* bytes of a badge's text with its NUL */

/* New person; the badge's text is in out, the only time that it can be had. */
int people_add(char out[PEOPLE_BADGE], const char *path, const char *beginning, const char *id,
	       const char *name, enum people_role role, const char *language, struct err *err);
int people_new_badge(char out[PEOPLE_BADGE], const char *path, const char *beginning,
		     const char *id, struct err *err); /* the old one is worth nothing then */
int people_revoke(const char *path, const char *id, struct err *err); /* badge = nothing */
int people_language(const char *path, const char *id, const char *language, struct err *err);

extern const struct param people_params[]; /* keys of [person ID] */

#endif /* STATION_FLOOR_PEOPLE_H */
