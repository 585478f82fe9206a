// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers of the self-tests: making things, memory that is wrong in a known
 * way, registers, the module's reference count.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "selftest.h"

long call_ok(const char *file, int line, const char *what, long result)
{
	if (result < 0)
		test_failed(file, line, "%s: %s", what, strerror(errno));
	return result;
}

void call_err(const char *file, int line, const char *what,
	      const char *name, long result, int error)
{
	int got = errno;

	if (result >= 0)
		test_failed(file, line, "%s gave %ld, not %s", what, result, name);
	if (got != error)
		test_failed(file, line, "%s: %s, not %s", what, strerror(got), name);
}

int open_system(void)
{
	return OK(open(DEVICE, O_RDWR | O_CLOEXEC));
}

int create_vm(int sys)
{
	return OK(ioctl(sys, ARMKVM_CREATE_VM, ARMKVM_MODE_SHADOW));
}

int create_vcpu(int vm, unsigned int id)
{
	return OK(ioctl(vm, ARMKVM_CREATE_VCPU, (unsigned long)id));
}

int create_vcpu_inited(int vm, unsigned int id)
{
	struct armkvm_vcpu_init init;
	int vcpu = create_vcpu(vm, id);

	OK(ioctl(vm, ARMKVM_ARM_PREFERRED_TARGET, &init));
	OK(ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init));
	return vcpu;
}

struct armkvm_run *map_run(int sys, int vcpu)
{
	long size = OK(ioctl(sys, ARMKVM_GET_VCPU_MMAP_SIZE, 0));
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);

	CHECK(p != MAP_FAILED, "mmap of the run page: %s", strerror(errno));
	return p;
}

int set_region(int vm, uint32_t slot, uint32_t flags, uint64_t gpa,
	       uint64_t size, uint64_t uaddr)
{
	struct armkvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = uaddr,
	};

	return ioctl(vm, ARMKVM_SET_USER_MEMORY_REGION, &region);
}

long capability(int sys, unsigned long cap)
{
	return OK(ioctl(sys, ARMKVM_CHECK_EXTENSION, cap));
}

size_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

int host_is_64bit(void)
{
	struct utsname name;

	OK(uname(&name));
	/* armv8l is what a 64-bit kernel tells 32-bit programs */
	return !strcmp(name.machine, "aarch64") || !strcmp(name.machine, "armv8l");
}

static void *map_anonymous(size_t size, int prot)
{
	void *p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED, "mmap of %zu bytes: %s", size, strerror(errno));
	return p;
}

void *ram(size_t size)
{
	return map_anonymous(size, PROT_READ | PROT_WRITE);
}

void *unmapped_page(void)
{
	void *p = map_anonymous(page_size(), PROT_NONE);

	OK(munmap(p, page_size()));
	return p;
}

void *readonly_page(void)
{
	return map_anonymous(page_size(), PROT_READ);
}

void *at_edge(size_t size)
{
	size_t page = page_size();
	size_t room = (size + page - 1) / page * page;
	char *p = map_anonymous(room + page, PROT_READ | PROT_WRITE);

	OK(mprotect(p + room, page, PROT_NONE));
	return p + room - size;
}

struct armkvm_reg_list *reg_list(int vcpu)
{
	struct armkvm_reg_list *list = calloc(1, sizeof(*list));
	uint64_t n;

	ERR(E2BIG, ioctl(vcpu, ARMKVM_GET_REG_LIST, list));
	n = list->n;
	CHECK(n > 0 && n < 4096, "%llu registers", (unsigned long long)n);
	free(list);
	list = calloc(1, sizeof(*list) + n * sizeof(list->reg[0]));
	list->n = n;
	OK(ioctl(vcpu, ARMKVM_GET_REG_LIST, list));
	CHECK(list->n == n, "the number of registers changed");
	return list;
}

int get_reg(int vcpu, uint64_t id, uint64_t *value)
{
	struct armkvm_one_reg reg = { .id = id };
	uint32_t v32 = 0;
	uint64_t v64 = 0;
	int r;

	reg.addr = reg_size(id) == 8 ? addr_of(&v64) : addr_of(&v32);
	r = ioctl(vcpu, ARMKVM_GET_ONE_REG, &reg);
	if (value)
		*value = reg_size(id) == 8 ? v64 : v32;
	return r;
}

int set_reg(int vcpu, uint64_t id, uint64_t value)
{
	struct armkvm_one_reg reg = { .id = id };
	uint32_t v32 = value;

	reg.addr = reg_size(id) == 8 ? addr_of(&value) : addr_of(&v32);
	return ioctl(vcpu, ARMKVM_SET_ONE_REG, &reg);
}

long module_refcount(void)
{
	FILE *f = fopen("/sys/module/armkvm/refcnt", "re");
	long count = -1;

	if (!f)
		return -1;	/* built into the kernel, or no /sys */
	if (fscanf(f, "%ld", &count) != 1)
		count = -1;
	fclose(f);
	return count;
}

/* Files of a killed process are released a little after its death. */
void wait_for_refcount(long count)
{
	struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int i;

	for (i = 0; i < 500; i++) {
		if (module_refcount() == count)
			return;
		nanosleep(&pause, NULL);
	}
	FAILED("the module has %ld references, %ld before: a VM was not released",
	       module_refcount(), count);
}
