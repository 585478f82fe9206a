// SPDX-License-Identifier: GPL-2.0-only
/* vCPUs: creation, initialisation, states, ARMKVM_RUN's errors, the run page. */
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "selftest.h"

static void create_ids(void)
{
	int sys = open_system(), vm = create_vm(sys);
	long ids = capability(sys, ARMKVM_CAP_MAX_VCPU_ID);
	int vcpu = create_vcpu(vm, ids - 1);

	ERR(EEXIST, ioctl(vm, ARMKVM_CREATE_VCPU, ids - 1));
	ERR(EINVAL, ioctl(vm, ARMKVM_CREATE_VCPU, ids));
	ERR(EINVAL, ioctl(vm, ARMKVM_CREATE_VCPU, ids + 1));
	ERR(EINVAL, ioctl(vm, ARMKVM_CREATE_VCPU, 0x7fffffffUL));
	ERR(EINVAL, ioctl(vm, ARMKVM_CREATE_VCPU, 0x80000000UL));
	ERR(EINVAL, ioctl(vm, ARMKVM_CREATE_VCPU, ~0UL));
	if (sizeof(long) == 8)
		ERR(EINVAL, ioctl(vm, ARMKVM_CREATE_VCPU, (unsigned long)(1ULL << 32)));
	/* a closed vCPU is still the VM's */
	OK(close(vcpu));
	ERR(EEXIST, ioctl(vm, ARMKVM_CREATE_VCPU, ids - 1));
}

static void create_all(void)
{
	int sys = open_system(), vm = create_vm(sys), other = create_vm(sys);
	long n = capability(sys, ARMKVM_CAP_MAX_VCPUS), i;

	for (i = n - 1; i >= 0; i--)
		create_vcpu_inited(vm, i);
	for (i = 0; i < n; i++)
		ERR(EEXIST, ioctl(vm, ARMKVM_CREATE_VCPU, i));
	ERR(EINVAL, ioctl(vm, ARMKVM_CREATE_VCPU, n));
	/* another VM has ids of its own */
	create_vcpu(other, 0);
}

static void preferred_target(void)
{
	struct armkvm_vcpu_init init;
	int vm = create_vm(open_system());
	size_t i;

	memset(&init, 0xff, sizeof(init));
	OK(ioctl(vm, ARMKVM_ARM_PREFERRED_TARGET, &init));
	CHECK(init.target == ARMKVM_ARM_TARGET_HOST, "target %u", init.target);
	for (i = 0; i < ARRAY_SIZE(init.features); i++)
		CHECK(init.features[i] == 0, "features[%zu] is %#x", i, init.features[i]);
	ERR(EFAULT, ioctl(vm, ARMKVM_ARM_PREFERRED_TARGET, NULL));
	ERR(EFAULT, ioctl(vm, ARMKVM_ARM_PREFERRED_TARGET, readonly_page()));
	ERR(EFAULT, ioctl(vm, ARMKVM_ARM_PREFERRED_TARGET, at_edge(sizeof(init) - 1)));
}

static int init_with(int vcpu, uint32_t target, uint32_t features)
{
	struct armkvm_vcpu_init init = { .target = target, .features = { features } };

	return ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init);
}

static void init_errors(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu(vm, 0);
	struct armkvm_vcpu_init init = { 0 };
	unsigned int i;

	for (i = 1; i; i <<= 1)
		ERR(EINVAL, init_with(vcpu, i, 0));
	for (i = 0; i < 32; i++)
		if (i != ARMKVM_ARM_VCPU_POWER_OFF && i != ARMKVM_ARM_VCPU_PSCI_0_2)
			ERR(ENOENT, init_with(vcpu, 0, 1U << i));
	if (!capability(sys, ARMKVM_CAP_ARM_PSCI_0_2))
		ERR(ENOENT, init_with(vcpu, 0, 1U << ARMKVM_ARM_VCPU_PSCI_0_2));
	for (i = 1; i < ARRAY_SIZE(init.features); i++) {
		memset(&init, 0, sizeof(init));
		init.features[i] = 1;
		ERR(ENOENT, ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init));
	}
	ERR(EFAULT, ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, NULL));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, at_edge(sizeof(init) - 1)));
	/* no failure initialised it */
	ERR(ENOEXEC, get_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(0), NULL));
	OK(init_with(vcpu, 0, 0));
	OK(get_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(0), NULL));
}

static void init_again(void)
{
	int vm = create_vm(open_system()), vcpu = create_vcpu(vm, 0);

	OK(init_with(vcpu, 0, 1U << ARMKVM_ARM_VCPU_POWER_OFF));
	OK(init_with(vcpu, 0, 1U << ARMKVM_ARM_VCPU_POWER_OFF));
	ERR(EINVAL, init_with(vcpu, 0, 0));
	ERR(EINVAL, init_with(vcpu, 1, 1U << ARMKVM_ARM_VCPU_POWER_OFF));
	vcpu = create_vcpu(vm, 1);
	OK(init_with(vcpu, 0, 0));
	ERR(EINVAL, init_with(vcpu, 0, 1U << ARMKVM_ARM_VCPU_POWER_OFF));
}

static void before_init(void)
{
	int vm = create_vm(open_system()), vcpu = create_vcpu(vm, 0);
	struct armkvm_reg_list list = { 0 };

	ERR(ENOEXEC, get_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(0), NULL));
	ERR(ENOEXEC, set_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(0), 0));
	ERR(ENOEXEC, ioctl(vcpu, ARMKVM_GET_REG_LIST, &list));
	ERR(ENOEXEC, ioctl(vcpu, ARMKVM_RUN, 0));
}

static uint32_t mp_state(int vcpu)
{
	struct armkvm_mp_state state = { .mp_state = 0xdeadbeef };

	OK(ioctl(vcpu, ARMKVM_GET_MP_STATE, &state));
	return state.mp_state;
}

static int set_mp_state(int vcpu, uint32_t value)
{
	struct armkvm_mp_state state = { .mp_state = value };

	return ioctl(vcpu, ARMKVM_SET_MP_STATE, &state);
}

static void mp_states(void)
{
	static const uint32_t valid[] = {
		ARMKVM_MP_STATE_RUNNABLE, ARMKVM_MP_STATE_HALTED, ARMKVM_MP_STATE_STOPPED,
	};
	static const uint32_t invalid[] = { 1, 2, 4, 6, 7, 8, 9, 10, 0x80000000, 0xffffffff };
	int vm = create_vm(open_system()), vcpu = create_vcpu_inited(vm, 0);
	size_t i;

	CHECK(mp_state(vcpu) == ARMKVM_MP_STATE_RUNNABLE, "after init: %u", mp_state(vcpu));
	for (i = 0; i < ARRAY_SIZE(valid); i++) {
		OK(set_mp_state(vcpu, valid[i]));
		CHECK(mp_state(vcpu) == valid[i], "%u, not %u", mp_state(vcpu), valid[i]);
	}
	for (i = 0; i < ARRAY_SIZE(invalid); i++)
		ERR(EINVAL, set_mp_state(vcpu, invalid[i]));
	CHECK(mp_state(vcpu) == ARMKVM_MP_STATE_STOPPED, "a refused state was taken");
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_MP_STATE, NULL));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_MP_STATE, readonly_page()));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_MP_STATE, NULL));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_MP_STATE, at_edge(3)));
	/* a reset starts it, or not, as its features say */
	OK(init_with(vcpu, 0, 0));
	CHECK(mp_state(vcpu) == ARMKVM_MP_STATE_RUNNABLE, "after reset: %u", mp_state(vcpu));
	vcpu = create_vcpu(vm, 1);
	OK(init_with(vcpu, 0, 1U << ARMKVM_ARM_VCPU_POWER_OFF));
	CHECK(mp_state(vcpu) == ARMKVM_MP_STATE_STOPPED, "powered off: %u", mp_state(vcpu));
}

static void run_errors(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu_inited(vm, 0);
	struct armkvm_run *run = map_run(sys, vcpu);

	ERR(EINVAL, ioctl(vcpu, ARMKVM_RUN, 1UL));
	ERR(EINVAL, ioctl(vcpu, ARMKVM_RUN, run));
	run->immediate_exit = 1;
	ERR(EINTR, ioctl(vcpu, ARMKVM_RUN, 0));
	CHECK(run->exit_reason == ARMKVM_EXIT_INTR, "exit reason %u", run->exit_reason);
}

static void run_signal(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu_inited(vm, 0);
	struct armkvm_run *run = map_run(sys, vcpu);
	sigset_t set;

	/* a blocked signal is not pending for this purpose */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	OK(raise(SIGUSR1));
	run->immediate_exit = 1;
	ERR(EINTR, ioctl(vcpu, ARMKVM_RUN, 0));
	run->immediate_exit = 0xff;
	ERR(EINTR, ioctl(vcpu, ARMKVM_RUN, 0));
}

static sigjmp_buf fault;

static void on_fault(int sig)
{
	siglongjmp(fault, sig);
}

/* Does touching @p raise @sig? */
static void expect_fault(int sig, volatile char *p, const char *what)
{
	int got;

	signal(SIGBUS, on_fault);
	signal(SIGSEGV, on_fault);
	got = sigsetjmp(fault, 1);
	if (!got) {
		(void)*p;
		FAILED("%s could be read", what);
	}
	CHECK(got == sig, "%s: signal %d, not %d", what, got, sig);
}

static void run_page(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu(vm, 0);
	long size = OK(ioctl(sys, ARMKVM_GET_VCPU_MMAP_SIZE, 0));
	unsigned char *a = (void *)map_run(sys, vcpu), *b = (void *)map_run(sys, vcpu), *c;
	long i;

	for (i = 0; i < size; i++)
		CHECK(a[i] == 0, "byte %ld of a new run page is %#x", i, a[i]);
	for (i = 0; i < size; i++)
		a[i] = i * 7 + 1;
	for (i = 0; i < size; i++)
		CHECK(b[i] == (unsigned char)(i * 7 + 1), "two mappings differ at %ld", i);
	/* another vCPU has another page */
	c = (void *)map_run(sys, create_vcpu(vm, 1));
	CHECK(c[0] == 0 && c[1] == 0, "vCPUs share a run page");
	OK(munmap(a, size));
	CHECK(b[1] == 8, "unmapping one took the other");
}

static void run_page_bounds(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu(vm, 0);
	size_t page = page_size();
	size_t size = OK(ioctl(sys, ARMKVM_GET_VCPU_MMAP_SIZE, 0));
	volatile char *p;

	/* more than there is: what is there works, the rest is a bus error */
	p = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (p != MAP_FAILED) {
		(void)p[0];
		(void)p[size - 1];
		expect_fault(SIGBUS, p + size, "the page after the run page");
	} else {
		CHECK(errno == EINVAL, "too long a mapping: %s", strerror(errno));
	}
	p = mmap(NULL, page, PROT_READ, MAP_SHARED, vcpu, size);
	if (p != MAP_FAILED)
		expect_fault(SIGBUS, p, "an offset behind the run page");
	else
		CHECK(errno == EINVAL, "an offset behind: %s", strerror(errno));
	p = mmap(NULL, page, PROT_READ, MAP_SHARED, vcpu, 1UL << 30);
	if (p != MAP_FAILED)
		expect_fault(SIGBUS, p, "an offset far behind the run page");
	else
		CHECK(errno == EINVAL, "an offset far behind: %s", strerror(errno));
	/* nothing else can be mapped */
	CHECK(mmap(NULL, page, PROT_READ, MAP_SHARED, vm, 0) == MAP_FAILED, "VM mapped");
	CHECK(mmap(NULL, page, PROT_READ, MAP_SHARED, sys, 0) == MAP_FAILED, "device mapped");
}

/* The mapping keeps the page and the VM alive. */
static void run_page_outlives(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu(vm, 0);
	long size = OK(ioctl(sys, ARMKVM_GET_VCPU_MMAP_SIZE, 0)), i;
	volatile unsigned char *p = (void *)map_run(sys, vcpu);

	p[0] = 0x5a;
	OK(close(vcpu));
	OK(close(vm));
	OK(close(sys));
	CHECK(p[0] == 0x5a, "lost with its descriptor");
	for (i = 0; i < size; i++)
		p[i] = i;
	OK(munmap((void *)p, size));
}

const struct test vcpu_tests[] = {
	{ "create-ids", create_ids },
	{ "create-all", create_all },
	{ "preferred-target", preferred_target },
	{ "init-errors", init_errors },
	{ "init-again", init_again },
	{ "before-init", before_init },
	{ "mp-states", mp_states },
	{ "run-errors", run_errors },
	{ "run-signal", run_signal },
	{ "run-page", run_page },
	{ "run-page-bounds", run_page_bounds },
	{ "run-page-outlives", run_page_outlives },
	{ NULL, NULL }
};
