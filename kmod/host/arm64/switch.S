/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 host: into the guest and out again.
 *
 * The guest runs in AArch32 state at EL0 with its tables in TTBR0; the kernel
 * stays mapped by TTBR1, so this is ordinary kernel code, but for its vectors.
 * SP_EL1 (on a kernel at EL2: SP_EL2) keeps the kernel's stack while the guest
 * runs; the frame below is what the vectors find there.
 *
 * r0-r14 of User mode are w0-w14 (ARM DDI 0487, "Mapping between AArch32 and
 * AArch64").  The names *_EL1 mean the EL2 registers where the kernel runs at
 * EL2 (HCR_EL2.E2H).
 */
#include <linux/linkage.h>
#include <asm/assembler.h>

#include "switch-offsets.h"

#define SOURCE_SYNC	0
#define SOURCE_IRQ	1
#define SOURCE_FIQ	2
#define SOURCE_SERROR	3

/* The frame on the kernel's stack, from entry to exit. */
#define FRAME_CTX	0
#define FRAME_X29	16
#define FRAME_X19	32
#define FRAME_X18	112	/* and SP_EL0, the kernel's current */
#define FRAME_SIZE	128

	/* Kprobes stay away: a BRK in here would be taken by the vectors below. */
	.section .noinstr.text, "ax"

/*
 * void host_arm64_switch(struct host_arm64_ctx *ctx)
 * In: x0 ctx; DAIF masked.  Clobbers what the procedure call standard allows.
 */
SYM_FUNC_START(host_arm64_switch)
	sub	sp, sp, #FRAME_SIZE
	str	x0, [sp, #FRAME_CTX]
	stp	x29, x30, [sp, #FRAME_X29]
	stp	x19, x20, [sp, #FRAME_X19]
	stp	x21, x22, [sp, #FRAME_X19 + 16]
	stp	x23, x24, [sp, #FRAME_X19 + 32]
	stp	x25, x26, [sp, #FRAME_X19 + 48]
	stp	x27, x28, [sp, #FRAME_X19 + 64]
	mrs	x2, sp_el0
	stp	x18, x2, [sp, #FRAME_X18]

	mrs	x2, vbar_el1
	mrs	x3, sctlr_el1
	stp	x2, x3, [x0, #CTX_HOST_VBAR]
	adr_l	x2, host_arm64_vectors
	ldp	x3, x4, [x0, #CTX_SCTLR]	// and pstate
	ldr	w5, [x0, #CTX_PC]
	msr	vbar_el1, x2
	isb
	msr	sctlr_el1, x3
	msr	spsr_el1, x4
	msr	elr_el1, x5
	/* Cortex-A53 erratum 845719: this write before a return to AArch32 */
	mrs	x2, contextidr_el1
	msr	contextidr_el1, x2
	isb

	ldp	w2, w3, [x0, #CTX_R0 + 8]
	ldp	w4, w5, [x0, #CTX_R0 + 16]
	ldp	w6, w7, [x0, #CTX_R0 + 24]
	ldp	w8, w9, [x0, #CTX_R0 + 32]
	ldp	w10, w11, [x0, #CTX_R0 + 40]
	ldp	w12, w13, [x0, #CTX_R0 + 48]
	ldr	w14, [x0, #CTX_R0 + 56]
	ldp	w0, w1, [x0, #CTX_R0]
	eret
	dsb	nsh				// nothing speculates past the return
	isb
SYM_FUNC_END(host_arm64_switch)

/*
 * Out of the guest.
 * In: x1 source; the guest's x0 and x1 on the stack above the frame.
 */
SYM_CODE_START(host_arm64_leave)
	ldr	x0, [sp, #16 + FRAME_CTX]
	stp	w2, w3, [x0, #CTX_R0 + 8]
	stp	w4, w5, [x0, #CTX_R0 + 16]
	stp	w6, w7, [x0, #CTX_R0 + 24]
	stp	w8, w9, [x0, #CTX_R0 + 32]
	stp	w10, w11, [x0, #CTX_R0 + 40]
	stp	w12, w13, [x0, #CTX_R0 + 48]
	str	w14, [x0, #CTX_R0 + 56]
	ldp	x2, x3, [sp], #16
	stp	w2, w3, [x0, #CTX_R0]

	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	mrs	x4, esr_el1
	mrs	x5, far_el1
	stp	x2, x3, [x0, #CTX_ELR]
	stp	x4, x5, [x0, #CTX_ESR]
	str	x1, [x0, #CTX_SOURCE]
	ldp	x2, x3, [x0, #CTX_HOST_VBAR]	// and SCTLR
	msr	vbar_el1, x2
	msr	sctlr_el1, x3
	isb

	/* Branch history injection: the guest's history leads no branch of the kernel. */
	ldr	x2, [x0, #CTX_BHB_LOOPS]
	cbz	x2, 2f
1:	b	. + 4
	subs	x2, x2, #1
	b.ne	1b
	dsb	nsh
	isb
2:
	ldp	x18, x2, [sp, #FRAME_X18]
	msr	sp_el0, x2
	ldp	x29, x30, [sp, #FRAME_X29]
	ldp	x19, x20, [sp, #FRAME_X19]
	ldp	x21, x22, [sp, #FRAME_X19 + 16]
	ldp	x23, x24, [sp, #FRAME_X19 + 32]
	ldp	x25, x26, [sp, #FRAME_X19 + 48]
	ldp	x27, x28, [sp, #FRAME_X19 + 64]
	add	sp, sp, #FRAME_SIZE
	ret
SYM_CODE_END(host_arm64_leave)

/* An exception out of the guest. */
	.macro	from_guest source
	.align	7
	stp	x0, x1, [sp, #-16]!
	mov	x1, #\source
	b	host_arm64_leave
	.endm

/*
 * An exception of the code above: our bug, whatever it is.  The host's vectors
 * and tables come back, and the host's own handler reports it with every
 * register but x16, x17 and, of synchronous ones, x26 to x28 true.  It gets there by RET: an indirect branch
 * would want a BTI.
 */
	.macro	from_ourselves offset
	.align	7
	ldr	x16, [sp, #FRAME_CTX]
	ldr	x17, [x16, #CTX_HOST_TTBR0]
	msr	ttbr0_el1, x17
	ldr	x17, [x16, #CTX_HOST_TCR]
	msr	tcr_el1, x17
	ldp	x17, x16, [x16, #CTX_HOST_VBAR]
	msr	vbar_el1, x17
	msr	sctlr_el1, x16
	isb
	add	x17, x17, #\offset
	ret	x17
	.endm

/* As from_ourselves, but an access of fastpath.S to the guest's memory goes to its own. */
	.macro from_ourselves_sync
	.align	7
	mrs	x26, elr_el1
	adr_l	x27, host_arm64_fast
	adr_l	x28, host_arm64_fast_fault
	cmp	x26, x27
	ccmp	x26, x28, #2, hs		// else C is set, as by "not below"
	b.lo	host_arm64_fast_fault
	b	ourselves_sync
	.endm

/* Most of what a guest's kernel wants is answered here. */
	.macro from_guest_sync
	.align	7
	ldr	x15, [sp, #FRAME_CTX]
	mrs	x16, esr_el1
	mrs	x17, elr_el1
	mrs	x18, spsr_el1
	b	host_arm64_fast
	.endm

/* VBAR_EL1: the offset is a quarter (where from) and the kind of exception. */
	.align	11
SYM_CODE_START(host_arm64_vectors)
	from_ourselves	0x000
	from_ourselves	0x080
	from_ourselves	0x100
	from_ourselves	0x180

	from_ourselves_sync
	from_ourselves	0x280
	from_ourselves	0x300
	from_ourselves	0x380

	/* From AArch64 state at EL0: never, the guest can't get there. */
	from_ourselves	0x400
	from_ourselves	0x480
	from_ourselves	0x500
	from_ourselves	0x580

	from_guest_sync
	from_guest	SOURCE_IRQ
	from_guest	SOURCE_FIQ
	from_guest	SOURCE_SERROR
	.org	host_arm64_vectors + 0x800
SYM_CODE_END(host_arm64_vectors)

SYM_CODE_START_LOCAL(ourselves_sync)
	from_ourselves	0x200
SYM_CODE_END(ourselves_sync)
