// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which vCPU runs in which space, and the end of a change: nobody uses what was removed any
 * more, and it is freed.
 */
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "mmu-impl.h"

void mmu_vcpu_init(struct mmu_vcpu *mv, struct armkvm_vm *vm)
{
	mv->vm = vm;
	mv->cpu = -1;
	raw_spin_lock(&vm->mmu->lock);
	list_add_tail(&mv->node, &vm->mmu->vcpus);
	raw_spin_unlock(&vm->mmu->lock);
}

void mmu_vcpu_destroy(struct mmu_vcpu *mv)
{
	struct armkvm_mmu *mmu = mv->vm->mmu;

	/* NULL: all of the VM goes, its tables first */
	if (mmu) {
		raw_spin_lock(&mmu->lock);
		list_del(&mv->node);
		raw_spin_unlock(&mmu->lock);
	}
	cache_free(&mv->cache);
}

bool mmu_space_in_use(const struct armkvm_mmu *mmu, const struct mmu_vcpu *but,
		      const struct mmu_space *space)
{
	const struct mmu_vcpu *mv;

	list_for_each_entry(mv, &mmu->vcpus, node)
		if (mv != but && (mv->space == space || mv->at_hand == space))
			return true;
	return false;
}

/*
 * The CPU on which @mv is in the guest, or -1.  Of one that is not, what its guest stored comes
 * before what the caller loads or stores from here on: pages are read, and given back to the host,
 * that it wrote until just now (ARM DDI 0406C A3.8.3).
 */
static int running_on(const struct mmu_vcpu *mv)
{
	return smp_load_acquire(&mv->cpu);	/* pairs with the end of a stay */
}

bool mmu_others_run(const struct mmu_vcpu *mv)
{
	const struct mmu_vcpu *other;

	smp_mb();	/* the tables' change before the look at who is in */
	list_for_each_entry(other, &mv->vm->mmu->vcpus, node)
		if (other != mv && running_on(other) >= 0)
			return true;
	return false;
}

static void running_kick_ack(void *unused)
{
}

/*
 * No vCPU of @vm is in the guest with what the shadow tables held before.  The interrupt takes
 * a CPU out of the guest, and before it enters again it flushes the TLB or what the log of
 * changes names: acknowledged means out of use.  Interrupts are on.
 */
static void running_kick_all(struct armkvm_vm *vm)
{
	const struct mmu_vcpu *mv;

	lockdep_assert_irqs_enabled();
	preempt_disable();
	smp_mb();	/* the tables' change before the look at who is in */
	list_for_each_entry(mv, &vm->mmu->vcpus, node) {
		int cpu = running_on(mv);

		if (cpu >= 0 && cpu != smp_processor_id()) {
			armkvm_vm_stat_inc(vm, VM_STAT_REMOTE_FLUSHES);
			smp_call_function_single(cpu, running_kick_ack, NULL, 1);
		}
	}
	preempt_enable();
}

/* No CPU walks or caches what was removed. */
static void running_retire_dead(struct armkvm_mmu *mmu)
{
	struct mmu_dead **end = &mmu->unused;

	WRITE_ONCE(mmu->stale, false);
	if (!mmu->dead)
		return;
	while (*end)
		end = &(*end)->next;
	*end = mmu->dead;
	mmu->dead = NULL;
}

void mmu_commit(struct armkvm_vm *vm)
{
	if (!vm->mmu->stale)
		return;
	running_kick_all(vm);
	running_retire_dead(vm->mmu);
}

void mmu_commit_unlock(struct armkvm_vm *vm)
{
	struct armkvm_mmu *mmu = vm->mmu;
	struct mmu_dead *dead, *next;

	mmu_commit(vm);
	dead = mmu->unused;
	mmu->unused = NULL;
	raw_spin_unlock(&mmu->lock);
	for (; dead; dead = next) {
		next = dead->next;
		dead->free(dead);
	}
}

bool mmu_commit_alone(struct mmu_vcpu *mv)
{
	if (!mv->vm->mmu->stale)
		return true;
	if (mmu_others_run(mv))
		return false;
	running_retire_dead(mv->vm->mmu);
	return true;
}

bool mmu_relax_for(struct armkvm_vm *vm, unsigned int *begin, unsigned int more, bool may_sleep)
{
	if (!mmu_steps_full(vm->mmu, *begin, more))
		return false;
	mmu_commit_unlock(vm);
	if (may_sleep)
		cond_resched();
	else
		cpu_relax();
	raw_spin_lock(&vm->mmu->lock);
	*begin = vm->mmu->steps;
	return true;
}
