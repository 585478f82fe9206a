// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare guest: what User mode may do: timers by CNTKCTL, thread registers, barriers, hints and waits,
 * IT blocks, breakpoint and halting instructions, unaligned accesses of FP registers, all in ARM and in
 * Thumb state (ARM DDI 0406C A2, A8.8, B4.1.26, B8.1).  Newer cores run it in their AArch32 state,
 * which has changed some of this, or lets a host choose.
 */
#include "lib/bare.h"
#include "lib/mmu.h"

static u32 code[16];

/* One instruction and an SVC, ARM or Thumb-2; what became of it. */
static void one(const char *name, u32 psr, u32 word, u32 r1, u32 r2)
{
	struct state before, s;

	if (psr & PSR_T) {
		code[0] = word << 16 | word >> 16;
		code[1] = 0xdf00df00;
	} else {
		code[0] = word;
		code[1] = 0xef000000;
	}
	sync_code(code, 8);
	state_init(&before, psr & 0x1f, code);
	before.psr |= psr;
	before.r[1] = r1;
	before.r[2] = r2;
	s = before;
	enter(&s);
	state_print(name, &s, code, &before);
}

/* The same where the value isn't for printing: only whether it is undefined. */
static void allowed(u32 psr, u32 word)
{
	struct state s;

	code[0] = psr & PSR_T ? word << 16 | word >> 16 : word;
	code[1] = psr & PSR_T ? 0xdf00df00 : 0xef000000;
	sync_code(code, 8);
	state_init(&s, psr & 0x1f, code);
	s.psr |= psr;
	s.r[2] = s.r[3] = 0;
	enter(&s);
	print(s.vector == VEC_SVC ? "+" : s.vector == VEC_UND ? "-" : "?");
}

static void timers(void)
{
	static const u32 enables[] = { 0, 1, 2, 3, 0x100, 0x200, 0x303 };
	static const u32 words[] = {
		0xee1e2f10,				/* MRC CNTFRQ */
		0xec532f0e, 0xec532f1e,			/* MRRC CNTPCT, CNTVCT */
		0xee1e2f12, 0xee1e2f32, 0xec532f2e,	/* CNTP_TVAL, CTL, CVAL */
		0xee1e2f13, 0xee1e2f33, 0xec532f3e,	/* CNTV_TVAL, CTL, CVAL */
		0xee0e2f12, 0xee0e2f32, 0xec432f2e,	/* and written */
		0xee0e2f13, 0xee0e2f33, 0xec432f3e,
		0xee0e2f10, 0xee1e2f11, 0xee0e2f11,	/* CNTFRQ, CNTKCTL */
	};
	u32 e, i;

	for (e = 0; e < ARRAY_SIZE(enables); e++) {
		mcr(enables[e], 0, c14, c1, 0);
		isb();
		print("timers ");
		print_hex(mrc(0, c14, c1, 0));
		for (i = 0; i < ARRAY_SIZE(words); i++) {
			allowed(MODE_USR, words[i]);
			allowed(MODE_USR | PSR_T, words[i]);
			if (i < ARRAY_SIZE(words) - 1 && i != ARRAY_SIZE(words) - 3)
				allowed(MODE_SVC, words[i]);
		}
		newline();
	}
	mcr(0, 0, c14, c1, 0);
}

static void thread_registers(void)
{
	static const u32 modes[] = { MODE_USR, MODE_SVC, MODE_USR | PSR_T, MODE_IRQ, MODE_SYS };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		mcr(0x11111111 * i + 1, 0, c13, c0, 2);
		mcr(0x11111111 * i + 2, 0, c13, c0, 3);
		mcr(0x11111111 * i + 3, 0, c13, c0, 4);
		one("tpidrurw", modes[i], 0xee1d2f50, 0, 0);
		one("tpidruro", modes[i], 0xee1d2f70, 0, 0);
		one("tpidrprw", modes[i], 0xee1d2f90, 0, 0);
		one("tpidrurw, write", modes[i], 0xee0d2f50, 0, 0x1234 + i);
		one("tpidruro, write", modes[i], 0xee0d2f70, 0, 0x2345 + i);
		one("tpidrprw, write", modes[i], 0xee0d2f90, 0, 0x3456 + i);
		print_hex(mrc(0, c13, c0, 2));
		print_hex(mrc(0, c13, c0, 3));
		print_hex(mrc(0, c13, c0, 4));
		newline();
	}
}

/* IT blocks of several and of wide instructions, with exceptions inside of them. */
THUMB_CODE(it_wide, "cmp r1, r1\n ittet eq\n addeq.w r2, r2, #0x100\n ldreq.w r3, [r1]\n addne r4, #1\n"
	   "movweq r5, #0x1234\n svc #0");
THUMB_CODE(it_pc, "cmp r1, r1\n itt eq\n addeq r2, #1\n beq.n 1f\n add r2, #2\n 1: it ne\n bne.w 1b\n it ne\n bxne lr\n svc #0");
THUMB_CODE(it_svc, "cmp r1, r1\n itte eq\n moveq r2, #1\n svceq #0\n movne r2, #2\n svc #0");
THUMB_CODE(it_cp, "cmp r1, r1\n ittt ne\n mrcne p15, 0, r2, c13, c0, 3\n mrcne p15, 0, r2, c13, c0, 4\n mcrne p15, 0, r2, c7, c10, 5\n"
	   "ite eq\n mrceq p15, 0, r3, c13, c0, 3\n mrcne p15, 0, r3, c13, c0, 4\n svc #0");
THUMB_CODE(it_undef, "cmp r1, r1\n itt eq\n moveq r2, #1\n mrceq p15, 0, r2, c13, c0, 4\n svc #0");
THUMB_CODE(it_fp, "cmp r1, r1\n itet eq\n .inst.w 0xeef12a10\n .inst.w 0xeef13a10\n moveq r4, #4\n svc #0");
THUMB_CODE(it_abort, "cmp r1, r1\n ittt eq\n moveq r2, #1\n ldreq r3, [r6]\n moveq r2, #2\n svc #0");
THUMB_CODE(it_wfi, "cmp r1, r1\n itet eq\n .inst.n 0xbf40\n .inst.n 0xbf30\n .inst.n 0xbf20\n svc #0");

/* BXJ where Jazelle is trivial is BX (A8.8.28). */
static void bxj(void)
{
	one("bxj", MODE_USR, 0xe12fff21, (u32)&code[1], 0);
	one("bxj to thumb", MODE_USR, 0xe12fff21, (u32)it_svc + 1, 0);
	one("bxj, thumb", MODE_USR | PSR_T, 0xf3c18f00, (u32)&code[1] + 1, 0);
}

static void instructions(void)
{
	static const struct {
		const char *name;
		u32 arm, thumb;		/* 0: none */
	} words[] = {
		{ "isb by cp15", 0xee072f95, 0xee072f95 }, { "dsb by cp15", 0xee072f9a, 0xee072f9a },
		{ "dmb by cp15", 0xee072fba, 0xee072fba },
		{ "isb", 0xf57ff06f, 0xf3bf8f6f }, { "dsb", 0xf57ff04f, 0xf3bf8f4f },
		{ "dmb ish", 0xf57ff05b, 0xf3bf8f5b },
		{ "nop", 0xe320f000, 0xf3af8000 }, { "yield", 0xe320f001, 0xf3af8001 },
		{ "sev", 0xe320f004, 0xf3af8004 }, { "wfe after sev", 0xe320f002, 0xf3af8002 },
		{ "dbg", 0xe320f0f3, 0xf3af80f3 }, { "hint", 0xe320f0a0, 0xf3af80a0 },
		{ "bkpt", 0xe1212374, 0xbe12bf00 }, { "hlt", 0xe1012374, 0xba92bf00 },
		{ "udf", 0xe7f123f4, 0xf7f1a234 }, { "narrow udf", 0, 0xde12bf00 },
		{ "smc", 0xe1600070, 0xf7f08000 }, { "hvc", 0xe1400070, 0xf7e08000 },
		{ "eret", 0xe160006e, 0xf3de8f00 }, { "clrex", 0xf57ff01f, 0xf3bf8f2f },
		{ "setend be", 0xf1010200, 0xb658bf00 }, { "cpsid", 0xf10c00c0, 0xb672bf00 },
		{ "msr apsr", 0xe128f002, 0xf3828800 },
		{ "mcr cp7", 0xee072710, 0xee072710 },
		{ "ldc cp14", 0xed912e00, 0xed912e00 }, { "cdp cp5", 0xee000500, 0xee000500 },
		{ "sdiv by 0", 0xe712f312, 0xfb92f2f3 }, { "rbit", 0xe6ff2f32, 0xfa92f2a2 },
		{ "pld", 0xf5d1f000, 0xf891f000 }, { "pldw", 0xf591f000, 0xf8b1f000 }, { "pli", 0xf4d1f000, 0xf991f000 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].arm)
			one(words[i].name, MODE_USR, words[i].arm, FREE_RAM, 0x80000000);
		if (words[i].thumb)
			one(words[i].name, MODE_USR | PSR_T, words[i].thumb, FREE_RAM, 0x80000000);
	}
}

/* MRS of the CPSR: N to Q and GE; of the rest User mode gets what the core likes (B9.3.8). */
static void read_cpsr(void)
{
	static const u32 psr[] = { MODE_USR | 0xa8050000, MODE_USR | PSR_T | 0x500a0000 };
	struct state s;
	u32 i;

	for (i = 0; i < 2; i++) {
		code[0] = i ? 0x8200f3ef : 0xe10f2000;
		code[1] = i ? 0xdf00df00 : 0xef000000;
		sync_code(code, 8);
		state_init(&s, MODE_USR, code);
		s.psr |= psr[i];
		enter(&s);
		print_hex(s.vector);
		print_hex(s.r[2] & 0xf80f0000);
	}
	newline();
}

static void it_blocks(void)
{
	static const struct {
		const char *name;
		const u32 *code;
	} blocks[] = {
		{ "wide", it_wide }, { "pc", it_pc }, { "svc", it_svc }, { "cp15", it_cp },
		{ "undefined", it_undef }, { "fp", it_fp }, { "abort", it_abort }, { "hints", it_wfi },
	};
	struct state before, s;
	u32 i, fp;

	for (fp = 0; fp < 2; fp++) {
		asm volatile(".fpu neon\n vmsr fpexc, %0" : : "r" (fp << 30));
		for (i = 0; i < ARRAY_SIZE(blocks); i++) {
			state_init(&before, MODE_USR | PSR_T, blocks[i].code);
			before.psr |= PSR_T;
			before.r[1] = FREE_RAM;
			before.r[6] = 0x90000000;
			s = before;
			enter(&s);
			state_print(blocks[i].name, &s, blocks[i].code, &before);
		}
	}
}

#define GICD	0x08000000u
#define GICC	0x08010000u
#define reg(a)	(*(volatile u32 *)(a))

/* WFI with an interrupt pending, masked: it goes on (A8.8.425); WFE may always. */
static void waits(void)
{
	static const u32 modes[] = { MODE_USR, MODE_USR | PSR_T, MODE_SVC, MODE_SYS };
	u32 i;

	reg(GICD) = 1;
	reg(GICC + 4) = 0xff;
	reg(GICC) = 1;
	reg(GICD + 0xf00) = 2 << 24;
	dsb();
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		one("wfi", modes[i] | PSR_I, modes[i] & PSR_T ? 0xf3af8003 : 0xe320f003, 0, 0);
		one("wfe", modes[i] | PSR_I, modes[i] & PSR_T ? 0xf3af8002 : 0xe320f002, 0, 0);
	}
	one("wfi, not masked", MODE_USR, 0xe320f003, 0, 0);
	print_hex(reg(GICC + 0xc));
	reg(GICC + 0x10) = 0;
	newline();
}

/* Accesses of FP registers: those by word and double want a word's alignment, elements only with SCTLR.A. */
static void fp_alignment(void)
{
	static const struct {
		const char *name;
		u32 word;
	} accesses[] = {
		{ "vldr", 0xed912a00 }, { "vldr.64", 0xed912b00 }, { "vstr", 0xed812a00 }, { "vldm", 0xec912a02 },
		{ "vstm.64", 0xec812b04 }, { "vld1.8", 0xf421270f }, { "vld1.16", 0xf421274f },
		{ "vld1.32", 0xf421278f }, { "vld1.64", 0xf42127cf }, { "vld1.8:64", 0xf421271f },
		{ "vst1.32:128", 0xf4012aaf }, { "vld2.16", 0xf421284f }, { "vld4.32:256", 0xf42120bf },
		{ "vst3.8", 0xf401240f }, { "lane", 0xf4a1280f }, { "lane:32", 0xf4a1283f }, { "all lanes", 0xf4a12c8f },
	};
	u32 k, a, i;

	for (k = 0; k < 2; k++) {
		set_sctlr(k ? get_sctlr() | SCTLR_A : get_sctlr() & ~SCTLR_A);
		for (i = 0; i < ARRAY_SIZE(accesses); i++)
			for (a = 0; a < 12; a = a * 2 + 1 + (a == 1)) {
				one(accesses[i].name, MODE_USR, accesses[i].word, FREE_RAM + 0x100 + a, 0);
				one(accesses[i].name, MODE_SVC, accesses[i].word, FREE_RAM + 0x100 + a, 0);
			}
	}
	set_sctlr(get_sctlr() & ~SCTLR_A);
}

/* The bits of FPSCR that every core has. */
static void fpscr(void)
{
	static const u32 values[] = { 0xf8000000, 0x03c00000, 0x0000009f, 0xfbc0009f, 0 };
	u32 i, v;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		one("vmsr", i & 1 ? MODE_USR | PSR_T : MODE_USR, 0xeee12a10, 0, values[i]);
		asm volatile(".fpu neon\n vmrs %0, fpscr" : "=r" (v));
		print_hex(v);
		one("vmrs", MODE_USR, 0xeef12a10, 0, 0);
		one("vmrs apsr", MODE_USR, 0xeef1fa10, 0, 0);
	}
}

void test(void)
{
	u32 on;

	mcr(0x00f00000, 0, c1, c0, 2);
	isb();
	for (on = 0; on < 2; on++) {
		if (on) {
			short_init();
			short_on();
			*short_page(0x90000000) = 0;
			short_flush();
		}
		timers();
		thread_registers();
		instructions();
		bxj();
		read_cpsr();
		if (on)
			it_blocks();
		asm volatile(".fpu neon\n vmsr fpexc, %0" : : "r" (0x40000000));
		if (on)
			fp_alignment();
		fpscr();
	}
	waits();
	mmu_off();
}
