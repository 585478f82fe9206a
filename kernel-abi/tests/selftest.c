// SPDX-License-Identifier: GPL-2.0-only
/*
 * Self-test of the launcher's interface: every call, every documented error.
 *
 *	selftest [--list] [NAME-PART]...
 *
 * Prints PASS, FAIL or SKIP for each test; the exit status is 1 when one failed.
 * Needs /dev/armkvm and, for the permission tests, root.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "selftest.h"

#define SECONDS_A_TEST	300	/* an emulated host is slow, a real-time one waits long for RCU */

enum { EXIT_FAILED = 1, EXIT_SKIPPED = 77 };

/* Shared between a test's process and the one that reports. */
static char *why;
#define WHY_SIZE	512

static const struct {
	const char *name;
	const struct test *tests;
} subjects[] = {
	{ "system", system_tests },
	{ "memory", memory_tests },
	{ "dirty", dirty_tests },
	{ "log", log_tests },
	{ "window", window_tests },
	{ "vcpu", vcpu_tests },
	{ "run", run_tests },
	{ "call", call_tests },
	{ "reg", reg_tests },
	{ "irq", irq_tests },
	{ "stats", stats_tests },
	{ "state", state_tests },
	{ "pl0", pl0_tests },
	{ "lifetime", lifetime_tests },
	{ "hostile", hostile_tests },
};

void test_failed(const char *file, int line, const char *fmt, ...)
{
	const char *base = strrchr(file, '/');
	va_list ap;
	int n;

	n = snprintf(why, WHY_SIZE, "%s:%d: ", base ? base + 1 : file, line);
	va_start(ap, fmt);
	vsnprintf(why + n, WHY_SIZE - n, fmt, ap);
	va_end(ap);
	_exit(EXIT_FAILED);
}

void test_skipped(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, WHY_SIZE, fmt, ap);
	va_end(ap);
	_exit(EXIT_SKIPPED);
}

static void run_in_child(const struct test *test)
{
	alarm(SECONDS_A_TEST);
	test->run();
	_exit(0);
}

static int report(const char *subject, const char *name, int status, long refs)
{
	if (WIFSIGNALED(status)) {
		printf("FAIL %s %s: %s\n", subject, name,
		       WTERMSIG(status) == SIGALRM ? "hangs" : strsignal(WTERMSIG(status)));
		return 1;
	}
	if (WEXITSTATUS(status) == EXIT_SKIPPED) {
		printf("SKIP %s %s: %s\n", subject, name, why);
		return 0;
	}
	if (WEXITSTATUS(status)) {
		printf("FAIL %s %s: %s\n", subject, name, why[0] ? why : "ended early");
		return 1;
	}
	if (module_refcount() != refs) {
		printf("FAIL %s %s: left %ld references to the module, found %ld\n",
		       subject, name, module_refcount(), refs);
		return 1;
	}
	printf("PASS %s %s\n", subject, name);
	return 0;
}

static int run(const char *subject, const struct test *test)
{
	long refs = module_refcount();
	int status, i;
	pid_t pid;

	memset(why, 0, WHY_SIZE);
	pid = fork();
	if (pid < 0) {
		perror("fork");
		exit(2);
	}
	if (pid == 0)
		run_in_child(test);
	if (waitpid(pid, &status, 0) != pid) {
		perror("waitpid");
		exit(2);
	}
	/* Grandchildren that were killed may be on their way out. */
	for (i = 0; i < 100 && module_refcount() != refs; i++)
		usleep(20000);
	return report(subject, test->name, status, refs);
}

static int wanted(const char *subject, const char *name, int argc, char **argv)
{
	char full[128];
	int i;

	snprintf(full, sizeof(full), "%s %s", subject, name);
	if (argc == 0)
		return 1;
	for (i = 0; i < argc; i++)
		if (strstr(full, argv[i]))
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	int list = argc > 1 && !strcmp(argv[1], "--list");
	int failed = 0, ran = 0, fd;
	const struct test *test;
	size_t i;

	argc -= 1 + list;
	argv += 1 + list;
	setvbuf(stdout, NULL, _IOLBF, 0);
	why = mmap(NULL, WHY_SIZE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (why == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	if (!list) {
		fd = open(DEVICE, O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			printf("FAIL open " DEVICE ": %s (is the module loaded? modprobe armkvm)\n",
			       strerror(errno));
			return 1;
		}
		close(fd);
	}
	for (i = 0; i < ARRAY_SIZE(subjects); i++) {
		for (test = subjects[i].tests; test->name; test++) {
			if (!wanted(subjects[i].name, test->name, argc, argv))
				continue;
			ran++;
			if (list)
				printf("%s %s\n", subjects[i].name, test->name);
			else
				failed += run(subjects[i].name, test);
		}
	}
	if (!ran) {
		printf("FAIL selftest: no test of this name\n");
		return 1;
	}
	return failed ? 1 : 0;
}
