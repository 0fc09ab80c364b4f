#ifndef STATION_ENGINE_HOST_H
#define STATION_ENGINE_HOST_H

#include "engine/run.h"

/* host -- what a record says about the program and the computer that judged. */

#define STATION_VERSION "0.1.0"

/* Fill sw_*, host, os_release, kernel, boot_id, clock_state and a new id. */
void host_describe(struct unit_run *r);

void host_uuid(char out[37]);       /* random, RFC 4122 version 4 */
const char *host_clock_state(void); /* "synced" or "unsynced", as the kernel says */

#endif /* STATION_ENGINE_HOST_H */
