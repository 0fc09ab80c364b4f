#ifndef TESTS_UNIT_MT3620_RIG_H
#define TESTS_UNIT_MT3620_RIG_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mt3620_choice.h"
#include "board_memory.h"
#include "virtual/mt3620_service.h"

/*
 * mt3620_rig -- a virtual MT3620 in memory whose system runs: a blank unit with
 * one image of the system, a board configuration and an address, times next to nothing. For tests
 * of the service link, the REST interface and the test application.
 */
extern const struct firmware firmware_mt3620;

struct mt3620_rig {
	struct board_memory memory;
	struct mt3620 *m;
	struct mt3620_args *args; /* of the same board, to be changed */
	char pki[64];
};

static inline void rig_faults(struct mt3620_rig *r, const char *text)
{
	struct err err = { 0 };
	size_t at;

	r->m->faults.count = 0;
	cr_assert_eq(fault_parse(&r->m->faults, text, &r->m->arena, &at, &err), 0, "%s", err.text);
}

static inline void rig_init(struct mt3620_rig *r, const char *faults)
{
	struct mt3620_flash *f;
	struct err err = { 0 };
	char keys[512], id[MT_ID_TEXT] = { 0 };

	snprintf(r->pki, sizeof(r->pki), "/tmp/pki.XXXXXX");
	cr_assert(mkdtemp(r->pki));
	memset(id, 'a', MT_ID_TEXT - 1);
	snprintf(keys, sizeof(keys),
		 "device_id = %s\nos = 22.09\nanchor = %s\ntime_factor = 0.01\nboot_time = 0 ms\n"
		 "service_time = 0 ms\nlink_rate = 50 Mbit/s\napp_station = 127.0.0.1:1\n"
		 "fault = %s\n",
		 id, r->pki, faults);
	cr_assert_eq(memory_start(&r->memory, &firmware_mt3620, keys, 0, &err), 0, "%s", err.text);
	r->m = r->memory.fw;
	r->args = (struct mt3620_args *)(uintptr_t)r->m->args;
	f = &r->m->flash;
	memset(f->g, 'b', MT_ID_TEXT - 1);
	f->image[0] = (struct mt3620_image){ "2b9b33b4-d6a0-40f0-9cc6-75a3003979be",
					     "11111111-2222-3333-4444-555555555555",
					     7,
					     "NW Kernel",
					     2544816,
					     2544816,
					     0 };
	f->image[1] = (struct mt3620_image){ MT_BOARD_CONFIG_COMPONENT,
					     "99999999-2222-3333-4444-555555555555",
					     21,
					     "config",
					     200,
					     200,
					     0 };
	f->images = 2;
	f->has_mac = 1;
	memcpy(f->mac, "\x02\x11\x22\x33\x44\x55", 6);
	firmware_mt3620.plugged(r->m, 1);
	for (int i = 0; i < 500 && r->m->state != MT_RUNNING; i++)
		loop_turn(r->memory.host.loop, clock_ns() + 1000000);
	cr_assert_eq(r->m->state, MT_RUNNING);
	sbuf_reset(&r->memory.said[MT_PORT_RECOVERY]);
}

static inline void rig_release(struct mt3620_rig *r)
{
	char path[96];

	memory_stop(&r->memory);
	snprintf(path, sizeof(path), "%s/ca.pem", r->pki);
	unlink(path);
	snprintf(path, sizeof(path), "%s/ca.key", r->pki);
	unlink(path);
	rmdir(r->pki);
}

#endif /* TESTS_UNIT_MT3620_RIG_H */
