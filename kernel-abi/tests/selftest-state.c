// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread that calls ARMKVM_RUN: what a system call leaves alone is left alone, though the guest
 * has other values in all of its registers, in a privileged mode and in User mode; and what the host
 * lets a process do or protects it from is the same after it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "selftest.h"

#define GUEST_RAM	0x10000
#define DEVICE_GPA	0x10000000
#define ROUNDS		200

/* vdup.32 q<n>, r0 */
#define VDUP_Q(n)	(0xeea00b10 | ((n) & 7) << 17 | (n) >> 3 << 7)

/*
 * All that a guest has and the hardware has but once; then an exit for each LDR, the first
 * from Supervisor mode, the others from User mode, whose registers change each time.
 */
static const uint32_t guest_code[] = {
	0xee013f50,		/* mcr CPACR, r3 */
	0xf57ff06f,		/* isb */
	0xeee84a10,		/* vmsr fpexc, r4 */
	0xee118f10,		/* mrc r8, SCTLR */
	0xe3888002,		/* orr r8, r8, #2: alignment faults */
	0xee018f10,		/* mcr SCTLR, r8 */
	0xee0d1f70,		/* mcr TPIDRURO, r1 */
	0xee0d2f90,		/* mcr TPIDRPRW, r2 */
	0xee0d0f50,		/* mcr TPIDRURW, r0 */
	0xeee15a10,		/* vmsr fpscr, r5 */
	0xe12cf009,		/* msr cpsr_fs, r9 */
	VDUP_Q(0), VDUP_Q(1), VDUP_Q(2), VDUP_Q(3), VDUP_Q(4), VDUP_Q(5), VDUP_Q(6), VDUP_Q(7),
	VDUP_Q(8), VDUP_Q(9), VDUP_Q(10), VDUP_Q(11), VDUP_Q(12), VDUP_Q(13), VDUP_Q(14), VDUP_Q(15),
	0xe5967000,		/* ldr r7, [r6]: an exit */
	0xf1020010,		/* cps #0x10 */
	/* 1: */
	0xe2800001,		/* add r0, r0, #1 */
	0xee0d0f50,		/* mcr TPIDRURW, r0 */
	0xe2255101,		/* eor r5, r5, #0x40000000 */
	0xeee15a10,		/* vmsr fpscr, r5 */
	0xe2299102,		/* eor r9, r9, #0x80000000 */
	0xe12cf009,		/* msr apsr_nzcvqg, r9 */
	VDUP_Q(0), VDUP_Q(3), VDUP_Q(4), VDUP_Q(7), VDUP_Q(8), VDUP_Q(15),
	0xe5967000,		/* ldr r7, [r6] */
	0xeafffff1,		/* b 1b */
};

static const uint32_t guest_regs[] = {
	0xa5a50000, 0xb6b6b6b6, 0xc7c7c7c7, 0x00f00000, 0x40000000, 0xf3c0009f, DEVICE_GPA, 0x77777777,
	0x88888888, 0xf80f0000, 0xaaaaaaaa, 0xbbbbbbbb, 0xcccccccc, 0xdddddddd, 0xeeeeeeee,
};

static uint64_t random64(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15;

	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

static struct armkvm_run *run;

#ifdef __aarch64__

static void adapt_code(uint32_t *code)
{
	(void)code;
}

#else

#define HWCAP_NEON	(1 << 12)	/* of 32-bit processes, asm/hwcap.h */
#define HWCAP_VFPD32	(1 << 19)

static bool has_hwcap(unsigned long bit)
{
	return getauxval(AT_HWCAP) & bit;
}

/* Cores without Advanced SIMD have d0-d15: VMOV d<2n>, r0, r0 for the lower ones, NOP for the others */
static void adapt_code(uint32_t *code)
{
	unsigned int i, n;

	if (has_hwcap(HWCAP_NEON))
		return;
	for (i = 0; i < ARRAY_SIZE(guest_code); i++)
		for (n = 0; n < 16; n++)
			if (guest_code[i] == VDUP_Q(n))
				code[i] = n < 8 ? 0xec400b10 | 2 * n : 0xe320f000;
}

#endif

/* A vCPU's descriptor. */
static int guest(void)
{
	struct armkvm_vcpu_init init = { .target = ARMKVM_ARM_TARGET_HOST };
	int sys = open_system(), vm, vcpu;
	uint32_t *code = ram(GUEST_RAM);
	unsigned int i;

	if (!(capability(sys, ARMKVM_CAP_MODES) & 1L << ARMKVM_MODE_SHADOW))
		test_skipped("the module offers no guest mode here");
	vm = create_vm(sys);
	memcpy(code, guest_code, sizeof(guest_code));
	adapt_code(code);
	OK(set_region(vm, 0, 0, 0, GUEST_RAM, addr_of(code)));
	vcpu = create_vcpu(vm, 0);
	OK(ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init));
	for (i = 0; i < ARRAY_SIZE(guest_regs); i++)
		OK(set_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(i), guest_regs[i]));
	run = map_run(sys, vcpu);
	return vcpu;
}

static void expect_exit(unsigned int round)
{
	CHECK(run->exit_reason == ARMKVM_EXIT_MMIO && run->mmio.phys_addr == DEVICE_GPA,
	      "round %u: exit %u", round, run->exit_reason);
}

static void run_once(int vcpu, unsigned int round)
{
	OK(ioctl(vcpu, ARMKVM_RUN, 0));
	expect_exit(round);
}

#ifdef __aarch64__

/* The layout is known to run_holding(). */
struct state {
	uint64_t x[31];		/* 0, 1, 2 and 8 are the call's */
	uint64_t tpidr, nzcv, fpsr, fpcr;
	uint64_t unused;
	uint64_t v[64];
};

asm(
"	.text\n"
"run_holding:\n"
"	stp	x29, x30, [sp, #-208]!\n"
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
"	stp	x4, x2, [sp, #176]\n"
"	ldp	x1, x2, [x0, #248]\n"
"	msr	tpidr_el0, x1\n"
"	msr	nzcv, x2\n"
"	ldp	x1, x2, [x0, #264]\n"
"	msr	fpsr, x1\n"
"	msr	fpcr, x2\n"
"	add	x1, x0, #288\n"
"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n"
"	ldr	q\\n, [x1, #16 * \\n]\n"
"	.endr\n"
"	.irp	n, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 7, 6, 5, 4, 3\n"
"	ldr	x\\n, [x0, #8 * \\n]\n"
"	.endr\n"
"	mov	x8, #29\n"			/* __NR_ioctl */
"	ldr	x0, [sp, #184]\n"
"	mov	x1, #0xbd80\n"			/* ARMKVM_RUN */
"	mov	x2, #0\n"
"	svc	#0\n"
"	str	x30, [sp, #192]\n"
"	ldr	x30, [sp, #160]\n"
"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29\n"
"	str	x\\n, [x30, #8 * \\n]\n"
"	.endr\n"
"	ldr	x0, [sp, #192]\n"
"	str	x0, [x30, #240]\n"
"	mrs	x0, tpidr_el0\n"
"	mrs	x1, nzcv\n"
"	stp	x0, x1, [x30, #248]\n"
"	mrs	x0, fpsr\n"
"	mrs	x1, fpcr\n"
"	stp	x0, x1, [x30, #264]\n"
"	add	x1, x30, #288\n"
"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n"
"	str	q\\n, [x1, #16 * \\n]\n"
"	.endr\n"
"	ldr	x0, [x30]\n"
"	ldp	x3, x4, [sp, #168]\n"
"	msr	tpidr_el0, x3\n"
"	msr	fpcr, x4\n"
"	msr	fpsr, xzr\n"
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

_Static_assert(offsetof(struct state, tpidr) == 248 && offsetof(struct state, v) == 288 &&
	       ARMKVM_RUN == 0xbd80 && __NR_ioctl == 29, "known to run_holding()");

#define WORD		uint64_t
#define IS_CALLS(i)	((i) <= 2 || (i) == 8 || (i) == 35)

static void choose(struct state *s)
{
	s->nzcv &= 0xf0000000;
	s->fpsr &= 0xf800009f;
	s->fpcr &= 0x07c00000;		/* AHP, DN, FZ, RMode: on every core */
}

static uint64_t read_only_pointer(void)
{
	uint64_t value;

	asm volatile("mrs %0, tpidrro_el0" : "=r" (value));
	return value;
}

#else /* 32-bit */

struct state {
	uint32_t r[15];		/* 0, 1, 2 and 7 are the call's; no 13 */
	uint32_t tpidr, cpsr, fpscr;
	uint64_t d[32];
	uint32_t d32, unused;	/* there are d16-d31 */
};

asm(
"	.text\n	.syntax unified\n	.arm\n	.fpu neon\n	.balign 4\n	.type run_holding, %function\n"
"run_holding:\n"
"	push	{r4-r11, lr}\n"
"	vpush	{d8-d15}\n"
"	mrc	p15, 0, r3, c13, c0, 2\n"
"	push	{r0-r3}\n"
"	ldr	r3, [r0, #60]\n"
"	mcr	p15, 0, r3, c13, c0, 2\n"
"	ldr	r3, [r0, #68]\n"
"	vmsr	fpscr, r3\n"
"	add	r3, r0, #72\n"
"	ldr	r1, [r0, #328]\n"
"	cmp	r1, #0\n"
"	vldmia	r3!, {d0-d15}\n"
"	vldmiane r3, {d16-d31}\n"
"	ldr	r3, [r0, #64]\n"
"	msr	cpsr_fs, r3\n"
"	.irp	n, 14, 12, 11, 10, 9, 8, 6, 5, 4, 3\n"
"	ldr	r\\n, [r0, #4 * \\n]\n"
"	.endr\n"
"	ldr	r0, [sp, #8]\n"
"	movw	r1, #0xbd80\n"			/* ARMKVM_RUN */
"	mov	r2, #0\n"
"	mov	r7, #54\n"			/* __NR_ioctl */
"	svc	#0\n"
"	str	lr, [sp, #8]\n"
"	ldr	lr, [sp, #4]\n"
"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12\n"
"	str	r\\n, [lr, #4 * \\n]\n"
"	.endr\n"
"	mrs	r1, cpsr\n"
"	str	r1, [lr, #64]\n"
"	ldr	r1, [sp, #8]\n"
"	str	r1, [lr, #56]\n"
"	mrc	p15, 0, r1, c13, c0, 2\n"
"	str	r1, [lr, #60]\n"
"	vmrs	r1, fpscr\n"
"	str	r1, [lr, #68]\n"
"	add	r1, lr, #72\n"
"	ldr	r2, [sp]\n"
"	ldr	r2, [r2, #328]\n"
"	str	r2, [lr, #328]\n"
"	cmp	r2, #0\n"
"	vstmia	r1!, {d0-d15}\n"
"	vstmiane r1, {d16-d31}\n"
"	add	sp, sp, #12\n"
"	pop	{r3}\n"
"	mcr	p15, 0, r3, c13, c0, 2\n"
"	mov	r3, #0\n"
"	vmsr	fpscr, r3\n"
"	vpop	{d8-d15}\n"
"	pop	{r4-r11, pc}\n");

_Static_assert(offsetof(struct state, tpidr) == 60 && offsetof(struct state, d) == 72 &&
	       offsetof(struct state, d32) == 328 && ARMKVM_RUN == 0xbd80 && __NR_ioctl == 54, "known to run_holding()");

#define WORD		uint32_t
#define IS_CALLS(i)	((i) <= 2 || (i) == 7 || (i) == 13)

static void choose(struct state *s)
{
	/* N, Z, C, V, Q, GE; the rest is the mode's, which has to stay, too */
	asm volatile("mrs %0, cpsr" : "=r" (s->cpsr));
	s->cpsr = (s->cpsr & ~0xf80f0020) | (random64() & 0xf80f0000);
	s->fpscr &= 0xf7c0009f;
	s->d32 = has_hwcap(HWCAP_VFPD32);
	s->unused = 0;
	if (!s->d32)
		memset(&s->d[16], 0, 16 * sizeof(s->d[0]));
}

static uint32_t read_only_pointer(void)
{
	uint32_t value;

	asm volatile("mrc p15, 0, %0, c13, c0, 3" : "=r" (value));
	return value;
}

#endif

static void registers(void)
{
	int vcpu = guest();
	struct state in, out;
	WORD *was = (WORD *)&in, *is = (WORD *)&out, pointer = read_only_pointer();
	unsigned int i, round;
	long result;

	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < sizeof(in) / sizeof(WORD); i++)
			was[i] = random64();
		choose(&in);
		memset(&out, 0, sizeof(out));
		result = run_holding(&in, &out, vcpu);
		CHECK(result == 0, "round %u: ARMKVM_RUN gives %ld", round, result);
		expect_exit(round);
		for (i = 0; i < sizeof(in) / sizeof(WORD); i++)
			CHECK(IS_CALLS(i) || was[i] == is[i], "round %u: word %u of struct state is %#llx, was %#llx",
			      round, i, (unsigned long long)is[i], (unsigned long long)was[i]);
		CHECK(read_only_pointer() == pointer, "round %u: TPIDRURO is %#llx, was %#llx", round,
		      (unsigned long long)read_only_pointer(), (unsigned long long)pointer);
	}
}

static sigjmp_buf out_of_it;
static volatile int signal_code;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	signal_code = info->si_code;
	siglongjmp(out_of_it, sig);
}

/* The signal that @fn(@arg) ends with, or 0. */
static int signal_of(void (*fn)(void *), void *arg)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	int sig;

	sigaction(SIGILL, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sig = sigsetjmp(out_of_it, 1);
	if (!sig)
		fn(arg);
	return sig;
}

static void load_unaligned(void *arg)
{
	asm volatile("" : : "r" (*(volatile uint32_t *)((char *)arg + 1)));
}

/* SCTLR.A is the guest's alone. */
static void alignment(void)
{
	static uint64_t bytes[2];
	int vcpu = guest(), round, sig;

	for (round = 0; round < 20; round++) {
		run_once(vcpu, round);
		sig = signal_of(load_unaligned, bytes);
		CHECK(!sig, "round %u: an unaligned load ends with signal %d", round, sig);
	}
}

#ifdef __aarch64__

static void need(unsigned int type, unsigned long bit)
{
	if (!(getauxval(type) & bit))
		test_skipped("not on this host");
}

/* A PSTATE field that EL0 can write itself, at the bit where MRS shows it */
#define hold_field(sysreg, bit) do {						\
	int vcpu = guest(), round;						\
	uint64_t was, is;							\
										\
	for (round = 0; round < 20; round++) {					\
		was = (uint64_t)(round & 1) << (bit);				\
		asm volatile("msr " sysreg ", %0" : : "r" (was) : "memory");	\
		run_once(vcpu, round);						\
		asm volatile("mrs %0, " sysreg : "=r" (is) : : "memory");	\
		asm volatile("msr " sysreg ", xzr" : : : "memory");		\
		CHECK(is == was, "round %d: %#llx, was %#llx", round, (unsigned long long)is, \
		      (unsigned long long)was);					\
	}									\
} while (0)

static void dit(void)
{
	need(AT_HWCAP, 1 << 24);
	hold_field("s3_3_c4_c2_5", 24);
}

static void ssbs(void)
{
	need(AT_HWCAP, 1 << 28);
	hold_field("s3_3_c4_c2_6", 12);
}

static void tco(void)
{
	need(AT_HWCAP2, 1 << 18);
	hold_field("s3_3_c4_c2_7", 25);
}

/* The kernel's own control, as it shows: SSBS is set where stores may be bypassed. */
static void store_bypass(void)
{
	int vcpu, round;
	uint64_t is;

	need(AT_HWCAP, 1 << 28);
	vcpu = guest();
	for (round = 0; round < 20; round++) {
		OK(prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS,
			 round & 1 ? PR_SPEC_ENABLE : PR_SPEC_DISABLE, 0, 0));
		run_once(vcpu, round);
		asm volatile("mrs %0, s3_3_c4_c2_6" : "=r" (is));
		CHECK(!!is == (round & 1), "round %d: SSBS is %d", round, !!is);
	}
}

static uint64_t sign(uint64_t pointer, uint64_t modifier)
{
	register uint64_t x17 asm("x17") = pointer;
	register uint64_t x16 asm("x16") = modifier;

	asm volatile("hint #8" : "+r" (x17) : "r" (x16));	/* PACIA1716 */
	return x17;
}

static void authentication(void)
{
	uint64_t pointer = addr_of(&signal_code), was, is;
	int vcpu, round;

	need(AT_HWCAP, 1 << 30);
	vcpu = guest();
	for (round = 0; round < 20; round++) {
		was = sign(pointer, round);
		run_once(vcpu, round);
		is = sign(pointer, round);
		CHECK(is == was, "round %d: a signature is %#llx, was %#llx", round,
		      (unsigned long long)is, (unsigned long long)was);
	}
	CHECK(sign(pointer, 1) != pointer || sign(pointer, 2) != pointer, "signatures are empty");
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

static void landing_pads(void)
{
	uint32_t *code;
	int vcpu, round;

	need(AT_HWCAP2, 1 << 17);
	vcpu = guest();
	code = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(code != MAP_FAILED, "no memory");
	code[0] = 0xd65f03c0;	/* RET, which is none */
	code[1] = 0xd503245f;	/* BTI C; RET */
	code[2] = 0xd65f03c0;
	__builtin___clear_cache((char *)code, (char *)(code + 3));
	OK(mprotect(code, page_size(), PROT_READ | PROT_EXEC | PROT_BTI));
	for (round = 0; round < 20; round++) {
		run_once(vcpu, round);
		CHECK(signal_of(jump, code + 1) == 0, "round %d: BTI C ends with a signal", round);
		CHECK(signal_of(jump, code) == SIGILL, "round %d: no BTI ends without SIGILL", round);
	}
}

static void load(void *arg)
{
	asm volatile("ldr xzr, [%0]" : : "r" (arg) : "memory");
}

static void tags(void)
{
	int vcpu, round, sig;
	uint64_t tagged;
	char *page;

	need(AT_HWCAP2, 1 << 18);
	vcpu = guest();
	/* tagged addresses, synchronous faults, all tags: <linux/prctl.h> */
	OK(prctl(PR_SET_TAGGED_ADDR_CTRL, 1UL | 1UL << 1 | 0xfffeUL << 3, 0, 0, 0));
	page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE | PROT_MTE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(page != MAP_FAILED, "no memory");
	tagged = addr_of(page) | 5ULL << 56;
	asm volatile(".arch armv8.5-a+memtag\n\tstg %0, [%0]" : : "r" (tagged) : "memory");
	for (round = 0; round < 20; round++) {
		run_once(vcpu, round);
		sig = signal_of(load, (void *)tagged);
		CHECK(!sig, "round %d: the right tag ends with signal %d", round, sig);
		sig = signal_of(load, (void *)(addr_of(page) | 6ULL << 56));
		CHECK(sig == SIGSEGV && signal_code == 9 /* SEGV_MTESERR */,
		      "round %d: the wrong tag ends with signal %d, code %d", round, sig, signal_code);
	}
}

#endif

const struct test state_tests[] = {
	{ "registers over ARMKVM_RUN", registers },
	{ "unaligned accesses after ARMKVM_RUN", alignment },
#ifdef __aarch64__
	{ "PSTATE.DIT", dit },
	{ "PSTATE.SSBS", ssbs },
	{ "PSTATE.TCO", tco },
	{ "control of speculative store bypass", store_bypass },
	{ "pointer authentication", authentication },
	{ "branch target identification", landing_pads },
	{ "memory tagging", tags },
#endif
	{ }
};
