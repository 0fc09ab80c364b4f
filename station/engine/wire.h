#ifndef STATION_ENGINE_WIRE_H
#define STATION_ENGINE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * wire -- messages between the supervisor and its workers, over a SEQPACKET
 * socket: one send is one message. Both ends are the same program, forked, so
 * the form is private; still the supervisor checks every message, because a
 * worker with a broken memory is what a worker process is for.
 */
/* clang-format off */
#define WIRE_LIST(X)                                                           \
	/* to the worker */                                                    \
	X(RUN)      /* index: step, num: attempt, at_ms: deadline of it */     \
	X(ANSWER)   /* text[0]; code when there is no answer */                \
	X(CLAIMED)  /* text[0]: other unit or ""; code */                      \
	X(SAFE)     /* release all outputs, then DONE */                       \
	X(END)      /* close the board and exit */                             \
	/* from the worker */                                                  \
	X(PROGRESS) /* num: 0..1, text[0]: what */                             \
	X(MEASURE)  /* index: value type, num, text: name unit text raw note */ \
	X(CONSOLE)  /* text[0] with length: bytes from the unit */             \
	X(ASK)      /* text: kind text picture choices(\n) ; at_ms deadline */ \
	X(CLAIM)    /* text: kind value */                                     \
	X(SEEN)     /* text: product and serial that the interface shows */    \
	X(DONE)     /* code, text[0]: message */
/* clang-format on */
enum wire_type {
	WIRE_NONE,
#define WIRE_ENUM(name) WIRE_##name,
	WIRE_LIST(WIRE_ENUM)
#undef WIRE_ENUM
		WIRE_END_
};

enum { WIRE_TEXTS = 5, WIRE_MAX = 96 << 10 };

struct wire {
	enum wire_type type;
	int32_t code; /* enum err_code */
	uint32_t index;
	uint32_t turn; /* of the RUN or SAFE that it belongs to; the worker returns it */
	double num;
	int64_t at_ms;
	const char *text[WIRE_TEXTS]; /* NULL: absent; NUL-terminated when received */
	uint32_t len[WIRE_TEXTS];     /* 0 in a message to send: strlen() */
};

/* Send one message; texts that do not fit are cut. Blocks when flags is 0,
 * else flags are those of send(2). Returns 0, or -1 with errno. */
int wire_send(int fd, const struct wire *w, int flags);

/* Receive one message into buf (WIRE_MAX bytes), to which w's texts point.
 * Returns 1, 0 when the peer is gone, -1 with errno (EAGAIN: nothing there;
 * EBADMSG: no message of ours). */
int wire_recv(struct wire *w, char *buf, int fd, int flags);

#endif /* STATION_ENGINE_WIRE_H */
