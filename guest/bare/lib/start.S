/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Start code, exception vectors, and enter(): see bare.h.  RAM may be elsewhere than where an image is
 * linked for (promote.h).
 *
 * A handler needs no stack: r0 and CPSR go to the thread registers, the rest to the
 * struct state of the enter() that is under way. So whatever mode, stack, byte
 * order a test leaves behind, the state is seen as the exception left it.
 */
#include "state.h"

	.arch	armv7-a
	.arch_extension virt
	.fpu	neon

	.section .text.start, "ax"
	.arm
	.globl	_start
_start:
	mov	r4, r2
	adr	r0, _start
	ldr	r1, =_start
	subs	r0, r0, r1
	bne	elsewhere
in_place:
	ldr	sp, =boot_stack_top
	ldr	r0, =vectors
	mcr	p15, 0, r0, c12, c0, 0
	isb
	mov	r0, r4
	bl	bare_main
	b	power_off

/*
 * The image isn't where it was linked for, r0 bytes behind.  A first-level table of sections has RAM where
 * the image expects it, UART and GIC, and for a moment the MiB of this code.
 */
elsewhere:
	ldr	r5, =0x44e00000		@ the table: behind the device tree, which QEMU puts in the middle
	add	r5, r5, r0
	mov	r1, #0
	mov	r2, #0
1:	str	r2, [r5, r1, lsl #2]
	add	r1, r1, #1
	cmp	r1, #4096
	bne	1b
	ldr	r3, =0x11c0e		@ a section, AP 3, shareable, write-back, write-allocate
	mov	r1, #0x400
2:	add	r2, r0, r1, lsl #20
	orr	r2, r2, r3
	str	r2, [r5, r1, lsl #2]
	add	r1, r1, #1
	cmp	r1, #0x450
	bne	2b
	ldr	r2, =0x09000c12
	str	r2, [r5, #0x090 * 4]
	ldr	r2, =0x08000c12
	str	r2, [r5, #0x080 * 4]
	mov	r1, pc, lsr #20
	ldr	r6, [r5, r1, lsl #2]
	orr	r2, r3, r1, lsl #20
	str	r2, [r5, r1, lsl #2]
	dsb
	mov	r2, #0
	mcr	p15, 0, r2, c2, c0, 2	@ TTBCR
	mcr	p15, 0, r2, c13, c0, 1	@ CONTEXTIDR
	orr	r2, r5, #0x4a
	mcr	p15, 0, r2, c2, c0, 0	@ TTBR0
	mov	r2, #1
	mcr	p15, 0, r2, c3, c0, 0	@ DACR
	mcr	p15, 0, r2, c8, c7, 0	@ TLBIALL
	dsb
	isb
	mrc	p15, 0, r2, c1, c0, 0
	ldr	r3, =0x1005		@ I, C, M
	orr	r2, r2, r3
	mcr	p15, 0, r2, c1, c0, 0
	isb
	ldr	pc, =3f
3:	ldr	r2, =phys_offset
	str	r0, [r2]
	ldr	r5, =0x44e00000
	str	r6, [r5, r1, lsl #2]
	dsb
	mcr	p15, 0, r2, c8, c7, 0
	dsb
	isb
	b	in_place
	.ltorg

	.data
	.align	2
	.globl	phys_offset
phys_offset: .word 0
	.globl	promoted
promoted: .word	0
	.section .text.start, "ax"

	.globl	power_off
	.type	power_off, %function
power_off:
	ldr	r0, =0x84000008		@ PSCI SYSTEM_OFF
	ldr	r1, =promoted
	ldr	r1, [r1]
	cmp	r1, #0
	ldrne	r2, =0xfff00000		@ ARMKVM_PRIV_CALL
	blxne	r2
	hvc	#0
	b	.
	.ltorg

	.text

/* Banked registers of one mode, from and to the state that r0 points to. */
	.macro	load_bank mode, bank
	cps	#\mode
	ldr	sp, [r0, #STATE_SP + 4 * \bank]
	ldr	lr, [r0, #STATE_LR + 4 * \bank]
	.if	\bank
	ldr	r1, [r0, #STATE_SPSR + 4 * \bank]
	msr	spsr_cxsf, r1
	.endif
	.endm

	.macro	save_bank mode, bank
	cps	#\mode
	str	sp, [r0, #STATE_SP + 4 * \bank]
	str	lr, [r0, #STATE_LR + 4 * \bank]
	.if	\bank
	mrs	r1, spsr
	str	r1, [r0, #STATE_SPSR + 4 * \bank]
	.endif
	.endm

	.globl	enter
	.type	enter, %function
enter:
	push	{r4-r12, lr}
	mrs	r1, cpsr
	ldr	r2, =saved
	stm	r2, {r0, r1, sp}
	ldr	r2, =promoted
	ldr	r2, [r2]
	cmp	r2, #0
	cpsid	ai
	bne	1f			@ FIQ mode and its mask are the host's
	cpsid	aif
	cps	#MODE_FIQ
	add	r1, r0, #STATE_R8_FIQ
	ldm	r1, {r8-r12}
	load_bank MODE_FIQ, BANK_FIQ
1:
	load_bank MODE_IRQ, BANK_IRQ
	load_bank MODE_SVC, BANK_SVC
	load_bank MODE_ABT, BANK_ABT
	load_bank MODE_UND, BANK_UND
	load_bank MODE_SYS, BANK_USR
	ldr	r1, [r0, #STATE_PSR]
	and	r2, r1, #0x1f
	cps	#MODE_UND		@ any mode but the one that is entered
	cmp	r2, #MODE_UND
	bne	1f
	cps	#MODE_ABT
1:	mov	lr, r0
	msr	spsr_cxsf, r1
	ldm	lr, {r0-r12, pc}^

/* The state of enter(), CPSR and sp of its caller; the first word is 0 outside. */
	.data
	.align	2
	.globl	saved
saved:	.word	0, 0, 0
	.text

	.macro	handler name, vec
\name:
	mcr	p15, 0, r0, c13, c0, 4
	mrs	r0, cpsr
	mcr	p15, 0, r0, c13, c0, 3
	setend	le
	mov	r0, #\vec
	b	taken
	.endm

	handler	on_reset, 0
	handler	on_und, 1
	handler	on_svc, 2
	handler	on_pabt, 3
	handler	on_dabt, 4
	handler	on_hyp, 5
	handler	on_irq, 6
	handler	on_fiq, 7

taken:
	mcr	p15, 0, r0, c13, c0, 2	@ TPIDRURW is a test's only until an exception
	ldr	r0, =saved
	ldr	r0, [r0]
	cmp	r0, #0
	beq	unexpected
	add	r0, r0, #4
	stm	r0, {r1-r12}
	sub	r0, r0, #4
	mrc	p15, 0, r1, c13, c0, 4
	mrc	p15, 0, r2, c13, c0, 2
	mrc	p15, 0, r3, c13, c0, 3
	str	r1, [r0]
	str	r2, [r0, #STATE_VECTOR]
	str	r3, [r0, #STATE_CPSR]
	mrs	r1, spsr
	str	lr, [r0, #STATE_PC]
	str	r1, [r0, #STATE_PSR]
	mrc	p15, 0, r1, c5, c0, 0
	mrc	p15, 0, r2, c6, c0, 0
	mrc	p15, 0, r3, c5, c0, 1
	mrc	p15, 0, r4, c6, c0, 2
	add	r5, r0, #STATE_DFSR
	stm	r5, {r1-r4}
	ldr	r1, =promoted
	ldr	r1, [r1]
	cmp	r1, #0
	bne	1f
	save_bank MODE_FIQ, BANK_FIQ
	add	r1, r0, #STATE_R8_FIQ
	stm	r1, {r8-r12}
1:
	save_bank MODE_IRQ, BANK_IRQ
	save_bank MODE_ABT, BANK_ABT
	save_bank MODE_UND, BANK_UND
	save_bank MODE_SYS, BANK_USR
	save_bank MODE_SVC, BANK_SVC
	clrex
	ldr	r2, =saved
	ldm	r2, {r0, r1, sp}
	mov	r3, #0
	str	r3, [r2]
	msr	cpsr_cxsf, r1
	pop	{r4-r12, pc}

unexpected:
	ldr	sp, =boot_stack_top
	mrc	p15, 0, r0, c13, c0, 2
	mov	r1, lr
	mrs	r2, spsr
	cps	#MODE_SVC
	b	unexpected_exception
	.ltorg

/* Position-independent: tests copy it to where the high vectors are. */
	.align	5
	.globl	vectors
vectors:
	.rept	8
	ldr	pc, [pc, #24]
	.endr
	.word	on_reset, on_und, on_svc, on_pabt, on_dabt, on_hyp, on_irq, on_fiq

/* Without a data access: for exceptions that are taken in big-endian state. */
	.align	5
	.globl	vectors_ee
vectors_ee:
	b	on_reset
	b	on_und
	b	on_svc
	b	on_pabt
	b	on_dabt
	b	on_hyp
	b	on_irq
	b	on_fiq

	.section .bss
	.align	3
	.space	16384
boot_stack_top:

	.section .note.GNU-stack, "", %progbits
