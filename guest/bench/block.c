// SPDX-License-Identifier: GPL-2.0-only
/*
 * A read of 4 KiB through virtio-blk, past the page cache.  With a disk that answers at once
 * (QEMU's null-co), the time is the path's alone.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define DISK	"/dev/vda"
#define SIZE	4096

static int fd = -1;
static void *buffer;

static const char *block_missing(void)
{
	return access(DISK, R_OK) ? "no " DISK : NULL;
}

static void block_begin(void)
{
	fd = open(DISK, O_RDONLY | O_DIRECT);
	if (fd < 0)
		fail(DISK);
	buffer = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED)
		fail("mmap");
}

static void block_loop(unsigned int n)
{
	while (n--)
		if (pread(fd, buffer, SIZE, 0) != SIZE)
			fail("read of " DISK);
}

static void block_end(void)
{
	close(fd);
	munmap(buffer, SIZE);
}

const struct row block_rows[] = {
	{ .name = "virtio-blk", .begin = block_begin, .loop = block_loop, .end = block_end,
	  .missing = block_missing },
	{ }
};
