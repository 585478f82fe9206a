/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the rest of the module calls of an engine, that is of something that
 * runs guest code.  A host that has one names it in armkvm_host_ops.engine.
 */
#ifndef ARMKVM_CORE_ENGINE_OPS_H
#define ARMKVM_CORE_ENGINE_OPS_H

#include <linux/compiler_types.h>
#include <linux/types.h>

struct armkvm_vcpu;
struct armkvm_vm;
struct engine_vcpu;

struct armkvm_engine {
	/* At module load and unload.  start returns NULL, or why it can't serve. */
	const char *(*start)(void);
	void (*stop)(void);
	/* vm_init: 0 or a negative errno; vm_destroy comes before the vCPUs are freed. */
	int (*vm_init)(struct armkvm_vm *vm);
	void (*vm_destroy)(struct armkvm_vm *vm);
	/* Sets vcpu->cpu.  0, -ENOMEM, or -EMFILE: the host has no room for one more. */
	int (*vcpu_init)(struct armkvm_vcpu *vcpu);
	void (*vcpu_destroy)(struct armkvm_vcpu *vcpu);
	/* ARMKVM_ARM_VCPU_INIT: guest RAM may have been written by the launcher. */
	void (*vcpu_reset)(struct armkvm_vcpu *vcpu);
	/* ARMKVM_RUN behind its checks, with the vCPU's mutex held. */
	int (*run)(struct armkvm_vcpu *vcpu);
	/* ARMKVM_SET_GUEST_DEBUG and the calls of ARMKVM_CAP_VCPU_EVENTS; held: vcpu->mutex. */
	long (*vcpu_ioctl)(struct armkvm_vcpu *vcpu, unsigned int cmd, void __user *arg);
	/* ARMKVM_IRQ_LINE */
	long (*irq_line)(struct armkvm_vm *vm, const void __user *arg);
	/* A line from the module's GIC to the vCPU went up.  Any context. */
	void (*kick)(struct engine_vcpu *ev);
	/*
	 * A slot goes, moves or gets other flags.  slot_leaves: its frames are still in the
	 * published table; nothing that was derived from them is left on return, and nothing
	 * is derived from them before slot_left.  slot_left: another table is published and
	 * nobody reads the old one.  slot_came: where there was no RAM there is some now.
	 * Held: slots_lock, which a change has to itself.  May sleep.
	 */
	void (*slot_leaves)(struct armkvm_vm *vm, u64 base_gfn, u64 npages);
	void (*slot_left)(struct armkvm_vm *vm, u64 base_gfn, u64 npages);
	void (*slot_came)(struct armkvm_vm *vm, u64 base_gfn, u64 npages);
	/* Bytes of host memory that the module uses for @vm now.  May sleep. */
	u64 (*memory)(struct armkvm_vm *vm);
	/* The launcher has written frames [@first, @end). */
	void (*frames_written)(struct armkvm_vm *vm, u64 first, u64 end);
	/*
	 * Frames of a logged slot have left the log, one a bit of @bits, the first
	 * for @first: the guest's next write to each is to be seen.  Inside
	 * srcu_read_lock(&vm->srcu) or with slots_lock held; may sleep.
	 */
	void (*frames_clean)(struct armkvm_vm *vm, u64 first, const unsigned long *bits,
			     size_t longs);
};

/* NULL while no guest mode can run.  Written once, at load. */
extern const struct armkvm_engine *armkvm_engine;

/* Module parameter: VMs have PATCH_UNPRIV (core/arm/patch.h). */
extern bool armkvm_exact_unpriv;
/* Module parameter: instruction copies can be executed, not read (engine/exact.c). */
extern bool armkvm_exact_copies;
/* Module parameter: VMs don't have PATCH_TPIDRPRW (core/arm/patch.h). */
extern bool armkvm_exact_tpidr;

/* Module parameter: VMs of ARMKVM_MODE_DIRECT may be made (../host/priv.h). */
extern bool armkvm_direct;
/* Module parameter, for tests: such VMs go to shadow mode after each so many privileged stays of a vCPU; 0: they don't. */
extern uint armkvm_direct_stress;

/* Module parameter: device accesses of one instruction until it is replaced; 0: never (engine/device.c). */
extern unsigned int armkvm_mmio_patch;
/* Module parameter: does a first touch of guest memory bring in an aligned group of pages? */
extern bool armkvm_fault_around;

/* Shadow mode: engine/run.c */
extern const struct armkvm_engine armkvm_shadow_engine;

#endif /* ARMKVM_CORE_ENGINE_OPS_H */
