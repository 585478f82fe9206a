/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is counted of a VM and of a vCPU, and the descriptors that show it in
 * KVM's binary layout.
 *
 * A vCPU's figures are plain words, which only the holder of its mutex writes: a
 * count costs a load, an addition and a store.  A VM's are atomic: whoever
 * changes the shadow tables counts there.  Readers take no lock.  What the
 * fast path answers isn't counted: that would cost a tenth of what they take.
 */
#ifndef ARMKVM_CORE_STATS_H
#define ARMKVM_CORE_STATS_H

struct armkvm_vcpu;
struct armkvm_vm;

/* Names and kinds are in stats.c, meanings in kernel-abi/doc/api.rst, section 8. */
enum armkvm_vcpu_stat {
	VCPU_STAT_RUN_CALLS,
	VCPU_STAT_RESETS,
	VCPU_STAT_REG_READS,
	VCPU_STAT_REG_WRITES,

	VCPU_STAT_ENTRIES,
	VCPU_STAT_HOST_TLB_FLUSHES,
	VCPU_STAT_HOST_TLB_PAGES,
	VCPU_STAT_EXITS_IRQ,
	VCPU_STAT_EXITS_SVC,
	VCPU_STAT_EXITS_UNDEF,
	VCPU_STAT_EXITS_PREFETCH_ABORT,
	VCPU_STAT_EXITS_DATA_ABORT,
	VCPU_STAT_LIGHT_EXITS,

	VCPU_STAT_EMULATED_SILENT,
	VCPU_STAT_EMULATED_CP,
	VCPU_STAT_EMULATED_FP,
	VCPU_STAT_HYPERCALLS,
	VCPU_STAT_GUEST_UNDEFS,
	VCPU_STAT_GUEST_ABORTS,

	VCPU_STAT_FILLS,
	VCPU_STAT_SPACE_CHANGES,
	VCPU_STAT_TLBI_ALL,
	VCPU_STAT_TLBI_ASID,
	VCPU_STAT_TLBI_VA,
	VCPU_STAT_CACHE_OPS,

	VCPU_STAT_EMULATE_EXITS,
	VCPU_STAT_EMULATED_RETURNS,

	VCPU_STAT_PROMOTIONS,
	VCPU_STAT_DEMOTIONS,
	VCPU_STAT_PRIV_EXITS,

	VCPU_STAT_MMIO_EXITS,
	VCPU_STAT_MODULE_DEVICES,
	VCPU_STAT_DEVICE_TRAPS,
	VCPU_STAT_DEVICE_REPLACED,
	VCPU_STAT_INTERRUPTS,
	VCPU_STAT_SLEEPS,
	VCPU_STAT_NR,
};

enum armkvm_vm_stat {
	VM_STAT_VCPUS,
	VM_STAT_MEMSLOTS,
	VM_STAT_MEMORY,
	VM_STAT_MEMSLOT_UPDATES,
	VM_STAT_DIRTY_LOG_READS,

	VM_STAT_SPACES,
	VM_STAT_SPACES_MADE,
	VM_STAT_LEAVES,
	VM_STAT_LEAVES_MADE,
	VM_STAT_COPIES,
	VM_STAT_COPIES_MADE,
	VM_STAT_COPIES_DROPPED,
	VM_STAT_COPIES_REMADE,
	VM_STAT_DEVICE_INSNS,
	VM_STAT_DEVICE_INSNS_UNDONE,
	VM_STAT_ZAPS_BY_HOST,
	VM_STAT_RECLAIMED,
	VM_STAT_REMOTE_FLUSHES,
	VM_STAT_KICKS,
	VM_STAT_MODULE_MEMORY,		/* computed when it is read */
	VM_STAT_NR,
};

/*
 * ARMKVM_GET_STATS_FD: a read-only, close-on-exec descriptor, which keeps the
 * VM alive.  Returns it, or -ENOMEM, -EMFILE, -ENFILE.
 */
int armkvm_vm_stats_fd(struct armkvm_vm *vm);
int armkvm_vcpu_stats_fd(struct armkvm_vcpu *vcpu);

#endif /* ARMKVM_CORE_STATS_H */
