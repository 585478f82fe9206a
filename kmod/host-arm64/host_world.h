/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 host: what the engine needs of the world switch.  Each host provides a
 * header of this name.
 */
#ifndef ARMKVM_HOST_WORLD_H
#define ARMKVM_HOST_WORLD_H

#include <linux/types.h>

#include <host_spte.h>

#include "switch.h"

struct armkvm_vm;
struct armkvm_vcpu;
struct mmu_leaf;

struct host_vcpu {
	struct armkvm_cpu *cpu;		/* the guest's registers: vcpu->cpu */
	struct host_arm64_ctx *ctx;
};

/* What the guest is given for one stay, besides the registers. */
struct host_entry {
	root_t *root[2];		/* shadow roots, by enum mmu_view */
	root_t *other[2];		/* those of the guest's DACR before the last change, or NULL */
	u32 dacr;			/* as the guest wrote it: the shadow entries know it */
	u32 other_dacr;
	u32 managers;			/* unused */
	u32 lines;			/* interrupts that wait for being unmasked */
	bool mmu_on;
	bool vfp;			/* the guest's FP registers are to be live */
};

/* How it ended, in terms of ARMv7. */
struct host_exit {
	enum cpu_vector vector;
	bool write;			/* data abort: the access was a store */
	u8 fsc;				/* fault status, short-descriptor encoding */
	u32 far;			/* DFAR or IFAR */
};

/* Process context.  Returns NULL, or why this host can't serve. */
const char *host_world_init(void);
void host_world_exit(void);

/* A vCPU's context.  Returns 0 or -ENOMEM. */
int host_vcpu_init(struct host_vcpu *hv);
void host_vcpu_destroy(struct host_vcpu *hv);

/*
 * Runs the guest until its next exception that shortcut.c doesn't answer.  IRQs
 * masked, so no migration.  The hardware's TLB holds nothing of the guest before
 * and after.  If the guest has changed from one DACR to the other,
 * vcpu->cp15[CP15_DACR] says so at return.
 */
void host_enter(struct armkvm_vcpu *vcpu, struct host_vcpu *hv,
		const struct host_entry *entry, struct host_exit *exit);

/* Around a stay in which entry->vfp is set: preemption off, IRQs on. */
void host_vfp_begin(void);
void host_vfp_end(void);

/* New instructions at @va (kernel address) become visible to fetches of all CPUs. */
void host_sync_icache(void *va, size_t size);

#endif /* ARMKVM_HOST_WORLD_H */
