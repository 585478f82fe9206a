// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: a kernel that goes on privileged and comes back, as often as it likes (mode direct): what
 * each call leaves of the registers, its own exceptions, interrupts, floating point, the count.
 */
#include "lib/mmu.h"
#include "lib/promote.h"


#define GICD		0x08000000u
#define GICC		0x08010000u
#define TIMER_INTID	27u

/* Calls with @r, and gets all registers back.  r12 and lr are the call's. */
struct regs {
	u32 r[15];
	u32 psr;
};

ARM_CODE(call_with_code,
	 "push	{r0, r1, r4-r12, lr}\n"
	 "mov	lr, r0\n"
	 "ldr	r12, [lr, #60]\n"
	 "tst	r1, #1\n"
	 "bne	1f\n"
	 "msr	cpsr_fs, r12\n"
	 "ldm	lr, {r0-r11}\n"
	 ".arch_extension virt\n"
	 "hvc	#0\n"
	 "b	2f\n"
	 "1: msr	cpsr_fs, r12\n"
	 "ldm	lr, {r0-r11}\n"
	 "ldr	r12, =0xfff00000\n"
	 "blx	r12\n"
	 "2: ldr	lr, [sp]\n"
	 "stm	lr, {r0-r11}\n"
	 "mrs	r0, cpsr\n"
	 "str	r0, [lr, #60]\n"
	 "pop	{r0, r1, r4-r12, pc}");

/* By ARMKVM_PRIV_CALL, or by HVC. */
static void call_with(struct regs *regs, u32 by_branch)
{
	((void (*)(struct regs *, u32))call_with_code)(regs, by_branch);
}

static void set_regs(struct regs *r, u32 fn, u32 a, u32 b)
{
	u32 i;

	for (i = 0; i < 15; i++)
		r->r[i] = 0x01010101 * (i + 0x40);
	r->r[0] = fn;
	r->r[1] = a;
	r->r[2] = b;
	r->psr = 0xa80f0000;
}

/* All but the results, which are r0 and, of a call without others, r1 to r3 too. */
static u32 wrong(const struct regs *r, const struct regs *before)
{
	u32 i, n = r->r[0];

	for (i = 1; i < 12; i++)
		n |= r->r[i] ^ before->r[i];
	return n | ((r->psr ^ before->psr) & 0xf80f0000);
}

static u32 table;

static void round_trips(u32 rounds)
{
	struct regs r, before;
	u32 n, bad = 0;

	for (n = 0; n < rounds; n++) {
		set_regs(&r, ARMKVM_HC_PROMOTE, table, 0);
		before = r;
		call_with(&r, 0);
		bad |= wrong(&r, &before);
		set_regs(&r, ARMKVM_HC_DEMOTE, 0, 0);
		before = r;
		call_with(&r, 1);
		bad |= wrong(&r, &before);
		if (bad)
			break;
	}
	check("round trips", n, rounds);
	check("registers of them", bad, 0);
}

/*
 * -- what the architecture does is the guest's own -------------------------------
 */

ARM_CODE(do_svc, "svc #0x42");
ARM_CODE(do_und, "udf #1");
ARM_CODE(do_load, "ldr r0, [r1]");
ARM_CODE(do_jump, "bx r1");
THUMB_CODE(do_svc_thumb, "svc #0x42");

static void exceptions(void)
{
	static const struct {
		const char *name;
		const u32 *code;
		u32 thumb;
		u32 vector;
		u32 status;	/* of the fault, if it is one */
	} tests[] = {
		{ "svc", do_svc, 0, VEC_SVC, 0 },
		{ "svc in Thumb state", do_svc_thumb, 1, VEC_SVC, 0 },
		{ "undefined", do_und, 0, VEC_UND, 0 },
		{ "data abort", do_load, 0, VEC_DABT, 5 },
		{ "prefetch abort", do_jump, 0, VEC_PABT, 5 },
	};
	static const u32 modes[] = { MODE_SVC, MODE_SYS, MODE_IRQ, MODE_ABT, MODE_USR };
	struct state s;
	u32 i, m, at, bad;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		for (m = bad = 0; m < ARRAY_SIZE(modes); m++) {
			state_init(&s, modes[m], tests[i].code);
			s.psr &= ~(PSR_F | PSR_A);
			s.psr |= tests[i].thumb ? PSR_T : 0;
			s.r[1] = 0x7f000000;
			enter(&s);
			at = tests[i].vector == VEC_PABT ? 0x7f000004 :
			     (u32)tests[i].code + (tests[i].thumb ? 2 : 4) +
			     (tests[i].vector == VEC_DABT ? 4 : 0);
			bad |= s.vector ^ tests[i].vector;
			bad |= s.pc ^ at;
			if (tests[i].vector == VEC_DABT)
				bad |= (s.dfsr & 0xf) ^ tests[i].status;
			if (tests[i].vector == VEC_PABT)
				bad |= (s.ifsr & 0xf) ^ tests[i].status;
		}
		check(tests[i].name, bad, 0);
	}
}

/* A page that the guest maps and unmaps by its own TLB maintenance. */
static void own_tables(void)
{
	volatile u32 *a = (volatile u32 *)0x60000000;
	u32 *entry = short_page(0x60000000), i, bad = 0;

	for (i = 0; i < 64; i++) {
		*entry = (phys((void *)TEST_RAM) - 0x100000 + 0x1000 * (i & 1)) | L2_SMALL | L2_AP(3) | L2_NORMAL;
		short_flush();
		*a = i;
		bad |= *(volatile u32 *)(TEST_RAM - 0x100000 + 0x1000 * (i & 1)) ^ i;
	}
	*entry = 0;
	short_flush();
	check("own tables", bad, 0);
}

/*
 * -- interrupts -----------------------------------------------------------------
 */

static u64 count_now(void)
{
	struct call c;

	PCALL(&c, ARMKVM_HC_TIMER_SET, ~0u, ~0u);
	return c.r[1] | (u64)c.r[2] << 32;
}

static void timer_at(u64 when)
{
	struct call c;

	PCALL(&c, ARMKVM_HC_TIMER_SET, (u32)when, (u32)(when >> 32));
}

ARM_CODE(spin, "1: add r0, r0, #1\n b 1b");

/* The guest spins until its interrupt comes. */
static void interrupts(void)
{
	struct state s;
	u32 i, iar, bad = 0;
	u64 since;

	device_write(GICD, 1);
	device_write(GICD + 0x100, 1u << TIMER_INTID);
	device_write(GICC + 4, 0xff);
	device_write(GICC, 1);
	for (i = 0; i < 20; i++) {
		since = count_now();
		timer_at(since + 62500);
		state_init(&s, i & 1 ? MODE_USR : MODE_SVC, spin);
		s.psr &= ~(PSR_A | PSR_I | PSR_F);
		s.r[0] = 0;
		enter(&s);
		bad |= s.vector ^ VEC_IRQ;
		iar = device_read(GICC + 0xc);
		bad |= iar ^ TIMER_INTID;
		if (count_now() < since + 62500)
			bad |= 0x100;
		device_write(GICC + 0x10, iar);
		if (device_read(GICC + 0xc) != 1023)
			bad |= 0x200;
	}
	check("timer interrupts", bad, 0);
	/* masked it waits, and comes at once when it is unmasked */
	timer_at(0);
	for (i = 0; i < 1000000; i++)
		asm volatile("");
	state_init(&s, MODE_SVC, spin);
	s.psr &= ~(PSR_A | PSR_I | PSR_F);
	s.r[0] = 0;
	enter(&s);
	check("an interrupt that waited", s.vector == VEC_IRQ && s.r[0] < 1000, 1);
	count_now();
	iar = device_read(GICC + 0xc);
	device_write(GICC + 0x10, iar);
	check("and is over", device_read(GICC + 0xc), 1023);
}

/* Floating point, which host and guest take turns with. */
static void floating_point(void)
{
	u32 i, n, bad = 0, got;
	struct call c;

	mcr(mrc(0, c1, c0, 2) | 0xf << 20, 0, c1, c0, 2);
	isb();
	asm volatile(".fpu vfpv3-d16\n vmsr fpexc, %0" : : "r" (0x40000000));
	asm volatile(".fpu vfpv3-d16\n vmsr fpscr, %0" : : "r" (0x03000000));
	for (n = 0; n < 50; n++) {
		asm volatile(".fpu vfpv3-d16\n vmov s0, %0\n vmov s31, %1" : : "r" (n), "r" (~n));
		for (i = 0; i < 100000; i++)
			asm volatile("");
		PCALL(&c, ARMKVM_HC_YIELD);
		asm volatile(".fpu vfpv3-d16\n vmov %0, s0" : "=r" (got));
		bad |= got ^ n;
		asm volatile(".fpu vfpv3-d16\n vmov %0, s31" : "=r" (got));
		bad |= got ^ ~n;
		asm volatile(".fpu vfpv3-d16\n vmrs %0, fpscr" : "=r" (got));
		bad |= got ^ 0x03000000;
	}
	check("floating point", bad, 0);
}

void test(void)
{
	u32 rounds = argument("rounds", 1000);	/* tables take the place of the device tree */
	struct call c;

	check("features", (u32)CALL(&c, ARMKVM_HC_FEATURES) >> ARMKVM_PV_PRIV & 1, 1);
	check("not without tables", CALL(&c, ARMKVM_HC_PROMOTE, phys((void *)TABLE_RAM), 0),
	      (u32)ARMKVM_HC_INVALID);
	promote_init();
	table = short_l1[ARMKVM_PRIV_CALL >> 20] & ~0x3ffu;
	check("not with another table", CALL(&c, ARMKVM_HC_PROMOTE, table + 0x400, 0),
	      (u32)ARMKVM_HC_INVALID);
	check("not outside its memory", CALL(&c, ARMKVM_HC_PROMOTE, 0x08000000, 0),
	      (u32)ARMKVM_HC_INVALID);
	check("no way back yet", CALL(&c, ARMKVM_HC_DEMOTE), (u32)ARMKVM_HC_INVALID);
	round_trips(rounds);
	check("promote", promote(), 0);
	exceptions();
	own_tables();
	interrupts();
	floating_point();
	check("demote", demote(), 0);
	exceptions();
	own_tables();
	check("promote again", promote(), 0);
	/* and off, by a call */
}
