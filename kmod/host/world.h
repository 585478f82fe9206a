/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the engine needs of the world switch.  A host's <host_world.h> defines
 * struct host_vcpu and its constants and includes this; its world.c implements it.
 */
#ifndef ARMKVM_HOST_WORLD_SWITCH_H
#define ARMKVM_HOST_WORLD_SWITCH_H

#include <linux/types.h>

#include <host_spte.h>

#include "../core/arm/cpu.h"

struct armkvm_vcpu;
struct host_vcpu;

/* What the guest is given for one stay, besides the registers. */
struct host_entry {
	root_t *root[2];		/* shadow roots, by enum mmu_view */
	u32 lines;			/* interrupts that wait for being unmasked */
	bool mmu_on;			/* with short descriptors: the guest's DACR is in force */
	bool long_tables;		/* the MMU is on with long descriptors */
	bool vfp;			/* the guest's FP registers are to be live */
	bool both_states;		/* privileged code may begin to run in T32 state without the engine */

	/* Hosts with domains: the fields of the guest's DACR that read 3, which the shadow entries know. */
	u32 managers;
	/*
	 * Hosts without: the roots of engine_selector() before its last change, or NULL, and
	 * that register's values that the two go with.
	 */
	root_t *other[2];
	u32 selector;
	u32 other_selector;
};

/* How a stay ended, in terms of ARMv7. */
struct host_exit {
	enum cpu_vector vector;
	bool write;			/* data abort: the access was a store */
	u8 fsc;				/* fault status, short-descriptor encoding */
	u32 far;			/* DFAR or IFAR */
	u32 insn;			/* undefined: the replaced instruction, if has_insn */
	bool has_insn;
	bool done;			/* engine_light_exit() has handled it */
};

/* What becomes of an exit after the light path has looked at it. */
enum engine_light {
	LIGHT_GUEST,		/* handled: the guest goes on, with the same cp15 state */
	LIGHT_RELOAD,		/* handled: the guest goes on, with @entry */
	LIGHT_DONE,		/* handled, but the engine has something to do first */
	LIGHT_EXIT,		/* nothing has changed: the engine's */
};

/* At load; process context.  Returns NULL, or why this host can't serve. */
const char *host_world_init(void);
void host_world_exit(void);

/* Makes a vCPU's context.  Returns 0, -ENOMEM, or -EMFILE: no room for one more. */
int host_vcpu_init(struct host_vcpu *hv);
/* Frees a vCPU's context; no shadow table of the VM is in use any more. */
void host_vcpu_destroy(struct host_vcpu *hv);

/*
 * Runs the guest until its next exception that the fast path does not answer.  IRQs masked,
 * so no migration.  What the TLB may still hold of the guest afterwards is known: a
 * translation that was removed isn't used by a later stay (mmu->changes).
 * If the guest has changed its DACR, vcpu->cp15[CP15_DACR] says so at return.
 */
void host_enter(struct armkvm_vcpu *vcpu, struct host_vcpu *hv,
		struct host_entry *entry, struct host_exit *exit);

/*
 * The host's world switch asks this on an exception that its fast path leaves,
 * before it gives the host back all of its state: with the host's tables in
 * place, interrupts off, floating point still the guest's.  vcpu->cpu and the
 * cp15 state are current.  Must not sleep; takes locks by trylock only.
 */
enum engine_light engine_light_exit(struct armkvm_vcpu *vcpu, const struct host_exit *exit,
				    struct host_entry *entry);

/* Those of PATCH_* (core/arm/patch.h) that the patcher does on this host for every VM. */
unsigned int host_patch_opts(void);

/* Around a stay in which entry->vfp is set: preemption off, IRQs on. */
void host_vfp_begin(void);
void host_vfp_end(void);

#endif /* ARMKVM_HOST_WORLD_SWITCH_H */
