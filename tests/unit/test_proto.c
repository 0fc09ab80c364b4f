/* Messages of the station's socket: what is written reads back as the same, and what is
 * no message is refused with a reason. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floor/proto.h"

static struct sbuf wire;

static struct floor_message back(const struct floor_message *m)
{
	struct floor_message out;
	struct err err = { 0 };

	sbuf_reset(&wire);
	floor_encode(&wire, m);
	cr_assert_leq(wire.len, FLOOR_PACKET);
	cr_assert_eq(floor_decode(&out, wire.data, wire.len, &err), 0, "%s in %s", err.text,
		     sbuf_str(&wire));
	cr_assert_eq(out.type, m->type);
	return out;
}

static void refused(const char *text, const char *says)
{
	struct floor_message m;
	struct err err = { 0 };

	cr_expect_eq(floor_decode(&m, text, strlen(text), &err), ERR_PROTO, "%s", text);
	cr_expect(strstr(err.text, says), "'%s' says '%s', must say '%s'", text, err.text, says);
	cr_expect_null(m.arena.head, "nothing is held");
}

Test(proto, what_is_no_message_is_refused_with_a_reason)
{
	refused("", "not a message");
	refused("[]", "it is no object");
	refused("{\"type\":\"slot\"", "not a message");
	refused("{}", "type ''");
	refused("{\"type\":7}", "type ''");
	refused("{\"type\":\"sloth\"}", "type 'sloth'");
	refused("{\"type\":\"slot\",\"name\":\"1\"}", "needs 'index'");
	refused("{\"type\":\"slot\",\"index\":1,\"name\":\"1\",\"speed\":3}", "no 'speed'");
	refused("{\"type\":\"slot\",\"index\":\"1\",\"name\":\"1\"}", "'index' must be");
	refused("{\"type\":\"slot\",\"index\":0,\"name\":\"1\",\"state\":\"happy\"}",
		"'state' must be");
	refused("{\"type\":\"slot\",\"index\":0,\"name\":\"1\",\"verdict\":\"pass\"}", "'verdict'");
	refused("{\"type\":\"slot\",\"index\":0,\"name\":\"1\",\"steps\":-1}", "'steps' must be");
	refused("{\"type\":\"slot\",\"index\":0,\"name\":\"1\",\"pulled\":1}", "'pulled' must be");
	refused("{\"type\":\"slot\",\"index\":0,\"name\":\"1\",\"done\":\"0\"}", "'done' must be");
	refused("{\"type\":\"slot\",\"index\":0,\"name\":null}", "'name' must be");
	refused("{\"type\":\"shown\",\"run\":\"a\",\"run\":\"b\"}", "not a message");
	refused("{\"type\":\"command\"}", "needs 'do'");
	refused("{\"type\":\"command\",\"do\":\"none\"}", "'do' must be");
	refused("{\"type\":\"command\",\"do\":\"scan\",\"text\":\"\\\\q\"}", "backslash");
	refused("{\"type\":\"hello\",\"version\":\"1\",\"pid\":1,\"slots\":[1]}", "list of texts");
	refused("{\"type\":\"reply\",\"id\":1,\"rows\":[\"a\"]}", "list of texts");
}

Test(proto, a_message_longer_than_a_packet_is_refused)
{
	char *text = malloc(FLOOR_PACKET + 2);
	struct floor_message m;
	struct err err = { 0 };

	memset(text, ' ', FLOOR_PACKET + 1);
	text[FLOOR_PACKET + 1] = '\0';
	cr_expect_eq(floor_decode(&m, text, FLOOR_PACKET + 1, &err), ERR_PROTO);
	cr_expect(strstr(err.text, "at most"), "%s", err.text);
	free(text);
}

Test(proto, every_byte_of_a_scan_arrives)
{
	char bytes[256];
	struct floor_message m = { .type = FLOOR_COMMAND,
				   .command = { .what = FLOOR_DO_SCAN,
						.id = 77,
						.text = bytes,
						.len = sizeof(bytes) } },
			     b;

	for (int i = 0; i < 256; i++)
		bytes[i] = (char)(255 - i);
	b = back(&m);
	cr_expect_eq(b.command.what, FLOOR_DO_SCAN);
	cr_expect_eq(b.command.id, 77);
	cr_assert_eq(b.command.len, sizeof(bytes));
	cr_expect(!memcmp(b.command.text, bytes, sizeof(bytes)));
	cr_expect_null(b.command.slot);
	cr_expect_null(b.command.reason);
	cr_expect_null(b.command.product);
	floor_message_release(&b);
	m.command.product = "RDB";
	m.command.process = "FCT";
	b = back(&m);
	cr_expect_str_eq(b.command.product, "RDB");
	cr_expect_str_eq(b.command.process, "FCT");
	floor_message_release(&b);
}

Test(proto, the_longest_scan_fits_whatever_it_holds)
{
	char *bytes = malloc(FLOOR_SCAN);
	struct floor_message m = { .type = FLOOR_COMMAND,
				   .command = { .what = FLOOR_DO_SCAN,
						.text = bytes,
						.len = FLOOR_SCAN } },
			     b;

	memset(bytes, 0xff, FLOOR_SCAN);
	b = back(&m);
	cr_expect_eq(b.command.len, FLOOR_SCAN);
	floor_message_release(&b);
	free(bytes);
}

Test(proto, a_picture_of_a_slot_is_the_same_at_the_other_end)
{
	const char *choice[] = { "pass", "fail" };
	struct floor_message m = {
		.type = FLOOR_SLOT,
		.index = 31,
		.slot = { .name = "32",
			  .state = FLOOR_ENDED,
			  .interface = 1,
			  .usb = "1-1.2",
			  .mode = MODE_ENGINEERING,
			  .serial = "AS\\x07 \"1\"",
			  .product = "",
			  .attempt = 2,
			  .attempts_max = 3,
			  .step = 4,
			  .steps = 5,
			  .done = -1,
			  .expected_ms = -1,
			  .question = { .number = 9,
					.kind = "choice",
					.text = "green?",
					.choice = choice,
					.choices = 2,
					.until_at_ms = INT64_MAX },
			  .verdict = VERDICT_FAIL,
			  .blame = BLAME_UNIT,
			  .pulled = 1,
			  .fail_name = "gpio.shorts",
			  .took_ms = 12345 },
	};
	struct floor_message b = back(&m);

	cr_expect_eq(b.index, 31);
	cr_expect_str_eq(b.slot.name, "32");
	cr_expect_eq(b.slot.state, FLOOR_ENDED);
	cr_expect_eq(b.slot.interface, 1);
	cr_expect_null(b.slot.barcode);
	cr_expect_eq(b.slot.mode, MODE_ENGINEERING);
	cr_expect_str_eq(b.slot.serial, "AS\\x07 \"1\"");
	cr_expect_str_eq(b.slot.variant, "", "never NULL");
	cr_expect_eq(b.slot.attempts_max, 3);
	cr_expect_eq(b.slot.step, 4);
	cr_expect_eq(b.slot.steps, 5);
	cr_expect_eq(b.slot.done, -1);
	cr_expect_eq(b.slot.expected_ms, -1);
	cr_expect_eq(b.slot.question.number, 9);
	cr_assert_eq(b.slot.question.choices, 2);
	cr_expect_str_eq(b.slot.question.choice[1], "fail");
	cr_expect_null(b.slot.question.picture);
	cr_expect_eq(b.slot.question.until_at_ms, INT64_MAX);
	cr_expect_eq(b.slot.verdict, VERDICT_FAIL);
	cr_expect_eq(b.slot.blame, BLAME_UNIT);
	cr_expect_eq(b.slot.pulled, 1);
	cr_expect_eq(b.slot.took_ms, 12345);
	floor_message_release(&b);
}

Test(proto, nothing_is_no_verdict)
{
	struct floor_message b = back(&(struct floor_message){ .type = FLOOR_SLOT });

	cr_expect_eq(b.slot.verdict, VERDICT_NONE);
	cr_expect_eq(b.slot.state, FLOOR_UNKNOWN);
	floor_message_release(&b);
}

Test(proto, the_state_of_the_station_is_the_same_at_the_other_end)
{
	struct floor_message m = { .type = FLOOR_STATUS,
				   .status = { .station = "ST",
					       .person = "1184",
					       .units_per_hour = 12.5,
					       .calibration_days = INT64_MIN,
					       .cycles_left = -1,
					       .queued = -1,
					       .no_badges = 1,
					       .waits = "scan" } },
			     b = back(&m);

	cr_expect_eq(b.status.calibration_days, INT64_MIN);
	cr_expect_eq(b.status.units_per_hour, 12.5);
	cr_expect_eq(b.status.queued, -1);
	cr_expect_eq(b.status.record_ok, 0);
	cr_expect_str_eq(b.status.waits, "scan");
	cr_expect_eq(b.status.no_badges, 1);
	floor_message_release(&b);
	m.status.units_per_hour = NAN;
	b = back(&m);
	cr_expect_eq(b.status.units_per_hour, -1, "unknown");
	floor_message_release(&b);
}

Test(proto, text_that_is_not_clean_is_cleaned_when_it_is_read)
{
	const char *text =
		"{\"type\":\"notice\",\"kind\":\"no\",\"code\":\"x\",\"text\":\"a\\u001b[2Jb\"}";
	struct floor_message m;
	struct err err = { 0 };

	cr_assert_eq(floor_decode(&m, text, strlen(text), &err), 0, "%s", err.text);
	cr_expect_str_eq(m.notice.text, "a\\x1b[2Jb");
	floor_message_release(&m);
}

Test(proto, a_picture_with_endless_text_is_cut_and_still_arrives)
{
	char *endless = malloc(200001);
	struct floor_message m = { .type = FLOOR_SLOT, .slot = { .name = "1" } }, b;

	memset(endless, '"', 200000);
	endless[200000] = '\0';
	m.slot.message = m.slot.todo = m.slot.serial = m.slot.instruction = endless;
	b = back(&m);
	cr_expect(strlen(b.slot.message) > 100);
	cr_expect(strstr(b.slot.message, "..."));
	floor_message_release(&b);
	free(endless);
}

/* --- replies --- */

static size_t parts, rows;

static void count(void *payload, const struct floor_message *m)
{
	struct floor_message b = back(m);

	(void)payload;
	parts++;
	rows += b.reply.rows;
	cr_expect_eq(b.reply.id, 5);
	floor_message_release(&b);
}

Test(proto, a_long_reply_is_split_and_no_row_is_lost)
{
	enum { ROWS = 3000 };
	static char cell[400];
	static const char *row[3] = { cell, "x", NULL }, **all[ROWS];
	struct floor_reply r = { .id = 5, .ok = 1, .row = all, .rows = ROWS };

	memset(cell, 'a', sizeof(cell) - 1);
	for (size_t i = 0; i < ROWS; i++)
		all[i] = row;
	floor_reply_split(&r, count, NULL);
	cr_expect_gt(parts, 10);
	cr_expect_eq(rows, ROWS);
	parts = rows = 0;
	floor_reply_split(&(struct floor_reply){ .id = 5 }, count, NULL);
	cr_expect_eq(parts, 1, "one without rows is one message");
}

Test(proto, words)
{
	for (int d = FLOOR_DO_NONE + 1; d < FLOOR_DO_END_; d++)
		cr_expect_eq((int)floor_do_find(floor_do_word((enum floor_do)d)), d);
	cr_expect_eq(floor_do_find("explode"), FLOOR_DO_NONE);
	cr_expect_str_eq(floor_state_word((enum floor_state)99), "unknown");
	cr_expect_str_eq(floor_do_word((enum floor_do) - 1), "none");
}
