/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page that a vCPU shares with its guest: ARMKVM_HC_VCPU_PAGE,
 * kernel-abi/doc/hypercalls.rst.
 *
 * While the guest runs in a privileged mode the page has the masks and the SPSR of the
 * mode; at all other times struct armkvm_cpu has them.  The hosts' assembly uses the page
 * directly; around it para_push() and para_pull() move what is in it.
 *
 * The page is guest RAM, pinned while it is registered (one page a vCPU) and mapped for
 * as long in the kernel.  What happens to the frame meanwhile (slots, MMU notifier) makes
 * the vCPU look it up anew before it enters the guest again.
 */
#ifndef ARMKVM_CORE_ENGINE_PARA_H
#define ARMKVM_CORE_ENGINE_PARA_H

#include <linux/compiler.h>
#include <linux/types.h>

#include <asm/armkvm_para.h>

#include "../arm/cpu.h"

struct armkvm_vm;
struct engine_vcpu;

struct engine_para {
	u64 gpa;			/* that va stands for, or ARMKVM_NO_GPA: follows vcpu->para_gpa */
	struct armkvm_para_vcpu *va;	/* NULL: not resolved, or none */
	struct page *page;		/* pinned; NULL with va */
	bool mapped;			/* by vmap(): a page of high memory */
	bool check;			/* the frame may be another one; any context */
};

#define PARA_MASKS		(CPU_PSR_A | CPU_PSR_I | CPU_PSR_F)
/* Bits of an SPSR that don't exist, B1.3.3 */
#define PARA_PSR_RESERVED	0x00f00000U

/* Takes what the page has into @cpu, after the guest has run.  Any context; @p may be NULL. */
static inline void para_pull(const struct armkvm_para_vcpu *p, struct armkvm_cpu *cpu)
{
	enum cpu_bank bank;

	if (!p || !cpu_mode_privileged(cpu->cpsr))
		return;
	cpu->cpsr = (cpu->cpsr & ~PARA_MASKS) | (READ_ONCE(p->vpsr) & PARA_MASKS);
	bank = cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE);
	if (bank != CPU_BANK_USR)
		cpu->spsr[bank] = READ_ONCE(p->spsr) & ~PARA_PSR_RESERVED;
}

/*
 * Puts what @cpu has into the page, before the guest runs.  @waiting: ARMKVM_PENDING_* that are up,
 * masked or not.  @p may be NULL.
 */
static inline void para_push(struct armkvm_para_vcpu *p, const struct armkvm_cpu *cpu, u32 waiting)
{
	enum cpu_bank bank;

	if (!p)
		return;
	WRITE_ONCE(p->pending, waiting);
	if (!cpu_mode_privileged(cpu->cpsr))
		return;
	WRITE_ONCE(p->vpsr, cpu->cpsr & CPU_PSR_VIRT);
	bank = cpu_mode_bank(cpu->cpsr & CPU_PSR_MODE);
	WRITE_ONCE(p->spsr, bank == CPU_BANK_USR ? 0 : cpu->spsr[bank]);
}

/*
 * The guest registers @gpa, or ARMKVM_NO_GPA.  Returns a status of the call.  May sleep;
 * the vCPU's own thread.
 */
int engine_para_set(struct engine_vcpu *ev, u64 gpa);

/*
 * Finds the page of vcpu->para_gpa anew if it may be another one.  May sleep; the vCPU's own
 * thread, outside the guest.
 */
void engine_para_refresh(struct engine_vcpu *ev);

/* The frames [@start, @end) change.  Any context; who calls interrupts the vCPUs. */
void engine_para_frames_changed(struct armkvm_vm *vm, u64 start, u64 end);

/*
 * Frames have left the log, one a bit of @bits, the first for @first: those that are shared go back
 * to it, for they are written behind its back at any time.  As frames_clean() of struct armkvm_engine.
 */
void engine_para_log_again(struct armkvm_vm *vm, u64 first, const unsigned long *bits, size_t longs);

/* The vCPU is reset, or goes: there is no page. */
void engine_para_drop(struct engine_vcpu *ev);

/* ARMKVM_PENDING_* for para_push(): @lines are BIT(ENGINE_LINE_*). */
u32 engine_para_waiting(const struct engine_vcpu *ev, unsigned long lines);

#endif /* ARMKVM_CORE_ENGINE_PARA_H */
