#include "floor/people.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/ini.h"
#include "base/languages.h"
#include "base/text.h"

enum {
	SECRET = 39, /* decimal digits: 129.5 bits */
	HASH_OPS = crypto_pwhash_OPSLIMIT_MIN,
	HASH_MEM = 1 << 20,
	LOCK_MS = 200,
	SCAN_MAX = 512,
};

/* Of no badge: checked when there is none, so that it takes as long. */
static const char nobody[] = "$argon2id$v=19$m=1024,t=1,p=1$TW29jB20xZJz9u7+Q43gTg"
			     "$KMrUVT24XvT/epe9HQl/zan62Q6pRRKz8lKdakKyCwI";

/* --- roles --- */

static const char *const role_words[] = {
#define PEOPLE_ROLE_WORD(name, word) [PEOPLE_##name] = word,
	PEOPLE_ROLE_LIST(PEOPLE_ROLE_WORD)
#undef PEOPLE_ROLE_WORD
};

const char *people_role_word(enum people_role r)
{
	return r >= 0 && r < PEOPLE_ROLE_END_ ? role_words[r] : "-";
}

int people_role_find(enum people_role *out, const char *word)
{
	for (int i = PEOPLE_OPERATOR; i < PEOPLE_ROLE_END_; i++)
		if (!strcmp(role_words[i], word)) {
			*out = (enum people_role)i;
			return 0;
		}
	return -1;
}

/* --- the file --- */

struct person_keys {
	const char *name, *role, *language, *badge;
};

static const char *const role_choices[] = { "operator", "engineer", "qa", NULL };

#define TO(field) .offset = offsetof(struct person_keys, field)
const struct param people_params[] = {
	{ .name = "name",
	  .type = PARAM_TEXT,
	  TO(name),
	  .help = "Name that screens and reports show." },
	{ .name = "role",
	  .type = PARAM_CHOICE,
	  .choices = role_choices,
	  TO(role),
	  .help = "What the person may do; each may do what those before may." },
	{ .name = "language",
	  .type = PARAM_CHOICE,
	  .choices = language_codes,
	  TO(language),
	  .preset = "en",
	  .help = "Language of the screen after the login." },
	{ .name = "badge",
	  .type = PARAM_TEXT,
	  TO(badge),
	  .optional = 1,
	  .may_be_empty = 1,
	  .help = "Hash of the badge, by station people; empty: no login." },
	{ .name = NULL },
};
#undef TO

static void read_person(struct people *p, struct ini_section *s, struct findings *f)
{
	const struct param *const lists[] = { people_params, NULL };
	struct people_person *to = &p->person[p->count];
	const struct ini_key *badge = ini_key(s, "badge");
	struct person_keys keys = { 0 };

	param_read(&keys, people_params, s, &p->arena, f);
	param_unknown(s, lists, f);
	if (people_find(p, s->name) || !keys.name || !keys.role ||
	    people_role_find(&to->role, keys.role) < 0)
		return; /* a finding says so */
	/* A costlier hash than ours could hold the station up at each scan. */
	if (keys.badge && *keys.badge &&
	    crypto_pwhash_str_needs_rehash(keys.badge, HASH_OPS, HASH_MEM)) {
		finding_add(f, badge ? &badge->value_at : &s->at, FINDING_BAD_VALUE,
			    "'badge' is no hash that station people made; make a new badge");
		return;
	}
	to->id = s->name;
	to->name = keys.name;
	to->language = keys.language ? keys.language : "en";
	to->hash = keys.badge ? keys.badge : "";
	to->how = arena_printf(&p->arena, "badge %s", keys.role);
	p->count++;
}

/* Secrets are nobody else's to read, nor roles to write. */
static int check_rights(const char *path, const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_CONF, "%s: is no plain file", path);
	if (st->st_mode & 077)
		return err_set(
			err, ERR_CONF,
			"%s: others have rights on it (%03o); nobody can log in before: chmod "
			"600 %s",
			path, st->st_mode & 0777, path);
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return err_set(err, ERR_CONF, "%s: belongs to another user (%u)", path,
			       (unsigned)st->st_uid);
	return 0;
}

static void remember(struct people *p, const struct stat *st)
{
	p->changed_ns = st->st_ctim.tv_sec * 1000000000LL + st->st_ctim.tv_nsec;
	p->size = st->st_size;
	p->ino = (int64_t)st->st_ino;
}

int people_load(struct people *out, const char *path, struct findings *f, struct err *err)
{
	struct place whole = { path, 0, 0 };
	size_t before = f->errors;
	struct stat st = { 0 };
	struct ini *file;

	*out = (struct people){ .path = path, .size = -1 };
	out->path = arena_strdup(&out->arena, path);
	if (sodium_init() < 0)
		return err_set(err, ERR_INTERNAL, "libsodium cannot be used");
	if (stat(path, &st) < 0 && errno == ENOENT) {
		finding_add(f, &whole, FINDING_SUSPICIOUS,
			    "there is no operators file, so nobody can log in; see station help "
			    "people");
		return 0;
	}
	if (!st.st_mode)
		return err_set(err, ERR_CONF, "%s: %s", path, strerror(errno));
	remember(out, &st);
	if (check_rights(path, &st, err) < 0)
		return err->code;
	if (ini_load(&file, &out->arena, path, f, err) < 0)
		return err->code = ERR_CONF;
	out->person = arena_alloc(&out->arena, (file->sections + 1) * sizeof(*out->person));
	for (size_t i = 0; i < file->sections; i++) {
		struct ini_section *s = &file->section[i];

		if (strcmp(s->kind, "person"))
			finding_add(f, &s->at, FINDING_UNKNOWN_SECTION,
				    "unknown section [%s]; the file has [person ID]", s->kind);
		else if (!*s->name)
			finding_add(f, &s->at, FINDING_BAD_SECTION,
				    "[person] needs an id: [person ID]");
		else
			read_person(out, s, f);
	}
	if (f->errors == before)
		return 0;
	out->count = 0;
	return err_set(err, ERR_CONF, "%s: has %zu error%s, so nobody can log in", path,
		       f->errors - before, f->errors - before > 1 ? "s" : "");
}

void people_release(struct people *p)
{
	arena_free(&p->arena);
	*p = (struct people){ 0 };
}

int people_changed(const struct people *p)
{
	struct people now = { .size = -1 };
	struct stat st;

	if (stat(p->path, &st) == 0)
		remember(&now, &st);
	return now.changed_ns != p->changed_ns || now.size != p->size || now.ino != p->ino;
}

const struct people_person *people_find(const struct people *p, const char *id)
{
	for (size_t i = 0; i < p->count; i++)
		if (!strcmp(p->person[i].id, id))
			return &p->person[i];
	return NULL;
}

/* --- badges --- */

/* "1184.123...": where the id ends, or 0. */
static size_t id_length(const char *text)
{
	const char *dot = strrchr(text, '.');

	if (!dot || dot == text || strlen(dot + 1) != SECRET ||
	    strspn(dot + 1, "0123456789") != SECRET)
		return 0;
	return (size_t)(dot - text);
}

int people_badge(const struct people_person **out, const struct people *p, const char *beginning,
		 const char *bytes, size_t n, struct err *err)
{
	const struct people_person *who = NULL;
	char text[SCAN_MAX + 1], id[INI_NAME_MAX + 1] = "", hash[crypto_pwhash_STRBYTES] = "";
	size_t from = strlen(beginning), k = 0;
	int right = 0;

	*out = NULL;
	if (n >= from && n - from <= SCAN_MAX && !memcmp(bytes, beginning, from) &&
	    !memchr(bytes, '\0', n)) {
		memcpy(text, bytes + from, n - from);
		text[n - from] = '\0';
		k = id_length(text);
	}
	if (k && k < sizeof(id)) {
		snprintf(id, sizeof(id), "%.*s", (int)k, text);
		who = people_find(p, id);
		snprintf(hash, sizeof(hash), "%s", who && *who->hash ? who->hash : nobody);
		right = crypto_pwhash_str_verify(hash, text, strlen(text)) == 0;
	}
	sodium_memzero(text, sizeof(text));
	if (!right || !who || !*who->hash)
		return err_set(err, ERR_USAGE,
			       "this badge opens nothing here; have a new one made with station "
			       "people badge");
	*out = who;
	return 0;
}

/* A new badge and its hash. */
static int make_badge(char out[PEOPLE_BADGE], char hash[crypto_pwhash_STRBYTES],
		      const char *beginning, const char *id, struct err *err)
{
	size_t from = strlen(beginning);
	int n = snprintf(out, PEOPLE_BADGE, "%s%s.", beginning, id);

	if (sodium_init() < 0)
		return err_set(err, ERR_INTERNAL, "libsodium cannot be used");
	if (n < 0 || n + SECRET >= PEOPLE_BADGE)
		return err_set(err, ERR_USAGE, "the beginning of badges or the id is too long");
	for (int i = 0; i < SECRET; i++)
		out[n + i] = (char)('0' + randombytes_uniform(10));
	out[n + SECRET] = '\0';
	if (crypto_pwhash_str(hash, out + from, strlen(out + from), HASH_OPS, HASH_MEM))
		return err_set(err, ERR_INTERNAL, "no memory to hash the badge");
	return 0;
}

/* --- changing the file --- */

struct change {
	const char *path;
	int lock; /* the folder, held while the file is read and written */
	struct arena arena;
	char *text;
	size_t len;
	struct people people;
	struct ini *file;
};

static void change_end(struct change *c)
{
	if (c->lock >= 0)
		close(c->lock);
	people_release(&c->people);
	if (c->text)
		sodium_memzero(c->text, c->len);
	arena_free(&c->arena);
}

static int lock_folder(struct change *c, struct err *err)
{
	const char *slash = strrchr(c->path, '/');
	const char *dir =
		slash ? arena_printf(&c->arena, "%.*s", (int)(slash - c->path + 1), c->path) : ".";
	int64_t until = clock_ms() + LOCK_MS;

	if (slash && file_mkdirs(dir, err) < 0)
		return err->code;
	c->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->lock < 0)
		return err_set(err, ERR_FILE, "%s: %s", dir, strerror(errno));
	while (flock(c->lock, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK || clock_ms() >= until)
			return err_set(err, ERR_BUSY, "%s: another program changes it; try again",
				       c->path);
		poll(NULL, 0, 5);
	}
	return 0;
}

static int change_begin(struct change *c, const char *path, struct err *err)
{
	struct findings f = { 0 };
	int r;

	*c = (struct change){ .path = path, .lock = -1 };
	r = lock_folder(c, err);
	if (r == 0)
		r = people_load(&c->people, path, &f, err);
	finding_release(&f);
	if (r < 0 || c->people.size < 0) {
		c->text = r < 0 ? NULL : arena_strdup(&c->arena, "");
		return r;
	}
	r = file_read(&c->text, &c->len, &c->arena, path, INI_FILE_MAX, err);
	if (r == 0)
		c->file = ini_parse(&c->arena, path, c->text, c->len, &f);
	finding_release(&f);
	return r;
}

static int change_write(struct change *c, const struct sbuf *text, struct err *err)
{
	return file_write_private(c->path, sbuf_str(text), text->len, err);
}

static void put_key(struct sbuf *out, const char *key, const char *value)
{
	sbuf_printf(out, "%-8s =", key);
	if (*value) {
		sbuf_putc(out, ' ');
		ini_print_value(out, value, strlen(value));
	}
	sbuf_putc(out, '\n');
}

/* A line that continues the value above it. */
static int continues(const char *line)
{
	size_t blank = strspn(line, " \t");

	return blank && line[blank] && !strchr("\r\n;#", line[blank]);
}

/* The file with one key of a person set: all other lines stay as they are. */
static int set_key(const char *path, const char *id, const char *key, const char *value,
		   struct err *err)
{
	const struct ini_section *s = NULL;
	const struct ini_key *k = NULL;
	struct sbuf out = { 0 };
	struct change c;
	int r = change_begin(&c, path, err), dropping = 0, line = 0;

	if (r == 0 && !people_find(&c.people, id))
		r = err_set(err, ERR_USAGE, "%s: there is nobody with the id '%.64s'", path, id);
	if (r == 0) {
		s = ini_section(c.file, "person", id);
		k = ini_key(s, key);
	}
	for (const char *p = r == 0 ? c.text : "", *end; *p; p = end) {
		end = strchr(p, '\n');
		end = end ? end + 1 : p + strlen(p);
		line++;
		dropping = dropping && continues(p);
		if (k && line == k->at.line) {
			put_key(&out, key, value);
			dropping = 1;
		} else if (!dropping) {
			sbuf_add(&out, p, (size_t)(end - p));
		}
		if (!k && line == s->at.line) {
			if (out.len && out.data[out.len - 1] != '\n')
				sbuf_putc(&out, '\n');
			put_key(&out, key, value);
		}
	}
	if (r == 0)
		r = change_write(&c, &out, err);
	change_end(&c);
	if (out.data)
		sodium_memzero(out.data, out.len);
	sbuf_release(&out);
	return r;
}

int people_add(char out[PEOPLE_BADGE], const char *path, const char *beginning, const char *id,
	       const char *name, enum people_role role, const char *language, struct err *err)
{
	char hash[crypto_pwhash_STRBYTES];
	struct sbuf text = { 0 };
	struct change c;
	int r;

	if (!ini_name_ok(id))
		return err_set(err, ERR_USAGE,
			       "id '%.64s': letters, digits, - _ and . only, at most %d", id,
			       INI_NAME_MAX);
	if (!*name || text_utf8_bad(name, strlen(name)) != strlen(name) || strpbrk(name, "\r\n"))
		return err_set(err, ERR_USAGE, "the name must be one line of text");
	if (role < PEOPLE_OPERATOR || role >= PEOPLE_ROLE_END_)
		return err_set(err, ERR_USAGE, "the role must be operator, engineer or qa");
	if (!language_find(language))
		return err_set(err, ERR_USAGE, "there is no language '%.40s'; there are %s",
			       language, languages_told);
	r = change_begin(&c, path, err);
	if (r == 0 && people_find(&c.people, id))
		r = err_set(err, ERR_USAGE, "%s: '%s' is there already", path, id);
	if (r == 0)
		r = make_badge(out, hash, beginning, id, err);
	if (r == 0) {
		sbuf_add(&text, c.text, c.len);
		if (!c.len)
			sbuf_puts(&text,
				  "; Who may test; see station help people. Rights: 0600.\n");
		else if (text.data[text.len - 1] != '\n')
			sbuf_putc(&text, '\n');
		sbuf_printf(&text, "\n[person %s]\n", id);
		put_key(&text, "name", name);
		put_key(&text, "role", people_role_word(role));
		put_key(&text, "language", language);
		put_key(&text, "badge", hash);
		r = change_write(&c, &text, err);
	}
	if (r < 0)
		sodium_memzero(out, PEOPLE_BADGE);
	change_end(&c);
	if (text.data)
		sodium_memzero(text.data, text.len);
	sbuf_release(&text);
	return r;
}

int people_new_badge(char out[PEOPLE_BADGE], const char *path, const char *beginning,
		     const char *id, struct err *err)
{
	char hash[crypto_pwhash_STRBYTES];
	int r = make_badge(out, hash, beginning, id, err);

	if (r == 0)
		r = set_key(path, id, "badge", hash, err);
	if (r < 0)
		sodium_memzero(out, PEOPLE_BADGE);
	return r;
}

int people_revoke(const char *path, const char *id, struct err *err)
{
	return set_key(path, id, "badge", "", err);
}

int people_language(const char *path, const char *id, const char *language, struct err *err)
{
	if (!language_find(language))
		return err_set(err, ERR_USAGE, "there is no language '%.40s'; there are %s",
			       language, languages_told);
	return set_key(path, id, "language", language, err);
}
