/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 host: the fast path's coprocessor registers and cache maintenance.  fastpath.S includes this,
 * and says which registers have what.
 */
/* Not a replacement: what an abort is about, TTBR1, TTBCR, ID_MMFR3, FPEXC */
trapping:
	const32	w23, 0xffff, 0x0fff
	and	w23, w23, w19
	insn	w22, A32_VMSR_FPEXC
	bic	w24, w23, #A32_CP_READ		// A32_VMRS_FPEXC
	cmp	w24, w22
	b.eq	fpexc
	ldr	x24, [x15, #CTX_CP15]
	insn	w22, A32_MRC_TTBR1
	cmp	w23, w22
	b.eq	ttbr1
	insn	w22, A32_MCR_TTBCR
	bic	w25, w23, #A32_CP_READ		// A32_MRC_TTBCR
	cmp	w25, w22
	b.eq	ttbcr
	insn	w22, A32_MRC_ID_MMFR3
	cmp	w23, w22
	b.eq	mmfr3
	insn	w22, A32_MRC_DFSR
	sub	w23, w23, w22
	lsr	w19, w19, #12			// Rt
	cbz	w23, 1f
	cmp	w23, #(A32_MRC_IFSR - A32_MRC_DFSR)
	b.eq	2f
	sub	w23, w23, #((A32_MRC_DFAR - A32_MRC_DFSR) >> 12), lsl #12
	cbz	w23, 3f
	cmp	w23, #(A32_MRC_IFAR - A32_MRC_DFAR)
	b.ne	slow
	ldr	w22, [x24, #CP15_IFAR]
	b	put_next
1:	ldr	w22, [x24, #CP15_DFSR]
	b	put_next
2:	ldr	w22, [x24, #CP15_IFSR]
	b	put_next
3:	ldr	w22, [x24, #CP15_DFAR]
	b	put_next

/* Linux asks it at each mprotect() and munmap() whether maintenance is broadcast. */
mmfr3:
	lsr	w19, w19, #12			// Rt
	ldr	w22, [x24, #CP15_ID_MMFR3]
	b	put_next

ttbr1:
	lsr	w19, w19, #12			// Rt
	ldr	w22, [x24, #CP15_TTBR1]
	b	put_next

/*
 * A kernel that switches tasks turns the unit off each time, and it mostly is.  CPACR, B4.1.40:
 * its bit 20 allows privileged modes.
 */
fpexc:
	ldr	x24, [x15, #CTX_CP15]
	ldr	w22, [x24, #CP15_CPACR]
	tbz	w22, #20, slow
	ldr	w25, [x24, #CP15_TO_FPEXC]
	mov	w23, w19
	lsr	w19, w19, #12			// Rt
	mov	w22, w25
	tbnz	w23, #20, put_next
	bl	get_register
	eor	w22, w22, w25
	tbnz	w22, #30, slow			// EN
	b	next

/* enum patch_cp */
cp:
	ldr	x24, [x15, #CTX_CP15]
	ubfx	w23, w19, #8, #4
	cmp	w23, #PATCH_CP_DACR_READ
	b.eq	1f
	cmp	w23, #PATCH_CP_DACR_WRITE
	b.eq	write_dacr
	cmp	w23, #PATCH_CP_DCCIMVAC
	b.ls	2f
	cmp	w23, #PATCH_CP_SCTLR_READ
	b.eq	3f
	cmp	w23, #PATCH_CP_SCTLR_WRITE
	b.eq	4f
	cmp	w23, #PATCH_CP_TPIDRURW_READ
	b.eq	5f
	cmp	w23, #PATCH_CP_TPIDRURW_WRITE
	b.eq	6f
	cmp	w23, #PATCH_CP_TPIDRURO_WRITE
	b.ne	slow
	bl	get_register
	str	w22, [x24, #CP15_TPIDRURO]
	msr	tpidrro_el0, x22
	b	next
1:	ldr	w22, [x24, #CP15_DACR]
	b	put_next
2:	cmp	w23, #PATCH_CP_TPIDRPRW_WRITE
	b.eq	slow
	b.hi	clean
	ldr	w22, [x24, #CP15_TPIDRPRW]	// PATCH_CP_TPIDRPRW_READ
	b	put_next
3:	ldr	w22, [x24, #CP15_SCTLR]
	b	put_next
4:	bl	get_register
	ldr	w23, [x24, #CP15_SCTLR]
	cmp	w22, w23
	b.ne	slow
	b	next
5:	ldr	w22, [x24, #CP15_TPIDRURW]
	b	put_next
6:	bl	get_register
	str	w22, [x24, #CP15_TPIDRURW]
	b	next

/*
 * Data cache maintenance by address (PATCH_CP_DCCMVAC, PATCH_CP_DCCMVAU, PATCH_CP_DCIMVAC,
 * PATCH_CP_DCCIMVAC): the real thing to the point of unification, for the instruction side's
 * sake; no device looks past the caches.  It wants a translation only.
 */
clean:
	bl	get_register
	/* Cortex-A53 826319, 827319, 824069, 819472 */
alternative_if_not ARM64_WORKAROUND_CLEAN_CACHE
	dc	cvau, x22
alternative_else
	dc	civac, x22
alternative_endif
	b	next

	/*
	 * The register of w19 is written to \reg, which selects tables: those that it had before its
	 * last change, if it is what it was then.
	 */
	.macro	select_tables reg, bit
	ldr	w25, [x15, #CTX_FAST]
	tbz	w25, #\bit, slow
	bl	get_register
	ldr	w25, [x15, #CTX_SELECTOR]
	cmp	w22, w25
	b.eq	next
	ldr	w26, [x15, #CTX_OTHER_SELECTOR]
	cmp	w22, w26
	b.ne	slow
	ldp	x29, x30, [x15, #CTX_TTBR0 + 16]
	cbz	x29, slow
	ldp	x27, x28, [x15, #CTX_TTBR0]
	stp	x29, x30, [x15, #CTX_TTBR0]
	stp	x27, x28, [x15, #CTX_TTBR0 + 16]
	ldp	x27, x28, [x15, #CTX_ROOT]
	ldp	x23, x30, [x15, #CTX_ROOT + 16]
	stp	x23, x30, [x15, #CTX_ROOT]
	stp	x27, x28, [x15, #CTX_ROOT + 16]
	str	w22, [x15, #CTX_SELECTOR]
	str	w25, [x15, #CTX_OTHER_SELECTOR]
	str	w22, [x24, #\reg]
	str	x29, [x15, #CTX_LIVE]
	msr	ttbr0_el1, x29
	b	next
	.endm

/* SW PAN of kernels with short descriptors */
write_dacr:
	select_tables CP15_DACR, FAST_DACR_BIT

/* CPU_TTBR0_PAN of those with long ones */
ttbcr:
	ubfx	w23, w19, #20, #1		// a read?
	lsr	w19, w19, #12			// Rt
	cbz	w23, 1f
	ldr	w22, [x24, #CP15_TTBCR]
	b	put_next
1:	select_tables CP15_TTBCR, FAST_TTBCR_BIT
