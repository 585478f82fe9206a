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
static u32 ldst_base_value(const struct ldst *ls, const struct armkvm_cpu *cpu)
{
	if (ls->rn != 15)
		return cpu->r[ls->rn];
	return (cpu->pc + (cpu->cpsr & CPU_PSR_T ? 4 : 8)) & ~3U;
}

static u32 ldst_offset_value(const struct ldst *ls, const struct armkvm_cpu *cpu)
{
	if (!ls->reg_offset)
		return ls->imm;
	if (ls->rrx)
		return emu_rrx(cpu->r[ls->rm], cpu->cpsr);
	return emu_shift(cpu->r[ls->rm], ls->shift, ls->shift_n);
}

void ldst_begin(struct ldst_run *run, const struct ldst *ls, const struct armkvm_cpu *cpu)
{
	u32 base = ldst_base_value(ls, cpu);
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

	offset = ldst_offset_value(ls, cpu);
	run->base = ls->add ? base + offset : base - offset;
	run->addr = ls->index ? run->base : base;
}

/* The @n-th register of a block transfer. */
static unsigned int ldst_list_reg(u32 list, unsigned int n)
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

static u32 *ldst_transfer_reg(const struct ldst *ls, struct armkvm_cpu *cpu, unsigned int r)
{
	if (ls->block == LDST_BLOCK_USER)
		return cpu_banked_reg(cpu, CPU_MODE_USR, r);
	return &cpu->r[r];
}

/* Between a register's value and its image in memory; its own inverse. */
static u32 ldst_memory_order(const struct armkvm_cpu *cpu, unsigned int size, u32 value)
{
	if (!(cpu->cpsr & CPU_PSR_E) || size == 1)
		return value;
	return size == 2 ? swab16(value) : swab32(value);
}

/* The image of register @r, for a store. */
static u32 ldst_store_image(const struct ldst *ls, struct armkvm_cpu *cpu, unsigned int r)
{
	unsigned int size = ls->size < 4 ? ls->size : 4;
	u32 value;

	/* only A32 stores the pc, and reads it 8 ahead */
	value = r == 15 ? cpu->pc + 8 : *ldst_transfer_reg(ls, cpu, r);
	if (size < 4)
		value &= (1U << 8 * size) - 1;
	return ldst_memory_order(cpu, size, value);
}

static u32 ldst_required_alignment(const struct ldst *ls)
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
	acc->align = ldst_required_alignment(ls);
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
		r = ldst_list_reg(ls->list, run->done);
		break;
	default:
		r = ls->rt;
		break;
	}

	if (acc->write) {
		acc->value = ldst_store_image(ls, cpu, r);
		if (ls->size == 8)
			acc->value |= (u64)ldst_store_image(ls, cpu, ls->rt2) << 32;
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
static u32 ldst_load_value(const struct ldst *ls, const struct armkvm_cpu *cpu, u32 image)
{
	u32 value;

	switch (ls->size) {
	case 1:
		return ls->sign ? (u32)(s8)image : (u8)image;
	case 2:
		value = ldst_memory_order(cpu, 2, (u16)image);
		return ls->sign ? (u32)(s16)value : value;
	default:
		return ldst_memory_order(cpu, 4, image);
	}
}

/* LoadWritePC, A2.3.2: bit 0 chooses the instruction set */
static void ldst_load_pc(struct armkvm_cpu *cpu, u32 value)
{
	if (value & 1) {
		cpu->cpsr |= CPU_PSR_T;
		cpu->pc = value & ~1U;
	} else {
		cpu->cpsr &= ~CPU_PSR_T;
		cpu->pc = value & ~3U;
	}
}

static bool ldst_commit_multiple(struct ldst_run *run, struct armkvm_cpu *cpu)
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
		r = ldst_list_reg(ls->list, i);
		value = ldst_load_value(ls, cpu, run->val[i]);
		if (r != 15)
			*ldst_transfer_reg(ls, cpu, r) = value;
	}
	if (!loads_pc)
		return true;
	if (ls->block == LDST_BLOCK_RETURN)
		return cpu_exception_return(cpu, value,
					    cpu->spsr[cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE)]);
	ldst_load_pc(cpu, value);
	return true;
}

bool ldst_commit(struct ldst_run *run, struct armkvm_cpu *cpu)
{
	const struct ldst *ls = &run->insn;
	u32 value = ldst_load_value(ls, cpu, run->val[0]);
	u32 value2 = ldst_load_value(ls, cpu, run->val[1]);

	if (ls->form == LDST_MULTIPLE)
		return ldst_commit_multiple(run, cpu);

	emu_skip(cpu, ls->len);
	if (ls->wback)
		cpu->r[ls->rn] = run->base;

	if (!ls->load) {
		if (ls->form == LDST_EXCLUSIVE)
			cpu->r[ls->rd] = run->status;
		return true;
	}
	if (ls->rt == 15)
		ldst_load_pc(cpu, value);
	else
		cpu->r[ls->rt] = value;
	if (ls->form == LDST_DUAL || ls->size == 8)
		cpu->r[ls->rt2] = value2;
	return true;
}
