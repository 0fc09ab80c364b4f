#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board/mt3620_trust.h"
#include "tests/unit/authority.h"

TestSuite(board_mt3620_trust, .timeout = 20);

static char path[64];

static void file_begin(void)
{
	snprintf(path, sizeof(path), "/tmp/mt3620_trust.XXXXXX");
	close(mkstemp(path));
}

static void put(const char *text)
{
	FILE *f = fopen(path, "a");

	cr_assert(f && fputs(text, f) >= 0 && !fclose(f));
}

/* One more certificate, signed by itself, valid for some days from now on. */
static void put_made(long from_days, long days, const char *constraints)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, constraints);
	FILE *f = fopen(path, "a");

	cr_assert(key && x && e && f);
	X509_set_version(x, 2);
	X509_gmtime_adj(X509_getm_notBefore(x), from_days * 86400);
	X509_gmtime_adj(X509_getm_notAfter(x), (from_days + days) * 86400);
	X509_set_pubkey(x, key);
	X509_add_ext(x, e, -1);
	cr_assert(X509_sign(x, key, EVP_sha256()) && PEM_write_X509(f, x) && !fclose(f));
	X509_EXTENSION_free(e);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void should(int code, const char *text)
{
	struct err err = { 0 };

	cr_expect_eq(mt3620_trust_check(path, &err), code, "%s", err.text);
	cr_expect(strstr(err.text, text), "'%s' has no '%s'", err.text, text);
	unlink(path);
}

Test(board_mt3620_trust, one_authority)
{
	file_begin();
	put("Words before it do no harm.\n");
	put(authority);
	should(0, "");
}

Test(board_mt3620_trust, no_such_file)
{
	file_begin();
	unlink(path);
	should(ERR_CONF, "cannot be read");
}

Test(board_mt3620_trust, no_certificate)
{
	file_begin();
	put("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
	should(ERR_CONF, "holds 0 certificates");
}

Test(board_mt3620_trust, two_authorities)
{
	file_begin();
	put(authority);
	put(authority);
	should(ERR_CONF, "holds 2 certificates");
}

Test(board_mt3620_trust, that_of_a_board)
{
	file_begin();
	put_made(-1, 10, "critical,CA:FALSE");
	should(ERR_CONF, "no certificate of an authority");
}

Test(board_mt3620_trust, expired)
{
	file_begin();
	put_made(-20, 10, "critical,CA:TRUE");
	should(ERR_CONF, "has expired");
}

Test(board_mt3620_trust, not_valid_yet)
{
	file_begin();
	put_made(10, 10, "critical,CA:TRUE");
	should(ERR_CONF, "not valid yet");
}
