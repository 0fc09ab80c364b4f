/* firmware echo on a board of the test's own */
#include <criterion/criterion.h>
#include <string.h>

#include "virtual/firmware.h"

TestSuite(firmware_echo, .timeout = 20);

struct memory_host {
	struct board_host host;
	uint8_t sent[64];
	size_t sent_n, room;
	int lines, discarded[4];
	double baud;
	uint8_t mask[4], levels[4];
};

static struct memory_host *of(struct board_host *h)
{
	return (struct memory_host *)h;
}

static size_t send_(struct board_host *h, int port, const void *bytes, size_t n)
{
	struct memory_host *m = of(h);

	cr_assert(port >= 0 && port < 4);
	if (m->sent_n + n > m->room)
		return 0;
	memcpy(m->sent + m->sent_n, bytes, n);
	m->sent_n += n;
	return n;
}

static void discard(struct board_host *h, int port)
{
	of(h)->discarded[port]++;
}

static void line(struct board_host *h, int port, double baud, int rtscts)
{
	(void)port;
	cr_assert_eq(rtscts, 1);
	of(h)->lines++;
	of(h)->baud = baud;
}

static void pins(struct board_host *h, int port, uint8_t mask, uint8_t levels, uint8_t pull)
{
	cr_assert_eq(pull, 0xff);
	of(h)->mask[port] = mask;
	of(h)->levels[port] = levels;
}

static const struct board_host_ops ops = {
	.send = send_, .discard = discard, .line = line, .pins = pins
};

static struct memory_host memory = { .host = { .ops = &ops, .number = 1 }, .room = 64 };

static void *start(void)
{
	const struct firmware *f = firmware_find("echo");
	struct arena a = { 0 };
	void *args, *fw = NULL;
	struct err err = { 0 };
	size_t at;

	cr_assert_not_null(f);
	args = arena_alloc(&a, f->args_size);
	param_presets(args, f->params, &a);
	cr_assert_eq(param_set(args, param_find(f->params, "line"), "9600", &a, "", &at, &err), 0);
	cr_assert_eq(param_set(args, param_find(f->params, "rtscts"), "yes", &a, "", &at, &err), 0);
	cr_assert_eq(f->start(&fw, &memory.host, args, &err), 0);
	arena_free(&a); /* echo keeps nothing of it */
	return fw;
}

Test(firmware_echo, says_what_it_hears)
{
	const struct firmware *f = firmware_find("echo");
	void *fw = start();

	cr_expect_eq(memory.lines, 4);
	cr_expect_eq(memory.baud, 9600);
	for (int i = 0; i < 5; i++)
		f->byte(fw, i % 4, (uint8_t)("hello"[i]), 0, 0);
	cr_expect_eq(memory.sent_n, 5);
	cr_expect_arr_eq(memory.sent, "hello", 5);
	f->stop(fw);
}

Test(firmware_echo, counts_what_goes_wrong)
{
	const struct firmware *f = firmware_find("echo");
	struct err err = { 0 };
	char reply[100];
	void *fw = start();

	memory.room = 2;
	for (int i = 0; i < 3; i++)
		f->byte(fw, 0, 'x', i == 0, 0);
	cr_expect_eq(f->control(reply, sizeof(reply), fw, 2,
				(const char *const[]){ "get", "heard" }, &err),
		     0);
	cr_expect_str_eq(reply, "3 heard, 1 bad, 1 lost");
	cr_expect_eq(f->control(reply, sizeof(reply), fw, 2,
				(const char *const[]){ "press", "reset" }, &err),
		     0);
	cr_expect_eq(memory.discarded[3], 1);
	f->control(reply, sizeof(reply), fw, 2, (const char *const[]){ "get", "heard" }, &err);
	cr_expect_str_eq(reply, "0 heard, 0 bad, 0 lost");
	cr_expect_eq(
		f->control(reply, sizeof(reply), fw, 1, (const char *const[]){ "dance" }, &err),
		ERR_USAGE);
	f->stop(fw);
}

Test(firmware_echo, wires_even_pins_to_the_next)
{
	const struct firmware *f = firmware_find("echo");
	void *fw = start();

	f->pins(fw, 2, 0xff, 0x14, 0);
	cr_expect_eq(memory.mask[2], 0xa8);
	cr_expect_eq(memory.levels[2], 0x28);
	f->pins(fw, 2, 0x04, 0x10, 0); /* not driven: not passed on */
	cr_expect_eq(memory.mask[2], 0x08);
	cr_expect_eq(memory.levels[2], 0);
	f->stop(fw);
}

Test(firmware_echo, rows_of_the_table)
{
	for (size_t i = 0; i < firmware_table_size; i++) {
		const struct firmware *f = firmware_table[i];

		cr_expect_eq(firmware_find(f->name), f, "%s: name is taken", f->name);
		cr_expect(f->start && f->stop && f->summary, "%s: incomplete", f->name);
		for (const struct param *p = f->params; p && p->name; p++)
			cr_expect_lt(p->offset, f->args_size, "%s.%s", f->name, p->name);
	}
	cr_expect_null(firmware_find("no such"));
}
