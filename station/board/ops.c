/* ops -- what a board offers and a fixture wires, by name. */
#include "board/board.h"

#include <string.h>

#include "base/address.h"

/* clang-format off */
static const char *const op_names[] = {
#define OP_NAME(op, member, what) #member,
	BOARD_OP_LIST(OP_NAME)
#undef OP_NAME
};
static const char *const op_whats[] = {
#define OP_WHAT(op, member, what) what,
	BOARD_OP_LIST(OP_WHAT)
#undef OP_WHAT
};
static const char *const role_names[] = {
#define ROLE_NAME(role, name) #name,
	BOARD_ROLE_LIST(ROLE_NAME)
#undef ROLE_NAME
};
/* clang-format on */

uint32_t board_offers(const struct board_driver *d, const void *profile)
{
	uint32_t has = 0;

#define OP_HAS(op, member, what) has |= d->ops.member ? BOARD_##op : 0;
	BOARD_OP_LIST(OP_HAS)
#undef OP_HAS
	return d->offers ? has & d->offers(profile) : has;
}

static int op_index(uint32_t bit)
{
	for (int i = 0; i < BOARD_OP_COUNT; i++)
		if (bit == 1u << i)
			return i;
	return -1;
}

const char *board_op_name(enum board_op bit)
{
	int i = op_index(bit);

	return i < 0 ? "unknown" : op_names[i];
}

const char *board_op_what(enum board_op bit)
{
	int i = op_index(bit);

	return i < 0 ? "unknown operation" : op_whats[i];
}

const struct param_list *board_pins(const struct board_driver *d, const void *profile)
{
	return d->pins ? d->pins(profile) : NULL;
}

const char *board_role_name(enum board_role role)
{
	return role >= 0 && role < ROLE_END_ ? role_names[role] : "unknown";
}

const char *board_lacks(const struct board_driver *d, const void *profile, uint32_t asks)
{
	uint32_t missing = asks & ~board_offers(d, profile);

	for (uint32_t bit = 1; bit && bit <= missing; bit <<= 1)
		if (missing & bit)
			return board_op_name((enum board_op)bit);
	return NULL;
}

const char *board_unwired(const struct board_driver *d, const struct fixture *f)
{
	for (int role = 0; role < ROLE_END_; role++) {
		const char *name = board_role_name((enum board_role)role);
		int wired = 0;

		for (size_t i = 0; i < f->channels && !wired; i++)
			wired = !strcmp(f->channel[i].role, name);
		if ((d->roles & 1u << role) && !wired)
			return name;
	}
	return NULL;
}

const char *board_unsignalled(const struct board_driver *d, const struct fixture *f)
{
	for (size_t i = 0; d->signals && d->signals[i]; i++)
		if (!fixture_signal(f, d->signals[i]))
			return d->signals[i];
	return NULL;
}

/* Whether `network` is `port` at the host of `at`; both as PARAM_ADDRESS takes them. */
static int is_at(const char *network, const char *at, int port)
{
	struct address own, other;

	if (address_scan(&own, network) || address_scan(&other, at) || own.port != port)
		return 0;
	return address_is_any(&own) || address_is_any(&other) || address_same_host(&own, &other);
}

const struct fixture_slot *board_port_taken(const struct fixture_slot **by,
					    const struct board_driver *d, const void *profile,
					    const struct fixture *f)
{
	for (size_t i = 0; d->listens && i < f->slots; i++)
		for (size_t k = 0; k < f->slots; k++) {
			const struct fixture_slot *s = &f->slot[i], *o = &f->slot[k];
			int port = d->listens(profile, o);

			if (!port || !s->network || !o->network ||
			    !is_at(s->network, o->network, port))
				continue;
			*by = o;
			return s;
		}
	return NULL;
}
