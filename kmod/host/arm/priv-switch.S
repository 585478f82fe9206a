/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: privileged guests, in and out.
 *
 * A page of this code belongs to each vCPU whose guest is privileged, and is mapped,
 * beside the vCPU's context, at one address in the host's tables and in the guest's
 * own.  Its first words are the vectors that VBAR points to while the guest runs: all
 * exceptions but FIQ are the guest's, whose handlers are reached by one load.  The host's
 * interrupts are FIQs meanwhile (line.c), which no mask of the guest's holds off that
 * the host didn't allow: FIQ mode is the host's, its sp the context, r8 to r12 scratch.
 *
 * A change of tables goes by the reserved ASID 0, with an ISB after each step (ARM DDI
 * 0406C B3.10.4).  TTBCR.N says which of two tables maps this page, so that one is in place
 * before TTBCR changes: on the way in TTBR1, TTBCR, TTBR0; on the way out, to N = 0, TTBR0,
 * TTBCR, TTBR1.  Attributes of this page are the same in both regimes (priv.c looks), so
 * that SCTLR, PRRR and NMRR may change in it.  Both worlds map themselves with global entries:
 * TLBIALL (B3.10.3) and, for virtual addresses in branch predictors (B2.2.4), BPIALL.
 *
 * Predictors are not hardened against the guest as in switch.S: it is privileged.
 */
#include <linux/linkage.h>

#include "switch-offsets.h"

#define DACR_ALL_CLIENT	0x55555555
#define FPEXC_EN	0x40000000

	.arch	armv7-a
	.arch_extension sec
	.fpu	neon
	.text
	.arm
	.align	12

/* One register of a struct host_arm_regime, and into it. */
	.macro	put at, reg, crn, crm, op2
	ldr	r4, [\at, #\reg]
	mcr	p15, 0, r4, \crn, \crm, \op2
	.endm

	.macro	get at, reg, crn, crm, op2
	mrc	p15, 0, r4, \crn, \crm, \op2
	str	r4, [\at, #\reg]
	.endm

/* Clobbers r4. */
	.macro	get_regime at
	get	\at, REG_SCTLR, c1, c0, 0
	get	\at, REG_CPACR, c1, c0, 2
	get	\at, REG_TTBR0, c2, c0, 0
	get	\at, REG_TTBR1, c2, c0, 1
	get	\at, REG_TTBCR, c2, c0, 2
	get	\at, REG_DACR, c3, c0, 0
	get	\at, REG_PRRR, c10, c2, 0
	get	\at, REG_NMRR, c10, c2, 1
	get	\at, REG_VBAR, c12, c0, 0
	get	\at, REG_CONTEXTIDR, c13, c0, 1
	get	\at, REG_TPIDRURW, c13, c0, 2
	get	\at, REG_TPIDRURO, c13, c0, 3
	get	\at, REG_TPIDRPRW, c13, c0, 4
	.endm

/* first, second: TTBR0 and TTBR1, in the order that TTBCR wants.  Clobbers r4. */
	.macro	put_regime at, first, first_op2, second, second_op2
	dsb					@ stores to tables are visible to walks
	ldr	r4, =DACR_ALL_CLIENT
	mcr	p15, 0, r4, c3, c0, 0
	mov	r4, #0
	mcr	p15, 0, r4, c13, c0, 1		@ CONTEXTIDR: reserved ASID
	isb
	put	\at, \first, c2, c0, \first_op2
	isb
	put	\at, REG_TTBCR, c2, c0, 2
	isb
	put	\at, \second, c2, c0, \second_op2
	put	\at, REG_PRRR, c10, c2, 0
	put	\at, REG_NMRR, c10, c2, 1
	put	\at, REG_SCTLR, c1, c0, 0
	put	\at, REG_VBAR, c12, c0, 0
	isb
	mcr	p15, 0, r4, c8, c7, 0		@ TLBIALL
	mcr	p15, 0, r4, c7, c5, 6		@ BPIALL
	dsb
	isb
	put	\at, REG_CONTEXTIDR, c13, c0, 1
	isb
	put	\at, REG_DACR, c3, c0, 0
	put	\at, REG_CPACR, c1, c0, 2
	put	\at, REG_TPIDRURW, c13, c0, 2
	put	\at, REG_TPIDRURO, c13, c0, 3
	put	\at, REG_TPIDRPRW, c13, c0, 4
	isb
	.endm

/* sp, lr and SPSR of a mode, to and from the context r0.  Clobbers r4. */
	.macro	get_bank mode, bank
	cps	#\mode
	str	sp, [r0, #CTX_SP_USR + 4 * \bank]
	str	lr, [r0, #CTX_LR_USR + 4 * \bank]
	mrs	r4, spsr
	str	r4, [r0, #CTX_SPSR_USR + 4 * \bank]
	.endm

	.macro	put_bank mode, bank
	cps	#\mode
	ldr	sp, [r0, #CTX_SP_USR + 4 * \bank]
	ldr	lr, [r0, #CTX_LR_USR + 4 * \bank]
	ldr	r4, [r0, #CTX_SPSR_USR + 4 * \bank]
	msr	spsr_cxsf, r4
	.endm

	.globl	host_arm_priv_start
host_arm_priv_start:
	b	.			@ reset: never taken through VBAR
	ldr	pc, to_und
	ldr	pc, to_svc
	ldr	pc, to_pabt
	ldr	pc, to_dabt
	b	.			@ Hyp mode entry: never taken
	ldr	pc, to_irq
/* FIQ.  B1.8.3: lr is the address of the next instruction plus 4, in either state. */
	stmia	sp, {r0-r14}^
	nop
	sub	r9, lr, #4
	mrs	r10, spsr
	mov	r8, #VEC_FIQ
	b	leave

/* The guest's own vectors, of this vCPU: priv.c writes them. */
	.globl	host_arm_priv_vectors
host_arm_priv_vectors:
to_und:	.word	0
to_svc:	.word	0
to_pabt: .word	0
to_dabt: .word	0
to_irq:	.word	0

/*
 * From host_arm_priv_call: in FIQ mode, r0-r14 saved, the caller's CPSR in the place of r12.
 * The pc is worked out from the caller's lr by engine_priv_call().
 */
	.globl	host_arm_priv_called
host_arm_priv_called:
	ldr	r10, [sp, #CTX_R0 + 4 * 12]
	mov	r9, #0
	mov	r8, #VEC_HYP

/* In FIQ mode, all masked.  r8: vector, r9: pc, r10: CPSR. */
leave:
	mov	r0, sp
	str	r8, [r0, #CTX_VECTOR]
	str	r9, [r0, #CTX_PC]
	str	r10, [r0, #CTX_CPSR]
	get_bank MODE_IRQ, BANK_IRQ
	get_bank MODE_ABT, BANK_ABT
	get_bank MODE_UND, BANK_UND
	get_bank MODE_SVC, BANK_SVC

	add	r1, r0, #CTX_PRIV_GUEST
	add	r2, r0, #CTX_PRIV_HOST
	get_regime r1
	put_regime r2, REG_TTBR0, 0, REG_TTBR1, 1

	cps	#MODE_FIQ
	ldr	r8, [r0, #CTX_HOST_FIQ + 4 * 6]
	msr	spsr_cxsf, r8
	add	r7, r0, #CTX_HOST_FIQ
	ldm	r7, {r8-r12}
	ldr	lr, [r0, #CTX_HOST_FIQ + 4 * 5]
	ldr	sp, [r0, #CTX_HOST_SP_FIQ]
	cps	#MODE_IRQ
	ldr	sp, [r0, #CTX_HOST_SP_IRQ]
	cps	#MODE_ABT
	ldr	sp, [r0, #CTX_HOST_SP_ABT]
	cps	#MODE_UND
	ldr	sp, [r0, #CTX_HOST_SP_UND]
	cps	#MODE_SVC
	ldr	sp, [r0, #CTX_HOST_SP]
	clrex					@ A3.4.4

	vmrs	r5, fpexc
	str	r5, [r0, #CTX_FPEXC]
	ldr	r5, =FPEXC_EN
	vmsr	fpexc, r5
	vmrs	r5, fpscr
	str	r5, [r0, #CTX_FPSCR]
	add	r5, r0, #CTX_VFP
	vstmia	r5!, {d0-d15}
	ldr	r4, [r0, #CTX_VFP_LIVE]
	cmp	r4, #VFP_D32
	vstmiaeq r5, {d16-d31}

	pop	{r3}
	msr	cpsr_cxsf, r3			@ the host's masks
	pop	{r4-r11, pc}

/*
 * void host_arm_priv_enter(struct host_arm_ctx *ctx)
 * Runs the guest until it calls or the host is interrupted.  IRQs and FIQs are masked by
 * the caller and are so at return, the floating-point unit is on.
 */
	.globl	host_arm_priv_enter
host_arm_priv_enter:
	push	{r4-r11, lr}
	mrs	r3, cpsr
	push	{r3}
	cpsid	aif
	ldr	r5, [r0, #CTX_FPSCR]
	vmsr	fpscr, r5
	add	r5, r0, #CTX_VFP
	vldmia	r5!, {d0-d15}
	ldr	r4, [r0, #CTX_VFP_LIVE]
	cmp	r4, #VFP_D32
	vldmiaeq r5, {d16-d31}
	ldr	r5, [r0, #CTX_FPEXC]
	vmsr	fpexc, r5

	str	sp, [r0, #CTX_HOST_SP]
	cps	#MODE_FIQ
	str	sp, [r0, #CTX_HOST_SP_FIQ]
	str	lr, [r0, #CTX_HOST_FIQ + 4 * 5]
	add	r7, r0, #CTX_HOST_FIQ
	stm	r7, {r8-r12}
	mrs	r8, spsr
	str	r8, [r0, #CTX_HOST_FIQ + 4 * 6]
	mov	sp, r0
	cps	#MODE_IRQ
	str	sp, [r0, #CTX_HOST_SP_IRQ]
	cps	#MODE_ABT
	str	sp, [r0, #CTX_HOST_SP_ABT]
	cps	#MODE_UND
	str	sp, [r0, #CTX_HOST_SP_UND]
	cps	#MODE_SVC

	add	r1, r0, #CTX_PRIV_GUEST
	add	r2, r0, #CTX_PRIV_HOST
	get_regime r2
	put_regime r1, REG_TTBR1, 1, REG_TTBR0, 0

	put_bank MODE_IRQ, BANK_IRQ
	put_bank MODE_ABT, BANK_ABT
	put_bank MODE_UND, BANK_UND
	put_bank MODE_SVC, BANK_SVC
	clrex
	cps	#MODE_FIQ
	ldr	r8, [r0, #CTX_CPSR]
	msr	spsr_cxsf, r8
	ldr	lr, [r0, #CTX_PC]
	ldm	r0, {r0-r14}^
	nop
	movs	pc, lr

	.ltorg
	.globl	host_arm_priv_end
host_arm_priv_end:
	.org	host_arm_priv_start + 4096	@ an error if the code does not fit its page

/*
 * What the guest finds at ARMKVM_PRIV_CALL, the same for all: no address of it depends on
 * the CPU.  Between the first two instructions the vCPU may change CPUs.
 */
	.globl	host_arm_priv_call
host_arm_priv_call:
	mrs	r12, cpsr
	cpsid	aif, #MODE_FIQ
	setend	le
	stmia	sp, {r0-r14}^
	nop
	ldr	pc, [sp, #CTX_PRIV_CALLED]
	.globl	host_arm_priv_call_end
host_arm_priv_call_end:
