// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: what a load costs whose domain has just been opened, in ticks of the virtual count, where FPEXC was written
 * in between.  Not for comparing: ci/tests/engine/bare-armv7.sh has the limit, in a host whose time is executed instructions.
 *
 * The host is left for a device while the domain is closed, so that it has seen the old DACR.  Prints the dearest
 * of ROUNDS, in hexadecimal.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

#define ROUNDS		32
#define WHERE		0x50000000u
#define CLOSED		0x1u		/* DACR: domain 0 client */
#define OPEN		0x5u		/* and domain 1 */
#define UARTFR		(*(volatile u32 *)0x09000018)
#define FPEXC_EN	0x40000000u

static void fpexc(u32 value)
{
	asm volatile(".fpu neon\n vmsr fpexc, %0" : : "r" (value));
}

void test(void)
{
	u32 i, ticks, worst = 0;
	u64 start;

	mcr(0x00f00000, 0, c1, c0, 2);		/* CPACR: VFP, Advanced SIMD */
	isb();
	short_init();
	short_l1[WHERE >> 20] = TEST_RAM | L1_SECTION | L1_AP(3) | L1_NORMAL | L1_DOMAIN(1);
	short_on();
	for (i = 0; i < ROUNDS; i++) {
		mcr(CLOSED, 0, c3, c0, 0);
		isb();
		(void)UARTFR;
		mcr(OPEN, 0, c3, c0, 0);
		isb();
		fpexc(i & 1 ? 0 : FPEXC_EN);
		start = virtual_count();
		(void)*(volatile u32 *)WHERE;
		ticks = virtual_count() - start;
		if (ticks > worst)
			worst = ticks;
	}
	print("worst ");
	print_hex(worst);
	newline();
}
