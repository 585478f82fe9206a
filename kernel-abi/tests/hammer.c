// SPDX-License-Identifier: GPL-2.0-only
/*
 * Race hammer: guests that store, execute and invalidate while their launcher takes their memory
 * away in every way there is, beside processes that have nothing to do with it.
 *
 *	hammer [--seconds N] [--seed N]
 *
 * Four vCPUs of one VM run for as long as it takes. Around them, each in a thread of its own:
 *
 *	slots     the slot that the guest writes to is deleted, made again, moved, logged
 *	memory    its pages are dropped, protected, copied on write by a fork, merged
 *	log       the dirty log is read
 *	events    irqfds and ioeventfds come and go
 *	vms       another VM with a vCPU is made, run for a moment, and dropped
 *
 * A canary process allocates, fills and checks memory all the time: a page of its own that holds
 * something else was written by a guest after the host had taken it back. What the kernel itself
 * sees (page poison, slab checks, lockdep) its log says, and who runs this reads that.
 *
 * Prints one case line; the exit status is 1 if it failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/armkvm.h>
#include "launcher.h"

const char *const launcher_name = "hammer";

#define VCPUS		4
#define LOW_RAM		0x100000
#define WINDOW_GPA	0x10000000	/* what the memory's thread and the slots' thread fight over */
#define MOVED_GPA	0x20000000
#define WINDOW_PAGES	32
#define PAGE		LARGEST_PAGE
#define WINDOW_SIZE	(WINDOW_PAGES * PAGE)
#define CANARY_PAGES	512

static volatile int over;
static int sys_fd, vm_fd;
static uint8_t *window;
static unsigned long counts[8];
enum { EXITS, SLOTS, DROPS, FORKS, LOGS, EVENTS, VMS };

/* xorshift32, one state a thread: the same seed gives the same decisions, not the same races */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static uint32_t seed = 1;

/*
 * Each guest has its code at its own page: it walks over the window and stores or loads, with
 * TLB maintenance of one kind in between. r1 is the address, r3 the end, r4 the begin.
 */
static const uint32_t code_template[] = {
	0xe1a01004,	/* 1: mov r1, r4 */
	0xe5812000,	/* 2: str r2, [r1] */
	0xe2822001,	/* add r2, r2, #1 */
	0xe5910004,	/* ldr r0, [r1, #4] */
	0xe2811a01,	/* add r1, r1, #4096 */
	0xe1510003,	/* cmp r1, r3 */
	0x3afffff9,	/* blo 2b */
	0xe320f000,	/* nop: the maintenance goes here */
	0xeafffff6,	/* b 1b */
};
#define MAINTENANCE	7

static const uint32_t maintenance[VCPUS] = {
	0xee080f17,	/* TLBIALL */
	0xee081f33,	/* TLBIMVA of r1 */
	0xee070f15,	/* ICIALLU */
	0xe320f001,	/* YIELD */
};

struct vcpu {
	int fd;
	struct armkvm_run *run;
	pthread_t thread;
};

static struct vcpu vcpus[VCPUS];

/* A window without a slot is a device; memory that can't be had stops the guest, which goes on. */
static void *run_vcpu(void *arg)
{
	struct vcpu *v = arg;

	while (!over) {
		if (ioctl(v->fd, ARMKVM_RUN, 0) < 0 && errno != EINTR)
			launcher_fail("ARMKVM_RUN");
		__atomic_add_fetch(&counts[EXITS], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *change_slots(void *arg)
{
	uint32_t random = seed + 11;
	uint64_t gpa = WINDOW_GPA;
	uint32_t flags = 0;
	int there = 1;

	(void)arg;
	while (!over) {
		switch (there ? next_random(&random) % 4 : 3) {
		case 0:
			if (launcher_region(vm_fd, 1, 0, gpa, 0, window))
				launcher_fail("deleting a slot");
			there = 0;
			break;
		case 1:
			gpa = gpa == WINDOW_GPA ? MOVED_GPA : WINDOW_GPA;
			if (launcher_region(vm_fd, 1, flags, gpa, WINDOW_SIZE, window))
				launcher_fail("moving a slot");
			break;
		case 2:
			flags ^= ARMKVM_MEM_LOG_DIRTY_PAGES;
			if (launcher_region(vm_fd, 1, flags, gpa, WINDOW_SIZE, window))
				launcher_fail("a slot's flags");
			break;
		default:
			if (!there && launcher_region(vm_fd, 1, flags, gpa, WINDOW_SIZE, window))
				launcher_fail("a slot");
			there = 1;
			usleep(next_random(&random) % 2000);
		}
		__atomic_add_fetch(&counts[SLOTS], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* A child that shares the pages makes each later store of the guest's a copy. */
static void fork_once(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return;
	if (!pid) {
		usleep(1000);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	__atomic_add_fetch(&counts[FORKS], 1, __ATOMIC_RELAXED);
}

static void *change_memory(void *arg)
{
	uint32_t random = seed + 22;

	(void)arg;
	while (!over) {
		uint32_t r = next_random(&random);
		uint8_t *at = window + (r >> 8) % WINDOW_PAGES * PAGE;
		size_t size = ((r >> 16) % 4 + 1) * PAGE;

		if (at + size > window + WINDOW_SIZE)
			size = PAGE;
		switch (r % 8) {
		case 0:
			mprotect(at, size, PROT_READ);
			usleep(r % 300);
			mprotect(at, size, PROT_READ | PROT_WRITE);
			break;
		case 1:
			fork_once();
			break;
		case 2:
			madvise(at, size, r & 0x1000 ? MADV_MERGEABLE : MADV_UNMERGEABLE);
			break;
		case 3:
			madvise(at, size, MADV_PAGEOUT);
			break;
		case 4:
			madvise(window, WINDOW_SIZE, r & 0x1000 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
			break;
		default:
			madvise(at, size, MADV_DONTNEED);
		}
		__atomic_add_fetch(&counts[DROPS], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *read_log(void *arg)
{
	static uint64_t bits[WINDOW_SIZE / 4096 / 64];
	struct armkvm_dirty_log log = { .slot = 1, .dirty_bitmap = (uintptr_t)bits };

	(void)arg;
	while (!over) {
		if (ioctl(vm_fd, ARMKVM_GET_DIRTY_LOG, &log) && errno != ENOENT)
			launcher_fail("the dirty log");
		__atomic_add_fetch(&counts[LOGS], 1, __ATOMIC_RELAXED);
		usleep(500);
	}
	return NULL;
}

static void *change_events(void *arg)
{
	int fd;

	(void)arg;
	while (!over) {
		fd = eventfd(0, EFD_NONBLOCK);
		if (fd < 0)
			launcher_fail("eventfd");
		if (launcher_ioeventfd(vm_fd, fd, 0, WINDOW_GPA + 8))
			launcher_fail("an ioeventfd");
		if (launcher_ioeventfd(vm_fd, fd, ARMKVM_IOEVENTFD_FLAG_DEASSIGN, WINDOW_GPA + 8))
			launcher_fail("the end of an ioeventfd");
		close(fd);
		__atomic_add_fetch(&counts[EVENTS], 1, __ATOMIC_RELAXED);
		usleep(200);
	}
	return NULL;
}

static void *make_vms(void *arg)
{
	static const uint32_t off[] = { 0xe3000008, 0xe3480400, 0xe1400070, 0xeafffffe };
	uint8_t *low = launcher_memory(LOW_RAM);

	(void)arg;
	memcpy(low, off, sizeof(off));
	while (!over) {
		int vm = ioctl(sys_fd, ARMKVM_CREATE_VM, 0), vcpu;

		if (vm < 0 || launcher_region(vm, 0, 0, 0, LOW_RAM, low))
			launcher_fail("another VM");
		vcpu = launcher_vcpu(vm, 0);
		if (ioctl(vcpu, ARMKVM_RUN, 0) && errno != EINTR)
			launcher_fail("another VM's vCPU");
		close(vcpu);
		close(vm);
		__atomic_add_fetch(&counts[VMS], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* A process without any armkvm descriptor: its memory is its own. */
static void canary(void)
{
	uint32_t pattern = 0x5eed0000;
	size_t size = CANARY_PAGES * 4096, i;

	for (;; pattern++) {
		uint32_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			continue;
		for (i = 0; i < size / 4; i++) {
			if (p[i])
				_exit(2);
			p[i] = pattern;
		}
		usleep(500);
		for (i = 0; i < size / 4; i++)
			if (p[i] != pattern)
				_exit(3);
		munmap(p, size);
	}
}

static void make_guest(void)
{
	uint8_t *low = launcher_memory(LOW_RAM);
	unsigned int i;

	window = launcher_memory(WINDOW_SIZE);
	vm_fd = ioctl(sys_fd, ARMKVM_CREATE_VM, 0);
	if (vm_fd < 0 || launcher_region(vm_fd, 0, 0, 0, LOW_RAM, low) ||
	    launcher_region(vm_fd, 1, 0, WINDOW_GPA, WINDOW_SIZE, window))
		launcher_fail("the VM");
	for (i = 0; i < VCPUS; i++) {
		uint32_t *code = (uint32_t *)(low + i * 4096);

		memcpy(code, code_template, sizeof(code_template));
		code[MAINTENANCE] = maintenance[i];
		vcpus[i].fd = launcher_vcpu(vm_fd, i);
		vcpus[i].run = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, vcpus[i].fd, 0);
		if (vcpus[i].run == MAP_FAILED)
			launcher_fail("a run page");
		launcher_core(vcpus[i].fd, 15, i * 4096);
		launcher_core(vcpus[i].fd, 4, i & 1 ? MOVED_GPA : WINDOW_GPA);
		launcher_core(vcpus[i].fd, 3, (i & 1 ? MOVED_GPA : WINDOW_GPA) + WINDOW_SIZE);
	}
}

static void nothing(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	void *(*const work[])(void *) = {
		change_slots, change_memory, read_log, change_events, make_vms,
	};
	const size_t workers = sizeof(work) / sizeof(work[0]);
	pthread_t threads[sizeof(work) / sizeof(work[0])];
	struct sigaction sa = { .sa_handler = nothing };
	unsigned int seconds = 20, i;
	int status = 0;
	pid_t pid;

	for (i = 1; i + 1 < (unsigned int)argc; i += 2) {
		if (!strcmp(argv[i], "--seconds"))
			seconds = atoi(argv[i + 1]);
		else if (!strcmp(argv[i], "--seed"))
			seed = atoi(argv[i + 1]);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGUSR1, &sa, NULL);
	pid = fork();
	if (!pid)
		canary();
	sys_fd = open("/dev/armkvm", O_RDWR | O_CLOEXEC);
	if (sys_fd < 0)
		launcher_fail("/dev/armkvm");
	make_guest();
	for (i = 0; i < VCPUS; i++)
		pthread_create(&vcpus[i].thread, NULL, run_vcpu, &vcpus[i]);
	for (i = 0; i < workers; i++)
		pthread_create(&threads[i], NULL, work[i], NULL);
	for (i = 0; i < seconds && !status; i++) {
		sleep(1);
		if (waitpid(pid, &status, WNOHANG) != pid)
			status = 0;
	}
	over = 1;
	for (i = 0; i < workers; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < VCPUS; i++) {
		vcpus[i].run->immediate_exit = 1;
		pthread_kill(vcpus[i].thread, SIGUSR1);
		pthread_join(vcpus[i].thread, NULL);
	}
	printf("seed %u: %lu exits, %lu slot changes, %lu of memory, %lu forks, %lu logs, %lu events, %lu VMs\n",
	       seed, counts[EXITS], counts[SLOTS], counts[DROPS], counts[FORKS], counts[LOGS],
	       counts[EVENTS], counts[VMS]);
	if (!status)
		kill(pid, SIGKILL);
	if (status) {
		printf("FAIL hammer: a process that has nothing to do with armkvm found %s\n",
		       WIFEXITED(status) && WEXITSTATUS(status) == 2 ? "a fresh page that isn't zero" :
		       "its memory changed");
		return 1;
	}
	for (i = EXITS; i <= VMS; i++) {
		if (!counts[i]) {
			printf("FAIL hammer: nothing happened in one of its threads (%u)\n", i);
			return 1;
		}
	}
	printf("PASS hammer\n");
	return 0;
}
