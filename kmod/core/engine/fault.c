// SPDX-License-Identifier: GPL-2.0-only
/*
 * Aborts of guest code: the shadow tables lack an entry, the guest's own tables
 * forbid the access, or the address is a device's.
 */
#include <linux/bits.h>
#include <linux/kernel.h>

#include "../decode.h"
#include "../emulate.h"
#include "../ldst.h"
#include "../patch.h"
#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"
#include "ops.h"

/* ID_MMFR0.VMSA and ID_PFR1.Virtualization */
#define ID_VMSA(mmfr0)	((mmfr0) & 0xf)
#define ID_VIRT(pfr1)	((pfr1) >> 12 & 0xf)
/* ID_ISAR0.Swap, ID_ISAR4.SWP_frac, ID_MMFR3's maintenance broadcast: B4.1.83, B4.1.87, B4.1.92 */
#define ID_SWAP(isar0)		((isar0) & 0xf)
#define ID_SWP_FRAC(isar4)	((isar4) >> 28)
#define ID_MAINT_BCST(mmfr3)	((mmfr3) >> 12 & 0xf)

#define SCTLR_SW		BIT(10)

void engine_walk_ctl(const struct armkvm_vcpu *vcpu, struct walk_ctl *ctl)
{
	const u32 *r = vcpu->cp15;

	ctl->sctlr = r[CP15_SCTLR];
	ctl->ttbcr = r[CP15_TTBCR];
	ctl->ttbr0 = r[CP15_TTBR0] | (u64)r[CP15_TTBR0_HI] << 32;
	ctl->ttbr1 = r[CP15_TTBR1] | (u64)r[CP15_TTBR1_HI] << 32;
	ctl->dacr = r[CP15_DACR];
	ctl->mair = r[CP15_MAIR0] | (u64)r[CP15_MAIR1] << 32;
	ctl->features = (ID_VMSA(r[CP15_ID_MMFR0]) >= 4 ? WALK_HAS_PXN : 0) |
			(ID_VIRT(r[CP15_ID_PFR1]) ? WALK_HAS_WXN : 0);
}

/* The long format's ASID is no part of the tables' address. */
#define TTBR_BASE	0x0000ffffffffffffULL

/* The DACR fields that read 3. */
static u32 dacr_managers(u32 dacr)
{
	u32 both = dacr & (dacr >> 1) & 0x55555555U;

	return both | both << 1;
}

void engine_space_key(const struct armkvm_vcpu *vcpu, const struct walk_ctl *ctl,
		      struct mmu_space_key *key, u16 *asid)
{
	*key = (struct mmu_space_key) { };
	*asid = 0;
	if (!(ctl->sctlr & WALK_SCTLR_M))
		return;
	key->mmu_on = 1;
	key->ttbr0 = ctl->ttbr0 & TTBR_BASE;
	key->ttbr1 = ctl->ttbr1 & TTBR_BASE;
	key->ttbcr = ctl->ttbcr;
	*asid = walk_asid(ctl, vcpu->cp15[CP15_CONTEXTIDR]);
	if (!(ctl->ttbcr & WALK_TTBCR_EAE))
		key->domains = HOST_HAS_DOMAINS ? dacr_managers(ctl->dacr) : ctl->dacr;
}

/*
 * -- the guest's own faults --------------------------------------------------
 */

static void trace_inject(struct engine_vcpu *ev, enum cpu_vector vec)
{
	const u32 *r = ev->vcpu->cp15;
	bool fetch = vec == CPU_VEC_PABT, data = vec == CPU_VEC_DABT;

	trace_armkvm_inject(ev->vcpu->id, vec, ev->vcpu->cpu->pc,
			    fetch ? r[CP15_IFAR] : data ? r[CP15_DFAR] : 0,
			    fetch ? r[CP15_IFSR] : data ? r[CP15_DFSR] : 0);
}

void engine_take(struct engine_vcpu *ev, enum cpu_vector vec, u32 ret)
{
	struct armkvm_cpu_ctl ctl = {
		.sctlr = ev->vcpu->cp15[CP15_SCTLR],
		.vbar = ev->vcpu->cp15[CP15_VBAR],
	};

	if (trace_armkvm_inject_enabled())
		trace_inject(ev, vec);
	cpu_take_exception(ev->vcpu->cpu, &ctl, vec, ret);
}

/* Return offsets: ARM DDI 0406C table B1-7 */
void engine_inject_undef(struct engine_vcpu *ev)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;

	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_GUEST_UNDEFS);
	engine_take(ev, CPU_VEC_UND, cpu->pc + (cpu->cpsr & CPU_PSR_T ? 2 : 4));
}

void engine_inject_dabt(struct engine_vcpu *ev, u32 gva, u32 dfsr)
{
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_GUEST_ABORTS);
	ev->vcpu->cp15[CP15_DFSR] = dfsr;
	ev->vcpu->cp15[CP15_DFAR] = gva;
	engine_take(ev, CPU_VEC_DABT, ev->vcpu->cpu->pc + 8);
}

void engine_inject_pabt(struct engine_vcpu *ev, u32 gva, u32 ifsr)
{
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_GUEST_ABORTS);
	ev->vcpu->cp15[CP15_IFSR] = ifsr;
	ev->vcpu->cp15[CP15_IFAR] = gva;
	engine_take(ev, CPU_VEC_PABT, ev->vcpu->cpu->pc + 4);
}

static void inject_walk_fault(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva,
			      u8 kind, const struct walk_fault *fault)
{
	if (kind == WALK_X)
		engine_inject_pabt(ev, gva, fault->fsr);
	else
		engine_inject_dabt(ev, gva, walk_dfsr(ctl, fault, kind == WALK_W, false));
}

void engine_inject_status(struct engine_vcpu *ev, u32 gva, u8 kind, u32 short_status,
			  u32 long_status)
{
	u32 fsr = ev->vcpu->cp15[CP15_TTBCR] & WALK_TTBCR_EAE ? 1U << 9 | long_status :
								 short_status;

	if (kind == WALK_X)
		engine_inject_pabt(ev, gva, fsr);
	else
		engine_inject_dabt(ev, gva, fsr | (kind == WALK_W ? 1U << 11 : 0));
}

/* Synchronous, not on a walk */
static void inject_external(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	engine_inject_status(ev, gva, kind, 0x08, 0x10);
}

/*
 * -- devices -----------------------------------------------------------------
 */

/*
 * One access of an instruction that is emulated to RAM at @res, which may go on in the
 * next page, where another translation counts.  Returns 0, -ENOENT or -EROFS (a device or
 * ROM), another negative errno, or 1: @fault strikes at *@gva.
 */
static int ram_access(struct engine_vcpu *ev, const struct walk_ctl *ctl, struct walk_access access,
		      const struct ldst_access *acc, struct walk_result *res,
		      struct walk_fault *fault, u64 *val, u32 *gva)
{
	unsigned int len[2] = { acc->size };
	u64 gpa[2] = { res->gpa };
	unsigned int i, parts = 1;
	u8 *buf = (u8 *)val;
	int ret;

	if ((acc->gva & ~ARMKVM_PAGE_MASK) + acc->size > ARMKVM_PAGE_SIZE) {
		len[0] = ARMKVM_PAGE_SIZE - (acc->gva & ~ARMKVM_PAGE_MASK);
		len[1] = acc->size - len[0];
		*gva = acc->gva + len[0];
		if (walk_gva(ctl, &gmem_walk_ops, ev->vm, *gva, access, res, fault))
			return 1;
		gpa[1] = res->gpa;
		parts = 2;
	}
	if (!acc->write)
		*val = 0;
	for (i = 0; i < parts; buf += len[i], i++) {
		ret = acc->write ? gmem_write(ev->vm, gpa[i], buf, len[i]) :
				   gmem_read(ev->vm, gpa[i], buf, len[i]);
		if (ret)
			return ret;
	}
	return 0;
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

/*
 * The access @acc of ev->mmio.  Returns -ENOENT (nothing but a device is at *@gpa),
 * -EROFS (a store to ROM there), another negative errno, 0 (done, *@val is what was read), or
 * 1: @fault strikes at *@gva.
 */
static int ldst_access(struct engine_vcpu *ev, const struct walk_ctl *ctl,
		       const struct ldst_access *acc, struct walk_access access,
		       struct walk_fault *fault, u64 *val, u32 *gva, u64 *gpa)
{
	struct walk_result res;
	int ret = 1;

	if (!acc->as_user && !(acc->gva & (acc->size - 1)) &&
	    engine_device_at(ev, acc->gva, acc->write, gpa))
		return -ENOENT;
	if (!walk_gva(ctl, &gmem_walk_ops, ev->vm, *gva, access, &res, fault))
		ret = ram_access(ev, ctl, access, acc, &res, fault, val, gva);
	*gpa = res.gpa;
	return ret;
}

/* The next access of ev->mmio that is a device's goes to the launcher. */
static int mmio_continue(struct engine_vcpu *ev)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct walk_fault fault;
	struct ldst_access acc;
	struct walk_ctl ctl;

	engine_walk_ctl(vcpu, &ctl);
	while (ldst_next(&ev->mmio, vcpu->cpu, &acc)) {
		struct walk_access access = {
			.kind = acc.write ? WALK_W : WALK_R,
			.priv = cpu_mode_privileged(vcpu->cpu->cpsr) && !acc.as_user,
		};
		u64 val = acc.value, gpa;
		u32 gva = acc.gva;
		int ret;

		if ((gva & acc.align) ||
		    ((gva & (acc.size - 1)) && (ctl.sctlr & WALK_SCTLR_A))) {
			engine_inject_alignment(ev, gva, access.kind);
			return ENGINE_GUEST;
		}
		ret = ldst_access(ev, &ctl, &acc, access, &fault, &val, &gva, &gpa);
		if (ret > 0) {
			inject_walk_fault(ev, &ctl, gva, access.kind, &fault);
			return ENGINE_GUEST;
		}
		if (!ret) {
			ldst_supply(&ev->mmio, val);
			continue;
		}
		if (ret == -EFAULT)
			return engine_fail(ev, ARMKVM_ERROR_MEMORY, 0,
					   "guest RAM at 0x%llx can't be reached", gpa);
		if ((acc.gva & ~ARMKVM_PAGE_MASK) + acc.size > ARMKVM_PAGE_SIZE) {
			/* Unaligned over a page's end: UNPREDICTABLE on a device, A3.2.1 */
			inject_external(ev, acc.gva, access.kind);
			return ENGINE_GUEST;
		}

		if (ret == -ENOENT &&
		    engine_device_access(ev, gpa, acc.size, acc.write, &val)) {
			ldst_supply(&ev->mmio, val);
			continue;
		}
		engine_mmio_exit(ev, gpa, acc.size, acc.write, val);
		return ENGINE_USER;
	}
	if (!ldst_commit(&ev->mmio, vcpu->cpu))
		engine_inject_undef(ev);
	return ENGINE_GUEST;
}

int engine_mmio_complete(struct engine_vcpu *ev)
{
	u64 val;

	ev->mmio_pending = false;
	if (ev->device.pending)
		return engine_device_complete(ev);
	memcpy(&val, ev->vcpu->run->mmio.data, sizeof(val));
	ldst_supply(&ev->mmio, val);
	return mmio_continue(ev);
}

int engine_ldst(struct engine_vcpu *ev, const struct ldst *insn)
{
	ldst_begin(&ev->mmio, insn, ev->vcpu->cpu);
	return mmio_continue(ev);
}

int engine_ldst_unpriv(struct engine_vcpu *ev, u32 word)
{
	struct ldst insn;

	if (!ldst_decode_arm(word, &insn)) {
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
	return engine_ldst(ev, &insn);
}

/*
 * SWP and SWPB in RAM: one access, which needs both permissions (A8.8.229); a fault is
 * reported as a write's.  Returns -ENOENT for a device, whose two accesses go the usual way.
 */
static int swap_in_ram(struct engine_vcpu *ev, const struct ldst *insn, const struct walk_ctl *ctl)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	struct walk_access access = { .kind = WALK_W, .priv = cpu_mode_privileged(cpu->cpsr) };
	struct walk_result res;
	struct walk_fault fault;
	struct ldst_access acc;
	struct ldst_run run;
	u32 old, val = cpu->r[insn->rt2];
	int ret;

	ldst_begin(&run, insn, cpu);
	ldst_next(&run, cpu, &acc);
	if (acc.gva & acc.align) {
		engine_inject_alignment(ev, acc.gva, WALK_W);
		return ENGINE_GUEST;
	}
	if (walk_gva(ctl, &gmem_walk_ops, ev->vm, acc.gva, access, &res, &fault)) {
		inject_walk_fault(ev, ctl, acc.gva, WALK_W, &fault);
		return ENGINE_GUEST;
	}
	if (acc.size == 4 && (cpu->cpsr & CPU_PSR_E))
		val = swab32(val);
	ret = gmem_swap(ev->vm, res.gpa, acc.size, val, &old);
	if (ret == -EFAULT)
		return engine_fail(ev, ARMKVM_ERROR_MEMORY, 0, "guest RAM at 0x%llx can't be reached",
				   res.gpa);
	if (ret)
		return ret == -EROFS ? -ENOENT : ret;
	ldst_supply(&run, old);		/* the load; then the store, which is done */
	ldst_supply(&run, 0);
	if (!ldst_commit(&run, cpu))
		engine_inject_undef(ev);
	return ENGINE_GUEST;
}

static int mmio_begin(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva, u8 kind)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	struct ldst insn;
	bool ok;
	u32 word = 0;

	if (cpu->cpsr & CPU_PSR_T) {
		u16 hw[2] = { };

		if (gmem_fetch(ev, cpu->pc, &hw[0], 2))
			return ENGINE_GUEST;
		if (insn_thumb_is_wide(hw[0]) && gmem_fetch(ev, cpu->pc + 2, &hw[1], 2))
			return ENGINE_GUEST;
		word = (u32)hw[0] << 16 | hw[1];
		ok = ldst_decode_thumb(hw[0], hw[1], &insn);
	} else {
		if (gmem_fetch(ev, cpu->pc, &word, 4))
			return ENGINE_GUEST;
		ok = ldst_decode_arm(word, &insn);
		if (ok && cpu_mode_privileged(cpu->cpsr))
			engine_device_count(ev);
	}
	if (!ok)
		return engine_fail(ev, ARMKVM_ERROR_INSN, word,
				   "an instruction that armkvm can't execute on a device (address 0x%08x)",
				   gva);
	if (insn.form == LDST_SWAP) {
		int ret = swap_in_ram(ev, &insn, ctl);

		if (ret != -ENOENT)
			return ret;
	}
	return engine_ldst(ev, &insn);
}

/*
 * The SWP or SWPB @word trapped.  Cores with the Multiprocessing Extensions have them
 * where SCTLR.SW is set (B4.1.130); a host keeps its own clear, and cores after
 * Cortex-A9 may lack the instructions.
 */
int engine_swap(struct engine_vcpu *ev, u32 word)
{
	const u32 *r = ev->vcpu->cp15;
	bool has = ID_SWAP(r[CP15_ID_ISAR0]) || ID_SWP_FRAC(r[CP15_ID_ISAR4]);
	bool enabled = (r[CP15_SCTLR] & SCTLR_SW) || !ID_MAINT_BCST(r[CP15_ID_MMFR3]);
	struct walk_ctl ctl;
	struct ldst insn;
	int ret;

	if (!has || !enabled || !ldst_decode_arm(word, &insn) || insn.form != LDST_SWAP) {
		engine_inject_undef(ev);
		return ENGINE_GUEST;
	}
	engine_walk_ctl(ev->vcpu, &ctl);
	ret = swap_in_ram(ev, &insn, &ctl);
	if (ret != -ENOENT)
		return ret;
	return engine_ldst(ev, &insn);
}

/*
 * -- the fault itself --------------------------------------------------------
 */

/* The frame that privileged code finds at @gva, for the patcher; or MMU_NO_GFN. */
static u64 gfn_at(struct engine_vcpu *ev, u32 gva)
{
	struct walk_result res;
	struct walk_fault fault;
	struct walk_ctl ctl;

	engine_walk_ctl(ev->vcpu, &ctl);
	if (walk_translate(&ctl, &gmem_walk_ops, ev->vm, gva, &res, &fault))
		return MMU_NO_GFN;
	return res.gpa >> ARMKVM_PAGE_SHIFT;
}

static void describe_mapping(struct engine_vcpu *ev, const struct walk_ctl *ctl,
			     const struct walk_result *res, u32 gva, enum mmu_view view,
			     struct mmu_mapping *map)
{
	u8 perm = mmu_permissions(res, view);

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
	};
}

/*
 * Enters a translation that a walk has found into the view of @priv; @seq is that
 * of mmu_walk_begin() before it.
 */
static int fill(struct engine_vcpu *ev, const struct walk_ctl *ctl, const struct walk_result *res,
		u32 gva, bool priv, u8 kind, unsigned long seq)
{
	enum mmu_view view = priv ? MMU_VIEW_KERNEL : MMU_VIEW_USER;
	struct mmu_mapping map;
	int ret;

	describe_mapping(ev, ctl, res, gva, view, &map);
	map.seq = seq;
	mmu_key_of(ev->vm, ctl, ev->mmu.space->key.domains, res, gva, &gmem_walk_ops, &map.key);
	if (priv && kind == WALK_X) {
		map.prev_gfn = gfn_at(ev, gva - ARMKVM_PAGE_SIZE);
		map.next_gfn = gfn_at(ev, gva + ARMKVM_PAGE_SIZE);
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
	struct mmu_mapping map;
	struct walk_result res;
	struct walk_fault fault;
	struct walk_ctl ctl;

	if (ev->vm->mmu->config.exact_copies && kind == WALK_R && priv && mmu_exec_only(ev->mmu.space, gva))
		return engine_read_code_known(ev);
	engine_walk_ctl(ev->vcpu, &ctl);
	if (walk_gva(&ctl, &mmu_walk_ops, ev->vm, gva, access, &res, &fault)) {
		/* A table in a page that isn't known looks like none. */
		if (fault.kind == WALK_EXTERNAL)
			return -EAGAIN;
		inject_walk_fault(ev, &ctl, gva, kind, &fault);
		return ENGINE_GUEST;
	}
	describe_mapping(ev, &ctl, &res, gva, view, &map);
	mmu_key_of(ev->vm, &ctl, ev->mmu.space->key.domains, &res, gva, &mmu_walk_ops, &map.key);
	if (mmu_fill_known(&ev->mmu, &ctl, ev->mmu.space, view, &map, kind == WALK_W, kind == WALK_X))
		return -EAGAIN;
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_FILLS);
	trace_armkvm_fill(ev->vcpu->id, gva, res.gpa, kind, priv, 0);
	return ENGINE_GUEST;
}

/* What mmu_fill() answered, as an enum engine_next. */
static int fill_result(struct engine_vcpu *ev, int ret, u32 gva, const struct walk_result *res)
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
		return engine_fail(ev, ARMKVM_ERROR_STATE, 0,
				   "the guest has more different privileged instructions than armkvm can replace");
	case -EADDRINUSE:
		return engine_fail(ev, ARMKVM_ERROR_STATE, 0,
				   "the guest maps address 0x%08x, which armkvm needs for its switch area",
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
	ret = fill(ev, &ctl, &res, acc.gva, true, access.kind, seq);
	if (ret && ret != -ENOENT && ret != -EROFS)
		return fill_result(ev, ret, acc.gva, &res);
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
	ret = fill(ev, &ctl, &res, gva, true, WALK_R, seq);
	if (ret == -ENOENT) {
		emu_skip(ev->vcpu->cpu, 4);
		return ENGINE_GUEST;
	}
	return fill_result(ev, ret, gva, &res);
}

/* A store of the kernel's to @gva, in the page @gfn in which the pc is too. */
static int store_beside_code(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva, u64 gfn)
{
	const struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u32 word;

	if (!(cpu->cpsr & CPU_PSR_T) && !gmem_fetch(ev, cpu->pc, &word, 4) &&
	    patch_is_exclusive(word)) {
		engine_exclusive_fails(ev, word, gfn);
		return ENGINE_GUEST;
	}
	return mmio_begin(ev, ctl, gva, WALK_W);
}

int engine_fault(struct engine_vcpu *ev, u32 gva, u8 kind)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct armkvm_mmu *mmu = ev->vm->mmu;
	bool priv = cpu_mode_privileged(vcpu->cpu->cpsr);
	struct walk_access access = { .kind = kind, .priv = priv };
	struct walk_result res;
	struct walk_fault fault;
	struct walk_ctl ctl;
	unsigned long seq = mmu_walk_begin(mmu);
	bool is_copy;
	bool found;
	u64 pc_gfn;
	int ret;

	if (kind != WALK_X) {
		spin_lock(&mmu->lock);
		found = mmu_space_fresh(mmu, ev->mmu.space) && engine_device_find(ev, gva, kind);
		spin_unlock(&mmu->lock);
		if (found)
			return engine_device_access_found(ev);
	}
	engine_walk_ctl(vcpu, &ctl);
	if (walk_gva(&ctl, &gmem_walk_ops, ev->vm, gva, access, &res, &fault)) {
		inject_walk_fault(ev, &ctl, gva, kind, &fault);
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
		return store_beside_code(ev, &ctl, gva, pc_gfn);

	ret = fill(ev, &ctl, &res, gva, priv, kind, seq);
	if (ret == -ENOENT || ret == -EROFS) {
		if (kind != WALK_X)
			return mmio_begin(ev, &ctl, gva, kind);
		inject_external(ev, gva, kind);
		return ENGINE_GUEST;
	}
	return fill_result(ev, ret, gva, &res);
}
