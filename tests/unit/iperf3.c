#include "iperf3.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ports.h"

static void await_listener(int port)
{
	for (int i = 0; i < 1000 && !port_is_listening(port); i++)
		usleep(5000);
}

pid_t iperf3(const char *first, const char *second, int port, const char *const *more)
{
	char number[16];
	const char *argv[16] = { "iperf3", first, second, "-p", number };
	int n = 5;
	pid_t pid;

	snprintf(number, sizeof(number), "%d", port);
	while (more && *more)
		argv[n++] = *more++;
	pid = fork();
	if (pid == 0) {
		int nul = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(nul, 0);
		dup2(nul, 1);
		dup2(nul, 2);
		if (first[1] == 'c')
			await_listener(port);
		execvp("iperf3", (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (first[1] == 's')
		await_listener(port);
	return pid;
}

int iperf3_ended(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}
