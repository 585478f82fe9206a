// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads and stores that the module executes, access by access: to devices, and where the
 * hardware can't do them.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/swab.h>

#include "../arm/decode.h"
#include "../arm/emulate.h"
#include "../arm/ldst.h"
#include "../vcpu.h"
#include "../vm.h"
#include "access.h"
#include "engine.h"
#include "gmem.h"
#include "inject.h"
#include "regime.h"

/* ID_ISAR0.Swap, ID_ISAR4.SWP_frac, ID_MMFR3's maintenance broadcast: B4.1.83, B4.1.87, B4.1.92 */
#define ID_SWAP(isar0)		((isar0) & 0xf)
#define ID_SWP_FRAC(isar4)	((isar4) >> 28)
#define ID_MAINT_BCST(mmfr3)	((mmfr3) >> 12 & 0xf)

#define SCTLR_SW		BIT(10)

/*
 * One access of an instruction that is emulated to RAM at @res, which may go on in the
 * next page, where another translation counts.  Returns 0, -EACCES (@fault strikes at *@gva), or
 * what gmem_read() and gmem_write() return.
 */
static int access_ram(struct engine_vcpu *ev, const struct walk_ctl *ctl, struct walk_access access,
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
			return -EACCES;
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

/*
 * The access @acc of ev->mmio.  Returns 0 (done, *@val is what was read), -ENOENT (nothing but a
 * device is at *@gpa), -EROFS (a store to ROM there), -EFAULT (RAM that can't be reached), or
 * -EACCES: @fault strikes at *@gva.
 */
static int access_one(struct engine_vcpu *ev, const struct walk_ctl *ctl,
		       const struct ldst_access *acc, struct walk_access access,
		       struct walk_fault *fault, u64 *val, u32 *gva, u64 *gpa)
{
	struct walk_result res;
	int ret = -EACCES;

	if (!acc->as_user && !(acc->gva & (acc->size - 1)) &&
	    engine_device_at(ev, acc->gva, acc->write, gpa))
		return -ENOENT;
	if (!walk_gva(ctl, &gmem_walk_ops, ev->vm, *gva, access, &res, fault))
		ret = access_ram(ev, ctl, access, acc, &res, fault, val, gva);
	*gpa = res.gpa;
	return ret;
}

/* The next access of ev->mmio that is a device's goes to the launcher. */
static int access_continue(struct engine_vcpu *ev)
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
		ret = access_one(ev, &ctl, &acc, access, &fault, &val, &gva, &gpa);
		if (ret == -EACCES) {
			engine_inject_walk_fault(ev, &ctl, gva, access.kind, &fault);
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
			engine_inject_external(ev, acc.gva, access.kind);
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
	return access_continue(ev);
}

int engine_ldst(struct engine_vcpu *ev, const struct ldst *insn)
{
	ldst_begin(&ev->mmio, insn, ev->vcpu->cpu);
	return access_continue(ev);
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
 * reported as a write's.  Returns an enum engine_next, or -EAGAIN: nothing has changed, and a
 * device's two accesses go the usual way.
 */
static int access_swap_ram(struct engine_vcpu *ev, const struct ldst *insn,
			   const struct walk_ctl *ctl)
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
		engine_inject_walk_fault(ev, ctl, acc.gva, WALK_W, &fault);
		return ENGINE_GUEST;
	}
	if (acc.size == 4 && (cpu->cpsr & CPU_PSR_E))
		val = swab32(val);
	ret = gmem_swap(ev->vm, res.gpa, acc.size, val, &old);
	if (ret == -EFAULT)
		return engine_fail(ev, ARMKVM_ERROR_MEMORY, 0, "guest RAM at 0x%llx can't be reached",
				   res.gpa);
	if (ret)
		return ret == -ENOENT || ret == -EROFS ? -EAGAIN : ret;
	ldst_supply(&run, old);		/* the load; then the store, which is done */
	ldst_supply(&run, 0);
	if (!ldst_commit(&run, cpu))
		engine_inject_undef(ev);
	return ENGINE_GUEST;
}

bool engine_fetch_ldst(struct engine_vcpu *ev, struct ldst *insn, u32 *word)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u16 hw[2] = { };

	*word = 0;
	if (!(cpu->cpsr & CPU_PSR_T))
		return !gmem_fetch(ev, cpu->pc, word, 4) && ldst_decode_arm(*word, insn);
	if (gmem_fetch(ev, cpu->pc, &hw[0], 2) ||
	    (insn_thumb_is_wide(hw[0]) && gmem_fetch(ev, cpu->pc + 2, &hw[1], 2)))
		return false;
	*word = (u32)hw[0] << 16 | hw[1];
	return ldst_decode_thumb(hw[0], hw[1], insn);
}

int engine_ldst_at_pc(struct engine_vcpu *ev, const struct walk_ctl *ctl, u32 gva, u8 kind)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	struct ldst insn;
	u32 word;
	bool ok;

	ok = engine_fetch_ldst(ev, &insn, &word);
	if (!ok && !word)
		return ENGINE_GUEST;	/* the fetch will fault for itself */
	if (ok && !(cpu->cpsr & CPU_PSR_T) && cpu_mode_privileged(cpu->cpsr))
		engine_device_count(ev);
	if (!ok)
		return engine_emulate(ev, ARMKVM_ERROR_INSN, word,
				      "an instruction that armkvm can't execute on a device (address 0x%08x)",
				      gva);
	if (insn.form == LDST_EXCLUSIVE && ev->vm->emulates)
		return engine_emulate(ev, ARMKVM_ERROR_INSN, word,
				      "an exclusive access to a device (address 0x%08x)", gva);
	if (insn.form == LDST_SWAP) {
		int ret = access_swap_ram(ev, &insn, ctl);

		if (ret != -EAGAIN)
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
	ret = access_swap_ram(ev, &insn, &ctl);
	if (ret != -EAGAIN)
		return ret;
	return engine_ldst(ev, &insn);
}
