/* boards on vhci_hcd: what the kernel's files are told; a directory stands for them */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "virtual/transport.h"

TestSuite(transport_vhci, .timeout = 20);

static char dir[] = "/tmp/test_vhci.XXXXXX";
static struct loop *loop;
static int losses;

static void chip_settle(void *chip)
{
	(void)chip;
}

static void chip_lost(void *chip)
{
	(void)chip;
	losses++;
}

static const struct chip_ops ops = { .settle = chip_settle, .lost = chip_lost };

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "w");

	cr_assert(f);
	fputs(text, f);
	fclose(f);
}

static const char *said(const char *name)
{
	static char text[128];
	FILE *f = fopen(in_dir(name), "r");
	size_t n;

	cr_assert(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void begin(void)
{
	loop = loop_new();
	cr_assert(mkdtemp(dir));
	cr_assert_eq(mkdir(in_dir("usb4"), 0700) | mkdir(in_dir("usb3"), 0700), 0);
	put("usb4/speed", "5000\n");
	put("usb4/busnum", "4\n");
	put("usb3/speed", "480\n");
	put("usb3/busnum", "3\n");
	put("attach", "");
	put("detach", "");
}

static void end(void)
{
	static const char *const names[] = { "usb4/speed",  "usb4/busnum", "usb3/speed",
					     "usb3/busnum", "attach",      "detach" };

	loop_free(loop);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_dir(names[i]));
	rmdir(in_dir("usb3"));
	rmdir(in_dir("usb4"));
	rmdir(dir);
}

static struct transport *transport(void)
{
	struct transport *t = NULL;
	struct err err = { 0 };

	cr_assert_eq(transport_vhci(&t, loop, dir, &err), 0, "%s", err.text);
	return t;
}

Test(transport_vhci, attach_and_detach, .init = begin, .fini = end)
{
	struct transport *t = transport();
	struct usb_id id = { .usb = "1-5" };
	struct plugged *p = NULL;
	struct err err = { 0 };
	int port, fd, device, speed;

	cr_assert_eq(t->ops->plug(&p, t, &id, &ops, &losses, &err), 0, "%s", err.text);
	cr_assert_eq(sscanf(said("attach"), "%d %d %d %d", &port, &fd, &device, &speed), 4);
	cr_expect_eq(port, 4);
	cr_expect_gt(fd, 2);
	cr_expect_eq(device, 3 << 16 | 5);
	cr_expect_eq(speed, 3);
	cr_expect_lt(close(fd), 0, "the kernel's end is still ours as well");
	cr_expect_str_eq(t->ops->path(p), "3-5");
	/* Nobody took the descriptor here, so the pair's end looks like `usbip detach`. */
	loop_turn(loop, clock_ns() + 100000000);
	cr_expect_eq(losses, 1);
	cr_expect_str_empty(said("detach"));
	t->ops->unplug(p);
	cr_expect_str_eq(said("detach"), "4");
	t->ops->free(t);
}

Test(transport_vhci, places_that_are_none, .init = begin, .fini = end)
{
	static const struct usb_id rows[] = {
		{ .usb = "1-1.2" }, { .usb = "1-16" },           { .usb = "1-0" },
		{ .usb = "" },      { .usb = "1-1", .twin = 1 }, { .usb = "1-99999999999" },
	};
	struct transport *t = transport();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plugged *p = NULL;
		struct err err = { 0 };

		cr_expect_eq(t->ops->plug(&p, t, &rows[i], &ops, &losses, &err), ERR_CONF, "%s",
			     rows[i].usb);
		cr_expect(strstr(err.text, rows[i].usb) && strstr(err.text, "3-1 to 3-15"), "%s",
			  err.text);
	}
	cr_expect_str_empty(said("attach"));
	t->ops->free(t);
}

Test(transport_vhci, attach_is_refused, .init = begin, .fini = end)
{
	struct transport *t = transport();
	struct usb_id id = { .usb = "1-1" };
	struct plugged *p = NULL;
	struct err err = { 0 };

	unlink(in_dir("attach"));
	cr_assert_eq(mkdir(in_dir("attach"), 0700), 0); /* cannot be written, by root either */
	cr_expect_eq(t->ops->plug(&p, t, &id, &ops, &losses, &err), ERR_FILE);
	cr_expect(strstr(err.text, "attach: Is a directory"), "%s", err.text);
	cr_expect_null(p);
	t->ops->free(t);
	rmdir(in_dir("attach"));
}

Test(transport_vhci, no_controller, .init = begin, .fini = end)
{
	struct transport *t = NULL;
	struct err err = { 0 };

	cr_expect_eq(transport_vhci(&t, loop, "/nonexistent/vhci", &err), ERR_CONF);
	cr_expect(strstr(err.text, "modprobe vhci-hcd"), "%s", err.text);
	put("usb3/speed", "12\n");
	cr_expect_eq(transport_vhci(&t, loop, dir, &err), ERR_CONF);
	cr_expect_null(t);
}
