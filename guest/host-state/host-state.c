// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process of an arm64 host that looks after its own state while a guest runs on the
 * same CPU:
 *
 *     host-state ROUNDS [no-controls]
 *
 * Each case sets something up that the world switch has its hands on, computes for some
 * milliseconds, in which the guest gets the CPU again and again, and looks whether it is
 * still there.  A case line each (ci/lib/cases.sh).  Also builds as a 32-bit program; there
 * no-controls says that the host has none for CP15 barriers and SETEND, as QEMU's have not.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hold.h"

/* What a round computes: some 10 ms of an emulated host's time. */
#define SPINS	3000000UL

static unsigned int rounds;

/* NULL: as it was; else what differs. */
typedef const char *(*case_fn)(void);

static char text[160];

static sigjmp_buf out;
static volatile int signal_code;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	signal_code = info->si_code;
	siglongjmp(out, sig);
}

/* The signal that @fn(@arg) ends with, or 0. */
static int signal_of(void (*fn)(void *), void *arg)
{
	int sig = sigsetjmp(out, 1);

	if (!sig)
		fn(arg);
	return sig;
}

static void spin(void)
{
	unsigned long n = SPINS;

	asm volatile("1: subs %0, %0, #1\n\tbne 1b" : "+r" (n) : : "cc");
}

static long involuntary(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return self.ru_nivcsw + children.ru_nivcsw;
}

static uint64_t random64(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15;

	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

static const char *differs(const char *what, unsigned int i, uint64_t is, uint64_t was)
{
	snprintf(text, sizeof(text), "%s%u is %#llx, was %#llx", what, i, (unsigned long long)is,
		 (unsigned long long)was);
	return text;
}

static void sysctl(const char *name, const char *value)
{
	int fd = open(name, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0) {
		printf("FAIL %s: %s\n", name, strerror(errno));
		exit(1);
	}
	close(fd);
}

#ifdef __aarch64__

#define BITS		"64-bit"

/* The layout is known to hold(). */
struct state {
	uint64_t x[30];
	uint64_t tpidr, nzcv, fpsr, fpcr;
	uint64_t v[64];
};

/*
 * void hold(const struct state *in, struct state *out, unsigned long spins): all of it in
 * the registers at once, x30 for the loop.  The program's own stack and thread pointers are
 * out of use meanwhile.
 */
asm(
"	.text\n"
"hold:	stp	x29, x30, [sp, #-208]!\n"
"	stp	x19, x20, [sp, #16]\n"
"	stp	x21, x22, [sp, #32]\n"
"	stp	x23, x24, [sp, #48]\n"
"	stp	x25, x26, [sp, #64]\n"
"	stp	x27, x28, [sp, #80]\n"
"	stp	d8, d9, [sp, #96]\n"
"	stp	d10, d11, [sp, #112]\n"
"	stp	d12, d13, [sp, #128]\n"
"	stp	d14, d15, [sp, #144]\n"
"	mrs	x3, tpidr_el0\n"
"	mrs	x4, fpcr\n"
"	stp	x1, x3, [sp, #160]\n"
"	str	x4, [sp, #176]\n"
"	mov	x30, x2\n"
"	ldp	x1, x2, [x0, #240]\n"
"	msr	tpidr_el0, x1\n"
"	msr	nzcv, x2\n"
"	ldp	x1, x2, [x0, #256]\n"
"	msr	fpsr, x1\n"
"	msr	fpcr, x2\n"
"	add	x1, x0, #272\n"
"	.irp	n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28\n"
"	ldr	q\\n, [x1, #16 * \\n]\n"
"	.endr\n"
"	.irp	n, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 30, 31\n"
"	ldr	q\\n, [x1, #16 * \\n]\n"
"	.endr\n"
"	.irp	n, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0\n"
"	ldr	x\\n, [x0, #8 * \\n]\n"
"	.endr\n"
"1:	sub	x30, x30, #1\n"
"	cbnz	x30, 1b\n"
"	ldr	x30, [sp, #160]\n"
"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29\n"
"	str	x\\n, [x30, #8 * \\n]\n"
"	.endr\n"
"	mrs	x0, tpidr_el0\n"
"	mrs	x1, nzcv\n"
"	stp	x0, x1, [x30, #240]\n"
"	mrs	x0, fpsr\n"
"	mrs	x1, fpcr\n"
"	stp	x0, x1, [x30, #256]\n"
"	add	x1, x30, #272\n"
"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n"
"	str	q\\n, [x1, #16 * \\n]\n"
"	.endr\n"
"	ldp	x3, x4, [sp, #168]\n"
"	msr	tpidr_el0, x3\n"
"	msr	fpcr, x4\n"
"	ldp	d8, d9, [sp, #96]\n"
"	ldp	d10, d11, [sp, #112]\n"
"	ldp	d12, d13, [sp, #128]\n"
"	ldp	d14, d15, [sp, #144]\n"
"	ldp	x19, x20, [sp, #16]\n"
"	ldp	x21, x22, [sp, #32]\n"
"	ldp	x23, x24, [sp, #48]\n"
"	ldp	x25, x26, [sp, #64]\n"
"	ldp	x27, x28, [sp, #80]\n"
"	ldp	x29, x30, [sp], #208\n"
"	ret\n");

static const char *registers(void)
{
	struct state in, is;
	uint64_t *was = (uint64_t *)&in, *now = (uint64_t *)&is;
	unsigned int i;

	for (i = 0; i < sizeof(in) / 8; i++)
		was[i] = random64();
	in.nzcv &= 0xf0000000;
	in.fpsr &= 0xf800009f;
	in.fpcr &= 0x07c00000;		/* AHP, DN, FZ, RMode: on every core */
	hold(&in, &is, SPINS);
	for (i = 0; i < sizeof(in) / 8; i++)
		if (was[i] != now[i])
			return differs("word ", i, now[i], was[i]);
	return NULL;
}

static const char *vectors(void)
{
	static uint64_t from[32 * 32], to[32 * 32];
	unsigned long n = SPINS, vl;
	unsigned int i;

	for (i = 0; i < 32 * 32; i++)
		from[i] = random64();
	asm volatile(".arch_extension sve\n\trdvl %0, #1" : "=r" (vl));
	asm volatile(".arch_extension sve\n"
		     "	ptrue	p0.b\n"
		     "	pfalse	p1.b\n"
		     "	ldr	z0, [%1, #0, mul vl]\n	ldr	z7, [%1, #1, mul vl]\n"
		     "	ldr	z15, [%1, #2, mul vl]\n	ldr	z16, [%1, #3, mul vl]\n"
		     "	ldr	z31, [%1, #4, mul vl]\n	ldr	p7, [%1, #9, mul vl]\n"
		     "1:	subs	%0, %0, #1\n	b.ne	1b\n"
		     "	str	z0, [%2, #0, mul vl]\n	str	z7, [%2, #1, mul vl]\n"
		     "	str	z15, [%2, #2, mul vl]\n	str	z16, [%2, #3, mul vl]\n"
		     "	str	z31, [%2, #4, mul vl]\n	str	p7, [%2, #45, mul vl]\n"
		     : "+r" (n) : "r" (from), "r" (to)
		     : "memory", "cc", "v0", "v7", "v15", "v16", "v31");
	for (i = 0; i < 5 * vl / 8; i++)
		if (from[i] != to[i])
			return differs("word ", i, to[i], from[i]);
	/* a predicate is an eighth of a vector */
	if (memcmp((char *)from + 9 * (vl / 8), (char *)to + 45 * (vl / 8), vl / 8))
		return "p7 differs";
	return NULL;
}

/* A PSTATE field that EL0 can write itself, at the bit where MRS shows it */
#define hold_field(sysreg, bit) ({						\
	uint64_t was = random64() & 1ULL << (bit), is;				\
										\
	asm volatile("msr " sysreg ", %0" : : "r" (was) : "memory");		\
	spin();									\
	asm volatile("mrs %0, " sysreg : "=r" (is) : : "memory");		\
	asm volatile("msr " sysreg ", xzr" : : : "memory");			\
	is == was ? NULL : differs("bit ", bit, is, was); })

static const char *dit(void)
{
	return hold_field("s3_3_c4_c2_5", 24);
}

static const char *ssbs(void)
{
	return hold_field("s3_3_c4_c2_6", 12);
}

static const char *tco(void)
{
	return hold_field("s3_3_c4_c2_7", 25);
}

/* The kernel's own control: bit 12 is set where stores may be bypassed. */
static const char *store_bypass(void)
{
	bool allow = random64() & 1;
	uint64_t is;

	if (prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS,
		  allow ? PR_SPEC_ENABLE : PR_SPEC_DISABLE, 0, 0))
		return "PR_SET_SPECULATION_CTRL fails";
	spin();
	asm volatile("mrs %0, s3_3_c4_c2_6" : "=r" (is));
	return !!is == allow ? NULL : differs("SSBS ", 0, is, allow);
}

static uint64_t sign(uint64_t pointer, uint64_t modifier)
{
	register uint64_t x17 asm("x17") = pointer;
	register uint64_t x16 asm("x16") = modifier;

	asm volatile("hint #8" : "+r" (x17) : "r" (x16));	/* PACIA1716 */
	return x17;
}

static const char *authentication(void)
{
	uint64_t pointer = (uintptr_t)&rounds, was = sign(pointer, 42), is;
	int fd[2], status;
	pid_t child;

	if (was == pointer)
		return "the signature is empty";
	spin();
	if (sign(pointer, 42) != was)
		return "the key has changed";
	if (pipe(fd))
		return "pipe";
	child = fork();
	if (!child) {
		prctl(PR_PAC_RESET_KEYS, 0, 0, 0, 0);
		spin();
		is = sign(pointer, 42);
		_exit(write(fd[1], &is, sizeof(is)) != sizeof(is));
	}
	if (read(fd[0], &is, sizeof(is)) != sizeof(is) || waitpid(child, &status, 0) != child)
		return "no answer of the other process";
	close(fd[0]);
	close(fd[1]);
	/* 7 to 15 bits of signature: that both are the same may happen, not thrice */
	if (is == was && sign(pointer, 43) == sign(pointer, 44))
		return "another process has the same key";
	return sign(pointer, 42) == was ? NULL : "the key is the other process's";
}

static void jump(void *arg)
{
	asm volatile("blr %0" : : "r" (arg) : "x30", "memory");
}

#ifndef PROT_BTI
#define PROT_BTI	0x10
#endif
#ifndef PROT_MTE
#define PROT_MTE	0x20
#endif

static const char *landing_pads(void)
{
	static uint32_t *code;
	int sig;

	if (!code) {
		code = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		code[0] = 0xd65f03c0;	/* RET, which is none */
		code[1] = 0xd503245f;	/* BTI C; RET */
		code[2] = 0xd65f03c0;
		__builtin___clear_cache((char *)code, (char *)(code + 3));
		if (mprotect(code, 65536, PROT_READ | PROT_EXEC | PROT_BTI))
			return "mprotect";
	}
	spin();
	sig = signal_of(jump, code + 1);
	if (sig)
		return differs("BTI C ends with signal ", 0, sig, 0);
	sig = signal_of(jump, code);
	return sig == SIGILL ? NULL : differs("no BTI ends with signal ", 0, sig, SIGILL);
}

static void load(void *arg)
{
	asm volatile("ldr xzr, [%0]" : : "r" (arg) : "memory");
}

static const char *tags(void)
{
	static char *page;
	uint64_t tagged;
	int sig;

	if (!page) {
		/* tagged addresses, synchronous faults, all tags: <linux/prctl.h> */
		if (prctl(PR_SET_TAGGED_ADDR_CTRL, 1UL | 1UL << 1 | 0xfffeUL << 3, 0, 0, 0))
			return "PR_SET_TAGGED_ADDR_CTRL fails";
		page = mmap(NULL, 65536, PROT_READ | PROT_WRITE | PROT_MTE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	tagged = (uintptr_t)page | 5ULL << 56;
	asm volatile(".arch armv8.5-a+memtag\n\tstg %0, [%0]" : : "r" (tagged) : "memory");
	spin();
	sig = signal_of(load, (void *)tagged);
	if (sig)
		return differs("the right tag ends with signal ", 0, sig, 0);
	sig = signal_of(load, (void *)((uintptr_t)page | 6ULL << 56));
	if (sig != SIGSEGV || signal_code != 9)		/* SEGV_MTESERR */
		return differs("the wrong tag ends with signal ", signal_code, sig, SIGSEGV);
	return NULL;
}

static const char *counter(void)
{
	uint64_t frequency, a, b;

	asm volatile("mrs %0, cntfrq_el0" : "=r" (frequency));
	asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (a) : : "memory");
	spin();
	asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (b) : : "memory");
	if (b <= a || !frequency)
		return differs("CNTVCT ", 0, b, a);
	return NULL;
}

/* The cycle counter as the kernel gives it to a process: PMUSERENR_EL0. */
static const char *cycles(void)
{
	static struct perf_event_mmap_page *page;
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, .size = sizeof(attr),
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.config1 = 3,			/* 64 bits, user access */
		.exclude_kernel = 1,
	};
	uint64_t a, b;
	int fd;

	if (!page) {
		sysctl("/proc/sys/kernel/perf_user_access", "1");
		fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
		if (fd < 0)
			return "perf_event_open fails";
		page = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);
		if (page == MAP_FAILED || !page->cap_user_rdpmc)
			return "no user access to the counter";
	}
	asm volatile("mrs %0, pmccntr_el0" : "=r" (a) : : "memory");
	spin();
	asm volatile("mrs %0, pmccntr_el0" : "=r" (b) : : "memory");
	return b != a ? NULL : differs("PMCCNTR ", 0, b, a);
}

static volatile uint64_t watched;

/* A watchpoint and single steps in another process, the debug registers' users. */
static const char *debugger(void)
{
	struct { uint32_t info, pad; struct { uint64_t addr; uint32_t ctrl, pad; } r[16]; } dbg = { 0 };
	struct iovec iov = { &dbg, 8 + sizeof(dbg.r[0]) };
	unsigned int i, hits = 0, steps = 0;
	siginfo_t info;
	int status;
	pid_t child = fork();

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		for (i = 0; i < 3; i++) {
			spin();
			watched = i;
		}
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		return "the other process does not stop";
	dbg.r[0].addr = (uintptr_t)&watched;
	dbg.r[0].ctrl = 0xffu << 5 | 2 << 3 | 2 << 1 | 1;	/* 8 bytes, stores, EL0 */
	if (ptrace(PTRACE_SETREGSET, child, NT_ARM_HW_WATCH, &iov))
		return "no watchpoint";
	for (;;) {
		ptrace(PTRACE_CONT, child, 0, 0);
		if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
			break;
		if (ptrace(PTRACE_GETSIGINFO, child, 0, &info) || info.si_code != TRAP_HWBKPT)
			return "a stop that is no watchpoint's";
		hits++;
		/* off for a step: the store is done */
		dbg.r[0].ctrl &= ~1u;
		ptrace(PTRACE_SETREGSET, child, NT_ARM_HW_WATCH, &iov);
		for (i = 0; i < 5; i++) {
			ptrace(PTRACE_SINGLESTEP, child, 0, 0);
			if (waitpid(child, &status, 0) == child && WIFSTOPPED(status))
				steps++;
		}
		dbg.r[0].ctrl |= 1;
		ptrace(PTRACE_SETREGSET, child, NT_ARM_HW_WATCH, &iov);
	}
	if (hits != 3 || steps != 15) {
		snprintf(text, sizeof(text), "%u stores of 3 were seen, %u steps of 15", hits, steps);
		return text;
	}
	return NULL;
}

static bool has(unsigned int type, unsigned long bit)
{
	return getauxval(type) & bit;
}

#else /* 32-bit */

#define BITS		"32-bit"

struct state {
	uint32_t r[12];		/* r0-r10, r12 */
	uint32_t tpidr, fpscr;
	uint64_t d[32];
};

asm(
"	.text\n	.arm\n	.fpu neon\n	.type hold, %function\n"
"hold:	push	{r1, r4-r11, lr}\n"
"	vpush	{d8-d15}\n"
"	mov	lr, r2\n"
"	mrc	p15, 0, r2, c13, c0, 2\n"
"	push	{r2, r3}\n"
"	ldr	r2, [r0, #48]\n"
"	mcr	p15, 0, r2, c13, c0, 2\n"
"	ldr	r2, [r0, #52]\n"
"	vmsr	fpscr, r2\n"
"	add	r2, r0, #56\n"
"	vldmia	r2!, {d0-d15}\n"
"	vldmia	r2, {d16-d31}\n"
"	ldr	r12, [r0, #44]\n"
"	ldm	r0, {r0-r10}\n"
"	1: sub	lr, lr, #1\n"
"	teq	lr, #0\n"
"	bne	1b\n"
"	ldr	lr, [sp, #72]\n"
"	stm	lr, {r0-r10}\n"
"	str	r12, [lr, #44]\n"
"	mrc	p15, 0, r2, c13, c0, 2\n"
"	str	r2, [lr, #48]\n"
"	vmrs	r2, fpscr\n"
"	str	r2, [lr, #52]\n"
"	add	r2, lr, #56\n"
"	vstmia	r2!, {d0-d15}\n"
"	vstmia	r2, {d16-d31}\n"
"	pop	{r2, r3}\n"
"	mcr	p15, 0, r2, c13, c0, 2\n"
"	mov	r2, #0\n"
"	vmsr	fpscr, r2\n"
"	vpop	{d8-d15}\n"
"	pop	{r1, r4-r11, pc}\n");

static const char *registers(void)
{
	struct state in, is;
	uint32_t *was = (uint32_t *)&in, *now = (uint32_t *)&is, before, after;
	unsigned int i;

	for (i = 0; i < sizeof(in) / 4; i++)
		was[i] = random64();
	in.fpscr &= 0xf7c0009f;
	asm volatile("mrc p15, 0, %0, c13, c0, 3" : "=r" (before));
	hold(&in, &is, SPINS);
	asm volatile("mrc p15, 0, %0, c13, c0, 3" : "=r" (after));
	if (after != before)
		return differs("TPIDRURO ", 0, after, before);
	for (i = 0; i < sizeof(in) / 4; i++)
		if (was[i] != now[i] && i != 11)
			return differs("word ", i, now[i], was[i]);
	return is.r[11] == in.r[11] ? NULL : differs("r", 12, is.r[11], in.r[11]);
}

static void barrier(void *arg)
{
	asm volatile(".arm\n\tmcr p15, 0, %0, c7, c10, 5" : : "r" (arg) : "memory");
}

/* SCTLR_EL1.CP15BEN as the sysctl has it: 0 undefined, 2 executed by the hardware */
static const char *barriers(void)
{
	bool works = random64() & 1;
	int sig;

	sysctl("/proc/sys/abi/cp15_barrier", works ? "2" : "0");
	spin();
	sig = signal_of(barrier, NULL);
	return sig == (works ? 0 : SIGILL) ? NULL : differs("signal ", works, sig, works ? 0 : SIGILL);
}

static void setend(void *arg)
{
	(void)arg;
	asm volatile(".arm\n\tsetend be\n\tsetend le" : : : "memory");
}

/* and SED */
static const char *endianness(void)
{
	bool works = random64() & 1;
	int sig;

	sysctl("/proc/sys/abi/setend", works ? "2" : "0");
	spin();
	sig = signal_of(setend, NULL);
	return sig == (works ? 0 : SIGILL) ? NULL : differs("signal ", works, sig, works ? 0 : SIGILL);
}

#endif

static void load_unaligned(void *arg)
{
	asm volatile("" : : "r" (*(volatile uint32_t *)((char *)arg + 1)));
}

static const char *unaligned(void)
{
	static uint64_t bytes[2];
	int sig;

	spin();
	sig = signal_of(load_unaligned, bytes);
	return sig ? differs("signal ", 0, sig, 0) : NULL;
}

static void run(const char *name, bool here, case_fn fn)
{
	const char *what = NULL;
	long before = involuntary();
	unsigned int i;

	if (!here) {
		printf("SKIP " BITS " %s: not on this host\n", name);
		return;
	}
	for (i = 0; i < rounds && !what; i++)
		what = fn();
	if (what)
		printf("FAIL " BITS " %s: %s\n", name, what);
	else if (involuntary() == before)
		printf("FAIL " BITS " %s: nothing else ran meanwhile\n", name);
	else
		printf("PASS " BITS " %s\n", name);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 20;
	sigaction(SIGILL, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);

	run("registers", true, registers);
	run("unaligned accesses", true, unaligned);
#ifdef __aarch64__
	run("SVE registers", has(AT_HWCAP, 1 << 22), vectors);
	run("PSTATE.DIT", has(AT_HWCAP, 1 << 24), dit);
	run("PSTATE.SSBS", has(AT_HWCAP, 1 << 28), ssbs);
	run("PSTATE.TCO", has(AT_HWCAP2, 1 << 18), tco);
	run("control of speculative store bypass", has(AT_HWCAP, 1 << 28), store_bypass);
	run("pointer authentication", has(AT_HWCAP, 1 << 30), authentication);
	run("branch target identification", has(AT_HWCAP2, 1 << 17), landing_pads);
	run("memory tagging", has(AT_HWCAP2, 1 << 18), tags);
	run("the generic timer's counter", true, counter);
	run("the cycle counter", access("/proc/sys/kernel/perf_user_access", W_OK) == 0, cycles);
	run("watchpoints and single steps", true, debugger);
#else
	run("control of CP15 barriers", argc < 3, barriers);
	run("control of SETEND", argc < 3, endianness);
#endif
	return 0;
}
