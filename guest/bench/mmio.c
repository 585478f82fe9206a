// SPDX-License-Identifier: GPL-2.0-only
/*
 * A read of a device's register: to the launcher's device model and back, or to the
 * module's interrupt controller.  By /dev/mem, which a kernel with CONFIG_IO_STRICT_DEVMEM
 * allows for a device that has a driver if it is started with iomem=relaxed.  Addresses are those of
 * QEMU's virt machine; on another one the rows are missing.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define PL031		0x09010000	/* the clock; its identification never changes */
#define PL031_PERIPHID	0xfe0
#define GICD		0x08000000
#define GICD_TYPER	0x004
#define PAGE		4096

static volatile uint8_t *device;

static const char *mmio_missing(void)
{
	static const char compatible[] = "/sys/firmware/devicetree/base/compatible";
	char text[64] = "";
	int fd = open(compatible, O_RDONLY);

	if (fd >= 0) {
		if (read(fd, text, sizeof(text) - 1) < 0)
			text[0] = '\0';
		close(fd);
	}
	return strcmp(text, "linux,dummy-virt") ? "not QEMU's virt machine" : NULL;
}

static void map_device(off_t address)
{
	int fd = open("/dev/mem", O_RDONLY | O_SYNC);
	void *p;

	if (fd < 0)
		fail("/dev/mem");
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, address);
	if (p == MAP_FAILED)
		fail("mmap of a device by /dev/mem");
	close(fd);
	device = p;
}

static void read_loop(unsigned int n, unsigned int offset)
{
	const volatile uint32_t *reg = (const volatile uint32_t *)(device + offset);

	while (n--)
		(void)*reg;
}

static void pl031_begin(void)
{
	map_device(PL031);
}

static void pl031_loop(unsigned int n)
{
	read_loop(n, PL031_PERIPHID);
}

static void gic_begin(void)
{
	map_device(GICD);
}

static void gic_loop(unsigned int n)
{
	read_loop(n, GICD_TYPER);
}

static void unmap_device(void)
{
	munmap((void *)device, PAGE);
}

const struct row mmio_rows[] = {
	{ .name = "mmio-device", .begin = pl031_begin, .loop = pl031_loop, .end = unmap_device,
	  .missing = mmio_missing },
	{ .name = "mmio-gic", .begin = gic_begin, .loop = gic_loop, .end = unmap_device,
	  .missing = mmio_missing },
	{ }
};
