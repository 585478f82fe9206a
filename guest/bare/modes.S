/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bare guest: modes, banked registers, PSRs, exceptions, and a MMU of sections.
 *
 * For QEMU's virt machine, loaded by -kernel as a raw image. It prints one line a
 * subject on the PL011 and powers off by PSCI. What it prints depends on the
 * architecture only, so TCG's output is what any accelerator's has to be.
 */
	.arch	armv7-a
	.arch_extension virt

	.equ	UART, 0x09000000
	.equ	PSCI_SYSTEM_OFF, 0x84000008

	.equ	USR, 0x10
	.equ	FIQ, 0x11
	.equ	IRQ, 0x12
	.equ	SVC, 0x13
	.equ	ABT, 0x17
	.equ	UND, 0x1b
	.equ	SYS, 0x1f

/* r10: UART. Prints r0 as eight digits and a space. Clobbers r0-r3. */
	.macro	show reg
	mov	r0, \reg
	bl	print_hex
	.endm

	.macro	text string
	adr	r0, 1f
	bl	print_text
	b	2f
1:	.asciz	"\string"
	.align	2
2:
	.endm

	.macro	newline
	mov	r0, #'\n'
	str	r0, [r10]
	.endm

	.text
	.globl	_start
_start:
	ldr	r10, =UART
	ldr	r0, =vectors
	mcr	p15, 0, r0, c12, c0, 0
	isb

	text	"masks "
	mrs	r4, cpsr
	show	r4
	cpsid	aif
	mrs	r4, cpsr
	show	r4
	cpsie	f
	mrs	r4, cpsr
	show	r4
	mov	r4, #SVC | 0xc0
	msr	cpsr_c, r4
	mrs	r4, cpsr
	show	r4
	newline

	@ every mode gets its own sp and lr; FIQ its own r8 too
	text	"banks "
	mov	r8, #0x80
	.irp	mode, FIQ, IRQ, ABT, UND, SYS, SVC
	cps	#\mode
	ldr	sp, =stack_\mode
	mov	lr, #\mode
	.endr
	cps	#FIQ
	mov	r8, #0xf8
	cps	#SVC
	.irp	mode, FIQ, IRQ, ABT, UND, SYS, SVC
	cps	#\mode
	mov	r4, sp
	mov	r5, lr
	mov	r6, r8
	cps	#SVC
	ldr	r7, =stack_SYS
	sub	r4, r4, r7
	show	r4
	show	r5
	show	r6
	.endr
	newline

	text	"flags "
	mov	r4, #0
	msr	cpsr_f, r4
	movs	r4, #0
	mrs	r5, cpsr
	show	r5
	mov	r4, #0xf0000000
	msr	cpsr_f, r4
	mrs	r5, cpsr
	show	r5
	msr	spsr_cxsf, r5
	mrs	r5, spsr
	show	r5
	newline

	b	1f
	.ltorg
1:
	text	"svc "
	svc	#0
	newline

	text	"udf "
	udf	#0
	newline

	text	"dabt "
	@ with the MMU on and a hole in the tables
	bl	mmu_on
	mov	r4, #0xe0000000
	ldr	r5, [r4, #4]
	str	r5, [r4, #8]
	newline

	text	"pabt "
	mov	r4, #0xe0000000
	blx	r4
	newline

	text	"user "
	mov	r4, #USR | 0xc0
	msr	spsr_cxsf, r4
	adr	lr, in_user
	movs	pc, lr
in_user:
	mrs	r4, cpsr		@ all but the flags are UNKNOWN here (B1.3.3)
	and	r4, r4, #0xf0000000
	show	r4
	mrc	p15, 0, r4, c1, c0, 0	@ UNDEF: the handler steps over it
	mov	r4, #0x40000000
	orr	r4, r4, #0x00100000	@ privileged only: permission fault
	ldr	r5, [r4]
	svc	#1			@ the handler returns to SVC mode
	newline

	text	"rfe "
	adr	r4, after_rfe
	mov	r5, #IRQ | 0xc0
	push	{r4, r5}
	rfeia	sp!
after_rfe:
	mrs	r4, cpsr
	cps	#SVC
	show	r4
	srsdb	sp!, #SVC
	ldr	r4, [sp, #4]
	add	sp, sp, #8
	show	r4
	newline

	text	"stm "
	sub	sp, sp, #64
	mov	r4, #0x11
	stmia	sp, {r0-r14}^
	nop
	ldr	r5, [sp, #16]
	show	r5
	ldr	r5, [sp, #56]
	show	r5
	mov	r5, #0x77
	str	r5, [sp, #56]
	ldmia	sp, {r0-r14}^
	nop
	cps	#SYS
	mov	r4, lr
	cps	#SVC
	show	r4
	add	sp, sp, #64
	newline

	text	"end\n"
	ldr	r0, =PSCI_SYSTEM_OFF
	hvc	#0
	b	.
	.ltorg

/*
 * Sections: this MiB and the UART's for any level, the next MiB of RAM for
 * privileged modes.
 */
mmu_on:
	ldr	r0, =table
	mov	r1, r0
	mov	r2, #0x1000
	mov	r3, #0
1:	str	r3, [r1], #4
	subs	r2, r2, #1
	bne	1b
	mov	r1, #0x09000000
	orr	r1, r1, #0xc00
	orr	r1, r1, #0x2		@ section, read-write at any level
	str	r1, [r0, #0x090 << 2]
	movw	r1, #0x0402		@ section, privileged only
	movt	r1, #0x4010
	add	r2, r0, #0x1000
	str	r1, [r2, #4]		@ MiB 0x401
	ldr	r2, =_start
	lsr	r2, r2, #20
	lsl	r1, r2, #20
	orr	r1, r1, #0xc00
	orr	r1, r1, #0x2
	str	r1, [r0, r2, lsl #2]
	dsb
	mcr	p15, 0, r0, c2, c0, 0
	mov	r1, #0
	mcr	p15, 0, r1, c2, c0, 2
	mov	r1, #1
	mcr	p15, 0, r1, c3, c0, 0
	mcr	p15, 0, r1, c8, c7, 0
	dsb
	isb
	mrc	p15, 0, r1, c1, c0, 0
	orr	r1, r1, #1
	mcr	p15, 0, r1, c1, c0, 0
	isb
	bx	lr
	.ltorg

/* -- handlers: each prints what it sees, and goes on behind the cause ---------- */

	.macro	enter_handler offset
	.if	\offset
	sub	lr, lr, #\offset
	.endif
	push	{r0-r3, r12, lr}
	mrs	r0, spsr
	bl	print_hex
	mrs	r0, cpsr
	bl	print_hex
	.endm

on_und:
	enter_handler 0
	ldm	sp!, {r0-r3, r12, pc}^
on_svc:
	push	{r0-r3, r12, lr}
	mrs	r0, spsr
	and	r1, r0, #0x1f
	cmp	r1, #USR
	bl	print_hex
	mrs	r0, spsr
	and	r1, r0, #0x1f
	cmp	r1, #USR
	ldmne	sp!, {r0-r3, r12, pc}^
	pop	{r0-r3, r12, pc}
on_pabt:
	enter_handler 4
	mrc	p15, 0, r0, c5, c0, 1
	bl	print_hex
	mrc	p15, 0, r0, c6, c0, 2
	bl	print_hex
	pop	{r0-r3, r12, lr}
	cps	#SVC
	bx	lr			@ as if the call had returned
on_dabt:
	enter_handler 4			@ behind the instruction
	mrc	p15, 0, r0, c5, c0, 0
	bl	print_hex
	mrc	p15, 0, r0, c6, c0, 0
	bl	print_hex
	ldm	sp!, {r0-r3, r12, pc}^

	.align	5
vectors:
	b	.
	b	on_und
	b	on_svc
	b	on_pabt
	b	on_dabt
	b	.
	b	.
	b	.

print_hex:
	mov	r1, #8
1:	ror	r0, r0, #28
	and	r2, r0, #0xf
	cmp	r2, #10
	addlt	r2, r2, #'0'
	addge	r2, r2, #'a' - 10
	str	r2, [r10]
	subs	r1, r1, #1
	bne	1b
	mov	r2, #' '
	str	r2, [r10]
	bx	lr

print_text:
	ldrb	r1, [r0], #1
	cmp	r1, #0
	bxeq	lr
	str	r1, [r10]
	b	print_text

	.ltorg

	.align	14
table:
	.space	16384
	.irp	mode, SYS, FIQ, IRQ, ABT, UND, SVC
	.space	256
stack_\mode:
	.endr
