// SPDX-License-Identifier: GPL-2.0-only
/* ARMKVM_RUN: the loop around the guest; see engine.h. */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "../arm/emulate.h"
#include "../fwregs.h"
#include "../irqfd.h"
#include "../pmu.h"
#include "../arm/patch.h"
#include "../arm/thumb.h"
#include "../trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "access.h"
#include "engine.h"
#include "inject.h"
#include "../engine-ops.h"
#include "../../host/host.h"
#include "../../host/priv.h"
#include "priv.h"
#include "pv.h"
#include "regime.h"
#include "sensitive.h"

static bool run_may_wake(struct engine_vcpu *ev)
{
	if (READ_ONCE(ev->vcpu->run->immediate_exit) || engine_lines_changed(ev))
		return true;
	if (READ_ONCE(ev->vcpu->mp_state) == ARMKVM_MP_STATE_STOPPED)
		return READ_ONCE(ev->on_pending);
	return engine_lines(ev);
}

/*
 * WFI ends with a pending interrupt, masked or not (A8.8.425); a vCPU that is
 * off waits for another one's CPU_ON.
 */
static int engine_sleep(struct engine_vcpu *ev)
{
	int err;

	armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_SLEEPS);
	trace_armkvm_sleep(ev->vcpu->id, true);
	err = rcuwait_wait_event(&ev->wait, run_may_wake(ev), TASK_INTERRUPTIBLE);
	trace_armkvm_sleep(ev->vcpu->id, false);
	return err ? -EINTR : ENGINE_GUEST;
}

/*
 * -- the stay in the guest -------------------------------------------------------------
 */

static noinline struct mmu_space *run_look_up_space(struct engine_vcpu *ev)
{
	struct mmu_space *space, *old = ev->mmu.space;
	struct mmu_space_key key;
	struct walk_ctl ctl;
	u16 asid;

	engine_walk_ctl(ev->vcpu, &ctl);
	engine_space_key(ev->vcpu, &ctl, &key, &asid);
	trace_armkvm_space(ev->vcpu->id, key.ttbr0, key.ttbr1, key.ttbcr, asid, key.domains);
	space = mmu_space_get(&ev->mmu, &key, asid, &ctl);
	if (space && space != old)
		armkvm_vcpu_stat_inc(ev->vcpu, VCPU_STAT_SPACE_CHANGES);
	return space;
}

/* The space that the guest's state selects now, none of what it maps unsync. */
static struct mmu_space *run_current_space(struct engine_vcpu *ev)
{
	if (ev->mmu.space && mmu_space_fresh(ev->vm->mmu, ev->mmu.space))
		return ev->mmu.space;
	return run_look_up_space(ev);
}

bool engine_has_swapped(const struct engine_vcpu *ev, const struct host_entry *entry)
{
	return !regime_has_domains() && (entry->mmu_on || entry->long_tables) &&
	       engine_selector(ev->vcpu) != entry->selector;
}

static void run_swap_spaces(struct engine_vcpu *ev)
{
	raw_spin_lock(&ev->vm->mmu->lock);
	swap(ev->mmu.space, ev->mmu.at_hand);
	raw_spin_unlock(&ev->vm->mmu->lock);
}

void engine_fill_entry(struct engine_vcpu *ev, struct host_entry *entry)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct mmu_space *space = ev->mmu.space;

	entry->root[MMU_VIEW_KERNEL] = space->root[MMU_VIEW_KERNEL];
	entry->root[MMU_VIEW_USER] = space->root[MMU_VIEW_USER];
	entry->managers = space->key.domains;
	entry->mmu_on = space->key.mmu_on && !(vcpu->cp15[CP15_TTBCR] & WALK_TTBCR_EAE);
	entry->long_tables = space->key.mmu_on && !entry->mmu_on;
	entry->selector = engine_selector(vcpu);
	entry->other[MMU_VIEW_KERNEL] = NULL;
	entry->other[MMU_VIEW_USER] = NULL;
	if (!regime_has_domains() && ev->mmu.at_hand && mmu_space_fresh(ev->vm->mmu, ev->mmu.at_hand)) {
		entry->other[MMU_VIEW_KERNEL] = ev->mmu.at_hand->root[MMU_VIEW_KERNEL];
		entry->other[MMU_VIEW_USER] = ev->mmu.at_hand->root[MMU_VIEW_USER];
		entry->other_selector = entry->long_tables ? ev->mmu.at_hand->key.ttbcr :
							     ev->mmu.at_hand->key.domains;
	}
	entry->lines = engine_lines(ev);
	entry->both_states = mmu_mixes_states(ev->vm->mmu);
}

/*
 * The guest goes on in privileged code, and has some in T32 state: is what it would execute made
 * for the state that it is in?  Not in vm->srcu.
 */
static void run_before_code(struct engine_vcpu *ev, struct mmu_space *space)
{
	bool thumb = ev->vcpu->cpu->cpsr & CPU_PSR_T;
	u32 pc = ev->vcpu->cpu->pc, word;
	int idx;

	mmu_runs_code(ev->vm, space, pc, thumb);
	/* At the second half of some look words a branch to itself is executed. */
	if (!thumb || !(pc & 2) || !mmu_fetch(ev->vm, space, pc & ~3U, &word) || !thumb_look_spins(word))
		return;
	idx = srcu_read_lock(&ev->vm->srcu);	/* it reads guest memory */
	engine_look(ev, word);
	srcu_read_unlock(&ev->vm->srcu, idx);
}

/*
 * Until an exit.  Returns ENGINE_GUEST or -ENOMEM.  If something wants the vCPU's thread first,
 * the guest doesn't run: CPU_VEC_RESET in @exit.
 */
static int run_stay_in_guest(struct engine_vcpu *ev, struct host_exit *exit)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;
	struct armkvm_mmu *mmu = ev->vm->mmu;
	struct mmu_space *space = run_current_space(ev);
	struct host_entry entry = { };

	if (!space)
		return -ENOMEM;
	/* The light path leaves the interruption of other vCPUs to this. */
	if (READ_ONCE(mmu->stale)) {
		raw_spin_lock(&mmu->lock);
		mmu_commit_unlock(ev->vm);
	}
	if (((vcpu->cpu->cpsr & CPU_PSR_T) || READ_ONCE(mmu->thumb_seen)) &&
	    cpu_mode_privileged(vcpu->cpu->cpsr))
		run_before_code(ev, space);
	entry.vfp = ev->vfp_live;

	preempt_disable();
	if (entry.vfp)
		host_vfp_begin();
	local_irq_disable();
	WRITE_ONCE(ev->mmu.cpu, smp_processor_id());
	smp_mb();	/* who changes lines or tables sees us, or we see the change */
	exit->done = false;
	if (engine_priv_is_wanted(ev) || !mmu_space_fresh(mmu, space) || READ_ONCE(ev->para.check)) {
		exit->vector = CPU_VEC_RESET;	/* the loop looks at why */
	} else {
		engine_fill_entry(ev, &entry);
		armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_ENTRIES);
		trace_armkvm_entry(vcpu->id, vcpu->cpu->pc, vcpu->cpu->cpsr);
		/*
		 * The guest runs with interrupts open and leaves with the first one: for the
		 * kernel's latency tracers, where they are configured, its time is none with
		 * interrupts or preemption off.
		 */
		stop_critical_timings();
		host_enter(vcpu, &ev->host, &entry, exit);
		start_critical_timings();
	}
	/* What the guest stored is seen by who finds us gone: mmu_others_run(), mmu_commit(). */
	smp_store_release(&ev->mmu.cpu, -1);
	local_irq_enable();
	if (entry.vfp)
		host_vfp_end();
	preempt_enable();
	if (engine_has_swapped(ev, &entry))
		run_swap_spaces(ev);
	return ENGINE_GUEST;
}

/* What is due before guest code runs; returns an enum engine_next or -EINTR. */
static int run_before_guest(struct engine_vcpu *ev)
{
	struct armkvm_vcpu *vcpu = ev->vcpu;

	if (signal_pending(current) || READ_ONCE(vcpu->run->immediate_exit) ||
	    engine_lines_changed(ev))
		return -EINTR;
	if (vcpu->mp_state == ARMKVM_MP_STATE_STOPPED) {
		if (!READ_ONCE(ev->on_pending))
			return ENGINE_SLEEP;
		engine_power_on(ev);
	}
	if (vcpu->steal_gpa != ARMKVM_NO_GPA)
		engine_steal_update(ev);
	engine_eoi_check(ev);
	engine_para_refresh(ev);
	engine_deliver_serror(ev);
	if (unlikely(ev->vm->mode == ARMKVM_MODE_DIRECT))
		engine_priv_choose(ev);
	/* A privileged guest takes its interrupts itself. */
	if (!ev->priv.running)
		engine_deliver_interrupts(ev);
	return ENGINE_GUEST;
}

/* Sleeping and waiting, for the host's other tasks or for a slot's change, want no read section. */
static int run_leave_srcu(struct engine_vcpu *ev, int *idx, int next)
{
	srcu_read_unlock(&ev->vm->srcu, *idx);
	if (next == ENGINE_SLEEP)
		next = engine_sleep(ev);
	else if (ev->frame_leaves)
		mmu_wait_for_frames(ev->vm);
	else
		/* not cond_resched(): where that does nothing, RCU tasks would wait for ever */
		schedule();
	ev->frame_leaves = false;
	*idx = srcu_read_lock(&ev->vm->srcu);
	return next;
}

/* What the light path has left for where locks may sleep: see light.c. */
static void run_after_light(struct engine_vcpu *ev, int *next)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		return;
	if (armkvm_irqfd_eoi_is_due(ev->vm))
		armkvm_irqfd_eoi_due(ev->vm);
	if (ev->device.due) {
		ev->device.due = false;
		*next = engine_device_access_found(ev);
	}
}

static int engine_run(struct armkvm_vcpu *vcpu)
{
	struct engine_vcpu *ev = vcpu->engine;
	struct host_exit exit;
	int idx, count_changes, next = ENGINE_GUEST;

	vcpu->has_run = true;
	engine_note_thread(ev);
	/* The launcher may have written registers, and the count of all vCPUs. */
	count_changes = atomic_read(&ev->vm->count_changes);
	if (count_changes != ev->count_changes) {
		ev->count_changes = count_changes;
		gtimer_sync(&ev->timer);
		vcpu->touched = true;
	}
	if (vcpu->touched) {
		vcpu->touched = false;
		/* FPEXC or CPACR may forbid now what the hardware would do. */
		ev->vfp_live = false;
		/* and what a promotion rests on is looked at again */
		ev->priv.gpa = ARMKVM_NO_GPA;
		engine_drop_space(ev);
		armkvm_pmu_start(vcpu);
		engine_timer_update(ev);
	}
	gtimer_load(&ev->timer);
	idx = srcu_read_lock(&ev->vm->srcu);
	/* An access that the launcher has finished is the guest's past already. */
	if (ev->mmio_pending)
		next = engine_mmio_complete(ev);
	else if (ev->cp_exit.pending)
		next = handover_complete(ev);
	else if (ev->call_pending)
		next = engine_call_complete(ev);
	if (ev->emulated.returned && next == ENGINE_GUEST)
		next = handover_return(ev);
	while (next >= 0 && next != ENGINE_USER) {
		if (next == ENGINE_SLEEP || need_resched() || ev->frame_leaves) {
			next = run_leave_srcu(ev, &idx, next);
			continue;
		}
		next = run_before_guest(ev);
		if (next != ENGINE_GUEST)
			continue;
		/*
		 * No read section in the guest, which stays there for as long as it likes:
		 * what changes slots waits for their readers.
		 */
		srcu_read_unlock(&ev->vm->srcu, idx);
		if (unlikely(ev->priv.running)) {
			next = engine_priv_stay(ev);
			idx = srcu_read_lock(&ev->vm->srcu);
			run_after_light(ev, &next);
			continue;
		}
		next = run_stay_in_guest(ev, &exit);
		idx = srcu_read_lock(&ev->vm->srcu);
		engine_eoi_check(ev);
		run_after_light(ev, &next);
		if (next == ENGINE_GUEST && !exit.done)
			next = engine_handle_exit(ev, &exit);
		if (ev->device.replace)
			engine_device_replace(ev);
		/* The light path has met a device of the launcher's, by access or by call. */
		if (next == ENGINE_GUEST && (ev->mmio_pending || ev->call_pending))
			next = ENGINE_USER;
	}
	/* Write back a lazy end of interrupt, so that the launcher reads the GIC's true state. */
	if (ev->eoi_lazy)
		engine_eoi_settle(ev, true);
	srcu_read_unlock(&ev->vm->srcu, idx);
	gtimer_unload(&ev->timer);
	armkvm_pmu_stop(vcpu);
	engine_tell_lines(ev);
	if (next == -EINTR)
		WRITE_ONCE(vcpu->run->exit_reason, ARMKVM_EXIT_INTR);
	return next < 0 ? next : 0;
}

static int engine_vcpu_init(struct armkvm_vcpu *vcpu)
{
	struct engine_vcpu *ev = kzalloc(sizeof(*ev), GFP_KERNEL_ACCOUNT);
	int err;

	if (!ev)
		return -ENOMEM;
	ev->vcpu = vcpu;
	ev->vm = vcpu->vm;
	ev->para.gpa = ARMKVM_NO_GPA;
	engine_kick_init(ev);
	rcuwait_init(&ev->wait);
	spin_lock_init(&ev->power_lock);
	err = host_vcpu_init(&ev->host);
	if (err) {
		kfree(ev);
		return err;
	}
	mmu_vcpu_init(&ev->mmu, vcpu->vm);
	engine_timer_init(ev);
	vcpu->cpu = ev->host.cpu;
	vcpu->engine = ev;
	return 0;
}

static void engine_vcpu_destroy(struct armkvm_vcpu *vcpu)
{
	struct engine_vcpu *ev = vcpu->engine;

	if (!ev)
		return;
	engine_para_drop(ev);
	gtimer_destroy(&ev->timer);
	engine_kick_flush();
	mmu_vcpu_destroy(&ev->mmu);
	put_pid(ev->thread);
	host_vcpu_destroy(&ev->host);
	vcpu->engine = NULL;
	kfree(ev);
}

/*
 * The launcher has loaded the guest's code, which the shadow tables don't see:
 * no instruction copy is good any more.
 */
static void engine_vcpu_reset(struct armkvm_vcpu *vcpu)
{
	struct engine_vcpu *ev = vcpu->engine;

	ev->vfp_live = false;
	ev->mmio_pending = false;
	ev->cp_exit.pending = false;
	ev->emulated = (struct emulated){ };
	ev->call_pending = 0;
	ev->device.pending = false;
	ev->serror_pending = false;
	engine_para_drop(ev);
	engine_priv_forget(ev);
	spin_lock(&ev->power_lock);
	ev->on_pending = false;		/* what was asked for before the reset */
	spin_unlock(&ev->power_lock);
	mmu_zap_gfns(vcpu->vm, 0, ~0ULL >> ARMKVM_PAGE_SHIFT);
}

static long engine_vcpu_ioctl(struct armkvm_vcpu *vcpu, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case ARMKVM_SET_GUEST_DEBUG:
		return engine_set_guest_debug(vcpu, arg);
	case ARMKVM_EMULATED:
	case ARMKVM_ACCESS:
	case ARMKVM_GET_LINES:
		if (!vcpu->vm->emulates)
			return -ENOTTY;
		return vcpu->initialized ? handover_ioctl(vcpu->engine, cmd, arg) : -ENOEXEC;
	case ARMKVM_GET_VCPU_EVENTS:
		return vcpu->initialized ? engine_get_vcpu_events(vcpu->engine, arg) : -ENOEXEC;
	default:
		return vcpu->initialized ? engine_set_vcpu_events(vcpu->engine, arg) : -ENOEXEC;
	}
}

static void engine_slot_leaves(struct armkvm_vm *vm, u64 base_gfn, u64 npages)
{
	mmu_frames_leave(vm, base_gfn, base_gfn + npages);
}

static void engine_slot_left(struct armkvm_vm *vm, u64 base_gfn, u64 npages)
{
	engine_priv_slots_changed(vm);
	mmu_frames_left(vm);
	/* A vCPU may have looked its shared page up in the old table meanwhile. */
	engine_para_frames_changed(vm, base_gfn, base_gfn + npages);
}

static void engine_slot_came(struct armkvm_vm *vm, u64 base_gfn, u64 npages)
{
	engine_para_frames_changed(vm, base_gfn, base_gfn + npages);
	/* RAM over a device hides it. */
	mmu_zap_devices(vm, base_gfn, base_gfn + npages);
}

static void engine_frames_clean(struct armkvm_vm *vm, u64 first, const unsigned long *bits,
				size_t longs)
{
	mmu_frames_clean(vm, first, bits, longs);
	engine_para_log_again(vm, first, bits, longs);
}

static u64 engine_memory(struct armkvm_vm *vm)
{
	u64 bytes = sizeof(*vm) + mmu_memory(vm);
	unsigned int i;

	for (i = 0; i < ARMKVM_MAX_VCPUS; i++)
		if (armkvm_vm_vcpu(vm, i))
			/* and its run page, its context and its spare leaf and copy */
			bytes += sizeof(struct armkvm_vcpu) + sizeof(struct engine_vcpu) +
				 3 * PAGE_SIZE + sizeof(struct mmu_leaf);
	return bytes;
}

static int engine_vm_init(struct armkvm_vm *vm)
{
	const struct mmu_config config = {
		.patch_opts = PATCH_PRIV | PATCH_TPIDRURW | host_patch_opts() |
			      (armkvm_exact_tpidr ? 0 : PATCH_TPIDRPRW) |
			      (armkvm_exact_unpriv ? PATCH_UNPRIV : 0),
		.exact_copies = armkvm_exact_copies,
		.fault_around = armkvm_fault_around,
		.frames_changed = engine_para_frames_changed,
	};

	return mmu_init(vm, &config);
}

static const char *engine_start(void)
{
	const char *reason;

	if (armkvm_exact_copies && !HOST_HAS_EXEC_ONLY)
		return "exact_copies=1 needs execute-only mappings, which ARMv7 doesn't have";
	reason = host_world_init();
	if (reason)
		return reason;
	if (armkvm_direct)
		reason = armkvm_host_ops.priv ? armkvm_host_ops.priv->start() :
						"direct=1 needs an ARMv7 host";
	if (reason)
		goto exit_world;
	if (!mmu_start())
		return NULL;
	reason = "out of memory";
	if (armkvm_direct)
		armkvm_host_ops.priv->stop();
exit_world:
	host_world_exit();
	return reason;
}

static void engine_stop(void)
{
	mmu_stop();
	if (armkvm_direct)
		armkvm_host_ops.priv->stop();
	host_world_exit();
}

const struct armkvm_engine armkvm_shadow_engine = {
	.start = engine_start,
	.stop = engine_stop,
	.vm_init = engine_vm_init,
	.vm_destroy = mmu_destroy,
	.vcpu_init = engine_vcpu_init,
	.vcpu_destroy = engine_vcpu_destroy,
	.vcpu_reset = engine_vcpu_reset,
	.run = engine_run,
	.vcpu_ioctl = engine_vcpu_ioctl,
	.irq_line = engine_irq_line,
	.kick = engine_kick,
	.slot_leaves = engine_slot_leaves,
	.slot_left = engine_slot_left,
	.slot_came = engine_slot_came,
	.memory = engine_memory,
	.frames_written = mmu_frames_written,
	.frames_clean = engine_frames_clean,
};
