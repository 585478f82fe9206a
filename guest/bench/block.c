// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads of 4 KiB past the page cache.
 *
 * virtio-blk: from the virtio disk "fast", which answers at once (QEMU's null-co): the time is
 * the path's alone.
 * disk-read: at random places of a disk that takes its time for each, as a real one does. That is
 * the host's (Linux's null_blk, whose completions come by a timer), and in a guest the virtio disk
 * "slow" that QEMU makes of it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define HOST_DISK	"/dev/nullb0"
#define SIZE		4096
#define BLOCKS		(1U << 14)	/* 64 MiB */

static int fd = -1;
static void *buffer;

/* Buses find their devices in an order of their own: disks are known by their serial numbers. */
static const char *disk_with(const char *serial)
{
	static const char *const disks[] = { "/dev/vda", "/dev/vdb" };
	char path[64], text[32];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "/sys/block/%s/serial", disks[i] + strlen("/dev/"));
		file = fopen(path, "r");
		if (!file)
			continue;
		if (!fgets(text, sizeof(text), file))
			text[0] = '\0';
		fclose(file);
		text[strcspn(text, "\n")] = '\0';
		if (!strcmp(text, serial))
			return disks[i];
	}
	return NULL;
}

const char *guest_disk(void)
{
	return disk_with("slow");
}

static const char *read_missing(void)
{
	return disk_with("fast") ? NULL : "no virtio disk with the serial number \"fast\"";
}

static const char *random_missing(void)
{
	return guest_disk() || !access(HOST_DISK, R_OK) ?
		       NULL : "no " HOST_DISK ", and no virtio disk with the serial number \"slow\"";
}

static void begin(const char *disk)
{
	fd = open(disk, O_RDONLY | O_DIRECT);
	if (fd < 0)
		fail(disk);
	buffer = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED)
		fail("mmap");
}

static void read_begin(void)
{
	begin(disk_with("fast"));
}

static void random_begin(void)
{
	const char *disk = guest_disk();

	begin(disk ? disk : HOST_DISK);
}

static void read_loop(unsigned int n)
{
	while (n--)
		if (pread(fd, buffer, SIZE, 0) != SIZE)
			fail("read of the disk");
}

static void random_loop(unsigned int n)
{
	static uint32_t place = 1;

	while (n--) {
		place = place * 1664525 + 1013904223;
		if (pread(fd, buffer, SIZE, (off_t)(place >> 8) % BLOCKS * SIZE) != SIZE)
			fail("read of the disk");
	}
}

static void block_end(void)
{
	close(fd);
	munmap(buffer, SIZE);
}

const struct row block_rows[] = {
	{ .name = "virtio-blk", .begin = read_begin, .loop = read_loop, .end = block_end,
	  .missing = read_missing },
	{ .name = "disk-read", .begin = random_begin, .loop = random_loop, .end = block_end,
	  .missing = random_missing },
	{ }
};
