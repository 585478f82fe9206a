// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads and stores in software (ARM DDI 0406C A5.2, A5.3, A5.5, A6.2, A6.3, A8.8).
 */
#include <linux/bitops.h>
#include <linux/string.h>
#include <linux/swab.h>

#include "decode.h"
#include "emulate.h"
#include "ldst.h"

#define SHIFT_LSL	0
#define SHIFT_ROR	3

static bool overlaps_base(const struct ldst *ls, unsigned int r)
{
	return ls->wback && ls->rn == r;
}

/* A8.4.3 DecodeImmShift */
static void set_imm_shift(struct ldst *ls, u32 type, u32 imm5)
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
static void set_index(struct ldst *ls, u32 word)
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
	set_index(ls, word);

	if (insn_bit(word, 25)) {
		if (insn_bit(word, 4))
			return false;		/* media */
		ls->reg_offset = true;
		ls->rm = insn_rm(word);
		set_imm_shift(ls, insn_field(word, 5, 2), insn_field(word, 7, 5));
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
	set_index(ls, word);
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
		if (overlaps_base(ls, ls->rt2))
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

static bool thumb_single(struct ldst *ls, bool load, unsigned int size, unsigned int rn,
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

	thumb_single(ls, ops[op].load, ops[op].size, insn_field(hw, 3, 3),
		     insn_field(hw, 0, 3), 0);
	ls->sign = ops[op].sign;
	ls->reg_offset = true;
	ls->rm = insn_field(hw, 6, 3);
	return true;
}

static bool thumb_block(struct ldst *ls, bool load, unsigned int rn, u32 list, bool before,
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
		return l && thumb_single(ls, true, 4, 15, insn_field(hw, 8, 3), imm8 * 4);
	case 5:
		return decode_thumb_reg(hw, ls);
	case 6:
		return thumb_single(ls, l, 4, rn, rt, imm5 * 4);
	case 7:
		return thumb_single(ls, l, 1, rn, rt, imm5);
	case 8:
		return thumb_single(ls, l, 2, rn, rt, imm5 * 2);
	case 9:
		return thumb_single(ls, l, 4, 13, insn_field(hw, 8, 3), imm8 * 4);
	case 11:
		if ((hw & 0x0e00) == 0x0400)
			return thumb_block(ls, false, 13, imm8 | (hw & 0x100) << 6, true, false, true);
		if ((hw & 0x0e00) == 0x0c00)
			return thumb_block(ls, true, 13, imm8 | (hw & 0x100) << 7, false, true, true);
		return false;
	case 12:
		rn = insn_field(hw, 8, 3);
		return thumb_block(ls, l, rn, imm8, false, true, !l || !insn_bit(imm8, rn));
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
	return thumb_block(ls, load, rn, hw2, op == 2, op == 1, wback);
}

/* Registers 13 and 15 are UNPREDICTABLE as operands of most T32 encodings. */
static bool bad_reg(unsigned int r)
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
			if (bad_reg(ls->rt2) || (load && ls->rt2 == ls->rt))
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
	if (bad_reg(ls->rt) || ls->rn == 15)
		return false;
	if (load)
		return true;
	return !bad_reg(ls->rd) && ls->rd != ls->rn && ls->rd != ls->rt &&
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
	if (bad_reg(ls->rt) || bad_reg(ls->rt2) || (ls->load && ls->rt == ls->rt2))
		return false;
	if (ls->rn == 15)
		return ls->load && !w;
	return !overlaps_base(ls, ls->rt) && !overlaps_base(ls, ls->rt2);
}

/* A6.3.7-A6.3.10 */
static bool decode_thumb_wide_single(u16 hw1, u16 hw2, struct ldst *ls)
{
	unsigned int size = insn_field(hw1, 5, 2);
	bool load = insn_bit(hw1, 4);

	if (size == 3 || (insn_bit(hw1, 8) && (!load || size == 2)))
		return false;
	thumb_single(ls, load, 1U << size, insn_field(hw1, 0, 4), insn_field(hw2, 12, 4), 0);
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
		if (overlaps_base(ls, ls->rt))
			return false;
	} else {
		if (insn_field(hw2, 6, 5))
			return false;
		ls->reg_offset = true;
		ls->rm = insn_field(hw2, 0, 4);
		ls->shift_n = insn_field(hw2, 4, 2);
		if (bad_reg(ls->rm))
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

bool ldst_decode_simple(u32 word, struct ldst_simple *ls)
{
	unsigned int op2 = insn_field(word, 5, 2);

	ls->rt = insn_rd(word);
	ls->load = insn_bit(word, 20);
	ls->sign = false;
	if (insn_cond(word) == INSN_COND_NONE || ls->rt == 15)
		return false;
	/* A8.8.63-70, A8.8.204-210: bits 27:26 01, P 1, W 0 */
	if ((word & 0x0d200000) == 0x05000000) {
		ls->size = insn_bit(word, 22) ? 1 : 4;
		/* a register: not the media instructions */
		return !insn_bit(word, 25) || (!insn_bit(word, 4) && insn_rm(word) != 15);
	}
	/* A5.2.8: bits 27:25 000, P 1, W 0; stores of signed data are LDRD and STRD */
	if ((word & 0x0f200090) != 0x01000090 || !op2 || (op2 != 1 && !ls->load))
		return false;
	ls->size = op2 == 2 ? 1 : 2;
	ls->sign = op2 != 1;
	return insn_bit(word, 22) || (!insn_rs(word) && insn_rm(word) != 15);
}

u32 ldst_simple_address(u32 word, const struct armkvm_cpu *cpu)
{
	u32 base = insn_rn(word) == 15 ? (cpu->pc + 8) & ~3U : cpu->r[insn_rn(word)];
	u32 offset;

	if ((word & 0x0e000000) == 0x04000000) {
		offset = insn_field(word, 0, 12);
	} else if (!insn_bit(word, 26)) {
		offset = insn_bit(word, 22) ? insn_rs(word) << 4 | insn_rm(word) :
					      cpu->r[insn_rm(word)];
	} else {
		u32 type = insn_field(word, 5, 2), imm5 = insn_field(word, 7, 5);

		/* DecodeImmShift, A8.4.3 */
		if (!imm5 && type == SHIFT_ROR)
			offset = emu_rrx(cpu->r[insn_rm(word)], cpu->cpsr);
		else
			offset = emu_shift(cpu->r[insn_rm(word)], type,
					   imm5 || type == SHIFT_LSL ? imm5 : 32);
	}
	return insn_bit(word, 23) ? base + offset : base - offset;
}

/* A register as an address operand: the pc reads ahead, and aligned (A8.7.1). */
static u32 base_value(const struct ldst *ls, const struct armkvm_cpu *cpu)
{
	if (ls->rn != 15)
		return cpu->r[ls->rn];
	return (cpu->pc + (cpu->cpsr & CPU_PSR_T ? 4 : 8)) & ~3U;
}

static u32 offset_value(const struct ldst *ls, const struct armkvm_cpu *cpu)
{
	if (!ls->reg_offset)
		return ls->imm;
	if (ls->rrx)
		return emu_rrx(cpu->r[ls->rm], cpu->cpsr);
	return emu_shift(cpu->r[ls->rm], ls->shift, ls->shift_n);
}

void ldst_begin(struct ldst_run *run, const struct ldst *ls, const struct armkvm_cpu *cpu)
{
	u32 base = base_value(ls, cpu);
	u32 offset;

	memset(run, 0, sizeof(*run));
	run->insn = *ls;
	run->nr = 1;
	if (ls->form == LDST_DUAL || ls->form == LDST_SWAP)
		run->nr = 2;

	if (ls->form == LDST_MULTIPLE) {
		run->nr = hweight16(ls->list);
		offset = 4 * run->nr;
		run->base = ls->add ? base + offset : base - offset;
		run->addr = ls->add ? base : base - offset;
		/* IB and DA start a word higher */
		if (ls->index == ls->add)
			run->addr += 4;
		return;
	}

	offset = offset_value(ls, cpu);
	run->base = ls->add ? base + offset : base - offset;
	run->addr = ls->index ? run->base : base;
}

/* The @n-th register of a block transfer. */
static unsigned int list_reg(u32 list, unsigned int n)
{
	unsigned int r = 0;

	for (;;) {
		while (!insn_bit(list, r))
			r++;
		if (!n--)
			return r;
		r++;
	}
}

static u32 *transfer_reg(const struct ldst *ls, struct armkvm_cpu *cpu, unsigned int r)
{
	if (ls->block == LDST_BLOCK_USER)
		return cpu_banked_reg(cpu, CPU_MODE_USR, r);
	return &cpu->r[r];
}

/* Between a register's value and its image in memory; its own inverse. */
static u32 memory_order(const struct armkvm_cpu *cpu, unsigned int size, u32 value)
{
	if (!(cpu->cpsr & CPU_PSR_E) || size == 1)
		return value;
	return size == 2 ? swab16(value) : swab32(value);
}

/* The image of register @r, for a store. */
static u32 store_image(const struct ldst *ls, struct armkvm_cpu *cpu, unsigned int r)
{
	unsigned int size = ls->size < 4 ? ls->size : 4;
	u32 value;

	/* only A32 stores the pc, and reads it 8 ahead */
	value = r == 15 ? cpu->pc + 8 : *transfer_reg(ls, cpu, r);
	if (size < 4)
		value &= (1U << 8 * size) - 1;
	return memory_order(cpu, size, value);
}

static u32 required_alignment(const struct ldst *ls)
{
	/* LDR, LDRH and their stores may be unaligned (A3.2.1) */
	return ls->form == LDST_SINGLE ? 0 : ls->size - 1;
}

bool ldst_next(const struct ldst_run *run, struct armkvm_cpu *cpu, struct ldst_access *acc)
{
	const struct ldst *ls = &run->insn;
	unsigned int r;

	if (run->done >= run->nr)
		return false;

	acc->gva = run->addr;
	acc->align = required_alignment(ls);
	acc->size = ls->size;
	acc->write = !ls->load;
	acc->as_user = ls->unpriv;
	acc->value = 0;

	switch (ls->form) {
	case LDST_SWAP:
		acc->write = run->done == 1;
		r = ls->rt2;
		break;
	case LDST_DUAL:
		acc->gva += 4 * run->done;
		r = run->done ? ls->rt2 : ls->rt;
		break;
	case LDST_MULTIPLE:
		acc->gva += 4 * run->done;
		r = list_reg(ls->list, run->done);
		break;
	default:
		r = ls->rt;
		break;
	}

	if (acc->write) {
		acc->value = store_image(ls, cpu, r);
		if (ls->size == 8)
			acc->value |= (u64)store_image(ls, cpu, ls->rt2) << 32;
	}
	return true;
}

void ldst_supply(struct ldst_run *run, u64 value)
{
	if (run->done >= run->nr)
		return;
	run->val[run->done++] = value;
	if (run->insn.size == 8)
		run->val[1] = value >> 32;
}

/* What a load of @image puts into its register. */
static u32 load_value(const struct ldst *ls, const struct armkvm_cpu *cpu, u32 image)
{
	u32 value;

	switch (ls->size) {
	case 1:
		return ls->sign ? (u32)(s8)image : (u8)image;
	case 2:
		value = memory_order(cpu, 2, (u16)image);
		return ls->sign ? (u32)(s16)value : value;
	default:
		return memory_order(cpu, 4, image);
	}
}

/* LoadWritePC, A2.3.2: bit 0 chooses the instruction set */
static void load_pc(struct armkvm_cpu *cpu, u32 value)
{
	if (value & 1) {
		cpu->cpsr |= CPU_PSR_T;
		cpu->pc = value & ~1U;
	} else {
		cpu->cpsr &= ~CPU_PSR_T;
		cpu->pc = value & ~3U;
	}
}

static bool commit_multiple(struct ldst_run *run, struct armkvm_cpu *cpu)
{
	const struct ldst *ls = &run->insn;
	bool loads_pc = ls->load && insn_bit(ls->list, 15);
	unsigned int i, r;
	u32 value = 0;

	if (ls->block == LDST_BLOCK_RETURN) {
		enum cpu_bank bank = cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE);
		u32 spsr = cpu->spsr[bank];

		if (bank == CPU_BANK_USR || !cpu_return_valid(spsr))
			return false;
	}

	emu_skip(cpu, ls->len);
	if (ls->wback)
		cpu->r[ls->rn] = run->base;
	for (i = 0; ls->load && i < run->nr; i++) {
		r = list_reg(ls->list, i);
		value = load_value(ls, cpu, run->val[i]);
		if (r != 15)
			*transfer_reg(ls, cpu, r) = value;
	}
	if (!loads_pc)
		return true;
	if (ls->block == LDST_BLOCK_RETURN)
		return cpu_exception_return(cpu, value,
					    cpu->spsr[cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE)]);
	load_pc(cpu, value);
	return true;
}

bool ldst_commit(struct ldst_run *run, struct armkvm_cpu *cpu)
{
	const struct ldst *ls = &run->insn;
	u32 value = load_value(ls, cpu, run->val[0]);
	u32 value2 = load_value(ls, cpu, run->val[1]);

	if (ls->form == LDST_MULTIPLE)
		return commit_multiple(run, cpu);

	emu_skip(cpu, ls->len);
	if (ls->wback)
		cpu->r[ls->rn] = run->base;

	if (!ls->load) {
		if (ls->form == LDST_EXCLUSIVE)
			cpu->r[ls->rd] = run->status;
		return true;
	}
	if (ls->rt == 15)
		load_pc(cpu, value);
	else
		cpu->r[ls->rt] = value;
	if (ls->form == LDST_DUAL || ls->size == 8)
		cpu->r[ls->rt2] = value2;
	return true;
}
