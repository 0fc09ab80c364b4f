#ifndef STATION_BASE_BANNED_H
#define STATION_BASE_BANNED_H

/*
 * banned -- calls that write without a bound, keep hidden state or depend on the
 * time zone do not compile. The Makefile puts this header before every source of
 * ours; the system headers that declare them come first.
 *
 * Instead: snprintf, sbuf_printf, arena_printf; strchr and strspn; clock_print.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets
#pragma GCC poison localtime gmtime asctime ctime

#endif /* STATION_BASE_BANNED_H */
