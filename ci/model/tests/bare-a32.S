/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same as bare-a64.S on Armv7-A: at 0x80000000 + the physical address, where Linux has itself;
 * the window is the first MiB.  Loads of the kernel's that the model sees are LDRT.
 */
	.arch	armv7-a
	.arch_extension virt
	.equ	HIGH, 0x80000000
	.equ	L1, 0x40200000
	.equ	L2, 0x40210000
	.equ	DATA, 0x40220000
	/* small, TEX 001, C, B, AP 011, S, nG */
	.equ	PAGE, 0xc7e
	/* the same as a section, global */
	.equ	SECTION, 0x11c0e
	.equ	VA, 0x1000

	.macro	loadimm reg, value
	movw	\reg, #:lower16:(\value)
	movt	\reg, #:upper16:(\value)
	.endm

	.macro	set_page n
	loadimm	r9, HIGH + L2 + 4 * (VA >> 12)
	loadimm	r10, DATA + \n * 0x1000 + PAGE
	str	r10, [r9]
	.endm

	.macro	clear_page
	loadimm	r9, HIGH + L2 + 4 * (VA >> 12)
	mov	r10, #0
	str	r10, [r9]
	.endm

	.macro	use_page
	mov	r11, #VA
	ldrt	r12, [r11]
	.endm

	/* CONTEXTIDR is 3. */
	.macro	tlbi_page crm
	mov	r11, #VA
	orr	r11, #3
	mcr	p15, 0, r11, c8, \crm, 1
	.endm

	.macro	fresh n
	clear_page
	dsb	ishst
	mcr	p15, 0, r10, c8, c3, 0
	dsb	ish
	set_page \n
	dsb	ishst
	isb
	.endm

	.text
	.globl	_start
_start:
	loadimm	r9, L1
	mov	r10, #0
	mov	r11, #0x4000
1:	subs	r11, #4
	str	r10, [r9, r11]
	bne	1b
	loadimm	r11, L2
	mov	r12, #0x400
1:	subs	r12, #4
	str	r10, [r11, r12]
	bne	1b
	add	r11, #1
	str	r11, [r9]
	/* 4 MiB, identity and high */
	loadimm	r10, 0x40000000 + SECTION
	loadimm	r11, L1 + 0x400 * 4
	loadimm	r12, L1 + 0xc00 * 4
	mov	r8, #4
1:	str	r10, [r11], #4
	str	r10, [r12], #4
	add	r10, #0x100000
	subs	r8, #1
	bne	1b
	dsb
	mcr	p15, 0, r9, c2, c0, 0
	mov	r10, #0
	mcr	p15, 0, r10, c2, c0, 2
	mov	r10, #1
	mcr	p15, 0, r10, c3, c0, 0
	mov	r10, #3
	mcr	p15, 0, r10, c13, c0, 1
	mcr	p15, 0, r10, c8, c7, 0
	mcr	p15, 0, r10, c7, c5, 0
	dsb
	isb
	mrc	p15, 0, r10, c1, c0, 0
	loadimm	r11, 0x3005			/* V, I, C, M */
	orr	r10, r11
	mcr	p15, 0, r10, c1, c0, 0
	isb
	adr	r10, cases
	orr	r10, #HIGH
	bx	r10

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
	tlbi_page c3
	dsb	ish
	set_page 1
	dsb	ishst
	isb
	use_page

good_condition:
	fresh	0
	use_page
	clear_page
	dsb	ishst
	cmp	r9, r9
	mov	r11, #VA
	orr	r11, #3
	mcreq	p15, 0, r11, c8, c7, 1
	dsb	nsh
	set_page 1
	dsb	ishst
	isb
	use_page

bad_tlb_remapped_condition:
	fresh	0
	use_page
	clear_page
	dsb	ishst
	cmp	r9, r9
	mov	r11, #VA
	orr	r11, #3
	mcrne	p15, 0, r11, c8, c7, 1
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

bad_tlb_remapped_other_asid:
	fresh	0
	use_page
	clear_page
	dsb	ishst
	mov	r11, #VA
	orr	r11, #4
	mcr	p15, 0, r11, c8, c7, 1
	dsb	nsh
	set_page 1
	dsb	ishst
	isb
	use_page

bad_store_without_dsb_pte:
	fresh	0
	use_page
	clear_page
	tlbi_page c3
	dsb	ish
	set_page 1
	dsb	ishst
	isb
	use_page

bad_register_without_isb_ttbr0:
	fresh	0
	loadimm	r9, L1
	mcr	p15, 0, r9, c2, c0, 0
	use_page

good_register:
	mcr	p15, 0, r9, c2, c0, 0
	isb
	use_page

	.macro	code steps:vararg
	adr	r9, 8f
	blx	r9
	loadimm	r10, 0xe3a00002			/* mov r0, #2 */
	str	r10, [r9]
	\steps
	blx	r9
	b	9f
	.balign	64
8:	mov	r0, #1
	bx	lr
	.balign	64
9:
	.endm

	.macro	clean
	mcr	p15, 0, r9, c7, c11, 1
	dsb	ish
	.endm
	.macro	inval
	mcr	p15, 0, r9, c7, c5, 1
	.endm
	.macro	all_of_it
	clean
	inval
	dsb	ish
	isb
	.endm
	.macro	no_clean
	inval
	dsb	ish
	isb
	.endm
	.macro	no_ic
	clean
	isb
	.endm
	.macro	no_isb
	clean
	inval
	dsb	ish
	.endm
	.macro	no_dsb
	clean
	inval
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
	loadimm	r0, 0x84000008
	hvc	#0
	b	.
