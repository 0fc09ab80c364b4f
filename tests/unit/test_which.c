/* Which slot gets this scan: the whole table. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "floor/which.h"

enum { NOW = 100000, JUST = 30000 };

/* A slot in three letters: 'f' free or '-'; 'j' just plugged in, 'o' long ago, 'e' on the
 * edge, or '-'; 'c' chosen, 'q' its question is open, 'b' both, or '-'. */
static void make(struct which_slot *s, const char *word)
{
	*s = (struct which_slot){
		.free = word[0] == 'f',
		.came_ms = word[1] == 'j'   ? NOW - 10
			   : word[1] == 'e' ? NOW - JUST
			   : word[1] == 'o' ? NOW - JUST - 1
					    : 0,
		.chosen = word[2] == 'c' || word[2] == 'b',
		.asks = word[2] == 'q' || word[2] == 'b',
	};
}

static const struct {
	const char *slots;
	enum which_answer answer;
	size_t slot;
} table[] = {
	{ "", WHICH_NOWHERE, 0 },
	{ "---", WHICH_NOWHERE, 0 },
	{ "--- ---", WHICH_NOWHERE, 0 },
	/* the only free one */
	{ "f--", WHICH_UNIT, 0 },
	{ "--- f--", WHICH_UNIT, 1 },
	{ "fo- ---", WHICH_UNIT, 0 },
	{ "f-- f--", WHICH_ASK, 0 },
	{ "fo- f--", WHICH_ASK, 0 },
	/* the one whose board has just been plugged in */
	{ "f-- fj-", WHICH_UNIT, 1 },
	{ "f-- fe- fo-", WHICH_UNIT, 1 },
	{ "fj- fj- f--", WHICH_ASK, 0 },
	{ "fj- -j- f--", WHICH_UNIT, 0 }, /* the other one has its unit */
	{ "-j- --- f--", WHICH_UNIT, 2 },
	/* the one that was chosen */
	{ "f-- f-c", WHICH_UNIT, 1 },
	{ "fj- f-c", WHICH_UNIT, 1 },
	{ "f-- --c", WHICH_TAKEN, 1 },
	{ "fj- --c", WHICH_TAKEN, 1 },
	{ "f-c f-c", WHICH_ASK, 0 },
	{ "--q --b", WHICH_REPLY, 1 },
	{ "--q f-c", WHICH_UNIT, 1 },
	/* a question wants a scan */
	{ "--q", WHICH_REPLY, 0 },
	{ "f-- --q f--", WHICH_REPLY, 1 },
	{ "--q --q", WHICH_ASK, 0 },
	{ "--q fj-", WHICH_ASK, 0 },
	{ "--q fo-", WHICH_REPLY, 0 },
};

Test(which, table)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct which_slot s[8];
		size_t n = 0, slot = 77;
		enum which_answer answer;

		for (const char *w = table[i].slots; *w; w += strlen(w) > 3 ? 4 : 3)
			make(&s[n++], w);
		answer = which_slot(&slot, s, n, NOW, JUST);
		cr_expect_eq(answer, table[i].answer, "'%s': %d, must be %d", table[i].slots,
			     answer, table[i].answer);
		if (answer == WHICH_UNIT || answer == WHICH_REPLY || answer == WHICH_TAKEN)
			cr_expect_eq(slot, table[i].slot, "'%s': slot %zu", table[i].slots, slot);
	}
}

/* Whatever the slots are like: a unit goes only to a free slot, an answer only to one
 * that asks. */
Test(which, never_to_a_slot_that_cannot_take_it)
{
	static const char a[] = "f-", b[] = "joe-", c[] = "cqb-";

	for (int i = 0; i < 32 * 32 * 32; i++) {
		struct which_slot s[3];
		size_t slot = 0;
		enum which_answer answer;

		for (int k = 0, rest = i; k < 3; k++, rest /= 32)
			make(&s[k], (char[]){ a[rest % 2], b[rest / 2 % 4], c[rest / 8 % 4], 0 });
		answer = which_slot(&slot, s, 3, NOW, JUST);
		cr_assert(answer != WHICH_UNIT || s[slot].free);
		cr_assert(answer != WHICH_REPLY || s[slot].asks);
	}
}
