/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: the fast path.  A part of the switch page: switch.S includes it, has the vectors
 * before it and the way to C behind, and defines the modes and PSR bits.
 *
 * What a guest kernel does most is answered here, in the guest's own tables and
 * without the host.  Before each stay C has set in the context what they may
 * rely on: CTX_FAST (privileged mode, not FIQ), CTX_FAST_SVC (User mode, and
 * exceptions are taken little-endian).
 *
 * There: sp context, lr the address behind the instruction, r0 the replacement
 * (patch.h; that of a T32 instruction as if it were A32), r1 spsr; r0-r14 of the
 * guest are in the context, to which results go, so r0-r12 are free.  An address that the guest gives is never in the MiB
 * of the switch area: that is mapped at PL1, and for C to refuse.
 */
/* What the words of DCISW, DCCSW and DCCISW have in common */
#define BY_SET_AND_WAY	(A32_MCR_DCISW & A32_MCR_DCCSW & A32_MCR_DCCISW)

	.macro	insn reg, word
	movw	\reg, #(\word & 0xffff)
	movt	\reg, #(\word >> 16)
	.endm

	/* May fast_return return to \psr? */
	.macro	return_possible psr, tmp, tmp2
	ldr	\tmp, [sp, #CTX_LINES]
	ubfx	\tmp2, \psr, #0, #5
	cmp	\tmp, #0
	bne	und_slow
	movw	\tmp, #:lower16:(1 << (MODE_USR - 16) | 1 << (MODE_SVC - 16) | 1 << (MODE_ABT - 16) | \
			      1 << (MODE_UND - 16) | 1 << (MODE_IRQ - 16))
	subs	\tmp2, \tmp2, #16
	blo	und_slow
	lsr	\tmp, \tmp, \tmp2
	tst	\tmp, #1
	beq	und_slow
	tst	\psr, #PSR_J
	bne	und_slow
	@ T in a privileged mode is C's until copies are made for both states
	tst	\psr, #PSR_T
	cmpne	\tmp2, #0
	ldrne	\tmp, [sp, #CTX_ARM_ONLY]
	cmpne	\tmp, #0
	bne	und_slow
	.endm

	/* The same for r3, where it isn't done as often: clobbers r5, r6, r10 */
	.macro	return_possible_r3
	adr	r10, .Lpossible\@
	b	is_return_possible
.Lpossible\@:
	.endm

	.macro	not_switch_area reg, tmp
	movw	\tmp, #SWITCH_AREA_MIB
	cmp	\tmp, \reg, lsr #20
	beq	und_slow
	.endm

	/*
	 * The guest's masks and SPSR may be in the page that it shares with us
	 * (core/engine/para.h).  \psr: CTX_CPSR, which gets the masks as they are now.
	 */
	.macro	pull_masks psr, tmp
	ldr	\tmp, [sp, #CTX_PARA]
	cmp	\tmp, #0
	ldrne	\tmp, [\tmp, #PARA_VPSR]
	lsrne	\tmp, \tmp, #6
	bfine	\psr, \tmp, #6, #3
	.endm

	.macro	store_masks psr, tmp
	ldr	\tmp, [sp, #CTX_PARA]
	str	\psr, [sp, #CTX_CPSR]
	cmp	\tmp, #0
	strne	\psr, [\tmp, #PARA_VPSR]
	.endm

	/* r13 and r14 to the bank of the SPSR at \old, and from that of the one at \new.  Clobbers r3, r8, r9. */
	.macro	move_bank old, new
	add	r3, sp, \old
	ldr	r8, [sp, #CTX_SP]
	ldr	r9, [sp, #CTX_LR]
	str	r8, [r3, #CTX_BANK_SP]
	str	r9, [r3, #CTX_BANK_LR]
	add	r3, sp, \new
	ldr	r8, [r3, #CTX_BANK_SP]
	ldr	r9, [r3, #CTX_BANK_LR]
	str	r8, [sp, #CTX_SP]
	str	r9, [sp, #CTX_LR]
	.endm

	/* \spsr: that of the current mode, whose offset is in \offset. */
	.macro	load_spsr spsr, offset, tmp
	ldr	\tmp, [sp, #CTX_PARA]
	ldr	\spsr, [sp, \offset]
	cmp	\tmp, #0
	ldrne	\spsr, [\tmp, #PARA_SPSR]
	bfcne	\spsr, #20, #4			@ reserved
	.endm

	/* On with the guest, behind the instruction. */
	.macro	next
	ldmia	sp, {r0-r14}^
	movs	pc, lr
	.endm

	/* \count entries of the table below that are \handler's */
	.macro	entries count, handler
	.rept	\count
	b	\handler
	.endr
	.endm

trap_und:
	stmia	sp, {r0-r14}^
	ldr	r2, [sp, #CTX_FAST]
	mrs	r1, spsr
	sub	r3, lr, #4
	tst	r1, r2			@ HOST_ARM_FAST_*: bits that send it elsewhere
	bne	und_other
	ldrt	r0, [r3]
und_decode:
	ldr	r3, [sp, #CTX_UDF]	@ condition AL, index 0xa000
	str	r0, [sp, #CTX_INSN]
	eor	r2, r0, r3
	bic	r3, r2, #0xff00
	cmp	r3, #0xf
	bhi	fast_trapping
	lsr	r2, r2, #8		@ class, and what there is of it
	add	pc, pc, r2, lsl #2
	nop
	entries	1, fast_single		@ 0xa0
	entries	15, und_slow
	entries	1, fast_mrs_cpsr	@ 0xa1
	entries	1, fast_mrs_spsr
	entries	14, und_slow
	entries	1, und_slow		@ 0xa2
	entries	1, fast_msr_cpsr	@ the control byte
	entries	14, und_slow
	entries	15, und_slow		@ 0xa3
	entries	1, fast_msr_spsr	@ all bytes
	entries	1, fast_tpidrprw_read	@ 0xa4
	entries	1, und_slow
	entries	1, fast_dacr_read
	entries	1, fast_dacr_write
	entries	1, fast_dccmvac
	entries	1, fast_dccmvau
	entries	1, fast_dccimvac	@ DCIMVAC: nobody's dirty data may be lost
	entries	1, fast_dccimvac
	entries	1, fast_tpidrurw_read
	entries	1, fast_tpidrurw_write
	entries	1, fast_tpidruro_write
	entries	1, fast_sctlr_read
	entries	1, fast_sctlr_write
	entries	3, und_slow
	entries	1, fast_stmdb_sp_lr	@ 0xa5
	entries	1, fast_stmia_sp_lr
	entries	1, fast_stmib_sp_lr
	entries	1, fast_ldmdb_r0_lr
	entries	1, fast_ldmdb_r1_lr
	entries	1, fast_ldmia_r0_lr
	entries	1, fast_ldmia_r1_lr
	entries	3, und_slow		@ LDMDB and LDMIA Rn, {sp, lr}^; STMIA Rn, {r0-lr}^
	entries	1, fast_ldmia_return
	entries	5, und_slow
	entries	2 * 16, und_slow	@ 0xa6, 0xa7
	entries	4 * 16, und_slow	@ 0xa8-0xab: CPS without imod
	entries	16, fast_cpsie		@ 0xac
	entries	16, und_slow		@ 0xad: with a mode
	entries	16, fast_cpsid		@ 0xae
	entries	16, und_slow		@ 0xaf

/*
 * Not a replacement: maintenance that traps by itself and wants nothing but the
 * real operation.  The tables are the guest's, so an address is good as it is.
 */
fast_trapping:
	bic	r2, r0, #0xf000
	insn	r3, A32_MRRC_CNTVCT
	bic	r4, r2, #0xf0000
	cmp	r4, r3
	beq	fast_cntvct
	ubfx	r0, r0, #12, #4		@ Rt
	cmp	r0, #15
	beq	und_slow
	insn	r3, A32_MCR_ICIMVAU
	cmp	r2, r3
	beq	fast_icimvau
	sub	r3, r3, #(A32_MCR_ICIMVAU - A32_MCR_ICIALLU)
	cmp	r2, r3
	beq	fast_iciallu
	sub	r3, r3, #(A32_MCR_ICIALLU - A32_MCR_ICIALLUIS)
	cmp	r2, r3
	beq	fast_icialluis
	add	r3, r3, #(A32_MCR_BPIALLIS - A32_MCR_ICIALLUIS)
	cmp	r2, r3
	beq	fast_bpiallis
	add	r3, r3, #(A32_MCR_BPIALL - A32_MCR_BPIALLIS)
	cmp	r2, r3
	beq	fast_bpiall
	insn	r3, A32_MRC_CTR
	cmp	r2, r3
	beq	fast_ctr
	insn	r4, A32_MRC_TTBCR
	cmp	r2, r4
	beq	fast_ttbcr_read
	add	r3, r3, #(A32_MRC_ID_MMFR3 - A32_MRC_CTR)
	cmp	r2, r3
	beq	fast_mmfr3
	insn	r3, A32_MRC_DFSR
	eor	r3, r2, r3
	tst	r3, #(A32_MRC_DFSR ^ A32_MRC_IFSR)
	mov	r4, #0
	movne	r4, #4
	bics	r3, r3, #(A32_MRC_DFSR ^ A32_MRC_IFSR)
	beq	fast_fault_status
	insn	r3, A32_MRC_DFAR
	eor	r3, r2, r3
	tst	r3, #(A32_MRC_DFAR ^ A32_MRC_IFAR)
	mov	r4, #8
	movne	r4, #12
	bics	r3, r3, #(A32_MRC_DFAR ^ A32_MRC_IFAR)
	beq	fast_fault_status
	insn	r3, A32_MRC_TTBR1
	cmp	r2, r3
	beq	fast_ttbr1_read
	insn	r3, A32_VMRS_FPEXC
	eor	r3, r2, r3
	bics	r3, r3, #(A32_VMRS_FPEXC ^ A32_VMSR_FPEXC)
	beq	fast_fpexc
	insn	r3, BY_SET_AND_WAY
	eor	r3, r2, r3
	cmp	r3, #(A32_MCR_DCISW ^ BY_SET_AND_WAY)
	cmpne	r3, #(A32_MCR_DCCSW ^ BY_SET_AND_WAY)
	cmpne	r3, #(A32_MCR_DCCISW ^ BY_SET_AND_WAY)
	beq	fast_next		@ this core's cache alone: nothing that others could see

und_slow:
	mrs	r1, spsr
	tst	r1, #PSR_T
	subne	lr, lr, #2
und_early:
	trap_saved VEC_UND

/*
 * In T32 state (core/arm/thumb.h).  In an IT block C looks at the condition.  The lr of the exception
 * is 2 behind the instruction (B1.8.3).
 */
und_other:
	cmp	r2, #FAST_NONE
	beq	und_early
	tst	r1, #PSR_T
	beq	und_early
	tst	r1, #PSR_IT_LOW
	tsteq	r1, #PSR_IT_HIGH
	bne	und_early
	sub	r2, lr, #2
	add	lr, lr, #2		@ behind a wide one
	ldrht	r0, [r2], #2
	mov	r6, r2
	movw	r2, #0xde80		@ CPS T1
	eor	r2, r2, r0
	bics	r3, r2, #0xf
	beq	und_cps
	cmp	r0, #0xe800
	blo	und_slow
	ldrht	r3, [r6]
	orr	r0, r3, r0, lsl #16
	movw	r4, #0xa000		@ UDF T2 with index 0xNNNN: 0xf7fN 0xaNNN
	movt	r4, #0xf7f0
	eor	r2, r4, r0
	movw	r4, #0xf000
	movt	r4, #0xfff0
	tst	r2, r4
	bne	und_decode
	ldr	r5, [sp, #CTX_FAST]
	movw	r0, #0x00f0		@ as A32 has it
	movt	r0, #0xe7f0
	bfi	r0, r2, #0, #4
	lsr	r3, r2, #4
	lsr	r2, r2, #16
	bfi	r0, r3, #8, #8
	bfi	r0, r2, #16, #4
	cmp	r5, #FAST_SYSTEM
	bne	und_decode
/*
 * System mode.  Kernels in T32 code, which has no LDM and STM of User mode's registers, go there for
 * these; the MSR that leads back is done here.
 */
	movw	r4, #0x21f0		@ MSR CPSR_c
	movt	r4, #0xe7fa
	eor	r0, r0, r4
	cmp	r0, #0xf
	bls	write_cpsr
	b	und_slow
fast_mrs_cpsr:
	and	r0, r0, #0xf
	ldr	r2, [sp, #CTX_CPSR]
	pull_masks r2, r3
	bfi	r1, r2, #0, #9		@ T reads 0 in ARM state
	str	r1, [sp, r0, lsl #2]
	next

fast_mrs_spsr:
	and	r0, r0, #0xf
	ldr	r2, [sp, #CTX_SPSR_OFFSET]
	load_spsr r1, r2, r3
	str	r1, [sp, r0, lsl #2]
	next

fast_msr_cpsr:				@ in the same mode
	and	r0, r0, #0xf
write_cpsr:
	ldr	r1, [sp, r0, lsl #2]
	ldr	r2, [sp, #CTX_CPSR]
	ldr	r3, [sp, #CTX_LINES]
	eor	r0, r1, r2
	cmp	r3, #0
	bne	und_slow
	tst	r0, #0x1f
	bne	change_mode
	pull_masks r2, r3
	ubfx	r1, r1, #6, #2
	bfi	r2, r1, #6, #2
	store_masks r2, r3
	b	fast_next

/* To Supervisor or System mode; not with a page that has masks and SPSR.  r1: the value, r2: CTX_CPSR */
change_mode:
	ldr	r0, [sp, #CTX_PARA]
	and	r6, r1, #0x1f
	mov	r4, #FAST_MODE
	mov	r7, #CTX_SPSR_SVC
	cmp	r6, #MODE_SVC
	beq	1f
	mov	r4, #FAST_SYSTEM
	mov	r7, #CTX_SPSR_USR
	cmp	r6, #MODE_SYS
	bne	und_slow
1:	cmp	r0, #0
	bne	und_slow
	ldr	r5, [sp, #CTX_SPSR_OFFSET]
	str	r4, [sp, #CTX_FAST]
	str	r7, [sp, #CTX_SPSR_OFFSET]
	move_bank r5, r7
	and	r1, r1, #0xdf
	bfi	r2, r1, #0, #8
	str	r2, [sp, #CTX_CPSR]
	b	fast_next

fast_msr_spsr:
	and	r0, r0, #0xf
	ldr	r1, [sp, r0, lsl #2]
	ldr	r2, [sp, #CTX_SPSR_OFFSET]
	bfc	r1, #20, #4		@ reserved
	ldr	r3, [sp, #CTX_PARA]
	str	r1, [sp, r2]
	cmp	r3, #0
	strne	r1, [r3, #PARA_SPSR]
	next

und_cps:				@ CPS T1, a narrow one: bit 3 CPSID, then A, I, F
	tst	r2, #7
	beq	und_slow		@ the guest's own
	lsl	r0, r2, #9
	tst	r2, #8
	subne	lr, lr, #2
	bne	fast_cpsid
	ldr	r3, [sp, #CTX_LINES]
	cmp	r3, #0
	bne	und_slow
	sub	lr, lr, #2
fast_cpsie:
	ldr	r3, [sp, #CTX_LINES]
	ldr	r2, [sp, #CTX_CPSR]
	cmp	r3, #0
	bne	und_slow
	pull_masks r2, r3
	ubfx	r1, r0, #9, #3		@ index 7:5
	bic	r2, r2, r1, lsl #6
	store_masks r2, r3
	next

fast_cpsid:
	ldr	r2, [sp, #CTX_CPSR]
	pull_masks r2, r3
	ubfx	r1, r0, #9, #3
	orr	r2, r2, r1, lsl #6
	store_masks r2, r3
	next

#include "fastpath-cp15.S"

/*
 * STM and LDM of User mode's registers, B9.3.6 and B9.3.17.  A transfer that
 * aborts half-way is done again.
 */
	.macro	block_base
	tst	r1, #PSR_E | PSR_T		@ T32 has none: the guest's own UDF
	bne	und_slow
	and	r0, r0, #0xf
	ldr	r1, [sp, r0, lsl #2]
	.endm

fast_stmib_sp_lr:
	block_base
	add	r1, r1, #4
	b	1f
fast_stmia_sp_lr:
	block_base
	b	1f
fast_stmdb_sp_lr:
	block_base
	sub	r1, r1, #8
1:
	tst	r1, #3
	bne	und_slow
	not_switch_area r1, r2
	ldr	r2, [sp, #CTX_SP_USR]
	ldr	r3, [sp, #CTX_LR_USR]
	strt	r2, [r1], #4
	strt	r3, [r1]
	next

fast_ldmia_r0_lr:
	block_base
	b	1f
fast_ldmdb_r0_lr:
	block_base
	sub	r1, r1, #60
1:	tst	r1, #3
	bne	und_slow
	not_switch_area r1, r2
	add	r2, r1, #60
	not_switch_area r2, r3
	ldr	r0, [r1], #4		@ all that may abort comes before the first store
	ldr	r2, [r1, #52]
	str	r0, [sp]
	b	fast_ldm_tail
fast_ldmia_r1_lr:
	block_base
	b	1f
fast_ldmdb_r1_lr:
	block_base
	sub	r1, r1, #56
1:	tst	r1, #3
	bne	und_slow
	not_switch_area r1, r2
	add	r2, r1, #56
	not_switch_area r2, r3
	ldr	r2, [r1]		@ two loads touch all pages that the block has:
	ldr	r2, [r1, #52]		@ an abort comes before the first store
fast_ldm_tail:
	ldr	r2, [r1, #48]		@ sp
	ldr	r3, [r1, #52]		@ lr
	add	r0, sp, #4
	ldmia	r1!, {r4-r9}		@ r1-r6
	stmia	r0!, {r4-r9}
	ldmia	r1, {r4-r9}		@ r7-r12
	stmia	r0, {r4-r9}
	str	r2, [sp, #CTX_SP_USR]
	str	r3, [sp, #CTX_LR_USR]
	next

/*
 * LDMIA Rn, {r0-pc}^: the way out of the guest's exceptions within its kernel.
 * Two loads touch all pages that the block has before anything is changed.
 */
fast_ldmia_return:
	block_base
	tst	r1, #3
	bne	und_slow
	not_switch_area r1, r2
	add	r2, r1, #60
	not_switch_area r2, r3
	ldr	r2, [r1]
	ldr	r4, [r1, #60]		@ pc
	ldr	r2, [sp, #CTX_SPSR_OFFSET]
	load_spsr r3, r2, r5
	return_possible_r3
	add	r0, sp, #0
	ldmia	r1!, {r5-r12}
	stmia	r0!, {r5-r12}		@ r0-r7
	ldmia	r1, {r5-r11}
	stmia	r0, {r5-r11}		@ r8-r14 of the mode that ends
	mov	r1, r3
	b	fast_return

fast_single_other:
	mrs	r1, spsr
	cmp	r3, #(PATCH_RFEIA_SP - PATCH_MOVS_PC_LR)
	bne	und_slow
/* RFEIA SP!, B9.3.13: the way out of exceptions within a kernel in T32 code. */
fast_rfe:
	tst	r1, #PSR_E
	bne	und_slow
	ldr	r0, [sp, #CTX_SP]
	tst	r0, #3
	bne	und_slow
	not_switch_area r0, r2
	add	r2, r0, #4
	not_switch_area r2, r3
	ldr	r4, [r0], #4
	ldr	r3, [r0], #4
	bfc	r3, #20, #4		@ reserved
	return_possible_r3
	ldr	r2, [sp, #CTX_SPSR_OFFSET]
	load_spsr r1, r2, r5
	str	r0, [sp, #CTX_SP]
	str	r1, [sp, r2]
	mov	r1, r3
	b	fast_return_psr

is_return_possible:
	return_possible r3, r5, r6
	bx	r10

/*
 * MOVS PC, LR and SUBS PC, LR, #4 or #8, B9.3.20.  To User mode, where nothing waits and there is no page with
 * masks and SPSR, by a straight line; the rest is fast_return's.
 */
fast_single:
	ldr	r2, [sp, #CTX_SPSR_OFFSET]
	ldr	r5, [sp, #CTX_LINES]
	ldr	r6, [sp, #CTX_PARA]
	and	r3, r0, #0xf
	ldr	r1, [sp, r2]
	orr	r5, r5, r6
	subs	r3, r3, #PATCH_MOVS_PC_LR	@ 0, 1, 2: minus 0, 4, 8
	blo	und_slow
	cmp	r3, #2
	bhi	fast_single_other
	ldr	r4, [sp, #CTX_LR]	@ of the current mode
	eor	r6, r1, #MODE_USR
	tst	r1, #PSR_J
	tsteq	r6, #0x1f
	cmpeq	r5, #0
	sub	r4, r4, r3, lsl #2
	bne	1f
	movw	r8, #0x1df		@ mode and masks: what hardware doesn't have
	tst	r1, #PSR_T
	biceq	r1, r1, #PSR_IT_LOW	@ no IT state in ARM state
	biceq	r1, r1, #PSR_IT_HIGH
	and	r5, r1, r8
	bic	r1, r1, r8
	biceq	lr, r4, #3
	bicne	lr, r4, #1
	str	r5, [sp, #CTX_CPSR]
	orr	r1, r1, #PSR_A | MODE_USR
	msr	spsr_cxsf, r1
	mov	r7, #CTX_SPSR_USR
	move_bank r2, r7
	str	r7, [sp, #CTX_SPSR_OFFSET]
	b	to_user
1:	load_spsr r1, r2, r5
	return_possible r1, r5, r6

/*
 * Exception return to r4 with the SPSR r1; r2 is the offset of the SPSR of the
 * mode that ends.  The modes are not FIQ, System or an illegal one, and nothing
 * waits for being unmasked.
 */
fast_return:
	str	r1, [sp, r2]
fast_return_psr:			@ r1 is not the SPSR, but comes from memory
	tst	r1, #PSR_T
	biceq	r4, r4, #3
	biceq	r1, r1, #PSR_IT_LOW	@ no IT state in ARM state
	biceq	r1, r1, #PSR_IT_HIGH
	bicne	r4, r4, #1
	mov	lr, r4
	ubfx	r6, r1, #0, #5
	cmp	r6, #MODE_USR
	moveq	r7, #CTX_SPSR_USR
	cmp	r6, #MODE_SVC
	moveq	r7, #CTX_SPSR_SVC
	cmp	r6, #MODE_ABT
	moveq	r7, #CTX_SPSR_ABT
	cmp	r6, #MODE_UND
	moveq	r7, #CTX_SPSR_UND
	cmp	r6, #MODE_IRQ
	moveq	r7, #CTX_SPSR_IRQ
	@ banks: r13 and r14 of the mode that ends, then the other's
	cmp	r7, r2
	beq	1f
	move_bank r2, r7
1:	str	r7, [sp, #CTX_SPSR_OFFSET]
	movw	r8, #0x1df		@ mode and masks: what hardware doesn't have
	and	r5, r1, r8
	str	r5, [sp, #CTX_CPSR]
	@ the hardware's PSR: User mode, IRQ and FIQ open, asynchronous aborts the host's
	bic	r1, r1, r8
	orr	r1, r1, #PSR_A | MODE_USR
	msr	spsr_cxsf, r1
	ldr	r8, [sp, #CTX_PARA]
	ldr	r9, [sp, r7]
	cmp	r8, #0
	strne	r5, [r8, #PARA_VPSR]
	strne	r9, [r8, #PARA_SPSR]
	cmp	r6, #MODE_USR
	ldmiane	sp, {r0-r14}^
	movsne	pc, lr
to_user:
	mov	r0, #FAST_NONE
	ldr	r1, [sp, #CTX_SVC_OK]
	str	r0, [sp, #CTX_FAST]
	str	r1, [sp, #CTX_FAST_SVC]
	ldr	r3, [sp, #CTX_TPIDRURW]
	mcr	p15, 0, r3, c13, c0, 2
	ldr	r1, [sp, #CTX_TTBR0_USER]
	mov	r2, #ASID_USER
	b	fast_change_view

/*
 * SVC from User mode: B1.9.4.
 */
trap_svc:
	stmia	sp, {r0-r14}^
	ldr	r0, [sp, #CTX_FAST_SVC]
	cmp	r0, #0
	beq	svc_slow
	mrs	r1, spsr
	ldr	r2, [sp, #CTX_CPSR]
	bic	r3, r1, #0x1c0
	bic	r3, r3, #0x1f
	bfc	r2, #9, #23		@ mode and masks
	orr	r3, r3, r2
	str	r3, [sp, #CTX_SPSR_SVC]
	bfc	r2, #0, #5
	orr	r2, r2, #MODE_SVC
	orr	r2, r2, #PSR_I
	str	r2, [sp, #CTX_CPSR]
	ldr	r8, [sp, #CTX_SP]
	ldr	r9, [sp, #CTX_LR]
	str	r8, [sp, #CTX_SP_USR]
	str	r9, [sp, #CTX_LR_USR]
	ldr	r8, [sp, #CTX_SP_SVC]
	str	r8, [sp, #CTX_SP]
	str	lr, [sp, #CTX_LR]
	@ hardware: the state that exceptions have, no IT, little-endian; the flags stay
	bic	r1, r1, #PSR_T
	bic	r1, r1, #PSR_J | PSR_IT_LOW
	bic	r1, r1, #PSR_IT_HIGH | PSR_E
	and	r0, r0, #PSR_T		@ SCTLR.TE
	orr	r1, r1, r0
	msr	spsr_cxsf, r1
	ldr	lr, [sp, #CTX_VECTORS]
	add	lr, lr, #8
	mov	r0, #FAST_MODE
	mov	r1, #0
	mov	r2, #CTX_SPSR_SVC
	str	r0, [sp, #CTX_FAST]
	str	r1, [sp, #CTX_FAST_SVC]
	str	r2, [sp, #CTX_SPSR_OFFSET]
	ldr	r5, [sp, #CTX_PARA]
	ldr	r4, [sp, #CTX_CPSR]
	cmp	r5, #0
	strne	r4, [r5, #PARA_VPSR]
	strne	r3, [r5, #PARA_SPSR]
	mrc	p15, 0, r3, c13, c0, 2		@ User mode's TPIDRURW makes room for TPIDRPRW
	ldr	r4, [sp, #CTX_TPIDRPRW]
	str	r3, [sp, #CTX_TPIDRURW]
	mcr	p15, 0, r4, c13, c0, 2
	ldr	r1, [sp, #CTX_TTBR0_KERNEL]
	mov	r2, #ASID_KERNEL
	b	fast_change_view
svc_slow:
	trap_saved VEC_SVC

/* To the other view's table r1 under ASID r2, then to the guest at lr. */
fast_change_view:
	mov	r0, #0
	mcr	p15, 0, r0, c13, c0, 1
	isb
	mcr	p15, 0, r1, c2, c0, 0
	isb
	dsb					@ Cortex-A9 754322, see errata in shadow-mode.rst
	mcr	p15, 0, r2, c13, c0, 1
	isb
	ldmia	sp, {r0-r14}^
	movs	pc, lr

fast_next:
	next
