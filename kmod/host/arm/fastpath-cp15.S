/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: the fast path's coprocessor registers, maintenance of caches and predictors, and the
 * loops of it.  fastpath.S includes this, and says which registers have what.
 */
	/* Rt, whose number is in r0, becomes what the context has. */
	.macro	give slot
	ldr	r1, [sp, #\slot]
	str	r1, [sp, r0, lsl #2]
	next
	.endm

fast_tpidrprw_read:
	and	r0, r0, #0xf
	give	CTX_TPIDRPRW

fast_tpidrurw_read:
	and	r0, r0, #0xf
	give	CTX_TPIDRURW

fast_tpidrurw_write:
	and	r0, r0, #0xf
	ldr	r1, [sp, r0, lsl #2]
	str	r1, [sp, #CTX_TPIDRURW]
	b	fast_next

fast_sctlr_read:
	and	r0, r0, #0xf
	give	CTX_GUEST_SCTLR

fast_sctlr_write:
	and	r0, r0, #0xf
	ldr	r1, [sp, r0, lsl #2]
	ldr	r2, [sp, #CTX_GUEST_SCTLR]
	cmp	r1, r2
	bne	und_slow
	b	fast_next

fast_dacr_read:
	and	r0, r0, #0xf
	give	CTX_GUEST_DACR

/*
 * A change of the managers, or of the domain that lends its number to the
 * switch area, is C's.  Clients without access are the hardware's domains.
 */
fast_dacr_write:
	and	r0, r0, #0xf
	ldr	r1, [sp, r0, lsl #2]
	ldr	r2, [sp, #CTX_GUEST_DACR]
	ldr	r4, [sp, #CTX_DACR_FREE]
	eor	r0, r1, r2
	bics	r3, r0, r4			@ more than clients come and go
	bne	und_slow
	tst	r1, r0, lsl #1			@ of managers, or reserved
	bne	und_slow
	str	r1, [sp, #CTX_GUEST_DACR]
	ldr	r2, [sp, #CTX_DACR]
	eor	r1, r2, r0
	str	r1, [sp, #CTX_DACR]
	mcr	p15, 0, r1, c3, c0, 0
	isb
	next

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
	mrs	r2, spsr
	tst	r2, #PSR_T
	bne	no_loop			@ written in A32
	mov	r9, lr
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
	and	r0, r0, #0xf
	cache_op c10
fast_dccmvau:
	and	r0, r0, #0xf
	cache_op c11
fast_dccimvac:
	and	r0, r0, #0xf
	cache_op c14

fast_icimvau:
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
	add	r4, r4, #CTX_GUEST_FAULT
	ldr	r1, [sp, r4]
	str	r1, [sp, r0, lsl #2]
	b	fast_next

fast_ttbr1_read:
	give	CTX_GUEST_TTBR1

/*
 * FPEXC, B9.3.21 and B9.3.22.  A kernel that switches tasks turns the unit off
 * each time, and it mostly is.
 */
fast_fpexc:
	ldr	r1, [sp, #CTX_FPEXC]
	tst	r1, #1				@ HOST_ARM_NO_FPEXC
	bne	und_slow
	ldr	r2, [sp, #CTX_INSN]
	tst	r2, #A32_CP_READ
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
	give	CTX_CTR

fast_ttbcr_read:
	give	CTX_GUEST_TTBCR

/* Linux asks it at each mprotect() and munmap() whether maintenance is broadcast. */
fast_mmfr3:
	give	CTX_MMFR3

fast_tpidruro_write:
	and	r0, r0, #0xf
	ldr	r1, [sp, r0, lsl #2]
	mcr	p15, 0, r1, c13, c0, 3
	b	fast_next
