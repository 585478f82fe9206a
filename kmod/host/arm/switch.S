/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: the switch page.
 *
 * One page of code, mapped at the same address in the host's tables and in
 * every shadow table, in which the CPU changes from one set of tables to the
 * other.  Its first words are the exception vectors that VBAR points to while
 * a guest runs (SCTLR.V is clear then).  Nothing outside this page and the
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

#include "switch-offsets.h"

/* enum cpu_vector */
#define VEC_UND		1
#define VEC_SVC		2
#define VEC_PABT	3
#define VEC_DABT	4
#define VEC_IRQ		6
#define VEC_FIQ		7

#define MODE_USR	0x10
#define MODE_FIQ	0x11
#define MODE_IRQ	0x12
#define MODE_SVC	0x13
#define MODE_ABT	0x17
#define MODE_UND	0x1b

#define PSR_T		0x20
#define PSR_F		0x40
#define PSR_I		0x80
#define PSR_A		0x100
#define PSR_J		0x01000000

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
 * of any privileged mode addresses, then on with
 *   r0 context, r1 vector, r2 lr of the exception, r3 spsr
 */
	.macro	trap vec
	stmia	sp, {r0-r14}^
	trap_saved \vec
	.endm

	.macro	trap_saved vec
	mov	r0, sp
	movw	r1, #\vec
	mov	r2, lr
	mrs	r3, spsr
	b	leave
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
 * A short cut met an abort at a guest address.  It has saved the guest's
 * registers and changed nothing yet: C does the instruction from the start.
 */
stub_abort:
	dsb					@ Cortex-A9 775420: before any ISB
	cps	#MODE_UND
	add	lr, lr, #4
	trap_saved VEC_UND | NO_LIGHT

/*
 * -- short cuts ----------------------------------------------------------------
 *
 * What a guest kernel does most is answered here, in the guest's own tables and
 * without the host.  Before each stay C has set in the context what they may
 * rely on: CTX_FAST (privileged mode, not FIQ), CTX_FAST_SVC (User mode, and
 * exceptions are taken in ARM state, little-endian).
 *
 * In a short cut: sp context, lr address of the instruction, r0 the replacement
 * (patch.h), r1 spsr; r0-r14 of the guest are in the context, to which results
 * go, so r0-r12 are free.  An address that the guest gives is never in the MiB
 * of the switch area: that is mapped at PL1, and for C to refuse.
 */
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
	@ T in a privileged mode, and IT outside of Thumb state, are C's
	cmp	\tmp2, #0
	beq	98f
	tst	\psr, #PSR_T
	bne	und_slow
98:
	.endm

	.macro	not_switch_area reg, tmp
	movw	\tmp, #SWITCH_AREA_MIB
	cmp	\tmp, \reg, lsr #20
	beq	und_slow
	.endm

	/*
	 * The guest's masks and SPSR may be in the page that it shares with us
	 * (core/engine/pv/para.h).  \psr: CTX_CPSR, which gets the masks as they are now.
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

	/* \spsr: that of the current mode, whose offset is in \offset. */
	.macro	load_spsr spsr, offset, tmp
	ldr	\tmp, [sp, #CTX_PARA]
	ldr	\spsr, [sp, \offset]
	cmp	\tmp, #0
	ldrne	\spsr, [\tmp, #PARA_SPSR]
	bfcne	\spsr, #20, #4			@ reserved
	.endm

trap_und:
	stmia	sp, {r0-r14}^
	ldr	r2, [sp, #CTX_FAST]
	mrs	r1, spsr
	sub	lr, lr, #4
	cmp	r2, #0
	beq	und_slow
	tst	r1, #PSR_T
	bne	und_slow
	movw	r3, #0x00f0
	movt	r3, #0xe7fa		@ UDF, condition AL, index 0xaxxx
	ldrt	r0, [lr]
	str	r0, [sp, #CTX_INSN]
	eor	r2, r0, r3
	bfc	r2, #8, #8
	bics	r2, r2, #0xf
	bne	fast_trapping
	ubfx	r2, r0, #12, #4		@ class
	add	pc, pc, r2, lsl #2
	nop
	b	fast_single		@ 0xa0
	b	fast_mrs		@ 0xa1
	b	fast_msr_cpsr		@ 0xa2
	b	fast_msr_spsr		@ 0xa3
	b	fast_cp			@ 0xa4
	b	fast_block		@ 0xa5
	b	und_slow		@ 0xa6
	b	und_slow		@ 0xa7
	b	und_slow		@ 0xa8-0xab: CPS without imod
	b	und_slow
	b	und_slow
	b	und_slow
	b	fast_cpsie		@ 0xac
	b	und_slow		@ 0xad: with a mode
	b	fast_cpsid		@ 0xae
	b	und_slow		@ 0xaf

/*
 * Not a replacement: maintenance that traps by itself and wants nothing but the
 * real operation.  The tables are the guest's, so an address is good as it is.
 */
fast_trapping:
	bic	r2, r0, #0xf000
	movw	r3, #0x0f1e
	movt	r3, #0xec50		@ CNTVCT: MRRC p15, 1, Rt, Rt2, c14
	bic	r4, r2, #0xf0000
	cmp	r4, r3
	beq	fast_cntvct
	ubfx	r0, r0, #12, #4		@ Rt
	movw	r3, #0x0f35
	movt	r3, #0xee07		@ ICIMVAU: MCR p15, 0, Rt, c7, c5, 1
	cmp	r2, r3
	beq	fast_icimvau
	sub	r3, r3, #0x20		@ ICIALLU: ..., c7, c5, 0
	cmp	r2, r3
	beq	fast_iciallu
	sub	r3, r3, #0x4		@ ICIALLUIS: ..., c7, c1, 0
	cmp	r2, r3
	beq	fast_icialluis
	add	r3, r3, #0xc0		@ BPIALLIS: ..., c7, c1, 6
	cmp	r2, r3
	beq	fast_bpiallis
	add	r3, r3, #0x4		@ BPIALL: ..., c7, c5, 6
	cmp	r2, r3
	beq	fast_bpiall
	movw	r3, #0x0f30
	movt	r3, #0xee10		@ CTR: MRC p15, 0, Rt, c0, c0, 1
	cmp	r2, r3
	beq	fast_ctr
	movw	r4, #0x0f50
	movt	r4, #0xee12		@ TTBCR: MRC p15, 0, Rt, c2, c0, 2
	cmp	r2, r4
	beq	fast_ttbcr_read
	add	r3, r3, #0xc1		@ ID_MMFR3: MRC p15, 0, Rt, c0, c1, 7
	cmp	r2, r3
	beq	fast_mmfr3
	movw	r3, #0x0f10
	movt	r3, #0xee15		@ DFSR, IFSR: MRC p15, 0, Rt, c5, c0, 0 and 1
	eor	r3, r2, r3
	tst	r3, #0x20
	mov	r4, #0
	movne	r4, #4
	bics	r3, r3, #0x20
	beq	fast_fault_status
	movw	r3, #0x0f10
	movt	r3, #0xee16		@ DFAR, IFAR: MRC p15, 0, Rt, c6, c0, 0 and 2
	eor	r3, r2, r3
	tst	r3, #0x40
	mov	r4, #8
	movne	r4, #12
	bics	r3, r3, #0x40
	beq	fast_fault_status
	movw	r3, #0x0f30
	movt	r3, #0xee12		@ TTBR1: MRC p15, 0, Rt, c2, c0, 1
	cmp	r2, r3
	beq	fast_ttbr1_read
	movw	r3, #0x0a10
	movt	r3, #0xeef8		@ FPEXC: VMRS Rt, FPEXC
	eor	r3, r2, r3
	bics	r3, r3, #0x100000	@ VMSR FPEXC, Rt
	beq	fast_fpexc
	movw	r3, #0x0f52
	movt	r3, #0xee07		@ by set and way: ..., c7, c6 or c10 or c14, 2
	eor	r3, r2, r3
	cmp	r3, #0x04		@ c6
	cmpne	r3, #0x08		@ c10
	cmpne	r3, #0x0c		@ c14
	beq	fast_next		@ this core's cache alone: nothing that others could see

und_slow:
	add	lr, lr, #4
	trap_saved VEC_UND

fast_mrs:
	ands	r2, r0, #0xf00
	and	r0, r0, #0xf
	bne	1f
	ldr	r2, [sp, #CTX_CPSR]
	pull_masks r2, r3
	bfi	r1, r2, #0, #9		@ T reads 0 in ARM state
	str	r1, [sp, r0, lsl #2]
	b	fast_next
1:	ldr	r2, [sp, #CTX_SPSR_OFFSET]
	load_spsr r1, r2, r3
	str	r1, [sp, r0, lsl #2]
	b	fast_next

fast_msr_cpsr:				@ the control byte, in the same mode
	and	r2, r0, #0xf00
	cmp	r2, #0x100
	bne	und_slow
	and	r0, r0, #0xf
	ldr	r1, [sp, r0, lsl #2]
	ldr	r2, [sp, #CTX_CPSR]
	ldr	r3, [sp, #CTX_LINES]
	eor	r0, r1, r2
	tst	r0, #0x1f
	cmpeq	r3, #0
	bne	und_slow
	pull_masks r2, r3
	ubfx	r1, r1, #6, #2
	bfi	r2, r1, #6, #2
	store_masks r2, r3
	b	fast_next

fast_msr_spsr:				@ all bytes
	and	r2, r0, #0xf00
	cmp	r2, #0xf00
	bne	und_slow
	and	r0, r0, #0xf
	ldr	r1, [sp, r0, lsl #2]
	ldr	r2, [sp, #CTX_SPSR_OFFSET]
	bfc	r1, #20, #4		@ reserved
	ldr	r3, [sp, #CTX_PARA]
	str	r1, [sp, r2]
	cmp	r3, #0
	strne	r1, [r3, #PARA_SPSR]
	b	fast_next

fast_cpsie:
	ldr	r3, [sp, #CTX_LINES]
	ldr	r2, [sp, #CTX_CPSR]
	cmp	r3, #0
	bne	und_slow
	pull_masks r2, r3
	ubfx	r1, r0, #9, #3		@ index 7:5
	bic	r2, r2, r1, lsl #6
	store_masks r2, r3
	b	fast_next

fast_cpsid:
	ldr	r2, [sp, #CTX_CPSR]
	pull_masks r2, r3
	ubfx	r1, r0, #9, #3
	orr	r2, r2, r1, lsl #6
	store_masks r2, r3
	b	fast_next

fast_cp:
	and	r2, r0, #0xf00
	and	r0, r0, #0xf
	add	pc, pc, r2, lsr #6
	nop
	b	fast_tpidrprw_read
	b	und_slow
	b	fast_dacr_read
	b	fast_dacr_write
	b	fast_dccmvac
	b	fast_dccmvau
	b	fast_dccimvac		@ DCIMVAC: nobody's dirty data may be lost
	b	fast_dccimvac
	b	fast_tpidrurw_read
	b	fast_tpidrurw_write
	b	fast_tpidruro_write
	b	fast_sctlr_read
	b	fast_sctlr_write
	b	und_slow
	b	und_slow
	b	und_slow

	/* Rt, whose number is in r0, becomes what the context has. */
	.macro	give slot
	ldr	r1, [sp, #\slot]
	str	r1, [sp, r0, lsl #2]
	b	fast_next
	.endm

fast_tpidrprw_read:
	give	CTX_TPIDRPRW

fast_tpidrurw_read:
	give	CTX_TPIDRURW

fast_tpidrurw_write:
	ldr	r1, [sp, r0, lsl #2]
	str	r1, [sp, #CTX_TPIDRURW]
	b	fast_next

fast_sctlr_read:
	give	CTX_GUEST_SCTLR

fast_sctlr_write:
	ldr	r1, [sp, r0, lsl #2]
	ldr	r2, [sp, #CTX_GUEST_SCTLR]
	cmp	r1, r2
	bne	und_slow
	b	fast_next

fast_dacr_read:
	give	CTX_GUEST_DACR

/*
 * A change of the managers, or of the domain that lends its number to the
 * switch area, is C's.  Clients without access are the hardware's domains.
 */
fast_dacr_write:
	ldr	r1, [sp, r0, lsl #2]
	ldr	r2, [sp, #CTX_GUEST_DACR]
	ldr	r3, [sp, #CTX_MMU_ON]
	cmp	r3, #0
	beq	und_slow
	and	r3, r1, r1, lsr #1
	and	r0, r2, r2, lsr #1
	eor	r3, r3, r0
	eor	r0, r1, r2
	movw	r4, #0x5555
	movt	r4, #0x5555
	tst	r3, r4
	lsreqs	r0, r0, #30
	bne	und_slow
	str	r1, [sp, #CTX_GUEST_DACR]
	and	r1, r1, r4
	orr	r1, r1, #1 << 30
	str	r1, [sp, #CTX_DACR]
	mcr	p15, 0, r1, c3, c0, 0
	isb
	b	fast_next

/*
 * Maintenance by address mostly stands in a loop over a range,
 *
 *	1:	MCR	p15, 0, Rt, c7, ...
 *		ADD	Rt, Rt, Rs
 *		CMP	Rt, Rm
 *		BLO	1b
 *
 * which goes on here, up to 64 times: a fourth of what each line costs by itself.  Rt in the
 * context is always that of the operation that is next, or that has aborted.
 */
	.macro	cache_op crm
	ldr	r1, [sp, r0, lsl #2]
	not_switch_area r1, r2
	.ifnc	\crm, c5
	dsb					@ Cortex-A9 764369
	.endif
	mcr	p15, 0, r1, c7, \crm, 1
	adr	r10, .Lfound\@
	b	find_loop
.Lfound\@:
	bne	fast_next
.Lnext\@:
	add	r1, r1, r6
	str	r1, [sp, r0, lsl #2]
	cmp	r1, r7
	bhs	loop_ends
	subs	r8, r8, #1
	cmpne	r9, r1, lsr #20
	beq	loop_pauses
	mcr	p15, 0, r1, c7, \crm, 1
	b	.Lnext\@
	.endm

/*
 * In: r0 Rt.  Out: EQ if its instruction begins such a loop; then r6 the step, r7 the end,
 * r8 how often, r9 the switch area's MiB.  Returns to r10.
 */
find_loop:
	add	r9, lr, #4
	movw	r5, #0xfffb
	ldrt	r2, [r9], #4
	movt	r5, #0x3aff			@ BLO back over three
	ldrt	r3, [r9], #4
	ldrt	r4, [r9]
	cmp	r4, r5
	bxne	r10
	orr	r5, r0, r0, lsl #4
	eor	r2, r2, r5, lsl #12
	eor	r3, r3, r0, lsl #16
	and	r6, r2, #0xf			@ Rs
	and	r7, r3, #0xf			@ Rm
	bic	r2, r2, #0xf
	bic	r3, r3, #0xf
	sub	r2, r2, #0xe0000000
	sub	r3, r3, #0xe0000000
	cmp	r2, #0x00800000			@ ADD Rt, Rt, Rs: A8.8.7
	cmpeq	r3, #0x01500000			@ CMP Rt, Rm: A8.8.38
	bxne	r10
	cmp	r6, r0
	cmpne	r7, r0
	cmpne	r6, #15
	cmpne	r7, #15
	beq	no_loop
	ldr	r6, [sp, r6, lsl #2]
	ldr	r7, [sp, r7, lsl #2]
	movw	r9, #SWITCH_AREA_MIB
	mov	r8, #64
	cmp	r0, r0
	bx	r10
no_loop:
	cmp	sp, #0
	bx	r10

/* The loop has ended: on behind it, with the flags of the last comparison. */
loop_ends:
	add	lr, lr, #16
loop_pauses:
	sub	lr, lr, #4
	cmp	r1, r7
	mrs	r2, cpsr
	mrs	r3, spsr
	and	r2, r2, #0xf0000000
	bic	r3, r3, #0xf0000000
	orr	r3, r3, r2
	msr	spsr_cxsf, r3
	b	fast_next

fast_dccmvac:
	cache_op c10
fast_dccmvau:
	cache_op c11
fast_dccimvac:
	cache_op c14

fast_icimvau:
	cmp	r0, #15
	beq	und_slow
	cache_op c5

/*
 * The whole of a kind: of this core (B4.2.1, B2.2.6), as the guest asked, or of all.  A vCPU that has come from
 * another core invalidates what may have been filled here meanwhile (area_take_slot()).
 */
fast_iciallu:
	mcr	p15, 0, r0, c7, c5, 0		@ ICIALLU
	b	fast_next

fast_icialluis:
	mcr	p15, 0, r0, c7, c1, 0		@ ICIALLUIS
	b	fast_next

fast_bpiall:
	mcr	p15, 0, r0, c7, c5, 6		@ BPIALL
	b	fast_next

fast_bpiallis:
	mcr	p15, 0, r0, c7, c1, 6		@ BPIALLIS
	b	fast_next

/* DFSR, IFSR, DFAR, IFAR: r4 the offset among them */
fast_fault_status:
	cmp	r0, #15
	beq	und_slow
	add	r4, r4, #CTX_GUEST_FAULT
	ldr	r1, [sp, r4]
	str	r1, [sp, r0, lsl #2]
	b	fast_next

fast_ttbr1_read:
	cmp	r0, #15
	beq	und_slow
	give	CTX_GUEST_TTBR1

/*
 * FPEXC, B9.3.21 and B9.3.22.  A kernel that switches tasks turns the unit off
 * each time, and it mostly is.
 */
fast_fpexc:
	cmp	r0, #15
	ldrne	r1, [sp, #CTX_FPEXC]
	beq	und_slow
	tst	r1, #1				@ HOST_ARM_NO_FPEXC
	bne	und_slow
	ldr	r2, [sp, #CTX_INSN]
	tst	r2, #0x100000
	strne	r1, [sp, r0, lsl #2]
	bne	fast_next
	ldr	r2, [sp, r0, lsl #2]
	eor	r2, r2, r1
	tst	r2, #1 << 30			@ EN
	bne	und_slow
	b	fast_next

/* The count that the guest sees, B4.1.34. */
fast_cntvct:
	ldr	r1, [sp, #CTX_CNTV_OK]
	ubfx	r2, r0, #12, #4		@ Rt: low word
	ubfx	r3, r0, #16, #4		@ Rt2
	cmp	r1, #0
	cmpne	r2, #15
	beq	und_slow
	cmp	r3, #15
	beq	und_slow
	ldr	r6, [sp, #CTX_CNTVOFF]
	ldr	r7, [sp, #CTX_CNTVOFF + 4]
	isb
	mrrc	p15, 1, r4, r5, c14
	subs	r4, r4, r6
	sbc	r5, r5, r7
	str	r4, [sp, r2, lsl #2]
	str	r5, [sp, r3, lsl #2]
	b	fast_next

fast_ctr:
	cmp	r0, #15
	beq	und_slow
	give	CTX_CTR

fast_ttbcr_read:
	cmp	r0, #15
	beq	und_slow
	give	CTX_GUEST_TTBCR

/* Linux asks it at each mprotect() and munmap() whether maintenance is broadcast. */
fast_mmfr3:
	cmp	r0, #15
	beq	und_slow
	give	CTX_MMFR3

fast_tpidruro_write:
	ldr	r1, [sp, r0, lsl #2]
	mcr	p15, 0, r1, c13, c0, 3
	b	fast_next

/*
 * STM and LDM of User mode's registers, B9.3.6 and B9.3.17.  A transfer that
 * aborts half-way is done again.
 */
fast_block:
	and	r2, r0, #0xf00
	and	r0, r0, #0xf
	ldr	r1, [sp, r0, lsl #2]	@ base
	add	pc, pc, r2, lsr #6
	nop
	b	fast_stmdb_sp_lr
	b	fast_stmia_sp_lr
	b	fast_stmib_sp_lr
	b	fast_ldmdb_r0_lr
	b	fast_ldmdb_r1_lr
	b	fast_ldmia_r0_lr
	b	fast_ldmia_r1_lr
	b	und_slow		@ LDMDB Rn, {sp, lr}^
	b	und_slow		@ LDMIA Rn, {sp, lr}^
	b	und_slow		@ STMIA Rn, {r0-lr}^
	b	fast_ldmia_return
	b	und_slow
	b	und_slow
	b	und_slow
	b	und_slow
	b	und_slow

fast_stmib_sp_lr:
	add	r1, r1, #12
	b	fast_stmdb_sp_lr
fast_stmia_sp_lr:
	add	r1, r1, #8
fast_stmdb_sp_lr:
	sub	r1, r1, #8
	tst	r1, #3
	bne	und_slow
	not_switch_area r1, r2
	ldr	r2, [sp, #CTX_SP_USR]
	ldr	r3, [sp, #CTX_LR_USR]
	strt	r2, [r1], #4
	strt	r3, [r1]
	b	fast_next

fast_ldmdb_r0_lr:
	sub	r1, r1, #60
fast_ldmia_r0_lr:
	tst	r1, #3
	bne	und_slow
	not_switch_area r1, r2
	add	r2, r1, #60
	not_switch_area r2, r3
	ldr	r0, [r1], #4		@ all that may abort comes before the first store
	ldr	r2, [r1, #52]
	str	r0, [sp]
	b	fast_ldm_tail
fast_ldmdb_r1_lr:
	sub	r1, r1, #56
fast_ldmia_r1_lr:
	tst	r1, #3
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
	b	fast_next

/*
 * LDMIA Rn, {r0-pc}^: the way out of the guest's exceptions within its kernel.
 * Two loads touch all pages that the block has before anything is changed.
 */
fast_ldmia_return:
	tst	r1, #3
	bne	und_slow
	not_switch_area r1, r2
	add	r2, r1, #60
	not_switch_area r2, r3
	ldr	r2, [r1]
	ldr	r4, [r1, #60]		@ pc
	ldr	r2, [sp, #CTX_SPSR_OFFSET]
	load_spsr r3, r2, r5
	return_possible r3, r5, r6
	add	r0, sp, #0
	ldmia	r1!, {r5-r12}
	stmia	r0!, {r5-r12}		@ r0-r7
	ldmia	r1, {r5-r11}
	stmia	r0, {r5-r11}		@ r8-r14 of the mode that ends
	mov	r1, r3
	b	fast_return

/*
 * MOVS PC, LR and SUBS PC, LR, #4 or #8, B9.3.20.
 */
fast_single:
	ldr	r2, [sp, #CTX_SPSR_OFFSET]
	and	r3, r0, #0xf
	tst	r0, #0xf00
	bne	und_slow
	subs	r3, r3, #2		@ 0, 1, 2: minus 0, 4, 8
	blo	und_slow
	cmp	r3, #2
	bhi	und_slow
	ldr	r4, [sp, #CTX_LR]	@ of the current mode
	load_spsr r1, r2, r5
	sub	r4, r4, r3, lsl #2
	return_possible r1, r5, r6

/*
 * Exception return to r4 with the SPSR r1; r2 is the offset of the SPSR of the
 * mode that ends.  The modes are not FIQ, System or an illegal one, and nothing
 * waits for being unmasked.
 */
fast_return:
	str	r1, [sp, r2]
	tst	r1, #PSR_T
	biceq	r4, r4, #3
	biceq	r1, r1, #0x06000000	@ no IT state in ARM state
	biceq	r1, r1, #0xfc00
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
	add	r3, sp, r2
	add	r5, sp, r7
	ldr	r8, [sp, #CTX_SP]
	ldr	r9, [sp, #CTX_LR]
	str	r8, [r3, #CTX_BANK_SP]
	str	r9, [r3, #CTX_BANK_LR]
	ldr	r8, [r5, #CTX_BANK_SP]
	ldr	r9, [r5, #CTX_BANK_LR]
	str	r8, [sp, #CTX_SP]
	str	r9, [sp, #CTX_LR]
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
	mov	r0, #0
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
	@ hardware: ARM state, no IT, little-endian; the flags stay
	bic	r1, r1, #PSR_T
	bic	r1, r1, #PSR_J | 0x06000000
	bic	r1, r1, #0xfe00		@ IT[7:2], E
	msr	spsr_cxsf, r1
	ldr	lr, [sp, #CTX_VECTORS]
	add	lr, lr, #8
	mov	r0, #1
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
	str	r1, [sp, #CTX_TTBR0]
	str	r2, [sp, #CTX_ASID]
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
	add	lr, lr, #4
	ldmia	sp, {r0-r14}^
	movs	pc, lr

/*
 * Back to the host: first as far as the light path (core/engine/light.c) needs it,
 * which most of these exceptions end with.
 * In: r0 context, r1 vector, r2 exception's lr, r3 spsr; IRQ masked by the
 * exception, FIQ open or masked.
 */
leave:
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
	.org	host_arm_switch_start + 4096	@ an error if the code does not fit its page
