// SPDX-License-Identifier: GPL-2.0-only
/* The dirty log's calls and ARMKVM_ENABLE_CAP. What the guest dirties needs a guest. */
#include <string.h>
#include <sys/mman.h>
#include "selftest.h"

#define GPA		0x40000000ULL
#define LOG		ARMKVM_MEM_LOG_DIRTY_PAGES
#define DIRTY_PAGE	4096

static int get_log(int vm, uint32_t slot, uint32_t padding, const void *bitmap)
{
	struct armkvm_dirty_log log = {
		.slot = slot, .padding = padding, .dirty_bitmap = addr_of(bitmap),
	};

	return ioctl(vm, ARMKVM_GET_DIRTY_LOG, &log);
}

static int clear_log(int vm, uint32_t slot, uint64_t first, uint32_t num,
		     const void *bitmap)
{
	struct armkvm_clear_dirty_log log = {
		.slot = slot, .num_pages = num, .first_page = first,
		.dirty_bitmap = addr_of(bitmap),
	};

	return ioctl(vm, ARMKVM_CLEAR_DIRTY_LOG, &log);
}

/* A VM whose slot 0 has @pages dirty-log pages; slot 1 isn't logged. */
static int setup(unsigned int pages)
{
	int vm = create_vm(open_system());
	void *hva = ram(pages * DIRTY_PAGE);

	OK(set_region(vm, 0, LOG, GPA, (uint64_t)pages * DIRTY_PAGE, addr_of(hva)));
	OK(set_region(vm, 1, 0, 0, page_size(), addr_of(hva)));
	return vm;
}

static void get_errors(void)
{
	static uint64_t bitmap[16];
	int vm = setup(64);
	uint32_t n = capability(open_system(), ARMKVM_CAP_NR_MEMSLOTS);

	ERR(EINVAL, get_log(vm, n, 0, bitmap));
	ERR(EINVAL, get_log(vm, ~0U, 0, bitmap));
	ERR(EINVAL, get_log(vm, 0, 1, bitmap));
	ERR(ENOENT, get_log(vm, 1, 0, bitmap));
	ERR(ENOENT, get_log(vm, 2, 0, bitmap));
	ERR(ENOENT, get_log(vm, n - 1, 0, bitmap));
	ERR(EFAULT, get_log(vm, 0, 0, NULL));
	ERR(EFAULT, get_log(vm, 0, 0, unmapped_page()));
	ERR(EFAULT, get_log(vm, 0, 0, readonly_page()));
	ERR(EFAULT, get_log(vm, 0, 0, at_edge(7)));
	ERR(EFAULT, get_log(vm, 0, 0, (void *)~7UL));
	ERR(EFAULT, ioctl(vm, ARMKVM_GET_DIRTY_LOG, NULL));
	ERR(EFAULT, ioctl(vm, ARMKVM_GET_DIRTY_LOG, at_edge(sizeof(struct armkvm_dirty_log) - 1)));
	OK(get_log(vm, 0, 0, bitmap));
}

/* One bit a 4 KiB page in whole 64-bit words, and not a byte more. */
static void bitmap_size(void)
{
	static const unsigned int pages[] = { 16, 64, 80, 128, 144, 1024 };
	size_t i, bytes;
	char *map;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		int vm = setup(pages[i]);

		bytes = (pages[i] + 63) / 64 * 8;
		map = at_edge(bytes);
		memset(map, 0xff, bytes);
		OK(get_log(vm, 0, 0, map));
		while (bytes--)
			CHECK(map[bytes] == 0, "a page that nobody touched is dirty");
		ERR(EFAULT, get_log(vm, 0, 0, map + 1));
	}
}

static void on_off(void)
{
	static uint64_t bitmap[16];
	uint64_t hva = addr_of(ram(page_size()));
	int vm = create_vm(open_system());

	OK(set_region(vm, 0, 0, GPA, page_size(), hva));
	ERR(ENOENT, get_log(vm, 0, 0, bitmap));
	OK(set_region(vm, 0, LOG, GPA, page_size(), hva));
	OK(get_log(vm, 0, 0, bitmap));
	OK(set_region(vm, 0, 0, GPA, page_size(), hva));
	ERR(ENOENT, get_log(vm, 0, 0, bitmap));
	OK(set_region(vm, 0, LOG, GPA, page_size(), hva));
	OK(set_region(vm, 0, LOG, GPA + page_size(), page_size(), hva));
	OK(get_log(vm, 0, 0, bitmap));
	OK(set_region(vm, 0, 0, 0, 0, 0));
	ERR(ENOENT, get_log(vm, 0, 0, bitmap));
}

static void clear_rules(void)
{
	static uint64_t bitmap[4];
	int vm = setup(144);
	uint32_t n = capability(open_system(), ARMKVM_CAP_NR_MEMSLOTS);

	OK(clear_log(vm, 0, 0, 144, bitmap));
	OK(clear_log(vm, 0, 0, 64, bitmap));
	OK(clear_log(vm, 0, 64, 64, bitmap));
	OK(clear_log(vm, 0, 128, 16, bitmap));
	OK(clear_log(vm, 0, 64, 80, bitmap));
	ERR(EINVAL, clear_log(vm, 0, 1, 63, bitmap));		/* first page */
	ERR(EINVAL, clear_log(vm, 0, 32, 64, bitmap));
	ERR(EINVAL, clear_log(vm, 0, 0, 63, bitmap));		/* not to the end */
	ERR(EINVAL, clear_log(vm, 0, 0, 143, bitmap));
	ERR(EINVAL, clear_log(vm, 0, 0, 145, bitmap));		/* beyond the slot */
	ERR(EINVAL, clear_log(vm, 0, 0, 192, bitmap));
	ERR(EINVAL, clear_log(vm, 0, 192, 64, bitmap));
	ERR(EINVAL, clear_log(vm, 0, 128, 64, bitmap));
	ERR(EINVAL, clear_log(vm, 0, 0, ~0U, bitmap));
	ERR(EINVAL, clear_log(vm, 0, ~63ULL, 64, bitmap));
	ERR(EINVAL, clear_log(vm, 0, 1ULL << 63, 64, bitmap));
	ERR(EINVAL, clear_log(vm, n, 0, 64, bitmap));
	ERR(ENOENT, clear_log(vm, 1, 0, 0, bitmap));
	ERR(ENOENT, clear_log(vm, 2, 0, 64, bitmap));
	ERR(EFAULT, clear_log(vm, 0, 0, 144, NULL));
	ERR(EFAULT, clear_log(vm, 0, 0, 144, at_edge(23)));
	ERR(EFAULT, ioctl(vm, ARMKVM_CLEAR_DIRTY_LOG, NULL));
	OK(clear_log(vm, 0, 0, 144, at_edge(24)));
}

static int enable(int vm, struct armkvm_enable_cap cap)
{
	return ioctl(vm, ARMKVM_ENABLE_CAP, &cap);
}

static void enable_cap(void)
{
	int sys = open_system(), vm = create_vm(sys);
	struct armkvm_enable_cap good = {
		.cap = ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { 1 },
	}, bad;
	static const unsigned int no[] = {
		ARMKVM_CAP_USER_MEMORY, ARMKVM_CAP_NR_VCPUS, ARMKVM_CAP_ONE_REG,
		ARMKVM_CAP_MODES, 1, 0xffff, 0x20000, 0xffffffff,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(no); i++) {
		bad = good;
		bad.cap = no[i];
		ERR(EINVAL, enable(vm, bad));
	}
	bad = good;
	bad.flags = 1;
	ERR(EINVAL, enable(vm, bad));
	for (i = 1; i < 4; i++) {
		bad = good;
		bad.args[i] = 1;
		ERR(EINVAL, enable(vm, bad));
	}
	for (i = 0; i < sizeof(bad.pad); i++) {
		bad = good;
		bad.pad[i] = 1;
		ERR(EINVAL, enable(vm, bad));
	}
	bad = good;
	bad.args[0] = ~(uint64_t)capability(sys, ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	ERR(EINVAL, enable(vm, bad));
	bad.args[0] = 1ULL << 32;
	ERR(EINVAL, enable(vm, bad));
	ERR(EFAULT, ioctl(vm, ARMKVM_ENABLE_CAP, NULL));
	ERR(EFAULT, ioctl(vm, ARMKVM_ENABLE_CAP, at_edge(sizeof(good) - 1)));
	OK(enable(vm, good));
	OK(enable(vm, good));
	good.args[0] = 0;
	OK(enable(vm, good));
}

/* More calls than the guest was told of can't be had. */
static void enable_pv(void)
{
	int sys = open_system(), vm = create_vm(sys);
	long pv = capability(sys, ARMKVM_CAP_PV);
	struct armkvm_enable_cap cap = { .cap = ARMKVM_CAP_PV };

	cap.args[0] = ~(uint64_t)pv;
	ERR(EINVAL, enable(vm, cap));
	cap.args[0] = pv;
	if (pv)
		OK(enable(vm, cap));
}

const struct test dirty_tests[] = {
	{ "get-errors", get_errors },
	{ "bitmap-size", bitmap_size },
	{ "on-off", on_off },
	{ "clear-rules", clear_rules },
	{ "enable-cap", enable_cap },
	{ "enable-pv", enable_pv },
	{ NULL, NULL }
};
