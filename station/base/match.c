#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/match.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sbuf.h"

enum { PATTERN_MAX = 1024, DEPTH_MAX = 10000, HEAP_MAX_KIB = 1024 };

/* PCRE2 counts its match limit anew at each place of the text where a match might
 * begin, so that alone it bounds nothing: 450 letters can take seconds. A callout
 * at every item of the pattern counts for the whole search. */
enum {
	STEPS_FROM_ONE_PLACE = 100000,
	STEPS_MAX = 2000000,    /* of one search */
	STEP_BYTES = 64,        /* that many bytes passed over are a step, too */
	PROBE_STEPS = 400000,   /* of one probe at compile time ... */
	PROBES_STEPS = 2000000, /* ... and of all: then probing ends */
};

struct work {
	long left; /* steps */
	size_t at; /* of the last item, in the text */
};

struct match {
	char *text;
	pcre2_code *code;
	pcre2_match_context *limits;
	pcre2_match_data *data; /* scratch of a match; a station has one thread */
	struct work *work;      /* likewise */
	int groups;
	int anchored; /* can only match at the start of the text */
};

static const struct {
	char flag;
	uint32_t option;
} flags[] = {
	{ 'i', PCRE2_CASELESS },
	{ 'm', PCRE2_MULTILINE },
	{ 's', PCRE2_DOTALL },
	{ 'x', PCRE2_EXTENDED },
};

static void *or_die(void *p)
{
	if (!p) {
		fputs("station: out of memory\n", stderr);
		abort();
	}
	return p;
}

/* Take "/pattern/flags" apart; a bare text is a pattern as a whole. */
static int take_apart(size_t *from, size_t *len, uint32_t *options, const char *text, size_t *at,
		      struct err *err)
{
	const char *end;

	*from = 0;
	*len = strlen(text);
	*at = 0;
	if (*text != '/')
		return 0;
	end = strrchr(text, '/');
	if (end == text)
		return err_set(err, ERR_PLAN,
			       "the pattern has no closing '/'; a pattern with ' #' or ' ;' "
			       "must be in double quotes");
	*from = 1;
	*len = (size_t)(end - text) - 1;
	for (const char *f = end + 1; *f; f++) {
		size_t i = 0;

		while (i < sizeof(flags) / sizeof(flags[0]) && flags[i].flag != *f)
			i++;
		if (i == sizeof(flags) / sizeof(flags[0])) {
			*at = (size_t)(f - text);
			return err_set(err, ERR_PLAN,
				       "'%s' follows the pattern; flags are i, m, s and x", f);
		}
		*options |= flags[i].option;
	}
	return 0;
}

static int on_item(pcre2_callout_block *item, void *payload)
{
	struct work *w = payload;
	size_t at = item->current_position;
	size_t passed = at > w->at ? at - w->at : w->at - at;

	w->at = at;
	w->left -= 1 + (long)(passed / STEP_BYTES);
	return w->left < 0 ? PCRE2_ERROR_CALLOUT : 0;
}

static enum match_result run(struct match_found *out, const struct match *m, const char *text,
			     size_t n, size_t from, uint32_t options, long steps)
{
	int rc;

	*m->work = (struct work){ .left = steps };
	rc = pcre2_match(m->code, (PCRE2_SPTR)text, n, from, options, m->data, m->limits);
	const size_t *at = pcre2_get_ovector_pointer(m->data);

	if (rc == PCRE2_ERROR_NOMEMORY)
		or_die(NULL);
	if (rc == PCRE2_ERROR_NOMATCH)
		return MATCH_NO;
	if (rc < 0 && rc != PCRE2_ERROR_PARTIAL)
		return MATCH_COSTLY;
	if (!out)
		return rc < 0 ? MATCH_PARTIAL : MATCH_YES;
	out->groups = m->groups;
	for (int i = 0; i < MATCH_GROUPS; i++) {
		out->group[i].from = 1;
		out->group[i].to = 0;
		if (i < (rc < 0 ? 1 : rc) && at[2 * i] != PCRE2_UNSET) {
			out->group[i].from = at[2 * i];
			out->group[i].to = at[2 * i + 1];
		}
	}
	return rc < 0 ? MATCH_PARTIAL : MATCH_YES;
}

/* What a pattern says literally, roughly: "((ab)*)*$" is about "ab". */
static void literals(struct sbuf *out, const char *pattern, size_t n)
{
	int in_class = 0;

	for (size_t i = 0; i < n; i++) {
		char c = pattern[i];

		if (c == '\\') {
			if (++i < n && strchr(".:/-+()[]{}$^*?|\\", pattern[i]))
				sbuf_putc(out, pattern[i]);
		} else if (c == '[')
			in_class = 1;
		else if (c == ']')
			in_class = 0;
		else if (!in_class && !strchr("(){}|*+?.^$:=!<>", c))
			sbuf_putc(out, c);
	}
}

/* Try a text of `unit` repeated, with endings that make a match fail late: a byte
 * that no pattern names, before or behind what the pattern says. Long enough for
 * anything exponential, short enough for a polynomial of degree 3. *left: steps
 * that all probes may still take. */
static int is_costly(const struct match *m, const char *unit, size_t n, const char *literal,
		     long *left)
{
	const int repeat = n > 1 ? 24 : 32;
	const char *const endings[][2] = {
		{ "", "" }, { "\x01", "" }, { "\x01", literal }, { literal, "\x01" }
	};
	struct sbuf probe = { 0 };
	int costly = 0;

	for (int i = 0; i < repeat; i++)
		sbuf_add(&probe, unit, n);
	for (size_t i = 0; !costly && *left > 0 && i < sizeof(endings) / sizeof(endings[0]); i++) {
		probe.len = (size_t)repeat * n;
		sbuf_puts(&probe, endings[i][0]);
		sbuf_puts(&probe, endings[i][1]);
		costly = run(NULL, m, sbuf_str(&probe), probe.len, 0, 0, PROBE_STEPS) ==
			 MATCH_COSTLY;
		*left -= PROBE_STEPS - m->work->left;
	}
	sbuf_release(&probe);
	return costly;
}

static int fails_probes(const struct match *m, const char *pattern, size_t n)
{
	enum { LITERAL_MAX = 24, UNIT_MAX = 3 };
	static const char common[] = "a0 A_.-:x\n";
	struct sbuf literal = { 0 };
	char seen[256] = { 0 };
	long left = PROBES_STEPS;
	int costly = 0;

	literals(&literal, pattern, n < LITERAL_MAX ? n : LITERAL_MAX);
	if (literal.len)
		costly = is_costly(m, literal.data, literal.len < UNIT_MAX ? literal.len : UNIT_MAX,
				   literal.data, &left);
	for (size_t i = 0; !costly && i < n + sizeof(common) - 1; i++) {
		char c = i < n ? pattern[i] : common[i - n];

		if (seen[(unsigned char)c])
			continue;
		seen[(unsigned char)c] = 1;
		costly = is_costly(m, &c, 1, sbuf_str(&literal), &left);
	}
	sbuf_release(&literal);
	return costly;
}

static int compile(struct match *m, const char *pattern, size_t n, uint32_t options, size_t *at,
		   struct err *err)
{
	pcre2_compile_context *cc = or_die(pcre2_compile_context_create(NULL));
	uint32_t groups = 0, all = 0;
	PCRE2_SIZE offset = 0;
	int code = 0;

	pcre2_set_max_pattern_length(cc, PATTERN_MAX);
	pcre2_set_newline(cc, PCRE2_NEWLINE_ANYCRLF);
	m->code = pcre2_compile((PCRE2_SPTR)pattern, n,
				options | PCRE2_AUTO_CALLOUT | PCRE2_NEVER_BACKSLASH_C |
					PCRE2_NEVER_UTF | PCRE2_NEVER_UCP,
				&code, &offset, cc);
	pcre2_compile_context_free(cc);
	if (!m->code) {
		PCRE2_UCHAR why[160] = "";

		pcre2_get_error_message(code, why, sizeof(why));
		*at += offset < n ? offset : n;
		return err_set(err, ERR_PLAN, "the pattern does not compile: %s",
			       (const char *)why);
	}
	pcre2_pattern_info(m->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	pcre2_pattern_info(m->code, PCRE2_INFO_ALLOPTIONS, &all);
	m->anchored = (all & PCRE2_ANCHORED) != 0;
	m->groups = (int)groups + 1;
	if (m->groups > MATCH_GROUPS)
		return err_set(err, ERR_PLAN, "the pattern has %u groups, must be at most %d",
			       groups, MATCH_GROUPS - 1);
	m->limits = or_die(pcre2_match_context_create(NULL));
	m->work = or_die(calloc(1, sizeof(*m->work)));
	pcre2_set_callout(m->limits, on_item, m->work);
	pcre2_set_match_limit(m->limits, STEPS_FROM_ONE_PLACE);
	pcre2_set_depth_limit(m->limits, DEPTH_MAX);
	pcre2_set_heap_limit(m->limits, HEAP_MAX_KIB);
	m->data = or_die(pcre2_match_data_create(MATCH_GROUPS, NULL));
	if (fails_probes(m, pattern, n))
		return err_set(err, ERR_PLAN,
			       "the pattern backtracks without bound; "
			       "write it without nested repetitions");
	return 0;
}

int match_compile(struct match **out, const char *text, size_t *at, struct err *err)
{
	struct match *m;
	uint32_t options = 0;
	size_t from, len;
	int r;

	if ((r = take_apart(&from, &len, &options, text, at, err)) < 0)
		return r;
	*at = from;
	if (!len)
		return err_set(err, ERR_PLAN, "the pattern is empty");
	m = or_die(calloc(1, sizeof(*m)));
	m->text = or_die(strdup(text));
	if ((r = compile(m, text + from, len, options, at, err)) < 0)
		match_free(m);
	else
		*out = m;
	return r;
}

void match_free(struct match *m)
{
	if (!m)
		return;
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->limits);
	pcre2_code_free(m->code);
	free(m->work);
	free(m->text);
	free(m);
}

enum match_result match_whole(struct match_found *out, const struct match *m, const char *text,
			      size_t n)
{
	return run(out, m, text, n, 0, 0, STEPS_MAX);
}

enum match_result match_whole_from(struct match_found *out, const struct match *m, const char *text,
				   size_t n, size_t from)
{
	return run(out, m, text, n, from, 0, STEPS_MAX);
}

enum match_result match_partial(struct match_found *out, const struct match *m, const char *text,
				size_t n)
{
	struct match_found own, *found = out ? out : &own;
	enum match_result r = run(found, m, text, n, 0, PCRE2_PARTIAL_HARD, STEPS_MAX);

	/* Nothing so far. Only a pattern bound to the start is through with it; any
	 * other may match in what comes. An empty match at the end may still grow. */
	if (r == MATCH_NO && (!m->anchored || n == 0)) {
		*found = (struct match_found){ .groups = m->groups };
		for (int i = 1; i < MATCH_GROUPS; i++)
			found->group[i].from = 1;
		found->group[0].from = found->group[0].to = n;
		return MATCH_PARTIAL;
	}
	if (r == MATCH_YES && found->group[0].from == n)
		return MATCH_PARTIAL;
	return r;
}

const char *match_text(const struct match *m)
{
	return m->text;
}
