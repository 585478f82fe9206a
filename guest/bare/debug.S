/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bare guest for a debugger: every way in which an instruction can lead elsewhere, in
 * ARM and Thumb code, in privileged and User mode, and then a loop that never ends.
 *
 * For QEMU's virt machine, loaded by -kernel as a raw image. ci/tests/engine/gdbstub.sh
 * steps through it on armkvm and TCG and compares the registers after each step.
 */
	.syntax	unified
	.arch	armv7-a
	.arm

	.text
	.arch_extension virt
	.globl	_start, main, here, target, counter, spin, hard, count, thumb_target, thumb_middle
_start:
	ldr	r0, =vectors
	mcr	p15, 0, r0, c12, c0, 0
	isb
	ldr	sp, =stack_svc
main:
	mov	r0, #0
	mov	r1, #5
	movs	r2, #0
	@ conditions: passed and failed
	addeq	r0, r0, #1
	addne	r0, r0, #2
	cmp	r1, #5
	bne	1f
	beq	2f
1:	mov	r0, #99
2:	bl	leaf
	ldr	r3, =leaf
	blx	r3
	mov	lr, pc
	mov	pc, r3
	@ a computed branch: ADD pc
	mov	r4, #2
	add	pc, pc, r4, lsl #2
	nop
	mov	r0, #98
	mov	r0, #97
	mov	r5, #1
	@ LDR pc from a literal, and with an offset register
	ldr	pc, =3f
	mov	r0, #96
3:	adr	r6, table
	mov	r7, #1
	ldr	pc, [r6, r7, lsl #2]
	mov	r0, #95
4:	push	{r0, r1, lr}
	bl	nested
	pop	{r0, r1, lr}
	@ a sensitive unprivileged instruction and privileged ones
	mrs	r8, cpsr
	cpsid	if
	mrc	p15, 0, r9, c1, c0, 0
	@ an undefined instruction and a supervisor call, each to its vector and back
	udf	#7
	svc	#1
	bkpt	#3
	@ to User mode, by every exception return
	adr	r0, user_arm
	mov	r1, #0x10
	push	{r0, r1}
	rfeia	sp!
back:	adr	r0, user_thumb + 1
	bic	r0, r0, #1
	mov	lr, r0
	mov	r1, #0x30
	msr	spsr_cxsf, r1
	movs	pc, lr

table:	.word	1b, 4b

leaf:	add	r10, r10, #1
	bx	lr

nested:	push	{r4, r5, lr}
	mov	r4, #7
	pop	{r4, r5, pc}

	.ltorg

/* User mode, ARM code; MMU off, so it reaches everything. */
user_arm:
	ldr	sp, =stack_usr
	mov	r0, #1
	blx	thumb_leaf
	bl	leaf
	stmdb	sp!, {r0, lr}
	ldmia	sp!, {r0, lr}
	svc	#2

	.thumb
	.thumb_func
thumb_leaf:
	adds	r0, #1
	bx	lr

	.align	2
	.thumb_func
user_thumb:
	movs	r0, #3
	cmp	r0, #3
	ite	eq
	addeq	r1, r0, #1
	addne	r1, r0, #2
	itt	ne
	addne	r1, r1, #8
	addne	r1, r1, #16
	bne	5f
	beq.n	5f
	nop
5:	cbz	r0, 6f
	cbnz	r0, 6f
	nop
6:	b.w	7f
	nop
7:	bl	thumb_nested
	ldr	r2, =thumb_leaf
	blx	r2
	movs	r3, #1
	tbb	[pc, r3]
8:	.byte	(9f - 8b) / 2, (10f - 8b) / 2
9:	nop
10:	tbh	[pc, r3, lsl #1]
11:	.hword	(12f - 11b) / 2, (13f - 11b) / 2
12:	nop
13:	mov	r4, pc
	adds	r4, #5		@ the instruction after the next, in Thumb state
	mov	pc, r4
	nop
	ldr.w	pc, 14f
	nop
	.align	2
14:	.word	15f + 1
15:	blx	leaf
	bge.w	16f
	nop
16:	svc	#3
	.thumb_func
thumb_nested:
	push	{r4, lr}
	movs	r4, #9
	pop	{r4, pc}
	.ltorg

	.arm
	.align	5
vectors:
	b	.
	b	undefined
	b	supervisor
	b	prefetch_abort
	b	.
	b	.
	b	.
	b	.

undefined:
	ldr	sp, =stack_und
	movs	pc, lr

prefetch_abort:
	ldr	sp, =stack_abt
	movs	pc, lr		@ behind the BKPT

supervisor:
	ldrb	r11, [lr, #-4]	@ the call's number; a Thumb call's is 2 bytes behind
	mrs	r12, spsr
	tst	r12, #0x20
	ldrbne	r11, [lr, #-2]
	cmp	r11, #1
	movseq	pc, lr
	cmp	r11, #2
	ldreq	pc, =back
	@ the end: a loop with a counter, for breakpoints and stops
	ldr	r4, =counter
	mov	r5, #0
spin:	ldr	r6, [r4]
	add	r6, r6, #1
	str	r6, [r4]
	mrrc	p15, 1, r8, r9, c14	@ the virtual count, for who looks at the clock
	ldr	r10, =count
	strd	r8, r9, [r10]
here:	add	r5, r5, #1
	bl	target
	blx	thumb_target
hard:	b	spin

	.align	12		@ a page without literals
target:	add	r7, r7, #1
	bx	lr
	.thumb
	.thumb_func
thumb_target:				@ in a privileged mode
	adds	r3, #1
thumb_middle:
	cpsid	i
	mrs	r2, cpsr
	bx	lr

	.data
	.align	12
counter: .word	0
	.word	0x11223344, 0x55667788, 0x99aabbcc
count:	.word	0, 0
	.skip	64
stack_svc:
	.skip	64
stack_usr:
	.skip	64
stack_und:
	.skip	64
stack_abt:
