// SPDX-License-Identifier: GPL-2.0-only
/* /dev/armkvm itself: version, capabilities, creation, unknown calls, permission. */
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "selftest.h"

static void version(void)
{
	int sys = open_system();
	long v = OK(ioctl(sys, ARMKVM_GET_API_VERSION, 0));

	CHECK(v == ARMKVM_API_VERSION, "API version %ld", v);
	ERR(EINVAL, ioctl(sys, ARMKVM_GET_API_VERSION, 1UL));
}

static void mmap_size(void)
{
	int sys = open_system();
	long size = OK(ioctl(sys, ARMKVM_GET_VCPU_MMAP_SIZE, 0));

	CHECK(size >= (long)sizeof(struct armkvm_run), "%ld bytes", size);
	CHECK(size % page_size() == 0, "%ld bytes are no pages", size);
	ERR(EINVAL, ioctl(sys, ARMKVM_GET_VCPU_MMAP_SIZE, 1UL));
}

/* What the release's documentation says; AT_LEAST: or more. */
enum { EXACTLY, AT_LEAST };

static const struct {
	unsigned int cap;
	int how;
	long value;
	const char *name;
} caps[] = {
#define CAP(how, name, value)	{ ARMKVM_CAP_##name, how, value, #name }
	CAP(EXACTLY, USER_MEMORY, 1),
	CAP(AT_LEAST, NR_VCPUS, 1),
	CAP(AT_LEAST, NR_MEMSLOTS, 32),
	CAP(EXACTLY, MP_STATE, 1),
	CAP(EXACTLY, DESTROY_MEMORY_REGION_WORKS, 1),
	CAP(AT_LEAST, MAX_VCPUS, 1),
	CAP(EXACTLY, ONE_REG, 1),
	CAP(EXACTLY, READONLY_MEM, 1),
	CAP(EXACTLY, ENABLE_CAP_VM, 1),
	CAP(AT_LEAST, MAX_VCPU_ID, 1),
	CAP(EXACTLY, IMMEDIATE_EXIT, 1),
	CAP(AT_LEAST, MANUAL_DIRTY_LOG_PROTECT2, 1),
	CAP(EXACTLY, BINARY_STATS_FD, 1),
	CAP(AT_LEAST, REG_VALUES, 200),
};

static void capabilities(void)
{
	int sys = open_system(), vm = create_vm(sys);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		long value = capability(sys, caps[i].cap);

		CHECK(caps[i].how == AT_LEAST ? value >= caps[i].value :
						value == caps[i].value,
		      "%s is %ld, not %ld", caps[i].name, value, caps[i].value);
	}
	CHECK(capability(sys, ARMKVM_CAP_NR_VCPUS) <= capability(sys, ARMKVM_CAP_MAX_VCPUS),
	      "more vCPUs recommended than possible");
	CHECK(capability(sys, ARMKVM_CAP_MAX_VCPUS) <= capability(sys, ARMKVM_CAP_MAX_VCPU_ID),
	      "fewer ids than vCPUs");
	CHECK((capability(sys, ARMKVM_CAP_MODES) & ~7L) == 0, "unknown modes");
	/* All of them are at or below this; the VM must say the same. */
	for (i = 0; i <= 0x10010; i++) {
		long value = capability(sys, i);

		CHECK(value >= 0, "capability %zu is %ld", i, value);
		CHECK(OK(ioctl(vm, ARMKVM_CHECK_EXTENSION, i)) == value,
		      "capability %zu differs between system and VM", i);
	}
}

static void unknown_capabilities(void)
{
	static const unsigned long unknown[] = {
		1, 2, 4, 0x7fff, 0xffff, 0x1000b, 0x10010, 0x7fffffff,
		0x80000000UL, 0xffffffffUL, ~0UL,
	};
	int sys = open_system();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		CHECK(capability(sys, unknown[i]) == 0, "capability %#lx", unknown[i]);
}

static void create_modes(void)
{
	int sys = open_system();
	long modes = capability(sys, ARMKVM_CAP_MODES);
	unsigned long mode;

	close(create_vm(sys));
	for (mode = ARMKVM_MODE_DIRECT; mode <= ARMKVM_MODE_TRUSTZONE; mode++)
		if (modes & (1L << mode))
			close(OK(ioctl(sys, ARMKVM_CREATE_VM, mode)));
		else
			ERR(EINVAL, ioctl(sys, ARMKVM_CREATE_VM, mode));
	ERR(EINVAL, ioctl(sys, ARMKVM_CREATE_VM, 3UL));
	ERR(EINVAL, ioctl(sys, ARMKVM_CREATE_VM, 0x80000000UL));
	ERR(EINVAL, ioctl(sys, ARMKVM_CREATE_VM, ~0UL));
}

/* Numbers that are no call of this kind of descriptor. */
static void expect_unknown(int fd, const char *kind, const unsigned int *nr, size_t n)
{
	static char big[16384];
	size_t i;
	int r;

	for (i = 0; i < n; i++) {
		errno = 0;
		r = ioctl(fd, nr[i], big);
		CHECK(r < 0 && errno == ENOTTY, "%s descriptor, %#x: %d, %s",
		      kind, nr[i], r, strerror(errno));
	}
}

static const unsigned int never[] = {
	0, 0xffffffffU,
	_IO(ARMKVMIO, 0x02), _IO(ARMKVMIO, 0xff), _IO(ARMKVMIO, 0x40),
	_IO(0xAE, 0x00), _IO(0xAE, 0x01), _IO(0xAE, 0x80),	/* KVM's own */
	_IO('T', 1),
	/* right number, wrong direction or size */
	_IOR(ARMKVMIO, 0x00, int), _IOW(ARMKVMIO, 0x01, int),
	_IOR(ARMKVMIO, 0x46, struct armkvm_userspace_memory_region),
	_IOW(ARMKVMIO, 0x46, struct armkvm_dirty_log),
	_IOW(ARMKVMIO, 0x80, int), _IOWR(ARMKVMIO, 0xab, struct armkvm_one_reg),
	_IOC(_IOC_READ | _IOC_WRITE, ARMKVMIO, 0xb0, 0x3fff),
};

static const unsigned int system_only[] = {
	ARMKVM_GET_API_VERSION, ARMKVM_CREATE_VM, ARMKVM_GET_VCPU_MMAP_SIZE,
	ARMKVM_GIVE_MM,
};

static const unsigned int vm_only[] = {
	ARMKVM_CREATE_VCPU, ARMKVM_GET_DIRTY_LOG, ARMKVM_SET_USER_MEMORY_REGION,
	ARMKVM_ENABLE_CAP, ARMKVM_ARM_PREFERRED_TARGET, ARMKVM_CLEAR_DIRTY_LOG,
	ARMKVM_IRQ_LINE, ARMKVM_IRQFD, ARMKVM_IOEVENTFD, ARMKVM_CREATE_DEVICE,
	ARMKVM_MEMORY_WRITTEN,
};

static const unsigned int vcpu_only[] = {
	ARMKVM_RUN, ARMKVM_GET_MP_STATE, ARMKVM_SET_MP_STATE, ARMKVM_GET_ONE_REG,
	ARMKVM_SET_ONE_REG, ARMKVM_ARM_VCPU_INIT, ARMKVM_GET_REG_LIST,
	ARMKVM_SET_GUEST_DEBUG, ARMKVM_GET_VCPU_EVENTS, ARMKVM_SET_VCPU_EVENTS,
	ARMKVM_EMULATED, ARMKVM_ACCESS, ARMKVM_GET_LINES, ARMKVM_GET_REG_VALUES,
	ARMKVM_SET_REG_VALUES,
};

static const unsigned int device_only[] = {
	ARMKVM_SET_DEVICE_ATTR, ARMKVM_GET_DEVICE_ATTR, ARMKVM_HAS_DEVICE_ATTR,
};

#define UNKNOWN(fd, kind, list)	expect_unknown(fd, kind, list, ARRAY_SIZE(list))

static void unknown_calls(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu_inited(vm, 0);

	UNKNOWN(sys, "system", never);
	UNKNOWN(sys, "system", vm_only);
	UNKNOWN(sys, "system", vcpu_only);
	UNKNOWN(sys, "system", device_only);
	UNKNOWN(vm, "VM", never);
	UNKNOWN(vm, "VM", system_only);
	UNKNOWN(vm, "VM", vcpu_only);
	UNKNOWN(vcpu, "vCPU", never);
	UNKNOWN(vcpu, "vCPU", system_only);
	UNKNOWN(vcpu, "vCPU", vm_only);
	UNKNOWN(vcpu, "vCPU", device_only);
}

/* A call whose capability reads 0 is not there at all. */
static void absent_calls(void)
{
	static const struct {
		unsigned int cap, nr;
		int on_vcpu;
	} calls[] = {
		{ ARMKVM_CAP_IRQFD, ARMKVM_IRQFD, 0 },
		{ ARMKVM_CAP_IOEVENTFD, ARMKVM_IOEVENTFD, 0 },
		{ ARMKVM_CAP_DEVICE_CTRL, ARMKVM_CREATE_DEVICE, 0 },
		{ ARMKVM_CAP_SET_GUEST_DEBUG, ARMKVM_SET_GUEST_DEBUG, 1 },
		{ ARMKVM_CAP_VCPU_EVENTS, ARMKVM_GET_VCPU_EVENTS, 1 },
		{ ARMKVM_CAP_VCPU_EVENTS, ARMKVM_SET_VCPU_EVENTS, 1 },
		{ ARMKVM_CAP_MEMORY_WRITTEN, ARMKVM_MEMORY_WRITTEN, 0 },
	};
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu_inited(vm, 0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (!capability(sys, calls[i].cap))
			expect_unknown(calls[i].on_vcpu ? vcpu : vm, "absent call,",
				       &calls[i].nr, 1);
}

static void close_on_exec(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu(vm, 0);
	int stats = OK(ioctl(vm, ARMKVM_GET_STATS_FD, 0));

	CHECK(OK(fcntl(vm, F_GETFD)) & FD_CLOEXEC, "VM descriptor");
	CHECK(OK(fcntl(vcpu, F_GETFD)) & FD_CLOEXEC, "vCPU descriptor");
	CHECK(OK(fcntl(stats, F_GETFD)) & FD_CLOEXEC, "statistics descriptor");
}

/* No descriptor left: the call fails and nothing stays behind. */
static void no_descriptors(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu;
	struct rlimit old, none;

	OK(getrlimit(RLIMIT_NOFILE, &old));
	none = old;
	none.rlim_cur = vm + 1;
	OK(setrlimit(RLIMIT_NOFILE, &none));
	ERR(EMFILE, ioctl(sys, ARMKVM_CREATE_VM, 0UL));
	ERR(EMFILE, ioctl(vm, ARMKVM_CREATE_VCPU, 0UL));
	ERR(EMFILE, ioctl(vm, ARMKVM_GET_STATS_FD, 0UL));
	OK(setrlimit(RLIMIT_NOFILE, &old));
	/* The id of the failed call is free. */
	vcpu = create_vcpu(vm, 0);
	CHECK(vcpu == vm + 1, "a descriptor leaked: %d", vcpu);
}

static void permission(void)
{
	struct stat st;
	int status;
	pid_t pid;

	OK(stat(DEVICE, &st));
	CHECK(S_ISCHR(st.st_mode), "not a character device");
	CHECK((st.st_mode & 0007) == 0, "mode %04o: anyone may use it", st.st_mode & 07777);
	if (geteuid())
		test_skipped("needs root to become nobody");
	pid = OK(fork());
	if (!pid) {
		if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
			_exit(2);
		_exit(open(DEVICE, O_RDWR) < 0 && errno == EACCES ? 0 : 1);
	}
	OK(waitpid(pid, &status, 0));
	CHECK(status == 0, "an unprivileged user could open the device (%#x)", status);
}

/* Privilege is checked at open only: a descriptor that was handed down works. */
static void unprivileged_use(void)
{
	int sys = open_system(), status;
	pid_t pid;

	if (geteuid())
		test_skipped("needs root to become nobody");
	pid = OK(fork());
	if (!pid) {
		int vm, vcpu;

		if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
			_exit(2);
		vm = create_vm(sys);
		vcpu = create_vcpu_inited(vm, 0);
		OK(set_region(vm, 0, 0, 0, page_size(), addr_of(ram(page_size()))));
		_exit(vcpu < 0);
	}
	OK(waitpid(pid, &status, 0));
	CHECK(status == 0, "failed without privileges (%#x)", status);
}

/* A child gives its address space @times and ends; returns the last errno, or 0. */
static int child_gives(int sys, int times)
{
	int status, i;
	pid_t pid = OK(fork());

	if (!pid) {
		int err = 0;

		for (i = 0; i < times; i++)
			err = ioctl(sys, ARMKVM_GIVE_MM, ARMKVM_GIVE_MM_MINE) ? errno : 0;
		_exit(err);
	}
	OK(waitpid(pid, &status, 0));
	CHECK(WIFEXITED(status), "the child ended with %#x", status);
	return WEXITSTATUS(status);
}

/*
 * The module takes as many address spaces as it says it wants, each when its process has ended;
 * the guests of the tests behind this one run with them.
 */
static void give_mm(void)
{
	int sys = open_system(), wanted, left, i;

	if (!capability(sys, ARMKVM_CAP_GIVE_MM))
		test_skipped("this host needs none");
	ERR(EINVAL, ioctl(sys, ARMKVM_GIVE_MM, 2UL));
	ERR(EINVAL, ioctl(sys, ARMKVM_GIVE_MM, ~0UL));
	wanted = OK(ioctl(sys, ARMKVM_GIVE_MM, ARMKVM_GIVE_MM_WANTED));
	for (i = wanted; i > 0; i--) {
		CHECK(child_gives(sys, 2) == EBUSY, "the same one twice");
		left = OK(ioctl(sys, ARMKVM_GIVE_MM, ARMKVM_GIVE_MM_WANTED));
		CHECK(left == i - 1, "%d are wanted, there were %d", left, i);
	}
	CHECK(child_gives(sys, 1) == EBUSY, "one too many");
}

const struct test system_tests[] = {
	{ "version", version },
	{ "mmap-size", mmap_size },
	{ "capabilities", capabilities },
	{ "unknown-capabilities", unknown_capabilities },
	{ "create-modes", create_modes },
	{ "unknown-calls", unknown_calls },
	{ "absent-calls", absent_calls },
	{ "close-on-exec", close_on_exec },
	{ "no-descriptors", no_descriptors },
	{ "permission", permission },
	{ "unprivileged-use", unprivileged_use },
	{ "give-mm", give_mm },
	{ NULL, NULL }
};
