// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads and stores: what the words mean (ARM DDI 0406C A5.2, A5.3, A5.5, A6.2, A6.3, A8.8).
 */
#include <linux/bitops.h>
#include <linux/string.h>

#include "decode.h"
#include "ldst.h"

#define SHIFT_LSL	0
#define SHIFT_ROR	3

static bool ldst_overlaps_base(const struct ldst *ls, unsigned int r)
{
	return ls->wback && ls->rn == r;
}

/* A8.4.3 DecodeImmShift */
static void ldst_set_imm_shift(struct ldst *ls, u32 type, u32 imm5)
{
	ls->shift = type;
	ls->shift_n = imm5;
	if (imm5)
		return;
	if (type == SHIFT_ROR)
		ls->rrx = true;
	else if (type != SHIFT_LSL)
		ls->shift_n = 32;
}

/* P and W of the A32 single transfers: post-indexed forms write back, or are LDRT. */
static void ldst_set_index(struct ldst *ls, u32 word)
{
	bool p = insn_bit(word, 24);
	bool w = insn_bit(word, 21);

	ls->index = p;
	ls->add = insn_bit(word, 23);
	ls->wback = !p || w;
	ls->unpriv = !p && w;
}

/* A8.8.62-A8.8.71, A8.8.203-A8.8.209: word and byte */
static bool decode_arm_word_byte(u32 word, struct ldst *ls)
{
	ls->form = LDST_SINGLE;
	ls->load = insn_bit(word, 20);
	ls->size = insn_bit(word, 22) ? 1 : 4;
	ls->rt = insn_rd(word);
	ls->rn = insn_rn(word);
	ldst_set_index(ls, word);

	if (insn_bit(word, 25)) {
		if (insn_bit(word, 4))
			return false;		/* media */
		ls->reg_offset = true;
		ls->rm = insn_rm(word);
		ldst_set_imm_shift(ls, insn_field(word, 5, 2), insn_field(word, 7, 5));
		if (ls->rm == 15)
			return false;
	} else {
		ls->imm = insn_field(word, 0, 12);
	}

	if (ls->wback && (ls->rn == 15 || ls->rn == ls->rt))
		return false;
	/* LDR and STR take the pc, and so does STRT */
	return ls->rt != 15 || (ls->size == 4 && !(ls->load && ls->unpriv));
}

/* A5.2.8, A5.2.9: halfword, signed byte, dual */
static bool decode_arm_extra(u32 word, struct ldst *ls)
{
	unsigned int op2 = insn_field(word, 5, 2);
	bool l = insn_bit(word, 20);

	ls->rt = insn_rd(word);
	ls->rn = insn_rn(word);
	ldst_set_index(ls, word);
	if (insn_bit(word, 22)) {
		ls->imm = insn_rs(word) << 4 | insn_rm(word);
	} else {
		if (insn_rs(word) || insn_rm(word) == 15)
			return false;
		ls->reg_offset = true;
		ls->rm = insn_rm(word);
	}

	if (op2 == 1 || l) {
		ls->form = LDST_SINGLE;
		ls->load = l;
		ls->size = op2 == 2 ? 1 : 2;
		ls->sign = op2 != 1;
		if (ls->rt == 15)
			return false;
	} else {
		ls->form = LDST_DUAL;
		ls->load = op2 == 2;
		ls->size = 4;
		ls->rt2 = ls->rt + 1;
		if ((ls->rt & 1) || ls->rt2 == 15 || ls->unpriv)
			return false;
		if (ldst_overlaps_base(ls, ls->rt2))
			return false;
		if (ls->load && ls->reg_offset && (ls->rm == ls->rt || ls->rm == ls->rt2))
			return false;
	}
	return !ls->wback || (ls->rn != 15 && ls->rn != ls->rt);
}

/* A8.8.75-A8.8.78, A8.8.212-A8.8.215, A8.8.229 */
static bool decode_arm_sync(u32 word, struct ldst *ls)
{
	static const u8 sizes[] = { 4, 8, 1, 2 };

	ls->rn = insn_rn(word);
	ls->load = insn_bit(word, 20);
	ls->index = true;
	ls->add = true;

	if (!insn_bit(word, 23)) {
		if (insn_field(word, 20, 2) || insn_rs(word))
			return false;
		ls->form = LDST_SWAP;
		ls->load = true;
		ls->size = insn_bit(word, 22) ? 1 : 4;
		ls->rt = insn_rd(word);
		ls->rt2 = insn_rm(word);
		return ls->rt != 15 && ls->rt2 != 15 && ls->rn != 15 &&
		       ls->rn != ls->rt && ls->rn != ls->rt2;
	}

	ls->form = LDST_EXCLUSIVE;
	ls->size = sizes[insn_field(word, 21, 2)];
	if (insn_rs(word) != 15 || ls->rn == 15)
		return false;
	if (ls->load) {
		if (insn_rm(word) != 15)
			return false;
		ls->rt = insn_rd(word);
	} else {
		ls->rt = insn_rm(word);
		ls->rd = insn_rd(word);
		if (ls->rd == 15 || ls->rd == ls->rn || ls->rd == ls->rt)
			return false;
	}
	if (ls->size == 8) {
		ls->rt2 = ls->rt + 1;
		if ((ls->rt & 1) || ls->rt == 14 || (!ls->load && ls->rd == ls->rt2))
			return false;
	}
	return ls->rt != 15;
}

/* A5.5: LDM and STM in all four directions, and with the S bit */
static bool decode_arm_block(u32 word, struct ldst *ls)
{
	bool s = insn_bit(word, 22);

	ls->form = LDST_MULTIPLE;
	ls->size = 4;
	ls->load = insn_bit(word, 20);
	ls->rn = insn_rn(word);
	ls->list = insn_field(word, 0, 16);
	ls->index = insn_bit(word, 24);
	ls->add = insn_bit(word, 23);
	ls->wback = insn_bit(word, 21);
	if (ls->rn == 15 || !ls->list)
		return false;
	if (s && ls->load && insn_bit(ls->list, 15))
		ls->block = LDST_BLOCK_RETURN;
	else if (s)
		ls->block = LDST_BLOCK_USER;
	if (ls->block == LDST_BLOCK_USER && ls->wback)
		return false;
	return !ls->load || !ls->wback || !insn_bit(ls->list, ls->rn);
}

bool ldst_decode_arm(u32 word, struct ldst *ls)
{
	memset(ls, 0, sizeof(*ls));
	ls->len = 4;
	if (insn_cond(word) == INSN_COND_NONE)
		return false;

	switch (insn_field(word, 25, 3)) {
	case 0:
		if (!insn_bit(word, 4) || !insn_bit(word, 7))
			return false;
		if (insn_field(word, 5, 2))
			return decode_arm_extra(word, ls);
		return insn_bit(word, 24) && decode_arm_sync(word, ls);
	case 2:
	case 3:
		return decode_arm_word_byte(word, ls);
	case 4:
		return decode_arm_block(word, ls);
	default:
		return false;
	}
}

static bool ldst_thumb_single(struct ldst *ls, bool load, unsigned int size, unsigned int rn,
			      unsigned int rt, u32 imm)
{
	ls->form = LDST_SINGLE;
	ls->load = load;
	ls->size = size;
	ls->rn = rn;
	ls->rt = rt;
	ls->imm = imm;
	ls->index = true;
	ls->add = true;
	return true;
}

/* A6.2.4: load and store with a register offset */
static bool decode_thumb_reg(u16 hw, struct ldst *ls)
{
	static const struct {
		bool load;
		u8 size;
		bool sign;
	} ops[8] = {
		{ false, 4, false }, { false, 2, false }, { false, 1, false }, { true, 1, true },
		{ true, 4, false }, { true, 2, false }, { true, 1, false }, { true, 2, true },
	};
	unsigned int op = insn_field(hw, 9, 3);

	ldst_thumb_single(ls, ops[op].load, ops[op].size, insn_field(hw, 3, 3),
			  insn_field(hw, 0, 3), 0);
	ls->sign = ops[op].sign;
	ls->reg_offset = true;
	ls->rm = insn_field(hw, 6, 3);
	return true;
}

static bool ldst_thumb_block(struct ldst *ls, bool load, unsigned int rn, u32 list, bool before,
			     bool add, bool wback)
{
	ls->form = LDST_MULTIPLE;
	ls->load = load;
	ls->size = 4;
	ls->rn = rn;
	ls->list = list;
	ls->index = before;
	ls->add = add;
	ls->wback = wback;
	return list;
}

static bool decode_thumb_narrow(u16 hw, struct ldst *ls)
{
	bool l = insn_bit(hw, 11);
	unsigned int imm5 = insn_field(hw, 6, 5);
	unsigned int imm8 = insn_field(hw, 0, 8);
	unsigned int rn = insn_field(hw, 3, 3);
	unsigned int rt = insn_field(hw, 0, 3);

	switch (hw >> 12) {
	case 4:
		return l && ldst_thumb_single(ls, true, 4, 15, insn_field(hw, 8, 3), imm8 * 4);
	case 5:
		return decode_thumb_reg(hw, ls);
	case 6:
		return ldst_thumb_single(ls, l, 4, rn, rt, imm5 * 4);
	case 7:
		return ldst_thumb_single(ls, l, 1, rn, rt, imm5);
	case 8:
		return ldst_thumb_single(ls, l, 2, rn, rt, imm5 * 2);
	case 9:
		return ldst_thumb_single(ls, l, 4, 13, insn_field(hw, 8, 3), imm8 * 4);
	case 11:
		if ((hw & 0x0e00) == 0x0400)
			return ldst_thumb_block(ls, false, 13, imm8 | (hw & 0x100) << 6, true,
						false, true);
		if ((hw & 0x0e00) == 0x0c00)
			return ldst_thumb_block(ls, true, 13, imm8 | (hw & 0x100) << 7, false,
						true, true);
		return false;
	case 12:
		rn = insn_field(hw, 8, 3);
		return ldst_thumb_block(ls, l, rn, imm8, false, true, !l || !insn_bit(imm8, rn));
	default:
		return false;
	}
}

/* A6.3.5: IA and DB only; SRS and RFE share the space */
static bool decode_thumb_wide_block(u16 hw1, u16 hw2, struct ldst *ls)
{
	unsigned int op = insn_field(hw1, 7, 2);
	bool load = insn_bit(hw1, 4);
	bool wback = insn_bit(hw1, 5);
	unsigned int rn = insn_field(hw1, 0, 4);

	if (op != 1 && op != 2)
		return false;
	if (rn == 15 || insn_bit(hw2, 13) || hweight16(hw2) < 2)
		return false;
	if (load ? (hw2 & 0xc000) == 0xc000 : insn_bit(hw2, 15))
		return false;
	if (wback && insn_bit(hw2, rn))
		return false;
	return ldst_thumb_block(ls, load, rn, hw2, op == 2, op == 1, wback);
}

/* Registers 13 and 15 are UNPREDICTABLE as operands of most T32 encodings. */
static bool ldst_bad_reg(unsigned int r)
{
	return r == 13 || r == 15;
}

/* LDREXB and the like; op3 is hw2[7:4] */
static bool decode_thumb_exclusive(u16 hw1, u16 hw2, struct ldst *ls)
{
	bool load = insn_bit(hw1, 4);

	ls->form = LDST_EXCLUSIVE;
	ls->load = load;
	ls->rn = insn_field(hw1, 0, 4);
	ls->rt = insn_field(hw2, 12, 4);
	ls->index = true;
	ls->add = true;
	if (!insn_bit(hw1, 7)) {
		/* the word form alone has an offset, and its Rd is elsewhere */
		ls->size = 4;
		ls->imm = insn_field(hw2, 0, 8) * 4;
		ls->rd = insn_field(hw2, 8, 4);
		if (load && ls->rd != 15)
			return false;
	} else {
		switch (insn_field(hw2, 4, 4)) {
		case 4:
			ls->size = 1;
			break;
		case 5:
			ls->size = 2;
			break;
		case 7:
			ls->size = 8;
			ls->rt2 = insn_field(hw2, 8, 4);
			if (ldst_bad_reg(ls->rt2) || (load && ls->rt2 == ls->rt))
				return false;
			break;
		default:
			return false;		/* TBB, TBH, unallocated */
		}
		ls->rd = insn_field(hw2, 0, 4);
		if (ls->size != 8 && insn_field(hw2, 8, 4) != 15)
			return false;
		if (load && ls->rd != 15)
			return false;
	}
	if (ldst_bad_reg(ls->rt) || ls->rn == 15)
		return false;
	if (load)
		return true;
	return !ldst_bad_reg(ls->rd) && ls->rd != ls->rn && ls->rd != ls->rt &&
	       (ls->size != 8 || ls->rd != ls->rt2);
}

/* A6.3.6 */
static bool decode_thumb_dual(u16 hw1, u16 hw2, struct ldst *ls)
{
	bool p = insn_bit(hw1, 8);
	bool w = insn_bit(hw1, 5);

	if (!p && !w)
		return decode_thumb_exclusive(hw1, hw2, ls);

	ls->form = LDST_DUAL;
	ls->load = insn_bit(hw1, 4);
	ls->size = 4;
	ls->rn = insn_field(hw1, 0, 4);
	ls->rt = insn_field(hw2, 12, 4);
	ls->rt2 = insn_field(hw2, 8, 4);
	ls->imm = insn_field(hw2, 0, 8) * 4;
	ls->index = p;
	ls->add = insn_bit(hw1, 7);
	ls->wback = w;
	if (ldst_bad_reg(ls->rt) || ldst_bad_reg(ls->rt2) || (ls->load && ls->rt == ls->rt2))
		return false;
	if (ls->rn == 15)
		return ls->load && !w;
	return !ldst_overlaps_base(ls, ls->rt) && !ldst_overlaps_base(ls, ls->rt2);
}

/* A6.3.7-A6.3.10 */
static bool decode_thumb_wide_single(u16 hw1, u16 hw2, struct ldst *ls)
{
	unsigned int size = insn_field(hw1, 5, 2);
	bool load = insn_bit(hw1, 4);

	if (size == 3 || (insn_bit(hw1, 8) && (!load || size == 2)))
		return false;
	ldst_thumb_single(ls, load, 1U << size, insn_field(hw1, 0, 4), insn_field(hw2, 12, 4), 0);
	ls->sign = insn_bit(hw1, 8);

	if (load && ls->rn == 15) {
		ls->imm = insn_field(hw2, 0, 12);
		ls->add = insn_bit(hw1, 7);
	} else if (ls->rn == 15) {
		return false;
	} else if (insn_bit(hw1, 7)) {
		ls->imm = insn_field(hw2, 0, 12);
	} else if (insn_bit(hw2, 11)) {
		ls->imm = insn_field(hw2, 0, 8);
		ls->index = insn_bit(hw2, 10);
		ls->add = insn_bit(hw2, 9);
		ls->wback = insn_bit(hw2, 8);
		if (!ls->index && !ls->wback)
			return false;
		ls->unpriv = ls->index && ls->add && !ls->wback;
		if (ldst_overlaps_base(ls, ls->rt))
			return false;
	} else {
		if (insn_field(hw2, 6, 5))
			return false;
		ls->reg_offset = true;
		ls->rm = insn_field(hw2, 0, 4);
		ls->shift_n = insn_field(hw2, 4, 2);
		if (ldst_bad_reg(ls->rm))
			return false;
	}
	/* the pc can be loaded, by LDR; byte and halfword loads of it are preloads */
	if (ls->rt == 15)
		return load && size == 2 && !ls->unpriv;
	return ls->rt != 13 || (size == 2 && !ls->unpriv);
}

bool ldst_decode_thumb(u16 hw1, u16 hw2, struct ldst *ls)
{
	memset(ls, 0, sizeof(*ls));
	if (!insn_thumb_is_wide(hw1)) {
		ls->len = 2;
		return decode_thumb_narrow(hw1, ls);
	}
	ls->len = 4;
	switch (hw1 >> 9) {
	case 0x74:
		if (insn_bit(hw1, 6))
			return decode_thumb_dual(hw1, hw2, ls);
		return decode_thumb_wide_block(hw1, hw2, ls);
	case 0x7c:
		return decode_thumb_wide_single(hw1, hw2, ls);
	default:
		return false;
	}
}
