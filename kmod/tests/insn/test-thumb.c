// SPDX-License-Identifier: GPL-2.0-only
/*
 * T32 instructions: equivalents, replacements and the way back; pages with code of both sets.
 */
#include <linux/errno.h>

#include "test.h"

#include "decode.h"
#include "patch.h"
#include "thumb.h"

#define PAGE_BASE	0xc0100000U
#define NOP_T1		0xbf00U
#define NOP_ARM		0xe1a00000U
#define BX_LR_T1	0x4770U
#define BX_LR_ARM	0xe12fff1eU
#define CPSID_I_T1	0xb672U
#define SVC_T1		0xdf00U
#define MRS_R1_ARM	0xe10f1000U

static u32 dict_words[DICT_MAX_WORDS];
static u16 dict_hash[65536];
static struct insn_dict dict;
static struct patch_work work;
static struct patch_stats stats;
static u32 page[PATCH_PAGE_WORDS], dst[PATCH_PAGE_WORDS];

/* By the manual's encodings: B9.3 for both sets */
static const struct {
	u16 hw1, hw2;
	u32 arm;
} same[] = {
	{ 0xb672, 0, 0xf10c0080 },		/* CPSID I */
	{ 0xb661, 0, 0xf1080040 },		/* CPSIE F */
	{ 0xb677, 0, 0xf10c01c0 },		/* CPSID AIF */
	{ 0xf3af, 0x8740, 0xf10e0080 },		/* CPSID.W I, #0 */
	{ 0xf3af, 0x8113, 0xf1020013 },		/* CPS #19 */
	{ 0xf3af, 0x8480, 0xf1080100 },		/* CPSIE.W A */
	{ 0xbf30, 0, 0xe320f003 },
	{ 0xf3af, 0x8003, 0xe320f003 },
	{ 0xf3ef, 0x8300, 0xe10f3000 },		/* MRS r3, CPSR */
	{ 0xf3ff, 0x8c00, 0xe14fc000 },		/* MRS r12, SPSR */
	{ 0xf381, 0x8100, 0xe121f001 },		/* MSR CPSR_c, r1 */
	{ 0xf392, 0x8f00, 0xe16ff002 },		/* MSR SPSR_cxsf, r2 */
	{ 0xf3de, 0x8f04, 0xe25ef004 },		/* SUBS PC, LR, #4 */
	{ 0xf3de, 0x8f00, 0xe1b0f00e },		/* ERET is MOVS PC, LR at PL1 */
	{ 0xe99d, 0xc000, 0xf89d0a00 },		/* RFEIA sp */
	{ 0xe9bd, 0xc000, 0xf8bd0a00 },
	{ 0xe833, 0xc000, 0xf9330a00 },		/* RFEDB r3! */
	{ 0xe82d, 0xc013, 0xf96d0513 },		/* SRSDB sp!, #19 */
	{ 0xe98d, 0xc01f, 0xf8cd051f },		/* SRSIA sp, #31 */
	{ 0xee1d, 0x4f50, 0xee1d4f50 },		/* MRC TPIDRURW */
	/* none */
	{ 0xbf20, 0, 0 }, { 0xde80, 0, 0 }, { 0xf852, 0x4e00, 0 }, { 0xe99f, 0xc000, 0 }, { 0x4770, 0, 0 },
};

static void equivalents(void)
{
	unsigned int i;

	dict_init(&dict, dict_words, dict_hash, DICT_MAX_WORDS);
	for (i = 0; i < ARRAY_SIZE(same); i++) {
		struct thumb_insn insn = { same[i].hw1, same[i].hw2 };
		u32 arm = thumb_to_arm(insn);

		CHECK(arm == same[i].arm, "%04x %04x is %08x", insn.hw1, insn.hw2, arm);
		if (!arm || !insn_thumb_is_wide(insn.hw1))
			continue;
		CHECK(thumb_to_arm(thumb_from_arm(arm)) == arm, "%08x doesn't come back", arm);
	}
}

/* Assembled in both states. */
static const struct {
	u16 hw1, hw2;
	u32 arm;
} plain[] = {
	{ 0x1888, 0, 0xe0910002 },		/* ADDS r0, r1, r2 */
	{ 0x1a88, 0, 0xe0510002 },		/* SUBS r0, r1, r2 */
	{ 0x1dc8, 0, 0xe2910007 },		/* ADDS r0, r1, #7 */
	{ 0x1e48, 0, 0xe2510001 },		/* SUBS r0, r1, #1 */
	{ 0x2bff, 0, 0xe35300ff },		/* CMP r3, #255 */
	{ 0x3210, 0, 0xe2922010 },		/* ADDS r2, #16 */
	{ 0x3a01, 0, 0xe2522001 },		/* SUBS r2, #1 */
	{ 0x4251, 0, 0xe2721000 },		/* RSBS r1, r2, #0 */
	{ 0x4288, 0, 0xe1500001 },		/* CMP r0, r1 */
	{ 0x42d1, 0, 0xe1710002 },		/* CMN r1, r2 */
	{ 0x449a, 0, 0xe08aa003 },		/* ADD r10, r3 */
	{ 0x45a0, 0, 0xe1580004 },	/* CMP r8, r4 */
	{ 0xbf00, 0, 0xe320f000 },
	{ 0xf3af, 0x8000, 0xe320f000 },
	{ 0xf500, 0x5080, 0xe2800a01 },		/* ADD.W r0, r0, #4096 */
	{ 0xf5b2, 0x7180, 0xe2521c01 },		/* SUBS.W r1, r2, #256 */
	{ 0xf1c1, 0x0800, 0xe2618000 },		/* RSB r8, r1, #0 */
	{ 0xf1b8, 0x0f01, 0xe3580001 },		/* CMP.W r8, #1 */
	{ 0xf5b9, 0x1f80, 0xe3590601 },		/* CMP.W r9, #0x100000 */
	{ 0xf511, 0x5f80, 0xe3710a01 },		/* CMN.W r1, #4096 */
	{ 0xf204, 0x4400, 0xe2844b01 },		/* ADDW r4, r4, #1024 */
	{ 0xf6a4, 0x0400, 0xe2444b02 },		/* SUBW r4, r4, #2048 */
	{ 0xeb01, 0x0802, 0xe0818002 },		/* ADD.W r8, r1, r2 */
	{ 0xebb8, 0x0f09, 0xe1580009 },		/* CMP.W r8, r9 */
	{ 0xebd1, 0x0802, 0xe0718002 },		/* RSBS.W r8, r1, r2 */
	{ 0xf3bf, 0x8f4b, 0xf57ff04b },		/* DSB ISH */
	{ 0xf3bf, 0x8f5f, 0xf57ff05f },		/* DMB */
	{ 0xf3bf, 0x8f6f, 0xf57ff06f },		/* ISB */
	{ 0xee08, 0x0f37, 0xee080f37 },		/* TLBIMVA r0 */
	/* none */
	{ 0xbf30, 0, 0 },			/* WFI */
	{ 0xbf08, 0, 0 },			/* IT EQ */
	{ 0x4487, 0, 0 },			/* ADD pc, r0 */
	{ 0xf3bf, 0x8f2f, 0 },			/* CLREX */
	{ 0xf1a1, 0x10ff, 0 },			/* SUB r0, r1, #0x00ff00ff */
	{ 0xf20f, 0x0000, 0 },			/* ADR r0, here */
	{ 0xf60f, 0x71ff, 0 },			/* ADR r1, here + 4095 */
	{ 0xf041, 0x0001, 0 },			/* ORR r0, r1, #1 */
	{ 0xeb01, 0x0842, 0 },			/* ADD.W r8, r1, r2, LSL #1 */
	{ 0xf5a1, 0x0f80, 0 },			/* UNPREDICTABLE */
};

static void same_in_both(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(plain); i++) {
		struct thumb_insn insn = { plain[i].hw1, plain[i].hw2 };
		u32 arm = thumb_plain_to_arm(insn);

		CHECK(arm == plain[i].arm, "%04x %04x is %08x, not %08x", insn.hw1, insn.hw2, arm, plain[i].arm);
	}
}

/* B at address 0. */
static const struct {
	u16 hw1, hw2;
	int cond;				/* -1: it is none */
	int rel;
} branches[] = {
	{ 0xd3fc, 0, 3, -4 },			/* BLO .-4 */
	{ 0xd07f, 0, 0, 258 },
	{ 0xe7fe, 0, 14, 0 },
	{ 0xe3ff, 0, 14, 2050 },
	{ 0xf4c0, 0x8000, 3, 4 - 0x100000 },	/* BLO.W, the farthest */
	{ 0xf07f, 0xa7fd, 1, 0x7fffe },
	{ 0xf47e, 0xaffe, 1, -0x1000 },
	{ 0xf7ff, 0xbffc, 14, -4 },		/* B.W .-4 */
	{ 0xf000, 0xb801, 14, 6 },
	{ 0xde00, 0, -1, 0 }, { 0xdf01, 0, -1, 0 },	/* UDF, SVC */
	{ 0xf3bf, 0x8f4f, -1, 0 },		/* DSB */
	{ 0xf3af, 0x8000, -1, 0 },		/* NOP.W */
	{ 0xf000, 0xf801, -1, 0 },		/* BL */
	{ 0xb100, 0, -1, 0 },			/* CBZ */
};

static void where_branches_go(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(branches); i++) {
		struct thumb_insn insn = { branches[i].hw1, branches[i].hw2 };
		bool is;
		u32 cond;
		int rel;

		is = thumb_branch(insn, &cond, &rel);
		CHECK(is == (branches[i].cond >= 0), "%04x %04x: %d", insn.hw1, insn.hw2, is);
		CHECK(!is || ((int)cond == branches[i].cond && rel == branches[i].rel),
		      "%04x %04x: condition %u, to %d", insn.hw1, insn.hw2, cond, rel);
	}
}

static void halves(u16 *at, unsigned int n, const u16 *half)
{
	while (n--)
		*at++ = *half++;
}

static void setup(u32 word)
{
	unsigned int i;

	dict_init(&dict, dict_words, dict_hash, DICT_MAX_WORDS);
	for (i = 0; i < PATCH_PAGE_WORDS; i++)
		page[i] = word;
}

static void run(unsigned int entry, bool thumb, bool both)
{
	struct patch_view view = {
		.page = page, .entry = 1 + entry / 2, .thumb = thumb, .both = both, .base = PAGE_BASE,
	};

	memset(&stats, 0, sizeof(stats));
	CHECK_EQ(patch_page(&view, dst, &dict, PATCH_PRIV | PATCH_TPIDRURW, &work, NULL, &stats), 0, "patch_page()");
}

static u16 half_of(const u32 *words, unsigned int offset)
{
	return words[offset / 4] >> 8 * (offset & 2);
}

/* Each sensitive instruction, by itself, in T32 code: replaced, and found again. */
static void replacements(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(same); i++) {
		const u16 code[] = { NOP_T1, same[i].hw1, same[i].hw2 ? same[i].hw2 : NOP_T1, BX_LR_T1 };
		struct thumb_insn now;

		if (!same[i].arm)
			continue;
		setup(NOP_T1 << 16 | NOP_T1);
		halves((u16 *)page + 64, 4, code);
		run(128, true, false);
		now.hw1 = half_of(dst, 130);
		now.hw2 = insn_thumb_is_wide(now.hw1) ? half_of(dst, 132) : 0;
		CHECK(now.hw1 != same[i].hw1, "%04x %04x stays", same[i].hw1, same[i].hw2);
		CHECK(insn_decode_thumb(now.hw1, now.hw2) == INSN_UDF, "%04x %04x is no UDF", now.hw1, now.hw2);
		CHECK(thumb_to_arm(thumb_unpatch(&dict, now)) == same[i].arm, "%04x %04x doesn't come back",
		      same[i].hw1, same[i].hw2);
		CHECK_EQ(half_of(dst, 128), NOP_T1, "what is before");
		CHECK_EQ(half_of(dst, 134), BX_LR_T1, "what is behind");
	}
}

/* What must stay: second halves, literals that are loaded, data behind an ADR. */
static void data(void)
{
	static const u16 code[] = {
		0x4902,			/* LDR r1, [pc, #8] */
		0xf8df, 0xb672,		/* LDR.W r11, [pc, #0x672]: its half is CPSID I */
		0xa202,			/* ADR r2, pc + 8 */
		BX_LR_T1, NOP_T1,
		CPSID_I_T1, 0xb662,	/* loaded */
		CPSID_I_T1, 0x00b6, 0xb671, CPSID_I_T1,	/* an ADR points there */
	};
	unsigned int i;

	setup(0);
	halves((u16 *)page, ARRAY_SIZE(code), code);
	run(0, true, true);
	for (i = 0; i < ARRAY_SIZE(code); i++)
		CHECK(half_of(dst, 2 * i) == code[i], "halfword %u became %04x", i, half_of(dst, 2 * i));
	CHECK(stats.left_thumb, "nothing is said to be left");
}

/* A32 code that calls T32 code in its own page, and goes on behind it. */
/* A call that doesn't return: behind it, or behind its literals, is code of the other set. */
static void behind_calls(void)
{
	static const u16 before[] = { 0x4289, 0x2201, SVC_T1, SVC_T1 };
	static const u16 thumb[] = {
		0xb510, 0x2401, CPSID_I_T1, 0xf000, 0xf802, BX_LR_T1, 0xb510, 0xf3ef, 0x8100, 0xbd10,
	};
	unsigned int pool;

	for (pool = 0; pool < 3; pool++) {
		unsigned int at = 0x104 / 4 + 1 + pool;

		setup(0);
		halves((u16 *)page + 0x80, 4, before);
		/* what branches on in T32 state, and isn't followed by anything */
		page[at - 1] = pool ? 0xe0020001 : page[at - 1];
		page[at] = 0xe92d5ff0;			/* PUSH */
		page[at + 1] = MRS_R1_ARM;
		page[at + 2] = 0xe59f2290;		/* LDR literal */
		page[at + 3] = 0xe8822003;		/* STM */
		page[at + 4] = 0xe5922000;		/* LDR */
		page[at + 5] = 0xf10c0180;		/* CPSID AI */
		page[at + 6] = 0xe16ff001;		/* MSR SPSR */
		page[at + 7] = 0xe1a0e000;		/* MOV */
		page[at + 8] = 0xe8de9fff;		/* LDM, exception return */
		page[at + 9] = 0xe92d4010;		/* the next function */
		page[at + 10] = 0xe3a00001;
		run(0x100, true, false);
		CHECK(dst[at + 1] != page[at + 1], "%u: MRS is left", pool);
		CHECK(dst[at + 5] != page[at + 5], "%u: CPS is left", pool);
		CHECK(dst[at + 6] != page[at + 6], "%u: MSR is left", pool);
		CHECK(dst[at + 8] != page[at + 8], "%u: LDM is left", pool);
	}

	/* and the other way round */
	setup(0);
	page[64] = 0xe1a00001;				/* MOV */
	page[65] = 0xef000000;				/* SVC */
	halves((u16 *)page + 2 * 66, ARRAY_SIZE(thumb), thumb);
	run(4 * 64, false, true);
	CHECK(half_of(dst, 4 * 66 + 4) != CPSID_I_T1, "CPS is left");
	CHECK(half_of(dst, 4 * 66 + 14) != 0xf3ef, "MRS is left");
}

static void mixed(void)
{
	static const u16 thumb[] = { CPSID_I_T1, 0xf3ef, 0x8100, BX_LR_T1 };

	setup(0);
	page[0] = MRS_R1_ARM;
	page[1] = 0xfa000002;		/* BLX to byte 20 */
	page[2] = MRS_R1_ARM;
	page[3] = BX_LR_ARM;
	halves((u16 *)page + 10, 4, thumb);
	run(0, false, false);
	CHECK_EQ(dst[0], 0xe7fa10f1U, "MRS before the call");
	CHECK_EQ(dst[2], 0xe7fa10f1U, "MRS behind it");
	CHECK_EQ(half_of(dst, 20), 0xde8aU, "CPSID I");
	CHECK_EQ(half_of(dst, 22), 0xf7faU, "MRS.W");
	CHECK_EQ(half_of(dst, 24), 0xa101U, "its second half");
}

/* The ways in which A32 code names T32 code in its page: a literal, ADR, MOVW and MOVT. */
static void pointers(void)
{
	static const u16 thumb[] = { CPSID_I_T1, 0xf3ef, 0x8100, BX_LR_T1 };
	static const u32 makes[][3] = {
		{ 0xe59f1008, 0xe12fff31, BX_LR_ARM },		/* LDR r1, [pc, #8]; BLX r1 */
		{ 0xe28f1019, 0xe12fff11, BX_LR_ARM },		/* ADR r1, 33; BX r1 */
		{ 0xe3001021, 0xe34c1010, 0xe12fff31 },		/* MOVW, MOVT r1; BLX r1 */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(makes); i++) {
		setup(0);
		memcpy(page, makes[i], sizeof(makes[i]));
		page[3] = BX_LR_ARM;
		page[4] = i ? 0 : PAGE_BASE + 33;
		halves((u16 *)page + 16, 4, thumb);
		run(0, false, false);
		CHECK(half_of(dst, 32) == 0xde8a && half_of(dst, 34) == 0xf7fa, "way %u: %04x %04x", i,
		      half_of(dst, 32), half_of(dst, 34));
	}
}

/* What no code leads to is asked for; executed, it is known. */
static void looks(void)
{
	u32 original;

	setup(NOP_T1 << 16 | NOP_T1);
	page[0] = BX_LR_T1 << 16 | NOP_T1;
	page[40] = MRS_R1_ARM;		/* an A32 function of two words among T32 code */
	page[41] = BX_LR_ARM;
	run(0, true, true);
	CHECK(thumb_is_look(dst[40]), "%08x is no look word", dst[40]);
	CHECK(thumb_look_original(&dict, dst[40], &original) && original == MRS_R1_ARM, "its original");
	run(160, false, true);
	CHECK_EQ(dst[40], 0xe7fa10f1U, "now it is known");
}

/*
 * Functions that come one behind the other's table, as a kernel's vectors do: branches from other pages
 * lead to the second, and it must not run as it is.
 */
static void behind_table(void)
{
	static const u16 stub[] = {
		0xf3ef, 0x8000,		/* MRS r0, CPSR */
		0xf390, 0x8f00,		/* MSR SPSR_cxsf, r0 */
		0xa001,			/* ADR r0, the table */
		0xf850, 0xe02e,		/* LDR.W lr, [r0, lr, lsl #2] */
		NOP_T1,
		0xf3de, 0x8f00,		/* MOVS PC, LR */
	};
	u16 *at = (u16 *)page;
	unsigned int i;

	setup(0xc0100a3d);
	halves(at, ARRAY_SIZE(stub), stub);
	halves(at + 20, ARRAY_SIZE(stub), stub);
	run(0, true, true);
	CHECK(half_of(dst, 0) == 0xf7fa && half_of(dst, 2) == 0xa100, "the first: %08x", dst[0]);
	for (i = 0; i < 3; i++) {
		static const u8 words[] = { 10, 11, 14 };

		CHECK((u16)dst[words[i]] != (u16)page[words[i]], "word %u stays: %08x", words[i], dst[words[i]]);
	}
	run(40, true, true);
	CHECK(half_of(dst, 40) == 0xf7fa && half_of(dst, 42) == 0xa100, "now it is known: %08x", dst[10]);
}

/*
 * A literal whose half is CPSID A, 0xb674: behind a function that nothing leads to, and behind a call
 * that doesn't return.
 */
static void pools(void)
{
	static const u16 swept[] = {
		0xb510, 0x4b01, 0x681b, 0xbd10,		/* PUSH {r4, lr}; LDR r3, [pc, #4]; LDR r3, [r3]; POP {r4, pc} */
		0xb674, 0xc03f,
	};
	static const u16 called[] = {
		0x4801, 0xf000, 0xf898, NOP_T1,		/* LDR r0, [pc, #4]; BL somewhere; NOP */
		0xb674, 0xc03f,
	};

	setup(NOP_T1 << 16 | NOP_T1);
	halves((u16 *)page + 64, ARRAY_SIZE(swept), swept);
	page[31] = BX_LR_T1 << 16 | NOP_T1;
	run(0, true, true);
	CHECK_EQ(dst[34], 0xc03fb674U, "a literal of code that was swept");

	setup(NOP_T1 << 16 | NOP_T1);
	halves((u16 *)page, ARRAY_SIZE(called), called);
	run(0, true, true);
	CHECK_EQ(dst[2], 0xc03fb674U, "a literal behind a call");
}

/* What a question changes is as long as what it stands for, and never what is known. */
static void asked(void)
{
	static const u16 known[] = { 0xb009, 0xe8bd, 0x8ff0 };	/* ADD SP; POP.W {..., pc} */
	u32 original;
	u16 half;

	/* 0xf104 may begin a 32-bit instruction, of which the second half looks as A32's CPS does. */
	setup(NOP_T1 << 16 | NOP_T1);
	halves((u16 *)page + 40, 3, known);
	page[21] = 0xf104U << 16 | 0x8ff0;
	page[22] = 0xf1040148;		/* 0x0148; 0xf104: CPSID as A32 */
	run(80, true, true);
	CHECK(half_of(dst, 80) == known[0] && half_of(dst, 82) == known[1] && half_of(dst, 84) == known[2],
	      "what is known became %08x %04x", dst[20], half_of(dst, 84));
	half = half_of(dst, 86);
	CHECK(half == THUMB_ASK_WIDE || half == 0xf104, "the half beside it: %04x", half);
	if (thumb_is_look(dst[22]))
		CHECK_EQ(half, THUMB_ASK_WIDE, "as its second half has changed");

	/* Of words that are asked for, each half keeps its length. */
	for (original = 0; original < 0x10000; original += 7) {
		u32 words[2] = { original << 16 | 0x4770, original | 0xb5700000 };
		unsigned int i, states;

		for (i = 0; i < 4; i++) {
			u32 back, look;

			states = i & 1;
			dict_init(&dict, dict_words, dict_hash, DICT_MAX_WORDS);
			look = thumb_look(&dict, words[i / 2], states);
			if (!look)
				continue;	/* it has such a half itself */
			CHECK(thumb_is_look(look), "%08x is no look word", look);
			CHECK(thumb_look_original(&dict, look, &back) && back == words[i / 2],
			      "%08x doesn't come back", words[i / 2]);
			CHECK(insn_thumb_is_wide(look) == insn_thumb_is_wide(words[i / 2]),
			      "%08x for %08x: the lower half's length", look, words[i / 2]);
			if (!states || words[i / 2] >> 16 >= 0xe800)
				CHECK(insn_thumb_is_wide(look >> 16) == insn_thumb_is_wide(words[i / 2] >> 16),
				      "%08x for %08x: the upper half's length", look, words[i / 2]);
		}
	}
}

/* Is it what the fast path, which looks at one half, or the guest takes for something else? */
static bool stands_alone(u16 half)
{
	return (half >= 0xde80 && half <= THUMB_ASK) || half == 0xdefe || half == 0xdeff ||
	       half == THUMB_ASK_WIDE || half == THUMB_UDF_RAM || (half & 0xfff0) == 0xf7f0;
}

/* Each index that a look word for boundaries may carry, in each pair of lengths. */
static void look_indices(void)
{
	static const u32 kinds[] = { 0x47704770, 0x4770e800, 0xe8004770, 0xe800e800 };
	unsigned int i, k, none = 0;
	u32 look, back;

	dict_init(&dict, dict_words, dict_hash, DICT_MAX_WORDS);
	for (i = 0; i < DICT_MAX_WORDS / 2 - 8; i++) {
		for (k = i % 4; k < ARRAY_SIZE(kinds); k += 4) {
			u32 word = kinds[k] + (i & 0x3ff) + ((i >> 10 & 0x3ff) << 16);

			look = thumb_look(&dict, word, false);
			none += !look;
			if (!look)
				continue;	/* it has such a half itself */
			CHECK(thumb_is_look(look) && thumb_look_original(&dict, look, &back) && back == word,
			      "%08x: %08x", word, look);
			CHECK(!stands_alone(look) && !stands_alone(look >> 16), "%08x for %08x", look, word);
			CHECK((u16)(look ^ word) && (look ^ word) >> 16, "%08x for %08x: half of it is left", look, word);
			CHECK(!thumb_look_spins(look), "%08x spins", look);
		}
	}
	CHECK(none < 64, "%u have none", none);
	/* BL and B to itself, 1 of 128 BLs for each N: the guest's own */
	for (i = 0; i < 0x800; i++)
		CHECK(!thumb_is_look(0xe7fe0000 | 0xf800 | i), "BL %03x; B .", i);
}

/* What only a sweep takes for a literal doesn't keep code that a call returns to from being replaced. */
static void swept_literals(void)
{
	static const u16 code[] = {
		0xf000, 0xf898,		/* BL */
		0xb672, 0x4770,		/* CPSID I; BX LR */
	};

	setup(0x48004800);		/* LDR r0, [pc]: behind the function */
	halves((u16 *)page, ARRAY_SIZE(code), code);
	page[512] = 0xb5104770;
	page[513] = 0x4c004c00;
	run(0, true, true);
	CHECK_EQ(half_of(dst, 4), 0xde8aU, "CPSID behind a call");
}

/* Without anything that points to T32 code its look-alikes stay, and are said to. */
static void a32_only(void)
{
	setup(NOP_ARM);
	page[8] = 0xe5901672;		/* LDR r1, [r0, #0x672] */
	page[9] = 0xe58bb672;		/* STR r11, [r11, #0x672]: CPSID I */
	page[10] = MRS_R1_ARM;
	run(0, false, false);
	CHECK_EQ(dst[9], 0xe58bb672U, "a store");
	CHECK_EQ(dst[10], 0xe7fa10f1U, "MRS");
	CHECK(!stats.both && stats.left_thumb == 1, "left: %u", stats.left_thumb);
}

int main(void)
{
	static const struct test tests[] = {
		{ "thumb: equivalents", equivalents },
		{ "thumb: what both sets have", same_in_both },
		{ "thumb: branches", where_branches_go },
		{ "thumb: replacements", replacements },
		{ "thumb: data", data },
		{ "thumb: both sets in a page", mixed },
		{ "thumb: behind calls that don't return", behind_calls },
		{ "thumb: pointers", pointers },
		{ "thumb: look words", looks },
		{ "thumb: behind a table", behind_table },
		{ "thumb: literal pools", pools },
		{ "thumb: what is asked", asked },
		{ "thumb: indices of look words", look_indices },
		{ "thumb: what a sweep takes for a literal", swept_literals },
		{ "thumb: A32 code only", a32_only },
	};

	patch_init();
	return test_main(tests, ARRAY_SIZE(tests));
}
