/* Any bytes as a packet of the station's socket: refused with ERR_PROTO, or a message that
 * can be written again and then reads as the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floor/proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct floor_message m, again;
	struct sbuf one = { 0 }, two = { 0 };
	struct err err = { 0 };
	int r = floor_decode(&m, (const char *)data, size, &err);

	if (r < 0) {
		must(r == ERR_PROTO && *err.text && !m.arena.head);
		return 0;
	}
	floor_encode(&one, &m);
	/* Escaping makes a command longer; whoever sends one keeps it short. */
	if (one.len <= FLOOR_PACKET) {
		must(floor_decode(&again, one.data, one.len, &err) == 0);
		must(again.type == m.type && again.slot.verdict == m.slot.verdict);
		floor_encode(&two, &again);
		must(two.len <= FLOOR_PACKET && one.len == two.len &&
		     !memcmp(one.data, two.data, one.len));
		floor_message_release(&again);
	} else {
		must(m.type == FLOOR_COMMAND || m.type == FLOOR_CONSOLE ||
		     m.type == FLOOR_MEASURE || m.type == FLOOR_REPLY || m.type == FLOOR_SLOT ||
		     m.type == FLOOR_HELLO);
	}
	sbuf_release(&one);
	sbuf_release(&two);
	floor_message_release(&m);
	return 0;
}
