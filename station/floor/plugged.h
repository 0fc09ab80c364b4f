#ifndef STATION_FLOOR_PLUGGED_H
#define STATION_FLOOR_PLUGGED_H

#include "base/err.h"
#include "base/loop.h"

/*
 * plugged -- which interfaces are plugged in, told as they come and go by a watching
 * child (link/usb_watch.h), because a supervisor that forks workers must hold no
 * libusb context. The child dies with its parent; when it dies by itself, or says nothing
 * for a time, a new one starts a moment later, and what changed in between is told then:
 * also a device that went and came back, which has another address.
 */
enum { PLUGGED_SILENT_MS = 10000 /* five beats of the child did not come; our choice */ };

struct plugged_device { /* lent during the call */
	const char *path, *serial, *product;
	const char *problem; /* why it cannot be opened, or NULL */
	int was_there;       /* when the watcher began to look: nobody knows since when */
};

struct plugged_ops {
	/* Also when a device that is there already is known better. */
	void (*came)(void *payload, const struct plugged_device *d);
	void (*went)(void *payload, const char *path);
	/* NULL: it watches again. Until then what was told before may be wrong. */
	void (*trouble)(void *payload, const char *why);
};

struct plugged;
struct plugged *plugged_new(struct loop *l, const struct plugged_ops *ops, void *payload,
			    int64_t silent_ms);
void plugged_free(struct plugged *p); /* NULL is fine */

/* Tests: the child at work, 0: none. And another program in its place: it gets its
 * end of the socket. */
int plugged_pid(const struct plugged *p);
extern void (*plugged_child)(int fd);

#endif /* STATION_FLOOR_PLUGGED_H */
