#include <criterion/criterion.h>
#include <string.h>

#include "link/usb_node.h"
#include "tests/unit/rows.h"

TestSuite(usb_node, .timeout = 20);

static const struct {
	const char *path;
	int ok;
} paths[] = {
	{ "1-1", 1 },
	{ "1-1.2", 1 },
	{ "255-1.2.3.4.5.6.255", 1 },
	{ "", 0 },
	{ "1", 0 },
	{ "1-", 0 },
	{ "1-0", 0 }, /* a root hub */
	{ "0-1", 0 },
	{ "1-01", 0 },
	{ "1-1.", 0 },
	{ "1.1", 0 },
	{ "1-1-2", 0 },
	{ "1-256", 0 },
	{ "1-1111", 0 },
	{ "1-1.2.3.4.5.6.7.8", 0 },
	{ " 1-1", 0 },
	{ "1-1 ", 0 },
	{ "1-+1", 0 },
	{ "1-1:1.0", 0 },
};

TEST_ROWS(usb_node, path, paths)
{
	cr_expect_eq(usb_path_ok(paths[*i].path), paths[*i].ok, "'%s'", paths[*i].path);
}

static const struct {
	int rc;
	enum err_code code;
} causes[] = {
	{ LIBUSB_ERROR_NO_DEVICE, ERR_GONE }, { LIBUSB_ERROR_NOT_FOUND, ERR_GONE },
	{ LIBUSB_ERROR_ACCESS, ERR_ACCESS },  { LIBUSB_ERROR_BUSY, ERR_BUSY },
	{ LIBUSB_ERROR_TIMEOUT, ERR_IO },     { LIBUSB_ERROR_IO, ERR_IO },
};

TEST_ROWS(usb_node, cause, causes)
{
	struct err err = { 0 };

	cr_expect_eq(usb_node_fail(&err, causes[*i].rc, "port A"), causes[*i].code);
	cr_expect_eq(strncmp(err.text, "port A: ", 8), 0, "%s", err.text);
}

Test(usb_node, no_permission_names_the_rule)
{
	struct err err = { 0 };

	usb_node_fail(&err, LIBUSB_ERROR_ACCESS, "port A");
	cr_expect(strstr(err.text, "60-station.rules"), "%s", err.text);
}
