#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "link/fixture.h"
#include "tests/unit/rows.h"

TestSuite(fixture, .timeout = 20);

static char path[64];

static void put(const char *text)
{
	struct err err = { 0 };

	snprintf(path, sizeof(path), "/tmp/test_fixture.%d", getpid());
	cr_assert_eq(file_write(path, text, strlen(text), &err), 0, "%s", err.text);
}

static const char head[] = "[fixture]\nid = F\nboard = b\n[slot 1]\nusb = 1-1.2\n";

static const char full[] = "[fixture]\n"
			   "id = FX-RDB-4UP-02\n"
			   "board = mt3620\n"
			   "calibration_due = 2027-05-31\n"
			   "cycles_max = 100000\n"
			   "ftdi_product = MSFT MT3620 Std Interface\n"
			   "[slot 1]\n"
			   "usb = 1-1.2\n"
			   "ftdi_serial = FX2A01\n"
			   "network = 127.0.0.1:5201\n"
			   "board_network = 192.168.35.2:5201\n"
			   "barcode = SLOT1\n"
			   "[slot left]\n"
			   "usb = 1-1.10\n"
			   "ftdi_serial = none\n"
			   "[slot right]\n"
			   "usb = 1-1.11\n"
			   "ftdi_serial = none\n"
			   "[channel console]\n"
			   "port = C\n"
			   "line = 921600 7E2 rtscts\n"
			   "latency = 1 ms\n"
			   "event_char = 0x0A\n"
			   "[channel recovery]\n"
			   "port = D\n"
			   "line = 3000000\n"
			   "link = fault:seed=1|ftdi\n"
			   "[signal reset]\n"
			   "pin = D6\n"
			   "active = low\n"
			   "[signal swclk]\n"
			   "pin = B0\n"
			   "mode = mpsse\n";

Test(fixture, reads_all)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct fixture *x;
	const struct fixture_channel *c;
	const struct fixture_signal *g;
	uint8_t hash[HASH_SIZE];
	char text[HASH_TEXT];

	put(full);
	cr_assert_eq(fixture_load(&x, &a, path, &f, &err), 0, "%s: %s", err.text,
		     f.count ? f.list[0].message : "");
	unlink(path);
	cr_expect_eq(f.count, 0);
	cr_expect_str_eq(x->id, "FX-RDB-4UP-02");
	cr_expect_str_eq(x->board, "mt3620");
	cr_expect_str_eq(x->calibration_due, "2027-05-31");
	cr_expect_eq(x->cycles_max, 100000);
	cr_expect_str_eq(x->ftdi_product, "MSFT MT3620 Std Interface");
	hash_bytes(hash, full, strlen(full));
	cr_expect_str_eq(x->sha256, hash_print(text, hash));
	cr_assert_eq(x->slots, 3);
	cr_expect_str_eq(x->slot[0].usb, "1-1.2");
	cr_expect_str_eq(x->slot[0].ftdi_serial, "FX2A01");
	cr_expect_str_eq(x->slot[0].network, "127.0.0.1:5201");
	cr_expect_str_eq(x->slot[0].board_network, "192.168.35.2:5201");
	cr_expect_str_eq(x->slot[0].barcode, "SLOT1");
	cr_expect_eq(fixture_slot(x, "left"), &x->slot[1]);
	cr_expect_eq(x->slot[1].number, 2);
	cr_expect_null(x->slot[1].network);
	cr_expect_null(fixture_slot(x, "nowhere"));
	c = fixture_channel(x, "console");
	cr_assert_not_null(c);
	cr_expect_str_eq(c->link, "ftdi");
	cr_expect_eq(c->port, 2);
	cr_expect_eq(c->line.baud, 921600);
	cr_expect_eq(c->line.bits, 7);
	cr_expect_eq(c->line.parity, 'E');
	cr_expect_eq(c->line.stop, 2);
	cr_expect_eq(c->line.rtscts, 1);
	cr_expect_eq(c->latency_ms, 1);
	cr_expect_eq(c->event_char, 10);
	c = fixture_channel(x, "recovery");
	cr_assert_not_null(c);
	cr_expect_eq(c->line.baud, 3000000);
	cr_expect_eq(c->line.bits, 8);
	cr_expect_eq(c->line.parity, 'N');
	cr_expect_eq(c->line.stop, 1);
	cr_expect_eq(c->line.rtscts, 0);
	cr_expect_eq(c->latency_ms, 2);
	cr_expect_eq(c->event_char, -1);
	cr_expect_str_eq(c->link, "fault:seed=1|ftdi");
	cr_expect_null(fixture_channel(x, "debug"));
	g = fixture_signal(x, "reset");
	cr_assert_not_null(g);
	cr_expect(g->port == 3 && g->bit == 6 && g->active_low && !g->mpsse);
	g = fixture_signal(x, "swclk");
	cr_assert_not_null(g);
	cr_expect(g->port == 1 && g->bit == 0 && !g->active_low && g->mpsse);
	cr_expect_null(fixture_signal(x, "nowhere"));
	arena_free(&a);
}

/* One mistake each, behind head. */
static const struct {
	const char *text, *said; /* line:column: message */
	enum finding_code code;
} bad[] = {
	{ "[slot 2]\nusb = 1-1.2\n", "7:7: usb '1-1.2' is used at line 5, column 7 already",
	  FINDING_DUPLICATE_NAME },
	{ "[slot 2]\nusb = 1.2\n", "7:7: 'usb' is '1.2', must be bus and port path such as 1-1.2",
	  FINDING_BAD_VALUE },
	{ "[slot 2]\n", "6:1: missing key 'usb' in [slot 2]", FINDING_MISSING_KEY },
	{ "[slot 2]\nusb = 1-2\nusv = 1-3\n",
	  "8:1: unknown key 'usv' in [slot 2]; did you mean 'usb'?", FINDING_UNKNOWN_KEY },
	{ "[slot 2]\nusb = 1-2\nftdi_serial = A\n[slot 3]\nusb = 1-3\nftdi_serial = A\n",
	  "11:15: ftdi_serial 'A' is used at line 8, column 15 already", FINDING_DUPLICATE_NAME },
	{ "[slot 2]\nusb = 1-2\nnetwork = 127.0.0.1:1\n[slot 3]\nusb = 1-3\n"
	  "network = 127.0.0.1:1\n",
	  "11:11: network '127.0.0.1:1' is used at line 8, column 11 already",
	  FINDING_DUPLICATE_NAME },
	{ "[slot 2]\nusb = 1-2\nnetwork = [fd00::1]:1\n[slot 3]\nusb = 1-3\n"
	  "board_network = [FD00:0::0:1]:1\n",
	  "11:17: board_network '[FD00:0::0:1]:1' is used at line 8, column 11 already",
	  FINDING_DUPLICATE_NAME },
	{ "[slot 2]\nusb = 1-2\nnetwork = 127.0.0.1:1\nboard_network = [::ffff:7f00:1]:1\n",
	  "9:17: board_network '[::ffff:7f00:1]:1' is used at line 8, column 11 already",
	  FINDING_DUPLICATE_NAME },
	{ "[slot 2]\nusb = 1-2\nnetwork = [fe80::1%eth0]:1\n",
	  "8:11: 'network' is '[fe80::1%eth0]:1', must be an address with port: 127.0.0.1:5201 or "
	  "[::1]:5201",
	  FINDING_BAD_VALUE },
	{ "[slot 2]\nusb = 1-2\nbarcode = B\n[slot 3]\nusb = 1-3\nbarcode = B\n",
	  "11:11: barcode 'B' is used at line 8, column 11 already", FINDING_DUPLICATE_NAME },
	{ "[slot]\nusb = 1-2\n", "6:1: [slot] needs a name: [slot NAME]", FINDING_BAD_SECTION },
	{ "[fixture 2]\n", "6:1: [fixture] takes no name: [fixture]", FINDING_BAD_SECTION },
	{ "[chanel c]\n", "6:1: unknown section [chanel]; did you mean [channel]?",
	  FINDING_UNKNOWN_SECTION },
	{ "[channel c]\nport = C\n[channel d]\nport = C\n",
	  "9:8: port 'C' is used at line 7, column 8 already", FINDING_DUPLICATE_NAME },
	{ "[channel c]\nport = E\n", "7:8: ", FINDING_BAD_VALUE },
	{ "[channel c]\nport = C\nline = fast\n",
	  "8:8: 'line' is 'fast': must be bits per second, format and flow control, such as "
	  "115200 8N1 rtscts",
	  FINDING_BAD_VALUE },
	{ "[channel c]\nport = C\nline = 9600x\n",
	  "8:8: 'line' is '9600x': must be bits per second, format and flow control, such as "
	  "115200 8N1 rtscts",
	  FINDING_BAD_VALUE },
	{ "[channel c]\nport = C\nline = 9600 8X1\n",
	  "8:8: 'line' is '9600 8X1': must have a format of 7 or 8 bits, parity N, O or E and 1 or "
	  "2 stop bits, such as 8N1",
	  FINDING_BAD_VALUE },
	{ "[channel c]\nport = C\nline = 9600 8N1 xon\n",
	  "8:8: 'line' is '9600 8N1 xon': must have rtscts or none as flow control",
	  FINDING_BAD_VALUE },
	{ "[channel c]\nport = C\nline = 9600 8N1 rtscts now\n",
	  "8:8: 'line' is '9600 8N1 rtscts now': must be bits per second, format and flow control, "
	  "such as 115200 8N1 rtscts",
	  FINDING_BAD_VALUE },
	{ "[channel c]\nport = C\nline = 2500000\n",
	  "8:8: 'line' is '2500000': the interface runs at 2526316 bit/s where 2500000 are asked "
	  "for: +1.05 % is more than 1 %",
	  FINDING_BAD_VALUE },
	{ "[channel c]\nport = C\nlatency = 300 ms\n", "8:11: ", FINDING_OUT_OF_RANGE },
	{ "[channel c]\nport = C\nevent_char = 256\n",
	  "8:14: 'event_char' is '256', must be off or a byte, 0 .. 255 or 0x00 .. 0xFF",
	  FINDING_BAD_VALUE },
	{ "[channel c]\nport = C\nlink = ftid\n",
	  "8:8: 'link': no link is called 'ftid'; did you mean 'ftdi'?", FINDING_BAD_VALUE },
	{ "[signal s]\npin = E1\n",
	  "7:7: 'pin' is 'E1', must be a port A to D and a bit 0 to 7, such as D6",
	  FINDING_BAD_VALUE },
	{ "[signal s]\npin = D8\n",
	  "7:7: 'pin' is 'D8', must be a port A to D and a bit 0 to 7, such as D6",
	  FINDING_BAD_VALUE },
	{ "[signal s]\npin = D6\n[signal t]\npin = D6\n",
	  "9:7: pin 'D6' is used at line 7, column 7 already", FINDING_DUPLICATE_NAME },
	{ "[signal s]\npin = D6\nmode = mpsse\n",
	  "8:8: port D has no MPSSE; A and B have, every port has bitbang", FINDING_CONTRADICTION },
	{ "[signal s]\npin = A6\nmode = mpsse\n[signal t]\npin = A5\n",
	  "9:1: signals 's' and 't' want port A in two modes", FINDING_CONTRADICTION },
	{ "[signal s]\npin = A6\nmode = mpsse\n[channel c]\nport = A\n",
	  "8:8: signal 's' takes port A by mpsse from channel 'c'", FINDING_CONTRADICTION },
	{ "[signal s]\npin = A1\n[channel c]\nport = A\n",
	  "7:7: pin A1 of signal 's' is RXD of channel 'c'", FINDING_CONTRADICTION },
	{ "[signal s]\npin = A3\n[channel c]\nport = A\nline = 9600 8N1 rtscts\n",
	  "7:7: pin A3 of signal 's' is CTS# of channel 'c'", FINDING_CONTRADICTION },
};

TEST_ROWS(fixture, refuses, bad)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct fixture *x;
	char said[500];

	put(arena_printf(&a, "%s%s", head, bad[*i].text));
	cr_expect_eq(fixture_load(&x, &a, path, &f, &err), ERR_CONF, "row %zu", *i);
	unlink(path);
	cr_assert_eq(f.count, 1, "row %zu: %zu findings", *i, f.count);
	snprintf(said, sizeof(said), "%d:%d: %s", f.list[0].at.line, f.list[0].at.column,
		 f.list[0].message);
	if (bad[*i].said[strlen(bad[*i].said) - 1] == ' ') /* the parameter row's own text */
		said[strlen(bad[*i].said)] = '\0';
	cr_expect_str_eq(said, bad[*i].said, "row %zu", *i);
	cr_expect_eq(f.list[0].code, bad[*i].code, "row %zu: %s", *i, finding_name(f.list[0].code));
	finding_release(&f);
	arena_free(&a);
}

static const char *const good[] = {
	"[signal s]\npin = D6\n[channel c]\nport = D\n",
	"[signal s]\npin = D3\n[channel c]\nport = D\n", /* no flow control */
	"[signal s]\npin = A6\nmode = mpsse\n[signal t]\npin = A5\nmode = mpsse\n",
	"[channel c]\nport = A\nlink = replay:a.rec\n",
};

TEST_ROWS(fixture, accepts, good)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct fixture *x;

	put(arena_printf(&a, "%s%s", head, good[*i]));
	cr_expect_eq(fixture_load(&x, &a, path, &f, &err), 0, "row %zu: %s", *i,
		     f.count ? f.list[0].message : err.text);
	cr_expect_eq(f.count, 0, "row %zu", *i);
	unlink(path);
	finding_release(&f);
	arena_free(&a);
}

Test(fixture, an_empty_file_lacks_both_sections)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct fixture *x = NULL;

	put("");
	cr_expect_eq(fixture_load(&x, &a, path, &f, &err), ERR_CONF);
	cr_expect_eq(f.count, 2);
	cr_expect_not_null(x);
	unlink(path);
	cr_expect_eq(fixture_load(&x, &a, path, &f, &err), ERR_CONF);
	cr_expect_not_null(x);
	finding_release(&f);
	arena_free(&a);
}

/* --- the rows --- */

static const struct param *const lists[] = { fixture_params, fixture_slot_params,
					     fixture_channel_params, fixture_signal_params };

TEST_ROWS(fixture, rows, lists)
{
	cr_expect(lists[*i]->name);
	for (const struct param *row = lists[*i]; row->name; row++) {
		cr_expect_eq(param_find(lists[*i], row->name), row, "%s stands twice", row->name);
		cr_expect(row->help && row->help[strlen(row->help) - 1] == '.', "%s", row->name);
	}
}
