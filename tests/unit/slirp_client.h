#ifndef TESTS_UNIT_SLIRP_CLIENT_H
#define TESTS_UNIT_SLIRP_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"

/*
 * slirp_client -- the PC's end of an MT3620's service link in tests: libslirp as
 * its TCP/IP and libcurl for HTTPS, over bytes of a SLIP line that a test moves
 * to and from a virtual board. Written for tests of the board; not the
 * station's driver, and nothing is shared with it.
 */
struct slirp_client;

struct slirp_client_ops {
	/* Bytes to the line. */
	void (*send)(void *payload, const uint8_t *bytes, size_t n);
	/* Let the board live for some ms; hand over what it says by slirp_client_bytes(). */
	void (*turn)(void *payload, int ms);
};

struct slirp_reply {
	int curl; /* CURLE_*; 0: there is an answer */
	long status;
	struct sbuf body;
	char api[32], type[64]; /* headers */
	char error[256];
};

struct slirp_client *slirp_client_new(const struct slirp_client_ops *ops, void *payload, int mtu);
void slirp_client_free(struct slirp_client *c);

void slirp_client_bytes(struct slirp_client *c, const void *bytes, size_t n);

/* One request to https://unit.devices.sphere.azure.local. ca: path of the trust
 * anchor; type NULL: application/json. The connection is kept when keep. */
struct slirp_request {
	const char *ca, *method, *path, *type;
	const void *body;
	size_t len;
	long limit_ms; /* 0: 10 s */
	int keep;
};

void slirp_client_ask(struct slirp_reply *out, struct slirp_client *c,
		      const struct slirp_request *q);
void slirp_reply_release(struct slirp_reply *r);

#endif /* TESTS_UNIT_SLIRP_CLIENT_H */
