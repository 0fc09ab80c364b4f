#ifndef STATION_UI_PLAIN_H
#define STATION_UI_PLAIN_H

#include "base/err.h"

/*
 * plain -- the station as lines of text, for screen readers and for terminals that can
 * do nothing else: one line for each change of meaning (state, verdict, question, notice).
 * A line of input is a scan; one that begins with the sign of this call, such as "/4731", is a
 * command ("/4731 help" lists them). So no label holds one: the sign is told at the beginning.
 *
 * From a terminal bytes are read as they come (entry.h); it is as before when this returns.
 *
 * Returns 0 after the command "quit", ^C or the end of the input, ERR_GONE when the station ended,
 * ERR_IO when standard output cannot be written. in, out: descriptors.
 */
int plain_run(int in, int out, const char *socket, const char *self, const char *conf,
	      struct err *err);

#endif /* STATION_UI_PLAIN_H */
