// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: what it costs that the launcher executes an instruction, in ticks of the virtual
 * count.  Not for comparing: ci/tests/engine/emulate.sh makes instructions of them, in a host whose
 * time is executed instructions, and has the limits.
 *
 * Each line: what, and in hexadecimal the ticks of the cheapest of some.  "alone": so long after the
 * one before that it is a slice of its own.  "many": of one in a row of them, which is one slice.
 */
#include "lib/bare.h"

#define RTC_MR	0x09010004u
#define ALONE	6		/* how often */
#define MANY	2000
#define PAUSE	30000000u	/* ns */

/* A load that the module doesn't execute on a device */
ARM_CODE(odd, ".fpu neon\n1: vld1.32 {d0}, [r1]\n subs r2, r2, #1\n bne 1b\n bx lr");

static void loads(u32 n)
{
	register u32 r1 asm("r1") = RTC_MR;
	register u32 r2 asm("r2") = n;
	register const u32 *code asm("r4") = odd;

	asm volatile("blx %2" : "+r" (r1), "+r" (r2), "+r" (code)
		     : : "r0", "r3", "r12", "lr", "memory", "cc");
}

static u32 ticks_of(u32 n)
{
	u64 start = virtual_count();

	loads(n);
	return virtual_count() - start;
}

/* The guest runs natively meanwhile, and makes no exit. */
static void pause(void)
{
	u32 i;

	for (i = 0; i < PAUSE / 2; i++)
		asm volatile("");
}

static void line(const char *name, u32 ticks)
{
	print(name);
	putch(' ');
	print_hex(ticks);
	newline();
}

void test(void)
{
	u32 i, least = ~0u, ticks;

	mcr(0x00f00000, 0, c1, c0, 2);		/* CPACR: VFP, Advanced SIMD */
	isb();
	asm volatile(".fpu neon\n vmsr fpexc, %0" : : "r" (0x40000000));
	for (i = 0; i < ALONE; i++) {
		pause();
		ticks = ticks_of(1);
		if (ticks < least)
			least = ticks;
	}
	line("alone", least);
	ticks_of(MANY);				/* slices become long */
	line("many", ticks_of(MANY) / MANY);
}
