/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: the switch page, which is two.
 *
 * Pages of code, mapped at the same address in the host's tables and in
 * every shadow table, in which the CPU changes from one set of tables to the
 * other.  Its first words are the exception vectors that VBAR points to while
 * a guest runs (SCTLR.V is clear then).  Nothing outside these pages and the
 * vCPU's context page is touched between the change of TTBR0 and the change
 * back: the host's stack and data are not mapped.
 *
 * Order of a table change (ARM DDI 0406C B3.10.4, "Synchronization of changes
 * of ASID and TTBR"): to the reserved ASID 0, which tags no translation of a
 * host process or of a guest; then TTBR0; then the new ASID; an ISB after
 * each.  The host maps itself with global entries in the range where the guest
 * has its own kernel, and two entries for one address are UNPREDICTABLE
 * (B3.10.3): hence a TLBIALL of this CPU in either direction.  A trap that the
 * stub answers itself pays for none of this.  Branch predictors may hold
 * virtual addresses (B2.2.4): BPIALL, likewise.  The errata of cores that all this
 * minds are listed in kmod/doc/shadow-mode.rst.
 */
#include <linux/linkage.h>

#include "../../core/arm/insn-words.h"
#include "switch-offsets.h"

#define SWITCH_AREA_MIB	0xfff

/* Every domain a client: holds while two sets of tables are in use. */
#define DACR_ALL_CLIENT	0x55555555

	.arch	armv7-a
	.arch_extension sec
	.fpu	neon
	.text
	.arm
	.align	12

/*
 * A change of tables.  In: \ttbr, \asid: registers with the new values; they
 * are preserved.  Clobbers \tmp.
 */
	.macro	change_tables ttbr, asid, tmp
	mov	\tmp, #0
	mcr	p15, 0, \tmp, c13, c0, 1	@ CONTEXTIDR: reserved ASID
	isb
	mcr	p15, 0, \ttbr, c2, c0, 0	@ TTBR0
	isb
	mcr	p15, 0, \tmp, c8, c7, 0		@ TLBIALL
	mcr	p15, 0, \tmp, c7, c5, 6		@ BPIALL
	dsb
	isb
	mcr	p15, 0, \asid, c13, c0, 1	@ CONTEXTIDR
	isb
	.endm

/* Saves the host's sp of a mode and points it at the context.  r0: context. */
	.macro	take_sp mode, slot
	cps	#\mode
	str	sp, [r0, #\slot]
	mov	sp, r0
	.endm

	.macro	give_sp mode, slot
	cps	#\mode
	ldr	sp, [r0, #\slot]
	.endm

/*
 * A trap that C handles: all of the guest's registers to the context, which sp
 * of any privileged mode addresses, then on with r1 vector
 */
	.macro	trap vec
	stmia	sp, {r0-r14}^
	trap_saved \vec
	.endm

	.macro	trap_saved vec
	movw	r1, #\vec
	b	leave_trap
	.endm

	.globl	host_arm_switch_start
host_arm_switch_start:
	b	.			@ reset: never taken through VBAR
	b	trap_und
	b	trap_svc
	b	trap_pabt
	b	trap_dabt
	b	.			@ Hyp mode entry: never taken
	b	trap_irq
/*
 * The last vector runs straight on.  UND and SVC don't mask FIQ (B1.9): one that comes while the stub works
 * would find the stub's registers in the place of the guest's.  It waits for the stub's return to User
 * mode, or for the host.  r8-r12 are FIQ mode's own, and the host's handler's.
 */
trap_fiq:
	str	r0, [sp, #CTX_SCRATCH_FIQ]
	mrs	r0, spsr
	tst	r0, #0xf
	bne	fiq_in_stub
	ldr	r0, [sp, #CTX_SCRATCH_FIQ]
	trap	VEC_FIQ | NO_LIGHT
fiq_in_stub:
	orr	r0, r0, #PSR_F
	msr	spsr_cxsf, r0
	ldr	r0, [sp, #CTX_SCRATCH_FIQ]
	subs	pc, lr, #4
trap_irq:
	trap	VEC_IRQ | NO_LIGHT
trap_pabt:
	trap	VEC_PABT

trap_dabt:
	str	r0, [sp, #CTX_SCRATCH]
	mrs	r0, spsr
	tst	r0, #0xf
	ldreq	r0, [sp, #CTX_SCRATCH]
	bne	stub_abort
	trap	VEC_DABT

/*
 * The fast path met an abort at a guest address.  It has saved the guest's
 * registers and changed nothing yet: C does the instruction from the start.
 */
stub_abort:
	dsb					@ Cortex-A9 775420: before any ISB
	cps	#MODE_UND
	mrs	r1, spsr
	tst	r1, #PSR_T
	subne	lr, lr, #2
	trap_saved VEC_UND | NO_LIGHT

#include "fastpath.S"

leave_trap:
	mov	r0, sp
	mov	r2, lr
	mrs	r3, spsr
/*
 * Back to the host: first as far as the light path (core/engine/light.c) needs it,
 * which most of these exceptions end with.
 * In: r0 context, r1 vector, r2 exception's lr, r3 spsr; IRQ masked by the
 * exception, FIQ open or masked.
 */
	cpsid	aif, #MODE_SVC
	str	r1, [r0, #CTX_VECTOR]
	str	r2, [r0, #CTX_PC]
	str	r3, [r0, #CTX_HW_PSR]
	mrc	p15, 0, r4, c5, c0, 0		@ DFSR
	mrc	p15, 0, r5, c6, c0, 0		@ DFAR
	mrc	p15, 0, r6, c5, c0, 1		@ IFSR
	mrc	p15, 0, r7, c6, c0, 2		@ IFAR
	str	r4, [r0, #CTX_DFSR]
	str	r5, [r0, #CTX_DFAR]
	str	r6, [r0, #CTX_IFSR]
	str	r7, [r0, #CTX_IFAR]
	mrc	p15, 0, r6, c13, c0, 2		@ TPIDRURW
	mrc	p15, 0, r4, c13, c0, 3		@ TPIDRURO: the host's current task
	ldr	r5, [r0, #CTX_HOST_TPIDRURO]
	str	r6, [r0, #CTX_HW_TPIDRURW]
	str	r4, [r0, #CTX_TPIDRURO]
	mcr	p15, 0, r5, c13, c0, 3

	ldr	r4, =DACR_ALL_CLIENT
	mcr	p15, 0, r4, c3, c0, 0
	ldr	r5, [r0, #CTX_HOST_TTBR0]
	ldr	r6, [r0, #CTX_HOST_CONTEXTIDR]
	change_tables r5, r6, r7
	ldr	r4, [r0, #CTX_HOST_DACR]
	ldr	r5, [r0, #CTX_HOST_SCTLR]
	ldr	r7, [r0, #CTX_HOST_VBAR]
	mcr	p15, 0, r4, c3, c0, 0		@ DACR
	mcr	p15, 0, r5, c1, c0, 0		@ SCTLR
	mcr	p15, 0, r7, c12, c0, 0		@ VBAR
	/*
	 * BPIALL, in change_tables, is a NOP on Cortex-A15, where ICIALLU does it (with ACTLR.IBE), and leaves
	 * the history of branches: 8 of our own displace it, before the first indirect one.
	 */
	ldr	r4, [r0, #CTX_HARDEN]
	tst	r4, #HARDEN_ICIALLU
	mcrne	p15, 0, r4, c7, c5, 0		@ ICIALLU
	tst	r4, #HARDEN_HISTORY
	beq	2f
	mov	r4, #8
1:	b	. + 4
	subs	r4, r4, #1
	bne	1b
	dsb
2:
	isb

	give_sp	MODE_ABT, CTX_HOST_SP_ABT
	give_sp	MODE_UND, CTX_HOST_SP_UND
	give_sp	MODE_SVC, CTX_HOST_SP
	clrex					@ A3.4.4: a context switch clears the monitor
	tst	r1, #NO_LIGHT
	bne	1f
	mov	r4, r0
	ldr	r3, [r0, #CTX_LIGHT]
	blx	r3
	mov	r1, r0
	mov	r0, r4
	cmp	r1, #0
	beq	again
1:
	ldr	r5, [r0, #CTX_HOST_TPIDRURW]
	mcr	p15, 0, r5, c13, c0, 2
	give_sp	MODE_FIQ, CTX_HOST_SP_FIQ
	give_sp	MODE_IRQ, CTX_HOST_SP_IRQ
	cps	#MODE_SVC
	@ From here on all is the host's but CPACR: a trap is an ordinary one.
	ldr	r4, [r0, #CTX_VFP_LIVE]
	cmp	r4, #0
	beq	2f
	vmrs	r5, fpscr
	str	r5, [r0, #CTX_FPSCR]
	add	r5, r0, #CTX_VFP
	vstmia	r5!, {d0-d15}
	cmp	r4, #VFP_D32
	vstmiaeq r5, {d16-d31}
2:
	ldr	r6, [r0, #CTX_HOST_CPACR]
	mcr	p15, 0, r6, c1, c0, 2		@ CPACR
	isb
	pop	{r3}
	msr	cpsr_cxsf, r3			@ the host's masks
	pop	{r4-r11, pc}

/* On with the guest after the light path.  In: r0 context. */
again:
	cpsid	aif, #MODE_ABT
	mov	sp, r0
	cps	#MODE_UND
	mov	sp, r0
	cps	#MODE_SVC
	mov	sp, r0
	b	to_guest

/*
 * void enter(struct host_arm_ctx *ctx)
 * Runs the guest until its next exception.  IRQs are masked by the caller and
 * are so at return; the exception is described in the context.
 * In: r0 context.  Clobbers what the procedure call standard allows.
 */
	.globl	host_arm_switch_enter
host_arm_switch_enter:
	push	{r4-r11, lr}
	mrs	r3, cpsr
	push	{r3}
	cpsid	aif
	@ What may trap, on a core that has less than C believes, comes while all is the host's.
	ldr	r4, [r0, #CTX_VFP_LIVE]
	cmp	r4, #0
	beq	1f
	ldr	r5, [r0, #CTX_FPSCR]
	vmsr	fpscr, r5
	add	r5, r0, #CTX_VFP
	vldmia	r5!, {d0-d15}
	cmp	r4, #VFP_D32
	vldmiaeq r5, {d16-d31}
1:
	str	sp, [r0, #CTX_HOST_SP]
	take_sp	MODE_FIQ, CTX_HOST_SP_FIQ
	take_sp	MODE_IRQ, CTX_HOST_SP_IRQ
	take_sp	MODE_ABT, CTX_HOST_SP_ABT
	take_sp	MODE_UND, CTX_HOST_SP_UND
	cps	#MODE_SVC
	mov	sp, r0

	mrc	p15, 0, r4, c2, c0, 0
	mrc	p15, 0, r5, c13, c0, 1
	mrc	p15, 0, r6, c3, c0, 0
	mrc	p15, 0, r7, c1, c0, 0
	str	r4, [r0, #CTX_HOST_TTBR0]
	str	r5, [r0, #CTX_HOST_CONTEXTIDR]
	str	r6, [r0, #CTX_HOST_DACR]
	str	r7, [r0, #CTX_HOST_SCTLR]
	mrc	p15, 0, r4, c1, c0, 2
	mrc	p15, 0, r5, c12, c0, 0
	mrc	p15, 0, r6, c13, c0, 2
	mrc	p15, 0, r7, c13, c0, 3
	str	r4, [r0, #CTX_HOST_CPACR]
	str	r5, [r0, #CTX_HOST_VBAR]
	str	r6, [r0, #CTX_HOST_TPIDRURW]
	str	r7, [r0, #CTX_HOST_TPIDRURO]

	ldr	r6, [r0, #CTX_CPACR]
	mcr	p15, 0, r6, c1, c0, 2
to_guest:
	ldr	r4, =DACR_ALL_CLIENT
	mcr	p15, 0, r4, c3, c0, 0
	ldr	r5, [r0, #CTX_TTBR0]
	ldr	r6, [r0, #CTX_ASID]
	dsb					@ shadow entries written by C are visible to the walk
	change_tables r5, r6, r7
	ldr	r4, [r0, #CTX_DACR]
	ldr	r5, [r0, #CTX_SCTLR]
	ldr	r7, [r0, #CTX_VBAR]
	mcr	p15, 0, r4, c3, c0, 0
	mcr	p15, 0, r5, c1, c0, 0
	mcr	p15, 0, r7, c12, c0, 0
	ldr	r4, [r0, #CTX_HW_TPIDRURW]
	ldr	r5, [r0, #CTX_TPIDRURO]
	mcr	p15, 0, r4, c13, c0, 2
	mcr	p15, 0, r5, c13, c0, 3
	isb
	clrex

	ldr	r1, [r0, #CTX_HW_PSR]
	msr	spsr_cxsf, r1
	ldr	lr, [r0, #CTX_PC]
	ldmia	r0, {r0-r14}^
	movs	pc, lr

	.ltorg
	.globl	host_arm_switch_end
host_arm_switch_end:
	.org	host_arm_switch_start + 4096 * SWITCH_CODE_PAGES	@ an error if the code does not fit its pages
