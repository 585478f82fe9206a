// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARMKVM_RUN with guest code: the exits, what completes them, what ends a run,
 * and that a host which offers no mode says so.
 *
 * The guests are a few ARM instructions at guest address 0, where a vCPU starts
 * in Supervisor mode with its MMU off.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "selftest.h"

#define GUEST_RAM	0x10000
#define DEVICE_GPA	0x10000000

#define MOVW_R0(x)	(0xe3000000 | ((x) & 0xf000) << 4 | ((x) & 0xfff))
#define MOVT_R0(x)	(0xe3400000 | ((x) & 0xf000) << 4 | ((x) & 0xfff))
#define HVC		0xe1400070
#define WFI		0xe320f003
#define SPIN		0xeafffffe	/* b . */
#define CPSIE_I		0xf1080080
#define MOV_R1_DEVICE	0xe3a01201	/* mov r1, #0x10000000 */
#define PSCI(nr)	MOVW_R0(nr), MOVT_R0(0x8400), HVC

#define PSCI_SYSTEM_OFF		8
#define PSCI_SYSTEM_RESET	9

struct guest {
	int sys;
	int vm;
	int vcpu;
	uint32_t *ram;
	struct armkvm_run *run;
};

static void need_shadow(int sys)
{
	if (!(capability(sys, ARMKVM_CAP_MODES) & 1L << ARMKVM_MODE_SHADOW))
		test_skipped("the module offers no guest mode here");
}

static int init_vcpu(int vcpu, int off)
{
	struct armkvm_vcpu_init init = {
		.target = ARMKVM_ARM_TARGET_HOST,
		.features = { 1U << ARMKVM_ARM_VCPU_PSCI_0_2 | (off ? 1U << ARMKVM_ARM_VCPU_POWER_OFF : 0) },
	};

	return ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init);
}

static struct guest load(const uint32_t *code, size_t bytes)
{
	struct guest g = { .sys = open_system() };

	need_shadow(g.sys);
	g.vm = create_vm(g.sys);
	g.ram = ram(GUEST_RAM);
	memcpy(g.ram, code, bytes);
	OK(set_region(g.vm, 0, 0, 0, GUEST_RAM, addr_of(g.ram)));
	g.vcpu = create_vcpu(g.vm, 0);
	OK(init_vcpu(g.vcpu, 0));
	g.run = map_run(g.sys, g.vcpu);
	return g;
}

#define LOAD(...)							\
	({								\
		static const uint32_t code[] = { __VA_ARGS__ };		\
		load(code, sizeof(code));				\
	})

static void expect_event(struct guest *g, uint32_t type)
{
	OK(ioctl(g->vcpu, ARMKVM_RUN, 0));
	CHECK(g->run->exit_reason == ARMKVM_EXIT_SYSTEM_EVENT, "exit reason %u, not a system event",
	      g->run->exit_reason);
	CHECK(g->run->system_event.type == type, "system event %u, not %u",
	      g->run->system_event.type, type);
}

static uint32_t core_reg(struct guest *g, unsigned int word)
{
	uint64_t value;

	OK(get_reg(g->vcpu, ARMKVM_REG_ARM_CORE_REG(word), &value));
	return value;
}

static void system_events(void)
{
	struct guest g = LOAD(PSCI(PSCI_SYSTEM_OFF));

	expect_event(&g, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
	CHECK(core_reg(&g, 15) == 12, "pc is %#x after the call", core_reg(&g, 15));
	g = LOAD(PSCI(PSCI_SYSTEM_RESET));
	expect_event(&g, ARMKVM_SYSTEM_EVENT_RESET);
	/* a reset vCPU starts again */
	OK(init_vcpu(g.vcpu, 0));
	expect_event(&g, ARMKVM_SYSTEM_EVENT_RESET);
}

static void expect_mmio(struct guest *g, uint64_t gpa, uint32_t len, int is_write)
{
	OK(ioctl(g->vcpu, ARMKVM_RUN, 0));
	CHECK(g->run->exit_reason == ARMKVM_EXIT_MMIO, "exit reason %u, not MMIO", g->run->exit_reason);
	CHECK(g->run->mmio.phys_addr == gpa && g->run->mmio.len == len &&
	      g->run->mmio.is_write == is_write,
	      "%s of %u bytes at %#llx", g->run->mmio.is_write ? "write" : "read", g->run->mmio.len,
	      (unsigned long long)g->run->mmio.phys_addr);
}

static void mmio(void)
{
	struct guest g = LOAD(MOV_R1_DEVICE,
			      MOVW_R0(0xa55a),
			      0xe5c10000,	/* strb r0, [r1] */
			      0xe1c100b2,	/* strh r0, [r1, #2] */
			      0xe5912004,	/* ldr r2, [r1, #4] */
			      0xe1d130d8,	/* ldrsb r3, [r1, #8] */
			      PSCI(PSCI_SYSTEM_OFF));
	uint32_t word = 0x12345678;

	expect_mmio(&g, DEVICE_GPA, 1, 1);
	CHECK(g.run->mmio.data[0] == 0x5a, "wrote %#x", g.run->mmio.data[0]);
	expect_mmio(&g, DEVICE_GPA + 2, 2, 1);
	CHECK(g.run->mmio.data[0] == 0x5a && g.run->mmio.data[1] == 0xa5, "wrote %#x, %#x",
	      g.run->mmio.data[0], g.run->mmio.data[1]);
	expect_mmio(&g, DEVICE_GPA + 4, 4, 0);
	memcpy(g.run->mmio.data, &word, sizeof(word));
	expect_mmio(&g, DEVICE_GPA + 8, 1, 0);
	CHECK(core_reg(&g, 2) == word, "read %#x", core_reg(&g, 2));
	g.run->mmio.data[0] = 0x80;
	expect_event(&g, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
	CHECK(core_reg(&g, 3) == 0xffffff80, "read %#x", core_reg(&g, 3));
}

/* A launcher that wants the registers enters once more: the access is complete then. */
static void mmio_completed_first(void)
{
	struct guest g = LOAD(MOV_R1_DEVICE,
			      0xe5912004,	/* ldr r2, [r1, #4] */
			      PSCI(PSCI_SYSTEM_OFF));
	uint32_t word = 0xcafef00d;

	expect_mmio(&g, DEVICE_GPA + 4, 4, 0);
	memcpy(g.run->mmio.data, &word, sizeof(word));
	g.run->immediate_exit = 1;
	ERR(EINTR, ioctl(g.vcpu, ARMKVM_RUN, 0));
	CHECK(g.run->exit_reason == ARMKVM_EXIT_INTR, "exit reason %u", g.run->exit_reason);
	CHECK(core_reg(&g, 2) == word, "r2 is %#x", core_reg(&g, 2));
	CHECK(core_reg(&g, 15) == 8, "pc is %#x", core_reg(&g, 15));
	g.run->immediate_exit = 0;
	expect_event(&g, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

static void alarm_in(unsigned int ms)
{
	struct itimerval timer = { .it_value = { .tv_usec = ms * 1000 } };
	struct sigaction action = { .sa_handler = on_alarm };

	OK(sigaction(SIGVTALRM, &action, NULL));
	OK(sigaction(SIGALRM, &action, NULL));
	alarms = 0;
	OK(setitimer(ITIMER_REAL, &timer, NULL));
}

static void expect_interrupted(struct guest *g)
{
	alarm_in(50);
	ERR(EINTR, ioctl(g->vcpu, ARMKVM_RUN, 0));
	CHECK(alarms == 1, "%d signals", (int)alarms);
	CHECK(g->run->exit_reason == ARMKVM_EXIT_INTR, "exit reason %u", g->run->exit_reason);
}

/* A guest that never leaves, one that sleeps, one that is off: a signal ends each run. */
static void signals(void)
{
	struct guest g = LOAD(SPIN);
	struct timespec from, to;
	long ms;

	expect_interrupted(&g);
	expect_interrupted(&g);
	CHECK(core_reg(&g, 15) == 0, "pc is %#x", core_reg(&g, 15));
	g = LOAD(WFI, SPIN);
	expect_interrupted(&g);
	g = LOAD(PSCI(PSCI_SYSTEM_OFF));
	close(g.vcpu);
	g.vcpu = create_vcpu(g.vm, 1);
	g.run = map_run(g.sys, g.vcpu);
	OK(init_vcpu(g.vcpu, 1));
	OK(clock_gettime(CLOCK_MONOTONIC, &from));
	expect_interrupted(&g);
	OK(clock_gettime(CLOCK_MONOTONIC, &to));
	ms = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
	CHECK(ms < 2000, "a signal after 50 ms ended the run after %ld ms", ms);
}

/* Nothing at the vectors either: the guest takes aborts for ever, and harms nobody. */
static void no_memory(void)
{
	struct guest g = LOAD(SPIN);

	OK(set_region(g.vm, 0, 0, 0, 0, addr_of(g.ram)));
	expect_interrupted(&g);
	CHECK((core_reg(&g, 16) & 0x1f) == 0x17, "mode %#x, not Abort", core_reg(&g, 16) & 0x1f);
}

static int set_line(int vm, unsigned int pin, unsigned int level)
{
	struct armkvm_irq_level line = {
		.irq = ARMKVM_IRQ_TYPE_CPU << ARMKVM_IRQ_TYPE_SHIFT | pin,
		.level = level,
	};

	return ioctl(vm, ARMKVM_IRQ_LINE, &line);
}

static void *raise_line(void *opaque)
{
	struct guest *g = opaque;

	usleep(50000);
	OK(set_line(g->vm, ARMKVM_IRQ_CPU_IRQ, 1));
	return NULL;
}

/* WFI ends with a pending interrupt, masked or not; a spinning guest takes it. */
static void interrupts(void)
{
	struct guest g = LOAD(WFI, PSCI(PSCI_SYSTEM_OFF));
	pthread_t thread;

	OK(-pthread_create(&thread, NULL, raise_line, &g));
	expect_event(&g, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
	OK(-pthread_join(thread, NULL));

	g = LOAD(0xea000005,		/* b 0x1c */
		 SPIN, SPIN, SPIN, SPIN, SPIN,
		 0xea000001,		/* 0x18, the IRQ vector: b 0x24 */
		 CPSIE_I, SPIN,
		 PSCI(PSCI_SYSTEM_RESET));
	OK(-pthread_create(&thread, NULL, raise_line, &g));
	expect_event(&g, ARMKVM_SYSTEM_EVENT_RESET);
	OK(-pthread_join(thread, NULL));
	CHECK((core_reg(&g, 16) & 0x1f) == 0x12, "mode %#x, not IRQ", core_reg(&g, 16) & 0x1f);
	OK(set_line(g.vm, ARMKVM_IRQ_CPU_IRQ, 0));
}

static void line_errors(void)
{
	struct guest g = LOAD(SPIN);
	struct armkvm_irq_level line = { .irq = ARMKVM_IRQ_TYPE_CPU << ARMKVM_IRQ_TYPE_SHIFT, .level = 2 };

	ERR(EINVAL, ioctl(g.vm, ARMKVM_IRQ_LINE, &line));
	ERR(EINVAL, set_line(g.vm, 2, 1));
	line.level = 1;
	line.irq = 1 << ARMKVM_IRQ_VCPU_SHIFT;
	ERR(EINVAL, ioctl(g.vm, ARMKVM_IRQ_LINE, &line));
	line.irq = 0xffU << ARMKVM_IRQ_TYPE_SHIFT;
	ERR(EINVAL, ioctl(g.vm, ARMKVM_IRQ_LINE, &line));
	ERR(EFAULT, ioctl(g.vm, ARMKVM_IRQ_LINE, NULL));
}

/* A module without a mode (parameter shadow=0) answers, and answers always so. */
static void no_mode(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu_inited(vm, 0);

	if (capability(sys, ARMKVM_CAP_MODES) & 1L << ARMKVM_MODE_SHADOW)
		test_skipped("the module offers the mode; 'insmod armkvm.ko shadow=0' doesn't");
	ERR(ENOSYS, ioctl(vcpu, ARMKVM_RUN, 0));
	ERR(ENOSYS, ioctl(vcpu, ARMKVM_RUN, 0));
}

const struct test run_tests[] = {
	{ "system-events", system_events },
	{ "mmio", mmio },
	{ "mmio-completed-first", mmio_completed_first },
	{ "signals", signals },
	{ "no-memory", no_memory },
	{ "interrupts", interrupts },
	{ "line-errors", line_errors },
	{ "no-mode", no_mode },
	{ NULL, NULL }
};
