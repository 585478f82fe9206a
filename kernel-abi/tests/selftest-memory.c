// SPDX-License-Identifier: GPL-2.0-only
/* ARMKVM_SET_USER_MEMORY_REGION: the validity rules of memory slots. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "selftest.h"

#define GPA	0x40000000ULL

/* A VM and @pages pages of RAM to make slots of. */
struct fixture {
	int sys, vm;
	uint64_t page, hva;
};

static struct fixture setup(unsigned int pages)
{
	struct fixture f = { .sys = open_system(), .page = page_size() };

	f.vm = create_vm(f.sys);
	f.hva = addr_of(ram(pages * f.page));
	return f;
}

static void create_delete(void)
{
	struct fixture f = setup(4);
	uint32_t last = capability(f.sys, ARMKVM_CAP_NR_MEMSLOTS) - 1;

	OK(set_region(f.vm, 0, 0, GPA, 4 * f.page, f.hva));
	OK(set_region(f.vm, last, 0, 0, f.page, f.hva));
	/* the same again changes nothing */
	OK(set_region(f.vm, 0, 0, GPA, 4 * f.page, f.hva));
	OK(set_region(f.vm, 0, 0, GPA, 0, f.hva));
	OK(set_region(f.vm, last, 0, 0, 0, 0));
	/* and the place is free */
	OK(set_region(f.vm, 1, 0, GPA, f.page, f.hva));
}

static void delete_absent(void)
{
	struct fixture f = setup(1);

	ERR(EINVAL, set_region(f.vm, 0, 0, GPA, 0, f.hva));
	OK(set_region(f.vm, 0, 0, GPA, f.page, f.hva));
	ERR(EINVAL, set_region(f.vm, 1, 0, GPA, 0, f.hva));
	OK(set_region(f.vm, 0, 0, GPA, 0, f.hva));
	ERR(EINVAL, set_region(f.vm, 0, 0, GPA, 0, f.hva));
}

static void slot_range(void)
{
	struct fixture f = setup(1);
	uint32_t n = capability(f.sys, ARMKVM_CAP_NR_MEMSLOTS);

	ERR(EINVAL, set_region(f.vm, n, 0, GPA, f.page, f.hva));
	ERR(EINVAL, set_region(f.vm, n + 1, 0, GPA, f.page, f.hva));
	ERR(EINVAL, set_region(f.vm, 0x10000, 0, GPA, f.page, f.hva));	/* KVM: address space 1 */
	ERR(EINVAL, set_region(f.vm, 0x7fffffff, 0, GPA, f.page, f.hva));
	ERR(EINVAL, set_region(f.vm, 0xffffffff, 0, GPA, f.page, f.hva));
	ERR(EINVAL, set_region(f.vm, n, 0, GPA, 0, f.hva));
}

static void flags(void)
{
	struct fixture f = setup(1);
	unsigned int bit;

	for (bit = 2; bit < 32; bit++) {
		ERR(EINVAL, set_region(f.vm, 0, 1U << bit, GPA, f.page, f.hva));
		ERR(EINVAL, set_region(f.vm, 0, 1U << bit, GPA, 0, f.hva));
	}
	OK(set_region(f.vm, 0, ARMKVM_MEM_READONLY | ARMKVM_MEM_LOG_DIRTY_PAGES,
		      GPA, f.page, f.hva));
}

static void alignment(void)
{
	struct fixture f = setup(4);
	uint64_t off;

	for (off = 1; off < 4096; off <<= 1) {
		ERR(EINVAL, set_region(f.vm, 0, 0, GPA + off, f.page, f.hva));
		ERR(EINVAL, set_region(f.vm, 0, 0, GPA, f.page + off, f.hva));
		ERR(EINVAL, set_region(f.vm, 0, 0, GPA, off, f.hva));
		ERR(EINVAL, set_region(f.vm, 0, 0, GPA, f.page, f.hva + off));
	}
}

static void wrap(void)
{
	struct fixture f = setup(2);
	uint64_t top = 0 - f.page;

	ERR(EINVAL, set_region(f.vm, 0, 0, top, 2 * f.page, f.hva));
	ERR(EINVAL, set_region(f.vm, 0, 0, GPA, top, f.hva));
	ERR(EINVAL, set_region(f.vm, 0, 0, f.page, top, f.hva));
	ERR(EINVAL, set_region(f.vm, 0, 0, GPA, f.page, top));
	ERR(EINVAL, set_region(f.vm, 0, 0, GPA, 2 * f.page, top));
}

/* The user range must lie in user space; on a 32-bit host: below 2^32. */
static void user_range(void)
{
	struct fixture f = setup(1);
	static const uint64_t kernel[] = {
		0xffff000000000000ULL, 0xffffffff80000000ULL, 0x8000000000000000ULL,
		0x0100000000000000ULL,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kernel); i++)
		ERR(EINVAL, set_region(f.vm, 0, 0, GPA, f.page, kernel[i]));
	/* On a 64-bit host that is an address like any other, even of a 32-bit caller. */
	if (!host_is_64bit())
		ERR(EINVAL, set_region(f.vm, 0, 0, GPA, f.page, f.hva | 1ULL << 32));
}

static void too_large(void)
{
	struct fixture f = setup(1);

	ERR(EINVAL, set_region(f.vm, 0, 0, 0, 1ULL << 62, f.hva));
	ERR(EINVAL, set_region(f.vm, 0, 0, 0, 1ULL << 44, 0));
	ERR(EINVAL, set_region(f.vm, 0, ARMKVM_MEM_LOG_DIRTY_PAGES, 0, 1ULL << 62, f.hva));
}

/* A 32-bit Arm guest can address 40 bits. */
static void above_40_bits(void)
{
	struct fixture f = setup(2);

	ERR(EFAULT, set_region(f.vm, 0, 0, 1ULL << 40, f.page, f.hva));
	ERR(EFAULT, set_region(f.vm, 0, 0, (1ULL << 40) - f.page, 2 * f.page, f.hva));
	OK(set_region(f.vm, 0, 0, (1ULL << 40) - f.page, f.page, f.hva));
}

static void overlap(void)
{
	struct fixture f = setup(8);

	OK(set_region(f.vm, 0, 0, GPA, 4 * f.page, f.hva));
	/* same, inside, around, at either end */
	ERR(EEXIST, set_region(f.vm, 1, 0, GPA, 4 * f.page, f.hva));
	ERR(EEXIST, set_region(f.vm, 1, 0, GPA + f.page, f.page, f.hva));
	ERR(EEXIST, set_region(f.vm, 1, 0, GPA - f.page, 6 * f.page, f.hva));
	ERR(EEXIST, set_region(f.vm, 1, 0, GPA - f.page, 2 * f.page, f.hva));
	ERR(EEXIST, set_region(f.vm, 1, 0, GPA + 3 * f.page, 2 * f.page, f.hva));
	/* neighbours are fine, and one user range may back several slots */
	OK(set_region(f.vm, 1, 0, GPA - f.page, f.page, f.hva));
	OK(set_region(f.vm, 2, 0, GPA + 4 * f.page, f.page, f.hva));
}

static void move(void)
{
	struct fixture f = setup(4);

	OK(set_region(f.vm, 0, 0, GPA, 4 * f.page, f.hva));
	OK(set_region(f.vm, 1, 0, GPA + 8 * f.page, 4 * f.page, f.hva));
	ERR(EEXIST, set_region(f.vm, 0, 0, GPA + 6 * f.page, 4 * f.page, f.hva));
	/* over its own old place, then away; the old place is free */
	OK(set_region(f.vm, 0, 0, GPA + 2 * f.page, 4 * f.page, f.hva));
	OK(set_region(f.vm, 0, 0, GPA + 64 * f.page, 4 * f.page, f.hva));
	OK(set_region(f.vm, 2, 0, GPA, 8 * f.page, f.hva));
	ERR(EEXIST, set_region(f.vm, 3, 0, GPA + 67 * f.page, f.page, f.hva));
}

static void change(void)
{
	struct fixture f = setup(4);

	OK(set_region(f.vm, 0, 0, GPA, 2 * f.page, f.hva));
	ERR(EINVAL, set_region(f.vm, 0, 0, GPA, f.page, f.hva));
	ERR(EINVAL, set_region(f.vm, 0, 0, GPA, 4 * f.page, f.hva));
	ERR(EINVAL, set_region(f.vm, 0, 0, GPA, 2 * f.page, f.hva + f.page));
	ERR(EINVAL, set_region(f.vm, 0, ARMKVM_MEM_READONLY, GPA, 2 * f.page, f.hva));
	/* none of that changed the slot */
	OK(set_region(f.vm, 0, 0, GPA, 2 * f.page, f.hva));
	/* logging may go on and off, also while moving */
	OK(set_region(f.vm, 0, ARMKVM_MEM_LOG_DIRTY_PAGES, GPA, 2 * f.page, f.hva));
	OK(set_region(f.vm, 0, 0, GPA + f.page, 2 * f.page, f.hva));
	OK(set_region(f.vm, 0, ARMKVM_MEM_LOG_DIRTY_PAGES, GPA, 2 * f.page, f.hva));
	/* read-only doesn't go away either */
	OK(set_region(f.vm, 1, ARMKVM_MEM_READONLY, 0, f.page, f.hva));
	ERR(EINVAL, set_region(f.vm, 1, 0, 0, f.page, f.hva));
	OK(set_region(f.vm, 1, ARMKVM_MEM_READONLY | ARMKVM_MEM_LOG_DIRTY_PAGES,
		      0, f.page, f.hva));
}

static void all_slots(void)
{
	struct fixture f = setup(1);
	uint32_t n = capability(f.sys, ARMKVM_CAP_NR_MEMSLOTS), i;

	/* from the top down and with gaps, so that order has to be kept */
	for (i = 0; i < n; i++)
		OK(set_region(f.vm, i, 0, GPA + 2 * (n - i) * f.page, f.page, f.hva));
	for (i = 0; i < n; i++)
		ERR(EEXIST, set_region(f.vm, i, 0, GPA + 2 * (n - (i + 1) % n) * f.page,
				       f.page, f.hva));
	for (i = 0; i < n; i += 2)
		OK(set_region(f.vm, i, 0, 0, 0, 0));
	for (i = 0; i < n; i += 2)
		OK(set_region(f.vm, i, 0, GPA + (2 * (n - i) + 1) * f.page, f.page, f.hva));
	for (i = 0; i < n; i++)
		OK(set_region(f.vm, i, 0, 0, 0, 0));
	OK(set_region(f.vm, 0, 0, GPA, f.page, f.hva));
}

/* Guest RAM need not be mapped, readable or writable when the slot is made. */
static void lazy_memory(void)
{
	struct fixture f = setup(1);

	OK(set_region(f.vm, 0, 0, 0, f.page, addr_of(unmapped_page())));
	OK(set_region(f.vm, 1, 0, GPA, f.page, addr_of(readonly_page())));
	OK(munmap((void *)(uintptr_t)f.hva, f.page));
	OK(set_region(f.vm, 2, 0, GPA + f.page, f.page, f.hva));
	OK(set_region(f.vm, 2, 0, GPA + f.page, 0, f.hva));
}

static void bad_pointers(void)
{
	struct fixture f = setup(1);
	struct armkvm_userspace_memory_region *good, region = {
		.guest_phys_addr = GPA, .memory_size = f.page, .userspace_addr = f.hva,
	};
	char *edge;

	ERR(EFAULT, ioctl(f.vm, ARMKVM_SET_USER_MEMORY_REGION, NULL));
	ERR(EFAULT, ioctl(f.vm, ARMKVM_SET_USER_MEMORY_REGION, unmapped_page()));
	ERR(EFAULT, ioctl(f.vm, ARMKVM_SET_USER_MEMORY_REGION, ~0UL));
	ERR(EFAULT, ioctl(f.vm, ARMKVM_SET_USER_MEMORY_REGION, ~0UL - 15));
	edge = at_edge(sizeof(region) - 1);
	ERR(EFAULT, ioctl(f.vm, ARMKVM_SET_USER_MEMORY_REGION, edge));
	/* to the last byte, and from memory that is read-only */
	good = at_edge(sizeof(region));
	memcpy(good, &region, sizeof(region));
	OK(ioctl(f.vm, ARMKVM_SET_USER_MEMORY_REGION, good));
	good = ram(f.page);
	memcpy(good, &region, sizeof(region));
	OK(mprotect(good, f.page, PROT_READ));
	OK(ioctl(f.vm, ARMKVM_SET_USER_MEMORY_REGION, good));
	/* misaligned in memory is no error */
	edge = at_edge(sizeof(region) + 1);
	memcpy(edge, &region, sizeof(region));
	OK(ioctl(f.vm, ARMKVM_SET_USER_MEMORY_REGION, edge));
}

const struct test memory_tests[] = {
	{ "create-delete", create_delete },
	{ "delete-absent", delete_absent },
	{ "slot-range", slot_range },
	{ "flags", flags },
	{ "alignment", alignment },
	{ "wrap", wrap },
	{ "user-range", user_range },
	{ "too-large", too_large },
	{ "above-40-bits", above_40_bits },
	{ "overlap", overlap },
	{ "move", move },
	{ "change", change },
	{ "all-slots", all_slots },
	{ "lazy-memory", lazy_memory },
	{ "bad-pointers", bad_pointers },
	{ NULL, NULL }
};
