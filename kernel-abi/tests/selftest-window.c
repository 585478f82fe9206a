// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows, and VMs of mode direct: who may have them, what they are made of, and that all of it is
 * given back.  Where the module offers no such mode: that there is none.
 */
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "selftest.h"

#include <asm/armkvm_para.h>

#define MIB	(1ULL << 20)

/* The offer, which this test is about. */
static int direct_system(void)
{
	int sys = open_system();

	if (!capability(sys, ARMKVM_CAP_PV_DIRECT))
		test_skipped("the module was not loaded with direct=1");
	return sys;
}

static int direct_vm(void)
{
	return OK(ioctl(direct_system(), ARMKVM_CREATE_VM, (unsigned long)ARMKVM_MODE_DIRECT));
}

static int create_window(int vm, uint64_t size, struct armkvm_window *window)
{
	*window = (struct armkvm_window) { .size = size };
	return ioctl(vm, ARMKVM_CREATE_WINDOW, window);
}

static void not_in_shadow(void)
{
	int sys = open_system(), vm = create_vm(sys);
	struct armkvm_window window;

	ERR(ENOTTY, create_window(vm, 16 * MIB, &window));
	CHECK(mmap(NULL, page_size(), PROT_READ, MAP_SHARED, vm, 0) == MAP_FAILED && errno == ENXIO,
	      "a VM without a window is mapped: %s", strerror(errno));
	CHECK(!(capability(sys, ARMKVM_CAP_PV) & (1L << ARMKVM_PV_PRIV)), "PROMOTE in shadow mode");
	if (!capability(sys, ARMKVM_CAP_PV_DIRECT))
		ERR(EINVAL, ioctl(sys, ARMKVM_CREATE_VM, (unsigned long)ARMKVM_MODE_DIRECT));
}

static void sizes(void)
{
	int vm = direct_vm();
	struct armkvm_window window;

	ERR(EINVAL, create_window(vm, 0, &window));
	ERR(EINVAL, create_window(vm, 16 * MIB - page_size(), &window));
	ERR(EINVAL, create_window(vm, 4096 * MIB, &window));
	ERR(EINVAL, create_window(vm, ~0ULL, &window));
	/* more than there is */
	ERR(ENOMEM, create_window(vm, 2048 * MIB, &window));
	window = (struct armkvm_window) { .size = 16 * MIB, .reserved = 1 };
	ERR(EINVAL, ioctl(vm, ARMKVM_CREATE_WINDOW, &window));
	ERR(EFAULT, ioctl(vm, ARMKVM_CREATE_WINDOW, unmapped_page()));
	OK(create_window(vm, 32 * MIB, &window));
	CHECK(window.address && window.address % ARMKVM_WINDOW_ALIGN == 0, "address %#llx",
	      (unsigned long long)window.address);
	ERR(EEXIST, create_window(vm, 16 * MIB, &window));
}

static void mappings(void)
{
	int vm = direct_vm();
	struct armkvm_window window;
	size_t size = 16 * MIB, i;
	uint32_t *p;
	pid_t child;
	int status;

	OK(create_window(vm, size, &window));
	CHECK(mmap(NULL, size, PROT_READ, MAP_PRIVATE, vm, window.offset) == MAP_FAILED && errno == EINVAL,
	      "a private mapping");
	p = mmap(NULL, size + page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, vm, window.offset);
	CHECK(p != MAP_FAILED, "mmap: %s", strerror(errno));
	for (i = 0; i < size / sizeof(*p); i++)
		CHECK(!p[i], "word %zu of the window is %#x", i, p[i]);
	p[5] = 0x12345678;
	child = fork();
	if (!child) {
		/* behind its end */
		((volatile uint32_t *)p)[size / sizeof(*p)] = 1;
		_exit(0);
	}
	waitpid(child, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS, "behind the end: status %#x", status);
	/* the memory is there as long as somebody has it mapped */
	close(vm);
	CHECK(p[5] == 0x12345678, "the window went with its descriptor");
}

static void calls(void)
{
	int vm = direct_vm();
	struct armkvm_enable_cap cap = { .cap = ARMKVM_CAP_PV };

	cap.args[0] = 1 << ARMKVM_PV_VCPU_PAGE;
	ERR(EINVAL, ioctl(vm, ARMKVM_ENABLE_CAP, &cap));
	cap.args[0] = 1 << ARMKVM_PV_PT_UPDATE;
	ERR(EINVAL, ioctl(vm, ARMKVM_ENABLE_CAP, &cap));
	/* no way to the timer */
	cap.args[0] = 1 << ARMKVM_PV_PRIV | 1 << ARMKVM_PV_MMIO;
	ERR(EINVAL, ioctl(vm, ARMKVM_ENABLE_CAP, &cap));
	cap.args[0] |= 1 << ARMKVM_PV_TIMER;
	OK(ioctl(vm, ARMKVM_ENABLE_CAP, &cap));
}

/* Without one capability, in a process of its own. */
static int without(unsigned int what, int (*run)(void))
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	pid_t child = fork();
	int status;

	if (!child) {
		if (syscall(SYS_capget, &head, data))
			_exit(1);
		data[what / 32].effective &= ~(1U << what % 32);
		data[what / 32].permitted &= ~(1U << what % 32);
		if (syscall(SYS_capset, &head, data))
			_exit(2);
		_exit(run());
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int vm_is_refused(void)
{
	int sys = open_system();

	return ioctl(sys, ARMKVM_CREATE_VM, (unsigned long)ARMKVM_MODE_DIRECT) < 0 && errno == EPERM ? 0 : 10;
}

static int window_is_refused(void)
{
	const struct rlimit limit = { .rlim_cur = 8 * MIB, .rlim_max = 8 * MIB };
	struct armkvm_window window;
	int vm = direct_vm();

	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		return 11;
	return create_window(vm, 16 * MIB, &window) < 0 && errno == ENOMEM ? 0 : 12;
}

static void rights(void)
{
	int status;

	direct_system();
	status = without(CAP_SYS_RAWIO, vm_is_refused);
	CHECK(!status, "without CAP_SYS_RAWIO: %d", status);
	status = without(CAP_IPC_LOCK, window_is_refused);
	CHECK(!status, "RLIMIT_MEMLOCK: %d", status);
}

static long available_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

static void given_back(void)
{
	long before, after;
	struct armkvm_window window;
	int i, vm;

	vm = direct_vm();
	OK(create_window(vm, 64 * MIB, &window));
	close(vm);
	before = available_kib();
	for (i = 0; i < 20; i++) {
		vm = direct_vm();
		OK(create_window(vm, 64 * MIB, &window));
		close(vm);
	}
	after = available_kib();
	CHECK(after > before - 32 * 1024, "%ld KiB available of %ld", after, before);
}

const struct test window_tests[] = {
	{ "not-in-shadow", not_in_shadow },
	{ "sizes", sizes },
	{ "mappings", mappings },
	{ "calls", calls },
	{ "rights", rights },
	{ "given-back", given_back },
	{ NULL, NULL }
};
