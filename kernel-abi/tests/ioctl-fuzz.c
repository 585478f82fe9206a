// SPDX-License-Identifier: GPL-2.0-only
/*
 * Malformed ioctls at /dev/armkvm, to see that the host stays unharmed.
 *
 *	ioctl-fuzz [--count N] [--seed N] [--threads N] [--guests N]
 *
 * Issues N calls (100,000 unless told otherwise) from several threads on a
 * changing set of descriptors: unknown numbers, known ones with wrong
 * directions and lengths, structures of random bytes and sound ones with a few
 * fields spoiled, at addresses that are null, unmapped, read-only, without any
 * access, across the end of a mapping, in the kernel, or in memory that another
 * thread gives late (userfaultfd). Meanwhile guests of random code (2 unless
 * told otherwise) run on the same descriptors, descriptors are closed under
 * running calls, and batches end by being killed.
 *
 * The seed is printed and gives the same calls again (the threads' order is the
 * machine's). Afterwards a sane VM must work and the module hold no reference;
 * whether the kernel complained is for the caller to see. Prints one PASS or FAIL.
 *
 * A call may rightly give a guest this program's own memory, and that guest may
 * spoil it: beside guests a batch that ends by a signal before its report is
 * counted, and fails the test only if that happens to more than three and one in ten.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/armkvm.h>
#include "fuzz.h"

#define NODE		"/dev/armkvm"
#define BATCH		5000
#define MAX_THREADS	16
#define FDS		30	/* KINDS * FDS_A_KIND */
#define ERRNOS		140

/* What a batch has done; it tells its parent by a pipe, so that no guest can spoil the sum. */
static struct totals {
	unsigned long calls, good, by_errno[ERRNOS];
	struct fuzz_guest_counts guests;
	unsigned long late;		/* pages given late */
	char no_late[64];		/* or why there are none */
} totals;
_Static_assert(sizeof(struct totals) <= 4096, "a pipe takes it at once");

static long page;
static unsigned char *structures;	/* two pages a thread; no slot begins here */
static unsigned char *targets;		/* the only memory of ours that calls may write */
static unsigned char *readonly, *noaccess, *edge;
/* Nothing is mapped here: between the heap and where the kernel looks for room first. */
static unsigned char *const hole = (unsigned char *)0x20000000;
#define TARGET_PAGES	32

/* Descriptors of this process, by kind; slots are raced for on purpose. */
#define FDS_A_KIND	6
static int fds[FDS];
static int event;	/* for irqfds and ioeventfds */

static const struct {
	unsigned int nr;
	unsigned int size;
	enum kind kind;
} calls[] = {
#define SIMPLE(kind, name)	{ ARMKVM_##name, 0, kind }
#define TAKES(kind, name, type)	{ ARMKVM_##name, sizeof(struct type), kind }
	SIMPLE(SYSTEM, GET_API_VERSION),
	SIMPLE(SYSTEM, CREATE_VM),
	SIMPLE(SYSTEM, CHECK_EXTENSION),
	SIMPLE(SYSTEM, GET_VCPU_MMAP_SIZE),
	SIMPLE(SYSTEM, GIVE_MM),
	SIMPLE(VM, CREATE_VCPU),
	TAKES(VM, GET_DIRTY_LOG, armkvm_dirty_log),
	TAKES(VM, SET_USER_MEMORY_REGION, armkvm_userspace_memory_region),
	TAKES(VM, IRQ_LINE, armkvm_irq_level),
	TAKES(VM, IRQFD, armkvm_irqfd),
	TAKES(VM, IOEVENTFD, armkvm_ioeventfd),
	TAKES(VM, ENABLE_CAP, armkvm_enable_cap),
	TAKES(VM, ARM_PREFERRED_TARGET, armkvm_vcpu_init),
	TAKES(VM, CLEAR_DIRTY_LOG, armkvm_clear_dirty_log),
	SIMPLE(VM, GET_STATS_FD),
	TAKES(VM, MEMORY_WRITTEN, armkvm_memory_range),
	TAKES(VM, CREATE_WINDOW, armkvm_window),
	TAKES(VM, CREATE_DEVICE, armkvm_create_device),
	TAKES(DEVICE, SET_DEVICE_ATTR, armkvm_device_attr),
	TAKES(DEVICE, GET_DEVICE_ATTR, armkvm_device_attr),
	TAKES(DEVICE, HAS_DEVICE_ATTR, armkvm_device_attr),
	SIMPLE(VCPU, RUN),
	TAKES(VCPU, GET_MP_STATE, armkvm_mp_state),
	TAKES(VCPU, SET_MP_STATE, armkvm_mp_state),
	TAKES(VCPU, SET_GUEST_DEBUG, armkvm_guest_debug),
	TAKES(VCPU, GET_VCPU_EVENTS, armkvm_vcpu_events),
	TAKES(VCPU, SET_VCPU_EVENTS, armkvm_vcpu_events),
	TAKES(VCPU, EMULATED, armkvm_emulated),
	TAKES(VCPU, ACCESS, armkvm_access),
	TAKES(VCPU, GET_LINES, armkvm_lines),
	TAKES(VCPU, GET_ONE_REG, armkvm_one_reg),
	TAKES(VCPU, SET_ONE_REG, armkvm_one_reg),
	TAKES(VCPU, GET_REG_VALUES, armkvm_reg_values),
	TAKES(VCPU, SET_REG_VALUES, armkvm_reg_values),
	TAKES(VCPU, ARM_VCPU_INIT, armkvm_vcpu_init),
	TAKES(VCPU, GET_REG_LIST, armkvm_reg_list),
};
#define CALLS	(sizeof(calls) / sizeof(calls[0]))

/* The machine, not the module, fails: no verdict. */
__attribute__((noreturn)) static void give_up(const char *what)
{
	fprintf(stderr, "ioctl-fuzz: %s: %s\n", what, strerror(errno));
	_exit(2);
}

/* A number that likes limits. */
static uint64_t number(uint64_t *s)
{
	switch (below(s, 9)) {
	case 0:
		return 0;
	case 1:
		return below(s, 16);
	case 2:
		return below(s, 1024);
	case 3:
		return 1ULL << below(s, 64);
	case 4:
		return (1ULL << below(s, 64)) - 1;
	case 5:
		return ~(uint64_t)below(s, 16);
	case 6:
		return (uint64_t)below(s, 1 << 20) * page;
	case 7:
		return 0 - (uint64_t)below(s, 16) * page;
	default:
		return next(s);
	}
}

/* Where user space can't be; 0 for a 32-bit program on a 64-bit kernel, which may use it all. */
static uint64_t kernel_floor;

static int within(uint64_t a, const unsigned char *start, unsigned long pages)
{
	return a - (uintptr_t)start < pages * page;
}

/* May the kernel write there? Yes if it can't, or if it is ours to lose. */
static int harmless(uint64_t a)
{
	return a < 0x1000 || within(a, targets, TARGET_PAGES + 15) || within(a, readonly, 15) ||
	       within(a, noaccess, 15) || within(a, hole, 15) || within(a, edge, 15) ||
	       within(a, fuzz_late(), FUZZ_LATE_PAGES) || (kernel_floor && a >= kernel_floor);
}

static uint64_t kernel_address(uint64_t *s)
{
	if (!kernel_floor)
		return (uintptr_t)hole;
	return kernel_floor | (sizeof(void *) == 8 ? next(s) : (uint32_t)next(s));
}

/*
 * An address for the kernel to use. Never one of this program's own data, so
 * that a call that rightly writes there can't break the fuzzer.
 */
static uint64_t address(uint64_t *s)
{
	switch (below(s, 13)) {
	case 0:
		return 0;
	case 12:
		return (uintptr_t)fuzz_late() + below(s, FUZZ_LATE_PAGES * page);
	case 1:
		return below(s, 4096);
	case 2:
		return (uintptr_t)readonly + below(s, page);
	case 3:
		return (uintptr_t)noaccess + below(s, page);
	case 4:
		return (uintptr_t)hole + below(s, page);
	case 5:
		return (uintptr_t)edge + page - 1 - below(s, 64);
	case 6:
		return kernel_floor ? (uintptr_t)-1 - below(s, 1 << 16) : (uintptr_t)noaccess;
	case 7:
		return kernel_address(s);
	case 8:
		return (uintptr_t)targets + (uint64_t)below(s, TARGET_PAGES) * page;
	default:
		return (uintptr_t)targets + below(s, TARGET_PAGES * page);
	}
}

static uint64_t reg_id(uint64_t *s)
{
	static const uint64_t kinds[] = { 14, 15, 16, 17, 18, 20 };
	uint64_t id = ARMKVM_REG_ARM |
		      (below(s, 4) ? ARMKVM_REG_SIZE_U32 : ARMKVM_REG_SIZE_U64) |
		      kinds[below(s, 6)] << ARMKVM_REG_ARM_COPROC_SHIFT;

	id |= below(s, 2) ? below(s, 40) : below(s, 1 << 15);
	if (!below(s, 4))
		id ^= 1ULL << below(s, 64);
	return id;
}

/* A structure as the call could want it. */
static void sound(uint64_t *s, unsigned int nr, unsigned char *p)
{
	memset(p, 0, 512);
	switch (nr) {
	case ARMKVM_SET_USER_MEMORY_REGION: {
		struct armkvm_userspace_memory_region r = {
			.slot = below(s, 40),
			.flags = below(s, 4),
			.guest_phys_addr = (uint64_t)below(s, 256) * page,
			.memory_size = (uint64_t)below(s, 32) * page,
			.userspace_addr = (uintptr_t)(below(s, 4) ? targets : fuzz_late()) +
					  (uint64_t)below(s, FUZZ_LATE_PAGES) * page,
		};
		memcpy(p, &r, sizeof(r));
		break;
	}
	case ARMKVM_GET_DIRTY_LOG: {
		struct armkvm_dirty_log l = { .slot = below(s, 40), .dirty_bitmap = address(s) };

		memcpy(p, &l, sizeof(l));
		break;
	}
	case ARMKVM_CLEAR_DIRTY_LOG: {
		struct armkvm_clear_dirty_log l = {
			.slot = below(s, 40), .num_pages = below(s, 40),
			.first_page = below(s, 2) * 64, .dirty_bitmap = address(s),
		};
		memcpy(p, &l, sizeof(l));
		break;
	}
	case ARMKVM_MEMORY_WRITTEN: {
		struct armkvm_memory_range r = { .userspace_addr = address(s), .size = below(s, 1 << 18) };

		memcpy(p, &r, sizeof(r));
		break;
	}
	case ARMKVM_CREATE_WINDOW: {
		struct armkvm_window w = { .size = below(s, 4) * ARMKVM_WINDOW_ALIGN, .reserved = !below(s, 8) };

		memcpy(p, &w, sizeof(w));
		break;
	}
	case ARMKVM_ENABLE_CAP: {
		static const uint32_t caps[] = {
			ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, ARMKVM_CAP_PV, ARMKVM_CAP_CP_EXIT,
			ARMKVM_CAP_EMULATE, ARMKVM_CAP_COUNTER_OFFSET,
		};
		struct armkvm_enable_cap c = {
			.cap = caps[below(s, sizeof(caps) / sizeof(caps[0]))],
			.args = { below(s, 2) ? below(s, 3) : (uint32_t)next(s) },
		};
		memcpy(p, &c, sizeof(c));
		break;
	}
	case ARMKVM_GET_ONE_REG:
	case ARMKVM_SET_ONE_REG: {
		struct armkvm_one_reg r = { .id = reg_id(s), .addr = address(s) };

		memcpy(p, &r, sizeof(r));
		break;
	}
	case ARMKVM_GET_REG_VALUES:
	case ARMKVM_SET_REG_VALUES: {
		struct armkvm_reg_values r = { .regs = address(s), .nr = below(s, 2) ? below(s, 40) : number(s) };

		memcpy(p, &r, sizeof(r));
		break;
	}
	case ARMKVM_GET_REG_LIST: {
		struct armkvm_reg_list l = { .n = below(s, 2) ? 512 : number(s) };

		memcpy(p, &l, sizeof(l));
		break;
	}
	case ARMKVM_IRQ_LINE: {
		struct armkvm_irq_level l = {
			.irq = below(s, 3) << ARMKVM_IRQ_TYPE_SHIFT |
			       below(s, 4) << ARMKVM_IRQ_VCPU_SHIFT | below(s, 160),
			.level = below(s, 2),
		};
		memcpy(p, &l, sizeof(l));
		break;
	}
	case ARMKVM_IRQFD: {
		struct armkvm_irqfd i = { .fd = event, .gsi = below(s, 160), .flags = below(s, 4), .resamplefd = event };

		memcpy(p, &i, sizeof(i));
		break;
	}
	case ARMKVM_IOEVENTFD: {
		struct armkvm_ioeventfd i = {
			.addr = (uint64_t)below(s, 256) * page, .len = 1U << below(s, 4), .fd = event,
			.flags = below(s, 8), .datamatch = below(s, 4),
		};
		memcpy(p, &i, sizeof(i));
		break;
	}
	case ARMKVM_CREATE_DEVICE: {
		struct armkvm_create_device c = { .type = ARMKVM_DEV_TYPE_ARM_VGIC_V2, .flags = below(s, 2) };

		memcpy(p, &c, sizeof(c));
		break;
	}
	case ARMKVM_SET_DEVICE_ATTR:
	case ARMKVM_GET_DEVICE_ATTR:
	case ARMKVM_HAS_DEVICE_ATTR: {
		struct armkvm_device_attr a = {
			.group = below(s, 6), .attr = below(s, 2) ? below(s, 8) : below(s, 1 << 16), .addr = address(s),
		};
		memcpy(p, &a, sizeof(a));
		break;
	}
	case ARMKVM_SET_GUEST_DEBUG: {
		struct armkvm_guest_debug d = { .control = below(s, 2) ? below(s, 4) : (uint32_t)next(s) };

		memcpy(p, &d, sizeof(d));
		break;
	}
	case ARMKVM_ARM_VCPU_INIT: {
		struct armkvm_vcpu_init i = { .features = { below(s, 8) == 0 } };

		memcpy(p, &i, sizeof(i));
		break;
	}
	case ARMKVM_EMULATED: {
		struct armkvm_emulated e = { .flags = below(s, 2), .then = below(s, 4) };

		memcpy(p, &e, sizeof(e));
		break;
	}
	case ARMKVM_ACCESS: {
		struct armkvm_access a = {
			.kind = below(s, 2), .is_write = below(s, 2), .is_user = below(s, 2), .value = next(s),
			.where = ARMKVM_REG_CP32(15, 0, below(s, 2) ? 14 : 9, below(s, 16), below(s, 8)),
		};
		if (a.kind == ARMKVM_ACCESS_PHYS) {
			a.where = (uint64_t)below(s, 256) * page + 4 * below(s, 64);
			a.len = 1U << below(s, 4);
			a.is_user = 0;
		}
		memcpy(p, &a, sizeof(a));
		break;
	}
	case ARMKVM_SET_MP_STATE: {
		struct armkvm_mp_state m = { .mp_state = below(s, 7) };

		memcpy(p, &m, sizeof(m));
		break;
	}
	}
}

/* Spoils a few words or bytes. */
static void spoil(uint64_t *s, unsigned char *p, unsigned int size)
{
	unsigned int n = below(s, 4);

	while (n--) {
		if (below(s, 2) && size >= 8) {
			uint64_t v = below(s, 2) ? number(s) : address(s);

			memcpy(p + below(s, size / 8) * 8, &v, 8);
		} else if (size) {
			p[below(s, size)] ^= 1 << below(s, 8);
		}
	}
}

/* Where a structure holds the address of something that the call writes; 0: it doesn't. */
static size_t written_address(unsigned int nr)
{
	switch (nr) {
	case ARMKVM_GET_ONE_REG:
		return offsetof(struct armkvm_one_reg, addr);
	case ARMKVM_GET_DIRTY_LOG:
		return offsetof(struct armkvm_dirty_log, dirty_bitmap);
	case ARMKVM_GET_DEVICE_ATTR:
		return offsetof(struct armkvm_device_attr, addr);
	default:
		return 0;
	}
}

/* Such a structure gets a harmless address back. */
static void defuse(uint64_t *s, unsigned int nr, unsigned char *p)
{
	size_t at = written_address(nr);
	uint64_t a;

	if (!at)
		return;
	memcpy(&a, p + at, sizeof(a));
	if (!harmless(a)) {
		a = address(s);
		memcpy(p + at, &a, sizeof(a));
	}
}

static void count(long r)
{
	int e = errno;

	__atomic_add_fetch(&totals.calls, 1, __ATOMIC_RELAXED);
	if (r >= 0)
		__atomic_add_fetch(&totals.good, 1, __ATOMIC_RELAXED);
	else
		__atomic_add_fetch(&totals.by_errno[e < ERRNOS ? e : 0], 1, __ATOMIC_RELAXED);
}

void fuzz_keep(uint64_t *s, enum kind kind, int fd)
{
	unsigned int slot = kind * FDS_A_KIND + below(s, FDS_A_KIND);
	int old;

	/* the first one stays, so that there is always something to call */
	if (slot == 0)
		slot = 1;
	old = __atomic_exchange_n(&fds[slot], fd, __ATOMIC_SEQ_CST);
	if (old > 2)
		close(old);
}

int fuzz_pick(uint64_t *s, enum kind kind)
{
	return fds[kind * FDS_A_KIND + below(s, FDS_A_KIND)];
}

/* A descriptor for call number @i: mostly of its kind, if there is one. */
static int pick(uint64_t *s, unsigned int i)
{
	unsigned int slot = below(s, 8) ? calls[i].kind * FDS_A_KIND + below(s, FDS_A_KIND) :
					  below(s, FDS);
	int fd = fds[slot];

	return fd > 2 ? fd : fds[0];
}

/* What a call that succeeded has made; @p: its structure, where that is ours. */
static void collect(uint64_t *s, unsigned int nr, long r, const unsigned char *p)
{
	if (nr == ARMKVM_CREATE_DEVICE && !r && p) {
		struct armkvm_create_device made;

		memcpy(&made, p, sizeof(made));
		if (!(made.flags & ARMKVM_CREATE_DEVICE_TEST))
			fuzz_keep(s, DEVICE, made.fd);
	}
	if (r <= 2)
		return;
	if (nr == ARMKVM_CREATE_VM)
		fuzz_keep(s, VM, r);
	else if (nr == ARMKVM_CREATE_VCPU)
		fuzz_keep(s, VCPU, r);
	else if (nr == ARMKVM_GET_STATS_FD)
		fuzz_keep(s, STATS, r);
}

/* An address as a call's argument; never one that makes it write to a place found by chance. */
static unsigned long argument(uint64_t *s, unsigned int nr)
{
	uint64_t a = address(s);

	if (written_address(nr) && within(a, targets, TARGET_PAGES))
		a = (uintptr_t)hole;
	return a;
}

static void one_call(uint64_t *s, unsigned char *mine)
{
	unsigned int i = below(s, CALLS), nr = calls[i].nr, size = calls[i].size;
	int fd = pick(s, i);
	unsigned char *p = NULL;
	unsigned long arg;
	long r;

	switch (below(s, 8)) {
	case 0:		/* any number at all */
		nr = below(s, 2) ? (unsigned int)next(s) : _IO(ARMKVMIO, below(s, 256));
		arg = argument(s, nr);
		break;
	case 1:		/* known, but with another direction or length */
		nr ^= 1U << below(s, 32);
		arg = argument(s, nr);
		break;
	case 2:		/* known, at any address */
		arg = size ? argument(s, nr) : number(s);
		break;
	case 3:		/* random bytes */
		p = mine + below(s, page);
		for (r = 0; r < (long)size; r++)
			p[r] = next(s);
		defuse(s, nr, p);
		arg = size ? (uintptr_t)p : number(s);
		break;
	default:	/* nearly right; structures may straddle into nothing */
		if (!size) {
			arg = below(s, 4) ? below(s, 10) : number(s);
			break;
		}
		p = mine + below(s, page);
		sound(s, nr, p);
		spoil(s, p, size);
		defuse(s, nr, p);
		arg = (uintptr_t)p;
		if (!below(s, 8)) {
			memcpy(edge + page - size / 2, p, size / 2);
			arg = (uintptr_t)edge + page - size / 2;
		}
		break;
	}
	errno = 0;
	r = ioctl(fd, nr, arg);
	count(r);
	collect(s, nr, r, p && arg == (uintptr_t)p ? p : NULL);
}

/* Other things that a hostile launcher does between calls. */
static void disturb(uint64_t *s)
{
	int fd = fds[below(s, FDS)];
	void *p;

	switch (below(s, 8)) {
	case 6:
	case 7:
		fuzz_guest_disturb(s);
		break;
	case 0:
		fuzz_keep(s, SYSTEM, open(NODE, O_RDWR | O_CLOEXEC));
		break;
	case 1:
		fuzz_keep(s, below(s, KINDS), -1);
		break;
	case 2:
		p = mmap(NULL, (1 + below(s, 4)) * page, 1 + below(s, 7),
			 below(s, 2) ? MAP_SHARED : MAP_PRIVATE, fd,
			 (off_t)below(s, 3) * page);
		if (p != MAP_FAILED) {
			/* never touched behind its end: that is a signal, and tested elsewhere */
			madvise(p, page, below(s, 2) ? MADV_WILLNEED : MADV_DONTNEED);
			munmap(p, page);
		}
		break;
	case 3:
		if (fd > 2)
			(void)!pread(fd, targets, below(s, 4096), (off_t)(number(s) >> 1));
		break;
	case 4:
		if (fd > 2)
			(void)!write(fd, targets, 8);
		break;
	case 5:
		fuzz_keep(s, VM, ioctl(fds[0], ARMKVM_CREATE_VM, 0));
		break;
	}
}

struct job {
	uint64_t state;
	unsigned char *mine;
	unsigned int calls;
};

/* A call that waits, or guest code that runs, is interrupted: each thread by itself. */
static void start_interrupts(long ns)
{
	struct itimerspec tick = { .it_interval = { 0, ns }, .it_value = { 0, ns } };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM };
	timer_t timer;

	event._sigev_un._tid = gettid();
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &tick, NULL))
		give_up("a timer");
}

static void *work(void *arg)
{
	struct job *job = arg;
	unsigned int i;

	start_interrupts(20000000);
	for (i = 0; i < job->calls; i++) {
		if (!below(&job->state, 16))
			disturb(&job->state);
		one_call(&job->state, job->mine);
	}
	return NULL;
}

struct guest_job {
	uint64_t state;
	struct fuzz_guest_counts counts;
};

static volatile int over;	/* the batch's calls are done */

static void *guest(void *arg)
{
	struct guest_job *job = arg;

	start_interrupts(4000000);
	fuzz_guest(&job->state, &over, &job->counts);
	return NULL;
}

static void *reserve(int prot)
{
	void *p = mmap(NULL, 16 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p, page, prot))
		give_up("memory");
	return p;
}

static void memory(void)
{
	/* far from the others: a few flipped bits of a slot's address don't lead to the structures */
	structures = mmap((void *)0x5a5a0000, 2 * MAX_THREADS * page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	targets = mmap(NULL, (TARGET_PAGES + 16) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (structures == MAP_FAILED || targets == MAP_FAILED ||
	    mprotect(targets, TARGET_PAGES * page, PROT_READ | PROT_WRITE))
		give_up("memory");
	readonly = reserve(PROT_READ);
	noaccess = reserve(PROT_NONE);
	edge = reserve(PROT_READ | PROT_WRITE);
}

static void interrupted(int sig)
{
	(void)sig;
}

/* One process: a batch of calls by @threads threads beside @guests guests, the report, then the end. */
static void batch(uint64_t seed, unsigned int n, unsigned int threads, unsigned int guests, int report)
{
	struct sigaction act = { .sa_handler = interrupted };
	struct guest_job guest_jobs[MAX_THREADS] = { 0 };
	struct job jobs[MAX_THREADS];
	pthread_t ids[MAX_THREADS], guest_ids[MAX_THREADS];
	unsigned int i;
	int vm;

	memory();
	fuzz_guest_memory(seed);
	sigaction(SIGALRM, &act, NULL);
	for (i = 0; i < FDS; i++)
		fds[i] = -1;
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fds[0] = open(NODE, O_RDWR | O_CLOEXEC);
	if (fds[0] < 0 || event < 0)
		give_up(NODE " or an eventfd");
	fds[VM * FDS_A_KIND] = vm = ioctl(fds[0], ARMKVM_CREATE_VM, 0);
	for (i = 0; i < 4; i++)
		fds[VCPU * FDS_A_KIND + i] = ioctl(vm, ARMKVM_CREATE_VCPU, i);
	for (i = 0; i < guests; i++) {
		guest_jobs[i].state = (seed ^ 0x6775657374ULL) + i * 0x9e3779b97f4a7c15ULL;
		guest_jobs[i].state += !guest_jobs[i].state;
		if (pthread_create(&guest_ids[i], NULL, guest, &guest_jobs[i]))
			give_up("a thread");
	}
	for (i = 0; i < threads; i++) {
		jobs[i].state = seed + i * 0x9e3779b97f4a7c15ULL;
		jobs[i].state += !jobs[i].state;
		jobs[i].mine = structures + 2 * i * page;
		jobs[i].calls = n / threads + (i < n % threads);
		if (pthread_create(&ids[i], NULL, work, &jobs[i]))
			give_up("a thread");
	}
	for (i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	/* every other batch doesn't even end by itself: its guests run on */
	if (!(seed & 1)) {
		over = 1;
		for (i = 0; i < guests; i++)
			pthread_join(guest_ids[i], NULL);
	}
	for (i = 0; i < guests; i++) {
		totals.guests.rounds += guest_jobs[i].counts.rounds;
		totals.guests.runs += guest_jobs[i].counts.runs;
		totals.guests.exits += guest_jobs[i].counts.exits;
	}
	totals.late = fuzz_late_given();
	if (fuzz_no_late())
		snprintf(totals.no_late, sizeof(totals.no_late), "%s", fuzz_no_late());
	if (write(report, &totals, sizeof(totals)) != sizeof(totals))
		give_up("the report");
	if (seed & 1)
		raise(SIGKILL);
	_exit(0);
}

/* Adds what a batch says it did; false: it ended before it could. */
static int add_report(int report, unsigned long planned)
{
	struct totals t;
	unsigned int i;

	if (read(report, &t, sizeof(t)) != sizeof(t) || t.calls > planned)
		return 0;
	totals.calls += t.calls;
	totals.good += t.good;
	for (i = 0; i < ERRNOS; i++)
		totals.by_errno[i] += t.by_errno[i];
	totals.guests.rounds += t.guests.rounds;
	totals.guests.runs += t.guests.runs;
	totals.guests.exits += t.guests.exits;
	totals.late += t.late;
	memcpy(totals.no_late, t.no_late, sizeof(t.no_late));
	return 1;
}

static int sane(void)
{
	int sys = open(NODE, O_RDWR | O_CLOEXEC), vm, vcpu;
	struct armkvm_vcpu_init init;

	if (sys < 0 || ioctl(sys, ARMKVM_GET_API_VERSION, 0) != ARMKVM_API_VERSION)
		return 0;
	vm = ioctl(sys, ARMKVM_CREATE_VM, 0);
	vcpu = ioctl(vm, ARMKVM_CREATE_VCPU, 0);
	if (vm < 0 || vcpu < 0 || ioctl(vm, ARMKVM_ARM_PREFERRED_TARGET, &init) ||
	    ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init))
		return 0;
	close(vcpu);
	close(vm);
	close(sys);
	return 1;
}

static long refcount(void)
{
	FILE *f = fopen("/sys/module/armkvm/refcnt", "re");
	long n = -1;

	if (f) {
		if (fscanf(f, "%ld", &n) != 1)
			n = -1;
		fclose(f);
	}
	return n;
}

static unsigned long option(int argc, char **argv, const char *name, unsigned long value)
{
	int i;

	for (i = 1; i + 1 < argc; i += 2)
		if (!strcmp(argv[i], name))
			value = strtoul(argv[i + 1], NULL, 0);
	return value;
}

static void usage(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i += 2) {
		if (i + 1 < argc && (!strcmp(argv[i], "--count") || !strcmp(argv[i], "--seed") ||
				     !strcmp(argv[i], "--threads") || !strcmp(argv[i], "--guests")))
			continue;
		fprintf(stderr, "usage: ioctl-fuzz [--count N] [--seed N] [--threads N] [--guests N]\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	unsigned long todo, threads, guests, seed, i, batches = 0, lost = 0;
	long refs = refcount();
	struct utsname name;
	uint64_t state;
	int status, report[2];
	pid_t pid;

	usage(argc, argv);
	todo = option(argc, argv, "--count", 100000);
	threads = option(argc, argv, "--threads", 4);
	guests = option(argc, argv, "--guests", 2);
	if (guests > MAX_THREADS)
		guests = MAX_THREADS;
	seed = option(argc, argv, "--seed", time(NULL) ^ (unsigned long)getpid() << 16);
	if (threads < 1 || threads > MAX_THREADS)
		threads = 4;
	setvbuf(stdout, NULL, _IOLBF, 0);
	page = sysconf(_SC_PAGESIZE);
	uname(&name);
	if (sizeof(void *) == 8)
		kernel_floor = 1ULL << 55;
	else if (strcmp(name.machine, "armv8l"))
		kernel_floor = 0xc0000000;
	if (!sane()) {
		printf("FAIL ioctl-fuzz: " NODE " does not work (is the module loaded?)\n");
		return 1;
	}
	if (pipe2(report, O_CLOEXEC)) {
		printf("FAIL ioctl-fuzz: pipe: %s\n", strerror(errno));
		return 1;
	}
	fcntl(report[0], F_SETFL, O_NONBLOCK);
	printf("ioctl-fuzz: %lu calls, %lu threads, %lu guests, seed %lu\n", todo, threads, guests, seed);
	state = seed + !seed;
	while (totals.calls < todo) {
		unsigned long n = todo - totals.calls;

		n = n < BATCH ? n : BATCH;
		pid = fork();
		if (pid < 0) {
			printf("FAIL ioctl-fuzz: fork: %s\n", strerror(errno));
			return 1;
		}
		if (!pid) {
			memset(&totals, 0, sizeof(totals));
			batch(next(&state), n, threads, guests, report[1]);
		}
		next(&state);
		waitpid(pid, &status, 0);
		batches++;
		if (add_report(report[0], n) &&
		    (WIFEXITED(status) ? !WEXITSTATUS(status) : WTERMSIG(status) == SIGKILL))
			continue;
		if (WIFEXITED(status) || !guests || ++lost > 3 + batches / 10) {
			printf("FAIL ioctl-fuzz: a batch ended with status %#x after %lu calls, %lu of %lu batches lost, seed %lu\n",
			       status, totals.calls, lost, batches, seed);
			return 1;
		}
	}
	printf("ioctl-fuzz: %lu calls, %lu succeeded", totals.calls, totals.good);
	for (i = 0; i < ERRNOS; i++)
		if (totals.by_errno[i])
			printf(", %lu %s", totals.by_errno[i], i ? strerrorname_np(i) : "?");
	printf("\n");
	if (guests)
		printf("ioctl-fuzz: %lu guests ran %lu times with %lu exits, %lu pages given late, %lu of %lu batches lost\n",
		       totals.guests.rounds, totals.guests.runs, totals.guests.exits, totals.late, lost, batches);
	if (totals.no_late[0])
		printf("ioctl-fuzz: no memory came late: %s\n", totals.no_late);
	for (i = 0; i < 500 && refcount() != refs; i++)
		usleep(20000);
	if (!sane())
		printf("FAIL ioctl-fuzz: no VM can be made any more, seed %lu\n", seed);
	else if (refcount() != refs)
		printf("FAIL ioctl-fuzz: %ld references to the module, %ld before, seed %lu\n",
		       refcount(), refs, seed);
	else if (totals.good < totals.calls / 100)
		printf("FAIL ioctl-fuzz: only %lu calls succeeded: nothing was reached\n", totals.good);
	else if (guests && !totals.guests.exits)
		printf("FAIL ioctl-fuzz: no guest ran as far as an exit\n");
	else if (guests && !totals.no_late[0] && !totals.late)
		printf("FAIL ioctl-fuzz: no page was given late\n");
	else {
		printf("PASS ioctl-fuzz\n");
		return 0;
	}
	return 1;
}
