/* mt3620 -- Azure Sphere MT3620 boards in their own protocol: recovery over the
 * recovery UART, everything else over the service UART. */
#include "board/board_mt3620.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "board/mt3620_os.h"
#include "board/mt3620_pins.h"
#include "board/mt3620_service.h"
#include "board/mt3620_recovery.h"
#include "board/mt3620_trust.h"

enum { OPEN_MS = 2000 };

#define OFFSET(field) offsetof(struct mt3620_profile, field)
#define TEXT_(x)      #x
#define TEXT(x)       TEXT_(x)

static int open_board(struct board *b, struct err *err)
{
	struct mt3620_board *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		abort();
	m->board = b;
	m->profile = b->profile;
	m->pulse = mt3620_pulse;
	b->state = m;
	/* A bit mode and a line outlive a close: the chip is put into UART mode by
	 * whoever takes it first, and the line is the family's, not the fixture's. */
	r = mt3620_line(m, MT_RATE_TEXT, 0, clock_ms() + OPEN_MS, err);
	return r < 0 ? r : mt3620_service_open(m, err);
}

static void close_board(struct board *b)
{
	struct mt3620_board *m = mt3620_of(b);

	if (m && m->service_ops)
		m->service_ops->close(m);
	free(m);
	b->state = NULL;
}

static uint32_t offers(const void *profile)
{
	return BOARD_RECOVER | mt3620_service_offers(profile);
}

static const struct param_list *pins(const void *profile)
{
	return &((const struct mt3620_profile *)profile)->pins;
}

static int pin_check(struct sbuf *why, const void *profile, const char *pin)
{
	const struct mt3620_profile *p = profile;

	return mt3620_pin_check(why, pin, p->ethernet != 0, &p->rt_pins);
}

static const char *pin_title(const void *profile, const char *pin)
{
	(void)profile;
	return mt3620_pin_title(pin);
}

static int is_free(const struct mt3620_profile *p, const char *pin)
{
	struct sbuf why = { 0 };
	int r = mt3620_pin_check(&why, pin, p->ethernet != 0, &p->rt_pins);

	sbuf_release(&why);
	return r >= 0;
}

/* Of the preset, the pins that the product has free. */
static void keep_free(struct mt3620_profile *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->pins.count; i++)
		if (is_free(p, p->pins.item[i]))
			p->pins.item[n++] = p->pins.item[i];
	p->pins.count = n;
}

static void check_pins(const struct mt3620_profile *p, const struct param_list *list, int ours,
		       const struct ini_key *k, struct findings *f)
{
	for (size_t i = 0; k && i < list->count; i++) {
		struct sbuf why = { 0 };

		if (mt3620_pin_check(&why, list->item[i], ours && p->ethernet,
				     ours ? &p->rt_pins : NULL) < 0)
			finding_add(f, &k->value_at, FINDING_UNKNOWN_PIN, "'%s': %s", k->name,
				    sbuf_str(&why));
		sbuf_release(&why);
	}
	if (k && ours && list->count > MT3620_PINS_MAX)
		finding_add(f, &k->value_at, FINDING_OUT_OF_RANGE,
			    "'pins' has %zu pins, must be at most %d: name those that the product "
			    "uses",
			    list->count, MT3620_PINS_MAX);
}

static const char *version_of(struct arena *a, const void *profile, const char *folder)
{
	const struct mt3620_profile *p = profile;
	struct mt3620_releases known;
	struct mt3620_images set;
	struct err ignored = { 0 };

	if (!p->versions || mt3620_releases_load(&known, a, p->versions, &ignored) < 0 ||
	    mt3620_images_load(&set, a, folder, &ignored) < 0)
		return NULL; /* the recovery says what is wrong with them */
	return mt3620_release_in(&known, &set);
}

/* Files are looked at before a board is: a station without its trust anchor tests nothing. */
static void check_files(const struct mt3620_profile *p, const struct ini_section *s,
			struct findings *f)
{
	static const struct {
		const char *key;
		size_t offset;
	} files[] = {
		{ "capability", OFFSET(capability) },
		{ "versions", OFFSET(versions) },
		{ "board_config", OFFSET(board_config) },
		{ "app", OFFSET(app) },
	};
	const struct ini_key *trust = ini_key(s, "trust");
	struct err err = { 0 };

	if (trust && p->trust && mt3620_trust_check(p->trust, &err) < 0)
		finding_add(f, &trust->value_at, FINDING_NO_SUCH_PATH, "%s", err.text);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *path = *(const char *const *)((const char *)p + files[i].offset);
		const struct ini_key *k = ini_key(s, files[i].key);
		struct stat st;

		if (k && path && (stat(path, &st) || !S_ISREG(st.st_mode) || access(path, R_OK)))
			finding_add(f, &k->value_at, FINDING_NO_SUCH_PATH,
				    "'%s' is no file that can be read", path);
	}
}

/* Mistakes that the rows cannot see: files that are not there, pins that an MT3620, or the
 * product, has not. */
static void read_more(void *profile, struct ini *file, struct arena *a, struct findings *f)
{
	struct mt3620_profile *p = profile;
	const struct ini_section *s = ini_section(file, "board", "");
	const struct ini_key *pins_key = s ? ini_key(s, "pins") : NULL;

	(void)a;
	for (size_t i = 0; i < file->sections; i++)
		if (!strcmp(file->section[i].kind, "command"))
			finding_add(f, &file->section[i].at, FINDING_UNKNOWN_SECTION,
				    "a profile of family 'mt3620' has [board] alone");
	if (s)
		check_files(p, s, f);
	check_pins(p, &p->rt_pins, 0, s ? ini_key(s, "rt_pins") : NULL, f);
	check_pins(p, &p->pins, 1, pins_key, f);
	if (!pins_key)
		keep_free(p);
}

int mt3620_app_port(const struct mt3620_profile *p, const struct fixture_slot *s)
{
	return (int)p->app_port + s->number - 1;
}

static int listens(const void *profile, const struct fixture_slot *s)
{
	const struct mt3620_profile *p = profile;

	return p->app ? mt3620_app_port(p, s) : 0;
}

static const struct param params[] = {
	{ .name = "reset_low",
	  .type = PARAM_DURATION,
	  .offset = OFFSET(reset_low_ms),
	  .min = 1,
	  .max = 5000,
	  .preset = TEXT(MT_RESET_LOW_MS) " ms",
	  .help = "How long RESET is held low." },
	{ .name = "strap_hold",
	  .type = PARAM_DURATION,
	  .offset = OFFSET(strap_hold_ms),
	  .min = 20,
	  .max = 5000,
	  .preset = TEXT(MT_STRAP_HOLD_MS) " ms",
	  .help = "How long RECOVERY stays after the release of RESET; more than its rise time of "
		  "12 ms." },
	{ .name = "rate",
	  .type = PARAM_CHOICE,
	  .offset = OFFSET(rate),
	  .choices = (const char *const[]){ "auto", "fast", "slow", NULL },
	  .preset = "auto",
	  .help = "Rate of the recovery link for the images: 3 Mbit/s, 115,200 bit/s, or the "
		  "first with one fallback to the second." },
	{ .name = "xmodem_block",
	  .type = PARAM_CHOICE,
	  .offset = OFFSET(xmodem_block),
	  .choices = (const char *const[]){ "128", "1024", NULL },
	  .preset = TEXT(MT_XMODEM_BLOCK),
	  .help = "Bytes of a block of a file; whether a board takes 1024 is not public." },
	{ .name = "xmodem_flow",
	  .type = PARAM_BOOL,
	  .offset = OFFSET(xmodem_flow),
	  .preset = "yes",
	  .help = "RTS/CTS stays on during the transfer of a file, once it is agreed on." },
	{ .name = "capability",
	  .type = PARAM_PATH,
	  .offset = OFFSET(capability),
	  .optional = 1,
	  .help = "Capability file that a recovery sends; left out: the board is told that there "
		  "is none." },
	{ .name = "recovery_log",
	  .type = PARAM_BOOL,
	  .offset = OFFSET(recovery_log),
	  .preset = "no",
	  .help = "The board may send log entries during a recovery." },
	{ .name = "noise_max",
	  .type = PARAM_INT,
	  .offset = OFFSET(noise_max),
	  .min = 0,
	  .max = 1000000,
	  .preset = "200",
	  .help = "Damaged messages and blocks of one recovery that are repaired before the link "
		  "counts as noisy." },
	{ .name = "backup_boot",
	  .type = PARAM_CHOICE,
	  .offset = OFFSET(backup_boot),
	  .choices = (const char *const[]){ "fail", "warn", NULL },
	  .preset = "fail",
	  .help = "What it is when a board boots from the backup copy of its system." },
	{ .name = "patience",
	  .type = PARAM_NUM,
	  .offset = OFFSET(patience),
	  .min = 0.001,
	  .max = 100,
	  .preset = "1",
	  .help = "Factor of every wait for the board; below 1 for virtual boards with shortened "
		  "times." },
	{ .name = "trust",
	  .type = PARAM_PATH,
	  .offset = OFFSET(trust),
	  .optional = 1,
	  .help = "Certificate of the authority that the board's REST service is verified by; "
		  "without it only the recovery link is used." },
	{ .name = "versions",
	  .type = PARAM_PATH,
	  .offset = OFFSET(versions),
	  .optional = 1,
	  .help = "Which images a release of the OS has, as the vendor publishes it (JSON)." },
	{ .name = "board_config",
	  .type = PARAM_PATH,
	  .offset = OFFSET(board_config),
	  .optional = 1,
	  .help = "Board configuration image that is loaded where there is none, as after a "
		  "recovery." },
	{ .name = "app",
	  .type = PARAM_PATH,
	  .offset = OFFSET(app),
	  .optional = 1,
	  .help = "Image of the test application, for pins and throughput." },
	{ .name = "app_port",
	  .type = PARAM_INT,
	  .offset = OFFSET(app_port),
	  .min = 1,
	  .max = 65000,
	  .preset = TEXT(MT_HELPER_PORT),
	  .help = "TCP port of the station that the test application of slot 1 connects to; slot 2 "
		  "has the next one, and so on." },
	{ .name = "pins",
	  .type = PARAM_LIST,
	  .offset = OFFSET(pins),
	  .preset = MT3620_RDB_PINS,
	  .help = "GPIO numbers that the test application has, at most 64." },
	{ .name = "rt_pins",
	  .type = PARAM_LIST,
	  .offset = OFFSET(rt_pins),
	  .optional = 1,
	  .help = "GPIO numbers that a real-time application on the product has." },
	{ .name = "ethernet",
	  .type = PARAM_BOOL,
	  .offset = OFFSET(ethernet),
	  .preset = "no",
	  .help = "An ENC28J60 Ethernet adapter is fitted." },
	{ .name = NULL },
};

const struct board_driver board_mt3620 = {
	.name = "mt3620",
	.summary = "Azure Sphere MT3620, by its recovery and service links",
	.params = params,
	.profile_size = sizeof(struct mt3620_profile),
	.roles = 1 << ROLE_RECOVERY,
	.signals = (const char *const[]){ "reset", "recovery", NULL },
	.read = read_more,
	.offers = offers,
	.pins = pins,
	.pin_check = pin_check,
	.pin_title = pin_title,
	.version_ok = mt3620_version_ok,
	.version_of = version_of,
	.listens = listens,
	.tcp_window = 2 * 8192, /* iperf3 asks for 8192 and Linux doubles it (mt3620.md 9) */
	.ops = {
		.recover = mt3620_recover,
		.os_version = mt3620_os_version,
		.device_id = mt3620_device_id,
		.restart = mt3620_restart,
		.mac = mt3620_read_mac,
		.equip = mt3620_equip,
		.gpio = mt3620_gpio,
		.measure = mt3620_measure,
		.provision = mt3620_provision,
		.inventory = mt3620_inventory,
		.state = mt3620_state,
		.finalise = mt3620_finalise,
		.join = mt3620_join,
		.log = mt3620_log,
	},
	.open = open_board,
	.close = close_board,
};
