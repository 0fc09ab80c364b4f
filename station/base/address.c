#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static int scan_port(const char *s)
{
	int n = 0;
	size_t i = 0;

	for (; s[i] >= '0' && s[i] <= '9' && i < 5; i++)
		n = 10 * n + (s[i] - '0');
	return i && !s[i] && s[0] != '0' && n <= 65535 ? n : -1;
}

int address_split(char *host, size_t size, int *port, const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;

	*port = colon ? scan_port(colon + 1) : -1;
	if (*text == '[') {
		if (n < 2 || text[n - 1] != ']')
			return -1;
		text++;
		n -= 2;
	}
	if (*port < 0 || !n || n >= size)
		return -1;
	memcpy(host, text, n);
	host[n] = '\0';
	return 0;
}

int address_scan(struct address *out, const char *text)
{
	char host[INET6_ADDRSTRLEN];

	if (address_split(host, sizeof(host), &out->port, text))
		return -1;
	if (*text == '[')
		return inet_pton(AF_INET6, host, out->host) == 1 ? 0 : -1;
	memcpy(out->host, mapped, sizeof(mapped));
	return inet_pton(AF_INET, host, out->host + sizeof(mapped)) == 1 ? 0 : -1;
}

int address_is_any(const struct address *a)
{
	static const uint8_t zero[16];
	int v4 = !memcmp(a->host, mapped, sizeof(mapped));

	return !memcmp(a->host + (v4 ? sizeof(mapped) : 0), zero, v4 ? 4 : 16);
}

int address_same_host(const struct address *a, const struct address *b)
{
	return !memcmp(a->host, b->host, sizeof(a->host));
}

void address_print(char out[ADDRESS_TEXT], const struct address *a)
{
	char host[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, a->host, host, sizeof(host));
	snprintf(out, ADDRESS_TEXT, "[%s]:%d", host, a->port);
}
