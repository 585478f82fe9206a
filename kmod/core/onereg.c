// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers, one or many at a time: sorts ids by kind; core registers and cache sizes
 * are here, coprocessor registers in cp15.c, floating point in vfp.c.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "fwregs.h"
#include "onereg.h"
#include "user.h"
#include "vcpu.h"

/* What an id may have set besides kind and number: bits 63..52, see the header. */
#define ID_KIND(id)	((id) & ARMKVM_REG_ARM_COPROC_MASK)

/*
 * -- core registers ---------------------------------------------------------------
 */

#define CORE_WORD(member)	(offsetof(struct armkvm_regs, member) / sizeof(u32))
#define CORE_NR_WORDS		(sizeof(struct armkvm_regs) / sizeof(u32))
#define CORE_PC			CORE_WORD(usr_regs[15])
#define CORE_CPSR		CORE_WORD(usr_regs[16])
#define CORE_RESERVED		CORE_WORD(usr_regs[17])

/* CPSR bits that don't exist in ARMv7 (B1.3.3) */
#define CPSR_RESERVED		GENMASK(23, 20)

/* Where each mode's words begin in struct armkvm_regs; three words: SP, LR, SPSR. */
static const struct core_bank {
	u8 word;
	u8 mode;
} core_banks[] = {
	{ CORE_WORD(svc_regs), CPU_MODE_SVC },
	{ CORE_WORD(abt_regs), CPU_MODE_ABT },
	{ CORE_WORD(und_regs), CPU_MODE_UND },
	{ CORE_WORD(irq_regs), CPU_MODE_IRQ },
	/* R8_fiq-R12_fiq come first */
	{ CORE_WORD(fiq_regs[5]), CPU_MODE_FIQ },
};

static u32 *core_banked_word(struct armkvm_cpu *cpu, unsigned int word)
{
	size_t i;

	if (word >= CORE_WORD(fiq_regs) && word < CORE_WORD(fiq_regs[5]))
		return cpu_banked_reg(cpu, CPU_MODE_FIQ, 8 + word - CORE_WORD(fiq_regs));

	for (i = 0; i < ARRAY_SIZE(core_banks); i++) {
		unsigned int n = word - core_banks[i].word;

		if (n < 2)
			return cpu_banked_reg(cpu, core_banks[i].mode, 13 + n);
		if (n == 2)
			return &cpu->spsr[cpu_mode_bank(core_banks[i].mode)];
	}
	return NULL;
}

/* The storage of word @word of struct armkvm_regs, or NULL. */
static u32 *core_word(struct armkvm_cpu *cpu, unsigned int word)
{
	if (word < CORE_PC)
		return cpu_banked_reg(cpu, CPU_MODE_USR, word);
	if (word == CORE_PC)
		return &cpu->pc;
	if (word == CORE_CPSR)
		return &cpu->cpsr;
	return core_banked_word(cpu, word);
}

/* The word that @id names, or -ENOENT. */
static int core_find(u64 id)
{
	u64 word = id - (ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 | ARMKVM_REG_ARM_CORE);

	if (word >= CORE_NR_WORDS || word == CORE_RESERVED)
		return -ENOENT;
	return array_index_nospec((unsigned long)word, CORE_NR_WORDS);
}

static int core_get(struct armkvm_vcpu *vcpu, u64 id, u64 *val)
{
	int word = core_find(id);

	if (word < 0)
		return word;
	*val = *core_word(vcpu->cpu, word);
	return 0;
}

/* A mode change moves the banks, so that each register keeps its value whatever the order. */
static int core_set_cpsr(struct armkvm_vcpu *vcpu, u32 val)
{
	if (!cpu_mode_valid(val & CPU_PSR_MODE) || val & CPSR_RESERVED)
		return -EINVAL;
	/* Jazelle state; J with T is ThumbEE, if the guest has it (ID_PFR0.State3) */
	if (val & CPU_PSR_J &&
	    (!(val & CPU_PSR_T) || !(vcpu->cp15[CP15_ID_PFR0] & GENMASK(15, 12))))
		return -EINVAL;

	cpu_switch_mode(vcpu->cpu, val & CPU_PSR_MODE);
	vcpu->cpu->cpsr = val;
	return 0;
}

static int core_set(struct armkvm_vcpu *vcpu, u64 id, u64 val)
{
	int word = core_find(id);

	if (word < 0)
		return word;
	if (word == CORE_CPSR)
		return core_set_cpsr(vcpu, val);
	*core_word(vcpu->cpu, word) = val;
	return 0;
}

static u64 core_list_id(unsigned int n)
{
	if (n >= CORE_RESERVED)
		n++;
	return n < CORE_NR_WORDS ? ARMKVM_REG_ARM_CORE_REG(n) : 0;
}

/*
 * -- cache sizes ---------------------------------------------------------------------
 */

static u64 ccsidr_list_id(unsigned int n)
{
	if (n >= ARMKVM_NR_CCSIDR)
		return 0;
	return ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 | ARMKVM_REG_ARM_DEMUX |
	       ARMKVM_REG_ARM_DEMUX_ID_CCSIDR | n;
}

/* The CSSELR value that @id names, or -ENOENT. */
static int ccsidr_find(u64 id)
{
	u64 n = id - ccsidr_list_id(0);

	if (n >= ARMKVM_NR_CCSIDR)
		return -ENOENT;
	return array_index_nospec((unsigned long)n, ARMKVM_NR_CCSIDR);
}

static int ccsidr_get(struct armkvm_vcpu *vcpu, u64 id, u64 *val)
{
	int n = ccsidr_find(id);

	if (n < 0)
		return n;
	*val = vcpu->ccsidr[n];
	return 0;
}

/* Any geometry will do: maintenance by set and way is emulated. */
static int ccsidr_set(struct armkvm_vcpu *vcpu, u64 id, u64 val)
{
	int n = ccsidr_find(id);

	if (n < 0)
		return n;
	if (val == vcpu->ccsidr[n])
		return 0;
	if (vcpu->has_run)
		return -EBUSY;
	vcpu->ccsidr[n] = val;
	return 0;
}

/*
 * -- all kinds -------------------------------------------------------------------------
 */

/* *@row: of the coprocessor register that was asked for before, or NULL, and of this one. */
static int one_reg_get(struct armkvm_vcpu *vcpu, u64 id, u64 *val, const struct cp15_row **row)
{
	switch (ID_KIND(id)) {
	case ARMKVM_REG_ARM_CORE:
		return core_get(vcpu, id, val);
	case ARMKVM_REG_ARM_DEMUX:
		return ccsidr_get(vcpu, id, val);
	case ARMKVM_REG_ARM_VFP:
		return armkvm_vfp_get(vcpu, id, val);
	case ARMKVM_REG_ARM_FW:
		return armkvm_fw_get(vcpu, id, val);
	default:
		*row = armkvm_cp15_find_id(id, *row);
		if (!*row)
			return -ENOENT;
		*val = armkvm_cp15_get(vcpu, *row);
		return 0;
	}
}

static int one_reg_set(struct armkvm_vcpu *vcpu, u64 id, u64 val, const struct cp15_row **row)
{
	switch (ID_KIND(id)) {
	case ARMKVM_REG_ARM_CORE:
		return core_set(vcpu, id, val);
	case ARMKVM_REG_ARM_DEMUX:
		return ccsidr_set(vcpu, id, val);
	case ARMKVM_REG_ARM_VFP:
		return armkvm_vfp_set(vcpu, id, val);
	case ARMKVM_REG_ARM_FW:
		return armkvm_fw_set(vcpu, id, val);
	default:
		*row = armkvm_cp15_find_id(id, *row);
		return *row ? armkvm_cp15_set(vcpu, *row, val) : -ENOENT;
	}
}

/* Bytes of a register with this id: 4 or 8; or -EINVAL, -ENOENT. */
static int one_reg_size(u64 id)
{
	if ((id & ~ARMKVM_REG_SIZE_MASK) >> 32 != ARMKVM_REG_ARM >> 32)
		return -EINVAL;
	switch (id & ARMKVM_REG_SIZE_MASK) {
	case ARMKVM_REG_SIZE_U32:
		return sizeof(u32);
	case ARMKVM_REG_SIZE_U64:
		return sizeof(u64);
	default:
		return -ENOENT;
	}
}

/* Reads @arg, and gives the size and the address of the value. */
static int one_reg_args(const void __user *arg, struct armkvm_one_reg *reg, void __user **addr)
{
	int err;

	if (copy_from_user(reg, arg, sizeof(*reg)))
		return -EFAULT;
	err = armkvm_user_ptr(reg->addr, addr);
	return err ? err : one_reg_size(reg->id);
}

long armkvm_get_one_reg(struct armkvm_vcpu *vcpu, const void __user *arg)
{
	const struct cp15_row *row = NULL;
	struct armkvm_one_reg reg;
	void __user *addr;
	u64 val = 0;
	int size, err;

	size = one_reg_args(arg, &reg, &addr);
	if (size < 0)
		return size;
	err = one_reg_get(vcpu, reg.id, &val, &row);
	if (err)
		return err;
	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_REG_READS);
	/* Little-endian host: the low word comes first. */
	return copy_to_user(addr, &val, size) ? -EFAULT : 0;
}

long armkvm_set_one_reg(struct armkvm_vcpu *vcpu, const void __user *arg)
{
	const struct cp15_row *row = NULL;
	struct armkvm_one_reg reg;
	void __user *addr;
	u64 val = 0;
	int size;

	size = one_reg_args(arg, &reg, &addr);
	if (size < 0)
		return size;
	if (copy_from_user(&val, addr, size))
		return -EFAULT;
	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_REG_WRITES);
	return one_reg_set(vcpu, reg.id, val, &row);
}

/* What is copied from and to the caller's memory at once. */
#define REG_VALUES_AT_ONCE	16

/* A 32-bit register has no upper half that might get lost. */
static int one_reg_value(struct armkvm_vcpu *vcpu, bool set, struct armkvm_reg_value *reg,
			 const struct cp15_row **row)
{
	int size = one_reg_size(reg->id);

	if (size < 0)
		return size;
	if (set && size == sizeof(u32) && upper_32_bits(reg->value))
		return -EINVAL;
	armkvm_vcpu_stat_inc(vcpu, set ? VCPU_STAT_REG_WRITES : VCPU_STAT_REG_READS);
	return set ? one_reg_set(vcpu, reg->id, reg->value, row) :
		     one_reg_get(vcpu, reg->id, &reg->value, row);
}

/* @nr registers of @regs; *@done are counted also when it fails. */
static int one_reg_values(struct armkvm_vcpu *vcpu, bool set,
			  struct armkvm_reg_value __user *regs, u32 nr, u32 *done)
{
	struct armkvm_reg_value some[REG_VALUES_AT_ONCE];
	const struct cp15_row *row = NULL;
	u32 i, n;
	int err = 0;

	for (*done = 0; *done < nr && !err; *done += i) {
		n = min_t(u32, nr - *done, REG_VALUES_AT_ONCE);
		if (copy_from_user(some, regs + *done, n * sizeof(*some)))
			return -EFAULT;
		for (i = 0; i < n; i++) {
			err = one_reg_value(vcpu, set, &some[i], &row);
			if (err)
				break;
		}
		if (!set && copy_to_user(regs + *done, some, i * sizeof(*some)))
			return -EFAULT;
	}
	return err;
}

long armkvm_reg_values(struct armkvm_vcpu *vcpu, bool set, void __user *arg)
{
	struct armkvm_reg_values __user *to = arg;
	struct armkvm_reg_values call;
	void __user *regs;
	int err;

	if (copy_from_user(&call, arg, sizeof(call)))
		return -EFAULT;
	if (call.nr > ARMKVM_MAX_REG_VALUES)
		return -EINVAL;
	err = armkvm_user_ptr(call.regs, &regs);
	if (err)
		return err;
	err = one_reg_values(vcpu, set, regs, call.nr, &call.done);
	return put_user(call.done, &to->done) ? -EFAULT : err;
}

static u64 (*const list_ids[])(unsigned int n) = {
	core_list_id,
	armkvm_cp15_list_id,
	ccsidr_list_id,
	armkvm_vfp_list_id,
	armkvm_fw_list_id,
};

/* Writes all ids to @to unless that is NULL.  Returns their number, or -EFAULT. */
static long one_reg_put_ids(u64 __user *to)
{
	unsigned int kind, n;
	long total = 0;
	u64 id;

	for (kind = 0; kind < ARRAY_SIZE(list_ids); kind++) {
		for (n = 0; (id = list_ids[kind](n)) != 0; n++, total++)
			if (to && copy_to_user(to + total, &id, sizeof(id)))
				return -EFAULT;
	}
	return total;
}

long armkvm_get_reg_list(struct armkvm_vcpu *vcpu, void __user *arg)
{
	struct armkvm_reg_list __user *list = arg;
	u64 room, total = one_reg_put_ids(NULL);
	long ret;

	if (copy_from_user(&room, &list->n, sizeof(room)) ||
	    copy_to_user(&list->n, &total, sizeof(total)))
		return -EFAULT;
	if (room < total)
		return -E2BIG;
	ret = one_reg_put_ids(list->reg);
	return ret < 0 ? ret : 0;
}
