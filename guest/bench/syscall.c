// SPDX-License-Identifier: GPL-2.0-only
/* System calls that do next to nothing: what a crossing costs; and the clock, which needs none. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define ZERO_SIZE	4096

static int null_fd = -1;
static int zero_fd = -1;

/* Without the C library's wrapper, which is longer than the kernel's part. */
static void getppid_loop(unsigned int n)
{
	while (n--) {
		register long r7 asm("r7") = SYS_getppid;
		register long r0 asm("r0");

		asm volatile("svc 0" : "=r" (r0) : "r" (r7) : "memory");
	}
}

static void write_begin(void)
{
	null_fd = open("/dev/null", O_WRONLY);
	if (null_fd < 0)
		fail("/dev/null");
}

static void write_loop(unsigned int n)
{
	while (n--)
		if (write(null_fd, "x", 1) != 1)
			fail("write to /dev/null");
}

static void write_end(void)
{
	close(null_fd);
}

static void zero_begin(void)
{
	zero_fd = open("/dev/zero", O_RDONLY);
	if (zero_fd < 0)
		fail("/dev/zero");
}

static void zero_loop(unsigned int n)
{
	static char page[ZERO_SIZE];

	while (n--)
		if (read(zero_fd, page, sizeof(page)) != sizeof(page))
			fail("read from /dev/zero");
}

static void zero_end(void)
{
	close(zero_fd);
}

static void clock_loop(unsigned int n)
{
	struct timespec t;

	while (n--)
		if (clock_gettime(CLOCK_MONOTONIC, &t))
			fail("clock_gettime");
}

static void stat_loop(unsigned int n)
{
	struct stat st;

	while (n--)
		if (stat("/dev/null", &st))
			fail("stat /dev/null");
}

const struct row syscall_rows[] = {
	{ .name = "clock", .loop = clock_loop },
	{ .name = "getppid", .loop = getppid_loop },
	{ .name = "write-null", .begin = write_begin, .loop = write_loop, .end = write_end },
	{ .name = "read-zero", .begin = zero_begin, .loop = zero_loop, .end = zero_end },
	{ .name = "stat", .loop = stat_loop },
	{ }
};
