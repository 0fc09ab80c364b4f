#ifndef STATION_UI_PICTURE_CHILD_H
#define STATION_UI_PICTURE_CHILD_H

#include <stdint.h>

#include "ui/picture.h"

/*
 * picture_child -- a picture made ready for the terminal, by a child of the screen: the
 * file may lie on a disk that hangs, and to decode and scale a large one takes as long as
 * ten keys. The screen only reads what the child has, and waits for nothing.
 *
 * One wish at a time, the last. A child that is not ready after PICTURE_CHILD_MS is killed
 * and its wish is a text that says so; one that a disk holds is left behind, and while
 * there are PICTURE_CHILDREN of these no further one is begun. (Our choice.)
 */
enum { PICTURE_CHILD_MS = 5000, PICTURE_CHILDREN = 4 };

struct picture_wish {
	char path[512], language[8]; /* of the text that says why there is none */
	enum picture_how how;
	int w, h; /* pixels that there is room for */
};

struct picture_form {
	int w, h;          /* pixels */
	int full_w;        /* w that it would have without the bound on its bytes */
	struct sbuf bytes; /* for the terminal; of half blocks w * h * 3 */
	struct err why;    /* it is none; text "": it is one */
};

/* Of this wish from now on. NULL: it is not ready. */
const struct picture_form *picture_child_form(const struct picture_wish *w);
int picture_child_fd(void);         /* to poll for POLLIN; -1: nothing is under way */
int64_t picture_child_due_ms(void); /* when picture_child_tend() is due whatever comes */
int picture_child_tend(void);       /* 1: what was wished for is ready now */
void picture_child_release(void);

#endif /* STATION_UI_PICTURE_CHILD_H */
