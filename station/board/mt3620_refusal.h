#ifndef STATION_BOARD_MT3620_REFUSAL_H
#define STATION_BOARD_MT3620_REFUSAL_H

#include "base/err.h"
#include "base/sbuf.h"

/*
 * mt3620_refusal -- the numbers with which a board's REST service refuses, as
 * category.id: N = category << 20 | id. A number that is not in the table is shown
 * all the same.
 *
 * source  mt3620.md 5.3; which code of ours each one becomes is our choice
 */
enum mt3620_again { MT_AGAIN_NO, MT_AGAIN_LATER }; /* LATER: it may go away by itself */

struct mt3620_refusal {
	unsigned category, id;
	const char *name;
	enum err_code code; /* what the step ends with */
	enum mt3620_again again;
};

#define MT3620_REFUSAL(category, id) ((unsigned long)(category) << 20 | (id))

const struct mt3620_refusal *mt3620_refusal_find(unsigned long n); /* or NULL */
/* "10.18 command not authorised"; of an unknown one "99.7". */
void mt3620_refusal_print(struct sbuf *out, unsigned long n);

#endif /* STATION_BOARD_MT3620_REFUSAL_H */
