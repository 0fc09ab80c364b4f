#include "tests/unit/sample_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define MINUTES INT64_C(60000)

const char *const sample_names[SAMPLE_COUNT] = {
	[SAMPLE_PASS] = "pass",
	[SAMPLE_FAIL] = "fail",
	[SAMPLE_ERROR] = "error",
	[SAMPLE_ABORTED] = "aborted",
	[SAMPLE_INTERRUPTED] = "interrupted",
};

/* What the unit said; attempts point into it. */
static const char console[] =
	"[1] boot: OK\\r\\n[2] os 24.06\\r\\nlogin: root\\r\\n# iperf3 -c 192.168.35.1 -t 5\\r\\n"
	"iperf3: error - the server is busy running a test. try again later\\r\\n"
	"# gpio walk\\r\\npin 4: drive 1, read 1\\r\\npin 5: drive 0, read 1\\r\\n"
	"pin 6: drive 0, read 0\\r\\nwalk: done, 5 of 60 pins\\r\\n# ";

static size_t find_text(const char *what)
{
	return (size_t)(strstr(console, what) - console);
}

/* --- measures --- */

static struct measure *add(struct unit_run *r, struct attempt *at, const char *name,
			   enum value_type type)
{
	struct measure *m = run_measure_add(r, at);

	m->name = name;
	m->type = type;
	m->has = 1;
	m->at_ms = at->at_ms + at->duration_ms - 20;
	return m;
}

static struct measure *number(struct unit_run *r, struct attempt *at, const char *name, double x,
			      const char *unit)
{
	struct measure *m = add(r, at, name, VALUE_NUM);

	m->num = x;
	m->unit = unit;
	return m;
}

static struct measure *text(struct unit_run *r, struct attempt *at, const char *name,
			    enum value_type type, const char *s)
{
	struct measure *m = add(r, at, name, type);

	m->text = s;
	return m;
}

static struct measure *yes(struct unit_run *r, struct attempt *at, const char *name)
{
	struct measure *m = add(r, at, name, VALUE_BOOL);

	m->num = 1;
	m->op = LIMIT_EQ;
	m->expected = "== yes";
	m->result = JUDGED_PASS;
	m->from = "plans/rdb.ini:24";
	return m;
}

static void at_least(struct measure *m, double lo, const char *expected, const char *from)
{
	m->op = LIMIT_GE;
	m->has_lo = 1;
	m->lo = lo;
	m->expected = expected;
	m->from = from;
	m->result = m->num >= lo ? JUDGED_PASS : JUDGED_FAIL;
}

static void at_most(struct measure *m, double hi, const char *expected, const char *from)
{
	m->op = LIMIT_LE;
	m->has_hi = 1;
	m->hi = hi;
	m->expected = expected;
	m->from = from;
	m->result = m->num <= hi ? JUDGED_PASS : JUDGED_FAIL;
}

static void between(struct measure *m, double lo, double hi, const char *expected, const char *from)
{
	at_least(m, lo, expected, from);
	m->op = LIMIT_RANGE;
	m->has_hi = 1;
	m->hi = hi;
	if (m->num > hi)
		m->result = JUDGED_FAIL;
}

/* --- steps --- */

enum { OS, RECOVERY, MAC, WIFI, GPIO, SHUTDOWN, STEPS };

static const struct step_run planned[STEPS] = {
	[OS] = { .id = "os",
		 .kind = "os_version",
		 .title = "Operating system",
		 .params = "{\"accept\":[\"24.03\",\"24.06\"]}" },
	[RECOVERY] = { .id = "recovery",
		       .kind = "recovery",
		       .title = "Recovery over the service port",
		       .params = "{\"images\":\"images/24.06\"}" },
	[MAC] = { .id = "mac",
		  .kind = "mac_persistence",
		  .title = "MAC address stays",
		  .params = "{\"interface\":\"eth0\",\"restarts\":2,\"unique\":true}" },
	[WIFI] = { .id = "wifi",
		   .kind = "throughput",
		   .title = "Wireless throughput, board to station",
		   .group = "network",
		   .params = "{\"protocol\":\"tcp\",\"direction\":\"up\",\"duration\":5}",
		   .waited_ms = 1240 },
	[GPIO] = { .id = "gpio",
		   .kind = "gpio_loopback",
		   .title = "Pins, each against its neighbour",
		   .params = "{\"pairs\":[\"0-59\",\"1-56\",\"2-58\",\"3-57\",\"4-60\"]}" },
	[SHUTDOWN] = { .id = "shutdown",
		       .kind = "console",
		       .title = "Power off",
		       .params = "{\"send\":\"poweroff\"}",
		       .always = 1 },
};

static struct attempt *begin(struct unit_run *r, size_t step, int64_t at_ms, int64_t duration_ms,
			     int64_t limit_ms)
{
	struct attempt *at = run_attempt_add(r, step);

	at->group_number = at->number;
	at->verdict = VERDICT_PASS;
	at->at_ms = at_ms;
	at->duration_ms = duration_ms;
	at->limit_ms = limit_ms;
	return at;
}

static void end_bad(struct attempt *at, enum verdict v, enum err_blame blame, const char *code,
		    const char *message)
{
	at->verdict = v;
	at->blame = blame;
	at->code = code;
	at->message = message;
}

static void os(struct unit_run *r)
{
	struct attempt *at = begin(r, OS, 120, 830, 10000);
	struct measure *m = text(r, at, "version", VALUE_VERSION, "24.06");

	m->op = LIMIT_ONE_OF;
	m->expected = "one of 24.03, 24.06";
	m->from = "plans/rdb.ini:12";
	m->result = JUDGED_PASS;
	m->raw = "os 24.06\\r\\n";
	text(r, at, "build", VALUE_TEXT, "24.06-rtm-7f3c");
	at->console_to = find_text("login");
}

static void recovery(struct unit_run *r)
{
	struct attempt *at = begin(r, RECOVERY, 950, 88340, 10 * MINUTES);

	at_most(number(r, at, "duration", 84.2, "s"), 120, "<= 120 s", "plans/rdb.ini:18");
	at_most(number(r, at, "resent", 3, NULL), 20, "<= 20", "plans/rdb.ini:19");
	number(r, at, "size", 5.82, "MB");
	yes(r, at, "alive")->from = NULL;
}

static void mac(struct unit_run *r)
{
	struct attempt *at = begin(r, MAC, 89290, 24110, 2 * MINUTES);

	text(r, at, "mac", VALUE_TEXT, "00:12:fe:a0:17:5c")->raw =
		"link/ether 00:12:fe:a0:17:5c brd ff:ff:ff:ff:ff:ff\\r\\n";
	text(r, at, "mac_restart.1", VALUE_TEXT, "00:12:fe:a0:17:5c");
	text(r, at, "mac_restart.2", VALUE_TEXT, "00:12:fe:a0:17:5c");
	yes(r, at, "stable");
	yes(r, at, "unique");
}

static void wifi_peer_busy(struct unit_run *r, int64_t at_ms)
{
	struct attempt *at = begin(r, WIFI, at_ms, 2050, 30000);

	end_bad(at, VERDICT_ERROR, BLAME_STATION, "ERR_PEER",
		"throughput: 192.168.35.1:5201: the server is busy running a test");
	at->console_from = find_text("# iperf3");
	at->console_to = find_text("# gpio");
}

static void wifi(struct unit_run *r, int64_t at_ms, double rate)
{
	struct attempt *at = begin(r, WIFI, at_ms, 6480, 30000);
	struct measure *m = number(r, at, "rate", rate, "Mbit/s");

	at_least(m, 18, ">= 18 Mbit/s", "plans/rdb.ini:31");
	m->has_warn_lo = 1;
	m->warn_lo = 22;
	m->marginal = at->marginal = rate < 22;
	at_most(number(r, at, "retransmits", 14, NULL), 200, "<= 200", "plans/rdb.ini:32");
	number(r, at, "rtt", 3.41, "ms");
}

static void gpio(struct unit_run *r, int64_t at_ms, int shorts)
{
	struct attempt *at = begin(r, GPIO, at_ms, 3920, 20000);
	struct measure *m;

	number(r, at, "pairs", 5, NULL);
	at_most(number(r, at, "opens", 0, NULL), 0, "<= 0", "plans/rdb.ini:36");
	m = number(r, at, "shorts", shorts, NULL);
	at_most(m, 0, "<= 0", "plans/rdb.ini:37");
	if (shorts) {
		m->note = "pins 4 and 5 are shorted: 5 follows 4";
		m->raw = "pin 5: drive 0, read 1\\r\\n";
	}
	at_most(number(r, at, "stuck", 0, NULL), 0, "<= 0", "plans/rdb.ini:38");
	between(number(r, at, "rail_3v3", shorts ? 3.214 : 3.308, "V"), 3.2, 3.4, "3.2 .. 3.4 V",
		"plans/rdb.ini:39");
	if (shorts)
		end_bad(at, VERDICT_FAIL, BLAME_UNIT, "ERR_LIMIT", "shorts is 1, must be <= 0");
	at->console_from = find_text("# gpio");
	at->console_to = sizeof(console) - 1;
}

static void skip_from(struct unit_run *r, size_t first, const char *rule)
{
	for (size_t i = first; i < SHUTDOWN; i++)
		r->step[i].skip_rule = rule;
}

/* --- runs --- */

static void common(struct unit_run *r)
{
	*r = (struct unit_run){
		.schema = RUN_SCHEMA,
		.id = "3f9a22c1-7d15-4b86-9a51-0c6de2f4b810",
		.station = "ST-07",
		.installation = "5b0e6f0a-5d0c-4a4e-9d3a-2f6f1f0c7a11",
		.line = "L3",
		.product = "MT3620-RDB",
		.process = "FCT",
		.serial = "AS2601004711",
		.label_raw = "AS2601004711\\r",
		.variant = "",
		.plan_path = "plans/rdb.ini",
		.plan_title = "MT3620 functional test",
		.plan_revision = "3",
		.plan_sha256 = "b8bea7ef44f0020007818456b89e4d23015548f212345188eb32ccd08b49cac8",
		.limits_sha256 = "686aed0b6e64d7ecd1872713a829097326797ec42424d81cdaa373108ea356e2",
		.board = "mt3620",
		.slot = "2",
		.usb_path = "1-1.2",
		.ftdi_serial = "FX2A02",
		.seen_product = "MSFT MT3620 Std Interface",
		.seen_serial = "FX2A02",
		.fixture = "FX-RDB-4UP-02",
		.fixture_sha256 =
			"3043ec9b9bf29fcd291069113e701bbe121a45b73707e19ed34c3f266624669a",
		.calibration_due = "2026-05-31",
		.fixture_cycles = 20417,
		.operator= "1184",
		.operator_how = "badge",
		.counts = 1,
		.sw_version = "0.1.0",
		.sw_sha256 = "e6f90e60f9e71b9361ba5f5f8d6db5869f0a9ec26b63e99e306f8489451acb46",
		.host = "line3-st07",
		.os_release = "Debian GNU/Linux 12",
		.kernel = "6.1.0-31-amd64",
		.boot_id = "c0a88d18-cfe2-4bec-9277-16647b154437",
		.clock_state = "synced",
		.started_ms = INT64_C(1767600000000),
		.attempt_seen = 1,
		.console = console,
		.console_len = sizeof(console) - 1,
		.open_seq = 20415,
		.seq = 20417,
		.prev_hash = "686aed0b6e64d7ecd1872713a829097326797ec42424d81cdaa373108ea356e2",
		.hash = "3f9a22c19bf29fcd291069113e701bbe121a45b73707e19ed34c3f266624669a",
	};
	r->step = arena_alloc(&r->arena, sizeof(planned));
	memcpy(r->step, planned, sizeof(planned));
	r->steps = STEPS;
}

static void finish(struct unit_run *r, enum verdict v, enum err_blame blame, const char *rule,
		   const char *first_fail, int64_t duration_ms)
{
	r->verdict = v;
	r->blame = blame;
	r->verdict_rule = rule;
	r->first_fail = first_fail;
	r->duration_ms = duration_ms;
	r->ended_ms = r->started_ms + duration_ms;
}

static void passed(struct unit_run *r)
{
	os(r);
	recovery(r);
	mac(r);
	wifi_peer_busy(r, 113400);
	wifi(r, 116950, 19.4);
	gpio(r, 123430, 0);
	begin(r, SHUTDOWN, 127350, 1490, 10000);
	finish(r, VERDICT_PASS, BLAME_NONE, "all passed", NULL, 128840);
	r->marginal = r->retried = 1;
}

static void failed(struct unit_run *r)
{
	os(r);
	recovery(r);
	mac(r);
	wifi(r, 113400, 31.62);
	gpio(r, 119880, 1);
	begin(r, SHUTDOWN, 123800, 1490, 10000);
	finish(r, VERDICT_FAIL, BLAME_UNIT, "step:gpio", "gpio#1.shorts", 125290);
	r->attempt_seen = 2;
	r->retest = "attempt 2 of 3 that the plan allows";
	r->seen_note = "slot 3 shows the same serial";
}

static void broken(struct unit_run *r)
{
	os(r);
	recovery(r);
	mac(r);
	wifi_peer_busy(r, 113400);
	wifi_peer_busy(r, 117500);
	skip_from(r, GPIO, "stopped:wifi");
	begin(r, SHUTDOWN, 119550, 1490, 10000);
	finish(r, VERDICT_ERROR, BLAME_STATION, "step:wifi", "wifi#2:ERR_PEER", 121040);
}

static void aborted(struct unit_run *r)
{
	os(r);
	end_bad(begin(r, RECOVERY, 950, 41200, 10 * MINUTES), VERDICT_ABORT, BLAME_OPERATOR,
		"ERR_STOPPED", "operator stopped the run");
	skip_from(r, MAC, "aborted");
	begin(r, SHUTDOWN, 42150, 1510, 10000);
	r->stop_reason = "key F9 on the operator's screen";
	finish(r, VERDICT_ABORTED, BLAME_OPERATOR, "step:recovery", "recovery#1:ERR_STOPPED",
	       43660);
}

static void interrupted(struct unit_run *r)
{
	os(r);
	recovery(r);
	finish(r, VERDICT_INTERRUPTED, BLAME_STATION, "not closed", NULL, 89290);
	r->ended_ms = 0;
	r->clock_state = "unsynced";
	r->seen_product = r->seen_serial = NULL; /* the journal does not hold it */
}

void sample_run(struct unit_run *r, enum sample which)
{
	static void (*const made[SAMPLE_COUNT])(struct unit_run *) = {
		[SAMPLE_PASS] = passed,
		[SAMPLE_FAIL] = failed,
		[SAMPLE_ERROR] = broken,
		[SAMPLE_ABORTED] = aborted,
		[SAMPLE_INTERRUPTED] = interrupted,
	};

	common(r);
	made[which](r);
}

void sample_history(struct report_history *out, struct arena *a, enum sample which)
{
	*out = (struct report_history){ 0 };
	if (which != SAMPLE_FAIL)
		return;
	out->past = arena_alloc(a, sizeof(*out->past));
	out->count = 1;
	out->past[0] = (struct report_past){ .run = "91c04d6e-02a7-4f0e-8c1b-5d1f1be0a6d3",
					     .started_ms = INT64_C(1767597240000),
					     .verdict = VERDICT_FAIL,
					     .first_fail = "gpio#1.shorts" };
}

/* --- hostile texts --- */

const char *const sample_hostile_text[] = {
	"../../etc/x",
	"=cmd()|' /C calc'!A0",
	"<script>alert(1)</script>",
	"\"><img src=x onerror=alert(1)>",
	"' onload='alert(1)",
	"]]><!--&amp;&#0;",
	"\x01\x02\x1b[31m\x7f\r\n\t",
	"\xff\xfe\xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80",
	"\xe2\x80\xaegnirts \xc2\x85 \xef\xbf\xbf",
	"%s%n%d\\",
	"",
	"10k", /* stands for 10,000 characters */
};
const size_t sample_hostile_texts = sizeof(sample_hostile_text) / sizeof(*sample_hostile_text);

static void hostile_attempt(struct attempt *at, const char *all, size_t len)
{
	at->message = all;
	at->console_from = 0;
	at->console_to = len;
	for (size_t n = 0; n < at->measures; n++) {
		struct measure *m = &at->measure[n];

		m->raw = m->note = m->unit = all;
		if (m->type == VALUE_TEXT)
			m->text = all;
	}
}

void sample_hostile(struct unit_run *r, enum sample which, const char *t)
{
	char *all;

	sample_run(r, which);
	all = arena_strdup(&r->arena, t);
	if (!strcmp(t, "10k")) {
		all = arena_alloc(&r->arena, 10001);
		memset(all, 'W', 10000);
	}
	r->serial = r->label_raw = r->variant = r->operator= r->product = r->process = all;
	r->plan_title = r->fixture = r->host = r->stop_reason = r->retest = r->slot = all;
	r->console = all;
	r->console_len = strlen(all);
	for (size_t i = 0; i < r->steps; i++) {
		r->step[i].title = all;
		r->step[i].params = all;
		for (size_t k = 0; k < r->step[i].attempts; k++)
			hostile_attempt(&r->step[i].attempt[k], all, r->console_len);
	}
}

static void must_write(struct sbuf *out, const char *writer, const struct unit_run *r,
		       enum sample which)
{
	const struct report_writer *w = report_find(writer);
	struct report_history h;
	struct arena a = { 0 };
	struct err err = { 0 };

	sample_history(&h, &a, which);
	if (!w || w->write(out, r, &h, &err)) {
		fprintf(stderr, "%s: %s\n", writer, err.text);
		abort();
	}
	arena_free(&a);
}

void sample_report(struct sbuf *out, const char *writer, enum sample which)
{
	struct unit_run r;

	sample_run(&r, which);
	must_write(out, writer, &r, which);
	run_release(&r);
}

void sample_report_hostile(struct sbuf *out, const char *writer, enum sample which,
			   const char *text)
{
	struct unit_run r;

	sample_hostile(&r, which, text);
	must_write(out, writer, &r, which);
	run_release(&r);
}

/* --- golden files --- */

void sample_emit(const char *name, const char *extension, const struct sbuf *got)
{
	const char *folder = getenv("STATION_OUT");
	struct arena a = { 0 };
	struct err err = { 0 };

	if (folder && file_write(arena_printf(&a, "%s/%s.%s", folder, name, extension), got->data,
				 got->len, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	arena_free(&a);
}

int sample_golden(const struct report_writer *w, enum sample which, const struct sbuf *got)
{
	const char *mode = getenv("STATION_GOLDEN");
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *path =
		arena_printf(&a, "reports/examples/%s.%s", sample_names[which], w->extension);
	char *want = NULL;
	size_t len = 0;
	int same;

	sample_emit(sample_names[which], w->extension, got);
	if (mode && !strcmp(mode, "write"))
		same = !file_write(path, got->data, got->len, &err);
	else
		same = !file_read(&want, &len, &a, path, 1 << 20, &err) && len == got->len &&
		       !memcmp(want, got->data, len);
	if (!same)
		fprintf(stderr, "%s: %s\n", path,
			err.code ? err.text : "differs; see tests/run/golden_reports.sh");
	arena_free(&a);
	return same;
}
