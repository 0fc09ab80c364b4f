#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "virtual/mt3620_image.h"
#include "virtual/mt3620_pki.h"

/* The test CA and the image files of virtual MT3620 boards. */
TestSuite(mt3620_pki, .timeout = 20);
TestSuite(mt3620_image, .timeout = 20);

static char folder[64], cert[96], key[96];

static void begin(void)
{
	snprintf(folder, sizeof(folder), "/tmp/pki.XXXXXX");
	cr_assert(mkdtemp(folder));
	snprintf(cert, sizeof(cert), "%.63s/ca.pem", folder);
	snprintf(key, sizeof(key), "%.63s/ca.key", folder);
}

static void end(void)
{
	unlink(cert);
	unlink(key);
	rmdir(folder);
}

static X509 *anchor(void)
{
	FILE *f = fopen(cert, "r");
	X509 *x;

	cr_assert(f);
	x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	cr_assert(x);
	return x;
}

static int trusted(X509 *leaf)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	X509 *ca = anchor();
	int ok;

	X509_STORE_add_cert(store, ca);
	X509_STORE_CTX_init(c, store, leaf, NULL);
	X509_STORE_CTX_set_purpose(c, X509_PURPOSE_SSL_SERVER);
	ok = X509_verify_cert(c);
	X509_STORE_CTX_free(c);
	X509_STORE_free(store);
	X509_free(ca);
	return ok == 1;
}

Test(mt3620_pki, the_folders_ca_signs_boards_and_nobody_else_does)
{
	struct mt3620_leaf a = { 0 }, b = { 0 }, stranger = { 0 };
	struct err err = { 0 };
	struct stat st;

	begin();
	cr_assert_eq(mt3620_pki_leaf(&a, folder, MT_LEAF_GOOD, &err), 0, "%s", err.text);
	cr_assert_eq(mt3620_pki_leaf(&b, folder, MT_LEAF_GOOD, &err), 0, "%s", err.text);
	cr_assert_eq(mt3620_pki_leaf(&stranger, NULL, MT_LEAF_GOOD, &err), 0, "%s", err.text);
	cr_expect(trusted(a.cert) && trusted(b.cert));
	cr_expect_not(trusted(stranger.cert));
	cr_expect_neq(EVP_PKEY_eq(a.key, b.key), 1, "each board has its own key");
	cr_expect_eq(X509_check_host(a.cert, "unit.devices.sphere.azure.local", 0, 0, NULL), 1);
	cr_expect_eq(X509_check_host(a.cert, "devices.sphere.azure.local", 0, 0, NULL), 0);
	cr_assert_eq(stat(key, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	mt3620_pki_release(&a);
	mt3620_pki_release(&b);
	mt3620_pki_release(&stranger);
	end();
}

Test(mt3620_pki, what_is_there_stays)
{
	struct err err = { 0 };
	X509 *before, *after;

	begin();
	cr_assert_eq(mt3620_pki_make(folder, &err), 0, "%s", err.text);
	before = anchor();
	cr_assert_eq(mt3620_pki_make(folder, &err), 0, "%s", err.text);
	after = anchor();
	cr_expect_eq(X509_cmp(before, after), 0);
	cr_expect_eq(X509_check_ca(after), 1);
	X509_free(before);
	X509_free(after);
	end();
}

Test(mt3620_pki, files_that_are_wrong_are_named)
{
	struct mt3620_leaf leaf = { 0 };
	struct err err = { 0 };

	begin();
	cr_assert_eq(file_write(cert, "no", 2, &err), 0);
	cr_expect_eq(mt3620_pki_leaf(&leaf, folder, MT_LEAF_GOOD, &err), ERR_FILE);
	cr_assert_eq(file_write(key, "no", 2, &err), 0);
	cr_expect_eq(mt3620_pki_leaf(&leaf, folder, MT_LEAF_GOOD, &err), ERR_FILE);
	cr_expect(strstr(err.text, "ca.pem"), "%s", err.text);
	unlink(cert);
	cr_assert_eq(mt3620_pki_make(folder, &err), 0);
	cr_assert_eq(file_write(key, "no", 2, &err), 0);
	cr_expect_eq(mt3620_pki_leaf(&leaf, folder, MT_LEAF_GOOD, &err), ERR_FILE);
	cr_expect(strstr(err.text, "ca.key"), "%s", err.text);
	cr_expect_null(leaf.cert);
	cr_expect_eq(mt3620_pki_make("/dev/null/x", &err), ERR_FILE);
	end();
}

/* --- image files --- */

static const char good[] = "[image]\ncomponent = 7c1d2a54-9c0b-4e57-8f5c-3e4a6f0b1d21\nimage = "
			   "5d0c8c0e-6a4f-4b52-9d5b-0b8f3f1f7a10\ntype = 10\nname = x\n";

static int scan(struct mt3620_image_file *f, struct arena *a, const char *header, struct err *err)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "%s[payload]\nabc", header);

	return mt3620_image_scan(f, a, text, (size_t)n, err);
}

Test(mt3620_image, what_it_prints_it_reads)
{
	static const struct {
		const char *kind;
		int type;
	} kinds[] = { { "app", 10 }, { "board-config", 21 } };

	for (int i = 0; i < 2; i++) {
		struct mt3620_image_file f;
		struct sbuf text = { 0 };
		struct arena a = { 0 };
		struct err err = { 0 };

		cr_assert_eq(mt3620_image_print(&text, kinds[i].kind, 77, &err), 0);
		cr_assert_eq(mt3620_image_scan(&f, &a, text.data, text.len, &err), 0, "%s",
			     err.text);
		cr_expect_eq(f.type, kinds[i].type);
		cr_expect_eq(f.payload, 77);
		cr_expect_str_eq(f.signature, "production");
		cr_expect_eq(f.temporary, 0);
		sbuf_release(&text);
		arena_free(&a);
	}
}

Test(mt3620_image, what_is_no_image_is_refused)
{
	static const char *const more[] = {
		"type = 11\n",           /* twice */
		"colour = red\n",        /* unknown */
		"signature = nobody\n",  /* no choice */
		"[other]\n",             /* another section */
		"no equals sign\n",      /* no key */
		"temporary = perhaps\n", /* no yes or no */
	};
	struct mt3620_image_file f;
	struct arena a = { 0 };
	struct err err = { 0 };
	char text[1024];

	cr_assert_eq(scan(&f, &a, good, &err), 0, "%s", err.text);
	cr_expect_eq(f.payload, 3);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", good, more[i]);
		cr_expect_eq(scan(&f, &a, text, &err), ERR_IMAGES, "%s", more[i]);
	}
	cr_expect_eq(scan(&f, &a, "[image]\nname = x\n", &err), ERR_IMAGES);
	cr_expect_eq(mt3620_image_scan(&f, &a, good, sizeof(good) - 1, &err), ERR_IMAGES);
	cr_expect_eq(mt3620_image_scan(&f, &a, "", 0, &err), ERR_IMAGES);
	arena_free(&a);
}

Test(mt3620_image, kinds_and_ids)
{
	struct sbuf text = { 0 };
	struct err err = { 0 };

	cr_expect_eq(mt3620_image_print(&text, "kernel", 1, &err), ERR_USAGE);
	cr_expect(mt3620_guid_ok("7c1d2a54-9c0b-4e57-8f5c-3e4a6f0b1d21"));
	cr_expect_not(mt3620_guid_ok("7C1d2a54-9c0b-4e57-8f5c-3e4a6f0b1d21"));
	cr_expect_not(mt3620_guid_ok("7c1d2a54-9c0b-4e57-8f5c-3e4a6f0b1d2"));
	cr_expect_not(mt3620_guid_ok("7c1d2a54x9c0b-4e57-8f5c-3e4a6f0b1d21"));
	sbuf_release(&text);
}
