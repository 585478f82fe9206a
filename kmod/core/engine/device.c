// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads and stores of guest kernels that meet a device again and again.
 *
 * The first access to a page without RAM takes the general way (fault.c): walk, fetch,
 * decode, access by access.  It leaves a mark in the shadow tables (mmu_mark_device()),
 * which goes by the same events as a translation.  With the mark an access in one of
 * the usual forms (struct ldst_simple) needs no walk: the abort or the registers give the
 * address, the mark the rest, and the light path answers it or sends the vCPU to the launcher.
 *
 * An instruction that has met devices armkvm_mmio_patch times is replaced in the
 * instruction copy of its page by an index of the dictionary: it traps as undefined then,
 * and its word comes with the trap.  What it means stays the same.  If its address
 * turns out to be RAM it gets its old word back and is executed by the hardware, and
 * has to meet a device more often before it is replaced again.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../arm/decode.h"
#include "../arm/emulate.h"
#include "../arm/ldst.h"
#include "../arm/patch.h"
#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"
#include "../engine-ops.h"

/* What an instruction that got its word back, or can't be replaced, has to its disfavour. */
#define DEVICE_HANDICAP		4096

/* Domains are of the short-descriptor format; others read as clients everywhere. */
static u32 device_domains(const struct engine_vcpu *ev)
{
	const u32 *r = ev->vcpu->cp15;

	return ev->mmu.space->key.mmu_on && !(r[CP15_TTBCR] & WALK_TTBCR_EAE) ? r[CP15_DACR] :
									    0x55555555U;
}

/* Big-endian data and User mode go the general way. */
static bool device_state_is_usual(const struct armkvm_cpu *cpu)
{
	return !(cpu->cpsr & (CPU_PSR_T | CPU_PSR_E)) && cpu_mode_privileged(cpu->cpsr);
}

bool engine_device_at(struct engine_vcpu *ev, u32 gva, bool write, u64 *gpa)
{
	struct armkvm_mmu *mmu = ev->vm->mmu;
	bool found;

	if (!armkvm_mmio_patch || !ev->mmu.space || !device_state_is_usual(ev->vcpu->cpu))
		return false;
	raw_spin_lock(&mmu->lock);
	found = mmu_space_fresh(mmu, ev->mmu.space) &&
		mmu_device_at(ev->mmu.space, gva, device_domains(ev), write, gpa);
	raw_spin_unlock(&mmu->lock);
	return found;
}

/*
 * -- counting and replacing ------------------------------------------------------
 */

static struct device_heat *device_heat_of(struct engine_vcpu *ev, u32 pc)
{
	struct device_heat *heat = &ev->device.heat[pc / 4 % ARRAY_SIZE(ev->device.heat)];

	if (heat->pc != pc)
		*heat = (struct device_heat) { .pc = pc };
	return heat;
}

void engine_device_count(struct engine_vcpu *ev)
{
	u32 pc = ev->vcpu->cpu->pc;
	struct device_heat *heat = device_heat_of(ev, pc);

	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_DEVICE_TRAPS);
	if (!armkvm_mmio_patch || ++heat->n < (s64)armkvm_mmio_patch)
		return;
	ev->device.replace_pc = pc;
	ev->device.replace = true;
}

void engine_device_replace(struct engine_vcpu *ev)
{
	u32 pc = ev->device.replace_pc;
	bool done = ev->mmu.space && mmu_replace_device_insn(ev->vm, ev->mmu.space, pc);

	ev->device.replace = false;
	device_heat_of(ev, pc)->n = done ? 0 : -DEVICE_HANDICAP;
	if (done)
		trace_armkvm_device_insn(ev->vcpu->id, pc, true);
}

void engine_device_restored(struct engine_vcpu *ev)
{
	u32 pc = ev->vcpu->cpu->pc;

	device_heat_of(ev, pc)->n = -DEVICE_HANDICAP;
	trace_armkvm_device_insn(ev->vcpu->id, pc, false);
}

/*
 * -- the quick way -----------------------------------------------------------------
 */

bool engine_device_find(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	struct ldst_simple *ls = &ev->device.insn;
	u32 word;

	if (!device_state_is_usual(cpu) ||
	    !mmu_device_at(ev->mmu.space, gva, device_domains(ev), kind == WALK_W,
			   &ev->device.gpa) ||
	    !mmu_executed_word(ev->vm, ev->mmu.space, cpu->pc, &word) ||
	    !ldst_decode_simple(word, ls) || ls->load != (kind == WALK_R) ||
	    gva & (ls->size - 1))
		return false;
	ev->device.gva = gva;
	engine_device_count(ev);
	return true;
}

bool engine_device_find_replaced(struct engine_vcpu *ev, u32 word)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	const struct ldst_simple *ls = &ev->device.insn;
	u32 gva = ldst_simple_address(word, cpu);

	if (!device_state_is_usual(cpu) || gva & (ls->size - 1) ||
	    !mmu_device_at(ev->mmu.space, gva, device_domains(ev), !ls->load, &ev->device.gpa))
		return false;
	ev->device.gva = gva;
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_DEVICE_REPLACED);
	return true;
}

void engine_mmio_exit(struct engine_vcpu *ev, u64 gpa, unsigned int size, bool write, u64 val)
{
	struct armkvm_run *run = ev->vcpu->run;

	run->exit_reason = ARMKVM_EXIT_MMIO;
	run->mmio.phys_addr = gpa;
	run->mmio.len = size;
	run->mmio.is_write = write;
	run->mmio.is_hypercall = 0;
	memcpy(run->mmio.data, &val, sizeof(run->mmio.data));
	ev->mmio_pending = true;
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_MMIO_EXITS);
	trace_armkvm_mmio(ev->vcpu->id, gpa, size, write, val);
}

/* The access is done; @image is what a read returned. */
static void device_finish(struct engine_vcpu *ev, u64 image)
{
	const struct ldst_simple *ls = &ev->device.insn;
	struct armkvm_cpu *cpu = ev->vcpu->cpu;

	if (ls->load)
		cpu->r[ls->rt] = ldst_simple_value(ls, image);
	emu_skip(cpu, 4);
}

int engine_device_access_found(struct engine_vcpu *ev)
{
	const struct ldst_simple *ls = &ev->device.insn;
	struct armkvm_vcpu *vcpu = ev->vcpu;
	u64 gpa = ev->device.gpa, val = 0;

	if (!ls->load)
		val = vcpu->cpu->r[ls->rt] & (~0U >> (32 - 8 * ls->size));
	if (engine_device_access(ev, gpa, ls->size, !ls->load, &val)) {
		device_finish(ev, val);
		return ENGINE_GUEST;
	}
	ev->device.pending = true;
	engine_mmio_exit(ev, gpa, ls->size, !ls->load, val);
	return ENGINE_USER;
}

int engine_device_complete(struct engine_vcpu *ev)
{
	u64 val;

	memcpy(&val, ev->vcpu->run->mmio.data, sizeof(val));
	ev->device.pending = false;
	device_finish(ev, val);
	return ENGINE_GUEST;
}

void engine_device_abandon(struct engine_vcpu *ev, struct ldst_access *acc)
{
	ev->device.pending = false;
	acc->gva = ev->device.gva;
	acc->write = !ev->device.insn.load;
}
