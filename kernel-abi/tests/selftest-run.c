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

/* Pages [0, 64) of slot 1, as the log has them. */
static uint64_t dirty_pages(struct guest *g)
{
	uint64_t bits = 0;
	struct armkvm_dirty_log log = { .slot = 1, .dirty_bitmap = addr_of(&bits) };

	OK(ioctl(g->vm, ARMKVM_GET_DIRTY_LOG, &log));
	return bits;
}

/* What the guest writes is logged, each time after it was asked for; what it reads is not. */
static void dirty_log(void)
{
	struct guest g = LOAD(0xe3a01601,	/* mov r1, #0x100000 */
			      0xe3a02201,	/* mov r2, #0x10000000 */
			      0xe5913000,	/* loop: ldr r3, [r1] */
			      0xe2813a01,	/* add r3, r1, #0x1000 */
			      0xe5833000,	/* str r3, [r3] */
			      0xe2833a03,	/* add r3, r3, #0x3000 */
			      0xe5c33fff,	/* strb r3, [r3, #0xfff] */
			      0xe5820000,	/* str r0, [r2] */
			      0xeafffff8);	/* b loop */
	unsigned char *logged = ram(64 * 4096);
	struct armkvm_clear_dirty_log clear = { .slot = 1, .num_pages = 64 };
	struct armkvm_enable_cap manual = { .cap = ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { 1 } };
	uint64_t bits = 1 << 4, got;

	OK(set_region(g.vm, 1, ARMKVM_MEM_LOG_DIRTY_PAGES, 0x100000, 64 * 4096, addr_of(logged)));
	expect_mmio(&g, DEVICE_GPA, 4, 1);
	got = dirty_pages(&g);
	CHECK(got == 0x12, "dirty pages %#llx, not 0x12", (unsigned long long)got);
	got = dirty_pages(&g);
	CHECK(got == 0, "dirty pages %#llx without a write", (unsigned long long)got);
	expect_mmio(&g, DEVICE_GPA, 4, 1);
	got = dirty_pages(&g);
	CHECK(got == 0x12, "dirty pages %#llx the second time", (unsigned long long)got);
	CHECK(logged[0x1000] == 0 && logged[0x1001] == 0x10, "the guest's write is not there");
	/* logging that starts while the page is mapped for writing */
	OK(set_region(g.vm, 1, 0, 0x100000, 64 * 4096, addr_of(logged)));
	expect_mmio(&g, DEVICE_GPA, 4, 1);
	OK(set_region(g.vm, 1, ARMKVM_MEM_LOG_DIRTY_PAGES, 0x100000, 64 * 4096, addr_of(logged)));
	expect_mmio(&g, DEVICE_GPA, 4, 1);
	OK(ioctl(g.vm, ARMKVM_ENABLE_CAP, &manual));
	got = dirty_pages(&g);
	CHECK(got == 0x12, "dirty pages %#llx after switching on", (unsigned long long)got);
	clear.dirty_bitmap = addr_of(&bits);
	OK(ioctl(g.vm, ARMKVM_CLEAR_DIRTY_LOG, &clear));
	got = dirty_pages(&g);
	CHECK(got == 2, "dirty pages %#llx after clearing one", (unsigned long long)got);
	expect_mmio(&g, DEVICE_GPA, 4, 1);
	got = dirty_pages(&g);
	CHECK(got == 0x12, "dirty pages %#llx, not both", (unsigned long long)got);
}

static int written(int vm, const volatile void *p, uint64_t size)
{
	struct armkvm_memory_range range = { .userspace_addr = addr_of(p), .size = size };

	return ioctl(vm, ARMKVM_MEMORY_WRITTEN, &range);
}

/* Code that the launcher replaces is what the guest executes next. */
static void memory_written(void)
{
	struct guest g = LOAD(MOV_R1_DEVICE,
			      MOVW_R0(1),
			      0xe5810000,	/* str r0, [r1] */
			      0xeafffffc);	/* b to the MOVW */
	unsigned int i;

	for (i = 1; i < 100; i++) {
		expect_mmio(&g, DEVICE_GPA, 4, 1);
		CHECK(g.run->mmio.data[0] == i, "the guest executes code of %u writes ago",
		      i - g.run->mmio.data[0]);
		g.ram[1] = MOVW_R0(i + 1);
		OK(written(g.vm, &g.ram[1], sizeof(g.ram[1])));
	}
	OK(written(g.vm, g.ram, GUEST_RAM));
	OK(written(g.vm, g.ram, 0));
	OK(written(g.vm, unmapped_page(), page_size()));
	ERR(EINVAL, written(g.vm, (void *)-1L, ~0ULL));
	ERR(EFAULT, ioctl(g.vm, ARMKVM_MEMORY_WRITTEN, NULL));
}

static void expect_debug(struct guest *g, uint32_t pc)
{
	OK(ioctl(g->vcpu, ARMKVM_RUN, 0));
	CHECK(g->run->exit_reason == ARMKVM_EXIT_DEBUG, "exit reason %u, not debug", g->run->exit_reason);
	CHECK(g->run->debug.pc == pc && core_reg(g, 15) == pc, "pc %#x, not %#x", g->run->debug.pc, pc);
}

static void guest_debug(void)
{
	struct guest g = LOAD(MOV_R1_DEVICE,
			      MOVW_R0(1),
			      0xe5810000,	/* str r0, [r1] */
			      0xe1200071,	/* bkpt #1; 0xc: the prefetch abort's vector too */
			      PSCI(PSCI_SYSTEM_OFF));
	struct armkvm_guest_debug dbg = { 0 }, off = { 0 };

	ERR(EFAULT, ioctl(g.vcpu, ARMKVM_SET_GUEST_DEBUG, NULL));
	dbg.control = 1U << 31;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_SET_GUEST_DEBUG, &dbg));
	dbg.control = ARMKVM_GUESTDBG_ENABLE | ARMKVM_GUESTDBG_SINGLESTEP;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_SET_GUEST_DEBUG, &dbg));
	dbg.control = ARMKVM_GUESTDBG_ENABLE | ARMKVM_GUESTDBG_USE_HW;
	dbg.dbg_wcr[0] = 1;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_SET_GUEST_DEBUG, &dbg));
	dbg.dbg_wcr[0] = 0;
	dbg.pad = 1;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_SET_GUEST_DEBUG, &dbg));
	dbg.pad = 0;

	CHECK(capability(g.sys, ARMKVM_CAP_GUEST_DEBUG_HW_BPS) > 0, "no breakpoints");
	dbg.dbg_bcr[0] = 1;
	dbg.dbg_bvr[0] = 4;
	OK(ioctl(g.vcpu, ARMKVM_SET_GUEST_DEBUG, &dbg));
	expect_debug(&g, 4);
	CHECK(g.ram[1] == MOVW_R0(1), "a hardware breakpoint is seen in RAM");
	expect_debug(&g, 4);
	dbg.control = ARMKVM_GUESTDBG_ENABLE | ARMKVM_GUESTDBG_USE_SW_BP;
	OK(ioctl(g.vcpu, ARMKVM_SET_GUEST_DEBUG, &dbg));
	expect_mmio(&g, DEVICE_GPA, 4, 1);
	expect_debug(&g, 12);
	/* without a debugger the BKPT is the guest's: it comes to its own vector for ever */
	OK(ioctl(g.vcpu, ARMKVM_SET_GUEST_DEBUG, &off));
	expect_interrupted(&g);
	CHECK((core_reg(&g, 16) & 0x1f) == 0x17, "mode %#x, not Abort", core_reg(&g, 16) & 0x1f);
}

static struct armkvm_vcpu_events get_events(struct guest *g)
{
	struct armkvm_vcpu_events events;

	memset(&events, 0xff, sizeof(events));
	OK(ioctl(g->vcpu, ARMKVM_GET_VCPU_EVENTS, &events));
	return events;
}

static void expect_abort(struct guest *g, uint32_t fsr)
{
	uint64_t dfsr;

	expect_event(g, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
	CHECK((core_reg(g, 16) & 0x1f) == 0x17, "mode %#x, not Abort", core_reg(g, 16) & 0x1f);
	OK(get_reg(g->vcpu, ARMKVM_REG_CP32(15, 0, 5, 0, 0), &dfsr));
	CHECK(dfsr == fsr, "DFSR is %#llx, not %#x", (unsigned long long)dfsr, fsr);
}

static void events(void)
{
	struct guest g = LOAD(0xea000005,	/* b 0x1c */
			      SPIN, SPIN, SPIN,
			      PSCI(PSCI_SYSTEM_OFF),	/* 0x10, the data abort's vector */
			      MOV_R1_DEVICE,	/* 0x1c */
			      0xe5912000,	/* ldr r2, [r1] */
			      WFI,
			      0xf1080100,	/* cpsie a */
			      WFI, SPIN);
	struct armkvm_vcpu_events set = get_events(&g);
	uint64_t dfar;

	CHECK(!memcmp(&set, &(struct armkvm_vcpu_events){ 0 }, sizeof(set)), "not zero after reset");
	ERR(EFAULT, ioctl(g.vcpu, ARMKVM_SET_VCPU_EVENTS, NULL));
	set.exception.serror_pending = 2;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_SET_VCPU_EVENTS, &set));
	set.exception.serror_pending = 0;
	set.reserved[11] = 1;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_SET_VCPU_EVENTS, &set));
	set.reserved[11] = 0;

	/* no device answers */
	expect_mmio(&g, DEVICE_GPA, 4, 0);
	set.exception.ext_dabt_pending = 1;
	OK(ioctl(g.vcpu, ARMKVM_SET_VCPU_EVENTS, &set));
	expect_abort(&g, 0x8);
	OK(get_reg(g.vcpu, ARMKVM_REG_CP32(15, 0, 6, 0, 0), &dfar));
	CHECK(dfar == DEVICE_GPA, "DFAR is %#llx", (unsigned long long)dfar);

	/* an asynchronous abort waits for CPSR.A */
	OK(init_vcpu(g.vcpu, 0));
	expect_mmio(&g, DEVICE_GPA, 4, 0);
	set.exception.ext_dabt_pending = 0;
	set.exception.serror_pending = 1;
	OK(ioctl(g.vcpu, ARMKVM_SET_VCPU_EVENTS, &set));
	expect_interrupted(&g);
	CHECK(get_events(&g).exception.serror_pending == 1, "a masked abort is lost");
	OK(set_line(g.vm, ARMKVM_IRQ_CPU_IRQ, 1));	/* ends both WFIs */
	expect_abort(&g, 0x406);
	CHECK(get_events(&g).exception.serror_pending == 0, "a taken abort is still pending");
	OK(set_line(g.vm, ARMKVM_IRQ_CPU_IRQ, 0));
}

#define TIMER_CTL	ARMKVM_REG_CP32(15, 0, 14, 3, 1)
#define TIMER_FREQ	ARMKVM_REG_CP32(15, 0, 14, 0, 0)
#define TICKS_PMCCNTR	ARMKVM_REG_CP32(15, 0, 9, 13, 0)
#define TICKS_PMCR	ARMKVM_REG_CP32(15, 0, 9, 12, 0)
#define TICKS_ENABLED	ARMKVM_REG_CP32(15, 0, 9, 12, 1)

/* The launcher sets the count: a timer that waits by the old one looks again; cycles are no more than the guest has run. */
static void count_set(void)
{
	struct guest g = LOAD(WFI, 0xeafffffd /* b 0 */);
	uint64_t count, hz, before, after;

	OK(get_reg(g.vcpu, ARMKVM_REG_ARM_TIMER_CNT, &count));
	OK(get_reg(g.vcpu, TIMER_FREQ, &hz));
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_TIMER_CVAL, count + 60 * hz));
	OK(set_reg(g.vcpu, TIMER_CTL, 1));
	OK(set_reg(g.vcpu, TICKS_PMCR, 1));
	OK(set_reg(g.vcpu, TICKS_ENABLED, 1U << 31));
	expect_interrupted(&g);
	CHECK(!(g.run->s.regs.device_irq_level & ARMKVM_DEV_VTIMER), "the timer is early");
	OK(get_reg(g.vcpu, TICKS_PMCCNTR, &before));
	CHECK(before > 10000000 && before < 5000000000ULL, "%llu cycles in 50 ms", (unsigned long long)before);
	usleep(20000);
	OK(get_reg(g.vcpu, TICKS_PMCCNTR, &after));
	CHECK(after == before, "cycles pass while the vCPU doesn't run");

	count += 1000 * hz;
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_TIMER_CNT, count));
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_TIMER_CVAL, count + hz / 100));
	alarm_in(900);
	if (ioctl(g.vcpu, ARMKVM_RUN, 0))
		CHECK(errno == EINTR, "errno %d", errno);
	CHECK(g.run->s.regs.device_irq_level & ARMKVM_DEV_VTIMER, "the timer waits by the old count");
}

#define MCR_CNTKCTL_R2		0xee0e2f11	/* mcr p15, 0, r2, c14, c1, 0 */
#define MRRC_CNTVCT_R4_R5	0xec554f1e	/* mrrc p15, 1, r4, r5, c14 */
#define CNTKCTL_PL0VCTEN	2

/* What a guest with this CNTKCTL reads as its count, once, from the beginning of its code. */
static uint64_t counted(struct guest *g, uint32_t cntkctl)
{
	OK(init_vcpu(g->vcpu, 0));
	OK(set_reg(g->vcpu, ARMKVM_REG_ARM_CORE_REG(2), cntkctl));
	expect_event(g, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
	return core_reg(g, 4) | (uint64_t)core_reg(g, 5) << 32;
}

/* The guest's count at a known distance from the host's; with none it may read it without a trap, and not after it was set. */
static void count_offset(void)
{
	struct guest g = LOAD(MCR_CNTKCTL_R2, MRRC_CNTVCT_R4_R5, PSCI(PSCI_SYSTEM_OFF));
	struct armkvm_enable_cap cap = { .cap = ARMKVM_CAP_COUNTER_OFFSET };
	uint64_t before, after, hz, count;
	unsigned int i;

	CHECK(capability(g.sys, ARMKVM_CAP_COUNTER_OFFSET) == 1, "not offered");
	OK(get_reg(g.vcpu, TIMER_FREQ, &hz));
	count = counted(&g, CNTKCTL_PL0VCTEN);
	CHECK(count < 60 * hz, "a VM's count begins at %llu", (unsigned long long)count);
	cap.args[1] = 1;
	ERR(EINVAL, ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));
	cap.args[1] = 0;
	for (i = 0; i < 2; i++) {
		OK(ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));
		OK(get_reg(g.vcpu, ARMKVM_REG_ARM_TIMER_CNT, &before));
		count = counted(&g, i ? 0 : CNTKCTL_PL0VCTEN);
		OK(get_reg(g.vcpu, ARMKVM_REG_ARM_TIMER_CNT, &after));
		CHECK(before <= count && count <= after, "%llu is not between %llu and %llu", (unsigned long long)count,
		      (unsigned long long)before, (unsigned long long)after);
	}
	/* A frequency of its own is the guest's affair; its count isn't. */
	OK(set_reg(g.vcpu, TIMER_FREQ, 1));
	count = counted(&g, CNTKCTL_PL0VCTEN);
	CHECK(count >= after, "the count goes back");
	cap.args[0] = after;
	OK(ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));
	count = counted(&g, CNTKCTL_PL0VCTEN);
	CHECK(count < 60 * hz, "%llu is the host's count", (unsigned long long)count);
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_TIMER_CNT, 1ULL << 60));
	count = counted(&g, CNTKCTL_PL0VCTEN);
	CHECK(count >= 1ULL << 60 && count < (1ULL << 60) + 60 * hz, "%llu was not set", (unsigned long long)count);
}

#define MRC_IAR1_R0	0xee1c0f1c	/* mrc p15, 0, r0, c12, c12, 0 */
#define MCR_PMR_R0	0xee040f16	/* mcr p15, 0, r0, c4, c6, 0 */
#define MCRR_SGI1R	0xec410f0c	/* mcrr p15, 0, r0, r1, c12 */
#define MRC_PFR1_R2	0xee102f31	/* mrc p15, 0, r2, c0, c1, 1 */

static void expect_cp(struct guest *g, uint64_t id, int is_write, uint64_t value)
{
	OK(ioctl(g->vcpu, ARMKVM_RUN, 0));
	CHECK(g->run->exit_reason == ARMKVM_EXIT_CP, "exit %u: %s", g->run->exit_reason,
	      g->run->exit_reason == ARMKVM_EXIT_INTERNAL_ERROR ? g->run->error.text : "");
	CHECK(g->run->cp.id == id && g->run->cp.is_write == is_write && !g->run->cp.is_undefined,
	      "id %#llx, write %u", (unsigned long long)g->run->cp.id, g->run->cp.is_write);
	CHECK(g->run->cp.value == value, "value %#llx", (unsigned long long)g->run->cp.value);
}

/* System registers that are the launcher's: read, written, undefined; and whether they are. */
static void cp_exits(void)
{
	struct guest g = LOAD(MRC_PFR1_R2, MRC_IAR1_R0, MCR_PMR_R0, MCRR_SGI1R, MRC_IAR1_R0, PSCI(PSCI_SYSTEM_OFF));
	uint64_t iar1 = ARMKVM_REG_CP32(15, 0, 12, 12, 0), sgi1r = ARMKVM_REG_CP64(15, 0, 12);
	struct armkvm_enable_cap cap = { .cap = ARMKVM_CAP_CP_EXIT };
	long offered = capability(g.sys, ARMKVM_CAP_CP_EXIT);
	uint64_t val;

	CHECK(offered == ARMKVM_CP_EXIT_GICV3, "offered: %#lx", offered);
	cap.args[0] = offered + 1;
	ERR(EINVAL, ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));
	cap.args[0] = offered;
	cap.args[1] = 1;
	ERR(EINVAL, ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));
	cap.args[1] = 0;
	OK(ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));

	expect_cp(&g, iar1, 0, 0);
	OK(get_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(2), &val));
	CHECK(val >> 28 == 1, "the guest's ID_PFR1 is %#llx", (unsigned long long)val);
	/* it has run: no other mask, but the same */
	OK(ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));
	cap.args[0] = 0;
	ERR(EBUSY, ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));

	/* the read completes before the next exit */
	g.run->cp.value = 0x12345;
	expect_cp(&g, ARMKVM_REG_CP32(15, 0, 4, 6, 0), 1, 0x12345);
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(1), 0x89abcdef));
	expect_cp(&g, sgi1r, 1, 0x89abcdef00012345);

	/* completed without running on */
	g.run->immediate_exit = 1;
	ERR(EINTR, ioctl(g.vcpu, ARMKVM_RUN, 0));
	g.run->immediate_exit = 0;
	OK(get_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(15), &val));
	CHECK(val == 16, "the pc is %#llx", (unsigned long long)val);
	expect_cp(&g, iar1, 0, 0);
	g.run->cp.is_undefined = 1;
	g.run->immediate_exit = 1;
	ERR(EINTR, ioctl(g.vcpu, ARMKVM_RUN, 0));
	g.run->immediate_exit = 0;
	OK(get_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(15), &val));
	CHECK(val == 4, "the pc is %#llx, not the vector of undefined instructions", (unsigned long long)val);

	/* a reset forgets what waits */
	OK(init_vcpu(g.vcpu, 0));
	expect_cp(&g, iar1, 0, 0);
	OK(init_vcpu(g.vcpu, 0));
	expect_cp(&g, iar1, 0, 0);
}

/* Without the capability they are undefined. */
static void no_cp_exits(void)
{
	struct guest g = LOAD(0xea000002, 0xea000003, 0, 0, MRC_IAR1_R0, SPIN, MRC_PFR1_R2, PSCI(PSCI_SYSTEM_OFF));
	uint64_t val;

	expect_event(&g, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
	OK(get_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(2), &val));
	CHECK(val >> 28 == 0, "the guest's ID_PFR1 is %#llx", (unsigned long long)val);
}

#define MOVW_R1_DEVICE	0xe3a01409	/* mov r1, #0x09000000 */

static void expect_emulate(struct guest *g, uint32_t pc, uint32_t insn)
{
	OK(ioctl(g->vcpu, ARMKVM_RUN, 0));
	CHECK(g->run->exit_reason == ARMKVM_EXIT_EMULATE, "exit %u: %s", g->run->exit_reason,
	      g->run->exit_reason == ARMKVM_EXIT_INTERNAL_ERROR ? g->run->error.text : "");
	CHECK(g->run->error.pc == pc && g->run->error.insn == insn && g->run->error.text[0], "pc %#x, instruction %#x",
	      g->run->error.pc, g->run->error.insn);
}

/* A guest that stores User mode's registers to a device, between other things. */
#define STM_USER	0xe8c1000c	/* stmia r1, {r2, r3}^ */
#define EMULATED_GUEST	MOVW_R1_DEVICE, STM_USER, PSCI(PSCI_SYSTEM_OFF), SPIN

static void enable_emulation(struct guest *g)
{
	struct armkvm_enable_cap cap = { .cap = ARMKVM_CAP_EMULATE, .args = { 1 } };

	OK(ioctl(g->vm, ARMKVM_ENABLE_CAP, &cap));
}

/* What the module can't execute: who doesn't emulate is told, who does goes on. */
static void emulate(void)
{
	struct guest g = LOAD(EMULATED_GUEST), plain = LOAD(EMULATED_GUEST);
	struct armkvm_emulated em = { 0 };
	struct armkvm_enable_cap cap = { .cap = ARMKVM_CAP_EMULATE, .args = { 2 } };
	struct armkvm_lines lines;

	CHECK(capability(g.sys, ARMKVM_CAP_EMULATE) == 1, "not offered");
	OK(ioctl(plain.vcpu, ARMKVM_RUN, 0));
	CHECK(plain.run->exit_reason == ARMKVM_EXIT_INTERNAL_ERROR, "exit %u", plain.run->exit_reason);
	ERR(ENOTTY, ioctl(plain.vcpu, ARMKVM_EMULATED, &em));
	ERR(ENOTTY, ioctl(plain.vcpu, ARMKVM_GET_LINES, &lines));

	ERR(EINVAL, ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));
	enable_emulation(&g);
	expect_emulate(&g, 4, STM_USER);
	/* again, as nothing has been done */
	expect_emulate(&g, 4, STM_USER);
	cap.args[0] = 0;
	ERR(EBUSY, ioctl(g.vm, ARMKVM_ENABLE_CAP, &cap));

	em.flags = 2;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_EMULATED, &em));
	em.flags = ARMKVM_EMULATED_FLUSH;
	em.then = ARMKVM_THEN_SMC + 1;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_EMULATED, &em));
	em.then = ARMKVM_THEN_WAIT;
	em.imm = 1;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_EMULATED, &em));
	em.then = ARMKVM_THEN_HVC;
	em.imm = 0x10000;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_EMULATED, &em));
	em.then = ARMKVM_THEN_NOTHING;
	em.imm = 0;
	em.padding = 1;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_EMULATED, &em));
	em.padding = 0;
	ERR(EFAULT, ioctl(g.vcpu, ARMKVM_EMULATED, NULL));

	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(15), 8));
	OK(ioctl(g.vcpu, ARMKVM_EMULATED, &em));
	expect_event(&g, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
}

/* The call that ends a slice is the module's: no instruction is fetched for it. */
static void emulated_call(void)
{
	struct guest g = LOAD(EMULATED_GUEST);
	struct armkvm_emulated em = { .then = ARMKVM_THEN_HVC };

	enable_emulation(&g);
	expect_emulate(&g, 4, STM_USER);
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(0), 0x84000000 | PSCI_SYSTEM_OFF));
	OK(ioctl(g.vcpu, ARMKVM_EMULATED, &em));
	expect_event(&g, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
	/* and once */
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(15), 4));
	expect_emulate(&g, 4, STM_USER);

	/* waiting ends with a signal or a line, as behind WFI */
	em.then = ARMKVM_THEN_WAIT;
	OK(ioctl(g.vcpu, ARMKVM_EMULATED, &em));
	g.run->immediate_exit = 1;
	ERR(EINTR, ioctl(g.vcpu, ARMKVM_RUN, 0));
	g.run->immediate_exit = 0;
	OK(ioctl(g.vcpu, ARMKVM_EMULATED, &em));
	OK(set_line(g.vm, ARMKVM_IRQ_CPU_IRQ, 1));
	expect_emulate(&g, 4, STM_USER);
	/* a reset forgets what was left to do */
	OK(ioctl(g.vcpu, ARMKVM_EMULATED, &em));
	OK(init_vcpu(g.vcpu, 0));
	expect_emulate(&g, 4, STM_USER);
}

static int access_module(struct guest *g, uint32_t kind, uint64_t where, int is_write, uint64_t *value)
{
	struct armkvm_access acc = {
		.where = where, .value = *value, .kind = kind, .is_write = is_write,
		.len = kind == ARMKVM_ACCESS_PHYS ? 4 : 0,
	};
	int ret = ioctl(g->vcpu, ARMKVM_ACCESS, &acc);

	*value = acc.value;
	return ret;
}

#define CNTV_CTL	ARMKVM_REG_CP32(15, 0, 14, 3, 1)
#define CNTV_TVAL	ARMKVM_REG_CP32(15, 0, 14, 3, 0)
#define CNTVCT		ARMKVM_REG_CP64(15, 1, 14)

/* The module's timer, read and written for an emulated vCPU; its line. */
static void emulated_access(void)
{
	struct guest g = LOAD(EMULATED_GUEST);
	struct armkvm_access bad = { .kind = 2 };
	struct armkvm_lines lines;
	uint64_t first = 0, val = 0;
	int i;

	enable_emulation(&g);
	expect_emulate(&g, 4, STM_USER);
	OK(access_module(&g, ARMKVM_ACCESS_CP, CNTVCT, 0, &first));
	OK(access_module(&g, ARMKVM_ACCESS_CP, CNTVCT, 0, &val));
	CHECK(val > first, "the count stands still");
	val = 100;
	OK(access_module(&g, ARMKVM_ACCESS_CP, CNTV_TVAL, 1, &val));
	val = 1;
	OK(access_module(&g, ARMKVM_ACCESS_CP, CNTV_CTL, 1, &val));
	for (i = 0; i < 1000000; i++) {
		OK(ioctl(g.vcpu, ARMKVM_GET_LINES, &lines));
		if (lines.device_irq_level)
			break;
	}
	CHECK(lines.device_irq_level == ARMKVM_DEV_VTIMER, "levels %#llx", (unsigned long long)lines.device_irq_level);
	CHECK(lines.pins == 0, "pins %#x", lines.pins);
	CHECK(g.run->s.regs.device_irq_level == ARMKVM_DEV_VTIMER, "the run page doesn't say so");
	OK(get_reg(g.vcpu, CNTV_CTL, &val));
	CHECK((val & 7) == 5, "CNTV_CTL is %#llx", (unsigned long long)val);
	OK(set_line(g.vm, ARMKVM_IRQ_CPU_FIQ, 1));
	OK(ioctl(g.vcpu, ARMKVM_GET_LINES, &lines));
	CHECK(lines.pins == 1 << ARMKVM_IRQ_CPU_FIQ, "pins %#x", lines.pins);

	/* nothing of the module's */
	ERR(ENOENT, access_module(&g, ARMKVM_ACCESS_CP, ARMKVM_REG_CP32(15, 0, 1, 0, 0), 0, &val));
	ERR(ENOENT, access_module(&g, ARMKVM_ACCESS_CP, ARMKVM_REG_CP32(15, 0, 9, 14, 7), 0, &val));
	ERR(ENOENT, access_module(&g, ARMKVM_ACCESS_PHYS, 0x08000000, 0, &val));
	ERR(EINVAL, access_module(&g, ARMKVM_ACCESS_CP, 0x4030000100000000, 0, &val));
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_ACCESS, &bad));
	bad.kind = ARMKVM_ACCESS_PHYS;
	bad.len = 3;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_ACCESS, &bad));
	bad.len = 4;
	bad.padding = 1;
	ERR(EINVAL, ioctl(g.vcpu, ARMKVM_ACCESS, &bad));
	ERR(EFAULT, ioctl(g.vcpu, ARMKVM_ACCESS, NULL));
	ERR(EFAULT, ioctl(g.vcpu, ARMKVM_GET_LINES, NULL));
}

/* The GIC of a VM that has executed nothing natively yet: it starts with the access. */
static void emulated_first(void)
{
	struct armkvm_enable_cap cap = { .cap = ARMKVM_CAP_EMULATE, .args = { 1 } };
	struct armkvm_create_device gic = { .type = ARMKVM_DEV_TYPE_ARM_VGIC_V2 };
	struct armkvm_access acc = { .where = 0x08000004, .kind = ARMKVM_ACCESS_PHYS, .len = 4 };
	int vm = create_vm(open_system()), vcpu;

	OK(ioctl(vm, ARMKVM_ENABLE_CAP, &cap));
	vcpu = create_vcpu_inited(vm, 0);
	ready_gic(vm);
	OK(ioctl(vcpu, ARMKVM_ACCESS, &acc));
	CHECK((acc.value & 0x1f) != 0, "GICD_TYPER is %#llx", (unsigned long long)acc.value);

	vm = create_vm(open_system());
	OK(ioctl(vm, ARMKVM_ENABLE_CAP, &cap));
	vcpu = create_vcpu_inited(vm, 0);
	OK(ioctl(vm, ARMKVM_CREATE_DEVICE, &gic));
	ERR(ENXIO, ioctl(vcpu, ARMKVM_ACCESS, &acc));
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
	{ "emulate", emulate },
	{ "emulated-call", emulated_call },
	{ "emulated-access", emulated_access },
	{ "emulated-first", emulated_first },
	{ "mmio", mmio },
	{ "mmio-completed-first", mmio_completed_first },
	{ "signals", signals },
	{ "no-memory", no_memory },
	{ "interrupts", interrupts },
	{ "line-errors", line_errors },
	{ "dirty-log", dirty_log },
	{ "memory-written", memory_written },
	{ "guest-debug", guest_debug },
	{ "events", events },
	{ "count-set", count_set },
	{ "count-offset", count_offset },
	{ "cp-exits", cp_exits },
	{ "no-cp-exits", no_cp_exits },
	{ "no-mode", no_mode },
	{ NULL, NULL }
};
