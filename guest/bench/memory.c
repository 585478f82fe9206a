// SPDX-License-Identifier: GPL-2.0-only
/* Memory: what it costs to map it, to touch it first, to change and to use it. */
#include <string.h>
#include <sys/mman.h>

#include "bench.h"

#define PAGE		4096U
#define FAULT_PAGES	64U
#define WARM_PAGES	512U
#define MIB		(1U << 20)

static volatile uint8_t *area;
static size_t area_size;
static uint8_t *from, *to;

static uint8_t *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	return p;
}

static void unmap(volatile void *p, size_t size)
{
	if (munmap((void *)p, size))
		fail("munmap");
}

/* A turn: maps, touches each page for the first time, unmaps. */
static void fault_loop(unsigned int n)
{
	unsigned int i;

	while (n--) {
		volatile uint8_t *p = map(FAULT_PAGES * PAGE);

		for (i = 0; i < FAULT_PAGES; i++)
			p[i * PAGE] = 1;
		unmap(p, FAULT_PAGES * PAGE);
	}
}

static void mmap_loop(unsigned int n)
{
	while (n--)
		unmap(map(PAGE), PAGE);
}

static void area_make(size_t size)
{
	area_size = size;
	area = map(size);
	memset((void *)area, 1, size);
}

static void area_end(void)
{
	unmap(area, area_size);
}

static void mprotect_begin(void)
{
	area_make(PAGE);
}

static void mprotect_loop(unsigned int n)
{
	while (n--)
		if (mprotect((void *)area, PAGE, PROT_READ) ||
		    mprotect((void *)area, PAGE, PROT_READ | PROT_WRITE))
			fail("mprotect");
}

static void warm_begin(void)
{
	area_make(WARM_PAGES * PAGE);
}

static void warm_loop(unsigned int n)
{
	while (n--) {
		volatile uint32_t *p = (volatile uint32_t *)area;
		volatile uint32_t *const end = p + WARM_PAGES * PAGE / sizeof(*p);

		for (; p != end; p += PAGE / sizeof(*p))
			*p = n;
	}
}

static void copy_begin(void)
{
	from = map(MIB);
	to = map(MIB);
	memset(from, 1, MIB);
	memset(to, 2, MIB);
}

/* The compiler may not know that the last copy is as good as all. */
static void copy(unsigned int n, size_t size)
{
	while (n--) {
		memcpy(to, from, size);
		asm volatile("" : : "r" (to) : "memory");
	}
}

static void copy_64k_loop(unsigned int n)
{
	copy(n, 65536);
}

static void copy_1m_loop(unsigned int n)
{
	copy(n, MIB);
}

static void copy_end(void)
{
	unmap(from, MIB);
	unmap(to, MIB);
}

const struct row memory_rows[] = {
	{ .name = "fault", .loop = fault_loop, .per_turn = FAULT_PAGES },
	{ .name = "mmap", .loop = mmap_loop },
	{ .name = "mprotect", .begin = mprotect_begin, .loop = mprotect_loop, .end = area_end },
	{ .name = "touch-512", .begin = warm_begin, .loop = warm_loop, .end = area_end },
	{ .name = "memcpy-64k", .begin = copy_begin, .loop = copy_64k_loop, .end = copy_end },
	{ .name = "memcpy-1m", .begin = copy_begin, .loop = copy_1m_loop, .end = copy_end },
	{ }
};
