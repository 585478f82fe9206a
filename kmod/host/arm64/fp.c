// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm64 host: the guest's floating-point registers during a stay.
 *
 * d0-d31 of AArch32 are the halves of v0-v15, which are the kernel's to
 * use from host_vfp_begin() on.  Nothing of ours has to survive until the next
 * stay: the registers go back to memory with interrupts still off.  FPEXC
 * can't be reached without EL2 and needs not be: with the kernel in AArch64
 * state EL0 runs as if FPEXC.EN were 1, and FPEN (world_enter_el0() in world.c) does its work.
 */
#include <linux/kernel.h>

#include <host_world.h>

#include "../../compat/neon.h"
#include "../../core/vcpu.h"
#include "fp.h"

/* FPSCR is FPSR and FPCR in AArch64 state */
#define FPSCR_FPSR		0xf800009fU
#define FPSCR_FPCR		0x07ff9f00U

#define FP_ASM	".arch_extension fp\n\t.arch_extension simd\n\t"

void host_arm64_load_vfp(const struct armkvm_vfp *vfp)
{
	asm volatile(FP_ASM
		     "ldp	q0, q1, [%0]\n\t"
		     "ldp	q2, q3, [%0, #32]\n\t"
		     "ldp	q4, q5, [%0, #64]\n\t"
		     "ldp	q6, q7, [%0, #96]\n\t"
		     "ldp	q8, q9, [%0, #128]\n\t"
		     "ldp	q10, q11, [%0, #160]\n\t"
		     "ldp	q12, q13, [%0, #192]\n\t"
		     "ldp	q14, q15, [%0, #224]\n\t"
		     "msr	fpsr, %1\n\t"
		     "msr	fpcr, %2"
		     : : "r" (vfp->d), "r" ((u64)vfp->fpscr & FPSCR_FPSR),
			 "r" ((u64)vfp->fpscr & FPSCR_FPCR) : "memory");
}

void host_arm64_save_vfp(struct armkvm_vfp *vfp)
{
	u64 fpsr, fpcr;

	asm volatile(FP_ASM
		     "stp	q0, q1, [%2]\n\t"
		     "stp	q2, q3, [%2, #32]\n\t"
		     "stp	q4, q5, [%2, #64]\n\t"
		     "stp	q6, q7, [%2, #96]\n\t"
		     "stp	q8, q9, [%2, #128]\n\t"
		     "stp	q10, q11, [%2, #160]\n\t"
		     "stp	q12, q13, [%2, #192]\n\t"
		     "stp	q14, q15, [%2, #224]\n\t"
		     "mrs	%0, fpsr\n\t"
		     "mrs	%1, fpcr\n\t"
		     /* what the kernel's own users expect */
		     "msr	fpcr, xzr"
		     : "=&r" (fpsr), "=&r" (fpcr) : "r" (vfp->d) : "memory");
	vfp->fpscr = (fpsr & FPSCR_FPSR) | (fpcr & FPSCR_FPCR);
}

void host_vfp_begin(void)
{
	kernel_neon_begin();
}

void host_vfp_end(void)
{
	kernel_neon_end();
}
