// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest CPU: modes, banked registers, PSR writes, exception entry and
 * return (ARM DDI 0406C B1.3, B1.8, B1.9).
 */
#include "cpu.h"


#define HIGH_VECTORS	0xffff0000U

/* CPSR bits by the byte of an MSR mask: what any mode may write, and the rest. */
#define MSR_CONTROL_PL1	(CPU_PSR_I | CPU_PSR_F)
#define MSR_EXTENSION	CPU_PSR_E
#define MSR_EXT_PL1	CPU_PSR_A
#define MSR_STATUS	CPU_PSR_GE
#define MSR_FLAGS	(CPU_PSR_NZCV | CPU_PSR_Q)

/* What a PSR can hold at all; bits 23:20 are reserved. */
#define PSR_IMPLEMENTED	(CPU_PSR_HW | CPU_PSR_VIRT)

bool cpu_mode_valid(u32 mode)
{
	switch (mode) {
	case CPU_MODE_USR:
	case CPU_MODE_FIQ:
	case CPU_MODE_IRQ:
	case CPU_MODE_SVC:
	case CPU_MODE_ABT:
	case CPU_MODE_UND:
	case CPU_MODE_SYS:
		return true;
	default:
		return false;
	}
}

enum cpu_bank cpu_mode_bank(u32 mode)
{
	switch (mode) {
	case CPU_MODE_FIQ:
		return CPU_BANK_FIQ;
	case CPU_MODE_IRQ:
		return CPU_BANK_IRQ;
	case CPU_MODE_SVC:
		return CPU_BANK_SVC;
	case CPU_MODE_ABT:
		return CPU_BANK_ABT;
	case CPU_MODE_UND:
		return CPU_BANK_UND;
	default:
		return CPU_BANK_USR;
	}
}

static void cpu_swap_fiq_bank(u32 *live, u32 *save, const u32 *load)
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		save[i] = live[i];
		live[i] = load[i];
	}
}

void cpu_switch_mode(struct armkvm_cpu *cpu, u32 mode)
{
	enum cpu_bank from = cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE);
	enum cpu_bank to = cpu_mode_bank(mode);

	cpu->cpsr = (cpu->cpsr & ~CPU_PSR_MODE) | mode;
	if (from == to)
		return;

	cpu->sp[from] = cpu->r[13];
	cpu->lr[from] = cpu->r[14];
	cpu->r[13] = cpu->sp[to];
	cpu->r[14] = cpu->lr[to];

	if (to == CPU_BANK_FIQ)
		cpu_swap_fiq_bank(&cpu->r[8], cpu->r8_12_usr, cpu->r8_12_fiq);
	else if (from == CPU_BANK_FIQ)
		cpu_swap_fiq_bank(&cpu->r[8], cpu->r8_12_fiq, cpu->r8_12_usr);
}

u32 *cpu_banked_reg(struct armkvm_cpu *cpu, u32 mode, unsigned int n)
{
	enum cpu_bank now = cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE);
	enum cpu_bank want = cpu_mode_bank(mode);

	if (n < 8 || now == want)
		return &cpu->r[n];
	if (n == 13)
		return &cpu->sp[want];
	if (n == 14)
		return &cpu->lr[want];
	if (want == CPU_BANK_FIQ)
		return &cpu->r8_12_fiq[n - 8];
	if (now == CPU_BANK_FIQ)
		return &cpu->r8_12_usr[n - 8];
	return &cpu->r[n];
}

bool cpu_write_cpsr(struct armkvm_cpu *cpu, u32 value, unsigned int mask)
{
	bool privileged = cpu_mode_privileged(cpu->cpsr);
	u32 bits = 0;

	if (mask & 8)
		bits |= MSR_FLAGS;
	if (mask & 4)
		bits |= MSR_STATUS;
	if (mask & 2)
		bits |= MSR_EXTENSION;
	if (privileged && (mask & 2))
		bits |= MSR_EXT_PL1;
	if (privileged && (mask & 1)) {
		if (!cpu_mode_valid(value & CPU_PSR_MODE))
			return false;
		bits |= MSR_CONTROL_PL1;
		cpu_switch_mode(cpu, value & CPU_PSR_MODE);
	}

	cpu->cpsr = (cpu->cpsr & ~bits) | (value & bits);
	return true;
}

bool cpu_return_valid(u32 spsr)
{
	/* Jazelle state: its trivial implementation has nothing to return to. */
	if ((spsr & (CPU_PSR_J | CPU_PSR_T)) == CPU_PSR_J)
		return false;
	return cpu_mode_valid(spsr & CPU_PSR_MODE);
}

bool cpu_exception_return(struct armkvm_cpu *cpu, u32 pc, u32 spsr)
{
	bool thumb = spsr & CPU_PSR_T;

	if (!cpu_return_valid(spsr))
		return false;

	cpu_switch_mode(cpu, spsr & CPU_PSR_MODE);
	cpu->cpsr = spsr & PSR_IMPLEMENTED;
	if (!thumb)
		cpu->cpsr &= ~CPU_PSR_IT;
	cpu->pc = pc & (thumb ? ~1U : ~3U);
	return true;
}

static u32 cpu_vector_mode(enum cpu_vector vec)
{
	switch (vec) {
	case CPU_VEC_UND:
		return CPU_MODE_UND;
	case CPU_VEC_PABT:
	case CPU_VEC_DABT:
		return CPU_MODE_ABT;
	case CPU_VEC_IRQ:
		return CPU_MODE_IRQ;
	case CPU_VEC_FIQ:
		return CPU_MODE_FIQ;
	default:
		return CPU_MODE_SVC;
	}
}

/* The masks that entry sets; it clears none (B1.8.5). */
static u32 cpu_vector_masks(enum cpu_vector vec)
{
	switch (vec) {
	case CPU_VEC_UND:
	case CPU_VEC_SVC:
	case CPU_VEC_HYP:
		return CPU_PSR_I;
	case CPU_VEC_RESET:
	case CPU_VEC_FIQ:
		return CPU_PSR_A | CPU_PSR_I | CPU_PSR_F;
	default:
		return CPU_PSR_A | CPU_PSR_I;
	}
}

void cpu_take_exception(struct armkvm_cpu *cpu, const struct armkvm_cpu_ctl *ctl,
			enum cpu_vector vec, u32 ret)
{
	u32 mode = cpu_vector_mode(vec);
	u32 old = cpu->cpsr;
	u32 new;

	cpu_switch_mode(cpu, mode);
	cpu->spsr[cpu_mode_bank(mode)] = old;
	cpu->r[14] = ret;

	new = cpu->cpsr & ~(CPU_PSR_IT | CPU_PSR_J | CPU_PSR_T | CPU_PSR_E);
	new |= cpu_vector_masks(vec);
	if (ctl->sctlr & CPU_SCTLR_TE)
		new |= CPU_PSR_T;
	if (ctl->sctlr & CPU_SCTLR_EE)
		new |= CPU_PSR_E;
	cpu->cpsr = new;

	cpu->pc = ((ctl->sctlr & CPU_SCTLR_V) ? HIGH_VECTORS : ctl->vbar) + 4 * vec;
}
