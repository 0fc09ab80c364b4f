#ifndef TESTS_UNIT_MT3620_RIG_H
#define TESTS_UNIT_MT3620_RIG_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "board_memory.h"
#include "virtual/mt3620_service.h"

/*
 * mt3620_rig -- the service side of a virtual MT3620 for its tests, with what
 * the rest of the firmware does for it in a few lines: no flash file, no straps.
 */
struct mt3620_rig {
	struct board_memory memory; /* its host alone */
	struct mt3620_args args;
	struct mt3620 m;
	unsigned saves, reboots;
	char pki[64];
};

static inline struct mt3620_rig *rig_of(const struct mt3620 *m)
{
	return (struct mt3620_rig *)((char *)(uintptr_t)m - offsetof(struct mt3620_rig, m));
}

int64_t mt3620_ms(const struct mt3620 *m, int64_t ms)
{
	return (int64_t)((double)ms * m->args->time_factor);
}

const struct fault *mt3620_fault(const struct mt3620 *m, enum fault_id id)
{
	return fault_get(&m->faults, id);
}

void mt3620_reboot(struct mt3620 *m, int64_t after_ms)
{
	(void)after_ms;
	rig_of(m)->reboots++;
	mt3620_service_stop(m);
	m->booted_ns = m->host->ops->now_ns(m->host);
	m->boots++;
	mt3620_service_start(m);
}

int mt3620_flash_save(struct mt3620 *m, struct err *err)
{
	(void)err;
	rig_of(m)->saves++;
	return 0;
}

int mt3620_flash_install(struct mt3620 *m, const struct mt3620_image *image)
{
	if (m->flash.images == MT_IMAGES_MAX)
		return -1;
	m->flash.image[m->flash.images++] = *image;
	return 0;
}

const char *mt3620_mac(char out[18], struct mt3620 *m)
{
	const uint8_t *a = m->flash.mac;

	out[0] = '\0';
	if (m->flash.has_mac)
		snprintf(out, 18, "%02x:%02x:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3], a[4],
			 a[5]);
	return out;
}

int mt3620_has_board_config(const struct mt3620 *m)
{
	return m->flash.has_mac;
}

const char *mt3620_os(struct mt3620 *m)
{
	return m->flash.os;
}

static inline void rig_faults(struct mt3620_rig *r, const char *text)
{
	struct err err = { 0 };
	size_t at;

	r->m.faults.count = 0;
	cr_assert_eq(fault_parse(&r->m.faults, text, &r->m.arena, &at, &err), 0, "%s", err.text);
}

/* A blank unit with one system image and a board configuration; not started. */
static inline void rig_init(struct mt3620_rig *r, const char *faults)
{
	struct mt3620_flash *f = &r->m.flash;
	struct err err = { 0 };

	memset(r, 0, sizeof(*r));
	r->memory.host = (struct board_host){
		.ops = &memory_ops, .loop = loop_new(), .number = 1, .seed = 42
	};
	snprintf(r->pki, sizeof(r->pki), "/tmp/pki.XXXXXX");
	cr_assert(mkdtemp(r->pki));
	r->args = (struct mt3620_args){ .anchor = r->pki,
					.time_factor = 0.01,
					.link_rate = 50e6,
					.app_station = "127.0.0.1:1",
					.wifi_ssid = "floor",
					.wifi_psk = "floor-0123" };
	r->m.host = &r->memory.host;
	r->m.args = &r->args;
	r->m.rng.state = 7;
	memset(f->device_id, 'a', 128);
	memset(f->g, 'b', 128);
	snprintf(f->os, sizeof(f->os), "22.09");
	f->image[0] = (struct mt3620_image){ "2b9b33b4-d6a0-40f0-9cc6-75a3003979be",
					     "11111111-2222-3333-4444-555555555555",
					     7,
					     "NW Kernel",
					     2544816,
					     2544816,
					     0 };
	f->images = 1;
	f->has_mac = 1;
	memcpy(f->mac, "\x02\x11\x22\x33\x44\x55", 6);
	rig_faults(r, faults);
	cr_assert_eq(mt3620_app_pins(&r->m, &err), 0, "%s", err.text);
	cr_assert_eq(mt3620_service_new(&r->m, &err), 0, "%s", err.text);
	r->m.booted_ns = clock_ns();
}

static inline void rig_release(struct mt3620_rig *r)
{
	char path[96];

	mt3620_service_free(&r->m);
	loop_free(r->memory.host.loop);
	for (int i = 0; i < 4; i++)
		sbuf_release(&r->memory.said[i]);
	arena_free(&r->m.arena);
	snprintf(path, sizeof(path), "%s/ca.pem", r->pki);
	unlink(path);
	snprintf(path, sizeof(path), "%s/ca.key", r->pki);
	unlink(path);
	rmdir(r->pki);
}

#endif /* TESTS_UNIT_MT3620_RIG_H */
