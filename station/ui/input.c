#include "ui/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MS INT64_C(1000000)

/* What a piece of a burst is. */
enum stroke { STROKE_KEY, STROKE_CHAR, STROKE_PART, STROKE_JUNK };

/* Scans of this scanner have an end when one that has, and so many fast strokes, was seen;
 * until so many without came in a row. Our choice. */
enum { ENDS_LEAST = 3, ENDLESS_MOST = 3 };

static const char paste_begin[] = "\x1b[200~", paste_end[] = "\x1b[201~";

static const struct input_timing preset = {
	.gap_ns = INPUT_GAP_MS * MS,
	.quiet_ns = 120 * MS,
	.hold_ns = INPUT_HOLD_MS * MS,
	.distrust_ns = 1000 * MS,
	.rest_ns = 3000 * MS,
};

void input_init(struct input *in, void (*hear)(void *payload, const struct input_event *e),
		void *payload)
{
	*in = (struct input){ .timing = preset, .hear = hear, .payload = payload };
}

void input_release(struct input *in)
{
	sbuf_release(&in->burst);
	free(in->at);
	in->at = NULL;
	in->at_room = 0;
}

void input_sequence_add(struct input *in, const char *bytes, enum input_key key)
{
	struct input_sequence *s;
	size_t n = bytes ? strlen(bytes) : 0;

	if (n < 1 || n >= INPUT_SEQUENCE_MAX || in->sequences == INPUT_KEYS_MAX)
		return;
	for (size_t i = 0; i < in->sequences; i++)
		if (in->sequence[i].len == n && !memcmp(in->sequence[i].bytes, bytes, n))
			return;
	s = &in->sequence[in->sequences++];
	memcpy(s->bytes, bytes, n);
	s->len = n;
	s->key = key;
}

void input_sequences_common(struct input *in)
{
	static const struct {
		const char *bytes;
		enum input_key key;
	} common[] = {
		{ "\x1b[A", PRESS_UP },
		{ "\x1bOA", PRESS_UP },
		{ "\x1b[B", PRESS_DOWN },
		{ "\x1bOB", PRESS_DOWN },
		{ "\x1b[C", PRESS_RIGHT },
		{ "\x1bOC", PRESS_RIGHT },
		{ "\x1b[D", PRESS_LEFT },
		{ "\x1bOD", PRESS_LEFT },
		{ "\x1b[5~", PRESS_PAGE_UP },
		{ "\x1b[6~", PRESS_PAGE_DOWN },
		{ "\x1b[H", PRESS_HOME },
		{ "\x1b[F", PRESS_END },
		{ "\x1b", PRESS_ESC },
		{ "\r", PRESS_ENTER },
		{ "\n", PRESS_ENTER },
		{ "\t", PRESS_TAB },
		{ "\x7f", PRESS_BACKSPACE },
		{ "\b", PRESS_BACKSPACE },
		/* terminfo's vt220 has no F5, as the terminal had none; what emulates it has. */
		{ "\x1b[15~", PRESS_F5 },
	};

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		input_sequence_add(in, common[i].bytes, common[i].key);
}

static size_t affix(char *out, size_t room, const char *s)
{
	size_t n = strlen(s);

	n = n < room ? n : room;
	memcpy(out, s, n);
	return n;
}

void input_affixes(struct input *in, const char *prefix, const char *suffix)
{
	in->prefix_len = affix(in->prefix, sizeof(in->prefix), prefix);
	in->suffix_len = affix(in->suffix, sizeof(in->suffix), suffix);
}

static int known_key(const struct input *in, const char *s, size_t n, enum input_key *key)
{
	int part = 0;

	for (size_t i = 0; i < in->sequences; i++) {
		const struct input_sequence *q = &in->sequence[i];

		if (q->len == n && !memcmp(q->bytes, s, n)) {
			*key = q->key;
			return 2;
		}
		part |= q->len > n && !memcmp(q->bytes, s, n);
	}
	return part;
}

/* ESC [ parameters final, or ESC O final: ECMA-48 5.4. 2: whole, 1: begun, 0: not one. */
static int sequence_form(const char *s, size_t n)
{
	if (n < 1 || s[0] != '\x1b' || n > INPUT_SEQUENCE_MAX * 2)
		return 0;
	if (n == 1)
		return 1;
	if (s[1] == 'O')
		return n == 2 ? 1 : n == 3 && s[2] >= 0x40 && s[2] <= 0x7e ? 2 : 0;
	if (s[1] != '[')
		return 0;
	for (size_t i = 2; i < n; i++) {
		if (s[2] == '[' && i == 2)
			continue; /* function keys of the linux console: ESC [ [ A */
		if (s[i] >= 0x40 && s[i] <= 0x7e)
			return i + 1 == n ? 2 : 0;
		if (s[i] < 0x20 || s[i] > 0x3f)
			return 0;
	}
	return 1;
}

/* The n bytes are the beginning of a character of UTF-8. */
static int utf8_begun(const char *s, size_t n)
{
	unsigned char lead = (unsigned char)s[0];
	size_t want = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n < want;
}

/* What the n bytes are, taken as a single stroke. */
static enum stroke stroke_of(const struct input *in, const char *s, size_t n, enum input_key *key)
{
	int known = known_key(in, s, n, key), form = sequence_form(s, n);

	if (known == 2)
		return STROKE_KEY;
	if (form == 2) {
		*key = PRESS_UNKNOWN;
		return STROKE_KEY;
	}
	if (known == 1 || form == 1)
		return STROKE_PART;
	if ((unsigned char)s[0] >= 0x20 && s[0] != 0x7f) {
		int len = text_utf8_len(s, n);

		return len > 0 && (size_t)len == n ? STROKE_CHAR
		       : !len && utf8_begun(s, n)  ? STROKE_PART
						   : STROKE_JUNK;
	}
	*key = PRESS_UNKNOWN; /* a control character that is no key of ours */
	return n == 1 ? STROKE_KEY : STROKE_JUNK;
}

/* The bytes of the stroke at s: the longest that is whole. At least 1. */
static size_t stroke_len(const struct input *in, const char *s, size_t n, enum stroke *what,
			 enum input_key *key)
{
	size_t best = 1;

	*what = STROKE_JUNK;
	if (s[0] >= 0x20 && s[0] < 0x7f) {
		*what = STROKE_CHAR;
		return 1;
	}
	for (size_t i = 1; i <= n && i <= INPUT_SEQUENCE_MAX * 2; i++) {
		enum input_key k = PRESS_NONE;
		enum stroke w = stroke_of(in, s, i, &k);

		if (w == STROKE_KEY || w == STROKE_CHAR) {
			best = i;
			*what = w;
			*key = k;
		} else if (w == STROKE_JUNK) {
			break;
		}
	}
	return best;
}

static void tell(struct input *in, struct input_event e)
{
	e.at_ns = in->first_ns;
	in->hear(in->payload, &e);
}

/* The key that waits for the silence behind it counts. */
static void tell_waiting(struct input *in)
{
	struct input_event e = {
		.type = INPUT_KEY, .key = in->waiting, .times = 1, .at_ns = in->waiting_ns
	};

	in->waiting = PRESS_NONE;
	if (e.key != PRESS_NONE)
		in->hear(in->payload, &e);
}

static int moves(enum input_key k)
{
	return (k >= PRESS_UP && k <= PRESS_END) || k == PRESS_BACKSPACE;
}

static void clear(struct input *in)
{
	sbuf_reset(&in->burst);
	in->lost = 0;
	in->any = in->scan = in->paste = in->pasted = 0;
	in->touched = PRESS_NONE;
}

void input_drop(struct input *in, int64_t now_ns)
{
	clear(in);
	in->waiting = PRESS_NONE;
	in->key_from_ns = in->char_from_ns = in->rest_until_ns = now_ns + in->timing.distrust_ns;
}

static int ends_with(const struct sbuf *b, const char *s, size_t n)
{
	return n && b->len >= n && !memcmp(b->data + b->len - n, s, n);
}

static int is_line_end(char c)
{
	return c == '\r' || c == '\n';
}

static int is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Has the burst ended as scans of this scanner end? */
static int complete(const struct input *in)
{
	if (in->paste)
		return in->pasted;
	return ends_with(&in->burst, in->suffix, in->suffix_len) ||
	       (in->burst.len && is_line_end(in->burst.data[in->burst.len - 1]));
}

struct rhythm {
	size_t strokes, fast, chars;
	int same, repeat; /* all strokes are the same key; slow enough for a held key */
	int part;         /* the last one is not whole yet */
	int pressed;      /* a key stands a finger's time apart from what is beside it */
	enum stroke what; /* of the first */
	enum input_key key;
};

/* The beginning of a key that no scanner sends around a label. */
static int is_press(char c)
{
	return c == '\x1b' || c == '\x7f' || c == '\b';
}

static struct rhythm rhythm_of(const struct input *in)
{
	struct rhythm r = { .same = 1, .repeat = 1 };
	const char *s = sbuf_str(&in->burst);
	size_t at = 0, n = in->burst.len;
	int finger = 0;

	while (at < n) {
		enum stroke what;
		enum input_key key = PRESS_NONE;
		size_t len = stroke_len(in, s + at, n - at, &what, &key);

		if (!r.strokes) {
			r.what = what;
			r.key = key;
		} else {
			int64_t gap = in->at[at] - in->at[at - 1];
			int apart = gap >= in->timing.gap_ns, press = is_press(s[at]);

			r.fast += !apart;
			r.repeat &= gap >= 2 * in->timing.gap_ns / 3;
			r.pressed |= apart && (press || finger);
		}
		finger = is_press(s[at]);
		r.part = what == STROKE_JUNK && stroke_of(in, s + at, n - at, &key) == STROKE_PART;
		if (r.part)
			break;
		r.same &= what == STROKE_KEY && key == r.key;
		r.chars += what == STROKE_CHAR;
		r.strokes++;
		at += len;
	}
	return r;
}

static size_t without_end(const char *s, size_t n)
{
	if (n > 1 && s[n - 2] == '\r' && s[n - 1] == '\n')
		return n - 2;
	return n && is_line_end(s[n - 1]) ? n - 1 : n;
}

/* What stands between the paste's marks, or in front of the line end. */
static size_t text_len(const struct input *in)
{
	const char *s = sbuf_str(&in->burst);
	size_t n = without_end(s, in->burst.len), k = sizeof(paste_end) - 1;

	if (in->pasted && n >= k && !memcmp(s + n - k, paste_end, k))
		n = without_end(s, n - k);
	return n;
}

/* Another line end in front of the last, or the end of another scan. */
static int holds_end(const struct input *in, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_line_end(s[i]))
			return 1;
	return in->suffix_len && is_control(*in->suffix) && n > in->suffix_len &&
	       memmem(s, n - in->suffix_len, in->suffix, in->suffix_len);
}

/* Why the burst cannot be taken for one whole scan. */
static enum input_doubt doubt_of(struct input *in, const struct rhythm *r, size_t len)
{
	int whole = complete(in);

	if (in->paste)
		return whole ? DOUBT_NONE : DOUBT_CUT;
	if (r->fast >= ENDS_LEAST) {
		in->endless = whole ? 0 : in->endless + 1;
		in->ends = whole || (in->ends && in->endless < ENDLESS_MOST);
	}
	if (r->pressed || in->first_ns < in->pressed_until_ns)
		return DOUBT_KEY;
	if (in->first_ns < in->typed_until_ns || (!whole && in->ends) ||
	    ((whole || in->ends) && in->first_ns < in->rest_until_ns))
		return DOUBT_CUT;
	return holds_end(in, sbuf_str(&in->burst), len) ? DOUBT_TWO : DOUBT_NONE;
}

static void end_scan(struct input *in, const struct rhythm *r)
{
	struct input_event e = { .type = INPUT_SCAN };
	const char *body = sbuf_str(&in->burst);
	size_t len = text_len(in);
	int whole = complete(in);
	enum input_doubt doubt = doubt_of(in, r, len);

	e.text = body;
	e.len = len;
	if (in->prefix_len && len >= in->prefix_len && !memcmp(body, in->prefix, in->prefix_len)) {
		body += in->prefix_len;
		len -= in->prefix_len;
	}
	if (in->suffix_len && len >= in->suffix_len &&
	    !memcmp(body + len - in->suffix_len, in->suffix, in->suffix_len))
		len -= in->suffix_len;
	e.body = body;
	e.body_len = len;
	in->key_from_ns = in->last_ns + (whole ? in->timing.quiet_ns : in->timing.distrust_ns);
	in->char_from_ns = in->key_from_ns;
	if (!whole)
		in->rest_until_ns = in->last_ns + in->timing.rest_ns;
	if (!e.len)
		return; /* an empty paste */
	if (in->lost)
		e = (struct input_event){ .type = INPUT_LOST, .len = in->burst.len + in->lost };
	else if (doubt != DOUBT_NONE)
		e = (struct input_event){ .type = INPUT_DOUBT, .doubt = doubt, .len = len };
	tell(in, e);
}

static void tell_chars(struct input *in)
{
	const char *s = sbuf_str(&in->burst);

	for (size_t at = 0, len; at < in->burst.len; at += len) {
		enum stroke what;
		enum input_key key = PRESS_NONE;

		len = stroke_len(in, s + at, in->burst.len - at, &what, &key);
		if (what == STROKE_CHAR)
			tell(in, (struct input_event){
					 .type = INPUT_CHAR, .text = s + at, .len = len });
	}
}

static void end_key(struct input *in, const struct rhythm *r, int held, int calm)
{
	struct input_event e = { .type = INPUT_KEY, .key = r->key, .times = (int)r->strokes };

	if (r->key != PRESS_ENTER && *sbuf_str(&in->burst) != *in->suffix) /* late: of a scan */
		in->pressed_until_ns = in->last_ns + in->timing.hold_ns;
	if (r->key <= PRESS_F12)
		tell_waiting(in);
	in->waiting = PRESS_NONE; /* Esc takes it back; from F12 no finger is so fast at others */
	if (r->key == PRESS_UNKNOWN || (held && !moves(r->key)))
		return;
	if (!calm) {
		e.type = INPUT_EARLY;
		if (r->key <= PRESS_ESC && !held)
			tell(in, e);
	} else if (r->key == PRESS_F12) {
		in->waiting = r->key;
		in->waiting_ns = in->first_ns;
		in->waiting_until_ns = in->last_ns + in->timing.hold_ns;
	} else {
		tell(in, e);
	}
}

/* The burst is over: say what it was. */
static void end_burst(struct input *in)
{
	struct rhythm r = rhythm_of(in);
	int typed = in->text_open && r.strokes == 2 && r.chars == 2 && !in->paste;
	int held = in->scan && !in->paste && !in->lost && r.same && r.repeat && r.strokes > 1;

	in->key_from_ns = in->last_ns + in->timing.quiet_ns;
	if (in->scan && !typed && !held) {
		in->waiting = PRESS_NONE; /* it was the beginning of this scan */
		end_scan(in, &r);
	} else if (r.same && r.strokes) {
		end_key(in, &r, held, moves(r.key) ? in->char_calm : in->calm);
	} else {
		in->waiting = PRESS_NONE;
		in->typed_until_ns = in->last_ns + in->timing.distrust_ns;
		if (in->char_calm)
			tell_chars(in);
	}
	clear(in);
}

/* Silence after which the burst at hand is over. */
static int64_t patience(const struct input *in)
{
	const char *s = sbuf_str(&in->burst);
	enum input_key key = PRESS_NONE;
	enum stroke what;

	if (in->paste && !in->pasted)
		return in->timing.distrust_ns;
	if (in->scan && complete(in))
		return in->timing.gap_ns;
	if (in->scan && in->text_open && in->burst.len == 2 && s[0] >= 0x20 && s[1] >= 0x20)
		return in->timing.gap_ns; /* two fingers */
	if (in->scan)
		return in->timing.hold_ns;
	what = stroke_of(in, s, in->burst.len, &key);
	if (in->text_open && (what == STROKE_CHAR || (what == STROKE_KEY && moves(key))))
		return in->timing.gap_ns;
	if (what == STROKE_KEY || what == STROKE_PART)
		return in->timing.quiet_ns;
	return in->timing.hold_ns;
}

int64_t input_due(const struct input *in)
{
	if (in->any)
		return in->last_ns + patience(in);
	return in->waiting != PRESS_NONE ? in->waiting_until_ns : INT64_MAX;
}

void input_tick(struct input *in, int64_t now_ns)
{
	if (in->any && now_ns >= input_due(in))
		end_burst(in);
	if (!in->any && in->waiting != PRESS_NONE && now_ns >= in->waiting_until_ns)
		tell_waiting(in);
}

static void keep(struct input *in, char c, int64_t now_ns)
{
	if (in->burst.len >= INPUT_SCAN_MAX) {
		/* The tail stays, so that suffix and end of a paste are seen. */
		memmove(in->burst.data + INPUT_SCAN_MAX - 64, in->burst.data + INPUT_SCAN_MAX - 63,
			63);
		in->burst.data[INPUT_SCAN_MAX - 1] = c;
		in->lost++;
		return;
	}
	if (in->burst.len == in->at_room) {
		in->at_room = in->at_room ? 2 * in->at_room : 256;
		in->at = realloc(in->at, in->at_room * sizeof(*in->at));
		if (!in->at)
			abort();
	}
	in->at[in->burst.len] = now_ns;
	sbuf_putc(&in->burst, c);
}

/* Is a burst that so far is slow strokes still one without the scanner's rhythm? */
static void judge(struct input *in)
{
	struct rhythm r;
	enum input_key key = PRESS_NONE;
	enum stroke what = stroke_of(in, in->burst.data, in->burst.len, &key);

	if (in->burst.len == sizeof(paste_begin) - 1 &&
	    !memcmp(in->burst.data, paste_begin, sizeof(paste_begin) - 1)) {
		sbuf_reset(&in->burst);
		in->scan = in->paste = 1;
		return;
	}
	if (what != STROKE_JUNK)
		return;
	r = rhythm_of(in);
	if (r.part)
		return;
	/* A key with anything close to it, or characters of which half come scanner-fast. */
	if (r.chars != r.strokes || 2 * r.fast >= r.strokes - 1)
		in->scan = 1;
}

static void feed(struct input *in, char c, int64_t now_ns)
{
	if (in->any && now_ns - in->last_ns >= patience(in))
		end_burst(in);
	else if (in->any && !in->scan && (in->burst.len >= 256 || is_control(c)) &&
		 now_ns - in->last_ns >= in->timing.quiet_ns)
		end_burst(in); /* typed characters, and then a key */
	if (!in->any) {
		if (in->waiting != PRESS_NONE && now_ns >= in->waiting_until_ns)
			tell_waiting(in);
		in->any = 1;
		in->first_ns = now_ns;
		in->calm = now_ns >= in->key_from_ns;
		in->char_calm = now_ns >= in->char_from_ns;
	}
	keep(in, c, now_ns);
	in->last_ns = now_ns;
	if (!in->scan)
		judge(in);
	else if (in->paste && ends_with(&in->burst, paste_end, sizeof(paste_end) - 1))
		in->pasted = 1;
}

void input_feed(struct input *in, const char *bytes, size_t n, int64_t now_ns)
{
	enum input_key key = PRESS_NONE;

	for (size_t i = 0; i < n; i++)
		feed(in, bytes[i], now_ns);
	if (!in->any || in->scan || !in->calm ||
	    stroke_of(in, sbuf_str(&in->burst), in->burst.len, &key) != STROKE_KEY ||
	    key == PRESS_UNKNOWN || key == in->touched)
		return;
	in->touched = key;
	tell(in, (struct input_event){ .type = INPUT_TOUCH, .key = key, .times = 1 });
}
