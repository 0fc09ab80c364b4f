#include "board/mt3620_ended.h"

#include <string.h>

#include "base/sbuf.h"
#include "base/text.h"

/* Expired, of another authority, for another name: libcurl's words tell which. */
static int not_trusted(const char *told, const char *trust, const char *host, struct err *err)
{
	struct sbuf why = { 0 };

	text_escape(&why, told, (size_t)text_brief(told, strlen(told)));
	err_set(err, ERR_TRUST,
		"the board's certificate is not one of %s for %s that is valid now, by this PC's "
		"clock (%s)",
		trust, host, sbuf_str(&why));
	sbuf_release(&why);
	return ERR_TRUST;
}

int mt3620_ended(const struct net_call *c, CURLcode r, const char *told, const char *trust,
		 const char *host, struct err *err)
{
	switch (r) {
	case CURLE_PEER_FAILED_VERIFICATION:
		return not_trusted(told, trust, host, err);
	case CURLE_SSL_CACERT_BADFILE:
		return err_set(err, ERR_CONF, "'%s' is no file of certificates", trust);
	case CURLE_UNSUPPORTED_PROTOCOL: /* the answer is no HTTP */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
		return err_set(err, ERR_PROTO, "%s %s: the answer is no HTTP", c->method, c->path);
	case CURLE_OUT_OF_MEMORY: /* of which there is enough: libcurl says so of a long line, too
				   */
		return err_set(err, ERR_PROTO, "%s %s: the answer has a header without an end",
			       c->method, c->path);
	case CURLE_COULDNT_CONNECT:
	case CURLE_FAILED_INIT:
		return err_set(err, ERR_IO, "%s %s: the way to the board is closed (%d)", c->method,
			       c->path, (int)r);
	default:
		return 0;
	}
}

int mt3620_is_no_tls(CURLcode r, const char *told)
{
	return r == CURLE_SSL_CONNECT_ERROR && strstr(told, ": error:") &&
	       !strstr(told, "unexpected eof");
}
