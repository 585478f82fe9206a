// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoding by table: one row an encoding, rows grouped by the top opcode bits.
 */
#include <linux/kernel.h>

#include "decode.h"

struct row {
	u32 mask;
	u32 value;
	enum insn_kind kind;
};

/* Rows are tried in order: the narrower encoding stands first. */

/* A32, bits 27:26 = 00: data processing, miscellaneous, extra loads and stores */
static const struct row rows_dp[] = {
	{ 0x0fbf0fff, 0x010f0000, INSN_MRS },		/* B9.3.8 A1 */
	{ 0x0fb00eff, 0x01000200, INSN_MRS_BANKED },	/* B9.3.9 A1 */
	{ 0x0fb0fff0, 0x0120f000, INSN_MSR_REG },	/* B9.3.12 A1 */
	{ 0x0fb0fef0, 0x0120f200, INSN_MSR_BANKED },	/* B9.3.10 A1 */
	{ 0x0fffffff, 0x0160006e, INSN_ERET },		/* B9.3.3 A1 */
	{ 0x0ff000f0, 0x01200070, INSN_BKPT },		/* A8.8.24 A1 */
	{ 0x0ff000f0, 0x01400070, INSN_HVC },		/* B9.3.4 A1 */
	{ 0x0ffffff0, 0x01600070, INSN_SMC },		/* B9.3.14 A1 */

	/* A8.8.83, A8.8.219: LDRHT, STRHT; A8.8.87, A8.8.91: LDRSBT, LDRSHT */
	{ 0x0f6000f0, 0x006000b0, INSN_LDST_UNPRIV },
	{ 0x0f600ff0, 0x002000b0, INSN_LDST_UNPRIV },
	{ 0x0f7000d0, 0x007000d0, INSN_LDST_UNPRIV },
	{ 0x0f700fd0, 0x003000d0, INSN_LDST_UNPRIV },

	/* B9.3.20 A2, by opcode: AND-RSC; ORR, BIC; MOV, MVN (Rn is SBZ) */
	{ 0x0f10f010, 0x0010f000, INSN_DP_RET },
	{ 0x0fb0f010, 0x0190f000, INSN_DP_RET },
	{ 0x0fbff010, 0x01b0f000, INSN_DP_RET },

	/* hints share their space with MSR (immediate), A5.2.11 */
	{ 0x0fffffff, 0x0320f003, INSN_WFI },		/* A8.8.425 A1 */
	{ 0x0fb0f000, 0x0320f000, INSN_MSR_IMM },	/* B9.3.11 A1 */

	/* B9.3.20 A1, in the same order */
	{ 0x0f10f000, 0x0210f000, INSN_DP_RET },
	{ 0x0fb0f000, 0x0390f000, INSN_DP_RET },
	{ 0x0fbff000, 0x03b0f000, INSN_DP_RET },
};

/* A32, bits 27:26 = 01: loads, stores, media */
static const struct row rows_ldst[] = {
	/* A8.8.71, A8.8.92, A8.8.209, A8.8.220: LDRBT, LDRT, STRBT, STRT */
	{ 0x0f200000, 0x04200000, INSN_LDST_UNPRIV },
	{ 0x0f200010, 0x06200000, INSN_LDST_UNPRIV },
	{ 0x0ff000f0, 0x07f000f0, INSN_UDF },		/* A8.8.247 A1 */
};

/* A32, bits 27:26 = 10: block transfers and branches */
static const struct row rows_block[] = {
	{ 0x0e508000, 0x08508000, INSN_LDM_RET },	/* B9.3.5 A1 */
	{ 0x0e708000, 0x08500000, INSN_LDM_USER },	/* B9.3.6 A1 */
	{ 0x0e700000, 0x08400000, INSN_STM_USER },	/* B9.3.17 A1 */
};

/* A32, bits 27:26 = 11: coprocessors, SVC.  Also the T32 words 0xecxxxxxx-0xefxxxxxx. */
static const struct row rows_cp[] = {
	{ 0x0f000000, 0x0f000000, INSN_SVC },
	{ 0x0fef0fff, 0x0ee10a10, INSN_FP },		/* VMSR, VMRS of the FPSCR, A8.8.348 */
	{ 0x0fe00fff, 0x0ee00a10, INSN_FP_SYS },	/* B9.3.21, B9.3.22 A1 */
	{ 0x0e000e00, 0x0c000a00, INSN_FP },		/* A7.6, A7.8, A7.9 */
	{ 0x0f000e00, 0x0e000a00, INSN_FP },		/* A7.5, A7.8 */
	{ 0x0f000010, 0x0e000010, INSN_CP_REG },	/* A8.8.98, A8.8.107 */
	{ 0x0f000010, 0x0e000000, INSN_CP_DATA },	/* A8.8.28 */
	{ 0x0fe00000, 0x0c400000, INSN_CP_REG2 },	/* A8.8.99, A8.8.108 */
	{ 0x0fa00000, 0x0c000000, INSN_OTHER },		/* P = U = W = 0: UNDEFINED, A8.8.56 */
	{ 0x0e000000, 0x0c000000, INSN_CP_LDST },	/* A8.8.55, A8.8.198 */
};

/* A32, condition field 1111 */
static const struct row rows_uncond[] = {
	{ 0xfff1fe20, 0xf1000000, INSN_CPS },		/* B9.3.2 A1 */
	{ 0xfe50ffff, 0xf8100a00, INSN_RFE },		/* B9.3.13 A1 */
	{ 0xfe5fffe0, 0xf84d0500, INSN_SRS },		/* B9.3.16 A1 */
	{ 0xfe000000, 0xf2000000, INSN_FP },		/* A7.4 */
	{ 0xff100000, 0xf4000000, INSN_FP },		/* A7.7 */
};

/* T32, 32-bit encodings as hw1 << 16 | hw2 */
static const struct row rows_thumb_wide[] = {
	{ 0xffdfffe0, 0xe80dc000, INSN_SRS },		/* B9.3.15 T1 */
	{ 0xffdfffe0, 0xe98dc000, INSN_SRS },		/* B9.3.15 T2 */
	{ 0xffd0ffff, 0xe810c000, INSN_RFE },		/* B9.3.13 T1 */
	{ 0xffd0ffff, 0xe990c000, INSN_RFE },		/* B9.3.13 T2 */
	{ 0xffe0f0ff, 0xf3808000, INSN_MSR_REG },	/* B9.3.12 T1 */
	{ 0xffe0f0ef, 0xf3808020, INSN_MSR_BANKED },	/* B9.3.10 T1 */
	{ 0xfffff0ff, 0xf3ef8000, INSN_MRS },		/* B9.3.8 T1 */
	{ 0xfffff0ff, 0xf3ff8000, INSN_MRS },
	{ 0xffe0f0ef, 0xf3e08020, INSN_MRS_BANKED },	/* B9.3.9 T1 */
	{ 0xffffffff, 0xf3af8003, INSN_WFI },		/* A8.8.425 T2 */
	{ 0xffffff00, 0xf3af8000, INSN_OTHER },		/* the other hints */
	{ 0xfffff800, 0xf3af8000, INSN_CPS },		/* B9.3.1 T2 */
	{ 0xffffff00, 0xf3de8f00, INSN_DP_RET },	/* B9.3.19 T1; #0 is ERET */
	{ 0xfff0f000, 0xf7e08000, INSN_HVC },		/* B9.3.4 T1 */
	{ 0xfff0f000, 0xf7f08000, INSN_SMC },		/* B9.3.14 T1 */
	{ 0xfff0f000, 0xf7f0a000, INSN_UDF },		/* A8.8.247 T2 */
	{ 0xef000000, 0xef000000, INSN_FP },		/* A7.4 */
	{ 0xff100000, 0xf9000000, INSN_FP },		/* A7.7 */

	/* STRBT, STRHT, STRT; LDRBT, LDRHT, LDRT; LDRSBT, LDRSHT: size 11 is no encoding */
	{ 0xffe00f00, 0xf8000e00, INSN_LDST_UNPRIV },
	{ 0xffe00f00, 0xf8200e00, INSN_LDST_UNPRIV },
	{ 0xffe00f00, 0xf8400e00, INSN_LDST_UNPRIV },
	{ 0xfff00f00, 0xf9100e00, INSN_LDST_UNPRIV },
	{ 0xfff00f00, 0xf9300e00, INSN_LDST_UNPRIV },
};

/* T32, 16-bit encodings */
static const struct row rows_thumb[] = {
	{ 0xffe8, 0xb660, INSN_CPS },			/* B9.3.1 T1 */
	{ 0xffff, 0xbf30, INSN_WFI },			/* A8.8.425 T1 */
	{ 0xff00, 0xbe00, INSN_BKPT },			/* A8.8.24 T1 */
	{ 0xff00, 0xde00, INSN_UDF },			/* A8.8.247 T1 */
	{ 0xff00, 0xdf00, INSN_SVC },			/* A8.8.228 T1 */
};

static enum insn_kind insn_look_up(u32 word, const struct row *row, unsigned int nr)
{
	for (; nr; nr--, row++) {
		if ((word & row->mask) == row->value)
			return row->kind;
	}
	return INSN_OTHER;
}

/*
 * MSR CPSR needs the hypervisor only for the bytes that PL0 can't write
 * (control, and extension for the A bit); flags and GE are any mode's.
 */
static bool insn_msr_is_sensitive(u32 word)
{
	unsigned int mask = insn_rn(word);
	bool spsr = insn_bit(word, 22);

	return spsr ? mask != 0 : (mask & 3) != 0;
}

/* Rn = 15 and an empty list are UNPREDICTABLE in every mode; so is writeback over the base. */
static bool insn_block_is_sensitive(enum insn_kind kind, u32 word)
{
	unsigned int rn = insn_rn(word);
	u32 list = insn_field(word, 0, 16);

	if (rn == 15 || !list)
		return false;
	return kind != INSN_LDM_RET || !insn_bit(word, 21) || !insn_bit(list, rn);
}

enum insn_kind insn_decode_arm(u32 word)
{
	enum insn_kind kind;

	if (insn_cond(word) == INSN_COND_NONE) {
		if ((word & 0x0c000000) == 0x0c000000) {
			/* MCR2 and the like; 0xffxxxxxx is no SVC */
			kind = insn_look_up(word, rows_cp, ARRAY_SIZE(rows_cp));
			return kind == INSN_SVC ? INSN_OTHER : kind;
		}
		kind = insn_look_up(word, rows_uncond, ARRAY_SIZE(rows_uncond));
		if (kind == INSN_RFE && insn_rn(word) == 15)
			return INSN_OTHER;
		return kind;
	}

	switch (insn_field(word, 26, 2)) {
	case 0:
		kind = insn_look_up(word, rows_dp, ARRAY_SIZE(rows_dp));
		if (kind == INSN_MSR_REG || kind == INSN_MSR_IMM)
			return insn_msr_is_sensitive(word) ? kind : INSN_OTHER;
		return kind;
	case 1:
		return insn_look_up(word, rows_ldst, ARRAY_SIZE(rows_ldst));
	case 2:
		kind = insn_look_up(word, rows_block, ARRAY_SIZE(rows_block));
		if (kind != INSN_OTHER && !insn_block_is_sensitive(kind, word))
			return INSN_OTHER;
		return kind;
	default:
		return insn_look_up(word, rows_cp, ARRAY_SIZE(rows_cp));
	}
}

enum insn_kind insn_decode_thumb(u16 hw1, u16 hw2)
{
	u32 word = (u32)hw1 << 16 | hw2;
	enum insn_kind kind;

	if (!insn_thumb_is_wide(hw1))
		return insn_look_up(hw1, rows_thumb, ARRAY_SIZE(rows_thumb));

	kind = insn_look_up(word, rows_thumb_wide, ARRAY_SIZE(rows_thumb_wide));
	if (kind == INSN_MSR_REG) {
		/* the mask is in hw2 here */
		if (insn_bit(word, 20))
			return insn_rs(word) ? kind : INSN_OTHER;
		return insn_rs(word) & 3 ? kind : INSN_OTHER;
	}
	if (kind == INSN_LDST_UNPRIV && (insn_rn(word) == 15 || insn_rd(word) == 15))
		return INSN_OTHER;	/* a literal load, a preload */
	if (kind != INSN_OTHER)
		return kind;

	if ((word & 0xec000000) == 0xec000000)
		return insn_look_up(word, rows_cp, ARRAY_SIZE(rows_cp));
	return INSN_OTHER;
}

static const char * const kind_names[] = {
	[INSN_OTHER]		= "unprivileged instruction",
	[INSN_CPS]		= "CPS",
	[INSN_MRS]		= "MRS",
	[INSN_MSR_REG]		= "MSR (register)",
	[INSN_MSR_IMM]		= "MSR (immediate)",
	[INSN_MRS_BANKED]	= "MRS (banked register)",
	[INSN_MSR_BANKED]	= "MSR (banked register)",
	[INSN_ERET]		= "ERET",
	[INSN_RFE]		= "RFE",
	[INSN_SRS]		= "SRS",
	[INSN_LDM_USER]		= "LDM (user registers)",
	[INSN_LDM_RET]		= "LDM (exception return)",
	[INSN_STM_USER]		= "STM (user registers)",
	[INSN_DP_RET]		= "SUBS PC, LR or a relative",
	[INSN_WFI]		= "WFI",
	[INSN_LDST_UNPRIV]	= "unprivileged load or store",
	[INSN_UDF]		= "UDF",
	[INSN_SVC]		= "SVC",
	[INSN_BKPT]		= "BKPT",
	[INSN_HVC]		= "HVC",
	[INSN_SMC]		= "SMC",
	[INSN_CP_REG]		= "MCR or MRC",
	[INSN_CP_REG2]		= "MCRR or MRRC",
	[INSN_CP_LDST]		= "LDC or STC",
	[INSN_CP_DATA]		= "CDP",
	[INSN_FP_SYS]		= "VMRS or VMSR",
	[INSN_FP]		= "VFP or Advanced SIMD",
};

const char *insn_kind_name(enum insn_kind kind)
{
	if ((unsigned int)kind >= ARRAY_SIZE(kind_names))
		return "unknown instruction";
	return kind_names[kind];
}

void insn_decode_cp(u32 word, struct insn_cp *cp)
{
	cp->coproc = insn_field(word, 8, 4);
	cp->rt = insn_rd(word);
	cp->crm = insn_rm(word);
	cp->read = insn_bit(word, 20);
	cp->pair = (word & 0x0fe00000) == 0x0c400000;
	if (cp->pair) {
		cp->opc1 = insn_field(word, 4, 4);
		cp->rt2 = insn_rn(word);
		cp->crn = 0;
		cp->opc2 = 0;
	} else {
		cp->opc1 = insn_field(word, 21, 3);
		cp->rt2 = 0;
		cp->crn = insn_rn(word);
		cp->opc2 = insn_field(word, 5, 3);
	}
}

/* A5.2: bits 27:26 = 00 */
static bool insn_plausible_dp(u32 word)
{
	unsigned int op = insn_field(word, 20, 5);
	bool immediate = insn_bit(word, 25);
	unsigned int opcode = insn_field(word, 21, 4);

	if (!immediate && insn_bit(word, 4) && insn_bit(word, 7)) {
		if (insn_field(word, 5, 2))
			/* extra loads and stores; the register form's bits 11:8 are zero */
			return insn_bit(word, 22) || !insn_rs(word);
		if (!insn_bit(word, 24))
			return opcode != 5 || !insn_bit(word, 20);	/* multiplies */
		/* SWP, LDREX, STREX */
		return (op & 0x1b) == 0x10 || (op & 0x18) == 0x18;
	}
	if ((op & 0x19) == 0x10) {
		/* compare opcodes without S: miscellaneous, MOVW, MOVT, MSR, hints */
		if (immediate)
			return !insn_bit(word, 21) || insn_rd(word) == 15;
		if (insn_bit(word, 7))
			return true;			/* halfword multiplies */
		switch (insn_field(word, 4, 4)) {
		case 0:
			return insn_look_up(word, rows_dp, ARRAY_SIZE(rows_dp)) != INSN_OTHER ||
			       (word & 0x0fb0fff0) == 0x0120f000;
		case 1:
			return (word & 0x0ffffff0) == 0x012fff10 ||	/* BX */
			       (word & 0x0fff0ff0) == 0x016f0f10;	/* CLZ */
		case 2:
		case 3:
			return (word & 0x0fffff00) == 0x012fff00;	/* BXJ, BLX */
		case 5:
			return !insn_rs(word);			/* QADD and the like */
		case 6:
			return (word & 0x0fffffff) == 0x0160006e;	/* ERET */
		case 7:
			return op != 0x10;			/* BKPT, HVC, SMC */
		default:
			return false;
		}
	}
	/* TST-CMN have no destination, MOV and MVN no first operand */
	if ((opcode & 0xc) == 8)
		return !insn_rd(word);
	if ((opcode & 0xd) == 0xd)
		return !insn_rn(word);
	return true;
}

/* A5.4: bits 27:25 = 011, bit 4 = 1 */
static bool insn_plausible_media(u32 word)
{
	unsigned int op1 = insn_field(word, 20, 5);
	unsigned int op2 = insn_field(word, 5, 3);

	switch (op1 >> 2) {
	case 0:
	case 1:				/* parallel addition and subtraction */
		return (op1 & 3) && op2 != 5 && op2 != 6 && insn_rs(word) == 15;
	case 2:
	case 3:				/* packing, saturation, reversal */
		return (op2 & 1) == 0 || op2 == 1 || op2 == 3 || op2 == 5;
	case 4:
	case 5:				/* signed multiplies, divisions */
		return op1 != 0x12 && op1 != 0x16 && op1 != 0x17;
	case 6:				/* USAD8, BFC, BFI */
		return op1 == 0x18 ? op2 == 0 : (op1 >= 0x1a ? (op2 & 3) == 2 || (op2 & 3) == 0 : 0);
	default:			/* BFC, BFI, UBFX, UDF */
		return (op2 & 3) == 2 || (op2 & 3) == 0 || (op1 == 0x1f && op2 == 7);
	}
}

/* A5.7: the unconditional space */
static bool insn_plausible_uncond(u32 word)
{
	switch (insn_field(word, 24, 4)) {
	case 0:
		return false;
	case 1:
		return insn_decode_arm(word) == INSN_CPS || (word & 0xfffffdff) == 0xf1010000;
	case 2:
	case 3:
	case 0xa:
	case 0xb:
		return true;
	case 4:
		return !insn_bit(word, 20) || (word & 0x0f70f000) == 0x0550f000 ||
		       (word & 0x0f70f000) == 0x0450f000;
	case 5:
		return (word & 0x0f70f000) == 0x0550f000 ||	/* PLD */
		       (word & 0x0f70f000) == 0x0510f000 ||	/* PLDW */
		       (word & 0x0ffffff0) == 0x057ff040 ||	/* DSB */
		       (word & 0x0ffffff0) == 0x057ff050 ||	/* DMB */
		       (word & 0x0ffffff0) == 0x057ff060 ||	/* ISB */
		       word == 0xf57ff01f;			/* CLREX */
	case 6:
	case 7:
		return (word & 0x0d30f010) == 0x0510f000;	/* preloads by register */
	case 8:
	case 9:
		return insn_decode_arm(word) != INSN_OTHER;
	default:
		return insn_field(word, 8, 4) == 15 || insn_field(word, 8, 4) == 14;
	}
}

bool insn_plausible_arm(u32 word)
{
	unsigned int coproc = insn_field(word, 8, 4);

	if (insn_cond(word) == INSN_COND_NONE)
		return insn_plausible_uncond(word);

	switch (insn_field(word, 25, 3)) {
	case 0:
	case 1:
		return insn_plausible_dp(word);
	case 2:
		return true;
	case 3:
		return !insn_bit(word, 4) || insn_plausible_media(word);
	case 4:
		return insn_rn(word) != 15 && insn_field(word, 0, 16);
	case 5:
		return true;
	default:
		if (insn_field(word, 24, 4) == 15)
			return true;		/* SVC */
		return coproc == 10 || coproc == 11 || coproc == 14 || coproc == 15;
	}
}
