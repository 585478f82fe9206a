// SPDX-License-Identifier: GPL-2.0-only
/*
 * For the launcher's debugger: ARMKVM_SET_GUEST_DEBUG.
 *
 * A software breakpoint is a BKPT that the launcher has put into guest RAM; with
 * USE_SW_BP every BKPT ends the run, and the launcher tells the guest's own from its
 * own.  A hardware breakpoint is a BKPT in the instruction copy of the page that is
 * executed at its address: RAM stays as it is, and the address need not be mapped
 * yet.  Kernel views alone execute copies, so privileged code alone meets them.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"

#define CONTROL_KNOWN	(ARMKVM_GUESTDBG_ENABLE | ARMKVM_GUESTDBG_USE_SW_BP | ARMKVM_GUESTDBG_USE_HW)
/* C11.11.2: enabled; the byte address select that means the upper half of the word */
#define BCR_ENABLED	1U
#define BCR_BAS		(0xfU << 5)
#define BCR_BAS_UPPER	(0xcU << 5)

/* Takes the breakpoints of @dbg over, for the whole VM.  Returns whether they are others now. */
static bool debug_set_breakpoints(struct armkvm_mmu *mmu, const struct armkvm_guest_debug *dbg)
{
	bool use = (dbg->control & ARMKVM_GUESTDBG_ENABLE) && (dbg->control & ARMKVM_GUESTDBG_USE_HW);
	u32 bp[ARRAY_SIZE(mmu->bp)] = { };
	unsigned int i, nr = 0;
	bool changed;

	for (i = 0; use && i < ARRAY_SIZE(bp); i++)
		if (dbg->dbg_bcr[i] & BCR_ENABLED)
			bp[nr++] = (dbg->dbg_bvr[i] & ~3U) |
				   ((dbg->dbg_bcr[i] & BCR_BAS) == BCR_BAS_UPPER ? 2 : 0);

	raw_spin_lock(&mmu->lock);
	changed = nr != mmu->nr_bp || memcmp(bp, mmu->bp, sizeof(bp));
	memcpy(mmu->bp, bp, sizeof(bp));
	mmu->nr_bp = nr;
	raw_spin_unlock(&mmu->lock);
	return changed;
}

long engine_set_guest_debug(struct armkvm_vcpu *vcpu, const void __user *arg)
{
	struct armkvm_guest_debug dbg;
	struct armkvm_vm *vm = vcpu->vm;

	if (copy_from_user(&dbg, arg, sizeof(dbg)))
		return -EFAULT;
	if ((dbg.control & ~CONTROL_KNOWN) || dbg.pad ||
	    memchr_inv(dbg.dbg_wcr, 0, sizeof(dbg.dbg_wcr)) ||
	    memchr_inv(dbg.dbg_wvr, 0, sizeof(dbg.dbg_wvr)))
		return -EINVAL;

	vcpu->engine->debug_control = dbg.control & ARMKVM_GUESTDBG_ENABLE ? dbg.control : 0;
	/* Copies that have them, or should, are made anew. */
	if (debug_set_breakpoints(vm->mmu, &dbg))
		mmu_zap_gfns(vm, 0, ~0ULL >> ARMKVM_PAGE_SHIFT);
	return 0;
}

/* Is it the debugger that the BKPT at the pc is for?  Then the run ends. */
bool engine_debug_trap(struct engine_vcpu *ev)
{
	struct armkvm_run *run = ev->vcpu->run;
	struct armkvm_mmu *mmu = ev->vm->mmu;
	u32 pc = ev->vcpu->cpu->pc;
	unsigned int i;
	bool hit = ev->debug_control & ARMKVM_GUESTDBG_USE_SW_BP;

	raw_spin_lock(&mmu->lock);
	for (i = 0; i < mmu->nr_bp; i++)
		hit |= mmu->bp[i] == pc;
	raw_spin_unlock(&mmu->lock);
	if (!hit)
		return false;
	run->exit_reason = ARMKVM_EXIT_DEBUG;
	run->debug.pc = pc;
	/* What the guest is to find if the BKPT is its own. */
	run->debug.fsr = ev->vcpu->cp15[CP15_TTBCR] & WALK_TTBCR_EAE ? 0x222 : 0x2;
	run->debug.far = pc;
	return true;
}
