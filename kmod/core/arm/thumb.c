// SPDX-License-Identifier: GPL-2.0-only
/* Sensitive T32 instructions; see thumb.h. */
#include <linux/kernel.h>

#include "decode.h"
#include "patch.h"
#include "thumb.h"

#define ARM_CPS		0xf1000000U	/* B9.3.2 A1 */
#define ARM_MRS		0xe10f0000U	/* B9.3.8 A1 */
#define ARM_MRS_BANKED	0xe1000200U	/* B9.3.9 A1 */
#define ARM_MSR		0xe120f000U	/* B9.3.12 A1 */
#define ARM_MSR_BANKED	0xe120f200U	/* B9.3.10 A1 */
#define ARM_MOVS_PC_LR	0xe1b0f00eU	/* B9.3.20 A2 */
#define ARM_SUBS_PC_LR	0xe25ef000U	/* B9.3.20 A1 */
#define ARM_RFEDB	0xf9100a00U	/* B9.3.13 A1 */
#define ARM_RFEIA	0xf8900a00U
#define ARM_SRSDB	0xf94d0500U	/* B9.3.16 A1 */
#define ARM_SRSIA	0xf8cd0500U
#define ARM_WFI		0xe320f003U	/* A8.8.425 A1 */

#define ARM_W		(1U << 21)
#define ARM_SPSR	(1U << 22)

/* Bit 8 of hw1 tells decrement-before (0) from increment-after (1), bit 5 is W. */
static u32 thumb_block_to_arm(u32 hw1, u32 db, u32 ia)
{
	return (insn_bit(hw1, 8) ? ia : db) | (insn_bit(hw1, 5) ? ARM_W : 0);
}

u32 thumb_to_arm(struct thumb_insn insn)
{
	u32 hw1 = insn.hw1, hw2 = insn.hw2, low = hw1 & 0xf;
	u32 spsr = insn_bit(hw1, 4) ? ARM_SPSR : 0;

	switch (insn_decode_thumb(hw1, hw2)) {
	case INSN_CPS:
		if (!insn_thumb_is_wide(hw1))
			return ARM_CPS | (2 | insn_bit(hw1, 4)) << 18 | (hw1 & 7) << 6;
		return ARM_CPS | insn_field(hw2, 9, 2) << 18 | insn_field(hw2, 8, 1) << 17 |
		       (hw2 & 0xe0) << 1 | (hw2 & 0x1f);
	case INSN_WFI:
		return ARM_WFI;
	case INSN_MRS:
		return ARM_MRS | spsr | insn_field(hw2, 8, 4) << 12;
	case INSN_MSR_REG:
		return ARM_MSR | spsr | insn_field(hw2, 8, 4) << 16 | low;
	case INSN_MRS_BANKED:
		return ARM_MRS_BANKED | spsr | low << 16 | insn_field(hw2, 8, 4) << 12 |
		       insn_field(hw2, 4, 1) << 8;
	case INSN_MSR_BANKED:
		return ARM_MSR_BANKED | spsr | insn_field(hw2, 8, 4) << 16 |
		       insn_field(hw2, 4, 1) << 8 | low;
	case INSN_DP_RET:
		return hw2 & 0xff ? ARM_SUBS_PC_LR | (hw2 & 0xff) : ARM_MOVS_PC_LR;
	case INSN_RFE:
		return low == 15 ? 0 : thumb_block_to_arm(hw1, ARM_RFEDB, ARM_RFEIA) | low << 16;
	case INSN_SRS:
		return thumb_block_to_arm(hw1, ARM_SRSDB, ARM_SRSIA) | (hw2 & 0x1f);
	case INSN_CP_REG:
		/* MCR and MRC are the same word in both sets; not MCR2 and MRC2. */
		return hw1 >> 8 == 0xee ? hw1 << 16 | hw2 : 0;
	default:
		return 0;
	}
}

static struct thumb_insn thumb_make(u32 hw1, u32 hw2)
{
	return (struct thumb_insn){ hw1, hw2 };
}

struct thumb_insn thumb_from_arm(u32 word)
{
	u32 spsr = insn_bit(word, 22) << 4, w = insn_bit(word, 21) << 5;

	switch (insn_decode_arm(word)) {
	case INSN_CPS:
		return thumb_make(0xf3af, 0x8000 | insn_field(word, 18, 2) << 9 |
				    insn_field(word, 17, 1) << 8 | insn_field(word, 6, 3) << 5 |
				    (word & 0x1f));
	case INSN_WFI:
		return thumb_make(0xf3af, 0x8003);
	case INSN_MRS:
		return thumb_make(0xf3ef | spsr, 0x8000 | insn_rd(word) << 8);
	case INSN_MSR_REG:
		return thumb_make(0xf380 | spsr | insn_rm(word), 0x8000 | insn_rn(word) << 8);
	case INSN_MRS_BANKED:
		return thumb_make(0xf3e0 | spsr | insn_rn(word),
			    0x8020 | insn_rd(word) << 8 | insn_bit(word, 8) << 4);
	case INSN_MSR_BANKED:
		return thumb_make(0xf380 | spsr | insn_rm(word),
			    0x8020 | insn_rn(word) << 8 | insn_bit(word, 8) << 4);
	case INSN_DP_RET:
		return thumb_make(0xf3de, 0x8f00 | (word == ARM_MOVS_PC_LR ? 0 : word & 0xff));
	case INSN_RFE:
		return thumb_make((insn_bit(word, 24) ? 0xe810 : 0xe990) | w | insn_rn(word),
				  0xc000);
	case INSN_SRS:
		return thumb_make((insn_bit(word, 24) ? 0xe80d : 0xe98d) | w,
				  0xc000 | (word & 0x1f));
	default:
		return thumb_make(word >> 16, word);
	}
}

struct thumb_insn thumb_unpatch(const struct insn_dict *dict, struct thumb_insn insn)
{
	u32 udf = thumb_udf_to_arm(insn), word;

	if ((insn.hw1 & 0xfff0) == THUMB_UDF_CPS && (insn.hw1 & 7))
		return thumb_make(0xb660 | (insn.hw1 & 8) << 1 | (insn.hw1 & 7), 0);
	if (insn.hw1 == THUMB_UDF_WFI)
		return thumb_make(0xbf30, 0);
	if (!udf)
		return insn;
	word = patch_index_word(dict, insn_imm16(udf));
	/* What an A32 page alone has put into the dictionary has no T32 form. */
	if (!word || thumb_to_arm(thumb_from_arm(word)) != word)
		return insn;
	return thumb_from_arm(word);
}

/*
 * -- look words ------------------------------------------------------------------
 */

/*
 * First halves that are undefined with each second one, 32 in a row each: data processing with shifted
 * registers, opcodes 0101, 0111 and 1001 (A6.3.11); loads of a doubleword (A6.3.7).
 */
static const u16 wide_rows[] = { 0xeaa0, 0xeae0, 0xeb20 };
#define WIDE_LOAD	0xf970U
#define WIDE_LOAD_MASK	0xff70U

/*
 * Halves of seven bits for a question of boundaries.  A narrow one is none of those that stand by
 * themselves, THUMB_UDF_* and THUMB_ASK: who is asked may look at one half alone.  Nor is it 0xdefe or
 * 0xdeff, which compilers use: there are so many values of an upper one.
 */
#define PAIR_LOW	0xde00U
#define PAIR_LOW_VALUES	0x80U
#define PAIR_HIGH	(THUMB_ASK + 1)
#define PAIR_HIGH_VALUES (0xdefeU - PAIR_HIGH)

/* 0: there is none. */
static u32 thumb_pair_half(u32 original, bool high, u32 val)
{
	u32 half;

	if (!insn_thumb_is_wide(original)) {
		if (high && val >= PAIR_HIGH_VALUES)
			return 0;
		half = (high ? PAIR_HIGH : PAIR_LOW) + val;
	} else if (val < 0x60) {
		half = wide_rows[val >> 5] | (val & 0x1f);
	} else {
		half = WIDE_LOAD | (val & 0xf) | (val & 0x10) << 3;
	}
	return half == original ? 0 : half;
}

static bool thumb_pair_value(u32 half, bool high, u32 *val)
{
	u32 i;

	*val = half - (high ? PAIR_HIGH : PAIR_LOW);
	if (*val < (high ? PAIR_HIGH_VALUES : PAIR_LOW_VALUES))
		return true;
	if ((half & WIDE_LOAD_MASK) == WIDE_LOAD) {
		*val = 0x60 | (half & 0xf) | (half & 0x80) >> 3;
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(wide_rows); i++) {
		if ((half & 0xffe0) == wide_rows[i]) {
			*val = i << 5 | (half & 0x1f);
			return true;
		}
	}
	return false;
}

static bool thumb_pair_index(u32 word, u32 *index)
{
	u32 low, high;

	if (!thumb_pair_value(word & 0xffff, false, &low) ||
	    !thumb_pair_value(word >> 16, true, &high))
		return false;
	*index = DICT_FIRST + (high << 7 | low);
	return true;
}

static bool thumb_is_state(u32 word)
{
	u32 low = word & 0xfff0, high = word >> 16;

	return (high == THUMB_LOOK_SPIN || high == THUMB_LOOK_UPPER_WIDE) &&
	       (low == THUMB_LOOK_STATE || low == THUMB_LOOK_STATE_WIDE);
}

bool thumb_is_look(u32 word)
{
	u32 index;

	return thumb_is_state(word) || thumb_pair_index(word, &index);
}

bool thumb_look_spins(u32 word)
{
	return thumb_is_state(word) && word >> 16 == THUMB_LOOK_SPIN;
}

bool thumb_is_look_index(u32 index)
{
	/* insn_imm16() of UDF with THUMB_LOOK_SPIN */
	return (index & ~0xfU) == 0xede0 || (index & ~0xfU) == 0xeea0;
}

u32 thumb_look(struct insn_dict *dict, u32 word, bool states)
{
	u32 low = word & 0xffff, high = word >> 16, look_low, look_high;
	unsigned int i;
	int index;

	if (!states) {
		/* Half of the dictionary is for what can't do without it. */
		if (2 * dict->nr >= dict->max)
			return 0;
		index = dict_add(dict, word) - DICT_FIRST;
		if (index < 0 || index >= 1 << 14)
			return 0;
		look_high = thumb_pair_half(high, true, index >> 7);
		look_low = thumb_pair_half(low, false, index & 0x7f);
		return look_high && look_low ? look_high << 16 | look_low : 0;
	}
	for (i = 0; i < dict->nr_looks && dict->looks[i] != word; i++)
		;
	if (i == dict->nr_looks && i < DICT_LOOKS) {
		dict->looks[i] = word;
		dict->nr_looks++;
	}
	look_high = insn_thumb_is_wide(high) ? THUMB_LOOK_UPPER_WIDE : THUMB_LOOK_SPIN;
	look_low = (insn_thumb_is_wide(low) ? THUMB_LOOK_STATE_WIDE : THUMB_LOOK_STATE) | i;
	return look_high == high || look_low == low ? 0 : look_high << 16 | look_low;
}

bool thumb_look_original(const struct insn_dict *dict, u32 look, u32 *word)
{
	u32 index;

	if (thumb_is_state(look)) {
		if ((look & 0xf) >= dict->nr_looks)
			return false;
		*word = dict->looks[look & 0xf];
		return true;
	}
	return thumb_pair_index(look, &index) && dict_word(dict, index, word);
}

bool thumb_is_exclusive(struct thumb_insn insn)
{
	u32 hw1 = insn.hw1 & 0xffe0;

	if (insn.hw1 == 0xf3bf)					/* CLREX T1, A8.8.32 */
		return insn.hw2 == 0x8f2f;
	if (hw1 == 0xe840)					/* STREX, LDREX */
		return true;
	if (hw1 != 0xe8c0)
		return false;
	/* B, H, D forms: op3 is 4, 5, 7; 0 and 1 are TBB and TBH */
	return insn_field(insn.hw2, 4, 4) == 4 || insn_field(insn.hw2, 4, 4) == 5 ||
	       insn_field(insn.hw2, 4, 4) == 7;
}

/*
 * -- what isn't sensitive --------------------------------------------------------
 */

bool thumb_branch(struct thumb_insn insn, u32 *cond, int *rel)
{
	u32 hw1 = insn.hw1, hw2 = insn.hw2, s = insn_bit(hw1, 10);
	u32 j1 = insn_bit(hw2, 13), j2 = insn_bit(hw2, 11);

	*cond = INSN_COND_AL;
	if ((hw1 & 0xf000) == 0xd000) {					/* T1 */
		*cond = insn_field(hw1, 8, 4);
		*rel = 4 + 2 * insn_sign_extend(hw1 & 0xff, 8);
	} else if ((hw1 & 0xf800) == 0xe000) {				/* T2 */
		*rel = 4 + 2 * insn_sign_extend(hw1 & 0x7ff, 11);
	} else if ((hw1 & 0xf800) == 0xf000 && (hw2 & 0xd000) == 0x8000) {	/* T3 */
		*cond = insn_field(hw1, 6, 4);
		*rel = 4 + 2 * insn_sign_extend(s << 19 | j2 << 18 | j1 << 17 | (hw1 & 0x3f) << 11 |
						(hw2 & 0x7ff), 20);
	} else if ((hw1 & 0xf800) == 0xf000 && (hw2 & 0xd000) == 0x9000) {	/* T4 */
		*rel = 4 + 2 * insn_sign_extend(s << 23 | (~(j1 ^ s) & 1) << 22 | (~(j2 ^ s) & 1) << 21 |
						(hw1 & 0x3ff) << 11 | (hw2 & 0x7ff), 24);
		return true;
	} else {
		return false;
	}
	/* Conditions 14 and 15 are other instructions: UDF and SVC, MSR, hints. */
	return *cond < INSN_COND_AL || (hw1 & 0xf800) == 0xe000;
}

#define ARM_IMM		(1U << 25)
#define ARM_S		(1U << 20)
#define ARM_SUB		0xe0400000U	/* A8.8.223 A1 */
#define ARM_RSB		0xe0600000U	/* A8.8.153 A1 */
#define ARM_ADD		0xe0800000U	/* A8.8.7 A1 */
#define ARM_CMP		0xe1500000U	/* A8.8.38 A1 */
#define ARM_CMN		0xe1700000U	/* A8.8.35 A1 */
#define ARM_NOP		0xe320f000U	/* A8.8.119 A1 */
#define ARM_BARRIER	0xf57ff000U	/* A8.8.44 A1: DSB is 4, DMB 5, ISB 6 */

/* ThumbExpandImm without its carry, A6.3.2. */
static u32 thumb_expand_imm(u32 imm12)
{
	u32 imm8 = imm12 & 0xff, top = 0x80 | (imm12 & 0x7f), rotate = imm12 >> 7;

	switch (imm12 >> 8) {
	case 0:
		return imm8;
	case 1:
		return imm8 << 16 | imm8;
	case 2:
		return imm8 << 24 | imm8 << 8;
	case 3:
		return imm8 * 0x01010101U;
	default:
		return top >> rotate | top << (32 - rotate);
	}
}

/* @word with @imm for its operand; 0: A32 has no such constant (A5.2.4). */
static u32 thumb_with_imm(u32 word, u32 imm)
{
	u32 rotate;

	for (rotate = 0; rotate < 16; rotate++) {
		if (imm < 0x100)
			return word | ARM_IMM | rotate << 8 | imm;
		imm = imm << 2 | imm >> 30;
	}
	return 0;
}

/* Data processing of 32 bits: @word is its A32 form without registers and operand; 0: none of those that are known. */
static u32 thumb_wide_arithmetic(u32 hw1, u32 hw2)
{
	u32 rn = hw1 & 0xf, rd = insn_field(hw2, 8, 4), s = insn_bit(hw1, 4) ? ARM_S : 0, word;

	switch (insn_field(hw1, 5, 4)) {
	case 8:
		word = ARM_ADD;
		break;
	case 13:
		word = ARM_SUB;
		break;
	case 14:
		word = ARM_RSB;
		break;
	default:
		return 0;
	}
	if (rn == 15)
		return 0;
	if (rd != 15)
		return word | s | rn << 16 | rd << 12;
	if (!s || word == ARM_RSB)
		return 0;
	return (word == ARM_ADD ? ARM_CMN : ARM_CMP) | rn << 16;
}

static u32 thumb_wide_plain(u32 hw1, u32 hw2)
{
	u32 imm12 = insn_bit(hw1, 10) << 11 | insn_field(hw2, 12, 3) << 8 | (hw2 & 0xff);
	u32 rn = hw1 & 0xf, rd = insn_field(hw2, 8, 4), word;

	if (hw1 >> 8 == 0xee)					/* MCR, MRC and relatives: one word in both sets */
		return hw1 << 16 | hw2;
	if (hw1 == 0xf3bf && (hw2 & 0xff00) == 0x8f00)
		return insn_field(hw2, 4, 4) - 4 < 3 ? ARM_BARRIER | (hw2 & 0xff) : 0;
	if (hw1 == 0xf3af && hw2 == 0x8000)
		return ARM_NOP;
	if ((hw1 & 0xfa00) == 0xf000 && !insn_bit(hw2, 15)) {	/* A6.3.1, modified immediate */
		word = thumb_wide_arithmetic(hw1, hw2);
		return word ? thumb_with_imm(word, thumb_expand_imm(imm12)) : 0;
	}
	if (((hw1 & 0xfbf0) == 0xf200 || (hw1 & 0xfbf0) == 0xf2a0) && !insn_bit(hw2, 15)) {	/* ADDW, SUBW: A6.3.3 */
		if (rn == 15 || rd == 15)
			return 0;
		return thumb_with_imm((insn_bit(hw1, 7) ? ARM_SUB : ARM_ADD) | rn << 16 | rd << 12, imm12);
	}
	if ((hw1 & 0xfe00) == 0xea00 && !(hw2 & 0xf0f0)) {	/* A6.3.11, not shifted */
		word = thumb_wide_arithmetic(hw1, hw2);
		return word ? word | (hw2 & 0xf) : 0;
	}
	return 0;
}

u32 thumb_plain_to_arm(struct thumb_insn insn)
{
	u32 hw = insn.hw1, low = hw & 7, next = insn_field(hw, 3, 3), third = insn_field(hw, 6, 3);
	u32 any = insn_bit(hw, 7) << 3 | low, rdn = insn_field(hw, 8, 3);

	if (insn_thumb_is_wide(hw))
		return thumb_wide_plain(hw, insn.hw2);
	if (hw == 0xbf00)
		return ARM_NOP;
	switch (hw >> 9) {
	case 0x1800 >> 9:					/* ADD (register) T1 */
		return ARM_ADD | ARM_S | next << 16 | low << 12 | third;
	case 0x1a00 >> 9:
		return ARM_SUB | ARM_S | next << 16 | low << 12 | third;
	case 0x1c00 >> 9:					/* ADD (immediate) T1 */
		return ARM_ADD | ARM_IMM | ARM_S | next << 16 | low << 12 | third;
	case 0x1e00 >> 9:
		return ARM_SUB | ARM_IMM | ARM_S | next << 16 | low << 12 | third;
	}
	switch (hw >> 11) {
	case 0x2800 >> 11:					/* CMP (immediate) T1 */
		return ARM_CMP | ARM_IMM | rdn << 16 | (hw & 0xff);
	case 0x3000 >> 11:					/* ADD (immediate) T2 */
		return ARM_ADD | ARM_IMM | ARM_S | rdn << 16 | rdn << 12 | (hw & 0xff);
	case 0x3800 >> 11:
		return ARM_SUB | ARM_IMM | ARM_S | rdn << 16 | rdn << 12 | (hw & 0xff);
	}
	switch (hw >> 6) {
	case 0x4240 >> 6:					/* RSB (immediate) T1 */
		return ARM_RSB | ARM_IMM | ARM_S | next << 16 | low << 12;
	case 0x4280 >> 6:					/* CMP (register) T1 */
		return ARM_CMP | low << 16 | next;
	case 0x42c0 >> 6:					/* CMN (register) T1 */
		return ARM_CMN | low << 16 | next;
	}
	if (hw >> 8 == 0x44 && any != 15)			/* ADD (register) T2 */
		return ARM_ADD | any << 16 | any << 12 | insn_field(hw, 3, 4);
	if (hw >> 8 == 0x45)					/* CMP (register) T2 */
		return ARM_CMP | any << 16 | insn_field(hw, 3, 4);
	return 0;
}
