#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "base/sbuf.h"
#include "link/link.h"
#include "link/link_memory.h"
#include "tests/unit/rows.h"

TestSuite(link, .timeout = 20);

static size_t driver_rows[16];

ParameterizedTestParameters(link, row)
{
	for (size_t i = 0; i < link_table_size; i++)
		driver_rows[i] = i;
	return cr_make_param_array(size_t, driver_rows, link_table_size);
}

ParameterizedTest(size_t *i, link, row, .timeout = 20)
{
	const struct link_driver *d = link_table[*i];

	cr_expect_eq(link_find(d->name), d, "%s: name is taken by an earlier row", d->name);
	cr_expect(d->summary && *d->summary && d->summary[strlen(d->summary) - 1] != '.', "%s",
		  d->name);
	cr_expect(d->open, "%s", d->name);
	cr_expect_eq(strcspn(d->name, ":|,="), strlen(d->name));
}

static const struct {
	const char *spec, *wrong; /* NULL: good */
} specs[] = {
	{ "ftdi", NULL },
	{ "replay:a.rec", NULL },
	{ "record:a.rec|ftdi", NULL },
	{ "fault:seed=1,drop=0.5|record:a.rec|ftdi", NULL },
	{ "", "no link is called ''" },
	{ "ftid", "no link is called 'ftid'; did you mean 'ftdi'?" },
	{ "ftdi:now", "link 'ftdi' takes no options" },
	{ "fault:seed=1", "link 'fault' wraps another one: "
			  "'fault:seed=N,drop=P,flip=P,delay=TIME,cut=BYTES|ftdi'" },
	{ "ftdi|ftdi", "link 'ftdi' wraps no other one; it stands last" },
	{ "record:a|", "no link is called ''" },
	{ "fault|fault|fault|fault|fault|fault|fault|fault|ftdi",
	  "link 'fault|fault|fault|fault|fault|fault|fault|fault|ftdi...' wraps more than 7 "
	  "links" },
};

TEST_ROWS(link, spec, specs)
{
	struct link_where w = { .role = "console" };
	struct err err = { 0 };
	struct link *l = NULL;
	int r = link_spec_check(specs[*i].spec, &err);

	cr_expect_eq(r, specs[*i].wrong ? ERR_PLAN : 0, "%s: %s", specs[*i].spec, err.text);
	if (!specs[*i].wrong)
		return;
	cr_expect_str_eq(err.text, specs[*i].wrong);
	cr_expect_eq(link_open(&l, specs[*i].spec, &w, &err), ERR_PLAN);
	cr_expect_null(l);
	cr_expect_eq(strncmp(err.text, "channel 'console': ", 19), 0, "%s", err.text);
}

Test(link, refuses_a_spec_that_is_too_long)
{
	struct err err = { 0 };
	char spec[2000];

	memset(spec, 'x', sizeof(spec) - 1);
	spec[sizeof(spec) - 1] = '\0';
	cr_expect_eq(link_spec_check(spec, &err), ERR_PLAN);
}

/* --- on a memory link --- */

static const struct memory_turn turns[] = {
	{ .hear = "hi\n", .say = "one\r\ntwo\n" },
	{ .hear = "a\0b", .hear_len = 3, .say = "\0\0", .say_len = 2 },
	{ .hear = "bye\n", .say = "x", .then = ERR_GONE },
	{ .hear = "gone\n", .fail = ERR_IO },
	{ .hear = NULL },
};

static void note(void *payload, char direction, const void *bytes, size_t n)
{
	struct sbuf *b = payload;

	sbuf_putc(b, direction);
	sbuf_add(b, bytes, n);
}

Test(link, a_listener_hears_both_directions)
{
	struct sbuf heard = { 0 };
	struct link_memory m;
	struct err err = { 0 };
	char got[16];

	link_memory_init(&m, turns);
	m.chunk = 5;
	link_listen(&m.link, note, &heard);
	cr_assert_eq(link_puts(&m.link, "hi\n", 0, &err), 0, "%s", err.text);
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 0, &err), 5);
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 0, &err), 4);
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 0, &err), 0);
	cr_expect_str_eq(sbuf_str(&heard), ">hi\n<one\r\n<two\n");
	sbuf_release(&heard);
}

Test(link, memory_holds_nul_bytes_and_failures)
{
	struct link_memory m;
	struct err err = { 0 };
	char got[16];

	link_memory_init(&m, turns + 1);
	cr_assert_eq(link_write(&m.link, "a\0b", 3, 0, &err), 0, "%s", err.text);
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 0, &err), 2);
	cr_expect_eq(link_write(&m.link, "by", 2, 0, &err), ERR_IO);
	cr_expect_str_eq(err.text, "script has 'bye\\n', heard 'by'");
	cr_expect_eq(link_puts(&m.link, "bye\n", 0, &err), 0);
	cr_expect_eq(link_alive(&m.link, &err), 0);
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 0, &err), 1);
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 0, &err), ERR_GONE);
	cr_expect_eq(link_alive(&m.link, &err), ERR_GONE);
	cr_expect_not(link_memory_done(&m));
	cr_expect_eq(link_puts(&m.link, "gone\n", 0, &err), ERR_IO);
	cr_expect(link_memory_done(&m));
	cr_expect_eq(link_puts(&m.link, "more", 0, &err), ERR_IO);
	cr_expect_str_eq(err.text, "script has 'its end', heard 'more'");
}

Test(link, memory_drops_and_tunes)
{
	struct link_line line = { .baud = 9600, .bits = 8, .stop = 1, .parity = 'N' };
	struct link_memory m;
	struct err err = { 0 };
	char got[16];

	link_memory_init(&m, turns);
	link_memory_say(&m, "noise", 5);
	cr_expect_eq(link_drop(&m.link, 0, &err), 0);
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 0, &err), 0);
	cr_expect_eq(link_tune(&m.link, &line, 1, -1, 0, &err), 0);
	cr_expect_eq(m.line.baud, 9600);
	cr_expect_eq(m.tunes, 1);
	cr_expect_eq(m.drops, 1);
	link_close(&m.link);
	link_close(NULL);
}

/* Time is moved, never waited for. */
Test(link, memory_moves_the_clock)
{
	static const struct memory_turn late[] = {
		{ .hear = "go\n", .say = "here", .delay_ms = 40, .then = ERR_LINE },
		{ .hear = "end\n" },
		{ .hear = NULL }
	};
	struct link_memory m;
	struct err err = { 0 };
	char got[16];

	clock_freeze_ms(1000);
	link_memory_init(&m, late);
	m.waits = 1;
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 1010, &err), 0);
	cr_expect_eq(clock_ms(), 1010);
	cr_assert_eq(link_puts(&m.link, "go\n", 1100, &err), 0, "%s", err.text);
	cr_expect_eq(link_drop(&m.link, 1100, &err), 0, "nothing is on its way yet");
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 1030, &err), 0);
	cr_expect_eq(clock_ms(), 1030);
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 1100, &err), 4);
	cr_expect_eq(clock_ms(), 1050);
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 1100, &err), ERR_LINE);
	cr_expect_eq(link_read(got, sizeof(got), &m.link, 1100, &err), 0, "told once");
	cr_expect_eq(clock_ms(), 1100);
	cr_expect_eq(link_puts(&m.link, "end\n", 1100, &err), ERR_TIMEOUT);
	cr_expect_eq(link_drop(&m.link, 1100, &err), ERR_TIMEOUT);
}

/* --- a row without drop, tune and alive --- */

static int plain_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	int *left = l->priv;

	(void)until_ms;
	(void)err;
	memset(out, 'x', size);
	return *left > 0 ? (*left)-- : 0;
}

Test(link, drop_by_reading_gives_up_on_a_board_that_never_stops)
{
	static const struct link_ops plain = { .name = "plain", .read = plain_read };
	struct err err = { 0 };
	int left = 3;
	struct link l = { .ops = &plain, .priv = &left };

	clock_freeze_ms(1000);
	cr_expect_eq(link_drop(&l, 1001, &err), 0);
	left = 3;
	cr_expect_eq(link_drop(&l, 1000, &err), ERR_TIMEOUT);
	cr_expect_eq(link_alive(&l, &err), 0);
	cr_expect_eq(link_tune(&l, NULL, 1, -1, 0, &err), 0);
}
