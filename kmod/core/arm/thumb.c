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
static u32 block_to_arm(u32 hw1, u32 db, u32 ia)
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
		return low == 15 ? 0 : block_to_arm(hw1, ARM_RFEDB, ARM_RFEIA) | low << 16;
	case INSN_SRS:
		return block_to_arm(hw1, ARM_SRSDB, ARM_SRSIA) | (hw2 & 0x1f);
	case INSN_CP_REG:
		/* MCR and MRC are the same word in both sets; not MCR2 and MRC2. */
		return hw1 >> 8 == 0xee ? hw1 << 16 | hw2 : 0;
	default:
		return 0;
	}
}

static struct thumb_insn insn_of(u32 hw1, u32 hw2)
{
	return (struct thumb_insn){ hw1, hw2 };
}

struct thumb_insn thumb_from_arm(u32 word)
{
	u32 spsr = insn_bit(word, 22) << 4, w = insn_bit(word, 21) << 5;

	switch (insn_decode_arm(word)) {
	case INSN_CPS:
		return insn_of(0xf3af, 0x8000 | insn_field(word, 18, 2) << 9 |
				    insn_field(word, 17, 1) << 8 | insn_field(word, 6, 3) << 5 |
				    (word & 0x1f));
	case INSN_WFI:
		return insn_of(0xf3af, 0x8003);
	case INSN_MRS:
		return insn_of(0xf3ef | spsr, 0x8000 | insn_rd(word) << 8);
	case INSN_MSR_REG:
		return insn_of(0xf380 | spsr | insn_rm(word), 0x8000 | insn_rn(word) << 8);
	case INSN_MRS_BANKED:
		return insn_of(0xf3e0 | spsr | insn_rn(word),
			    0x8020 | insn_rd(word) << 8 | insn_bit(word, 8) << 4);
	case INSN_MSR_BANKED:
		return insn_of(0xf380 | spsr | insn_rm(word),
			    0x8020 | insn_rn(word) << 8 | insn_bit(word, 8) << 4);
	case INSN_DP_RET:
		return insn_of(0xf3de, 0x8f00 | (word == ARM_MOVS_PC_LR ? 0 : word & 0xff));
	case INSN_RFE:
		return insn_of((insn_bit(word, 24) ? 0xe810 : 0xe990) | w | insn_rn(word), 0xc000);
	case INSN_SRS:
		return insn_of((insn_bit(word, 24) ? 0xe80d : 0xe98d) | w, 0xc000 | (word & 0x1f));
	default:
		return insn_of(word >> 16, word);
	}
}

struct thumb_insn thumb_unpatch(const struct insn_dict *dict, struct thumb_insn insn)
{
	u32 udf = thumb_udf_to_arm(insn), word;

	if ((insn.hw1 & 0xfff0) == THUMB_UDF_CPS && (insn.hw1 & 7))
		return insn_of(0xb660 | (insn.hw1 & 8) << 1 | (insn.hw1 & 7), 0);
	if (insn.hw1 == THUMB_UDF_WFI)
		return insn_of(0xbf30, 0);
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
static u32 pair_half(u32 original, bool high, u32 val)
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

static bool pair_value(u32 half, bool high, u32 *val)
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

static bool pair_index(u32 word, u32 *index)
{
	u32 low, high;

	if (!pair_value(word & 0xffff, false, &low) || !pair_value(word >> 16, true, &high))
		return false;
	*index = DICT_FIRST + (high << 7 | low);
	return true;
}

static bool is_state(u32 word)
{
	u32 low = word & 0xfff0, high = word >> 16;

	return (high == THUMB_LOOK_SPIN || high == THUMB_LOOK_UPPER_WIDE) &&
	       (low == THUMB_LOOK_STATE || low == THUMB_LOOK_STATE_WIDE);
}

bool thumb_is_look(u32 word)
{
	u32 index;

	return is_state(word) || pair_index(word, &index);
}

bool thumb_look_spins(u32 word)
{
	return is_state(word) && word >> 16 == THUMB_LOOK_SPIN;
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
		look_high = pair_half(high, true, index >> 7);
		look_low = pair_half(low, false, index & 0x7f);
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

	if (is_state(look)) {
		if ((look & 0xf) >= dict->nr_looks)
			return false;
		*word = dict->looks[look & 0xf];
		return true;
	}
	return pair_index(look, &index) && dict_word(dict, index, word);
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
