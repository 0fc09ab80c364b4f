#include "floor/which.h"

struct tally {
	size_t count, first;
};

static void count(struct tally *t, size_t i, int yes)
{
	if (yes && !t->count++)
		t->first = i;
}

enum which_answer which_slot(size_t *slot, const struct which_slot *s, size_t n, int64_t now_ms,
			     int64_t just_ms)
{
	struct tally chosen = { 0 }, asks = { 0 }, just = { 0 }, free = { 0 };

	for (size_t i = 0; i < n; i++) {
		int came = s[i].free && s[i].came_ms && now_ms - s[i].came_ms <= just_ms;

		count(&chosen, i, s[i].chosen);
		count(&asks, i, s[i].asks);
		count(&just, i, came);
		count(&free, i, s[i].free);
	}
	*slot = chosen.first;
	if (chosen.count)
		return chosen.count > 1       ? WHICH_ASK
		       : s[chosen.first].asks ? WHICH_REPLY
		       : s[chosen.first].free ? WHICH_UNIT
					      : WHICH_TAKEN;
	*slot = asks.first;
	if (asks.count)
		return asks.count == 1 && !just.count ? WHICH_REPLY : WHICH_ASK;
	*slot = just.first;
	if (just.count)
		return just.count == 1 ? WHICH_UNIT : WHICH_ASK;
	*slot = free.first;
	return free.count == 1 ? WHICH_UNIT : free.count ? WHICH_ASK : WHICH_NOWHERE;
}
