#ifndef STATION_CLI_OUT_H
#define STATION_CLI_OUT_H

#include <stddef.h>

#include "base/loop.h"

/*
 * out -- writes to a stream without ever waiting for who reads it: a pipe that
 * is full, a terminal stopped with ^S. What is not taken at once is queued and
 * written from the loop. The stream itself stays as it is for other processes:
 * O_NONBLOCK is set on a description of our own.
 */
struct out;

struct out *out_new(int fd);
void out_attach(struct out *o, struct loop *l); /* from here on l writes the queue */
void out_free(struct out *o);                   /* what is still queued is lost; NULL is fine */

int out_fd(const struct out *o);
void out_put(struct out *o, const void *bytes, size_t n);

int out_pending(const struct out *o); /* bytes wait for the reader */
/* errno of the write that failed, after which nothing is written any more;
 * ENOBUFS: so much was queued that something had to be left out. 0: all well. */
int out_failed(const struct out *o);

#endif /* STATION_CLI_OUT_H */
