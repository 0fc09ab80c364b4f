#include <string.h>

#include "base/address.h"
#include "rows.h"

TestSuite(address, .timeout = 20);

static const struct {
	const char *text, *same; /* same: as every spelling of it is printed; NULL: it is none */
	int any;
} texts[] = {
	{ "127.0.0.1:5201", "[::ffff:127.0.0.1]:5201", 0 },
	{ "[::ffff:127.0.0.1]:5201", "[::ffff:127.0.0.1]:5201", 0 },
	{ "[0:0:0:0:0:FFFF:7F00:0001]:5201", "[::ffff:127.0.0.1]:5201", 0 },
	{ "[::1]:80", "[::1]:80", 0 },
	{ "[0:0::0:1]:80", "[::1]:80", 0 },
	{ "[FE80::00aB]:65535", "[fe80::ab]:65535", 0 },
	{ "0.0.0.0:1", "[::ffff:0.0.0.0]:1", 1 },
	{ "[::]:1", "[::]:1", 1 },
	{ "[0::0]:1", "[::]:1", 1 },
	{ "[::ffff:0:0]:1", "[::ffff:0.0.0.0]:1", 1 },
	{ "[fe80::1%eth0]:80", NULL, 0 }, /* a zone */
	{ "127.0.0.1", NULL, 0 },
	{ "127.0.0.1:", NULL, 0 },
	{ "127.0.0.1:0", NULL, 0 },
	{ "127.0.0.1:080", NULL, 0 },
	{ "127.0.0.1:65536", NULL, 0 },
	{ "127.0.0.1:99999999999", NULL, 0 },
	{ "127.0.0.1:80 ", NULL, 0 },
	{ "127.1:80", NULL, 0 },
	{ "localhost:80", NULL, 0 },
	{ "[127.0.0.1]:80", NULL, 0 },
	{ "::1:80", NULL, 0 },
	{ "[:80", NULL, 0 },
	{ "[]:80", NULL, 0 },
	{ "[::1:80", NULL, 0 },
	{ ":80", NULL, 0 },
	{ "", NULL, 0 },
};

TEST_ROWS(address, a_spelling, texts)
{
	struct address a;
	char text[ADDRESS_TEXT];

	cr_assert_eq(address_scan(&a, texts[*i].text), texts[*i].same ? 0 : -1, "'%s'",
		     texts[*i].text);
	if (!texts[*i].same)
		return;
	address_print(text, &a);
	cr_expect_str_eq(text, texts[*i].same, "'%s'", texts[*i].text);
	cr_expect_eq(address_is_any(&a), texts[*i].any, "'%s'", texts[*i].text);
}

Test(address, a_host_is_the_same_at_another_port)
{
	struct address a, b, c;

	cr_assert(!address_scan(&a, "10.0.0.1:1") && !address_scan(&b, "[::ffff:10.0.0.1]:2") &&
		  !address_scan(&c, "10.0.0.2:1"));
	cr_expect(address_same_host(&a, &b));
	cr_expect_not(address_same_host(&a, &c));
}

Test(address, parts_are_as_they_are_written)
{
	char host[8];
	int port;

	cr_assert_eq(address_split(host, sizeof(host), &port, "[0::A]:5201"), 0);
	cr_expect_str_eq(host, "0::A");
	cr_expect_eq(port, 5201);
	cr_expect_eq(address_split(host, sizeof(host), &port, "10.0.0.1:1"), -1, "no room");
	cr_expect_eq(address_split(host, sizeof(host), &port, "10.0.0.:x"), -1);
}
