// SPDX-License-Identifier: GPL-2.0-only
/* The life of a process, short. */
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

/* What the parent has in use: its page tables are what fork() copies. */
#define PARENT_SIZE	(4U << 20)

static void *parent_memory;

static void parent_begin(void)
{
	parent_memory = mmap(NULL, PARENT_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0);
	if (parent_memory == MAP_FAILED)
		fail("mmap");
	memset(parent_memory, 1, PARENT_SIZE);
}

static void parent_end(void)
{
	munmap(parent_memory, PARENT_SIZE);
}

static void reap(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		fail("waitpid");
	if (status)
		fail("a child did not end well");
}

static void fork_loop(unsigned int n)
{
	while (n--) {
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (!child)
			_exit(0);
		reap(child);
	}
}

static void exec_loop(unsigned int n)
{
	const char *path = beside("nothing");

	while (n--) {
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (!child) {
			execl(path, path, NULL);
			_exit(127);
		}
		reap(child);
	}
}

const struct row process_rows[] = {
	{ .name = "fork", .begin = parent_begin, .loop = fork_loop, .end = parent_end },
	{ .name = "exec", .begin = parent_begin, .loop = exec_loop, .end = parent_end },
	{ .name = "fork-small", .loop = fork_loop },
	{ .name = "exec-small", .loop = exec_loop },
	{ }
};
