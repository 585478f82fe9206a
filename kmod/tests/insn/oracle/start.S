/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs one instruction in a given state of the CPU, all banks included, and gives
 * back the state that it left.
 */
	.syntax unified
	.arch	armv7-a
	.arch_extension virt
	.arm

/* struct core_state of oracle.c */
	.equ	S_PC, 52
	.equ	S_CPSR, 56
	.equ	S_USR, 60
	.equ	S_SVC, 68
	.equ	S_IRQ, 80
	.equ	S_ABT, 92
	.equ	S_FIQ, 116
	.equ	S_KIND, 148
	.equ	S_FAR, 152

	.section .vectors, "ax"
	.balign	32
vectors:
	b	unexpected
	b	undefined
	b	unexpected
	b	prefetch_abort
	b	data_abort
	b	unexpected
	b	unexpected
	b	unexpected

	.text
	.global	_start
_start:
	ldr	sp, =stack_top
	ldr	r0, =vectors
	mcr	p15, 0, r0, c12, c0, 0
	bl	main
1:	b	1b

unexpected:
	ldr	sp, =stack_top
	b	unexpected_exception

/* sp_und and sp_abt point to the state; r8-r12 are those of all modes but FIQ here. */
undefined:
	stmia	sp, {r0-r12}
	mov	r3, #1
	b	collect
prefetch_abort:
	stmia	sp, {r0-r12}
	mov	r3, #3
	b	collect
data_abort:
	stmia	sp, {r0-r12}
	mov	r3, #4
collect:
	mov	r0, sp
	str	lr, [r0, #S_PC]
	mrs	r2, spsr
	str	r2, [r0, #S_CPSR]
	str	r3, [r0, #S_KIND]
	mrc	p15, 0, r2, c6, c0, 0
	str	r2, [r0, #S_FAR]

	cps	#0x1f
	add	r1, r0, #S_USR
	stmia	r1, {sp, lr}
	cps	#0x12
	add	r1, r0, #S_IRQ
	stmia	r1!, {sp, lr}
	mrs	r2, spsr
	str	r2, [r1]
	cps	#0x11
	add	r1, r0, #S_FIQ
	stmia	r1!, {r8-r12, sp, lr}
	mrs	r2, spsr
	str	r2, [r1]
	cps	#0x13
	add	r1, r0, #S_SVC
	stmia	r1!, {sp, lr}
	mrs	r2, spsr
	str	r2, [r1]

	ldr	r1, =saved_sp
	ldr	sp, [r1]
	pop	{r4-r12, pc}

/* void run_on_core(struct core_state *s): called and left in SVC mode */
	.global	run_on_core
run_on_core:
	push	{r4-r12, lr}
	ldr	r1, =saved_sp
	str	sp, [r1]

	cps	#0x1f
	add	r1, r0, #S_USR
	ldm	r1, {sp, lr}
	cps	#0x12
	add	r1, r0, #S_IRQ
	ldm	r1, {r2-r4}
	mov	sp, r2
	mov	lr, r3
	msr	spsr_cxsf, r4
	cps	#0x11
	add	r1, r0, #S_FIQ
	ldm	r1!, {r8-r12}
	ldm	r1, {r2-r4}
	mov	sp, r2
	mov	lr, r3
	msr	spsr_cxsf, r4
	cps	#0x13
	add	r1, r0, #S_SVC
	ldm	r1, {r2-r4}
	mov	sp, r2
	mov	lr, r3
	msr	spsr_cxsf, r4
	cps	#0x17
	mov	sp, r0
	cps	#0x1b
	mov	sp, r0
	ldr	r1, [r0, #S_CPSR]
	msr	spsr_cxsf, r1
	ldr	lr, [r0, #S_PC]
	ldm	r0, {r0-r12}
	movs	pc, lr

	.bss
	.balign	8
saved_sp:
	.space	8
	.space	16384
stack_top:
