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
	/* ARMKVM_IRQ_LINE */
	long (*irq_line)(struct armkvm_vm *vm, const void __user *arg);
	/* A line from the module's GIC to the vCPU went up.  Any context. */
	void (*kick)(struct engine_vcpu *ev);
	/*
	 * Guest frames are no longer what they were: a slot has come, gone or
	 * changed.  The new table is published and nobody reads the old one.
	 */
	void (*slot_changed)(struct armkvm_vm *vm, u64 base_gfn, u64 npages);
	/* Bytes of host memory that the module uses for @vm now.  May sleep. */
	u64 (*memory)(struct armkvm_vm *vm);
};

/* NULL while no guest mode can run.  Written once, at load. */
extern const struct armkvm_engine *armkvm_engine;

/* Shadow mode: run.c */
extern const struct armkvm_engine armkvm_shadow_engine;

#endif /* ARMKVM_CORE_ENGINE_OPS_H */
