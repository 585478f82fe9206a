// SPDX-License-Identifier: GPL-2.0-only
/*
 * Launchers and guests that mean harm: what the host, its other processes and its other VMs
 * are promised, while somebody who may open /dev/armkvm does his worst.
 *
 * A kernel that warns or stops is seen by who runs this program (ci/testbed); what is checked
 * here is memory that isn't the guest's any more, and time.  Times are the calling thread's own
 * CPU time where that says it, so that they don't depend on how busy the machine is.
 */
#include <errno.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "selftest.h"

#define HVC		0xe1400070
#define SPIN		0xeafffffe	/* b . */
#define SYSTEM_OFF	0xe3000008, 0xe3480400, HVC	/* movw, movt r0, #0x84000008 */

#define LOW_RAM		0x100000
#define OTHER_GPA	0x100000

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void need_shadow(int sys)
{
	if (!(capability(sys, ARMKVM_CAP_MODES) & 1L << ARMKVM_MODE_SHADOW))
		test_skipped("the module offers no guest mode here");
}

/*
 * -- a vCPU that runs beside ----------------------------------------------------
 */

struct runner {
	int vcpu;
	int cpu;			/* of the host, where there is one of that number */
	struct armkvm_run *run;
	pthread_t thread;
	volatile int stop;
	volatile int ended;		/* by itself: an error or a system event */
};

static void nothing(int sig)
{
	(void)sig;
}

static void *run_until_stopped(void *arg)
{
	struct runner *r = arg;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(r->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	while (!r->stop) {
		if (ioctl(r->vcpu, ARMKVM_RUN, 0) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		/* a slot that is gone is a device: the access is completed and means nothing */
		if (r->run->exit_reason != ARMKVM_EXIT_MMIO && r->run->exit_reason != ARMKVM_EXIT_INTR)
			break;
	}
	r->ended = 1;
	return NULL;
}

static void start(struct runner *r, int sys, int vcpu, int cpu)
{
	struct sigaction sa = { .sa_handler = nothing };

	sigaction(SIGUSR1, &sa, NULL);
	r->vcpu = vcpu;
	r->cpu = cpu;
	r->run = map_run(sys, vcpu);
	r->stop = 0;
	r->ended = 0;
	OK(-pthread_create(&r->thread, NULL, run_until_stopped, r));
}

static void stop(struct runner *r)
{
	r->stop = 1;
	while (!r->ended) {
		r->run->immediate_exit = 1;
		pthread_kill(r->thread, SIGUSR1);
		usleep(1000);
	}
	pthread_join(r->thread, NULL);
	r->run->immediate_exit = 0;
}

/*
 * -- memory that is taken away while its slot changes -------------------------------
 *
 * A mapping that is gone is gone for the guest, too, at whatever moment of a slot's change
 * it goes.  The page stays in a second mapping, where a store that shouldn't be is seen; in
 * its place could be any process's.
 */

static const uint32_t store_for_ever[] = {
	0xe3a01601,	/* mov r1, #0x100000 */
	0xe5812000,	/* 1: str r2, [r1] */
	0xe2822001,	/* add r2, r2, #1 */
	0xeafffffc,	/* b 1b */
};

enum change { DELETED, MOVED, LOGGED };

struct changer {
	int vm;
	enum change how;
	uint64_t hva;
	volatile int started;
	int result;
};

static void *change_slot(void *arg)
{
	struct changer *c = arg;
	uint64_t size = c->how == DELETED ? 0 : page_size();

	c->started = 1;
	c->result = set_region(c->vm, 1, c->how == LOGGED ? ARMKVM_MEM_LOG_DIRTY_PAGES : 0,
			       OTHER_GPA + (c->how == MOVED ? 0x100000 : 0), size, c->hva);
	return NULL;
}

static void one_change(enum change how, unsigned int delay)
{
	int sys = open_system(), vm, vcpu, fd;
	struct changer c = { .how = how };
	volatile uint32_t *page, *watched;
	struct runner r;
	pthread_t thread;
	uint32_t *low, seen;
	unsigned int i;

	need_shadow(sys);
	fd = OK(memfd_create("guest", 0));
	OK(ftruncate(fd, page_size()));
	page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	watched = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0);
	CHECK(page != MAP_FAILED && watched != MAP_FAILED, "no memory");
	vm = create_vm(sys);
	low = ram(LOW_RAM);
	memcpy(low, store_for_ever, sizeof(store_for_ever));
	OK(set_region(vm, 0, 0, 0, LOW_RAM, addr_of(low)));
	OK(set_region(vm, 1, 0, OTHER_GPA, page_size(), addr_of(page)));
	vcpu = create_vcpu_inited(vm, 0);
	start(&r, sys, vcpu, 1);
	for (i = 0; *watched < 1000 && i < 10000; i++)
		usleep(1000);
	CHECK(*watched >= 1000, "the guest doesn't run");

	c.vm = vm;
	c.hva = addr_of(page);
	OK(-pthread_create(&thread, NULL, change_slot, &c));
	while (!c.started)
		;
	usleep(delay);
	OK(munmap((void *)page, page_size()));
	seen = *watched;
	for (i = 0; i < 20; i++) {
		usleep(500);
		CHECK(*watched == seen, "the guest writes to memory that was unmapped");
	}
	pthread_join(thread, NULL);
	OK(c.result);
	stop(&r);
	close(vcpu);
	close(vm);
	close(fd);
	munmap((void *)watched, page_size());
}

static void slot_changes(enum change how)
{
	static const unsigned int delays[] = { 0, 200, 1000, 3000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(delays); i++)
		one_change(how, delays[i]);
}

static void slot_deleted(void)
{
	slot_changes(DELETED);
}

static void slot_moved(void)
{
	slot_changes(MOVED);
}

static void slot_logged(void)
{
	slot_changes(LOGGED);
}

/*
 * -- one frame at a thousand addresses ---------------------------------------------
 *
 * What a frame costs when it is taken back, or becomes code, doesn't grow with what the guest
 * maps how often.
 */

#define ALIASES		1024
#define FRAMES		8
#define ALIAS_BASE	0x10000000
#define TABLES		0x8000		/* second-level tables: four for each frame */
#define CPU_SECONDS	0.3		/* of an emulated host; 2.6 a frame were once taken */

static const uint32_t touch_aliases[] = {
	0xe1500001,	/* 1: cmp r0, r1 */
	0x35800800,	/* strlo r0, [r0, #2048] */
	0x32800a01,	/* addlo r0, r0, #4096 */
	0x3afffffb,	/* blo 1b */
	0xe1520003,	/* 2: cmp r2, r3 */
	0x35924000,	/* ldrlo r4, [r2] */
	0x32822a01,	/* addlo r2, r2, #4096 */
	0x3afffffb,	/* blo 2b */
	SYSTEM_OFF, SPIN,
};

static const uint32_t switch_off[] = { SYSTEM_OFF, SPIN };

struct aliases {
	int vm, vcpu;
	uint32_t *low;
	uint8_t *frames;
	struct armkvm_run *run;
};

/* The first @writable aliases of each frame may be written, the others only read. */
static void map_aliases(struct aliases *a, unsigned int writable)
{
	uint32_t *l1 = a->low + 0x4000 / 4;
	unsigned int f, i;

	l1[0] = 0x00000c02;	/* a section: what runs */
	for (f = 0; f < FRAMES; f++) {
		for (i = 0; i < ALIASES; i++) {
			uint32_t table = TABLES + (f * 4 + i / 256) * 0x400;

			l1[(ALIAS_BASE >> 20) + f * 4 + i / 256] = table | 1;
			a->low[table / 4 + i % 256] = (OTHER_GPA + f * 4096) | 2 |
						      (i < writable ? 0x30 : 0x230);
		}
	}
}

static void run_to_end(struct aliases *a, uint32_t pc)
{
	OK(set_reg(a->vcpu, ARMKVM_REG_ARM_CORE_REG(15), pc));
	OK(ioctl(a->vcpu, ARMKVM_RUN, 0));
	CHECK(a->run->exit_reason == ARMKVM_EXIT_SYSTEM_EVENT, "exit %u: %s", a->run->exit_reason,
	      a->run->exit_reason == ARMKVM_EXIT_INTERNAL_ERROR ? a->run->error.text : "");
}

static void touch_all(struct aliases *a, unsigned int frame, unsigned int writable)
{
	uint32_t first = ALIAS_BASE + frame * ALIASES * 4096;
	uint32_t middle = first + writable * 4096;
	const uint32_t r[] = { first, middle, middle, first + ALIASES * 4096 };
	unsigned int i;

	OK(set_reg(a->vcpu, ARMKVM_REG_CP32(15, 0, 2, 0, 2), 0));
	OK(set_reg(a->vcpu, ARMKVM_REG_CP64(15, 0, 2), 0x4000));
	OK(set_reg(a->vcpu, ARMKVM_REG_CP32(15, 0, 3, 0, 0), 0x55555555));
	OK(set_reg(a->vcpu, ARMKVM_REG_CP32(15, 0, 1, 0, 0), 0x00c50079));
	for (i = 0; i < ARRAY_SIZE(r); i++)
		OK(set_reg(a->vcpu, ARMKVM_REG_ARM_CORE_REG(i), r[i]));
	run_to_end(a, 0);
}

static void aliases(unsigned int writable)
{
	static uint64_t bits[1];
	struct armkvm_dirty_log log = { .slot = 1, .dirty_bitmap = addr_of(bits) };
	struct aliases a = { .vm = -1 };
	int sys = open_system();
	unsigned int f;
	double t;

	need_shadow(sys);
	a.vm = create_vm(sys);
	a.low = ram(LOW_RAM);
	a.frames = ram(FRAMES * 4096);
	memcpy(a.low, touch_aliases, sizeof(touch_aliases));
	for (f = 0; f < FRAMES; f++)
		memcpy(a.frames + f * 4096, switch_off, sizeof(switch_off));
	OK(set_region(a.vm, 0, 0, 0, LOW_RAM, addr_of(a.low)));
	OK(set_region(a.vm, 1, ARMKVM_MEM_LOG_DIRTY_PAGES, OTHER_GPA, FRAMES * 4096, addr_of(a.frames)));
	map_aliases(&a, writable);
	a.vcpu = create_vcpu_inited(a.vm, 0);
	a.run = map_run(sys, a.vcpu);
	for (f = 0; f < FRAMES; f++)
		touch_all(&a, f, writable);
	t = seconds(CLOCK_THREAD_CPUTIME_ID);
	OK(ioctl(a.vm, ARMKVM_GET_DIRTY_LOG, &log));
	t = seconds(CLOCK_THREAD_CPUTIME_ID) - t;
	CHECK(t < CPU_SECONDS, "GET_DIRTY_LOG took %.3f s with %u of %u aliases writable", t, writable,
	      ALIASES);
	CHECK(bits[0] == (writable ? (1U << FRAMES) - 1 : 0), "the log has %#llx",
	      (unsigned long long)bits[0]);
	/* and once more, to execute what all of them lead to */
	touch_all(&a, 0, writable);
	t = seconds(CLOCK_THREAD_CPUTIME_ID);
	run_to_end(&a, ALIAS_BASE);
	t = seconds(CLOCK_THREAD_CPUTIME_ID) - t;
	CHECK(t < CPU_SECONDS, "a fetch took %.3f s with %u of %u aliases writable", t, writable, ALIASES);
	close(a.vcpu);
	close(a.vm);
}

static void many_aliases(void)
{
	aliases(341);
	aliases(ALIASES / 2);
	aliases(ALIASES);
	aliases(0);
}

/*
 * -- vCPUs that remove and enter at once -----------------------------------------------
 *
 * One invalidates all the time, with its interrupts off, while another one leaves the guest and
 * enters again: what the kernel would say of an interrupt sent in that state, its log tells.
 */

static void removes_while_entering(void)
{
	static const uint32_t tlbiall[] = { 0xee080f17, 0xeafffffd };
	static const uint32_t device[] = { 0xe3a01201, 0xe5910000, 0xeafffffd };	/* ldr, b */
	int sys = open_system(), vm, vcpu[2];
	struct runner r[2];
	uint32_t *low;
	unsigned int i;

	need_shadow(sys);
	vm = create_vm(sys);
	low = ram(LOW_RAM);
	memcpy(low, tlbiall, sizeof(tlbiall));
	memcpy(low + 1024, device, sizeof(device));
	OK(set_region(vm, 0, 0, 0, LOW_RAM, addr_of(low)));
	for (i = 0; i < 2; i++)
		vcpu[i] = create_vcpu_inited(vm, i);
	OK(set_reg(vcpu[1], ARMKVM_REG_ARM_CORE_REG(15), 0x1000));
	for (i = 0; i < 2; i++)
		start(&r[i], sys, vcpu[i], i);
	usleep(6000000);
	for (i = 0; i < 2; i++) {
		CHECK(!r[i].ended, "vCPU %u ended by itself", i);
		stop(&r[i]);
		close(vcpu[i]);
	}
	close(vm);
}

/*
 * -- two tenants -----------------------------------------------------------------------
 *
 * A VM whose vCPU waits for memory that nobody supplies, and whose resampling irqfd has just
 * ended, is its owner's trouble.  The calls of another VM don't wait for it.
 */

static int irqfd(int vm, int fd, unsigned int flags, int resamplefd)
{
	struct armkvm_irqfd call = {
		.fd = fd, .gsi = 1, .flags = flags, .resamplefd = resamplefd,
	};

	return ioctl(vm, ARMKVM_IRQFD, &call);
}

static void *missing_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	void *page = ram(page_size());
	long fd;

	madvise(page, page_size(), MADV_DONTNEED);
	fd = syscall(__NR_userfaultfd, 0);
	if (fd < 0)
		test_skipped("this kernel has no userfaultfd: %s", strerror(errno));
	OK(ioctl(fd, UFFDIO_API, &api));
	range.range.start = addr_of(page);
	range.range.len = page_size();
	OK(ioctl(fd, UFFDIO_REGISTER, &range));
	return page;
}

/* In a process of its own: says "ready" on @tell, and stays until it is killed. */
static void stuck_tenant(int tell)
{
	static const uint32_t read_it[] = { 0xe3a01601, 0xe5912000, SPIN };	/* mov, ldr */
	int sys = open_system(), vm = create_vm(sys), fd = eventfd(0, 0), vcpu;
	uint32_t *low = ram(LOW_RAM);
	struct runner r;

	memcpy(low, read_it, sizeof(read_it));
	OK(set_region(vm, 0, 0, 0, LOW_RAM, addr_of(low)));
	OK(set_region(vm, 1, 0, OTHER_GPA, page_size(), addr_of(missing_page())));
	vcpu = create_vcpu_inited(vm, 0);
	ready_gic(vm);
	OK(irqfd(vm, fd, ARMKVM_IRQFD_FLAG_RESAMPLE, eventfd(0, 0)));
	start(&r, sys, vcpu, 1);
	usleep(500000);
	close(fd);
	usleep(50000);
	OK(write(tell, "x", 1));
	pause();
}

#define PATIENCE	5	/* seconds until the stuck one is killed, so that all ends */

static void two_tenants(void)
{
	int sys = open_system(), vm, other, fd = eventfd(0, 0), tell[2], status;
	pid_t stuck, killer;
	char ready;
	double t;

	need_shadow(sys);
	if (capability(sys, ARMKVM_CAP_IRQFD) <= 0)
		test_skipped("the module has no irqfd");
	OK(pipe(tell));
	stuck = OK(fork());
	if (!stuck)
		stuck_tenant(tell[1]);
	close(tell[1]);
	killer = OK(fork());
	if (!killer) {
		sleep(3 * PATIENCE);
		kill(stuck, SIGKILL);
		_exit(0);
	}
	vm = create_vm(sys);
	other = create_vm(sys);
	create_vcpu_inited(vm, 0);
	ready_gic(vm);
	OK(irqfd(vm, fd, 0, -1));
	if (read(tell[0], &ready, 1) != 1) {
		/* its own verdict is in what the test's processes share */
		kill(killer, SIGKILL);
		waitpid(killer, NULL, 0);
		waitpid(stuck, &status, 0);
		_exit(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1);
	}
	t = seconds(CLOCK_MONOTONIC);
	OK(irqfd(vm, fd, ARMKVM_IRQFD_FLAG_DEASSIGN, -1));
	close(other);
	t = seconds(CLOCK_MONOTONIC) - t;
	kill(stuck, SIGKILL);
	kill(killer, SIGKILL);
	waitpid(stuck, NULL, 0);
	waitpid(killer, NULL, 0);
	CHECK(t < PATIENCE, "deassign and close took %.1f s beside a VM that waits", t);
}

const struct test hostile_tests[] = {
	{ "slot-deleted", slot_deleted },
	{ "slot-moved", slot_moved },
	{ "slot-logged", slot_logged },
	{ "aliases", many_aliases },
	{ "removes-while-entering", removes_while_entering },
	{ "two-tenants", two_tenants },
	{ }
};
