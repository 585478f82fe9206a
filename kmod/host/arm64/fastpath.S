/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 host: what a guest's kernel does at every turn, answered in the vector.
 *
 * AArch32 state at EL0 has w0-w14 only, and the kernel's x18-x30 are on its stack
 * (switch.S): the guest's registers stay where they are, x15-x30 are free, and
 * nothing is saved.  20 to 45 instructions each, where fastpath-c.c takes some hundreds;
 * what isn't here, or is odd in any way, goes there, and nothing has changed then.
 *
 * Guest memory is accessed with LDTR and STTR: the guest's tables, User mode's
 * rights.  One that aborts comes back to host_arm64_fast_fault.
 *
 * There is no indirect branch but RET behind BL, so the guest's branch history
 * (Spectre-BHB) leads nothing here.
 *
 * In: x15 the context, x16 ESR_EL1, x17 ELR_EL1, x18 SPSR_EL1.
 * Then: w19 the replaced instruction (core/arm/patch.h; one of T32 as if it were A32), w20 mode and
 * masks, w21 the mode.
 */
#include <linux/linkage.h>
#include <asm/alternative.h>
#include <asm/assembler.h>

#include "../../core/arm/insn-words.h"
#include "switch-offsets.h"

#define EC_SVC32	0x11

	.section .noinstr.text, "ax"

	/* \reg = \hi:\lo */
	.macro	const32 reg, hi, lo
	mov	\reg, #\lo
	movk	\reg, #\hi, lsl #16
	.endm

	.macro	insn reg, word
	mov	\reg, #(\word & 0xffff)
	movk	\reg, #(\word >> 16), lsl #16
	.endm

	/* x23 = the bank of the privileged mode w21; System and FIQ mode are not for here. */
	.macro	bank_of_mode
	mov	w23, #BANK_SVC
	cmp	w21, #MODE_SVC
	b.eq	.Lbank\@
	mov	w23, #BANK_ABT
	cmp	w21, #MODE_ABT
	b.eq	.Lbank\@
	mov	w23, #BANK_UND
	cmp	w21, #MODE_UND
	b.eq	.Lbank\@
	mov	w23, #BANK_IRQ
	cmp	w21, #MODE_IRQ
	b.ne	slow
.Lbank\@:
	.endm

	/* \op for the register whose number is in bits 3:0 of w19; each \op ends with a branch. */
	.macro	of_four op, a, b, c, d
	tbnz	w19, #1, .Lhigh\@
	tbnz	w19, #0, .Lodd\@
	\op	\a
.Lodd\@:
	\op	\b
.Lhigh\@:
	tbnz	w19, #0, .Lodd_high\@
	\op	\c
.Lodd_high\@:
	\op	\d
	.endm

	.macro	of_register op
	tbnz	w19, #3, .L8\@
	tbnz	w19, #2, .L4\@
	of_four	\op, 0, 1, 2, 3
.L4\@:
	of_four	\op, 4, 5, 6, 7
.L8\@:
	tbnz	w19, #2, .L12\@
	of_four	\op, 8, 9, 10, 11
.L12\@:
	of_four	\op, 12, 13, 14, 15
	.endm

	.macro	put n
	.if	\n == 15
	b	slow
	.else
	mov	w\n, w22
	b	next
	.endif
	.endm

	.macro	get n
	.if	\n == 15
	b	slow
	.else
	mov	w22, w\n
	ret
	.endif
	.endm

SYM_CODE_START(host_arm64_fast)
	ubfx	x21, x16, #26, #6
	ldr	w20, [x15, #CTX_CPSR]
	cbz	x21, undefined
	cmp	x21, #EC_SVC32
	b.eq	svc
slow:
	stp	x0, x1, [sp, #-16]!
	mov	x1, #0				// HOST_ARM64_SYNC
	b	host_arm64_leave

	/*
	 * The guest's masks and SPSR may be in the page that it shares with us
	 * (core/engine/para.h).  w20 = mode and masks as they are now.
	 */
pull_masks:
	ldr	x28, [x15, #CTX_PARA]
	cbz	x28, 1f
	ldr	w23, [x28, #PARA_VPSR]
	ubfx	w23, w23, #6, #3
	bfi	w20, w23, #6, #3
1:	ret

	/* The SPSR of the bank w23 to w22, which is not that of User mode. */
load_spsr:
	ldr	x28, [x15, #CTX_PARA]
	cbnz	x28, 1f
	add	x28, x15, x23, lsl #2
	ldr	w22, [x28, #CTX_SPSR_BANKS]
	ret
1:	ldr	w22, [x28, #PARA_SPSR]
	and	w22, w22, #0xff0fffff
	ret

	/* Mode and masks from w20, then on. */
store_masks_next:
	str	w20, [x15, #CTX_CPSR]
	ldr	x28, [x15, #CTX_PARA]
	cbz	x28, next
	str	w20, [x28, #PARA_VPSR]
	b	next

	/* w22 = the register */
get_register:
	of_register get

	/* The register = w22, and on. */
put_next:
	of_register put
next:
	add	w17, w17, #4
	msr	elr_el1, x17
back:
	/* Cortex-A53 erratum 845719, as in switch.S */
	mrs	x23, contextidr_el1
	msr	contextidr_el1, x23
	eret
	dsb	nsh
	isb

undefined:
	and	w21, w20, #0x1f
	cmp	w21, #MODE_USR
	b.eq	slow
	tbnz	w18, #PSR_T_BIT, thumb
	ldtr	w19, [x17]
decode:
	const32	w22, 0xe7fa, 0x00f0		// AL, index 0xa...
	const32	w23, 0xffff, 0x00f0
	and	w23, w23, w19
	cmp	w23, w22
	b.ne	trapping
	tbnz	w19, #15, cps			// bits 15:12: the class
	ubfx	w24, w19, #12, #3
	cmp	w24, #1
	b.lo	single
	b.eq	mrs
	cmp	w24, #3
	b.lo	msr_cpsr
	b.eq	msr_spsr
	cmp	w24, #5
	b.lo	cp
	b.eq	block
	b	slow

/* In T32 state (core/arm/thumb.h).  In an IT block C looks at the condition. */
thumb:
	insn	w22, PSR_IT
	tst	w18, w22
	b.ne	slow
	ldtrh	w19, [x17]
	and	w22, w19, #0xfff0
	mov	w23, #0xde80			// CPS T1
	cmp	w22, w23
	b.eq	cps_narrow
	lsr	w22, w19, #11
	cmp	w22, #0x1d
	b.lo	slow
	ldtrh	w22, [x17, #2]
	bfi	w22, w19, #16, #16
	const32	w23, 0xfff0, 0xf000
	and	w23, w23, w22
	const32	w24, 0xf7f0, 0xa000		// UDF T2 with index 0xNNNN: 0xf7fN 0xaNNN
	mov	w19, w22
	cmp	w23, w24
	b.ne	trapping
	const32	w19, 0xe7f0, 0x00f0		// as A32 has it
	bfxil	w19, w22, #0, #4
	ubfx	w23, w22, #4, #8
	bfi	w19, w23, #8, #8
	ubfx	w23, w22, #16, #4
	bfi	w19, w23, #16, #4
	b	decode

cps_narrow:
	tst	w19, #7
	b.eq	slow				// the guest's own
	bl	pull_masks
	ubfiz	w23, w19, #6, #3		// A, I, F
	tbnz	w19, #3, 1f
	ldr	w27, [x15, #CTX_LINES]
	cbnz	w27, slow
	sub	w17, w17, #2
	bic	w20, w20, w23
	b	store_masks_next
1:	sub	w17, w17, #2
	orr	w20, w20, w23
	b	store_masks_next

mrs:
	tbnz	w19, #8, 1f
	bl	pull_masks
	/* In ARM state; B9.3.8: the execution state bits read as zero */
	const32	w23, 0xf80f, 0x0200
	and	w22, w18, w23
	mov	w23, #0x1df
	and	w23, w20, w23
	orr	w22, w22, w23
	b	put_next
1:	bank_of_mode
	bl	load_spsr
	b	put_next

/* Without a change of endianness; of modes between Supervisor and System alone */
msr_cpsr:
	tbnz	w19, #9, slow
	bl	pull_masks
	bl	get_register
	mov	w23, #0				// what changes of w20
	mov	w24, #0				// and of SPSR_EL1
	tbz	w19, #8, 1f
	and	w25, w22, #0x1f
	cmp	w25, w21
	b.ne	change_mode
	mov	w23, #0xc0			// I, F
1:	tbz	w19, #10, 2f
	orr	w24, w24, #0x000f0000		// GE
2:	tbz	w19, #11, 3f
	orr	w24, w24, #0xf8000000		// NZCV, Q
3:	bic	w25, w20, w23
	and	w26, w22, w23
	orr	w25, w25, w26
	bic	w26, w20, w25
	cbz	w26, 4f
	ldr	w27, [x15, #CTX_LINES]		// unmasked: and waiting?
	cbnz	w27, slow
4:	mov	w20, w25
	bic	w25, w18, w24
	and	w26, w22, w24
	orr	w18, w25, w26
	msr	spsr_el1, x18
	b	store_masks_next

/*
 * MSR CPSR_c.  Kernels in T32 code, which has no LDM and STM of User mode's registers, go to System mode
 * for these, and back.
 */
change_mode:
	ubfx	w23, w19, #8, #4
	cmp	w23, #1
	b.ne	slow
	ldr	w27, [x15, #CTX_LINES]
	cbnz	w27, slow
	ldr	x28, [x15, #CTX_PARA]
	cmp	w21, #MODE_SYS
	b.eq	1f
	cmp	w21, #MODE_SVC
	b.ne	slow
	cmp	w25, #MODE_SYS
	b.ne	slow
	str	w13, [x15, #CTX_SP_BANKS + 4 * BANK_SVC]
	str	w14, [x15, #CTX_LR_BANKS + 4 * BANK_SVC]
	ldr	w13, [x15, #CTX_SP_BANKS]
	ldr	w14, [x15, #CTX_LR_BANKS]
	cbz	x28, 2f
	ldr	w24, [x28, #PARA_SPSR]
	and	w24, w24, #0xff0fffff
	str	w24, [x15, #CTX_SPSR_BANKS + 4 * BANK_SVC]
	str	wzr, [x28, #PARA_SPSR]
	b	2f
1:	cmp	w25, #MODE_SVC
	b.ne	slow
	str	w13, [x15, #CTX_SP_BANKS]
	str	w14, [x15, #CTX_LR_BANKS]
	ldr	w13, [x15, #CTX_SP_BANKS + 4 * BANK_SVC]
	ldr	w14, [x15, #CTX_LR_BANKS + 4 * BANK_SVC]
	cbz	x28, 2f
	ldr	w24, [x15, #CTX_SPSR_BANKS + 4 * BANK_SVC]
	str	w24, [x28, #PARA_SPSR]
2:	mov	w23, #0xdf
	bic	w20, w20, w23
	and	w22, w22, w23
	orr	w20, w20, w22
	b	store_masks_next

msr_spsr:
	ubfx	w23, w19, #8, #4
	cmp	w23, #0xf
	b.ne	slow
	bank_of_mode
	bl	get_register
	and	w22, w22, #0xff0fffff
	add	x23, x15, x23, lsl #2
	ldr	x28, [x15, #CTX_PARA]
	str	w22, [x23, #CTX_SPSR_BANKS]
	cbz	x28, next
	str	w22, [x28, #PARA_SPSR]
	b	next

/* CPSIE, CPSID without a mode */
cps:
	tbnz	w19, #12, slow
	tbz	w19, #14, slow
	bl	pull_masks
	ubfx	w23, w19, #9, #3
	lsl	w23, w23, #6			// A, I, F
	tbnz	w19, #13, 1f
	ldr	w27, [x15, #CTX_LINES]
	cbnz	w27, slow
	bic	w20, w20, w23
	b	store_masks_next
1:	orr	w20, w20, w23
	b	store_masks_next

#include "fastpath-cp15.S"

/* enum patch_block: User mode's registers */
block:
	cmp	w21, #MODE_SYS
	b.eq	slow
	cmp	w21, #MODE_FIQ
	b.eq	slow
	tbnz	w18, #PSR_E_BIT, slow
	tbnz	w18, #PSR_T_BIT, slow		// T32 has none: the guest's own UDF
	bl	get_register
	tst	w22, #3
	b.ne	slow
	ubfx	w23, w19, #8, #4
	cmp	w23, #PATCH_STMIB_SP_LR
	b.hi	1f
	/* PATCH_STMDB_SP_LR, PATCH_STMIA_SP_LR, PATCH_STMIB_SP_LR */
	sub	w24, w22, #8
	add	w25, w22, #4
	cmp	w23, #PATCH_STMIA_SP_LR
	csel	w22, w24, w22, lo
	csel	w22, w25, w22, hi
	ldr	w24, [x15, #CTX_SP_BANKS]
	ldr	w25, [x15, #CTX_LR_BANKS]
	sttr	w24, [x22]
	sttr	w25, [x22, #4]
	b	next
1:	cmp	w23, #PATCH_LDMDB_SP_LR
	b.hs	3f
	/* x26: where r0 is, or would be */
	sub	w24, w22, #60
	sub	w25, w22, #4
	tbnz	w23, #0, 2f			// odd: PATCH_LDMDB_R0_LR, PATCH_LDMIA_R0_LR
	cmp	w23, #PATCH_LDMDB_R1_LR
	csel	w26, w24, w25, eq		// else PATCH_LDMIA_R1_LR
	b	4f
2:	cmp	w23, #PATCH_LDMDB_R0_LR
	csel	w26, w24, w22, eq
4:	and	w24, w26, #0xfff
	cmp	w24, #0xfc0			// all in one page
	b.hi	slow
	ldtr	w24, [x26, #52]			// the first and the last may abort, then none
	ldtr	w25, [x26, #56]
	ldtr	w27, [x26, #4]
	tbz	w23, #0, 5f
	ldtr	w0, [x26]
5:	mov	w1, w27
	ldtr	w2, [x26, #8]
	ldtr	w3, [x26, #12]
	ldtr	w4, [x26, #16]
	ldtr	w5, [x26, #20]
	ldtr	w6, [x26, #24]
	ldtr	w7, [x26, #28]
	ldtr	w8, [x26, #32]
	ldtr	w9, [x26, #36]
	ldtr	w10, [x26, #40]
	ldtr	w11, [x26, #44]
	ldtr	w12, [x26, #48]
	str	w24, [x15, #CTX_SP_BANKS]
	str	w25, [x15, #CTX_LR_BANKS]
	b	next
3:	cmp	w23, #PATCH_LDMIA_SP_LR
	b.hi	slow
	/* LDMDB, LDMIA Rn, {sp, lr}^ */
	sub	w24, w22, #8
	csel	w22, w24, w22, lo
	ldtr	w24, [x22]
	ldtr	w25, [x22, #4]
	str	w24, [x15, #CTX_SP_BANKS]
	str	w25, [x15, #CTX_LR_BANKS]
	b	next

/* PATCH_IX_RFEIA_SP: the way out of exceptions within a kernel in T32 code */
rfe:
	cmp	w24, #(PATCH_RFEIA_SP - PATCH_MOVS_PC_LR)
	b.ne	slow
	tbnz	w18, #PSR_E_BIT, slow
	tst	w13, #3
	b.ne	slow
	mov	w25, w13
	ldtr	w24, [x25]			// the pc
	ldtr	w22, [x25, #4]
	and	w22, w22, #0xff0fffff
	add	w30, w13, #8
	b	exception_return

/* PATCH_IX_MOVS_PC_LR, PATCH_IX_SUBS_PC_LR_4, PATCH_IX_SUBS_PC_LR_8: to User, Supervisor */
single:
	ubfx	w23, w19, #8, #4
	cbnz	w23, slow
	and	w24, w19, #0xf
	sub	w24, w24, #PATCH_MOVS_PC_LR
	ldr	w27, [x15, #CTX_LINES]
	cbnz	w27, slow
	bank_of_mode
	add	x26, x15, x23, lsl #2
	bl	load_spsr
	str	w22, [x26, #CTX_SPSR_BANKS]
	cmp	w24, #2
	b.hi	rfe
	mov	w30, w13			// the sp that stays
	sub	w24, w14, w24, lsl #2		// the pc
exception_return:
	tbnz	w22, #PSR_J_BIT, slow
	tbnz	w22, #PSR_E_BIT, slow
	and	w25, w22, #0x1f
	cmp	w25, #MODE_USR
	b.eq	1f
	cmp	w25, #MODE_SVC
	b.ne	slow
	tbz	w22, #PSR_T_BIT, 6f
	ldr	w27, [x15, #CTX_FAST]
	tbz	w27, #FAST_THUMB_BIT, slow
6:	ldr	x28, [x15, #CTX_PARA]
	cbz	x28, 5f
	mov	w27, #0x1df
	and	w27, w22, w27
	ldr	w29, [x15, #CTX_SPSR_BANKS + 4 * BANK_SVC]
	str	w27, [x28, #PARA_VPSR]
	str	w29, [x28, #PARA_SPSR]
5:	mov	w13, w30
	cmp	w23, #BANK_SVC
	b.eq	2f
	str	w13, [x26, #CTX_SP_BANKS]
	str	w14, [x26, #CTX_LR_BANKS]
	ldr	w13, [x15, #CTX_SP_BANKS + 4 * BANK_SVC]
	ldr	w14, [x15, #CTX_LR_BANKS + 4 * BANK_SVC]
	b	2f
1:	ldr	x27, [x15, #CTX_TTBR0 + 8]
	cbz	x27, slow
	ldr	x28, [x15, #CTX_CP15]
	str	w30, [x26, #CTX_SP_BANKS]
	str	w14, [x26, #CTX_LR_BANKS]
	ldr	w28, [x28, #CP15_TPIDRURW]
	msr	tpidr_el0, x28
	ldr	w13, [x15, #CTX_SP_BANKS]
	ldr	w14, [x15, #CTX_LR_BANKS]
	str	x27, [x15, #CTX_LIVE]
	msr	ttbr0_el1, x27
2:	mov	w23, #0x1df
	and	w23, w22, w23
	str	w23, [x15, #CTX_CPSR]
	const32	w23, 0xff0f, 0xfe20		// all that SPSR_EL1 has of the guest's
	bic	w18, w18, w23
	const32	w23, 0xf80f, 0x0000		// NZCV, Q, GE
	and	w24, w24, #0xfffffffe
	tbnz	w22, #PSR_T_BIT, 3f
	and	w24, w24, #0xfffffffc
	b	4f
3:	const32	w23, 0xfe0f, 0xfc20		// and IT, T
4:	and	w23, w22, w23
	orr	w18, w18, w23
	msr	spsr_el1, x18
	msr	elr_el1, x24
	b	back

/* From User or Supervisor mode, from and to either state */
svc:
	ldr	w24, [x15, #CTX_FAST]
	tbz	w24, #FAST_SVC_BIT, slow
	ldr	x25, [x15, #CTX_TTBR0]
	cbz	x25, slow
	and	w21, w20, #0x1f
	ldr	x28, [x15, #CTX_PARA]
	cmp	w21, #MODE_SVC
	b.eq	0f
	cmp	w21, #MODE_USR
	b.ne	slow
	/* TPIDRPRW takes TPIDRURW's place: PATCH_TPIDRURW */
	ldr	x22, [x15, #CTX_CP15]
	mrs	x23, tpidr_el0
	ldr	w24, [x22, #CP15_TPIDRPRW]
	str	w23, [x22, #CP15_TPIDRURW]
	msr	tpidr_el0, x24
	str	w13, [x15, #CTX_SP_BANKS]
	str	w14, [x15, #CTX_LR_BANKS]
	ldr	w13, [x15, #CTX_SP_BANKS + 4 * BANK_SVC]
	str	x25, [x15, #CTX_LIVE]
	msr	ttbr0_el1, x25
	b	1f
0:	cbnz	x28, slow
1:	mov	w14, w17			// behind the SVC already
	const32	w23, 0xfe0f, 0xfe20
	and	w22, w18, w23
	mov	w23, #0x1df
	and	w23, w20, w23
	orr	w22, w22, w23
	str	w22, [x15, #CTX_SPSR_BANKS + 4 * BANK_SVC]
	and	w23, w20, #0x1c0		// A, I, F
	mov	w24, #0x80 | MODE_SVC
	orr	w23, w23, w24
	str	w23, [x15, #CTX_CPSR]
	cbz	x28, 2f
	str	w23, [x28, #PARA_VPSR]
	str	w22, [x28, #PARA_SPSR]
2:	const32	w23, 0x0700, 0xfe20		// J, IT, E, T
	bic	w18, w18, w23
	ldr	w23, [x15, #CTX_SVC_PC]
	tbz	w23, #0, 3f
	orr	w18, w18, #PSR_T
	bic	w23, w23, #1
3:	msr	spsr_el1, x18
	msr	elr_el1, x23
	b	back
SYM_CODE_END(host_arm64_fast)

/*
 * One of the accesses above has aborted: as if it had not been tried.  The
 * instruction's own exception is in x16 to x18 as it was.
 */
SYM_CODE_START(host_arm64_fast_fault)
	msr	esr_el1, x16
	msr	elr_el1, x17
	msr	spsr_el1, x18
	b	slow
SYM_CODE_END(host_arm64_fast_fault)
