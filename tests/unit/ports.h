#ifndef TESTS_UNIT_PORTS_H
#define TESTS_UNIT_PORTS_H

/* ports -- TCP ports of 127.0.0.1 that nobody else has. */

int port_listener(int *port); /* its socket listens */
int port_free(void);
int port_is_listening(int port); /* somebody's */

#endif /* TESTS_UNIT_PORTS_H */
