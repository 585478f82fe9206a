// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two tenants: how long each call of one launcher takes while another one, in a process of its
 * own, does its worst to a VM of its own.
 *
 *	tenants [--seconds N]	for each kind of worst
 *
 * The first round has no other tenant. Times are CLOCK_MONOTONIC's; the launcher that is timed has
 * real-time priority, so that what it waits for is a lock, a grace period or a worker of the kernel, not
 * its turn. No call may take longer than LIMIT_US: that is time for a grace period of RCU with
 * busy CPUs, and far less than a VM takes that holds another one up. On an emulated machine the outer one
 * may stand still for as long: a round that was too long is repeated, and a VM that is held up is so each time.
 *
 * Prints a case line for each round, with the dearest call; the exit status is 1 if one failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/armkvm.h>
#include <linux/userfaultfd.h>
#include "launcher.h"

const char *const launcher_name = "tenants";

#define LIMIT_US	300000
#define TRIES		3

#define CODE_SIZE	0x10000
#define RAM_GPA		0x10000000
#define MOVED_GPA	0x40000000
#define RAM_SIZE	(32 << 20)
#define NO_USERFAULTFD	77	/* a status */
#define DOORBELL	0x0b000000	/* nothing is there */

static int sys_fd;
static unsigned int seconds_each = 3;

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

/*
 * -- the other tenant ----------------------------------------------------------------
 */

/* Stores to each page of its RAM, for ever, and drops all translations after each turn. */
static const uint32_t dirty_all[] = {
	0xe1a01004,	/* 1: mov r1, r4 */
	0xe5812000,	/* 2: str r2, [r1] */
	0xe2811a01,	/* add r1, r1, #4096 */
	0xe1510003,	/* cmp r1, r3 */
	0x3afffffb,	/* blo 2b */
	0xee080f17,	/* TLBIALL */
	0xeafffff8,	/* b 1b */
};

/* PSCI SYSTEM_OFF */
static const uint32_t power_off[] = {
	0xe3000008,	/* movw r0, #8 */
	0xe3480400,	/* movt r0, #0x8400 */
	0xe1400070,	/* hvc #0 */
	0xeafffffe,	/* b . */
};

static int new_vm(const uint32_t *code, size_t size)
{
	uint8_t *low = launcher_memory(CODE_SIZE);
	int vm = ioctl(sys_fd, ARMKVM_CREATE_VM, 0);

	memcpy(low, code, size);
	if (vm < 0 || launcher_region(vm, 0, 0, 0, CODE_SIZE, low))
		launcher_fail("a VM");
	return vm;
}

static void *run_for_ever(void *arg)
{
	int vcpu = (intptr_t)arg;

	for (;;)
		if (ioctl(vcpu, ARMKVM_RUN, 0) && errno != EINTR)
			launcher_fail("ARMKVM_RUN of the other tenant");
	return NULL;
}

struct other {
	int vm;
	uint8_t *ram;
	int fd;
};

/* Its VM, with RAM and a GIC, and @vcpus that run. */
static void other_begins(struct other *o, int vcpus)
{
	int vcpu[2], i;
	pthread_t thread;

	o->vm = new_vm(dirty_all, sizeof(dirty_all));
	o->fd = eventfd(0, 0);
	if (!o->ram)
		o->ram = launcher_memory(RAM_SIZE);
	if (launcher_region(o->vm, 1, 0, RAM_GPA, RAM_SIZE, o->ram))
		launcher_fail("the other tenant's RAM");
	for (i = 0; i < vcpus; i++) {
		vcpu[i] = launcher_vcpu(o->vm, i);
		launcher_core(vcpu[i], 4, RAM_GPA);
		launcher_core(vcpu[i], 3, RAM_GPA + RAM_SIZE);
	}
	launcher_gic(o->vm);
	for (i = 0; i < vcpus; i++)
		if (pthread_create(&thread, NULL, run_for_ever, (void *)(intptr_t)vcpu[i]))
			launcher_fail("a thread");
}

static void worst_slots(struct other *o)
{
	other_begins(o, 2);
	for (;;) {
		launcher_region(o->vm, 1, 0, RAM_GPA, 0, o->ram);
		launcher_region(o->vm, 1, 0, RAM_GPA, RAM_SIZE, o->ram);
		usleep(3000);
	}
}

static void worst_log(struct other *o)
{
	static uint64_t bits[RAM_SIZE / 4096 / 64];
	struct armkvm_dirty_log log = { .slot = 1, .dirty_bitmap = (uintptr_t)bits };

	other_begins(o, 2);
	launcher_region(o->vm, 1, ARMKVM_MEM_LOG_DIRTY_PAGES, RAM_GPA, RAM_SIZE, o->ram);
	for (;;)
		ioctl(o->vm, ARMKVM_GET_DIRTY_LOG, &log);
}

static void worst_memory(struct other *o)
{
	other_begins(o, 2);
	for (;;) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
		madvise(o->ram, RAM_SIZE, MADV_DONTNEED);
		usleep(3000);
	}
}

static void worst_vms(struct other *o)
{
	(void)o;
	for (;;) {
		int vm = new_vm(power_off, sizeof(power_off)), vcpu[8], i;

		for (i = 0; i < 8; i++)
			vcpu[i] = launcher_vcpu(vm, i);
		for (i = 0; i < 8; i++)
			close(vcpu[i]);
		close(vm);
	}
}

static void worst_events(struct other *o)
{
	other_begins(o, 1);
	for (;;) {
		launcher_irqfd(o->vm, o->fd, 0, 3);
		launcher_irqfd(o->vm, o->fd, ARMKVM_IRQFD_FLAG_DEASSIGN, 3);
		launcher_ioeventfd(o->vm, o->fd, 0, DOORBELL);
		launcher_ioeventfd(o->vm, o->fd, ARMKVM_IOEVENTFD_FLAG_DEASSIGN, DOORBELL);
	}
}

/*
 * Its RAM's pages come from a program that never gives them: its vCPU waits for one in the middle of
 * a fault, its deletion of a slot for that vCPU.
 */
static void worst_stuck(struct other *o)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api))
		_exit(NO_USERFAULTFD);
	o->ram = launcher_memory(RAM_SIZE);
	reg.range.start = (uintptr_t)o->ram;
	reg.range.len = RAM_SIZE;
	if (ioctl(uffd, UFFDIO_REGISTER, &reg))
		launcher_fail("UFFDIO_REGISTER");
	other_begins(o, 1);
	usleep(100000);
	launcher_region(o->vm, 1, 0, RAM_GPA, 0, o->ram);
	for (;;)
		pause();
}

/*
 * -- the one that is timed -----------------------------------------------------------
 */

static const char *dearest;
static double dearest_us;
static unsigned long calls;

static long timed(const char *what, double since, long result)
{
	double us = now_us() - since;

	if (result < 0)
		launcher_fail(what);
	calls++;
	if (us > dearest_us) {
		dearest_us = us;
		dearest = what;
	}
	return result;
}

#define TIMED(call)	timed(#call, now_us(), (call))

static void one_life(uint8_t *code, uint8_t *ram, int event)
{
	static uint64_t bits[RAM_SIZE / 4096 / 64];
	struct armkvm_dirty_log log = { .slot = 1, .dirty_bitmap = (uintptr_t)bits };
	int vm = TIMED(ioctl(sys_fd, ARMKVM_CREATE_VM, 0)), vcpu, gic;

	TIMED(launcher_region(vm, 0, 0, 0, CODE_SIZE, code));
	TIMED(launcher_region(vm, 1, 0, RAM_GPA, RAM_SIZE, ram));
	vcpu = TIMED(launcher_vcpu(vm, 0));
	gic = TIMED(launcher_gic(vm));
	TIMED(launcher_irqfd(vm, event, 0, 1));
	TIMED(launcher_ioeventfd(vm, event, 0, DOORBELL));
	TIMED(ioctl(vcpu, ARMKVM_RUN, 0));
	TIMED(launcher_region(vm, 1, ARMKVM_MEM_LOG_DIRTY_PAGES, RAM_GPA, RAM_SIZE, ram));
	TIMED(ioctl(vm, ARMKVM_GET_DIRTY_LOG, &log));
	TIMED(launcher_region(vm, 1, 0, MOVED_GPA, RAM_SIZE, ram));
	TIMED(launcher_region(vm, 1, 0, MOVED_GPA, 0, ram));
	TIMED(launcher_ioeventfd(vm, event, ARMKVM_IOEVENTFD_FLAG_DEASSIGN, DOORBELL));
	TIMED(launcher_irqfd(vm, event, ARMKVM_IRQFD_FLAG_DEASSIGN, 1));
	TIMED(close(gic));
	TIMED(close(vcpu));
	TIMED(close(vm));
}

static const struct {
	const char *name;
	void (*worst)(struct other *o);
} rounds[] = {
	{ "alone", NULL },
	{ "beside slots that come and go", worst_slots },
	{ "beside a dirty log that is read", worst_log },
	{ "beside memory that is taken", worst_memory },
	{ "beside VMs that are made and dropped", worst_vms },
	{ "beside events that come and go", worst_events },
	{ "beside a vCPU that waits for ever", worst_stuck },
};

/* Returns the status of the other tenant, if that ended by itself, else -1. */
static int measure(unsigned int n, uint8_t *code, uint8_t *ram, int event)
{
	pid_t pid = 0;
	int status = 0;
	double end;

	if (rounds[n].worst) {
		pid = fork();
		if (!pid) {
			struct sched_param normal = { };
			struct other o = { };

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			sched_setscheduler(0, SCHED_OTHER, &normal);
			rounds[n].worst(&o);
			_exit(0);
		}
		usleep(300000);
	}
	calls = 0;
	dearest_us = 0;
	for (end = now_us() + seconds_each * 1e6; now_us() < end;)
		one_life(code, ram, event);
	if (!pid)
		return -1;
	if (waitpid(pid, &status, WNOHANG) == pid)
		return status;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return -1;
}

/* Returns 1 if it failed. */
static int one_round(unsigned int n, uint8_t *code, uint8_t *ram, int event)
{
	int tries, status;

	for (tries = 0; tries < TRIES; tries++) {
		status = measure(n, code, ram, event);
		if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == NO_USERFAULTFD) {
			printf("SKIP tenants: %s: the kernel has no userfaultfd\n", rounds[n].name);
			return 0;
		}
		if (status >= 0) {
			printf("FAIL tenants: %s: the other one ended with status %#x\n", rounds[n].name, status);
			return 1;
		}
		printf("%s: %lu calls take at most %.0f us (%s)\n", rounds[n].name, calls, dearest_us, dearest);
		if (dearest_us < LIMIT_US) {
			printf("PASS tenants: %s\n", rounds[n].name);
			return 0;
		}
	}
	printf("FAIL tenants: %s: %.0f us for %s, each of %d times more than %d\n",
	       rounds[n].name, dearest_us, dearest, TRIES, LIMIT_US);
	return 1;
}

int main(int argc, char **argv)
{
	struct sched_param first = { .sched_priority = 1 };
	uint8_t *code, *ram;
	int event, bad = 0;
	unsigned int i;

	for (i = 1; i + 1 < (unsigned int)argc; i += 2)
		if (!strcmp(argv[i], "--seconds"))
			seconds_each = atoi(argv[i + 1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	sys_fd = open("/dev/armkvm", O_RDWR | O_CLOEXEC);
	if (sys_fd < 0)
		launcher_fail("/dev/armkvm");
	code = launcher_memory(CODE_SIZE);
	ram = launcher_memory(RAM_SIZE);
	event = eventfd(0, 0);
	memcpy(code, power_off, sizeof(power_off));
	if (event < 0 || sched_setscheduler(0, SCHED_FIFO, &first))
		launcher_fail("real-time priority");
	for (i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++)
		bad |= one_round(i, code, ram, event);
	return bad;
}
