/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual machine: what its file descriptor stands for.
 *
 * Lock order, outermost first; take any of them without those before it:
 *
 *   vm->lock          creation of vCPUs, settings of the whole VM
 *     vcpu->mutex     one vCPU's state: held by all of its ioctls, ARMKVM_RUN too
 *       vm->slots_lock  changes of memory slots and dirty logs
 *       vm->irq_lock    the GIC as a device, irqfds, ioeventfds
 *         mmap_lock     taken by user accesses under any of the above
 *   vm->srcu (read)   around every use of a memory slot; may sleep, may be
 *                     taken under any of the above.  Nobody waits for a grace
 *                     period while in a read section, or holding a lock that a
 *                     reader may want.  Not held while the guest runs.
 *     mmu->copy_lock  a page of guest code is being copied; no user access under it
 *   vm->irq_srcu (read)  around looks at ioeventfds and resampling irqfds, in any
 *                     context.  Never sleeps, so who waits for a grace period
 *                     waits for no page fault of the launcher's memory.
 *
 * All mutexes are taken killable: a user access under them may be blocked for
 * as long as the launcher likes (userfaultfd, FUSE), and its threads must
 * stay killable.
 *
 * Lifetime: vm->users counts VM, vCPU and statistics descriptors.  vCPUs live
 * as long as their VM.  The last put frees everything; it always comes from a
 * file's release, so the module can't go away underneath.
 */
#ifndef ARMKVM_CORE_VM_H
#define ARMKVM_CORE_VM_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <linux/armkvm.h>

#include "stats.h"
#include "window.h"

/* A GICv2 has eight CPU interfaces. */
#define ARMKVM_MAX_VCPUS	8

#define ARMKVM_IOEVENTFD_BITS	6	/* of the hash */

struct mm_struct;
struct armkvm_gic;
struct armkvm_memslots;
struct armkvm_mmu;
struct armkvm_vcpu;
struct vgic;

/* Of ARMKVM_MODE_DIRECT: what stays in the guest may begin. */
enum armkvm_priv_kind {
	PRIV_SHADOW,
	PRIV_PRIVILEGED,
	PRIV_CHANGES,		/* none */
};

struct armkvm_vm {
	refcount_t users;
	/* Guest RAM is this address space's memory; only it may give orders. */
	struct mm_struct *mm;
	u32 mode;			/* ARMKVM_MODE_* */
	struct armkvm_vm_window window;	/* made under lock, then constant */
	pid_t creator;			/* names the VM in its statistics */

	struct armkvm_mmu *mmu;		/* the engine's; NULL without one */

	struct mutex lock;
	/* Entries are set once, with release semantics, under lock. */
	struct armkvm_vcpu *vcpus[ARMKVM_MAX_VCPUS];

	struct mutex slots_lock;
	struct srcu_struct srcu;
	struct armkvm_memslots __rcu *memslots;	/* written under slots_lock */
	bool manual_dirty_log;		/* under slots_lock */

	struct mutex irq_lock;
	struct armkvm_gic *gic;		/* NULL: the launcher has it; see gic.h */
	struct vgic *vgic;		/* what vCPUs run with: armkvm_vgic() */
	bool started;			/* a vCPU has run; under irq_lock */
	struct mutex priv_lock;		/* of ARMKVM_MODE_DIRECT, held while priv_kind changes */
	enum armkvm_priv_kind priv_kind;	/* engine/priv/stay.c */
	atomic_t priv_changes;		/* how often that or slots changed: all vCPUs look again */
	atomic_t count_changes;		/* how often the launcher has set the count: timers look again */
	u32 cp_exits;			/* ARMKVM_CP_EXIT_*; as pv_features */
	u32 emulates;			/* 1: the launcher executes what the module can't; as pv_features */
	u32 pv_features;		/* 1 << ARMKVM_PV_*; under irq_lock, fixed once started */
	spinlock_t irqfd_lock;
	struct list_head irqfds;	/* under irqfd_lock */
	struct list_head resamplers;	/* changed under irqfd_lock, read in irq_srcu */
	unsigned int irqfds_ending;	/* off the list, not yet freed; under irqfd_lock */
	wait_queue_head_t irqfd_wait;	/* for there being none */
	unsigned int eoi_due;		/* resamplers are to be told; atomic */
	struct srcu_struct irq_srcu;
	struct hlist_head ioeventfds[1 << ARMKVM_IOEVENTFD_BITS];
	unsigned int nr_ioeventfds;

	/* Guest's virtual count = host count - offset. */
	atomic64_t cntvoff;
	/* Messages about unknown registers that this VM's guest has caused. */
	atomic_t unknown_regs;

	atomic64_t stat[VM_STAT_NR];
};

/*
 * ARMKVM_CREATE_VM: a VM of guest mode @mode that belongs to the caller's
 * address space.
 *
 * Returns a close-on-exec file descriptor, or -EINVAL (no such mode), -EPERM (a
 * mode that may harm the host, without CAP_SYS_RAWIO), -ENOMEM, -EMFILE, -ENFILE.
 */
int armkvm_vm_create(unsigned long mode);

/* Takes a reference. */
void armkvm_vm_get(struct armkvm_vm *vm);
/* Gives a reference back; the last put frees the VM and may sleep. */
void armkvm_vm_put(struct armkvm_vm *vm);

/* May the current task give orders to @vm? */
bool armkvm_vm_is_owner(const struct armkvm_vm *vm);

/* vCPU @i (below ARMKVM_MAX_VCPUS), or NULL; without vm->lock, from any context. */
static inline struct armkvm_vcpu *armkvm_vm_vcpu(const struct armkvm_vm *vm, unsigned int i)
{
	return smp_load_acquire(&vm->vcpus[i]);	/* pairs with the creation's release */
}

/*
 * The guest's count is the host's less @offset from now on. vCPUs that are in the guest leave it, by
 * themselves and soon, because what they may read without a trap depends on it.  Any context that may be interrupted.
 */
void armkvm_vm_set_count_offset(struct armkvm_vm *vm, u64 offset);

static inline void armkvm_vm_stat_inc(struct armkvm_vm *vm, enum armkvm_vm_stat stat)
{
	atomic64_inc(&vm->stat[stat]);
}

static inline void armkvm_vm_stat_dec(struct armkvm_vm *vm, enum armkvm_vm_stat stat)
{
	atomic64_dec(&vm->stat[stat]);
}

#endif /* ARMKVM_CORE_VM_H */
