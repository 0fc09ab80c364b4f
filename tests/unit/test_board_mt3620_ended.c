#include <criterion/criterion.h>
#include <string.h>

#include "board/mt3620_ended.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_ended, .timeout = 10);

static const struct {
	CURLcode curl;
	const char *told;
	int code;
	const char *says;
} ends[] = {
	{ CURLE_PEER_FAILED_VERIFICATION, "SSL certificate problem: certificate has expired",
	  ERR_TRUST, "one of ca.pem for unit.x that is valid now, by this PC's clock (SSL" },
	{ CURLE_PEER_FAILED_VERIFICATION, "no name matches \x1b[2J", ERR_TRUST, "\\x1b[2J)" },
	{ CURLE_SSL_CACERT_BADFILE, "", ERR_CONF, "'ca.pem' is no file of certificates" },
	{ CURLE_UNSUPPORTED_PROTOCOL, "", ERR_PROTO, "GET /status: the answer is no HTTP" },
	{ CURLE_WEIRD_SERVER_REPLY, "", ERR_PROTO, "no HTTP" },
	{ CURLE_OUT_OF_MEMORY, "", ERR_PROTO, "a header without an end" },
	{ CURLE_COULDNT_CONNECT, "", ERR_IO, "closed" },
	{ CURLE_OPERATION_TIMEDOUT, "Timeout was reached", 0, "" },
	{ CURLE_RECV_ERROR, "", 0, "" },
	{ CURLE_SSL_CONNECT_ERROR, "OpenSSL/3.0: error:0A00010B:SSL routines::wrong version", 0,
	  "" },
};

TEST_ROWS(board_mt3620_ended, end, ends)
{
	const struct net_call c = { .method = "GET", .path = "/status" };
	struct err err = { 0 };

	cr_expect_eq(mt3620_ended(&c, ends[*i].curl, ends[*i].told, "ca.pem", "unit.x", &err),
		     ends[*i].code, "%s", err.text);
	cr_expect(strstr(err.text, ends[*i].says), "'%s' has no '%s'", err.text, ends[*i].says);
}

Test(board_mt3620_ended, what_is_no_tls)
{
	static const char version[] = "OpenSSL/3.0.17: error:0A00010B:SSL routines::wrong version";
	static const char eof[] = "OpenSSL/3.0.17: error:0A000126:SSL routines::unexpected eof "
				  "while reading";

	cr_expect(mt3620_is_no_tls(CURLE_SSL_CONNECT_ERROR, version));
	cr_expect_not(mt3620_is_no_tls(CURLE_SSL_CONNECT_ERROR, eof));
	cr_expect_not(mt3620_is_no_tls(CURLE_SSL_CONNECT_ERROR, "Connection reset by peer"));
	cr_expect_not(mt3620_is_no_tls(CURLE_RECV_ERROR, version));
}
