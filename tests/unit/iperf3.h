#ifndef TESTS_UNIT_IPERF3_H
#define TESTS_UNIT_IPERF3_H

#include <sys/types.h>

/* iperf3 -- the iperf3 program, quiet: "-s" "-1" or "-c" HOST, behind "-p" PORT what is in
 * more (NULL-ended; or NULL). A server listens when it returns, a client first waits until
 * somebody does. It dies with the test. */
pid_t iperf3(const char *first, const char *second, int port, const char *const *more);

int iperf3_ended(pid_t pid); /* waits for it; its status */

#endif /* TESTS_UNIT_IPERF3_H */
