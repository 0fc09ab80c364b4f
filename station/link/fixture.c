#include "link/fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/hash.h"
#include "base/names.h"
#include "base/text.h"
#include "link/ftdi_line.h"
#include "link/usb_node.h"

/* --- what may be written --- */

struct channel_text { /* a [channel ROLE] as it is written */
	const char *link, *port, *line, *event_char;
	int64_t latency_ms;
};

struct signal_text { /* a [signal NAME] */
	const char *pin, *active, *mode;
};

static const char *const ports[] = { "A", "B", "C", "D", NULL };
static const char *const levels[] = { "high", "low", NULL };
static const char *const modes[] = { "bitbang", "mpsse", NULL };

#define ROW(s, field_, key, type_) .name = key, .type = type_, .offset = offsetof(struct s, field_)
const struct param fixture_params[] = {
	{ ROW(fixture, id, "id", PARAM_TEXT),
	  .help = "Name of this fixture, as it stands on it; every record holds it." },
	{ ROW(fixture, board, "board", PARAM_TEXT),
	  .help = "Board that sits in it: a board profile or a family." },
	{ ROW(fixture, calibration_due, "calibration_due", PARAM_DATE), .optional = 1,
	  .help = "Day from which on it may not be used until it is calibrated." },
	{ ROW(fixture, cycles_max, "cycles_max", PARAM_INT), .min = 0, .max = 1e12, .preset = "0",
	  .help = "Runs after which its contacts are worn; 0: no limit." },
	{ ROW(fixture, ftdi_product, "ftdi_product", PARAM_TEXT), .optional = 1,
	  .help = "USB product string that every interface must show." },
	{ 0 },
};

const struct param fixture_slot_params[] = {
	{ ROW(fixture_slot, usb, "usb", PARAM_TEXT),
	  .help = "Bus and port path of the slot's USB socket, such as 1-1.2." },
	{ ROW(fixture_slot, ftdi_serial, "ftdi_serial", PARAM_TEXT), .optional = 1,
	  .help = "Serial that the interface must show; none: it has no EEPROM." },
	{ ROW(fixture_slot, network, "network", PARAM_ADDRESS), .optional = 1,
	  .help = "Where the station listens for this slot's throughput traffic." },
	{ ROW(fixture_slot, board_network, "board_network", PARAM_ADDRESS), .optional = 1,
	  .help = "Where the board's own throughput server is reached." },
	{ ROW(fixture_slot, barcode, "barcode", PARAM_TEXT), .optional = 1,
	  .help = "Label that is scanned to choose this slot." },
	{ 0 },
};

const struct param fixture_channel_params[] = {
	{ ROW(channel_text, link, "link", PARAM_TEXT), .preset = "ftdi",
	  .help = "Kind of link, as `station list links` has them." },
	{ ROW(channel_text, port, "port", PARAM_CHOICE), .choices = ports,
	  .help = "Port of the FT4232H." },
	{ ROW(channel_text, line, "line", PARAM_TEXT), .preset = "115200 8N1",
	  .help = "Bits per second, format and flow control: 921600 8N1 rtscts." },
	{ ROW(channel_text, latency_ms, "latency", PARAM_DURATION), .min = 1, .max = 255,
	  .preset = "2 ms", .help = "How long the chip holds bytes back for more of them." },
	{ ROW(channel_text, event_char, "event_char", PARAM_TEXT), .preset = "off",
	  .help = "Byte that is handed over at once with all before it, 0x0A; or off." },
	{ 0 },
};

const struct param fixture_signal_params[] = {
	{ ROW(signal_text, pin, "pin", PARAM_TEXT),
	  .help = "Port and bit of the FT4232H: D6 is DDBUS6." },
	{ ROW(signal_text, active, "active", PARAM_CHOICE), .choices = levels, .preset = "high",
	  .help = "Level of the pin when the signal is active." },
	{ ROW(signal_text, mode, "mode", PARAM_CHOICE), .choices = modes, .preset = "bitbang",
	  .help = "How the pin is driven; mpsse: ports A and B only." },
	{ 0 },
};
#undef ROW

/* --- reading --- */

struct reader {
	struct fixture *fixture;
	struct arena *a;
	struct findings *f;
	struct names names; /* what may be used once */
	/* the first of each port */
	const struct fixture_channel *channel_at[4];
	const struct fixture_signal *signal_at[4];
};

enum scope { SCOPE_USB, SCOPE_SERIAL, SCOPE_NETWORK, SCOPE_BARCODE, SCOPE_PORT, SCOPE_PIN };

/* Place of a key's value, or of the section where the key is not written. */
static struct place where(const struct ini_section *s, const char *key)
{
	const struct ini_key *k = ini_key(s, key);

	return k ? k->value_at : s->at;
}

/* value: as it is written; same: as it is compared, or NULL, which is compared with nothing. */
static void once_as(struct reader *k, enum scope scope, const struct ini_section *s,
		    const char *key, const char *value, const char *same)
{
	struct place at = where(s, key);
	const struct place *first;

	if (!same)
		return;
	first = names_add(&k->names, (struct name_seen){ scope, same, "", at });
	if (first)
		finding_add(k->f, &at, FINDING_DUPLICATE_NAME,
			    "%s '%s' is used at line %d, column %d already", key, value,
			    first->line, first->column);
}

static void once(struct reader *k, enum scope scope, const struct ini_section *s, const char *key,
		 const char *value)
{
	once_as(k, scope, s, key, value, value);
}

/* One address has many spellings: [::1], [0:0::1]. */
static void once_at(struct reader *k, const struct ini_section *s, const char *key,
		    const char *value)
{
	struct address a;
	char text[ADDRESS_TEXT];

	if (!value || address_scan(&a, value))
		return;
	address_print(text, &a);
	once_as(k, SCOPE_NETWORK, s, key, value, arena_strdup(k->a, text));
}

static void read_fixture(struct reader *k, struct ini_section *s)
{
	const struct param *lists[] = { fixture_params, NULL };

	param_read(k->fixture, fixture_params, s, k->a, k->f);
	param_unknown(s, lists, k->f);
}

static void read_slot(struct reader *k, struct ini_section *s)
{
	const struct param *lists[] = { fixture_slot_params, NULL };
	struct fixture_slot *slot = &k->fixture->slot[k->fixture->slots++];
	struct place at = where(s, "usb");

	slot->name = s->name;
	slot->number = (int)k->fixture->slots;
	param_read(slot, fixture_slot_params, s, k->a, k->f);
	param_unknown(s, lists, k->f);
	if (slot->usb && !usb_path_ok(slot->usb))
		finding_add(k->f, &at, FINDING_BAD_VALUE,
			    "'usb' is '%s', must be bus and port path such as 1-1.2", slot->usb);
	once(k, SCOPE_USB, s, "usb", slot->usb);
	if (slot->ftdi_serial && strcmp(slot->ftdi_serial, "none"))
		once(k, SCOPE_SERIAL, s, "ftdi_serial", slot->ftdi_serial);
	once_at(k, s, "network", slot->network);
	once_at(k, s, "board_network", slot->board_network);
	once(k, SCOPE_BARCODE, s, "barcode", slot->barcode);
}

/* "921600 8N1 rtscts". Returns what is wrong, or NULL. */
static const char *scan_line(struct link_line *out, const char *text, struct err *err)
{
	static const char usage[] = "must be bits per second, format and flow control, such as "
				    "115200 8N1 rtscts";
	struct link_line l = { .bits = 8, .stop = 1, .parity = 'N' };
	char format[4] = "8N1", flow[8] = "none", more[2];
	long long baud;
	int n;

	if (*text < '0' || *text > '9')
		return usage;
	n = sscanf(text, "%10lld %3s %7s %1s", &baud, format, flow, more);
	if (n < 1 || n > 3 || !memchr("\0 \t", text[strspn(text, "0123456789")], 3))
		return usage;
	l.baud = baud;
	if (strlen(format) != 3 || !strchr("78", format[0]) || !strchr("NOE", format[1]) ||
	    !strchr("12", format[2]))
		return "must have a format of 7 or 8 bits, parity N, O or E and 1 or 2 stop bits, "
		       "such as 8N1";
	l.bits = format[0] - '0';
	l.parity = format[1];
	l.stop = format[2] - '0';
	if (strcmp(flow, "rtscts") && strcmp(flow, "none"))
		return "must have rtscts or none as flow control";
	l.rtscts = !strcmp(flow, "rtscts");
	if (ftdi_line_check(NULL, &l, err) < 0)
		return err->text;
	*out = l;
	return NULL;
}

/* "off", "0x0A", "10" */
static int scan_event_char(int64_t *out, const char *text)
{
	const struct param row = {
		.name = "event_char", .type = PARAM_INT, .offset = 0, .min = 0, .max = 255
	};
	struct arena none = { 0 };
	struct err err = { 0 };
	size_t at;
	int r;

	*out = -1;
	if (!strcmp(text, "off"))
		return 0;
	r = param_set(out, &row, text, &none, "", &at, &err);
	arena_free(&none);
	return r;
}

static void read_channel(struct reader *k, struct ini_section *s)
{
	const struct param *lists[] = { fixture_channel_params, NULL };
	struct fixture_channel *c = &k->fixture->channel[k->fixture->channels++];
	struct channel_text text = { 0 };
	struct err err = { 0 };
	struct place at;
	const char *wrong;

	param_read(&text, fixture_channel_params, s, k->a, k->f);
	param_unknown(s, lists, k->f);
	*c = (struct fixture_channel){ .role = s->name,
				       .link = text.link,
				       .port = text.port ? *text.port - 'A' : -1,
				       .latency_ms = text.latency_ms,
				       .event_char = -1 };
	at = where(s, "link");
	if (link_spec_check(text.link, &err) < 0)
		finding_add(k->f, &at, FINDING_BAD_VALUE, "'link': %s", err.text);
	at = where(s, "line");
	wrong = scan_line(&c->line, text.line, &err);
	if (wrong)
		finding_add(k->f, &at, FINDING_BAD_VALUE, "'line' is '%.*s': %s",
			    text_brief(text.line, strlen(text.line)), text.line, wrong);
	at = where(s, "event_char");
	if (scan_event_char(&c->event_char, text.event_char) < 0)
		finding_add(k->f, &at, FINDING_BAD_VALUE,
			    "'event_char' is '%.*s', must be off or a byte, 0 .. 255 or 0x00 .. "
			    "0xFF",
			    text_brief(text.event_char, strlen(text.event_char)), text.event_char);
	once(k, SCOPE_PORT, s, "port", text.port);
	if (c->port >= 0 && !k->channel_at[c->port])
		k->channel_at[c->port] = c;
}

static void read_signal(struct reader *k, struct ini_section *s)
{
	const struct param *lists[] = { fixture_signal_params, NULL };
	struct fixture_signal *g = &k->fixture->signal[k->fixture->signals++];
	struct signal_text text = { 0 };
	struct place at = where(s, "pin");

	param_read(&text, fixture_signal_params, s, k->a, k->f);
	param_unknown(s, lists, k->f);
	*g = (struct fixture_signal){ .name = s->name,
				      .port = -1,
				      .active_low = !strcmp(text.active, "low"),
				      .mpsse = !strcmp(text.mode, "mpsse") };
	if (!text.pin)
		return;
	if (strlen(text.pin) != 2 || text.pin[0] < 'A' || text.pin[0] > 'D' || text.pin[1] < '0' ||
	    text.pin[1] > '7') {
		finding_add(k->f, &at, FINDING_BAD_VALUE,
			    "'pin' is '%.*s', must be a port A to D and a bit 0 to 7, such as D6",
			    text_brief(text.pin, strlen(text.pin)), text.pin);
		return;
	}
	g->port = text.pin[0] - 'A';
	g->bit = text.pin[1] - '0';
	once(k, SCOPE_PIN, s, "pin", text.pin);
	at = where(s, "mode");
	if (g->mpsse && g->port > 1)
		finding_add(k->f, &at, FINDING_CONTRADICTION,
			    "port %c has no MPSSE; A and B have, every port has bitbang",
			    text.pin[0]);
}

static const struct section_kind {
	const char *kind;
	int named;
	void (*read)(struct reader *k, struct ini_section *s);
} kinds[] = {
	{ "fixture", 0, read_fixture },
	{ "slot", 1, read_slot },
	{ "channel", 1, read_channel },
	{ "signal", 1, read_signal },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void read_section(struct reader *k, struct ini_section *s)
{
	const char *names[KINDS], *near;

	for (size_t i = 0; i < KINDS; i++) {
		names[i] = kinds[i].kind;
		if (strcmp(s->kind, kinds[i].kind))
			continue;
		if (kinds[i].named == !!*s->name) {
			kinds[i].read(k, s);
			return;
		}
		finding_add(k->f, &s->at, FINDING_BAD_SECTION,
			    kinds[i].named ? "[%s] needs a name: [%s NAME]"
					   : "[%s] takes no name: [%s]",
			    s->kind, s->kind);
		return;
	}
	near = text_suggest(s->kind, names, KINDS);
	finding_add(k->f, &s->at, FINDING_UNKNOWN_SECTION, "unknown section [%.*s]%s%s%s",
		    text_brief(s->kind, strlen(s->kind)), s->kind, near ? "; did you mean [" : "",
		    near ? near : "", near ? "]?" : "");
}

/* --- what two sections say together --- */

/* What a UART has on this pin, or NULL. source  FTDI DS_FT4232H, table 3.1 */
static const char *uart_pin(const struct fixture_channel *c, int bit)
{
	static const char *const always[] = { "TXD", "RXD" }, *const flow[] = { "RTS#", "CTS#" };

	if (bit < 2)
		return always[bit];
	return bit < 4 && c->line.rtscts ? flow[bit - 2] : NULL;
}

static void check_signal(struct reader *k, const struct fixture_signal *g,
			 const struct ini_section *s)
{
	struct place pin = where(s, "pin"), mode = where(s, "mode");
	const struct fixture_signal *other;
	const struct fixture_channel *c;
	const char *uart;

	if (g->port < 0)
		return;
	c = k->channel_at[g->port];
	uart = c ? uart_pin(c, g->bit) : NULL;
	if (c && g->mpsse)
		finding_add(k->f, &mode, FINDING_CONTRADICTION,
			    "signal '%s' takes port %c by mpsse from channel '%s'", g->name,
			    'A' + g->port, c->role);
	else if (uart)
		finding_add(k->f, &pin, FINDING_CONTRADICTION,
			    "pin %c%d of signal '%s' is %s of channel '%s'", 'A' + g->port, g->bit,
			    g->name, uart, c->role);
	other = k->signal_at[g->port];
	if (!other)
		k->signal_at[g->port] = g;
	else if (other->mpsse != g->mpsse)
		finding_add(k->f, &mode, FINDING_CONTRADICTION,
			    "signals '%s' and '%s' want port %c in two modes", other->name, g->name,
			    'A' + g->port);
}

static void check_whole(struct reader *k, const struct ini *file)
{
	struct place whole = { .file = file->path };
	size_t signals = 0;

	if (!ini_section(file, "fixture", ""))
		finding_add(k->f, &whole, FINDING_MISSING_SECTION, "missing section [fixture]");
	if (!k->fixture->slots)
		finding_add(k->f, &whole, FINDING_MISSING_SECTION,
			    "a fixture needs at least one [slot NAME]");
	for (size_t i = 0; i < file->sections; i++)
		if (!strcmp(file->section[i].kind, "signal") && *file->section[i].name)
			check_signal(k, &k->fixture->signal[signals++], &file->section[i]);
}

int fixture_load(struct fixture **out, struct arena *a, const char *path, struct findings *f,
		 struct err *err)
{
	struct reader k = { .a = a, .f = f };
	uint8_t hash[HASH_SIZE];
	char text[HASH_TEXT];
	size_t before = f->errors;
	struct ini *file;

	k.fixture = arena_new(a, struct fixture);
	k.fixture->path = arena_strdup(a, path);
	*out = k.fixture;
	if (ini_load(&file, a, path, f, err) < 0)
		return err_set(err, ERR_CONF, "fixture '%s' cannot be read", path);
	hash_bytes(hash, file->text, file->len);
	k.fixture->sha256 = arena_strdup(a, hash_print(text, hash));
	/* room for the worst: every section one of these */
	k.fixture->slot = arena_alloc(a, (file->sections + 1) * sizeof(*k.fixture->slot));
	k.fixture->channel = arena_alloc(a, (file->sections + 1) * sizeof(*k.fixture->channel));
	k.fixture->signal = arena_alloc(a, (file->sections + 1) * sizeof(*k.fixture->signal));
	for (size_t i = 0; i < file->sections; i++)
		read_section(&k, &file->section[i]);
	check_whole(&k, file);
	names_release(&k.names);
	if (f->errors > before)
		return err_set(err, ERR_CONF, "fixture '%s' has errors", path);
	return 0;
}

/* --- asking --- */

const struct fixture_slot *fixture_slot(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->slots; i++)
		if (!strcmp(f->slot[i].name, name))
			return &f->slot[i];
	return NULL;
}

const struct fixture_channel *fixture_channel(const struct fixture *f, const char *role)
{
	for (size_t i = 0; i < f->channels; i++)
		if (!strcmp(f->channel[i].role, role))
			return &f->channel[i];
	return NULL;
}

const struct fixture_signal *fixture_signal(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->signals; i++)
		if (!strcmp(f->signal[i].name, name))
			return &f->signal[i];
	return NULL;
}
