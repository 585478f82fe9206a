// SPDX-License-Identifier: GPL-2.0-only
/* A signal that a process sends to itself: kill(), its handler, sigreturn(). */
#include <signal.h>
#include <unistd.h>

#include "bench.h"

static volatile unsigned int taken;

static void handler(int sig)
{
	(void)sig;
	taken++;
}

static void signal_begin(void)
{
	struct sigaction action = { .sa_handler = handler };

	if (sigaction(SIGUSR1, &action, NULL))
		fail("sigaction");
}

static void signal_loop(unsigned int n)
{
	const unsigned int end = taken + n;
	const pid_t self = getpid();

	while (n--)
		kill(self, SIGUSR1);
	if (taken != end)
		fail("a signal was not taken");
}

const struct row signal_rows[] = {
	{ .name = "signal", .begin = signal_begin, .loop = signal_loop },
	{ }
};
