#include "engine/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define ABSENT UINT32_MAX

struct head {
	uint32_t type, index, turn;
	int32_t code;
	double num;
	int64_t at_ms;
	uint32_t len[WIRE_TEXTS];
};

int wire_send(int fd, const struct wire *w, int flags)
{
	struct head h = { .type = w->type,
			  .index = w->index,
			  .turn = w->turn,
			  .code = w->code,
			  .num = w->num,
			  .at_ms = w->at_ms };
	struct iovec part[1 + 2 * WIRE_TEXTS] = { { &h, sizeof(h) } };
	struct msghdr m = { .msg_iov = part, .msg_iovlen = 1 };
	size_t left = WIRE_MAX - sizeof(h) - WIRE_TEXTS;
	static char nul;

	for (int i = 0; i < WIRE_TEXTS; i++) {
		size_t n;

		h.len[i] = ABSENT;
		if (!w->text[i])
			continue;
		n = w->len[i] ? w->len[i] : strlen(w->text[i]);
		if (n > left)
			n = left;
		left -= n;
		h.len[i] = (uint32_t)n;
		part[m.msg_iovlen++] = (struct iovec){ (void *)w->text[i], n };
		part[m.msg_iovlen++] = (struct iovec){ &nul, 1 };
	}
	ssize_t r;
	do
		r = sendmsg(fd, &m, flags | MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -1 : 0;
}

int wire_recv(struct wire *w, char *buf, int fd, int flags)
{
	struct head h;
	size_t at = sizeof(h);
	ssize_t n;

	do
		n = recv(fd, buf, WIRE_MAX, flags | MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -1;
	if (n == 0)
		return 0;
	errno = EBADMSG;
	if ((size_t)n < sizeof(h) || n > WIRE_MAX)
		return -1;
	memcpy(&h, buf, sizeof(h));
	if (h.type == WIRE_NONE || h.type >= WIRE_END_)
		return -1;
	*w = (struct wire){ .type = h.type,
			    .index = h.index,
			    .turn = h.turn,
			    .code = h.code,
			    .num = h.num,
			    .at_ms = h.at_ms };
	for (int i = 0; i < WIRE_TEXTS; i++) {
		if (h.len[i] == ABSENT)
			continue;
		if (h.len[i] >= (size_t)n - at || buf[at + h.len[i]] != '\0')
			return -1;
		w->text[i] = buf + at;
		w->len[i] = h.len[i];
		at += (size_t)h.len[i] + 1;
	}
	return at == (size_t)n ? 1 : -1;
}
