#include <string.h>

#include "step/mac.h"
#include "tests/unit/rows.h"

TestSuite(mac, .timeout = 20);

static const struct scan_row {
	const char *text, *canonical; /* NULL: no address */
} scans[] = {
	{ "02:ab:cd:ef:01:23", "02:ab:cd:ef:01:23" },
	{ "02:AB:CD:EF:01:23", "02:ab:cd:ef:01:23" },
	{ "02-ab-CD-ef-01-23", "02:ab:cd:ef:01:23" },
	{ "02.ab.cd.ef.01.23", "02:ab:cd:ef:01:23" },
	{ "02ab.cdef.0123", "02:ab:cd:ef:01:23" },
	{ "02ab:cdef:0123", "02:ab:cd:ef:01:23" },
	{ "02ab-cdef-0123", "02:ab:cd:ef:01:23" },
	{ "02abcdef0123", "02:ab:cd:ef:01:23" },
	{ "000000000000", "00:00:00:00:00:00" },
	{ "ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff" },
	{ "", NULL },
	{ "02:ab:cd:ef:01", NULL },
	{ "02:ab:cd:ef:01:2", NULL },
	{ "02:ab:cd:ef:01:23 ", NULL },
	{ " 02:ab:cd:ef:01:23", NULL },
	{ "02:ab:cd:ef:01:23:45", NULL },
	{ "02:ab-cd:ef:01:23", NULL },
	{ "02:ab:cd:ef:01-23", NULL },
	{ "02 ab cd ef 01 23", NULL },
	{ "02:ab:cd:ef:01:2g", NULL },
	{ "0g:ab:cd:ef:01:23", NULL },
	{ "02abcdef012", NULL },
	{ "02abcdef01234", NULL },
	{ "02ab.cdef:0123", NULL },
	{ "02abccdefc0123", NULL },
	{ "0x02abcdef01", NULL },
	{ "-2:ab:cd:ef:01:23", NULL },
	{ "02:ab:cd:ef:01:\xc3\xa9", NULL },
	{ "not known", NULL },
};

TEST_ROWS(mac, scan, scans)
{
	const struct scan_row *row = &scans[*i];
	uint8_t mac[6] = { 1, 2, 3, 4, 5, 6 };
	static const uint8_t untouched[6] = { 1, 2, 3, 4, 5, 6 };
	char text[MAC_TEXT];
	int r = mac_scan(mac, row->text);

	cr_expect_eq(r, row->canonical ? 0 : -1, "'%s'", row->text);
	if (row->canonical)
		cr_expect_str_eq(mac_print(text, mac), row->canonical, "'%s'", row->text);
	else
		cr_expect_arr_eq(mac, untouched, 6, "'%s'", row->text);
}

/* Each byte at each place, in every form that is allowed. */
Test(mac, every_byte)
{
	static const char *const forms[] = { "%02x:%02X:%02x:%02X:%02x:%02X",
					     "%02X-%02x-%02X-%02x-%02X-%02x",
					     "%02x%02x.%02x%02x.%02x%02x",
					     "%02X%02X%02X%02X%02X%02X" };

	for (int at = 0; at < 6; at++)
		for (int byte = 0; byte < 256; byte++)
			for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
				uint8_t in[6] = { 0x10, 0x32, 0x54, 0x76, 0x98, 0xba }, out[6];
				char text[32];

				in[at] = (uint8_t)byte;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
				snprintf(text, sizeof(text), forms[k], in[0], in[1], in[2], in[3],
					 in[4], in[5]);
#pragma GCC diagnostic pop
				cr_assert_eq(mac_scan(out, text), 0, "'%s'", text);
				cr_assert_arr_eq(out, in, 6, "'%s'", text);
			}
}

static const struct kind_row {
	const char *text;
	int valid, local;
} kinds[] = {
	{ "00:12:fe:a0:17:5c", 1, 0 }, { "02:12:fe:a0:17:5c", 1, 1 }, { "00:00:00:00:00:00", 0, 0 },
	{ "00:00:00:00:00:01", 1, 0 }, { "01:00:5e:00:00:01", 0, 0 }, { "03:00:00:00:00:01", 0, 1 },
	{ "ff:ff:ff:ff:ff:ff", 0, 1 }, { "fe:ff:ff:ff:ff:ff", 1, 1 }, { "fc:00:00:00:00:00", 1, 0 },
};

TEST_ROWS(mac, kind, kinds)
{
	uint8_t mac[6];

	cr_assert_eq(mac_scan(mac, kinds[*i].text), 0);
	cr_expect_eq(mac_valid(mac), kinds[*i].valid, "%s", kinds[*i].text);
	cr_expect_eq(mac_local(mac), kinds[*i].local, "%s", kinds[*i].text);
}
