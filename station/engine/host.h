#ifndef STATION_ENGINE_HOST_H
#define STATION_ENGINE_HOST_H

#include "engine/run.h"

/* host -- what a record says about the program and the computer that judged. */

#define STATION_VERSION "0.1.0"

/* Fill sw_*, host, os_release, kernel, boot_id and clock_state. */
void host_describe(struct unit_run *r);

#endif /* STATION_ENGINE_HOST_H */
