#include "board/mt3620_pins.h"

#include <stdlib.h>
#include <string.h>

/* Banks are as large as this table says; a number in none of them does not exist. */
static const struct bank {
	const char *name;
	int first, last;
} banks[] = {
	{ "bank 0", 0, 3 },   { "bank 1", 4, 7 },   { "bank 2", 8, 11 },  { "bank 3", 12, 15 },
	{ "bank 4", 16, 19 }, { "bank 5", 20, 23 }, { "ISU0", 26, 30 },   { "ISU1", 31, 35 },
	{ "ISU2", 36, 40 },   { "ADC", 41, 48 },    { "I2S0", 56, 60 },   { "I2S1", 61, 65 },
	{ "ISU3", 66, 70 },   { "ISU4", 71, 75 },   { "single", 80, 80 },
};

/* RDB 1.7, header and position. */
static const struct position {
	int pin;
	const char *title;
} positions[] = {
	{ 59, "59 (H1.3)" },  { 0, "0 (H1.4)" },    { 56, "56 (H1.5)" },  { 1, "1 (H1.6)" },
	{ 58, "58 (H1.7)" },  { 2, "2 (H1.8)" },    { 57, "57 (H1.9)" },  { 3, "3 (H1.10)" },
	{ 60, "60 (H1.11)" }, { 4, "4 (H1.12)" },   { 28, "28 (H2.1)" },  { 26, "26 (H2.3)" },
	{ 5, "5 (H2.4)" },    { 29, "29 (H2.5)" },  { 6, "6 (H2.6)" },    { 27, "27 (H2.7)" },
	{ 7, "7 (H2.8)" },    { 30, "30 (H2.9)" },  { 41, "41 (H2.11)" }, { 43, "43 (H2.12)" },
	{ 42, "42 (H2.13)" }, { 44, "44 (H2.14)" }, { 66, "66 (H3.5)" },  { 67, "67 (H3.7)" },
	{ 68, "68 (H3.9)" },  { 69, "69 (H3.11)" }, { 70, "70 (H3.12)" }, { 33, "33 (H4.5)" },
	{ 38, "38 (H4.6)" },  { 31, "31 (H4.7)" },  { 36, "36 (H4.8)" },  { 34, "34 (H4.9)" },
	{ 39, "39 (H4.10)" }, { 32, "32 (H4.11)" }, { 37, "37 (H4.12)" }, { 35, "35 (H4.13)" },
	{ 40, "40 (H4.14)" },
};

/* What the RDB 1.7 has on a pin. */
static const struct use {
	int first, last;
	const char *what;
} uses[] = {
	{ 8, 10, "LED 1" },
	{ 11, 11, "the network LED" },
	{ 12, 13, "a button" },
	{ 14, 14, "the network LED" },
	{ 15, 17, "LED 2" },
	{ 18, 20, "LED 3" },
	{ 21, 23, "LED 4" },
	{ 45, 47, "the status LED" },
	{ 48, 48, "the network LED" },
};

/* Names of signals that look like pins and are none to be loaded by a fixture. */
static const char *const straps[] = { "IO0_TXD",   "IO1_TXD",      "IO0_RTS",     "IO1_RTS",
				      "PMU_EN",    "WAKEUP",       "RESET",       "DEBUG_TXD",
				      "DEBUG_RTS", "RECOVERY_TXD", "RECOVERY_RTS" };

static int number(const char *name)
{
	size_t n = strspn(name, "0123456789");

	if (!n || n > 2 || name[n] || (n > 1 && *name == '0'))
		return -1;
	return (int)strtol(name, NULL, 10);
}

static const struct bank *bank_of(int pin)
{
	for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++)
		if (pin >= banks[i].first && pin <= banks[i].last)
			return &banks[i];
	return NULL;
}

static int no_pin(struct sbuf *why, const char *name)
{
	for (size_t i = 0; i < sizeof(straps) / sizeof(straps[0]); i++)
		if (!strcmp(straps[i], name)) {
			sbuf_printf(why,
				    "%s is a strap or control line: a load on it changes how "
				    "the board starts",
				    name);
			return -1;
		}
	sbuf_printf(why, "an MT3620 has no GPIO %.20s: there are 0-23, 26-48, 56-75 and 80", name);
	return -1;
}

int mt3620_pin_check(struct sbuf *why, const char *name, int ethernet, const struct param_list *rt)
{
	int pin = number(name);
	const struct bank *bank = pin < 0 ? NULL : bank_of(pin);

	if (!bank)
		return no_pin(why, name);
	if (ethernet && ((pin >= 26 && pin <= 30) || pin == 5)) {
		sbuf_printf(why,
			    "GPIO %d belongs to the Ethernet adapter (ENC28J60 on ISU0, "
			    "interrupt on 5)",
			    pin);
		return -1;
	}
	for (size_t i = 0; rt && i < rt->count; i++)
		if (bank_of(number(rt->item[i])) == bank) {
			sbuf_printf(why,
				    "GPIO %d is in %s with GPIO %s of the real-time "
				    "application: two cores cannot share a bank",
				    pin, bank->name, rt->item[i]);
			return -1;
		}
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (pin >= uses[i].first && pin <= uses[i].last) {
			sbuf_printf(why, "GPIO %d has %s of the RDB on it", pin, uses[i].what);
			return 1;
		}
	return 0;
}

const char *mt3620_pin_title(const char *name)
{
	int pin = number(name);

	for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++)
		if (positions[i].pin == pin)
			return positions[i].title;
	return name;
}
