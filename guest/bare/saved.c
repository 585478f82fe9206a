// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest that is saved and goes on elsewhere: a line each eighth of a second, with the calls to
 * armkvm that it finds.  rounds= says how many lines.
 */
#include "lib/bare.h"
#include "lib/hypercall.h"

#define GICD(r)		(*(volatile u32 *)(0x08000000 + (r)))
#define GICC(r)		(*(volatile u32 *)(0x08010000 + (r)))
#define VIRTUAL_TIMER	27

/* Masked interrupts end a WFI, too (ARM DDI 0406C B1.8.14). */
static void wait(u32 ticks)
{
	mcr(ticks, 0, c14, c3, 0);		/* CNTV_TVAL */
	mcr(1, 0, c14, c3, 1);			/* CNTV_CTL: enabled */
	isb();
	while (!(mrc(0, c14, c3, 1) & 4))
		asm volatile("dsb\n wfi" : : : "memory");
	mcr(0, 0, c14, c3, 1);
	isb();
}

void test(void)
{
	u32 rounds = argument("rounds", 16), i;
	struct call c;

	GICD(0x100) = 1u << VIRTUAL_TIMER;	/* GICD_ISENABLER0 */
	GICC(0x004) = 0xf0;			/* GICC_PMR */
	GICC(0x000) = 1;
	GICD(0x000) = 1;
	for (i = 0; i < rounds; i++) {
		s32 found = CALL(&c, ARMKVM_HC_CALL_UID);

		print("round ");
		print_hex(i);
		if ((u32)found != ARMKVM_HC_UID_0 || c.r[3] != ARMKVM_HC_UID_3) {
			print("none");
		} else {
			CALL(&c, ARMKVM_HC_FEATURES);
			print_hex(c.r[0]);
			/* one that needs nothing of the guest */
			print_hex(CALL(&c, ARMKVM_HC_YIELD));
		}
		newline();
		wait(mrc(0, c14, c0, 0) / 8);
	}
}
