/*
 * proto -- every message is a list of rows: key, kind and place in struct
 * floor_message. What is zero or NULL is not written, and what is not there reads
 * as that.
 */
#include "floor/proto.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

enum { ROWS_MAX = 4096, CELLS_MAX = 32 }; /* of a reply */

enum kind {
	TEXT,  /* "" when it is not there */
	MAYBE, /* NULL when it is not there */
	BYTES,
	LIST,
	ROWS,
	INT,
	SIZE,
	FLAG,
	NUM,
	STATE,
	MODE,
	VERDICT,
	BLAME,
	NOTICE,
	DO
};

struct row {
	const char *key;
	enum kind kind;
	size_t at, count_at; /* count_at: of BYTES, LIST and ROWS */
	int needed;
};

#define AT(field) offsetof(struct floor_message, field)
#define ROW(key, kind, field)                                                                      \
	{                                                                                          \
		key, kind, AT(field), 0, 0                                                         \
	}
#define NEED(key, kind, field)                                                                     \
	{                                                                                          \
		key, kind, AT(field), 0, 1                                                         \
	}
#define MANY(key, kind, field, count)                                                              \
	{                                                                                          \
		key, kind, AT(field), AT(count), 0                                                 \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, TEXT, 0, 0, 0                                                                \
	}

/* clang-format off */
static const struct row hello[] = {
	NEED("version", TEXT, version), NEED("pid", INT, pid),
	MANY("slots", LIST, slot_name, slot_names), END
};
static const struct row slot[] = {
	NEED("index", INT, index),
	NEED("name", TEXT, slot.name), ROW("state", STATE, slot.state),
	ROW("interface", FLAG, slot.interface), ROW("usb", TEXT, slot.usb),
	ROW("barcode", MAYBE, slot.barcode), ROW("mode", MODE, slot.mode),
	ROW("serial", TEXT, slot.serial), ROW("product", TEXT, slot.product),
	ROW("plan", TEXT, slot.plan), ROW("revision", TEXT, slot.revision),
	ROW("variant", TEXT, slot.variant), ROW("attempt", INT, slot.attempt),
	ROW("attempts_max", INT, slot.attempts_max), ROW("instruction", TEXT, slot.instruction),
	ROW("step", SIZE, slot.step), ROW("steps", SIZE, slot.steps),
	ROW("step_id", TEXT, slot.step_id), ROW("step_title", TEXT, slot.step_title),
	ROW("step_try", INT, slot.step_try), ROW("waits_for", MAYBE, slot.waits_for),
	ROW("doing", TEXT, slot.doing), ROW("done", NUM, slot.done),
	ROW("run_at_ms", INT, slot.run_at_ms), ROW("step_at_ms", INT, slot.step_at_ms),
	ROW("expected_ms", INT, slot.expected_ms),
	ROW("step_expected_ms", INT, slot.step_expected_ms),
	ROW("before_ms", INT, slot.before_ms),
	ROW("question", INT, slot.question.number), ROW("ask_kind", TEXT, slot.question.kind),
	ROW("ask_text", TEXT, slot.question.text),
	ROW("ask_picture", MAYBE, slot.question.picture),
	MANY("ask_choices", LIST, slot.question.choice, slot.question.choices),
	ROW("ask_until_ms", INT, slot.question.until_at_ms),
	ROW("verdict", VERDICT, slot.verdict), ROW("blame", BLAME, slot.blame),
	ROW("marginal", FLAG, slot.marginal), ROW("pulled", FLAG, slot.pulled),
	ROW("fail_name", TEXT, slot.fail_name), ROW("fail_value", TEXT, slot.fail_value),
	ROW("fail_limit", TEXT, slot.fail_limit), ROW("fail_note", TEXT, slot.fail_note),
	ROW("code", TEXT, slot.code),
	ROW("message", TEXT, slot.message), ROW("todo", TEXT, slot.todo),
	ROW("run", TEXT, slot.run), ROW("report", MAYBE, slot.report),
	ROW("ended_wall_ms", INT, slot.ended_wall_ms), ROW("took_ms", INT, slot.took_ms), END
};
static const struct row status[] = {
	ROW("station", TEXT, status.station), ROW("line", TEXT, status.line),
	ROW("fixture", TEXT, status.fixture), ROW("person", TEXT, status.person),
	ROW("person_name", TEXT, status.person_name), ROW("role", TEXT, status.role),
	ROW("language", TEXT, status.language), ROW("login", FLAG, status.login),
	ROW("no_badges", FLAG, status.no_badges),
	ROW("plan", TEXT, status.plan), ROW("revision", TEXT, status.revision),
	ROW("shift_units", INT, status.shift_units), ROW("shift_first", INT, status.shift_first),
	ROW("shift_first_passed", INT, status.shift_first_passed),
	ROW("units_per_hour", NUM, status.units_per_hour),
	ROW("record_ok", FLAG, status.record_ok), ROW("record_text", TEXT, status.record_text),
	ROW("queued", INT, status.queued), ROW("calibration_days", INT, status.calibration_days),
	ROW("cycles_left", INT, status.cycles_left), ROW("not_shown", INT, status.not_shown),
	ROW("waits", TEXT, status.waits), ROW("waits_text", TEXT, status.waits_text),
	ROW("badge", TEXT, status.badge), ROW("codes", TEXT, status.codes), END
};
static const struct row notice[] = {
	NEED("kind", NOTICE, notice.kind), ROW("slot", MAYBE, notice.slot),
	NEED("text", TEXT, notice.text), NEED("code", TEXT, notice.code), END
};
static const struct row stream[] = {
	NEED("index", INT, index), MANY("text", BYTES, text, len), END
};
static const struct row reply[] = {
	NEED("id", INT, reply.id), ROW("ok", FLAG, reply.ok), ROW("text", TEXT, reply.text),
	ROW("code", TEXT, reply.code), MANY("rows", ROWS, reply.row, reply.rows),
	ROW("more", FLAG, more), END
};
static const struct row command[] = {
	NEED("do", DO, command.what), ROW("id", INT, command.id), ROW("slot", MAYBE, command.slot),
	MANY("text", BYTES, command.text, command.len), ROW("serial", MAYBE, command.serial),
	ROW("reason", MAYBE, command.reason), ROW("product", MAYBE, command.product),
	ROW("process", MAYBE, command.process), ROW("question", INT, command.question), END
};
static const struct row shown[] = { NEED("run", TEXT, text), END };
/* clang-format on */

static const struct {
	const char *word;
	const struct row *rows;
} types[] = {
	[FLOOR_HELLO] = { "hello", hello },      [FLOOR_SLOT] = { "slot", slot },
	[FLOOR_STATUS] = { "status", status },   [FLOOR_NOTICE] = { "notice", notice },
	[FLOOR_CONSOLE] = { "console", stream }, [FLOOR_MEASURE] = { "measure", stream },
	[FLOOR_REPLY] = { "reply", reply },      [FLOOR_COMMAND] = { "command", command },
	[FLOOR_SHOWN] = { "shown", shown },
};

/* --- words --- */

static const char *const states[] = {
#define STATE_WORD(name, word, help) [FLOOR_##name] = word,
	FLOOR_STATE_LIST(STATE_WORD)
#undef STATE_WORD
};
static const struct {
	const char *word, *help;
} dos[] = { [FLOOR_DO_NONE] = { "none", "nothing" },
#define DO_WORD(name, word, role, reason, help) [FLOOR_DO_##name] = { word, help },
	    FLOOR_DO_LIST(DO_WORD)
#undef DO_WORD
};
static const char *const notices[] = {
#define NOTICE_WORD(name, word) [FLOOR_NOTICE_##name] = word,
	FLOOR_NOTICE_LIST(NOTICE_WORD)
#undef NOTICE_WORD
};

const char *floor_state_word(enum floor_state s)
{
	return (unsigned)s < FLOOR_STATE_END_ ? states[s] : "unknown";
}

const char *floor_do_word(enum floor_do d)
{
	return (unsigned)d < FLOOR_DO_END_ ? dos[d].word : "none";
}

const char *floor_do_help(enum floor_do d)
{
	return (unsigned)d < FLOOR_DO_END_ ? dos[d].help : "nothing";
}

enum floor_do floor_do_find(const char *word)
{
	for (int d = FLOOR_DO_NONE + 1; d < FLOOR_DO_END_; d++)
		if (!strcmp(dos[d].word, word))
			return (enum floor_do)d;
	return FLOOR_DO_NONE;
}

const char *floor_notice_word(enum floor_notice_kind k)
{
	return (unsigned)k < FLOOR_NOTICE_END_ ? notices[k] : "no";
}

static const char *word_of(enum kind kind, int value)
{
	switch (kind) {
	case STATE:
		return floor_state_word((enum floor_state)value);
	case MODE:
		return run_mode_word((enum run_mode)value);
	case VERDICT:
		return verdict_word((enum verdict)value);
	case BLAME:
		return err_blame_word((enum err_blame)value);
	case NOTICE:
		return floor_notice_word((enum floor_notice_kind)value);
	default:
		return floor_do_word((enum floor_do)value);
	}
}

/* One more than the last value of an enum. */
static int end_of(enum kind kind)
{
	static const int end[] = {
		[STATE] = FLOOR_STATE_END_, [MODE] = MODE_END_,           [VERDICT] = VERDICT_END_,
		[BLAME] = BLAME_OPEN + 1,   [NOTICE] = FLOOR_NOTICE_END_, [DO] = FLOOR_DO_END_,
	};

	return end[kind];
}

/* --- writing --- */

/* At most max bytes of text, whole characters; an end that was cut shows dots. */
static const char *cut(struct arena *a, const char *text, size_t max)
{
	size_t n = 0;

	if (strlen(text) <= max)
		return text;
	while (n < max) {
		int step = text_utf8_len(text + n, max - n);

		if (!step && max - n < 4)
			break;
		n += step ? (size_t)step : 1;
	}
	return arena_printf(a, "%.*s...", (int)n, text);
}

struct writer {
	struct json j;
	struct arena arena;
	size_t text_max;
};

static void put_list(struct writer *w, const char *key, const char *const *item, size_t n)
{
	json_open(&w->j, key, '[');
	for (size_t i = 0; i < n && item[i]; i++)
		json_text(&w->j, NULL, cut(&w->arena, item[i], w->text_max));
	json_close(&w->j, ']');
}

static void put(struct writer *w, const struct row *r, const struct floor_message *m)
{
	const void *at = (const char *)m + r->at;
	const void *count_at = (const char *)m + r->count_at;
	const char *text;

	switch (r->kind) {
	case TEXT:
	case MAYBE:
		text = *(const char *const *)at;
		if (r->needed || (text && (*text || r->kind == MAYBE)))
			json_text(&w->j, r->key, cut(&w->arena, text ? text : "", w->text_max));
		return;
	case BYTES: /* never cut: half a scan is another scan */
		text = *(const char *const *)at;
		if (text || r->needed)
			json_text(&w->j, r->key,
				  text_escaped(&w->arena, text ? text : "",
					       *(const size_t *)count_at));
		return;
	case LIST:
		if (*(const size_t *)count_at)
			put_list(w, r->key, *(const char *const *const *)at,
				 *(const size_t *)count_at);
		return;
	case ROWS:
		if (!*(const size_t *)count_at)
			return;
		json_open(&w->j, r->key, '[');
		for (size_t i = 0; i < *(const size_t *)count_at; i++)
			put_list(w, NULL, (*(const char *const *const *const *)at)[i], CELLS_MAX);
		json_close(&w->j, ']');
		return;
	case INT:
		if (*(const int64_t *)at || r->needed)
			json_int(&w->j, r->key, *(const int64_t *)at);
		return;
	case SIZE:
		if (*(const size_t *)at)
			json_int(&w->j, r->key, (int64_t) * (const size_t *)at);
		return;
	case FLAG:
		if (*(const int *)at)
			json_bool(&w->j, r->key, 1);
		return;
	case NUM:
		if (*(const double *)at != 0)
			json_num(&w->j, r->key,
				 isfinite(*(const double *)at) ? *(const double *)at : -1);
		return;
	default:
		if (*(const int *)at || r->needed)
			json_text(&w->j, r->key, word_of(r->kind, *(const int *)at));
	}
}

void floor_encode(struct sbuf *out, const struct floor_message *m)
{
	static const size_t text_max[] = { 8192, 1024, 128, 16 };
	size_t from = out->len;

	if ((unsigned)m->type >= FLOOR_MESSAGE_END_)
		abort();
	/* A picture with less text is better than none. */
	for (size_t i = 0; i < sizeof(text_max) / sizeof(text_max[0]); i++) {
		struct writer w = { .j = { .out = out }, .text_max = text_max[i] };

		out->len = from;
		json_open(&w.j, NULL, '{');
		json_text(&w.j, "type", types[m->type].word);
		for (const struct row *r = types[m->type].rows; r->key; r++)
			put(&w, r, m);
		json_close(&w.j, '}');
		arena_free(&w.arena);
		if (out->len - from <= FLOOR_PACKET)
			return;
	}
}

static size_t row_size(const char **row)
{
	size_t n = 8;

	for (; *row; row++)
		n += 2 * strlen(*row) + 4; /* each character escaped */
	return n;
}

void floor_reply_split(const struct floor_reply *r,
		       void (*send)(void *payload, const struct floor_message *m), void *payload)
{
	struct floor_message m = { .type = FLOOR_REPLY, .reply = *r };
	size_t from = 0;

	do {
		size_t n = 0, size = 0;

		while (from + n < r->rows && n < ROWS_MAX / 4) {
			size += row_size(r->row[from + n]);
			if (n && size > FLOOR_PACKET / 2)
				break;
			n++;
		}
		m.reply.row = r->row ? r->row + from : NULL;
		m.reply.rows = n;
		from += n;
		m.more = from < r->rows;
		send(payload, &m);
	} while (m.more);
}

/* --- reading --- */

struct reader {
	struct arena *arena;
	struct err *err;
};

static int bad(struct reader *r, const char *key, const char *must)
{
	return err_set(r->err, ERR_PROTO, "'%.*s' must be %s", text_brief(key, strlen(key)), key,
		       must);
}

static int get_list(struct reader *r, const char ***out, size_t *n, const char *key, json_t *v)
{
	const char **item;

	if (!json_is_array(v) || json_array_size(v) > ROWS_MAX)
		return bad(r, key, "a list of texts");
	*n = json_array_size(v);
	item = arena_alloc(r->arena, (*n + 1) * sizeof(*item));
	for (size_t i = 0; i < *n; i++) {
		json_t *text = json_array_get(v, i);

		if (!json_is_string(text))
			return bad(r, key, "a list of texts");
		item[i] = run_clean(r->arena, arena_strdup(r->arena, json_string_value(text)));
	}
	*out = item;
	return 0;
}

static int get_rows(struct reader *r, const char ****out, size_t *n, const char *key, json_t *v)
{
	const char ***row;

	if (!json_is_array(v) || json_array_size(v) > ROWS_MAX)
		return bad(r, key, "a list of rows");
	*n = json_array_size(v);
	row = arena_alloc(r->arena, (*n + 1) * sizeof(*row));
	for (size_t i = 0; i < *n; i++) {
		size_t cells;

		if (get_list(r, &row[i], &cells, key, json_array_get(v, i)) < 0)
			return r->err->code;
		if (cells > CELLS_MAX)
			return bad(r, key, "rows of at most 32 texts");
	}
	*out = row;
	return 0;
}

static int get_bytes(struct reader *r, const char **out, size_t *len, const char *key, json_t *v)
{
	struct sbuf bytes = { 0 };
	char *copy;

	if (!json_is_string(v) ||
	    text_unescape(&bytes, json_string_value(v), json_string_length(v)) < 0) {
		sbuf_release(&bytes);
		return bad(r, key, "a text in which a backslash is doubled");
	}
	copy = arena_alloc(r->arena, bytes.len + 1);
	memcpy(copy, sbuf_str(&bytes), bytes.len);
	*out = copy;
	*len = bytes.len;
	sbuf_release(&bytes);
	return 0;
}

static int get_word(struct reader *r, int *out, const struct row *row, json_t *v)
{
	const char *word = json_is_string(v) ? json_string_value(v) : "";

	for (int i = row->kind == DO ? 1 : 0; i < end_of(row->kind); i++)
		if (!strcmp(word_of(row->kind, i), word)) {
			*out = i;
			return 0;
		}
	return bad(r, row->key, "one of its words");
}

static int get(struct reader *r, struct floor_message *m, const struct row *row, json_t *v)
{
	void *at = (char *)m + row->at, *count_at = (char *)m + row->count_at;

	switch (row->kind) {
	case TEXT:
	case MAYBE:
		if (!json_is_string(v))
			return bad(r, row->key, "a text");
		*(const char **)at =
			run_clean(r->arena, arena_strdup(r->arena, json_string_value(v)));
		return 0;
	case BYTES:
		return get_bytes(r, at, count_at, row->key, v);
	case LIST:
		return get_list(r, at, count_at, row->key, v);
	case ROWS:
		return get_rows(r, at, count_at, row->key, v);
	case INT:
		if (!json_is_integer(v))
			return bad(r, row->key, "a whole number");
		*(int64_t *)at = json_integer_value(v);
		return 0;
	case SIZE:
		if (!json_is_integer(v) || json_integer_value(v) < 0)
			return bad(r, row->key, "a whole number from 0");
		*(size_t *)at = (size_t)json_integer_value(v);
		return 0;
	case FLAG:
		if (!json_is_boolean(v))
			return bad(r, row->key, "true or false");
		*(int *)at = json_is_true(v);
		return 0;
	case NUM:
		if (!json_is_number(v))
			return bad(r, row->key, "a number");
		*(double *)at = json_number_value(v);
		return 0;
	default:
		return get_word(r, at, row, v);
	}
}

/* Keys come in the order of the rows: the search goes on behind the last one. */
static const struct row *row_of(const struct row *rows, const struct row *last, const char *key)
{
	for (const struct row *r = last ? last + 1 : rows; r->key; r++)
		if (!strcmp(r->key, key))
			return r;
	for (; last && rows <= last; rows++)
		if (!strcmp(rows->key, key))
			return rows;
	return NULL;
}

static int read_message(struct floor_message *m, json_t *root, struct reader *r)
{
	const char *type = json_string_value(json_object_get(root, "type"));
	const struct row *rows = NULL, *row = NULL;
	const char *key;
	json_t *v;

	for (int i = 0; type && i < FLOOR_MESSAGE_END_; i++)
		if (!strcmp(types[i].word, type)) {
			m->type = (enum floor_message_type)i;
			rows = types[i].rows;
		}
	if (!rows)
		return err_set(r->err, ERR_PROTO, "no message has the type '%.*s'",
			       type ? text_brief(type, strlen(type)) : 0, type ? type : "");
	json_object_foreach(root, key, v)
	{
		if (!strcmp(key, "type"))
			continue;
		row = row_of(rows, row, key);
		if (!row)
			return err_set(r->err, ERR_PROTO, "a '%s' has no '%.*s'", type,
				       text_brief(key, strlen(key)), key);
		if (get(r, m, row, v) < 0)
			return r->err->code;
	}
	for (; rows->key; rows++) {
		const char **text = (const char **)((char *)m + rows->at);

		if (rows->needed && !json_object_get(root, rows->key))
			return err_set(r->err, ERR_PROTO, "a '%s' needs '%s'", type, rows->key);
		if ((rows->kind == TEXT || rows->kind == BYTES) && !*text)
			*text = "";
	}
	return 0;
}

int floor_decode(struct floor_message *m, const char *bytes, size_t len, struct err *err)
{
	struct reader r = { &m->arena, err };
	json_error_t why;
	json_t *root;
	int code;

	*m = (struct floor_message){ .type = FLOOR_HELLO };
	if (len > FLOOR_PACKET)
		return err_set(err, ERR_PROTO, "a message of %zu bytes, must be %d at most", len,
			       FLOOR_PACKET);
	root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(root)) {
		char text[JSON_ERROR_TEXT_LENGTH];

		snprintf(text, sizeof(text), "%s", root ? "it is no object" : why.text);
		json_decref(root);
		return err_set(err, ERR_PROTO, "not a message: %.*s",
			       text_brief(text, strlen(text)), text);
	}
	code = read_message(m, root, &r);
	json_decref(root);
	if (code < 0)
		floor_message_release(m);
	return code;
}

void floor_message_release(struct floor_message *m)
{
	arena_free(&m->arena);
	*m = (struct floor_message){ .type = FLOOR_HELLO };
}
