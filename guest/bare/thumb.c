// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: privileged Thumb-2 code. Each instruction that means something else at PL0, in each
 * mode; in IT blocks; across two pages; both instruction sets in one page, reached in every way
 * that there is; and data that looks like such instructions.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

#define SPSR	1u	/* needs an SPSR: not in System mode */

struct code_case {
	const char *name;
	const u32 *code;
	u32 flags;
};

THUMB_CODE(cpsid_i, "cpsid i\n svc #0");
THUMB_CODE(cpsie_i, "cpsie i\n svc #0");
THUMB_CODE(cpsid_aif, "cpsid aif\n svc #0");
THUMB_CODE(cpsie_aif, "cpsie aif\n cpsid f\n svc #0");
THUMB_CODE(cpsid_mode, "cpsid.w if, #0x1f\n svc #0");
THUMB_CODE(cps_mode, "cps #0x12\n mov r1, sp\n cps #0x17\n mov r2, sp\n cps #0x13\n svc #0");
THUMB_CODE(cpsie_w, "cpsie.w a\n svc #0");
THUMB_CODE(mrs_cpsr, "mrs r3, cpsr\n mrs r12, cpsr\n svc #0");
THUMB_CODE(mrs_spsr, "mrs r4, spsr\n svc #0");
THUMB_CODE(msr_f, "movs r1, #0\n mvns r1, r1\n msr cpsr_f, r1\n svc #0");
THUMB_CODE(msr_c, "mrs r1, cpsr\n bic r1, #0xc0\n orr r1, #0x40\n msr cpsr_c, r1\n mrs r2, cpsr\n svc #0");
THUMB_CODE(msr_mode, "mrs r1, cpsr\n bic r1, #0x1f\n orr r1, #0x1b\n msr cpsr_c, r1\n mov r3, sp\n svc #0");
/* As kernels get at User mode's registers */
THUMB_CODE(msr_system,
	   "mrs r1, cpsr\n bic r1, #0x1f\n orr r1, #0x1f\n msr cpsr_c, r1\n mov r2, sp\n mov r3, lr\n add r4, sp, #4\n mov sp, r4\n"
	   " mrs r5, cpsr\n bic r1, #0xcc\n msr cpsr_c, r1\n mov r6, sp\n mrs r7, cpsr\n mrs r8, spsr\n orr r1, #0x8c\n"
	   " msr cpsr_c, r1\n mov r9, sp\n mrs r10, cpsr\n svc #0");
THUMB_CODE(msr_x, "mrs r1, cpsr\n eor r1, #0x100\n msr cpsr_x, r1\n mrs r2, cpsr\n svc #0");
THUMB_CODE(msr_spsr, "ldr r1, =0xf80f0010\n msr spsr_cxsf, r1\n mrs r2, spsr\n svc #0");
THUMB_CODE(msr_spsr_f, "movs r1, #0\n msr spsr_f, r1\n mrs r2, spsr\n svc #0");
THUMB_CODE(return_arm,
	   "movw r1, #0x1d0\n msr spsr_cxsf, r1\n adr r2, 1f\n mov lr, r2\n subs pc, lr, #0\n"
	   ".arm\n.balign 4\n1: svc #0\n.thumb");
THUMB_CODE(return_thumb,
	   "movw r1, #0x1f0\n msr spsr_cxsf, r1\n adr r2, 1f\n adds r2, #4\n mov lr, r2\n subs pc, lr, #4\n"
	   ".balign 4\n1: svc #0");
THUMB_CODE(return_8,
	   "mrs r1, cpsr\n orr r1, #0x20\n msr spsr_cxsf, r1\n adr r2, 1f\n adds r2, #8\n mov lr, r2\n subs pc, lr, #8\n"
	   ".balign 4\n1: movs r5, #5\n svc #0");
THUMB_CODE(rfe_ia, "mrs r2, cpsr\n orr r2, #0x20\n adr r1, 1f\n push {r1, r2}\n rfeia sp!\n .balign 4\n1: svc #0");
THUMB_CODE(rfe_db,
	   "movw r2, #0x1d0\n adr r1, 1f\n sub sp, #8\n strd r1, r2, [sp]\n add r3, sp, #8\n rfedb r3\n"
	   ".arm\n.balign 4\n1: svc #0\n.thumb");
THUMB_CODE(srs_db, "mrs r1, cpsr\n msr spsr_f, r1\n movs r3, #3\n mov lr, r3\n srsdb sp!, #0x13\n svc #0");
THUMB_CODE(srs_ia, "cps #0x1f\n mov r4, sp\n cps #0x13\n movs r3, #7\n mov lr, r3\n srsia sp, #0x1f\n"
	   " cps #0x1f\n ldr r5, [sp]\n cps #0x13\n svc #0");
THUMB_CODE(unpriv,
	   "ldr r1, =thumb_word\n ldrt r2, [r1]\n ldrbt r3, [r1, #1]\n ldrht r4, [r1, #2]\n ldrsbt r5, [r1, #3]\n"
	   " ldrsht r6, [r1]\n strt r3, [r1, #4]\n strbt r2, [r1, #8]\n strht r2, [r1, #12]\n"
	   " ldr r7, [r1, #4]\n ldr r8, [r1, #8]\n ldr r9, [r1, #12]\n svc #0");
THUMB_CODE(thread_regs,
	   "movw r1, #0x1111\n mcr p15, 0, r1, c13, c0, 2\n movw r1, #0x2222\n mcr p15, 0, r1, c13, c0, 3\n"
	   " movw r1, #0x3333\n mcr p15, 0, r1, c13, c0, 4\n mrc p15, 0, r2, c13, c0, 2\n"
	   " mrc p15, 0, r3, c13, c0, 3\n mrc p15, 0, r4, c13, c0, 4\n svc #0");
THUMB_CODE(sctlr, "mrc p15, 0, r1, c1, c0, 0\n mcr p15, 0, r1, c1, c0, 0\n isb\n svc #0");
THUMB_CODE(udf, "udf #0x12");
THUMB_CODE(udf_own, "udf #0x80");
THUMB_CODE(udf_w, "udf.w #0x1234");
THUMB_CODE(bkpt, "bkpt #7");
THUMB_CODE(it_mrs, "cmp r1, r1\n ittee eq\n mrseq r2, cpsr\n moveq r3, #3\n mrsne r4, cpsr\n movne r5, #5\n svc #0");
THUMB_CODE(it_msr, "cmp r1, r1\n mrs r2, cpsr\n bic r2, #0x80\n ite ne\n msrne cpsr_c, r2\n moveq r6, #6\n svc #0");
THUMB_CODE(it_mcr, "cmp r1, r1\n itt ne\n mcrne p15, 0, r1, c13, c0, 2\n mrcne p15, 0, r2, c0, c0, 0\n svc #0");
THUMB_CODE(it_load, "cmp r1, r1\n ldr r3, =thumb_word\n itt eq\n ldrteq r2, [r3]\n addeq r2, #1\n svc #0");
THUMB_CODE(exclusive,
	   "ldr r1, =thumb_word + 16\n 1: ldrex r2, [r1]\n adds r2, #1\n strex r3, r2, [r1]\n cmp r3, #0\n bne 1b\n"
	   "2: ldrexh r4, [r1]\n adds r4, #1\n strexh r3, r4, [r1]\n cmp r3, #0\n bne 2b\n clrex\n svc #0");
/* On a word of its own page: the store can't be the hardware's there. */
THUMB_CODE(exclusive_beside,
	   "adr r1, 9f\n movs r5, #0\n 1: adds r5, #1\n ldrex r2, [r1]\n adds r2, #1\n strex r3, r2, [r1]\n cmp r3, #0\n"
	   " bne 1b\n 2: ldrexd r6, r7, [r1]\n adds r6, #1\n strexd r3, r6, r7, [r1]\n cmp r3, #0\n bne 2b\n"
	   " ldr r4, [r1]\n movs r5, #0\n svc #0\n .balign 8\n9: .word 0x10, 0x20");
/* Literals that are CPSID, MRS and WFI, read as data. */
THUMB_CODE(literals,
	   "ldr r1, 1f\n ldr r2, 2f\n adr r3, 3f\n ldrh r4, [r3]\n ldrh r5, [r3, #2]\n svc #0\n .balign 4\n"
	   "1: .word 0xb672b662\n2: .word 0x8000f3ef\n3: .word 0xbf30b663");
/* The second half of a 32-bit instruction is CPSIE A. */
THUMB_CODE(second_half, "mrs r1, cpsr\n ldr.w r11, 1f\n mrs r2, cpsr\n svc #0\n .balign 4\n .space 0x65c\n1: .word 0x600d");
THUMB_CODE(wfe_sev, "sev\n wfe\n yield\n nop.w\n dsb\n dmb\n isb\n svc #0");
THUMB_CODE(table_b,
	   "movs r0, #1\n tbb [pc, r0]\n1: .byte (2f - 1b) / 2, (3f - 1b) / 2, (4f - 1b) / 2, 0\n"
	   "2: cpsie i\n b 5f\n3: cpsie f\n b 5f\n4: cpsie a\n5: mrs r1, cpsr\n svc #0");
THUMB_CODE(table_h,
	   "movs r0, #2\n tbh [pc, r0, lsl #1]\n1: .hword (2f - 1b) / 2, (3f - 1b) / 2, (4f - 1b) / 2\n"
	   "2: cpsie i\n b 5f\n3: cpsie f\n b 5f\n4: cpsie a\n5: mrs r1, cpsr\n svc #0");

static const struct code_case cases[] = {
#define CASE(code, flags) { #code, code, flags }
	CASE(cpsid_i, 0), CASE(cpsie_i, 0), CASE(cpsid_aif, 0), CASE(cpsie_aif, 0), CASE(cpsid_mode, 0),
	CASE(cps_mode, 0), CASE(cpsie_w, 0), CASE(mrs_cpsr, 0), CASE(mrs_spsr, SPSR), CASE(msr_f, 0),
	CASE(msr_c, 0), CASE(msr_mode, 0), CASE(msr_system, 0), CASE(msr_x, 0), CASE(msr_spsr, SPSR), CASE(msr_spsr_f, SPSR),
	CASE(return_arm, SPSR), CASE(return_thumb, SPSR), CASE(return_8, SPSR), CASE(rfe_ia, 0), CASE(rfe_db, 0),
	CASE(srs_db, SPSR), CASE(srs_ia, SPSR), CASE(unpriv, 0), CASE(thread_regs, 0), CASE(sctlr, 0),
	CASE(udf, 0), CASE(udf_own, 0), CASE(udf_w, 0), CASE(bkpt, 0), CASE(it_mrs, 0), CASE(it_msr, 0),
	CASE(it_mcr, 0), CASE(it_load, 0), CASE(exclusive, 0), CASE(exclusive_beside, 0), CASE(literals, 0),
	CASE(second_half, 0), CASE(wfe_sev, 0), CASE(table_b, 0), CASE(table_h, 0),
};

static const u32 modes[] = { MODE_SVC, MODE_FIQ, MODE_IRQ, MODE_ABT, MODE_UND, MODE_SYS };

u32 thumb_word[8];

static u32 stack[256];

static void run(const char *name, u32 mode, const void *code)
{
	struct state before, s;
	u32 i;

	thumb_word[0] = 0x8899aabb;
	for (i = 1; i < ARRAY_SIZE(thumb_word); i++)
		thumb_word[i] = i;
	state_init(&before, mode, code);
	before.psr |= PSR_T;
	for (i = 0; i < NR_BANKS; i++)
		before.sp[i] = (u32)(stack + 32 + 32 * i);
	s = before;
	enter(&s);
	state_print(name, &s, code, &before);
	if (s.vector == VEC_SVC || s.vector == VEC_UND)
		for (i = 0; i < ARRAY_SIZE(thumb_word); i++)
			if (thumb_word[i] != (i ? i : 0x8899aabb)) {
				print_hex(i);
				print_hex(thumb_word[i]);
				newline();
			}
}

static void each_instruction(void)
{
	u32 m, i;

	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		print("mode ");
		print_hex(modes[m]);
		newline();
		for (i = 0; i < ARRAY_SIZE(cases); i++)
			if (!(cases[i].flags & SPSR) || modes[m] != MODE_SYS)
				run(cases[i].name, modes[m], cases[i].code);
	}
}

/*
 * -- both instruction sets in one page -----------------------------------------------------------
 *
 * Each piece stands in a page of its own, made anew, entered in A32 state at its first word.
 */

#define PAGE(name, text)	CODE_AT(name, 4096, ".arm", text)

/* BLX to what is behind a literal pool; back; by fall-through nothing would be found. */
PAGE(page_blx,
	"cpsie i\n blx 1f\n mrs r5, cpsr\n svc #0\n .word 0x12345678\n .thumb\n1: cpsid if\n mrs r4, cpsr\n bx lr");
/* Behind the BLX, with no branch between; a word of it is an LDM with ^ in A32. */
PAGE(page_mixed,
	"movs r0, #0\n blx 1f\n .thumb\n1: sub sp, #128\n cbnz r0, 2f\n mrs r1, cpsr\n svc #0\n .rept 26\n nop\n .endr\n"
	"2: nop");
/* By a pointer in a literal. */
PAGE(page_pointer,
	"ldr r1, =1f + 1\n blx r1\n mrs r5, cpsr\n svc #0\n .ltorg\n .space 256\n .thumb\n1: cpsie f\n cpsid i\n"
	"mrs r4, cpsr\n bx lr");
/* By ADR, and by MOVW and MOVT. */
PAGE(page_adr,
	"adr r1, 1f + 1\n blx r1\n movw r1, #:lower16:2f + 1\n movt r1, #:upper16:2f + 1\n blx r1\n svc #0\n .thumb\n"
	".balign 4\n1: cpsie f\n mrs r4, cpsr\n bx lr\n .balign 4\n2: cpsid f\n mrs r6, cpsr\n bx lr");
/* T32 to A32 and back: BX pc, BLX, BX of a register. */
PAGE(page_veneer,
	"adr r1, 1f + 1\n bx r1\n .thumb\n.balign 4\n1: mrs r2, cpsr\n bx pc\n nop\n .arm\n mrs r3, cpsr\n adr r1, 2f + 1\n bx r1\n"
	".thumb\n.balign 4\n2: blx 3f\n cpsid f\n mrs r6, cpsr\n svc #0\n .arm\n.balign 4\n3: cpsie f\n mrs r4, cpsr\n bx lr");
/* Functions of a few instructions, A32 and T32 by turns, called by a table of pointers. */
PAGE(page_turns,
	"adr r8, 9f\n mov r9, #6\n1: ldr r1, [r8], #4\n blx r1\n subs r9, r9, #1\n bne 1b\n svc #0\n"
	"2: mrs r2, cpsr\n bx lr\n .thumb\n3: mrs r3, cpsr\n bx lr\n .balign 4\n .arm\n4: cpsie f\n bx lr\n .thumb\n5: cpsid f\n bx lr\n"
	".balign 4\n .arm\n6: mrs r6, cpsr\n bx lr\n .thumb\n7: cpsie f\n mrs r7, cpsr\n bx lr\n .balign 4\n"
	"9: .word 2b, 3b + 1, 4b, 5b + 1, 6b, 7b + 1");
/* A loop that changes state in each turn, with an interrupt's worth of turns. */
PAGE(page_loop,
	"movw r9, #3000\n1: blx 2f\n mrs r3, cpsr\n add r4, r4, r3\n subs r9, r9, #1\n bne 1b\n svc #0\n .thumb\n"
	"2: cpsie f\n mrs r2, cpsr\n cpsid f\n add r5, r2\n bx lr");

static void in_page(const char *name, const u32 *page, u32 mode)
{
	struct state before, s;

	state_init(&before, mode, page);
	before.sp[BANK_SVC] = (u32)(stack + 128);
	before.r[4] = 0;
	before.r[5] = 0;
	s = before;
	enter(&s);
	state_print(name, &s, page, &before);
}

static void both_states(void)
{
	print("both states\n");
#define IN_PAGE(page) in_page(#page, page, MODE_SVC); in_page(#page " again", page, MODE_SYS)
	IN_PAGE(page_blx);
	IN_PAGE(page_mixed);
	IN_PAGE(page_pointer);
	IN_PAGE(page_adr);
	IN_PAGE(page_veneer);
	IN_PAGE(page_turns);
	IN_PAGE(page_loop);
}

/*
 * -- code that nothing in its page leads to -----------------------------------------------------------
 *
 * Executed first without an exception on the way there.
 */

/* Two functions with a table between, as a kernel's vectors are; another page has the branch to the second. */
CODE_AT(stubs, 4096, ".thumb",
	"mrs r2, cpsr\n adr r0, 1f\n movs r1, #0\n ldr.w r3, [r0, r1, lsl #2]\n svc #0\n .balign 4\n"
	"1: .rept 16\n .word 0xc0100a3d\n .endr\n .globl second_stub\n .thumb_func\nsecond_stub: mrs r4, cpsr\n bic r5, r4, #0x40\n"
	"msr cpsr_c, r5\n mrs r6, cpsr\n svc #0");
CODE_AT(to_second_stub, 4096, ".thumb", "b.w second_stub");

/*
 * An IT block of which the halves are A32's MRC of TPIDRURW when they are taken for a word.
 * r1 is 1 or 0: the condition passes or not.
 */
#define IT_BLOCK(name, value)								\
	CODE_AT(name, 4096, ".thumb",							\
		"movs r2, #58\n add r2, pc\n mov pc, r2\n udf #1\n .org " #name " + 64\n movs r1, #" value "\n nop\n"	\
		"itt ne\n mcrne p15, 0, r1, c13, c0, 2\n mrcne p15, 0, r3, c13, c0, 2\n mrc p15, 0, r4, c13, c0, 2\n svc #0")
IT_BLOCK(it_passes, "1");
IT_BLOCK(it_fails, "0");

static void unknown(void)
{
	print("not known\n");
	run("first stub", MODE_SVC, stubs);
	run("second stub", MODE_IRQ, to_second_stub);
	run("second stub again", MODE_SVC, to_second_stub);
	run("in an IT block", MODE_SVC, it_passes);
	run("in one that fails", MODE_SVC, it_fails);
}

/*
 * -- over a page's end, and put elsewhere ------------------------------------------------------------
 */

static void put_half(u32 at, u32 half)
{
	*(volatile u16 *)at = half;
}

/* Each 32-bit instruction with a half in each of two pages. */
static void over_the_end(void)
{
	static const struct {
		const char *name;
		u16 hw1, hw2;
	} wide[] = {
		{ "mrs", 0xf3ef, 0x8400 }, { "msr", 0xf381, 0x8100 }, { "cps", 0xf3af, 0x8640 },
		{ "ldrt", 0xf852, 0x4e00 }, { "tpidrurw", 0xee1d, 0x4f50 }, { "mov.w", 0xf04f, 0x0477 },
	};
	const u32 page = TEST_RAM + 0x2000;
	struct state before, s;
	u32 i;

	print("over a page's end\n");
	for (i = 0; i < ARRAY_SIZE(wide); i++) {
		put_half(page - 4, 0xbf00);
		put_half(page - 2, wide[i].hw1);
		put_half(page, wide[i].hw2);
		put_half(page + 2, 0xdf00);
		sync_code((void *)(page - 4), 8);
		state_init(&before, MODE_SVC, (void *)(page - 4));
		before.psr |= PSR_T;
		before.r[1] = before.psr & ~PSR_F;
		before.r[2] = (u32)thumb_word;
		s = before;
		enter(&s);
		state_print(wide[i].name, &s, (void *)(page - 4), &before);
	}
}

THUMB_CODE(template, "cpsie f\n mrs r1, cpsr\n cpsid.w f\n mrs r2, cpsr\n svc #0");

/* Code that is read out of where it runs and put elsewhere runs there, too. */
static void put_elsewhere(void)
{
	u16 *to = (u16 *)(TEST_RAM + 0x4000);
	const volatile u16 *from = (const volatile u16 *)template;
	u32 i;

	print("put elsewhere\n");
	run("template", MODE_SVC, template);
	for (i = 0; i < 32; i++)
		to[i] = from[i];
	sync_code(to, 64);
	run("copy", MODE_SVC, to);
	for (i = 0; i < 32; i++)
		to[i] = ((u16 *)(TEST_RAM + 0x4000))[i];
	sync_code(to, 64);
	run("copy of the copy", MODE_SYS, to);
}

/* SCTLR.TE: exceptions in T32 state. The handler gives the vectors and TE back. */
CODE_AT(te_vectors, 32, ".thumb",
	".rept 8\n b.w 1f\n.endr\n"
	"1: mrs r11, cpsr\n ldr r12, =vectors\n mcr p15, 0, r12, c12, c0, 0\n mrc p15, 0, r12, c1, c0, 0\n"
	"bic r12, #0x40000000\n mcr p15, 0, r12, c1, c0, 0\n isb\n mrs r12, spsr\n svc #0\n");

static void taken_in_thumb(void)
{
	struct state before, s;
	u32 m;

	print("SCTLR.TE\n");
	for (m = 0; m < 3; m++) {
		state_init(&before, m == 2 ? MODE_USR : MODE_SVC, m == 1 ? cpsid_i : udf);
		before.psr |= PSR_T;
		mcr((u32)te_vectors, 0, c12, c0, 0);
		set_sctlr(get_sctlr() | SCTLR_TE);
		s = before;
		enter(&s);
		/* r12 of the first exception's is what it came from */
		state_print("exception", &s, te_vectors, &before);
	}
}

void test(void)
{
	each_instruction();
	both_states();
	unknown();
	over_the_end();
	put_elsewhere();
	taken_in_thumb();
}
