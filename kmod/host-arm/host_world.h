/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARMv7 host: what the engine needs of the world switch.  Each host provides a
 * header of this name.
 *
 * The switch area is a run of pages at the top of the address space that Linux
 * leaves free (0xfff00000-0xfffdffff, Documentation/arch/arm/memory.rst): one
 * page of code, then one context page a vCPU.
 */
#ifndef ARMKVM_HOST_WORLD_H
#define ARMKVM_HOST_WORLD_H

#include <linux/types.h>

#include <host_spte.h>

#include "switch.h"

struct armkvm_vm;
struct armkvm_vcpu;
struct mmu_leaf;

#define SWITCH_AREA_BASE	0xfff00000UL
#define SWITCH_AREA_PAGES	64
#define HOST_SWITCH_INDEX	(SWITCH_AREA_BASE >> 20)

/* The hardware domain of the area's MiB: always a client. */
#define HOST_SWITCH_DOMAIN	15

struct host_vcpu {
	struct armkvm_cpu *cpu;		/* the guest's registers: vcpu->cpu */
	struct host_arm_ctx *ctx;	/* by the kernel's linear map */
	unsigned int slot;		/* page of the switch area, from 1 */
	struct page *page;
};

/* What the guest is given for one stay, besides the registers. */
struct host_entry {
	root_t *root[2];		/* shadow roots, by enum mmu_view */
	root_t *other[2];		/* unused: the hardware has domains */
	u32 dacr;			/* as the guest wrote it */
	u32 other_dacr;			/* unused */
	u32 managers;			/* its fields that read 3: the shadow entries know them */
	u32 lines;			/* interrupts that wait for being unmasked */
	bool mmu_on;
	bool vfp;			/* the guest's FP registers are to be live */
};

/* How it ended. */
struct host_exit {
	enum cpu_vector vector;
	bool write;			/* data abort: the access was a store */
	u8 fsc;				/* fault status, short-descriptor encoding */
	u32 far;			/* DFAR or IFAR */
};

/* Maps the code page.  Process context.  Returns NULL, or why this host can't serve. */
const char *host_world_init(void);
void host_world_exit(void);

/* A vCPU's context page.  Returns 0, -ENOMEM, or -EMFILE: no room for one more. */
int host_vcpu_init(struct host_vcpu *hv);
/* No shadow table of the VM is in use any more. */
void host_vcpu_destroy(struct host_vcpu *hv);

/*
 * Runs the guest until its next exception.  IRQs masked, so no migration.  The
 * hardware's TLB holds nothing of the guest before and after.
 */
void host_enter(struct armkvm_vcpu *vcpu, struct host_vcpu *hv,
		const struct host_entry *entry, struct host_exit *exit);

/* Around a stay in which entry->vfp is set: preemption off, IRQs on. */
void host_vfp_begin(void);
void host_vfp_end(void);

/* New instructions at @va (kernel address) become visible to fetches of all CPUs. */
void host_sync_icache(void *va, size_t size);

#endif /* ARMKVM_HOST_WORLD_H */
