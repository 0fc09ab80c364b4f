#include "link_paced.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"

/* Wait for something that is due then. 0: not before until_ms. */
static int sleep_until(int64_t due_ms, int64_t until_ms)
{
	int comes = due_ms <= until_ms;

	if ((comes ? due_ms : until_ms) > clock_ms())
		clock_freeze_ms(comes ? due_ms : until_ms);
	return comes;
}

static int paced_read(void *out, size_t size, struct link *l, int64_t until_ms, struct err *err)
{
	struct link_paced *p = l->priv;
	size_t n = strlen(p->say);

	(void)err;
	cr_assert_geq(size, PACED_FILL);
	if (p->every_ms) {
		if (!sleep_until(clock_ms() + p->every_ms, until_ms))
			return 0;
		memcpy(out, p->say, n);
		return (int)n;
	}
	if (p->at == p->pause_at && !p->paused) {
		if (!sleep_until(p->from_ms + p->pause_ms, until_ms))
			return 0;
		p->paused = 1;
	}
	if (p->at >= n && !p->fill)
		return sleep_until(INT64_MAX, until_ms);
	if (p->at >= n) {
		memset(out, p->fill, PACED_FILL);
		p->at += PACED_FILL;
		return PACED_FILL;
	}
	*(char *)out = p->say[p->at++];
	return 1;
}

static int paced_write(struct link *l, const void *data, size_t size, int64_t until_ms,
		       struct err *err)
{
	(void)l;
	(void)data;
	(void)size;
	(void)until_ms;
	(void)err;
	return 0;
}

static int paced_drop(struct link *l, int64_t until_ms, struct err *err)
{
	(void)l;
	(void)until_ms;
	(void)err;
	return 0;
}

const struct link_ops paced_ops = {
	.name = "paced", .read = paced_read, .write = paced_write, .drop = paced_drop
};

void paced_open(struct link_paced *p, struct rig *r, const char *say)
{
	rig_open(r, rig_board, CONSOLE_STEP, NULL);
	*p = (struct link_paced){ .link = { .ops = &paced_ops, .priv = p },
				  .say = say,
				  .pause_at = SIZE_MAX,
				  .from_ms = clock_ms() };
	r->board.links[ROLE_CONSOLE] = &p->link;
}
