#include "step/mac.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int mac_scan(uint8_t out[6], const char *text)
{
	/* Octets in a group: 1 "02:ab:..", 2 "02ab.cdef..", 6 without separators. */
	size_t n = strlen(text), group = n == 17 ? 1 : n == 14 ? 2 : n == 12 ? 6 : 0;
	char separator = group == 1 ? text[2] : group == 2 ? text[4] : '\0';
	uint8_t mac[6];

	if (!group || (group < 6 && !strchr(":-.", separator)))
		return -1;
	for (size_t i = 0, at = 0; i < 6; i++) {
		int hi = digit(text[at]), lo = hi < 0 ? -1 : digit(text[at + 1]);

		if (lo < 0)
			return -1;
		mac[i] = (uint8_t)(hi << 4 | lo);
		at += 2;
		if (i < 5 && (i + 1) % group == 0 && text[at++] != separator)
			return -1;
	}
	memcpy(out, mac, 6);
	return 0;
}

const char *mac_print(char out[MAC_TEXT], const uint8_t mac[6])
{
	snprintf(out, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	return out;
}

int mac_valid(const uint8_t mac[6])
{
	static const uint8_t zero[6];

	return !(mac[0] & 1) && memcmp(mac, zero, 6) != 0;
}

int mac_local(const uint8_t mac[6])
{
	return (mac[0] & 2) != 0;
}

int mac_assigned(const uint8_t mac[6])
{
	static const uint8_t zero[6], broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	return memcmp(mac, zero, 6) != 0 && memcmp(mac, broadcast, 6) != 0;
}

int mac_group(const uint8_t mac[6])
{
	return mac[0] & 1;
}
