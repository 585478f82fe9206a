// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sensitive unprivileged instructions, executed (ARM DDI 0406C B9.3).
 */
#include <linux/kernel.h>
#include <linux/swab.h>

#include "decode.h"
#include "emulate.h"
#include "ldst.h"

#define PSR_N	(1U << 31)
#define PSR_Z	(1U << 30)
#define PSR_C	(1U << 29)
#define PSR_V	(1U << 28)

/* MRS reads the execution state bits as zero (B9.3.8) */
#define MRS_MASK	(~(CPU_PSR_IT | CPU_PSR_J | CPU_PSR_T))

bool emu_cond_passed(u32 cpsr, unsigned int cond)
{
	bool n = cpsr & PSR_N, z = cpsr & PSR_Z, c = cpsr & PSR_C, v = cpsr & PSR_V;
	bool pass;

	switch (cond >> 1) {
	case 0:
		pass = z;
		break;
	case 1:
		pass = c;
		break;
	case 2:
		pass = n;
		break;
	case 3:
		pass = v;
		break;
	case 4:
		pass = c && !z;
		break;
	case 5:
		pass = n == v;
		break;
	case 6:
		pass = n == v && !z;
		break;
	default:
		return true;
	}
	return pass != (cond & 1);
}

void emu_skip(struct armkvm_cpu *cpu, unsigned int len)
{
	u32 it;

	cpu->pc += len;
	if (!(cpu->cpsr & CPU_PSR_T) || !(cpu->cpsr & CPU_PSR_IT))
		return;

	it = ((cpu->cpsr >> 25) & 3) | ((cpu->cpsr >> 8) & 0xfc);
	it = it & 7 ? (it & 0xe0) | ((it << 1) & 0x1f) : 0;
	cpu->cpsr = (cpu->cpsr & ~CPU_PSR_IT) | (it & 3) << 25 | (it & 0xfc) << 8;
}

u32 emu_shift(u32 value, unsigned int type, unsigned int amount)
{
	if (!amount)
		return value;
	switch (type) {
	case 0:
		return amount < 32 ? value << amount : 0;
	case 1:
		return amount < 32 ? value >> amount : 0;
	case 2:
		/* the sign fills from the left, written without a signed shift */
		if (amount >= 32)
			amount = 31;
		return value >> amount | (value >> 31 ? ~(~0U >> amount) : 0);
	default:
		amount &= 31;
		return amount ? value >> amount | value << (32 - amount) : value;
	}
}

u32 emu_rrx(u32 value, u32 cpsr)
{
	return value >> 1 | (cpsr & PSR_C ? 1U << 31 : 0);
}

static bool emu_in_user_mode(const struct armkvm_cpu *cpu)
{
	return !cpu_mode_privileged(cpu->cpsr);
}

/* User and System mode have no SPSR. */
static bool emu_has_spsr(const struct armkvm_cpu *cpu)
{
	return cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE) != CPU_BANK_USR;
}

static u32 *emu_current_spsr(struct armkvm_cpu *cpu)
{
	return &cpu->spsr[cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE)];
}

static enum emu_result emu_step(struct armkvm_cpu *cpu)
{
	emu_skip(cpu, 4);
	return EMU_DONE;
}

static enum emu_result emu_do_cps(struct armkvm_cpu *cpu, u32 word)
{
	unsigned int imod = insn_field(word, 18, 2);
	bool change_mode = insn_bit(word, 17);
	u32 aif = word & (CPU_PSR_A | CPU_PSR_I | CPU_PSR_F);
	u32 mode = word & CPU_PSR_MODE;
	u32 value = cpu->cpsr;

	if (imod == 1 || (!imod && !change_mode) || (imod != 0) != (aif != 0) ||
	    (mode && !change_mode))
		return EMU_UNDEF;
	if (emu_in_user_mode(cpu))
		return emu_step(cpu);

	if (imod == 2)
		value &= ~aif;
	else if (imod == 3)
		value |= aif;
	if (change_mode)
		value = (value & ~CPU_PSR_MODE) | mode;
	if (!cpu_write_cpsr(cpu, value, 0xf))
		return EMU_UNDEF;
	return emu_step(cpu);
}

static enum emu_result emu_do_mrs(struct armkvm_cpu *cpu, u32 word)
{
	unsigned int rd = insn_rd(word);

	if (rd == 15)
		return EMU_UNDEF;
	if (insn_bit(word, 22)) {
		if (!emu_has_spsr(cpu))
			return EMU_UNDEF;
		cpu->r[rd] = *emu_current_spsr(cpu);
	} else {
		cpu->r[rd] = cpu->cpsr & MRS_MASK;
	}
	return emu_step(cpu);
}

static enum emu_result emu_do_msr(struct armkvm_cpu *cpu, u32 word, u32 value)
{
	static const u32 byte_bits[] = {
		0x000000ff, 0x0000ff00, 0x000f0000, 0xff000000,
	};
	unsigned int mask = insn_rn(word);
	unsigned int i;
	u32 bits = 0;

	if (!insn_bit(word, 22)) {
		if (!cpu_write_cpsr(cpu, value, mask))
			return EMU_UNDEF;
		return emu_step(cpu);
	}

	if (!emu_has_spsr(cpu))
		return EMU_UNDEF;
	for (i = 0; i < ARRAY_SIZE(byte_bits); i++) {
		if (insn_bit(mask, i))
			bits |= byte_bits[i];
	}
	*emu_current_spsr(cpu) = (*emu_current_spsr(cpu) & ~bits) | (value & bits);
	return emu_step(cpu);
}

static enum emu_result emu_do_msr_reg(struct armkvm_cpu *cpu, u32 word)
{
	unsigned int rm = insn_rm(word);

	return rm == 15 ? EMU_UNDEF : emu_do_msr(cpu, word, cpu->r[rm]);
}

/*
 * The register that the banked forms name by R, M and M1 (B9.2.3, tables B9-1
 * and B9-2), NULL for those of Monitor and Hyp mode and the UNPREDICTABLE ones.
 */
static u32 *emu_named_register(struct armkvm_cpu *cpu, u32 word)
{
	static const u8 modes[] = {
		CPU_MODE_IRQ, CPU_MODE_SVC, CPU_MODE_ABT, CPU_MODE_UND,
	};
	unsigned int sysm = insn_bit(word, 8) << 4 | insn_rn(word);
	u32 mode;

	if (insn_bit(word, 22)) {
		if (sysm == 14)
			return &cpu->spsr[CPU_BANK_FIQ];
		if (sysm < 16 || sysm > 23 || (sysm & 1))
			return NULL;
		return &cpu->spsr[cpu_mode_bank(modes[(sysm - 16) / 2])];
	}
	if (sysm < 16) {
		mode = sysm < 8 ? CPU_MODE_USR : CPU_MODE_FIQ;
		return (sysm & 7) == 7 ? NULL : cpu_banked_reg(cpu, mode, 8 + (sysm & 7));
	}
	if (sysm > 23)
		return NULL;
	return cpu_banked_reg(cpu, modes[(sysm - 16) / 2], sysm & 1 ? 13 : 14);
}

static enum emu_result emu_do_banked(struct armkvm_cpu *cpu, u32 word, bool read)
{
	unsigned int r = read ? insn_rd(word) : insn_rm(word);
	u32 *named = emu_named_register(cpu, word);

	if (emu_in_user_mode(cpu) || !named || r == 15)
		return EMU_UNDEF;
	if (read)
		cpu->r[r] = *named;
	else
		*named = cpu->r[r];
	return emu_step(cpu);
}

/* One access for the guest; splits what isn't aligned.  false: emu->fault says why. */
static bool emu_access_one(struct emu *emu, u32 gva, unsigned int size, bool write, bool as_user,
			   u32 *val)
{
	unsigned int unit = gva & (size - 1) ? 1 : size;
	unsigned int i;
	u32 part;
	int code;

	emu->fault.write = write;
	emu->fault.as_user = as_user;
	if (unit != size && emu->strict_align) {
		emu->fault.gva = gva;
		emu->fault.code = EMU_FAULT_ALIGNMENT;
		return false;
	}

	for (i = 0; i < size; i += unit) {
		part = *val >> 8 * i;
		if (unit == 1)
			part &= 0xff;
		code = write ? emu->mem->write(emu->ctx, gva + i, unit, as_user, part) :
			       emu->mem->read(emu->ctx, gva + i, unit, as_user, &part);
		if (code) {
			emu->fault.gva = gva + i;
			emu->fault.code = code;
			return false;
		}
		if (write)
			continue;
		if (unit == 1)
			*val = (*val & ~(0xffU << 8 * i)) | (part & 0xff) << 8 * i;
		else
			*val = part;
	}
	return true;
}

/* RFE and SRS: a pair of words at @gva, always aligned (A3.2.1), in CPSR.E order. */
static bool emu_access_pair(struct emu *emu, u32 gva, bool write, u32 *first, u32 *second)
{
	bool big = emu->cpu->cpsr & CPU_PSR_E;
	u32 val[2] = { big ? swab32(*first) : *first, big ? swab32(*second) : *second };

	if (gva & 3) {
		emu->fault.gva = gva;
		emu->fault.code = EMU_FAULT_ALIGNMENT;
		emu->fault.write = write;
		emu->fault.as_user = false;
		return false;
	}
	if (!emu_access_one(emu, gva, 4, write, false, &val[0]) ||
	    !emu_access_one(emu, gva + 4, 4, write, false, &val[1]))
		return false;
	*first = big ? swab32(val[0]) : val[0];
	*second = big ? swab32(val[1]) : val[1];
	return true;
}

/* The lower of the two words that P and U select, B9.3.13 and B9.3.16. */
static u32 emu_pair_address(u32 word, u32 base)
{
	bool before = insn_bit(word, 24);
	bool up = insn_bit(word, 23);

	return (up ? base : base - 8) + (before == up ? 4 : 0);
}

static u32 emu_pair_writeback(u32 word, u32 base)
{
	return insn_bit(word, 23) ? base + 8 : base - 8;
}

static enum emu_result emu_do_rfe(struct emu *emu, u32 word)
{
	struct armkvm_cpu *cpu = emu->cpu;
	unsigned int rn = insn_rn(word);
	u32 pc = 0, spsr = 0, base;

	if (emu_in_user_mode(cpu) || rn == 15)
		return EMU_UNDEF;
	base = cpu->r[rn];
	if (!emu_access_pair(emu, emu_pair_address(word, base), false, &pc, &spsr))
		return EMU_ABORT;
	if (!cpu_return_valid(spsr))
		return EMU_UNDEF;

	if (insn_bit(word, 21))
		cpu->r[rn] = emu_pair_writeback(word, base);
	cpu_exception_return(cpu, pc, spsr);
	return EMU_DONE;
}

static enum emu_result emu_do_srs(struct emu *emu, u32 word)
{
	struct armkvm_cpu *cpu = emu->cpu;
	u32 mode = word & CPU_PSR_MODE;
	u32 lr = cpu->r[14];
	u32 *sp, spsr;

	if (!emu_has_spsr(cpu) || !cpu_mode_valid(mode))
		return EMU_UNDEF;
	sp = cpu_banked_reg(cpu, mode, 13);
	spsr = *emu_current_spsr(cpu);
	if (!emu_access_pair(emu, emu_pair_address(word, *sp), true, &lr, &spsr))
		return EMU_ABORT;
	if (insn_bit(word, 21))
		*sp = emu_pair_writeback(word, *sp);
	return emu_step(cpu);
}

/* LDM^, STM^, LDRT and the like */
static enum emu_result emu_do_ldst(struct emu *emu, u32 word)
{
	struct ldst_access acc;
	struct ldst_run run;
	struct ldst insn;
	u32 val;

	if (!ldst_decode_arm(word, &insn))
		return EMU_UNDEF;
	if (insn.block != LDST_BLOCK_PLAIN && !emu_has_spsr(emu->cpu))
		return EMU_UNDEF;
	if (insn.block == LDST_BLOCK_RETURN && !cpu_return_valid(*emu_current_spsr(emu->cpu)))
		return EMU_UNDEF;

	ldst_begin(&run, &insn, emu->cpu);
	while (ldst_next(&run, emu->cpu, &acc)) {
		if (acc.gva & acc.align) {
			emu->fault.gva = acc.gva;
			emu->fault.code = EMU_FAULT_ALIGNMENT;
			emu->fault.write = acc.write;
			emu->fault.as_user = acc.as_user;
			return EMU_ABORT;
		}
		val = acc.value;
		if (!emu_access_one(emu, acc.gva, acc.size, acc.write, acc.as_user, &val))
			return EMU_ABORT;
		ldst_supply(&run, val);
	}
	return ldst_commit(&run, emu->cpu) ? EMU_DONE : EMU_UNDEF;
}

static u32 emu_operand(const struct armkvm_cpu *cpu, unsigned int r)
{
	return r == 15 ? cpu->pc + 8 : cpu->r[r];
}

/* A5.2.1, A5.2.3: operand 2 of a data-processing instruction; its carry is not needed */
static u32 emu_operand2(const struct armkvm_cpu *cpu, u32 word)
{
	unsigned int type = insn_field(word, 5, 2);
	unsigned int imm5 = insn_field(word, 7, 5);
	u32 rm;

	if (insn_bit(word, 25))
		return insn_expand_imm(word);
	rm = emu_operand(cpu, insn_rm(word));
	if (imm5 || !type)
		return emu_shift(rm, type, imm5);
	return type == 3 ? emu_rrx(rm, cpu->cpsr) : emu_shift(rm, type, 32);
}

/* B9.3.20: the result is the new pc, the SPSR the new CPSR */
static enum emu_result emu_do_dp_return(struct armkvm_cpu *cpu, u32 word)
{
	u32 a = emu_operand(cpu, insn_rn(word));
	u32 b = emu_operand2(cpu, word);
	u32 carry = cpu->cpsr & PSR_C ? 1 : 0;
	u32 result;

	if (!emu_has_spsr(cpu))
		return EMU_UNDEF;
	switch (insn_field(word, 21, 4)) {
	case 0:
		result = a & b;
		break;
	case 1:
		result = a ^ b;
		break;
	case 2:
		result = a - b;
		break;
	case 3:
		result = b - a;
		break;
	case 4:
		result = a + b;
		break;
	case 5:
		result = a + b + carry;
		break;
	case 6:
		result = a - b - !carry;
		break;
	case 7:
		result = b - a - !carry;
		break;
	case 12:
		result = a | b;
		break;
	case 13:
		result = b;
		break;
	case 14:
		result = a & ~b;
		break;
	case 15:
		result = ~b;
		break;
	default:
		return EMU_UNDEF;
	}
	if (!cpu_exception_return(cpu, result, *emu_current_spsr(cpu)))
		return EMU_UNDEF;
	return EMU_DONE;
}

/* B9.3.3, as SUBS PC, LR, #0 outside Hyp mode */
static enum emu_result emu_do_eret(struct armkvm_cpu *cpu)
{
	if (!emu_has_spsr(cpu) || !cpu_exception_return(cpu, cpu->r[14], *emu_current_spsr(cpu)))
		return EMU_UNDEF;
	return EMU_DONE;
}

enum emu_result emu_execute(struct emu *emu, u32 word)
{
	struct armkvm_cpu *cpu = emu->cpu;

	if (!emu_cond_passed(cpu->cpsr, insn_cond(word)))
		return emu_step(cpu);

	switch (insn_decode_arm(word)) {
	case INSN_CPS:
		return emu_do_cps(cpu, word);
	case INSN_MRS:
		return emu_do_mrs(cpu, word);
	case INSN_MSR_REG:
		return emu_do_msr_reg(cpu, word);
	case INSN_MSR_IMM:
		return emu_do_msr(cpu, word, insn_expand_imm(word));
	case INSN_MRS_BANKED:
		return emu->virt_ext ? emu_do_banked(cpu, word, true) : EMU_UNDEF;
	case INSN_MSR_BANKED:
		return emu->virt_ext ? emu_do_banked(cpu, word, false) : EMU_UNDEF;
	case INSN_ERET:
		return emu->virt_ext ? emu_do_eret(cpu) : EMU_UNDEF;
	case INSN_RFE:
		return emu_do_rfe(emu, word);
	case INSN_SRS:
		return emu_do_srs(emu, word);
	case INSN_LDM_USER:
	case INSN_LDM_RET:
	case INSN_STM_USER:
	case INSN_LDST_UNPRIV:
		return emu_do_ldst(emu, word);
	case INSN_DP_RET:
		return emu_do_dp_return(cpu, word);
	case INSN_WFI:
		emu_skip(cpu, 4);
		return EMU_WFI;
	default:
		return EMU_UNDEF;
	}
}
