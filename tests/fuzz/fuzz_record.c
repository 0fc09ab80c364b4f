/* Any bytes as a run's body and as a journal's row: refused with a code, or read
 * and written again as the same run; what was read can be concluded, printed and
 * judged by anyone without harm. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static const char head[] =
	"{\"schema\":1,\"run\":\"00112233-4455-4677-8899-aabbccddeeff\",\"open_seq\":1,\"started\":"
	"0,"
	"\"duration\":0,\"mode\":\"production\",\"counts\":true,\"verdict\":\"NONE\",\"blame\":\"-"
	"\","
	"\"attempt_seen\":1,\"fixture_cycles\":0,\"steps\":[{\"id\":\"a\",\"kind\":\"k\","
	"\"attempts\":[]},{\"id\":\"b\",\"kind\":\"k\",\"attempts\":[]}]}";

static void use(struct unit_run *r)
{
	struct sbuf text = { 0 };

	for (size_t i = 0; i < r->steps; i++)
		for (size_t k = 0; k < r->step[i].attempts; k++) {
			const struct attempt *a = &r->step[i].attempt[k];

			must(a->console_from <= a->console_to && a->console_to <= r->console_len);
			for (size_t m = 0; m < a->measures; m++)
				measure_print(&text, &a->measure[m]);
		}
	run_conclude(r, 0);
	must(r->verdict != VERDICT_NONE);
	run_conclude(r, 1);
	must(r->verdict == VERDICT_INTERRUPTED);
	sbuf_release(&text);
}

static void body(const char *json, size_t size)
{
	struct sbuf one = { 0 }, two = { 0 };
	struct unit_run r, again;
	struct err err = { 0 };
	int code = run_from_json(&r, json, size, &err);

	if (code < 0) {
		must(code == ERR_CORRUPT || code == ERR_NEWER);
		must(err.code == (enum err_code)code && err.text[0] && !r.arena.head);
		return;
	}
	run_to_json(&one, &r);
	must(run_from_json(&again, one.data, one.len, &err) == 0);
	run_to_json(&two, &again);
	must(one.len == two.len && !memcmp(one.data, two.data, one.len));
	use(&r);
	sbuf_release(&one);
	sbuf_release(&two);
	run_release(&r);
	run_release(&again);
}

static void journal(const char *json, size_t size)
{
	struct unit_run r;
	struct err err = { 0 };

	must(run_from_json(&r, head, strlen(head), &err) == 0);
	if (run_add_attempt_json(&r, json, size, &err) < 0)
		must(err.text[0]);
	else
		use(&r);
	run_release(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	body((const char *)data, size);
	journal((const char *)data, size);
	return 0;
}
