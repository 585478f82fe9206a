// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests for the fuzzer: a few hundred words of random code each, in memory that is taken away,
 * comes late and has slots made and deleted around it.
 *
 * Guest code is loads and stores of all kinds, coprocessor accesses, maintenance, changes of mode and
 * state, calls, and words of chance. The vectors lead back into it, so that a guest lives until its
 * launcher takes it out. Half the guests turn their MMU on, with a table of sections of chance.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <linux/armkvm.h>
#include <linux/userfaultfd.h>
#include "fuzz.h"

#define GUESTS_PAGES	16			/* the part that is there */
#define LARGEST_PAGE	65536
#define CODE		0x400			/* vectors below */
#define CODE_WORDS	256
#define TABLE		0x8000			/* 16 KiB of sections, in the part that is there */
#define LATE_GPA	0x40000000u

static unsigned char *there, *late;
static const char *no_late;
static long page;
static int late_fd = -1;
static uint64_t late_random;
static unsigned long late_pages;

const char *fuzz_no_late(void)
{
	return no_late;
}

unsigned long fuzz_late_given(void)
{
	return __atomic_load_n(&late_pages, __ATOMIC_RELAXED);
}

unsigned char *fuzz_late(void)
{
	return late;
}

static unsigned char *reserve(size_t pages)
{
	unsigned char *p = mmap(NULL, pages * page + LARGEST_PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		_exit(2);
	}
	return (unsigned char *)(((uintptr_t)p + LARGEST_PAGE - 1) & ~(uintptr_t)(LARGEST_PAGE - 1));
}

/* Gives each page that somebody waits for, after up to 2 ms and now and then 30. */
static void *give_pages(void *arg)
{
	unsigned char *content = malloc(page);
	struct uffd_msg msg;

	(void)arg;
	for (;;) {
		struct pollfd wait = { .fd = late_fd, .events = POLLIN };
		struct uffdio_copy copy = { .src = (uintptr_t)content, .len = page };

		if (poll(&wait, 1, -1) < 1 || read(late_fd, &msg, sizeof(msg)) != sizeof(msg) ||
		    msg.event != UFFD_EVENT_PAGEFAULT)
			continue;
		usleep(below(&late_random, 32) ? below(&late_random, 2000) : 30000);
		memset(content, (int)next(&late_random), page);
		copy.dst = msg.arg.pagefault.address & ~(uint64_t)(page - 1);
		/* (-EEXIST: two have waited for it) */
		if (!ioctl(late_fd, UFFDIO_COPY, &copy))
			__atomic_add_fetch(&late_pages, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static const char *late_start(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register part = {
		.range = { .start = (uintptr_t)late, .len = (uint64_t)FUZZ_LATE_PAGES * page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	pthread_t thread;

	late_fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (late_fd < 0)
		return errno == ENOSYS ? "the host's kernel has no userfaultfd" : strerror(errno);
	if (ioctl(late_fd, UFFDIO_API, &api) || ioctl(late_fd, UFFDIO_REGISTER, &part))
		return "userfaultfd doesn't take the memory";
	if (pthread_create(&thread, NULL, give_pages, NULL))
		return "no thread";
	return NULL;
}

void fuzz_guest_memory(uint64_t random)
{
	page = sysconf(_SC_PAGESIZE);
	there = reserve(GUESTS_PAGES);
	late = reserve(FUZZ_LATE_PAGES);
	late_random = random | 1;
	no_late = late_start();
}

void fuzz_guest_disturb(uint64_t *s)
{
	unsigned char *p = (below(s, 2) ? there : late) + (size_t)below(s, GUESTS_PAGES) * page;

	switch (below(s, 4)) {
	case 0:
		mprotect(p, page, PROT_READ);
		mprotect(p, page, PROT_READ | PROT_WRITE);
		break;
	case 1:
		mprotect(p, page, PROT_NONE);
		mprotect(p, page, PROT_READ | PROT_WRITE);
		break;
	default:
		madvise(p, page, MADV_DONTNEED);
	}
}

/* -- code ------------------------------------------------------------------------------- */

static uint32_t data_register(uint64_t *s)
{
	return below(s, 13);
}

/* MOVW and MOVT: an address in guest RAM, or one near the ends of it. */
static uint32_t *put_address(uint64_t *s, uint32_t *p, uint32_t reg)
{
	uint32_t low = below(s, 4) ? below(s, 0x10000) & ~3U : (uint32_t)next(s) & 0xffff;
	uint32_t high = below(s, 2) ? LATE_GPA >> 16 : below(s, 4) ? 0 : (uint32_t)next(s) & 0xffff;

	*p++ = 0xe3000000 | (low & 0xf000) << 4 | reg << 12 | (low & 0xfff);
	*p++ = 0xe3400000 | (high & 0xf000) << 4 | reg << 12 | (high & 0xfff);
	return p;
}

static uint32_t transfer(uint64_t *s)
{
	/* STR, LDR, STRB, LDRB, STRT, LDRT; STRH, LDRH, LDRSB, LDRD, STRD; LDM, STM; exclusives; SWP; PLD */
	static const uint32_t forms[] = {
		0xe5800000, 0xe5900000, 0xe5c00000, 0xe5d00000, 0xe4a00004, 0xe4b00004,
		0xe1c000b0, 0xe1d000b0, 0xe1d000d0, 0xe1c000d0, 0xe1c000f0,
		0xe8900000, 0xe8800000, 0xe8d00000, 0xe8c00000,
		0xe1900f9f, 0xe1800f90, 0xe1b00f9f, 0xe1000090, 0xf5d0f000,
		0xedd00b00, 0xedc00b00, 0xf4200a0f, 0xf4000a0f,
	};
	uint32_t word = forms[below(s, sizeof(forms) / sizeof(forms[0]))];

	word |= data_register(s) << 16;
	if ((word & 0x0e000000) == 0x08000000)		/* a list */
		return word | (next(s) & 0x7fff);
	if ((word & 0x0fb000f0) == 0x01800090)		/* exclusives: the status is another register */
		return word | data_register(s) << 12 | (next(s) & 7);
	return word | (data_register(s) & (word & 0x1000000 ? 14 : 15)) << 12;
}

static uint32_t system_word(uint64_t *s)
{
	/* TLBIALL, TLBIMVA, TLBIASID, their inner shareable ones; caches; barriers; contexts */
	static const uint32_t known[] = {
		0xee080f17, 0xee080f37, 0xee080f57, 0xee080f13, 0xee080f33, 0xee080f53, 0xee080f73,
		0xee070f15, 0xee070f35, 0xee070f11, 0xee070f3b, 0xee070f3e, 0xee070fd5, 0xee070f36,
		0xf57ff04f, 0xf57ff05f, 0xf57ff06f, 0xee0d0f30, 0xee020f10, 0xee020f30, 0xee030f10,
		0xee010f10, 0xee110f10, 0xee0d0f90, 0xee1d0f70, 0xee060f10, 0xee070f18, 0xee1e0f12,
		0xf57ff01f,
	};

	switch (below(s, 8)) {
	case 0:		/* any access of coprocessors 14 and 15 */
		return 0xee000010 | ((uint32_t)next(s) & 0x00fff0ef) | (below(s, 2) ? 0xf00 : 0xe00);
	case 1:		/* MRRC and MCRR of 15 */
		return 0xec400f00 | ((uint32_t)next(s) & 0x001ff0ff);
	default:
		return known[below(s, sizeof(known) / sizeof(known[0]))] | data_register(s) << 12;
	}
}

static uint32_t state_word(uint64_t *s)
{
	switch (below(s, 12)) {
	case 0:
		return 0xf1020000 | (next(s) & 0x1df);		/* CPS with a mode */
	case 1:
		return 0xf1080000 | (next(s) & 0x1c0);		/* CPSIE */
	case 2:
		return 0xf10c0000 | (next(s) & 0x1c0);		/* CPSID */
	case 3:
		return 0xe120f000 | (next(s) & 0x0f400f);	/* MSR */
	case 4:
		return 0xe10f0000 | (next(s) & 0x40f000);	/* MRS */
	case 5:
		return 0xe1b0f00e;				/* MOVS pc, lr */
	case 6:
		return 0xf8900a00 | data_register(s) << 16;	/* RFE */
	case 7:
		return 0xf8c00500 | (next(s) & 0x0120001f);	/* SRS */
	case 8:
		return 0xf1010000 | (next(s) & 0x200);		/* SETEND */
	case 9:
		return 0xe320f000 | below(s, 5);		/* YIELD, WFE, WFI, SEV */
	case 10:
		return 0xe1200070 | (next(s) & 0xfff0f);	/* BKPT */
	default:
		return 0xe12fff10 | data_register(s);		/* BX, mostly to Thumb or nowhere */
	}
}

static uint32_t call_word(uint64_t *s)
{
	switch (below(s, 6)) {
	case 0:
		return 0xe1600070 | (next(s) & 0xf);		/* SMC */
	case 1:
		return 0xe7f000f0 | (next(s) & 0xfff0f);	/* UDF */
	case 2:
		return 0xe1400070;				/* HVC #0 */
	case 3:
		return 0xe1400070 | (next(s) & 0xfff0f);	/* HVC */
	default:
		return 0xef000000 | (next(s) & 0xffff);		/* SVC */
	}
}

/* The identifier of a call that there is: PSCI's, SMCCC's, armkvm's own. */
static uint32_t *put_call(uint64_t *s, uint32_t *p)
{
	static const uint32_t ids[] = { 0x84000000, 0x80000000, 0xc6000000, 0x86000000, 0xc5000020 };
	uint32_t id = ids[below(s, 5)] | below(s, 32);

	*p++ = 0xe3000000 | (id & 0xf000) << 4 | (id & 0xfff);
	*p++ = 0xe3400000 | (id >> 12 & 0xf0000) | (id >> 16 & 0xfff);
	*p++ = 0xe1400070;
	return p;
}

static void write_code(uint64_t *s, uint32_t *code)
{
	uint32_t *p = code, *end = code + CODE_WORDS - 8;
	unsigned int i;

	while (p < end) {
		switch (below(s, 16)) {
		case 0: case 1: case 2:
			p = put_address(s, p, data_register(s));
			break;
		case 3: case 4: case 5: case 6:
			*p++ = transfer(s);
			break;
		case 7: case 8:
			*p++ = system_word(s);
			break;
		case 9:
			*p++ = state_word(s);
			break;
		case 10:
			*p++ = call_word(s);
			break;
		case 11:
			p = put_call(s, p);
			break;
		case 12:	/* a short jump, forward */
			*p++ = (uint32_t)next(s) << 28 | 0x0a000000 | below(s, 8);
			break;
		case 13:	/* a loop of three, sometimes without end */
			*p++ = 0xe2500001 | data_register(s) << 16 | data_register(s) << 12;
			*p++ = 0x1afffffc;
			break;
		case 14:
			*p++ = 0xe0000000 | ((uint32_t)next(s) & 0x01ffcfff);
			break;
		default:
			*p++ = (uint32_t)next(s);
		}
	}
	for (i = p - code; i < CODE_WORDS; i++)
		code[i] = 0xea000000 | ((0U - i - 2) & 0xffffff);	/* B, to the begin */
}

/* Vectors that go on at chance in the code: nothing a guest does leaves it for long. */
static void write_vectors(uint64_t *s, uint32_t *ram)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		ram[i] = 0xea000000 | (CODE / 4 + below(s, CODE_WORDS) - i - 2);
}

/* Sections: the first one flat and for all, the others of chance, with domains and rights of chance. */
static void write_table(uint64_t *s, uint32_t *table)
{
	unsigned int i;

	for (i = 0; i < 4096; i++)
		table[i] = 0;
	for (i = 0; i < 64; i++) {
		uint32_t to = below(s, 2) ? LATE_GPA : below(s, 4) ? 0 : (uint32_t)next(s);

		table[below(s, 3) ? below(s, 4096) : LATE_GPA >> 20] =
			(to & 0xfff00000) | ((uint32_t)next(s) & 0x3ffec) | 2;
	}
	table[0] = 0xc02;
}

/* -- a guest ---------------------------------------------------------------------------- */

static void set(int vcpu, uint64_t id, uint32_t value)
{
	struct armkvm_one_reg reg = { id, (uintptr_t)&value };

	/* Others may have closed or changed it: whatever a call says is right. */
	ioctl(vcpu, ARMKVM_SET_ONE_REG, &reg);
}

static void region(int vm, uint32_t slot, uint32_t flags, uint64_t gpa, unsigned char *at, size_t pages)
{
	struct armkvm_userspace_memory_region r = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa,
		.memory_size = (uint64_t)pages * page, .userspace_addr = (uintptr_t)at,
	};

	ioctl(vm, ARMKVM_SET_USER_MEMORY_REGION, &r);
}

/* Others take the memory's rights away at any time: an error, not a signal. */
static void put(unsigned char *at, void *from, size_t size)
{
	struct iovec to = { at, size }, ours = { from, size };

	(void)!process_vm_writev(getpid(), &ours, 1, &to, 1, 0);
}

static void start_guest(uint64_t *s, int vm, int vcpu)
{
	struct armkvm_vcpu_init init = { .features = { 1U << ARMKVM_ARM_VCPU_PSCI_0_2 } };
	static const uint8_t modes[] = { 0x13, 0x13, 0x13, 0x1f, 0x12, 0x17, 0x1b, 0x11, 0x10 };
	unsigned int i;

	init.target = ARMKVM_ARM_TARGET_HOST;
	region(vm, 50, below(s, 2), 0, there, GUESTS_PAGES);
	region(vm, 51, below(s, 2), LATE_GPA, late, FUZZ_LATE_PAGES);
	ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init);
	/* Code for itself, or that of a guest that runs already. */
	if (below(s, 4)) {
		uint32_t words[CODE / 4 + CODE_WORDS] = { 0 };

		write_vectors(s, words);
		write_code(s, words + CODE / 4);
		put(there, words, sizeof(words));
	}
	for (i = 0; i < 15; i++)
		set(vcpu, ARMKVM_REG_ARM_CORE_REG(i),
		    below(s, 2) ? LATE_GPA + below(s, 0x10000) : below(s, 0x10000));
	if (below(s, 2)) {
		uint32_t table[4096];

		write_table(s, table);
		put(there + TABLE, table, sizeof(table));
		set(vcpu, ARMKVM_REG_CP32(15, 0, 2, 0, 0), TABLE);
		set(vcpu, ARMKVM_REG_CP32(15, 0, 3, 0, 0), (uint32_t)next(s) | 1);
		set(vcpu, ARMKVM_REG_CP32(15, 0, 1, 0, 0), 0x00c50079 | ((uint32_t)next(s) & 0x30003006));
	}
	set(vcpu, ARMKVM_REG_ARM_CORE_REG(15), CODE);
	set(vcpu, ARMKVM_REG_ARM_CORE_REG(16), modes[below(s, sizeof(modes))] | ((uint32_t)next(s) & 0x1c0));
}

void fuzz_guest(uint64_t *s, const volatile int *over, struct fuzz_guest_counts *counts)
{
	while (!*over) {
		/* held: the fuzzer closes its own descriptor when it likes */
		int vm = fcntl(fuzz_pick(s, VM), F_DUPFD_CLOEXEC, 3), vcpu, held;
		struct armkvm_run *run;
		unsigned int i, runs = 1 + below(s, 20);

		counts->rounds++;
		vcpu = ioctl(vm, ARMKVM_CREATE_VCPU, below(s, 4));
		if (vcpu > 2)
			fuzz_keep(s, VCPU, vcpu);
		else
			vcpu = fuzz_pick(s, VCPU);
		held = fcntl(vcpu, F_DUPFD_CLOEXEC, 3);
		run = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, held, 0);
		start_guest(s, vm, held);
		for (i = 0; i < runs && !*over; i++) {
			int r = ioctl(held, ARMKVM_RUN, 0);

			counts->runs++;
			if (r < 0 && errno != EINTR)
				break;
			counts->exits += !r;
			if (run != MAP_FAILED) {	/* what a read of a device gets, and much else */
				volatile uint64_t *words = (volatile uint64_t *)run;

				words[below(s, below(s, 2) ? 16 : page / 8)] = next(s);
				run->immediate_exit = !below(s, 8);
			}
			if (!below(s, 4))
				fuzz_guest_disturb(s);
		}
		if (run != MAP_FAILED)
			munmap(run, page);
		close(held);
		close(vm);
	}
}
