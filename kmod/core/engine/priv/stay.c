// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that run privileged: which kind of stay is next, and the privileged one; see ../priv.h.
 *
 * All vCPUs of a VM are of one kind.  What one of them stores and invalidates while it is privileged the module
 * doesn't see, so another's shadow tables and instruction copies would be out of date at any time; and the
 * hardware's broadcast of TLB maintenance (B3.10.5) doesn't reach them.  So they go on privileged
 * when all that are powered on may, and in shadow mode as soon as one of them may not.  A change
 * waits until no stay of the kind before goes on.
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>

#include <asm/armkvm_para.h>

#include "../../../host/host.h"
#include "../../../host/priv.h"
#include "../../arm/walk.h"
#include "../../engine-ops.h"
#include "../../memslot.h"
#include "../../trace.h"
#include "../priv.h"
#include "../regime.h"

static bool priv_may_run(struct engine_vcpu *ev)
{
	const u32 mode = ev->vcpu->cpu->cpsr & CPU_PSR_MODE;
	const struct armkvm_memslot *slot = engine_priv_slot(ev);

	return armkvm_host_ops.priv->works() && !ev->debug_control && mode != CPU_MODE_FIQ &&
	       cpu_mode_valid(mode) && ev->vcpu->cp15[CP15_SCTLR] & WALK_SCTLR_M &&
	       engine_priv_is_promoted(ev) &&
	       /* the launcher has set the count, and CNTVCT would be another one */
	       !atomic64_read(&ev->vm->cntvoff) &&
	       /* somebody wants to know of each page that the guest writes */
	       slot && !slot->dirty_bitmap;
}

/* For tests (direct_stress=N): after each Nth stay all go to shadow mode, for one stay at least. */
static bool priv_stress(struct engine_vcpu *ev)
{
	return armkvm_direct_stress && ev->priv.running && ++ev->priv.stays % armkvm_direct_stress == 0;
}

/*
 * Those that sleep, and one that is powered on later, look for themselves, before their next stay: none keeps the
 * others from it.
 */
static bool priv_all_may_run(struct armkvm_vm *vm)
{
	struct armkvm_vcpu *vcpu;
	unsigned int i;

	for (i = 0; i < ARMKVM_MAX_VCPUS; i++) {
		vcpu = armkvm_vm_vcpu(vm, i);
		if (vcpu && vcpu->engine && READ_ONCE(vcpu->mp_state) != ARMKVM_MP_STATE_STOPPED &&
		    !rcuwait_active(&vcpu->engine->wait) && !READ_ONCE(vcpu->engine->priv.may))
			return false;
	}
	return true;
}

/* Returns when no stay goes on that was begun by what was so before.  May sleep. */
static void priv_end_stays(struct armkvm_vm *vm)
{
	const struct engine_vcpu *ev;
	struct armkvm_vcpu *vcpu;
	unsigned int i;
	int changes;

	changes = atomic_inc_return(&vm->priv_changes);
	smp_mb();	/* pairs with the one before a stay: the count, then who is in one */
	for (i = 0; i < ARMKVM_MAX_VCPUS; i++) {
		vcpu = armkvm_vm_vcpu(vm, i);
		ev = vcpu ? vcpu->engine : NULL;
		while (ev && READ_ONCE(ev->mmu.cpu) >= 0 && READ_ONCE(ev->priv.changes) - changes < 0) {
			engine_kick(vcpu->engine);
			usleep_range(10, 50);
		}
	}
}

void engine_priv_slots_changed(struct armkvm_vm *vm)
{
	if (vm->mode == ARMKVM_MODE_DIRECT)
		priv_end_stays(vm);
}

/*
 * All that shadow mode knows of the guest's memory and tables may be out of date: links to leaves, marks of
 * devices, copies of code.  What a vCPU has found by a walk and not entered yet is older than the maintenance.
 */
static void priv_forget_shadow(struct armkvm_vm *vm)
{
	raw_spin_lock(&vm->mmu->lock);
	mmu_tlbi_all(vm->mmu);
	mmu_commit_unlock(vm);
	mmu_zap_devices(vm, 0, ~0ULL >> ARMKVM_PAGE_SHIFT);
	mmu_zap_gfns(vm, 0, ~0ULL >> ARMKVM_PAGE_SHIFT);
}

/* The kind that all vCPUs' next stays are to be of. */
static void priv_change_kind(struct armkvm_vm *vm)
{
	enum armkvm_priv_kind kind;

	mutex_lock(&vm->priv_lock);
	kind = priv_all_may_run(vm) ? PRIV_PRIVILEGED : PRIV_SHADOW;
	if (kind != vm->priv_kind) {
		/* Whoever comes to a stay now waits for the mutex. */
		WRITE_ONCE(vm->priv_kind, PRIV_CHANGES);
		priv_end_stays(vm);
		if (kind == PRIV_SHADOW)
			priv_forget_shadow(vm);
		/* what the change has done, then that it is done */
		smp_store_release(&vm->priv_kind, kind);
	}
	mutex_unlock(&vm->priv_lock);
}

void engine_priv_choose(struct engine_vcpu *ev)
{
	struct armkvm_vm *vm = ev->vm;
	enum armkvm_priv_kind kind;
	bool stress = priv_stress(ev), may;

	for (;;) {
		WRITE_ONCE(ev->priv.changes, atomic_read(&vm->priv_changes));
		smp_rmb();	/* the count, then what it counts: priv_end_stays() */
		may = priv_may_run(ev) && !stress;
		WRITE_ONCE(ev->priv.may, may);
		kind = may && priv_all_may_run(vm) ? PRIV_PRIVILEGED : PRIV_SHADOW;
		/* that the change is done, then what it has done */
		if (smp_load_acquire(&vm->priv_kind) == kind)
			break;
		priv_change_kind(vm);
	}
	if (ev->priv.running == (kind == PRIV_PRIVILEGED))
		return;
	ev->priv.running = kind == PRIV_PRIVILEGED;
	if (ev->priv.running) {
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_PROMOTIONS);
		return;
	}
	ev->vfp_live = false;
	engine_drop_space(ev);
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_DEMOTIONS);
}

int engine_priv_stay(struct engine_vcpu *ev)
{
	enum host_priv_end end = HOST_PRIV_INTERRUPTED;
	struct armkvm_vcpu *vcpu = ev->vcpu;
	int idx, next = ENGINE_GUEST;
	bool entered = false;

	vcpu->cpu->cpsr &= ~CPU_PSR_F;
	preempt_disable();
	host_vfp_begin();
	local_irq_disable();
	WRITE_ONCE(ev->mmu.cpu, smp_processor_id());
	smp_mb();	/* who changes lines or slots sees us, or we see the change */
	if (!engine_priv_is_wanted(ev)) {
		armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_ENTRIES);
		trace_armkvm_entry(vcpu->id, vcpu->cpu->pc, vcpu->cpu->cpsr);
		stop_critical_timings();
		end = armkvm_host_ops.priv->enter(vcpu, &ev->host, engine_priv_line(ev));
		start_critical_timings();
		entered = true;
	}
	smp_store_release(&ev->mmu.cpu, -1);	/* what the guest stored is seen by who finds us gone */
	local_irq_enable();
	host_vfp_end();
	preempt_enable();
	if (!entered)
		return next;
	if (end == HOST_PRIV_ANSWERED)
		return ev->call_pending ? ENGINE_USER : ENGINE_GUEST;
	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_PRIV_EXITS);
	trace_armkvm_exit(vcpu->id, end == HOST_PRIV_CALLED ? CPU_VEC_HYP : CPU_VEC_FIQ, vcpu->cpu->pc,
			  vcpu->cpu->cpsr, 0, 0, false);
	if (end == HOST_PRIV_CALLED) {
		idx = srcu_read_lock(&ev->vm->srcu);
		next = engine_priv_call(ev);
		srcu_read_unlock(&ev->vm->srcu, idx);
	} else {
		armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_EXITS_IRQ);
	}
	return next;
}
