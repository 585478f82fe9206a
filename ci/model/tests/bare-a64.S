/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bare arm64 machine for the plugin: maintenance done right (good_...) and with a step missing
 * (bad_COMPLAINT_...).  Complaints have a pc between a label and the next one; ci/tests/unit/model.sh compares.
 *
 * Runs at EL1, at 0xffffff8000000000 + the physical address (TTBR1); the window in TTBR0 is what
 * the cases remap.  Loads of the kernel's that the model sees are LDTR.
 */
#define HIGH		0xffffff8000000000
#define TABLES		0x40200000
#define L1		(HIGH + TABLES)
#define L2		(HIGH + TABLES + 0x1000)
#define L3		(HIGH + TABLES + 0x2000)
#define L3B		(HIGH + TABLES + 0x4000)
#define L1_HIGH		(TABLES + 0x3000)
#define DATA		0x40210000
/* AF, inner shareable, user, nG */
#define PAGE		0xf43
#define BLOCK		0x701
#define VA		0x1000

	.macro	loadimm reg, value
	movz	\reg, #((\value) & 0xffff)
	movk	\reg, #((\value) >> 16 & 0xffff), lsl #16
	movk	\reg, #((\value) >> 32 & 0xffff), lsl #32
	movk	\reg, #((\value) >> 48 & 0xffff), lsl #48
	.endm

	/* The descriptor of VA becomes one of DATA's pages. */
	.macro	set_page n
	loadimm	x9, L3 + 8 * (VA >> 12)
	loadimm	x10, DATA + \n * 0x1000 + PAGE
	str	x10, [x9]
	.endm

	.macro	clear_page
	loadimm	x9, L3 + 8 * (VA >> 12)
	str	xzr, [x9]
	.endm

	.macro	use_page
	mov	x11, #VA
	ldtr	x12, [x11]
	.endm

	.macro	tlbi_page op
	mov	x11, #(VA >> 12)
	tlbi	\op, x11
	.endm

	/* All that it takes. */
	.macro	fresh n
	clear_page
	dsb	ishst
	tlbi	vmalle1is
	dsb	ish
	set_page \n
	dsb	ishst
	isb
	.endm

	.text
	.globl	_start
_start:
	loadimm	x9, TABLES
	mov	x10, #0x5000
1:	subs	x10, x10, #8
	str	xzr, [x9, x10]
	b.ne	1b
	/* Identity for a moment, and the window. */
	loadimm	x10, 0x40000000 + BLOCK
	str	x10, [x9, #8]
	loadimm	x10, TABLES + 0x1003
	str	x10, [x9]
	loadimm	x11, TABLES + 0x1000
	loadimm	x10, TABLES + 0x2003
	str	x10, [x11]
	loadimm	x11, L1_HIGH
	loadimm	x10, 0x40000000 + BLOCK
	str	x10, [x11, #8]
	dsb	sy
	msr	ttbr0_el1, x9
	msr	ttbr1_el1, x11
	/* T0SZ 32, T1SZ 25, A1, TG1 4 KiB, walks cacheable and inner shareable, 48 bits */
	loadimm	x10, (32 | 25 << 16 | 1 << 22 | 2 << 30 | 0x3500 | 0x35000000 | 5 << 32)
	msr	tcr_el1, x10
	mov	x10, #0xff
	msr	mair_el1, x10
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	loadimm	x10, 0x30d01805
	msr	sctlr_el1, x10
	isb
	adr	x10, cases
	loadimm	x11, HIGH
	orr	x10, x10, x11
	br	x10

cases:
good_nothing:
	fresh	0
	use_page
	use_page

good_break_before_make:
	fresh	0
	use_page
	clear_page
	dsb	ishst
	tlbi_page vae1is
	dsb	ish
	set_page 1
	dsb	ishst
	isb
	use_page

good_last_level:
	fresh	0
	use_page
	clear_page
	dsb	nshst
	tlbi_page vale1
	dsb	nsh
	set_page 1
	dsb	ishst
	isb
	use_page

bad_tlb_remapped_no_tlbi:
	fresh	0
	use_page
	set_page 1
	dsb	ishst
	isb
	use_page

bad_tlb_remapped_other_page:
	fresh	0
	use_page
	clear_page
	dsb	ishst
	mov	x11, #7
	tlbi	vae1is, x11
	dsb	ish
	set_page 1
	dsb	ishst
	isb
	use_page

bad_tlb_remapped_table:
	fresh	0
	use_page
	loadimm	x9, L3B + 8 * (VA >> 12)
	loadimm	x10, DATA + 0x2000 + PAGE
	str	x10, [x9]
	loadimm	x9, L2
	loadimm	x10, TABLES + 0x4003
	str	x10, [x9]
	dsb	ishst
	tlbi_page vale1is
	dsb	ish
	isb
	use_page
	loadimm	x10, TABLES + 0x2003
	str	x10, [x9]
	dsb	ishst
	tlbi	vmalle1is
	dsb	ish
	isb

bad_store_without_dsb_pte:
	fresh	0
	use_page
	clear_page
	tlbi_page vae1is
	dsb	ish
	set_page 1
	dsb	ishst
	isb
	use_page

bad_register_without_isb_ttbr0:
	fresh	0
	loadimm	x9, TABLES
	msr	ttbr0_el1, x9
	use_page

good_register:
	msr	ttbr0_el1, x9
	isb
	use_page

	/*
	 * Code that changes: \steps are done after the store.  The code is the case's own, so
	 * that a complaint's pc is in it.
	 */
	.macro	code steps:vararg
	adr	x9, 8f
	blr	x9
	loadimm	x10, 0xd2800040		/* mov x0, #2 */
	str	w10, [x9]
	\steps
	blr	x9
	b	9f
	.balign	64
8:	mov	x0, #1
	ret
	.balign	64
9:
	.endm

	.macro	all_of_it
	dc	cvau, x9
	dsb	ish
	ic	ivau, x9
	dsb	ish
	isb
	.endm
	.macro	no_clean
	ic	ivau, x9
	dsb	ish
	isb
	.endm
	.macro	no_ic
	dc	cvau, x9
	dsb	ish
	isb
	.endm
	.macro	no_isb
	dc	cvau, x9
	dsb	ish
	ic	ivau, x9
	dsb	ish
	.endm
	.macro	no_dsb
	dc	cvau, x9
	dsb	ish
	ic	ivau, x9
	isb
	.endm

good_code:
	code	all_of_it
bad_icache_not_clean_code:
	code	no_clean
bad_icache_stale_code:
	code	no_ic
bad_ic_without_isb_code:
	code	no_isb
bad_ic_without_dsb_code:
	code	no_dsb

good_end:
	loadimm	x0, 0x84000008			/* PSCI: SYSTEM_OFF */
	hvc	#0
	b	.
