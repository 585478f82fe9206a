// SPDX-License-Identifier: GPL-2.0-only
/* Signals to the process itself: by kill(), and for a store that may not be; the handler, sigreturn(). */
#include <signal.h>
#include <sys/mman.h>
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

static char *page;

/* Lets the store through at its second try. */
static void allow(int sig)
{
	(void)sig;
	taken++;
	if (mprotect(page, 1, PROT_READ | PROT_WRITE))
		fail("mprotect");
}

static void segv_begin(void)
{
	struct sigaction action = { .sa_handler = allow };

	page = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		fail("mmap");
	if (sigaction(SIGSEGV, &action, NULL))
		fail("sigaction");
}

static void segv_loop(unsigned int n)
{
	const unsigned int end = taken + n;

	while (n--) {
		if (mprotect(page, 1, PROT_READ))
			fail("mprotect");
		*(volatile char *)page = 1;
	}
	if (taken != end)
		fail("a signal was not taken");
}

static void segv_end(void)
{
	signal(SIGSEGV, SIG_DFL);
	munmap(page, 1);
}

const struct row signal_rows[] = {
	{ .name = "signal", .begin = signal_begin, .loop = signal_loop },
	{ .name = "segv", .begin = segv_begin, .loop = segv_loop, .end = segv_end },
	{ }
};
