/* scenario: which boards there are, and every mistake with its place */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "virtual/scenario.h"
#include "rows.h"

TestSuite(scenario, .timeout = 20);

static struct findings found;

static struct scenario *load(const char *one, const char *two)
{
	const char *const text[] = { one, two };
	char path[2][40];
	const char *paths[2];
	struct scenario *s = NULL;
	struct err err = { 0 };
	size_t n = 0;
	int r;

	for (; n < 2 && text[n]; n++) {
		int fd;

		snprintf(path[n], sizeof(path[n]), "/tmp/test_scenario.XXXXXX");
		fd = mkstemp(path[n]);
		cr_assert_geq(fd, 0);
		cr_assert_eq(write(fd, text[n], strlen(text[n])), (ssize_t)strlen(text[n]));
		close(fd);
		paths[n] = path[n];
	}
	r = scenario_load(&s, paths, n, &found, &err);
	for (size_t i = 0; i < n; i++)
		unlink(path[i]);
	cr_assert_eq(r == 0, s != NULL);
	cr_assert_eq(r == 0, found.errors == 0);
	return s;
}

Test(scenario, presets)
{
	struct scenario *s = load("[board 7]\nusb = 1-1.2\nfirmware = echo\n", NULL);
	const struct scenario_board *b;

	cr_assert_not_null(s);
	cr_assert_eq(s->boards, 1);
	cr_expect(scenario_paced(s));
	cr_expect_eq(s->world.seed, 1);
	b = &s->board[0];
	cr_expect_eq(b->number, 7);
	cr_expect_str_eq(b->serial, "VB0007");
	cr_expect_str_eq(b->product, "Quad RS232-HS");
	cr_expect_str_eq(b->usb, "1-1.2");
	cr_expect_eq(b->bcd_device, 0x0800);
	cr_expect_eq(b->plugged, 1);
	cr_expect_str_eq(b->firmware->name, "echo");
	scenario_free(s);
}

Test(scenario, several_files_make_one)
{
	struct scenario *s = load("[world]\npace = off\n[board 2]\nusb = 1-2\nfirmware = echo\n",
				  "[board 1]\nusb = 1-1\nfirmware = echo\nserial =\n");

	cr_assert_not_null(s);
	cr_assert_eq(s->boards, 2);
	cr_expect_not(scenario_paced(s));
	cr_expect_eq(s->board[0].number, 1);
	cr_expect_str_eq(s->board[0].serial, "");
	cr_expect_eq(s->board[1].number, 2);
	scenario_free(s);
}

Test(scenario, one_path_for_three)
{
	struct scenario *s = load("[board 1]\nsame_path_as = 2\nfirmware = echo\n"
				  "[board 2]\nusb = 1-1.2\nfirmware = echo\n"
				  "[board 3]\nsame_path_as = 2\nfirmware = echo\n",
				  NULL);

	cr_assert_not_null(s);
	for (int i = 0; i < 3; i++)
		cr_expect_str_eq(s->board[i].usb, "1-1.2");
	cr_expect_eq(s->board[0].twin, 1);
	cr_expect_eq(s->board[1].twin, 0);
	cr_expect_eq(s->board[2].twin, 2);
	scenario_free(s);
}

static const struct {
	const char *one, *two;
	int line, column;
	enum finding_code code;
	const char *says;
} mistakes[] = {
	{ "", NULL, 0, 0, FINDING_MISSING_SECTION, "no [board N]" },
	{ "[board x]\n", NULL, 1, 8, FINDING_BAD_NAME, "'x' is no number" },
	{ "[board 01]\n", NULL, 1, 8, FINDING_BAD_NAME, "'01' is no number" },
	{ "[board 100]\n", NULL, 1, 8, FINDING_BAD_NAME, "'100' is no number" },
	{ "[shop]\n", NULL, 1, 1, FINDING_UNKNOWN_SECTION, "neither [world] nor" },
	{ "[board 1]\nusb = 1-1\n", NULL, 1, 1, FINDING_MISSING_KEY, "firmware" },
	{ "[board 1]\nfirmware = echo\n", NULL, 1, 1, FINDING_MISSING_KEY, "'usb'" },
	{ "[board 1]\nusb = 1-1\nfirmware = eko\n", NULL, 3, 12, FINDING_BAD_VALUE, "echo" },
	{ "[board 1]\nusb = 1-1.01\nfirmware = echo\n", NULL, 2, 7, FINDING_BAD_VALUE, "1-1.01" },
	{ "[board 1]\nusb = 1\nfirmware = echo\n", NULL, 2, 7, FINDING_BAD_VALUE, "USB path" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\nbaud = 3\n", NULL, 4, 1, FINDING_UNKNOWN_KEY,
	  "baud" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\nline = 3\n", NULL, 4, 8, FINDING_OUT_OF_RANGE,
	  "'line'" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\nsame_path_as = 2\n", NULL, 4, 16,
	  FINDING_BAD_VALUE, "give one" },
	{ "[board 1]\nsame_path_as = 1\nfirmware = echo\n", NULL, 2, 16, FINDING_BAD_VALUE,
	  "does not exist" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\n", "[board 1]\nusb = 1-2\nfirmware = echo\n", 1,
	  1, FINDING_DUPLICATE_SECTION, "already" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\n", "[board 2]\nusb = 1-1\nfirmware = echo\n", 2,
	  7, FINDING_BAD_VALUE, "board 1's" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\n", "[board 2]\nusb = 1-1.3\nfirmware = echo\n", 2,
	  7, FINDING_BAD_VALUE, "a hub for board 2" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\nfault = eeprom_blank, eprom\n", NULL, 4, 23,
	  FINDING_BAD_VALUE, "eprom" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\nfault = silent\n", NULL, 4, 9, FINDING_BAD_VALUE,
	  "echo does not have" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\neeprom_words = 96\n", NULL, 4, 16,
	  FINDING_BAD_VALUE, "64, 128 or 256" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\nproduct = \xc3\xa4\n", NULL, 4, 11,
	  FINDING_BAD_VALUE, "ASCII" },
	{ "[board 1]\nusb = 1-1\nfirmware = echo\neeprom_words = 64\n"
	  "product = 0123456789012345678901234567890123456789\n",
	  NULL, 1, 1, FINDING_OUT_OF_RANGE, "holds 43" },
};

TEST_ROWS(scenario, mistakes, mistakes)
{
	cr_assert_null(load(mistakes[*i].one, mistakes[*i].two));
	cr_assert_eq(found.count, 1, "%zu findings, first: %s", found.count, found.list[0].message);
	cr_expect_eq(found.list[0].at.line, mistakes[*i].line);
	cr_expect_eq(found.list[0].at.column, mistakes[*i].column);
	cr_expect_eq(found.list[0].code, mistakes[*i].code, "%s: %s",
		     finding_name(found.list[0].code), found.list[0].message);
	cr_expect_not_null(strstr(found.list[0].message, mistakes[*i].says), "%s",
			   found.list[0].message);
	finding_release(&found);
}

Test(scenario, faults_of_the_interface)
{
	struct scenario *s = load("[board 1]\nusb = 1-1\nfirmware = echo\n"
				  "fault = two_on_one_path, eeprom_serial X9\n"
				  "[board 2]\nusb = 1-2\nfirmware = echo\nfault = eeprom_blank\n"
				  "[board 3]\nusb = 1-3\nfirmware = echo\nfault =\n",
				  NULL);

	cr_assert_not_null(s);
	cr_assert_eq(s->boards, 4);
	cr_expect_str_eq(s->board[0].serial, "X9");
	cr_expect_str_eq(s->board[1].eeprom, "blank");
	cr_expect_eq(s->board[2].faults.count, 0);
	cr_expect_eq(s->board[3].number, SCENARIO_SECOND + 1);
	cr_expect_eq(s->board[3].twin, 1);
	cr_expect_str_eq(s->board[3].usb, "1-1");
	cr_expect_str_eq(s->board[3].serial, "VB0101");
	scenario_free(s);
}

Test(scenario, a_file_that_is_not_there)
{
	struct scenario *s = NULL;
	struct err err = { 0 };

	cr_expect_eq(scenario_load(&s, (const char *const[]){ "/no/such.ini" }, 1, &found, &err),
		     ERR_CONF);
	cr_expect_null(s);
	cr_assert_eq(found.count, 1);
	cr_expect_eq(found.list[0].code, FINDING_FILE);
	finding_release(&found);
}
