// SPDX-License-Identifier: GPL-2.0-only
/* Guests that run privileged: from shadow mode to it and back, and the stay; see ../priv.h. */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/ratelimit.h>
#include <linux/sched/signal.h>

#include <asm/armkvm_para.h>

#include "../../../host/host.h"
#include "../../../host/priv.h"
#include "../../arm/walk.h"
#include "../../fwregs.h"
#include "../../memslot.h"
#include "../../trace.h"
#include "../../window.h"
#include "../gmem.h"
#include "../priv.h"
#include "../pv.h"
#include "../regime.h"

#define TABLE_BYTES	1024U

/* The memory slot that is the window, so that physical addresses are the same; or NULL. */
static const struct armkvm_memslot *priv_window_slot(struct engine_vcpu *ev)
{
	const struct armkvm_vm_window *window = &ev->vm->window;
	const struct armkvm_memslot *slot =
		armkvm_gfn_to_memslot(armkvm_memslots(ev->vm), window->base >> ARMKVM_PAGE_SHIFT);

	if (!slot || slot->base_gfn != window->base >> ARMKVM_PAGE_SHIFT ||
	    slot->npages != window->size >> ARMKVM_PAGE_SHIFT ||
	    !armkvm_window_is_at(ev->vm, slot->hva))
		return NULL;
	return slot;
}

/*
 * Do the tables that are in use have the table at @gpa for the switch area's MiB, in a domain that
 * may be accessed?  B3.5.1, B3.7.3
 */
static bool priv_table_is_used(struct engine_vcpu *ev, u64 gpa)
{
	const u32 *r = ev->vcpu->cp15;
	u32 root = r[CP15_TTBCR] & 7 ? r[CP15_TTBR1] : r[CP15_TTBR0], *l1, desc;

	l1 = armkvm_window_at(ev->vm, (root & ~0x3fffU) + (ARMKVM_PRIV_CALL >> 20) * sizeof(*l1));
	if (!l1)
		return false;
	desc = READ_ONCE(*l1);
	/* neither PXN nor NS, which are bits 2 and 3 */
	return (desc & 0xf) == 1 && (desc & ~0x3ffU) == gpa &&
	       (r[CP15_DACR] >> (2 * (desc >> 5 & 0xf)) & 1);
}

static const char *priv_refusal(struct engine_vcpu *ev, u64 gpa)
{
	u32 mode = ev->vcpu->cpu->cpsr & CPU_PSR_MODE;

	if (!ev->vm->window.size || !priv_window_slot(ev))
		return "the VM's memory is not its window";
	if (mode == CPU_MODE_FIQ)
		return "it is in FIQ mode";
	if (ev->para.gpa != ARMKVM_NO_GPA)
		return "it shares a page with the module";
	if (gpa % TABLE_BYTES || !armkvm_window_at(ev->vm, gpa))
		return "its second-level table is not aligned, or not in its memory";
	if (!priv_table_is_used(ev, gpa))
		return "the table isn't the one that its tables have for the address of calls";
	return armkvm_host_ops.priv->prepare(ev->vcpu, &ev->host, armkvm_window_at(ev->vm, gpa));
}

int engine_promote(struct engine_vcpu *ev, u64 gpa)
{
	const char *reason = priv_refusal(ev, gpa);

	if (reason) {
		pr_info_ratelimited("armkvm: VM %d: its guest can't go on privileged: %s\n",
				    ev->vm->creator, reason);
		return hc_done(ev, ARMKVM_HC_INVALID);
	}
	ev->priv.promoted = true;
	/* The host's interrupts are FIQs: none of the guest's masks may hold them off. */
	ev->vcpu->cpu->cpsr &= ~CPU_PSR_F;
	return hc_done(ev, ARMKVM_HC_SUCCESS);
}

int engine_demote(struct engine_vcpu *ev)
{
	if (!ev->priv.promoted)
		return hc_done(ev, ARMKVM_HC_INVALID);
	ev->priv.promoted = false;
	return hc_done(ev, ARMKVM_HC_SUCCESS);
}

static bool priv_may_run(struct engine_vcpu *ev)
{
	const u32 mode = ev->vcpu->cpu->cpsr & CPU_PSR_MODE;
	const struct armkvm_memslot *slot = priv_window_slot(ev);

	return ev->priv.promoted && armkvm_host_ops.priv->works() && !ev->debug_control && mode != CPU_MODE_FIQ &&
	       cpu_mode_valid(mode) && ev->vcpu->cp15[CP15_SCTLR] & WALK_SCTLR_M &&
	       /* the launcher has set the count, and CNTVCT would be another one */
	       !atomic64_read(&ev->vm->cntvoff) &&
	       /* somebody wants to know of each page that the guest writes */
	       slot && !slot->dirty_bitmap;
}

/* All that shadow mode knows of the guest's memory and tables may be out of date. */
static void priv_to_shadow(struct engine_vcpu *ev)
{
	ev->vfp_live = false;
	engine_drop_space(ev);
	mmu_zap_gfns(ev->vm, 0, ~0ULL >> ARMKVM_PAGE_SHIFT);
	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_DEMOTIONS);
}

/*
 * May privileged vCPUs have changed memory or tables, or invalidated translations, since this one's last
 * stay in shadow mode?  Nobody has seen it.
 */
static bool priv_others_ran(struct engine_vcpu *ev)
{
	int stays = atomic_read(&ev->vm->priv_stays);
	bool ran = stays != ev->priv.stays_seen;
	const struct armkvm_vcpu *vcpu;
	unsigned int i;

	ev->priv.stays_seen = stays;
	for (i = 0; i < ARMKVM_MAX_VCPUS && !ran; i++) {
		vcpu = armkvm_vm_vcpu(ev->vm, i);
		ran = vcpu && vcpu->engine && vcpu->engine != ev &&
		      READ_ONCE(vcpu->engine->priv.running) && READ_ONCE(vcpu->engine->mmu.cpu) >= 0;
	}
	return ran;
}

void engine_priv_choose(struct engine_vcpu *ev)
{
	bool privileged;

	WRITE_ONCE(ev->priv.changes, atomic_read(&ev->vm->priv_changes));
	smp_rmb();	/* the count, then what it counts: engine_priv_slots_changed() */
	privileged = priv_may_run(ev);
	if (privileged == ev->priv.running) {
		if (!privileged && priv_others_ran(ev))
			mmu_zap_gfns(ev->vm, 0, ~0ULL >> ARMKVM_PAGE_SHIFT);
		return;
	}
	WRITE_ONCE(ev->priv.running, privileged);
	if (privileged)
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_PROMOTIONS);
	else
		priv_to_shadow(ev);
}

static bool priv_stay_is_old(const struct engine_vcpu *ev, int changes)
{
	return READ_ONCE(ev->mmu.cpu) >= 0 && READ_ONCE(ev->priv.running) &&
	       READ_ONCE(ev->priv.changes) != changes;
}

void engine_priv_slots_changed(struct armkvm_vm *vm)
{
	struct armkvm_vcpu *vcpu;
	unsigned int i;
	int changes;

	if (vm->mode != ARMKVM_MODE_DIRECT)
		return;
	changes = atomic_inc_return(&vm->priv_changes);
	smp_mb();	/* pairs with the one before a stay: the count, then who is in one */
	for (i = 0; i < ARMKVM_MAX_VCPUS; i++) {
		vcpu = armkvm_vm_vcpu(vm, i);
		while (vcpu && vcpu->engine && priv_stay_is_old(vcpu->engine, changes)) {
			engine_kick(vcpu->engine);
			usleep_range(10, 50);
		}
	}
}

int engine_priv_stay(struct engine_vcpu *ev)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	bool entered = false, called = false;
	int idx, next = ENGINE_GUEST;

	vcpu->cpu->cpsr &= ~CPU_PSR_F;
	preempt_disable();
	host_vfp_begin();
	local_irq_disable();
	WRITE_ONCE(ev->mmu.cpu, smp_processor_id());
	smp_mb();	/* who changes lines or slots sees us, or we see the change */
	if (!signal_pending(current) && !need_resched() && !READ_ONCE(vcpu->run->immediate_exit) &&
	    atomic_read(&ev->vm->priv_changes) == ev->priv.changes) {
		armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_ENTRIES);
		atomic_inc(&ev->vm->priv_stays);
		trace_armkvm_entry(vcpu->id, vcpu->cpu->pc, vcpu->cpu->cpsr);
		stop_critical_timings();
		called = armkvm_host_ops.priv->enter(vcpu, &ev->host,
						     engine_lines(ev) & BIT(ENGINE_LINE_IRQ));
		start_critical_timings();
		entered = true;
	}
	smp_store_release(&ev->mmu.cpu, -1);	/* what the guest stored is seen by who finds us gone */
	local_irq_enable();
	host_vfp_end();
	preempt_enable();
	if (!entered)
		return next;
	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_PRIV_EXITS);
	trace_armkvm_exit(vcpu->id, called ? CPU_VEC_HYP : CPU_VEC_FIQ, vcpu->cpu->pc, vcpu->cpu->cpsr,
			  0, 0, false);
	if (called) {
		idx = srcu_read_lock(&ev->vm->srcu);
		next = engine_priv_call(ev);
		srcu_read_unlock(&ev->vm->srcu, idx);
	} else {
		armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_EXITS_IRQ);
	}
	return next;
}

bool engine_priv_is_call(const struct engine_vcpu *ev, u32 pc)
{
	return ev->vm->mode == ARMKVM_MODE_DIRECT && pc == ARMKVM_PRIV_CALL &&
	       cpu_mode_privileged(ev->vcpu->cpu->cpsr);
}

int engine_priv_call(struct engine_vcpu *ev)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;

	/* the caller is behind its BL, in the state that lr says */
	cpu->pc = (cpu->r[14] & ~1U) - 4;
	cpu->cpsr = (cpu->cpsr & ~CPU_PSR_T) | (cpu->r[14] & 1 ? CPU_PSR_T : 0);
	return engine_hypercall(ev, true, 0);
}
