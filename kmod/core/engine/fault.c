// SPDX-License-Identifier: GPL-2.0-only
/*
 * Aborts of guest code: the shadow tables lack an entry, the guest's own tables
 * forbid the access, or the address is a device's.
 */
#include <linux/kernel.h>

#include "../arm/emulate.h"
#include "../arm/ldst.h"
#include "../arm/patch.h"
#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "access.h"
#include "engine.h"
#include "fault.h"
#include "gmem.h"
#include "inject.h"
#include "../engine-ops.h"
#include "regime.h"

/* The frame that privileged code finds at @gva, for the patcher; or MMU_NO_GFN. */
static u64 fault_gfn_at(struct engine_vcpu *ev, u32 gva)
{
	struct walk_result res WALK_LOCAL;
	struct walk_fault fault WALK_LOCAL;
	struct walk_ctl ctl WALK_LOCAL;

	engine_walk_ctl(ev->vcpu, &ctl);
	if (walk_translate(&ctl, &gmem_walk_ops, ev->vm, gva, &res, &fault))
		return MMU_NO_GFN;
	return res.gpa >> ARMKVM_PAGE_SHIFT;
}

static void fault_describe(struct engine_vcpu *ev, const struct walk_ctl *ctl,
			   const struct walk_result *res, u32 gva, enum mmu_view view,
			   struct mmu_mapping *map)
{
	u8 perm = mmu_permissions(res, view);
	const struct armkvm_cpu *cpu = ev->vcpu->cpu;

	*map = (struct mmu_mapping) {
		.gva = gva,
		.gpa = res->gpa,
		.l2 = walk_small_page(res),
		.asid = ev->mmu.space->asid,
		.shift = res->size_shift,
		.global = !res->ng,
		.prev_gfn = MMU_NO_GFN,
		.next_gfn = MMU_NO_GFN,
		.write = perm & WALK_W,
		.exec = perm & WALK_X,
		.thumb = (cpu->cpsr & CPU_PSR_T) && view == MMU_VIEW_KERNEL,
	};
}

/*
 * Where in the page of @gva, whose fetch faulted, an instruction begins: at the pc, or behind the
 * second half of one that began in the page before.
 */
static u32 fault_fetched_at(const struct engine_vcpu *ev, u32 gva)
{
	const struct armkvm_cpu *cpu = ev->vcpu->cpu;

	if (!(cpu->cpsr & CPU_PSR_T))
		return gva;
	if (!((gva ^ cpu->pc) & ARMKVM_PAGE_MASK))
		return cpu->pc;
	return (gva & ARMKVM_PAGE_MASK) + 2;
}

/*
 * Enters a translation that a walk has found into the view of @priv; @seq is that
 * of mmu_walk_begin() before it.  Returns what mmu_fill() returns.
 */
static int fault_fill(struct engine_vcpu *ev, const struct walk_ctl *ctl,
		      const struct walk_result *res, u32 gva, bool priv, u8 kind,
		      unsigned long seq)
{
	enum mmu_view view = priv ? MMU_VIEW_KERNEL : MMU_VIEW_USER;
	struct mmu_mapping map;
	int ret;

	fault_describe(ev, ctl, res, gva, view, &map);
	map.seq = seq;
	if (kind == WALK_X)
		map.gva = fault_fetched_at(ev, gva);
	mmu_key_of(ev->vm, ctl, ev->mmu.space->key.domains, res, gva, &gmem_walk_ops, &map.key);
	if (priv && kind == WALK_X) {
		map.prev_gfn = fault_gfn_at(ev, gva - ARMKVM_PAGE_SIZE);
		map.next_gfn = fault_gfn_at(ev, gva + ARMKVM_PAGE_SIZE);
	}
	ret = mmu_fill(&ev->mmu, ctl, ev->mmu.space, view, &map, kind == WALK_W, kind == WALK_X);
	if (ret == -ENOENT && (armkvm_mmio_patch || engine_is_gic(ev->vm, res->gpa)))
		mmu_mark_device(&ev->mmu, ctl, ev->mmu.space, view, &map);
	trace_armkvm_fill(ev->vcpu->id, gva, res->gpa, kind, priv, ret);
	if (!ret)
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_FILLS);
	return ret;
}

int engine_fault_known(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	bool priv = cpu_mode_privileged(ev->vcpu->cpu->cpsr);
	enum mmu_view view = priv ? MMU_VIEW_KERNEL : MMU_VIEW_USER;
	struct walk_access access = { .kind = kind, .priv = priv };
	struct mmu_mapping map WALK_LOCAL;
	struct walk_result res WALK_LOCAL;
	struct walk_fault fault WALK_LOCAL;
	struct mmu_near near WALK_LOCAL;
	struct walk_ctl ctl WALK_LOCAL;

	if (ev->vm->mmu->config.exact_copies && kind == WALK_R && priv &&
	    mmu_exec_only(ev->mmu.space, gva))
		return engine_read_code_known(ev);
	engine_walk_ctl(ev->vcpu, &ctl);
	if (mmu_near_walk(ev->vm, &ctl, gva, access, &near, &res, &fault)) {
		/* A table in a page that isn't known looks like none. */
		if (fault.kind == WALK_EXTERNAL)
			return -EAGAIN;
		engine_inject_walk_fault(ev, &ctl, gva, kind, &fault);
		return ENGINE_GUEST;
	}
	fault_describe(ev, &ctl, &res, gva, view, &map);
	if (kind == WALK_X)
		map.gva = fault_fetched_at(ev, gva);
	mmu_near_key(ev->vm, &ctl, ev->mmu.space->key.domains, &res, gva, &near, &map.key);
	map.near = &near;
	if (mmu_fill_known(&ev->mmu, &ctl, ev->mmu.space, view, &map, kind == WALK_W,
			   kind == WALK_X))
		return -EAGAIN;
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_FILLS);
	trace_armkvm_fill(ev->vcpu->id, gva, res.gpa, kind, priv, 0);
	return ENGINE_GUEST;
}

/* What mmu_fill() answered, as an enum engine_next. */
static int fault_result(struct engine_vcpu *ev, int ret, u32 gva, const struct walk_result *res)
{
	switch (ret) {
	case 0:
	case -EAGAIN:	/* the guest meets the abort again, and then its new tables */
		return ENGINE_GUEST;
	case -EBUSY:	/* and then its new slots, for which the loop waits */
		ev->frame_leaves = true;
		return ENGINE_GUEST;
	case -EFAULT:
		return engine_fail(ev, ARMKVM_ERROR_MEMORY, 0,
				   "guest RAM at 0x%llx can't be had from the host", res->gpa);
	case -ENOSPC:
		return engine_emulate(ev, ARMKVM_ERROR_STATE, 0,
				      "the guest has more different privileged instructions than armkvm can replace");
	case -EADDRINUSE:
		return engine_emulate(ev, ARMKVM_ERROR_STATE, 0,
				      "the guest maps what armkvm needs for its switch area (address 0x%08x)",
				      gva);
	default:
		return ret;
	}
}

int engine_ldst_replaced(struct engine_vcpu *ev, u32 word)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	struct walk_access access = { .priv = true };
	unsigned long seq = mmu_walk_begin(ev->vm->mmu);
	struct walk_result res;
	struct walk_fault fault;
	struct ldst_access acc;
	struct walk_ctl ctl;
	struct ldst insn;
	u64 gpa;
	int ret;

	if (!ldst_decode_arm(word, &insn)) {
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_DEVICE_REPLACED);
	ldst_begin(&ev->mmio, &insn, cpu);
	ldst_next(&ev->mmio, cpu, &acc);
	access.kind = acc.write ? WALK_W : WALK_R;
	/* Alignment faults, and those of the guest's tables, are found there in their order. */
	if ((acc.gva & (acc.size - 1)) || engine_device_at(ev, acc.gva, acc.write, &gpa))
		return engine_ldst(ev, &insn);
	engine_walk_ctl(ev->vcpu, &ctl);
	if (walk_gva(&ctl, &gmem_walk_ops, ev->vm, acc.gva, access, &res, &fault))
		return engine_ldst(ev, &insn);
	ret = fault_fill(ev, &ctl, &res, acc.gva, true, access.kind, seq);
	if (ret && ret != -ENOENT && ret != -EROFS)
		return fault_result(ev, ret, acc.gva, &res);
	/* RAM is the hardware's, unless the guest has put the replacement elsewhere. */
	if (!ret && mmu_restore_device_insn(ev->vm, ev->mmu.space, cpu->pc)) {
		engine_device_restored(ev);
		return ENGINE_GUEST;
	}
	return engine_ldst(ev, &insn);
}

/*
 * Cache maintenance by address needs a translation, not a permission (B3.12):
 * the guest's own fault, or the shadow entry is made, or (a device) nothing.
 */
int engine_fault_maintain(struct engine_vcpu *ev, u32 gva)
{
	struct walk_result res;
	struct walk_fault fault;
	struct walk_ctl ctl;
	unsigned long seq = mmu_walk_begin(ev->vm->mmu);
	int ret;

	engine_walk_ctl(ev->vcpu, &ctl);
	if (walk_translate(&ctl, &gmem_walk_ops, ev->vm, gva, &res, &fault)) {
		engine_inject_dabt(ev, gva, walk_dfsr(&ctl, &fault, true, ctl.ttbcr & WALK_TTBCR_EAE));
		return ENGINE_GUEST;
	}
	ret = fault_fill(ev, &ctl, &res, gva, true, WALK_R, seq);
	if (ret == -ENOENT) {
		emu_skip(ev->vcpu->cpu, 4);
		return ENGINE_GUEST;
	}
	return fault_result(ev, ret, gva, &res);
}

/* A store of the kernel's to @gva, in the page @gfn in which the pc is too. */
static int fault_store_beside_code(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva,
				   u64 gfn)
{
	struct ldst insn;
	u32 word;

	if (engine_fetch_ldst(ev, &insn, &word) && insn.form == LDST_EXCLUSIVE) {
		engine_exclusive_fails(ev, &insn, gfn);
		return ENGINE_GUEST;
	}
	return engine_ldst_at_pc(ev, ctl, gva, WALK_W);
}

int engine_fault(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct armkvm_mmu *mmu = ev->vm->mmu;
	bool priv = cpu_mode_privileged(vcpu->cpu->cpsr);
	struct walk_access access = { .kind = kind, .priv = priv };
	struct walk_result res WALK_LOCAL;
	struct walk_fault fault WALK_LOCAL;
	struct walk_ctl ctl WALK_LOCAL;
	unsigned long seq = mmu_walk_begin(mmu);
	bool is_copy;
	bool found;
	u64 pc_gfn;
	int ret;

	if (kind != WALK_X) {
		raw_spin_lock(&mmu->lock);
		found = mmu_space_fresh(mmu, ev->mmu.space) && engine_device_find(ev, gva, kind);
		raw_spin_unlock(&mmu->lock);
		if (found)
			return engine_device_access_found(ev);
	}
	engine_walk_ctl(vcpu, &ctl);
	if (walk_gva(&ctl, &gmem_walk_ops, ev->vm, gva, access, &res, &fault)) {
		engine_inject_walk_fault(ev, &ctl, gva, kind, &fault);
		return ENGINE_GUEST;
	}
	if (engine_reads_copy(ev, gva, kind))
		return engine_read_code(ev, gva);
	/*
	 * A store into the page that it stands in: the page can't be executed
	 * (as a copy) and be written at once, so the store is done here.
	 */
	if (kind == WALK_W && priv &&
	    mmu_lookup(ev->vm, ev->mmu.space, MMU_VIEW_KERNEL, vcpu->cpu->pc, &pc_gfn, &is_copy) &&
	    is_copy && pc_gfn == res.gpa >> ARMKVM_PAGE_SHIFT)
		return fault_store_beside_code(ev, &ctl, gva, pc_gfn);

	ret = fault_fill(ev, &ctl, &res, gva, priv, kind, seq);
	if (ret == -ENOENT || ret == -EROFS) {
		if (kind != WALK_X)
			return engine_ldst_at_pc(ev, &ctl, gva, kind);
		if (ev->vm->emulates)
			return engine_emulate(ev, ARMKVM_ERROR_STATE, 0,
					      "code in what is no RAM (address 0x%08x)", gva);
		engine_inject_external(ev, gva, kind);
		return ENGINE_GUEST;
	}
	return fault_result(ev, ret, gva, &res);
}
