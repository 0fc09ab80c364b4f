/*
 * store_note -- what was decided after runs: grants, dispositions, changes of the
 * station, answers of hooks. One form for all of them, see store.h.
 */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "store/store_in.h"

enum { NOTE_SCHEMA = 1, NOTE_TEXT_MAX = 2048 };

static const char *const kinds[STORE_NOTE_END_] = {
#define STORE_NOTE_WORD(name, word) [STORE_##name] = word,
	STORE_NOTE_LIST(STORE_NOTE_WORD)
#undef STORE_NOTE_WORD
};

static const char *const dispositions[] = {
#define STORE_DISPOSITION_WORD(name, word, help) word,
	STORE_DISPOSITION_LIST(STORE_DISPOSITION_WORD)
#undef STORE_DISPOSITION_WORD
};

enum store_note_kind note_kind_find(const char *word)
{
	for (int i = 1; i < STORE_NOTE_END_; i++)
		if (!strcmp(kinds[i], word))
			return (enum store_note_kind)i;
	return STORE_NOTE_NONE;
}

const char *store_note_word(enum store_note_kind k)
{
	return k > STORE_NOTE_NONE && k < STORE_NOTE_END_ ? kinds[k] : "";
}

int store_is_disposition(const char *word)
{
	for (size_t i = 0; word && i < sizeof(dispositions) / sizeof(dispositions[0]); i++)
		if (!strcmp(dispositions[i], word))
			return 1;
	return 0;
}

/* The text keys in the order in which a body has them; at_ms comes last. */
static const struct {
	const char *key;
	size_t offset;
	int must;
} keys[] = {
	{ "what", offsetof(struct store_note, what), 1 },
	{ "product", offsetof(struct store_note, product), 0 },
	{ "serial", offsetof(struct store_note, serial), 0 },
	{ "process", offsetof(struct store_note, process), 0 },
	{ "run", offsetof(struct store_note, run), 0 },
	{ "slot", offsetof(struct store_note, slot), 0 },
	{ "by", offsetof(struct store_note, by), 1 },
	{ "by_how", offsetof(struct store_note, by_how), 1 },
	{ "reason", offsetof(struct store_note, reason), 0 },
	{ "was", offsetof(struct store_note, was), 0 },
	{ "is", offsetof(struct store_note, is), 0 },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static const char **field(struct store_note *n, size_t key)
{
	return (void *)((char *)n + keys[key].offset);
}

static void print(struct sbuf *out, struct store_note *n)
{
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_int(&j, "schema", NOTE_SCHEMA);
	for (size_t i = 0; i < KEYS; i++)
		if (*field(n, i))
			json_text(&j, keys[i].key, *field(n, i));
	json_int(&j, "at_ms", n->at_ms);
	json_close(&j, '}');
}

/* --- reading --- */

static int is_of_unit(const struct store_note *n)
{
	return n->serial || n->product || n->process;
}

/* What the table relies on. */
static int complete(const struct store_note *n, enum err_code code, struct err *err)
{
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].must && !*field((struct store_note *)(uintptr_t)n, i))
			return err_set(err, code, "%s: '%s' is missing", kinds[n->kind],
				       keys[i].key);
	if (is_of_unit(n) && !(n->serial && n->product && n->process))
		return err_set(err, code, "%s: a unit is named by product, serial and process",
			       kinds[n->kind]);
	if (!is_of_unit(n) && (n->kind == STORE_GRANT || n->kind == STORE_DISPOSITION))
		return err_set(err, code, "%s: names no unit", kinds[n->kind]);
	if (n->kind == STORE_DISPOSITION && !store_is_disposition(n->what))
		return err_set(err, code, "disposition: there is no '%.40s'", n->what);
	return 0;
}

static int take_key(struct store_note *n, struct arena *a, const char *key, json_t *value,
		    struct err *err)
{
	for (size_t i = 0; i < KEYS; i++)
		if (!strcmp(keys[i].key, key)) {
			if (!json_is_string(value))
				return err_set(err, ERR_CORRUPT, "%s: '%s' is no text",
					       kinds[n->kind], key);
			*field(n, i) = arena_strdup(a, json_string_value(value));
			return 0;
		}
	if (!strcmp(key, "schema"))
		return 0;
	if (strcmp(key, "at_ms") || !json_is_integer(value))
		return err_set(err, ERR_CORRUPT, "%s: key '%.40s' is not what was expected",
			       kinds[n->kind], key);
	n->at_ms = json_integer_value(value);
	return 0;
}

int note_from_json(struct store_note *out, struct arena *a, enum store_note_kind kind,
		   const char *json, size_t len, struct err *err)
{
	json_error_t at;
	json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &at), *value;
	const char *key;
	int r = 0;

	*out = (struct store_note){ .kind = kind };
	if (!root)
		return err_set(err, ERR_CORRUPT, "%s: byte %d: %s", kinds[kind], at.position,
			       at.text);
	if (!json_is_integer(json_object_get(root, "schema")) ||
	    !json_is_integer(json_object_get(root, "at_ms")))
		r = err_set(err, ERR_CORRUPT, "%s: no schema or time", kinds[kind]);
	else if (json_integer_value(json_object_get(root, "schema")) > NOTE_SCHEMA)
		r = err_set(err, ERR_NEWER, "%s: schema %lld, this program reads up to %d",
			    kinds[kind],
			    (long long)json_integer_value(json_object_get(root, "schema")),
			    NOTE_SCHEMA);
	if (r == 0)
		json_object_foreach(root, key, value) if (r == 0) r =
			take_key(out, a, key, value, err);
	json_decref(root);
	return r < 0 ? r : complete(out, ERR_CORRUPT, err);
}

/* --- writing --- */

/* As records hold text: clean, and not without end. */
static const char *clean(struct arena *a, const char *text)
{
	const char *c = run_clean(a, text);
	size_t n = c ? strlen(c) : 0, keep = 0;

	if (n <= NOTE_TEXT_MAX)
		return c;
	for (;;) {
		int k = text_utf8_len(c + keep, n - keep);
		size_t next = keep + (size_t)(k ? k : 1);

		if (next > NOTE_TEXT_MAX - 3)
			break;
		keep = next;
	}
	return arena_printf(a, "%.*s...", (int)keep, c);
}

int store_note(struct store *s, struct store_note *n, struct err *err)
{
	static const char doing[] = "recording a decision";
	/* What a hook said is worth no wait for the disk. */
	int full = n->kind != STORE_HOOK, rc, r;
	struct store_note note = *n;
	struct sbuf body = { 0 };
	struct arena a = { 0 };
	struct entry e = { 0 };

	if (n->kind <= STORE_NOTE_NONE || n->kind >= STORE_NOTE_END_)
		return err_set(err, ERR_USAGE, "there is no entry of kind %d", (int)n->kind);
	for (size_t i = 0; i < KEYS; i++)
		*field(&note, i) = clean(&a, *field(&note, i));
	note.at_ms = clock_wall_ms();
	r = complete(&note, ERR_USAGE, err);
	if (r == 0)
		r = store_write(s, full, doing, err);
	if (r == 0) {
		print(&body, &note);
		rc = entry_add(&e, s, kinds[n->kind], sbuf_str(&body), body.len);
		note.seq = e.seq;
		if (rc == SQLITE_OK)
			rc = derive_note(&s->db, &note);
		r = rc == SQLITE_OK ? store_end(s, full, doing, err)
				    : store_end_bad(s, rc, doing, err);
	}
	if (r == 0) {
		n->seq = note.seq;
		n->at_ms = note.at_ms;
	}
	sbuf_release(&body);
	arena_free(&a);
	return r;
}

/* --- asking --- */

int store_notes(struct store_note **out, size_t *n, struct arena *a, struct store *s,
		const char *product, const char *serial, const char *process, size_t max,
		struct err *err)
{
	int64_t limit = max ? (int64_t)max : -1;
	size_t room = 16;
	sqlite3_stmt *q;
	int rc, r = 0;

	*n = 0;
	*out = arena_alloc(a, room * sizeof(**out));
	if (s->db.version < 2)
		return 0;
	q = serial ? db_bind(&s->db, DB_NOTES_OF, "ttti", run_clean(a, serial),
			     run_clean(a, product), run_clean(a, process), limit)
		   : db_bind(&s->db, DB_NOTES_ALL, "i", limit);
	for (rc = q ? sqlite3_step(q) : SQLITE_CANTOPEN; rc == SQLITE_ROW && r == 0;
	     rc = sqlite3_step(q)) {
		int64_t kind = sqlite3_column_int64(q, 1);
		const char *bytes = sqlite3_column_blob(q, 2);

		if (*n == room) {
			struct store_note *more = arena_alloc(a, 2 * room * sizeof(*more));

			memcpy(more, *out, room * sizeof(*more));
			*out = more;
			room *= 2;
		}
		if (kind <= STORE_NOTE_NONE || kind >= STORE_NOTE_END_)
			r = err_set(err, ERR_CORRUPT, "%.200s: entry %lld is of an unknown kind",
				    s->path, sqlite3_column_int64(q, 0));
		else
			r = note_from_json(&(*out)[*n], a, (enum store_note_kind)kind,
					   bytes ? bytes : "", (size_t)sqlite3_column_bytes(q, 2),
					   err);
		(*out)[(*n)++].seq = sqlite3_column_int64(q, 0);
	}
	sqlite3_reset(q);
	if (r < 0 || rc == SQLITE_DONE) {
		for (size_t i = 0; i < *n / 2; i++) { /* they came newest first */
			struct store_note t = (*out)[i];

			(*out)[i] = (*out)[*n - 1 - i];
			(*out)[*n - 1 - i] = t;
		}
		return r;
	}
	return db_fail(err, &s->db, s->path, rc, "reading the record");
}
