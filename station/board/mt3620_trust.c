#include "board/mt3620_trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/file.h"

enum { PEM_MAX = 1 << 20 };

/* Of all that stands in the file; *first is the first certificate, or NULL. */
static int count(X509 **first, BIO *pem)
{
	X509 *x;
	int n = 0;

	*first = NULL;
	while ((x = PEM_read_bio_X509(pem, NULL, NULL, NULL))) {
		if (n++)
			X509_free(x);
		else
			*first = x;
	}
	ERR_clear_error(); /* the end is told as an error */
	return n;
}

static int judge(const char *path, const X509 *x, int n, struct err *err)
{
	if (n != 1)
		return err_set(err, ERR_CONF,
			       "'%s' holds %d certificates, must be PEM with one: that of the "
			       "authority which signs the boards' certificates",
			       path, n);
	if (!X509_check_ca((X509 *)(uintptr_t)x))
		return err_set(
			err, ERR_CONF,
			"'%s' is no certificate of an authority, so that no board's can come "
			"from it",
			path);
	if (X509_cmp_current_time(X509_get0_notBefore(x)) >= 0)
		return err_set(err, ERR_CONF,
			       "'%s' is not valid yet: is the clock of this PC right?", path);
	if (X509_cmp_current_time(X509_get0_notAfter(x)) <= 0)
		return err_set(err, ERR_CONF, "'%s' has expired, by the clock of this PC", path);
	return 0;
}

int mt3620_trust_check(const char *path, struct err *err)
{
	struct arena a = { 0 };
	X509 *x = NULL;
	char *text;
	size_t size;
	int r = file_read(&text, &size, &a, path, PEM_MAX, err);

	if (r < 0) {
		r = err_set(err, ERR_CONF, "'%s' cannot be read", path);
	} else {
		BIO *pem = BIO_new_mem_buf(text, (int)size);
		int n = pem ? count(&x, pem) : 0;

		r = judge(path, x, n, err);
		X509_free(x);
		BIO_free(pem);
	}
	arena_free(&a);
	return r;
}
